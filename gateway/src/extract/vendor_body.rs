//! A body as the caller sent it: its content type judged, its size bounded while it comes in.

use crate::error::GatewayError;
use crate::state::State;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use std::future::Future;
use std::pin::Pin;

/// What JSON may call itself.
const JSON_TYPES: &str = "application/json, or a type that ends in +json";

/// The bytes of a JSON body, unread.
pub struct JsonBody {
    /// As they came.
    pub bytes: Vec<u8>,
    /// Content type as the caller gave it.
    pub content_type: String,
}

impl FromRequest for JsonBody {
    type Error = GatewayError;
    type Future = Pin<Box<dyn Future<Output = Result<JsonBody, GatewayError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let content_type = json_content_type(&request)?;
            let bytes = read_within(&request, payload).await?;
            Ok(JsonBody { bytes, content_type })
        })
    }
}

/// A form, as FHIR's `_search` takes it.
pub struct FormBody(pub String);

impl FromRequest for FormBody {
    type Error = GatewayError;
    type Future = Pin<Box<dyn Future<Output = Result<FormBody, GatewayError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            const FORM: &str = "application/x-www-form-urlencoded";
            let (essence, _) = content_type(&request);
            if essence != FORM {
                return Err(GatewayError::ContentType { taken: FORM });
            }
            let bytes = read_within(&request, payload).await?;
            String::from_utf8(bytes).map(FormBody).map_err(|_| GatewayError::ContentType { taken: FORM })
        })
    }
}

/// The content type without parameters in lower case, and its `charset`.
pub(super) fn content_type(request: &HttpRequest) -> (String, Option<String>) {
    let text = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"').to_ascii_lowercase());
    (essence, charset)
}

fn json_content_type(request: &HttpRequest) -> Result<String, GatewayError> {
    let (essence, charset) = content_type(request);
    if is_json(&essence) && is_plain_utf8(request, charset.as_deref()) {
        let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(given.unwrap_or_default().to_owned())
    } else {
        Err(GatewayError::ContentType { taken: JSON_TYPES })
    }
}

/// Whether a content type is one of JSON.
pub(super) fn is_json(essence: &str) -> bool {
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Whether the body is UTF-8 text, neither in another encoding nor compressed.
pub(super) fn is_plain_utf8(request: &HttpRequest, charset: Option<&str>) -> bool {
    let encoding = request.headers().get(CONTENT_ENCODING);
    charset.is_none_or(|charset| matches!(charset, "utf-8" | "utf8" | "us-ascii"))
        && encoding.is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The bytes of a body, at most as many as configured.
pub(super) async fn read_within(request: &HttpRequest, payload: Payload) -> Result<Vec<u8>, GatewayError> {
    let limit = request.app_data::<web::Data<State>>().map_or(0, |state| state.config.limits.body_bytes);
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > limit) {
        return Err(GatewayError::TooBig { limit });
    }
    web::Payload::from_request(request, &mut { payload })
        .await
        .map_err(|_| GatewayError::Fault("a body could not be taken"))?
        .to_bytes_limited(limit)
        .await
        .map_err(|_| GatewayError::TooBig { limit })?
        .map(|bytes| bytes.to_vec())
        .map_err(|error| crate::error::of_framework(error.as_response_error().status_code()))
}
