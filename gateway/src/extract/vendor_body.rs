//! A vendor's JSON and a form, as the caller sent them.

use super::body::{Reading, content_type, is_plain_utf8, read};
use crate::error::GatewayError;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use ginnel_mappings::format::{Format, hl7v2, xml};

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

/// The bytes of a vendor's message, unread; which content types fit is its format's matter.
pub struct MessageBody {
    /// As they came.
    pub bytes: Vec<u8>,
    /// Content type as the caller gave it.
    pub content_type: String,
    /// The content type alone, in lower case.
    essence: String,
    /// Whether its text is UTF-8 as far as the header says.
    is_utf8: bool,
}

impl FromRequest for MessageBody {
    type Error = GatewayError;
    type Future = Reading<MessageBody>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let judge = |request: &HttpRequest| {
            let (essence, charset) = content_type(request);
            let known = [Format::Json, Format::Hl7v2(hl7v2::Options::default()), Format::Xml(xml::Options::default())];
            let taken = known.iter().any(|format| is_of_format(&essence, format)) || essence == CSV_TYPE;
            if !taken {
                return Err(GatewayError::ContentType { taken: JSON_TYPES });
            }
            let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            Ok((given.to_owned(), essence, is_plain_utf8(request, charset.as_deref())))
        };
        read(request, payload, judge, |(content_type, essence, is_utf8), bytes| {
            Ok(MessageBody { bytes, content_type, essence, is_utf8 })
        })
    }
}

impl MessageBody {
    /// Refuses a body whose content type is not one of the message's format.
    pub fn must_be(&self, format: &Format) -> Result<(), GatewayError> {
        // The files of other formats say their encodings themselves.
        let is_text = !matches!(format, Format::Json | Format::Fhir) || self.is_utf8;
        if is_of_format(&self.essence, format) && is_text {
            return Ok(());
        }
        Err(GatewayError::ContentType { taken: types_of(format) })
    }
}

/// What a table calls itself.
const CSV_TYPE: &str = "text/csv";

fn types_of(format: &Format) -> &'static str {
    match format {
        Format::Json | Format::Fhir => JSON_TYPES,
        Format::Csv(_) => CSV_TYPE,
        Format::Xml(_) => "application/xml, text/xml, or a type that ends in +xml",
        Format::Hl7v2(_) => "application/hl7-v2, or x-application/hl7-v2+er7",
    }
}

fn is_of_format(essence: &str, format: &Format) -> bool {
    match format {
        Format::Json | Format::Fhir => is_json(essence),
        Format::Csv(_) => essence == CSV_TYPE,
        Format::Xml(_) => {
            matches!(essence, "application/xml" | "text/xml")
                || (essence.starts_with("application/") && essence.ends_with("+xml"))
        }
        Format::Hl7v2(_) => {
            matches!(essence, "application/hl7-v2" | "application/hl7-v2+er7" | "x-application/hl7-v2+er7")
        }
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
