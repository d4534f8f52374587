//! Words of a source schema that JSON Schema would silently ignore: `requird` requires nothing.

use crate::diagnostic::{Code, Reporter, Span};
use ginnel_schemas::spelling::nearest;
use serde_json::Value;

/// Keywords of draft 7 and 2020-12 whose value is one schema, or a list of them.
const SCHEMAS: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value is a map of schemas by names of the author's.
const MAPS: &[&str] = &["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];

/// All other keywords.
const PLAIN: &[&str] = &[
    "$anchor",
    "$comment",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$ref",
    "$schema",
    "$vocabulary",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "dependentRequired",
    "deprecated",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
];

/// Annotations of OpenAPI and of editors, which are near a keyword and meant as they stand.
const ANNOTATIONS: &[&str] = &["example", "nullable", "discriminator", "enumNames", "descriptions"];

const FORMATS: &[&str] = &[
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// Reports what is nearly a keyword or a format. Other unknown words are annotations and nobody's fault.
pub fn check_schema_words(text: &str, schema: &Value, reporter: &mut Reporter) {
    match schema {
        Value::Array(several) => several.iter().for_each(|one| check_schema_words(text, one, reporter)),
        Value::Object(map) => {
            for (word, value) in map {
                if SCHEMAS.contains(&word.as_str()) {
                    check_schema_words(text, value, reporter);
                } else if MAPS.contains(&word.as_str()) {
                    for one in value.as_object().into_iter().flat_map(|map| map.values()) {
                        // A dependency of draft 7 may be a list of names.
                        if !one.is_array() {
                            check_schema_words(text, one, reporter);
                        }
                    }
                } else if !PLAIN.contains(&word.as_str()) {
                    unknown_word(text, word, reporter);
                }
            }
            if let Some(format) = map.get("format").and_then(Value::as_str)
                && !FORMATS.contains(&format)
                && let Some(meant) = nearest(format, FORMATS.iter().copied())
            {
                let said = format!("JSON Schema has no format `{format}`: nothing would be checked");
                let span = place_of(text, format, |rest| !rest.starts_with(':'));
                reporter.report_once(Code::SchemaFormat, span, said, format!("did you mean `{meant}`?"));
            }
        }
        _ => {}
    }
}

fn unknown_word(text: &str, word: &str, reporter: &mut Reporter) {
    if word.starts_with("x-") || ANNOTATIONS.contains(&word) {
        return;
    }
    // Words of three letters are near everything.
    let known = SCHEMAS.iter().chain(MAPS).chain(PLAIN).copied().filter(|known| known.len() > 3);
    if let Some(meant) = nearest(word, known) {
        let said = format!("JSON Schema has no word `{word}`: it would say nothing");
        let span = place_of(text, word, |rest| rest.starts_with(':'));
        reporter.report_once(Code::SchemaWord, span, said, format!("did you mean `{meant}`?"));
    }
}

/// Where a quoted word stands in a text, by what follows it.
fn place_of(text: &str, word: &str, follows: impl Fn(&str) -> bool) -> Span {
    let quoted = format!("\"{word}\"");
    let found = text.match_indices(&quoted).find(|(at, _)| {
        let rest = text.get(at + quoted.len()..).unwrap_or_default();
        follows(rest.trim_start())
    });
    let Some((at, _)) = found else { return Span::default() };
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Span::new(line, column, quoted.chars().count())
}
