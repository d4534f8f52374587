//! `flag` and `boolean`: yes and no in a vendor's words, and true and false written as text.

use super::signature::{Given, SOME_PLAIN, Signature};
use super::{Arguments, CallFault, Example, Function, Named, PLAIN, Returned, Sent, Takes};
use crate::account::LawClass;
use crate::outside::Outside;
use crate::vendor_path::scalar_text;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;
use std::sync::Arc;

const GIVES: Given = Given::Plain(&[Primitive::Boolean]);

/// A vendor's words.
pub const FLAG: Function = Function {
    name: "flag",
    class_with: Some(|arguments| {
        // Several words for one answer become one; of one word only its upper and lower case is forgotten.
        let several = arguments.texts.iter().any(|words| words.contains('|'));
        match arguments.named("case") {
            _ if several => LawClass::Collapse,
            Some("exact") => LawClass::Iso,
            _ => LawClass::Lens,
        }
    }),
    takes: Takes::Texts(2),
    named: &[
        Named {
            name: "case",
            choices: &["any", "exact"],
            help: "whether upper and lower case differ; `any` where it is not said",
        },
        Named { name: "as", choices: &["text", "number"], help: "what is written back" },
    ],
    by_element: true,
    signature: Signature { takes: &[SOME_PLAIN], gives: GIVES, returns: true },
    help: "The words for yes, then those for no, each parted by `|`, to true and false; the first of each is written back. Any other word is outside, so a third state is kept.",
    examples: &[
        Example::new(r#""Y|Yes|1|true", "N|No|0|false""#, r#"["yes"]"#, "true"),
        Example::new(r#""Y|Yes|1|true", "N|No|0|false""#, "[0]", "false"),
        Example::new(r#""Y", "N", case: exact"#, r#"["N"]"#, "false"),
        Example::new(r#""1", "0", as: number"#, "[1]", "true"),
        Example::new(r#""Y", "N", case: exact"#, r#"["y"]"#, "outside"),
        Example::new(r#""Y", "N""#, r#"["not asked"]"#, "outside"),
        Example::new(r#""Y", "N", nothing: "U""#, r#"["U"]"#, "nothing"),
    ],
    prepare: Some(|arguments| {
        let words = |place: usize| -> Vec<String> {
            let text = arguments.texts.get(place).map_or("", String::as_str);
            text.split('|').map(|word| word.trim().to_string()).collect()
        };
        let (yes, no) = (words(0), words(1));
        let twice = yes.iter().any(|word| no.iter().any(|other| other.eq_ignore_ascii_case(word)));
        if twice || yes.iter().chain(&no).any(String::is_empty) {
            let hint = "for instance `flag(\"Y|Yes\", \"N|No\")`";
            return Err(CallFault::new("`flag` needs words for yes and other words for no", hint));
        }
        let number = |words: &[String]| words.first().is_some_and(|word| super::number_text(word).is_some());
        if arguments.named("as") == Some("number") && !(number(&yes) && number(&no)) {
            return Err(CallFault::new(
                "what is written back as a number must be one",
                "for instance `flag(\"1\", \"0\", as: number)`",
            ));
        }
        Ok(Arc::new((yes, no)))
    }),
    out: |arguments, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        let (yes, no) = arguments.prepared::<(Vec<String>, Vec<String>)>()?;
        let outside = || Outside::domain("this word is neither among those for yes nor among those for no");
        let said = scalar_text(value).ok_or_else(outside)?;
        let exact = arguments.named("case") == Some("exact");
        let is = |word: &String| if exact { *word == said } else { word.to_lowercase() == said.trim().to_lowercase() };
        if exact && value.is_boolean() {
            return Err(outside());
        }
        match (yes.iter().any(is), no.iter().any(is)) {
            (true, false) => Ok(Some(true.into())),
            (false, true) => Ok(Some(false.into())),
            _ => Err(outside()),
        }
    },
    back: |arguments, value| -> Returned {
        let (yes, no) = arguments.prepared::<(Vec<String>, Vec<String>)>()?;
        let words = match value.as_bool() {
            Some(true) => yes,
            Some(false) => no,
            None => return Err(Outside::domain("this is not true or false")),
        };
        let word = words.first().map(String::as_str).unwrap_or_default();
        let number = if arguments.named("as") == Some("number") { super::number_text(word) } else { None };
        Ok(vec![Some(number.unwrap_or_else(|| word.into()))])
    },
    ..PLAIN
};

/// True and false.
pub const BOOLEAN: Function = Function {
    name: "boolean",
    class: LawClass::Lens,
    named: &[Named { name: "as", choices: &["boolean", "text"], help: "what is written back" }],
    by_element: true,
    signature: Signature { takes: &[SOME_PLAIN], gives: GIVES, returns: true },
    help: "True or false, also as text in any case. With `nothing: false` only a true is sent.",
    examples: &[
        Example::new("", "[true]", "true"),
        Example::new("as: text", r#"["False"]"#, "false"),
        Example::new("nothing: false", "[false]", "nothing"),
        Example::new("nothing: false", "[true]", "true"),
        Example::new("", "[1]", "outside"),
        Example::new("", r#"["yes"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        let flag = match value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        flag.map(|flag| Some(flag.into())).ok_or_else(|| Outside::domain("this is not true or false"))
    },
    back: |arguments, value| -> Returned {
        let flag = value.as_bool().ok_or_else(|| Outside::domain("this is not true or false"))?;
        Ok(vec![Some(if as_text(arguments) { flag.to_string().into() } else { flag.into() })])
    },
    ..PLAIN
};

fn as_text(arguments: &Arguments) -> bool {
    arguments.named("as") == Some("text")
}
