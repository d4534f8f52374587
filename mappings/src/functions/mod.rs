//! Leaf converters: each a pair of functions with a declared domain, help and examples that run as tests.

use crate::account::LawClass;
use crate::code_table::CodeTable;
use crate::outside::Outside;
use serde_json::Value;
use std::sync::Arc;

mod affix;
mod answer;
mod check_digit;
mod count;
mod date;
mod dose;
mod dose_given;
mod gather;
mod html_text;
mod humanise;
mod instant;
mod local_time;
mod not;
mod number;
mod quantity;
pub mod signature;
mod stones_pounds;
mod time_of_day;
mod uk_postcode;
mod words;

pub use html_text::plain_text;
pub use humanise::humanise;

/// Vendor values in; `None` where there is nothing to send.
pub type Sent = Result<Option<Value>, Outside>;
/// One vendor value a source: null empties that source, `None` leaves it as it is. Sources beyond the list are emptied.
pub type Returned = Result<Vec<Option<Value>>, Outside>;

/// What a function is called with in the mapping.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// Quoted texts.
    pub texts: Vec<String>,
    /// The code table named.
    pub table: Option<Arc<CodeTable>>,
    /// The vendor's time zone.
    pub zone: jiff::tz::TimeZone,
}

/// How many sources a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sources {
    /// Exactly so many.
    Exactly(usize),
    /// One or more.
    Any,
}

/// What stands in the brackets of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// So many quoted texts.
    Texts(usize),
    /// The name of a code table.
    Table,
}

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it promises.
    pub class: LawClass,
    /// How many sources it takes.
    pub sources: Sources,
    /// What its brackets take.
    pub takes: Takes,
    /// Whether a list goes element by element.
    pub by_element: bool,
    /// The types of both its sides, for the checker.
    pub signature: signature::Signature,
    /// One sentence for the manual.
    pub help: &'static str,
    /// Examples: texts of the call, sources as JSON, result as JSON. They run as tests.
    pub examples: &'static [(&'static [&'static str], &'static str, &'static str)],
    /// Vendor to FHIR.
    pub out: fn(&Arguments, &[Option<&Value>]) -> Sent,
    /// FHIR to vendor.
    pub back: fn(&Arguments, &Value) -> Returned,
}

/// Every function, in the order of the manual.
pub const FUNCTIONS: &[&Function] = &[
    &date::DATE,
    &instant::INSTANT,
    &local_time::LOCAL_TIME,
    &time_of_day::TIME_OF_DAY,
    &words::WORDS,
    &gather::GATHER,
    &check_digit::NHS_NUMBER,
    &check_digit::SCT_ID,
    &uk_postcode::UK_POSTCODE,
    &not::NOT,
    &affix::PREFIX,
    &affix::SUFFIX,
    &html_text::HTML_TEXT,
    &number::DECIMAL,
    &number::INTEGER,
    &quantity::QUANTITY,
    &quantity::UCUM,
    &stones_pounds::STONES_POUNDS,
    &dose::DOSE,
    &dose_given::DOSE_GIVEN,
    &answer::ANSWER,
    &count::COUNT,
    &humanise::HUMANISE,
];

/// The one source of a function that takes one, as text.
fn text<'a>(sources: &[Option<&'a Value>]) -> Result<Option<&'a str>, Outside> {
    match sources.first().copied().flatten() {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Outside::domain("this is not a text")),
    }
}

/// A FHIR value that must be text.
fn fhir_text(value: &Value) -> Result<&str, Outside> {
    value.as_str().ok_or_else(|| Outside::domain("this is not a text"))
}

/// A text that is a JSON number as it stands, so that its digits are kept.
fn number_text(text: &str) -> Option<Value> {
    let text = text.trim();
    let starts_right = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if !starts_right {
        return None;
    }
    serde_json::from_str::<Value>(text).ok().filter(Value::is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn units() -> Arc<CodeTable> {
        let sct = |unit: &str, code: &str| json!({"unit": unit, "system": "http://snomed.info/sct", "code": code});
        Arc::new(CodeTable {
            name: "units".into(),
            ignore_case: true,
            rows: vec![
                (json!("tablet"), sct("tablet", "428673006")),
                (json!("tablets"), sct("tablet", "428673006")),
                (json!("C"), json!({"unit": "Cel", "system": "http://unitsofmeasure.org", "code": "Cel"})),
            ],
            back: vec![(sct("tablet", "428673006"), Some(json!("tablet")))],
            vendor_else: None,
            fhir_else: None,
        })
    }

    fn arguments(texts: &[&str]) -> Arguments {
        Arguments {
            texts: texts.iter().map(ToString::to_string).collect(),
            table: Some(units()),
            zone: jiff::tz::TimeZone::get("Europe/London").expect("zone"),
        }
    }

    #[test]
    fn the_examples_of_every_function_come_out_as_written_and_go_back() {
        for function in FUNCTIONS {
            assert!(!function.examples.is_empty(), "{} has no example", function.name);
            for (texts, sources, wanted) in function.examples {
                let sources: Vec<Value> = serde_json::from_str(sources).expect(function.name);
                let given: Vec<Option<&Value>> = sources.iter().map(|one| (!one.is_null()).then_some(one)).collect();
                let arguments = arguments(texts);
                let sent = (function.out)(&arguments, &given);
                if *wanted == "outside" {
                    assert!(sent.is_err(), "{} {sources:?} -> {sent:?}", function.name);
                    continue;
                }
                let wanted: Value = serde_json::from_str(wanted).expect(function.name);
                assert_eq!(sent, Ok(Some(wanted.clone())), "{} {sources:?}", function.name);
                if function.class == LawClass::Iso {
                    let back = (function.back)(&arguments, &wanted).expect(function.name);
                    assert_eq!(back.first().cloned().flatten(), sources.first().cloned(), "{} back", function.name);
                }
            }
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
            for (_, sources, wanted) in function.examples.iter().filter(|example| example.2 != "outside") {
                let sources: Vec<Value> = serde_json::from_str(sources).expect(function.name);
                for (place, source) in sources.iter().enumerate() {
                    let taken = function.signature.taken(place).expect("a source");
                    match JsonType::of(source) {
                        None => assert!(taken.optional || !taken.total || sources.len() > 1, "{}", function.name),
                        Some(kind) => assert!(taken.types.contains(&kind), "{} {source}", function.name),
                    }
                }
                let wanted: Value = serde_json::from_str(wanted).expect(function.name);
                let kept = match function.signature.gives {
                    Given::Plain(types) => fits(types, &wanted),
                    Given::Plains(types) => {
                        wanted.as_array().is_some_and(|list| list.iter().all(|one| fits(types, one)))
                    }
                    Given::Object(_) => wanted.is_object(),
                    Given::Objects(_) => wanted.as_array().is_some_and(|list| list.iter().all(Value::is_object)),
                    Given::Anything => true,
                };
                assert!(kept, "{} gives {wanted}", function.name);
            }
        }
    }

    #[test]
    fn what_comes_back_goes_out_to_the_same_again() {
        for function in FUNCTIONS.iter().filter(|one| one.class == LawClass::Lens) {
            for (texts, _, wanted) in function.examples.iter().filter(|example| example.2 != "outside") {
                let arguments = arguments(texts);
                let fhir: Value = serde_json::from_str(wanted).expect(function.name);
                let Ok(back) = (function.back)(&arguments, &fhir) else { continue };
                let given: Vec<Option<&Value>> =
                    back.iter().map(|one| one.as_ref().filter(|value| !value.is_null())).collect();
                assert_eq!((function.out)(&arguments, &given), Ok(Some(fhir)), "{}", function.name);
            }
        }
    }

    #[test]
    fn a_list_goes_whole_or_not_at_all() {
        let converter = crate::converter::Converter::Call(&time_of_day::TIME_OF_DAY, arguments(&[]));
        assert_eq!(converter.out(&[Some(&json!(["07:30", "11:30"]))]), Ok(Some(json!(["07:30:00", "11:30:00"]))));
        assert!(converter.out(&[Some(&json!(["07:30", "tea"]))]).is_err());
    }
}
