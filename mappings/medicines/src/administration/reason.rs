//! Why a dose was not given: the gateway's terms, HL7's four codes, and words that explain themselves.
//!
//! Letters and numbers of vendors are never read: `C` is "in hospital" on one chart and "destroyed" on another. They are
//! kept with their system. HL7's code `d` is "given and vomited at once", which is not nausea before a dose.

use super::outcome::keys;
use crate::record::read;
use serde_json::Value;

/// The gateway's own code system.
const GATEWAY: &str = "https://gateway.example.org/CodeSystem/medication-not-given";
/// HL7's, in R4 and in STU3.
const HL7: &[&str] = &[
    "http://terminology.hl7.org/CodeSystem/reason-medication-not-given",
    "http://hl7.org/fhir/reason-medication-not-given",
];
/// HL7's reasons why there is no value.
const NULL_FLAVOR: &str = "NullFlavor";

keys! {
    /// Why, in the gateway's terms.
    NotGivenReason {
        /// The person declined.
        Refused = "refused",
        /// The person slept.
        Asleep = "asleep",
        /// The person was not there.
        Away = "away",
        /// The person was in hospital.
        InHospital = "in-hospital",
        /// The person was too ill.
        Unwell = "unwell",
        /// The person felt sick or vomited.
        Vomiting = "vomiting",
        /// There was none left.
        OutOfStock = "out-of-stock",
        /// It was not to hand.
        NotAvailable = "not-available",
        /// Somebody decided on clinical grounds.
        WithheldClinical = "withheld-clinical",
        /// It had been taken before.
        AlreadyTaken = "already-taken",
        /// Nobody came.
        NoVisit = "no-visit",
        /// It was stopped.
        Discontinued = "discontinued",
        /// It was spoilt, dropped or destroyed.
        Destroyed = "destroyed",
        /// The dose of this strength was zero.
        ZeroDose = "zero-dose",
        /// Another reason, stated as such.
        Other = "other",
        /// HL7's "no reason known".
        NoneKnown = "none-known",
        /// A reason that stands in words or codes of the source alone.
        InSourceWords = "in-source-words",
        /// None is stated.
        NotStated = "not-stated",
    }
}

/// A reason with the source's words and codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In the gateway's terms.
    pub key: NotGivenReason,
    /// In the source's words.
    pub text: Option<String>,
    /// The source's own codes, as `system|code`.
    pub codes: Vec<String>,
}

impl Reason {
    /// For people.
    pub fn words(&self) -> String {
        let key = self.key.key().replace('-', " ");
        match &self.text {
            Some(text) if self.key == NotGivenReason::InSourceWords || text.to_lowercase() == key => text.clone(),
            Some(text) => format!("{key} ({text})"),
            None => key,
        }
    }
}

/// What the reasons of a resource say besides why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The source has no record.
    NoRecord,
    /// Nobody saw it.
    NotObserved,
    /// The person takes it alone, and nobody saw it.
    SelfAdministered,
    /// It may have been taken.
    MaybeTaken,
    /// It was not due.
    NotDue,
    /// It was not needed.
    NotNeeded,
    /// It was taken in part.
    Partial,
    /// There is no value.
    NullFlavor,
}

/// What all reasons say.
#[derive(Debug, Default)]
pub struct Said {
    /// Why, in the order stated.
    pub reasons: Vec<NotGivenReason>,
    /// What else.
    pub evidence: Vec<Evidence>,
    /// The words.
    pub texts: Vec<String>,
    /// The source's codes.
    pub codes: Vec<String>,
    /// Whether HL7's code for a dose that was vomited is among them.
    pub is_vomited: bool,
    /// Whether anything is stated that does more than say once more that it was not given.
    is_reasoned: bool,
}

impl Said {
    /// Reads `statusReason` of R4 or `reasonNotGiven` of STU3 (a not-given dose may say it in `reasonCode` there).
    pub fn read(resource: &Value, is_not_given: bool) -> Said {
        let mut said = Said::default();
        let mut members = vec!["statusReason", "reasonNotGiven"];
        if is_not_given && !members.iter().any(|member| read::items(resource, member).next().is_some()) {
            members.push("reasonCode");
        }
        for concept in members.into_iter().flat_map(|member| read::items(resource, member)) {
            said.concept(concept);
        }
        said
    }

    fn concept(&mut self, concept: &Value) {
        let mut codes = read::codings(concept).peekable();
        let repeats_the_status = codes.peek().is_some() && codes.all(|(_, code)| is_the_outcome(code));
        self.is_reasoned |= !repeats_the_status;
        self.texts.extend(read::words(concept).map(str::to_owned));
        for (system, code) in read::codings(concept) {
            self.codes.push(format!("{}|{code}", system.unwrap_or_default()));
            match system {
                Some(GATEWAY) => self.word(code),
                Some(system) if HL7.contains(&system) => self.hl7(code),
                Some(system) if system.contains(NULL_FLAVOR) => self.evidence.push(Evidence::NullFlavor),
                _ => self.word(code),
            }
        }
        if read::items(concept, "coding").next().is_none()
            && let Some(text) = read::text(concept, "text")
        {
            // "No record made (source: blank)": what stands in brackets comments on the words before.
            self.word(text.split(" (").next().unwrap_or(text));
        }
    }

    fn hl7(&mut self, code: &str) {
        match code {
            "a" => self.reasons.push(NotGivenReason::NoneKnown),
            "b" => self.reasons.push(NotGivenReason::Away),
            "c" => self.reasons.push(NotGivenReason::Asleep),
            "d" => {
                self.reasons.push(NotGivenReason::Vomiting);
                self.is_vomited = true;
            }
            _ => {}
        }
    }

    /// A code or text that says itself what it means; anything shorter than a word is somebody's private letter.
    fn word(&mut self, word: &str) {
        let plain = plain(word);
        use NotGivenReason as R;
        let reason = match plain.as_str() {
            "refused" | "declined" | "client-declined" | "client-refused" | "resident-refused" | "patient-refused"
            | "person-refused" | "refusal" => R::Refused,
            "asleep" | "sleeping" => R::Asleep,
            "away" | "not-at-home" | "on-leave" | "social-leave" | "day-release" | "out" | "absent" => R::Away,
            "in-hospital" | "hospital" | "hospitalised" | "hospitalized" => R::InHospital,
            "unwell" | "too-ill" | "too-unwell" => R::Unwell,
            "vomiting" | "vomited" | "nausea" | "nausea-or-vomiting" => R::Vomiting,
            "out-of-stock" | "no-stock" => R::OutOfStock,
            "not-available" | "unavailable" => R::NotAvailable,
            "withheld-clinical" | "withheld" | "withheld-on-advice" | "clinically-withheld" => R::WithheldClinical,
            "already-taken" | "dose-already-taken" => R::AlreadyTaken,
            "no-visit" | "missed-visit" => R::NoVisit,
            "discontinued" | "stopped" => R::Discontinued,
            "destroyed" | "spoilt" | "dropped" | "contaminated" => R::Destroyed,
            "other" => R::Other,
            _ => return self.evidence.extend(evidence(&plain)),
        };
        self.reasons.push(reason);
    }

    /// Whether a kind of evidence is stated.
    pub fn has(&self, evidence: Evidence) -> bool {
        self.evidence.contains(&evidence)
    }

    /// The reason, where a dose was not given.
    pub fn reason(&self) -> Reason {
        let known = self.reasons.iter().find(|reason| **reason != NotGivenReason::NoneKnown).or(self.reasons.first());
        let is_silent = (self.texts.is_empty() && self.codes.is_empty()) || !self.is_reasoned;
        let otherwise = if is_silent { NotGivenReason::NotStated } else { NotGivenReason::InSourceWords };
        let text = (!self.texts.is_empty()).then(|| self.texts.join("; "));
        Reason { key: known.copied().unwrap_or(otherwise), text, codes: self.codes.clone() }
    }
}

/// Whether a vendor's code is what became of the dose, and no reason for it.
fn is_the_outcome(code: &str) -> bool {
    matches!(plain(code).as_str(), "not-taken" | "not-given" | "not-done" | "missed" | "omitted")
}

fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace(['_', ' '], "-")
}

fn evidence(plain: &str) -> Option<Evidence> {
    Some(match plain {
        "no-record" | "no-record-made" | "not-recorded" | "no-entry" | "missing-entry" | "unsigned" | "not-signed"
        | "blank" => Evidence::NoRecord,
        "not-observed" | "unobserved" | "made-available" => Evidence::NotObserved,
        "self-administered"
        | "self-medicating"
        | "self-administration"
        | "prompted"
        | "prompt"
        | "self-administered-not-observed" => Evidence::SelfAdministered,
        "maybe-taken" | "may-have-been-taken" => Evidence::MaybeTaken,
        "not-due" | "client-inactive" | "not-scheduled" => Evidence::NotDue,
        "not-needed" | "not-required" | "prn-not-required" | "prn-not-needed" | "offered-not-needed" => {
            Evidence::NotNeeded
        }
        "partial" | "partially-taken" | "partly-taken" | "part-taken" | "partially-given" | "partly-given" => {
            Evidence::Partial
        }
        _ => return None,
    })
}
