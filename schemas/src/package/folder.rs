//! Goes through a folder in the order of names; links out of it are not followed.

use super::contents::{Collector, Format, PACKAGE, is_wanted, shown, start_of};
use super::{PackageError, archive};
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Reads all definitions of a folder and of the folders in it. Packages in it are read too.
pub(super) fn read(root: &Path, collector: &mut Collector<'_>) -> Result<(), PackageError> {
    let real_root = root.canonicalize().map_err(|error| unreadable("", collector, error))?;
    let lies_in = if root.join("package.json").is_file() { PACKAGE } else { "" };
    // Folders still to be read, with their path from the root; the next one stands last.
    let mut waiting = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, path, depth)) = waiting.pop() {
        if depth > collector.limits.folder_depth {
            collector.left_out(&shown(&path), "it lies deeper than folders are read");
            continue;
        }
        let mut names = names(&folder).map_err(|error| unreadable(&path, collector, error))?;
        names.sort();
        let mut inner = Vec::new();
        for (name, full) in names {
            let inside = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            collector.count_entry(&shown(&inside))?;
            let metadata = fs::symlink_metadata(&full).map_err(|error| unreadable(&inside, collector, error))?;
            let is_wanted = is_wanted(&format!("{lies_in}{inside}{}", if metadata.is_dir() { "/" } else { "" }));
            if metadata.is_dir() {
                if is_wanted {
                    inner.push((full, inside, depth + 1));
                }
            } else if is_wanted && (metadata.is_file() || is_link_inside(&full, &real_root)) {
                read_file(&full, &inside, collector)?;
            } else if metadata.is_symlink() && is_wanted {
                collector.left_out(&shown(&inside), "it is a link to a folder or out of the folder");
            }
        }
        waiting.extend(inner.into_iter().rev());
    }
    Ok(())
}

fn names(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())))
        .collect()
}

/// Whether a path is a link to a file below the root, as files mounted into containers are.
fn is_link_inside(path: &Path, real_root: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real.starts_with(real_root) && real.is_file())
}

fn read_file(full: &Path, inside: &str, collector: &mut Collector<'_>) -> Result<(), PackageError> {
    let file = File::open(full).map_err(|error| unreadable(inside, collector, error))?;
    let mut source = BufReader::new(file);
    let start = start_of(&mut source).map_err(|error| unreadable(inside, collector, error))?;
    let name = shown(inside);
    match Format::of(start.get_ref()) {
        Format::Json | Format::Xml => {
            let bytes = collector
                .rest_of(start.chain(source))
                .map_err(|error| collector.damaged(&format!("at {name}"), &error))?;
            collector.file(inside, &name, &bytes);
            Ok(())
        }
        // In a folder anything may lie packed; only what is named like a package is meant.
        Format::Gzip if name.ends_with(".tgz") || name.ends_with(".tar.gz") => {
            archive::read_packed(start.chain(source), collector)
        }
        Format::Tar if name.ends_with(".tar") => archive::read_plain(start.chain(source), collector),
        _ => Ok(()),
    }
}

fn unreadable(inside: &str, collector: &Collector<'_>, source: io::Error) -> PackageError {
    let path = if inside.is_empty() { collector.path.clone() } else { format!("{}/{inside}", collector.path) };
    PackageError::Unreadable { path, source }
}
