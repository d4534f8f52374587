//! `stones-pounds` and `feet-inches`: weight and height as people say them in Britain
//! (one stone is 14 lb, one lb 0.45359237 kg exactly; one inch is 2.54 cm exactly).

use super::signature::TEXT_TO_QUANTITY;
use super::{Example, Function, PLAIN, Returned, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

/// Weight.
pub const STONES_POUNDS: Function = Function {
    name: "stones-pounds",
    class: LawClass::Lens,
    signature: TEXT_TO_QUANTITY,
    help: "`8st 2lb` to kilograms with one decimal; kilograms that are whole pounds come back, others need the previous record.",
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
        Example::new(
            "",
            r#"["8st 2"]"#,
            r#"{"value":51.7,"unit":"kilogram","system":"http://unitsofmeasure.org","code":"kg"}"#,
        ),
        Example::new("", r#"["8st 15lb"]"#, "outside"),
        Example::new("", r#"["52kg"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let found = two_units(text, &["stone", "stones", "st"], &["lb", "lbs", "pound", "pounds", "lb.", ""]);
        let (stones, pounds) = found
            .filter(|(stones, pounds)| *stones <= Decimal::ONE_HUNDRED && *pounds < Decimal::from(14))
            .ok_or_else(|| Outside::domain("this is not a weight in stones and pounds"))?;
        quantity(kilograms(stones * Decimal::from(14) + pounds), "kilogram", "kg")
    },
    back: |_, value| -> Returned {
        let kilogram = amount(value, "kg")?;
        let pounds = (kilogram / POUND).round();
        if pounds <= Decimal::ZERO || pounds > Decimal::from(1400) || kilograms(pounds) != kilogram {
            let what = "kilograms that are no whole pounds cannot be turned back into stones and pounds";
            return Err(Outside::domain(what));
        }
        let (stones, rest) = ((pounds / Decimal::from(14)).floor(), pounds % Decimal::from(14));
        Ok(vec![Some(format!("{}st {}lb", stones.normalize(), rest.normalize()).into())])
    },
    ..PLAIN
};

/// Height.
pub const FEET_INCHES: Function = Function {
    name: "feet-inches",
    class: LawClass::Lens,
    signature: TEXT_TO_QUANTITY,
    help: "`5ft 4in` or `5' 4\"` to centimetres, exactly; whole and half inches come back.",
    examples: &[
        Example::new(
            "",
            r#"["5ft 4in"]"#,
            r#"{"value":162.56,"unit":"centimeter","system":"http://unitsofmeasure.org","code":"cm"}"#,
        ),
        Example::new(
            "",
            r#"["5'4.5\""]"#,
            r#"{"value":163.83,"unit":"centimeter","system":"http://unitsofmeasure.org","code":"cm"}"#,
        ),
        Example::new(
            "",
            r#"["6 feet"]"#,
            r#"{"value":182.88,"unit":"centimeter","system":"http://unitsofmeasure.org","code":"cm"}"#,
        ),
        Example::new("", r#"["5ft 12in"]"#, "outside"),
        Example::new("", r#"["162cm"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let found = two_units(text, &["feet", "foot", "ft", "'"], &["inches", "inch", "in", "ins", "\"", "''", ""]);
        let (feet, inches) = found
            .filter(|(feet, inches)| *feet <= Decimal::from(9) && *inches < Decimal::from(12))
            .ok_or_else(|| Outside::domain("this is not a height in feet and inches"))?;
        quantity(((feet * Decimal::from(12) + inches) * INCH).normalize(), "centimeter", "cm")
    },
    back: |_, value| -> Returned {
        let centimetre = amount(value, "cm")?;
        let inches = (centimetre / INCH * Decimal::TWO).round() / Decimal::TWO;
        if inches <= Decimal::ZERO || inches >= Decimal::from(120) || inches * INCH != centimetre {
            let what = "centimetres that are no half inches cannot be turned back into feet and inches";
            return Err(Outside::domain(what));
        }
        let (feet, rest) = ((inches / Decimal::from(12)).floor(), inches % Decimal::from(12));
        Ok(vec![Some(format!("{}ft {}in", feet.normalize(), rest.normalize()).into())])
    },
    ..PLAIN
};

const POUND: Decimal = Decimal::from_parts(45_359_237, 0, 0, false, 8);
const INCH: Decimal = Decimal::from_parts(254, 0, 0, false, 2);

fn kilograms(pounds: Decimal) -> Decimal {
    (pounds * POUND).round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero)
}

/// `8st 2lb`, `8 stone`: the greater unit is there, the lesser may be missing.
fn two_units(text: &str, greater: &[&str], lesser: &[&str]) -> Option<(Decimal, Decimal)> {
    let text = text.trim().to_lowercase();
    let number = |text: &str| {
        let text = text.trim();
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        (plain && (1..=5).contains(&text.len())).then(|| text.parse::<Decimal>().ok()).flatten()
    };
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (whole, rest) = text.split_at(end);
    let rest = rest.trim_start();
    // The longest name first: `stones` begins with `st`.
    let mut names = greater.to_vec();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let rest = names.iter().find_map(|name| rest.strip_prefix(name))?.trim();
    let whole = number(whole)?;
    if rest.is_empty() {
        return Some((whole, Decimal::ZERO));
    }
    let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let (part, unit) = rest.split_at(digits);
    lesser.contains(&unit.trim()).then_some(())?;
    Some((whole, number(part)?))
}

fn quantity(value: Decimal, unit: &str, code: &str) -> Sent {
    let value = super::number_text(&value.to_string());
    Ok(Some(json!({"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": code})))
}

/// The exact value of a Quantity of that UCUM unit alone.
fn amount(quantity: &Value, code: &str) -> Result<Decimal, Outside> {
    let own = quantity.get("code").and_then(Value::as_str) == Some(code) && quantity.get("comparator").is_none();
    let value = quantity.get("value").filter(|value| own && value.is_number()).map(ToString::to_string);
    let value =
        value.and_then(|text| text.parse::<Decimal>().ok()).filter(|value| value.abs() < Decimal::from(100_000));
    value.ok_or_else(|| Outside::domain("this Quantity has no value or another unit"))
}
