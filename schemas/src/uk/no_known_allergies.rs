//! `no-known-allergies`: "no known allergy" does not stand beside an allergy, nor contradict itself.
//!
//! Source: UK Core implementation guide, AllergyIntolerance: no known allergies is 716186003 or a child of it, and is to be
//! ignored where any other active allergy exists; a nullFlavor is no causative agent. GP Connect, three kinds of absence.

mod absence;

use super::place::Place;
use super::read::{codes, has_code, object, objects, says, text};
use super::report::Report;
use crate::issue::IssueKey;
use absence::Absence;
use serde_json::{Map, Value};
use std::collections::HashMap;

const KEY: IssueKey = IssueKey::UkNoKnownAllergies;
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";

/// An AllergyIntolerance by itself.
pub fn check<'a>(allergy: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let root = Place::resource();
    let Some(code) = object(allergy, "code") else { return };
    let code_place = root.member("code");
    if let Some((index, ..)) = codes(code).find(|(_, system, _)| system.ends_with("/v3-NullFlavor")) {
        let text = "A null flavour is sent as the cause of the allergy, and receivers cannot warn of it.";
        let hint = "send what is known of the cause in `text`, or a List with `emptyReason` where nothing is known";
        report.warning(&code_place.item("coding", index), KEY, text, hint);
    }
    if absence::of(code).is_none() {
        if text(code, "text").is_some_and(absence::is_said_in_words) && !says(code, "coding") {
            let text = "The words say that no allergy is known, but without a code receivers read them as an allergy.";
            let hint = "add SNOMED CT 716186003 (no known allergy), or 409137002 for medicines alone";
            report.warning(&code_place.member("text"), KEY, text, hint);
        }
        return;
    }
    if !counts(allergy) {
        let is_refuted =
            object(allergy, "verificationStatus").is_some_and(|status| has_code(status, VERIFICATION, "refuted"));
        if is_refuted {
            let text = "\"No known allergy\" is refuted, which says that there is an allergy without naming it.";
            report.warning(&root.member("verificationStatus"), KEY, text, "send the allergy itself");
        }
        return;
    }
    if says(allergy, "reaction") {
        let text = "\"No known allergy\" comes with a reaction, which contradicts it.";
        report.warning(&root.member("reaction"), KEY, text, "send the allergy that the reaction belongs to");
    }
}

/// "No known allergy" of a person beside an allergy of the same person, among resources that are sent together.
///
/// Linear in their number: the first allergy of each kind is remembered for each person.
pub fn check_together<'p, 'a: 'p>(
    together: impl Iterator<Item = (Place<'p, 'a>, &'a Map<String, Value>)>,
    report: &mut Report<'_, 'a>,
) {
    let mut absences = Vec::new();
    let mut allergies: HashMap<&str, Kinds> = HashMap::new();
    for (place, resource) in together {
        if text(resource, "resourceType") != Some("AllergyIntolerance") || !counts(resource) {
            continue;
        }
        let Some(code) = object(resource, "code") else { continue };
        let person = person(resource);
        match absence::of(code) {
            Some(absence) => absences.push((place, person, absence)),
            None => allergies.entry(person).or_default().add(resource, code),
        }
    }
    for (place, person, absence) in absences {
        if allergies.get(person).is_some_and(|kinds| kinds.contradict(absence)) {
            let text = "\"No known allergy\" stands beside an active allergy of the same person and is to be ignored.";
            report.warning(&place.member("code"), KEY, text, "leave it out, or end the allergy that no longer holds");
        }
    }
}

/// Which kinds of allergies a person has.
#[derive(Default)]
struct Kinds {
    any: bool,
    medication: bool,
    food: bool,
    environment: bool,
}

impl Kinds {
    fn add(&mut self, allergy: &Map<String, Value>, code: &Map<String, Value>) {
        self.any = true;
        let categories = allergy.get("category").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
        for category in categories.iter().filter_map(Value::as_str) {
            match category {
                "medication" => self.medication = true,
                "food" => self.food = true,
                "environment" => self.environment = true,
                _ => {}
            }
        }
        // What dm+d has a code for is a medicine.
        self.medication |=
            codes(code).any(|(_, system, code)| system.ends_with("://dmd.nhs.uk") || code == "196461000000101");
    }

    fn contradict(&self, absence: Absence) -> bool {
        match absence {
            Absence::Any => self.any,
            Absence::Medication => self.medication,
            Absence::Food => self.food,
            Absence::Environment => self.environment,
            // Narrower kinds are not told apart by FHIR's categories.
            Absence::Narrower => false,
        }
    }
}

/// Whether the statement holds: neither ended nor withdrawn.
fn counts(allergy: &Map<String, Value>) -> bool {
    let has = |member: &str, system: &str, named: &[&str]| {
        object(allergy, member).is_some_and(|status| named.iter().any(|code| has_code(status, system, code)))
    };
    !has("clinicalStatus", CLINICAL, &["inactive", "resolved"])
        && !has("verificationStatus", VERIFICATION, &["refuted", "entered-in-error"])
}

/// Who it is about, as the reference or identifier says; nobody named is one person too.
fn person(allergy: &Map<String, Value>) -> &str {
    let Some(patient) = object(allergy, "patient") else { return "" };
    let by_identifier = || object(patient, "identifier").and_then(|identifier| text(identifier, "value"));
    let reference =
        text(patient, "reference").map(|reference| reference.split("/_history/").next().unwrap_or(reference));
    reference.or_else(by_identifier).unwrap_or_default()
}

/// The resources contained in one, each with its place.
pub fn contained<'p, 'a>(
    root: &'p Place<'p, 'a>,
    resource: &'a Map<String, Value>,
) -> impl Iterator<Item = (Place<'p, 'a>, &'a Map<String, Value>)> {
    objects(resource, "contained").map(|(index, inner)| (root.item("contained", index), inner))
}

#[cfg(test)]
mod tests;
