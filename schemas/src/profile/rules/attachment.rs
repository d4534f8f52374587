//! An attachment is as big as it says, and lies where it can be fetched (<https://hl7.org/fhir/R4/datatypes.html#Attachment>).

use super::url;
use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use serde_json::{Map, Value};

/// Judges an object of the type Attachment; the walk stands at it.
pub fn stated(members: &Map<String, Value>, findings: &mut Findings<'_>) {
    if let Some(Value::String(url)) = members.get("url") {
        url::attachment(url, findings);
    }
    let Some(Value::String(data)) = members.get("data") else {
        return;
    };
    let actual = decoded_bytes(data);
    if let Some(Value::Number(stated)) = members.get("size")
        && stated.as_str().parse::<usize>().is_ok_and(|stated| Some(stated) != actual)
        && let Some(actual) = actual
    {
        findings.error_with_hint(
            IssueCode::Value,
            IssueKey::TargetAttachment,
            format!("The attachment says that it has {stated} bytes, and its data has {actual}."),
            "`size` counts the bytes before they are written as base64",
        );
    }
}

/// How big an attachment is in bytes, as it says or as its data is.
pub fn size(members: &Map<String, Value>) -> Option<String> {
    match (members.get("size"), members.get("data")) {
        (Some(Value::Number(stated)), _) => Some(stated.as_str().to_owned()),
        (_, Some(Value::String(data))) => decoded_bytes(data).map(|bytes| bytes.to_string()),
        _ => None,
    }
}

/// The bytes of base64 text; nothing when it is not well formed.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(decoded_bytes(text)?);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        held = (held << 6) | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.extend(u8::try_from((held >> bits) & 0xFF));
        }
    }
    Some(out)
}

/// How many bytes base64 text stands for; nothing when its digits do not make up whole groups of four.
fn decoded_bytes(text: &str) -> Option<usize> {
    let (mut digits, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'=' => padding += 1,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => digits += 1,
        }
    }
    ((digits + padding).is_multiple_of(4) && padding <= 2).then_some(digits * 3 / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_stated_size_is_that_of_the_data() {
        for (attachment, errors) in [
            (json!({"size": 3, "data": "YWJj"}), 0),
            (json!({"size": 4, "data": "YWJj"}), 1),
            (json!({"size": 2, "data": "YWI="}), 0),
            (json!({"size": 1, "data": "YQ=="}), 0),
            (json!({"size": 3, "data": "YW Jj\n"}), 0),
            (json!({"size": 3, "data": "YWJ"}), 0),
            (json!({"size": 500, "url": "https://host.example/x"}), 0),
            (json!({"data": "YWJj"}), 0),
        ] {
            let mut findings = Findings::default();
            stated(attachment.as_object().expect("an object"), &mut findings);
            assert_eq!(findings.into_issues().len(), errors, "{attachment}");
        }
        let of = |attachment: Value| size(attachment.as_object().expect("an object"));
        assert_eq!(of(json!({"data": "YWI="})).as_deref(), Some("2"));
        assert_eq!(of(json!({"size": 500, "data": "YWI="})).as_deref(), Some("500"));
        assert_eq!(decoded("YWJj").as_deref(), Some(b"abc".as_slice()));
        assert_eq!(decoded("/+ 8A\nAA==").as_deref(), Some([255, 239, 0, 0].as_slice()));
        assert_eq!(decoded("YW-j"), None);
        assert_eq!(of(json!({"url": "https://host.example/x"})), None);
    }
}
