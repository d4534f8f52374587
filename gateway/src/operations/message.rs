//! A vendor's message comes in.

use crate::error::GatewayError;
use crate::extract::query::Parameters;
use crate::extract::request_ids::RequestIds;
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
    let route = state.pipeline.route(&vendor, &message, parameters.once("tenant")?)?;
    if body.content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(LINES)) {
        let key = idempotency_key(&request)?;
        return stream(&state, &route, &body.bytes, key.as_deref(), &ids.request, parameters.flag("dry-run")?).await;
    }
    let incoming = Incoming {
        route,
        bytes: body.bytes,
        content_type: body.content_type,
        idempotency_key: idempotency_key(&request)?,
        request_id: Some(ids.request),
    };
    if parameters.flag("dry-run")? {
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

/// Takes each line by itself, in order: a line that is refused stops none of the others. The answer has a line for each,
/// with its number, its status, and its receipt or what was found.
async fn stream(
    state: &State,
    route: &Route,
    bytes: &[u8],
    key: Option<&str>,
    request_id: &str,
    dry_run: bool,
) -> Result<HttpResponse, GatewayError> {
    let lines: Vec<(usize, &[u8])> = bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim_ascii()))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let most = state.config.limits.stream_lines;
    if lines.len() > most {
        let text = format!("The body has {} lines; at most {most} are taken at once.", lines.len());
        let issue = Issue::error(IssueCode::TooLong, IssueKey::SourceTooMany, text);
        return Err(GatewayError::BadRequest(vec![issue.with_hint("send them in several requests")]));
    }
    let (mut out, mut any_mends_due) = (String::new(), false);
    for (number, line) in lines {
        let incoming = Incoming {
            route: route.clone(),
            bytes: line.to_vec(),
            content_type: "application/json".into(),
            // The key of the request is a key for each of its lines.
            idempotency_key: key.map(|key| format!("{key}#{number}")),
            request_id: Some(request_id.to_owned()),
        };
        let answered = if dry_run {
            state.pipeline.try_out(incoming).await.map(|bundle| (200, receipt::dry_run(&bundle)))
        } else {
            let taken = state.pipeline.take(incoming).await;
            taken.and_then(|(committed, mends_due)| {
                any_mends_due |= mends_due;
                Ok((committed.answer.status, stored_json(committed.answer.body.as_bytes())?))
            })
        };
        let line = match answered {
            Ok((status, receipt)) => json!({"line": number, "status": status, "receipt": receipt}),
            Err(error) => {
                let error = GatewayError::from(error);
                let mut issues = error.issues();
                // The document begins in this line of what was sent.
                let below = number - 1;
                issues.iter_mut().filter_map(|issue| issue.position.as_mut()).for_each(|place| place.line += below);
                let outcome = operation_outcome(&issues, Some(request_id));
                json!({"line": number, "status": error.status().as_u16(), "outcome": outcome})
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

fn answer(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, GatewayError> {
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
