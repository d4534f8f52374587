//! What the server can do, written from the route table (<https://hl7.org/fhir/R4/http.html#capabilities>).

use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::route_table::{system_operations, type_interactions, type_operations};
use crate::search_parameters::parameters_of;
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use ginnel_own_resources::capability_statement::{
    CapabilityInput, OperationCapability, ResourceCapability, SearchKind, SearchParameterCapability, Versioning,
    capability_statement,
};

/// `GET [base]/metadata`
pub async fn capabilities(state: web::Data<State>, answer: FhirAnswer) -> Result<HttpResponse, GatewayError> {
    let plugins = state.plugins.now();
    let input = CapabilityInput {
        date: &plugins.since,
        software_name: "Ginnel",
        software_version: env!("CARGO_PKG_VERSION"),
        implementation_url: &answer.base_url,
        implementation_description: "The passage between social care systems and the NHS.",
        security_description: None,
        resources: plugins.resource_types.iter().map(|resource_type| of_type(resource_type)).collect(),
        interactions: Vec::new(),
        operations: shown(system_operations()),
    };
    Ok(answer.json(StatusCode::OK, capability_statement(&input).to_string()))
}

fn of_type(resource_type: &str) -> ResourceCapability<'_> {
    let mut search_parameters = vec![
        SearchParameterCapability {
            name: "_id",
            kind: SearchKind::Token,
            definition: Some("http://hl7.org/fhir/SearchParameter/Resource-id"),
            documentation: None,
        },
        SearchParameterCapability {
            name: "_lastUpdated",
            kind: SearchKind::Date,
            definition: Some("http://hl7.org/fhir/SearchParameter/Resource-lastUpdated"),
            documentation: None,
        },
    ];
    search_parameters.extend(parameters_of(resource_type).map(|parameter| SearchParameterCapability {
        name: parameter.name,
        kind: if parameter.kind.fhir_type() == "token" { SearchKind::Token } else { SearchKind::Reference },
        definition: None,
        documentation: None,
    }));
    ResourceCapability {
        resource_type,
        interactions: type_interactions(),
        versioning: Versioning::Versioned,
        read_history: true,
        search_parameters,
        operations: shown(type_operations(resource_type)),
        ..ResourceCapability::default()
    }
}

fn shown(operations: Vec<(&'static str, &'static str)>) -> Vec<OperationCapability<'static>> {
    let one = |(name, definition)| OperationCapability { name, definition, documentation: None };
    operations.into_iter().map(one).collect()
}
