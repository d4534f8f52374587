//! The plugins as they are now. A new set takes the old one's place whole, so that no request sees half of a change and
//! what is under way ends with the plugins it began with.

mod examples;
pub mod watch;

use crate::config::Config;
use crate::search_parameters::OWN_TYPES;
use crate::validation::Validation;
use ginnel_mappings::registry::Registry;
use ginnel_mappings::reload::{Fate, Reloaded};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// One whole set of plugins.
pub struct Loaded {
    /// The plugins.
    pub registry: Arc<Registry>,
    /// The resource types that are served; one that was ever served stays readable until the server ends.
    pub resource_types: BTreeSet<String>,
    /// Since when, RFC 3339.
    pub since: String,
}

/// The plugins as they are now, and what became of the last attempt to read them again.
pub struct Plugins {
    current: RwLock<Arc<Loaded>>,
    last: RwLock<Option<Attempt>>,
    /// One reload at a time.
    reloading: Mutex<()>,
    folders: Vec<PathBuf>,
    tenants: Vec<PathBuf>,
    watching: bool,
    validation: Arc<Validation>,
}

/// An attempt to read the plugins again.
struct Attempt {
    at: String,
    plugins: Vec<Reloaded>,
}

impl Plugins {
    /// The plugins that a server starts with.
    pub fn new(registry: Arc<Registry>, config: &Config, validation: Arc<Validation>) -> Plugins {
        let resource_types = types_of(&registry).chain(OWN_TYPES.map(str::to_owned)).collect();
        Plugins {
            current: RwLock::new(Arc::new(Loaded { registry, resource_types, since: now() })),
            last: RwLock::new(None),
            reloading: Mutex::new(()),
            folders: config.vendors.clone(),
            tenants: config.tenants.clone(),
            watching: config.watch,
            validation,
        }
    }

    /// The plugins as they are now; whoever holds them keeps them, whatever comes.
    pub fn now(&self) -> Arc<Loaded> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the folders again. What is sound takes the old one's place; what is not keeps its old form, and is said.
    ///
    /// A plugin whose folder is gone stays unless `forget`. Slow: it compiles, proves, and runs examples.
    pub fn reload(&self, forget: bool) {
        let _one = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.now();
        let holds = |vendor: &_, folder: &_| examples::broken(vendor, folder, self.validation.validator());
        let (registry, plugins) = old.registry.reloaded(&self.folders, &self.tenants, forget, &holds);
        plugins.iter().for_each(tell);
        if plugins.iter().any(|one| matches!(one.fate, Fate::Loaded | Fate::Removed)) {
            let resource_types = old.resource_types.iter().cloned().chain(types_of(&registry)).collect();
            let loaded = Loaded { registry: Arc::new(registry), resource_types, since: now() };
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
        }
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = Some(Attempt { at: now(), plugins });
    }

    /// What became of the last attempt to read the plugins again, for whoever looks after them.
    pub fn reload_status(&self) -> Value {
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        let plugins: Vec<Value> = last.iter().flat_map(|attempt| &attempt.plugins).map(shown).collect();
        let refused = last.iter().flat_map(|attempt| &attempt.plugins).any(|one| one.fate == Fate::Refused);
        json!({
            "watching": self.watching,
            "at": last.as_ref().map(|attempt| attempt.at.as_str()),
            "status": if last.is_none() { "never" } else if refused { "refused" } else { "ok" },
            "plugins": plugins,
        })
    }
}

fn types_of(registry: &Registry) -> impl Iterator<Item = String> + '_ {
    registry.vendors().flat_map(|vendor| vendor.resource_types())
}

fn now() -> String {
    format!("{:.0}", jiff::Timestamp::now())
}

/// A plugin's fate as `GET /vendors` shows it: codes and places of what was found, never a value.
fn shown(one: &Reloaded) -> Value {
    let mut out = json!({"vendor": one.vendor, "status": one.fate.word()});
    let found = one.report.as_ref().map(|report| json!(report.diagnostics));
    if let (Some(found), Value::Object(members)) = (found, &mut out) {
        members.insert("diagnostics".into(), found);
    }
    if !one.broken_examples.is_empty() {
        out["examples"] = json!(one.broken_examples);
    }
    if one.fate == Fate::Gone {
        out["note"] = "its folder is gone; it is served as it was until a restart or SIGHUP".into();
    }
    out
}

fn tell(one: &Reloaded) {
    let vendor = one.vendor.as_str();
    match one.fate {
        Fate::Unchanged => {}
        Fate::Loaded => tracing::info!(vendor, "the plugin was read again and is used from now on"),
        Fate::Removed => tracing::warn!(vendor, "the plugin's folder is gone; it is no longer used"),
        Fate::Gone => tracing::warn!(vendor, "the plugin's folder is gone; it is used as it was until told otherwise"),
        Fate::Refused => {
            let report = one.clone().into_report().unwrap_or_default();
            tracing::error!(vendor, "the plugin is refused, and the old one stays:\n{report}");
        }
    }
}
