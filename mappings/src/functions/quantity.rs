//! `quantity(table)` and `ucum(unit, code)`: numbers with a unit to FHIR Quantity.

use super::signature::{Given, NUMBER_OR_TEXT, OPTIONAL_TEXT, Signature};
use super::{Example, Function, PLAIN, Returned, Sent, Sources, Takes, number::decimal};
use crate::account::LawClass;
use crate::code_table::CodeTable;
use crate::outside::Outside;
use serde_json::{Map, Value};

/// UCUM's system (<https://ucum.org>).
const UCUM_SYSTEM: &str = "http://unitsofmeasure.org";

/// A value and its unit.
pub const QUANTITY: Function = Function {
    name: "quantity",
    class: LawClass::Lens,
    sources: Sources::Exactly(2),
    takes: Takes::Table,
    by_element: false,
    signature: Signature {
        takes: &[NUMBER_OR_TEXT, OPTIONAL_TEXT],
        gives: Given::Object(&["Quantity"]),
        returns: true,
    },
    help: "Value and unit to a Quantity; the table gives unit, system and code; an unlisted unit stays text.",
    examples: &[
        Example::new(
            "units",
            r#"["36,8", "C"]"#,
            r#"{"value":36.8,"unit":"Cel","system":"http://unitsofmeasure.org","code":"Cel"}"#,
        ),
        Example::new("units", r#"[200, "sip"]"#, r#"{"value":200,"unit":"sip"}"#),
        Example::new("units", r#"["most of a mug", null]"#, "outside"),
    ],
    out: |arguments, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        let number = decimal(value)?;
        Ok(Some(with_unit(number, sources.get(1).copied().flatten(), arguments.table.as_deref())))
    },
    back: |arguments, value| -> Returned {
        let number = value.get("value").cloned().ok_or_else(|| Outside::domain("this Quantity has no value"))?;
        Ok(vec![Some(number), unit_back(value, arguments.table.as_deref())?])
    },
    ..PLAIN
};

/// A number of one fixed UCUM unit.
pub const UCUM: Function = Function {
    name: "ucum",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(2),
    by_element: false,
    signature: Signature {
        takes: &[NUMBER_OR_TEXT],
        gives: Given::Object(&["Quantity", "Age", "Duration"]),
        returns: true,
    },
    help: "A number to a Quantity of one UCUM unit: its name and its code.",
    examples: &[Example::new(
        r#""minute", "min""#,
        "[30]",
        r#"{"value":30,"unit":"minute","system":"http://unitsofmeasure.org","code":"min"}"#,
    )],
    out: |arguments, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        let mut out = Map::new();
        out.insert("value".into(), decimal(value)?);
        out.insert("unit".into(), arguments.texts.first().cloned().unwrap_or_default().into());
        out.insert("system".into(), UCUM_SYSTEM.into());
        out.insert("code".into(), arguments.texts.get(1).cloned().unwrap_or_default().into());
        Ok(Some(Value::Object(out)))
    },
    back: |arguments, value| -> Returned {
        let same_unit = value.get("code").and_then(Value::as_str) == arguments.texts.get(1).map(String::as_str);
        match value.get("value") {
            Some(number) if same_unit => Ok(vec![Some(number.clone())]),
            _ => Err(Outside::domain("this Quantity has another unit than the vendor's")),
        }
    },
    ..PLAIN
};

/// A Quantity of a number and the vendor's unit; a unit the table does not list stays text.
pub(super) fn with_unit(number: Value, unit: Option<&Value>, table: Option<&CodeTable>) -> Value {
    let mut out = Map::new();
    out.insert("value".into(), number);
    match (unit, unit.and_then(|unit| table?.row(unit))) {
        (_, Some(Value::Object(coded))) => out.extend(coded.clone()),
        (Some(unit), _) => {
            out.insert("unit".into(), unit.clone());
        }
        _ => {}
    }
    Value::Object(out)
}

/// The vendor's unit of a Quantity.
pub(super) fn unit_back(quantity: &Value, table: Option<&CodeTable>) -> Result<Option<Value>, Outside> {
    if quantity.get("code").is_some()
        && let Some(table) = table
    {
        return table.back(quantity);
    }
    Ok(Some(quantity.get("unit").cloned().unwrap_or(Value::Null)))
}
