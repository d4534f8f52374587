//! What an expression selects: places in the tree, and values made on the way.

use super::date_time::DateTime;
use super::quantity::Quantity;
use super::types::{SystemType, TypeId, Types};
use rust_decimal::Decimal;
use serde_json::Value;
use smallvec::SmallVec;
use std::borrow::Cow;

/// Values in order. Most collections have one value, which is why two need no allocation.
pub type Collection<'v> = SmallVec<[Item<'v>; 2]>;

/// A place in the tree.
#[derive(Debug, Clone, Copy)]
pub struct Node<'v> {
    /// The value; nothing for a primitive that has only its companion.
    pub value: Option<&'v Value>,
    /// The companion of a primitive, an object with `id` and `extension`.
    pub companion: Option<&'v Value>,
    /// Its type.
    pub type_id: TypeId,
}

impl<'v> Node<'v> {
    /// A resource by its `resourceType`.
    pub fn resource(value: &'v Value, types: &dyn Types) -> Node<'v> {
        Node { value: Some(value), companion: None, type_id: resource_type(value, types) }
    }

    /// A value of a known type.
    pub fn of_type(value: &'v Value, type_id: TypeId) -> Node<'v> {
        Node { value: Some(value), companion: None, type_id }
    }

    /// Whether it is the very same place as another.
    pub fn is(&self, other: &Node<'_>) -> bool {
        let address = |value: Option<&Value>| value.map(std::ptr::from_ref);
        address(self.value) == address(other.value) && address(self.companion) == address(other.companion)
    }
}

/// The type that a resource says it has.
pub(super) fn resource_type(value: &Value, types: &dyn Types) -> TypeId {
    let name = value.get("resourceType").and_then(Value::as_str);
    name.and_then(|name| types.named(name)).unwrap_or(TypeId::UNKNOWN)
}

/// One value.
#[derive(Debug, Clone)]
pub enum Item<'v> {
    /// A place in the tree.
    Node(Node<'v>),
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A decimal with its digits.
    Decimal(Decimal),
    /// A text.
    String(Cow<'v, str>),
    /// A date, a time, or both.
    DateTime(DateTime),
    /// A number with a unit.
    Quantity(Box<Quantity<'v>>),
    /// What `type()` tells.
    Type(TypeName<'v>),
}

/// A type as `type()` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeName<'v> {
    /// One of FHIRPath's own.
    System(&'static str),
    /// One of FHIR's.
    Fhir(&'v str),
}

impl Item<'_> {
    /// The type of FHIRPath that a value made on the way has.
    pub fn system_type(&self) -> Option<SystemType> {
        Some(match self {
            Item::Boolean(_) => SystemType::Boolean,
            Item::Integer(_) => SystemType::Integer,
            Item::Decimal(_) => SystemType::Decimal,
            Item::String(_) => SystemType::String,
            Item::DateTime(value) => value.kind.system_type(),
            Item::Quantity(_) => SystemType::Quantity,
            Item::Node(_) | Item::Type(_) => return None,
        })
    }
}
