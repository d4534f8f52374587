//! What a record says that FHIR alone made and no FHIR says: the values that the mapping declares under `new`.
//!
//! They are written where nothing else was, into items that the previous record has not, and each is told.

use super::places::{Bound, Put, Scopes};
use super::tree::{get, place_of};
use crate::instances::instances;
use crate::plan::{NewRule, NewValue};
use crate::vendor_path::is_absent;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;

impl Put<'_> {
    /// Fills in what new items and a new payload lack.
    pub(super) fn fill_new(&mut self, before: Option<&Value>, bundle: &Value) {
        let declared = !self.plan.new.is_empty()
            || self.plan.items.iter().any(|item| !item.new.is_empty() || item.never_new.is_some());
        if !declared || is_absent(self.tree.root()) {
            return;
        }
        for (item, scopes) in self.new_items(before) {
            let item = item.and_then(|index| self.plan.items.get(index));
            if let Some((item, why)) = item.and_then(|item| Some((item, item.never_new.as_ref()?))) {
                self.issues.push(Issue::error(IssueCode::NotSupported, IssueKey::MappingRefused, why.clone()));
                if let Some(Bound::Place(place)) = scopes.get(item.slot).and_then(Option::as_ref) {
                    self.gone.push(place.clone());
                }
                continue;
            }
            let rules = item.map_or(&self.plan.new, |item| &item.new);
            for rule in rules {
                self.fill(rule, &scopes, bundle);
            }
        }
    }

    /// The items that the previous record has not, each with its variables; `None` stands for the payload itself.
    fn new_items(&self, before: Option<&Value>) -> Vec<(Option<usize>, Scopes)> {
        let (found, _) = instances(self.plan, self.tree.root(), self.context);
        let mut out = Vec::new();
        for instance in &found {
            let place = place_of(self.tree.root(), &instance.pointer);
            if before.is_some_and(|before| get(before, &place).is_some()) {
                continue;
            }
            let mut scopes: Scopes = vec![None; self.plan.slots];
            let mut around = Some(instance);
            while let Some(one) = around {
                if let Some(item) = one.plan.and_then(|index| self.plan.items.get(index)) {
                    scopes[item.slot] = Some(Bound::Place(place_of(self.tree.root(), &one.pointer)));
                }
                around = one.parent.and_then(|parent| found.get(parent));
            }
            out.push((instance.plan, scopes));
        }
        out
    }

    pub(super) fn fill(&mut self, rule: &NewRule, scopes: &Scopes, bundle: &Value) {
        if !rule.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {})) {
            return;
        }
        let Some(place) = self.places(&rule.to, scopes).pop() else { return };
        if self.tree.get(&place).is_some_and(|value| !is_absent(value)) {
            return;
        }
        let value = match &rule.value {
            NewValue::Constant(value) => Some(value.clone()),
            NewValue::From(path) => path.value(&self.frame(scopes)).filter(|value| !is_absent(value)).cloned(),
            NewValue::Now(converter) => {
                let now = bundle.get("timestamp").and_then(Value::as_str).or_else(|| self.context.now());
                let written = now.and_then(|now| converter.back(&now.into()).ok());
                written.and_then(|values| values.into_iter().flatten().next())
            }
            NewValue::Fresh(length) => {
                let seed = format!("{}|{}|{bundle}", self.plan.message, super::tree::pointer_of(&place));
                let hash = uuid::Uuid::new_v5(&self.plan.policy.id_space, seed.as_bytes()).simple().to_string();
                Some(hash.chars().take(*length).collect::<String>().to_uppercase().into())
            }
        };
        let Some(value) = value else { return };
        let value = self.as_the_schema_has_it(value, &place);
        self.tree.set(&place, value);
        let text = rule.say.clone().unwrap_or_else(|| {
            format!("No FHIR says `{}` of this new record: the mapping's own value was written.", rule.to.text)
        });
        let issue = match rule.say {
            Some(_) => Issue::warning(IssueCode::Incomplete, IssueKey::MappingReport, text),
            None => Issue::information(IssueCode::Informational, IssueKey::MappingReport, text),
        };
        self.issues.push(issue.with_rule(rule.rule.clone()));
    }
}
