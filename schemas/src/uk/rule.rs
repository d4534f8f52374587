//! The UK rules by name, each with what it asks and where it comes from.

macro_rules! rules {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $meaning:literal, $source:literal;)+) => {
        /// A rule that can be switched on and off by its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$meta])* #[doc = $meaning] $variant,)+ }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant,)+];

            /// Its name, in lower case with hyphens.
            pub fn name(self) -> &'static str {
                match self { $(Rule::$variant => $name,)+ }
            }

            /// What it asks, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Rule::$variant => $meaning,)+ }
            }

            /// Where it comes from.
            pub fn source(self) -> &'static str {
                match self { $(Rule::$variant => $source,)+ }
            }
        }
    };
}

rules! {
    NhsNumber = "nhs-number",
        "An NHS number is ten digits without separators, and its last digit fits the others.",
        "NHS Data Dictionary, NHS NUMBER";
    NhsNumberVerification = "nhs-number-verification",
        "What is said of an NHS number's verification agrees with whether there is a number.",
        "UK Core, code system UKCore-NHSNumberVerificationStatusEngland; NHS Data Dictionary";
    OdsCode = "ods-code",
        "An ODS code is three to twelve upper-case letters and digits.",
        "UK Core, Organization and Location; DCB0090";
    ProfessionalNumber = "professional-number",
        "A registration or user number is written as its register writes it.",
        "UK Core, Practitioner; the registers' own descriptions";
    IdentifierSystem = "identifier-system",
        "A national identifier or code system is spelled exactly.",
        "UK NamingSystems; UK Core implementation guide";
    Sctid = "sctid",
        "A SNOMED CT or dm+d id was never a number, which would have lost its last digits.",
        "SNOMED CT Release File Specification, SCTID";
    RetiredExtension = "retired-extension",
        "An extension that UK Core retired is no longer sent.",
        "UK Core, StructureDefinitions of status retired";
    OriginalTerm = "original-term",
        "A code comes with the words its author saw.",
        "UK Core implementation guide, original term text";
    Dmd = "dmd",
        "A medicine that dm+d has is sent with its dm+d code.",
        "UK Core implementation guide, medicines";
    DosageText = "dosage-text",
        "Every dosage can be read as a sentence.",
        "UK Core implementation guide, medicines";
    DosageContradiction = "dosage-contradiction",
        "The text of a dosage and its structured parts say the same, where both can be read for certain.",
        "UK Core implementation guide, medicines; Implementation Guide for Digital Medicines";
    DosageInNote = "dosage-in-note",
        "How a medicine is taken stands in its dosage, not in a note.",
        "UK Core implementation guide, medicines";
    MedicationStatus = "medication-status",
        "A status comes with the reason or date that it needs, and agrees with the dates beside it.",
        "UK Core implementation guide, MedicationStatement";
    DoNotPerform = "do-not-perform",
        "An order not to do something is not sent as an order with a flag.",
        "UK Core implementation guide, MedicationRequest";
    BasedOnAndDerivedFrom = "based-on-and-derived-from",
        "A MedicationStatement names the request it follows or what it was derived from, not both.",
        "UK Core implementation guide, MedicationStatement";
    InformationSource = "information-source",
        "An organisation that is the source of a MedicationStatement can be reached and is known to ODS.",
        "UK Core implementation guide, MedicationStatement";
    NoKnownAllergies = "no-known-allergies",
        "No known allergy does not stand beside an allergy, nor contradict itself.",
        "UK Core implementation guide, AllergyIntolerance";
    AllergyEnd = "allergy-end",
        "An allergy that has ended is not sent as active.",
        "UK Core, Extension-UKCore-AllergyIntoleranceEnd";
    DegradeCode = "degrade-code",
        "A code that stands for what could not be transferred fits its resource and keeps the original words.",
        "GP Connect and UK Core, degraded records";
    EmptyList = "empty-list",
        "A list without entries says why it is empty.",
        "UK Core implementation guide, List";
}

impl Rule {
    /// The rule of that name.
    pub fn named(name: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_one_name() {
        for rule in Rule::ALL {
            assert_eq!(Rule::named(rule.name()), Some(*rule));
            assert!(rule.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.name());
            assert!(rule.meaning().ends_with('.') && !rule.source().is_empty());
        }
        assert_eq!(Rule::named("NHS-number"), None);
        assert!(Rule::ALL.len() <= 64);
    }
}
