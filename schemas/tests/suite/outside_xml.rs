//! Reads the XML documents of others, from folders that lie beside the project or that variables name, and compares
//! those that are there as JSON too.
//!
//! `GINNEL_VALIDATOR_CASES`: HL7's validator cases. `GINNEL_UK_CORE`: the source of UK Core. `GINNEL_FHIRPATH`: HL7's
//! FHIRPath tests. What is not there is skipped, with a word.

use crate::folders::folder;
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::xml;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Documents that are not as R4 wants XML: the issue, and its reason.
const FAULTY: &[(&str, &str, &str)] = &[
    ("xml-bad-entities.xml", "xml.syntax", "an entity of HTML, which HL7 refuses too"),
    ("Observation-ex-pain.xml", "xml.attribute", "HL7 finds the attribute too"),
    ("Observation-ex-pain.xml", "target.empty", "HL7 finds the value missing too"),
    ("patient-id-only.xml", "target.empty", "HL7 finds the value missing too"),
    ("q-enablewhen-2.xml", "xml.order", "`identifier` after `version`; HL7 lists no verdict for it"),
    ("UKCore-Observation-Lab-Albumin-Example.xml", "xml.order", "`meta` after `text`, against R4's page on XML"),
    ("CodeSystem-UKCore-EthnicCategoryScotland.xml", "xml.text", "a letter stands between the elements"),
];

/// Places where the JSON of a resource says something else than its XML.
const DIFFERENT: &[(&str, &str, &str)] = &[
    ("Observation-ex-pain.xml", "/_status", "the XML has an extension there, the JSON has none"),
    ("Observation-ex-pain.xml", "/_valueInteger/value", "no element of the type, so its kind is not known"),
    ("observation-example.xml", "/text/div", "the JSON has another narrative"),
    ("observation-example.xml", "/extension", "the XML has an extension more"),
    ("codesystem-example.xml", "/text", "the JSON has a narrative more"),
    ("codesystem-example.xml", "/description", "a line end in an XML attribute is a blank"),
];

/// A table of tests and no resource.
const NO_RESOURCE: &str = "tests-fhir-r4.xml";

const LIMITS: Limits = Limits { bytes: 1 << 26, depth: 128 };

fn documents(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            documents(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            out.push(path);
        }
    }
}

fn every_document() -> Vec<PathBuf> {
    let mut out = Vec::new();
    for (variable, beside) in
        [("GINNEL_VALIDATOR_CASES", "validator-cases"), ("GINNEL_UK_CORE", "uk-core"), ("GINNEL_FHIRPATH", "fhirpath")]
    {
        if let Some(folder) = folder(variable, beside) {
            documents(&folder, &mut out);
        }
    }
    out.retain(|path| !path.ends_with(NO_RESOURCE));
    out
}

#[test]
fn every_document_of_others_is_read() {
    let (mut read, mut faults, mut met) = (0, Vec::new(), Vec::new());
    for path in every_document() {
        let told = match xml::read(&fs::read(&path).expect("a readable file"), &LIMITS) {
            Ok(document) => document.issues,
            Err(issue) => vec![issue],
        };
        read += 1;
        for issue in told {
            assert!(issue.position.is_some(), "{issue:?}");
            match FAULTY.iter().find(|(name, key, _)| path.ends_with(name) && *key == issue.key.code()) {
                Some((name, ..)) => met.push(*name),
                None => faults.push(format!("{}: {} {:?} {}", path.display(), issue.key, issue.position, issue.text)),
            }
        }
    }
    println!("{read} documents read");
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(read < 500 || FAULTY.iter().all(|(name, ..)| met.contains(name)), "listed as faulty, but not: {met:?}");
}

#[test]
fn xml_and_json_of_one_resource_give_one_tree() {
    let (mut compared, mut differences) = (0, Vec::new());
    for path in every_document() {
        let Some(json) = fs::read(path.with_extension("json")).ok().and_then(|bytes| parse(&bytes, LIMITS).ok()) else {
            continue;
        };
        let Ok(document) = xml::read(&fs::read(&path).expect("a readable file"), &LIMITS) else {
            continue;
        };
        compared += 1;
        let mut found = Vec::new();
        compare(&document.value, &json, "", &mut found);
        let expected = |place: &str| DIFFERENT.iter().any(|(name, known, _)| path.ends_with(name) && place == *known);
        differences.extend(
            found.into_iter().filter(|place| !expected(place)).map(|place| format!("{}{place}", path.display())),
        );
    }
    println!("{compared} pairs compared");
    assert!(differences.is_empty(), "{differences:#?}");
}

fn compare(left: &Value, right: &Value, at: &str, out: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            for (name, value) in left {
                match right.get(name) {
                    Some(other) => compare(value, other, &format!("{at}/{name}"), out),
                    None => out.push(format!("{at}/{name}")),
                }
            }
            out.extend(right.keys().filter(|name| !left.contains_key(*name)).map(|name| format!("{at}/{name}")));
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(left, right, &format!("{at}/{index}"), out);
            }
        }
        (Value::String(left), Value::String(right)) if left.starts_with("<div") && right.starts_with("<div") => {
            let (left, right) = (plain(left), plain(right));
            if left != right {
                out.push(at.to_owned());
            }
        }
        (left, right) if left != right => out.push(at.to_owned()),
        _ => {}
    }
}

/// A narrative without what two writers may write differently.
fn plain(div: &str) -> String {
    div.split_whitespace().collect::<Vec<_>>().join(" ").replace(" />", "/>").replace('\'', "\"")
}
