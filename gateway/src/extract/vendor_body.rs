//! A vendor's JSON and a form, as the caller sent them.

use super::body::{Reading, content_type, is_plain_utf8, read};
use crate::error::GatewayError;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};

/// What JSON may call itself.
const JSON_TYPES: &str = "application/json, or a type that ends in +json";
/// What a form calls itself.
const FORM: &str = "application/x-www-form-urlencoded";

/// The bytes of a JSON body, unread.
pub struct JsonBody {
    /// As they came.
    pub bytes: Vec<u8>,
    /// Content type as the caller gave it.
    pub content_type: String,
}

impl FromRequest for JsonBody {
    type Error = GatewayError;
    type Future = Reading<JsonBody>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        read(request, payload, json_content_type, |content_type, bytes| Ok(JsonBody { bytes, content_type }))
    }
}

/// A form, as FHIR's `_search` takes it.
pub struct FormBody(pub String);

impl FromRequest for FormBody {
    type Error = GatewayError;
    type Future = Reading<FormBody>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let judge = |request: &HttpRequest| match content_type(request) {
            (essence, _) if essence == FORM => Ok(()),
            _ => Err(GatewayError::ContentType { taken: FORM }),
        };
        read(request, payload, judge, |(), bytes| {
            String::from_utf8(bytes).map(FormBody).map_err(|_| GatewayError::ContentType { taken: FORM })
        })
    }
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
