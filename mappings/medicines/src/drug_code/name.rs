//! What a medicine's name says, carefully: its substance words, strengths, form and kind of release.
//!
//! Names are compared, never looked up: which brand holds which substance is known to a dm+d release alone.

pub mod tokens;
mod words;

use super::strength::{self, Amount, Strength};
use rust_decimal::Decimal;

/// How the medicine is let out of its form; forms of different release are different medicines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// Nothing is said.
    Unstated,
    /// Modified, prolonged or slow.
    Modified,
    /// Gastro-resistant or enteric coated.
    GastroResistant,
}

/// A name taken apart.
#[derive(Debug, Clone)]
pub struct DrugName {
    /// The whole name in lower case with single spaces.
    pub plain: String,
    /// The words of the substance or brand, in their order.
    pub substance: Vec<String>,
    /// The strengths.
    pub strengths: Vec<Strength>,
    /// Contents of a container.
    pub contents: Vec<Amount>,
    /// Numbers without unit.
    pub bare: Vec<Decimal>,
    /// The words of the form in their one spelling, sorted.
    pub form: Vec<&'static str>,
    /// The kind of release.
    pub release: Release,
    /// What stands in brackets: a supplier, a brand, a remark.
    pub bracketed: Option<String>,
}

impl DrugName {
    /// Takes a name apart.
    pub fn read(name: &str) -> DrugName {
        let lower = name.to_lowercase();
        let (outside, bracketed) = words::without_brackets(&lower);
        let found = strength::read(&outside);
        let mut parts = DrugName {
            plain: lower.split_whitespace().collect::<Vec<_>>().join(" "),
            substance: Vec::new(),
            strengths: found.all,
            contents: found.contents,
            bare: found.bare,
            form: Vec::new(),
            release: Release::Unstated,
            bracketed,
        };
        let mut form_begun = false;
        for word in &found.words {
            if let Some(release) = words::release(word) {
                parts.release = release;
            } else if let Some(form) = words::form(word) {
                form_begun = true;
                parts.form.extend((!form.is_empty()).then_some(form));
            } else if words::is_noise(word) || (form_begun && words::joins(word)) {
            } else if !(words::joins(word) && parts.substance.is_empty()) {
                parts.substance.push(word.clone());
            }
        }
        parts.form.sort_unstable();
        parts.form.dedup();
        parts
    }

    /// Whether the substance words are the same.
    pub fn same_substance_words(&self, other: &DrugName) -> bool {
        !self.substance.is_empty() && self.substance == other.substance
    }

    /// Whether any word of the substance is common to both.
    pub fn shares_a_word(&self, other: &DrugName) -> bool {
        self.substance.iter().any(|word| word.len() > 2 && other.substance.contains(word))
    }

    /// Whether the strengths are the same: none where one of the names does not say, or says it in other measures.
    pub fn same_strength(&self, other: &DrugName) -> Option<bool> {
        let (left, right) = (&self.strengths, &other.strengths);
        if left.is_empty() || right.is_empty() {
            return None;
        }
        if left == right {
            return Some(true);
        }
        let comparable = left.len() == right.len() && left.iter().zip(right).all(|(l, r)| l.is_comparable(r));
        // The same strengths in another order may be another way to name one product, or two products.
        let reordered = left.len() > 1 && left.iter().all(|strength| right.contains(strength));
        (comparable && !reordered).then_some(false)
    }

    /// Whether the forms cannot be the same: a tablet is no liquid, and what goes into the eye does not go into the ear.
    pub fn form_contradicts(&self, other: &DrugName) -> bool {
        words::FORM_FAMILIES.iter().any(|families| {
            let of = |name: &DrugName| -> Vec<usize> {
                let is_of = |family: &[&str]| name.form.iter().any(|form| family.contains(form));
                (0..families.len()).filter(|at| families.get(*at).is_some_and(|family| is_of(family))).collect()
            };
            let (left, right) = (of(self), of(other));
            !left.is_empty() && !right.is_empty() && !left.iter().any(|family| right.contains(family))
        })
    }

    /// Whether form and release are the same, as far as both say.
    pub fn same_form(&self, other: &DrugName) -> bool {
        self.form == other.form && self.release == other.release && !self.form.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substance_form_and_release_are_told_apart() {
        for (name, substance, form, release) in [
            ("Paracetamol 500mg tablets", "paracetamol", "tablet", Release::Unstated),
            ("PARACETAMOL TABS 500MG", "paracetamol", "tablet", Release::Unstated),
            ("PRN Paracetamol 500mg tablets", "paracetamol", "tablet", Release::Unstated),
            ("Co-careldopa 50mg/200mg modified-release tablets", "co-careldopa", "tablet", Release::Modified),
            ("Co-careldopa 50mg/200mg m/r tablets", "co-careldopa", "tablet", Release::Modified),
            ("Morphine sulfate 10mg MR capsules", "morphine sulfate", "capsule", Release::Modified),
            ("Lansoprazole 15mg gastro-resistant capsules", "lansoprazole", "capsule", Release::GastroResistant),
            ("Aspirin 75mg dispersible tablets", "aspirin", "dispersible,tablet", Release::Unstated),
            ("Aspirin 75mg e/c tablets", "aspirin", "tablet", Release::GastroResistant),
            ("Donepezil 10mg orodispersible tablets", "donepezil", "orodispersible,tablet", Release::Unstated),
            ("Lactulose 3.1-3.7g/5ml oral solution", "lactulose", "oral,solution", Release::Unstated),
            ("Buprenorphine 10micrograms/hour transdermal patches", "buprenorphine", "patch", Release::Unstated),
            ("Omeprazole 20mg capsules (Dexcel-Pharma Ltd)", "omeprazole", "capsule", Release::Unstated),
            (
                "Insulin glargine 100units/ml solution for injection 3ml cartridges",
                "insulin glargine",
                "cartridge,injection,solution",
                Release::Unstated,
            ),
            ("Epilim Chrono 500mg", "epilim chrono", "", Release::Unstated),
            ("Vitamin B12", "vitamin b12", "", Release::Unstated),
            ("Folic acid 5mg tablets", "folic acid", "tablet", Release::Unstated),
            ("", "", "", Release::Unstated),
        ] {
            let parts = DrugName::read(name);
            assert_eq!(parts.substance.join(" "), substance, "{name}");
            assert_eq!(parts.form.join(","), form, "{name}");
            assert_eq!(parts.release, release, "{name}");
        }
    }
}
