//! The resources: UK Core's own examples where its source lies beside the project, and our invented ones.

use ginnel_schemas::input::Input;
use ginnel_schemas::json::Limits;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The types that are measured.
const TYPES: [&str; 2] = ["MedicationStatement", "Patient"];

/// One resource with the profile it is judged by.
pub struct Resource {
    /// The name of its file.
    pub name: String,
    /// Its content.
    pub value: Value,
    /// UK Core's profile of its type.
    pub profile: String,
}

/// Every example of the measured types.
pub fn all() -> Vec<Resource> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let uk_core = std::env::var_os("GINNEL_UK_CORE")
        .map_or_else(|| here.join("../../../../shared/data/uk-core"), PathBuf::from)
        .join("examples");
    let mut paths: Vec<PathBuf> =
        [here.join("../../tests/examples"), uk_core].iter().flat_map(|one| files(one)).collect();
    paths.sort();
    paths.iter().filter_map(|path| read(path)).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {} is not there", folder.display());
        return Vec::new();
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn read(path: &Path) -> Option<Resource> {
    let bytes = std::fs::read(path).ok()?;
    let value = Input::read(&bytes, &Limits::default()).ok()?.into_value();
    let type_name = TYPES.into_iter().find(|name| value["resourceType"] == *name)?;
    let name = path.file_stem()?.to_string_lossy().into_owned();
    Some(Resource { name, value, profile: format!("https://fhir.hl7.org.uk/StructureDefinition/UKCore-{type_name}") })
}
