//! Finds resources by their patient, and by patient and status.

use crate::assertion::searchset::Entry;
use crate::client::Client;
use crate::facts::Facts;
use crate::reference;
use crate::search::{self, MOST_PAGES};
use crate::verdict::{Checked, Stop};
use serde::Deserialize;
use serde_json::Value;

/// How one type is found by patient and status.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PatientSearch {
    /// The resource type.
    pub resource_type: String,
    /// JSON Pointer to its reference to the patient.
    pub patient_at: String,
    /// Its status, where it is searched for.
    #[serde(default)]
    pub status: Option<StatusSearch>,
}

/// How the status of a type is found.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatusSearch {
    /// The search parameter.
    pub parameter: String,
    /// Name of the element: a code, or a CodeableConcept.
    pub element: String,
    /// Codes it may have; one that differs is asked for to see that it parts them.
    pub codes: Vec<String>,
}

/// A resource of the type with its patient, to try the search on.
pub(super) struct Sample {
    pub id: String,
    pub patient: String,
    pub resource: Value,
}

pub(super) async fn run(client: &Client, facts: &Facts, search: &PatientSearch) -> Checked {
    let resource_type = &search.resource_type;
    let Some(sample) = find_sample(client, facts, search).await? else {
        return Err(Stop::skip(format!("No {resource_type} of a listed Patient was found to try it on.")));
    };

    // FHIR lets a caller write the reference with its type or without.
    for patient in [sample.patient.clone(), format!("Patient/{}", sample.patient)] {
        let walk = search::walk(client, resource_type, &[("patient", &patient)], MOST_PAGES).await?;
        let found: Vec<&Entry> = walk.matches().collect();
        all_of_patient(search, &sample.patient, &found)?;
        if walk.complete && !walk.holds(resource_type, &sample.id) {
            return Err(Stop::fail(format!("A search for {resource_type} by patient lacks one of that patient.")));
        }
    }

    match &search.status {
        Some(status) => by_status(client, search, status, &sample).await,
        None => Ok(()),
    }
}

async fn by_status(client: &Client, search: &PatientSearch, status: &StatusSearch, sample: &Sample) -> Checked {
    let resource_type = &search.resource_type;
    let own = codes(&sample.resource, &status.element);
    let Some(code) = own.first() else {
        return Err(Stop::skip(format!("The {resource_type} found has no {}.", status.element)));
    };
    let named = format!("{resource_type} by patient and {}", status.parameter);

    let query = [("patient", sample.patient.as_str()), (status.parameter.as_str(), *code)];
    let walk = search::walk(client, resource_type, &query, MOST_PAGES).await?;
    let found: Vec<&Entry> = walk.matches().collect();
    all_of_patient(search, &sample.patient, &found)?;
    if found.iter().any(|entry| !codes(&entry.resource, &status.element).contains(code)) {
        return Err(Stop::fail(format!("A search for {named} gives one of another status.")));
    }
    if walk.complete && !walk.holds(resource_type, &sample.id) {
        return Err(Stop::fail(format!("A search for {named} lacks one that matches.")));
    }

    let Some(other) = status.codes.iter().find(|code| !own.contains(&code.as_str())) else {
        return Err(Stop::error(format!("The suite knows no other {} than the one found.", status.parameter)));
    };
    let query = [("patient", sample.patient.as_str()), (status.parameter.as_str(), other.as_str())];
    let walk = search::walk(client, resource_type, &query, MOST_PAGES).await?;
    if walk.matches().any(|entry| !codes(&entry.resource, &status.element).contains(&other.as_str())) {
        return Err(Stop::fail(format!("A search for {named} gives what has not that status.")));
    }
    Ok(())
}

/// The first resource of the type that belongs to a listed Patient.
pub(super) async fn find_sample(client: &Client, facts: &Facts, search: &PatientSearch) -> Checked<Option<Sample>> {
    for patient in facts.patient_ids.as_ref().map_err(Stop::clone)? {
        let walk = search::walk(client, &search.resource_type, &[("patient", patient)], 1).await?;
        let found: Vec<&Entry> = walk.matches().collect();
        all_of_patient(search, patient, &found)?;
        let has_status = |entry: &&&Entry| match &search.status {
            Some(status) => !codes(&entry.resource, &status.element).is_empty(),
            None => true,
        };
        if let Some(entry) = found.iter().find(has_status).or(found.first()) {
            return Ok(Some(Sample {
                id: entry.id().to_owned(),
                patient: patient.clone(),
                resource: entry.resource.clone(),
            }));
        }
    }
    Ok(None)
}

fn all_of_patient(search: &PatientSearch, patient: &str, found: &[&Entry]) -> Checked {
    let resource_type = &search.resource_type;
    for entry in found {
        if entry.resource_type() != resource_type {
            return Err(Stop::fail(format!(
                "A search for {resource_type} gives a {} as a match.",
                entry.resource_type()
            )));
        }
        if reference::patient_id(&entry.resource, &search.patient_at) != Some(patient) {
            return Err(Stop::fail(format!(
                "A search for {resource_type} by patient gives one of another patient, or of none."
            )));
        }
    }
    Ok(())
}

/// The codes of an element that is a code or a CodeableConcept.
fn codes<'a>(resource: &'a Value, element: &str) -> Vec<&'a str> {
    match resource.get(element) {
        Some(Value::String(code)) => vec![code],
        Some(concept) => {
            let codings = concept.get("coding").and_then(Value::as_array);
            codings.into_iter().flatten().filter_map(|coding| coding.get("code")?.as_str()).collect()
        }
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(resource: Value) -> Entry {
        Entry { full_url: None, mode: None, resource }
    }

    fn goals() -> PatientSearch {
        PatientSearch { resource_type: "Goal".into(), patient_at: "/subject".into(), status: None }
    }

    #[test]
    fn a_match_of_another_patient_or_type_fails() {
        let judged = |resource| all_of_patient(&goals(), "p1", &[&entry(resource)]);
        assert!(judged(json!({"resourceType": "Goal", "subject": {"reference": "Patient/p1"}})).is_ok());
        assert!(judged(json!({"resourceType": "Goal", "subject": {"reference": "Patient/p2"}})).is_err());
        assert!(judged(json!({"resourceType": "Goal"})).is_err());
        assert!(judged(json!({"resourceType": "Flag", "subject": {"reference": "Patient/p1"}})).is_err());
    }

    #[test]
    fn a_status_is_a_code_or_a_concept() {
        let resource =
            json!({"status": "active", "clinicalStatus": {"coding": [{"code": "resolved"}, {"display": "x"}]}});
        assert_eq!(codes(&resource, "status"), ["active"]);
        assert_eq!(codes(&resource, "clinicalStatus"), ["resolved"]);
        assert!(codes(&resource, "none").is_empty());
    }
}
