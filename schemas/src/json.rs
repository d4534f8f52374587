//! JSON text <-> tree without loss (RFC 8259): exact number text, member order, no duplicate members, bounded depth.
//!
//! `serde_json`'s own reader rewrites `1.0E-2` as `1.0e-2`, keeps the last of two members with one name and says no
//! place by JSON Pointer, so reading is ours; writing is `serde_json::to_vec`, which keeps number text as it is.

mod locate;
pub(crate) mod position;
mod reader;

pub use locate::{locate, locate_all, locate_nearest, place_issues};

use crate::issue::{Issue, IssueCode, IssueKey};
use crate::json_pointer;
use reader::{Fault, FaultKind, Reader};
use serde_json::Value;

/// Nesting that every later walk over the tree (schemas, rules, writing, dropping) surely has the stack for.
pub const DEEPEST: usize = 256;

/// Bounds of what is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest input in bytes.
    pub bytes: usize,
    /// Deepest nesting of arrays and objects; more than [`DEEPEST`] counts as [`DEEPEST`].
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 16 * 1024 * 1024, depth: 64 }
    }
}

/// Reads one JSON value; the whole input must be that value, white space aside. A UTF-8 byte order mark is skipped.
///
/// The issue names line and column and the JSON Pointer of the value at fault, never its content.
#[allow(clippy::result_large_err, reason = "made once a body; a box would only burden the callers")]
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value, Issue> {
    if bytes.len() > limits.bytes {
        return Err(Issue::error(
            IssueCode::TooLong,
            IssueKey::BodyTooBig,
            format!("The body has {} bytes; at most {} are read.", bytes.len(), limits.bytes),
        )
        .with_hint("send it in several smaller bodies"));
    }
    let text = text_of(bytes)?;
    let depth = limits.depth.min(DEEPEST);
    Reader::new(text, depth).document().map_err(|fault| issue_of(*fault, text, depth))
}

/// The text without its byte order mark.
#[allow(clippy::result_large_err, reason = "as of `parse`")]
fn text_of(bytes: &[u8]) -> Result<&str, Issue> {
    if bytes.starts_with(&[0xFE, 0xFF]) || bytes.starts_with(&[0xFF, 0xFE]) {
        return Err(syntax("The body is UTF-16 text; JSON is exchanged as UTF-8.").with_hint("write the file as UTF-8"));
    }
    let bytes = bytes.strip_prefix(position::BYTE_ORDER_MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        syntax("The body is not valid UTF-8 text.")
            .with_position(position::position(&String::from_utf8_lossy(valid), valid.len()))
            .with_hint("write the file as UTF-8; a single byte of Latin-1 or Windows-1252 is enough to break it")
    })
}

fn syntax(text: impl Into<String>) -> Issue {
    Issue::error(IssueCode::Structure, IssueKey::JsonSyntax, text)
}

fn issue_of(fault: Fault, text: &str, depth: usize) -> Issue {
    let mut pointer = String::new();
    for token in fault.tokens.iter().rev() {
        json_pointer::push_token(&mut pointer, token);
    }
    let issue = match fault.kind {
        FaultKind::Syntax(what) => syntax(format!("The JSON is not well formed: {what}.")),
        FaultKind::DuplicateMember => Issue::error(
            IssueCode::Structure,
            IssueKey::JsonDuplicateMember,
            format!("The object names the member `{}` twice.", fault.tokens.first().map_or("", String::as_str)),
        )
        .with_hint("keep one of the two: a reader would silently lose the other"),
        FaultKind::TooDeep => Issue::error(
            IssueCode::TooLong,
            IssueKey::JsonTooDeep,
            format!("Arrays and objects are nested deeper than {depth}."),
        ),
    };
    issue.with_pointer(pointer).with_position(position::position(text, fault.offset))
}

#[cfg(test)]
mod tests;
