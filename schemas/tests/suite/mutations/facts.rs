//! What UK Core's own definitions ask, read straight from their differentials: the faults are made without the
//! compiled profiles that they put to the test.

use serde_json::Value;
use std::collections::HashMap;

/// StructureDefinitions by canonical URL.
pub struct Facts {
    definitions: HashMap<String, Value>,
}

/// An extension, or one inside a complex extension.
pub struct ExtensionFacts<'a> {
    /// Types its value may have, as choices are written (`CodeableConcept`, `String`); empty for any.
    pub types: Vec<String>,
    /// Whether a value is not allowed.
    pub is_complex: bool,
    /// Whether its codes are bound as required.
    pub is_bound: bool,
    /// URL and least number of those inside it.
    pub inner: Vec<(&'a str, u64)>,
}

impl Facts {
    /// Of these StructureDefinitions; others are passed over.
    pub fn of(definitions: impl IntoIterator<Item = Value>) -> Facts {
        let by_url = |definition: Value| Some((definition.get("url")?.as_str()?.to_owned(), definition));
        let is_profile = |one: &Value| one["resourceType"] == "StructureDefinition";
        Facts { definitions: definitions.into_iter().filter(is_profile).filter_map(by_url).collect() }
    }

    /// Whether there is such a definition.
    pub fn has(&self, url: &str) -> bool {
        self.definitions.contains_key(url)
    }

    /// A profile's definition, then those it was derived from as far as they are at hand.
    pub fn chain(&self, url: &str) -> Vec<&Value> {
        let mut found = Vec::new();
        let mut next = Some(url);
        while let Some(definition) = next.and_then(|url| self.definitions.get(url)) {
            found.push(definition);
            next = definition["baseDefinition"].as_str();
            if found.len() > 8 {
                break;
            }
        }
        found
    }

    /// What an extension asks.
    pub fn extension(&self, url: &str) -> Option<ExtensionFacts<'_>> {
        self.inner_extension(url, "Extension")
    }

    /// What the extension of that URL inside a complex one asks.
    pub fn sub_extension(&self, url: &str, inner: &str) -> Option<ExtensionFacts<'_>> {
        let definition = self.definitions.get(url)?;
        let id = elements(definition).find_map(|element| {
            let id = element["id"].as_str()?;
            let is_url = id.ends_with(".url") && element["fixedUri"] == inner;
            is_url.then(|| id.trim_end_matches(".url"))
        })?;
        self.inner_extension(url, id)
    }

    fn inner_extension(&self, url: &str, root: &str) -> Option<ExtensionFacts<'_>> {
        let definition = self.definitions.get(url).filter(|definition| definition["type"] == "Extension")?;
        let value = elements(definition).find(|element| is_value(element["id"].as_str().unwrap_or_default(), root));
        let types = value.map(type_names).unwrap_or_default();
        let prefix = format!("{root}.extension:");
        let inner: Vec<(&str, u64)> = elements(definition)
            .filter_map(|element| {
                let id = element["id"].as_str()?;
                let is_slice = id.strip_prefix(&prefix).is_some_and(|name| !name.contains('.'));
                let url =
                    elements(definition).find(|other| other["id"] == format!("{id}.url"))?["fixedUri"].as_str()?;
                is_slice.then(|| (url, element["min"].as_u64().unwrap_or(0)))
            })
            .collect();
        Some(ExtensionFacts {
            types,
            is_complex: value.is_some_and(|value| value["max"] == "0") || !inner.is_empty(),
            is_bound: value.is_some_and(|value| value["binding"]["strength"] == "required"),
            inner,
        })
    }
}

/// The elements of a differential.
pub fn elements(definition: &Value) -> impl Iterator<Item = &Value> {
    definition["differential"]["element"].as_array().into_iter().flatten()
}

/// What an element fixes (`fixedUri`, `fixedCode`, ...), with the name of the member that says so.
pub fn fixed(element: &Value) -> Option<(&str, &Value)> {
    let members = element.as_object()?;
    members.iter().find(|(name, _)| name.starts_with("fixed")).map(|(name, value)| (name.as_str(), value))
}

/// `Extension.value[x]` in any of its spellings (`Extension.value[x]:valueCoding`, `Extension.valueCoding`).
fn is_value(id: &str, root: &str) -> bool {
    let rest = id.strip_prefix(root).and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(|rest| rest.starts_with("value") && !rest.contains('.'))
}

fn type_names(element: &Value) -> Vec<String> {
    let codes = element.get("type").and_then(Value::as_array).into_iter().flatten();
    codes.filter_map(|one| one["code"].as_str()).map(capital).collect()
}

/// A type as the names of choices write it.
pub fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
