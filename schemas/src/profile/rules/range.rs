//! Lengths and ranges that a profile sets (`maxLength`, `minValue[x]`, `maxValue[x]`).

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
        _ => None,
    }
}
