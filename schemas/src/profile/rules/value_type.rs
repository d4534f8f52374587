//! The JSON type of a value, and how a primitive is written.

use crate::issue::{IssueCode, IssueKey};
use crate::primitive::{JsonForm, Primitive, blank};
use crate::profile::findings::Findings;
use serde_json::Value;

/// The text of the value when it has the JSON type of the primitive and is written as its type demands.
pub fn primitive<'v>(primitive: Primitive, value: &'v Value, findings: &mut Findings<'_>) -> Option<&'v str> {
    let text = match (primitive.json_form(), value) {
        (JsonForm::Boolean, Value::Bool(_)) => return None,
        (JsonForm::Number, Value::Number(number)) => {
            if !primitive.accepts(number.as_str()) {
                wrong_format(primitive, findings);
            }
            return None;
        }
        (JsonForm::Text, Value::String(text)) => text.as_str(),
        (form, _) => {
            wrong_type(form_words(form), value, findings);
            return None;
        }
    };
    if blank(text) {
        super::empty::text(findings);
        return None;
    }
    if !primitive.accepts(text) {
        wrong_format(primitive, findings);
        return None;
    }
    if matches!(primitive, Primitive::String | Primitive::Markdown) && text.bytes().any(is_control) {
        let words = format!("{} holds a control character other than tab and line ends.", findings.subject());
        findings.warning(IssueCode::Value, IssueKey::TargetFormat, words);
    }
    Some(text)
}

/// Strings "SHOULD not contain Unicode character points below 32" but for tab, line feed and carriage return.
fn is_control(byte: u8) -> bool {
    byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r')
}

fn wrong_format(primitive: Primitive, findings: &mut Findings<'_>) {
    let text = format!("{} must be {}.", findings.subject(), primitive.demand());
    findings.error(IssueCode::Value, IssueKey::TargetFormat, text);
}

/// A value of another JSON type than `wanted` says.
pub fn wrong_type(wanted: &str, value: &Value, findings: &mut Findings<'_>) {
    let text = format!("{} must be {wanted}, not {}.", findings.subject(), value_words(value));
    findings.error(IssueCode::Structure, IssueKey::TargetType, text);
}

fn form_words(form: JsonForm) -> &'static str {
    match form {
        JsonForm::Boolean => "true or false",
        JsonForm::Number => "a number",
        JsonForm::Text => "a string",
    }
}

fn value_words(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::{assert_table, found};
    use crate::issue::Severity;
    use crate::resource::judge;
    use serde_json::json;

    #[test]
    fn json_types_and_formats_are_judged() {
        assert_table([
            (json!({"resourceType": "Patient", "active": true}), &[]),
            (json!({"resourceType": "Patient", "active": "true"}), &["target.type Patient.active"]),
            (json!({"resourceType": "Patient", "multipleBirthInteger": 2}), &[]),
            (json!({"resourceType": "Patient", "multipleBirthInteger": "2"}), &["target.type Patient.multipleBirth"]),
            (json!({"resourceType": "Patient", "multipleBirthInteger": 2.5}), &["target.format Patient.multipleBirth"]),
            (json!({"resourceType": "Patient", "birthDate": "2024-02-29"}), &[]),
            (json!({"resourceType": "Patient", "birthDate": "2026-02-30"}), &["target.format Patient.birthDate"]),
            (json!({"resourceType": "Patient", "birthDate": 2026}), &["target.type Patient.birthDate"]),
            (json!({"resourceType": "Patient", "birthDate": {"a": 1}}), &["target.type Patient.birthDate"]),
            (json!({"resourceType": "Patient", "id": "a_b"}), &["target.format Patient.id"]),
            (json!({"resourceType": "Patient", "name": ["x"]}), &["target.type Patient.name[0]"]),
            (
                json!({"resourceType": "Patient", "contact": [[{"name": {"text": "x"}}]]}),
                &["target.type Patient.contact[0]"],
            ),
            (json!({"resourceType": "Patient", "contained": [1]}), &["target.type Patient.contained[0]"]),
            (
                json!({"resourceType": "Patient", "photo": [{"data": "QQ", "size": -1, "creation": "2026-01-01T10:00"}]}),
                &[
                    "target.format Patient.photo[0].data",
                    "target.format Patient.photo[0].size",
                    "target.format Patient.photo[0].creation",
                ],
            ),
            (
                json!({"resourceType": "Patient", "meta": {"lastUpdated": "2026-01-01"}}),
                &["target.format Patient.meta.lastUpdated"],
            ),
        ]);
    }

    #[test]
    fn decimals_keep_their_digits_and_are_numbers() {
        let observation = |value: &str| {
            let text = format!(
                r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"valueQuantity":{{"value":{value}}}}}"#
            );
            crate::json::parse(text.as_bytes(), Default::default()).expect("well formed")
        };
        for value in ["1.50", "-0.0", "1.0E-2", "12345678901234567890.1"] {
            assert!(found(&observation(value)).is_empty(), "{value}");
        }
        assert_eq!(found(&observation("\"1.50\"")), ["target.type Observation.value.value"]);
    }

    #[test]
    fn control_characters_are_only_warned_of() {
        let patient = |family: &str| judge(&json!({"resourceType": "Patient", "name": [{"family": family}]}));
        assert!(patient("a\tb\r\nc").is_empty());
        let issues = patient("a\u{1}b");
        assert_eq!((issues.len(), issues[0].severity), (1, Severity::Warning));
    }
}
