//! One line of the list: a medicine, its dose, where it stands and what that rests on.

use super::Asked;
use super::authorisation::{Authorisation, alike};
use super::because::Because;
use super::facts::{Facts, Kind};
use super::judge::judge;
use super::warning::{Warning, WarningKey};
use crate::record::{Found, Moment, Ownership, Record, read, span_of_period};
use serde_json::{Value, json};

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Taken regularly now.
    Current,
    /// Taken now, when needed.
    AsNeeded,
    /// The record contradicts itself or does not say: ask.
    Uncertain,
    /// On hold.
    Suspended,
    /// Begins later.
    Future,
    /// Ended before its time, or is not to be taken.
    Stopped,
    /// Ran its course.
    Ended,
}

impl Group {
    /// All, in the order they are shown.
    pub const ALL: [Group; 7] = [
        Group::Current,
        Group::AsNeeded,
        Group::Uncertain,
        Group::Suspended,
        Group::Future,
        Group::Stopped,
        Group::Ended,
    ];

    /// The stable key.
    pub fn key(self) -> &'static str {
        match self {
            Group::Current => "current",
            Group::AsNeeded => "as-needed",
            Group::Uncertain => "uncertain",
            Group::Suspended => "suspended",
            Group::Future => "future",
            Group::Stopped => "stopped",
            Group::Ended => "ended",
        }
    }

    /// In words for a carer.
    pub fn words(self) -> &'static str {
        match self {
            Group::Current => "Taken now",
            Group::AsNeeded => "Taken now, when needed",
            Group::Uncertain => "Not certain: ask before giving",
            Group::Suspended => "On hold",
            Group::Future => "To begin later",
            Group::Stopped => "Stopped: do not give",
            Group::Ended => "Ended",
        }
    }
}

/// One line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it stands.
    pub group: Group,
    /// What the medicine is called, in the source's words.
    pub medication: String,
    /// The concept of the medicine.
    pub concept: Value,
    /// The dose in the source's words, or as its structure says; nothing where neither is there.
    pub dose: Option<String>,
    /// What the person is told about taking it.
    pub instructions: Vec<String>,
    /// What else the source tells people.
    pub notes: Vec<String>,
    /// From when until when, as written.
    pub start: Option<String>,
    /// Until when.
    pub end: Option<String>,
    /// When it was last issued.
    pub last_issued: Option<String>,
    /// Why it was stopped or waits.
    pub reason: Option<String>,
    /// How it is prescribed.
    pub kind: Option<Kind>,
    /// Why it stands there.
    pub because: Vec<Because>,
    /// The resources it rests on.
    pub evidence: Vec<String>,
    /// What to mind.
    pub warnings: Vec<Warning>,
    /// Whose it is.
    pub source: usize,
}

impl Line {
    /// Whether the medicine is taken, now or when needed.
    pub fn is_taken(&self) -> bool {
        matches!(self.group, Group::Current | Group::AsNeeded)
    }

    /// It as JSON.
    pub fn to_json(&self, source: &str) -> Value {
        json!({
            "group": self.group.key(),
            "medication": self.medication,
            "dose": self.dose,
            "because": self.because.iter().map(|it| it.key()).collect::<Vec<_>>(),
            "evidence": self.evidence,
            "warnings": self.warnings.iter().map(Warning::to_json).collect::<Vec<_>>(),
            "source": source,
            "codes": codes(&self.concept),
            "start": self.start,
            "end": self.end,
            "lastIssued": self.last_issued,
            "prescribed": self.kind.map(kind_key),
            "reason": self.reason,
            "instructions": self.instructions,
            "notes": self.notes,
        })
    }
}

fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Acute => "acute",
        Kind::Repeat => "repeat",
        Kind::RepeatDispensing => "repeat-dispensing",
        Kind::Delayed => "delayed-prescribing",
    }
}

fn codes(concept: &Value) -> Vec<Value> {
    read::codings(concept).map(|(system, code)| json!({"system": system, "code": code})).collect()
}

/// Makes the line of an authorisation.
pub fn make(
    record: &Record<'_>,
    found: &Authorisation,
    all: &[Authorisation],
    ownership: Ownership<'_>,
    asked: Asked<'_>,
) -> Line {
    let facts = Facts::read(record, found);
    let mut verdict = judge(&facts, superseded(record, found, all), asked.at);
    let mut warnings = std::mem::take(&mut verdict.warnings);
    let mut because = verdict.because;
    let mut group = verdict.group;
    let medication = name(&facts);
    if medication.is_none() {
        unsure(&mut group, &mut because, Because::MedicationMissing);
    }
    match ownership {
        Ownership::NotFound(_) => unsure(&mut group, &mut because, Because::SubjectNotFound),
        Ownership::NotSaid => {
            let text = "the record does not say whose it is; it stands among this person's";
            warnings.push(Warning::new(WarningKey::SubjectNotSaid, text));
        }
        Ownership::Theirs | Ownership::SomebodyElses(_) => {}
    }
    about_links(found, &facts, &mut warnings);
    about_medicine(&facts, &mut warnings);
    super::others::about_drug(&facts, asked.release, &mut warnings);
    let dose = about_dose(&facts, &mut warnings);
    for label in &facts.labels {
        let text = format!("labelled \"{label}\": show it only to those who may see it");
        warnings.push(Warning::new(WarningKey::Confidential, text));
    }
    let mut evidence = found.evidence(record);
    evidence.extend(facts.medication.map(|index| record.reference_of(index)));
    let written = |moment: Option<Moment>| moment.map(|it| it.day.to_string());
    let source = found.main().and_then(|index| record.at(index)).map_or(0, |main| main.source);
    Line {
        group,
        medication: medication.unwrap_or_else(|| "(medicine not stated)".to_string()),
        concept: facts.concept.cloned().unwrap_or(Value::Null),
        dose,
        instructions: instructions(&facts),
        notes: facts.notes,
        start: written(facts.span.start),
        end: written(facts.span.end),
        last_issued: facts.last_issue.map(|(_, written)| written),
        reason: facts.reason,
        kind: facts.kind,
        because,
        evidence,
        warnings,
        source,
    }
}

/// Makes a line that would be relied on uncertain; one that is over stays so.
fn unsure(group: &mut Group, because: &mut Vec<Because>, why: Because) {
    if matches!(group, Group::Current | Group::AsNeeded | Group::Future) {
        *group = Group::Uncertain;
    }
    because.push(why);
}

/// Since when a newer plan that holds replaces this one's.
fn superseded(record: &Record<'_>, found: &Authorisation, all: &[Authorisation]) -> Option<Option<Moment>> {
    let own: Vec<usize> = found.plan.iter().chain(&found.orders).copied().collect();
    all.iter().filter(|other| *other != found).find_map(|other| {
        let newer = other.plan.and_then(|index| record.at(index))?;
        let prior = newer.value.get("priorPrescription")?;
        let Found::Resource(index) = record.follow(newer, prior) else { return None };
        if !own.contains(&index) || !replaces(newer.value) {
            return None;
        }
        let start = newer.value.pointer("/dispenseRequest/validityPeriod").map(span_of_period).and_then(|it| it.start);
        Some(start.or_else(|| read::text(newer.value, "authoredOn").and_then(crate::record::moment)))
    })
}

/// A plan that was itself taken back replaces nothing.
fn replaces(plan: &Value) -> bool {
    !matches!(read::text(plan, "status"), Some("entered-in-error" | "cancelled" | "draft"))
        && !matches!(read::text(plan, "intent"), Some("proposal" | "option"))
}

fn name(facts: &Facts<'_>) -> Option<String> {
    let words = facts.concept.and_then(read::words).or(facts.reference_words);
    let words = words.or_else(|| facts.plan_concept.and_then(read::words));
    // A code without words is still a medicine, and its code can be looked up.
    let coded = || facts.concept.and_then(|concept| read::codings(concept).next());
    words.map(str::to_string).or_else(|| coded().map(|(_, code)| format!("(no name; code {code})")))
}

fn about_links(found: &Authorisation, facts: &Facts<'_>, warnings: &mut Vec<Warning>) {
    if let Some(missing) = &found.missing_plan {
        let text =
            format!("it is based on {missing}, which is not in the record: its status is not confirmed by its plan");
        warnings.push(Warning::new(WarningKey::PlanMissing, text));
    }
    if let Some(missing) = &facts.replaced_missing {
        let text = format!("it replaces {missing}, which is not in the record: the old one may still be on a chart");
        warnings.push(Warning::new(WarningKey::ReplacedMissing, text));
    }
    if let Some(performer) = &facts.performer {
        let text = format!("it is to be given by {performer}");
        warnings.push(Warning::new(WarningKey::GivenElsewhere, text));
    }
    if found.shares_plan {
        let text = "another statement is based on the same plan: do not count the medicine twice";
        warnings.push(Warning::new(WarningKey::TwoStatementsOnePlan, text));
    }
}

fn about_medicine(facts: &Facts<'_>, warnings: &mut Vec<Warning>) {
    let (Some(own), Some(plan)) = (facts.concept, facts.plan_concept) else { return };
    let same_words = read::words(own).map(alike) == read::words(plan).map(alike);
    let same_code = read::codings(own).any(|(_, code)| read::codings(plan).any(|(_, other)| other == code));
    if !same_words && !same_code {
        let plan = read::words(plan).unwrap_or("something without a name");
        let text =
            format!("the plan it is based on is for another medicine ({plan}): do not give either before asking");
        warnings.push(Warning::new(WarningKey::MedicationDiffers, text));
    }
}

/// The dose in words; and what is to mind about it.
fn about_dose(facts: &Facts<'_>, warnings: &mut Vec<Warning>) -> Option<String> {
    let own = super::others::dose_text(&facts.dosages, warnings);
    let plan = super::others::dose_text(&facts.plan_dosages, &mut Vec::new());
    if let (Some(own), Some(plan)) = (&own, &plan)
        && alike(own) != alike(plan)
    {
        let text = format!("its plan says \"{plan}\": ask which of the two is right");
        warnings.push(Warning::new(WarningKey::DoseDiffers, text));
    }
    let dose = own.or(plan);
    match &dose {
        None => warnings.push(Warning::new(WarningKey::NoDose, "the record has no dose: ask the prescriber")),
        Some(text) if is_placeholder(text) => {
            warnings.push(Warning::new(
                WarningKey::NoDose,
                "the record has no dose, only words that say so: ask the prescriber",
            ));
        }
        Some(text) if text.contains("Dosage has changed during the effective period") => {
            let text = "its dose has changed while it was taken: read the whole text";
            warnings.push(Warning::new(WarningKey::DoseChanged, text));
        }
        Some(_) => {}
    }
    dose
}

/// What Dosages tell the person, each once.
fn instructions(facts: &Facts<'_>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for dosage in facts.dosages.iter().chain(&facts.plan_dosages) {
        let coded = read::items(dosage, "additionalInstruction").filter_map(read::words);
        for text in read::text(dosage, "patientInstruction").into_iter().chain(coded) {
            let said = read::text(dosage, "text").is_some_and(|dose| alike(dose).contains(&alike(text)));
            if !said && !all.iter().any(|known| known == text) {
                all.push(text.to_string());
            }
        }
    }
    all
}

/// What GP systems write where they know no dose.
fn is_placeholder(text: &str) -> bool {
    let text = alike(text);
    matches!(text.trim_end_matches('.'), "no information available" | "not recorded" | "no information recorded")
}
