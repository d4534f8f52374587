//! `x-choice`: of members with one beginning, as FHIR's `value[x]`, at most one may stand in an object.
//!
//! `"x-choice": ["value", "onset"]` on an object says so of `valueString`, `valueQuantity`... and of `onsetAge`...; JSON
//! Schema has no word for it that people could read.

use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Value};

/// The word.
pub const WORD: &str = "x-choice";

/// Which choice a member belongs to: the beginning that is followed by a capital.
pub fn choice_of<'c>(choices: impl IntoIterator<Item = &'c str>, member: &str) -> Option<&'c str> {
    let begins = |choice: &&str| {
        let rest = member.strip_prefix(choice);
        !choice.is_empty() && rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
    };
    choices.into_iter().find(begins)
}

/// The choices that a schema's object declares.
pub fn choices(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get(WORD).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The keyword at work.
pub(super) struct Choice {
    choices: Vec<String>,
}

impl Choice {
    /// Of the word's value.
    pub fn of<'a>(value: &'a Value) -> Result<Choice, ValidationError<'a>> {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let choices: Vec<String> = list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
        if value.is_array() && choices.len() == list.len() {
            Ok(Choice { choices })
        } else {
            Err(ValidationError::custom(format!("`{WORD}` is a list of texts, such as [\"value\"]")))
        }
    }

    /// The first two members that exclude each other.
    fn clash<'v>(&self, object: &'v Map<String, Value>) -> Option<(&'v str, &'v str)> {
        self.choices.iter().find_map(|choice| {
            let mut members = object.keys().filter(|name| choice_of([choice.as_str()], name).is_some());
            Some((members.next()?.as_str(), members.next()?.as_str()))
        })
    }
}

impl<'i> Keyword<'i> for Choice {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match instance.as_object().and_then(|object| self.clash(object)) {
            None => Ok(()),
            Some((one, other)) => {
                Err(ValidationError::custom(format!("has both `{one}` and `{other}`: one is allowed")))
            }
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.as_object().is_none_or(|object| self.clash(object).is_none())
    }
}

#[cfg(test)]
mod tests {
    use crate::issue::IssueKey;
    use crate::json_schema::SourceSchema;
    use serde_json::json;

    #[test]
    fn of_a_choice_one_member_may_stand() {
        let schema =
            json!({"type": "object", "x-choice": ["value", "onset"], "properties": {"value": {}, "valueSet": {}}});
        let compiled = SourceSchema::compile(&schema).expect("a schema");
        for fits in [
            json!({}),
            json!({"valueString": "a", "onsetAge": 1}),
            json!({"value": 1, "valueString": "a", "values": 2, "_valueString": 3}),
        ] {
            assert_eq!(compiled.check(&fits), [], "{fits}");
        }
        let issues = compiled.check(&json!({"onsetAge": 1, "valueString": "secret", "valueBoolean": true}));
        let told: Vec<_> = issues.iter().map(|one| (one.key, one.text.as_str(), one.is_error())).collect();
        let text = "The payload has both `valueString` and `valueBoolean`: one is allowed.";
        assert_eq!(told, [(IssueKey::SourceRule, text, true)]);
    }

    #[test]
    fn a_choice_that_is_no_list_of_texts_is_no_schema() {
        for broken in [json!("value"), json!(["value", 1])] {
            assert!(SourceSchema::compile(&json!({"x-choice": broken})).is_err());
        }
    }
}
