//! What a record says of allergies, and what it does not say: known, none known, not asked, not recorded and withheld.
//!
//! The five are never turned into each other. Every allergy keeps its own words, reactions and severity; what has ended, was
//! refuted or is a contraindication stands apart from what is active. Sources: GP Connect Access Record: Structured,
//! allergies (degraded records, ended allergies, the duty to block prescribing); UK Core AllergyIntolerance.

mod absence;
mod entry;
mod reaction;
mod state;

pub use absence::Denied;
pub use entry::{AllergyGroup, AllergyKey, Entry};
pub use reaction::Reaction;
pub use state::State;

use crate::current::Asked;
use crate::record::{About, Gap, GapKind, Gaps, Ownership, Person, Record};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The answer.
#[derive(Debug, Clone)]
pub struct Allergies {
    /// For when.
    pub at: Timestamp,
    /// Whose.
    pub patient: Option<String>,
    /// What is known as a whole.
    pub state: State,
    /// What each source says, by the source's number.
    pub by_source: Vec<(usize, State)>,
    /// Every entry: active ones first.
    pub entries: Vec<Entry>,
    /// What is missing, of what matters to allergies.
    pub gaps: Vec<Gap>,
    /// Why prescribing is to be blocked; empty when it is not.
    pub blocks_prescribing: Vec<AllergyKey>,
    /// Who was asked.
    pub sources: Vec<Value>,
    source_names: Vec<String>,
}

/// What the record says of the person's allergies at the instant.
pub fn list(record: &Record<'_>, person: &Person, asked: Asked<'_>) -> Allergies {
    let mut gaps = Gaps::default();
    record.gaps.iter().filter(|gap| gap.about.touches(About::Allergies)).for_each(|gap| gaps.add(gap.clone()));
    crate::current::stale(record, asked, &mut gaps);
    let mut entries = Vec::new();
    for (index, resource) in record.all() {
        let Some(mut entry) = entry::read(record, index, asked.at) else { continue };
        match person.owns(record, resource) {
            Ownership::SomebodyElses(whom) => gaps.add(Gap {
                kind: GapKind::OtherPerson,
                about: About::Allergies,
                source: resource.source,
                text: format!("an allergy of {whom} came among this person's, and is not listed"),
                evidence: vec![record.reference_of(index)],
            }),
            Ownership::NotFound(_) => {
                entry.unsure(AllergyKey::SubjectNotFound, "the record does not show whose it is");
                entries.push(entry);
            }
            Ownership::Theirs | Ownership::NotSaid => entries.push(entry),
        }
    }
    entries.sort_by_cached_key(|entry| (entry.group, entry.text.to_lowercase(), entry.evidence.clone()));
    entry::compare(&mut entries, &crate::current::source_names(record));
    let by_source = state::by_document(record, &entries, &mut gaps);
    let gaps = gaps.into_vec();
    Allergies {
        at: asked.at,
        patient: person.patients.first().map(|index| record.reference_of(*index)),
        state: state::whole(&by_source),
        blocks_prescribing: blocks(&entries),
        by_source,
        entries,
        gaps,
        sources: crate::current::sources(record),
        source_names: crate::current::source_names(record),
    }
}

/// Why prescribing is to be blocked: an active allergy to a medicine that no system can check.
fn blocks(entries: &[Entry]) -> Vec<AllergyKey> {
    let mut keys: Vec<AllergyKey> = Vec::new();
    let wanted = [AllergyKey::DegradedDrugAllergy, AllergyKey::UncodedDrugAllergy];
    for entry in entries.iter().filter(|entry| entry.group.is_to_be_minded()) {
        for (key, _) in entry.warnings.iter().filter(|(key, _)| wanted.contains(key)) {
            if !keys.contains(key) {
                keys.push(*key);
            }
        }
    }
    keys
}

impl Allergies {
    /// Whether no source is known to have kept anything back, failed, or grown stale.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Whether something calls for mending before the list is relied on.
    pub fn has_error(&self) -> bool {
        !self.blocks_prescribing.is_empty() || self.gaps.iter().any(|gap| gap.kind.is_failure())
    }

    /// The first line of the JSON answer.
    pub fn header(&self) -> Value {
        let states: Vec<Value> = self
            .by_source
            .iter()
            .map(|(source, state)| json!({"source": self.source_name(*source), "state": state.key(), "noneKnownOf": state.scope()}))
            .collect();
        json!({
            "complete": self.is_complete(),
            "gaps": self.gaps.iter().map(|gap| gap.to_json(self.source_name(gap.source))).collect::<Vec<_>>(),
            "sources": self.sources,
            "at": self.at.to_string(),
            "patient": self.patient,
            "state": self.state.key(),
            "noneKnownOf": self.state.scope(),
            "states": states,
            "prescribing": {
                "blocked": !self.blocks_prescribing.is_empty(),
                "because": self.blocks_prescribing.iter().map(|key| key.key()).collect::<Vec<_>>(),
            },
        })
    }

    /// A line of the JSON answer.
    pub fn entry_json(&self, entry: &Entry) -> Value {
        entry.to_json(self.source_name(entry.source))
    }

    /// What people call a source.
    pub fn source_name(&self, source: usize) -> &str {
        self.source_names.get(source).map(String::as_str).unwrap_or_default()
    }

    /// For people, a line each: the state as a whole first, then what is to be minded.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.state.words().to_string()];
        if !self.blocks_prescribing.is_empty() {
            lines.push(
                "Prescribing is to be blocked: an allergy to a medicine cannot be checked by any system".to_string(),
            );
        }
        let minded = self.entries.iter().filter(|entry| entry.group.is_to_be_minded());
        lines.extend(minded.map(Entry::in_words));
        lines.extend(self.gaps.iter().map(|gap| format!("{}: {}", self.source_name(gap.source), gap.text)));
        lines
    }
}

#[cfg(test)]
mod tests;
