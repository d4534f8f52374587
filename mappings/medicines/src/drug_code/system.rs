//! Which code system a Coding's `system` means: dm+d in both its spellings, SNOMED CT, and the lists of GP systems.
//!
//! Source: UK NamingSystems; GP Connect 1.6 (CTV3 has two URLs). dm+d and SNOMED CT stay two systems: most but not all of
//! their ids agree, so that a code is never moved from one to the other.

use ginnel_schemas::uk;

/// A code system that medicines are coded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// The NHS dictionary of medicines and devices.
    Dmd,
    /// SNOMED CT.
    Snomed,
    /// EMIS's own drug codes.
    Emis,
    /// Egton's.
    Egton,
    /// First Databank's Multilex.
    Multilex,
    /// ResipUK's Gemscript.
    Gemscript,
    /// The British National Formulary's.
    Bnf,
    /// Read codes, version 2.
    ReadV2,
    /// Clinical Terms version 3.
    Ctv3,
    /// HL7's reasons why there is no value.
    NullFlavor,
    /// Any other.
    Other,
    /// None is named.
    Missing,
}

const NULL_FLAVORS: &[&str] = &[
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "http://hl7.org/fhir/v3/NullFlavor",
    "http://hl7.org/fhir/NullFlavor",
    "urn:oid:2.16.840.1.113883.5.1008",
];

impl System {
    /// What a `system` means; spellings that can mean nothing else are understood.
    pub fn of(system: Option<&str>) -> System {
        let Some(system) = system.map(str::trim).filter(|system| !system.is_empty()) else { return System::Missing };
        if NULL_FLAVORS.contains(&system) {
            return System::NullFlavor;
        }
        match uk::meant(system).known() {
            Some(uk::DMD) => System::Dmd,
            Some(uk::SNOMED) => System::Snomed,
            Some("http://read.info/readv2") => System::ReadV2,
            Some("http://read.info/ctv3" | "http://read.info/readctv3") => System::Ctv3,
            Some(known) => System::local(known),
            None => System::local(system),
        }
    }

    fn local(system: &str) -> System {
        let end = system.trim_end_matches('/').rsplit('/').next().unwrap_or(system).to_ascii_lowercase();
        match end.as_str() {
            "emis-drug-codes" => System::Emis,
            "egton-codes" => System::Egton,
            "multilex-drug-codes" => System::Multilex,
            "resipuk-gemscript-drug-codes" | "gemscript-drug-codes" => System::Gemscript,
            "bnf-drug-codes" => System::Bnf,
            _ => System::Other,
        }
    }

    /// The one spelling that is sent on, where the system has one.
    pub fn canonical(self) -> Option<&'static str> {
        match self {
            System::Dmd => Some(uk::DMD),
            System::Snomed => Some(uk::SNOMED),
            _ => None,
        }
    }

    /// Whether its codes are SNOMED CT identifiers with a check digit.
    pub fn has_check_digit(self) -> bool {
        matches!(self, System::Dmd | System::Snomed)
    }

    /// A stable key.
    pub fn key(self) -> &'static str {
        match self {
            System::Dmd => "dm+d",
            System::Snomed => "snomed-ct",
            System::Emis => "emis",
            System::Egton => "egton",
            System::Multilex => "multilex",
            System::Gemscript => "gemscript",
            System::Bnf => "bnf",
            System::ReadV2 => "read-v2",
            System::Ctv3 => "ctv3",
            System::NullFlavor => "null-flavor",
            System::Other => "other",
            System::Missing => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_dmd_are_one_system_and_snomed_is_another() {
        for (system, expected) in [
            ("https://dmd.nhs.uk", System::Dmd),
            ("http://dmd.nhs.uk", System::Dmd),
            ("https://dmd.nhs.uk/", System::Dmd),
            ("http://snomed.info/sct", System::Snomed),
            ("http://snomed.info/sct/999000041000000102", System::Snomed),
            ("https://fhir.hl7.org.uk/Id/emis-drug-codes", System::Emis),
            ("https://fhir.hl7.org.uk/Id/egton-codes", System::Egton),
            ("https://fhir.hl7.org.uk/Id/multilex-drug-codes", System::Multilex),
            ("https://fhir.hl7.org.uk/Id/resipuk-gemscript-drug-codes", System::Gemscript),
            ("https://fhir.hl7.org.uk/Id/bnf-drug-codes", System::Bnf),
            ("http://read.info/readv2", System::ReadV2),
            ("http://read.info/ctv3", System::Ctv3),
            ("http://read.info/readctv3", System::Ctv3),
            ("http://hl7.org/fhir/v3/NullFlavor", System::NullFlavor),
            ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", System::NullFlavor),
            ("https://gateway.example.org/vendor/a7/CodeSystem/drugs", System::Other),
            ("", System::Missing),
        ] {
            assert_eq!(System::of(Some(system)), expected, "{system}");
        }
        assert_eq!(System::of(None), System::Missing);
    }
}
