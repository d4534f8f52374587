//! Secret texts (key safe and door codes) and their withholding from every text that is sent.

use crate::vendor_path::scalar_text;
use serde_json::Value;
use std::borrow::Cow;

/// What stands where a secret stood.
pub const WITHHELD: &str = "[withheld]";

/// The secret texts known for an item.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    tokens: Vec<String>,
}

impl Secrets {
    /// Adds a secret value, all values below it, and the numbers of three or more digits in them.
    ///
    /// One plain word (`front`, `none`) is no token: it may be a word of a dose.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|one| self.learn(one)),
            Value::Object(map) => map.values().for_each(|one| self.learn(one)),
            Value::Null | Value::Bool(_) => {}
            plain => {
                let Some(text) = scalar_text(plain).map(|text| text.trim().to_lowercase()) else { return };
                let telling = text.contains(|c: char| c.is_ascii_digit()) || (text.contains(' ') && text.len() >= 8);
                let numbers = text.split(|c: char| !(c.is_ascii_digit() || c == ' ' || c == '-'));
                // `44-17` and `4 4 1 7` hide `4417` too.
                let numbers: Vec<String> =
                    numbers.map(|run| run.chars().filter(char::is_ascii_digit).collect()).collect();
                let runs = text.split(|c: char| !c.is_ascii_digit()).map(str::to_string);
                self.tokens.extend(numbers.into_iter().chain(runs).filter(|run| run.len() >= 3));
                if telling && text.chars().count() >= 3 {
                    self.tokens.push(text);
                }
                // The longest first, so that a whole phrase goes before a number within it.
                self.tokens.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
                self.tokens.dedup();
            }
        }
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The text without secrets, where it had any.
    pub fn withhold(&self, text: &str, patterns: &[regex::Regex]) -> Option<String> {
        let mut out: Option<String> = None;
        for pattern in patterns {
            if let Cow::Owned(without) = pattern.replace_all(out.as_deref().unwrap_or(text), WITHHELD) {
                out = Some(without);
            }
        }
        for token in &self.tokens {
            if let Some(without) = without_token(out.as_deref().unwrap_or(text), token) {
                out = Some(without);
            }
        }
        out
    }
}

/// Words after a number that make it an amount. A dose must never lose its number.
const UNITS: [&str; 28] = [
    "mg",
    "mcg",
    "microgram",
    "micrograms",
    "ml",
    "mls",
    "g",
    "kg",
    "unit",
    "units",
    "iu",
    "tablet",
    "tablets",
    "tab",
    "tabs",
    "capsule",
    "capsules",
    "puff",
    "puffs",
    "drop",
    "drops",
    "mmol",
    "kcal",
    "hour",
    "hours",
    "day",
    "days",
    "litres",
];
/// Words near a short number that make it an access code.
const ACCESS_WORDS: [&str; 9] = ["key", "safe", "code", "door", "gate", "pin", "entry", "alarm", "lock"];

/// Whether a number that is also a secret is one here: not an amount, and, if short, near a word of access.
fn is_access_code(before: &str, after: &str, digits: usize) -> bool {
    let word: String = after.trim_start().chars().take_while(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
    if UNITS.contains(&word.as_str()) || after.trim_start().starts_with('%') {
        return false;
    }
    let near: String =
        before.chars().rev().take(24).collect::<Vec<_>>().into_iter().rev().collect::<String>().to_lowercase();
    digits >= 4 || ACCESS_WORDS.iter().any(|word| near.contains(word))
}

/// Whether a text that is sent is another one with secrets withheld from it.
pub fn is_withheld_form(original: &str, sent: &str) -> bool {
    let parts: Vec<String> = sent.split(WITHHELD).map(regex::escape).collect();
    parts.len() > 1
        && regex::Regex::new(&format!("(?s)^{}$", parts.join(".+?"))).is_ok_and(|form| form.is_match(original))
}

/// A text without a token, whatever the case, where it stands as a word or number of its own; one pass.
fn without_token(text: &str, token: &str) -> Option<String> {
    let numeric = token.bytes().all(|byte| byte.is_ascii_digit());
    let first = token.chars().next()?;
    let whole = |neighbour: Option<char>| !neighbour.is_some_and(char::is_alphanumeric);
    let mut out = String::new();
    let (mut kept, mut before) = (0, None);
    for (start, letter) in text.char_indices() {
        let previous = before.replace(letter);
        if start < kept || !letter.to_lowercase().eq(std::iter::once(first)) || !whole(previous) {
            continue;
        }
        let Some(length) = token_length(&text[start..], token, numeric) else { continue };
        let after = &text[start + length..];
        if whole(after.chars().next()) && (!numeric || is_access_code(&text[..start], after, token.len())) {
            out.push_str(&text[kept..start]);
            out.push_str(WITHHELD);
            kept = start + length;
        }
    }
    out.push_str(&text[kept..]);
    (kept > 0).then_some(out)
}

/// The length of a token at the start of a text; digits may have white space or hyphens between them.
fn token_length(text: &str, token: &str, numeric: bool) -> Option<usize> {
    let mut wanted = token.chars().peekable();
    for (at, letter) in text.char_indices() {
        match wanted.peek() {
            None => return Some(at),
            Some(expected) if letter.to_lowercase().eq(std::iter::once(*expected)) => {
                wanted.next();
            }
            Some(_) if numeric && at > 0 && matches!(letter, ' ' | '-') => {}
            Some(_) => return None,
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_withheld_wherever_it_stands_as_a_word() {
        let mut secrets = Secrets::default();
        secrets.learn(&json!({"code": "C4417", "where": "Behind the blue planter"}));
        let cases = [
            ("Used 4417 to get in", Some("Used [withheld] to get in")),
            ("code c4417.", Some("code [withheld].")),
            ("key is 44 17 today", Some("key is [withheld] today")),
            ("it is behind the BLUE planter!", Some("it is [withheld]!")),
            ("Use 4417 going in, then 4417 gate.", Some("Use [withheld] going in, then [withheld] gate.")),
            ("4417 given to new carer", Some("[withheld] given to new carer")),
            ("rang 01632 944170", None),
            ("BP 144/17", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(secrets.withhold(text, &[]).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_code_written_with_separators_hides_the_plain_one_too() {
        for written in ["44-17", "4 4 1 7", "C 4417 #"] {
            let mut secrets = Secrets::default();
            secrets.learn(&json!(written));
            assert_eq!(
                secrets.withhold("in with 4417 today", &[]).as_deref(),
                Some("in with [withheld] today"),
                "{written}"
            );
        }
    }

    #[test]
    fn a_dose_never_loses_its_number_to_a_secret() {
        let mut secrets = Secrets::default();
        secrets.learn(&json!(["500", "1000", "front"]));
        for text in
            ["Paracetamol 500 mg tablets", "500mg twice a day", "1000 ml of water", "apply to the front of the leg"]
        {
            assert_eq!(secrets.withhold(text, &[]), None, "{text}");
        }
        assert_eq!(secrets.withhold("door code 500", &[]).as_deref(), Some("door code [withheld]"));
        assert_eq!(secrets.withhold("let in with 1000", &[]).as_deref(), Some("let in with [withheld]"));
    }

    #[test]
    fn a_withheld_text_is_known_again() {
        assert!(is_withheld_form("in with 7731, then tea", "in with [withheld], then tea"));
        assert!(!is_withheld_form("in with 7731, then tea", "in with [withheld], then coffee"));
        assert!(!is_withheld_form("same", "same"));
    }

    #[test]
    fn a_pattern_withholds_codes_nobody_declared() {
        let pattern = regex::Regex::new(r"(?i)\bkey ?safe\b\D{0,20}\d{3,8}").expect("pattern");
        assert_eq!(
            Secrets::default().withhold("Keysafe is 9921, ring first", &[pattern]).as_deref(),
            Some("[withheld], ring first")
        );
    }
}
