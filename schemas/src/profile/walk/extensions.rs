//! Extensions: known, where their definition allows them, and modifiers where modifiers belong
//! (<https://hl7.org/fhir/R4/extensibility.html>, <https://hl7.org/fhir/R4/defining-extensions.html#context>).

use super::types::add;
use super::{Step, Walk};
use crate::definition::profile::{ExtensionContext, ExtensionUse, Node};
use crate::definition::{Element, ElementType, Kind};
use crate::issue::{Issue, IssueCode, IssueKey, Severity};
use crate::primitive::Primitive;
use crate::profile::scope::is_absolute;
use crate::spelling;
use crate::validator::UnknownExtensions;
use serde_json::{Map, Value};

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

    fn unknown_extension(&mut self, url: &str, is_modifier: bool) {
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
            // A path that selects elements is judged by its plain form; others cannot be told and pass.
            ExtensionContext::FhirPath(wanted) => !is_plain(wanted) || self.carried_by(carrier, wanted),
        })
    }

    /// The URL of the extension that carries the one at which the walk stands.
    fn url_of_carrier(&self) -> Option<&'a str> {
        let carrier = self.trail.len().checked_sub(2).and_then(|at| self.trail.get(at))?;
        if !self.is_extension(carrier) {
            return None;
        }
        let pointer = self.findings.path.pointer();
        // From `.../extension/0/extension/1` to the `url` of the outer one.
        let outer = pointer.rsplitn(3, '/').nth(2)?;
        self.scope.input()?.pointer(outer)?.get("url")?.as_str()
    }

    fn carried_by(&self, carrier: Option<&Step>, wanted: &str) -> bool {
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
        if wanted == "Element" || self.is_a(self.carrier_type(carrier), wanted) {
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

/// Whether an expression is only a path of names.
fn is_plain(expression: &str) -> bool {
    expression.split('.').all(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn shown(context: &ExtensionContext) -> String {
    match context {
        ExtensionContext::Element(path) => path.to_string(),
        ExtensionContext::Extension(url) => format!("the extension {url}"),
        ExtensionContext::FhirPath(expression) => format!("`{expression}`"),
    }
}
