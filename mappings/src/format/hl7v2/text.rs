//! The text of a message as lines with their delimiters; nothing of it is lost.

use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};

/// The block around a message on the wire: start, and end.
const START_OF_BLOCK: char = '\u{b}';
const END_OF_BLOCK: char = '\u{1c}';

/// The characters that part a message (MSH-1 and MSH-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields.
    pub field: char,
    /// Between components.
    pub component: char,
    /// Between repetitions.
    pub repetition: char,
    /// Around escapes; `None` where the message has none.
    pub escape: Option<char>,
    /// Between subcomponents; `None` where the message has none.
    pub subcomponent: Option<char>,
    /// What ends a text that was cut short (since 2.7).
    pub truncation: Option<char>,
}

impl Default for Delimiters {
    fn default() -> Delimiters {
        Delimiters {
            field: '|',
            component: '^',
            repetition: '~',
            escape: Some('\\'),
            subcomponent: Some('&'),
            truncation: None,
        }
    }
}

impl Delimiters {
    /// Those of MSH-1 and MSH-2; `None` where they cannot part a message.
    pub fn of(first: &str, rest: &str) -> Option<Delimiters> {
        let mut first = first.chars();
        let field = first.next().filter(|_| first.next().is_none())?;
        let all: Vec<char> = rest.chars().collect();
        if !(2..=5).contains(&all.len()) {
            return None;
        }
        let fit = |c: &char| !c.is_alphanumeric() && !c.is_control() && *c != '"' && *c != ' ';
        let distinct =
            all.iter().enumerate().all(|(at, c)| fit(c) && *c != field && !all.iter().take(at).any(|one| one == c));
        if !distinct || !fit(&field) {
            return None;
        }
        Some(Delimiters {
            field,
            component: *all.first()?,
            repetition: *all.get(1)?,
            escape: all.get(2).copied(),
            subcomponent: all.get(3).copied(),
            truncation: all.get(4).copied(),
        })
    }
}

/// One segment as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its text without the end of the line.
    pub raw: String,
    /// What ends it.
    pub end: String,
    /// What parts it.
    pub delimiters: Delimiters,
}

impl Line {
    /// Its name: `PID`.
    pub fn name(&self) -> &str {
        self.raw.get(..3).unwrap_or_default()
    }

    /// Whether it says the delimiters itself.
    pub fn is_header(&self) -> bool {
        is_header(self.name())
    }

    /// Its fields as they stand, the first being field 1. The delimiters of a header are its first two fields.
    pub fn fields(&self) -> Vec<&str> {
        let rest = self.raw.get(3..).unwrap_or_default();
        let mut parts = rest.split(self.delimiters.field);
        // Before the first delimiter stands nothing.
        parts.next();
        if self.is_header() {
            let length = self.delimiters.field.len_utf8();
            let own = rest.get(..length).unwrap_or_default();
            return std::iter::once(own).chain(parts).collect();
        }
        parts.collect()
    }

    /// MSH-9 with `^` between its parts, whatever the message's own delimiter is.
    pub fn kind(&self) -> String {
        let fields = self.fields();
        fields.get(8).copied().unwrap_or_default().replace(self.delimiters.component, "^")
    }
}

/// Whether segments of that name begin with the delimiters.
pub fn is_header(name: &str) -> bool {
    matches!(name, "MSH" | "FHS" | "BHS")
}

/// A file's segments, and what stands around them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// What stands before the first segment.
    pub before: String,
    /// The segments in their order.
    pub segments: Vec<Line>,
    /// What stands behind the last one.
    pub after: String,
}

impl Lines {
    /// Takes a text apart. A line that is no segment, or a message without header, is an error.
    pub fn of(text: &str) -> Result<Lines, Issue> {
        let is_around = |c: char| c.is_whitespace() || c == START_OF_BLOCK;
        let start = text.find(|c| !is_around(c)).unwrap_or(text.len());
        let (before, rest) = text.split_at(start);
        let is_behind = |c: char| c.is_whitespace() || c == END_OF_BLOCK;
        let framed = rest.trim_end_matches(is_behind).len();
        // The end of the last line is its own, unless the end of a block stands before it.
        let (body, after) = match rest.get(framed..).and_then(|tail| tail.find(END_OF_BLOCK)) {
            Some(at) => rest.split_at(framed + at),
            None => (rest, ""),
        };
        let mut out = Lines { before: before.to_string(), segments: Vec::new(), after: after.to_string() };
        let carriage_only = body.find(['\r', '\n']).is_some_and(|at| {
            let tail = body.get(at..).unwrap_or_default();
            tail.starts_with('\r') && !tail.starts_with("\r\n")
        });
        let mut delimiters = None;
        let (mut rest, mut number) = (body, 0);
        while !rest.is_empty() {
            number += 1;
            let length = rest.find(['\r', '\n']).unwrap_or(rest.len());
            let (raw, tail) = rest.split_at(length);
            let ends = tail.len() - tail.trim_start_matches(['\r', '\n', ' ', '\t']).len();
            let (end, tail) = tail.split_at(line_end(tail, ends));
            rest = tail;
            if is_header(raw.get(..3).unwrap_or_default()) {
                delimiters = Some(header_delimiters(raw).ok_or_else(|| no_delimiters(number))?);
            }
            let Some(current) = delimiters else { return Err(no_header()) };
            if is_segment(raw, current.field) {
                out.segments.push(Line { raw: raw.to_string(), end: end.to_string(), delimiters: current });
                continue;
            }
            // Where a carriage return alone ends segments, a line feed is one of a text.
            match out.segments.last_mut() {
                // A segment without a field has no text that could go on: what follows it would be lost.
                Some(last) if carriage_only && last.end.starts_with('\n') && last.raw.contains(current.field) => {
                    last.raw.push_str(&std::mem::replace(&mut last.end, end.to_string()));
                    last.raw.push_str(raw);
                }
                _ => return Err(no_segment(number)),
            }
        }
        if !out.segments.iter().any(|line| line.name() == "MSH") {
            return Err(no_header());
        }
        Ok(out)
    }

    /// What ends a segment in this file.
    pub fn end(&self) -> &str {
        self.segments.first().map(|line| line.end.as_str()).filter(|end| !end.is_empty()).unwrap_or("\r")
    }
}

/// The end of a line with the empty lines behind it: what is white from here to the next segment.
fn line_end(tail: &str, white: usize) -> usize {
    let end = tail.get(..white).unwrap_or_default();
    // White space at the start of a line is its own, not its predecessor's.
    end.rfind(['\r', '\n']).map_or(white, |at| at + 1)
}

fn is_segment(raw: &str, field: char) -> bool {
    let name = raw.get(..3).unwrap_or_default().as_bytes();
    let named = matches!(name, [a, b, c] if a.is_ascii_uppercase()
        && [b, c].iter().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit()));
    named && raw.get(3..).is_some_and(|rest| rest.is_empty() || rest.starts_with(field))
}

fn header_delimiters(raw: &str) -> Option<Delimiters> {
    let rest = raw.get(3..)?;
    let field = rest.chars().next()?;
    let rest = rest.get(field.len_utf8()..)?;
    Delimiters::of(&field.to_string(), rest.split(field).next()?)
}

fn no_header() -> Issue {
    Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, "The message does not begin with MSH.")
        .with_pointer("")
        .with_hint("an HL7 v2 message begins with `MSH|^~\\&|`, a batch with FHS or BHS")
}

fn no_delimiters(line: usize) -> Issue {
    let text = format!("The header in line {line} does not say with which characters the message is parted.");
    Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, text)
        .with_pointer("")
        .with_hint("MSH-1 is one character and MSH-2 two to five others, as in `MSH|^~\\&|`")
}

fn no_segment(line: usize) -> Issue {
    let text = format!("Line {line} of the message is no segment.");
    Issue::error(IssueCode::Structure, IssueKey::SourceUnreadable, text)
        .with_pointer("")
        .with_hint("a line break in a text is written `\\.br\\`")
}
