//! Certificates: written of a plugin without errors, and held against its files at load.
//!
//! A built-in plugin whose files changed gets a new one with
//! `UPDATE=1 cargo test -p ginnel-mappings --test suite certificate`.

use crate::diagnostics::copy;
use ginnel_mappings::certificate::{self, Standing};
use ginnel_mappings::check::check_plugin;
use ginnel_mappings::diagnostic::Severity;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A copy of the test plugin.
fn acme() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/acme"), folder.path());
    let disk = Folder::Disk(folder.path().to_path_buf());
    (folder, disk)
}

fn certified() -> (tempfile::TempDir, Folder) {
    let (folder, disk) = acme();
    certificate::write(&check_plugin("acme", &disk), &disk).expect("written");
    (folder, disk)
}

#[test]
fn every_built_in_plugin_is_certified_as_it_is() {
    let vendors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vendors");
    for (name, folder) in Folder::on_disk(&vendors).expect("a folder") {
        if std::env::var_os("UPDATE").is_some() {
            certificate::write(&check_plugin(&name, &folder), &folder).expect("written");
        }
        let renew = "UPDATE=1 cargo test -p ginnel-mappings --test suite certificate";
        assert_eq!(certificate::standing(&folder), Standing::Fresh, "{name}: {renew}");
        let written: Value = serde_json::from_slice(&folder.read(certificate::FILE).expect("there")).expect("json");
        let report = check_plugin(&name, &folder);
        let is_silent = report.diagnostics.iter().all(|one| one.severity == Severity::Note);
        assert!(is_silent, "{name} is not checked in silence: {}", report.render().join("\n"));
        let now = certificate::certificate(&report, &folder);
        assert_eq!(written, now, "what is proved of {name} is not what its certificate says: {renew}");
    }
}

#[test]
fn a_certified_plugin_loads_without_a_word_and_one_without_a_certificate_with_a_warning() {
    let (_kept, disk) = acme();
    let warned = Vendor::load("acme", &disk).expect("loads");
    assert!(warned.warnings.join("").contains("warning[M0702]"), "{:?}", warned.warnings);
    let (_kept, disk) = certified();
    assert_eq!(Vendor::load("acme", &disk).expect("loads").warnings, Vec::<String>::new());
}

#[test]
fn a_changed_file_is_named_with_the_command_that_renews_the_certificate() {
    for file in ["vendor.yaml", "tables.yaml", "people/map.yaml", "people/source.schema.json", "doses/map.yaml"] {
        let (kept, disk) = certified();
        let path = kept.path().join(file);
        let text = fs::read_to_string(&path).expect("text");
        fs::write(&path, format!("{text}\n")).expect("written");
        let refused = Vendor::load("acme", &disk).expect_err(file).join("\n");
        assert!(refused.contains("error[M0701]") && refused.contains(&format!("{file} has changed")), "{refused}");
        assert!(refused.contains("ginnel mapping check --write acme"), "{refused}");
        assert!(Vendor::load_uncertified("acme", &disk).is_ok(), "who works on it may load it");
        certificate::write(&check_plugin("acme", &disk), &disk).expect("renewed");
        assert!(Vendor::load("acme", &disk).is_ok(), "{file}: renewed");
    }
}

#[test]
fn a_new_file_and_one_that_is_gone_are_changes_too() {
    for (file, bytes) in [("tenants/north.yaml", "{}"), ("functions/pounds.wasm", "x"), ("packages/p.tgz", "x")] {
        let (kept, disk) = certified();
        let path = kept.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, bytes).expect("written");
        assert_eq!(certificate::standing(&disk), Standing::Stale(vec![format!("{file} is new")]));
    }
    let (kept, disk) = certified();
    fs::remove_file(kept.path().join("tables.yaml")).expect("gone");
    assert_eq!(certificate::standing(&disk), Standing::Stale(vec!["tables.yaml is gone".into()]));
}

#[test]
fn what_says_nothing_of_the_mapping_may_change() {
    let (kept, disk) = certified();
    fs::write(kept.path().join("README.md"), "words").expect("written");
    fs::create_dir_all(kept.path().join("people/examples")).expect("made");
    fs::write(kept.path().join("people/examples/1.vendor.json"), "{}").expect("written");
    assert_eq!(certificate::standing(&disk), Standing::Fresh);
}

#[test]
fn a_certificate_of_other_definitions_or_of_an_older_checker_is_not_believed() {
    let (kept, disk) = certified();
    let path = kept.path().join(certificate::FILE);
    let mut one: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("json");
    one["checker"] = 0.into();
    fs::write(&path, one.to_string()).expect("written");
    assert_eq!(certificate::standing(&disk), Standing::OfOlderChecker);
    assert!(Vendor::load("acme", &disk).is_ok(), "it is checked again");
    one["fhir"]["definitions"] = "0".into();
    fs::write(&path, one.to_string()).expect("written");
    assert!(matches!(certificate::standing(&disk), Standing::Stale(why) if why[0].contains("definitions")));
    fs::write(&path, "no json").expect("written");
    assert!(matches!(certificate::standing(&disk), Standing::Stale(_)));
}

#[test]
fn a_plugin_with_errors_gets_no_certificate() {
    let (kept, disk) = acme();
    let path = kept.path().join("people/map.yaml");
    let text = fs::read_to_string(&path).expect("text").replace("table: gender", "table: gendre");
    fs::write(&path, text).expect("written");
    assert!(certificate::write(&check_plugin("acme", &disk), &disk).is_err());
    assert!(!kept.path().join(certificate::FILE).exists());
}
