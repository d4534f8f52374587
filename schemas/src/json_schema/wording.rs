//! A fault of one schema keyword -> issues in the sender's terms.

use super::Gathered;
use super::branches::{Told, allowed_values, json_type, same_json_type};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::json_pointer;
use crate::spelling;
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

/// More allowed codes than this are counted instead of listed.
const CODES_LISTED: usize = 20;

pub(super) fn issues_of(told: Told<'_>, schema: &Value, payload: &Value, out: &mut Gathered) {
    match told {
        Told::One(fault) => of_keyword(&fault, schema, payload, out),
        Told::NoType { pointer, value, allowed } => out.push(wrong_type(&pointer, &value, &allowed)),
        Told::NoConstant { pointer, value, allowed } => out.push(wrong_code(&pointer, &value, &allowed)),
    }
}

fn of_keyword(fault: &ValidationError<'_>, schema: &Value, payload: &Value, out: &mut Gathered) {
    let pointer = fault.instance_path().as_str();
    match fault.kind() {
        Kind::Type { kind } => out.push(wrong_type(pointer, fault.instance(), &type_names(kind))),
        Kind::Required { property } => out.push(missing(pointer, property, schema, fault)),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known = known_members(schema, fault.schema_path().as_str());
            let present = json_pointer::resolve(payload, pointer);
            let is_doubtful = matches!(fault.kind(), Kind::UnevaluatedProperties { .. });
            for member in unexpected {
                let issue = unknown_member(pointer, member, &known, present);
                if is_doubtful && known.contains(&member.as_str()) {
                    out.push_doubtful(pointer, issue);
                } else {
                    out.push(issue);
                }
            }
        }
        Kind::Enum { .. } | Kind::Constant { .. } => {
            out.push(wrong_code(pointer, fault.instance(), &allowed_values(fault)));
        }
        Kind::Format { format } => {
            let words = format!("{} must be {}.", subject(pointer), format_words(format));
            let issue = Issue::error(IssueCode::Value, IssueKey::SourceFormat, words).with_pointer(pointer);
            out.push(described(issue, schema, fault));
        }
        Kind::Pattern { pattern: wanted } => {
            let words = pattern_words(wanted, fault.schema_path().as_str(), schema);
            out.push(described(rule(pointer, &words), schema, fault));
        }
        Kind::PropertyNames { error } => out.push(wrong_name(pointer, error)),
        Kind::FalseSchema => out.push(rule(pointer, "is not allowed here")),
        Kind::AdditionalItems { limit } => out.push(rule(pointer, &format!("may have at most {limit} items"))),
        Kind::UnevaluatedItems { unexpected } => {
            out.push(rule(pointer, &format!("has {} items more than allowed", unexpected.len())));
        }
        kind => out.push(described(rule(pointer, &rule_words(kind)), schema, fault)),
    }
}

/// A rule is told in the words of whoever wrote the schema, where it has some: a pattern alone tells few people what to
/// send.
fn described(issue: Issue, schema: &Value, fault: &ValidationError<'_>) -> Issue {
    match description(schema, fault.schema_path().as_str()) {
        Some(words) => issue.with_hint(format!("what the schema says of it: {words}")),
        None => issue,
    }
}

/// The description of the value that a keyword is about: beside the keyword, or around the alternative it stands in.
fn description<'a>(schema: &'a Value, keyword: &str) -> Option<&'a str> {
    let mut around = keyword;
    loop {
        around = json_pointer::parent(around)?;
        let object = json_pointer::resolve(schema, around)?;
        if let Some(words) = object.get("description").and_then(Value::as_str).filter(|words| !words.trim().is_empty())
        {
            return Some(words.trim());
        }
        let is_part = |word: &str| {
            matches!(word, "allOf" | "anyOf" | "oneOf" | "not" | "if" | "then" | "else")
                || word.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !around.rsplit('/').next().is_some_and(is_part) {
            return None;
        }
    }
}

fn rule(pointer: &str, words: &str) -> Issue {
    Issue::error(IssueCode::Value, IssueKey::SourceRule, format!("{} {words}.", subject(pointer))).with_pointer(pointer)
}

/// What a pattern wants, in words where the schema has any: its `x-words`, such as `a time of day, as 07:30`.
///
/// Whoever reads an answer of HL7 version 2 or an acknowledgement does not read regular expressions.
fn pattern_words(pattern: &str, keyword: &str, schema: &Value) -> String {
    let around = json_pointer::parent(keyword).and_then(|place| json_pointer::resolve(schema, place));
    match around.and_then(|one| one.get("x-words")).and_then(Value::as_str) {
        Some(words) => format!("must be {words}"),
        None if pattern == r"\S" => "must not be blank".to_owned(),
        None => format!("must match the pattern `{pattern}`"),
    }
}

/// The rest of a sentence that starts with the subject.
fn rule_words(kind: &Kind) -> String {
    match kind {
        Kind::Pattern { pattern } => format!("must match the pattern `{pattern}`"),
        Kind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::Minimum { limit } => format!("must be {limit} or more"),
        Kind::Maximum { limit } => format!("must be {limit} or less"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MinItems { limit: 1 } => "must have at least one item".to_owned(),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::MinProperties { limit } => format!("must have at least {limit} members"),
        Kind::MaxProperties { limit } => format!("must have at most {limit} members"),
        Kind::UniqueItems => "must not list the same item twice".to_owned(),
        Kind::Contains => "lacks an item of the kind that must be among them".to_owned(),
        Kind::ContentEncoding { content_encoding } => {
            format!("must be encoded as {content_encoding}")
        }
        Kind::ContentMediaType { content_media_type } => format!("must hold {content_media_type}"),
        Kind::OneOfMultipleValid { .. } => "fits several alternatives of which only one may fit".to_owned(),
        Kind::Custom { message, .. } => message.clone(),
        Kind::Not { .. } => "has a form that is ruled out here".to_owned(),
        other => format!("breaks the rule `{}` of the schema", other.keyword()),
    }
}

fn wrong_type(pointer: &str, value: &Value, allowed: &[String]) -> Issue {
    let mut words: Vec<&str> = Vec::new();
    for name in allowed {
        let word = type_words(name);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    // A number that is no whole number is told as such: "must be a whole number, not a number" would puzzle.
    let found = match value {
        Value::Number(_) if words.contains(&type_words("integer")) => "a number with a fraction",
        other => type_words(json_type(other)),
    };
    let issue = Issue::error(
        IssueCode::Value,
        IssueKey::SourceType,
        format!("{} must be {}, not {found}.", subject(pointer), words.join(" or ")),
    )
    .with_pointer(pointer);
    match retyped(allowed, value) {
        Some(hint) => issue.with_hint(hint),
        None => issue,
    }
}

/// What to do where the value is right and only its type is not.
fn retyped(allowed: &[String], value: &Value) -> Option<&'static str> {
    let takes = |name: &str| allowed.iter().any(|one| one == name);
    match value {
        Value::Null => Some("leave it out, or give it a value"),
        Value::Number(_) | Value::Bool(_) if takes("string") => Some("write it in quotation marks"),
        Value::String(text) if takes("number") && text.trim().parse::<f64>().is_ok() => {
            Some("write it without quotation marks")
        }
        Value::String(text) if takes("integer") && text.trim().parse::<i64>().is_ok() => {
            Some("write it without quotation marks")
        }
        Value::String(text) if takes("boolean") && matches!(text.trim(), "true" | "false") => {
            Some("write it without quotation marks")
        }
        one if takes("array") && !one.is_array() => Some("put it into a list, also where it is the only one"),
        _ => None,
    }
}

fn type_names(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(one) => vec![one.as_str().to_owned()],
        TypeKind::Multiple(many) => many.iter().map(|one| one.as_str().to_owned()).collect(),
    }
}

fn type_words(name: &str) -> &'static str {
    match name {
        "string" => "text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    }
}

fn missing(pointer: &str, property: &Value, schema: &Value, fault: &ValidationError<'_>) -> Issue {
    let name = property.as_str().unwrap_or_default();
    let whole = subject(pointer);
    let issue = Issue::error(
        IssueCode::Required,
        IssueKey::SourceRequired,
        format!("{whole} lacks the required member `{name}`."),
    )
    .with_pointer(pointer)
    .with_missing(name);
    let known = known_members(schema, fault.schema_path().as_str());
    let strangers = fault.instance().as_object().into_iter().flat_map(|members| members.keys().map(String::as_str));
    let near = spelling::nearest(name, strangers.filter(|member| !known.contains(member)));
    match near {
        Some(near) => issue.with_hint(format!("rename `{near}` to `{name}`, if that is what it means")),
        None => issue.with_hint(format!("add `{name}`")),
    }
}

fn unknown_member(pointer: &str, member: &str, known: &[&str], present: Option<&Value>) -> Issue {
    let issue = Issue::warning(
        IssueCode::Structure,
        IssueKey::SourceUnknownField,
        format!("The member `{member}` is not known here; it is kept aside and not sent on."),
    )
    .with_pointer(json_pointer::child(pointer, member));
    let free = known.iter().copied().filter(|name| present.is_none_or(|object| object.get(name).is_none()));
    match spelling::nearest(member, free) {
        Some(near) => issue.with_hint(format!("did you mean `{near}`?")),
        None => issue.with_hint("leave it out, or have the plugin's schema and mapping extended"),
    }
}

fn wrong_code(pointer: &str, value: &Value, allowed: &[Value]) -> Issue {
    let of_type: Vec<&Value> = allowed.iter().filter(|option| same_json_type(option, value)).collect();
    if of_type.is_empty() {
        let names: Vec<String> = allowed.iter().map(|option| json_type(option).to_owned()).collect();
        return wrong_type(pointer, value, &names);
    }
    if !matches!(value, Value::String(_) | Value::Number(_)) {
        return rule(pointer, &format!("must be {}", listed(&of_type)));
    }
    let text =
        format!("{} is a code that is not in its list; it is kept aside and not sent as valid.", subject(pointer));
    Issue::warning(IssueCode::CodeInvalid, IssueKey::SourceUnknownCode, text)
        .with_pointer(pointer)
        .with_hint(format!("allowed: {}", listed(&of_type)))
}

fn listed(values: &[&Value]) -> String {
    let shown: Vec<String> = values
        .iter()
        .take(CODES_LISTED)
        .map(|value| value.as_str().map_or_else(|| value.to_string(), |text| format!("`{text}`")))
        .collect();
    let more = values.len().saturating_sub(CODES_LISTED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}

fn wrong_name(pointer: &str, fault: &ValidationError<'_>) -> Issue {
    let name = fault.instance().as_str().unwrap_or_default();
    let place = json_pointer::child(pointer, name);
    let not_listed = matches!(fault.kind(), Kind::Enum { .. } | Kind::Constant { .. });
    if not_listed {
        let allowed = allowed_values(fault);
        let known: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        return unknown_member(pointer, name, &known, None);
    }
    let words = match fault.kind() {
        Kind::Format { format } => format!("must be {}", format_words(format)),
        kind => rule_words(kind),
    };
    Issue::error(IssueCode::Value, IssueKey::SourceRule, format!("The name of the member `{name}` {words}."))
        .with_pointer(place)
}

/// Names the value for a sentence by its member name; an item by its list.
fn subject(pointer: &str) -> String {
    let tokens = json_pointer::tokens(pointer).unwrap_or_default();
    let is_index = |token: &String| token.bytes().all(|byte| byte.is_ascii_digit());
    match tokens.iter().rev().find(|token| !is_index(token)) {
        None if tokens.is_empty() => "The payload".to_owned(),
        None => "An item of the payload".to_owned(),
        Some(name) if tokens.last() == Some(name) => format!("`{name}`"),
        Some(name) => format!("An item of `{name}`"),
    }
}

/// What a format asks for, in words that a sender can act on.
fn format_words(format: &str) -> String {
    match format {
        "date" => "a date that exists, written YYYY-MM-DD".to_owned(),
        "date-time" => "a date and time with its offset, as 2026-03-01T09:30:00Z or +01:00".to_owned(),
        "time" => "a time with its offset, as 09:30:00Z or +01:00".to_owned(),
        "duration" => "a duration, as P1D or PT30M".to_owned(),
        "uuid" => "a UUID".to_owned(),
        "email" | "idn-email" => "an e-mail address".to_owned(),
        "uri" | "iri" => "an absolute URI".to_owned(),
        other => format!("of the format `{other}`"),
    }
}

/// The member names known to the schema that a keyword stands in, through its own `$ref`s and `allOf`s.
fn known_members<'a>(schema: &'a Value, keyword: &str) -> Vec<&'a str> {
    let mut out = Vec::new();
    // `required` stands one level above the number of the missing name in some drafts.
    let around = json_pointer::parent(keyword).unwrap_or_default();
    let object = json_pointer::resolve(schema, around)
        .filter(|found| found.is_object())
        .or_else(|| json_pointer::resolve(schema, json_pointer::parent(around)?));
    if let Some(object) = object {
        gather_members(schema, object, &mut out, 0);
    }
    out
}

/// A schema may refer to itself: deeper than this no hint is worth the walk.
const DEEPEST_HINT: usize = 8;

fn gather_members<'a>(root: &'a Value, object: &'a Value, out: &mut Vec<&'a str>, depth: usize) {
    if depth > DEEPEST_HINT {
        return;
    }
    let properties = object.get("properties").and_then(Value::as_object);
    out.extend(properties.into_iter().flat_map(|members| members.keys().map(String::as_str)));
    let local = object.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    if let Some(target) = local.and_then(|pointer| json_pointer::resolve(root, pointer)) {
        gather_members(root, target, out, depth + 1);
    }
    for word in ["allOf", "anyOf", "oneOf"] {
        for part in object.get(word).and_then(Value::as_array).into_iter().flatten() {
            gather_members(root, part, out, depth + 1);
        }
    }
    for word in ["if", "then", "else"] {
        if let Some(part) = object.get(word) {
            gather_members(root, part, out, depth + 1);
        }
    }
}
