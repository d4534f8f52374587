//! Primitives that are not written as their type demands, codes outside required value sets, and unfit narratives.

use super::Mutation;
use super::sites::{Example, Site};
use ginnel_schemas::definition::{BindingStrength, ElementType};
use ginnel_schemas::primitive::Primitive;
use serde_json::{Value, json};

/// Narratives with one fault each.
const NARRATIVES: &[(&str, &str)] = &[
    ("script in XHTML", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></div>"),
    ("script in XHTML", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p onclick=\"alert(1)\">text</p></div>"),
    ("script in XHTML", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"javascript:alert(1)\">text</a></div>"),
    ("unfit XHTML", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><form><input/></form>text</div>"),
    ("unfit XHTML", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>text</div>"),
    ("unfit XHTML", "<p xmlns=\"http://www.w3.org/1999/xhtml\">text</p>"),
    ("unfit XHTML", "<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>"),
    ("unfit XHTML", "text"),
];

/// Wrong spellings of a primitive, by kind of fault.
fn wrong(primitive: Primitive) -> (&'static str, Vec<Value>) {
    match primitive {
        Primitive::Date => {
            ("bad date", vec![json!("2021-02-30"), json!("21-02-03"), json!("2021-1-5"), json!("03/02/2021")])
        }
        Primitive::DateTime => (
            "bad date",
            vec![
                json!("2021-13-01"),
                json!("2021-02-15T25:00:00Z"),
                json!("2021-02-15T10:00:00"),
                json!("2021-02-15 10:00"),
                json!("yesterday"),
            ],
        ),
        Primitive::Instant => {
            ("bad date", vec![json!("2021-02-15"), json!("2021-02-15T10:00Z"), json!("2021-02-31T10:00:00Z")])
        }
        Primitive::Time => ("bad date", vec![json!("25:00:00"), json!("10:00"), json!("10am")]),
        Primitive::Id => ("bad id", vec![json!("not an id!"), json!("a_b"), json!("a".repeat(65))]),
        Primitive::Base64Binary => ("bad base64", vec![json!("not*base64"), json!("QUJDR")]),
        Primitive::Uri | Primitive::Url | Primitive::Canonical => ("bad uri", vec![json!("has a space")]),
        Primitive::Oid => ("bad uri", vec![json!("urn:oid:3.x")]),
        Primitive::Uuid => ("bad uri", vec![json!("urn:uuid:not-one")]),
        Primitive::Code => ("bad code", vec![json!(" leading"), json!("two  spaces")]),
        Primitive::PositiveInt => ("bad number", vec![json!(0), json!(-1), number("1.5")]),
        Primitive::UnsignedInt => ("bad number", vec![json!(-1), number("1.5")]),
        Primitive::Integer => ("bad number", vec![number("1.5"), json!(3_000_000_000_u64)]),
        _ => ("", Vec::new()),
    }
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a JSON number")
}

pub fn make(example: &Example<'_>, made: &mut Vec<Mutation>) {
    for site in &example.sites {
        if let ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) = site.element_type {
            for (_, pointer) in site.values() {
                let (kind, values) = wrong(primitive);
                made.extend(values.into_iter().filter_map(|value| example.with_value(kind, &pointer, value)));
                if primitive == Primitive::Xhtml {
                    let faults = NARRATIVES.iter();
                    made.extend(faults.filter_map(|(kind, text)| example.with_value(kind, &pointer, json!(text))));
                }
            }
        }
        required_code(example, site, made);
    }
}

/// Codes outside of required bindings, whether of a `code`, a Coding or a CodeableConcept.
fn required_code(example: &Example<'_>, site: &Site<'_>, made: &mut Vec<Mutation>) {
    let binding = site.element.binding.as_ref();
    if binding.is_none_or(|binding| binding.strength != BindingStrength::Required) {
        return;
    }
    const KIND: &str = "bad required code";
    for (value, pointer) in site.values() {
        match site.element_type {
            ElementType::Primitive(Primitive::Code | Primitive::String | Primitive::Uri)
            | ElementType::BarePrimitive(Primitive::Code) => {
                made.extend(example.with_value(KIND, &pointer, json!("no-such-code")));
            }
            _ if value.get("coding").is_some_and(Value::is_array) => {
                made.extend(example.with_object(KIND, &pointer, "another code", |members| {
                    for coding in members.get_mut("coding").and_then(Value::as_array_mut).into_iter().flatten() {
                        coding["code"] = json!("no-such-code");
                    }
                    true
                }));
                made.extend(example.with_object(KIND, &pointer, "text alone", |members| {
                    members.retain(|name, _| name != "coding");
                    members.insert("text".to_owned(), json!("text"));
                    true
                }));
            }
            _ if value.get("code").is_some_and(Value::is_string) => {
                made.extend(example.with_object(KIND, &pointer, "another code", |members| {
                    members.insert("code".to_owned(), json!("no-such-code"));
                    true
                }));
            }
            _ => {}
        }
    }
}
