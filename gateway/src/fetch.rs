//! Fetches what thin notifications name: from the sender's address alone, within bounds, again and again until it is there.
//!
//! A notification is kept before anything is asked. What cannot be fetched waits, visibly, and longer after each failure.

use crate::config::{FetchSource, Limits};
use crate::error::GatewayError;
use crate::pipeline::{Incoming, PipelineError};
use crate::state::State;
use crate::store::StoredFetch;
use crate::store::submission::{Changes, Closing, FetchEnd, FetchNote, Submission, SubmissionSource};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Fetches what is due, until it is aborted.
pub async fn run(state: Arc<State>) {
    // Without a client nothing is fetched, and everything waits.
    let client = match client(&state.config.limits) {
        Ok(client) => client,
        Err(error) => return tracing::error!(error = %error, "nothing can be fetched"),
    };
    let pause = Duration::from_millis(state.config.limits.fetch_interval_ms.max(10));
    loop {
        let now = format!("{:.3}", Timestamp::now());
        match state.store.due_fetches(&now, state.config.limits.fetches.max(1)).await {
            Ok(due) if due.is_empty() => tokio::time::sleep(pause).await,
            Ok(due) => {
                let mut running = JoinSet::new();
                for one in due {
                    let (state, client) = (Arc::clone(&state), client.clone());
                    running.spawn(async move { settle(&state, &client, one).await });
                }
                let mut all_noted = true;
                while let Some(ended) = running.join_next().await {
                    all_noted &= ended.unwrap_or(false);
                }
                if !all_noted {
                    // What could not be noted is still due: not in a circle.
                    tokio::time::sleep(pause).await;
                }
            }
            Err(error) => {
                tracing::error!(error = %error, "cannot ask what is to be fetched");
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// A client that follows nothing, waits a bounded time and asks no proxy.
fn client(limits: &Limits) -> Result<Client, reqwest::Error> {
    // Whoever installed a provider before did as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let time = Duration::from_millis(limits.fetch_timeout_ms.max(1));
    Client::builder().redirect(Policy::none()).timeout(time).connect_timeout(time).no_proxy().build()
}

/// Fetches one and notes how it ended; `false` where that could not be noted.
async fn settle(state: &State, client: &Client, due: StoredFetch) -> bool {
    let ended = match attempt(state, client, &due).await {
        Ok(receipt) => FetchEnd::Fetched(receipt),
        Err(why) => after_failure(&state.config.limits, due.attempts, why),
    };
    let outcome = match &ended {
        FetchEnd::Fetched(_) => "fetched",
        FetchEnd::Again { .. } => "again",
        FetchEnd::Stopped { .. } => "stopped",
    };
    metrics::counter!("ginnel_fetches_total", "vendor" => due.vendor.clone(), "outcome" => outcome).increment(1);
    if let FetchEnd::Stopped { .. } = ended {
        tracing::error!(vendor = due.vendor, receipt = due.receipt, "a record was not fetched and is tried no more");
    }
    let noted = state.store.commit(note(&due, ended)).await;
    if let Err(error) = &noted {
        tracing::error!(error = %error, vendor = due.vendor, receipt = due.receipt, "an attempt cannot be noted");
    }
    noted.is_ok()
}

fn note(due: &StoredFetch, ended: FetchEnd) -> Submission {
    Submission {
        vendor: due.vendor.clone(),
        message: due.message.clone(),
        origin: String::new(),
        source: SubmissionSource::Fetch(FetchNote { receipt: due.receipt.clone(), place: due.place.clone(), ended }),
        items: Vec::new(),
        leans: Vec::new(),
        fetches: Vec::new(),
        account: String::new(),
        close: Box::new(|_: &Changes| Closing {
            resources: Vec::new(),
            quarantine: String::new(),
            status: 200,
            body: String::new(),
        }),
    }
}

/// When it is tried again: each failure doubles the wait.
fn after_failure(limits: &Limits, attempts: u32, why: String) -> FetchEnd {
    if attempts.saturating_add(1) >= limits.fetch_attempts {
        return FetchEnd::Stopped { why };
    }
    let factor = 1u64.checked_shl(attempts).unwrap_or(u64::MAX);
    let wait = limits.fetch_retry_ms.saturating_mul(factor).min(limits.fetch_retry_max_ms);
    let wait = SignedDuration::from_millis(i64::try_from(wait).unwrap_or(i64::MAX));
    let at = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX);
    FetchEnd::Again { why, at: format!("{at:.3}") }
}

/// The receipt of what was fetched and taken, or why it was not; the reason names no person.
async fn attempt(state: &State, client: &Client, due: &StoredFetch) -> Result<String, String> {
    let agreed = state.config.senders.iter().filter(|one| one.is_of(&due.vendor, due.tenant.as_deref()));
    let source = agreed.filter_map(|one| one.fetch.as_ref()).next();
    let source = source.ok_or("the configuration names no address to fetch from (senders.fetch.base)")?;
    let url = url(source, &state.pipeline.fetch_hosts(&due.vendor), &due.place)?;
    let bytes = ask(client, source, url, state.config.limits.body_bytes).await?;
    let route = state.pipeline.route(&due.vendor, &due.message, due.tenant.as_deref());
    let incoming = Incoming {
        route: route.map_err(|_| "the plugin has no such message or tenant any more")?,
        bytes,
        content_type: "application/json".into(),
        occasion: Some(due.receipt.clone()),
        idempotency_key: None,
        request_id: None,
    };
    match state.pipeline.take(incoming).await {
        Ok((committed, mends_due)) => {
            if mends_due {
                state.pipeline.mend_within(Duration::from_millis(state.config.limits.mend_wait_ms)).await;
            }
            Ok(committed.answer.receipt)
        }
        Err(error) => Err(refusal(error)),
    }
}

/// Why what was fetched was not taken: the first finding, whose text names fields and no values.
fn refusal(error: PipelineError) -> String {
    let issues = GatewayError::from(error).issues();
    let first = issues.iter().find(|issue| issue.is_error()).or(issues.first());
    first.map_or_else(
        || "what was fetched was refused".to_owned(),
        |issue| match &issue.pointer {
            Some(pointer) => format!("what was fetched was refused: {} ({pointer})", issue.text),
            None => format!("what was fetched was refused: {}", issue.text),
        },
    )
}

/// The address of a place: of a host that the plugin names, over TLS; or of this machine, where the configuration says so.
fn url(source: &FetchSource, hosts: &[String], place: &str) -> Result<Url, String> {
    let base = Url::parse(&source.base).map_err(|_| "senders.fetch.base is no URL")?;
    let host = base.host_str().unwrap_or_default().to_ascii_lowercase();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    if is_loopback {
        if !source.loopback {
            return Err("senders.fetch.base is this machine, which `loopback = true` must allow".into());
        }
    } else if base.scheme() != "https" {
        return Err("senders.fetch.base does not begin with https://".into());
    } else if !hosts.contains(&host) {
        return Err("the host of senders.fetch.base is none that the plugin names under `fetch.hosts`".into());
    }
    if !base.username().is_empty() || base.password().is_some() || base.query().is_some() || base.fragment().is_some() {
        return Err("senders.fetch.base holds more than scheme, host and path".into());
    }
    let joined = format!("{}{place}", base.as_str().trim_end_matches('/'));
    let url = Url::parse(&joined).map_err(|_| "the place makes no URL")?;
    // Whatever the place says, it must not lead to another server.
    if url.origin() != base.origin() {
        return Err("the place leads to another server".into());
    }
    Ok(url)
}

/// The bytes of an answer, at most as many as allowed.
async fn ask(client: &Client, source: &FetchSource, url: Url, most: usize) -> Result<Vec<u8>, String> {
    let mut request = client.get(url).header(ACCEPT, "application/json");
    if let Some(secret) = &source.authorization {
        let mut value = HeaderValue::from_str(secret.reveal()).map_err(|_| "the authorization is no header's value")?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    let mut answer = request.send().await.map_err(|error| failure(&error))?;
    if answer.status() != StatusCode::OK {
        let meaning = match answer.status() {
            StatusCode::NOT_FOUND | StatusCode::GONE => " (not found)",
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => " (not allowed)",
            status if status.is_redirection() => " (a redirect, which is not followed)",
            _ => "",
        };
        return Err(format!("the sender answered {}{meaning}", answer.status().as_u16()));
    }
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && !essence.ends_with("+json") {
        return Err("the sender answered something that is not JSON".into());
    }
    let too_big = || format!("the answer has more than {most} bytes");
    if answer.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_big());
    }
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| failure(&error))? {
        if bytes.len() + part.len() > most {
            return Err(too_big());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// A failure of the network in plain words, without the address, which names a record.
fn failure(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "the sender did not answer in time"
    } else if error.is_connect() {
        "the sender cannot be reached"
    } else {
        "the sender's answer broke off"
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(base: &str, loopback: bool) -> FetchSource {
        FetchSource { base: base.into(), authorization: None, authorization_env: None, loopback }
    }

    #[test]
    fn only_named_hosts_are_asked_and_only_over_tls() {
        let hosts = ["api.example.org".to_owned()];
        let made = |base: &str, loopback| url(&source(base, loopback), &hosts, "/visits/1");
        let good = made("https://api.example.org/v1/", false).expect("is named");
        assert_eq!(good.as_str(), "https://api.example.org/v1/visits/1");
        assert!(made("https://API.example.org", false).is_ok());
        assert!(made("http://127.0.0.1:9/v1", true).is_ok());
        for (base, loopback) in [
            ("http://api.example.org", false),
            ("http://api.example.org", true),
            ("https://evil.example.org", false),
            ("https://api.example.org.evil.example", false),
            ("https://api.example.org@evil.example", false),
            ("https://user:word@api.example.org", false),
            ("http://127.0.0.1:9", false),
            ("https://[::1]", false),
            ("https://api.example.org?x=", false),
            ("nowhere", false),
        ] {
            assert!(made(base, loopback).is_err(), "{base}");
        }
        assert!(url(&source("https://api.example.org", false), &hosts, "@evil.example/x").is_err());
    }

    #[test]
    fn each_failure_doubles_the_wait_and_the_last_is_the_last() {
        let limits = Limits { fetch_retry_ms: 1000, fetch_retry_max_ms: 5000, fetch_attempts: 4, ..Limits::default() };
        let wait = |attempts| match after_failure(&limits, attempts, String::new()) {
            FetchEnd::Again { at, .. } => {
                let at: Timestamp = at.parse().expect("an instant");
                Some((at.as_millisecond() - Timestamp::now().as_millisecond() + 500) / 1000)
            }
            _ => None,
        };
        assert_eq!((wait(0), wait(1), wait(2), wait(3)), (Some(1), Some(2), Some(4), None));
    }
}
