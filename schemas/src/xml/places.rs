//! Where in the XML each element of the JSON form came from.

use crate::issue::Position;
use crate::json_pointer;
use std::borrow::Cow;
use std::collections::HashMap;

/// An element's place in [`Places`].
pub(super) type PlaceId = usize;

/// The place of the root element.
pub(super) const ROOT: PlaceId = 0;

/// One element: what holds it, its JSON member, which of them it is.
#[derive(Debug)]
struct Place {
    holder: PlaceId,
    member: Cow<'static, str>,
    index: usize,
    position: Position,
}

/// The elements in the order of the document.
#[derive(Debug, Default)]
pub(super) struct Places {
    all: Vec<Place>,
}

impl Places {
    /// Adds an element at a byte offset; its line and column are set by [`Places::positioned`].
    pub fn add(&mut self, holder: PlaceId, member: Cow<'static, str>, index: usize, offset: usize) -> PlaceId {
        self.all.push(Place { holder, member, index, position: Position { line: 0, column: offset } });
        self.all.len() - 1
    }

    /// Turns the offsets into lines and columns.
    pub fn positioned(mut self, text: &str) -> Places {
        let offsets: Vec<usize> = self.all.iter().map(|place| place.position.column).collect();
        for (place, position) in self.all.iter_mut().zip(crate::json::position::positions(text, &offsets)) {
            place.position = position;
        }
        self
    }

    /// Line and column of the element that each JSON Pointer names, or of the nearest around it.
    pub fn positions(&self, pointers: &[&str]) -> Vec<Option<Position>> {
        let mut by_name = HashMap::with_capacity(self.all.len());
        for (id, place) in self.all.iter().enumerate().skip(1) {
            by_name.insert((place.holder, &*place.member, place.index), id);
        }
        pointers.iter().map(|pointer| self.position(&by_name, pointer)).collect()
    }

    fn position(&self, by_name: &HashMap<(PlaceId, &str, usize), PlaceId>, pointer: &str) -> Option<Position> {
        let mut at = ROOT;
        let tokens = json_pointer::tokens(pointer)?;
        let mut tokens = tokens.iter().peekable();
        while let Some(token) = tokens.next() {
            let index = tokens.next_if(|next| is_index(next)).and_then(|index| index.parse().ok()).unwrap_or(0);
            // The companion of a primitive came from the primitive's own element.
            let plain = token.strip_prefix('_').unwrap_or(token);
            match by_name.get(&(at, plain, index)) {
                Some(id) => at = *id,
                None => break,
            }
        }
        self.all.get(at).map(|place| place.position)
    }
}

fn is_index(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}
