//! What a patient takes now, as a List, or as a page that a carer can read and print.

use crate::error::GatewayError;
use crate::extract::fhir_answer::{FhirAnswer, fhir_answer, wants_page};
use crate::extract::fhir_type::Id;
use crate::extract::query::{Parameters, refused};
use crate::operations::everything::{LINKED, known_patient, wants_linked};
use crate::pipeline::stored_json;
use crate::state::State;
use crate::store::query::{Criterion, SearchQuery, Token};
use crate::store::version::StoredVersion;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse, web};
use ginnel_medicines::allergy;
use ginnel_medicines::current::{self, Asked, Current, Heading};
use ginnel_medicines::record::{Document, Person, Record, moment, read};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A patient's record is read no further; what lies behind is told as a gap.
const MOST_RESOURCES: usize = 50_000;
/// Read at once.
const PAGE: usize = 500;
/// Types that medicines and allergies are told by; who sent them is looked up.
pub const TOLD_BY: [&str; 4] = ["MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Flag"];
/// So many are looked up at once.
const TARGETS: usize = 100;
/// What people call what is kept here.
pub(super) const OWN_NAME: &str = "this gateway";

/// `GET [base]/Patient/{id}/$current-medications`; `at` is a FHIR date or time, `_format=html` asks for the page.
pub async fn current_medications(
    state: web::Data<State>,
    Id(id): Id,
    request: HttpRequest,
    parameters: Parameters,
) -> Result<HttpResponse, GatewayError> {
    let as_page = wants_page(&request)?;
    let answer = if as_page { None } else { Some(fhir_answer(&request)?) };
    if !answer.as_ref().is_some_and(|answer| answer.lenient) {
        parameters.only(&["at", "_format", "_pretty", LINKED])?;
    }
    let at = instant(parameters.once("at")?)?;
    let linked = wants_linked(&parameters)?;
    known_patient(&state, &id).await?;
    let (versions, is_whole) = record(&state, &id, linked).await?;
    let written = web::block(move || write(&versions, is_whole, &id, at, as_page))
        .await
        .map_err(|_| GatewayError::Fault("writing what a patient takes ended early"))??;
    Ok(respond(answer, written))
}

/// The instant that a parameter asks for; without it, now.
pub(super) fn instant(asked: Option<&str>) -> Result<Timestamp, GatewayError> {
    let Some(asked) = asked else { return Ok(Timestamp::now()) };
    moment(&asked.replace(' ', "+")).map(|moment| moment.last).ok_or_else(|| {
        refused("The parameter `at` is no FHIR date or time.", "give one such as 2026-10-20 or 2026-10-20T08:00:00Z")
    })
}

/// The newest versions of all that is the patient's, and whether that is all.
pub(super) async fn record(state: &State, id: &str, linked: bool) -> Result<(Vec<StoredVersion>, bool), GatewayError> {
    let mut versions = Vec::new();
    let mut mark = None;
    loop {
        let page = state.store.everything(id, linked, PAGE, mark).await?;
        versions.extend(page.versions);
        mark = page.next;
        if mark.is_none() || versions.len() >= MOST_RESOURCES {
            let senders = senders(state, &versions).await?;
            versions.extend(senders);
            return Ok((versions, mark.is_none()));
        }
    }
}

/// The Provenances that tell which vendor sent what medicines and allergies are told by.
async fn senders(state: &State, versions: &[StoredVersion]) -> Result<Vec<StoredVersion>, GatewayError> {
    let told_by = versions.iter().filter(|version| TOLD_BY.contains(&version.resource_type.as_str()));
    let targets: Vec<Token> = told_by
        .map(|version| Token { system: Some(version.resource_type.clone()), code: Some(version.id.clone()) })
        .collect();
    let mut found = Vec::new();
    for some in targets.chunks(TARGETS) {
        let mut query = SearchQuery {
            resource_type: "Provenance".to_string(),
            criteria: vec![Criterion::Token { parameter: "target".to_string(), any_of: some.to_vec() }],
            count: PAGE,
            page: None,
        };
        loop {
            let page = state.store.search(query.clone()).await?;
            found.extend(page.versions);
            match page.next {
                Some(mark) if found.len() < MOST_RESOURCES => query.page = Some(mark),
                _ => break,
            }
        }
    }
    Ok(found)
}

/// What was found as one Bundle; that there is more is a link to another page.
pub(super) fn as_bundle(versions: &[StoredVersion], is_whole: bool) -> Result<Value, GatewayError> {
    let mut entries = Vec::with_capacity(versions.len());
    for version in versions.iter().filter(|version| !version.deleted) {
        entries.push(json!({"resource": stored_json(version.content.as_bytes())?}));
    }
    let links = if is_whole { json!([]) } else { json!([{"relation": "next"}]) };
    Ok(json!({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}))
}

fn write(
    versions: &[StoredVersion],
    is_whole: bool,
    id: &str,
    at: Timestamp,
    as_page: bool,
) -> Result<String, GatewayError> {
    let bundle = as_bundle(versions, is_whole)?;
    let record = Record::read(&[Document { name: OWN_NAME.to_string(), value: &bundle }]);
    let person = Person::choose(&record, Some(id)).map_err(|_| GatewayError::NotFound)?;
    let asked = Asked::at(at);
    let current: Current = current::list(&record, &person, asked);
    if !as_page {
        return Ok(current.to_list_resource().to_string());
    }
    let mut heading = heading(&record, &person, id);
    heading.allergies = allergy::list(&record, &person, asked).lines();
    Ok(current.to_html(&heading))
}

fn heading(record: &Record<'_>, person: &Person, id: &str) -> Heading {
    let mut patients = person.patients.iter().filter_map(|index| record.at(*index));
    let asked = patients.clone().find(|patient| patient.id == Some(id));
    let patient = asked.or_else(|| patients.next()).map(|patient| patient.value);
    Heading {
        name: patient.map(name).unwrap_or_default(),
        born: patient.and_then(|patient| read::text(patient, "birthDate")).map(str::to_string),
        nhs_number: person.nhs_number.clone(),
        allergies: Vec::new(),
    }
}

/// The name a patient goes by: the official one, else the first that is not old.
fn name(patient: &Value) -> String {
    let used = |wanted: &str| read::items(patient, "name").find(|name| read::text(name, "use") == Some(wanted));
    let first = || read::items(patient, "name").find(|name| read::text(name, "use") != Some("old"));
    let Some(name) = used("official").or_else(|| used("usual")).or_else(first) else { return String::new() };
    if let Some(text) = read::text(name, "text") {
        return text.to_string();
    }
    let given = name.get("given").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    given.chain(read::text(name, "family")).collect::<Vec<_>>().join(" ")
}

/// An answer of JSON, or a page that has no script and loads nothing.
pub(super) fn respond(answer: Option<FhirAnswer>, written: String) -> HttpResponse {
    match answer {
        Some(answer) => answer.json(StatusCode::OK, written),
        // The page has no script and loads nothing.
        None => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CACHE_CONTROL, "private, no-store"))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
            .body(written),
    }
}
