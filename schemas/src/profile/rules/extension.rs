//! An extension has a value or extensions of its own, not both and not neither (invariant ext-1).

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use serde_json::{Map, Value};

/// Judges an object of the type Extension; the walk stands at it.
pub fn value_or_extensions(members: &Map<String, Value>, findings: &mut Findings<'_>) {
    let has_value = members.keys().any(|name| name.starts_with("value") || name.starts_with("_value"));
    let has_extensions = members.contains_key("extension");
    if has_value && has_extensions {
        findings.error_with_hint(
            IssueCode::Invariant,
            IssueKey::TargetChoice,
            "The extension has both a value and extensions of its own.",
            "keep the value or the inner extensions",
        );
    }
    if !has_value && !has_extensions {
        let text = "The extension has neither a value nor extensions of its own.";
        findings.error(IssueCode::Required, IssueKey::TargetRequired, text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::found;
    use serde_json::{Value, json};

    #[test]
    fn an_extension_has_either_a_value_or_extensions() {
        let inner = json!([{"url": "c", "valueString": "x"}]);
        let at = "Patient.extension[0]";
        for (extension, expected) in [
            (json!({"url": "a:b", "valueString": "x"}), vec![]),
            (json!({"url": "a:b", "extension": inner}), vec![]),
            (json!({"url": "a:b", "_valueString": {"extension": [{"url": "c:d", "valueString": "x"}]}}), vec![]),
            (json!({"url": "a:b"}), vec![format!("target.required-missing {at}")]),
            (json!({"url": "a:b", "valueString": "x", "extension": inner}), vec![format!("target.choice {at}")]),
            (json!({"valueString": "x"}), vec![format!("target.required-missing {at}")]),
            (json!({"url": " ", "valueString": "x"}), vec![format!("target.empty {at}.url")]),
            (json!({"url": "a b", "valueString": "x"}), vec![format!("target.format {at}.url")]),
            (
                json!({"url": "a:b", "_url": {"id": "x"}, "valueString": "x"}),
                vec![format!("target.unknown-element {at}._url")],
            ),
            (
                json!({"url": "a:b", "extension": [{"url": "c", "extension": [{"url": "d"}]}]}),
                vec![format!("target.required-missing {at}.extension[0].extension[0]")],
            ),
            (json!({"url": "a:b", "valueHumanName": {"use": "x"}}), vec![format!("target.code {at}.value.use")]),
        ] {
            let patient: Value = json!({"resourceType": "Patient", "extension": [extension]});
            assert_eq!(found(&patient), expected, "{patient}");
        }
    }
}
