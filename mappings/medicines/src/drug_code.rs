//! Medicines as records name and code them: the words of the source, the codes with the part each plays, and remarks.
//!
//! Nothing is invented: without a dm+d release no name is made from a code, and never a code from a name. What is
//! remarkable is said beside the medicine, and is never a reason to leave it out.

mod coding;
mod concepts;
mod id;
mod judge;
mod judge_by_release;
pub mod name;
pub mod release;
mod remark;
mod sameness;
pub mod strength;
mod system;
mod time_critical;
mod within_record;

pub use coding::{DrugCoding, NameSource, Role};
pub use concepts::{Concept, concepts};
pub use id::IdFault;
pub use release::Release;
pub use remark::{Remark, RemarkKey};
pub use sameness::Sameness;
pub use system::System;
pub use time_critical::{Class as TimeCritical, time_critical};
pub use within_record::same_code_two_names;

use name::DrugName;
use release::{Found, Product};
use serde_json::Value;
use strength::Strength;

/// A medicine as a CodeableConcept says it, in FHIR R4 or STU3.
#[derive(Debug, Clone)]
pub struct Drug {
    /// The name as the source said it.
    pub name: Option<String>,
    /// Where that was found.
    pub name_source: Option<NameSource>,
    /// The codings in their order.
    pub codings: Vec<DrugCoding>,
    /// What is remarkable.
    pub remarks: Vec<Remark>,
    /// The name taken apart.
    pub parts: Option<DrugName>,
}

impl Drug {
    /// Reads a CodeableConcept; with a dm+d release its codes are looked up.
    pub fn read(concept: &Value, release: Option<&Release>) -> Drug {
        let codings = DrugCoding::all(concept);
        let name = coding::name(concept, &codings);
        let (name, name_source) = name.map_or((None, None), |(name, source)| (Some(name), Some(source)));
        let parts = name.as_deref().map(DrugName::read);
        let mut drug = Drug { name, name_source, codings, remarks: Vec::new(), parts };
        judge::judge(&mut drug);
        if let Some(release) = release {
            judge_by_release::judge(&mut drug, release);
        }
        judge::judge_together(&mut drug, release);
        drug
    }

    /// What a reader is shown: the source's name, else the release's name of the code (said by a remark), else the code.
    pub fn shown(&self, release: Option<&Release>) -> String {
        let looked_up = || release.and_then(|release| self.product(release)).map(|product| product.name.to_string());
        let coded = || {
            let coding = self.codings.iter().find(|coding| coding.code.is_some())?;
            Some(format!("unnamed medicine, code {}", coding.code.as_deref()?))
        };
        self.name.clone().or_else(looked_up).or_else(coded).unwrap_or_else(|| "medicine not stated".into())
    }

    /// The entry of the release that the codes name: dm+d's first; SNOMED CT's only where the release has that id.
    pub fn product<'a>(&self, release: &'a Release) -> Option<&'a Product> {
        let of = |system: System| self.codings.iter().filter(move |coding| coding.system == system);
        of(System::Dmd).chain(of(System::Snomed)).find_map(|coding| match release.find(coding.id?) {
            Found::Current(product) | Found::Replaced(product) => Some(product),
            Found::Unknown => None,
        })
    }

    /// What identifies the medicine: sound ids of dm+d and SNOMED CT (one space of numbers), and local codes by system.
    pub fn identities(&self) -> impl Iterator<Item = Identity<'_>> {
        self.codings.iter().filter_map(|coding| match coding.role {
            Role::Medicine => Some(Identity::Concept(coding.id?)),
            Role::Local if coding.system != System::Missing => {
                let system = match coding.system {
                    System::Other => coding.system_as_sent.as_deref()?,
                    known => known.key(),
                };
                Some(Identity::Local(system, coding.code.as_deref()?))
            }
            _ => None,
        })
    }

    /// How this medicine and another relate.
    pub fn compare(&self, other: &Drug, release: Option<&Release>) -> Sameness {
        sameness::compare(self, other, release)
    }

    /// The strengths in the name.
    pub fn strength(&self) -> &[Strength] {
        self.parts.as_ref().map(|parts| parts.strengths.as_slice()).unwrap_or_default()
    }

    /// The words of the substance or brand in the name, in lower case.
    pub fn substance_words(&self) -> &[String] {
        self.parts.as_ref().map(|parts| parts.substance.as_slice()).unwrap_or_default()
    }

    /// Whether there is a remark of that key.
    pub fn has(&self, key: RemarkKey) -> bool {
        self.remarks.iter().any(|remark| remark.key == key)
    }

    /// The codings to send on: systems in their one spelling, and beside a replaced id its successor, the original kept
    /// and marked as the one the source chose. Damaged codes are left out; the remarks say so.
    pub fn codings_to_send(&self, release: Option<&Release>) -> Vec<Value> {
        judge_by_release::codings_to_send(self, release)
    }
}

/// What two entries may have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity<'a> {
    /// A concept of SNOMED CT or dm+d, whose ids are one space of numbers.
    Concept(u64),
    /// A local code with its system.
    Local(&'a str, &'a str),
}
