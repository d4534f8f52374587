//! Search parameters of a CapabilityStatement are of the type their definitions say
//! (<https://hl7.org/fhir/R4/capabilitystatement.html>).

use super::members::{Object, objects, text};
use super::search_parameter;
use crate::issue::{Issue, IssueCode, IssueKey, Severity};
use crate::known::Known;
use crate::profile::findings::Findings;

/// Judges a CapabilityStatement.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    findings.path.push("rest");
    for (index, rest) in objects(resource, "rest") {
        findings.path.set_index(Some(index));
        parameters(rest, None, known, findings);
        findings.path.push("resource");
        for (index, of_type) in objects(rest, "resource") {
            findings.path.set_index(Some(index));
            parameters(of_type, text(of_type, "type"), known, findings);
        }
        findings.path.pop();
    }
    findings.path.pop();
}

/// The `searchParam` of an object; the path stands at it.
fn parameters<'a>(holder: &'a Object, searched: Option<&str>, known: &Known, findings: &mut Findings<'a>) {
    findings.path.push("searchParam");
    for (index, parameter) in objects(holder, "searchParam") {
        let Some(facts) = text(parameter, "definition").and_then(|url| search_parameter::facts(url, known)) else {
            continue;
        };
        findings.path.set_index(Some(index));
        if let Some(kind) = text(parameter, "type").filter(|kind| *kind != facts.kind) {
            findings.path.push("type");
            let text = format!("The search parameter is called a {kind}, and its definition says {}.", facts.kind);
            // R4's own base statement gets the types of some parameters for all resources wrong.
            let severity = if searched.is_some() { Severity::Error } else { Severity::Warning };
            findings.push(Issue::new(severity, IssueCode::Value, IssueKey::TargetDefinition, text));
            findings.path.pop();
        }
        let covers = |name: &str| facts.bases.iter().any(|base| *base == name || base.ends_with("Resource"));
        if let Some(name) = searched.filter(|name| !covers(name)) {
            findings.path.push("definition");
            let text = format!("The definition of the search parameter does not search {name}.");
            findings.warning(IssueCode::Value, IssueKey::TargetDefinition, text);
            findings.path.pop();
        }
    }
    findings.path.pop();
}

#[cfg(test)]
mod tests {
    use crate::issue::Severity;
    use crate::profile::resource_rules::table::{assert_places, found};
    use serde_json::{Value, json};

    fn statement(of_type: &str, name: &str, kind: &str) -> Value {
        let definition = format!("http://hl7.org/fhir/SearchParameter/{name}");
        json!({"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": [
            {"type": of_type, "searchParam": [{"name": "x", "definition": definition, "type": kind}]}]}]})
    }

    #[test]
    fn a_search_parameter_has_the_type_of_its_definition() {
        assert_places(
            &[],
            [
                (statement("Organization", "Organization-name", "string"), &[]),
                (statement("Organization", "Resource-id", "token"), &[]),
                (
                    statement("Organization", "Organization-name", "date"),
                    &["CapabilityStatement.rest[0].resource[0].searchParam[0].type"],
                ),
                (statement("Organization", "nobody-knows", "date"), &[]),
            ],
        );
        let definition = "http://hl7.org/fhir/SearchParameter/Resource-profile";
        let for_all = json!({"resourceType": "CapabilityStatement", "rest": [{"mode": "server",
            "searchParam": [{"name": "_profile", "definition": definition, "type": "token"}]}]});
        assert_eq!(found(&for_all, &[], Severity::Warning).len(), 1);
        let elsewhere = statement("Patient", "Organization-name", "string");
        assert_eq!(found(&elsewhere, &[], Severity::Warning).len(), 1);
    }
}
