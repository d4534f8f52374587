//! What is kept of a message: the receipt, the untouched original, the account, what was set aside.

use crate::error::GatewayError;
use crate::pipeline::stored_json;
use crate::state::State;
use crate::store::{StoreError, StoredReceipt};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use ginnel_schemas::json_pointer;
use serde_json::Value;

/// Vendor and receipt in the path.
type Place = web::Path<(String, String)>;

/// `GET /vendors/{vendor}/receipts/{receipt}`: the answer as it was given, and what was learnt since.
pub async fn receipt(state: web::Data<State>, place: Place) -> Result<HttpResponse, GatewayError> {
    let kept = find(&state, &place).await?;
    let mut body = stored_json(kept.body.as_bytes())?;
    let mends = kept.mends.iter().map(|mend| stored_json(mend.as_bytes())).collect::<Result<Vec<_>, _>>()?;
    if let Value::Object(members) = &mut body {
        members.insert("mended".into(), Value::Array(mends));
    }
    Ok(private().content_type("application/json").body(body.to_string()))
}

/// `GET .../original`: the bytes as they came, under the content type they came with.
pub async fn original(state: web::Data<State>, place: Place) -> Result<HttpResponse, GatewayError> {
    let (vendor, receipt) = place.into_inner();
    let original = state.store.original(&vendor, &receipt).await?.ok_or(GatewayError::NotFound)?;
    // The bytes are a stranger's: no browser shall guess at them or show them as a page of ours.
    Ok(private()
        .content_type(original.content_type)
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_DISPOSITION, "attachment"))
        .body(original.bytes))
}

/// `GET .../account`: what became of every value.
pub async fn account(state: web::Data<State>, place: Place) -> Result<HttpResponse, GatewayError> {
    let kept = find(&state, &place).await?;
    Ok(private().content_type("application/json").body(kept.account))
}

/// `GET .../quarantine`: what was set aside and why, with the content as the original has it.
pub async fn quarantine(state: web::Data<State>, place: Place) -> Result<HttpResponse, GatewayError> {
    let kept = find(&state, &place).await?;
    let mut entries = stored_json(kept.quarantine.as_bytes())?;
    if let Value::Array(list) = &mut entries
        && !list.is_empty()
    {
        let original = state.store.original(&place.0, &place.1).await?.ok_or(GatewayError::NotFound)?;
        let tree = stored_json(&original.bytes)?;
        list.iter_mut().try_for_each(|entry| add_content(entry, &tree))?;
    }
    Ok(private().content_type("application/json").body(entries.to_string()))
}

fn add_content(entry: &mut Value, tree: &Value) -> Result<(), StoreError> {
    let pointer = entry.get("pointer").and_then(Value::as_str).unwrap_or_default();
    let content = json_pointer::resolve(tree, pointer)
        .cloned()
        .ok_or_else(|| StoreError::Broken("a quarantined item is not where it was".into()))?;
    if let Value::Object(members) = entry {
        members.insert("content".into(), content);
    }
    Ok(())
}

async fn find(state: &State, place: &Place) -> Result<StoredReceipt, GatewayError> {
    state.store.receipt(&place.0, &place.1).await?.ok_or(GatewayError::NotFound)
}

/// An answer that no cache keeps.
fn private() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}
