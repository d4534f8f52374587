//! The variables of a mapping while it runs: what each is bound to.

use crate::format::references::References;
use crate::no_value::NoValue;
use serde_json::Value;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// What a variable is bound to: one value, or the rows of a group.
#[derive(Debug, Clone)]
pub struct Binding<'a> {
    /// The value, or the rows.
    pub values: SmallVec<[&'a Value; 1]>,
    /// The member's name, where the variable goes through an object; the part, where it goes through those of a text.
    pub name: Option<&'a str>,
    /// Whether the name is a part of the value.
    pub is_part: bool,
}

impl<'a> Binding<'a> {
    /// One value.
    pub fn one(value: &'a Value, name: Option<&'a str>) -> Binding<'a> {
        Binding { values: smallvec![value], name, is_part: false }
    }

    /// A part of a text.
    pub fn part(text: &'a Value, part: &'a str) -> Binding<'a> {
        Binding { values: smallvec![text], name: Some(part), is_part: true }
    }

    /// The rows of a group.
    pub fn rows(values: impl IntoIterator<Item = &'a Value>) -> Binding<'a> {
        Binding { values: values.into_iter().collect(), name: None, is_part: false }
    }
}
/// The root of the message and the bindings by slot.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    root: &'a Value,
    slots: Vec<Option<Binding<'a>>>,
    references: Option<Arc<References<'a>>>,
    no_value: Option<Arc<NoValue>>,
}

impl<'a> Frame<'a> {
    /// A frame with nothing bound.
    pub fn new(root: &'a Value, slots: usize) -> Frame<'a> {
        Frame { root, slots: vec![None; slots], references: None, no_value: None }
    }

    /// The frame with the references of a Bundle, which paths may follow.
    pub fn with_references(mut self, references: Option<Arc<References<'a>>>) -> Frame<'a> {
        self.references = references;
        self
    }

    /// The frame with the texts that stand for no value wherever they are.
    pub fn with_no_value(mut self, no_value: &Option<Arc<NoValue>>) -> Frame<'a> {
        self.no_value.clone_from(no_value);
        self
    }

    /// Whether a value is a text that stands for none.
    pub fn is_no_value(&self, value: &Value) -> bool {
        self.no_value.as_ref().is_some_and(|texts| texts.holds(value))
    }

    /// The references of the Bundle, where the message is one.
    pub fn references(&self) -> Option<&References<'a>> {
        self.references.as_deref()
    }

    /// The resource that a reference leads to.
    pub fn target(&self, reference: &Value) -> Option<&'a Value> {
        self.references.as_ref()?.target(reference)
    }

    /// The resources that refer to one by a path.
    pub fn referring(&self, resource: &Value, path: &str) -> Vec<&'a Value> {
        self.references.as_ref().map(|all| all.referring(resource, path)).unwrap_or_default()
    }

    /// The message.
    pub fn root(&self) -> &'a Value {
        self.root
    }

    /// What a slot is bound to.
    pub fn binding(&self, slot: usize) -> Option<&Binding<'a>> {
        self.slots.get(slot)?.as_ref()
    }

    /// Binds a slot.
    pub fn bind(&mut self, slot: usize, binding: Option<Binding<'a>>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = binding;
        }
    }

    /// The frame with one slot bound.
    pub fn with(mut self, slot: usize, binding: Binding<'a>) -> Frame<'a> {
        self.bind(slot, Some(binding));
        self
    }
}

/// Bindings of one list; lists mostly hold few items, which then need no allocation.
pub type Bindings<'a> = SmallVec<[Binding<'a>; 4]>;

/// The items of a list, the members of an object, or the one value itself, as bindings.
pub fn spread(value: &Value) -> Bindings<'_> {
    match value {
        Value::Null => Bindings::new(),
        Value::Array(list) => list.iter().map(|one| Binding::one(one, None)).collect(),
        Value::Object(map) => map.iter().map(|(name, one)| Binding::one(one, Some(name))).collect(),
        other => smallvec![Binding::one(other, None)],
    }
}
