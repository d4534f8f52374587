//! Answers to choose: among the options or in the value set of their question.

use super::KEY;
use super::answer::{Answer, shown};
use super::enable_when::{order_of, same};
use super::items::Form;
use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::resource_rules::budget::Budget;
use crate::profile::resource_rules::members::{Object, choice, extension_value, list, objects, text};
use crate::profile::resource_rules::membership::{self, Question};
use crate::terminology::{Coding, Membership, NotChecked};
use serde_json::Value;
use std::cmp::Ordering;

const EXCLUSIVE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive";

/// Judges an answer to a choice; the path stands at its value.
pub(super) fn check(
    answer: &Answer<'_>,
    is_open: bool,
    form: &Form<'_>,
    budget: &mut Budget,
    findings: &mut Findings<'_>,
) {
    let link_id = answer.link_id;
    let is_free_text = is_open && answer.type_name == "String";
    if !list(answer.question, "answerOption").is_empty() {
        if !is_free_text && budget.spend(list(answer.question, "answerOption").len()) {
            among_options(answer, findings);
        }
    } else if let Some(value_set) = text(answer.question, "answerValueSet") {
        match answer.value {
            Value::Object(coding) if answer.type_name == "Coding" => {
                in_value_set(coding, value_set, link_id, is_open, form, budget, findings);
            }
            _ if is_free_text => {}
            _ => {
                let text =
                    format!("The answer to `{link_id}` is no code, so that it cannot be looked for in its value set.");
                findings.information(IssueCode::Incomplete, KEY, text);
            }
        }
    } else {
        let text = format!("The questionnaire gives no options for `{link_id}`, so that the answer was not judged.");
        findings.information(IssueCode::Incomplete, KEY, text);
    }
}

/// Judges an answer to a question that is no choice but lists what it may be; the path stands at its value.
pub(super) fn check_listed(answer: &Answer<'_>, budget: &mut Budget, findings: &mut Findings<'_>) {
    let options = list(answer.question, "answerOption").len();
    if options > 0 && budget.spend(options) {
        among_options(answer, findings);
    }
}

fn among_options(answer: &Answer<'_>, findings: &mut Findings<'_>) {
    let mut any_of_type = false;
    let is_option = objects(answer.question, "answerOption").any(|(_, option)| {
        choice(option, "value").is_some_and(|(_, type_name, value)| {
            any_of_type |= type_name == answer.type_name;
            type_name == answer.type_name && is_that_option(answer, value)
        })
    });
    if is_option {
        return;
    }
    let (link_id, type_name) = (answer.link_id, shown(answer.type_name));
    if any_of_type {
        findings.error_with_hint(
            IssueCode::CodeInvalid,
            KEY,
            format!("The answer to `{link_id}` is none of its options."),
            "take one of the `answerOption` values of the questionnaire; a code needs the same system too",
        );
    } else {
        let text = format!("The options for `{link_id}` have no value of the type {type_name}.");
        findings.error(IssueCode::CodeInvalid, KEY, text);
    }
}

/// An option's code is meant with its system, or without one when the questionnaire gives none.
fn is_that_option(answer: &Answer<'_>, option: &Value) -> bool {
    match (answer.value, option) {
        (Value::Object(own), Value::Object(given)) if answer.type_name == "Coding" => {
            text(own, "system") == text(given, "system") && text(own, "code") == text(given, "code")
        }
        (Value::Object(_), Value::Object(_)) => same(answer.value, option),
        (own, given) => {
            own == given || order_of((answer.type_name, own), (answer.type_name, given)) == Some(Ordering::Equal)
        }
    }
}

fn in_value_set(
    coding: &Object,
    value_set: &str,
    link_id: &str,
    is_open: bool,
    form: &Form<'_>,
    budget: &mut Budget,
    findings: &mut Findings<'_>,
) {
    let Some(code) = text(coding, "code") else {
        if !(is_open && text(coding, "display").is_some()) {
            let text = format!("The answer to `{link_id}` has no code.");
            findings.warning(IssueCode::CodeInvalid, KEY, text);
        }
        return;
    };
    if text(coding, "system").is_none() {
        let text = format!("The answer to `{link_id}` has a code without its system, which says nothing for sure.");
        findings.warning(IssueCode::CodeInvalid, KEY, text);
    }
    let coding = Coding {
        system: text(coding, "system"),
        version: text(coding, "version"),
        code,
        display: text(coding, "display"),
    };
    let question = Question { holders: form.holders, coding, known: form.known };
    match membership::of(value_set, &question, budget) {
        Membership::Member => {}
        Membership::NotMember => findings.error_with_hint(
            IssueCode::CodeInvalid,
            KEY,
            format!("The answer to `{link_id}` is not in the value set of its question."),
            format!("take a code of {value_set}"),
        ),
        Membership::NotChecked(NotChecked::UnknownValueSet) => {
            let text = format!("The value set of `{link_id}` is not at hand, so that the answer was not judged.");
            findings.warning(IssueCode::NotFound, IssueKey::TargetCodeNotChecked, text);
        }
        Membership::NotChecked(_) => {
            let text = format!("Whether the answer to `{link_id}` is in its value set cannot be told here.");
            findings.information(IssueCode::Informational, IssueKey::TargetCodeNotChecked, text);
        }
    }
}

/// Beside an exclusive option nothing else is chosen; the path stands at the item.
pub(super) fn exclusive<'a>(question: &Object, item: &'a Object, findings: &mut Findings<'a>) {
    if list(item, "answer").len() < 2 {
        return;
    }
    let exclusive: Vec<(&str, &Value)> = objects(question, "answerOption")
        .filter(|(_, option)| extension_value(option, EXCLUSIVE).is_some_and(|(_, value)| *value == Value::Bool(true)))
        .filter_map(|(_, option)| choice(option, "value").map(|(_, type_name, value)| (type_name, value)))
        .take(MOST_EXCLUSIVE)
        .collect();
    if exclusive.is_empty() {
        return;
    }
    let link_id = text(question, "linkId").unwrap_or_default();
    findings.path.push("answer");
    for (index, answer) in objects(item, "answer") {
        let Some((_, type_name, value)) = choice(answer, "value") else {
            continue;
        };
        let answer = Answer { link_id, question, type_name, value };
        if exclusive.iter().any(|(of_type, option)| *of_type == type_name && is_that_option(&answer, option)) {
            findings.path.set_index(Some(index));
            let text = format!("The answer to `{link_id}` is an option that allows no other answer beside it.");
            findings.error(IssueCode::Invariant, KEY, text);
        }
    }
    findings.path.pop();
}

/// A question with more exclusive options than this makes no sense.
const MOST_EXCLUSIVE: usize = 64;
