//! `do-not-perform`: an order not to do something is not sent as an order with a flag.
//!
//! Source: UK Core implementation guide, MedicationRequest: providers should not use `doNotPerform`; a receiver that
//! overlooks it reads the request as its opposite.

use super::place::Place;
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

/// A resource of any type.
pub fn check<'a>(resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    if resource.get("doNotPerform") == Some(&Value::Bool(true)) {
        let root = Place::resource();
        let text = "`doNotPerform` turns the request into its opposite, and a receiver that overlooks it does what was forbidden.";
        let hint =
            "send a Flag, an AllergyIntolerance or a stopped request instead; who receives it must check it first";
        report.warning(&root.member("doNotPerform"), IssueKey::UkDoNotPerform, text, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::json;

    #[test]
    fn only_the_flag_itself_is_found() {
        let only = Rules::only(&[Rule::DoNotPerform]);
        for (resource_type, value, is_found) in [
            ("MedicationRequest", json!(true), true),
            ("ServiceRequest", json!(true), true),
            ("MedicationRequest", json!(false), false),
            ("MedicationRequest", json!("true"), false),
        ] {
            let resource = json!({"resourceType": resource_type, "doNotPerform": value});
            let place = format!("warning uk.do-not-perform {resource_type}.doNotPerform");
            let expected = if is_found { vec![place] } else { vec![] };
            assert_eq!(found(only, &resource), expected, "{resource}");
        }
    }
}
