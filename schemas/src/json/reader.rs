//! The recursive reader: JSON text -> `serde_json::Value`, number text untouched.

use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

/// What stopped the reading.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// Not the grammar of RFC 8259; the text is a clause without a person's data.
    Syntax(&'static str),
    /// A member name that its object has already.
    DuplicateMember,
    /// Deeper than the limit.
    TooDeep,
}

/// Why and where the reading stopped.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// Byte of the text.
    pub(super) offset: usize,
    /// Reference tokens of the value at fault, innermost first: gathered while the recursion unwinds, so that a
    /// reading that succeeds pays nothing for them.
    pub(super) tokens: Vec<String>,
}

impl Fault {
    fn within(mut self: Box<Fault>, token: impl Into<String>) -> Box<Fault> {
        self.tokens.push(token.into());
        self
    }
}

/// Boxed because the way that succeeds should carry a small result.
pub(super) type Read<T> = Result<T, Box<Fault>>;

/// A place in the text, moving forward.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) at: usize,
    depth_left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, depth: usize) -> Reader<'a> {
        Reader { text, at: 0, depth_left: depth }
    }

    /// The one value of the text and nothing after it.
    pub(super) fn document(mut self) -> Read<Value> {
        self.skip_white_space();
        let value = self.value()?;
        self.skip_white_space();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.fault("text follows after the end of the value")),
        }
    }

    pub(super) fn value(&mut self) -> Read<Value> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => {
                let text = self.number()?;
                // Our grammar check stands in for the one that this constructor leaves out.
                Ok(Value::Number(Number::from_string_unchecked(text.to_owned())))
            }
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(self.fault("a value was expected here")),
            None => Err(self.fault("the text ends where a value was expected")),
        }
    }

    fn object(&mut self) -> Read<Value> {
        self.enter()?;
        let mut members = Map::new();
        if self.steps_over(b'}') {
            self.leave();
            return Ok(Value::Object(members));
        }
        loop {
            let name_at = self.at;
            let name = self.member_name()?;
            let value = match self.value() {
                Ok(value) => value,
                Err(fault) => return Err(fault.within(name)),
            };
            match members.entry(name) {
                Entry::Vacant(place) => place.insert(value),
                Entry::Occupied(place) => {
                    return Err(fault_at(FaultKind::DuplicateMember, name_at).within(place.key().as_str()));
                }
            };
            self.skip_white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    self.leave();
                    return Ok(Value::Object(members));
                }
                Some(_) => return Err(self.fault("`,` or `}` was expected after a member")),
                None => return Err(self.fault("the text ends inside an object")),
            }
            self.skip_white_space();
        }
    }

    /// `"name" :` and the white space after it.
    pub(super) fn member_name(&mut self) -> Read<String> {
        match self.peek() {
            Some(b'"') => {}
            Some(b'}') => return Err(self.fault("a `,` stands before `}`")),
            Some(_) => return Err(self.fault("a member name in double quotes was expected")),
            None => return Err(self.fault("the text ends inside an object")),
        }
        let name = self.string()?;
        self.skip_white_space();
        if self.peek() != Some(b':') {
            return Err(self.fault("`:` was expected after a member name"));
        }
        self.at += 1;
        self.skip_white_space();
        Ok(name)
    }

    fn array(&mut self) -> Read<Value> {
        self.enter()?;
        let mut items = Vec::new();
        if self.steps_over(b']') {
            self.leave();
            return Ok(Value::Array(items));
        }
        loop {
            match self.value() {
                Ok(item) => items.push(item),
                Err(fault) => return Err(fault.within(items.len().to_string())),
            }
            self.skip_white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    self.leave();
                    return Ok(Value::Array(items));
                }
                Some(_) => return Err(self.fault("`,` or `]` was expected after an item")),
                None => return Err(self.fault("the text ends inside an array")),
            }
            self.skip_white_space();
        }
    }

    /// Steps over the opening bracket and the white space after it.
    pub(super) fn enter(&mut self) -> Read<()> {
        match self.depth_left.checked_sub(1) {
            Some(left) => self.depth_left = left,
            None => return Err(fault_at(FaultKind::TooDeep, self.at)),
        }
        self.at += 1;
        self.skip_white_space();
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth_left += 1;
    }

    pub(super) fn string(&mut self) -> Read<String> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.text.as_bytes().get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(self.slice(start, at).to_owned());
                }
                Some(b'\\') => return self.string_with_escapes(start, at),
                Some(0x20..) => at += 1,
                Some(_) => return Err(fault_at(FaultKind::Syntax(CONTROL_CHARACTER), at)),
                None => return Err(fault_at(FaultKind::Syntax(OPEN_STRING), self.at)),
            }
        }
    }

    /// The slow half of [`Reader::string`], from the first backslash on.
    fn string_with_escapes(&mut self, start: usize, first_escape: usize) -> Read<String> {
        let mut out = String::from(self.slice(start, first_escape));
        let mut at = first_escape;
        let mut plain_from = first_escape;
        loop {
            match self.text.as_bytes().get(at) {
                Some(b'"') => {
                    out.push_str(self.slice(plain_from, at));
                    self.at = at + 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(self.slice(plain_from, at));
                    let (character, next) = self.escape(at)?;
                    out.push(character);
                    at = next;
                    plain_from = next;
                }
                Some(0x20..) => at += 1,
                Some(_) => return Err(fault_at(FaultKind::Syntax(CONTROL_CHARACTER), at)),
                None => return Err(fault_at(FaultKind::Syntax(OPEN_STRING), start - 1)),
            }
        }
    }

    /// The character of the escape whose backslash is at `at`, and where the text goes on.
    fn escape(&self, at: usize) -> Read<(char, usize)> {
        let plain = |character| Ok((character, at + 2));
        match self.text.as_bytes().get(at + 1) {
            Some(b'"') => plain('"'),
            Some(b'\\') => plain('\\'),
            Some(b'/') => plain('/'),
            Some(b'b') => plain('\u{8}'),
            Some(b'f') => plain('\u{c}'),
            Some(b'n') => plain('\n'),
            Some(b'r') => plain('\r'),
            Some(b't') => plain('\t'),
            Some(b'u') => self.unicode_escape(at),
            _ => Err(fault_at(FaultKind::Syntax("a backslash starts no known escape"), at)),
        }
    }

    fn unicode_escape(&self, at: usize) -> Read<(char, usize)> {
        let first = self.four_hex_digits(at + 2)?;
        if let Some(character) = char::from_u32(first) {
            return Ok((character, at + 6));
        }
        let lone = || fault_at(FaultKind::Syntax("half of a surrogate pair stands alone"), at);
        let is_high = (0xD800..0xDC00).contains(&first);
        if !is_high || self.text.as_bytes().get(at + 6..at + 8) != Some(b"\\u") {
            return Err(lone());
        }
        let second = self.four_hex_digits(at + 8)?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(lone());
        }
        let character = char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        Ok((character.ok_or_else(lone)?, at + 12))
    }

    fn four_hex_digits(&self, at: usize) -> Read<u32> {
        let digits = self.text.as_bytes().get(at..at + 4).unwrap_or_default();
        let value = digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?));
        match value {
            Some(value) if digits.len() == 4 => Ok(value),
            _ => Err(fault_at(FaultKind::Syntax("`\\u` needs four hexadecimal digits"), at.saturating_sub(2))),
        }
    }

    /// The text of a number after the grammar of RFC 8259, section 6.
    pub(super) fn number(&mut self) -> Read<&'a str> {
        let start = self.at;
        self.steps_over(b'-');
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.peek(), Some(b'0'..=b'9')) {
                    return Err(fault_at(FaultKind::Syntax("a number starts with a needless 0"), start));
                }
            }
            _ => self.digits(start)?,
        }
        if self.steps_over(b'.') {
            self.digits(start)?;
        }
        if self.steps_over(b'e') || self.steps_over(b'E') {
            if !self.steps_over(b'+') {
                self.steps_over(b'-');
            }
            self.digits(start)?;
        }
        Ok(self.slice(start, self.at))
    }

    fn digits(&mut self, number_start: usize) -> Read<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(fault_at(FaultKind::Syntax("a number lacks a digit"), number_start));
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str, value: Value) -> Read<Value> {
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end) != Some(word.as_bytes()) {
            return Err(self.fault("a value was expected here"));
        }
        self.at = end;
        Ok(value)
    }

    pub(super) fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn steps_over(&mut self, byte: u8) -> bool {
        let met = self.peek() == Some(byte);
        if met {
            self.at += 1;
        }
        met
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).expect("both ends stand beside ASCII bytes, so on character boundaries")
    }

    fn fault(&self, what: &'static str) -> Box<Fault> {
        fault_at(FaultKind::Syntax(what), self.at)
    }
}

const CONTROL_CHARACTER: &str = "a string holds a raw control character; write it as an escape";
const OPEN_STRING: &str = "a string is not closed";

fn fault_at(kind: FaultKind, offset: usize) -> Box<Fault> {
    Box::new(Fault { kind, offset, tokens: Vec::new() })
}
