//! `prefix("...")`, `suffix("...")` and `without-prefix("...")`: text with fixed words in front or behind, or without them.

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

/// Words in front that are left away.
pub const WITHOUT_PREFIX: Function = Function {
    name: "without-prefix",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(1),
    by_element: true,
    free_text: true,
    signature: Signature { takes: &[ANY_TEXT], gives: TEXTS, returns: true },
    help: "Text without the fixed words that stand in front of it in the vendor's, in any case; a text without them is outside.",
    examples: &[
        Example::new(r#""PRN ""#, r#"["PRN Paracetamol 500mg"]"#, r#""Paracetamol 500mg""#),
        Example::new(r#""PRN ""#, r#"["prn  Senna"]"#, r#""Senna""#),
        Example::new(r#""PRN ""#, r#"["Senna PRN"]"#, "outside"),
        Example::new(r#""PRN ""#, r#"["PRN "]"#, "outside"),
    ],
    out: |arguments, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let words = fixed(arguments);
        let front = text.get(..words.len()).filter(|front| front.eq_ignore_ascii_case(words));
        let rest = front.and_then(|front| text.get(front.len()..)).map(str::trim_start).filter(|rest| !rest.is_empty());
        match rest {
            Some(rest) => Ok(Some(Value::from(rest))),
            None => Err(Outside::domain("this text does not begin with the words that are left away")),
        }
    },
    back: |arguments, value| Ok(vec![Some(Value::from(format!("{}{}", fixed(arguments), fhir_text(value)?)))]),
    ..PLAIN
};

fn fixed(arguments: &Arguments) -> &str {
    arguments.texts.first().map_or("", String::as_str)
}

fn stripped(text: Option<&str>) -> Returned {
    let text = text.ok_or_else(|| Outside::domain("this text lacks the words that the vendor's value is told by"))?;
    Ok(vec![Some(Value::from(text))])
}
