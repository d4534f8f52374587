//! A StructureDefinition that says what its base can mean (<https://hl7.org/fhir/R4/structuredefinition.html>).

mod discriminator;
mod element;
mod paths;
#[cfg(test)]
mod tests;

use super::members::{Object, list, object, objects, text, without_version};
use crate::definition::{Definitions, Kind};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;

const KEY: IssueKey = IssueKey::TargetDefinition;
/// Where the URLs of FHIR's own types start.
const FHIR_TYPES: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Judges a StructureDefinition.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let Some(type_name) = text(resource, "type") else {
        return;
    };
    let is_fhirs = is_type(type_name, known.types);
    if !is_fhirs && !is_absolute(type_name) {
        findings.path.push("type");
        findings.push(
            Issue::error(IssueCode::Value, KEY, "The type is none of FHIR's, so that its name must be a whole URL.")
                .with_hint(
                    "use the canonical URL of the definition, such as https://your.host/StructureDefinition/Name",
                ),
        );
        findings.path.pop();
    }
    base_type(resource, type_name, known, findings);
    kind(resource, type_name, known, findings);
    own_url(resource, findings);
    base_extension(resource, known, findings);
    for member in ["differential", "snapshot"] {
        let Some(view) = object(resource, member) else {
            continue;
        };
        findings.path.push(member);
        roots(view, type_name, findings);
        // A snapshot only repeats what its base and the differential say.
        let is_the_word = member == "differential" || list(view, "element").is_empty();
        if is_the_word && text(resource, "derivation") == Some("constraint") && is_fhirs {
            element::check_all(view, type_name, known, findings);
        }
        findings.path.pop();
    }
}

/// What a definition derives from has the same type when it constrains, and another when it specialises.
fn base_type<'a>(resource: &'a Object, type_name: &'a str, known: &Known, findings: &mut Findings<'a>) {
    let (Some(base), Some(derivation)) = (text(resource, "baseDefinition"), text(resource, "derivation")) else {
        return;
    };
    let base_type = type_of(base, known);
    let wrong = match (derivation, base_type) {
        ("constraint", Some(base_type)) if base_type != type_name => {
            format!("A definition that constrains {base_type} must be of the type {base_type} too.")
        }
        ("specialization", Some(base_type)) if base_type == type_name => {
            "A definition that specialises a type must have a type of its own.".to_owned()
        }
        ("specialization", None) if without_version(base) == type_name => {
            "A definition that specialises a type must have a type of its own.".to_owned()
        }
        ("constraint", None) if !is_type(type_name, known.types) => return,
        (_, None) => {
            findings.path.push("baseDefinition");
            let text = "The base definition is not at hand, so that the definition was not compared with it.";
            findings.warning(IssueCode::NotFound, KEY, text);
            return findings.path.pop();
        }
        _ => return,
    };
    findings.path.push("type");
    findings.error(IssueCode::Value, KEY, wrong);
    findings.path.pop();
}

/// What constrains one of FHIR's types is of the same kind.
fn kind<'a>(resource: &'a Object, type_name: &str, known: &Known, findings: &mut Findings<'a>) {
    let (Some(own), Some("constraint")) = (text(resource, "kind"), text(resource, "derivation")) else {
        return;
    };
    let wanted = match known.types.named(type_name).map(|(_, definition)| definition.kind) {
        Some(Kind::Resource) => "resource",
        Some(Kind::DataType) => "complex-type",
        Some(Kind::Primitive) => "primitive-type",
        Some(Kind::Group) | None => return,
    };
    if own != wanted && matches!(own, "resource" | "complex-type" | "primitive-type") {
        findings.path.push("kind");
        let text = format!("A definition that constrains {type_name} is of the kind `{wanted}`.");
        findings.push(Issue::error(IssueCode::Value, KEY, text).with_hint(format!("write `{wanted}`")));
        findings.path.pop();
    }
}

/// The URL that the definition of an extension fixes is its own.
fn own_url<'a>(resource: &'a Object, findings: &mut Findings<'a>) {
    let own = text(resource, "url").filter(|_| text(resource, "type") == Some("Extension"));
    let (Some(own), Some(view)) = (own, object(resource, "differential")) else {
        return;
    };
    findings.path.push("differential");
    findings.path.push("element");
    for (index, element) in objects(view, "element") {
        let url = text(element, "fixedUri").filter(|_| text(element, "path") == Some("Extension.url"));
        if url.is_some_and(|url| url != own) {
            findings.path.set_index(Some(index));
            findings.path.push_member("fixed", "fixedUri");
            let text = "The URL that the extension fixes is not the URL of its definition.";
            findings.push(Issue::error(IssueCode::Value, KEY, text).with_hint(format!("write {own}")));
            findings.path.pop();
        }
    }
    findings.path.pop();
    findings.path.pop();
}

/// An extension cannot be derived from another one, whose URL is fixed, unless it keeps that URL.
fn base_extension<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let base = text(resource, "baseDefinition").filter(|_| text(resource, "derivation") == Some("constraint"));
    let Some(base) = base.and_then(|base| known.profiles.get(base)).filter(|base| base.extension.is_some()) else {
        return;
    };
    let Some(view) = object(resource, "differential") else {
        return;
    };
    findings.path.push("differential");
    findings.path.push("element");
    for (index, element) in objects(view, "element") {
        let url = text(element, "fixedUri").filter(|_| text(element, "path") == Some("Extension.url"));
        if url.is_some_and(|url| *url != *base.url) {
            findings.path.set_index(Some(index));
            findings.path.push_member("fixed", "fixedUri");
            let text = "The extension it is derived from has fixed another URL, which no extension can have as well.";
            let hint = "derive it from http://hl7.org/fhir/StructureDefinition/Extension";
            findings.push(Issue::error(IssueCode::Value, KEY, text).with_hint(hint));
            findings.path.pop();
        }
    }
    findings.path.pop();
    findings.path.pop();
}

/// All paths start with the last part of the type.
fn roots<'a>(view: &'a Object, type_name: &str, findings: &mut Findings<'a>) {
    let root = type_name.rsplit('/').next().unwrap_or(type_name);
    findings.path.push("element");
    for (index, element) in objects(view, "element") {
        let Some(path) = text(element, "path") else {
            continue;
        };
        if path.split('.').next() != Some(root) {
            findings.path.set_index(Some(index));
            findings.path.push("path");
            findings.error(IssueCode::Value, KEY, format!("The path must start with `{root}`, the end of the type."));
            findings.path.pop();
        }
    }
    findings.path.pop();
}

/// The type that a profile or type of a canonical URL is of, where it is at hand.
fn type_of<'k>(canonical: &str, known: &'k Known) -> Option<&'k str> {
    if let Some(name) = without_version(canonical).strip_prefix(FHIR_TYPES)
        && let Some((_, definition)) = known.types.named(name).filter(|(_, found)| found.kind != Kind::Group)
    {
        // These two are profiles of Quantity that R4 uses like types.
        return Some(if matches!(name, "SimpleQuantity" | "MoneyQuantity") { "Quantity" } else { definition.name });
    }
    known.profiles.get(canonical).map(|profile| known.types.get(profile.of).name)
}

fn is_type(name: &str, types: &Definitions) -> bool {
    name == "Base" || types.named(name).is_some_and(|(_, found)| found.kind != Kind::Group)
}

fn is_absolute(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
    })
}
