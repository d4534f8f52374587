//! Contained resources (<https://hl7.org/fhir/R4/references.html#contained>): an id each, and each id once.

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::scope::{Role, items};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Judges `contained` of a resource that has any; the walk stands at the resource.
pub fn check<'a>(members: &'a Map<String, Value>, role: Role<'a>, findings: &mut Findings<'a>) {
    let Some(contained) = members.get("contained") else {
        return;
    };
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
        let without = json!({"resourceType": "Organization", "name": "x"});
        assert!(
            found(&patient(json!([organization("a"), organization("b"), without])))
                .contains(&"target.contained Patient.contained[2]".to_owned())
        );
    }
}
