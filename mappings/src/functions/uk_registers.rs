//! `ods-code` and `uprn`: keys of England's organisations and Britain's addresses.

use super::signature::{Given, NUMBER_OR_TEXT, SOME_TEXT, Signature};
use super::{Arguments, Example, Function, Named, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use crate::vendor_path::scalar_text;
use ginnel_schemas::issue::IssueKey;
use ginnel_schemas::primitive::Primitive;
use serde_json::Value;

const GIVES: Given = Given::Plain(&[Primitive::String, Primitive::Code, Primitive::Id]);

/// ODS codes.
pub const ODS_CODE: Function = Function {
    name: "ods-code",
    class: LawClass::Lens,
    signature: Signature { takes: &[SOME_TEXT], gives: GIVES, returns: true },
    help: "An ODS code of an organisation or site: three to ten letters and digits, in upper case.",
    examples: &[
        Example::new("", r#"["z99901"]"#, r#""Z99901""#),
        Example::new("", r#"["RXX"]"#, r#""RXX""#),
        Example::new("", r#"["Northbrook Surgery"]"#, "outside"),
        Example::new("", r#"["1-9990000001"]"#, "outside"),
    ],
    out: |_, sources| -> Sent { text(sources)?.map(|text| ods(text).map(Value::from)).transpose() },
    back: |_, value| -> Returned {
        let text = fhir_text(value)?;
        let same = ods(text).is_ok_and(|code| code == text);
        if same { Ok(vec![Some(text.into())]) } else { Err(failed("this is not an ODS code in upper case")) }
    },
    ..PLAIN
};

/// Keys of addresses.
pub const UPRN: Function = Function {
    name: "uprn",
    class: LawClass::Lens,
    named: &[Named { name: "as", choices: &["text", "number"], help: "what is written back" }],
    signature: Signature { takes: &[NUMBER_OR_TEXT], gives: GIVES, returns: true },
    help: "A unique property reference number: up to twelve digits, without zeros in front; a rounded number is outside.",
    examples: &[
        Example::new("", r#"["100099990001"]"#, r#""100099990001""#),
        Example::new("as: number", "[100099990001]", r#""100099990001""#),
        Example::new("", r#"["000099990001"]"#, r#""99990001""#),
        Example::new("", "[1.0009999E+11]", "outside"),
        Example::new("", r#"["ZZ1 4TH"]"#, "outside"),
    ],
    out: |_, sources| -> Sent {
        let Some(value) = sources.first().copied().flatten() else { return Ok(None) };
        Ok(Some(uprn(value)?.into()))
    },
    back: |arguments, value| {
        let text = fhir_text(value)?;
        if uprn(value)? != text {
            return Err(failed("this property reference number has zeros in front"));
        }
        written(arguments, text)
    },
    ..PLAIN
};

fn ods(text: &str) -> Result<String, Outside> {
    let code = text.trim();
    let right = (3..=10).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if right { Ok(code.to_ascii_uppercase()) } else { Err(failed("this is not an ODS code")) }
}

fn uprn(value: &Value) -> Result<String, Outside> {
    let text = scalar_text(value).filter(|_| !value.is_boolean()).unwrap_or_default();
    let digits = text.trim();
    let right = (1..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let short = digits.trim_start_matches('0');
    if right && !short.is_empty() {
        Ok(short.to_string())
    } else {
        Err(failed("this is not a property reference number of up to twelve digits; was it rounded by a spreadsheet?"))
    }
}

/// A text of digits as the vendor holds it.
pub(super) fn written(arguments: &Arguments, digits: &str) -> Returned {
    let number = if arguments.named("as") == Some("number") { super::number_text(digits) } else { None };
    Ok(vec![Some(number.unwrap_or_else(|| digits.into()))])
}

fn failed(what: &str) -> Outside {
    Outside { key: IssueKey::MappingCheckDigit, what: what.into(), instead: None }
}
