//! `nhs-number` and `sct-id`: identifiers that prove themselves by a check digit.
//!
//! NHS number: modulus 11 (NHS Data Dictionary). SNOMED CT and dm+d ids: Verhoeff (SNOMED CT Technical Implementation Guide).

use super::{Arguments, Function, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use ginnel_schemas::issue::IssueKey;
use serde_json::Value;

/// NHS numbers.
pub const NHS_NUMBER: Function = Function {
    name: "nhs-number",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    help: "Ten digits without separators whose check digit is right.",
    examples: &[
        (&[], r#"["999 012 3012"]"#, r#""9990123012""#),
        (&[], r#"["999-045-7727"]"#, r#""9990457727""#),
        (&[], "[9990123012]", r#""9990123012""#),
        (&[], r#"["9990123013"]"#, "outside"),
        (&[], r#"["99901230"]"#, "outside"),
        (&[], r#"["9.99E+09"]"#, "outside"),
        (&[], r#"["Not known"]"#, "outside"),
        (&[], r#"["0000000000"]"#, "outside"),
    ],
    out: nhs_out,
    back: nhs_back,
};

/// SNOMED CT and dm+d ids.
pub const SCT_ID: Function = Function {
    name: "sct-id",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    help: "A SNOMED CT or dm+d id whose check digit is right.",
    examples: &[
        (&[], r#"["42109611000001109"]"#, r#""42109611000001109""#),
        (&[], r#"[" 374372000 "]"#, r#""374372000""#),
        (&[], r#"["36126511000001100"]"#, "outside"),
        (&[], r#"["4.21096E+16"]"#, "outside"),
        (&[], r#"["12345"]"#, "outside"),
    ],
    out: sct_out,
    back: sct_back,
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

fn nhs_back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(nhs_number(fhir_text(value)?)?.into())])
}

fn nhs_number(text: &str) -> Result<String, Outside> {
    let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 10 || number.len() != 10 {
        return Err(check("this is not an NHS number: ten digits are needed"));
    }
    let sum: u32 = digits.iter().take(9).zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    let expected = (11 - sum % 11) % 11;
    if expected == 10 || digits.last() != Some(&expected) || sum == 0 {
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

const TIMES: [[usize; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
const PERMUTED: [[usize; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

fn sct_id(text: &str) -> Result<&str, Outside> {
    let id = text.trim();
    if !(6..=18).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_digit()) || id.starts_with('0') {
        return Err(check("this is not a SNOMED CT or dm+d id: 6 to 18 digits are needed"));
    }
    let rest = id
        .bytes()
        .rev()
        .enumerate()
        .fold(0, |sum, (place, digit)| TIMES[sum][PERMUTED[place % 8][usize::from(digit - b'0')]]);
    if rest == 0 { Ok(id) } else { Err(check("this id fails its check digit; was it rounded by a spreadsheet?")) }
}

fn check(what: &str) -> Outside {
    Outside { key: IssueKey::MappingCheckDigit, what: what.into(), instead: None }
}
