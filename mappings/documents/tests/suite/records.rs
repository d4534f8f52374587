//! Records to build from: invented people of the built-in plugins, and small ones made here.

use ginnel_documents::build::{Asked, BuildError, Built, build};
use ginnel_documents::check::check;
use ginnel_documents::standard::Kind;
use ginnel_medicines::record::{Document, Person, Record};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::validator::{Options, Validator};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::OnceLock;

pub const BASE: &str = "https://gateway.example.org/fhir/R4";

pub fn at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("an instant")
}

/// Elspeth Haldane of the plugin `homecare-rest`: her record, care plan, medicines and two days of visits, in one Bundle.
pub fn elspeth() -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vendors/homecare-rest");
    let files = [
        "clients/examples/1-first-page.fhir.json",
        "care-records/examples/1-elspeth.fhir.json",
        "medication-schedules/examples/1-elspeth.fhir.json",
        "visits/examples/1-two-days.fhir.json",
    ];
    let mut entries = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let bundle: Value = serde_json::from_str(&text).expect("JSON");
        entries.extend(bundle["entry"].as_array().expect("entries").clone());
    }
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

pub const ELSPETH: &str = "9992718064";

/// A Bundle of a person and further resources.
pub fn bundle(resources: &[Value]) -> Value {
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Example", "given": ["Ada"]}],
        "birthDate": "1938-04-12", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123012"}],
        "address": [{"line": ["1 Test Street"], "postalCode": "ZZ1 1ZZ"}]});
    with(&patient, resources)
}

pub fn with(patient: &Value, resources: &[Value]) -> Value {
    let all = std::iter::once(patient).chain(resources);
    let entries: Vec<Value> = all.map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

pub fn asked(kind: Kind) -> Asked<'static> {
    Asked {
        kind,
        patient: None,
        at: at(),
        composed: at(),
        base: BASE,
        software: "a test",
        author: None,
        reason: None,
        include_restricted: false,
        stale_after_hours: 72,
    }
}

pub fn try_build(bundle: &Value, patient: Option<&str>, asked: Asked<'_>) -> Result<Built, BuildError> {
    let record = Record::read(&[Document { name: "a care home".into(), value: bundle }]);
    let person = Person::choose(&record, patient).expect("a person");
    build(&record, &person, asked)
}

pub fn built(bundle: &Value, patient: Option<&str>, kind: Kind) -> Built {
    try_build(bundle, patient, asked(kind)).expect("a document")
}

/// What is said of a document, by the whole validator too.
pub fn judged(document: &Value) -> Vec<Issue> {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(Validator::uk_core);
    let options = Options {
        uk_core: true,
        own_extensions: &["https://gateway.example.org/StructureDefinition/"],
        ..Options::STRICT
    };
    check(document, None, &|whole| validator.judge(whole, &options)).1
}

/// The keys and places of errors.
pub fn errors(issues: &[Issue]) -> Vec<String> {
    let errors = issues.iter().filter(|issue| issue.is_error());
    errors
        .map(|issue| format!("{} {} {}", issue.key, issue.expression.as_deref().unwrap_or_default(), issue.text))
        .collect()
}

/// The section of a document under a heading.
pub fn section<'d>(document: &'d Value, title: &str) -> &'d Value {
    let sections = document["entry"][0]["resource"]["section"].as_array().expect("sections");
    sections.iter().find(|section| section["title"] == title).unwrap_or_else(|| panic!("no section {title}"))
}

/// A narrative's text.
pub fn words(section: &Value) -> &str {
    section["text"]["div"].as_str().expect("a narrative")
}
