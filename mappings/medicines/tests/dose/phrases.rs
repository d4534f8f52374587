//! The NHS phrases, element by element, as tables of structure and text.

use ginnel_medicines::dose::render;
use serde_json::{Value, json};

fn rendered(dosage: Value) -> String {
    let rendered = render::texts(std::slice::from_ref(&dosage));
    assert!(rendered.issues.is_empty(), "{dosage}: {:?}", rendered.issues);
    rendered.text
}

fn repeat(repeat: Value) -> Value {
    json!({"timing": {"repeat": repeat}})
}

fn snomed(display: &str) -> Value {
    json!({"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": display}]})
}

fn amount(value: Value, unit: &str) -> Value {
    json!({"value": value, "unit": unit})
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}

#[test]
fn doses_and_rates() {
    let mg = |value: &str| amount(number(value), "milligram");
    for (part, text) in [
        (json!({"doseQuantity": mg("50")}), "50 milligram"),
        (json!({"doseQuantity": mg("0.50")}), "0.50 milligram"),
        (json!({"doseQuantity": mg("1.0")}), "1.0 milligram"),
        (json!({"doseQuantity": amount(json!(2), "tablet")}), "2 tablet"),
        (json!({"doseQuantity": amount(json!(0), "plaster")}), "0 plaster"),
        (json!({"doseQuantity": {"value": 5, "system": "http://unitsofmeasure.org", "code": "mL"}}), "5 millilitre"),
        (json!({"doseQuantity": {"value": 1, "system": "http://snomed.info/sct", "code": "428673006"}}), "1 tablet"),
        (json!({"doseRange": {"low": mg("20"), "high": mg("40")}}), "20 to 40 milligram"),
        (json!({"doseRange": {"low": {"value": 1}, "high": amount(json!(2), "tablet")}}), "1 to 2 tablet"),
        (json!({"doseRange": {"low": mg("500"), "high": amount(json!(1), "gram")}}), "500 milligram to 1 gram"),
        (json!({"doseRange": {"high": amount(json!(40), "millilitre")}}), "up to 40 millilitre"),
        (
            json!({"rateRatio": {"numerator": amount(json!(30), "millilitre"), "denominator": amount(json!(1), "hour")}}),
            "at a rate of 30 millilitre per hour",
        ),
        (
            json!({"rateRatio": {"numerator": amount(json!(30), "millilitre"), "denominator": amount(json!(2), "hour")}}),
            "at a rate of 30 millilitre every 2 hours",
        ),
        (
            json!({"rateRatio": {"numerator": amount(json!(30), "millilitre"), "denominator": amount(json!(1), "kilogram")}}),
            "at a rate of 30 millilitre per kilogram",
        ),
        (
            json!({"rateRange": {"low": amount(json!(1), "liter per minute"), "high": amount(json!(2), "liter per minute")}}),
            "at a rate of 1 to 2 liter per minute",
        ),
        (
            json!({"rateQuantity": amount(json!(1), "microgram per kilogram per hour")}),
            "at a rate of 1 microgram per kilogram per hour",
        ),
        (
            json!({"rateQuantity": {"value": 2, "system": "http://unitsofmeasure.org", "code": "mL/h"}}),
            "at a rate of 2 millilitre per hour",
        ),
        (
            json!({"doseQuantity": mg("100"), "rateQuantity": amount(json!(10), "milligram per hour")}),
            "100 milligram - at a rate of 10 milligram per hour",
        ),
    ] {
        assert_eq!(rendered(json!({"doseAndRate": [part.clone()]})), text);
        // STU3 has the same parts without `doseAndRate`.
        assert_eq!(rendered(part), text);
    }
}

#[test]
fn how_often() {
    for (parts, text) in [
        (json!({"frequency": 3, "period": 8, "periodUnit": "h"}), "3 times every 8 hours"),
        (json!({"frequency": 2, "frequencyMax": 3, "period": 8, "periodUnit": "h"}), "2 to 3 times every 8 hours"),
        (json!({"frequency": 3, "period": 6, "periodMax": 8, "periodUnit": "h"}), "3 times every 6 to 8 hours"),
        (
            json!({"frequency": 2, "frequencyMax": 3, "period": 6, "periodMax": 8, "periodUnit": "h"}),
            "2 to 3 times every 6 to 8 hours",
        ),
        (json!({"frequencyMax": 3, "period": 1, "periodUnit": "d"}), "up to 3 times a day"),
        (json!({"frequencyMax": 4, "period": 8, "periodUnit": "h"}), "up to 4 times every 8 hours"),
        (
            json!({"frequencyMax": 6, "period": 3, "periodMax": 4, "periodUnit": "wk"}),
            "up to 6 times every 3 to 4 weeks",
        ),
        (json!({"frequencyMax": 8}), "up to 8 times"),
        (json!({"period": 1, "periodUnit": "h"}), "hourly"),
        (json!({"period": 1, "periodUnit": "d"}), "daily"),
        (json!({"period": 1, "periodUnit": "wk"}), "weekly"),
        (json!({"period": 1, "periodUnit": "mo"}), "monthly"),
        (json!({"period": 1, "periodUnit": "a"}), "annually"),
        (json!({"frequency": 1}), "once"),
        (json!({"frequency": 2}), "twice"),
        (json!({"frequency": 3}), "3 times"),
        (json!({"frequency": 1, "frequencyMax": 2}), "1 to 2 times"),
        (json!({"frequency": 1, "period": 1, "periodUnit": "h"}), "once an hour"),
        (json!({"frequency": 1, "period": 1, "periodUnit": "d"}), "once a day"),
        (json!({"frequency": 1, "period": 1, "periodUnit": "wk"}), "once a week"),
        (json!({"frequency": 1, "period": 8, "periodUnit": "h"}), "every 8 hours"),
        (json!({"frequency": 1, "period": 6, "periodMax": 8, "periodUnit": "h"}), "every 6 to 8 hours"),
        (json!({"frequency": 1, "period": 1, "periodMax": 2, "periodUnit": "h"}), "every 1 to 2 hours"),
        (json!({"frequency": 1, "period": 20, "periodMax": 30, "periodUnit": "min"}), "every 20 to 30 minutes"),
        (json!({"frequency": 1, "period": 72, "periodUnit": "h"}), "every 72 hours"),
        (json!({"frequency": 1, "period": 3, "periodUnit": "mo"}), "every 3 months"),
        (json!({"frequency": 2, "period": 1, "periodUnit": "d"}), "twice a day"),
        (json!({"frequency": 4, "period": 1, "periodUnit": "d"}), "4 times a day"),
        (json!({"frequency": 2, "period": 8, "periodUnit": "h"}), "twice every 8 hours"),
        (json!({"frequency": 2, "period": 6, "periodMax": 8, "periodUnit": "h"}), "twice every 6 to 8 hours"),
        (json!({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}), "1 to 2 times a day"),
    ] {
        assert_eq!(rendered(repeat(parts)), text);
    }
}

#[test]
fn when_on_which_days_and_for_how_long() {
    for (parts, text) in [
        (json!({"when": ["CM"]}), "at breakfast"),
        (json!({"when": ["C"]}), "at a meal"),
        (json!({"when": ["HS"]}), "before sleep"),
        (json!({"when": ["WAKE"]}), "upon waking"),
        (json!({"when": ["PHS"]}), "once asleep"),
        (json!({"when": ["NIGHT"]}), "during the night"),
        (json!({"when": ["NOON"]}), "around 12:00pm"),
        (json!({"when": ["MORN", "ACM"]}), "during the morning and before breakfast"),
        (json!({"when": ["CM", "CD", "CV"]}), "at breakfast, at lunch and at dinner"),
        (json!({"when": ["AC"], "offset": 30}), "30 minutes before a meal"),
        (json!({"when": ["AC"], "offset": 1}), "1 minute before a meal"),
        (json!({"when": ["HS"], "offset": 60}), "1 hour before sleep"),
        (json!({"when": ["PCM"], "offset": 120}), "2 hours after breakfast"),
        (json!({"when": ["AC"], "offset": 90}), "90 minutes before a meal"),
        (json!({"when": ["ACD"], "offset": 2880}), "2 days before lunch"),
        (json!({"dayOfWeek": ["mon"]}), "on Monday"),
        (json!({"dayOfWeek": ["mon", "wed", "fri"]}), "on Monday, Wednesday and Friday"),
        (json!({"timeOfDay": ["10:00:00"]}), "at 10:00"),
        (json!({"timeOfDay": ["10:00:00", "15:00:00"]}), "at 10:00 and 15:00"),
        (json!({"timeOfDay": ["12:00:30"]}), "at 12:00:30"),
        (json!({"dayOfWeek": ["mon"], "timeOfDay": ["10:30:00"]}), "on Monday at 10:30"),
        (json!({"duration": 8, "durationUnit": "h"}), "over 8 hours"),
        (json!({"duration": 1, "durationUnit": "h"}), "over 1 hour"),
        (json!({"duration": 4, "durationMax": 6, "durationUnit": "h"}), "over 4 hours (maximum 6 hours)"),
        (json!({"boundsDuration": amount(json!(7), "day")}), "for 7 days"),
        (json!({"boundsDuration": amount(json!(1), "week")}), "for 1 week"),
        (json!({"boundsDuration": {"value": 2, "system": "http://unitsofmeasure.org", "code": "wk"}}), "for 2 weeks"),
        (
            json!({"boundsRange": {"low": amount(json!(2), "hour"), "high": amount(json!(4), "hour")}}),
            "for 2 to 4 hours",
        ),
        (
            json!({"boundsRange": {"low": amount(json!(10), "minute"), "high": amount(json!(1), "hour")}}),
            "for 10 minutes to 1 hour",
        ),
        (json!({"boundsRange": {"low": amount(json!(2), "hour")}}), "for at least 2 hours"),
        (json!({"boundsRange": {"high": amount(json!(2), "hour")}}), "for up to 2 hours"),
        (json!({"boundsPeriod": {"start": "2021-06-24", "end": "2021-07-24"}}), "from 24/06/2021 to 24/07/2021"),
        (json!({"boundsPeriod": {"start": "2019-11-01"}}), "from 01/11/2019"),
        (json!({"boundsPeriod": {"end": "2021-07-24"}}), "until 24/07/2021"),
        (json!({"count": 1}), "take once"),
        (json!({"count": 2}), "take twice"),
        (json!({"count": 3}), "take 3 times"),
        (json!({"count": 3, "countMax": 5}), "take 3 to 5 times"),
        (json!({"count": 1, "countMax": 2}), "take 1 to 2 times"),
    ] {
        assert_eq!(rendered(repeat(parts)), text);
    }
    let events = |days: &[&str]| rendered(json!({"timing": {"event": days}}));
    assert_eq!(events(&["2019-01-25"]), "on 25/01/2019");
    assert_eq!(events(&["2019-01-25", "2019-02-25", "2019-03-25"]), "on 25/01/2019, 25/02/2019 and 25/03/2019");
}

#[test]
fn the_other_elements() {
    let in_a_day = |value: &str, unit: &str| json!({"numerator": amount(number(value), unit), "denominator": amount(json!(24), "hour")});
    for (dosage, text) in [
        (json!({"route": snomed("Oral")}), "Oral"),
        (json!({"route": {"coding": [{"system": "http://snomed.info/sct", "code": "37161004"}]}}), "Rectal"),
        (json!({"route": {"text": "by mouth", "coding": [{"system": "s", "code": "c"}]}}), "by mouth"),
        (json!({"site": snomed("Left eye")}), "Left eye"),
        (json!({"method": snomed("Apply")}), "Apply"),
        (json!({"method": snomed("Apply"), "route": snomed("Topical")}), "Apply Topical"),
        (json!({"asNeededBoolean": true}), "as required"),
        (json!({"asNeededBoolean": false, "route": snomed("Oral")}), "Oral"),
        (json!({"asNeededCodeableConcept": snomed("Migraine")}), "as required for Migraine"),
        (json!({"asNeeded": true, "asNeededFor": [snomed("Pain"), snomed("Fever")]}), "as required for Pain and Fever"),
        (
            json!({"asNeededBoolean": true, "extension": [{
                "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Dosage.asNeededFor",
                "valueCodeableConcept": {"text": "wheeze"}
            }]}),
            "as required for wheeze",
        ),
        (json!({"maxDosePerPeriod": in_a_day("1000", "milligram")}), "up to a maximum of 1000 milligram in 24 hours"),
        (
            json!({"maxDosePerPeriod": [in_a_day("8", "tablet"), in_a_day("4.0", "gram")]}),
            "up to a maximum of 8 tablet in 24 hours - up to a maximum of 4.0 gram in 24 hours",
        ),
        (json!({"maxDosePerAdministration": amount(json!(2), "milligram")}), "up to a maximum of 2 milligram per dose"),
        (
            json!({"maxDosePerLifetime": amount(json!(60), "milligram")}),
            "up to a maximum of 60 milligram for the lifetime of patient",
        ),
        (
            json!({"additionalInstruction": [snomed("Dissolve or mix with water before taking"), snomed("Contains aspirin")]}),
            "Dissolve or mix with water before taking and Contains aspirin",
        ),
        (json!({"patientInstruction": "with a spacer"}), "with a spacer"),
        (json!({"timing": {"code": {"coding": [{"code": "BID"}]}}}), "twice a day"),
        (json!({"timing": {"code": {"text": "with each feed"}}}), "with each feed"),
        (
            json!({"timing": {"code": {"coding": [{"code": "BID"}]}, "repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}),
            "twice a day",
        ),
        (json!({"dose": amount(json!(1), "tablet"), "route": snomed("Oral")}), "1 tablet - Oral"),
    ] {
        assert_eq!(rendered(dosage), text);
    }
}

#[test]
fn an_instruction_that_repeats_the_coded_parts_is_printed_once() {
    let dosage = |instruction: &str| {
        let mut dosage = repeat(json!({"frequency": 1, "period": 1, "periodUnit": "wk"}));
        dosage["patientInstruction"] = json!(instruction);
        rendered(dosage)
    };
    assert_eq!(dosage("once a week"), "once a week");
    assert_eq!(dosage("once a week - before travel"), "once a week - before travel");
    assert_eq!(dosage("once a weekend"), "once a week - once a weekend");
    assert_eq!(dosage("before travel"), "once a week - before travel");
}

#[test]
fn parts_stand_in_the_order_of_the_guide() {
    let dosage = json!({
        "patientInstruction": "when migraine recurs",
        "additionalInstruction": [snomed("Contains aspirin")],
        "maxDosePerLifetime": amount(json!(2000), "milligram"),
        "maxDosePerAdministration": amount(json!(20), "milligram"),
        "maxDosePerPeriod": {"numerator": amount(json!(200), "milligram"), "denominator": amount(json!(24), "hour")},
        "asNeededBoolean": true,
        "site": snomed("Right arm"),
        "route": snomed("subcutaneous route"),
        "timing": {
            "event": ["2021-06-24"],
            "repeat": {
                "count": 2,
                "boundsDuration": amount(json!(3), "day"),
                "timeOfDay": ["12:00:00"],
                "dayOfWeek": ["mon"],
                "when": ["ACD"],
                "offset": 60,
                "frequency": 2, "period": 1, "periodUnit": "d",
                "duration": 2, "durationMax": 12, "durationUnit": "h"
            }
        },
        "doseAndRate": [{
            "doseQuantity": amount(json!(100), "milligram"),
            "rateQuantity": amount(json!(10), "milligram per kilogram and hour")
        }],
        "method": snomed("Apply")
    });
    assert_eq!(
        rendered(dosage),
        "Apply 100 milligram - at a rate of 10 milligram per kilogram and hour - over 2 hours (maximum 12 hours) - \
         twice a day - 1 hour before lunch - on Monday at 12:00 - subcutaneous route - Right arm - as required - \
         for 3 days - take twice - on 24/06/2021 - up to a maximum of 200 milligram in 24 hours - up to a maximum of \
         20 milligram per dose - up to a maximum of 2000 milligram for the lifetime of patient - Contains aspirin - \
         when migraine recurs"
    );
}

#[test]
fn several_dosages_go_together_or_one_after_the_other() {
    let dosage = |sequence: Option<i64>, tablets: i64| {
        let mut dosage = json!({"doseAndRate": [{"doseQuantity": amount(json!(tablets), "tablet")}]});
        if let Some(sequence) = sequence {
            dosage["sequence"] = json!(sequence);
        }
        dosage
    };
    let text = |dosages: &[Value]| render::texts(dosages);
    assert_eq!(text(&[dosage(Some(1), 2), dosage(Some(1), 1)]).text, "2 tablet, and 1 tablet");
    assert_eq!(text(&[dosage(Some(2), 1), dosage(Some(1), 2)]).text, "2 tablet, then 1 tablet");
    assert_eq!(
        text(&[dosage(Some(2), 1), dosage(Some(1), 2), dosage(Some(1), 3), dosage(Some(2), 4)]).text,
        "2 tablet, and 3 tablet, then 1 tablet, and 4 tablet"
    );
    assert!(text(&[dosage(None, 1)]).issues.is_empty());
    let without = text(&[dosage(Some(1), 2), dosage(None, 1)]);
    assert_eq!(without.text, "2 tablet; 1 tablet");
    assert_eq!(paths(&without), ["error dose.no-sequence Dosage[1].sequence"]);
    assert_eq!(text(&[]).text, "");
}

fn paths(rendered: &render::Rendered) -> Vec<String> {
    let line =
        |issue: &ginnel_medicines::dose::Finding| format!("{} {} {}", issue.severity.code(), issue.key, issue.path);
    rendered.issues.iter().map(line).collect()
}

#[test]
fn nothing_is_left_out_silently() {
    let error = |key: &str, path: &str| format!("error {key} Dosage[0].{path}");
    for (dosage, text, expected) in [
        (repeat(json!({"period": 1})), "", vec![error("dose.incomplete", "timing.repeat.periodUnit")]),
        (repeat(json!({"periodUnit": "d"})), "", vec![error("dose.incomplete", "timing.repeat.periodUnit")]),
        (
            repeat(json!({"frequency": 3, "periodMax": 2, "periodUnit": "h"})),
            "",
            vec![error("dose.incomplete", "timing.repeat.periodMax")],
        ),
        (
            repeat(json!({"period": 8, "periodUnit": "h"})),
            "every 8 hours",
            vec!["warning dose.incomplete Dosage[0].timing.repeat.period".to_owned()],
        ),
        (
            repeat(json!({"durationMax": 1, "durationUnit": "h"})),
            "",
            vec![error("dose.incomplete", "timing.repeat.durationMax")],
        ),
        (repeat(json!({"countMax": 5})), "", vec![error("dose.incomplete", "timing.repeat.countMax")]),
        (repeat(json!({"when": ["BOB"]})), "BOB", vec![error("dose.unknown-code", "timing.repeat.when[0]")]),
        (repeat(json!({"offset": 60})), "", vec![error("dose.incomplete", "timing.repeat.offset")]),
        (
            repeat(json!({"offset": 60, "when": ["C"]})),
            "at a meal",
            vec![error("dose.incomplete", "timing.repeat.offset")],
        ),
        (repeat(json!({"dayOfWeek": ["bob"]})), "on bob", vec![error("dose.bad-value", "timing.repeat.dayOfWeek[0]")]),
        (
            repeat(json!({"timeOfDay": ["12:99"]})),
            "at 12:99",
            vec![error("dose.bad-value", "timing.repeat.timeOfDay[0]")],
        ),
        (
            repeat(json!({"frequency": 0, "period": 1, "periodUnit": "d"})),
            "0 times a day",
            vec![error("dose.bad-value", "timing.repeat.frequency")],
        ),
        (
            repeat(json!({"boundsPeriod": {"start": "2021-06-35"}})),
            "from 2021-06-35",
            vec![error("dose.bad-value", "timing.repeat.boundsPeriod.start")],
        ),
        (
            json!({"timing": {"event": ["2021-06-35"]}}),
            "on 2021-06-35",
            vec![error("dose.bad-value", "timing.event[0]")],
        ),
        (
            json!({"timing": {"code": {"coding": [{"code": "TID"}]}, "repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}),
            "twice a day - 3 times a day",
            vec![error("dose.conflict", "timing.code")],
        ),
        (json!({"doseQuantity": {"unit": "milligram"}}), "", vec![error("dose.incomplete", "doseQuantity")]),
        (
            json!({"doseQuantity": {"value": 10}}),
            "10 (unit not stated)",
            vec!["warning dose.incomplete Dosage[0].doseQuantity".to_owned()],
        ),
        (
            json!({"doseQuantity": {"value": 1, "system": "http://snomed.info/sct", "code": "999"}}),
            "1 999",
            vec![error("dose.unknown-code", "doseQuantity")],
        ),
        (
            json!({"doseQuantity": {"value": 1, "unit": "tablet", "comparator": "<"}}),
            "<1 tablet",
            vec![error("dose.bad-value", "doseQuantity")],
        ),
        (json!({"doseRange": {"low": amount(json!(1), "tablet")}}), "", vec![error("dose.incomplete", "doseRange")]),
        (
            json!({"doseAndRate": [
                {"doseQuantity": amount(json!(1), "tablet")},
                {"doseQuantity": amount(json!(500), "milligram"), "type": {"coding": [{"code": "ordered"}]}}
            ]}),
            "500 milligram",
            vec![error("dose.conflict", "doseAndRate[0].doseQuantity")],
        ),
        (
            json!({"maxDosePerPeriod": {"numerator": amount(json!(8), "tablet")}}),
            "",
            vec![error("dose.incomplete", "maxDosePerPeriod")],
        ),
        (json!({"route": {"coding": []}}), "", vec![error("dose.incomplete", "route")]),
        (
            json!({"route": {"coding": [{"system": "s", "code": "c1"}]}}),
            "c1",
            vec![error("dose.unknown-code", "route")],
        ),
        (json!({"asNeededBoolean": true, "dose_": 1}), "as required", vec![error("dose.unknown-element", "dose_")]),
        (
            json!({"asNeededBoolean": true, "extension": [{"url": "http://example.org/taper"}]}),
            "as required",
            vec!["warning dose.unknown-extension Dosage[0].extension[0]".to_owned()],
        ),
        (
            json!({"timing": {"repeat": {"count": 1, "_count": {"extension": [{"url": "http://example.org/a"}]}}}}),
            "take once",
            vec!["warning dose.unknown-extension Dosage[0].timing.repeat.count.extension[0]".to_owned()],
        ),
        (
            json!({"asNeededBoolean": true, "modifierExtension": [{"url": "http://example.org/not"}]}),
            "as required",
            vec![error("dose.unknown-extension", "modifierExtension")],
        ),
        (
            json!({"asNeededBoolean": "yes", "route": snomed("Oral")}),
            "Oral",
            vec![error("dose.wrong-type", "asNeededBoolean")],
        ),
        (json!({}), "", vec!["error dose.empty Dosage[0]".to_owned()]),
        (json!("ONE DAILY"), "", vec!["error dose.wrong-type Dosage[0]".to_owned()]),
        (json!({"text": "ONE DAILY "}), "ONE DAILY ", vec!["information dose.text-only Dosage[0].text".to_owned()]),
    ] {
        let rendered = render::texts(std::slice::from_ref(&dosage));
        assert_eq!((rendered.text.as_str(), paths(&rendered)), (text, expected), "{dosage}");
    }
}
