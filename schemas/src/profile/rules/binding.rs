//! Required bindings to value sets that can be enumerated offline (<https://hl7.org/fhir/R4/terminologies.html#required>).

use crate::definition::ValueSet;
use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use serde_json::Value;

/// A `code`: it is one of the codes, whatever their system.
pub fn code(set: &ValueSet, code: &str, findings: &mut Findings<'_>) {
    if !set.has_code(code) {
        report(set, "is a code that its required value set does not have", findings);
    }
}

/// A Coding or CodeableConcept: it has a coding of the value set.
///
/// A concept with neither coding nor text, but with an extension, says why it is absent and is not judged.
pub fn concept(set: &ValueSet, value: &Value, findings: &mut Findings<'_>) {
    let holds = |coding: &Value| {
        let text = |name| coding.get(name).and_then(Value::as_str);
        matches!((text("system"), text("code")), (Some(system), Some(code)) if set.has_coding(system, code))
    };
    let is_coding = value.get("code").is_some() || value.get("system").is_some();
    let met = match value.get("coding").and_then(Value::as_array) {
        Some(codings) => codings.iter().any(holds),
        None if is_coding => holds(value),
        None => value.get("text").is_none() && value.get("extension").is_some(),
    };
    if !met {
        report(set, "needs a coding, with system and code, from its required value set", findings);
    }
}

/// A binding of a profile.
pub fn check(
    _binding: &crate::definition::Binding,
    _element_type: crate::definition::ElementType,
    _value: &Value,
    _known: &crate::known::Known,
    _findings: &mut Findings<'_>,
) {
}

fn report(set: &ValueSet, words: &str, findings: &mut Findings<'_>) {
    findings.error_with_hint(
        IssueCode::CodeInvalid,
        IssueKey::TargetCode,
        format!("{} {words}.", findings.subject()),
        format!("allowed: {} ({})", super::listed(&set.in_order), set.url),
    );
}

#[cfg(test)]
mod tests {
    use super::super::table::{assert_table, found};
    use crate::resource::judge;
    use serde_json::{Value, json};

    #[test]
    fn codes_are_judged_by_required_bindings_only() {
        assert_table([
            (json!({"resourceType": "Patient", "gender": "female"}), &[]),
            (json!({"resourceType": "Patient", "gender": "Female"}), &["target.code Patient.gender"]),
            (json!({"resourceType": "Patient", "name": [{"use": "stage"}]}), &["target.code Patient.name[0].use"]),
            // Preferred, and without an offline list: not judged.
            (json!({"resourceType": "Patient", "language": "tlh"}), &[]),
            (json!({"resourceType": "Patient", "photo": [{"contentType": "image/any"}]}), &[]),
            (json!({"resourceType": "Bundle", "type": "parcel"}), &["target.code Bundle.type"]),
        ]);
    }

    #[test]
    fn concepts_need_one_coding_of_the_value_set() {
        let system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
        let condition = |status: Value| json!({"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "clinicalStatus": status});
        let at = "target.code Condition.clinicalStatus";
        for (status, expected) in [
            (json!({"coding": [{"system": system, "code": "active"}]}), None),
            (
                json!({"coding": [{"system": "http://example.org", "code": "x"}, {"system": system, "code": "active"}]}),
                None,
            ),
            (json!({"coding": [{"system": system, "code": "nonsense"}]}), Some(at)),
            (json!({"coding": [{"system": "http://example.org", "code": "active"}]}), Some(at)),
            (json!({"coding": [{"code": "active"}]}), Some(at)),
            (json!({"text": "active"}), Some(at)),
            (
                json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}),
                None,
            ),
        ] {
            assert_eq!(found(&condition(status.clone())), expected.into_iter().collect::<Vec<_>>(), "{status}");
        }
    }

    #[test]
    fn the_hint_lists_some_codes_and_the_text_never_the_value() {
        let issues = judge(&json!({"resourceType": "Patient", "gender": "zebra"}));
        let hint = issues[0].hint.as_deref().expect("a hint");
        assert!(hint.starts_with("allowed: `male`, `female`, `other`, `unknown` (http://hl7.org/"), "{hint}");
        assert!(!format!("{issues:?}").contains("zebra"));
        let issues = judge(&json!({"resourceType": "Basic", "code": {"text": "x"}, "contained": [
            {"resourceType": "Parameters", "parameter": [{"name": "x", "valueParameterDefinition": {"use": "in", "type": "zebra"}}]}
        ]}));
        assert!(issues[0].hint.as_deref().is_some_and(|hint| hint.contains(" more (")), "{issues:?}");
    }
}
