//! `time-of-day`: hours and minutes to FHIR `time`, which has seconds.

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const TIME_OF_DAY: Function = Function {
    name: "time-of-day",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Time, Primitive::String]),
        returns: true,
    },
    help: "A time of day, `hh:mm` or `hh:mm:ss`.",
    examples: &[
        Example::new("", r#"["07:30"]"#, r#""07:30:00""#),
        Example::new("", r#"["23:59:59"]"#, r#""23:59:59""#),
        Example::new("", r#"["24:00"]"#, "outside"),
        Example::new("", r#"["7:30"]"#, "outside"),
        Example::new("", r#"["0730"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let whole = if text.len() == 5 { format!("{text}:00") } else { text.to_string() };
    let shape = whole.len() == 8
        && whole.bytes().enumerate().all(|(i, b)| if i == 2 || i == 5 { b == b':' } else { b.is_ascii_digit() });
    if shape && whole.parse::<jiff::civil::Time>().is_ok() && !whole.ends_with(":60") {
        Ok(Some(whole.into()))
    } else {
        Err(Outside::domain("this is not a time of day, written hh:mm"))
    }
}

fn back(_: &Arguments, value: &Value) -> Returned {
    let text = fhir_text(value)?;
    Ok(vec![Some(text.strip_suffix(":00").filter(|rest| rest.len() == 5).unwrap_or(text).into())])
}
