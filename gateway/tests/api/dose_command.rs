//! `ginnel dose` as people and scripts call it.

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn dose(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ginnel"));
    command.arg("dose").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("is read");
    child.wait_with_output().expect("it ends")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn lines(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn twice_a_day(value: &str) -> Value {
    let value: Value = serde_json::from_str(value).expect("a number");
    json!({
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": value, "unit": "tablet"}}]
    })
}

#[test]
fn a_dosage_a_list_a_resource_and_a_bundle_are_rendered() {
    let dosage = twice_a_day("0.50");
    let mut list = vec![dosage.clone(), twice_a_day("1")];
    list[0]["sequence"] = json!(1);
    list[1]["sequence"] = json!(2);
    let request = json!({"resourceType": "MedicationRequest", "id": "1", "dosageInstruction": list});
    let given = json!({"resourceType": "MedicationAdministration", "id": "2",
        "dosage": {"dose": {"value": 1, "unit": "tablet"}, "route": {"text": "oral"}}});
    let bundle = json!({"resourceType": "Bundle", "entry": [{"resource": request}, {"resource": given}]});
    for (input, expected) in [
        (dosage.to_string(), "0.50 tablet - twice a day\n"),
        (json!(list).to_string(), "0.50 tablet - twice a day, then 1 tablet - twice a day\n"),
        (request.to_string(), "0.50 tablet - twice a day, then 1 tablet - twice a day\n"),
        (
            bundle.to_string(),
            "MedicationRequest/1: 0.50 tablet - twice a day, then 1 tablet - twice a day\n\
             MedicationAdministration/2: 1 tablet - oral\n",
        ),
        (
            format!("{request}\n{given}\n"),
            "MedicationRequest/1: 0.50 tablet - twice a day, then 1 tablet - twice a day\n\
             MedicationAdministration/2: 1 tablet - oral\n",
        ),
    ] {
        let output = dose(&["render"], &input);
        assert_eq!((out(&output), output.status.code()), (expected, Some(0)), "{input}");
    }
}

#[test]
fn xml_and_stu3_are_rendered_as_r4_json_is() {
    let xml = "<MedicationRequest xmlns=\"http://hl7.org/fhir\"><dosageInstruction><timing><repeat>\
        <frequency value=\"3\"/><period value=\"1\"/><periodUnit value=\"d\"/></repeat></timing>\
        <doseAndRate><doseQuantity><value value=\"1.0\"/><unit value=\"tablet\"/></doseQuantity></doseAndRate>\
        </dosageInstruction></MedicationRequest>";
    assert_eq!(out(&dose(&["render", "-"], xml)), "1.0 tablet - 3 times a day\n");
    let stu3 = json!({"resourceType": "MedicationStatement", "dosage": [{"doseQuantity": {"value": 5, "unit": "ml"}}]});
    assert_eq!(out(&dose(&["render"], &stu3.to_string())), "5 ml\n");
}

#[test]
fn what_a_text_cannot_say_is_told_and_ends_with_1() {
    let request = json!({"resourceType": "MedicationRequest", "id": "1", "dosageInstruction": [
        {"timing": {"repeat": {"period": 8}}, "asNeededBoolean": true}]});
    let output = dose(&["render"], &request.to_string());
    assert_eq!((out(&output), output.status.code()), ("as required\n", Some(1)));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("error[dose.incomplete]"), "{said}");
    assert!(said.contains("MedicationRequest.dosageInstruction[0].timing.repeat.periodUnit"), "{said}");
    let output = dose(&["render", "--format", "json"], &request.to_string());
    assert_eq!(output.status.code(), Some(1));
    let line = &lines(&output)[0];
    assert_eq!((&line["reference"], &line["text"]), (&json!("MedicationRequest/1"), &json!("as required")));
    assert_eq!(line["issues"][0]["path"], "MedicationRequest.dosageInstruction[0].timing.repeat.periodUnit");
}

#[test]
fn a_dose_of_text_alone_is_its_own_text() {
    let output = dose(&["render", "--format", "json"], &json!({"text": "  AS DIRECTED"}).to_string());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(lines(&output)[0]["text"], "  AS DIRECTED");
    assert_eq!(lines(&output)[0]["issues"][0]["key"], "dose.text-only");
}

#[test]
fn what_holds_no_dose_could_not_run() {
    for input in ["{\"resourceType\": \"Patient\"}", "no json", "7", ""] {
        for command in ["render", "compare"] {
            let output = dose(&[command], input);
            assert_eq!(output.status.code(), Some(2), "{command} {input}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    assert_eq!(dose(&["render", "no-such-file.json"], "").status.code(), Some(2));
    assert_eq!(dose(&["parse"], "").status.code(), Some(2));
}

#[test]
fn texts_are_parsed_one_a_call_or_one_a_line() {
    let output = dose(&["parse", "Take ONE tablet twice a day"], "");
    assert_eq!(output.status.code(), Some(0));
    let read = &lines(&output)[0];
    assert_eq!(read["notUnderstood"], json!([]));
    assert_eq!(read["dosage"][0]["text"], "Take ONE tablet twice a day");
    assert_eq!(read["dosage"][0]["timing"]["repeat"], json!({"frequency": 2, "period": 1, "periodUnit": "d"}));
    let quantity = json!({"value": 1, "unit": "tablet", "system": "http://snomed.info/sct", "code": "428673006"});
    assert_eq!(read["dosage"][0]["doseAndRate"][0]["doseQuantity"], quantity);

    assert_eq!(lines(&dose(&["parse", "1", "tablet", "bd"], ""))[0]["dosage"][0]["text"], "1 tablet bd");
    let output = dose(&["parse", "-"], "½ tablet daliy\n.5 mg od\n");
    assert_eq!(output.status.code(), Some(0));
    let read = lines(&output);
    assert_eq!(read[0]["dosage"], json!([{"text": "½ tablet daliy"}]));
    assert_eq!(read[0]["notUnderstood"], json!([{"text": "daliy", "at": 9}]));
    assert_eq!(read[1]["remarks"][0]["key"], "naked-decimal");
}

#[test]
fn a_contradiction_in_a_dose_ends_with_1_and_a_doubt_does_not() {
    let with = |text: &str| {
        let mut dosage = twice_a_day("1");
        dosage["text"] = json!(text);
        json!({"resourceType": "MedicationRequest", "id": "1", "dosageInstruction": [dosage]}).to_string()
    };
    for (text, verdict, code) in [
        ("1 tablet twice a day", "agrees", 0),
        ("1 tablet twice a day as directed", "cannot-tell", 0),
        ("1 tablet twice a day when required", "contradicts", 0),
        ("2 tablets twice a day", "contradicts", 1),
    ] {
        let output = dose(&["compare", "--format", "json"], &with(text));
        assert_eq!((&lines(&output)[0]["verdict"], output.status.code()), (&json!(verdict), Some(code)), "{text}");
    }
    let output = dose(&["compare"], &with("2 tablets twice a day"));
    let said = out(&output);
    for part in [
        "MedicationRequest/1 MedicationRequest.dosageInstruction[0]: contradicts",
        "error[dose.contradicted-dose]",
        "(\"2 tablets\")",
        "MedicationRequest.dosageInstruction[0].doseAndRate[0].doseQuantity",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn every_help_has_an_example() {
    for arguments in [&["--help"][..], &["render", "--help"], &["parse", "--help"], &["compare", "--help"]] {
        let output = dose(arguments, "");
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains("Example:") && out(&output).contains("Exit codes:"), "{arguments:?}");
    }
}
