//! What the targets share: one validator that knows all that is built in, and how each judges.

use ginnel_schemas::issue::Issue;
use ginnel_schemas::outcome::operation_outcome;
use ginnel_schemas::validator::{Options, Validator};
use serde_json::Value;
use std::sync::OnceLock;

/// R4 and UK Core, read once.
pub fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(Validator::uk_core)
}

/// Judges by everything there is, and writes what was found.
pub fn judge(resource: &Value) -> Vec<Issue> {
    let issues = validator().judge(resource, &Options { uk_core: true, ..Options::default() });
    assert!(operation_outcome(&issues, None).to_string().len() > 2);
    issues
}
