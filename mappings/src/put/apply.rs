//! Puts a resource's values into the vendor's tree, rule by rule.

use super::places::{Bound, Put, ReadOnly, Scopes};
use super::select::{Selected, constants_met, fact, facts, reference_key};
use super::tree::{Place, Token, pointer_of, shape};
use crate::account::LawClass;
use crate::converter::Converter;
use crate::fhir_path::{FhirPath, Pick, Slice};
use crate::follow::{canonical, vendor_reference};
use crate::guard::Guard;
use crate::out_block::{is_impossible, sent_for};
use crate::outside::Outside;
use crate::plan::{Block, ListRule, Only, PairRule};
use crate::scope::Frame;
use crate::secret::{WITHHELD, is_withheld_form};
use crate::vendor_path::{Base, Step, VendorPath, is_absent, same, scalar_text};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;
use std::sync::Arc;

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
    fn assert_guard(&mut self, guard: &Guard, scopes: &Scopes) {
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
    fn was_shown(&self, group: &Block, at: &At<'_>) -> bool {
        !at.expression.contains('.') && self.as_it_was.is_some_and(|before| shown(group, before))
    }

    pub(super) fn set(&mut self, path: &VendorPath, value: Value, scopes: &Scopes) {
        for place in self.places(path, scopes) {
            let value = self.as_the_schema_has_it(value.clone(), &place);
            self.tree.set(&place, value);
        }
    }

    fn body(&mut self, block: &Block, at: &At<'_>, scopes: &Scopes) {
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
            if now.is_some_and(|now| now == text || is_withheld_form(&now, text)) || text.contains(WITHHELD) {
                // What the record makes of itself is nobody else's word, also not that of a group that does not apply.
                self.claimed.insert(claim(at, &rule.to));
                continue;
            }
            let found = rule.back.as_ref().and_then(|template| template.read_back(text));
            for (path, value) in found.into_iter().flatten() {
                self.set(path, value.into(), scopes);
            }
        }
        let holds = |put: &Self, group: &Block| {
            group.when.as_ref().is_none_or(|when| when.holds(&put.frame(scopes), &mut |_| {}))
        };
        let (certain, open): (Vec<&Block>, Vec<&Block>) = block
            .groups
            .iter()
            .partition(|group| shown(group, at.element) || (holds(self, group) && group.constants.is_empty()));
        for group in certain {
            // What a group before wrote may have ended its guard.
            if !shown(group, at.element) && !holds(self, group) {
                self.attempt(group, at, scopes);
                continue;
            }
            // What the record already said without this group says nothing of its guard.
            if let Some(when) = &group.when
                && shown(group, at.element)
                && !self.was_shown(group, at)
            {
                self.assert_guard(when, scopes);
            }
            if !self.known && shown(group, at.element) {
                group.new.iter().for_each(|rule| self.fill(rule, scopes, &Value::Null));
            }
            self.body(group, at, scopes);
        }
        open.into_iter().for_each(|group| self.attempt(group, at, scopes));
        for rule in block.lists.iter().filter(|rule| !rule.only_out) {
            let slices = slices_beside(at.rules, &rule.to);
            self.list(rule, at, scopes, &slices);
        }
    }

    /// A group whose guard does not hold yet is tried: it stays when its elements are there, no other rule has taken
    /// them, and its guard holds once they are written.
    fn attempt(&mut self, group: &Block, at: &At<'_>, scopes: &Scopes) {
        if !group.constants.is_empty() {
            // Its constants are not there: what it sent before is gone from FHIR.
            if group.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {})) {
                self.body(group, at, scopes);
            }
            return;
        }
        let free = |to: &FhirPath| !self.is_claimed(at, to);
        let pairs = group.pairs.iter().filter(|rule| rule.only != Only::Out && free(&rule.to));
        let stated = pairs.into_iter().any(|rule| {
            let carries =
                |to: &FhirPath, by: &Converter| to.get(at.element).is_some_and(|value| by.back(value).is_ok());
            carries(&rule.to, &rule.converter) || rule.otherwise.as_ref().is_some_and(|(to, by)| carries(to, by))
        }) || group.texts.iter().filter(|rule| free(&rule.to)).any(|rule| {
            let text = rule.to.get(at.element).and_then(Value::as_str);
            text.zip(rule.back.as_ref()).is_some_and(|(text, template)| template.read_back(text).is_some())
        });
        if !stated {
            return;
        }
        let before = (self.claimed.clone(), self.untaken.len());
        let attempt = self.tree.attempt();
        if let Some(when) = &group.when {
            for (path, value) in when.equalities() {
                if path.value(&self.frame(scopes)).is_none() {
                    self.set(path, value.clone(), scopes);
                }
            }
        }
        self.body(group, at, scopes);
        let holds = group.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {}));
        self.tree.end(attempt, holds);
        if !holds {
            self.claimed = before.0;
            self.untaken.truncate(before.1);
        }
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
        let mut back = if has_withheld(value) { Err(Outside::withheld()) } else { converter.back(value) };
        let mut converter = converter;
        let mut sources = sources;
        // One element may hold either form: what the first converter does not know is the other's.
        if back.is_err()
            && let Some((other_to, other)) = &rule.otherwise
            && other_to.get(at.element).is_some_and(|found| std::ptr::eq(found, value))
            && let Ok(values) = other.back(value)
            && !has_withheld(value)
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

    fn list(&mut self, rule: &ListRule, at: &At<'_>, scopes: &Scopes, beside: &[Arc<Slice>]) {
        let elements = rule.to.get(at.element).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if elements.is_empty() && rule.each.value(&self.frame(scopes)).is_none() {
            // Nothing to put and nothing to take away: a place that is only looked for is not made.
            return;
        }
        let Some(list) = self.places(&rule.each, scopes).pop() else { return };
        let before = self.sent_elements(rule, &list, scopes);
        let mut met: Vec<Place> = Vec::new();
        let names = |path: &FhirPath| path.steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
        let siblings: Vec<&ListRule> =
            lists_of(at.rules).into_iter().filter(|other| names(&other.to) == names(&rule.to)).collect();
        let own = |one: &Value| {
            // Of several lists into one the rule with most constants speaks for an element.
            let closer = |other: &&ListRule| {
                other.block.constants.len() > rule.block.constants.len() && constants_met(&other.block, one)
            };
            let slice = beside.iter().any(|slice| slice.is(one));
            constants_met(&rule.block, one) && !slice && !siblings.iter().any(closer)
        };
        let mut stated: Vec<Stated<'_>> = Vec::new();
        for (index, element) in elements.iter().enumerate().filter(|(_, one)| own(one)) {
            let facts = facts(self.plan, &rule.block, element, self.keys);
            let key = rule.key.as_ref().and_then(|path| scalar_text(fact(&facts, path)?));
            stated.push(Stated { index, element, facts, key, place: None });
        }
        self.align(rule, &before, &mut stated, scopes);
        for Stated { index, element, key, place, .. } in stated {
            let place = match (place, rule.key.as_ref().zip(key)) {
                (Some(place), _) => place,
                (None, Some(key)) => self.keyed(&list, &[key], None),
                (None, None) if names_members(rule) => continue,
                (None, None) => self.tree.find_or_add(&list, &|_| false),
            };
            let mut inner = scopes.clone();
            inner[rule.slot] = Some(Bound::Place(place.clone()));
            if let Some(when) = &rule.block.when {
                self.assert_guard(when, &inner);
            }
            let names: Vec<&str> = rule.to.steps.iter().map(|step| step.name.as_str()).collect();
            let below = At {
                element,
                rules: &rule.block,
                expression: format!("{}.{}[{index}]", at.expression, names.join(".")),
                place: format!("{}.{}[{index}]", at.place, rule.to.text()),
                pointer: at.pointer,
            };
            self.body(&rule.block, &below, &inner);
            met.push(place);
        }
        for (place, _) in before.into_iter().filter(|(place, _)| !met.contains(place)) {
            let text =
                "FHIR no longer has this entry; it is taken out of the vendor's list, with what was only kept there.";
            let issue = Issue::warning(IssueCode::BusinessRule, IssueKey::MappingReport, text);
            let names: Vec<&str> = rule.to.steps.iter().map(|step| step.name.as_str()).collect();
            let expression = format!("{}.{}", at.expression, names.join("."));
            self.issues.push(issue.with_pointer(at.pointer).with_expression(expression).with_rule(&rule.rule));
            self.gone.push(place);
        }
    }

    /// Finds for each element the place in the previous record that it comes from: the same key; else, where only the
    /// key differs and all that is said besides is the same, that place; of elements without a key the next without one.
    fn align(&self, rule: &ListRule, before: &[Sent], stated: &mut [Stated<'_>], scopes: &Scopes) {
        let mut met = vec![false; before.len()];
        let mut claim = |stated: &mut [Stated<'_>], fits: &dyn Fn(&Stated<'_>, &Sent) -> bool| {
            for one in stated.iter_mut().filter(|one| one.place.is_none()) {
                if let Some(at) = (0..before.len()).find(|at| !met[*at] && fits(one, &before[*at])) {
                    met[at] = true;
                    one.place = Some(before[at].0.clone());
                }
            }
        };
        // Only what the rule sends now can be what FHIR speaks of; twins are met one after the other.
        claim(stated, &|one, (_, known)| {
            let keys = known.as_deref().zip(one.key.as_deref());
            keys.is_some_and(|(now, key)| now == key || is_withheld_form(now, key))
        });
        if names_members(rule) {
            return;
        }
        let says_the_rest = |one: &Stated<'_>, place: &Place| {
            let mut inner = scopes.clone();
            inner[rule.slot] = Some(Bound::Place(place.clone()));
            let frame = self.frame(&inner);
            let is_key = |path: &VendorPath| {
                rule.key.as_ref().is_some_and(|key| key.base == path.base && key.steps == path.steps)
            };
            let mut others =
                one.facts.iter().filter(|(path, _)| path.base == Base::Variable(rule.slot) && !is_key(path)).peekable();
            others.peek().is_some()
                && others.all(|(path, value)| path.text(&frame).is_some_and(|now| Some(now) == scalar_text(value)))
        };
        claim(stated, &|one, (place, _)| says_the_rest(one, place));
        claim(stated, &|one, (_, known)| one.key.is_none() && known.is_none());
    }

    /// The elements of the vendor's list that the rule sends now, each with its key.
    fn sent_elements(&self, rule: &ListRule, list: &[Token], scopes: &Scopes) -> Vec<Sent> {
        let token =
            |index: usize, name: Option<&str>| name.map_or(Token::At(index), |name| Token::Name(name.to_string()));
        let found: Vec<Token> = match self.tree.get(list) {
            Some(Value::Array(all)) => (0..all.len()).map(|index| token(index, None)).collect(),
            Some(Value::Object(all)) => all.keys().map(|name| token(0, Some(name))).collect(),
            _ => Vec::new(),
        };
        let places = found.into_iter().map(|token| list.iter().cloned().chain([token]).collect::<Place>());
        places
            .filter_map(|place| {
                let mut inner = scopes.clone();
                inner[rule.slot] = Some(Bound::Place(place.clone()));
                let frame = self.frame(&inner);
                let holds = rule.block.when.as_ref().is_none_or(|when| when.holds(&frame, &mut |_| {}));
                (holds && says_something(&rule.block, &frame))
                    .then(|| (place, rule.key.as_ref().and_then(|key| key.text(&frame))))
            })
            .collect()
    }
}

/// A place in the vendor's list that is sent now, with its key.
type Sent = (Place, Option<String>);

/// An element of a FHIR list, what it states, and where in the previous record it comes from.
struct Stated<'s> {
    index: usize,
    element: &'s Value,
    facts: Vec<(&'s VendorPath, Value)>,
    key: Option<String>,
    place: Option<Place>,
}

/// Whether a list goes through the members of an object, which their names tell.
fn names_members(rule: &ListRule) -> bool {
    rule.key.as_ref().is_some_and(|key| key.steps.first() == Some(&Step::KeyName))
}

/// Whether a block makes an element of what stands in the record now.
fn says_something(block: &Block, frame: &Frame<'_>) -> bool {
    fn sends(rule: &PairRule, frame: &Frame<'_>) -> bool {
        let other = || {
            let (_, converter) = rule.otherwise.as_ref()?;
            sent_for(rule.sources.get(..1).unwrap_or_default(), converter, frame).map(drop)
        };
        rule.only != Only::In
            && rule.when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {}))
            && (sent_for(&rule.sources, &rule.converter, frame).is_some() || other().is_some())
    }
    let holds = |when: &Option<Guard>| when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {}));
    !block.constants.is_empty()
        || block.pairs.iter().any(|rule| sends(rule, frame))
        || block.exists.iter().any(|rule| rule.source.value(frame).and_then(Value::as_bool) == Some(true))
        || block.refs.iter().any(|rule| rule.key.iter().all(|path| path.text(frame).is_some()))
        || block.texts.iter().any(|rule| rule.text.render(frame, &mut |_| {}).is_some())
        || block.groups.iter().any(|group| holds(&group.when) && says_something(group, frame))
        || block.lists.iter().any(|rule| rule.each.value(frame).is_some())
}

/// What tells an element of a resource, for rules that could both take it.
pub(super) fn claim(at: &At<'_>, to: &FhirPath) -> String {
    format!("{}.{}", at.place, to.text())
}

/// All lists of a block and its groups.
fn lists_of(block: &Block) -> Vec<&ListRule> {
    block.lists.iter().chain(block.groups.iter().flat_map(lists_of)).collect()
}

/// Whether a group shows itself by its constants.
pub(super) fn shown(group: &Block, element: &Value) -> bool {
    !group.constants.is_empty() && constants_met(group, element)
}

/// The slices that other rules of a block have in a list, so that its elements are not taken for theirs.
fn slices_beside(block: &Block, list: &FhirPath) -> Vec<Arc<Slice>> {
    let names: Vec<&str> = list.steps.iter().map(|step| step.name.as_str()).collect();
    let mut out = Vec::new();
    let paths = block.constants.iter().map(|rule| &rule.to).chain(block.pairs.iter().map(|rule| &rule.to));
    let paths = paths.chain(block.exists.iter().map(|rule| &rule.to)).chain(block.texts.iter().map(|rule| &rule.to));
    for path in paths.chain(block.refs.iter().map(|rule| &rule.to)) {
        let same =
            path.steps.len() >= names.len() && path.steps.iter().zip(&names).all(|(step, name)| step.name == **name);
        if let (true, Some(Pick::Slice(slice))) = (same, path.steps.get(names.len() - 1).map(|step| &step.pick)) {
            out.push(slice.clone());
        }
    }
    out.extend(block.groups.iter().flat_map(|group| slices_beside(group, list)));
    out
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
