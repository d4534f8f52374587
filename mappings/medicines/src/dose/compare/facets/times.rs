//! How often, when, on which days, for how long.

use super::super::super::dosage::{Bounds, Dosage};
use super::super::super::meaning;
use super::super::super::{render, terms, units};
use super::Sides;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

impl Sides<'_> {
    pub(super) fn frequency(&mut self) {
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

    pub(super) fn events(&mut self) {
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

    pub(super) fn days(&mut self) {
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

    pub(super) fn course(&mut self) {
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

    pub(super) fn counts(&mut self) {
        let (said, sent) = (&self.said.timing, &self.structure.timing);
        let show = |number: &Option<super::super::super::number::Number>| {
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
