//! Bytes of an XML document -> text: UTF-8, and the others as far as needed to judge what they hold.

use super::faults;
use crate::issue::Issue;
use std::borrow::Cow;

/// The text without its byte order mark, and what is to be said of its encoding.
#[allow(clippy::result_large_err, reason = "made once a body; a box would only burden the callers")]
pub(super) fn text_of(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Issue>), Issue> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return Ok((utf8(rest)?, None));
    }
    let wide: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xFE, 0xFF, ..] | [0, b'<', ..] => Some(u16::from_be_bytes),
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => Some(u16::from_le_bytes),
        _ => None,
    };
    if let Some(unit_of) = wide {
        let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(unit_of));
        let is_whole = bytes.len().is_multiple_of(2);
        let text: Result<String, _> = char::decode_utf16(units.skip_while(|unit| *unit == 0xFEFF)).collect();
        return match text {
            Ok(text) if is_whole => Ok((Cow::Owned(text), Some(faults::encoding("UTF-16")))),
            _ => Err(faults::unreadable_encoding("it is not valid UTF-16 text")),
        };
    }
    let Some(name) = declared(bytes) else {
        return Ok((utf8(bytes)?, None));
    };
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok((utf8(bytes)?, None)),
        // The first 256 code points are Latin-1.
        "iso-8859-1" | "latin1" => {
            let text = bytes.iter().map(|byte| char::from(*byte)).collect();
            Ok((Cow::Owned(text), Some(faults::encoding("ISO-8859-1"))))
        }
        _ => Err(faults::unreadable_encoding("its declared encoding is not one that is read")),
    }
}

#[allow(clippy::result_large_err, reason = "as of `text_of`")]
fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Issue> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let position = crate::json::position::position(&String::from_utf8_lossy(valid), valid.len());
        faults::unreadable_encoding("it is not valid UTF-8 text").with_position(position)
    })
}

/// The encoding that an XML declaration names; of a declaration only its own bytes are looked at.
fn declared(bytes: &[u8]) -> Option<&str> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let inner = std::str::from_utf8(declaration.get(..end)?).ok()?;
    let (_, after) = inner.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, bool), String> {
        text_of(bytes).map(|(text, issue)| (text.into_owned(), issue.is_some())).map_err(|issue| issue.text)
    }

    #[test]
    fn utf8_is_read_and_other_encodings_are_told() {
        let utf16 = |to: fn(u16) -> [u8; 2]| "\u{FEFF}<é/>".encode_utf16().flat_map(to).collect::<Vec<u8>>();
        for (bytes, expected) in [
            ("<é/>".as_bytes().to_vec(), ("<é/>", false)),
            ("\u{FEFF}<é/>".as_bytes().to_vec(), ("<é/>", false)),
            (b"<?xml version='1.0' encoding='utf-8'?>".to_vec(), ("<?xml version='1.0' encoding='utf-8'?>", false)),
            (utf16(u16::to_be_bytes), ("<é/>", true)),
            (utf16(u16::to_le_bytes), ("<é/>", true)),
            (
                b"<?xml version='1.0' encoding = \"ISO-8859-1\"?>\xE9".to_vec(),
                ("<?xml version='1.0' encoding = \"ISO-8859-1\"?>é", true),
            ),
        ] {
            assert_eq!(read(&bytes), Ok((expected.0.to_owned(), expected.1)));
        }
        for bytes in [&b"<a>\xE9</a>"[..], b"\xFE\xFF\x00", b"\xFE\xFF\xD8\x00", b"<?xml encoding='EBCDIC'?>"] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }
}
