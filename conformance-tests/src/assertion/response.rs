//! Status, headers and members of one answer.

use crate::exchange::Exchange;
use crate::verdict::Checked;
use serde_json::Value;

/// The status is one of those allowed.
pub fn status(exchange: &Exchange, allowed: &[u16]) -> Checked {
    if allowed.contains(&exchange.status) {
        return Ok(());
    }
    let allowed: Vec<String> = allowed.iter().map(u16::to_string).collect();
    Err(exchange.fails(format!("has status {}, not {}", exchange.status, allowed.join(" or "))))
}

/// The media type, whatever its parameters.
pub fn media_type(exchange: &Exchange, awaited: &str) -> Checked {
    match exchange.media_type() {
        Some(found) if found == awaited => Ok(()),
        Some(found) => Err(exchange.fails(format!("has media type {found}, not {awaited}"))),
        None => Err(exchange.fails(format!("has no Content-Type; {awaited} was awaited"))),
    }
}

/// A member of the body has a value.
pub fn member(exchange: &Exchange, at: &str, is: &Value) -> Checked {
    match exchange.json()?.pointer(at) {
        Some(found) if found == is => Ok(()),
        Some(_) => Err(exchange.fails(format!("has another value than {is} at {at}"))),
        None => Err(exchange.fails(format!("has nothing at {at}; {is} was awaited"))),
    }
}

/// An array of the body holds an element that agrees with a part.
pub fn contains(exchange: &Exchange, at: &str, element: &Value) -> Checked {
    let body = exchange.json()?;
    let Some(list) = body.pointer(at).and_then(Value::as_array) else {
        return Err(exchange.fails(format!("has no list at {at}")));
    };
    if list.iter().any(|found| agrees(found, element)) {
        return Ok(());
    }
    Err(exchange.fails(format!("has no {element} in the list at {at}")))
}

/// Whether `found` has all that `part` has; arrays agree when each element of the part finds a partner.
fn agrees(found: &Value, part: &Value) -> bool {
    match (found, part) {
        (Value::Object(found), Value::Object(part)) => {
            part.iter().all(|(name, value)| found.get(name).is_some_and(|found| agrees(found, value)))
        }
        (Value::Array(found), Value::Array(part)) => {
            part.iter().all(|value| found.iter().any(|found| agrees(found, value)))
        }
        _ => found == part,
    }
}

/// A header has a value.
pub fn header(exchange: &Exchange, name: &str, is: &str) -> Checked {
    match exchange.header(name) {
        Some(found) if found == is => Ok(()),
        Some(_) => Err(exchange.fails(format!("has another {name} than {is}"))),
        None => Err(exchange.fails(format!("has no {name}"))),
    }
}

/// An OperationOutcome with at least one error, of the code awaited.
pub fn outcome(exchange: &Exchange, code: &str) -> Checked {
    let outcome = exchange.resource("OperationOutcome")?;
    let issues = outcome.get("issue").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |issue: &Value, name: &str| issue.get(name).and_then(Value::as_str).unwrap_or("none").to_owned();
    let errors: Vec<String> = issues
        .iter()
        .filter(|issue| matches!(text(issue, "severity").as_str(), "error" | "fatal"))
        .map(|issue| text(issue, "code"))
        .collect();
    if errors.iter().any(|found| found == code) {
        return Ok(());
    }
    let found = if errors.is_empty() { "no error".to_owned() } else { errors.join(", ") };
    Err(exchange.fails(format!("is an OperationOutcome with {found}, not {code}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(body: Value) -> Exchange {
        Exchange {
            shown: "GET x".into(),
            status: 200,
            headers: vec![("content-type".into(), "application/fhir+json; charset=utf-8".into())],
            body: body.to_string().into_bytes(),
        }
    }

    #[test]
    fn a_status_outside_those_allowed_fails_with_both() {
        assert!(status(&answer(json!({})), &[200, 404]).is_ok());
        let stop = status(&answer(json!({})), &[404, 410]).expect_err("200 is not allowed");
        assert_eq!(stop.reason, "The answer to GET x has status 200, not 404 or 410.");
    }

    #[test]
    fn a_media_type_is_compared_without_its_parameters() {
        assert!(media_type(&answer(json!({})), "application/fhir+json").is_ok());
        assert!(media_type(&answer(json!({})), "application/json").is_err());
        let silent = Exchange { headers: vec![], ..answer(json!({})) };
        assert!(media_type(&silent, "application/fhir+json").is_err());
    }

    #[test]
    fn members_and_lists_are_found_by_pointer() {
        let answer = answer(json!({"a": {"b": "c"}, "list": [{"x": 1, "y": [{"z": 2}, {"z": 3}]}]}));
        assert!(member(&answer, "/a/b", &json!("c")).is_ok());
        assert!(member(&answer, "/a/b", &json!("d")).is_err());
        assert!(member(&answer, "/a/c", &json!("c")).is_err());
        assert!(contains(&answer, "/list", &json!({"y": [{"z": 3}]})).is_ok());
        assert!(contains(&answer, "/list", &json!({"x": 1, "y": [{"z": 4}]})).is_err());
        assert!(contains(&answer, "/a", &json!({})).is_err());
    }

    #[test]
    fn an_outcome_needs_an_error_of_the_code() {
        let made = |severity: &str, code: &str| {
            answer(json!({"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}))
        };
        assert!(outcome(&made("error", "not-found"), "not-found").is_ok());
        assert!(outcome(&made("warning", "not-found"), "not-found").is_err());
        assert!(outcome(&made("error", "value"), "not-found").is_err());
        assert!(outcome(&answer(json!({"resourceType": "OperationOutcome"})), "not-found").is_err());
        assert!(outcome(&answer(json!({})), "not-found").is_err());
    }

    #[test]
    fn a_header_is_found_whatever_its_case() {
        assert!(header(&answer(json!({})), "Content-Type", "application/fhir+json; charset=utf-8").is_ok());
        assert!(header(&answer(json!({})), "Content-Type", "text/html").is_err());
        assert!(header(&answer(json!({})), "ETag", "x").is_err());
    }
}
