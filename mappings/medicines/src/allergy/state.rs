//! What is known as a whole: five answers that are never turned into each other, and "the source did not say".

use super::absence::Denied;
use super::entry::{AllergyGroup, Entry};
use crate::record::{About, Gap, GapKind, Gaps, Record, RecordList};
use std::collections::BTreeMap;

/// The answer to "any allergies?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Some are.
    Known,
    /// Kept back.
    Withheld,
    /// Asked, and none is known, of these.
    NoneKnown(Vec<Denied>),
    /// Nobody has asked.
    NotAsked,
    /// Nothing is recorded.
    NotRecorded,
    /// The source did not say.
    NotSaid,
}

impl State {
    /// The stable key.
    pub fn key(&self) -> &'static str {
        match self {
            State::Known => "known",
            State::Withheld => "withheld",
            State::NoneKnown(_) => "none-known",
            State::NotAsked => "not-asked",
            State::NotRecorded => "not-recorded",
            State::NotSaid => "not-said",
        }
    }

    /// Of what no allergy is known.
    pub fn scope(&self) -> Vec<&'static str> {
        match self {
            State::NoneKnown(denied) => denied.iter().map(|it| it.key()).collect(),
            _ => Vec::new(),
        }
    }

    /// In words for a carer.
    pub fn words(&self) -> &'static str {
        match self {
            State::Known => "Allergies are recorded:",
            State::Withheld => "Allergies are withheld by the source: ask before giving anything new",
            State::NoneKnown(denied) if denied.contains(&Denied::Everything) => "No known allergies",
            State::NoneKnown(denied) if denied.contains(&Denied::Medication) => {
                "No known allergies to medicines (NKDA)"
            }
            State::NoneKnown(_) => "No known allergies of some kinds only",
            State::NotAsked => "Nobody has asked about allergies",
            State::NotRecorded => "Nothing is recorded about allergies: that is not \"none known\"",
            State::NotSaid => "The sources say nothing about allergies: that is not \"none known\"",
        }
    }

    /// What goes first where sources differ: what is known, then what may be hidden.
    fn rank(&self) -> u8 {
        match self {
            State::Known => 0,
            State::Withheld => 1,
            State::NoneKnown(_) => 2,
            State::NotAsked => 3,
            State::NotRecorded => 4,
            State::NotSaid => 5,
        }
    }
}

/// What the sources say together.
pub fn whole(by_source: &[(usize, State)]) -> State {
    let first = by_source.iter().map(|(_, state)| state).min_by_key(|state| state.rank());
    match first {
        Some(State::NoneKnown(_)) => {
            let mut all: Vec<Denied> = Vec::new();
            for (_, state) in by_source {
                if let State::NoneKnown(denied) = state {
                    all.extend(denied.iter().filter(|it| !all.contains(it)).copied().collect::<Vec<_>>());
                }
            }
            all.sort_unstable();
            State::NoneKnown(all)
        }
        Some(state) => state.clone(),
        None => State::NotSaid,
    }
}

/// What each source says; a document that says nothing becomes a gap.
pub fn by_document(record: &Record<'_>, entries: &[Entry], gaps: &mut Gaps) -> Vec<(usize, State)> {
    let mut states: BTreeMap<usize, State> = BTreeMap::new();
    let mut seen: Vec<&str> = Vec::new();
    for (source, known) in record.sources.iter().enumerate() {
        let own = |entry: &&Entry| entry.source == source;
        let said = of_source(record, source, &entries.iter().filter(own).collect::<Vec<_>>());
        let others_say = record.sources.iter().enumerate().any(|(other, it)| {
            other != source
                && it.document == known.document
                && of_source(record, other, &entries.iter().filter(|entry| entry.source == other).collect::<Vec<_>>())
                    != State::NotSaid
        });
        if said == State::NotSaid {
            // A document that is parted by source says it once, if at all.
            if others_say || seen.contains(&known.document.as_str()) {
                continue;
            }
            gaps.add(Gap {
                kind: GapKind::NotReturned,
                about: About::Allergies,
                source,
                text: "nothing in it says anything of allergies; that is not \"none known\": ask the source for them"
                    .into(),
                evidence: Vec::new(),
            });
        }
        seen.push(&known.document);
        states.insert(source, said);
    }
    states.into_iter().collect()
}

fn of_source(record: &Record<'_>, source: usize, entries: &[&Entry]) -> State {
    if entries.iter().any(|entry| matches!(entry.group, AllergyGroup::Active | AllergyGroup::Uncertain)) {
        return State::Known;
    }
    let lists: Vec<RecordList<'_>> = RecordList::all(record)
        .into_iter()
        .filter(|(index, _)| record.at(*index).is_some_and(|list| list.source == source))
        .map(|(_, list)| list)
        .filter(|list| list.about == About::Allergies && !list.is_of_ended)
        .collect();
    let reason = |wanted: &[&str]| {
        lists.iter().any(|list| list.entries == 0 && list.empty_reason.is_some_and(|reason| wanted.contains(&reason)))
    };
    if reason(&["withheld"]) {
        return State::Withheld;
    }
    let mut denied: Vec<Denied> = entries.iter().filter_map(|entry| entry.denied).collect();
    denied.sort_unstable();
    denied.dedup();
    if !denied.is_empty() {
        return State::NoneKnown(denied);
    }
    if reason(&["nilknown"]) {
        return State::NoneKnown(vec![Denied::Everything]);
    }
    if reason(&["notasked", "not-asked", "notstarted"])
        || entries.iter().any(|entry| entry.group == AllergyGroup::NotAsked)
    {
        return State::NotAsked;
    }
    if reason(&["no-content-recorded"]) || entries.iter().any(|entry| entry.group == AllergyGroup::NotRecorded) {
        return State::NotRecorded;
    }
    // Only what is over: of what is active nothing is recorded.
    if !entries.is_empty() && lists.is_empty() {
        return State::NotRecorded;
    }
    State::NotSaid
}
