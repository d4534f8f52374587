//! What the tests need to know of this server's own data, found out once before they run.

use crate::assertion::response;
use crate::client::{Client, Request};
use crate::search;
use crate::verdict::{Checked, Stop};
use serde_json::Value;

/// The system of NHS numbers.
pub const NHS_NUMBER_SYSTEM: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// How many Patients are looked at to find data to try the tests on.
const MOST_PATIENTS: &str = "25";

/// A Patient to try things on.
#[derive(Debug, Clone)]
pub struct KnownPatient {
    /// Its id on the server.
    pub id: String,
    /// Its NHS number.
    pub nhs_number: String,
    /// The resource as found.
    pub resource: Value,
}

/// What was found out; what was not is there with its reason, and stops the tests that need it.
#[derive(Debug)]
pub struct Facts {
    /// The CapabilityStatement.
    pub capability: Checked<Value>,
    /// The Patients found, those with an NHS number first.
    pub patient_ids: Checked<Vec<String>>,
    /// The Patient the tests speak of.
    pub patient: Checked<KnownPatient>,
}

impl Facts {
    /// Asks the server. `nhs_number` names the Patient to use where the server does not list Patients.
    pub async fn find(client: &Client, nhs_number: Option<&str>) -> Facts {
        let capability = capability(client).await;
        let patients = patients(client, nhs_number).await;
        let patient = match &patients {
            Ok(list) => list
                .iter()
                .find_map(known_patient)
                .ok_or_else(|| Stop::skip("No Patient with an NHS number was found to try it on.")),
            Err(stop) => Err(stop.clone()),
        };
        let patient_ids = patients.map(|list| {
            let mut list: Vec<&Value> = list.iter().collect();
            list.sort_by_key(|patient| known_patient(patient).is_none());
            list.iter().filter_map(|patient| patient.get("id")?.as_str()).map(str::to_owned).collect()
        });
        Facts { capability, patient_ids, patient }
    }

    /// A text with the facts in its braces filled in.
    pub fn fill_in(&self, template: &str) -> Checked<String> {
        if !template.contains("{patient.") {
            return Ok(template.to_owned());
        }
        let patient = self.patient.as_ref().map_err(Stop::clone)?;
        Ok(template.replace("{patient.id}", &patient.id).replace("{patient.nhs-number}", &patient.nhs_number))
    }

    /// What the CapabilityStatement says of one resource type.
    pub fn claimed_type(&self, resource_type: &str) -> Checked<Option<&Value>> {
        let capability = self.capability.as_ref().map_err(Stop::clone)?;
        Ok(resources(capability).find(|resource| text(resource, "type") == Some(resource_type)))
    }

    /// Every resource type the CapabilityStatement names, with what it says of it.
    pub fn claimed_types(&self) -> Checked<Vec<(&str, &Value)>> {
        let capability = self.capability.as_ref().map_err(Stop::clone)?;
        Ok(resources(capability).filter_map(|resource| Some((text(resource, "type")?, resource))).collect())
    }
}

/// Whether what the statement says of a type names an interaction.
pub fn claims_interaction(resource: &Value, code: &str) -> bool {
    listed(resource, "interaction").any(|interaction| text(interaction, "code") == Some(code))
}

/// Whether what the statement says of a type names an operation.
pub fn claims_operation(resource: &Value, name: &str) -> bool {
    listed(resource, "operation")
        .filter_map(|operation| text(operation, "name"))
        .any(|found| found.trim_start_matches('$') == name)
}

async fn capability(client: &Client) -> Checked<Value> {
    let exchange = client.send(&Request { path: "metadata", ..Request::default() }).await?;
    response::status(&exchange, &[200])?;
    let statement = exchange.resource("CapabilityStatement")?;
    if resources(&statement).next().is_none() {
        return Err(exchange.fails("names no resource type under rest"));
    }
    Ok(statement)
}

async fn patients(client: &Client, nhs_number: Option<&str>) -> Checked<Vec<Value>> {
    let identifier = nhs_number.map(|number| format!("{NHS_NUMBER_SYSTEM}|{number}"));
    let query = match &identifier {
        Some(identifier) => ("identifier", identifier.as_str()),
        None => ("_count", MOST_PATIENTS),
    };
    let walk = search::walk(client, "Patient", &[query], 1).await?;
    let found: Vec<Value> = walk
        .matches()
        .filter(|entry| entry.resource_type() == "Patient" && !entry.id().is_empty())
        .map(|entry| entry.resource.clone())
        .collect();
    if found.is_empty() {
        return Err(Stop::skip("The server lists no Patient to try it on."));
    }
    Ok(found)
}

fn known_patient(resource: &Value) -> Option<KnownPatient> {
    let nhs_number = listed(resource, "identifier")
        .find(|identifier| text(identifier, "system") == Some(NHS_NUMBER_SYSTEM))
        .and_then(|identifier| text(identifier, "value"))?;
    Some(KnownPatient {
        id: text(resource, "id")?.to_owned(),
        nhs_number: nhs_number.to_owned(),
        resource: resource.clone(),
    })
}

fn resources(statement: &Value) -> impl Iterator<Item = &Value> {
    listed(statement, "rest")
        .filter(|rest| text(rest, "mode") == Some("server"))
        .flat_map(|rest| listed(rest, "resource"))
}

fn listed<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    value.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts() -> Facts {
        let resource =
            json!({"type": "Patient", "interaction": [{"code": "read"}], "operation": [{"name": "$everything"}]});
        Facts {
            capability: Ok(json!({"rest": [{"mode": "server", "resource": [resource]}]})),
            patient_ids: Ok(vec!["p1".into()]),
            patient: known_patient(
                &json!({"id": "p1", "identifier": [{"system": NHS_NUMBER_SYSTEM, "value": "9990000042"}]}),
            )
            .ok_or_else(|| Stop::skip("none")),
        }
    }

    #[test]
    fn braces_are_filled_in() {
        let filled = facts().fill_in("Patient/{patient.id}?{patient.nhs-number}");
        assert_eq!(filled, Ok("Patient/p1?9990000042".to_owned()));
    }

    #[test]
    fn a_text_that_needs_a_patient_stops_without_one() {
        let facts = Facts { patient: Err(Stop::skip("none")), ..facts() };
        assert_eq!(facts.fill_in("Patient/{patient.id}"), Err(Stop::skip("none")));
        assert_eq!(facts.fill_in("metadata"), Ok("metadata".to_owned()));
    }

    #[test]
    fn claims_are_read_from_the_server_part_of_the_statement() {
        let facts = facts();
        let patient = facts.claimed_type("Patient").expect("the statement is there").expect("Patient is claimed");
        assert!(claims_interaction(patient, "read") && !claims_interaction(patient, "vread"));
        assert!(claims_operation(patient, "everything") && !claims_operation(patient, "match"));
        assert_eq!(facts.claimed_type("Goal"), Ok(None));
    }
}
