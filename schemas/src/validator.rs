//! The door to judging: what is known, what to judge by, one resource in, all findings out.

use crate::issue::Issue;
use crate::known::Known;
use crate::profile::walk::Walk;
use crate::uk::Rules;
use serde_json::Value;

/// What a resource is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Options<'o> {
    /// Profiles of the resource itself, by canonical URL, besides those it claims.
    pub profiles: &'o [&'o str],
    /// Whether the profiles count that resources claim in `meta.profile`.
    pub claimed_profiles: bool,
    /// Whether each resource, in Bundles too, is judged by UK Core's profile of its type where there is one.
    pub uk_core: bool,
    /// What becomes of extensions that nobody here knows.
    pub unknown_extensions: UnknownExtensions,
    /// Where the URLs of the caller's own extensions start: those pass without a definition,
    /// but for modifiers, which nobody may overlook.
    pub own_extensions: &'o [&'o str],
    /// The UK rules that are judged besides the profiles.
    pub uk_rules: Rules,
}

/// What becomes of extensions that nobody here knows; an unknown modifier extension is always refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownExtensions {
    /// An error, as the reference validator has it.
    Refuse,
    /// A warning: FHIR asks receivers to be patient with extensions that they do not know.
    Warn,
}

impl Options<'static> {
    /// As the reference validator judges, with all UK rules.
    pub const STRICT: Options<'static> = Options {
        profiles: &[],
        claimed_profiles: true,
        uk_core: false,
        unknown_extensions: UnknownExtensions::Refuse,
        own_extensions: &[],
        uk_rules: Rules::ALL,
    };
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options::STRICT
    }
}

/// Judges resources by R4, UK Core and whatever else was loaded.
#[derive(Debug)]
pub struct Validator {
    known: Known,
}

impl Validator {
    /// By R4 and UK Core.
    pub fn uk_core() -> Validator {
        Validator::new(Known::built_in())
    }

    /// By what is known.
    pub fn new(known: Known) -> Validator {
        Validator { known }
    }

    /// What is known.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Everything in which a resource, or a Bundle with all it holds, departs from base R4 and the profiles.
    ///
    /// Each issue names the one deepest element at fault in `expression`, and no value of the resource.
    pub fn judge<'j>(&'j self, resource: &'j Value, options: &'j Options<'j>) -> Vec<Issue> {
        Walk::new(&self.known, options).resource(resource)
    }
}
