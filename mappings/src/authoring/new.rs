//! `mapping new`: from sample payloads to a plugin's folder that compiles, translates its sample and says what is open.

mod draft;
mod lists;
mod person;
mod write;

use super::infer::Seen;
use crate::check::check_plugin;
use crate::diagnostic::{Code, Diagnostic, Reporter, Severity};
use crate::plugin_files::Folder;
use crate::syntax::{Node, parse};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a value stands under `keep` in a skeleton; `check` counts what still begins so.
pub const UNDECIDED: &str = "to be decided";

/// Whether nobody has decided yet: the reason of a value that is set aside says so.
pub fn is_undecided(reason: &str) -> bool {
    reason.trim_start().starts_with(UNDECIDED)
}

/// What a skeleton is made for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The vendor's id, lower-case with hyphens: the folder's name.
    pub vendor: String,
    /// The message's name: a folder in the vendor's.
    pub message: String,
    /// `format:` of the map as YAML; `None` for JSON.
    pub format: Option<String>,
}

/// A file of a skeleton: its path inside the plugin's folder, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Relative to the plugin's folder.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// A skeleton.
#[derive(Debug)]
pub struct Skeleton {
    /// Files to write.
    pub files: Vec<NewFile>,
    /// Values that have a place in FHIR already.
    pub mapped: usize,
    /// Values that are set aside until somebody decides.
    pub undecided: usize,
    /// Values that are kept secret, since their names say that they open a door.
    pub secrets: Vec<String>,
    /// What somebody must look at before the plugin is used.
    pub warnings: Vec<String>,
}

/// Makes a skeleton of sample payloads, each as the tree its format reads.
///
/// `have_vendor` is the text of the plugin's `vendor.yaml` where the plugin is there already and gets one more message.
pub fn skeleton(request: &Request, samples: &[Value], have_vendor: Option<&str>) -> Skeleton {
    let seen = Seen::of(samples);
    let mut draft = draft::of(&seen, request);
    // A rule that the compiler would not take is none to start from: what it carried is set aside like the rest.
    for _ in 0..draft.size() {
        let files = write::files(&draft, request, &seen, have_vendor);
        let Some(line) = first_fault(&files, request) else { break };
        if !draft.withdraw(line, request) {
            break;
        }
    }
    let (mapped, undecided, secrets) = (draft.mapped(), draft.undecided(), draft.secrets());
    let warnings = draft.resources.iter().filter_map(|rule| rule.warning.clone()).collect();
    Skeleton { files: write::files(&draft, request, &seen, have_vendor), mapped, undecided, secrets, warnings }
}

/// The line of the map that the compiler finds fault with first.
fn first_fault(files: &[NewFile], request: &Request) -> Option<usize> {
    let map = format!("{}/map.yaml", request.message);
    let mut held: BTreeMap<String, Vec<u8>> =
        files.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes())).collect();
    // Other messages of the plugin are not here; alone, this one is judged the same.
    held.insert("vendor.yaml".into(), write::vendor_yaml(request, None).into_bytes());
    let report = check_plugin(&request.vendor, &Folder::Held(Arc::new(held)));
    let place = format!("{}/{map}", request.vendor);
    let fault = report.diagnostics.iter().find(|one| one.is_error() && one.file == place && one.span.line > 0);
    fault.map(|one| one.span.line)
}

/// A name for a message made of a file's name: `01_Clients page.json` to `clients-page`.
pub fn message_name(file: &str) -> String {
    let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = stem.split('.').next().unwrap_or(stem);
    let mut out = String::new();
    for part in stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        if out.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&part.to_ascii_lowercase());
    }
    if out.is_empty() { "message".into() } else { out }
}

/// Whether a text may be a vendor's id or a message's name: lower-case letters, digits and hyphens.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.ends_with('-')
}

/// What of a plugin's maps is still to be decided: one warning a value.
pub fn undecided(plugin: &str, folder: &Folder) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for file in folder.map_files() {
        let Some(text) = folder.read(&file).and_then(|bytes| String::from_utf8(bytes).ok()) else { continue };
        let mut reporter = Reporter::new(file.clone());
        if let Some(node) = parse(&text, &mut reporter) {
            undecided_in(&node, &format!("{plugin}/{file}"), &mut out);
        }
    }
    out
}

fn undecided_in(node: &Node, file: &str, out: &mut Vec<Diagnostic>) {
    for (name, entry) in node.entries().unwrap_or_default() {
        if name == "keep" || name == "drop" {
            for (path, reason) in entry.entries().unwrap_or_default() {
                if reason.text().is_some_and(is_undecided) {
                    let text = format!("`{path}` is set aside, and nobody has decided yet what becomes of it");
                    let one = Diagnostic::new(Code::Undecided, file, reason.span, text)
                        .with_severity(Severity::Warning)
                        .with_hint("give it a place under `pairs`, or say why it has none");
                    out.push(one);
                }
            }
        } else {
            undecided_in(entry, file, out);
        }
    }
    node.elements().unwrap_or_default().iter().for_each(|one| undecided_in(one, file, out));
}

#[cfg(test)]
mod tests;
