//! `converted` and `fahrenheit`: amounts turned into another unit by an exact factor, to a stated number of decimals.

use super::number::decimal;
use super::signature::{Given, NUMBER_OR_TEXT, Signature};
use super::{Arguments, CallFault, Example, Function, Named, PLAIN, Returned, Sent, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use std::sync::Arc;

const DECIMALS: Named = Named {
    name: "decimals",
    choices: &["0", "1", "2", "3", "4"],
    help: "to how many decimals the result is rounded; without it what is not exact is outside",
};
const AS: Named = Named { name: "as", choices: &["number", "text"], help: "what is written back" };
const SIGNATURE: Signature = Signature { takes: &[NUMBER_OR_TEXT], gives: Given::Object(&["Quantity"]), returns: true };

/// By a factor.
pub const CONVERTED: Function = Function {
    name: "converted",
    class: LawClass::Lens,
    takes: Takes::Texts(2),
    named: &[
        Named { name: "multiply", choices: &[], help: "what the vendor's number is multiplied by" },
        Named { name: "divide", choices: &[], help: "what the vendor's number is divided by" },
        DECIMALS,
        AS,
    ],
    signature: SIGNATURE,
    help: "A number in the vendor's unit, times or divided by a factor, to a Quantity of the unit whose name and UCUM code stand in brackets.",
    examples: &[
        Example::new(
            r#""millimole per liter", "mmol/L", divide: "18.0182", decimals: 1"#,
            "[169]",
            r#"{"value":9.4,"unit":"millimole per liter","system":"http://unitsofmeasure.org","code":"mmol/L"}"#,
        ),
        Example::new(
            r#""liter", "L", divide: "1000", as: text"#,
            r#"["1500"]"#,
            r#"{"value":1.5,"unit":"liter","system":"http://unitsofmeasure.org","code":"L"}"#,
        ),
        Example::new(r#""millimole per liter", "mmol/L", divide: "18.0182""#, "[169]", "outside"),
        Example::new(r#""liter", "L", divide: "1000""#, r#"["LO"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        let number = |name: &str| {
            let read = |text: &str| text.parse::<Decimal>().ok().filter(|factor| *factor > Decimal::ZERO);
            arguments.named(name).map(read)
        };
        let (above, below) = match (number("multiply"), number("divide")) {
            (Some(Some(factor)), None) => (factor, Decimal::ONE),
            (None, Some(Some(factor))) => (Decimal::ONE, factor),
            _ => {
                let hint = "for instance `divide: \"18.0182\"`";
                return Err(CallFault::new("`converted` needs a number under `multiply` or under `divide`", hint));
            }
        };
        let text = |place: usize| arguments.texts.get(place).cloned().unwrap_or_default();
        let line = Line { above, below, before: Decimal::ZERO, unit: text(0), code: text(1) };
        Ok(Arc::new(line))
    }),
    out,
    back,
    ..PLAIN
};

/// Temperature.
pub const FAHRENHEIT: Function = Function {
    name: "fahrenheit",
    class: LawClass::Lens,
    named: &[DECIMALS, AS],
    signature: SIGNATURE,
    help: "A temperature in degrees Fahrenheit to degrees Celsius.",
    examples: &[
        Example::new(
            "",
            "[98.6]",
            r#"{"value":37,"unit":"degree Celsius","system":"http://unitsofmeasure.org","code":"Cel"}"#,
        ),
        Example::new(
            "decimals: 1, as: text",
            r#"["99"]"#,
            r#"{"value":37.2,"unit":"degree Celsius","system":"http://unitsofmeasure.org","code":"Cel"}"#,
        ),
        Example::new("", "[99]", "outside"),
        Example::new("", r#"["warm"]"#, "outside"),
    ],
    prepare: Some(|_| {
        let (five, nine) = (Decimal::from(5), Decimal::from(9));
        let (unit, code) = ("degree Celsius".into(), "Cel".into());
        Ok(Arc::new(Line { above: five, below: nine, before: Decimal::from(-32), unit, code }))
    }),
    out,
    back,
    ..PLAIN
};

/// `(number + before) * above / below` in a unit.
struct Line {
    above: Decimal,
    below: Decimal,
    before: Decimal,
    unit: String,
    code: String,
}

/// Beyond this no measure of a person lies, and no product overflows.
const GREATEST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

fn places(arguments: &Arguments) -> Option<u32> {
    arguments.named("decimals").and_then(|text| text.parse().ok())
}

fn exact(value: &Value) -> Result<Decimal, Outside> {
    let text = decimal(value)?.to_string();
    let number = text.parse::<Decimal>().ok().filter(|number| number.abs() < GREATEST && number.scale() <= 9);
    number.ok_or_else(|| Outside::domain("this number is too great or too fine to be converted"))
}

impl Line {
    fn forth(&self, number: Decimal, places: Option<u32>) -> Option<Decimal> {
        let product = (number + self.before).checked_mul(self.above)?;
        let result = product.checked_div(self.below)?;
        match places {
            Some(places) => Some(result.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)),
            None => {
                let short = result.normalize();
                (short.scale() <= 9 && short.checked_mul(self.below)? == product).then_some(short)
            }
        }
    }
}

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
    let line: &Line = arguments.prepared()?;
    let result = line.forth(exact(value)?, places(arguments));
    let result =
        result.ok_or_else(|| Outside::domain("the result is not exact, and the mapping says no number of decimals"))?;
    let value = super::number_text(&result.to_string());
    Ok(Some(json!({"value": value, "unit": line.unit, "system": "http://unitsofmeasure.org", "code": line.code})))
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let line: &Line = arguments.prepared()?;
    let number = exact(value.get("value").unwrap_or(&Value::Null))?;
    let wanted = line.number_of(number).ok_or_else(|| Outside::domain("this number is too great to be converted"))?;
    // The shortest number that goes out to the same again.
    for places in 0..=9 {
        let short = wanted.round_dp(places);
        let text = short.normalize().to_string();
        let written = match arguments.named("as") {
            Some("text") => Value::from(text),
            _ => super::number_text(&text).unwrap_or(Value::Null),
        };
        if out(arguments, &[Some(&written)]).ok().flatten().as_ref() == Some(value) {
            return Ok(vec![Some(written)]);
        }
    }
    Err(Outside::domain("no number of the vendor's unit becomes exactly this Quantity"))
}

impl Line {
    /// The vendor's number of a result.
    fn number_of(&self, result: Decimal) -> Option<Decimal> {
        result.checked_mul(self.below)?.checked_div(self.above)?.checked_sub(self.before)
    }
}
