//! Compares references as FHIR writes them: relative, absolute, with or without a version.

use serde_json::Value;

/// `Type/id` of a reference text, without base URL and version; `None` for anything else.
pub(crate) fn target(reference: &str) -> Option<(&str, &str)> {
    let unversioned = reference.split("/_history/").next().unwrap_or(reference);
    let mut parts = unversioned.rsplit('/');
    let id = parts.next().filter(|id| !id.is_empty())?;
    let resource_type = parts.next()?;
    let is_type = resource_type.starts_with(|first: char| first.is_ascii_uppercase());
    is_type.then_some((resource_type, id))
}

/// The id of the Patient that the Reference at a JSON Pointer leads to.
pub(crate) fn patient_id<'a>(resource: &'a Value, at: &str) -> Option<&'a str> {
    let text = resource.pointer(at)?.get("reference")?.as_str()?;
    target(text).filter(|(resource_type, _)| *resource_type == "Patient").map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_of_a_reference_leads_to_one_target() {
        for text in
            ["Patient/p1", "Patient/p1/_history/3", "http://h/fhir/R4/Patient/p1", "https://h/Patient/p1/_history/1"]
        {
            assert_eq!(target(text), Some(("Patient", "p1")), "{text}");
        }
        for text in ["", "p1", "#p1", "urn:uuid:1", "Patient/", "http://h/p1"] {
            assert_eq!(target(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_patient_is_a_patient() {
        let resource = json!({"subject": {"reference": "Group/g1"}, "patient": {"reference": "Patient/p1"}});
        assert_eq!(patient_id(&resource, "/subject"), None);
        assert_eq!(patient_id(&resource, "/patient"), Some("p1"));
        assert_eq!(patient_id(&resource, "/nobody"), None);
    }
}
