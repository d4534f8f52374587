//! Plugins read again while others run: what compiles and holds its examples takes the old one's place, all else stays.

use crate::check::CheckReport;
use crate::compile::TenantFile;
use crate::diagnostic::{Code, Diagnostic, Span, did_you_mean};
use crate::plugin_files::Folder;
use crate::registry::{Registry, Vendor};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What became of a plugin when its folder was read again.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// The vendor's id, or the folder that could not be read.
    pub vendor: String,
    /// What became of it.
    pub fate: Fate,
    /// What was found, where it is refused.
    pub report: Option<CheckReport>,
    /// Which of its examples do not hold, a sentence each.
    pub broken_examples: Vec<String>,
}

/// What became of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its files are as they were.
    Unchanged,
    /// It takes the old one's place, or is new.
    Loaded,
    /// It cannot be used; where there was an old one, that stays.
    Refused,
    /// Its folder is gone; the old one stays.
    Gone,
    /// Its folder is gone, and it is no longer used.
    Removed,
}

impl Fate {
    /// A word for programs and people.
    pub fn word(self) -> &'static str {
        match self {
            Fate::Unchanged => "unchanged",
            Fate::Loaded => "loaded",
            Fate::Refused => "refused",
            Fate::Gone => "gone",
            Fate::Removed => "removed",
        }
    }
}

impl Reloaded {
    fn new(vendor: &str, fate: Fate) -> Reloaded {
        Reloaded { vendor: vendor.to_owned(), fate, report: None, broken_examples: Vec::new() }
    }

    fn refused(vendor: &str, report: CheckReport) -> Reloaded {
        Reloaded { report: Some(report), ..Reloaded::new(vendor, Fate::Refused) }
    }

    /// What is wrong, as a compiler's report; `None` where nothing is.
    pub fn into_report(self) -> Option<String> {
        let mut lines = self.report.map(|report| report.render()).unwrap_or_default();
        lines.extend(self.broken_examples);
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

impl Registry {
    /// The plugins as the folders have them now. What is unchanged is kept as it is; what is refused by the checker, or
    /// by `examples` (which says what does not hold), keeps its old form.
    ///
    /// A plugin whose folder is gone goes only with `forget`: a folder may be gone for a moment while it is replaced.
    pub fn reloaded(
        &self,
        folders: &[PathBuf],
        tenants: &[PathBuf],
        forget: bool,
        examples: &(dyn Fn(&Vendor, &Folder) -> Vec<String> + Sync),
    ) -> (Registry, Vec<Reloaded>) {
        self.read_again(folders, tenants, forget, None, examples)
    }

    /// [`Registry::reloaded`] of one vendor alone, where there is one of that id.
    pub(crate) fn read_again(
        &self,
        folders: &[PathBuf],
        tenants: &[PathBuf],
        forget: bool,
        only: Option<&str>,
        examples: &(dyn Fn(&Vendor, &Folder) -> Vec<String> + Sync),
    ) -> (Registry, Vec<Reloaded>) {
        let mut reloaded = Vec::new();
        let mut found: BTreeMap<String, Folder> = Folder::built_in().into_iter().collect();
        let mut gone_from_disk = false;
        for folder in folders {
            match Folder::on_disk(folder) {
                Ok(plugins) if plugins.is_empty() => {
                    gone_from_disk = true;
                    let text = format!("no plugin lies in {} (a folder with a vendor.yaml)", folder.display());
                    reloaded.push(Reloaded::refused(&folder.display().to_string(), fault(folder, text)));
                }
                Ok(plugins) => found.extend(plugins),
                Err(error) => {
                    gone_from_disk = true;
                    let text = format!("{}: {error}", folder.display());
                    reloaded.push(Reloaded::refused(&folder.display().to_string(), fault(folder, text)));
                }
            }
        }
        let known: Vec<&str> = found.keys().map(String::as_str).collect();
        reloaded.extend(tenants.iter().filter_map(|folder| stray_tenants(folder, &known)));
        if let Some(only) = only.filter(|only| found.contains_key(*only)) {
            found.retain(|name, _| name == only);
        }
        let mut vendors = BTreeMap::new();
        let each: Vec<(&String, &Folder)> = found.iter().collect();
        let read = side_by_side(&each, &|(name, folder)| {
            let old = self.vendor_arc(name);
            // A built-in plugin takes over from one on disk only when the disk was there to be asked.
            let hides = matches!(folder, Folder::BuiltIn(_)) && old.is_some_and(|old| old.stamp != 0);
            match old {
                Some(old) if hides && (!forget || gone_from_disk) => {
                    (Some(Arc::clone(old)), Reloaded::new(name, Fate::Gone))
                }
                old => taken(name, folder, tenants, old, examples),
            }
        });
        for ((name, _), (vendor, one)) in each.iter().zip(read) {
            vendors.extend(vendor.map(|vendor| ((*name).clone(), vendor)));
            reloaded.push(one);
        }
        for old in self.vendors().filter(|old| !found.contains_key(&old.id)) {
            let fate = if forget && !gone_from_disk { Fate::Removed } else { Fate::Gone };
            if let (Fate::Gone, Some(old)) = (fate, self.vendor_arc(&old.id)) {
                vendors.insert(old.id.clone(), Arc::clone(old));
            }
            reloaded.push(Reloaded::new(&old.id, fate));
        }
        (Registry::of(vendors), reloaded)
    }
}

/// The stack of a thread that reads plugins: a plugin's blocks lie deep in each other.
const STACK_BYTES: usize = 16 << 20;

/// Works on each of a list, as many at a time as the machine has processors; the results are in the order of the list.
fn side_by_side<T: Sync, R: Send>(each: &[T], work: &(dyn Fn(&T) -> R + Sync)) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done: Vec<(usize, R)> = Vec::new();
        while let Some((place, one)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, each.get(at)?)))
        {
            done.push((place, work(one)));
        }
        done
    };
    let helpers = std::thread::available_parallelism().map_or(1, usize::from).min(each.len()).saturating_sub(1);
    let mut done = std::thread::scope(|scope| {
        let spawn = || std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, some).ok();
        let threads: Vec<_> = (0..helpers).filter_map(|_| spawn()).collect();
        let mut done = some();
        for thread in threads {
            match thread.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The plugin of a folder, or the old one where the folder's cannot be used.
fn taken(
    name: &str,
    folder: &Folder,
    tenants: &[PathBuf],
    old: Option<&Arc<Vendor>>,
    examples: &dyn Fn(&Vendor, &Folder) -> Vec<String>,
) -> (Option<Arc<Vendor>>, Reloaded) {
    let mut further = Vec::new();
    for within in tenants {
        match TenantFile::on_disk(within, name) {
            Ok(files) => further.extend(files),
            Err(error) => {
                let text = format!("{}: {error}", within.display());
                return (old.cloned(), Reloaded::refused(name, fault(within, text)));
            }
        }
    }
    let stamp = folder.stamp(&further);
    if let Some(old) = old.filter(|old| old.stamp == stamp) {
        return (Some(Arc::clone(old)), Reloaded::new(name, Fate::Unchanged));
    }
    match Vendor::compile(name, folder, &further) {
        Err(report) => (old.cloned(), Reloaded::refused(name, *report)),
        Ok(mut vendor) => {
            vendor.stamp = stamp;
            let broken = examples(&vendor, folder);
            if broken.is_empty() {
                (Some(Arc::new(vendor)), Reloaded::new(name, Fate::Loaded))
            } else {
                let refused = Reloaded { broken_examples: broken, ..Reloaded::new(name, Fate::Refused) };
                (old.cloned(), refused)
            }
        }
    }
}

/// Folders of tenants of vendors that are not there.
fn stray_tenants(folder: &std::path::Path, known: &[&str]) -> Option<Reloaded> {
    let shown = folder.display().to_string();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return Some(Reloaded::refused(&shown, fault(folder, format!("{shown}: {error}")))),
    };
    let mut report = CheckReport { plugin: shown.clone(), ..CheckReport::default() };
    for entry in entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !known.contains(&name.as_str()) && !name.starts_with('.') {
            let text = format!("tenants are given for a vendor `{name}`, which is not loaded");
            let hint = did_you_mean(&name, known.iter().copied())
                .unwrap_or_else(|| format!("loaded are: {}", known.join(", ")));
            let file = entry.path().display().to_string();
            report.diagnostics.push(Diagnostic::new(Code::TenantFile, file, Span::default(), text).with_hint(hint));
        }
    }
    report.has_errors().then(|| Reloaded::refused(&shown, report))
}

fn fault(folder: &std::path::Path, text: String) -> CheckReport {
    let file = folder.display().to_string();
    CheckReport {
        plugin: file.clone(),
        diagnostics: vec![Diagnostic::new(Code::Unreadable, file, Span::default(), text)],
        ..CheckReport::default()
    }
}
