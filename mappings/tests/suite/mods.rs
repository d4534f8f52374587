//! The built-in plugin `mods`, the neutral record: its examples both ways, its own traps, and what every other plugin makes
//! put into it and taken out again.

use crate::{faults, leaves, message, registry, translate, vendor};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::scorecard::bundle_of_examples;
use ginnel_mappings::transfer::transfer;
use ginnel_mappings::translate::{Context, ItemVerdict, Translated};
use serde_json::{Value, json};

fn out(payload: &Value) -> Translated {
    translate(message("mods", "record"), payload, &Context::new())
}

fn examples() -> Vec<(String, Value)> {
    let read = |bytes: &[u8]| serde_json::from_slice(bytes).expect("an example is JSON");
    vendor("mods").examples.iter().map(|(_, file, bytes)| (file.clone(), read(bytes))).collect()
}

fn resources(bundle: &Value) -> Vec<&Value> {
    bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]).collect()
}

/// The only resource of a type.
fn only<'b>(bundle: &'b Value, kind: &str) -> &'b Value {
    let found: Vec<&Value> = resources(bundle).into_iter().filter(|one| one["resourceType"] == kind).collect();
    assert_eq!(found.len(), 1, "{kind}: {bundle}");
    found[0]
}

fn person() -> Value {
    json!({"subjectsOfCare": [{"id": "p", "names": [{"family": "Tansley"}]}]})
}

fn with(list: &str, entry: Value) -> Value {
    let mut payload = person();
    payload[list] = json!([entry]);
    payload[list][0]["subject"] = json!({"reference": "subjectsOfCare/p"});
    payload
}

#[test]
fn the_examples_are_fhir_without_a_fault_with_a_whole_account_and_come_back() {
    let all = examples();
    assert!(all.len() >= 3);
    for (name, payload) in &all {
        let translated = out(payload);
        assert!(translated.items.iter().all(|item| item.verdict != ItemVerdict::Refused), "{name}");
        for resource in translated.items.iter().flat_map(|item| &item.resources) {
            assert_eq!(faults(resource), [], "{name} {resource}");
        }
        let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
        assert_eq!(rows, leaves(payload), "{name}");
        let put =
            message("mods", "record").to_vendor(&translated.bundle(), std::slice::from_ref(payload), &Context::new());
        assert_eq!(&put.payload, payload, "{name}");
        let lost = put.account.iter().filter(|row| matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent));
        assert_eq!(lost.count(), 0, "{name}");
    }
}

#[test]
fn an_nhs_number_that_fails_its_check_is_never_sent_as_one() {
    for (number, sent) in [("9990123012", true), ("999 012 3012", true), ("9990123013", false), ("Not known", false)] {
        let mut payload = person();
        payload["subjectsOfCare"][0]["nhsNumber"] = number.into();
        payload["subjectsOfCare"][0]["nhsNumberStatus"] = "01".into();
        let bundle = out(&payload).bundle();
        let patient = only(&bundle, "Patient").to_string();
        assert_eq!(patient.contains("https://fhir.nhs.uk/Id/nhs-number"), sent, "{number}: {patient}");
        assert!(!patient.contains("\"01\""), "nobody here traced it: {patient}");
    }
    // Nor among the other numbers, nor in a reference.
    let mut payload = person();
    payload["subjectsOfCare"][0]["identifiers"] =
        json!([{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123013"}]);
    let bundle = out(&payload).bundle();
    assert!(!bundle.to_string().contains("https://fhir.nhs.uk/Id/nhs-number"), "{bundle}");
}

#[test]
fn entries_that_name_no_medicine_or_substance_are_kept_and_not_published() {
    for (list, entry) in [
        (
            "medicationActivities",
            json!({"id": "m", "status": "active", "intent": "plan", "medicationCodeableConcept": {"id": "x"}}),
        ),
        ("allergies", json!({"id": "a", "code": {"id": "x"}})),
    ] {
        let translated = out(&with(list, entry));
        let kinds: Vec<String> =
            resources(&translated.bundle()).iter().map(|one| one["resourceType"].to_string()).collect();
        assert_eq!(kinds, ["\"Patient\""], "{list}");
        assert!(translated.items.iter().any(|item| item.verdict == ItemVerdict::Quarantined), "{list}");
    }
}

#[test]
fn references_lead_to_what_their_entries_become_and_name_them_again() {
    let mut payload = with(
        "medicationActivities",
        json!({"id": "m", "status": "active", "intent": "plan", "medicationCodeableConcept": {"text": "Senna 7.5mg tablets"}}),
    );
    payload["medicationActions"] = json!([{"id": "t", "status": "not-done", "subject": {"reference": "subjectsOfCare/p"},
        "medicationCodeableConcept": {"text": "Senna 7.5mg tablets"}, "effectiveDateTime": "2026-10-25T01:20:00+01:00",
        "activity": {"reference": "medicationActivities/m"}, "context": {"reference": "visits/none", "display": "a visit of last year"}}]);
    let bundle = out(&payload).bundle();
    let (request, action) = (only(&bundle, "MedicationRequest"), only(&bundle, "MedicationAdministration"));
    let wanted = format!("MedicationRequest/{}", request["id"].as_str().expect("an id"));
    assert_eq!(action["request"]["reference"], wanted.as_str());
    assert!(action["context"].get("reference").is_none(), "what is not there is referred to by nobody: {action}");
    assert_eq!(action["effectiveDateTime"], "2026-10-25T01:20:00+01:00");
    let alone = message("mods", "record").to_vendor(&bundle, &[], &Context::new());
    assert_eq!(alone.payload["medicationActions"][0]["activity"]["reference"], "medicationActivities/m");
    assert_eq!(alone.payload["medicationActions"][0]["status"], "not-done");
}

#[test]
fn a_dose_without_a_readable_time_is_sent_with_none_made_up() {
    for time in ["2026-10-25T01:40:00", "2026-02-30"] {
        let payload = with(
            "medicationActions",
            json!({"id": "t", "status": "completed", "medicationCodeableConcept": {"text": "Senna"}, "effectiveDateTime": time}),
        );
        let translated = out(&payload);
        let bundle = translated.bundle();
        let action = only(&bundle, "MedicationAdministration");
        assert_eq!(action["effectivePeriod"]["extension"][0]["valueCode"], "unknown", "{time}: {action}");
        assert!(!translated.issues.is_empty(), "{time} is told");
    }
}

#[test]
fn codes_of_a_door_are_withheld_from_every_text() {
    let payload =
        with("alerts", json!({"id": "l", "status": "active", "code": {"text": "Key safe 4471 by the back door"}}));
    let bundle = out(&payload).bundle();
    assert!(!bundle.to_string().contains("4471"), "{bundle}");
}

#[test]
fn a_safeguarding_concern_is_labelled_restricted() {
    let payload =
        with("safeguardingConcerns", json!({"id": "h", "status": "active", "code": {"text": "Money missing"}}));
    let bundle = out(&payload).bundle();
    assert_eq!(only(&bundle, "Flag")["meta"]["security"][0]["code"], "R");
    let alone = message("mods", "record").to_vendor(&bundle, &[], &Context::new());
    assert_eq!(alone.payload["safeguardingConcerns"][0]["code"]["text"], "Money missing");
}

/// Elements of which a loss may hurt somebody.
const SAFETY: [(&str, &[&str]); 6] = [
    ("AllergyIntolerance", &["code", "clinicalStatus", "verificationStatus", "reaction", "note", "criticality"]),
    (
        "MedicationRequest",
        &[
            "status",
            "statusReason",
            "intent",
            "medicationCodeableConcept",
            "dosageInstruction",
            "note",
            "doNotPerform",
            "contained",
        ],
    ),
    (
        "MedicationStatement",
        &["status", "medicationCodeableConcept", "dosage", "note", "effectivePeriod", "effectiveDateTime"],
    ),
    (
        "MedicationAdministration",
        &[
            "status",
            "statusReason",
            "medicationCodeableConcept",
            "dosage",
            "note",
            "effectiveDateTime",
            "effectivePeriod",
            "contained",
        ],
    ),
    ("Flag", &["status", "code", "period", "category"]),
    ("Patient", &["name", "birthDate", "gender", "deceasedBoolean", "deceasedDateTime", "active"]),
];

/// What two leaves of FHIR are compared by: all but ids, references and what the neutral record's own key adds.
fn told(resource: &Value, element: &str) -> Value {
    fn strip(value: &Value) -> Value {
        match value {
            Value::Object(map) => map
                .iter()
                .filter(|(name, _)| *name != "reference")
                .map(|(name, one)| (name.clone(), strip(one)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Array(list) => list.iter().map(strip).collect::<Vec<_>>().into(),
            other => other.clone(),
        }
    }
    strip(&resource[element])
}

#[test]
fn what_every_other_plugin_tells_goes_into_the_neutral_record_and_comes_out_the_same() {
    let neutral = vendor("mods");
    let mut failed = Vec::new();
    let mut compared = 0;
    for plugin in registry().vendors().filter(|plugin| plugin.id != "mods") {
        let bundle = bundle_of_examples(plugin);
        let transferred = transfer(neutral, &bundle);
        let lost: Vec<_> = transferred.arrivals.iter().filter(|arrival| !arrival.arrives()).collect();
        println!(
            "{}: {} of {} values arrive",
            plugin.id,
            transferred.arrivals.len() - lost.len(),
            transferred.arrivals.len()
        );
        // Laboratory reports and files on their own are no classes of MODS, and a trace stays with its tracer.
        let mut outside: Vec<&str> = Vec::new();
        let within = lost.iter().filter(|arrival| {
            let kind =
                arrival.pointer.split('/').nth(2).and_then(|index| {
                    bundle["entry"][index.parse::<usize>().ok()?]["resource"]["resourceType"].as_str()
                });
            let reason = arrival.reason.as_deref().unwrap_or_default();
            let is_outside = reason.starts_with("no rule of this message");
            outside.extend(kind.filter(|_| is_outside));
            !is_outside && !reason.starts_with("a trace is")
        });
        assert!(within.count() * 50 <= transferred.arrivals.len(), "{}: {lost:?}", plugin.id);
        assert!(outside.iter().all(|kind| ["Binary", "DiagnosticReport", "Specimen"].contains(kind)), "{outside:?}");
        let again: Vec<Translated> = transferred.taken.iter().map(|taken| out(&taken.payload)).collect();
        let errors: Vec<_> = again.iter().flat_map(|one| one.issues.iter().filter(|issue| issue.is_error())).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", plugin.id);
        let again: Vec<Value> = again.iter().map(Translated::bundle).collect();
        let made: Vec<&Value> = again.iter().flat_map(resources).collect();
        for one in resources(&bundle) {
            let Some((kind, elements)) = SAFETY.iter().find(|(kind, _)| one["resourceType"] == *kind) else { continue };
            let same = |other: &&&Value| {
                other["resourceType"] == *kind
                    && elements.iter().all(|element| told(one, element) == told(other, element))
            };
            compared += 1;
            if made.iter().find(same).is_none() {
                failed.push(format!("{} {kind}: {one}", plugin.id));
            }
        }
    }
    assert!(compared > 100, "{compared}");
    assert_eq!(failed, Vec::<String>::new());
}

/// A person as an NHS server tells one: traced, with ids of the server's own or none.
fn traced(id: Option<&str>) -> Value {
    let status = json!({"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland",
        "code": "01", "display": "Number present and verified"}]});
    let mut patient = json!({"resourceType": "Patient", "birthDate": "1931-02-03", "gender": "female",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123012",
            "extension": [{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
                "valueCodeableConcept": status}]}],
        "name": [{"use": "official", "family": "Tansley", "given": ["Ann"]}]});
    if let Some(id) = id {
        patient["id"] = id.into();
    }
    let url = "urn:uuid:0b1b9f6e-3c3a-4d4e-9d55-2f6c4a5b7e01";
    json!({"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": url, "resource": patient}]})
}

#[test]
fn a_person_whom_the_nhs_traced_is_taken_and_the_trace_is_said_to_stay_behind() {
    for (plugin, name) in [("mods", "record"), ("homecare-rest", "clients"), ("soap-mar", "service-users")] {
        for id in [None, Some("s-1")] {
            let adopted = message(plugin, name).adopt(&traced(id));
            let put = message(plugin, name).to_vendor(&adopted.bundle, &[], &Context::new());
            let errors: Vec<String> =
                put.issues.iter().filter(|issue| issue.is_error()).map(|issue| issue.text.clone()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{plugin} {id:?}");
            assert!(put.payload.to_string().replace(' ', "").contains("9990123012"), "{plugin}: {}", put.payload);
            let trace = put.account.iter().find(|row| row.pointer.ends_with("/coding/0/code")).expect("the status");
            assert_eq!(trace.outcome, Outcome::Dropped, "{plugin}");
            assert!(put.issues.iter().any(|issue| issue.text.contains("traced this NHS number")), "{plugin}");
        }
    }
}
