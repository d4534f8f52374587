//! The reference samples of archetype A1, where they lie beside the project: all four files translate, and the golden
//! facts of the same people come out. Without them the tests say so and pass.

use crate::{context, faults, leaves, resources, vendor};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::translate::{Context, ItemVerdict, Translated};
use ginnel_schemas::json::{Limits, parse};
use serde_json::Value;
use std::path::PathBuf;

const FILES: [(&str, &str); 4] = [
    ("clients", "01_clients_page.json"),
    ("medication-schedules", "02_medication_schedules.json"),
    ("visits", "03_visits_and_medication_outcomes.json"),
    ("care-records", "04_care_plan_assessments_incident.json"),
];

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("GINNEL_VENDOR_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/vendor-samples"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no vendor samples (set GINNEL_VENDOR_SAMPLES to their folder)");
    None
}

fn read(path: PathBuf) -> Value {
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(&bytes, Limits::default()).unwrap_or_else(|issue| panic!("{}: {}", path.display(), issue.text))
}

/// The four payloads, translated with what the first two say as context.
fn all() -> Option<Vec<(Value, Context, Translated)>> {
    let folder = folder()?.join("a1_homecare_rest_json");
    let payloads: Vec<Value> = FILES.iter().map(|(_, file)| read(folder.join(file))).collect();
    let known = context(vendor("homecare-rest"), &[("clients", &payloads[0]), ("medication-schedules", &payloads[1])]);
    let translated = FILES.iter().zip(payloads).map(|((name, _), payload)| {
        let message = vendor("homecare-rest").message(name).expect("a message");
        let translated = crate::translate(message, &payload, &known);
        (payload, known.clone(), translated)
    });
    Some(translated.collect())
}

#[test]
fn all_four_files_translate_to_fhir_without_a_fault_and_with_a_whole_account() {
    let Some(all) = all() else { return };
    for ((name, _), (payload, _, translated)) in FILES.iter().zip(&all) {
        assert!(translated.items.iter().all(|item| item.verdict != ItemVerdict::Refused), "{name}");
        for resource in translated.items.iter().flat_map(|item| &item.resources) {
            assert_eq!(faults(resource), [], "{name} {}", resource["resourceType"]);
        }
        let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
        assert_eq!(rows, leaves(payload), "{name}");
    }
}

#[test]
fn all_four_files_come_back_as_they_were() {
    let Some(all) = all() else { return };
    for ((name, _), (payload, known, translated)) in FILES.iter().zip(&all) {
        let message = vendor("homecare-rest").message(name).expect("a message");
        let put = message.to_vendor(&translated.bundle(), std::slice::from_ref(payload), known);
        assert_eq!(&put.payload, payload, "{name}");
        let lost: Vec<_> =
            put.account.iter().filter(|row| matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent)).collect();
        assert!(lost.is_empty(), "{name}: {lost:?}");
    }
}

#[test]
fn the_demographic_facts_of_every_person_come_out() {
    let (Some(folder), Some(all)) = (folder(), all()) else { return };
    let facts = read(folder.join("00_people.json"));
    let patients = resources(&all[0].2, "Patient");
    let mut met = 0;
    for person in facts["people"].as_array().expect("people") {
        let here = person["in"].as_array().is_some_and(|all| all.iter().any(|archetype| archetype == "a1"));
        if !here {
            continue;
        }
        let name = person["name"].as_str().expect("a name");
        let full_name = |patient: &Value| {
            let given: Vec<&str> =
                patient["name"][0]["given"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{} {}", given.join(" "), patient["name"][0]["family"].as_str().unwrap_or_default())
        };
        let found = patients.iter().find(|patient| full_name(patient) == name);
        if person["key"] == "X1" {
            assert!(
                found.is_none() && !patients.iter().any(|one| full_name(one).contains("Training")),
                "a dummy is no Patient"
            );
            continue;
        }
        let patient = found.unwrap_or_else(|| panic!("{name} is a Patient"));
        assert_eq!(patient["birthDate"], person["birthDate"], "{name}");
        let gender = person["gender"].as_str().expect("gender");
        assert_eq!(patient["gender"], gender.rsplit(' ').next().expect("a word"), "{name}");
        let number = patient["identifier"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one["system"] == "https://fhir.nhs.uk/Id/nhs-number");
        assert_eq!(number.map_or(&Value::Null, |number| &number["value"]), &person["nhsNumber"], "{name}");
        let usual = patient["name"].as_array().into_iter().flatten().find(|one| one["use"] == "usual");
        if let Some(usual) = usual {
            assert_eq!(usual["given"][0], person["known_as"], "{name}");
        }
        met += 1;
    }
    assert_eq!(met, 4);
}

#[test]
fn allergies_flags_and_doses_say_what_the_facts_say() {
    let Some(all) = all() else { return };
    let texts = |kind: &str| -> Vec<String> {
        resources(&all[0].2, kind)
            .iter()
            .map(|one| one["code"]["text"].as_str().unwrap_or_default().to_string())
            .collect()
    };
    let allergies = texts("AllergyIntolerance");
    for name in ["Penicillin", "trimethoprim", "Latex", "NUTS!!! (all)"] {
        assert!(allergies.iter().any(|text| text == name), "{name}: {allergies:?}");
    }
    assert!(!allergies.iter().any(|text| text.contains("METOCLOPRAMIDE")), "a contraindication is no allergy");
    let flags = texts("Flag");
    assert!(flags.iter().any(|text| text.contains("METOCLOPRAMIDE")));
    assert!(flags.iter().any(|text| text.contains("DNACPR") && text.contains("Yellow envelope, hall cupboard")));
    assert!(flags.iter().any(|text| text.contains("ReSPECT") && text.contains("not for CPR")));
    let denial = resources(&all[0].2, "AllergyIntolerance")
        .into_iter()
        .filter(|one| one["code"]["coding"][0]["code"] == "716186003")
        .count();
    assert_eq!(denial, 1, "no known allergies stands only where it was said");
}

#[test]
fn administrations_say_what_the_facts_say() {
    let Some(all) = all() else { return };
    let given = |id: &str| {
        let found = resources(&all[2].2, "MedicationAdministration")
            .into_iter()
            .find(|one| one["identifier"][0]["value"] == id);
        found.cloned()
    };
    let notes = |one: &Value| one["note"].to_string();
    let on_time = given("mo-2").expect("mo-2");
    assert_eq!(
        (on_time["status"].as_str(), on_time["effectiveDateTime"].as_str()),
        (Some("completed"), Some("2026-10-19T06:58:10Z"))
    );
    assert!(notes(&on_time).contains("Due 07:30 local"));
    let partly = given("mo-3").expect("mo-3");
    assert_eq!(partly["status"], "completed");
    assert!(notes(&partly).contains("PARTIALLY TAKEN") && partly.to_string().contains("partial"));
    assert_eq!(partly["medicationReference"]["reference"], "#mds", "a pack is one thing");
    let daughter = given("mo-30").expect("mo-30");
    assert_eq!(daughter["status"], "unknown", "not observed is never given");
    assert!(
        notes(&daughter).contains("daughter")
            && notes(&daughter).contains("15:35")
            && notes(&daughter).contains("not_taken")
    );
    let missed = given("mo-50").expect("mo-50");
    assert_eq!(missed["status"], "not-done");
    assert!(missed["statusReason"].to_string().contains("no-visit"));
    let two = given("mo-41").expect("mo-41");
    assert_eq!(
        (two["effectiveDateTime"].as_str(), two["dosage"]["dose"]["value"].as_i64()),
        (Some("2026-10-25T00:20:00Z"), Some(2))
    );
    assert!(given("mo-42").is_none(), "not needed is no administration");
    assert!(given("mo-80").is_none(), "a client who is away was given nothing and refused nothing");
    assert_eq!(given("mo-51").expect("mo-51")["status"], "unknown");
    let unknown_medicine = given("mo-70").expect("mo-70");
    assert_eq!(unknown_medicine["medicationCodeableConcept"]["text"], "medicine not known to this system");
    assert!(unknown_medicine["request"]["identifier"]["value"] == "ms-70001");
    assert_eq!(all[2].2.unresolved.len(), 2);
}

#[test]
fn schedules_say_what_the_facts_say() {
    let Some(all) = all() else { return };
    let order = |id: &str| {
        let found =
            resources(&all[1].2, "MedicationRequest").into_iter().find(|one| one["identifier"][0]["value"] == id);
        found.unwrap_or_else(|| panic!("{id}")).clone()
    };
    let critical = order("ms-90011");
    assert_eq!(critical["dosageInstruction"][0]["timing"]["repeat"]["timeOfDay"].as_array().map(Vec::len), Some(4));
    assert!(
        critical["dosageInstruction"][0]["text"]
            .as_str()
            .is_some_and(|text| text.contains("TIME CRITICAL +/- 30 minutes"))
    );
    let weekly = order("ms-90013");
    assert_eq!(weekly["dosageInstruction"][0]["timing"]["repeat"]["dayOfWeek"][0], "mon");
    let when_required = order("ms-90014");
    assert_eq!(when_required["dosageInstruction"][0]["doseAndRate"][0]["doseRange"]["high"]["value"].as_i64(), Some(2));
    assert_eq!(when_required["dosageInstruction"][0]["maxDosePerPeriod"]["numerator"]["value"].as_i64(), Some(8));
    let pack = order("ms-90020");
    assert_eq!(pack["contained"][0]["ingredient"].as_array().map(Vec::len), Some(2));
    for one in resources(&all[1].2, "MedicationRequest") {
        assert_eq!((one["intent"].as_str(), one["reportedBoolean"].as_bool()), (Some("plan"), Some(true)));
    }
}

#[test]
fn no_access_code_reaches_fhir() {
    let Some(all) = all() else { return };
    for (_, _, translated) in &all {
        let bundle = translated.bundle().to_string();
        assert!(!bundle.contains("4417") && !bundle.contains("planter"));
    }
}
