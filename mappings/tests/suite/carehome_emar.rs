//! The care home plugin's own traps: duplicates in any order, times that come twice, rows that contradict themselves,
//! secrets in notes, and FHIR of other senders.

use crate::difficulties::goldens::{read_json, samples};
use crate::{faults, leaves, message, translate};
use ginnel_mappings::translate::Context;
use serde_json::{Value, json};

const PLUGIN: &str = "carehome-emar";

fn made<'b>(bundle: &'b Value, kind: &str) -> Vec<&'b Value> {
    let entries = bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
    entries.filter(|one| one["resourceType"] == kind).collect()
}

fn out(name: &str, payload: &Value, known: &Context) -> Value {
    translate(message(PLUGIN, name), payload, known).bundle()
}

fn known(name: &str, payload: &Value) -> Context {
    let mut context = Context::new();
    message(PLUGIN, name).items(payload).into_iter().for_each(|(key, item)| context.insert(key, item));
    context
}

#[test]
fn an_edited_note_counts_whichever_of_the_two_comes_first() {
    let first = json!({"CareNoteId": 9, "ResidentId": 1, "IconName": "General note", "Text": "first"});
    let edited = json!({"CareNoteId": 9, "ResidentId": 1, "IconName": "General note", "Text": "edited", "EditedAt": "2026-02-03T10:00:00"});
    for notes in [json!([first, edited]), json!([edited, first])] {
        let bundle = out("care-notes", &json!({"CareNotes": notes}), &Context::new());
        let all = made(&bundle, "Observation");
        assert_eq!(all.len(), 1, "{bundle}");
        assert_eq!((&all[0]["valueString"], &all[0]["status"]), (&json!("edited"), &json!("amended")));
    }
}

#[test]
fn a_row_that_was_taken_back_stays_taken_back_whichever_comes_first() {
    let given = json!({"AdminId": 9, "DrugId": 1, "ResidentId": 1, "Given": true, "ActionedOn": "2026-02-03T08:00:00"});
    let mut reversed = given.clone();
    reversed["Reversed"] = json!(true);
    reversed["ReversedOn"] = json!("2026-02-03T08:20:00");
    for rows in [json!([given, reversed]), json!([reversed, given])] {
        let bundle = out("administrations", &json!({"Administrations": rows}), &Context::new());
        let all = made(&bundle, "MedicationAdministration");
        assert_eq!((all.len(), &all[0]["status"]), (1, &json!("entered-in-error")), "{bundle}");
    }
}

#[test]
fn no_dose_is_made_of_a_row_that_tells_no_dose() {
    let row = |extra: Value| {
        let mut row = json!({"AdminId": 9, "DrugId": 1, "ResidentId": 1, "ActionedOn": "2026-02-03T08:00:00", "User": "K Placeholder"});
        extra.as_object().into_iter().flatten().for_each(|(name, value)| row[name] = value.clone());
        json!({"Administrations": [row]})
    };
    for (extra, status) in [
        (json!({"Given": null}), "unknown"),
        (json!({"Given": false}), "not-done"),
        (json!({"Given": false, "User": "SYSTEM"}), "unknown"),
        (json!({"Given": true, "NotGivenCode": "A1"}), "unknown"),
        (json!({"Given": false, "NotGivenCode": "D10"}), "unknown"),
        (json!({"Given": true, "Quantity": "0"}), "unknown"),
        (json!({"Given": false, "NotGivenCode": "D2"}), "unknown"),
        (json!({"Given": false, "NotGivenCode": "D9"}), "unknown"),
        (json!({"Given": false, "NotGivenCode": "a1"}), "unknown"),
        (json!({"Given": true}), "completed"),
    ] {
        let bundle = out("administrations", &row(extra.clone()), &Context::new());
        let all = made(&bundle, "MedicationAdministration");
        assert_eq!((all.len(), all[0]["status"].as_str()), (1, Some(status)), "{extra}");
        assert!(status == "completed" || all[0]["dosage"].is_null(), "{extra}");
    }
}

#[test]
fn rows_of_one_name_with_plans_of_their_own_are_never_made_one_plan() {
    let row = |id: u32, name: &str, plan: &str| json!({"DrugId": id, "ResidentId": 1, "DrugName": name, "Form": "TAB", "VariableDose": true, "VariableDosePlan": plan, "StartDate": "2026-01-01T00:00:00"});
    let text = |rows: Value| {
        let bundle = out("medicines", &json!({"Medicines": rows}), &Context::new());
        let all = made(&bundle, "MedicationRequest");
        assert_eq!(all.len(), 1, "{bundle}");
        all[0]["dosageInstruction"].clone()
    };
    let both = text(json!([row(1, "Warfarin 1mg tablets", "Mon 2mg"), row(2, "Warfarin 3mg tablets", "Mon 3mg")]));
    assert_eq!(both, json!([{"text": "Warfarin 1mg tablets: Mon 2mg; Warfarin 3mg tablets: Mon 3mg"}]));
    let open = text(json!([
        row(1, "Warfarin 1mg tablets", "2mg, or 3mg if INR low"),
        row(2, "Warfarin 3mg tablets", "as 1mg")
    ]));
    assert_eq!(open[0].get("doseAndRate"), None, "{open}");
    let turned = text(json!([
        row(1, "Warfarin 1mg tablets", "see 3mg"),
        row(2, "Warfarin 3mg tablets", "Mon 2mg, other days 3mg")
    ]));
    assert_eq!(turned[1]["doseAndRate"][0]["doseQuantity"]["value"], 3, "{turned}");
    // Another resident's rows, another start and another form are orders of their own.
    let mut other = row(2, "Warfarin 3mg tablets", "as 1mg");
    other["ResidentId"] = json!(2);
    let bundle =
        out("medicines", &json!({"Medicines": [row(1, "Warfarin 1mg tablets", "Mon 2mg"), other]}), &Context::new());
    assert_eq!(made(&bundle, "MedicationRequest").len(), 2);
}

#[test]
fn what_opens_a_door_is_in_no_text() {
    let residents = json!({"Residents": [{"ResidentId": 1, "Surname": "Ash", "DoorCode": "5093", "Conditions": "wanders, door 5093"}]});
    let bundle = out("residents", &residents, &Context::new()).to_string();
    assert!(!bundle.contains("5093"), "{bundle}");
    let notes = json!({"CareNotes": [{"CareNoteId": 1, "ResidentId": 1, "IconName": "General note", "Text": "let the GP in, keypad is 5093"}]});
    let bundle = out("care-notes", &notes, &known("residents", &residents)).to_string();
    assert!(!bundle.contains("5093") && bundle.contains("let the GP in"), "{bundle}");
}

#[test]
fn a_resident_who_does_not_agree_is_nowhere() {
    let residents = json!({"Residents": [{"ResidentId": 1, "Surname": "Ash", "ShareWithNhs": "N"}]});
    let context = known("residents", &residents);
    for (name, payload) in [
        ("residents", residents.clone()),
        ("medicines", json!({"Medicines": [{"DrugId": 1, "ResidentId": 1, "DrugName": "Senna"}]})),
        ("administrations", json!({"Administrations": [{"AdminId": 1, "DrugId": 1, "ResidentId": 1, "Given": true}]})),
        ("care-notes", json!({"CareNotes": [{"CareNoteId": 1, "ResidentId": 1, "IconName": "Drink"}]})),
    ] {
        let bundle = out(name, &payload, &context);
        assert_eq!(bundle["entry"].as_array().map_or(0, Vec::len), 0, "{name}: {bundle}");
    }
}

#[test]
fn a_medicine_of_another_sender_becomes_a_row_with_words_for_its_dose() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {
        "resourceType": "MedicationRequest", "id": "x", "status": "active", "intent": "plan", "reportedBoolean": true,
        "substitution": {"allowedCodeableConcept": {"text": "Not stated by the care provider"}},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-category", "code": "community"}]}],
        "identifier": [{"system": "https://gateway.example.org/vendor/a2/Id/medication", "value": "77"}],
        "subject": {"identifier": {"system": "https://gateway.example.org/vendor/a2/Id/client", "value": "5"}},
        "medicationCodeableConcept": {"text": "Paracetamol 500mg tablets", "coding": [{"system": "https://dmd.nhs.uk", "code": "42109611000001109"}]},
        "dosageInstruction": [{"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet", "system": "http://snomed.info/sct", "code": "428673006"}}]}]}}]});
    let put = message(PLUGIN, "medicines").to_vendor(&bundle, &[], &Context::new());
    let row = &put.payload["Medicines"][0];
    assert_eq!((&row["DrugId"], &row["ResidentId"]), (&json!(77), &json!(5)), "{}", put.payload);
    assert_eq!((&row["Dosage"], &row["DmdId"]), (&json!("1 tablet - twice a day"), &json!("42109611000001109")));
}

#[test]
fn the_samples_go_out_without_faults_and_come_back_as_they_were() {
    let Some(folder) = samples() else { return };
    let folder = folder.join("a2_carehome_emar_dotnet_json");
    let read = |file: &str| read_json(&folder.join(file));
    let all = [
        ("residents", read("01_Residents.json")),
        ("medicines", read("02_Medicines_Cycle.json")),
        ("administrations", read("03_Administrations.json")),
        ("care-notes", read("04_CareNotes.json")),
    ];
    let mut context = Context::new();
    for (name, payload) in &all {
        message(PLUGIN, name).items(payload).into_iter().for_each(|(key, item)| context.insert(key, item));
    }
    for (name, payload) in &all {
        let message = message(PLUGIN, name);
        let translated = translate(message, payload, &context);
        for resource in translated.items.iter().flat_map(|item| &item.resources) {
            assert_eq!(faults(resource), [], "{name} {}", resource["resourceType"]);
        }
        let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
        assert_eq!(rows, leaves(payload), "{name}: one row for each value");
        let back = message.to_vendor(&translated.bundle(), std::slice::from_ref(payload), &context);
        assert_eq!(&back.payload, payload, "{name}");
    }
}
