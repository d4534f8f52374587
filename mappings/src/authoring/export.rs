//! `mapping export`: a plugin as FHIR's own StructureMap and ConceptMap resources, for those who govern what is exchanged.
//!
//! What those resources cannot say (functions, derived texts, what is kept) stands in the documentation of the rule.
//! R4: <http://hl7.org/fhir/R4/structuremap.html>, <http://hl7.org/fhir/R4/conceptmap.html>.

mod concept_map;
mod structure_map;

use crate::diagnostic::Reporter;
use crate::plugin_files::Folder;
use crate::registry::Vendor;
use crate::syntax::{Node, parse};
use serde_json::Value;

/// Where the exported resources say that they live.
const BASE: &str = "https://gateway.example.org/vendor";

/// All resources of a plugin: for each message a StructureMap out and one in, for each code table a ConceptMap out and one in.
pub fn export(vendor: &Vendor, folder: &Folder) -> Vec<Value> {
    let mut out = Vec::new();
    for message in vendor.messages.values() {
        out.extend(structure_map::of_message(vendor, message));
    }
    out.extend(concept_map::of_plugin(vendor, folder));
    out
}

/// The name of the file that a resource is written to.
pub fn file_name(resource: &Value) -> String {
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    format!("{}-{}.json", text("resourceType"), text("id"))
}

/// A text as FHIR's `id` has it: letters, digits, hyphens and dots, 64 at most.
fn id_of(text: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let id: String = kept.trim_matches('-').chars().take(64).collect();
    if id.is_empty() { "x".into() } else { id }
}

/// A text as a name that programs can use: letters, digits and underscores, a capital first.
fn computable(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}

/// A file of the plugin as a tree.
fn tree(folder: &Folder, path: &str) -> Option<Node> {
    let text = String::from_utf8(folder.read(path)?).ok()?;
    parse(&text, &mut Reporter::new(path))
}

#[cfg(test)]
mod tests;
