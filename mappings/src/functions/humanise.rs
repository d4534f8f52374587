//! `humanise`: a code of words joined by underscores as words to read.

use super::signature::{ANY_TEXT, Signature, TEXTS};
use super::{Example, Function, PLAIN, Sources, Takes, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;

/// The function.
pub const HUMANISE: Function = Function {
    name: "humanise",
    class: LawClass::Derive,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT], gives: TEXTS, returns: false },
    help: "`below_average` to `Below average` (only out).",
    examples: &[
        Example::new("", r#"["below_average"]"#, r#""Below average""#),
        Example::new("", r#"["NEWS2-score"]"#, r#""NEWS2 score""#),
    ],
    out: |_, sources| Ok(text(sources)?.map(|text| Value::from(humanise(text)))),
    back: |_, _| Err(Outside::domain("the words do not tell the code")),
    ..PLAIN
};

/// Underscores and hyphens to spaces, first letter upper case.
pub fn humanise(code: &str) -> String {
    let spaced = code.replace(['_', '-'], " ");
    let mut letters = spaced.trim().chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
