//! A suite as data: groups of tests, each with what it sends, what it awaits and which demand that answers.

use crate::procedure::Procedure;
use crate::requirement::{Conformance, Requirement};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Requirements and the tests that ask for them.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Its folder's name.
    pub id: String,
    /// Its title for people.
    pub title: String,
    /// What is demanded.
    pub requirements: Vec<Requirement>,
    /// The tests, in the order they run.
    pub groups: Vec<Group>,
}

/// Tests about one matter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// Its handle.
    pub id: String,
    /// Its title for people.
    pub title: String,
    /// The tests, in the order they run.
    pub tests: Vec<Test>,
}

/// One question to the server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Test {
    /// Its handle, unique in the suite.
    pub id: String,
    /// What the server does when it passes.
    pub title: String,
    /// Handles of the requirements it asks for.
    pub requirements: Vec<String>,
    /// The test applies only to a server whose CapabilityStatement claims this.
    #[serde(default)]
    pub when_claimed: Option<Claim>,
    /// Requests with what is awaited of each.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What data cannot say, by name.
    #[serde(default)]
    pub procedure: Option<Procedure>,
}

/// Something a CapabilityStatement may claim.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Claim {
    /// The resource type.
    pub resource_type: String,
    /// An interaction with it.
    #[serde(default)]
    pub interaction: Option<String>,
    /// An operation on it, without `$`.
    #[serde(default)]
    pub operation: Option<String>,
}

/// One request, and what is awaited of its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// What is sent.
    pub request: RequestTemplate,
    /// What is awaited; all of it.
    pub expect: Vec<Expectation>,
}

/// A request whose texts may name facts in braces (`{patient.id}`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequestTemplate {
    /// HTTP method.
    #[serde(default = "get")]
    pub method: String,
    /// Path below the base URL.
    pub path: String,
    /// Query parameters in order.
    #[serde(default)]
    pub query: Vec<(String, String)>,
    /// Headers beside or instead of `Accept: application/fhir+json`.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

fn get() -> String {
    "GET".to_owned()
}

/// One thing awaited of an answer; texts may name facts in braces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Expectation {
    /// The status is one of these.
    Status(Vec<u16>),
    /// The media type, whatever its parameters.
    MediaType(String),
    /// The body is a resource of this type.
    Resource(String),
    /// The member at this JSON Pointer has this value.
    Member {
        /// JSON Pointer.
        at: String,
        /// What stands there.
        is: Value,
    },
    /// The array at this JSON Pointer holds an element in which every member given here is the same.
    Contains {
        /// JSON Pointer.
        at: String,
        /// The element, or a part of it.
        element: Value,
    },
    /// A header has this value.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        is: String,
    },
    /// An OperationOutcome whose errors have this code.
    Outcome(String),
    /// A searchset without a match.
    NoMatch,
    /// A searchset whose matches are all of this type, with at least one.
    Matches(String),
    /// Every match carries this business identifier.
    EveryMatchIdentified {
        /// Its system.
        system: String,
        /// Its value.
        value: String,
    },
    /// The resource with this id is among the matches.
    Includes(String),
    /// Every entry of a searchset has an absolute `fullUrl` that ends in its type and id.
    FullUrls,
    /// Every entry of a searchset says why it is there.
    SearchModes,
    /// The searchset links to itself.
    SelfLink,
    /// At most so many matches on the page.
    PageOfAtMost(usize),
    /// The searchset says a total and holds no entry.
    CountOnly,
}

/// Why a suite cannot be used; found by its own tests long before a user sees it.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The file is not as this module describes it.
    #[error("{file}: {source}")]
    Unreadable {
        /// Which file.
        file: &'static str,
        /// What the reader said.
        source: serde_json::Error,
    },
    /// The parts do not fit each other.
    #[error("{0}")]
    Inconsistent(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementsFile {
    id: String,
    title: String,
    requirements: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestsFile {
    groups: Vec<Group>,
}

impl Suite {
    /// The suite of the HL7 UK "UK Core Access" requirements on a provider's server.
    pub fn uk_core_access() -> Result<Suite, SuiteError> {
        Suite::read(
            include_str!("../suites/uk-core-access/requirements.json"),
            include_str!("../suites/uk-core-access/tests.json"),
        )
    }

    /// Reads a suite and refuses one whose tests and requirements do not cover each other.
    pub fn read(requirements: &str, tests: &str) -> Result<Suite, SuiteError> {
        let unreadable = |file| move |source| SuiteError::Unreadable { file, source };
        let head: RequirementsFile = serde_json::from_str(requirements).map_err(unreadable("requirements.json"))?;
        let body: TestsFile = serde_json::from_str(tests).map_err(unreadable("tests.json"))?;
        let suite = Suite { id: head.id, title: head.title, requirements: head.requirements, groups: body.groups };
        suite.check()?;
        Ok(suite)
    }

    /// Every test with its group.
    pub fn tests(&self) -> impl Iterator<Item = (&Group, &Test)> {
        self.groups.iter().flat_map(|group| group.tests.iter().map(move |test| (group, test)))
    }

    /// How binding a test is: as its most binding requirement.
    pub fn conformance(&self, test: &Test) -> Conformance {
        let shall = self
            .requirements
            .iter()
            .any(|one| one.conformance == Conformance::Shall && test.requirements.contains(&one.id));
        if shall { Conformance::Shall } else { Conformance::Should }
    }

    fn check(&self) -> Result<(), SuiteError> {
        let fault = |text: String| Err(SuiteError::Inconsistent(text));
        let mut known = BTreeSet::new();
        for requirement in &self.requirements {
            if !known.insert(requirement.id.as_str()) {
                return fault(format!("requirement {} stands twice", requirement.id));
            }
        }
        let mut asked = BTreeSet::new();
        let mut tests = BTreeSet::new();
        for (_, test) in self.tests() {
            if !tests.insert(test.id.as_str()) {
                return fault(format!("test {} stands twice", test.id));
            }
            if test.requirements.is_empty() {
                return fault(format!("test {} asks for no requirement", test.id));
            }
            let promises_nothing = test.steps.iter().any(|step| step.expect.is_empty());
            if promises_nothing || (test.steps.is_empty() && test.procedure.is_none()) {
                return fault(format!("test {} cannot fail", test.id));
            }
            for id in &test.requirements {
                if !known.contains(id.as_str()) {
                    return fault(format!("test {} asks for {id}, which is no requirement", test.id));
                }
                asked.insert(id.as_str());
            }
        }
        for requirement in &self.requirements {
            match (&requirement.untested, asked.contains(requirement.id.as_str())) {
                (None, false) => return fault(format!("no test asks for {}", requirement.id)),
                (Some(_), true) => {
                    return fault(format!("{} is tested and says it is not", requirement.id));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIREMENTS: &str = r#"{"id":"s","title":"S","requirements":[
        {"id":"a","conformance":"SHALL","text":"t","source":"u"},
        {"id":"b","conformance":"SHOULD","text":"t","source":"u"}]}"#;

    fn tests(list: &str) -> String {
        format!(r#"{{"groups":[{{"id":"g","title":"G","tests":[{list}]}}]}}"#)
    }

    fn test(id: &str, requirements: &str) -> String {
        format!(
            r#"{{"id":"{id}","title":"T","requirements":{requirements},"steps":[{{"request":{{"path":"metadata"}},"expect":[{{"status":[200]}}]}}]}}"#
        )
    }

    fn refusal(requirements: &str, tests: &str) -> String {
        Suite::read(requirements, tests).expect_err("the suite is refused").to_string()
    }

    #[test]
    fn the_built_in_suite_is_consistent() {
        let suite = Suite::uk_core_access().expect("the suite reads");
        assert!(suite.tests().count() >= 15);
    }

    #[test]
    fn a_test_is_as_binding_as_its_most_binding_requirement() {
        let list = format!("{},{}", test("x", r#"["a","b"]"#), test("y", r#"["b"]"#));
        let suite = Suite::read(REQUIREMENTS, &tests(&list)).expect("the suite reads");
        let levels: Vec<_> = suite.tests().map(|(_, test)| suite.conformance(test)).collect();
        assert_eq!(levels, [Conformance::Shall, Conformance::Should]);
    }

    #[test]
    fn a_requirement_without_a_test_must_say_why() {
        let list = tests(&test("x", r#"["a"]"#));
        assert_eq!(refusal(REQUIREMENTS, &list), "no test asks for b");
        let excused = REQUIREMENTS.replace(r#""id":"b""#, r#""id":"b","untested":"reason""#);
        assert!(Suite::read(&excused, &list).is_ok());
        let both = tests(&test("x", r#"["a","b"]"#));
        assert_eq!(refusal(&excused, &both), "b is tested and says it is not");
    }

    #[test]
    fn a_test_that_cannot_fail_is_refused() {
        let without_expectation = test("x", r#"["a","b"]"#).replace(r#"{"status":[200]}"#, "");
        assert_eq!(refusal(REQUIREMENTS, &tests(&without_expectation)), "test x cannot fail");
        let without_steps = r#"{"id":"x","title":"T","requirements":["a","b"]}"#;
        assert_eq!(refusal(REQUIREMENTS, &tests(without_steps)), "test x cannot fail");
    }

    #[test]
    fn unknown_words_and_doubled_handles_are_refused() {
        let twice = format!("{},{}", test("x", r#"["a","b"]"#), test("x", r#"["a"]"#));
        assert_eq!(refusal(REQUIREMENTS, &tests(&twice)), "test x stands twice");
        assert_eq!(
            refusal(REQUIREMENTS, &tests(&test("x", r#"["a","c"]"#))),
            "test x asks for c, which is no requirement"
        );
        let misspelt = test("x", r#"["a","b"]"#).replace("status", "statuz");
        assert!(refusal(REQUIREMENTS, &tests(&misspelt)).contains("statuz"));
    }
}
