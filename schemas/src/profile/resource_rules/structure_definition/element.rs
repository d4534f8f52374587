//! The elements of a differential against the base type (<https://hl7.org/fhir/R4/elementdefinition.html>).

use super::discriminator;
use super::paths::{Reached, follow, type_name};
use super::{KEY, type_of};
use crate::definition::ElementType;
use crate::fhir_path::Expression;
use crate::issue::{Issue, IssueCode};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::profile::resource_rules::members::{Object, choice, object, objects, text, texts};

/// Types that carry no code, so that a binding on them means nothing.
const NO_CODE: [&str; 22] = [
    "boolean",
    "integer",
    "unsignedInt",
    "positiveInt",
    "decimal",
    "date",
    "dateTime",
    "instant",
    "time",
    "base64Binary",
    "Address",
    "Annotation",
    "Attachment",
    "ContactPoint",
    "HumanName",
    "Identifier",
    "Period",
    "Range",
    "Ratio",
    "Reference",
    "SampledData",
    "Timing",
];

/// Judges all elements of a differential; the path stands at it.
pub(super) fn check_all<'a>(view: &'a Object, of: &'a str, known: &Known, findings: &mut Findings<'a>) {
    findings.path.push("element");
    for (index, element) in objects(view, "element") {
        // Another root was reported already.
        let path = text(element, "path").filter(|path| path.split('.').next() == Some(of));
        if let Some(path) = path {
            findings.path.set_index(Some(index));
            one(element, path, known, findings);
        }
    }
    findings.path.pop();
}

/// One element; the path stands at it.
fn one<'a>(element: &'a Object, path: &'a str, known: &Known, findings: &mut Findings<'a>) {
    let (base, definition) = match follow(known.types, path) {
        Reached::Types(types, definition) => (types, definition),
        Reached::Anything => return,
        Reached::Nothing(part) => {
            let text = format!("The base type has no element `{part}` at this path.");
            return at("path", IssueCode::NotFound, text, findings);
        }
    };
    let is_slice = element.contains_key("sliceName");
    if let Some(definition) = definition.filter(|_| path.contains('.')) {
        cardinality(element, definition.min, definition.max, is_slice, findings);
    }
    let base_names: Vec<&str> = base.iter().map(|one| type_name(known.types, *one)).collect();
    types(element, &base_names, known, findings);
    let own: Vec<&str> = objects(element, "type").filter_map(|(_, one)| text(one, "code")).collect();
    let allowed = if own.is_empty() { &base_names } else { &own };
    values(element, allowed, findings);
    if object(element, "binding").is_some() && !allowed.is_empty() && allowed.iter().all(|name| NO_CODE.contains(name))
    {
        let text = format!("A binding means nothing here, as {} carries no code.", allowed.join(" or "));
        at("binding", IssueCode::BusinessRule, text, findings);
    }
    constraints(element, findings);
    slicing(element, path, &base, &own, known, findings);
}

/// Invariants can be read.
fn constraints<'a>(element: &'a Object, findings: &mut Findings<'a>) {
    findings.path.push("constraint");
    for (index, constraint) in objects(element, "constraint") {
        let Some(Err(error)) = text(constraint, "expression").map(Expression::compile) else {
            continue;
        };
        findings.path.set_index(Some(index));
        at("expression", IssueCode::Value, format!("The FHIRPath cannot be read: {error}."), findings);
    }
    findings.path.pop();
}

fn cardinality<'a>(element: &'a Object, min: u32, max: Option<u32>, is_slice: bool, findings: &mut Findings<'a>) {
    let own_min = element.get("min").and_then(serde_json::Value::as_u64);
    if let Some(own) = own_min.filter(|own| *own < u64::from(min) && !is_slice) {
        let text = format!("The element may not be there fewer than {min} times, as its base says, not {own}.");
        at("min", IssueCode::Value, text, findings);
    }
    let (Some(most), Some(own)) = (max, text(element, "max")) else {
        return;
    };
    if own == "*" || own.parse::<u32>().is_ok_and(|own| own > most) {
        let text = format!("The element may be there {most} times at most, as its base says.");
        at("max", IssueCode::Value, text, findings);
    }
}

/// Types are among those of the base, and their profiles are of that type.
fn types<'a>(element: &'a Object, base: &[&str], known: &Known, findings: &mut Findings<'a>) {
    findings.path.push("type");
    for (index, one) in objects(element, "type") {
        let Some(code) = text(one, "code") else {
            continue;
        };
        findings.path.set_index(Some(index));
        if !is_among(code, base, known) {
            let text = format!("The element may not be a {code}, as its base allows {}.", shortened(base));
            at("code", IssueCode::Value, text, findings);
        }
        findings.path.push("profile");
        for (index, profile) in texts(one, "profile").filter(|(_, profile)| !profile.contains('#')) {
            findings.path.set_index(Some(index));
            match type_of(profile, known) {
                Some(found) if !fits(found, code, known) => {
                    let text = format!("The profile is for {found}, and the element is a {code}.");
                    findings.error(IssueCode::Value, KEY, text);
                }
                Some(_) => {}
                None => {
                    let text = "The profile is not at hand, so that what it is for was not judged.";
                    findings.information(IssueCode::NotFound, KEY, text);
                }
            }
        }
        findings.path.pop();
        if one.contains_key("targetProfile") && !matches!(code, "Reference" | "canonical" | "CodeableReference") {
            let text = format!("Only a Reference or a canonical has a target, and the element is a {code}.");
            at("targetProfile", IssueCode::BusinessRule, text, findings);
        }
    }
    findings.path.pop();
}

/// Whether the base allows a type, or one that it is a kind of.
fn is_among(code: &str, base: &[&str], known: &Known) -> bool {
    base.is_empty()
        || code.starts_with("http://hl7.org/fhirpath/")
        || base.iter().any(|name| {
            fits(code, name, known)
                || matches!((*name, code), ("BackboneElement", "Element") | ("SimpleQuantity", "Quantity"))
        })
}

/// Whether a type is the other one, or a kind of it.
fn fits(found: &str, wanted: &str, known: &Known) -> bool {
    match wanted {
        _ if found == wanted => true,
        "Element" => true,
        "Resource" => known.types.resource_type(found).is_some() || found == "DomainResource",
        "DomainResource" => known.types.resource_type(found).is_some(),
        "BackboneElement" => false,
        "Quantity" => matches!(found, "SimpleQuantity" | "MoneyQuantity"),
        _ => false,
    }
}

fn shortened(names: &[&str]) -> String {
    match names {
        [first, second, third, rest @ ..] if rest.len() > 1 => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        _ => names.join(" or "),
    }
}

/// A fixed value or pattern has a type of the element.
fn values<'a>(element: &'a Object, allowed: &[&str], findings: &mut Findings<'a>) {
    for name in ["fixed", "pattern"] {
        let Some((member, suffix, _)) = choice(element, name) else {
            continue;
        };
        let same = |code: &&str| {
            let bare = code.rsplit('.').next().unwrap_or(code);
            bare.eq_ignore_ascii_case(suffix)
                || matches!(
                    (bare, suffix),
                    ("String", _)
                        | ("SimpleQuantity" | "MoneyQuantity", "Quantity")
                        | ("id", "String")
                        | ("uri", "String")
                )
        };
        if !allowed.is_empty() && !allowed.iter().any(same) {
            findings.path.push_member(name, member);
            let text = format!("The value is a {suffix}, and the element is {}.", shortened(allowed));
            findings.error(IssueCode::Value, KEY, text);
            findings.path.pop();
        }
    }
}

fn slicing<'a>(
    element: &'a Object,
    path: &str,
    base: &[ElementType],
    own: &[&str],
    known: &Known,
    findings: &mut Findings<'a>,
) {
    let Some(slicing) = object(element, "slicing") else {
        return;
    };
    findings.path.push("slicing");
    if !path.contains('.') {
        findings.error(IssueCode::BusinessRule, KEY, "The root of a definition cannot be sliced.");
    }
    let named: Vec<ElementType> =
        own.iter().filter_map(|name| known.types.named(name)).map(|(id, _)| ElementType::Object(id)).collect();
    let is_group = base.iter().any(|one| type_name(known.types, *one) == "BackboneElement");
    let from = if named.is_empty() || is_group { base } else { &named };
    findings.path.push("discriminator");
    for (index, one) in objects(slicing, "discriminator") {
        let Some(path) = text(one, "path") else {
            continue;
        };
        if discriminator::leads_somewhere(known.types, from, path) == Some(false) {
            findings.path.set_index(Some(index));
            findings.path.push("path");
            findings.push(
                Issue::error(IssueCode::Value, KEY, "The discriminator's path leads nowhere from the sliced element.")
                    .with_hint(
                        "write it from the element down, with names as FHIRPath has them (`value`, not `valueCode`)",
                    ),
            );
            findings.path.pop();
        }
    }
    findings.path.pop();
    findings.path.pop();
}

/// An error at a member of the element.
fn at<'a>(member: &'a str, code: IssueCode, text: String, findings: &mut Findings<'a>) {
    findings.path.push(member);
    findings.error(code, KEY, text);
    findings.path.pop();
}
