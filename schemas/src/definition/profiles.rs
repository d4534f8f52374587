//! All profiles and extension definitions at hand, by canonical URL; each is compiled when first asked for.

use super::built_in_resources::built_in_lines;
use super::compile_profile::{Raw, compile};
use super::profile::Profile;
use super::{Definitions, Kind};
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Where the URLs of FHIR's own types start.
const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Profiles by canonical URL.
#[derive(Debug, Default)]
pub struct Profiles {
    entries: Vec<Entry>,
    /// Places in `entries`, the newest version first.
    by_url: HashMap<Box<str>, Vec<usize>>,
    /// The URLs of all extensions, once they were asked for.
    extensions: OnceLock<Vec<Box<str>>>,
}

/// A StructureDefinition, and its profile once it was asked for.
#[derive(Debug)]
struct Entry {
    version: Box<str>,
    source: Source,
    compiled: OnceLock<Result<Box<Profile>, String>>,
}

#[derive(Debug)]
enum Source {
    BuiltIn(&'static str),
    Added(Value),
}

impl Profiles {
    /// The profiles and extensions of R4 and UK Core.
    pub fn built_in() -> Profiles {
        let mut profiles = Profiles::default();
        for line in built_in_lines().filter(|line| line.resource_type == "StructureDefinition") {
            profiles.put(line.url, line.version, Source::BuiltIn(line.json));
        }
        profiles
    }

    /// Adds a StructureDefinition; what was there under its URL and version gives way. The definitions of base types
    /// and of logical models are no profiles and are left out.
    pub fn add(&mut self, structure_definition: Value) {
        let raw = Raw(Cow::Borrowed(&structure_definition));
        let Some(url) = raw.text("url").filter(|_| raw.is_profile()).map(str::to_owned) else {
            return;
        };
        let version = raw.text("version").unwrap_or_default().to_owned();
        self.put(&url, &version, Source::Added(structure_definition));
        // A profile that was compiled before may build on the new one.
        for entry in &mut self.entries {
            entry.compiled = OnceLock::new();
        }
        self.extensions = OnceLock::new();
    }

    fn put(&mut self, url: &str, version: &str, source: Source) {
        let new = Entry { version: version.into(), source, compiled: OnceLock::new() };
        let places = self.by_url.entry(url.into()).or_default();
        let same = places.iter().find(|at| self.entries.get(**at).is_some_and(|entry| *entry.version == *version));
        if let Some(entry) = same.and_then(|at| self.entries.get_mut(*at)) {
            *entry = new;
            return;
        }
        let newer = |at: &usize| {
            self.entries.get(*at).is_some_and(|entry| compare_versions(&entry.version, version) == Ordering::Greater)
        };
        let at = places.iter().take_while(|at| newer(at)).count();
        places.insert(at, self.entries.len());
        self.entries.push(new);
    }

    /// The profile of a canonical URL, with or without `|version`; without, the newest. A base type has none.
    pub fn get(&self, canonical: &str) -> Option<&Profile> {
        self.compiled(canonical)?.as_deref().ok()
    }

    /// Why a definition that is at hand gives no profile.
    pub fn fault(&self, canonical: &str) -> Option<&str> {
        self.compiled(canonical)?.as_ref().err().map(String::as_str)
    }

    fn compiled(&self, canonical: &str) -> Option<&Result<Box<Profile>, String>> {
        let entry = self.entry(canonical)?;
        Some(entry.compiled.get_or_init(|| compile(entry.raw()?, self).map(Box::new)))
    }

    fn entry(&self, canonical: &str) -> Option<&Entry> {
        let (url, version) = match canonical.split_once('|') {
            Some((url, version)) => (url, Some(version)),
            None => (canonical, None),
        };
        let mut entries = self.by_url.get(url)?.iter().filter_map(|at| self.entries.get(*at));
        entries.find(|entry| version.is_none_or(|version| *entry.version == *version))
    }

    /// The StructureDefinition of a canonical URL.
    pub(super) fn raw(&self, canonical: &str) -> Option<Raw<'_>> {
        self.entry(canonical)?.raw().ok()
    }

    /// The URLs of all profiles and extension definitions, in no order.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.by_url.keys().map(|url| &**url)
    }

    /// The URLs of all extensions at hand, in no order.
    pub fn extension_urls(&self) -> impl Iterator<Item = &str> {
        self.extensions.get_or_init(|| self.find_extensions()).iter().map(|url| &**url)
    }

    fn find_extensions(&self) -> Vec<Box<str>> {
        let is_extension = |places: &[usize]| {
            let entry = places.first().and_then(|at| self.entries.get(*at));
            entry.is_some_and(|entry| match &entry.source {
                Source::Added(value) => Raw(Cow::Borrowed(value)).text("type") == Some("Extension"),
                // As the builder writes it; only a StructureDefinition itself has such a member.
                Source::BuiltIn(json) => json.contains(r#""type":"Extension""#),
            })
        };
        self.by_url.iter().filter(|(_, places)| is_extension(places)).map(|(url, _)| url.clone()).collect()
    }

    /// The base type that a canonical URL stands for (`http://hl7.org/fhir/StructureDefinition/Patient`).
    pub fn base_type(canonical: &str) -> Option<&'static str> {
        let name = canonical.strip_prefix(BASE)?;
        let name = name.split_once('|').map_or(name, |(name, _)| name);
        let (_, definition) = Definitions::r4().named(name)?;
        (definition.kind != Kind::Group).then_some(definition.name)
    }

    /// The canonical URL of a base type.
    pub(super) fn url_of_type(name: &str) -> String {
        format!("{BASE}{name}")
    }

    /// Whether a canonical URL stands for a base type, which is no profile.
    pub fn is_base_type_url(canonical: &str) -> bool {
        Profiles::base_type(canonical).is_some()
    }
}

impl Entry {
    fn raw(&self) -> Result<Raw<'_>, String> {
        match &self.source {
            Source::Added(value) => Ok(Raw(Cow::Borrowed(value))),
            Source::BuiltIn(json) => serde_json::from_str(json)
                .map(|value| Raw(Cow::Owned(value)))
                .map_err(|_| "The built-in definition is no JSON.".to_owned()),
        }
    }
}

/// Compares versions part by part: numbers as numbers, a release after its candidates (`1.0.0` after `1.0.0-rc1`).
fn compare_versions(left: &str, right: &str) -> Ordering {
    let (left_release, left_label) = left.split_once('-').unwrap_or((left, ""));
    let (right_release, right_label) = right.split_once('-').unwrap_or((right, ""));
    compare_parts(left_release, right_release).then_with(|| match (left_label, right_label) {
        ("", "") => Ordering::Equal,
        ("", _) => Ordering::Greater,
        (_, "") => Ordering::Less,
        (left, right) => compare_parts(left, right),
    })
}

fn compare_parts(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let (left, right) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(_), None) => return Ordering::Greater,
            (None, Some(_)) => return Ordering::Less,
            (Some(left), Some(right)) => (left, right),
        };
        let order = match (left.parse::<u64>(), right.parse::<u64>()) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            _ => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests;
