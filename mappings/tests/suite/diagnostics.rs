//! Faults in plugin files: found all in one run, with their place and a hint.

use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::{Registry, Vendor};
use std::fs;
use std::path::{Path, PathBuf};

/// What is said of a copy of the test plugin with one file changed.
fn broken(file: &str, from: &str, to: &str) -> Vec<String> {
    changed(&[(file, from, to)])
}

/// What is said of a copy of the test plugin with several changes.
fn changed(changes: &[(&str, &str, &str)]) -> Vec<String> {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/acme");
    let folder = tempfile::tempdir().expect("a folder");
    copy(&source, folder.path());
    for (file, from, to) in changes {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).expect("the file");
        assert!(text.contains(from), "{from} stands in {file}");
        fs::write(&path, text.replacen(from, to, 1)).expect("written");
    }
    match Vendor::load("acme", &Folder::Disk(folder.path().to_path_buf())) {
        Ok(_) => Vec::new(),
        Err(reports) => reports,
    }
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
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
        (
            map,
            "name[official]: { use: official }",
            "name[official]: { use: official }\n      name[other]: { use: official, text: x }",
            "M0106",
            "`name[other]` has the constants of `name[official]` too",
        ),
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
    each_is_reported(&cases);
}

fn each_is_reported(cases: &[(&str, &str, &str, &str, &str)]) {
    for (file, from, to, code, said) in cases.iter().copied() {
        let reports = broken(file, from, to).join("\n");
        assert!(reports.contains(&format!("error[{code}]")), "{from} -> {to}: {reports}");
        assert!(reports.contains(said), "{from} -> {to}: {reports}");
    }
}

#[test]
fn a_fhir_path_to_what_does_not_exist_stops_the_plugin() {
    let map = "people/map.yaml";
    let family = "person.surname: name[official].family";
    let official = "name[official]: { use: official }";
    let about = "pairs: { person.about: valueString }";
    let kind = "phone.kind: \"extension[kind].valueString\"";
    let cases = [
        (map, family, "person.surname: name[official].famly", "M0104", "did you mean `family`?"),
        (map, family, "person.surname: name.family", "M0104", "write `name[0].family`"),
        (map, family, "person.surname: \"birthDate[0]\"", "M0104", "is no list"),
        (map, family, "person.surname: birthDate.value", "M0104", "plain value"),
        (map, family, "person.surname: \"_birthDat.id\"", "M0104", "`Patient` has no element `_birthDat`"),
        (map, family, "person.surname: { to: \"name[official].famly\", only: in }", "M0104", "did you mean `family`?"),
        (map, official, "name[official]: { usse: official }", "M0104", "did you mean `use`?"),
        (map, official, "name[official]: { period: { strt: x } }", "M0104", "did you mean `start`?"),
        (map, about, "pairs: { person.about: value }", "M0104", "say which type it has: valueBoolean"),
        (map, about, "pairs: { person.about: valueStrin }", "M0104", "did you mean `valueString`?"),
        (map, about, "exists: { person.about: boddySite }", "M0104", "did you mean `bodySite`?"),
        (map, "code: { text: About }", "code: About", "M0104", "has members"),
        (map, "code: { text: About }", "code: { txt: About }", "M0104", "did you mean `text`?"),
        (map, "code: { text: About }", "category: { text: About }", "M0104", "is a list"),
        (map, "        to: telecom\n", "        to: telcom\n", "M0104", "did you mean `telecom`?"),
        (map, "        to: telecom\n", "        to: birthDate\n", "M0104", "no list"),
        (
            map,
            "pairs: { phone.no: value,",
            "pairs: { phone.no: valeu,",
            "M0104",
            "`ContactPoint` has no element `valeu`",
        ),
        (map, kind, "phone.kind: \"extension[kind].valueStrng\"", "M0104", "did you mean `valueString`?"),
        (map, "texts: { code.text: ", "texts: { category: ", "M0104", "is a list"),
        (map, "texts: { code.text: ", "texts: { code.txt: ", "M0104", "did you mean `text`?"),
        (map, "refs: { patient: { rule", "refs: { subject: { rule", "M0104", "has no element `subject`"),
        (map, "refs: { patient: { rule", "refs: { extension: { rule", "M0104", "is a list"),
        (map, "reaction[0].manifestation[0].text", "reaction[0].manifestaton[0].text", "M0104", "`manifestation`?"),
        (map, "type: Flag", "type: Falg", "M0104", "did you mean `Flag`?"),
        ("doses/map.yaml", "to: \"note[0].text\", as", "to: \"note[0].txt\", as", "M0104", "did you mean `text`?"),
    ];
    each_is_reported(&cases);
}

#[test]
fn a_vendor_path_that_no_payload_has_stops_the_plugin() {
    let (map, doses) = ("people/map.yaml", "doses/map.yaml");
    let family = "person.surname: name[official].family";
    let cases = [
        (map, family, "person.surnam: name[official].family", "M0105", "did you mean `surname`?"),
        (map, family, "person.surname.first: name[official].family", "M0105", "plain value"),
        (map, family, "person.phones.no: name[official].family", "M0105", "a list"),
        (map, family, "\"person.phones[nr='1'].no\": name[official].family", "M0105", "did you mean `no`?"),
        (map, family, "\"person.phones[no=person.idd].no\": name[official].family", "M0105", "did you mean `id`?"),
        (map, family, "\"person.surname[0]\": name[official].family", "M0105", "no list"),
        (map, "at: people\n", "at: peeple\n", "M0105", "did you mean `people`?"),
        (map, "revision: rev\n", "revision: revv\n", "M0105", "did you mean `rev`?"),
        (map, "at: person.surname }", "at: person.surnme }", "M0105", "did you mean `surname`?"),
        (map, "each: person.phones as", "each: person.phone as", "M0105", "did you mean `phones`?"),
        (map, "phone.kind:", "phone.knd:", "M0105", "did you mean `kind`?"),
        (map, "when: { person.about: present", "when: { person.abuot: present", "M0105", "did you mean `about`?"),
        (map, "lies: {person.form.where}", "lies: {person.form.wher}", "M0105", "did you mean `where`?"),
        (map, "id: [person.id, allergy.name]", "id: [person.id, allergy.nam]", "M0105", "did you mean `name`?"),
        (map, "drop: { page:", "drop: { pgae:", "M0105", "did you mean `page`?"),
        (doses, "display: person.surname", "display: person.surnme", "M0105", "did you mean `surname`?"),
        (doses, "item: person, key: who", "item: person, key: whom", "M0105", "did you mean `who`?"),
        (doses, "Said: {dose.said}", "Said: {dose.sad}", "M0105", "/doses/*"),
    ];
    each_is_reported(&cases);
}

#[test]
fn codes_that_a_table_or_a_value_set_lacks_stop_the_plugin() {
    let (map, tables) = ("people/map.yaml", "tables.yaml");
    let schema = "doses/source.schema.json";
    let cases = [
        (tables, "[M, male], ", "", "M0207", "does not cover the vendor value \"M\""),
        (tables, "[M, male]", "[m, male]", "M0207", "at /people/*/sex"),
        (tables, "[M, male]", "[M, mael]", "M0208", "did you mean `male`?"),
        (tables, "vendor-else: unknown", "vendor-else: unknwon", "M0208", "did you mean `unknown`?"),
        (map, "status: final", "status: fnal", "M0208", "did you mean `final`?"),
        (
            map,
            "type: AllergyIntolerance\n",
            "type: AllergyIntolerance\n    const: { \"clinicalStatus.coding[0].code\": actve }\n",
            "M0208",
            "did you mean `active`?",
        ),
        (map, "person.form.where: absent }", "person.form.where: null }", "M0203", "write `absent`"),
        (map, "person.form.where: absent }", "person.form.where: { in: [a, null] } }", "M0203", "write `absent`"),
        (schema, "\"required\": [\"who\"", "\"requird\": [\"who\"", "M0303", "did you mean `required`?"),
        (schema, "\"required\": [\"id\"", "\"Required\": [\"id\"", "M0303", "source.schema.json:12:9"),
        (schema, "[\"string\", \"null\"]", "[\"string\", \"null\"], \"format\": \"datetime\"", "M0304", "`date-time`?"),
    ];
    each_is_reported(&cases);
}

#[test]
fn what_a_plugin_may_say_is_no_fault() {
    let (map, schema) = ("people/map.yaml", "doses/source.schema.json");
    let family = "person.surname: name[official].family";
    let outcome = "\"outcome\": { \"type\": \"string\" }";
    let cases = [
        // A table that says itself what becomes of the rest, whatever the case of a listed code.
        (schema, outcome, "\"outcome\": { \"enum\": [\"GIVEN\", \"lost\", null] }"),
        (
            "tables.yaml",
            "[M, male], [N, unknown], [P, unknown]]\n  back: { unknown: N }",
            "[M, male]]\n  vendor-else: keep",
        ),
        (map, family, "person.surname: \"_birthDate.id\""),
        (map, family, "person.surname: \"contained[0].whatever\""),
        (map, family, "person.surname: { to: \"name[official]._family.id\" }"),
        (
            schema,
            "\"type\": \"object\",",
            "\"type\": \"object\", \"x-requird\": 1, \"owner\": \"Acme\", \"$comment\": \"requird\",",
        ),
        (schema, "\"due\": { \"type\"", "\"due\": { \"format\": \"acme-local\", \"type\""),
    ];
    for (file, from, to) in cases {
        let reports = broken(file, from, to);
        assert!(reports.is_empty(), "{from} -> {to}: {}", reports.join("\n"));
    }
}

#[test]
fn a_code_that_never_comes_to_a_table_needs_no_row() {
    let fewer = ("tables.yaml", "[N, unknown], [P, unknown]]\n  back: { unknown: N }", "[N, unknown]]");
    let pair = "person.sex: { to: gender, table: gender";
    let map = "people/map.yaml";
    assert!(changed(&[fewer]).join("").contains("M0207"), "P has no row");
    for guard in ["{ person.sex: { not-in: [P] } }", "{ not: { person.sex: P } }", "{ person.sex: { in: [F, M, N] } }"]
    {
        let guarded = format!("{pair}, when: {guard}");
        assert_eq!(changed(&[fewer, (map, pair, &guarded)]), Vec::<String>::new(), "{guard}");
    }
    let elsewhere = format!("{pair}, when: {{ person.about: present }}");
    assert!(changed(&[fewer, (map, pair, &elsewhere)]).join("").contains("M0207"), "the guard says nothing of P");
    let aside =
        ("people/map.yaml", "    quarantine:\n", "    quarantine:\n      - { when: { person.sex: P }, text: \"t\" }\n");
    assert_eq!(changed(&[fewer, aside]), Vec::<String>::new(), "a person of P is set aside");
}

#[test]
fn paths_are_followed_through_references_branches_and_free_members() {
    let schema = "people/source.schema.json";
    let free = "\"answers\": { \"type\": [\"object\", \"null\"], \"additionalProperties\": { \"type\": [\"string\", \"number\", \"boolean\", \"array\"] } }";
    let map = "people/map.yaml";
    let pets = "person.pets: \"no home in FHIR\"";
    let deeper = "person.pets.name.first: \"no home in FHIR\"";
    let pet = "\"pets\": { \"type\": [\"string\", \"null\"] }";
    let cases = [
        ("\"pets\": { \"type\": \"object\" }", true),
        ("\"pets\": {}", true),
        ("\"pets\": { \"$ref\": \"elsewhere.json\" }", true),
        ("\"pets\": { \"type\": \"object\", \"additionalProperties\": { \"type\": \"object\" } }", true),
        (
            "\"pets\": { \"type\": \"object\", \"patternProperties\": { \"^n\": { \"properties\": { \"first\": {} } } } }",
            true,
        ),
        ("\"pets\": { \"type\": \"object\", \"patternProperties\": { \"^x\": {} } }", false),
        (
            "\"pets\": { \"anyOf\": [{ \"type\": \"null\" }, { \"properties\": { \"name\": { \"allOf\": [{ \"properties\": { \"first\": {} } }] } } }] }",
            true,
        ),
        (
            "\"pets\": { \"anyOf\": [{ \"type\": \"null\" }, { \"properties\": { \"name\": { \"type\": \"string\" } } }] }",
            false,
        ),
        ("\"pets\": { \"type\": \"object\", \"additionalProperties\": false }", false),
    ];
    for (shape, is_there) in cases {
        let reports = changed(&[(schema, pet, shape), (map, pets, deeper)]).join("\n");
        assert_eq!(!reports.contains("M0105"), is_there, "{shape}: {reports}");
    }
    assert_eq!(changed(&[(schema, free, "\"answers\": { \"type\": \"object\" }")]), Vec::<String>::new());
}

#[test]
fn faults_against_the_schema_and_against_fhir_are_found_in_one_run() {
    let reports = broken(
        "people/map.yaml",
        "person.surname: name[official].family\n      person.forenames: { to: \"name[official].given\"",
        "person.surnam: name[official].family\n      person.forenames: { to: \"name[official].givn\"",
    );
    let codes: Vec<bool> = ["M0105", "M0104"].iter().map(|code| reports.iter().any(|one| one.contains(code))).collect();
    assert_eq!((reports.len(), codes), (2, vec![true, true]), "{reports:?}");
    assert!(reports.iter().all(|one| one.contains("^^^")), "{reports:?}");
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
