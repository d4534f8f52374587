//! A choice (`value[x]`) has one alternative.

use crate::definition::Element;
use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;

/// Reports a second alternative; the walk stands at the object.
pub fn second(element: &Element, first: &str, other: &str, findings: &mut Findings<'_>) {
    findings.error_with_hint(
        IssueCode::Structure,
        IssueKey::TargetChoice,
        format!("`{}` has more than one alternative: `{first}` and `{other}`.", element.shown_name()),
        "keep one of them",
    );
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_table;
    use serde_json::json;

    #[test]
    fn one_alternative_is_allowed_and_two_are_not() {
        let extension = json!([{"url": "a:b", "valueBoolean": true}]);
        assert_table([
            (json!({"resourceType": "Patient", "deceasedBoolean": true}), &[]),
            (
                json!({"resourceType": "Patient", "deceasedBoolean": true, "_deceasedBoolean": {"extension": extension}}),
                &[],
            ),
            (
                json!({"resourceType": "Patient", "deceasedBoolean": true, "deceasedDateTime": "2020"}),
                &["target.choice Patient.deceased"],
            ),
            (
                json!({"resourceType": "Patient", "deceasedBoolean": true, "_deceasedDateTime": {"extension": extension}}),
                &["target.choice Patient.deceased"],
            ),
            (
                json!({"resourceType": "Patient", "extension": [{"url": "a:b", "valueString": "x", "valueInteger": 1, "valueCode": "y"}]}),
                &["target.choice Patient.extension[0].value", "target.choice Patient.extension[0].value"],
            ),
        ]);
    }
}
