//! Which characters XML allows where, and references to characters (<https://www.w3.org/TR/xml/#charsets>).

use std::borrow::Cow;

/// Byte offset of the first character that no XML 1.0 document may hold.
pub(super) fn first_forbidden(text: &str) -> Option<usize> {
    let control = text.bytes().position(|byte| byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    // The two code points that are no characters, as UTF-8 writes them.
    let ends: [&[u8]; 2] = [b"\xEF\xBF\xBE", b"\xEF\xBF\xBF"];
    let others = ends.iter().filter_map(|bytes| memchr::memmem::find(text.as_bytes(), bytes));
    control.into_iter().chain(others).min()
}

/// Whether a character may stand in XML 1.0, by reference or as it is.
fn allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// White space as XML means it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether only white space stands in the text.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// How many bytes at the front are a name; nothing when no name starts there.
pub(super) fn name_len(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if !starts_name(first) {
        return None;
    }
    Some(text.find(|character| !continues_name(character)).unwrap_or(text.len()))
}

fn starts_name(character: char) -> bool {
    match character {
        'A'..='Z' | 'a'..='z' | '_' | ':' => true,
        other if other.is_ascii() => false,
        '\u{D7}' | '\u{F7}' | '\u{37E}' => false,
        other => matches!(other,
            '\u{C0}'..='\u{2FF}' | '\u{370}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
            | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
            | '\u{10000}'..='\u{EFFFF}'),
    }
}

fn continues_name(character: char) -> bool {
    starts_name(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// What to do with the white space of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spaces {
    /// Line ends become line feeds.
    Text,
    /// Every white space written as it is becomes a blank, as in attributes; one written as a reference stays.
    Attribute,
}

/// What is wrong with a reference, and where it starts in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadReference<'t> {
    /// An entity that XML does not have of its own.
    Unknown(usize, &'t str),
    /// `&` without name or `;`, or the number of no character.
    Malformed(usize),
}

/// The text with its references replaced and its white space as XML processors pass it on.
///
/// `unknown` is told of each entity that XML has not of its own; when it says `true`, reading goes on and the entity
/// stands for one character.
pub(super) fn resolve<'t>(
    text: &'t str,
    spaces: Spaces,
    unknown: &mut dyn FnMut(&'t str) -> bool,
) -> Result<Cow<'t, str>, BadReference<'t>> {
    let special = |byte: u8| match spaces {
        Spaces::Text => matches!(byte, b'&' | b'\r'),
        Spaces::Attribute => matches!(byte, b'&' | b'\r' | b'\n' | b'\t'),
    };
    let Some(first) = text.bytes().position(special) else {
        return Ok(Cow::Borrowed(text));
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = Some(first);
    while let Some(at) = next {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        if from.starts_with('&') {
            let offset = text.len() - from.len();
            let (character, after) = reference(from, offset, unknown)?;
            out.push(character);
            rest = after;
        } else {
            let after = from.strip_prefix("\r\n").unwrap_or_else(|| from.get(1..).unwrap_or_default());
            out.push(if spaces == Spaces::Attribute { ' ' } else { '\n' });
            rest = after;
        }
        next = rest.bytes().position(special);
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// Reads one reference off the front; gives its character and what follows.
fn reference<'t>(
    from: &'t str,
    offset: usize,
    unknown: &mut dyn FnMut(&'t str) -> bool,
) -> Result<(char, &'t str), BadReference<'t>> {
    let malformed = || BadReference::Malformed(offset);
    let inner = from.get(1..).unwrap_or_default();
    // A reference is short; a `;` far away belongs to something else.
    let (name, after) = inner.split_once(';').filter(|(name, _)| name.len() <= 64).ok_or_else(malformed)?;
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix('x') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16).ok(),
            None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse().ok(),
            _ => None,
        };
        let character = code.and_then(char::from_u32).filter(|character| allowed(*character)).ok_or_else(malformed)?;
        return Ok((character, after));
    }
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        other if name_len(other) != Some(other.len()) => return Err(malformed()),
        other if unknown(other) => '\u{FFFD}',
        other => return Err(BadReference::Unknown(offset, other)),
    };
    Ok((character, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str, spaces: Spaces) -> Result<String, String> {
        resolve(text, spaces, &mut |_| false).map(Cow::into_owned).map_err(|bad| format!("{bad:?}"))
    }

    #[test]
    fn references_and_white_space_are_read_as_xml_says() {
        for (text, spaces, expected) in [
            ("a", Spaces::Text, "a"),
            ("a &lt;&gt;&amp;&quot;&apos; b", Spaces::Text, "a <>&\"' b"),
            ("&#65;&#x42;&#xe9;&#10;", Spaces::Attribute, "AB\u{e9}\n"),
            ("a\r\nb\rc\n\td", Spaces::Text, "a\nb\nc\n\td"),
            ("a\r\nb\rc\n\td", Spaces::Attribute, "a b c  d"),
            ("&amp;amp;", Spaces::Text, "&amp;"),
        ] {
            assert_eq!(resolved(text, spaces).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_reference_to_nothing_is_refused_with_its_place() {
        for (text, expected) in [
            ("a &reg; b", "Unknown(2, \"reg\")"),
            ("a & b", "Malformed(2)"),
            ("&", "Malformed(0)"),
            ("&;", "Malformed(0)"),
            ("&#;", "Malformed(0)"),
            ("&#x;", "Malformed(0)"),
            ("&#0;", "Malformed(0)"),
            ("&#x1F;", "Malformed(0)"),
            ("&#xD800;", "Malformed(0)"),
            ("&#xFFFE;", "Malformed(0)"),
            ("&#+65;", "Malformed(0)"),
            ("&#99999999999;", "Malformed(0)"),
            ("&1a;", "Malformed(0)"),
        ] {
            assert_eq!(resolved(text, Spaces::Text), Err(expected.to_owned()), "{text}");
        }
        assert_eq!(resolve("a&reg;b", Spaces::Text, &mut |_| true), Ok(Cow::Borrowed("a\u{FFFD}b")));
    }

    #[test]
    fn names_end_where_no_name_character_stands() {
        for (text, expected) in [
            ("a b", Some(1)),
            ("f:a-1.b/>", Some(7)),
            ("\u{e9}t\u{e9}=", Some(5)),
            ("1a", None),
            ("-a", None),
            ("", None),
        ] {
            assert_eq!(name_len(text), expected, "{text}");
        }
    }

    #[test]
    fn control_characters_are_found() {
        for (text, expected) in
            [("a\tb\r\n", None), ("a\u{1}", Some(1)), ("a\u{FFFE}", Some(1)), ("\u{FFFF}\0", Some(0)), ("é\0", Some(2))]
        {
            assert_eq!(first_forbidden(text), expected, "{text:?}");
        }
    }
}
