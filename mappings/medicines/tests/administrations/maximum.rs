//! The most in 24 hours, on instants.

use ginnel_medicines::administration::chart;
use ginnel_medicines::record::{Document, Record};
use serde_json::{Value, json};

fn order(most: Value, unit: &str) -> Value {
    json!({"resourceType": "MedicationRequest", "id": "prn", "status": "active", "intent": "plan",
        "medicationCodeableConcept": {"text": "Paracetamol 500mg tablets"}, "subject": {"reference": "Patient/p"},
        "dosageInstruction": [{"asNeededBoolean": true, "maxDosePerPeriod": {
            "numerator": {"value": most, "unit": unit},
            "denominator": {"value": 24, "unit": "hour", "system": "http://unitsofmeasure.org", "code": "h"}}}]})
}

fn dose(at: &Value, amount: Value, unit: &str) -> Value {
    let mut resource = json!({"resourceType": "MedicationAdministration", "status": "completed",
        "medicationCodeableConcept": {"text": "Paracetamol 500mg tablets"}, "subject": {"reference": "Patient/p"},
        "request": {"reference": "MedicationRequest/prn"}, "dosage": {"dose": {"value": amount, "unit": unit}}});
    match at {
        Value::String(at) => resource["effectiveDateTime"] = json!(at),
        period => resource["effectivePeriod"] = period.clone(),
    }
    resource
}

/// The keys of each dose that speak of the maximum.
fn judged(resources: Vec<Value>) -> Vec<String> {
    let list = Value::Array(resources);
    let record = Record::read(&[Document { name: "test".into(), value: &list }]);
    let chart = chart(&record, None, None);
    let of_line = |line: &ginnel_medicines::administration::ChartLine| {
        let keys = line.administration.warnings.iter().map(|warning| warning.key.key());
        keys.filter(|key| key.contains("maximum")).collect::<Vec<_>>().join("+")
    };
    chart.lines.iter().map(of_line).collect()
}

#[test]
fn the_maximum_is_counted_in_any_24_hours_and_not_by_calendar_day() {
    for (times, expected) in [
        // Four times two is the most.
        (
            vec![
                "2026-10-20T08:00:00+01:00",
                "2026-10-20T12:00:00+01:00",
                "2026-10-20T16:00:00+01:00",
                "2026-10-20T20:00:00+01:00",
            ],
            vec!["", "", "", ""],
        ),
        // A fifth in the next morning is within 24 hours of the four.
        (
            vec![
                "2026-10-20T08:00:00+01:00",
                "2026-10-20T12:00:00+01:00",
                "2026-10-20T16:00:00+01:00",
                "2026-10-20T20:00:00+01:00",
                "2026-10-21T07:59:00+01:00",
            ],
            vec!["", "", "", "", "over-maximum"],
        ),
        (
            vec![
                "2026-10-20T08:00:00+01:00",
                "2026-10-20T12:00:00+01:00",
                "2026-10-20T16:00:00+01:00",
                "2026-10-20T20:00:00+01:00",
                "2026-10-21T08:00:00+01:00",
            ],
            vec!["", "", "", "", ""],
        ),
        // When the clocks go back, 08:30 the next day is 25 hours after 08:30, and 07:30 is 24.
        (
            vec![
                "2026-10-24T08:30:00+01:00",
                "2026-10-24T12:00:00+01:00",
                "2026-10-24T16:00:00+01:00",
                "2026-10-24T20:00:00+01:00",
                "2026-10-25T07:29:00+00:00",
            ],
            vec!["", "", "", "", "over-maximum"],
        ),
        (
            vec![
                "2026-10-24T08:30:00+01:00",
                "2026-10-24T12:00:00+01:00",
                "2026-10-24T16:00:00+01:00",
                "2026-10-24T20:00:00+01:00",
                "2026-10-25T07:30:00+00:00",
            ],
            vec!["", "", "", "", ""],
        ),
        // When they go forward, 08:30 the next day is only 23 hours after 08:30.
        (
            vec![
                "2027-03-27T08:30:00+00:00",
                "2027-03-27T12:00:00+00:00",
                "2027-03-27T16:00:00+00:00",
                "2027-03-27T20:00:00+00:00",
                "2027-03-28T09:00:00+01:00",
            ],
            vec!["", "", "", "", "over-maximum"],
        ),
    ] {
        let mut resources = vec![order(json!(8), "tablet")];
        resources.extend(times.iter().map(|at| dose(&json!(at), json!(2), "tablet")));
        assert_eq!(judged(resources), expected, "{times:?}");
    }
}

#[test]
fn a_dose_in_the_hour_that_comes_twice_or_on_an_unknown_time_may_be_too_many() {
    let twice = json!({"start": "2026-10-25T01:40:00+01:00", "end": "2026-10-25T01:40:00+00:00"});
    // 01:40 of the second hour is 24 hours before 01:40 next day; of the first hour, 25.
    let next = json!("2026-10-26T01:10:00+00:00");
    let found =
        judged(vec![order(json!(2), "tablet"), dose(&twice, json!(2), "tablet"), dose(&next, json!(2), "tablet")]);
    assert_eq!(found, ["", "maybe-over-maximum"]);
    let day = json!("2026-10-23");
    let found = judged(vec![
        order(json!(2), "tablet"),
        dose(&day, json!(2), "tablet"),
        dose(&json!("2026-10-24T08:00:00+01:00"), json!(2), "tablet"),
    ]);
    assert_eq!(found, ["", "maybe-over-maximum"]);
}

#[test]
fn amounts_are_compared_in_one_unit_or_said_not_to_be() {
    let morning = json!("2026-10-20T08:00:00+01:00");
    let noon = json!("2026-10-20T12:00:00+01:00");
    for (most, unit, own, expected) in [
        (json!(1500), "mg", "tablet", "over-maximum"),
        (json!(2000), "mg", "tablet", ""),
        (json!(2), "g", "tablet", ""),
        (json!(1.5), "g", "tablets", "over-maximum"),
        (json!(3), "tablets", "Tablet", "over-maximum"),
        (json!(1), "dose", "tablet", "over-maximum"),
        (json!(3), "ml", "tablet", "maximum-not-checked"),
        (json!(3), "capsule", "tablet", "maximum-not-checked"),
    ] {
        let found = judged(vec![order(most.clone(), unit), dose(&morning, json!(2), own), dose(&noon, json!(2), own)]);
        assert_eq!(found.last().map(String::as_str), Some(expected), "{most} {unit} {own}");
    }
}

#[test]
fn a_dose_that_was_not_given_does_not_count_and_one_nobody_saw_may() {
    let morning = json!("2026-10-20T08:00:00+01:00");
    let noon = json!("2026-10-20T12:00:00+01:00");
    for (status, expected) in
        [("not-done", ""), ("entered-in-error", ""), ("unknown", "maybe-over-maximum"), ("completed", "over-maximum")]
    {
        let mut first = dose(&morning, json!(2), "tablet");
        first["status"] = json!(status);
        let found = judged(vec![order(json!(2), "tablet"), first, dose(&noon, json!(2), "tablet")]);
        assert_eq!(found.last().map(String::as_str), Some(expected), "{status}");
    }
}
