//! A source of bytes that fails once more than a bound has been read from it.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};

/// A bound of [`super::Limits`] that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exceeded {
    /// The name of the limit.
    pub limit: &'static str,
    /// How much it allows.
    pub most: u64,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "beyond the limit {} of {}", self.limit, self.most)
    }
}

impl Error for Exceeded {}

impl Exceeded {
    /// The bound behind a failure, which readers of archives wrap into errors of their own.
    pub(super) fn behind(error: &io::Error) -> Option<Exceeded> {
        let mut next = error.get_ref().map(|inner| inner as &(dyn Error + 'static));
        while let Some(inner) = next {
            if let Some(found) = inner.downcast_ref::<Exceeded>() {
                return Some(*found);
            }
            next = match inner.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(deeper) => Some(deeper),
                None => inner.source(),
            };
        }
        None
    }
}

pub(super) struct Bounded<R> {
    source: R,
    left: u64,
    bound: Exceeded,
}

impl<R: Read> Bounded<R> {
    /// Reads at most `most` bytes of the source; `limit` names the bound.
    pub(super) fn new(source: R, limit: &'static str, most: u64) -> Bounded<R> {
        Bounded { source, left: most, bound: Exceeded { limit, most } }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(self.bound))?;
        Ok(read)
    }
}
