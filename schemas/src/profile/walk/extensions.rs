//! Extensions: known, and modifiers where modifiers belong (<https://hl7.org/fhir/R4/extensibility.html>).

use super::Walk;
use super::types::add;
use crate::definition::Element;
use crate::definition::profile::{ExtensionUse, Node, SliceCondition, SliceTest};
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
            let is_modifier = element.name == "modifierExtension";
            if !is_modifier && self.options.own_extensions.iter().any(|start| url.starts_with(start)) {
                return;
            }
            return self.unknown_extension(url, is_modifier);
        };
        let Some(usage) = &profile.extension else {
            let text = format!("{url} is a profile and does not define an extension.");
            return self.findings.error(IssueCode::Structure, IssueKey::TargetExtensionUnknown, text);
        };
        add(&profile.root, inner);
        self.modifier(element, usage, url);
        self.extension_context(usage, url);
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
        let of_other_version = is_of_other_version(url);
        let near = match self.spellings_left.checked_sub(1) {
            Some(left) => {
                self.spellings_left = left;
                // An element of another version can only be mistaken for one of the same type and version.
                let start = url.rsplit_once('.').map(|(start, _)| start).filter(|_| of_other_version);
                let alike = |known: &&str| start.is_none_or(|start| known.starts_with(start));
                spelling::nearest_url(url, self.known.profiles.extension_urls().filter(alike))
            }
            None => None,
        };
        if !is_modifier && (is_later(url) || near.is_none() && of_other_version) {
            let text = format!(
                "The extension {url} is of another version of FHIR than R4, and its definition is not at hand."
            );
            let hint = "load the package that defines it with --definitions to have it judged";
            let (code, key) = (IssueCode::Incomplete, IssueKey::TargetExtensionUnknown);
            return self.findings.warning_with_hint(code, key, text, hint);
        }
        let severity = match self.options.unknown_extensions {
            _ if is_modifier => Severity::Error,
            UnknownExtensions::Refuse => Severity::Error,
            UnknownExtensions::Warn => Severity::Warning,
        };
        let text = format!("The extension {url} is not known.");
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
}

/// The URL that a slice of extensions is told by.
fn url_of_test(test: &SliceTest) -> Option<&str> {
    match &test.condition {
        SliceCondition::Equals(url) => url.as_str(),
        _ => None,
    }
}

/// Whether HL7 defined the extension after R4, in its package of extensions for all versions.
fn is_later(url: &str) -> bool {
    let names = || LATER_EXTENSIONS.lines();
    let name = url.split('|').next().and_then(|url| url.strip_prefix("http://hl7.org/fhir/StructureDefinition/"));
    name.is_some_and(|name| names().any(|known| known == name))
}

/// Whether the URL names an element of another version of FHIR, as R4 may carry it
/// (<https://hl7.org/fhir/R4/versions.html#extensions>), or is one of HL7's tools and builds.
fn is_of_other_version(url: &str) -> bool {
    let Some((place, name)) =
        url.strip_prefix("http://hl7.org/fhir/").and_then(|rest| rest.split_once("/StructureDefinition/"))
    else {
        return false;
    };
    let path = name.strip_prefix("extension-").and_then(|path| path.split_once('.'));
    let is_element = path.is_some_and(|(owner, element)| {
        owner.starts_with(|first: char| first.is_ascii_uppercase())
            && owner.bytes().chain(element.bytes()).all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
            && !element.is_empty()
    });
    matches!(place, "tools" | "build") || matches!(place, "3.0" | "4.0" | "4.3" | "5.0") && is_element
}

#[cfg(test)]
mod tests {
    use super::is_of_other_version;

    #[test]
    fn an_extension_may_carry_an_element_of_another_version() {
        for (url, expected) in [
            ("http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.triggeredBy.type", true),
            ("http://hl7.org/fhir/3.0/StructureDefinition/extension-Observation.value", true),
            ("http://hl7.org/fhir/tools/StructureDefinition/some-tool", true),
            ("http://hl7.org/fhir/7.0/StructureDefinition/extension-Observation.value", false),
            ("http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation", false),
            ("http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.", false),
            ("http://hl7.org/fhir/5.0/StructureDefinition/Observation.value", false),
            ("http://hl7.org/fhir/StructureDefinition/no-such-thing", false),
        ] {
            assert_eq!(is_of_other_version(url), expected, "{url}");
        }
    }
}
