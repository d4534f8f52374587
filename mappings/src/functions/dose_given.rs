//! `dose-given(table)`: the amount somebody wrote down as given, with the unit of the order it belongs to.
//!
//! R4's mad-1 allows no dosage of text alone, so an amount that is not surely understood is outside the domain.

use super::signature::{Given, NUMBER_OR_TEXT, Signature, UNIT};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, number_text, quantity};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Value, json};

/// The function.
pub const DOSE_GIVEN: Function = Function {
    name: "dose-given",
    class: LawClass::Lens,
    sources: Sources::Exactly(2),
    takes: Takes::Table,
    by_element: false,
    free_text: true,
    signature: Signature {
        takes: &[NUMBER_OR_TEXT, UNIT],
        gives: Given::Object(&["MedicationAdministration.dosage"]),
        returns: true,
    },
    help: "Recorded amount + unit of the order to `text` and `dose`.",
    examples: &[
        Example::new(
            "units",
            r#"["1 tablet", "tablet"]"#,
            r#"{"text":"1 tablet","dose":{"value":1,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}"#,
        ),
        Example::new(
            "units",
            r#"["2", "tablet"]"#,
            r#"{"text":"2","dose":{"value":2,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}"#,
        ),
        Example::new("units", r#"["5", null]"#, "outside"),
        Example::new("units", r#"["half", "tablet"]"#, "outside"),
        Example::new("units", r#"["1 spoon", "tablet"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(given) = sources.first().copied().flatten() else { return Ok(None) };
    let order_unit = sources.get(1).copied().flatten();
    let text = match given {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(Outside::domain("this amount is not a text or number")),
    };
    let trimmed = text.trim();
    let split = trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(trimmed.len());
    let (amount, unit) = trimmed.split_at(split);
    let number = number_text(amount).ok_or_else(|| Outside::domain("this amount is not a plain number"))?;
    let table = arguments.table.as_deref();
    let written = Value::from(unit.trim());
    let unit = match unit.trim() {
        "" => order_unit.cloned().ok_or_else(|| Outside::domain("this amount has no unit, and no order gives one"))?,
        said if order_unit.and_then(Value::as_str).is_some_and(|order| order.eq_ignore_ascii_case(said)) => written,
        _ if table.is_some_and(|table| table.row(&written).is_some()) => written,
        _ => return Err(Outside::domain("the unit of this amount is not known")),
    };
    let unit = quantity::known_unit(Some(&unit), table)?;
    Ok(Some(json!({"text": text, "dose": quantity::with_unit(number, unit, table)})))
}

fn back(_: &Arguments, value: &Value) -> Returned {
    let text = value.get("text").cloned().ok_or_else(|| Outside::domain("this dosage has no text"))?;
    Ok(vec![Some(text), None])
}
