//! What base types and profiles alike ask of an element beyond its shape: bindings and invariants.

use crate::fhir_path::{CompileError, Expression};
use std::sync::{Arc, OnceLock};

/// A binding to a value set (<https://hl7.org/fhir/R4/terminologies.html#strength>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// How much it matters when a code lies outside.
    pub strength: BindingStrength,
    /// Canonical URL of the value set, with `|version` where the definition gives one.
    pub value_set: Box<str>,
    /// The value set that no code may leave whatever the strength (`elementdefinition-maxValueSet`).
    pub max_value_set: Option<Box<str>>,
}

/// How strongly a binding binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BindingStrength {
    /// Not at all: the value set only shows what is meant.
    Example,
    /// Systems are encouraged to use it.
    Preferred,
    /// To be used where it has a fitting code.
    Extensible,
    /// Nothing else is allowed.
    Required,
}

impl BindingStrength {
    /// By FHIR's code.
    pub fn named(code: &str) -> Option<BindingStrength> {
        match code {
            "example" => Some(BindingStrength::Example),
            "preferred" => Some(BindingStrength::Preferred),
            "extensible" => Some(BindingStrength::Extensible),
            "required" => Some(BindingStrength::Required),
            _ => None,
        }
    }
}

/// An invariant: a FHIRPath expression that must hold at each value of its element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// FHIR's key (`pat-1`).
    pub key: Box<str>,
    /// Whether breaking it is an error; a warning otherwise.
    pub is_error: bool,
    /// The FHIRPath expression.
    pub expression: Box<str>,
    /// What it asks, in words; of a built-in definition our own.
    pub words: Option<Box<str>>,
    compiled: Compiled,
}

impl Invariant {
    /// An invariant by its parts.
    pub fn new(key: &str, is_error: bool, expression: &str, words: Option<Box<str>>) -> Invariant {
        Invariant { key: key.into(), is_error, expression: expression.into(), words, compiled: Compiled::default() }
    }

    /// The expression, compiled when first asked for.
    pub fn compiled(&self) -> Result<&Expression, &CompileError> {
        let compiled = self.compiled.0.get_or_init(|| Expression::compile(&self.expression).map(Arc::new));
        compiled.as_ref().map(AsRef::as_ref)
    }
}

/// What comes of the text of an expression; it adds nothing to what the text says.
#[derive(Debug, Clone, Default)]
struct Compiled(OnceLock<Result<Arc<Expression>, CompileError>>);

impl PartialEq for Compiled {
    fn eq(&self, _: &Compiled) -> bool {
        true
    }
}

impl Eq for Compiled {}
