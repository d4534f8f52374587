//! Pages of two sizes must hold the same matches in the same order, each once.
//!
//! <https://hl7.org/fhir/R4/http.html#paging>

use crate::client::Client;
use crate::facts::Facts;
use crate::search::{self, Walk};
use crate::verdict::{Checked, Stop};
use std::collections::BTreeSet;

/// Fewer matches than this never make a second page worth the name.
const FEWEST: usize = 3;
/// How many types are tried.
const MOST_TYPES: usize = 2;
/// How many pages of each size are read: enough to see a fault, few enough for a large server.
const MOST_PAGES: usize = 25;

pub(super) async fn run(client: &Client, facts: &Facts, resource_types: &[String]) -> Checked {
    let mut tried = 0;
    for resource_type in resource_types {
        if facts.claimed_type(resource_type)?.is_none() {
            continue;
        }
        let large = search::walk(client, resource_type, &[("_count", "7")], MOST_PAGES).await?;
        if large.matches().count() < FEWEST {
            continue;
        }
        tried += 1;
        let small = search::walk(client, resource_type, &[("_count", "2")], MOST_PAGES).await?;
        check(resource_type, &large, 7)?;
        check(resource_type, &small, 2)?;
        compare(resource_type, &large, &small)?;
        if tried == MOST_TYPES {
            break;
        }
    }
    if tried == 0 {
        return Err(Stop::skip(format!("No type to try it on holds {FEWEST} resources.")));
    }
    Ok(())
}

/// One walk on its own: no page too full, nothing twice, and at the end as many as the total said.
fn check(resource_type: &str, walk: &Walk, page: usize) -> Checked {
    if walk.fullest_page > page {
        return Err(Stop::fail(format!(
            "A search for {resource_type} with _count={page} gives {} matches on one page.",
            walk.fullest_page
        )));
    }
    let mut seen = BTreeSet::new();
    for found in walk.matches() {
        if !seen.insert(found.id()) {
            return Err(Stop::fail(format!("Paging through {resource_type} by {page} finds one resource twice.")));
        }
    }
    let total = walk.total.and_then(|total| usize::try_from(total).ok());
    match total {
        Some(total) if walk.complete && total != seen.len() => Err(Stop::fail(format!(
            "Paging through {resource_type} by {page} finds {} of a total of {total}.",
            seen.len()
        ))),
        _ => Ok(()),
    }
}

/// Two walks of one search: as far as both went, the same resources in the same order.
fn compare(resource_type: &str, large: &Walk, small: &Walk) -> Checked {
    let of_large: Vec<&str> = large.matches().map(|found| found.id()).collect();
    let of_small: Vec<&str> = small.matches().map(|found| found.id()).collect();
    let common = of_large.len().min(of_small.len());
    if of_large.iter().zip(&of_small).any(|(large, small)| large != small) {
        return Err(Stop::fail(format!(
            "Paging through {resource_type} by 7 and by 2 gives another order or other resources."
        )));
    }
    let ended_early = (large.complete && of_large.len() == common && of_small.len() > common)
        || (small.complete && of_small.len() == common && of_large.len() > common);
    if ended_early {
        return Err(Stop::fail(format!(
            "Paging through {resource_type} ends earlier with one page size than with another."
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assertion::searchset::Entry;
    use serde_json::json;

    fn walk(ids: &[&str], complete: bool, total: Option<u64>) -> Walk {
        let entries = ids
            .iter()
            .map(|id| Entry {
                full_url: None,
                mode: Some("match".into()),
                resource: json!({"resourceType": "Patient", "id": id}),
            })
            .collect();
        Walk { entries, complete, total, fullest_page: 2, pages: 1 }
    }

    #[test]
    fn a_walk_without_doubles_or_gaps_passes() {
        assert!(check("Patient", &walk(&["a", "b", "c"], true, Some(3)), 2).is_ok());
        assert!(check("Patient", &walk(&["a", "b"], false, Some(3)), 2).is_ok());
        assert!(check("Patient", &walk(&["a", "b"], true, None), 2).is_ok());
    }

    #[test]
    fn doubles_gaps_and_overfull_pages_fail() {
        assert!(check("Patient", &walk(&["a", "b", "a"], true, Some(3)), 2).is_err());
        assert!(check("Patient", &walk(&["a", "b"], true, Some(3)), 2).is_err());
        assert!(check("Patient", &walk(&["a", "b"], true, Some(2)), 1).is_err());
    }

    #[test]
    fn another_order_or_an_early_end_fails() {
        let whole = walk(&["a", "b", "c"], true, None);
        assert!(compare("Patient", &whole, &walk(&["a", "b", "c"], true, None)).is_ok());
        assert!(compare("Patient", &whole, &walk(&["a", "b"], false, None)).is_ok());
        assert!(compare("Patient", &whole, &walk(&["a", "b"], true, None)).is_err());
        assert!(compare("Patient", &whole, &walk(&["b", "a", "c"], true, None)).is_err());
    }
}
