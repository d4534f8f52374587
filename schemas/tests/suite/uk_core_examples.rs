//! Judges UK Core's own examples: none is rejected, but for faults that the specification shows to be real.
//!
//! `GINNEL_UK_CORE`: a folder as UK Core's repository has it, with `examples`.

use crate::folders::{files, folder, own, stem};
use crate::judging::{Judge, read};
use crate::mutations::Facts;
use crate::mutations_caught::{profile_of, uk_core_facts};
use ginnel_schemas::issue::Issue;
use serde_json::Value;
use std::path::PathBuf;

/// Examples with a real fault: name, the key of our finding, and what the specification says.
const REAL_FAULTS: &[(&str, &str, &str)] = &[
    (
        "Extension-UKCore-RecordingSetting-Example",
        "target.extension-unknown",
        "the URL of the extension is misspelt (RcordingSetting)",
    ),
    (
        "UKCore-Observation-Lab-Albumin-Example",
        "xml.order",
        "`meta` stands after `text`: XML has elements in the order of their definition",
    ),
];

#[test]
fn no_example_of_uk_core_is_rejected_but_for_real_faults() {
    let Some(folder) = folder("GINNEL_UK_CORE", "uk-core") else {
        return;
    };
    let (judged, alarms) = alarms(&files(&folder.join("examples"), "xml"));
    let is_real = |(name, key, _): &(String, String, String)| {
        REAL_FAULTS.iter().any(|(own, fault, _)| own == name && fault == key)
    };
    let (real, false_alarms): (Vec<_>, Vec<_>) = alarms.into_iter().partition(is_real);
    println!("{judged} examples judged; {} findings are real faults", real.len());
    assert!(judged > 50, "only {judged} examples");
    assert!(false_alarms.is_empty(), "rejected without reason:\n{false_alarms:#?}");
    for (name, key, reason) in REAL_FAULTS {
        let found = real.iter().any(|(own, fault, _)| own == name && fault == key);
        assert!(found, "{name}: {key} is not found, though {reason}");
    }
}

#[test]
fn the_invented_examples_raise_no_error() {
    let (judged, alarms) = alarms(&files(&own("examples"), "json"));
    assert!(judged >= 10, "only {judged} examples");
    assert!(alarms.is_empty(), "{alarms:#?}");
}

/// How many were judged, and each error: name, key, sentence.
fn alarms(paths: &[PathBuf]) -> (usize, Vec<(String, String, String)>) {
    let judge = Judge::uk_core();
    let facts = uk_core_facts();
    let mut alarms = Vec::new();
    for path in paths {
        let name = stem(path);
        let resource = read(path).unwrap_or_else(|issues| panic!("{}: {issues:#?}", path.display()));
        let profiles = profiles_of(&name, &resource, &facts);
        let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
        for issue in judge.file(path, &profiles).iter().filter(|issue| issue.is_error()) {
            alarms.push((name.clone(), issue.key.code().to_owned(), told(issue)));
        }
    }
    (paths.len(), alarms)
}

fn told(issue: &Issue) -> String {
    format!("{}: {}", issue.expression.as_deref().unwrap_or("-"), issue.text)
}

/// UK Core's profile of the type, and the one its file name says (`UKCore-Observation-Lab-...`).
fn profiles_of(name: &str, resource: &Value, facts: &Facts) -> Vec<String> {
    let mut found: Vec<String> = Some(profile_of(resource)).into_iter().filter(|url| facts.has(url)).collect();
    let steps: Vec<&str> = name.split('-').collect();
    for length in (3..=steps.len()).rev() {
        let url = format!("https://fhir.hl7.org.uk/StructureDefinition/{}", steps[..length].join("-"));
        if steps[0] == "UKCore" && facts.has(&url) {
            found.push(url);
            break;
        }
    }
    found
}
