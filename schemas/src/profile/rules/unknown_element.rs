//! A member that the type does not have.

use crate::definition::{Definition, ElementType};
use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::spelling;

/// Reports the member at which the walk stands.
pub fn report(definition: &Definition, name: &str, findings: &mut Findings<'_>) {
    let text = format!("{} has no element `{name}`.", definition.name);
    let (code, key) = (IssueCode::Structure, IssueKey::TargetUnknownElement);
    match hint(definition, name) {
        Some(hint) => findings.error_with_hint(code, key, text, hint),
        None => findings.error(code, key, text),
    }
}

fn hint(definition: &Definition, name: &str) -> Option<String> {
    if let Some(plain) = name.strip_prefix('_')
        && let Some((member, _)) = definition.member(plain)
    {
        return Some(match member.element_type {
            ElementType::BarePrimitive(_) => format!("`{plain}` can have no extension"),
            _ => format!("only primitive elements have a companion; write the extension inside `{plain}`"),
        });
    }
    let choice = definition.elements.iter().find(|element| element.is_choice && name.starts_with(element.name));
    if let Some(near) = spelling::nearest(name, definition.member_names()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let choice = choice?;
    let allowed: Vec<&str> = definition
        .member_names()
        .filter(|member| definition.member(member).is_some_and(|(_, element)| std::ptr::eq(element, choice)))
        .collect();
    Some(format!("`{}` is written with its type: {}", choice.shown_name(), super::listed(&allowed)))
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_table;
    use crate::resource::judge;
    use serde_json::json;

    #[test]
    fn members_are_known_or_not() {
        assert_table([
            (json!({"resourceType": "Patient", "birthDate": "2000"}), &[]),
            (json!({"resourceType": "Patient", "birthdate": "2000"}), &["target.unknown-element Patient.birthdate"]),
            (json!({"resourceType": "Patient", "birth date": 1}), &["target.unknown-element Patient.`birth date`"]),
            (json!({"resourceType": "Patient", "deceased": true}), &["target.unknown-element Patient.deceased"]),
            (
                json!({"resourceType": "Patient", "deceasedString": "x"}),
                &["target.unknown-element Patient.deceasedString"],
            ),
            (
                json!({"resourceType": "Patient", "name": [{"surname": "x", "family": "y"}]}),
                &["target.unknown-element Patient.name[0].surname"],
            ),
            (
                json!({"resourceType": "Patient", "name": [{"resourceType": "HumanName", "family": "y"}]}),
                &["target.unknown-element Patient.name[0].resourceType"],
            ),
            (
                json!({"resourceType": "Patient", "_name": [{"extension": [{"url": "a:b", "valueBoolean": true}]}]}),
                &["target.unknown-element Patient._name"],
            ),
            (json!({"resourceType": "Patient", "_id": {"id": "a"}}), &["target.unknown-element Patient._id"]),
            (json!({"resourceType": "Patient", "_nonsense": {}}), &["target.unknown-element Patient._nonsense"]),
            (json!({"resourceType": "Patient", "": 1}), &["target.unknown-element Patient.``"]),
        ]);
    }

    #[test]
    fn a_hint_says_what_was_probably_meant() {
        for (resource, hint) in [
            (json!({"resourceType": "Patient", "brithDate": "2000"}), "did you mean `birthDate`?"),
            (
                json!({"resourceType": "Patient", "deceased": true}),
                "`deceased[x]` is written with its type: `deceasedBoolean`, `deceasedDateTime`",
            ),
            (json!({"resourceType": "Patient", "_id": {}}), "`id` can have no extension"),
            (
                json!({"resourceType": "Patient", "_name": []}),
                "only primitive elements have a companion; write the extension inside `name`",
            ),
        ] {
            assert_eq!(judge(&resource)[0].hint.as_deref(), Some(hint), "{resource}");
        }
        assert_eq!(judge(&json!({"resourceType": "Patient", "zzzzzz": 1}))[0].hint, None);
    }
}
