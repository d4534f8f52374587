//! What a specification demands, each with its source; tests point here.

use serde::{Deserialize, Serialize};

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Conformance {
    /// Without it the server does not conform.
    Shall,
    /// There may be reasons not to.
    Should,
}

/// One demand.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// Its handle in tests and reports.
    pub id: String,
    /// How binding it is.
    pub conformance: Conformance,
    /// What is demanded, in our words.
    pub text: String,
    /// The page that demands it.
    pub source: String,
    /// Why no test asks for it; absent where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
}
