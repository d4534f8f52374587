//! `local-period`: a wall-clock time that comes twice to a Period from the one instant to the other.

use super::layout::Layout;
use super::patterned::{holds_seconds, layouts, local_moment, write};
use super::signature::{Given, SOME_TEXT, Signature};
use super::wall_clock::{ZONE, clock, stamp};
use super::{Arguments, CallFault, Example, Function, PLAIN, Returned, Sent, Takes, local_time, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::issue::IssueKey;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use serde_json::{Value, json};
use std::sync::Arc;

/// The function.
pub const LOCAL_PERIOD: Function = Function {
    name: "local-period",
    class: LawClass::Lens,
    takes: Takes::SomeTexts(0, 6),
    named: &[ZONE],
    zone: true,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Period"]), returns: true },
    help: "A local date-time of the hour that the clocks repeat to a Period from the one instant it may be to the other, with a warning that names it; every other time is outside. Layouts as those of `date-time-pattern` stand in brackets; without one it is `yyyy-mm-ddThh:mm`.",
    examples: &[
        Example::new(
            "",
            r#"["2026-10-25T01:40:00"]"#,
            r#"{"start":"2026-10-25T01:40:00+01:00","end":"2026-10-25T01:40:00+00:00"}"#,
        ),
        Example::new(
            r#""dd/MM/yyyy HH:mm""#,
            r#"["25/10/2026 01:40"]"#,
            r#"{"start":"2026-10-25T01:40:00+01:00","end":"2026-10-25T01:40:00+00:00"}"#,
        ),
        Example::new("", r#"["2026-10-25T07:30"]"#, "outside"),
        Example::new(r#""dd/MM/yyyy HH:mm""#, r#"["25/10/2026 07:40"]"#, "outside"),
        Example::new("", r#"["2027-03-28T01:30:00"]"#, "outside"),
    ],
    prepare: Some(|arguments| {
        let layouts = layouts(arguments)?;
        if layouts.iter().all(|layout| layout.has_day() && layout.has_time() && !layout.has_offset()) {
            return Ok(Arc::new(layouts));
        }
        let hint = "for instance `local-period(\"dd/MM/yyyy HH:mm\")`";
        Err(CallFault::new("`local-period` takes layouts of a date with its time and no offset", hint))
    }),
    out,
    back,
    says: Some(|arguments, sources| {
        let zone = arguments.zone.iana_name().unwrap_or("the vendor's time zone");
        let time = sources.first().copied().flatten().and_then(Value::as_str)?;
        Some((
            IssueKey::MappingLocalTime,
            format!(
                "Ambiguous local time {time} {zone}: it comes twice, and the period that is sent holds both instants."
            ),
        ))
    }),
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    let read;
    let (local, fraction) = if arguments.texts.is_empty() {
        local_time::read(text)?
    } else {
        read = in_layout(arguments, text)?;
        (read.0, read.1.as_deref())
    };
    match arguments.zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Fold { before, after } => {
            Ok(Some(json!({"start": stamp(local, fraction, before), "end": stamp(local, fraction, after)})))
        }
        _ => Err(clock("this local time does not come twice")),
    }
}

/// A local time in the first layout of the mapping that fits.
fn in_layout(arguments: &Arguments, text: &str) -> Result<(DateTime, Option<String>), Outside> {
    let outside = || Outside::domain("this is not a date and time that exist in a layout of the mapping");
    let moment =
        arguments.prepared::<Vec<Layout>>()?.iter().find_map(|layout| layout.read(text)).ok_or_else(outside)?;
    let date = moment.day.and_then(|day| day.date()).ok_or_else(outside)?;
    let (hour, minute) = moment.hour.zip(moment.minute).ok_or_else(outside)?;
    let time = jiff::civil::Time::new(hour, minute, moment.second.unwrap_or(0), 0).map_err(|_| outside())?;
    Ok((date.to_datetime(time), moment.fraction))
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let start = value.get("start").and_then(Value::as_str);
    let start = start.ok_or_else(|| Outside::domain("this period has no start"))?;
    let instant = super::wall_clock::Instant::read(start)?;
    if !arguments.texts.is_empty() {
        let moment = local_moment(&instant, arguments);
        return write(arguments, &moment, |layout| holds_seconds(layout, &moment));
    }
    let (local, _) = instant.local(&arguments.zone);
    let fraction = instant.fraction.map(|digits| format!(".{digits}")).unwrap_or_default();
    Ok(vec![Some(format!("{}{fraction}", local.strftime("%Y-%m-%dT%H:%M:%S")).into())])
}
