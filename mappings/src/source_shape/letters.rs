//! Whether a `pattern` keeps a text out of every value: `^[^|]+$` keeps `|` out.

use regex::Regex;

/// Whether no text that fits the pattern holds the other one.
///
/// Only patterns of classes and letters in a row, from `^` to `$`, are understood: of others nothing is known.
pub fn keeps_out(pattern: &str, other: &str) -> bool {
    let Some(parts) = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).and_then(parts) else {
        return false;
    };
    let forms: Option<Vec<Regex>> = parts.iter().map(|part| Regex::new(&format!("^(?:{part})$")).ok()).collect();
    let Some(forms) = forms else { return false };
    !forms.is_empty() && other.chars().any(|letter| !forms.iter().any(|form| form.is_match(&letter.to_string())))
}

/// The single letters that a pattern is a row of, without how often each comes; `None` where it is more than such a row.
fn parts(pattern: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '[' => class_length(rest)?,
            '\\' => 1 + rest.chars().nth(1).filter(|next| "dwsDWS.|-/+*?()[]{}^$\\".contains(*next))?.len_utf8(),
            '(' | ')' | '|' | '.' | '^' | '$' | '*' | '+' | '?' | '{' | '}' | ']' => return None,
            plain => plain.len_utf8(),
        };
        let (part, after) = rest.split_at(length);
        out.push(part.to_string());
        rest = after_count(after)?;
    }
    Some(out)
}

/// The length of a class at the start of a text.
fn class_length(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '[' => return None,
            ']' if at > 1 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// What stands behind a count.
fn after_count(text: &str) -> Option<&str> {
    let rest = match text.chars().next() {
        Some('*' | '+' | '?') => text.get(1..)?,
        Some('{') => text.split_once('}')?.1,
        _ => return Some(text),
    };
    Some(rest.strip_prefix('?').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::keeps_out;

    #[test]
    fn a_row_of_classes_keeps_out_what_none_of_them_has() {
        for pattern in [r"^[^|]+$", r"^[^|\s]+$", r"^\d{10}$", r"^[A-Z]{2}-\d+$", r"^C\d+$", r"^[\w-]+$"] {
            assert!(keeps_out(pattern, "|"), "{pattern}");
        }
        for pattern in
            [r"[^|]+", r"^.+$", r"^(a|b)$", r"\S", r"^[a|b]+$", r"^\d+\|\d+$", r"^\S+$", r"^[^a]+$", "^$", r"^a|b$"]
        {
            assert!(!keeps_out(pattern, "|"), "{pattern}");
        }
        assert!(keeps_out(r"^\S+$", " ") && keeps_out(r"^\d+$", " at ") && !keeps_out(r"^[a-z ]+$", " at "));
    }
}
