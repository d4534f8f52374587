//! What resources that are made or read here are judged by.

use crate::validation::OWN_EXTENSIONS;
use ginnel_mappings::translate::{ItemVerdict, Translated};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::uk::Rules;
use ginnel_schemas::validator::{Options, UnknownExtensions, Validator};
use serde_json::Value;

/// Resources made by a mapping: R4, UK Core's profile of their type, the profiles they claim, and the UK rules.
const MADE: Options<'static> = Options {
    uk_core: true,
    unknown_extensions: UnknownExtensions::Warn,
    own_extensions: &[OWN_EXTENSIONS],
    ..Options::STRICT
};

/// Resources that others made and that are only to be read: the shape of their types.
const READ: Options<'static> =
    Options { claimed_profiles: false, uk_rules: Rules::NONE, unknown_extensions: UnknownExtensions::Warn, ..MADE };

/// Judges every used resource and refuses the items whose resources are at fault.
///
/// Codes that could not be judged here are told of once for the message, not one by one.
pub fn judge_resources(translated: &mut Translated, validator: &Validator) {
    let mut found: Vec<(usize, Issue)> = Vec::new();
    let mut not_checked = 0;
    for (item_number, item) in translated.items.iter().enumerate() {
        if item.verdict != ItemVerdict::Translated {
            continue;
        }
        for (resource_number, one) in item.resources.iter().enumerate() {
            for issue in validator.judge(one, &MADE) {
                if issue.key == IssueKey::TargetCodeNotChecked {
                    not_checked += 1;
                    continue;
                }
                let expression = issue.expression.clone().unwrap_or_default();
                let placed = match translated.locate(item_number, resource_number, &expression) {
                    Some(origin) if origin.rule.is_empty() => issue.with_pointer(origin.pointer),
                    Some(origin) => issue.with_pointer(origin.pointer).with_rule(origin.rule),
                    None => issue.with_pointer(item.pointer.clone()),
                };
                found.push((item_number, placed));
            }
        }
    }
    for (item_number, issue) in found {
        if issue.is_error() {
            translated.refuse(item_number, issue);
        } else {
            translated.issues.push(issue);
        }
    }
    if not_checked > 0 {
        translated.issues.push(codes_not_checked(not_checked));
    }
}

fn codes_not_checked(count: usize) -> Issue {
    let text = format!(
        "{count} codes were judged by how they are written only, as their code systems are too large to be built in."
    );
    Issue::information(IssueCode::Incomplete, IssueKey::TargetCodeNotChecked, text)
}

/// What makes a resource unreadable that others made: it has not the shape of its type.
pub fn faults_of_shape(resource: &Value, validator: &Validator) -> Vec<Issue> {
    let is_fault = |issue: &Issue| issue.is_error() && issue.key.is_of_shape();
    validator.judge(resource, &READ).into_iter().filter(is_fault).collect()
}
