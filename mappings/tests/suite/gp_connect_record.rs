//! GP Connect beyond medicines and allergies: problems, immunisations, consultations, results, requests, documents. One
//! test a trap; people and numbers are invented.

use crate::{faults, leaves, message, resources, translate};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::translate::{Context, ItemVerdict, Translated};
use serde_json::{Value, json};
use std::path::PathBuf;

const CARE_CONNECT: &str = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-";
const GPC: &str = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-";
const OWN: &str = "https://gateway.example.org/StructureDefinition/";

/// A Bundle as it is sent, translated as the gateway does.
fn sent(bundle: &Value) -> (Value, Translated) {
    let record = message("gp-connect", "structured-record");
    let files = [SourceFile::new("record.json", bundle.to_string())];
    let read = record.read(&files, &Limits::default()).expect("a Bundle");
    let made = translate(record, &read.tree, &Context::new());
    (read.tree, made)
}

/// The resources beside a person and a GP.
fn with_person(resources: &[Value]) -> Value {
    let people = [
        json!({"resourceType": "Patient", "id": "p1", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000050"}],
            "name": [{"use": "official", "family": "Thorne", "given": ["Maud"]}]}),
        json!({"resourceType": "Practitioner", "id": "dr1", "name": [{"family": "Ellery"}]}),
        json!({"resourceType": "Organization", "id": "org1", "name": "Moorside Surgery"}),
    ];
    let entries: Vec<Value> = people.iter().chain(resources).map(|one| json!({"resource": one})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

/// The one resource of a type that comes of these, which conforms.
fn one(kind: &str, sent_resources: &[Value]) -> Value {
    let (_, made) = sent(&with_person(sent_resources));
    let found = resources(&made, kind);
    assert_eq!(found.len(), 1, "{kind}: {:?}", made.issues);
    assert_eq!(faults(found[0]), [], "{}", found[0]);
    found[0].clone()
}

fn sct(code: &str, display: &str) -> Value {
    json!({"coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}]})
}

fn with(mut base: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("members") {
        base[name] = value.clone();
    }
    base
}

fn problem(more: Value) -> Value {
    let base = json!({"resourceType": "Condition", "id": "c1", "clinicalStatus": "active", "subject": {"reference": "Patient/p1"},
        "code": sct("44054006", "Type 2 diabetes mellitus"), "assertedDate": "2011-03-07", "asserter": {"reference": "Practitioner/dr1"}});
    with(base, more)
}

fn vaccine(more: Value) -> Value {
    let base = json!({"resourceType": "Immunization", "id": "i1", "status": "completed", "notGiven": false, "primarySource": true,
        "patient": {"reference": "Patient/p1"}, "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/v3/NullFlavor", "code": "UNK"}]},
        "date": "2026-10-01"});
    with(base, more)
}

fn observation(more: Value) -> Value {
    let base = json!({"resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/p1"},
        "code": sct("267038008", "Edema"), "effectiveDateTime": "2026-09-28T10:30:00+01:00", "issued": "2026-09-28T10:31:00+01:00"});
    with(base, more)
}

fn extension<'e>(resource: &'e Value, url: &str) -> Vec<&'e Value> {
    resource["extension"].as_array().into_iter().flatten().filter(|one| one["url"] == url).collect()
}

fn whole_record() -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vendors/gp-connect/structured-record/examples/6-whole-record.vendor.json");
    serde_json::from_slice(&std::fs::read(path).expect("the example")).expect("JSON")
}

#[test]
fn a_whole_record_conforms_and_every_value_is_accounted_for() {
    let (tree, made) = sent(&whole_record());
    let errors: Vec<_> = made.issues.iter().filter(|issue| issue.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    for item in &made.items {
        assert_eq!(item.verdict, ItemVerdict::Translated);
        for resource in &item.resources {
            assert_eq!(faults(resource), [], "{resource}");
        }
    }
    assert_eq!(made.account.len(), leaves(&tree).len(), "one row a value");
    let unexplained = made.account.iter().filter(|row| row.outcome != Outcome::Mapped && row.reason.is_none());
    let unexplained: Vec<_> = unexplained.filter(|row| row.rule.is_none()).collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
    let of = |kind: &str| resources(&made, kind).len();
    let counted =
        ["Condition", "Immunization", "Encounter", "Observation", "ServiceRequest", "DiagnosticReport", "Specimen"];
    assert_eq!(counted.map(of), [2, 2, 1, 4, 3, 1, 1]);
    assert_eq!((of("DocumentReference"), of("QuestionnaireResponse"), of("List")), (1, 1, 2));
}

#[test]
fn the_order_of_entries_never_matters() {
    let bundle = whole_record();
    let made = |bundle: &Value| {
        let mut all: Vec<String> =
            sent(bundle).1.items.iter().flat_map(|item| &item.resources).map(Value::to_string).collect();
        all.sort();
        all
    };
    let first = made(&bundle);
    let entries = bundle["entry"].as_array().expect("entries").clone();
    for step in [1, 5, 7, 11] {
        let mut shuffled: Vec<Value> = Vec::new();
        let mut rest = entries.clone();
        while !rest.is_empty() {
            let at = (shuffled.len() * step + step) % rest.len();
            shuffled.push(rest.swap_remove(at));
        }
        assert_eq!(made(&with(bundle.clone(), json!({"entry": shuffled}))), first);
    }
}

#[test]
fn references_to_what_was_cut_off_refuse_nothing() {
    let mut bundle = whole_record();
    let gone = ["Practitioner", "Organization", "Location", "Encounter", "Specimen", "DocumentReference"];
    let entries = bundle["entry"].as_array_mut().expect("entries");
    entries.retain(|entry| !gone.iter().any(|kind| entry["resource"]["resourceType"] == *kind));
    let (_, made) = sent(&bundle);
    let errors: Vec<_> = made.issues.iter().filter(|issue| issue.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let performer = &resources(&made, "Immunization")[0]["performer"][0]["actor"];
    assert_eq!(extension(performer, &format!("{OWN}unresolved-reference"))[0]["valueString"], "Practitioner/dr1");
}

#[test]
fn one_bad_resource_is_refused_alone() {
    let bad = observation(json!({"id": "o2", "valueString": "a", "valueBoolean": true}));
    let (_, made) = sent(&with_person(&[problem(json!({})), bad, observation(json!({}))]));
    assert_eq!((resources(&made, "Condition").len(), resources(&made, "Observation").len()), (1, 1));
}

#[test]
fn an_unknown_extension_is_kept_and_said_and_refuses_nothing() {
    let unknown =
        json!({"extension": [{"url": "https://supplier.example/secret-sauce", "valueString": "x"}], "sauce": 1});
    let (_, made) = sent(&with_person(&[problem(unknown)]));
    assert_eq!(resources(&made, "Condition").len(), 1);
    let said = |place: &str| made.issues.iter().any(|one| one.pointer.as_deref().is_some_and(|at| at.contains(place)));
    assert!(said("/Condition/0/extension/0") && said("/Condition/0/sauce"), "{:?}", made.issues);
    let row = made.account.iter().find(|row| row.pointer == "/Condition/0/extension/0/valueString").expect("a row");
    assert_eq!(row.outcome, Outcome::Kept);
}

#[test]
fn a_modifier_extension_sets_its_resource_aside() {
    let turned = json!({"modifierExtension": [{"url": "https://supplier.example/not", "valueBoolean": true}]});
    let (_, made) = sent(&with_person(&[problem(turned), observation(json!({}))]));
    assert_eq!((resources(&made, "Condition").len(), resources(&made, "Observation").len()), (0, 1));
    assert!(made.issues.iter().any(|one| one.text.contains("modifier extension")), "{:?}", made.issues);
}

#[test]
fn a_problem_keeps_its_significance_and_all_it_is_linked_to() {
    let links = json!({"extension": [
        {"url": format!("{CARE_CONNECT}ProblemSignificance-1"), "valueCode": "major"},
        {"url": format!("{GPC}ActualProblem-1"), "valueReference": {"reference": "Observation/o1"}},
        {"url": format!("{CARE_CONNECT}RelatedClinicalContent-1"), "valueReference": {"reference": "Observation/o1"}},
        {"url": format!("{CARE_CONNECT}RelatedClinicalContent-1"), "valueReference": {"reference": "Patient/p1"}},
        {"url": format!("{CARE_CONNECT}RelatedProblemHeader-1"), "extension": [
            {"url": "type", "valueCode": "child"}, {"url": "target", "valueReference": {"reference": "Condition/c1"}}]}]});
    let made = one("Condition", &[problem(links), observation(json!({}))]);
    assert_eq!(extension(&made, &format!("{OWN}problem-significance"))[0]["valueCode"], "major");
    let actual = &extension(&made, &format!("{OWN}actual-problem"))[0]["valueReference"]["reference"];
    assert!(actual.as_str().is_some_and(|to| to.starts_with("Observation/")), "{actual}");
    assert_eq!(extension(&made, &format!("{OWN}related-clinical-content")).len(), 2);
    let related = extension(&made, &format!("{OWN}related-problem"))[0].to_string();
    assert!(related.contains("child") && related.contains(made["id"].as_str().expect("an id")), "{related}");
}

#[test]
fn statuses_and_categories_of_problems_become_concepts_of_r4() {
    let category = json!([{"coding": [{"system": "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-ConditionCategory-1", "code": "problem-list-item"}]}]);
    let made = one("Condition", &[problem(json!({"verificationStatus": "provisional", "category": category}))]);
    let hl7 = "http://terminology.hl7.org/CodeSystem/";
    assert_eq!(
        made["clinicalStatus"]["coding"][0],
        json!({"system": format!("{hl7}condition-clinical"), "code": "active"})
    );
    assert_eq!(made["verificationStatus"]["coding"][0]["system"], format!("{hl7}condition-ver-status"));
    assert_eq!(made["category"][0]["coding"][0]["system"], format!("{hl7}condition-category"));
    assert_eq!((&made["recordedDate"], made.get("assertedDate")), (&json!("2011-03-07"), None));
}

#[test]
fn a_problem_header_without_a_category_is_on_the_problem_list() {
    let header = json!({"meta": {"profile": ["https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-ProblemHeader-Condition-1"]}});
    assert_eq!(one("Condition", &[problem(header)])["category"][0]["coding"][0]["code"], "problem-list-item");
    assert_eq!(one("Condition", &[problem(json!({}))]).get("category"), None);
}

#[test]
fn an_end_of_a_problem_that_goes_on_is_kept_in_sight_and_warned_of() {
    let ended = one("Condition", &[problem(json!({"clinicalStatus": "inactive", "abatementDateTime": "2019-11"}))]);
    assert_eq!(ended["abatementDateTime"], "2019-11");
    let on = problem(json!({"abatementDateTime": "2019-11"}));
    let made = one("Condition", std::slice::from_ref(&on));
    assert_eq!((made.get("abatementDateTime"), &made["clinicalStatus"]["coding"][0]["code"]), (None, &json!("active")));
    assert_eq!(extension(&made, &format!("{OWN}abatement"))[0]["valueDateTime"], "2019-11");
    let (_, all) = sent(&with_person(&[on]));
    assert!(all.issues.iter().any(|one| one.text.contains("not said to have ended")), "{:?}", all.issues);
}

#[test]
fn a_vaccine_that_was_not_given_never_reads_as_given() {
    let not_given =
        json!({"notGiven": true, "explanation": {"reasonNotGiven": [sct("213257006", "Generally unwell")]}});
    let made = one("Immunization", &[vaccine(not_given)]);
    assert_eq!(
        (&made["status"], &made["statusReason"]["coding"][0]["code"]),
        (&json!("not-done"), &json!("213257006"))
    );
    let silent = one("Immunization", &[vaccine(json!({"notGiven": true}))]);
    assert_eq!(
        (&silent["status"], &silent["statusReason"]["text"]),
        (&json!("not-done"), &json!("Reason not recorded"))
    );
    let several = json!({"notGiven": true, "explanation": {"reasonNotGiven": [sct("213257006", "Generally unwell"), sct("105480006", "Refusal of treatment")]}});
    let several = one("Immunization", &[vaccine(several)]);
    assert_eq!(extension(&several, &format!("{OWN}reason-not-given")).len(), 2);
    let error = one("Immunization", &[vaccine(json!({"notGiven": true, "status": "entered-in-error"}))]);
    assert_eq!(error["status"], "entered-in-error");
    assert_eq!(one("Immunization", &[vaccine(json!({}))])["status"], "completed");
}

#[test]
fn an_unknown_vaccine_is_told_by_its_procedure() {
    let procedure = json!({"extension": [
        {"url": format!("{CARE_CONNECT}VaccinationProcedure-1"), "valueCodeableConcept": sct("822851000000102", "Seasonal influenza vaccination")},
        {"url": format!("{CARE_CONNECT}DateRecorded-1"), "valueDateTime": "2026-10-02"},
        {"url": format!("{GPC}ParentPresent-1"), "valueBoolean": true}]});
    let made = one("Immunization", &[vaccine(procedure)]);
    assert_eq!(made["vaccineCode"]["text"], "Seasonal influenza vaccination");
    assert_eq!(made["vaccineCode"]["coding"][0]["system"], "http://terminology.hl7.org/CodeSystem/v3-NullFlavor");
    let uk_core = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-";
    assert_eq!(extension(&made, &format!("{uk_core}VaccinationProcedure")).len(), 1);
    assert_eq!(extension(&made, &format!("{uk_core}ParentPresent"))[0]["valueBoolean"], true);
    assert_eq!((&made["recorded"], &made["occurrenceDateTime"]), (&json!("2026-10-02"), &json!("2026-10-01")));
}

#[test]
fn a_vaccine_without_a_date_or_a_number_of_its_dose_says_so() {
    let protocol = json!([{"targetDisease": [sct("6142004", "Influenza")], "description": "Annual"}]);
    let mut undated = vaccine(json!({"vaccinationProtocol": protocol}));
    undated.as_object_mut().expect("members").remove("date");
    let made = one("Immunization", &[undated]);
    assert_eq!(made["occurrenceString"], "Date not recorded");
    assert_eq!(made["protocolApplied"][0]["doseNumberString"], "Not recorded");
    assert_eq!(
        extension(&made["protocolApplied"][0], &format!("{OWN}protocol-description"))[0]["valueString"],
        "Annual"
    );
}

#[test]
fn a_consultation_without_a_class_says_that_none_was_sent() {
    let encounter = json!({"resourceType": "Encounter", "id": "e1", "status": "finished", "type": [{"text": "GP Surgery"}],
        "subject": {"reference": "Patient/p1"}, "reason": [sct("267038008", "Edema")], "period": {"start": "2026-09-28T10:30:00"}});
    let made = one("Encounter", &[encounter]);
    assert_eq!(made["class"]["code"], "NI");
    assert_eq!(made["reasonCode"][0]["coding"][0]["code"], "267038008");
    // A time without an offset is local.
    assert_eq!(made["period"]["start"], "2026-09-28T10:30:00+01:00");
}

#[test]
fn what_an_observation_says_moves_to_where_r4_looks_for_it() {
    let interpretation = json!({"coding": [{"system": "http://hl7.org/fhir/v2/0078", "code": "L"}]});
    let more = json!({"comment": "Both ankles", "interpretation": interpretation, "valueQuantity": {"value": 1.50, "unit": "g/L"},
        "referenceRange": [{"low": {"value": 2}, "text": "2 or more"}]});
    let made = one("Observation", &[observation(more)]);
    assert_eq!((&made["note"][0]["text"], made.get("comment")), (&json!("Both ankles"), None));
    let flag = &made["interpretation"][0]["coding"][0];
    assert_eq!(flag["system"], "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation");
    assert_eq!((&made["valueQuantity"]["value"], &made["valueQuantity"]["unit"]), (&json!(1.50), &json!("g/L")));
    assert_eq!(made["referenceRange"][0]["text"], "2 or more");
}

#[test]
fn how_observations_are_related_stays_told_apart() {
    let related = ["has-member", "derived-from", "replaces", "qualified-by"]
        .map(|kind| json!({"type": kind, "target": {"reference": "Observation/o2"}}));
    let mut related = related.to_vec();
    related.push(json!({"target": {"reference": "Observation/o2"}}));
    let (_, made) = sent(&with_person(&[observation(json!({"related": related})), observation(json!({"id": "o2"}))]));
    let found = resources(&made, "Observation");
    let made = found.iter().find(|one| one.get("hasMember").is_some()).expect("the header");
    assert_eq!(faults(made), []);
    let count = |name: &str| made[name].as_array().map_or(0, Vec::len);
    assert_eq!((count("hasMember"), count("derivedFrom")), (1, 1));
    assert_eq!(extension(made, "http://hl7.org/fhir/StructureDefinition/observation-replaces").len(), 1);
    // R4 has no place for one kind, and the sender said no kind of the other.
    let others = extension(made, &format!("{OWN}related-observation"));
    assert_eq!(others.iter().map(|one| one.to_string().contains("qualified-by")).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn an_attachment_as_a_value_is_not_lost() {
    let made =
        one("Observation", &[observation(json!({"valueAttachment": {"contentType": "image/png", "title": "Wound"}}))]);
    assert_eq!(extension(&made, &format!("{OWN}value-attachment"))[0]["valueAttachment"]["title"], "Wound");
}

#[test]
fn a_date_is_no_instant_and_stays_a_date() {
    let made = one("Observation", &[observation(json!({"issued": "2026-09-28"}))]);
    assert_eq!(
        (made.get("issued"), &extension(&made, &format!("{OWN}issued"))[0]["valueDateTime"]),
        (None, &json!("2026-09-28"))
    );
}

#[test]
fn vital_signs_get_what_fhir_demands_of_them_and_keep_their_own_code() {
    for (code, unit, loinc, ucum) in [
        ("50373000", "cm", "8302-2", "cm"),
        ("386725007", "degrees C", "8310-5", "Cel"),
        ("86290005", "breaths/min", "9279-1", "/min"),
        ("431314004", "%", "2708-6", "%"),
        ("60621009", "kg/m2", "39156-5", "kg/m2"),
    ] {
        let made = one(
            "Observation",
            &[observation(json!({"code": sct(code, "x"), "valueQuantity": {"value": 21, "unit": unit}}))],
        );
        let codes: Vec<&Value> =
            made["code"]["coding"].as_array().expect("codes").iter().map(|one| &one["code"]).collect();
        assert!(codes.contains(&&json!(code)) && codes.contains(&&json!(loinc)), "{made}");
        assert_eq!((&made["valueQuantity"]["code"], &made["valueQuantity"]["unit"]), (&json!(ucum), &json!(unit)));
        assert_eq!(made["category"][0]["coding"][0]["code"], "vital-signs");
    }
}

#[test]
fn a_blood_pressure_keeps_both_its_components() {
    let half = |code: &str, value: i64| json!({"code": sct(code, "pressure"), "valueQuantity": {"value": value, "unit": "mmHg"}});
    let components = json!([half("72313002", 148), half("1091811000000102", 84)]);
    let made =
        one("Observation", &[observation(json!({"code": sct("75367002", "Blood pressure"), "component": components}))]);
    let values: Vec<&Value> =
        made["component"].as_array().expect("two").iter().map(|one| &one["valueQuantity"]["value"]).collect();
    assert_eq!(values, [148, 84]);
    assert_eq!(made["component"][0]["valueQuantity"]["code"], "mm[Hg]");
}

#[test]
fn a_report_says_in_what_role_somebody_made_it() {
    let report = json!({"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": sct("721981007", "Diagnostic studies report"),
        "subject": {"reference": "Patient/p1"}, "issued": "2026-10-03T12:00:00Z", "category": {"text": "Laboratory"},
        "performer": [{"role": sct("310074003", "Pathology service"), "actor": {"reference": "Organization/org1"}}],
        "codedDiagnosis": [sct("271737000", "Anemia")], "result": [{"reference": "Observation/o1"}]});
    let made = one("DiagnosticReport", &[report, observation(json!({}))]);
    assert_eq!(
        (&made["category"][0]["text"], &made["conclusionCode"][0]["coding"][0]["code"]),
        (&json!("Laboratory"), &json!("271737000"))
    );
    let role = extension(&made["performer"][0], &format!("{OWN}performer-role"));
    assert_eq!(role[0]["valueCodeableConcept"]["coding"][0]["code"], "310074003");
    assert!(made["result"][0]["reference"].as_str().is_some_and(|to| to.starts_with("Observation/")));
}

#[test]
fn a_diary_entry_is_a_plan_with_its_date_however_it_is_spelt() {
    let entry = |more: Value| {
        let base = json!({"resourceType": "ProcedureRequest", "id": "d1", "status": "active", "intent": "plan", "subject": {"reference": "Patient/p1"},
            "code": sct("314529007", "Medication review due"),
            "requester": {"agent": {"reference": "Practitioner/dr1"}, "onBehalfOf": {"reference": "Organization/org1"}}});
        one("ServiceRequest", &[with(base, more)])
    };
    let made = entry(json!({"occurrenceDateTime": "2027-03-28"}));
    assert_eq!((&made["intent"], &made["occurrenceDateTime"]), (&json!("plan"), &json!("2027-03-28")));
    assert_eq!(extension(&made["requester"], &format!("{OWN}on-behalf-of")).len(), 1);
    // The specification's own examples leave the type of `occurrence[x]` out.
    assert_eq!(entry(json!({"occurrence": "2027-03-28"}))["occurrenceDateTime"], "2027-03-28");
    let period = json!({"start": "2027-05-01", "end": "2027-05-02"});
    assert_eq!(entry(json!({"occurrence": period}))["occurrencePeriod"], period);
    assert_eq!(entry(json!({"status": "suspended"}))["status"], "on-hold");
    assert_eq!(entry(json!({"status": "cancelled"}))["status"], "revoked");
    assert_eq!(entry(json!({"doNotPerform": true}))["doNotPerform"], true);
}

#[test]
fn a_referral_is_known_as_one_and_keeps_its_words() {
    let referral = json!({"resourceType": "ReferralRequest", "id": "r1", "status": "unknown", "intent": "order", "priority": "asap",
        "extension": [{"url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-ReferralRequestMethod-1",
            "valueCodeableConcept": {"coding": [{"system": "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-ReferralRequestMethod-1", "code": "2"}]}}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/UBRN", "value": "000012345678"}],
        "subject": {"reference": "Patient/p1"}, "recipient": [{"reference": "Organization/org1"}, {"display": "Dr Vane"}],
        "specialty": sct("394582007", "Dermatology"), "serviceRequested": [sct("306206005", "Referral to service"), sct("103697008", "Patient referral for dental care")],
        "reasonCode": [sct("183561008", "Referral to general physician")], "description": "Swollen legs", "note": [{"text": "Mornings"}]});
    let made = one("ServiceRequest", &[referral]);
    assert_eq!(made["category"][0]["coding"][0]["code"], "3457005");
    let notes: Vec<&Value> = made["note"].as_array().expect("notes").iter().map(|note| &note["text"]).collect();
    assert!(notes.contains(&&json!("Swollen legs")) && notes.contains(&&json!("Mornings")), "{notes:?}");
    assert_eq!(
        (made["performer"].as_array().map(Vec::len), made["orderDetail"].as_array().map(Vec::len)),
        (Some(2), Some(2))
    );
    assert_eq!(
        (&made["code"]["coding"][0]["code"], &made["performerType"]["coding"][0]["code"]),
        (&json!("306206005"), &json!("394582007"))
    );
    assert_eq!(extension(&made, &format!("{OWN}referral-method")).len(), 1);
    assert_eq!(made["identifier"][0]["value"], "000012345678");
}

#[test]
fn a_specimen_says_whether_somebody_had_fasted() {
    let fasting =
        json!([{"url": format!("{CARE_CONNECT}FastingStatus-1"), "valueCodeableConcept": {"text": "Fasting"}}]);
    let specimen = json!({"resourceType": "Specimen", "id": "s1", "status": "available", "subject": {"reference": "Patient/p1"},
        "collection": {"extension": fasting, "collectedDateTime": "2026-10-01T11:00:00Z", "quantity": {"value": 4, "unit": "mL"}}});
    let made = one("Specimen", &[specimen]);
    assert_eq!(made["collection"]["fastingStatusCodeableConcept"]["text"], "Fasting");
    assert_eq!(made["collection"]["quantity"]["value"], 4);
}

#[test]
fn a_document_says_when_it_was_made_and_when_it_was_filed() {
    let document = json!({"resourceType": "DocumentReference", "id": "d1", "status": "current", "docStatus": "appended", "subject": {"reference": "Patient/p1"},
        "masterIdentifier": {"system": "https://supplier.example/Id/document", "value": "m-1"}, "type": {"text": "Letter"}, "class": {"text": "Clinic"},
        "created": "2026-09-27", "indexed": "2026-09-28T08:00:00+01:00", "description": "Letter of the vascular clinic",
        "content": [{"attachment": {"contentType": "application/pdf", "url": "https://gp.example/Binary/7", "size": 48211}}],
        "context": {"encounter": {"reference": "Encounter/e9"}, "related": [{"ref": {"reference": "Patient/p1"}}]}});
    let made = one("DocumentReference", &[document]);
    assert_eq!((&made["date"], &made["docStatus"]), (&json!("2026-09-28T08:00:00+01:00"), &json!("amended")));
    assert_eq!(extension(&made, &format!("{OWN}document-created"))[0]["valueDateTime"], "2026-09-27");
    assert_eq!(made["content"][0]["attachment"]["creation"], "2026-09-27");
    assert_eq!((&made["category"][0]["text"], &made["masterIdentifier"]["value"]), (&json!("Clinic"), &json!("m-1")));
}

#[test]
fn labels_that_keep_something_from_the_patient_stay_on_it() {
    let label = json!({"meta": {"security": [{"system": "http://hl7.org/fhir/v3/ActCode", "code": "NOPAT"}]}});
    let made = one("Observation", &[observation(label)]);
    assert_eq!(made["meta"]["security"][0]["code"], "NOPAT");
    assert_eq!(made["meta"]["security"][0]["system"], "http://terminology.hl7.org/CodeSystem/v3-ActCode");
}

#[test]
fn what_was_sent_is_left_alone_on_the_way_back() {
    let record = message("gp-connect", "structured-record");
    let (tree, made) = sent(&with_person(&[problem(json!({})), observation(json!({"comment": "Both ankles"}))]));
    let mut bundle = made.bundle();
    assert_eq!(record.to_vendor(&bundle, std::slice::from_ref(&tree), &Context::new()).payload, tree);
    for entry in bundle["entry"].as_array_mut().expect("entries") {
        if entry["resource"]["resourceType"] == "Observation" {
            entry["resource"]["note"][0]["text"] = json!("another");
        }
    }
    let back = record.to_vendor(&bundle, std::slice::from_ref(&tree), &Context::new());
    assert_eq!(back.payload, tree, "these types are sent and never taken back");
    let row = back.account.iter().find(|row| row.pointer.ends_with("/note/0/text")).expect("a row");
    assert!(matches!(row.outcome, Outcome::Inconsistent | Outcome::Refused), "{row:?}");
}

#[test]
fn the_specifications_own_examples_translate() {
    let folder = std::env::var_os("GINNEL_GP_CONNECT")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/gp-connect"));
    let folder = folder.join("spec-examples");
    if !folder.is_dir() {
        println!("skipped: no examples of GP Connect (set GINNEL_GP_CONNECT to their folder)");
        return;
    }
    for (file, kind, count) in [
        ("immunizations_response1.json", "Immunization", 1),
        ("immunizations_response2.json", "Immunization", 1),
        ("referrals_response1.json", "ServiceRequest", 2),
        ("pathology_response1.json", "Observation", 19),
        ("pathology_response1.json", "DiagnosticReport", 1),
        ("pathology_response2.json", "Specimen", 1),
        ("uncategorised_response1.json", "Observation", 3),
    ] {
        let bytes = std::fs::read(folder.join(file)).expect(file);
        let bundle: Value = serde_json::from_slice(&bytes).expect(file);
        let (_, made) = sent(&bundle);
        let found = resources(&made, kind);
        println!("{file}: {} of {kind}", found.len());
        assert!(found.len() >= count, "{file}: {} of {kind}, {:?}", found.len(), made.issues);
    }
}
