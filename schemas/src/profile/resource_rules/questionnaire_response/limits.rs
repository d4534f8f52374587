//! The limits that a question sets to its answers: length, pattern, least and greatest value, units, size, target.

use super::answer::Answer;
use super::enable_when::{order_of, quantities};
use super::items::Form;
use super::{KEY, extension_number, type_of_reference};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::resource_rules::budget::Budget;
use crate::profile::resource_rules::members::{Object, choice, extension_value, extensions, text};
use crate::profile::resource_rules::membership::{self, Question};
use crate::profile::resource_rules::{order, ucum};
use crate::profile::rules::attachment;
use crate::terminology::{Coding, Membership};
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use std::cmp::Ordering;

const MIN_LENGTH: &str = "http://hl7.org/fhir/StructureDefinition/minLength";
const REGEX: &str = "http://hl7.org/fhir/StructureDefinition/regex";
const MIN_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/minValue";
const MAX_VALUE: &str = "http://hl7.org/fhir/StructureDefinition/maxValue";
const MIN_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity";
const MAX_QUANTITY: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity";
const MAX_DECIMAL_PLACES: &str = "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces";
const MAX_SIZE: &str = "http://hl7.org/fhir/StructureDefinition/maxSize";
const MIME_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/mimeType";
const UNIT_OPTION: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";
const UNIT_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitValueSet";
const REFERENCE_RESOURCE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource";

/// Judges an answer of the right type; the path stands at its value.
pub(super) fn check(
    answer: &Answer<'_>,
    question_type: &str,
    form: &Form<'_>,
    budget: &mut Budget,
    findings: &mut Findings<'_>,
) {
    match answer.value {
        Value::String(words) if matches!(answer.type_name, "String" | "Uri") => {
            length(answer, words, findings);
            pattern(answer, words, form, budget, findings);
            if question_type == "string" && words.contains(['\n', '\r']) {
                let text = format!("The answer to `{}` should be of one line.", answer.link_id);
                findings.warning(IssueCode::Value, KEY, text);
            }
        }
        Value::String(_) | Value::Number(_) => range(answer, findings),
        Value::Object(members) => match answer.type_name {
            "Quantity" => {
                quantity_range(answer, members, findings);
                unit(answer, members, form, budget, findings);
            }
            "Attachment" => size_and_kind(answer, members, findings),
            "Reference" => target(answer, members, findings),
            _ => {}
        },
        _ => {}
    }
}

fn length(answer: &Answer<'_>, words: &str, findings: &mut Findings<'_>) {
    let link_id = answer.link_id;
    let most = match answer.question.get("maxLength") {
        Some(Value::Number(number)) => number.as_str().parse::<usize>().ok(),
        _ => None,
    };
    if let Some(most) = most.filter(|most| words.len() > *most && words.chars().count() > *most) {
        let text = format!("The answer to `{link_id}` may have at most {most} characters.");
        findings.error(IssueCode::TooLong, IssueKey::TargetTooLong, text);
    }
    if let Some(least) = extension_number(answer.question, MIN_LENGTH).filter(|least| words.chars().count() < *least) {
        let text = format!("The answer to `{link_id}` must have at least {least} characters.");
        findings.error(IssueCode::Value, IssueKey::TargetRange, text);
    }
}

fn pattern(answer: &Answer<'_>, words: &str, form: &Form<'_>, budget: &mut Budget, findings: &mut Findings<'_>) {
    let Some((_, Value::String(written))) = extension_value(answer.question, REGEX) else {
        return;
    };
    let link_id = answer.link_id;
    match form.patterns.matches(written, words, budget) {
        Some(true) => {}
        Some(false) => findings.push(
            Issue::error(
                IssueCode::Value,
                KEY,
                format!("The answer to `{link_id}` is not written as its question asks."),
            )
            .with_hint("see the `regex` extension of the question"),
        ),
        None => {
            let text = format!("The pattern for the answer to `{link_id}` cannot be judged here.");
            findings.information(IssueCode::Incomplete, KEY, text);
        }
    }
}

/// Patterns compiled once, by a linear engine: a form's `(a+)+$` must not hang us.
#[derive(Default)]
pub(super) struct Patterns(std::cell::RefCell<std::collections::HashMap<String, Option<Regex>>>);

/// A longer pattern is left alone.
const LONGEST_PATTERN: usize = 2_000;
/// Bytes a compiled pattern may take.
const BIGGEST_PATTERN: usize = 1 << 18;
/// What compiling a pattern costs, in steps of the budget.
const STEPS_PER_PATTERN: usize = 2_000;

impl Patterns {
    /// Whether the whole text is as the pattern says; nothing when the pattern cannot be judged.
    fn matches(&self, pattern: &str, words: &str, budget: &mut Budget) -> Option<bool> {
        if pattern.len() > LONGEST_PATTERN || !budget.spend(1 + words.len() / 64) {
            return None;
        }
        let mut compiled = self.0.borrow_mut();
        if !compiled.contains_key(pattern) {
            let whole = format!("^(?:{pattern})$");
            let regex = budget
                .spend(STEPS_PER_PATTERN)
                .then(|| RegexBuilder::new(&whole).size_limit(BIGGEST_PATTERN).build().ok())
                .flatten();
            compiled.insert(pattern.to_owned(), regex);
        }
        Some(compiled.get(pattern)?.as_ref()?.is_match(words))
    }
}

fn range(answer: &Answer<'_>, findings: &mut Findings<'_>) {
    let link_id = answer.link_id;
    for (url, words, wrong) in [
        (MIN_VALUE, "less than the least", Ordering::Less),
        (MAX_VALUE, "greater than the greatest", Ordering::Greater),
    ] {
        let Some(bound) = extension_value(answer.question, url) else {
            continue;
        };
        if order_of((answer.type_name, answer.value), bound) == Some(wrong) {
            let text = format!("The answer to `{link_id}` is {words} value allowed.");
            findings.error(IssueCode::Value, IssueKey::TargetRange, text);
        }
    }
    if let (Some(most), Value::Number(number)) = (extension_number(answer.question, MAX_DECIMAL_PLACES), answer.value) {
        let places = order::decimal_places(number.as_str()).and_then(|places| usize::try_from(places).ok());
        if places.is_some_and(|places| places > most) {
            let text = format!("The answer to `{link_id}` may have at most {most} digits after the point.");
            findings.error(IssueCode::Value, IssueKey::TargetRange, text);
        }
    }
}

fn quantity_range(answer: &Answer<'_>, found: &Object, findings: &mut Findings<'_>) {
    let link_id = answer.link_id;
    for (urls, words, wrong) in [
        ([MIN_QUANTITY, MIN_VALUE], "less than the least", Ordering::Less),
        ([MAX_QUANTITY, MAX_VALUE], "greater than the greatest", Ordering::Greater),
    ] {
        let bound = urls.iter().find_map(|url| extension_value(answer.question, url));
        let Some((_, Value::Object(bound))) = bound else {
            continue;
        };
        // Without a coded unit on both sides nobody can tell whether they are the same unit.
        let are_coded = [found, bound].iter().all(|one| text(one, "system").is_some() && text(one, "code").is_some());
        if !are_coded {
            let text =
                format!("The answer to `{link_id}` cannot be compared with its limit, as a coded unit is missing.");
            findings.push(
                Issue::error(IssueCode::Value, IssueKey::TargetRange, text)
                    .with_hint("give `system` and `code` of the unit, in the answer and in the questionnaire"),
            );
            continue;
        }
        match quantities(found, bound) {
            Some(order) if order == wrong => {
                let text = format!("The answer to `{link_id}` is {words} quantity allowed.");
                findings.error(IssueCode::Value, IssueKey::TargetRange, text);
            }
            None if !units_unknown(found, bound) => {
                let text =
                    format!("The answer to `{link_id}` has a unit that cannot be compared with that of its limit.");
                findings.error(IssueCode::Value, IssueKey::TargetRange, text);
            }
            None => {
                let text = format!("Whether the answer to `{link_id}` is within its limit cannot be told here.");
                findings.information(IssueCode::Incomplete, KEY, text);
            }
            Some(_) => {}
        }
    }
}

/// Whether two UCUM units may be comparable, though not here.
fn units_unknown(left: &Object, right: &Object) -> bool {
    let code = |of| if text(of, "system") == Some(ucum::SYSTEM) { text(of, "code") } else { None };
    match (code(left), code(right)) {
        (Some(left), Some(right)) => ucum::relation(left, right) == ucum::Relation::Unknown,
        _ => false,
    }
}

fn unit(answer: &Answer<'_>, found: &Object, form: &Form<'_>, budget: &mut Budget, findings: &mut Findings<'_>) {
    let link_id = answer.link_id;
    let (system, code) = (text(found, "system"), text(found, "code"));
    let mut options =
        extensions(answer.question, UNIT_OPTION).filter_map(|option| choice(option, "value")?.2.as_object()).peekable();
    if options.peek().is_some() {
        let is_option = options.any(|option| text(option, "system") == system && text(option, "code") == code);
        if !is_option {
            let text = format!("The answer to `{link_id}` has a unit that its question does not offer.");
            findings.error(IssueCode::CodeInvalid, KEY, text);
        }
    }
    let Some((_, Value::String(value_set))) = extension_value(answer.question, UNIT_VALUE_SET) else {
        return;
    };
    let membership = code.map_or(Membership::NotMember, |code| {
        let coding = Coding { system, code, ..Coding::default() };
        membership::of(value_set, &Question { holders: form.holders, coding, known: form.known }, budget)
    });
    match membership {
        Membership::Member => {}
        Membership::NotMember => {
            let text = format!("The answer to `{link_id}` has a unit that is not in the value set of units.");
            findings
                .push(Issue::error(IssueCode::CodeInvalid, KEY, text).with_hint(format!("take a unit of {value_set}")));
        }
        Membership::NotChecked(_) => {
            let text =
                format!("Whether the unit of the answer to `{link_id}` is in its value set cannot be told here.");
            findings.information(IssueCode::Informational, IssueKey::TargetCodeNotChecked, text);
        }
    }
}

fn size_and_kind(answer: &Answer<'_>, found: &Object, findings: &mut Findings<'_>) {
    let link_id = answer.link_id;
    let most = extension_value(answer.question, MAX_SIZE).and_then(|(_, value)| match value {
        Value::Number(number) => Some(number.as_str()),
        _ => None,
    });
    if let (Some(most), Some(size)) = (most, attachment::size(found))
        && order::decimals(&size, most) == Some(Ordering::Greater)
    {
        let text = format!("The attachment for `{link_id}` is bigger than the {most} bytes allowed.");
        findings.error(IssueCode::TooLong, KEY, text);
    }
    let allowed: Vec<&str> =
        extensions(answer.question, MIME_TYPE).filter_map(|one| choice(one, "value")?.2.as_str()).collect();
    let kind = text(found, "contentType").map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    let fits = |allowed: &&str| match (allowed.strip_suffix('*'), kind) {
        (Some(front), Some(kind)) => kind.starts_with(front),
        (None, Some(kind)) => kind.eq_ignore_ascii_case(allowed),
        (_, None) => false,
    };
    if !allowed.is_empty() && !allowed.iter().any(fits) {
        let text = format!("The attachment for `{link_id}` must have the content type {}.", allowed.join(" or "));
        findings.error(IssueCode::Value, KEY, text);
    }
}

fn target(answer: &Answer<'_>, found: &Object, findings: &mut Findings<'_>) {
    let allowed: Vec<&str> =
        extensions(answer.question, REFERENCE_RESOURCE).filter_map(|one| choice(one, "value")?.2.as_str()).collect();
    let named = text(found, "reference").and_then(type_of_reference).or_else(|| text(found, "type"));
    if named.is_some_and(|name| !allowed.is_empty() && !allowed.contains(&name)) {
        let text = format!("The answer to `{}` must refer to a {}.", answer.link_id, allowed.join(" or "));
        findings.error(IssueCode::Value, IssueKey::TargetReference, text);
    }
}
