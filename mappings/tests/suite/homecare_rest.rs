//! The built-in plugin `homecare-rest`, on its own invented people: FHIR without a fault, and the traps of home care.

use crate::{faults, message, resources, translate, vendor};
use ginnel_mappings::translate::{Context, ItemVerdict};
use ginnel_schemas::issue::{IssueKey, Severity};
use ginnel_schemas::json::{Limits, parse};
use serde_json::{Value, json};

/// The examples in order, each translated with what came before as context.
fn examples() -> Vec<(&'static str, Value, ginnel_mappings::translate::Translated)> {
    let plugin = vendor("homecare-rest");
    let mut known = Context::new();
    let mut out = Vec::new();
    for (name, _, bytes) in &plugin.examples {
        let payload = parse(bytes, Limits::default()).expect("an example is JSON");
        let message = plugin.message(name).expect("a message");
        message.items(&payload).into_iter().for_each(|(key, item)| known.insert(key, item));
        out.push((name.as_str(), payload.clone(), translate(message, &payload, &known)));
    }
    out
}

#[test]
fn every_example_is_fhir_without_a_fault() {
    let examples = examples();
    assert!(examples.len() >= 5);
    for (name, _, translated) in &examples {
        assert!(
            translated.items.iter().all(|item| item.verdict != ItemVerdict::Refused),
            "{name}: {:?}",
            translated.issues
        );
        for resource in translated.items.iter().flat_map(|item| &item.resources) {
            assert_eq!(faults(resource), [], "{name} {resource}");
        }
    }
}

/// The pairs are read in review as code; `GINNEL_WRITE_EXAMPLES=1 cargo test -p ginnel-mappings` writes them anew.
#[test]
fn every_example_becomes_the_bundle_beside_it() {
    let plugin = vendor("homecare-rest");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vendors/homecare-rest");
    for ((name, file, _), (_, _, translated)) in plugin.examples.iter().zip(examples()) {
        let path = folder.join(name).join("examples").join(file.replace(".vendor.json", ".fhir.json"));
        let made = format!("{}\n", serde_json::to_string_pretty(&translated.bundle()).expect("JSON"));
        if std::env::var_os("GINNEL_WRITE_EXAMPLES").is_some() {
            std::fs::write(&path, &made).expect("written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "{} is not what the mapping makes of {file}", path.display());
    }
}

#[test]
fn no_secret_of_any_example_reaches_fhir() {
    let examples = examples();
    let secrets: Vec<String> = examples
        .iter()
        .filter(|(name, ..)| *name == "clients")
        .flat_map(|(_, payload, _)| payload["data"].as_array().cloned().unwrap_or_default())
        .filter_map(|client| client["access"]["key_safe_code"].as_str().map(str::to_string))
        .collect();
    assert!(!secrets.is_empty());
    for (name, _, translated) in &examples {
        let bundle = translated.bundle().to_string();
        secrets.iter().for_each(|secret| assert!(!bundle.contains(secret), "{name} holds {secret}"));
    }
}

fn client(change: impl FnOnce(&mut Value)) -> Value {
    let mut client = json!({
        "id": "11111111-2222-4333-8444-555555555501", "agency_id": "agy_1", "branch": {"id": 1, "name": "Test", "timezone": "Europe/London"},
        "reference_code": "AAABBB", "status": "active", "first_name": "Ada", "last_name": "Brook", "date_of_birth": "1940-02-29",
        "gender": "female", "nhs_number": "9990123012", "nhs_number_verified": true, "version": 1,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "medical": {"conditions": null, "allergies": [], "no_known_allergies": false},
        "consent": {"share_with_nhs": "yes", "recorded_at": "2026-01-01T00:00:00Z", "recorded_by": "u-1"}});
    change(&mut client);
    json!({"data": [client], "meta": {"count": 1}})
}

fn clients(payload: &Value) -> ginnel_mappings::translate::Translated {
    translate(message("homecare-rest", "clients"), payload, &Context::new())
}

#[test]
fn an_empty_allergy_list_is_never_a_denial() {
    let silent = clients(&client(|_| {}));
    assert!(resources(&silent, "AllergyIntolerance").is_empty());
    let denied = clients(&client(|client| client["medical"]["no_known_allergies"] = true.into()));
    assert_eq!(resources(&denied, "AllergyIntolerance")[0]["code"]["coding"][0]["code"], "716186003");
    let both = clients(&client(|client| {
        client["medical"]["no_known_allergies"] = true.into();
        client["medical"]["allergies"] = json!([{"name": "Aspirin", "reaction": null, "severity": "severe"}]);
    }));
    let listed = resources(&both, "AllergyIntolerance");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["code"]["text"], "Aspirin");
    assert!(
        both.issues.iter().any(|issue| issue.severity == Severity::Warning && issue.key == IssueKey::MappingReport)
    );
}

#[test]
fn an_absent_dnacpr_says_nothing_about_resuscitation() {
    for form in [json!(null), json!({"in_place": false, "date": null, "location": null})] {
        let translated = clients(&client(|client| client["medical"]["dnacpr"] = form));
        assert!(!translated.bundle().to_string().to_uppercase().contains("CPR"));
    }
}

#[test]
fn a_vendors_tick_is_no_trace_of_the_nhs_number() {
    let translated = clients(&client(|_| {}));
    let number = &resources(&translated, "Patient")[0]["identifier"].to_string();
    assert!(number.contains("\"02\"") && !number.contains("\"01\""), "{number}");
    let without = clients(&client(|client| client["nhs_number"] = Value::Null));
    assert!(resources(&without, "Patient")[0].to_string().contains("nhs-number-not-known"));
}

#[test]
fn someone_who_does_not_agree_to_share_is_not_published() {
    let translated = clients(&client(|client| client["consent"]["share_with_nhs"] = "no".into()));
    assert_eq!(translated.items[0].verdict, ItemVerdict::Quarantined);
    assert!(!translated.is_refused());
}

#[test]
fn every_fault_of_a_page_is_named_at_once_and_without_a_persons_data() {
    let mut page = client(|client| {
        client["date_of_birth"] = "1940-02-30".into();
        client["version"] = "one".into();
        client["mystery"] = "Secretname".into();
    });
    page["data"][0].as_object_mut().expect("a client").remove("last_name");
    let issues = message("homecare-rest", "clients").check(&page);
    let at = |pointer: &str| issues.iter().find(|issue| issue.pointer.as_deref() == Some(pointer));
    // A date that does not exist refuses nobody: it is told when the client is translated, and kept.
    assert_eq!(at("/data/0/date_of_birth").map(|issue| issue.key), None);
    // A counter may be typed as text, and a word is none.
    assert_eq!(at("/data/0/version").map(|issue| issue.key), Some(IssueKey::SourceRule));
    assert_eq!(at("/data/0/mystery").map(|issue| issue.severity), Some(Severity::Warning));
    assert!(issues.iter().any(|issue| issue.key == IssueKey::SourceRequired && issue.text.contains("last_name")));
    assert!(
        issues
            .iter()
            .all(|issue| !format!("{issue:?}").contains("Secretname") && !format!("{issue:?}").contains("1940-02-30"))
    );
}

/// The schedules of the first example, translated, with one resource changed and put back.
fn put_back(change: impl FnOnce(&mut Value)) -> ginnel_mappings::put::ToVendor {
    let plugin = vendor("homecare-rest");
    let (_, _, bytes) = plugin.examples.iter().find(|(name, ..)| name == "medication-schedules").expect("an example");
    let payload = parse(bytes, Limits::default()).expect("JSON");
    let message = message("homecare-rest", "medication-schedules");
    let mut bundle = translate(message, &payload, &Context::new()).bundle();
    let when_required = bundle["entry"].as_array_mut().expect("entries").iter_mut().find(|entry| {
        let dosage = &entry["resource"]["dosageInstruction"][0];
        dosage.get("asNeededCodeableConcept").is_some() || dosage.get("asNeededBoolean").is_some()
    });
    change(&mut when_required.expect("a medicine when required")["resource"]);
    message.to_vendor(&bundle, &[payload], &Context::new())
}

#[test]
fn what_changes_the_meaning_of_a_dose_is_refused_when_the_record_cannot_follow() {
    let unchanged = put_back(|_| {});
    assert!(!ginnel_schemas::issue::any_error(&unchanged.issues), "{:?}", unchanged.issues);
    let no_longer_when_required = put_back(|order| {
        let dosage = order["dosageInstruction"][0].as_object_mut().expect("a dosage");
        dosage.remove("asNeededCodeableConcept");
        dosage.remove("asNeededBoolean");
    });
    assert!(no_longer_when_required.issues.iter().any(|issue| issue.key == IssueKey::MappingRefused));
    let second_dosage = put_back(|order| {
        let dosages = order["dosageInstruction"].as_array_mut().expect("dosages");
        dosages.push(json!({"text": "and two at night"}));
    });
    assert!(second_dosage.issues.iter().any(|issue| issue.key == IssueKey::MappingRefused));
    let never = put_back(|order| order["doNotPerform"] = true.into());
    assert!(never.issues.iter().any(|issue| issue.key == IssueKey::MappingRefused));
    let not_never = put_back(|order| order["doNotPerform"] = false.into());
    assert!(!ginnel_schemas::issue::any_error(&not_never.issues), "{:?}", not_never.issues);
}

#[test]
fn access_codes_in_the_words_of_carers_are_withheld() {
    let texts = [
        "KS 4417 stiff",
        "Use 4417 at door",
        "keybox number 5566",
        "keysafe no 123456789",
        "front door: 1234E",
        "gate 5521",
        "lock is 1470",
        "combination 1470",
        "keypad C2580Y",
        "PIN=A958B",
        "keysafe: 44 17",
        "key safe 4-4-1-7",
        "k/safe 4417",
        "Key&nbsp;safe 4417",
        "door code is 0907",
    ];
    for text in texts {
        let page = client(|client| {
            client["access"] = json!({"key_safe_location": null, "key_safe_code": null, "entry_notes": text});
        });
        let bundle = clients(&page).bundle().to_string();
        assert!(bundle.contains("[withheld]"), "{text}: {bundle}");
        let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() > 2).collect();
        digits.iter().for_each(|code| assert!(!bundle.contains(code), "{text}"));
    }
    for text in [
        "Ring twice, hard of hearing. Do NOT use back gate - dog.",
        "Door opens inwards, 2 carers",
        "Lock the door at 22:00",
    ] {
        let page = client(|client| client["access"] = json!({"entry_notes": text}));
        assert!(clients(&page).bundle().to_string().contains(text), "{text}");
    }
}

/// A birth to come is never sent; it stays with the original, is told, and comes back as it was.
#[test]
fn nobody_is_born_after_the_time_of_the_call() {
    let plugin = vendor("homecare-rest");
    let message = plugin.message("clients").expect("a message");
    let payload = json!({ "data": [
        { "id": "c-ahead", "last_name": "Finch", "status": "active", "version": 1, "date_of_birth": "2036-04-12" },
        { "id": "c-past", "last_name": "Finch", "status": "active", "version": 1, "date_of_birth": "1936-04-12" }
    ] });
    let context = Context::new().at("2026-11-27T09:00:00Z");
    let translated = translate(message, &payload, &context);
    let patients = resources(&translated, "Patient");
    assert_eq!(patients.len(), 2, "{:?}", translated.issues);
    assert_eq!(patients[0].get("birthDate"), None);
    assert_eq!(patients[1]["birthDate"], "1936-04-12");
    let told = |issue: &&ginnel_schemas::issue::Issue| issue.pointer.as_deref() == Some("/data/0/date_of_birth");
    let told: Vec<_> = translated.issues.iter().filter(told).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].severity, told[0].key), (Severity::Warning, IssueKey::MappingOutsideDomain));
    let row = translated.account.iter().find(|row| row.pointer == "/data/0/date_of_birth").expect("a row");
    assert_eq!(row.reason.as_deref(), Some("a date of birth that lies in the future"));
    let back = message.to_vendor(&translated.bundle(), std::slice::from_ref(&payload), &context);
    assert_eq!(back.payload, payload, "{:?}", back.issues);
}
