//! Puts a resource's values into the vendor's tree, rule by rule.

use super::places::{Put, ReadOnly, Scopes};
use super::select::{Selected, constants_met, reference_key};
use super::tree::{pointer_of, shape};
use crate::account::LawClass;
use crate::converter::Converter;
use crate::fhir_path::FhirPath;
use crate::follow::{canonical, vendor_reference};
use crate::guard::Guard;
use crate::out_block::{is_impossible, sent_for};
use crate::outside::Outside;
use crate::plan::{Block, Only, PairRule};
use crate::secret::{WITHHELD, is_withheld_form};
use crate::vendor_path::{Step, VendorPath, is_absent, same};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;

/// Where in the Bundle an element lies.
pub(super) struct At<'e> {
    pub(super) element: &'e Value,
    /// All rules of the element, groups included.
    pub(super) rules: &'e Block,
    pub(super) expression: String,
    /// The same with the names of slices: two slices of one list are two places.
    pub(super) place: String,
    pub(super) pointer: &'e str,
}

impl<'p> Put<'p> {
    /// Puts one resource in.
    pub fn take(&mut self, pointer: &str, selected: &Selected<'_, '_>) {
        let scopes = self.scopes(selected);
        let expression = selected.plan.resource_type.clone();
        let place = expression.clone();
        let at = At { element: selected.resource, rules: &selected.plan.block, expression, place, pointer };
        self.claimed.clear();
        self.only_sent.clear();
        // A constant that stands for a missing value does so in the record; what is new says its value.
        self.known = self.came_from_the_record(selected);
        self.as_it_was = self.spoken_before(selected);
        if let Some(when) = &selected.plan.block.when {
            self.assert_guard(when, &scopes);
        }
        self.body(&selected.plan.block, &at, &scopes);
        // The rows of a group are there only now.
        self.assert_guard(&selected.plan.filter, &scopes);
        for (claim, issue, why) in std::mem::take(&mut self.untaken) {
            if !self.claimed.contains(&claim) {
                self.issues.push(issue);
                self.refused.push((pointer.to_string(), why));
            }
        }
    }

    /// Writes what a guard says must be, where it does not hold.
    pub(super) fn assert_guard(&mut self, guard: &Guard, scopes: &Scopes) {
        if guard.holds(&self.frame(scopes), &mut |_| {}) {
            return;
        }
        for (path, value) in guard.equalities() {
            self.set(path, value.clone(), scopes);
        }
        for (path, member) in guard.members() {
            for place in self.places(path, scopes) {
                let mut list = self.tree.get(&place).and_then(Value::as_array).cloned().unwrap_or_default();
                if !list.iter().any(|one| same(one, member)) {
                    list.push(member.clone());
                    self.tree.set(&place, Value::Array(list));
                }
            }
        }
    }

    /// Whether the resource had what a group writes before, at its own level.
    pub(super) fn was_shown(&self, group: &Block, at: &At<'_>) -> bool {
        !at.expression.contains('.') && self.as_it_was.is_some_and(|before| shown(group, before))
    }

    pub(super) fn set(&mut self, path: &VendorPath, value: Value, scopes: &Scopes) {
        for place in self.places(path, scopes) {
            let value = self.as_the_schema_has_it(value.clone(), &place);
            self.tree.set(&place, value);
        }
    }

    pub(super) fn body(&mut self, block: &Block, at: &At<'_>, scopes: &Scopes) {
        if self.known {
            self.claim_constants(block, at, scopes);
        }
        let mut pairs: Vec<&PairRule> = block.pairs.iter().filter(|rule| rule.only != Only::Out).collect();
        // Rows of a group come first, for the other rules speak of all of them; and what several codes were made one of
        // gives way to what says it exactly.
        let picks_a_row =
            |rule: &PairRule| rule.sources.iter().any(|path| matches!(path.steps.first(), Some(Step::Select(..))));
        pairs.sort_by_key(|rule| (!picks_a_row(rule), rule.class != LawClass::Collapse));
        pairs.iter().for_each(|rule| self.pair(rule, at, scopes));
        for rule in &block.exists {
            let there = rule.to.get(at.element).is_some();
            let now = rule.source.value(&self.frame(scopes)).and_then(Value::as_bool);
            if there != (now == Some(true)) {
                self.set(&rule.source, there.into(), scopes);
            }
        }
        for rule in &block.refs {
            let Some(key) = reference_key(rule, at.element, self.keys) else {
                let stated = rule.to.get(at.element).and_then(|one| one.get("reference")).is_some();
                if !stated && rule.identifier.is_some() {
                    rule.key.iter().for_each(|path| self.clear(path, scopes));
                }
                continue;
            };
            for (path, text) in rule.key.iter().zip(key) {
                if path.text(&self.frame(scopes)).as_deref() != Some(text.as_str()) {
                    self.set(path, text.into(), scopes);
                }
            }
        }
        for rule in &block.texts {
            let Some(text) = rule.to.get(at.element).and_then(Value::as_str) else { continue };
            let now = rule.text.render(&self.frame(scopes), &mut |_| {});
            if now.is_some_and(|now| now == text || is_withheld_form(&now, text)) {
                self.claimed.insert(text_claim(at, &rule.to));
                continue;
            }
            if text.contains(WITHHELD) || self.claimed.contains(&text_claim(at, &rule.to)) {
                continue;
            }
            let found = rule.back.as_ref().and_then(|template| template.read_back(text));
            for (path, value) in found.into_iter().flatten() {
                self.claimed.insert(text_claim(at, &rule.to));
                self.set(path, value.into(), scopes);
            }
        }
        self.groups_and_lists(block, at, scopes);
    }

    fn pair(&mut self, rule: &PairRule, at: &At<'_>, scopes: &Scopes) {
        if let Some(when) = &rule.when
            && rule.to.get(at.element).is_none()
            && !when.holds(&self.frame(scopes), &mut |_| {})
        {
            return;
        }
        if self.put_reference(rule, at, scopes) {
            return;
        }
        let stated = rule.to.get(at.element).map(|value| (value, &rule.to, &rule.converter, rule.sources.as_slice()));
        let other = || {
            let (to, converter) = rule.otherwise.as_ref()?;
            // What the converter cannot carry goes on from the first source alone; the others are not its to empty.
            Some((to.get(at.element)?, to, converter, rule.sources.get(..1).unwrap_or_default()))
        };
        let Some((value, to, converter, sources)) = stated.or_else(other) else {
            // An end before its start, or a birth to come, was never sent: FHIR says nothing of it.
            let carried = sent_for(&rule.sources, &rule.converter, &self.frame(scopes))
                .is_some_and(|sent| !is_impossible(&rule.to, &sent, at.element, self.context.now()));
            let taken = self.claimed.contains(&claim(at, &rule.to));
            if carried && !taken {
                match (rule.converter.nothing(), rule.sources.as_slice()) {
                    // The vendor has a value of its own for no value.
                    (Some(nothing), [path]) => self.set(path, nothing.clone(), scopes),
                    _ => rule.sources.iter().for_each(|path| self.clear(path, scopes)),
                }
            }
            return;
        };
        let shares = matches!(converter, Converter::Call(function, _) if function.shares);
        let says = |sent: &Value| alike(sent, value) || shares && crate::converter::covers(sent, value);
        if sent_for(sources, converter, &self.frame(scopes)).is_some_and(|sent| says(&sent)) {
            self.claimed.insert(claim(at, &rule.to));
            self.note_read(rule, to, at, scopes);
            return;
        }
        if self.is_claimed(at, &rule.to) {
            return;
        }
        if self.other_says(rule, at, value, scopes) {
            self.claimed.insert(claim(at, &rule.to));
            self.note_read(rule, to, at, scopes);
            return;
        }
        // Where a new record has nothing yet, the mark of what is withheld destroys no secret.
        let destroys = has_withheld(value)
            && (self.known || rule.sources.iter().any(|path| path.value(&self.frame(scopes)).is_some()));
        let mut back = if destroys { Err(Outside::withheld()) } else { converter.back(value) };
        let mut converter = converter;
        let mut sources = sources;
        // One element may hold either form: what the first converter does not know is the other's.
        if back.is_err()
            && let Some((other_to, other)) = &rule.otherwise
            && other_to.get(at.element).is_some_and(|found| std::ptr::eq(found, value))
            && let Ok(values) = other.back(value)
            && !destroys
        {
            back = Ok(values);
            converter = other;
            sources = rule.sources.get(..1).unwrap_or_default();
        }
        match back {
            Ok(values) => {
                self.claimed.insert(claim(at, &rule.to));
                let values = self.in_their_places(sources, converter, value, values, scopes);
                self.put_values(sources, values, scopes);
                self.note_read(rule, to, at, scopes);
            }
            Err(outside) => self.refuse(rule, &outside, at),
        }
    }

    /// Puts a reference in that a rule follows; `false` where there is none to put.
    fn put_reference(&mut self, rule: &PairRule, at: &At<'_>, scopes: &Scopes) -> bool {
        let (Converter::Reference, [path]) = (&rule.converter, rule.sources.as_slice()) else { return false };
        let Some(given) = rule.to.get(at.element).and_then(Value::as_str) else { return false };
        self.claimed.insert(claim(at, &rule.to));
        let becomes = canonical(self.plan, self.keys, given);
        let leads_there_now = self.places(path, scopes).pop().and_then(|place| self.links.get(&pointer_of(&place)));
        if leads_there_now
            .is_some_and(|now| becomes.as_ref() == Some(now) || super::identity::target(given, "") == *now)
        {
            return true;
        }
        match vendor_reference(self.plan, self.keys, given) {
            Some(text) => {
                if path.text(&self.frame(scopes)).as_deref() != Some(text.as_str()) {
                    self.set(path, text.into(), scopes);
                }
            }
            None => {
                self.claimed.remove(&claim(at, &rule.to));
                let what = "this refers to something that is not in the Bundle; send it too";
                self.refuse(rule, &Outside::domain(what), at);
            }
        }
        true
    }

    /// Notes what a rule that writes nothing out has read, for the account.
    fn note_read(&mut self, rule: &PairRule, to: &FhirPath, at: &At<'_>, scopes: &Scopes) {
        if rule.only != Only::In {
            return;
        }
        let Some(expression) = to.expression_in(at.element, &at.expression) else { return };
        let Some(place) = rule.sources.first().and_then(|path| self.places(path, scopes).pop()) else { return };
        let Some(value) = self.tree.get(&place).cloned() else { return };
        let resource = at.pointer.to_string();
        self.read.push(ReadOnly { resource, expression, place, value, rule: rule.rule.clone() });
    }

    fn put_values(&mut self, sources: &[VendorPath], values: Vec<Option<Value>>, scopes: &Scopes) {
        let mut values = values.into_iter();
        for path in sources {
            match values.next() {
                Some(None) => {}
                Some(Some(value)) if !value.is_null() => self.set(path, value, scopes),
                Some(Some(_)) | None => self.clear(path, scopes),
            }
        }
    }

    /// Empties a value that FHIR no longer has. Keys and what is absent stay as they are.
    fn clear(&mut self, path: &VendorPath, scopes: &Scopes) {
        let is_key = self
            .plan
            .items
            .iter()
            .any(|item| item.key.as_ref().is_some_and(|key| key.base == path.base && key.steps == path.steps));
        if is_key {
            return;
        }
        for place in self.places(path, scopes) {
            if self.tree.get(&place).is_none_or(is_absent) || self.was_kept(&place) {
                continue;
            }
            let list = self.tree.get(&place).is_some_and(Value::is_array);
            let types = self.plan.shape.types(&shape(&place));
            match (list, types.is_empty() || types.contains(&"null")) {
                (true, _) => self.tree.set(&place, Value::Array(Vec::new())),
                (false, true) => self.tree.set(&place, Value::Null),
                // The vendor has no null here: the member is left out.
                (false, false) => self.tree.remove(&place),
            }
        }
    }

    fn refuse(&mut self, rule: &PairRule, outside: &Outside, at: &At<'_>) {
        let mut expression = at.expression.clone();
        rule.to.steps.iter().for_each(|step| {
            expression.push('.');
            expression.push_str(&step.name);
        });
        let issue = Issue::error(
            IssueCode::NotSupported,
            IssueKey::MappingRefused,
            format!("The vendor's format cannot hold this value: {}.", outside.what),
        )
        .with_expression(expression)
        .with_pointer(at.pointer)
        .with_rule(rule.rule.clone())
        .with_hint("change it by hand in the vendor's system");
        self.untaken.push((claim(at, &rule.to), issue, outside.what.clone()));
    }
}

/// What tells an element of a resource, for rules that could both take it.
pub(super) fn claim(at: &At<'_>, to: &FhirPath) -> String {
    format!("{}.{}", at.place, to.text())
}

/// The same for texts with holes, which share an element with pairs of other guards.
pub(super) fn text_claim(at: &At<'_>, to: &FhirPath) -> String {
    format!("text {}", claim(at, to))
}

/// Whether a group shows itself by its constants.
pub(super) fn shown(group: &Block, element: &Value) -> bool {
    !group.constants.is_empty() && constants_met(group, element)
}

/// Equal, numbers by value.
pub(super) fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| alike(value, other)))
        }
        (Value::String(original), Value::String(sent)) => {
            original == sent || is_withheld_form(original, sent) || same_instant(original, sent)
        }
        _ => same(a, b),
    }
}

/// Whether two texts are one instant, with whatever offset it is written.
pub fn same_instant(a: &str, b: &str) -> bool {
    let instant =
        |text: &str| text.get(10..11).filter(|t| *t == "T").and_then(|_| text.parse::<jiff::Timestamp>().ok());
    instant(a).is_some_and(|a| instant(b) == Some(a))
}

/// Whether a value has text in it from which a secret is withheld: putting it in would destroy the secret.
fn has_withheld(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(WITHHELD),
        Value::Array(list) => list.iter().any(has_withheld),
        Value::Object(map) => map.values().any(has_withheld),
        _ => false,
    }
}
