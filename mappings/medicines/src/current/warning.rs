//! What to mind about a line: stable keys, words, and how grave it is.

use serde_json::{Value, json};

/// What kind of warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is its key")]
pub enum WarningKey {
    ExpiredButActive,
    StatusContradiction,
    AuthorisationExpired,
    AllIssuesUsed,
    NotIssuedRecently,
    NeverIssued,
    FutureIssue,
    PrescribedElsewhere,
    NoStopReason,
    SupersededButActive,
    WillBeSuperseded,
    MedicationDiffers,
    DoseDiffers,
    DoseChanged,
    NoDose,
    DoseContradiction,
    DoseNotRendered,
    SomeAsNeeded,
    DrugNotCoded,
    DrugCode,
    TimeCritical,
    SameMedicineElsewhere,
    SameMedicineTwice,
    OtherStrength,
    SameDrug,
    Confidential,
    SubjectNotSaid,
    PlanMissing,
    PlanCompleted,
    ReplacedMissing,
    TwoStatementsOnePlan,
    GivenElsewhere,
}

impl WarningKey {
    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            WarningKey::ExpiredButActive => "expired-but-active",
            WarningKey::StatusContradiction => "status-contradiction",
            WarningKey::AuthorisationExpired => "authorisation-expired",
            WarningKey::AllIssuesUsed => "all-issues-used",
            WarningKey::NotIssuedRecently => "not-issued-recently",
            WarningKey::NeverIssued => "never-issued",
            WarningKey::FutureIssue => "future-issue",
            WarningKey::PrescribedElsewhere => "prescribed-elsewhere",
            WarningKey::NoStopReason => "no-stop-reason",
            WarningKey::SupersededButActive => "superseded-but-active",
            WarningKey::WillBeSuperseded => "will-be-superseded",
            WarningKey::MedicationDiffers => "medication-differs",
            WarningKey::DoseDiffers => "dose-differs",
            WarningKey::DoseChanged => "dose-changed",
            WarningKey::NoDose => "no-dose",
            WarningKey::DoseContradiction => "dose-contradiction",
            WarningKey::DoseNotRendered => "dose-not-wholly-read",
            WarningKey::SomeAsNeeded => "some-doses-as-needed",
            WarningKey::DrugNotCoded => "drug-not-coded",
            WarningKey::DrugCode => "drug-code",
            WarningKey::TimeCritical => "time-critical",
            WarningKey::SameMedicineElsewhere => "same-medicine-in-another-source",
            WarningKey::SameMedicineTwice => "same-medicine-twice",
            WarningKey::OtherStrength => "same-drug-in-another-strength",
            WarningKey::SameDrug => "same-drug",
            WarningKey::Confidential => "confidential",
            WarningKey::SubjectNotSaid => "subject-not-said",
            WarningKey::PlanMissing => "plan-missing",
            WarningKey::PlanCompleted => "plan-completed",
            WarningKey::ReplacedMissing => "replaced-plan-missing",
            WarningKey::TwoStatementsOnePlan => "two-statements-one-plan",
            WarningKey::GivenElsewhere => "given-by-others",
        }
    }

    /// Whether it must be cleared up before the line is relied on.
    fn is_error(self) -> bool {
        self == WarningKey::MedicationDiffers
    }
}

/// One warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Which.
    pub key: WarningKey,
    /// In words, with what to do.
    pub text: String,
    /// Whether it must be cleared up before the line is relied on.
    is_error: bool,
}

impl Warning {
    /// A warning with its words.
    pub fn new(key: WarningKey, text: impl Into<String>) -> Warning {
        Warning { key, text: text.into(), is_error: key.is_error() }
    }

    /// A warning that must be cleared up before the line is relied on.
    pub fn error(key: WarningKey, text: impl Into<String>) -> Warning {
        Warning { key, text: text.into(), is_error: true }
    }

    /// Whether it must be cleared up before the line is relied on.
    pub fn is_error(&self) -> bool {
        self.is_error
    }

    /// It as JSON.
    pub fn to_json(&self) -> Value {
        let severity = if self.is_error() { "error" } else { "warning" };
        json!({"key": self.key.key(), "severity": severity, "text": self.text})
    }
}
