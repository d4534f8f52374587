//! What is remarkable about how a medicine is named and coded; never a reason to leave the medicine out.

use ginnel_schemas::issue::Severity;

macro_rules! remark_keys {
    ($($(#[$meta:meta])* $variant:ident = $key:literal,)+) => {
        /// The stable keys of remarks about a medicine's name and codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RemarkKey { $($(#[$meta])* $variant,)+ }

        impl RemarkKey {
            /// Every key.
            pub const ALL: &'static [RemarkKey] = &[$(RemarkKey::$variant,)+];

            /// Its stable spelling.
            pub fn key(self) -> &'static str {
                match self { $(RemarkKey::$variant => $key,)+ }
            }
        }
    };
}

remark_keys! {
    /// The check digit of an id does not fit: the code may be another medicine's.
    CheckDigit = "check-digit",
    /// A spreadsheet or a number type took the last digits of the id.
    Rounded = "rounded-code",
    /// The code is a JSON number, which many readers round.
    NumberNotText = "number-not-text",
    /// The code is not written as its code system writes codes.
    NotAnId = "not-an-id",
    /// The id of a description or relationship, which names no medicine.
    NotAConcept = "not-a-concept",
    /// The dm+d release has replaced the id.
    Superseded = "superseded",
    /// The dm+d release marks it as no longer valid.
    Invalid = "invalid-in-release",
    /// The dm+d release does not have the id.
    UnknownInRelease = "unknown-in-release",
    /// Name and code say two different medicines.
    NameAndCodeDisagree = "name-and-code-disagree",
    /// The name is not the release's name of the code, and nothing proves that both mean the same.
    NameNotConfirmed = "name-not-confirmed",
    /// One code stands for two differently named medicines in one record.
    SameCodeTwoNames = "same-code-two-names",
    /// Two codes of one system stand together and are not the same medicine.
    CodesDisagree = "codes-disagree",
    /// Two codes of one system stand together, and without a release nobody can say whether they agree.
    SeveralCodes = "several-codes",
    /// No code of dm+d or SNOMED CT: the medicine is known by its words alone.
    MissingCode = "missing-code",
    /// No words: neither text nor display.
    MissingName = "missing-name",
    /// The source could not transfer the medicine's code: only its words count.
    Degraded = "degraded",
    /// The code system is missing, misspelt, or cannot have this code.
    WrongCodeSystem = "wrong-code-system",
    /// The code of a pack where a medicine is meant.
    PackCode = "pack-code",
    /// The code of a substance, form, route or supplier where a medicine is meant.
    NotAProduct = "not-a-product",
    /// The code says only which substance, neither strength nor form.
    SubstanceOnly = "substance-only",
    /// The source says that there is no value.
    NoInformation = "no-information",
    /// A resource refers to a medicine that is not here.
    ReferenceUnresolved = "reference-unresolved",
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which.
    pub key: RemarkKey,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence for people.
    pub text: String,
    /// The element it is about, relative to the CodeableConcept; empty for the concept itself.
    pub path: String,
}

impl Remark {
    /// Something that can make a person take the wrong medicine.
    pub fn error(key: RemarkKey, path: impl Into<String>, text: impl Into<String>) -> Remark {
        Remark { key, severity: Severity::Error, text: text.into(), path: path.into() }
    }

    /// Something that somebody should look at.
    pub fn warning(key: RemarkKey, path: impl Into<String>, text: impl Into<String>) -> Remark {
        Remark { key, severity: Severity::Warning, text: text.into(), path: path.into() }
    }

    /// Worth knowing.
    pub fn information(key: RemarkKey, path: impl Into<String>, text: impl Into<String>) -> Remark {
        Remark { key, severity: Severity::Information, text: text.into(), path: path.into() }
    }
}
