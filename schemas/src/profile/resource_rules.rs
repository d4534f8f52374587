//! What the specification asks of certain resources as a whole and no profile says; one file a kind of resource.

pub mod budget;
pub mod members;
pub mod membership;
pub mod order;
pub mod ucum;

pub mod capability_statement;
pub mod code_system;
pub mod concept_map;
pub mod measure;
pub mod measure_report;
pub mod operation_definition;
pub mod parameters;
pub mod questionnaire;
pub mod questionnaire_response;
pub mod search_parameter;
pub mod structure_definition;
pub mod value_set;

use super::findings::Findings;
use crate::known::Known;
use serde_json::{Map, Value};

/// A rule on a whole resource; the walk stands at the resource.
pub type Rule = for<'a> fn(&'a Map<String, Value>, &Known, &mut Findings<'a>);

/// The rule on resources of that type, where there is one.
pub fn for_type(name: &str) -> Option<Rule> {
    match name {
        "CapabilityStatement" => Some(capability_statement::check),
        "CodeSystem" => Some(code_system::check),
        "ConceptMap" => Some(concept_map::check),
        "Measure" => Some(measure::check),
        "MeasureReport" => Some(measure_report::check),
        "SearchParameter" => Some(search_parameter::check),
        "ValueSet" => Some(value_set::check),
        "StructureDefinition" => Some(structure_definition::check),
        "OperationDefinition" => Some(operation_definition::check),
        "Parameters" => Some(parameters::check),
        "Questionnaire" => Some(questionnaire::check),
        "QuestionnaireResponse" => Some(questionnaire_response::check),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod table;
