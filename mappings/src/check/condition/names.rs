//! Names of what a search leaves open, numbered.

use std::cell::RefCell;
use std::collections::HashMap;

/// Names of what is open, each made once: a search asks for them over and over, and tables and expressions are long.
#[derive(Default)]
pub(super) struct Names {
    by_address: RefCell<HashMap<usize, usize>>,
    texts: RefCell<Vec<String>>,
}

impl Names {
    /// The number of the name of a part of the formula, which stays where it is while it is searched.
    pub(super) fn of<T: ?Sized>(&self, part: &T, name: impl Fn() -> String) -> usize {
        let address = std::ptr::from_ref(part).cast::<u8>() as usize;
        *self.by_address.borrow_mut().entry(address).or_insert_with(|| {
            let (name, mut texts) = (name(), self.texts.borrow_mut());
            texts.iter().position(|known| *known == name).unwrap_or_else(|| {
                texts.push(name);
                texts.len() - 1
            })
        })
    }

    /// The names by their numbers.
    pub(super) fn into_texts(self) -> Vec<String> {
        self.texts.into_inner()
    }
}
