//! The laws of every function on its domain, and its manners outside: values are made of its examples by small changes.

use super::tests::{alike, called};
use super::*;
use crate::converter::Converter;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

/// What is done to a value.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    /// Every digit becomes another.
    Digits(Vec<u8>),
    /// A character is put in, taken out or overwritten.
    Character(Index, char, u8),
    /// Something else altogether.
    Other(Value),
    /// A member is added or taken away.
    Member(Index, bool),
}

fn changes() -> impl Strategy<Value = Change> {
    let odd = prop_oneof![
        proptest::char::any(),
        proptest::sample::select(" \t\n/-.:,;+'\"()<>&TZéß½²०\u{a0}".chars().collect::<Vec<_>>()),
    ];
    prop_oneof![
        1 => Just(Change::Nothing),
        6 => proptest::collection::vec(0u8..10, 24).prop_map(Change::Digits),
        4 => (any::<Index>(), odd, 0u8..3).prop_map(|(at, letter, how)| Change::Character(at, letter, how)),
        2 => any_json().prop_map(Change::Other),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(at, add)| Change::Member(at, add)),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e12..1.0e12f64).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9]{1,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-z]{1,8}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn changed(value: &Value, change: &Change) -> Value {
    match (change, value) {
        (Change::Other(other), _) => other.clone(),
        (Change::Member(_, true), Value::Object(map)) => {
            let mut map = map.clone();
            map.insert("id".into(), "x".into());
            Value::Object(map)
        }
        (Change::Member(at, false), Value::Object(map)) if !map.is_empty() => {
            let gone = map.keys().nth(at.index(map.len())).cloned().expect("a member");
            Value::Object(map.iter().filter(|(name, _)| **name != gone).map(|(n, v)| (n.clone(), v.clone())).collect())
        }
        (_, Value::String(text)) => changed_text(text, change).into(),
        (Change::Digits(_), Value::Number(number)) => {
            let text = changed_text(&number.to_string(), change);
            serde_json::from_str(&text).unwrap_or_else(|_| value.clone())
        }
        (_, Value::Array(list)) => list.iter().map(|one| changed(one, change)).collect(),
        (_, Value::Object(map)) => {
            Value::Object(map.iter().map(|(name, one)| (name.clone(), changed(one, change))).collect())
        }
        _ => value.clone(),
    }
}

fn changed_text(text: &str, change: &Change) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    match change {
        Change::Digits(digits) => {
            let mut digits = digits.iter().cycle();
            for letter in letters.iter_mut().filter(|letter| letter.is_ascii_digit()) {
                *letter = char::from(b'0' + digits.next().expect("endless"));
            }
        }
        Change::Character(at, new, how) => {
            let place = at.index(letters.len() + 1);
            match how {
                0 => letters.insert(place, *new),
                1 if place < letters.len() => letters[place] = *new,
                _ if place < letters.len() => drop(letters.remove(place)),
                _ => {}
            }
        }
        _ => {}
    }
    letters.into_iter().collect()
}

fn present(values: &[Value]) -> Vec<Option<&Value>> {
    values.iter().map(|one| (!crate::vendor_path::is_absent(one)).then_some(one)).collect()
}

/// What stands in the vendor's record after `back`.
fn put(before: &[Value], back: &[Option<Value>]) -> Vec<Value> {
    let put = |(place, old): (usize, &Value)| match back.get(place) {
        Some(None) => old.clone(),
        Some(Some(new)) => new.clone(),
        None => Value::Null,
    };
    before.iter().enumerate().map(put).collect()
}

fn judge(converter: &Converter, name: &str, sources: &[Value]) -> Result<(), TestCaseError> {
    let Ok(Some(fhir)) = converter.out(&present(sources)) else { return Ok(()) };
    let back = converter.back(&fhir);
    if converter.class() == LawClass::Iso {
        let back = back.map_err(|why| TestCaseError::fail(format!("{name}: {sources:?} -> {fhir} -> {why:?}")))?;
        let after = put(sources, &back);
        prop_assert_eq!(&after[0], &sources[0], "{}: {} came back otherwise", name, fhir);
    }
    Ok(())
}

fn judge_back(converter: &Converter, name: &str, sources: &[Value], fhir: &Value) -> Result<(), TestCaseError> {
    // FHIR has no empty texts, lists and objects.
    if crate::vendor_path::is_absent(fhir) {
        return Ok(());
    }
    let Ok(back) = converter.back(fhir) else { return Ok(()) };
    // What leaves a source as it is leans on the record; the whole round trip is tested with it.
    if back.iter().any(Option::is_none) {
        return Ok(());
    }
    let after = put(sources, &back);
    let again = converter.out(&present(&after));
    prop_assert!(alike(&again, fhir), "{}: {} -> {:?} -> {:?}", name, fhir, after, again);
    Ok(())
}

#[test]
fn every_function_keeps_its_law_and_never_fails_otherwise() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(80);
    let mut broken: Vec<String> = Vec::new();
    for function in FUNCTIONS {
        for example in function.examples {
            let name = format!("{}({})", function.name, example.arguments);
            let sources: Vec<Value> = serde_json::from_str(example.sources).expect("sources");
            let fhir: Value = serde_json::from_str(example.result).unwrap_or(Value::Null);
            let (function, arguments) = called(function, example.arguments, sources.len());
            let converter = Converter::Call(function, arguments);
            let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
            let strategy = proptest::collection::vec(changes(), 4);
            let outcome = runner.run(&strategy, |changes| {
                let vendor: Vec<Value> =
                    sources.iter().zip(&changes).map(|(value, change)| changed(value, change)).collect();
                judge(&converter, &name, &vendor)?;
                if converter.class() != LawClass::Derive {
                    judge_back(&converter, &name, &sources, &changed(&fhir, &changes[3]))?;
                    if let Ok(Some(sent)) = converter.out(&present(&vendor)) {
                        judge_back(&converter, &name, &sources, &sent)?;
                    }
                }
                Ok(())
            });
            broken.extend(outcome.err().map(|error| error.to_string()));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_generator_reaches_the_domains() {
    // Were everything outside, no law would be tested: of the changed dates a good part must be dates again.
    let (function, arguments) = called(&uk_date::UK_DATE, "", 1);
    let converter = Converter::Call(function, arguments);
    let mut runner = TestRunner::deterministic();
    let mut inside = 0;
    for _ in 0..400 {
        let change = changes().new_tree(&mut runner).expect("a change").current();
        let value = changed(&json!("28-Feb-2026"), &change);
        inside += usize::from(matches!(converter.out(&present(&[value])), Ok(Some(_))));
    }
    assert!(inside > 40, "{inside} of 400");
}
