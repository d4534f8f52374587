//! Character sets of MSH-18 (HL7 table 0211).

use crate::format::encoding::named;
use encoding_rs::Encoding;

/// What MSH-18 says.
pub enum Declared {
    /// It is empty, or there is none.
    Nothing,
    /// A character set that is known; `None` for ASCII, which every guess can read.
    Known(Option<&'static Encoding>),
    /// One that is not.
    Unknown,
}

/// The character set of a message's first header that has one.
pub fn declared(bytes: &[u8]) -> Declared {
    let starts = bytes.windows(3).position(|three| three == b"MSH");
    let Some(header) = starts.and_then(|at| bytes.get(at..)) else { return Declared::Nothing };
    let end = header.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(header.len());
    let Some((field, rest)) = header.get(3).zip(header.get(4..end)) else { return Declared::Nothing };
    // The delimiter itself is field 1, so that field 18 is the 17th text behind it.
    let Some(value) = rest.split(|byte| byte == field).nth(16) else { return Declared::Nothing };
    let repetition = rest.get(1).copied().unwrap_or(b'~');
    let first = value.split(|byte| *byte == repetition).next().unwrap_or_default();
    of_name(std::str::from_utf8(first).unwrap_or_default())
}

/// The encoding of a name in MSH-18.
pub fn of_name(name: &str) -> Declared {
    let name = name.trim().to_ascii_uppercase();
    match name.as_str() {
        "" | "\"\"" => Declared::Nothing,
        "ASCII" | "ISO IR6" | "US-ASCII" => Declared::Known(None),
        "UNICODE UTF-8" | "UTF-8" | "UTF8" | "UNICODE" => Declared::Known(Some(encoding_rs::UTF_8)),
        // Such a file has a byte order mark, or it could not be found that this is MSH.
        "UNICODE UTF-16" => Declared::Known(None),
        other => {
            let part = other.strip_prefix("8859/").map(|part| format!("iso-8859-{part}"));
            match named(&part.unwrap_or_else(|| other.to_string())) {
                Some(encoding) => Declared::Known(Some(encoding)),
                None => Declared::Unknown,
            }
        }
    }
}
