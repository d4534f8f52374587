//! `bits(table)`: a number whose bits are flags to the list of their codes.

use super::signature::{Given, NUMBER_OR_TEXT, Signature};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use crate::vendor_path::scalar_text;
use serde_json::Value;

/// The function.
pub const BITS: Function = Function {
    name: "bits",
    class: LawClass::Lens,
    takes: Takes::Table,
    named: &[Named { name: "as", choices: &["number", "text"], help: "what is written back" }],
    signature: Signature { takes: &[NUMBER_OR_TEXT], gives: Given::Anything, returns: true },
    help: "A number that is a sum of flags to the list of their codes; the rows of the table are 1, 2, 4 and so on. Zero is no list; a flag without a row is outside.",
    examples: &[
        Example::new("needs", "[5]", r#"["hearing","speech"]"#),
        Example::new("needs, as: text", r#"["2"]"#, r#"["sight"]"#),
        Example::new("needs", "[0]", "nothing"),
        Example::new("needs", "[9]", "outside"),
        Example::new("needs", r#"["hearing"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

/// The flags that have a row, in the order of the table.
fn flags(arguments: &Arguments) -> impl Iterator<Item = (u64, &Value)> {
    let rows = arguments.table.iter().flat_map(|table| &table.rows);
    rows.filter_map(|(vendor, fhir)| {
        let flag: u64 = scalar_text(vendor)?.parse().ok()?;
        flag.is_power_of_two().then_some((flag, fhir))
    })
}

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
    let sum: Option<u64> = scalar_text(value).and_then(|text| text.trim().parse().ok());
    let sum = sum.ok_or_else(|| Outside::domain("this is not a whole number of flags"))?;
    let mut rest = sum;
    let mut list = Vec::new();
    for (flag, fhir) in flags(arguments) {
        if rest & flag != 0 {
            rest &= !flag;
            list.push(fhir.clone());
        }
    }
    if rest != 0 {
        return Err(Outside::domain("a flag of this number has no row in the code table"));
    }
    Ok((!list.is_empty()).then_some(Value::Array(list)))
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let list = value.as_array().ok_or_else(|| Outside::domain("this is not a list"))?;
    let mut sum = 0;
    for one in list {
        let row = flags(arguments).find(|(_, fhir)| crate::code_table::same_fhir_side(fhir, one));
        let (flag, _) = row.ok_or_else(|| Outside::domain("a code of this list has no flag in the code table"))?;
        if sum & flag != 0 {
            return Err(Outside::domain("a code stands twice in this list"));
        }
        sum |= flag;
    }
    Ok(vec![Some(if arguments.named("as") == Some("text") { sum.to_string().into() } else { sum.into() })])
}
