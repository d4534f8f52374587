//! Amounts, rates and the greatest doses.

use super::super::units::{self, Measure, Unit};
use super::fact::{Amount, Fact, Said};
use super::token::{Kind, Number, Tokens};
use rust_decimal::Decimal;

/// A digit beyond this without a unit may be millilitres or milligrams as well as pieces.
const MOST_PIECES_IN_DIGITS: i64 = 4;

/// A number at a place, "half", "one and a half", "1/2", "1 1/2"; with how many tokens and whether a slash made it.
fn number(tokens: &Tokens<'_>, at: usize) -> Option<(Number, usize, bool)> {
    let part = |word: &str| match word {
        "half" => Some(Decimal::new(5, 1)),
        "quarter" => Some(Decimal::new(25, 2)),
        _ => None,
    };
    let article = usize::from(tokens.word(at) == "a");
    if let Some(value) = part(tokens.word(at + article)) {
        return Some((Number::of_value(value), 1 + article, false));
    }
    let whole = tokens.number(at)?;
    if let Some(used) = tokens.matches(at + 1, "and a half|quarter") {
        let value = part(tokens.word(at + used))?;
        return whole.value.is_integer().then(|| (Number::of_value(whole.value + value), 1 + used, false));
    }
    if let Some(value) = slash(tokens, at) {
        return Some((Number::of_value(value), 3, true));
    }
    if let Some(value) = slash(tokens, at + 1).filter(|_| whole.value.is_integer() && !tokens.is_tight(at + 1)) {
        return Some((Number::of_value(whole.value + value), 4, true));
    }
    Some((whole.clone(), 1, false))
}

/// `1/2`, `1/4`, `3/4`, written without spaces and with nothing more behind.
fn slash(tokens: &Tokens<'_>, at: usize) -> Option<Decimal> {
    let (above, below) = (tokens.number(at)?, tokens.number(at + 2)?);
    let is_one = tokens.is_mark(at + 1, &['/']) && tokens.is_tight(at + 1) && tokens.is_tight(at + 2);
    let goes_on = tokens.is_mark(at + 3, &['/']);
    let value = match (above.text.as_str(), below.text.as_str()) {
        ("1", "2") => Decimal::new(5, 1),
        ("1", "4") => Decimal::new(25, 2),
        ("3", "4") => Decimal::new(75, 2),
        _ => return None,
    };
    (is_one && !goes_on).then_some(value)
}

/// A unit at a place and how many tokens it takes.
pub fn unit(tokens: &Tokens<'_>, at: usize) -> Option<(&'static Unit, usize)> {
    if tokens.word(at) == "international" {
        return tokens
            .matches(at, "international unit|units")
            .and_then(|used| Some((units::by_word("international unit")?, used)));
    }
    let word = tokens.word(at);
    (!word.is_empty()).then(|| units::by_word(word)).flatten().map(|unit| (unit, 1))
}

/// A unit that a dose can have: no time and no per cent.
fn dose_unit(tokens: &Tokens<'_>, at: usize) -> Option<(&'static Unit, usize)> {
    unit(tokens, at).filter(|(unit, _)| unit.measure != Measure::Time && unit.word != "percent")
}

/// "5ml spoonful": how many millilitres one is, and how many tokens.
fn spoonful(tokens: &Tokens<'_>, at: usize) -> Option<(Number, usize)> {
    let each = tokens.number(at)?;
    let (unit, used) = unit(tokens, at + 1)?;
    let is_spoon = matches!(tokens.word(at + 1 + used), "spoonful" | "spoonfuls" | "spoon" | "spoons");
    (unit.word == "millilitre" && is_spoon).then(|| (each.clone(), used + 2))
}

/// An amount at a place, with how many tokens it takes; `needs_unit` refuses bare numbers.
pub fn amount(tokens: &Tokens<'_>, at: usize, needs_unit: bool) -> Option<(Amount, usize)> {
    let up_to = tokens.matches(at, "up to");
    let mut used = up_to.unwrap_or(0);
    if let Some((each, taken)) = spoonful(tokens, at + used) {
        let amount = exactly(each, Said::Unit(units::by_word("millilitre")?), up_to.is_some());
        return Some((amount, used + taken));
    }
    let (first, taken, by_slash) = number(tokens, at + used)?;
    used += taken;
    // "half a tablet", "half of a tablet"
    if first.value < Decimal::ONE {
        used += usize::from(tokens.word(at + used) == "of");
        used += usize::from(matches!(tokens.word(at + used), "a" | "an"));
    }
    let own = dose_unit(tokens, at + used);
    let behind = used + own.map_or(0, |(_, taken)| taken);
    if let Some((range, taken)) = up_to.is_none().then(|| range(tokens, at, &first, own, behind)).flatten() {
        return (!by_slash).then_some((range, taken));
    }
    if own.is_none()
        && let Some((each, taken)) = spoonful(tokens, at + used + usize::from(tokens.word(at + used) == "x"))
    {
        let total = Number::of_value((first.value * each.value).normalize());
        let taken = taken + usize::from(tokens.word(at + used) == "x");
        let amount = exactly(total, Said::Unit(units::by_word("millilitre")?), up_to.is_some());
        return Some((amount, used + taken));
    }
    match own {
        Some((unit, taken)) => {
            // "1/2 tablets" may be one or two of them.
            let is_plural = tokens.word(at + used) != unit.word && unit.measure == Measure::Pieces;
            let is_sure = !(is_ratio(tokens, at + behind) || by_slash && is_plural);
            is_sure.then(|| (exactly(first, Said::Unit(unit), up_to.is_some()), used + taken))
        }
        None => {
            let is_few = first.is_word || is_pieces(&first);
            let is_sure =
                is_few && !by_slash && !first.value.is_zero() && up_to.is_none() && !is_odd(tokens, at + used);
            (is_sure && !needs_unit).then(|| (exactly(first, Said::Nothing, false), used))
        }
    }
}

/// Whether digits without a unit may be taken for pieces.
fn is_pieces(number: &Number) -> bool {
    number.value <= Decimal::from(MOST_PIECES_IN_DIGITS) && number.value.is_integer()
}

fn exactly(number: Number, unit: Said, is_range: bool) -> Amount {
    Amount { low: None, high: number, is_range, unit, low_unit: None }
}

/// "1-2 tablets", "2.5ml to 5ml", "one or two"; the least may bring its own unit.
fn range(
    tokens: &Tokens<'_>,
    at: usize,
    first: &Number,
    own: Option<(&'static Unit, usize)>,
    behind: usize,
) -> Option<(Amount, usize)> {
    let joins = at + behind;
    let is_hyphen = tokens.is_mark(joins, &['-']);
    if !is_hyphen && !matches!(tokens.word(joins), "to" | "or") {
        return None;
    }
    let (last, taken, by_slash) = number(tokens, joins + 1)?;
    let mut used = behind + 1 + taken;
    let mut unit = dose_unit(tokens, at + used);
    if let Some((each, taken)) = spoonful(tokens, at + used).filter(|_| own.is_none()) {
        let total = |number: &Number| Number::of_value((number.value * each.value).normalize());
        let ml = units::by_word("millilitre")?;
        let amount = Amount {
            low: Some(total(first)),
            high: total(&last),
            is_range: true,
            unit: Said::Unit(ml),
            low_unit: None,
        };
        return (first.value < last.value).then_some((amount, used + taken));
    }
    used += unit.map_or(0, |(_, taken)| taken);
    // "1 - 3 times a day" is one dose three times, or one to three times.
    let is_spaced = is_hyphen && !(tokens.is_tight(joins) && tokens.is_tight(joins + 1));
    let is_times = matches!(tokens.word(at + used), "times" | "time" | "x" | "hourly");
    if by_slash || unit.is_none() && (is_spaced || is_times || own.is_some()) {
        return None;
    }
    if is_ratio(tokens, at + used) {
        return None;
    }
    let is_few = |number: &Number| number.is_word || is_pieces(number);
    if unit.is_none() && !(is_few(first) && is_few(&last)) {
        return None;
    }
    let measured = unit.take().map(|(unit, _)| unit);
    let low_unit = own.map(|(own, _)| own).filter(|own| measured.is_some_and(|unit| unit.word != own.word));
    let factor = |unit: Option<&Unit>| Decimal::from(unit.map_or(1, |unit| unit.factor));
    let same = low_unit
        .is_none_or(|low| measured.is_some_and(|unit| unit.measure == low.measure && unit.measure != Measure::Pieces));
    let rises = first.value * factor(low_unit.or(measured)) < last.value * factor(measured);
    let amount = Amount {
        low: Some(first.clone()),
        high: last,
        is_range: true,
        unit: measured.map_or(Said::Nothing, Said::Unit),
        low_unit,
    };
    (same && rises).then_some((amount, used))
}

/// Whether what follows makes a strength or a rate of the amount ("250mg/5ml").
fn is_ratio(tokens: &Tokens<'_>, at: usize) -> bool {
    let is_of_time = |index: usize| {
        let index = index + usize::from(tokens.number(index).is_some());
        unit(tokens, index).is_some_and(|(unit, _)| unit.measure == Measure::Time)
    };
    (tokens.is_mark(at, &['/']) || tokens.word(at) == "per") && !is_of_time(at + 1) && tokens.word(at + 1) != "dose"
        || tokens.is_mark(at, &['%'])
}

/// Whether a bare number goes on in a way that makes it no amount.
fn is_odd(tokens: &Tokens<'_>, at: usize) -> bool {
    let is_joined = tokens.is_tight(at) && !tokens.is_mark(at, &['.', ',', ';', ')', ':']);
    let is_glued = is_joined && super::words::latin(tokens.word(at)).is_none();
    let is_time = unit(tokens, at).is_some_and(|(unit, _)| unit.measure == Measure::Time);
    // "1 - 3 times a day" is one three times a day, or one to three times a day.
    let is_dashed = tokens.is_mark(at, &['-']) && tokens.number(at + 1).is_some();
    // "4 weekly" is every four weeks, or four once a week; "2 and 8am" may be two times of day.
    let is_period = matches!(tokens.word(at), "weekly" | "monthly" | "yearly" | "fortnightly");
    let is_clock = tokens.word(at) == "and"
        && (matches!(tokens.word(at + 2), "am" | "pm")
            || matches!(tokens.at(at + 1).map(|token| &token.kind), Some(Kind::Clock(_))));
    let is_one =
        at.checked_sub(1).and_then(|before| tokens.number(before)).is_some_and(|number| number.value == Decimal::ONE);
    is_glued
        || is_dashed
        || is_clock
        || is_period && !is_one
        || is_time
        || tokens.is_mark(at, &['/', '%', ':'])
        || matches!(tokens.word(at), "x" | "times" | "time" | "hourly" | "am" | "pm" | "or" | "to" | "and")
            && tokens.matches(at, "to be").is_none()
            && tokens.matches(at, "and").is_none()
}

/// "at a rate of 30 millilitre per hour", "2 litres per minute".
pub fn rate(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let mut used = tokens.matches(at, "at a rate of").unwrap_or(0);
    let is_named = used > 0;
    let (first, taken, by_slash) = number(tokens, at + used)?;
    used += taken;
    let mut low = None;
    let mut high = first;
    if tokens.is_mark(at + used, &['-']) || tokens.word(at + used) == "to" {
        let (last, taken, _) = number(tokens, at + used + 1)?;
        low = Some(high);
        high = last;
        used += 1 + taken;
    }
    let (measured, taken) = dose_unit(tokens, at + used)?;
    used += taken;
    let is_per = tokens.is_mark(at + used, &['/']) || tokens.word(at + used) == "per";
    let is_every = is_named && tokens.word(at + used) == "every";
    if by_slash || !(is_per || is_every) {
        return None;
    }
    used += 1;
    let span = tokens.number(at + used).filter(|_| is_every).cloned();
    used += usize::from(span.is_some());
    let (time, taken) = unit(tokens, at + used)?;
    let is_short = matches!(time.word, "hour" | "minute" | "second");
    if time.measure != Measure::Time || !(is_named || is_short) || measured.measure == Measure::Pieces {
        return None;
    }
    let is_range = low.is_some();
    let amount = Amount { low, high, is_range, unit: Said::Unit(measured), low_unit: None };
    let span = span.or_else(|| Number::digits("1"))?;
    Some((Fact::Rate(amount, span, time), used + taken))
}

const MOST: &[&str] = &[
    "up to a max|maximum ?dose ?of",
    "max|maximum ?daily ?dose ?of ?is",
    "no|not more than",
    "not to exceed",
    "do not|n't exceed",
    "don't exceed",
    "do not ?take ?use ?give more than",
    "don't take more than",
    "?to a max|maximum ?dose ?of",
];

/// "max 8 in 24 hours", "no more than 4 g a day", "up to a maximum of 2 milligram per dose".
pub fn most(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    if let Some(used) = tokens.matches(at, "up to")
        && let Some((amount, taken)) = amount(tokens, at + used, true).filter(|(amount, _)| !amount.is_range)
        && tokens.matches(at + used + taken, "in|within").is_some()
        && let Some((number, time, more)) = in_time(tokens, at + used + taken)
    {
        return Some((Fact::MostInTime(amount, number, time), used + taken + more));
    }
    let mut used = MOST.iter().find_map(|pattern| tokens.matches(at, pattern))?;
    let names_day = (at..at + used).any(|index| tokens.word(index) == "daily");
    while tokens.is_mark(at + used, &['.', ':', '=']) {
        used += 1;
    }
    let (amount, taken) = greatest_amount(tokens, at + used)?;
    used += taken;
    if amount.is_range {
        return None;
    }
    if let Some(taken) = tokens.matches(at + used, "per dose").or_else(|| tokens.matches(at + used, "at a time")) {
        return Some((Fact::MostAtOnce(amount), used + taken));
    }
    if let Some(taken) = tokens.matches(at + used, "for|in|per ?the lifetime of ?the patient") {
        return Some((Fact::MostInLife(amount), used + taken));
    }
    let one = Number::digits("1")?;
    if let Some((number, time, taken)) = in_time(tokens, at + used) {
        return (!names_day).then_some((Fact::MostInTime(amount, number, time), used + taken));
    }
    names_day.then_some((Fact::MostInTime(amount, one, units::by_word("day")?), used))
}

/// The amount behind "max": a number without unit is read here, whatever its size.
fn greatest_amount(tokens: &Tokens<'_>, at: usize) -> Option<(Amount, usize)> {
    if let Some(found) = amount(tokens, at, true) {
        return Some(found);
    }
    let (number, used, by_slash) = number(tokens, at)?;
    let is_time = unit(tokens, at + used).is_some_and(|(unit, _)| unit.measure == Measure::Time);
    (!by_slash && !is_time).then(|| (exactly(number, Said::Nothing, false), used))
}

/// "in 24 hours", "/24h", "per day", "a day", "daily": the time and how many tokens.
fn in_time(tokens: &Tokens<'_>, at: usize) -> Option<(Number, &'static Unit, usize)> {
    let one = Number::digits("1")?;
    if tokens.word(at) == "daily" {
        return Some((one, units::by_word("day")?, 1));
    }
    let joins = tokens.matches(at, "in|within ?any ?a ?each");
    let joins = joins.or_else(|| tokens.matches(at, "per|every|each|a|/"));
    let mut used = joins.or_else(|| tokens.is_mark(at, &['/']).then_some(1))?;
    let number = tokens.number(at + used).cloned();
    used += usize::from(number.is_some());
    used += usize::from(number.is_some() && tokens.is_mark(at + used, &['-']));
    let (time, taken) = unit(tokens, at + used).filter(|(unit, _)| unit.measure == Measure::Time)?;
    used += taken;
    used += usize::from(tokens.word(at + used) == "period");
    Some((number.unwrap_or(one), time, used))
}
