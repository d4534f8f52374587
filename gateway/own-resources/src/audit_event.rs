//! Who asked what of the gateway, when, and how it ended.
//!
//! <https://hl7.org/fhir/R4/auditevent.html>

use fhir_model::r4b::codes::{AuditEventAction, AuditEventOutcome};
use fhir_model::r4b::resources::{AuditEvent, AuditEventAgent, AuditEventEntity, AuditEventSource};
use serde_json::Value;

pub use crate::elements::IdentifierText;
use crate::{elements, verbatim};

const EVENT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const RESTFUL_INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
const REQUEST_ID_SYSTEM: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";

/// What was done, in the audit's five kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// Something new was made.
    Create,
    /// Something was read.
    Read,
    /// Something was changed.
    Update,
    /// Something was taken away.
    Delete,
    /// An operation or a search ran.
    Execute,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    /// As asked.
    Success,
    /// Refused or in part; the caller's to mend.
    MinorFailure,
    /// Failed; ours to mend.
    SeriousFailure,
    /// Failed, and the service cannot go on.
    MajorFailure,
}

/// All that an AuditEvent of ours says.
#[derive(Debug, Clone)]
pub struct AuditEventInput<'a> {
    /// The interaction, as FHIR names it (`read`, `create`, `search-type`, `operation`...).
    pub interaction: &'a str,
    /// Its kind.
    pub action: AuditAction,
    /// When it was recorded: a FHIR `instant`, written verbatim.
    pub recorded: &'a str,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// One sentence on the outcome, without a person's data.
    pub outcome_description: Option<&'a str>,
    /// Who asked.
    pub requestor: IdentifierText<'a>,
    /// Name of who asked, for people.
    pub requestor_title: Option<&'a str>,
    /// Version of the gateway, which observed it.
    pub ginnel_version: &'a str,
    /// What was touched, each as a reference.
    pub entities: Vec<&'a str>,
    /// The request's id, so that log and audit meet.
    pub request_id: Option<&'a str>,
}

/// The AuditEvent of one REST call.
pub fn audit_event(input: &AuditEventInput<'_>) -> Value {
    let requestor = AuditEventAgent::builder()
        .who(elements::identified(None, input.requestor, input.requestor_title))
        .requestor(true)
        .build()
        .expect("an agent has its requestor");
    let source = AuditEventSource::builder()
        .observer(elements::named("Device", &format!("Ginnel {}", input.ginnel_version)))
        .build()
        .expect("a source has its observer");
    let mut event = AuditEvent::builder()
        .r#type(elements::coding(EVENT_TYPE, "rest"))
        .subtype(vec![Some(elements::coding(RESTFUL_INTERACTION, input.interaction))])
        .action(match input.action {
            AuditAction::Create => AuditEventAction::C,
            AuditAction::Read => AuditEventAction::R,
            AuditAction::Update => AuditEventAction::U,
            AuditAction::Delete => AuditEventAction::D,
            AuditAction::Execute => AuditEventAction::E,
        })
        .recorded(verbatim::stand_in())
        .outcome(match input.outcome {
            AuditOutcome::Success => AuditEventOutcome::N0,
            AuditOutcome::MinorFailure => AuditEventOutcome::N4,
            AuditOutcome::SeriousFailure => AuditEventOutcome::N8,
            AuditOutcome::MajorFailure => AuditEventOutcome::N12,
        })
        .agent(vec![Some(requestor)])
        .source(source)
        .entity(entities(input));
    if let Some(description) = input.outcome_description {
        event = event.outcome_desc(description.to_owned());
    }
    let built = event.build().expect("type, recorded, agent and source are set above");

    let mut object = verbatim::to_object(&built);
    verbatim::replace(&mut object, "recorded", input.recorded);
    Value::Object(object)
}

fn entities(input: &AuditEventInput<'_>) -> Vec<Option<AuditEventEntity>> {
    let touched = input.entities.iter().map(|target| AuditEventEntity::builder().what(elements::reference_to(target)));
    let request = input.request_id.map(|id| {
        AuditEventEntity::builder()
            .what(elements::known_as(id))
            .r#type(elements::coding(REQUEST_ID_SYSTEM, "XrequestId"))
    });
    touched.chain(request).map(|entity| Some(entity.build().expect("an entity has no required element"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn input() -> AuditEventInput<'static> {
        AuditEventInput {
            interaction: "read",
            action: AuditAction::Read,
            recorded: "2026-01-02T03:04:05.000Z",
            outcome: AuditOutcome::Success,
            outcome_description: None,
            requestor: IdentifierText { system: "urn:example:caller", value: "trust-1" },
            requestor_title: None,
            ginnel_version: "0.1.0",
            entities: vec!["Patient/p1/_history/1"],
            request_id: None,
        }
    }

    #[test]
    fn a_read_says_who_what_and_when() {
        assert_eq!(
            audit_event(&input()),
            json!({
                "resourceType": "AuditEvent",
                "type": {"system": EVENT_TYPE, "code": "rest"},
                "subtype": [{"system": RESTFUL_INTERACTION, "code": "read"}],
                "action": "R",
                "recorded": "2026-01-02T03:04:05.000Z",
                "outcome": "0",
                "agent": [{
                    "who": {"identifier": {"system": "urn:example:caller", "value": "trust-1"}},
                    "requestor": true
                }],
                "source": {"observer": {"type": "Device", "display": "Ginnel 0.1.0"}},
                "entity": [{"what": {"reference": "Patient/p1/_history/1"}}]
            })
        );
    }

    #[test]
    fn a_refusal_carries_its_reason_and_the_request_id() {
        let event = audit_event(&AuditEventInput {
            outcome: AuditOutcome::MinorFailure,
            outcome_description: Some("The payload was refused."),
            request_id: Some("r-1"),
            ..input()
        });
        assert_eq!(event["outcome"], "4");
        assert_eq!(event["outcomeDesc"], "The payload was refused.");
        assert_eq!(
            event["entity"][1],
            json!({
                "what": {"identifier": {"value": "r-1"}},
                "type": {"system": REQUEST_ID_SYSTEM, "code": "XrequestId"}
            })
        );
    }

    #[test]
    fn each_action_and_outcome_has_its_own_code() {
        let written = |action, outcome| {
            let event = audit_event(&AuditEventInput { action, outcome, ..input() });
            (event["action"].clone(), event["outcome"].clone())
        };
        assert_eq!(written(AuditAction::Create, AuditOutcome::Success), (json!("C"), json!("0")));
        assert_eq!(written(AuditAction::Update, AuditOutcome::SeriousFailure), (json!("U"), json!("8")));
        assert_eq!(written(AuditAction::Delete, AuditOutcome::MajorFailure), (json!("D"), json!("12")));
        assert_eq!(written(AuditAction::Execute, AuditOutcome::Success), (json!("E"), json!("0")));
    }
}
