//! Reads FHIR packages and folders of definitions (<https://hl7.org/fhir/R4/packages.html>); nothing is unpacked to disk.
//!
//! What a file is, its content tells: an archive, JSON or XML. Kept are definitions, which other resources are judged by;
//! examples and whatever else lies beside them are passed over. Archives are read in one pass with a bound on everything.

mod archive;
mod bounded;
mod contents;
mod folder;
mod manifest;
mod prose;

use crate::issue::Issue;
use bounded::Bounded;
use contents::{Collector, Format};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Bounds of what is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes of an archive as it lies on disk.
    pub packed_bytes: u64,
    /// Most bytes of all files, unpacked.
    pub unpacked_bytes: u64,
    /// Most bytes of one file, unpacked.
    pub file_bytes: u64,
    /// Most files, folders and other entries.
    pub entries: usize,
    /// Deepest folder in folder.
    pub folder_depth: usize,
    /// Deepest nesting inside a file.
    pub nesting: usize,
}

impl Default for Limits {
    /// All that HL7 publishes of R4 (94 MB unpacked) takes a fifth of it.
    fn default() -> Limits {
        Limits {
            packed_bytes: 128 << 20,
            unpacked_bytes: 512 << 20,
            file_bytes: 64 << 20,
            entries: 50_000,
            folder_depth: 16,
            nesting: 128,
        }
    }
}

/// What a package, folder or file holds.
#[derive(Debug, Default)]
pub struct Package {
    /// Name and version, where it says them.
    pub manifest: Option<Manifest>,
    /// The definitions, in the order of the archive, or of the names of their files.
    pub resources: Vec<Loaded>,
    /// What was left out, and what should be known; each names the file.
    pub issues: Vec<Issue>,
}

/// What a package says of itself in its `package.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The package's name (`hl7.fhir.us.core`).
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The FHIR versions it is for.
    pub fhir_versions: Vec<String>,
}

/// A resource of a package.
#[derive(Debug)]
pub struct Loaded {
    /// The resource; of a definition without the prose that no rule reads.
    pub value: Value,
    /// The file it came from, as the package names it.
    pub origin: String,
}

/// Why nothing of a package can be used.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The file system refused.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The path as given, or the file in it.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Something else than definitions.
    #[error("{path} is {found}; a FHIR package (.tgz), a folder, or a resource as JSON or XML is awaited")]
    NotDefinitions {
        /// The path as given.
        path: String,
        /// What it is, in a few words.
        found: &'static str,
    },
    /// The archive is damaged or ends too early.
    #[error("{path} is damaged {place}: {reason}")]
    Damaged {
        /// The path as given.
        path: String,
        /// Where: at which entry.
        place: String,
        /// What the reader of archives says.
        reason: String,
    },
    /// A bound of [`Limits`] was met.
    #[error("{path}: {place} is beyond the limit {limit} of {most}")]
    BeyondLimit {
        /// The path as given.
        path: String,
        /// The entry or file.
        place: String,
        /// The name of the limit.
        limit: &'static str,
        /// The limit.
        most: u64,
    },
    /// A single file is no well-formed resource.
    #[error("{path} cannot be read: {}", .issue.text)]
    Malformed {
        /// The path as given.
        path: String,
        /// What is wrong, with line and column.
        issue: Box<Issue>,
    },
}

/// Reads a package (`.tgz`, `.tar.gz`, `.tar` or unpacked), a folder of definitions, or a single one, JSON or XML.
pub fn read(path: &Path, limits: &Limits) -> Result<Package, PackageError> {
    let shown = path.display().to_string();
    let unreadable = |source| PackageError::Unreadable { path: shown.clone(), source };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        let mut collector = Collector::new(&shown, limits);
        folder::read(path, &mut collector)?;
        return Ok(collector.finish());
    }
    if !metadata.is_file() {
        return Err(PackageError::NotDefinitions { path: shown, found: "neither a file nor a folder" });
    }
    read_from(&shown, File::open(path).map_err(unreadable)?, limits)
}

/// Reads what [`read`] reads of a file, from any source of bytes; `name` is for messages.
pub fn read_from(name: &str, source: impl Read, limits: &Limits) -> Result<Package, PackageError> {
    let mut collector = Collector::new(name, limits);
    let mut source = BufReader::new(Bounded::new(source, "packed_bytes", limits.packed_bytes));
    let start = contents::start_of(&mut source).map_err(|error| collector.damaged("at its start", &error))?;
    match Format::of(start.get_ref()) {
        Format::Gzip => archive::read_packed(start.chain(source), &mut collector)?,
        Format::Tar => archive::read_plain(start.chain(source), &mut collector)?,
        Format::Json | Format::Xml => {
            let bytes =
                collector.rest_of(start.chain(source)).map_err(|error| collector.damaged("as a whole", &error))?;
            collector.single_file(name, &bytes)?;
        }
        Format::Other(found) => return Err(PackageError::NotDefinitions { path: name.to_owned(), found }),
    }
    Ok(collector.finish())
}

#[cfg(test)]
mod tests;
