//! `professional-number`: a registration or user number is written as its register writes it.
//!
//! Sources: UK NamingSystems for the systems; the registers' own descriptions for the shapes: GMC reference number (seven
//! digits, a `C` before them in some systems), NMC PIN (two digits, letter, four digits, letter), Spine user id (twelve
//! digits). Registers whose shapes vary are not judged.

use super::place::Place;
use super::report::Report;
use crate::issue::IssueKey;

/// The value of an identifier of one of these systems.
pub fn check<'a>(system: &str, value: &str, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let (is_right, shape) = match system {
        "https://fhir.hl7.org.uk/Id/gmc-number" => {
            let digits = value.strip_prefix('C').unwrap_or(value);
            (has_shape(digits, "0000000"), "a GMC number is seven digits")
        }
        "https://fhir.hl7.org.uk/Id/nmc-number" => {
            (has_shape(value, "00A0000A"), "an NMC PIN is two digits, a letter, four digits and a letter")
        }
        "https://fhir.nhs.uk/Id/sds-user-id" => (has_shape(value, "000000000000"), "a Spine user id is twelve digits"),
        _ => return,
    };
    if !is_right {
        let text = format!("The number is not written as its register writes it: {shape}.");
        let hint = "send the register's number without blanks, and a local number under a system of your own";
        report.warning(place, IssueKey::UkProfessionalNumber, text, hint);
    }
}

/// Whether the value has the digits (`0`) and upper-case letters (`A`) of a shape.
fn has_shape(value: &str, shape: &str) -> bool {
    value.len() == shape.len()
        && value.bytes().zip(shape.bytes()).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase(),
        })
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::found;
    use super::super::{Rule, Rules};
    use serde_json::json;

    #[test]
    fn a_number_has_the_shape_of_its_register() {
        let only = Rules::only(&[Rule::ProfessionalNumber]);
        for (system, value, is_right) in [
            ("https://fhir.hl7.org.uk/Id/gmc-number", "9999999", true),
            ("https://fhir.hl7.org.uk/Id/gmc-number", "C9999999", true),
            ("https://fhir.hl7.org.uk/Id/gmc-number", "999999", false),
            ("https://fhir.hl7.org.uk/Id/gmc-number", "99 99999", false),
            ("https://fhir.hl7.org.uk/Id/nmc-number", "99A9999E", true),
            ("https://fhir.hl7.org.uk/Id/nmc-number", "99a9999e", false),
            ("https://fhir.hl7.org.uk/Id/nmc-number", "9999999", false),
            ("https://fhir.nhs.uk/Id/sds-user-id", "999999999999", true),
            ("https://fhir.nhs.uk/Id/sds-user-id", "99999999999", false),
            ("https://fhir.hl7.org.uk/Id/gmp-number", "anything", true),
        ] {
            let practitioner =
                json!({"resourceType": "Practitioner", "identifier": [{"system": system, "value": value}]});
            let place = "warning uk.professional-number Practitioner.identifier[0].value";
            let expected = if is_right { vec![] } else { vec![place] };
            assert_eq!(found(only, &practitioner), expected, "{system} {value}");
        }
    }
}
