//! Base invariants, each broken where the resource has what it speaks of.

use super::sites::Example;
use super::{Mutation, shown};
use serde_json::{Map, Value, json};

/// The kind of fault.
const KIND: &str = "core invariant";

/// Key, type or group, and the members that break it (`null` takes a member away).
const BREAKS: &[(&str, &str, &str)] = &[
    ("per-1", "Period", r#"{"start":"2021-05-01","end":"2021-04-01"}"#),
    ("qty-3", "Quantity", r#"{"code":"mg","system":null}"#),
    ("qty-3", "SimpleQuantity", r#"{"code":"mg","system":null}"#),
    ("cpt-2", "ContactPoint", r#"{"system":null,"value":"0"}"#),
    ("att-1", "Attachment", r#"{"data":"QUJD","contentType":null}"#),
    ("rng-2", "Range", r#"{"low":{"value":2},"high":{"value":1}}"#),
    ("rat-1", "Ratio", r#"{"numerator":{"value":1},"denominator":null}"#),
    ("tim-1", "Timing.repeat", r#"{"duration":1,"durationUnit":null}"#),
    ("tim-2", "Timing.repeat", r#"{"period":1,"periodUnit":null}"#),
    ("tim-4", "Timing.repeat", r#"{"duration":-1,"durationUnit":"h"}"#),
    ("tim-5", "Timing.repeat", r#"{"period":-1,"periodUnit":"h"}"#),
    ("tim-6", "Timing.repeat", r#"{"periodMax":3,"period":null}"#),
    ("tim-7", "Timing.repeat", r#"{"durationMax":3,"duration":null}"#),
    ("tim-8", "Timing.repeat", r#"{"countMax":3,"count":null}"#),
    ("tim-9", "Timing.repeat", r#"{"offset":5,"when":null}"#),
    ("tim-10", "Timing.repeat", r#"{"timeOfDay":["10:00:00"],"when":["AC"]}"#),
    ("pat-1", "Patient.contact", r#"{"name":null,"telecom":null,"address":null,"organization":null}"#),
    (
        "obs-6",
        "Observation",
        r#"{"valueString":"text","dataAbsentReason":{"text":"text"},"valueQuantity":null,"valueCodeableConcept":null,"valueInteger":null,"valueDateTime":null}"#,
    ),
    ("obs-3", "Observation.referenceRange", r#"{"low":null,"high":null,"text":null}"#),
    (
        "ait-1",
        "AllergyIntolerance",
        r#"{"clinicalStatus":null,"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"confirmed"}]}}"#,
    ),
    (
        "ait-2",
        "AllergyIntolerance",
        r#"{"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"entered-in-error"}]}}"#,
    ),
    (
        "con-4",
        "Condition",
        r#"{"abatementString":"text","abatementDateTime":null,"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}}"#,
    ),
    (
        "con-5",
        "Condition",
        r#"{"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]}}"#,
    ),
    ("con-1", "Condition.stage", r#"{"summary":null,"assessment":null}"#),
    ("org-1", "Organization", r#"{"name":null,"identifier":null}"#),
    ("org-2", "Organization", r#"{"address":[{"use":"home","text":"text"}]}"#),
    ("org-3", "Organization", r#"{"telecom":[{"use":"home","system":"phone","value":"0"}]}"#),
    ("lst-1", "List", r#"{"emptyReason":{"text":"text"},"entry":[{"item":{"display":"text"}}]}"#),
    ("lst-2", "List", r#"{"mode":"working","entry":[{"deleted":true,"item":{"display":"text"}}],"emptyReason":null}"#),
    (
        "lst-3",
        "List",
        r#"{"mode":"changes","entry":[{"date":"2020-01-01","item":{"display":"text"}}],"emptyReason":null}"#,
    ),
    ("mdd-1", "MedicationDispense", r#"{"whenPrepared":"2021-05-02","whenHandedOver":"2021-05-01"}"#),
    ("prr-1", "ServiceRequest", r#"{"orderDetail":[{"text":"text"}],"code":null}"#),
    (
        "fhs-1",
        "FamilyMemberHistory",
        r#"{"ageString":"text","bornString":"text","ageAge":null,"ageRange":null,"bornPeriod":null,"bornDate":null}"#,
    ),
    ("fhs-2", "FamilyMemberHistory", r#"{"estimatedAge":true,"ageAge":null,"ageRange":null,"ageString":null}"#),
    ("imm-1", "Immunization.education", r#"{"documentType":null,"reference":null}"#),
    ("app-3", "Appointment", r#"{"status":"booked","start":null,"end":null}"#),
    ("app-2", "Appointment", r#"{"start":"2021-01-01T10:00:00Z","end":null}"#),
    ("app-4", "Appointment", r#"{"cancelationReason":{"text":"text"},"status":"booked"}"#),
    ("app-1", "Appointment.participant", r#"{"type":null,"actor":null}"#),
    ("cpl-3", "CarePlan.activity", r#"{"detail":{"status":"scheduled"},"reference":{"display":"text"}}"#),
    ("bdl-1", "Bundle", r#"{"total":1,"type":"collection"}"#),
    ("bdl-9", "Bundle", r#"{"type":"document","identifier":null}"#),
    ("bdl-8", "Bundle.entry", r#"{"fullUrl":"https://example.org/Patient/1/_history/2"}"#),
    (
        "bdl-5",
        "Bundle.entry",
        r#"{"resource":null,"request":null,"response":null,"fullUrl":null,"link":[{"relation":"self","url":"https://example.org"}]}"#,
    ),
    ("qrs-1", "QuestionnaireResponse.item", r#"{"answer":[{"valueString":"text"}],"item":[{"linkId":"1"}]}"#),
    ("txt-2", "Narrative", r#"{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p> </p></div>"}"#),
    ("ref-1", "Reference", r##"{"reference":"#nothing-of-this-id"}"##),
    ("sev-1", "AuditEvent.entity", r#"{"name":"text","query":"dGV4dA=="}"#),
];

/// Contained resources of which the one around them may have none.
const CONTAINED: &[(&str, &str)] = &[
    (
        "dom-2",
        r##"{"resourceType":"Basic","id":"a","code":{"text":"t"},"subject":{"reference":"#"},"contained":[{"resourceType":"Basic","id":"b","code":{"text":"t"}}]}"##,
    ),
    ("dom-3", r##"{"resourceType":"Basic","id":"nobody-refers-to-this","code":{"text":"t"}}"##),
    (
        "dom-4",
        r##"{"resourceType":"Basic","id":"a","meta":{"versionId":"1"},"subject":{"reference":"#"},"code":{"text":"t"}}"##,
    ),
    (
        "dom-5",
        r##"{"resourceType":"Basic","id":"a","meta":{"security":[{"system":"http://example.org/labels","code":"x"}]},"subject":{"reference":"#"},"code":{"text":"t"}}"##,
    ),
];

pub fn make(example: &Example<'_>, made: &mut Vec<Mutation>) {
    for object in &example.objects {
        for (key, _, members) in BREAKS.iter().filter(|(_, name, _)| *name == object.definition.name) {
            let change: Value = serde_json::from_str(members).expect("the table holds JSON");
            made.extend(example.with_object(KIND, &object.pointer, key, |members| changed(members, &change)));
        }
    }
    let holds_others = example.objects.first().is_some_and(|object| object.definition.member("contained").is_some());
    for (key, contained) in CONTAINED.iter().filter(|_| holds_others) {
        let contained: Value = serde_json::from_str(contained).expect("the table holds JSON");
        let what = format!("{key} {}", shown(&contained));
        made.extend(example.with_object(KIND, "", &what, |members| {
            let list = members.entry("contained").or_insert_with(|| json!([]));
            list.as_array_mut().map(|list| list.push(contained)).is_some()
        }));
    }
}

/// Puts the members in, and takes away those that are null; false when that changes nothing, or leaves nothing.
pub fn changed(members: &mut Map<String, Value>, change: &Value) -> bool {
    let before = members.clone();
    for (name, value) in change.as_object().into_iter().flatten() {
        if value.is_null() {
            members.shift_remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    *members != before && !members.is_empty()
}
