//! `estimated-date`: a date of birth with a flag that says it is a guess; only its year is then sent.

use super::calendar::{Day, fhir_day};
use super::layout::{Layout, Moment};
use super::patterned::one_layout;
use super::signature::{DATES, OPTIONAL_PLAIN, SOME_TEXT, Signature};
use super::{Arguments, CallFault, Example, Function, Named, PLAIN, Returned, Sent, Sources, fhir_text};
use crate::account::LawClass;
use crate::outside::Outside;
use crate::vendor_path::plain_text;
use serde_json::Value;
use std::sync::Arc;

/// The function.
pub const ESTIMATED_DATE: Function = Function {
    name: "estimated-date",
    class: LawClass::Lens,
    class_with: Some(|arguments| {
        let several = |name| arguments.named(name).is_some_and(|words: &str| words.contains('|'));
        if several("yes") || several("no") { LawClass::Collapse } else { LawClass::Lens }
    }),
    sources: Sources::Exactly(2),
    named: &[
        Named {
            name: "yes",
            choices: &[],
            help: "the flag of a guessed date, several parted by `|` and in any case; `true` as a boolean where it is not given",
        },
        Named {
            name: "no",
            choices: &[],
            help: "the same of a known date; `false` as a boolean where it is not given",
        },
        Named { name: "written", choices: &[], help: "the layout of dates; `yyyy-MM-dd` where it is not said" },
        Named { name: "midnight", choices: &["true"], help: "whether dates are written with `T00:00:00`" },
    ],
    signature: Signature { takes: &[SOME_TEXT, OPTIONAL_PLAIN], gives: DATES, returns: true },
    help: "Date + flag: a guessed 1 January is sent as its year alone, a known date whole. Any other guessed date is outside.",
    examples: &[
        Example::new(r#"yes: "Y", no: "N""#, r#"["1931-01-01", "Y"]"#, r#""1931""#),
        Example::new(r#"yes: "Y", no: "N""#, r#"["1945-11-30", "N"]"#, r#""1945-11-30""#),
        Example::new(r#"yes: "Y", no: "N", midnight: true"#, r#"["1931-01-01T00:00:00", "Y"]"#, r#""1931""#),
        Example::new(
            r#"yes: "true|1|Y", no: "false|0|N", written: "dd-MM-yyyy""#,
            r#"["01-01-1931", "True"]"#,
            r#""1931""#,
        ),
        Example::new("", r#"["1945-11-30", null]"#, r#""1945-11-30""#),
        Example::new("", r#"["1931-01-01", true]"#, r#""1931""#),
        Example::new("", r#"["1931-03-12", true]"#, "outside"),
        Example::new(r#"yes: "Y", no: "N""#, r#"["1931-01-01", "perhaps"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        let layout = one_layout(arguments.named("written").unwrap_or("yyyy-MM-dd"))?;
        if layout.has_day() && !layout.has_time() {
            return Ok(Arc::new(layout));
        }
        Err(CallFault::new("`written` is a layout of whole dates", "for instance `written: \"dd/MM/yyyy\"`"))
    }),
    out,
    back,
    ..PLAIN
};

/// The flag that is written.
fn flag(arguments: &Arguments, name: &str, otherwise: bool) -> Value {
    let words = arguments.named(name).map(|words| words.split('|').next().unwrap_or(words));
    words.map_or(Value::Bool(otherwise), Value::from)
}

/// Whether a flag is that one, or one of several in any case.
fn is_flag(said: &Value, arguments: &Arguments, name: &str, otherwise: bool) -> bool {
    let Some(words) = arguments.named(name).filter(|words| words.contains('|')) else {
        return *said == flag(arguments, name, otherwise);
    };
    plain_text(said).is_some_and(|said| words.split('|').any(|word| word.eq_ignore_ascii_case(said.trim())))
}

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(date) = sources.first().copied().flatten() else { return Ok(None) };
    let text = fhir_text(date)?;
    let text = match arguments.named("midnight") {
        Some(_) => text.strip_suffix("T00:00:00").ok_or_else(|| Outside::domain("this date is not at midnight"))?,
        None => text,
    };
    let day = arguments.prepared::<Layout>()?.read(text).and_then(|moment| moment.day);
    let day = day.ok_or_else(|| Outside::domain("this is not a date that exists in the layout of the mapping"))?;
    let guessed = match sources.get(1).copied().flatten() {
        None => false,
        Some(said) if is_flag(said, arguments, "yes", true) => true,
        Some(said) if is_flag(said, arguments, "no", false) => false,
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
    let moment = Moment { day: Some(whole), ..Moment::default() };
    let text = arguments.prepared::<Layout>()?.write(&moment);
    let mut text = text.ok_or_else(|| Outside::domain("the layout of the mapping does not hold this date"))?;
    if arguments.named("midnight").is_some() {
        text.push_str("T00:00:00");
    }
    let flag = if guessed { flag(arguments, "yes", true) } else { flag(arguments, "no", false) };
    Ok(vec![Some(text.into()), Some(flag)])
}
