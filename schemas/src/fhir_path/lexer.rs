//! Text -> words of FHIRPath, with their places.

use super::date_time::DateTime;
use super::error::CompileError;

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    /// A name, or a word that is an operator in some places.
    Word(&'t str),
    /// A name in back quotes.
    Quoted(String),
    String(String),
    Number(&'t str),
    DateTime(DateTimeText<'t>),
    /// `$this` and its kin, without the dollar.
    Dollar(&'t str),
    /// `%name`, without the sign.
    Variable(String),
    Symbol(&'static str),
    End,
}

/// A literal of a date or time, read already.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateTimeText<'t> {
    pub(super) text: &'t str,
    pub(super) value: DateTime,
}

impl PartialEq for DateTimeText<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// Longer ones first.
const SYMBOLS: [&str; 24] = [
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|", "<", ">", "=", "~",
    ";", ":",
];

/// All words, the last being [`Token::End`], each with the byte it starts at.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, CompileError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut out = Vec::new();
    loop {
        lexer.skip_blank()?;
        let start = lexer.at;
        let token = lexer.token()?;
        let is_end = token == Token::End;
        out.push((start, token));
        if is_end {
            return Ok(out);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error<T>(&self, message: &str) -> Result<T, CompileError> {
        Err(CompileError { position: self.at, message: message.to_owned() })
    }

    /// The text as long as the letters fit, which is then behind.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|letter| !fits(letter)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn skip_blank(&mut self) -> Result<(), CompileError> {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take_while(|letter| letter != '\n' && letter != '\r');
            } else if self.rest().starts_with("/*") {
                match self.rest().find("*/") {
                    Some(end) => self.at += end + 2,
                    None => return self.error("this comment does not end"),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token<'t>, CompileError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(Token::End);
        };
        match first {
            '\'' | '"' => Ok(Token::String(self.quoted(first)?)),
            '`' => Ok(Token::Quoted(self.quoted('`')?)),
            '@' => self.date_time(),
            '$' => {
                self.at += 1;
                Ok(Token::Dollar(self.take_while(is_name)))
            }
            '%' => self.variable(),
            '0'..='9' => Ok(self.number()),
            letter if letter.is_ascii_alphabetic() || letter == '_' => Ok(Token::Word(self.take_while(is_name))),
            _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    Ok(Token::Symbol(symbol))
                }
                None => self.error("this sign means nothing in FHIRPath"),
            },
        }
    }

    fn number(&mut self) -> Token<'t> {
        let rest = self.rest();
        let start = self.at;
        self.take_while(|letter| letter.is_ascii_digit());
        let behind = self.rest().strip_prefix('.').and_then(|behind| behind.chars().next());
        if behind.is_some_and(|letter| letter.is_ascii_digit()) {
            self.at += 1;
            self.take_while(|letter| letter.is_ascii_digit());
        }
        Token::Number(rest.get(..self.at - start).unwrap_or_default())
    }

    fn variable(&mut self) -> Result<Token<'t>, CompileError> {
        self.at += 1;
        let rest = self.rest();
        if let Some(quote @ ('`' | '\'' | '"')) = rest.chars().next() {
            return Ok(Token::Variable(self.quoted(quote)?));
        }
        // Older expressions write these two without quotes.
        let has_dashes = rest.starts_with("vs-") || rest.starts_with("ext-");
        let name = self.take_while(|letter| is_name(letter) || (has_dashes && letter == '-'));
        if name.is_empty() {
            return self.error("a variable needs a name");
        }
        Ok(Token::Variable(name.to_owned()))
    }

    fn date_time(&mut self) -> Result<Token<'t>, CompileError> {
        let start = self.at;
        self.at += 1;
        let is_time = self.rest().starts_with('T');
        if !is_time {
            self.take_while(|letter| letter.is_ascii_digit() || letter == '-');
        }
        let has_time = self.rest().starts_with('T');
        if has_time {
            self.at += 1;
            self.take_while(|letter| letter.is_ascii_digit() || letter == ':');
            let behind = self.rest().strip_prefix('.').and_then(|behind| behind.chars().next());
            if behind.is_some_and(|letter| letter.is_ascii_digit()) {
                self.at += 1;
                self.take_while(|letter| letter.is_ascii_digit());
            }
            if self.rest().starts_with('Z') {
                self.at += 1;
            } else if self.has_offset() {
                self.at += 1;
                self.take_while(|letter| letter.is_ascii_digit() || letter == ':');
            }
        }
        let text = self.text.get(start + 1..self.at).unwrap_or_default();
        let value = match (is_time, has_time) {
            (true, _) => DateTime::read_time(text.get(1..).unwrap_or_default()),
            (_, true) => DateTime::read_date_time(text),
            _ => DateTime::read_date(text),
        };
        match value {
            Some(value) => Ok(Token::DateTime(DateTimeText { text, value })),
            None => {
                self.at = start;
                self.error("this is no date or time")
            }
        }
    }

    /// Whether a time zone follows rather than something to add.
    fn has_offset(&self) -> bool {
        let mut letters = self.rest().chars();
        let sign = letters.next();
        let shape: Vec<char> = letters.take(5).collect();
        matches!(sign, Some('+' | '-'))
            && shape.len() == 5
            && shape
                .iter()
                .enumerate()
                .all(|(at, letter)| if at == 2 { *letter == ':' } else { letter.is_ascii_digit() })
    }

    /// A text between quotes, its escapes resolved.
    fn quoted(&mut self, quote: char) -> Result<String, CompileError> {
        let start = self.at;
        let mut out = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.at = start + at + quote.len_utf8();
                return Ok(out);
            }
            if letter != '\\' {
                out.push(letter);
                continue;
            }
            let Some((_, escaped)) = letters.next() else {
                break;
            };
            match escaped {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'f' => out.push('\u{c}'),
                'u' => {
                    let digits: String = letters.by_ref().take(4).map(|(_, digit)| digit).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                    match code.and_then(char::from_u32) {
                        Some(letter) => out.push(letter),
                        None => return self.error("`\\u` must be followed by four hexadecimal digits of a character"),
                    }
                }
                // FHIRPath names the quotes, the slash and the backslash; R4's own expressions escape others too.
                other if other.is_ascii_punctuation() => out.push(other),
                _ => return self.error("this escape means nothing in FHIRPath"),
            }
        }
        self.error("this text does not end")
    }
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}
