//! What an evaluation may ask beyond its focus: types, variables, the present time, and a host.

use super::date_time::DateTime;
use super::types::Types;
use super::value::{Collection, Item, Node};

/// Steps that any sensible invariant stays below, on resources of some megabytes.
pub const USUAL_STEPS: u64 = 5_000_000;

/// Everything around the focus. Cheap to copy and change.
#[derive(Clone, Copy)]
pub struct Environment<'e, 'v> {
    /// The types of the FHIR version.
    pub types: &'v dyn Types,
    /// Who answers what the tree cannot.
    pub host: &'e dyn Host<'v>,
    /// `%resource`: the resource that the focus lies in, itself perhaps contained.
    pub resource: Option<Node<'v>>,
    /// `%rootResource`: the resource that contains it, or itself.
    pub root_resource: Option<Node<'v>>,
    /// `%context`, where it is not the focus.
    pub context: Option<Node<'v>>,
    /// Further variables, by name without `%`.
    pub variables: &'e [(&'v str, Collection<'v>)],
    /// What `now()`, `today()` and `timeOfDay()` say; with none of it they cannot be asked.
    pub now: Option<DateTime>,
    /// How many steps an evaluation may take.
    pub steps: u64,
    /// Whether an element that its type does not have is an error; it selects nothing otherwise.
    pub strict: bool,
}

impl<'e, 'v> Environment<'e, 'v> {
    /// The usual one: the resource is its own root, nothing else is set.
    pub fn of(types: &'v dyn Types, host: &'e dyn Host<'v>, resource: Node<'v>) -> Environment<'e, 'v> {
        Environment {
            types,
            host,
            resource: Some(resource),
            root_resource: Some(resource),
            context: None,
            variables: &[],
            now: None,
            steps: USUAL_STEPS,
            strict: false,
        }
    }
}

/// Who answers what the tree alone cannot. `None` always means that it is not known.
pub trait Host<'v> {
    /// The resource that a reference or canonical leads to; `from` is the value that holds it.
    fn resolve(&self, _reference: &str, _from: &Item<'v>) -> Option<Node<'v>> {
        None
    }

    /// Whether a code, Coding or CodeableConcept is in the value set.
    fn member_of(&self, _value_set: &str, _coding: &Item<'v>) -> Option<bool> {
        None
    }

    /// Whether a value conforms to a profile or type, by canonical URL.
    fn conforms_to(&self, _node: &Node<'v>, _profile: &str) -> Option<bool> {
        None
    }

    /// Whether a code or Coding is the other one or more general.
    fn subsumes(&self, _general: &Item<'v>, _special: &Item<'v>) -> Option<bool> {
        None
    }

    /// Whether the text is XHTML that a narrative may hold.
    fn html_checks(&self, _text: &str) -> Option<bool> {
        None
    }

    /// Told of each value that passes a `trace()`.
    fn trace(&self, _name: &str, _item: &Item<'v>) {}
}

/// Knows no answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHost;

impl Host<'_> for NoHost {}
