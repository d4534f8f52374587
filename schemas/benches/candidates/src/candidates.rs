//! The validators, each set up as its own documentation says and given UK Core's definitions as we have them.

use crate::resources::Resource;
use ginnel_schemas::definition::built_in_resources::built_in_lines;
use ginnel_schemas::issue::Issue;
use ginnel_schemas::validator::{Options, Validator};
use helios_fhir::FhirVersion;
use helios_fhir_validator as helios;
use octofhir_fhirschema as octofhir;
use serde_json::Value;
use std::sync::Arc;

/// One validator.
pub trait Candidate {
    /// What it is called.
    fn name(&self) -> &'static str;
    /// Judges a resource by its type and UK Core's profile; the number of errors.
    fn judge(&self, resource: &Resource) -> usize;
}

/// All of them, ours first.
pub fn all() -> Vec<Box<dyn Candidate>> {
    let mut all: Vec<Box<dyn Candidate>> = vec![Box::new(Ours(Validator::uk_core()))];
    all.push(Box::new(Helios::new()));
    all.push(Box::new(Octofhir::new()));
    match Rh::new() {
        Ok(rh) => all.push(Box::new(rh)),
        Err(error) => println!("left out: rh-validator ({error})"),
    }
    match JsonSchema::new() {
        Ok(schema) => all.push(Box::new(schema)),
        Err(reason) => println!("left out: R4's JSON Schema ({reason})"),
    }
    all
}

/// UK Core's StructureDefinitions.
fn uk_core() -> impl Iterator<Item = Value> {
    let own = built_in_lines().filter(|one| one.resource_type == "StructureDefinition");
    own.filter(|one| one.url.starts_with("https://fhir.hl7.org.uk/"))
        .filter_map(|one| serde_json::from_str(one.json).ok())
}

struct Ours(Validator);

impl Candidate for Ours {
    fn name(&self) -> &'static str {
        "ginnel"
    }

    fn judge(&self, resource: &Resource) -> usize {
        let profiles = [resource.profile.as_str()];
        let issues = self.0.judge(&resource.value, &Options { profiles: &profiles, ..Options::default() });
        issues.iter().filter(|issue| Issue::is_error(issue)).count()
    }
}

struct Helios(helios::Validator);

impl Helios {
    fn new() -> Helios {
        let mut own = helios::SchemaRegistry::new();
        for definition in uk_core() {
            if let Ok(converted) = helios::converter::convert(&definition) {
                own.insert(converted.schema);
            }
        }
        let core = helios::packs::core_registry(FhirVersion::R4);
        Helios(helios::Validator::new(Arc::new(helios::CompositeResolver::new(vec![Arc::new(own), core]))))
    }
}

impl Candidate for Helios {
    fn name(&self) -> &'static str {
        "helios (no invariants)"
    }

    fn judge(&self, resource: &Resource) -> usize {
        let options = helios::ValidationOptions {
            profiles: vec![resource.profile.clone()],
            ..helios::ValidationOptions::default()
        };
        let outcome = self.0.validate_sync(&resource.value, &options);
        outcome.errors.len()
            + helios::core_terminology(FhirVersion::R4).required_binding_errors(&outcome.deferred).len()
    }
}

struct Octofhir {
    validator: octofhir::FhirValidator,
    runtime: tokio::runtime::Runtime,
}

impl Octofhir {
    fn new() -> Octofhir {
        let mut schemas = octofhir::get_schemas(octofhir::FhirVersion::R4).clone();
        for definition in uk_core() {
            let read = serde_json::from_value::<octofhir::StructureDefinition>(definition);
            if let Some(schema) = read.ok().and_then(|read| octofhir::translate(read, None).ok()) {
                schemas.insert(schema.url.clone(), schema);
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs nothing");
        Octofhir { validator: octofhir::FhirValidator::from_schemas(schemas, None), runtime }
    }
}

impl Candidate for Octofhir {
    fn name(&self) -> &'static str {
        "octofhir (no invariants)"
    }

    fn judge(&self, resource: &Resource) -> usize {
        let type_name = resource.value["resourceType"].as_str().unwrap_or_default().to_owned();
        let judged = self.validator.validate(&resource.value, vec![type_name, resource.profile.clone()]);
        self.runtime.block_on(judged).errors.len()
    }
}

struct Rh(rh_validator::FhirValidator);

impl Rh {
    fn new() -> Result<Rh, String> {
        let validator =
            rh_validator::FhirValidator::new(rh_validator::FhirVersion::R4, None).map_err(|error| error.to_string())?;
        uk_core().for_each(|definition| validator.register_profile(&definition));
        Ok(Rh(validator))
    }
}

impl Candidate for Rh {
    fn name(&self) -> &'static str {
        "rh-validator"
    }

    fn judge(&self, resource: &Resource) -> usize {
        let judged = self.0.validate_with_profile(&resource.value, &resource.profile);
        judged.map_or(1, |result| {
            result.issues.iter().filter(|issue| issue.severity == rh_validator::Severity::Error).count()
        })
    }
}

struct JsonSchema(jsonschema::Validator);

impl JsonSchema {
    fn new() -> Result<JsonSchema, String> {
        let path = std::env::var_os("GINNEL_FHIR_SCHEMA").ok_or("GINNEL_FHIR_SCHEMA names no file")?;
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let schema: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        jsonschema::validator_for(&schema).map(JsonSchema).map_err(|error| error.to_string())
    }
}

impl Candidate for JsonSchema {
    fn name(&self) -> &'static str {
        "JSON Schema"
    }

    fn judge(&self, resource: &Resource) -> usize {
        self.0.iter_errors(&resource.value).count()
    }
}
