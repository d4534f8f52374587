//! Identifiers: a system that is a URI, and under the system of all URIs a value that is one
//! (<https://hl7.org/fhir/R4/datatypes.html#Identifier>).

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::scope::is_absolute;
use serde_json::{Map, Value};

/// The system whose values are URIs themselves.
const ALL_URIS: &str = "urn:ietf:rfc:3986";

/// Judges an Identifier; the path stands at it.
pub fn check<'a>(members: &'a Map<String, Value>, findings: &mut Findings<'a>) {
    let text = |name| members.get(name).and_then(Value::as_str);
    let Some(system) = text("system") else {
        return;
    };
    if !is_absolute(system) {
        findings.path.push("system");
        let text = "The system of an identifier must be an absolute URI.";
        let hint = "write the whole URL, or `urn:oid:` and the OID";
        findings.error_with_hint(IssueCode::Value, IssueKey::TargetUrl, text, hint);
        findings.path.pop();
    }
    if system == ALL_URIS && text("value").is_some_and(|value| !is_absolute(value)) {
        findings.path.push("value");
        let text = format!("Under the system {ALL_URIS} the value must be a whole URI.");
        let hint = "write `urn:oid:` before an OID and `urn:uuid:` before a UUID";
        findings.error_with_hint(IssueCode::Value, IssueKey::TargetUrl, text, hint);
        findings.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_table;
    use serde_json::{Value, json};

    #[test]
    fn the_system_is_a_uri_and_so_is_the_value_where_the_system_says_so() {
        let patient = |system: &str, value: &str| -> Value {
            json!({"resourceType": "Patient", "identifier": [{"system": system, "value": value}]})
        };
        assert_table([
            (patient("https://care.example/ids", "1"), &[]),
            (patient("urn:oid:2.16.840.1.113883.2.1", "1"), &[]),
            (patient("care.example/ids", "1"), &["target.url Patient.identifier[0].system"]),
            (patient("urn:ietf:rfc:3986", "urn:oid:2.16.840.1.113883.2.1"), &[]),
            (patient("urn:ietf:rfc:3986", "2.16.840.1.113883.2.1"), &["target.url Patient.identifier[0].value"]),
        ]);
    }
}
