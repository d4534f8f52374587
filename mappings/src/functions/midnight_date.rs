//! `midnight-date`: a date that a vendor writes as a date-time, which loses nothing only at midnight.

use super::calendar::{Day, fhir_day};
use super::layout::{Layout, Moment, Names};
use super::signature::TEXT_TO_DATE;
use super::{CallFault, Example, Function, Named, PLAIN, Returned, Sent, text};
use crate::account::LawClass;
use crate::outside::Outside;
use std::sync::Arc;

/// The function.
pub const MIDNIGHT_DATE: Function = Function {
    name: "midnight-date",
    class: LawClass::Lens,
    named: &[Named {
        name: "written",
        choices: &[],
        help: "the layout dates are written back in; `yyyy-MM-ddT'00:00:00'`",
    }],
    by_element: true,
    signature: TEXT_TO_DATE,
    help: "The date of a date-time at midnight, as .NET writes dates; any other time of day is outside, for a date would lose it.",
    examples: &[
        Example::new("", r#"["1931-01-01T00:00:00"]"#, r#""1931-01-01""#),
        Example::new("", r#"["1938-04-12T00:00:00.0000000Z"]"#, r#""1938-04-12""#),
        Example::new("", r#"["1938-04-12"]"#, r#""1938-04-12""#),
        Example::new(r#"nothing: "0001-01-01T00:00:00""#, r#"["0001-01-01T00:00:00"]"#, "nothing"),
        Example::new("", r#"["2026-10-21T12:30:00"]"#, "outside"),
        Example::new("", r#"["1938-04-11T23:00:00Z"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        let written = arguments.named("written").unwrap_or("yyyy-MM-ddT'00:00:00'");
        let layout = Layout::parse(written, None, Names::Plain)?;
        let day = Day::new(2026, Some(2), Some(28));
        let again = layout.write(&Moment { day, ..Moment::default() });
        if layout.has_time() || again.and_then(|text| read(&text).ok().flatten()) != day {
            let text = format!("a date written `{written}` is not read by `midnight-date`");
            return Err(CallFault::new(text, "for instance `written: \"yyyy-MM-ddT'00:00:00.0000000Z'\"`"));
        }
        Ok(Arc::new(layout))
    }),
    out: |_, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let day = read(text)?.ok_or_else(|| Outside::domain("this is not a date that exists, written yyyy-mm-dd"))?;
        Ok(Some(day.to_fhir().into()))
    },
    back: |arguments, value| -> Returned {
        let layout: &Layout = arguments.prepared()?;
        let text = layout.write(&Moment { day: Some(fhir_day(value)?), ..Moment::default() });
        let text = text.ok_or_else(|| Outside::domain("the vendor's date has a day, and this one has none"))?;
        Ok(vec![Some(text.into())])
    },
    ..PLAIN
};

/// The day; a time of day other than midnight is told apart from what is no date at all.
fn read(text: &str) -> Result<Option<Day>, Outside> {
    let Some((date, time)) = text.split_once(['T', ' ']) else {
        return Ok(Day::from_fhir(text).filter(|day| day.day.is_some()));
    };
    let Some(day) = Day::from_fhir(date).filter(|day| day.day.is_some()) else { return Ok(None) };
    let time = time.strip_suffix('Z').unwrap_or(time);
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let zeros = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    if matches!(whole, "00:00:00" | "00:00" | "0:00:00") && zeros {
        return Ok(Some(day));
    }
    Err(Outside::domain("this has a time of day, which a date would lose"))
}
