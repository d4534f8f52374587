//! Lengths and ranges that a profile sets (`maxLength`, `minValue[x]`, `maxValue[x]`).

use crate::fhir_path::{DateTime, Quantity};
use crate::issue::{IssueCode, IssueKey};
use crate::number_text;
use crate::profile::findings::Findings;
use serde_json::Value;
use std::cmp::Ordering;

/// Most characters of a text.
pub fn length(most: Option<usize>, value: &Value, findings: &mut Findings<'_>) {
    if let (Some(most), Value::String(text)) = (most, value)
        && text.len() > most
        && text.chars().count() > most
    {
        let text = format!("{} is longer than the {most} characters allowed.", findings.subject());
        findings.error(IssueCode::TooLong, IssueKey::TargetTooLong, text);
    }
}

/// The least value, with the suffix of its member.
pub fn least(bound: Option<&(Box<str>, Value)>, value: &Value, findings: &mut Findings<'_>) {
    if let Some((_, least)) = bound
        && compare(value, least) == Some(Ordering::Less)
    {
        let text = format!("{} is less than the least value allowed.", findings.subject());
        findings.error_with_hint(IssueCode::Value, IssueKey::TargetRange, text, format!("at least {}", shown(least)));
    }
}

/// The greatest value, with the suffix of its member.
pub fn greatest(bound: Option<&(Box<str>, Value)>, value: &Value, findings: &mut Findings<'_>) {
    if let Some((_, greatest)) = bound
        && compare(value, greatest) == Some(Ordering::Greater)
    {
        let text = format!("{} is greater than the greatest value allowed.", findings.subject());
        findings.error_with_hint(IssueCode::Value, IssueKey::TargetRange, text, format!("at most {}", shown(greatest)));
    }
}

fn shown(bound: &Value) -> String {
    match bound {
        Value::Object(quantity) => {
            let part =
                |name| quantity.get(name).map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
            let unit = part("unit").or_else(|| part("code")).unwrap_or_default();
            format!("{} {unit}", part("value").unwrap_or_default())
        }
        other => other.to_string(),
    }
}

/// How two values compare; nothing where that cannot be said.
fn compare(value: &Value, bound: &Value) -> Option<Ordering> {
    match (value, bound) {
        (Value::Number(value), Value::Number(bound)) => number_text::compare(value.as_str(), bound.as_str()),
        (Value::String(value), Value::String(bound)) => moment(value)?.compare(&moment(bound)?),
        (Value::Object(value), Value::Object(bound)) => Quantity::of_fhir(value)?.compare(&Quantity::of_fhir(bound)?),
        _ => None,
    }
}

fn moment(text: &str) -> Option<DateTime> {
    DateTime::read_date_time(text).or_else(|| DateTime::read_time(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_compare_where_that_can_be_said() {
        let quantity =
            |value: f64, code: &str| json!({"value": value, "system": "http://unitsofmeasure.org", "code": code});
        for (value, bound, expected) in [
            (json!(1.5), json!(2), Some(Ordering::Less)),
            (json!("2026-02"), json!("2026-01"), Some(Ordering::Greater)),
            (json!("2026-02-01T10:00:00Z"), json!("2026-02-01T11:00:00+01:00"), Some(Ordering::Equal)),
            (json!("2026-02-01"), json!("2026-02-01T11:00:00Z"), None),
            (json!("10:00:00"), json!("09:59:59"), Some(Ordering::Greater)),
            (quantity(1.0, "g"), quantity(1.0, "kg"), Some(Ordering::Less)),
            (quantity(1000.0, "g"), quantity(1.0, "kg"), Some(Ordering::Equal)),
            (quantity(1.0, "g"), quantity(1.0, "m"), None),
            (json!("text"), json!("2026"), None),
            (json!(true), json!(false), None),
        ] {
            assert_eq!(compare(&value, &bound), expected, "{value} {bound}");
        }
    }

    #[test]
    fn a_text_is_measured_in_characters() {
        for (text, most, faults) in [("abc", 3, 0), ("äöü", 3, 0), ("abcd", 3, 1), ("äöüß", 3, 1)] {
            let mut findings = Findings::default();
            length(Some(most), &json!(text), &mut findings);
            assert_eq!(findings.into_issues().len(), faults, "{text}");
        }
    }
}
