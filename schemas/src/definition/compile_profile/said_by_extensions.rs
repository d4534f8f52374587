//! What extensions of an element definition ask of its values, beyond what R4 has members for
//! (<https://hl7.org/fhir/R4/elementdefinition-extensions.html>).

use super::draft::Draft;
use super::raw::{canonical, items, text};
use crate::definition::Invariant;
use serde_json::Value;

const NARRATIVE_LANGUAGES: &str = "http://hl7.org/fhir/StructureDefinition/narrative-language-control";

const LEAST_LENGTH: &str = "http://hl7.org/fhir/StructureDefinition/minLength";

const REGEX: &str = "http://hl7.org/fhir/StructureDefinition/regex";

const FURTHER_BINDING: [&str; 2] = [
    "http://hl7.org/fhir/tools/StructureDefinition/additional-binding",
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.binding.additional",
];

const R5_ELEMENT: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.";

/// Adds what the extensions of the element, its types and its binding ask.
pub(super) fn add(draft: &mut Draft, element: &Value) {
    presence(draft, element);
    form(draft, element);
    further_bindings(draft, element);
    let languages = narrative_languages(element);
    if !languages.is_empty() {
        draft.own.narrative_languages = languages;
    }
}

/// What an extension of the element asks of the languages of a narrative.
fn narrative_languages(element: &Value) -> Vec<Box<str>> {
    let of_languages = items(element, "extension").iter().filter(|one| text(one, "url") == Some(NARRATIVE_LANGUAGES));
    of_languages.filter_map(|one| text(one, "valueCode")).map(Into::into).collect()
}

/// Whether a value must be there itself, or one of some extensions in its place: R5 has members for that, and R4's
/// definitions say it in extensions.
fn presence(draft: &mut Draft, element: &Value) {
    let extensions = |url: &'static str| {
        items(element, "extension")
            .iter()
            .filter(move |one| text(one, "url").and_then(|own| own.strip_prefix(R5_ELEMENT)) == Some(url))
    };
    let is_true = |one: &Value| one.get("valueBoolean").and_then(Value::as_bool) == Some(true);
    if extensions("mustHaveValue").any(is_true) {
        draft.own.invariants.push(Invariant::new(
            "must-have-value",
            true,
            "hasValue()",
            Some("The element must have a value of its own, not only extensions.".into()),
        ));
    }
    // An URL with a quote could break out of the expression.
    let urls: Vec<Box<str>> =
        extensions("valueAlternatives").filter_map(|one| canonical(one, "value")).filter(|url| is_plain(url)).collect();
    if !urls.is_empty() {
        let alternatives: Vec<String> = urls.iter().map(|url| format!("extension('{url}').exists()")).collect();
        draft.own.invariants.push(Invariant::new(
            "value-alternatives",
            true,
            &format!("hasValue() or {}", alternatives.join(" or ")),
            Some("The element must have a value, or an extension that stands in its place.".into()),
        ));
    }
}

/// The least length of a text, and the form it must have as a whole.
fn form(draft: &mut Draft, element: &Value) {
    let own = items(element, "extension");
    let least = own.iter().find(|one| text(one, "url") == Some(LEAST_LENGTH));
    if let Some(least) = least.and_then(|one| one.get("valueInteger")).and_then(Value::as_u64) {
        draft.own.invariants.push(Invariant::new(
            "min-length",
            true,
            &format!("toString().length() >= {least}"),
            Some(format!("The text must have at least {least} characters.").into()),
        ));
    }
    // For historical reasons the form may stand on the element's type.
    let of_type = match items(element, "type") {
        [only] => items(only, "extension"),
        _ => &[],
    };
    let regex = of_type.iter().chain(own).find(|one| text(one, "url") == Some(REGEX));
    if let Some(regex) = regex.and_then(|one| text(one, "valueString")) {
        let quoted = regex.replace('\\', "\\\\").replace('\'', "\\'");
        draft.own.invariants.push(Invariant::new(
            "regex",
            true,
            &format!("hasValue() implies toString().matchesFull('{quoted}')"),
            Some("The text must have the form that the profile asks for.".into()),
        ));
    }
}

/// Bindings beside the element's own that hold whatever the circumstances (`required`, `maximum`, `extensible`).
fn further_bindings(draft: &mut Draft, element: &Value) {
    let binding = element.get("binding").unwrap_or(&Value::Null);
    for extension in items(binding, "extension") {
        if !text(extension, "url").is_some_and(|url| FURTHER_BINDING.contains(&url)) {
            continue;
        }
        let part = |name: &str| items(extension, "extension").iter().find(|part| text(part, "url") == Some(name));
        // One for certain circumstances only cannot be judged without knowing them.
        let (None, Some(purpose)) = (part("usage"), part("purpose").and_then(|part| text(part, "valueCode"))) else {
            continue;
        };
        let value_set = part("valueSet").and_then(|part| canonical(part, "value")).filter(|url| is_plain(url));
        if let (Some(value_set), "required" | "maximum" | "extensible") = (value_set, purpose) {
            draft.own.invariants.push(Invariant::new(
                "additional-binding",
                purpose != "extensible",
                &format!("($this is CodeableConcept and coding.empty()) or memberOf('{value_set}')"),
                Some(format!("A code of the value set {value_set} is needed as well.").into()),
            ));
        }
    }
}

fn is_plain(url: &str) -> bool {
    url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\'' | b'\\'))
}

#[cfg(test)]
mod tests {
    use crate::issue::IssueKey;
    use crate::known::Known;
    use crate::validator::{Options, Validator};
    use serde_json::{Value, json};

    const OWN: &str = "https://host.example/StructureDefinition/own";
    const CORE: &str = "http://hl7.org/fhir/StructureDefinition";

    /// The places at which a rule is broken when a profile has this element.
    fn broken(element: Value, resource: &Value) -> Vec<String> {
        let type_name = resource["resourceType"].as_str().expect("a type");
        let mut known = Known::built_in();
        known.add(json!({"resourceType": "StructureDefinition", "url": OWN, "name": "Own", "status": "active",
            "kind": "resource", "abstract": false, "type": type_name, "derivation": "constraint",
            "baseDefinition": format!("{CORE}/{type_name}"), "differential": {"element": [element]}}));
        let options = Options { profiles: &[OWN], ..Options::default() };
        let issues = Validator::new(known).judge(resource, &options);
        let wrong = issues.into_iter().filter(|issue| issue.key == IssueKey::TargetInvariant && issue.is_error());
        wrong.filter_map(|issue| issue.expression).collect()
    }

    #[test]
    fn a_text_has_its_least_length_and_its_form() {
        let element = |extension: Value| json!({"path": "Patient.id", "extension": [extension]});
        let length = json!({"url": format!("{CORE}/minLength"), "valueInteger": 3});
        let form = json!({"url": format!("{CORE}/regex"), "valueString": "[a-c\\d]+"});
        let on_type = json!({"path": "Patient.id", "type": [{"code": "id", "extension": [form]}]});
        for (element, id, fits) in [
            (element(length.clone()), "abc", true),
            (element(length), "ab", false),
            (element(form.clone()), "ab1", true),
            (element(form), "abd", false),
            (on_type.clone(), "ab1", true),
            (on_type, "abd", false),
        ] {
            let patient = json!({"resourceType": "Patient", "id": id});
            assert_eq!(broken(element.clone(), &patient).is_empty(), fits, "{element} {id}");
        }
    }

    #[test]
    fn a_further_binding_holds_where_it_names_no_circumstances() {
        let value_set = "http://hl7.org/fhir/ValueSet/administrative-gender";
        let element = |url: &str, purpose: &str, more: Value| {
            let mut parts = vec![
                json!({"url": "purpose", "valueCode": purpose}),
                json!({"url": "valueSet", "valueCanonical": value_set}),
            ];
            parts.extend(more.as_array().cloned().unwrap_or_default());
            json!({"path": "Observation.code", "binding": {"strength": "example",
                "valueSet": "http://hl7.org/fhir/ValueSet/observation-codes", "extension": [{"url": url, "extension": parts}]}})
        };
        let [tools, later] = super::FURTHER_BINDING;
        let usage = json!([{"url": "usage", "valueUsageContext": {}}]);
        let gender = json!({"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}]});
        let other = json!({"coding": [{"system": "http://hl7.org/fhir/observation-status", "code": "final"}]});
        for (element, code, fits) in [
            (element(tools, "required", json!([])), &gender, true),
            (element(tools, "required", json!([])), &other, false),
            (element(later, "maximum", json!([])), &other, false),
            (element(later, "preferred", json!([])), &other, true),
            (element(later, "required", usage), &other, true),
            (element(later, "required", json!([])), &json!({"text": "x"}), true),
        ] {
            let observation = json!({"resourceType": "Observation", "status": "final", "code": code});
            assert_eq!(broken(element.clone(), &observation).is_empty(), fits, "{element} {code}");
        }
    }
}
