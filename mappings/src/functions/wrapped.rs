//! `concept-text`, `note` and `coded`: a text or code in the element that FHIR has around it, for lists of them.

use super::signature::{ANY_TEXT, Given, SOME_TEXT, Signature};
use super::{Example, Function, PLAIN, Returned, Sent, Takes, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Value, json};

/// A concept that is only a text.
pub const CONCEPT_TEXT: Function = Function {
    name: "concept-text",
    class: LawClass::Iso,
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT], gives: Given::Object(&["CodeableConcept"]), returns: true },
    help: "A text to a CodeableConcept of that text alone; of a list, to a list of them.",
    examples: &[Example::new("", r#"["Daughter"]"#, r#"{"text":"Daughter"}"#), Example::new("", "[1]", "outside")],
    out: wrap,
    back: unwrap,
    ..PLAIN
};

/// A note.
pub const NOTE: Function = Function {
    name: "note",
    class: LawClass::Iso,
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT], gives: Given::Object(&["Annotation"]), returns: true },
    help: "A text to an Annotation of that text alone; of a list, to a list of them.",
    examples: &[Example::new("", r#"["spat out 1 tablet"]"#, r#"{"text":"spat out 1 tablet"}"#)],
    out: wrap,
    back: unwrap,
    ..PLAIN
};

/// A code of a system.
pub const CODED: Function = Function {
    name: "coded",
    class: LawClass::Iso,
    takes: Takes::Texts(1),
    by_element: true,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Coding"]), returns: true },
    help: "A code to a Coding of the system in brackets, which may be a short name such as `$sct`; of a list, to a list of them.",
    examples: &[
        Example::new(
            r#""https://gateway.example.org/vendor/acme/CodeSystem/area""#,
            r#"["north"]"#,
            r#"{"system":"https://gateway.example.org/vendor/acme/CodeSystem/area","code":"north"}"#,
        ),
        Example::new(r#""urn:x""#, r#"[" north"]"#, "outside"),
    ],
    out: |arguments, sources| -> Sent {
        let Some(code) = text(sources)? else { return Ok(None) };
        if !ginnel_schemas::primitive::Primitive::Code.accepts(code) {
            return Err(Outside::domain("a code has no spaces around it and none doubled"));
        }
        Ok(Some(json!({"system": arguments.texts.first(), "code": code})))
    },
    back: |arguments, value| -> Returned {
        let member = |name: &str| value.get(name).and_then(Value::as_str);
        let only = value.as_object().is_some_and(|coding| coding.len() == 2);
        match (member("code"), member("system")) {
            (Some(code), Some(system)) if only && arguments.texts.first().is_some_and(|own| own == system) => {
                Ok(vec![Some(code.into())])
            }
            _ => Err(Outside::domain("the vendor holds a code of its own system alone, and this says more or other")),
        }
    },
    ..PLAIN
};

fn wrap(_: &super::Arguments, sources: &[Option<&Value>]) -> Sent {
    Ok(text(sources)?.map(|text| json!({"text": text})))
}

fn unwrap(_: &super::Arguments, value: &Value) -> Returned {
    let text = value.as_object().filter(|whole| whole.len() == 1).and_then(|_| value.get("text")?.as_str());
    let text = text.ok_or_else(|| Outside::domain("the vendor holds a text alone, and this says more"))?;
    Ok(vec![Some(text.into())])
}
