//! Dose text to Dosage, where every word of it is surely understood; otherwise the words that are not.
//!
//! English as on UK labels and MAR charts, and the Latin shorthands of UK charts. Nothing is guessed: a text with a word
//! that no rule takes, with a negation, with parts that contradict each other or may belong to more than one dose stays
//! text. Sources: the phrases of the Implementation Guide for Digital Medicines (read back as they are written), and
//! FHIR's rules for Timing (tim-1 to tim-10).

mod amount;
mod build;
mod course;
mod day;
mod fact;
mod group;
mod often;
mod scan;
mod token;
mod words;

use super::dosage::Dosage;
use fact::{Fact, Item, Said};
use group::Gathered;
use serde_json::{Value, json};
use token::{MOST_BYTES, Tokens};

/// Words of a text, with the number of characters before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The words as they stand.
    pub text: String,
    /// How many characters stand before them.
    pub at: usize,
}

/// Something that was understood and that somebody should still look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// A stable key: `trailing-zero`, `naked-decimal`, `dangerous-abbreviation`, `no-unit`, `too-long`, `does-not-fit`.
    pub key: &'static str,
    /// The words it is about.
    pub words: Words,
    /// Why, in a sentence.
    pub text: &'static str,
}

/// What a text says.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The Dosages; each has the whole text, and structure only when every word of the text was understood.
    pub dosages: Vec<Dosage>,
    /// The words that were not understood; empty when all were.
    pub not_understood: Vec<Words>,
    /// What somebody should look at though it was understood, or why it was not.
    pub remarks: Vec<Remark>,
}

impl Parsed {
    /// Whether every word was understood.
    pub fn is_understood(&self) -> bool {
        self.not_understood.is_empty()
    }

    /// As JSON: `dosage`, `notUnderstood`, `remarks`.
    pub fn to_json(&self) -> Value {
        let words = |words: &Words| json!({"text": words.text, "at": words.at});
        let remark = |remark: &Remark| json!({"key": remark.key, "words": remark.words.text, "at": remark.words.at, "text": remark.text});
        json!({
            "dosage": self.dosages.iter().map(Dosage::to_json).collect::<Vec<_>>(),
            "notUnderstood": self.not_understood.iter().map(words).collect::<Vec<_>>(),
            "remarks": self.remarks.iter().map(remark).collect::<Vec<_>>()
        })
    }
}

/// Reads a text.
///
/// ```
/// use ginnel_medicines::dose::parse::parse;
/// let parsed = parse("ONE TABLET TWICE A DAY");
/// assert!(parsed.is_understood());
/// assert_eq!(parsed.dosages[0].to_json()["timing"]["repeat"]["frequency"], 2);
/// let parsed = parse("one tablet daliy");
/// assert_eq!(parsed.not_understood[0].text, "daliy");
/// assert!(!parsed.dosages[0].is_structured());
/// ```
pub fn parse(text: &str) -> Parsed {
    let reading = read(text);
    let is_understood = reading.not_understood.is_empty();
    let mut dosages: Vec<Dosage> = if is_understood { reading.dosages } else { vec![Dosage::default()] };
    match (text.trim().is_empty(), dosages.is_empty()) {
        (true, _) => dosages.clear(),
        // Marks alone are no dose.
        (false, true) => dosages.push(Dosage::default()),
        _ => {}
    }
    for dosage in &mut dosages {
        dosage.text = Some(text.to_owned());
    }
    Parsed { dosages, not_understood: reading.not_understood, remarks: reading.remarks }
}

/// The SNOMED CT code of a route that words name alone.
pub(super) fn route_of_words(words: &str) -> Option<&'static str> {
    let tokens = Tokens::of(words);
    let found = words::ROUTES.iter().filter_map(|(pattern, code)| Some((*code, tokens.matches(0, pattern)?)));
    let (code, used) = found.filter(|(_, used)| *used > 0).max_by_key(|(_, used)| *used)?;
    (tokens.len() == used || tokens.matches(used, "route") == Some(1)).then_some(code)
}

/// What was read, whether or not all of it was understood.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The Dosages of what was understood.
    pub dosages: Vec<Dosage>,
    /// The words of each Dosage's phrases, with what they are about.
    pub said: Vec<Vec<(&'static str, Words)>>,
    /// The words that were not.
    pub not_understood: Vec<Words>,
    /// See [`Parsed::remarks`].
    pub remarks: Vec<Remark>,
    /// Whether the words that were not understood may turn what the others mean.
    pub may_turn: bool,
}

/// Reads a text for those who compare as far as it is understood.
pub(super) fn read(text: &str) -> Reading {
    if text.len() > MOST_BYTES {
        let words = Words { text: text.to_owned(), at: 0 };
        let remark =
            Remark { key: "too-long", words: words.clone(), text: "the text is too long to be read with certainty" };
        return Reading { not_understood: vec![words], remarks: vec![remark], may_turn: true, ..Reading::default() };
    }
    let tokens = Tokens::of(text);
    let row = scan::scan(&tokens);
    let Gathered { groups, stray } = group::gather(&row);
    let place = |from: usize, to: usize| place(&tokens, from, to);
    let mut remarks: Vec<Remark> = scan::dangers(&tokens)
        .into_iter()
        .map(|(at, used, key, text)| Remark { key, words: place(at, at + used), text })
        .collect();
    let mut open: Vec<(usize, usize)> =
        row.iter().filter(|placed| placed.item == Item::Unknown).map(|placed| (placed.from, placed.to)).collect();
    let may_turn = open.iter().any(|(from, to)| turns(&tokens, *from, *to)) || !stray.is_empty();
    let mut stray = stray;
    stray.sort_unstable();
    stray.dedup();
    for (from, to) in &stray {
        let text = "it repeats, contradicts or leaves open what it belongs to";
        remarks.push(Remark { key: "does-not-fit", words: place(*from, *to), text });
    }
    open.extend(stray);
    open.extend(unfit(&groups, &mut remarks, &place));
    let not_understood = merged(&tokens, open);
    let mut dosages: Vec<Dosage> = groups.iter().map(build::dosage).collect();
    number(&groups, &mut dosages);
    let said = groups
        .iter()
        .map(|group| group.facts.iter().map(|(fact, from, to)| (fact.name(), place(*from, *to))).collect());
    Reading { said: said.collect(), dosages, not_understood, remarks, may_turn }
}

/// Sequence numbers for several: the same for those together, the next for what comes afterwards.
fn number(groups: &[group::Group], dosages: &mut [Dosage]) {
    if dosages.len() < 2 {
        return;
    }
    let mut sequence = 1;
    for (group, dosage) in groups.iter().zip(dosages) {
        sequence += i64::from(group.is_then);
        dosage.sequence = Some(sequence);
    }
}

/// Bare numbers: pieces are told, and a greatest dose without a unit beside a measured dose is not understood.
fn unfit(
    groups: &[group::Group],
    remarks: &mut Vec<Remark>,
    place: &dyn Fn(usize, usize) -> Words,
) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    for group in groups {
        let unit = group.dose().map(|dose| dose.unit);
        for (fact, from, to) in &group.facts {
            match fact {
                Fact::Dose(amount) if amount.unit == Said::Nothing => {
                    let text = "the text names no unit; none is given to the dose";
                    remarks.push(Remark { key: "no-unit", words: place(*from, *to), text });
                }
                Fact::MostInTime(amount, ..) | Fact::MostAtOnce(amount) | Fact::MostInLife(amount)
                    if amount.unit == Said::Nothing =>
                {
                    let is_measured =
                        |unit: Said| matches!(unit, Said::Unit(unit) if unit.measure != super::units::Measure::Pieces);
                    if unit.is_none_or(is_measured) {
                        open.push((*from, *to));
                    }
                }
                _ => {}
            }
        }
    }
    open
}

fn turns(tokens: &Tokens<'_>, from: usize, to: usize) -> bool {
    (from..to).any(|index| {
        let word = tokens.word(index);
        words::NEGATIONS.contains(&word) || words::TURNS.contains(&word) || tokens.number(index).is_some()
    })
}

fn place(tokens: &Tokens<'_>, from: usize, to: usize) -> Words {
    let start = tokens.at(from).map_or(0, |token| token.start);
    let at = tokens.text.get(..start).map_or(0, |before| before.chars().count());
    Words { text: tokens.slice(from, to).to_owned(), at }
}

/// Neighbours become one.
fn merged(tokens: &Tokens<'_>, mut open: Vec<(usize, usize)>) -> Vec<Words> {
    open.sort_unstable();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (from, to) in open {
        match spans.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => spans.push((from, to)),
        }
    }
    spans.into_iter().map(|(from, to)| place(tokens, from, to)).collect()
}
