//! The entities of HTML that care notes have.

/// Names with the letter they stand for, sorted.
const NAMED: [(&str, char); 61] = [
    ("Agrave", 'À'),
    ("Eacute", 'É'),
    ("Euml", 'Ë'),
    ("aacute", 'á'),
    ("acute", '´'),
    ("agrave", 'à'),
    ("amp", '&'),
    ("apos", '\''),
    ("auml", 'ä'),
    ("bull", '•'),
    ("ccedil", 'ç'),
    ("cent", '¢'),
    ("check", '✓'),
    ("copy", '©'),
    ("deg", '°'),
    ("divide", '÷'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("egrave", 'è'),
    ("emsp", ' '),
    ("ensp", ' '),
    ("euml", 'ë'),
    ("euro", '€'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("ge", '≥'),
    ("gt", '>'),
    ("hellip", '…'),
    ("iacute", 'í'),
    ("laquo", '«'),
    ("ldquo", '“'),
    ("le", '≤'),
    ("lsquo", '‘'),
    ("lt", '<'),
    ("mdash", '—'),
    ("micro", 'µ'),
    ("middot", '·'),
    ("mu", 'μ'),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("ne", '≠'),
    ("ntilde", 'ñ'),
    ("oacute", 'ó'),
    ("ograve", 'ò'),
    ("ouml", 'ö'),
    ("para", '¶'),
    ("plusmn", '±'),
    ("pound", '£'),
    ("quot", '"'),
    ("raquo", '»'),
    ("rarr", '→'),
    ("rdquo", '”'),
    ("reg", '®'),
    ("rsquo", '’'),
    ("szlig", 'ß'),
    ("times", '×'),
    ("trade", '™'),
    ("uacute", 'ú'),
    ("uuml", 'ü'),
    ("yen", '¥'),
];

/// Numbers 128 to 159 mean the letters of Windows code page 1252 (HTML Standard, numeric character references).
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The letter that an entity at the start stands for, and how long it is.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.bytes().take(10).position(|byte| byte == b';')?;
    let name = inner.get(..end)?;
    let letter = match name.strip_prefix('#') {
        None => NAMED.binary_search_by_key(&name, |(known, _)| known).ok().and_then(|at| NAMED.get(at))?.1,
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            let windows = code.checked_sub(128).and_then(|code| WINDOWS.get(usize::try_from(code).ok()?));
            let letter = windows.copied().or_else(|| char::from_u32(code))?;
            match letter {
                '\u{a0}' => ' ',
                // A text for people has no control characters.
                other if other.is_control() && !matches!(other, '\n' | '\t') => return None,
                other => other,
            }
        }
    };
    Some((letter, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_numbers_of_windows_are_its_letters() {
        assert!(NAMED.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(entity("&frac12; tablet"), Some(('½', 8)));
        assert_eq!(entity("&#146;s"), Some(('’', 6)));
        assert_eq!(entity("&#xBD;"), Some(('½', 6)));
        for none in ["& ", "&;", "&nothing;", "&#0;", "&#xD800;", "&longerthanany;", "&½;"] {
            assert_eq!(entity(none), None, "{none}");
        }
    }
}
