//! `local-period`: a wall-clock time that comes twice to a Period from the one instant to the other.

use super::signature::{Given, SOME_TEXT, Signature};
use super::wall_clock::{ZONE, clock, stamp};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, local_time, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::issue::IssueKey;
use jiff::tz::AmbiguousOffset;
use serde_json::{Value, json};

/// The function.
pub const LOCAL_PERIOD: Function = Function {
    name: "local-period",
    class: LawClass::Lens,
    named: &[ZONE],
    zone: true,
    signature: Signature { takes: &[SOME_TEXT], gives: Given::Object(&["Period"]), returns: true },
    help: "A local date-time of the hour that the clocks repeat to a Period from the one instant it may be to the other, with a warning that names it; every other time is outside.",
    examples: &[
        Example::new(
            "",
            r#"["2026-10-25T01:40:00"]"#,
            r#"{"start":"2026-10-25T01:40:00+01:00","end":"2026-10-25T01:40:00+00:00"}"#,
        ),
        Example::new("", r#"["2026-10-25T07:30"]"#, "outside"),
        Example::new("", r#"["2027-03-28T01:30:00"]"#, "outside"),
    ],
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
    let (local, fraction) = local_time::read(text)?;
    match arguments.zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Fold { before, after } => {
            Ok(Some(json!({"start": stamp(local, fraction, before), "end": stamp(local, fraction, after)})))
        }
        _ => Err(clock("this local time does not come twice")),
    }
}

fn back(arguments: &Arguments, value: &Value) -> Returned {
    let start = value.get("start").and_then(Value::as_str);
    let start = start.ok_or_else(|| Outside::domain("this period has no start"))?;
    let instant = super::wall_clock::Instant::read(start)?;
    let (local, _) = instant.local(&arguments.zone);
    let fraction = instant.fraction.map(|digits| format!(".{digits}")).unwrap_or_default();
    Ok(vec![Some(format!("{}{fraction}", local.strftime("%Y-%m-%dT%H:%M:%S")).into())])
}
