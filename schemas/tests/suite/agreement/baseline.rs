//! The cases that are known to disagree, each with its reason; the list can only shrink unseen.

use crate::folders::own;
use std::collections::BTreeMap;

/// Whose doing a disagreement is.
const WHOSE: &[&str] = &["ours", "theirs", "terminology"];

/// The listed cases with their reasons.
pub struct Baseline {
    listed: BTreeMap<String, String>,
}

impl Baseline {
    /// Reads `tests/agreement_baseline.txt`: `name | ours, theirs or terminology | reason`, `#` before a remark.
    pub fn read() -> Baseline {
        let path = own("agreement_baseline.txt");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let listed = lines.map(|line| {
            let parts: Vec<&str> = line.splitn(3, '|').map(str::trim).collect();
            let [name, whose, reason] = parts[..] else {
                panic!("not `name | whose | reason`: {line}");
            };
            assert!(WHOSE.contains(&whose), "whose doing is it? {line}");
            assert!(!reason.is_empty(), "a reason is missing: {line}");
            (name.to_owned(), reason.to_owned())
        });
        Baseline { listed: listed.collect() }
    }

    /// What is wrong with the list, as far as this case shows.
    pub fn fault(&self, name: &str, agrees: bool) -> Option<String> {
        match (self.listed.contains_key(name), agrees) {
            (true, true) => Some(format!("{name} agrees now: take it off the list")),
            (false, false) => Some(format!("{name} disagrees and is not on the list")),
            _ => None,
        }
    }

    /// Listed names that are no cases.
    pub fn unknown<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<String> {
        let names: Vec<&str> = names.collect();
        let missing = self.listed.keys().filter(|name| !names.contains(&name.as_str()));
        missing.map(|name| format!("{name} is listed and is no case")).collect()
    }
}
