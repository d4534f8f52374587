//! The report as JSON: counts, requirements with their verdicts, tests with their requests.

use crate::runner::Run;
use crate::suite::Suite;
use crate::verdict::Verdict;
use serde_json::{Map, Value, json};

/// The whole run as one JSON object.
pub fn write(suite: &Suite, run: &Run) -> Value {
    let counts: Map<String, Value> =
        Verdict::ALL.iter().map(|verdict| (verdict.word().to_owned(), json!(run.count(*verdict)))).collect();
    let requirements: Vec<Value> = suite
        .requirements
        .iter()
        .map(|requirement| {
            json!({
                "id": requirement.id,
                "conformance": requirement.conformance,
                "text": requirement.text,
                "source": requirement.source,
                "verdict": run.of_requirement(&requirement.id),
                "untested": requirement.untested,
            })
        })
        .collect();
    let tests: Vec<Value> = run
        .results
        .iter()
        .map(|result| {
            json!({
                "group": result.group,
                "test": result.test,
                "title": result.title,
                "conformance": result.conformance,
                "requirements": result.requirements,
                "verdict": result.verdict,
                "reason": result.reason,
                "requests": result.requests,
            })
        })
        .collect();
    json!({
        "suite": suite.id,
        "server": run.server,
        "counts": counts,
        "requirements": requirements,
        "tests": tests,
    })
}
