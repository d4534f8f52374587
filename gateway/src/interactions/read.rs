//! The newest version of a resource (<https://hl7.org/fhir/R4/http.html#read>).

use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::extract::fhir_type::{FhirType, Id};
use crate::extract::preconditions::Preconditions;
use crate::state::State;
use crate::store::version::StoredVersion;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HttpDate, LAST_MODIFIED};
use actix_web::{HttpResponse, web};
use std::time::SystemTime;

/// `GET [base]/[type]/[id]`
pub async fn read(
    state: web::Data<State>,
    FhirType(resource_type): FhirType,
    Id(id): Id,
    answer: FhirAnswer,
    preconditions: Preconditions,
) -> Result<HttpResponse, GatewayError> {
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
