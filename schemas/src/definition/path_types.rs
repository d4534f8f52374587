//! What FHIRPath asks about the types of R4, prepared when the definitions are read.

use super::{Definition, DefinitionId, Definitions, ElementType, Kind};
use crate::fhir_path::{ElementName, PathElement, SystemType, TypeId, Types, name_key};
use crate::primitive::Primitive;
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Answers that would take too long to work out at each step of an expression.
#[derive(Debug, Default)]
pub(super) struct PathTable {
    types: Vec<PathType>,
    primitives: HashMap<&'static str, TypeId>,
    elements: HashMap<u64, (&'static str, PathElement), BuildHasherDefault<Ready>>,
}

#[derive(Debug)]
struct PathType {
    name: &'static str,
    /// Itself and all it derives from.
    kinds: Vec<TypeId>,
    system: Option<SystemType>,
    is_primitive: bool,
}

/// Takes a key that is a hash already.
#[derive(Debug, Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |key, byte| key.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

fn id(definition: DefinitionId) -> TypeId {
    u32::try_from(definition.0).map_or(TypeId::UNKNOWN, TypeId)
}

impl Definitions {
    /// The type, as FHIRPath knows it, of a value of an element; of a resource the one that it says.
    pub fn path_type(&self, element_type: ElementType, value: Option<&Value>) -> TypeId {
        match element_type {
            ElementType::Object(definition) => id(definition),
            ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => {
                self.paths.primitives.get(primitive.name()).copied().unwrap_or(TypeId::UNKNOWN)
            }
            ElementType::Resource => {
                let name = value.and_then(|value| value.get("resourceType")).and_then(Value::as_str);
                name.and_then(|name| self.by_name.get(name)).map_or(TypeId::UNKNOWN, |definition| id(*definition))
            }
        }
    }

    /// The other way round: the type of an element whose value FHIRPath holds.
    pub fn element_type(&self, type_id: TypeId) -> Option<ElementType> {
        let at = usize::try_from(type_id.0).ok()?;
        let definition = self.definitions.get(at)?;
        match definition.kind {
            Kind::Resource => Some(ElementType::Resource),
            Kind::Primitive => Primitive::named(definition.name).map(ElementType::Primitive),
            Kind::DataType | Kind::Group => Some(ElementType::Object(DefinitionId(at))),
        }
    }
}

/// The key of an element of an owner. Two that meet are told apart by name; R4 has none, as a test shows.
fn element_key(owner: TypeId, name_key: u64) -> u64 {
    name_key ^ u64::from(owner.0).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl PathTable {
    pub(super) fn new(definitions: &[Definition], by_name: &HashMap<&'static str, DefinitionId>) -> PathTable {
        let mut table = PathTable::default();
        for primitive in Primitive::ALL {
            if let Some(definition) = by_name.get(primitive.name()) {
                table.primitives.insert(primitive.name(), id(*definition));
            }
        }
        for (at, definition) in definitions.iter().enumerate() {
            let own = id(DefinitionId(at));
            let bases = definition.bases.iter().filter_map(|base| by_name.get(base)).map(|base| id(*base));
            let shown = match definition.kind {
                Kind::Group => definition.bases.first().copied().unwrap_or(definition.name),
                _ => definition.name,
            };
            table.types.push(PathType {
                name: shown,
                kinds: std::iter::once(own).chain(bases).collect(),
                system: system(definition),
                is_primitive: definition.kind == Kind::Primitive,
            });
            for (index, element) in definition.elements.iter().enumerate() {
                let only = element.types.first().filter(|_| !element.is_choice);
                let (type_id, has_companion) =
                    only.map_or((TypeId::UNKNOWN, false), |element_type| table.target(*element_type));
                let index = u16::try_from(index).unwrap_or(u16::MAX);
                let told = PathElement { element: index, is_choice: element.is_choice, has_companion, type_id };
                table.elements.insert(element_key(own, name_key(element.name)), (element.name, told));
            }
        }
        table
    }

    /// The type of an element's values, and whether they may have companions.
    fn target(&self, element_type: ElementType) -> (TypeId, bool) {
        let primitive =
            |primitive: Primitive| self.primitives.get(primitive.name()).copied().unwrap_or(TypeId::UNKNOWN);
        match element_type {
            ElementType::Primitive(one) => (primitive(one), true),
            ElementType::BarePrimitive(one) => (primitive(one), false),
            ElementType::Object(definition) => (id(definition), false),
            ElementType::Resource => (TypeId::ANY_RESOURCE, false),
        }
    }

    fn get(&self, id: TypeId) -> Option<&PathType> {
        self.types.get(usize::try_from(id.0).ok()?)
    }
}

/// The type of FHIRPath that values of a type stand for.
fn system(definition: &Definition) -> Option<SystemType> {
    match Primitive::named(definition.name) {
        Some(Primitive::Boolean) => Some(SystemType::Boolean),
        Some(Primitive::Integer | Primitive::PositiveInt | Primitive::UnsignedInt) => Some(SystemType::Integer),
        Some(Primitive::Decimal) => Some(SystemType::Decimal),
        Some(Primitive::Date) => Some(SystemType::Date),
        Some(Primitive::DateTime | Primitive::Instant) => Some(SystemType::DateTime),
        Some(Primitive::Time) => Some(SystemType::Time),
        Some(_) => Some(SystemType::String),
        None => {
            let is_quantity = definition.name == "Quantity" || definition.bases.contains(&"Quantity");
            (is_quantity && definition.kind == Kind::DataType).then_some(SystemType::Quantity)
        }
    }
}

impl Types for Definitions {
    fn named(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).map(|definition| id(*definition))
    }

    fn name(&self, id: TypeId) -> &str {
        self.paths.get(id).map_or("", |own| own.name)
    }

    fn is_kind_of(&self, id: TypeId, base: TypeId) -> bool {
        self.paths.get(id).is_some_and(|own| own.kinds.contains(&base))
    }

    fn is_primitive(&self, id: TypeId) -> bool {
        self.paths.get(id).is_some_and(|own| own.is_primitive)
    }

    fn system(&self, id: TypeId) -> Option<SystemType> {
        self.paths.get(id)?.system
    }

    fn element(&self, owner: TypeId, name: &ElementName) -> Option<PathElement> {
        let (own, element) = self.paths.elements.get(&element_key(owner, name.key()))?;
        (*own == name.text()).then_some(*element)
    }

    fn member(&self, owner: TypeId, json_name: &str) -> Option<PathElement> {
        let definition = self.definitions.get(usize::try_from(owner.0).ok()?)?;
        let (member, _) = definition.member(json_name)?;
        let (type_id, has_companion) = self.paths.target(member.element_type);
        Some(PathElement {
            element: u16::try_from(member.element).unwrap_or(u16::MAX),
            is_choice: false,
            has_companion,
            type_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_of_r4_is_found_by_its_owner_and_name() {
        let r4 = Definitions::r4();
        for definition in r4.all() {
            let owner = r4.named(definition.name).map(|(id, _)| super::id(id)).expect("named");
            for (at, element) in definition.elements.iter().enumerate() {
                let found = r4.element(owner, &ElementName::new(element.name)).expect("an element");
                assert_eq!((usize::from(found.element), found.is_choice), (at, element.is_choice));
            }
            assert_eq!(r4.element(owner, &ElementName::new("noSuchElement")), None);
        }
    }

    #[test]
    fn types_know_what_they_derive_from() {
        let r4 = Definitions::r4();
        let types: &dyn Types = r4;
        let is = |name, base| types.is_kind_of(types.named(name).expect("a type"), types.named(base).expect("a type"));
        for (name, base) in [
            ("Patient", "Patient"),
            ("Patient", "DomainResource"),
            ("Patient", "Resource"),
            ("Age", "Quantity"),
            ("code", "string"),
            ("Patient.contact", "BackboneElement"),
            ("Patient.contact", "Element"),
        ] {
            assert!(is(name, base), "{name} {base}");
        }
        for (name, base) in [("Bundle", "DomainResource"), ("Quantity", "Age"), ("string", "code")] {
            assert!(!is(name, base), "{name} {base}");
        }
        let system = |name| types.system(types.named(name).expect("a type"));
        assert_eq!(system("code"), Some(SystemType::String));
        assert_eq!(system("instant"), Some(SystemType::DateTime));
        assert_eq!(system("Age"), Some(SystemType::Quantity));
        assert_eq!(system("Patient"), None);
    }
}
