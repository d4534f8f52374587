//! A Dosage's own text against its structure: what contradicts, what agrees, and what nobody can tell.
//!
//! A contradiction is a safety issue: nothing here picks a winner (difficulty D22 of care records: label and schedule
//! disagree). Only what is surely understood of the text is compared; a text with words that may turn the meaning of the
//! others is not compared at all.

mod facets;

use super::concept::Concept;
use super::dosage::Dosage;
use super::finding::{DoseKey, Finding, Severity};
use super::parse::{Reading, Words, read};
use super::terms;
use serde_json::{Value, json};

/// What came of comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All of the text is understood, and the structure says the same.
    Agrees,
    /// Nothing contradicts, but not all could be compared.
    CannotTell,
    /// Text and structure say different things.
    Contradicts,
}

impl Verdict {
    /// Its stable spelling.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Agrees => "agrees",
            Verdict::CannotTell => "cannot-tell",
            Verdict::Contradicts => "contradicts",
        }
    }
}

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// `dose`, `unit`, `frequency`, `route`, `prn`, `max`, `days` or `duration`.
    pub kind: &'static str,
    /// Error for dose, unit, frequency and route; else warning.
    pub severity: Severity,
    /// The stable key.
    pub key: DoseKey,
    /// The words of the text.
    pub words: Option<Words>,
    /// The element, below the Dosage.
    pub path: String,
    /// What the text says.
    pub text_says: String,
    /// What the structure says.
    pub structure_says: String,
}

impl Contradiction {
    /// As a finding about the Dosage.
    pub fn finding(&self) -> Finding {
        let text = format!("The text says {} and the structure says {}.", self.text_says, self.structure_says);
        Finding { severity: self.severity, key: self.key, path: self.path.clone(), text }
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let words = self.words.as_ref();
        json!({
            "kind": self.kind, "severity": self.severity.code(), "key": self.key.code(), "path": self.path,
            "words": words.map(|words| words.text.clone()), "at": words.map(|words| words.at),
            "textSays": self.text_says, "structureSays": self.structure_says
        })
    }
}

/// What comparing one Dosage gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The verdict.
    pub verdict: Verdict,
    /// What contradicts.
    pub contradictions: Vec<Contradiction>,
    /// What only one of the two says, or what could not be compared.
    pub open: Vec<String>,
    /// The words of the text that were not understood.
    pub not_understood: Vec<Words>,
}

impl Comparison {
    /// As JSON.
    pub fn to_json(&self) -> Value {
        let words = |words: &Words| json!({"text": words.text, "at": words.at});
        json!({
            "verdict": self.verdict.code(),
            "contradictions": self.contradictions.iter().map(Contradiction::to_json).collect::<Vec<_>>(),
            "open": self.open,
            "notUnderstood": self.not_understood.iter().map(words).collect::<Vec<_>>()
        })
    }

    /// Whether there is a contradiction of severity error.
    pub fn has_error(&self) -> bool {
        self.contradictions.iter().any(|contradiction| contradiction.severity == Severity::Error)
    }
}

/// Compares the text of a Dosage (R4 or STU3) with its structure.
///
/// ```
/// use ginnel_medicines::dose::compare::{compare, Verdict};
/// let dosage = serde_json::json!({
///     "text": "15ml twice a day",
///     "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
///     "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mL"}}]
/// });
/// let compared = compare(&dosage);
/// assert_eq!((compared.verdict, compared.contradictions[0].kind), (Verdict::Contradicts, "dose"));
/// ```
pub fn compare(dosage: &Value) -> Comparison {
    let structure = Dosage::read(dosage);
    let text = structure.text.clone().unwrap_or_default();
    if text.trim().is_empty() || !structure.is_structured() {
        let why = if structure.is_structured() { "there is no text" } else { "there is no structure" };
        return cannot_tell(vec![why.to_owned()], Vec::new());
    }
    let reading = read_beside(&text, &structure);
    let mut compared = best(&reading, &structure);
    facets::unit_and_code(&structure, &mut compared);
    compared.open.extend(structure.unread.iter().map(|finding| format!("{} could not be read", finding.path)));
    compared.not_understood = reading.not_understood;
    compared.verdict = if !compared.contradictions.is_empty() {
        Verdict::Contradicts
    } else if compared.open.is_empty() && compared.not_understood.is_empty() {
        Verdict::Agrees
    } else {
        Verdict::CannotTell
    };
    compared
}

/// Reads the text; words that the structure has in the same words (its instructions, reason, route, site) need no
/// understanding, and are passed over where they would keep the rest from being read.
fn read_beside(text: &str, structure: &Dosage) -> Reading {
    let reading = read(text);
    if reading.not_understood.is_empty() {
        return reading;
    }
    let blanked = blanked(text, structure);
    if blanked == text { reading } else { read(&blanked) }
}

/// The text with blanks in place of the structure's own words.
fn blanked(text: &str, structure: &Dosage) -> String {
    let words = |concept: &Concept| concept.words("", terms::none, &mut Vec::new());
    let mut own: Vec<String> = structure.additional_instruction.iter().flat_map(words).collect();
    own.extend(structure.patient_instruction.clone());
    own.extend(structure.as_needed_for.iter().flat_map(words).map(|reason| format!("for {reason}")));
    own.extend(structure.route.iter().chain(&structure.site).flat_map(words));
    let mut blanked = text.to_owned();
    for phrase in own.iter().map(|phrase| phrase.trim()).filter(|phrase| !phrase.is_empty()) {
        let Some(at) = find(&blanked, phrase) else { continue };
        blanked.replace_range(at..at + phrase.len(), &" ".repeat(phrase.len()));
    }
    blanked
}

/// Where a phrase stands as whole words, in any case.
fn find(text: &str, phrase: &str) -> Option<usize> {
    let is_edge = |mark: Option<char>| mark.is_none_or(|mark| !mark.is_alphanumeric());
    text.char_indices().map(|(at, _)| at).find(|at| {
        let end = at + phrase.len();
        let is_same = text.get(*at..end).is_some_and(|part| part.eq_ignore_ascii_case(phrase));
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(end..).and_then(|after| after.chars().next());
        is_same && is_edge(before) && is_edge(after)
    })
}

fn cannot_tell(open: Vec<String>, not_understood: Vec<Words>) -> Comparison {
    Comparison { verdict: Verdict::CannotTell, contradictions: Vec::new(), open, not_understood }
}

/// Of a text with several doses, the structure is one; it must contradict all of them to contradict the text.
fn best(reading: &Reading, structure: &Dosage) -> Comparison {
    let is_whole = reading.not_understood.is_empty();
    if reading.dosages.is_empty() || !is_whole && (reading.may_turn || reading.dosages.len() > 1) {
        return cannot_tell(vec!["the text is not understood well enough".to_owned()], Vec::new());
    }
    let each = reading
        .dosages
        .iter()
        .zip(&reading.said)
        .map(|(said, words)| facets::compare(said, words, structure, is_whole));
    let least = each.min_by_key(|compared| (compared.contradictions.len(), compared.open.len()));
    let mut least = least.unwrap_or_else(|| cannot_tell(Vec::new(), Vec::new()));
    if let (true, [text, ..]) = (reading.dosages.len() > 1, reading.dosages.as_slice())
        && structure.sequence.is_none()
        && text.sequence.is_some()
    {
        least.open.push("the text has several doses, of which this is one".to_owned());
    }
    least
}
