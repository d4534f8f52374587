//! Whose record is asked for, and whether a resource is about that person.

use super::{Found, Record, Resource, read};
use serde_json::Value;

/// The system of NHS numbers.
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// The person asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The Patient resources that are this person.
    pub patients: Vec<usize>,
    /// Texts of references that mean this person where no Patient resource came.
    references: Vec<String>,
    /// Their NHS number.
    pub nhs_number: Option<String>,
}

/// Why nobody could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// Nobody is called so.
    #[error("no Patient `{asked}` is in the record; there are: {known}")]
    Unknown {
        /// As asked.
        asked: String,
        /// Who there is.
        known: String,
    },
    /// Several people, and none is asked for.
    #[error("the record is about several people: {known}; name one with --patient")]
    Several {
        /// Who there is.
        known: String,
    },
}

impl Person {
    /// The person that `asked` names (a Patient's id, reference or NHS number), or the only one of the record.
    ///
    /// Patient resources with the same NHS number are one person.
    pub fn choose(record: &Record<'_>, asked: Option<&str>) -> Result<Person, PersonError> {
        let mut people: Vec<Person> = Vec::new();
        for (index, patient) in record.of("Patient") {
            let number = nhs_number(patient.value);
            let same = people.iter_mut().find(|other| number.is_some() && other.nhs_number == number);
            match same {
                Some(person) => person.patients.push(index),
                None => people.push(Person { patients: vec![index], references: Vec::new(), nhs_number: number }),
            }
        }
        if people.is_empty() {
            people = subjects(record);
        }
        let known = || people.iter().map(|person| person.name(record)).collect::<Vec<_>>().join(", ");
        match asked {
            Some(asked) => people
                .iter()
                .find(|person| person.is_called(record, asked))
                .cloned()
                .ok_or_else(|| PersonError::Unknown { asked: asked.to_string(), known: known() }),
            None if people.len() > 1 => Err(PersonError::Several { known: known() }),
            None => Ok(people.into_iter().next().unwrap_or_default()),
        }
    }

    fn name(&self, record: &Record<'_>) -> String {
        match self.patients.first() {
            Some(index) => record.reference_of(*index),
            None => self.references.first().cloned().unwrap_or_default(),
        }
    }

    fn is_called(&self, record: &Record<'_>, asked: &str) -> bool {
        let id = asked.strip_prefix("Patient/").unwrap_or(asked);
        let number: String = asked.chars().filter(|digit| !digit.is_whitespace()).collect();
        self.nhs_number.as_deref() == Some(number.as_str())
            || self.patients.iter().any(|index| record.at(*index).is_some_and(|patient| patient.id == Some(id)))
            || self.references.iter().any(|reference| reference == asked || reference.ends_with(&format!("/{id}")))
    }

    /// Whether a resource is about this person: yes, no (and about whom), or not said.
    pub fn owns<'v>(&self, record: &Record<'_>, resource: &Resource<'v>) -> Ownership<'v> {
        let Some(subject) = resource.value.get("subject").or_else(|| resource.value.get("patient")) else {
            return Ownership::NotSaid;
        };
        let number = subject.get("identifier").and_then(|identifier| {
            (read::text(identifier, "system") == Some(NHS_NUMBER)).then(|| read::text(identifier, "value")).flatten()
        });
        if let (Some(number), Some(own)) = (number, &self.nhs_number) {
            return if number == own { Ownership::Theirs } else { Ownership::SomebodyElses(number) };
        }
        match record.follow(resource, subject) {
            Found::Resource(index) if self.patients.contains(&index) => Ownership::Theirs,
            Found::Resource(_) => {
                Ownership::SomebodyElses(read::text(subject, "reference").unwrap_or("another person"))
            }
            Found::Missing(reference)
                if self.patients.is_empty() && self.references.iter().any(|own| own == reference) =>
            {
                Ownership::Theirs
            }
            // A record of one person may refer to them by an id that the Patient resource does not bear.
            Found::Missing(reference) => Ownership::SomebodyElses(reference),
            Found::NotSaid => Ownership::NotSaid,
        }
    }
}

/// Whose a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership<'v> {
    /// The person's.
    Theirs,
    /// Somebody else's: what its subject says.
    SomebodyElses(&'v str),
    /// It does not say.
    NotSaid,
}

fn nhs_number(patient: &Value) -> Option<String> {
    read::items(patient, "identifier")
        .find(|identifier| read::text(identifier, "system") == Some(NHS_NUMBER))
        .and_then(|identifier| read::text(identifier, "value"))
        .map(|value| value.chars().filter(|digit| !digit.is_whitespace()).collect())
}

/// The people that resources are about, where no Patient resource came.
fn subjects(record: &Record<'_>) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for resource in &record.resources {
        let Some(subject) = resource.value.get("subject").or_else(|| resource.value.get("patient")) else { continue };
        let Found::Missing(reference) = record.follow(resource, subject) else { continue };
        if !people.iter().any(|person| person.references.iter().any(|own| own == reference)) {
            people.push(Person { references: vec![reference.to_string()], ..Person::default() });
        }
    }
    people
}
