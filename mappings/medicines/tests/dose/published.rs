//! The published pairs of Dosage and text, where they lie beside the project; without them the tests say so and pass.

use ginnel_medicines::dose::render;
use serde_json::Value;
use std::path::PathBuf;

/// A published pair: its file, the text that stands there, and the Dosage without it.
pub struct Pair {
    pub source: String,
    pub text: String,
    pub dosage: Value,
}

/// All pairs, or nothing where the folder is not there.
pub fn pairs() -> Option<Vec<Pair>> {
    let folder = std::env::var_os("GINNEL_DOSE_SYNTAX")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/dose-syntax"));
    let Ok(bytes) = std::fs::read(folder.join("dosage-text-pairs.json")) else {
        println!("skipped: no published dose texts (set GINNEL_DOSE_SYNTAX to their folder)");
        return None;
    };
    let all: Value = serde_json::from_slice(&bytes).expect("the pairs are JSON");
    let text = |pair: &Value, name: &str| pair[name].as_str().expect("a text").to_owned();
    let pair = |pair: &Value| Pair {
        source: text(pair, "source").rsplit('/').next().expect("a name").to_owned(),
        text: text(pair, "expectedText"),
        dosage: pair["dosage"].clone(),
    };
    Some(all["pairs"].as_array().expect("a list").iter().map(pair).collect())
}

/// Pairs whose own text breaks the rules: file, its text, the text by the rules, and the rule that the pair breaks.
const INCONSISTENT: &[(&str, &str, &str, &str)] = &[
    (
        "Lidocaine-plasters-example.xml",
        "Apply 0 plasters - over 12 hours",
        "Apply 0 plaster - over 12 hours",
        "units other than those of time stay as sent: the unit sent is \"plaster\"",
    ),
    (
        "example-dosage-aspirindispersible.xml",
        "2 tablet - 4 times a day - at a meal - Dissolve or mix with water before taking - up to a maximum of 3.6 gram in 24 hours",
        "2 tablet - 4 times a day - at a meal - up to a maximum of 3.6 gram in 24 hours - Dissolve or mix with water before taking",
        "display order: maxDosePerPeriod (18) stands before additionalInstruction (19)",
    ),
    (
        "example-dosage-gastro.xml",
        "1 tablet - daily - oral",
        "1 tablet - once a day - oral",
        "frequency 1 and period 1 is \"once a day\"; \"daily\" is a period without a frequency",
    ),
    (
        "example-dosage-glucose.xml",
        "Continuous infusion 1 bag - Intravenous route - over 8 hours",
        "Continuous infusion 1 bag - over 8 hours - Intravenous route",
        "display order: duration (7) stands before route (12)",
    ),
    (
        "example-dosage-microgynon2.xml",
        "1 tablet - daily - for 21 days - oral",
        "1 tablet - once a day - oral - for 21 days",
        "frequency 1 and period 1 is \"once a day\"; route (12) stands before boundsDuration (15)",
    ),
    (
        "example-dosage-morphine-bolus.xml",
        "Intermittent bolus 5 milligram - as required - Intravenous route - Administer via PCA with a 5 minute lockout",
        "Intermittent bolus 5 milligram - Intravenous route - as required - Administer via PCA with a 5 minute lockout",
        "display order: route (12) stands before asNeeded (14)",
    ),
    (
        "example-dosage-prednisolone.xml",
        "8 tablet - once a day - after a meal - for 7 days - Then stop",
        "8 tablet - once a day - during the morning and after a meal - for 7 days - Then stop",
        "several events are all said, joined by \"and\": the Dosage has MORN as well as PC",
    ),
    (
        "example-dosage-sumatriptan.xml",
        "1 tablet - take once - as required for Migraine",
        "1 tablet - as required for Migraine - take once",
        "display order: asNeeded (14) stands before count (16)",
    ),
    (
        "hackathon-example-2023-03-r4-ars-jill-jones.xml",
        "One tablet to be taken once daily for one week",
        "1 tablet - once a day - for 1 week",
        "a label in a prescriber's words, not made by the rules",
    ),
    (
        "hackathon-example-2023-03-r4-ars-jill-jones.xml",
        "One tablet to be taken three times daily",
        "1 tablet - 3 times a day",
        "a label in a prescriber's words, not made by the rules",
    ),
    (
        "hackathon-example-2023-03-r4-ars-jill-jones.xml",
        "One to be taken once at night",
        "1 tablet - once a day - during the night",
        "a label in a prescriber's words, not made by the rules",
    ),
    (
        "example-dosage-limitation-combinationpack.xml",
        "2 tablets - take once - as required when migraine occurs - Max dose 2 tablets in 24 hours - Pink tablet",
        "2 tablet - as required for Migraine - take once - up to a maximum of 2 tablet in 24 hours - Pink tablets",
        "other words, order and plurals than the guide's; the instruction sent is \"Pink tablets\"",
    ),
];

#[test]
fn every_published_dosage_renders_to_its_text_or_the_text_is_shown_to_break_the_rules() {
    let Some(pairs) = pairs() else { return };
    let mut wrong = Vec::new();
    for pair in &pairs {
        let rendered = render::texts(std::slice::from_ref(&pair.dosage));
        assert!(rendered.is_whole(), "{}: {:?}", pair.source, rendered.issues);
        let listed = INCONSISTENT.iter().find(|(file, text, ..)| *file == pair.source && *text == pair.text);
        let expected = listed.map_or(pair.text.as_str(), |(_, _, by_the_rules, _)| by_the_rules);
        if rendered.text != expected {
            wrong.push(format!("{}\n  published {}\n  rendered  {}", pair.source, pair.text, rendered.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (file, text, by_the_rules, _) in INCONSISTENT {
        assert_ne!(text, by_the_rules, "{file} is equal now: take it off the list");
        let is_there = pairs.iter().any(|pair| pair.source == *file && pair.text == *text);
        assert!(is_there, "{file}: the list names a pair that is not published");
    }
}

#[test]
fn the_text_beside_a_structure_does_not_change_what_is_rendered_of_it() {
    let Some(pairs) = pairs() else { return };
    for pair in &pairs {
        let mut with_text = pair.dosage.clone();
        with_text["text"] = Value::String(pair.text.clone());
        let rendered = render::texts(std::slice::from_ref(&pair.dosage)).text;
        let beside = render::texts(&[with_text.clone()]).text;
        assert_eq!(beside, rendered, "{}", pair.source);
        with_text["text"] = Value::String("AS DIRECTED".to_owned());
        let beside = render::texts(&[with_text]).text;
        assert!(beside == rendered || beside == format!("AS DIRECTED - {rendered}"), "{}: {beside}", pair.source);
    }
}
