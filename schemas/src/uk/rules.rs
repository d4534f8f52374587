//! Which UK rules are on, and calling them.

use super::medication::Kind;
use super::place::Place;
use super::read::{object, objects};
use super::report::Report;
use super::{
    Rule, allergy_end, based_on_and_derived_from, degrade_code, dmd, do_not_perform, dosage_contradiction,
    dosage_in_note, dosage_text, empty_list, information_source, medication_status, nhs_number,
    nhs_number_verification, no_known_allergies, sweep,
};
use crate::known::Known;
use crate::profile::findings::Findings;
use serde_json::{Map, Value};

/// A choice of rules; all of them by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules(u64);

impl Default for Rules {
    fn default() -> Rules {
        Rules::ALL
    }
}

impl Rules {
    /// Every rule there is.
    pub const ALL: Rules = Rules(u64::MAX);

    /// None.
    pub const NONE: Rules = Rules(0);

    /// These rules and no others.
    pub fn only(rules: &[Rule]) -> Rules {
        Rules(rules.iter().fold(0, |bits, rule| bits | bit(*rule)))
    }

    /// The same without one rule.
    #[must_use]
    pub fn without(self, rule: Rule) -> Rules {
        Rules(self.0 & !bit(rule))
    }

    /// Whether the rule is on.
    pub fn has(self, rule: Rule) -> bool {
        self.0 & bit(rule) != 0
    }

    /// Whether no rule is on.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Judges one resource, at which the path of the findings stands; the resources inside it (`contained`, entries of
    /// a Bundle) are for the caller to go into.
    pub fn check<'a>(self, resource: &'a Map<String, Value>, known: &Known, findings: &mut Findings<'a>) {
        let Some(resource_type) = resource.get("resourceType").and_then(Value::as_str) else {
            return;
        };
        if self.is_empty() {
            return;
        }
        let mut report = Report::new(findings, known.types, resource_type);
        sweep::resource(self, resource, &mut report);
        self.any_type(resource_type, resource, &mut report);
        match resource_type {
            "Patient" => self.patient(resource, &mut report),
            "AllergyIntolerance" => self.allergy(resource, &mut report),
            "List" => self.list(resource, &mut report),
            _ => {
                if let Some(kind) = Kind::of(resource_type) {
                    self.medication(kind, resource, &mut report);
                }
            }
        }
    }

    /// Judges what only the resources of a Bundle together show; each by itself is for [`Rules::check`].
    pub fn check_bundle<'a>(self, bundle: &'a Map<String, Value>, known: &Known, findings: &mut Findings<'a>) {
        let mut report = Report::new(findings, known.types, "Bundle");
        if self.has(Rule::NoKnownAllergies) {
            let root = Place::resource();
            let entries: Vec<Place<'_, 'a>> =
                objects(bundle, "entry").map(|(index, _)| root.item("entry", index)).collect();
            let resources = objects(bundle, "entry").zip(&entries);
            let together = resources
                .filter_map(|((_, entry), place)| Some((place.member("resource"), object(entry, "resource")?)));
            no_known_allergies::check_together(together, &mut report);
        }
        if self.has(Rule::InformationSource) {
            information_source::check_bundle(bundle, &mut report);
        }
    }

    fn any_type<'a>(self, resource_type: &str, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
        if self.has(Rule::DegradeCode) {
            degrade_code::check(resource_type, resource, report);
        }
        if self.has(Rule::DoNotPerform) {
            do_not_perform::check(resource, report);
        }
    }

    fn allergy<'a>(self, allergy: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
        if self.has(Rule::NoKnownAllergies) {
            no_known_allergies::check(allergy, report);
        }
        if self.has(Rule::AllergyEnd) {
            allergy_end::check(allergy, report);
        }
    }

    fn list<'a>(self, list: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
        if self.has(Rule::EmptyList) {
            empty_list::check(list, report);
        }
        if self.has(Rule::NoKnownAllergies) {
            let root = Place::resource();
            no_known_allergies::check_together(no_known_allergies::contained(&root, list), report);
        }
    }

    fn medication<'a>(self, kind: Kind, resource: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
        if self.has(Rule::Dmd) {
            dmd::check(kind, resource, report);
        }
        if self.has(Rule::DosageText) {
            dosage_text::check(kind, resource, report);
        }
        if self.has(Rule::DosageContradiction) {
            dosage_contradiction::check(kind, resource, report);
        }
        if self.has(Rule::DosageInNote) {
            dosage_in_note::check(kind, resource, report);
        }
        if self.has(Rule::MedicationStatus) {
            medication_status::check(kind, resource, report);
        }
        if kind == Kind::Statement {
            if self.has(Rule::BasedOnAndDerivedFrom) {
                based_on_and_derived_from::check(resource, report);
            }
            if self.has(Rule::InformationSource) {
                information_source::check(resource, report);
            }
        }
    }

    fn patient<'a>(self, patient: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
        if self.has(Rule::NhsNumber) {
            nhs_number::check_patient(patient, report);
        }
        if self.has(Rule::NhsNumberVerification) {
            nhs_number_verification::check_patient(patient, report);
        }
    }
}

fn bit(rule: Rule) -> u64 {
    1 << rule as u32
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::issue::Issue;
    use serde_json::json;
    use std::sync::LazyLock;

    static KNOWN: LazyLock<Known> = LazyLock::new(Known::built_in);

    /// What the rules find in the resources of a Bundle together, likewise.
    pub fn found_together(rules: Rules, bundle: &Value) -> Vec<String> {
        shown(&issues_by(bundle, |members, known, findings| rules.check_bundle(members, known, findings)))
    }

    /// What the rules find in a resource, each as severity, key and place, in the order found.
    pub fn found(rules: Rules, resource: &Value) -> Vec<String> {
        shown(&issues(rules, resource))
    }

    /// The findings themselves.
    pub fn issues(rules: Rules, resource: &Value) -> Vec<Issue> {
        issues_by(resource, |members, known, findings| rules.check(members, known, findings))
    }

    fn shown(issues: &[Issue]) -> Vec<String> {
        let place = |issue: &Issue| issue.expression.clone().unwrap_or_default();
        issues.iter().map(|issue| format!("{} {} {}", issue.severity.code(), issue.key, place(issue))).collect()
    }

    fn issues_by<'a>(
        resource: &'a Value,
        judge: impl Fn(&'a Map<String, Value>, &Known, &mut Findings<'a>),
    ) -> Vec<Issue> {
        let members = resource.as_object().expect("tests give resources");
        let mut findings = Findings::default();
        findings.path.push(members.get("resourceType").and_then(Value::as_str).expect("tests name the type"));
        judge(members, &KNOWN, &mut findings);
        assert_eq!(findings.path.depth(), 1, "the path is left as it was found");
        let issues = findings.into_issues();
        for issue in &issues {
            assert!(issue.text.ends_with('.') && issue.hint.is_some(), "{issue:?}");
        }
        issues
    }

    #[test]
    fn a_rule_that_is_off_says_nothing() {
        let patient = json!({"resourceType": "Patient", "identifier": [
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990123013"}
        ]});
        let expected = ["error uk.nhs-number Patient.identifier[0].value"];
        assert_eq!(found(Rules::default(), &patient), expected);
        assert_eq!(found(Rules::only(&[Rule::NhsNumber]), &patient), expected);
        assert_eq!(found(Rules::default().without(Rule::NhsNumber), &patient), [""; 0]);
        assert_eq!(found(Rules::only(&[]), &patient), [""; 0]);
        assert!(Rules::only(&[]).is_empty() && !Rules::default().is_empty());
    }
}
