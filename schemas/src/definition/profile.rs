//! A profile as the rules want to read it: only what it asks beyond its base type (<https://hl7.org/fhir/R4/profiling.html>).
//!
//! A profile is a tree of [`Node`]s, one for each element that it, or a profile it builds on, constrains. A node holds
//! what is tighter than the base type and nothing else: the walk judges the base type anyway, so that a fault of the base
//! is found once. Elements that no profile speaks of have no node and cost nothing.

use super::{Binding, DefinitionId, Invariant};
use serde_json::Value;

/// A profile on a resource or data type, or the definition of an extension.
#[derive(Debug)]
pub struct Profile {
    /// Canonical URL, without version.
    pub url: Box<str>,
    /// Business version.
    pub version: Option<Box<str>>,
    /// The name to show in a sentence.
    pub name: Box<str>,
    /// The base type it constrains.
    pub of: DefinitionId,
    /// The profile or type it was derived from.
    pub base: Option<Box<str>>,
    /// Whether its status is `retired`.
    pub is_retired: bool,
    /// How the extension may be used, where it defines one.
    pub extension: Option<ExtensionUse>,
    /// The constraints; the root stands for the resource or value as a whole.
    pub root: Node,
    /// What could not be understood, one sentence each; those constraints are not judged.
    pub faults: Vec<String>,
}

/// Where and how an extension may be used.
#[derive(Debug, Default)]
pub struct ExtensionUse {
    /// Whether it belongs in `modifierExtension`.
    pub is_modifier: bool,
    /// The places it may stand in: any of them.
    pub contexts: Vec<ExtensionContext>,
    /// FHIRPath expressions that must all hold at the element that carries it (`%extension` is the extension).
    pub context_invariants: Vec<Invariant>,
}

/// A place an extension may stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionContext {
    /// An element by path (`Patient.contact`), a type (`HumanName`), or `Element`/`Resource` for everything;
    /// or an element id of a profile (`http://...#Patient.name`).
    Element(Box<str>),
    /// Inside another extension, by its URL.
    Extension(Box<str>),
    /// Elements that a FHIRPath expression, run at the resource, selects.
    FhirPath(Box<str>),
}

/// The constraints on one element.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Element name as the base type has it, of a choice without `[x]`; the type's name for the root.
    pub name: Box<str>,
    /// Element id, to name it in a sentence (`Patient.identifier:nhsNumber.value`).
    pub id: Box<str>,
    /// Least number of values, where more than the base type's.
    pub min: Option<u32>,
    /// Most values, where fewer than the base type's.
    pub max: Option<u32>,
    /// The types it may have, where fewer than the base type's or with profiles or targets.
    pub types: Option<Vec<TypeRule>>,
    /// The one value it must have, whole.
    pub fixed: Option<Value>,
    /// What its value must have at least.
    pub pattern: Option<Value>,
    /// The value set it is bound to, where it differs from the base type's.
    pub binding: Option<Binding>,
    /// Invariants beyond those of the base type.
    pub invariants: Vec<Invariant>,
    /// Most characters of a text.
    pub max_length: Option<usize>,
    /// Least value (a primitive or a Quantity), with the suffix of its member (`Date` of `minValueDate`).
    pub min_value: Option<(Box<str>, Value)>,
    /// Greatest value, likewise.
    pub max_value: Option<(Box<str>, Value)>,
    /// Of a Narrative: the languages its sections must be in, or `_no`, `_yes`, `_resource`
    /// (extension `narrative-language-control`).
    pub narrative_languages: Vec<Box<str>>,
    /// How its values are told apart, and what each kind must hold.
    pub slicing: Option<Slicing>,
    /// The constrained elements inside it.
    pub children: Vec<Node>,
}

impl Node {
    /// The constraints on an element inside it, by the base type's name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| *child.name == *name)
    }
}

/// A type that an element may have, with what is asked of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeRule {
    /// FHIR's name of the type (`Quantity`).
    pub code: Box<str>,
    /// Profiles of which a value must conform to one; empty for any.
    pub profiles: Vec<Box<str>>,
    /// Profiles or types of which a target must conform to one; empty for any.
    pub targets: Vec<Box<str>>,
    /// How a reference may be made (`contained`, `referenced`, `bundled`); empty for any.
    pub aggregation: Vec<Box<str>>,
}

/// How the values of a repeating (or choice) element are told apart.
#[derive(Debug, Clone)]
pub struct Slicing {
    /// Whether values may lie in no slice, and where.
    pub rules: SlicingRules,
    /// Whether the slices must come in the order given.
    pub ordered: bool,
    /// The slices in the order of the profile.
    pub slices: Vec<Slice>,
}

/// Whether values may lie in no slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlicingRules {
    /// Anywhere.
    Open,
    /// Nowhere.
    Closed,
    /// Only after all that lie in a slice.
    OpenAtEnd,
}

/// One slice.
#[derive(Debug, Clone)]
pub struct Slice {
    /// Its name (`nhsNumber`; of a slice of a slice only the last part).
    pub name: Box<str>,
    /// What tells that a value lies in it: all of them must hold. Empty: nothing lies in it, as the profile does not
    /// say how to tell (a fault of the profile).
    pub tests: Vec<SliceTest>,
    /// What is asked of its values; `min` and `max` count them, and its own `slicing` slices it further.
    pub node: Node,
}

/// One thing that tells whether a value lies in a slice.
#[derive(Debug, Clone)]
pub struct SliceTest {
    /// From the value to what is looked at; empty for the value itself (`$this`).
    pub path: Vec<DiscriminatorStep>,
    /// What must be there.
    pub condition: SliceCondition,
}

/// What a discriminator looks for. Where its path leads to several places, one of them is enough.
#[derive(Debug, Clone)]
pub enum SliceCondition {
    /// Exactly this value.
    Equals(Value),
    /// At least what this value has.
    Matches(Value),
    /// A code of this value set (canonical URL).
    InValueSet(Box<str>),
    /// A value of one of these types; of a resource its resource type.
    TypeIs(Vec<Box<str>>),
    /// Any value, or none.
    Exists(bool),
    /// A value that conforms to one of these profiles.
    ConformsTo(Vec<Box<str>>),
    /// All of them (a discriminator path below which the slice fixes several elements).
    All(Vec<SliceTest>),
}

/// One step of a discriminator's path (<https://hl7.org/fhir/R4/profiling.html#discriminator>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscriminatorStep {
    /// Into an element, of a choice without type.
    Child(Box<str>),
    /// Into the extensions with this URL.
    Extension(Box<str>),
    /// Only values of this type.
    OfType(Box<str>),
    /// To the resource that a reference leads to.
    Resolve,
}
