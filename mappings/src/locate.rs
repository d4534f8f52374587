//! The vendor's place and the mapping rule behind an element of a translated resource, whether it is there or missing.
//!
//! Asked only when something was found in the FHIR: the message is gone through once more to see where the variables of
//! each resource stood, and its rules are laid beside the elements. A run without findings pays nothing for this.

mod element_places;

use crate::account::LawClass;
use crate::addresses::ByAddress;
use crate::fhir_path::{FhirPath, Pick};
use crate::leaves::{address, is_below, pointers};
use crate::out::Traces;
use crate::plan::{Block, PairRule, Plan, ResourcePlan};
use crate::scope::{Binding, Frame};
use crate::translate::{Context, LookupKey, Translated, Written};
use crate::vendor_path::{Base, Step, VendorPath, scalar_text};
use element_places::{aligned, value_at, value_by_expression, within};
use ginnel_schemas::issue::Issue;
use ginnel_schemas::json_pointer::{parent, push_token, resolve};
use serde_json::Value;
use std::sync::Arc;

/// Most vendor's places that are named beside the first.
const MOST_OTHERS: usize = 3;

/// Finds places of one message.
pub struct Locator<'m> {
    plan: &'m Plan,
    tree: &'m Value,
    context: &'m Context,
    pointers: ByAddress<String>,
    traces: Traces,
    references: Option<Arc<crate::format::references::References<'m>>>,
}

/// The vendor's place behind an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// JSON Pointer into the vendor's payload; of a missing value the place where it would stand.
    pub pointer: String,
    /// The mapping rule, as `file:line`; empty where no rule is known.
    pub rule: Arc<str>,
    /// What the sender can do about it, where more is known than the place.
    pub advice: Option<String>,
}

impl<'m> Locator<'m> {
    /// For a message and what it was translated with.
    pub(crate) fn new(plan: &'m Plan, tree: &'m Value, context: &'m Context) -> Locator<'m> {
        let (_, traces) = crate::out::traced(plan, tree, Vec::new(), context);
        Locator { plan, tree, context, pointers: pointers(tree), traces, references: plan.references(tree) }
    }

    /// An issue about a resource of a translation, with the vendor's place, the rule, and what to do there.
    pub fn placed(&self, translated: &Translated, item: usize, resource: usize, issue: Issue) -> Issue {
        let Some(place) = self.place(translated, item, resource, &issue) else {
            let pointer = translated.items.get(item).map(|item| item.pointer.clone()).unwrap_or_default();
            return issue.with_pointer(pointer);
        };
        let mut issue = issue.with_pointer(place.pointer);
        if !place.rule.is_empty() {
            issue = issue.with_rule(place.rule);
        }
        if let Some(advice) = place.advice {
            issue.hint = Some(match issue.hint.take() {
                Some(hint) => format!("{hint}; {advice}"),
                None => advice,
            });
        }
        issue
    }

    /// The vendor's place behind what an issue about a resource speaks of.
    pub fn place(&self, translated: &Translated, item: usize, resource: usize, issue: &Issue) -> Option<Place> {
        let made = translated.items.get(item)?.resources.get(resource)?;
        let written = translated.written.get(item)?.get(resource)?;
        let text = |name: &str| made.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = format!("{}/{}", text("resourceType"), text("id"));
        let rule = self.plan.resources.get(translated.written.rule_of(item, resource)?)?;
        let frame = self.frame(&name, rule);
        let whole = self.whole(rule, &frame, &translated.items.get(item)?.pointer);
        let mut walk = Walk { locator: self, written, spots: Vec::new() };
        walk.block(&rule.block, &frame, Some(made), &rule.resource_type, &whole, 0);
        let found = Found { locator: self, rule, whole, written, made, spots: walk.spots };
        let expression = issue.expression.as_deref().unwrap_or(&rule.resource_type);
        Some(match &issue.missing {
            Some(missing) => found.missing(expression, missing),
            None => found.there(expression),
        })
    }

    /// The variables as they stood when the resource was made.
    fn frame(&self, name: &str, rule: &ResourcePlan) -> Frame<'m> {
        let mut frame = Frame::new(self.tree, self.plan.slots)
            .with_references(self.references.clone())
            .with_no_value(&self.plan.policy.no_value);
        for (slot, places) in self.traces.get(name).into_iter().flatten().enumerate() {
            let values: Vec<&'m Value> = places.iter().filter_map(|pointer| resolve(self.tree, pointer)).collect();
            if let ([one], [pointer]) = (values.as_slice(), places.as_slice()) {
                let member = pointer.rsplit('/').next().filter(|_| self.is_member(pointer));
                frame.bind(slot, Some(Binding::one(one, member.and_then(|_| self.member_name(pointer)))));
            } else if !values.is_empty() {
                frame.bind(slot, Some(Binding::rows(values)));
            }
        }
        for rule in self.plan.contexts.iter().filter(|one| one.owner.is_none() || one.owner == rule.item) {
            let Some(key) = crate::instances::key_within(&rule.within, &rule.key, &frame) else { continue };
            let key =
                LookupKey { message: rule.message.clone(), item: rule.item.clone(), key: self.plan.policy.scoped(key) };
            if let Some(found) = self.context.get(&key) {
                frame.bind(rule.slot, Some(Binding::one(found, None)));
            }
        }
        frame
    }

    fn is_member(&self, pointer: &str) -> bool {
        parent(pointer).and_then(|above| resolve(self.tree, above)).is_some_and(Value::is_object)
    }

    fn member_name(&self, pointer: &str) -> Option<&'m str> {
        let object = resolve(self.tree, parent(pointer)?)?.as_object()?;
        let own = resolve(self.tree, pointer)?;
        object.iter().find(|(_, value)| std::ptr::eq(*value, own)).map(|(name, _)| name.as_str())
    }

    /// The place of what a resource is made of: its innermost row, or the item where it is made of several.
    fn whole(&self, rule: &ResourcePlan, frame: &Frame<'_>, item: &str) -> String {
        let innermost = rule.each.last().and_then(|step| frame.binding(step.slot));
        match innermost.map(|binding| binding.values.as_slice()) {
            Some([one]) => self.pointers.get(&address(one)).cloned().unwrap_or_else(|| item.to_owned()),
            _ => item.to_owned(),
        }
    }

    /// Where a path leads, also where nothing stands there; `None` in an item of another message.
    fn pointer(&self, path: &VendorPath, frame: &Frame<'_>) -> Option<String> {
        if let Some(crate::vendor_path::Found::Value(value)) = path.find(frame)
            && let Some(pointer) = self.pointers.get(&address(value))
        {
            return Some(pointer.clone());
        }
        let mut out = match path.base {
            Base::Root => String::new(),
            Base::Variable(slot) => match frame.binding(slot).and_then(|binding| binding.values.first()) {
                Some(value) => match self.pointers.get(&address(value)) {
                    Some(pointer) => pointer.clone(),
                    None => return self.key_of(slot, frame),
                },
                None => return self.key_of(slot, frame),
            },
        };
        for (place, step) in path.steps.iter().enumerate() {
            match step {
                Step::Field(name) => push_token(&mut out, name),
                _ => {
                    let so_far =
                        VendorPath { base: path.base, steps: path.steps.get(..=place)?.to_vec(), text: String::new() };
                    match so_far.find(frame) {
                        Some(crate::vendor_path::Found::Value(value)) => {
                            out = self.pointers.get(&address(value))?.clone();
                        }
                        // The row that is wanted is not there: the list is the place.
                        _ => break,
                    }
                }
            }
        }
        Some(out)
    }

    /// What leads to a looked-up item is the sender's own place of everything in it.
    fn key_of(&self, slot: usize, frame: &Frame<'_>) -> Option<String> {
        let rule = self.plan.contexts.iter().find(|rule| rule.slot == slot)?;
        self.pointer(&rule.key, frame)
    }
}

/// One rule beside the element it writes, or would write.
struct Spot<'p> {
    /// The place in the resource, by member names.
    expression: String,
    rule: Arc<str>,
    /// The vendor's places it reads, in its order.
    pointers: Vec<String>,
    /// What it reads as the author wrote it.
    reads: Vec<String>,
    /// How many guards around it do not hold, the rule's own included.
    closed: usize,
    pair: Option<(&'p PairRule, Vec<Option<Value>>)>,
    /// Where a reference shows words: the place of those.
    display: Option<String>,
    /// Where a list, slice or resource begins: its innermost place.
    container: bool,
}

struct Walk<'w, 'm> {
    locator: &'w Locator<'m>,
    written: &'w [Written],
    spots: Vec<Spot<'m>>,
}

impl<'m> Walk<'_, 'm> {
    fn block(
        &mut self,
        block: &'m Block,
        frame: &Frame<'m>,
        element: Option<&Value>,
        at: &str,
        whole: &str,
        closed: usize,
    ) {
        for rule in &block.constants {
            let pointers = vec![whole.to_owned()];
            self.push(&rule.to, element, at, spot(&rule.rule, pointers, Vec::new(), closed));
        }
        for rule in &block.pairs {
            let shut = rule.when.as_ref().is_some_and(|when| !when.holds(frame, &mut |_| {}));
            let paths: Vec<&VendorPath> = rule.sources.iter().collect();
            let mut found = self.reading(&rule.rule, &paths, frame, closed + usize::from(shut));
            let inputs: Vec<Option<Value>> = rule
                .sources
                .iter()
                .map(|path| match path.find(frame) {
                    Some(crate::vendor_path::Found::Name(name)) => Some(name.into()),
                    found => found.and_then(crate::vendor_path::Found::value).cloned(),
                })
                .collect();
            if rule.only == crate::plan::Only::In {
                continue;
            }
            found.pair = Some((rule, inputs.clone()));
            self.push(&rule.to, element, at, found);
            if let Some((to, _)) = &rule.otherwise {
                let mut other = self.reading(&rule.rule, &paths, frame, closed + usize::from(shut));
                other.pair = None;
                self.push(to, element, at, other);
            }
        }
        for rule in &block.exists {
            let mut found = self.reading(&rule.rule, &[&rule.source], frame, closed);
            found.container = true;
            self.push(&rule.to, element, at, found);
        }
        for rule in &block.refs {
            let paths: Vec<&VendorPath> = rule.key.iter().collect();
            let mut found = self.reading(&rule.rule, &paths, frame, closed);
            found.display = rule.display.as_ref().and_then(|path| self.locator.pointer(path, frame));
            self.push(&rule.to, element, at, found);
        }
        for rule in &block.texts {
            let mut seen = Vec::new();
            let _ = rule.text.render(frame, &mut |value| seen.push(value));
            let used: Vec<String> =
                seen.iter().filter_map(|value| self.locator.pointers.get(&address(value)).cloned()).collect();
            let mut found = self.reading(&rule.rule, &rule.text.paths(), frame, closed);
            if !used.is_empty() {
                found.pointers = used;
                // Of several values that of the row itself tells most: `{visit.id}/{task.id}` is the task's.
                found.pointers.sort_by_key(|pointer| !is_below(pointer, whole));
            }
            self.push(&rule.to, element, at, found);
        }
        for group in &block.groups {
            let shut = group.when.as_ref().is_some_and(|when| !when.holds(frame, &mut |_| {}));
            self.block(group, frame, element, at, whole, closed + usize::from(shut));
        }
        for rule in &block.lists {
            let list = self.reading(&rule.rule, &[&rule.each], frame, closed);
            self.push(&rule.to, element, at, list);
            let place = rule.to.place_in(element.unwrap_or(&Value::Null), at);
            let made = rule.to.get(element.unwrap_or(&Value::Null)).and_then(Value::as_array);
            let rows: Vec<(Frame<'m>, String)> = rule
                .frames(frame)
                .into_iter()
                .flat_map(|frame| {
                    let bindings = rule.each.spread(&frame);
                    bindings.into_iter().map(move |binding| (frame.clone(), binding))
                })
                .filter_map(|(frame, binding)| {
                    let pointer = self.locator.pointers.get(&address(binding.values.first()?)).cloned()?;
                    Some((frame.with(rule.slot, binding), pointer))
                })
                .collect();
            let known: Vec<Option<usize>> =
                rows.iter().map(|(_, pointer)| self.index_of(&rule.block, &place, pointer)).collect();
            let mut next = 0;
            for ((inner, pointer), index) in rows.into_iter().zip(&known) {
                // A row of which only constants were written has the place that none of the others has.
                let free = (next < made.map_or(0, Vec::len) && !known.contains(&Some(next))).then_some(next);
                let index = index.or(free);
                next = index.map_or(next, |index| index + 1);
                let closed =
                    closed + usize::from(rule.block.when.as_ref().is_some_and(|when| !when.holds(&inner, &mut |_| {})));
                let (at, fresh) = match index {
                    Some(index) => (format!("{place}[{index}]"), made.and_then(|list| list.get(index))),
                    None => (format!("{place}[]"), None),
                };
                let mut itself = spot(&rule.rule, vec![pointer.clone()], vec![rule.each.text.clone()], closed);
                itself.expression.clone_from(&at);
                itself.container = true;
                self.spots.push(itself);
                self.block(&rule.block, &inner, fresh, &at, &pointer, closed);
            }
        }
    }

    /// Which element of the list was made of a row: the one that a rule of the block wrote from a value of that row.
    fn index_of(&self, block: &Block, place: &str, pointer: &str) -> Option<usize> {
        let rules = rules_within(block);
        self.written
            .iter()
            .filter(|one| is_below(&one.origin.pointer, pointer) && rules.iter().any(|rule| **rule == one.origin.rule))
            .find_map(|one| one.expression.strip_prefix(place)?.strip_prefix('[')?.split_once(']')?.0.parse().ok())
    }

    fn reading(&self, rule: &Arc<str>, paths: &[&VendorPath], frame: &Frame<'m>, closed: usize) -> Spot<'m> {
        let pointers = paths.iter().filter_map(|path| self.locator.pointer(path, frame)).collect();
        spot(rule, pointers, paths.iter().map(|path| path.text.clone()).collect(), closed)
    }

    fn push(&mut self, to: &FhirPath, element: Option<&Value>, at: &str, mut found: Spot<'m>) {
        let mut expression = at.to_owned();
        let mut current = element;
        for step in &to.steps {
            expression.push('.');
            expression.push_str(&step.name);
            let member = current.and_then(|one| one.get(&step.name));
            current = match &step.pick {
                Pick::Whole => member,
                Pick::Index(index) => {
                    expression.push_str(&format!("[{index}]"));
                    member.and_then(|list| list.get(index))
                }
                Pick::Slice(slice) => {
                    let list = member.and_then(Value::as_array);
                    let index = list.and_then(|list| list.iter().position(|one| slice.is(one)));
                    expression.push_str(&index.map_or_else(|| "[]".to_owned(), |index| format!("[{index}]")));
                    if index.is_some() && found.closed == 0 {
                        let mut itself = spot(&slice.rule, found.pointers.clone(), found.reads.clone(), 0);
                        itself.expression.clone_from(&expression);
                        itself.container = true;
                        self.spots.push(itself);
                    }
                    list.zip(index).and_then(|(list, index)| list.get(index))
                }
            };
        }
        found.expression = expression;
        self.spots.push(found);
    }
}

fn spot<'p>(rule: &Arc<str>, pointers: Vec<String>, reads: Vec<String>, closed: usize) -> Spot<'p> {
    Spot {
        expression: String::new(),
        rule: rule.clone(),
        pointers,
        reads,
        closed,
        pair: None,
        display: None,
        container: false,
    }
}

fn rules_within(block: &Block) -> Vec<&Arc<str>> {
    let mut out: Vec<&Arc<str>> = Vec::new();
    out.extend(block.constants.iter().map(|rule| &rule.rule));
    out.extend(block.pairs.iter().map(|rule| &rule.rule));
    out.extend(block.exists.iter().map(|rule| &rule.rule));
    out.extend(block.refs.iter().map(|rule| &rule.rule));
    out.extend(block.texts.iter().map(|rule| &rule.rule));
    block.groups.iter().for_each(|group| out.extend(rules_within(group)));
    block.lists.iter().for_each(|list| out.extend(rules_within(&list.block)));
    out
}

/// The rules of one resource laid beside its elements.
struct Found<'f, 'm> {
    locator: &'f Locator<'m>,
    rule: &'m ResourcePlan,
    whole: String,
    written: &'f [Written],
    made: &'f Value,
    spots: Vec<Spot<'m>>,
}

impl Found<'_, '_> {
    fn itself(&self, advice: Option<String>) -> Place {
        Place { pointer: self.whole.clone(), rule: self.rule.rule.clone(), advice }
    }

    /// What made an element that is there.
    fn there(&self, expression: &str) -> Place {
        if expression == self.rule.resource_type {
            return self.itself(None);
        }
        // Judging names choices as FHIRPath does (`value`), what was written names members (`valueQuantity`).
        let deepest = self
            .written
            .iter()
            .map(|one| (aligned(&one.expression, expression), one))
            .filter(|(named, _)| within(expression, named))
            .max_by_key(|(named, one)| (named.len(), one.class == LawClass::Const));
        if let Some((named, written)) = deepest {
            let rest = expression.strip_prefix(named.as_str()).unwrap_or_default();
            return self.of_written(written, rest);
        }
        // A constant of a slice, or what holds several elements together.
        let around = self
            .spots
            .iter()
            .filter(|spot| spot.container && spot.closed == 0)
            .map(|spot| (aligned(&spot.expression, expression), spot))
            .filter(|(named, _)| within(expression, named))
            .max_by_key(|(named, _)| named.len());
        let mut inner: Vec<(&str, &Arc<str>)> = Vec::new();
        for one in self.written.iter().filter(|one| within(&aligned(&one.expression, expression), expression)) {
            if one.class != LawClass::Const {
                inner.push((one.origin.pointer.as_str(), &one.origin.rule));
            }
        }
        inner.dedup_by(|a, b| a.0 == b.0);
        if let Some((_, spot)) = around {
            let exact = aligned(&spot.expression, expression) == expression;
            // The list's own row says more than the first value in it.
            if exact || inner.is_empty() {
                let pointer = spot.pointers.first().cloned().unwrap_or_else(|| self.whole.clone());
                return Place { pointer, rule: spot.rule.clone(), advice: also(&inner, usize::from(inner.len() < 2)) };
            }
        }
        match inner.first() {
            Some((pointer, rule)) => {
                Place { pointer: (*pointer).to_owned(), rule: (*rule).clone(), advice: also(&inner, 1) }
            }
            None => self.itself(None),
        }
    }

    /// The place of something that a rule wrote; `rest` is what is meant within it.
    fn of_written(&self, written: &Written, rest: &str) -> Place {
        let origin = Place { pointer: written.origin.pointer.clone(), rule: written.origin.rule.clone(), advice: None };
        let mut spots =
            self.spots.iter().filter(|spot| spot.rule == written.origin.rule && spot.expression == written.expression);
        let Some(spot) = spots
            .clone()
            .find(|spot| spot.pointers.contains(&written.origin.pointer))
            .or_else(|| spots.find(|spot| spot.closed == 0))
        else {
            return origin;
        };
        if let (true, Some(display)) = (rest.starts_with(".display"), &spot.display) {
            return Place { pointer: display.clone(), ..origin };
        }
        let pointer = match &spot.pair {
            Some((rule, inputs)) => self.source_of(rule, inputs, spot, written, rest),
            None => spot.pointers.first().cloned(),
        };
        let pointer = pointer.unwrap_or(origin.pointer);
        let others: Vec<(&str, &Arc<str>)> =
            spot.pointers.iter().filter(|one| **one != pointer).map(|one| (one.as_str(), &spot.rule)).collect();
        Place { pointer, rule: origin.rule, advice: also(&others, 0) }
    }

    /// Of several sources the one that a part of the element comes from: the one whose value it is, else the one without
    /// which it would be another.
    fn source_of(
        &self,
        rule: &PairRule,
        inputs: &[Option<Value>],
        spot: &Spot<'_>,
        written: &Written,
        rest: &str,
    ) -> Option<String> {
        let pointer_at = |source: usize| {
            let there = inputs.get(source)?.is_some();
            let path = rule.sources.get(source)?;
            let place = spot.reads.iter().position(|text| *text == path.text)?;
            spot.pointers.get(place).filter(|_| there && spot.pointers.len() == rule.sources.len()).cloned()
        };
        let first = || (0..inputs.len()).find_map(pointer_at);
        if let [Some(Value::Array(list))] = inputs {
            let pointer = pointer_at(0)?;
            let index: Option<usize> =
                rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).and_then(|(index, _)| index.parse().ok());
            return Some(match index.filter(|index| *index < list.len()) {
                Some(index) => format!("{pointer}/{index}"),
                None => pointer,
            });
        }
        if inputs.len() < 2 {
            return first();
        }
        let at = |value: &Value| value_at(value, rest).cloned();
        let whole = value_by_expression(self.made, &written.expression);
        let part = whole.and_then(at);
        let own: Vec<usize> = (0..inputs.len())
            .filter(|source| {
                let text = inputs.get(*source).and_then(Option::as_ref).and_then(scalar_text);
                text.is_some() && text == part.as_ref().and_then(scalar_text)
            })
            .collect();
        if let [one] = own.as_slice() {
            return pointer_at(*one);
        }
        let carry = |without: Option<usize>| {
            let given: Vec<Option<&Value>> = inputs
                .iter()
                .enumerate()
                .map(|(source, value)| value.as_ref().filter(|_| Some(source) != without))
                .collect();
            rule.converter.out(&given).ok().flatten().and_then(|sent| at(&sent))
        };
        let now = carry(None);
        let moved: Vec<usize> =
            (0..inputs.len()).filter(|source| inputs[*source].is_some() && carry(Some(*source)) != now).collect();
        // What changes nothing but this part says more than what the whole element hangs on.
        moved.last().copied().filter(|_| !rest.is_empty() && moved.len() == 1).and_then(pointer_at).or_else(first)
    }

    /// What should have made an element that is missing.
    fn missing(&self, container: &str, name: &str) -> Place {
        let wanted = format!("{container}.{name}");
        let mut candidates: Vec<(usize, &Spot<'_>)> = self
            .spots
            .iter()
            .filter(|spot| {
                let named = aligned(&spot.expression.replace("[]", ""), &wanted);
                within(&named, &wanted) && !spot.container
            })
            .map(|spot| (spot.closed, spot))
            .collect();
        candidates.sort_by_key(|(closed, _)| *closed);
        if let Some((closed, spot)) = candidates.first() {
            let pointer = spot.pointers.first().cloned().unwrap_or_else(|| self.whole.clone());
            let made_of = if spot.reads.is_empty() {
                format!("`{name}` is written by {}", spot.rule)
            } else {
                format!("`{name}` is made of `{}` ({})", spot.reads.join("`, `"), spot.rule)
            };
            let advice = match (closed, resolve(self.locator.tree, &pointer).filter(|one| !absent(one))) {
                (0, None) => format!("{made_of}, which is not in the message"),
                (0, Some(_)) => format!("{made_of}, which could not be sent"),
                _ => format!("{made_of}, and its guard does not hold here"),
            };
            return Place { pointer, rule: spot.rule.clone(), advice: Some(advice) };
        }
        let around = self.there(container);
        Place { advice: Some(format!("no rule of the mapping writes `{name}` here")), ..around }
    }
}

fn absent(value: &Value) -> bool {
    crate::vendor_path::is_absent(value)
}

/// Names further places, the first `skip` of them left out.
fn also(places: &[(&str, &Arc<str>)], skip: usize) -> Option<String> {
    let named: Vec<String> =
        places.iter().skip(skip).take(MOST_OTHERS).map(|(pointer, rule)| format!("{pointer} ({rule})")).collect();
    (!named.is_empty()).then(|| format!("it is made of {} too", named.join(", ")))
}
