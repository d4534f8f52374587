//! Canonical URLs: absolute, and of a definition of the right kind (<https://hl7.org/fhir/R4/references.html#canonical>).

use crate::definition::{Definition, Element, ElementType, Member};
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::primitive::Primitive;
use crate::profile::findings::Findings;
use crate::profile::scope::is_absolute;
use serde_json::{Map, Value};

/// Judges a value of the type canonical; the path stands at it.
pub fn check(element: &Element, url: &str, known: &Known, findings: &mut Findings<'_>) {
    if url.starts_with('#') {
        return;
    }
    if !is_absolute(url) {
        let text =
            format!("{} must be an absolute URL, or `#` and the id of a contained resource.", findings.subject());
        let hint = "write the `url` that the definition has, not the address where a server keeps it";
        return findings.error_with_hint(IssueCode::Value, IssueKey::TargetUrl, text, hint);
    }
    if element.targets.is_empty() {
        return;
    }
    let fits = |kind: &str| element.targets.iter().any(|wanted| known.types.is_kind_of(kind, wanted));
    if let Some(kind) = known.kind_of(url).filter(|kind| !fits(kind)) {
        let text = format!("{} is the URL of a {kind}, which it may not be.", findings.subject());
        let hint = format!("allowed: {}", element.targets.join(", "));
        findings.error_with_hint(IssueCode::Structure, IssueKey::TargetReference, text, hint);
    }
}

/// The URL that a definition gives itself is absolute; the path stands at the resource.
pub fn of_definition<'a>(definition: &Definition, resource: &'a Map<String, Value>, findings: &mut Findings<'a>) {
    let Some(url) = resource.get("url").and_then(Value::as_str).filter(|url| !is_absolute(url)) else {
        return;
    };
    let is_canonical = |member: &Member| member.element_type == ElementType::Primitive(Primitive::Uri);
    if definition.member("url").is_some_and(|(member, _)| is_canonical(member)) && Primitive::Uri.accepts(url) {
        findings.path.push("url");
        let text = "The URL of a definition must be absolute.";
        let hint = "write one that is yours and never changes, such as https://your.host/ValueSet/name";
        findings.error_with_hint(IssueCode::Value, IssueKey::TargetUrl, text, hint);
        findings.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_table;
    use serde_json::{Value, json};

    #[test]
    fn a_definition_has_an_absolute_url() {
        let value_set = |url: &str| -> Value { json!({"resourceType": "ValueSet", "status": "draft", "url": url}) };
        assert_table([
            (value_set("https://host.example/ValueSet/a"), &[]),
            (value_set("urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b14"), &[]),
            (value_set("ValueSet/a"), &["target.url ValueSet.url"]),
        ]);
    }

    #[test]
    fn a_canonical_url_is_absolute_and_of_the_right_kind() {
        let answers = |url: &str| -> Value {
            json!({"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": url})
        };
        let place = "QuestionnaireResponse.questionnaire";
        let (relative, wrong) = (format!("target.url {place}"), format!("target.reference {place}"));
        let not_here = format!("target.questionnaire {place}");
        assert_table([
            (answers("https://forms.example/Questionnaire/a|1"), &[&not_here]),
            (answers("Questionnaire/a"), &[&relative, &not_here]),
            (answers("http://hl7.org/fhir/ValueSet/administrative-gender"), &[&wrong, &not_here]),
            (answers("http://hl7.org/fhir/StructureDefinition/Patient"), &[&wrong, &not_here]),
        ]);
    }
}
