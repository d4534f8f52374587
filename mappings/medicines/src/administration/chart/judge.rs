//! What several entries say together: series of attempts, a dose given twice, one given and then denied, several strengths
//! that make one dose, and doses beyond the order's bounds or its most.

use super::super::totals::{self, most};
use super::super::{Administration, NotGivenReason, Outcome, Warning, WarningKey};
use super::{ChartLine, Slot};
use crate::drug_code::Sameness;
use crate::record::{Moment, Record, Span, moment, read, span_of_period};
use serde_json::Value;
use std::collections::HashMap;

fn warn(lines: &mut [ChartLine], at: usize, key: WarningKey, text: &str) {
    if let Some(line) = lines.get_mut(at) {
        line.administration.warn(key, text);
    }
}

/// Each due time.
pub fn slots(lines: &mut [ChartLine], slots: &[Slot]) {
    variable_doses(lines);
    for slot in slots {
        let counted: Vec<usize> = slot
            .lines
            .iter()
            .copied()
            .filter(|at| lines.get(*at).is_some_and(|line| line.is_counted && !line.is_void()))
            .collect();
        if counted.len() > 1 {
            attempts(lines, &counted);
        }
    }
}

fn attempts(lines: &mut [ChartLine], all: &[usize]) {
    let is_part = |line: &ChartLine| {
        line.administration.warnings.iter().any(|warning| warning.key == WarningKey::PartOfVariableDose)
    };
    let with = |wanted: fn(Outcome) -> bool, lines: &[ChartLine]| -> Vec<usize> {
        let is_wanted =
            |at: &usize| lines.get(*at).is_some_and(|line| wanted(line.administration.outcome) && !is_part(line));
        all.iter().copied().filter(is_wanted).collect()
    };
    let given = with(|outcome| matches!(outcome, Outcome::Given | Outcome::SelfAdministeredNotObserved), lines);
    let not_given = with(|outcome| outcome == Outcome::NotGiven, lines);
    if given.len() > 1 {
        let names: Vec<String> = given
            .iter()
            .filter_map(|at| lines.get(*at))
            .flat_map(|line| line.administration.givers.iter().filter(|giver| giver.gave()).map(|giver| giver.words()))
            .collect();
        let by = if names.is_empty() { String::new() } else { format!(" (signed by {})", names.join(" and ")) };
        let text =
            format!("Given {} times for one due time{by}: either a dose too many, or signed twice.", given.len());
        given.iter().for_each(|at| warn(lines, *at, WarningKey::GivenTwice, &text));
    }
    let time = |at: usize, lines: &[ChartLine]| lines.get(at).and_then(|line| line.administration.when.first());
    for refused in &not_given {
        for taken in &given {
            let (refused_at, taken_at) = (time(*refused, lines), time(*taken, lines));
            if refused_at.is_none() || taken_at.is_none() || refused_at >= taken_at {
                let text = "One entry says that this dose was given, and another, not earlier, that it was not.";
                warn(lines, *refused, WarningKey::GivenAndNotGiven, text);
                warn(lines, *taken, WarningKey::GivenAndNotGiven, text);
            }
        }
    }
    if all.iter().filter_map(|at| lines.get(*at)).all(is_part) {
        return;
    }
    let text = format!("One of {} entries for one due time, in the order of time; none replaces another.", all.len());
    all.iter().for_each(|at| warn(lines, *at, WarningKey::Series, &text));
}

/// Strengths of one substance for one due time, or within the hour, are one dose (warfarin 3mg and 1mg tablets).
fn variable_doses(lines: &mut [ChartLine]) {
    let mut days: HashMap<(Option<String>, Option<jiff::civil::Date>), Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| takes_part(line)) {
        days.entry((line.patient.clone(), line.day)).or_default().push(at);
    }
    let mut parts = Vec::new();
    for own in days.values() {
        for (place, at) in own.iter().enumerate() {
            for other_at in own.iter().skip(place + 1) {
                let (Some(one), Some(other)) = (lines.get(*at), lines.get(*other_at)) else { continue };
                if is_one_time(&one.administration, &other.administration) && differ_in_strength(one, other) {
                    parts.extend([*at, *other_at]);
                }
            }
        }
    }
    for at in parts {
        let text = "Several strengths of one medicine make this dose: none of them alone is the dose, given or missed.";
        warn(lines, at, WarningKey::PartOfVariableDose, text);
    }
}

fn takes_part(line: &ChartLine) -> bool {
    let is_zero = line.administration.reason.as_ref().is_some_and(|reason| reason.key == NotGivenReason::ZeroDose);
    line.is_counted && (matches!(line.administration.outcome, Outcome::Given | Outcome::PartlyGiven) || is_zero)
}

fn is_one_time(one: &Administration, other: &Administration) -> bool {
    let due = |of: &Administration| of.due.as_ref().and_then(super::super::Due::instant);
    if let (Some(left), Some(right)) = (due(one), due(other)) {
        return left == right;
    }
    match (one.when.first(), other.when.first()) {
        (Some(left), Some(right)) => (left.as_second() - right.as_second()).abs() <= 3_600,
        _ => false,
    }
}

fn differ_in_strength(one: &ChartLine, other: &ChartLine) -> bool {
    match (&one.administration.drug, &other.administration.drug) {
        (Some(left), Some(right)) => left.compare(right, None) == Sameness::SameSubstanceDifferentStrength,
        _ => false,
    }
}

/// Each order's bounds and its most.
pub fn orders(lines: &mut [ChartLine], record: &Record<'_>) {
    let mut by_order: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.is_counted) {
        if let Some(order) = line.order {
            by_order.entry(order).or_default().push(at);
        }
    }
    for (order, own) in by_order {
        let Some(order) = record.at(order) else { continue };
        let warnings = bounds_of(order.value);
        own.iter().for_each(|at| outside(lines, *at, &warnings));
        own.iter().for_each(|at| against(lines, *at, order.value));
        for most in most(order.value) {
            let given: Vec<(usize, &Administration)> =
                own.iter().filter_map(|at| Some((*at, &lines.get(*at)?.administration))).collect();
            for (at, warning) in totals::judge(&most, &given) {
                warn(lines, at, warning.key, &warning.text);
            }
        }
    }
}

/// Orders that no dose should rest on.
fn against(lines: &mut [ChartLine], at: usize, order: &Value) {
    if !lines.get(at).is_some_and(|line| line.administration.is_given()) {
        return;
    }
    if order.get("doNotPerform") == Some(&Value::Bool(true)) {
        warn(lines, at, WarningKey::OrderForbids, "Given, and the order says that it must not be given.");
    }
    let status = read::text(order, "status").unwrap_or_default();
    if matches!(status, "cancelled" | "entered-in-error" | "draft") {
        warn(lines, at, WarningKey::OrderNotInForce, &format!("Given on an order whose status is {status:?}."));
    }
}

/// When a stopped order was stopped: GP Connect says it in an extension.
fn stopped_on(order: &Value) -> Option<Moment> {
    let is_stopped = matches!(read::text(order, "status"), Some("stopped" | "cancelled"));
    let extension = read::extension(order, "StatusReason").filter(|_| is_stopped)?;
    read::text(read::inner(extension, "statusChangeDate")?, "valueDateTime").and_then(moment)
}

/// From the first to the last day of an order, as far as it says.
fn bounds_of(order: &Value) -> Span {
    let mut bounds = bounds_of_dosages(order);
    bounds.end = match (bounds.end, stopped_on(order)) {
        (Some(end), Some(stop)) => Some(if stop.last < end.last { stop } else { end }),
        (end, stop) => end.or(stop),
    };
    bounds
}

fn bounds_of_dosages(order: &Value) -> Span {
    let mut all = read::items(order, "dosageInstruction")
        .filter_map(|dosage| dosage.pointer("/timing/repeat/boundsPeriod"))
        .map(span_of_period);
    let Some(mut whole) = all.next() else { return Span::default() };
    for span in all {
        // Steps of one course: the whole begins with the first and ends with the last; one without an end has none.
        whole.start =
            whole.start.zip(span.start).map(|(left, right)| if left.first <= right.first { left } else { right });
        whole.end = whole.end.zip(span.end).map(|(left, right)| if left.last >= right.last { left } else { right });
    }
    whole
}

fn outside(lines: &mut [ChartLine], at: usize, bounds: &Span) {
    let Some(line) = lines.get(at).filter(|line| line.administration.is_given()) else { return };
    let (first, last) = (line.administration.when.first(), line.administration.when.last());
    let mut found: Vec<Warning> = Vec::new();
    if let (Some(end), Some(first)) = (bounds.end, first)
        && first > end.last
    {
        let text = format!("Given after the order's last day ({}).", end.day);
        found.push(Warning { key: WarningKey::AfterStop, text });
    }
    if let (Some(start), Some(last)) = (bounds.start, last)
        && last < start.first
    {
        let text = format!("Given before the order's first day ({}).", start.day);
        found.push(Warning { key: WarningKey::BeforeStart, text });
    }
    found.iter().for_each(|warning| warn(lines, at, warning.key, &warning.text));
}
