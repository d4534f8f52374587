//! Which Patients are one person: what somebody decides, and what is for somebody to look at.

use crate::error::GatewayError;
use crate::extract::fhir_answer::FhirAnswer;
use crate::extract::fhir_body::FhirBody;
use crate::extract::query::{Parameters, refused};
use crate::extract::request_ids::RequestIds;
use crate::people::decision::{Choice, Decision, DecisionAnswer};
use crate::state::State;
use crate::store::StoredDoubt;
use crate::store::index::split_reference;
use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use ginnel_schemas::input::Format;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::json::{Limits, parse};
use serde_json::{Value, json};

/// Most characters of a reason or a name.
const MOST_TEXT: usize = 1000;
/// Pairs on a page unless the caller asks for fewer.
const PAGE: usize = 100;

/// `POST [base]/Patient/$person-decision`; the body is a Parameters of `patient` (twice), `decision`, `reason` and `by`.
pub async fn person_decision(
    state: web::Data<State>,
    request: HttpRequest,
    answer: FhirAnswer,
    parameters: Parameters,
    body: FhirBody,
) -> Result<HttpResponse, GatewayError> {
    if !answer.lenient {
        parameters.only(&["_format", "_pretty"])?;
    }
    let limits = Limits { bytes: state.config.limits.body_bytes, depth: state.config.limits.depth };
    if body.format != Format::Json {
        return Err(GatewayError::ContentType { taken: "application/fhir+json" });
    }
    let sent = parse(&body.bytes, limits).map_err(|issue| GatewayError::BadRequest(vec![issue]))?;
    let mut decision = read(&sent).map_err(GatewayError::BadRequest)?;
    decision.request_id = request.extensions().get::<RequestIds>().map(|ids| ids.request.clone());
    let persons = match state.store.decide(decision).await? {
        DecisionAnswer::Stands(persons) => persons,
        DecisionAnswer::UnknownPatient(_) => return Err(GatewayError::NotFound),
        DecisionAnswer::DifferentNumbers => {
            let text = "These Patients have different NHS numbers that were both traced: they are two people.";
            return Err(GatewayError::Conflict(Box::new(
                Issue::error(IssueCode::BusinessRule, IssueKey::PersonDecision, text)
                    .with_hint("have the sender mend the number that is wrong, then decide again"),
            )));
        }
    };
    let persons =
        persons.iter().map(|id| json!({"name": "person", "valueReference": {"reference": format!("Person/{id}")}}));
    let told = json!({"resourceType": "Parameters", "parameter": persons.collect::<Vec<_>>()});
    Ok(answer.json(StatusCode::OK, without_empty(told).to_string()))
}

/// `GET [base]/Patient/$possible-matches`; `_count` and `after` page through them.
pub async fn possible_matches(
    state: web::Data<State>,
    answer: FhirAnswer,
    parameters: Parameters,
) -> Result<HttpResponse, GatewayError> {
    if !answer.lenient {
        parameters.only(&["_count", "after", "_format", "_pretty"])?;
    }
    let count = match parameters.once("_count")? {
        None => PAGE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|count| (1..=PAGE).contains(count))
            .ok_or_else(|| refused("The parameter `_count` is no number from 1 to 100.", "leave it out for 100"))?,
    };
    let after = match parameters.once("after")? {
        None => None,
        Some(text) => Some(
            text.split_once(' ')
                .or_else(|| text.split_once('+'))
                .map(|(one, other)| (one.to_owned(), other.to_owned()))
                .ok_or_else(|| refused("The parameter `after` is not one of ours.", "take it from the page before"))?,
        ),
    };
    // One more than asked tells whether there is a next page.
    let mut found = state.store.doubts(count + 1, after).await?;
    let more = found.len() > count;
    found.truncate(count);
    let mut told: Vec<Value> = found.iter().map(match_of).collect();
    if let Some(last) = found.last().filter(|_| more) {
        let [one, other] = &last.patients;
        told.push(json!({"name": "next", "valueString": format!("{one} {other}")}));
    }
    let told = json!({"resourceType": "Parameters", "parameter": told});
    Ok(answer.json(StatusCode::OK, without_empty(told).to_string()))
}

fn match_of(doubt: &StoredDoubt) -> Value {
    let patients = doubt
        .patients
        .iter()
        .map(|id| json!({"name": "patient", "valueReference": {"reference": format!("Patient/{id}")}}));
    let mut parts: Vec<Value> = patients.collect();
    parts.push(json!({"name": "doubt", "valueCode": doubt.doubt.code()}));
    parts.push(json!({"name": "text", "valueString": doubt.doubt.text()}));
    parts.push(json!({"name": "since", "valueInstant": doubt.since}));
    json!({"name": "match", "part": parts})
}

/// FHIR knows no empty list.
fn without_empty(mut parameters: Value) -> Value {
    if let Value::Object(members) = &mut parameters
        && members.get("parameter").and_then(Value::as_array).is_some_and(Vec::is_empty)
    {
        members.shift_remove("parameter");
    }
    parameters
}

/// Every fault of the body at once.
fn read(sent: &Value) -> Result<Decision, Vec<Issue>> {
    let mut faults = Vec::new();
    if sent["resourceType"] != "Parameters" {
        faults.push(fault("The body is not a Parameters resource.", "send patient (twice), decision, reason and by"));
    }
    let all =
        |name: &'static str| sent["parameter"].as_array().into_iter().flatten().filter(move |one| one["name"] == name);
    let patients: Vec<String> = all("patient")
        .filter_map(|one| split_reference(one["valueReference"]["reference"].as_str()?))
        .filter(|(kind, _)| *kind == "Patient")
        .map(|(_, id)| id.to_owned())
        .collect();
    let patients: Option<[String; 2]> = patients.try_into().ok();
    let patients = patients.filter(|[one, other]| one != other);
    if patients.is_none() {
        faults.push(fault(
            "There are not two different Patients to decide of.",
            "give `patient` twice, as valueReference Patient/[id]",
        ));
    }
    let choice = all("decision").find_map(|one| Choice::from_code(one["valueCode"].as_str()?));
    if choice.is_none() {
        faults.push(fault("There is no decision.", "give `decision` as valueCode: same, apart or by-rule"));
    }
    let mut text = |name: &'static str, what: &str, hint: &str| {
        let given = all(name).find_map(|one| one["valueString"].as_str());
        let given = given.map(str::trim).filter(|text| !text.is_empty() && text.chars().count() <= MOST_TEXT);
        if given.is_none() {
            faults.push(fault(what, hint));
        }
        given.map(str::to_owned)
    };
    let reason =
        text("reason", "There is no reason.", "say why in `reason`, as valueString of at most 1000 characters");
    let by = text("by", "It is not said who decides.", "give `by`, as valueString: a name or a role");
    match (patients, choice, reason, by) {
        (Some(patients), Some(choice), Some(reason), Some(by)) if faults.is_empty() => {
            Ok(Decision { patients, choice, reason, by, request_id: None })
        }
        _ => Err(faults),
    }
}

fn fault(text: &str, hint: &str) -> Issue {
    Issue::error(IssueCode::Required, IssueKey::PersonDecision, text).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Value {
        json!({"resourceType": "Parameters", "parameter": [
            {"name": "patient", "valueReference": {"reference": "Patient/a"}},
            {"name": "patient", "valueReference": {"reference": "Patient/b"}},
            {"name": "decision", "valueCode": "apart"},
            {"name": "reason", "valueString": "Twins"},
            {"name": "by", "valueString": "Records officer"}]})
    }

    #[test]
    fn a_decision_names_two_patients_a_choice_a_reason_and_who_decides() {
        let decision = read(&body()).expect("reads");
        assert_eq!(decision.patients, ["a".to_owned(), "b".to_owned()]);
        assert_eq!(decision.choice, Choice::Apart);
        for at in 0..5 {
            let mut sent = body();
            sent["parameter"].as_array_mut().expect("a list").remove(at);
            assert_eq!(read(&sent).expect_err("is refused").len(), 1, "{at}");
        }
        let mut sent = body();
        sent["parameter"][1]["valueReference"]["reference"] = "Patient/a".into();
        assert_eq!(read(&sent).expect_err("is refused").len(), 1);
        assert_eq!(read(&json!({})).expect_err("is refused").len(), 5);
    }
}
