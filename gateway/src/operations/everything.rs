//! Everything about one patient (<https://hl7.org/fhir/R4/patient-operation-everything.html>).

use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::extract::fhir_type::Id;
use crate::extract::query::Parameters;
use crate::extract::search::{PAGE, read_page};
use crate::interactions::read::gone;
use crate::interactions::search_type::page_body;
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

/// Whether the Patients that a Person links to the one asked for are told of as well; they are, unless it says `false`.
pub const LINKED: &str = "_linked";

/// Whether the caller wants the linked Patients too.
pub fn wants_linked(parameters: &Parameters) -> Result<bool, GatewayError> {
    Ok(parameters.once(LINKED)?.is_none() || parameters.flag(LINKED)?)
}

/// Says why there is nothing to tell of a Patient: the type is not served, or the Patient is not known, deleted or withheld.
pub async fn known_patient(state: &State, id: &str) -> Result<(), GatewayError> {
    if !state.plugins.now().resource_types.contains("Patient") {
        return Err(GatewayError::UnknownType);
    }
    gone(&state.store.read("Patient", id).await?.ok_or(GatewayError::NotFound)?)
}

/// `GET [base]/Patient/{id}/$everything`
pub async fn everything(
    state: web::Data<State>,
    Id(id): Id,
    answer: FhirAnswer,
    parameters: Parameters,
) -> Result<HttpResponse, GatewayError> {
    if !answer.lenient {
        parameters.only(&["_count", "_format", "_pretty", LINKED, PAGE])?;
    }
    let linked = wants_linked(&parameters)?;
    let page = read_page(&parameters, &state.config.limits)?;
    match known_patient(&state, &id).await {
        // Who began to page before the patient was deleted may go on.
        Err(GatewayError::Deleted) if page.mark.is_some() => {}
        other => other?,
    }
    let found = state.store.everything(&id, linked, page.count, page.mark).await?;
    let body = web::block({
        let base = answer.base_url.clone();
        move || {
            let mut used = page.used;
            if !linked {
                used.push((LINKED.to_owned(), "false".to_owned()));
            }
            page_body(found, &base, &format!("{base}/Patient/{id}/$everything"), &used, page.mark)
        }
    })
    .await
    .map_err(|_| GatewayError::Fault("writing a page ended early"))??;
    Ok(answer.json(StatusCode::OK, body))
}
