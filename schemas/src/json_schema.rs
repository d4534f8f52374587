//! Compiles vendor JSON Schemas; turns their errors into issues, values masked.
//!
//! A finding names the place, what the schema wants there and what to do next, and never the value that stands there.

mod branches;
pub mod choice;
mod wording;

use crate::issue::{Issue, IssueCode, IssueKey, any_error};
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;
use std::collections::HashSet;

/// Most issues of one check; what goes beyond is counted, and refuses the whole when it holds an error.
pub const MOST_ISSUES: usize = 10_000;

/// A vendor's JSON Schema that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The schema breaks the rules of its draft, or holds a pattern the linear engine cannot run.
    #[error("the JSON Schema is not valid at `{pointer}`: {text}")]
    Invalid {
        /// JSON Pointer into the schema.
        pointer: String,
        /// What is wrong, in the words of the schema library.
        text: String,
    },
    /// A `$ref` to something that is not in the schema itself; nothing is fetched.
    #[error("the JSON Schema refers to something outside itself or not in it: {text}")]
    Reference {
        /// What could not be resolved.
        text: String,
    },
}

/// A compiled vendor schema.
#[derive(Debug, Clone)]
pub struct SourceSchema {
    validator: Validator,
    /// Kept for hints: which member names the schema knows at a place.
    schema: Value,
}

impl SourceSchema {
    /// Compiles a schema of draft 4, 6, 7, 2019-09 or 2020-12, as its `$schema` says (without one: 2020-12).
    ///
    /// Formats are checked. Patterns run on an engine whose time is linear, so a vendor's pattern cannot hang us; look
    /// around and back references are refused. References are resolved inside the schema only.
    pub fn compile(schema: &Value) -> Result<SourceSchema, SchemaError> {
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex())
            .offline()
            .with_keyword(choice::WORD, |_, value, _| Ok(Box::new(choice::Choice::of(value)?)))
            .build(schema)
            .map_err(|error| match error.kind() {
                jsonschema::error::ValidationErrorKind::Referencing(_) => {
                    SchemaError::Reference { text: error.to_string() }
                }
                _ => SchemaError::Invalid { pointer: error.instance_path().to_string(), text: error.to_string() },
            })?;
        Ok(SourceSchema { validator, schema: schema.clone() })
    }

    /// Everything in which the payload departs from the schema.
    ///
    /// Structural faults are errors; members the schema does not know and codes it does not list are warnings
    /// (`source.unknown-field`, `source.unknown-code`): they are kept aside and do not stop an item.
    pub fn check(&self, payload: &Value) -> Vec<Issue> {
        if self.validator.is_valid(payload) {
            return Vec::new();
        }
        let mut gathered = Gathered::default();
        for error in self.validator.iter_errors(payload) {
            branches::deepest(error, &mut |fault| wording::issues_of(fault, &self.schema, payload, &mut gathered));
        }
        gathered.into_issues()
    }

    /// Whether the payload may be taken for this message: no error, and not all of its members unknown.
    pub fn fits(&self, payload: &Value) -> bool {
        let issues = self.check(payload);
        !any_error(&issues) && !self.knows_no_member(payload, &issues)
    }

    /// Unknown members are only warned of, so a schema that requires nothing would else fit any object.
    fn knows_no_member(&self, payload: &Value, issues: &[Issue]) -> bool {
        let Value::Object(members) = payload else {
            return false;
        };
        let is_top_level = |pointer: &str| pointer.matches('/').count() == 1;
        let unknown = issues
            .iter()
            .filter(|issue| issue.key == IssueKey::SourceUnknownField)
            .filter(|issue| issue.pointer.as_deref().is_some_and(is_top_level));
        !members.is_empty() && unknown.count() == members.len()
    }
}

/// Issues without repetition, bounded.
#[derive(Default)]
struct Gathered {
    issues: Vec<Issue>,
    seen: HashSet<(String, String)>,
    /// Unknown members that stand in the schema all the same, each with the pointer of its object.
    doubtful: Vec<(String, Issue)>,
    beyond: usize,
    error_beyond: bool,
}

impl Gathered {
    fn push(&mut self, issue: Issue) {
        if self.issues.len() == MOST_ISSUES {
            self.beyond += 1;
            self.error_beyond |= issue.is_error();
            return;
        }
        let place = issue.pointer.clone().unwrap_or_default();
        if self.seen.insert((place, issue.text.clone())) {
            self.issues.push(issue);
        }
    }

    /// `unevaluatedProperties` also names members that are known, where a schema beside it fails as a whole: those are
    /// told only when nothing else explains why the object was refused.
    fn push_doubtful(&mut self, object: &str, issue: Issue) {
        self.doubtful.push((object.to_owned(), issue));
    }

    fn into_issues(mut self) -> Vec<Issue> {
        let doubtful = std::mem::take(&mut self.doubtful);
        let errors: Vec<String> =
            self.issues.iter().filter(|issue| issue.is_error()).filter_map(|issue| issue.pointer.clone()).collect();
        for (object, issue) in doubtful {
            let is_within = |pointer: &String| {
                pointer.strip_prefix(&*object).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if !errors.iter().any(is_within) {
                self.push(issue);
            }
        }
        // Where the JSON type is wrong, what else the schema says of that value tells the sender nothing more.
        let wrong_type: HashSet<String> = self
            .issues
            .iter()
            .filter(|issue| issue.key == IssueKey::SourceType)
            .filter_map(|issue| issue.pointer.clone())
            .collect();
        let repeats = |issue: &Issue| {
            matches!(issue.key, IssueKey::SourceUnknownCode | IssueKey::SourceRule | IssueKey::SourceFormat)
                && issue.pointer.as_ref().is_some_and(|pointer| wrong_type.contains(pointer))
        };
        self.issues.retain(|issue| !repeats(issue));
        if self.beyond > 0 {
            let text = format!("{} more findings are not listed.", self.beyond);
            let make = if self.error_beyond { Issue::error } else { Issue::warning };
            self.issues.push(make(IssueCode::TooLong, IssueKey::SourceRule, text).with_pointer(""));
        }
        self.issues
    }
}

#[cfg(test)]
mod tests;
