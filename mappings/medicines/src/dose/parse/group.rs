//! Phrases gathered into Dosages, and the checks that they go together.

use super::super::meaning::slot;
use super::super::units::Measure;
use super::fact::{Amount, Fact, Item, Placed, Said};

use std::collections::BTreeSet;

/// The phrases of one Dosage.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What is said, with the tokens that say it.
    pub facts: Vec<(Fact, usize, usize)>,
    /// Whether it comes after the group before it, not together with it.
    pub is_then: bool,
    /// The tokens that say so.
    then_at: Option<(usize, usize)>,
}

impl Group {
    /// The first fact of a name.
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.iter().map(|(fact, ..)| fact).find(|fact| fact.name() == name)
    }

    /// The dose.
    pub fn dose(&self) -> Option<&Amount> {
        self.facts.iter().find_map(|(fact, ..)| match fact {
            Fact::Dose(amount) => Some(amount),
            _ => None,
        })
    }

    /// The events of the day of all phrases that name some.
    pub fn events(&self) -> Vec<&'static str> {
        let mut all: Vec<&'static str> = Vec::new();
        for (fact, ..) in &self.facts {
            if let Fact::Events(codes, _) = fact {
                codes.iter().for_each(|code| {
                    if !all.contains(code) {
                        all.push(code)
                    }
                });
            }
        }
        all
    }
}

/// Groups, and the token ranges that do not go together with the rest.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The Dosages.
    pub groups: Vec<Group>,
    /// What contradicts, repeats or leaves open what it belongs to: first token and the one behind the last.
    pub stray: Vec<(usize, usize)>,
}

/// Gathers the phrases: a second dose behind a gap or "then" begins a new Dosage.
pub fn gather(row: &[Placed]) -> Gathered {
    let mut gathered = Gathered::default();
    let mut group = Group::default();
    let mut last_gap = None;
    for (index, placed) in row.iter().enumerate() {
        match &placed.item {
            Item::Unknown => {}
            Item::Gap => last_gap = Some(group.facts.len()),
            Item::Then => {
                let done = std::mem::replace(
                    &mut group,
                    Group { facts: Vec::new(), is_then: true, then_at: Some((placed.from, placed.to)) },
                );
                // "then" at the beginning or twice in a row follows nothing.
                if done.facts.is_empty() {
                    gathered.stray.push((placed.from, placed.to));
                } else {
                    gathered.groups.push(done);
                }
                last_gap = None;
            }
            Item::Fact(fact) => {
                if matches!(fact, Fact::Dose(_)) && group.dose().is_some() {
                    let place = last_gap.filter(|at| splits(&group, *at)).or_else(|| ends_with_when(&group));
                    match place {
                        Some(at) => {
                            let tail = group.facts.split_off(at);
                            let done = std::mem::replace(&mut group, Group { facts: tail, ..Group::default() });
                            gathered.groups.push(done);
                        }
                        None => gathered.stray.push((placed.from, placed.to)),
                    }
                    last_gap = None;
                }
                group.facts.push((fact.clone(), placed.from, placed.to));
            }
        }
        if index + 1 == row.len() && matches!(placed.item, Item::Then) {
            gathered.stray.push((placed.from, placed.to));
        }
    }
    if !group.facts.is_empty() {
        gathered.groups.push(group);
    }
    finish(&mut gathered);
    // Where a word is not understood anyway, nothing more need be doubted.
    if gathered.stray.is_empty() && row.iter().all(|placed| placed.item != Item::Unknown) {
        together(&gathered.groups, &mut gathered.stray);
        steps(&gathered.groups, &mut gathered.stray);
        measures(&gathered.groups, &mut gathered.stray);
    }
    gathered
}

/// Whether the dose stands in front of the gap, so that what follows is of another one.
fn splits(group: &Group, at: usize) -> bool {
    group.facts.iter().take(at).any(|(fact, ..)| matches!(fact, Fact::Dose(_)))
}

/// "1 mane 2 nocte": an event, a time or days end what the dose before it says.
fn ends_with_when(group: &Group) -> Option<usize> {
    let ends = matches!(group.facts.last(), Some((Fact::Events(..) | Fact::Times(_) | Fact::Days(_), ..)));
    let begins = matches!(group.facts.iter().find(|(fact, ..)| fact.name() != "method"), Some((Fact::Dose(_), ..)));
    (ends && begins).then_some(group.facts.len())
}

fn finish(gathered: &mut Gathered) {
    let mut stray = std::mem::take(&mut gathered.stray);
    for group in &mut gathered.groups {
        lone_number(group, &mut stray);
        meals_beside_times(group);
        doubles(group, &mut stray);
        counts(group, &mut stray);
    }
    if gathered.groups.len() > 1 {
        inherit(&mut gathered.groups);
        shared(&mut gathered.groups, &mut stray);
    }
    other_days(&mut gathered.groups, &mut stray);
    gathered.stray = stray;
}

/// A number with nothing around it may be anything.
fn lone_number(group: &Group, stray: &mut Vec<(usize, usize)>) {
    if let [(Fact::Dose(amount), from, to)] = group.facts.as_slice()
        && amount.unit == Said::Nothing
    {
        stray.push((*from, *to));
    }
}

/// FHIR has no `when` beside a `timeOfDay` (tim-10): "at 8am with food" keeps the food as an instruction.
fn meals_beside_times(group: &mut Group) {
    if group.fact("times").is_none() {
        return;
    }
    for (fact, ..) in &mut group.facts {
        let words = match fact {
            Fact::Events(codes, None) => match codes.as_slice() {
                ["C"] => "with food",
                ["AC"] => "before food",
                ["PC"] => "after food",
                _ => continue,
            },
            _ => continue,
        };
        *fact = Fact::Instruction(words.to_owned());
    }
}

/// One fact of a kind; an equal one more is no harm, another one is.
fn doubles(group: &mut Group, stray: &mut Vec<(usize, usize)>) {
    let mut kept: Vec<(Fact, usize, usize)> = Vec::new();
    for (fact, from, to) in std::mem::take(&mut group.facts) {
        let many = matches!(fact, Fact::Instruction(_) | Fact::ThenStop);
        let before = kept.iter().find(|(other, ..)| other.name() == fact.name()).map(|(other, ..)| other.clone());
        let joins = |other: &Fact| matches!((other, &fact), (Fact::Events(_, None), Fact::Events(_, None)));
        match before {
            Some(_) if many => {
                if !kept.iter().any(|(other, ..)| *other == fact) {
                    kept.push((fact, from, to));
                }
            }
            Some(other) if joins(&other) => kept.push((fact, from, to)),
            Some(other) if other == fact => {}
            Some(_) => stray.push((from, to)),
            None => kept.push((fact, from, to)),
        }
    }
    group.facts = kept;
}

/// Whether an event of the day happens once a day; a person has as many meals as they have.
pub fn is_once_a_day(code: &str) -> bool {
    !matches!(code, "C" | "AC" | "PC")
}

/// How many times a day events happen: "at night, before bed" is one.
pub fn times_a_day(events: &[&str]) -> usize {
    let slots: BTreeSet<&str> = events.iter().filter(|code| is_once_a_day(code)).map(|code| slot(code).0).collect();
    slots.len()
}

/// Times, events, days and how often must say the same number.
fn counts(group: &mut Group, stray: &mut Vec<(usize, usize)>) {
    let events = group.events();
    let daily = times_a_day(&events);
    let times = match group.fact("times") {
        Some(Fact::Times(times)) => times.len(),
        _ => 0,
    };
    let days = match group.fact("days") {
        Some(Fact::Days(days)) => days.len(),
        _ => 0,
    };
    let often = group.facts.iter().find_map(|(fact, from, to)| match fact {
        Fact::Often(often) => Some((often.clone(), *from, *to)),
        _ => None,
    });
    let place =
        |name: &str| group.facts.iter().find(|(fact, ..)| fact.name() == name).map(|(_, from, to)| (*from, *to));
    if times > 0 && !events.is_empty() {
        stray.extend(place("when"));
    }
    let recurs = ["frequency", "when", "times", "days"].iter().any(|name| group.fact(name).is_some());
    let stat = group.facts.iter().find(|(fact, ..)| *fact == Fact::Stat).filter(|_| recurs);
    stray.extend(stat.map(|(_, from, to)| (*from, *to)));
    let Some((often, from, to)) = often else { return };
    let is_day = often.unit == "d";
    let said = often.times.as_ref().map(|times| times.text.clone());
    let named = if daily > 0 { daily } else { times };
    let is_equal = |count: usize| said.as_deref().is_none_or(|said| said == count.to_string());
    let by_the_day = named == 0 || (is_day && often.times_max.is_none() && is_equal(named));
    let by_the_week =
        often.unit == "wk" && often.period.text == "1" && often.times_max.is_none() && is_equal(days.max(1));
    let is_of_days = days == 0 || (is_day && often.period.text == "1") || by_the_week && named <= 1;
    let is_weekly_event = days > 0 && by_the_week && named <= 1;
    if !((by_the_day || is_weekly_event) && is_of_days) {
        stray.push((from, to));
    }
}

/// A bare number in a later Dosage has the pieces of the one before; a method and a route hold for all.
fn inherit(groups: &mut [Group]) {
    let mut unit = Said::Nothing;
    for group in groups.iter_mut() {
        for (fact, ..) in &mut group.facts {
            if let Fact::Dose(amount) = fact {
                match (amount.unit, unit) {
                    (Said::Nothing, Said::Unit(before)) if before.measure == Measure::Pieces => amount.unit = unit,
                    _ => unit = amount.unit,
                }
            }
        }
    }
    for name in ["method", "route"] {
        let first = groups.first().and_then(|group| group.facts.iter().find(|(fact, ..)| fact.name() == name)).cloned();
        let Some(first) = first else { continue };
        for group in groups.iter_mut().filter(|group| group.fact(name).is_none()) {
            group.facts.push(first.clone());
        }
    }
}

/// What only one of several Dosages says may be meant for all: then nobody can tell.
fn shared(groups: &mut [Group], stray: &mut Vec<(usize, usize)>) {
    let all_together = groups.iter().skip(1).all(|group| !group.is_then);
    for name in [
        "prn",
        "duration",
        "max",
        "max at once",
        "max in life",
        "site",
        "route",
        "method",
        "instruction",
        "dose",
        "count",
        "over",
        "dates",
    ] {
        let count = groups.iter().filter(|group| group.fact(name).is_some()).count();
        let may_be_own = !all_together && matches!(name, "prn" | "duration" | "count" | "over" | "dates" | "site");
        if count == 0 || count == groups.len() || may_be_own {
            continue;
        }
        // What stands before a "then" is of its own step.
        let is_own = !all_together && matches!(name, "instruction" | "max" | "max at once" | "max in life");
        let own = if is_own { groups.len().saturating_sub(1) } else { 0 };
        for (fact, from, to) in groups.iter().skip(own).flat_map(|group| &group.facts) {
            if fact.name() == name && !matches!(fact, Fact::ThenStop) {
                stray.push((*from, *to));
            }
        }
    }
    // How often must be said of each, or of none.
    let says_when =
        |group: &Group| ["frequency", "when", "times", "days", "count"].iter().any(|name| group.fact(name).is_some());
    let silent = groups.iter().filter(|group| !says_when(group)).count();
    if silent > 0 && silent < groups.len() {
        for group in groups.iter().filter(|group| !says_when(group)) {
            stray.extend(
                group.facts.first().map(|(_, from, _)| *from).zip(group.facts.iter().map(|(_, _, to)| *to).max()),
            );
        }
    }
}

/// Doses side by side are at other parts of the day or on other days; all else may be steps one after the other
/// ("4 a day for 2 days, 3 a day for 2 days").
fn together(groups: &[Group], stray: &mut Vec<(usize, usize)>) {
    let mut place = 0;
    let mut placed: Vec<(usize, &Group)> = Vec::new();
    for group in groups {
        place += usize::from(group.is_then);
        placed.push((place, group));
    }
    for (index, (step, group)) in placed.iter().enumerate() {
        let beside = placed.iter().enumerate().filter(|(other, (place, _))| *other != index && place == step);
        let mut has_neighbour = false;
        for (_, (_, other)) in beside {
            has_neighbour = true;
            if !are_apart(group, other) {
                stray.extend(whole(group));
            }
        }
        let bounded = group.facts.iter().filter(|(fact, ..)| has_neighbour && fact.name() == "duration");
        stray.extend(bounded.map(|(_, from, to)| (*from, *to)));
    }
}

/// "two in the morning then one at night" is one day; a step ends by its length, its count or its dates.
fn steps(groups: &[Group], stray: &mut Vec<(usize, usize)>) {
    for (before, group) in groups.iter().zip(groups.iter().skip(1)) {
        let ends = ["duration", "count", "dates"].iter().any(|name| before.fact(name).is_some());
        stray.extend(group.then_at.filter(|_| !ends));
    }
}

/// Doses of one medicine are counted or measured in one way.
fn measures(groups: &[Group], stray: &mut Vec<(usize, usize)>) {
    let of = |amount: &Amount| match amount.unit {
        Said::Nothing => None,
        Said::Unit(unit) => Some((unit.measure, if unit.measure == Measure::Pieces { unit.word } else { "" })),
    };
    let first = groups.iter().find_map(Group::dose).map(of);
    for (fact, from, to) in groups.iter().flat_map(|group| &group.facts) {
        if let Fact::Dose(amount) = fact
            && first.is_some_and(|first| first != of(amount))
        {
            stray.push((*from, *to));
        }
    }
}

/// Whether two Dosages name parts of the day, times or days that have nothing in common.
fn are_apart(one: &Group, other: &Group) -> bool {
    let parts = |group: &Group| -> BTreeSet<String> {
        let slots = group.events().into_iter().filter(|code| is_once_a_day(code)).map(|code| slot(code).0.to_owned());
        let times = group
            .facts
            .iter()
            .flat_map(|(fact, ..)| if let Fact::Times(times) = fact { times.clone() } else { Vec::new() });
        slots.chain(times).collect()
    };
    let days = |group: &Group| -> BTreeSet<&'static str> {
        let named = group
            .facts
            .iter()
            .flat_map(|(fact, ..)| if let Fact::Days(days) = fact { days.clone() } else { Vec::new() });
        named.collect()
    };
    let (parts, days) = ((parts(one), parts(other)), (days(one), days(other)));
    let of_parts = !parts.0.is_empty() && !parts.1.is_empty() && parts.0.is_disjoint(&parts.1);
    let of_days = !days.0.is_empty() && !days.1.is_empty() && days.0.is_disjoint(&days.1);
    of_parts || of_days
}

/// All tokens of a Dosage, from its first phrase to its last; a method or route that it shares is not its own.
fn whole(group: &Group) -> Option<(usize, usize)> {
    let own = group.facts.iter().filter(|(fact, ..)| !matches!(fact, Fact::Method(..) | Fact::Route(_)));
    let (from, to) = own.fold((usize::MAX, 0), |(first, last), (_, from, to)| (first.min(*from), last.max(*to)));
    (from < to).then_some((from, to))
}

/// "other days" are those that the Dosages together with it do not name.
fn other_days(groups: &mut [Group], stray: &mut Vec<(usize, usize)>) {
    let named: Vec<&'static str> = groups
        .iter()
        .flat_map(|group| &group.facts)
        .flat_map(|(fact, ..)| if let Fact::Days(days) = fact { days.clone() } else { Vec::new() })
        .collect();
    let rest: Vec<&'static str> =
        super::super::terms::DAYS.iter().map(|(code, _)| *code).filter(|code| !named.contains(code)).collect();
    let is_one = groups.iter().filter(|group| group.fact("days") == Some(&Fact::OtherDays)).count() == 1;
    for (fact, from, to) in groups.iter_mut().flat_map(|group| &mut group.facts) {
        if *fact == Fact::OtherDays {
            if named.is_empty() || rest.is_empty() || !is_one {
                stray.push((*from, *to));
            } else {
                *fact = Fact::Days(rest.clone());
            }
        }
    }
}
