//! Escapes in texts of HL7 v2 (chapter 2.7): what they stand for, and texts written with them.

use super::text::Delimiters;
use encoding_rs::UTF_8;

/// A text without its escapes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unescaped {
    /// The text.
    pub text: String,
    /// Whether emphasis or layout stood in it that a plain text does not have.
    pub had_layout: bool,
    /// Whether an escape stood in it that is not known; it stays as it is.
    pub had_unknown: bool,
}

/// What a text says.
pub fn unescape(raw: &str, delimiters: &Delimiters) -> Unescaped {
    let mut out = Unescaped::default();
    let Some(escape) = delimiters.escape else {
        out.text = raw.to_string();
        return out;
    };
    let mut rest = raw;
    while let Some(at) = rest.find(escape) {
        let (before, from) = rest.split_at(at);
        out.text.push_str(before);
        let inner = from.get(escape.len_utf8()..).unwrap_or_default();
        let Some(end) = inner.find(escape).filter(|end| *end <= LONGEST) else {
            // One that nothing closes is a character of the text.
            out.text.push(escape);
            rest = inner;
            continue;
        };
        let (word, tail) = inner.split_at(end);
        if one(word, escape, delimiters, &mut out) {
            rest = tail.get(escape.len_utf8()..).unwrap_or_default();
        } else {
            // Between two of them may stand plain text (`C:\a\b`): the second may open an escape.
            out.had_unknown = true;
            out.text.push(escape);
            out.text.push_str(word);
            rest = tail;
        }
    }
    out.text.push_str(rest);
    out
}

/// Longest escape in bytes; bytes in `\X...\` come two digits each.
const LONGEST: usize = 4096;

fn one(word: &str, escape: char, delimiters: &Delimiters, out: &mut Unescaped) -> bool {
    let layout = |out: &mut Unescaped, text: String| {
        out.had_layout = true;
        out.text.push_str(&text);
        true
    };
    let character = match word {
        "F" => Some(delimiters.field),
        "S" => Some(delimiters.component),
        "R" => Some(delimiters.repetition),
        "E" => Some(escape),
        "T" => delimiters.subcomponent,
        "P" => delimiters.truncation,
        ".br" => Some('\n'),
        _ => None,
    };
    if let Some(character) = character {
        out.text.push(character);
        return true;
    }
    if matches!(word, "H" | "N" | ".fi" | ".nf") || word.starts_with(".in") || word.starts_with(".ti") {
        return layout(out, String::new());
    }
    if word == ".ce" {
        return layout(out, "\n".into());
    }
    for (name, filling) in [(".sp", "\n"), (".sk", " ")] {
        if let Some(count) = word.strip_prefix(name) {
            let count = if count.is_empty() { Some(1) } else { count.trim_start_matches('+').parse::<usize>().ok() };
            return count.filter(|count| *count <= 1000).is_some_and(|count| layout(out, filling.repeat(count)));
        }
    }
    let Some(digits) = word.strip_prefix('X').filter(|digits| !digits.is_empty() && digits.len().is_multiple_of(2))
    else {
        return false;
    };
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|two| {
            std::str::from_utf8(two)
                .ok()
                .filter(|two| !two.contains('+'))
                .and_then(|two| u8::from_str_radix(two, 16).ok())
        })
        .collect();
    let Some(text) = bytes.and_then(|bytes| {
        UTF_8.decode_without_bom_handling_and_without_replacement(&bytes).map(|text| text.into_owned())
    }) else {
        return false;
    };
    out.text.push_str(&text);
    true
}

/// A text as it is written between the delimiters. `None` where the message has no escapes and the text needs one.
pub fn escape(text: &str, delimiters: &Delimiters) -> Option<String> {
    // Two quotation marks alone say that a value is deleted.
    if text == "\"\"" {
        return delimiters.escape.map(|mark| format!("{mark}X2222{mark}"));
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let word = if c == delimiters.field {
            "F".to_string()
        } else if c == delimiters.component {
            "S".into()
        } else if c == delimiters.repetition {
            "R".into()
        } else if Some(c) == delimiters.escape {
            "E".into()
        } else if Some(c) == delimiters.subcomponent {
            "T".into()
        } else if Some(c) == delimiters.truncation {
            "P".into()
        } else if c == '\n' {
            ".br".into()
        } else if c.is_ascii_control() {
            format!("X{:02X}", u32::from(c))
        } else {
            out.push(c);
            continue;
        };
        let mark = delimiters.escape?;
        out.push(mark);
        out.push_str(&word);
        out.push(mark);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_what_they_say_and_texts_come_back() {
        let usual = Delimiters::default();
        let cases = [
            (r"a \F\ b", "a | b"),
            (r"\S\\T\\R\\E\", r"^&~\"),
            (r"one\.br\two", "one\ntwo"),
            (r"\X41\\XC3A9\", "Aé"),
            (r"C:\temp", r"C:\temp"),
        ];
        for (raw, text) in cases {
            assert_eq!(unescape(raw, &usual).text, text, "{raw}");
            let written = escape(text, &usual).expect("escapes");
            assert_eq!(unescape(&written, &usual).text, text, "{written}");
        }
        assert_eq!(escape("\"\"", &usual).as_deref(), Some(r"\X2222\"));
        assert_eq!(escape("a\rb", &usual).as_deref(), Some(r"a\X0D\b"));
        assert_eq!(escape("a|b", &Delimiters { escape: None, ..usual }), None);
    }

    #[test]
    fn emphasis_leaves_the_words_and_is_said() {
        let read = unescape(r"do \H\NOT\N\ give", &Delimiters::default());
        assert_eq!((read.text.as_str(), read.had_layout), ("do NOT give", true));
        assert_eq!(unescape(r"a\.sk3\b\.sp\c", &Delimiters::default()).text, "a   b\nc");
        let odd = unescape(r"a\Zxy\b", &Delimiters::default());
        assert_eq!((odd.text.as_str(), odd.had_unknown), (r"a\Zxy\b", true));
    }
}
