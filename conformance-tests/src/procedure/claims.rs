//! Tries every resource type that the CapabilityStatement says can be searched and read.

use crate::client::{Client, Request};
use crate::facts::{Facts, claims_interaction};
use crate::search;
use crate::verdict::{Checked, Stop};

pub(super) async fn hold(client: &Client, facts: &Facts) -> Checked {
    let mut tried = 0;
    for (resource_type, claims) in facts.claimed_types()? {
        if !claims_interaction(claims, "search-type") {
            continue;
        }
        tried += 1;
        let walk = search::walk(client, resource_type, &[("_count", "1")], 1).await?;
        let Some(found) = walk.matches().next() else {
            continue;
        };
        if found.resource_type() != resource_type {
            return Err(Stop::fail(format!(
                "A search for {resource_type} finds a {} as a match.",
                found.resource_type()
            )));
        }
        if claims_interaction(claims, "read") {
            let path = format!("{resource_type}/{}", found.id());
            let exchange = client.send(&Request { path: &path, ..Request::default() }).await?;
            crate::assertion::response::status(&exchange, &[200])?;
            let read = exchange.resource(resource_type)?;
            if read != found.resource {
                return Err(exchange.fails("differs from the resource that a search found"));
            }
        }
    }
    if tried == 0 {
        return Err(Stop::fail("The CapabilityStatement names no type that can be searched."));
    }
    Ok(())
}
