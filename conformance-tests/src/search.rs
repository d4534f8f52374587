//! Walks through a search, page by page, as any client would.

use crate::assertion::searchset::{self, Entry};
use crate::client::{Client, Request};
use crate::verdict::{Checked, Stop};
use std::collections::BTreeSet;

/// A search that has more pages than this is not walked to its end.
pub(crate) const MOST_PAGES: usize = 200;

/// What a walk found.
#[derive(Debug)]
pub(crate) struct Walk {
    /// Entries of every page, in order.
    pub entries: Vec<Entry>,
    /// Whether the last page was reached within [`MOST_PAGES`].
    pub complete: bool,
    /// The total on the first page, where there is one.
    pub total: Option<u64>,
    /// Matches on the fullest page.
    pub fullest_page: usize,
    /// How many pages were read.
    pub pages: usize,
}

impl Walk {
    /// The matches, in order.
    pub(crate) fn matches(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_match())
    }

    /// Whether a resource is among the entries, of whatever mode.
    pub(crate) fn holds(&self, resource_type: &str, id: &str) -> bool {
        self.entries.iter().any(|entry| entry.resource_type() == resource_type && entry.id() == id)
    }
}

/// Sends a search and follows its `next` links, at most `most_pages` of them.
pub(crate) async fn walk(client: &Client, path: &str, query: &[(&str, &str)], most_pages: usize) -> Checked<Walk> {
    let request = Request { path, query: query.to_vec(), ..Request::default() };
    let mut exchange = client.send(&request).await?;
    let mut walk = Walk { entries: Vec::new(), complete: false, total: None, fullest_page: 0, pages: 0 };
    let mut followed = BTreeSet::new();
    loop {
        let bundle = searchset::read(&exchange)?;
        let page = searchset::entries(&exchange)?;
        if walk.pages == 0 {
            walk.total = searchset::total(&bundle);
        }
        walk.pages += 1;
        walk.fullest_page = walk.fullest_page.max(page.iter().filter(|entry| entry.is_match()).count());
        walk.entries.extend(page);
        let Some(next) = searchset::link(&bundle, "next") else {
            walk.complete = true;
            return Ok(walk);
        };
        if walk.pages >= most_pages {
            return Ok(walk);
        }
        if !followed.insert(next.to_owned()) {
            return Err(exchange.fails("has a next link that was followed before: paging never ends"));
        }
        exchange = match client.follow(next).await {
            Some(answer) => answer?,
            None => {
                return Err(Stop::fail("A next link leads to another server, or is no URL."));
            }
        };
    }
}
