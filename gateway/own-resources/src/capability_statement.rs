//! What the gateway can do, for `GET [base]/metadata`.
//!
//! <https://hl7.org/fhir/R4/capabilitystatement.html>

use std::str::FromStr;

use fhir_model::DateTime;
use fhir_model::r4b::codes::{
    CapabilityStatementKind, FHIRVersion, PublicationStatus, ResourceType, ResourceVersionPolicy,
    RestfulCapabilityMode, SearchParamType,
};
use fhir_model::r4b::resources::{
    CapabilityStatement, CapabilityStatementImplementation, CapabilityStatementRest,
    CapabilityStatementRestInteraction, CapabilityStatementRestResource, CapabilityStatementRestResourceInteraction,
    CapabilityStatementRestResourceOperation, CapabilityStatementRestResourceSearchParam,
    CapabilityStatementRestSecurity, CapabilityStatementSoftware,
};
use serde_json::Value;

use crate::verbatim;

/// All that the statement says; the route table is its source.
#[derive(Debug, Clone, Default)]
pub struct CapabilityInput<'a> {
    /// When the statement was made: a FHIR `dateTime`, written verbatim.
    pub date: &'a str,
    /// Name of the software.
    pub software_name: &'a str,
    /// Version of the software.
    pub software_version: &'a str,
    /// The base URL of this running server.
    pub implementation_url: &'a str,
    /// One sentence on this running server.
    pub implementation_description: &'a str,
    /// How callers are known, in words.
    pub security_description: Option<&'a str>,
    /// The resource types served, each with what can be done with it.
    pub resources: Vec<ResourceCapability<'a>>,
    /// System interactions, as FHIR names them (`transaction`, `history-system`...).
    pub interactions: Vec<&'a str>,
    /// Operations on the base URL.
    pub operations: Vec<OperationCapability<'a>>,
}

/// What can be done with one resource type.
#[derive(Debug, Clone, Default)]
pub struct ResourceCapability<'a> {
    /// The resource type, written verbatim.
    pub resource_type: &'a str,
    /// The base profile all its resources conform to.
    pub profile: Option<&'a str>,
    /// Further profiles that are supported.
    pub supported_profiles: Vec<&'a str>,
    /// Interactions as FHIR names them (`read`, `search-type`...).
    pub interactions: Vec<&'a str>,
    /// How versions are kept.
    pub versioning: Versioning,
    /// Whether past versions can be read.
    pub read_history: bool,
    /// Whether an update may create.
    pub update_create: bool,
    /// Values of `_include` that are answered.
    pub search_includes: Vec<&'a str>,
    /// Search parameters that are answered.
    pub search_parameters: Vec<SearchParameterCapability<'a>>,
    /// Operations on the type or its instances.
    pub operations: Vec<OperationCapability<'a>>,
}

/// How versions of a resource are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Versioning {
    /// No version ids.
    NoVersion,
    /// Every version has an id.
    #[default]
    Versioned,
    /// The same, and an update must name the version it is based on.
    VersionedUpdate,
}

/// One search parameter.
#[derive(Debug, Clone, Copy)]
pub struct SearchParameterCapability<'a> {
    /// Name as in the URL.
    pub name: &'a str,
    /// How its values are read.
    pub kind: SearchKind,
    /// Canonical URL of its SearchParameter.
    pub definition: Option<&'a str>,
    /// What a caller should know about ours.
    pub documentation: Option<&'a str>,
}

/// How the values of a search parameter are read (`search-param-type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are FHIR's own codes")]
pub enum SearchKind {
    Composite,
    Date,
    Number,
    Quantity,
    Reference,
    Special,
    String,
    Token,
    Uri,
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct OperationCapability<'a> {
    /// Name without the `$`.
    pub name: &'a str,
    /// Canonical URL of its OperationDefinition.
    pub definition: &'a str,
    /// What a caller should know about ours.
    pub documentation: Option<&'a str>,
}

/// The CapabilityStatement of a FHIR R4 (4.0.1) JSON server.
pub fn capability_statement(input: &CapabilityInput<'_>) -> Value {
    let statement = CapabilityStatement::builder()
        .status(PublicationStatus::Active)
        .date(DateTime::DateTime(verbatim::stand_in()))
        .kind(CapabilityStatementKind::Instance)
        .software(
            CapabilityStatementSoftware::builder()
                .name(input.software_name.to_owned())
                .version(input.software_version.to_owned())
                .build()
                .expect("software has its name"),
        )
        .implementation(
            CapabilityStatementImplementation::builder()
                .description(input.implementation_description.to_owned())
                .url(input.implementation_url.to_owned())
                .build()
                .expect("implementation has its description"),
        )
        // fhir-model has no R4 module; in the elements used here R4B does not differ from R4.
        .fhir_version(FHIRVersion::N401)
        .format(vec![Some("application/fhir+json".to_owned()), Some("json".to_owned())])
        .rest(vec![Some(rest(input))])
        .build()
        .expect("status, date, kind, fhirVersion and format are set above");

    let mut object = verbatim::to_object(&statement);
    verbatim::replace(&mut object, "date", input.date);
    for rest in verbatim::objects_of(&mut object, "rest") {
        for (written, asked) in verbatim::objects_of(rest, "resource").zip(&input.resources) {
            verbatim::replace(written, "type", asked.resource_type);
        }
    }
    Value::Object(object)
}

fn rest(input: &CapabilityInput<'_>) -> CapabilityStatementRest {
    let mut rest = CapabilityStatementRest::builder()
        .mode(RestfulCapabilityMode::Server)
        .resource(input.resources.iter().map(|asked| Some(resource(asked))).collect())
        .interaction(input.interactions.iter().map(|code| Some(system_interaction(code))).collect())
        .operation(operations(&input.operations));
    if let Some(description) = input.security_description {
        rest = rest.security(
            CapabilityStatementRestSecurity::builder()
                .description(description.to_owned())
                .build()
                .expect("security has no required element"),
        );
    }
    rest.build().expect("rest has its mode")
}

fn resource(asked: &ResourceCapability<'_>) -> CapabilityStatementRestResource {
    // R4 has types that R4B dropped; the caller's own word takes the place of the stand-in afterwards.
    let r#type = ResourceType::from_str(asked.resource_type).unwrap_or(ResourceType::Basic);
    let mut resource = CapabilityStatementRestResource::builder()
        .r#type(r#type)
        .supported_profile(texts(&asked.supported_profiles))
        .interaction(asked.interactions.iter().map(|code| Some(type_interaction(code))).collect())
        .versioning(match asked.versioning {
            Versioning::NoVersion => ResourceVersionPolicy::NoVersion,
            Versioning::Versioned => ResourceVersionPolicy::Versioned,
            Versioning::VersionedUpdate => ResourceVersionPolicy::VersionedUpdate,
        })
        .read_history(asked.read_history)
        .update_create(asked.update_create)
        .search_include(texts(&asked.search_includes))
        .search_param(asked.search_parameters.iter().map(|asked| Some(search_parameter(asked))).collect())
        .operation(operations(&asked.operations));
    if let Some(profile) = asked.profile {
        resource = resource.profile(profile.to_owned());
    }
    resource.build().expect("a resource has its type")
}

fn search_parameter(asked: &SearchParameterCapability<'_>) -> CapabilityStatementRestResourceSearchParam {
    let mut parameter =
        CapabilityStatementRestResourceSearchParam::builder().name(asked.name.to_owned()).r#type(match asked.kind {
            SearchKind::Composite => SearchParamType::Composite,
            SearchKind::Date => SearchParamType::Date,
            SearchKind::Number => SearchParamType::Number,
            SearchKind::Quantity => SearchParamType::Quantity,
            SearchKind::Reference => SearchParamType::Reference,
            SearchKind::Special => SearchParamType::Special,
            SearchKind::String => SearchParamType::String,
            SearchKind::Token => SearchParamType::Token,
            SearchKind::Uri => SearchParamType::Uri,
        });
    if let Some(definition) = asked.definition {
        parameter = parameter.definition(definition.to_owned());
    }
    if let Some(documentation) = asked.documentation {
        parameter = parameter.documentation(documentation.to_owned());
    }
    parameter.build().expect("a search parameter has its name and type")
}

fn operations(asked: &[OperationCapability<'_>]) -> Vec<Option<CapabilityStatementRestResourceOperation>> {
    asked
        .iter()
        .map(|asked| {
            let mut operation = CapabilityStatementRestResourceOperation::builder()
                .name(asked.name.to_owned())
                .definition(asked.definition.to_owned());
            if let Some(documentation) = asked.documentation {
                operation = operation.documentation(documentation.to_owned());
            }
            Some(operation.build().expect("an operation has its name and definition"))
        })
        .collect()
}

fn type_interaction(code: &str) -> CapabilityStatementRestResourceInteraction {
    CapabilityStatementRestResourceInteraction::builder()
        .code(code.to_owned())
        .build()
        .expect("an interaction has its code")
}

fn system_interaction(code: &str) -> CapabilityStatementRestInteraction {
    CapabilityStatementRestInteraction::builder().code(code.to_owned()).build().expect("an interaction has its code")
}

fn texts(asked: &[&str]) -> Vec<Option<String>> {
    asked.iter().map(|text| Some((*text).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn input() -> CapabilityInput<'static> {
        CapabilityInput {
            date: "2026-01-02T03:04:05.120+00:00",
            software_name: "Ginnel",
            software_version: "0.1.0",
            implementation_url: "http://127.0.0.1:8080/fhir/R4",
            implementation_description: "A passage",
            security_description: Some("Loopback only."),
            resources: vec![ResourceCapability {
                resource_type: "Patient",
                profile: Some("https://example.org/profile"),
                interactions: vec!["read", "search-type"],
                read_history: true,
                search_includes: vec!["Patient:organization"],
                search_parameters: vec![
                    SearchParameterCapability {
                        name: "identifier",
                        kind: SearchKind::Token,
                        definition: Some("http://hl7.org/fhir/SearchParameter/Patient-identifier"),
                        documentation: None,
                    },
                    SearchParameterCapability {
                        name: "_lastUpdated",
                        kind: SearchKind::Date,
                        definition: None,
                        documentation: Some("ge, gt, le, lt"),
                    },
                ],
                operations: vec![OperationCapability {
                    name: "everything",
                    definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
                    documentation: None,
                }],
                ..ResourceCapability::default()
            }],
            interactions: vec!["transaction"],
            operations: vec![],
        }
    }

    #[test]
    fn the_statement_says_what_it_was_told_and_nothing_else() {
        assert_eq!(
            capability_statement(&input()),
            json!({
                "resourceType": "CapabilityStatement",
                "status": "active",
                "date": "2026-01-02T03:04:05.120+00:00",
                "kind": "instance",
                "software": {"name": "Ginnel", "version": "0.1.0"},
                "implementation": {"description": "A passage", "url": "http://127.0.0.1:8080/fhir/R4"},
                "fhirVersion": "4.0.1",
                "format": ["application/fhir+json", "json"],
                "rest": [{
                    "mode": "server",
                    "security": {"description": "Loopback only."},
                    "resource": [{
                        "type": "Patient",
                        "profile": "https://example.org/profile",
                        "interaction": [{"code": "read"}, {"code": "search-type"}],
                        "versioning": "versioned",
                        "readHistory": true,
                        "updateCreate": false,
                        "searchInclude": ["Patient:organization"],
                        "searchParam": [
                            {
                                "name": "identifier",
                                "definition": "http://hl7.org/fhir/SearchParameter/Patient-identifier",
                                "type": "token"
                            },
                            {"name": "_lastUpdated", "type": "date", "documentation": "ge, gt, le, lt"}
                        ],
                        "operation": [{
                            "name": "everything",
                            "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"
                        }]
                    }],
                    "interaction": [{"code": "transaction"}]
                }]
            })
        );
    }

    #[test]
    fn a_type_that_only_r4_knows_keeps_its_name() {
        let mut input = input();
        if let Some(resource) = input.resources.first_mut() {
            resource.resource_type = "EffectEvidenceSynthesis";
        }
        let statement = capability_statement(&input);
        assert_eq!(statement["rest"][0]["resource"][0]["type"], "EffectEvidenceSynthesis");
    }

    #[test]
    fn a_statement_without_resources_has_no_empty_lists() {
        let statement = capability_statement(&CapabilityInput::default());
        assert_eq!(statement["rest"], json!([{"mode": "server"}]));
    }
}
