//! A StructureDefinition as published, with its odd forms read as one (STU3 wrote some members otherwise).

use crate::definition::Definitions;
use crate::definition::profiles::Profiles;
use serde_json::Value;
use std::borrow::Cow;

/// A StructureDefinition as JSON.
#[derive(Debug, Clone)]
pub(in crate::definition) struct Raw<'a>(pub Cow<'a, Value>);

impl Raw<'_> {
    /// A member that is text and not blank.
    pub fn text(&self, name: &str) -> Option<&str> {
        text(&self.0, name)
    }

    /// Whether it constrains a type, rather than defining one.
    pub fn is_profile(&self) -> bool {
        let is_constraint = match self.text("derivation") {
            Some("constraint") => true,
            // Some say so of a profile; a type of its own has a name that R4 does not have.
            Some(_) => self.text("type").is_some_and(|name| Definitions::r4().named(name).is_some()),
            None => self.text("baseDefinition").is_some(),
        };
        let is_base = self.text("url").is_some_and(Profiles::is_base_type_url);
        is_constraint && !is_base && self.text("kind") != Some("logical")
    }

    /// The elements of `differential` or `snapshot`; none where it is absent or empty.
    pub fn elements(&self, view: &str) -> Option<&[Value]> {
        let elements = self.0.get(view)?.get("element")?.as_array()?;
        (!elements.is_empty()).then_some(elements)
    }
}

/// A member that is text and not blank.
pub(super) fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The texts of a member that is one text or a list of them.
pub(super) fn texts<'a>(of: &'a Value, name: &str) -> Vec<&'a str> {
    match of.get(name) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The objects of a member that is a list.
pub(super) fn items<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A canonical URL in any of the forms that R4 and STU3 give it.
pub(super) fn canonical(of: &Value, name: &str) -> Option<Box<str>> {
    ["", "Canonical", "Uri", "Reference"].iter().find_map(|form| {
        let member = of.get(format!("{name}{form}"))?;
        let url = member.as_str().or_else(|| text(member, "reference"))?;
        (!url.trim().is_empty()).then(|| url.trim().into())
    })
}
