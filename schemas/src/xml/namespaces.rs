//! Which namespace a prefix stands for (<https://www.w3.org/TR/xml-names/>).

use super::tokens::{Tag, parted};
use std::borrow::Cow;

/// FHIR's own.
pub(crate) const FHIR: &str = "http://hl7.org/fhir";
/// XHTML's.
pub(crate) const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// XML Schema's for instances (`xsi:schemaLocation`).
pub(crate) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Most declarations in force at one place; looking one up goes through them.
const MOST_DECLARATIONS: usize = 64;

/// The declarations in force.
#[derive(Debug, Default)]
pub(crate) struct Namespaces<'t> {
    /// How deep the element is that declares, the prefix (empty for none), the namespace (empty for none).
    declared: Vec<(usize, &'t str, Cow<'t, str>)>,
}

/// More declarations than are read.
#[derive(Debug)]
pub(crate) struct TooMany;

/// The prefix that an attribute declares, empty for the default; nothing where it declares none.
pub(crate) fn declares(attribute: &str) -> Option<&str> {
    match parted(attribute) {
        ("xmlns", prefix) => Some(prefix),
        ("", "xmlns") => Some(""),
        _ => None,
    }
}

impl<'t> Namespaces<'t> {
    /// Takes in what a start tag declares; `depth` is its own.
    pub fn enter(&mut self, tag: &Tag<'t>, depth: usize) -> Result<(), TooMany> {
        self.declared.truncate(self.declared.iter().take_while(|(at, ..)| *at < depth).count());
        for attribute in &tag.attributes {
            if let Some(prefix) = declares(attribute.name) {
                if self.declared.len() == MOST_DECLARATIONS {
                    return Err(TooMany);
                }
                self.declared.push((depth, prefix, attribute.value.clone()));
            }
        }
        Ok(())
    }

    /// What a prefix (empty for none) stands for; nothing where it is not declared.
    pub fn of(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some("http://www.w3.org/XML/1998/namespace");
        }
        let found = self.declared.iter().rev().find(|(_, own, _)| *own == prefix).map(|(.., uri)| &**uri);
        match (prefix, found) {
            ("", found) => Some(found.unwrap_or("")),
            (_, found) => found.filter(|uri| !uri.is_empty()),
        }
    }
}
