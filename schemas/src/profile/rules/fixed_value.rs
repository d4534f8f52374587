//! Fixed values and patterns (<https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.fixed_x_>).
//!
//! A fixed value is the whole value: nothing less, nothing more. A pattern is what the value must have at least; each item
//! of a pattern's array must be matched by some item of the value.

use crate::issue::{IssueCode, IssueKey};
use crate::number_text;
use crate::profile::findings::Findings;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// Whether the value is the fixed one; numbers are compared as numbers (`1.0` is `1.00`).
pub fn equals(value: &Value, fixed: &Value) -> bool {
    match (value, fixed) {
        (Value::Object(value), Value::Object(fixed)) => {
            value.len() == fixed.len()
                && fixed.iter().all(|(name, fixed)| value.get(name).is_some_and(|value| equals(value, fixed)))
        }
        (Value::Array(value), Value::Array(fixed)) => {
            value.len() == fixed.len() && value.iter().zip(fixed).all(|(value, fixed)| equals(value, fixed))
        }
        (Value::Number(value), Value::Number(fixed)) => same_number(value, fixed),
        _ => value == fixed,
    }
}

/// Whether the value has at least what the pattern has.
pub fn matches(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(value), Value::Object(pattern)) => {
            pattern.iter().all(|(name, pattern)| value.get(name).is_some_and(|value| matches(value, pattern)))
        }
        (Value::Array(value), Value::Array(pattern)) => {
            pattern.iter().all(|pattern| value.iter().any(|value| matches(value, pattern)))
        }
        (Value::Number(value), Value::Number(pattern)) => same_number(value, pattern),
        _ => value == pattern,
    }
}

fn same_number(left: &Number, right: &Number) -> bool {
    left.as_str() == right.as_str() || number_text::compare(left.as_str(), right.as_str()) == Some(Ordering::Equal)
}

/// Reports each place where the value differs from the fixed one; the walk stands at the value.
pub fn fixed<'a>(value: &'a Value, fixed: &Value, profile: &str, findings: &mut Findings<'a>) {
    if equals(value, fixed) {
        return;
    }
    let (Value::Object(members), Value::Object(wanted)) = (value, fixed) else {
        let text = format!("{} must be {}, which the profile fixes.", findings.subject(), shown(fixed));
        return report(IssueKey::TargetFixed, text, profile, findings);
    };
    for name in wanted.keys().filter(|name| !members.contains_key(*name)) {
        let text = format!("{} lacks `{name}`, which the profile fixes.", findings.subject());
        report(IssueKey::TargetFixed, text, profile, findings);
    }
    for (name, value) in members {
        findings.path.push(name);
        match wanted.get(name) {
            Some(wanted) => self::fixed(value, wanted, profile, findings),
            None => {
                let text = format!("{} is not in the value that the profile fixes.", findings.subject());
                report(IssueKey::TargetFixed, text, profile, findings);
            }
        }
        findings.path.pop();
    }
}

/// Reports each place where the value lacks something of the pattern; the walk stands at the value.
pub fn pattern<'a>(value: &'a Value, pattern: &Value, profile: &str, findings: &mut Findings<'a>) {
    if matches(value, pattern) {
        return;
    }
    let (Value::Object(members), Value::Object(wanted)) = (value, pattern) else {
        let text = format!("{} must hold {}, the profile's pattern.", findings.subject(), shown(pattern));
        return report(IssueKey::TargetPattern, text, profile, findings);
    };
    for (name, wanted) in wanted {
        let Some((name, value)) = members.get_key_value(name) else {
            let text = format!("{} lacks `{name}` of the profile's pattern.", findings.subject());
            report(IssueKey::TargetPattern, text, profile, findings);
            continue;
        };
        findings.path.push(name);
        self::pattern(value, wanted, profile, findings);
        findings.path.pop();
    }
}

fn report(key: IssueKey, text: String, profile: &str, findings: &mut Findings<'_>) {
    findings.error_with_hint(IssueCode::Value, key, text, format!("see {profile}"));
}

/// A definition's value for a sentence, cut where it is long.
fn shown(value: &Value) -> String {
    const MOST: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}...`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_asks_for_less_than_a_fixed_value() {
        let concept = json!({"coding": [{"system": "a:b", "code": "c", "display": "C"}, {"code": "d"}], "text": "x"});
        for (wanted, matched, equal) in [
            (json!({"coding": [{"code": "c"}]}), true, false),
            (json!({"coding": [{"code": "d"}, {"system": "a:b"}]}), true, false),
            (json!({"coding": [{"code": "e"}]}), false, false),
            (json!({"text": "y"}), false, false),
            (concept.clone(), true, true),
        ] {
            assert_eq!((matches(&concept, &wanted), equals(&concept, &wanted)), (matched, equal), "{wanted}");
        }
    }

    #[test]
    fn each_difference_is_reported_where_it_is() {
        let value = json!({"system": "a:b", "code": "c", "display": "C"});
        let mut findings = Findings::default();
        findings.path.push("Coding");
        fixed(&value, &json!({"system": "a:x", "code": "c", "version": "1"}), "a:profile", &mut findings);
        let places: Vec<_> = findings.into_issues().into_iter().filter_map(|issue| issue.expression).collect();
        assert_eq!(places, ["Coding", "Coding.system", "Coding.display"]);
    }
}
