//! Resources: their type, the profiles they are judged by, and the rules for a resource as a whole.

use super::types::add;
use super::vital_signs;
use super::{Item, TYPE_MEMBER, Walk};
use crate::definition::profile::Node;
use crate::definition::{Element, ElementType, Kind};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::profile::resource_rules;
use crate::profile::rules::{bundle, canonical, contained, narrative, value_type};
use crate::profile::scope::Role;
use crate::spelling;
use serde_json::{Map, Value};

/// Where UK Core's profiles of resources start.
const UK_CORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-";

/// Where R4's own profiles start.
pub(super) const R4_PROFILES: &str = "http://hl7.org/fhir/StructureDefinition/";

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// Walks a resource and gives all findings.
    pub fn resource(mut self, resource: &'a Value) -> Vec<Issue> {
        self.any_resource(resource, Role::Top, Vec::new());
        self.findings.into_issues()
    }

    /// A resource of any type; `roots` are the profiles that its place asks for.
    pub(super) fn any_resource(&mut self, value: &'a Value, role: Role<'a>, mut roots: Vec<&'k Node>) {
        let Some((id, members)) = self.typed(value) else {
            return;
        };
        let definition = self.known.types.get(id);
        if role == Role::Top {
            self.findings.path.push(definition.name);
        }
        self.scope.enter(value, role);
        let item = Item { value: Some(value), companion: None, element_type: ElementType::Resource };
        if self.whole {
            self.claimed_profiles(members, definition.name, &mut roots);
            for url in self.known.global_profiles(definition.name) {
                self.claim(url, definition.name, false, &mut roots);
            }
            if definition.name == "Observation" {
                self.vital_signs(members, &mut roots);
            }
            if role == Role::Top {
                self.named_profiles(definition.name, &mut roots);
            }
            if self.options.uk_core && role != Role::Contained {
                self.uk_core_profile(definition.name, &mut roots);
            }
            for root in &roots {
                self.ask(root, item);
            }
        }
        self.object(id, members, &roots);
        if self.whole {
            self.invariants(&definition.invariants, item);
            canonical::of_definition(definition, members, &mut self.findings);
            narrative::whole(members, &mut self.findings);
            contained::check(members, role, &mut self.findings);
            if let Some(rule) = resource_rules::for_type(definition.name) {
                rule(members, self.known, &mut self.findings);
            }
            self.options.uk_rules.check(members, self.known, &mut self.findings);
            if definition.name == "Bundle" {
                bundle::check(members, &self.scope, self.known, &mut self.findings);
                self.options.uk_rules.check_bundle(members, self.known, &mut self.findings);
            }
        }
        self.scope.leave();
    }

    /// Judges a resource, which its scope already holds, by one node alone.
    pub(super) fn resource_by(&mut self, value: &'a Value, root: &'k Node) {
        if let Some((id, members)) = self.typed(value) {
            self.findings.path.push(self.known.types.get(id).name);
            self.ask(root, Item { value: Some(value), companion: None, element_type: ElementType::Resource });
            self.object(id, members, &[root]);
            self.findings.path.pop();
        }
    }

    /// Judges any other value by one node alone.
    pub(super) fn value_by(&mut self, item: Item<'a>, root: &'k Node) {
        let mut inner = vec![root];
        self.ask_all(&[root], item, &mut inner);
        match (item.element_type, item.value) {
            (ElementType::Object(id), Some(Value::Object(members))) => self.object(id, members, &inner),
            (ElementType::Primitive(_), _) => {
                if let (Some(id), Some(Value::Object(members))) = (self.landmarks.element, item.companion) {
                    self.object(id, members, &inner);
                }
            }
            _ => {}
        }
    }

    /// The type a resource says it has, with its members.
    fn typed(&mut self, value: &'a Value) -> Option<(crate::definition::DefinitionId, &'a Map<String, Value>)> {
        let Value::Object(members) = value else {
            value_type::wrong_type("a resource, as a JSON object", value, &mut self.findings);
            return None;
        };
        let Some(name) = members.get(TYPE_MEMBER) else {
            let text = format!("{} does not say its type in `{TYPE_MEMBER}`.", self.findings.subject());
            self.findings.error(IssueCode::Required, IssueKey::TargetRequired, text);
            return None;
        };
        let Some(name) = name.as_str() else {
            let text = format!("{} must say its type as a string in `{TYPE_MEMBER}`.", self.findings.subject());
            self.findings.error(IssueCode::Structure, IssueKey::TargetType, text);
            return None;
        };
        let Some((id, _)) = self.known.types.resource_type(name) else {
            self.unknown_type(name);
            return None;
        };
        Some((id, members))
    }

    fn unknown_type(&mut self, name: &str) {
        let text = format!("{} has a type in `{TYPE_MEMBER}` that R4 does not have.", self.findings.subject());
        let (code, key) = (IssueCode::Structure, IssueKey::TargetUnknownType);
        match spelling::nearest(name, self.known.types.resource_types()) {
            Some(near) => self.findings.error_with_hint(code, key, text, format!("did you mean `{near}`?")),
            None => self.findings.error(code, key, text),
        }
    }

    /// How a resource stands in the element that holds it.
    pub(super) fn role_of(&self, element: &Element, resource: &'a Value) -> Role<'a> {
        let holder = self.trail.last().map(|step| self.known.types.get(step.owner));
        match (element.name, holder) {
            ("contained", _) => Role::Contained,
            ("resource", Some(holder)) if holder.name == "Bundle.entry" && holder.kind == Kind::Group => {
                Role::Entry(self.full_url_of(resource))
            }
            _ => Role::Inside,
        }
    }

    /// The `fullUrl` of the entry that holds the resource.
    fn full_url_of(&self, resource: &'a Value) -> Option<&'a str> {
        let bundle = self.scope.resource()?;
        let index = self.findings.path.index_above()?;
        let entry = bundle.get("entry")?.get(index)?;
        let is_own = entry.get("resource").is_some_and(|own| std::ptr::eq(own, resource));
        if is_own { entry.get("fullUrl")?.as_str() } else { None }
    }

    /// R4 asks its own profiles of observations of vital signs.
    fn vital_signs(&mut self, members: &'a Map<String, Value>, roots: &mut Vec<&'k Node>) {
        let name = vital_signs::profile(members);
        let profile = name.and_then(|name| self.known.profiles.get(&format!("{R4_PROFILES}{name}")));
        if let Some(profile) = profile {
            add(&profile.root, roots);
        }
    }

    /// The profiles that `meta.profile` claims.
    fn claimed_profiles(&mut self, members: &'a Map<String, Value>, type_name: &str, roots: &mut Vec<&'k Node>) {
        if !self.options.claimed_profiles {
            return;
        }
        let Some(claims) = members.get("meta").and_then(|meta| meta.get("profile")).and_then(Value::as_array) else {
            return;
        };
        self.findings.path.push("meta");
        self.findings.path.push("profile");
        for (index, url) in claims.iter().enumerate() {
            self.findings.path.set_index(Some(index));
            if let Some(url) = url.as_str() {
                self.claim(url, type_name, false, roots);
            }
        }
        self.findings.path.pop();
        self.findings.path.pop();
    }

    /// The profiles that the caller names.
    fn named_profiles(&mut self, type_name: &str, roots: &mut Vec<&'k Node>) {
        for url in self.options.profiles {
            self.claim(url, type_name, true, roots);
        }
    }

    fn claim(&mut self, url: &str, type_name: &str, is_asked: bool, roots: &mut Vec<&'k Node>) {
        if let Some(profile) = self.known.profiles.get(url) {
            let wanted = self.known.types.get(profile.of).name;
            if self.is_a(type_name, wanted) {
                for fault in &profile.faults {
                    let text = format!("Part of the profile {url} was not judged: {fault}");
                    self.findings.warning(IssueCode::Incomplete, IssueKey::TargetProfileFault, text);
                }
                return add(&profile.root, roots);
            }
            return self.wrong_profile(url, wanted, type_name);
        }
        if self.is_base_type(url) {
            let wanted = url.split('|').next().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
            if !self.is_a(type_name, wanted) {
                self.wrong_profile(url, wanted, type_name);
            }
            return;
        }
        let text = format!("The profile {url} is not known, so the resource was not judged by it.");
        let hint = "check its spelling, or load the package that has it with --definitions";
        let (code, key) = (IssueCode::NotFound, IssueKey::TargetProfileUnknown);
        match is_asked {
            true => self.findings.error_with_hint(code, key, text, hint),
            false => self.findings.warning_with_hint(code, key, text, hint),
        }
    }

    fn wrong_profile(&mut self, url: &str, wanted: &str, type_name: &str) {
        let text = format!("The profile {url} is for {wanted}, but the resource is of the type {type_name}.");
        self.findings.error(IssueCode::Value, IssueKey::TargetProfileType, text);
    }

    fn uk_core_profile(&mut self, type_name: &str, roots: &mut Vec<&'k Node>) {
        if let Some(profile) = self.known.profiles.get(&format!("{UK_CORE}{type_name}")) {
            add(&profile.root, roots);
        }
    }
}
