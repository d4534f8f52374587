//! The newest version of a resource (<https://hl7.org/fhir/R4/http.html#read>).

use crate::error::GatewayError;
use crate::extract::fhir_answer::{FhirAnswer, accepts, fhir_answer, wants_file};
use crate::extract::fhir_type::{FhirType, Id};
use crate::extract::preconditions::Preconditions;
use crate::pipeline::stored_json;
use crate::state::State;
use crate::store::version::StoredVersion;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, HttpDate, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::time::SystemTime;

/// `GET [base]/[type]/[id]`; of a Binary the file itself, unless JSON is asked for.
pub async fn read(
    state: web::Data<State>,
    request: HttpRequest,
    FhirType(resource_type): FhirType,
    Id(id): Id,
    preconditions: Preconditions,
) -> Result<HttpResponse, GatewayError> {
    if resource_type == "Binary" && wants_file(&request)? {
        let version = state.store.read(&resource_type, &id).await?.ok_or(GatewayError::NotFound)?;
        return file_answer(&version, &request);
    }
    let answer = fhir_answer(&request)?;
    match state.store.read(&resource_type, &id).await? {
        None => Err(GatewayError::NotFound),
        Some(version) => version_answer(version, &answer, &preconditions),
    }
}

/// One version with its tag and time; 410 for a version that says that the resource is deleted, and for one withheld.
pub fn version_answer(
    version: StoredVersion,
    answer: &FhirAnswer,
    preconditions: &Preconditions,
) -> Result<HttpResponse, GatewayError> {
    gone(&version)?;
    let etag = etag(version.version);
    let modified = version.last_updated.parse::<jiff::Timestamp>().ok().map(SystemTime::from);
    let had = preconditions.has(&etag);
    let mut written = answer.builder(if had { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    written.insert_header((ETAG, etag));
    if let Some(modified) = modified {
        written.insert_header((LAST_MODIFIED, HttpDate::from(modified)));
    }
    Ok(if had { written.finish() } else { written.body(version.content) })
}

/// The bytes of a Binary, as the kind of file that it says it is (<https://hl7.org/fhir/R4/binary.html#rest>). A page in
/// it may neither run nor load anything.
fn file_answer(version: &StoredVersion, request: &HttpRequest) -> Result<HttpResponse, GatewayError> {
    gone(version)?;
    let resource = stored_json(version.content.as_bytes())?;
    let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = text("contentType");
    if !accepts(request, kind) {
        return Err(GatewayError::FileNotAcceptable { kind: kind.to_owned() });
    }
    // FHIR's base64 may have white space in it.
    let data: String = text("data").split_ascii_whitespace().collect();
    let bytes =
        STANDARD.decode(data).map_err(|_| GatewayError::Fault("the data of a file that is kept is no base64"))?;
    let mut answer = HttpResponse::build(StatusCode::OK);
    answer.content_type(kind).insert_header((CACHE_CONTROL, "private, no-cache"));
    answer.insert_header((ETAG, etag(version.version))).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    answer.insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"));
    Ok(answer.body(bytes))
}

/// Says of a version that is not to be shown why not.
pub fn gone(version: &StoredVersion) -> Result<(), GatewayError> {
    match version {
        StoredVersion { withheld: true, .. } => Err(GatewayError::Withheld),
        StoredVersion { deleted: true, .. } => Err(GatewayError::Deleted),
        _ => Ok(()),
    }
}

/// The weak tag of a version.
pub fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}
