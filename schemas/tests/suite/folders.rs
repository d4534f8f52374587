//! Where the samples of others lie: beside the project, or where a variable says.

use std::path::{Path, PathBuf};

/// The folder a variable names, or where it lies beside the project; says so when there is none.
pub fn folder(variable: &str, beside: &str) -> Option<PathBuf> {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(beside);
    let found =
        Some(std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(usual)).filter(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: {variable} names no folder, and none lies beside the project");
    }
    found
}

/// A folder of this crate's tests.
pub fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The files of a folder with this ending, in order of name.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be read to its end").path())
        .filter(|path| path.extension().is_some_and(|end| end == ending))
        .collect();
    found.sort_unstable();
    found
}

/// The name of a file without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
