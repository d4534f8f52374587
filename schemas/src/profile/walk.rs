//! Goes through a resource once and calls the rules.

use super::findings::Findings;
use super::rules::{binding, cardinality, choice, empty, extension, unknown_element, value_type};
use crate::definition::{Definition, DefinitionId, Definitions, Element, ElementType, ValueSetId};
use crate::issue::{IssueCode, IssueKey};
use crate::json::DEEPEST;
use crate::primitive::Primitive;
use crate::spelling;
use serde_json::{Map, Value};

/// The member that names a resource's type.
const TYPE_MEMBER: &str = "resourceType";

/// One walk.
pub struct Walk<'a> {
    definitions: &'static Definitions,
    extension: Option<DefinitionId>,
    element: Option<DefinitionId>,
    findings: Findings<'a>,
}

impl<'a> Walk<'a> {
    /// A walk by these definitions.
    pub fn new(definitions: &'static Definitions) -> Walk<'a> {
        let id_of = |name| definitions.named(name).map(|(id, _)| id);
        Walk { definitions, extension: id_of("Extension"), element: id_of("Element"), findings: Findings::default() }
    }

    /// Walks a resource and gives all findings.
    pub fn resource(mut self, resource: &'a Value) -> Findings<'a> {
        self.any_resource(resource, true);
        self.findings
    }

    /// A resource of any type; the one at the top names the path.
    fn any_resource(&mut self, value: &'a Value, is_top: bool) {
        let Value::Object(members) = value else {
            return value_type::wrong_type("a resource, as a JSON object", value, &mut self.findings);
        };
        let Some(name) = members.get(TYPE_MEMBER) else {
            let text = format!("{} does not say its type in `{TYPE_MEMBER}`.", self.findings.subject());
            return self.findings.error(IssueCode::Required, IssueKey::TargetRequired, text);
        };
        let Some(name) = name.as_str() else {
            let text = format!("{} must say its type as a string in `{TYPE_MEMBER}`.", self.findings.subject());
            return self.findings.error(IssueCode::Structure, IssueKey::TargetType, text);
        };
        let Some((id, definition)) = self.definitions.resource_type(name) else {
            return self.unknown_type(name);
        };
        if is_top {
            self.findings.path.push(definition.name);
        }
        self.object(id, members);
    }

    fn unknown_type(&mut self, name: &str) {
        let text = format!("{} has a type in `{TYPE_MEMBER}` that R4 does not have.", self.findings.subject());
        let (code, key) = (IssueCode::Structure, IssueKey::TargetUnknownType);
        match spelling::nearest(name, self.definitions.resource_types()) {
            Some(near) => self.findings.error_with_hint(code, key, text, format!("did you mean `{near}`?")),
            None => self.findings.error(code, key, text),
        }
    }

    /// The members of an object by its definition; the path stands at the object.
    fn object(&mut self, id: DefinitionId, members: &'a Map<String, Value>) {
        if self.findings.path.depth() > DEEPEST {
            let text = format!("{} lies deeper than {DEEPEST} elements.", self.findings.subject());
            return self.findings.error(IssueCode::TooLong, IssueKey::JsonTooDeep, text);
        }
        let definition = self.definitions.get(id);
        let mut met = Met::default();
        for (name, value) in members {
            if let Some((member, element)) = definition.member(name) {
                self.met(&mut met, member.element, element, &member.name);
                self.member(element, member.element_type, value, Beside { members, name });
            } else if !self.companion(definition, members, name, value, &mut met) && !is_type_member(definition, name) {
                self.findings.path.push(name);
                unknown_element::report(definition, name, &mut self.findings);
                self.findings.path.pop();
            }
        }
        cardinality::required(definition, met.elements, &mut self.findings);
        if Some(id) == self.extension {
            extension::value_or_extensions(members, &mut self.findings);
        }
    }

    /// Remembers an element, and reports a second alternative of a choice.
    fn met(&mut self, met: &mut Met<'a>, at: usize, element: &'static Element, name: &'static str) {
        let bit = 1_u128 << at;
        if element.is_choice {
            match met.alternatives.iter().find(|(choice, _)| *choice == at) {
                Some((_, first)) if *first != name => {
                    self.findings.path.push(element.name);
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
    fn member(&mut self, element: &'static Element, element_type: ElementType, value: &'a Value, beside: Beside<'a>) {
        self.findings.path.push_member(element.name, beside.name);
        match value {
            Value::Array(items) if element.repeats() => {
                if items.is_empty() {
                    empty::list(&mut self.findings);
                }
                cardinality::count(element, items.len(), &mut self.findings);
                for (index, item) in items.iter().enumerate() {
                    self.findings.path.set_index(Some(index));
                    let explained = || item.is_null() && beside.companion_at(index).is_some_and(Value::is_object);
                    if !explained() {
                        self.value(element, element_type, item);
                    }
                }
            }
            Value::Array(items) => {
                cardinality::list_for_one(&mut self.findings);
                for (index, item) in items.iter().enumerate() {
                    self.findings.path.set_index(Some(index));
                    self.value(element, element_type, item);
                }
            }
            one => {
                if element.repeats() && !one.is_null() {
                    cardinality::one_for_list(&mut self.findings);
                }
                cardinality::count(element, 1, &mut self.findings);
                self.value(element, element_type, one);
            }
        }
        self.findings.path.pop();
    }

    /// One value; the path stands at it.
    fn value(&mut self, element: &'static Element, element_type: ElementType, value: &'a Value) {
        if value.is_null() {
            return empty::null(&mut self.findings);
        }
        match element_type {
            ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => {
                self.primitive(primitive, element.value_set, value);
            }
            ElementType::Resource => self.any_resource(value, false),
            ElementType::Object(id) => {
                let Value::Object(members) = value else {
                    return value_type::wrong_type("an object", value, &mut self.findings);
                };
                if empty::object(members, &mut self.findings) {
                    return;
                }
                self.object(id, members);
                if let Some(set) = element.value_set {
                    binding::concept(self.definitions.value_set(set), value, &mut self.findings);
                }
            }
        }
    }

    fn primitive(&mut self, primitive: Primitive, value_set: Option<ValueSetId>, value: &'a Value) {
        let text = value_type::primitive(primitive, value, &mut self.findings);
        if let (Some(text), Some(set)) = (text, value_set) {
            binding::code(self.definitions.value_set(set), text, &mut self.findings);
        }
    }

    /// A member `_name` with `id` and `extension` of the primitive `name`; false when there is no such primitive.
    fn companion(
        &mut self,
        definition: &'static Definition,
        members: &'a Map<String, Value>,
        name: &'a str,
        value: &'a Value,
        met: &mut Met<'a>,
    ) -> bool {
        let Some(plain) = name.strip_prefix('_') else {
            return false;
        };
        let Some((member, element)) = definition.member(plain) else {
            return false;
        };
        if !matches!(member.element_type, ElementType::Primitive(_)) {
            return false;
        }
        self.met(met, member.element, element, &member.name);
        self.findings.path.push_member(element.name, name);
        let main = members.get(plain);
        match value {
            Value::Array(items) if element.repeats() => {
                if items.is_empty() {
                    empty::list(&mut self.findings);
                }
                for (index, item) in items.iter().enumerate() {
                    self.findings.path.set_index(Some(index));
                    let has_value = main.and_then(|main| main.get(index)).is_some();
                    if !(item.is_null() && has_value) {
                        self.companion_value(item, has_value);
                    }
                }
            }
            Value::Array(_) => cardinality::list_for_one(&mut self.findings),
            one => {
                if element.repeats() && !one.is_null() {
                    cardinality::one_for_list(&mut self.findings);
                } else {
                    self.companion_value(one, main.is_some());
                }
            }
        }
        self.findings.path.pop();
        true
    }

    fn companion_value(&mut self, value: &'a Value, has_value: bool) {
        match value {
            Value::Null => empty::null(&mut self.findings),
            Value::Object(members) => {
                // Beside a value an id alone says something.
                if (members.is_empty() || !has_value) && empty::object(members, &mut self.findings) {
                    return;
                }
                if let Some(id) = self.element {
                    self.object(id, members);
                }
            }
            other => value_type::wrong_type("an object", other, &mut self.findings),
        }
    }
}

/// Only a resource names its type.
fn is_type_member(definition: &Definition, name: &str) -> bool {
    name == TYPE_MEMBER && definition.kind == crate::definition::Kind::Resource
}

/// What an object has of its definition's elements.
#[derive(Default)]
struct Met<'a> {
    /// A bit for each element.
    elements: u128,
    /// The alternative first met of each choice.
    alternatives: Vec<(usize, &'a str)>,
}

/// A member's object, to look up its companion when a null asks for it.
#[derive(Clone, Copy)]
struct Beside<'a> {
    members: &'a Map<String, Value>,
    name: &'a str,
}

impl<'a> Beside<'a> {
    fn companion_at(&self, index: usize) -> Option<&'a Value> {
        self.members.get(&format!("_{}", self.name))?.get(index)
    }
}
