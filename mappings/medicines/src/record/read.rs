//! Small questions to a resource's tree, which answer "nothing" where the tree is not as it should be.

use serde_json::Value;

/// A member that is a text with something in it.
pub fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The items of a list; a single object where a list belongs counts as a list of one.
pub fn items<'v>(value: &'v Value, name: &str) -> std::slice::Iter<'v, Value> {
    match value.get(name) {
        Some(Value::Array(items)) => items.iter(),
        Some(single @ Value::Object(_)) => std::slice::from_ref(single).iter(),
        _ => [].iter(),
    }
}

/// A code: a plain code, or the code of the first Coding of a CodeableConcept, or the code of a Coding.
pub fn code<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    let member = value.get(name)?;
    match member {
        Value::String(code) => Some(code.trim()).filter(|code| !code.is_empty()),
        Value::Array(list) => list.first().and_then(concept_code),
        _ => concept_code(member),
    }
}

fn concept_code(concept: &Value) -> Option<&str> {
    concept
        .as_str()
        .or_else(|| text(concept, "code"))
        .or_else(|| items(concept, "coding").find_map(|it| text(it, "code")))
}

/// The system and code of each Coding of a CodeableConcept.
pub fn codings<'v>(concept: &'v Value) -> impl Iterator<Item = (Option<&'v str>, &'v str)> + 'v {
    items(concept, "coding").filter_map(|coding| Some((text(coding, "system"), text(coding, "code")?)))
}

/// Whether a CodeableConcept has one of these codes, whatever it says of the system: GP systems spell systems variously.
pub fn has_code(concept: &Value, wanted: &[&str]) -> bool {
    codings(concept).any(|(_, code)| wanted.contains(&code))
}

/// What a person wrote or reads: `text`, else the description's own display, else the first `display`.
pub fn words(concept: &Value) -> Option<&str> {
    text(concept, "text")
        .or_else(|| chosen(concept).and_then(|coding| description(coding).or_else(|| text(coding, "display"))))
        .or_else(|| items(concept, "coding").find_map(description))
        .or_else(|| items(concept, "coding").find_map(|coding| text(coding, "display")))
}

fn chosen(concept: &Value) -> Option<&Value> {
    items(concept, "coding").find(|coding| coding.get("userSelected") == Some(&Value::Bool(true)))
}

/// The words of the SNOMED CT description that the source chose.
fn description(coding: &Value) -> Option<&str> {
    extension(coding, "CodingSCTDescDisplay").and_then(|found| text(found, "valueString")).or_else(|| {
        let nested = extension(coding, "sctdescid")?;
        items(nested, "extension")
            .find(|inner| text(inner, "url").is_some_and(|url| url.eq_ignore_ascii_case("descriptionDisplay")))
            .and_then(|inner| text(inner, "valueString"))
    })
}

/// The extension whose URL has this name, whoever publishes it and in whichever version.
pub fn extension<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    items(value, "extension").find(|extension| text(extension, "url").is_some_and(|url| url.contains(name)))
}

/// The inner extension of a complex one.
pub fn inner<'v>(extension: &'v Value, name: &str) -> Option<&'v Value> {
    items(extension, "extension").find(|inner| text(inner, "url") == Some(name))
}

/// The value of an extension, whatever its type.
pub fn extension_value(extension: &Value) -> Option<&Value> {
    extension.as_object()?.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value)
}

/// The texts of `note`, or of whichever list of Annotations.
pub fn notes(value: &Value) -> impl Iterator<Item = &str> {
    items(value, "note").filter_map(|note| text(note, "text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_is_found_as_either_version_writes_it() {
        for value in [
            json!({"s": "active"}),
            json!({"s": {"coding": [{"code": "active"}]}}),
            json!({"s": {"code": "active"}}),
            json!({"s": [{"coding": [{"code": "active"}]}]}),
        ] {
            assert_eq!(code(&value, "s"), Some("active"), "{value}");
        }
        assert_eq!(code(&json!({"s": " "}), "s"), None);
        assert_eq!(code(&json!({"s": 7}), "s"), None);
    }

    #[test]
    fn what_a_person_wrote_goes_before_what_a_code_is_called() {
        let described = json!({"coding": [{"display": "Peanut - dietary", "extension": [{
            "url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-coding-sctdescid",
            "extension": [{"url": "DescriptionDisplay", "valueString": "Peanut"}]}]}]});
        assert_eq!(words(&described), Some("Peanut"));
        let mut written = described.clone();
        written["text"] = json!("Nut allergy");
        assert_eq!(words(&written), Some("Nut allergy"));
        assert_eq!(words(&json!({"coding": [{"code": "1"}]})), None);
    }
}
