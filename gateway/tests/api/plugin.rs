//! A small plugin on disk that tests may change while a server runs.

use std::fs;
use std::path::{Path, PathBuf};

/// The vendor of the plugin.
pub const RIVER: &str = "river-care";

const VENDOR: &str = r#"id: river-care
title: River Care (invented, for tests)
version: 0.0.1
systems: { river: "https://river.example" }
messages: [people]
tenant-tables: [gender]
"#;

const TABLES: &str = "gender:\n  rows: [[F, female], [M, male]]\n  vendor-else: unknown\n  fhir-else: refuse\n";

const SCHEMA: &str = r#"{
  "type": "object", "required": ["people"], "additionalProperties": false,
  "properties": { "people": { "type": "array", "items": {
    "type": "object", "required": ["id"], "additionalProperties": false,
    "properties": { "id": { "type": "string" }, "name": { "type": "string" }, "sex": { "type": "string" } } } } }
}"#;

/// The map; `name` is where names go.
pub fn map(name: &str) -> String {
    format!(
        r#"message: people
items:
  person: {{ at: people, key: id }}
resources:
  patient:
    type: Patient
    each: person
    id: [person.id]
    slices:
      identifier[own]: {{ system: $river/Id/person }}
    pairs:
      person.id: identifier[own].value
      person.name: {name}
      person.sex: {{ to: gender, table: gender }}
"#
    )
}

/// A further rule, which makes a resource of a type that the plugin did not make before.
pub const MAKES_FLAGS: &str = r#"  flag:
    type: Flag
    each: person
    when: { person.name: present }
    id: [person.id]
    const: { status: active, code.text: Has a name }
    refs: { subject: { rule: patient, key: [person.id], identifier: $river/Id/person } }
"#;

/// The plugin in a folder of plugins of its own.
pub struct Plugin {
    folder: tempfile::TempDir,
}

impl Plugin {
    /// Written whole.
    pub fn new() -> Plugin {
        let plugin = Plugin { folder: tempfile::tempdir().expect("a folder") };
        plugin.write_all();
        plugin
    }

    /// Everything as it is at first.
    pub fn write_all(&self) {
        self.write("vendor.yaml", VENDOR);
        self.write("tables.yaml", TABLES);
        self.write("people/map.yaml", &map("name[0].text"));
        self.write("people/source.schema.json", SCHEMA);
        self.write("people/examples/one.vendor.json", r#"{"people": [{"id": "p-0", "name": "Ada Ash", "sex": "F"}]}"#);
    }

    /// The folder that holds the plugin's.
    pub fn vendors(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }

    /// The plugin's own folder.
    pub fn own(&self) -> PathBuf {
        self.folder.path().join(RIVER)
    }

    /// Writes one of its files.
    pub fn write(&self, file: &str, text: &str) {
        write(&self.own().join(file), text);
    }
}

/// Writes a file and the folders that it lies in.
pub fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}
