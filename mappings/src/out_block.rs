//! The rules of one resource, applied: vendor values into FHIR elements, each marked in the ledger.

mod followed;
mod impossible;
mod withheld;

pub use impossible::is_impossible;

use crate::account::{LawClass, Outcome};
use crate::addresses::ByAddress;
use crate::converter::Converter;
use crate::fhir_path::FhirPath;
use crate::follow::Links;
use crate::forest::{Forest, NodeId};
use crate::guard::Guard;
use crate::leaves::{Ledger, Mark, Reason, address};
use crate::outside::Outside;
use crate::plan::{AsideKind, AsideRule, Block, ExistsRule, ListRule, Only, PairRule, Policy, RefRule, TextRule};
use crate::record::Noted;
use crate::scope::Frame;
use crate::secret::Secrets;
use crate::stable_ids::StableIds;
use crate::text::{Piece, is_read_back};
use crate::vendor_path::{Found, VendorPath};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Severity};
use serde_json::{Map, Value, json};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;

/// Writes one resource.
pub struct Writer<'w> {
    /// The plugin's promises.
    pub policy: &'w Policy,
    /// What became of each leaf.
    pub ledger: &'w mut Ledger,
    /// The resources.
    pub forest: &'w mut Forest,
    /// The ids of resources.
    pub ids: &'w mut StableIds,
    /// What was found.
    pub issues: &'w mut Vec<Issue>,
    /// What was written, and from where.
    pub written: &'w mut Vec<Noted>,
    /// The item, by its place in the message.
    pub item: u32,
    /// The item's place, for what comes from no leaf.
    pub item_pointer: &'w str,
    /// What must not be sent.
    pub secrets: &'w Secrets,
    /// Addresses of items that are set aside.
    pub aside: &'w ByAddress<()>,
    /// Where references lead.
    pub links: &'w Links,
    /// The time of the call, where it is known.
    pub now: Option<&'w str>,
    /// Set when the item cannot be used.
    pub refused: Option<IssueKey>,
}

/// Most mappings name few values in a rule, which then cost no allocation.
type Few<T> = SmallVec<[T; 4]>;

/// Where a pair's value goes, how it is carried there, and what that promises.
type Sending<'s> = (&'s FhirPath, &'s Converter, LawClass);

/// The leaves a value comes from, and the element it goes into.
#[derive(Clone, Copy)]
struct Spot<'s> {
    leaves: &'s [&'s Value],
    element: NodeId,
}

/// Marks what a guard looked at, and says whether it holds.
pub fn judge<'a>(
    guard: &Guard,
    frame: &Frame<'a>,
    ledger: &mut Ledger,
    mark: impl FnOnce(&mut Ledger, bool) -> Mark,
) -> bool {
    let mut seen: Few<&'a Value> = Few::new();
    let holds = guard.holds(frame, &mut |value| seen.push(value));
    if !seen.is_empty() {
        let mark = mark(ledger, holds);
        if let Some(rule) = mark.rule.and_then(|rule| ledger.rule_named(rule)) {
            ledger.note_unfit(guard, frame, &rule);
        }
        seen.into_iter().for_each(|value| ledger.mark(value, mark));
    }
    holds
}

impl Writer<'_> {
    /// Applies a block, if its guard holds.
    pub fn block(&mut self, block: &Block, frame: &Frame<'_>, element: NodeId) {
        if let Some(when) = &block.when {
            let holds = judge(when, frame, self.ledger, |ledger, holds| Mark {
                outcome: if holds { Outcome::Matched } else { Outcome::Kept },
                rule: Some(ledger.rule(&block.rule)),
                class: None,
                at: holds.then_some(element),
                why: (!holds).then(|| ledger.why(Reason::Fixed("decides whether a part is sent"))),
            });
            if !holds {
                return;
            }
        }
        self.body(block, frame, element);
    }

    /// Applies a block whose guard holds.
    pub fn body(&mut self, block: &Block, frame: &Frame<'_>, element: NodeId) {
        for rule in &block.constants {
            let (at, written) = self.forest.write(&rule.to, element, &rule.value);
            if written.is_ok() {
                self.note(at, None, &rule.rule, LawClass::Const);
            }
        }
        block.pairs.iter().for_each(|rule| self.pair(rule, frame, element));
        block.exists.iter().for_each(|rule| self.exists(rule, frame, element));
        block.refs.iter().for_each(|rule| self.reference(rule, frame, element));
        block.texts.iter().for_each(|rule| self.text(rule, frame, element));
        block.groups.iter().for_each(|group| self.block(group, frame, element));
        block.lists.iter().for_each(|rule| self.list(rule, frame, element));
        block.aside.iter().for_each(|rule| set_aside(rule, frame, self.ledger, self.issues));
    }

    fn pair<'a>(&mut self, rule: &PairRule, frame: &Frame<'a>, element: NodeId) {
        if rule.only == Only::In {
            return;
        }
        if let Some(when) = &rule.when
            && !when.holds(frame, &mut |_| {})
        {
            return self.ledger.note_unfit(when, frame, &rule.rule);
        }
        let found: Few<Option<Found<'a>>> = rule.sources.iter().map(|path| path.find(frame)).collect();
        let names: Few<Option<Value>> = found
            .iter()
            .map(|one| match one {
                Some(Found::Name(name) | Found::Part(name, _)) => Some(Value::from(*name)),
                _ => None,
            })
            .collect();
        let inputs: Few<Option<&Value>> =
            found.iter().zip(&names).map(|(one, name)| one.and_then(Found::value).or(name.as_ref())).collect();
        if inputs.iter().all(Option::is_none) {
            return;
        }
        let leaves: Few<&'a Value> = found.iter().filter_map(|one| one.and_then(Found::leaf)).collect();
        let spot = Spot { leaves: &leaves, element };
        if let (Converter::Reference, [Some(text)]) = (&rule.converter, inputs.as_slice()) {
            return match self.followed(text) {
                Ok(value) => self.send(rule, (&rule.to, &rule.converter, rule.class), Cow::Owned(value), spot),
                Err(outside) => self.outside(rule, outside, &inputs, spot),
            };
        }
        match rule.converter.carried(&inputs) {
            Ok(None) => {
                // A value that the mapping says stands for none is accounted for; others are told as not sent.
                if rule.converter.nothing().is_some() {
                    let mark = self.kept(&rule.rule, Reason::Fixed("stands for no value"));
                    leaves.iter().for_each(|leaf| self.ledger.mark(leaf, mark));
                }
            }
            Ok(Some(value)) if withheld::is_bare_dose(&rule.to, &value) => {
                self.outside(rule, Outside::domain("this amount has no unit, so it is no dose"), &inputs, spot);
            }
            Ok(Some(value)) => {
                self.remark(rule, &inputs, &leaves, element);
                let returning: Few<&'a Value> = if leaves.len() > 1 {
                    let one_way = self.one_way(rule, &inputs, &found, &value, element);
                    let comes_back = |leaf: &&Value| !one_way.iter().any(|one| std::ptr::eq(*one, *leaf));
                    leaves.iter().copied().filter(comes_back).collect()
                } else {
                    leaves.clone()
                };
                let spot = Spot { leaves: &returning, element };
                self.send(rule, (&rule.to, &rule.converter, rule.class), value, spot);
            }
            Err(outside) => self.outside(rule, outside, &inputs, spot),
        }
    }

    /// Says what a function says of a value that it carries all the same.
    fn remark(&mut self, rule: &PairRule, inputs: &[Option<&Value>], leaves: &[&Value], element: NodeId) {
        let Converter::Call(function, arguments) = &rule.converter else { return };
        let Some((key, text)) = function.says.and_then(|says| says(arguments, inputs)) else { return };
        let mut expression = self.forest.expression(element);
        rule.to.steps.iter().for_each(|step| {
            expression.push('.');
            expression.push_str(&step.name);
        });
        let issue = Issue::warning(IssueCode::Value, key, text).with_expression(expression);
        let issue = self.placed(issue, leaves, &rule.rule);
        self.issues.push(issue);
    }

    fn kept(&mut self, rule: &Arc<str>, reason: Reason) -> Mark {
        Mark {
            outcome: Outcome::Kept,
            rule: Some(self.ledger.rule(rule)),
            class: Some(LawClass::Keep),
            at: None,
            why: Some(self.ledger.why(reason)),
        }
    }

    fn send(&mut self, rule: &PairRule, sending: Sending<'_>, value: Cow<'_, Value>, spot: Spot<'_>) {
        let (to, converter, class) = sending;
        if self.keeps_apart(rule, to, &value, spot) {
            return;
        }
        let Spot { leaves, element } = spot;
        let free = converter.carries_free_text();
        let scrubbed = if free { self.without_secrets(&value, to, leaves, &rule.rule) } else { None };
        // What is sent without a secret in it does not come back from FHIR alone.
        let class = if class == LawClass::Iso && scrubbed.is_some() { LawClass::Lens } else { class };
        let withheld = scrubbed.as_ref().map(|_| "an access code in it is withheld");
        let value = scrubbed.map_or(value, Cow::Owned);
        let (at, written) = self.forest.write(to, element, &value);
        let (outcome, reason) = match (written, class) {
            (Err(_), _) => (Outcome::Kept, Some("another rule has written this element")),
            (Ok(()), LawClass::Collapse) => (Outcome::Collapsed, withheld),
            (Ok(()), LawClass::Derive) => (Outcome::Derived, withheld),
            (Ok(()), _) => (Outcome::Mapped, withheld),
        };
        if written.is_err() {
            let text = "A value is kept with the original and not sent: another rule has written its element.";
            let issue = Issue::warning(IssueCode::Duplicate, IssueKey::MappingNotSent, text)
                .with_expression(self.forest.expression(at));
            let issue = self.placed(issue, leaves, &rule.rule);
            self.issues.push(issue);
        }
        let mark = Mark {
            outcome,
            rule: Some(self.ledger.rule(&rule.rule)),
            class: Some(class),
            at: Some(at),
            why: reason.map(|reason| self.ledger.why(Reason::Fixed(reason))),
        };
        leaves.iter().for_each(|leaf| self.ledger.mark(leaf, mark));
        if written.is_ok() {
            self.note(at, leaves.first().copied(), &rule.rule, class);
        }
    }

    /// Of several sources those that the way back leaves as they are: they are read, and do not come back from FHIR.
    fn one_way<'a>(
        &mut self,
        rule: &PairRule,
        inputs: &[Option<&Value>],
        found: &[Option<Found<'a>>],
        sent: &Value,
        element: NodeId,
    ) -> Few<&'a Value> {
        let mut out = Few::new();
        let Ok(back) = rule.converter.back(sent) else { return out };
        for (index, leaf) in
            found.iter().enumerate().filter_map(|(index, one)| Some((index, one.and_then(Found::value)?)))
        {
            if !matches!(back.get(index), Some(None)) {
                continue;
            }
            let mut without: Few<Option<&Value>> = inputs.iter().copied().collect();
            without[index] = None;
            let is_used = rule.converter.out(&without).ok().flatten().as_ref() != Some(sent);
            let mark = Mark {
                outcome: if is_used { Outcome::Derived } else { Outcome::Kept },
                rule: Some(self.ledger.rule(&rule.rule)),
                class: Some(if is_used { LawClass::Derive } else { LawClass::Keep }),
                at: is_used.then(|| self.forest.named(&rule.to, element)),
                why: (!is_used)
                    .then(|| self.ledger.why(Reason::Fixed("says nothing that the values beside it do not say"))),
            };
            self.ledger.mark(leaf, mark);
            out.push(leaf);
        }
        out
    }

    fn outside(&mut self, rule: &PairRule, outside: Outside, inputs: &[Option<&Value>], spot: Spot<'_>) {
        let mut sent = false;
        if let Some(instead) = outside.instead.clone() {
            self.send(rule, (&rule.to, &rule.converter, LawClass::Collapse), Cow::Owned(instead), spot);
            sent = true;
        } else if let Some((to, converter)) = &rule.otherwise {
            let class = converter.class();
            if let Ok(Some(value)) = converter.carried(inputs.get(..1).unwrap_or_default()) {
                let first = Spot { leaves: spot.leaves.get(..1).unwrap_or_default(), ..spot };
                self.send(rule, (to, converter, class), value, first);
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
            IssueKey::MappingLookupMissing => (IssueCode::NotFound, "send what it refers to in the same message"),
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
        let mut expression = self.forest.expression(spot.element);
        rule.to.steps.iter().for_each(|step| {
            expression.push('.');
            expression.push_str(&step.name);
        });
        let issue = self.placed(issue.with_expression(expression), spot.leaves, &rule.rule);
        self.issues.push(issue);
        if !sent {
            let mark = self.kept(&rule.rule, Reason::Told(outside.what.into()));
            spot.leaves.iter().for_each(|leaf| self.ledger.mark_unsent(leaf, mark));
        }
    }

    fn exists(&mut self, rule: &ExistsRule, frame: &Frame<'_>, element: NodeId) {
        let Some(value) = rule.source.value(frame) else { return };
        let Some(there) = value.as_bool() else {
            let mark = self.kept(&rule.rule, Reason::Fixed("this is not true or false"));
            self.ledger.mark(value, mark);
            let text = "This is not true or false; the value is kept with the original and not sent.";
            let issue = Issue::warning(IssueCode::Value, IssueKey::MappingOutsideDomain, text);
            let issue = self.placed(issue, &[value], &rule.rule);
            self.issues.push(issue);
            return;
        };
        let at = there.then(|| self.forest.place(&rule.to, element));
        if let Some(at) = at {
            self.note(at, Some(value), &rule.rule, LawClass::Iso);
        }
        let mark = Mark {
            outcome: Outcome::Mapped,
            rule: Some(self.ledger.rule(&rule.rule)),
            class: Some(LawClass::Iso),
            at,
            why: (!there).then(|| self.ledger.why(Reason::Fixed("false: the element is not there"))),
        };
        self.ledger.mark(value, mark);
    }

    fn reference(&mut self, rule: &RefRule, frame: &Frame<'_>, element: NodeId) {
        let key: Option<Few<&str>> = rule.key.iter().map(|path| path.plain_text(frame)).collect();
        let Some(key) = key else { return };
        let id = self.ids.id(self.policy, &rule.seed, &key);
        let mut buffer = uuid::Uuid::encode_buffer();
        let id: &str = id.hyphenated().encode_lower(&mut buffer);
        if rule.is_address {
            self.address(rule, id, frame, element);
            return;
        }
        let display = rule.display.as_ref().and_then(|path| path.value(frame));
        let shown = match display {
            Some(text @ Value::String(_)) => {
                Some(self.without_secrets(text, &rule.to, &[text], &rule.rule).map_or(Cow::Borrowed(text), Cow::Owned))
            }
            _ => None,
        };
        let at = self.forest.place(&rule.to, element);
        let written = if self.forest.is_null(at) {
            let reference = self.forest.add_member(at, "reference");
            self.forest.set_texts(reference, &[&rule.target_type, "/", id]);
            if let Some(system) = &rule.identifier {
                let identifier = self.forest.add_member(at, "identifier");
                let member = self.forest.add_member(identifier, "system");
                self.forest.set_text(member, system);
                let member = self.forest.add_member(identifier, "value");
                match key.as_slice() {
                    [one] => self.forest.set_text(member, one),
                    several => self.forest.set_text(member, &several.join("|")),
                }
            }
            if let Some(Value::String(shown)) = shown.as_deref() {
                let member = self.forest.add_member(at, "display");
                self.forest.set_text(member, shown);
            }
            true
        } else {
            let mut reference = Map::new();
            reference.insert("reference".into(), format!("{}/{id}", rule.target_type).into());
            if let Some(system) = &rule.identifier {
                reference.insert("identifier".into(), json!({"system": system, "value": key.join("|")}));
            }
            if let Some(shown) = shown {
                reference.insert("display".into(), shown.into_owned());
            }
            self.forest.put(at, &Value::Object(reference)).is_ok()
        };
        if !written {
            return;
        }
        let (outcome, class) = if rule.identifier.is_some() {
            (Outcome::Mapped, LawClass::Iso)
        } else {
            (Outcome::Derived, LawClass::Derive)
        };
        let named = Some(self.ledger.rule(&rule.rule));
        let mark = |outcome, class| Mark { outcome, rule: named, class: Some(class), at: Some(at), why: None };
        let leaves: Few<&Value> = rule.key.iter().filter_map(|path| path.value(frame)).collect();
        leaves.iter().for_each(|leaf| self.ledger.mark(leaf, mark(outcome, class)));
        display.into_iter().for_each(|leaf| self.ledger.mark(leaf, mark(Outcome::Derived, LawClass::Derive)));
        self.note(at, leaves.first().copied(), &rule.rule, class);
    }

    /// The address of what another rule makes.
    fn address(&mut self, rule: &RefRule, id: &str, frame: &Frame<'_>, element: NodeId) {
        let address = Value::from(format!("{}/{id}", rule.target_type));
        let (at, Ok(())) = self.forest.write(&rule.to, element, &address) else { return };
        let named = Some(self.ledger.rule(&rule.rule));
        let leaves: Few<&Value> = rule.key.iter().filter_map(|path| path.value(frame)).collect();
        for leaf in &leaves {
            let class = Some(LawClass::Derive);
            self.ledger.mark(leaf, Mark { outcome: Outcome::Derived, rule: named, class, at: Some(at), why: None });
        }
        self.note(at, leaves.first().copied(), &rule.rule, LawClass::Derive);
    }

    fn text<'a>(&mut self, rule: &TextRule, frame: &Frame<'a>, element: NodeId) {
        let mut leaves: Few<&'a Value> = Few::new();
        let Some(text) = rule.text.render(frame, &mut |value| leaves.push(value)) else { return };
        let text = Value::from(text);
        let value = self.without_secrets(&text, &rule.to, &leaves, &rule.rule).unwrap_or(text);
        let (at, written) = self.forest.write(&rule.to, element, &value);
        if written.is_err() {
            let text = "A text is not sent: another rule has written its element.";
            let issue = Issue::warning(IssueCode::Duplicate, IssueKey::MappingNotSent, text)
                .with_expression(self.forest.expression(at));
            let issue = self.placed(issue, &leaves, &rule.rule);
            self.issues.push(issue);
            return;
        }
        let named = Some(self.ledger.rule(&rule.rule));
        for leaf in &leaves {
            let mut plain = rule.back.iter().flat_map(|template| &template.pieces).filter_map(|piece| match piece {
                Piece::Hole(path, filters) if is_read_back(filters) => path.value(frame),
                _ => None,
            });
            let (outcome, class) = if plain.any(|value| std::ptr::eq(value, *leaf)) {
                (Outcome::Mapped, LawClass::Lens)
            } else {
                (Outcome::Derived, LawClass::Derive)
            };
            self.ledger.mark(leaf, Mark { outcome, rule: named, class: Some(class), at: Some(at), why: None });
        }
        let class = if rule.back.is_some() { LawClass::Lens } else { LawClass::Derive };
        self.note(at, leaves.first().copied(), &rule.rule, class);
    }

    fn list<'a>(&mut self, rule: &ListRule, frame: &Frame<'a>, element: NodeId) {
        if rule.around.is_empty() {
            return self.elements(rule, frame, element);
        }
        for frame in rule.frames(frame) {
            self.elements(rule, &frame, element);
        }
    }

    fn elements<'a>(&mut self, rule: &ListRule, frame: &Frame<'a>, element: NodeId) {
        let bindings = rule.each.spread(frame);
        if bindings.is_empty() {
            return;
        }
        let mut inner: Frame<'a> = frame.clone();
        for binding in bindings {
            // What lies in an item that is set aside goes nowhere, also not by way of its parent.
            if binding.values.iter().any(|value| self.aside.contains_key(&address(value))) {
                continue;
            }
            inner.bind(rule.slot, Some(binding));
            let fresh = self.forest.next_element(&rule.to, element);
            self.block(&rule.block, &inner, fresh);
            if !self.forest.is_null(fresh) {
                // A list that another rule filled with something else than a list cannot take it; the checker sees to that.
                let _ = self.forest.append(&rule.to, element, fresh);
            }
        }
    }

    fn note(&mut self, at: NodeId, leaf: Option<&Value>, rule: &Arc<str>, class: LawClass) {
        let leaf = leaf.and_then(|leaf| self.ledger.row(leaf));
        let rule = self.ledger.rule(rule);
        self.written.push(Noted { at, leaf, item: self.item, rule, class });
    }

    fn placed(&self, issue: Issue, leaves: &[&Value], rule: &Arc<str>) -> Issue {
        let pointer = leaves.iter().find_map(|leaf| self.ledger.pointer(leaf));
        issue.with_pointer(pointer.unwrap_or_else(|| self.item_pointer.to_string())).with_rule(rule.clone())
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
        rule: Some(ledger.rule(&rule.rule)),
        class: Some(class),
        at: None,
        why: Some(ledger.why(Reason::Told(rule.reason.clone()))),
    };
    match (rule.kind, value) {
        // Of a whole that is set aside an empty cell is empty: why the rest is not sent says nothing of it.
        (AsideKind::Keep, Value::Object(_) | Value::Array(_)) => ledger.mark_filled(value, mark),
        _ => ledger.mark(value, mark),
    }
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
pub fn sent_for<'v>(sources: &[VendorPath], converter: &'v Converter, frame: &'v Frame<'_>) -> Option<Cow<'v, Value>> {
    let found: Few<Option<&'v Value>> = sources.iter().map(|path| path.value(frame)).collect();
    if found.iter().all(Option::is_none) {
        return None;
    }
    match converter.carried(&found) {
        Ok(sent) => sent,
        Err(outside) => outside.instead.map(Cow::Owned),
    }
}
