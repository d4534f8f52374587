//! A medicine's name cut into numbers, words and slashes.

use rust_decimal::Decimal;
use std::str::FromStr;

/// A piece of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A number, or a range of two.
    Number(Decimal, Decimal),
    /// A word or a sign that is one (`%`).
    Word(String),
    /// A slash, or the word "per".
    Slash,
}

/// Cuts a name in lower case. Letters that follow a number are a word of their own; digits within a word stay in it.
pub fn tokens(lower: &str) -> Vec<Token> {
    let chars: Vec<char> = lower.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next_is_digit = chars.get(at + 1).is_some_and(char::is_ascii_digit);
        if c.is_ascii_digit() || (c == '.' && next_is_digit) {
            at = number(&chars, at, &mut found);
        } else if c == '/' {
            found.push(Token::Slash);
            at += 1;
        } else if c == '%' {
            found.push(Token::Word("%".into()));
            at += 1;
        } else if c.is_alphanumeric() {
            at = word(&chars, at, &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Digits with a point, with commas between thousands, and the second end of a range.
fn number(chars: &[char], start: usize, found: &mut Vec<Token>) -> usize {
    let (low, mut at) = plain_number(chars, start);
    let Some(low) = low else { return at };
    let mut high = low;
    let dash = chars.get(at).is_some_and(|c| matches!(c, '-' | '–'));
    if dash && chars.get(at + 1).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
        let (second, after) = plain_number(chars, at + 1);
        // "24-hour", "5-10": a range goes upwards; anything else is two numbers.
        if let Some(second) = second.filter(|second| *second > low) {
            (high, at) = (second, after);
        }
    }
    found.push(Token::Number(low, high));
    at
}

fn plain_number(chars: &[char], start: usize) -> (Option<Decimal>, usize) {
    let mut text = String::new();
    let mut at = start;
    let mut has_point = false;
    while let Some(&c) = chars.get(at) {
        let digits =
            |range: std::ops::Range<usize>| chars.get(range).is_some_and(|part| part.iter().all(char::is_ascii_digit));
        if c.is_ascii_digit() {
            text.push(c);
        } else if c == '.' && !has_point && digits(at + 1..at + 2) {
            if text.is_empty() {
                text.push('0');
            }
            has_point = true;
            text.push(c);
        } else if c != ',' || has_point || !digits(at + 1..at + 4) || digits(at + 4..at + 5) {
            // A comma is passed over only between thousands.
            break;
        }
        at += 1;
    }
    (Decimal::from_str(&text).ok(), at.max(start + 1))
}

/// A word with its inner hyphens and digits; `m/r`, `e/c`, `s/r` and `g/r` are words.
fn word(chars: &[char], start: usize, found: &mut Vec<Token>) -> usize {
    let short = |letter: char| {
        chars.get(start + 1) == Some(&'/')
            && chars.get(start + 2) == Some(&letter)
            && !chars.get(start + 3).is_some_and(|c| c.is_alphanumeric())
    };
    let first = chars.get(start).copied().unwrap_or_default();
    if let Some(&letter) = ['r', 'c', 'f', 'd'].iter().find(|letter| short(**letter)) {
        found.push(Token::Word(format!("{first}/{letter}")));
        return start + 3;
    }
    let mut at = start;
    let mut word = String::new();
    while let Some(&c) = chars.get(at) {
        let inner =
            matches!(c, '-' | '\'' | '+') && at > start && chars.get(at + 1).is_some_and(|next| next.is_alphabetic());
        if c.is_alphanumeric() || inner {
            word.push(c);
        } else {
            break;
        }
        at += 1;
    }
    if word == "per" {
        found.push(Token::Slash);
    } else {
        found.push(Token::Word(word));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_into_numbers_words_and_slashes() {
        let shown = |name: &str| -> Vec<String> {
            let shown = |token: &Token| match token {
                Token::Number(low, high) if low == high => format!("#{low}"),
                Token::Number(low, high) => format!("#{low}-{high}"),
                Token::Word(word) => word.clone(),
                Token::Slash => "/".into(),
            };
            tokens(name).iter().map(shown).collect()
        };
        for (name, expected) in [
            ("co-careldopa 25mg/100mg m/r tablets", "co-careldopa #25 mg / #100 mg m/r tablets"),
            ("lactulose 3.1-3.7g/5ml", "lactulose #3.1-3.7 g / #5 ml"),
            ("vitamin b12 1,000 micrograms", "vitamin b12 #1000 micrograms"),
            ("1,2-something", "#1 #2 something"),
            ("gastro-resistant e/c", "gastro-resistant e/c"),
            ("10 per hour", "#10 / hour"),
            ("99999999999999999999999999999999999 x", "x"),
            ("1% w/w", "#1 % w / w"),
            ("500-mg", "#500 mg"),
        ] {
            assert_eq!(shown(name).join(" "), expected, "{name}");
        }
    }
}
