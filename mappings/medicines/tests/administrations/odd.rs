//! Records that are shuffled, truncated or of any shape: nothing vanishes, nothing panics, and order decides nothing.

use crate::administration;
use ginnel_medicines::administration::{Administration, chart};
use ginnel_medicines::drug_code::Drug;
use ginnel_medicines::record::{Document, Record};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON, with words that the readers look for.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "completed",
        "not-done",
        "2026-10-25T01:40:00",
        "2026-10-24",
        "Due 07:30 local.",
        "c",
        "no_record",
        "",
        "Patient/p",
        "#m",
        "http://snomed.info/sct",
        "https://dmd.nhs.uk",
        "322236009",
        "4.2E+16",
        "Warfarin 3mg tablets",
        "é½",
        "0/0",
        "1e400",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "coding",
        "code",
        "system",
        "text",
        "display",
        "extension",
        "url",
        "valueString",
        "value",
        "unit",
        "dose",
        "reference",
        "actor",
        "function",
        "identifier",
        "start",
        "end",
        "ingredient",
        "id",
        "resourceType",
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_member_of_any_shape_leaves_the_entry_on_the_chart(
        member in prop::sample::select(vec![
            "status", "statusReason", "reasonNotGiven", "notGiven", "medicationCodeableConcept", "medicationReference", "effectiveDateTime",
            "effectivePeriod", "performer", "dosage", "note", "extension", "request", "identifier", "contained", "subject", "meta",
        ]),
        value in any_json(),
    ) {
        let mut odd = administration(json!({}));
        odd[member] = value;
        let list = json!([administration(json!({"id": "fine"})), odd]);
        let record = Record::read(&[Document { name: "test".into(), value: &list }]);
        let chart = chart(&record, None, None);
        // What is contained and cannot be read is a line more.
        let of_their_own = chart.lines.iter().filter(|line| !line.evidence[0].contains(".contained["));
        prop_assert_eq!(of_their_own.count(), 2);
        chart.lines.iter().for_each(|line| drop(line.to_json()));
    }

    #[test]
    fn a_concept_of_any_shape_is_read(concept in any_json()) {
        let drug = Drug::read(&concept, None);
        prop_assert!(!drug.shown(None).is_empty());
        prop_assert!(drug.name.is_some() || !drug.remarks.is_empty());
        let other = Drug::read(&json!({"text": "Warfarin 3mg tablets"}), None);
        prop_assert_eq!(drug.compare(&other, None), other.compare(&drug, None));
    }

    #[test]
    fn any_words_are_read_as_a_name(name in "\\PC{0,60}") {
        let drug = Drug::read(&json!({"text": name}), None);
        prop_assert_eq!(drug.name.as_deref().unwrap_or_default(), name.trim());
    }

    #[test]
    fn a_claim_never_grows_stronger_by_a_note(note in "\\PC{0,60}", status in prop::sample::select(vec!["not-done", "unknown", "entered-in-error"])) {
        let read = Administration::read(&administration(json!({"status": status, "note": [{"text": note}]})));
        prop_assert!(!read.is_given(), "{:?}", read.outcome);
    }
}

#[test]
fn the_order_of_entries_decides_nothing() {
    let due = |at: &str| json!([{"url": "https://gateway.example.org/StructureDefinition/administration-due", "valueDateTime": at}]);
    let statuses = ["completed", "not-done", "completed", "completed", "unknown", "entered-in-error"];
    let mut entries: Vec<Value> = (0..6)
        .map(|at| {
            administration(json!({"id": format!("e{at}"), "request": {"reference": "MedicationRequest/o"},
                "identifier": [{"system": "https://example.org/a", "value": format!("{}", at / 2)}],
                "status": statuses[at],
                "extension": due("2026-10-24T08:00:00+01:00"), "effectiveDateTime": format!("2026-10-24T08:{at}0:00+01:00")}))
        })
        .collect();
    entries.push(json!({"resourceType": "MedicationRequest", "id": "o", "status": "active", "intent": "plan", "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "Lactulose"}, "dosageInstruction": [{
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "07:00:00"]}},
            "maxDosePerPeriod": {"numerator": {"value": 20, "unit": "ml"}, "denominator": {"value": 1, "unit": "d"}}}]}));
    let told = |entries: &[Value]| -> Vec<String> {
        let list = Value::Array(entries.to_vec());
        let record = Record::read(&[Document { name: "test".into(), value: &list }]);
        let chart = chart(&record, None, None);
        let lines = chart.lines.iter().map(|line| {
            let mut line = line.to_json();
            // Warnings of one line are a set.
            let mut keys: Vec<String> =
                line["warnings"].as_array().into_iter().flatten().map(ToString::to_string).collect();
            keys.sort();
            line["warnings"] = json!(keys);
            line.to_string()
        });
        std::iter::once(chart.header().to_string()).chain(lines).collect()
    };
    let expected = told(&entries);
    for turn in 1..entries.len() {
        entries.rotate_left(1);
        assert_eq!(told(&entries), expected, "turned by {turn}");
        let reversed: Vec<Value> = entries.iter().rev().cloned().collect();
        assert_eq!(told(&reversed), expected, "turned by {turn} and reversed");
    }
}
