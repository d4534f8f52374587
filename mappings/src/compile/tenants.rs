//! `tenants/<tenant>.yaml`: the rows of open code tables that a home or agency has of its own.

use super::tables::{WHOLE_WORDS, rows, sides_shared_without_way_back, table, way_back};
use super::{Tables, Workbench};
use crate::code_table::{CodeTable, same_fhir_side};
use crate::diagnostic::{Code, Diagnostic, Reporter, Span, did_you_mean};
use crate::plugin_files::Folder;
use crate::syntax::{Node, parse};
use crate::vendor_path::same;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most characters of a tenant's name.
const LONGEST_NAME: usize = 64;

/// A tenant's file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFile {
    /// The tenant.
    pub name: String,
    /// The file as people know it.
    pub file: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl TenantFile {
    /// The tenants of a folder of a plugin, by name.
    pub fn of_plugin(vendor: &str, folder: &Folder) -> Vec<TenantFile> {
        let read = |file: String| {
            let bytes = folder.read(&format!("tenants/{file}"))?;
            let name = file.strip_suffix(".yaml")?.to_owned();
            Some(TenantFile { name, file: format!("{vendor}/tenants/{file}"), bytes })
        };
        folder.files("tenants").into_iter().filter_map(read).collect()
    }

    /// The tenants of a vendor in a folder on disk (`DIR/<vendor>/<tenant>.yaml`).
    pub fn on_disk(folder: &std::path::Path, vendor: &str) -> std::io::Result<Vec<TenantFile>> {
        let mut out = Vec::new();
        let within = folder.join(vendor);
        if !within.is_dir() {
            return Ok(out);
        }
        for entry in std::fs::read_dir(&within)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".yaml"));
            if let Some(name) = name {
                let file = format!("{vendor}/{name}.yaml");
                out.push(TenantFile { name: name.to_owned(), file, bytes: std::fs::read(&path)? });
            }
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(out)
    }

    /// Why the name cannot be a tenant's.
    pub fn fault_of_name(&self) -> Option<Diagnostic> {
        let sane = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        let name = &self.name;
        let fits = !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(sane);
        (!fits).then(|| {
            let text = format!("`{name}` cannot be a tenant's name");
            Diagnostic::new(Code::TenantFile, &self.file, Span::default(), text)
                .with_hint("a name is lower-case letters, digits and hyphens, at most 64 of them")
        })
    }
}

/// The plugin's tables with a tenant's own rows in those that are open to it.
pub fn tables_of_tenant(
    text: &str,
    base: &Tables,
    open: &[(String, Span)],
    systems: &BTreeMap<String, String>,
    reporter: &mut Reporter,
) -> Tables {
    let mut tables = base.clone();
    // A file of nothing but remarks makes a tenant that has the plugin's own tables.
    let blank = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let Some(node) = (!blank).then(|| parse(text, reporter)).flatten() else { return tables };
    let (empty, no_sources) = (Tables::default(), BTreeMap::new());
    let mut bench = Workbench::new(reporter, systems, &empty, &no_sources, crate::check::built_in());
    if node.entries().is_none() {
        bench.report(Code::WrongKind, node.span, "a map of code tables is expected here");
    }
    for (name, entry) in node.entries().unwrap_or_default() {
        if !open.iter().any(|(known, _)| known == name) {
            refuse_closed(&mut bench, name, entry.span, base, open);
            continue;
        }
        let Some(below) = base.by_name.get(name) else { continue };
        let replaces = entry.get("replace").map(|one| (one.to_value(), one.value));
        let whole = match replaces {
            None => false,
            Some((serde_json::Value::Bool(whole), _)) => whole,
            Some((_, span)) => {
                bench.report(Code::WrongKind, span, "`replace` is true or false");
                false
            }
        };
        let made = if whole {
            table(&mut bench, name, entry, WHOLE_WORDS)
        } else {
            Some(over(&mut bench, name, entry, below))
        };
        let Some(made) = made else { continue };
        if whole {
            tables.keeping.remove(name);
        }
        if entry.get("vendor-else").is_some() {
            tables.keeping.insert(name.clone());
        }
        tables.by_name.insert(name.clone(), Arc::new(made));
    }
    tables
}

/// Reports open tables that the plugin does not have.
pub fn check_open_tables(open: &[(String, Span)], tables: &Tables, reporter: &mut Reporter) {
    for (name, span) in open.iter().filter(|(name, _)| !tables.by_name.contains_key(name) && !tables.is_broken(name)) {
        let hint = did_you_mean(name, tables.by_name.keys().map(String::as_str))
            .unwrap_or_else(|| "tables are declared in tables.yaml".into());
        reporter.report_with(Code::TenantTable, *span, format!("no code table is called `{name}`"), hint);
    }
}

fn refuse_closed(bench: &mut Workbench<'_>, name: &str, span: Span, base: &Tables, open: &[(String, Span)]) {
    let known = open.iter().map(|(name, _)| name.as_str());
    let all: Vec<&str> = known.clone().collect();
    let (text, otherwise) = if base.by_name.contains_key(name) {
        let text = format!("the table `{name}` is not open to tenants");
        (text, "name it under `tenant-tables` in vendor.yaml, if every tenant may override it".to_owned())
    } else {
        let text = format!("no code table is called `{name}`");
        (
            text,
            if all.is_empty() { "this plugin opens no table".into() } else { format!("open are: {}", all.join(", ")) },
        )
    };
    let hint = did_you_mean(name, known).unwrap_or(otherwise);
    bench.reporter.report_with(Code::TenantTable, span, text, hint);
}

/// A table with rows replaced and added; what the file does not say stays.
fn over(bench: &mut Workbench<'_>, name: &str, node: &Node, base: &CodeTable) -> CodeTable {
    bench.only_words(
        node,
        &["title", "signed-off", "ignore-case", "rows", "back", "vendor-else", "fhir-else", "replace"],
    );
    let mut merged = base.rows.clone();
    for (vendor, fhir) in rows(bench, name, node) {
        match merged.iter_mut().find(|(known, _)| same(known, &vendor)) {
            Some((_, side)) => *side = fhir,
            None => merged.push((vendor, fhir)),
        }
    }
    let own = way_back(bench, name, node, &merged);
    // What the plugin says of the way back holds as long as it leads to a code that still becomes that side.
    let still = |(side, code): &(serde_json::Value, Option<serde_json::Value>)| {
        let leads_there = |(vendor, fhir): &(serde_json::Value, serde_json::Value)| {
            same_fhir_side(fhir, side) && code.as_ref().is_none_or(|code| same(vendor, code))
        };
        !own.iter().any(|(named, _)| same_fhir_side(named, side)) && merged.iter().any(leads_there)
    };
    let mut back: Vec<_> = base.back.iter().filter(|entry| still(entry)).cloned().collect();
    back.extend(own);
    sides_shared_without_way_back(bench, name, node.span, &merged, &back);
    let vendor_else = match node.get("vendor-else") {
        Some(one) => Some(bench.constant(one)).filter(|value| value != "keep"),
        None => base.vendor_else.clone(),
    };
    let fhir_else = match node.get("fhir-else") {
        Some(one) => Some(one.to_value()).filter(|value| value != "refuse"),
        None => base.fhir_else.clone(),
    };
    let ignore_case = node.get("ignore-case").map_or(base.ignore_case, |one| one.to_value() == true);
    let table = CodeTable::new(name, ignore_case, merged, back, vendor_else, fhir_else);
    if base.as_is { table.passing() } else { table }
}
