//! What is kept of a message: the receipt, the untouched original, the account, what was set aside.

use crate::error::GatewayError;
use crate::extract::query::Parameters;
use crate::pipeline::stored_json;
use crate::state::State;
use crate::store::{StoreError, StoredReceipt};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use ginnel_mappings::account::account_from_json;
use ginnel_mappings::coverage::{Form, of_account};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json_pointer;
use serde_json::Value;

/// Most things to be fetched of one receipt that are told.
const MOST_FETCHES: usize = 1000;

/// Vendor and receipt in the path.
type Place = web::Path<(String, String)>;

/// `GET /vendors/{vendor}/receipts/{receipt}`: the answer as it was given, and what was learnt since.
pub async fn receipt(state: web::Data<State>, place: Place) -> Result<HttpResponse, GatewayError> {
    let kept = find(&state, &place).await?;
    let mut body = stored_json(kept.body.as_bytes())?;
    let mends = kept.mends.iter().map(|mend| stored_json(mend.as_bytes())).collect::<Result<Vec<_>, _>>()?;
    let (vendor, id) = place.as_ref();
    let fetches = state.store.fetches(vendor, Some(id), MOST_FETCHES).await?;
    if let Value::Object(members) = &mut body {
        members.insert("mended".into(), Value::Array(mends));
        if !fetches.is_empty() {
            members.insert("fetches".into(), fetches.iter().map(super::fetches::told).collect());
        }
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

/// `GET .../coverage`: the account, counted by field, rule and reason; `?format=html` or `text` for people.
pub async fn coverage(
    state: web::Data<State>,
    place: Place,
    parameters: Parameters,
) -> Result<HttpResponse, GatewayError> {
    parameters.only(&["format"])?;
    let (form, content_type) = match parameters.once("format")? {
        None | Some("json") => (Form::Json, "application/json"),
        Some("html") => (Form::Html, "text/html; charset=utf-8"),
        Some("text") => (Form::Text, "text/plain; charset=utf-8"),
        Some(_) => {
            let text = "This form of report is not offered.";
            let issue = Issue::error(IssueCode::Value, IssueKey::HttpRequest, text);
            return Err(GatewayError::BadRequest(vec![issue.with_hint("`format` is json, html or text")]));
        }
    };
    let kept = find(&state, &place).await?;
    let rows = account_from_json(&stored_json(kept.account.as_bytes())?)
        .ok_or_else(|| StoreError::Broken("what is kept as an account cannot be read".into()))?;
    let body = stored_json(kept.body.as_bytes())?;
    let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
    let plugins = state.plugins.now();
    let leaves = plugins.registry.vendor(&place.0).and_then(|vendor| vendor.message(message));
    let leaves = leaves.map(|message| message.schema_leaves()).unwrap_or_default();
    let title = format!("Coverage: {}, {message}, receipt {}", place.0, place.1);
    let report = of_account(title, &rows, &leaves).report(form);
    Ok(private().content_type(content_type).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff")).body(report))
}

/// `GET .../quarantine`: what was set aside and why, with the content as the original has it.
pub async fn quarantine(state: web::Data<State>, place: Place) -> Result<HttpResponse, GatewayError> {
    let kept = find(&state, &place).await?;
    let mut entries = stored_json(kept.quarantine.as_bytes())?;
    if let Value::Array(list) = &mut entries
        && !list.is_empty()
    {
        let original = state.store.original(&place.0, &place.1).await?.ok_or(GatewayError::NotFound)?;
        let tree = state.pipeline.read_kept(&place.0, &kept, &original)?.tree;
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
