//! Bytes -> text and back: byte order marks, UTF-8, UTF-16 and the single-byte encodings of Windows exports.

#![allow(clippy::result_large_err, reason = "made once a file; a box would only burden the callers")]

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};

/// How a text lies in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextForm {
    /// Its encoding.
    pub encoding: &'static Encoding,
    /// Whether it begins with a byte order mark.
    pub marked: bool,
}

impl Default for TextForm {
    fn default() -> TextForm {
        TextForm { encoding: UTF_8, marked: false }
    }
}

/// The encoding of that name, as the WHATWG lists them (`utf-8`, `windows-1252`, `utf-16le`...).
pub fn named(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.trim().as_bytes())
}

/// A text, how it lay in bytes, and what is to be said about that.
pub struct Decoded {
    /// The text without its byte order mark.
    pub text: String,
    /// How it lay in bytes.
    pub form: TextForm,
    /// Said where the encoding had to be guessed.
    pub issue: Option<Issue>,
}

/// Reads bytes as text. A byte order mark speaks first, then what is declared, then UTF-8, then Windows-1252 (guessed, and said).
pub fn decode(bytes: &[u8], declared: Option<&'static Encoding>, file: &str) -> Result<Decoded, Issue> {
    let shown = if file.is_empty() { "the file" } else { file };
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let body = bytes.get(length..).unwrap_or_default();
        return decoded(body, TextForm { encoding, marked: true }, shown);
    }
    if let Some(encoding) = declared {
        return decoded(bytes, TextForm { encoding, marked: false }, shown);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded { text: text.to_string(), form: TextForm::default(), issue: None });
    }
    let mut out = decoded(bytes, TextForm { encoding: WINDOWS_1252, marked: false }, shown)?;
    let text = format!("{shown} is not UTF-8 and was read as Windows-1252.");
    out.issue = Some(
        Issue::information(IssueCode::Informational, IssueKey::SourceEncoding, text)
            .with_pointer("")
            .with_hint("declare the `encoding` under `format`, or export the file as UTF-8"),
    );
    Ok(out)
}

fn decoded(bytes: &[u8], form: TextForm, shown: &str) -> Result<Decoded, Issue> {
    match form.encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(Decoded { text: text.into_owned(), form, issue: None }),
        None => {
            let text = format!("{shown} is not valid {} text.", form.encoding.name());
            let issue = Issue::error(IssueCode::Structure, IssueKey::SourceEncoding, text);
            Err(issue.with_pointer("").with_hint("export it in the encoding that is declared, best as UTF-8"))
        }
    }
}

/// Writes text as bytes. A character that the encoding does not have is an error: none is replaced.
pub fn encode(text: &str, form: TextForm) -> Result<Vec<u8>, Issue> {
    let mut out = Vec::with_capacity(text.len() + 3);
    // encoding_rs writes no UTF-16.
    if form.encoding == UTF_16LE || form.encoding == UTF_16BE {
        let little = form.encoding == UTF_16LE;
        let units = form.marked.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        out.extend(units.flat_map(|unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }));
        return Ok(out);
    }
    if form.marked && form.encoding == UTF_8 {
        out.extend([0xEF, 0xBB, 0xBF]);
    }
    let (bytes, _, unmappable) = form.encoding.encode(text);
    if unmappable {
        let what = format!("A text has a character that {} cannot hold.", form.encoding.name());
        let issue = Issue::error(IssueCode::Value, IssueKey::SourceEncoding, what);
        return Err(issue.with_pointer("").with_hint("let the vendor take UTF-8, or change the text"));
    }
    out.extend_from_slice(&bytes);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_text_comes_back_byte_for_byte() {
        let forms: [&[u8]; 5] = [
            "Zo\u{eb} \u{2019}s".as_bytes(),
            b"\xEF\xBB\xBFZo\xC3\xAB",
            b"\xFF\xFEZ\0o\0\xEB\0",
            b"\xFE\xFF\0Z\0o\0\xEB",
            b"Zo\xEB \x92s",
        ];
        for bytes in forms {
            let read = decode(bytes, None, "a.csv").expect("text");
            assert!(read.text.starts_with("Zo\u{eb}"), "{:?}", read.text);
            assert_eq!(encode(&read.text, read.form).expect("bytes"), bytes);
        }
    }

    #[test]
    fn a_guess_is_said_and_what_cannot_be_written_is_refused() {
        assert!(decode(b"Zo\xEB", None, "a.csv").expect("text").issue.is_some());
        assert!(decode(b"Zo\xEB", named("utf-8"), "a.csv").is_err());
        let form = TextForm { encoding: WINDOWS_1252, marked: false };
        assert!(encode("\u{4e16}", form).is_err());
    }
}
