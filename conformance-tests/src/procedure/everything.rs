//! `Patient/{id}/$everything`: the Patient, what belongs to it, and nobody else's.
//!
//! <https://hl7.org/fhir/R4/patient-operation-everything.html>

use super::patient_search::{self, PatientSearch};
use crate::assertion::response;
use crate::client::{Client, Request};
use crate::facts::Facts;
use crate::reference;
use crate::search::{self, MOST_PAGES};
use crate::verdict::{Checked, Stop};
use std::collections::BTreeSet;

pub(super) async fn run(client: &Client, facts: &Facts, belongings: &[PatientSearch]) -> Checked {
    let mut patient = facts.patient.as_ref().map_err(Stop::clone)?.id.clone();
    let mut belonging = None;
    for search in belongings {
        if facts.claimed_type(&search.resource_type)?.is_none() {
            continue;
        }
        if let Some(sample) = patient_search::find_sample(client, facts, search).await? {
            patient = sample.patient;
            belonging = Some((search.resource_type.as_str(), sample.id));
            break;
        }
    }

    let path = format!("Patient/{patient}/$everything");
    let walk = search::walk(client, &path, &[], MOST_PAGES).await?;
    if !walk.holds("Patient", &patient) {
        return Err(Stop::fail("$everything lacks the Patient itself."));
    }
    if let Some((resource_type, id)) = belonging
        && walk.complete
        && !walk.holds(resource_type, &id)
    {
        return Err(Stop::fail(format!("$everything lacks a {resource_type} of the Patient.")));
    }
    let mut seen = BTreeSet::new();
    for entry in &walk.entries {
        if !seen.insert((entry.resource_type(), entry.id())) {
            return Err(Stop::fail("$everything holds one resource twice."));
        }
        let owner = ["/subject", "/patient"].iter().find_map(|place| reference::patient_id(&entry.resource, place));
        let is_others = owner.is_some_and(|owner| owner != patient)
            || (entry.resource_type() == "Patient" && entry.id() != patient);
        if is_others {
            return Err(Stop::fail(format!("$everything holds a {} of another Patient.", entry.resource_type())));
        }
    }

    let path = "Patient/no-such-patient/$everything";
    let exchange = client.send(&Request { path, ..Request::default() }).await?;
    response::status(&exchange, &[404])?;
    response::outcome(&exchange, "not-found")
}
