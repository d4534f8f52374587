//! Makes faulty copies of a resource, each with exactly one fault, of every kind that a validator should catch.

mod cardinality;
mod extensions;
mod facts;
mod invariants;
mod missing;
mod primitives;
mod references;
mod sites;
mod slices;
mod structure;
mod systems;

pub use facts::Facts;
pub use sites::Example;
pub use slices::WARNS;

use serde_json::{Map, Value};

/// One faulty copy.
pub struct Mutation {
    /// What kind of fault it has.
    pub kind: &'static str,
    /// Where, as a JSON Pointer, and what was done.
    pub place: String,
    /// The faulty copy.
    pub resource: Value,
}

/// The kinds of [`systems`]: a finding that names the place is enough, since most systems are open to others' codes.
pub const MISSPELT: &str = "system misspelt";

/// All faulty copies of a resource.
pub fn all(example: &Example<'_>, facts: &Facts) -> Vec<Mutation> {
    let mut made = Vec::new();
    structure::make(example, &mut made);
    missing::make(example, &mut made);
    cardinality::make(example, &mut made);
    primitives::make(example, &mut made);
    references::make(example, &mut made);
    extensions::make(example, facts, &mut made);
    invariants::make(example, &mut made);
    slices::make(example, facts, &mut made);
    systems::make(example, &mut made);
    made
}

impl Example<'_> {
    /// A copy with the object at the pointer changed; nothing when the change did not apply.
    fn with_object(
        &self,
        kind: &'static str,
        pointer: &str,
        what: &str,
        change: impl FnOnce(&mut Map<String, Value>) -> bool,
    ) -> Option<Mutation> {
        let mut resource = self.resource.clone();
        let changed = resource.pointer_mut(pointer).and_then(Value::as_object_mut).is_some_and(change);
        changed.then(|| Mutation { kind, place: format!("{pointer} {what}"), resource })
    }

    /// A copy with another value at the pointer.
    fn with_value(&self, kind: &'static str, pointer: &str, value: Value) -> Option<Mutation> {
        let mut resource = self.resource.clone();
        let place = format!("{pointer} = {}", shown(&value));
        *resource.pointer_mut(pointer)? = value;
        Some(Mutation { kind, place, resource })
    }
}

/// Enough of a value to know it again.
fn shown(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}
