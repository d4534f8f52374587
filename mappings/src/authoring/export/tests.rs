//! Exports hold to FHIR and to the rules they are made of.

use super::*;
use ginnel_schemas::validator::{Options, Validator};
use std::path::PathBuf;
use std::sync::OnceLock;

fn plugins() -> Vec<(String, Folder)> {
    let mut all = Folder::built_in();
    all.extend(
        Folder::on_disk(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins")).expect("the test plugins"),
    );
    all
}

fn exported(id: &str, folder: &Folder) -> Vec<Value> {
    let vendor = Vendor::load(id, folder).unwrap_or_else(|found| panic!("{}", found.join("\n")));
    export(&vendor, folder)
}

#[test]
fn every_exported_resource_is_valid_fhir() {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(Validator::uk_core);
    for (id, folder) in plugins() {
        let all = exported(&id, &folder);
        assert!(all.iter().any(|one| one["resourceType"] == "StructureMap"));
        for resource in &all {
            let issues: Vec<_> =
                validator.judge(resource, &Options::STRICT).into_iter().filter(|issue| issue.is_error()).collect();
            assert!(issues.is_empty(), "{}: {issues:#?}", file_name(resource));
        }
        let mut names: Vec<String> = all.iter().map(file_name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len(), "each has a file of its own");
    }
}

#[test]
fn pairs_tables_and_constants_stand_in_the_structure_map() {
    let (id, folder) = plugins().into_iter().find(|(id, _)| id == "acme").expect("the test plugin");
    let all = exported(&id, &folder);
    let text = |name: &str| all.iter().find(|one| one["id"] == name).unwrap_or_else(|| panic!("{name}")).to_string();
    let out = text("acme-people-out");
    for part in [
        "\"element\":\"surname\"",
        "\"element\":\"family\"",
        "\"transform\":\"translate\"",
        "ConceptMap/gender-out",
        "as: nhs-number",
    ] {
        assert!(out.contains(part), "{part}");
    }
    let back = text("acme-people-in");
    assert!(back.contains("\"element\":\"surname\"") && back.contains("ConceptMap/gender-in"));
}

#[test]
fn a_code_table_says_which_of_several_codes_comes_back() {
    let (id, folder) = plugins().into_iter().find(|(id, _)| id == "acme").expect("the test plugin");
    let all = exported(&id, &folder);
    let out = all.iter().find(|one| one["id"] == "acme-gender-out").expect("a map");
    let elements = out["group"][0]["element"].as_array().expect("elements");
    assert!(elements.iter().any(|one| one["target"][0]["equivalence"] == "wider"), "{out:#}");
    let back = all.iter().find(|one| one["id"] == "acme-gender-in").expect("a map");
    let unknown = back["group"][0]["element"].as_array().expect("elements").iter().find(|one| one["code"] == "unknown");
    assert_eq!(unknown.expect("listed")["target"][0]["code"], "N");
}
