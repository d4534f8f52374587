//! Reads the invariants of the built-in form: FHIR's expressions, and our own sentences for them.

use super::{Invariant, Read};
use std::collections::HashMap;

/// Invariants by name: the key, or `key@Type` where several share it. A line is `NAME<tab>SEVERITY<tab>EXPRESSION`, of
/// the words `NAME<tab>SENTENCE`.
pub(super) fn read(text: &'static str, words: &'static str) -> Read<HashMap<&'static str, Invariant>> {
    let mut sentences: HashMap<&str, &str> = HashMap::new();
    for line in words.lines() {
        let (name, sentence) = line.split_once('\t').ok_or_else(|| format!("no sentence: {line}"))?;
        sentences.insert(name, sentence);
    }
    let mut out = HashMap::new();
    for line in text.lines() {
        let wrong = || format!("not an invariant: {line}");
        let (name, rest) = line.split_once('\t').ok_or_else(wrong)?;
        let (severity, expression) = rest.split_once('\t').ok_or_else(wrong)?;
        let key = name.split_once('@').map_or(name, |(key, _)| key);
        let is_error = match severity {
            "error" => true,
            "warning" => false,
            _ => return Err(wrong()),
        };
        let words = sentences.get(name).map(|sentence| Box::from(*sentence));
        out.insert(name, Invariant::new(key, is_error, expression, words));
    }
    Ok(out)
}
