//! The codings of a medicine, each with the part it plays, and the name by UK Core's order of precedence.
//!
//! Source: UK Core implementation guide, original terms: `text`, then the description display of the coding that the user
//! selected, then that coding's `display`, then any `display`.

use super::id::{self, IdFault};
use super::system::System;
use ginnel_schemas::uk::{Degraded, degraded};
use serde_json::Value;

/// R4's extension with the description that the author saw.
const DESCRIPTION_R4: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-CodingSCTDescDisplay";
/// The last part of the URLs under which STU3 says the same.
const DESCRIPTION_STU3: &str = "Extension-coding-sctdescid";

/// What a coding is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It names the medicine in dm+d or SNOMED CT.
    Medicine,
    /// It is a GP system's or sender's own code.
    Local,
    /// It says only that the code could not be transferred.
    Degrade,
    /// It says that there is no value.
    NoValue,
    /// A code of dm+d or SNOMED CT that is damaged: it names nothing.
    Damaged,
}

impl Role {
    /// A stable key.
    pub fn key(self) -> &'static str {
        match self {
            Role::Medicine => "medicine",
            Role::Local => "local",
            Role::Degrade => "degrade",
            Role::NoValue => "no-value",
            Role::Damaged => "damaged",
        }
    }
}

/// A coding as it was sent, and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugCoding {
    /// Its place in `coding`.
    pub index: usize,
    /// `system` as it was sent.
    pub system_as_sent: Option<String>,
    /// What `system` means.
    pub system: System,
    /// The code as it was sent; the digits of a JSON number.
    pub code: Option<String>,
    /// Whether the code was a JSON number.
    pub is_number: bool,
    /// The display.
    pub display: Option<String>,
    /// The words of the description that the author saw.
    pub description: Option<String>,
    /// Whether the user selected it.
    pub is_selected: bool,
    /// What it is good for.
    pub role: Role,
    /// What is wrong with an id of dm+d or SNOMED CT.
    pub fault: Option<IdFault>,
    /// The id of dm+d or SNOMED CT, where it is sound.
    pub id: Option<u64>,
}

/// Where the name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSource {
    /// `text`.
    Text,
    /// The description of the coding that the user selected.
    SelectedDescription,
    /// The display of that coding.
    SelectedDisplay,
    /// The first display.
    Display,
    /// The first description.
    Description,
}

impl DrugCoding {
    /// All codings of a CodeableConcept.
    pub fn all(concept: &Value) -> Vec<DrugCoding> {
        let codings = match concept.get("coding") {
            Some(Value::Array(codings)) => codings.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => &[],
        };
        let objects = codings.iter().enumerate().filter(|(_, coding)| coding.is_object());
        objects.map(|(index, coding)| DrugCoding::read(index, coding)).collect()
    }

    fn read(index: usize, coding: &Value) -> DrugCoding {
        let system_as_sent = text(coding, "system");
        let system = System::of(system_as_sent.as_deref());
        let is_number = coding.get("code").is_some_and(Value::is_number);
        let code = match coding.get("code") {
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => text(coding, "code"),
        };
        let (mut role, mut fault, mut sound) = (Role::Local, None, None);
        match (system, code.as_deref()) {
            (System::NullFlavor, _) => role = Role::NoValue,
            (System::Dmd | System::Snomed, Some(code)) if degraded(code).is_some() => role = Role::Degrade,
            (System::Dmd | System::Snomed, Some(code)) => match id::read(code) {
                Ok(id) => (role, sound) = (Role::Medicine, Some(id)),
                Err(wrong) => (role, fault) = (Role::Damaged, Some(wrong)),
            },
            _ => {}
        }
        DrugCoding {
            index,
            system,
            code,
            is_number,
            display: text(coding, "display"),
            description: description(coding),
            is_selected: coding.get("userSelected") == Some(&Value::Bool(true)),
            role,
            fault,
            id: sound,
            system_as_sent,
        }
    }

    /// What a degrade code stands for.
    pub fn degraded(&self) -> Option<Degraded> {
        self.code.as_deref().filter(|_| self.role == Role::Degrade).and_then(degraded)
    }

    /// The path of one of its members.
    pub fn path(&self, member: &str) -> String {
        format!("coding[{}].{member}", self.index)
    }
}

/// The name as the source said it.
pub fn name(concept: &Value, codings: &[DrugCoding]) -> Option<(String, NameSource)> {
    let selected = || codings.iter().filter(|coding| coding.is_selected);
    let worded = || codings.iter().filter(|coding| !matches!(coding.role, Role::Degrade | Role::NoValue));
    text(concept, "text")
        .map(|name| (name, NameSource::Text))
        .or_else(|| {
            selected().find_map(|coding| coding.description.clone()).map(|n| (n, NameSource::SelectedDescription))
        })
        .or_else(|| selected().find_map(|coding| coding.display.clone()).map(|n| (n, NameSource::SelectedDisplay)))
        .or_else(|| worded().find_map(|coding| coding.display.clone()).map(|n| (n, NameSource::Display)))
        .or_else(|| worded().find_map(|coding| coding.description.clone()).map(|n| (n, NameSource::Description)))
}

/// A member's text with something in it, trimmed.
fn text(value: &Value, member: &str) -> Option<String> {
    let text = value.get(member)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn description(coding: &Value) -> Option<String> {
    let extensions = coding.get("extension")?.as_array()?;
    extensions.iter().find_map(|extension| {
        let url = extension.get("url")?.as_str()?;
        if url == DESCRIPTION_R4 {
            return text(extension, "valueString");
        }
        let parts = extension.get("extension").filter(|_| url.ends_with(DESCRIPTION_STU3))?.as_array()?;
        let display = parts.iter().find(|part| is_description(part))?;
        text(display, "valueString")
    })
}

/// GP systems write the name of the inner extension with a capital or without.
fn is_description(part: &Value) -> bool {
    let url = part.get("url").and_then(Value::as_str);
    url.is_some_and(|url| url.eq_ignore_ascii_case("descriptionDisplay"))
}
