//! How a FHIR answer is to be written: JSON, or not at all; strictly, or leniently.

use super::query::Parameters;
use crate::error::{FHIR_JSON, GatewayError};
use crate::state::State;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, HOST};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use std::future::{Ready, ready};

/// What stands for JSON in `Accept` and `_format`.
const JSON_NAMES: [&str; 5] =
    ["application/fhir+json", "application/json", "json", "application/json+fhir", "text/json"];

/// How a FHIR answer is to be written; extracting it fails when the caller accepts no JSON.
pub struct FhirAnswer {
    /// The base URL of the server, without a slash at its end.
    pub base_url: String,
    /// Whether parameters that are not known are passed over.
    pub lenient: bool,
}

impl FhirAnswer {
    /// An answer of JSON text. It is about people: no cache but the caller's own keeps it, and only to ask again.
    pub fn json(&self, status: StatusCode, body: String) -> HttpResponse {
        self.builder(status).body(body)
    }

    /// An answer to be completed.
    pub fn builder(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut answer = HttpResponse::build(status);
        answer.content_type(FHIR_JSON).insert_header((CACHE_CONTROL, "private, no-cache"));
        answer
    }
}

impl FromRequest for FhirAnswer {
    type Error = GatewayError;
    type Future = Ready<Result<FhirAnswer, GatewayError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

/// Whether a page for people is asked for: `_format=html`, or an `Accept` that names HTML before any JSON.
pub fn wants_page(request: &HttpRequest) -> Result<bool, GatewayError> {
    let parameters = Parameters::read(request.query_string())?;
    if let Some(format) = parameters.once("_format")? {
        return Ok(matches!(essence(format).as_str(), "html" | "text/html"));
    }
    let mut named = ranges(request).map(|(name, _)| name);
    let first = named.find(|name| name == "text/html" || JSON_NAMES.contains(&name.as_str()));
    Ok(first.as_deref() == Some("text/html"))
}

/// The answer as FHIR where a page may be asked for as well.
pub fn fhir_answer(request: &HttpRequest) -> Result<FhirAnswer, GatewayError> {
    read(request)
}

/// Whether a file itself is asked for, where it may be had as JSON too: nothing names JSON.
pub fn wants_file(request: &HttpRequest) -> Result<bool, GatewayError> {
    let format = Parameters::read(request.query_string())?.once("_format")?.is_some();
    Ok(!format && !ranges(request).any(|(name, _)| JSON_NAMES.contains(&name.as_str())))
}

/// Whether the caller takes a kind of file.
pub fn accepts(request: &HttpRequest, kind: &str) -> bool {
    let kind = essence(kind);
    let family = kind.split('/').next().unwrap_or_default();
    let fits = |name: &str| name == "*/*" || name == kind || name.strip_suffix("/*") == Some(family);
    ranges(request).next().is_none() || ranges(request).any(|(name, weightless)| !weightless && fits(&name))
}

/// What `Accept` names, and whether with a weight of 0.
fn ranges(request: &HttpRequest) -> impl Iterator<Item = (String, bool)> + '_ {
    let given = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).map(|range| (essence(range), is_weightless(range)))
}

fn read(request: &HttpRequest) -> Result<FhirAnswer, GatewayError> {
    let format = Parameters::read(request.query_string())?;
    let accepted = match format.once("_format")? {
        // In a query a plus sign stands for a space.
        Some(format) => JSON_NAMES.contains(&essence(&format.replace(' ', "+")).as_str()),
        None => {
            let mut given = request.headers().get_all(ACCEPT).peekable();
            given.peek().is_none() || given.any(|value| value.to_str().is_ok_and(accepts_json))
        }
    };
    if !accepted {
        return Err(GatewayError::NotAcceptable);
    }
    let lenient = request
        .headers()
        .get_all("prefer")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .any(|preference| preference.trim().eq_ignore_ascii_case("handling=lenient"));
    Ok(FhirAnswer { base_url: base_url(request), lenient })
}

/// Whether an `Accept` header takes JSON; a weight of 0 means that it does not.
fn accepts_json(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let name = essence(range);
        let fits = matches!(name.as_str(), "*/*" | "application/*") || JSON_NAMES.contains(&name.as_str());
        fits && !is_weightless(range)
    })
}

fn is_weightless(range: &str) -> bool {
    range.split(';').skip(1).any(|parameter| {
        let weight = parameter.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        weight.is_some_and(|weight| weight <= 0.0)
    })
}

fn essence(range: &str) -> String {
    range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The URL the caller reaches us at: as configured, or as it says itself.
fn base_url(request: &HttpRequest) -> String {
    let configured = request.app_data::<web::Data<State>>().and_then(|state| state.config.public_url.clone());
    let origin = configured.unwrap_or_else(|| {
        let host = request
            .headers()
            .get(HOST)
            .and_then(|value| value.to_str().ok())
            .or_else(|| request.uri().authority().map(|authority| authority.as_str()));
        let sane = |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        format!("http://{}", host.filter(sane).unwrap_or("localhost"))
    });
    format!("{}{}", origin.trim_end_matches('/'), crate::route_table::FHIR_BASE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_accepted_under_its_names_and_wildcards() {
        for accept in [
            "*/*",
            "application/fhir+json",
            "text/html, application/json;q=0.1",
            "application/fhir+json; fhirVersion=4.0",
        ] {
            assert!(accepts_json(accept), "{accept}");
        }
        for accept in ["", "application/fhir+xml", "text/turtle, text/html", "application/json;q=0"] {
            assert!(!accepts_json(accept), "{accept}");
        }
    }
}
