//! Dose text as numbers, words, times, dates and marks, each with its place.

use super::words;
use rust_decimal::Decimal;
use std::str::FromStr;

/// A longer text is not read: what it says is beyond what can be read with certainty.
pub const MOST_BYTES: usize = 2_000;

/// A number and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Its digits, without what the writing added (`.5` is `0.5`).
    pub text: String,
    /// Its value.
    pub value: Decimal,
    /// Whether it was written as a word or a fraction, not in digits.
    pub is_word: bool,
}

impl Number {
    /// From digits.
    pub fn digits(text: &str) -> Option<Number> {
        let value = Decimal::from_str(text).ok()?;
        Some(Number { text: text.to_owned(), value, is_word: false })
    }

    /// From a value that no digits stand for.
    pub fn of_value(value: Decimal) -> Number {
        Number { text: value.normalize().to_string(), value, is_word: true }
    }
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A number in digits, in words or as `½`.
    Number(Number),
    /// A word in lower case; an abbreviation without its dots.
    Word(String),
    /// A time of day with a colon, as `HH:MM:SS`.
    Clock(String),
    /// A date in digits with the year in four, as `YYYY-MM-DD`.
    Date(String),
    /// What stands between words.
    Mark(char),
}

/// A part of the text, with its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A text and its tokens.
#[derive(Debug)]
pub struct Tokens<'t> {
    /// The text.
    pub text: &'t str,
    list: Vec<Token>,
}

impl<'t> Tokens<'t> {
    /// Cuts a text up.
    pub fn of(text: &'t str) -> Tokens<'t> {
        let mut list = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let first = rest.chars().next().unwrap_or(' ');
            let (kind, length) =
                if first.is_whitespace() && first != '\n' { (None, first.len_utf8()) } else { cut(rest, first) };
            let length = length.max(first.len_utf8());
            if let Some(kind) = kind {
                list.push(Token { kind, start: at, end: at + length });
            }
            at += length;
        }
        Tokens { text, list }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The token at a place.
    pub fn at(&self, index: usize) -> Option<&Token> {
        self.list.get(index)
    }

    /// The word at a place, or nothing that a word could be.
    pub fn word(&self, index: usize) -> &str {
        match self.at(index).map(|token| &token.kind) {
            Some(Kind::Word(word)) => word,
            _ => "",
        }
    }

    /// The number at a place.
    pub fn number(&self, index: usize) -> Option<&Number> {
        match self.at(index).map(|token| &token.kind) {
            Some(Kind::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// Whether the mark stands at a place.
    pub fn is_mark(&self, index: usize, marks: &[char]) -> bool {
        matches!(self.at(index).map(|token| &token.kind), Some(Kind::Mark(mark)) if marks.contains(mark))
    }

    /// Whether nothing stands between a token and the one before it.
    pub fn is_tight(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.at(before));
        matches!((before, self.at(index)), (Some(before), Some(token)) if before.end == token.start)
    }

    /// The text from one token to before another.
    pub fn slice(&self, from: usize, to: usize) -> &'t str {
        let start = self.at(from).map_or(self.text.len(), |token| token.start);
        let end = to.checked_sub(1).and_then(|last| self.at(last)).map_or(start, |token| token.end);
        self.text.get(start..end.max(start)).unwrap_or_default()
    }

    /// How many tokens from a place a pattern takes: words parted by spaces, `a|b` for either, `?a` for one that may
    /// lack, `#` for a number. Marks in it stand for themselves.
    pub fn matches(&self, at: usize, pattern: &str) -> Option<usize> {
        let mut used = 0;
        for part in pattern.split(' ') {
            let (part, may_lack) = part.strip_prefix('?').map_or((part, false), |part| (part, true));
            if self.is_part(at + used, part) {
                used += 1;
            } else if !may_lack {
                return None;
            }
        }
        Some(used)
    }

    fn is_part(&self, index: usize, part: &str) -> bool {
        match self.at(index).map(|token| &token.kind) {
            Some(Kind::Word(word)) => part.split('|').any(|one| one == word),
            Some(Kind::Number(_)) => part == "#",
            Some(Kind::Mark(mark)) => part.chars().eq([*mark]),
            _ => false,
        }
    }
}

fn cut(rest: &str, first: char) -> (Option<Kind>, usize) {
    if first.is_ascii_digit() || is_naked_decimal(rest) {
        return digits(rest);
    }
    if let Some(part) = vulgar(first) {
        return (Some(Kind::Number(Number::of_value(part))), first.len_utf8());
    }
    if first.is_alphabetic() || first == 'µ' {
        return word(rest);
    }
    let mark = if matches!(first, '–' | '—' | '‐' | '‑') { '-' } else { first };
    (Some(Kind::Mark(mark)), first.len_utf8())
}

fn is_naked_decimal(rest: &str) -> bool {
    rest.strip_prefix('.').is_some_and(|after| after.starts_with(|next: char| next.is_ascii_digit()))
}

/// The value of a fraction that is one character.
fn vulgar(mark: char) -> Option<Decimal> {
    Some(match mark {
        '½' => Decimal::new(5, 1),
        '¼' => Decimal::new(25, 2),
        '¾' => Decimal::new(75, 2),
        _ => return None,
    })
}

fn run(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A date, a time of day or a number.
fn digits(rest: &str) -> (Option<Kind>, usize) {
    if let Some((date, length)) = date(rest) {
        return (Some(Kind::Date(date)), length);
    }
    if let Some((clock, length)) = clock(rest) {
        return (Some(Kind::Clock(clock)), length);
    }
    let mut whole = run(rest);
    let mut plain = rest.get(..whole).unwrap_or_default().to_owned();
    // "1,000": three digits behind a comma, and no more.
    while (1..=3).contains(&whole) || plain.len() > 3 {
        let Some(after) = rest.get(whole..).and_then(|after| after.strip_prefix(',')) else { break };
        if run(after) != 3 || plain == "0" {
            break;
        }
        plain.push_str(after.get(..3).unwrap_or_default());
        whole += 4;
    }
    let mut length = whole;
    if let Some(after) = rest.get(whole..).and_then(|after| after.strip_prefix('.')) {
        let decimals = run(after);
        if decimals > 0 {
            plain = format!(
                "{}.{}",
                if plain.is_empty() { "0" } else { &plain },
                after.get(..decimals).unwrap_or_default()
            );
            length += 1 + decimals;
        }
    }
    // "1½"
    let part = rest.get(length..).and_then(|after| after.chars().next()).and_then(vulgar);
    let number = Number::digits(&plain);
    match (number, part) {
        (Some(number), Some(part)) if number.value.is_integer() => {
            let mark = rest.get(length..).and_then(|after| after.chars().next()).map_or(0, char::len_utf8);
            (Some(Kind::Number(Number::of_value(number.value + part))), length + mark)
        }
        (Some(number), _) => (Some(Kind::Number(number)), length),
        (None, _) => (Some(Kind::Mark('#')), length),
    }
}

/// `25/12/2026`, `25-12-2026`, `25.12.2026` or `2026-12-25`, not within more digits.
fn date(rest: &str) -> Option<(String, usize)> {
    let body: String =
        rest.chars().take_while(|mark| mark.is_ascii_digit() || matches!(mark, '/' | '-' | '.')).collect();
    let body = body.trim_end_matches(['.', '-', '/']);
    let mark = body.find(['/', '-', '.']).and_then(|at| body.get(at..=at))?;
    let parts: Vec<&str> = body.split(mark).collect();
    let [first, month, last] = parts.as_slice() else { return None };
    let (year, day) = match (first.len(), last.len()) {
        (4, 2) if mark == "-" => (*first, *last),
        (1 | 2, 4) => (*last, *first),
        _ => return None,
    };
    let (year, month, day): (i16, i8, i8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let date = jiff::civil::Date::new(year, month, day).ok()?;
    Some((date.to_string(), body.len()))
}

/// `08:00`, `8:00` or `08:00:30`.
fn clock(rest: &str) -> Option<(String, usize)> {
    let hours = run(rest);
    let after = rest.get(hours..)?.strip_prefix(':')?;
    if !(1..=2).contains(&hours) || run(after) != 2 {
        return None;
    }
    let mut length = hours + 3;
    let mut seconds = "00";
    if let Some(more) = after.get(2..).and_then(|more| more.strip_prefix(':'))
        && run(more) == 2
    {
        seconds = more.get(..2)?;
        length += 3;
    }
    let time = words::time(rest.get(..hours)?.parse().ok()?, after.get(..2)?.parse().ok()?, seconds.parse().ok()?)?;
    Some((time, length))
}

/// A word, `p.r.n.` as `prn`, `tablet(s)` as `tablets`; a number word is a number.
fn word(rest: &str) -> (Option<Kind>, usize) {
    if let Some((letters, length)) = dotted(rest) {
        return (Some(Kind::Word(letters)), length);
    }
    let is_part = |mark: char| mark.is_alphabetic() || matches!(mark, 'µ' | '\'' | '’');
    let mut length = rest.find(|mark: char| !is_part(mark)).unwrap_or(rest.len());
    let mut lower = rest.get(..length).unwrap_or_default().to_lowercase().replace('’', "'");
    for plural in ["(s)", "(es)"] {
        if rest.get(length..).is_some_and(|after| after.starts_with(plural)) {
            length += plural.len();
            lower.push_str(plural.trim_matches(['(', ')']));
        }
    }
    match words::number(&lower) {
        Some(value) => (Some(Kind::Number(Number::of_value(Decimal::from(value)))), length),
        None => (Some(Kind::Word(lower)), length),
    }
}

/// Single letters with dots between: `b.d.`, `p.r.n`, `o.n.`; a dot behind the last belongs to it.
fn dotted(rest: &str) -> Option<(String, usize)> {
    let bytes = rest.as_bytes();
    let mut letters = String::new();
    let mut at = 0;
    while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
        letters.push(char::from(*bytes.get(at)?).to_ascii_lowercase());
        at += 1;
        if bytes.get(at) != Some(&b'.') {
            break;
        }
        at += 1;
    }
    let is_cut = bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    // "o.n." and the word "on" are told apart.
    let letters = if letters == "on" { "o.n.".to_owned() } else { letters };
    (letters.len() > 1 && at > letters.trim_matches('.').len() && !is_cut).then_some((letters, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let tokens = Tokens::of(text);
        let kind = |token: &Token| match &token.kind {
            Kind::Number(number) => format!("n{}", number.text),
            Kind::Word(word) => word.clone(),
            Kind::Clock(time) => format!("t{time}"),
            Kind::Date(date) => format!("d{date}"),
            Kind::Mark(mark) => mark.to_string(),
        };
        tokens.list.iter().map(kind).collect()
    }

    #[test]
    fn a_text_is_cut_into_what_it_is_made_of() {
        for (text, expected) in [
            ("Take ONE", vec!["take", "n1"]),
            ("500mg", vec!["n500", "mg"]),
            (".5 mg", vec!["n0.5", "mg"]),
            ("5.0mg.", vec!["n5.0", "mg", "."]),
            ("½", vec!["n0.5"]),
            ("1½ tabs", vec!["n1.5", "tabs"]),
            ("1/2", vec!["n1", "/", "n2"]),
            ("1,000 units", vec!["n1000", "units"]),
            ("1,50 mg", vec!["n1", ",", "n50", "mg"]),
            ("b.d. prn", vec!["bd", "prn"]),
            ("p.r.n", vec!["prn"]),
            ("o.n.", vec!["o.n."]),
            ("on Monday", vec!["on", "monday"]),
            ("q4h", vec!["q", "n4", "h"]),
            ("8am", vec!["n8", "am"]),
            ("08:00, 20:30", vec!["t08:00:00", ",", "t20:30:00"]),
            ("25:00", vec!["n25", ":", "n00"]),
            ("25/12/2026", vec!["d2026-12-25"]),
            ("2026-12-25", vec!["d2026-12-25"]),
            ("31/02/2026", vec!["n31", "/", "n02", "/", "n2026"]),
            ("25/12/26", vec!["n25", "/", "n12", "/", "n26"]),
            ("tablet(s)", vec!["tablets"]),
            ("2–4", vec!["n2", "-", "n4"]),
            ("a.m", vec!["am"]),
            ("e.g. this", vec!["eg", "this"]),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn patterns_take_what_they_name() {
        let tokens = Tokens::of("as and when required");
        assert_eq!(tokens.matches(0, "as ?and ?when required|needed"), Some(4));
        assert_eq!(tokens.matches(1, "as"), None);
        assert_eq!(Tokens::of("for 5/7").matches(0, "for # / #"), Some(4));
    }
}
