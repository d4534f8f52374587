//! Bindings to value sets, by their strength (<https://hl7.org/fhir/R4/terminologies.html#strength>).

use crate::definition::{Binding, BindingStrength, ElementType};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::spelling;
use crate::terminology::{CodeStanding, Coding, Membership, NotChecked};
use serde_json::{Map, Value};

/// Judges a value of a bound element; the path stands at it.
///
/// A code outside is an error where the binding is required, a warning where it is extensible, an information where it is
/// preferred, and nothing where it is an example; outside the binding's greatest value set it is an error always. What
/// cannot be judged here gives one information for required and extensible bindings, unless the coding by itself already
/// says so. A concept without any code but with words is at fault only where the binding is required.
pub fn check(binding: &Binding, element_type: ElementType, value: &Value, known: &Known, findings: &mut Findings<'_>) {
    if binding.strength == BindingStrength::Example && binding.max_value_set.is_none() {
        return;
    }
    let Some(bound) = Bound::of(element_type, value, known) else {
        return;
    };
    if binding.strength > BindingStrength::Example {
        let membership = bound.membership(&binding.value_set, known);
        match (membership, binding.strength) {
            (Membership::Member, _) => return,
            (Membership::NotMember, BindingStrength::Required) => {
                return findings.push(outside(&bound, &binding.value_set, known, findings));
            }
            (Membership::NotMember, strength) if bound.has_code() => {
                findings.push(beside(strength, &binding.value_set, known, findings));
            }
            (Membership::NotChecked(why), BindingStrength::Required | BindingStrength::Extensible)
                if !bound.speaks_for_itself(known) =>
            {
                findings.push(not_checked(why, &binding.value_set, findings));
            }
            _ => {}
        }
    }
    if let Some(most) = &binding.max_value_set
        && bound.has_code()
        && bound.membership(most, known) == Membership::NotMember
    {
        findings.push(outside(&bound, most, known, findings));
    }
}

/// A bound primitive that has only extensions: a required binding asks for a code, whatever they say. The path stands at it.
///
/// A code that another version of FHIR has in its place, told by that version's extension, is left alone.
pub fn no_code(binding: &Binding, companion: &Map<String, Value>, findings: &mut Findings<'_>) {
    let mut extensions = companion.get("extension").and_then(Value::as_array).into_iter().flatten();
    let has_other_version = extensions.any(|one| {
        let url = one.get("url").and_then(Value::as_str).and_then(|url| url.strip_prefix("http://hl7.org/fhir/"));
        url.is_some_and(|rest| rest.contains("/StructureDefinition/extension-"))
    });
    if binding.strength == BindingStrength::Required && !has_other_version {
        let text = format!("{} has no code, and one of its value set is required.", findings.subject());
        let hint = format!("take a code of {}", binding.value_set);
        findings.error_with_hint(IssueCode::CodeInvalid, IssueKey::TargetCode, text, hint);
    }
}

/// The codes of a bound value.
enum Bound<'a> {
    /// A `code`, or a `uri` or `string` with a code in it: the value set implies the system.
    Code(&'a str),
    /// A Coding or a Quantity with a unit.
    One(&'a Value),
    /// A CodeableConcept.
    Concept(&'a [Value]),
}

impl<'a> Bound<'a> {
    /// Nothing where the type has no codes, or where an extension instead of codes says why they are absent.
    fn of(element_type: ElementType, value: &'a Value, known: &Known) -> Option<Bound<'a>> {
        let id = match element_type {
            ElementType::Primitive(_) | ElementType::BarePrimitive(_) => return value.as_str().map(Bound::Code),
            ElementType::Object(id) => id,
            ElementType::Resource => return None,
        };
        let has = |name| value.get(name).is_some();
        match known.types.get(id).name {
            "CodeableConcept" => match value.get("coding").and_then(Value::as_array) {
                Some(codings) => Some(Bound::Concept(codings)),
                None if has("extension") && !has("text") => None,
                None => Some(Bound::Concept(&[])),
            },
            "Coding" => (has("code") || has("system") || !has("extension")).then_some(Bound::One(value)),
            "Quantity" | "Age" | "Count" | "Distance" | "Duration" | "SimpleQuantity" | "MoneyQuantity" => {
                has("code").then_some(Bound::One(value))
            }
            _ => None,
        }
    }

    fn codings(&self) -> &'a [Value] {
        match self {
            Bound::Code(_) => &[],
            Bound::One(coding) => std::slice::from_ref(*coding),
            Bound::Concept(codings) => codings,
        }
    }

    fn has_code(&self) -> bool {
        matches!(self, Bound::Code(_)) || self.codings().iter().any(|coding| coding.get("code").is_some())
    }

    /// Whether one of the codes is in the value set; a coding without system is in none.
    fn membership(&self, value_set: &str, known: &Known) -> Membership {
        if let Bound::Code(code) = self {
            return known.terminology.membership(value_set, Coding { code, ..Coding::default() });
        }
        let mut so_far = Membership::NotMember;
        for coding in self.codings().iter().filter_map(read) {
            match known.terminology.membership(value_set, coding) {
                Membership::Member => return Membership::Member,
                unchecked @ Membership::NotChecked(_) => so_far = unchecked,
                Membership::NotMember => {}
            }
        }
        so_far
    }

    /// Whether a coding will be called unchecked or wrong by the rule for codings, so that no more need be said here.
    fn speaks_for_itself(&self, known: &Known) -> bool {
        self.codings().iter().filter_map(read).any(|coding| known.terminology.standing(coding) != CodeStanding::Known)
    }

    /// A code as it was written, to find what was meant.
    fn written(&self) -> Option<&'a str> {
        match self {
            Bound::Code(code) => Some(code),
            _ => self.codings().iter().find_map(|coding| coding.get("code").and_then(Value::as_str)),
        }
    }
}

/// A coding with system and code.
fn read(coding: &Value) -> Option<Coding<'_>> {
    let text = |name| coding.get(name).and_then(Value::as_str);
    Some(Coding { system: Some(text("system")?), version: text("version"), code: text("code")?, display: None })
}

fn outside(bound: &Bound<'_>, value_set: &str, known: &Known, findings: &Findings<'_>) -> Issue {
    let words = match bound {
        Bound::Code(_) => "is a code that its required value set does not have",
        _ => "needs a coding, with system and code, from its required value set",
    };
    let text = format!("{} {words}.", findings.subject());
    Issue::error(IssueCode::CodeInvalid, IssueKey::TargetCode, text).with_hint(allowed(bound, value_set, known))
}

fn beside(strength: BindingStrength, value_set: &str, known: &Known, findings: &Findings<'_>) -> Issue {
    let subject = findings.subject();
    let (issue, words): (fn(_, _, String) -> Issue, _) = if strength == BindingStrength::Extensible {
        (Issue::warning, "that should be used where it has a code that fits")
    } else {
        (Issue::information, "that is preferred")
    };
    let text = format!("{subject} has no code of the value set {words}.");
    // Care data leave such value sets all the time: to look for a near code each time would cost more than judging.
    let (url, _) = value_set.split_once('|').unwrap_or((value_set, ""));
    let some = match strength {
        BindingStrength::Extensible => known.terminology.some_codes(value_set, MOST_SHOWN),
        _ => Vec::new(),
    };
    let hint = match some.is_empty() {
        true => format!("see {url}"),
        false => format!("its codes begin with {} ({url})", super::listed(&some)),
    };
    issue(IssueCode::CodeInvalid, IssueKey::TargetCodeOutside, text).with_hint(hint)
}

fn not_checked(why: NotChecked, value_set: &str, findings: &Findings<'_>) -> Issue {
    let words = match why {
        NotChecked::UnknownValueSet => "its value set is not known here",
        NotChecked::UnknownSystem => "its code system is not known here",
        NotChecked::CodesNotHere => "the codes of its system are not here",
        NotChecked::RuleNeedsService => "only a terminology service can tell whether its value set has the code",
    };
    let text = format!("{} was not checked: {words}.", findings.subject());
    Issue::information(IssueCode::Informational, IssueKey::TargetCodeNotChecked, text)
        .with_hint(format!("load a package that defines it, or connect a terminology service ({value_set})"))
}

/// Codes shown of a value set that a code only should come from.
const MOST_SHOWN: usize = 8;

/// Codes looked through for a near spelling; longer value sets are looked through in part.
const MOST_COMPARED: usize = 256;

/// What the value set has, the nearest to what was written first.
fn allowed(bound: &Bound<'_>, value_set: &str, known: &Known) -> String {
    let (url, _) = value_set.split_once('|').unwrap_or((value_set, ""));
    let mut codes = known.terminology.some_codes(value_set, MOST_COMPARED);
    if codes.is_empty() {
        return format!("see {url}");
    }
    let near = bound.written().and_then(|written| spelling::nearest(written, codes.iter().copied()));
    if let Some(at) = near.and_then(|near| codes.iter().position(|code| *code == near))
        && let Some(first) = codes.get_mut(..=at)
    {
        first.rotate_right(1);
    }
    format!("allowed: {} ({url})", super::listed(&codes))
}

#[cfg(test)]
mod tests {
    use super::super::table::{assert_table, found};
    use crate::resource::judge;
    use serde_json::{Value, json};

    #[test]
    fn codes_are_judged_by_required_bindings_only() {
        assert_table([
            (json!({"resourceType": "Patient", "gender": "female"}), &[]),
            (json!({"resourceType": "Patient", "gender": "Female"}), &["target.code Patient.gender"]),
            (json!({"resourceType": "Patient", "name": [{"use": "stage"}]}), &["target.code Patient.name[0].use"]),
            // Preferred, and without an offline list: not judged.
            (json!({"resourceType": "Patient", "language": "tlh"}), &[]),
            (json!({"resourceType": "Patient", "photo": [{"contentType": "image/any"}]}), &[]),
            (json!({"resourceType": "Bundle", "type": "parcel"}), &["target.code Bundle.type"]),
        ]);
    }

    #[test]
    fn a_required_code_cannot_be_left_to_extensions() {
        let patient = |url: &str| json!({"resourceType": "Patient", "_gender": {"extension": [{"url": url, "valueCode": "unknown"}]}});
        let absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
        let other = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Patient.gender";
        assert_table([(patient(absent), &["target.code Patient.gender"]), (patient(other), &[])]);
        let language =
            json!({"resourceType": "Patient", "_language": {"extension": [{"url": absent, "valueCode": "unknown"}]}});
        assert_table([(language, &[])]);
    }

    #[test]
    fn concepts_need_one_coding_of_the_value_set() {
        let system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
        let condition = |status: Value| json!({"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "clinicalStatus": status});
        let at = "target.code Condition.clinicalStatus";
        for (status, expected) in [
            (json!({"coding": [{"system": system, "code": "active"}]}), None),
            (
                json!({"coding": [{"system": "http://example.org", "code": "x"}, {"system": system, "code": "active"}]}),
                None,
            ),
            (json!({"coding": [{"system": system, "code": "nonsense"}]}), Some(at)),
            (json!({"coding": [{"system": "http://example.org", "code": "active"}]}), Some(at)),
            (json!({"coding": [{"code": "active"}]}), Some(at)),
            (json!({"text": "active"}), Some(at)),
            (
                json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}),
                None,
            ),
        ] {
            assert_eq!(found(&condition(status.clone())), expected.into_iter().collect::<Vec<_>>(), "{status}");
        }
    }

    #[test]
    fn the_hint_lists_some_codes_and_the_text_never_the_value() {
        let issues = judge(&json!({"resourceType": "Patient", "gender": "zebra"}));
        let hint = issues[0].hint.as_deref().expect("a hint");
        assert!(hint.starts_with("allowed: `male`, `female`, `other`, `unknown` (http://hl7.org/"), "{hint}");
        assert!(!format!("{issues:?}").contains("zebra"));
        let issues = judge(&json!({"resourceType": "Basic", "code": {"text": "x"}, "contained": [
            {"resourceType": "Parameters", "parameter": [{"name": "x", "valueParameterDefinition": {"use": "in", "type": "zebra"}}]}
        ]}));
        assert!(issues[0].hint.as_deref().is_some_and(|hint| hint.contains(" more (")), "{issues:?}");
    }
}
