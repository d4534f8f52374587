//! FHIR goes back to a vendor: a Bundle or one resource as the vendor's own message.

use crate::error::GatewayError;
use crate::extract::query::Parameters;
use crate::extract::vendor_body::{JsonBody, written_type};
use crate::pipeline::files::multipart;
use crate::pipeline::put_back::PutBack;
use crate::state::State;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use ginnel_mappings::account::account_to_json;
use ginnel_mappings::format::SourceFile;
use ginnel_schemas::outcome::operation_outcome;
use serde_json::{Value, json};

/// `POST /vendors/{vendor}/{message}/$to-vendor`; with `?account=true` the account and what was found come with it,
/// with `?adopt=true` resources of other senders are given names, with `?tenant=T` the tenant's tables are read.
pub async fn to_vendor(
    state: web::Data<State>,
    path: web::Path<(String, String)>,
    parameters: Parameters,
    body: JsonBody,
) -> Result<HttpResponse, GatewayError> {
    let (vendor, message) = path.into_inner();
    parameters.only(&["account", "adopt", "tenant"])?;
    let route = state.pipeline.route(&vendor, &message, parameters.once("tenant")?)?;
    let with_account = parameters.flag("account")?;
    let content_type = written_type(route.message().format());
    let result = state.pipeline.to_vendor(route, body.bytes, parameters.flag("adopt")?).await?;
    let result = match result {
        PutBack { files: Some(files), .. } if !with_account => return Ok(in_files(&files, content_type)),
        PutBack { made, files: Some(files) } => {
            let files: Vec<Value> = files.iter().map(as_json).collect();
            let written = json!({
                "files": files,
                "account": account_to_json(&made.account),
                "outcome": operation_outcome(&made.issues, None),
            });
            return Ok(answer("application/json").body(written.to_string()));
        }
        PutBack { made, files: None } => made,
    };
    let written = if with_account {
        json!({
            "payload": result.payload,
            "account": account_to_json(&result.account),
            "outcome": operation_outcome(&result.issues, None),
        })
    } else {
        result.payload
    };
    Ok(answer("application/json").body(written.to_string()))
}

fn answer(content_type: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store")).content_type(content_type);
    answer
}

/// One file as it is, several as a form.
fn in_files(files: &[SourceFile], content_type: &str) -> HttpResponse {
    match files {
        [one] => {
            let name: String = one.name.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\')).collect();
            let mut answer = answer(content_type);
            if !name.is_empty() {
                answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
            }
            answer.body(one.bytes.clone())
        }
        several => {
            let (boundary, body) = multipart(several);
            answer(&format!("multipart/form-data; boundary={boundary}")).body(body)
        }
    }
}

/// A file as JSON: its text where it is UTF-8, else its bytes.
fn as_json(file: &SourceFile) -> Value {
    match std::str::from_utf8(&file.bytes) {
        Ok(text) => json!({"name": file.name, "text": text}),
        Err(_) => json!({"name": file.name, "hex": hex::encode(&file.bytes)}),
    }
}
