//! What the vendor's schema finds in a payload that came from FHIR, told at the FHIR that made it.

use super::{resources, type_of};
use crate::account::AccountRow;
use crate::instances::covers;
use crate::leaves::is_below;
use crate::plan::{Only, Plan};
use crate::rule_list::{ListedRule, RuleKind, rules_of};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json_pointer::{child, parent, resolve, tokens};
use serde_json::Value;

/// Each issue of a vendor's payload with the element and rule behind the value, or those that would fill what is missing.
///
/// The pointer becomes one into the Bundle, which is what the caller sent; the vendor's own place stands in the hint.
/// What stood so in the previous record, and is nothing that FHIR said, is told at the vendor's place alone.
pub fn told_at_the_fhir(
    plan: &Plan,
    issues: Vec<Issue>,
    bundle: &Value,
    account: &[AccountRow],
    (was, now): (Option<&Value>, &Value),
) -> Vec<Issue> {
    if issues.is_empty() {
        return issues;
    }
    let faults = Faults { bundle, account, rules: rules_of(plan), was, now };
    issues.into_iter().map(|issue| faults.told(issue)).collect()
}

struct Faults<'f> {
    bundle: &'f Value,
    account: &'f [AccountRow],
    rules: &'f [ListedRule],
    was: Option<&'f Value>,
    now: &'f Value,
}

impl Faults<'_> {
    fn told(&self, mut issue: Issue) -> Issue {
        let Some(vendor) = issue.pointer.take() else { return issue };
        let place = issue.missing.as_ref().map_or_else(|| vendor.clone(), |name| child(&vendor, name));
        let shown = if place.is_empty() { "/" } else { &place };
        let row = if issue.missing.is_some() { None } else { self.row(&place) };
        let mut advice = format!("in the vendor's payload this is {shown}");
        if row.is_none_or(|row| row.expression.as_deref().is_some_and(|from| is_below(&place, from) && from != place))
            && self.stood_so(&place, issue.missing.is_some())
        {
            let hint = format!("{advice}; the previous record had it so, and nothing in the Bundle changes it");
            issue.hint = Some(issue.hint.take().map_or(hint.clone(), |before| format!("{before}; {hint}")));
            return issue;
        }
        match (row, self.filling(&place)) {
            (Some(row), _) => {
                issue.expression = self.expression(&row.pointer).or(issue.expression);
                issue.pointer = Some(row.pointer.clone());
                issue.rule = row.rule.as_deref().map(str::to_owned);
            }
            (None, Some(rule)) => {
                let element = rule.writes.clone().unwrap_or_default();
                issue.rule = Some(rule.rule.to_string());
                let missing = issue.missing.is_some();
                let resource = self.resource_around(&place, rule);
                // Without a resource of that rule there is no place in the Bundle; the expression says what is wanted.
                issue.pointer = resource;
                if missing {
                    advice = format!("{advice}; `{element}` would fill it ({})", rule.rule);
                    issue.expression = issue.expression.or_else(|| rule.folded());
                } else {
                    advice = format!(
                        "{advice}; it stands so in the vendor's previous record, and `{element}` changes it ({})",
                        rule.rule
                    );
                    issue.expression = issue.expression.or_else(|| rule.folded());
                }
            }
            (None, None) => {
                advice = match self.aside(&place) {
                    Some(rule) => {
                        format!("{advice}; FHIR does not hold it ({}), so it must be in the previous record", rule.rule)
                    }
                    None => format!("{advice}; no rule of the mapping fills it from FHIR"),
                };
            }
        }
        issue.hint = Some(match issue.hint.take() {
            Some(hint) => format!("{hint}; {advice}"),
            None => advice,
        });
        issue
    }

    /// Whether the previous record had at a place what the payload has there now.
    fn stood_so(&self, place: &str, missing: bool) -> bool {
        let Some(was) = self.was else { return false };
        let above = |tree| parent(place).and_then(|above| resolve(tree, above)).is_some();
        match (resolve(was, place), resolve(self.now, place)) {
            (Some(before), Some(now)) => before == now,
            (None, None) => missing && above(was),
            _ => false,
        }
    }

    /// The leaf of the Bundle that a place of the vendor's payload came from: exactly, or the nearest one around or in it.
    fn row(&self, place: &str) -> Option<&AccountRow> {
        let came = |row: &&AccountRow| row.rule.is_some() && row.expression.is_some();
        let from = |row: &AccountRow| row.expression.clone().unwrap_or_default();
        let rows = || self.account.iter().filter(came);
        rows()
            .find(|row| from(row) == place && row.reason.is_none())
            .or_else(|| rows().find(|row| from(row) == place))
            .or_else(|| rows().find(|row| is_below(&from(row), place)))
            .or_else(|| rows().filter(|row| is_below(place, &from(row))).max_by_key(|row| from(row).len()))
            .filter(|row| !from(row).is_empty())
    }

    /// The rule that would write a place of the vendor's payload; a pair before what only helps to find it.
    fn filling(&self, place: &str) -> Option<&ListedRule> {
        let fills = |rule: &&ListedRule| {
            let way_in = rule.only != Only::Out
                && matches!(rule.kind, RuleKind::Pair | RuleKind::Exists | RuleKind::Reference | RuleKind::Text);
            way_in && rule.sources.iter().any(|source| covers(source, place) || is_below(source, place))
        };
        let rank = |rule: &&ListedRule| match rule.kind {
            RuleKind::Pair | RuleKind::Exists => 0,
            RuleKind::Text => 1,
            _ => 2,
        };
        self.rules.iter().filter(fills).min_by_key(rank)
    }

    fn aside(&self, place: &str) -> Option<&ListedRule> {
        let kept = |rule: &&ListedRule| matches!(rule.kind, RuleKind::Aside(_));
        self.rules.iter().filter(kept).find(|rule| rule.sources.iter().any(|source| covers(source, place)))
    }

    /// The resource of the Bundle that the rule's element belongs to: one that other values beside the place came from.
    fn resource_around(&self, place: &str, rule: &ListedRule) -> Option<String> {
        let wanted = rule.writes.as_deref()?.split('.').next()?;
        let all = resources(self.bundle);
        let of_type: Vec<&String> =
            all.iter().filter(|(_, one)| type_of(one) == wanted).map(|(pointer, _)| pointer).collect();
        let mut above = parent(place);
        while let Some(around) = above.filter(|around| !around.is_empty()) {
            let beside = self.account.iter().find(|row| {
                row.expression.as_deref().is_some_and(|from| is_below(from, around))
                    && of_type.iter().any(|pointer| is_below(&row.pointer, pointer))
            });
            if let Some(row) = beside {
                return of_type
                    .iter()
                    .find(|pointer| is_below(&row.pointer, pointer))
                    .map(|pointer| (*pointer).clone());
            }
            above = parent(around);
        }
        match of_type.as_slice() {
            [only] => Some((*only).clone()),
            _ => None,
        }
    }

    /// A place of the Bundle as a path from its resource's type.
    fn expression(&self, pointer: &str) -> Option<String> {
        let (at, resource) = resources(self.bundle)
            .into_iter()
            .filter(|(at, _)| is_below(pointer, at))
            .max_by_key(|(at, _)| at.len())?;
        let mut out = type_of(resource).to_owned();
        for token in tokens(pointer.get(at.len()..)?)? {
            if token.bytes().all(|byte| byte.is_ascii_digit()) {
                out.push_str(&format!("[{token}]"));
            } else {
                out.push('.');
                out.push_str(&token);
            }
        }
        Some(ginnel_schemas::element_path::from_member_names(&out))
    }
}
