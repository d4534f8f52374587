//! Whole resources and Bundles.

use super::*;
use crate::json;
use crate::profile::rules::table::{assert_table, found};
use serde_json::json;

#[test]
fn the_type_of_a_resource_must_be_known() {
    assert_table([
        (json!([]), &["target.type (none)"]),
        (json!("Patient"), &["target.type (none)"]),
        (json!({}), &["target.required-missing (none)"]),
        (json!({"resourceType": 1}), &["target.type (none)"]),
        (json!({"resourceType": "Patent"}), &["target.unknown-type (none)"]),
        (json!({"resourceType": "DomainResource"}), &["target.unknown-type (none)"]),
        (json!({"resourceType": "HumanName"}), &["target.unknown-type (none)"]),
        (json!({"resourceType": "Patient"}), &[]),
    ]);
    assert_eq!(judge(&json!({"resourceType": "Patent"}))[0].hint.as_deref(), Some("did you mean `Patient`?"));
}

#[test]
fn resources_within_resources_are_judged_at_their_place() {
    assert_table([
        (
            json!({"resourceType": "Bundle", "type": "collection", "entry": [
                {"fullUrl": "urn:oid:1.2.0", "resource": {"resourceType": "Patient"}},
                {"fullUrl": "urn:uuid:6f9619ff-8b86-d011-b42d-00cf4fc964ff"},
                {"fullUrl": "urn:oid:1.2.1", "resource": {"resourceType": "Patient", "birthDate": "2026-02-30", "name": [{"family": ""}]}},
                {"fullUrl": "urn:oid:1.2.2", "resource": {"resourceType": "Nonsense"}},
                {"fullUrl": "urn:oid:1.2.3", "resource": {"type": "x"}},
                {"fullUrl": "urn:oid:1.2.4", "resource": []}
            ]}),
            &[
                "target.format Bundle.entry[2].resource.birthDate",
                "target.empty Bundle.entry[2].resource.name[0].family",
                "target.unknown-type Bundle.entry[3].resource",
                "target.required-missing Bundle.entry[4].resource",
                "target.type Bundle.entry[5].resource",
            ],
        ),
        (
            json!({"resourceType": "Patient", "contained": [{"resourceType": "Organization", "id": "o", "names": "x"}], "managingOrganization": {"reference": "#o"}}),
            &["target.unknown-element Patient.contained[0].names"],
        ),
        (
            json!({"resourceType": "Parameters", "parameter": [{"name": "a", "part": [{"name": "b", "resource": {"resourceType": "Patient", "active": 1}}]}]}),
            &["target.type Parameters.parameter[0].part[0].resource.active"],
        ),
    ]);
}

#[test]
fn content_references_are_followed() {
    assert_table([(
        json!({"resourceType": "Questionnaire", "status": "draft", "item": [
            {"linkId": "1", "type": "group", "item": [{"linkId": "1.1", "type": "group", "item": [{"linkId": "1.1.1", "type": "nonsense"}]}]}
        ]}),
        &["target.code Questionnaire.item[0].item[0].item[0].type"],
    )]);
}

#[test]
fn every_fault_is_named_at_once_and_no_value_is_told() {
    let patient = json!({
        "resourceType": "Patient", "id": "Zebra 1", "gender": "Zebra", "birthDate": "Zebra", "active": "Zebra",
        "name": {"family": ["Zebra"], "zebra_free": "Zebra"}, "deceasedBoolean": true, "deceasedDateTime": "Zebra"
    });
    let issues = judge(&patient);
    assert_eq!(
        found(&patient),
        [
            "target.format Patient.id",
            "target.code Patient.gender",
            "target.format Patient.birthDate",
            "target.type Patient.active",
            "target.type Patient.name",
            "target.type Patient.name.family",
            "target.unknown-element Patient.name.zebra_free",
            "target.choice Patient.deceased",
            "target.format Patient.deceased",
        ]
    );
    assert!(!format!("{issues:?}").contains("Zebra"), "{issues:?}");
    assert!(issues.iter().all(Issue::is_error));
}

#[test]
fn hostile_depth_and_floods_are_bounded() {
    let mut extension = json!({"url": "a:b", "valueBoolean": true});
    for _ in 0..json::DEEPEST {
        extension = json!({"url": "a:b", "extension": [extension]});
    }
    let deep = json!({"resourceType": "Patient", "extension": [extension]});
    assert!(found(&deep)[0].starts_with("json.too-deep Patient.extension[0].extension[0]"));

    let flood = json!({"resourceType": "Patient", "name": vec![json!(1); crate::profile::findings::MOST_FINDINGS + 7]});
    let issues = judge(&flood);
    assert_eq!(issues.len(), crate::profile::findings::MOST_FINDINGS + 1);
    assert_eq!(issues.last().map(|issue| issue.text.as_str()), Some("7 more findings are not listed."));
}
