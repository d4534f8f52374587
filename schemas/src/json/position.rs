//! Byte offset -> line and column.

use crate::issue::Position;

/// What some editors put before UTF-8 text; it is no part of the JSON and of no column.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Line and column of a byte of the text; an offset beyond the end means the end.
pub(crate) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count();
    let column = 1 + before.get(line_start..).unwrap_or_default().chars().count();
    Position { line, column }
}

/// Positions of many offsets in one pass; `offsets` must ascend.
pub(crate) fn positions(text: &str, offsets: &[usize]) -> Vec<Position> {
    let mut out = Vec::with_capacity(offsets.len());
    let (mut at, mut line, mut column) = (0, 1, 1);
    for &offset in offsets {
        let between = text.get(at..offset).unwrap_or_default();
        match between.rfind('\n') {
            Some(newline) => {
                line += memchr::memchr_iter(b'\n', between.as_bytes()).count();
                column = 1 + between.get(newline + 1..).unwrap_or_default().chars().count();
            }
            None => column += between.chars().count(),
        }
        at = offset.max(at);
        out.push(Position { line, column });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_start_anew_after_each_line_end() {
        let text = "aé\nbç€d\n\nx";
        let expected = [(0, 1, 1), (1, 1, 2), (3, 1, 3), (4, 2, 1), (5, 2, 2), (10, 2, 4), (12, 3, 1), (13, 4, 1)];
        for (offset, line, column) in expected {
            assert_eq!(position(text, offset), Position { line, column }, "offset {offset}");
        }
        let offsets: Vec<usize> = expected.iter().map(|row| row.0).collect();
        let wanted: Vec<Position> = expected.iter().map(|&(_, line, column)| Position { line, column }).collect();
        assert_eq!(positions(text, &offsets), wanted);
    }
}
