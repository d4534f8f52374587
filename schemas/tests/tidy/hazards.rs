//! The paper of hazards names tests; each of them is there, and is a test.

use std::collections::BTreeSet;

/// Rows without a test, and names that no test has.
pub fn faults<'t>(paper: &str, sources: impl Iterator<Item = &'t str>) -> Vec<String> {
    let tests = sources.flat_map(tests).collect::<BTreeSet<&str>>();
    let mut faults = Vec::new();
    for row in paper.lines().filter(|line| line.starts_with('|')).skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let hazard = cells.first().copied().unwrap_or_default().trim();
        let named: Vec<&str> = cells.last().copied().unwrap_or_default().split('`').skip(1).step_by(2).collect();
        if cells.len() != 3 || named.is_empty() {
            faults.push(format!("{hazard}: is no row of hazard, prevention and test"));
        }
        faults.extend(named.iter().filter(|name| !tests.contains(*name)).map(|name| format!("{hazard}: {name}")));
    }
    faults
}

/// The names of functions that stand under an attribute of a test.
fn tests(source: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    source.lines().filter_map(move |line| {
        let line = line.trim_start();
        if line.starts_with("#[") {
            is_test |= line.contains("test]");
            return None;
        }
        let name = line.trim_start_matches("async ").strip_prefix("fn ")?.split('(').next()?;
        std::mem::take(&mut is_test).then_some(name)
    })
}

#[cfg(test)]
mod examples {
    use super::faults;

    #[test]
    fn a_name_that_no_test_has_is_found() {
        let paper = "| Hazard | How | Test |\n|---|---|---|\n| a | b | `one`, `two` |\n| c | d | none |\n";
        let source = "#[test]\nfn one() {}\nfn two() {}\n";
        let found = faults(paper, [source].into_iter());
        assert_eq!(found, ["a: two", "c: is no row of hazard, prevention and test"]);
    }
}
