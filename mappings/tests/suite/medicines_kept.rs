//! Translating never changes what a person takes, how, and to what they are allergic: the answer of `ginnel-medicines` for
//! the GP record as it came equals the answer for the FHIR that it became, at any instant, whatever the order of entries.

use crate::message;
use ginnel_mappings::account::Outcome;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::translate::Context;
use ginnel_medicines::allergy;
use ginnel_medicines::current::{self, Asked};
use ginnel_medicines::record::{Document, Person, Record};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const GPC: &str = "https://fhir.nhs.uk/STU3/StructureDefinition";
const INSTANTS: [&str; 4] =
    ["2026-03-01T00:00:00Z", "2026-09-30T23:30:00Z", "2026-10-20T12:00:00Z", "2027-02-01T12:00:00Z"];

/// Stands among the losses where a whole resource was refused.
const REFUSED: &str = "(refused)";

/// The FHIR that a GP record becomes.
fn translated(bundle: &Value) -> Value {
    translated_with_losses(bundle).expect("a Bundle is read").0
}

/// The FHIR that a GP record becomes, and the elements whose values, as the account says, are not all in it.
fn translated_with_losses(bundle: &Value) -> Option<(Value, BTreeSet<String>)> {
    let message = message("gp-connect", "structured-record");
    let files = [SourceFile::new("record.json", bundle.to_string().into_bytes())];
    let document = message.read(&files, &Limits::default()).ok()?;
    let made = message.translate(&document.tree, message.check(&document.tree), &Context::new());
    let is_sent =
        |outcome| matches!(outcome, Outcome::Mapped | Outcome::Matched | Outcome::Derived | Outcome::Collapsed);
    let without_places =
        |pointer: &str| pointer.split('/').filter(|step| step.parse::<usize>().is_err()).collect::<Vec<_>>().join("/");
    let lost = made.account.iter().filter(|row| !is_sent(row.outcome));
    let mut losses: BTreeSet<String> = lost.map(|row| without_places(&row.pointer)).collect();
    if made.account.iter().any(|row| row.outcome == Outcome::Refused) {
        losses.insert(REFUSED.to_string());
    }
    Some((made.bundle(), losses))
}

/// What is answered of a record at an instant, without what names its own resources.
fn told(bundle: &Value, at: &str) -> Option<Value> {
    let record = Record::read(&[Document { name: "record".into(), value: bundle }]);
    let person = Person::choose(&record, None).ok()?;
    let asked = Asked { stale_after_hours: i64::MAX, ..Asked::at(at.parse().expect("an instant")) };
    let medicines = current::list(&record, &person, asked);
    let members = [
        "group",
        "medication",
        "dose",
        "because",
        "start",
        "end",
        "lastIssued",
        "prescribed",
        "reason",
        "instructions",
    ];
    let mut lines: Vec<Value> = medicines
        .lines
        .iter()
        .map(|line| {
            let told = medicines.line_json(line);
            let mut kept: serde_json::Map<String, Value> =
                members.iter().map(|name| ((*name).to_string(), told[*name].clone())).collect();
            let mut keys: Vec<&str> = line.warnings.iter().map(|warning| warning.key.key()).collect();
            keys.sort_unstable();
            kept.insert("warnings".into(), json!(keys));
            Value::Object(kept)
        })
        .collect();
    lines.sort_by_key(Value::to_string);
    let allergies = allergy::list(&record, &person, asked);
    let members =
        ["group", "allergy", "type", "category", "criticality", "reactions", "recorded", "ended", "endReason", "notes"];
    let mut entries: Vec<Value> = allergies
        .entries
        .iter()
        .map(|entry| {
            let told = allergies.entry_json(entry);
            members
                .iter()
                .map(|name| ((*name).to_string(), told[*name].clone()))
                .collect::<serde_json::Map<_, _>>()
                .into()
        })
        .collect();
    entries.sort_by_key(Value::to_string);
    let kinds = |gaps: &[ginnel_medicines::record::Gap]| {
        let mut kinds: Vec<&str> = gaps.iter().map(|gap| gap.kind.key()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        json!(kinds)
    };
    Some(json!({
        "lines": lines, "medicineGaps": kinds(&medicines.gaps),
        "allergies": entries, "state": allergies.state.key(), "noneKnownOf": allergies.state.scope(),
        "blocks": allergies.header()["prescribing"], "allergyGaps": kinds(&allergies.gaps),
    }))
}

/// A pick of a list by a generated number.
fn pick<T>(list: &[T], number: u32) -> &T {
    &list[number as usize % list.len()]
}

fn coded(system: &str, code: &str, display: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": display}]})
}

fn medicine(id: &str, number: u32) -> Value {
    let sct = "http://snomed.info/sct";
    let described = json!({"coding": [{"system": sct, "code": "319773006", "display": "Aspirin 75mg dispersible tablets",
        "extension": [{"url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-coding-sctdescid", "extension": [
            {"url": "descriptionId", "valueId": "462888013"}, {"url": "descriptionDisplay", "valueString": "Aspirin 75mg disp tabs"}]}]}]});
    let codes = [
        coded(sct, "317972000", "Furosemide 40mg tablets"),
        json!({"coding": [{"system": sct, "code": "196421000000109", "display": "Transfer-degraded medication entry"}], "text": "Linctus mixture"}),
        json!({"coding": [{"system": "https://fhir.hl7.org.uk/Id/emis-drug-codes", "code": "PATA2190NEMIS", "display": "Paracetamol 500mg tablets", "userSelected": true},
            {"system": sct, "code": "322236009", "display": "Paracetamol 500mg tablets"}]}),
        described,
        json!({"coding": [{"system": sct, "code": "322236009", "display": "Paracetamol 500mg tablets"}], "text": "Paracetamol 500mg tablets (own words)"}),
    ];
    json!({"resourceType": "Medication", "id": id, "meta": {"profile": [format!("{GPC}/CareConnect-GPC-Medication-1")]},
        "code": pick(&codes, number)})
}

fn dosage(number: u32) -> Value {
    let all = [
        json!({"text": "TAKE ONE DAILY"}),
        json!({"text": "1-2 WHEN REQUIRED", "patientInstruction": "for pain"}),
        json!({"text": "Not recorded"}),
        json!({"text": "one twice a day", "asNeededBoolean": false, "doseQuantity": {"value": 1, "unit": "tablet"},
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}),
        json!({"text": "one at night WARNING - Dosage has changed during the effective period. The latest change was made on 12-Sep-2026"}),
        json!({"text": "one three times a day", "doseRange": {"low": {"value": 1, "unit": "tablet"}, "high": {"value": 2, "unit": "tablet"}},
            "additionalInstruction": [{"text": "with food"}]}),
    ];
    pick(&all, number).clone()
}

fn authorisation(index: usize, numbers: &[u32]) -> Vec<Value> {
    let n = |at: usize| numbers.get(at).copied().unwrap_or(0);
    let (statement, plan) = (format!("s{index}"), format!("p{index}"));
    let status = *pick(&["active", "completed", "stopped"], n(0));
    let plan_status = if n(1) % 5 == 0 { *pick(&["active", "completed", "stopped"], n(2)) } else { status };
    let kind = *pick(&["acute", "repeat", "repeat-dispensing", "delayed-prescribing", "acute-handwritten"], n(3));
    let periods = [
        json!({"start": "2026-01-05"}),
        json!({"start": "2026-09-24", "end": "2026-09-30"}),
        json!({"start": "2026-10-20", "end": "2026-10-20"}),
        json!({"start": "2026-11-01"}),
        json!({"start": "2025-06-01T00:00:00+01:00", "end": "2026-12-31T00:00:00+00:00"}),
    ];
    let agency = *pick(
        &["prescribed-at-gp-practice", "prescribed-by-another-organisation", "prescribed-by-previous-practice"],
        n(5),
    );
    let mut extensions = vec![json!({"url": format!("{GPC}/Extension-CareConnect-GPC-PrescribingAgency-1"),
        "valueCodeableConcept": coded("https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-PrescribingAgency-1", agency, agency)})];
    if n(6) % 3 != 0 {
        extensions.push(json!({"url": format!("{GPC}/Extension-CareConnect-GPC-MedicationStatementLastIssueDate-1"),
            "valueDateTime": pick(&["2025-01-10", "2026-09-24", "2026-10-01"], n(6))}));
    }
    let identifier = |id: &str| json!([{"system": "https://gp.example/id", "value": id}]);
    let mut all = vec![json!({
        "resourceType": "MedicationStatement", "id": statement, "extension": extensions, "identifier": identifier(&statement),
        "meta": {"profile": [format!("{GPC}/CareConnect-GPC-MedicationStatement-1")]},
        "basedOn": [{"reference": format!("MedicationRequest/{plan}")}], "status": status, "taken": "unk",
        "medicationReference": {"reference": format!("Medication/m{}", n(7) % 3)}, "subject": {"reference": "Patient/p"},
        "effectivePeriod": pick(&periods, n(4)), "dateAsserted": "2026-01-05", "dosage": [dosage(n(8))],
        "note": [{"text": "Patient Notes: take care"}],
    })];
    let mut plan_extensions = vec![json!({"url": format!("{GPC}/Extension-CareConnect-GPC-PrescriptionType-1"),
        "valueCodeableConcept": coded("https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-PrescriptionType-1", kind, kind)})];
    if kind.starts_with("repeat") {
        plan_extensions.push(
            json!({"url": format!("{GPC}/Extension-CareConnect-GPC-MedicationRepeatInformation-1"), "extension": [
            {"url": "numberOfRepeatPrescriptionsAllowed", "valueUnsignedInt": 1 + n(9) % 6},
            {"url": "numberOfRepeatPrescriptionsIssued", "valueUnsignedInt": n(10) % 6},
            {"url": "authorisationExpiryDate", "valueDateTime": pick(&["2026-08-01", "2027-08-01"], n(9))}]}),
        );
    }
    if plan_status == "stopped" {
        plan_extensions.push(json!({"url": format!("{GPC}/Extension-CareConnect-GPC-MedicationStatusReason-1"), "extension": [
            {"url": "statusReason", "valueCodeableConcept": {"text": pick(&["Side effects", "No longer needed"], n(11))}},
            {"url": "statusChangeDate", "valueDateTime": pick(&["2026-09-30", "2026-11-15"], n(11))}]}));
    }
    let request = |id: &str, intent: &str, status: &str, date: &str| {
        json!({"resourceType": "MedicationRequest", "id": id, "identifier": identifier(id), "status": status, "intent": intent,
            "meta": {"profile": [format!("{GPC}/CareConnect-GPC-MedicationRequest-1")]},
            "medicationReference": {"reference": format!("Medication/m{}", n(7) % 3)}, "subject": {"reference": "Patient/p"},
            "authoredOn": date, "recorder": {"reference": "Practitioner/d"}, "dosageInstruction": [dosage(if n(12) % 6 == 0 { n(13) } else { n(8) })],
            "dispenseRequest": {"validityPeriod": {"start": date}, "quantity": {"value": 28, "unit": "tablet"},
                "expectedSupplyDuration": {"value": 28, "unit": "day", "system": "http://unitsofmeasure.org", "code": "d"}}})
    };
    let mut own = request(&plan, "plan", plan_status, "2026-01-05");
    own["extension"] = plan_extensions.clone().into();
    if index > 0 && n(14) % 3 == 0 {
        own["priorPrescription"] = json!({"reference": format!("MedicationRequest/p{}", index - 1)});
    }
    all.push(own);
    for issue in 0..n(15) % 3 {
        let date = *pick(&["2026-09-24", "2026-10-15", "2026-12-01"], n(16).wrapping_add(issue));
        let mut order = request(&format!("o{index}-{issue}"), "order", "completed", date);
        order["basedOn"] = json!([{"reference": format!("MedicationRequest/{plan}")}]);
        order["extension"] = json!([plan_extensions[0]]);
        order["dispenseRequest"]["validityPeriod"]["end"] = json!("2026-12-31");
        all.push(order);
    }
    all
}

fn one_allergy(id: &str, status: &str, numbers: &[u32]) -> Value {
    let n = |at: usize| numbers.get(at).copied().unwrap_or(0);
    let sct = "http://snomed.info/sct";
    let codes = [
        coded(sct, "373270004", "Penicillin -class of antibiotic-"),
        json!({"coding": [{"system": sct, "code": "196461000000101", "display": "Transfer-degraded drug allergy"}], "text": "Allergy to Septrin"}),
        json!({"coding": [{"system": sct, "code": "196471000000108", "display": "Transfer-degraded non-drug allergy"}], "text": "Plasters"}),
        coded(sct, "256349002", "Peanut - dietary"),
    ];
    let mut allergy = json!({
        "resourceType": "AllergyIntolerance", "id": id, "identifier": [{"system": "https://gp.example/id", "value": id}],
        "meta": {"profile": [format!("{GPC}/CareConnect-GPC-AllergyIntolerance-1")]},
        "clinicalStatus": status, "verificationStatus": "unconfirmed", "category": [pick(&["medication", "environment"], n(0))],
        "type": pick(&["allergy", "intolerance"], n(1)), "criticality": pick(&["low", "high"], n(2)), "code": pick(&codes, n(3)),
        "patient": {"reference": "Patient/p"}, "assertedDate": "2016-02-08T10:57:34+00:00", "recorder": {"reference": "Practitioner/d"},
        "note": [{"text": "Certainty: Likely, Severity: Minimal"}],
        "reaction": [{"manifestation": [pick(&[coded(sct, "247472004", "Hives"), coded("http://hl7.org/fhir/v3/NullFlavor", "NI", "NoInformation"),
            json!({"coding": [{"system": "http://hl7.org/fhir/v3/NullFlavor", "code": "UNC", "display": "un-encoded"}], "text": "went red"})], n(4))],
            "severity": pick(&["mild", "moderate", "severe"], n(5)), "description": "in 1998"}],
    });
    if status == "resolved" || n(6) % 7 == 0 {
        allergy["extension"] = json!([{"url": format!("{GPC}/Extension-CareConnect-GPC-AllergyIntoleranceEnd-1"), "extension": [
            {"url": "endDate", "valueDateTime": "2018-03-01"}, {"url": "reasonEnded", "valueString": "tolerated since"}]}]);
    }
    allergy
}

fn list(id: &str, code: &str, entries: &[String], contained: Vec<Value>, warning: u32) -> Value {
    let mut list = json!({"resourceType": "List", "id": id, "meta": {"profile": [format!("{GPC}/CareConnect-GPC-List-1")]},
        "status": "current", "mode": "snapshot", "title": "List", "date": "2026-09-30T10:57:34+00:00",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]}, "subject": {"reference": "Patient/p"},
        "orderedBy": {"coding": [{"system": "http://hl7.org/fhir/list-order", "code": "event-date"}]}});
    if entries.is_empty() {
        list["emptyReason"] = coded(
            "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-ListEmptyReasonCode-1",
            "no-content-recorded",
            "No Content Recorded",
        );
        list["note"] = json!([{"text": "Information not available"}]);
    } else {
        list["entry"] =
            entries.iter().map(|reference| json!({"item": {"reference": reference}})).collect::<Vec<_>>().into();
    }
    if !contained.is_empty() {
        list["contained"] = contained.into();
    }
    if warning.is_multiple_of(4) {
        list["extension"] = json!([{"url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1",
            "valueCode": pick(&["confidential-items", "data-in-transit", "data-awaiting-filing"], warning / 4)}]);
    }
    list
}

/// A GP record of invented content, its entries in an order of their own.
fn record(medicines: &[Vec<u32>], allergies: &[Vec<u32>], further: &[u32]) -> Value {
    let n = |at: usize| further.get(at).copied().unwrap_or(0);
    let mut resources = vec![
        json!({"resourceType": "Patient", "id": "p", "meta": {"profile": [format!("{GPC}/CareConnect-GPC-Patient-1")]},
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123012"}],
            "name": [{"use": "official", "family": "Okoro", "given": ["Ada"]}], "gender": "female", "birthDate": "1941-02-03"}),
        json!({"resourceType": "Practitioner", "id": "d", "meta": {"profile": [format!("{GPC}/CareConnect-GPC-Practitioner-1")]},
            "identifier": [{"system": "https://gp.example/id", "value": "d"}], "name": [{"use": "official", "family": "Lee"}]}),
    ];
    resources.extend((0..3).map(|index| medicine(&format!("m{index}"), n(index))));
    let mut statements = Vec::new();
    for (index, numbers) in medicines.iter().enumerate() {
        statements.push(format!("MedicationStatement/s{index}"));
        resources.extend(authorisation(index, numbers));
    }
    resources.push(list("lm", "933361000000108", &statements, Vec::new(), n(3)));
    let (mut active, mut ended, mut contained) = (Vec::new(), Vec::new(), Vec::new());
    for (index, numbers) in allergies.iter().enumerate() {
        if numbers.last().copied().unwrap_or(0) % 3 == 0 {
            ended.push(format!("#e{index}"));
            contained.push(one_allergy(&format!("e{index}"), "resolved", numbers));
        } else {
            active.push(format!("AllergyIntolerance/a{index}"));
            resources.push(one_allergy(&format!("a{index}"), "active", numbers));
        }
    }
    resources.push(list("la", "886921000000105", &active, Vec::new(), n(4)));
    resources.push(list("le", "1103671000000101", &ended, contained, 1));
    let turn = n(5) as usize % resources.len();
    resources.rotate_left(turn);
    let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "collection",
        "meta": {"profile": [format!("{GPC}/GPConnect-StructuredRecord-Bundle-1")]}, "entry": entries})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn translating_changes_neither_what_is_taken_nor_how_nor_the_allergies(
        medicines in proptest::collection::vec(proptest::collection::vec(any::<u32>(), 17), 0..5),
        allergies in proptest::collection::vec(proptest::collection::vec(any::<u32>(), 8), 0..4),
        further in proptest::collection::vec(any::<u32>(), 6),
    ) {
        let before = record(&medicines, &allergies, &further);
        let after = translated(&before);
        for at in INSTANTS {
            let (wanted, got) = (told(&before, at), told(&after, at));
            prop_assert_eq!(&got, &wanted, "at {} of {}", at, before);
        }
    }
}

/// Every place below a tree.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            all.push(format!("{at}/{name}"));
            places(member, &format!("{at}/{name}"), all);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
            all.push(format!("{at}/{index}"));
            places(item, &format!("{at}/{index}"), all);
        }),
        _ => {}
    }
}

/// Takes a place away, or puts something plausible there.
fn break_at(record: &mut Value, place: &str, how: u32) {
    let Some((parent, name)) = place.rsplit_once('/') else { return };
    let put =
        ["active", "stopped", "2026-10-20", "2026-09", "x", "Medication/m0", "MedicationRequest/p0", "resolved", "unk"];
    match record.pointer_mut(parent) {
        Some(Value::Object(members)) if how.is_multiple_of(3) => drop(members.shift_remove(name)),
        Some(Value::Object(members)) => match members.get_mut(name) {
            Some(Value::String(text)) => *text = (*pick(&put, how / 3)).to_string(),
            Some(Value::Number(_)) => drop(members.insert(name.to_string(), json!(how % 9))),
            _ => {}
        },
        Some(Value::Array(items)) => {
            if let Some(index) = name.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_broken_record_says_the_same_after_translating_or_the_account_says_what_is_lost(
        medicines in proptest::collection::vec(proptest::collection::vec(any::<u32>(), 17), 1..4),
        allergies in proptest::collection::vec(proptest::collection::vec(any::<u32>(), 8), 0..3),
        further in proptest::collection::vec(any::<u32>(), 6),
        breaks in proptest::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 1..3),
    ) {
        let sound = record(&medicines, &allergies, &further);
        let mut broken = sound.clone();
        for (place, how) in breaks {
            let mut all = Vec::new();
            places(&broken["entry"], "/entry", &mut all);
            let place = place.get(&all).clone();
            break_at(&mut broken, &place, how);
        }
        let (_, before) = translated_with_losses(&sound).expect("is read");
        // What is refused as a whole says nothing.
        let Some((after, losses)) = translated_with_losses(&broken) else { return Ok(()) };
        if losses.is_subset(&before) {
            for at in INSTANTS {
                prop_assert_eq!(told(&after, at), told(&broken, at), "at {} of {}", at, &broken);
            }
        }
    }
}

#[test]
fn the_specifications_examples_say_the_same_before_and_after() {
    let folder = std::env::var_os("GINNEL_GP_CONNECT").map(PathBuf::from).unwrap_or_else(|| {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/gp-connect/spec-examples")
    });
    let Some(bundles) = bundles(&folder) else {
        println!("skipped: no examples of GP Connect (set GINNEL_GP_CONNECT to their folder)");
        return;
    };
    let mut compared = 0;
    for (name, bundle) in bundles {
        let (after, lost) = translated_with_losses(&bundle).expect("a Bundle is read");
        if lost.contains(REFUSED) {
            println!("{name}: not compared, since resources of it are refused, as its account says");
            continue;
        }
        // What is no resource is set aside, and the account says so.
        let sets_aside = lost.iter().any(|element| element.starts_with("/$entries"));
        for at in ["2016-06-01T12:00:00Z", "2018-03-02T12:00:00Z", "2021-01-01T12:00:00Z"] {
            let Some(mut wanted) = told(&bundle, at) else { continue };
            for gaps in ["medicineGaps", "allergyGaps"] {
                if let (true, Some(kinds)) = (sets_aside, wanted[gaps].as_array_mut()) {
                    kinds.retain(|kind| kind != "unreadable");
                }
            }
            assert_eq!(told(&after, at), Some(wanted), "{name} at {at}");
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared} answers were compared");
}

/// The Bundles of a folder that are JSON.
fn bundles(folder: &Path) -> Option<Vec<(String, Value)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).ok()? {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_str()?.to_string();
        if let Ok(value) = serde_json::from_slice::<Value>(&std::fs::read(&path).ok()?)
            && value["resourceType"] == "Bundle"
        {
            all.push((name, value));
        }
    }
    Some(all)
}
