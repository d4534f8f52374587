//! `$validate`: judges a resource and keeps nothing (<https://hl7.org/fhir/R4/resource-operation-validate.html>).

use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::extract::fhir_body::FhirBody;
use crate::extract::query::Parameters;
use crate::state::State;
use crate::validation::Validation;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use ginnel_schemas::definition::Definitions;
use ginnel_schemas::input::Input;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json::Limits;
use ginnel_schemas::outcome::operation_outcome;
use serde_json::Value;
use std::sync::Arc;

/// `POST [base]/$validate`
pub async fn validate_system(
    state: web::Data<State>,
    answer: FhirAnswer,
    parameters: Parameters,
    body: FhirBody,
) -> Result<HttpResponse, GatewayError> {
    validate(&state, &answer, &parameters, body, None).await
}

/// `POST [base]/{type}/$validate`
pub async fn validate_type(
    state: web::Data<State>,
    path: web::Path<String>,
    answer: FhirAnswer,
    parameters: Parameters,
    body: FhirBody,
) -> Result<HttpResponse, GatewayError> {
    let wanted = path.into_inner();
    // Any type of R4 can be judged, whether or not it is kept here.
    if Definitions::r4().resource_type(&wanted).is_none() {
        return Err(GatewayError::UnknownType);
    }
    validate(&state, &answer, &parameters, body, Some(wanted)).await
}

/// 200 whatever is found; an error only where nothing could be judged.
async fn validate(
    state: &web::Data<State>,
    answer: &FhirAnswer,
    parameters: &Parameters,
    body: FhirBody,
    wanted: Option<String>,
) -> Result<HttpResponse, GatewayError> {
    if !answer.lenient {
        parameters.only(&["profile", "mode", "_format", "_pretty"])?;
    }
    let asked = Asked {
        profiles: parameters.all("profile").map(str::to_owned).collect(),
        mode: parameters.once("mode")?.map(str::to_owned),
    };
    let validation = Arc::clone(&state.validation);
    let limits = Limits { bytes: state.config.limits.body_bytes, depth: state.config.limits.depth };
    let outcome = web::block(move || judge(&validation, &body, asked, wanted.as_deref(), &limits))
        .await
        .map_err(|_| GatewayError::Fault("judging ended early"))??;
    Ok(answer.json(StatusCode::OK, outcome))
}

/// What the caller asks for beside the resource.
struct Asked {
    profiles: Vec<String>,
    mode: Option<String>,
}

fn judge(
    validation: &Validation,
    body: &FhirBody,
    mut asked: Asked,
    wanted: Option<&str>,
    limits: &Limits,
) -> Result<String, GatewayError> {
    let input = Input::read_as(body.format, &body.bytes, limits).map_err(GatewayError::BadRequest)?;
    let (resource, pointer) = within(input.value(), &mut asked);
    if let Some(wanted) = wanted
        && resource["resourceType"].as_str().is_some_and(|own| own != wanted)
    {
        let issue = refused(format!("The resource is of another type than `{wanted}`, which the URL names."));
        let hint = "send it to the URL of its own type, or to [base]/$validate";
        return Err(GatewayError::BadRequest(vec![issue.with_hint(hint)]));
    }
    check_mode(asked.mode.as_deref())?;
    let profiles: Vec<&str> = asked.profiles.iter().map(String::as_str).collect();
    let unknown: Vec<Issue> = profiles.iter().filter_map(|url| validation.unknown_profile(url)).collect();
    if !unknown.is_empty() {
        return Err(GatewayError::BadRequest(unknown));
    }
    let mut issues = validation.judge(resource, &profiles, false);
    for issue in &mut issues {
        issue.resource_pointer = issue.resource_pointer.take().map(|own| format!("{pointer}{own}"));
    }
    issues.extend(input.issues().iter().cloned());
    input.place(&mut issues);
    Ok(operation_outcome(&issues, None).to_string())
}

/// The resource to judge and where it lies: the body itself, or what its `resource` parameter holds.
fn within<'b>(body: &'b Value, asked: &mut Asked) -> (&'b Value, String) {
    let parameters = body["parameter"].as_array().filter(|_| body["resourceType"] == "Parameters");
    let list = parameters.map(Vec::as_slice).unwrap_or_default();
    let Some(at) = list.iter().position(|one| one["name"] == "resource" && one["resource"].is_object()) else {
        return (body, String::new());
    };
    for one in list {
        let text = |names: &[&str]| names.iter().find_map(|name| one[*name].as_str()).map(str::to_owned);
        match one["name"].as_str() {
            Some("profile") => asked.profiles.extend(text(&["valueUri", "valueCanonical", "valueUrl", "valueString"])),
            Some("mode") => asked.mode = asked.mode.take().or_else(|| text(&["valueCode", "valueString"])),
            _ => {}
        }
    }
    (&list[at]["resource"], format!("/parameter/{at}/resource"))
}

/// Judging by content is the same for all modes but deletion, which is about what refers to the resource.
fn check_mode(mode: Option<&str>) -> Result<(), GatewayError> {
    match mode {
        None | Some("create" | "update" | "profile") => Ok(()),
        Some(_) => Err(GatewayError::BadRequest(vec![
            refused("This mode of validation is not offered here.").with_hint("offered: create, update, profile"),
        ])),
    }
}

fn refused(text: impl Into<String>) -> Issue {
    Issue::error(IssueCode::NotSupported, IssueKey::HttpRequest, text)
}
