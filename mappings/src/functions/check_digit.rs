//! `nhs-number` and `sct-id`: identifiers that prove themselves by a check digit.
//!
//! NHS number: modulus 11 (NHS Data Dictionary). SNOMED CT and dm+d ids: Verhoeff (SNOMED CT Technical Implementation Guide).

use super::signature::{Given, NUMBER_OR_TEXT, SOME_TEXT, Signature};
use super::uk_registers::written;
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::check_digit::{is_nhs_number, is_verhoeff};
use ginnel_schemas::issue::IssueKey;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

/// NHS numbers.
pub const NHS_NUMBER: Function = Function {
    name: "nhs-number",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature {
        takes: &[NUMBER_OR_TEXT],
        gives: Given::Plain(&[Primitive::String, Primitive::Code, Primitive::Id]),
        returns: true,
    },
    named: &[Named {
        name: "as",
        choices: &["text", "number", "spaced", "dashed"],
        help: "what is written back: `9990123012` as text or number, `999 012 3012` or `999-012-3012`",
    }],
    help: "Ten digits without separators whose check digit is right.",
    examples: &[
        Example::new("", r#"["999 012 3012"]"#, r#""9990123012""#),
        Example::new("", r#"["999-045-7727"]"#, r#""9990457727""#),
        Example::new("as: number", "[9990123012]", r#""9990123012""#),
        Example::new("as: spaced", r#"["'999 012 3012"]"#, r#""9990123012""#),
        Example::new("", "[9.99012E+9]", "outside"),
        Example::new("", r#"["9990123013"]"#, "outside"),
        Example::new("", r#"["99901230"]"#, "outside"),
        Example::new("", r#"["9.99E+09"]"#, "outside"),
        Example::new("", r#"["Not known"]"#, "outside"),
        Example::new("", r#"["0000000000"]"#, "outside"),
    ],
    out: nhs_out,
    back: nhs_back,
    ..PLAIN
};

/// SNOMED CT and dm+d ids.
pub const SCT_ID: Function = Function {
    name: "sct-id",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    signature: Signature {
        takes: &[SOME_TEXT],
        gives: Given::Plain(&[Primitive::Code, Primitive::String, Primitive::Id]),
        returns: true,
    },
    help: "A SNOMED CT or dm+d id whose check digit is right.",
    examples: &[
        Example::new("", r#"["42109611000001109"]"#, r#""42109611000001109""#),
        Example::new("", r#"[" 374372000 "]"#, r#""374372000""#),
        Example::new("", r#"["36126511000001100"]"#, "outside"),
        Example::new("", r#"["4.21096E+16"]"#, "outside"),
        Example::new("", r#"["12345"]"#, "outside"),
    ],
    out: sct_out,
    back: sct_back,
    ..PLAIN
};

fn nhs_out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    // Some systems hold it as a number; its digits are all there.
    let number = sources.first().copied().flatten().filter(|value| value.is_number()).map(ToString::to_string);
    let text = match number {
        Some(number) => Some(number),
        None => text(sources)?.map(str::to_string),
    };
    text.map(|text| nhs_number(&text).map(Value::from)).transpose()
}

fn nhs_back(arguments: &Arguments, value: &Value) -> Returned {
    let text = fhir_text(value)?;
    let number = nhs_number(text)?;
    if number != text {
        return Err(check("this NHS number has separators, which FHIR's has not"));
    }
    let separator = match arguments.named("as") {
        Some("spaced") => " ",
        Some("dashed") => "-",
        _ => return written(arguments, &number),
    };
    let (area, rest) = number.split_at(3);
    let (middle, last) = rest.split_at(3);
    Ok(vec![Some([area, middle, last].join(separator).into())])
}

fn nhs_number(text: &str) -> Result<String, Outside> {
    // Spreadsheets mark a number as text by an apostrophe in front.
    let text = text.trim().strip_prefix('\'').unwrap_or(text);
    let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
    if number.len() != 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(check("this is not an NHS number: ten digits are needed"));
    }
    if !is_nhs_number(&number) {
        return Err(check("this NHS number fails its check digit"));
    }
    Ok(number)
}

fn sct_out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    text(sources)?.map(|text| sct_id(text).map(Value::from)).transpose()
}

fn sct_back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(sct_id(fhir_text(value)?)?.into())])
}

fn sct_id(text: &str) -> Result<&str, Outside> {
    let id = text.trim();
    let id = id.strip_prefix('\'').unwrap_or(id);
    if !(6..=18).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_digit()) || id.starts_with('0') {
        return Err(check("this is not a SNOMED CT or dm+d id: 6 to 18 digits are needed"));
    }
    if is_verhoeff(id) { Ok(id) } else { Err(check("this id fails its check digit; was it rounded by a spreadsheet?")) }
}

fn check(what: &str) -> Outside {
    Outside { key: IssueKey::MappingCheckDigit, what: what.into(), instead: None }
}
