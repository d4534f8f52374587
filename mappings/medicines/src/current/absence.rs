//! Entries that say something instead of a medicine: that none is known, or that there is no information.
//!
//! Source: International Patient Summary, code system of absent and unknown information; SNOMED CT 787481004.

use super::authorisation::medication;
use crate::record::{Record, Resource, read};

/// What is said instead of a medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// That no medicine is known.
    NoneKnown,
    /// That there is no information.
    NoInformation,
}

impl Absence {
    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            Absence::NoneKnown => "no-known-medications",
            Absence::NoInformation => "no-medication-information",
        }
    }
}

/// Reads it of the code of a medicine; nothing where that names one.
pub fn of(record: &Record<'_>, resource: &Resource<'_>) -> Option<Absence> {
    let (concept, _) = medication(record, resource);
    read::codings(concept?).find_map(|(_, code)| match code {
        "787481004" | "no-known-medications" => Some(Absence::NoneKnown),
        "no-medication-info" => Some(Absence::NoInformation),
        _ => None,
    })
}
