//! Judges a resource by base FHIR R4 (<https://hl7.org/fhir/R4/json.html>).

use crate::issue::{Issue, IssueCode, IssueKey};
use crate::validator::{Options, UnknownExtensions, Validator};
use serde_json::Value;
use std::sync::OnceLock;

/// Everything in which a resource, or a Bundle with all it holds, departs from base R4.
///
/// Judged are element names, cardinalities, JSON types, the form of primitives, choices, companions of primitives,
/// extensions, and codes of required bindings whose value set can be enumerated offline. Each issue names the one
/// deepest element at fault in `expression`, and no value of the resource. Profiles, slices and invariants are not
/// judged: [`profiles_not_judged`] says so.
pub fn judge(resource: &Value) -> Vec<Issue> {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    let options = Options { unknown_extensions: UnknownExtensions::Warn, ..Options::default() };
    VALIDATOR.get_or_init(Validator::uk_core).judge(resource, &options)
}

/// What an outcome says of profiles as long as they are not judged.
pub fn profiles_not_judged() -> Issue {
    Issue::information(
        IssueCode::Incomplete,
        IssueKey::TargetProfilesNotJudged,
        "The resource was judged by base FHIR R4; profiles, slices and invariants are not judged yet.",
    )
}

#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;
