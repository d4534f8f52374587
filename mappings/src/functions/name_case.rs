//! `surname` and `given-names`: names that a system keeps in capitals, as they are written.

use super::signature::{Given, OPTIONAL_TEXT, Signature, TEXT_TO_TEXT};
use super::{Example, Function, PLAIN, Sources, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// A surname.
pub const SURNAME: Function = Function {
    name: "surname",
    class: LawClass::Lens,
    free_text: true,
    signature: TEXT_TO_TEXT,
    help: "A surname in capitals with its capital letters where they are sure; `McDonald`, `van Dijk` and the like are not, and stay as they are.",
    examples: &[
        Example::new("", r#"["PILBEAM"]"#, r#""Pilbeam""#),
        Example::new("", r#"["OKAFOR-WHITFIELD"]"#, r#""Okafor-Whitfield""#),
        Example::new("", r#"["O'NEIL"]"#, r#""O'Neil""#),
        Example::new("", r#"["MACDONALD"]"#, r#""MACDONALD""#),
        Example::new("", r#"["VAN DIJK"]"#, r#""VAN DIJK""#),
        Example::new("", r#"["d'Souza"]"#, r#""d'Souza""#),
        Example::new("", "[5]", "outside"),
    ],
    out: |_, sources| Ok(text(sources)?.map(|text| cased(text.trim()).into())),
    back: |_, value| Ok(vec![Some(super::fhir_text(value)?.into())]),
    ..PLAIN
};

/// Forenames of one field or several.
pub const GIVEN_NAMES: Function = Function {
    name: "given-names",
    class: LawClass::Lens,
    sources: Sources::Any,
    free_text: true,
    signature: Signature { takes: &[OPTIONAL_TEXT], gives: Given::Plains(&[Primitive::String]), returns: true },
    help: "Forenames of one field or several to the list of them; names in capitals as `surname` has them.",
    examples: &[
        Example::new("", r#"["SUNITA", "Devi Anne"]"#, r#"["Sunita","Devi","Anne"]"#),
        Example::new("", r#"["Dennis", null]"#, r#"["Dennis"]"#),
        Example::new("", r#"["JP"]"#, r#"["JP"]"#),
    ],
    out: |_, sources| {
        let mut names: Vec<Value> = Vec::new();
        for source in sources.iter().copied().flatten() {
            let text = source.as_str().ok_or_else(|| Outside::domain("this is not a text"))?;
            names.extend(text.split_whitespace().map(|name| Value::from(cased(name))));
        }
        Ok((!names.is_empty()).then_some(Value::Array(names)))
    },
    back: |arguments, value| {
        let list = value.as_array().ok_or_else(|| Outside::domain("these are not names"))?;
        let names = list.iter().map(|name| super::fhir_text(name)).collect::<Result<Vec<&str>, _>>()?;
        if arguments.sources == 1 {
            return Ok(vec![Some(names.join(" ").into())]);
        }
        let (first, rest) = names.split_first().ok_or_else(|| Outside::domain("there is no name"))?;
        let mut values = vec![Some(Value::from(*first)), Some(Value::from(rest.join(" ")))];
        values.resize(arguments.sources, Some(Value::Null));
        Ok(values)
    },
    ..PLAIN
};

/// A name in capitals with one capital at the front of each part; others, short ones and those of several words stay.
fn cased(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let in_capitals = letters > 2 && name.chars().all(|c| c.is_uppercase() || matches!(c, '-' | '\'' | '’'));
    let is_sure = |part: &str| !part.starts_with("MC") && !part.starts_with("MAC");
    if !in_capitals || !name.split('-').all(is_sure) {
        return name.to_owned();
    }
    let mut at_front = true;
    let mut out = String::new();
    for letter in name.chars() {
        if at_front {
            out.push(letter);
        } else {
            out.extend(letter.to_lowercase());
        }
        at_front = !letter.is_alphabetic();
    }
    out
}
