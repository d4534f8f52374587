//! `ginnel validate` as people and scripts call it.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const UK_PATIENT: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient";

fn validate(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ginnel"));
    command.arg("validate").args(arguments).output().expect("the binary runs")
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("is written");
    path.to_str().expect("text").to_owned()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn findings_are_shown_under_the_line_as_a_compiler_shows_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let json =
        file(folder.path(), "a.json", "{\n  \"resourceType\": \"Patient\",\n  \"birthDate\": \"1970-02-30\"\n}\n");
    let xml = file(
        folder.path(),
        "a.xml",
        "<Patient xmlns=\"http://hl7.org/fhir\">\n  <birthDate value=\"1970-02-30\"/>\n</Patient>",
    );
    let output = validate(&[&json]);
    assert_eq!(output.status.code(), Some(1));
    let said = told(&output);
    for line in [
        "error[target.format] ",
        &format!("  --> {json}:3:16 (Patient.birthDate)"),
        " 3 |   \"birthDate\": \"1970-02-30\"",
        "   |                ^^^^^^^^^^^^",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let said = told(&validate(&[&xml]));
    assert!(said.contains(&format!("  --> {xml}:2:")) && said.contains("^^^^"), "{said}");
}

#[test]
fn exit_codes_tell_clean_from_faulty_from_not_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let clean = file(folder.path(), "clean.json", r#"{"resourceType": "Patient", "name": [{"family": "A"}]}"#);
    let faulty = file(folder.path(), "faulty.json", r#"{"resourceType": "Patient", "nam": []}"#);
    let broken = file(folder.path(), "broken.json", "{\"resourceType\": ");
    let definition = file(folder.path(), "definition.json", "no definition");
    for (arguments, expected) in [
        (vec![clean.as_str()], 0),
        (vec![&clean, &faulty], 1),
        (vec![&broken], 1),
        (vec!["--profile", UK_PATIENT, &clean], 0),
        (vec!["--profile", "https://example.org/no-such-profile", &clean], 2),
        (vec!["--definitions", "/no/such/package.tgz", &clean], 2),
        (vec!["--definitions", &definition, &clean], 2),
        (vec!["--without-rule", "no-such-rule", &clean], 2),
        (vec!["/no/such/file.json"], 2),
        (vec!["/no/such/file.json", &faulty], 2),
        (vec![], 2),
    ] {
        let output = validate(&arguments);
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}", told(&output));
    }
}

#[test]
fn machines_get_one_line_with_an_outcome_for_each_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let clean = file(folder.path(), "clean.json", r#"{"resourceType": "Patient", "name": [{"family": "A"}]}"#);
    let many = file(
        folder.path(),
        "many.ndjson",
        "{\"resourceType\": \"Patient\", \"active\": true}\n{\"resourceType\": \"Patient\", \"active\": \"yes\"}\n{\n",
    );
    let output = validate(&["--format", "json", &clean, &many]);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let files: Vec<&str> = lines.iter().filter_map(|line| line["file"].as_str()).collect();
    assert_eq!(files, [&clean, &format!("{many}:1"), &format!("{many}:2"), &format!("{many}:3")]);
    let keys: Vec<&str> = lines
        .iter()
        .map(|line| line["outcome"]["issue"][0]["details"]["coding"][0]["code"].as_str().unwrap_or("-"))
        .collect();
    assert_eq!(keys[2..], ["target.type", "json.syntax"]);
    assert_eq!(lines[0]["outcome"]["resourceType"], "OperationOutcome");
    let text = told(&validate(&[&many]));
    assert!(text.contains(&format!("  --> {many}:2:39 (Patient.active)")), "{text}");
}

#[test]
fn a_definition_that_is_loaded_is_judged_by() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = "https://example.org/StructureDefinition/dated";
    let profile = json!({
        "resourceType": "StructureDefinition", "url": url, "name": "Dated", "status": "active", "kind": "resource",
        "abstract": false, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": {"element": [{"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1}]}
    });
    let definition = file(folder.path(), "dated.json", &profile.to_string());
    let patient = file(folder.path(), "patient.json", r#"{"resourceType": "Patient", "active": true}"#);
    let output = validate(&["--definitions", &definition, "--profile", url, &patient]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(
        told(&output).contains("target.required-missing") && told(&output).contains("birthDate"),
        "{}",
        told(&output)
    );
}

#[test]
fn a_uk_rule_can_be_switched_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = json!({"resourceType": "Patient", "identifier": [
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9991234005"}
    ]});
    let patient = file(folder.path(), "patient.json", &wrong.to_string());
    for (arguments, expected) in [
        (vec![patient.as_str()], 1),
        (vec!["--without-rule", "nhs-number", &patient], 0),
        (vec!["--rules", "nhs-number,ods-code", &patient], 1),
        (vec!["--rules", "ods-code", &patient], 0),
        (vec!["--rules", "none", &patient], 0),
    ] {
        let output = validate(&arguments);
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}", told(&output));
    }
}

#[test]
fn the_help_page_shows_an_example_and_every_rule() {
    let output = validate(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let page = told(&output);
    assert!(page.contains("Example:\n  ginnel validate "), "{page}");
    for rule in ginnel_schemas::uk::Rule::ALL {
        assert!(page.contains(rule.name()), "{}", rule.name());
    }
}

#[test]
fn a_reader_that_has_seen_enough_does_not_change_the_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    // More findings than a pipe holds.
    let names: Vec<Value> = (0..3_000).map(|_| json!({"famly": "x"})).collect();
    let faulty = file(folder.path(), "a.json", &json!({"resourceType": "Patient", "name": names}).to_string());
    for format in ["text", "json"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ginnel"));
        command.args(["validate", "--format", format, &faulty]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(1), "{format}: {}", told(&output));
    }
}
