//! Search results (<https://hl7.org/fhir/R4/bundle.html#searchset>): matches of the type searched for, and outcomes.

use crate::issue::{IssueCode, IssueKey};
use crate::profile::findings::Findings;
use crate::profile::scope::{items, type_of};
use serde_json::{Map, Value};

/// Judges the entries of a searchset; the walk stands at the Bundle.
pub fn check<'a>(members: &'a Map<String, Value>, findings: &mut Findings<'a>) {
    let searched = searched_type(members);
    findings.path.push("entry");
    for (index, entry) in items(members.get("entry")).enumerate() {
        findings.path.set_index(Some(index));
        let Some(resource) = entry.get("resource") else {
            continue;
        };
        let name = type_of(resource).unwrap_or_default();
        let mode = entry.get("search").and_then(|search| search.get("mode")).and_then(Value::as_str);
        findings.path.push("resource");
        if resource.get("id").is_none() && name != "OperationOutcome" {
            let text = "A resource in search results must have its id.";
            findings.error(IssueCode::Required, IssueKey::TargetBundle, text);
        }
        match mode {
            Some("outcome") if name != "OperationOutcome" => {
                let text =
                    format!("The entry is said to be an outcome, but is of the type {name} and no OperationOutcome.");
                findings.error(IssueCode::Value, IssueKey::TargetBundle, text);
            }
            Some("match") if searched.is_some_and(|searched| searched != name) => {
                let text = format!("The entry is said to be a match, but the search was not for {name}.");
                let hint = "resources that come along are `include`, messages are `outcome`";
                findings.error_with_hint(IssueCode::Value, IssueKey::TargetBundle, text, hint);
            }
            _ => {}
        }
        findings.path.pop();
    }
    findings.path.pop();
}

/// The one type that the `self` link searched for.
fn searched_type(members: &Map<String, Value>) -> Option<&str> {
    let is_self = |link: &&Value| link.get("relation").and_then(Value::as_str) == Some("self");
    let url = items(members.get("link")).find(is_self)?.get("url")?.as_str()?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let name = path.trim_end_matches('/').rsplit('/').next()?;
    let is_type = name.bytes().next().is_some_and(|first| first.is_ascii_uppercase());
    let of_one = !query.split('&').any(|parameter| parameter.starts_with("_type="));
    (is_type && of_one).then_some(name)
}
