//! `tables.yaml`.

use super::{Tables, Workbench};
use crate::code_table::{CodeTable, same_fhir_side};
use crate::diagnostic::{Code, Reporter, Span};
use crate::syntax::{Node, parse};
use crate::vendor_path::same;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads `tables.yaml`.
pub fn compile_tables(text: &str, systems: &BTreeMap<String, String>, reporter: &mut Reporter) -> Tables {
    let Some(node) = parse(text, reporter) else {
        return Tables { unread: true, ..Tables::default() };
    };
    let (empty, no_sources) = (Tables::default(), BTreeMap::new());
    let mut bench = Workbench::new(reporter, systems, &empty, &no_sources, crate::check::built_in());
    let mut tables = Tables::default();
    for (name, entry) in node.entries().unwrap_or_default() {
        if let Some(table) = table(&mut bench, name, entry, WORDS) {
            if entry.get("vendor-else").is_some() || table.as_is {
                tables.keeping.insert(name.clone());
            }
            if entry.get("fhir-else").is_some() || table.as_is {
                tables.answering.insert(name.clone());
            }
            tables.by_name.insert(name.clone(), Arc::new(table));
        } else {
            tables.broken.insert(name.clone());
        }
    }
    tables
}

/// The words of a table in `tables.yaml`.
const WORDS: &[&str] =
    &["title", "fhir", "signed-off", "ignore-case", "rows", "back", "vendor-else", "fhir-else", "else"];
/// The words of a table that stands for the whole in a tenant's file.
pub(super) const WHOLE_WORDS: &[&str] =
    &["title", "fhir", "signed-off", "ignore-case", "rows", "back", "vendor-else", "fhir-else", "else", "replace"];

/// A table as a file writes it out.
pub(super) fn table(bench: &mut Workbench<'_>, name: &str, node: &Node, words: &[&str]) -> Option<CodeTable> {
    bench.only_words(node, words);
    let rows = rows(bench, name, node);
    if rows.is_empty() {
        bench.report(Code::Table, node.span, format!("table `{name}` has no rows"));
        return None;
    }
    let back = way_back(bench, name, node, &rows);
    sides_shared_without_way_back(bench, name, node.span, &rows, &back);
    let vendor_else = node.get("vendor-else").map(|one| bench.constant(one)).filter(|value| value != "keep");
    let fhir_else = node.get("fhir-else").map(Node::to_value).filter(|value| value != "refuse");
    let ignore_case = node.get("ignore-case").is_some_and(|one| one.to_value() == true);
    let table = CodeTable::new(name, ignore_case, rows, back, vendor_else, fhir_else);
    match node.get("else").map(|one| (one.text(), one.value)) {
        None => Some(table),
        Some((Some("as-is"), span)) => {
            if node.get("vendor-else").is_some() || node.get("fhir-else").is_some() {
                bench.report(Code::Table, span, "`else: as-is` stands for both `vendor-else` and `fhir-else`");
            }
            Some(table.passing())
        }
        Some((_, span)) => {
            bench.report(Code::Table, span, "`else` is `as-is`: codes without a row go as they are, both ways");
            None
        }
    }
}

/// The rows of a table: vendor side and FHIR side.
pub(super) fn rows(bench: &mut Workbench<'_>, name: &str, node: &Node) -> Vec<(Value, Value)> {
    let mut rows: Vec<(Value, Value)> = Vec::new();
    for row in node.get("rows").and_then(Node::elements).unwrap_or_default() {
        match row.elements() {
            Some([vendor, fhir]) => {
                let vendor = vendor.to_value();
                if rows.iter().any(|(known, _)| same(known, &vendor)) {
                    bench.report(Code::Table, row.span, format!("table `{name}` has two rows for one vendor code"));
                }
                rows.push((vendor, bench.constant(fhir)));
            }
            _ => bench.report(Code::Table, row.span, "a row is `[vendor code, FHIR side]`"),
        }
    }
    rows
}

/// What `back` says of FHIR sides that several rows share.
pub(super) fn way_back(
    bench: &mut Workbench<'_>,
    name: &str,
    node: &Node,
    rows: &[(Value, Value)],
) -> Vec<(Value, Option<Value>)> {
    let mut back: Vec<(Value, Option<Value>)> = Vec::new();
    for (fhir, entry) in node.get("back").and_then(Node::entries).unwrap_or_default() {
        let side = rows
            .iter()
            .map(|(_, side)| side)
            .find(|side| side.as_str() == Some(fhir) || side.get("code").and_then(Value::as_str) == Some(fhir));
        match side {
            Some(side) => {
                let named = Some(entry.to_value()).filter(|value| !value.is_null());
                let its_rows =
                    || rows.iter().filter(|(_, other)| same_fhir_side(other, side)).map(|(vendor, _)| vendor);
                let any_case = node.get("ignore-case").is_some_and(|one| one.to_value() == true);
                let alike = |vendor: &Value, named: &Value| match (vendor.as_str(), named.as_str()) {
                    (Some(vendor), Some(named)) if any_case => vendor.to_lowercase() == named.to_lowercase(),
                    _ => same(vendor, named),
                };
                if let Some(named) = &named
                    && !its_rows().any(|vendor| alike(vendor, named))
                {
                    let known: Vec<String> = its_rows().map(Value::to_string).collect();
                    let text = format!("`back` of `{name}` sends `{fhir}` back as {named}, which no row makes of it");
                    let hint = format!("its rows are {}", known.join(", "));
                    bench.reporter.report_with(Code::Table, entry.span, text, hint);
                }
                back.push((side.clone(), named));
            }
            None => bench.report(Code::Table, entry.span, format!("no row of `{name}` has the FHIR side `{fhir}`")),
        }
    }
    back
}

/// Reports FHIR sides of several rows of which none is named for the way back.
pub(super) fn sides_shared_without_way_back(
    bench: &mut Workbench<'_>,
    name: &str,
    span: Span,
    rows: &[(Value, Value)],
    back: &[(Value, Option<Value>)],
) {
    for (index, (_, side)) in rows.iter().enumerate() {
        let shared = rows[..index].iter().any(|(_, other)| same_fhir_side(other, side));
        if shared && !back.iter().any(|(named, _)| same_fhir_side(named, side)) {
            let shown = side.as_str().or_else(|| side.get("code").and_then(Value::as_str)).unwrap_or("a FHIR side");
            bench.reporter.report_with(
                Code::Table,
                span,
                format!("table `{name}`: several vendor codes become `{shown}`, and none is named for the way back"),
                format!("add `back: {{ {shown}: <vendor code> }}`, or `null` where another rule carries it back"),
            );
        }
    }
}
