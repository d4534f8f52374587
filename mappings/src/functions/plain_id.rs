//! `plain-id`: a number that some of a system's interfaces write with zeros in front, and others as a number.

use super::signature::{NUMBER_OR_TEXT, Signature, TEXTS};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, fhir_text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;

/// The function.
pub const PLAIN_ID: Function = Function {
    name: "plain-id",
    class: LawClass::Lens,
    named: &[Named {
        name: "as",
        choices: &["text", "number"],
        help: "what is written back; `text` where it is not said",
    }],
    by_element: true,
    signature: Signature { takes: &[NUMBER_OR_TEXT], gives: TEXTS, returns: true },
    help: "An id as text: one of digits alone without the zeros in front, any other as it is. Nothing but zeros is no id.",
    examples: &[
        Example::new("", r#"["0041170"]"#, r#""41170""#),
        Example::new("as: number", "[41170]", r#""41170""#),
        Example::new("", r#"["ASC0098812"]"#, r#""ASC0098812""#),
        Example::new("", r#"["0"]"#, "outside"),
        Example::new("", "[4.1170E4]", "outside"),
        Example::new("", "[-7]", "outside"),
    ],
    out: |_, sources| -> Sent {
        match sources.first().copied().flatten() {
            None => Ok(None),
            Some(Value::Number(number)) => plain(&number.to_string()).map(Some),
            Some(Value::String(text)) => plain(text.trim()).map(Some),
            Some(_) => Err(Outside::domain("this is neither a text nor a number")),
        }
    },
    back: |arguments: &Arguments, value| -> Returned {
        let text = fhir_text(value)?;
        if plain(text)? != *value {
            return Err(Outside::domain("this id has zeros or spaces in front, which the vendor's would lose"));
        }
        let number = text.parse::<i64>().ok().filter(|_| arguments.named("as") == Some("number"));
        Ok(vec![Some(number.map_or_else(|| Value::from(text), Value::from))])
    },
    ..PLAIN
};

fn plain(text: &str) -> Result<Value, Outside> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.trim_start_matches('0') {
        "" => Err(Outside::domain("this is no id")),
        rest if digits => Ok(rest.into()),
        // A number that was rounded, or is less than nothing, names nobody.
        _ if text.parse::<f64>().is_ok() => Err(Outside::domain("this number is no id")),
        _ => Ok(text.trim().into()),
    }
}
