//! Dose text as a short list of numbers, words and marks, on the stack.

use super::words::number_word;

/// Longer texts are not judged: what they say is beyond what can be read with certainty.
pub const MOST_TOKENS: usize = 64;
/// Likewise, in bytes.
pub const MOST_BYTES: usize = 384;

/// One part of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token<'t> {
    /// A number, written in digits, as a fraction or in words.
    Number(f64),
    /// A word in lower case; an abbreviation without its dots.
    Word(&'t str),
    /// A time of day, in minutes.
    Clock(u32),
    /// What stands between words.
    Mark(char),
}

/// The tokens of a text.
#[derive(Debug)]
pub struct Tokens<'t> {
    list: [Token<'t>; MOST_TOKENS],
    count: usize,
    /// Whether something was met that cannot be read with certainty.
    pub is_odd: bool,
}

impl<'t> Tokens<'t> {
    /// Reads a text in lower case; nothing when it is too long.
    pub fn of(text: &'t str) -> Option<Tokens<'t>> {
        let mut tokens = Tokens { list: [Token::Mark(' '); MOST_TOKENS], count: 0, is_odd: false };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = match first {
                _ if first.is_whitespace() => rest.get(first.len_utf8()..)?,
                '0'..='9' => tokens.number(rest)?,
                '.' if rest.get(1..2).is_some_and(|next| next.as_bytes().iter().all(u8::is_ascii_digit)) => {
                    tokens.number(rest)?
                }
                '½' | '¼' | '¾' => {
                    let part = match first {
                        '½' => 0.5,
                        '¼' => 0.25,
                        _ => 0.75,
                    };
                    tokens.add_part(part)?;
                    rest.get(first.len_utf8()..)?
                }
                _ if first.is_alphabetic() || first == 'µ' => tokens.word(rest)?,
                '–' | '—' => {
                    tokens.push(Token::Mark('-'))?;
                    rest.get(first.len_utf8()..)?
                }
                _ => {
                    tokens.push(Token::Mark(first))?;
                    rest.get(first.len_utf8()..)?
                }
            };
        }
        Some(tokens)
    }

    /// The token at a place; a mark beyond the end.
    pub fn at(&self, index: usize) -> Token<'t> {
        if index < self.count { self.list.get(index).copied().unwrap_or(Token::Mark(' ')) } else { Token::Mark('\0') }
    }

    /// The word at a place; empty for anything else.
    pub fn word_at(&self, index: usize) -> &'t str {
        match self.at(index) {
            Token::Word(word) => word,
            _ => "",
        }
    }

    /// The number at a place.
    pub fn number_at(&self, index: usize) -> Option<f64> {
        match self.at(index) {
            Token::Number(number) => Some(number),
            _ => None,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    fn push(&mut self, token: Token<'t>) -> Option<()> {
        *self.list.get_mut(self.count)? = token;
        self.count += 1;
        Some(())
    }

    /// A half after a whole (`1½`) belongs to it.
    fn add_part(&mut self, part: f64) -> Option<()> {
        if let Some(Token::Number(whole)) = self.count.checked_sub(1).and_then(|at| self.list.get_mut(at))
            && whole.fract() == 0.0
        {
            *whole += part;
            return Some(());
        }
        self.push(Token::Number(part))
    }

    fn number(&mut self, text: &'t str) -> Option<&'t str> {
        let (value, rest) = digits(text)?;
        let mut after = rest.chars();
        match after.next() {
            Some(':') => {
                if let Some((minutes, rest)) = digits(after.as_str()) {
                    self.push(Token::Clock((value * 60.0 + minutes) as u32))?;
                    // Seconds say nothing more.
                    return Some(rest.strip_prefix(":00").unwrap_or(rest));
                }
            }
            Some('/') => {
                if let Some((below, rest)) = digits(after.as_str()) {
                    return self.fraction(value, below, rest);
                }
            }
            _ => {}
        }
        self.push(Token::Number(value))?;
        Some(rest)
    }

    /// `1/2` is a half; `5/7` is how prescribers write five days, and `1/12/2026` is a date.
    fn fraction(&mut self, above: f64, below: f64, rest: &'t str) -> Option<&'t str> {
        if above < below && (2.0..=4.0).contains(&below) && !rest.starts_with('/') {
            self.add_part(above / below)?;
            return Some(rest);
        }
        self.is_odd = true;
        Some(rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '/'))
    }

    fn word(&mut self, text: &'t str) -> Option<&'t str> {
        let dotted = dotted(text);
        if let Some((word, rest)) = dotted {
            self.push(Token::Word(word))?;
            return Some(rest);
        }
        let end = text.find(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’' | 'µ'))).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        match number_word(word) {
            Some(number) => self.push(Token::Number(number))?,
            None => self.push(Token::Word(word))?,
        }
        Some(rest)
    }
}

/// Digits with thousands' commas and a decimal point.
fn digits(text: &str) -> Option<(f64, &str)> {
    let mut value = 0.0;
    let mut place = 0.0;
    let mut end = 0;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'0'..=b'9' => {
                let digit = f64::from(byte - b'0');
                if place == 0.0 {
                    value = value * 10.0 + digit;
                } else {
                    value += digit * place;
                    place /= 10.0;
                }
            }
            b',' if place == 0.0 && is_thousands(bytes.get(end + 1..).unwrap_or_default()) => {}
            b'.' if place == 0.0 && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) => place = 0.1,
            _ => break,
        }
        end += 1;
    }
    (end > 0).then(|| (value, text.get(end..).unwrap_or_default()))
}

fn is_thousands(after: &[u8]) -> bool {
    after.get(..3).is_some_and(|three| three.iter().all(u8::is_ascii_digit))
        && !after.get(3).is_some_and(u8::is_ascii_digit)
}

/// Abbreviations that are written with dots or a stroke.
fn dotted(text: &str) -> Option<(&'static str, &str)> {
    const DOTTED: &[(&str, &str)] = &[
        ("o.d", "od"),
        ("b.d", "bd"),
        ("b.i.d", "bd"),
        ("t.d.s", "tds"),
        ("t.i.d", "tds"),
        ("q.d.s", "qds"),
        ("q.i.d", "qds"),
        ("p.r.n", "prn"),
        ("o.m", "om"),
        ("p.o", "po"),
        ("i.m", "im"),
        ("i.v", "iv"),
        ("s/c", "sc"),
        ("s.c", "sc"),
        ("i/m", "im"),
        ("i/v", "iv"),
    ];
    DOTTED.iter().find_map(|(written, word)| {
        let rest = text.strip_prefix(written)?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        (!rest.starts_with(char::is_alphanumeric)).then_some((*word, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_however_they_are_written() {
        for (text, expected) in [
            ("2", vec![Token::Number(2.0)]),
            ("2.5ml", vec![Token::Number(2.5), Token::Word("ml")]),
            (".5", vec![Token::Number(0.5)]),
            ("10,000 units", vec![Token::Number(10_000.0), Token::Word("units")]),
            ("1,2", vec![Token::Number(1.0), Token::Mark(','), Token::Number(2.0)]),
            ("1½", vec![Token::Number(1.5)]),
            ("1/2", vec![Token::Number(0.5)]),
            ("1 1/2", vec![Token::Number(1.5)]),
            ("two", vec![Token::Number(2.0)]),
            ("1–2", vec![Token::Number(1.0), Token::Mark('-'), Token::Number(2.0)]),
            ("08:00", vec![Token::Clock(480)]),
            ("b.d.", vec![Token::Word("bd")]),
            ("t.d.s", vec![Token::Word("tds")]),
            ("2.", vec![Token::Number(2.0), Token::Mark('.')]),
        ] {
            let tokens = Tokens::of(text).expect("it is short");
            let list: Vec<_> = (0..tokens.len()).map(|at| tokens.at(at)).collect();
            assert_eq!((list, tokens.is_odd), (expected, false), "{text}");
        }
        for odd in ["for 5/7", "on 01/12/2026", "1/52"] {
            assert!(Tokens::of(odd).is_some_and(|tokens| tokens.is_odd), "{odd}");
        }
        assert!(Tokens::of(&"a ".repeat(MOST_TOKENS)).is_some());
        assert!(Tokens::of(&"a ".repeat(MOST_TOKENS + 1)).is_none());
    }
}
