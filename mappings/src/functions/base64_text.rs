//! `base64` and `base64-text`: text to base64 and base64 to text (RFC 4648, UTF-8).

use super::signature::{ANY_TEXT, Given, SOME_TEXT, Signature, TEXTS};
use super::{Example, Function, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// Text to base64.
pub const BASE64: Function = Function {
    name: "base64",
    class: LawClass::Iso,
    signature: Signature { takes: &[ANY_TEXT], gives: Given::Plain(&[Primitive::Base64Binary]), returns: true },
    help: "A text to base64 of its UTF-8 bytes, as `Attachment.data` holds it.",
    examples: &[Example::new("", r#"["½ tablet"]"#, r#""wr0gdGFibGV0""#), Example::new("", "[5]", "outside")],
    out: |_, sources| -> Sent { Ok(text(sources)?.map(|text| STANDARD.encode(text).into())) },
    back: |_, value| -> Returned { Ok(vec![Some(decoded(fhir_text(value)?)?.into())]) },
    ..PLAIN
};

/// Base64 to text.
pub const BASE64_TEXT: Function = Function {
    name: "base64-text",
    class: LawClass::Iso,
    free_text: true,
    signature: Signature { takes: &[SOME_TEXT], gives: TEXTS, returns: true },
    help: "Base64 of UTF-8 text to the text; what is no text, or has line breaks in its base64, is outside.",
    examples: &[
        Example::new("", r#"["wr0gdGFibGV0"]"#, r#""½ tablet""#),
        Example::new("", r#"["/9j/4AAQ"]"#, "outside"),
        Example::new("", r#"["not base64"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(text) = text(sources)? else { return Ok(None) };
        let decoded = decoded(text)?;
        if Primitive::String.accepts(&decoded) {
            Ok(Some(decoded.into()))
        } else {
            Err(Outside::domain("this base64 holds no text that FHIR can hold"))
        }
    },
    back: |_, value| -> Returned { Ok(vec![Some(STANDARD.encode(fhir_text(value)?).into())]) },
    ..PLAIN
};

/// The text, if encoding it gives the same base64 again.
fn decoded(text: &str) -> Result<String, Outside> {
    let bytes = STANDARD.decode(text).map_err(|_| Outside::domain("this is not base64 in one line"))?;
    let decoded = String::from_utf8(bytes).map_err(|_| Outside::domain("this base64 holds no text"))?;
    let again = Value::from(STANDARD.encode(&decoded));
    if again == *text { Ok(decoded) } else { Err(Outside::domain("this is not base64 as it is written today")) }
}
