//! Where a plugin's files come from: built into the program, or a folder given at start.

use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/vendors");

/// A folder of a plugin.
#[derive(Debug, Clone)]
pub enum Folder {
    /// Built in, by its path below `vendors`.
    BuiltIn(String),
    /// On disk.
    Disk(PathBuf),
    /// Held in memory: files by their path inside the plugin.
    Held(Arc<BTreeMap<String, Vec<u8>>>),
}

impl Folder {
    /// The plugins that are built in.
    pub fn built_in() -> Vec<(String, Folder)> {
        let mut out: Vec<_> = BUILT_IN
            .dirs()
            .filter_map(|dir| dir.path().to_str())
            .map(|name| (name.to_string(), Folder::BuiltIn(name.to_string())))
            .collect();
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }

    /// The plugins of a folder: each folder in it that holds a `vendor.yaml`, or the folder itself if it does.
    pub fn on_disk(folder: &Path) -> std::io::Result<Vec<(String, Folder)>> {
        let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_string);
        if folder.join("vendor.yaml").is_file() {
            let whole = folder.canonicalize()?;
            return Ok(name(&whole).map(|name| (name, Folder::Disk(whole))).into_iter().collect());
        }
        let mut out = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.join("vendor.yaml").is_file()
                && let Some(name) = name(&path)
            {
                out.push((name, Folder::Disk(path)));
            }
        }
        out.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(out)
    }

    /// A file's bytes.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        match self {
            Folder::BuiltIn(folder) => {
                BUILT_IN.get_file(format!("{folder}/{name}")).map(|file| file.contents().to_vec())
            }
            Folder::Disk(folder) => std::fs::read(folder.join(name)).ok(),
            Folder::Held(files) => files.get(name).cloned(),
        }
    }

    /// Every file below this folder, by its path in it with `/`, sorted; hidden folders left out.
    pub fn all_files(&self) -> Vec<String> {
        fn built_in(dir: &Dir<'_>, root: &str, out: &mut Vec<String>) {
            let below = |path: &Path| path.to_str()?.strip_prefix(root)?.strip_prefix('/').map(str::to_string);
            out.extend(dir.files().filter_map(|file| below(file.path())));
            dir.dirs().for_each(|dir| built_in(dir, root, out));
        }
        fn on_disk(folder: &Path, below: &str, depth: usize, out: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(name) = entry.file_name().into_string() else { continue };
                let path = entry.path();
                if path.is_dir() {
                    if depth < DEEPEST && !name.starts_with('.') {
                        on_disk(&path, &format!("{below}{name}/"), depth + 1, out);
                    }
                } else {
                    out.push(format!("{below}{name}"));
                }
            }
        }
        let mut out = Vec::new();
        match self {
            Folder::BuiltIn(folder) => {
                if let Some(dir) = BUILT_IN.get_dir(folder) {
                    built_in(dir, folder, &mut out);
                }
            }
            Folder::Disk(folder) => on_disk(folder, "", 0, &mut out),
            Folder::Held(files) => out.extend(files.keys().cloned()),
        }
        out.sort();
        out
    }

    /// The maps that lie in folders of this one, sorted.
    pub fn maps(&self) -> Vec<String> {
        let below: Vec<String> = match self {
            Folder::BuiltIn(folder) => BUILT_IN
                .get_dir(folder)
                .map(|dir| dir.dirs().filter_map(|dir| dir.path().file_name()?.to_str().map(str::to_string)).collect())
                .unwrap_or_default(),
            Folder::Disk(folder) => std::fs::read_dir(folder)
                .map(|entries| entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
                .unwrap_or_default(),
            Folder::Held(files) => {
                files.keys().filter_map(|path| path.strip_suffix("/map.yaml").map(str::to_string)).collect()
            }
        };
        let mut out: Vec<String> =
            below.into_iter().map(|name| format!("{name}/map.yaml")).filter(|path| self.read(path).is_some()).collect();
        out.sort();
        out
    }

    /// The maps with what may be their parts: every file of theirs that holds rules.
    pub fn map_files(&self) -> Vec<String> {
        let mut out = Vec::new();
        for map in self.maps() {
            let below = map.trim_end_matches("/map.yaml");
            let parts = self.files(below).into_iter().filter(|name| crate::compile::is_part_name(name));
            let parts: Vec<String> = parts.map(|name| format!("{below}/{name}")).collect();
            out.push(map);
            out.extend(parts);
        }
        out
    }

    /// The names of the files in a folder below this one, sorted.
    pub fn files(&self, below: &str) -> Vec<String> {
        let mut out: Vec<String> = match self {
            Folder::BuiltIn(folder) => BUILT_IN
                .get_dir(format!("{folder}/{below}"))
                .map(|dir| {
                    dir.files().filter_map(|file| file.path().file_name()?.to_str().map(str::to_string)).collect()
                })
                .unwrap_or_default(),
            Folder::Disk(folder) => std::fs::read_dir(folder.join(below))
                .map(|entries| entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
                .unwrap_or_default(),
            Folder::Held(files) => files
                .keys()
                .filter_map(|path| path.strip_prefix(below)?.strip_prefix('/'))
                .filter(|name| !name.contains('/'))
                .map(str::to_string)
                .collect(),
        };
        out.sort();
        out
    }

    /// A number made of every file of the plugin and of the tenants given beside it: equal files give equal numbers.
    ///
    /// It is 0 for what is built in, which never changes while the program runs, unless tenants stand beside it.
    pub fn stamp(&self, tenants: &[crate::compile::TenantFile]) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        match self {
            Folder::BuiltIn(_) if tenants.is_empty() => return 0,
            Folder::BuiltIn(name) => name.hash(&mut hasher),
            Folder::Disk(folder) => hash_below(folder, DEEPEST, &mut hasher),
            Folder::Held(files) => files.hash(&mut hasher),
        }
        for tenant in tenants {
            (&tenant.file, &tenant.bytes).hash(&mut hasher);
        }
        hasher.finish() | 1
    }
}

/// Most folders of a plugin that lie in each other; deeper ones hold nothing of the language's.
const DEEPEST: usize = 6;

fn hash_below(folder: &Path, depth: usize, hasher: &mut std::hash::DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if depth > 0 {
                name.hash(hasher);
                hash_below(&path, depth - 1, hasher);
            }
        } else {
            (name, std::fs::read(&path).ok()).hash(hasher);
        }
    }
}
