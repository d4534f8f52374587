//! A Dosage in the phrases of the NHS Dose Syntax guide, nothing left out silently.
//!
//! Source: Implementation Guide for Digital Medicines, "Dose to Text Translation", "Logical Display Order" and "Component
//! Part Separator". Parts stand in the guide's order, joined by " - "; a method is followed by one space, a day of the
//! week by the time of day. Numbers and units stay as sent; only units of time follow their number.

mod amounts;
mod dates;
mod timing;

use super::concept::Concept;
use super::dosage::{Dosage, Timing};
use super::finding::{DoseKey, Finding};
use super::terms;
use serde_json::Value;

/// A text made of structure, and what the text could not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text; empty when there was nothing to say.
    pub text: String,
    /// What it leaves out or what somebody should look at, with the element.
    pub issues: Vec<Finding>,
}

impl Rendered {
    /// Whether the text says all of the structure.
    pub fn is_whole(&self) -> bool {
        !self.issues.iter().any(Finding::is_error)
    }
}

/// Renders the Dosages of one medicine; elements are named `Dosage[0].route`.
///
/// ```
/// use ginnel_medicines::dose::render;
/// let dosage = serde_json::json!({
///     "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
///     "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]
/// });
/// assert_eq!(render::texts(&[dosage]).text, "1 tablet - twice a day");
/// ```
pub fn texts(dosages: &[Value]) -> Rendered {
    texts_at("Dosage", dosages)
}

/// Renders Dosages that are a list at an element, such as `MedicationRequest.dosageInstruction`.
pub fn texts_at(element: &str, dosages: &[Value]) -> Rendered {
    let read: Vec<Dosage> = dosages.iter().map(Dosage::read).collect();
    let mut issues = Vec::new();
    let mut parts: Vec<(Option<i64>, String)> = Vec::new();
    for (index, dosage) in read.iter().enumerate() {
        let rendered = one(dosage);
        let place = format!("{element}[{index}]");
        issues.extend(rendered.issues.into_iter().map(|issue| issue.below(&place)));
        parts.push((dosage.sequence, rendered.text));
    }
    let text = joined(parts, element, &mut issues);
    Rendered { text, issues }
}

/// Renders one Dosage; paths of issues are below it.
pub fn one(dosage: &Dosage) -> Rendered {
    let mut issues = dosage.unread.clone();
    let text = match (dosage.is_structured(), says_when_or_how_much(dosage)) {
        (true, true) => whole(dosage, &mut issues),
        (true, false) => beside_text(dosage, &mut issues),
        (false, _) => as_sent(dosage, &mut issues),
    };
    if says_when_or_how_much(dosage) && sent_text(dosage).is_some() && dosage.dose_and_rate.is_empty() {
        let note = "The structure has no dose; the sender's text may say more.";
        issues.push(Finding::information(DoseKey::TextOnly, "text", note));
    }
    if text.is_empty() && !issues.iter().any(Finding::is_error) {
        issues.push(Finding::error(DoseKey::Empty, "", "The Dosage says nothing."));
    }
    Rendered { text, issues }
}

/// The guide's order for several: by sequence; the same sequence is taken together, the next one afterwards.
fn joined(mut parts: Vec<(Option<i64>, String)>, element: &str, issues: &mut Vec<Finding>) -> String {
    if parts.len() > 1 && parts.iter().any(|(sequence, _)| sequence.is_none()) {
        for (index, _) in parts.iter().enumerate().filter(|(_, (sequence, _))| sequence.is_none()) {
            let text = "Several Dosages and no sequence: whether they go together or one after the other is not said.";
            issues.push(Finding::error(DoseKey::NoSequence, format!("{element}[{index}].sequence"), text));
        }
        return parts
            .iter()
            .map(|(_, text)| text.as_str())
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; ");
    }
    parts.sort_by_key(|(sequence, _)| *sequence);
    let mut text = String::new();
    let mut before = None;
    for (sequence, part) in parts.iter().filter(|(_, part)| !part.is_empty()) {
        if let Some(before) = before {
            text.push_str(if before == *sequence { ", and " } else { ", then " });
        }
        text.push_str(part);
        before = Some(*sequence);
    }
    text
}

fn says_when_or_how_much(dosage: &Dosage) -> bool {
    !dosage.dose_and_rate.is_empty() || dosage.timing != Timing::default()
}

fn sent_text(dosage: &Dosage) -> Option<&str> {
    dosage.text.as_deref().filter(|text| !text.trim().is_empty())
}

/// A Dosage of text alone says its own text, so that no dose vanishes.
fn as_sent(dosage: &Dosage, issues: &mut Vec<Finding>) -> String {
    let Some(text) = sent_text(dosage) else { return String::new() };
    let note = "There is no structured dose; the text is the sender's, unchanged.";
    issues.push(Finding::information(DoseKey::TextOnly, "text", note));
    text.to_owned()
}

/// Structure without dose and timing (a route, an instruction) goes behind the text, unless the text has it already.
fn beside_text(dosage: &Dosage, issues: &mut Vec<Finding>) -> String {
    let structured = whole(dosage, issues);
    let Some(text) = sent_text(dosage) else { return structured };
    let note = "There is no structured dose; the sender's text stands before the structured parts that it lacks.";
    issues.push(Finding::information(DoseKey::TextOnly, "text", note));
    let lower = text.to_lowercase();
    let without_method = |part: &str| {
        let method = dosage.method.as_ref().map(|method| method.words("method", terms::method, &mut Vec::new()));
        let method = method.map(|words| terms::listed(&words)).unwrap_or_default();
        part.strip_prefix(&method).map(str::trim).filter(|rest| !rest.is_empty()).unwrap_or(part).to_lowercase()
    };
    let lacks = |part: &&str| !lower.contains(&part.to_lowercase()) && !lower.contains(&without_method(part));
    let missing: Vec<&str> = structured.split(" - ").filter(lacks).collect();
    if missing.is_empty() { text.to_owned() } else { format!("{text} - {}", missing.join(" - ")) }
}

fn whole(dosage: &Dosage, issues: &mut Vec<Finding>) -> String {
    let mut parts = Vec::new();
    amounts::doses(dosage, &mut parts, issues);
    timing::duration(&dosage.timing, &mut parts, issues);
    timing::frequency(&dosage.timing, &mut parts, issues);
    timing::events_of_day(&dosage.timing, &mut parts, issues);
    timing::days_and_times(&dosage.timing, &mut parts, issues);
    concept(&dosage.route, "route", terms::route, &mut parts, issues);
    concept(&dosage.site, "site", terms::site, &mut parts, issues);
    as_needed(dosage, &mut parts, issues);
    timing::bounds(&dosage.timing, &mut parts, issues);
    timing::count(&dosage.timing, &mut parts, issues);
    timing::events(&dosage.timing, &mut parts, issues);
    amounts::greatest(dosage, &mut parts, issues);
    let mut further: Vec<String> = Vec::new();
    for (index, instruction) in dosage.additional_instruction.iter().enumerate() {
        further.extend(instruction.words(&format!("additionalInstruction[{index}]"), terms::none, issues));
    }
    parts.extend(Some(terms::listed(&further)).filter(|further| !further.is_empty()));
    let method = dosage.method.as_ref().map(|method| method.words("method", terms::method, issues)).unwrap_or_default();
    let coded = [terms::listed(&method), parts.join(" - ")].into_iter().filter(|part| !part.is_empty());
    with_patient_instruction(coded.collect::<Vec<_>>().join(" "), dosage)
}

/// An instruction that opens with the whole text of the coded parts repeats it and is printed once (published examples
/// of the guide do so); any other stands last.
fn with_patient_instruction(coded: String, dosage: &Dosage) -> String {
    let Some(instruction) = dosage.patient_instruction.as_deref().map(str::trim) else { return coded };
    let repeats =
        instruction.strip_prefix(coded.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(" - "));
    if coded.is_empty() || repeats { instruction.to_owned() } else { format!("{coded} - {instruction}") }
}

fn concept(
    concept: &Option<Concept>,
    path: &str,
    known: fn(&str) -> Option<&'static str>,
    parts: &mut Vec<String>,
    issues: &mut Vec<Finding>,
) {
    let Some(concept) = concept else { return };
    let words = concept.words(path, known, issues);
    if words.len() > 1 {
        let text = format!("Several codings of one code system, where one is meant: {}.", terms::listed(&words));
        issues.push(Finding::warning(DoseKey::Conflict, path, text));
    }
    parts.extend(Some(terms::listed(&words)).filter(|words| !words.is_empty()));
}

fn as_needed(dosage: &Dosage, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    let mut reasons: Vec<String> = Vec::new();
    for (index, reason) in dosage.as_needed_for.iter().enumerate() {
        let path = if index == 0 { "asNeededCodeableConcept".to_owned() } else { format!("asNeededFor[{index}]") };
        reasons.extend(reason.words(&path, terms::none, issues));
    }
    if dosage.as_needed == Some(false) && !dosage.as_needed_for.is_empty() {
        let text = "A reason says as required, and the boolean says not; as required is printed.";
        issues.push(Finding::error(DoseKey::Conflict, "asNeededBoolean", text));
    }
    match (reasons.is_empty(), dosage.as_needed) {
        (false, _) => parts.push(format!("as required for {}", terms::listed(&reasons))),
        (true, Some(true)) => parts.push("as required".to_owned()),
        (true, _) if !dosage.as_needed_for.is_empty() => parts.push("as required".to_owned()),
        _ => {}
    }
}
