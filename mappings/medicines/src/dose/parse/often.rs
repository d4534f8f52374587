//! How often: "twice a day", "tds", "every 4-6 hours", "daily", "on alternate days".

use super::super::units::{self, Measure, Unit};
use super::amount::unit;
use super::day::{clock_list, event};
use super::fact::{Fact, Often};
use super::token::{Number, Tokens};
use super::words;
use rust_decimal::Decimal;

/// How often: "twice a day", "tds", "every 4-6 hours", "4 hourly", "daily", "on alternate days".
pub fn often(tokens: &Tokens<'_>, at: usize, of_eyes: bool, behind_unit: bool) -> Option<(Fact, usize)> {
    let word = tokens.word(at);
    if let Some(times) = words::latin(word).filter(|_| !(of_eyes && word == "od")) {
        let times = Number::digits(&times.to_string())?;
        return Some((often_of(Some(times), None, one(), "d"), 1));
    }
    // "up to qds", "40mg/day"
    if let Some(used) = tokens.matches(at, "up to")
        && let Some(times) = words::latin(tokens.word(at + used)).filter(|_| tokens.word(at + used) != "od")
    {
        let times = Number::digits(&times.to_string())?;
        return Some((often_of(None, Some(times), one(), "d"), used + 1));
    }
    if let Some((period, unit, used)) = slash_per(tokens, at).filter(|_| behind_unit) {
        return Some((often_of(None, None, period, unit), used));
    }
    every(tokens, at).or_else(|| times(tokens, at)).or_else(|| hourly(tokens, at, behind_unit)).or_else(|| {
        let (period, unit, used) = per(tokens, at).filter(|_| word != "in" && tokens.number(at + 1).is_none())?;
        Some((often_of(None, None, period, unit), used))
    })
}

/// "once a day", "twice daily", "3 times a week", "2-3 x daily", "up to 4 times a day".
fn times(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let up_to = ["up to", "no|not more than", "max|maximum ?of"].iter().find_map(|pattern| tokens.matches(at, pattern));
    let up_to = up_to.map_or(0, |used| used + usize::from(tokens.is_mark(at + used, &['.'])));
    let start = at + up_to;
    let counted = match tokens.word(start) {
        "once" => Some("1"),
        "twice" => Some("2"),
        "thrice" => Some("3"),
        _ => None,
    };
    let (low, high, mut used) = match counted {
        Some("1") if tokens.matches(start, "once or|to twice").is_some() => (Some(one()), two(), 3),
        Some(digits) => (None, Number::digits(digits)?, 1),
        None => {
            let (low, high, used, is_spaced) = range(tokens, start)?;
            if is_spaced || !matches!(tokens.word(start + used), "times" | "time" | "x") || !high.value.is_integer() {
                return None;
            }
            (low, high, used + 1)
        }
    };
    let plain = |number: Number| Number { text: number.value.normalize().to_string(), ..number };
    let (low, high) = (low.map(plain), plain(high));
    // "once every 3 days"
    if counted == Some("1")
        && low.is_none()
        && up_to == 0
        && let Some((fact, taken)) = every(tokens, start + used)
    {
        return Some((fact, used + taken));
    }
    let Some((period, unit, taken)) = per(tokens, start + used).or_else(|| slash_per(tokens, start + used)) else {
        let of_day = event(tokens, start + used, false).is_some_and(|(code, _)| super::group::is_once_a_day(code));
        let is_event = of_day || clock_list(tokens, start + used).is_some();
        let is_once = counted == Some("1") && low.is_none() && up_to == 0 && is_event;
        return is_once.then(|| (often_of(Some(one()), None, one(), "d"), used));
    };
    used += up_to + taken;
    let (times, times_max) = match (low, up_to) {
        (Some(low), 0) => (Some(low), Some(high)),
        (Some(_), _) => return None,
        (None, 0) => (Some(high), None),
        (None, _) => (None, Some(high)),
    };
    Some((often_of(times, times_max, period, unit), used))
}

/// "every 8 hours", "every 4 to 6 hours", "every other day", "on alternate days".
pub(super) fn every(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let day = |number: Number, used: usize| Some((often_of(Some(one()), None, number, "d"), used));
    if let Some(used) = tokens.matches(at, "?on ?every alternate day|days") {
        return day(two(), used);
    }
    if let Some(used) = tokens.matches(at, "every|each other|second|alternate day") {
        return day(two(), used);
    }
    if let Some(used) = tokens.matches(at, "every third day") {
        return day(Number::digits("3")?, used);
    }
    if let Some(used) = tokens.matches(at, "every|each other|second|alternate week") {
        return Some((often_of(Some(one()), None, two(), "wk"), used));
    }
    let used = tokens.matches(at, "every|each")?;
    let Some((low, high, taken, _)) = range(tokens, at + used) else {
        let (unit, factor, taken) = time_unit(tokens, at + used)?;
        let times = (factor.value == Decimal::TWO).then(one);
        return Some((often_of(times, None, factor, unit.code), used + taken));
    };
    let (unit, factor, more) = time_unit(tokens, at + used + taken)?;
    if factor.value != Decimal::ONE {
        return None;
    }
    Some((interval(low, high, unit.code), used + taken + more))
}

/// "4 hourly", "4-6 hourly", "6-hourly", "q4h"; "12 weekly" behind a dose with its unit.
fn hourly(tokens: &Tokens<'_>, at: usize, behind_unit: bool) -> Option<(Fact, usize)> {
    if tokens.word(at) == "q" && tokens.is_tight(at + 1) {
        let (low, high, used, _) = range(tokens, at + 1)?;
        let is_hours = matches!(tokens.word(at + 1 + used), "h" | "hr" | "hrs" | "hourly");
        return is_hours.then(|| (interval(low, high, "h"), used + 2));
    }
    let (low, high, mut used, is_spaced) = range(tokens, at)?;
    used += usize::from(tokens.is_mark(at + used, &['-']) && tokens.is_tight(at + used));
    let unit = match tokens.word(at + used) {
        "hourly" => "h",
        // "1 injection 12 weekly"; "two weekly" alone may be two of them.
        "weekly" if behind_unit => "wk",
        "monthly" if behind_unit => "mo",
        _ => return None,
    };
    (!is_spaced).then(|| (interval(low, high, unit), used + 1))
}

fn interval(low: Option<Number>, high: Number, unit: &'static str) -> Fact {
    let plain = |number: Number| Number { text: number.value.normalize().to_string(), ..number };
    let (period, period_max) = match low {
        Some(low) => (plain(low), Some(plain(high))),
        None => (plain(high), None),
    };
    Fact::Often(Often { times: Some(one()), times_max: None, period, period_max, unit })
}

fn often_of(times: Option<Number>, times_max: Option<Number>, period: Number, unit: &'static str) -> Fact {
    Fact::Often(Often { times, times_max, period, period_max: None, unit })
}

/// "a day", "per week", "daily", "/day", "in 24 hours": the period and how many tokens.
pub(super) fn per(tokens: &Tokens<'_>, at: usize) -> Option<(Number, &'static str, usize)> {
    if let Some((period, unit)) = adverb(tokens.word(at)) {
        return Some((period, unit, 1));
    }
    let mut used = tokens.matches(at, "a|an|per|each|every|in")?;
    let number = tokens.number(at + used).cloned();
    used += usize::from(number.is_some());
    if tokens.word(at) == "in" && number.is_none() {
        return None;
    }
    let (unit, factor, taken) = time_unit(tokens, at + used)?;
    let period = number.map_or(factor.clone(), |number| {
        if factor.value == Decimal::TWO { Number::of_value(number.value * factor.value) } else { number }
    });
    Some((period, unit.code, used + taken))
}

/// "/day": a slash counts only behind "times".
pub(super) fn slash_per(tokens: &Tokens<'_>, at: usize) -> Option<(Number, &'static str, usize)> {
    if !tokens.is_mark(at, &['/']) {
        return None;
    }
    let (unit, factor, taken) = time_unit(tokens, at + 1)?;
    Some((factor, unit.code, 1 + taken))
}

/// "daily", "weekly", "fortnightly".
fn adverb(word: &str) -> Option<(Number, &'static str)> {
    Some(match word {
        "daily" => (one(), "d"),
        "weekly" => (one(), "wk"),
        "fortnightly" => (two(), "wk"),
        "monthly" => (one(), "mo"),
        "hourly" => (one(), "h"),
        "yearly" | "annually" => (one(), "a"),
        _ => return None,
    })
}

/// A number or a range of them; the last may stand alone. A spaced hyphen is told.
pub(super) fn range(tokens: &Tokens<'_>, at: usize) -> Option<(Option<Number>, Number, usize, bool)> {
    let first = tokens.number(at).filter(|number| !number.value.is_zero())?;
    let is_hyphen = tokens.is_mark(at + 1, &['-']);
    if (is_hyphen || matches!(tokens.word(at + 1), "to" | "or"))
        && let Some(last) = tokens.number(at + 2)
    {
        let is_spaced = is_hyphen && !(tokens.is_tight(at + 1) && tokens.is_tight(at + 2));
        return (first.value < last.value).then(|| (Some(first.clone()), last.clone(), 3, is_spaced));
    }
    Some((None, first.clone(), 1, false))
}

/// A unit of time at a place; a fortnight is two weeks.
pub(super) fn time_unit(tokens: &Tokens<'_>, at: usize) -> Option<(&'static Unit, Number, usize)> {
    if matches!(tokens.word(at), "fortnight" | "fortnights") {
        return Some((units::by_word("week")?, two(), 1));
    }
    let (unit, used) = unit(tokens, at)?;
    (unit.measure == Measure::Time).then(|| (unit, one(), used))
}

pub(super) fn one() -> Number {
    Number { text: "1".to_owned(), value: Decimal::ONE, is_word: false }
}

pub(super) fn two() -> Number {
    Number { text: "2".to_owned(), value: Decimal::TWO, is_word: false }
}
