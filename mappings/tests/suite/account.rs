//! The account: one row for every leaf, whatever comes in.

use crate::{example, leaves, message, registry, translate};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::translate::Context;
use proptest::prelude::*;
use serde_json::{Value, json};

fn whole(vendor: &str, name: &str, payload: &Value) {
    let translated = translate(message(vendor, name), payload, &Context::new());
    let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
    assert_eq!(rows, leaves(payload), "one row a leaf, in input order");
    for row in &translated.account {
        let needs_reason =
            matches!(row.outcome, Outcome::Kept | Outcome::Dropped | Outcome::Inconsistent | Outcome::Refused);
        assert!(!needs_reason || row.reason.is_some(), "{row:?} says why");
    }
}

#[test]
fn each_outcome_stands_where_it_belongs() {
    let payload = json!({"people": [
        {"id": "p1", "surname": "A", "sex": "P", "pets": "cat", "door": "4417", "nhs": "123", "born": null, "hat": 1,
         "form": {"there": true, "where": "hall"}},
        {"id": "p2"}], "page": 1});
    let translated = translate(message("acme", "people"), &payload, &Context::new());
    let row = |pointer: &str| translated.account.iter().find(|row| row.pointer == pointer).expect(pointer);
    let cases = [
        ("/people/0/id", Outcome::Mapped),
        ("/people/0/sex", Outcome::Collapsed),
        ("/people/0/pets", Outcome::Kept),
        ("/people/0/door", Outcome::Kept),
        ("/people/0/nhs", Outcome::Kept),
        ("/people/0/born", Outcome::Kept),
        ("/people/0/hat", Outcome::Kept),
        ("/people/0/form/there", Outcome::Matched),
        ("/people/0/form/where", Outcome::Mapped),
        ("/people/1/id", Outcome::Refused),
        ("/page", Outcome::Dropped),
    ];
    for (pointer, outcome) in cases {
        assert_eq!(row(pointer).outcome, outcome, "{pointer}: {:?}", row(pointer));
    }
    assert_eq!(row("/people/0/id").expression.as_deref(), Some("Patient.identifier[0].value"));
    assert!(row("/people/0/id").rule.as_deref().is_some_and(|rule| rule.starts_with("acme/people/map.yaml:")));
}

#[test]
fn an_account_never_holds_a_value() {
    let payload = json!({"people": [{"id": "p1", "surname": "Zebedee-Unlikely", "pets": "Quetzalcoatl"}]});
    let translated = translate(message("acme", "people"), &payload, &Context::new());
    let text = ginnel_mappings::account::account_to_json(&translated.account).to_string();
    assert!(!text.contains("Zebedee") && !text.contains("Quetzal"));
}

/// The built-in examples with one leaf after another spoilt: every alteration still has its whole account.
#[test]
fn every_leaf_of_every_example_is_accounted_for_however_it_is_altered() {
    for vendor in registry().vendors() {
        for (name, file, bytes) in &vendor.examples {
            let payload = example(vendor.message(name).expect("a message"), file, bytes);
            whole(&vendor.id, name, &payload);
            let spoilt = [Value::Null, json!(""), json!(7), json!("zz ½ <b>"), json!([]), json!({"new": {"er": [1]}})];
            for (place, pointer) in leaves(&payload).into_iter().enumerate() {
                // Each leaf in two ways, and each way at a third of the leaves: all of it would take minutes.
                for (_, value) in spoilt.iter().enumerate().filter(|(way, _)| (way + place) % 3 == 0) {
                    let mut altered = payload.clone();
                    *altered.pointer_mut(&pointer).expect("a leaf") = value.clone();
                    whole(&vendor.id, name, &altered);
                }
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z0-9 ]{0,8}".prop_map(Value::from)
    ];
    plain.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(
                (
                    prop_oneof![
                        Just("people"),
                        Just("id"),
                        Just("surname"),
                        Just("phones"),
                        Just("answers"),
                        Just("x")
                    ],
                    inner
                ),
                0..5
            )
            .prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
            ))
        ]
    })
}

proptest! {
    #[test]
    fn any_json_at_all_has_its_whole_account(payload in any_json()) {
        whole("acme", "people", &payload);
    }
}
