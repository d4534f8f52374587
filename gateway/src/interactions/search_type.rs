//! A search in one resource type (<https://hl7.org/fhir/R4/http.html#search>).

use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::extract::fhir_type::FhirType;
use crate::extract::query::Parameters;
use crate::extract::search::{self, PAGE, SearchRequest};
use crate::extract::vendor_body::FormBody;
use crate::pipeline::stored_json;
use crate::state::State;
use crate::store::StoreError;
use crate::store::query::{PageMark, SearchPage};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use ginnel_own_resources::bundle::{Envelope, Link, SearchEntry, SearchMode, search_set};

/// `GET [base]/[type]?...`
pub async fn search_type(
    state: web::Data<State>,
    FhirType(resource_type): FhirType,
    answer: FhirAnswer,
    parameters: Parameters,
) -> Result<HttpResponse, GatewayError> {
    search(&state, &resource_type, &answer, &parameters).await
}

/// `POST [base]/[type]/_search`: what stands in the URL counts as well.
pub async fn search_form(
    state: web::Data<State>,
    FhirType(resource_type): FhirType,
    answer: FhirAnswer,
    Parameters(mut parameters): Parameters,
    FormBody(form): FormBody,
) -> Result<HttpResponse, GatewayError> {
    parameters.extend(Parameters::read(&form)?.0);
    search(&state, &resource_type, &answer, &Parameters(parameters)).await
}

async fn search(
    state: &State,
    resource_type: &str,
    answer: &FhirAnswer,
    parameters: &Parameters,
) -> Result<HttpResponse, GatewayError> {
    let SearchRequest { query, used } = search::read(resource_type, parameters, answer.lenient, &state.config.limits)?;
    let mark = query.page;
    let page = state.store.search(query).await?;
    let place = format!("{}/{resource_type}", answer.base_url);
    let body = web::block({
        let base = answer.base_url.clone();
        move || page_body(page, &base, &place, &used, mark)
    })
    .await
    .map_err(|_| GatewayError::Fault("writing a page ended early"))??;
    Ok(answer.json(StatusCode::OK, body))
}

/// A page of a search as a Bundle.
pub fn page_body(
    page: SearchPage,
    base: &str,
    place: &str,
    used: &[(String, String)],
    mark: Option<PageMark>,
) -> Result<String, StoreError> {
    let own = link(place, used, mark.map(PageMark::to_text));
    let next = page.next.map(|next| link(place, used, Some(next.to_text())));
    let mut links = vec![Link { relation: "self", url: &own }];
    links.extend(next.as_deref().map(|url| Link { relation: "next", url }));
    let envelope = Envelope { total: usize::try_from(page.total).ok(), links, ..Envelope::default() };
    let entries = page
        .versions
        .iter()
        .map(|version| {
            Ok(SearchEntry {
                full_url: format!("{base}/{}/{}", version.resource_type, version.id),
                mode: SearchMode::Match,
                resource: stored_json(version.content.as_bytes())?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(search_set(&envelope, entries).to_string())
}

/// A URL with the parameters that were used and, where there is one, the mark of a page.
pub fn link(place: &str, used: &[(String, String)], mark: Option<String>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(used);
    if let Some(mark) = mark {
        query.append_pair(PAGE, &mark);
    }
    let query = query.finish();
    if query.is_empty() { place.to_owned() } else { format!("{place}?{query}") }
}
