//! A text as a row of phrases, each understood or not.

use super::amount;
use super::fact::{Fact, Item, Placed};
use super::token::{Kind, Tokens};
use super::words;
use super::{course, day, often};

/// Reads the whole text from left to right.
pub fn scan(tokens: &Tokens<'_>) -> Vec<Placed> {
    let of_eyes = (0..tokens.len()).any(|index| {
        matches!(tokens.word(index), "eye" | "eyes" | "drop" | "drops" | "ocular" | "ophthalmic" | "ear" | "ears")
    });
    let mut row: Vec<Placed> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let has_dose = row.iter().any(|placed| matches!(placed.item, Item::Fact(Fact::Dose(_))));
        let behind_dose = row.last().is_some_and(|placed| matches!(placed.item, Item::Fact(Fact::Dose(_))));
        let behind_unit = row.last().is_some_and(|placed| {
            matches!(&placed.item, Item::Fact(Fact::Dose(amount)) if amount.unit != super::fact::Said::Nothing)
        });
        if let Some((item, used)) = one(tokens, at, &Around { of_eyes, behind_dose, behind_unit, has_dose }) {
            row.push(Placed { item, from: at, to: at + used.max(1) });
            at += used.max(1);
            continue;
        }
        let end = not_understood(tokens, at);
        row.push(Placed { item: Item::Unknown, from: at, to: end });
        at = end;
    }
    row
}

struct Around {
    of_eyes: bool,
    behind_dose: bool,
    behind_unit: bool,
    has_dose: bool,
}

/// A negation hides all that follows in its sentence; any other word hides itself.
fn not_understood(tokens: &Tokens<'_>, at: usize) -> usize {
    if !words::NEGATIONS.contains(&tokens.word(at)) {
        return at + 1;
    }
    (at + 1..tokens.len()).find(|index| tokens.is_mark(*index, &['.', ';', '\n'])).unwrap_or(tokens.len())
}

fn one(tokens: &Tokens<'_>, at: usize, around: &Around) -> Option<(Item, usize)> {
    let rules: [&dyn Fn() -> Option<(Fact, usize)>; 19] = [
        &|| amount::most(tokens, at),
        &|| between_doses(tokens, at),
        &|| needed(tokens, at),
        &|| then_stop(tokens, at),
        &|| instruction(tokens, at),
        &|| purpose(tokens, at),
        &|| course::bounds(tokens, at),
        &|| course::over(tokens, at),
        &|| amount::rate(tokens, at),
        &|| course::count(tokens, at),
        &|| day::events(tokens, at, around.behind_dose),
        &|| often::often(tokens, at, around.of_eyes, around.behind_unit),
        &|| day::times_of_day(tokens, at, around.has_dose),
        &|| course::dates(tokens, at),
        &|| day::days(tokens, at),
        &|| route(tokens, at),
        &|| method(tokens, at),
        &|| site(tokens, at),
        &|| dose(tokens, at),
    ];
    if let Some((fact, used)) = rules.iter().find_map(|rule| rule()) {
        return Some((Item::Fact(fact), used));
    }
    gap(tokens, at)
}

fn gap(tokens: &Tokens<'_>, at: usize) -> Option<(Item, usize)> {
    let comma = usize::from(tokens.is_mark(at, &[',', ';', '.']));
    if let Some(used) = tokens.matches(at + comma, "and ?then").filter(|used| *used == 2) {
        return Some((Item::Then, comma + used));
    }
    if let Some(used) = tokens.matches(at + comma, "then").or_else(|| tokens.matches(at + comma, "followed by")) {
        return Some((Item::Then, comma + used));
    }
    if tokens.word(at + comma) == "and" {
        return Some((Item::Gap, comma + 1));
    }
    if matches!(tokens.word(at), "please") {
        return Some((Item::Gap, 1));
    }
    let is_mark = tokens.is_mark(at, &[',', ';', '.', ':', '\n', '&', '+', '(', ')']);
    // A hyphen that touches a number is a sign or half a range; a comma within digits is a decimal point.
    let next_is_number = tokens.number(at + 1).is_some() && tokens.is_tight(at + 1);
    let is_dash = tokens.is_mark(at, &['-']) && !next_is_number;
    let is_within = is_mark && next_is_number && tokens.is_tight(at) && tokens.number(at.checked_sub(1)?).is_some();
    ((is_mark && !is_within) || is_dash).then_some((Item::Gap, 1))
}

fn dose(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    if tokens.matches(at, "( unit not stated )").is_some() {
        return None;
    }
    if let Some(aside) = equivalent(tokens, at) {
        return Some(aside);
    }
    // "take a tablet"
    if matches!(tokens.word(at), "a" | "an")
        && let Some((unit, used)) = amount::unit(tokens, at + 1)
        && unit.measure == super::super::units::Measure::Pieces
        && tokens.word(at + 1) == unit.word
    {
        let high = super::token::Number::of_value(rust_decimal::Decimal::ONE);
        let amount = super::fact::Amount {
            low: None,
            high,
            is_range: false,
            unit: super::fact::Said::Unit(unit),
            low_unit: None,
        };
        return Some((Fact::Dose(amount), 1 + used));
    }
    // A number with a unit may be any; a bare one is read by the stricter rule, unless the text says it has no unit.
    let (amount, used) = match amount::amount(tokens, at, true) {
        Some(found) => found,
        None => amount::amount(tokens, at, false)?,
    };
    let said_so = tokens.matches(at + used, "( unit not stated )").unwrap_or(0);
    Some((Fact::Dose(amount), used + said_so))
}

/// "(5-10mg)" behind an amount tells it in another measure and is kept as it stands.
fn equivalent(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    if !tokens.is_mark(at, &['(']) {
        return None;
    }
    let (_, used) = amount::amount(tokens, at + 1, true)?;
    let end = at + 1 + used;
    tokens.is_mark(end, &[')']).then(|| (Fact::Instruction(tokens.slice(at, end + 1).to_owned()), used + 2))
}

/// "at least 4 hours between doses", kept as it stands: R4 has no element for it.
fn between_doses(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    const PATTERNS: &[&str] = &[
        "?leave ?a ?at least|minimum|min ?of # hours|minutes|hour|hrs|h between ?each doses|dose",
        "?leave # hours|minutes|hour|hrs|h between ?each doses|dose",
        "at least # hours|minutes|hour|hrs|h apart",
        "at least # minutes|hours|hour before|after food|breakfast|meals",
        "# - # minutes|hours before|after food|breakfast|meals",
    ];
    let used = PATTERNS.iter().find_map(|pattern| tokens.matches(at, pattern))?;
    Some((Fact::Instruction(tokens.slice(at, at + used).to_owned()), used))
}

fn needed(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let used = words::NEEDED.iter().find_map(|pattern| tokens.matches(at, pattern))?;
    if let Some(lead) = tokens.matches(at + used, "for")
        && let Some(taken) = reasons(tokens, at + used + lead)
    {
        let from = at + used + lead;
        return Some((Fact::Needed(Some(tokens.slice(from, from + taken).to_owned())), used + lead + taken));
    }
    Some((Fact::Needed(None), used))
}

/// How many tokens name known reasons, one or a list.
fn reasons(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let reason = |at: usize| {
        let degree = usize::from(matches!(tokens.word(at), "mild" | "moderate" | "severe"));
        let named = words::REASONS.iter().filter_map(|pattern| tokens.matches(at + degree, pattern)).max();
        named.map(|used| degree + used)
    };
    let mut used = tokens.matches(at, "?the ?your").unwrap_or(0);
    used += reason(at + used)?;
    loop {
        let comma = usize::from(tokens.is_mark(at + used, &[',', '/', '&']));
        let gap = comma + usize::from(matches!(tokens.word(at + used + comma), "and" | "or"));
        let Some(taken) = (gap > 0).then(|| reason(at + used + gap)).flatten() else { return Some(used) };
        used += gap + taken;
    }
}

/// "for pain" without "when required" says what it is for, and is kept as it stands.
fn purpose(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let lead = tokens.matches(at, "for")?;
    let used = lead + reasons(tokens, at + lead)?;
    Some((Fact::Instruction(tokens.slice(at, at + used).to_owned()), used))
}

fn then_stop(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let comma = usize::from(tokens.is_mark(at, &[',', ';']));
    Some((Fact::ThenStop, comma + tokens.matches(at + comma, "?and then stop")?))
}

fn instruction(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let used = words::INSTRUCTIONS.iter().filter_map(|pattern| tokens.matches(at, pattern)).max()?;
    let text = tokens.slice(at, at + used);
    // "Apply thinly" is the method and how.
    if tokens.word(at) == "apply" {
        return None;
    }
    Some((Fact::Instruction(text.to_owned()), used))
}

fn route(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let best = words::ROUTES.iter().filter_map(|(pattern, code)| Some((*code, tokens.matches(at, pattern)?)));
    let (code, used) = best.filter(|(_, used)| *used > 0).max_by_key(|(_, used)| *used)?;
    Some((Fact::Route(code), used + usize::from(tokens.word(at + used) == "route")))
}

/// "Take", "to be taken", "should be applied"; a participle needs its "be".
fn method(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    const SAID: &[(&str, &str, &str)] = &[
        ("continuous infusion", "Continuous infusion", "261754007"),
        ("intermittent bolus", "Intermittent bolus", "397884008"),
        ("infusion", "Infusion", "129330003"),
    ];
    for (pattern, words, code) in SAID {
        if let Some(used) = tokens.matches(at, pattern) {
            return Some((Fact::Method(words, code), used));
        }
    }
    let passive = ["?is ?are to be", "should be", "must be"].iter().find_map(|pattern| tokens.matches(at, pattern));
    let lead = passive.unwrap_or(0);
    let verb = tokens.word(at + lead);
    let (forms, words, code) = words::METHODS.iter().find(|(forms, ..)| forms.split('|').any(|form| form == verb))?;
    let is_participle = forms.split('|').next_back() == Some(verb);
    (is_participle == passive.is_some()).then_some((Fact::Method(words, code), lead + 1))
}

fn site(tokens: &Tokens<'_>, at: usize) -> Option<(Fact, usize)> {
    let lead = tokens.matches(at, "to|in|into|on|onto ?the ?your");
    let start = at + lead.unwrap_or(0);
    let used = words::SITES.iter().filter_map(|pattern| tokens.matches(start, pattern)).max()?;
    let is_sided = matches!(tokens.word(start), "left" | "right" | "both" | "each" | "affected" | "upper" | "lower");
    if lead.is_none() && !is_sided {
        return None;
    }
    // "in each eye" and "affected area" stand as they are said.
    Some((Fact::Site(tokens.slice(start, start + used).to_owned()), lead.unwrap_or(0) + used))
}

/// Places where an abbreviation or a way of writing numbers is known to be misread: first token, how many, and why.
pub fn dangers(tokens: &Tokens<'_>) -> Vec<(usize, usize, &'static str, &'static str)> {
    let mut all = Vec::new();
    for index in 0..tokens.len() {
        let said = match tokens.word(index) {
            "u" | "ius" if index > 0 && tokens.number(index - 1).is_some() => {
                Some(("dangerous-abbreviation", "U is misread as a nought; write units"))
            }
            "iu" => Some(("dangerous-abbreviation", "IU is misread as IV or 10; write units")),
            "µg" | "μg" | "ug" => Some(("dangerous-abbreviation", "µg is misread as mg; write micrograms")),
            "qd" | "qod" => {
                Some(("dangerous-abbreviation", "qd and qod are misread for one another and for qid; write it out"))
            }
            _ => None,
        };
        all.extend(said.map(|(key, why)| (index, 1, key, why)));
        let Some(token) = tokens.at(index).filter(|token| matches!(token.kind, Kind::Number(_))) else { continue };
        let written = tokens.text.get(token.start..token.end).unwrap_or_default();
        if written.starts_with('.') {
            all.push((index, 1, "naked-decimal", "a point without a nought before it is overlooked"));
        }
        let has_unit = amount::unit(tokens, index + 1).is_some();
        if has_unit && written.contains('.') && written.ends_with('0') {
            all.push((index, 1, "trailing-zero", "a nought behind the point is misread as ten times as much"));
        }
    }
    all
}
