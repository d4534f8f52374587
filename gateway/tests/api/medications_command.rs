//! `ginnel medications` and `ginnel allergies` as people and scripts call them.

use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn ginnel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ginnel")).args(arguments).output().expect("the binary runs")
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("is written");
    path.to_str().expect("text").to_owned()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn request(id: &str, name: &str, status: &str) -> Value {
    json!({"resource": {"resourceType": "MedicationRequest", "id": id, "status": status, "intent": "plan",
        "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": name},
        "dosageInstruction": [{"text": "ONE DAILY"}]}})
}

fn bundle(entries: &[Value]) -> String {
    let number = json!([{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123012"}]);
    let mut all = vec![json!({"resource": {"resourceType": "Patient", "id": "p", "identifier": number}})];
    all.extend_from_slice(entries);
    json!({"resourceType": "Bundle", "type": "collection", "entry": all}).to_string()
}

#[test]
fn the_first_line_tells_whether_the_list_is_whole_and_each_other_is_a_medicine() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole =
        file(folder.path(), "a.json", &bundle(&[request("1", "Senna", "active"), request("2", "Codeine", "stopped")]));
    let output = ginnel(&["medications", "--at", "2026-10-20", "--format", "json", &whole]);
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    assert_eq!((&lines[0]["complete"], &lines[0]["gaps"]), (&json!(true), &json!([])));
    let told: Vec<(&str, &str)> = lines[1..]
        .iter()
        .map(|line| (line["group"].as_str().expect("a group"), line["medication"].as_str().expect("a name")))
        .collect();
    assert_eq!(told, [("current", "Senna"), ("stopped", "Codeine")]);
    for line in &lines[1..] {
        for member in ["dose", "because", "evidence", "warnings"] {
            assert!(!line[member].is_null(), "{member}: {line}");
        }
    }
}

#[test]
fn two_sources_stay_two_and_a_failed_one_is_never_takes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let gp = file(folder.path(), "gp.json", &bundle(&[request("1", "Senna 7.5mg tablets", "active")]));
    let care = file(folder.path(), "care.json", &bundle(&[request("9", "Senna 7.5mg tablets", "active")]));
    let both = ginnel(&["medications", "--at", "2026-10-20", "--format", "json", &gp, &care]);
    let told = lines(&both);
    assert_eq!(told.len(), 3, "both are listed, none is merged away: {told:?}");
    for line in &told[1..] {
        let keys: Vec<&str> =
            line["warnings"].as_array().expect("a list").iter().filter_map(|it| it["key"].as_str()).collect();
        assert!(keys.contains(&"same-medicine-in-another-source"), "{line}");
    }
    let failed = json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception",
        "details": {"text": "INTERNAL_SERVER_ERROR"}}]});
    let failed = file(folder.path(), "failed.json", &failed.to_string());
    let output = ginnel(&["medications", "--at", "2026-10-20", "--format", "json", &gp, &failed]);
    assert_eq!(output.status.code(), Some(1));
    let told = lines(&output);
    assert_eq!(told[0]["complete"], json!(false));
    assert_eq!(told[0]["gaps"][0]["kind"], "failed");
}

#[test]
fn what_cannot_be_read_is_told_and_answers_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let cut = file(folder.path(), "cut.json", &bundle(&[request("1", "Senna", "active")])[..60]);
    let two = json!({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a"}},
        {"resource": {"resourceType": "Patient", "id": "b"}}]});
    let two = file(folder.path(), "two.json", &two.to_string());
    for arguments in [
        vec![cut.as_str()],
        vec!["/no/such/file.json"],
        vec![&two],
        vec!["--patient", "c", &two],
        vec!["--at", "soon", &two],
        vec![],
    ] {
        for command in ["medications", "allergies"] {
            let all: Vec<&str> = [command].into_iter().chain(arguments.iter().copied()).collect();
            let output = ginnel(&all);
            assert_eq!(output.status.code(), Some(2), "{all:?}");
            assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{all:?}");
        }
    }
    let chosen = ginnel(&["medications", "--patient", "a", &two]);
    assert_ne!(chosen.status.code(), Some(2));
}

#[test]
fn a_bundle_comes_from_standard_input_too() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ginnel"))
        .args(["medications", "--at", "2026-10-20", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let text = bundle(&[request("1", "Senna", "active")]);
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("is written");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Taken now\n  Senna\n    dose  ONE DAILY"), "{text}");
}

#[test]
fn allergies_answer_as_a_whole_and_block_prescribing_while_a_degraded_one_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let allergy = json!({"resource": {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p"},
        "clinicalStatus": "active", "category": ["medication"],
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "196461000000101"}], "text": "Allergy to Septrin"}}});
    let degraded = file(folder.path(), "a.json", &bundle(&[allergy]));
    let output = ginnel(&["allergies", "--format", "json", &degraded]);
    assert_eq!(output.status.code(), Some(1));
    let told = lines(&output);
    assert_eq!((&told[0]["state"], &told[0]["prescribing"]["blocked"]), (&json!("known"), &json!(true)));
    assert_eq!((&told[1]["group"], &told[1]["allergy"]), (&json!("active"), &json!("Allergy to Septrin")));
    let nothing = file(folder.path(), "n.json", &bundle(&[]));
    let told = lines(&ginnel(&["allergies", "--format", "json", &nothing]));
    assert_eq!((&told[0]["state"], &told[0]["complete"]), (&json!("not-said"), &json!(false)));
}
