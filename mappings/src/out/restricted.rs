//! Items that say of themselves that they are restricted (`restricted-by` of vendor.yaml): all that is made of one is labelled.

use super::Run;
use crate::account::{LawClass, Outcome};
use crate::forest::{Forest, NodeId};
use crate::instances::Instance;
use crate::leaves::Mark;
use crate::translate::ItemVerdict;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer::parent;
use serde_json::Value;

const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// What a mark says where it says that nothing is restricted.
const OPEN: &[&str] = &["n", "no", "false", "0", "none", "open", "ok", "normal", "unrestricted", "n/a"];

impl Run<'_> {
    /// Finds the items that are restricted, by members of theirs or of what they lie in.
    pub(super) fn find_restricted(&mut self, found: &[Instance<'_>]) {
        let plan = self.plan;
        if plan.policy.restricted_by.is_empty() {
            return;
        }
        for (place, instance) in found.iter().enumerate() {
            let inherited = instance.parent.is_some_and(|parent| self.restricted.contains(&parent));
            // Without items of its own the message is the item.
            let is_item = instance.plan.is_some() || plan.items.is_empty();
            let marks: Vec<&Value> =
                plan.policy.restricted_by.iter().filter_map(|path| mark(instance.value, path)).collect();
            let restricts = is_item && marks.iter().any(|value| is_set(value));
            if inherited || restricts {
                self.restricted.insert(place);
            }
            if is_item && self.verdicts.get(place) == Some(&ItemVerdict::Translated) {
                marks.into_iter().for_each(|value| self.take_mark(value, restricts));
            }
        }
    }

    /// A mark that the schema does not know is understood all the same.
    fn take_mark(&mut self, value: &Value, restricts: bool) {
        let class = Some(LawClass::Derive);
        self.ledger.mark(value, Mark { outcome: Outcome::Matched, rule: None, class, at: None, why: None });
        let Some(leaf) = first_leaf(value).and_then(|leaf| self.ledger.pointer(leaf)) else { return };
        let above: Vec<&str> = std::iter::successors(Some(leaf.as_str()), |above| parent(above)).collect();
        self.issues.retain(|issue| {
            issue.key != IssueKey::SourceUnknownField || !issue.pointer.as_deref().is_some_and(|at| above.contains(&at))
        });
        if restricts {
            let text = "This is marked as restricted: everything that is made of it carries the security label R.";
            self.issues.push(
                Issue::information(IssueCode::Informational, IssueKey::MappingReport, text).with_pointer(leaf.clone()),
            );
        }
    }
}

/// The member of a dotted path, whatever the case of its letters.
fn mark<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| {
        value.as_object()?.iter().find(|(member, _)| member.eq_ignore_ascii_case(name)).map(|(_, child)| child)
    })
}

/// Whether a mark restricts: anything but a plain no, for a word nobody knows may be a stricter one.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => !number.as_str().trim_matches(['0', '.', '-']).is_empty(),
        Value::String(text) => !text.trim().is_empty() && !OPEN.contains(&text.trim().to_lowercase().as_str()),
        Value::Array(list) => list.iter().any(is_set),
        Value::Object(members) => members.values().any(is_set),
    }
}

fn first_leaf(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(list) if !list.is_empty() => first_leaf(list.first()?),
        Value::Object(members) if !members.is_empty() => first_leaf(members.values().next()?),
        leaf => Some(leaf),
    }
}

/// Labels a resource, unless a rule has labelled it so.
pub(super) fn label(forest: &mut Forest, root: NodeId) {
    let has = |value: &Value| {
        let labels = value.get("meta").and_then(|meta| meta.get("security")).and_then(Value::as_array);
        labels.into_iter().flatten().any(|one| one.get("code").and_then(Value::as_str) == Some("R"))
    };
    if has(&forest.to_value(root)) {
        return;
    }
    let meta = forest.member(root, "meta").unwrap_or_else(|| forest.add_member(root, "meta"));
    let list = forest.member(meta, "security").unwrap_or_else(|| forest.add_member(meta, "security"));
    let element = forest.add_element(list);
    for (name, text) in [("system", CONFIDENTIALITY), ("code", "R"), ("display", "restricted")] {
        let member = forest.add_member(element, name);
        forest.set_text(member, text);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_set, mark};
    use serde_json::json;

    #[test]
    fn a_mark_restricts_unless_it_plainly_says_no() {
        for (value, restricts) in [
            (json!(true), true),
            (json!("Y"), true),
            (json!("case worker only"), true),
            (json!(1), true),
            (json!({"open": true, "note": ""}), true),
            (json!(false), false),
            (json!("No"), false),
            (json!(0), false),
            (json!(null), false),
            (json!({"open": false}), false),
            (json!([]), false),
        ] {
            assert_eq!(is_set(&value), restricts, "{value}");
        }
    }

    #[test]
    fn a_mark_is_found_whatever_the_case_of_its_name() {
        let item = json!({"Data": {"IsRestricted": "Y"}});
        assert_eq!(mark(&item, "data.isrestricted"), Some(&json!("Y")));
        assert_eq!(mark(&item, "restricted"), None);
    }
}
