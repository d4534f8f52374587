//! Resources that are sent together as parameters refer to one another (<https://hl7.org/fhir/R4/parameters.html>).

use super::members::{Object, object, objects, text};
use crate::definition::{DefinitionId, Definitions, ElementType};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;
use std::collections::HashSet;

/// Judges Parameters.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let mut sent = Sent::default();
    sent.gather(resource, "parameter");
    if !sent.types.is_empty() {
        parameters(resource, "parameter", &sent, known, findings);
    }
}

/// The resources of all parameters.
#[derive(Default)]
struct Sent<'a> {
    types: HashSet<&'a str>,
    by_type_and_id: HashSet<(&'a str, &'a str)>,
}

impl<'a> Sent<'a> {
    fn gather(&mut self, of: &'a Object, member: &str) {
        for (_, parameter) in objects(of, member) {
            if let Some(resource) = object(parameter, "resource")
                && let (Some(type_name), Some(id)) = (text(resource, "resourceType"), text(resource, "id"))
            {
                self.types.insert(type_name);
                self.by_type_and_id.insert((type_name, id));
            }
            self.gather(parameter, "part");
        }
    }
}

fn parameters<'a>(of: &'a Object, member: &'a str, sent: &Sent<'a>, known: &Known, findings: &mut Findings<'a>) {
    findings.path.push(member);
    for (index, parameter) in objects(of, member) {
        findings.path.set_index(Some(index));
        // A Bundle has addresses of its own.
        if let Some(resource) = object(parameter, "resource").filter(|one| text(one, "resourceType") != Some("Bundle"))
        {
            findings.path.push("resource");
            let of_type = text(resource, "resourceType").and_then(|name| known.types.resource_type(name));
            references(resource, of_type.map(|(id, _)| id), sent, findings);
            findings.path.pop();
        }
        parameters(parameter, "part", sent, known, findings);
    }
    findings.path.pop();
}

/// A relative reference to a type of which resources are sent means one of these.
fn references<'a>(of: &'a Object, owner: Option<DefinitionId>, sent: &Sent<'a>, findings: &mut Findings<'a>) {
    if let Some((type_name, id)) = text(of, "reference").and_then(|reference| reference.split_once('/'))
        && sent.types.contains(type_name)
        && !id.contains('/')
        && !sent.by_type_and_id.contains(&(type_name, id))
    {
        let text = format!(
            "The reference leads to a {type_name} that is not among the parameters, as others of its type are."
        );
        findings.push(
            Issue::error(IssueCode::NotFound, IssueKey::TargetReferenceUnresolved, text)
                .with_hint("send the resource along, mend the id, or refer to it by its whole URL"),
        );
    }
    for (name, value) in of {
        // A choice is named without its type.
        let known_member = owner.and_then(|id| Definitions::r4().get(id).member(name));
        let element_name = known_member.map_or(name.as_str(), |(_, element)| element.name);
        let owner = match known_member.map(|(member, _)| member.element_type) {
            Some(ElementType::Object(id)) => Some(id),
            _ => None,
        };
        findings.path.push_member(element_name, name);
        match value {
            Value::Object(inner) => references(inner, owner, sent, findings),
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    if let Value::Object(inner) = inner {
                        findings.path.set_index(Some(index));
                        references(inner, owner, sent, findings);
                    }
                }
            }
            _ => {}
        }
        findings.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::resource_rules::table::assert_places;
    use serde_json::{Value, json};

    #[test]
    fn references_among_parameters_lead_to_what_is_sent() {
        let with = |reference: &str| -> Value {
            json!({"resourceType": "Parameters", "parameter": [
                {"name": "patient", "resource": {"resourceType": "Patient", "id": "1"}},
                {"name": "more", "part": [{"name": "coverage", "resource":
                    {"resourceType": "Coverage", "payor": [{"reference": reference}]}}]}
            ]})
        };
        let place = "Parameters.parameter[1].part[0].resource.payor[0]";
        assert_places(
            &[],
            [
                (with("Patient/1"), &[]),
                (with("Patient/2"), &[place]),
                (with("Organization/2"), &[]),
                (with("#payor"), &[]),
                (with("https://host.example/Patient/2"), &[]),
                (with("Patient/2/_history/1"), &[]),
            ],
        );
        let choice = json!({"resourceType": "Parameters", "parameter": [
            {"name": "a", "resource": {"resourceType": "Medication", "id": "1"}},
            {"name": "b", "resource": {"resourceType": "MedicationRequest",
                "medicationReference": {"reference": "Medication/2"}}}]});
        assert_places(&[], [(choice, &["Parameters.parameter[1].resource.medication"])]);
    }
}
