//! The report for people: one line a test, the reason below what did not pass, the sums at the end.

use crate::requirement::Conformance;
use crate::runner::Run;
use crate::suite::Suite;
use crate::verdict::Verdict;
use std::fmt::Write;

/// The whole run as text, ending in a line break.
pub fn write(suite: &Suite, run: &Run) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{} on {}", suite.title, run.server);
    for group in &suite.groups {
        let _ = writeln!(out, "\n{}", group.title);
        for result in run.results.iter().filter(|result| result.group == group.id) {
            let level = match result.conformance {
                Conformance::Shall => "SHALL ",
                Conformance::Should => "SHOULD",
            };
            let _ = writeln!(out, "  {:5} {level} {}", result.verdict, result.title);
            if let Some(reason) = &result.reason {
                let _ = writeln!(out, "               {reason} [{}]", result.test);
            }
        }
    }
    let sums: Vec<String> = Verdict::ALL.iter().map(|verdict| format!("{verdict} {}", run.count(*verdict))).collect();
    let _ = writeln!(out, "\n{}", sums.join(", "));
    for requirement in &suite.requirements {
        if let Some(reason) = &requirement.untested {
            let _ = writeln!(out, "not tested: {} ({reason})", requirement.text);
        }
    }
    out
}
