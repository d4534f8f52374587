//! All versions of a resource, newest first (<https://hl7.org/fhir/R4/http.html#history>).

use super::read::etag;
use super::search_type::link;
use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::extract::fhir_type::{FhirType, Id};
use crate::extract::query::{Parameters, refused};
use crate::extract::search::{PAGE, read_page};
use crate::pipeline::stored_json;
use crate::state::State;
use crate::store::StoreError;
use crate::store::query::HistoryQuery;
use crate::store::version::StoredVersion;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use ginnel_own_resources::bundle::{EntryResponse, Envelope, HistoryEntry, Link, Method, history};

/// `GET [base]/[type]/[id]/_history`
pub async fn history_instance(
    state: web::Data<State>,
    FhirType(resource_type): FhirType,
    Id(id): Id,
    answer: FhirAnswer,
    parameters: Parameters,
) -> Result<HttpResponse, GatewayError> {
    if !answer.lenient {
        parameters.only(&["_count", "_format", "_pretty", PAGE])?;
    }
    let before = match parameters.once(PAGE)? {
        None => None,
        Some(text) => {
            let wrong =
                || refused("The mark of the page is not one that was given out.", "follow the `next` link as it is");
            Some(text.parse::<u64>().map_err(|_| wrong())?)
        }
    };
    let without_mark = Parameters(parameters.0.into_iter().filter(|(name, _)| name != PAGE).collect());
    let page = read_page(&without_mark, &state.config.limits)?;
    let query = HistoryQuery { resource_type: resource_type.clone(), id: id.clone(), count: page.count, before };
    let found = state.store.history(query).await?;
    if found.total == 0 {
        return Err(GatewayError::NotFound);
    }
    if found.versions.iter().any(|version| version.withheld) {
        return Err(GatewayError::Withheld);
    }
    let place = format!("{}/{resource_type}/{id}/_history", answer.base_url);
    let own = link(&place, &page.used, before.map(|before| before.to_string()));
    let next = found.next.map(|next| link(&place, &page.used, Some(next.to_string())));
    let mut links = vec![Link { relation: "self", url: &own }];
    links.extend(next.as_deref().map(|url| Link { relation: "next", url }));
    let entries =
        found.versions.iter().map(|version| entry(version, &answer.base_url)).collect::<Result<Vec<_>, _>>()?;
    let envelope = Envelope { total: usize::try_from(found.total).ok(), links, ..Envelope::default() };
    Ok(answer.json(StatusCode::OK, history(&envelope, entries).to_string()))
}

fn entry(version: &StoredVersion, base: &str) -> Result<HistoryEntry, StoreError> {
    let place = format!("{}/{}", version.resource_type, version.id);
    // Ids come from the vendors' keys, so a first version is put at its place as every later one is.
    let (method, status) = match (version.deleted, version.version) {
        (true, _) => (Method::Delete, "204"),
        (false, 1) => (Method::Put, "201"),
        (false, _) => (Method::Put, "200"),
    };
    Ok(HistoryEntry {
        full_url: format!("{base}/{place}"),
        resource: if version.deleted { None } else { Some(stored_json(version.content.as_bytes())?) },
        method,
        request_url: place,
        response: EntryResponse {
            status: status.to_owned(),
            etag: Some(etag(version.version)),
            last_modified: Some(version.last_updated.clone()),
            ..EntryResponse::default()
        },
    })
}
