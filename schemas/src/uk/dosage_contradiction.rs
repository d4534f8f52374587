//! `dosage-contradiction`: the text of a dosage and its structured parts say the same, where both can be read for certain.
//!
//! Source: UK Core implementation guide, medicines: structured dosage and text shall be clinically equivalent. Two readers
//! of one record must not give two different doses; which of them is right nobody can tell, so that it is a warning.

mod structured;

use super::dose_text::{Amount, DoseText, MEALS, Measure, Range};
use super::medication::Kind;
use super::place::Place;
use super::read::{codes, object, objects, says, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};
use structured::{amount, number, rates};

const KEY: IssueKey = IssueKey::UkDosageContradiction;
const HINT: &str = "ask the source which is right; until then send the text alone, without structured parts";

/// The structured parts that a text can be compared with.
const PARTS: &[&str] =
    &["timing", "doseAndRate", "dose", "asNeededBoolean", "asNeededCodeableConcept", "route", "maxDosePerPeriod"];

/// A resource about medicines.
pub fn check<'a>(kind: Kind, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let root = Place::resource();
    let mut before = None;
    let mut dosages = kind.dosages(resource).peekable();
    while let Some((index, dosage)) = dosages.next() {
        let words = text(dosage, "text");
        // Dosages that repeat one text are its parts, none of them the whole.
        let next = dosages.peek().and_then(|(_, next)| text(next, "text"));
        let is_part = words.is_some() && (words == before || words == next);
        before = words;
        let is_structured = || dosage.keys().any(|name| PARTS.contains(&name.as_str()));
        let Some(said) = words.filter(|_| is_structured()).and_then(DoseText::read) else { continue };
        if said.is_intricate {
            continue;
        }
        let judged = Judged { said: &said, dosage, place: kind.dosage_place(&root, index) };
        judged.doses(report);
        judged.most(report);
        judged.route(report);
        if !is_part {
            judged.rate(report);
            judged.need(report);
            judged.bounds(report);
            judged.weekdays(report);
        }
    }
}

/// A dosage with what its text says.
struct Judged<'j, 'p, 'a> {
    said: &'j DoseText,
    dosage: &'a Map<String, Value>,
    place: Place<'p, 'a>,
}

impl<'a> Judged<'_, '_, 'a> {
    fn doses(&self, report: &mut Report<'_, 'a>) {
        let text = "The structured dose is another amount than the text says.";
        if let Some(dose) = object(self.dosage, "dose")
            && self.contradicts(dose)
        {
            report.warning(&self.place.member("dose").member("value"), KEY, text, HINT);
        }
        for (index, part) in objects(self.dosage, "doseAndRate") {
            let part_place = self.place.item("doseAndRate", index);
            if let Some(quantity) = object(part, "doseQuantity")
                && self.contradicts(quantity)
            {
                report.warning(&part_place.member("doseQuantity").member("value"), KEY, text, HINT);
            }
            if let Some(range) = object(part, "doseRange")
                && let (Some(low), Some(high)) = (object(range, "low"), object(range, "high"))
                && self.contradicts(low)
                && self.contradicts(high)
                && !self.lies_within(low, high)
            {
                report.warning(&part_place.member("doseRange"), KEY, text, HINT);
            }
        }
    }

    /// Whether the text names amounts of the same measure, and none of them is this one.
    fn contradicts(&self, quantity: &Map<String, Value>) -> bool {
        amount(quantity).is_some_and(|dose| self.amount_contradicts(dose))
    }

    fn lies_within(&self, low: &Map<String, Value>, high: &Map<String, Value>) -> bool {
        let (Some(low), Some(high)) = (amount(low), amount(high)) else { return true };
        let range = Range { low: low.range.low, high: high.range.high };
        !self.amount_contradicts(Amount { measure: low.measure, range })
    }

    fn amount_contradicts(&self, dose: Amount) -> bool {
        let mut is_comparable = false;
        for told in self.said.amounts.iter() {
            if is_same_measure(told.measure, dose.measure) {
                if told.range.meets(dose.range) {
                    return false;
                }
                is_comparable = true;
            }
        }
        // "Take two 500mg tablets" is 1000 mg.
        let pieces = |amount: &Amount| matches!(amount.measure, Measure::Pieces(_) | Measure::Unnamed);
        for count in self.said.amounts.iter().filter(pieces) {
            for each in self.said.amounts.iter().filter(|each| each.measure == dose.measure && !pieces(each)) {
                let whole = Range { low: each.range.low * count.range.low, high: each.range.high * count.range.high };
                if whole.meets(dose.range) {
                    return false;
                }
            }
        }
        is_comparable
    }

    fn rate(&self, report: &mut Report<'_, 'a>) {
        let Some(timing) = object(self.dosage, "timing") else { return };
        let Some(structured) = rates(timing) else { return };
        let slots = f64::from((self.said.slots & !MEALS).count_ones());
        let meets = |rate: Range| structured.iter().any(|own| own.meets(rate));
        let is_contradicted = if self.said.rates.is_empty() {
            // "One at night" is once a day.
            slots == 1.0 && self.said.slots & MEALS == 0 && structured.iter().all(|own| own.low >= 2.0)
        } else {
            let meets_slots = slots >= 2.0 && meets(Range::exactly(slots));
            let meets_meals = self.said.slots & MEALS != 0 && meets(Range::exactly(3.0));
            !meets_slots && !meets_meals && !self.said.rates.iter().any(meets)
        };
        if is_contradicted {
            let text = "The structured timing is another number of times than the text says.";
            let timing_place = self.place.member("timing");
            let repeat = timing_place.member("repeat");
            match object(timing, "repeat") {
                Some(own) if own.contains_key("frequency") => {
                    report.warning(&repeat.member("frequency"), KEY, text, HINT);
                }
                Some(_) => report.warning(&repeat, KEY, text, HINT),
                None => report.warning(&timing_place.member("code"), KEY, text, HINT),
            }
        }
    }

    fn need(&self, report: &mut Report<'_, 'a>) {
        let flag = self.dosage.get("asNeededBoolean").and_then(Value::as_bool);
        let is_at_need = flag == Some(true) || says(self.dosage, "asNeededCodeableConcept");
        let repeat = object(self.dosage, "timing").and_then(|timing| object(timing, "repeat"));
        let is_regular = repeat.is_some_and(|repeat| repeat.contains_key("period"));
        if self.said.is_as_needed && flag == Some(false) {
            let text = "The text says \"as needed\", and the structured dosage says that it is not.";
            report.warning(&self.place.member("asNeededBoolean"), KEY, text, HINT);
        } else if self.said.is_as_needed && !is_at_need && is_regular {
            let text = "The text says \"as needed\", and the structured dosage reads as one to be given regularly.";
            report.warning(
                &self.place,
                KEY,
                text,
                "send `asNeededBoolean` or `asNeededCodeableConcept` beside the timing",
            );
        } else if is_at_need && !self.said.hints_at_need && !self.said.rates.is_empty() {
            let text = "The structured dosage says \"as needed\", and the text reads as one to be given regularly.";
            let member = if flag.is_some() { "asNeededBoolean" } else { "asNeededCodeableConcept" };
            report.warning(&self.place.member(member), KEY, text, HINT);
        }
    }

    fn bounds(&self, report: &mut Report<'_, 'a>) {
        let repeat = object(self.dosage, "timing").and_then(|timing| object(timing, "repeat"));
        let Some(duration) = repeat.and_then(|repeat| object(repeat, "boundsDuration")) else { return };
        let (Some(own), false) = (structured::duration_days(duration), self.said.bounds.is_empty()) else { return };
        if !self.said.bounds.iter().any(|told| told.meets(Range::exactly(own))) {
            let text = "The structured length of the course is another than the text says.";
            let timing = self.place.member("timing");
            let repeat = timing.member("repeat");
            report.warning(&repeat.member("boundsDuration").member("value"), KEY, text, HINT);
        }
    }

    fn most(&self, report: &mut Report<'_, 'a>) {
        let (Some(told), Some(most)) = (self.said.most, object(self.dosage, "maxDosePerPeriod")) else { return };
        let (Some(numerator), Some(denominator)) = (object(most, "numerator"), object(most, "denominator")) else {
            return;
        };
        let (Some(own), Some(days)) = (amount(numerator), structured::duration_days(denominator)) else { return };
        let is_same_time = Range::exactly(told.days.unwrap_or(1.0)).meets(Range::exactly(days));
        if is_same_time && is_same_measure(told.amount.measure, own.measure) && !told.amount.range.meets(own.range) {
            let text = "The structured greatest dose is another than the text says.";
            let place = self.place.member("maxDosePerPeriod");
            report.warning(&place.member("numerator").member("value"), KEY, text, HINT);
        }
    }

    fn route(&self, report: &mut Report<'_, 'a>) {
        let mut told = self.said.routes.iter();
        let (Some(first), None) = (told.next(), told.next()) else { return };
        let Some(route) = object(self.dosage, "route") else { return };
        let own = codes(route).find_map(|(_, _, code)| structured::route(code));
        if let Some(own) = own.filter(|own| *own != first) {
            let text = format!("The structured route is {}, and the text says {}.", own.words(), first.words());
            report.warning(&self.place.member("route"), KEY, text, HINT);
        }
    }

    fn weekdays(&self, report: &mut Report<'_, 'a>) {
        let repeat = object(self.dosage, "timing").and_then(|timing| object(timing, "repeat"));
        let own = repeat.map_or(0, structured::weekdays);
        if own != 0 && self.said.weekdays != 0 && own & self.said.weekdays == 0 {
            let text = "The structured days of the week are others than the text says.";
            let timing = self.place.member("timing");
            let repeat = timing.member("repeat");
            report.warning(&repeat.member("dayOfWeek"), KEY, text, HINT);
        }
    }
}

/// Whether two amounts can be compared: pieces that the text does not name may be any.
fn is_same_measure(told: Measure, own: Measure) -> bool {
    told == own || (told == Measure::Unnamed && matches!(own, Measure::Pieces(_)))
}

/// The value of a Quantity as a range of one.
fn quantity_value(quantity: &Map<String, Value>) -> Option<Range> {
    number(quantity, "value").map(Range::exactly)
}

#[cfg(test)]
mod tests;
