//! Reads the workspace for the checks: its files and what cargo knows of its crates.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file: its path from the root of the workspace, with `/`, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("schemas lies in the workspace").to_owned()
}

/// The text of one file.
pub fn text_of(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What cargo knows of every crate that is built on this machine.
pub fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    // Without a platform cargo wants the manifests of every system's crates, which nothing downloads.
    let arguments = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host()];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().expect("cargo runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata (has `cargo fetch --locked` run?): {complaint}");
    serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON")
}

fn host() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = Command::new(rustc).arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

/// Every Rust source of the workspace.
pub fn rust_files() -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort_unstable();
    found.iter().filter(|path| path.extension().is_some_and(|end| end == "rs")).map(|path| read(path)).collect()
}

/// Every text file that git keeps or would keep; `None` without git.
pub fn kept_files() -> Option<Vec<File>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let names = String::from_utf8(output.stdout).expect("the names of kept files are UTF-8");
    let files = names.split('\0').filter(|name| !name.is_empty()).filter_map(|name| {
        // A file may be gone from disk, or hold bytes that are no text.
        let text = std::fs::read_to_string(root().join(name)).ok()?;
        Some(File { path: name.to_owned(), text })
    });
    Some(files.collect())
}

fn read(path: &Path) -> File {
    let from_root = path.strip_prefix(root()).expect("the walk began at the root");
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    File { path: from_root.to_string_lossy().replace('\\', "/"), text }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be read to its end").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "data" {
                walk(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}
