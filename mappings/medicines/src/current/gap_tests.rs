//! What no source gave is never an empty list: tables of cases.

use super::tests::{about, answer, plan};
use super::*;
use crate::record::Document;

#[test]
fn a_record_without_a_word_on_medicines_is_not_an_empty_list() {
    let current = answer(&[]);
    assert!(current.lines.is_empty() && !current.is_complete());
    assert_eq!(current.gaps[0].kind, GapKind::NotReturned);
    let list = current.to_list_resource();
    assert_eq!(list["emptyReason"]["coding"][0]["code"], "unavailable");
}

#[test]
fn a_list_that_is_empty_because_nothing_is_recorded_is_whole() {
    let list = |reason: Value| {
        about(
            "List",
            "l",
            json!({"status": "current", "mode": "snapshot",
        "code": {"coding": [{"code": "933361000000108"}]}, "emptyReason": {"coding": [{"code": reason}]}}),
        )
    };
    let current = answer(&[list(json!("no-content-recorded"))]);
    assert!(current.is_complete(), "{:?}", current.gaps);
    for (reason, kind) in [
        ("withheld", GapKind::Withheld),
        ("unavailable", GapKind::Unavailable),
        ("notasked", GapKind::NotAsked),
        ("other", GapKind::NotReturned),
    ] {
        let current = answer(&[list(json!(reason))]);
        assert_eq!(current.gaps[0].kind, kind, "{reason}");
    }
}

#[test]
fn a_list_that_warns_or_names_what_is_not_there_is_not_whole() {
    let list = |extension: Value, entry: Value| {
        about(
            "List",
            "l",
            json!({"status": "current", "extension": extension,
        "code": {"coding": [{"code": "933361000000108"}]}, "entry": entry}),
        )
    };
    let one = json!([{"item": {"reference": "MedicationRequest/r"}}]);
    for (code, kind) in [
        ("confidential-items", GapKind::Withheld),
        ("data-in-transit", GapKind::InTransit),
        ("data-awaiting-filing", GapKind::AwaitingFiling),
    ] {
        let stu3 = json!([{"url": "x/Extension-CareConnect-ListWarningCode-1", "valueCode": code}]);
        let r4 = json!([{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ListWarningCode",
            "valueCodeableConcept": {"coding": [{"code": code}]}}]);
        for extension in [stu3, r4] {
            let current = answer(&[list(extension, one.clone()), plan("r", "active", json!({}))]);
            assert_eq!(current.gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [kind], "{code}");
        }
    }
    let lost = answer(&[list(json!([]), json!([{"item": {"reference": "MedicationStatement/lost"}}]))]);
    assert_eq!(lost.gaps[0].kind, GapKind::MissingResource);
}

#[test]
fn an_answer_grows_stale() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "meta": {"lastUpdated": "2026-10-10T08:00:00Z"}, "entry": [
        {"resource": {"resourceType": "Patient", "id": "p"}}, {"resource": plan("r", "active", json!({}))}]});
    let record = Record::read(&[Document { name: "test".into(), value: &bundle }]);
    let person = Person::choose(&record, None).expect("one person");
    let stale = |at: &str| {
        list(&record, &person, Asked::at(at.parse().expect("an instant")))
            .gaps
            .iter()
            .any(|gap| gap.kind == GapKind::Stale)
    };
    assert!(!stale("2026-10-10T09:00:00Z") && !stale("2026-10-13T07:00:00Z") && stale("2026-10-13T08:00:00Z"));
    assert!(!stale("2026-10-01T09:00:00Z"), "an answer is not stale for an instant before it was given");
}

#[test]
fn a_section_of_a_document_says_why_it_is_empty_as_a_list_does() {
    let summary = |reason: &str| {
        json!({"resourceType": "Composition", "id": "c", "status": "final", "section": [{"title": "Summary",
        "section": [{"code": {"coding": [{"system": "http://loinc.org", "code": "10160-0"}]}, "emptyReason": {"coding": [{"code": reason}]}}]}]})
    };
    assert!(answer(&[summary("nilknown")]).is_complete());
    let withheld = answer(&[summary("withheld")]);
    assert_eq!(withheld.gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Withheld]);
}

#[test]
fn what_is_kept_back_of_consultations_does_not_touch_medicines() {
    let list = |code: &str| {
        about(
            "List",
            code,
            json!({"status": "current", "code": {"coding": [{"code": code}]},
        "extension": [{"url": "x/Extension-CareConnect-ListWarningCode-1", "valueCode": "confidential-items"}]}),
        )
    };
    let medicine = plan("r", "active", json!({}));
    assert!(answer(&[list("1149501000000101"), medicine.clone()]).is_complete());
    assert!(!answer(&[list("some-other-list"), medicine]).is_complete());
}
