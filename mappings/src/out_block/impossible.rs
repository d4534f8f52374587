//! Values that cannot be true and are never sent: an end that lies before its start, a birth or a death in the future.
//!
//! What stands beside them is sent; they are kept with the original, and said.

use super::{Spot, Writer};
use crate::fhir_path::FhirPath;
use crate::leaves::Reason;
use crate::plan::PairRule;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use jiff::civil::Date;
use serde_json::Value;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fault {
    /// As the reason of an account's row.
    reason: &'static str,
    /// As the first half of a sentence.
    text: &'static str,
}

const END: Fault = Fault { reason: "the end lies before the start", text: "The end lies before the start" };
const START: Fault = Fault { reason: "the start lies after the end", text: "The start lies after the end" };
const BIRTH: Fault =
    Fault { reason: "a date of birth that lies in the future", text: "This date of birth lies in the future" };
const DEATH: Fault =
    Fault { reason: "a date of death that lies in the future", text: "This date of death lies in the future" };

/// The other side of a period, by the member's name.
fn other_side(member: &str) -> Option<(&'static str, Fault)> {
    match member {
        "end" => Some(("start", END)),
        "start" => Some(("end", START)),
        _ => None,
    }
}

/// Whether two dates or date-times of FHIR are in the wrong order; what only one of them says does not count.
fn is_reversed(start: &str, end: &str) -> bool {
    if let (Ok(start), Ok(end)) = (start.parse::<jiff::Timestamp>(), end.parse::<jiff::Timestamp>()) {
        return end < start;
    }
    let is_date = |text: &str| text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = |text: &'_ str| text.split('T').next().unwrap_or_default().to_string();
    let (start, end) = (day(start), day(end));
    let known = start.len().min(end.len());
    match (start.get(..known), end.get(..known)) {
        (Some(start), Some(end)) => is_date(start) && is_date(end) && end < start,
        _ => false,
    }
}

/// Whether a date lies more than a day ahead; the day is for clocks of other zones.
fn is_ahead(text: &str, now: &str) -> bool {
    let today = now.get(..10).and_then(|day| day.parse::<Date>().ok());
    let Some(tomorrow) = today.and_then(|day| day.tomorrow().ok()).map(|day| day.to_string()) else { return false };
    let day = text.split('T').next().unwrap_or_default();
    let known = day.len().min(tomorrow.len());
    match (day.get(..known), tomorrow.get(..known)) {
        (Some(day), Some(tomorrow)) => day.starts_with(|c: char| c.is_ascii_digit()) && day > tomorrow,
        _ => false,
    }
}

/// What is wrong with a value at a path, beside what is there (`found` looks up a member of the element above it).
fn judged(
    to: &FhirPath,
    value: &Value,
    now: Option<&str>,
    found: impl FnOnce(&FhirPath, &str) -> Option<String>,
) -> Option<Fault> {
    let (last, above) = to.steps.split_last()?;
    let future = match last.name.as_str() {
        "birthDate" => Some(BIRTH),
        "deceasedDateTime" => Some(DEATH),
        _ => None,
    };
    if let Some(fault) = future {
        return is_ahead(value.as_str()?, now?).then_some(fault);
    }
    let (beside, fault) = other_side(&last.name)?;
    let text = value.as_str()?;
    let other = found(&FhirPath { steps: above.to_vec() }, beside)?;
    let reversed = if beside == "start" { is_reversed(&other, text) } else { is_reversed(text, &other) };
    reversed.then_some(fault)
}

/// Whether a value that would go to that path of an element cannot be true; `now` is the time of the call.
pub fn is_impossible(to: &FhirPath, value: &Value, element: &Value, now: Option<&str>) -> bool {
    let beside = |above: &FhirPath, name: &str| Some(above.get(element)?.get(name)?.as_str()?.to_string());
    judged(to, value, now, beside).is_some()
}

impl Writer<'_> {
    /// Keeps a value that cannot be true, and says so; `false` where it can.
    pub(super) fn keeps_apart(&mut self, rule: &PairRule, to: &FhirPath, value: &Value, spot: Spot<'_>) -> bool {
        let forest = &self.forest;
        let beside = |above: &FhirPath, name: &str| {
            Some(forest.member_text(forest.get(above, spot.element)?, name)?.to_string())
        };
        let Some(fault) = judged(to, value, self.now, beside) else { return false };
        let mut expression = self.forest.expression(spot.element);
        to.steps.iter().for_each(|step| {
            expression.push('.');
            expression.push_str(&step.name);
        });
        let text = format!("{}; the value is kept with the original and not sent.", fault.text);
        let issue = Issue::warning(IssueCode::Value, IssueKey::MappingOutsideDomain, text)
            .with_expression(expression)
            .with_hint("correct it in your system and send it again");
        let issue = self.placed(issue, spot.leaves, &rule.rule);
        self.issues.push(issue);
        let mark = self.kept(&rule.rule, Reason::Fixed(fault.reason));
        spot.leaves.iter().for_each(|leaf| self.ledger.mark_unsent(leaf, mark));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{is_ahead, is_impossible, is_reversed};
    use crate::fhir_path::FhirPath;
    use serde_json::json;

    #[test]
    fn dates_in_the_wrong_order_are_told_by_instant_or_by_what_both_say() {
        for (start, end, reversed) in [
            ("2026-10-21", "2026-10-20", true),
            ("2026-10-21", "2026-10-21", false),
            ("2026-10-25T01:40:00+01:00", "2026-10-25T01:10:00+00:00", false),
            ("2026-10-25T01:40:00+00:00", "2026-10-25T01:50:00+01:00", true),
            ("2026-10-21T12:30:00+01:00", "2026-10-21", false),
            ("2026-10-21T12:30:00+01:00", "2026-10-20", true),
            ("2026-10", "2026-10-03", false),
            ("2026-10", "2026-09-30", true),
            ("2026", "2025-12-31", true),
            ("a text", "2025-12-31", false),
        ] {
            assert_eq!(is_reversed(start, end), reversed, "{start} to {end}");
        }
    }

    #[test]
    fn only_a_start_and_an_end_of_one_element_contradict_each_other() {
        let path = |text: &str| FhirPath::parse(text, "", &mut |_| None).expect("a path");
        let element = json!({ "period": { "start": "2026-10-21" }, "hold": { "end": "2026-10-01" } });
        assert!(is_impossible(&path("period.end"), &json!("2026-10-20"), &element, None));
        assert!(!is_impossible(&path("period.end"), &json!("2026-10-22"), &element, None));
        assert!(is_impossible(&path("hold.start"), &json!("2026-10-02"), &element, None));
        assert!(!is_impossible(&path("end"), &json!("2026-10-01"), &element, None));
    }
    #[test]
    fn nobody_is_born_or_dies_tomorrow_week_and_without_a_clock_nothing_is_judged() {
        for (text, ahead) in [
            ("2026-11-27", false),
            ("2026-11-28", false),
            ("2026-11-29", true),
            ("2026-12", true),
            ("2026", false),
            ("2027", true),
            ("1938-04-12", false),
            ("2126-04-12T10:00:00Z", true),
        ] {
            assert_eq!(is_ahead(text, "2026-11-27T23:30:00Z"), ahead, "{text}");
        }
        let born = FhirPath::parse("birthDate", "", &mut |_| None).expect("a path");
        assert!(is_impossible(&born, &json!("2099-01-01"), &json!({}), Some("2026-11-27T09:00:00Z")));
        assert!(!is_impossible(&born, &json!("2099-01-01"), &json!({}), None));
    }
}
