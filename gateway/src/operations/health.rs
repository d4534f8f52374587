//! Whether the process lives, and whether it can work.

use crate::error::GatewayError;
use crate::state::State;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "alive"}))
}

/// `GET /readyz`: the store answers as well.
pub async fn readyz(state: web::Data<State>) -> Result<HttpResponse, GatewayError> {
    state.store.ping().await?;
    Ok(HttpResponse::Ok().json(json!({"status": "ready"})))
}
