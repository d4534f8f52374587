//! Texts beside structured parts, both sides of each boundary.

use super::super::rules::tests::found;
use super::super::{Rule, Rules};
use serde_json::{Value, json};

fn judged(text: &str, parts: &Value) -> Vec<String> {
    let mut dosage = json!({"text": text});
    for (name, value) in parts.as_object().expect("the test gives an object") {
        dosage[name] = value.clone();
    }
    let statement = json!({"resourceType": "MedicationStatement", "dosage": [dosage]});
    let found = found(Rules::only(&[Rule::DosageContradiction]), &statement);
    let start = "warning uk.dosage-contradiction MedicationStatement.dosage[0]";
    found.iter().map(|line| line.strip_prefix(start).expect("it lies in the dosage").to_owned()).collect()
}

fn dose(value: f64, unit: &str) -> Value {
    json!({"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit}}]})
}

fn doses(low: f64, high: f64, unit: &str) -> Value {
    json!({"doseAndRate": [{"doseRange": {"low": {"value": low, "unit": unit}, "high": {"value": high, "unit": unit}}}]})
}

fn often(frequency: u32, period: u32, unit: &str) -> Value {
    json!({"timing": {"repeat": {"frequency": frequency, "period": period, "periodUnit": unit}}})
}

#[test]
fn a_dose_is_the_one_of_the_text() {
    let place = ".doseAndRate[0].dose.value";
    for (text, parts, expected) in [
        ("Take ONE tablet daily", dose(1.0, "tablet"), vec![]),
        ("Take ONE tablet daily", dose(2.0, "tablet"), vec![place]),
        ("Take ONE daily", dose(2.0, "tablet"), vec![place]),
        ("ONE to be taken daily", dose(1.0, "tablet"), vec![]),
        ("15ml twice a day", dose(10.0, "mL"), vec![place]),
        ("15ml twice a day", dose(15.0, "mL"), vec![]),
        ("1-2 tablets when required", dose(2.0, "tablet"), vec![]),
        ("1-2 tablets when required", dose(3.0, "tablet"), vec![place]),
        ("1-2 tablets when required", doses(1.0, 2.0, "tablet"), vec![]),
        ("one tablet", doses(2.0, 3.0, "tablet"), vec![".doseAndRate[0].dose"]),
        ("one tablet", doses(0.5, 2.0, "tablet"), vec![]),
        ("half a tablet at night", dose(0.5, "tablet"), vec![]),
        ("half a tablet at night", dose(1.0, "tablet"), vec![place]),
        ("0.5g daily", dose(500.0, "mg"), vec![]),
        ("500 micrograms daily", dose(0.5, "mg"), vec![]),
        ("500 micrograms daily", dose(500.0, "mg"), vec![place]),
        ("2 x 500mg twice a day", dose(1000.0, "mg"), vec![]),
        ("Take two (500mg tablets)", dose(1000.0, "mg"), vec![]),
        ("Two 5ml spoonfuls", dose(10.0, "ml"), vec![]),
        ("250mg/5ml, give 10ml", dose(5.0, "ml"), vec![place]),
        ("250mg/5ml, give 10ml", dose(500.0, "mg"), vec![]),
        ("Take 2 capsules", dose(1.0, "tablet"), vec![]),
        ("Take one, then two", dose(3.0, "tablet"), vec![]),
        ("1 in the morning and 2 at night", dose(2.0, "tablet"), vec![]),
        ("As directed", dose(2.0, "tablet"), vec![]),
        ("Take one tablet daily", json!({"doseAndRate": [{"doseQuantity": {"value": 2}}]}), vec![]),
        (
            "Take one tablet daily",
            json!({"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "Tablet", "code": "428673006"}}]}),
            vec![place],
        ),
        (
            "Take one tablet daily",
            json!({"doseAndRate": [{"doseQuantity": {"value": 2, "code": "{tablet}"}}]}),
            vec![place],
        ),
        ("Take one tablet daily", json!({"doseAndRate": [{"doseQuantity": {"value": "2", "unit": "tablet"}}]}), vec![]),
    ] {
        assert_eq!(judged(text, &parts), expected, "{text} {parts}");
    }
}

#[test]
fn how_often_is_what_the_text_says() {
    let place = ".timing.repeat.frequency";
    for (text, parts, expected) in [
        ("one twice a day", often(2, 1, "d"), vec![]),
        ("one twice a day", often(1, 12, "h"), vec![]),
        ("one twice a day", often(3, 1, "d"), vec![place]),
        ("one bd", often(1, 1, "d"), vec![place]),
        ("1 TDS", often(3, 1, "d"), vec![]),
        ("1 tds", often(1, 8, "h"), vec![]),
        ("1 QDS", often(1, 8, "h"), vec![place]),
        ("one every 4-6 hours", often(1, 4, "h"), vec![]),
        ("one every 4-6 hours", often(1, 8, "h"), vec![place]),
        ("one weekly", often(1, 1, "wk"), vec![]),
        ("one weekly", often(1, 1, "d"), vec![place]),
        ("one daily", often(1, 1, "wk"), vec![place]),
        ("2 daily", often(2, 1, "d"), vec![]),
        ("2 daily", often(1, 1, "d"), vec![]),
        ("2 daily", often(3, 1, "d"), vec![place]),
        ("one at night", often(1, 1, "d"), vec![]),
        ("one at night", often(2, 1, "d"), vec![place]),
        ("one morning and night", often(2, 1, "d"), vec![]),
        ("one daily, morning and night", often(2, 1, "d"), vec![]),
        ("one with food", often(3, 1, "d"), vec![]),
        ("up to 4 times a day", often(3, 1, "d"), vec![]),
        ("up to 4 times a day", often(6, 1, "d"), vec![place]),
        (
            "3 times a week",
            json!({"timing": {"repeat": {
            "frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "wed", "fri"]}}}),
            vec![],
        ),
        (
            "twice a day",
            json!({"timing": {"repeat": {
            "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]}}}),
            vec![],
        ),
        (
            "twice a day",
            json!({"timing": {"repeat": {"period": 1, "periodUnit": "d", "when": ["MORN"]}}}),
            vec![".timing.repeat"],
        ),
        ("twice a day", json!({"timing": {"code": {"coding": [{"system": "s", "code": "BID"}]}}}), vec![]),
        (
            "twice a day",
            json!({"timing": {"code": {"coding": [{"system": "s", "code": "TID"}]}}}),
            vec![".timing.code"],
        ),
        ("twice a day for a week, then daily", often(3, 1, "d"), vec![]),
        ("twice a day", json!({"timing": {"repeat": {"frequency": 3}}}), vec![]),
        ("twice a day", often(3, 0, "d"), vec![]),
    ] {
        assert_eq!(judged(text, &parts), expected, "{text} {parts}");
    }
}

#[test]
fn need_is_what_the_text_says() {
    let both = |need: Value, mut parts: Value| {
        for (name, value) in need.as_object().expect("the test gives an object") {
            parts[name] = value.clone();
        }
        parts
    };
    let twice = often(2, 1, "d");
    for (text, parts, expected) in [
        ("one twice a day", both(json!({"asNeededBoolean": false}), twice.clone()), vec![]),
        ("one twice a day when required", both(json!({"asNeededBoolean": true}), twice.clone()), vec![]),
        ("one twice a day when required", both(json!({"asNeededBoolean": false}), twice.clone()), vec![".asNeeded"]),
        ("one twice a day PRN", both(json!({"asNeededCodeableConcept": {"text": "pain"}}), twice.clone()), vec![]),
        ("one twice a day PRN", twice.clone(), vec![""]),
        ("one PRN", dose(1.0, "tablet"), vec![]),
        ("one twice a day", both(json!({"asNeededBoolean": true}), twice.clone()), vec![".asNeeded"]),
        ("one twice a day for pain", both(json!({"asNeededBoolean": true}), twice.clone()), vec![]),
        ("one twice a day", both(json!({"asNeededCodeableConcept": {"text": "pain"}}), twice), vec![".asNeeded"]),
        ("one", json!({"asNeededBoolean": true}), vec![]),
    ] {
        assert_eq!(judged(text, &parts), expected, "{text} {parts}");
    }
}

#[test]
fn length_most_route_and_days_are_what_the_text_says() {
    let bounds =
        |value: u32, unit: &str| json!({"timing": {"repeat": {"boundsDuration": {"value": value, "unit": unit}}}});
    let most = |value: u32, unit: &str, hours: u32| {
        json!({"maxDosePerPeriod": {
            "numerator": {"value": value, "unit": unit}, "denominator": {"value": hours, "unit": "hour", "code": "h"}
        }})
    };
    let route = |code: &str| json!({"route": {"coding": [{"system": "http://snomed.info/sct", "code": code}]}});
    let days = |names: &[&str]| json!({"timing": {"repeat": {"dayOfWeek": names}}});
    for (text, parts, expected) in [
        ("one a day for 7 days", bounds(7, "day"), vec![]),
        ("one a day for 7 days", bounds(1, "week"), vec![]),
        ("one a day for 7 days", bounds(14, "days"), vec![".timing.repeat.bounds.value"]),
        ("one a day for 5/7", bounds(14, "days"), vec![]),
        ("one a day", bounds(14, "days"), vec![]),
        ("max 8 tablets in 24 hours", most(8, "tablet", 24), vec![]),
        ("max 8 tablets in 24 hours", most(6, "tablet", 24), vec![".maxDosePerPeriod.numerator.value"]),
        ("max 8 tablets in 24 hours", most(6, "tablet", 12), vec![]),
        ("max 8", most(6, "tablet", 24), vec![".maxDosePerPeriod.numerator.value"]),
        ("max 8", most(4, "g", 24), vec![]),
        ("max 4g a day", most(4000, "mg", 24), vec![]),
        ("by mouth", route("26643006"), vec![]),
        ("by mouth", route("37161004"), vec![".route"]),
        ("by mouth", route("12345"), vec![]),
        ("by mouth and rectally", route("78421000"), vec![]),
        ("on Mondays", days(&["mon"]), vec![]),
        ("on Mondays", days(&["mon", "tue"]), vec![]),
        ("on Mondays", days(&["tue"]), vec![".timing.repeat.dayOfWeek"]),
        ("all days except Mondays", days(&["tue"]), vec![]),
    ] {
        assert_eq!(judged(text, &parts), expected, "{text} {parts}");
    }
}

#[test]
fn dosages_that_repeat_one_text_are_its_parts() {
    let part = |value: u32, when: &str| {
        json!({"text": "15ml twice a day", "doseAndRate": [{"doseQuantity": {"value": value, "unit": "mL"}}],
               "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": [when]}}})
    };
    let request =
        json!({"resourceType": "MedicationRequest", "dosageInstruction": [part(15, "MORN"), part(10, "NIGHT")]});
    assert_eq!(
        found(Rules::only(&[Rule::DosageContradiction]), &request),
        ["warning uk.dosage-contradiction MedicationRequest.dosageInstruction[1].doseAndRate[0].dose.value"]
    );
}

#[test]
fn what_was_given_is_what_the_text_says() {
    for (value, is_found) in [(1, false), (2, true)] {
        let given = json!({"resourceType": "MedicationAdministration",
            "dosage": {"text": "1 tablet given", "dose": {"value": value, "unit": "tablet"}}});
        let place = "warning uk.dosage-contradiction MedicationAdministration.dosage.dose.value";
        let expected = if is_found { vec![place] } else { vec![] };
        assert_eq!(found(Rules::only(&[Rule::DosageContradiction]), &given), expected, "{value}");
    }
}
