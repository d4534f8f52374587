//! `words`: one text of several words to the list of them, as FHIR's `given` names are.

use super::signature::{ANY_TEXT, Given, Signature};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// The function.
pub const WORDS: Function = Function {
    name: "words",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    free_text: true,
    signature: Signature {
        takes: &[ANY_TEXT],
        gives: Given::Plains(&[Primitive::String, Primitive::Markdown]),
        returns: true,
    },
    help: "Text to the list of its words.",
    examples: &[
        Example::new("", r#"["Margaret Ellen"]"#, r#"["Margaret","Ellen"]"#),
        Example::new("", r#"["  Mary  Ann "]"#, r#"["Mary","Ann"]"#),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let Some(text) = text(sources)? else { return Ok(None) };
    Ok(Some(text.split_whitespace().map(Value::from).collect()))
}

fn back(_: &Arguments, value: &Value) -> Returned {
    let words: Option<Vec<&str>> = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    let words = words.ok_or_else(|| Outside::domain("this is not a list of texts"))?;
    if words.iter().any(|word| word.contains(char::is_whitespace)) {
        return Err(Outside::domain("a name of two words would come back as two names"));
    }
    Ok(vec![Some(words.join(" ").into())])
}
