//! Versions: what a read says of the version it gives, and reading a version by its id.
//!
//! <https://hl7.org/fhir/R4/http.html#versions>

use crate::assertion::response;
use crate::client::{Client, Request};
use crate::exchange::Exchange;
use crate::facts::Facts;
use crate::verdict::{Checked, Stop};
use jiff::Timestamp;
use serde_json::Value;

pub(super) async fn headers(client: &Client, facts: &Facts) -> Checked {
    let (exchange, read) = read_patient(client, facts).await?;
    let version = meta(&exchange, &read, "versionId")?;
    let awaited = format!("W/\"{version}\"");
    match exchange.header("etag") {
        Some(found) if found == awaited => {}
        Some(_) => return Err(exchange.fails("has an ETag that is not its weak meta.versionId")),
        None => return Err(exchange.fails("has no ETag")),
    }

    let Some(said) = exchange.header("last-modified") else {
        return Err(exchange.fails("has no Last-Modified"));
    };
    let said = http_date(said).ok_or_else(|| exchange.fails("has a Last-Modified that is no HTTP date"))?;
    let written: Timestamp = meta(&exchange, &read, "lastUpdated")?
        .parse()
        .map_err(|_| exchange.fails("has a meta.lastUpdated that is no instant"))?;
    // HTTP dates have whole seconds.
    if said.as_second() != written.as_second() {
        return Err(exchange.fails("has a Last-Modified that differs from meta.lastUpdated"));
    }
    Ok(())
}

pub(super) async fn read_version(client: &Client, facts: &Facts) -> Checked {
    let (exchange, read) = read_patient(client, facts).await?;
    let version = meta(&exchange, &read, "versionId")?;
    let id = &facts.patient.as_ref().map_err(Stop::clone)?.id;

    let path = format!("Patient/{id}/_history/{version}");
    let exchange = client.send(&Request { path: &path, ..Request::default() }).await?;
    response::status(&exchange, &[200])?;
    if exchange.resource("Patient")? != read {
        return Err(exchange.fails("differs from what a read gives of the same version"));
    }
    response::header(&exchange, "ETag", &format!("W/\"{version}\""))?;

    // A version id is text of up to 64 of these characters, so this one is well formed and unknown.
    let path = format!("Patient/{id}/_history/no-such-version");
    let exchange = client.send(&Request { path: &path, ..Request::default() }).await?;
    response::status(&exchange, &[404])?;
    response::outcome(&exchange, "not-found")
}

async fn read_patient(client: &Client, facts: &Facts) -> Checked<(Exchange, Value)> {
    let id = &facts.patient.as_ref().map_err(Stop::clone)?.id;
    let path = format!("Patient/{id}");
    let exchange = client.send(&Request { path: &path, ..Request::default() }).await?;
    response::status(&exchange, &[200])?;
    let read = exchange.resource("Patient")?;
    Ok((exchange, read))
}

fn meta<'a>(exchange: &Exchange, resource: &'a Value, member: &str) -> Checked<&'a str> {
    let found = resource.get("meta").and_then(|meta| meta.get(member)).and_then(Value::as_str);
    found.ok_or_else(|| exchange.fails(format!("has no meta.{member}")))
}

/// An HTTP date (`Tue, 15 Nov 1994 12:45:26 GMT`), which is GMT in so many letters.
fn http_date(text: &str) -> Option<Timestamp> {
    let in_numbers = format!("{}+0000", text.strip_suffix("GMT")?);
    jiff::fmt::rfc2822::parse(&in_numbers).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_date_is_read_and_nothing_else() {
        let read = http_date("Tue, 15 Nov 1994 12:45:26 GMT").map(Timestamp::as_second);
        assert_eq!(read, Some(784_903_526));
        for text in
            ["", "GMT", "1994-11-15T12:45:26Z", "Tue, 15 Nov 1994 12:45:26 +0100", "Tue, 32 Nov 1994 12:45:26 GMT"]
        {
            assert!(http_date(text).is_none(), "{text}");
        }
    }
}
