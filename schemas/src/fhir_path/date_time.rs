//! Dates and times of any precision, with FHIRPath's rules for comparing and adding
//! (<http://hl7.org/fhirpath/N1/#datetime-1>).

use super::calendar::{CalendarUnit, date_from_days, days_from_date, days_in_month};
use super::types::SystemType;
use std::cmp::Ordering;
use std::fmt;

/// Whether a date, a time, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DateTimeKind {
    Date,
    DateTime,
    Time,
}

impl DateTimeKind {
    pub(super) fn system_type(self) -> SystemType {
        match self {
            DateTimeKind::Date => SystemType::Date,
            DateTimeKind::DateTime => SystemType::DateTime,
            DateTimeKind::Time => SystemType::Time,
        }
    }
}

/// The last component that is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

const NANOS_A_SECOND: i128 = 1_000_000_000;
const NANOS_AN_HOUR: i128 = 3_600 * NANOS_A_SECOND;

/// A date, a time, or both, known up to a component.
#[derive(Debug, Clone, Copy)]
pub struct DateTime {
    /// Which of them.
    pub kind: DateTimeKind,
    pub(super) precision: Precision,
    pub(super) year: u16,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    /// Digits given of the fraction of a second.
    pub(super) digits: u8,
    pub(super) nanos: u32,
    /// Minutes east of UTC.
    pub(super) offset: Option<i16>,
}

impl DateTime {
    /// A date as FHIR and FHIRPath write it (`2026`, `2026-02`, `2026-02-28`).
    pub fn read_date(text: &str) -> Option<DateTime> {
        let mut reader = Reader { rest: text };
        let mut out = EMPTY;
        reader.date(&mut out)?;
        reader.rest.is_empty().then_some(out)
    }

    /// A date with or without a time (`2026-02-28T10:30:00+01:00`, `2026T`).
    pub fn read_date_time(text: &str) -> Option<DateTime> {
        let mut reader = Reader { rest: text };
        let mut out = DateTime { kind: DateTimeKind::DateTime, ..EMPTY };
        reader.date(&mut out)?;
        if reader.eat('T') && !reader.rest.is_empty() {
            if out.precision != Precision::Day {
                return None;
            }
            reader.time(&mut out)?;
            reader.offset(&mut out)?;
        }
        reader.rest.is_empty().then_some(out)
    }

    /// A time of day (`10`, `10:30`, `10:30:00.5`).
    pub fn read_time(text: &str) -> Option<DateTime> {
        let mut reader = Reader { rest: text };
        let mut out = DateTime { kind: DateTimeKind::Time, ..EMPTY };
        reader.time(&mut out)?;
        reader.rest.is_empty().then_some(out)
    }

    /// Only the date of it.
    pub fn to_date(self) -> DateTime {
        DateTime {
            kind: DateTimeKind::Date,
            precision: self.precision.min(Precision::Day),
            hour: 0,
            minute: 0,
            second: 0,
            nanos: 0,
            digits: 0,
            offset: None,
            ..self
        }
    }

    /// Only the time of it.
    pub fn to_time(self) -> Option<DateTime> {
        (self.precision >= Precision::Hour).then_some(DateTime {
            kind: DateTimeKind::Time,
            year: 0,
            month: 1,
            day: 1,
            offset: None,
            ..self
        })
    }

    /// Which comes first; nothing when the precision, or a missing time zone, leaves that open. A date and a time
    /// of day cannot be compared: the caller sees to that.
    pub fn compare(&self, other: &DateTime) -> Option<Ordering> {
        if self.offset.is_some() != other.offset.is_some() {
            return self.compare_without_zone(other);
        }
        let (left, right) = (self.in_utc(), other.in_utc());
        let last = left.precision.min(right.precision).min(Precision::Second);
        for ((component, one), (_, two)) in left.components().into_iter().zip(right.components()) {
            if component > last {
                break;
            }
            match one.cmp(&two) {
                Ordering::Equal => {}
                different => return Some(different),
            }
        }
        // Seconds and their fraction are one number: 31 and 31.0 are the same.
        let told = |precision: Precision| precision.min(Precision::Second);
        (told(left.precision) == told(right.precision)).then_some(Ordering::Equal)
    }

    /// Whether both have the same precision, seconds with and without a fraction being one.
    pub fn is_as_precise_as(&self, other: &DateTime) -> bool {
        self.precision.min(Precision::Second) == other.precision.min(Precision::Second)
    }

    /// With only one time zone known the order is sure when the spans cannot overlap wherever on Earth the other is.
    fn compare_without_zone(&self, other: &DateTime) -> Option<Ordering> {
        let (own_low, own_high) = self.span();
        let (other_low, other_high) = other.span();
        if own_high < other_low {
            Some(Ordering::Less)
        } else if own_low > other_high {
            Some(Ordering::Greater)
        } else {
            None
        }
    }

    /// The first and last instant it may mean, in nanoseconds since 1970 in UTC.
    fn span(&self) -> (i128, i128) {
        let (low, high) = (self.at_start(), self.at_end());
        match self.offset {
            Some(minutes) => {
                let shift = i128::from(minutes) * 60 * NANOS_A_SECOND;
                (low.local_nanos() - shift, high.local_nanos() - shift)
            }
            None => (low.local_nanos() - 14 * NANOS_AN_HOUR, high.local_nanos() + 12 * NANOS_AN_HOUR),
        }
    }

    fn local_nanos(&self) -> i128 {
        let days = days_from_date(self.year.into(), self.month.into(), self.day.into());
        let seconds =
            days * 86_400 + i64::from(self.hour) * 3_600 + i64::from(self.minute) * 60 + i64::from(self.second);
        i128::from(seconds) * NANOS_A_SECOND + i128::from(self.nanos)
    }

    fn with_local_nanos(self, nanos: i128) -> Option<DateTime> {
        let seconds = i64::try_from(nanos.div_euclid(NANOS_A_SECOND)).ok()?;
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = if self.kind == DateTimeKind::Time { (0, 1, 1) } else { date_from_days(days) };
        if self.kind != DateTimeKind::Time && !(1..=9_999).contains(&year) {
            return None;
        }
        Some(DateTime {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            hour: u8::try_from(of_day / 3_600).ok()?,
            minute: u8::try_from(of_day / 60 % 60).ok()?,
            second: u8::try_from(of_day % 60).ok()?,
            nanos: u32::try_from(nanos.rem_euclid(NANOS_A_SECOND)).ok()?,
            ..self
        })
    }

    fn in_utc(self) -> DateTime {
        match self.offset {
            Some(minutes) if minutes != 0 && self.precision >= Precision::Hour => {
                let nanos = self.local_nanos() - i128::from(minutes) * 60 * NANOS_A_SECOND;
                self.with_local_nanos(nanos).unwrap_or(self)
            }
            _ => self,
        }
    }

    fn components(&self) -> [(Precision, u64); 6] {
        [
            (Precision::Year, self.year.into()),
            (Precision::Month, self.month.into()),
            (Precision::Day, self.day.into()),
            (Precision::Hour, self.hour.into()),
            (Precision::Minute, self.minute.into()),
            (Precision::Second, u64::from(self.second) * 1_000_000_000 + u64::from(self.nanos)),
        ]
    }

    /// The first millisecond it may mean.
    pub(super) fn at_start(self) -> DateTime {
        DateTime { precision: Precision::Millisecond, digits: self.digits.max(3), ..self }
    }

    /// The last millisecond it may mean.
    pub(super) fn at_end(self) -> DateTime {
        let month = if self.precision < Precision::Month { 12 } else { self.month };
        let last_day = days_in_month(self.year.into(), month.into());
        let day = if self.precision < Precision::Day { u8::try_from(last_day).unwrap_or(28) } else { self.day };
        let open = |precision, last, own| if self.precision < precision { last } else { own };
        DateTime {
            precision: Precision::Millisecond,
            month,
            day,
            hour: open(Precision::Hour, 23, self.hour),
            minute: open(Precision::Minute, 59, self.minute),
            second: open(Precision::Second, 59, self.second),
            nanos: if self.precision < Precision::Millisecond { 999_000_000 } else { self.nanos },
            digits: self.digits.max(3),
            ..self
        }
    }

    /// Adds whole units; what its precision cannot hold is dropped. Nothing beyond the years 1 to 9999.
    pub fn plus(self, amount: i64, unit: CalendarUnit) -> Option<DateTime> {
        if let Some(months) = unit.months() {
            if self.kind == DateTimeKind::Time {
                return None;
            }
            return self.plus_months(amount.checked_mul(months)?);
        }
        let milliseconds = i128::from(amount) * i128::from(unit.milliseconds()?);
        let day = 86_400_000;
        // A partial date is moved by whole units of what it has: FHIRPath counts a year as 365 days, a month as 30.
        let whole = |size: i128| i64::try_from(milliseconds / size).ok();
        match self.precision {
            Precision::Year => return self.plus_months(whole(365 * day)?.checked_mul(12)?),
            Precision::Month => return self.plus_months(whole(30 * day)?),
            _ => {}
        }
        let size = match self.precision {
            Precision::Hour => 3_600_000,
            Precision::Minute => 60_000,
            Precision::Second => 1_000,
            Precision::Millisecond => 1,
            _ => day,
        };
        let moved = milliseconds / size * size;
        self.with_local_nanos(self.local_nanos().checked_add(moved.checked_mul(1_000_000)?)?)
    }

    fn plus_months(self, months: i64) -> Option<DateTime> {
        let months = if self.precision == Precision::Year { months / 12 * 12 } else { months };
        let total = (i64::from(self.year) * 12 + i64::from(self.month) - 1).checked_add(months)?;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        if !(1..=9_999).contains(&year) {
            return None;
        }
        let day = i64::from(self.day).min(days_in_month(year, month));
        Some(DateTime {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            ..self
        })
    }
}

const EMPTY: DateTime = DateTime {
    kind: DateTimeKind::Date,
    precision: Precision::Year,
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    digits: 0,
    nanos: 0,
    offset: None,
};

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != DateTimeKind::Time {
            write!(f, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
        }
        if self.precision < Precision::Hour {
            return Ok(());
        }
        if self.kind != DateTimeKind::Time {
            f.write_str("T")?;
        }
        write!(f, "{:02}", self.hour)?;
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if self.precision == Precision::Millisecond {
            let digits = usize::from(self.digits.clamp(1, 9));
            let nanos = format!("{:09}", self.nanos);
            write!(f, ".{}", nanos.get(..digits).unwrap_or(&nanos))?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
            }
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn eat(&mut self, letter: char) -> bool {
        match self.rest.strip_prefix(letter) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A number of exactly so many digits.
    fn number(&mut self, digits: usize, least: u16, most: u16) -> Option<u16> {
        let head = self.rest.get(..digits).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()))?;
        self.rest = self.rest.get(digits..)?;
        head.parse().ok().filter(|number| (least..=most).contains(number))
    }

    fn two(&mut self, least: u16, most: u16) -> Option<u8> {
        u8::try_from(self.number(2, least, most)?).ok()
    }

    fn date(&mut self, out: &mut DateTime) -> Option<()> {
        out.year = self.number(4, 1, 9_999)?;
        if self.eat('-') {
            out.month = self.two(1, 12)?;
            out.precision = Precision::Month;
            if self.eat('-') {
                let last = days_in_month(out.year.into(), out.month.into());
                out.day = self.two(1, u16::try_from(last).ok()?)?;
                out.precision = Precision::Day;
            }
        }
        Some(())
    }

    fn time(&mut self, out: &mut DateTime) -> Option<()> {
        out.hour = self.two(0, 23)?;
        out.precision = Precision::Hour;
        if !self.eat(':') {
            return Some(());
        }
        out.minute = self.two(0, 59)?;
        out.precision = Precision::Minute;
        if !self.eat(':') {
            return Some(());
        }
        // Sixty is a leap second, which FHIR allows.
        out.second = self.two(0, 60)?;
        out.precision = Precision::Second;
        if self.eat('.') {
            let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
            let text = self.rest.get(..digits).filter(|text| !text.is_empty())?;
            self.rest = self.rest.get(digits..)?;
            let padded = format!("{text:0<9}");
            out.nanos = padded.get(..9)?.parse().ok()?;
            out.digits = u8::try_from(digits.min(9)).ok()?;
            out.precision = Precision::Millisecond;
        }
        Some(())
    }

    fn offset(&mut self, out: &mut DateTime) -> Option<()> {
        if self.eat('Z') {
            out.offset = Some(0);
            return Some(());
        }
        let sign = if self.eat('+') {
            1
        } else if self.eat('-') {
            -1
        } else {
            return Some(());
        };
        let hours = i16::from(self.two(0, 14)?);
        if !self.eat(':') {
            return None;
        }
        let minutes = i16::from(self.two(0, 59)?);
        out.offset = Some(sign * (hours * 60 + minutes));
        Some(())
    }
}
