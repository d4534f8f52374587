//! A vendor's message comes in.

use crate::error::GatewayError;
use crate::extract::query::Parameters;
use crate::extract::request_ids::RequestIds;
use crate::extract::signature;
use crate::extract::vendor_body::{LINES, VendorBody};
use crate::pipeline::{Incoming, Route, receipt, stored_json};
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::outcome::operation_outcome;
use serde_json::json;
use std::time::Duration;

/// Longest `Idempotency-Key` in bytes.
const LONGEST_KEY: usize = 255;

/// `POST /vendors/{vendor}/{message}`: one message, or with `application/x-ndjson` one a line, each answered in a line; with `?dry-run=true` nothing is kept, with `?tenant=T` the tenant's tables are read.
pub async fn message(
    state: web::Data<State>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    parameters: Parameters,
    ids: RequestIds,
    body: VendorBody,
) -> Result<HttpResponse, GatewayError> {
    let (vendor, message) = path.into_inner();
    parameters.only(&["dry-run", "tenant"])?;
    signature::check(&state.config, &vendor, parameters.once("tenant")?, request.headers(), &body.bytes)?;
    let route = state.pipeline.route(&vendor, &message, parameters.once("tenant")?)?;
    if body.content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(LINES)) {
        let key = idempotency_key(&request)?;
        return stream(&state, &route, &body.bytes, key.as_deref(), &ids.request, parameters.flag("dry-run")?).await;
    }
    let incoming = Incoming {
        route,
        bytes: body.bytes,
        content_type: body.content_type,
        occasion: None,
        idempotency_key: idempotency_key(&request)?,
        request_id: Some(ids.request),
    };
    take_one(&state, incoming, parameters.flag("dry-run")?).await
}

/// A part of a body that holds several messages.
pub struct Part {
    /// Its number: of its line, from 1, or of its place in the array, from 0.
    pub number: usize,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The message that it is, or why none was found.
    pub route: Result<Route, GatewayError>,
}

/// The lines of a body that hold something, with their numbers.
pub fn lines_of(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate().map(|(at, line)| (at + 1, line.trim_ascii()));
    lines.filter(|(_, line)| !line.is_empty())
}

async fn stream(
    state: &State,
    route: &Route,
    bytes: &[u8],
    key: Option<&str>,
    request_id: &str,
    dry_run: bool,
) -> Result<HttpResponse, GatewayError> {
    let parts =
        lines_of(bytes).map(|(number, line)| Part { number, bytes: line.to_vec(), route: Ok(route.clone()) }).collect();
    take_parts(state, parts, "line", key, request_id, dry_run).await
}

/// Takes each part by itself, in order: one that is refused stops none of the others. The answer has a line for each,
/// with its number, its status, and its receipt or what was found.
pub async fn take_parts(
    state: &State,
    parts: Vec<Part>,
    counted: &str,
    key: Option<&str>,
    request_id: &str,
    dry_run: bool,
) -> Result<HttpResponse, GatewayError> {
    let most = state.config.limits.stream_lines;
    if parts.len() > most {
        let text = format!("The body has {} messages; at most {most} are taken at once.", parts.len());
        let issue = Issue::error(IssueCode::TooLong, IssueKey::SourceTooMany, text);
        return Err(GatewayError::BadRequest(vec![issue.with_hint("send them in several requests")]));
    }
    let (mut out, mut any_mends_due) = (String::new(), false);
    for Part { number, bytes, route } in parts {
        let taking = async {
            let incoming = Incoming {
                route: route?,
                bytes,
                content_type: "application/json".into(),
                // The key of the request is a key for each of its parts.
                occasion: None,
                idempotency_key: key.map(|key| format!("{key}#{number}")),
                request_id: Some(request_id.to_owned()),
            };
            if dry_run {
                let bundle = state.pipeline.try_out(incoming).await?;
                return Ok((200, receipt::dry_run(&bundle)));
            }
            let (committed, mends_due) = state.pipeline.take(incoming).await?;
            any_mends_due |= mends_due;
            Ok::<_, GatewayError>((committed.answer.status, stored_json(committed.answer.body.as_bytes())?))
        };
        let line = match taking.await {
            Ok((status, receipt)) => json!({counted: number, "status": status, "receipt": receipt}),
            Err(error) => {
                let mut issues = error.issues();
                if counted == "line" {
                    // The document begins in this line of what was sent.
                    let below = number - 1;
                    issues.iter_mut().filter_map(|issue| issue.position.as_mut()).for_each(|place| place.line += below);
                }
                let outcome = operation_outcome(&issues, Some(request_id));
                json!({counted: number, "status": error.status().as_u16(), "outcome": outcome})
            }
        };
        out.push_str(&line.to_string());
        out.push('\n');
    }
    if any_mends_due {
        state.pipeline.mend_within(Duration::from_millis(state.config.limits.mend_wait_ms)).await;
    }
    Ok(answer(StatusCode::OK).content_type(LINES).body(out))
}

/// Takes one message, or says what it would become.
pub async fn take_one(state: &State, incoming: Incoming, dry_run: bool) -> Result<HttpResponse, GatewayError> {
    let vendor = incoming.route.vendor().id.clone();
    if dry_run {
        let bundle = state.pipeline.try_out(incoming).await?;
        return Ok(answer(StatusCode::OK).json(receipt::dry_run(&bundle)));
    }
    let (committed, mends_due) = state.pipeline.take(incoming).await?;
    if mends_due {
        state.pipeline.mend_within(Duration::from_millis(state.config.limits.mend_wait_ms)).await;
    }
    let status = StatusCode::from_u16(committed.answer.status)
        .map_err(|_| GatewayError::Fault("a kept answer has no HTTP status"))?;
    let mut written = answer(status);
    written.insert_header((LOCATION, format!("/vendors/{vendor}/receipts/{}", committed.answer.receipt)));
    if committed.replayed {
        written.insert_header(("Idempotent-Replayed", "true"));
    }
    Ok(written.content_type("application/json").body(committed.answer.body))
}

fn answer(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// The caller's `Idempotency-Key`.
pub fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, GatewayError> {
    let mut given = request.headers().get_all("idempotency-key");
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let plain = (1..=LONGEST_KEY).contains(&text.len()) && given.next().is_none();
    if plain {
        return Ok(Some(text.to_owned()));
    }
    let text = format!("The Idempotency-Key is not one text of 1 to {LONGEST_KEY} plain characters.");
    let issue = Issue::error(IssueCode::Value, IssueKey::HttpRequest, text).with_hint("a UUID for each message serves");
    Err(GatewayError::BadRequest(vec![issue]))
}
