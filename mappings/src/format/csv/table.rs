//! One file of a table: its header line, its rows with the bytes they stood in, its dialect.

use super::{Table, Tables};
use crate::format::SourceFile;
use crate::format::encoding::{TextForm, decode};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};

/// What may stand between cells, where the header line must tell.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A table as it was read.
pub struct Read {
    /// The decoded text.
    pub text: String,
    /// How the text lay in bytes.
    pub form: TextForm,
    /// What stands between cells.
    pub delimiter: u8,
    /// Tree name and header of each column.
    pub columns: Vec<(String, String)>,
    /// Where the first row begins in the text: before it stand preamble and header line.
    pub body: usize,
    /// The rows that hold anything.
    pub rows: Vec<Row>,
    /// What is to be said about the file.
    pub issue: Option<Issue>,
}

/// A row.
pub struct Row {
    /// Its number, as a spreadsheet counts: the first line of the file is 1.
    pub number: usize,
    /// Its cells.
    pub cells: Vec<String>,
    /// Where it stands in the text, line end and empty rows behind it included.
    pub span: std::ops::Range<usize>,
    /// Which cells stood as `="..."`.
    pub formulas: Vec<usize>,
}

impl Read {
    /// Reads a file.
    pub fn of(tables: &Tables, table: &Table, file: &SourceFile) -> Result<Read, Vec<Issue>> {
        let decoded = decode(&file.bytes, tables.encoding, &file.name)
            .map_err(|issue| vec![issue.with_address(file.name.clone())])?;
        let text = decoded.text;
        let start = line_start(&text, tables.skip);
        let rest = text.get(start..).unwrap_or_default();
        let delimiter = tables.delimiter.unwrap_or_else(|| likely_delimiter(rest));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(rest.as_bytes());
        let mut records: Vec<(usize, Vec<String>)> = Vec::new();
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {
                    let at = record.position().map_or(0, |place| usize::try_from(place.byte()).unwrap_or(usize::MAX));
                    // The reader ends a record at the first byte of its line end.
                    let at = start.saturating_add(at);
                    let ends = rest
                        .get(at - start..)
                        .map_or(0, |text| text.len() - text.trim_start_matches(['\r', '\n']).len());
                    records.push((at + ends, record.iter().map(str::to_string).collect()));
                }
                Err(_) => {
                    let issue = layout(format!("{} cannot be read as a table.", file.name));
                    return Err(vec![issue.with_hint("export it as CSV again")]);
                }
            }
        }
        let ends: Vec<usize> = records.iter().skip(1).map(|(at, _)| *at).chain([text.len()]).collect();
        let mut spans = records.into_iter().zip(ends).enumerate();
        let Some((_, ((_, header), body))) = spans.next() else {
            let issue = layout("The file is empty: it has no header line.".into()).with_address(file.name.clone());
            return Err(vec![issue.with_hint("export it with its header line")]);
        };
        let columns: Vec<(String, String)> =
            header.iter().map(|header| (table.member(header), header.trim().to_string())).collect();
        check_header(&columns, &file.name)?;
        let mut rows: Vec<Row> = Vec::new();
        for (at, ((begins, cells), ends)) in spans {
            if cells.iter().all(String::is_empty) {
                // An empty row holds no value; its bytes stay with the row before it.
                if let Some(before) = rows.last_mut() {
                    before.span.end = ends;
                }
                continue;
            }
            let (cells, formulas) = if tables.text_formulas { unwrapped(cells) } else { (cells, Vec::new()) };
            rows.push(Row { number: tables.skip + at + 1, cells, span: begins..ends, formulas });
        }
        let body = rows.first().map_or(body, |row| row.span.start);
        let issue = decoded.issue.map(|issue| issue.with_address(file.name.clone()));
        Ok(Read { text, form: decoded.form, delimiter, columns, body, rows, issue })
    }

    /// How many cells it has.
    pub fn cells(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).sum()
    }

    /// How its lines end.
    pub fn line_end(&self) -> &'static str {
        if self.text.get(..self.body).is_some_and(|head| head.contains("\r\n")) { "\r\n" } else { "\n" }
    }

    /// Whether its cells stand in quotes, needed or not.
    pub fn quotes_all(&self, skip: usize) -> bool {
        self.text.get(line_start(&self.text, skip)..).is_some_and(|head| head.starts_with('"'))
    }
}

fn layout(text: String) -> Issue {
    Issue::error(IssueCode::Structure, IssueKey::SourceLayout, text).with_pointer("")
}

/// Two columns of one name, or one without, cannot be told apart in the tree.
fn check_header(columns: &[(String, String)], file: &str) -> Result<(), Vec<Issue>> {
    let mut issues = Vec::new();
    for (at, (member, header)) in columns.iter().enumerate() {
        let place = format!("{file} row 1, column {}", super::letters(at));
        if member.is_empty() {
            let issue = layout("A column has no name in the header line.".into()).with_address(place);
            issues.push(issue.with_hint("give every column a name"));
        } else if columns.get(..at).unwrap_or_default().iter().any(|(other, _)| other == member) {
            let issue =
                layout(format!("Two columns are called \"{header}\" (`{member}` in the tree).")).with_address(place);
            issues.push(issue.with_hint("give every column a name of its own"));
        }
    }
    if issues.is_empty() { Ok(()) } else { Err(issues) }
}

/// Where the line after so many lines begins.
fn line_start(text: &str, lines: usize) -> usize {
    if lines == 0 {
        return 0;
    }
    text.match_indices('\n').nth(lines - 1).map_or(text.len(), |(at, _)| at + 1)
}

/// What most often stands outside quotes in the header line.
fn likely_delimiter(text: &str) -> u8 {
    let mut counts = [0usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|one| *one == byte)
                    && let Some(count) = counts.get_mut(at)
                {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let at = counts.iter().position(|count| *count == most).unwrap_or(0);
    DELIMITERS.get(at).copied().unwrap_or(b',')
}

/// Cells without the `="..."` that keeps a spreadsheet from taking their zeros, and which ones had it.
fn unwrapped(cells: Vec<String>) -> (Vec<String>, Vec<usize>) {
    let mut formulas = Vec::new();
    let plain = cells.into_iter().enumerate().map(|(at, cell)| {
        match cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
            Some(inner) => {
                formulas.push(at);
                inner.to_string()
            }
            None => cell,
        }
    });
    let plain = plain.collect();
    (plain, formulas)
}
