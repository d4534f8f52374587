//! The types that a profile allows, and the profiles of data types and resources that a value must conform to.

use super::nodes::{shown, type_name};
use super::{Item, TYPE_MEMBER, Walk};
use crate::definition::ElementType;
use crate::definition::profile::{Node, Profile, TypeRule};
use crate::issue::{IssueCode, IssueKey};
use crate::json::DEEPEST;
use crate::profile::scope::Scope;
use serde_json::Value;
use std::rc::Rc;

/// Where the canonical URLs of base types start.
const BASE_TYPES: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Where the URLs of FHIRPath's own types start.
const FHIR_PATH_TYPES: &str = "http://hl7.org/fhirpath/";

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// The type of a value is one that the node allows; profiles of the type go into `inner`.
    pub(super) fn type_rules(&mut self, node: &'k Node, item: Item<'a>, inner: &mut Vec<&'k Node>) {
        let Some(rules) = &node.types else {
            return;
        };
        let actual = self.actual_type(item);
        let fitting: Vec<&'k TypeRule> = rules.iter().filter(|rule| self.has_type(item, &rule.code)).collect();
        if fitting.is_empty() {
            let allowed: Vec<&str> = rules.iter().map(|rule| &*rule.code).collect();
            let text =
                format!("{} has the type {actual}, which {} does not allow.", self.findings.subject(), shown(node));
            let hint = format!("allowed: {}", allowed.join(", "));
            return self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetType, text, hint);
        }
        // A type that stands there without profile allows any value of it.
        if fitting.iter().any(|rule| rule.profiles.is_empty()) {
            return;
        }
        let urls: Vec<&'k str> = fitting.iter().flat_map(|rule| rule.profiles.iter().map(|url| &**url)).collect();
        match urls.as_slice() {
            [only] => {
                if let Some(profile) = self.wanted_profile(only) {
                    add(&profile.root, inner);
                }
            }
            _ => self.one_of(&urls, item),
        }
    }

    /// A profile that a definition refers to; one that is not at hand is said to be missing.
    fn wanted_profile(&mut self, url: &str) -> Option<&'k Profile> {
        let found = self.known.profiles.get(url);
        if found.is_none() && !self.is_base_type(url) {
            let text = format!("The profile {url} is not known, so {} was not judged by it.", self.findings.subject());
            let hint = "load the package that has it with --definitions";
            self.findings.error_with_hint(IssueCode::NotFound, IssueKey::TargetProfileUnknown, text, hint);
        }
        found
    }

    /// Whether the URL is that of a type of R4 itself.
    pub(super) fn is_base_type(&self, url: &str) -> bool {
        url.split('|')
            .next()
            .and_then(|url| url.strip_prefix(BASE_TYPES))
            .is_some_and(|name| self.known.types.named(name).is_some())
    }

    /// A value conforms to one of several profiles at least.
    fn one_of(&mut self, urls: &[&'k str], item: Item<'a>) {
        let verdicts: Vec<Option<bool>> = urls.iter().map(|url| self.conforms(url, item)).collect();
        if verdicts.contains(&Some(true)) || verdicts.contains(&None) {
            return;
        }
        let text = format!("{} conforms to none of the profiles allowed here.", self.findings.subject());
        let hint = format!("one of: {}", urls.join(", "));
        self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetTypeProfile, text, hint);
    }

    /// Whether a value conforms to a profile or is of a base type; nothing when the profile is not known.
    pub(super) fn conforms(&self, url: &str, item: Item<'a>) -> Option<bool> {
        self.conforms_in(url, item, &self.scope)
    }

    /// The same for a value that stands elsewhere.
    pub(super) fn conforms_in(&self, url: &str, item: Item<'a>, scope: &Scope<'a>) -> Option<bool> {
        let actual = self.actual_type(item);
        let Some(profile) = self.known.profiles.get(url) else {
            let base = url.split('|').next().and_then(|url| url.strip_prefix(BASE_TYPES))?;
            self.known.types.named(base)?;
            return Some(self.is_a(actual, base));
        };
        if !self.is_a(actual, self.known.types.get(profile.of).name) {
            return Some(false);
        }
        let value = item.value?;
        if let Some(verdict) = self.trials.begin(profile, value) {
            return Some(verdict);
        }
        let mut walk = self.for_trial();
        let verdict = (walk.above <= DEEPEST).then(|| {
            match item.element_type {
                ElementType::Resource => {
                    walk.scope = scope.of_inner(value);
                    walk.resource_by(value, &profile.root);
                }
                _ => {
                    walk.scope = scope.clone();
                    walk.value_by(item, &profile.root);
                }
            }
            !walk.findings.any_error()
        });
        self.trials.end(profile, value, verdict);
        verdict
    }

    /// A walk that judges only what nodes ask, from the same place.
    pub(super) fn for_trial(&self) -> Walk<'a, 'k> {
        Walk {
            known: self.known,
            options: self.options,
            landmarks: self.landmarks,
            findings: Default::default(),
            scope: self.scope.clone(),
            trail: Vec::new(),
            whole: false,
            element_ids: Default::default(),
            spellings_left: 0,
            trials: Rc::clone(&self.trials),
            above: self.above + self.findings.path.depth() + 1,
        }
    }

    /// The name of a value's type, of a resource the type it says.
    pub(super) fn actual_type(&self, item: Item<'a>) -> &'a str {
        match item.element_type {
            ElementType::Resource => {
                item.value.and_then(|value| value.get(TYPE_MEMBER)).and_then(Value::as_str).unwrap_or("Resource")
            }
            other => type_name(self.known, other),
        }
    }

    /// Whether a value has a type. Of a choice `valueCode` is no string, though codes are a kind of strings.
    pub(super) fn has_type(&self, item: Item<'a>, wanted: &str) -> bool {
        let actual = self.actual_type(item);
        match item.element_type {
            ElementType::Primitive(_) => actual == wanted || wanted.starts_with(FHIR_PATH_TYPES),
            _ => self.is_a(actual, wanted),
        }
    }

    /// Whether a type is another or a kind of it.
    pub(super) fn is_a(&self, actual: &str, wanted: &str) -> bool {
        if actual == wanted {
            return true;
        }
        // Types of FHIRPath stand for the primitive text of ids and URLs.
        if wanted.starts_with(FHIR_PATH_TYPES) {
            return true;
        }
        self.known.types.is_kind_of(actual, wanted)
    }
}

/// Adds a node once.
pub(super) fn add<'k>(node: &'k Node, nodes: &mut Vec<&'k Node>) {
    if !nodes.iter().any(|known| std::ptr::eq(*known, node)) {
        nodes.push(node);
    }
}
