//! Events of a vendor come in: of one type or several, one, an array, or one a line.

use super::message::{Part, idempotency_key, lines_of, take_one, take_parts};
use crate::error::GatewayError;
use crate::extract::query::Parameters;
use crate::extract::request_ids::RequestIds;
use crate::extract::signature;
use crate::extract::vendor_body::{EventBody, LINES};
use crate::pipeline::Incoming;
use crate::state::State;
use actix_web::{HttpRequest, HttpResponse, web};
use ginnel_schemas::json;
use serde_json::Value;

/// `POST /vendors/{vendor}`: events, each taken as the message that its type chooses.
pub async fn events(
    state: web::Data<State>,
    request: HttpRequest,
    path: web::Path<String>,
    parameters: Parameters,
    ids: RequestIds,
    body: EventBody,
) -> Result<HttpResponse, GatewayError> {
    let vendor = path.into_inner();
    parameters.only(&["dry-run", "tenant"])?;
    let tenant = parameters.once("tenant")?;
    signature::check(&state.config, &vendor, tenant, request.headers(), &body.bytes)?;
    take(&state, &vendor, tenant, &request, &ids, body, parameters.flag("dry-run")?).await
}

/// `POST /webhooks/{name}`: the same, for the sender whose place it is.
pub async fn webhook(
    state: web::Data<State>,
    request: HttpRequest,
    path: web::Path<String>,
    parameters: Parameters,
    ids: RequestIds,
    body: EventBody,
) -> Result<HttpResponse, GatewayError> {
    parameters.only(&[])?;
    let senders = &state.config.senders;
    let sender = senders.iter().find(|sender| sender.webhook.as_deref() == Some(path.as_str()));
    let sender = sender.ok_or(GatewayError::NoSuchPlace)?;
    signature::check_sender(sender, request.headers(), &body.bytes)?;
    take(&state, &sender.vendor, sender.tenant.as_deref(), &request, &ids, body, false).await
}

async fn take(
    state: &State,
    vendor: &str,
    tenant: Option<&str>,
    request: &HttpRequest,
    ids: &RequestIds,
    body: EventBody,
    dry_run: bool,
) -> Result<HttpResponse, GatewayError> {
    let key = idempotency_key(request)?;
    let route = |bytes: &[u8]| Ok(state.pipeline.route_of_event(vendor, bytes, tenant)?);
    if body.essence == LINES {
        let parts = lines_of(&body.bytes)
            .map(|(number, line)| Part { number, bytes: line.to_vec(), route: route(line) })
            .collect();
        return take_parts(state, parts, "line", key.as_deref(), &ids.request, dry_run).await;
    }
    let limits = json::Limits { bytes: state.config.limits.body_bytes, depth: state.config.limits.depth };
    if let Ok(Value::Array(events)) = json::parse(&body.bytes, limits) {
        let part = |(number, event): (usize, &Value)| {
            let bytes = event.to_string().into_bytes();
            Part { number, route: route(&bytes), bytes }
        };
        let parts = events.iter().enumerate().map(part).collect();
        return take_parts(state, parts, "event", key.as_deref(), &ids.request, dry_run).await;
    }
    let incoming = Incoming {
        route: route(&body.bytes)?,
        bytes: body.bytes,
        content_type: "application/json".into(),
        occasion: None,
        idempotency_key: key,
        request_id: Some(ids.request.clone()),
    };
    take_one(state, incoming, dry_run).await
}
