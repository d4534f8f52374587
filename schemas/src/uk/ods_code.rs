//! `ods-code`: a code of an organisation or site is written as the Organisation Data Service writes it.
//!
//! Source: DCB0090 (health and social care organisation reference data): upper-case letters and digits; UK Core,
//! Organization and Location, which give organisations and sites a system each.

use super::place::Place;
use super::report::Report;
use crate::issue::IssueKey;

/// Codes of organisations.
pub const ORGANIZATION: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
/// Codes of sites.
pub const SITE: &str = "https://fhir.nhs.uk/Id/ods-site-code";

/// The shortest and the longest codes that ODS gives out.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=12;

/// The value of an identifier of one of these systems.
pub fn check<'a>(system: &str, value: &str, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    if !matches!(system, ORGANIZATION | SITE) {
        return;
    }
    let key = IssueKey::UkOdsCode;
    let trimmed = value.trim();
    if !trimmed.bytes().all(|byte| byte.is_ascii_alphanumeric()) || !LENGTHS.contains(&trimmed.len()) {
        let text = "This is no ODS code: those are 3 to 12 letters and digits.";
        report.error(place, key, text, "send the code alone; a name belongs into `display` or `name`");
    } else if trimmed != value || value.bytes().any(|byte| byte.is_ascii_lowercase()) {
        let text = "An ODS code is written in upper case without blanks; receivers compare it letter by letter.";
        report.warning(place, key, text, "write it in upper case");
    } else if system == SITE && value.len() == 3 {
        let text = "An ODS code of three characters is an organisation's, but stands in the system of sites.";
        report.information(place, key, text, format!("use `{ORGANIZATION}` for organisations"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    #[test]
    fn an_ods_code_is_short_upper_case_and_in_its_system() {
        let only = Rules::only(&[Rule::OdsCode]);
        for (system, value, expected) in [
            (ORGANIZATION, "ZZ9", None),
            (ORGANIZATION, "Z99999", None),
            (ORGANIZATION, "ZZ9999999999", None),
            (ORGANIZATION, "ZZ99999999999", Some("error")),
            (ORGANIZATION, "ZZ", Some("error")),
            (ORGANIZATION, "zz9", Some("warning")),
            (ORGANIZATION, "ZZ9 ", Some("warning")),
            (ORGANIZATION, "Z 99999", Some("error")),
            (ORGANIZATION, "Northbrook Surgery", Some("error")),
            (SITE, "ZZ901", None),
            (SITE, "ZZ9", Some("information")),
            ("https://example.org/Id/site", "Northbrook Surgery", None),
        ] {
            let location = json!({"resourceType": "Location", "identifier": [{"system": system, "value": value}]});
            let expected: Vec<String> = expected
                .map(|severity| format!("{severity} uk.ods-code Location.identifier[0].value"))
                .into_iter()
                .collect();
            assert_eq!(found(only, &location), expected, "{system} {value}");
        }
    }
}
