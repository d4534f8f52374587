//! Goes through a resource once and calls the rules.
//!
//! The walk follows the base type. Beside it goes a small set of profile nodes, those that speak of the place where the
//! walk stands: of the profiles that the resource claims or the caller names, of the profiles of data types, of extensions by
//! their URL, and of the slices a value lies in. A place no profile speaks of costs what the base type costs.

mod companions;
mod extension_context;
mod extensions;
mod invariants;
mod nodes;
mod references;
mod resources;
mod slice_words;
mod slices;
#[cfg(test)]
mod tests;
mod trials;
mod types;
mod vital_signs;

pub use vital_signs::profile_by_code;

use self::companions::Beside;
use super::findings::Findings;
use super::rules::{
    attachment, binding, canonical, cardinality, choice, coding, empty, extension, identifier, narrative,
    text_security, unknown_element, value_type,
};
use super::scope::Scope;
use crate::definition::profile::Node;
use crate::definition::{Definition, DefinitionId, Element, ElementType, Kind, Member};
use crate::issue::{IssueCode, IssueKey};
use crate::json::DEEPEST;
use crate::known::Known;
use crate::primitive::Primitive;
use crate::validator::Options;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::rc::Rc;
use trials::Trials;

/// Most URLs of one input for which a near spelling is looked for, as that compares with every extension at hand.
const MOST_SPELLINGS: usize = 20;

/// The member that names a resource's type.
const TYPE_MEMBER: &str = "resourceType";

/// One walk.
pub struct Walk<'a, 'k> {
    known: &'k Known,
    options: &'k Options<'k>,
    landmarks: Landmarks,
    findings: Findings<'a>,
    scope: Scope<'a>,
    /// The owners and elements from the input down to the place of the walk.
    trail: Vec<Step>,
    /// Whether the base type is judged too, or only what the nodes ask (a trial whether a value conforms).
    whole: bool,
    /// Ids of elements, by the resource they stand in.
    element_ids: HashSet<(usize, &'a str)>,
    /// How many more near spellings may be looked for.
    spellings_left: usize,
    /// Verdicts of values on profiles, which all walks of one input share.
    trials: Rc<Trials>,
    /// How many elements lie above the start of this walk, where it is a trial.
    above: usize,
}

/// Types that the walk treats in their own way.
#[derive(Clone, Copy)]
struct Landmarks {
    extension: Option<DefinitionId>,
    element: Option<DefinitionId>,
    reference: Option<DefinitionId>,
    attachment: Option<DefinitionId>,
    identifier: Option<DefinitionId>,
    /// Coding, and Quantity with what is derived from it.
    coded: [Option<DefinitionId>; 7],
}

/// One step of the trail.
#[derive(Clone, Copy)]
struct Step {
    owner: DefinitionId,
    element: &'static Element,
    element_type: ElementType,
}

/// A value of an element with what stands beside it.
#[derive(Clone, Copy)]
struct Item<'a> {
    value: Option<&'a Value>,
    /// `id` and `extension` of a primitive.
    companion: Option<&'a Value>,
    element_type: ElementType,
}

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// A walk by what is known.
    pub fn new(known: &'k Known, options: &'k Options<'k>) -> Walk<'a, 'k> {
        let id_of = |name| known.types.named(name).map(|(id, _)| id);
        Walk {
            known,
            options,
            landmarks: Landmarks {
                extension: id_of("Extension"),
                element: id_of("Element"),
                reference: id_of("Reference"),
                attachment: id_of("Attachment"),
                identifier: id_of("Identifier"),
                coded: ["Coding", "Quantity", "Age", "Count", "Distance", "Duration", "SimpleQuantity"].map(id_of),
            },
            findings: Findings::default(),
            scope: Scope::default(),
            trail: Vec::new(),
            whole: true,
            element_ids: HashSet::new(),
            spellings_left: MOST_SPELLINGS,
            trials: Rc::default(),
            above: 0,
        }
    }

    /// The members of an object by its definition; the path stands at the object.
    fn object(&mut self, id: DefinitionId, members: &'a Map<String, Value>, nodes: &[&'k Node]) {
        if self.findings.path.depth() > DEEPEST {
            let text = format!("{} lies deeper than {DEEPEST} elements.", self.findings.subject());
            return self.findings.error(IssueCode::TooLong, IssueKey::JsonTooDeep, text);
        }
        let definition = self.known.types.get(id);
        let mut met = Met::default();
        let has_companions = members.keys().any(|name| name.starts_with('_'));
        for (name, value) in members {
            if let Some((member, element)) = definition.member(name) {
                // Snapshot and differential of a StructureDefinition repeat the ids of their elements.
                let is_unique = definition.kind != Kind::Resource && definition.name != "ElementDefinition";
                if name == "id" && is_unique && self.whole {
                    self.element_id(value);
                }
                self.met(&mut met, member, element, name);
                let inner = children(nodes, element);
                if self.whole || !inner.is_empty() {
                    self.trail.push(Step { owner: id, element, element_type: member.element_type });
                    self.member(element, member.element_type, value, Beside { members, name, has_companions }, &inner);
                    self.trail.pop();
                }
            } else if !self.companion(id, members, name, value, nodes, &mut met)
                && self.whole
                && !is_type_member(definition, name)
            {
                self.findings.path.push(name);
                unknown_element::report(definition, name, &mut self.findings);
                self.findings.path.pop();
            }
        }
        if self.whole {
            cardinality::required(definition, met.elements, &mut self.findings);
        }
        let errors = self.findings.errors();
        for node in nodes {
            self.required_by(node, definition, met.elements);
        }
        // What its definition misses in an extension need not be missed twice.
        if self.whole && Some(id) == self.landmarks.extension && self.findings.errors() == errors {
            extension::value_or_extensions(members, &mut self.findings);
        }
    }

    /// An element's id stands once in its resource.
    fn element_id(&mut self, value: &'a Value) {
        let (Some(id), Some(resource)) = (value.as_str(), self.scope.resource()) else {
            return;
        };
        if !self.element_ids.insert((std::ptr::from_ref(resource).addr(), id)) {
            self.findings.path.push("id");
            let text = "Another element of the resource has the same id.";
            self.findings.error(IssueCode::Duplicate, IssueKey::TargetDuplicateId, text);
            self.findings.path.pop();
        }
    }

    /// Remembers an element, and reports a second alternative of a choice.
    fn met(&mut self, met: &mut Met<'a>, member: &'static Member, element: &'static Element, written: &'a str) {
        let (at, name) = (member.element, &*member.name);
        let bit = 1_u128 << at;
        if element.is_choice && self.whole {
            match met.alternatives.iter().find(|(choice, _)| *choice == at) {
                Some((_, first)) if *first != name => {
                    self.findings.path.push_member(element.name, written);
                    choice::second(element, first, name, &mut self.findings);
                    self.findings.path.pop();
                }
                Some(_) => {}
                None => met.alternatives.push((at, name)),
            }
        }
        met.elements |= bit;
    }

    /// One member with its values.
    fn member(
        &mut self,
        element: &'static Element,
        element_type: ElementType,
        value: &'a Value,
        beside: Beside<'a>,
        nodes: &[&'k Node],
    ) {
        self.findings.path.push_member(element.name, beside.name);
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        if self.whole {
            self.shape(element, value, items.len());
        }
        for node in nodes {
            self.count(node, items.len().max(beside.companions()));
        }
        let sliced = self.slices(nodes, items, beside, element_type);
        for (index, item) in items.iter().enumerate() {
            if value.is_array() {
                self.findings.path.set_index(Some(index));
            }
            let companion = beside.companion_at(value.is_array().then_some(index), item, element_type);
            if item.is_null() && value.is_array() && companion.is_some_and(Value::is_object) {
                // The companion speaks for it.
                continue;
            }
            let item = Item { value: Some(item), companion, element_type };
            match sliced.get(index) {
                Some(slices) if !slices.is_empty() => {
                    let all: Vec<&'k Node> = nodes.iter().chain(slices).copied().collect();
                    self.value(element, item, &all);
                }
                _ => self.value(element, item, nodes),
            }
        }
        self.findings.path.pop();
    }

    /// A list just where the element repeats, and no more values than it may have.
    fn shape(&mut self, element: &Element, value: &Value, count: usize) {
        match value {
            Value::Array(_) if !element.repeats() => return cardinality::list_for_one(&mut self.findings),
            Value::Array(items) if items.is_empty() => empty::list(&mut self.findings),
            Value::Array(_) | Value::Null => {}
            _ if element.repeats() => cardinality::one_for_list(&mut self.findings),
            _ => {}
        }
        cardinality::count(element, count, &mut self.findings);
    }

    /// One value; the path stands at it.
    fn value(&mut self, element: &'static Element, item: Item<'a>, nodes: &[&'k Node]) {
        let Some(value) = item.value.filter(|value| !value.is_null()) else {
            if self.whole {
                empty::null(&mut self.findings);
            }
            return;
        };
        match item.element_type {
            ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => {
                if self.whole {
                    self.primitive(primitive, element, value);
                }
                let mut inner = nodes.to_vec();
                self.ask_all(nodes, item, &mut inner);
            }
            ElementType::Resource => {
                let mut roots = Vec::new();
                self.ask_all(nodes, item, &mut roots);
                self.any_resource(value, self.role_of(element, value), roots);
            }
            ElementType::Object(id) => self.object_value(element, id, item, value, nodes),
        }
        if self.whole {
            self.invariants(&element.invariants, item);
        }
    }

    fn object_value(
        &mut self,
        element: &'static Element,
        id: DefinitionId,
        item: Item<'a>,
        value: &'a Value,
        nodes: &[&'k Node],
    ) {
        let Value::Object(members) = value else {
            if self.whole {
                value_type::wrong_type("an object", value, &mut self.findings);
            }
            return;
        };
        if self.whole && empty::object(members, &mut self.findings) {
            return;
        }
        let mut inner = nodes.to_vec();
        if Some(id) == self.landmarks.extension && self.whole {
            self.extension(element, members, &mut inner);
        }
        self.ask_all(nodes, item, &mut inner);
        if Some(id) == self.landmarks.reference {
            self.reference(element, members, nodes);
        }
        self.object(id, members, &inner);
        if self.whole {
            if let Some(bound) = &element.binding {
                binding::check(bound, item.element_type, value, self.known, &mut self.findings);
            }
            if self.landmarks.coded.contains(&Some(id)) {
                coding::check(members, self.known, &mut self.findings);
            }
            if Some(id) == self.landmarks.identifier {
                identifier::check(members, &mut self.findings);
            }
            if Some(id) == self.landmarks.attachment {
                attachment::stated(members, &mut self.findings);
            }
            self.invariants(&self.known.types.get(id).invariants, item);
        }
    }

    fn primitive(&mut self, primitive: Primitive, element: &'static Element, value: &'a Value) {
        let text = value_type::primitive(primitive, value, &mut self.findings);
        let Some(text) = text else {
            return;
        };
        match primitive {
            Primitive::Xhtml => narrative::check(text, &mut self.findings),
            Primitive::Canonical => canonical::check(element, text, self.known, &mut self.findings),
            _ => text_security::check(primitive, text, &mut self.findings),
        }
        if let Some(bound) = &element.binding {
            binding::check(bound, ElementType::Primitive(primitive), value, self.known, &mut self.findings);
        }
    }
}

/// The nodes of an element inside those of its object.
fn children<'k>(nodes: &[&'k Node], element: &Element) -> Vec<&'k Node> {
    nodes.iter().filter_map(|node| node.child(element.name)).collect()
}

/// Only a resource names its type.
fn is_type_member(definition: &Definition, name: &str) -> bool {
    name == TYPE_MEMBER && definition.kind == Kind::Resource
}

/// What an object has of its definition's elements.
#[derive(Default)]
struct Met<'a> {
    /// A bit for each element.
    elements: u128,
    /// The alternative first met of each choice.
    alternatives: Vec<(usize, &'a str)>,
}
