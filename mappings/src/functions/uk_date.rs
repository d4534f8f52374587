//! `uk-date`: a date as people in Britain write it, the day first, to FHIR `date`.

use super::calendar::{Day, digits, fhir_day, full_year, month_number, window};
use super::layout::{Layout, Moment, Names};
use super::patterned::WINDOW;
use super::signature::TEXT_TO_DATE;
use super::{Arguments, CallFault, Example, Function, Named, PLAIN, Returned, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;
use std::sync::Arc;

/// The function.
pub const UK_DATE: Function = Function {
    name: "uk-date",
    class: LawClass::Lens,
    named: &[
        WINDOW,
        Named { name: "written", choices: &[], help: "the layout that whole dates are written back in; `dd/MM/yyyy`" },
    ],
    by_element: true,
    signature: TEXT_TO_DATE,
    help: "A date with the day first, as people write it; a month or a year alone keeps its precision. A year of two digits needs `window`.",
    examples: &[
        Example::new("", r#"["28/02/2026"]"#, r#""2026-02-28""#),
        Example::new("", r#"["28-Feb-2026"]"#, r#""2026-02-28""#),
        Example::new("", r#"["Saturday 28th February 2026"]"#, r#""2026-02-28""#),
        Example::new("", r#"["1.3.1931"]"#, r#""1931-03-01""#),
        Example::new("", r#"["03/1931"]"#, r#""1931-03""#),
        Example::new("", r#"["1931"]"#, r#""1931""#),
        Example::new("", r#"["12/04/1938 00:00:00"]"#, r#""1938-04-12""#),
        Example::new("window: 1930", r#"["28.2.26"]"#, r#""2026-02-28""#),
        Example::new("window: 1930", r#"["19/07/30"]"#, r#""1930-07-19""#),
        Example::new(r#"written: "d MMM yyyy""#, r#"["8 Feb 2026"]"#, r#""2026-02-08""#),
        Example::new(r#"nothing: "31/12/9999|N/K""#, r#"["N/K"]"#, "nothing"),
        Example::new("", r#"["28.2.26"]"#, "outside"),
        Example::new("", r#"["02/28/2026"]"#, "outside"),
        Example::new("", r#"["31/02/2027"]"#, "outside"),
        Example::new("", r#"["12/04/1938 09:30"]"#, "outside"),
        Example::new("", r#"["Sunday 28 February 2026"]"#, "outside"),
        Example::new("", r#"["ASAP"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        let window = arguments.named("window").map(window).transpose()?;
        let written = arguments.named("written").unwrap_or("dd/MM/yyyy");
        let layout = Layout::parse(written, window, Names::Plain)?;
        let read_again = layout.write(&Moment { day: Day::new(2026, Some(2), Some(28)), ..Moment::default() });
        if layout.has_time() || read_again.and_then(|text| read(&text, window)) != Day::new(2026, Some(2), Some(28)) {
            let text = format!("a date written `{written}` is not read by `uk-date`");
            return Err(CallFault::new(text, "use a layout with the day first, for instance `dd/MM/yyyy`"));
        }
        Ok(Arc::new(Prepared { window, layout }))
    }),
    out,
    back,
    ..PLAIN
};

struct Prepared {
    window: Option<i16>,
    layout: Layout,
}

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let prepared: &Prepared = arguments.prepared()?;
    let Some(text) = text(sources)? else { return Ok(None) };
    match read(text, prepared.window) {
        Some(day) => Ok(Some(day.to_fhir().into())),
        None if prepared.window.is_none() && read(text, Some(1930)).is_some() => {
            Err(Outside::domain("this year has two digits, and the mapping does not say which century they mean"))
        }
        None => Err(Outside::domain("this is not a date that exists, written with the day first")),
    }
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let prepared: &Prepared = arguments.prepared()?;
    let day = fhir_day(value)?;
    let text = match (day.month, day.day) {
        (Some(_), Some(_)) => prepared.layout.write(&Moment { day: Some(day), ..Moment::default() }),
        (Some(month), None) => Some(format!("{month:02}/{:04}", day.year)),
        _ => Some(format!("{:04}", day.year)),
    };
    // A layout of two digits cannot hold every year.
    let text = text.filter(|text| read(text, prepared.window) == Some(day));
    let text = text.ok_or_else(|| Outside::domain("the vendor's layout of dates does not hold this year"))?;
    Ok(vec![Some(text.into())])
}

/// Day, month and year, parted by `/`, `-`, `.` or spaces; `yyyy-mm-dd` is as clear and is read too.
pub(super) fn read(text: &str, window: Option<i16>) -> Option<Day> {
    let text = without_midnight(text.trim());
    if let Some(day) = Day::from_fhir(text) {
        return Some(day);
    }
    let mut parts: Vec<&str> = text
        .split(|c: char| matches!(c, '/' | '-' | '.' | ',') || c.is_whitespace())
        .filter(|one| !one.is_empty())
        .collect();
    let separators = text.chars().filter(|c| matches!(c, '/' | '-' | '.')).count();
    let weekday = parts.first().copied().filter(|word| parts.len() == 4 && is_word(word));
    if weekday.is_some() {
        parts.remove(0);
    }
    // `1-2` or `28//2026` are something else.
    if separators > parts.len().saturating_sub(1) {
        return None;
    }
    let day = match parts.as_slice() {
        [day, month, year] => Day::new(year_of(year, window)?, Some(month_of(month)?), Some(day_of(day)?)),
        [month, year] => Day::new(digits(year, 4)?, Some(month_of(month)?), None),
        _ => None,
    }?;
    let right_day = weekday.is_none_or(|name| {
        let date = day.date().map(|date| date.strftime("%A").to_string().to_ascii_lowercase());
        let name = name.to_ascii_lowercase();
        date.is_some_and(|date| name.len() >= 2 && date.starts_with(&name))
    });
    right_day.then_some(day)
}

/// Exports write dates as date-times; midnight says no more than the date.
fn without_midnight(text: &str) -> &str {
    let midnight = [" 00:00:00.000", " 00:00:00", " 0:00:00", " 00:00"];
    midnight.iter().find_map(|time| text.strip_suffix(time)).map_or(text, str::trim_end)
}

fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphabetic())
}

fn year_of(text: &str, window: Option<i16>) -> Option<i16> {
    digits(text, 4).or_else(|| Some(full_year(digits(text, 2)?, window?)))
}

fn month_of(text: &str) -> Option<i8> {
    if is_word(text) {
        return month_number(text);
    }
    digits(text, 2).or_else(|| digits(text, 1)).and_then(|month| i8::try_from(month).ok())
}

/// `28`, `8` or `8th`.
fn day_of(text: &str) -> Option<i8> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = text[number.len()..].to_ascii_lowercase();
    let day = digits(number, 2).or_else(|| digits(number, 1))?;
    let right = match (day % 10, day) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    (ending.is_empty() || ending == right).then(|| i8::try_from(day).ok()).flatten()
}
