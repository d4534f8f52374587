//! `information-source`: an organisation that is the source of a MedicationStatement can be reached and is known to ODS.
//!
//! Source: UK Core implementation guide, MedicationStatement.informationSource: an organisation shall give contact.name,
//! contact.telecom and its ODS organisation or site code. Judged where the Organization is contained or in the same Bundle.

use super::ods_code;
use super::place::Place;
use super::read::{object, objects, says, text};
use super::report::Report;
use crate::issue::IssueKey;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A MedicationStatement whose source is contained in it.
pub fn check<'a>(statement: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let Some(id) = source(statement).and_then(|reference| reference.strip_prefix('#')) else { return };
    let mut contained = objects(statement, "contained").map(|(_, resource)| resource);
    if let Some(organization) = contained.find(|resource| text(resource, "id") == Some(id)) {
        judge(organization, &Place::resource().member("informationSource"), report);
    }
}

/// The MedicationStatements of a Bundle whose source is another of its entries; linear in the number of entries.
pub fn check_bundle<'a>(bundle: &'a Map<String, Value>, report: &mut Report<'_, 'a>) {
    let root = Place::resource();
    let mut organizations: HashMap<String, &Map<String, Value>> = HashMap::new();
    let statements = |resource: &Map<String, Value>| text(resource, "resourceType") == Some("MedicationStatement");
    if !objects(bundle, "entry").any(|(_, entry)| object(entry, "resource").is_some_and(statements)) {
        return;
    }
    for (_, entry) in objects(bundle, "entry") {
        let Some(resource) = object(entry, "resource") else { continue };
        if text(resource, "resourceType") == Some("Organization") {
            if let Some(url) = text(entry, "fullUrl") {
                organizations.insert(url.to_owned(), resource);
            }
            if let Some(id) = text(resource, "id") {
                organizations.insert(format!("Organization/{id}"), resource);
            }
        }
    }
    for (index, entry) in objects(bundle, "entry") {
        let statement = object(entry, "resource").filter(|resource| statements(resource));
        let organization = statement.and_then(source).and_then(|reference| organizations.get(reference));
        if let Some(organization) = organization {
            let entry = root.item("entry", index);
            judge(organization, &entry.member("resource").member("informationSource"), report);
        }
    }
}

fn source(statement: &Map<String, Value>) -> Option<&str> {
    text(object(statement, "informationSource")?, "reference")
}

fn judge<'a>(organization: &Map<String, Value>, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    if text(organization, "resourceType") != Some("Organization") {
        return;
    }
    let is_ods = |identifier: &Map<String, Value>| {
        matches!(text(identifier, "system"), Some(ods_code::ORGANIZATION | ods_code::SITE)) && says(identifier, "value")
    };
    let has_contact = |member: &str| objects(organization, "contact").any(|(_, contact)| says(contact, member));
    let missing: Vec<&str> = [
        (has_contact("name"), "`contact.name`"),
        (has_contact("telecom"), "`contact.telecom`"),
        (objects(organization, "identifier").any(|(_, identifier)| is_ods(identifier)), "an ODS code"),
    ]
    .into_iter()
    .filter_map(|(is_there, name)| (!is_there).then_some(name))
    .collect();
    if !missing.is_empty() {
        let text = format!("The organisation that is the source lacks {}.", missing.join(" and "));
        let hint = "send whom to ask and how, and the ODS code of the organisation or site";
        report.warning(place, IssueKey::UkInformationSource, text, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{found, found_together};
    use super::super::{Rule, Rules};
    use serde_json::{Value, json};

    fn organizations() -> [(Value, bool); 5] {
        let ods = json!([{"system": super::ods_code::SITE, "value": "ZZ901"}]);
        let contact = json!([{"name": {"text": "Ward"}, "telecom": [{"system": "phone", "value": "01632 960000"}]}]);
        [
            (json!({"resourceType": "Organization", "id": "o", "identifier": ods, "contact": contact}), false),
            (json!({"resourceType": "Organization", "id": "o", "identifier": ods}), true),
            (json!({"resourceType": "Organization", "id": "o", "contact": contact}), true),
            (json!({"resourceType": "Organization", "id": "o", "identifier": ods, "contact": [{"name": {}}]}), true),
            (json!({"resourceType": "Patient", "id": "o"}), false),
        ]
    }

    #[test]
    fn an_organisation_as_source_can_be_reached() {
        let only = Rules::only(&[Rule::InformationSource]);
        for (organization, is_found) in organizations() {
            let statement = |reference: &str| json!({"resourceType": "MedicationStatement", "informationSource": {"reference": reference}});
            let mut contained = statement("#o");
            contained["contained"] = json!([organization]);
            let place = "warning uk.information-source MedicationStatement.informationSource";
            assert_eq!(found(only, &contained), if is_found { vec![place] } else { vec![] }, "{organization}");
            for reference in ["Organization/o", "urn:uuid:5d7b7e0c-0000-4000-8000-000000000001"] {
                let bundle = json!({"resourceType": "Bundle", "entry": [
                    {"resource": statement(reference)},
                    {"fullUrl": "urn:uuid:5d7b7e0c-0000-4000-8000-000000000001", "resource": organization}
                ]});
                let place = "warning uk.information-source Bundle.entry[0].resource.informationSource";
                assert_eq!(found_together(only, &bundle), if is_found { vec![place] } else { vec![] }, "{bundle}");
            }
            assert_eq!(found(only, &statement("Organization/elsewhere")), [""; 0]);
        }
    }
}
