//! `amount-agrees`: whether the words of a dose and the amount typed beside them say the same; for guards.
//!
//! As with `schedule-agrees` only a contradiction is outside: what cannot be compared agrees, and nothing picks a winner.

use super::schedule_agrees::{number, plain};
use super::signature::{Given, OPTIONAL_PLAIN, OPTIONAL_TEXT, Signature};
use super::{Arguments, Example, Function, PLAIN, Sent, Sources};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_medicines::dose::compare::compare;
use ginnel_medicines::dose::parse;
use ginnel_medicines::dose::units::by_word;
use ginnel_schemas::primitive::Primitive;
use serde_json::{Map, Value, json};

/// The function.
pub const AMOUNT_AGREES: Function = Function {
    name: "amount-agrees",
    class: LawClass::Derive,
    sources: Sources::Between(2, 5),
    by_element: false,
    signature: Signature {
        takes: &[OPTIONAL_TEXT, OPTIONAL_PLAIN, OPTIONAL_PLAIN, OPTIONAL_TEXT, OPTIONAL_TEXT],
        gives: Given::Plain(&[Primitive::Boolean]),
        returns: false,
    },
    help: "Words of a dose + its amount (+ the greatest amount + their unit + how often, as `BD` or `Q6H`): true where they do not contradict each other (only out; for guards).",
    examples: &[
        Example::new("", r#"["ONE tablet twice a day", "1", null, "tablet", "BD"]"#, "true"),
        Example::new("", r#"["ONE tablet twice a day", "2", null, "tablet", "BD"]"#, "outside"),
        Example::new("", r#"["ONE tablet twice a day", "1", null, "tablet", "TDS"]"#, "outside"),
        Example::new("", r#"["1-2 tablets when required", 1, 2, "tablet"]"#, "true"),
        Example::new("", r#"["2.5ml to 5ml every 4 hours when needed", "2.5", "5", "ML", "PRN"]"#, "true"),
        Example::new("", r#"["Swallow whole with water", "1", null, "tablet"]"#, "true"),
        Example::new("", r#"["one every 6 hours", "1", null, null, "Q6H"]"#, "true"),
    ],
    out,
    back: |_, _| Err(Outside::domain("that a dose agrees with its words does not tell it")),
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let at = |place: usize| sources.get(place).copied().flatten();
    let Some(text) = at(0).and_then(Value::as_str) else { return Ok(Some(true.into())) };
    let mut dosage = Map::new();
    dosage.insert("text".into(), text.into());
    let unit = at(3).and_then(Value::as_str);
    // A unit that no list knows cannot be compared, and a figure without its unit would be another figure.
    let known = unit.is_none_or(|unit| by_word(unit.trim()).is_some());
    let quantity = |value: &Value| {
        let value = plain(number(value)?);
        Some(match unit {
            Some(unit) => json!({"value": value, "unit": unit.trim()}),
            None => json!({ "value": value }),
        })
    };
    let amounts = (at(1).and_then(quantity), at(2).and_then(quantity));
    match amounts {
        (Some(least), Some(most)) if known && least != most => {
            dosage.insert("doseAndRate".into(), json!([{"doseRange": {"low": least, "high": most}}]));
        }
        (Some(one), _) if known => {
            dosage.insert("doseAndRate".into(), json!([{ "doseQuantity": one }]));
        }
        _ => {}
    }
    if let Some(timing) = at(4).and_then(Value::as_str).and_then(timing) {
        dosage.insert("timing".into(), timing);
    }
    let compared = compare(&Value::Object(dosage));
    // That it is given when required, and on which days, stands elsewhere.
    let counts = |kind: &str| matches!(kind, "dose" | "unit" | "frequency");
    match compared.contradictions.iter().find(|one| counts(one.kind)) {
        None => Ok(Some(true.into())),
        Some(found) => Err(Outside::domain(format!(
            "the words of the dose say {} and the figures beside them say {}",
            found.text_says, found.structure_says
        ))),
    }
}

/// The timing that an abbreviation stands for, where all of it is understood.
fn timing(code: &str) -> Option<Value> {
    let said = parse::parse(code);
    let [one] = said.dosages.as_slice() else { return None };
    let repeat = one.to_json().pointer("/timing/repeat")?.clone();
    said.is_understood().then(|| json!({ "repeat": repeat }))
}
