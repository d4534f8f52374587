//! What a vendor's notifications asked to be fetched, and what came of it.

use crate::error::GatewayError;
use crate::state::State;
use crate::store::StoredFetch;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

/// Most that are told at once.
const MOST: usize = 1000;

/// `GET /vendors/{vendor}/fetches`: what waits or stopped first, then what was fetched.
pub async fn fetches(state: web::Data<State>, vendor: web::Path<String>) -> Result<HttpResponse, GatewayError> {
    if state.plugins.now().registry.vendor(&vendor).is_none() {
        return Err(crate::pipeline::PipelineError::UnknownVendor.into());
    }
    let found = state.store.fetches(&vendor, None, MOST).await?;
    let fetches: Vec<Value> = found.iter().map(told).collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "fetches": fetches })))
}

/// One of them as it is told.
pub fn told(fetch: &StoredFetch) -> Value {
    let mut out = json!({
        "notification": fetch.receipt,
        "place": fetch.place,
        "message": fetch.message,
        "state": fetch.state,
        "attempts": fetch.attempts,
    });
    let more = [("tried-next", &fetch.due_at), ("why", &fetch.why), ("receipt", &fetch.fetched)];
    if let Value::Object(members) = &mut out {
        for (name, text) in more.into_iter().filter(|(_, text)| !text.is_empty()) {
            members.insert(name.into(), text.as_str().into());
        }
    }
    out
}
