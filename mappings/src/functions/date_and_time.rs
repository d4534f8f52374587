//! `date-and-time`: a date and a time of day in two fields to one date-time in the vendor's zone.

use super::layout::{Layout, Moment};
use super::patterned::{HOUR_24, local_moment, local_stamp, one_layout, read_hour_24};
use super::signature::{DATE_TIMES, OPTIONAL_SOME_TEXT, SOME_TEXT, Signature};
use super::wall_clock::{Instant, REPEATED, SKIPPED, ZONE, clock, one_instant};
use super::{Arguments, CallFault, Example, Function, PLAIN, Returned, Sent, Sources, Takes, fhir_text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;
use std::sync::Arc;

/// The function.
pub const DATE_AND_TIME: Function = Function {
    name: "date-and-time",
    class: LawClass::Lens,
    sources: Sources::Exactly(2),
    takes: Takes::Texts(2),
    named: &[ZONE, REPEATED, SKIPPED, HOUR_24],
    zone: true,
    signature: Signature { takes: &[SOME_TEXT, OPTIONAL_SOME_TEXT], gives: DATE_TIMES, returns: true },
    help: "Date + time of day, each in its layout, to a date-time in the vendor's zone; without a time the date alone.",
    examples: &[
        Example::new(r#""dd/MM/yyyy", "HH:mm""#, r#"["19/10/2026", "07:58"]"#, r#""2026-10-19T07:58:00+01:00""#),
        Example::new(r#""dd/MM/yyyy", "HH:mm""#, r#"["19/10/2026", null]"#, r#""2026-10-19""#),
        Example::new(r#""yyyy-MM-dd", "HHmm""#, r#"["2026-10-25", "0140"]"#, "outside"),
        Example::new(r#""dd/MM/yyyy", "HH:mm""#, r#"["19/10/2026", "Eve"]"#, "outside"),
        Example::new(r#""dd/MM/yyyy", "HH:mm""#, r#"["31/12/2026", "24:00"]"#, "outside"),
        Example::new(
            r#""dd/MM/yyyy", "HH:mm", hour-24: midnight"#,
            r#"["31/12/2026", "24:00"]"#,
            r#""2027-01-01T00:00:00+00:00""#,
        ),
        Example::new(r#""dd/MM/yyyy", "HH:mm""#, r#"[null, "07:58"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        let layout = |place: usize| one_layout(arguments.texts.get(place).map_or("", String::as_str));
        let (date, time) = (layout(0)?, layout(1)?);
        let right = date.has_day() && !date.has_time() && time.has_time() && !time.has_year() && !time.has_offset();
        if right {
            return Ok(Arc::new((date, time)));
        }
        let hint = "for instance `date-and-time(\"dd/MM/yyyy\", \"HH:mm\")`";
        Err(CallFault::new("`date-and-time` takes the layout of the date and that of the time", hint))
    }),
    out,
    back,
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let (date_layout, time_layout) = arguments.prepared::<(Layout, Layout)>()?;
    let at = |index: usize| sources.get(index).copied().flatten().map(fhir_text).transpose();
    let (date, time) = (at(0)?, at(1)?);
    let Some(date) = date else {
        return match time {
            Some(_) => Err(Outside::domain("a time stands without its date")),
            None => Ok(None),
        };
    };
    let day = date_layout.read(date).and_then(|moment| moment.day);
    let day = day.ok_or_else(|| Outside::domain("this is not a date that exists in the layout of the mapping"))?;
    let Some(time) = time else { return Ok(Some(day.to_fhir().into())) };
    let outside = || Outside::domain("this is not a time of day in the layout of the mapping");
    let (moment, ends) = read_hour_24(arguments, std::slice::from_ref(time_layout), time).ok_or_else(outside)?;
    let date = day.date();
    let date = if ends { date.and_then(|date| date.tomorrow().ok()) } else { date };
    let (Some(date), Some(hour), Some(minute)) = (date, moment.hour, moment.minute) else {
        return Err(outside());
    };
    Ok(Some(local_stamp(arguments, date, (hour, minute), &moment)?.into()))
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let (date_layout, time_layout) = arguments.prepared::<(Layout, Layout)>()?;
    let text = fhir_text(value)?;
    let unwritable = || Outside::domain("the layout of the mapping does not hold this date or time as it is");
    if let Ok(day) = super::calendar::fhir_day(value) {
        let moment = Moment { day: Some(day), ..Moment::default() };
        let date = date_layout.write(&moment).ok_or_else(unwritable)?;
        return Ok(vec![Some(date.into()), Some(Value::Null)]);
    }
    let moment = local_moment(&Instant::read(text)?, arguments);
    let date = date_layout.write(&moment).ok_or_else(unwritable)?;
    let time = time_layout.write(&moment).ok_or_else(unwritable)?;
    let (date, time) = (Value::from(date), Value::from(time));
    let again = out(arguments, &[Some(&date), Some(&time)])?;
    match again.as_ref().and_then(Value::as_str) {
        Some(again) if one_instant(again, text) => Ok(vec![Some(date), Some(time)]),
        _ => Err(clock(
            "the vendor's date and time would be read as another instant: its layout has no seconds, or the hour is one of two",
        )),
    }
}
