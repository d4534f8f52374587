//! The rules of one resource, applied: vendor values into FHIR elements, each marked in the ledger.

use crate::account::{LawClass, Outcome};
use crate::converter::Converter;
use crate::fhir_path::FhirPath;
use crate::leaves::{Ledger, Mark, address};
use crate::outside::Outside;
use crate::plan::{AsideKind, AsideRule, Block, ExistsRule, ListRule, Only, PairRule, Policy, RefRule, TextRule};
use crate::scope::Frame;
use crate::secret::Secrets;
use crate::translate::{Origin, Written};
use crate::vendor_path::{Found, VendorPath};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Severity};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// Writes one resource.
pub struct Writer<'w> {
    /// The plugin's promises.
    pub policy: &'w Policy,
    /// What became of each leaf.
    pub ledger: &'w mut Ledger,
    /// What was found.
    pub issues: &'w mut Vec<Issue>,
    /// What was written, and from where.
    pub written: Vec<Written>,
    /// The item's place, for what comes from no leaf.
    pub item_pointer: &'w str,
    /// What must not be sent.
    pub secrets: &'w Secrets,
    /// Addresses of items that are set aside.
    pub aside: &'w HashSet<usize>,
    /// Set when the item cannot be used.
    pub refused: Option<IssueKey>,
}

/// Where a pair's value goes, how it is carried there, and what that promises.
type Sending<'s> = (&'s FhirPath, &'s Converter, LawClass);

/// The leaves a value comes from, and the element it goes into.
struct Spot<'s> {
    leaves: &'s [&'s Value],
    element: &'s mut Value,
    at: &'s str,
}

impl Writer<'_> {
    /// Applies a block, if its guard holds.
    pub fn block<'a>(&mut self, block: &Block, frame: &Frame<'a>, element: &mut Value, at: &str) {
        if let Some(when) = &block.when {
            let mut seen = Vec::new();
            let holds = when.holds(frame, &mut |value| seen.push(value));
            let mark = Mark {
                outcome: if holds { Outcome::Matched } else { Outcome::Kept },
                rule: Some(block.rule.clone()),
                class: None,
                expression: holds.then(|| at.to_string()),
                reason: (!holds).then(|| "decides whether a part is sent".to_string()),
            };
            seen.into_iter().for_each(|value| self.ledger.mark(value, &mark));
            if !holds {
                return;
            }
        }
        self.body(block, frame, element, at);
    }

    /// Applies a block whose guard holds.
    pub fn body<'a>(&mut self, block: &Block, frame: &Frame<'a>, element: &mut Value, at: &str) {
        for rule in &block.constants {
            let mut expression = at.to_string();
            if rule.to.write(element, &mut expression, rule.value.clone()).is_ok() {
                self.note(expression, None, &rule.rule, LawClass::Const);
            }
        }
        block.pairs.iter().for_each(|rule| self.pair(rule, frame, element, at));
        block.exists.iter().for_each(|rule| self.exists(rule, frame, element, at));
        block.refs.iter().for_each(|rule| self.reference(rule, frame, element, at));
        block.texts.iter().for_each(|rule| self.text(rule, frame, element, at));
        block.groups.iter().for_each(|group| self.block(group, frame, element, at));
        block.lists.iter().for_each(|rule| self.list(rule, frame, element, at));
        block.aside.iter().for_each(|rule| set_aside(rule, frame, self.ledger, self.issues));
    }

    fn pair<'a>(&mut self, rule: &PairRule, frame: &Frame<'a>, element: &mut Value, at: &str) {
        if rule.only == Only::In {
            return;
        }
        if let Some(when) = &rule.when
            && !when.holds(frame, &mut |_| {})
        {
            return;
        }
        let found: Vec<Option<Found<'a>>> = rule.sources.iter().map(|path| path.find(frame)).collect();
        let names: Vec<Option<Value>> = found
            .iter()
            .map(|one| match one {
                Some(Found::Name(name)) => Some(Value::from(*name)),
                _ => None,
            })
            .collect();
        let inputs: Vec<Option<&Value>> =
            found.iter().zip(&names).map(|(one, name)| one.and_then(Found::value).or(name.as_ref())).collect();
        if inputs.iter().all(Option::is_none) {
            return;
        }
        let leaves: Vec<&'a Value> = found.iter().filter_map(|one| one.and_then(Found::value)).collect();
        match rule.converter.out(&inputs) {
            Ok(None) => {
                // A value that the mapping says stands for none is accounted for; others are told as not sent.
                if rule.converter.nothing().is_some() {
                    let mark = Mark {
                        outcome: Outcome::Kept,
                        rule: Some(rule.rule.clone()),
                        class: Some(LawClass::Keep),
                        expression: None,
                        reason: Some("stands for no value".into()),
                    };
                    leaves.iter().for_each(|leaf| self.ledger.mark(leaf, &mark));
                }
            }
            Ok(Some(value)) => {
                let one_way =
                    if leaves.len() > 1 { self.one_way(rule, &inputs, &found, &value, at) } else { Vec::new() };
                let returning: Vec<&'a Value> = leaves
                    .iter()
                    .copied()
                    .filter(|leaf| !one_way.iter().any(|one| std::ptr::eq(*one, *leaf)))
                    .collect();
                let mut spot = Spot { leaves: &returning, element, at };
                self.send(rule, (&rule.to, &rule.converter, rule.class), value, &mut spot);
            }
            Err(outside) => self.outside(rule, outside, &inputs, &mut Spot { leaves: &leaves, element, at }),
        }
    }

    fn send(&mut self, rule: &PairRule, (to, converter, class): Sending<'_>, value: Value, spot: &mut Spot<'_>) {
        let Spot { leaves, element, at } = spot;
        let free = converter.carries_free_text();
        let value = if free { self.without_secrets(value, to, leaves, &rule.rule) } else { value };
        let mut expression = at.to_string();
        let written = to.write(element, &mut expression, value);
        let (outcome, reason) = match (written, class) {
            (Err(_), _) => (Outcome::Kept, Some("another rule has written this element".to_string())),
            (Ok(()), LawClass::Collapse) => (Outcome::Collapsed, None),
            (Ok(()), LawClass::Derive) => (Outcome::Derived, None),
            (Ok(()), _) => (Outcome::Mapped, None),
        };
        if written.is_err() {
            let text = "A value is kept with the original and not sent: another rule has written its element.";
            let issue = Issue::warning(IssueCode::Duplicate, IssueKey::MappingNotSent, text)
                .with_expression(expression.clone());
            self.issues.push(self.placed(issue, leaves, &rule.rule));
        }
        let mark = Mark {
            outcome,
            rule: Some(rule.rule.clone()),
            class: Some(class),
            expression: Some(expression.clone()),
            reason,
        };
        leaves.iter().for_each(|leaf| self.ledger.mark(leaf, &mark));
        if written.is_ok() {
            self.note(expression, leaves.first().copied(), &rule.rule, class);
        }
    }

    /// Of several sources those that the way back leaves as they are: they are read, and do not come back from FHIR.
    fn one_way<'a>(
        &mut self,
        rule: &PairRule,
        inputs: &[Option<&Value>],
        found: &[Option<Found<'a>>],
        sent: &Value,
        at: &str,
    ) -> Vec<&'a Value> {
        let mut out = Vec::new();
        let Ok(back) = rule.converter.back(sent) else { return out };
        for (index, leaf) in
            found.iter().enumerate().filter_map(|(index, one)| Some((index, one.and_then(Found::value)?)))
        {
            if !matches!(back.get(index), Some(None)) {
                continue;
            }
            let mut without = inputs.to_vec();
            without[index] = None;
            let is_used = rule.converter.out(&without).ok().flatten().as_ref() != Some(sent);
            let mark = Mark {
                outcome: if is_used { Outcome::Derived } else { Outcome::Kept },
                rule: Some(rule.rule.clone()),
                class: Some(if is_used { LawClass::Derive } else { LawClass::Keep }),
                expression: is_used.then(|| format!("{at}.{}", rule.to.text())),
                reason: (!is_used).then(|| "says nothing that the values beside it do not say".to_string()),
            };
            self.ledger.mark(leaf, &mark);
            out.push(leaf);
        }
        out
    }

    fn outside(&mut self, rule: &PairRule, outside: Outside, inputs: &[Option<&Value>], spot: &mut Spot<'_>) {
        let mut sent = false;
        if let Some(instead) = outside.instead.clone() {
            self.send(rule, (&rule.to, &rule.converter, LawClass::Collapse), instead, spot);
            sent = true;
        } else if let Some((to, converter)) = &rule.otherwise {
            let class = converter.class();
            if let Ok(Some(value)) = converter.out(inputs.get(..1).unwrap_or_default()) {
                let first = spot.leaves.get(..1).unwrap_or_default();
                let mut first = Spot { leaves: first, element: spot.element, at: spot.at };
                self.send(rule, (to, converter, class), value, &mut first);
                sent = true;
            }
        }
        let expected = sent && outside.instead.is_none() && outside.key == IssueKey::MappingOutsideDomain;
        if expected {
            return;
        }
        let refuses = match outside.key {
            IssueKey::MappingCheckDigit => self.policy.refuse_failed_identifiers,
            IssueKey::MappingUnlistedCode => self.policy.refuse_unknown_codes,
            _ => false,
        };
        let severity = if refuses { Severity::Error } else { Severity::Warning };
        if refuses {
            self.refused = Some(outside.key);
        }
        let (code, hint) = match outside.key {
            IssueKey::MappingUnlistedCode => (IssueCode::CodeInvalid, "add a row to the code table"),
            IssueKey::MappingCheckDigit => (IssueCode::Value, "correct it in your system and send it again"),
            _ => (IssueCode::Value, "the manual says what the function carries"),
        };
        let ending = match (sent, refuses) {
            (_, true) => "the item is refused",
            (true, _) => "the original stays beside what is sent",
            (false, _) => "the value is kept with the original and not sent",
        };
        let mut what = outside.what.clone();
        if let Some(first) = what.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let issue = Issue::new(severity, code, outside.key, format!("{what}; {ending}.")).with_hint(hint);
        let mut expression = spot.at.to_string();
        rule.to.steps.iter().for_each(|step| {
            expression.push('.');
            expression.push_str(&step.name);
        });
        let issue = issue.with_expression(expression);
        self.issues.push(self.placed(issue, spot.leaves, &rule.rule));
        if !sent {
            let mark = Mark {
                outcome: Outcome::Kept,
                rule: Some(rule.rule.clone()),
                class: Some(LawClass::Keep),
                expression: None,
                reason: Some(outside.what),
            };
            spot.leaves.iter().for_each(|leaf| self.ledger.mark_unsent(leaf, &mark));
        }
    }

    fn exists<'a>(&mut self, rule: &ExistsRule, frame: &Frame<'a>, element: &mut Value, at: &str) {
        let Some(value) = rule.source.value(frame) else { return };
        let mut expression = at.to_string();
        let Some(there) = value.as_bool() else {
            let mark = Mark {
                outcome: Outcome::Kept,
                rule: Some(rule.rule.clone()),
                class: Some(LawClass::Keep),
                expression: None,
                reason: Some("this is not true or false".into()),
            };
            self.ledger.mark(value, &mark);
            let text = "This is not true or false; the value is kept with the original and not sent.";
            let issue = Issue::warning(IssueCode::Value, IssueKey::MappingOutsideDomain, text);
            let issue = self.placed(issue, &[value], &rule.rule);
            self.issues.push(issue);
            return;
        };
        if there {
            rule.to.place(element, &mut expression);
            self.note(expression.clone(), Some(value), &rule.rule, LawClass::Iso);
        }
        let mark = Mark {
            outcome: Outcome::Mapped,
            rule: Some(rule.rule.clone()),
            class: Some(LawClass::Iso),
            expression: there.then_some(expression),
            reason: (!there).then(|| "false: the element is not there".to_string()),
        };
        self.ledger.mark(value, &mark);
    }

    fn reference<'a>(&mut self, rule: &RefRule, frame: &Frame<'a>, element: &mut Value, at: &str) {
        let key: Option<Vec<String>> = rule.key.iter().map(|path| path.text(frame)).collect();
        let Some(key) = key else { return };
        let mut reference = Map::new();
        let id = self.policy.stable_id(&rule.seed, &key);
        reference.insert("reference".into(), format!("{}/{id}", rule.target_type).into());
        if let Some(system) = &rule.identifier {
            reference.insert("identifier".into(), json!({"system": system, "value": key.join("|")}));
        }
        let display = rule.display.as_ref().and_then(|path| path.value(frame));
        if let Some(text @ Value::String(_)) = display {
            let shown = self.without_secrets(text.clone(), &rule.to, &[text], &rule.rule);
            reference.insert("display".into(), shown);
        }
        let mut expression = at.to_string();
        let written = rule.to.write(element, &mut expression, Value::Object(reference)).is_ok();
        let mark = |outcome, class| Mark {
            outcome,
            rule: Some(rule.rule.clone()),
            class: Some(class),
            expression: Some(expression.clone()),
            reason: None,
        };
        let (outcome, class) = if rule.identifier.is_some() {
            (Outcome::Mapped, LawClass::Iso)
        } else {
            (Outcome::Derived, LawClass::Derive)
        };
        let leaves: Vec<&'a Value> = rule.key.iter().filter_map(|path| path.value(frame)).collect();
        if written {
            leaves.iter().for_each(|leaf| self.ledger.mark(leaf, &mark(outcome, class)));
            display.into_iter().for_each(|leaf| self.ledger.mark(leaf, &mark(Outcome::Derived, LawClass::Derive)));
            self.note(expression, leaves.first().copied(), &rule.rule, class);
        }
    }

    fn text<'a>(&mut self, rule: &TextRule, frame: &Frame<'a>, element: &mut Value, at: &str) {
        let mut leaves: Vec<&'a Value> = Vec::new();
        let Some(text) = rule.text.render(frame, &mut |value| leaves.push(value)) else { return };
        let value = self.without_secrets(text.into(), &rule.to, &leaves, &rule.rule);
        let mut expression = at.to_string();
        if rule.to.write(element, &mut expression, value).is_err() {
            let text = "A text is not sent: another rule has written its element.";
            let issue =
                Issue::warning(IssueCode::Duplicate, IssueKey::MappingNotSent, text).with_expression(expression);
            self.issues.push(self.placed(issue, &leaves, &rule.rule));
            return;
        }
        let plain: Vec<&VendorPath> = match &rule.back {
            Some(template) => template
                .pieces
                .iter()
                .filter_map(|piece| match piece {
                    crate::text::Piece::Hole(path, filters) if filters.is_empty() => Some(path),
                    _ => None,
                })
                .collect(),
            None => Vec::new(),
        };
        for leaf in &leaves {
            let comes_back = plain.iter().any(|path| path.value(frame).is_some_and(|value| std::ptr::eq(value, *leaf)));
            let (outcome, class) =
                if comes_back { (Outcome::Mapped, LawClass::Lens) } else { (Outcome::Derived, LawClass::Derive) };
            let mark = Mark {
                outcome,
                rule: Some(rule.rule.clone()),
                class: Some(class),
                expression: Some(expression.clone()),
                reason: None,
            };
            self.ledger.mark(leaf, &mark);
        }
        let class = if rule.back.is_some() { LawClass::Lens } else { LawClass::Derive };
        self.note(expression, leaves.first().copied(), &rule.rule, class);
    }

    fn list<'a>(&mut self, rule: &ListRule, frame: &Frame<'a>, element: &mut Value, at: &str) {
        for binding in rule.each.spread(frame) {
            // What lies in an item that is set aside goes nowhere, also not by way of its parent.
            if binding.values.iter().any(|value| self.aside.contains(&address(value))) {
                continue;
            }
            let inner = frame.clone().with(rule.slot, binding);
            let mut fresh = Value::Null;
            let index = rule.to.get(element).and_then(Value::as_array).map_or(0, Vec::len);
            let place = format!("{}[{index}]", rule.to.place_in(element, at));
            self.block(&rule.block, &inner, &mut fresh, &place);
            if !fresh.is_null() {
                // A list that another rule filled with something else than a list cannot take it; the checker sees to that.
                let _ = rule.to.write(element, &mut String::new(), Value::Array(vec![fresh]));
            }
        }
    }

    fn note(&mut self, expression: String, leaf: Option<&Value>, rule: &Arc<str>, class: LawClass) {
        let pointer = leaf.and_then(|leaf| self.ledger.pointer(leaf)).unwrap_or(self.item_pointer).to_string();
        self.written.push(Written { expression, origin: Origin { pointer, rule: rule.clone() }, class });
    }

    fn placed(&self, issue: Issue, leaves: &[&Value], rule: &str) -> Issue {
        let pointer = leaves.iter().find_map(|leaf| self.ledger.pointer(leaf)).unwrap_or(self.item_pointer);
        issue.with_pointer(pointer).with_rule(rule)
    }

    /// Withholds secrets from text; identifiers, codes and addresses of systems are no free text.
    fn without_secrets(&mut self, value: Value, to: &FhirPath, leaves: &[&Value], rule: &str) -> Value {
        let mut names = to.steps.iter().rev().map(|step| step.name.as_str());
        let coded = match (names.next(), names.next()) {
            (Some("value"), above) => above == Some("identifier"),
            (Some(name), _) => matches!(name, "code" | "system" | "id" | "url" | "status" | "reference"),
            _ => false,
        };
        if coded {
            return value;
        }
        let mut found = false;
        let value = self.scrubbed(value, &mut found);
        if found {
            let text = "A text holds an access code; the code is withheld from what is sent.";
            let issue = Issue::warning(IssueCode::Suppressed, IssueKey::MappingSecretWithheld, text)
                .with_hint("keep access codes in their own field");
            self.issues.push(self.placed(issue, leaves, rule));
        }
        value
    }

    fn scrubbed(&self, value: Value, found: &mut bool) -> Value {
        match value {
            Value::String(text) => match self.secrets.withhold(&text, &self.policy.secret_patterns) {
                Some(withheld) => {
                    *found = true;
                    withheld.into()
                }
                None => text.into(),
            },
            Value::Array(list) => list.into_iter().map(|one| self.scrubbed(one, found)).collect(),
            Value::Object(map) => map
                .into_iter()
                .map(|(name, one)| {
                    let free = matches!(name.as_str(), "text" | "display" | "valueString" | "unit");
                    let one = if free || one.is_object() || one.is_array() { self.scrubbed(one, found) } else { one };
                    (name, one)
                })
                .collect(),
            other => other,
        }
    }
}

/// Marks what a rule sets aside; the presence of a secret is said.
pub fn set_aside(rule: &AsideRule, frame: &Frame<'_>, ledger: &mut Ledger, issues: &mut Vec<Issue>) {
    let Some(Found::Value(value)) = rule.path.find(frame) else { return };
    let (outcome, class) = match rule.kind {
        AsideKind::Drop => (Outcome::Dropped, LawClass::Drop),
        AsideKind::Keep | AsideKind::Secret => (Outcome::Kept, LawClass::Keep),
    };
    let mark = Mark {
        outcome,
        rule: Some(rule.rule.clone()),
        class: Some(class),
        expression: None,
        reason: Some(rule.reason.clone()),
    };
    ledger.mark(value, &mark);
    let present = !crate::vendor_path::is_absent(value);
    if rule.kind == AsideKind::Secret && present {
        let mut issue = Issue::information(
            IssueCode::Suppressed,
            IssueKey::MappingSecretWithheld,
            "An access secret is present; it is kept with the original and not sent.",
        )
        .with_rule(rule.rule.clone());
        if let Some(pointer) = ledger.pointer(value) {
            issue = issue.with_pointer(pointer);
        }
        issues.push(issue);
    }
}

/// A converter's value for sources that are found in a frame, as the way in compares it.
pub fn sent_for(sources: &[VendorPath], converter: &Converter, frame: &Frame<'_>) -> Option<Value> {
    let found: Vec<Option<&Value>> = sources.iter().map(|path| path.value(frame)).collect();
    if found.iter().all(Option::is_none) {
        return None;
    }
    match converter.out(&found) {
        Ok(sent) => sent,
        Err(outside) => outside.instead,
    }
}
