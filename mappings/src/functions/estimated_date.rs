//! `estimated-date`: a date of birth with a flag that says it is a guess; only its year is then sent.

use super::calendar::{Day, fhir_day};
use super::signature::{DATES, OPTIONAL_PLAIN, SOME_TEXT, Signature};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Sources, fhir_text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;

/// The function.
pub const ESTIMATED_DATE: Function = Function {
    name: "estimated-date",
    class: LawClass::Lens,
    sources: Sources::Exactly(2),
    named: &[
        Named {
            name: "yes",
            choices: &[],
            help: "the flag of a guessed date; `true` as a boolean where it is not given",
        },
        Named {
            name: "no",
            choices: &[],
            help: "the flag of a known date; `false` as a boolean where it is not given",
        },
        Named { name: "midnight", choices: &["true"], help: "whether dates are written with `T00:00:00`" },
    ],
    signature: Signature { takes: &[SOME_TEXT, OPTIONAL_PLAIN], gives: DATES, returns: true },
    help: "Date + flag: a guessed 1 January is sent as its year alone, a known date whole. Any other guessed date is outside.",
    examples: &[
        Example::new(r#"yes: "Y", no: "N""#, r#"["1931-01-01", "Y"]"#, r#""1931""#),
        Example::new(r#"yes: "Y", no: "N""#, r#"["1945-11-30", "N"]"#, r#""1945-11-30""#),
        Example::new(r#"yes: "Y", no: "N", midnight: true"#, r#"["1931-01-01T00:00:00", "Y"]"#, r#""1931""#),
        Example::new("", r#"["1945-11-30", null]"#, r#""1945-11-30""#),
        Example::new("", r#"["1931-01-01", true]"#, r#""1931""#),
        Example::new("", r#"["1931-03-12", true]"#, "outside"),
        Example::new(r#"yes: "Y", no: "N""#, r#"["1931-01-01", "perhaps"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn flag(arguments: &Arguments, name: &str, otherwise: bool) -> Value {
    arguments.named(name).map_or(Value::Bool(otherwise), Value::from)
}

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(date) = sources.first().copied().flatten() else { return Ok(None) };
    let text = fhir_text(date)?;
    let text = match arguments.named("midnight") {
        Some(_) => text.strip_suffix("T00:00:00").ok_or_else(|| Outside::domain("this date is not at midnight"))?,
        None => text,
    };
    let day = Day::from_fhir(text).filter(|day| day.day.is_some());
    let day = day.ok_or_else(|| Outside::domain("this is not a date that exists, written yyyy-mm-dd"))?;
    let guessed = match sources.get(1).copied().flatten() {
        None => false,
        Some(said) if *said == flag(arguments, "yes", true) => true,
        Some(said) if *said == flag(arguments, "no", false) => false,
        Some(_) => return Err(Outside::domain("the flag beside this date says neither that it is known nor guessed")),
    };
    match (guessed, day.month, day.day) {
        (false, ..) => Ok(Some(day.to_fhir().into())),
        (true, Some(1), Some(1)) => Ok(Some(format!("{:04}", day.year).into())),
        _ => Err(Outside::domain("this date is guessed, and it is not said what of it is known")),
    }
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let day = fhir_day(value)?;
    let (whole, guessed) = match (day.month, day.day) {
        (None, _) => (Day { month: Some(1), day: Some(1), ..day }, true),
        (Some(_), Some(_)) => (day, false),
        _ => return Err(Outside::domain("the vendor holds a whole date or a year, and this is a month")),
    };
    let mut text = whole.to_fhir();
    if arguments.named("midnight").is_some() {
        text.push_str("T00:00:00");
    }
    let flag = if guessed { flag(arguments, "yes", true) } else { flag(arguments, "no", false) };
    Ok(vec![Some(text.into()), Some(flag)])
}
