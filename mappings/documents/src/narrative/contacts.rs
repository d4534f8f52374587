//! Whom to call: family and friends, those who care for the person as their work, and the practice.

use super::Context;
use crate::words;
use crate::xhtml::Xhtml;
use ginnel_medicines::record::{Found, Resource, read};
use serde_json::Value;

/// The systems of ODS codes.
const ODS: [&str; 2] = ["https://fhir.nhs.uk/Id/ods-organization-code", "https://fhir.nhs.uk/Id/ods-site-code"];

/// Words of those who care for the person as their work.
const PROFESSIONS: [&str; 27] = [
    "nurse",
    "nursing",
    "doctor",
    "gp",
    "surgery",
    "practice",
    "pharmac",
    "chemist",
    "social worker",
    "therap",
    "physio",
    "dentist",
    "dental",
    "optician",
    "chiropod",
    "podiatr",
    "consultant",
    "hospital",
    "hospice",
    "care manager",
    "care coordinator",
    "key worker",
    "keyworker",
    "advocate",
    "solicitor",
    "social services",
    "psychiatr",
];

/// Whether a contact or RelatedPerson is there as their work.
pub fn is_professional(contact: &Value) -> bool {
    if contact.get("organization").is_some() {
        return true;
    }
    let told = |concept: &Value| {
        let text = words::concept(concept).to_lowercase();
        let coded = read::codings(concept).map(|(_, code)| code.to_lowercase().replace(['_', '-'], " "));
        std::iter::once(text).chain(coded).any(|text| {
            text.split(|it: char| !it.is_alphanumeric() && it != ' ').any(|part| {
                let padded = format!(" {}", part.trim());
                PROFESSIONS.iter().any(|word| match *word {
                    "gp" => format!("{padded} ").contains(" gp "),
                    word => padded.contains(&format!(" {word}")),
                })
            })
        })
    };
    // A daughter who is a nurse is a daughter.
    let family = |concept: &Value| {
        read::codings(concept).any(|(system, code)| {
            system.is_some_and(|system| system.ends_with("v3-RoleCode")) && code != "GUARD"
                || matches!(code, "N" | "next_of_kin")
        })
    };
    let relationships: Vec<&Value> = read::items(contact, "relationship").collect();
    !relationships.iter().any(|it| family(it)) && relationships.iter().any(|it| told(it))
}

/// How soon somebody is to be called: next of kin and emergency contacts first.
fn rank(contact: &Value) -> u8 {
    let is = |codes: &[&str], said: &[&str]| {
        read::items(contact, "relationship").any(|concept| {
            let text = words::concept(concept).to_lowercase();
            read::has_code(concept, codes) || said.iter().any(|word| text.contains(word))
        })
    };
    if is(&["C"], &["emergency contact"]) {
        0
    } else if is(&["N"], &["next of kin"]) {
        1
    } else {
        2
    }
}

/// Writes one table, those to be called first at its top.
pub fn write(page: &mut Xhtml, context: &Context<'_>, entries: &[usize], professional: bool) {
    let mut rows: Vec<(u8, Vec<String>)> = Vec::new();
    for resource in context.resources(entries) {
        match resource.kind {
            "Patient" => {
                let contacts = read::items(resource.value, "contact").filter(|it| is_professional(it) == professional);
                rows.extend(contacts.map(|contact| (rank(contact), line(context, resource, contact))));
                if professional {
                    let named = read::items(resource.value, "generalPractitioner");
                    rows.extend(named.map(|reference| (1, general_practitioner(context, resource, reference))));
                }
            }
            "RelatedPerson" => rows.push((rank(resource.value), line(context, resource, resource.value))),
            _ => {}
        }
    }
    rows.sort_by_key(|row| row.0);
    // A contact of the Patient that is also a RelatedPerson stands once where both say the same.
    let mut seen: Vec<Vec<String>> = Vec::new();
    rows.retain(|row| {
        let is_new = !seen.contains(&row.1);
        seen.push(row.1.clone());
        is_new
    });
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.1).collect();
    let caption = if professional { "Professional contacts" } else { "Personal contacts" };
    page.table(caption, &["Name", "Who they are", "How to reach them", "Note"], &rows);
    let others: Vec<usize> = entries
        .iter()
        .copied()
        .filter(|index| context.record.at(*index).is_some_and(|it| !matches!(it.kind, "Patient" | "RelatedPerson")))
        .collect();
    super::resources::write(page, context, &others);
}

fn line(context: &Context<'_>, from: &Resource<'_>, contact: &Value) -> Vec<String> {
    let names: Vec<String> = read::items(contact, "name").map(words::name).filter(|name| !name.is_empty()).collect();
    let organization = contact.get("organization").map(|it| words::reference(&context.record, from, it));
    let name = names.into_iter().chain(organization).collect::<Vec<_>>().join(", ");
    let mut roles: Vec<String> = Vec::new();
    for role in read::items(contact, "relationship").map(words::concept).filter(|role| !role.is_empty()) {
        // A code without words of its own repeats what another says.
        if !role.starts_with("(no words") && !roles.contains(&role) {
            roles.push(role);
        }
    }
    let mut reach: Vec<String> = read::items(contact, "telecom").map(words::telecom).collect();
    reach.extend(read::items(contact, "address").map(words::address));
    let known = ["name", "relationship", "telecom", "address", "organization", "active", "extension"];
    let rest = words::rows(&context.record, from).into_iter();
    let note: Vec<String> = if from.kind == "RelatedPerson" {
        rest.filter(|row| !known.iter().any(|member| words::label(member) == row.label))
            .map(|row| words::flat(&row))
            .collect()
    } else {
        ["gender", "period"]
            .into_iter()
            .filter_map(|member| contact.get(member).and_then(|it| words::simple(&context.record, from, it)))
            .collect()
    };
    let or = |text: String, instead: &str| if text.is_empty() { instead.to_owned() } else { text };
    vec![or(name, "(name not stated)"), roles.join("; "), or(reach.join("; "), "(not stated)"), note.join("; ")]
}

fn general_practitioner(context: &Context<'_>, patient: &Resource<'_>, reference: &Value) -> Vec<String> {
    let (name, code, reach) = practice_of(context, patient, reference);
    let code = code.map(|code| format!("ODS code {code}")).unwrap_or_default();
    vec![
        name,
        "General practitioner".into(),
        if reach.is_empty() { "(not stated)".into() } else { reach.join("; ") },
        code,
    ]
}

/// Name, ODS code, and how to reach the practice that a Patient names.
pub fn practice_of(
    context: &Context<'_>,
    patient: &Resource<'_>,
    reference: &Value,
) -> (String, Option<String>, Vec<String>) {
    let name = words::reference(&context.record, patient, reference);
    let mut code = reference.get("identifier").and_then(ods);
    let mut reach: Vec<String> = read::items(reference, "extension")
        .filter(|it| read::text(it, "url").is_some_and(|url| url.ends_with("phone")))
        .filter_map(|it| read::extension_value(it).and_then(Value::as_str))
        .map(str::to_owned)
        .collect();
    let mut open = vec![context.record.follow(patient, reference)];
    let mut steps = 0;
    while let Some(Found::Resource(index)) = open.pop() {
        steps += 1;
        let Some(found) = context.record.at(index).filter(|_| steps < 4) else { continue };
        if found.kind == "Organization" {
            code = code.or_else(|| read::items(found.value, "identifier").find_map(ods));
        }
        reach.extend(read::items(found.value, "telecom").map(words::telecom));
        reach.extend(read::items(found.value, "address").map(words::address));
        open.extend(
            ["organization"].iter().filter_map(|it| found.value.get(*it)).map(|it| context.record.follow(found, it)),
        );
    }
    (name, code, reach)
}

fn ods(identifier: &Value) -> Option<String> {
    let system = read::text(identifier, "system")?;
    ODS.contains(&system).then(|| read::text(identifier, "value").map(str::to_owned)).flatten()
}

/// Writes the practice.
pub fn practice(page: &mut Xhtml, context: &Context<'_>, entries: &[usize]) {
    let mut rows = Vec::new();
    for patient in context.resources(entries) {
        for reference in read::items(patient.value, "generalPractitioner") {
            let (name, code, reach) = practice_of(context, patient, reference);
            let code = code.unwrap_or_else(|| "not in the record".to_owned());
            rows.push(vec![name, code, reach.join("; ")]);
        }
    }
    page.table("GP practice", &["Name", "ODS code", "How to reach it"], &rows);
}

#[cfg(test)]
mod tests {
    use super::is_professional;
    use serde_json::json;

    #[test]
    fn who_cares_as_their_work_is_told_from_family() {
        for (contact, professional) in [
            (json!({"relationship": [{"text": "District nurse"}]}), true),
            (json!({"relationship": [{"text": "GP"}]}), true),
            (json!({"relationship": [{"text": "Sister; next of kin"}]}), false),
            (
                json!({"relationship": [{"text": "Daughter, is a nurse", "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "DAUC"}]}]}),
                false,
            ),
            (json!({"organization": {"display": "Larchford Pharmacy"}}), true),
            (json!({"relationship": [{"text": "Neighbour"}]}), false),
            (json!({"relationship": [{"coding": [{"code": "district_nurse"}]}]}), true),
            (json!({}), false),
        ] {
            assert_eq!(is_professional(&contact), professional, "{contact}");
        }
    }
}
