//! One of PRSB's documents about a patient, built from all that the store has of them; as a Bundle, or as pages to print.

use super::current_medications::{OWN_NAME, as_bundle, instant, record, respond};
use crate::cli::document::SOFTWARE;
use crate::error::GatewayError;
use crate::extract::fhir_answer::{fhir_answer, wants_page};
use crate::extract::fhir_type::Id;
use crate::extract::query::{Parameters, refused};
use crate::operations::everything::{LINKED, known_patient, wants_linked};
use crate::state::State;
use crate::store::version::StoredVersion;
use actix_web::{HttpRequest, HttpResponse, web};
use ginnel_documents::build::{Asked, BuildError, build};
use ginnel_documents::page;
use ginnel_documents::standard::Kind;
use ginnel_medicines::current::STALE_AFTER_HOURS;
use ginnel_medicines::record::{Document, Person, Record};
use jiff::Timestamp;

/// Longest text of a parameter that stands in the document.
const MOST_BYTES: usize = 4096;

/// What a request asks for.
struct Wanted {
    id: String,
    kind: Kind,
    at: Timestamp,
    base: String,
    reason: Option<String>,
    author: Option<String>,
}

/// `GET [base]/Patient/{id}/$document?kind=about-me|pcsp|urgent-transfer`; `at` is a FHIR date or time, `reason` why the
/// person is transferred, `author` who answers for the document, and `_format=html` asks for pages.
///
/// What is labelled as restricted is never shown here: nobody knows yet who asks.
pub async fn document(
    state: web::Data<State>,
    Id(id): Id,
    request: HttpRequest,
    parameters: Parameters,
) -> Result<HttpResponse, GatewayError> {
    let as_page = wants_page(&request)?;
    let answer = if as_page { None } else { Some(fhir_answer(&request)?) };
    if !answer.as_ref().is_some_and(|answer| answer.lenient) {
        parameters.only(&["kind", "at", "reason", "author", "_format", "_pretty", LINKED])?;
    }
    let wanted = Wanted {
        kind: kind(parameters.once("kind")?)?,
        at: instant(parameters.once("at")?)?,
        base: answer
            .as_ref()
            .map_or_else(|| "https://gateway.example.org/fhir/R4".to_owned(), |it| it.base_url.clone()),
        reason: text(parameters.once("reason")?)?,
        author: text(parameters.once("author")?)?,
        id,
    };
    let linked = wants_linked(&parameters)?;
    known_patient(&state, &wanted.id).await?;
    let (versions, is_whole) = record(&state, &wanted.id, linked).await?;
    let written = web::block(move || write(&versions, is_whole, &wanted, as_page))
        .await
        .map_err(|_| GatewayError::Fault("putting a document together ended early"))??;
    Ok(respond(answer, written))
}

fn kind(asked: Option<&str>) -> Result<Kind, GatewayError> {
    asked.and_then(Kind::named).ok_or_else(|| {
        refused("The parameter `kind` names no document.", "give kind=about-me, kind=pcsp or kind=urgent-transfer")
    })
}

fn text(given: Option<&str>) -> Result<Option<String>, GatewayError> {
    match given.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) if text.len() > MOST_BYTES => {
            Err(refused("A parameter is too long to stand in a document.", "say it in 4096 bytes"))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

fn write(versions: &[StoredVersion], is_whole: bool, wanted: &Wanted, as_page: bool) -> Result<String, GatewayError> {
    let bundle = as_bundle(versions, is_whole)?;
    let record = Record::read(&[Document { name: OWN_NAME.to_string(), value: &bundle }]);
    let person = Person::choose(&record, Some(&wanted.id)).map_err(|_| GatewayError::NotFound)?;
    let asked = Asked {
        kind: wanted.kind,
        patient: Some(&wanted.id),
        at: wanted.at,
        composed: Timestamp::now(),
        base: &wanted.base,
        software: SOFTWARE,
        author: wanted.author.as_deref(),
        reason: wanted.reason.as_deref(),
        include_restricted: false,
        stale_after_hours: STALE_AFTER_HOURS,
    };
    let built = build(&record, &person, asked).map_err(|error| match error {
        BuildError::PatientKeptBack => GatewayError::Restricted,
        BuildError::NoPatient => GatewayError::NotFound,
        BuildError::Stu3(_) => GatewayError::Fault("what is kept of the patient is not of R4"),
    })?;
    if as_page {
        return Ok(page::write(&built.document, Some(wanted.kind)).unwrap_or_default());
    }
    Ok(built.document.to_string())
}
