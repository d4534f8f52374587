//! What a package says of itself (`package.json`).

use super::{Manifest, Package};
use crate::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;

/// The FHIR version that everything here is judged by.
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
    if !fhir_versions.is_empty() && !fhir_versions.iter().any(|version| version.starts_with(OUR_FHIR)) {
        let told = super::contents::shown(&fhir_versions.join(", "));
        package.issues.push(
            Issue::warning(
                IssueCode::NotSupported,
                IssueKey::PackageLeftOut,
                format!("The package is for FHIR {told}; its definitions are read as if they were for 4.0.1."),
            )
            .with_hint("load the package's R4 edition"),
        );
    }
    let manifest = Manifest { name: text("name"), version: text("version"), fhir_versions };
    package.manifest.get_or_insert(manifest);
}
