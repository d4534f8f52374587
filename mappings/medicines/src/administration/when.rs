//! When a dose was given and when it was due: instants, days, and an hour that the clocks repeat, never rounded to one another.
//!
//! FHIR has no element for the time a dose was due: it stands in the gateway's extensions, or in a note that begins with
//! "Due". A local time without offset is read in England's zone. Of an hour that exists twice both instants are kept.

use super::Administration;
use super::outcome::WarningKey;
use crate::drug_code::time_critical;
use crate::record::{Moment, ZONE, moment, read};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde_json::{Value, json};

/// Minutes after which a dose counts as late or early.
const TOLERANCE_MINUTES: i64 = 60;
/// The same for medicines whose dose must not be late.
const STRICT_TOLERANCE_MINUTES: i64 = 30;

/// When something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// At an instant.
    Instant {
        /// As written.
        text: String,
        /// The instant.
        at: Timestamp,
    },
    /// On a day, or in a month or year.
    Day {
        /// As written.
        text: String,
        /// From its first instant to its last.
        moment: Moment,
    },
    /// At a local time that existed twice: at the one or the other.
    Repeated {
        /// The first, as written.
        text: String,
        /// The second, as written.
        end: String,
        /// The earlier instant.
        earlier: Timestamp,
        /// The later one.
        later: Timestamp,
    },
    /// From and until, as far as said.
    Period {
        /// The start as written.
        start: Option<String>,
        /// The end as written.
        end: Option<String>,
        /// The first instant.
        first: Option<Moment>,
        /// The last one.
        last: Option<Moment>,
    },
    /// It is not said.
    NotSaid,
    /// It is said and cannot be read.
    Unreadable(String),
}

impl When {
    /// The `effective[x]` of a resource.
    pub fn read(resource: &Value) -> When {
        if let Some(text) = read::text(resource, "effectiveDateTime") {
            return When::of_text(text);
        }
        match resource.get("effectivePeriod") {
            Some(period) => When::of_period(period),
            None => match resource.get("effectiveDateTime") {
                Some(other) => When::Unreadable(other.to_string()),
                None => When::NotSaid,
            },
        }
    }

    fn of_text(text: &str) -> When {
        let Some(moment) = moment(text) else { return When::Unreadable(text.to_owned()) };
        let day = is_skipped(text).then(|| text.get(..10).and_then(self::moment)).flatten();
        let text = text.to_owned();
        // Of a time that never existed the day is sure.
        if let Some(moment) = day {
            return When::Day { text, moment };
        }
        if moment.first == moment.last {
            return When::Instant { text, at: moment.first };
        }
        if text.contains('T') {
            let (earlier, later) = (moment.first, moment.last);
            return When::Repeated { end: text.clone(), text, earlier, later };
        }
        When::Day { text, moment }
    }

    fn of_period(period: &Value) -> When {
        let own = |member: &str| read::text(period, member).map(str::to_owned);
        let (start, end) = (own("start"), own("end"));
        let (first, last) = (start.as_deref().and_then(moment), end.as_deref().and_then(moment));
        let bad = |text: &Option<String>, read: &Option<Moment>| text.is_some() && read.is_none();
        if bad(&start, &first) || bad(&end, &last) {
            return When::Unreadable(period.to_string());
        }
        match (&start, &end, first, last) {
            (None, None, ..) => When::NotSaid,
            (Some(text), Some(end), Some(first), Some(last)) if is_same_clock(&first, &last) => {
                When::Repeated { text: text.clone(), end: end.clone(), earlier: first.first, later: last.last }
            }
            // An eMAR that writes a period for one signature writes its start alone.
            (Some(text), None, Some(first), _) if first.first == first.last => {
                When::Instant { text: text.clone(), at: first.first }
            }
            _ => When::Period { start, end, first, last },
        }
    }

    /// The first instant it can mean.
    pub fn first(&self) -> Option<Timestamp> {
        match self {
            When::Instant { at, .. } => Some(*at),
            When::Day { moment, .. } => Some(moment.first),
            When::Repeated { earlier, .. } => Some(*earlier),
            When::Period { first, last, .. } => first.map(|first| first.first).or(last.map(|last| last.first)),
            When::NotSaid | When::Unreadable(_) => None,
        }
    }

    /// The last instant it can mean.
    pub fn last(&self) -> Option<Timestamp> {
        match self {
            When::Instant { at, .. } => Some(*at),
            When::Day { moment, .. } => Some(moment.last),
            When::Repeated { later, .. } => Some(*later),
            When::Period { first, last, .. } => last.map(|last| last.last).or(first.map(|first| first.last)),
            When::NotSaid | When::Unreadable(_) => None,
        }
    }

    /// The day in England.
    pub fn day(&self) -> Option<Date> {
        let zone = TimeZone::get(ZONE).ok()?;
        Some(self.first()?.to_zoned(zone).date())
    }

    /// As JSON: the text as written, or an object with both ends.
    pub fn to_json(&self) -> Value {
        match self {
            When::Instant { text, .. } | When::Day { text, .. } | When::Unreadable(text) => json!(text),
            When::Repeated { text, end, .. } => json!({"start": text, "end": end}),
            When::Period { start, end, .. } => json!({"start": start, "end": end}),
            When::NotSaid => Value::Null,
        }
    }

    /// For people, in England's time.
    pub fn words(&self) -> String {
        let clock = |at: Timestamp| {
            let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
            at.to_zoned(zone).strftime("%d/%m/%Y %H:%M %Z").to_string()
        };
        match self {
            When::Instant { at, .. } => clock(*at),
            When::Day { text, .. } => text.clone(),
            When::Repeated { earlier, later, .. } => format!("{} or {}", clock(*earlier), clock(*later)),
            When::Period { start, end, .. } => {
                format!("{} to {}", start.as_deref().unwrap_or("?"), end.as_deref().unwrap_or("?"))
            }
            When::NotSaid => "no time recorded".into(),
            When::Unreadable(text) => format!("{text} (cannot be read)"),
        }
    }
}

/// Whether two instants show the same on a clock in England: the hour that is repeated in October.
fn is_same_clock(first: &Moment, last: &Moment) -> bool {
    let Ok(zone) = TimeZone::get(ZONE) else { return false };
    let clock = |at: Timestamp| at.to_zoned(zone.clone()).datetime();
    first.first == first.last
        && last.first == last.last
        && first.first < last.first
        && clock(first.first) == clock(last.first)
}

/// When a dose was due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// As written.
    pub text: String,
    /// What it means; a day where only the day or a part of it is said.
    pub moment: Option<Moment>,
    /// The part of the day, as the source calls it.
    pub part_of_day: Option<String>,
    /// Whether it was read in a note.
    pub is_from_note: bool,
}

impl Due {
    /// The instant, where it is one.
    pub fn instant(&self) -> Option<Timestamp> {
        self.moment.filter(|moment| moment.first == moment.last).map(|moment| moment.first)
    }

    /// The day in England; a part of a day that passes midnight belongs to the day on which it begins.
    pub fn day(&self) -> Option<Date> {
        self.moment.map(|moment| moment.day)
    }

    /// For people.
    pub fn words(&self) -> String {
        let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
        let time = self.instant().map(|at| at.to_zoned(zone).strftime("%H:%M").to_string());
        match (time, &self.part_of_day) {
            (Some(time), _) => time,
            (None, Some(part)) => part.clone(),
            (None, None) => self.text.clone(),
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        match &self.part_of_day {
            Some(part) if self.moment.is_some() => json!(format!("{} {part}", self.text)),
            Some(part) => json!(part),
            None => json!(self.text),
        }
    }
}

/// How late a dose was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// Minutes after the due time; fewer than none before it.
    pub minutes: i64,
}

/// When the dose was due, by the extensions or else a note.
pub fn due(resource: &Value, when: &When, notes: &[String]) -> Option<Due> {
    let own = |name: &str| {
        let extension = read::items(resource, "extension")
            .find(|extension| read::text(extension, "url").is_some_and(|url| url.ends_with(name)))?;
        read::extension_value(extension)?.as_str().map(str::trim)
    };
    let part_of_day = own("/administration-due-period").map(str::to_owned);
    if let Some(text) = own("/administration-due") {
        return Some(Due { text: text.to_owned(), moment: moment(text), part_of_day, is_from_note: false });
    }
    if part_of_day.is_some() {
        return Some(Due { text: String::new(), moment: None, part_of_day, is_from_note: false });
    }
    notes.iter().find_map(|note| due_in_note(note, when.day()))
}

/// "Due 07:30 local.", "Due 2026-10-25 morning.", "... due 2026-10-23 21:30." in the notes that plugins write.
fn due_in_note(note: &str, day: Option<Date>) -> Option<Due> {
    let lower = note.to_lowercase();
    let at_start = lower.strip_prefix("due ");
    let rest = at_start.or_else(|| lower.find(" due 2").and_then(|at| lower.get(at + 5..)))?;
    let mut words = rest.split([' ', ';', ',']).map(|word| word.trim_end_matches('.'));
    let first = words.next()?;
    let second = words.next().unwrap_or_default();
    let civil = |date: Date, time: &str| -> Option<Due> {
        let time: Time = Time::strptime("%H:%M", time).ok()?;
        let local = DateTime::from_parts(date, time);
        let text = local.strftime("%Y-%m-%dT%H:%M").to_string();
        let moment = moment(&format!("{text}:00"));
        Some(Due { text, moment, part_of_day: None, is_from_note: true })
    };
    let is_time = |word: &str| word.len() == 5 && word.as_bytes().get(2) == Some(&b':');
    if let Ok(date) = first.parse::<Date>() {
        if is_time(second) {
            return civil(date, second);
        }
        let is_part = !second.is_empty() && second.bytes().all(|byte| byte.is_ascii_alphabetic());
        let part_of_day = (is_part && at_start.is_some()).then(|| second.to_owned());
        return Some(Due { text: first.to_owned(), moment: moment(first), part_of_day, is_from_note: true });
    }
    if is_time(first) && at_start.is_some() { civil(day?, first) } else { None }
}

impl Administration {
    /// How late it was given, where both times are instants.
    pub fn late(&self) -> Option<Late> {
        let When::Instant { at, .. } = &self.when else { return None };
        let due = self.due.as_ref()?.instant().filter(|_| self.is_given())?;
        Some(Late { minutes: (at.as_second() - due.as_second()).div_euclid(60) })
    }
}

/// What to mind about times.
pub fn mind(found: &mut Administration) {
    match found.when.clone() {
        When::NotSaid => found.warn(WarningKey::TimeMissing, "When is not said."),
        When::Unreadable(text) => found.warn(WarningKey::TimeUnreadable, format!("The time cannot be read: {text}.")),
        When::Repeated { text, .. } => found.warn(
            WarningKey::RepeatedHour,
            format!("The clocks went back: {text} local existed twice, and both instants are counted as possible."),
        ),
        When::Day { text, .. } if is_skipped(&text) => found.warn(
            WarningKey::SkippedHour,
            format!("The clocks went forward: {text} never existed in England, so that only the day is sure."),
        ),
        _ => {}
    }
    let Some(late) = found.late() else { return };
    let critical = found.drug.as_ref().and_then(time_critical);
    let tolerance = if critical.is_some() { STRICT_TOLERANCE_MINUTES } else { TOLERANCE_MINUTES };
    let what = critical.map(|class| format!(" This is a {}.", class.title())).unwrap_or_default();
    if late.minutes > tolerance {
        found.warn(WarningKey::Late, format!("Given {} minutes after it was due.{what}", late.minutes));
    } else if late.minutes < -tolerance {
        found.warn(WarningKey::Early, format!("Given {} minutes before it was due.{what}", -late.minutes));
    }
}

/// Whether a local time without offset lies in the hour that the clocks skip.
fn is_skipped(text: &str) -> bool {
    let Ok(local) = text.parse::<DateTime>() else { return false };
    let has_offset = text.parse::<Timestamp>().is_ok();
    let Ok(zone) = TimeZone::get(ZONE) else { return false };
    !has_offset && matches!(zone.to_ambiguous_zoned(local).offset(), AmbiguousOffset::Gap { .. })
}
