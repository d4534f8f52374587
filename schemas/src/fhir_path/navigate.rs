//! From a place in the tree to the elements below it.

use super::environment::Environment;
use super::error::EvaluationError;
use super::evaluate::{ENOUGH, Evaluator, Flow, ON, Sink};
use super::types::{ElementName, PathElement, TypeId};
use super::value::{Item, Node, TypeName, resource_type};
use crate::json_pointer;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::LazyLock;

/// Up to here going through all members beats hashing a name.
const FEW_MEMBERS: usize = 24;

/// The member that tells the type of a resource; no element of it.
const TYPE_MEMBER: &str = "resourceType";

static EXTENSION: LazyLock<ElementName> = LazyLock::new(|| ElementName::new("extension"));

/// A JSON object with the type that names its members.
#[derive(Clone, Copy)]
struct Owner<'v> {
    members: &'v Map<String, Value>,
    type_id: TypeId,
}

/// What holds the elements of a place: the object itself, or a primitive's companion.
fn owner<'v>(node: &Node<'v>, environment: &Environment<'_, 'v>) -> Option<Owner<'v>> {
    match (node.value, node.companion) {
        (Some(Value::Object(members)), _) => {
            let is_misplaced = environment.types.is_primitive(node.type_id);
            Some(Owner { members, type_id: if is_misplaced { TypeId::UNKNOWN } else { node.type_id } })
        }
        (_, Some(Value::Object(members))) => Some(Owner { members, type_id: node.type_id }),
        _ => None,
    }
}

impl<'v> Evaluator<'_, 'v> {
    /// The values of an element.
    pub(super) fn child(&self, item: &Item<'v>, name: &ElementName, sink: Sink<'_, 'v>) -> Flow {
        match item {
            Item::Node(node) => self.child_of_node(node, name, sink),
            Item::Type(told) => {
                let (namespace, own) = match told {
                    TypeName::System(own) => ("System", *own),
                    TypeName::Fhir(own) => ("FHIR", *own),
                };
                match name.text() {
                    "namespace" => sink(Item::String(Cow::Borrowed(namespace))),
                    "name" => sink(Item::String(Cow::Borrowed(own))),
                    _ => self.unknown(name),
                }
            }
            Item::Quantity(quantity) => match name.text() {
                "value" => sink(Item::Decimal(quantity.value)),
                "unit" | "code" => sink(Item::String(quantity.unit.clone())),
                _ => self.unknown(name),
            },
            _ => self.unknown(name),
        }
    }

    fn unknown(&self, name: &ElementName) -> Flow {
        if self.environment.strict {
            return Err(EvaluationError::UnknownElement(name.text().to_owned()));
        }
        Ok(ON)
    }

    fn child_of_node(&self, node: &Node<'v>, name: &ElementName, sink: Sink<'_, 'v>) -> Flow {
        let Some(owner) = owner(node, self.environment) else {
            return Ok(ON);
        };
        match self.environment.types.element(owner.type_id, name) {
            Some(element) if element.is_choice => self.choice(owner, name.text(), element.element, sink),
            Some(element) if element.has_companion => self.pair(owner, name, element.type_id, sink),
            Some(element) => self.values(find(owner.members, name.text()), None, element.type_id, sink),
            None if owner.type_id == TypeId::UNKNOWN => self.pair(owner, name, TypeId::UNKNOWN, sink),
            None => self.unknown(name),
        }
    }

    /// A member with its companion.
    fn pair(&self, owner: Owner<'v>, name: &ElementName, type_id: TypeId, sink: Sink<'_, 'v>) -> Flow {
        let value = find(owner.members, name.text());
        let companion = find(owner.members, name.companion());
        self.values(value, companion, type_id, sink)
    }

    /// The values of a choice: any member whose name starts with the element's.
    fn choice(&self, owner: Owner<'v>, name: &str, element: u16, sink: Sink<'_, 'v>) -> Flow {
        for (json_name, value) in owner.members {
            let plain = json_name.strip_prefix('_').unwrap_or(json_name);
            if plain.len() <= name.len() || !plain.starts_with(name) {
                continue;
            }
            let fits = |member: &PathElement| member.element == element;
            let Some(member) = self.environment.types.member(owner.type_id, plain).filter(fits) else {
                continue;
            };
            let flow = if plain.len() == json_name.len() {
                let companion = if member.has_companion { companion_of(owner.members, plain) } else { None };
                self.values(Some(value), companion, member.type_id, sink)?
            } else if find(owner.members, plain).is_none() {
                self.values(None, Some(value), member.type_id, sink)?
            } else {
                ON
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ON)
    }

    /// Each value of a member with what stands beside it.
    fn values(
        &self,
        value: Option<&'v Value>,
        companion: Option<&'v Value>,
        type_id: TypeId,
        sink: Sink<'_, 'v>,
    ) -> Flow {
        match (value, companion) {
            (None, None) => Ok(ON),
            (Some(Value::Array(items)), companion) => {
                for (at, item) in items.iter().enumerate() {
                    let beside = companion.and_then(|list| list.get(at));
                    if self.value(Some(item), beside, type_id, sink)?.is_break() {
                        return Ok(ENOUGH);
                    }
                }
                Ok(ON)
            }
            (None, Some(Value::Array(items))) => {
                for item in items {
                    if self.value(None, Some(item), type_id, sink)?.is_break() {
                        return Ok(ENOUGH);
                    }
                }
                Ok(ON)
            }
            (value, companion) => self.value(value, companion, type_id, sink),
        }
    }

    fn value(
        &self,
        value: Option<&'v Value>,
        companion: Option<&'v Value>,
        type_id: TypeId,
        sink: Sink<'_, 'v>,
    ) -> Flow {
        self.step()?;
        let value = value.filter(|value| !value.is_null());
        let companion = companion.filter(|value| value.is_object());
        let type_id = match value {
            None if companion.is_none() => return Ok(ON),
            Some(resource) if type_id == TypeId::ANY_RESOURCE => resource_type(resource, self.environment.types),
            _ => type_id,
        };
        sink(Item::Node(Node { value, companion, type_id }))
    }

    /// All elements right below a place.
    pub(super) fn children(&self, item: &Item<'v>, sink: Sink<'_, 'v>) -> Flow {
        let Item::Node(node) = item else {
            return Ok(ON);
        };
        let Some(owner) = owner(node, self.environment) else {
            return Ok(ON);
        };
        let has_companions = owner.members.keys().any(|name| name.starts_with('_'));
        for (name, value) in owner.members {
            self.step()?;
            if name == TYPE_MEMBER {
                continue;
            }
            let flow = match name.strip_prefix('_') {
                Some(plain) if owner.members.contains_key(plain) => continue,
                Some(plain) => {
                    let member = self.environment.types.member(owner.type_id, plain);
                    let type_id = member.map_or(TypeId::UNKNOWN, |member| member.type_id);
                    self.values(None, Some(value), type_id, sink)?
                }
                None => {
                    let member = self.environment.types.member(owner.type_id, name);
                    let companion = if has_companions { companion_of(owner.members, name) } else { None };
                    let type_id = member.map_or(TypeId::UNKNOWN, |member| member.type_id);
                    self.values(Some(value), companion, type_id, sink)?
                }
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ON)
    }

    /// All elements below a place, each before those below it.
    pub(super) fn descendants(&self, item: &Item<'v>, sink: Sink<'_, 'v>) -> Flow {
        self.children(item, &mut |child| {
            if sink(child.clone())?.is_break() {
                return Ok(ENOUGH);
            }
            self.descendants(&child, sink)
        })
    }

    /// The extensions of a place that have this URL.
    pub(super) fn extensions(&self, item: &Item<'v>, url: &str, sink: Sink<'_, 'v>) -> Flow {
        self.child(item, &EXTENSION, &mut |extension| {
            let Item::Node(node) = &extension else {
                return Ok(ON);
            };
            let own = match node.value {
                Some(Value::Object(members)) => find(members, "url").and_then(Value::as_str),
                _ => None,
            };
            if own == Some(url) { sink(extension) } else { Ok(ON) }
        })
    }
}

/// A member by name.
pub(super) fn find<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if members.len() > FEW_MEMBERS {
        return members.get(name);
    }
    members.iter().find(|(own, _)| own.as_str() == name).map(|(_, value)| value)
}

/// The companion of a primitive.
fn companion_of<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if members.len() > FEW_MEMBERS {
        return members.get(&format!("_{name}"));
    }
    members.iter().find(|(own, _)| own.strip_prefix('_') == Some(name)).map(|(_, value)| value)
}

/// Where in a document a place lies, as a JSON Pointer; of a primitive without value the pointer of its companion.
///
/// It looks through the whole document: for findings, not for every value.
pub fn pointer_to(document: &Value, node: &Node<'_>) -> Option<String> {
    let mut pointer = String::new();
    let sought = node.value.or(node.companion)?;
    descend(document, sought, &mut pointer).then_some(pointer)
}

fn descend(value: &Value, sought: &Value, pointer: &mut String) -> bool {
    if std::ptr::eq(value, sought) {
        return true;
    }
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                json_pointer::push_token(pointer, name);
                if descend(inner, sought, pointer) {
                    return true;
                }
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                json_pointer::push_index(pointer, at);
                if descend(inner, sought, pointer) {
                    return true;
                }
                pointer.truncate(length);
            }
        }
        _ => {}
    }
    false
}
