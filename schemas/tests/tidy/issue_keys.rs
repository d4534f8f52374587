//! Finds keys of issues that nothing raises: a key is a promise to programs, and one that never comes misleads them.

use ginnel_schemas::issue::IssueKey;

/// Where the keys are listed, which raises none.
const LIST: &str = "schemas/src/issue.rs";

/// Every key that no source names. Each source is its path from the root of the workspace and its text.
pub fn faults<'s>(sources: impl Iterator<Item = (&'s str, &'s str)>) -> Vec<String> {
    let raising: Vec<&str> =
        sources.filter(|(path, _)| path.contains("src/") && *path != LIST).map(|(_, text)| untested(text)).collect();
    let is_raised = |key: &IssueKey| {
        let name = format!("Key::{key:?}");
        raising.iter().any(|text| names(text, &name))
    };
    IssueKey::ALL.iter().filter(|key| !is_raised(key)).map(|key| format!("nothing raises {key}")).collect()
}

/// The text before the tests of a file, which name what they expect.
fn untested(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

/// Whether the name stands there and no longer one.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(place, _)| {
        let after = text.get(place + name.len()..).and_then(|rest| rest.chars().next());
        !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_only_its_list_or_a_test_names_is_raised_by_nothing() {
        let fault = format!("nothing raises {}", IssueKey::HttpMethod);
        let raised = |path: &str, text: &str| !faults([(path, text)].into_iter()).contains(&fault);
        assert!(raised("schemas/src/a.rs", "IssueKey::HttpMethod;"));
        assert!(raised("gateway/src/a.rs", "Key::HttpMethod)"));
        assert!(!raised("schemas/src/a.rs", "IssueKey::HttpMethodSoon;"));
        assert!(!raised("schemas/src/a.rs", "#[cfg(test)]\nmod tests {\n IssueKey::HttpMethod;"));
        assert!(!raised("schemas/tests/a.rs", "IssueKey::HttpMethod;"));
        assert!(!raised(LIST, "IssueKey::HttpMethod;"));
    }
}
