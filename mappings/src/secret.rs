//! Secret texts (key safe and door codes) and their withholding from every text that is sent.

use crate::vendor_path::scalar_text;
use serde_json::Value;

/// What stands where a secret stood.
pub const WITHHELD: &str = "[withheld]";

/// The secret texts known for an item.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    tokens: Vec<String>,
}

impl Secrets {
    /// Adds a secret value, all values below it, and the runs of three or more digits in them.
    pub fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|one| self.learn(one)),
            Value::Object(map) => map.values().for_each(|one| self.learn(one)),
            plain => {
                let Some(text) = scalar_text(plain).map(|text| text.trim().to_lowercase()) else { return };
                let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 3);
                let runs: Vec<String> = runs.map(str::to_string).collect();
                // One plain word (`front`, `none`) tells no secret and may be a word of a dose.
                let telling = text.contains(|c: char| c.is_ascii_digit()) || (text.contains(' ') && text.len() >= 8);
                if telling && text.chars().count() >= 3 && !matches!(plain, Value::Bool(_)) {
                    self.tokens.push(text);
                }
                self.tokens.extend(runs);
                // The longest first, so that a whole phrase goes before a number within it.
                self.tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
                self.tokens.dedup();
            }
        }
    }

    /// The text without secrets, where it had any.
    pub fn withhold(&self, text: &str, patterns: &[regex::Regex]) -> Option<String> {
        let mut out = text.to_string();
        let mut found = false;
        for pattern in patterns {
            if pattern.is_match(&out) {
                out = pattern.replace_all(&out, WITHHELD).into_owned();
                found = true;
            }
        }
        for token in &self.tokens {
            while let Some((start, end)) = find_token(&out, token) {
                out.replace_range(start..end, WITHHELD);
                found = true;
            }
        }
        found.then_some(out)
    }
}

/// Words after a number that make it an amount. A dose must never lose its number.
const UNITS: [&str; 16] = [
    "mg",
    "mcg",
    "microgram",
    "ml",
    "g",
    "kg",
    "unit",
    "iu",
    "tablet",
    "capsule",
    "puff",
    "drop",
    "%",
    "mmol",
    "kcal",
    "hour",
];
/// Words near a short number that make it an access code.
const ACCESS_WORDS: [&str; 9] = ["key", "safe", "code", "door", "gate", "pin", "entry", "alarm", "lock"];

/// Whether a number that is also a secret is one here: not an amount, and, if short, near a word of access.
fn is_access_code(before: &str, after: &str, digits: usize) -> bool {
    let after = after.trim_start().to_lowercase();
    if UNITS.iter().any(|unit| after.starts_with(unit)) {
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

/// A token in a text, whatever the case, not within a longer word or number. White space within digits is passed over.
fn find_token(text: &str, token: &str) -> Option<(usize, usize)> {
    let numeric = token.bytes().all(|byte| byte.is_ascii_digit());
    let first = token.chars().next()?;
    let starts = text.char_indices().filter(|(_, letter)| letter.to_lowercase().eq(std::iter::once(first)));
    for (start, _) in starts {
        let whole = |neighbour: Option<char>| !neighbour.is_some_and(char::is_alphanumeric);
        let Some(length) = token_length(&text[start..], token, numeric) else { continue };
        let (before, after) = (&text[..start], &text[start + length..]);
        if !whole(before.chars().next_back()) || !whole(after.chars().next()) {
            continue;
        }
        if !numeric || is_access_code(before, after, token.len()) {
            return Some((start, start + length));
        }
    }
    None
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
            ("rang 01632 944170", None),
            ("BP 144/17", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(secrets.withhold(text, &[]).as_deref(), wanted, "{text}");
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
