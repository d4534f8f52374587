//! `dose(table)`: amount, largest amount and unit to the dose of a Dosage; anything not surely understood is left as text.

use super::amount::leading_number;
use super::signature::{Given, NUMBER_OR_TEXT, Signature, Taken, UNIT};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, quantity};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Value, json};

/// The function.
pub const DOSE: Function = Function {
    name: "dose",
    class: LawClass::Lens,
    sources: Sources::Exactly(3),
    takes: Takes::Table,
    by_element: false,
    signature: Signature {
        takes: &[NUMBER_OR_TEXT, Taken { optional: true, ..NUMBER_OR_TEXT }, Taken { optional: false, ..UNIT }],
        gives: Given::Object(&["Dosage.doseAndRate"]),
        returns: true,
    },
    help: "Amount + largest amount + unit to `doseQuantity` or `doseRange`; an amount without a unit is not sent.",
    examples: &[
        Example::new(
            "units",
            r#"["1", null, "tablet"]"#,
            r#"{"doseQuantity":{"value":1,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}"#,
        ),
        Example::new(
            "units",
            r#"["1-2", null, "tablets"]"#,
            r#"{"doseRange":{"low":{"value":1,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"},"high":{"value":2,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}}"#,
        ),
        Example::new("units", r#"["2.50", null, "sachet"]"#, r#"{"doseQuantity":{"value":2.50,"unit":"sachet"}}"#),
        Example::new("units", r#"["½", null, "sachet"]"#, r#"{"doseQuantity":{"value":0.5,"unit":"sachet"}}"#),
        Example::new("units", r#"["1/2", null, "sachet"]"#, r#"{"doseQuantity":{"value":0.5,"unit":"sachet"}}"#),
        Example::new("units", r#"["5", null, null]"#, "outside"),
        Example::new("units", r#"["2", "1", "tablet"]"#, "outside"),
        Example::new("units", r#"["thin layer", null, null]"#, "outside"),
        Example::new("units", r#"["one", null, "tablet"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

/// The same of a system that writes a range into one field.
pub const DOSE_TEXT: Function = Function {
    name: "dose-text",
    class: LawClass::Lens,
    sources: Sources::Exactly(2),
    takes: Takes::Table,
    by_element: false,
    signature: Signature {
        takes: &[NUMBER_OR_TEXT, Taken { optional: false, ..UNIT }],
        gives: Given::Object(&["Dosage.doseAndRate"]),
        returns: true,
    },
    help: "Amount or range in one text + unit to `doseQuantity` or `doseRange`; back to one text: `1-2`. Without a unit it is not sent.",
    examples: &[
        Example::new(
            "units",
            r#"["1-2", "tablets"]"#,
            r#"{"doseRange":{"low":{"value":1,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"},"high":{"value":2,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}}"#,
        ),
        Example::new("units", r#"["½", "sachet"]"#, r#"{"doseQuantity":{"value":0.5,"unit":"sachet"}}"#),
        Example::new("units", r#"["1-2", null]"#, "outside"),
        Example::new("units", r#"["ONE", "tablet"]"#, "outside"),
    ],
    out: |arguments, sources| {
        let at = |index: usize| sources.get(index).copied().flatten();
        out(arguments, &[at(0), None, at(1)])
    },
    back: |arguments, value| {
        let text = |part: &Option<Value>| part.as_ref().and_then(Value::as_str).map(str::to_string);
        let mut parts = back(arguments, value)?.into_iter();
        let (low, high, unit) = (parts.next().flatten(), parts.next().flatten(), parts.next().flatten());
        let amount = match (text(&low), text(&high)) {
            (Some(low), Some(high)) => Some(Value::from(format!("{low}-{high}"))),
            _ => low,
        };
        Ok(vec![amount, unit])
    },
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let at = |index: usize| sources.get(index).copied().flatten();
    let Some(amount) = at(0) else {
        return if at(1).is_some() {
            Err(Outside::domain("a largest amount stands without an amount"))
        } else {
            Ok(None)
        };
    };
    let (low, high) = match at(1) {
        Some(most) => (number(amount)?, Some(number(most)?)),
        None => range(amount)?,
    };
    let unit =
        at(2).ok_or_else(|| Outside::domain("an amount without a unit could mean tablets, millilitres or doses"))?;
    let unit = quantity::known_unit(Some(unit), arguments.table.as_deref())?;
    let amount_of = |value: Value| quantity::with_unit(value, unit, arguments.table.as_deref());
    Ok(Some(match high {
        None => json!({"doseQuantity": amount_of(low)}),
        Some(high) if low.as_f64() <= high.as_f64() => {
            json!({"doseRange": {"low": amount_of(low), "high": amount_of(high)}})
        }
        Some(_) => return Err(Outside::domain("the largest amount is smaller than the amount")),
    }))
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let table = arguments.table.as_deref();
    let written = |quantity: &Value| quantity.get("value").map(|value| Value::from(value.to_string()));
    if let Some(single) = value.get("doseQuantity") {
        return Ok(vec![written(single), Some(Value::Null), quantity::unit_back(single, table)?]);
    }
    match value.get("doseRange").map(|range| (range.get("low"), range.get("high"))) {
        Some((Some(low), Some(high))) => Ok(vec![written(low), written(high), quantity::unit_back(low, table)?]),
        _ => Err(Outside::domain("this dose is neither an amount nor a range with both ends")),
    }
}

fn number(value: &Value) -> Result<Value, Outside> {
    let found = match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            leading_number(text).filter(|(_, rest)| rest.trim().is_empty()).map(|(number, _)| number)
        }
        _ => None,
    };
    found
        .filter(|number| number.as_f64().is_some_and(|n| n >= 0.0))
        .ok_or_else(|| Outside::domain("this amount is not a plain number"))
}

/// `1`, `1-2` or `1 to 2`.
fn range(value: &Value) -> Result<(Value, Option<Value>), Outside> {
    if let Some((low, high)) = value.as_str().and_then(|text| text.split_once('-').or_else(|| text.split_once(" to ")))
    {
        return Ok((number(&low.trim().into())?, Some(number(&high.trim().into())?)));
    }
    Ok((number(value)?, None))
}
