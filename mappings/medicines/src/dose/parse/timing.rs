//! How often, when, on which days, for how long.

use super::super::units::{self, Measure, Unit};
use super::amount::unit;
use super::fact::{Fact, Often, Span};
use super::token::{Kind, Number, Tokens};
use super::words;
use rust_decimal::Decimal;

fn one() -> Number {
    Number { text: "1".to_owned(), value: Decimal::ONE, is_word: false }
}

fn two() -> Number {
    Number { text: "2".to_owned(), value: Decimal::TWO, is_word: false }
}

/// A unit of time at a place; a fortnight is two weeks.
fn time_unit(tokens: &Tokens<'_>, at: usize) -> Option<(&'static Unit, Number, usize)> {
    if matches!(tokens.word(at), "fortnight" | "fortnights") {
        return Some((units::by_word("week")?, two(), 1));
    }
    let (unit, used) = unit(tokens, at)?;
    (unit.measure == Measure::Time).then(|| (unit, one(), used))
}

/// A number or a range of them; the last may stand alone. A spaced hyphen is told.
fn range(tokens: &Tokens<'_>, at: usize) -> Option<(Option<Number>, Number, usize, bool)> {
    let first = tokens.number(at)?;
    let is_hyphen = tokens.is_mark(at + 1, &['-']);
    if (is_hyphen || matches!(tokens.word(at + 1), "to" | "or"))
        && let Some(last) = tokens.number(at + 2)
    {
        let is_spaced = is_hyphen && !(tokens.is_tight(at + 1) && tokens.is_tight(at + 2));
        return (first.value < last.value).then(|| (Some(first.clone()), last.clone(), 3, is_spaced));
    }
    Some((None, first.clone(), 1, false))
}

/// "a day", "per week", "daily", "/day", "in 24 hours": the period and how many tokens.
fn per(tokens: &Tokens<'_>, at: usize) -> Option<(Number, &'static str, usize)> {
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
fn slash_per(tokens: &Tokens<'_>, at: usize) -> Option<(Number, &'static str, usize)> {
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

fn often_of(times: Option<Number>, times_max: Option<Number>, period: Number, unit: &'static str) -> Fact {
    Fact::Often(Often { times, times_max, period, period_max: None, unit })
}

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
        && up_to == 0
        && let Some((fact, taken)) = every(tokens, start + used)
    {
        return Some((fact, used + taken));
    }
    let Some((period, unit, taken)) = per(tokens, start + used).or_else(|| slash_per(tokens, start + used)) else {
        let of_day = event(tokens, start + used, false).is_some_and(|(code, _)| super::group::is_once_a_day(code));
        let is_event = of_day || clock_list(tokens, start + used).is_some();
        let is_once = counted == Some("1") && up_to == 0 && is_event;
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
fn every(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
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

fn interval(low: Option<Number>, high: Number, unit: &'static str) -> Fact {
    let plain = |number: Number| Number { text: number.value.normalize().to_string(), ..number };
    let (period, period_max) = match low {
        Some(low) => (plain(low), Some(plain(high))),
        None => (plain(high), None),
    };
    Fact::Often(Often { times: Some(one()), times_max: None, period, period_max, unit })
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

/// One event of the day at a place; "on" is o.n. only where `allows_on` and nothing can follow it.
fn event(tokens: &Tokens<'_>, at: usize, allows_on: bool) -> Option<(&'static str, usize)> {
    let best = words::EVENTS.iter().filter_map(|(pattern, code)| Some((*code, tokens.matches(at, pattern)?)));
    if let Some(found) = best.max_by_key(|(_, used)| *used) {
        return Some(found);
    }
    let is_last =
        tokens.at(at + 1).is_none() || tokens.is_mark(at + 1, &['.', ',', ';']) || tokens.word(at + 1) == "prn";
    (allows_on && tokens.word(at) == "on" && is_last).then_some(("NIGHT", 1))
}

/// What joins two of a list.
fn join(tokens: &Tokens<'_>, at: usize) -> usize {
    let comma = usize::from(tokens.is_mark(at, &[',', '/', '&', '+']));
    comma + usize::from(tokens.word(at + comma) == "and")
}

/// Events of the day, one or a list, with a time before or after: "morning and night", "30 minutes before food".
pub fn events(tokens: &Tokens<'_>, at: usize, behind_dose: bool) -> Option<(Fact, usize)> {
    let (offset, mut used) = offset(tokens, at).unwrap_or((None, 0));
    if tokens.matches(at, "around").is_some()
        && tokens.at(at + 1).map(|token| &token.kind) == Some(&Kind::Clock("12:00:00".into()))
    {
        return (tokens.word(at + 2) == "pm").then(|| (Fact::Events(vec!["NOON"], None), 3));
    }
    let (code, taken) = event(tokens, at + used, behind_dose && offset.is_none())?;
    used += taken;
    let mut codes = vec![code];
    loop {
        let gap = join(tokens, at + used);
        let next = (gap > 0 && offset.is_none()).then(|| event(tokens, at + used + gap, behind_dose)).flatten();
        let Some((code, taken)) = next else { break };
        if !codes.contains(&code) {
            codes.push(code);
        }
        used += gap + taken;
    }
    Some((Fact::Events(codes, offset), used))
}

/// "30 minutes", "an hour", "half an hour" in front of "before" or "after".
fn offset(tokens: &Tokens<'_>, at: usize) -> Option<(Option<u32>, usize)> {
    let (minutes, used) = if let Some(used) = tokens.matches(at, "half an hour") {
        (30, used)
    } else if let Some(used) = tokens.matches(at, "an hour") {
        (60, used)
    } else {
        let number: u32 = tokens.number(at)?.text.parse().ok()?;
        let (unit, _, taken) = time_unit(tokens, at + 1)?;
        let each = match unit.word {
            "minute" => 1,
            "hour" => 60,
            "day" => 1440,
            _ => return None,
        };
        (number.checked_mul(each)?, 1 + taken)
    };
    matches!(tokens.word(at + used), "before" | "after").then_some((Some(minutes), used))
}

/// Days of the week: "on Mondays", "Mon/Wed/Fri", "Monday to Friday", "on weekdays", "other days".
pub fn days(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    if let Some(used) = tokens.matches(at, "?on ?all ?the other|remaining days") {
        return Some((Fact::OtherDays, used));
    }
    let mut used = tokens.matches(at, "on|every|each").unwrap_or(0);
    if let Some(days) = match tokens.word(at + used) {
        "weekday" | "weekdays" => Some(vec!["mon", "tue", "wed", "thu", "fri"]),
        "weekend" | "weekends" => Some(vec!["sat", "sun"]),
        _ => None,
    } {
        return (used > 0).then_some((Fact::Days(days), used + 1));
    }
    let first = words::day(tokens.word(at + used))?;
    used += 1;
    let is_range = tokens.is_mark(at + used, &['-']) || tokens.word(at + used) == "to";
    if let Some(last) = words::day(tokens.word(at + used + 1)).filter(|_| is_range) {
        return Some((Fact::Days(from_to(first, last)?), used + 2));
    }
    let mut days = vec![first];
    loop {
        let gap = join(tokens, at + used);
        let on = usize::from(gap > 0 && tokens.word(at + used + gap) == "on");
        let Some(day) = words::day(tokens.word(at + used + gap + on)) else { break };
        if days.contains(&day) {
            return None;
        }
        days.push(day);
        used += gap + on + 1;
    }
    Some((Fact::Days(days), used))
}

fn from_to(first: &str, last: &str) -> Option<Vec<&'static str>> {
    let place = |code: &str| super::super::terms::DAYS.iter().position(|(known, _)| *known == code);
    let (from, to) = (place(first)?, place(last)?);
    (from < to)
        .then(|| super::super::terms::DAYS.iter().skip(from).take(to - from + 1).map(|(code, _)| *code).collect())
}

/// Times of day: "at 8am and 8pm", "08:00, 12:00", "at 0800".
pub fn times_of_day(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let lead = tokens.matches(at, "at").unwrap_or(0);
    let (times, used) = list_of_times(tokens, at + lead, lead > 0)?;
    Some((Fact::Times(times), lead + used))
}

fn clock_list(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    times_of_day(tokens, at).map(|(_, used)| used)
}

fn list_of_times(tokens: &Tokens<'_>, at: usize, behind_at: bool) -> Option<(Vec<String>, usize)> {
    let (first, mut used) = one_time(tokens, at, behind_at)?;
    let mut times = vec![first];
    loop {
        let gap = join(tokens, at + used);
        let again = usize::from(gap > 0 && tokens.word(at + used + gap) == "at");
        let next = (gap > 0).then(|| one_time(tokens, at + used + gap + again, behind_at)).flatten();
        let Some((time, taken)) = next else { break };
        if times.contains(&time) {
            return None;
        }
        times.push(time);
        used += gap + again + taken;
    }
    Some((times, used))
}

fn one_time(tokens: &Tokens<'_>, at: usize, behind_at: bool) -> Option<(String, usize)> {
    let half = |index: usize| match tokens.word(index) {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    };
    if let Some(Kind::Clock(time)) = tokens.at(at).map(|token| &token.kind) {
        let (hours, rest) = time.split_once(':')?;
        return match half(at + 1) {
            Some(is_pm) => Some((format!("{:02}:{rest}", on_24_hours(hours.parse().ok()?, is_pm)?), 2)),
            None => Some((time.clone(), 1 + usize::from(matches!(tokens.word(at + 1), "hrs" | "hours" | "h")))),
        };
    }
    let number = tokens.number(at)?;
    if let Some(is_pm) = half(at + 1) {
        let (hours, minutes) = number.text.split_once('.').unwrap_or((&number.text, "00"));
        let hours = on_24_hours(hours.parse().ok()?, is_pm)?;
        return (minutes.len() == 2)
            .then(|| words::time(hours, minutes.parse().ok()?, 0))
            .flatten()
            .map(|time| (time, 2));
    }
    if number.text.len() == 4 && number.text.bytes().all(|byte| byte.is_ascii_digit()) && behind_at {
        let (hours, minutes) = number.text.split_at_checked(2)?;
        let time = words::time(hours.parse().ok()?, minutes.parse().ok()?, 0)?;
        return Some((time, 1 + usize::from(matches!(tokens.word(at + 1), "hrs" | "hours" | "h"))));
    }
    None
}

fn on_24_hours(hours: u8, is_pm: bool) -> Option<u8> {
    match (hours, is_pm) {
        // Noon and midnight are confused here too often.
        (0 | 12.., _) => (hours == 12 && is_pm).then_some(12),
        (hours, false) => Some(hours),
        (hours, true) => Some(hours + 12),
    }
}

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
