//! Media types as `type/subtype`, with parameters (<https://www.rfc-editor.org/rfc/rfc6838#section-4.2>).

use super::Verdict;
use std::borrow::Cow;

const WORDS: &str = "a media type is a type, a slash and a subtype, such as `application/pdf`";

/// Longest name of a type or subtype.
const LONGEST: usize = 127;

/// Names that FHIR uses for its own formats beside their media types.
const FHIR_FORMATS: [&str; 4] = ["xml", "json", "ttl", "html"];

/// Judges a code. Whether a type is registered is not asked: private ones are allowed.
pub(super) fn judge(code: &str) -> Verdict {
    let essence = code.split(';').next().unwrap_or("").trim_end();
    let is_type = essence.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype));
    if is_type || FHIR_FORMATS.contains(&code) { Verdict::IsCode } else { Verdict::Malformed(Cow::Borrowed(WORDS)) }
}

fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'#' | b'$' | b'&' | b'-' | b'^' | b'_' | b'.' | b'+')
    };
    name == "*"
        || (!name.is_empty()
            && name.len() <= LONGEST
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.bytes().all(is_allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_told_by_their_form() {
        for (code, good) in [
            ("application/pdf", true),
            ("image/any", true),
            ("application/fhir+json", true),
            ("text/plain; charset=UTF-8", true),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", true),
            ("json", true),
            ("pdf", false),
            ("application/", false),
            ("/pdf", false),
            ("a/b/c", false),
            ("text/p lain", false),
            ("", false),
        ] {
            assert_eq!(judge(code) == Verdict::IsCode, good, "{code}");
        }
    }
}
