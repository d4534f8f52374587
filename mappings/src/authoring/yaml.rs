//! Plain values and keys as YAML text, quoted only where a reader would take them for something else.

/// A text as a YAML value.
pub fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_string() } else { quoted(text) }
}

/// A text as a key of a map.
pub fn key(text: &str) -> String {
    scalar(text)
}

fn quoted(text: &str) -> String {
    // A JSON string is a double-quoted YAML string.
    serde_json::Value::from(text).to_string()
}

/// Whether a text reads as itself without quotes, in flow collections too.
fn is_plain(text: &str) -> bool {
    let starts_right = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$' || c == '_' || c == '/');
    let safe = text.chars().all(|c| c.is_alphanumeric() || " ._$/-+()".contains(c));
    let word = text.to_ascii_lowercase();
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&word.as_str());
    starts_right && safe && !reserved && !text.ends_with(' ') && !text.contains("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Reporter;
    use crate::syntax::parse;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same_text(text in "\\PC{1,24}", name in "\\PC{1,24}") {
            let mut reporter = Reporter::new("t.yaml");
            let document = format!("a: {}\nb: {{ {}: [{}, x] }}\n", scalar(&text), key(&name), scalar(&text));
            let node = parse(&document, &mut reporter);
            prop_assert!(node.is_some(), "{document}");
            let value = node.map(|node| node.to_value()).unwrap_or_default();
            prop_assert_eq!(&value["a"], &serde_json::Value::from(text.clone()), "{}", document);
            prop_assert_eq!(&value["b"][name.as_str()][0], &serde_json::Value::from(text), "{}", document);
        }
    }
}
