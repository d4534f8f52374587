//! How often, when, on which days and for how long, in words.

use super::super::concept::Concept;
use super::super::dosage::{Bounds, Timing};
use super::super::finding::{DoseKey, Finding};
use super::super::number::Number;
use super::super::quantity::Quantity;
use super::super::{terms, units};
use super::dates;

const REPEAT: &str = "timing.repeat";

fn at(member: &str) -> String {
    format!("{REPEAT}.{member}")
}

/// The word of a unit of time in the number that the value asks for.
fn time_unit(code: Option<&str>, value: &Number, member: &str, issues: &mut Vec<Finding>) -> Option<String> {
    let Some(code) = code else {
        let text = "The time has no unit; the text does not say it.";
        issues.push(Finding::error(DoseKey::Incomplete, at(member), text));
        return None;
    };
    let Some((unit, is_code)) = units::time(code) else {
        let text = format!("{code} is no unit of time; the text does not say it.");
        issues.push(Finding::error(DoseKey::UnknownCode, at(member), text));
        return None;
    };
    if !is_code {
        let text = format!("{code} is not a code of FHIR's units of time; it is read as {}.", unit.word);
        issues.push(Finding::warning(DoseKey::UnknownCode, at(member), text));
    }
    Some(units::time_in_number(unit.word, value))
}

/// "over 4 hours (maximum 6 hours)".
pub fn duration(timing: &Timing, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    let unit = timing.duration_unit.as_deref();
    let Some(duration) = &timing.duration else {
        if timing.duration_max.is_some() {
            let text = "A longest duration without a duration; the text does not say it.";
            issues.push(Finding::error(DoseKey::Incomplete, at("durationMax"), text));
        } else if unit.is_some() {
            lone_unit("durationUnit", issues);
        }
        return;
    };
    let Some(word) = time_unit(unit, duration, "durationUnit", issues) else { return };
    let mut text = format!("over {duration} {word}");
    if let Some(longest) = &timing.duration_max
        && let Some(word) = time_unit(unit, longest, "durationUnit", &mut Vec::new())
    {
        text.push_str(&format!(" (maximum {longest} {word})"));
    }
    parts.push(text);
}

fn lone_unit(member: &str, issues: &mut Vec<Finding>) {
    issues.push(Finding::error(DoseKey::Incomplete, at(member), "A unit of time without a number."));
}

/// "twice a day", "every 6 to 8 hours", "up to 3 times a day", "daily"; a `timing.code` says it where `repeat` does not.
pub fn frequency(timing: &Timing, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    let told = often(timing, issues);
    let coded = timing.code.as_ref().and_then(|code| coded(code, told.as_deref(), timing, issues));
    parts.extend(told);
    parts.extend(coded);
}

fn often(timing: &Timing, issues: &mut Vec<Finding>) -> Option<String> {
    let is_nought = |number: &Option<Number>| number.as_ref().is_some_and(|number| number.is(0));
    for (member, number) in
        [("frequency", &timing.frequency), ("frequencyMax", &timing.frequency_max), ("period", &timing.period)]
    {
        if is_nought(number) {
            issues.push(Finding::error(DoseKey::BadValue, at(member), "Nought is not a time to give anything at."));
        }
    }
    let has_period = timing.period.is_some() || timing.period_max.is_some();
    let period = has_period.then(|| period(timing, issues));
    let times = match (&timing.frequency, &timing.frequency_max) {
        (None, None) => return without_frequency(timing, period, issues),
        (Some(times), None) if times.is(1) => return once(timing, period),
        (Some(times), None) if times.is(2) => "twice".to_owned(),
        (Some(times), None) => format!("{times} times"),
        (Some(times), Some(most)) => format!("{times} to {most} times"),
        (None, Some(most)) => format!("up to {most} times"),
    };
    match period {
        Some(period) => Some(format!("{times} {}", period?)),
        None => {
            no_unit_alone(timing, issues);
            Some(times)
        }
    }
}

fn no_unit_alone(timing: &Timing, issues: &mut Vec<Finding>) {
    if timing.period_unit.is_some() {
        lone_unit("periodUnit", issues);
    }
}

/// "a day", "every 8 hours", "every 6 to 8 hours"; nothing, with a finding, when half of it is missing.
fn period(timing: &Timing, issues: &mut Vec<Finding>) -> Option<String> {
    let Some(period) = &timing.period else {
        let text = "A longest period without a period; the text does not say how often.";
        issues.push(Finding::error(DoseKey::Incomplete, at("periodMax"), text));
        return None;
    };
    let last = timing.period_max.as_ref().unwrap_or(period);
    let unit = time_unit(timing.period_unit.as_deref(), last, "periodUnit", issues)?;
    Some(match &timing.period_max {
        Some(longest) => format!("every {period} to {longest} {unit}"),
        None if period.is(1) && unit == "hour" => "an hour".to_owned(),
        None if period.is(1) => format!("a {unit}"),
        None => format!("every {period} {unit}"),
    })
}

fn once(timing: &Timing, period: Option<Option<String>>) -> Option<String> {
    let is_one = timing.period_max.is_none() && timing.period.as_ref().is_some_and(|period| period.is(1));
    match period {
        None => Some("once".to_owned()),
        Some(period) if is_one => Some(format!("once {}", period?)),
        Some(period) => period,
    }
}

/// "daily" where the period is one; any other period says what it says, with a finding.
fn without_frequency(timing: &Timing, period: Option<Option<String>>, issues: &mut Vec<Finding>) -> Option<String> {
    let Some(period) = period else {
        no_unit_alone(timing, issues);
        return None;
    };
    let period = period?;
    let unit = timing.period_unit.as_deref().and_then(units::time).map(|(unit, _)| unit.word).unwrap_or_default();
    let is_one = timing.period_max.is_none() && timing.period.as_ref().is_some_and(|period| period.is(1));
    if is_one {
        return Some(match unit {
            "hour" => "hourly".to_owned(),
            "day" => "daily".to_owned(),
            "week" => "weekly".to_owned(),
            "month" => "monthly".to_owned(),
            "year" => "annually".to_owned(),
            _ => {
                short_period(issues);
                format!("every {unit}")
            }
        });
    }
    short_period(issues);
    Some(period)
}

fn short_period(issues: &mut Vec<Finding>) {
    let text =
        "A period without a frequency; the rules have words for a period of one hour, day, week, month or year only.";
    issues.push(Finding::warning(DoseKey::Incomplete, at("period"), text));
}

/// The words of `timing.code`, unless `repeat` says the same.
fn coded(code: &Concept, told: Option<&str>, timing: &Timing, issues: &mut Vec<Finding>) -> Option<String> {
    let known = code.codings.iter().filter_map(|coding| coding.code.as_deref()).find_map(terms::abbreviation);
    let known = known.or_else(|| code.text.as_deref().and_then(terms::abbreviation));
    let Some((frequency, period, unit, event)) = known else {
        let words = code.words("timing.code", terms::none, issues);
        return Some(terms::listed(&words)).filter(|words| !words.is_empty());
    };
    let meant = Timing {
        frequency: Some(Number::of(frequency.to_string())),
        period: Some(Number::of(period.to_string())),
        period_unit: Some(unit.to_owned()),
        ..Timing::default()
    };
    let words = often(&meant, issues)?;
    let event = event.filter(|event| !timing.when.iter().any(|when| when == event)).and_then(terms::event);
    match told {
        Some(told) if is_as_often(timing, &meant) || told == words => event.map(str::to_owned),
        Some(told) => {
            let text = format!("The code says \"{words}\" and the repeat \"{told}\"; both are printed.");
            issues.push(Finding::error(DoseKey::Conflict, "timing.code", text));
            Some(words)
        }
        None => Some([Some(words.as_str()), event].into_iter().flatten().collect::<Vec<_>>().join(" - ")),
    }
}

/// Whether a repeat and an abbreviation say the same ("daily" is once a day).
fn is_as_often(timing: &Timing, meant: &Timing) -> bool {
    let one = Number::of("1");
    timing.frequency_max.is_none()
        && timing.period_max.is_none()
        && timing.frequency.as_ref().unwrap_or(&one) == meant.frequency.as_ref().unwrap_or(&one)
        && timing.period == meant.period
        && timing.period_unit == meant.period_unit
}

/// "1 hour before a meal", "at breakfast, at lunch and at dinner".
pub fn events_of_day(timing: &Timing, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    let mut phrases = Vec::new();
    for (index, code) in timing.when.iter().enumerate() {
        match terms::event(code) {
            Some(phrase) => phrases.push(phrase.to_owned()),
            None => {
                let text = format!("{code} is no event of the day that has words; the code is printed.");
                issues.push(Finding::error(DoseKey::UnknownCode, at(&format!("when[{index}]")), text));
                phrases.push(code.clone());
            }
        }
    }
    let offset = timing.offset.as_ref().and_then(|offset| offset_words(offset, timing, issues));
    let phrases = terms::listed(&phrases);
    parts.extend(match (offset, phrases.is_empty()) {
        (_, true) => None,
        (Some(offset), false) => Some(format!("{offset} {phrases}")),
        (None, false) => Some(phrases),
    });
}

/// Minutes as hours or days where they are whole ones.
fn offset_words(offset: &Number, timing: &Timing, issues: &mut Vec<Finding>) -> Option<String> {
    let minutes = offset.text().parse::<u32>().ok();
    if timing.when.is_empty() || !timing.when.iter().all(|code| terms::takes_offset(code)) {
        let text = "An offset has words only before or after an event of the day; the text does not say it.";
        issues.push(Finding::error(DoseKey::Incomplete, at("offset"), text));
        return None;
    }
    let Some(minutes) = minutes else {
        issues.push(Finding::error(DoseKey::BadValue, at("offset"), "An offset is a whole number of minutes."));
        return None;
    };
    let (value, unit) = match minutes {
        0 => (0, "minute"),
        minutes if minutes % 1440 == 0 => (minutes / 1440, "day"),
        minutes if minutes % 60 == 0 => (minutes / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    Some(format!("{value} {}", units::time_in_number(unit, &Number::of(value.to_string()))))
}

/// "on Monday, Wednesday and Friday at 08:00".
pub fn days_and_times(timing: &Timing, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    let mut said = Vec::new();
    let words = |codes: &[String], member: &str, word: fn(&str) -> Option<String>, issues: &mut Vec<Finding>| {
        let mut all = Vec::new();
        for (index, code) in codes.iter().enumerate() {
            if let Some(word) = word(code) {
                all.push(word);
                continue;
            }
            let text = format!("{code} is none that a calendar or clock has; it is printed as it stands.");
            issues.push(Finding::error(DoseKey::BadValue, at(&format!("{member}[{index}]")), text));
            all.push(code.clone());
        }
        terms::listed(&all)
    };
    if !timing.day_of_week.is_empty() {
        let day = |code: &str| terms::day(code).map(str::to_owned);
        said.push(format!("on {}", words(&timing.day_of_week, "dayOfWeek", day, issues)));
    }
    if !timing.time_of_day.is_empty() {
        said.push(format!("at {}", words(&timing.time_of_day, "timeOfDay", dates::clock_time, issues)));
    }
    parts.extend(Some(said.join(" ")).filter(|said| !said.is_empty()));
}

/// "for 7 days", "for 2 to 4 hours", "from 24/06/2021 to 24/07/2021".
pub fn bounds(timing: &Timing, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    let words = match &timing.bounds {
        None => None,
        Some(Bounds::Duration(quantity)) => bounds_duration(quantity, issues),
        Some(Bounds::Range(range)) => {
            range.words(true, true, &at("boundsRange"), issues).map(|range| format!("for {range}"))
        }
        Some(Bounds::Period { start, end }) => bounds_period(start.as_deref(), end.as_deref(), issues),
    };
    parts.extend(words);
}

fn bounds_duration(quantity: &Quantity, issues: &mut Vec<Finding>) -> Option<String> {
    quantity.words(true, &at("boundsDuration"), issues).map(|words| format!("for {words}"))
}

fn bounds_period(start: Option<&str>, end: Option<&str>, issues: &mut Vec<Finding>) -> Option<String> {
    let mut date = |text: &str, member: &str| {
        dates::date_time(text).unwrap_or_else(|| {
            let finding = format!("{text} is no date; it is printed as it stands.");
            issues.push(Finding::error(DoseKey::BadValue, at(&format!("boundsPeriod.{member}")), finding));
            text.to_owned()
        })
    };
    match (start, end) {
        (Some(start), Some(end)) => Some(format!("from {} to {}", date(start, "start"), date(end, "end"))),
        (Some(start), None) => Some(format!("from {}", date(start, "start"))),
        (None, Some(end)) => Some(format!("until {}", date(end, "end"))),
        (None, None) => {
            issues.push(Finding::error(
                DoseKey::Incomplete,
                at("boundsPeriod"),
                "The period has neither start nor end.",
            ));
            None
        }
    }
}

/// "take once", "take 3 to 5 times".
pub fn count(timing: &Timing, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    parts.extend(match (&timing.count, &timing.count_max) {
        (None, None) => None,
        (Some(count), None) if count.is(1) => Some("take once".to_owned()),
        (Some(count), None) if count.is(2) => Some("take twice".to_owned()),
        (Some(count), None) => Some(format!("take {count} times")),
        (Some(count), Some(most)) => Some(format!("take {count} to {most} times")),
        (None, Some(_)) => {
            let text = "A greatest count without a count; the text does not say it.";
            issues.push(Finding::error(DoseKey::Incomplete, at("countMax"), text));
            None
        }
    });
}

/// "on 25/01/2019 and 25/02/2019".
pub fn events(timing: &Timing, parts: &mut Vec<String>, issues: &mut Vec<Finding>) {
    if timing.event.is_empty() {
        return;
    }
    let mut all = Vec::new();
    for (index, event) in timing.event.iter().enumerate() {
        all.push(dates::date_time(event).unwrap_or_else(|| {
            let text = format!("{event} is no date; it is printed as it stands.");
            issues.push(Finding::error(DoseKey::BadValue, format!("timing.event[{index}]"), text));
            event.clone()
        }));
    }
    parts.push(format!("on {}", terms::listed(&all)));
}
