//! What resources that are made or read here are judged by.

use crate::validation::OWN_EXTENSIONS;
use ginnel_mappings::registry::Message;
use ginnel_mappings::translate::{Context, ItemVerdict, Translated};
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

/// What a translation was made of.
pub struct MadeOf<'m> {
    /// The mapping.
    pub message: &'m Message,
    /// The payload.
    pub tree: &'m Value,
    /// What was known of other messages.
    pub context: &'m Context,
}

/// Judges every used resource and refuses the items whose resources are at fault.
///
/// Each finding names the vendor's own place and the rule behind the element; `made_of` says what was translated. Codes
/// that could not be judged here are told of once for the message, not one by one.
pub fn judge_resources(translated: &mut Translated, validator: &Validator, made_of: &MadeOf<'_>) {
    let mut locator = None;
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
                let locator = locator.get_or_insert_with(|| made_of.message.locator(made_of.tree, made_of.context));
                found.push((item_number, locator.placed(translated, item_number, resource_number, issue)));
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
