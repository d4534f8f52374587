//! `_lastUpdated` as a range: before and after a time the server itself gave.
//!
//! <https://hl7.org/fhir/R4/search.html#lastUpdated>

use crate::client::Client;
use crate::facts::Facts;
use crate::search::{self, MOST_PAGES, Walk};
use crate::verdict::{Checked, Stop};
use jiff::Timestamp;
use serde_json::Value;

pub(super) async fn run(client: &Client, facts: &Facts) -> Checked {
    let patient = facts.patient.as_ref().map_err(Stop::clone)?;
    let written = last_updated(&patient.resource)
        .ok_or_else(|| Stop::fail("A Patient has no meta.lastUpdated, or one that is no instant."))?;
    let text = patient.resource.pointer("/meta/lastUpdated").and_then(Value::as_str).unwrap_or_default();

    let later = find(client, "gt2999-12-31").await?;
    if later.matches().next().is_some() {
        return Err(Stop::fail("_lastUpdated=gt2999-12-31 finds something: the parameter is not heeded."));
    }
    let all = find(client, "ge1900-01-01").await?;
    if all.complete && !all.holds("Patient", &patient.id) {
        return Err(Stop::fail("_lastUpdated=ge1900-01-01 lacks a Patient that is there."));
    }

    let since = find(client, &format!("ge{text}")).await?;
    if since.complete && !since.holds("Patient", &patient.id) {
        return Err(Stop::fail("_lastUpdated=ge lacks a Patient written at that very time."));
    }
    every(&since, "ge", |time| time >= written)?;

    let before = find(client, &format!("lt{text}")).await?;
    every(&before, "lt", |time| time < written)
}

async fn find(client: &Client, value: &str) -> Checked<Walk> {
    search::walk(client, "Patient", &[("_lastUpdated", value)], MOST_PAGES).await
}

fn every(walk: &Walk, prefix: &str, fits: impl Fn(Timestamp) -> bool) -> Checked {
    if walk.matches().all(|entry| last_updated(&entry.resource).is_some_and(&fits)) {
        return Ok(());
    }
    Err(Stop::fail(format!("_lastUpdated={prefix} finds a Patient written outside the range.")))
}

fn last_updated(resource: &Value) -> Option<Timestamp> {
    resource.pointer("/meta/lastUpdated")?.as_str()?.parse().ok()
}
