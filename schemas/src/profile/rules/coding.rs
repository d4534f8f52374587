//! A Coding or Quantity by itself, whatever value set its element is bound to: its system, its code and its words
//! (<https://hl7.org/fhir/R4/datatypes.html#Coding>).

use crate::issue::{Issue, IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::terminology::{CodeStanding, Coding, DisplayStanding, NotChecked, SystemStanding, Terminology};
use serde_json::{Map, Value};

/// Judges a Coding, or a Quantity with its unit, whose members these are; the path stands at it.
///
/// A code that cannot be judged here gives one information and never an error.
pub fn check<'a>(members: &'a Map<String, Value>, known: &Known, findings: &mut Findings<'a>) {
    let text = |name| members.get(name).and_then(Value::as_str);
    let Some(code) = text("code") else {
        return system(text("system"), &known.terminology, findings);
    };
    // A Quantity without a system is a matter of its invariant.
    if text("system").is_none() && !members.contains_key("value") && !members.contains_key("_system") {
        let words = "has a code without a system; such a code has no defined meaning and cannot be checked.";
        let text = format!("{} {words}", findings.subject());
        return findings.warning(IssueCode::CodeInvalid, IssueKey::TargetCodeNotChecked, text);
    }
    let coding = Coding { system: text("system"), version: text("version"), code, display: text("display") };
    match known.terminology.standing(coding) {
        CodeStanding::Known => display(coding, &known.terminology, findings),
        CodeStanding::Unknown => unknown_code(coding, findings),
        CodeStanding::Malformed(words) => {
            let text = format!("The code is not a code of its system: {words}.");
            at("code", findings, Issue::error(IssueCode::CodeInvalid, IssueKey::TargetCodeMalformed, text));
        }
        CodeStanding::NotChecked(NotChecked::UnknownSystem) => system(coding.system, &known.terminology, findings),
        CodeStanding::NotChecked(_) => {
            let text = format!("{} was not checked: the codes of its system are not here.", findings.subject());
            findings.information(IssueCode::Informational, IssueKey::TargetCodeNotChecked, text);
            display(coding, &known.terminology, findings);
        }
    }
}

/// Whether codes may have been added to a system since the edition that is here; FHIR's own were frozen with R4.
fn may_have_grown(system: &str) -> bool {
    !system.starts_with("http://hl7.org/fhir/") && !system.starts_with("urn:iso:")
}

/// Whether other words than those of the system are an error, as the reference validator has it, and no warning: where
/// HL7 and ISO keep the words. Elsewhere definitions beside a code, and hyphens, are too often published otherwise.
fn keeps_its_words(system: &str) -> bool {
    [
        "http://hl7.org/fhir/",
        "urn:iso:",
        "http://terminology.hl7.org/CodeSystem/v2-",
        "http://terminology.hl7.org/CodeSystem/v3-",
    ]
    .iter()
    .any(|start| system.starts_with(start))
}

fn unknown_code(coding: Coding<'_>, findings: &mut Findings<'_>) {
    let issue = if coding.system.is_some_and(may_have_grown) {
        let text = "The edition of the code system that is here does not have the code.";
        Issue::warning(IssueCode::CodeInvalid, IssueKey::TargetCodeUnknown, text)
            .with_hint("check the code, and say in `version` which edition has it")
    } else {
        Issue::error(IssueCode::CodeInvalid, IssueKey::TargetCodeUnknown, "The code system does not have the code.")
    };
    at("code", findings, issue);
}

fn display(coding: Coding<'_>, terminology: &Terminology, findings: &mut Findings<'_>) {
    if coding.display.is_none() {
        return;
    }
    if let DisplayStanding::Wrong { allowed } = terminology.display(coding) {
        let text = "The words beside the code are not those that the code system has for it.";
        let allowed: Vec<String> = allowed.iter().map(|words| format!("`{words}`")).collect();
        let issue = if coding.system.is_some_and(keeps_its_words) { Issue::error } else { Issue::warning };
        let issue = issue(IssueCode::Value, IssueKey::TargetDisplay, text.to_owned());
        at("display", findings, issue.with_hint(format!("the code means {}", allowed.join(" or "))));
    }
}

/// A system whose codes are not here.
fn system(system: Option<&str>, terminology: &Terminology, findings: &mut Findings<'_>) {
    let Some(system) = system else {
        return;
    };
    let (code, key) = (IssueCode::CodeInvalid, IssueKey::TargetCodeSystem);
    let issue = match terminology.system_standing(system) {
        SystemStanding::Known => return,
        SystemStanding::NotAbsolute => Issue::error(code, key, "The code system must be given as an absolute URI.")
            .with_hint("write it whole, such as `http://snomed.info/sct`"),
        SystemStanding::IsValueSet => Issue::error(code, key, "The URL given as code system is that of a value set.")
            .with_hint("give the code system that the value set takes the code from"),
        SystemStanding::Misspelt(meant) => Issue::error(code, key, "The URL of the code system is misspelt.")
            .with_hint(format!("did you mean `{meant}`?")),
        SystemStanding::Unknown => {
            let text = "The code was not checked: its code system is not known here.";
            Issue::information(IssueCode::Informational, IssueKey::TargetCodeNotChecked, text)
        }
    };
    at("system", findings, issue);
}

/// Places a finding at a member.
fn at(member: &'static str, findings: &mut Findings<'_>, issue: Issue) {
    findings.path.push(member);
    findings.push(issue);
    findings.path.pop();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judged(members: Value) -> Vec<String> {
        let known = Known::built_in();
        let mut findings = Findings::default();
        findings.path.push("Coding");
        check(members.as_object().expect("a table of objects"), &known, &mut findings);
        let line =
            |issue: Issue| format!("{} {} {}", issue.severity.code(), issue.key, issue.expression.unwrap_or_default());
        findings.into_issues().into_iter().map(line).collect()
    }

    #[test]
    fn a_coding_is_judged_by_its_system_its_code_and_its_words() {
        let gender = "http://hl7.org/fhir/administrative-gender";
        for (members, expected) in [
            (json!({"system": gender, "code": "male", "display": "male"}), None),
            (json!({"system": gender, "code": "man"}), Some("error target.code-unknown Coding.code")),
            (
                json!({"system": gender, "code": "male", "display": "Female"}),
                Some("error target.display Coding.display"),
            ),
            (json!({"system": gender}), None),
            (json!({"display": "Male"}), None),
            (json!({"code": "male"}), Some("warning target.code-not-checked Coding")),
            (json!({"value": 1, "code": "mg"}), None),
            (json!({"system": "http://unitsofmeasure.org", "code": "mg", "value": 1}), None),
            (
                json!({"system": "http://unitsofmeasure.org", "code": "milligram"}),
                Some("error target.code-malformed Coding.code"),
            ),
            (
                json!({"system": "http://snomed.info/sct", "code": "73211009", "display": "anything"}),
                Some("information target.code-not-checked Coding"),
            ),
            (
                json!({"system": "http://snomed.info/sct", "code": "73211008"}),
                Some("error target.code-malformed Coding.code"),
            ),
            (
                json!({"system": "http://snomed.info/sct/", "code": "73211009"}),
                Some("error target.code-system Coding.system"),
            ),
            (
                json!({"system": "http://example.org", "code": "x"}),
                Some("information target.code-not-checked Coding.system"),
            ),
            (json!({"system": "local", "code": "x"}), Some("error target.code-system Coding.system")),
            (
                json!({"system": "http://hl7.org/fhir/ValueSet/administrative-gender", "code": "male"}),
                Some("error target.code-system Coding.system"),
            ),
            (
                json!({"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "nonsense"}),
                Some("warning target.code-unknown Coding.code"),
            ),
            (
                json!({"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH", "display": "Dad"}),
                Some("error target.display Coding.display"),
            ),
            (
                json!({"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active", "display": "On"}),
                Some("warning target.display Coding.display"),
            ),
        ] {
            assert_eq!(judged(members.clone()), Vec::from_iter(expected), "{members}");
        }
    }

    #[test]
    fn nothing_a_sender_wrote_is_repeated() {
        let known = Known::built_in();
        for system in ["zebra", "http://zebra.example.org", "http://snomed.info/sct/zebra"] {
            let members = json!({"system": system, "code": "zebra", "display": "zebra"});
            let mut findings = Findings::default();
            check(members.as_object().expect("an object"), &known, &mut findings);
            let issues = findings.into_issues();
            assert!(!issues.is_empty() && !format!("{issues:?}").contains("zebra"), "{issues:?}");
        }
    }
}
