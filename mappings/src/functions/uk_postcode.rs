//! `uk-postcode`: upper case with one space before the last three characters (BS 7666 form).

use super::signature::{SOME_TEXT, Signature, TEXTS};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;

/// The function.
pub const UK_POSTCODE: Function = Function {
    name: "uk-postcode",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature { takes: &[SOME_TEXT], gives: TEXTS, returns: true },
    help: "A UK postcode in upper case with one space.",
    examples: &[
        Example::new("", r#"["zz2 8qp"]"#, r#""ZZ2 8QP""#),
        Example::new("", r#"["ZZ14TH"]"#, r#""ZZ1 4TH""#),
        Example::new("", r#"["gir 0aa"]"#, r#""GIR 0AA""#),
        Example::new("", r#"["12345"]"#, "outside"),
        Example::new("", r#"["ß1 1aa"]"#, "outside"),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    text(sources)?.map(|text| postcode(text).map(Value::from)).transpose()
}

fn back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(postcode(fhir_text(value)?)?.into())])
}

pub(super) fn postcode(text: &str) -> Result<String, Outside> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let outside = || Outside::domain("this is not a UK postcode");
    if !compact.is_ascii() || !(5..=7).contains(&compact.len()) {
        return Err(outside());
    }
    let (outward, inward) = compact.split_at(compact.len() - 3);
    let inward_right =
        inward.bytes().enumerate().all(|(i, b)| if i == 0 { b.is_ascii_digit() } else { b.is_ascii_uppercase() });
    let outward_right = outward.starts_with(|c: char| c.is_ascii_uppercase())
        && (outward.chars().any(|c| c.is_ascii_digit()) || compact == "GIR0AA")
        && outward.bytes().all(|b| b.is_ascii_alphanumeric());
    if inward_right && outward_right { Ok(format!("{outward} {inward}")) } else { Err(outside()) }
}
