//! What the tables of the rules share: a resource in, one line per issue out.

use crate::resource::judge;
use serde_json::Value;

/// `key expression` of each issue, in the order of the walk.
pub(crate) fn found(resource: &Value) -> Vec<String> {
    judge(resource)
        .iter()
        .map(|issue| format!("{} {}", issue.key, issue.expression.as_deref().unwrap_or("(none)")))
        .collect()
}

/// Asserts each row of a table of resource -> issues.
pub(crate) fn assert_table<const N: usize>(rows: [(Value, &[&str]); N]) {
    for (resource, expected) in rows {
        assert_eq!(found(&resource), expected, "{resource}");
    }
}
