//! The resources about medicines, and where each holds its medicine and its dosage.

use super::place::Place;
use super::read;
use serde_json::{Map, Value};

/// A kind of resource about medicines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// MedicationStatement.
    Statement,
    /// MedicationRequest.
    Request,
    /// MedicationDispense.
    Dispense,
    /// MedicationAdministration.
    Administration,
    /// Medication, which has no dosage.
    Medication,
}

impl Kind {
    /// By the type of the resource.
    pub fn of(resource_type: &str) -> Option<Kind> {
        match resource_type {
            "MedicationStatement" => Some(Kind::Statement),
            "MedicationRequest" => Some(Kind::Request),
            "MedicationDispense" => Some(Kind::Dispense),
            "MedicationAdministration" => Some(Kind::Administration),
            "Medication" => Some(Kind::Medication),
            _ => None,
        }
    }

    /// The member with the medicine as a CodeableConcept.
    pub fn concept_member(self) -> &'static str {
        if self == Kind::Medication { "code" } else { "medicationCodeableConcept" }
    }

    /// The member with the dosage.
    pub fn dosage_member(self) -> &'static str {
        match self {
            Kind::Request | Kind::Dispense => "dosageInstruction",
            Kind::Statement | Kind::Administration | Kind::Medication => "dosage",
        }
    }

    /// Each dosage with its index; of an Administration, which has one at most, without.
    pub fn dosages<'a>(
        self,
        resource: &'a Map<String, Value>,
    ) -> impl Iterator<Item = (Option<usize>, &'a Map<String, Value>)> + use<'a> {
        let is_list = self != Kind::Administration;
        read::objects(resource, self.dosage_member()).map(move |(at, dosage)| (is_list.then_some(at), dosage))
    }

    /// Where such a dosage stands.
    pub fn dosage_place<'p, 'a>(self, root: &'p Place<'p, 'a>, index: Option<usize>) -> Place<'p, 'a> {
        match index {
            Some(index) => root.item(self.dosage_member(), index),
            None => root.member(self.dosage_member()),
        }
    }
}
