//! The files of a release in a folder, and what can be wrong with them.

use std::path::{Path, PathBuf};

/// Why a release could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// A file or folder could not be read.
    #[error("{path}: {source}; the folder of an unpacked dm+d release is wanted")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No file of a release lies in the folder.
    #[error(
        "{folder}: no file of VMPs (f_vmp2_*.xml) lies here; unpack the week's dm+d release from TRUD and name its folder"
    )]
    NoRelease {
        /// The folder.
        folder: PathBuf,
    },
    /// Two files hold the same list.
    #[error("{first} and {second} both hold {list}; name a folder with one release")]
    Twice {
        /// One.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// What they hold.
        list: &'static str,
    },
    /// A line that cannot be read.
    #[error("{path}:{line}: {text}; get the file again, or a release whose format this version knows")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        text: String,
    },
}

/// A list of the release, which a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    /// How the file's name begins.
    pub prefix: &'static str,
    /// What it holds, for people.
    pub holds: &'static str,
    /// What is missing when it is not there.
    pub without: &'static str,
}

/// The lists, longer beginnings before shorter ones of the same letters.
pub const LISTS: &[List] = &[
    List { prefix: "f_lookup", holds: "look-ups", without: "forms, routes, units and suppliers have no names" },
    List { prefix: "f_ingredient", holds: "ingredients", without: "substances have no names" },
    List { prefix: "f_vtm", holds: "VTMs", without: "moieties have no names" },
    List { prefix: "f_vmpp", holds: "VMPPs", without: "codes of packs are unknown" },
    List { prefix: "f_vmp", holds: "VMPs", without: "" },
    List { prefix: "f_ampp", holds: "AMPPs", without: "codes of packs are unknown" },
    List { prefix: "f_amp", holds: "AMPs", without: "brands are unknown" },
    List {
        prefix: "f_history",
        holds: "the history",
        without: "replaced ids are known only where an entry names the one before",
    },
];

/// How deep folders are looked through.
const DEEPEST: usize = 3;

/// The files of a folder, in the order of [`LISTS`], with the lists that are not there.
pub fn find(folder: &Path) -> Result<(Vec<PathBuf>, Vec<List>), ReleaseError> {
    let mut all = Vec::new();
    walk(folder, 0, &mut all)?;
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    for list in LISTS {
        let mut own = all.iter().filter(|(_, of)| *of == list.prefix).map(|(path, _)| path);
        match (own.next(), own.next()) {
            (Some(first), Some(second)) => {
                return Err(ReleaseError::Twice { first: first.clone(), second: second.clone(), list: list.holds });
            }
            (Some(file), None) => files.push(file.clone()),
            (None, _) if list.without.is_empty() => return Err(ReleaseError::NoRelease { folder: folder.into() }),
            (None, _) => missing.push(*list),
        }
    }
    Ok((files, missing))
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<(PathBuf, &'static str)>) -> Result<(), ReleaseError> {
    let unreadable = |source| ReleaseError::Unreadable { path: folder.into(), source };
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() && depth < DEEPEST {
            walk(&path, depth + 1, found)?;
        } else if let Some(prefix) = list_of(&path) {
            found.push((path, prefix));
        }
    }
    Ok(())
}

fn list_of(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let stem = name.strip_suffix(".xml")?;
    LISTS.iter().map(|list| list.prefix).find(|prefix| {
        // f_vmp2_3050924, f_vmp_3050924, f_vmp: a digit or an underscore ends the list's name.
        stem.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| !c.is_alphabetic()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_the_beginning_of_its_name() {
        for (name, expected) in [
            ("f_vmp2_3050924.xml", Some("f_vmp")),
            ("f_vmpp2_3050924.xml", Some("f_vmpp")),
            ("F_AMP2_3050924.XML", Some("f_amp")),
            ("f_ampp2_3050924.xml", Some("f_ampp")),
            ("f_history2_3050924.xml", Some("f_history")),
            ("f_vtm.xml", Some("f_vtm")),
            ("f_vmp2_3050924.xsd", None),
            ("f_gtin2_0050924.xml", None),
            ("f_ampname.xml", None),
        ] {
            assert_eq!(list_of(Path::new(name)), expected, "{name}");
        }
    }
}
