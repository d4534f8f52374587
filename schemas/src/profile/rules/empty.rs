//! FHIR has no empty values: no empty string, array or object, and null only where a list's companion fills the place.

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use serde_json::{Map, Value};

/// A string that is empty or blank.
pub fn text(findings: &mut Findings<'_>) {
    report("must not be empty or blank", findings);
}

/// An array without items.
pub fn list(findings: &mut Findings<'_>) {
    report("must not be an empty list", findings);
}

/// A null that no companion explains.
pub fn null(findings: &mut Findings<'_>) {
    report("must not be null", findings);
}

/// Whether an object has nothing but perhaps an `id` (invariant ele-1), which is reported.
pub fn object(members: &Map<String, Value>, findings: &mut Findings<'_>) -> bool {
    let is_empty = members.is_empty() || (members.len() == 1 && members.contains_key("id"));
    if is_empty {
        report("must have a value or elements", findings);
    }
    is_empty
}

fn report(words: &str, findings: &mut Findings<'_>) {
    let text = format!("{} {words}.", findings.subject());
    findings.error_with_hint(IssueCode::Structure, IssueKey::TargetEmpty, text, "leave it out");
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_table;
    use serde_json::json;

    #[test]
    fn nothing_is_empty() {
        assert_table([
            (json!({"resourceType": "Patient", "name": []}), &["target.empty Patient.name"]),
            (json!({"resourceType": "Patient", "name": [{}]}), &["target.empty Patient.name[0]"]),
            (json!({"resourceType": "Patient", "name": [{"id": "a"}]}), &["target.empty Patient.name[0]"]),
            (json!({"resourceType": "Patient", "name": [null]}), &["target.empty Patient.name[0]"]),
            (json!({"resourceType": "Patient", "name": [{"family": ""}]}), &["target.empty Patient.name[0].family"]),
            (json!({"resourceType": "Patient", "name": [{"family": " \n"}]}), &["target.empty Patient.name[0].family"]),
            (json!({"resourceType": "Patient", "name": null}), &["target.empty Patient.name"]),
            (json!({"resourceType": "Patient", "birthDate": null}), &["target.empty Patient.birthDate"]),
            (json!({"resourceType": "Patient", "maritalStatus": {}}), &["target.empty Patient.maritalStatus"]),
            (json!({"resourceType": "Patient", "name": [{"given": []}]}), &["target.empty Patient.name[0].given"]),
        ]);
    }

    #[test]
    fn companions_of_primitives_stand_beside_their_values() {
        let absent = json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]});
        let named =
            |given, companion| json!({"resourceType": "Patient", "name": [{"given": given, "_given": companion}]});
        assert_table([
            (named(json!(["a", null, "c"]), json!([null, absent, null])), &[]),
            (named(json!(["a", "b"]), json!([absent])), &[]),
            (named(json!(["a"]), json!([null, absent])), &[]),
            (named(json!(["a", "b"]), json!([{"id": "x"}, null])), &[]),
            (named(json!(["a", null]), json!([absent, null])), &["target.empty Patient.name[0].given[1]"]),
            (named(json!(["a", null]), json!([absent])), &["target.empty Patient.name[0].given[1]"]),
            (named(json!(["a"]), json!([null, null])), &["target.empty Patient.name[0].given[1]"]),
            (named(json!(["a"]), json!([])), &["target.empty Patient.name[0].given"]),
            (named(json!(["a"]), json!([{}])), &["target.empty Patient.name[0].given[0]"]),
            (named(json!(["a"]), json!({"id": "x"})), &["target.type Patient.name[0].given"]),
            (named(json!(["a"]), json!(["x"])), &["target.type Patient.name[0].given[0]"]),
            (named(json!(["a"]), json!([{"value": "x"}])), &["target.unknown-element Patient.name[0].given[0].value"]),
            (json!({"resourceType": "Patient", "_birthDate": absent}), &[]),
            (json!({"resourceType": "Patient", "_birthDate": [absent]}), &["target.type Patient.birthDate"]),
            (json!({"resourceType": "Patient", "_birthDate": null}), &["target.empty Patient.birthDate"]),
            (
                json!({"resourceType": "Patient", "birthDate": null, "_birthDate": absent}),
                &["target.empty Patient.birthDate"],
            ),
            // An id alone is a value's companion, but nothing without a value.
            (json!({"resourceType": "Patient", "birthDate": "2000", "_birthDate": {"id": "x"}}), &[]),
            (json!({"resourceType": "Patient", "_birthDate": {"id": "x"}}), &["target.empty Patient.birthDate"]),
            (
                json!({"resourceType": "Patient", "_birthDate": {"extension": [{"url": "a:b", "valueDate": "2026-02-30"}]}}),
                &["target.format Patient.birthDate.extension[0].value"],
            ),
        ]);
    }
}
