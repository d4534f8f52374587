//! The examples and the laws of every function.

use super::*;
use serde_json::json;

pub(super) fn units() -> Arc<CodeTable> {
    let sct = |unit: &str, code: &str| json!({"unit": unit, "system": "http://snomed.info/sct", "code": code});
    let ucum = |unit: &str| json!({"unit": unit, "system": "http://unitsofmeasure.org", "code": unit});
    Arc::new(CodeTable::new(
        "units",
        true,
        vec![
            (json!("tablet"), sct("tablet", "428673006")),
            (json!("tablets"), sct("tablet", "428673006")),
            (json!("C"), ucum("Cel")),
            (json!("mg"), ucum("mg")),
            (json!("ml"), ucum("mL")),
        ],
        vec![(sct("tablet", "428673006"), Some(json!("tablet")))],
        None,
        None,
    ))
}

fn tables(name: &str) -> Option<Arc<CodeTable>> {
    let rows = |rows: &[(Value, &str)]| {
        let rows = rows.iter().map(|(vendor, fhir)| (vendor.clone(), json!(fhir))).collect();
        Some(Arc::new(CodeTable::new(name, false, rows, Vec::new(), None, None)))
    };
    match name {
        "units" => Some(units()),
        "needs" => rows(&[(json!(1), "hearing"), (json!(2), "sight"), (json!(4), "speech")]),
        _ => None,
    }
}

/// The function and its arguments, as a mapping calls it.
pub(super) fn called(function: &Function, arguments: &str, sources: usize) -> (&'static Function, Arguments) {
    let zone = jiff::tz::TimeZone::get("Europe/London").expect("zone");
    let call = Call::parse(&format!("{}({arguments})", function.name)).expect("a call");
    call::resolve(call, sources, Some(&zone), &tables)
        .unwrap_or_else(|fault| panic!("{}({arguments}): {fault:?}", function.name))
}

fn given(sources: &[Value]) -> Vec<Option<&Value>> {
    sources.iter().map(|one| (!one.is_null()).then_some(one)).collect()
}

/// Equal, up to what `covers` says.
pub(super) fn alike(sent: &Sent, fhir: &Value) -> bool {
    matches!(sent, Ok(Some(sent)) if crate::converter::covers(sent, fhir))
}

#[test]
fn the_examples_of_every_function_come_out_as_written_and_go_back() {
    for function in FUNCTIONS {
        assert!(!function.examples.is_empty(), "{} has no example", function.name);
        assert!(!function.help.is_empty() && function.help.ends_with('.'), "{} has no help", function.name);
        for example in function.examples {
            let sources: Vec<Value> = serde_json::from_str(example.sources).expect(function.name);
            let (function, arguments) = called(function, example.arguments, sources.len());
            let converter = crate::converter::Converter::Call(function, arguments);
            let sent = converter.out(&given(&sources));
            match example.result {
                "outside" => {
                    assert!(sent.is_err(), "{} {sources:?} -> {sent:?}", function.name);
                    continue;
                }
                "nothing" => {
                    assert_eq!(sent, Ok(None), "{} {sources:?}", function.name);
                    continue;
                }
                _ => {}
            }
            let wanted: Value = serde_json::from_str(example.result).expect(function.name);
            assert_eq!(sent, Ok(Some(wanted.clone())), "{}({}) {sources:?}", function.name, example.arguments);
            if converter.class() == LawClass::Iso {
                let back = converter.back(&wanted).unwrap_or_else(|why| panic!("{}: {why:?}", function.name));
                assert_eq!(back.first().cloned().flatten(), sources.first().cloned(), "{} back", function.name);
            }
        }
    }
}

#[test]
fn what_comes_back_goes_out_to_the_same_again() {
    for function in FUNCTIONS {
        for example in function.examples {
            let sources: Vec<Value> = serde_json::from_str(example.sources).expect(function.name);
            let Ok(fhir) = serde_json::from_str::<Value>(example.result) else { continue };
            let (function, arguments) = called(function, example.arguments, sources.len());
            let converter = crate::converter::Converter::Call(function, arguments);
            if converter.class() != LawClass::Lens {
                continue;
            }
            let Ok(back) = converter.back(&fhir) else { continue };
            // What a function leaves alone stays as it was.
            let mut after: Vec<Value> = sources.clone();
            for (place, value) in after.iter_mut().enumerate() {
                match back.get(place) {
                    Some(None) => {}
                    Some(Some(new)) => *value = new.clone(),
                    None => *value = Value::Null,
                }
            }
            let again = converter.out(&given(&after));
            assert!(alike(&again, &fhir), "{}({}): {after:?} -> {again:?}", function.name, example.arguments);
        }
    }
}

#[test]
fn a_list_goes_whole_or_not_at_all() {
    let (function, arguments) = called(&time_of_day::TIME_OF_DAY, "", 1);
    let converter = crate::converter::Converter::Call(function, arguments);
    assert_eq!(converter.out(&[Some(&json!(["07:30", "11:30"]))]), Ok(Some(json!(["07:30:00", "11:30:00"]))));
    assert!(converter.out(&[Some(&json!(["07:30", "tea"]))]).is_err());
}

#[test]
fn no_two_functions_share_a_name() {
    for (place, function) in FUNCTIONS.iter().enumerate() {
        assert!(FUNCTIONS[..place].iter().all(|other| other.name != function.name), "{}", function.name);
        assert!(NOT_FUNCTIONS.iter().all(|(name, _)| *name != function.name), "{}", function.name);
    }
}

#[test]
fn every_example_keeps_to_its_signature() {
    use ginnel_schemas::definition::Definitions;
    use ginnel_schemas::primitive::Primitive;
    use signature::{Given, JsonType};
    let fits = |types: &[Primitive], value: &Value| {
        types.iter().all(|one| match value {
            Value::String(text) => one.accepts(text),
            Value::Number(number) => one.accepts(&number.to_string()),
            Value::Bool(flag) => one.accepts(&flag.to_string()),
            _ => false,
        })
    };
    for function in FUNCTIONS {
        let named = match function.signature.gives {
            Given::Object(names) | Given::Objects(names) => names,
            _ => &[],
        };
        for name in named {
            assert!(Definitions::r4().named(name).is_some(), "{}: FHIR has no {name}", function.name);
        }
        for example in function.examples {
            let Ok(wanted) = serde_json::from_str::<Value>(example.result) else { continue };
            let sources: Vec<Value> = serde_json::from_str(example.sources).expect(function.name);
            for (place, source) in sources.iter().enumerate() {
                let taken = function.signature.taken(place).expect("a source");
                match JsonType::of(source) {
                    None => assert!(taken.optional || !taken.total || sources.len() > 1, "{}", function.name),
                    Some(kind) => assert!(taken.types.contains(&kind), "{} {source}", function.name),
                }
            }
            let kept = match function.signature.gives {
                Given::Plain(types) => fits(types, &wanted),
                Given::Plains(types) => wanted.as_array().is_some_and(|list| list.iter().all(|one| fits(types, one))),
                Given::Object(_) => wanted.is_object(),
                Given::Objects(_) => wanted.as_array().is_some_and(|list| list.iter().all(Value::is_object)),
                Given::Anything => true,
            };
            assert!(kept, "{} gives {wanted}", function.name);
        }
    }
}
