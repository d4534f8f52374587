//! Wall-clock times and instants: the hour that the clocks skip, and the hour that they repeat.
//!
//! Without a word of the mapping such times are outside the domain; they are never guessed.

use super::{Arguments, Named};
use crate::outside::Outside;
use ginnel_schemas::issue::IssueKey;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use std::fmt::Write;

/// The arguments of all functions of local times.
pub(super) const ZONE: Named =
    Named { name: "zone", choices: &[], help: "the time zone, where it is not the vendor's (`Europe/London`)" };
/// What a time of the repeated hour means.
pub(super) const REPEATED: Named = Named {
    name: "repeated",
    choices: &["outside", "earlier", "later"],
    help: "which of the two a time of the repeated hour is; `outside` where it is not said",
};
/// What a time of the skipped hour means.
pub(super) const SKIPPED: Named = Named {
    name: "skipped",
    choices: &["outside", "earlier", "later"],
    help: "what a time that the clocks skip means: `later` counts on from the time before the change (01:30 is 02:30), `earlier` back from after it (01:30 is 00:30)",
};

/// What is done with times that the clocks repeat or skip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changes {
    repeated: Choice,
    skipped: Choice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Outside,
    Earlier,
    Later,
}

/// What another field says of the offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Minutes east of Greenwich.
    Offset(i32),
    /// Whether it is summer time.
    Summer(bool),
}

impl Changes {
    /// As the call says.
    pub fn of(arguments: &Arguments) -> Changes {
        let choice = |name| match arguments.named(name) {
            Some("earlier") => Choice::Earlier,
            Some("later") => Choice::Later,
            _ => Choice::Outside,
        };
        Changes { repeated: choice("repeated"), skipped: choice("skipped") }
    }

    /// The offset of a local time.
    pub fn offset(self, zone: &TimeZone, local: DateTime, told: Option<Told>) -> Result<Offset, Outside> {
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let fits = |offset: Offset| match told {
            None => true,
            Some(Told::Offset(minutes)) => offset.seconds() == minutes * 60,
            Some(Told::Summer(summer)) => {
                let instant = offset.to_timestamp(local);
                instant.is_ok_and(|instant| zone.to_offset_info(instant).dst().is_dst() == summer)
            }
        };
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } if fits(offset) => Ok(offset),
            AmbiguousOffset::Unambiguous { .. } => {
                Err(clock("the time zone has another offset at this time than the field beside it says"))
            }
            AmbiguousOffset::Gap { before, after } => match self.skipped {
                Choice::Earlier => Ok(after),
                Choice::Later => Ok(before),
                Choice::Outside => Err(clock("this local time does not exist: the clocks went forward")),
            },
            AmbiguousOffset::Fold { before, after } => match (told, fits(before), fits(after), self.repeated) {
                (Some(_), true, false, _) | (None, _, _, Choice::Earlier) => Ok(before),
                (Some(_), false, true, _) | (None, _, _, Choice::Later) => Ok(after),
                (Some(_), ..) => {
                    Err(clock("the time zone has not the offset at this time that the field beside it says"))
                }
                (None, ..) => Err(clock("this local time exists twice: the clocks went back")),
            },
        }
    }
}

/// A FHIR dateTime of that local time, fraction of a second and offset.
pub(super) fn stamp(local: DateTime, fraction: Option<&str>, offset: Offset) -> String {
    let mut out = String::with_capacity(32);
    let _ = write!(
        out,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    );
    if let Some(fraction) = fraction {
        let _ = write!(out, ".{fraction}");
    }
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let _ = write!(out, "{sign}{:02}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60);
    out
}

/// A FHIR dateTime with its seconds and offset, taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instant<'t> {
    /// The instant.
    pub instant: jiff::Timestamp,
    /// The time on the clock that it is written by, without the fraction of a second.
    pub written: DateTime,
    /// The digits of the fraction of a second.
    pub fraction: Option<&'t str>,
    /// Minutes east of Greenwich.
    pub offset: i32,
    /// Whether the offset is written `Z`.
    pub zulu: bool,
}

impl<'t> Instant<'t> {
    /// Reads FHIR's dateTime; a date alone is none.
    pub fn read(text: &'t str) -> Result<Instant<'t>, Outside> {
        super::instant::checked(text)?;
        let outside = || Outside::domain("this is not a date-time with seconds and an offset");
        let instant: jiff::Timestamp = text.parse().map_err(|_| outside())?;
        let written: DateTime = text.get(..19).and_then(|wall| wall.parse().ok()).ok_or_else(outside)?;
        let rest = text.get(19..).unwrap_or_default();
        let zone_at = rest.find(['Z', '+', '-']).ok_or_else(outside)?;
        let (fraction, zone) = rest.split_at(zone_at);
        let minutes = |text: &str| -> Option<i32> {
            let total = text.get(1..3)?.parse::<i32>().ok()? * 60 + text.get(4..6)?.parse::<i32>().ok()?;
            Some(if text.starts_with('-') { -total } else { total })
        };
        let zulu = zone == "Z";
        let offset = if zulu { 0 } else { minutes(zone).ok_or_else(outside)? };
        if text.get(17..19) == Some("60") {
            return Err(Outside::domain("a 61st second has no place in the vendor's time"));
        }
        Ok(Instant { instant, written, fraction: fraction.strip_prefix('.'), offset, zulu })
    }

    /// The time on the clock of a zone, without the fraction of a second, and the offset there.
    pub fn local(&self, zone: &TimeZone) -> (DateTime, Offset) {
        let info = zone.to_offset_info(self.instant);
        let offset = info.offset();
        let local = offset.to_datetime(self.instant);
        let whole = local.with().subsec_nanosecond(0).build().unwrap_or(local);
        (whole, offset)
    }
}

/// Whether two FHIR dateTimes are one instant.
pub(crate) fn one_instant(left: &str, right: &str) -> bool {
    let instant =
        |text: &str| text.get(10..11).filter(|t| *t == "T").and_then(|_| text.parse::<jiff::Timestamp>().ok());
    left == right || instant(left).is_some_and(|left| instant(right) == Some(left))
}

pub(super) fn clock(what: &str) -> Outside {
    Outside { key: IssueKey::MappingLocalTime, what: what.into(), instead: None }
}
