//! The values of a search parameter: alternatives, escapes, tokens and references
//! (<https://hl7.org/fhir/R4/search.html#escaping>).

use crate::error::GatewayError;
use crate::extract::query::refused;
use crate::route_table::FHIR_BASE;
use crate::search_parameters::{ParameterKind, SearchParameter};
use crate::store::index::split_reference;
use crate::store::query::Token;
use crate::store::version::is_id;

pub(super) fn read_value(
    parameter: SearchParameter,
    modifier: Option<&str>,
    value: &str,
) -> Result<Token, GatewayError> {
    let name = parameter.name;
    match (parameter.kind, modifier) {
        (ParameterKind::Token, None) => token(name, value),
        (ParameterKind::Code, None) => Ok(Token { system: None, ..token(name, value)? }),
        (ParameterKind::Reference | ParameterKind::PatientReference, modifier) => reference(parameter, modifier, value),
        (_, Some(_)) => Err(refused(format!("`{name}` takes no such modifier."), "leave the modifier out")),
    }
}

fn token(name: &str, value: &str) -> Result<Token, GatewayError> {
    let parts = split_unescaped(value, '|');
    let plain = |part: &String| (!part.is_empty()).then(|| part.clone());
    match parts.as_slice() {
        [code] => Ok(Token { system: None, code: plain(code) }),
        [system, code] if !(system.is_empty() && code.is_empty()) => {
            Ok(Token { system: Some(system.clone()), code: plain(code) })
        }
        _ => Err(refused(
            format!("A value of `{name}` cannot be read."),
            "write `code`, `system|code`, `|code` or `system|`",
        )),
    }
}

fn reference(parameter: SearchParameter, modifier: Option<&str>, value: &str) -> Result<Token, GatewayError> {
    let name = parameter.name;
    let local = value.split_once(FHIR_BASE).map_or(value, |(_, rest)| rest.trim_start_matches('/'));
    let assumed = match (parameter.kind, modifier) {
        (ParameterKind::PatientReference, None | Some("Patient")) => Some("Patient"),
        (ParameterKind::Reference, modifier) => modifier,
        _ => {
            return Err(refused(format!("`{name}` takes no such modifier."), "leave the modifier out"));
        }
    };
    let (system, code) = match split_reference(local) {
        Some((resource_type, id)) => (Some(resource_type), id),
        None if is_id(local) => (assumed, local),
        None if value.contains(':') => (Some(""), value),
        None => {
            return Err(refused(format!("A value of `{name}` is no reference."), "write `Type/id` or `id`"));
        }
    };
    Ok(Token { system: system.map(str::to_owned), code: Some(code.to_owned()) })
}

/// The values that a comma separates. An empty one would match everything, which nobody means.
pub(super) fn alternatives(name: &str, value: &str) -> Result<Vec<String>, GatewayError> {
    let escaped = split_keeping_escapes(value, ',');
    if escaped.iter().any(String::is_empty) {
        return Err(refused(format!("`{name}` has an empty value."), "give a value or leave the parameter out"));
    }
    // Escapes are resolved by whoever splits last; what has no further parts is resolved here.
    Ok(if name == "_id" { escaped.iter().map(|value| unescape(value)).collect() } else { escaped })
}

/// Splits at a separator that no backslash stands before; the parts keep their escapes.
fn split_keeping_escapes(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in text.chars() {
        if character == separator && !escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(character);
        }
        escaped = character == '\\' && !escaped;
    }
    parts
}

fn split_unescaped(text: &str, separator: char) -> Vec<String> {
    split_keeping_escapes(text, separator).iter().map(|part| unescape(part)).collect()
}

/// FHIR escapes `,` `|` `$` and the backslash by a backslash.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some(&next @ (',' | '|' | '$' | '\\'))) => {
                out.push(next);
                characters.next();
            }
            _ => out.push(character),
        }
    }
    out
}
