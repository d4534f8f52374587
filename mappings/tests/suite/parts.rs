//! A map in several files: it reads, runs and is certified as the same map in one file is.

use ginnel_mappings::authoring::diff::{State, diff};
use ginnel_mappings::certificate::{self, Standing};
use ginnel_mappings::check::check_plugin;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::{Registry, Vendor};
use ginnel_mappings::translate::Context;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const HEAD: &str = "message: people\n";
const ITEMS: &str = "items:\n  person: { at: people, key: id }\n";
const PATIENT: &str = "  patient:
    type: Patient
    each: person
    id: [person.id]
    slices: { \"identifier[own]\": { system: $own/p } }
    pairs: { person.id: \"identifier[own].value\", person.name: \"name[0].text\" }
";
const SEEN: &str = "  seen:
    type: Observation
    each: person
    id: [person.id]
    when: { person.seen: present }
    const: { status: final, code.text: Seen }
    refs: { subject: { rule: patient, key: [person.id] } }
    pairs: { person.seen: valueString }
";
const KEEP: &str = "keep: { batch: \"about the sending\" }\n";

fn files(maps: &[(&str, String)]) -> BTreeMap<String, Vec<u8>> {
    let text = json!({"type": "string", "minLength": 1});
    let schema = json!({"type": "object", "additionalProperties": false, "properties": {
        "batch": text,
        "people": {"type": "array", "items": {"type": "object", "required": ["id"], "additionalProperties": false,
            "properties": {"id": text, "name": text, "seen": text}}}}});
    let vendor = "id: acme\ntitle: A\nversion: 1.0.0\nsystems: { own: \"https://acme.example\" }\nmessages: [people]\n";
    let mut out = BTreeMap::from([
        ("vendor.yaml".to_string(), vendor.as_bytes().to_vec()),
        ("people/source.schema.json".to_string(), schema.to_string().into_bytes()),
    ]);
    out.extend(maps.iter().map(|(name, text)| (format!("people/{name}"), text.clone().into_bytes())));
    out
}

fn in_one() -> Folder {
    let map = format!("{HEAD}{ITEMS}resources:\n{PATIENT}{SEEN}{KEEP}");
    Folder::Held(Arc::new(files(&[("map.yaml", map)])))
}

fn in_three() -> BTreeMap<String, Vec<u8>> {
    files(&[
        ("map.yaml", format!("{HEAD}parts: [who.yaml, seen.yaml]\n")),
        ("who.yaml", format!("{ITEMS}resources:\n{PATIENT}")),
        ("seen.yaml", format!("resources:\n{SEEN}{KEEP}")),
    ])
}

fn held(files: BTreeMap<String, Vec<u8>>) -> Folder {
    Folder::Held(Arc::new(files))
}

fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

#[test]
fn a_map_in_parts_translates_as_the_same_map_in_one_file() {
    let payload = json!({"batch": "b", "people": [{"id": "1", "name": "Ada Okoro", "seen": "well"}, {"id": "2"}]});
    let (one, three) =
        (Vendor::load("acme", &in_one()).expect("one"), Vendor::load("acme", &held(in_three())).expect("three"));
    let made = |vendor: &Vendor| {
        let message = vendor.message("people").expect("there");
        let out = message.translate(&payload, message.check(&payload), &Context::new());
        let back = message.to_vendor(&out.bundle(), &[], &Context::new());
        (out.bundle(), back.payload, out.account)
    };
    let ((bundle, back, _), (other, other_back, account)) = (made(&one), made(&three));
    assert_eq!(bundle, other);
    assert_eq!(bundle["entry"].as_array().map(Vec::len), Some(3));
    assert_eq!(back, other_back);
    let rules: Vec<String> = account.iter().filter_map(|row| Some(row.rule.as_deref()?.to_string())).collect();
    for file in ["acme/people/who.yaml:9", "acme/people/seen.yaml:9", "acme/people/seen.yaml:10"] {
        assert!(rules.iter().any(|rule| rule == file), "{file}: {rules:?}");
    }
}

#[test]
fn moving_rules_into_parts_changes_no_rule_no_id_and_no_loss() {
    let state =
        |folder: &Folder| State::of(&Vendor::load("acme", folder).expect("loads"), &check_plugin("acme", folder));
    let (one, three) = (state(&in_one()), state(&held(in_three())));
    let found = diff(&one, &three);
    assert!(found.rules_compared);
    let said = format!("{found:?}");
    assert!(found.added.is_empty() && found.removed.is_empty() && found.changed.is_empty(), "{said}");
    assert!(found.ids.is_empty() && found.new_losses.is_empty() && found.mended.is_empty(), "{said}");
}

#[test]
fn a_fault_in_a_part_is_told_at_its_own_file_line_and_column() {
    let mut files = in_three();
    let broken = format!("resources:\n{SEEN}{KEEP}").replace("valueString", "valueStrng");
    files.insert("people/seen.yaml".into(), broken.into_bytes());
    let report = check_plugin("acme", &held(files));
    let said = report.render().join("\n");
    assert!(said.contains("error[M0104]") && said.contains("--> acme/people/seen.yaml:9:"), "{said}");
    assert!(said.contains("pairs: { person.seen: valueStrng }"), "the line is shown: {said}");
}

#[test]
fn the_certificate_covers_every_part() {
    for part in ["people/who.yaml", "people/seen.yaml"] {
        let folder = tempfile::tempdir().expect("a folder");
        write(&in_three(), folder.path());
        let disk = Folder::Disk(folder.path().to_path_buf());
        certificate::write(&check_plugin("acme", &disk), &disk).expect("written");
        assert_eq!(certificate::standing(&disk), Standing::Fresh);
        let path = folder.path().join(part);
        let text = fs::read_to_string(&path).expect("text");
        fs::write(&path, format!("{text}# a word\n")).expect("written");
        assert_eq!(certificate::standing(&disk), Standing::Stale(vec![format!("{part} has changed")]));
    }
}

#[test]
fn a_part_that_changes_is_loaded_again_and_a_broken_one_leaves_the_old_plugin() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("acme");
    write(&in_three(), &folder);
    let folders = [root.path().to_path_buf()];
    let fate = |registry: &Registry| {
        let (next, all) = registry.reloaded(&folders, &[], true, &|_, _| Vec::new());
        let one = all.into_iter().find(|one| one.vendor == "acme").expect("told of");
        (next, one.fate.word())
    };
    let registry = Registry::load(&folders).expect("loads");
    let (registry, word) = fate(&registry);
    assert_eq!(word, "unchanged");
    let part = format!("resources:\n{SEEN}{KEEP}");
    fs::write(folder.join("people/seen.yaml"), part.replace("code.text: Seen", "code.text: Visited")).expect("written");
    let (registry, word) = fate(&registry);
    assert_eq!(word, "loaded");
    fs::write(folder.join("people/seen.yaml"), "resources: [").expect("written");
    let (registry, word) = fate(&registry);
    assert_eq!(word, "refused");
    let message = registry.vendor("acme").and_then(|vendor| vendor.message("people")).expect("the old one stays");
    let payload = json!({"people": [{"id": "1", "seen": "well"}]});
    let bundle = message.translate(&payload, message.check(&payload), &Context::new()).bundle();
    assert!(bundle.to_string().contains("Visited"), "{bundle}");
}
