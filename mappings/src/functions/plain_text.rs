//! `text`, `trimmed`, `upper`, `lower` and `number-text`: texts as they are, and tidied where nothing is lost by it.

use super::signature::{ANY_TEXT, Given, NUMBER_OR_ANY_TEXT, SOME_NUMBER, Signature, TEXT_TO_TEXT, TEXTS};
use super::{Example, Function, PLAIN, Returned, Sent, fhir_text, number_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// As it is.
pub const TEXT: Function = Function {
    name: "text",
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT], gives: TEXTS, returns: true },
    help: "A text as it is; useful with `nothing`.",
    examples: &[
        Example::new("", r#"[" as written "]"#, r#"" as written ""#),
        Example::new(r#"nothing: "N/K|Not known|-""#, r#"["Not known"]"#, "nothing"),
        Example::new("", "[5]", "outside"),
    ],
    out: |_, sources| -> Sent { Ok(text(sources)?.map(Value::from)) },
    back: |_, value| -> Returned { Ok(vec![Some(fhir_text(value)?.into())]) },
    ..PLAIN
};

/// A number as the text of its digits, and a text as it is.
pub const AS_TEXT: Function = Function {
    name: "as-text",
    class: LawClass::Lens,
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[NUMBER_OR_ANY_TEXT], gives: TEXTS, returns: true },
    help: "A text as it is, or a number as the text of its digits; a text comes back.",
    examples: &[
        Example::new("", "[2.50]", r#""2.50""#),
        Example::new("", r#"["half"]"#, r#""half""#),
        Example::new("", "[true]", "outside"),
    ],
    out: |_, sources| -> Sent {
        match sources.first().copied().flatten() {
            Some(Value::Number(number)) => Ok(Some(number.to_string().into())),
            _ => Ok(text(sources)?.map(Value::from)),
        }
    },
    back: |_, value| -> Returned { Ok(vec![Some(fhir_text(value)?.into())]) },
    ..PLAIN
};

/// Without spaces around.
pub const TRIMMED: Function = Function {
    name: "trimmed",
    class: LawClass::Lens,
    by_element: true,
    free_text: true,
    signature: TEXT_TO_TEXT,
    help: "A text without the spaces around it.",
    examples: &[Example::new("", r#"["  Oral "]"#, r#""Oral""#), Example::new("", "[true]", "outside")],
    out: |_, sources| -> Sent { Ok(text(sources)?.map(str::trim).filter(|text| !text.is_empty()).map(Value::from)) },
    back: |_, value| tidy(value, |text| text.trim() == text && !text.is_empty(), "spaces stand around this text"),
    ..PLAIN
};

/// Upper case.
pub const UPPER: Function = Function {
    name: "upper",
    class: LawClass::Lens,
    by_element: true,
    signature: TEXT_TO_TEXT,
    help: "A text in upper case; for codes, never for names.",
    examples: &[Example::new("", r#"["r1"]"#, r#""R1""#), Example::new("", "[1]", "outside")],
    out: |_, sources| -> Sent { Ok(text(sources)?.map(|text| text.to_uppercase().into())) },
    back: |_, value| tidy(value, |text| text.to_uppercase() == text, "this text has lower case, which would be lost"),
    ..PLAIN
};

/// Lower case.
pub const LOWER: Function = Function {
    name: "lower",
    class: LawClass::Lens,
    by_element: true,
    signature: TEXT_TO_TEXT,
    help: "A text in lower case; for codes, never for names.",
    examples: &[Example::new("", r#"["PO"]"#, r#""po""#), Example::new("", "[1]", "outside")],
    out: |_, sources| -> Sent { Ok(text(sources)?.map(|text| text.to_lowercase().into())) },
    back: |_, value| tidy(value, |text| text.to_lowercase() == text, "this text has upper case, which would be lost"),
    ..PLAIN
};

/// A number as text.
pub const NUMBER_TEXT: Function = Function {
    name: "number-text",
    class: LawClass::Iso,
    by_element: true,
    signature: Signature {
        takes: &[SOME_NUMBER],
        gives: Given::Plain(&[Primitive::String, Primitive::Markdown]),
        returns: true,
    },
    help: "A number to the text of its digits, as ids of FHIR are; back to the number.",
    examples: &[
        Example::new("", "[10442]", r#""10442""#),
        Example::new("", "[2.50]", r#""2.50""#),
        Example::new("", r#"["0041170"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        match sources.first().copied().flatten() {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number.to_string().into())),
            Some(_) => Err(Outside::domain("this is not a number")),
        }
    },
    back: |_, value| -> Returned {
        let text = fhir_text(value)?;
        let same = |number: &Value| {
            let written = number.to_string();
            written == text
        };
        let number = number_text(text).filter(same);
        Ok(vec![Some(number.ok_or_else(|| Outside::domain("this text is not a number as the vendor has them"))?)])
    },
    ..PLAIN
};

fn tidy(value: &Value, is_tidy: impl Fn(&str) -> bool, what: &str) -> Returned {
    let text = fhir_text(value)?;
    if is_tidy(text) { Ok(vec![Some(text.into())]) } else { Err(Outside::domain(what)) }
}
