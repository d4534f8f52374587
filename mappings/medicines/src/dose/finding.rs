//! What could not be rendered, read or reconciled in a dose: the element, why, and how much it matters.

pub use ginnel_schemas::issue::Severity;
use serde_json::{Value, json};
use std::fmt;

macro_rules! keys {
    ($($(#[$meta:meta])* $variant:ident = $code:literal,)+) => {
        /// The stable keys of findings about doses. Never reused, never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DoseKey { $($(#[$meta])* $variant,)+ }

        impl DoseKey {
            /// Every key.
            pub const ALL: &'static [DoseKey] = &[$(DoseKey::$variant,)+];

            /// The stable spelling.
            pub fn code(self) -> &'static str {
                match self { $(DoseKey::$variant => $code,)+ }
            }
        }
    };
}

keys! {
    /// An element that Dosage does not have, or that the rules have no words for.
    UnknownElement = "dose.unknown-element",
    /// An extension, whose meaning no rule puts into words.
    UnknownExtension = "dose.unknown-extension",
    /// A value of a JSON type that the element does not have.
    WrongType = "dose.wrong-type",
    /// A code whose words are not known.
    UnknownCode = "dose.unknown-code",
    /// A part whose other half is missing: a period without its unit, a unit without a number.
    Incomplete = "dose.incomplete",
    /// A value that cannot be: a day that no calendar has, a count of half.
    BadValue = "dose.bad-value",
    /// Parts that contradict each other.
    Conflict = "dose.conflict",
    /// Several Dosages that do not say in which order they go.
    NoSequence = "dose.no-sequence",
    /// A Dosage with text and no structured part, or whose structure has no dose.
    TextOnly = "dose.text-only",
    /// No Dosage, or nothing in it.
    Empty = "dose.empty",
    /// Text and structure say different doses.
    ContradictedDose = "dose.contradicted-dose",
    /// Text and structure say different units.
    ContradictedUnit = "dose.contradicted-unit",
    /// Text and structure say different times of taking.
    ContradictedFrequency = "dose.contradicted-frequency",
    /// Text and structure say different routes.
    ContradictedRoute = "dose.contradicted-route",
    /// One says "as required" and the other does not.
    ContradictedNeed = "dose.contradicted-need",
    /// Text and structure say different greatest doses.
    ContradictedMost = "dose.contradicted-most",
    /// Text and structure say different days.
    ContradictedDays = "dose.contradicted-days",
    /// Text and structure say different lengths of the course.
    ContradictedDuration = "dose.contradicted-duration",
}

impl fmt::Display for DoseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One finding about a dose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The stable key.
    pub key: DoseKey,
    /// The element, as FHIRPath.
    pub path: String,
    /// One sentence for people.
    pub text: String,
}

impl Finding {
    /// A finding that makes the rendered text incomplete or unsafe.
    pub fn error(key: DoseKey, path: impl Into<String>, text: impl Into<String>) -> Finding {
        Finding { severity: Severity::Error, key, path: path.into(), text: text.into() }
    }

    /// A finding that somebody should look at.
    pub fn warning(key: DoseKey, path: impl Into<String>, text: impl Into<String>) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(key, path, text) }
    }

    /// Worth knowing.
    pub fn information(key: DoseKey, path: impl Into<String>, text: impl Into<String>) -> Finding {
        Finding { severity: Severity::Information, ..Finding::error(key, path, text) }
    }

    /// The same below another element; a path that is empty is that element itself.
    pub fn below(mut self, prefix: &str) -> Finding {
        self.path = match (prefix.is_empty(), self.path.is_empty()) {
            (true, _) => self.path,
            (false, true) => prefix.to_owned(),
            (false, false) => format!("{prefix}.{}", self.path),
        };
        self
    }

    /// Whether it is of severity error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// As JSON: severity, key, path, text.
    pub fn to_json(&self) -> Value {
        json!({"severity": self.severity.code(), "key": self.key.code(), "path": self.path, "text": self.text})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_below_its_resource() {
        let finding =
            |path: &str| Finding::error(DoseKey::BadValue, path, "").below("MedicationRequest.dosage[0]").path;
        assert_eq!(finding("route"), "MedicationRequest.dosage[0].route");
        assert_eq!(finding(""), "MedicationRequest.dosage[0]");
    }

    #[test]
    fn keys_are_told_apart() {
        let codes: std::collections::BTreeSet<&str> = DoseKey::ALL.iter().map(|key| key.code()).collect();
        assert_eq!(codes.len(), DoseKey::ALL.len());
    }
}
