//! A vendor's files, JSON and a form, as the caller sent them.

use super::body::{Reading, content_type, is_plain_utf8, read};
use crate::error::GatewayError;
use crate::state::State;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use ginnel_mappings::format::Format;

/// What JSON may call itself.
const JSON_TYPES: &str = "application/json, or a type that ends in +json";
/// One JSON document a line.
pub const LINES: &str = "application/x-ndjson";
const JSON_OR_LINES: &str =
    "application/json, a type that ends in +json, or application/x-ndjson with one document a line";
const CSV_TYPES: &str = "text/csv, or multipart/form-data with a part for each file";
const XML_TYPES: &str = "application/xml, text/xml, or a type that ends in +xml";
const HL7_TYPES: &str = "application/hl7-v2, x-application/hl7-v2+er7 or text/plain";
const CSV_ESSENCES: [&str; 5] =
    ["text/csv", "application/csv", "text/tab-separated-values", "application/vnd.ms-excel", FORM_OF_FILES];
const HL7_ESSENCES: [&str; 5] =
    ["application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7", "text/plain", FORM_OF_FILES];
/// Several files.
const FORM_OF_FILES: &str = "multipart/form-data";
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

/// The bytes of a vendor's message, unread: of a content type that the message's format may have.
pub struct VendorBody {
    /// As they came.
    pub bytes: Vec<u8>,
    /// Content type as the caller gave it.
    pub content_type: String,
}

impl FromRequest for VendorBody {
    type Error = GatewayError;
    type Future = Reading<VendorBody>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        read(request, payload, vendor_content_type, |content_type, bytes| Ok(VendorBody { bytes, content_type }))
    }
}

/// The bytes of events, unread: JSON, one document a line, or the plain text that notification services call JSON.
pub struct EventBody {
    /// As they came.
    pub bytes: Vec<u8>,
    /// What they are, without parameters.
    pub essence: String,
}

impl FromRequest for EventBody {
    type Error = GatewayError;
    type Future = Reading<EventBody>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let judge = |request: &HttpRequest| {
            let (essence, charset) = content_type(request);
            let taken = essence == LINES || essence == "text/plain" || is_json(&essence);
            let fits = taken && is_plain_utf8(request, charset.as_deref());
            if fits { Ok(essence) } else { Err(GatewayError::ContentType { taken: JSON_OR_LINES }) }
        };
        read(request, payload, judge, |essence, bytes| Ok(EventBody { bytes, essence }))
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

/// The content type of a message that is written, by its format's name.
pub fn written_type(format: &Format) -> &'static str {
    match format.name() {
        "csv" => "text/csv",
        "xml" => "application/xml",
        "hl7v2" => "application/hl7-v2",
        _ => "application/json",
    }
}

/// Judges a content type by the format of the message that the path names. What is not there is said by whoever looks for it.
fn vendor_content_type(request: &HttpRequest) -> Result<String, GatewayError> {
    let (essence, charset) = content_type(request);
    let parameter = |name: &str| request.match_info().get(name).unwrap_or_default().to_owned();
    let state = request.app_data::<web::Data<State>>();
    let route = state.and_then(|state| state.pipeline.route(&parameter("vendor"), &parameter("message"), None).ok());
    let Some(route) = route else { return Ok(given(request)) };
    let (fits, taken) = match route.message().format().name() {
        "csv" => (CSV_ESSENCES.contains(&essence.as_str()), CSV_TYPES),
        "xml" => (is_xml(&essence), XML_TYPES),
        "hl7v2" => (HL7_ESSENCES.contains(&essence.as_str()), HL7_TYPES),
        _ => {
            let fits = (essence == LINES || is_json(&essence)) && is_plain_utf8(request, charset.as_deref());
            return if fits { Ok(given(request)) } else { Err(GatewayError::ContentType { taken: JSON_OR_LINES }) };
        }
    };
    let fits = fits && is_sent_plainly(request, charset.as_deref());
    if fits { Ok(given(request)) } else { Err(GatewayError::FileType { taken }) }
}

fn is_xml(essence: &str) -> bool {
    matches!(essence, "application/xml" | "text/xml" | FORM_OF_FILES)
        || (essence.starts_with("application/") && essence.ends_with("+xml"))
}

/// Whether the bytes are the file's own, in an encoding that they or the plugin tell.
fn is_sent_plainly(request: &HttpRequest, charset: Option<&str>) -> bool {
    const TOLD: [&str; 4] = ["iso-8859-1", "windows-1252", "latin1", "utf-16"];
    is_plain_utf8(request, charset.filter(|charset| !TOLD.contains(charset)))
}

fn given(request: &HttpRequest) -> String {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    given.unwrap_or_default().to_owned()
}

fn json_content_type(request: &HttpRequest) -> Result<String, GatewayError> {
    let (essence, charset) = content_type(request);
    if is_json(&essence) && is_plain_utf8(request, charset.as_deref()) {
        Ok(given(request))
    } else {
        Err(GatewayError::ContentType { taken: JSON_TYPES })
    }
}

/// Whether a content type is one of JSON.
pub(super) fn is_json(essence: &str) -> bool {
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
