//! What can be asked of the store, and the marks that let a caller go on where a page ended.

use super::version::StoredVersion;

/// A search in one resource type; every criterion must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Resource type.
    pub resource_type: String,
    /// All must hold.
    pub criteria: Vec<Criterion>,
    /// Most resources on a page; 0 asks for the total only.
    pub count: usize,
    /// Where the page before ended.
    pub page: Option<PageMark>,
}

/// One condition of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// The id is one of these.
    Id(Vec<String>),
    /// An indexed parameter has one of these values.
    Token {
        /// Name of the search parameter.
        parameter: String,
        /// Any may hold.
        any_of: Vec<Token>,
    },
    /// The time of the last change lies in the range.
    LastUpdated {
        /// Not before this instant (RFC 3339 in UTC with milliseconds).
        from: Option<String>,
        /// Before this instant.
        below: Option<String>,
    },
}

/// A value to match. A reference is a token too: its type is the system, its id the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// `None` matches any system, an empty text only values without one.
    pub system: Option<String>,
    /// `None` matches any code of the system.
    pub code: Option<String>,
}

/// All versions of one resource, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Resource type.
    pub resource_type: String,
    /// Id.
    pub id: String,
    /// Most versions on a page; 0 asks for the total only.
    pub count: usize,
    /// Only versions before this one.
    pub before: Option<u64>,
}

/// A page of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPage {
    /// How many versions there are.
    pub total: u64,
    /// The versions of this page.
    pub versions: Vec<StoredVersion>,
    /// Where the next page starts: pass it as `before`.
    pub next: Option<u64>,
}

/// A page of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPage {
    /// How many resources match, as of the first page.
    pub total: u64,
    /// The resources of this page.
    pub versions: Vec<StoredVersion>,
    /// Where the next page starts.
    pub next: Option<PageMark>,
}

/// Where a page ended, and as of when the search is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMark {
    /// Number of the last change that the search sees.
    pub snapshot: u64,
    /// Number of the last change that was shown.
    pub after: u64,
    /// How many resources match as of the snapshot.
    pub total: u64,
}

impl PageMark {
    /// The text that stands in a link.
    pub fn to_text(self) -> String {
        format!("{:x}-{:x}-{:x}", self.snapshot, self.after, self.total)
    }

    /// Reads what [`PageMark::to_text`] wrote.
    pub fn from_text(text: &str) -> Option<PageMark> {
        let mut parts = text.split('-').map(hex_number);
        let mark = PageMark { snapshot: parts.next()??, after: parts.next()??, total: parts.next()?? };
        (parts.next().is_none() && mark.after <= mark.snapshot).then_some(mark)
    }
}

/// At most 15 digits, so that it fits a signed 64-bit number.
fn hex_number(text: &str) -> Option<u64> {
    let plain = (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_mark_reads_back() {
        let mark = PageMark { snapshot: 700, after: 31, total: 12 };
        assert_eq!(PageMark::from_text(&mark.to_text()), Some(mark));
    }

    #[test]
    fn what_is_no_page_mark_is_refused() {
        for text in ["", "1", "1-2", "1-2-3", "5-4-3-2", "x-1-1", "2--1", "-1-1-1", "+2-1-1", "ffffffffffffffff-0-0"] {
            assert_eq!(PageMark::from_text(text), None, "{text}");
        }
    }
}
