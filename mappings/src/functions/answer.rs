//! `answer`: a plain value, or a list of them, to the answers of a QuestionnaireResponse item.

use super::signature::{Given, JsonType, Signature, Taken};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Sources, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::{Value, json};

const DEEP: Named = Named {
    name: "deep",
    choices: &["refused", "words"],
    help: "an object: not carried, the default, or in `words`, so that nothing of an answer is left out however deep it lies (for what is only sent)",
};

/// The function.
pub const ANSWER: Function = Function {
    name: "answer",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    free_text: true,
    named: &[DEEP],
    signature: Signature {
        takes: &[Taken {
            types: &[JsonType::Text, JsonType::Number, JsonType::Boolean, JsonType::List, JsonType::Object],
            total: false,
            formats: &[],
            optional: false,
        }],
        gives: Given::Objects(&["QuestionnaireResponse.item.answer"]),
        returns: true,
    },
    help: "A value, or a list of values, to answers of the fitting type.",
    examples: &[
        Example::new("", r#"["below_average"]"#, r#"[{"valueString":"below_average"}]"#),
        Example::new("", "[5]", r#"[{"valueInteger":5}]"#),
        Example::new("", "[18.90]", r#"[{"valueDecimal":18.90}]"#),
        Example::new("", "[true]", r#"[{"valueBoolean":true}]"#),
        Example::new("", r#"[["a","b"]]"#, r#"[{"valueString":"a"},{"valueString":"b"}]"#),
        Example::new("", r#"[{"a":1}]"#, "outside"),
        Example::new(
            "deep: words",
            r#"[{"by":"bus","with":{"who":["Ann","Bo"],"paid":true}}]"#,
            r#"[{"valueString":"by: bus; with: (who: Ann, Bo; paid: true)"}]"#,
        ),
    ],
    out,
    back,
    ..PLAIN
};

fn out(arguments: &Arguments, sources: &[Option<&Value>]) -> Sent {
    let deep = arguments.named("deep") == Some("words");
    let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
    let answers: Vec<Value> = match value {
        Value::Array(list) => list.iter().map(|value| one(value, deep)).collect::<Result<_, _>>()?,
        single => vec![one(single, deep)?],
    };
    Ok((!answers.is_empty()).then_some(Value::Array(answers)))
}

fn one(value: &Value, deep: bool) -> Result<Value, Outside> {
    match value {
        Value::Object(_) | Value::Array(_) if deep => match words(value) {
            text if text.is_empty() => Err(Outside::domain("this says nothing")),
            text => Ok(json!({"valueString": text})),
        },
        Value::Bool(_) => Ok(json!({"valueBoolean": value})),
        Value::Number(number) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {
            Ok(json!({"valueInteger": value}))
        }
        Value::Number(_) => Ok(json!({"valueDecimal": value})),
        Value::String(text) if !text.trim().is_empty() => Ok(json!({"valueString": value})),
        _ => Err(Outside::domain("an answer is a text, a number or true or false")),
    }
}

/// What lies in an object or a list, by its names.
fn words(value: &Value) -> String {
    let parts: Vec<String> = match value {
        Value::Object(members) => {
            let named = members.iter().map(|(name, child)| (name, child, words(child)));
            let told = named.filter(|(.., text)| !text.is_empty()).map(|(name, child, text)| match child {
                Value::Object(_) => format!("{name}: ({text})"),
                _ => format!("{name}: {text}"),
            });
            return told.collect::<Vec<_>>().join("; ");
        }
        Value::Array(list) => list.iter().map(words).filter(|text| !text.is_empty()).collect(),
        other => return crate::vendor_path::scalar_text(other).unwrap_or_default(),
    };
    parts.join(", ")
}

fn back(_: &Arguments, value: &Value) -> Returned {
    let list = value.as_array().ok_or_else(|| Outside::domain("these are not answers"))?;
    let mut values = Vec::with_capacity(list.len());
    for answer in list {
        let member = ["valueString", "valueInteger", "valueDecimal", "valueBoolean"];
        let found = member.iter().find_map(|name| answer.get(name));
        values.push(found.cloned().ok_or_else(|| Outside::domain("an answer of this type has no place"))?);
    }
    if values.len() == 1 { Ok(vec![values.pop()]) } else { Ok(vec![Some(Value::Array(values))]) }
}
