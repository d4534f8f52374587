//! The course: for how long, from when to when, how many times in all, over which time one dose goes in.

use super::super::units::{self, Unit};
use super::day::{clock_list, event, join};
use super::fact::{Fact, Span};
use super::often::{every, one, per, range, slash_per, time_unit, two};
use super::token::{Kind, Number, Tokens};
use super::words;

/// For how long: "for 7 days", "for 5/7", "for 2 to 3 weeks", "until 25/12/2026", "from ... to ...".
pub fn bounds(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    if let Some(used) = tokens.matches(at, "until|till") {
        let (end, taken) = date(tokens, at + used)?;
        return Some((Fact::Between(None, Some(end)), used + taken));
    }
    if let Some(used) = tokens.matches(at, "from") {
        let (start, taken) = date(tokens, at + used)?;
        let behind = used + taken;
        if let Some(joined) = tokens.matches(at + behind, "to|until|till")
            && let Some((end, taken)) = date(tokens, at + behind + joined)
        {
            return (start <= end).then_some((Fact::Between(Some(start), Some(end)), behind + joined + taken));
        }
        return Some((Fact::Between(Some(start), None), behind));
    }
    let mut used = tokens.matches(at, "for")?;
    let is_least = tokens.matches(at + used, "at least").is_some();
    let is_most = tokens.matches(at + used, "up to").is_some();
    used += if is_least || is_most { 2 } else { 0 };
    if let Some((number, unit)) = slash_span(tokens, at + used) {
        return Some((Fact::For(Span { low: None, high: Some(number), is_most: false, unit }), used + 3));
    }
    let (low, high, taken) = match range(tokens, at + used) {
        Some((low, high, taken, _)) => (low, high, taken),
        None => (None, one(), tokens.matches(at + used, "a|one")?),
    };
    used += taken;
    let (unit, factor, taken) = time_unit(tokens, at + used)?;
    let scaled = |number: Number| {
        let value = number.value * factor.value;
        Number { text: value.normalize().to_string(), value, is_word: number.is_word }
    };
    let (low, high) = match (low, is_least, is_most) {
        (None, true, _) => (Some(scaled(high)), None),
        (Some(_), true, _) | (Some(_), _, true) => return None,
        (low, ..) => (low.map(scaled), Some(scaled(high))),
    };
    Some((Fact::For(Span { low, high, is_most, unit }), used + taken))
}

/// "5/7" is five days, "2/52" two weeks, "1/12" one month.
fn slash_span(tokens: &Tokens<'_>, at: usize) -> Option<(Number, &'static Unit)> {
    let (count, of) = (tokens.number(at)?, tokens.number(at + 2)?);
    let unit = match of.text.as_str() {
        "7" => "day",
        "52" => "week",
        "12" => "month",
        _ => return None,
    };
    let is_one = tokens.is_mark(at + 1, &['/']) && tokens.is_tight(at + 1) && tokens.is_tight(at + 2);
    (is_one && count.value.is_integer() && !tokens.is_mark(at + 3, &['/']))
        .then(|| Some((count.clone(), units::by_word(unit)?)))?
}

/// "on 25/01/2019 and 25/02/2019".
pub fn dates(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let mut used = tokens.matches(at, "on")?;
    let (first, taken) = date(tokens, at + used)?;
    used += taken;
    let mut dates = vec![first];
    loop {
        let gap = join(tokens, at + used);
        let Some((next, taken)) = (gap > 0).then(|| date(tokens, at + used + gap)).flatten() else { break };
        dates.push(next);
        used += gap + taken;
    }
    Some((Fact::Dates(dates), used))
}

/// A date with its year in four digits: `25/12/2026`, `25 December 2026`, `25-Dec-2026`.
fn date(tokens: &Tokens<'_>, at: usize) -> Option<(String, usize)> {
    if let Some(Kind::Date(date)) = tokens.at(at).map(|token| &token.kind) {
        return Some((date.clone(), 1));
    }
    let day: i8 = tokens.number(at)?.text.parse().ok()?;
    let mut used = 1 + usize::from(tokens.is_mark(at + 1, &['-']));
    used += usize::from(tokens.is_tight(at + 1) && matches!(tokens.word(at + 1), "st" | "nd" | "rd" | "th"));
    let month = words::month(tokens.word(at + used))?;
    used += 1;
    used += usize::from(tokens.is_mark(at + used, &['-']));
    let year = tokens.number(at + used).filter(|year| year.text.len() == 4)?;
    let date = jiff::civil::Date::new(year.text.parse().ok()?, month, day).ok()?;
    Some((date.to_string(), used + 1))
}

/// "over 4 hours (maximum 6 hours)".
pub fn over(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let mut used = tokens.matches(at, "over")?;
    let number = tokens.number(at + used)?.clone();
    let (unit, _, taken) = time_unit(tokens, at + used + 1)?;
    used += 1 + taken;
    let mut most = None;
    if tokens.matches(at + used, "( maximum|max #").is_some()
        && let Some((same, _, taken)) = time_unit(tokens, at + used + 3)
        && same.word == unit.word
        && tokens.is_mark(at + used + 3 + taken, &[')'])
    {
        most = tokens.number(at + used + 2).cloned();
        used += 4 + taken;
    }
    Some((Fact::Over(number, most, unit), used))
}

/// "take once", "take 3 to 5 times", "single dose", "once only", "stat".
pub fn count(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    if tokens.word(at) == "stat" {
        return Some((Fact::Stat, 1));
    }
    if let Some(used) = tokens.matches(at, "as a single dose").or_else(|| tokens.matches(at, "once only")) {
        return Some((Fact::Count(one(), None), used));
    }
    let lead = tokens.matches(at, "take")?;
    let goes_on = |used: usize| {
        per(tokens, at + used).is_some()
            || slash_per(tokens, at + used).is_some()
            || event(tokens, at + used, false).is_some()
            || every(tokens, at + used).is_some()
            || clock_list(tokens, at + used).is_some()
    };
    let found = match tokens.word(at + lead) {
        "once" => (Fact::Count(one(), None), lead + 1),
        "twice" => (Fact::Count(two(), None), lead + 1),
        _ => {
            let (low, high, taken, is_spaced) = range(tokens, at + lead)?;
            if is_spaced || tokens.word(at + lead + taken) != "times" {
                return None;
            }
            let fact = match low {
                Some(low) => Fact::Count(low, Some(high)),
                None => Fact::Count(high, None),
            };
            (fact, lead + taken + 1)
        }
    };
    (!goes_on(found.1)).then_some(found)
}
