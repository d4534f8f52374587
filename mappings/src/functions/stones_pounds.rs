//! `stones-pounds`: a weight as people say it in Britain to kilograms (one stone is 14 lb, one lb 0.45359237 kg exactly).

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Example, Function, PLAIN, Sent, Sources, Takes, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Number, Value, json};

/// The function.
pub const STONES_POUNDS: Function = Function {
    name: "stones-pounds",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Quantity"]), returns: false },
    help: "`8st 2lb` to kilograms with one decimal; the way back needs the previous record.",
    examples: &[
        Example::new(
            "",
            r#"["8st 2lb"]"#,
            r#"{"value":51.7,"unit":"kilogram","system":"http://unitsofmeasure.org","code":"kg"}"#,
        ),
        Example::new(
            "",
            r#"["10 st"]"#,
            r#"{"value":63.5,"unit":"kilogram","system":"http://unitsofmeasure.org","code":"kg"}"#,
        ),
        Example::new("", r#"["8st 15lb"]"#, "outside"),
        Example::new("", r#"["52kg"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let pounds = pounds(text).ok_or_else(|| Outside::domain("this is not a weight in stones and pounds"))?;
        let tenths = (f64::from(pounds) * 4.535_923_7).round();
        let value = Number::from_f64(tenths / 10.0).map_or(Value::Null, Value::Number);
        Ok(Some(json!({"value": value, "unit": "kilogram", "system": "http://unitsofmeasure.org", "code": "kg"})))
    },
    back: |_, _| Err(Outside::domain("kilograms cannot be turned back into the stones and pounds that were written")),
    ..PLAIN
};

fn pounds(text: &str) -> Option<u32> {
    let compact: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let (stones, rest) = compact.split_once("st")?;
    let rest = rest.trim_start_matches("one").trim_start_matches('s');
    let stones: u32 = stones.parse().ok().filter(|stones| *stones <= 100)?;
    let pounds: u32 = match rest.trim_end_matches('s').strip_suffix("lb") {
        Some(number) => number.parse().ok().filter(|pounds| *pounds < 14)?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    Some(stones * 14 + pounds)
}
