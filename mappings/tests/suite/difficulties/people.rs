//! The same people in several systems are the same people in FHIR: fact by fact, plugin by plugin.

use super::goldens::{Output, is_person, outputs, read_json, samples};
use serde_json::Value;
use std::fmt::Write;

/// What a sample says of a person, as every plugin that knows the person must tell it.
struct Facts {
    person: &'static str,
    /// Substances; a plugin that tells of allergies tells no others.
    allergies: &'static [&'static str],
    /// Words that stand in a Flag where the plugin's samples say it.
    flags: &'static [&'static str],
    /// Medicine, local time of day as `MM-DD HH:MM` in which it may be told, and what became of it.
    doses: &'static [(&'static str, &'static str, &'static str)],
}

const FACTS: [Facts; 4] = [
    Facts {
        person: "P1",
        allergies: &["penicillin"],
        flags: &[],
        doses: &[
            ("co-careldopa 25", "10-19 07:58", "completed"),
            ("blister", "10-19 07:59", "completed"),
            ("paracetamol", "10-25 01:20", "completed"),
        ],
    },
    Facts {
        person: "P2",
        allergies: &["trimethoprim", "plasters"],
        flags: &["cpr"],
        doses: &[("furosemide", "10-24 08:09", "not-done"), ("morphine 10mg m", "10-24 20:01", "completed")],
    },
    Facts {
        person: "P3",
        allergies: &[],
        flags: &[],
        doses: &[
            ("donepezil", "10-24 21:47", "not-done"),
            ("donepezil", "10-24 22:40", "completed"),
            ("amoxicillin", "10-24 21:50", "entered-in-error"),
        ],
    },
    Facts { person: "P4", allergies: &["latex", "nuts", "lactose"], flags: &[], doses: &[] },
];

/// Who is named for an archetype, and of whom its samples hold no record: events about others that name them, and a row
/// that has nothing but a number.
const NOT_DESCRIBED: [(&str, &str); 3] = [("event-stream", "P2"), ("event-stream", "P4"), ("council-forms", "P5")];

/// Words that deny or do not tell; they are no substances.
const DENIALS: [&str; 6] = ["nkda", "nka", "nkfa", "no known", "not known", "none"];

#[test]
fn each_plugin_tells_the_same_facts_of_the_same_people() {
    let Some(folder) = samples() else { return };
    let all = outputs(&folder);
    let people = read_json(&folder.join("00_people.json"));
    let mut failed = String::new();
    for person in people["people"].as_array().into_iter().flatten() {
        for output in &all {
            let found: Vec<&Value> = of_type(output, "Patient").filter(|one| is_person(one, person)).collect();
            let is_in = person["in"].as_array().is_some_and(|all| all.iter().any(|one| one == output.archetype));
            let known = (output.plugin, person["key"].as_str().unwrap_or_default());
            match (found.is_empty(), known.1 == "X1") {
                (true, false) if is_in && !NOT_DESCRIBED.contains(&known) => {
                    let _ = write!(failed, "\n{} does not tell of {}", known.0, known.1);
                }
                (false, true) => {
                    let _ = write!(failed, "\n{} publishes {}, who is nobody", known.0, known.1);
                }
                _ => {}
            }
            for patient in &found {
                demographics(output, patient, person, &mut failed);
            }
            let facts = FACTS.iter().find(|facts| person["key"] == facts.person);
            if let Some(facts) = facts {
                clinical(output, &found, facts, &mut failed);
            }
        }
    }
    for facts in &FACTS {
        told_by_somebody(&all, &people, facts, &mut failed);
    }
    assert!(failed.is_empty(), "{failed}");
}

/// A fact that no plugin tells would be contradicted by none.
fn told_by_somebody(all: &[Output], people: &Value, facts: &Facts, failed: &mut String) {
    let person = people["people"].as_array().into_iter().flatten().find(|person| person["key"] == facts.person);
    let Some(person) = person else { return };
    let theirs: Vec<&Value> = all
        .iter()
        .flat_map(|output| {
            let patients: Vec<&Value> = of_type(output, "Patient").filter(|one| is_person(one, person)).collect();
            output.resources.iter().filter(move |one| is_of(&patients, one))
        })
        .collect();
    let says = |kind: &str, words: &[&str]| {
        let mut all = theirs.iter().filter(|one| one["resourceType"] == kind);
        all.any(|one| words.iter().all(|word| one.to_string().to_lowercase().contains(word)))
    };
    for substance in facts.allergies.iter().filter(|substance| !says("AllergyIntolerance", &[substance])) {
        let _ = write!(failed, "\n{}: no plugin tells of the allergy {substance}", facts.person);
    }
    for word in facts.flags.iter().filter(|word| !says("Flag", &[word])) {
        let _ = write!(failed, "\n{}: no plugin has a flag of {word}", facts.person);
    }
    for (medicine, at, status) in facts.doses {
        let is_it = |one: &&&Value| is_dose(one, medicine, at) && one["status"] == *status;
        if theirs.iter().find(is_it).is_none() {
            let _ = write!(failed, "\n{} {medicine} {at}: no plugin tells that it was {status}", facts.person);
        }
    }
}

/// Whether a resource is about one of these Patients.
fn is_of(patients: &[&Value], one: &Value) -> bool {
    let subject = one.get("subject").or_else(|| one.get("patient")).unwrap_or(&Value::Null);
    let id = subject["reference"].as_str().and_then(|text| text.strip_prefix("Patient/"));
    patients.iter().any(|patient| id.is_some() && id == patient["id"].as_str())
}

fn is_dose(one: &Value, medicine: &str, at: &str) -> bool {
    let text = one["medicationCodeableConcept"].to_string() + &one["contained"].to_string();
    let time = one["effectiveDateTime"].as_str().map(local).unwrap_or_default();
    one["resourceType"] == "MedicationAdministration" && text.to_lowercase().contains(medicine) && time == at
}

fn of_type<'o>(output: &'o Output, kind: &'static str) -> impl Iterator<Item = &'o Value> {
    output.resources.iter().filter(move |one| one["resourceType"] == kind)
}

fn demographics(output: &Output, patient: &Value, person: &Value, failed: &mut String) {
    let (plugin, key) = (output.plugin, &person["key"]);
    let mut tell = |what: &str, wanted: &Value, found: &Value| {
        let _ = write!(failed, "\n{plugin} {key} {what}: wanted {wanted}, found {found}");
    };
    let birth = person["birthDate"].as_str().unwrap_or_default();
    let told = patient["birthDate"].as_str().unwrap_or_default();
    // Of an estimated date only the year is known, and only the year is told.
    let wanted = birth.split(' ').next().unwrap_or_default();
    // A system that does not say that it is estimated cannot tell.
    let unmarked = birth.contains("vendors send") && birth.contains(told);
    if !told.is_empty() && told != wanted && !unmarked {
        tell("birthDate", &person["birthDate"], &patient["birthDate"]);
    }
    let gender = person["gender"].as_str().map(|gender| gender.rsplit(' ').next().unwrap_or_default());
    // What nobody wished to say is told as whatever each system's own list has for it, and never as one of the two.
    let unsaid = |found: &str| gender == Some("unknown") && found == "other";
    if let (Some(wanted), Some(found)) = (gender, patient["gender"].as_str())
        && wanted != found
        && !unsaid(found)
    {
        tell("gender", &wanted.into(), &patient["gender"]);
    }
    let nhs = patient["identifier"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["system"] == "https://fhir.nhs.uk/Id/nhs-number");
    let number = nhs.map(|one| one["value"].clone());
    let is_valid = person["invalid"] != Value::Bool(true);
    let right = match &number {
        None => true,
        Some(number) => is_valid && (*number == person["nhsNumber"] || *number == person["nhsNumberTracedLater"]),
    };
    if !right {
        tell("NHS number", &person["nhsNumber"], &number.unwrap_or_default());
    }
    let status = nhs.map(|one| one["extension"][0]["valueCodeableConcept"]["coding"][0]["code"].clone());
    if status.as_ref().is_some_and(|status| status == "01") {
        tell("NHS number status", &"02".into(), &status.unwrap_or_default());
    }
    let family = person["name"].as_str().and_then(|name| name.split(' ').next_back()).unwrap_or_default();
    let folded = |text: &str| text.to_lowercase().replace(['-', ' '], "");
    if !patient["name"].is_null() && !folded(&patient["name"].to_string()).contains(&folded(family)) {
        tell("name", &person["name"], &patient["name"]);
    }
}

fn clinical(output: &Output, patients: &[&Value], facts: &Facts, failed: &mut String) {
    let plugin = output.plugin;
    let is_theirs = |one: &Value| is_of(patients, one);
    for one in of_type(output, "AllergyIntolerance").filter(|one| is_theirs(one)) {
        let ended = one["clinicalStatus"]["coding"][0]["code"].as_str().is_some_and(|code| code != "active");
        let text = format!("{} {}", one["code"]["text"], one["code"]["coding"]).to_lowercase();
        let denies = DENIALS.iter().any(|word| text.contains(word));
        if !ended && !denies && !facts.allergies.iter().any(|substance| text.contains(substance)) {
            let _ = write!(failed, "\n{plugin} {}: an allergy that nobody has: {text}", facts.person);
        }
        if denies && !facts.allergies.is_empty() && one["verificationStatus"]["coding"][0]["code"] == "confirmed" {
            let _ = write!(failed, "\n{plugin} {}: denies allergies beside one: {text}", facts.person);
        }
    }
    let flags: Vec<String> =
        of_type(output, "Flag").filter(|one| is_theirs(one)).map(|one| one.to_string().to_lowercase()).collect();
    for word in facts.flags {
        // A system that says nothing of it says nothing; one that does says it as it is.
        if flags.iter().any(|flag| flag.contains("respect")) && !flags.iter().any(|flag| flag.contains(word)) {
            let _ = write!(failed, "\n{plugin} {}: its flags do not say {word}", facts.person);
        }
    }
    for (medicine, at, status) in facts.doses {
        let told =
            of_type(output, "MedicationAdministration").filter(|one| is_theirs(one) && is_dose(one, medicine, at));
        for one in told.filter(|one| one["status"] != *status && one["status"] != "unknown") {
            let _ =
                write!(failed, "\n{plugin} {} {medicine} {at}: wanted {status}, found {}", facts.person, one["status"]);
        }
    }
}

/// Month, day and minute of an instant as a clock in London showed it.
fn local(instant: &str) -> String {
    let Ok(zoned) = instant.parse::<jiff::Timestamp>() else { return String::new() };
    let Ok(zone) = jiff::tz::TimeZone::get("Europe/London") else { return String::new() };
    zoned.to_zoned(zone).strftime("%m-%d %H:%M").to_string()
}
