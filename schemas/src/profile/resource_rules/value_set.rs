//! What a ValueSet is made of exists: systems that are systems, codes that they have (<https://hl7.org/fhir/R4/valueset.html>).

use super::members::{Object, list, object, objects, text, texts};
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::terminology::{CodeStanding, Coding, SystemStanding};
use std::collections::HashSet;

const KEY: IssueKey = IssueKey::TargetDefinition;

/// Judges a ValueSet.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let Some(compose) = object(resource, "compose") else {
        return;
    };
    findings.path.push("compose");
    for member in ["include", "exclude"] {
        findings.path.push(member);
        for (index, clause) in objects(compose, member) {
            findings.path.set_index(Some(index));
            imports(resource, clause, findings);
            system(clause, known, findings);
        }
        findings.path.pop();
    }
    findings.path.pop();
}

/// A value set is not made of itself.
fn imports<'a>(resource: &Object, clause: &'a Object, findings: &mut Findings<'a>) {
    let Some(own) = text(resource, "url") else {
        return;
    };
    findings.path.push("valueSet");
    for (index, _) in texts(clause, "valueSet").filter(|(_, url)| super::members::without_version(url) == own) {
        findings.path.set_index(Some(index));
        findings.error(IssueCode::BusinessRule, KEY, "The value set imports itself.");
    }
    findings.path.pop();
}

fn system<'a>(clause: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let Some(url) = text(clause, "system") else {
        return;
    };
    findings.path.push("system");
    match known.terminology.system_standing(url) {
        SystemStanding::NotAbsolute if url.starts_with('#') => {
            let text = "A contained code system cannot be used by others than this value set.";
            findings.error_with_hint(IssueCode::Value, KEY, text, "write the whole `url` of the code system");
        }
        SystemStanding::NotAbsolute => {
            findings.error(IssueCode::Value, KEY, "The system must be an absolute URI.");
        }
        SystemStanding::IsValueSet => findings.error_with_hint(
            IssueCode::Value,
            KEY,
            "The system is the URL of a value set, not of a code system.",
            "import a value set through `valueSet`",
        ),
        SystemStanding::Known | SystemStanding::Misspelt(_) | SystemStanding::Unknown => {}
    }
    findings.path.pop();
    let version = text(clause, "version");
    let mut seen = HashSet::with_capacity(list(clause, "concept").len());
    findings.path.push("concept");
    for (index, concept) in objects(clause, "concept") {
        let Some(code) = text(concept, "code") else {
            continue;
        };
        findings.path.set_index(Some(index));
        if !seen.insert(code) {
            findings.warning(IssueCode::Duplicate, KEY, "The code is listed twice.");
        }
        let coding = Coding { system: Some(url), version, code, display: None };
        if matches!(known.terminology.standing(coding), CodeStanding::Unknown | CodeStanding::Malformed(_)) {
            findings.warning(IssueCode::CodeInvalid, KEY, "The system has no such code.");
        }
    }
    findings.path.pop();
}

#[cfg(test)]
mod tests {
    use crate::issue::Severity;
    use crate::profile::resource_rules::table::{assert_places, found};
    use serde_json::{Value, json};

    fn set(include: Value) -> Value {
        json!({"resourceType": "ValueSet", "url": "https://host.example/ValueSet/own", "compose": {"include": [include]}})
    }

    #[test]
    fn a_value_set_is_made_of_code_systems_and_of_other_value_sets() {
        let other = json!({"resourceType": "ValueSet", "url": "https://host.example/ValueSet/other", "status": "active",
            "compose": {"include": [{"system": "https://codes.example/a"}]}});
        assert_places(
            &[other],
            [
                (set(json!({"system": "https://codes.example/a"})), &[]),
                (set(json!({"valueSet": ["https://host.example/ValueSet/other"]})), &[]),
                (set(json!({"system": "codes/a"})), &["ValueSet.compose.include[0].system"]),
                (
                    set(json!({"system": "https://host.example/ValueSet/other"})),
                    &["ValueSet.compose.include[0].system"],
                ),
                (
                    set(json!({"valueSet": ["https://host.example/ValueSet/own|1"]})),
                    &["ValueSet.compose.include[0].valueSet[0]"],
                ),
            ],
        );
    }

    #[test]
    fn codes_that_the_system_does_not_have_are_warned_of() {
        let system = json!({"resourceType": "CodeSystem", "url": "https://codes.example/a", "status": "active",
            "content": "complete", "concept": [{"code": "x"}]});
        for (concepts, expected) in
            [(json!([{"code": "x"}]), 0), (json!([{"code": "y"}]), 1), (json!([{"code": "x"}, {"code": "x"}]), 1)]
        {
            let set = set(json!({"system": "https://codes.example/a", "concept": concepts}));
            assert_eq!(found(&set, std::slice::from_ref(&system), Severity::Warning).len(), expected, "{set}");
        }
    }
}
