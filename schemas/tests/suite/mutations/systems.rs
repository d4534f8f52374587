//! Systems of codes and identifiers that everybody knows, misspelt in the ways that people misspell them.

use super::sites::Example;
use super::structure::object_type;
use super::{MISSPELT, Mutation};
use serde_json::json;

/// Whose systems a validator can be expected to know.
const KNOWN: &[&str] = &[
    "http://snomed.info/sct",
    "http://loinc.org",
    "http://unitsofmeasure.org",
    "https://dmd.nhs.uk",
    "http://hl7.org/fhir/",
    "http://terminology.hl7.org/CodeSystem/",
    "https://fhir.hl7.org.uk/CodeSystem/",
    "https://fhir.hl7.org.uk/Id/",
    "https://fhir.nhs.uk/Id/",
    "urn:ietf:bcp:47",
];

pub fn make(example: &Example<'_>, made: &mut Vec<Mutation>) {
    for object in &example.objects {
        if !matches!(object.definition.name, "Coding" | "Identifier" | "Quantity" | "Age" | "Duration" | "Count") {
            continue;
        }
        let Some(system) = object.members.get("system").and_then(serde_json::Value::as_str) else {
            continue;
        };
        if KNOWN.iter().any(|known| system.starts_with(known)) {
            let at = format!("{}/system", object.pointer);
            let spellings = misspellings(system).into_iter();
            made.extend(spellings.filter_map(|wrong| example.with_value(MISSPELT, &at, json!(wrong))));
        }
    }
    // A code whose system is not said at all means nothing either.
    for site in example.sites.iter().filter(|site| object_type(site.element_type) == Some("Coding")) {
        for (value, pointer) in site.values() {
            if value.get("code").is_some() {
                made.extend(
                    example
                        .with_object(MISSPELT, &pointer, "-system", |members| members.shift_remove("system").is_some()),
                );
            }
        }
    }
}

/// A letter lost, a letter doubled, two letters swapped, another case, another scheme, a slash too many.
fn misspellings(system: &str) -> Vec<String> {
    let letters: Vec<char> = system.chars().collect();
    let last = letters.len() - 1;
    let mut all = Vec::new();
    let mut without = letters.clone();
    without.remove(last - 1);
    all.push(without.iter().collect());
    let mut twice = letters.clone();
    twice.insert(last, letters[last - 1]);
    all.push(twice.iter().collect());
    let mut swapped = letters.clone();
    swapped.swap(last, last - 1);
    all.push(swapped.iter().collect());
    all.push(flipped(system));
    // Both schemes of dm+d are in use and mean one system.
    if !system.contains("dmd.nhs.uk") {
        all.extend(system.strip_prefix("https:").map(|rest| format!("http:{rest}")));
        all.extend(system.strip_prefix("http:").map(|rest| format!("https:{rest}")));
    }
    all.push(format!("{system}/"));
    all.retain(|wrong: &String| wrong != system);
    all.sort();
    all.dedup();
    all
}

/// The first letter after the last separator in the other case.
fn flipped(system: &str) -> String {
    let at = system.rfind(['/', ':']).map_or(0, |at| at + 1);
    let (before, after) = system.split_at(at);
    let mut letters = after.chars();
    let Some(first) = letters.next() else {
        return system.to_owned();
    };
    let other: String =
        if first.is_lowercase() { first.to_uppercase().collect() } else { first.to_lowercase().collect() };
    format!("{before}{other}{}", letters.as_str())
}
