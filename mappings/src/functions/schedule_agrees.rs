//! `schedule-agrees`: whether the words of a dose and a schedule beside them say the same; for guards.
//!
//! Only a contradiction is outside: what cannot be compared agrees. Nothing here picks a winner (difficulty D22 of care
//! records: a label and a schedule, typed apart, that disagree).

use super::signature::{Given, JsonType, OPTIONAL_PLAIN, OPTIONAL_TEXT, Signature, Taken};
use super::{Arguments, Example, Function, Named, PLAIN, Sent, Sources, Takes, dosage::is_yes};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_medicines::dose::compare::{Contradiction, compare};
use ginnel_medicines::dose::units::{Measure, Unit, by_word};
use ginnel_medicines::dose::{Dosage, parse};
use ginnel_schemas::primitive::Primitive;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

const LIST: Taken = Taken { types: &[JsonType::List], total: false, formats: &[], optional: true };

/// The function.
pub const SCHEDULE_AGREES: Function = Function {
    name: "schedule-agrees",
    class: LawClass::Derive,
    sources: Sources::Between(2, 6),
    takes: Takes::MaybeTable,
    named: &[
        Named { name: "amount", choices: &[], help: "the member of an entry of the schedule that is the amount" },
        Named { name: "time", choices: &[], help: "the member that is a time of day" },
        Named { name: "part", choices: &[], help: "the member that is a part of the day, which the table codes" },
        Named { name: "days", choices: &[], help: "the member that says every how many days; every day without it" },
    ],
    by_element: false,
    signature: Signature {
        takes: &[OPTIONAL_TEXT, LIST, OPTIONAL_PLAIN, OPTIONAL_TEXT, OPTIONAL_TEXT, OPTIONAL_TEXT],
        gives: Given::Plain(&[Primitive::Boolean]),
        returns: false,
    },
    help: "Words of a dose + a list of the times it is given (+ whether it is given when required + the medicine's name, for its strength + first and last day): true where they do not contradict each other (only out; for guards).",
    examples: &[
        Example::new(
            r#"amount: "qty", time: "at""#,
            r#"["15 ml twice a day", [{"at": "08:00", "qty": "15"}, {"at": "21:30", "qty": 15}]]"#,
            "true",
        ),
        Example::new(
            r#"amount: "qty", time: "at""#,
            r#"["15 ml twice a day", [{"at": "08:00", "qty": "15"}, {"at": "21:30", "qty": "10"}]]"#,
            "outside",
        ),
        Example::new(r#"amount: "qty""#, r#"["one each night", [{"qty": 1}, {"qty": 1}]]"#, "outside"),
        Example::new(
            r#"amount: "qty", days: "every""#,
            r#"["ONE patch every 7 days", [{"qty": 1, "every": 7}]]"#,
            "true",
        ),
        Example::new(r#"amount: "qty""#, r#"["as directed", [{"qty": 1}]]"#, "true"),
        Example::new(r#"amount: "qty""#, r#"["one each night", [{"qty": "1,5"}]]"#, "outside"),
        Example::new(r#"amount: "qty""#, r#"["1-2 when required", [{"qty": "1-2"}], true]"#, "true"),
        Example::new(r#"amount: "qty""#, r#"["one when required", [{"qty": 1}]]"#, "outside"),
        Example::new(r#"amount: "qty""#, r#"["one when required", [], false]"#, "outside"),
        Example::new(
            r#"amount: "qty""#,
            r#"["80 mg each morning", [{"qty": "1"}], null, "Furosemide 40mg tablets"]"#,
            "outside",
        ),
        Example::new("", r#"["one daily for 7 days", [{}], null, null, "2026-10-19T00:00:00", "2026-10-25"]"#, "true"),
        Example::new("", r#"["one daily for 7 days", [{}], null, null, "2026-10-19", "2026-10-31"]"#, "outside"),
    ],
    out,
    back: |_, _| Err(Outside::domain("that a schedule agrees with its words does not tell it")),
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let at = |place: usize| sources.get(place).copied().flatten();
    let Some(text) = at(0).and_then(Value::as_str) else { return Ok(Some(true.into())) };
    let entries = at(1).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let required = at(2).map(is_yes).transpose()?;
    let said = parse::parse(text);
    if required == Some(false) && is_as_needed(&said) {
        return Err(Outside::domain("the words say when required, and the field beside them says not"));
    }
    let name = at(3).and_then(Value::as_str).unwrap_or_default();
    if let Some(damaged) =
        entries.iter().filter_map(|entry| amount_in_words(arguments, entry)).find(|one| is_damaged(one))
    {
        return Err(Outside::domain(format!("an amount of the schedule cannot be read: `{damaged}`")));
    }
    for mut structure in structures(arguments, text, name, &said, entries) {
        if required == Some(true) {
            structure["asNeededBoolean"] = true.into();
        }
        let compared = compare(&structure);
        if let Some(found) = compared.contradictions.iter().find(|one| counts(one)) {
            let what =
                format!("the words of the dose say {} and the schedule says {}", found.text_says, found.structure_says);
            return Err(Outside::domain(what));
        }
    }
    course(&said, at(4), at(5))?;
    Ok(Some(true.into()))
}

/// The amount of an entry where it is typed as a text.
fn amount_in_words<'e>(arguments: &Arguments, entry: &'e Value) -> Option<&'e str> {
    entry.get(arguments.named("amount")?)?.as_str().map(str::trim)
}

/// Whether an amount has digits and is no number, range or number with its unit: whatever it was meant to say, it cannot
/// be held against the words.
fn is_damaged(text: &str) -> bool {
    let is_number = |text: &str| number(&text.into()).is_some();
    let is_range = || {
        let ends = text.split_once(['-', '\u{2013}']).or_else(|| text.split_once(" to "));
        ends.is_some_and(|(low, high)| is_number(low) && is_number(high))
    };
    let has_unit = || {
        let at = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
        let (amount, unit) = text.split_at(at);
        is_number(amount) && (by_word(unit.trim()).is_some() || unit.trim().eq_ignore_ascii_case("u"))
    };
    text.contains(|c: char| c.is_ascii_digit()) && !is_number(text) && !is_range() && !has_unit()
}

/// What two fields typed apart contradict each other in: a schedule has no route, site or greatest dose.
fn counts(found: &Contradiction) -> bool {
    matches!(found.kind, "dose" | "unit" | "frequency" | "prn" | "days")
}

fn is_as_needed(said: &parse::Parsed) -> bool {
    let needed = |one: &Dosage| one.as_needed == Some(true) || !one.as_needed_for.is_empty();
    said.is_understood() && said.dosages.iter().any(needed)
}

/// The schedule as Dosages with the words: one for all of it where the amounts are alike; else one for each amount, with
/// the times of the whole day where the words tell one dose, and of its own entries where they tell several.
fn structures(arguments: &Arguments, text: &str, name: &str, said: &parse::Parsed, entries: &[Value]) -> Vec<Value> {
    let member = |entry: &'_ Value, name: &str| -> Option<Value> {
        let found = entry.get(arguments.named(name)?)?;
        (!crate::vendor_path::is_absent(found)).then(|| found.clone())
    };
    let unit = Counted::of(text, name);
    let mut groups: Vec<(Option<Decimal>, Option<Decimal>, Vec<&Value>)> = Vec::new();
    for entry in entries {
        let amount = member(entry, "amount").as_ref().and_then(number);
        let days = member(entry, "days").as_ref().and_then(number);
        match groups.iter_mut().find(|(known, every, _)| *known == amount && *every == days) {
            Some((.., rows)) => rows.push(entry),
            None => groups.push((amount, days, vec![entry])),
        }
    }
    let tells_several = said.is_understood() && said.dosages.len() > 1;
    let alike = groups.iter().all(|(_, days, _)| *days == groups.first().and_then(|(_, days, _)| *days));
    let whole = groups.len() > 1 && alike && !tells_several;
    groups
        .iter()
        .map(|(amount, days, rows)| {
            let rows: Vec<&Value> = if whole { entries.iter().collect() } else { rows.clone() };
            let mut repeat = Map::new();
            repeat.insert("frequency".into(), rows.len().into());
            repeat.insert("period".into(), days.map_or(json!(1), plain));
            repeat.insert("periodUnit".into(), "d".into());
            let parts: Option<Vec<Value>> =
                rows.iter().map(|row| arguments.table.as_ref()?.row(&member(row, "part")?).cloned()).collect();
            if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
                repeat.insert("when".into(), Value::Array(parts));
            }
            let mut dosage = json!({"text": text, "timing": {"repeat": repeat}});
            if let Some(amount) = amount.and_then(|amount| unit.quantity(amount)) {
                dosage["doseAndRate"] = json!([{"doseQuantity": amount}]);
            }
            dosage
        })
        .collect()
}

/// What the numbers of a schedule count, as far as the words and the medicine's name tell.
struct Counted {
    unit: Option<&'static Unit>,
    /// How much of the words' measure is in one piece.
    strength: Option<(Decimal, &'static Unit)>,
}

impl Counted {
    fn of(text: &str, name: &str) -> Counted {
        Counted { unit: unit_in(text), strength: strength(name) }
    }

    /// An amount of the schedule in the words' own measure; nothing where that would be a guess.
    fn quantity(&self, amount: Decimal) -> Option<Value> {
        match self.unit {
            None => Some(json!({"value": plain(amount)})),
            Some(unit) if unit.measure == Measure::Mass => {
                let (each, of) = self.strength?;
                Some(json!({"value": plain(amount.checked_mul(each)?), "unit": of.word}))
            }
            Some(unit) => Some(json!({"value": plain(amount), "unit": unit.word})),
        }
    }
}

/// The unit of the first amount in a text.
fn unit_in(text: &str) -> Option<&'static Unit> {
    words(text).windows(2).find_map(|pair| {
        let [number, unit] = pair else { return None };
        let is_amount = number.starts_with(|c: char| c.is_ascii_digit() || "½¼¾".contains(c))
            || matches!(number.as_str(), "half" | "a" | "one" | "two" | "three" | "four" | "five" | "six");
        by_word(unit).filter(|unit| is_amount && unit.measure != Measure::Time)
    })
}

/// How much is in one tablet, where the name says one plain strength.
fn strength(name: &str) -> Option<(Decimal, &'static Unit)> {
    let words = words(name);
    let mut found = words.windows(2).enumerate().filter_map(|(at, pair)| {
        let [number, unit] = pair else { return None };
        let unit = by_word(unit).filter(|unit| unit.measure == Measure::Mass)?;
        Some((at, number.replace(',', "").parse::<Decimal>().ok()?, unit))
    });
    let (at, amount, unit) = found.next()?;
    // "25mg/100mg" and "10mg/5ml" are no strength of one piece.
    let is_part = words.get(at + 2).is_some_and(|next| next == "/") || found.next().is_some();
    (!is_part).then_some((amount, unit))
}

/// Numbers, words and slashes of a text, in lower case.
fn words(text: &str) -> Vec<String> {
    let kind = |c: char| match c {
        '0'..='9' | '.' | ',' | '½' | '¼' | '¾' => 1,
        '/' => 2,
        c if c.is_alphabetic() => 3,
        _ => 0,
    };
    let mut out: Vec<(u8, String)> = Vec::new();
    for mark in text.to_lowercase().chars() {
        match out.last_mut() {
            Some((last, word)) if *last == kind(mark) => word.push(mark),
            _ => out.push((kind(mark), mark.into())),
        }
    }
    out.into_iter().filter(|(kind, _)| *kind > 0).map(|(_, word)| word).collect()
}

/// The days of a course in words against the first and the last day beside them.
fn course(said: &parse::Parsed, first: Option<&Value>, last: Option<&Value>) -> Result<(), Outside> {
    let [one] = said.dosages.as_slice() else { return Ok(()) };
    let bounds = one.to_json().pointer("/timing/repeat/boundsDuration").cloned();
    let Some(bounds) = bounds.filter(|_| said.is_understood()) else { return Ok(()) };
    let each = match bounds.get("code").and_then(Value::as_str) {
        Some("d") => 1,
        Some("wk") => 7,
        _ => return Ok(()),
    };
    let count = bounds.get("value").and_then(Value::as_i64);
    let (Some(count), Some(first), Some(last)) = (count, day(first), day(last)) else { return Ok(()) };
    let apart = i64::from((last.date() - first.date()).get_days());
    // With the last day counted in or, where a course begins at noon, not.
    if (apart..=apart + 1).contains(&(count * each)) {
        return Ok(());
    }
    Err(Outside::domain("the words tell another length of the course than the dates beside them"))
}

fn day(value: Option<&Value>) -> Option<DateTime> {
    let text = value?.as_str()?.trim();
    text.parse::<DateTime>()
        .ok()
        .or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))
}

pub(super) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => match text.trim() {
            "½" | "1/2" => Some(Decimal::new(5, 1)),
            text => text.parse().ok(),
        },
        _ => None,
    }
}

pub(super) fn plain(number: Decimal) -> Value {
    serde_json::from_str(&number.normalize().to_string()).unwrap_or(Value::Null)
}
