//! Text and structure side by side: what contradicts, and what only one of them says.

mod amounts;
mod times;
mod ways;

pub use amounts::unit_and_code;

use super::super::concept::Concept;
use super::super::dosage::Dosage;
use super::super::finding::{DoseKey, Severity};
use super::super::parse::Words;
use super::super::terms;
use super::{Comparison, Contradiction, Verdict};

/// Compares what one dose of the text says with the structure.
pub fn compare(said: &Dosage, words: &[(&'static str, Words)], structure: &Dosage, is_whole: bool) -> Comparison {
    let mut sides = Sides { said, structure, words, is_whole, contradictions: Vec::new(), open: Vec::new() };
    sides.dose();
    sides.rate();
    sides.frequency();
    sides.events();
    sides.days();
    sides.need();
    sides.most();
    sides.course();
    sides.counts();
    sides.route();
    sides.site();
    Comparison {
        verdict: Verdict::CannotTell,
        contradictions: sides.contradictions,
        open: sides.open,
        not_understood: Vec::new(),
    }
}

struct Sides<'s> {
    said: &'s Dosage,
    structure: &'s Dosage,
    words: &'s [(&'static str, Words)],
    is_whole: bool,
    contradictions: Vec<Contradiction>,
    open: Vec<String>,
}

impl Sides<'_> {
    fn contradicts(&mut self, kind: &'static str, about: &[&str], path: &str, text: String, structure: String) {
        let (key, severity) = match kind {
            "dose" => (DoseKey::ContradictedDose, Severity::Error),
            "unit" => (DoseKey::ContradictedUnit, Severity::Error),
            "frequency" => (DoseKey::ContradictedFrequency, Severity::Error),
            "route" => (DoseKey::ContradictedRoute, Severity::Error),
            "prn" => (DoseKey::ContradictedNeed, Severity::Warning),
            "max" => (DoseKey::ContradictedMost, Severity::Warning),
            "days" => (DoseKey::ContradictedDays, Severity::Warning),
            _ => (DoseKey::ContradictedDuration, Severity::Warning),
        };
        let words = about.iter().find_map(|name| self.words.iter().find(|(known, _)| known == name));
        let words = words.map(|(_, words)| words.clone());
        let path = path.to_owned();
        self.contradictions.push(Contradiction {
            kind,
            severity,
            key,
            words,
            path,
            text_says: text,
            structure_says: structure,
        });
    }

    /// Notes what one side says alone, unless the structure has the text's words in an instruction.
    fn only(&mut self, what: &str, about: &str, text: bool, structure: bool) {
        match (text, structure) {
            (true, false) if self.is_in_instructions(about) => {}
            (true, false) => self.open.push(format!("only the text says the {what}")),
            (false, true) => self.open.push(format!("only the structure says the {what}")),
            _ => {}
        }
    }

    fn is_in_instructions(&self, about: &str) -> bool {
        let mut own: Vec<String> = self.structure.additional_instruction.iter().map(lower).collect();
        own.extend(self.structure.patient_instruction.iter().map(|text| text.to_lowercase()));
        let mut words = self
            .words
            .iter()
            .filter(|(known, _)| *known == about)
            .map(|(_, words)| words.text.to_lowercase())
            .peekable();
        words.peek().is_some() && words.all(|words| own.iter().any(|own| own.contains(&words)))
    }
}

fn lower(concept: &Concept) -> String {
    concept.words("", terms::route, &mut Vec::new()).join(" and ").to_lowercase()
}
