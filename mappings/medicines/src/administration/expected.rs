//! The doses that an order plans at known times, so that a blank can be seen as one.
//!
//! Only what is surely planned counts: times of day or parts of the day, each day or on named days of the week, between the
//! order's bounds, not "when required". Everything else plans nothing that a blank could be told from.

use crate::record::{Moment, Resource, Span, moment, read, span_of_period};
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use serde_json::Value;

/// A dose that was planned.
#[derive(Debug, Clone)]
pub struct Planned {
    /// On this day.
    pub day: Date,
    /// At this time, as a moment.
    pub at: Option<Moment>,
    /// Or in this part of the day, as FHIR's code.
    pub part: Option<String>,
    /// For people: `2026-10-25T08:00`, `2026-10-25 MORN`.
    pub text: String,
}

/// The longest stretch of days that is looked at.
const MOST_DAYS: i32 = 400;

/// What an order plans between two days, both included.
pub fn planned(order: &Resource<'_>, from: Date, to: Date) -> Vec<Planned> {
    let status = read::text(order.value, "status").unwrap_or_default();
    if !matches!(status, "active" | "completed" | "stopped" | "")
        || order.value.get("doNotPerform") == Some(&Value::Bool(true))
    {
        return Vec::new();
    }
    let mut all = Vec::new();
    for dosage in read::items(order.value, "dosageInstruction") {
        if is_as_needed(dosage) {
            continue;
        }
        let Some(repeat) = dosage.pointer("/timing/repeat") else { continue };
        let bounds = repeat.get("boundsPeriod").map(span_of_period).unwrap_or_default();
        // A stopped order without its last day plans nothing that is sure.
        if (status != "active" && bounds.end.is_none()) || bounds.is_unreadable || !is_daily(repeat) {
            continue;
        }
        days(repeat, from, to, &bounds).for_each(|day| on(day, repeat, &bounds, &mut all));
    }
    all.sort_by(|left, right| left.text.cmp(&right.text));
    all.dedup_by(|left, right| left.text == right.text);
    all
}

/// Whether a dosage is given only when required.
pub fn is_as_needed(dosage: &Value) -> bool {
    dosage.get("asNeededBoolean") == Some(&Value::Bool(true)) || dosage.get("asNeededCodeableConcept").is_some()
}

fn is_daily(repeat: &Value) -> bool {
    let number = |member: &str| repeat.get(member).map(ToString::to_string);
    let unit = read::text(repeat, "periodUnit");
    let is_one = |member: &str| number(member).is_none_or(|number| number == "1" || number == "1.0");
    let each_day = unit == Some("d") && is_one("period");
    let each_week = unit == Some("wk") && is_one("period") && read_list(repeat, "dayOfWeek").next().is_some();
    let unsaid = unit.is_none() && number("period").is_none();
    let is_plain = !["boundsDuration", "boundsRange", "count", "countMax", "periodMax", "frequencyMax"]
        .iter()
        .any(|member| repeat.get(*member).is_some());
    (each_day || each_week || unsaid) && is_plain
}

fn read_list<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v str> {
    value.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn days<'v>(repeat: &'v Value, from: Date, to: Date, bounds: &Span) -> impl Iterator<Item = Date> + 'v {
    let first = bounds.start.map_or(from, |start| start.day.max(from));
    let last = bounds.end.map_or(to, |end| end.day.min(to));
    let weekdays: Vec<Weekday> = read_list(repeat, "dayOfWeek").filter_map(weekday).collect();
    let all = std::iter::successors(Some(first), move |day| day.checked_add(1.day()).ok().filter(|day| *day <= last));
    let all = all.take_while(move |day| *day <= last).take(usize::try_from(MOST_DAYS).unwrap_or_default());
    all.filter(move |day| weekdays.is_empty() || weekdays.contains(&day.weekday()))
}

fn weekday(code: &str) -> Option<Weekday> {
    Some(match code {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn on(day: Date, repeat: &Value, bounds: &Span, all: &mut Vec<Planned>) {
    for time in read_list(repeat, "timeOfDay").filter_map(|time| time.parse::<Time>().ok()) {
        let text = day.to_datetime(time).strftime("%Y-%m-%dT%H:%M").to_string();
        let at = moment(&format!("{text}:00"));
        let is_within = at.is_none_or(|at| {
            bounds.start.is_none_or(|start| at.last >= start.first) && bounds.end.is_none_or(|end| at.first <= end.last)
        });
        if is_within {
            all.push(Planned { day, at, part: None, text });
        }
    }
    for part in read_list(repeat, "when") {
        all.push(Planned { day, at: None, part: Some(part.to_owned()), text: format!("{day} {part}") });
    }
}

/// Whether a part of the day as a source calls it is FHIR's code.
pub fn is_part(called: &str, code: &str) -> bool {
    let called = called.to_lowercase();
    let known: &[&str] = match code.split('.').next().unwrap_or(code) {
        "MORN" | "CM" | "ACM" | "PCM" => &["morn", "morning", "breakfast", "am", "cm"],
        "NOON" | "CD" | "ACD" | "PCD" => &["noon", "lunch", "lunchtime", "midday", "cd"],
        "AFT" => &["aft", "afternoon", "tea", "teatime"],
        "EVE" | "CV" | "ACV" | "PCV" => &["eve", "evening", "tea", "teatime", "dinner", "cv"],
        "NIGHT" | "HS" => &["night", "bedtime", "bed", "hs"],
        _ => &[],
    };
    known.contains(&called.as_str()) || called == code.to_lowercase()
}
