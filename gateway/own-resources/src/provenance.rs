//! Who made the resources of one commit, and from which original.
//!
//! <https://hl7.org/fhir/R4/provenance.html>

use fhir_model::r4b::codes::ProvenanceEntityRole;
use fhir_model::r4b::resources::{Provenance, ProvenanceAgent, ProvenanceEntity};
use fhir_model::r4b::types::Reference;
use serde_json::Value;

pub use crate::elements::IdentifierText;
use crate::{elements, verbatim};

const PARTICIPANT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
const DATA_OPERATION: &str = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";

/// What became of the targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// They are new.
    Create,
    /// They are later versions.
    Update,
    /// They were taken away.
    Delete,
}

/// All that a Provenance of ours says.
#[derive(Debug, Clone)]
pub struct ProvenanceInput<'a> {
    /// The resources made, each with its version (`Patient/p1/_history/2`).
    pub targets: Vec<&'a str>,
    /// When it was recorded: a FHIR `instant`, written verbatim.
    pub recorded: &'a str,
    /// What was done.
    pub activity: Activity,
    /// Version of the gateway, which assembled the resources.
    pub ginnel_version: &'a str,
    /// The vendor, who is the author of what the resources say.
    pub vendor: IdentifierText<'a>,
    /// The vendor's name for people.
    pub vendor_title: Option<&'a str>,
    /// The home or agency the vendor wrote it for, where the vendor has tenants.
    pub tenant: Option<IdentifierText<'a>>,
    /// Where the untouched original is kept.
    pub original: IdentifierText<'a>,
}

/// The Provenance of one commit.
pub fn provenance(input: &ProvenanceInput<'_>) -> Value {
    let ginnel = elements::named("Device", &format!("Ginnel {}", input.ginnel_version));
    let vendor = elements::identified(Some("Organization"), input.vendor, input.vendor_title);
    let tenant = input.tenant.map(|tenant| elements::identified(Some("Organization"), tenant, None));
    let original = ProvenanceEntity::builder()
        .role(ProvenanceEntityRole::Source)
        .what(elements::identified(None, input.original, None))
        .build()
        .expect("an entity has its role and what");
    let activity = match input.activity {
        Activity::Create => "CREATE",
        Activity::Update => "UPDATE",
        Activity::Delete => "DELETE",
    };
    let built = Provenance::builder()
        .target(input.targets.iter().map(|target| Some(elements::reference_to(target))).collect())
        .recorded(verbatim::stand_in())
        .activity(elements::concept(DATA_OPERATION, activity))
        .agent(vec![Some(agent("assembler", ginnel, None)), Some(agent("author", vendor, tenant))])
        .entity(vec![Some(original)])
        .build()
        .expect("target, recorded and agent are set above");

    let mut object = verbatim::to_object(&built);
    verbatim::replace(&mut object, "recorded", input.recorded);
    Value::Object(object)
}

fn agent(participation: &str, who: Reference, on_behalf_of: Option<Reference>) -> ProvenanceAgent {
    let mut agent = ProvenanceAgent::builder()
        .r#type(elements::concept(PARTICIPANT_TYPE, participation))
        .who(who)
        .build()
        .expect("an agent has its who");
    agent.on_behalf_of = on_behalf_of;
    agent
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_original_the_author_and_the_assembler_are_named() {
        let written = provenance(&ProvenanceInput {
            targets: vec!["Patient/p1/_history/2", "Goal/g1/_history/1"],
            recorded: "2026-01-02T03:04:05.120+00:00",
            activity: Activity::Update,
            ginnel_version: "0.1.0",
            vendor: IdentifierText { system: "urn:example:vendor", value: "acme" },
            tenant: Some(IdentifierText { system: "urn:example:tenant", value: "north" }),
            vendor_title: Some("Acme Care"),
            original: IdentifierText { system: "urn:example:original", value: "o-7" },
        });
        assert_eq!(
            written,
            json!({
                "resourceType": "Provenance",
                "target": [{"reference": "Patient/p1/_history/2"}, {"reference": "Goal/g1/_history/1"}],
                "recorded": "2026-01-02T03:04:05.120+00:00",
                "activity": {"coding": [{"system": DATA_OPERATION, "code": "UPDATE"}]},
                "agent": [
                    {
                        "type": {"coding": [{"system": PARTICIPANT_TYPE, "code": "assembler"}]},
                        "who": {"type": "Device", "display": "Ginnel 0.1.0"}
                    },
                    {
                        "type": {"coding": [{"system": PARTICIPANT_TYPE, "code": "author"}]},
                        "who": {
                            "type": "Organization",
                            "identifier": {"system": "urn:example:vendor", "value": "acme"},
                            "display": "Acme Care"
                        },
                        "onBehalfOf": {
                            "type": "Organization",
                            "identifier": {"system": "urn:example:tenant", "value": "north"}
                        }
                    }
                ],
                "entity": [{
                    "role": "source",
                    "what": {"identifier": {"system": "urn:example:original", "value": "o-7"}}
                }]
            })
        );
    }

    #[test]
    fn each_activity_has_its_own_code() {
        let code_of = |activity| {
            let identifier = IdentifierText { system: "urn:s", value: "v" };
            let written = provenance(&ProvenanceInput {
                targets: vec!["Patient/p1/_history/1"],
                recorded: "2026-01-02T03:04:05Z",
                activity,
                ginnel_version: "0.1.0",
                vendor: identifier,
                vendor_title: None,
                tenant: None,
                original: identifier,
            });
            written["activity"]["coding"][0]["code"].clone()
        };
        assert_eq!(code_of(Activity::Create), "CREATE");
        assert_eq!(code_of(Activity::Update), "UPDATE");
        assert_eq!(code_of(Activity::Delete), "DELETE");
    }
}
