//! The schemas for editors know the words that the compiler knows, and every plugin fits them.

use super::*;
use crate::check::check_plugin;
use crate::diagnostic::{Code, Reporter};
use crate::plugin_files::Folder;
use crate::syntax::parse;
use ginnel_schemas::json_schema::SourceSchema;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

const STRANGE: &str = "qqqqqqqqqqqqqqqqqqqqqqqq";

fn names(words: &[&[Word]]) -> BTreeSet<String> {
    words.iter().copied().flatten().map(|word| word.name.to_string()).collect()
}

/// What the compiler says it knows where a strange word stands, by the line it stands on.
fn known(file: &str, text: &str) -> Vec<BTreeSet<String>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::from([
        ("vendor.yaml".into(), b"id: acme\ntitle: A\nversion: 1.0.0\nmessages: [m]\n".to_vec()),
        ("m/map.yaml".into(), b"message: m\nresources: { p: { type: Patient, id: [id] } }\n".to_vec()),
        ("m/source.schema.json".into(), b"{}".to_vec()),
    ]);
    if file == "m/part.yaml" {
        files.insert("m/map.yaml".into(), b"message: m\nparts: [part.yaml]\n".to_vec());
    }
    files.insert(file.into(), text.into());
    let report = check_plugin("acme", &Folder::Held(Arc::new(files)));
    let mut found: Vec<(usize, BTreeSet<String>)> = report
        .diagnostics
        .iter()
        .filter(|one| matches!(one.code, Code::UnknownWord | Code::Guard) && one.text.contains(STRANGE))
        .filter_map(|one| {
            let hint = one.hint.as_deref()?;
            let list = hint.strip_prefix("known here: ").or_else(|| hint.strip_prefix("conditions are "))?;
            Some((one.span.line, list.split(", ").map(str::to_string).collect()))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, words)| words).collect()
}

#[test]
fn the_words_of_the_schemas_are_those_that_the_compiler_knows() {
    let vendor = known("vendor.yaml", &format!("id: acme\ntitle: A\nversion: 1.0.0\nmessages: [m]\n{STRANGE}: x\n"));
    assert_eq!(vendor, [names(&[VENDOR])], "add the word to authoring/language.rs");
    let tables = known("tables.yaml", &format!("t:\n  rows: [[a, b]]\n  {STRANGE}: x\n"));
    assert_eq!(tables, [names(&[TABLE])], "add the word to authoring/language.rs");
    let s = STRANGE;
    let map = format!(
        "message: m
{s}: x
items:
  i:
    at: list
    {s}: x
    quarantine:
      - text: t
        {s}: x
context:
  c:
    message: m
    item: i
    key: k
    {s}: x
resources:
  p:
    type: Patient
    id: [id]
    {s}: x
    when:
      a:
        {s}: x
    pairs:
      a:
        to: birthDate
        {s}: x
        else:
          to: birthDate
          {s}: x
    refs:
      managingOrganization:
        rule: p
        key: [id]
        {s}: x
    derive:
      name[0].text:
        parts:
          - text: x
            {s}: x
        {s}: x
    copies:
      c:
        to: name[0]
        shape: none
        {s}: x
    groups:
      - when: {{ a: present }}
        {s}: x
    lists:
      - each: b as x
        to: telecom
        {s}: x
"
    );
    let wanted = [
        names(&[MAP, RULES]),
        names(&[ITEM]),
        names(&[REPORT]),
        names(&[CONTEXT]),
        names(&[RESOURCE, BLOCK]),
        // `table` stands beside `in` only, and is read with it.
        names(&[CONDITIONS]).into_iter().filter(|word| *word != "table").collect(),
        names(&[PAIR]),
        names(&[ELSE]),
        names(&[REF]),
        names(&[PART]),
        names(&[TEXT]),
        names(&[COPY]),
        names(&[BLOCK]),
        names(&[LIST, BLOCK]),
    ];
    let part = known("m/part.yaml", &format!("{s}: x\n"));
    assert_eq!(part, [names(&[RULES])], "add the word to authoring/language.rs");
    let found = known("m/map.yaml", &map);
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted, "add the word to authoring/language.rs");
    }
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn the_files_of_every_plugin_fit_the_schemas() {
    let mut folders = Folder::built_in();
    for plugins in ["tests/plugins", "../gateway/tests/plugins"] {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(plugins);
        folders.extend(Folder::on_disk(&folder).expect("the test plugins"));
    }
    let compiled = |file: File| SourceSchema::compile(&file.schema()).expect("a schema");
    let (vendor, map, tables) = (compiled(File::Vendor), compiled(File::Map), compiled(File::Tables));
    let (part, shapes) = (compiled(File::Part), compiled(File::Shapes));
    for (id, folder) in &folders {
        let mut files = vec![("vendor.yaml".to_string(), &vendor), ("tables.yaml".to_string(), &tables)];
        files.push(("shapes.yaml".to_string(), &shapes));
        files.extend(folder.map_files().into_iter().map(|path| {
            let schema = if path.ends_with("/map.yaml") { &map } else { &part };
            (path, schema)
        }));
        for (path, schema) in files {
            let Some(bytes) = folder.read(&path) else { continue };
            let text = String::from_utf8(bytes).expect("text");
            let mut reporter = Reporter::new(path.clone());
            let node = parse(&text, &mut reporter).expect("YAML");
            let issues = schema.check(&node.to_value());
            assert!(issues.is_empty(), "{id}/{path}: {issues:?}");
        }
    }
    assert!(folders.len() >= 3);
}

#[test]
fn a_misspelt_word_does_not_fit() {
    let schema = SourceSchema::compile(&File::Map.schema()).expect("a schema");
    let map = json!({"message": "m", "resources": {"p": {"type": "Patient", "id": ["id"], "paris": {}}}});
    assert!(!schema.check(&map).is_empty());
}
