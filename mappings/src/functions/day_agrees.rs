//! `day-agrees`: whether the words of a dose, the times of day it is given at and the total of a day say the same; for
//! guards.
//!
//! As with `schedule-agrees` only a contradiction is outside: what cannot be compared agrees, and nothing picks a winner.

use super::schedule_agrees::number;
use super::signature::{Given, OPTIONAL_TEXT, Signature};
use super::{Arguments, Example, Function, PLAIN, Sent, Sources, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_medicines::dose::compare::compare;
use ginnel_schemas::primitive::Primitive;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The function.
pub const DAY_AGREES: Function = Function {
    name: "day-agrees",
    class: LawClass::Derive,
    sources: Sources::Between(2, 3),
    takes: Takes::Texts(1),
    by_element: false,
    signature: Signature {
        takes: &[OPTIONAL_TEXT, OPTIONAL_TEXT, OPTIONAL_TEXT],
        gives: Given::Plain(&[Primitive::Boolean]),
        returns: false,
    },
    help: "Words of a dose + the times of a day it is given at, in one text that is split at the separator (+ the total of a day): true where they do not contradict each other (only out; for guards).",
    examples: &[
        Example::new(r#"";""#, r#"["1", "0800;2000", "2 tabs"]"#, "true"),
        Example::new(r#"";""#, r#"["1", "0800;2000", "1"]"#, "outside"),
        Example::new(r#"";""#, r#"["1 tablet twice a day", "0800;2000", null]"#, "true"),
        Example::new(r#"";""#, r#"["1 BD", "0800", null]"#, "outside"),
        Example::new(r#"";""#, r#"["1-2", "0800;2000", "MAX 8"]"#, "true"),
        Example::new(r#"";""#, r#"["2", null, "8"]"#, "true"),
        Example::new(r#"";""#, r#"["thin layer", "0800;2000", null]"#, "true"),
    ],
    out,
    back: |_, _| Err(Outside::domain("that a dose agrees with its times does not tell it")),
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let at = |place: usize| sources.get(place).copied().flatten().and_then(Value::as_str);
    let separator = arguments.texts.first().map_or(";", String::as_str);
    let (Some(words), Some(times)) = (at(0), at(1)) else { return Ok(Some(true.into())) };
    let often = times.split(separator).filter(|time| !time.trim().is_empty()).count();
    if often == 0 {
        return Ok(Some(true.into()));
    }
    let repeat = json!({"frequency": often, "period": 1, "periodUnit": "d"});
    let compared = compare(&json!({"text": words, "timing": {"repeat": repeat}}));
    if let Some(found) = compared.contradictions.iter().find(|one| one.kind == "frequency") {
        let (said, typed) = (&found.text_says, &found.structure_says);
        return Err(Outside::domain(format!("the words of the dose say {said} and the times beside them say {typed}")));
    }
    if let (Some(one), Some(total)) = (counted(words), at(2).and_then(counted)) {
        let made = one * Decimal::from(often);
        if made != total {
            return Err(Outside::domain(format!(
                "{often} times {words} are {made}, and the total of the day is {total}"
            )));
        }
    }
    Ok(Some(true.into()))
}

/// A figure that has at most one word behind it: `2`, `½ tab`.
fn counted(text: &str) -> Option<Decimal> {
    let mut words = text.split_whitespace();
    let figure = number(&words.next()?.into())?;
    let rest = words.next().is_none_or(|unit| unit.chars().all(|c| c.is_alphabetic() || c == '.'));
    (rest && words.next().is_none()).then_some(figure)
}
