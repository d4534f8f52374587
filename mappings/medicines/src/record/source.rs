//! Who gave what: a document, or what a resource itself or its Provenance names as its source; and when it was retrieved.

use super::{Found, Moment, Record, RecordList, Resource, moment, read};
use serde_json::{Value, json};
use std::collections::HashMap;

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What people call it.
    pub name: String,
    /// The document it came in.
    pub document: String,
    /// `R4`, `STU3`, or nothing where the resources do not tell.
    pub fhir_version: Option<&'static str>,
    /// Whether it is a record that GP Connect gave.
    pub is_gp_connect: bool,
    /// When it was retrieved or compiled, as written, and what that means.
    pub retrieved: Option<(String, Moment)>,
}

impl Source {
    /// The source that a document is.
    pub(super) fn of_document(name: &str, value: &Value) -> Source {
        let retrieved = value
            .pointer("/meta/lastUpdated")
            .or_else(|| value.get("timestamp"))
            .and_then(Value::as_str)
            .and_then(|text| Some((text.to_string(), moment(text)?)));
        Source {
            name: name.to_string(),
            document: name.to_string(),
            fhir_version: None,
            is_gp_connect: profiles(value).any(|profile| profile.contains("GPConnect-StructuredRecord")),
            retrieved,
        }
    }

    /// It as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "document": self.document,
            "fhirVersion": self.fhir_version,
            "retrieved": self.retrieved.as_ref().map(|(text, _)| text),
        })
    }
}

fn profiles(value: &Value) -> impl Iterator<Item = &str> {
    value.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Finds what each document is, and parts it where its resources name sources of their own.
pub(super) fn attribute(record: &mut Record<'_>) {
    for resource in &record.resources {
        let Some(source) = record.sources.get_mut(resource.source) else { continue };
        source.fhir_version = source.fhir_version.or_else(|| version(resource));
        source.is_gp_connect |= profiles(resource.value).any(|profile| profile.contains("CareConnect-GPC"));
        // GP systems write when they compiled a list on the list itself.
        if RecordList::of(resource).is_some()
            && resource.container.is_none()
            && (source.is_gp_connect || read::text(resource.value, "mode") == Some("snapshot"))
            && let Some(text) = read::text(resource.value, "date")
            && let Some(date) = moment(text)
            && source.retrieved.as_ref().is_none_or(|(_, known)| known.first < date.first)
        {
            source.retrieved = Some((text.to_string(), date));
        }
    }
    let practices: Vec<Option<String>> = (0..record.sources.len()).map(|index| practice(record, index)).collect();
    for (source, practice) in record.sources.iter_mut().zip(practices) {
        if let Some(practice) = practice {
            source.name = practice;
        }
    }
    part(record);
}

/// The version that a resource's own shape shows; most resources show none.
fn version(resource: &Resource<'_>) -> Option<&'static str> {
    if let Some(profile) = profiles(resource.value).next() {
        if profile.contains("/STU3/") {
            return Some("STU3");
        }
        if profile.contains("UKCore") {
            return Some("R4");
        }
    }
    let has = |name: &str| resource.value.get(name).is_some();
    match resource.kind {
        "MedicationStatement" if has("taken") => Some("STU3"),
        "AllergyIntolerance" => match resource.value.get("clinicalStatus") {
            Some(Value::String(_)) => Some("STU3"),
            Some(Value::Object(_)) => Some("R4"),
            _ => has("assertedDate").then_some("STU3").or_else(|| has("recordedDate").then_some("R4")),
        },
        "MedicationRequest" if resource.value.pointer("/requester/agent").is_some() => Some("STU3"),
        "MedicationRequest" if has("reportedBoolean") || has("courseOfTherapyType") => Some("R4"),
        _ => None,
    }
}

/// The organisation that keeps the person's record, where a document has one alone.
fn practice(record: &Record<'_>, source: usize) -> Option<String> {
    let (_, patient) = record.of("Patient").find(|(_, patient)| patient.source == source)?;
    let references =
        patient.value.get("managingOrganization").into_iter().chain(read::items(patient.value, "generalPractitioner"));
    references
        .filter_map(|reference| match record.follow(patient, reference) {
            Found::Resource(index) => record.at(index),
            _ => None,
        })
        .find(|found| found.kind == "Organization")
        .and_then(|organization| read::text(organization.value, "name"))
        .map(str::to_string)
}

/// Parts a document's resources by the sources that they, or their Provenance, name.
fn part(record: &mut Record<'_>) {
    let named = named_by_provenance(record);
    let mut known: HashMap<(usize, String), usize> = HashMap::new();
    let owners: Vec<Option<(usize, String, String)>> = record
        .resources
        .iter()
        .enumerate()
        .map(|(index, resource)| {
            let top = resource.container.unwrap_or(index);
            let own = record.at(top).and_then(|top| top.value.pointer("/meta/source")).and_then(Value::as_str);
            // What stands behind `#` is the one message; the source is before it.
            let own = own.map(|source| source.split('#').next().unwrap_or(source).to_string());
            // A Provenance names it for people; `meta.source` is an address.
            let name = named.get(&top).cloned().or_else(|| own.clone())?;
            Some((resource.source, own.unwrap_or_else(|| name.clone()), name))
        })
        .collect();
    for (index, owner) in owners.into_iter().enumerate() {
        let Some(owner) = owner else { continue };
        let (document, own, name) = owner;
        let source = *known.entry((document, own)).or_insert_with(|| {
            let mut parted =
                record.sources.get(document).cloned().unwrap_or_else(|| Source::of_document("", &Value::Null));
            parted.name = name;
            record.sources.push(parted);
            record.sources.len() - 1
        });
        if let Some(resource) = record.resources.get_mut(index) {
            resource.source = source;
        }
    }
}

/// Which agent each resource came from, by the Provenances of the record.
fn named_by_provenance(record: &Record<'_>) -> HashMap<usize, String> {
    let mut named = HashMap::new();
    for (_, provenance) in record.of("Provenance") {
        let Some(agent) = author(provenance.value) else { continue };
        for target in read::items(provenance.value, "target") {
            if let Found::Resource(index) = record.follow(provenance, target) {
                named.insert(index, agent.to_string());
            }
        }
    }
    named
}

/// Who speaks in a Provenance: its author, else whoever did not merely put it together or pass it on.
fn author(provenance: &Value) -> Option<&str> {
    let is = |agent: &&Value, codes: &[&str]| agent.get("type").is_some_and(|kind| read::has_code(kind, codes));
    let agents = || read::items(provenance, "agent");
    let between = ["assembler", "transmitter", "composer"];
    let chosen = agents()
        .find(|agent| is(agent, &["author", "informant"]))
        .or_else(|| agents().find(|agent| !is(agent, &between)))?;
    let who = chosen.get("who").or_else(|| chosen.get("whoReference")).unwrap_or(chosen);
    read::text(who, "display")
        .or_else(|| who.pointer("/identifier/value").and_then(Value::as_str))
        .or_else(|| read::text(who, "reference"))
}
