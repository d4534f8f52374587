//! What the specification asks of certain resources as a whole and no profile says; one file a kind of resource.

pub mod budget;
pub mod members;
pub mod order;
pub mod ucum;
pub mod value_set;

pub mod questionnaire_response;

use super::findings::Findings;
use crate::known::Known;
use serde_json::{Map, Value};

/// A rule on a whole resource; the walk stands at the resource.
pub type Rule = for<'a> fn(&'a Map<String, Value>, &Known, &mut Findings<'a>);

/// The rule on resources of that type, where there is one.
pub fn for_type(name: &str) -> Option<Rule> {
    match name {
        "QuestionnaireResponse" => Some(questionnaire_response::check),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod table;
