//! When a dose was given and when it was due.

use crate::administration;
use ginnel_medicines::administration::{Administration, When};
use serde_json::{Value, json};

const DUE: &str = "https://gateway.example.org/StructureDefinition/administration-due";

fn keys(read: &Administration) -> Vec<&'static str> {
    read.warnings.iter().map(|warning| warning.key.key()).collect()
}

#[test]
fn an_instant_a_day_and_an_hour_that_comes_twice_stay_apart() {
    for (more, expected) in [
        (json!({"effectiveDateTime": "2026-10-24T08:20:00+01:00"}), "instant"),
        (json!({"effectiveDateTime": "2026-10-24"}), "day"),
        (json!({"effectiveDateTime": "2026-10"}), "day"),
        (json!({"effectiveDateTime": "2026-10-25T01:40:00"}), "repeated"),
        (
            json!({"effectiveDateTime": null, "effectivePeriod":
            {"start": "2026-10-25T01:40:00+01:00", "end": "2026-10-25T01:40:00+00:00"}}),
            "repeated",
        ),
        (
            json!({"effectiveDateTime": null, "effectivePeriod":
            {"start": "2026-10-24T01:40:00+01:00", "end": "2026-10-25T01:40:00+01:00"}}),
            "period",
        ),
        (json!({"effectiveDateTime": null, "effectivePeriod": {"start": "2026-10-24T08:09:00+01:00"}}), "instant"),
        (
            json!({"effectiveDateTime": null, "effectivePeriod": {"extension": [{"url": "x", "valueCode": "unknown"}]}}),
            "not said",
        ),
        (json!({"effectiveDateTime": null}), "not said"),
        (json!({"effectiveDateTime": "24/10/2026"}), "unreadable"),
        (json!({"effectiveDateTime": 20261024}), "unreadable"),
    ] {
        let read = Administration::read(&administration(more.clone()));
        let found = match read.when {
            When::Instant { .. } => "instant",
            When::Day { .. } => "day",
            When::Repeated { .. } => "repeated",
            When::Period { .. } => "period",
            When::NotSaid => "not said",
            When::Unreadable(_) => "unreadable",
        };
        assert_eq!(found, expected, "{more}");
    }
}

#[test]
fn a_time_that_never_existed_is_said_to_be_none() {
    let read = Administration::read(&administration(json!({"effectiveDateTime": "2027-03-28T01:30:00"})));
    assert!(keys(&read).contains(&"skipped-hour"), "{:?}", read.warnings);
    assert!(matches!(read.when, When::Day { .. }), "only its day is sure");
    let sound = Administration::read(&administration(json!({"effectiveDateTime": "2027-03-28T02:30:00"})));
    assert!(!keys(&sound).contains(&"skipped-hour"));
}

fn due(due: Value, at: &str, name: &str) -> Administration {
    Administration::read(&administration(json!({"effectiveDateTime": at, "medicationCodeableConcept": {"text": name},
        "extension": [{"url": DUE, "valueDateTime": due}]})))
}

#[test]
fn lateness_is_counted_between_instants_and_matters_sooner_for_time_critical_medicines() {
    for (due_at, at, name, minutes, warning) in [
        ("2026-10-19T07:30:00+01:00", "2026-10-19T06:58:10Z", "Co-careldopa 25mg/100mg tablets", Some(28), None),
        (
            "2026-10-19T07:30:00+01:00",
            "2026-10-19T07:01:00Z",
            "Co-careldopa 25mg/100mg tablets",
            Some(31),
            Some("late"),
        ),
        ("2026-10-19T07:30:00+01:00", "2026-10-19T07:01:00Z", "Paracetamol 500mg tablets", Some(31), None),
        ("2026-10-19T07:30:00+01:00", "2026-10-19T07:31:00Z", "Paracetamol 500mg tablets", Some(61), Some("late")),
        ("2026-10-19T07:30:00+01:00", "2026-10-19T05:00:00Z", "Paracetamol 500mg tablets", Some(-90), Some("early")),
        // Over the night of the clock change: an hour more than the clocks say.
        (
            "2026-10-25T00:30:00+01:00",
            "2026-10-25T01:30:00+00:00",
            "Paracetamol 500mg tablets",
            Some(120),
            Some("late"),
        ),
        ("2026-10-19", "2026-10-19T21:00:00+01:00", "Paracetamol 500mg tablets", None, None),
        ("2026-10-19T07:30:00+01:00", "2026-10-19", "Paracetamol 500mg tablets", None, None),
    ] {
        let read = due(json!(due_at), at, name);
        assert_eq!(read.late().map(|late| late.minutes), minutes, "{due_at} {at}");
        let found = keys(&read).into_iter().find(|key| matches!(*key, "late" | "early"));
        assert_eq!(found, warning, "{due_at} {at} {name}");
    }
}

#[test]
fn a_dose_that_was_not_given_is_not_late() {
    let read = Administration::read(&administration(json!({"status": "not-done", "dosage": null,
        "extension": [{"url": DUE, "valueDateTime": "2026-10-23T08:00:00+01:00"}]})));
    assert_eq!(read.late(), None);
}

#[test]
fn the_due_time_is_read_from_extensions_and_from_the_notes_that_plugins_write() {
    let noted = |note: &str, at: &str| {
        let read = Administration::read(&administration(json!({"effectiveDateTime": at, "note": [{"text": note}]})));
        read.due.map(|due| (due.to_json(), due.is_from_note))
    };
    for (note, at, expected) in [
        ("Due 07:30 local. late - she was in the bathroom", "2026-10-19T06:58:10Z", Some("2026-10-19T07:30")),
        ("Due 2026-10-25 morning. Source holds no evidence either way.", "2026-10-25", Some("2026-10-25 morning")),
        ("Retrospective entry. Actual time not known; due 2026-10-23 21:30.", "2026-10-23", Some("2026-10-23T21:30")),
        ("GP review due 14:00", "2026-10-23", None),
        ("Due to nausea left out", "2026-10-23", None),
        ("Next INR 29/10/26", "2026-10-23", None),
    ] {
        assert_eq!(noted(note, at), expected.map(|text| (json!(text), true)), "{note}");
    }
    let read = Administration::read(&administration(json!({"extension": [
        {"url": format!("{DUE}-period"), "valueCode": "night"}, {"url": DUE, "valueDateTime": "2026-10-24"}
    ], "effectiveDateTime": "2026-10-25T00:40:00+01:00"})));
    let due = read.due.expect("a due time");
    assert_eq!(
        (due.to_json(), due.day().map(|day| day.to_string())),
        (json!("2026-10-24 night"), Some("2026-10-24".into()))
    );
}
