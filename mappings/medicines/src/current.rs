//! What a person takes at an instant, and why each line stands there.
//!
//! One line for each authorisation of each source, never merged: a nurse sees that two systems speak of the same medicine.
//! Nothing of the record is left out: what has ended, was stopped or cannot be told stands in a group of its own, and what a
//! source did not give is a gap. Sources: GP Connect Access Record: Structured, medication guidance (what counts as active
//! at a date); UK Core MedicationStatement and MedicationRequest; the hazards of GP Connect consumers.

mod absence;
mod authorisation;
mod because;
mod course;
mod facts;
mod html;
mod judge;
mod line;
mod list_resource;
mod others;
mod page_style;
mod status;
mod warning;

pub use absence::Absence;
pub use because::Because;
pub use facts::Kind;
pub use line::{Group, Line};
pub use warning::{Warning, WarningKey};

use crate::drug_code::Release;
use crate::record::{About, Gap, GapKind, Gaps, Ownership, Person, Record, RecordList};
use jiff::Timestamp;
use serde_json::{Value, json};

/// From how many hours on what a source gave may have changed.
pub const STALE_AFTER_HOURS: i64 = 72;

/// How the question is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'r> {
    /// The instant it is asked for.
    pub at: Timestamp,
    /// After how many hours an answer of a source is stale.
    pub stale_after_hours: i64,
    /// A dm+d release to look codes up in.
    pub release: Option<&'r Release>,
}

impl Asked<'_> {
    /// For an instant, without a dm+d release.
    pub fn at(at: Timestamp) -> Asked<'static> {
        Asked { at, stale_after_hours: STALE_AFTER_HOURS, release: None }
    }
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Current {
    /// For when.
    pub at: Timestamp,
    /// Whose, as others refer to them.
    pub patient: Option<String>,
    /// Every authorisation: current ones first.
    pub lines: Vec<Line>,
    /// What is missing, of what matters to medicines.
    pub gaps: Vec<Gap>,
    /// What is said instead of a medicine: that none is known, or that nothing is recorded; with the resource that says so.
    pub statements: Vec<(Absence, String)>,
    /// Who was asked, as JSON, by the number that lines and gaps name.
    pub sources: Vec<Value>,
    source_names: Vec<String>,
}

/// What the person takes at the instant.
pub fn list(record: &Record<'_>, person: &Person, asked: Asked<'_>) -> Current {
    let mut gaps = Gaps::default();
    record.gaps.iter().filter(|gap| gap.about.touches(About::Medicines)).for_each(|gap| gaps.add(gap.clone()));
    stale(record, asked, &mut gaps);
    let found = authorisation::gather(record);
    let mut lines = Vec::new();
    let mut statements = Vec::new();
    let mut heard = vec![false; record.sources.len()];
    for authorisation in &found {
        let Some(main) = authorisation.main().and_then(|index| record.at(index)) else { continue };
        if let Some(heard) = heard.get_mut(main.source) {
            *heard = true;
        }
        let ownership = person.owns(record, main);
        if ownership == Ownership::Theirs
            && let Some(absence) = absence::of(record, main)
        {
            statements.push((absence, main.reference(record)));
            continue;
        }
        match ownership {
            Ownership::SomebodyElses(whom) => gaps.add(Gap {
                kind: GapKind::OtherPerson,
                about: About::Medicines,
                source: main.source,
                text: format!("a medicine of {whom} came among this person's, and is not listed"),
                evidence: authorisation.evidence(record),
            }),
            ownership => lines.push(line::make(record, authorisation, &found, ownership, asked)),
        }
    }
    not_returned(record, &heard, &mut gaps);
    // Whatever order the sources gave them in, the answer has one.
    lines.sort_by_cached_key(|line| (line.group, line.medication.to_lowercase(), line.evidence.clone()));
    others::compare(&mut lines, &source_names(record), asked.release);
    Current {
        at: asked.at,
        patient: person.patients.first().map(|index| record.reference_of(*index)),
        lines,
        statements,
        gaps: gaps.into_vec(),
        sources: sources(record),
        source_names: source_names(record),
    }
}

impl Current {
    /// Whether no source is known to have kept anything back, failed, or grown stale.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Whether something calls for mending before the list is relied on: a failure, a contradiction.
    pub fn has_error(&self) -> bool {
        let broken =
            [GapKind::Failed, GapKind::Unreadable, GapKind::MissingResource, GapKind::MorePages, GapKind::OtherPerson];
        self.gaps.iter().any(|gap| broken.contains(&gap.kind))
            || self.lines.iter().any(|line| line.warnings.iter().any(Warning::is_error))
    }

    /// The first line of the JSON answer: whether it is whole, what is missing, who was asked.
    pub fn header(&self) -> Value {
        json!({
            "complete": self.is_complete(),
            "gaps": self.gaps.iter().map(|gap| gap.to_json(self.source_name(gap.source))).collect::<Vec<_>>(),
            "sources": self.sources,
            "at": self.at.to_string(),
            "patient": self.patient,
            "statements": self
                .statements
                .iter()
                .map(|(absence, reference)| json!({"key": absence.key(), "evidence": [reference]}))
                .collect::<Vec<_>>(),
        })
    }

    /// A line of the JSON answer.
    pub fn line_json(&self, line: &Line) -> Value {
        line.to_json(self.source_name(line.source))
    }

    /// What people call a source.
    pub fn source_name(&self, source: usize) -> &str {
        self.source_names.get(source).map(String::as_str).unwrap_or_default()
    }

    /// As a FHIR List of R4: an entry for each line, flagged with its group.
    pub fn to_list_resource(&self) -> Value {
        list_resource::write(self)
    }

    /// As one page to read and to print. `heading` names the person.
    pub fn to_html(&self, heading: &html::Heading) -> String {
        html::write(self, heading)
    }
}

pub use html::Heading;

pub(crate) fn source_names(record: &Record<'_>) -> Vec<String> {
    record.sources.iter().map(|source| source.name.clone()).collect()
}

/// The sources that can speak of medicines or allergies, or from which something is missing.
pub(crate) fn sources(record: &Record<'_>) -> Vec<Value> {
    let speaks = |index: usize| {
        let kinds = ["List", "AllergyIntolerance", "Flag", "OperationOutcome"];
        record.resources.iter().any(|resource| {
            resource.source == index && (resource.kind.starts_with("Medication") || kinds.contains(&resource.kind))
        })
    };
    let alone = |document: &str| record.sources.iter().filter(|source| source.document == document).count() == 1;
    let lacks = |index: usize| record.gaps.iter().any(|gap| gap.source == index);
    let listed = record.sources.iter().enumerate();
    let listed = listed.filter(|(index, source)| alone(&source.document) || speaks(*index) || lacks(*index));
    listed.map(|(_, source)| source.to_json()).collect()
}

pub(crate) fn stale(record: &Record<'_>, asked: Asked<'_>, gaps: &mut Gaps) {
    for (source, known) in record.sources.iter().enumerate() {
        let Some((written, retrieved)) = &known.retrieved else { continue };
        let hours = asked.at.duration_since(retrieved.last).as_hours();
        if hours < asked.stale_after_hours || !record.resources.iter().any(|resource| resource.source == source) {
            continue;
        }
        let text = format!(
            "retrieved {written}, {} before the instant asked for: it may have changed since; ask the source again",
            if hours >= 48 { format!("{} days", hours / 24) } else { format!("{hours} hours") }
        );
        gaps.add(Gap { kind: GapKind::Stale, about: About::Everything, source, text, evidence: Vec::new() });
    }
}

/// A document without a word about medicines does not say that the person takes none.
fn not_returned(record: &Record<'_>, heard: &[bool], gaps: &mut Gaps) {
    let says = |document: &str| {
        let of_document = |source: usize| record.sources.get(source).is_some_and(|source| source.document == document);
        heard.iter().enumerate().any(|(source, heard)| *heard && of_document(source))
            || RecordList::all(record).iter().any(|(index, known)| {
                known.about == About::Medicines && record.at(*index).is_some_and(|list| of_document(list.source))
            })
    };
    let mut seen: Vec<&str> = Vec::new();
    for (source, known) in record.sources.iter().enumerate() {
        if seen.contains(&known.document.as_str()) {
            continue;
        }
        seen.push(&known.document);
        if !says(&known.document) {
            let text = "nothing in it says anything of medicines; that is not \"takes none\": ask the source for them";
            gaps.add(Gap {
                kind: GapKind::NotReturned,
                about: About::Medicines,
                source,
                text: text.to_string(),
                evidence: Vec::new(),
            });
        }
    }
}

#[cfg(test)]
mod gap_tests;
#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod tests;
