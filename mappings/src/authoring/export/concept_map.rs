//! Code tables as ConceptMaps: one for the way out, one for the way in.

use super::{BASE, computable, id_of, tree};
use crate::code_table::{CodeTable, same_fhir_side};
use crate::compile::compile_tables;
use crate::diagnostic::Reporter;
use crate::plugin_files::Folder;
use crate::registry::Vendor;
use crate::syntax::Node;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The ConceptMaps of a plugin.
pub fn of_plugin(vendor: &Vendor, folder: &Folder) -> Vec<Value> {
    let systems: BTreeMap<String, String> = tree(folder, "vendor.yaml")
        .and_then(|node| {
            let entries = node.get("systems")?.entries()?.to_vec();
            Some(entries.iter().filter_map(|(name, url)| Some((name.clone(), url.text()?.to_string()))).collect())
        })
        .unwrap_or_default();
    let Some(text) = folder.read("tables.yaml").and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Vec::new();
    };
    let node = tree(folder, "tables.yaml");
    let tables = compile_tables(&text, &systems, &mut Reporter::new("tables.yaml"));
    let mut out = Vec::new();
    for (name, table) in &tables.by_name {
        let entry = node.as_ref().and_then(|node| node.get(name));
        let told = |word: &str| entry.and_then(|entry| entry.get(word)).and_then(Node::text).map(str::to_string);
        let fhir = told("fhir").map(|url| expanded(&url, &systems));
        let title = told("title").unwrap_or_else(|| name.clone());
        out.extend(outward(vendor, table, &title, fhir.as_deref()));
        out.extend(inward(vendor, table, &title, fhir.as_deref()));
    }
    out
}

fn expanded(url: &str, systems: &BTreeMap<String, String>) -> String {
    let Some(rest) = url.strip_prefix('$') else { return url.to_string() };
    let (name, after) = rest.split_once('/').map_or((rest, String::new()), |(name, after)| (name, format!("/{after}")));
    systems.get(name).map_or_else(|| url.to_string(), |system| format!("{system}{after}"))
}

/// A code with its system and words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Coded {
    system: Option<String>,
    code: String,
    display: Option<String>,
}

/// A side of a row as a code; `None` where it is no code (a text, or something with members of its own).
fn coded(side: &Value, system: Option<&str>) -> Option<Coded> {
    match side {
        Value::Object(map) => {
            let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_string);
            let code = text("code")?;
            Some(Coded { system: text("system"), code, display: text("display").or_else(|| text("unit")) })
        }
        Value::String(code) if is_code(code) => {
            Some(Coded { system: system.map(str::to_string), code: code.clone(), display: None })
        }
        _ => None,
    }
}

/// FHIR's `code`: no white space at the ends, and no more than one space within.
fn is_code(text: &str) -> bool {
    !text.is_empty() && text.split(' ').all(|part| !part.is_empty() && !part.contains(char::is_whitespace))
}

/// A vendor's code as text; one that FHIR's `code` cannot hold has its white space put right.
fn vendor_code(value: &Value) -> Option<String> {
    let text = crate::vendor_path::scalar_text(value)?;
    let code = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!code.is_empty()).then_some(code)
}

fn vendor_system(vendor: &Vendor, table: &CodeTable) -> String {
    format!("{BASE}/{}/CodeSystem/{}", vendor.id, id_of(&table.name))
}

fn outward(vendor: &Vendor, table: &CodeTable, title: &str, fhir: Option<&str>) -> Option<Value> {
    let mut groups: Vec<(Option<String>, Vec<Value>)> = Vec::new();
    for (code, side) in &table.rows {
        let Some(source) = vendor_code(code) else { continue };
        let shared = table.rows.iter().filter(|(_, other)| same_fhir_side(other, side)).count() > 1;
        let element = match coded(side, fhir) {
            Some(target) => {
                let mut to = Map::new();
                to.insert("code".into(), target.code.into());
                if let Some(display) = target.display {
                    to.insert("display".into(), display.into());
                }
                // Several vendor codes with one meaning in FHIR: FHIR's is the wider one.
                to.insert("equivalence".into(), if shared { "wider" } else { "equivalent" }.into());
                (target.system, json!({"code": source, "target": [to]}))
            }
            None => {
                let said = side.as_str().map_or_else(|| side.to_string(), str::to_string);
                let to = json!({"equivalence": "unmatched", "comment": format!("Sent as: {said}")});
                (fhir.map(str::to_string), json!({"code": source, "target": [to]}))
            }
        };
        match groups.iter_mut().find(|(system, _)| *system == element.0) {
            Some((_, elements)) => elements.push(element.1),
            None => groups.push((element.0, vec![element.1])),
        }
    }
    let otherwise = table.vendor_else.as_ref().and_then(|side| coded(side, fhir));
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(system, elements)| {
            let mut group = Map::new();
            group.insert("source".into(), vendor_system(vendor, table).into());
            if let Some(system) = &system {
                group.insert("target".into(), system.clone().into());
            }
            group.insert("element".into(), elements.into());
            if let Some(other) = otherwise.as_ref().filter(|other| other.system == system) {
                group.insert("unmapped".into(), json!({"mode": "fixed", "code": other.code}));
            }
            Value::Object(group)
        })
        .collect();
    resource(vendor, table, title, "out", groups, "What a vendor's code becomes in FHIR.")
}

fn inward(vendor: &Vendor, table: &CodeTable, title: &str, fhir: Option<&str>) -> Option<Value> {
    let mut groups: Vec<(Option<String>, Vec<Value>)> = Vec::new();
    let mut sides: Vec<&Value> = Vec::new();
    for (_, side) in &table.rows {
        if sides.iter().any(|known| same_fhir_side(known, side)) {
            continue;
        }
        sides.push(side);
        let Some(source) = coded(side, fhir) else { continue };
        let shared = table.rows.iter().filter(|(_, other)| same_fhir_side(other, side)).count() > 1;
        let target = match table.back(side) {
            Ok(Some(code)) => vendor_code(&code).map(|code| {
                let said = "one of several vendor codes with this meaning; the kept original tells which it was";
                if shared {
                    json!({"code": code, "equivalence": "narrower", "comment": said})
                } else {
                    json!({"code": code, "equivalence": "equivalent"})
                }
            }),
            _ => None,
        };
        let target = target.unwrap_or_else(
            || json!({"equivalence": "unmatched", "comment": "carried back by another rule of the mapping"}),
        );
        let mut element = Map::new();
        element.insert("code".into(), source.code.into());
        if let Some(display) = source.display {
            element.insert("display".into(), display.into());
        }
        element.insert("target".into(), json!([target]));
        match groups.iter_mut().find(|(system, _)| *system == source.system) {
            Some((_, elements)) => elements.push(Value::Object(element)),
            None => groups.push((source.system, vec![Value::Object(element)])),
        }
    }
    let otherwise = table.fhir_else.as_ref().and_then(vendor_code);
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(system, elements)| {
            let mut group = Map::new();
            if let Some(system) = system {
                group.insert("source".into(), system.into());
            }
            group.insert("target".into(), vendor_system(vendor, table).into());
            group.insert("element".into(), elements.into());
            if let Some(code) = &otherwise {
                group.insert("unmapped".into(), json!({"mode": "fixed", "code": code}));
            }
            Value::Object(group)
        })
        .collect();
    resource(vendor, table, title, "in", groups, "What a code of FHIR becomes for the vendor.")
}

fn resource(
    vendor: &Vendor,
    table: &CodeTable,
    title: &str,
    way: &str,
    groups: Vec<Value>,
    about: &str,
) -> Option<Value> {
    if groups.is_empty() {
        return None;
    }
    let id = id_of(&format!("{}-{}-{way}", vendor.id, table.name));
    Some(json!({
        "resourceType": "ConceptMap",
        "id": id,
        "url": format!("{BASE}/{}/ConceptMap/{}-{way}", vendor.id, id_of(&table.name)),
        "version": vendor.version,
        "name": computable(&format!("{} {} {way}", vendor.id, table.name)),
        "title": format!("{title} ({way})"),
        "status": "active",
        "description": about,
        "group": groups,
    }))
}
