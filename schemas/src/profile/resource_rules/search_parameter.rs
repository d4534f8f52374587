//! Search parameters that are derived from another, and paths that lead into the types they search
//! (<https://hl7.org/fhir/R4/searchparameter.html>).

use super::members::{Object, text, texts};
use crate::definition::search_parameters;
use crate::fhir_path::Expression;
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::Value;

/// What another search parameter says of itself.
pub struct Facts<'k> {
    /// `token`, `date`, ...
    pub kind: &'k str,
    /// The types it searches.
    pub bases: Vec<&'k str>,
    /// The FHIRPath.
    pub expression: Option<&'k str>,
}

/// A search parameter that is published or R4's own.
pub fn facts<'k>(canonical: &str, known: &'k Known) -> Option<Facts<'k>> {
    if let Some(found) = known.published(canonical).and_then(Value::as_object) {
        return (text(found, "resourceType") == Some("SearchParameter")).then(|| Facts {
            kind: text(found, "type").unwrap_or_default(),
            bases: texts(found, "base").map(|(_, base)| base).collect(),
            expression: text(found, "expression"),
        });
    }
    let found = search_parameters::r4(canonical)?;
    Some(Facts { kind: found.kind, bases: found.bases.clone(), expression: found.expression })
}

/// Judges a SearchParameter.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    roots(resource, known, findings);
    let Some(from) = text(resource, "derivedFrom") else {
        return;
    };
    let Some(parent) = facts(from, known) else {
        findings.path.push("derivedFrom");
        let text = "The search parameter that this one is derived from is not at hand, so that they were not compared.";
        findings.warning(IssueCode::NotFound, IssueKey::TargetDefinition, text);
        return findings.path.pop();
    };
    derived(resource, &parent, findings);
}

fn derived<'a>(resource: &'a Object, parent: &Facts<'_>, findings: &mut Findings<'a>) {
    if let Some(kind) = text(resource, "type").filter(|kind| *kind != parent.kind) {
        findings.path.push("type");
        let text = format!("The search parameter is a {kind}, and the one it is derived from a {}.", parent.kind);
        findings.error(IssueCode::BusinessRule, IssueKey::TargetDefinition, text);
        findings.path.pop();
    }
    let covers =
        |base: &str| parent.bases.iter().any(|own| *own == base || *own == "Resource" || *own == "DomainResource");
    findings.path.push("base");
    for (index, base) in texts(resource, "base").filter(|(_, base)| !covers(base)) {
        findings.path.set_index(Some(index));
        let text = format!("The search parameter that this one is derived from does not search {base}.");
        findings.error(IssueCode::BusinessRule, IssueKey::TargetDefinition, text);
    }
    findings.path.pop();
    let part = |expression: &str| expression.split('|').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    if let (Some(own), Some(parents)) = (text(resource, "expression"), parent.expression)
        && part(own) != part(parents)
    {
        findings.path.push("expression");
        let text = "The expression differs from that of the search parameter that this one is derived from.";
        findings.warning(IssueCode::BusinessRule, IssueKey::TargetDefinition, text);
        findings.path.pop();
    }
}

/// A path that starts with a type starts with one that the parameter searches.
fn roots<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let Some(expression) = text(resource, "expression") else {
        return;
    };
    if let Err(error) = Expression::compile(expression) {
        findings.path.push("expression");
        let text = format!("The FHIRPath cannot be read: {error}.");
        findings.error(IssueCode::Value, IssueKey::TargetDefinition, text);
        return findings.path.pop();
    }
    let bases: Vec<&str> = texts(resource, "base").map(|(_, base)| base).collect();
    if bases.is_empty() || bases.iter().any(|base| matches!(*base, "Resource" | "DomainResource")) {
        return;
    }
    for part in top_level_parts(expression) {
        let root: String =
            part.trim_start_matches([' ', '(']).chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_other = known.types.resource_type(&root).is_some() && !bases.contains(&root.as_str());
        if is_other {
            findings.path.push("expression");
            findings.push(
                Issue::error(
                    IssueCode::Value,
                    IssueKey::TargetDefinition,
                    format!("The expression starts at {root}, which the search parameter does not search."),
                )
                .with_hint(format!("start it at {}, or add {root} to `base`", bases.join(" or "))),
            );
            return findings.path.pop();
        }
    }
}

/// The alternatives of a union, outside brackets and strings.
fn top_level_parts(expression: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (at, byte) in expression.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            b'|' if !quoted && depth == 0 => {
                parts.extend(expression.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(expression.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use crate::issue::Severity;
    use crate::profile::resource_rules::table::{assert_places, found};
    use serde_json::{Value, json};

    fn parameter(base: &str, kind: &str, expression: &str) -> Value {
        json!({"resourceType": "SearchParameter", "url": "https://host.example/SearchParameter/x", "base": [base],
            "type": kind, "expression": expression,
            "derivedFrom": "http://hl7.org/fhir/SearchParameter/Organization-name"})
    }

    #[test]
    fn a_derived_parameter_searches_no_more_and_nothing_else_than_its_origin() {
        let whole = "Organization.name | Organization.alias";
        assert_places(
            &[],
            [
                (parameter("Organization", "string", whole), &[]),
                (parameter("Organization", "string", "Organization.name"), &[]),
                (parameter("Organization", "token", whole), &["SearchParameter.type"]),
                (parameter("Patient", "string", "Patient.name"), &["SearchParameter.base[0]"]),
                (parameter("Patient", "string", whole), &["SearchParameter.expression", "SearchParameter.base[0]"]),
            ],
        );
        let narrower = parameter("Organization", "string", "Organization.name");
        assert_eq!(found(&narrower, &[], Severity::Warning).len(), 1);
    }

    #[test]
    fn an_expression_starts_at_a_type_that_is_searched() {
        for (expression, errors) in [
            ("Patient.name", 0),
            ("(Patient.name as HumanName).family", 0),
            ("name.family", 0),
            ("Patient.name | Practitioner.name", 1),
            ("Patient.link.other.where(resolve() is Practitioner | Practitioner.name)", 0),
            ("Patient.name.where(", 1),
            ("Patient.extension('https://host.example/a|Practitioner.x')", 0),
        ] {
            let mut parameter = parameter("Patient", "string", expression);
            parameter.as_object_mut().expect("an object").remove("derivedFrom");
            assert_eq!(found(&parameter, &[], Severity::Error).len(), errors, "{expression}");
        }
    }

    #[test]
    fn an_origin_may_be_published_beside_it_or_be_missing() {
        let mut own = parameter("Patient", "string", "Patient.name");
        own["derivedFrom"] = json!("https://host.example/SearchParameter/origin");
        let mut origin = parameter("Patient", "token", "Patient.name");
        origin["url"] = own["derivedFrom"].clone();
        assert_places(&[origin], [(own.clone(), &["SearchParameter.type"])]);
        assert_eq!(found(&own, &[], Severity::Warning).len(), 1);
    }
}
