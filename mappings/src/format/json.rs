//! `json`: one document, read without loss; its pointers are the sender's own places.

use super::{Document, Limits, SourceFile};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json;
use serde_json::Value;

/// Reads the one file.
pub fn read(files: &[SourceFile], limits: &Limits) -> Result<Document, Vec<Issue>> {
    let file = only(files, "json")?;
    json::parse(&file.bytes, limits.json).map(Document::plain).map_err(|issue| vec![issue])
}

/// Writes one document. A previous file that says the same is left as it is; what changed is written in several lines where the previous file was.
pub fn write(tree: &Value, previous: &[SourceFile]) -> Result<Vec<SourceFile>, Vec<Issue>> {
    let any_size = json::Limits { bytes: usize::MAX, depth: json::DEEPEST };
    if let [file] = previous
        && json::parse(&file.bytes, any_size).is_ok_and(|before| before == *tree)
    {
        return Ok(vec![file.clone()]);
    }
    let name = previous.first().map(|file| file.name.clone()).unwrap_or_default();
    let in_lines = previous.first().is_none_or(|file| file.bytes.trim_ascii().contains(&b'\n'));
    let written = if in_lines { serde_json::to_vec_pretty(tree) } else { serde_json::to_vec(tree) };
    let bytes = written.map_err(|_| {
        let text = "The payload cannot be written as JSON.";
        vec![Issue::error(IssueCode::Exception, IssueKey::SourceUnreadable, text)]
    })?;
    Ok(vec![SourceFile { name, bytes }])
}

/// The one file of a format that has one.
pub(super) fn only<'f>(files: &'f [SourceFile], format: &str) -> Result<&'f SourceFile, Vec<Issue>> {
    match files {
        [one] => Ok(one),
        several => {
            let text = format!("A {format} message is one file, and {} were given.", several.len());
            let issue = Issue::error(IssueCode::Structure, IssueKey::SourceLayout, text);
            Err(vec![issue.with_pointer("").with_hint("send each document by itself")])
        }
    }
}
