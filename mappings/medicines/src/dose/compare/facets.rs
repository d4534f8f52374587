//! Each thing that text and structure may both say, compared.

use super::super::concept::Concept;
use super::super::dosage::{Bounds, Dosage, Dose};
use super::super::finding::{DoseKey, Severity};
use super::super::meaning::{self, Extent, Of};
use super::super::parse::{Words, route_of_words};
use super::super::quantity::Quantity;
use super::super::{render, terms, units};
use super::{Comparison, Contradiction, Verdict};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Compares what one dose of the text says with the structure.
pub fn compare(said: &Dosage, words: &[(&'static str, Words)], structure: &Dosage, is_whole: bool) -> Comparison {
    let mut sides = Sides { said, structure, words, is_whole, contradictions: Vec::new(), open: Vec::new() };
    sides.dose();
    sides.rate();
    sides.frequency();
    sides.events();
    sides.days();
    sides.need();
    sides.most();
    sides.course();
    sides.counts();
    sides.route();
    sides.site();
    Comparison {
        verdict: Verdict::CannotTell,
        contradictions: sides.contradictions,
        open: sides.open,
        not_understood: Vec::new(),
    }
}

struct Sides<'s> {
    said: &'s Dosage,
    structure: &'s Dosage,
    words: &'s [(&'static str, Words)],
    is_whole: bool,
    contradictions: Vec<Contradiction>,
    open: Vec<String>,
}

impl Sides<'_> {
    fn contradicts(&mut self, kind: &'static str, about: &[&str], path: &str, text: String, structure: String) {
        let (key, severity) = match kind {
            "dose" => (DoseKey::ContradictedDose, Severity::Error),
            "unit" => (DoseKey::ContradictedUnit, Severity::Error),
            "frequency" => (DoseKey::ContradictedFrequency, Severity::Error),
            "route" => (DoseKey::ContradictedRoute, Severity::Error),
            "prn" => (DoseKey::ContradictedNeed, Severity::Warning),
            "max" => (DoseKey::ContradictedMost, Severity::Warning),
            "days" => (DoseKey::ContradictedDays, Severity::Warning),
            _ => (DoseKey::ContradictedDuration, Severity::Warning),
        };
        let words = about.iter().find_map(|name| self.words.iter().find(|(known, _)| known == name));
        let words = words.map(|(_, words)| words.clone());
        let path = path.to_owned();
        self.contradictions.push(Contradiction {
            kind,
            severity,
            key,
            words,
            path,
            text_says: text,
            structure_says: structure,
        });
    }

    /// Notes what one side says alone, unless the structure has the text's words in an instruction.
    fn only(&mut self, what: &str, about: &str, text: bool, structure: bool) {
        match (text, structure) {
            (true, false) if self.is_in_instructions(about) => {}
            (true, false) => self.open.push(format!("only the text says the {what}")),
            (false, true) => self.open.push(format!("only the structure says the {what}")),
            _ => {}
        }
    }

    fn is_in_instructions(&self, about: &str) -> bool {
        let mut own: Vec<String> = self.structure.additional_instruction.iter().map(lower).collect();
        own.extend(self.structure.patient_instruction.iter().map(|text| text.to_lowercase()));
        let mut words = self
            .words
            .iter()
            .filter(|(known, _)| *known == about)
            .map(|(_, words)| words.text.to_lowercase())
            .peekable();
        words.peek().is_some() && words.all(|words| own.iter().any(|own| own.contains(&words)))
    }

    fn dose(&mut self) {
        let path = dose_path(self.structure);
        let (said, sent) = (meaning::dose(self.said), meaning::dose(self.structure));
        // A dose in a unit such as millilitre per hour is a rate.
        if sent.is_some() && meaning::rate(self.structure).is_some() && self.said.dose().is_none() {
            return;
        }
        let sent_there = self.structure.dose().is_some();
        self.only("dose", "dose", self.said.dose().is_some(), sent_there);
        let (Some(said), Some(sent)) = (said, sent) else {
            if self.said.dose().is_some() && sent_there {
                self.open.push("the doses cannot be compared".to_owned());
            }
            return;
        };
        self.amounts("dose", &["dose"], &path, &said, &sent, (self.said.clone(), self.structure.clone()));
    }

    /// Two amounts: the same, the structure within the text's range, another number, another unit.
    fn amounts(
        &mut self,
        kind: &'static str,
        about: &[&str],
        path: &str,
        said: &Extent,
        sent: &Extent,
        told: (Dosage, Dosage),
    ) {
        let words = (dose_words(&told.0), dose_words(&told.1));
        match same_kind(&said.of, &sent.of) {
            Some(true) => {
                if sent.low == said.low && sent.high == said.high {
                    return;
                }
                if sent.is_within(said) {
                    self.open.push(format!("the structure's {kind} lies within the text's"));
                    return;
                }
                let is_unit = kind == "dose" && same_numbers(&told);
                self.contradicts(if is_unit { "unit" } else { kind }, about, path, words.0, words.1);
            }
            Some(false) => self.contradicts(if kind == "dose" { "unit" } else { kind }, about, path, words.0, words.1),
            None => self.open.push(format!("the units of the {kind} cannot be compared")),
        }
    }

    fn rate(&mut self) {
        let (said, sent) = (meaning::rate(self.said), meaning::rate(self.structure));
        let is_there = |dosage: &Dosage| dosage.dose_and_rate.iter().any(|part| part.rate.is_some());
        match (said, sent) {
            (Some(said), Some(sent)) => {
                let close = |one: Decimal, other: Decimal| (one - other).abs() <= Decimal::new(1, 9);
                let is_same = said.of == sent.of
                    && close(said.low, sent.low)
                    && said.high.zip(sent.high).is_some_and(|(said, sent)| close(said, sent));
                if said.of != sent.of {
                    self.open.push("the rates cannot be compared".to_owned());
                } else if !is_same {
                    let words = (render_words(self.said), render_words(self.structure));
                    self.contradicts("dose", &["rate", "dose"], "doseAndRate[0].rate", words.0, words.1);
                }
            }
            (said, sent) => {
                let (text, structure) =
                    (said.is_some() || is_there(self.said), sent.is_some() || is_there(self.structure));
                self.only("rate", "rate", text, structure);
                if text && structure {
                    self.open.push("the rates cannot be compared".to_owned());
                }
            }
        }
    }

    fn frequency(&mut self) {
        let (said, sent) = (meaning::often(&self.said.timing), meaning::often(&self.structure.timing));
        let timing = |dosage: &Dosage| {
            dosage.timing.frequency.is_some() || dosage.timing.period.is_some() || dosage.timing.code.is_some()
        };
        let (Some(said), Some(sent)) = (&said, &sent) else {
            self.only("frequency", "frequency", said.is_some(), sent.is_some() || timing(self.structure));
            return;
        };
        let factor = if said.is_rough || sent.is_rough { Decimal::new(11, 1) } else { Decimal::new(1001, 3) };
        let le = |one: Decimal, other: Decimal| one <= other * factor;
        let mut is_same = false;
        let mut is_within = false;
        for (low, high) in &said.rates {
            for (sent_low, sent_high) in &sent.rates {
                let below = le(*sent_low, *low) && le(*sent_high, *high);
                let above = le(*low, *sent_low) && le(*high, *sent_high);
                is_same |= below && above;
                is_within |= le(*low, *sent_low) && le(*sent_high, *high);
            }
        }
        if (is_same || is_within) && sent.is_double {
            self.open.push("the structure's frequency and times of the day differ".to_owned());
        } else if !is_same && is_within {
            self.open.push("the structure's frequency lies within the text's".to_owned());
        } else if !is_same {
            let words = (frequency_words(self.said), frequency_words(self.structure));
            self.contradicts(
                "frequency",
                &["frequency", "when", "times", "days"],
                "timing.repeat.frequency",
                words.0,
                words.1,
            );
        }
    }

    fn events(&mut self) {
        let (said, sent) = (&self.said.timing, &self.structure.timing);
        let parts = (meaning::parts_of_day(said), meaning::parts_of_day(sent));
        let words = (listed_events(&said.when), listed_events(&sent.when));
        let relations = |codes: &[String]| -> BTreeSet<(&'static str, &'static str)> {
            codes.iter().map(|code| meaning::slot(code)).filter(|(_, relation)| !relation.is_empty()).collect()
        };
        let related = (relations(&said.when), relations(&sent.when));
        let (said_when, sent_when) = (!said.when.is_empty(), !sent.when.is_empty());
        let (said_times, sent_times) = (said.time_of_day.clone(), sent.time_of_day.clone());
        let other_part = !parts.0.is_empty() && !parts.1.is_empty() && parts.0 != parts.1;
        let crossed = related
            .0
            .iter()
            .any(|(slot, relation)| related.1.iter().any(|(other, sent)| slot == other && relation != sent))
            && related.0 != related.1;
        let other_offset = said_when && sent_when && said.offset != sent.offset;
        let is_other_code = said.when.iter().collect::<BTreeSet<_>>() != sent.when.iter().collect::<BTreeSet<_>>();
        if other_part || crossed || other_offset {
            self.contradicts("frequency", &["when"], "timing.repeat.when", words.0, words.1);
        } else if said_when && sent_when && is_other_code {
            self.open.push("the times of the day are told in other words".to_owned());
        }
        self.only("time of the day", "when", said_when && sent_times.is_empty(), sent_when && said_times.is_empty());
        let as_set = |times: &[String]| -> BTreeSet<String> {
            times.iter().map(|time| time.chars().take(5).collect()).collect()
        };
        if !said_times.is_empty() && !sent_times.is_empty() && as_set(&said_times) != as_set(&sent_times) {
            self.contradicts(
                "frequency",
                &["times"],
                "timing.repeat.timeOfDay",
                said_times.join(", "),
                sent_times.join(", "),
            );
        } else {
            self.only("clock time", "times", !said_times.is_empty(), !sent_times.is_empty());
        }
    }

    fn days(&mut self) {
        let set = |dosage: &Dosage| -> BTreeSet<String> { dosage.timing.day_of_week.iter().cloned().collect() };
        let (said, sent) = (set(self.said), set(self.structure));
        if !said.is_empty() && !sent.is_empty() && said != sent {
            let words = |set: &[String]| {
                terms::listed(&set.iter().map(|day| terms::day(day).unwrap_or(day).to_owned()).collect::<Vec<_>>())
            };
            let words = (words(&self.said.timing.day_of_week), words(&self.structure.timing.day_of_week));
            self.contradicts("days", &["days"], "timing.repeat.dayOfWeek", words.0, words.1);
        } else {
            self.only("days of the week", "days", !said.is_empty(), !sent.is_empty());
        }
    }

    fn need(&mut self) {
        let is_needed = |dosage: &Dosage| dosage.as_needed == Some(true) || !dosage.as_needed_for.is_empty();
        let (said, sent) = (is_needed(self.said), is_needed(self.structure));
        let path = if self.structure.as_needed_for.is_empty() { "asNeededBoolean" } else { "asNeededCodeableConcept" };
        // A text that is not wholly understood may say it in words that nobody knows.
        if said != sent && (said || self.is_whole) {
            let words = |needed: bool| if needed { "as required" } else { "nothing of as required" }.to_owned();
            self.contradicts("prn", &["prn"], path, words(said), words(sent));
        }
        let reason = |dosage: &Dosage| dosage.as_needed_for.first().map(lower);
        let (text, structure) = (reason(self.said), reason(self.structure));
        if said && sent && text != structure {
            self.open.push("the reasons for as required are told in other words".to_owned());
        }
    }

    fn most(&mut self) {
        let in_time = |dosage: &Dosage| {
            let ratio = dosage.max_dose_per_period.first()?;
            Some((meaning::quantity(ratio.numerator.as_ref()?)?, meaning::quantity(ratio.denominator.as_ref()?)?))
        };
        let words = |dosage: &Dosage| {
            let only = Dosage { max_dose_per_period: dosage.max_dose_per_period.clone(), ..Dosage::default() };
            render::one(&only).text
        };
        let there = (!self.said.max_dose_per_period.is_empty(), !self.structure.max_dose_per_period.is_empty());
        match (in_time(self.said), in_time(self.structure)) {
            (Some((said, in_said)), Some((sent, in_sent))) => {
                let is_same_time = in_said == in_sent;
                let is_same = said.low == sent.low;
                match same_kind(&said.of, &sent.of) {
                    Some(true) if is_same && is_same_time => {}
                    Some(_) => {
                        let words = (words(self.said), words(self.structure));
                        self.contradicts("max", &["max"], "maxDosePerPeriod", words.0, words.1);
                    }
                    None => self.open.push("the greatest doses cannot be compared".to_owned()),
                }
            }
            _ if there.0 && there.1 => self.open.push("the greatest doses cannot be compared".to_owned()),
            _ => self.only("greatest dose", "max", there.0, there.1),
        }
        if self.structure.max_dose_per_period.len() > 1 {
            self.open.push("the structure has several greatest doses".to_owned());
        }
        self.single_most(
            |dosage| dosage.max_dose_per_administration.as_ref(),
            "maxDosePerAdministration",
            "max at once",
        );
        self.single_most(|dosage| dosage.max_dose_per_lifetime.as_ref(), "maxDosePerLifetime", "max in life");
    }

    fn single_most(&mut self, part: fn(&Dosage) -> Option<&Quantity>, path: &str, about: &str) {
        let (said, sent) = (part(self.said), part(self.structure));
        let meant = (said.and_then(meaning::quantity), sent.and_then(meaning::quantity));
        match meant {
            (Some(one), Some(other)) if same_kind(&one.of, &other.of) == Some(true) && one.low == other.low => {}
            (Some(one), Some(other)) if same_kind(&one.of, &other.of).is_some() => {
                let words = |quantity: Option<&Quantity>| {
                    quantity.and_then(|amount| amount.words(false, path, &mut Vec::new()))
                };
                let words = (words(said).unwrap_or_default(), words(sent).unwrap_or_default());
                self.contradicts("max", &[about], path, words.0, words.1);
            }
            (Some(_), Some(_)) => self.open.push("the greatest doses cannot be compared".to_owned()),
            _ => self.only("greatest dose", about, said.is_some(), sent.is_some()),
        }
    }

    fn course(&mut self) {
        let (said, sent) = (&self.said.timing.bounds, &self.structure.timing.bounds);
        let words = |dosage: &Dosage| {
            let mut only = Dosage::default();
            only.timing.bounds = dosage.timing.bounds.clone();
            render::one(&only).text
        };
        let is_other = match (said, sent) {
            (None, None) => return,
            (Some(Bounds::Period { start, end }), Some(Bounds::Period { start: sent_start, end: sent_end })) => {
                let day = |text: &Option<String>| text.as_ref().map(|text| text.chars().take(10).collect::<String>());
                day(start) != day(sent_start) || day(end) != day(sent_end)
            }
            (Some(_), Some(_)) => match (meaning::course(&self.said.timing), meaning::course(&self.structure.timing)) {
                (Some(said), Some(sent)) => said != sent,
                _ => {
                    self.open.push("the lengths of the course cannot be compared".to_owned());
                    return;
                }
            },
            (said, sent) => {
                self.only("length of the course", "duration", said.is_some(), sent.is_some());
                return;
            }
        };
        if is_other {
            let words = (words(self.said), words(self.structure));
            self.contradicts("duration", &["duration"], "timing.repeat.bounds", words.0, words.1);
        }
    }

    fn counts(&mut self) {
        let (said, sent) = (&self.said.timing, &self.structure.timing);
        let show = |number: &Option<super::super::number::Number>| {
            number.as_ref().map_or("nothing".to_owned(), ToString::to_string)
        };
        let mut other = Vec::new();
        let mut lone = Vec::new();
        for (what, about, path, text, structure) in [
            ("count", "count", "timing.repeat.count", &said.count, &sent.count),
            ("greatest count", "count", "timing.repeat.countMax", &said.count_max, &sent.count_max),
            ("duration of a dose", "over", "timing.repeat.duration", &said.duration, &sent.duration),
            ("longest duration of a dose", "over", "timing.repeat.durationMax", &said.duration_max, &sent.duration_max),
        ] {
            match (text, structure) {
                (Some(one), Some(two)) if one == two => {}
                (Some(_), Some(_)) => other.push((about, path, show(text), show(structure))),
                _ => lone.push((what, about, text.is_some(), structure.is_some())),
            }
        }
        if said.duration.is_some() && sent.duration.is_some() && said.duration_unit != sent.duration_unit {
            let word = |unit: &Option<String>| unit.as_deref().and_then(units::time).map(|(unit, _)| unit.word);
            if word(&said.duration_unit) != word(&sent.duration_unit) {
                let show = |unit: &Option<String>| unit.clone().unwrap_or_default();
                other.push((
                    "over",
                    "timing.repeat.durationUnit",
                    show(&said.duration_unit),
                    show(&sent.duration_unit),
                ));
            }
        }
        let dates =
            |dates: &[String]| -> Vec<String> { dates.iter().map(|date| date.chars().take(10).collect()).collect() };
        if !said.event.is_empty() && !sent.event.is_empty() && dates(&said.event) != dates(&sent.event) {
            other.push(("dates", "timing.event", said.event.join(", "), sent.event.join(", ")));
        } else {
            lone.push(("dates", "dates", !said.event.is_empty(), !sent.event.is_empty()));
        }
        for (about, path, text, structure) in other {
            self.contradicts("duration", &[about], path, text, structure);
        }
        lone.into_iter().for_each(|(what, about, text, structure)| self.only(what, about, text, structure));
    }

    fn route(&mut self) {
        let (Some(said), Some(sent)) = (&self.said.route, &self.structure.route) else { return };
        let central = |code: &str| if code == "418114005" { "47625008".to_owned() } else { code.to_owned() };
        let sent_code =
            sent.snomed_code().map(str::to_owned).or_else(|| route_of_words(&lower(sent)).map(str::to_owned));
        match (said.snomed_code().map(central), sent_code.as_deref().map(central)) {
            (Some(said), Some(sent)) if said == sent => {}
            (Some(one), Some(_)) => {
                let text = terms::route(&one).unwrap_or_default().to_owned();
                let structure = lower(sent);
                self.contradicts("route", &["route"], "route", text, structure);
            }
            _ => self.open.push("the routes cannot be compared".to_owned()),
        }
    }

    fn site(&mut self) {
        let (Some(said), Some(sent)) = (&self.said.site, &self.structure.site) else { return };
        let (said, sent) = (lower(said), lower(sent));
        let side = |words: &str| {
            ["left", "right", "both", "each"]
                .into_iter()
                .find(|side| words.contains(side))
                .map(|side| if side == "each" { "both" } else { side })
        };
        match (side(&said), side(&sent)) {
            (Some(one), Some(other)) if one != other => self.contradicts("route", &["site"], "site", said, sent),
            _ if said != sent => self.open.push("the sites are told in other words".to_owned()),
            _ => {}
        }
    }
}

fn lower(concept: &Concept) -> String {
    concept.words("", terms::route, &mut Vec::new()).join(" and ").to_lowercase()
}

/// Whether two amounts measure the same (true), surely not the same (false), or nobody can tell.
fn same_kind(said: &Of, sent: &Of) -> Option<bool> {
    const ALIKE: &[&[&str]] =
        &[&["puff", "actuation", "inhalation", "spray", "blister"], &["tablet", "caplet"], &["patch", "plaster"]];
    match (said, sent) {
        (Of::Measure(one), Of::Measure(other)) => (one == other).then_some(true),
        (Of::Pieces(one), Of::Pieces(other)) => {
            let is_alike = one == other || ALIKE.iter().any(|words| words.contains(one) && words.contains(other));
            let is_general = |word: &str| matches!(word, "dose" | "application" | "injection");
            if !is_alike && (is_general(one) || is_general(other)) { None } else { Some(is_alike) }
        }
        (Of::Unnamed, Of::Pieces(_) | Of::Unnamed) | (Of::Pieces(_), Of::Unnamed) => Some(true),
        (Of::Other(one), Of::Other(other)) => (one == other).then_some(true),
        _ => None,
    }
}

/// Whether the numbers are the same and only the units differ.
fn same_numbers((said, sent): &(Dosage, Dosage)) -> bool {
    let number = |dosage: &Dosage| match dosage.dose() {
        Some(Dose::Quantity(quantity)) => quantity.value.clone(),
        Some(Dose::Range(range)) => range.high.as_ref().and_then(|high| high.value.clone()),
        None => None,
    };
    number(said).is_some() && number(said) == number(sent)
}

fn dose_path(dosage: &Dosage) -> String {
    let path = dosage.dose_and_rate.iter().find_map(|part| part.dose.as_ref().map(|(_, path)| path.clone()));
    path.unwrap_or_else(|| "doseAndRate".to_owned())
}

fn dose_words(dosage: &Dosage) -> String {
    let only = Dosage { dose_and_rate: dosage.dose_and_rate.clone(), ..Dosage::default() };
    render::one(&only).text
}

fn render_words(dosage: &Dosage) -> String {
    dose_words(dosage)
}

fn frequency_words(dosage: &Dosage) -> String {
    let mut only = Dosage { timing: dosage.timing.clone(), ..Dosage::default() };
    only.timing.bounds = None;
    only.timing.count = None;
    only.timing.event.clear();
    render::one(&only).text
}

fn listed_events(codes: &[String]) -> String {
    terms::listed(&codes.iter().map(|code| terms::event(code).unwrap_or(code).to_owned()).collect::<Vec<_>>())
}

/// Units whose words and code say different things: a contradiction where both are physical, else open.
pub fn unit_and_code(structure: &Dosage, compared: &mut Comparison) {
    for (quantity, path) in quantities(structure) {
        let word = quantity.unit.as_deref().and_then(units::by_word);
        let code = quantity.code.as_deref().and_then(|code| units::by_code(quantity.system.as_deref(), code));
        let (Some(word), Some(code)) = (word, code) else { continue };
        let is_activity = |unit: &units::Unit| unit.measure == units::Measure::Activity;
        if word.word == code.word || is_activity(word) && is_activity(code) {
            continue;
        }
        if word.measure == units::Measure::Pieces || code.measure == units::Measure::Pieces {
            compared.open.push(format!("the unit of {path} is {} and its code that of {}", word.word, code.word));
            continue;
        }
        compared.contradictions.push(Contradiction {
            kind: "unit",
            severity: Severity::Error,
            key: DoseKey::ContradictedUnit,
            words: None,
            path,
            text_says: format!("the unit {}", word.word),
            structure_says: format!("the code of {}", code.word),
        });
    }
}

/// The amounts of the doses and the greatest doses, with their elements.
fn quantities(structure: &Dosage) -> Vec<(&Quantity, String)> {
    let mut all = Vec::new();
    for (dose, path) in structure.dose_and_rate.iter().filter_map(|part| part.dose.as_ref()) {
        match dose {
            Dose::Quantity(quantity) => all.push((quantity, path.clone())),
            Dose::Range(range) => all.extend(range.low.iter().chain(&range.high).map(|end| (end, path.clone()))),
        }
    }
    for ratio in &structure.max_dose_per_period {
        let ends = ratio.numerator.iter().chain(&ratio.denominator);
        all.extend(ends.map(|end| (end, "maxDosePerPeriod".to_owned())));
    }
    if let Some(Bounds::Duration(quantity)) = &structure.timing.bounds {
        all.push((quantity, "timing.repeat.boundsDuration".to_owned()));
    }
    all
}
