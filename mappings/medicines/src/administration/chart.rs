//! The chart of a record's administrations (MAR): by medicine and day, each due time with every attempt at it, the blanks
//! that nobody explained, and what is dangerous about several entries together.
//!
//! Nothing is merged: one entry is one line. What cannot be read is a line too, and uncertain.

mod gather;
mod judge;
mod repeated;
mod slots;

use super::expected::Planned;
use super::{Administration, Outcome};
use crate::record::Record;
use jiff::civil::Date;
use serde_json::{Value, json};

/// One administration in its place on the chart.
#[derive(Debug, Clone)]
pub struct ChartLine {
    /// What it says.
    pub administration: Administration,
    /// The medicine as it is shown.
    pub medication: String,
    /// What it is charted under: the person and the order, else the person and the medicine.
    pub group: String,
    /// The person.
    pub patient: Option<String>,
    /// The day in England: of the due time, else of the dose.
    pub day: Option<Date>,
    /// The resources it rests on.
    pub evidence: Vec<String>,
    /// What was seen of its effect.
    pub effects: Vec<String>,
    /// Whether it counts: not a copy, and not replaced by a later version.
    pub is_counted: bool,
    /// The order, by its place in the record.
    order: Option<usize>,
    /// The entry itself, by its place in the record.
    index: Option<usize>,
}

/// A due time with the attempts at it.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The lines, in the order of time.
    pub lines: Vec<usize>,
}

/// Something that is missing from the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartGap {
    /// `no-record` for a blank; else the kind of the record's gap.
    pub kind: &'static str,
    /// The medicine, where it is about one.
    pub medication: Option<String>,
    /// When it was due.
    pub due: Option<String>,
    /// What to tell people.
    pub text: String,
    /// The resources it rests on.
    pub evidence: Vec<String>,
    /// The day it is about.
    pub day: Option<Date>,
}

/// A chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// All lines: by person, medicine, day and time.
    pub lines: Vec<ChartLine>,
    /// Due times, each with its lines.
    pub slots: Vec<Slot>,
    /// What is missing.
    pub gaps: Vec<ChartGap>,
    /// Who was asked, as JSON.
    pub sources: Vec<Value>,
    /// The first and last day that were asked for.
    pub days: (Option<Date>, Option<Date>),
}

/// The chart of a record between two days, both included; entries without a day are always on it.
pub fn chart(record: &Record<'_>, from: Option<Date>, to: Option<Date>) -> Chart {
    let (mut lines, mut gaps) = gather::gather(record);
    repeated::judge(&mut lines, record);
    lines.sort_by(|left, right| order_of(left).cmp(&order_of(right)));
    let slots = slots::group(&lines);
    judge::slots(&mut lines, &slots);
    judge::orders(&mut lines, record);
    gaps.extend(gather::blanks(&lines, record, from, to));
    let mut chart = Chart {
        lines,
        slots,
        gaps,
        sources: record.sources.iter().map(|source| source.to_json()).collect(),
        days: (from, to),
    };
    chart.keep(from, to);
    chart
}

type Order<'a> = (Option<&'a str>, String, &'a str, Option<Date>, Option<jiff::Timestamp>, &'a [String]);

fn order_of(line: &ChartLine) -> Order<'_> {
    let administration = &line.administration;
    let due = administration.due.as_ref().and_then(super::Due::instant);
    let time = due.or(administration.when.first());
    (line.patient.as_deref(), line.medication.to_lowercase(), &line.group, line.day, time, &line.evidence)
}

impl Chart {
    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Whether something calls for mending or asking before the chart is relied on.
    pub fn has_error(&self) -> bool {
        self.lines.iter().flat_map(|line| &line.administration.warnings).any(super::Warning::is_error)
            || self.gaps.iter().any(|gap| matches!(gap.kind, "failed" | "unreadable"))
    }

    /// Leaves out what lies outside the days, slots as well.
    fn keep(&mut self, from: Option<Date>, to: Option<Date>) {
        let is_in = |day: Option<Date>| {
            day.is_none_or(|day| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to))
        };
        let mut places = vec![None; self.lines.len()];
        let mut kept = 0;
        for (place, line) in places.iter_mut().zip(&self.lines) {
            if is_in(line.day) {
                *place = Some(kept);
                kept += 1;
            }
        }
        self.lines.retain(|line| is_in(line.day));
        self.gaps.retain(|gap| is_in(gap.day));
        for slot in &mut self.slots {
            slot.lines = slot.lines.iter().filter_map(|line| places.get(*line).copied().flatten()).collect();
        }
        self.slots.retain(|slot| !slot.lines.is_empty());
    }

    /// The first line of the JSON answer.
    pub fn header(&self) -> Value {
        let gaps: Vec<Value> = self
            .gaps
            .iter()
            .map(|gap| {
                json!({"kind": gap.kind, "medication": gap.medication, "due": gap.due, "text": gap.text,
                    "evidence": gap.evidence})
            })
            .collect();
        json!({
            "complete": self.is_complete(), "gaps": gaps, "sources": self.sources,
            "from": self.days.0.map(|day| day.to_string()), "to": self.days.1.map(|day| day.to_string()),
        })
    }
}

impl ChartLine {
    /// One line of the JSON answer.
    pub fn to_json(&self) -> Value {
        let one = &self.administration;
        let named = |keep: fn(&super::Giver) -> bool| -> Option<String> {
            let names: Vec<String> = one.givers.iter().filter(|giver| keep(giver)).map(super::Giver::words).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let kinds = one.givers.iter().filter(|giver| giver.gave()).map(|giver| giver.kind.key());
        let warnings = one.warnings.iter().map(|warning| {
            let severity = if warning.is_error() { "error" } else { "warning" };
            json!({"key": warning.key.key(), "severity": severity, "text": warning.text})
        });
        json!({
            "outcome": one.outcome.key(),
            "medication": self.medication,
            "due": one.due.as_ref().map(super::Due::to_json),
            "at": one.when.to_json(),
            "dose": one.dose.as_ref().map(dose),
            "reason": one.reason.as_ref().map(|reason| reason.key.key()),
            "reasonText": one.reason.as_ref().and_then(|reason| reason.text.clone()),
            "reasonCodes": one.reason.as_ref().map(|reason| reason.codes.clone()).unwrap_or_default(),
            "performer": named(|giver| giver.gave()),
            "performerKind": kinds.collect::<Vec<_>>(),
            "witness": named(super::Giver::saw),
            "recorder": named(|giver| giver.function.as_deref() == Some("recorder")),
            "minutesLate": one.late().map(|late| late.minutes),
            "wantedFor": one.wanted_for, "effect": self.effects, "site": one.site,
            "delegated": one.delegated.map(super::Delegated::key),
            "contents": one.contents, "notes": one.notes, "patient": self.patient, "counted": self.is_counted,
            "because": one.because.iter().map(|because| because.key()).collect::<Vec<_>>(),
            "evidence": self.evidence,
            "warnings": warnings.collect::<Vec<_>>(),
        })
    }

    /// Whether a blank needs no explanation beside it.
    fn answers(&self, planned: &Planned) -> bool {
        let one = &self.administration;
        if one.outcome == Outcome::InError || !self.is_counted {
            return false;
        }
        let Some(due) = &one.due else { return false };
        match (&planned.at, &planned.part) {
            (Some(at), _) => due.instant().is_some_and(|own| own >= at.first && own <= at.last),
            (None, Some(part)) => {
                due.day() == Some(planned.day)
                    && due.part_of_day.as_deref().is_some_and(|own| super::expected::is_part(own, part))
            }
            _ => false,
        }
    }
}

/// The amount for people: the number and its unit, else the source's words.
fn dose(dose: &super::Dose) -> String {
    match (dose.value, dose.unit.as_deref().or(dose.code.as_deref())) {
        (Some(value), Some(unit)) => format!("{} {unit}", value.normalize()),
        (Some(value), None) => value.normalize().to_string(),
        _ => dose.text.clone(),
    }
}
