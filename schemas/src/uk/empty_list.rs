//! `empty-list`: a list without entries says why it is empty.
//!
//! Source: UK Core implementation guide, List: an empty list has an `emptyReason`, so that "none", "not asked" and
//! "withheld" are not taken for each other.

use super::place::Place;
use super::read::{says, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

/// A List.
pub fn check<'a>(list: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let is_judged = text(list, "status") != Some("entered-in-error");
    if is_judged && !says(list, "entry") && !says(list, "emptyReason") {
        let text = "The List is empty and does not say why, so that nothing recorded reads as nothing there.";
        let hint =
            "send `emptyReason`: `no-content-recorded` of UKCore-ListEmptyReasonCode, or FHIR's `list-empty-reason`";
        report.warning(&Place::resource(), IssueKey::UkEmptyList, text, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::json;

    #[test]
    fn an_empty_list_says_why() {
        let entry = json!([{"item": {"reference": "AllergyIntolerance/1"}}]);
        for (list, expected) in [
            (json!({"resourceType": "List"}), vec!["warning uk.empty-list List"]),
            (json!({"resourceType": "List", "entry": []}), vec!["warning uk.empty-list List"]),
            (json!({"resourceType": "List", "entry": entry}), vec![]),
            (json!({"resourceType": "List", "emptyReason": {"text": "Not asked"}}), vec![]),
            (json!({"resourceType": "List", "status": "entered-in-error"}), vec![]),
        ] {
            assert_eq!(found(Rules::only(&[Rule::EmptyList]), &list), expected, "{list}");
        }
    }
}
