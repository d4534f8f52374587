//! What the tables of the rules share: a resource in, one line per issue out.

use crate::issue::IssueKey;
use crate::resource::judge;
use serde_json::Value;

/// Findings that have tables of their own: elsewhere invented resources need not hold to them.
const BESIDE_THE_POINT: [IssueKey; 9] = [
    IssueKey::TargetExtensionUnknown,
    IssueKey::TargetInvariant,
    IssueKey::TargetInvariantNotJudged,
    IssueKey::TargetCodeNotChecked,
    IssueKey::TargetCodeUnknown,
    IssueKey::TargetCodeOutside,
    IssueKey::TargetCodeMalformed,
    IssueKey::TargetCodeSystem,
    IssueKey::TargetDisplay,
];

/// `key expression` of each issue, in the order of the walk.
pub(crate) fn found(resource: &Value) -> Vec<String> {
    judge(resource)
        .iter()
        .filter(|issue| !BESIDE_THE_POINT.contains(&issue.key) && !issue.key.code().starts_with("uk."))
        .map(|issue| format!("{} {}", issue.key, issue.expression.as_deref().unwrap_or("(none)")))
        .collect()
}

/// Asserts each row of a table of resource -> issues.
pub(crate) fn assert_table<const N: usize>(rows: [(Value, &[&str]); N]) {
    for (resource, expected) in rows {
        assert_eq!(found(&resource), expected, "{resource}");
    }
}
