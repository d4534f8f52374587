//! FHIR goes back to a vendor: a Bundle or one resource as the vendor's own message.

use crate::error::GatewayError;
use crate::extract::query::Parameters;
use crate::extract::vendor_body::JsonBody;
use crate::state::State;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use ginnel_mappings::account::account_to_json;
use ginnel_schemas::outcome::operation_outcome;
use serde_json::json;

/// `POST /vendors/{vendor}/{message}/$to-vendor`; with `?account=true` the account and what was found come with it,
/// with `?tenant=T` the tenant's tables are read.
pub async fn to_vendor(
    state: web::Data<State>,
    path: web::Path<(String, String)>,
    parameters: Parameters,
    body: JsonBody,
) -> Result<HttpResponse, GatewayError> {
    let (vendor, message) = path.into_inner();
    parameters.only(&["account", "tenant"])?;
    let route = state.pipeline.route(&vendor, &message, parameters.once("tenant")?)?;
    let with_account = parameters.flag("account")?;
    let result = state.pipeline.to_vendor(route, body.bytes).await?;
    let written = if with_account {
        json!({
            "payload": result.payload,
            "account": account_to_json(&result.account),
            "outcome": operation_outcome(&result.issues, None),
        })
    } else {
        result.payload
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("application/json")
        .body(written.to_string()))
}
