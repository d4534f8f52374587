//! Slicing: which slice each value lies in, how many each may hold, and in which order
//! (<https://hl7.org/fhir/R4/profiling.html#slicing>).

use super::companions::Beside;
use super::{Item, Walk, slice_words};
use crate::definition::profile::{DiscriminatorStep, Node, Slice, SliceCondition, SliceTest, Slicing, SlicingRules};
use crate::definition::{Definition, ElementType};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::profile::rules::cardinality::values_in_words;
use crate::profile::rules::fixed_value;
use crate::profile::scope::Resolution;
use serde_json::Value;

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// The nodes of the slices that each value lies in, in the order of the values; empty when nothing is sliced.
    pub(super) fn slices(
        &mut self,
        nodes: &[&'k Node],
        items: &'a [Value],
        beside: Beside<'a>,
        element_type: ElementType,
    ) -> Vec<Vec<&'k Node>> {
        if nodes.iter().all(|node| node.slicing.is_none()) {
            return Vec::new();
        }
        let is_list = beside.members.get(beside.name).is_some_and(Value::is_array);
        let items: Vec<Item<'a>> = items
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let companion = beside.companion_at(is_list.then_some(index), value, element_type);
                Item { value: Some(value), companion, element_type }
            })
            .collect();
        let mut out = vec![Vec::new(); items.len()];
        let all: Vec<usize> = (0..items.len()).collect();
        for node in nodes {
            if let Some(slicing) = &node.slicing {
                self.slice(slicing, node, &items, &all, is_list, &mut out);
            }
        }
        out
    }

    /// One slicing over some of the values (`among`); a slice that is sliced further sees only its own.
    fn slice(
        &mut self,
        slicing: &'k Slicing,
        node: &'k Node,
        items: &[Item<'a>],
        among: &[usize],
        is_list: bool,
        out: &mut [Vec<&'k Node>],
    ) {
        let mut held: Vec<Vec<usize>> = vec![Vec::new(); slicing.slices.len()];
        let mut last = 0;
        let mut outsider = None;
        for index in among {
            let Some(item) = items.get(*index) else {
                continue;
            };
            let fitting: Vec<usize> = slicing
                .slices
                .iter()
                .enumerate()
                .filter(|(_, slice)| self.lies_in(slice, *item))
                .map(|(at, _)| at)
                .collect();
            self.findings.path.set_index(is_list.then_some(*index));
            match fitting.as_slice() {
                [] => {
                    outsider = Some(*index);
                    if slicing.rules == SlicingRules::Closed {
                        self.outside(slicing, node);
                    }
                }
                [one] => {
                    if outsider.is_some() && slicing.rules == SlicingRules::OpenAtEnd {
                        self.after_end(node);
                    }
                    if slicing.ordered && *one < last {
                        self.out_of_order(slicing, *one, node);
                    }
                    last = last.max(*one);
                }
                several => self.ambiguous(slicing, several),
            }
            for at in fitting {
                if let (Some(slice), Some(own)) = (slicing.slices.get(at), out.get_mut(*index)) {
                    own.push(&slice.node);
                }
                if let Some(held) = held.get_mut(at) {
                    held.push(*index);
                }
            }
            self.findings.path.set_index(None);
        }
        for (slice, held) in slicing.slices.iter().zip(&held) {
            self.slice_count(slice, held.len());
            if let Some(inner) = slice.node.slicing.as_ref().filter(|_| !held.is_empty()) {
                self.slice(inner, &slice.node, items, held, is_list, out);
            }
        }
    }

    fn slice_count(&mut self, slice: &Slice, count: usize) {
        if let Some(min) = slice.node.min.filter(|min| count < *min as usize) {
            let text = match count {
                0 => format!("{} has no value in the required slice `{}`.", self.findings.subject(), slice.name),
                _ => format!(
                    "{} has {} in the slice `{}`; at least {min} must lie in it.",
                    self.findings.subject(),
                    values_in_words(count),
                    slice.name
                ),
            };
            let hint = slice_words::told(slice);
            self.findings.error_with_hint(IssueCode::Required, IssueKey::TargetSlice, text, hint);
        }
        if let Some(max) = slice.node.max.filter(|max| count > *max as usize) {
            let text = format!(
                "{} has {} in the slice `{}`; at most {max} may lie in it.",
                self.findings.subject(),
                values_in_words(count),
                slice.name
            );
            let hint = slice_words::told(slice);
            self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetSlice, text, hint);
        }
    }

    /// Slices that are required of an element that is not there at all; the path stands at the object.
    pub(super) fn required_slices(&mut self, slices: &'k [Slice]) {
        for slice in slices.iter().filter(|slice| slice.node.min.is_some_and(|min| min > 0)) {
            let text = format!(
                "{} has no `{}` in the required slice `{}`.",
                self.findings.subject(),
                slice.node.name,
                slice.name
            );
            let hint = slice_words::told(slice);
            let issue = Issue::error(IssueCode::Required, IssueKey::TargetSlice, text).with_hint(hint);
            self.findings.push(issue.with_missing(&*slice.node.name));
        }
    }

    fn outside(&mut self, slicing: &Slicing, node: &Node) {
        let names: Vec<String> = slicing.slices.iter().map(|slice| format!("`{}`", slice.name)).collect();
        let text = format!(
            "{} lies in no slice, and {} allows no others.",
            self.findings.subject(),
            super::nodes::shown(node)
        );
        let hint = format!("the slices: {}", names.join(", "));
        self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetSlice, text, hint);
    }

    fn after_end(&mut self, node: &Node) {
        let text = format!("{} lies in a slice, but stands after one that lies in none.", self.findings.subject());
        let hint = format!("{} allows others only at the end", super::nodes::shown(node));
        self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetSliceOrder, text, hint);
    }

    fn out_of_order(&mut self, slicing: &Slicing, at: usize, node: &Node) {
        let name = slicing.slices.get(at).map_or("", |slice| &*slice.name);
        let text = format!("{} lies in the slice `{name}`, which must come earlier.", self.findings.subject());
        let hint = format!("{} says the order", super::nodes::shown(node));
        self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetSliceOrder, text, hint);
    }

    fn ambiguous(&mut self, slicing: &Slicing, fitting: &[usize]) {
        let names: Vec<&str> =
            fitting.iter().filter_map(|at| slicing.slices.get(*at)).map(|slice| &*slice.name).collect();
        let text = format!("{} lies in more than one slice: {}.", self.findings.subject(), names.join(", "));
        self.findings.error(IssueCode::Structure, IssueKey::TargetSlice, text);
    }

    /// Whether a value lies in a slice: all its tests hold, and there is one.
    fn lies_in(&self, slice: &'k Slice, item: Item<'a>) -> bool {
        !slice.tests.is_empty() && slice.tests.iter().all(|test| self.holds(test, item))
    }

    fn holds(&self, test: &'k SliceTest, item: Item<'a>) -> bool {
        match &test.condition {
            SliceCondition::Exists(wanted) => self.any_at(item, &test.path, &mut |_, _| true) == *wanted,
            SliceCondition::All(tests) => {
                self.any_at(item, &test.path, &mut |walk, item| tests.iter().all(|test| walk.holds(test, item)))
            }
            condition => self.any_at(item, &test.path, &mut |walk, item| walk.meets(condition, item)),
        }
    }

    fn meets(&self, condition: &'k SliceCondition, item: Item<'a>) -> bool {
        match condition {
            SliceCondition::Equals(wanted) => item.value.is_some_and(|value| fixed_value::equals(value, wanted)),
            SliceCondition::Matches(wanted) => item.value.is_some_and(|value| fixed_value::matches(value, wanted)),
            SliceCondition::InValueSet(url) => {
                item.value.is_some_and(|value| self.is_any_member(url, value) == Some(true))
            }
            SliceCondition::TypeIs(names) => names.iter().any(|name| self.has_type(item, name)),
            SliceCondition::ConformsTo(urls) => urls.iter().any(|url| self.conforms(url, item) == Some(true)),
            SliceCondition::Exists(wanted) => *wanted,
            SliceCondition::All(tests) => tests.iter().all(|test| self.holds(test, item)),
        }
    }

    /// Whether anything at the end of the path meets the condition.
    fn any_at(
        &self,
        item: Item<'a>,
        path: &[DiscriminatorStep],
        meets: &mut dyn FnMut(&Self, Item<'a>) -> bool,
    ) -> bool {
        let Some((step, rest)) = path.split_first() else {
            return meets(self, item);
        };
        match step {
            DiscriminatorStep::Child(name) => {
                self.any_child(item, name, &mut |walk, child| walk.any_at(child, rest, meets))
            }
            DiscriminatorStep::Extension(url) => {
                let holder =
                    if matches!(item.element_type, ElementType::Primitive(_)) { item.companion } else { item.value };
                let extensions = holder.and_then(|holder| holder.get("extension")).and_then(Value::as_array);
                let Some(id) = self.landmarks.extension else {
                    return false;
                };
                extensions
                    .into_iter()
                    .flatten()
                    .filter(|extension| extension.get("url").and_then(Value::as_str) == Some(&**url))
                    .any(|extension| {
                        let element_type = ElementType::Object(id);
                        self.any_at(Item { value: Some(extension), companion: None, element_type }, rest, meets)
                    })
            }
            DiscriminatorStep::OfType(name) => {
                self.is_a(self.actual_type(item), name) && self.any_at(item, rest, meets)
            }
            DiscriminatorStep::Resolve => self.any_resolved(item, rest, meets),
        }
    }

    fn any_resolved(
        &self,
        item: Item<'a>,
        rest: &[DiscriminatorStep],
        meets: &mut dyn FnMut(&Self, Item<'a>) -> bool,
    ) -> bool {
        let reference = item.value.and_then(|value| value.as_str().or_else(|| value.get("reference")?.as_str()));
        match reference.map(|reference| self.scope.resolve(reference)) {
            Some(Resolution::Found { resource, scope, .. }) => {
                let element_type = ElementType::Resource;
                let item = Item { value: Some(resource), companion: None, element_type };
                let mut walk = self.for_trial();
                walk.scope = scope;
                walk.any_at(item, rest, meets)
            }
            _ => false,
        }
    }

    /// Whether any value of an element meets the condition.
    fn any_child(&self, item: Item<'a>, name: &str, meets: &mut dyn FnMut(&Self, Item<'a>) -> bool) -> bool {
        let Some((definition, value)) = self.defined(item) else {
            return false;
        };
        definition.members_of(name).any(|member| {
            let Some(found) = value.get(&*member.name) else {
                return false;
            };
            let values = found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice);
            let item = |value| Item { value: Some(value), companion: None, element_type: member.element_type };
            values.iter().any(|value| meets(self, item(value)))
        })
    }

    /// The object that holds elements, with its definition; of a primitive its companion.
    fn defined(&self, item: Item<'a>) -> Option<(&'static Definition, &'a Value)> {
        match item.element_type {
            ElementType::Object(id) => Some((self.known.types.get(id), item.value?)),
            ElementType::Resource => {
                let name = item.value?.get(super::TYPE_MEMBER)?.as_str()?;
                Some((self.known.types.resource_type(name)?.1, item.value?))
            }
            ElementType::Primitive(_) => Some((self.known.types.get(self.landmarks.element?), item.companion?)),
            ElementType::BarePrimitive(_) => None,
        }
    }
}
