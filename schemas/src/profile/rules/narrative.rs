//! Narratives: XHTML of the allowed kind that shows something, with links that lead somewhere
//! (<https://hl7.org/fhir/R4/narrative.html>).

use crate::issue::{Issue, IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::xhtml::{self, Weight, Xhtml};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The text of one `xhtml` value; the path stands at it.
pub fn check(text: &str, findings: &mut Findings<'_>) {
    let read = xhtml::read(text);
    for fault in read.faults {
        match fault.weight {
            Weight::Forbidden => findings.error_with_hint(
                IssueCode::Structure,
                IssueKey::TargetNarrative,
                fault.text,
                "narratives are well-formed XHTML of text, lists, tables, links and images, without scripts or forms",
            ),
            Weight::Error => findings.error(IssueCode::Value, IssueKey::TargetNarrative, fault.text),
            Weight::Warning => findings.warning(IssueCode::Value, IssueKey::TargetNarrative, fault.text),
        }
    }
    if !read.has_content {
        findings.error_with_hint(
            IssueCode::Invariant,
            IssueKey::TargetNarrative,
            "The narrative shows nothing.",
            "write what a person should read, or leave `text` out",
        );
    }
}

/// What only the whole resource tells: links within its narratives lead to something in it, and the narrative is in the
/// language of the resource. The path stands at the resource.
pub fn whole<'a>(resource: &'a Map<String, Value>, findings: &mut Findings<'a>) {
    let Some(text) = div(resource.get("text")) else {
        return sections_only(resource, findings);
    };
    language(resource, text, findings);
    links(resource, findings);
}

/// A resource whose own narrative is missing may have narratives in its sections.
fn sections_only<'a>(resource: &'a Map<String, Value>, findings: &mut Findings<'a>) {
    if resource.contains_key("section") {
        links(resource, findings);
    }
}

fn div(narrative: Option<&Value>) -> Option<&str> {
    narrative?.get("div")?.as_str()
}

/// HL7's validator compares the language of the resource with the first that its narrative names.
fn language<'a>(resource: &'a Map<String, Value>, text: &str, findings: &mut Findings<'a>) {
    let Some(own) = resource.get("language").and_then(Value::as_str) else {
        return;
    };
    if !text.contains("lang=") {
        return;
    }
    let differs = |other: &str| !other.eq_ignore_ascii_case(own);
    if xhtml::read(text).language.is_some_and(|language| differs(&language)) {
        findings.path.push("text");
        findings.path.push("div");
        findings.warning(
            IssueCode::BusinessRule,
            IssueKey::TargetNarrative,
            "The narrative is in another language than the resource says.",
        );
        findings.path.pop();
        findings.path.pop();
    }
}

/// Each link to a `#fragment` needs an `id` or anchor of that name in the narratives, or an `id` in the resource.
fn links<'a>(resource: &'a Map<String, Value>, findings: &mut Findings<'a>) {
    let has_fragment = |text: &str| text.contains("\"#") || text.contains("'#");
    let mut any = false;
    each_narrative(resource, findings, &mut |text, _| any |= has_fragment(text));
    if !any {
        return;
    }
    let mut read: Vec<Xhtml> = Vec::new();
    let mut anchors: HashSet<String> = HashSet::new();
    each_narrative(resource, findings, &mut |text, _| {
        let mut one = xhtml::read(text);
        anchors.extend(one.anchors.drain());
        read.push(one);
    });
    if read.iter().flat_map(|one| &one.fragments).any(|fragment| !anchors.contains(fragment)) {
        resource.values().for_each(|value| ids(value, &mut anchors));
    }
    let mut read = read.into_iter();
    each_narrative(resource, findings, &mut |_, findings| {
        let fragments = read.next().map(|one| one.fragments).unwrap_or_default();
        let lost = fragments.iter().filter(|fragment| !anchors.contains(*fragment)).count();
        if lost > 0 {
            let (links, lead) = if lost == 1 { ("link", "leads") } else { ("links", "lead") };
            let text = format!("{lost} {links} within the narrative {lead} to nothing in the resource.");
            let issue = Issue::error(IssueCode::Value, IssueKey::TargetNarrative, text);
            findings.push(issue.with_hint("give the target an `id` of that name, or leave the link out"));
        }
    });
}

/// Calls with each narrative of the resource, the path standing at its `div`.
fn each_narrative<'a>(
    resource: &'a Map<String, Value>,
    findings: &mut Findings<'a>,
    call: &mut dyn FnMut(&'a str, &mut Findings<'a>),
) {
    if let Some(text) = div(resource.get("text")) {
        findings.path.push("text");
        findings.path.push("div");
        call(text, findings);
        findings.path.pop();
        findings.path.pop();
    }
    let Some(Value::Array(sections)) = resource.get("section") else {
        return;
    };
    findings.path.push("section");
    for (index, section) in sections.iter().enumerate() {
        findings.path.set_index(Some(index));
        if let Value::Object(section) = section {
            each_narrative(section, findings, call);
        }
    }
    findings.path.pop();
}

/// Every `id` inside a value.
fn ids(value: &Value, out: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(id) = members.get("id").and_then(Value::as_str) {
                out.insert(id.to_owned());
            }
            members.values().for_each(|member| ids(member, out));
        }
        Value::Array(items) => items.iter().for_each(|item| ids(item, out)),
        _ => {}
    }
}

/// What a profile asks of the languages of a narrative with the extension `narrative-language-control`: its codes, of
/// which `_no`, `_yes` and `_resource` ask for no section, any, and one in the language of the resource; any other code
/// is the language of a section that must be there. The path stands at the Narrative.
pub fn language_control(
    controls: &[Box<str>],
    resource_language: Option<&str>,
    narrative: &Value,
    findings: &mut Findings<'_>,
) {
    let Some(text) = div(Some(narrative)) else { return };
    let languages = xhtml::read(text).languages;
    let has = |wanted: &str| languages.iter().any(|language| language.eq_ignore_ascii_case(wanted));
    for control in controls {
        let text = match &**control {
            "_no" if !languages.is_empty() => {
                "The narrative has sections by language, which the profile does not allow.".to_owned()
            }
            "_yes" if languages.is_empty() => {
                "The narrative has no section by language, which the profile asks for.".to_owned()
            }
            "_resource" => match resource_language {
                Some(language) if has(language) => continue,
                Some(_) => "The narrative has no section in the language of the resource.".to_owned(),
                None => continue,
            },
            "_no" | "_yes" => continue,
            language if has(language) => continue,
            language => format!("The narrative has no section in the language `{language}`."),
        };
        findings.error(IssueCode::BusinessRule, IssueKey::TargetNarrative, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn div(content: &str) -> String {
        format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{content}</div>")
    }

    /// `severity expression` of each issue.
    fn told(findings: Findings<'_>) -> Vec<String> {
        let line = |issue: Issue| format!("{} {}", issue.severity.code(), issue.expression.unwrap_or_default());
        findings.into_issues().into_iter().map(line).collect()
    }

    fn of_whole(resource: &Value) -> Vec<String> {
        let mut findings = Findings::default();
        let name = resource["resourceType"].as_str().expect("a type");
        findings.path.push(name);
        whole(resource.as_object().expect("an object"), &mut findings);
        assert_eq!(findings.path.depth(), 1);
        told(findings)
    }

    #[test]
    fn a_narrative_is_xhtml_that_shows_something() {
        for (text, expected) in [
            (div("<p>a</p>"), &[][..]),
            (div("<script>a</script>"), &["error Patient.text.div"]),
            (div(" "), &["error Patient.text.div"]),
            (div("<a id=\"b\">a</a><p id=\"b\">a</p>"), &["warning Patient.text.div"]),
            ("<div>a</div>".to_owned(), &["error Patient.text.div"]),
        ] {
            let mut findings = Findings::default();
            for name in ["Patient", "text", "div"] {
                findings.path.push(name);
            }
            check(&text, &mut findings);
            assert_eq!(told(findings), expected, "{text}");
        }
    }

    #[test]
    fn links_within_lead_to_something_in_the_resource() {
        let patient =
            |content: &str| json!({"resourceType": "Patient", "text": {"div": div(content)}, "contact": [{"id": "c"}]});
        for (content, expected) in [
            ("<a href=\"#a\">x</a><p id=\"a\">y</p>", &[][..]),
            ("<a href='#a'>x</a><a name='a'>y</a>", &[]),
            ("<a href=\"#c\">x</a>", &[]),
            ("<a href=\"#\">x</a>", &[]),
            ("<a href=\"#a\">x</a><a href=\"#b\">x</a>", &["error Patient.text.div"]),
        ] {
            assert_eq!(of_whole(&patient(content)), expected, "{content}");
        }
        let composition = json!({"resourceType": "Composition", "section": [
            {"text": {"div": div("<a id=\"a\">x</a>")}, "section": [{"text": {"div": div("<a href=\"#a\">x</a>")}}]},
            {"text": {"div": div("<a href=\"#b\">x</a>")}},
        ]});
        assert_eq!(of_whole(&composition), ["error Composition.section[1].text.div"]);
    }

    #[test]
    fn a_narrative_in_another_language_than_the_resource_is_warned_of() {
        let patient =
            |content: &str| json!({"resourceType": "Patient", "language": "en", "text": {"div": div(content)}});
        for (content, expected) in [
            ("a", &[][..]),
            ("<div lang=\"en\">a</div><div lang=\"cy\">b</div>", &[]),
            ("<div xml:lang=\"cy\">a</div><div xml:lang=\"en\">b</div>", &["warning Patient.text.div"]),
        ] {
            assert_eq!(of_whole(&patient(content)), expected, "{content}");
        }
    }

    #[test]
    fn a_profile_may_ask_for_sections_by_language() {
        let none = div("a");
        let two = div("<div lang=\"en\">a</div><div lang=\"cy\">b</div>");
        for (control, language, text, faults) in [
            ("_no", None, &none, 0),
            ("_no", None, &two, 1),
            ("_yes", None, &none, 1),
            ("_yes", None, &two, 0),
            ("_resource", Some("en"), &two, 0),
            ("_resource", Some("de"), &two, 1),
            ("_resource", None, &two, 0),
            ("cy", None, &two, 0),
            ("de", None, &two, 1),
        ] {
            let mut findings = Findings::default();
            language_control(&[control.into()], language, &json!({"div": text}), &mut findings);
            assert_eq!(findings.into_issues().len(), faults, "{control} {language:?} {text}");
        }
    }

    #[test]
    fn the_walk_judges_narratives_and_what_profiles_ask_of_their_languages() {
        let control = |code: &str| {
            json!({
                "resourceType": "StructureDefinition", "url": "http://example.org/p", "name": "P", "status": "active",
                "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
                "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
                "differential": {"element": [{"id": "Patient.text", "path": "Patient.text", "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/narrative-language-control", "valueCode": code}
                ]}]},
            })
        };
        let patient = |content: &str| json!({"resourceType": "Patient", "language": "cy", "text": {"status": "generated", "div": div(content)}});
        let section = "<div lang=\"cy\" xml:lang=\"cy\">a</div>";
        for (code, content, expected) in [
            ("_yes", section, None),
            ("_no", section, Some("Patient.text")),
            ("_resource", section, None),
            ("_yes", "a", Some("Patient.text")),
            ("_no", "<a href=\"#b\">a</a>", Some("Patient.text.div")),
            ("_no", "<script>a</script>", Some("Patient.text.div")),
        ] {
            let mut known = crate::known::Known::built_in();
            known.add(control(code));
            let options = crate::validator::Options { profiles: &["http://example.org/p"], ..Default::default() };
            let issues = crate::validator::Validator::new(known).judge(&patient(content), &options);
            let told: Vec<_> = issues.iter().filter(|issue| issue.key == IssueKey::TargetNarrative).collect();
            let places: Vec<_> = told.iter().map(|issue| issue.expression.as_deref().unwrap_or_default()).collect();
            assert_eq!(places, expected.into_iter().collect::<Vec<_>>(), "{code} {content}");
        }
    }
}
