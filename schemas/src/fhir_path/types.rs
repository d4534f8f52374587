//! What the engine asks about types; carried out by the definitions of a FHIR version.

use std::fmt;

/// A type, or a group of elements inside one, by a number that its [`Types`] gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeId(pub u32);

impl TypeId {
    /// Nothing is known of the type: members are looked up by name and values taken as JSON shows them.
    pub const UNKNOWN: TypeId = TypeId(u32::MAX);
    /// A resource, whose type its own `resourceType` tells.
    pub const ANY_RESOURCE: TypeId = TypeId(u32::MAX - 1);
}

/// The types of FHIRPath itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are FHIRPath's own")]
pub enum SystemType {
    Boolean,
    Integer,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    Quantity,
}

impl SystemType {
    /// By FHIRPath's name, without `System.`.
    pub fn named(name: &str) -> Option<SystemType> {
        Some(match name {
            "Boolean" => SystemType::Boolean,
            "Integer" => SystemType::Integer,
            "Decimal" => SystemType::Decimal,
            "String" => SystemType::String,
            "Date" => SystemType::Date,
            "DateTime" => SystemType::DateTime,
            "Time" => SystemType::Time,
            "Quantity" => SystemType::Quantity,
            _ => return None,
        })
    }

    /// FHIRPath's name.
    pub fn name(self) -> &'static str {
        match self {
            SystemType::Boolean => "Boolean",
            SystemType::Integer => "Integer",
            SystemType::Decimal => "Decimal",
            SystemType::String => "String",
            SystemType::Date => "Date",
            SystemType::DateTime => "DateTime",
            SystemType::Time => "Time",
            SystemType::Quantity => "Quantity",
        }
    }
}

/// A name of an element as an expression holds it, with what speeds up its look-ups.
#[derive(Clone, PartialEq, Eq)]
pub struct ElementName {
    text: Box<str>,
    /// `_name`, where a primitive has its id and extensions.
    companion: Box<str>,
    key: u64,
}

impl ElementName {
    /// From FHIR's name, of a choice without type.
    pub fn new(text: &str) -> ElementName {
        ElementName { text: text.into(), companion: format!("_{text}").into(), key: name_key(text) }
    }

    /// FHIR's name.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The JSON name of the companion.
    pub fn companion(&self) -> &str {
        &self.companion
    }

    /// [`name_key`] of the name.
    pub fn key(&self) -> u64 {
        self.key
    }
}

impl fmt::Debug for ElementName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A number made of a name (FNV-1a), so that a table of elements needs no hashing while an expression runs.
pub fn name_key(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |key, byte| (key ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// An element of a type, or one JSON member of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathElement {
    /// Which of its owner's elements it is.
    pub element: u16,
    /// Whether JSON writes it with its type (`valueQuantity` of `value`); `type_id` is then unknown.
    pub is_choice: bool,
    /// Whether a member `_name` may stand beside it.
    pub has_companion: bool,
    /// The type of its values.
    pub type_id: TypeId,
}

/// The types of a FHIR version.
pub trait Types: Sync {
    /// The type of that name (`Patient`, `code`, `BackboneElement`).
    fn named(&self, name: &str) -> Option<TypeId>;

    /// The name of a type; of a group of elements that of its base.
    fn name(&self, id: TypeId) -> &str;

    /// Whether one is the other or derived from it.
    fn is_kind_of(&self, id: TypeId, base: TypeId) -> bool;

    /// Whether it is a primitive type.
    fn is_primitive(&self, id: TypeId) -> bool;

    /// The type of FHIRPath its values stand for (`code` is a `String`, `Age` a `Quantity`).
    fn system(&self, id: TypeId) -> Option<SystemType>;

    /// An element by FHIR's name.
    fn element(&self, owner: TypeId, name: &ElementName) -> Option<PathElement>;

    /// A JSON member by its name (`valueQuantity`); never a choice.
    fn member(&self, owner: TypeId, json_name: &str) -> Option<PathElement>;
}
