//! What time leaves out: what happened after the instant asked for, and measurements so old that newer ones say more.

use super::{Choice, Fate};
use crate::privacy::Reason;
use crate::standard::Content;
use ginnel_medicines::administration::Administration;
use ginnel_medicines::record::{Moment, Resource, moment, read};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// Administrations are shown for so long before the instant asked for.
pub const ADMINISTRATION_HOURS: i64 = 72;

/// Types that tell of something that happened; what of them is later is not known at the instant asked for.
const EVENTS: [&str; 13] = [
    "Observation",
    "QuestionnaireResponse",
    "DiagnosticReport",
    "Procedure",
    "AdverseEvent",
    "Immunization",
    "Communication",
    "MedicationAdministration",
    "MedicationDispense",
    "ClinicalImpression",
    "Media",
    "Specimen",
    "Encounter",
];

/// When it happened, as far as it says.
pub fn when(value: &Value) -> Option<Moment> {
    const TIMES: [&str; 22] = [
        "effectiveDateTime",
        "effectiveInstant",
        "effectivePeriod",
        "performedDateTime",
        "performedPeriod",
        "occurrenceDateTime",
        "occurrencePeriod",
        "authored",
        "issued",
        "whenHandedOver",
        "whenPrepared",
        "sent",
        "received",
        "recordedDate",
        "date",
        "createdDateTime",
        "created",
        "period",
        "authoredOn",
        "assertedDate",
        "receivedTime",
        "recorded",
    ];
    TIMES.into_iter().find_map(|member| match value.get(member)? {
        Value::String(text) => moment(text),
        period => read::text(period, "start").or_else(|| read::text(period, "end")).and_then(moment),
    })
}

/// Whether it tells of something after the instant.
pub fn is_later(resource: &Resource<'_>, at: Timestamp) -> bool {
    let planned = ["planned", "preparation", "not-done", "registered"];
    let is_plan = read::text(resource.value, "status").is_some_and(|status| planned.contains(&status));
    EVENTS.contains(&resource.kind)
        && !(is_plan && resource.kind != "MedicationAdministration")
        && when(resource.value).is_some_and(|when| when.is_after(at))
}

/// Whether it lies at most so many days before the instant; what does not say when counts.
pub fn is_within(value: &Value, days: i64, at: Timestamp) -> bool {
    let hours = days.saturating_mul(24).hours();
    let Ok(first) = at.checked_sub(hours) else { return true };
    when(value).is_none_or(|when| when.last >= first)
}

/// Leaves out what is too old.
pub(super) fn apply(choice: &mut Choice<'_, '_>, fates: &mut [Option<Fate>]) {
    for (place, heading) in choice.standard.headings.iter().enumerate() {
        let Some(entries) = choice.entries.get(place) else { continue };
        let value = |index: &usize| choice.record.at(*index).map(|resource| resource.value);
        let mut kept: Vec<usize> = entries.clone();
        if let Some(limit) = heading.within {
            kept.retain(|index| value(index).is_some_and(|value| is_within(value, limit.days, choice.at)));
        }
        if let Some(limit) = heading.newest_of_each_and {
            let newest = newest_of_each(choice, &kept);
            kept.retain(|index| {
                newest.contains(index) || value(index).is_some_and(|value| is_within(value, limit.days, choice.at))
            });
        }
        if heading.content == Content::Medications {
            let shown = administrations(choice, &kept);
            kept.retain(|index| shown.contains(index));
        }
        let dropped: Vec<usize> = entries.iter().copied().filter(|index| !kept.contains(index)).collect();
        for index in dropped {
            come_along(fates, index, Reason::Older);
        }
        if let Some(entries) = choice.entries.get_mut(place) {
            *entries = kept;
        }
    }
}

/// Where it is not shown, it may still be referred to.
pub fn come_along(fates: &mut [Option<Fate>], index: usize, reason: Reason) {
    let Some(place) = fates.get_mut(index) else { return };
    *place = match place.take() {
        Some(Fate::Shown(value, changes)) => Some(Fate::ComesAlong(value, changes, reason)),
        other => other,
    };
}

/// The newest resource of each kind; of several at one time, all.
fn newest_of_each(choice: &Choice<'_, '_>, entries: &[usize]) -> Vec<usize> {
    let all: Vec<(usize, String, Option<Timestamp>)> = entries
        .iter()
        .filter_map(|index| {
            let resource = choice.record.at(*index)?;
            let sort = sort_of(resource);
            Some((*index, sort, when(resource.value).map(|when| when.last)))
        })
        .collect();
    let is_newest = |own: &(usize, String, Option<Timestamp>)| {
        all.iter().filter(|other| other.1 == own.1).all(|other| own.2.is_none() || other.2 <= own.2)
    };
    all.iter().filter(|own| is_newest(own)).map(|own| own.0).collect()
}

fn sort_of(resource: &Resource<'_>) -> String {
    let value = resource.value;
    let code = value.get("code").map(|code| {
        let coded = read::codings(code).next().map(|(_, code)| code.to_owned());
        coded.or_else(|| read::words(code).map(str::to_lowercase)).unwrap_or_default()
    });
    let link =
        || read::items(value, "item").find_map(|item| read::text(item, "linkId")).and_then(|id| id.split('/').next());
    let sort =
        code.or_else(|| read::text(value, "questionnaire").map(str::to_owned)).or_else(|| link().map(str::to_owned));
    format!("{} {}", resource.kind, sort.unwrap_or_default())
}

/// All but administrations that are neither of late nor the last dose of a medicine.
fn administrations(choice: &Choice<'_, '_>, entries: &[usize]) -> Vec<usize> {
    let mut shown = Vec::new();
    let mut last: Vec<(String, Option<Timestamp>, usize)> = Vec::new();
    let from = choice.at.checked_sub(ADMINISTRATION_HOURS.hours()).ok();
    for index in entries {
        let Some(resource) = choice.record.at(*index) else { continue };
        if resource.kind != "MedicationAdministration" {
            shown.push(*index);
            continue;
        }
        let administration = Administration::read_in(choice.record, resource);
        let due = administration.due.as_ref().and_then(ginnel_medicines::administration::Due::instant);
        let when = administration.when.last().or(due);
        // What does not say when may have been just now.
        if when.is_none() || from.is_none_or(|from| when >= Some(from)) {
            shown.push(*index);
        }
        if administration.is_given() || administration.outcome.may_be_given() {
            let order =
                administration.request.as_ref().and_then(|order| read::text(order, "reference")).map(str::to_owned);
            let medicine = order.unwrap_or_else(|| administration.shown().to_lowercase());
            match last.iter_mut().find(|(known, ..)| *known == medicine) {
                Some(known) if known.1 < when => *known = (medicine, when, *index),
                Some(_) => {}
                None => last.push((medicine, when, *index)),
            }
        }
    }
    shown.extend(last.iter().map(|(.., index)| *index));
    shown
}
