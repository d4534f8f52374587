//! What a CodeSystem says of itself holds for its concepts (<https://hl7.org/fhir/R4/codesystem.html>).

use super::members::{Object, choice, objects, text};
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;
use std::collections::HashMap;

const KEY: IssueKey = IssueKey::TargetDefinition;

/// Properties that every code system may use without defining them.
const OWN_PROPERTIES: [(&str, &str); 8] = [
    ("inactive", "boolean"),
    ("deprecated", "dateTime"),
    ("notSelectable", "boolean"),
    ("parent", "code"),
    ("child", "code"),
    ("status", "code"),
    ("deprecationDate", "dateTime"),
    ("retirementDate", "dateTime"),
];

/// Judges a CodeSystem.
pub fn check<'a>(resource: &'a Object, _known: &Known, findings: &mut Findings<'a>) {
    supplements(resource, findings);
    count(resource, findings);
    let mut properties: HashMap<&str, &str> = HashMap::new();
    for (_, property) in objects(resource, "property") {
        if let (Some(code), Some(kind)) = (text(property, "code"), text(property, "type")) {
            properties.insert(code, kind);
        }
    }
    concepts(resource, &properties, findings);
}

fn supplements<'a>(resource: &'a Object, findings: &mut Findings<'a>) {
    let is_supplement = text(resource, "content") == Some("supplement");
    match (is_supplement, text(resource, "supplements")) {
        (true, None) => {
            let text = "A supplement must name the code system that it supplements.";
            findings.error(IssueCode::BusinessRule, KEY, text);
        }
        (false, Some(_)) => {
            findings.path.push("content");
            let text = "A code system that supplements another must say so in its `content`.";
            findings.error(IssueCode::BusinessRule, KEY, text);
            findings.path.pop();
        }
        _ => {}
    }
}

/// A stated count is that of the concepts, as far as these are all there.
fn count<'a>(resource: &'a Object, findings: &mut Findings<'a>) {
    let actual = concepts_in(resource);
    if text(resource, "content") == Some("not-present") && actual > 0 {
        let text = "The code system says that it lists no concepts, and it lists some.";
        findings.error(IssueCode::BusinessRule, KEY, text);
    }
    let Some(Value::Number(stated)) = resource.get("count") else {
        return;
    };
    let Ok(stated) = stated.as_str().parse::<usize>() else {
        return;
    };
    let is_wrong = match text(resource, "content") {
        Some("complete") => stated != actual,
        Some("fragment" | "example") => stated < actual,
        _ => false,
    };
    if is_wrong {
        findings.path.push("count");
        let text = format!("The code system says that it has {stated} concepts, and it lists {actual}.");
        findings.warning(IssueCode::BusinessRule, KEY, text);
        findings.path.pop();
    }
}

fn concepts_in(of: &Object) -> usize {
    objects(of, "concept").map(|(_, concept)| 1 + concepts_in(concept)).sum()
}

/// The properties of concepts; the path stands at what holds them.
fn concepts<'a>(of: &'a Object, properties: &HashMap<&str, &str>, findings: &mut Findings<'a>) {
    findings.path.push("concept");
    for (index, concept) in objects(of, "concept") {
        findings.path.set_index(Some(index));
        findings.path.push("property");
        for (index, property) in objects(concept, "property") {
            findings.path.set_index(Some(index));
            one(property, properties, findings);
        }
        findings.path.pop();
        concepts(concept, properties, findings);
    }
    findings.path.pop();
}

fn one<'a>(property: &'a Object, properties: &HashMap<&str, &str>, findings: &mut Findings<'a>) {
    let (Some(code), Some((member, type_name, _))) = (text(property, "code"), choice(property, "value")) else {
        return;
    };
    let own = || OWN_PROPERTIES.iter().find(|(own, _)| *own == code).map(|(_, kind)| *kind);
    let Some(kind) = properties.get(code).copied().or_else(own) else {
        let text = format!("The code system does not define the property `{code}`.");
        return findings.warning(IssueCode::BusinessRule, KEY, text);
    };
    // `Coding` and `dateTime` differ from the names of members in their first letter at most.
    if !kind.eq_ignore_ascii_case(type_name) {
        findings.path.push_member("value", member);
        let text = format!("The property `{code}` is a {kind}, as the code system defines it.");
        findings.error(IssueCode::Value, KEY, text);
        findings.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use crate::issue::Severity;
    use crate::profile::resource_rules::table::{assert_places, found};
    use serde_json::{Value, json};

    fn system(rest: Value) -> Value {
        let mut system = json!({"resourceType": "CodeSystem", "status": "active", "content": "complete"});
        for (name, value) in rest.as_object().expect("an object") {
            system[name] = value.clone();
        }
        system
    }

    #[test]
    fn properties_are_used_as_they_are_defined() {
        let with = |property: Value| {
            system(json!({"property": [{"code": "rank", "type": "integer"}],
                "concept": [{"code": "a", "concept": [{"code": "b", "property": [property]}]}]}))
        };
        let place = "CodeSystem.concept[0].concept[0].property[0].value";
        assert_places(
            &[],
            [
                (with(json!({"code": "rank", "valueInteger": 1})), &[]),
                (with(json!({"code": "rank", "valueString": "1"})), &[place]),
                (with(json!({"code": "parent", "valueCode": "a"})), &[]),
                (with(json!({"code": "notSelectable", "valueCode": "true"})), &[place]),
                (with(json!({"code": "other", "valueCode": "x"})), &[]),
            ],
        );
        let undefined = with(json!({"code": "other", "valueCode": "x"}));
        assert_eq!(found(&undefined, &[], Severity::Warning).len(), 1);
    }

    #[test]
    fn a_supplement_says_what_it_supplements() {
        assert_places(
            &[],
            [
                (system(json!({"content": "supplement", "supplements": "https://codes.example/a"})), &[]),
                (system(json!({"content": "supplement"})), &["CodeSystem"]),
                (system(json!({"supplements": "https://codes.example/a"})), &["CodeSystem.content"]),
            ],
        );
    }

    #[test]
    fn a_count_is_that_of_the_concepts() {
        let concepts = json!([{"code": "a", "concept": [{"code": "b"}]}]);
        for (content, count, expected) in
            [("complete", 2, 0), ("complete", 3, 1), ("fragment", 3, 0), ("fragment", 1, 1), ("not-present", 9, 0)]
        {
            let system = system(json!({"content": content, "count": count, "concept": concepts}));
            assert_eq!(found(&system, &[], Severity::Warning).len(), expected, "{content} {count}");
        }
    }
}
