//! Extensions: known, where their definition allows them, and modifiers where modifiers belong
//! (<https://hl7.org/fhir/R4/extensibility.html>, <https://hl7.org/fhir/R4/defining-extensions.html#context>).

use super::types::add;
use super::{Step, Walk};
use crate::definition::profile::{ExtensionContext, ExtensionUse, Node, SliceCondition, SliceTest};
use crate::definition::{Element, ElementType, Kind};
use crate::fhir_path::{self, Environment, Expression, NoHost, Node as PathNode};
use crate::issue::{Issue, IssueCode, IssueKey, Severity};
use crate::primitive::Primitive;
use crate::profile::scope::is_absolute;
use crate::spelling;
use crate::validator::UnknownExtensions;
use serde_json::{Map, Value};

/// Names of extensions that HL7 defined after R4; `definitions/README.md` says of what they are.
const LATER_EXTENSIONS: &str = include_str!("../../../definitions/later-extensions.txt");

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// An extension by its definition, whose root goes into `inner`; the path stands at it.
    pub(super) fn extension(&mut self, element: &Element, members: &'a Map<String, Value>, inner: &mut Vec<&'k Node>) {
        let Some(url) = members.get("url").and_then(Value::as_str) else {
            return;
        };
        let is_nested = self.trail.iter().rev().nth(1).is_some_and(|step| self.is_extension(step));
        if !is_absolute(url) {
            // Inside a complex extension the definition of that one names its parts.
            if !is_nested && Primitive::Uri.accepts(url) {
                let text = "The `url` of an extension must be absolute.";
                self.findings.path.push("url");
                self.findings.error(IssueCode::Value, IssueKey::TargetUrl, text);
                self.findings.path.pop();
            }
            if is_nested {
                self.part(url);
            }
            return;
        }
        let Some(profile) = self.known.profiles.get(url) else {
            if self.options.own_extensions.iter().any(|start| url.starts_with(start)) {
                return;
            }
            return self.unknown_extension(url, element.name == "modifierExtension");
        };
        let Some(usage) = &profile.extension else {
            let text = format!("{url} is a profile and does not define an extension.");
            return self.findings.error(IssueCode::Structure, IssueKey::TargetExtensionUnknown, text);
        };
        add(&profile.root, inner);
        self.modifier(element, usage, url);
        if !usage.contexts.is_empty() && !self.stands_rightly(usage) {
            let allowed: Vec<String> = usage.contexts.iter().map(shown).collect();
            let text = format!("The extension {url} is not allowed here.");
            let hint = format!("allowed on: {}", allowed.join(", "));
            self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetExtensionContext, text, hint);
        }
    }

    /// A part of a complex extension has a URL that the extension's definition names.
    fn part(&mut self, url: &str) {
        let Some(outer) = self.url_of_carrier().filter(|outer| is_absolute(outer)) else {
            return;
        };
        let definition = self.known.profiles.get(outer).filter(|profile| profile.extension.is_some());
        let parts =
            definition.and_then(|profile| profile.root.child("extension")).and_then(|node| node.slicing.as_ref());
        let Some(parts) = parts else {
            return;
        };
        let urls = || parts.slices.iter().flat_map(|slice| &slice.tests).filter_map(url_of_test);
        if urls().next().is_none() || urls().any(|known| known == url) {
            return;
        }
        let text = format!("The extension {outer} has no part `{url}`.");
        let names: Vec<String> = urls().map(|known| format!("`{known}`")).collect();
        let hint = format!("its parts: {}", names.join(", "));
        self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetExtensionUnknown, text, hint);
    }

    fn unknown_extension(&mut self, url: &str, is_modifier: bool) {
        if !is_modifier && is_later(url) {
            let text = format!(
                "The extension {url} is of another version of FHIR than R4, and its definition is not at hand."
            );
            let hint = "load HL7's package of extensions with --definitions to have it judged";
            let (code, key) = (IssueCode::Incomplete, IssueKey::TargetExtensionUnknown);
            return self.findings.warning_with_hint(code, key, text, hint);
        }
        let severity = match self.options.unknown_extensions {
            _ if is_modifier => Severity::Error,
            UnknownExtensions::Refuse => Severity::Error,
            UnknownExtensions::Warn => Severity::Warning,
        };
        let text = format!("The extension {url} is not known.");
        let near = match self.spellings_left.checked_sub(1) {
            Some(left) => {
                self.spellings_left = left;
                spelling::nearest_url(url, self.known.profiles.extension_urls())
            }
            None => None,
        };
        let hint = match near {
            Some(near) => format!("did you mean {near}?"),
            None => "load the package that defines it with --definitions".to_owned(),
        };
        let issue = Issue::new(severity, IssueCode::Structure, IssueKey::TargetExtensionUnknown, text);
        self.findings.push(issue.with_hint(hint));
    }

    fn modifier(&mut self, element: &Element, usage: &ExtensionUse, url: &str) {
        let (code, key) = (IssueCode::Structure, IssueKey::TargetExtensionModifier);
        match (usage.is_modifier, element.name == "modifierExtension") {
            (true, false) => {
                let text =
                    format!("The extension {url} changes the meaning of its element and must not be overlooked.");
                self.findings.error_with_hint(code, key, text, "put it into `modifierExtension`");
            }
            (false, true) => {
                let text = format!("The extension {url} is no modifier.");
                self.findings.error_with_hint(code, key, text, "put it into `extension`");
            }
            _ => {}
        }
    }

    fn is_extension(&self, step: &Step) -> bool {
        Some(step.element_type) == self.landmarks.extension.map(ElementType::Object)
    }

    /// Whether one of the contexts fits the element that carries the extension.
    fn stands_rightly(&self, usage: &ExtensionUse) -> bool {
        // The last step is `extension` itself; the one before leads to the element that carries it.
        let carrier = self.trail.len().checked_sub(2).and_then(|at| self.trail.get(at));
        usage.contexts.iter().any(|context| match context {
            ExtensionContext::Element(wanted) => self.carried_by(carrier, wanted),
            ExtensionContext::Extension(url) => self.url_of_carrier().is_some_and(|own| *own == **url),
            ExtensionContext::FhirPath(wanted) => self.is_selected(wanted),
        })
    }

    /// Whether an expression, asked of the resource, selects the element that carries the extension; one that cannot be
    /// understood or evaluated is no reason to refuse.
    fn is_selected(&self, wanted: &str) -> bool {
        let (Ok(expression), Some(resource)) = (Expression::compile(wanted), self.scope.resource()) else {
            return true;
        };
        let Some(carrier) = self.carrier_value() else {
            return true;
        };
        let environment = Environment::of(self.known.types, &NoHost, PathNode::resource(resource, self.known.types));
        let focus = PathNode::resource(resource, self.known.types);
        let is_carrier = |value: Option<&Value>| value.is_some_and(|value| std::ptr::eq(value, carrier));
        let selected = expression.evaluate(&environment, focus).map(|found| {
            found.iter().any(|item| match item {
                fhir_path::Item::Node(node) => is_carrier(node.value) || is_carrier(node.companion),
                _ => false,
            })
        });
        selected.unwrap_or(true)
    }

    /// The object that carries the extension at which the walk stands; of a primitive its companion.
    fn carrier_value(&self) -> Option<&'a Value> {
        let pointer = self.findings.path.pointer();
        let above = pointer.rsplitn(3, '/').nth(2)?;
        self.scope.input()?.pointer(above)
    }

    /// The URL of the extension that carries the one at which the walk stands.
    fn url_of_carrier(&self) -> Option<&'a str> {
        let carrier = self.trail.len().checked_sub(2).and_then(|at| self.trail.get(at))?;
        if !self.is_extension(carrier) {
            return None;
        }
        self.carrier_value()?.get("url")?.as_str()
    }

    fn carried_by(&self, carrier: Option<&Step>, wanted: &str) -> bool {
        // `Element` is written for everything, resources too.
        if wanted == "Element" {
            return true;
        }
        let wanted = wanted.split_once('#').map_or(wanted, |(_, path)| path);
        let wanted = wanted.strip_suffix("[x]").unwrap_or(wanted);
        let owner = self.trail.last().map(|step| self.known.types.get(step.owner));
        let Some(owner) = owner else {
            return false;
        };
        let Some(carrier) = carrier.filter(|_| owner.kind != Kind::Resource) else {
            // On the resource itself.
            return self.is_a(owner.name, wanted);
        };
        if self.is_a(self.carrier_type(carrier), wanted) {
            return true;
        }
        self.trail_ends_with(wanted)
    }

    fn carrier_type(&self, carrier: &Step) -> &'static str {
        match carrier.element_type {
            ElementType::Object(id) => self.known.types.get(id).name,
            ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => primitive.name(),
            ElementType::Resource => "Resource",
        }
    }

    /// Whether the way to the carrier is the path, started at any type on that way.
    fn trail_ends_with(&self, wanted: &str) -> bool {
        let Some((start, rest)) = wanted.split_once('.') else {
            return false;
        };
        let steps: Vec<&str> = rest.split('.').collect();
        let Some(first) = self.trail.len().checked_sub(1 + steps.len()) else {
            return false;
        };
        let Some(way) = self.trail.get(first..self.trail.len() - 1) else {
            return false;
        };
        let names_agree = way.iter().zip(&steps).all(|(step, name)| {
            let name = name.strip_suffix("[x]").unwrap_or(name);
            step.element.name == name
        });
        let owner = way.first().map(|step| self.known.types.get(step.owner).name);
        // The owner of a nested element of a group is the group, whose name is its path.
        names_agree && owner.is_some_and(|owner| self.is_a(owner, start))
            || way.last().is_some_and(|step| {
                let owner = self.known.types.get(step.owner).name;
                wanted.rsplit_once('.').is_some_and(|(path, name)| path == owner && name == step.element.name)
            })
    }
}

/// The URL that a slice of extensions is told by.
fn url_of_test(test: &SliceTest) -> Option<&str> {
    match &test.condition {
        SliceCondition::Equals(url) => url.as_str(),
        _ => None,
    }
}

/// Whether HL7 defined the extension after R4, in its package of extensions for all versions, or it stands for an element
/// of another version (<https://hl7.org/fhir/versions.html#extensions>: `.../5.0/StructureDefinition/extension-Path`).
fn is_later(url: &str) -> bool {
    let Some(rest) = url.split('|').next().and_then(|url| url.strip_prefix("http://hl7.org/fhir/")) else {
        return false;
    };
    if let Some(name) = rest.strip_prefix("StructureDefinition/") {
        return LATER_EXTENSIONS.lines().any(|known| known == name);
    }
    let of_version = rest.split_once("/StructureDefinition/extension-");
    of_version.is_some_and(|(version, path)| {
        ["1.0", "3.0", "4.3", "5.0"].contains(&version) && path.contains('.') && !path.contains('/')
    })
}

fn shown(context: &ExtensionContext) -> String {
    match context {
        ExtensionContext::Element(path) => path.to_string(),
        ExtensionContext::Extension(url) => format!("the extension {url}"),
        ExtensionContext::FhirPath(expression) => format!("`{expression}`"),
    }
}
