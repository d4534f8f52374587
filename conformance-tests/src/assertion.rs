//! What can be said of an answer; each file about one part of it.

pub mod response;
pub mod searchset;

use crate::exchange::Exchange;
use crate::suite::Expectation;
use crate::verdict::Checked;

/// Judges an answer; texts in the expectation have had their facts filled in.
pub fn judge(expectation: &Expectation, exchange: &Exchange) -> Checked {
    match expectation {
        Expectation::Status(allowed) => response::status(exchange, allowed),
        Expectation::MediaType(awaited) => response::media_type(exchange, awaited),
        Expectation::Resource(awaited) => exchange.resource(awaited).map(drop),
        Expectation::Member { at, is } => response::member(exchange, at, is),
        Expectation::Contains { at, element } => response::contains(exchange, at, element),
        Expectation::Header { name, is } => response::header(exchange, name, is),
        Expectation::Outcome(code) => response::outcome(exchange, code),
        Expectation::NoMatch => searchset::no_match(exchange),
        Expectation::Matches(resource_type) => searchset::matches(exchange, resource_type),
        Expectation::EveryMatchIdentified { system, value } => {
            searchset::every_match_identified(exchange, system, value)
        }
        Expectation::Includes(id) => searchset::includes(exchange, id),
        Expectation::FullUrls => searchset::full_urls(exchange),
        Expectation::SearchModes => searchset::search_modes(exchange),
        Expectation::SelfLink => searchset::self_link(exchange),
        Expectation::PageOfAtMost(most) => searchset::page_of_at_most(exchange, *most),
        Expectation::CountOnly => searchset::count_only(exchange),
    }
}
