//! The manual's examples run: each is a plugin made of the blocks of its section, checked, translated and brought back.
//!
//! A block is a file of the plugin when its fence names it (```` ```yaml map.yaml ````); `json in` is the payload, `json out` the
//! resources it becomes (without `id` and `meta`; `…` stands for an id), `json in NAME` a payload of another message of
//! the section, known when the example is translated. With UPDATE=1 the outputs, and LANGUAGE.md, are written anew.

use crate::{faults, leaves};
use ginnel_mappings::authoring::infer::Seen;
use ginnel_mappings::authoring::manual::manual_of;
use ginnel_mappings::check::check_plugin;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::Context;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

const VENDOR: &str = "\
id: acme
title: Acme Care
version: 1.0.0
timezone: Europe/London
systems:
  own: https://acme.example/id
  sct: http://snomed.info/sct
";

/// A fenced block: what stands behind its fence, its text, and its lines in the chapter (without the fences).
#[derive(Debug, Clone)]
struct Block {
    info: String,
    text: String,
    lines: (usize, usize),
}

#[derive(Debug)]
struct Example {
    place: String,
    blocks: Vec<Block>,
}

impl Example {
    fn named(&self, info: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.info == info)
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// The examples of a chapter: the blocks of each section that has a map.
fn examples(name: &str, text: &str) -> Vec<Example> {
    let mut out: Vec<Example> = vec![Example { place: name.to_string(), blocks: Vec::new() }];
    let mut open: Option<(String, usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        if let Some((info, start, mut body)) = open.take() {
            if line.trim_start().starts_with("```") {
                if let Some(last) = out.last_mut() {
                    last.blocks.push(Block { info, text: body, lines: (start, index) });
                }
            } else {
                body.push_str(line);
                body.push('\n');
                open = Some((info, start, body));
            }
        } else if let Some(info) = line.strip_prefix("```") {
            let info = info.split_once(' ').map_or("", |(_, rest)| rest).trim().to_string();
            open = Some((info, index + 1, String::new()));
        } else if line.starts_with("## ") || line.starts_with("### ") {
            out.push(Example { place: format!("{name}: {}", line.trim_start_matches('#').trim()), blocks: Vec::new() });
        }
    }
    assert!(open.is_none(), "{name}: a fence is not closed");
    out.retain(|example| example.blocks.iter().any(|block| block.info.ends_with("map.yaml")));
    out
}

fn json(example: &Example, block: &Block) -> Value {
    serde_json::from_str(&block.text)
        .unwrap_or_else(|error| panic!("{} line {}: {error}", example.place, block.lines.0))
}

/// The plugin of an example: its files, the shared `vendor.yaml` and inferred schemas where it has none of its own.
fn plugin(example: &Example) -> (Vendor, String) {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut messages = Vec::new();
    for block in &example.blocks {
        let path = block.info.as_str();
        if path.ends_with("map.yaml") {
            let message = block.text.lines().find_map(|line| line.strip_prefix("message:")).unwrap_or_default().trim();
            let message = message.split('#').next().unwrap_or_default().trim().to_string();
            files.insert(format!("{message}/map.yaml"), block.text.clone().into_bytes());
            messages.push(message);
        } else if path == "vendor.yaml"
            || path == "tables.yaml"
            || path == "shapes.yaml"
            || path.starts_with("tenants/")
            || path.starts_with("tenants/")
        {
            files.insert(path.into(), block.text.clone().into_bytes());
        } else if let (Some(message), true) = (messages.last(), path.ends_with(".yaml")) {
            files.insert(format!("{message}/{path}"), block.text.clone().into_bytes());
        }
    }
    for message in &messages {
        let main = messages.last() == Some(message);
        let schema = example
            .named(&format!("{message} source.schema.json"))
            .or_else(|| example.named("source.schema.json").filter(|_| main));
        let text = match schema {
            Some(block) => block.text.clone(),
            None => {
                let named = example.named(&format!("in {message}")).or_else(|| example.named("in").filter(|_| main));
                let block = named.unwrap_or_else(|| panic!("{}: no payload of `{message}`", example.place));
                Seen::of(&[json(example, block)]).schema(&|_| true).to_string()
            }
        };
        files.insert(format!("{message}/source.schema.json"), text.into_bytes());
    }
    let vendor = format!("{VENDOR}messages: [{}]\n", messages.join(", "));
    files.entry("vendor.yaml".into()).or_insert(vendor.into_bytes());
    let folder = Folder::Held(Arc::new(files));
    let report = check_plugin("acme", &folder);
    assert!(!report.has_errors(), "{}:\n{}", example.place, report.render().join("\n"));
    let vendor =
        Vendor::load("acme", &folder).unwrap_or_else(|found| panic!("{}:\n{}", example.place, found.join("\n")));
    (vendor, messages.pop().unwrap_or_default())
}

/// A resource as the manual shows it: without `id` and `meta`, ids of others as `…`.
fn shown(resource: &Value) -> Value {
    fn masked(value: &Value) -> Value {
        match value {
            Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), masked(value))).collect(),
            Value::Array(list) => list.iter().map(masked).collect(),
            Value::String(text) => match text.split_once('/') {
                Some((kind, id)) if id.len() == 36 && uuid_like(id) => format!("{kind}/…").into(),
                _ => value.clone(),
            },
            other => other.clone(),
        }
    }
    let mut out = masked(resource);
    if let Some(map) = out.as_object_mut() {
        map.shift_remove("id");
        map.shift_remove("meta");
    }
    out
}

fn uuid_like(text: &str) -> bool {
    text.bytes()
        .enumerate()
        .all(|(at, byte)| if [8, 13, 18, 23].contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// JSON as a person would set it: what fits on a line stays on one.
fn set(value: &Value, indent: usize) -> String {
    let flat = one_line(value);
    let pad = "  ".repeat(indent + 1);
    let end = "  ".repeat(indent);
    match value {
        _ if flat.len() + 2 * indent <= 100 && indent > 0 => flat,
        Value::Object(map) if !map.is_empty() => {
            let rows: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{pad}{}: {}", Value::from(name.as_str()), set(value, indent + 1)))
                .collect();
            format!("{{\n{}\n{end}}}", rows.join(",\n"))
        }
        Value::Array(list) if !list.is_empty() => {
            let rows: Vec<String> = list.iter().map(|value| format!("{pad}{}", set(value, indent + 1))).collect();
            format!("[\n{}\n{end}]", rows.join(",\n"))
        }
        _ => flat,
    }
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let rows: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), one_line(value)))
                .collect();
            format!("{{ {} }}", rows.join(", ")).replace("{  }", "{}")
        }
        Value::Array(list) => format!("[{}]", list.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// The files of a payload that is no JSON.
fn files(example: &Example) -> Vec<SourceFile> {
    let named = example.blocks.iter().filter_map(|block| Some((block.info.strip_prefix("file ")?, block)));
    named.map(|(name, block)| SourceFile::new(name, block.text.clone())).collect()
}

/// Runs an example; gives the text that its `json out` should have.
fn run(example: &Example) -> Option<String> {
    let place = &example.place;
    let (vendor, last) = plugin(example);
    let message = vendor.message(&last).unwrap_or_else(|| panic!("{place}: no message `{last}`"));
    let files = files(example);
    let payload = if files.is_empty() {
        json(example, example.named("in")?)
    } else {
        let read = message.read(&files, &Limits::default());
        read.unwrap_or_else(|issues| panic!("{place}: {issues:?}")).tree
    };
    let mut context = Context::new();
    for block in &example.blocks {
        if let Some(name) = block.info.strip_prefix("in ") {
            let other = vendor.message(name).unwrap_or_else(|| panic!("{place}: no message `{name}`"));
            other.items(&json(example, block)).into_iter().for_each(|(key, item)| context.insert(key, item));
        }
    }
    let translated = message.translate(&payload, message.check(&payload), &context);
    let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
    assert_eq!(rows, leaves(&payload), "{place}: one row a value");
    let resources: Vec<Value> =
        translated.bundle()["entry"].as_array().into_iter().flatten().map(|entry| entry["resource"].clone()).collect();
    for resource in &resources {
        assert_eq!(faults(resource), [], "{place}: {}", resource["resourceType"]);
    }
    let bundle = translated.bundle();
    let back = message.to_vendor(&bundle, std::slice::from_ref(&payload), &context);
    assert_eq!(back.payload, payload, "{place}: it comes back as it was");
    if !files.is_empty() {
        assert_eq!(message.write(&back.payload, &files), Ok(files), "{place}: byte for byte");
    }
    let shown: Vec<Value> = resources.iter().map(shown).collect();
    let text = match shown.as_slice() {
        [one] => set(one, 0),
        all => set(&Value::Array(all.to_vec()), 0),
    };
    let wanted = example.named("out")?;
    if !updating() {
        let wanted = json(example, wanted);
        let found: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(found, wanted, "{place}: with UPDATE=1 the output is written anew; it is\n{text}");
    }
    Some(text)
}

/// The chapters, read anew from disk, their examples run once: what was faulty, and how many there are.
fn outcome() -> &'static (Vec<String>, usize) {
    static OUTCOME: OnceLock<(Vec<String>, usize)> = OnceLock::new();
    OUTCOME.get_or_init(|| {
        let (mut faulty, mut count) = (Vec::new(), 0);
        for path in on_disk() {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
            let text = std::fs::read_to_string(&path).expect("a chapter");
            let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
            for example in examples(&name, &text).iter().rev() {
                count += 1;
                match std::panic::catch_unwind(|| run(example)) {
                    Err(_) => faulty.push(example.place.clone()),
                    Ok(Some(out)) if updating() => {
                        let (from, to) = example.named("out").expect("an output").lines;
                        lines.splice(from..to, out.lines().map(str::to_string));
                    }
                    Ok(_) => {}
                }
            }
            if updating() {
                std::fs::write(&path, lines.join("\n") + "\n").expect("written");
            }
        }
        (faulty, count)
    })
}

fn on_disk() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("manual")).expect("the chapters");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a chapter").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "md"));
    paths.sort();
    paths
}

#[test]
fn every_example_of_the_manual_gives_what_it_says_and_comes_back() {
    let (faulty, count) = outcome();
    assert!(faulty.is_empty(), "{faulty:?}");
    assert!(*count >= 10, "{count} examples");
}

#[test]
fn the_manual_is_what_its_chapters_say() {
    let file = folder().join("LANGUAGE.md");
    if updating() {
        outcome();
    }
    let texts: Vec<String> = on_disk().iter().map(|path| std::fs::read_to_string(path).expect("a chapter")).collect();
    let wanted = manual_of(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    if updating() {
        std::fs::write(&file, &wanted).expect("written");
    }
    let text = std::fs::read_to_string(&file).expect("LANGUAGE.md");
    assert!(
        text == wanted,
        "LANGUAGE.md is not what its chapters say: run UPDATE=1 cargo test -p ginnel-mappings --test suite manual"
    );
}

#[test]
fn an_example_with_a_wrong_output_is_found() {
    let text = "## X\n```yaml map.yaml\nmessage: m\nresources:\n  p: { type: Patient, id: [id], slices: { \"identifier[own]\": { system: $own/p } }, pairs: { id: \"identifier[own].value\" } }\n```\n```json in\n{\"id\": \"1\"}\n```\n```json out\n{\"resourceType\": \"Patient\"}\n```\n";
    let found = examples("t", text);
    assert_eq!(found.len(), 1);
    if !updating() {
        assert!(std::panic::catch_unwind(|| run(&found[0])).is_err(), "the output lacks the identifier");
    }
}
