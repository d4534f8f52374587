//! FHIR resources of files: single ones, Bundles and one a line, JSON or XML, in one flat list that remembers where each stood.

use super::payloads::each_payload;
use super::report::issue_text;
use ginnel_schemas::input::Input;
use ginnel_schemas::json::{DEEPEST, Limits};
use serde_json::Value;
use std::io;
use std::path::Path;

/// A resource and where it was found.
pub struct FoundResource {
    /// The file, with the line where there are many.
    pub file: String,
    /// Where in it (`Bundle.entry[3].resource`); empty for the document itself.
    pub place: String,
    /// The entry's `fullUrl`.
    pub full_url: Option<String>,
    /// The resource.
    pub value: Value,
}

impl FoundResource {
    /// A reference by type and id, else where it stands.
    pub fn reference(&self) -> String {
        let text = |member: &str| self.value.get(member).and_then(Value::as_str);
        match (text("resourceType"), text("id"), &self.full_url) {
            (Some(resource_type), Some(id), _) => format!("{resource_type}/{id}"),
            (_, _, Some(url)) => url.clone(),
            (Some(resource_type), None, None) if self.place.is_empty() => format!("{}#{resource_type}", self.file),
            _ => format!("{}#{}", self.file, self.place),
        }
    }
}

/// All resources of a file or of standard input, those of Bundles without the Bundle; or what cannot be read.
pub fn read(path: &Path) -> Result<Vec<FoundResource>, String> {
    let mut found = Vec::new();
    let mut fault: Option<String> = None;
    let limits = Limits { depth: DEEPEST.min(128), ..Limits::default() };
    let read = each_payload(path, &mut |payload, _| {
        match Input::read(&payload.bytes, &limits) {
            Ok(input) => flatten(&payload.name, String::new(), None, input.value(), &mut found, &mut fault),
            Err(issues) => {
                let text = issues.first().map(|issue| issue_text(&payload.name, issue)).unwrap_or_default();
                fault.get_or_insert(text);
            }
        }
        Ok::<(), io::Error>(())
    });
    read.map_err(|error| format!("{}: {error}", path.display()))?;
    fault.map_or(Ok(found), Err)
}

fn flatten(
    file: &str,
    place: String,
    full_url: Option<String>,
    value: &Value,
    found: &mut Vec<FoundResource>,
    fault: &mut Option<String>,
) {
    match value.get("resourceType").and_then(Value::as_str) {
        None => {
            let at = if place.is_empty() { "" } else { " at " };
            fault.get_or_insert(format!(
                "{file}{at}{place}: not a FHIR resource: it has no resourceType; a resource, a Bundle or one resource a line is wanted"
            ));
        }
        Some("Bundle") => {
            let entries = value.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for (at, entry) in entries.iter().enumerate() {
                let Some(resource) = entry.get("resource") else { continue };
                let dot = if place.is_empty() { "Bundle".to_owned() } else { place.clone() };
                let url = entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned);
                flatten(file, format!("{dot}.entry[{at}].resource"), url, resource, found, fault);
            }
        }
        Some(_) => found.push(FoundResource { file: file.to_owned(), place, full_url, value: value.clone() }),
    }
}
