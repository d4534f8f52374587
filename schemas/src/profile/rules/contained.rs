//! Contained resources (<https://hl7.org/fhir/R4/references.html#contained>): an id each, and each id once.

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::scope::{Role, items};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Judges `contained` of a resource that has any; the walk stands at the resource.
pub fn check<'a>(members: &'a Map<String, Value>, role: Role<'a>, findings: &mut Findings<'a>) {
    let Some(contained) = members.get("contained") else {
        return;
    };
    if role != Role::Contained {
        referred_to(members, contained, findings);
    }
    findings.path.push("contained");
    if role == Role::Contained {
        let text = "A contained resource cannot contain others.";
        findings.error_with_hint(
            IssueCode::Structure,
            IssueKey::TargetContained,
            text,
            "contain them in the outer resource",
        );
    }
    let mut ids = HashSet::new();
    for (index, resource) in items(Some(contained)).enumerate() {
        findings.path.set_index(Some(index));
        match resource.get("id").and_then(Value::as_str) {
            None if !resource.is_object() => {}
            None => {
                let text = "A contained resource needs an id, or nothing can refer to it.";
                findings.error(IssueCode::Required, IssueKey::TargetContained, text);
            }
            Some(id) if !ids.insert(id) => {
                findings.error(
                    IssueCode::Duplicate,
                    IssueKey::TargetDuplicateId,
                    "Two contained resources have this id.",
                );
            }
            Some(_) => {}
        }
    }
    findings.path.pop();
}

/// Each contained resource is referred to from outside it, or refers to its container (invariant dom-3, in one pass).
fn referred_to<'a>(members: &'a Map<String, Value>, contained: &'a Value, findings: &mut Findings<'a>) {
    let mut from_outside = HashSet::new();
    for (_, value) in members.iter().filter(|(name, _)| *name != "contained") {
        local_references(value, &mut |id| {
            from_outside.insert(id);
        });
    }
    let within: Vec<(Option<&str>, HashSet<&str>)> = items(Some(contained))
        .map(|resource| {
            let mut ids = HashSet::new();
            local_references(resource, &mut |id| {
                ids.insert(id);
            });
            (resource.get("id").and_then(Value::as_str), ids)
        })
        .collect();
    // How many contained resources refer to an id: one's own reference to itself does not count.
    let mut by_others: HashMap<&str, usize> = HashMap::new();
    for id in within.iter().flat_map(|(_, ids)| ids) {
        *by_others.entry(id).or_default() += 1;
    }
    findings.path.push("contained");
    for (index, (id, own)) in within.iter().enumerate() {
        let Some(id) = id else {
            continue;
        };
        let others = by_others.get(id).copied().unwrap_or(0) - usize::from(own.contains(id));
        if !from_outside.contains(id) && others == 0 && !own.contains("") {
            findings.path.set_index(Some(index));
            let text = "The rule dom-3 is broken: nothing refers to the contained resource, and it does not refer to its container.";
            findings.error_with_hint(
                IssueCode::Invariant,
                IssueKey::TargetContained,
                text,
                "refer to it with # and its id, or leave it out",
            );
        }
    }
    findings.path.pop();
}

/// Each id that a text `#id` names, and each that a narrative links to; the container itself has none.
fn local_references<'a>(value: &'a Value, told: &mut dyn FnMut(&'a str)) {
    match value {
        Value::String(text) => match text.strip_prefix('#') {
            Some(id) => told(id),
            None if text.starts_with('<') => {
                for part in text.split("\"#").skip(1) {
                    if let Some((id, _)) = part.split_once('"') {
                        told(id);
                    }
                }
            }
            None => {}
        },
        Value::Array(items) => items.iter().for_each(|item| local_references(item, told)),
        Value::Object(members) => members.values().for_each(|member| local_references(member, told)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::rules::table::found;
    use serde_json::json;

    #[test]
    fn contained_resources_have_an_id_each_and_none_inside() {
        let patient = |contained| {
            json!({"resourceType": "Patient", "contained": contained,
                "generalPractitioner": [{"reference": "#a"}, {"reference": "#b"}]})
        };
        let organization = |id: &str| json!({"resourceType": "Organization", "id": id, "name": "x"});
        assert_eq!(found(&patient(json!([organization("a"), organization("b")]))), [""; 0]);
        assert!(
            found(&patient(json!([organization("a"), organization("a"), organization("b")])))
                .contains(&"target.duplicate-id Patient.contained[1]".to_owned())
        );
        let stranger = patient(json!([organization("a"), organization("b"), organization("c")]));
        assert_eq!(found(&stranger), ["target.contained Patient.contained[2]"]);
        let device = json!({"resourceType": "Device", "id": "d", "patient": {"reference": "#"}});
        assert_eq!(found(&patient(json!([organization("a"), organization("b"), device]))), [""; 0]);
        let circle = json!({"resourceType": "Device", "id": "e", "parent": {"reference": "#e"}});
        assert_eq!(
            found(&patient(json!([organization("a"), organization("b"), circle]))),
            ["target.contained Patient.contained[2]"]
        );
        let without = json!({"resourceType": "Organization", "name": "x"});
        assert!(
            found(&patient(json!([organization("a"), organization("b"), without])))
                .contains(&"target.contained Patient.contained[2]".to_owned())
        );
    }
}
