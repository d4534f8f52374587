//! `split` and `joined`: one text of several values to a list, and a list to one text.

use super::signature::{Given, JsonType, Signature, TEXT_TO_TEXT, TEXTS, Taken};
use super::{Arguments, CallFault, Example, Function, Named, PLAIN, Returned, Sent, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;
use std::sync::Arc;

/// A text to a list.
pub const SPLIT: Function = Function {
    name: "split",
    class: LawClass::Lens,
    takes: Takes::Texts(1),
    named: &[Named {
        name: "written",
        choices: &[],
        help: "what is written between the values on the way back, for instance `; `; what the text is split at where it is not said",
    }],
    free_text: true,
    signature: Signature { gives: Given::Plains(&[Primitive::String]), ..TEXT_TO_TEXT },
    help: "A text to the list of what stands between separators, without the spaces around it.",
    examples: &[
        Example::new(r#"";""#, r#"["North;Double-ups"]"#, r#"["North","Double-ups"]"#),
        Example::new(r#"";", written: "; ""#, r#"[" North ; ;Double-ups;"]"#, r#"["North","Double-ups"]"#),
        Example::new(r#""\n""#, r#"["Penicillin\nLatex"]"#, r#"["Penicillin","Latex"]"#),
        Example::new(r#"";", nothing: "N/K""#, r#"["N/K"]"#, "nothing"),
        Example::new(r#"";""#, r#"[" ; "]"#, "nothing"),
        Example::new(r#"";""#, "[5]", "outside"),
    ],
    prepare: Some(|arguments| {
        let at = arguments.texts.first().map_or("", String::as_str);
        let written = arguments.named("written").unwrap_or(at);
        if at.is_empty() || written.trim_matches([' ']) != at.trim_matches([' ']) {
            let hint = "for instance `split(\";\", written: \"; \")`";
            return Err(CallFault::new("what `split` writes between values must be what it splits at", hint));
        }
        Ok(Arc::new((at.to_string(), written.to_string())))
    }),
    out: |arguments, sources| -> Sent {
        let (at, _) = arguments.prepared::<(String, String)>()?;
        let Some(text) = text(sources)? else { return Ok(None) };
        let list: Vec<Value> =
            text.split(at.as_str()).map(str::trim).filter(|one| !one.is_empty()).map(Value::from).collect();
        Ok((!list.is_empty()).then_some(Value::Array(list)))
    },
    back: |arguments, value| -> Returned {
        let (at, written) = arguments.prepared::<(String, String)>()?;
        let list = texts(value)?;
        if list.iter().any(|one| one.contains(at.as_str()) || one.trim() != *one || one.is_empty()) {
            return Err(Outside::domain("one of these has the separator in it, and would come back as two"));
        }
        Ok(vec![Some(list.join(written).into())])
    },
    ..PLAIN
};

/// A list to a text.
pub const JOINED: Function = Function {
    name: "joined",
    class: LawClass::Iso,
    takes: Takes::Texts(1),
    free_text: true,
    signature: Signature {
        takes: &[Taken { types: &[JsonType::List], total: false, formats: &[], optional: false }],
        gives: TEXTS,
        returns: true,
    },
    help: "A list of texts to one text with a separator between them; a text that has the separator in it is outside.",
    examples: &[
        Example::new(r#""; ""#, r#"[["hall cupboard","yellow envelope"]]"#, r#""hall cupboard; yellow envelope""#),
        Example::new(r#"", ""#, r#"[["Smith, J"]]"#, "outside"),
        Example::new(r#"", ""#, r#"["text"]"#, "outside"),
    ],
    prepare: Some(|arguments| match arguments.texts.first().filter(|at| !at.is_empty()) {
        Some(at) => Ok(Arc::new(at.clone())),
        None => Err(CallFault::new("`joined` needs a separator", "for instance `joined(\"; \")`")),
    }),
    out: |arguments, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        let list = texts(value)?;
        let joined = list.join(separator(arguments)?);
        let again: Vec<&str> = joined.split(separator(arguments)?).collect();
        if again != list || list.iter().any(|one| one.trim().is_empty()) {
            return Err(Outside::domain("one of these is empty or has the separator in it"));
        }
        Ok(Some(joined.into()))
    },
    back: |arguments, value| -> Returned {
        let parts: Vec<Value> = fhir_text(value)?.split(separator(arguments)?).map(Value::from).collect();
        if parts.iter().any(|one| one.as_str().is_none_or(|text| text.trim().is_empty())) {
            return Err(Outside::domain("between two separators of this text stands nothing"));
        }
        Ok(vec![Some(Value::Array(parts))])
    },
    ..PLAIN
};

fn separator(arguments: &Arguments) -> Result<&str, Outside> {
    Ok(arguments.prepared::<String>()?.as_str())
}

fn texts(value: &Value) -> Result<Vec<&str>, Outside> {
    let list: Option<Vec<&str>> = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    list.filter(|list| !list.is_empty()).ok_or_else(|| Outside::domain("this is not a list of texts"))
}
