//! The parameters of an operation and the profiles that say the same of its input and output
//! (<https://hl7.org/fhir/R4/operationdefinition.html>).

use super::members::{Object, extensions, objects, text, texts};
use crate::definition::profile::{Node, Profile};
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;

const KEY: IssueKey = IssueKey::TargetDefinition;
const ALLOWED_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/operationdefinition-allowed-type";

/// Judges an OperationDefinition.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    for (member, usage) in [("inputProfile", "in"), ("outputProfile", "out")] {
        let Some(canonical) = text(resource, member) else {
            continue;
        };
        findings.path.push(member);
        match known.profiles.get(canonical) {
            Some(profile) => compare(resource, usage, profile, findings),
            None => {
                let text = "The profile is not at hand, so that the parameters were not compared with it.";
                findings.warning(IssueCode::NotFound, KEY, text);
            }
        }
        findings.path.pop();
    }
}

/// The slice of the profile that stands for a parameter.
struct Said<'k> {
    name: &'k str,
    node: &'k Node,
}

fn compare<'a>(resource: &'a Object, usage: &str, profile: &Profile, findings: &mut Findings<'a>) {
    let slices = profile.root.child("parameter").and_then(|node| node.slicing.as_ref());
    let said: Vec<Said<'_>> = slices
        .iter()
        .flat_map(|slicing| &slicing.slices)
        .filter_map(|slice| {
            let name = slice.node.child("name")?;
            let name = name.fixed.as_ref().or(name.pattern.as_ref())?.as_str()?;
            Some(Said { name, node: &slice.node })
        })
        .collect();
    let own: Vec<&Object> = objects(resource, "parameter")
        .map(|(_, parameter)| parameter)
        .filter(|parameter| text(parameter, "use") == Some(usage))
        .collect();
    for slice in &said {
        match own.iter().find(|parameter| text(parameter, "name") == Some(slice.name)) {
            Some(parameter) => one(parameter, slice, findings),
            None => {
                let text = format!("The profile has a parameter `{}`, and the operation has none.", slice.name);
                findings.warning(IssueCode::BusinessRule, KEY, text);
            }
        }
    }
    for name in own.iter().filter_map(|parameter| text(parameter, "name")) {
        if !said.iter().any(|slice| slice.name == name) {
            let text = format!("The operation has a parameter `{name}`, and the profile has none.");
            findings.warning(IssueCode::BusinessRule, KEY, text);
        }
    }
}

fn one(parameter: &Object, slice: &Said<'_>, findings: &mut Findings<'_>) {
    let name = slice.name;
    let own_min = parameter.get("min").and_then(Value::as_u64).unwrap_or_default();
    let said_min = u64::from(slice.node.min.unwrap_or_default());
    let own_max = text(parameter, "max").unwrap_or("*");
    let said_max = slice.node.max.map_or_else(|| "*".to_owned(), |max| max.to_string());
    let mut wrong = |text: String| findings.error(IssueCode::BusinessRule, KEY, text);
    if own_min != said_min {
        wrong(format!("The parameter `{name}` has min {own_min} in the operation and {said_min} in the profile."));
    }
    if own_max != said_max {
        wrong(format!("The parameter `{name}` has max {own_max} in the operation and {said_max} in the profile."));
    }
    let own_types = own_types(parameter);
    let mut said_types: Vec<&str> = Vec::new();
    let mut said_targets: Vec<&str> = Vec::new();
    for rule in ["resource", "value"].iter().filter_map(|child| slice.node.child(child)?.types.as_ref()).flatten() {
        said_types.push(&rule.code);
        said_targets.extend(rule.targets.iter().map(|target| &**target));
    }
    let takes_any = own_types.iter().any(|own| matches!(*own, "Any" | "Resource" | "Element" | "Type"));
    if !said_types.is_empty() && !own_types.is_empty() && !takes_any {
        for extra in said_types.iter().filter(|said| !own_types.contains(said)) {
            wrong(format!("The profile allows {extra} for the parameter `{name}`, and the operation does not."));
        }
        for extra in own_types.iter().filter(|own| !said_types.contains(own)) {
            wrong(format!("The operation allows {extra} for the parameter `{name}`, and the profile does not."));
        }
    }
    if takes_any || extensions(parameter, ALLOWED_TYPE).next().is_some() {
        // A parameter of several types has no member for the targets of one of them.
        return;
    }
    let own_targets: Vec<&str> = texts(parameter, "targetProfile").map(|(_, target)| target).collect();
    if own_targets.iter().any(|own| !said_targets.contains(own)) {
        wrong(format!("The operation allows a target for the parameter `{name}` that the profile does not."));
    }
    if said_targets.iter().any(|said| !own_targets.contains(said)) {
        wrong(format!("The profile allows a target for the parameter `{name}` that the operation does not."));
    }
}

/// The types a parameter may have: its own, or those that an extension lists for an abstract one.
fn own_types(parameter: &Object) -> Vec<&str> {
    let listed: Vec<&str> = extensions(parameter, ALLOWED_TYPE)
        .filter_map(|one| text(one, "valueUri").or(text(one, "valueCode")))
        .collect();
    if listed.is_empty() { text(parameter, "type").into_iter().collect() } else { listed }
}

#[cfg(test)]
mod tests {
    use crate::issue::Severity;
    use crate::profile::resource_rules::table::{errors, found};
    use serde_json::{Value, json};

    const URL: &str = "https://host.example/StructureDefinition/in";

    fn profile(extra: &Value) -> Value {
        let mut elements = vec![
            json!({"id": "Parameters.parameter", "path": "Parameters.parameter", "min": 1,
                "slicing": {"discriminator": [{"type": "value", "path": "name"}], "rules": "open"}}),
            json!({"id": "Parameters.parameter:q", "path": "Parameters.parameter", "sliceName": "q", "min": 1, "max": "1"}),
            json!({"id": "Parameters.parameter:q.name", "path": "Parameters.parameter.name", "fixedString": "q"}),
        ];
        elements.extend(extra.as_array().cloned().unwrap_or_default());
        json!({"resourceType": "StructureDefinition", "url": URL, "name": "In", "status": "active", "kind": "resource",
            "abstract": false, "type": "Parameters", "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Parameters", "differential": {"element": elements}})
    }

    fn operation(parameters: Value) -> Value {
        json!({"resourceType": "OperationDefinition", "inputProfile": URL, "parameter": parameters})
    }

    fn parameter(name: &str, min: u32, max: &str, type_name: &str) -> Value {
        json!({"name": name, "use": "in", "min": min, "max": max, "type": type_name})
    }

    #[test]
    fn an_operation_and_its_profiles_say_the_same() {
        let resource = json!([{"id": "Parameters.parameter:q.resource", "path": "Parameters.parameter.resource",
            "type": [{"code": "Questionnaire"}]}]);
        let target = json!([{"id": "Parameters.parameter:q.value[x]", "path": "Parameters.parameter.value[x]",
            "type": [{"code": "Reference", "targetProfile": ["https://host.example/StructureDefinition/p"]}]}]);
        for (extra, parameters, expected) in [
            (json!([]), json!([parameter("q", 1, "1", "Questionnaire")]), 0),
            (json!([]), json!([parameter("q", 0, "1", "Questionnaire")]), 1),
            (json!([]), json!([parameter("q", 0, "*", "Questionnaire")]), 2),
            (resource.clone(), json!([parameter("q", 1, "1", "Questionnaire")]), 0),
            (resource.clone(), json!([parameter("q", 1, "1", "Resource")]), 0),
            (resource, json!([parameter("q", 1, "1", "QuestionnaireResponse")]), 2),
            (target.clone(), json!([parameter("q", 1, "1", "Reference")]), 1),
            (target, json!([parameter("q", 1, "1", "Element")]), 0),
        ] {
            let found = errors(&operation(parameters), &[profile(&extra)]);
            assert_eq!(found.len(), expected, "{extra} {found:?}");
        }
    }

    #[test]
    fn a_parameter_that_only_one_of_them_has_is_warned_of() {
        let other = operation(json!([parameter("r", 1, "1", "Questionnaire")]));
        assert_eq!(found(&other, &[profile(&json!([]))], Severity::Warning).len(), 2);
        assert_eq!(found(&other, &[], Severity::Warning).len(), 1, "the profile is not at hand");
    }
}
