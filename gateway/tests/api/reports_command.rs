//! Reports on the command line: what was carried, what was not, and where a fault of the FHIR comes from.

use crate::plugin::{Plugin, RIVER, write};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn ginnel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ginnel")).args(arguments).output().expect("the binary runs")
}

fn text(path: &Path) -> String {
    path.to_str().expect("plain text").to_owned()
}

/// A word that stands in the payload and in no report.
const NAME: &str = "Zebedee";

fn payload(folder: &Path) -> String {
    let file = folder.join("people.json");
    write(
        &file,
        &format!(
            "{{\"people\": [\n  {{\"id\": \"p-1\", \"name\": \"{NAME}\", \"sex\": \"W\"}},\n  {{\"id\": \"p-2\", \"sex\": \"F\", \"pet\": \"{NAME}\"}}]}}"
        ),
    );
    text(&file)
}

#[test]
fn the_coverage_of_a_run_is_counted_in_three_forms_without_a_value() {
    let (plugin, folder) = (Plugin::new(), tempfile::tempdir().expect("a folder"));
    let (vendors, file) = (text(&plugin.vendors()), payload(folder.path()));
    let report = |name: &str| {
        let out = folder.path().join(name);
        let arguments = ["translate", "--vendors", &vendors, "--vendor", RIVER, "--coverage", &text(&out), &file];
        let output = ginnel(&arguments);
        (output.status.code(), std::fs::read_to_string(out).unwrap_or_default())
    };
    let (code, found) = report("report.json");
    assert_eq!(code, Some(0));
    assert!(!found.contains(NAME));
    let found: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!((&found["messages"], &found["values"]), (&json!(1), &json!(6)));
    let field = |name: &str| {
        let all = found["fields"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|one| one["field"] == name).unwrap_or_default()
    };
    assert_eq!(field("/people/*/id")["outcomes"], json!({"mapped": 2}));
    assert_eq!(field("/people/*/pet")["outcomes"], json!({"kept": 1}));
    assert_eq!(found["not_sent"][0]["reason"], "the source schema does not know this field");
    let (_, html) = report("report.html");
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("/people/*/name") && html.contains("@media print"));
    assert!(!html.contains(NAME) && !html.contains("<script") && !html.contains("http"), "{html}");
    let (_, words) = report("report.txt");
    assert!(
        words.contains("6 values") && words.contains("river-care/people/map.yaml:") && !words.contains(NAME),
        "{words}"
    );
    assert_eq!(report("report.pdf").0, Some(2));
}

#[test]
fn the_coverage_of_a_plugin_names_what_its_examples_do_not_show() {
    let plugin = Plugin::new();
    plugin.write("people/examples/one.vendor.json", r#"{"people": [{"id": "p-0", "name": "Zebedee"}]}"#);
    let own = text(&plugin.own());
    let output = ginnel(&["mapping", "coverage", &own, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(!found.to_string().contains(NAME));
    let people = &found["messages"][0];
    assert_eq!((&people["message"], &people["examples"]), (&json!("people"), &json!(1)));
    assert_eq!(people["out"]["never_seen"], json!(["/people/*/sex"]));
    assert_eq!(people["in"]["never_seen"], json!(["Patient.gender"]));
    let idle = |way: &str| {
        let rules = people[way]["rules"].as_array().cloned().unwrap_or_default();
        let idle = rules.into_iter().filter(|rule| rule["fired"] == 0);
        idle.map(|rule| rule["writes"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((idle("out"), idle("in")), (vec!["Patient.gender".to_owned()], vec!["Patient.gender".to_owned()]));
    let generated = ginnel(&["mapping", "coverage", &own, "--format", "json", "--generated", "60"]);
    let found: Value = serde_json::from_slice(&generated.stdout).expect("JSON");
    assert_eq!(found["messages"][0]["out"]["never_seen"], json!([]), "generated messages have every field");
    let html = plugin.vendors().join("coverage.html");
    assert_eq!(ginnel(&["mapping", "coverage", &own, "--out", &text(&html)]).status.code(), Some(0));
    let html = std::fs::read_to_string(html).expect("written");
    assert!(
        html.contains("<html lang=\"en\">") && html.contains("Rules that never did anything") && !html.contains(NAME)
    );
}

#[test]
fn a_tenant_on_the_command_line_has_its_own_tables() {
    let (plugin, folder) = (Plugin::new(), tempfile::tempdir().expect("a folder"));
    let tenants = folder.path().join("tenants");
    write(&tenants.join(RIVER).join("north.yaml"), "gender:\n  rows: [[W, other]]\n");
    let (vendors, tenants, file) = (text(&plugin.vendors()), text(&tenants), payload(folder.path()));
    let translate = |tenant: &[&str]| {
        let mut arguments = vec!["translate", "--vendors", &vendors, "--tenants", &tenants, "--vendor", RIVER];
        arguments.extend(tenant);
        arguments.push(&file);
        ginnel(&arguments)
    };
    let gender = |output: &Output| {
        let bundle: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        bundle["entry"][0]["resource"]["gender"].clone()
    };
    assert_eq!(gender(&translate(&["--tenant", "north"])), "other");
    assert_eq!(gender(&translate(&[])), "unknown");
    let unknown = translate(&["--tenant", "south"]);
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(unknown.status.code() == Some(2) && said.contains("it has: north"), "{said}");
}

/// A required element that nothing fills is told with the place in the file, the rule and the element.
#[test]
fn a_fault_of_the_fhir_is_told_at_the_senders_line() {
    let (plugin, folder) = (Plugin::new(), tempfile::tempdir().expect("a folder"));
    let makes = "  flag:\n    type: Flag\n    each: person\n    id: [person.id]\n    const: { code.text: A flag }\n    \
                 refs: { subject: { rule: patient, key: [person.id], identifier: $river/Id/person } }\n    \
                 pairs:\n      person.state: status\n";
    plugin.write("people/map.yaml", &format!("{}{makes}", crate::plugin::map("name[0].text")));
    let schema = std::fs::read_to_string(plugin.own().join("people/source.schema.json")).expect("readable");
    let state = r#""state": { "type": ["string", "null"] }, "sex""#;
    plugin.write("people/source.schema.json", &schema.replace("\"sex\"", state));
    let file = folder.path().join("people.json");
    write(&file, "{\"people\": [\n  {\"id\": \"p-1\",\n   \"state\": \"sleepy\"},\n  {\"id\": \"p-2\"}]}");
    let output = ginnel(&["translate", "--vendors", &text(&plugin.vendors()), "--vendor", RIVER, &text(&file)]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let line = |key: &str| {
        let found: Vec<&str> = said.split("\nerror[").filter(|one| one.contains(key)).collect();
        found.join("\n")
    };
    let code = line("target.code]");
    assert!(code.contains("people.json:3:13 at /people/0/state (Flag.status)"), "{said}");
    assert!(code.contains("mapping rule river-care/people/map.yaml:22") && !said.contains("sleepy"), "{said}");
    let missing = line("target.required-missing]");
    assert!(missing.contains("people.json:4:3 at /people/1/state (Flag)"), "{said}");
    assert!(
        missing.contains("mapping rule river-care/people/map.yaml:22") && missing.contains("`person.state`"),
        "{said}"
    );
}
