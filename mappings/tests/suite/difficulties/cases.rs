//! Our own cases of each difficulty: `tests/difficulties/Dnn-<plugin>.yaml`. A payload goes out, everything that is wanted
//! must come out, nothing that is unwanted may, and the Bundle put back gives the payload as it was.

use super::matching::{References, differences};
use crate::{faults, leaves, vendor};
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::registry::{Message, Vendor};
use ginnel_mappings::translate::{Context, Translated};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    difficulty: String,
    title: String,
    plugin: String,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    before: Vec<Sent>,
    message: String,
    #[serde(default)]
    json: Option<Value>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    wanted: Vec<Value>,
    #[serde(default)]
    unwanted: Vec<Value>,
    #[serde(default)]
    issues: Vec<String>,
    #[serde(default)]
    back: Back,
}

/// Whether the way back is tried; where it is not, the reason.
#[derive(Debug, Default, PartialEq)]
enum Back {
    #[default]
    Same,
    Skip(String),
}

impl<'de> Deserialize<'de> for Back {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Back, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(word) if word == "same" => Ok(Back::Same),
            Value::Object(map) if map.len() == 1 && map.get("skip").is_some_and(Value::is_string) => {
                Ok(Back::Skip(map["skip"].as_str().unwrap_or_default().to_string()))
            }
            other => Err(serde::de::Error::custom(format!("`back` is `same` or `{{skip: reason}}`, not {other}"))),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    message: String,
    #[serde(default)]
    json: Option<Value>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/difficulties")
}

fn cases() -> Vec<(String, Case)> {
    let entries = std::fs::read_dir(folder()).expect("the folder of cases");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let is_case = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('D'));
    let read = paths.into_iter().filter(is_case).map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a case");
        let case: Case = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, case)
    });
    read.collect()
}

fn source_files(json: &Option<Value>, text: &Option<String>, files: &BTreeMap<String, String>) -> Vec<SourceFile> {
    match (json, text, files.is_empty()) {
        (Some(tree), None, true) => vec![SourceFile::new("case.json", tree.to_string())],
        (None, Some(text), true) => vec![SourceFile::new("case", text.clone())],
        (None, None, false) => files.iter().map(|(name, text)| SourceFile::new(name, text.clone())).collect(),
        _ => panic!("a payload is one of json, text and files"),
    }
}

fn read(message: &Message, files: &[SourceFile], name: &str) -> ginnel_mappings::format::Document {
    message.read(files, &Limits::default()).unwrap_or_else(|issues| panic!("{name}: {issues:?}"))
}

/// References by the identifiers of what they lead to: `Patient/r-1` is the Patient of which an identifier has the value `r-1`.
struct Among<'t>(Vec<&'t Value>);

impl References for Among<'_> {
    fn same(&self, found: &str, wanted: &str) -> bool {
        let Some((kind, key)) = wanted.split_once('/') else { return found == wanted };
        let target = self.0.iter().find(|one| {
            let (Some(own_kind), Some(id)) = (one["resourceType"].as_str(), one["id"].as_str()) else { return false };
            found == format!("{own_kind}/{id}")
        });
        let Some(target) = target else { return found == wanted };
        let has = |identifier: &Value| identifier["value"] == key;
        target["resourceType"] == kind
            && (target["id"] == key
                || has(&target["identifier"])
                || target["identifier"].as_array().is_some_and(|all| all.iter().any(has)))
    }
}

#[test]
fn each_difficulty_comes_out_as_wanted_and_goes_back_as_it_was() {
    let mut failed = String::new();
    let all = cases();
    assert!(!all.is_empty());
    for (name, case) in &all {
        if let Err(what) = judge(name, case) {
            let _ = write!(failed, "\n{name} ({}): {}{what}", case.difficulty, case.title);
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

fn judge(name: &str, case: &Case) -> Result<(), String> {
    assert!(name.starts_with(&format!("{}-", case.difficulty)), "{name} is named by its difficulty");
    assert!(!case.wanted.is_empty() || !case.unwanted.is_empty() || !case.issues.is_empty(), "{name} wants something");
    let plugin: &Vendor = vendor(&case.plugin).for_tenant(case.tenant.as_deref()).expect("the tenant is there");
    let message_of = |name: &str| plugin.message(name).unwrap_or_else(|| panic!("{} has no message {name}", plugin.id));
    let mut known = Context::new();
    for sent in &case.before {
        let message = message_of(&sent.message);
        let tree = read(message, &source_files(&sent.json, &sent.text, &sent.files), name).tree;
        let tree = message.carried(&tree, &known).unwrap_or(tree);
        message.items(&tree).into_iter().for_each(|(key, item)| known.insert(key, item));
    }
    let message = message_of(&case.message);
    let mut document = read(message, &source_files(&case.json, &case.text, &case.files), name);
    if let Some(tree) = message.carried(&document.tree, &known) {
        document.tree = tree;
    }
    message.items(&document.tree).into_iter().for_each(|(key, item)| known.insert(key, item));
    let mut issues = message.check(&document.tree);
    issues.extend(document.issues.clone());
    let translated = message.translate(&document.tree, issues, &known);
    let mut failed = String::new();
    wants(case, &translated, &before_resources(case, plugin, name, &known), &mut failed);
    let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
    if rows != leaves(&document.tree) {
        failed.push_str("\n  the account does not have one row for each value");
    }
    if case.back == Back::Same {
        let put = message.to_vendor(&translated.bundle(), std::slice::from_ref(&document.tree), &known);
        if put.payload != document.tree {
            let _ = write!(failed, "\n  goes back as {}\n  instead of  {}", put.payload, document.tree);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

/// What the payloads before become, so that references into it are known.
fn before_resources(case: &Case, plugin: &Vendor, name: &str, known: &Context) -> Vec<Value> {
    let bundles = case.before.iter().map(|sent| {
        let message = plugin.message(&sent.message).expect("a message");
        let tree = read(message, &source_files(&sent.json, &sent.text, &sent.files), name).tree;
        crate::translate(message, &tree, known).bundle()
    });
    bundles.flat_map(|bundle| made_of(&bundle).cloned().collect::<Vec<_>>()).collect()
}

fn made_of(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"])
}

fn wants(case: &Case, translated: &Translated, before: &[Value], failed: &mut String) {
    let bundle = translated.bundle();
    let made: Vec<&Value> = made_of(&bundle).collect();
    let references = Among(made.iter().copied().chain(before).collect());
    for wanted in &case.wanted {
        let alike = made.iter().filter(|one| one["resourceType"] == wanted["resourceType"]);
        let nearest = alike.map(|one| differences(one, wanted, &references)).min_by_key(Vec::len);
        match nearest {
            None => {
                let _ = write!(failed, "\n  there is no {}", wanted["resourceType"]);
            }
            Some(found) => found.iter().for_each(|one| {
                let kind = wanted["resourceType"].as_str().unwrap_or_default();
                let _ = write!(failed, "\n  {kind}.{}: wanted {}, found {}", one.element, one.wanted, one.found);
            }),
        }
    }
    for unwanted in &case.unwanted {
        if let Some(one) = made.iter().find(|one| differences(one, unwanted, &references).is_empty()) {
            let _ = write!(failed, "\n  unwanted: {one}");
        }
    }
    for fragment in &case.issues {
        let said = |issue: &ginnel_schemas::issue::Issue| {
            issue.text.contains(fragment.as_str()) || issue.key.to_string() == *fragment
        };
        if !translated.issues.iter().any(said) {
            let texts: Vec<&str> = translated.issues.iter().map(|issue| issue.text.as_str()).collect();
            let _ = write!(failed, "\n  nothing says `{fragment}`: {texts:#?}");
        }
    }
    for one in &made {
        let found = faults(one);
        if !found.is_empty() {
            let _ = write!(failed, "\n  {} does not conform: {found:?}", one["resourceType"]);
        }
    }
}
