//! Tables of cases that a pharmacist can read: what the record says of allergies, and what is answered.

use super::*;
use crate::record::Document;

fn answer(resources: Value) -> Allergies {
    let mut all = vec![json!({"resourceType": "Patient", "id": "p"})];
    all.extend(resources.as_array().expect("a list").iter().cloned());
    let list_of = Value::Array(all);
    let record = Record::read(&[Document { name: "test".into(), value: &list_of }]);
    let person = Person::choose(&record, None).expect("one person");
    list(&record, &person, Asked::at("2026-10-20T12:00:00Z".parse().expect("an instant")))
}

fn allergy(id: &str, code: Value, further: Value) -> Value {
    let mut resource = json!({"resourceType": "AllergyIntolerance", "id": id, "patient": {"reference": "Patient/p"},
        "clinicalStatus": "active", "verificationStatus": "unconfirmed", "category": ["medication"], "code": code});
    if let (Some(all), Value::Object(further)) = (resource.as_object_mut(), further) {
        all.extend(further);
    }
    resource
}

fn empty(reason: &str) -> Value {
    json!({"resourceType": "List", "id": "l", "status": "current", "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"code": "886921000000105"}]}, "emptyReason": {"coding": [{"code": reason}]}})
}

fn penicillin() -> Value {
    json!({"coding": [{"system": "http://snomed.info/sct", "code": "373270004", "display": "Penicillin"}]})
}

#[test]
fn known_none_known_not_asked_not_recorded_and_withheld_are_five_answers() {
    let table = [
        (json!([allergy("a", penicillin(), json!({}))]), "known", true),
        (json!([allergy("a", json!({"coding": [{"code": "716186003"}]}), json!({}))]), "none-known", true),
        (json!([allergy("a", json!({"text": "NKDA"}), json!({}))]), "none-known", true),
        (json!([empty("nilknown")]), "none-known", true),
        (json!([empty("notasked")]), "not-asked", false),
        (json!([empty("no-content-recorded")]), "not-recorded", true),
        (json!([empty("withheld")]), "withheld", false),
        (json!([empty("unavailable")]), "not-said", false),
        (json!([]), "not-said", false),
    ];
    for (resources, state, complete) in table {
        let answer = answer(resources.clone());
        assert_eq!((answer.state.key(), answer.is_complete()), (state, complete), "{resources}");
    }
}

#[test]
fn nkda_says_nothing_of_food_and_nka_says_all() {
    let of = |code: &str| answer(json!([allergy("a", json!({"coding": [{"code": code}]}), json!({}))])).state.scope();
    assert_eq!(of("409137002"), ["medication"]);
    assert_eq!(of("429625007"), ["food"]);
    assert_eq!(of("716186003"), ["everything"]);
}

#[test]
fn none_known_beside_an_allergy_is_ignored_and_said() {
    let nka = allergy("n", json!({"coding": [{"code": "716186003"}]}), json!({}));
    let both = answer(json!([nka, allergy("a", penicillin(), json!({}))]));
    assert_eq!(both.state, State::Known);
    let denied = both.entries.iter().find(|entry| entry.denied.is_some()).expect("the denial is listed");
    assert!(denied.warnings.iter().any(|(key, _)| *key == AllergyKey::NoneKnownBesideAllergy));
    let nkda = allergy("n", json!({"text": "NKDA"}), json!({}));
    let with_food = answer(json!([nkda, allergy("a", json!({"text": "Peanut"}), json!({"category": ["food"]}))]));
    assert!(
        with_food
            .entries
            .iter()
            .all(|entry| entry.warnings.iter().all(|(key, _)| *key != AllergyKey::NoneKnownBesideAllergy))
    );
}

#[test]
fn a_degraded_drug_allergy_blocks_prescribing_while_it_stands() {
    let degraded = |status: &str| {
        allergy(
            "a",
            json!({"coding": [{"code": "196461000000101"}], "text": "Allergy to paracetamol"}),
            json!({"clinicalStatus": status}),
        )
    };
    let standing = answer(json!([degraded("active")]));
    assert_eq!(standing.blocks_prescribing, [AllergyKey::DegradedDrugAllergy]);
    assert_eq!(standing.header()["prescribing"]["blocked"], true);
    assert_eq!(standing.entries[0].text, "Allergy to paracetamol");
    assert!(answer(json!([degraded("resolved")])).blocks_prescribing.is_empty());
    let other = allergy(
        "a",
        json!({"coding": [{"code": "196471000000108"}], "text": "Plasters"}),
        json!({"category": ["environment"]}),
    );
    assert!(answer(json!([other])).blocks_prescribing.is_empty());
}

#[test]
fn ended_allergies_stay_apart_from_active_ones_in_either_version() {
    let ended = json!([
        {"resourceType": "List", "id": "ended", "status": "current", "code": {"coding": [{"code": "1103671000000101"}]},
            "entry": [{"item": {"reference": "#r"}}],
            "contained": [{"resourceType": "AllergyIntolerance", "id": "r", "clinicalStatus": "resolved", "code": penicillin(),
                "patient": {"reference": "Patient/p"},
                "extension": [{"url": "x/Extension-CareConnect-GPC-AllergyIntoleranceEnd-1", "extension": [
                    {"url": "endDate", "valueDateTime": "2018-03-01"}, {"url": "reasonEnded", "valueString": "tolerated since"}]}]}]},
        empty("no-content-recorded")
    ]);
    let answer_stu3 = answer(ended);
    assert_eq!(answer_stu3.state, State::NotRecorded);
    let entry = &answer_stu3.entries[0];
    assert_eq!((entry.group, entry.ended.1.as_deref()), (AllergyGroup::Resolved, Some("tolerated since")));
    let r4 = allergy(
        "r",
        penicillin(),
        json!({"clinicalStatus": {"coding": [{"code": "resolved"}],
        "extension": [{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AllergyIntoleranceEnd",
            "extension": [{"url": "endDate", "valueDateTime": "2018-03-01"}]}]}}),
    );
    let answer_r4 = answer(json!([r4]));
    assert_eq!(
        (answer_r4.entries[0].group, answer_r4.entries[0].ended.0.as_deref()),
        (AllergyGroup::Resolved, Some("2018-03-01"))
    );
}

#[test]
fn a_record_that_contradicts_itself_leaves_the_allergy_to_be_minded() {
    let in_ended = json!([allergy("a", penicillin(), json!({})),
        {"resourceType": "List", "id": "e", "status": "current", "code": {"coding": [{"code": "1103671000000101"}]},
            "entry": [{"item": {"reference": "AllergyIntolerance/a"}}]}]);
    let over = json!([allergy(
        "a",
        penicillin(),
        json!({"extension": [{"url": "x/AllergyIntoleranceEnd-1",
        "extension": [{"url": "endDate", "valueDateTime": "2018-03-01"}]}]})
    )]);
    let no_status = json!([allergy("a", penicillin(), json!({"clinicalStatus": "ongoing"}))]);
    for resources in [in_ended, over, no_status] {
        let answer = answer(resources.clone());
        assert_eq!(answer.entries[0].group, AllergyGroup::Uncertain, "{resources}");
        assert_eq!(answer.state, State::Known);
    }
    let missing = answer(json!([allergy("a", penicillin(), json!({"clinicalStatus": null}))]));
    assert_eq!(missing.entries[0].group, AllergyGroup::Active);
}

#[test]
fn a_contraindication_is_not_an_allergy_and_an_intolerance_says_so() {
    let flag = json!({"resourceType": "Flag", "id": "f", "status": "active", "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"code": "drug"}]}], "code": {"text": "METOCLOPRAMIDE - must not be given"}});
    let answer = answer(json!([flag, allergy("a", json!({"text": "Codeine"}), json!({"type": "intolerance"}))]));
    let groups: Vec<(AllergyGroup, Option<&str>)> =
        answer.entries.iter().map(|it| (it.group, it.kind.as_deref())).collect();
    assert_eq!(groups, [(AllergyGroup::Active, Some("intolerance")), (AllergyGroup::Contraindication, None)]);
}

#[test]
fn reaction_severity_and_certainty_are_kept() {
    let reacted = allergy(
        "a",
        penicillin(),
        json!({"criticality": "high", "note": [{"text": "Certainty: Likely, Severity: Life Threatening"}],
        "reaction": [{"severity": "severe", "manifestation": [{"coding": [{"code": "NI"}]}, {"text": "Anaphylaxis"}]}]}),
    );
    let answer = answer(json!([reacted]));
    let entry = &answer.entries[0];
    assert_eq!(entry.reactions[0].manifestations, ["Anaphylaxis"]);
    assert_eq!(
        (entry.reactions[0].severity.as_deref(), entry.reactions[0].certainty.as_deref()),
        (Some("severe"), Some("Likely"))
    );
    assert!(entry.warnings.iter().any(|(key, _)| *key == AllergyKey::LifeThreatening));
}
