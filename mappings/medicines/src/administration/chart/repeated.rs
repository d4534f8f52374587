//! The same entry more than once: copies, and versions of which the latest counts.

use super::super::{Warning, WarningKey};
use super::ChartLine;
use crate::record::{Record, moment, read};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;

/// Marks copies and earlier versions. All stay on the chart; only one counts.
pub fn judge(lines: &mut [ChartLine], record: &Record<'_>) {
    let mut by_identifier: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        for identifier in &line.administration.identifiers {
            by_identifier.entry(identifier.clone()).or_default().push(at);
        }
    }
    let body = |line: &ChartLine| line.index.and_then(|index| record.at(index)).map(|found| found.value);
    let bodies: Vec<Option<&Value>> = lines.iter().map(body).collect();
    for entries in by_identifier.values().filter(|entries| entries.len() > 1) {
        versions(lines, entries, &bodies);
    }
}

fn versions(lines: &mut [ChartLine], entries: &[usize], bodies: &[Option<&Value>]) {
    let body = |at: usize| bodies.get(at).copied().flatten();
    let ages: Vec<(usize, Option<Age>)> = entries.iter().map(|at| (*at, body(*at).map(age))).collect();
    // Of copies one counts, and which does not depend on the order in which they came.
    let text = |at: usize| std::cmp::Reverse(body(at).map(Value::to_string));
    let latest = ages.iter().max_by_key(|(at, age)| (*age, text(*at))).map(|(at, _)| *at);
    let Some(latest) = latest else { return };
    let latest_age = ages.iter().find(|(at, _)| *at == latest).and_then(|(_, age)| *age);
    for (at, age) in ages.iter().filter(|(at, _)| *at != latest) {
        let is_copy = body(*at).map(plain) == body(latest).map(plain);
        let is_older = *age < latest_age;
        let Some(line) = lines.get_mut(*at) else { continue };
        if line.administration.outcome != super::Outcome::InError || is_copy || is_older {
            line.is_counted = line.is_counted && !is_copy && !is_older;
        }
        let (key, text) = if is_copy {
            (WarningKey::Duplicate, "The same entry came more than once; it is counted once.")
        } else if is_older {
            (WarningKey::Amended, "A later version of this entry is in the record; the later one counts.")
        } else {
            (WarningKey::Amended, "Two versions of this entry are in the record, and nothing says which is the later.")
        };
        line.administration.warnings.push(Warning { key, text: text.into() });
    }
}

/// When a version was written and its number.
type Age = (Option<Timestamp>, Option<u64>);

/// How old a version is, by `meta`.
fn age(resource: &Value) -> Age {
    let meta = resource.get("meta").unwrap_or(&Value::Null);
    let updated = read::text(meta, "lastUpdated").and_then(moment).map(|moment| moment.last);
    (updated, read::text(meta, "versionId").and_then(|version| version.parse().ok()))
}

/// A resource without what servers write into it.
fn plain(resource: &Value) -> Value {
    let mut plain = resource.clone();
    if let Some(members) = plain.as_object_mut() {
        for member in ["meta", "id", "text"] {
            members.remove(member);
        }
    }
    plain
}
