//! When in the day and the week: events of the day, days of the week, times of day.

use super::super::terms::DAYS;
use super::fact::Fact;
use super::often::time_unit;
use super::token::{Kind, Number, Tokens};
use super::words;
use rust_decimal::Decimal;

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

/// One event of the day at a place; "on" is o.n. only where `allows_on` and nothing can follow it.
pub(super) fn event(tokens: &Tokens<'_>, at: usize, allows_on: bool) -> Option<(&'static str, usize)> {
    let best = words::EVENTS.iter().filter_map(|(pattern, code)| Some((*code, tokens.matches(at, pattern)?)));
    if let Some(found) = best.max_by_key(|(_, used)| *used) {
        return Some(found);
    }
    let is_last =
        tokens.at(at + 1).is_none() || tokens.is_mark(at + 1, &['.', ',', ';']) || tokens.word(at + 1) == "prn";
    (allows_on && tokens.word(at) == "on" && is_last).then_some(("NIGHT", 1))
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
    let place = |code: &str| DAYS.iter().position(|(known, _)| *known == code);
    let (from, to) = (place(first)?, place(last)?);
    (from < to).then(|| DAYS.iter().skip(from).take(to - from + 1).map(|(code, _)| *code).collect())
}

/// Times of day: "at 8am and 8pm", "08:00, 12:00", "at 0800".
///
/// "1 am and 1 pm" is a tablet in the morning and one in the afternoon, "8 am" may be eight units: without "at", such a
/// time is read only behind a dose and from five o'clock on.
pub fn times_of_day(tokens: &Tokens<'_>, at: usize, has_dose: bool) -> Option<(Fact, usize)> {
    let lead = tokens.matches(at, "at").unwrap_or(0);
    let is_late = |number: &Number| number.value >= Decimal::from(5);
    if lead == 0 && tokens.number(at).is_some_and(|number| !(has_dose && is_late(number))) {
        return None;
    }
    let (times, used) = list_of_times(tokens, at + lead, lead > 0)?;
    Some((Fact::Times(times), lead + used))
}

pub(super) fn clock_list(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    times_of_day(tokens, at, true).map(|(_, used)| used)
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
    // "at 22.00", with both digits of the hour
    if let Some((hours, minutes)) = number.text.split_once('.').filter(|_| number.text.len() == 5 && behind_at) {
        let time = (hours.len() == 2).then(|| words::time(hours.parse().ok()?, minutes.parse().ok()?, 0)).flatten()?;
        return Some((time, 1 + usize::from(matches!(tokens.word(at + 1), "hrs" | "hours" | "h"))));
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

/// What joins two of a list.
pub(super) fn join(tokens: &Tokens<'_>, at: usize) -> usize {
    let comma = usize::from(tokens.is_mark(at, &[',', '/', '&', '+']));
    comma + usize::from(tokens.word(at + comma) == "and")
}
