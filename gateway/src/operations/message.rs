//! A vendor's message comes in.

use crate::error::GatewayError;
use crate::extract::query::Parameters;
use crate::extract::request_ids::RequestIds;
use crate::extract::vendor_body::MessageBody;
use crate::pipeline::{Incoming, receipt};
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use std::time::Duration;

/// Longest `Idempotency-Key` in bytes.
const LONGEST_KEY: usize = 255;

/// `POST /vendors/{vendor}/{message}`; with `?dry-run=true` nothing is kept, with `?tenant=T` the tenant's tables are read.
pub async fn message(
    state: web::Data<State>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    parameters: Parameters,
    ids: RequestIds,
    body: MessageBody,
) -> Result<HttpResponse, GatewayError> {
    let (vendor, message) = path.into_inner();
    parameters.only(&["dry-run", "tenant"])?;
    let route = state.pipeline.route(&vendor, &message, parameters.once("tenant")?)?;
    body.must_be(route.message().format())?;
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
