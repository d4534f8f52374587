//! Puts the elements of a FHIR list into the vendor's list: each where it came from, new ones at the end.

use super::apply::At;
use super::places::{Bound, Put, Scopes};
use super::select::{constants_met, fact, facts};
use super::tree::{Place, Token, pointer_of};
use crate::account::LawClass;
use crate::fhir_path::{FhirPath, Pick, Slice};
use crate::follow::vendor_reference;
use crate::guard::Guard;
use crate::out_block::sent_for;
use crate::plan::{Block, ListRule, Only, PairRule};
use crate::scope::Frame;
use crate::secret::is_withheld_form;
use crate::vendor_path::{Base, Step, VendorPath, scalar_text};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;
use std::sync::Arc;

impl<'p> Put<'p> {
    pub(super) fn list(&mut self, rule: &ListRule, at: &At<'_>, scopes: &Scopes, beside: &[Arc<Slice>]) {
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
            // What the record can hold nothing of makes no entry; what was there is never null.
            if self.tree.get(&place).is_some_and(Value::is_null) && matches!(place.last(), Some(Token::At(_))) {
                self.tree.remove(&place);
            } else {
                met.push(place);
            }
        }
        for Sent { place, .. } in before.into_iter().filter(|one| !met.contains(&one.place)) {
            let text =
                "FHIR no longer has this entry; it is taken out of the vendor's list, with what was only kept there.";
            let issue = Issue::warning(IssueCode::BusinessRule, IssueKey::MappingReport, text);
            let names: Vec<&str> = rule.to.steps.iter().map(|step| step.name.as_str()).collect();
            let expression = format!("{}.{}", at.expression, names.join("."));
            self.issues.push(issue.with_pointer(at.pointer).with_expression(expression).with_rule(&rule.rule));
            self.gone.push(place);
        }
    }

    /// Finds for each element the place in the previous record that it comes from: the same key; else, where only the key
    /// differs and all that is said besides is the same, that place, first of all one that says no more; of elements
    /// without a key the next without one.
    fn align(&self, rule: &ListRule, before: &[Sent], stated: &mut [Stated<'_>], scopes: &Scopes) {
        let mut met = vec![false; before.len()];
        let mut claim = |stated: &mut [Stated<'_>], fits: &dyn Fn(&Stated<'_>, &Sent) -> bool| {
            // Of twins each stays where it stands.
            for in_its_place in [true, false] {
                for (nth, one) in stated.iter_mut().enumerate().filter(|(_, one)| one.place.is_none()) {
                    let mut range = if in_its_place { nth..before.len().min(nth + 1) } else { 0..before.len() };
                    if let Some(at) = range.find(|at| !met[*at] && fits(one, &before[*at])) {
                        met[at] = true;
                        one.place = Some(before[at].place.clone());
                    }
                }
            }
        };
        let inner = |place: &Place| {
            let mut inner = scopes.clone();
            inner[rule.slot] = Some(Bound::Place(place.clone()));
            inner
        };
        let says_the_rest = |one: &Stated<'_>, place: &Place| {
            let inner = inner(place);
            let frame = self.frame(&inner);
            let is_key = |path: &VendorPath| {
                rule.key.as_ref().is_some_and(|key| key.base == path.base && key.steps == path.steps)
            };
            let mut others =
                one.facts.iter().filter(|(path, _)| path.base == Base::Variable(rule.slot) && !is_key(path)).peekable();
            others.peek().is_some()
                && others.all(|(path, value)| {
                    let stated = scalar_text(value);
                    let now = path.text(&frame);
                    now.is_some()
                        && (now == stated
                            || self.reference_now(path, &inner) == stated
                            || as_told(&rule.block, path, &frame, &respelled) == stated)
                })
        };
        let says_just_the_rest = |one: &Stated<'_>, place: &Place| {
            says_the_rest(one, place) && !says_more(&rule.block, &self.frame(&inner(place)), &one.facts)
        };
        let is_keyed_alike = |one: &Stated<'_>, sent: &Sent| {
            let keys = sent.key.as_deref().zip(one.key.as_deref());
            keys.is_some_and(|(now, key)| {
                let told = [&sent.refers_to, &sent.told].into_iter().any(|told| told.as_deref() == Some(key));
                now == key || is_withheld_form(now, key) || told
            })
        };
        // Only what the rule sends now can be what FHIR speaks of.
        if !names_members(rule) {
            claim(stated, &|one, sent| is_keyed_alike(one, sent) && says_just_the_rest(one, &sent.place));
        }
        claim(stated, &is_keyed_alike);
        if names_members(rule) {
            return;
        }
        claim(stated, &|one, sent| says_just_the_rest(one, &sent.place));
        claim(stated, &|one, sent| says_the_rest(one, &sent.place));
        claim(stated, &|one, sent| one.key.is_none() && sent.key.is_none());
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
        let mut out = Vec::new();
        for token in found {
            let place: Place = list.iter().cloned().chain([token]).collect();
            let mut inner = scopes.clone();
            inner[rule.slot] = Some(Bound::Place(place.clone()));
            let (key, told) = {
                let frame = self.frame(&inner);
                let holds = rule.block.when.as_ref().is_none_or(|when| when.holds(&frame, &mut |_| {}))
                    && !self.unknown.contains(pointer_of(&place).as_str());
                if !holds || !says_something(&rule.block, &frame) {
                    continue;
                }
                let key = rule.key.as_ref();
                (key.and_then(|key| key.text(&frame)), key.and_then(|key| as_told(&rule.block, key, &frame, &|_| true)))
            };
            let refers_to = rule.key.as_ref().and_then(|path| self.reference_now(path, &inner));
            out.push(Sent { place, key, refers_to, told });
        }
        out
    }

    /// A reference of the record in the words in which FHIR's would come back: one reference may be spelt in several ways.
    fn reference_now(&self, path: &VendorPath, scopes: &Scopes) -> Option<String> {
        let Base::Variable(slot) = path.base else { return None };
        let Some(Bound::Place(around)) = scopes.get(slot)? else { return None };
        let mut place = around.clone();
        for step in &path.steps {
            let Step::Field(name) = step else { return None };
            place.push(Token::Name(name.clone()));
        }
        vendor_reference(self.plan, self.keys, self.links.get(&pointer_of(&place))?)
    }
}

/// A place in the vendor's list that is sent now.
struct Sent {
    place: Place,
    key: Option<String>,
    /// Its key in the words of the way back, where it is a reference.
    refers_to: Option<String>,
    /// Its key as the way back makes it of what FHIR was told: a code that no table lists goes out as another.
    told: Option<String>,
}

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

/// Whether a pair tells a value in another spelling at the most: what several values become is no sign of any of them.
fn respelled(rule: &PairRule) -> bool {
    matches!(rule.class, LawClass::Iso | LawClass::Lens)
}

/// What comes back of a value that stands in the record now, by way of the pairs that are asked for.
fn as_told(block: &Block, path: &VendorPath, frame: &Frame<'_>, asked: &dyn Fn(&PairRule) -> bool) -> Option<String> {
    let is_meant = |rule: &&PairRule| {
        let reads = matches!(&rule.sources[..], [only] if only.base == path.base && only.steps == path.steps);
        reads && asked(rule) && sends(rule, frame)
    };
    let own = block.pairs.iter().filter(is_meant).find_map(|rule| {
        let sent = sent_for(&rule.sources, &rule.converter, frame)?;
        scalar_text(rule.converter.back(&sent).ok()?.first()?.as_ref()?)
    });
    let holds = |group: &&Block| group.when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {}));
    own.or_else(|| block.groups.iter().filter(holds).find_map(|group| as_told(group, path, frame, asked)))
}

/// Whether a pair makes something of what stands in the record now.
fn sends(rule: &PairRule, frame: &Frame<'_>) -> bool {
    let other = || {
        let (_, converter) = rule.otherwise.as_ref()?;
        sent_for(rule.sources.get(..1).unwrap_or_default(), converter, frame).map(drop)
    };
    rule.only != Only::In
        && rule.when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {}))
        && (sent_for(&rule.sources, &rule.converter, frame).is_some() || other().is_some())
}

/// Whether what stands in the record now says more than these facts.
fn says_more(block: &Block, frame: &Frame<'_>, facts: &[(&VendorPath, Value)]) -> bool {
    let holds = |when: &Option<Guard>| when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {}));
    let told = block.pairs.iter().filter(|rule| rule.only == Only::Both && sends(rule, frame));
    let mut told = told.flat_map(|rule| &rule.sources).filter(|path| path.value(frame).is_some());
    told.any(|path| fact(facts, path).is_none())
        || block.groups.iter().any(|group| holds(&group.when) && says_more(group, frame, facts))
}

/// Whether a block makes an element of what stands in the record now.
fn says_something(block: &Block, frame: &Frame<'_>) -> bool {
    let holds = |when: &Option<Guard>| when.as_ref().is_none_or(|when| when.holds(frame, &mut |_| {}));
    !block.constants.is_empty()
        || block.pairs.iter().any(|rule| sends(rule, frame))
        || block.exists.iter().any(|rule| rule.source.value(frame).and_then(Value::as_bool) == Some(true))
        || block.refs.iter().any(|rule| rule.key.iter().all(|path| path.text(frame).is_some()))
        || block.texts.iter().any(|rule| rule.text.render(frame, &mut |_| {}).is_some())
        || block.groups.iter().any(|group| holds(&group.when) && says_something(group, frame))
        || block.lists.iter().any(|rule| rule.each.value(frame).is_some())
}

/// All lists of a block and its groups.
fn lists_of(block: &Block) -> Vec<&ListRule> {
    block.lists.iter().chain(block.groups.iter().flat_map(lists_of)).collect()
}

/// The slices that other rules of a block have in a list, so that its elements are not taken for theirs.
pub(super) fn slices_beside(block: &Block, list: &FhirPath) -> Vec<Arc<Slice>> {
    let names: Vec<&str> = list.steps.iter().map(|step| step.name.as_str()).collect();
    let mut out = Vec::new();
    let paths = block.constants.iter().map(|rule| &rule.to).chain(block.pairs.iter().map(|rule| &rule.to));
    let paths = paths.chain(block.exists.iter().map(|rule| &rule.to)).chain(block.texts.iter().map(|rule| &rule.to));
    let paths = paths.chain(block.pairs.iter().filter_map(|rule| rule.otherwise.as_ref().map(|(to, _)| to)));
    let paths = paths.chain(block.lists.iter().map(|rule| &rule.to));
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
