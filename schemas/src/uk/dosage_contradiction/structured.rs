//! The structured parts of a Dosage in the measures of dose text (<https://hl7.org/fhir/R4/dosage.html>).

use super::super::dose_text::{Amount, Few, Range, Route, days, unit};
use super::super::read::{codes, object, text};
use super::quantity_value;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A number of a member.
pub fn number(object: &Map<String, Value>, member: &str) -> Option<f64> {
    object.get(member)?.as_f64().filter(|number| number.is_finite())
}

/// A Quantity whose unit is known.
pub fn amount(quantity: &Map<String, Value>) -> Option<Amount> {
    let named = |member: &str| text(quantity, member).and_then(|name| unit(&lower(name)));
    // The words are what people see; the code may be SNOMED CT's.
    let (measure, factor) = named("unit").or_else(|| named("code"))?;
    Some(Amount { measure, range: quantity_value(quantity)?.times(factor) })
}

/// A Duration in days.
pub fn duration_days(quantity: &Map<String, Value>) -> Option<f64> {
    let named = |member: &str| text(quantity, member).and_then(|name| days(&lower(name)));
    Some(number(quantity, "value")? * named("unit").or_else(|| named("code"))?)
}

/// A unit in lower case, without the braces and brackets of UCUM.
fn lower(name: &str) -> Cow<'_, str> {
    let plain = name.trim().trim_start_matches(['{', '[']).trim_end_matches(['}', ']']);
    if plain.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(plain.to_ascii_lowercase())
    } else {
        Cow::Borrowed(plain)
    }
}

/// How often a day a Timing may mean; nothing when it does not say.
pub fn rates(timing: &Map<String, Value>) -> Option<Few<Range>> {
    let mut rates = Few::new();
    let Some(repeat) = object(timing, "repeat") else {
        let code = codes(object(timing, "code")?).find_map(|(_, _, code)| abbreviation(code))?;
        rates.add(Range::exactly(code));
        return Some(rates);
    };
    let period = number(repeat, "period").filter(|period| *period > 0.0)?;
    let longest = number(repeat, "periodMax").unwrap_or(period).max(period);
    let unit = days(text(repeat, "periodUnit")?)?;
    let listed = |member: &str| repeat.get(member).and_then(Value::as_array).map_or(0, Vec::len) as f64;
    let times = number(repeat, "frequency").unwrap_or(1.0);
    let most = number(repeat, "frequencyMax").unwrap_or(times).max(times);
    let told = Range { low: times / (longest * unit), high: most / (period * unit) };
    rates.add(told);
    let weekdays = listed("dayOfWeek");
    if weekdays > 0.0 {
        rates.add(told.times(weekdays / 7.0));
    }
    for slots in [listed("timeOfDay"), listed("when")] {
        if slots > 0.0 {
            rates.add(Range::exactly(slots / (period * unit)));
        }
    }
    Some(rates)
}

/// How often a day the codes of `timing-abbreviation` say.
fn abbreviation(code: &str) -> Option<f64> {
    Some(match code {
        "QD" | "AM" | "PM" | "BED" => 1.0,
        "BID" => 2.0,
        "TID" => 3.0,
        "QID" => 4.0,
        "QOD" => 0.5,
        "Q1H" => 24.0,
        "Q2H" => 12.0,
        "Q3H" => 8.0,
        "Q4H" => 6.0,
        "Q6H" => 4.0,
        "Q8H" => 3.0,
        "WK" => 1.0 / 7.0,
        _ => return None,
    })
}

/// A route by its SNOMED CT code.
pub fn route(code: &str) -> Option<Route> {
    Route::of_code(code)
}

/// The days of the week as bits from Monday.
pub fn weekdays(repeat: &Map<String, Value>) -> u8 {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let named = repeat.get("dayOfWeek").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
    let bit = |name: &str| DAYS.iter().position(|day| *day == name).map_or(0, |at| 1 << at);
    named.iter().filter_map(Value::as_str).fold(0, |bits, name| bits | bit(name))
}
