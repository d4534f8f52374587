//! What the specification asks of certain resources as a whole and no profile says; one file a kind of resource.

pub mod budget;
pub mod members;
pub mod membership;
pub mod order;
pub mod ucum;

pub mod capability_statement;
pub mod measure;
pub mod measure_report;
pub mod questionnaire_response;
pub mod search_parameter;
pub mod structure_definition;

use super::findings::Findings;
use crate::known::Known;
use serde_json::{Map, Value};

/// A rule on a whole resource; the walk stands at the resource.
pub type Rule = for<'a> fn(&'a Map<String, Value>, &Known, &mut Findings<'a>);

/// The rule on resources of that type, where there is one.
pub fn for_type(name: &str) -> Option<Rule> {
    match name {
        "CapabilityStatement" => Some(capability_statement::check),
        "Measure" => Some(measure::check),
        "MeasureReport" => Some(measure_report::check),
        "SearchParameter" => Some(search_parameter::check),
        "StructureDefinition" => Some(structure_definition::check),
        "QuestionnaireResponse" => Some(questionnaire_response::check),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod table;
