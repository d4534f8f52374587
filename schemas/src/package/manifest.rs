//! What a package says of itself (`package.json`).

use super::{Manifest, Package};
use crate::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;

/// How the FHIR versions start that everything here is judged by: 4.0.0 and 4.0.1 differ in corrections only.
const OUR_FHIR: &str = "4.0.";

/// Whether the file at that path of a package is its manifest.
pub(super) fn is_place(path: &str) -> bool {
    matches!(path, "package.json" | "package/package.json")
}

/// Takes in the manifest; a package for another FHIR version is kept, with a warning.
pub(super) fn take(value: Value, package: &mut Package) {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let versions = |name: &str| -> Vec<String> {
        let list = value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut fhir_versions = versions("fhirVersions");
    // The older spelling.
    fhir_versions.extend(versions("fhir-version-list"));
    fhir_versions.sort();
    fhir_versions.dedup();
    if !fhir_versions.is_empty() && !fhir_versions.iter().any(|version| is_our_fhir(version)) {
        package.issues.push(of_another_fhir("The package"));
    }
    let manifest = Manifest { name: text("name"), version: text("version"), fhir_versions };
    package.manifest.get_or_insert(manifest);
}

/// Whether a FHIR version is one that everything here is judged by.
pub(super) fn is_our_fhir(version: &str) -> bool {
    version.starts_with(OUR_FHIR)
}

/// The warning about definitions for another FHIR version, which are kept.
pub(super) fn of_another_fhir(subject: &str) -> Issue {
    let text = format!("{subject} is for another FHIR version than 4.0.1 and is read as if it were for that.");
    Issue::warning(IssueCode::NotSupported, IssueKey::PackageLeftOut, text).with_hint("load its R4 edition")
}
