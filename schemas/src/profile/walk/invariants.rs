//! Invariants: FHIRPath expressions that must hold at each value
//! (<https://hl7.org/fhir/R4/conformance-rules.html#constraints>).

use super::{Item, Walk};
use crate::definition::Invariant;
use crate::fhir_path::{self, Environment, EvaluationError, Host, Node, USUAL_STEPS};
use crate::issue::{Issue, IssueCode, IssueKey, Severity};
use crate::profile::scope::Resolution;
use crate::terminology::{Coding, Membership};
use crate::xhtml;
use serde_json::Value;

/// Functions that ask the time, which no rule knows: verdicts do not change from one day to the next.
const CLOCK: [&str; 3] = ["now", "today", "timeOfDay"];

/// Whether an invariant is asked here. Rules judge the others at less cost, at the deepest element and once, but for
/// `dom-6`: it recommends a narrative, so that it would tell of nearly every resource that machines make.
fn is_asked(key: &str) -> bool {
    !matches!(
        key,
        "ele-1"
            | "ext-1"
            | "ref-1"
            | "dom-2"
            | "dom-3"
            | "dom-6"
            | "txt-1"
            | "txt-2"
            | "sqty-1"
            | "bdl-2"
            | "bdl-3"
            | "bdl-4"
            | "bdl-7"
    )
}

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// Judges the invariants of a value; the path stands at it.
    pub(super) fn invariants(&mut self, invariants: &'k [Invariant], item: Item<'a>) {
        for invariant in invariants {
            if is_asked(&invariant.key)
                && let Some(issue) = self.broken(invariant, item)
            {
                self.findings.push(issue);
            }
        }
    }

    /// What there is to say of an invariant at a value.
    fn broken(&self, invariant: &'k Invariant, item: Item<'a>) -> Option<Issue> {
        let expression = match invariant.compiled() {
            Ok(expression) => expression,
            Err(error) => return Some(not_judged(invariant, &error.to_string())),
        };
        let node = |value: &'a Value| Node::resource(value, self.known.types);
        let environment = Environment {
            types: self.known.types,
            host: self,
            resource: self.scope.resource().map(node),
            root_resource: self.scope.root_resource().map(node),
            context: None,
            variables: &[],
            now: None,
            steps: USUAL_STEPS,
            strict: false,
        };
        let focus = Node {
            value: item.value,
            companion: item.companion,
            type_id: self.known.types.path_type(item.element_type, item.value),
        };
        match expression.holds(&environment, focus) {
            Ok(true) => None,
            Ok(false) => Some(self.told(invariant)),
            Err(EvaluationError::NotAnswered(function)) if CLOCK.contains(&function) => {
                Some(not_judged(invariant, "nobody here says what time it is"))
            }
            // A code nobody here can judge is said to be so where it stands.
            Err(EvaluationError::NotAnswered(_)) => None,
            Err(error) => Some(not_judged(invariant, &error.to_string())),
        }
    }

    fn told(&self, invariant: &Invariant) -> Issue {
        let severity = if invariant.is_error { Severity::Error } else { Severity::Warning };
        let text = match &invariant.words {
            Some(words) => format!("The rule {} is broken: {words}", invariant.key),
            None => format!("The rule {} is broken.", invariant.key),
        };
        Issue::new(severity, IssueCode::Invariant, IssueKey::TargetInvariant, text).with_hint(expression_of(invariant))
    }
}

/// Most characters of an expression that are shown; R4's own are shorter.
const MOST_SHOWN: usize = 600;

fn expression_of(invariant: &Invariant) -> String {
    match invariant.expression.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("FHIRPath: {}...", invariant.expression.get(..end).unwrap_or_default()),
        None => format!("FHIRPath: {}", invariant.expression),
    }
}

fn not_judged(invariant: &Invariant, why: &str) -> Issue {
    let text = format!("The rule {} could not be judged: {why}.", invariant.key);
    Issue::warning(IssueCode::Incomplete, IssueKey::TargetInvariantNotJudged, text).with_hint(expression_of(invariant))
}

impl<'a, 'k: 'a> Host<'a> for Walk<'a, 'k> {
    fn resolve(&self, reference: &str, from: &fhir_path::Item<'a>) -> Option<Node<'a>> {
        // An invariant of a Bundle may start from a reference inside one of its entries.
        let inner = match from {
            fhir_path::Item::Node(node) => node.value.and_then(|value| self.scope.of_entry_with(value)),
            _ => None,
        };
        match inner.as_ref().unwrap_or(&self.scope).resolve(reference) {
            Resolution::Found { resource, .. } => Some(Node::resource(resource, self.known.types)),
            Resolution::Missing(_) | Resolution::Elsewhere => None,
        }
    }

    fn member_of(&self, value_set: &str, coding: &fhir_path::Item<'a>) -> Option<bool> {
        match coding {
            fhir_path::Item::Node(node) => self.is_any_member(value_set, node.value?),
            fhir_path::Item::String(code) => {
                told(self.known.terminology.membership(value_set, Coding { code, ..Coding::default() }))
            }
            _ => None,
        }
    }

    fn conforms_to(&self, node: &Node<'a>, profile: &str) -> Option<bool> {
        let element_type = self.known.types.element_type(node.type_id)?;
        self.conforms(profile, Item { value: node.value, companion: node.companion, element_type })
    }

    fn html_checks(&self, text: &str) -> Option<bool> {
        Some(xhtml::html_checks(text))
    }
}

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// Whether a code, a Coding, or any coding of a CodeableConcept is in a value set.
    pub(super) fn is_any_member(&self, value_set: &str, value: &Value) -> Option<bool> {
        let text = |value: &'_ Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let one = |value: &Value| {
            let (system, version) = (text(value, "system"), text(value, "version"));
            let code = value.as_str().map(str::to_owned).or_else(|| text(value, "code"));
            let coding = Coding {
                system: system.as_deref(),
                version: version.as_deref(),
                code: code.as_deref().unwrap_or_default(),
                display: None,
            };
            told(self.known.terminology.membership(value_set, coding))
        };
        let Some(codings) = value.get("coding").and_then(Value::as_array) else {
            return one(value);
        };
        let verdicts: Vec<Option<bool>> = codings.iter().map(one).collect();
        if verdicts.contains(&Some(true)) {
            return Some(true);
        }
        verdicts.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
    }
}

fn told(membership: Membership) -> Option<bool> {
    match membership {
        Membership::Member => Some(true),
        Membership::NotMember => Some(false),
        Membership::NotChecked(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::issue::IssueKey;
    use crate::known::Known;
    use crate::validator::{Options, Validator};
    use serde_json::json;

    const OWN: &str = "https://host.example/StructureDefinition/own";

    #[test]
    fn an_invariant_of_a_bundle_follows_references_from_inside_its_entries() {
        let device = "urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b14";
        let observation = |reference: &str| {
            json!({"resourceType": "Bundle", "type": "collection", "entry": [
                {"fullUrl": "https://host.example/Observation/1", "resource": {"resourceType": "Observation", "id": "1",
                    "contained": [{"resourceType": "Device", "id": "inner"}], "device": {"reference": reference}}},
                {"fullUrl": "https://host.example/Device/2", "resource": {"resourceType": "Device", "id": "2"}},
                {"fullUrl": device, "resource": {"resourceType": "Device"}},
            ]})
        };
        let profile = json!({"resourceType": "StructureDefinition", "url": OWN, "name": "Own", "status": "active",
            "kind": "resource", "abstract": false, "type": "Bundle", "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Bundle",
            "differential": {"element": [{"id": "Bundle", "path": "Bundle", "constraint": [{"key": "own-1",
                "severity": "error", "human": "devices resolve",
                "expression": "entry.resource.ofType(Observation).all(device.resolve().exists())"}]}]}});
        let mut known = Known::built_in();
        known.add(profile);
        let validator = Validator::new(known);
        let options = Options { profiles: &[OWN], ..Options::default() };
        for (reference, holds) in
            [("#inner", true), ("Device/2", true), (device, true), ("#outer", false), ("Device/3", false)]
        {
            let issues = validator.judge(&observation(reference), &options);
            let broken = issues
                .iter()
                .any(|issue| issue.key == IssueKey::TargetInvariant && issue.expression.as_deref() == Some("Bundle"));
            assert_eq!(broken, !holds, "{reference} {issues:#?}");
        }
    }
}
