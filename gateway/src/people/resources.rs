//! A person, and what was done about one, in FHIR.

use super::decision::{Choice, Decision};
use super::groups::Member;
use ginnel_own_resources::audit_event::{AuditAction, AuditEventInput, AuditOutcome, IdentifierText, audit_event};
use serde_json::{Value, json};
use uuid::Uuid;

/// Codes of the grounds on which a Patient is linked.
pub const GROUNDS: &str = "https://gateway.example.org/CodeSystem/person-match-ground";
/// Says beside a link on what ground it stands, and which Patient it was compared with.
pub const GROUND: &str = "https://gateway.example.org/StructureDefinition/person-match-ground";

/// Who decides, by the name the caller gives.
const DECIDER: &str = "https://gateway.example.org/Id/decided-by";
const PARTICIPANT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
const DATA_OPERATION: &str = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";

/// The Person that links to the members of a group; without members it is no longer in use.
pub fn person(id: &str, members: &[Member]) -> Value {
    let links: Vec<Value> = members
        .iter()
        .map(|member| {
            let (ground, like) = (member.ground, &member.like);
            json!({
                "extension": [{"url": GROUND, "extension": [
                    {"url": "ground", "valueCodeableConcept":
                        {"coding": [{"system": GROUNDS, "code": ground.code()}], "text": ground.text()}},
                    {"url": "compared", "valueReference": {"reference": format!("Patient/{like}")}}]}],
                "target": {"reference": format!("Patient/{}", member.patient)},
                "assurance": ground.assurance(),
            })
        })
        .collect();
    let mut person = json!({"resourceType": "Person", "id": id, "active": !links.is_empty()});
    if !links.is_empty() {
        person["link"] = links.into();
    }
    person
}

/// Who made a version of a Person.
#[derive(Debug, Clone, Copy)]
pub enum Maker<'a> {
    /// The rule, when a message of this receipt was kept.
    Rule,
    /// Somebody.
    Decided(&'a Decision),
}

/// The Provenance of a version of a Person.
pub fn provenance(id: &str, person: &str, version: u64, at: &str, maker: Maker<'_>) -> Value {
    let ginnel = json!({"type": concept(PARTICIPANT_TYPE, "assembler"),
        "who": {"type": "Device", "display": format!("Ginnel {}", env!("CARGO_PKG_VERSION"))}});
    let mut agents = vec![ginnel];
    let mut made = json!({
        "resourceType": "Provenance",
        "id": id,
        "target": [{"reference": format!("Person/{person}/_history/{version}")}],
        "recorded": at,
        "activity": concept(DATA_OPERATION, if version == 1 { "CREATE" } else { "UPDATE" }),
    });
    if let Maker::Decided(decision) = maker {
        agents.push(json!({"type": concept(PARTICIPANT_TYPE, "author"), "who": {"display": decision.by}}));
        made["reason"] = json!([{"text": decision.reason}]);
    }
    made["agent"] = agents.into();
    made
}

/// The AuditEvent of a decision.
pub fn audit(decision: &Decision, at: &str) -> Value {
    let patients = decision.patients.clone().map(|patient| format!("Patient/{patient}"));
    let mut event = audit_event(&AuditEventInput {
        interaction: "operation",
        action: AuditAction::Execute,
        recorded: at,
        outcome: AuditOutcome::Success,
        outcome_description: Some(match decision.choice {
            Choice::Same => "Decided that two Patients are one person",
            Choice::Apart => "Decided that two Patients are two people",
            Choice::ByRule => "Took back what was decided of two Patients",
        }),
        requestor: IdentifierText { system: DECIDER, value: &decision.by },
        requestor_title: None,
        ginnel_version: env!("CARGO_PKG_VERSION"),
        entities: patients.iter().map(String::as_str).collect(),
        request_id: decision.request_id.as_deref(),
    });
    if let Value::Object(members) = &mut event {
        let place = usize::from(members.contains_key("resourceType"));
        members.shift_insert(place, "id".into(), Uuid::now_v7().to_string().into());
    }
    event
}

fn concept(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::rule::Ground;
    use ginnel_schemas::validator::{Options, Validator};

    #[test]
    fn a_person_and_its_provenance_conform() {
        let member = |patient: &str, like: &str| Member {
            patient: patient.into(),
            ground: Ground::NumberAndPerson,
            like: like.into(),
        };
        let decision = Decision {
            patients: ["a".into(), "b".into()],
            choice: Choice::Apart,
            reason: "Twins".into(),
            by: "Records officer".into(),
            request_id: None,
        };
        let options =
            Options { own_extensions: &["https://gateway.example.org/StructureDefinition/"], ..Options::STRICT };
        let validator = Validator::uk_core();
        for resource in [
            person("p", &[member("a", "b"), member("b", "a")]),
            person("p", &[]),
            provenance("x", "p", 1, "2026-01-02T03:04:05.678Z", Maker::Rule),
            provenance("x", "p", 2, "2026-01-02T03:04:05.678Z", Maker::Decided(&decision)),
            audit(&decision, "2026-01-02T03:04:05.678Z"),
        ] {
            let errors: Vec<_> =
                validator.judge(&resource, &options).into_iter().filter(|issue| issue.is_error()).collect();
            assert_eq!(errors, [], "{resource}");
        }
    }
}
