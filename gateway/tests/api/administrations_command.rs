//! `ginnel administrations` as people and scripts call it.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn administrations(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ginnel"));
    command.arg("administrations").args(arguments).output().expect("the binary runs")
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn file(folder: &Path, name: &str, value: &Value) -> String {
    let path = folder.join(name);
    std::fs::write(&path, value.to_string()).expect("is written");
    path.to_str().expect("text").to_owned()
}

fn entry(id: &str, more: &Value) -> Value {
    let mut resource = json!({"resourceType": "MedicationAdministration", "id": id, "status": "completed",
        "medicationCodeableConcept": {"text": "Co-careldopa 25mg/100mg tablets"}, "subject": {"reference": "Patient/p"},
        "request": {"reference": "MedicationRequest/o"}, "effectiveDateTime": "2026-10-24T07:40:00+01:00",
        "dosage": {"dose": {"value": 1, "unit": "tablet"}},
        "performer": [{"function": {"coding": [{"code": "performer"}]}, "actor": {"display": "Sean Sample"}}]});
    for (member, value) in more.as_object().expect("an object") {
        resource[member] = value.clone();
    }
    resource
}

fn due(at: &str) -> Value {
    json!([{"url": "https://gateway.example.org/StructureDefinition/administration-due", "valueDateTime": at}])
}

fn order() -> Value {
    json!({"resourceType": "MedicationRequest", "id": "o", "status": "active", "intent": "plan",
        "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": "Co-careldopa 25mg/100mg tablets"},
        "dosageInstruction": [{"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d",
            "timeOfDay": ["07:30:00", "19:30:00"]}}}]})
}

fn bundle(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

#[test]
fn the_first_line_says_what_is_missing_and_each_further_line_is_one_entry() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = json!({"status": "not-done", "effectiveDateTime": "2026-10-25T19:40:00Z", "extension": due("2026-10-25T19:30:00Z"),
        "statusReason": [{"coding": [{"system": "https://gateway.example.org/CodeSystem/medication-not-given", "code": "refused"}],
            "text": "Client declined"}], "performer": []});
    let chart = bundle(&[
        order(),
        entry("late", &json!({"extension": due("2026-10-24T07:00:00+01:00")})),
        entry("refused", &refused),
    ]);
    let chart = file(folder.path(), "chart.json", &chart);
    let output = administrations(&["--format", "json", &chart]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let lines = lines(&output);
    assert_eq!(lines[0]["complete"], false);
    let blanks: Vec<&str> =
        lines[0]["gaps"].as_array().expect("gaps").iter().filter_map(|gap| gap["due"].as_str()).collect();
    assert_eq!(blanks, ["2026-10-24T07:30", "2026-10-24T19:30", "2026-10-25T07:30"]);
    assert_eq!(lines[0]["sources"].as_array().map(Vec::len), Some(1));
    let found: Vec<_> = lines[1..].iter().map(|line| (&line["outcome"], &line["reason"], &line["performer"])).collect();
    assert_eq!(
        found,
        [
            (&json!("given"), &Value::Null, &json!("Sean Sample")),
            (&json!("not-given"), &json!("refused"), &Value::Null)
        ]
    );
    assert_eq!((&lines[1]["dose"], &lines[1]["minutesLate"]), (&json!("1 tablet"), &json!(40)));
    assert_eq!(lines[1]["warnings"][0]["key"], "late", "40 minutes are late for a medicine against Parkinson's");
    assert_eq!(lines[1]["because"], json!(["status-completed"]));
    assert_eq!(lines[1]["evidence"], json!(["MedicationAdministration/late", "MedicationRequest/o"]));
    assert_eq!(
        (&lines[1]["due"], &lines[1]["at"]),
        (&json!("2026-10-24T07:00:00+01:00"), &json!("2026-10-24T07:40:00+01:00"))
    );
    let text = told(&administrations(&[&chart]));
    for words in [
        "NO RECORD of 3 planned dose(s)",
        "07:00  given",
        "NOT GIVEN: refused (Client declined)",
        "mind: Given 40 minutes",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn a_stu3_chart_is_read_as_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let chart = bundle(&[
        json!({"resourceType": "Medication", "id": "m", "code": {"text": "Amoxicillin 500mg capsules"}}),
        json!({"resourceType": "MedicationAdministration", "id": "a", "status": "completed", "notGiven": true,
            "reasonNotGiven": [{"coding": [{"system": "http://hl7.org/fhir/reason-medication-not-given", "code": "c"}]}],
            "medicationReference": {"reference": "Medication/m"}, "subject": {"reference": "Patient/p"},
            "effectiveDateTime": "2026-10-23T21:40:00+01:00", "prescription": {"reference": "MedicationRequest/gone"}}),
    ]);
    let output = administrations(&["--format", "json", &file(folder.path(), "stu3.json", &chart)]);
    let lines = lines(&output);
    let line = lines.last().expect("a line");
    assert_eq!(
        (&line["outcome"], &line["reason"], &line["medication"]),
        (&json!("not-given"), &json!("asleep"), &json!("Amoxicillin 500mg capsules"))
    );
}

#[test]
fn what_cannot_be_read_is_a_line_and_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let chart = bundle(&[
        entry("fine", &json!({})),
        json!({"resourceType": "MedicationAdministration", "id": "odd", "status": 3}),
        json!({"no": "type"}),
    ]);
    let chart = file(folder.path(), "chart.json", &chart);
    let output = administrations(&["--format", "json", &chart]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let mut outcomes: Vec<_> =
        lines(&output)[1..].iter().map(|line| line["outcome"].as_str().unwrap_or("-").to_owned()).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["given", "uncertain", "uncertain"]);
}

#[test]
fn days_can_be_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let entries: Vec<Value> = (20..25)
        .map(|day| entry(&day.to_string(), &json!({"effectiveDateTime": format!("2026-10-{day}T07:40:00+01:00")})))
        .collect();
    let chart = file(folder.path(), "chart.json", &bundle(&entries));
    for (arguments, expected) in [
        (vec![], 5),
        (vec!["--from", "2026-10-22"], 3),
        (vec!["--to", "2026-10-22"], 3),
        (vec!["--from", "2026-10-21", "--to", "2026-10-22"], 2),
    ] {
        let output = administrations(&[&["--format", "json", &chart][..], &arguments].concat());
        assert_eq!(lines(&output).len(), expected + 1, "{arguments:?}");
    }
    // A planned day without any entry is told, though nothing else is there.
    let planned = file(folder.path(), "planned.json", &bundle(&[order()]));
    let output = administrations(&["--format", "json", "--from", "2026-10-24", "--to", "2026-10-24", &planned]);
    assert_eq!(lines(&output)[0]["gaps"].as_array().map(Vec::len), Some(2), "{}", told(&output));
}

#[test]
fn exit_codes_tell_sound_from_dangerous_from_unread() {
    let folder = tempfile::tempdir().expect("a folder");
    let fine = file(folder.path(), "fine.json", &entry("a", &json!({})));
    let twice = bundle(&[
        entry("a", &json!({"extension": due("2026-10-24T07:30:00+01:00")})),
        entry("b", &json!({"extension": due("2026-10-24T07:30:00+01:00")})),
    ]);
    let twice = file(folder.path(), "twice.json", &twice);
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{\"resourceType\": ").expect("is written");
    let broken = broken.to_str().expect("text");
    for (arguments, expected) in [
        (vec![fine.as_str()], 0),
        (vec![&twice], 1),
        (vec![&fine, &twice], 1),
        (vec![broken], 2),
        (vec![&fine, broken], 2),
        (vec!["/no/such/file.json"], 2),
        (vec!["--from", "24/10/2026", &fine], 2),
        (vec![], 2),
    ] {
        let output = administrations(&arguments);
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}", told(&output));
    }
}

#[test]
fn the_help_page_shows_an_example_and_every_outcome() {
    let output = administrations(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let page = told(&output);
    assert!(page.contains("Example:\n  ginnel administrations ") && page.contains("MAR"), "{page}");
    for outcome in ginnel_medicines::administration::Outcome::ALL {
        assert!(page.contains(outcome.key()), "{}", outcome.key());
    }
}
