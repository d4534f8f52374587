//! How long a course is where only its length is written: "for 7 days", or several steps one after the other.

use crate::record::read;
use serde_json::Value;
use std::collections::BTreeMap;

/// The length in days of all steps together; nothing where a step has no end of its own.
pub fn days(dosages: &[&Value]) -> Option<i64> {
    let mut steps: BTreeMap<i64, i64> = BTreeMap::new();
    for dosage in dosages {
        let length = step_days(dosage)?;
        // Doses of the same sequence go on at the same time.
        let step = steps.entry(dosage.get("sequence").and_then(Value::as_i64).unwrap_or(0)).or_default();
        *step = (*step).max(length);
    }
    (!steps.is_empty()).then(|| steps.values().sum())
}

fn step_days(dosage: &Value) -> Option<i64> {
    let repeat = dosage.pointer("/timing/repeat")?;
    let duration = repeat.get("boundsDuration").or_else(|| repeat.pointer("/boundsRange/high"))?;
    let value: f64 = duration.get("value")?.to_string().trim_matches('"').parse().ok()?;
    let days = match read::text(duration, "code").or_else(|| read::text(duration, "unit"))? {
        "h" | "hour" | "hours" => value / 24.0,
        "d" | "day" | "days" => value,
        "wk" | "week" | "weeks" => value * 7.0,
        // The longest that it can mean: a course must not be thought over too early.
        "mo" | "month" | "months" => value * 31.0,
        "a" | "year" | "years" => value * 366.0,
        _ => return None,
    };
    (days > 0.0 && days < 40_000.0).then_some(days.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(sequence: i64, value: i64, code: &str) -> Value {
        json!({"sequence": sequence, "timing": {"repeat": {"boundsDuration": {"value": value, "code": code}}}})
    }

    #[test]
    fn steps_after_each_other_add_up_and_steps_at_the_same_time_do_not() {
        let (one, two, beside) = (step(1, 5, "d"), step(2, 1, "wk"), step(2, 3, "d"));
        assert_eq!(days(&[&one, &two, &beside]), Some(12));
    }

    #[test]
    fn a_step_without_an_end_leaves_the_course_open() {
        let open = json!({"sequence": 2, "timing": {"repeat": {"frequency": 1}}});
        assert_eq!(days(&[&step(1, 5, "d"), &open]), None);
        assert_eq!(days(&[]), None);
    }
}
