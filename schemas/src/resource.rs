//! Judges a resource by what is built in, for callers that need no choice (<https://hl7.org/fhir/R4/validation.html>).

use crate::issue::Issue;
use crate::validator::{Options, UnknownExtensions, Validator};
use serde_json::Value;
use std::sync::OnceLock;

/// Everything in which a resource, or a Bundle with all it holds, departs from R4, the profiles it claims and the UK rules.
///
/// Extensions that nobody here knows are only warned of. Each issue names the one deepest element at fault in
/// `expression`, and no value of the resource. [`Validator`] offers every choice.
pub fn judge(resource: &Value) -> Vec<Issue> {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    const OPTIONS: Options<'static> = Options { unknown_extensions: UnknownExtensions::Warn, ..Options::STRICT };
    VALIDATOR.get_or_init(Validator::uk_core).judge(resource, &OPTIONS)
}

#[cfg(test)]
mod generated;
#[cfg(test)]
mod tests;
