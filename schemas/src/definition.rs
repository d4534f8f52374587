//! The shapes of FHIR types as the rules want to read them: every member a JSON object may have, looked up by its name.

mod built_in;
pub mod built_in_resources;
mod compile_profile;
mod constraint;
mod path_types;
pub mod profile;
pub mod profiles;
pub mod search_parameters;

pub use constraint::{Binding, BindingStrength, Invariant};

use crate::primitive::Primitive;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The types of one FHIR version.
#[derive(Debug)]
pub struct Definitions {
    definitions: Vec<Definition>,
    by_name: HashMap<&'static str, DefinitionId>,
    /// What FHIRPath asks of the types.
    paths: path_types::PathTable,
}

/// A definition's place in [`Definitions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DefinitionId(usize);

/// What a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A primitive type.
    Primitive,
    /// A data type made of elements.
    DataType,
    /// A resource type.
    Resource,
    /// A group of elements inside a type (`Patient.contact`).
    Group,
}

/// A type, or a group of elements inside one, with all elements it has, inherited ones too.
#[derive(Debug)]
pub struct Definition {
    /// The type's name; a group's path.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether only its children may be used.
    pub is_abstract: bool,
    /// The types it derives from, the nearest first.
    pub bases: Vec<&'static str>,
    /// The elements, at most [`MOST_ELEMENTS`].
    pub elements: Vec<Element>,
    /// The invariants that each value of it must hold to, inherited ones too; of a group those of its element.
    pub invariants: Vec<Invariant>,
    /// JSON members, sorted by name.
    members: Vec<Member>,
}

/// So that a walk can remember which elements it has met in one machine word pair.
pub const MOST_ELEMENTS: usize = 128;

/// An element of a definition.
#[derive(Debug, Clone)]
pub struct Element {
    /// FHIR's name, of a choice without `[x]`.
    pub name: &'static str,
    /// Whether the type stands in the JSON name (`value[x]`).
    pub is_choice: bool,
    /// Least number of values.
    pub min: u32,
    /// Most values; nothing means any number.
    pub max: Option<u32>,
    /// The types it may have.
    pub types: Vec<ElementType>,
    /// The binding of its codes.
    pub binding: Option<Binding>,
    /// The types of resource that a Reference or canonical in it may lead to; empty for any.
    pub targets: Vec<&'static str>,
    /// Invariants of this element beyond those of its type or group.
    pub invariants: Vec<Invariant>,
}

impl Element {
    /// Whether JSON writes it as an array.
    pub fn repeats(&self) -> bool {
        self.max != Some(1) && self.max != Some(0)
    }

    /// Its name as FHIR's pages show it.
    pub fn shown_name(&self) -> String {
        if self.is_choice { format!("{}[x]", self.name) } else { self.name.to_owned() }
    }
}

/// One of the types of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    /// A primitive; `id` and `extension` may stand in a companion member whose name starts with `_`.
    Primitive(Primitive),
    /// A primitive without such a companion (`Extension.url`, `id`).
    BarePrimitive(Primitive),
    /// An object with elements.
    Object(DefinitionId),
    /// Any resource.
    Resource,
}

/// A name that a JSON object of the definition may have.
#[derive(Debug)]
pub struct Member {
    /// The name, of a choice with its type (`valueQuantity`).
    pub name: Box<str>,
    /// Index into [`Definition::elements`].
    pub element: usize,
    /// The type that the name stands for.
    pub element_type: ElementType,
}

impl Definition {
    /// The member of that name, with its element.
    pub fn member(&self, name: &str) -> Option<(&Member, &Element)> {
        let at = self.members.binary_search_by(|member| (*member.name).cmp(name)).ok()?;
        let member = self.members.get(at)?;
        Some((member, self.elements.get(member.element)?))
    }

    /// The members of an element by its name: several of a choice, otherwise one.
    pub fn members_of<'d>(&'d self, element: &str) -> impl Iterator<Item = &'d Member> {
        let at = self.elements.iter().position(|own| own.name == element);
        let own = at.and_then(|at| self.elements.get(at)).filter(|own| !own.is_choice);
        let plain = own.and_then(|own| self.member(own.name)).map(|(member, _)| member);
        let is_choice = plain.is_none();
        self.members.iter().filter(move |member| is_choice && Some(member.element) == at).chain(plain)
    }

    /// All names that an object may have, in alphabetical order.
    pub fn member_names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| &*member.name)
    }
}

impl Definitions {
    /// FHIR R4 (4.0.1), read from the built-in form when first asked for.
    pub fn r4() -> &'static Definitions {
        static R4: OnceLock<Definitions> = OnceLock::new();
        R4.get_or_init(|| {
            built_in::read(&built_in::Texts {
                types: include_str!("../definitions/r4-types.txt"),
                invariants: include_str!("../definitions/r4-invariants.txt"),
                invariant_words: include_str!("../definitions/invariant-words.txt"),
            })
            .expect("the built-in definitions are well formed, as a test shows")
        })
    }

    /// A definition by its id.
    pub fn get(&self, id: DefinitionId) -> &Definition {
        self.definitions.get(id.0).expect("ids are handed out by these definitions only")
    }

    /// A type by name, or a group by its path (`Patient.contact`).
    pub fn named(&self, name: &str) -> Option<(DefinitionId, &Definition)> {
        let id = *self.by_name.get(name)?;
        Some((id, self.get(id)))
    }

    /// Whether a type, by name, is another or derives from it.
    pub fn is_kind_of(&self, name: &str, wanted: &str) -> bool {
        name == wanted || self.named(name).is_some_and(|(_, definition)| definition.bases.contains(&wanted))
    }

    /// A resource type that instances may have.
    pub fn resource_type(&self, name: &str) -> Option<(DefinitionId, &Definition)> {
        self.named(name).filter(|(_, definition)| definition.kind == Kind::Resource && !definition.is_abstract)
    }

    /// The names of all resource types that instances may have.
    pub fn resource_types(&self) -> impl Iterator<Item = &'static str> {
        let concrete = |definition: &&Definition| definition.kind == Kind::Resource && !definition.is_abstract;
        self.definitions.iter().filter(concrete).map(|definition| definition.name)
    }

    /// All definitions, groups too.
    pub fn all(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.iter()
    }
}
