//! What of a Patient is compared with others.

use ginnel_schemas::check_digit::is_nhs_number;
use serde_json::Value;
use std::collections::BTreeSet;

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const VERIFICATION: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";
/// "Number present and verified": somebody has traced it.
const VERIFIED: &str = "01";

/// The NHS number that a Patient is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NhsNumber {
    /// None that proves itself by its check digit.
    None,
    /// One, as the sender wrote it down.
    Claimed(String),
    /// One that was traced.
    Verified(String),
    /// Several: none of them tells who it is.
    Several,
}

impl NhsNumber {
    /// The digits, where there is one number.
    pub fn digits(&self) -> Option<&str> {
        match self {
            NhsNumber::Claimed(digits) | NhsNumber::Verified(digits) => Some(digits),
            NhsNumber::None | NhsNumber::Several => None,
        }
    }

    /// Whether it was traced.
    pub fn is_verified(&self) -> bool {
        matches!(self, NhsNumber::Verified(_))
    }
}

/// What of a Patient is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Id of the Patient.
    pub patient: String,
    /// Its NHS number.
    pub nhs_number: NhsNumber,
    /// Family names in use, letters and digits only, in lower case.
    pub families: BTreeSet<String>,
    /// First given names in use, likewise.
    pub givens: BTreeSet<String>,
    /// Date of birth as precisely as it is told.
    pub birth: Option<String>,
    /// Postcodes in use, without spaces.
    pub postcodes: BTreeSet<String>,
    /// Patients that the sender says replace this one.
    pub replaced_by: BTreeSet<String>,
}

impl Facts {
    /// Reads them from a Patient.
    pub fn of(patient: &Value) -> Facts {
        let names = || in_use(patient, "name");
        let text = |value: &Value, member: &str| value.get(member).and_then(Value::as_str).map(folded);
        // A first name of two words is often sent as two names.
        let first_word = |given: &str| folded(given.split([' ', '-']).next().unwrap_or_default());
        Facts {
            patient: patient.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            nhs_number: nhs_number(patient),
            families: names().filter_map(|name| text(name, "family")).filter(|name| !name.is_empty()).collect(),
            givens: names().filter_map(first_given).map(first_word).filter(|name| !name.is_empty()).collect(),
            birth: patient.get("birthDate").and_then(Value::as_str).map(str::to_owned),
            postcodes: in_use(patient, "address").filter_map(|address| text(address, "postalCode")).collect(),
            replaced_by: replaced_by(patient),
        }
    }

    /// What others are found by that may be the same person.
    pub fn keys(&self) -> BTreeSet<(&'static str, String)> {
        let number = self.nhs_number.digits().map(|digits| ("nhs-number", digits.to_owned()));
        let born = self.birth.as_deref().filter(|birth| birth.len() == "2000-01-01".len());
        let who = born.into_iter().flat_map(|birth| {
            self.families.iter().map(move |family| ("family-and-birth", format!("{family}|{birth}")))
        });
        let itself = std::iter::once(("replaced-by", self.patient.clone()));
        let others = self.replaced_by.iter().map(|other| ("replaced-by", other.clone()));
        number.into_iter().chain(who).chain(itself).chain(others).collect()
    }
}

fn first_given(name: &Value) -> Option<&str> {
    name.get("given")?.get(0)?.as_str()
}

/// The elements of a list that are not marked as old.
fn in_use<'v>(patient: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    let all = patient.get(member).and_then(Value::as_array).into_iter().flatten();
    all.filter(|one| one.get("use").and_then(Value::as_str) != Some("old"))
}

/// Letters and digits in lower case: what upper case, hyphens and spaces do not change.
fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn nhs_number(patient: &Value) -> NhsNumber {
    let own = in_use(patient, "identifier")
        .filter(|one| one.get("system").and_then(Value::as_str) == Some(NHS_NUMBER))
        .filter_map(|one| Some((one.get("value")?.as_str()?, is_traced(one))))
        .filter(|(value, _)| is_nhs_number(value));
    let mut found = NhsNumber::None;
    for (value, traced) in own {
        let one = if traced { NhsNumber::Verified(value.to_owned()) } else { NhsNumber::Claimed(value.to_owned()) };
        found = match found {
            NhsNumber::None => one,
            before if before.digits() == Some(value) => {
                if before.is_verified() {
                    before
                } else {
                    one
                }
            }
            _ => return NhsNumber::Several,
        };
    }
    found
}

fn is_traced(identifier: &Value) -> bool {
    let extensions = identifier.get("extension").and_then(Value::as_array).into_iter().flatten();
    let status = extensions.filter(|one| one.get("url").and_then(Value::as_str) == Some(VERIFICATION));
    let codings = status
        .flat_map(|one| one.pointer("/valueCodeableConcept/coding").and_then(Value::as_array).into_iter().flatten());
    codings.into_iter().any(|coding| coding.get("code").and_then(Value::as_str) == Some(VERIFIED))
}

fn replaced_by(patient: &Value) -> BTreeSet<String> {
    let links = patient.get("link").and_then(Value::as_array).into_iter().flatten();
    links
        .filter(|link| link.get("type").and_then(Value::as_str) == Some("replaced-by"))
        .filter_map(|link| link.pointer("/other/reference").and_then(Value::as_str)?.strip_prefix("Patient/"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn number(status: &str, value: &str) -> Value {
        json!({"system": NHS_NUMBER, "value": value, "extension": [{"url": VERIFICATION,
            "valueCodeableConcept": {"coding": [{"code": status}]}}]})
    }

    #[test]
    fn a_number_counts_only_with_its_check_digit_and_alone() {
        let of = |identifiers: Value| Facts::of(&json!({"id": "p", "identifier": identifiers})).nhs_number;
        assert_eq!(of(json!([number("02", "9990123012")])), NhsNumber::Claimed("9990123012".into()));
        assert_eq!(of(json!([number("01", "9990123012")])), NhsNumber::Verified("9990123012".into()));
        assert_eq!(of(json!([number("01", "9990123013")])), NhsNumber::None);
        assert_eq!(of(json!([number("02", "9990123012"), number("02", "9990457727")])), NhsNumber::Several);
        assert_eq!(of(json!([number("02", "9990123012"), number("01", "9990123012")])).digits(), Some("9990123012"));
        assert_eq!(of(json!([{"system": "urn:local", "value": "9990123012"}])), NhsNumber::None);
        assert_eq!(of(json!([{"system": NHS_NUMBER, "value": "9990123012", "use": "old"}])), NhsNumber::None);
    }

    #[test]
    fn names_are_compared_without_case_hyphens_and_former_ones() {
        let facts = Facts::of(&json!({"id": "p", "birthDate": "1938-04-12", "name": [
            {"use": "official", "family": "OKAFOR WHITFIELD", "given": ["Margaret Ellen"]},
            {"use": "old", "family": "Okafor", "given": ["Margaret"]}], "address": [{"postalCode": "zz1 4th"}]}));
        assert_eq!(facts.families, BTreeSet::from(["okaforwhitfield".to_owned()]));
        assert_eq!(facts.givens, BTreeSet::from(["margaret".to_owned()]));
        assert_eq!(facts.postcodes, BTreeSet::from(["zz14th".to_owned()]));
        assert!(facts.keys().contains(&("family-and-birth", "okaforwhitfield|1938-04-12".to_owned())));
    }

    #[test]
    fn a_year_of_birth_finds_nobody_by_itself() {
        let facts = Facts::of(&json!({"id": "p", "birthDate": "1931", "name": [{"family": "Rathore"}]}));
        assert!(facts.keys().iter().all(|(kind, _)| *kind != "family-and-birth"));
    }
}
