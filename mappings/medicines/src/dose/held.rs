//! Where Dosages stand: alone, in a list, in a resource, or in the resources of a Bundle.

use serde_json::Value;

/// Members of resources that hold Dosages, whatever the FHIR version.
const MEMBERS: &[&str] = &["dosageInstruction", "dosage"];
/// Resource types that are about a dose, so that one without Dosage is worth a word.
const OF_MEDICINE: &[&str] =
    &["MedicationRequest", "MedicationStatement", "MedicationUsage", "MedicationDispense", "MedicationAdministration"];

/// The Dosages of one medicine and where they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Held<'v> {
    /// The resource that holds them, as `Type/id` or the entry's fullUrl.
    pub reference: Option<String>,
    /// The element that holds them, such as `MedicationRequest.dosageInstruction`.
    pub element: String,
    /// They themselves.
    pub dosages: Vec<&'v Value>,
}

/// All Dosages of a document, medicine by medicine, in its order; nothing where it is none that holds any.
///
/// A resource about a medicine that has no Dosage is there with an empty list.
pub fn held(document: &Value) -> Vec<Held<'_>> {
    let mut all = Vec::new();
    collect(document, None, &mut all);
    all
}

fn collect<'v>(document: &'v Value, full_url: Option<&str>, all: &mut Vec<Held<'v>>) {
    match document {
        Value::Array(list) if list.iter().any(|item| resource_type(item).is_some()) => {
            list.iter().for_each(|item| collect(item, None, all));
        }
        Value::Array(list) => {
            all.push(Held { reference: None, element: "Dosage".to_owned(), dosages: list.iter().collect() });
        }
        Value::Object(_) => match resource_type(document) {
            Some("Bundle") => entries(document, all),
            Some(kind) => of_resource(document, kind, full_url, all),
            None => all.push(Held { reference: None, element: "Dosage".to_owned(), dosages: vec![document] }),
        },
        _ => {}
    }
}

fn resource_type(value: &Value) -> Option<&str> {
    value.get("resourceType").and_then(Value::as_str)
}

fn entries<'v>(bundle: &'v Value, all: &mut Vec<Held<'v>>) {
    for entry in bundle.get("entry").and_then(Value::as_array).into_iter().flatten() {
        if let Some(resource) = entry.get("resource") {
            collect(resource, entry.get("fullUrl").and_then(Value::as_str), all);
        }
    }
}

fn of_resource<'v>(resource: &'v Value, kind: &str, full_url: Option<&str>, all: &mut Vec<Held<'v>>) {
    let reference = match resource.get("id").and_then(Value::as_str) {
        Some(id) => Some(format!("{kind}/{id}")),
        None => full_url.map(str::to_owned),
    };
    let reference = reference.or_else(|| Some(kind.to_owned()));
    let mut is_held = false;
    for name in MEMBERS {
        let Some(value) = resource.get(*name).filter(|value| !value.is_null()) else { continue };
        let dosages = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
        all.push(Held { reference: reference.clone(), element: format!("{kind}.{name}"), dosages });
        is_held = true;
    }
    if !is_held && OF_MEDICINE.contains(&kind) {
        let name =
            if matches!(kind, "MedicationRequest" | "MedicationDispense") { "dosageInstruction" } else { "dosage" };
        all.push(Held { reference, element: format!("{kind}.{name}"), dosages: Vec::new() });
    }
    for contained in resource.get("contained").and_then(Value::as_array).into_iter().flatten() {
        collect(contained, None, all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dosages_are_found_alone_in_lists_in_resources_and_in_bundles() {
        let dosage = json!({"text": "ONE DAILY"});
        let request = json!({"resourceType": "MedicationRequest", "id": "1", "dosageInstruction": [dosage, dosage]});
        let given = json!({"resourceType": "MedicationAdministration", "dosage": dosage});
        let none = json!({"resourceType": "MedicationStatement", "id": "2"});
        let bundle = json!({"resourceType": "Bundle", "entry": [
            {"resource": request}, {"fullUrl": "urn:uuid:7", "resource": given}, {"resource": none},
            {"resource": {"resourceType": "Patient", "id": "p"}}, {"fullUrl": "urn:uuid:8"}
        ]});
        let told = |document: &Value| -> Vec<String> {
            let line = |held: &Held<'_>| {
                format!("{} {} {}", held.reference.as_deref().unwrap_or("-"), held.element, held.dosages.len())
            };
            held(document).iter().map(line).collect()
        };
        assert_eq!(told(&dosage), ["- Dosage 1"]);
        assert_eq!(told(&json!([dosage, dosage])), ["- Dosage 2"]);
        assert_eq!(told(&request), ["MedicationRequest/1 MedicationRequest.dosageInstruction 2"]);
        assert_eq!(
            told(&bundle),
            [
                "MedicationRequest/1 MedicationRequest.dosageInstruction 2",
                "urn:uuid:7 MedicationAdministration.dosage 1",
                "MedicationStatement/2 MedicationStatement.dosage 0"
            ]
        );
        assert_eq!(told(&json!([request])), told(&request));
        assert_eq!(told(&json!("x")), Vec::<String>::new());
        assert_eq!(told(&json!({"resourceType": "Patient"})), Vec::<String>::new());
    }
}
