//! Text against structure: what contradicts, what agrees, and that no change of meaning passes for agreement.

use super::published::pairs;
use ginnel_medicines::dose::compare::{Comparison, Verdict, compare};
use ginnel_medicines::dose::{parse, render};
use serde_json::{Value, json};

fn dosage(text: &str, parts: Value) -> Value {
    let mut dosage = parts;
    dosage["text"] = json!(text);
    dosage
}

fn dose(value: f64, unit: &str) -> Value {
    json!({"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit}}]})
}

fn often(frequency: u32, period: u32, unit: &str) -> Value {
    json!({"timing": {"repeat": {"frequency": frequency, "period": period, "periodUnit": unit}}})
}

fn with(mut one: Value, other: Value) -> Value {
    for (name, value) in other.as_object().expect("an object") {
        one[name] = value.clone();
    }
    one
}

fn told(compared: &Comparison) -> String {
    let line = |one: &ginnel_medicines::dose::compare::Contradiction| {
        format!(
            "{} {} {} {:?}",
            one.kind,
            one.severity.code(),
            one.path,
            one.words.as_ref().map_or("", |words| &words.text)
        )
    };
    let lines: Vec<String> = compared.contradictions.iter().map(line).collect();
    if lines.is_empty() { compared.verdict.code().to_owned() } else { lines.join("; ") }
}

#[test]
fn contradictions_are_named_with_their_words_and_their_element() {
    let tablet = |value: f64| dose(value, "tablet");
    for (text, parts, expected) in [
        ("Take ONE tablet twice a day", with(tablet(1.0), often(2, 1, "d")), "agrees"),
        ("Take ONE tablet twice a day", with(tablet(1.0), often(1, 12, "h")), "agrees"),
        (
            "Take ONE tablet twice a day",
            with(tablet(2.0), often(2, 1, "d")),
            "dose error doseAndRate[0].doseQuantity \"ONE tablet\"",
        ),
        (
            "Take ONE tablet twice a day",
            with(tablet(1.0), often(3, 1, "d")),
            "frequency error timing.repeat.frequency \"twice a day\"",
        ),
        (
            "Take ONE tablet twice a day",
            with(dose(1.0, "capsule"), often(2, 1, "d")),
            "unit error doseAndRate[0].doseQuantity \"ONE tablet\"",
        ),
        (
            "500 micrograms daily",
            with(dose(500.0, "milligram"), often(1, 1, "d")),
            "unit error doseAndRate[0].doseQuantity \"500 micrograms\"",
        ),
        ("500 micrograms daily", with(dose(0.5, "mg"), often(1, 1, "d")), "agrees"),
        ("Take ONE daily", with(tablet(1.0), often(1, 1, "d")), "agrees"),
        ("Take ONE daily", with(dose(500.0, "mg"), often(1, 1, "d")), "cannot-tell"),
        (
            "15ml twice a day",
            with(dose(10.0, "mL"), often(2, 1, "d")),
            "dose error doseAndRate[0].doseQuantity \"15ml\"",
        ),
        ("1-2 tablets twice a day", with(tablet(2.0), often(2, 1, "d")), "cannot-tell"),
        (
            "1-2 tablets twice a day",
            with(tablet(3.0), often(2, 1, "d")),
            "dose error doseAndRate[0].doseQuantity \"1-2 tablets\"",
        ),
        (
            "1 tablet by mouth twice a day",
            with(with(tablet(1.0), often(2, 1, "d")), json!({"route": {"text": "Rectal"}})),
            "route error route \"by mouth\"",
        ),
        (
            "1 drop to the left eye twice a day",
            with(with(dose(1.0, "drop"), often(2, 1, "d")), json!({"site": {"text": "Right eye"}})),
            "route error site \"to the left eye\"",
        ),
        (
            "1 tablet twice a day when required",
            with(tablet(1.0), often(2, 1, "d")),
            "prn warning asNeededBoolean \"when required\"",
        ),
        (
            "1 tablet twice a day",
            with(with(tablet(1.0), often(2, 1, "d")), json!({"asNeededBoolean": true})),
            "prn warning asNeededBoolean \"\"",
        ),
        (
            "1 tablet at night",
            with(
                tablet(1.0),
                json!({"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN"]}}}),
            ),
            "frequency error timing.repeat.when \"at night\"",
        ),
        (
            "1 tablet on Mondays",
            with(
                tablet(1.0),
                json!({"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["tue"]}}}),
            ),
            "days warning timing.repeat.dayOfWeek \"on Mondays\"",
        ),
        (
            "1 tablet twice a day for 7 days",
            with(
                tablet(1.0),
                json!({"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d",
                "boundsDuration": {"value": 14, "unit": "days"}}}}),
            ),
            "duration warning timing.repeat.bounds \"for 7 days\"",
        ),
        (
            "1 tablet when required max 8 tablets in 24 hours",
            with(
                tablet(1.0),
                json!({"asNeededBoolean": true, "maxDosePerPeriod": {
                "numerator": {"value": 6, "unit": "tablet"}, "denominator": {"value": 24, "unit": "hour"}}}),
            ),
            "max warning maxDosePerPeriod \"max 8 tablets in 24 hours\"",
        ),
        ("1 tablet twice a day as directed", with(tablet(1.0), often(2, 1, "d")), "cannot-tell"),
        (
            "1 tablet twice a day as directed",
            with(tablet(2.0), often(2, 1, "d")),
            "dose error doseAndRate[0].doseQuantity \"1 tablet\"",
        ),
        ("do not take 2 tablets twice a day", with(tablet(1.0), often(2, 1, "d")), "cannot-tell"),
        (
            "1 tablet - once a day - take with food",
            with(with(tablet(1.0), often(1, 1, "d")), json!({"additionalInstruction": [{"text": "take with food"}]})),
            "agrees",
        ),
        ("1 tablet daliy", with(tablet(1.0), often(1, 1, "d")), "cannot-tell"),
        ("As directed", with(tablet(1.0), often(1, 1, "d")), "cannot-tell"),
        (
            "1 in the morning and 2 at night",
            with(tablet(2.0), json!({"timing": {"repeat": {"when": ["NIGHT"]}}})),
            "cannot-tell",
        ),
        (
            "1 in the morning and 2 at night",
            with(tablet(3.0), json!({"sequence": 1, "timing": {"repeat": {"when": ["NIGHT"]}}})),
            "dose error doseAndRate[0].doseQuantity \"2\"",
        ),
        (
            "5mg daily",
            json!({"doseQuantity": {"value": 5, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "g"},
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}),
            "unit error doseQuantity \"\"",
        ),
        ("5mg daily", json!({}), "cannot-tell"),
    ] {
        assert_eq!(told(&compare(&dosage(text, parts.clone()))), expected, "{text} {parts}");
    }
}

#[test]
fn no_published_dosage_contradicts_its_own_text() {
    let Some(pairs) = pairs() else { return };
    let mut agree = 0;
    for pair in &pairs {
        let compared = compare(&dosage(&pair.text, pair.dosage.clone()));
        assert_eq!(compared.contradictions, [], "{}: {}", pair.source, pair.text);
        agree += usize::from(compared.verdict == Verdict::Agrees);
    }
    // What is not understood may be said to be so; most must be understood.
    assert!(agree * 4 >= pairs.len() * 3, "only {agree} of {} agree", pairs.len());
}

/// Every Dosage that differs from this one in one number, unit or code.
fn mutants(dosage: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    walk(dosage, &mut Vec::new(), &mut |path: &[String], value: &Value| {
        let name = path.last().map(String::as_str).unwrap_or_default();
        let mut put = |new: Value| {
            // Ten times nought is no change.
            if value.as_f64().is_some_and(|old| new.as_f64() == Some(old)) {
                return;
            }
            let mut mutant = dosage.clone();
            let pointer: String = path.iter().map(|token| format!("/{token}")).collect();
            *mutant.pointer_mut(&pointer).expect("the place is there") = new;
            all.push((pointer, mutant));
        };
        match (name, value) {
            (
                "value" | "frequency" | "period" | "count" | "duration" | "periodMax" | "frequencyMax",
                Value::Number(number),
            ) => {
                let number = number.as_f64().expect("a number");
                for changed in [number + 1.0, number * 10.0, number * 2.0 + 1.0] {
                    put(json!(changed));
                }
            }
            // Once a week on Monday is once a day on Mondays.
            ("periodUnit", Value::String(unit)) if unit == "wk" && dosage.to_string().contains("dayOfWeek") => {}
            ("periodUnit" | "durationUnit", Value::String(unit)) => {
                ["h", "d", "wk", "mo"]
                    .iter()
                    .filter(|other| !unit.starts_with(**other))
                    .for_each(|other| put(json!(other)));
            }
            ("unit", Value::String(unit)) => {
                let others =
                    ["milligram", "gram", "microgram", "tablet", "capsule", "millilitre", "day", "week", "hour"];
                others.iter().filter(|other| *other != unit).for_each(|other| put(json!(other)));
            }
            ("dayOfWeek" | "when", Value::Array(list)) => {
                let others: &[&str] = if name == "when" { &["NIGHT", "MORN", "CD"] } else { &["sun", "tue"] };
                others.iter().filter(|other| !list.contains(&json!(other))).for_each(|other| put(json!([other])));
            }
            ("timeOfDay", Value::Array(_)) => put(json!(["03:00:00"])),
            ("asNeededBoolean", Value::Bool(needed)) => put(json!(!needed)),
            _ => {}
        }
    });
    all
}

fn walk(value: &Value, path: &mut Vec<String>, see: &mut dyn FnMut(&[String], &Value)) {
    see(path, value);
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(name, child)| (name.clone(), child)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect(),
        _ => return,
    };
    for (name, child) in children {
        path.push(name);
        walk(child, path, see);
        path.pop();
    }
}

/// No changed number, unit or code passes for agreement; most are caught as contradictions.
fn check_mutants(text: &str, structure: &Value, counted: &mut (usize, usize)) {
    for (place, mutant) in mutants(structure) {
        let compared = compare(&dosage(text, mutant.clone()));
        assert_ne!(compared.verdict, Verdict::Agrees, "{text}: {place} changed to {mutant}");
        counted.0 += 1;
        counted.1 += usize::from(compared.verdict == Verdict::Contradicts);
    }
}

#[test]
fn no_mutated_published_dosage_agrees_with_its_text() {
    let Some(pairs) = pairs() else { return };
    let mut counted = (0, 0);
    for pair in &pairs {
        check_mutants(&pair.text, &pair.dosage, &mut counted);
    }
    println!("{} of {} mutated published Dosages are contradictions, the others cannot be told", counted.1, counted.0);
    assert!(counted.0 > 300 && counted.1 * 10 > counted.0 * 6, "{counted:?}");
}

#[test]
fn no_mutated_label_agrees_with_its_text() {
    let mut counted = (0, 0);
    for (text, _) in super::labels::UNDERSTOOD {
        let parsed = parse::parse(text);
        if parsed.dosages.len() > 1 {
            continue;
        }
        let structure = parsed.dosages[0].to_json();
        assert_eq!(compare(&structure).verdict, Verdict::Agrees, "{text}: {:?}", compare(&structure));
        check_mutants(text, &structure, &mut counted);
        // The same structure beside the text that the rules make of it.
        let rendered = render::texts(std::slice::from_ref(&structure)).text;
        assert_eq!(compare(&dosage(&rendered, structure.clone())).verdict, Verdict::Agrees, "{rendered}");
        check_mutants(&rendered, &structure, &mut counted);
    }
    println!("{} of {} mutated labels are contradictions, the others cannot be told", counted.1, counted.0);
    assert!(counted.1 * 10 > counted.0 * 6, "{counted:?}");
}
