//! `quantity(table)` and `ucum(unit, code)`: numbers with a unit to FHIR Quantity.

use super::signature::{Given, NUMBER_OR_TEXT, Signature, UNIT};
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
    signature: Signature { takes: &[NUMBER_OR_TEXT, UNIT], gives: Given::Object(&["Quantity"]), returns: true },
    help: "Value and unit to a Quantity; the table gives unit, system and code, or words alone; an unlisted unit stays text. A unit that is a number needs a row. Where it goes into a dose, an amount without a unit is not sent.",
    examples: &[
        Example::new(
            "units",
            r#"["36,8", "C"]"#,
            r#"{"value":36.8,"unit":"Cel","system":"http://unitsofmeasure.org","code":"Cel"}"#,
        ),
        Example::new("units", r#"[200, "sip"]"#, r#"{"value":200,"unit":"sip"}"#),
        Example::new("units", r#"["most of a mug", null]"#, "outside"),
        Example::new("units", "[200, 99]", "outside"),
    ],
    out: |arguments, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        let number = decimal(value)?;
        let (unit, table) = (sources.get(1).copied().flatten(), arguments.table.as_deref());
        Ok(Some(with_unit(number, known_unit(unit, table)?, table)))
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

/// A unit that the vendor numbers means nothing without its row.
pub(super) fn known_unit<'u>(unit: Option<&'u Value>, table: Option<&CodeTable>) -> Result<Option<&'u Value>, Outside> {
    match unit {
        Some(number) if number.is_number() && table.is_none_or(|table| table.row(number).is_none()) => {
            Err(Outside::domain("the code table of units does not list this number"))
        }
        unit => Ok(unit),
    }
}

/// A Quantity of a number and the vendor's unit; a unit the table does not list stays text.
pub(super) fn with_unit(number: Value, unit: Option<&Value>, table: Option<&CodeTable>) -> Value {
    let mut out = Map::new();
    out.insert("value".into(), number);
    match (unit, unit.and_then(|unit| table?.row(unit))) {
        (_, Some(Value::Object(coded))) => out.extend(coded.clone()),
        (_, Some(words @ Value::String(_))) => {
            out.insert("unit".into(), words.clone());
        }
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
    let unit = quantity.get("unit").cloned().unwrap_or(Value::Null);
    // A row that gives words alone, or a unit without a code.
    let listed = table.and_then(|table| {
        let of_words = table.back(&unit).ok().flatten();
        of_words.filter(|back| table.row(back) == Some(&unit)).or_else(|| {
            let uncoded = Value::Object([("unit".to_owned(), unit.clone())].into_iter().collect());
            table.back(&uncoded).ok().flatten().filter(|back| table.row(back) == Some(&uncoded))
        })
    });
    Ok(Some(listed.unwrap_or(unit)))
}
