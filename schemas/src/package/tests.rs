//! What is kept of packages, folders and files; the folder below tests what strangers may do to them.

mod hostile;

use super::*;
use crate::issue::Severity;
use crate::known::Known;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::fs;
use std::io::Write;

/// A gzipped tar archive of files with these paths, whatever the paths are.
pub(super) fn package(files: &[(&str, &str)]) -> Vec<u8> {
    packed(&tarred(files))
}

pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).expect("memory takes it");
    out.finish().expect("memory takes it")
}

pub(super) fn tarred(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = header(path, tar::EntryType::Regular);
        header.set_size(text.len() as u64);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).expect("memory takes it");
    }
    builder.into_inner().expect("memory takes it")
}

/// A header with a path that the crate's own writer might refuse to write.
pub(super) fn header(path: &str, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    for (place, byte) in header.as_old_mut().name.iter_mut().zip(path.bytes()) {
        *place = byte;
    }
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_cksum();
    header
}

pub(super) fn read_bytes(bytes: &[u8]) -> Result<Package, PackageError> {
    read_from("test.tgz", bytes, &Limits::default())
}

/// The URLs of what was kept, with the files they came from.
pub(super) fn kept(package: &Package) -> Vec<String> {
    let told = |one: &Loaded| format!("{} {}", one.value["url"].as_str().unwrap_or("-"), one.origin);
    package.resources.iter().map(told).collect()
}

fn texts(package: &Package) -> Vec<&str> {
    package.issues.iter().map(|issue| issue.text.as_str()).collect()
}

const PROFILE: &str = r#"{"resourceType":"StructureDefinition","url":"http://example.org/p","text":{"div":"long"},
    "differential":{"element":[{"path":"Patient","short":"s","definition":"d","constraint":[{"key":"k","human":"h"}]}]}}"#;
const SET: &str = r#"{"resourceType":"ValueSet","url":"http://example.org/v","description":"d"}"#;
const MEASURE: &str = r#"{"resourceType":"Measure","url":"http://example.org/m","description":"d"}"#;
const PATIENT: &str = r#"{"resourceType":"Patient","id":"a"}"#;

#[test]
fn a_package_gives_its_definitions_and_says_what_it_is() {
    let manifest = r#"{"name":"example.care","version":"1.2.0","fhirVersions":["4.0.1"]}"#;
    let found = read_bytes(&package(&[
        ("package/package.json", manifest),
        ("package/.index.json", r#"{"files":[]}"#),
        ("package/StructureDefinition-p.json", PROFILE),
        ("package/ValueSet-v.json", SET),
        ("package/Patient-a.json", PATIENT),
        ("package/example/ValueSet-example.json", SET),
        ("package/other/validation-summary.json", SET),
        ("package/openapi/Patient.openapi.json", r#"{"openapi":"3.0.2"}"#),
        ("package/xml/fhir-all.xsd", "<xs:schema/>"),
        ("package/readme.md", "# Words"),
        ("package/page.html", "<html><p>not well formed</html>"),
    ]))
    .expect("it is a package");
    assert_eq!(
        kept(&found),
        ["http://example.org/p package/StructureDefinition-p.json", "http://example.org/v package/ValueSet-v.json",]
    );
    assert_eq!(texts(&found), Vec::<&str>::new());
    let manifest = found.manifest.expect("it has one");
    assert_eq!((manifest.name.as_deref(), manifest.version.as_deref()), (Some("example.care"), Some("1.2.0")));
}

#[test]
fn a_tar_archive_need_not_be_packed_nor_have_a_folder_named_package() {
    let found = read_bytes(&tarred(&[("./v.json", SET), ("repository/profiles/p.json", PROFILE)])).expect("an archive");
    assert_eq!(kept(&found), ["http://example.org/v ./v.json", "http://example.org/p repository/profiles/p.json"]);
}

#[test]
fn definitions_may_be_written_in_xml() {
    let set = r#"<?xml version="1.0"?><ValueSet xmlns="http://hl7.org/fhir"><url value="http://example.org/x"/>
        <compose><include><system value="http://example.org/s"/></include></compose></ValueSet>"#;
    let found = read_bytes(&package(&[
        ("package/x.xml", set),
        ("package/broken.xml", &set.replace("</compose>", "")),
        ("package/schema.xml", "<schema><a></schema>"),
        ("package/fhir.xsd", r#"<schema xmlns="http://hl7.org/fhir"><a></schema>"#),
    ]))
    .expect("an archive");
    assert_eq!(kept(&found), ["http://example.org/x package/x.xml"]);
    assert_eq!(found.resources[0].value["compose"]["include"][0]["system"], "http://example.org/s");
    assert_eq!(found.issues.len(), 1);
    assert!(found.issues[0].text.starts_with("package/broken.xml was left out: "), "{}", found.issues[0].text);
    assert_eq!(kept(&read_bytes(set.as_bytes()).expect("a single file")), ["http://example.org/x test.tgz"]);
    assert!(matches!(read_bytes(b"<ValueSet"), Err(PackageError::Malformed { .. })));
}

#[test]
fn only_a_package_for_another_fhir_version_is_warned_of() {
    for (manifest, warned) in [
        (json!({"name": "a", "fhirVersions": ["4.0.1"]}), false),
        (json!({"name": "a", "fhirVersions": ["4.0.0"]}), false),
        (json!({"name": "a", "fhirVersions": ["5.0.0", "4.0.1"]}), false),
        (json!({"name": "a", "fhir-version-list": ["4.0.1"]}), false),
        (json!({"name": "a"}), false),
        (json!({"name": "a", "fhirVersions": 4}), false),
        (json!([]), false),
        (json!({"name": "a", "fhirVersions": ["4.3.0"]}), true),
        (json!({"name": "a", "fhirVersions": ["3.0.2"]}), true),
        (json!({"name": "a", "fhir-version-list": ["5.0.0"]}), true),
    ] {
        let text = manifest.to_string();
        let found = read_bytes(&package(&[("package/package.json", &text), ("package/v.json", SET)])).expect("read");
        assert_eq!(found.issues.len(), usize::from(warned), "{manifest}");
        assert!(found.issues.iter().all(|issue| issue.severity == Severity::Warning));
        assert_eq!(found.resources.len(), 1);
    }
}

#[test]
fn definitions_for_another_fhir_version_are_kept_and_warned_of_once() {
    let of = |version: &str| format!(r#"{{"resourceType":"StructureDefinition","url":"u","fhirVersion":"{version}"}}"#);
    let (old, new, ours) = (of("3.0.2"), of("5.0.0"), of("4.0.1"));
    let found = read_bytes(&package(&[("a.json", &ours), ("b.json", &old), ("c.json", &new)])).expect("an archive");
    assert_eq!(found.resources.len(), 3);
    assert_eq!(
        texts(&found),
        [
            "The definition in b.json (and 1 more) is for another FHIR version than 4.0.1 and is read as if it were for that."
        ]
    );
    assert_eq!(read_bytes(ours.as_bytes()).expect("one definition").issues, []);
}

#[test]
fn a_definition_loses_its_prose_and_keeps_what_rules_read() {
    let found = read_bytes(&package(&[("package/p.json", PROFILE), ("package/m.json", MEASURE)])).expect("a package");
    assert_eq!(
        found.resources[0].value,
        json!({"resourceType": "StructureDefinition", "url": "http://example.org/p",
            "differential": {"element": [{"path": "Patient", "constraint": [{"key": "k", "human": "h"}]}]}})
    );
    assert_eq!(found.resources[1].value["description"], "d");
    let system = r#"{"resourceType":"CodeSystem","url":"http://example.org/c","concept":[
        {"code":"a","definition":"d","concept":[{"code":"b","definition":"d","display":"B"}, 7]}]}"#;
    let found = read_bytes(system.as_bytes()).expect("a resource");
    assert_eq!(
        found.resources[0].value["concept"],
        json!([{"code": "a", "concept": [{"code": "b", "display": "B"}, 7]}])
    );
}

#[test]
fn a_bundle_gives_the_definitions_in_it() {
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{SET}}},{{"resource":{PATIENT}}},{{}},3,
        {{"resource":{{"resourceType":"Bundle","entry":[{{"resource":{PROFILE}}}]}}}}]}}"#
    );
    let found = read_bytes(bundle.as_bytes()).expect("a Bundle");
    assert_eq!(kept(&found), ["http://example.org/v test.tgz", "http://example.org/p test.tgz"]);
    assert!(found.issues.is_empty());
}

#[test]
fn a_single_resource_that_defines_nothing_is_kept_and_said_to_be_so() {
    for (text, kind) in [
        (PATIENT, "a Patient"),
        (r#"{"resourceType":"Bundle","entry":[]}"#, "a Bundle"),
        (r#"{"resourceType":"ValueSet"}"#, "a ValueSet"),
        (r#"{"resourceType":"Device","url":"http://example.org/d"}"#, "a Device"),
    ] {
        let found = read_from("one.json", text.as_bytes(), &Limits::default()).expect(kind);
        assert_eq!(found.resources.len(), 1, "{kind}");
        assert_eq!(found.resources[0].value, serde_json::from_str::<Value>(text).expect("JSON"));
        assert_eq!(found.issues[0].severity, Severity::Information);
        assert!(found.issues[0].text.contains(&kind[2..]), "{}", found.issues[0].text);
    }
}

#[test]
fn a_definition_written_in_xml_is_kept_as_if_it_were_json() {
    let text = "<?xml version='1.0'?>\n<ValueSet xmlns='http://hl7.org/fhir'><url value='http://example.org/x'/><compose><include><system value='http://example.org/s'/><concept><code value='a'/></concept></include></compose></ValueSet>";
    let found = read_from("one.xml", text.as_bytes(), &Limits::default()).expect("a value set");
    assert_eq!(kept(&found), ["http://example.org/x one.xml"]);
    assert_eq!(found.resources[0].value["compose"]["include"][0]["concept"][0]["code"], "a");
    let broken = read_from("one.xml", &text.as_bytes()[..80], &Limits::default()).expect_err("broken");
    assert!(broken.to_string().contains("one.xml"), "{broken}");
}

#[test]
fn what_is_no_package_is_refused_with_what_it_is() {
    for (bytes, said) in [
        (&b""[..], "is empty"),
        (b" \n", "is empty"),
        (b"hello", "neither an archive nor JSON nor XML"),
        (b"[1]", "neither an archive nor JSON nor XML"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"{}", "JSON without a resourceType"),
        (b"{\"resourceType\":", "is not well formed"),
        (b"\x1F\x8B", "damaged at its first entry"),
    ] {
        let error = read_bytes(bytes).expect_err(said).to_string();
        assert!(error.contains(said) && error.starts_with("test.tgz"), "{error}");
    }
    assert!(packed(b"{}").len() > 10 && read_bytes(&packed(b"{\"resourceType\":\"ValueSet\"}")).is_err());
}

#[test]
fn a_package_without_definitions_is_said_to_be_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = read(folder.path(), &Limits::default()).expect("a folder");
    assert!(texts(&found)[0].ends_with(" holds no definition that others could be judged by."));
    for files in [&[][..], &[("package/Patient-a.json", PATIENT)], &[("package/example/v.json", SET)]] {
        let found = read_bytes(&package(files)).expect("an archive");
        assert_eq!(texts(&found), ["test.tgz holds no definition that others could be judged by."]);
    }
}

#[test]
fn a_broken_file_in_a_package_is_left_out_by_name_and_the_rest_is_kept() {
    let found = read_bytes(&package(&[
        ("package/a.json", r#"{"resourceType":"ValueSet","url":"http://example.org/a",}"#),
        ("package/b.json", r#"{"resourceType":"ValueSet","url":"u","url":"u"}"#),
        ("package/c.json", "{ not FHIR at all"),
        ("package/d.json", r#"{"a":1}"#),
        ("package/e.json", SET),
    ]))
    .expect("a package");
    assert_eq!(kept(&found), ["http://example.org/v package/e.json"]);
    assert_eq!(found.issues.len(), 2);
    assert!(found.issues[0].text.starts_with("package/a.json was left out: "), "{}", found.issues[0].text);
    assert!(found.issues[0].position.is_some());
    assert!(found.issues[1].text.starts_with("package/b.json was left out: "));
}

#[test]
fn a_folder_is_read_whatever_its_files_are_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, bytes: &[u8]| {
        let full = folder.path().join(path);
        fs::create_dir_all(full.parent().expect("it has one")).expect("made");
        fs::write(full, bytes).expect("written");
    };
    write("package.json", br#"{"name":"example.care"}"#);
    write("b/profile.txt", PROFILE.as_bytes());
    write("b/picture.png", b"\x89PNG");
    write("a.json", SET.as_bytes());
    write("examples/v.json", SET.as_bytes());
    write(".git/v.json", SET.as_bytes());
    write("node_modules/x/v.json", SET.as_bytes());
    write("c.tgz", &package(&[("package/m.json", MEASURE)]));
    write("data.gz", &packed(b"not a package"));
    let found = read(folder.path(), &Limits::default()).expect("a folder");
    assert_eq!(
        kept(&found),
        ["http://example.org/v a.json", "http://example.org/m package/m.json", "http://example.org/p b/profile.txt",]
    );
    assert_eq!(found.manifest.and_then(|one| one.name).as_deref(), Some("example.care"));
    // In an unpacked package the folder `xml` holds schemas; in any other it is as good as another name.
    write("xml/v.json", SET.as_bytes());
    assert_eq!(read(folder.path(), &Limits::default()).expect("a folder").resources.len(), 3);
    fs::remove_file(folder.path().join("package.json")).expect("it is there");
    assert_eq!(read(folder.path(), &Limits::default()).expect("a folder").resources.len(), 4);
    let found = read(&folder.path().join("c.tgz"), &Limits::default()).expect("a package");
    assert_eq!(kept(&found), ["http://example.org/m package/m.json"]);
    assert!(matches!(read(&folder.path().join("none"), &Limits::default()), Err(PackageError::Unreadable { .. })));
}

#[test]
fn definitions_of_a_package_are_known_afterwards() {
    let mut known = Known::built_in();
    assert!(known.published("http://example.org/m").is_none());
    known.with_package(read_bytes(MEASURE.as_bytes()).expect("a Measure"));
    assert_eq!(known.published("http://example.org/m").and_then(|one| one["description"].as_str()), Some("d"));
    let newer = MEASURE.replace("\"d\"", r#""new","version":"2""#);
    known.with_package(read_bytes(newer.as_bytes()).expect("a Measure"));
    for canonical in ["http://example.org/m", "http://example.org/m|2"] {
        assert_eq!(known.published(canonical).and_then(|one| one["description"].as_str()), Some("new"));
    }
    assert!(known.published("http://example.org/m|1").is_none());
}
