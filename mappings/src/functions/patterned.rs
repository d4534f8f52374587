//! `date-pattern`, `time-pattern` and `date-time-pattern`: dates and times in whatever layout a vendor writes them.

use super::calendar::{fhir_day, window};
use super::layout::{Layout, Moment, Names};
use super::signature::{DATE_TIMES, Given, SOME_TEXT, Signature, TEXT_TO_DATE};
use super::wall_clock::{Changes, Instant, REPEATED, SKIPPED, ZONE, clock, one_instant, stamp};
use super::{Arguments, CallFault, Example, Function, Named, PLAIN, Returned, Sent, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use serde_json::Value;
use std::sync::Arc;

pub(super) const WINDOW: Named =
    Named { name: "window", choices: &[], help: "the first of the hundred years that years of two digits lie in" };
const NAMES: Named = Named {
    name: "names",
    choices: &["plain", "upper", "lower"],
    help: "how names of months are written: `Feb`, `FEB` or `feb`",
};

/// What the end of a day is that is written as its 24th hour.
pub(super) const HOUR_24: Named = Named {
    name: "hour-24",
    choices: &["midnight"],
    help: "`midnight` reads 24:00 as the midnight that ends the day, 00:00 of the next; outside where it is not said",
};

/// Dates.
pub const DATE_PATTERN: Function = Function {
    name: "date-pattern",
    class_with: Some(class),
    takes: Takes::SomeTexts(1, 6),
    named: &[WINDOW, NAMES],
    by_element: true,
    signature: TEXT_TO_DATE,
    help: "A date in a layout of `yyyy yy MM M MMM MMMM dd d EEE`; of several layouts the first that fits is read.",
    examples: &[
        Example::new(r#""dd/MM/yyyy""#, r#"["28/02/2026"]"#, r#""2026-02-28""#),
        Example::new(r#""dd/MM/yyyy""#, r#"["29/02/2026"]"#, "outside"),
        Example::new(r#""dd/MM/yyyy""#, r#"["28/2/2026"]"#, "outside"),
        Example::new(r#""d-MMM-yyyy", names: upper"#, r#"["8-FEB-2026"]"#, r#""2026-02-08""#),
        Example::new(r#""dd/MM/yyyy", "MM/yyyy", "yyyy""#, r#"["03/1931"]"#, r#""1931-03""#),
        Example::new(r#""dd/MM/yyyy", "dd/MM/yy", window: 1930"#, r#"["19/07/90"]"#, r#""1990-07-19""#),
        Example::new(r#""dd/MM/yyyy", nothing: "31/12/9999|00/00/0000""#, r#"["31/12/9999"]"#, "nothing"),
    ],
    prepare: Some(|arguments| prepared(arguments, |layout| layout.has_year() && !layout.has_time(), "a date")),
    out: |arguments, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let day = read(arguments, text)?.and_then(|moment| moment.day);
        let day = day.ok_or_else(|| Outside::domain("this is not a date that exists in the layout of the mapping"))?;
        Ok(Some(day.to_fhir().into()))
    },
    back: |arguments, value| -> Returned {
        let day = fhir_day(value)?;
        let moment = Moment { day: Some(day), ..Moment::default() };
        write(arguments, &moment, |layout| {
            layout.has_day() == day.day.is_some() && layout.has_month() == day.month.is_some()
        })
    },
    ..PLAIN
};

/// Times of day.
pub const TIME_PATTERN: Function = Function {
    name: "time-pattern",
    class: LawClass::Lens,
    takes: Takes::SomeTexts(1, 6),
    named: &[NAMES, HOUR_24],
    by_element: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Time, Primitive::String]),
        returns: true,
    },
    help: "A time of day in a layout of `HH H hh h mm ss tt`; seconds that are not written are zero.",
    examples: &[
        Example::new(r#""HHmm""#, r#"["0730"]"#, r#""07:30:00""#),
        Example::new(r#""h:mm tt""#, r#"["7:05 PM"]"#, r#""19:05:00""#),
        Example::new(r#""HHmm""#, r#"["2400"]"#, "outside"),
        Example::new(r#""HHmm", hour-24: midnight"#, r#"["2400"]"#, r#""00:00:00""#),
        Example::new(r#""HHmm""#, r#"["Eve"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        prepared(arguments, |layout| layout.has_time() && !layout.has_year() && !layout.has_offset(), "a time of day")
    }),
    out: |arguments, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let time = read_hour_24(arguments, arguments.prepared::<Vec<Layout>>()?, text);
        let time = time.and_then(|(moment, _)| time_text(&moment));
        time.map(|time| Some(time.into()))
            .ok_or_else(|| Outside::domain("this is not a time of day in the layout of the mapping"))
    },
    back: |arguments, value| -> Returned {
        let moment = time_moment(fhir_text(value)?)
            .ok_or_else(|| Outside::domain("this is not a time of day, written hh:mm:ss"))?;
        let exact = |layout: &Layout| holds_seconds(layout, &moment);
        write(arguments, &moment, exact)
    },
    ..PLAIN
};

/// Dates with times.
pub const DATE_TIME_PATTERN: Function = Function {
    name: "date-time-pattern",
    class: LawClass::Lens,
    takes: Takes::SomeTexts(1, 6),
    named: &[ZONE, REPEATED, SKIPPED, WINDOW, NAMES, HOUR_24],
    by_element: true,
    signature: Signature { takes: &[SOME_TEXT], gives: DATE_TIMES, returns: true },
    help: "A date with time in a layout; local in the vendor's zone where the layout has no offset (`K`, `zzz`). A layout without a time gives a date alone.",
    examples: &[
        Example::new(r#""dd/MM/yyyy HH:mm""#, r#"["19/10/2026 07:30"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new(r#""dd/MM/yyyy H:mm:ss""#, r#"["12/08/2026 9:40:02"]"#, r#""2026-08-12T09:40:02+01:00""#),
        Example::new(r#""yyyy-MM-dd HH:mm:ssK""#, r#"["2026-10-19 07:30:00+01:00"]"#, r#""2026-10-19T07:30:00+01:00""#),
        Example::new(r#""dd/MM/yyyy HH:mm", "dd/MM/yyyy""#, r#"["19/10/2026"]"#, r#""2026-10-19""#),
        Example::new(r#""dd/MM/yyyy HH:mm""#, r#"["25/10/2026 01:40"]"#, "outside"),
        Example::new(
            r#""dd/MM/yyyy HH:mm", hour-24: midnight"#,
            r#"["24/10/2026 24:00"]"#,
            r#""2026-10-25T00:00:00+01:00""#,
        ),
        Example::new(
            r#""dd/MM/yyyy HH:mm", repeated: later"#,
            r#"["25/10/2026 01:40"]"#,
            r#""2026-10-25T01:40:00+00:00""#,
        ),
        Example::new(
            r#""yyyy-MM-dd HH:mm:ss", nothing: "0000-00-00 00:00:00""#,
            r#"["0000-00-00 00:00:00"]"#,
            "nothing",
        ),
    ],
    prepare: Some(|arguments| {
        let layouts = layouts(arguments)?;
        let local = |layout: &Layout| layout.has_time() && !layout.has_offset();
        if layouts.iter().any(local) && !arguments.zone_known {
            let hint = "add `timezone: Europe/London` to vendor.yaml, or `zone: \"Europe/London\"` to the call";
            return Err(CallFault::new("a layout without an offset needs the vendor's time zone", hint));
        }
        if layouts.iter().any(|layout| !layout.has_year() || (layout.has_time() && !layout.has_day())) {
            return Err(CallFault::new(
                "`date-time-pattern` takes layouts with a date",
                "for a time alone: `time-pattern`",
            ));
        }
        Ok(Arc::new(layouts))
    }),
    out: date_time_out,
    back: date_time_back,
    ..PLAIN
};

fn class(arguments: &Arguments) -> LawClass {
    if arguments.texts.len() > 1 { LawClass::Lens } else { LawClass::Iso }
}

pub(super) fn layouts(arguments: &Arguments) -> Result<Vec<Layout>, CallFault> {
    let window = arguments.named("window").map(window).transpose()?;
    let names = match arguments.named("names") {
        Some("upper") => Names::Upper,
        Some("lower") => Names::Lower,
        _ => Names::Plain,
    };
    arguments.texts.iter().map(|text| Layout::parse(text, window, names)).collect()
}

fn prepared(
    arguments: &Arguments,
    fits: fn(&Layout) -> bool,
    kind: &str,
) -> Result<Arc<dyn std::any::Any + Send + Sync>, CallFault> {
    let layouts = layouts(arguments)?;
    if layouts.iter().all(fits) {
        return Ok(Arc::new(layouts));
    }
    let hint = "`date-pattern` is for dates, `time-pattern` for times of day, `date-time-pattern` for both together";
    Err(CallFault::new(format!("each layout must be of {kind}"), hint))
}

/// What the first layout that fits reads.
fn read(arguments: &Arguments, text: &str) -> Result<Option<Moment>, Outside> {
    Ok(arguments.prepared::<Vec<Layout>>()?.iter().find_map(|layout| layout.read(text)))
}

/// What the first of the layouts that fits reads; where the mapping says `hour-24`, also 24:00, and whether it was that.
/// The day of such a moment is still the one that it ends.
pub(super) fn read_hour_24(arguments: &Arguments, layouts: &[Layout], text: &str) -> Option<(Moment, bool)> {
    if let Some(moment) = layouts.iter().find_map(|layout| layout.read(text)) {
        return Some((moment, false));
    }
    arguments.named("hour-24")?;
    let midnight = |moment: &Moment| {
        let zero = |part: Option<i8>| part.is_none_or(|part| part == 0);
        let whole = moment.fraction.as_deref().is_none_or(|digits| digits.bytes().all(|digit| digit == b'0'));
        moment.hour == Some(0) && zero(moment.minute) && zero(moment.second) && whole
    };
    // Only the hour can be 24 and then be read as 00: a day, a minute or a year that is changed leaves the hour unread.
    let read = text.match_indices("24").find_map(|(at, _)| {
        let changed = format!("{}00{}", text.get(..at)?, text.get(at + 2..)?);
        layouts.iter().find_map(|layout| layout.read(&changed)).filter(midnight)
    });
    read.map(|moment| (moment, true))
}

/// Written in the first layout that holds all of it, and that is read back as the same.
pub(super) fn write(arguments: &Arguments, moment: &Moment, holds: impl Fn(&Layout) -> bool) -> Returned {
    let layouts = arguments.prepared::<Vec<Layout>>()?;
    let written = layouts.iter().filter(|layout| holds(layout)).find_map(|layout| {
        let text = layout.write(moment)?;
        // An earlier layout could read this text as something else.
        let first = layouts.iter().find_map(|one| one.read(&text).map(|_| one))?;
        (first == layout).then_some(text)
    });
    let text = written.ok_or_else(|| Outside::domain("no layout of the mapping holds this date or time as it is"))?;
    Ok(vec![Some(text.into())])
}

pub(super) fn holds_seconds(layout: &Layout, moment: &Moment) -> bool {
    let second = layout.has_seconds() || moment.second.is_none_or(|second| second == 0);
    let zeros = |text: &str| text.bytes().all(|byte| byte == b'0');
    second && (layout.fraction_digits() > 0 || moment.fraction.as_deref().is_none_or(zeros))
}

/// FHIR's `time`.
fn time_text(moment: &Moment) -> Option<String> {
    let mut out = format!("{:02}:{:02}:{:02}", moment.hour?, moment.minute?, moment.second.unwrap_or(0));
    if let Some(fraction) = &moment.fraction {
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

pub(super) fn time_moment(text: &str) -> Option<Moment> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let right = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let two = |from: usize| {
        let part = whole.get(from..from + 2)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i8>().ok()).flatten()
    };
    let shape = whole.len() == 8 && whole.get(2..3) == Some(":") && whole.get(5..6) == Some(":");
    let moment = Moment {
        hour: two(0).filter(|hour| *hour < 24),
        minute: two(3).filter(|minute| *minute < 60),
        second: two(6).filter(|second| *second < 60),
        fraction: fraction.map(str::to_string),
        ..Moment::default()
    };
    let whole = moment.hour.is_some() && moment.minute.is_some() && moment.second.is_some();
    (shape && whole && fraction.is_none_or(right)).then_some(moment)
}

fn date_time_out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let outside = || Outside::domain("this is not a date and time that exist in a layout of the mapping");
    let (moment, ends) = read_hour_24(arguments, arguments.prepared::<Vec<Layout>>()?, text).ok_or_else(outside)?;
    let day = moment.day.ok_or_else(outside)?;
    if ends {
        let next = day.date().and_then(|date| date.tomorrow().ok()).ok_or_else(outside)?;
        return Ok(Some(local_stamp(arguments, next, (0, 0), &moment)?.into()));
    }
    let (Some(date), Some(hour), Some(minute)) = (day.date(), moment.hour, moment.minute) else {
        return Ok(Some(day.to_fhir().into()));
    };
    Ok(Some(local_stamp(arguments, date, (hour, minute), &moment)?.into()))
}

/// The FHIR dateTime of a local time, or of one that says its offset.
pub(super) fn local_stamp(
    arguments: &Arguments,
    date: Date,
    (hour, minute): (i8, i8),
    moment: &Moment,
) -> Result<String, Outside> {
    let outside = || Outside::domain("this is not a time that exists");
    let time = Time::new(hour, minute, moment.second.unwrap_or(0), 0).map_err(|_| outside())?;
    let local = date.to_datetime(time);
    let offset = match moment.offset {
        Some(minutes) => Offset::from_seconds(minutes * 60).map_err(|_| outside())?,
        None => Changes::of(arguments).offset(&arguments.zone, local, None)?,
    };
    Ok(stamp(local, moment.fraction.as_deref(), offset))
}

fn date_time_back(arguments: &Arguments, value: &Value) -> Returned {
    let text = fhir_text(value)?;
    if let Ok(day) = fhir_day(value) {
        let moment = Moment { day: Some(day), ..Moment::default() };
        return write(arguments, &moment, |layout| {
            !layout.has_time() && layout.has_day() == day.day.is_some() && layout.has_month() == day.month.is_some()
        });
    }
    let instant = Instant::read(text)?;
    let layouts = arguments.prepared::<Vec<Layout>>()?;
    for with_offset in [true, false] {
        let moment = if with_offset { instant_moment(&instant) } else { local_moment(&instant, arguments) };
        if layouts.iter().any(|layout| layout.has_time() && layout.has_offset() == with_offset) {
            let written = write(arguments, &moment, |layout| {
                layout.has_time() && layout.has_offset() == with_offset && holds_seconds(layout, &moment)
            })?;
            let again = date_time_out(arguments, &[written.first().and_then(Option::as_ref)])?;
            return match again.as_ref().and_then(Value::as_str) {
                Some(again) if one_instant(again, text) => Ok(written),
                _ => Err(clock("the vendor's local time would be read as the other of the two in the repeated hour")),
            };
        }
    }
    Err(Outside::domain("no layout of the mapping holds a time"))
}

fn instant_moment(instant: &Instant<'_>) -> Moment {
    let mut moment = civil_moment(instant.written, instant.fraction);
    moment.offset = Some(instant.offset);
    moment
}

pub(super) fn local_moment(instant: &Instant<'_>, arguments: &Arguments) -> Moment {
    civil_moment(instant.local(&arguments.zone).0, instant.fraction)
}

fn civil_moment(local: jiff::civil::DateTime, fraction: Option<&str>) -> Moment {
    Moment {
        day: Some(super::calendar::Day::of(local.date())),
        hour: Some(local.hour()),
        minute: Some(local.minute()),
        second: Some(local.second()),
        fraction: fraction.map(str::to_string),
        offset: None,
    }
}

/// What `date-and-time` needs: one layout of the date, one of the time.
pub(super) fn one_layout(text: &str) -> Result<Layout, CallFault> {
    Layout::parse(text, None, Names::Plain)
}
