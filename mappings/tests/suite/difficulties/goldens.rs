//! The reference outputs of the difficulties, where they lie beside the project: what each sample becomes says everything
//! that its reference says, but for the rows of `tests/difficulties/corrections.yaml`, each of which has its reason.

use super::matching::{Difference, References, differences};
use crate::{translate, vendor};
use ginnel_mappings::format::{Document, Limits, SourceFile};
use ginnel_mappings::registry::{Message, Vendor};
use ginnel_mappings::translate::Context;
use ginnel_schemas::json::parse;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Which plugin reads which folder of samples, and the name its references go by.
const ARCHETYPES: [(&str, &str, &str); 8] = [
    ("a1", "homecare-rest", "a1_homecare_rest_json"),
    ("a2", "carehome-emar", "a2_carehome_emar_dotnet_json"),
    ("a3", "csv-export", "a3_csv_bundle"),
    ("a4", "soap-mar", "a4_xml_soap"),
    ("a5", "event-stream", "a5_webhook_events"),
    ("a6", "careconnect-stu3", "a6_fhir_stu3_careconnect"),
    ("a7", "hl7v2", "a7_hl7v2"),
    ("a8", "council-forms", "a8_la_case_form_builder"),
];

/// What is said in an issue rather than a resource: by whom, and a fragment that only this finding has.
const FINDINGS: [(&str, &str, &str); 5] = [
    ("D10", "carehome-emar", "2026-10-25T01:40:00"),
    ("D11", "csv-export", "check digit"),
    ("D14", "carehome-emar", "NHS number"),
    ("D36", "csv-export", "postcode"),
    ("D40", "homecare-rest", "demo"),
];

/// Whose samples a reference without an identifier of a vendor is made of, by its place among its difficulty's.
const OWNERS: [(&str, usize, &str); 16] = [
    ("D04", 0, "a2"),
    ("D04", 1, "a2"),
    ("D04", 2, "a2"),
    ("D04", 3, "a2"),
    ("D04", 4, "a1"),
    ("D21", 0, "a1"),
    ("D22", 1, "a2"),
    ("D24", 0, "a2"),
    ("D25", 0, "a3"),
    ("D25", 1, "a1"),
    ("D26", 0, "a1"),
    ("D26", 1, "a2"),
    ("D28", 0, "a2"),
    ("D35", 0, "a2"),
    ("D37", 0, "a4"),
    ("D39", 0, "a2"),
];

/// A difference between a reference and what is right.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    difficulty: String,
    plugin: String,
    /// `Type/identifier`, or `Type#n`: the n-th resource of the reference, from 0.
    resource: String,
    element: String,
    ours: Value,
    reason: String,
}

/// One plugin's output of all samples of its archetype.
pub struct Output {
    pub plugin: &'static str,
    pub archetype: &'static str,
    pub resources: Vec<Value>,
    pub issues: Vec<String>,
}

pub fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("GINNEL_VENDOR_SAMPLES")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/vendor-samples"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no vendor samples (set GINNEL_VENDOR_SAMPLES to their folder)");
    None
}

pub fn read_json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(&bytes, Limits::default().json).unwrap_or_else(|issue| panic!("{}: {}", path.display(), issue.text))
}

/// Every archetype of which the plugin is there.
pub fn outputs(folder: &Path) -> Vec<Output> {
    let known = |plugin: &str| crate::registry().vendor(plugin).is_some();
    let there = ARCHETYPES.into_iter().filter(|(_, plugin, _)| {
        let there = known(plugin);
        if !there {
            println!("skipped: there is no plugin {plugin}");
        }
        there
    });
    there.map(|(archetype, plugin, name)| output(archetype, plugin, &folder.join(name))).collect()
}

fn output(archetype: &'static str, plugin: &'static str, folder: &Path) -> Output {
    // The samples of tables come from an agency that writes abbreviations.
    let tenant = (plugin == "csv-export").then_some("abbreviations");
    let vendor = vendor(plugin).for_tenant(tenant).expect("the tenant is there");
    let read: Vec<(&Message, Document)> = payloads(vendor, folder);
    let mut known = Context::new();
    for (message, document) in &read {
        let stale = message.stale(&document.tree, &known);
        let tree = message.carried(&document.tree, &known).unwrap_or_else(|| document.tree.clone());
        let newest = message.items(&tree).into_iter().filter(|(key, _)| !stale.contains(key));
        newest.for_each(|(key, item)| known.insert(key, item));
    }
    let mut out = Output { plugin, archetype, resources: Vec::new(), issues: Vec::new() };
    for (message, document) in &read {
        let translated = translate(message, &document.tree, &known);
        out.issues.extend(document.issues.iter().chain(&translated.issues).map(|issue| issue.text.clone()));
        let bundle = translated.bundle();
        let entries = bundle["entry"].as_array().into_iter().flatten();
        out.resources.extend(entries.map(|entry| entry["resource"].clone()));
    }
    out
}

/// The samples of a folder: tables together where one message takes them so, a line each of a stream, else a file each.
fn payloads<'v>(vendor: &'v Vendor, folder: &Path) -> Vec<(&'v Message, Document)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let ending = |path: &Path| path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let file = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        SourceFile::new(name, std::fs::read(path).expect("a sample"))
    };
    let mut sent: Vec<Vec<SourceFile>> = Vec::new();
    let tables: Vec<SourceFile> = paths.iter().filter(|path| ending(path) == "csv").map(file).collect();
    let together = tables.len() > 1 && !read_as(vendor, &tables).is_empty();
    if together {
        sent.push(tables);
    }
    for path in &paths {
        match ending(path).as_str() {
            "csv" if together => {}
            "http" => {}
            "ndjson" => sent.extend(
                file(path)
                    .bytes
                    .split(|byte| *byte == b'\n')
                    .filter(|line| !line.is_empty())
                    .map(|line| vec![SourceFile::new("line.json", line)]),
            ),
            _ => sent.push(vec![file(path)]),
        }
    }
    sent.iter().flat_map(|files| read_as(vendor, files)).collect()
}

fn read_as<'v>(vendor: &'v Vendor, files: &[SourceFile]) -> Vec<(&'v Message, Document)> {
    vendor.reading(files, &Limits::default()).unwrap_or_default()
}

/// `Patient/P2` is a person of the cast; `MedicationRequest/a2-55003` what has the identifier `55003`.
struct Cast<'t> {
    output: &'t Output,
    people: &'t Value,
}

impl References for Cast<'_> {
    fn same(&self, found: &str, wanted: &str) -> bool {
        let (Some((kind, key)), Some((own_kind, id))) = (wanted.split_once('/'), found.split_once('/')) else {
            return found == wanted;
        };
        if kind != own_kind {
            return false;
        }
        let Some(target) = self.output.resources.iter().find(|one| one["resourceType"] == kind && one["id"] == id)
        else {
            return false;
        };
        let person = self.people["people"].as_array().into_iter().flatten().find(|person| person["key"] == key);
        if let Some(person) = person {
            return is_person(target, person);
        }
        let wanted_key = key.strip_prefix(&format!("{}-", self.output.archetype)).unwrap_or(key);
        let same = |value: &Value| value.as_str().is_some_and(|text| text.replace('+', "-") == wanted_key);
        let by_identifier =
            target["identifier"].as_array().into_iter().flatten().any(|identifier| same(&identifier["value"]));
        // People around a person have no key in the cast: `P1-ngozi` is known by name.
        let name = key.split_once('-').map(|(_, name)| name.to_lowercase()).unwrap_or_default();
        by_identifier || (kind == "RelatedPerson" && target["name"].to_string().to_lowercase().contains(&name))
    }
}

pub fn is_person(patient: &Value, person: &Value) -> bool {
    let values: Vec<&Value> =
        patient["identifier"].as_array().into_iter().flatten().map(|identifier| &identifier["value"]).collect();
    let number = person["nhsNumber"].as_str().filter(|_| person["invalid"] != Value::Bool(true));
    if number.is_some_and(|number| values.iter().any(|value| **value == number)) {
        return true;
    }
    // Who has no number that can be read is known by name: first and last.
    let is_numbered =
        values.iter().any(|value| value.as_str().is_some_and(|text| text.len() == 10 && text.starts_with("999")));
    let mut names = person["name"].as_str().unwrap_or_default().split(' ');
    let (given, family) = (names.next().unwrap_or_default(), names.next_back().unwrap_or_default());
    let told = patient["name"].to_string().to_lowercase();
    !is_numbered && [given, family].iter().all(|name| !name.is_empty() && told.contains(&name.to_lowercase()))
}

fn corrections() -> Vec<Correction> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/difficulties/corrections.yaml");
    let text = std::fs::read_to_string(path).expect("the corrections");
    let all: Vec<Correction> =
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("corrections.yaml: {error}"));
    all.iter().for_each(|one| assert!(one.reason.len() > 20, "{} {} has a reason", one.difficulty, one.element));
    all
}

fn identifier(resource: &Value) -> Option<(&str, &str)> {
    let own = |one: &'_ Value| one["system"].as_str().is_some_and(|system| system.contains("/vendor/"));
    let one = match &resource["identifier"] {
        Value::Array(all) => all.iter().find(|one| own(one)).or(all.first())?,
        one => one,
    };
    Some((one["system"].as_str()?, one["value"].as_str()?))
}

/// The resource of the outputs that says most of what a reference says, with what it does not say.
fn nearest(all: &[Output], owner: &str, people: &Value, wanted: &Value) -> Option<(&'static str, Vec<Difference>)> {
    let named = identifier(wanted);
    let own = all.iter().filter(|output| output.archetype == owner);
    let candidates = own.flat_map(|output| output.resources.iter().map(move |one| (output, one)));
    candidates
        .filter(|(_, one)| one["resourceType"] == wanted["resourceType"])
        .filter(|(_, one)| {
            let Some((system, value)) = named else { return true };
            let same = |identifier: &Value| identifier["system"] == system && identifier["value"] == value;
            one["identifier"].as_array().map_or_else(|| same(&one["identifier"]), |all| all.iter().any(same))
        })
        .map(|(output, one)| (output.plugin, differences(one, wanted, &Cast { output, people })))
        .min_by_key(|(_, found)| found.len())
}

/// The archetype whose samples a reference is made of.
fn owner(difficulty: &str, index: usize, wanted: &Value) -> &'static str {
    let listed =
        OWNERS.iter().find(|(of, at, _)| *of == difficulty && *at == index).map(|(_, _, archetype)| *archetype);
    let by_system = || {
        let (system, _) = identifier(wanted)?;
        let own = |archetype: &str| system.contains(&format!("/vendor/{archetype}/"));
        ARCHETYPES.iter().find(|(archetype, ..)| own(archetype)).map(|(archetype, ..)| *archetype)
    };
    // What names no vendor is of HL7 v2 (D43), or of home care, whose samples show most difficulties.
    listed.or_else(by_system).unwrap_or(if difficulty == "D43" { "a7" } else { "a1" })
}

#[test]
fn the_samples_become_what_the_references_want() {
    let Some(folder) = samples() else { return };
    let (all, people, corrections) = (outputs(&folder), read_json(&folder.join("00_people.json")), corrections());
    let mut used = vec![false; corrections.len()];
    let mut failed = String::new();
    for number in 1..=43 {
        let difficulty = format!("D{number:02}");
        let golden = read_json(&folder.join(format!("golden_fhir/{difficulty}.json")));
        for (index, wanted) in golden["resources"].as_array().into_iter().flatten().enumerate() {
            if wanted["resourceType"] == "OperationOutcome" {
                continue;
            }
            let kind = wanted["resourceType"].as_str().unwrap_or_default();
            let numbered = format!("{kind}#{index}");
            let name = identifier(wanted).map_or_else(|| numbered.clone(), |(_, value)| format!("{kind}/{value}"));
            let owner = owner(&difficulty, index, wanted);
            if !all.iter().any(|output| output.archetype == owner) {
                continue;
            }
            let mut is_corrected = |element: &str| {
                let at = corrections.iter().position(|one| {
                    one.difficulty == difficulty
                        && (one.resource == name || one.resource == numbered)
                        && (one.element == element || one.element.is_empty())
                });
                at.inspect(|at| used[*at] = true).is_some()
            };
            match nearest(&all, owner, &people, wanted) {
                None if is_corrected("") => {}
                None => {
                    let _ = write!(failed, "\n{difficulty} {name}: nothing of that kind comes out");
                }
                Some((plugin, found)) => {
                    for one in found.iter().filter(|one| !is_corrected(&one.element)) {
                        let _ = write!(
                            failed,
                            "\n{difficulty} {name} ({plugin}) {}: wanted {}, found {}",
                            one.element, one.wanted, one.found
                        );
                    }
                }
            }
        }
    }
    for (one, used) in corrections.iter().zip(used) {
        if !used && all.iter().any(|output| output.plugin == one.plugin) {
            let _ = write!(
                failed,
                "\n{} {} {}: corrected to {} in corrections.yaml, and there is no difference any more",
                one.difficulty, one.resource, one.element, one.ours
            );
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn the_samples_raise_the_findings_that_the_references_want() {
    let Some(folder) = samples() else { return };
    let all = outputs(&folder);
    for (difficulty, plugin, fragment) in FINDINGS {
        let Some(output) = all.iter().find(|output| output.plugin == plugin) else { continue };
        assert!(output.issues.iter().any(|text| text.contains(fragment)), "{difficulty}: {:#?}", output.issues);
    }
}
