//! `stu3-system`: the URL of a code system as STU3 has it, and as R4 has it.
//!
//! R4 moved the tables of HL7 v2 and v3, and FHIR's own lists that are no required binding, to `terminology.hl7.org`
//! (<https://hl7.org/fhir/R4/diff.html>, <https://terminology.hl7.org>). What it did not move goes as it is.

use super::signature::{Given, SOME_TEXT, Signature};
use super::{Example, Function, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use ginnel_schemas::primitive::Primitive;

/// Where R4 keeps what moved.
const MOVED: &str = "http://terminology.hl7.org/CodeSystem/";
/// Where STU3 keeps it.
const BEFORE: &str = "http://hl7.org/fhir/";

/// FHIR's own lists that moved: STU3's name, and R4's where it is another.
const LISTS: &[(&str, &str)] = &[
    ("admit-source", "admit-source"),
    ("allerg-intol-substance-exp-risk", "allerg-intol-substance-exp-risk"),
    ("allergy-clinical-status", "allergyintolerance-clinical"),
    ("allergy-verification-status", "allergyintolerance-verification"),
    ("appointment-cancellation-reason", "appointment-cancellation-reason"),
    ("communication-category", "communication-category"),
    ("condition-category", "condition-category"),
    ("condition-clinical", "condition-clinical"),
    ("condition-state", "condition-state"),
    ("condition-ver-status", "condition-ver-status"),
    ("contact-entity-type", "contactentity-type"),
    ("data-absent-reason", "data-absent-reason"),
    ("diagnosis-role", "diagnosis-role"),
    ("diet", "diet"),
    ("discharge-disposition", "discharge-disposition"),
    ("encounter-type", "encounter-type"),
    ("flag-category", "flag-category"),
    ("goal-category", "goal-category"),
    ("immunization-origin", "immunization-origin"),
    ("list-empty-reason", "list-empty-reason"),
    ("list-example-use-codes", "list-example-use-codes"),
    ("list-order", "list-order"),
    ("location-physical-type", "location-physical-type"),
    ("medication-request-category", "medicationrequest-category"),
    ("medication-statement-category", "medication-statement-category"),
    ("observation-category", "observation-category"),
    ("observation-statistics", "observation-statistics"),
    ("organization-type", "organization-type"),
    ("participant-type", "participant-type"),
    ("practitioner-role", "practitioner-role"),
    ("reason-medication-given", "reason-medication-given"),
    ("reason-medication-not-given", "reason-medication-not-given"),
    ("referencerange-meaning", "referencerange-meaning"),
    ("service-category", "service-category"),
    ("service-type", "service-type"),
    ("special-arrangements", "encounter-special-arrangements"),
    ("substance-category", "substance-category"),
];
/// Names of STU3 that people also write otherwise.
const OTHERWISE: &[(&str, &str)] = &[("contactentity-type", "contactentity-type")];

/// The function.
pub const STU3_SYSTEM: Function = Function {
    name: "stu3-system",
    class: LawClass::Lens,
    by_element: true,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Uri, Primitive::String]),
        returns: true,
    },
    help: "The URL of a code system of FHIR STU3 as R4 has it: tables of HL7 v2 and v3 and FHIR's own lists that moved; any other as it is.",
    examples: &[
        Example::new(
            "",
            r#"["http://hl7.org/fhir/v3/NullFlavor"]"#,
            r#""http://terminology.hl7.org/CodeSystem/v3-NullFlavor""#,
        ),
        // Senders write white space behind it, which no URL has.
        Example::new("", r#"["http://snomed.info/sct "]"#, r#""http://snomed.info/sct""#),
        Example::new("", r#"["http://hl7.org/fhir/v2/0131"]"#, r#""http://terminology.hl7.org/CodeSystem/v2-0131""#),
        Example::new(
            "",
            r#"["http://hl7.org/fhir/list-order"]"#,
            r#""http://terminology.hl7.org/CodeSystem/list-order""#,
        ),
        Example::new("", r#"["http://hl7.org/fhir/name-use"]"#, r#""http://hl7.org/fhir/name-use""#),
        Example::new("", r#"["http://snomed.info/sct"]"#, r#""http://snomed.info/sct""#),
    ],
    out: |_, sources| -> Sent { Ok(text(sources)?.map(|url| to_r4(url.trim()).into())) },
    back: |_, value| -> Returned { Ok(vec![Some(to_stu3(fhir_text(value)?).into())]) },
    ..PLAIN
};

fn to_r4(url: &str) -> String {
    let Some(name) = url.strip_prefix(BEFORE) else { return url.to_string() };
    let table = name.split_once('/').filter(|(version, rest)| matches!(*version, "v2" | "v3") && is_name(rest));
    if let Some((version, rest)) = table {
        return format!("{MOVED}{version}-{rest}");
    }
    match LISTS.iter().chain(OTHERWISE).find(|(before, _)| *before == name) {
        Some((_, now)) => format!("{MOVED}{now}"),
        None => url.to_string(),
    }
}

fn to_stu3(url: &str) -> String {
    let Some(name) = url.strip_prefix(MOVED) else { return url.to_string() };
    let table = name.split_once('-').filter(|(version, rest)| matches!(*version, "v2" | "v3") && is_name(rest));
    if let Some((version, rest)) = table {
        return format!("{BEFORE}{version}/{rest}");
    }
    match LISTS.iter().find(|(_, now)| *now == name) {
        Some((before, _)) => format!("{BEFORE}{before}"),
        None => url.to_string(),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
}
