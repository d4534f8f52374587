//! A FHIR body as the caller sent it, JSON or XML: its content type judged, its size bounded while it comes in.

use super::vendor_body::{content_type, is_json, is_plain_utf8, read_within};
use crate::error::GatewayError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use ginnel_schemas::input::Format;
use std::future::Future;
use std::pin::Pin;

/// What FHIR may call itself.
const FHIR_TYPES: &str = "application/fhir+json or application/fhir+xml";

/// The bytes of a FHIR resource, unread.
pub struct FhirBody {
    /// As they came.
    pub bytes: Vec<u8>,
    /// What the content type says they are.
    pub format: Format,
}

impl FromRequest for FhirBody {
    type Error = GatewayError;
    type Future = Pin<Box<dyn Future<Output = Result<FhirBody, GatewayError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let (essence, charset) = content_type(&request);
            let refused = GatewayError::ContentType { taken: FHIR_TYPES };
            let format = if is_json(&essence) {
                Format::Json
            } else if is_xml(&essence) {
                Format::Xml
            } else {
                return Err(refused);
            };
            if !is_plain_utf8(&request, charset.as_deref()) {
                return Err(refused);
            }
            Ok(FhirBody { bytes: read_within(&request, payload).await?, format })
        })
    }
}

fn is_xml(essence: &str) -> bool {
    matches!(essence, "application/xml" | "text/xml")
        || (essence.starts_with("application/") && essence.ends_with("+xml"))
}
