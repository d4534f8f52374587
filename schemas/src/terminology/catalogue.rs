//! Definitions by canonical URL and version, each read when first asked for.

use super::canonical;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Definitions of one kind.
#[derive(Debug)]
pub(super) struct Catalogue<T> {
    /// The versions of a URL, oldest first.
    by_url: HashMap<Box<str>, Vec<Entry<T>>>,
    /// Whether anything was made since it was last forgotten.
    any_made: AtomicBool,
}

/// Where a definition's JSON is.
#[derive(Debug)]
pub(super) enum Source {
    /// A line of the built-in form.
    BuiltIn(&'static str),
    /// Added from a package.
    Added(Value),
}

#[derive(Debug)]
struct Entry<T> {
    version: Option<Box<str>>,
    source: Source,
    made: OnceLock<Option<T>>,
}

/// A definition that was asked for.
#[derive(Debug)]
pub(super) struct Found<'a, T> {
    /// What was made of it.
    pub made: &'a T,
    /// Whether it has the version asked for; true when none was.
    pub version_fits: bool,
}

impl<T> Default for Catalogue<T> {
    fn default() -> Self {
        Catalogue { by_url: HashMap::new(), any_made: AtomicBool::new(false) }
    }
}

impl<T> Catalogue<T> {
    /// Adds a definition; what was there under its URL and version gives way.
    pub fn add(&mut self, url: &str, version: Option<&str>, source: Source) {
        let versions = self.by_url.entry(url.into()).or_default();
        versions.retain(|entry| entry.version.as_deref() != version);
        let older = |entry: &Entry<T>| {
            let order = canonical::version_order(entry.version.as_deref().unwrap_or(""), version.unwrap_or(""));
            order.is_le()
        };
        let at = versions.partition_point(older);
        versions.insert(at, Entry { version: version.map(Into::into), source, made: OnceLock::new() });
    }

    /// Forgets what was made, as it may rest on definitions that have changed.
    pub fn forget_made(&mut self) {
        if std::mem::take(self.any_made.get_mut()) {
            for entry in self.by_url.values_mut().flatten() {
                entry.made.take();
            }
        }
    }

    /// Whether there is one with that URL.
    pub fn has(&self, url: &str) -> bool {
        self.by_url.contains_key(url)
    }

    /// All URLs.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.by_url.keys().map(|url| &**url)
    }

    /// The one of that version, or else the newest; `make` reads its JSON when that is done for the first time.
    pub fn get<'a>(
        &'a self,
        url: &str,
        version: Option<&str>,
        make: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<Found<'a, T>> {
        let versions = self.by_url.get(url)?;
        let newest = versions.last()?;
        let fits = |entry: &&Entry<T>| match (version, entry.version.as_deref()) {
            (Some(asked), Some(at_hand)) => canonical::version_fits(asked, at_hand),
            // A definition without version stands for each of them.
            _ => true,
        };
        let fitting = versions.iter().rev().find(fits);
        let entry = fitting.unwrap_or(newest);
        let made = entry.made.get_or_init(|| {
            self.any_made.store(true, Ordering::Relaxed);
            match &entry.source {
                Source::BuiltIn(json) => make(&serde_json::from_str(json).ok()?),
                Source::Added(value) => make(value),
            }
        });
        Some(Found { made: made.as_ref()?, version_fits: fitting.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn name(catalogue: &Catalogue<String>, version: Option<&str>) -> Option<(String, bool)> {
        let make = |value: &Value| value["name"].as_str().map(str::to_owned);
        catalogue.get("u", version, make).map(|found| (found.made.clone(), found.version_fits))
    }

    #[test]
    fn the_newest_version_answers_where_none_is_asked_for() {
        let mut catalogue = Catalogue::default();
        assert_eq!(name(&catalogue, None), None);
        catalogue.add("u", Some("2.10"), Source::Added(json!({"name": "ten"})));
        catalogue.add("u", Some("2.9"), Source::BuiltIn(r#"{"name": "nine"}"#));
        for (version, expected, fits) in
            [(None, "ten", true), (Some("2.9"), "nine", true), (Some("2"), "ten", true), (Some("3"), "ten", false)]
        {
            assert_eq!(name(&catalogue, version), Some((expected.to_owned(), fits)), "{version:?}");
        }
        catalogue.add("u", Some("2.10"), Source::Added(json!({"name": "other"})));
        catalogue.forget_made();
        assert_eq!(name(&catalogue, None), Some(("other".to_owned(), true)));
    }

    #[test]
    fn what_cannot_be_read_is_not_there() {
        let mut catalogue = Catalogue::default();
        catalogue.add("u", None, Source::BuiltIn("{"));
        assert_eq!(name(&catalogue, None), None);
        catalogue.add("u", None, Source::Added(json!({})));
        assert_eq!(name(&catalogue, None), None);
    }
}
