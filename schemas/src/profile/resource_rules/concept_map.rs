//! The codes that a ConceptMap maps from and to are codes of their systems (<https://hl7.org/fhir/R4/conceptmap.html>).

use super::members::{Object, objects, text};
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::terminology::{CodeStanding, Coding};

/// Judges a ConceptMap.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    findings.path.push("group");
    for (index, group) in objects(resource, "group") {
        findings.path.set_index(Some(index));
        let source = (text(group, "source"), text(group, "sourceVersion"));
        let target = (text(group, "target"), text(group, "targetVersion"));
        findings.path.push("element");
        for (index, element) in objects(group, "element") {
            findings.path.set_index(Some(index));
            code(element, source, "source", known, findings);
            findings.path.push("target");
            for (index, one) in objects(element, "target") {
                findings.path.set_index(Some(index));
                code(one, target, "target", known, findings);
            }
            findings.path.pop();
        }
        findings.path.pop();
    }
    findings.path.pop();
}

/// The code of an element or target; the path stands at it.
fn code<'a>(
    of: &'a Object,
    (system, version): (Option<&str>, Option<&str>),
    side: &str,
    known: &Known,
    findings: &mut Findings<'a>,
) {
    let (Some(code), Some(system)) = (text(of, "code"), system) else {
        return;
    };
    let standing = known.terminology.standing(Coding { system: Some(system), version, code, display: None });
    let wrong = match standing {
        CodeStanding::Unknown => format!("The {side} system has no such code."),
        CodeStanding::Malformed(why) => format!("It cannot be a code of the {side} system: {why}."),
        CodeStanding::Known | CodeStanding::NotChecked(_) => return,
    };
    findings.path.push("code");
    findings.error(IssueCode::CodeInvalid, IssueKey::TargetDefinition, wrong);
    findings.path.pop();
}

#[cfg(test)]
mod tests {
    use crate::profile::resource_rules::table::assert_places;
    use serde_json::{Value, json};

    #[test]
    fn codes_are_those_of_their_systems() {
        let system = |url: &str, code: &str| {
            json!({"resourceType": "CodeSystem", "url": url, "status": "active", "content": "complete",
                "concept": [{"code": code}]})
        };
        let map = |from: &str, to: Value| {
            json!({"resourceType": "ConceptMap", "group": [{"source": "https://codes.example/a",
                "target": "https://codes.example/b", "element": [{"code": from, "target": [{"code": to}]}]}]})
        };
        assert_places(
            &[system("https://codes.example/a", "x"), system("https://codes.example/b", "y")],
            [
                (map("x", json!("y")), &[]),
                (map("y", json!("y")), &["ConceptMap.group[0].element[0].code"]),
                (map("x", json!("x")), &["ConceptMap.group[0].element[0].target[0].code"]),
                (map("x", Value::Null), &[]),
            ],
        );
        let elsewhere = json!({"resourceType": "ConceptMap", "group": [{"source": "https://codes.example/unknown",
            "element": [{"code": "x"}]}]});
        assert_places(&[], [(elsewhere, &[])]);
    }
}
