//! References: where they lead, and whether that is a resource the element may refer to
//! (<https://hl7.org/fhir/R4/references.html>).

use super::nodes::shown;
use super::{Item, Walk};
use crate::definition::profile::{Node, TypeRule};
use crate::definition::{Element, ElementType};
use crate::issue::{IssueCode, IssueKey};
use crate::profile::scope::{Missing, Resolution, Way, is_absolute, type_and_id};
use crate::spelling;
use serde_json::{Map, Value};

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// A Reference; the path stands at it.
    pub(super) fn reference(&mut self, element: &Element, members: &'a Map<String, Value>, nodes: &[&'k Node]) {
        let address = members.get("reference").and_then(Value::as_str);
        if self.whole {
            match address {
                Some(address) => self.written(address),
                None => self.without_address(members),
            }
        }
        let resolution = address.map(|address| self.scope.resolve(address));
        if self.whole
            && let Some(resolution) = &resolution
        {
            self.reachable(resolution);
        }
        let found = resolution.as_ref().and_then(|resolution| match resolution {
            Resolution::Found { resource, .. } => crate::profile::scope::type_of(resource),
            _ => None,
        });
        let said = members.get("type").and_then(Value::as_str);
        let implied = address.and_then(type_and_id).map(|(name, _)| name);
        let implied = implied.filter(|name| self.known.types.resource_type(name).is_some());
        if let Some(actual) = found.or(implied).or(said) {
            if self.whole {
                self.target_type(element, actual);
                if let Some(said) = said.filter(|said| *said != actual) {
                    self.type_said(said, actual);
                }
                if let Some(implied) = implied.filter(|implied| *implied != actual) {
                    let subject = self.findings.subject();
                    let text =
                        format!("{subject} names the type {implied}, but what it leads to is of the type {actual}.");
                    self.findings.error(IssueCode::Structure, IssueKey::TargetReference, text);
                }
            }
            for node in nodes {
                self.target_of(node, actual, resolution.as_ref());
            }
        }
        for node in nodes {
            self.aggregation(node, address, resolution.as_ref());
        }
    }

    /// An address is one word, and a relative one in a Bundle names a type and an id.
    fn written(&mut self, address: &str) {
        let (text, hint) = if address.contains(char::is_whitespace) {
            ("`reference` has white space, which no address may have.", "write `Type/id`, or an absolute URL")
        } else if self.scope.bundle().is_some_and(|bundle| !is_address_in(bundle, address)) {
            let text = "`reference` is no address that leads from an entry to another resource.";
            (text, "write `Type/id`, an absolute URL, or the `fullUrl` of an entry")
        } else {
            return self.relative_type(address);
        };
        self.findings.path.push("reference");
        self.findings.error_with_hint(IssueCode::Value, IssueKey::TargetReference, text, hint);
        self.findings.path.pop();
    }

    /// A relative address starts with a type of resource.
    fn relative_type(&mut self, address: &str) {
        let named = type_and_id(address).map(|(name, _)| name).filter(|_| !is_absolute(address));
        let Some(name) = named.filter(|name| self.known.types.resource_type(name).is_none()) else {
            return;
        };
        let near = if self.spellings_left > 0 {
            self.spellings_left -= 1;
            spelling::nearest(name, self.known.types.resource_types())
        } else {
            None
        };
        let hint = near.map_or_else(
            || "a relative reference is a type of resource, a slash and an id".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        self.findings.path.push("reference");
        let text = "`reference` names a type of resource that R4 does not have.";
        self.findings.warning_with_hint(IssueCode::Value, IssueKey::TargetReference, text, hint);
        self.findings.path.pop();
    }

    /// A reference says at least in words what it means (<https://hl7.org/fhir/R4/references.html#Reference>).
    fn without_address(&mut self, members: &Map<String, Value>) {
        let says = ["reference", "_reference", "identifier", "display", "_display", "extension"];
        if !says.iter().any(|name| members.contains_key(*name)) {
            let text = format!("{} does not say what it refers to.", self.findings.subject());
            let hint = "give it a `reference`, an `identifier` or a `display`";
            let (code, key) = (IssueCode::Required, IssueKey::TargetReference);
            self.findings.warning_with_hint(code, key, text, hint);
        }
    }

    fn reachable(&mut self, resolution: &Resolution<'a>) {
        let subject = self.findings.subject();
        let (code, key) = (IssueCode::NotFound, IssueKey::TargetReferenceUnresolved);
        match resolution {
            Resolution::Missing(Missing::Contained) => {
                let text = format!("{subject} refers to a contained resource that is not there.");
                let hint = "its id must be that of a resource in `contained` of the outermost resource";
                self.findings.error_with_hint(code, key, text, hint);
            }
            Resolution::Missing(Missing::Urn) => {
                let text = format!("{subject} refers to an address that no entry of the Bundle has as its `fullUrl`.");
                self.findings.warning(code, key, text);
            }
            Resolution::Missing(Missing::Ambiguous) => {
                let text = format!("{subject} could mean several entries of the Bundle.");
                let hint = "refer to the `fullUrl` of the one that is meant";
                self.findings.warning_with_hint(code, key, text, hint);
            }
            Resolution::Found { way: Way::BundledById, .. } => {
                let text = format!(
                    "{subject} has the type and id of an entry, but that entry's `fullUrl` is another address."
                );
                let hint = "refer to the `fullUrl`";
                self.findings.warning_with_hint(code, key, text, hint);
            }
            Resolution::Found { .. } | Resolution::Elsewhere => {}
        }
    }

    /// The base type's targets.
    fn target_type(&mut self, element: &Element, actual: &str) {
        if element.targets.is_empty() || element.targets.iter().any(|wanted| self.is_a(actual, wanted)) {
            return;
        }
        let text = format!("{} refers to the type {actual}, which it may not.", self.findings.subject());
        let hint = format!("allowed: {}", element.targets.join(", "));
        self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetReference, text, hint);
    }

    fn type_said(&mut self, said: &str, actual: &str) {
        if self.known.types.resource_type(said).is_some() {
            let text = format!("{} says the type {said}, but refers to the type {actual}.", self.findings.subject());
            self.findings.error(IssueCode::Structure, IssueKey::TargetReference, text);
        }
    }

    /// A profile's targets: the resource conforms to one of them, where it is here to be judged.
    fn target_of(&mut self, node: &'k Node, actual: &str, resolution: Option<&Resolution<'a>>) {
        let targets: Vec<&'k str> =
            rules_of(node).flat_map(|rule| rule.targets.iter().map(|target| &**target)).collect();
        if targets.is_empty() || rules_of(node).any(|rule| rule.targets.is_empty()) {
            return;
        }
        let by_type: Vec<&'k str> = targets.iter().copied().filter(|target| self.may_be(actual, target)).collect();
        if by_type.is_empty() {
            let text = format!(
                "{} refers to the type {actual}, which {} does not allow.",
                self.findings.subject(),
                shown(node)
            );
            let hint = format!("allowed: {}", targets.join(", "));
            return self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetReference, text, hint);
        }
        let Some(Resolution::Found { resource, scope, .. }) = resolution else {
            return;
        };
        let item = Item { value: Some(resource), companion: None, element_type: ElementType::Resource };
        let verdicts: Vec<_> = by_type.iter().map(|target| self.conforms_in(target, item, scope)).collect();
        if verdicts.iter().all(|verdict| *verdict == Some(false)) {
            let text = format!(
                "{} refers to a resource ({actual}) that conforms to none of the profiles asked for.",
                self.findings.subject()
            );
            let hint = format!("one of: {}", by_type.join(", "));
            self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetReference, text, hint);
        }
    }

    /// Whether a resource of that type could conform to a target; a profile not at hand could be for any type.
    fn may_be(&self, actual: &str, target: &str) -> bool {
        if let Some(profile) = self.known.profiles.get(target) {
            return self.is_a(actual, self.known.types.get(profile.of).name);
        }
        let name = target.split('|').next().and_then(|url| url.rsplit('/').next()).unwrap_or(target);
        if self.is_base_type(target) || self.known.types.named(target).is_some() {
            return self.is_a(actual, name);
        }
        true
    }

    /// Whether the reference is made in a way that the profile allows.
    fn aggregation(&mut self, node: &'k Node, address: Option<&str>, resolution: Option<&Resolution<'a>>) {
        let allowed: Vec<&str> = rules_of(node).flat_map(|rule| rule.aggregation.iter().map(|way| &**way)).collect();
        if allowed.is_empty() || address.is_none() {
            return;
        }
        let way = match resolution {
            Some(Resolution::Found { way: Way::Contained, .. } | Resolution::Missing(Missing::Contained)) => {
                "contained"
            }
            Some(Resolution::Found { .. }) => "bundled",
            _ => "referenced",
        };
        // What is bundled is referred to as well.
        if allowed.contains(&way) || way == "bundled" && allowed.contains(&"referenced") {
            return;
        }
        let text = format!("{} is {way}, which {} does not allow.", self.findings.subject(), shown(node));
        let hint = format!("allowed: {}", allowed.join(", "));
        self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetReference, text, hint);
    }
}

/// Whether an address can be followed from an entry of the Bundle: `Type/id`, perhaps with a version, an absolute one, or
/// a search where the Bundle asks a server to do something.
fn is_address_in(bundle: &Value, address: &str) -> bool {
    let asks = matches!(bundle.get("type").and_then(Value::as_str), Some("transaction" | "batch"));
    address.starts_with('#')
        || is_absolute(address)
        || matches!(address.split('/').count(), 2 | 4)
        || asks && address.contains('?')
}

fn rules_of(node: &Node) -> impl Iterator<Item = &TypeRule> {
    node.types.iter().flatten().filter(|rule| &*rule.code == "Reference")
}
