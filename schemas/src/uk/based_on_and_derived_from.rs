//! `based-on-and-derived-from`: a MedicationStatement names the request it follows or what it was derived from, not both.
//!
//! Source: UK Core implementation guide, MedicationStatement: avoid both `basedOn` and `derivedFrom`.

use super::place::Place;
use super::read::says;
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};

/// A MedicationStatement.
pub fn check<'a>(statement: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    if says(statement, "basedOn") && says(statement, "derivedFrom") {
        let root = Place::resource();
        let text = "Both `basedOn` and `derivedFrom` are there, and nothing says which of them the statement follows.";
        let hint = "keep `basedOn` for a request, `derivedFrom` for anything else";
        report.warning(&root.member("derivedFrom"), IssueKey::UkBasedOnAndDerivedFrom, text, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::json;

    #[test]
    fn one_of_them_is_enough() {
        let one = json!([{"reference": "MedicationRequest/1"}]);
        let place = "warning uk.based-on-and-derived-from MedicationStatement.derivedFrom";
        for (based_on, derived_from, expected) in [
            (one.clone(), one.clone(), vec![place]),
            (one.clone(), json!([]), vec![]),
            (json!([]), one.clone(), vec![]),
        ] {
            let statement = json!({
                "resourceType": "MedicationStatement", "basedOn": based_on, "derivedFrom": derived_from
            });
            assert_eq!(found(Rules::only(&[Rule::BasedOnAndDerivedFrom]), &statement), expected, "{statement}");
        }
    }
}
