//! One answer: of the type its question asks for, among its options and within its limits.

use super::items::Form;
use super::{KEY, limits, options};
use crate::issue::{Issue, IssueCode};
use crate::primitive::Primitive;
use crate::profile::findings::Findings;
use crate::profile::resource_rules::budget::Budget;
use crate::profile::resource_rules::members::{Object, choice, text};
use crate::profile::resource_rules::questionnaire::types_for;
use serde_json::Value;

/// An answer as the rules take it apart.
pub(super) struct Answer<'v> {
    /// The linkId of its question.
    pub link_id: &'v str,
    /// The question.
    pub question: &'v Object,
    /// The type in the member's name (`Coding`).
    pub type_name: &'v str,
    /// The value.
    pub value: &'v Value,
}

/// Judges an answer; the path stands at it.
pub(super) fn check<'a>(
    question: &Object,
    answer: &'a Object,
    form: &Form<'_>,
    budget: &mut Budget,
    findings: &mut Findings<'a>,
) {
    let Some((member, type_name, value)) = choice(answer, "value") else {
        return;
    };
    let question_type = text(question, "type").unwrap_or_default();
    let Some(allowed) = types_for(question_type) else {
        return;
    };
    let link_id = text(question, "linkId").unwrap_or_default();
    findings.path.push_member("value", member);
    if allowed.contains(&type_name) {
        let answer = Answer { link_id, question, type_name, value };
        match question_type {
            "choice" | "open-choice" => options::check(&answer, question_type == "open-choice", form, budget, findings),
            _ => options::check_listed(&answer, budget, findings),
        }
        limits::check(&answer, question_type, form, budget, findings);
    } else {
        findings.push(
            Issue::error(
                IssueCode::Value,
                KEY,
                format!(
                    "The answer to `{link_id}` must be of the type {}, not {}.",
                    allowed.iter().map(|name| shown(name)).collect::<Vec<_>>().join(" or "),
                    shown(type_name)
                ),
            )
            .with_hint(format!("write it as `value{}`", allowed.first().unwrap_or(&"String"))),
        );
    }
    findings.path.pop();
}

/// Judges what concerns all answers of an item; the path stands at the item.
pub(super) fn check_together<'a>(question: &Object, item: &'a Object, findings: &mut Findings<'a>) {
    options::exclusive(question, item, findings);
}

/// A type as FHIR spells it: primitives begin with a small letter, which the member's name does not show.
pub(super) fn shown(type_name: &str) -> String {
    let mut letters = type_name.chars();
    let small: String = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
    if Primitive::named(&small).is_some() { small } else { type_name.to_owned() }
}
