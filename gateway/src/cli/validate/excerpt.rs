//! The line of an input that a finding is about, with the value underlined as a compiler does it.

use ginnel_schemas::issue::Position;
use std::fmt::Write;

/// Most characters of a line that are shown; a longer one is cut around the value.
const WIDEST: usize = 100;

/// Of a line that is cut, so many characters stand before the value.
const BEFORE: usize = 30;

/// An input and where its lines begin.
pub struct Source<'s> {
    text: &'s str,
    /// Byte offset of each line.
    lines: Vec<usize>,
    /// What the first line is called: more than 1 where the input is a part of a file.
    first_line: usize,
}

impl<'s> Source<'s> {
    /// The input; bytes that are no UTF-8 text have no lines to show.
    pub fn new(bytes: &'s [u8], first_line: usize) -> Source<'s> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Source { text, lines: std::iter::once(0).chain(after).collect(), first_line }
    }

    /// The number of a line within the file.
    pub fn line_in_file(&self, position: Position) -> usize {
        position.line + self.first_line - 1
    }

    /// Three lines: a margin, the line with its number, and the marks under the value. Nothing where there is no line.
    pub fn excerpt(&self, position: Position) -> Option<String> {
        let line = self.line(position.line)?;
        let letters: Vec<char> = line.chars().collect();
        let at = position.column.checked_sub(1).filter(|at| *at <= letters.len())?;
        let from = if letters.len() > WIDEST { at.saturating_sub(BEFORE) } else { 0 };
        let to = letters.len().min(from + WIDEST);
        let marked = length(letters.get(at..).unwrap_or_default()).min(to - at).max(1);
        let (head, tail) = (if from > 0 { "..." } else { "" }, if to < letters.len() { "..." } else { "" });
        let shown: String = letters.get(from..to).unwrap_or_default().iter().copied().map(harmless).collect();
        let number = self.line_in_file(position).to_string();
        let margin = " ".repeat(number.len());
        let mut out = format!(" {margin} |\n {number} | {head}{shown}{tail}\n {margin} | ");
        let _ = write!(out, "{}{}", " ".repeat(head.len() + at - from), "^".repeat(marked));
        Some(out)
    }

    fn line(&self, number: usize) -> Option<&'s str> {
        let from = *self.lines.get(number.checked_sub(1)?)?;
        let to = self.lines.get(number).map_or(self.text.len(), |next| next - 1);
        self.text.get(from..to).map(|line| line.strip_suffix('\r').unwrap_or(line))
    }
}

/// An input must not move the cursor or colour the terminal of who reads about it.
fn harmless(letter: char) -> char {
    match letter {
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    }
}

/// How many characters the value that begins here has on its line.
fn length(rest: &[char]) -> usize {
    match rest.first() {
        None => 1,
        Some('"') => {
            let mut escaped = false;
            let closing = rest.iter().skip(1).position(|letter| {
                let closes = *letter == '"' && !escaped;
                escaped = *letter == '\\' && !escaped;
                closes
            });
            closing.map_or(rest.len(), |at| at + 2)
        }
        Some('<') => rest.iter().position(|letter| *letter == '>').map_or(rest.len(), |at| at + 1),
        Some('{' | '[' | '}' | ']' | ',' | ':') => 1,
        Some(_) => {
            let ends = |letter: &char| letter.is_whitespace() || ",]}\"<>".contains(*letter);
            rest.iter().position(ends).unwrap_or(rest.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: usize, column: usize) -> Option<String> {
        Source::new(text.as_bytes(), 1).excerpt(Position { line, column })
    }

    #[test]
    fn the_value_is_underlined_where_it_stands() {
        for (text, line, column, expected) in [
            ("{\n  \"a\": \"b\\\"c\"\n}", 2, 8, "   |\n 2 |   \"a\": \"b\\\"c\"\n   |        ^^^^^^"),
            ("{\"a\": 12.50}", 1, 7, "   |\n 1 | {\"a\": 12.50}\n   |       ^^^^^"),
            ("{\"a\": {}}", 1, 7, "   |\n 1 | {\"a\": {}}\n   |       ^"),
            ("<A>\r\n  <b value=\"x\"/>\r\n</A>", 2, 3, "   |\n 2 |   <b value=\"x\"/>\n   |   ^^^^^^^^^^^^^^"),
            ("{", 1, 2, "   |\n 1 | {\n   |  ^"),
            ("{\"ä\": \"ö\"}", 1, 7, "   |\n 1 | {\"ä\": \"ö\"}\n   |       ^^^"),
        ] {
            assert_eq!(shown(text, line, column).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_place_that_is_not_there_has_no_excerpt() {
        for (line, column) in [(0, 1), (1, 0), (2, 1), (1, 4)] {
            assert_eq!(shown("{}", line, column), None, "{line}:{column}");
        }
        assert_eq!(Source::new(b"\xff", 1).excerpt(Position { line: 1, column: 2 }), None);
    }

    #[test]
    fn a_long_line_is_cut_around_the_value() {
        let text = format!("{{\"a\": \"{}\", \"b\": \"{}\"}}", "x".repeat(500), "y".repeat(500));
        let told = shown(&text, 1, 516).expect("a line");
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() < WIDEST + 20), "{told}");
        let marks = lines[2].find('^').expect("marks");
        assert!(lines[1][marks..].starts_with("\"yyy"), "{told}");
    }

    #[test]
    fn an_input_cannot_command_the_terminal() {
        let told = shown("{\"a\": \"\u{1b}[31mred\u{202e}\"\t}", 1, 7).expect("a line");
        assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}') && !told.contains('\t'), "{told}");
    }

    #[test]
    fn a_line_of_many_is_called_by_its_number_in_the_file() {
        let told = Source::new(b"{}", 120).excerpt(Position { line: 1, column: 1 }).expect("a line");
        assert_eq!(told, "     |\n 120 | {}\n     | ^");
    }
}
