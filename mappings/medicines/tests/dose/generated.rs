//! Generated Dosages of the kind that is understood: their text reads back to the same Dosage, conforms to R4 and UK Core,
//! agrees with its structure, and no text whatever breaks the reader.

use ginnel_medicines::dose::compare::{Verdict, compare};
use ginnel_medicines::dose::units::{Measure, SNOMED, UNITS, Unit};
use ginnel_medicines::dose::{parse, render};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::validator::{Options, Validator};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::OnceLock;

fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}

fn quantity(value: &str, unit: &Unit) -> Value {
    let mut quantity = json!({"value": number(value), "unit": unit.word});
    if !unit.code.is_empty() {
        quantity["system"] = json!(unit.system);
        quantity["code"] = json!(unit.code);
    }
    quantity
}

fn time(value: u32, word: &str) -> Value {
    let unit = UNITS.iter().find(|unit| unit.word == word).expect("a unit");
    quantity(&value.to_string(), unit)
}

/// Units that a dose may have; a 5ml spoonful is five millilitres.
fn units() -> impl Strategy<Value = &'static Unit> {
    let fit = |unit: &&Unit| unit.measure != Measure::Time && !matches!(unit.word, "percent" | "5ml spoonful");
    prop::sample::select(UNITS.iter().filter(fit).collect::<Vec<_>>())
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        (1..1000_u32).prop_map(|value| value.to_string()),
        (0..50_u32, 1..100_u32).prop_map(|(whole, part)| format!("{whole}.{part}")),
    ]
}

fn dose() -> impl Strategy<Value = (Value, &'static Unit)> {
    prop_oneof![
        (values(), units()).prop_map(|(value, unit)| (json!({"doseQuantity": quantity(&value, unit)}), unit)),
        (1..500_u32, 1..500_u32, units()).prop_map(|(low, more, unit)| {
            let (low, high) = (low.to_string(), (low + more).to_string());
            (json!({"doseRange": {"low": quantity(&low, unit), "high": quantity(&high, unit)}}), unit)
        }),
        (1..500_u32, units())
            .prop_map(|(high, unit)| (json!({"doseRange": {"high": quantity(&high.to_string(), unit)}}), unit)),
    ]
}

/// How often, alone or with the events, days or times that it goes with.
fn repeat() -> impl Strategy<Value = Value> {
    let events = prop::sample::subsequence(vec!["MORN", "NOON", "EVE", "NIGHT"], 1..4);
    let meals = prop::sample::select(vec!["C", "AC", "PC"]);
    let days = prop::sample::subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..5);
    let times = prop::sample::subsequence(vec!["06:30:00", "08:00:00", "12:00:00", "20:15:00"], 1..4);
    let daily = |count: usize| json!({"frequency": count, "period": 1, "periodUnit": "d"});
    prop_oneof![
        (1..9_u32, prop::sample::select(vec!["h", "d", "wk", "mo"]))
            .prop_map(|(times, unit)| json!({"frequency": times, "period": 1, "periodUnit": unit})),
        (2..73_u32, prop::sample::select(vec!["min", "h", "d", "wk", "mo"]))
            .prop_map(|(period, unit)| json!({"frequency": 1, "period": period, "periodUnit": unit})),
        (2..9_u32, 1..9_u32, prop::sample::select(vec!["h", "d"])).prop_map(|(period, more, unit)| {
            json!({"frequency": 1, "period": period, "periodMax": period + more, "periodUnit": unit})
        }),
        (1..5_u32, 1..5_u32).prop_map(|(times, more)| {
            json!({"frequency": times, "frequencyMax": times + more, "period": 1, "periodUnit": "d"})
        }),
        (1..9_u32).prop_map(|most| json!({"frequencyMax": most, "period": 1, "periodUnit": "d"})),
        events.prop_map(move |events| {
            let mut repeat = daily(events.len());
            repeat["when"] = json!(events);
            repeat
        }),
        (meals, 1..5_usize, prop::option::of(prop::sample::select(vec![15, 30, 60, 120]))).prop_map(
            move |(meal, count, offset)| {
                let mut repeat = daily(count);
                repeat["when"] = json!([meal]);
                if let Some(offset) = offset.filter(|_| meal != "C") {
                    repeat["offset"] = json!(offset);
                }
                repeat
            }
        ),
        days.prop_map(move |days| {
            let mut repeat = daily(1);
            repeat["dayOfWeek"] = json!(days);
            repeat
        }),
        times.prop_map(move |times| {
            let mut repeat = daily(times.len());
            repeat["timeOfDay"] = json!(times);
            repeat
        }),
    ]
}

fn bounds() -> impl Strategy<Value = (&'static str, Value)> {
    let unit = || prop::sample::select(vec!["hour", "day", "week", "month"]);
    prop_oneof![
        (1..60_u32, unit()).prop_map(|(value, unit)| ("boundsDuration", time(value, unit))),
        (1..60_u32, 1..60_u32, unit()).prop_map(|(low, more, unit)| (
            "boundsRange",
            json!({"low": time(low, unit), "high": time(low + more, unit)})
        )),
        (1..60_u32, unit()).prop_map(|(low, unit)| ("boundsRange", json!({"low": time(low, unit)}))),
        (1..60_u32, unit()).prop_map(|(high, unit)| ("boundsRange", json!({"high": time(high, unit)}))),
        (1..29_u32, 1..13_u32).prop_map(|(day, month)| {
            (
                "boundsPeriod",
                json!({"start": format!("2026-{month:02}-{day:02}"), "end": format!("2027-{month:02}-{day:02}")}),
            )
        }),
    ]
}

fn concept(code: &str, display: &str) -> Value {
    json!({"coding": [{"system": SNOMED, "code": code, "display": display}]})
}

prop_compose! {
    fn dosage()(
        (dose, unit) in dose(),
        repeat in prop::option::of(repeat()),
        bounds in prop::option::of(bounds()),
        need in prop::option::of(prop::option::of(prop::sample::select(vec!["pain", "nausea and vomiting", "Migraine"]))),
        route in prop::option::of(prop::sample::select(vec![
            ("26643006", "Oral"), ("37161004", "Rectal"), ("34206005", "Subcutaneous"), ("78421000", "Intramuscular"),
            ("47625008", "Intravenous"), ("6064005", "Topical"), ("37839007", "Sublingual"), ("46713006", "Nasal"),
        ])),
        method in prop::option::of(prop::sample::select(vec![
            ("419652001", "Take"), ("417924000", "Apply"), ("422145002", "Inject"), ("419582001", "Give"),
        ])),
        site in prop::option::of(prop::sample::select(vec!["both eyes", "left arm", "affected area"])),
        most in prop::option::of((1..100_u32, prop::sample::select(vec![(24_u32, "hour"), (1, "day"), (1, "week")]))),
        further in prop::option::of(prop::sample::select(vec!["with or after food", "thinly", "with plenty of water"])),
        count in prop::option::of((1..5_u32, prop::option::of(1..5_u32)))
    ) -> Value {
        let mut dosage = json!({"doseAndRate": [dose]});
        let mut timing = repeat.unwrap_or(json!({}));
        if let Some((name, bounds)) = bounds {
            timing[name] = bounds;
        }
        if let Some((count, more)) = count {
            timing["count"] = json!(count);
            if let Some(more) = more {
                timing["countMax"] = json!(count + more);
            }
        }
        if timing != json!({}) {
            dosage["timing"] = json!({"repeat": timing});
        }
        match need {
            Some(Some(reason)) => dosage["asNeededCodeableConcept"] = json!({"text": reason}),
            Some(None) => dosage["asNeededBoolean"] = json!(true),
            None => {}
        }
        if let Some((code, display)) = route {
            dosage["route"] = concept(code, display);
        }
        if let Some((code, display)) = method {
            dosage["method"] = concept(code, display);
        }
        if let Some(site) = site {
            dosage["site"] = json!({"text": site});
        }
        if let Some((value, (span, word))) = most {
            dosage["maxDosePerPeriod"] = json!({"numerator": quantity(&value.to_string(), unit), "denominator": time(span, word)});
        }
        if let Some(further) = further {
            dosage["additionalInstruction"] = json!([{"text": further}]);
        }
        dosage
    }
}

fn each_leaf(value: &Value, pointer: String, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(name, child)| each_leaf(child, format!("{pointer}/{name}"), leaves));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, child)| each_leaf(child, format!("{pointer}/{index}"), leaves));
        }
        leaf => leaves.push((pointer, leaf.clone())),
    }
}

/// Any JSON under the names that a Dosage has.
fn document() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "text",
        "sequence",
        "timing",
        "repeat",
        "code",
        "coding",
        "display",
        "system",
        "event",
        "when",
        "dayOfWeek",
        "timeOfDay",
        "frequency",
        "frequencyMax",
        "period",
        "periodMax",
        "periodUnit",
        "duration",
        "durationUnit",
        "offset",
        "boundsDuration",
        "boundsRange",
        "boundsPeriod",
        "start",
        "end",
        "count",
        "countMax",
        "low",
        "high",
        "value",
        "unit",
        "numerator",
        "denominator",
        "doseAndRate",
        "doseQuantity",
        "doseRange",
        "dose",
        "rateRatio",
        "rateQuantity",
        "type",
        "maxDosePerPeriod",
        "asNeededBoolean",
        "asNeededCodeableConcept",
        "asNeededFor",
        "route",
        "site",
        "method",
        "additionalInstruction",
        "patientInstruction",
        "extension",
        "modifierExtension",
        "url",
        "_text",
        "unknown",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec!["0", "1", "-2", "2.50", "1e3", "123456789012345678901234567890.5", "1e400"])
            .prop_map(number),
        prop::sample::select(vec![
            "d",
            "h",
            "MORN",
            "AC",
            "mon",
            "08:00:00",
            "2026-02-30",
            "2026-10-24T08:00:00Z",
            "T",
            "tablet",
            "mg",
            "é",
            "1 tablet od",
            "http://snomed.info/sct",
            "http://unitsofmeasure.org",
            "428673006",
            "BID",
            ""
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..8).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

fn faults(resource: &Value) -> Vec<Issue> {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    let options = Options { uk_core: true, ..Options::STRICT };
    let validator = VALIDATOR.get_or_init(Validator::uk_core);
    validator.judge(resource, &options).into_iter().filter(Issue::is_error).collect()
}

fn request(dosages: &[Value]) -> Value {
    json!({
        "resourceType": "MedicationRequest", "status": "active", "intent": "plan",
        "subject": {"reference": "Patient/1"},
        "authoredOn": "2026-10-24", "requester": {"reference": "Practitioner/1"},
        "medicationCodeableConcept": {"text": "A medicine"}, "substitution": {"allowedBoolean": false},
        "dosageInstruction": dosages
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_rendered_of_a_dosage_reads_back_to_that_dosage(dosage in dosage()) {
        let rendered = render::texts(std::slice::from_ref(&dosage));
        prop_assert!(rendered.issues.is_empty(), "{:?}", rendered.issues);
        let parsed = parse::parse(&rendered.text);
        prop_assert!(parsed.is_understood(), "{}: {:?}", rendered.text, parsed.not_understood);
        prop_assert_eq!(parsed.dosages.len(), 1, "{}", rendered.text);
        let mut read = parsed.dosages[0].to_json();
        let text = read.as_object_mut().expect("an object").remove("text");
        prop_assert_eq!(text.as_ref().and_then(Value::as_str), Some(rendered.text.as_str()));
        prop_assert_eq!(&read, &dosage, "{}", rendered.text);
        // It agrees with its own text.
        read["text"] = json!(rendered.text);
        let compared = compare(&read);
        prop_assert_eq!(compared.verdict, Verdict::Agrees, "{}: {:?}", rendered.text, compared);
    }

    #[test]
    fn every_leaf_of_a_dosage_shows_in_its_text_or_its_issues(dosage in dosage()) {
        let before = render::texts(std::slice::from_ref(&dosage));
        let mut leaves = Vec::new();
        each_leaf(&dosage, String::new(), &mut leaves);
        for (pointer, leaf) in leaves {
            // A code is shown by its words, and a date by its day.
            let name = pointer.rsplit('/').next().unwrap_or_default();
            if matches!(name, "code" | "system") {
                continue;
            }
            let mut changed = dosage.clone();
            *changed.pointer_mut(&pointer).expect("it is there") = match leaf {
                Value::Number(number) => json!(number.as_f64().unwrap_or_default() + 3.0),
                Value::Bool(value) => json!(!value),
                _ => json!("zz"),
            };
            let after = render::texts(std::slice::from_ref(&changed));
            prop_assert_ne!((&before.text, &before.issues), (&after.text, &after.issues), "{} {}", pointer, changed);
        }
    }

    #[test]
    fn no_document_breaks_rendering_or_comparing(document in document()) {
        let rendered = render::texts(std::slice::from_ref(&document));
        let compared = compare(&document);
        prop_assert!(!rendered.text.is_empty() || !rendered.issues.is_empty());
        prop_assert!(compared.verdict != Verdict::Agrees || document.get("text").is_some());
        let list = json!({"resourceType": "MedicationRequest", "dosageInstruction": document});
        let bundle = json!({"resourceType": "Bundle", "entry": [{"resource": list}]});
        for held in ginnel_medicines::dose::held::held(&bundle) {
            let dosages: Vec<Value> = held.dosages.iter().map(|dosage| (*dosage).clone()).collect();
            render::texts_at(&held.element, &dosages);
        }
    }

    #[test]
    fn a_part_that_cannot_be_read_is_named_and_breaks_nothing(
        dosage in dosage(), odd in document(), at in any::<prop::sample::Index>()
    ) {
        let mut leaves = Vec::new();
        each_leaf(&dosage, String::new(), &mut leaves);
        let (pointer, leaf) = at.get(&leaves);
        let is_read = |value: &Value| value.is_null() || value.is_string() || value.is_number() || value.is_boolean();
        let mut broken = dosage.clone();
        *broken.pointer_mut(pointer).expect("it is there") = odd.clone();
        broken["text"] = json!("1 tablet twice a day");
        let rendered = render::texts(std::slice::from_ref(&broken));
        compare(&broken);
        let is_other_type = std::mem::discriminant(leaf) != std::mem::discriminant(&odd) && !odd.is_null();
        let is_of_list = pointer.rsplit('/').next().is_some_and(|name| name.parse::<usize>().is_ok());
        if is_other_type && (is_read(&odd) || !is_of_list) && !matches!(odd, Value::Array(_)) {
            prop_assert!(!rendered.issues.is_empty(), "{} {}", pointer, broken);
        }
    }

    #[test]
    fn no_text_breaks_the_reader_and_none_loses_a_word(text in "[ a-zA-Z0-9½./,;()\\-–µ\n]{0,80}") {
        let parsed = parse::parse(&text);
        prop_assert!(parsed.dosages.iter().all(|dosage| dosage.text.as_deref() == Some(text.as_str())));
        prop_assert!(parsed.is_understood() || parsed.dosages.iter().all(|dosage| !dosage.is_structured()));
        for words in &parsed.not_understood {
            let there: String = text.chars().skip(words.at).take(words.text.chars().count()).collect();
            prop_assert_eq!(&there, &words.text);
        }
    }

    #[test]
    fn no_row_of_dose_words_breaks_the_reader_or_fhirs_rules(
        words in prop::collection::vec(prop::sample::select(vec![
            "take", "one", "2", "1-2", "half", "a", "tablet", "tablets", "5ml", "500mg", "twice", "daily", "a day", "every",
            "4", "6", "hours", "hourly", "at night", "in the morning", "morning", "and", "or", ",", ".", "then", "for",
            "7 days", "when required", "prn", "max", "8", "in 24 hours", "on", "Monday", "with food", "before", "after",
            "breakfast", "08:00", "at", "8am", "by mouth", "od", "bd", "not", "do not", "up to", "times", "other days", "stat",
            "until", "25/12/2026", "(", ")", "-", "1/2", "x", "per", "hour", "spoonful", "left eye", "to",
        ]), 1..10)
    ) {
        let text = words.join(" ");
        let parsed = parse::parse(&text);
        prop_assert!(parsed.is_understood() || parsed.dosages.iter().all(|dosage| !dosage.is_structured()));
        let dosages: Vec<Value> = parsed.dosages.iter().map(|dosage| dosage.to_json()).collect();
        let request = request(&dosages);
        let faults = faults(&request);
        prop_assert!(faults.is_empty(), "{text}: {faults:?} {request}");
        // A negation never becomes a dose.
        if words.iter().any(|word| matches!(*word, "not" | "do not")) && parsed.is_understood() {
            prop_assert!(dosages.iter().all(|dosage| dosage.get("doseAndRate").is_none()) || text.contains("max") , "{text}");
        }
    }
}

#[test]
fn what_labels_become_conforms_to_r4_and_uk_core() {
    for (text, _) in super::labels::UNDERSTOOD {
        let dosages: Vec<Value> = parse::parse(text).dosages.iter().map(|dosage| dosage.to_json()).collect();
        assert_eq!(faults(&request(&dosages)), [], "{text}");
    }
}
