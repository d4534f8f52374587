//! One version of a resource (<https://hl7.org/fhir/R4/http.html#vread>).

use super::read::version_answer;
use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::extract::fhir_type::{FhirType, Id};
use crate::extract::preconditions::Preconditions;
use crate::state::State;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET [base]/[type]/[id]/_history/[vid]`
pub async fn vread(
    state: web::Data<State>,
    request: HttpRequest,
    FhirType(resource_type): FhirType,
    Id(id): Id,
    answer: FhirAnswer,
    preconditions: Preconditions,
) -> Result<HttpResponse, GatewayError> {
    let version = request.match_info().get("version").and_then(number).ok_or(GatewayError::NotFound)?;
    match state.store.read_version(&resource_type, &id, version).await? {
        None => Err(GatewayError::NotFound),
        Some(version) => version_answer(version, &answer, &preconditions),
    }
}

/// Version ids are whole numbers from 1, written in one way only.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number > 0 && number.to_string() == text).then_some(number)
}
