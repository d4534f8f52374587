//! JSON Pointer -> line and column, by a second look at the text; used only when there are issues to place.

use super::DEEPEST;
use super::position::{BYTE_ORDER_MARK, positions};
use super::reader::{Read, Reader};
use crate::issue::{Issue, Position};
use crate::json_pointer;
use std::collections::HashMap;

/// Line and column of the value that a JSON Pointer names, or nothing where the text has no such value.
pub fn locate(bytes: &[u8], pointer: &str) -> Option<Position> {
    locate_all(bytes, &[pointer]).into_iter().next().flatten()
}

/// [`locate`] for many pointers in one pass; the answers stand in the order of the questions.
pub fn locate_all(bytes: &[u8], pointers: &[&str]) -> Vec<Option<Position>> {
    let mut out = vec![None; pointers.len()];
    let Ok(text) = std::str::from_utf8(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)) else {
        return out;
    };
    let mut wanted: HashMap<&str, Vec<usize>> = HashMap::new();
    for (question, pointer) in pointers.iter().enumerate() {
        wanted.entry(pointer).or_default().push(question);
    }
    let mut search = Search { reader: Reader::new(text, DEEPEST), wanted, found: Vec::new() };
    // A fault in the text ends the search; what stands before it is found all the same.
    search.reader.skip_white_space();
    let _ = search.value(&mut String::new());
    let offsets: Vec<usize> = search.found.iter().map(|&(offset, _)| offset).collect();
    for (position, (_, questions)) in positions(text, &offsets).into_iter().zip(&search.found) {
        for &question in questions {
            if let Some(answer) = out.get_mut(question) {
                *answer = Some(position);
            }
        }
    }
    out
}

/// [`locate_all`], where a pointer that names no value of the text is answered with the nearest value around it.
pub fn locate_nearest(bytes: &[u8], pointers: &[&str]) -> Vec<Option<Position>> {
    let mut out = vec![None; pointers.len()];
    // Each round goes one level out for those still without a place; a missing value is seldom far from one.
    let mut open: Vec<(usize, &str)> = pointers.iter().copied().enumerate().collect();
    while !open.is_empty() {
        let asked: Vec<&str> = open.iter().map(|(_, pointer)| *pointer).collect();
        let answers = locate_all(bytes, &asked);
        let mut next = Vec::new();
        for ((question, pointer), answer) in open.into_iter().zip(answers) {
            match (answer, json_pointer::parent(pointer), out.get_mut(question)) {
                (Some(_), _, Some(place)) => *place = answer,
                (None, Some(around), _) => next.push((question, around)),
                _ => {}
            }
        }
        open = next;
    }
    out
}

/// Gives each issue that has a pointer and no position the line and column of the value, or, where the pointer names
/// a value that is not there, of the nearest value around it.
pub fn place_issues(bytes: &[u8], issues: &mut [Issue]) {
    let lacks = |issue: &Issue| issue.position.is_none() && issue.pointer.is_some();
    let pointers: Vec<&str> =
        issues.iter().filter(|issue| lacks(issue)).filter_map(|issue| issue.pointer.as_deref()).collect();
    let positions = locate_nearest(bytes, &pointers);
    for (issue, position) in issues.iter_mut().filter(|issue| lacks(issue)).zip(positions) {
        issue.position = position;
    }
}

struct Search<'a> {
    reader: Reader<'a>,
    wanted: HashMap<&'a str, Vec<usize>>,
    /// Offset of each value found, with the questions it answers; ascending.
    found: Vec<(usize, Vec<usize>)>,
}

impl Search<'_> {
    /// Reads one value, whose pointer is `pointer`; true when nothing is left to look for.
    fn value(&mut self, pointer: &mut String) -> Read<bool> {
        if let Some(questions) = self.wanted.remove(pointer.as_str()) {
            self.found.push((self.reader.at, questions));
            if self.wanted.is_empty() {
                return Ok(true);
            }
        }
        match self.reader.peek() {
            Some(b'{') => self.items(pointer, b'}'),
            Some(b'[') => self.items(pointer, b']'),
            Some(_) => self.reader.value().map(|_| false),
            None => Ok(true),
        }
    }

    fn items(&mut self, pointer: &mut String, closing: u8) -> Read<bool> {
        self.reader.enter()?;
        let own_len = pointer.len();
        let mut index = 0;
        while !self.reader.steps_over(closing) {
            if closing == b'}' {
                let name = self.reader.member_name()?;
                json_pointer::push_token(pointer, &name);
            } else {
                json_pointer::push_index(pointer, index);
            }
            if self.value(pointer)? {
                return Ok(true);
            }
            pointer.truncate(own_len);
            index += 1;
            self.reader.skip_white_space();
            if self.reader.steps_over(b',') {
                self.reader.skip_white_space();
            }
        }
        self.reader.leave();
        Ok(false)
    }
}
