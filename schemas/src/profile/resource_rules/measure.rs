//! Criteria of a measure that name something in its libraries (<https://hl7.org/fhir/R4/measure.html>).

use super::members::{Object, list, object, objects, text, texts};
use crate::fhir_path::Expression;
use crate::issue::{IssueCode, IssueKey};
use crate::known::Known;
use crate::profile::findings::Findings;
use crate::profile::rules::attachment;
use serde_json::Value;
use std::collections::HashSet;

const KEY: IssueKey = IssueKey::TargetMeasure;

/// Judges a Measure.
pub fn check<'a>(resource: &'a Object, known: &Known, findings: &mut Findings<'a>) {
    let libraries = libraries(resource, known, findings);
    let groups = list(resource, "group").len();
    findings.path.push("group");
    for (index, group) in objects(resource, "group") {
        findings.path.set_index(Some(index));
        if groups > 1 {
            should_be_coded(group, "group", findings);
        }
        findings.path.push("population");
        for (index, population) in objects(group, "population").filter(|_| list(group, "population").len() > 1) {
            findings.path.set_index(Some(index));
            should_be_coded(population, "population", findings);
        }
        findings.path.pop();
        findings.path.push("stratifier");
        for (index, stratifier) in objects(group, "stratifier") {
            findings.path.set_index(Some(index));
            criteria(stratifier, &libraries, findings);
            findings.path.push("component");
            for (index, component) in objects(stratifier, "component") {
                findings.path.set_index(Some(index));
                criteria(component, &libraries, findings);
            }
            findings.path.pop();
        }
        findings.path.pop();
    }
    findings.path.pop();
}

/// Without a code nobody can say which one a report means.
fn should_be_coded(part: &Object, what: &str, findings: &mut Findings<'_>) {
    if !part.contains_key("code") {
        let text = format!("The {what} has no code, so that a report cannot say which one it reports.");
        findings.warning(IssueCode::BusinessRule, KEY, text);
    }
}

/// A library and what it defines; nothing when its text is not here.
struct Library<'k> {
    name: &'k str,
    definitions: Option<HashSet<String>>,
}

struct Libraries<'k> {
    found: Vec<Library<'k>>,
    all_found: bool,
    any_named: bool,
}

fn libraries<'a, 'k>(resource: &'a Object, known: &'k Known, findings: &mut Findings<'a>) -> Libraries<'k> {
    let mut out = Libraries { found: Vec::new(), all_found: true, any_named: false };
    findings.path.push("library");
    for (index, canonical) in texts(resource, "library") {
        out.any_named = true;
        findings.path.set_index(Some(index));
        let found = known.published(canonical).and_then(Value::as_object);
        match found.filter(|found| text(found, "resourceType") == Some("Library")) {
            Some(library) => out
                .found
                .push(Library { name: text(library, "name").unwrap_or_default(), definitions: definitions(library) }),
            None => {
                out.all_found = false;
                let text = "The library is not at hand, so that what the measure takes from it was not judged.";
                findings.information(IssueCode::NotFound, KEY, text);
            }
        }
    }
    findings.path.pop();
    out
}

/// The names that the CQL of a library defines.
fn definitions(library: &Object) -> Option<HashSet<String>> {
    let cql = objects(library, "content").find(|(_, content)| text(content, "contentType") == Some("text/cql"))?.1;
    let source = String::from_utf8(attachment::decoded(text(cql, "data")?)?).ok()?;
    Some(source.lines().filter_map(defined_name).collect())
}

/// `define "Name":`, `define public Name:`, `define function Name(`.
fn defined_name(line: &str) -> Option<String> {
    let mut rest = line.trim_start().strip_prefix("define ")?.trim_start();
    for word in ["public ", "private ", "fluent ", "function "] {
        rest = rest.strip_prefix(word).map_or(rest, str::trim_start);
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        return quoted.split_once('"').map(|(name, _)| name.to_owned());
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The criteria of a stratifier; the path stands at it.
fn criteria<'a>(stratifier: &'a Object, libraries: &Libraries<'_>, findings: &mut Findings<'a>) {
    let Some(criteria) = object(stratifier, "criteria") else {
        return;
    };
    let Some(expression) = text(criteria, "expression") else {
        return;
    };
    let wrong = match text(criteria, "language") {
        Some("text/cql" | "text/cql.identifier" | "text/cql-identifier") => named_in(expression, libraries),
        Some("text/fhirpath") => {
            Expression::compile(expression).err().map(|error| format!("The FHIRPath cannot be read: {error}."))
        }
        _ => None,
    };
    findings.path.push("criteria");
    if let Some(wrong) = wrong {
        findings.error(IssueCode::Value, KEY, wrong);
    }
    findings.path.pop();
}

/// What is wrong with a name in a library (`Library.Name`, or `Name` where there is one library only).
fn named_in(expression: &str, libraries: &Libraries<'_>) -> Option<String> {
    if !libraries.any_named {
        return Some("The criteria are CQL, and the measure names no library.".to_owned());
    }
    if libraries.found.is_empty() {
        return None;
    }
    let (library, name) = match expression.split_once('.') {
        Some((library, name)) => {
            let found = libraries.found.iter().find(|one| one.name == library.trim_matches('"'));
            match found {
                Some(found) => (found, name),
                None if libraries.all_found => {
                    return Some(format!("None of the measure's libraries has the name `{library}`."));
                }
                None => return None,
            }
        }
        None => match libraries.found.as_slice() {
            [only] if libraries.all_found => (only, expression),
            [_] => return None,
            _ => return Some("The criteria must say which of the measure's libraries they mean.".to_owned()),
        },
    };
    let name = name.trim_matches('"');
    let is_missing = library.definitions.as_ref().is_some_and(|defined| !defined.contains(name));
    is_missing.then(|| format!("The library `{}` does not define `{name}`.", library.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::resource_rules::table::assert_places;
    use serde_json::json;

    #[test]
    fn criteria_name_what_a_library_defines() {
        // `define "Initial Population": true`, a line end, `define function Age(): 1`.
        let data = "ZGVmaW5lICJJbml0aWFsIFBvcHVsYXRpb24iOiB0cnVlCmRlZmluZSBmdW5jdGlvbiBBZ2UoKTogMQ==";
        let library = [json!({"resourceType": "Library", "url": "https://host.example/Library/l", "name": "Lib",
            "content": [{"contentType": "text/cql", "data": data}]})];
        let measure = |libraries: Value, expression: &str| {
            json!({"resourceType": "Measure", "library": libraries, "group": [{"stratifier": [
                {"criteria": {"language": "text/cql", "expression": expression}}]}]})
        };
        let ours = || json!(["https://host.example/Library/l"]);
        let place = "Measure.group[0].stratifier[0].criteria";
        assert_places(
            &library,
            [
                (measure(ours(), "Lib.Age"), &[]),
                (measure(ours(), "\"Initial Population\""), &[]),
                (measure(ours(), "Lib.\"Initial Population\""), &[]),
                (measure(ours(), "Lib.Sex"), &[place]),
                (measure(ours(), "Other.Age"), &[place]),
                (measure(json!([]), "Lib.Age"), &[place]),
                (measure(json!(["https://host.example/Library/unknown"]), "Lib.Age"), &[]),
            ],
        );
        let path = |expression: &str| {
            json!({"resourceType": "Measure", "group": [{"stratifier": [
                {"criteria": {"language": "text/fhirpath", "expression": expression}}]}]})
        };
        assert_places(&[], [(path("Patient.gender"), &[]), (path("Patient.(gender"), &[place])]);
        assert_eq!(defined_name("define public fluent function \"A B\"(x Integer):").as_deref(), Some("A B"));
        assert_eq!(defined_name("definition"), None);
    }
}
