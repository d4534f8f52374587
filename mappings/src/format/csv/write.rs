//! The tree back into tables: rows that did not change keep their bytes, the others are written as the file writes its own.

use super::table::Read;
use super::{Table, Tables, added};
use crate::format::SourceFile;
use crate::format::encoding::{TextForm, encode};
use crate::source_shape::SourceShape;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How a file writes its rows.
struct Dialect {
    delimiter: u8,
    quotes_all: bool,
    line_end: &'static str,
    form: TextForm,
}

/// Writes each table of the tree as a file.
pub fn write(
    tables: &Tables,
    tree: &Value,
    previous: &[SourceFile],
    shape: &SourceShape,
) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let mut issues = added::check(tables, tree);
    let mut out = Vec::new();
    for (index, table) in tables.tables.iter().enumerate() {
        let before = previous.iter().find(|file| tables.table_of(file, previous.len()) == Some(index));
        let Some(rows) = tree.get(&table.list).and_then(Value::as_array) else {
            out.extend(before.cloned());
            continue;
        };
        let read = match before.map(|file| Read::of(tables, table, file)).transpose() {
            Ok(read) => read,
            Err(found) => {
                issues.extend(found);
                continue;
            }
        };
        match write_table(tables, table, rows, read.as_ref(), shape) {
            Ok(bytes) => {
                let name = before.map_or_else(|| fresh_name(table), |file| file.name.clone());
                out.push(SourceFile { name, bytes });
            }
            Err(found) => issues.extend(found),
        }
    }
    if issues.is_empty() { Ok(out) } else { Err(issues) }
}

/// A name that the table's pattern fits.
fn fresh_name(table: &Table) -> String {
    match &table.file {
        Some(pattern) => pattern.replace('*', ""),
        None => format!("{}.csv", table.list),
    }
}

fn write_table(
    tables: &Tables,
    table: &Table,
    rows: &[Value],
    before: Option<&Read>,
    shape: &SourceShape,
) -> Result<Vec<u8>, Vec<Issue>> {
    let known: Vec<(String, String)> = match before {
        Some(read) => read.columns.clone(),
        None => declared(table, shape),
    };
    let columns = with_new_columns(known.clone(), rows, table);
    let widened = columns.len() > known.len();
    let dialect = Dialect {
        delimiter: before.map(|read| read.delimiter).or(tables.delimiter).unwrap_or(b','),
        quotes_all: before.is_some_and(|read| read.quotes_all(tables.skip)),
        line_end: before.map_or("\r\n", Read::line_end),
        form: before.map_or_else(|| fresh_form(tables), |read| read.form),
    };
    let mut text = String::new();
    match before.filter(|_| !widened) {
        Some(read) => text.push_str(read.text.get(..read.body).unwrap_or_default()),
        None => {
            let headers: Vec<String> = columns.iter().map(|(_, header)| header.clone()).collect();
            push_row(&mut text, &headers, &dialect);
        }
    }
    let kept = before.filter(|_| !widened).map(Kept::of);
    for (index, row) in rows.iter().enumerate() {
        end_line(&mut text, &dialect);
        let cells = cells(row, &columns, &table.list, index)?;
        if let (Some(kept), Some(read)) = (&kept, before)
            && let Some(at) = kept.at(index, &cells)
            && let Some(raw) = read.rows.get(at).and_then(|row| read.text.get(row.span.clone()))
        {
            text.push_str(raw);
            continue;
        }
        let wrapped =
            before.and_then(|read| read.rows.get(index)).map(|row| row.formulas.as_slice()).unwrap_or_default();
        let cells: Vec<String> = cells
            .into_iter()
            .enumerate()
            .map(|(at, cell)| if wrapped.contains(&at) { format!("=\"{cell}\"") } else { cell })
            .collect();
        push_row(&mut text, &cells, &dialect);
    }
    if let Some(read) = before
        && !read.text.ends_with('\n')
    {
        let kept = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(kept);
    }
    encode(&text, dialect.form).map_err(|issue| vec![issue])
}

/// The rows of the previous file by their cells.
struct Kept<'r> {
    read: &'r Read,
    by_cells: HashMap<&'r [String], usize>,
}

impl<'r> Kept<'r> {
    fn of(read: &'r Read) -> Kept<'r> {
        let by_cells = read.rows.iter().enumerate().map(|(at, row)| (row.cells.as_slice(), at)).collect();
        Kept { read, by_cells }
    }

    /// The row that holds those cells: the one at the same place, or else any.
    fn at(&self, index: usize, cells: &[String]) -> Option<usize> {
        let here = self.read.rows.get(index).is_some_and(|row| row.cells == cells);
        if here { Some(index) } else { self.by_cells.get(cells).copied() }
    }
}

fn fresh_form(tables: &Tables) -> TextForm {
    TextForm { encoding: tables.encoding.unwrap_or(encoding_rs::UTF_8), marked: false }
}

/// The columns of a file that is not there yet: as declared, then as the source schema lists them.
fn declared(table: &Table, shape: &SourceShape) -> Vec<(String, String)> {
    let header = |member: &str| {
        let named = table.columns.iter().find(|(known, _)| known == member).and_then(|(_, headers)| headers.first());
        named.cloned().unwrap_or_else(|| member.to_string())
    };
    let listed = shape.schemas(&[&table.list, "*"]);
    let properties = listed.into_iter().filter_map(|schema| schema.get("properties")?.as_object()).flat_map(Map::keys);
    let mut members: Vec<String> =
        properties.filter(|member| *member != "#beyond" && !table.is_added(member)).cloned().collect();
    members.extend(table.columns.iter().map(|(member, _)| member.clone()));
    let mut out: Vec<(String, String)> = Vec::new();
    for member in members {
        if !out.iter().any(|(known, _)| *known == member) {
            let shown = header(&member);
            out.push((member, shown));
        }
    }
    out
}

/// A member that no column is for gets one of its own at the end.
fn with_new_columns(mut columns: Vec<(String, String)>, rows: &[Value], table: &Table) -> Vec<(String, String)> {
    for member in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if member != "#beyond"
            && !table.adds.iter().any(|added| added.name == *member)
            && !columns.iter().any(|(known, _)| known == member)
        {
            let named =
                table.columns.iter().find(|(known, _)| known == member).and_then(|(_, headers)| headers.first());
            columns.push((member.clone(), named.cloned().unwrap_or_else(|| member.clone())));
        }
    }
    columns
}

fn cells(row: &Value, columns: &[(String, String)], list: &str, index: usize) -> Result<Vec<String>, Vec<Issue>> {
    let mut out = Vec::with_capacity(columns.len());
    for (member, _) in columns {
        let cell = match row.get(member) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(Value::Array(_) | Value::Object(_)) => {
                let mut pointer = String::new();
                push_token(&mut pointer, list);
                push_index(&mut pointer, index);
                push_token(&mut pointer, member);
                let issue = Issue::error(IssueCode::Structure, IssueKey::SourceType, "A cell holds one plain value.");
                return Err(vec![issue.with_pointer(pointer).with_hint("let the mapping join the values to one text")]);
            }
        };
        out.push(cell);
    }
    let beyond = row.get("#beyond").and_then(Value::as_array).into_iter().flatten();
    out.extend(beyond.filter_map(Value::as_str).map(str::to_string));
    Ok(out)
}

/// A row behind a file without a line end would stand in its last one.
fn end_line(text: &mut String, dialect: &Dialect) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(dialect.line_end);
    }
}

fn push_row(text: &mut String, cells: &[String], dialect: &Dialect) {
    let delimiter = char::from(dialect.delimiter);
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(delimiter);
        }
        let edges = cell.starts_with(char::is_whitespace) || cell.ends_with(char::is_whitespace);
        let lone = cells.len() == 1 && cell.is_empty();
        if dialect.quotes_all || edges || lone || cell.contains([delimiter, '"', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push_str(dialect.line_end);
}
