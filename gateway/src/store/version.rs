//! One version of a resource: how it is stamped when written and how it reads back.

use serde_json::{Map, Value};

/// One version of a resource as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// Resource type.
    pub resource_type: String,
    /// Id.
    pub id: String,
    /// Version, from 1.
    pub version: u64,
    /// When it was written, RFC 3339 in UTC with milliseconds.
    pub last_updated: String,
    /// Whether this version says that the resource is deleted; then there is no content.
    pub deleted: bool,
    /// Whether no version of the resource may be shown: what its sender says of it is held back now. Then there is no
    /// content.
    pub withheld: bool,
    /// The resource as JSON text, with `meta.versionId` and `meta.lastUpdated`.
    pub content: String,
}

/// The resource as text with its version and time in `meta`, and where it comes from unless it says so itself or that is
/// empty; every other member stays as it is, in its place.
pub fn stamp(resource: &Value, version: u64, last_updated: &str, origin: &str) -> String {
    let mut stamped = resource.clone();
    if let Value::Object(members) = &mut stamped {
        stamp_meta(members, version, last_updated, origin);
    }
    stamped.to_string()
}

fn stamp_meta(members: &mut Map<String, Value>, version: u64, last_updated: &str, origin: &str) {
    if !members.get("meta").is_some_and(Value::is_object) {
        members.shift_remove("meta");
        let place = members.keys().take_while(|name| *name == "resourceType" || *name == "id").count();
        members.shift_insert(place, "meta".into(), Value::Object(Map::new()));
    }
    if let Some(Value::Object(meta)) = members.get_mut("meta") {
        meta.insert("versionId".into(), version.to_string().into());
        meta.insert("lastUpdated".into(), last_updated.into());
        if !origin.is_empty() && !meta.contains_key("source") {
            meta.insert("source".into(), origin.into());
        }
    }
}

/// Type and id of a resource, if it has both as FHIR spells them.
pub fn type_and_id(resource: &Value) -> Option<(&str, &str)> {
    let resource_type = resource.get("resourceType")?.as_str()?;
    let id = resource.get("id")?.as_str()?;
    (is_type(resource_type) && is_id(id)).then_some((resource_type, id))
}

/// Whether a text is spelled as an id (<https://hl7.org/fhir/R4/datatypes.html#id>).
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Whether a text is spelled as a resource type.
pub fn is_type(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn stamping_keeps_the_profile_and_the_order_of_members() {
        let resource = json!({"resourceType": "Patient", "id": "a", "meta": {"profile": ["p"]}, "active": true});
        assert_eq!(
            stamp(&resource, 2, "2026-01-02T03:04:05.006Z", ""),
            r#"{"resourceType":"Patient","id":"a","meta":{"profile":["p"],"versionId":"2","lastUpdated":"2026-01-02T03:04:05.006Z"},"active":true}"#
        );
    }

    #[test]
    fn a_resource_without_meta_gets_one_after_its_id() {
        let resource = json!({"resourceType": "Patient", "id": "a", "active": true});
        assert_eq!(
            stamp(&resource, 1, "t", ""),
            r#"{"resourceType":"Patient","id":"a","meta":{"versionId":"1","lastUpdated":"t"},"active":true}"#
        );
    }

    #[test]
    fn where_a_resource_comes_from_is_said_unless_it_says_so_itself() {
        let read = |resource: &Value| serde_json::from_str::<Value>(&stamp(resource, 1, "t", "urn:a")).expect("JSON");
        let resource = json!({"resourceType": "Patient", "id": "a"});
        assert_eq!(read(&resource)["meta"]["source"], "urn:a");
        let resource = json!({"resourceType": "Patient", "id": "a", "meta": {"source": "urn:b"}});
        assert_eq!(read(&resource)["meta"]["source"], "urn:b");
    }

    #[test]
    fn an_id_has_one_to_sixty_four_plain_characters() {
        assert!(is_id("a"));
        assert!(is_id(&"a".repeat(64)));
        assert!(!is_id(""));
        assert!(!is_id(&"a".repeat(65)));
        assert!(!is_id("a/b"));
        assert!(!is_id("ä"));
    }
}
