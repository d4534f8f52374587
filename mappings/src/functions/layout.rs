//! Layouts of dates and times as authors know them from .NET and Java (`dd/MM/yyyy HH:mm`), read and written.
//!
//! A text fits a layout only if writing what was read gives the same text again: so a layout is exact both ways.

use super::CallFault;
use super::calendar::{Day, MONTHS, full_year, month_number};
use jiff::civil::{Date, Weekday};
use std::fmt::Write;

/// A layout, ready to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pieces: Vec<Piece>,
    /// The hundred years of two-digit years.
    window: i16,
    names: Names,
}

/// How names of months and halves of a day are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// `Feb`, `AM`.
    Plain,
    /// `FEB`, `AM`.
    Upper,
    /// `feb`, `am`.
    Lower,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Year(usize),
    /// So many digits at least: one or two.
    Month(usize),
    /// So many letters; four for the whole name.
    MonthName(usize),
    Day(usize),
    Weekday(usize),
    Hour(usize),
    HalfDayHour(usize),
    Minute(usize),
    Second(usize),
    Fraction(usize),
    HalfDay,
    /// With a colon or without.
    Offset(bool),
}

/// What a text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub day: Option<Day>,
    pub hour: Option<i8>,
    pub minute: Option<i8>,
    pub second: Option<i8>,
    /// Digits of the fraction of a second.
    pub fraction: Option<String>,
    /// Minutes east of Greenwich.
    pub offset: Option<i32>,
}

impl Layout {
    /// Reads a layout. `window` is needed where it has a year of two digits.
    pub fn parse(text: &str, window: Option<i16>, names: Names) -> Result<Layout, CallFault> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(letter).len();
            let piece = match (letter, run / letter.len_utf8()) {
                ('y' | 'u', count @ (2 | 4)) => Piece::Year(count),
                ('M', count @ (1 | 2)) => Piece::Month(count),
                ('M', count @ (3 | 4)) => Piece::MonthName(count),
                ('d', count @ (1 | 2)) => Piece::Day(count),
                ('d' | 'E', count @ (3 | 4)) => Piece::Weekday(count),
                ('H', count @ (1 | 2)) => Piece::Hour(count),
                ('h', count @ (1 | 2)) => Piece::HalfDayHour(count),
                ('m', count @ (1 | 2)) => Piece::Minute(count),
                ('s', count @ (1 | 2)) => Piece::Second(count),
                ('f' | 'S', count @ 1..=9) => Piece::Fraction(count),
                ('t', 2) | ('a', 1) => Piece::HalfDay,
                ('K', 1) | ('z' | 'X', 3) => Piece::Offset(true),
                ('Z', 1) => Piece::Literal("Z".into()),
                ('X', 2) => Piece::Offset(false),
                ('T', count) => Piece::Literal("T".repeat(count)),
                ('\'', _) => {
                    let inner = rest[1..].split_once('\'');
                    let (quoted, after) = inner.ok_or_else(|| fault(text, "a quote is not closed"))?;
                    pieces.push(Piece::Literal(if quoted.is_empty() { "'".into() } else { quoted.into() }));
                    rest = after;
                    continue;
                }
                (other, _) if other.is_alphabetic() => {
                    return Err(fault(text, &format!("`{}` means nothing in a layout", &rest[..run])));
                }
                (other, count) => Piece::Literal(other.to_string().repeat(count)),
            };
            if matches!(piece, Piece::Year(2)) && window.is_none() {
                let what = format!("the layout `{text}` has a year of two digits");
                return Err(CallFault::new(what, "say which hundred years: `window: 1930` for 1930 to 2029"));
            }
            pieces.push(piece);
            rest = &rest[run..];
        }
        let layout = Layout { pieces, window: window.unwrap_or(1930), names };
        match layout.doubt() {
            Some(what) => Err(fault(text, what)),
            None => Ok(layout),
        }
    }

    /// What makes a layout ambiguous or useless.
    fn doubt(&self) -> Option<&'static str> {
        let count = |of: fn(&Piece) -> bool| self.pieces.iter().filter(|piece| of(piece)).count();
        let year = count(|piece| matches!(piece, Piece::Year(_)));
        let month = count(|piece| matches!(piece, Piece::Month(_) | Piece::MonthName(_)));
        let day = count(|piece| matches!(piece, Piece::Day(_)));
        let hour = count(|piece| matches!(piece, Piece::Hour(_) | Piece::HalfDayHour(_)));
        let half = count(|piece| matches!(piece, Piece::HalfDayHour(_)));
        let minute = count(|piece| matches!(piece, Piece::Minute(_)));
        let second = count(|piece| matches!(piece, Piece::Second(_)));
        let letters = count(|piece| matches!(piece, Piece::HalfDay));
        if [year, month, day, hour, minute, second, letters].iter().any(|count| *count > 1) {
            return Some("a part stands in it twice");
        }
        if year + hour == 0 {
            return Some("it has neither a year (`yyyy`) nor an hour (`HH`)");
        }
        if (month > 0 && year == 0) || (day > 0 && month == 0) {
            return Some("a day needs its month, and a month its year (`MM` is the month, `mm` the minute)");
        }
        if (minute > 0 && hour == 0) || (second > 0 && minute == 0) || (hour > 0 && minute == 0) {
            return Some("a time needs hour and minute (`MM` is the month, `mm` the minute)");
        }
        if half != letters {
            return Some("an hour of twelve (`h`) needs AM or PM (`tt`), and an hour of 24 (`H`) has none");
        }
        // `d` beside `MM` without a sign between could end anywhere.
        let open = |piece: &Piece| {
            matches!(
                piece,
                Piece::Month(1)
                    | Piece::Day(1)
                    | Piece::Hour(1)
                    | Piece::HalfDayHour(1)
                    | Piece::Minute(1)
                    | Piece::Second(1)
            )
        };
        let number = |piece: &Piece| {
            !matches!(
                piece,
                Piece::Literal(_) | Piece::MonthName(_) | Piece::Weekday(_) | Piece::HalfDay | Piece::Offset(_)
            )
        };
        let touching = self.pieces.windows(2).any(|two| open(&two[0]) && number(&two[1]));
        touching.then_some("a number of one or two digits touches the next number")
    }

    /// Whether it has a part of that kind.
    pub fn has_day(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Day(_)))
    }

    /// Whether it has a year.
    pub fn has_year(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Year(_)))
    }

    /// Whether it has a month.
    pub fn has_month(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Month(_) | Piece::MonthName(_)))
    }

    /// Whether it has a time.
    pub fn has_time(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Hour(_) | Piece::HalfDayHour(_)))
    }

    /// Whether it has an offset.
    pub fn has_offset(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Offset(_)))
    }

    /// Whether it has seconds.
    pub fn has_seconds(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Second(_)))
    }

    /// How many digits of a fraction of a second it has.
    pub fn fraction_digits(&self) -> usize {
        let digits = |piece: &Piece| if let Piece::Fraction(count) = piece { Some(*count) } else { None };
        self.pieces.iter().find_map(digits).unwrap_or(0)
    }

    /// What a text says, if the layout writes the same text again.
    pub fn read(&self, text: &str) -> Option<Moment> {
        let moment = self.read_parts(text)?;
        (self.write(&moment)? == text).then_some(moment)
    }

    fn read_parts(&self, text: &str) -> Option<Moment> {
        let (mut year, mut month, mut day, mut weekday, mut afternoon) = (None, None, None, None, None);
        let mut half_day_hour = None;
        let mut moment = Moment::default();
        let mut rest = text;
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Piece::Year(4) => year = Some(number(&mut rest, 4, 4)?),
                Piece::Year(_) => year = Some(full_year(number(&mut rest, 2, 2)?, self.window)),
                Piece::Month(least) => month = Some(small(&mut rest, *least)?),
                Piece::Day(least) => day = Some(small(&mut rest, *least)?),
                Piece::Hour(least) => moment.hour = Some(small(&mut rest, *least)?),
                Piece::HalfDayHour(least) => half_day_hour = Some(small(&mut rest, *least)?),
                Piece::Minute(least) => moment.minute = Some(small(&mut rest, *least)?),
                Piece::Second(least) => moment.second = Some(small(&mut rest, *least)?),
                Piece::MonthName(_) => month = Some(month_number(letters(&mut rest))?),
                Piece::Weekday(_) => weekday = Some(weekday_of(letters(&mut rest))?),
                Piece::HalfDay => match letters(&mut rest) {
                    half if half.eq_ignore_ascii_case("am") => afternoon = Some(false),
                    half if half.eq_ignore_ascii_case("pm") => afternoon = Some(true),
                    _ => return None,
                },
                Piece::Fraction(count) => {
                    let digits = rest.get(..*count).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
                    moment.fraction = Some(digits.to_string());
                    rest = &rest[*count..];
                }
                Piece::Offset(colon) => moment.offset = Some(offset(&mut rest, *colon)?),
            }
        }
        if let (Some(hour), Some(afternoon)) = (half_day_hour, afternoon) {
            moment.hour = (1..=12).contains(&hour).then_some(hour % 12 + if afternoon { 12 } else { 0 });
        }
        if let Some(year) = year {
            moment.day = Some(Day::new(year, month, day)?);
        }
        let in_range = |value: Option<i8>, most: i8| value.is_none_or(|value| (0..=most).contains(&value));
        let time = in_range(moment.hour, 23) && in_range(moment.minute, 59) && in_range(moment.second, 59);
        let date = moment.day.and_then(Day::date);
        let right_day = weekday.is_none_or(|weekday| date.map(Date::weekday) == Some(weekday));
        (rest.is_empty() && time && right_day).then_some(moment)
    }

    /// Writes a moment; `None` where the layout asks for what it does not say.
    pub fn write(&self, moment: &Moment) -> Option<String> {
        let mut out = String::with_capacity(24);
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Year(4) => write!(out, "{:04}", moment.day?.year).ok()?,
                Piece::Year(_) => {
                    let year = moment.day?.year;
                    (full_year(year.rem_euclid(100), self.window) == year).then_some(())?;
                    write!(out, "{:02}", year.rem_euclid(100)).ok()?;
                }
                Piece::Month(width) => write!(out, "{:0width$}", moment.day?.month?, width = *width).ok()?,
                Piece::Day(width) => write!(out, "{:0width$}", moment.day?.day?, width = *width).ok()?,
                Piece::Hour(width) => write!(out, "{:0width$}", moment.hour?, width = *width).ok()?,
                Piece::HalfDayHour(width) => {
                    write!(out, "{:0width$}", (moment.hour? + 11) % 12 + 1, width = *width).ok()?;
                }
                Piece::Minute(width) => write!(out, "{:0width$}", moment.minute?, width = *width).ok()?,
                Piece::Second(width) => write!(out, "{:0width$}", moment.second?, width = *width).ok()?,
                Piece::MonthName(length) => {
                    let place = usize::try_from(moment.day?.month? - 1).ok()?;
                    let name = MONTHS.get(place)?;
                    self.name(&mut out, if *length == 3 { name.get(..3)? } else { name });
                }
                Piece::Weekday(length) => {
                    let name = weekday_name(moment.day?.date()?.weekday());
                    self.name(&mut out, if *length == 3 { name.get(..3)? } else { name });
                }
                Piece::HalfDay => self.name(&mut out, if moment.hour? < 12 { "AM" } else { "PM" }),
                Piece::Fraction(count) => {
                    let digits = moment.fraction.as_deref().unwrap_or_default();
                    let (kept, more) = digits.split_at_checked((*count).min(digits.len()))?;
                    more.bytes().all(|byte| byte == b'0').then_some(())?;
                    write!(out, "{kept:0<count$}", count = *count).ok()?;
                }
                Piece::Offset(colon) => {
                    let minutes = moment.offset?;
                    let sign = if minutes < 0 { '-' } else { '+' };
                    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
                    let between = if *colon { ":" } else { "" };
                    write!(out, "{sign}{hours:02}{between}{minutes:02}").ok()?;
                }
            }
        }
        Some(out)
    }

    fn name(&self, out: &mut String, name: &str) {
        match self.names {
            Names::Plain => out.push_str(name),
            Names::Upper => out.extend(name.chars().map(|letter| letter.to_ascii_uppercase())),
            Names::Lower => out.extend(name.chars().map(|letter| letter.to_ascii_lowercase())),
        }
    }
}

fn fault(layout: &str, what: &str) -> CallFault {
    CallFault::new(
        format!("the layout `{layout}`: {what}"),
        "for instance `dd/MM/yyyy HH:mm`; words stand in 'single quotes'",
    )
}

/// A number of so many digits at the start.
fn number(rest: &mut &str, least: usize, most: usize) -> Option<i16> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, after) = rest.split_at_checked(count.max(least))?;
    *rest = after;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn small(rest: &mut &str, least: usize) -> Option<i8> {
    number(rest, least, 2).and_then(|number| i8::try_from(number).ok())
}

fn letters<'t>(rest: &mut &'t str) -> &'t str {
    let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after;
    word
}

fn offset(rest: &mut &str, colon: bool) -> Option<i32> {
    let negative = match rest.chars().next()? {
        '+' => false,
        '-' => true,
        _ => return None,
    };
    *rest = &rest[1..];
    let hours = i32::from(number(rest, 2, 2)?);
    if colon {
        *rest = rest.strip_prefix(':')?;
    }
    let minutes = i32::from(number(rest, 2, 2)?);
    let total = hours * 60 + minutes;
    (hours <= 14 && minutes < 60).then_some(if negative { -total } else { total })
}

fn weekday_of(name: &str) -> Option<Weekday> {
    let all = Weekday::Monday.cycle_forward().take(7);
    let mut found = all.filter(|day| {
        let whole = weekday_name(*day);
        whole.eq_ignore_ascii_case(name) || whole.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(name))
    });
    found.next()
}

fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> Layout {
        Layout::parse(text, Some(1930), Names::Plain).expect(text)
    }

    #[test]
    fn a_text_is_read_exactly_or_not_at_all() {
        for (pattern, text) in [
            ("dd/MM/yyyy", "28/02/2026"),
            ("d/M/yyyy H:mm:ss", "9/2/2026 7:05:00"),
            ("dd-MMM-yy", "28-Feb-45"),
            ("EEEE d MMMM yyyy, h:mm tt", "Saturday 28 February 2026, 12:05 AM"),
            ("yyyyMMddHHmmss.SSSXX", "20260228070500.120-0530"),
            ("yyyy-MM-ddTHH:mm:ss.fffffffZ", "2026-02-28T07:05:00.1234567Z"),
            ("'on the 'dd'th of 'MM/yyyy", "on the 28th of 02/2026"),
        ] {
            let layout = layout(pattern);
            let moment = layout.read(text).unwrap_or_else(|| panic!("{pattern} {text}"));
            assert_eq!(layout.write(&moment).as_deref(), Some(text));
        }
        for (pattern, text) in [
            ("dd/MM/yyyy", "28/2/2026"),
            ("dd/MM/yyyy", "29/02/2026"),
            ("d/M/yyyy", "01/02/2026"),
            ("dd/MM/yyyy", "28/02/2026 "),
            ("dd-MMM-yyyy", "28-FEB-2026"),
            ("EEE dd/MM/yyyy", "Mon 28/02/2026"),
            ("h:mm tt", "0:30 AM"),
            ("HH:mm", "24:00"),
            ("dd/MM/yyyy", "²8/02/2026"),
        ] {
            assert_eq!(layout(pattern).read(text), None, "{pattern} {text}");
        }
    }

    #[test]
    fn a_layout_that_could_be_misread_is_refused() {
        for pattern in ["DD/MM/YYYY", "dd/mm/yyyy", "dd/MM", "HH", "dd/MM/yyyy hh:mm", "yyyy 'x", "dMyyyy", "MM:mm", ""]
        {
            assert!(Layout::parse(pattern, None, Names::Plain).is_err(), "{pattern}");
        }
        let fault = Layout::parse("dd/MM/yy", None, Names::Plain).expect_err("no window");
        assert!(fault.hint.contains("window"));
    }
}
