//! Records made by chance: nothing vanishes, nothing acts, and what was built is read back.

use crate::records::{BASE, asked, built, elspeth, judged, try_build, with};
use ginnel_documents::build::Built;
use ginnel_documents::standard::Kind;
use ginnel_documents::{page, read};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Texts that people and attackers write.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"><img src=x onerror=alert(1)>".to_owned()),
        Just("</div><h1>&nbsp;]]>".to_owned()),
        Just("a & b < c\n\"d\"\u{7}".to_owned()),
        Just("DNACPR in the blue folder".to_owned()),
        Just("covert in yoghurt".to_owned()),
        Just("key safe code 4417".to_owned()),
        Just("needs two carers".to_owned()),
        Just("What is most important to me".to_owned()),
        "[a-zA-Z ]{1,12}",
        "\\PC{1,8}",
    ]
    .prop_map(|text| if text.trim().is_empty() { "x".to_owned() } else { text })
}

/// Names, which never say how medicines are given.
fn names() -> impl Strategy<Value = String> {
    texts().prop_filter("a name is no note on medicines", |text| !text.contains("covert"))
}

fn times() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("2026-11-20T08:00:00Z"),
        Just("2026-11-19"),
        Just("2026-10-01"),
        Just("2027-01-01"),
        Just("2026-11-20T11:59:00+00:00")
    ]
}

fn concept(text: &str) -> Value {
    json!({"text": text})
}

/// A resource of one of many types; what depends on `number` refers to another.
fn resource(number: usize, kind: usize, text: &str, time: &str, status: usize, label: usize) -> Value {
    let subject = json!({"reference": if label == 5 { "Patient/other" } else { "Patient/p" }});
    let id = format!("r{number}");
    let pick = |all: &[&str]| all.get(status % all.len()).copied().unwrap_or_default().to_owned();
    let before = format!("r{}", number.saturating_sub(1));
    let mut made = match kind % 17 {
        0 => {
            json!({"resourceType": "MedicationRequest", "status": pick(&["active", "stopped", "on-hold", "completed", "entered-in-error"]), "intent": "plan",
            "subject": subject, "medicationCodeableConcept": concept(text), "dosageInstruction": [{"text": text}], "authoredOn": time})
        }
        1 => {
            json!({"resourceType": "MedicationAdministration", "status": pick(&["completed", "not-done", "unknown"]), "subject": subject,
            "medicationCodeableConcept": concept(text), "effectiveDateTime": time, "request": {"reference": format!("MedicationRequest/{before}")}})
        }
        2 => {
            json!({"resourceType": "AllergyIntolerance", "patient": subject, "code": concept(text), "recordedDate": time,
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": pick(&["active", "resolved", "inactive"])}]}})
        }
        3 => {
            json!({"resourceType": "Flag", "status": pick(&["active", "inactive"]), "subject": subject, "code": concept(text), "period": {"start": time},
            "category": [{"coding": [{"code": pick(&["advance-directive", "safety", "drug", "contact"])}]}]})
        }
        4 => {
            json!({"resourceType": "Condition", "subject": subject, "code": concept(text), "note": [{"text": text, "time": time}]})
        }
        5 => {
            json!({"resourceType": "Observation", "status": "final", "subject": subject, "code": concept(text), "effectiveDateTime": time,
            "valueQuantity": {"value": 1.50, "unit": text}, "component": [{"code": concept(text), "valueString": text}]})
        }
        6 => {
            json!({"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject, "title": text, "created": time,
            "activity": [{"detail": {"status": "in-progress", "code": concept(text), "description": text}}, {"detail": {"status": "in-progress", "description": "walk"}}],
            "addresses": [{"reference": format!("Condition/{before}"), "display": text}]})
        }
        7 => {
            json!({"resourceType": "QuestionnaireResponse", "status": pick(&["completed", "in-progress"]), "subject": subject, "authored": time,
            "item": [{"linkId": "about-me/1", "text": text, "answer": [{"valueString": text, "item": [{"linkId": "about-me/2", "text": "inner", "answer": [{"valueBoolean": true}]}]}]}]})
        }
        8 => {
            json!({"resourceType": "RelatedPerson", "patient": subject, "name": [{"text": text}], "relationship": [concept(text)], "telecom": [{"value": text}]})
        }
        9 => {
            json!({"resourceType": "Consent", "status": "active", "scope": concept(text), "category": [concept(text)], "patient": subject, "dateTime": time})
        }
        10 => {
            json!({"resourceType": "Encounter", "status": pick(&["finished", "planned"]), "class": {"code": pick(&["HH", "EMER"])}, "subject": subject, "period": {"start": time}, "reasonCode": [concept(text)]})
        }
        11 => {
            json!({"resourceType": "Goal", "lifecycleStatus": "active", "description": concept(text), "subject": subject})
        }
        12 => {
            json!({"resourceType": "DocumentReference", "status": "current", "subject": subject, "type": concept(text), "date": "2026-01-01T00:00:00Z", "content": [{"attachment": {"contentType": "text/plain", "title": text}}]})
        }
        13 => json!({"resourceType": "Practitioner", "name": [{"text": text}]}),
        14 => {
            json!({"resourceType": "Basic", "code": concept(text), "subject": subject, "author": {"reference": format!("Practitioner/{before}")}})
        }
        15 => {
            json!({"resourceType": "AdverseEvent", "actuality": "actual", "subject": subject, "event": concept(text), "recordedDate": time})
        }
        _ => {
            json!({"resourceType": "Provenance", "target": [{"reference": format!("Condition/{before}")}, {"reference": "Condition/gone"}], "recorded": "2026-01-01T00:00:00Z", "agent": [{"who": {"display": text}}]})
        }
    };
    made["id"] = json!(id);
    if label == 4 {
        made["meta"] =
            json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]});
    }
    if label == 3 {
        made["extension"] = json!([{"url": "https://v.example/StructureDefinition/door-code", "valueString": "C98765"}, {"url": "https://v.example/StructureDefinition/x", "valueString": text}]);
    }
    made
}

prop_compose! {
    fn records()(parts in prop::collection::vec((0usize..17, texts(), times(), 0usize..5, 0usize..6), 0..14), has_number in any::<bool>(), name in names()) -> Value {
        let mut patient = json!({"resourceType": "Patient", "id": "p", "name": [{"text": name}], "generalPractitioner": [{"reference": "Practitioner/r0", "display": name}],
            "contact": [{"name": {"text": name}, "relationship": [{"text": "Daughter"}]}]});
        if has_number {
            patient["identifier"] = json!([{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123012"}]);
        }
        let mut all: Vec<Value> = parts.iter().enumerate().map(|(number, (kind, text, time, status, label))| resource(number, *kind, text, time, *status, *label)).collect();
        all.push(json!({"resourceType": "Patient", "id": "other", "name": [{"text": "Someone Else"}]}));
        with(&patient, &all)
    }
}

/// Each leaf without the places of lists, and how often it stands there.
fn leaves(value: &Value, path: &str, all: &mut BTreeMap<(String, String), i64>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, inner)| leaves(inner, &format!("{path}/{name}"), all))
        }
        Value::Array(items) if !items.is_empty() => items.iter().for_each(|item| leaves(item, path, all)),
        leaf => *all.entry((path.to_owned(), leaf.to_string())).or_default() += 1,
    }
}

fn without_places(pointer: &str) -> String {
    pointer
        .split('/')
        .filter(|part| !part.is_empty() && part.parse::<usize>().is_err())
        .map(|part| format!("/{part}"))
        .collect()
}

/// Every value of the record stands in the document, or the account says why not.
fn accounted(record: &Value, built: &Built) -> Result<(), String> {
    let entries = built.document["entry"].as_array().cloned().unwrap_or_default();
    for entry in record["entry"].as_array().into_iter().flatten() {
        let resource = &entry["resource"];
        let reference = format!(
            "{}/{}",
            resource["resourceType"].as_str().unwrap_or_default(),
            resource["id"].as_str().unwrap_or_default()
        );
        let rows: Vec<_> = built.account.iter().filter(|row| row.resource == reference).collect();
        let whole = rows.iter().find(|row| row.pointer.is_empty()).ok_or_else(|| format!("{reference} has no row"))?;
        if whole.reason.is_some() {
            if whole.entry.is_some() {
                return Err(format!("{reference} is left out and has an entry"));
            }
            continue;
        }
        let url = whole.entry.clone().ok_or_else(|| format!("{reference} is said to stand there"))?;
        let stands = entries
            .iter()
            .find(|entry| entry["fullUrl"] == url.as_str())
            .ok_or_else(|| format!("{url} is not there"))?;
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        leaves(resource, "", &mut before);
        leaves(&stands["resource"], "", &mut after);
        let changed: Vec<String> =
            rows.iter().filter(|row| !row.pointer.is_empty()).map(|row| without_places(&row.pointer)).collect();
        for ((path, value), count) in before {
            let kept = after.get(&(path.clone(), value.clone())).copied().unwrap_or_default();
            if kept < count && !changed.iter().any(|own| path == *own || path.starts_with(&format!("{own}/"))) {
                return Err(format!("{reference}{path} = {value} is in neither"));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_vanishes_nothing_acts_and_words_are_what_entries_say(record in records()) {
        for kind in Kind::ALL {
            let built = built(&record, Some("p"), kind);
            prop_assert_eq!(accounted(&record, &built), Ok(()));
            let issues = judged(&built.document);
            let wrong = ["document.narrative", "document.other-person", "document.heading-unknown", "document.heading-repeated", "document.kind",
                "target.narrative", "target.bundle", "target.reference-unresolved"];
            let found: Vec<String> = issues.iter().filter(|issue| wrong.contains(&issue.key.code()) && issue.is_error()).map(|issue| format!("{} {:?} {}", issue.key, issue.expression, issue.text)).collect();
            prop_assert!(found.is_empty(), "{:?}: {:?}", kind, found);
            let pages = page::write(&built.document, None).expect("pages");
            for mark in ["<script", "<img", "onerror=alert(1)>", "<h1>&nbsp;", "4417", "C98765", "Someone Else"] {
                let harmless = mark == "onerror=alert(1)>";
                prop_assert!(harmless || !pages.contains(mark), "{}", mark);
                prop_assert!(harmless || mark.starts_with('<') || !built.document.to_string().contains(mark), "{}", mark);
            }
            if kind != Kind::UrgentTransfer {
                prop_assert!(!built.document.to_string().contains("covert"));
            }
        }
    }

    #[test]
    fn what_is_built_is_read_back(record in records()) {
        for kind in Kind::ALL {
            let built = built(&record, Some("p"), kind);
            let read = read::read(&built.document).expect("a document");
            prop_assert_eq!(read.kind, Some(kind));
            let entries = built.document["entry"].as_array().expect("entries");
            prop_assert_eq!(read.resources.len(), entries.len() - 1);
            for (address, resource) in &read.resources {
                prop_assert!(entries.iter().any(|entry| entry["fullUrl"].as_str() == address.as_deref() && entry["resource"] == *resource));
            }
            prop_assert!(read.sections.iter().all(|section| section.heading.is_some() && section.missing.is_empty()));
            prop_assert!(read.account.iter().all(|(_, how)| *how != read::NOT_KEPT));
            // Each resource that the account puts under a heading is read under that heading.
            for row in built.account.iter().filter(|row| row.pointer.is_empty()) {
                for heading in &row.headings {
                    let stands = read.sections.iter().any(|section| section.heading.is_some_and(|own| own.key == *heading) && section.entries.contains(&row.resource));
                    prop_assert!(stands, "{} under {}", row.resource, heading);
                }
            }
            // Built once more of what was read, it says the same.
            let again = read.to_bundle();
            let second = try_build(&again, Some("p"), asked(kind)).expect("a document");
            let shown = |built: &Built| -> Vec<String> {
                built.document["entry"].as_array().into_iter().flatten().filter_map(|entry| entry["fullUrl"].as_str()).filter(|url| url.starts_with(BASE)).map(str::to_owned).collect()
            };
            let (mut one, mut two) = (shown(&built), shown(&second));
            one.sort();
            two.sort();
            prop_assert_eq!(one, two);
        }
    }
}

#[test]
fn nothing_of_an_invented_person_vanishes() {
    let record = elspeth();
    for kind in Kind::ALL {
        let built = built(&record, Some(crate::records::ELSPETH), kind);
        assert_eq!(accounted(&record, &built), Ok(()));
    }
}

#[test]
fn mutated_documents_are_read_judged_and_printed_without_a_fall() {
    let document = built(&elspeth(), Some(crate::records::ELSPETH), Kind::UrgentTransfer).document;
    let mut pointers = Vec::new();
    places(&document, String::new(), &mut pointers);
    let step = (pointers.len() / 60).max(1);
    for pointer in pointers.iter().step_by(step) {
        for other in [Value::Null, json!(7), json!("x"), json!([]), json!({}), json!([[{"reference": "#"}]])] {
            let mut mutated = document.clone();
            if let Some(place) = mutated.pointer_mut(pointer) {
                *place = other;
            }
            let _ = read::read(&mutated).map(|read| read.to_json());
            let _ = page::write(&mutated, None);
            let _ = ginnel_documents::check::check(&mutated, None, &|_| Vec::new());
        }
    }
}

fn places(value: &Value, pointer: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| places(inner, format!("{pointer}/{name}"), all))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| places(inner, format!("{pointer}/{index}"), all))
        }
        _ => {}
    }
    all.push(pointer);
}
