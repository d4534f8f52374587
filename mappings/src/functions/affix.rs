//! `prefix("...")` and `suffix("...")`: text with fixed words in front or behind.

use super::signature::{ANY_TEXT, Signature, TEXTS};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;

/// Words in front.
pub const PREFIX: Function = Function {
    name: "prefix",
    class: LawClass::Iso,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(1),
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT], gives: TEXTS, returns: true },
    help: "Text with fixed words in front.",
    examples: &[Example::new(r#""Signs: ""#, r#"["grimacing"]"#, r#""Signs: grimacing""#)],
    out: |arguments, sources| Ok(text(sources)?.map(|text| format!("{}{text}", fixed(arguments)).into())),
    back: |arguments, value| stripped(fhir_text(value)?.strip_prefix(fixed(arguments))),
    ..PLAIN
};

/// Words behind.
pub const SUFFIX: Function = Function {
    name: "suffix",
    class: LawClass::Iso,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(1),
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT], gives: TEXTS, returns: true },
    help: "Text with fixed words behind.",
    examples: &[Example::new(r#"" (as stated)""#, r#"["daughter"]"#, r#""daughter (as stated)""#)],
    out: |arguments, sources| -> Sent { Ok(text(sources)?.map(|text| format!("{text}{}", fixed(arguments)).into())) },
    back: |arguments, value| stripped(fhir_text(value)?.strip_suffix(fixed(arguments))),
    ..PLAIN
};

fn fixed(arguments: &Arguments) -> &str {
    arguments.texts.first().map_or("", String::as_str)
}

fn stripped(text: Option<&str>) -> Returned {
    let text = text.ok_or_else(|| Outside::domain("this text lacks the words that the vendor's value is told by"))?;
    Ok(vec![Some(Value::from(text))])
}
