//! `csv`: a set of related tables as one tree, `{ "clients": [ { column: text } ], "visits": [...] }` (RFC 4180 and its dialects).
//!
//! Every cell stays the text it is. What a spreadsheet program may have done to it is told with the cell's name.

pub mod added;
mod damage;
mod table;
mod write;

pub use write::write;

use super::{Addresses, Document, Limits, SourceFile};
use crate::source_shape::SourceShape;
use encoding_rs::Encoding;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::{push_index, push_token, tokens};
use serde_json::{Map, Value};
use std::sync::Arc;
use table::Read;

/// The declared tables of a message.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Each table.
    pub tables: Vec<Table>,
    /// What stands between cells; `None` where the header line tells.
    pub delimiter: Option<u8>,
    /// The declared encoding; `None` where the bytes tell.
    pub encoding: Option<&'static Encoding>,
    /// Lines above the header line.
    pub skip: usize,
    /// Whether cells are written `="0123"`, so that a spreadsheet leaves their zeros.
    pub text_formulas: bool,
    /// Files that may lie beside the tables and are not read; `*` for any text.
    pub beside: Vec<String>,
}

/// One table: a list in the tree, a file of the sender's.
#[derive(Debug, Clone)]
pub struct Table {
    /// The list's name in the tree.
    pub list: String,
    /// The file's name, `*` for any text; `None` where there is one table only.
    pub file: Option<String>,
    /// Names in the tree for headers: the first header listed is the one that is written.
    pub columns: Vec<(String, Vec<String>)>,
    /// What its rows get beside their cells.
    pub adds: Vec<added::Added>,
}

impl Default for Tables {
    fn default() -> Tables {
        let rows = Table { list: "rows".into(), file: None, columns: Vec::new(), adds: Vec::new() };
        Tables {
            tables: vec![rows],
            delimiter: None,
            encoding: None,
            skip: 0,
            text_formulas: false,
            beside: Vec::new(),
        }
    }
}

impl Tables {
    /// The table that a file holds.
    fn table_of(&self, file: &SourceFile, files: usize) -> Option<usize> {
        let named = |table: &Table| table.file.as_ref().is_some_and(|pattern| matches(pattern, &file.name));
        let only = (self.tables.len() == 1 && files == 1).then_some(0);
        self.tables.iter().position(named).or(only)
    }

    /// A file that is none of the message's: beside others it alone is left, and on its own there is nothing to read.
    fn stranger(&self, shown: &str, file: &SourceFile, files: &[SourceFile]) -> Issue {
        let known = files.iter().any(|file| self.table_of(file, files.len()).is_some());
        let next = if file.is_archive() {
            "this is a ZIP archive: unpack it and send the files in it together; "
        } else if file.name.is_empty() {
            "send each file with its name, as a part of multipart/form-data; "
        } else {
            ""
        };
        let hint = format!("{next}its files are called {}", self.known());
        if known {
            let text =
                format!("{shown} is none of the files of this message: it was not read, and nothing of it is sent.");
            return Issue::warning(IssueCode::NotFound, IssueKey::SourceLayout, text)
                .with_hint(hint)
                .with_address(shown);
        }
        let text = format!("{shown} is none of the files of this message.");
        Issue::error(IssueCode::NotFound, IssueKey::SourceLayout, text).with_pointer("").with_hint(hint)
    }

    /// Whether a file of that name may lie beside the tables.
    pub fn lies_beside(&self, name: &str) -> bool {
        self.beside.iter().any(|pattern| matches(pattern, name))
    }

    fn known(&self) -> String {
        let named: Vec<String> = self
            .tables
            .iter()
            .map(|table| table.file.clone().unwrap_or_else(|| format!("{}.csv", table.list)))
            .collect();
        named.join(", ")
    }
}

impl Table {
    /// The tree's name for a header.
    fn member(&self, header: &str) -> String {
        let wanted = loose(header);
        let named = self.columns.iter().find(|(_, headers)| headers.iter().any(|one| loose(one) == wanted));
        named.map_or_else(|| header.trim().to_string(), |(member, _)| member.clone())
    }
}

/// Headers are compared without regard to case, runs of white space, underscores, and stars that mark what is required.
fn loose(header: &str) -> String {
    let words = header.split(|one: char| one.is_whitespace() || matches!(one, '_' | '*'));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a file's name is as a pattern says; `*` is any text, case does not count.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Where the rows of the tables came from.
#[derive(Debug)]
struct Cells {
    tables: Vec<Placed>,
}

#[derive(Debug)]
struct Placed {
    list: String,
    file: String,
    /// Tree name and header of each column.
    columns: Vec<(String, String)>,
    /// The number of each row, as a spreadsheet counts them.
    rows: Vec<usize>,
}

impl Addresses for Cells {
    fn of(&self, pointer: &str) -> Option<String> {
        let parts = tokens(pointer)?;
        let table = self.tables.iter().find(|table| Some(&table.list) == parts.first())?;
        let Some(row) = parts.get(1).and_then(|token| token.parse::<usize>().ok()) else {
            return Some(table.file.clone());
        };
        let number = table.rows.get(row)?;
        let Some(member) = parts.get(2) else { return Some(format!("{} row {number}", table.file)) };
        match table.columns.iter().position(|(known, _)| known == member) {
            Some(at) => {
                let header = table.columns.get(at).map(|(_, header)| header.as_str()).unwrap_or_default();
                Some(format!("{} row {number}, column {} \"{header}\"", table.file, letters(at)))
            }
            None => Some(format!("{} row {number}", table.file)),
        }
    }
}

/// A spreadsheet's name of a column, from 0: A, B, ... Z, AA.
fn letters(mut at: usize) -> String {
    let mut out = Vec::new();
    loop {
        out.push(char::from(b'A' + u8::try_from(at % 26).unwrap_or(0)));
        if at < 26 {
            break;
        }
        at = at / 26 - 1;
    }
    out.iter().rev().collect()
}

/// Reads the files of a message.
pub fn read(
    tables: &Tables,
    files: &[SourceFile],
    shape: &SourceShape,
    limits: &Limits,
) -> Result<Document, Vec<Issue>> {
    let mut issues = Vec::new();
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    if bytes > limits.json.bytes {
        let text = format!("The files have {bytes} bytes; at most {} are read.", limits.json.bytes);
        let issue = Issue::error(IssueCode::TooLong, IssueKey::BodyTooBig, text).with_pointer("");
        return Err(vec![issue.with_hint("send them in several smaller messages")]);
    }
    let (mut tree, mut placed, mut cells) = (Map::new(), Vec::new(), 0usize);
    for file in files {
        let shown = if file.name.is_empty() { "the file" } else { &file.name };
        if tables.lies_beside(&file.name) {
            let text = format!("{shown} lies beside the tables and is not read.");
            issues.push(Issue::information(IssueCode::Informational, IssueKey::SourceLayout, text).with_address(shown));
            continue;
        }
        let Some(index) = tables.table_of(file, files.len()) else {
            issues.push(tables.stranger(shown, file, files));
            continue;
        };
        let Some(table) = tables.tables.get(index) else { continue };
        if tree.contains_key(&table.list) {
            let text = format!("Two files hold the table `{}`.", table.list);
            let issue = Issue::error(IssueCode::Duplicate, IssueKey::SourceLayout, text).with_pointer("");
            issues.push(issue.with_hint("send one file of each kind").with_address(shown));
            continue;
        }
        match Read::of(tables, table, file) {
            Ok(mut read) => {
                name_by_schema(&mut read.columns, &table.list, shape);
                cells = cells.saturating_add(read.cells());
                if cells > limits.values {
                    let text = format!("The tables have more than {} cells.", limits.values);
                    let issue = Issue::error(IssueCode::TooLong, IssueKey::SourceTooMany, text).with_pointer("");
                    return Err(vec![issue.with_hint("send them in several smaller messages").with_address(shown)]);
                }
                issues.extend(read.issue.clone());
                let rows = rows(&read, table, shape, &mut issues);
                tree.insert(table.list.clone(), Value::Array(rows));
                placed.push(Placed {
                    list: table.list.clone(),
                    file: shown.to_string(),
                    columns: read.columns.clone(),
                    rows: read.rows.iter().map(|row| row.number).collect(),
                });
            }
            Err(found) => issues.extend(found),
        }
    }
    if tree.is_empty() || issues.iter().any(|issue| issue.is_error() && issue.pointer.as_deref() == Some("")) {
        if issues.is_empty() {
            let issue =
                Issue::error(IssueCode::NotFound, IssueKey::SourceLayout, "No file was given.").with_pointer("");
            issues.push(issue.with_hint(format!("the files of this message are called {}", tables.known())));
        }
        return Err(issues);
    }
    added::add(tables, &mut tree, &mut issues);
    let addresses: Arc<dyn Addresses> = Arc::new(Cells { tables: placed });
    let document = Document { tree: Value::Object(tree), addresses: Some(addresses), issues: Vec::new() };
    document.place(&mut issues);
    Ok(Document { issues, ..document })
}

/// A header that names no member of the schema is the member's that differs from it in nothing that counts.
fn name_by_schema(columns: &mut [(String, String)], list: &str, shape: &SourceShape) {
    let known: Vec<&str> = shape
        .schemas(&[list, "*"])
        .into_iter()
        .filter_map(|schema| schema.get("properties")?.as_object())
        .flat_map(|members| members.keys().map(String::as_str))
        .collect();
    for at in 0..columns.len() {
        let Some((member, _)) = columns.get(at) else { continue };
        let wanted = loose(member);
        if known.contains(&member.as_str()) {
            continue;
        }
        let taken = |name: &str| columns.iter().any(|(other, _)| other == name);
        let mut fits = known.iter().filter(|name| loose(name) == wanted && !taken(name));
        if let (Some(only), None) = (fits.next(), fits.next()) {
            let only = (*only).to_string();
            if let Some((member, _)) = columns.get_mut(at) {
                *member = only;
            }
        }
    }
}

/// The rows of a table as objects; a row of another length than the header line and damaged cells are said.
fn rows(read: &Read, table: &Table, shape: &SourceShape, issues: &mut Vec<Issue>) -> Vec<Value> {
    let columns: Vec<damage::Column> =
        read.columns.iter().map(|(member, header)| damage::Column::of(shape, &table.list, member, header)).collect();
    let mut out = Vec::with_capacity(read.rows.len());
    for (index, row) in read.rows.iter().enumerate() {
        let mut pointer = String::new();
        push_token(&mut pointer, &table.list);
        push_index(&mut pointer, index);
        if row.cells.len() != read.columns.len() {
            let text = format!(
                "The row has {} cells and the header line {}: which cell belongs to which column cannot be told.",
                row.cells.len(),
                read.columns.len()
            );
            let issue = Issue::error(IssueCode::Structure, IssueKey::SourceLayout, text).with_pointer(pointer.clone());
            issues.push(issue.with_hint("put cells that hold the delimiter or a line break in quotes"));
        }
        let mut object = Map::new();
        for (((member, _), column), cell) in read.columns.iter().zip(&columns).zip(&row.cells) {
            if let Some(issue) = column.judge(cell) {
                let mut place = pointer.clone();
                push_token(&mut place, member);
                issues.push(issue.with_pointer(place));
            }
            object.insert(member.clone(), Value::String(cell.clone()));
        }
        if row.cells.len() > read.columns.len() {
            let beyond = row.cells.iter().skip(read.columns.len()).cloned().map(Value::String).collect();
            object.insert("#beyond".into(), Value::Array(beyond));
        }
        out.push(Value::Object(object));
    }
    out
}

#[cfg(test)]
mod tests;
