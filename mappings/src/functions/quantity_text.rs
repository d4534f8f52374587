//! `quantity-text`, `range-text` and `ratio-text`: a number and its unit written in one text.

use super::amount::{Units, number_and_unit, value_text};
use super::signature::{Given, SOME_TEXT, Signature, TEXT_TO_QUANTITY};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Takes, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Value, json};

const UNITS: Named = Named {
    name: "units",
    choices: &["text", "ucum"],
    help: "what a unit is that the table does not list: a text, or a code of UCUM (checked, upper and lower case differ)",
};
const COMPARATORS: [(&str, &str); 6] = [("<=", "<="), (">=", ">="), ("≤", "<="), ("≥", ">="), ("<", "<"), (">", ">")];

/// One amount.
pub const QUANTITY_TEXT: Function = Function {
    name: "quantity-text",
    class: LawClass::Lens,
    takes: Takes::MaybeTable,
    named: &[UNITS],
    signature: TEXT_TO_QUANTITY,
    help: "`5 mg`, `2.5ml`, `½ tablet` or `<5 mg` in one text to a Quantity; the table gives unit, system and code, an unlisted unit stays text. An amount without a unit is outside.",
    examples: &[
        Example::new(
            "units",
            r#"["5 mg"]"#,
            r#"{"value":5,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}"#,
        ),
        Example::new(
            "units",
            r#"["2.50ml"]"#,
            r#"{"value":2.50,"unit":"mL","system":"http://unitsofmeasure.org","code":"mL"}"#,
        ),
        Example::new(
            "units",
            r#"["½ tablet"]"#,
            r#"{"value":0.5,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}"#,
        ),
        Example::new(
            "units: ucum",
            r#"["<5 mmol/L"]"#,
            r#"{"value":5,"comparator":"<","unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}"#,
        ),
        Example::new("", r#"["200 sips"]"#, r#"{"value":200,"unit":"sips"}"#),
        Example::new("units: ucum", r#"["5 sips"]"#, "outside"),
        Example::new("", r#"["5"]"#, "outside"),
        Example::new("", r#"["1-2 tablets"]"#, "outside"),
        Example::new("", r#"["half a mug"]"#, "outside"),
    ],
    out: quantity_out,
    back: |arguments, value| {
        let units = units(arguments);
        let sign = value.get("comparator").and_then(Value::as_str).unwrap_or_default();
        let text = format!("{sign}{} {}", value_text(value)?, units.written(value)?);
        faithful(arguments, quantity_out, text, value)
    },
    ..PLAIN
};

/// From one amount to another.
pub const RANGE_TEXT: Function = Function {
    name: "range-text",
    class: LawClass::Lens,
    takes: Takes::MaybeTable,
    named: &[UNITS],
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Range"]), returns: true },
    help: "`1-2 tablets` or `150 to 200 ml` in one text to a Range.",
    examples: &[
        Example::new(
            "",
            r#"["150-200 sips"]"#,
            r#"{"low":{"value":150,"unit":"sips"},"high":{"value":200,"unit":"sips"}}"#,
        ),
        Example::new(
            "units",
            r#"["1 to 2 tablets"]"#,
            r#"{"low":{"value":1,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"},"high":{"value":2,"unit":"tablet","system":"http://snomed.info/sct","code":"428673006"}}"#,
        ),
        Example::new("", r#"["200-150 ml"]"#, "outside"),
        Example::new("", r#"["200 ml"]"#, "outside"),
    ],
    out: range_out,
    back: |arguments, value| {
        let end = |name: &str| value.get(name).ok_or_else(|| Outside::domain("this Range has one end only"));
        let (low, high) = (end("low")?, end("high")?);
        let text = format!("{}-{} {}", value_text(low)?, value_text(high)?, units(arguments).written(high)?);
        faithful(arguments, range_out, text, value)
    },
    ..PLAIN
};

/// One amount in another.
pub const RATIO_TEXT: Function = Function {
    name: "ratio-text",
    class: LawClass::Lens,
    takes: Takes::MaybeTable,
    named: &[UNITS],
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Ratio"]), returns: true },
    help: "A strength, `5mg/5ml` or `10 micrograms/hour`, to a Ratio.",
    examples: &[
        Example::new(
            "units",
            r#"["5mg/5ml"]"#,
            r#"{"numerator":{"value":5,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"},"denominator":{"value":5,"unit":"mL","system":"http://unitsofmeasure.org","code":"mL"}}"#,
        ),
        Example::new(
            "",
            r#"["10 micrograms/hour"]"#,
            r#"{"numerator":{"value":10,"unit":"micrograms"},"denominator":{"value":1,"unit":"hour"}}"#,
        ),
        Example::new("", r#"["25mg/100mg/5ml"]"#, "outside"),
        Example::new("", r#"["500mg"]"#, "outside"),
    ],
    out: ratio_out,
    back: |arguments, value| {
        let part = |name: &str| value.get(name).ok_or_else(|| Outside::domain("this Ratio has one part only"));
        let (above, below) = (part("numerator")?, part("denominator")?);
        let units = units(arguments);
        let (amount, unit) = (value_text(below)?, units.written(below)?);
        let below = if amount == "1" { unit } else { format!("{amount} {unit}") };
        let text = format!("{} {}/{below}", value_text(above)?, units.written(above)?);
        faithful(arguments, ratio_out, text, value)
    },
    ..PLAIN
};

fn units(arguments: &Arguments) -> Units<'_> {
    Units { table: arguments.table.as_deref(), ucum: arguments.named("units") == Some("ucum") }
}

/// The text, if it goes out to the same again: what else a Quantity holds would be lost.
fn faithful(
    arguments: &Arguments,
    out: fn(&Arguments, &[Option<&Value>]) -> Sent,
    text: String,
    wanted: &Value,
) -> Returned {
    let text = Value::from(text);
    match out(arguments, &[Some(&text)]) {
        Ok(Some(again)) if again == *wanted => Ok(vec![Some(text)]),
        _ => Err(Outside::domain("the vendor's one text does not hold all that is said of this amount")),
    }
}

fn quantity_out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let text = text.trim();
    let found = COMPARATORS.iter().find_map(|(sign, code)| text.strip_prefix(sign).map(|rest| (*code, rest)));
    let (number, unit) = number_and_unit(found.map_or(text, |(_, rest)| rest))?;
    let quantity = units(arguments).quantity(number, unit)?;
    let Some((comparator, _)) = found else { return Ok(Some(quantity)) };
    let mut out = serde_json::Map::new();
    for (name, value) in quantity.as_object().into_iter().flatten() {
        out.insert(name.clone(), value.clone());
        if name == "value" {
            out.insert("comparator".into(), comparator.into());
        }
    }
    Ok(Some(Value::Object(out)))
}

fn range_out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let between = text.split_once('-').or_else(|| text.split_once('–')).or_else(|| text.split_once(" to "));
    let (low, high) = between.ok_or_else(|| Outside::domain("this is not a range, written `1-2 unit`"))?;
    let (low, low_unit) = number_and_unit(low)?;
    let (high, unit) = number_and_unit(high)?;
    if !low_unit.is_empty() && low_unit != unit {
        return Err(Outside::domain("the two ends of this range have different units"));
    }
    if low.as_f64() > high.as_f64() {
        return Err(Outside::domain("the first end of this range is the greater one"));
    }
    let units = units(arguments);
    Ok(Some(json!({"low": units.quantity(low, unit)?, "high": units.quantity(high, unit)?})))
}

fn ratio_out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let (above, below) =
        text.split_once('/').ok_or_else(|| Outside::domain("this is not a strength, written `5mg/5ml`"))?;
    let (number, unit) = number_and_unit(above)?;
    let below = below.trim();
    let (per, per_unit) =
        if below.starts_with(|c: char| c.is_ascii_digit()) { number_and_unit(below)? } else { (Value::from(1), below) };
    if unit.contains('/') || per_unit.contains('/') {
        return Err(Outside::domain("this is more than one amount in another"));
    }
    let units = units(arguments);
    Ok(Some(json!({"numerator": units.quantity(number, unit)?, "denominator": units.quantity(per, per_unit)?})))
}
