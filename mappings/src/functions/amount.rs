//! Amounts as people write them: `5 mg`, `2.5ml`, `1-2 tablets`, `½`, `36,8`, `<5`. Their digits are kept.

use super::number::decimal;
use super::number_text;
use super::quantity::with_unit;
use crate::code_table::CodeTable;
use crate::outside::Outside;
use serde_json::{Map, Value};

/// Vulgar fractions that decimals hold exactly.
const FRACTIONS: [(char, &str); 6] = [('½', "5"), ('¼', "25"), ('¾', "75"), ('⅛', "125"), ('⅜', "375"), ('⅝', "625")];

/// The number at the start of a text and what follows it: digits with a point or comma, `½`, `1½`, `1/2`.
pub(super) fn leading_number(text: &str) -> Option<(Value, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let fraction = rest.chars().next().and_then(|sign| FRACTIONS.iter().find(|(known, _)| *known == sign));
    if let Some((sign, decimals)) = fraction {
        let whole = if digits.is_empty() { "0" } else { digits };
        let whole = whole.bytes().all(|byte| byte.is_ascii_digit()).then_some(whole)?;
        return Some((number_text(&format!("{whole}.{decimals}"))?, &rest[sign.len_utf8()..]));
    }
    if let Some((below, after)) = rest.strip_prefix('/').and_then(|rest| divisor(rest)) {
        let above: u32 = digits.parse().ok().filter(|above| (1..below).contains(above))?;
        let thousandths = above * 1000 / below;
        let exact = (thousandths * below == above * 1000).then(|| format!("{thousandths:03}"))?;
        return Some((number_text(&format!("0.{}", exact.trim_end_matches('0')))?, after));
    }
    Some((decimal(&Value::from(digits)).ok()?, rest))
}

/// What a fraction is divided by: `1/2`, `3/4`, `1/8`, and no unit such as `/5ml` of a strength.
fn divisor(text: &str) -> Option<(u32, &str)> {
    ["2", "4", "8"].iter().find_map(|below| {
        let after = text.strip_prefix(below)?;
        let whole = !after.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
        Some((below.parse().ok()?, after)).filter(|_| whole)
    })
}

/// A number and its unit.
pub(super) fn number_and_unit(text: &str) -> Result<(Value, &str), Outside> {
    let (number, unit) = leading_number(text).ok_or_else(|| Outside::domain("this does not begin with a number"))?;
    let unit = unit.trim();
    if unit.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '–' | '.' | ',' | '/' | '½' | '¼' | '¾'))
    {
        return Err(Outside::domain("this is more than one number with its unit"));
    }
    Ok((number, unit))
}

/// What the units of a call are: listed in a table, UCUM codes, or texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units<'t> {
    pub table: Option<&'t CodeTable>,
    /// Whether a unit that the table does not list is a code of UCUM.
    pub ucum: bool,
}

impl Units<'_> {
    /// A Quantity of a number and a unit as it is written.
    pub fn quantity(self, number: Value, unit: &str) -> Result<Value, Outside> {
        if unit.is_empty() {
            return Err(Outside::domain("an amount without a unit could mean tablets, millilitres or doses"));
        }
        let written = Value::from(unit);
        let listed = self.table.is_some_and(|table| table.row(&written).is_some());
        if !listed && self.ucum {
            // The grammar is recursive: what no unit is as long as is not read.
            let tame = unit.len() <= 40 && unit.bytes().filter(|byte| *byte == b'(').count() <= 4;
            if !tame || octofhir_ucum::validate(unit).is_err() {
                return Err(Outside::domain("this unit is no code of UCUM; upper and lower case differ there"));
            }
            let mut out = Map::new();
            out.insert("value".into(), number);
            out.insert("unit".into(), written.clone());
            out.insert("system".into(), "http://unitsofmeasure.org".into());
            out.insert("code".into(), written);
            return Ok(Value::Object(out));
        }
        Ok(with_unit(number, Some(&written), self.table))
    }

    /// The unit of a Quantity as the vendor writes it.
    pub fn written(self, quantity: &Value) -> Result<String, Outside> {
        let unknown = || Outside::domain("the vendor has no unit for this Quantity");
        let coded = quantity.get("code").is_some();
        let unit = match self.table {
            Some(table) if coded => match table.back(quantity) {
                Ok(unit) => unit,
                Err(_) if self.ucum => quantity.get("code").cloned(),
                Err(outside) => return Err(outside),
            },
            _ if coded && self.ucum => quantity.get("code").cloned(),
            _ => quantity.get("unit").cloned(),
        };
        unit.as_ref().and_then(Value::as_str).map(str::to_string).ok_or_else(unknown)
    }
}

/// The value of a Quantity as it is written.
pub(super) fn value_text(quantity: &Value) -> Result<String, Outside> {
    let value = quantity.get("value").filter(|value| value.is_number());
    value.map(ToString::to_string).ok_or_else(|| Outside::domain("this Quantity has no value"))
}
