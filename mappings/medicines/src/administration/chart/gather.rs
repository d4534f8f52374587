//! The lines of a chart from a record, and the blanks that an order's plan leaves.

use super::super::expected::{Planned, planned};
use super::super::{Administration, Because, Outcome, WarningKey};
use super::{ChartGap, ChartLine};
use crate::record::{About, Found, GapKind, Record, Resource, read};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::HashMap;

/// Every administration, and what the record is known to lack.
pub fn gather(record: &Record<'_>) -> (Vec<ChartLine>, Vec<ChartGap>) {
    let effects = effects(record);
    let mut lines: Vec<ChartLine> = record
        .of("MedicationAdministration")
        .map(|(index, resource)| line(record, index, resource, effects.get(&index)))
        .collect();
    let mut gaps = Vec::new();
    for gap in record.gaps.iter().filter(|gap| gap.about.touches(About::Medicines)) {
        if gap.kind == GapKind::Unreadable {
            lines.extend(gap.evidence.iter().map(|place| unreadable(place)));
        }
        gaps.push(ChartGap {
            kind: gap.kind.key(),
            medication: None,
            due: None,
            text: gap.text.clone(),
            evidence: gap.evidence.clone(),
            day: None,
        });
    }
    for line in lines.iter().filter(|line| line.administration.outcome == Outcome::NoRecord) {
        gaps.push(ChartGap {
            kind: "no-record",
            medication: Some(line.medication.clone()),
            due: line.administration.due.as_ref().map(|due| text_of(&due.to_json())),
            text: format!("{}: the source holds no evidence either way", line.medication),
            evidence: line.evidence.clone(),
            day: line.day,
        });
    }
    (lines, gaps)
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn unreadable(place: &str) -> ChartLine {
    let administration = Administration::read(&Value::Null);
    ChartLine {
        medication: "an entry that cannot be read".into(),
        group: format!("unreadable {place}"),
        patient: None,
        day: None,
        evidence: vec![place.to_owned()],
        effects: Vec::new(),
        is_counted: false,
        order: None,
        index: None,
        administration,
    }
}

fn line(
    record: &Record<'_>,
    index: usize,
    resource: &Resource<'_>,
    effects: Option<&Vec<(String, String)>>,
) -> ChartLine {
    let mut administration = Administration::read_in(record, resource);
    let order = administration.request.as_ref().and_then(|reference| match record.follow(resource, reference) {
        Found::Resource(order) => Some(order),
        _ => None,
    });
    let mut evidence = vec![record.reference_of(index)];
    evidence.extend(order.map(|order| record.reference_of(order)));
    evidence.extend(effects.into_iter().flatten().map(|(reference, _)| reference.clone()));
    let has_name = administration.drug.is_some() || administration.medication.is_some();
    if !has_name && resource.value.get("medicationReference").is_some() {
        let text = "The medicine that the entry refers to is not in the record.";
        administration.warn(WarningKey::MedicineNotFound, text);
    }
    if !has_name && let Some(order) = order.and_then(|order| record.at(order)) {
        administration.medication = medicine_of(record, order);
    }
    let medication = administration.shown();
    let patient = administration.subject.clone();
    let charted = match (order, administration.request.as_ref().and_then(reference_text)) {
        (Some(order), _) => record.reference_of(order),
        (None, Some(reference)) => reference,
        (None, None) => medication.to_lowercase(),
    };
    let day = administration.due.as_ref().and_then(super::super::Due::day).or_else(|| administration.when.day());
    ChartLine {
        group: format!("{} {charted}", patient.as_deref().unwrap_or_default()),
        is_counted: administration.outcome != Outcome::InError,
        effects: effects.into_iter().flatten().map(|(_, words)| words.clone()).collect(),
        patient,
        medication,
        day,
        evidence,
        order,
        index: Some(index),
        administration,
    }
}

fn reference_text(reference: &Value) -> Option<String> {
    let identifier = || reference.pointer("/identifier/value").and_then(Value::as_str);
    read::text(reference, "reference").or_else(identifier).map(str::to_owned)
}

/// The medicine of an order, in words.
fn medicine_of(record: &Record<'_>, order: &Resource<'_>) -> Option<String> {
    if let Some(concept) = order.value.get("medicationCodeableConcept") {
        return read::words(concept).map(str::to_owned);
    }
    let reference = order.value.get("medicationReference")?;
    let found = match record.follow(order, reference) {
        Found::Resource(index) => {
            record.at(index).and_then(|medicine| medicine.value.get("code")).and_then(read::words)
        }
        _ => None,
    };
    found.or_else(|| read::text(reference, "display")).map(str::to_owned)
}

/// Observations that speak of an administration: what a dose did.
fn effects(record: &Record<'_>) -> HashMap<usize, Vec<(String, String)>> {
    let mut all: HashMap<usize, Vec<(String, String)>> = HashMap::new();
    for (index, observation) in record.of("Observation") {
        for part in read::items(observation.value, "partOf") {
            let Found::Resource(administration) = record.follow(observation, part) else { continue };
            if record.at(administration).is_some_and(|found| found.kind == "MedicationAdministration") {
                all.entry(administration).or_default().push((record.reference_of(index), effect(observation.value)));
            }
        }
    }
    all
}

fn effect(observation: &Value) -> String {
    let value = |of: &Value| -> Option<String> {
        let object = of.as_object()?;
        let (_, value) = object.iter().find(|(member, _)| member.starts_with("value"))?;
        let quantity = || {
            let number = value.get("value")?;
            Some(format!("{number} {}", read::text(value, "unit").unwrap_or_default()).trim().to_owned())
        };
        value.as_str().map(str::to_owned).or_else(|| read::words(value).map(str::to_owned)).or_else(quantity)
    };
    let mut said: Vec<String> = value(observation).into_iter().collect();
    for component in read::items(observation, "component") {
        let of = component.get("code").and_then(read::words).unwrap_or("score");
        said.extend(value(component).map(|value| format!("{of}: {value}")));
    }
    said.extend(read::notes(observation).map(str::to_owned));
    if said.is_empty() { "not stated".into() } else { said.join("; ") }
}

/// From when to when a person's entries were kept.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    first: Option<Date>,
    last: Option<Date>,
    until: Option<Timestamp>,
}

impl Kept {
    fn of(lines: &[&ChartLine]) -> Kept {
        let days = || lines.iter().filter_map(|line| line.day);
        let until = lines.iter().filter_map(|line| latest(line)).max();
        Kept { first: days().min(), last: days().max(), until }
    }
}

/// Planned doses without any entry, between the days asked for, else between the person's first and last entry.
pub fn blanks(lines: &[ChartLine], record: &Record<'_>, from: Option<Date>, to: Option<Date>) -> Vec<ChartGap> {
    let mut by_order: HashMap<usize, Vec<&ChartLine>> = HashMap::new();
    let mut by_person: HashMap<Option<&str>, Vec<&ChartLine>> = HashMap::new();
    for line in lines {
        line.order.into_iter().for_each(|order| by_order.entry(order).or_default().push(line));
        by_person.entry(line.patient.as_deref()).or_default().push(line);
    }
    let days: HashMap<Option<&str>, Kept> = by_person.iter().map(|(person, own)| (*person, Kept::of(own))).collect();
    let mut gaps = Vec::new();
    for (index, order) in record.of("MedicationRequest").filter(|(_, order)| order.container.is_none()) {
        let own = by_order.get(&index).map(Vec::as_slice).unwrap_or_default();
        if own.is_empty() && !has_clock_times(order.value) {
            continue;
        }
        let person = order.value.pointer("/subject/reference").and_then(Value::as_str);
        let kept = days.get(&person).copied().unwrap_or_default();
        let Some((first, last)) = from.or(kept.first).zip(to.or(kept.last)) else { continue };
        // Without a last day, what was due after the last entry was not yet to be recorded.
        let until = if to.is_some() { None } else { kept.until };
        let mut open: Vec<Planned> = planned(order, first, last);
        open.retain(|planned| match (until, planned.at) {
            (Some(until), Some(at)) => at.first <= until,
            _ => true,
        });
        open.retain(|planned| !own.iter().any(|line| line.answers(planned)));
        for line in own.iter().filter(|line| line.is_counted && line.administration.due.is_none()) {
            take_nearest(line, &mut open);
        }
        gaps.extend(open.iter().map(|planned| blank(record, index, order, planned)));
    }
    gaps
}

fn latest(line: &ChartLine) -> Option<Timestamp> {
    line.administration.when.last().or_else(|| line.administration.due.as_ref()?.instant())
}

fn has_clock_times(order: &Value) -> bool {
    let is_active = read::text(order, "status") == Some("active");
    let mut dosages = read::items(order, "dosageInstruction");
    is_active && dosages.any(|dosage| dosage.pointer("/timing/repeat/timeOfDay").is_some())
}

/// An entry without a due time stands for the planned dose that is nearest on its day.
fn take_nearest(line: &ChartLine, open: &mut Vec<Planned>) {
    let Some(at) = line.administration.when.first() else { return };
    let distance = |planned: &Planned| planned.at.map_or(0, |due| (due.first.as_second() - at.as_second()).abs());
    let same_day = open.iter().enumerate().filter(|(_, planned)| Some(planned.day) == line.day);
    if let Some((nearest, _)) = same_day.min_by_key(|(_, planned)| distance(planned)) {
        open.remove(nearest);
    }
}

fn blank(record: &Record<'_>, index: usize, order: &Resource<'_>, planned: &Planned) -> ChartGap {
    let medication = medicine_of(record, order).unwrap_or_else(|| "medicine not stated".into());
    ChartGap {
        kind: "no-record",
        due: Some(planned.text.clone()),
        text: format!("{medication}, due {}: no entry at all; a blank is neither given nor refused", planned.text),
        evidence: vec![record.reference_of(index)],
        medication: Some(medication),
        day: Some(planned.day),
    }
}

impl ChartLine {
    /// Whether an entry was withdrawn or could not be read.
    pub(super) fn is_void(&self) -> bool {
        self.administration.outcome == Outcome::InError || self.administration.because.contains(&Because::Unreadable)
    }
}
