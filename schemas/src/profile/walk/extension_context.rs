//! Where extensions may stand (<https://hl7.org/fhir/R4/defining-extensions.html#context>): which contexts of a definition
//! the element that carries the extension fits, and whether the definition's invariants hold there.

use super::{Step, Walk};
use crate::definition::profile::{ExtensionContext, ExtensionUse};
use crate::definition::{ElementType, Kind};
use crate::fhir_path::{self, Environment, Expression, NoHost, Node as PathNode};
use crate::issue::{IssueCode, IssueKey};
use serde_json::Value;

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// Whether the extension at which the walk stands is allowed on what carries it.
    pub(super) fn extension_context(&mut self, usage: &'k ExtensionUse, url: &str) {
        if !usage.contexts.is_empty() && !self.stands_rightly(usage) {
            let allowed: Vec<String> = usage.contexts.iter().map(shown).collect();
            let text = format!("The extension {url} is not allowed here.");
            let hint = format!("allowed on: {}", allowed.join(", "));
            self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetExtensionContext, text, hint);
        }
        self.context_invariants(usage, url);
    }

    /// Whether a step leads into an extension.
    pub(super) fn is_extension(&self, step: &Step) -> bool {
        Some(step.element_type) == self.landmarks.extension.map(ElementType::Object)
    }

    /// Whether one of the contexts fits the element that carries the extension.
    fn stands_rightly(&self, usage: &ExtensionUse) -> bool {
        // The last step is `extension` itself; the one before leads to the element that carries it.
        let carrier = self.trail.len().checked_sub(2).and_then(|at| self.trail.get(at));
        usage.contexts.iter().any(|context| match context {
            ExtensionContext::Element(wanted) => self.carried_by(carrier, wanted),
            ExtensionContext::Extension(url) => {
                let is_it = |own: Option<&str>| own.is_some_and(|own| *own == **url);
                is_it(self.url_of_carrier()) || is_it(self.url_above_value())
            }
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
    pub(super) fn url_of_carrier(&self) -> Option<&'a str> {
        let carrier = self.trail.len().checked_sub(2).and_then(|at| self.trail.get(at))?;
        if !self.is_extension(carrier) {
            return None;
        }
        self.carrier_value()?.get("url")?.as_str()
    }

    /// The URL of the extension whose value carries the one at which the walk stands.
    fn url_above_value(&self) -> Option<&'a str> {
        let at = self.trail.len().checked_sub(2)?;
        let value = self.trail.get(at).filter(|step| Some(step.owner) == self.landmarks.extension)?;
        if value.element.name != "value" {
            return None;
        }
        let pointer = self.findings.path.pointer();
        let above = pointer.rsplitn(4, '/').nth(3)?;
        self.scope.input()?.pointer(above)?.get("url")?.as_str()
    }

    /// What the definition asks of the element that carries the extension.
    fn context_invariants(&mut self, usage: &'k ExtensionUse, url: &str) {
        if usage.context_invariants.is_empty() {
            return;
        }
        let (Some(resource), Some(carrier)) = (self.scope.resource(), self.carrier_value()) else {
            return;
        };
        let types = self.known.types;
        let step = self.trail.len().checked_sub(2).and_then(|at| self.trail.get(at));
        let focus = match step.filter(|_| !std::ptr::eq(resource, carrier)) {
            None => PathNode::resource(resource, types),
            Some(step) => {
                let is_primitive = matches!(step.element_type, ElementType::Primitive(_));
                let type_id = types.path_type(step.element_type, Some(carrier));
                PathNode {
                    value: Some(carrier).filter(|_| !is_primitive),
                    companion: Some(carrier).filter(|_| is_primitive),
                    type_id,
                }
            }
        };
        let own = self.scope.input().and_then(|input| input.pointer(&self.findings.path.pointer()));
        let own = own.zip(self.landmarks.extension).map(|(own, id)| {
            fhir_path::Item::Node(PathNode::of_type(own, types.path_type(ElementType::Object(id), Some(own))))
        });
        let variables = [("extension", own.into_iter().collect())];
        let usual = Environment::of(types, &NoHost, PathNode::resource(resource, types));
        let environment = Environment { variables: &variables, ..usual };
        for wanted in &usage.context_invariants {
            let holds = wanted.compiled().ok().and_then(|expression| expression.holds(&environment, focus).ok());
            if holds == Some(false) {
                let text = format!("The extension {url} is not allowed on an element with such contents.");
                let hint = format!("FHIRPath: {}", wanted.expression);
                let (code, key) = (IssueCode::Invariant, IssueKey::TargetExtensionContext);
                self.findings.error_with_hint(code, key, text, hint);
            }
        }
    }

    fn carried_by(&self, carrier: Option<&Step>, wanted: &str) -> bool {
        // `Element` is written for everything, resources too.
        if wanted == "Element" {
            return true;
        }
        // R5's name for the resources that have a canonical URL; later definitions use it of R4 too.
        if wanted == "CanonicalResource" {
            let owner = self.trail.last().map(|step| self.known.types.get(step.owner));
            return owner.is_some_and(|owner| {
                owner.kind == Kind::Resource && owner.member("url").is_some() && owner.member("status").is_some()
            });
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

fn shown(context: &ExtensionContext) -> String {
    match context {
        ExtensionContext::Element(path) => path.to_string(),
        ExtensionContext::Extension(url) => format!("the extension {url}"),
        ExtensionContext::FhirPath(expression) => format!("`{expression}`"),
    }
}

#[cfg(test)]
mod tests {
    use crate::issue::IssueKey;
    use crate::known::Known;
    use crate::validator::{Options, Validator};
    use serde_json::{Value, json};

    const OWN: &str = "https://host.example/StructureDefinition/own";
    const OUTER: &str = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired";

    fn definition(more: &Value) -> Value {
        let mut one = json!({"resourceType": "StructureDefinition", "url": OWN, "name": "Own", "status": "active",
            "kind": "complex-type", "abstract": false, "type": "Extension", "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
            "differential": {"element": [{"id": "Extension", "path": "Extension"}]}});
        for (member, value) in more.as_object().expect("members") {
            one[member] = value.clone();
        }
        one
    }

    /// The places at which the extension is called misplaced.
    fn misplaced(definition: Value, resource: &Value) -> Vec<String> {
        let mut known = Known::built_in();
        known.add(definition);
        let issues = Validator::new(known).judge(resource, &Options::default());
        let wrong = issues.into_iter().filter(|issue| issue.key == IssueKey::TargetExtensionContext);
        wrong.filter_map(|issue| issue.expression).collect()
    }

    #[test]
    fn an_extension_of_an_extension_may_stand_on_its_value() {
        let own = json!([{"url": OWN, "valueBoolean": true}]);
        let on_value = |outer: &str| {
            json!({"resourceType": "Patient", "extension": [
                {"url": outer, "valueBoolean": true, "_valueBoolean": {"extension": own}}
            ]})
        };
        let context = json!({"context": [{"type": "extension", "expression": OUTER}]});
        assert_eq!(misplaced(definition(&context), &on_value(OUTER)), [""; 0]);
        let other = "http://hl7.org/fhir/StructureDefinition/patient-cadavericDonor";
        let place = "Patient.extension[0].value.extension[0]";
        assert_eq!(misplaced(definition(&context), &on_value(other)), [place]);
    }

    #[test]
    fn later_definitions_may_mean_every_resource_with_a_canonical_url() {
        let context = json!({"context": [{"type": "element", "expression": "CanonicalResource"}]});
        let own = json!([{"url": OWN, "valueBoolean": true}]);
        for (type_name, expected) in [("CodeSystem", 0), ("Patient", 1)] {
            let resource = json!({"resourceType": type_name, "extension": own});
            assert_eq!(misplaced(definition(&context), &resource).len(), expected, "{type_name}");
        }
    }

    #[test]
    fn the_invariants_of_a_definition_hold_on_what_carries_the_extension() {
        let own = json!([{"url": OWN, "valueBoolean": true}]);
        let asked = |expression: &str| json!({"context": [{"type": "element", "expression": "Element"}], "contextInvariant": [expression]});
        let patient = json!({"resourceType": "Patient", "active": true, "extension": own,
            "name": [{"family": "Example", "extension": own}]});
        let (root, name) = ("Patient.extension[0]", "Patient.name[0].extension[0]");
        for (expression, expected) in [
            ("active.exists() or family.exists()", vec![]),
            ("active.exists()", vec![name]),
            ("Patient.active.not()", vec![root]),
            ("%extension.value = true", vec![]),
            ("%extension.value = false", vec![root, name]),
            ("not an expression (", vec![]),
        ] {
            assert_eq!(misplaced(definition(&asked(expression)), &patient), expected, "{expression}");
        }
    }
}
