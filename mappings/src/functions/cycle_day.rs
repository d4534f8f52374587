//! `cycle-day`: a day of a chart that names only its number in the month, found within the cycle that the chart covers.

use super::layout::Layout;
use super::patterned::{HOUR_24, local_stamp, one_layout, read_hour_24};
use super::signature::{DATE_TIMES, OPTIONAL_SOME_TEXT, SOME_PLAIN, SOME_TEXT, Signature};
use super::wall_clock::{REPEATED, SKIPPED, ZONE};
use super::{Arguments, CallFault, Example, Function, PLAIN, Sent, Sources, Takes, fhir_text};
use crate::account::LawClass;
use crate::outside::Outside;
use crate::vendor_path::plain_text;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;
use std::sync::Arc;

/// No chart of days is longer; of a longer one a number would be several days.
const LONGEST: i32 = 366;

/// The function.
pub const CYCLE_DAY: Function = Function {
    name: "cycle-day",
    class: LawClass::Derive,
    sources: Sources::Between(3, 4),
    takes: Takes::SomeTexts(1, 2),
    named: &[ZONE, REPEATED, SKIPPED, HOUR_24],
    zone: true,
    by_element: false,
    signature: Signature {
        takes: &[SOME_TEXT, SOME_PLAIN, SOME_PLAIN, OPTIONAL_SOME_TEXT],
        gives: DATE_TIMES,
        returns: false,
    },
    help: "First day of a cycle + how many days it has + the number of a day in its month, and where there is one + a time of day, to the date, or date-time in the vendor's zone (only out). A number that is no day of the cycle, or several, is outside.",
    examples: &[
        Example::new(
            r#""dd-MM-yyyy", "HHmm""#,
            r#"["05-10-2026", "28", "24", "0800"]"#,
            r#""2026-10-24T08:00:00+01:00""#,
        ),
        Example::new(
            r#""dd-MM-yyyy", "HHmm""#,
            r#"["05-10-2026", "28", "1", "0800"]"#,
            r#""2026-11-01T08:00:00+00:00""#,
        ),
        Example::new(r#""dd-MM-yyyy", "HHmm""#, r#"["05-10-2026", "28", "24", null]"#, r#""2026-10-24""#),
        Example::new(r#""dd-MM-yyyy""#, r#"["05-10-2026", 28, 24]"#, r#""2026-10-24""#),
        Example::new(
            r#""dd-MM-yyyy", "HHmm", hour-24: midnight"#,
            r#"["05-10-2026", "28", "24", "2400"]"#,
            r#""2026-10-25T00:00:00+01:00""#,
        ),
        Example::new(r#""dd-MM-yyyy""#, r#"["05-10-2026", "28", "3"]"#, "outside"),
        Example::new(r#""dd-MM-yyyy""#, r#"["05-10-2026", "60", "7"]"#, "outside"),
        Example::new(r#""dd-MM-yyyy", "HHmm""#, r#"["05-10-2026", "28", "25", "0130"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        let layout = |place: usize| arguments.texts.get(place).map(|text| one_layout(text)).transpose();
        let (date, time) = (layout(0)?, layout(1)?);
        let dates = date.as_ref().is_some_and(|date| date.has_day() && !date.has_time());
        let times = time.as_ref().is_none_or(|time| time.has_time() && !time.has_year() && !time.has_offset());
        if let (Some(date), true, true) = (date, dates, times) {
            return Ok(Arc::new((date, time)));
        }
        let hint = "for instance `cycle-day(\"dd/MM/yyyy\", \"HH:mm\")`";
        Err(CallFault::new(
            "`cycle-day` takes the layout of the first day and, where there is one, that of the time",
            hint,
        ))
    }),
    out,
    back: |_, _| Err(Outside::domain("a date does not tell which cycle it was charted in")),
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let (date_layout, time_layout) = arguments.prepared::<(Layout, Option<Layout>)>()?;
    let at = |index: usize| sources.get(index).copied().flatten();
    if sources.iter().all(Option::is_none) {
        return Ok(None);
    }
    let start = at(0).map(fhir_text).transpose()?;
    let start = start.and_then(|start| date_layout.read(start)).and_then(|moment| moment.day?.date());
    let start = start.ok_or_else(|| Outside::domain("the cycle has no first day in the layout of the mapping"))?;
    let days = at(1).and_then(whole_number).filter(|days| (1..=LONGEST).contains(days));
    let days = days.ok_or_else(|| Outside::domain("it is not said how many days the cycle has"))?;
    let number = at(2).and_then(whole_number).ok_or_else(|| Outside::domain("the day has no number"))?;
    let date = one_day(start, days, number)?;
    let Some(time) = at(3) else { return Ok(Some(date.to_string().into())) };
    let outside = || Outside::domain("this is not a time of day in the layout of the mapping");
    let layout = time_layout.as_ref().ok_or_else(outside)?;
    let (moment, ends) = read_hour_24(arguments, std::slice::from_ref(layout), fhir_text(time)?).ok_or_else(outside)?;
    let date = if ends { date.tomorrow().map_err(|_| outside())? } else { date };
    let (Some(hour), Some(minute)) = (moment.hour, moment.minute) else { return Err(outside()) };
    Ok(Some(local_stamp(arguments, date, (hour, minute), &moment)?.into()))
}

fn whole_number(value: &Value) -> Option<i32> {
    let text = plain_text(value)?.trim();
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The one day of the cycle that has this number in its month.
fn one_day(start: Date, days: i32, number: i32) -> Result<Date, Outside> {
    let dates = (0..days).filter_map(|offset| start.checked_add(offset.days()).ok());
    let mut fitting = dates.filter(|date| i32::from(date.day()) == number);
    match (fitting.next(), fitting.next()) {
        (Some(date), None) => Ok(date),
        (None, _) => Err(Outside::domain("the cycle has no day of this number")),
        (Some(_), Some(_)) => Err(Outside::domain("the cycle has several days of this number")),
    }
}
