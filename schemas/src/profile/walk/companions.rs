//! Companions of primitives: the members `_name` that hold `id` and `extension`, in step with the values they stand beside
//! (<https://hl7.org/fhir/R4/json.html#primitive>).

use super::{Item, Met, Step, Walk, children};
use crate::definition::profile::Node;
use crate::definition::{DefinitionId, Element, ElementType};
use crate::profile::rules::{binding, cardinality, empty, value_type};
use serde_json::{Map, Value};

/// A member's object, to look up its companion.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub members: &'a Map<String, Value>,
    pub name: &'a str,
    /// Whether any member of the object is a companion: looking one up costs an allocation.
    pub has_companions: bool,
}

impl<'a> Beside<'a> {
    fn companion(&self) -> Option<&'a Value> {
        if self.has_companions { self.members.get(&format!("_{}", self.name)) } else { None }
    }

    /// How many values the companion speaks of.
    pub fn companions(&self) -> usize {
        self.companion().and_then(Value::as_array).map_or(0, Vec::len)
    }

    pub fn companion_at(&self, index: Option<usize>, value: &Value, element_type: ElementType) -> Option<&'a Value> {
        if !matches!(element_type, ElementType::Primitive(_)) && !value.is_null() {
            return None;
        }
        match (self.companion()?, index) {
            (Value::Array(items), Some(index)) => items.get(index),
            (one, None) => Some(one),
            _ => None,
        }
    }
}

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// A member `_name` with `id` and `extension` of the primitive `name`; false when there is no such primitive.
    pub(super) fn companion(
        &mut self,
        owner: DefinitionId,
        members: &'a Map<String, Value>,
        name: &'a str,
        value: &'a Value,
        nodes: &[&'k Node],
        met: &mut Met<'a>,
    ) -> bool {
        let Some(plain) = name.strip_prefix('_') else {
            return false;
        };
        let Some((member, element)) = self.known.types.get(owner).member(plain) else {
            return false;
        };
        if !matches!(member.element_type, ElementType::Primitive(_)) {
            return false;
        }
        self.met(met, member, element, name);
        let inner = children(nodes, element);
        if !self.whole && inner.is_empty() {
            return true;
        }
        let main = members.get(plain);
        self.trail.push(Step { owner, element, element_type: member.element_type });
        self.findings.path.push_member(element.name, name);
        if main.is_none() {
            let count = value.as_array().map_or(1, Vec::len);
            inner.iter().for_each(|node| self.count(node, count));
        }
        self.companion_values(element, member.element_type, value, main, &inner);
        self.findings.path.pop();
        self.trail.pop();
        true
    }

    fn companion_values(
        &mut self,
        element: &'static Element,
        element_type: ElementType,
        value: &'a Value,
        main: Option<&'a Value>,
        nodes: &[&'k Node],
    ) {
        match value {
            Value::Array(items) if element.repeats() => {
                if items.is_empty() && self.whole {
                    empty::list(&mut self.findings);
                }
                for (index, item) in items.iter().enumerate() {
                    self.findings.path.set_index(Some(index));
                    let main = main.and_then(|main| main.get(index));
                    if !(item.is_null() && main.is_some()) {
                        let main = main.filter(|main| !main.is_null());
                        let item = Item { value: main, companion: Some(item), element_type };
                        self.companion_value(element, item, nodes);
                    }
                }
            }
            Value::Array(_) if self.whole => cardinality::list_for_one(&mut self.findings),
            one if element.repeats() && !one.is_null() && self.whole => cardinality::one_for_list(&mut self.findings),
            one => {
                let item = Item { value: main, companion: Some(one), element_type };
                self.companion_value(element, item, nodes);
            }
        }
    }

    fn companion_value(&mut self, element: &'static Element, item: Item<'a>, nodes: &[&'k Node]) {
        let Some(companion) = item.companion else {
            return;
        };
        match companion {
            Value::Null if self.whole => empty::null(&mut self.findings),
            Value::Object(members) => {
                // Beside a value an id alone says something.
                if self.whole
                    && (members.is_empty() || item.value.is_none())
                    && empty::object(members, &mut self.findings)
                {
                    return;
                }
                if let Some(id) = self.landmarks.element {
                    self.object(id, members, nodes);
                }
                if item.value.is_none() {
                    if let Some(bound) = element.binding.as_ref().filter(|_| self.whole) {
                        binding::no_code(bound, members, &mut self.findings);
                    }
                    self.ask_all(nodes, item, &mut Vec::new());
                }
            }
            other if self.whole => value_type::wrong_type("an object", other, &mut self.findings),
            _ => {}
        }
    }
}
