//! A FHIR body as the caller sent it, JSON or XML as its content type says.

use super::body::{Reading, content_type, is_plain_utf8, read};
use super::vendor_body::is_json;
use crate::error::GatewayError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use ginnel_schemas::input::Format;

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
    type Future = Reading<FhirBody>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        read(request, payload, format_of, |format, bytes| Ok(FhirBody { bytes, format }))
    }
}

/// What the content type says the body is.
fn format_of(request: &HttpRequest) -> Result<Format, GatewayError> {
    let (essence, charset) = content_type(request);
    let format = if is_json(&essence) {
        Some(Format::Json)
    } else if is_xml(&essence) {
        Some(Format::Xml)
    } else {
        None
    };
    format.filter(|_| is_plain_utf8(request, charset.as_deref())).ok_or(GatewayError::ContentType { taken: FHIR_TYPES })
}

fn is_xml(essence: &str) -> bool {
    matches!(essence, "application/xml" | "text/xml")
        || (essence.starts_with("application/") && essence.ends_with("+xml"))
}
