//! Answers against the questions they answer (<https://hl7.org/fhir/R4/questionnaireresponse.html>).

mod answer;
mod enable_when;
mod items;
mod limits;
mod options;
#[cfg(test)]
mod tests;

use super::members::{self, Object, extension_value, object, text};
use super::order;
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;
use std::cmp::Ordering;

/// The key of all findings here.
const KEY: IssueKey = IssueKey::TargetQuestionnaire;

/// Judges a QuestionnaireResponse by its Questionnaire, which it contains or which is published.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let Some(canonical) = text(resource, "questionnaire") else {
        let text = "The answers name no questionnaire, so that they were not compared with one.";
        return findings.information(IssueCode::Incomplete, KEY, text);
    };
    let (form, is_contained) = match canonical.strip_prefix('#') {
        Some(id) => (members::contained(resource, id), true),
        None => (known.published(canonical).and_then(Value::as_object), false),
    };
    let Some(form) = form.filter(|form| text(form, "resourceType") == Some("Questionnaire")) else {
        findings.path.push("questionnaire");
        let text = "The questionnaire is not at hand, so that the answers were not compared with it.";
        findings.warning(IssueCode::NotFound, KEY, text);
        return findings.path.pop();
    };
    authored_in_time(resource, form, findings);
    subject_type(resource, form, findings);
    let holders: &[&Object] = if is_contained { &[form, resource] } else { &[form] };
    items::check(resource, form, holders, known, findings);
}

/// When the questionnaire was in use.
fn authored_in_time<'a>(resource: &'a Object, form: &Object, findings: &mut Findings<'a>) {
    let (Some(authored), Some(period)) = (text(resource, "authored"), object(form, "effectivePeriod")) else {
        return;
    };
    let is = |bound: &str, wanted| {
        text(period, bound).and_then(|bound| order::moments(authored, bound)).is_some_and(|found| found == wanted)
    };
    // An end given as a day or month lasts until that is over.
    let ends_with = |end: &str| end.len() <= authored.len() && authored.starts_with(end);
    findings.path.push("authored");
    if is("start", Ordering::Less) {
        let text = "The answers were written before the questionnaire came into use.";
        findings.warning(IssueCode::BusinessRule, KEY, text);
    }
    if is("end", Ordering::Greater) && !text(period, "end").is_some_and(ends_with) {
        let text = "The answers were written after the questionnaire went out of use.";
        findings.warning(IssueCode::BusinessRule, KEY, text);
    }
    findings.path.pop();
}

/// Whom the questionnaire may be answered about.
fn subject_type<'a>(resource: &'a Object, form: &Object, findings: &mut Findings<'a>) {
    let reference = object(resource, "subject").and_then(|subject| text(subject, "reference"));
    let Some(found) = reference.and_then(type_of_reference) else {
        return;
    };
    let allowed: Vec<&str> = members::texts(form, "subjectType").map(|(_, name)| name).collect();
    if !allowed.is_empty() && !allowed.contains(&found) {
        findings.path.push("subject");
        let text = format!("The questionnaire is about a {}, not a {found}.", allowed.join(" or a "));
        findings.warning(IssueCode::BusinessRule, KEY, text);
        findings.path.pop();
    }
}

/// The resource type that a literal reference names (`Patient/1`, `https://host/Patient/1/_history/2`).
fn type_of_reference(reference: &str) -> Option<&str> {
    let reference = reference.split_once("/_history/").map_or(reference, |(target, _)| target);
    let mut parts = reference.rsplit('/');
    let (_, name) = (parts.next()?, parts.next()?);
    crate::definition::Definitions::r4().resource_type(name).map(|(_, found)| found.name)
}

/// The number in an extension of an item.
fn extension_number(question: &Object, url: &str) -> Option<usize> {
    match extension_value(question, url)?.1 {
        Value::Number(number) => number.as_str().parse().ok(),
        _ => None,
    }
}
