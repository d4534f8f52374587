//! Value sets and code systems: whether a code is in them, and an honest word where that cannot be known.

use serde_json::Value;

/// Value sets and code systems by canonical URL, and who else may be asked.
#[derive(Debug, Default)]
pub struct Terminology {}

/// A code as an element holds it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Coding<'a> {
    /// The code system; none for a plain `code`, whose system the value set implies.
    pub system: Option<&'a str>,
    /// The version of the system.
    pub version: Option<&'a str>,
    /// The code.
    pub code: &'a str,
    /// The words beside it.
    pub display: Option<&'a str>,
}

/// Whether a code is in a value set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    Member,
    /// It is not.
    NotMember,
    /// Nobody here can tell, and why.
    NotChecked(NotChecked),
}

/// Why a code was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotChecked {
    /// No such value set is known.
    UnknownValueSet,
    /// No such code system is known.
    UnknownSystem,
    /// The system is known, but its codes are not all here (SNOMED CT, dm+d, LOINC).
    CodesNotHere,
    /// The value set has a rule that needs a terminology service.
    RuleNeedsService,
}

/// What is known of a code in its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeStanding {
    /// The system has it.
    Known,
    /// The system has no such code.
    Unknown,
    /// It cannot be a code of its system: what is wrong with how it is written.
    Malformed(&'static str),
    /// Nobody here can tell.
    NotChecked(NotChecked),
}

impl Terminology {
    /// The value sets and code systems of R4 and UK Core.
    pub fn built_in() -> Terminology {
        Terminology::default()
    }

    /// Adds a ValueSet, CodeSystem or NamingSystem; what was there under its URL and version gives way.
    pub fn add(&mut self, _resource: Value) {}

    /// Whether the code is in the value set (canonical URL, with or without `|version`).
    pub fn membership(&self, _value_set: &str, _coding: Coding<'_>) -> Membership {
        Membership::NotChecked(NotChecked::UnknownValueSet)
    }

    /// What is known of a code in its own system, whatever the value set.
    pub fn standing(&self, _coding: Coding<'_>) -> CodeStanding {
        CodeStanding::NotChecked(NotChecked::UnknownSystem)
    }
}
