//! Goes through an archive in one pass; entries that would leave it, links and devices are refused.

use super::bounded::Bounded;
use super::contents::{Collector, shown};
use super::{PackageError, contents};
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use tar::{Archive, EntryType};

/// A gzipped tar archive. Its unpacked bytes are bounded while it unfolds, so that a bomb is stopped in time.
pub(super) fn read_packed(source: impl Read, collector: &mut Collector<'_>) -> Result<(), PackageError> {
    read_plain(MultiGzDecoder::new(source), collector)
}

/// A tar archive.
pub(super) fn read_plain(source: impl Read, collector: &mut Collector<'_>) -> Result<(), PackageError> {
    let mut archive = Archive::new(Bounded::new(source, "unpacked_bytes", collector.limits.unpacked_bytes));
    let mut place = "at its first entry".to_owned();
    let entries = archive.entries().map_err(|error| collector.damaged(&place, &error))?;
    for entry in entries {
        let mut entry = entry.map_err(|error| collector.damaged(&place, &error))?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).replace('\\', "/");
        let name = shown(&path);
        place = format!("at the entry {name}");
        collector.count_entry(&name)?;
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous if leaves_archive(&path) => {
                collector.left_out(&name, "its path leads out of the package");
            }
            EntryType::Regular | EntryType::Continuous => {
                let path = path.trim_start_matches("./");
                if contents::is_wanted(path) {
                    let bytes = collector.text_of(&mut entry).map_err(|error| collector.damaged(&place, &error))?;
                    if let Some(bytes) = bytes {
                        collector.file(path, &name, &bytes);
                    }
                }
            }
            EntryType::Symlink | EntryType::Link => {
                collector.left_out(&name, "it is a link, and links are not followed");
            }
            EntryType::Directory | EntryType::XGlobalHeader => {}
            _ => collector.left_out(&name, "it is neither a file nor a folder"),
        }
    }
    // The check sum stands at the very end: it tells an archive that was cut off or altered.
    let rest = io::copy(&mut archive.into_inner(), &mut io::sink());
    rest.map(|_| ()).map_err(|error| collector.damaged(&place, &error))
}

fn leaves_archive(path: &str) -> bool {
    let starts_with_drive = path.as_bytes().get(1) == Some(&b':');
    starts_with_drive || path.starts_with('/') || path.split('/').any(|step| step == "..")
}
