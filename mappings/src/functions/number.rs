//! `decimal` and `integer`: numbers that vendors send as numbers or as text.

use super::signature::{Given, NUMBER_OR_TEXT, Signature};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Sources, Takes, number_text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

const AS: Named = Named {
    name: "as",
    choices: &["number", "text", "comma"],
    help: "what is written back: `36.8`, `\"36.8\"` or `\"36,8\"`",
};

/// Decimal numbers; their digits are kept.
pub const DECIMAL: Function = Function {
    name: "decimal",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: true,
    named: &[AS],
    signature: Signature { takes: &[NUMBER_OR_TEXT], gives: Given::Plain(&[Primitive::Decimal]), returns: true },
    help: "A number, or text that is one, with a point or a comma.",
    examples: &[
        Example::new("", "[36.80]", "36.80"),
        Example::new("", r#"["36,8"]"#, "36.8"),
        Example::new("as: comma", r#"["36,80"]"#, "36.80"),
        Example::new("", r#"["1,234"]"#, "outside"),
        Example::new("", r#"["8st 2lb"]"#, "outside"),
        Example::new("", r#"["1.0E+3"]"#, "outside"),
    ],
    out: |_, sources| sources.first().copied().flatten().map(decimal).transpose(),
    back: same,
    ..PLAIN
};

/// Whole numbers.
pub const INTEGER: Function = Function {
    name: "integer",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: true,
    named: &[AS],
    signature: Signature {
        takes: &[NUMBER_OR_TEXT],
        gives: Given::Plain(&[Primitive::Integer, Primitive::Decimal]),
        returns: true,
    },
    help: "A whole number, or text that is one.",
    examples: &[
        Example::new("", "[23]", "23"),
        Example::new("as: text", r#"["1"]"#, "1"),
        Example::new("", r#"["1.5"]"#, "outside"),
        Example::new("", r#"["high"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        let number = decimal(value)?;
        let whole = number.as_i64().is_some_and(|n| i32::try_from(n).is_ok());
        if whole { Ok(Some(number)) } else { Err(Outside::domain("this is not a whole number of 32 bits")) }
    },
    back: same,
    ..PLAIN
};

/// A number, or a text that is one. `1,234` could be a thousand or a fraction and is neither.
pub(super) fn decimal(value: &Value) -> Result<Value, Outside> {
    let outside = || Outside::domain("this is not a number");
    match value {
        Value::Number(_) => Ok(value.clone()),
        Value::String(text) => {
            let text = text.trim();
            // Written by a spreadsheet or by a program that rounds: which digits were lost nobody can tell.
            if text.contains(['e', 'E']) && number_text(text).is_some() {
                return Err(Outside::domain("this number is written in powers of ten: digits of it may be lost"));
            }
            if let Some((whole, fraction)) = text.split_once(',') {
                let ambiguous = fraction.len() == 3 && !whole.starts_with('0');
                if ambiguous || text.contains('.') {
                    return Err(outside());
                }
                return number_text(&format!("{whole}.{fraction}")).ok_or_else(outside);
            }
            number_text(text).ok_or_else(outside)
        }
        _ => Err(outside()),
    }
}

fn same(arguments: &Arguments, value: &Value) -> Returned {
    let Value::Number(number) = value else { return Err(Outside::domain("this is not a number")) };
    let text = number.to_string();
    let written = match arguments.named("as") {
        None | Some("number") => return Ok(vec![Some(value.clone())]),
        Some("comma") => text.replace('.', ","),
        _ => text,
    };
    // A comma before three digits could be read as thousands, and an exponent as no number at all.
    let written = Value::from(written);
    if decimal(&written).is_ok_and(|again| again == *value) {
        Ok(vec![Some(written)])
    } else {
        Err(Outside::domain("this number could be misread as the vendor writes numbers"))
    }
}
