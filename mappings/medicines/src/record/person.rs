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
    /// Patient resources with the same NHS number are one person, and those that a Person of the record links.
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
        for (_, person) in record.of("Person") {
            join(&mut people, &linked(record, person));
        }
        if people.is_empty() {
            people = subjects(record);
        }
        if let [only] = people.as_mut_slice() {
            only.adopt(record);
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

    /// Where nothing refers to the only Patient, and all that has a subject has the same one, that one is meant: a Patient
    /// without an id, or with another than the supplier refers to.
    fn adopt(&mut self, record: &Record<'_>) {
        if self.patients.is_empty() {
            return;
        }
        let mut meant: Vec<&str> = Vec::new();
        for resource in &record.resources {
            let Some(subject) = subject_of(resource) else { continue };
            match record.follow(resource, subject) {
                Found::Resource(_) => return,
                Found::Missing(reference) if !meant.contains(&reference) => meant.push(reference),
                _ => {}
            }
        }
        if let [only] = meant.as_slice() {
            self.references.push(only.to_string());
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
        let Some(subject) = subject_of(resource) else {
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
            Found::Missing(reference) if self.references.iter().any(|own| own == reference) => Ownership::Theirs,
            Found::Missing(reference) => Ownership::NotFound(reference),
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
    /// Its subject is not in the record.
    NotFound(&'v str),
    /// It does not say.
    NotSaid,
}

/// The Patients of a record that a Person links.
fn linked(record: &Record<'_>, person: &Resource<'_>) -> Vec<usize> {
    let links = read::items(person.value, "link").filter_map(|link| link.get("target"));
    let found = links.filter_map(|target| match record.follow(person, target) {
        Found::Resource(index) => Some(index),
        _ => None,
    });
    found.collect()
}

/// Makes one person of all that have one of these Patients.
fn join(people: &mut Vec<Person>, patients: &[usize]) {
    let is_meant = |person: &Person| person.patients.iter().any(|patient| patients.contains(patient));
    let Some(first) = people.iter().position(is_meant) else { return };
    let mut at = first + 1;
    while let Some(person) = people.get(at) {
        if !is_meant(person) {
            at += 1;
            continue;
        }
        let other = people.remove(at);
        if let Some(one) = people.get_mut(first) {
            one.patients.extend(other.patients);
            one.nhs_number = one.nhs_number.take().or(other.nhs_number);
        }
    }
}

fn subject_of<'v>(resource: &Resource<'v>) -> Option<&'v Value> {
    resource.value.get("subject").or_else(|| resource.value.get("patient"))
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
        let Some(subject) = subject_of(resource) else { continue };
        let Found::Missing(reference) = record.follow(resource, subject) else { continue };
        if !people.iter().any(|person| person.references.iter().any(|own| own == reference)) {
            people.push(Person { references: vec![reference.to_string()], ..Person::default() });
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Document;
    use serde_json::json;

    fn bundle(resources: &[Value]) -> Value {
        let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
        json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
    }

    fn read(value: &Value) -> Record<'_> {
        Record::read(&[Document { name: "test".into(), value }])
    }

    fn statement(subject: &str) -> Value {
        json!({"resourceType": "MedicationStatement", "id": "s", "subject": {"reference": subject}})
    }

    #[test]
    fn patients_that_a_person_links_are_one_and_others_are_not() {
        let patient = |id: &str| json!({"resourceType": "Patient", "id": id});
        let link = |id: &str| json!({"target": {"reference": format!("Patient/{id}")}});
        let value = bundle(&[
            patient("a"),
            patient("b"),
            patient("c"),
            json!({"resourceType": "Person", "id": "p", "link": [link("c"), link("a"), link("gone")]}),
            statement("Patient/c"),
        ]);
        let record = read(&value);
        let person = Person::choose(&record, Some("a")).expect("a person");
        assert_eq!(person.patients.len(), 2);
        let (_, statement) = record.of("MedicationStatement").next().expect("a statement");
        assert_eq!(person.owns(&record, statement), Ownership::Theirs);
        let other = Person::choose(&record, Some("b")).expect("a person");
        assert_eq!(other.owns(&record, statement), Ownership::SomebodyElses("Patient/c"));
    }

    #[test]
    fn a_resource_of_another_patient_is_not_this_persons() {
        let value = bundle(&[
            json!({"resourceType": "Patient", "id": "a"}),
            json!({"resourceType": "Patient", "id": "b"}),
            statement("Patient/b"),
        ]);
        let record = read(&value);
        assert!(matches!(Person::choose(&record, None), Err(PersonError::Several { .. })));
        let person = Person::choose(&record, Some("Patient/a")).expect("a person");
        let (_, statement) = record.of("MedicationStatement").next().expect("a statement");
        assert_eq!(person.owns(&record, statement), Ownership::SomebodyElses("Patient/b"));
        assert!(matches!(Person::choose(&record, Some("c")), Err(PersonError::Unknown { .. })));
    }

    #[test]
    fn two_patients_with_one_nhs_number_are_one_person() {
        let patient = |id: &str, number: &str| json!({"resourceType": "Patient", "id": id, "identifier": [{"system": NHS_NUMBER, "value": number}]});
        let value = bundle(&[patient("a", "999 012 3012"), patient("b", "9990123012"), statement("Patient/b")]);
        let record = read(&value);
        let person = Person::choose(&record, None).expect("one person");
        assert_eq!(person.patients.len(), 2);
        assert_eq!(Person::choose(&record, Some("999 012 3012")), Ok(person));
    }

    #[test]
    fn a_record_without_its_patient_is_still_about_the_one_it_refers_to() {
        let value = bundle(&[statement("Patient/gone")]);
        let record = read(&value);
        let person = Person::choose(&record, None).expect("one person");
        let (_, statement) = record.of("MedicationStatement").next().expect("a statement");
        assert_eq!(person.owns(&record, statement), Ownership::Theirs);
    }

    #[test]
    fn a_patient_without_an_id_is_the_one_that_all_refer_to() {
        let value = bundle(&[json!({"resourceType": "Patient"}), statement("Patient/p")]);
        let record = read(&value);
        let person = Person::choose(&record, None).expect("one person");
        let (_, statement) = record.of("MedicationStatement").next().expect("a statement");
        assert_eq!(person.owns(&record, statement), Ownership::Theirs);
    }
}
