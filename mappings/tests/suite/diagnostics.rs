//! Faults in plugin files: found all in one run, with their place and a hint.

use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::{Registry, Vendor};
use std::fs;
use std::path::{Path, PathBuf};

/// A copy of the test plugin with one file changed.
fn broken(file: &str, from: &str, to: &str) -> Vec<String> {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/acme");
    let folder = tempfile::tempdir().expect("a folder");
    copy(&source, folder.path());
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains(from), "{from} stands in {file}");
    fs::write(&path, text.replacen(from, to, 1)).expect("written");
    match Vendor::load("acme", &Folder::Disk(folder.path().to_path_buf())) {
        Ok(_) => Vec::new(),
        Err(reports) => reports,
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fs::create_dir(&target).expect("made");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn each_fault_is_named_with_its_place_and_a_hint() {
    let map = "people/map.yaml";
    let cases = [
        (map, "    pairs:\n      person.id", "    paris:\n      person.id", "M0003", "did you mean `pairs`?"),
        (map, "table: gender", "table: gendre", "M0202", "did you mean `gender`?"),
        (map, "as: words", "as: wrds", "M0201", "did you mean `words`?"),
        (map, "identifier[nhs].value", "identifier[nsh].value", "M0103", "did you mean `identifier[nhs]`?"),
        (
            map,
            "rule: patient, key: [person.id], identifier",
            "rule: patent, key: [person.id], identifier",
            "M0205",
            "did you mean `people.patient`?",
        ),
        (map, "system: $acme/Id/person", "system: $amce/Id/person", "M0206", "did you mean `acme`?"),
        (map, "person.about: present", "person.about: { presnt: true }", "M0203", "did you mean `present`?"),
        (map, "{person.form.where}\"", "{person.form.where|shout}\"", "M0204", "filters are"),
        (map, "    id: [person.id]\n    slices", "    slices", "M0004", "`patient` has no `id`"),
        (map, "person.surname: name[official].family", "person..surname: name[official].family", "M0101", "empty step"),
        (
            map,
            "person.surname: name[official].family",
            "person.surname: \"name[official.family\"",
            "M0102",
            "name[official",
        ),
        (
            map,
            "each: person\n    when: { person.about",
            "each: persn\n    when: { person.about",
            "M0205",
            "did you mean `person`?",
        ),
        (map, "      person.pets: \"no home in FHIR\"\n", "", "M0301", "/people/*/pets"),
        (map, "message: people", "message: [people", "M0002", "map.yaml"),
        ("tables.yaml", "  back: { unknown: N }", "  title: t", "M0202", "none is named for the way back"),
        ("vendor.yaml", "Europe/London", "Europe/Leeds", "M0005", "time zone"),
        ("vendor.yaml", "timezone: Europe/London\n", "", "M0201", "time zone"),
        ("doses/map.yaml", "item: person, key: who", "item: persn, key: who", "M0205", "to look up"),
        (map, "person.surname: name[official].family", "person.surname: \"name[1].family\"", "M0102", "moves when"),
        ("vendor.yaml", "id: acme", "id: emca", "M0005", "folder's name"),
        ("vendor.yaml", "messages: [people, doses]", "messages: [people, doses, gone]", "M0001", "gone/map.yaml"),
        ("doses/source.schema.json", "\"type\": \"object\",", "\"type\": \"objekt\",", "M0302", "source.schema.json"),
        (
            "doses/source.schema.json",
            "\"required\": [\"who\", \"doses\"],",
            "\"required\": [\"who\", \"doses\"",
            "M0002",
            "source.schema.json:",
        ),
    ];
    for (file, from, to, code, said) in cases {
        let reports = broken(file, from, to).join("\n");
        assert!(reports.contains(&format!("error[{code}]")), "{from} -> {to}: {reports}");
        assert!(reports.contains(said), "{from} -> {to}: {reports}");
    }
}

#[test]
fn all_faults_are_found_in_one_run_with_line_and_underline() {
    let reports = broken(
        "people/map.yaml",
        "table: gender }\n      person.born: { to: birthDate, as: date }",
        "table: gendre }\n      person.born: { to: birthDate, as: dat }",
    );
    assert_eq!(reports.len(), 2, "{reports:?}");
    assert!(reports[0].contains("--> acme/people/map.yaml:") && reports[0].contains("^^^"), "{}", reports[0]);
}

#[test]
fn a_folder_without_a_plugin_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Registry::load(&[folder.path().to_path_buf()]).expect_err("nothing there");
    assert!(error.to_string().contains("no plugin lies in"));
    assert!(Registry::load(&[folder.path().join("missing")]).is_err());
}
