//! The one door through which the suites judge: a file or a tree in, issues out.

use ginnel_schemas::input::Input;
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json::Limits;
use ginnel_schemas::known::Known;
use ginnel_schemas::uk::Rules;
use ginnel_schemas::validator::{Options, Validator};
use serde_json::Value;
use std::path::Path;

/// Everything known before a resource is judged.
pub struct Judge {
    validator: Validator,
    uk_rules: Rules,
}

impl Judge {
    /// R4 and UK Core, with the UK rules.
    pub fn uk_core() -> Judge {
        Judge { validator: Validator::uk_core(), uk_rules: Rules::default() }
    }

    /// R4 and UK Core's definitions, without the UK rules, as HL7's validator would judge.
    pub fn r4() -> Judge {
        Judge::r4_with(&[])
    }

    /// As [`Judge::r4`], with further definitions.
    pub fn r4_with(definitions: &[Value]) -> Judge {
        let mut known = Known::built_in();
        definitions.iter().cloned().for_each(|one| known.add(one));
        Judge { validator: Validator::new(known), uk_rules: Rules::only(&[]) }
    }

    /// The issues of a resource by its base type, its own `meta.profile` and these profiles.
    pub fn issues(&self, resource: &Value, profiles: &[&str]) -> Vec<Issue> {
        self.validator.judge(resource, &Options { profiles, uk_rules: self.uk_rules, ..Options::default() })
    }

    /// The issues of a file, those of reading it too.
    pub fn file(&self, path: &Path, profiles: &[&str]) -> Vec<Issue> {
        let bytes = bytes(path);
        match Input::read(&bytes, &LIMITS) {
            Ok(input) => {
                let mut issues = input.issues().to_vec();
                issues.extend(self.issues(input.value(), profiles));
                issues
            }
            Err(issues) => issues,
        }
    }
}

/// Bounds that no sample meets.
const LIMITS: Limits = Limits { depth: 128, bytes: 1 << 26 };

/// The tree of a file, JSON or XML, or why it cannot be read.
pub fn read(path: &Path) -> Result<Value, Vec<Issue>> {
    Input::read(&bytes(path), &LIMITS).map(Input::into_value)
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
