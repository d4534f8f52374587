//! One entry: an allergy or intolerance, a contraindication, or words that say that there is none.

use super::absence::{self, Denied, Instead};
use super::reaction::{self, Reaction};
use crate::record::{About, Found, Record, RecordList, Resource, moment, read};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Codes that stand for an allergy that could not be transferred: to a medicine, and to anything else.
const DEGRADED_DRUG: &str = "196461000000101";
const DEGRADED_OTHER: &str = "196471000000108";

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AllergyGroup {
    /// Holds.
    Active,
    /// The record contradicts itself: to be minded as if it held.
    Uncertain,
    /// Something that must not be given for another reason.
    Contraindication,
    /// Says that none is known.
    NoneKnown,
    /// Says that nobody asked.
    NotAsked,
    /// Says that nothing is recorded.
    NotRecorded,
    /// Holds no longer, the risk remains.
    Inactive,
    /// Has ended.
    Resolved,
    /// Was found not to be one.
    Refuted,
    /// Was never so.
    EnteredInError,
}

impl AllergyGroup {
    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            AllergyGroup::Active => "active",
            AllergyGroup::Uncertain => "uncertain",
            AllergyGroup::Contraindication => "contraindication",
            AllergyGroup::NoneKnown => "none-known",
            AllergyGroup::NotAsked => "not-asked",
            AllergyGroup::NotRecorded => "not-recorded",
            AllergyGroup::Inactive => "inactive",
            AllergyGroup::Resolved => "resolved",
            AllergyGroup::Refuted => "refuted",
            AllergyGroup::EnteredInError => "entered-in-error",
        }
    }

    /// Whether who gives a medicine must mind it.
    pub fn is_to_be_minded(self) -> bool {
        matches!(self, AllergyGroup::Active | AllergyGroup::Uncertain | AllergyGroup::Contraindication)
    }
}

/// What to mind, or why an entry stands where it does: stable keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is its key")]
pub enum AllergyKey {
    DegradedDrugAllergy,
    DegradedAllergy,
    UncodedDrugAllergy,
    UncodedAllergy,
    NoCause,
    StatusMissing,
    StatusNotUnderstood,
    InEndedList,
    InActiveList,
    EndedButActive,
    EndNotReadable,
    NoneKnownBesideAllergy,
    PerhapsNone,
    SourceUnsure,
    SubjectNotFound,
    AlsoElsewhere,
    LifeThreatening,
    Confidential,
}

impl AllergyKey {
    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            AllergyKey::DegradedDrugAllergy => "degraded-drug-allergy",
            AllergyKey::DegradedAllergy => "degraded-allergy",
            AllergyKey::UncodedDrugAllergy => "uncoded-drug-allergy",
            AllergyKey::UncodedAllergy => "uncoded-allergy",
            AllergyKey::NoCause => "no-cause",
            AllergyKey::StatusMissing => "status-missing",
            AllergyKey::StatusNotUnderstood => "status-not-understood",
            AllergyKey::InEndedList => "in-ended-list",
            AllergyKey::InActiveList => "in-active-list",
            AllergyKey::EndedButActive => "ended-but-active",
            AllergyKey::EndNotReadable => "end-not-readable",
            AllergyKey::NoneKnownBesideAllergy => "none-known-beside-allergy",
            AllergyKey::PerhapsNone => "perhaps-none",
            AllergyKey::SourceUnsure => "source-unsure",
            AllergyKey::SubjectNotFound => "subject-not-found",
            AllergyKey::AlsoElsewhere => "also-in-another-source",
            AllergyKey::LifeThreatening => "life-threatening",
            AllergyKey::Confidential => "confidential",
        }
    }
}

/// One entry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it stands.
    pub group: AllergyGroup,
    /// What it is to, in the source's words.
    pub text: String,
    /// `allergy` or `intolerance`, where the source says.
    pub kind: Option<String>,
    /// `medication`, `environment`...
    pub categories: Vec<String>,
    /// `high` or `low`.
    pub criticality: Option<String>,
    /// Of what it says that none is known.
    pub denied: Option<Denied>,
    /// What happened.
    pub reactions: Vec<Reaction>,
    /// When it was recorded.
    pub recorded: Option<String>,
    /// When it ended, and why.
    pub ended: (Option<String>, Option<String>),
    /// Notes.
    pub notes: Vec<String>,
    /// The concept.
    pub concept: Value,
    /// What to mind.
    pub warnings: Vec<(AllergyKey, String)>,
    /// The resources it rests on.
    pub evidence: Vec<String>,
    /// Whose it is.
    pub source: usize,
}

/// Reads an AllergyIntolerance, or a Flag about a medicine; nothing of any other resource.
pub fn read(record: &Record<'_>, index: usize, at: Timestamp) -> Option<Entry> {
    let resource = record.at(index)?;
    match resource.kind {
        "AllergyIntolerance" => Some(allergy(record, index, resource, at)),
        "Flag" => contraindication(record, index, resource, at),
        _ => None,
    }
}

fn plain(record: &Record<'_>, index: usize, resource: &Resource<'_>, group: AllergyGroup) -> Entry {
    let value = resource.value;
    let concept = value.get("code").cloned().unwrap_or(Value::Null);
    let words = read::words(&concept).map(str::to_string);
    let coded = || read::codings(&concept).next().map(|(_, code)| format!("(no name; code {code})"));
    let text = |name: &str| read::text(value, name).map(str::to_string);
    Entry {
        group,
        text: words.or_else(coded).unwrap_or_else(|| "(cause not stated)".to_string()),
        kind: text("type"),
        categories: categories(value),
        criticality: text("criticality"),
        denied: None,
        reactions: reaction::of(value),
        recorded: text("recordedDate").or_else(|| text("assertedDate")),
        ended: end(value),
        notes: read::notes(value).map(str::to_string).collect(),
        concept,
        warnings: Vec::new(),
        evidence: vec![record.reference_of(index)],
        source: resource.source,
    }
}

fn categories(value: &Value) -> Vec<String> {
    let list = value.get("category").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|category| category.as_str()).map(str::to_string).collect()
}

/// The extension of the end: on the resource in STU3, on its clinical status in UK Core.
fn end(value: &Value) -> (Option<String>, Option<String>) {
    let on_status = value.get("clinicalStatus").and_then(|status| read::extension(status, "AllergyIntoleranceEnd"));
    let beside = || value.get("_clinicalStatus").and_then(|status| read::extension(status, "AllergyIntoleranceEnd"));
    let Some(extension) = on_status.or_else(beside).or_else(|| read::extension(value, "AllergyIntoleranceEnd")) else {
        return (None, None);
    };
    let text = |name: &str| {
        let value = read::inner(extension, name).and_then(read::extension_value)?;
        value.as_str().or_else(|| read::words(value)).map(str::to_string)
    };
    (text("endDate"), text("reasonEnded"))
}

fn allergy(record: &Record<'_>, index: usize, resource: &Resource<'_>, at: Timestamp) -> Entry {
    let mut entry = plain(record, index, resource, AllergyGroup::Active);
    let value = resource.value;
    match read::code(value, "clinicalStatus") {
        Some("active" | "recurrence" | "relapse") => {}
        Some("resolved" | "remission") => entry.group = AllergyGroup::Resolved,
        Some("inactive") => entry.group = AllergyGroup::Inactive,
        Some(other) => {
            entry.unsure(
                AllergyKey::StatusNotUnderstood,
                format!("its status `{other}` is none that FHIR has: mind it as active"),
            );
        }
        None => {
            entry.warn(AllergyKey::StatusMissing, "the source does not say whether it is active: mind it as active")
        }
    }
    // `unconfirmed` is what GP Connect always sends, and says nothing.
    match read::code(value, "verificationStatus") {
        Some("refuted") => entry.group = AllergyGroup::Refuted,
        Some("entered-in-error") => entry.group = AllergyGroup::EnteredInError,
        _ => {}
    }
    ended(&mut entry, at);
    listed(&mut entry, record, index);
    if let Some(instead) = value.get("code").and_then(absence::of) {
        deny(&mut entry, instead);
    } else {
        cause(&mut entry);
    }
    if entry.criticality.as_deref() == Some("high")
        && entry.reactions.iter().any(|it| it.severity.as_deref() == Some("severe"))
    {
        entry.warn(AllergyKey::LifeThreatening, "severe and of high criticality: life-threatening");
    }
    let labels = value.pointer("/meta/security").and_then(Value::as_array).into_iter().flatten();
    for label in labels.filter(|label| !matches!(read::text(label, "code"), None | Some("N" | "U" | "L" | "M"))) {
        let words = read::text(label, "display").or_else(|| read::text(label, "code")).unwrap_or_default();
        entry.warn(AllergyKey::Confidential, format!("labelled \"{words}\": show it only to those who may see it"));
    }
    entry
}

/// An end that has come, of an allergy that is still marked as active.
fn ended(entry: &mut Entry, at: Timestamp) {
    let Some(written) = entry.ended.0.clone() else { return };
    if entry.group != AllergyGroup::Active {
        return;
    }
    match moment(&written) {
        Some(end) if end.is_before(at) => {
            entry.unsure(
                AllergyKey::EndedButActive,
                format!("it ended on {written} and is still marked as active: ask"),
            );
        }
        Some(_) => {}
        None => entry.unsure(AllergyKey::EndNotReadable, format!("its end `{written}` is no date that can be read")),
    }
}

/// A list of ended allergies that holds an active one, or the other way round.
fn listed(entry: &mut Entry, record: &Record<'_>, index: usize) {
    for (list_index, known) in RecordList::all(record) {
        let Some(list) = record.at(list_index).filter(|_| known.about == About::Allergies) else { continue };
        let is_in = known.references().any(|item| record.follow(list, item) == Found::Resource(index));
        if !is_in {
            continue;
        }
        entry.evidence.push(record.reference_of(list_index));
        let is_active = entry.group == AllergyGroup::Active;
        if known.is_of_ended && is_active {
            entry.unsure(
                AllergyKey::InEndedList,
                "it is marked as active and stands in the list of ended allergies: ask",
            );
        } else if !known.is_of_ended && entry.group == AllergyGroup::Resolved {
            entry.unsure(
                AllergyKey::InActiveList,
                "it is marked as resolved and stands in the list of active allergies: ask",
            );
        }
    }
}

fn deny(entry: &mut Entry, instead: Instead) {
    if entry.group != AllergyGroup::Active {
        return;
    }
    match instead {
        Instead::NoneKnown(denied) => {
            entry.group = AllergyGroup::NoneKnown;
            entry.denied = Some(denied);
        }
        Instead::NotAsked => entry.group = AllergyGroup::NotAsked,
        Instead::NotRecorded => entry.group = AllergyGroup::NotRecorded,
        Instead::PerhapsNone => {
            entry.group = AllergyGroup::NotRecorded;
            let text = "its words may say that there is none, or that nobody filled it in: ask";
            entry.warn(AllergyKey::PerhapsNone, text);
        }
    }
}

/// What can be checked of the cause.
fn cause(entry: &mut Entry) {
    let is_drug = entry.categories.iter().any(|category| category == "medication");
    let has = |code: &str| read::codings(&entry.concept).any(|(_, own)| own == code);
    let (drug, other) = (has(DEGRADED_DRUG), has(DEGRADED_OTHER));
    let is_coded =
        read::codings(&entry.concept).any(|(system, _)| system.is_none_or(|system| !system.contains("NullFlavor")));
    if drug || (other && is_drug) {
        let text = "an allergy to a medicine that could not be transferred as a code: no system can check it, and prescribing is to be blocked while it stands";
        entry.warn(AllergyKey::DegradedDrugAllergy, text);
    } else if other {
        entry.warn(
            AllergyKey::DegradedAllergy,
            "it could not be transferred as a code: no system can check it; read its words",
        );
    } else if !is_coded && is_drug {
        let text = "an allergy to a medicine without a code: no system can check it, and prescribing is to be blocked while it stands";
        entry.warn(AllergyKey::UncodedDrugAllergy, text);
    } else if !is_coded && read::words(&entry.concept).is_none() {
        entry.warn(AllergyKey::NoCause, "the source does not say what it is to: ask before giving anything new");
    } else if !is_coded {
        entry.warn(AllergyKey::UncodedAllergy, "it has no code: no system can check it; read its words");
    }
    if entry.text.trim_start().starts_with('?') {
        entry.warn(AllergyKey::SourceUnsure, "the source itself marks it with a question mark");
    }
}

/// A Flag about a medicine that holds, or held: not an allergy, and not to be given.
fn contraindication(record: &Record<'_>, index: usize, resource: &Resource<'_>, at: Timestamp) -> Option<Entry> {
    let is_drug = read::items(resource.value, "category").any(|category| read::has_code(category, &["drug"]));
    if !is_drug {
        return None;
    }
    let over = crate::record::span_of_period(resource.value.get("period").unwrap_or(&Value::Null));
    let group = match read::text(resource.value, "status") {
        Some("entered-in-error") => AllergyGroup::EnteredInError,
        Some("inactive") => AllergyGroup::Inactive,
        _ if over.end.is_some_and(|end| end.is_before(at)) => AllergyGroup::Inactive,
        _ => AllergyGroup::Contraindication,
    };
    Some(plain(record, index, resource, group))
}

/// Warns of words that deny beside an allergy, and of the same allergy in two sources. None is merged away.
pub fn compare(entries: &mut [Entry], sources: &[String]) {
    let is_minded = |entry: &Entry| matches!(entry.group, AllergyGroup::Active | AllergyGroup::Uncertain);
    let any = entries.iter().any(is_minded);
    let drug = entries
        .iter()
        .any(|entry| is_minded(entry) && entry.categories.iter().any(|category| category == "medication"));
    let unsure_of_kind = entries.iter().any(|entry| is_minded(entry) && entry.categories.is_empty());
    for entry in entries.iter_mut() {
        let contradicted = match entry.denied {
            Some(Denied::Everything) => any,
            Some(Denied::Medication) => drug || unsure_of_kind,
            _ => false,
        };
        if contradicted {
            let text = "it stands beside a recorded allergy, and is to be ignored";
            entry.warn(AllergyKey::NoneKnownBesideAllergy, text);
        }
    }
    let names: Vec<String> = entries.iter().map(|entry| entry.text.to_lowercase()).collect();
    for (index, name) in names.iter().enumerate() {
        let own = entries.get(index).map_or(0, |entry| entry.source);
        let other = entries.iter().enumerate().find(|(other, it)| {
            *other != index && it.source != own && names.get(*other) == Some(name) && is_minded(it)
        });
        let Some((_, other)) = other else { continue };
        let text = format!("also recorded by {}", sources.get(other.source).map(String::as_str).unwrap_or_default());
        if let Some(entry) = entries.get_mut(index).filter(|entry| is_minded(entry)) {
            entry.warn(AllergyKey::AlsoElsewhere, text);
        }
    }
}

impl Entry {
    fn warn(&mut self, key: AllergyKey, text: impl Into<String>) {
        self.warnings.push((key, text.into()));
    }

    /// Makes an entry that would be relied on uncertain, with the reason.
    pub(super) fn unsure(&mut self, key: AllergyKey, text: impl Into<String>) {
        if matches!(
            self.group,
            AllergyGroup::Active | AllergyGroup::Resolved | AllergyGroup::Inactive | AllergyGroup::NoneKnown
        ) {
            self.group = AllergyGroup::Uncertain;
        }
        self.warn(key, text);
    }

    /// It as JSON.
    pub fn to_json(&self, source: &str) -> Value {
        let warnings: Vec<Value> =
            self.warnings.iter().map(|(key, text)| json!({"key": key.key(), "text": text})).collect();
        let codes: Vec<Value> =
            read::codings(&self.concept).map(|(system, code)| json!({"system": system, "code": code})).collect();
        json!({
            "group": self.group.key(),
            "allergy": self.text,
            "type": self.kind,
            "category": self.categories,
            "criticality": self.criticality,
            "codes": codes,
            "reactions": self.reactions.iter().map(Reaction::to_json).collect::<Vec<_>>(),
            "recorded": self.recorded,
            "ended": self.ended.0,
            "endReason": self.ended.1,
            "notes": self.notes,
            "evidence": self.evidence,
            "warnings": warnings,
            "source": source,
        })
    }

    /// In words for a carer.
    pub fn in_words(&self) -> String {
        let mut text = self.text.clone();
        if self.group == AllergyGroup::Contraindication {
            text.push_str(" (not an allergy: a contraindication)");
        }
        if self.kind.as_deref() == Some("intolerance") {
            text.push_str(" (intolerance)");
        }
        let reactions: Vec<String> =
            self.reactions.iter().map(Reaction::in_words).filter(|it| !it.is_empty()).collect();
        if !reactions.is_empty() {
            text = format!("{text}: {}", reactions.join("; "));
        }
        for (_, warning) in &self.warnings {
            text = format!("{text} [{warning}]");
        }
        text
    }
}
