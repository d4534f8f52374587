//! Values that a converter cannot carry.

use ginnel_schemas::issue::IssueKey;
use serde_json::Value;

/// A value that lies outside what a converter can carry. Never holds the value itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Outside {
    /// The issue it gives rise to.
    pub key: IssueKey,
    /// What is wrong, as the end of a sentence.
    pub what: String,
    /// What is sent in its place, if the mapping says so.
    pub instead: Option<Value>,
}

impl Outside {
    /// A text from which a secret is withheld, on its way back.
    pub fn withheld() -> Outside {
        Outside::domain("a secret is withheld from this text, and putting it in would destroy the secret")
    }

    pub(crate) fn domain(what: impl Into<String>) -> Outside {
        Outside { key: IssueKey::MappingOutsideDomain, what: what.into(), instead: None }
    }
}
