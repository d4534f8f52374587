//! `ginnel drugs` and `ginnel dmd` as people and scripts call them.

use ginnel_schemas::check_digit::verhoeff_digit;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn ginnel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ginnel")).args(arguments).output().expect("the binary runs")
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("is written");
    path.to_str().expect("text").to_owned()
}

/// An invented id with the right check digit.
fn id(number: u32) -> String {
    let stem = format!("{number}100000110");
    format!("{stem}{}", verhoeff_digit(&stem).expect("digits"))
}

/// A release of one moiety, two products and a brand.
fn release(folder: &Path) -> String {
    let (vtm, tablets, before, liquid, brand) = (id(1), id(11), id(10), id(12), id(21));
    file(
        folder,
        "f_vtm2_3010124.xml",
        &format!(
            "<VIRTUAL_THERAPEUTIC_MOIETIES><VTM><VTMID>{vtm}</VTMID><NM>Zoltramol</NM></VTM></VIRTUAL_THERAPEUTIC_MOIETIES>"
        ),
    );
    file(
        folder,
        "f_vmp2_3010124.xml",
        &format!(
            "<VIRTUAL_MED_PRODUCTS><VMPS><VMP><VPID>{tablets}</VPID><VPIDPREV>{before}</VPIDPREV><VTMID>{vtm}</VTMID>\
             <NM>Zoltramol 500mg tablets</NM></VMP><VMP><VPID>{liquid}</VPID><VTMID>{vtm}</VTMID>\
             <NM>Zoltramol 250mg/5ml oral suspension</NM></VMP></VMPS></VIRTUAL_MED_PRODUCTS>"
        ),
    );
    file(
        folder,
        "f_amp2_3010124.xml",
        &format!(
            "<ACTUAL_MEDICINAL_PRODUCTS><AMPS><AMP><APID>{brand}</APID><VPID>{tablets}</VPID><NM>Zoltex 500mg tablets</NM>\
             <DESC>Zoltex 500mg tablets (Invented Pharma Ltd)</DESC></AMP></AMPS></ACTUAL_MEDICINAL_PRODUCTS>"
        ),
    );
    folder.to_str().expect("text").to_owned()
}

fn request(id: &str, system: &str, code: &str, name: &str) -> Value {
    json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "plan",
        "medicationCodeableConcept": {"coding": [{"system": system, "code": code}], "text": name}})
}

#[test]
fn every_medicine_of_a_record_is_told_with_its_remarks_and_an_error_ends_with_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let dmd = "https://dmd.nhs.uk";
    let stu3 = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p"}},
        {"resource": {"resourceType": "Medication", "id": "m", "code": {"coding": [
            {"system": "http://snomed.info/sct", "code": "196421000000109", "display": "Transfer-degraded medication entry"}
        ], "text": "Coal tar in emulsifying ointment"}}},
        {"resource": {"resourceType": "MedicationStatement", "id": "s", "medicationReference": {"reference": "Medication/m"}}},
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "MedicationRequest", "medicationReference": {"reference": "Medication/lost", "display": "Furosemide 40mg tablets"}}},
        {"resource": request("r1", dmd, "36126511000001100", "Morphine 10mg modified-release tablets")},
        {"resource": request("r2", dmd, "325278007", "Metformin 500mg tablets")},
        {"resource": request("r3", "http://dmd.nhs.uk", "325278007", "Aspirin 75mg dispersible tablets")},
    ]});
    let bundle = file(folder.path(), "bundle.json", &stu3.to_string());
    let output = ginnel(&["drugs", "--format", "json", &bundle]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let lines = lines(&output);
    let keys = |line: &Value| -> Vec<String> {
        let remarks = line["remarks"].as_array().expect("remarks");
        remarks.iter().map(|remark| remark["key"].as_str().expect("a key").to_owned()).collect()
    };
    let found: Vec<_> =
        lines.iter().map(|line| (line["resource"].as_str().expect("a reference"), keys(line).join(" "))).collect();
    assert_eq!(
        found,
        [
            ("Medication/m", "degraded".to_owned()),
            ("Bundle.entry[3].resource", "reference-unresolved".to_owned()),
            ("MedicationRequest/r1", "rounded-code missing-code".to_owned()),
            ("MedicationRequest/r2", "same-code-two-names".to_owned()),
            ("MedicationRequest/r3", "same-code-two-names".to_owned()),
        ]
    );
    assert_eq!(lines[1]["medication"], "Furosemide 40mg tablets");
    assert_eq!(lines[2]["timeCritical"], "strong-opioid");
    assert_eq!(lines[2]["remarks"][0]["path"], "MedicationRequest.medication.coding[0].code");
    let text = told(&ginnel(&["drugs", &bundle]));
    assert!(
        text.contains("error[rounded-code]") && text.contains("--> MedicationRequest.medication.coding[0].code"),
        "{text}"
    );
}

#[test]
fn a_release_is_looked_up_only_where_it_is_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let week_folder = tempfile::tempdir().expect("a folder");
    let week = release(week_folder.path());
    let many = [
        request("now", "https://dmd.nhs.uk", &id(11), "Zoltramol 500mg tablets"),
        request("before", "http://dmd.nhs.uk", &id(10), "Zoltramol 500mg tablets"),
        request("other", "https://dmd.nhs.uk", &id(12), "Zoltex 500mg tablets"),
    ];
    let many: Vec<String> = many.iter().map(Value::to_string).collect();
    let many = file(folder.path(), "many.ndjson", &many.join("\n"));
    let without = ginnel(&["drugs", "--format", "json", &many]);
    assert_eq!(without.status.code(), Some(0), "{}", told(&without));
    assert!(lines(&without).iter().all(|line| line["remarks"] == json!([]) && line["dmd"].is_null()));
    let with = ginnel(&["drugs", "--dmd", &week, "--format", "json", &many]);
    assert_eq!(with.status.code(), Some(1), "{}", told(&with));
    let lines = lines(&with);
    let first: Vec<&str> = lines.iter().map(|line| line["remarks"][0]["key"].as_str().unwrap_or("-")).collect();
    assert_eq!(first, ["-", "superseded", "name-and-code-disagree"]);
    assert_eq!(lines[1]["codingsToSend"][0]["code"], id(11));
    assert_eq!(
        lines[1]["codingsToSend"][1],
        json!({"system": "https://dmd.nhs.uk", "code": id(10), "userSelected": true})
    );
}

#[test]
fn codes_and_names_are_looked_up_in_a_release() {
    let folder = tempfile::tempdir().expect("a folder");
    let week = release(folder.path());
    let counts = ginnel(&["dmd", &week, "--format", "json"]);
    assert_eq!(counts.status.code(), Some(0));
    let counts = lines(&counts);
    assert_eq!(
        (&counts[0]["counts"]["VMP"], &counts[0]["counts"]["AMP"], &counts[0]["replaced"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert!(counts[0]["gaps"].as_array().is_some_and(|gaps| gaps.len() == 5), "{counts:?}");
    let entry = ginnel(&["dmd", &week, "--code", &id(10), "--format", "json"]);
    assert_eq!(entry.status.code(), Some(0));
    let entry = &lines(&entry)[0];
    assert_eq!((&entry["id"], &entry["askedAs"], &entry["class"]), (&json!(id(11)), &json!(id(10)), &json!("VMP")));
    assert_eq!((&entry["vtm"]["name"], &entry["previousIds"]), (&json!("Zoltramol"), &json!([id(10)])));
    let text = told(&ginnel(&["dmd", &week, "--name", "zoltex tablets"]));
    assert!(text.starts_with(&format!("AMP {} Zoltex 500mg tablets", id(21))) && text.contains("vmp: "), "{text}");
    for (arguments, expected) in [
        (vec!["--code", "325278007"], 1),
        (vec!["--code", "nonsense"], 1),
        (vec!["--name", "no such name"], 1),
        (vec!["--code", &id(11), "--code", "325278007"], 1),
    ] {
        let output = ginnel(&[&["dmd", week.as_str()][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}", told(&output));
    }
}

#[test]
fn what_cannot_be_read_ends_with_2_and_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = file(folder.path(), "broken.json", "{\"resourceType\": ");
    let stranger = file(folder.path(), "stranger.json", "{\"drug\": \"Paracetamol\"}");
    let fine = file(folder.path(), "fine.json", &request("a", "https://dmd.nhs.uk", "325278007", "A").to_string());
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let empty = empty.to_str().expect("text");
    for (arguments, words) in [
        (vec!["drugs", &broken], "broken.json"),
        (vec!["drugs", &stranger], "resourceType"),
        (vec!["drugs", "/no/such/file.json"], "/no/such/file.json"),
        (vec!["drugs", "--dmd", empty, &fine], "f_vmp2_*.xml"),
        (vec!["dmd", empty], "f_vmp2_*.xml"),
        (vec!["dmd", "/no/such/folder"], "/no/such/folder"),
    ] {
        let output = ginnel(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", told(&output));
        assert!(told(&output).contains(words), "{arguments:?}: {}", told(&output));
    }
    file(folder.path().join("empty").as_path(), "f_vmp2_1.xml", "<VIRTUAL_MED_PRODUCTS><VMPS>\n<VMP><VPID>x</VPID>");
    let output = ginnel(&["dmd", empty]);
    assert!(output.status.code() == Some(2) && told(&output).contains("f_vmp2_1.xml:2: "), "{}", told(&output));
}

#[test]
fn the_help_pages_show_an_example() {
    for command in ["drugs", "dmd"] {
        let output = ginnel(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(told(&output).contains(&format!("Example:\n  ginnel {command} ")), "{}", told(&output));
    }
}
