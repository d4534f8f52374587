//! Bundle envelopes; the resources inside are the callers' own JSON and never pass through fhir-model.
//!
//! <https://hl7.org/fhir/R4/bundle.html>

use fhir_model::r4b::codes::{BundleType, HTTPVerb, SearchEntryMode};
use fhir_model::r4b::resources::{
    Bundle, BundleEntry, BundleEntryBuilder, BundleEntryRequest, BundleEntryResponse, BundleEntrySearch, BundleLink,
};
use serde_json::{Map, Value};

mod given;

pub use given::{
    CollectionEntry, EntryResponse, Envelope, HistoryEntry, Link, Method, ResponseEntry, ResponseKind, SearchEntry,
    SearchMode,
};

use crate::verbatim;

/// A search result; with no entries it still is one.
pub fn search_set(envelope: &Envelope<'_>, entries: Vec<SearchEntry>) -> Value {
    let parts = entries
        .into_iter()
        .map(|entry| {
            let search = BundleEntrySearch::builder()
                .mode(match entry.mode {
                    SearchMode::Match => SearchEntryMode::Match,
                    SearchMode::Include => SearchEntryMode::Include,
                    SearchMode::Outcome => SearchEntryMode::Outcome,
                })
                .build()
                .expect("search has no required element");
            Part {
                built: BundleEntry::builder().full_url(entry.full_url).search(search),
                resource: Some(entry.resource),
                response: None,
            }
        })
        .collect();
    seal(BundleType::Searchset, envelope, parts)
}

/// Resources handed over together, with no meaning beyond that.
pub fn collection(envelope: &Envelope<'_>, entries: Vec<CollectionEntry>) -> Value {
    let parts = entries
        .into_iter()
        .map(|entry| Part {
            built: with_full_url(BundleEntry::builder(), entry.full_url),
            resource: Some(entry.resource),
            response: None,
        })
        .collect();
    seal(BundleType::Collection, envelope, parts)
}

/// Versions, newest first as the caller gives them.
pub fn history(envelope: &Envelope<'_>, entries: Vec<HistoryEntry>) -> Value {
    let parts = entries
        .into_iter()
        .map(|entry| {
            let request = BundleEntryRequest::builder()
                .method(match entry.method {
                    Method::Post => HTTPVerb::Post,
                    Method::Put => HTTPVerb::Put,
                    Method::Delete => HTTPVerb::Delete,
                })
                .url(entry.request_url)
                .build()
                .expect("a request has its method and url");
            let built = BundleEntry::builder().full_url(entry.full_url).request(request);
            Part::answered(built, entry.resource, entry.response)
        })
        .collect();
    seal(BundleType::History, envelope, parts)
}

/// The answers to a batch or a transaction, in the order of its entries.
pub fn batch_response(kind: ResponseKind, envelope: &Envelope<'_>, entries: Vec<ResponseEntry>) -> Value {
    let parts = entries
        .into_iter()
        .map(|entry| {
            let built = with_full_url(BundleEntry::builder(), entry.full_url);
            Part::answered(built, entry.resource, entry.response)
        })
        .collect();
    let r#type = match kind {
        ResponseKind::Batch => BundleType::BatchResponse,
        ResponseKind::Transaction => BundleType::TransactionResponse,
    };
    seal(r#type, envelope, parts)
}

/// An entry in two halves: what fhir-model writes, and what it must never see.
struct Part {
    built: BundleEntryBuilder,
    resource: Option<Value>,
    response: Option<ResponseText>,
}

/// The parts of a response that go in verbatim.
struct ResponseText {
    last_modified: Option<String>,
    outcome: Option<Value>,
}

impl Part {
    fn answered(entry: BundleEntryBuilder, resource: Option<Value>, response: EntryResponse) -> Part {
        let mut built = BundleEntryResponse::builder().status(response.status);
        if let Some(location) = response.location {
            built = built.location(location);
        }
        if let Some(etag) = response.etag {
            built = built.etag(etag);
        }
        if response.last_modified.is_some() {
            built = built.last_modified(verbatim::stand_in());
        }
        let built = built.build().expect("a response has its status");
        Part {
            built: entry.response(built),
            resource,
            response: Some(ResponseText { last_modified: response.last_modified, outcome: response.outcome }),
        }
    }

    fn fill_in(resource: Option<Value>, response: Option<ResponseText>, entry: &mut Map<String, Value>) {
        if let Some(resource) = resource {
            // Behind the links and fullUrl, where the specification's own order has it.
            let place = usize::from(entry.contains_key("fullUrl"));
            entry.shift_insert(place, "resource".to_owned(), resource);
        }
        let written = entry.get_mut("response").and_then(Value::as_object_mut);
        if let (Some(written), Some(text)) = (written, response) {
            if let Some(last_modified) = text.last_modified {
                verbatim::replace(written, "lastModified", &last_modified);
            }
            if let Some(outcome) = text.outcome {
                written.insert("outcome".to_owned(), outcome);
            }
        }
    }
}

fn with_full_url(entry: BundleEntryBuilder, full_url: Option<String>) -> BundleEntryBuilder {
    match full_url {
        Some(full_url) => entry.full_url(full_url),
        None => entry,
    }
}

fn seal(r#type: BundleType, envelope: &Envelope<'_>, parts: Vec<Part>) -> Value {
    let mut built = Vec::with_capacity(parts.len());
    let mut contents = Vec::with_capacity(parts.len());
    for part in parts {
        built.push(Some(part.built.build().expect("an entry has no required element")));
        contents.push((part.resource, part.response));
    }

    let mut bundle = Bundle::builder()
        .r#type(r#type)
        .link(envelope.links.iter().map(|link| Some(written_link(link))).collect())
        .entry(built);
    if let Some(id) = envelope.id {
        bundle = bundle.id(id.to_owned());
    }
    if envelope.timestamp.is_some() {
        bundle = bundle.timestamp(verbatim::stand_in());
    }
    // A total is optional, so one beyond FHIR's unsignedInt is left unsaid rather than said wrongly.
    if let Some(total) = envelope.total.and_then(|total| i32::try_from(total).ok()) {
        bundle = bundle.total(total.unsigned_abs());
    }
    let bundle = bundle.build().expect("a Bundle has its type");

    let mut object = verbatim::to_object(&bundle);
    if let Some(timestamp) = envelope.timestamp {
        verbatim::replace(&mut object, "timestamp", timestamp);
    }
    for (entry, (resource, response)) in verbatim::objects_of(&mut object, "entry").zip(contents) {
        Part::fill_in(resource, response, entry);
    }
    Value::Object(object)
}

fn written_link(link: &Link<'_>) -> BundleLink {
    BundleLink::builder()
        .relation(link.relation.to_owned())
        .url(link.url.to_owned())
        .build()
        .expect("a link has its relation and url")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OBSERVATION: &str = r#"{"resourceType":"Observation","zebra":null,"valueQuantity":{"value":1.50,"unit":"kg"},"effectiveInstant":"2026-01-02T03:04:05.120+00:00","a":64.0,"n":123456789012345678901234567890}"#;

    fn observation() -> Value {
        serde_json::from_str(OBSERVATION).expect("the sample is JSON")
    }

    #[test]
    fn an_entrys_resource_keeps_members_order_and_digits() {
        let bundle = search_set(
            &Envelope::default(),
            vec![SearchEntry {
                full_url: "http://h/Observation/o1".into(),
                mode: SearchMode::Match,
                resource: observation(),
            }],
        );
        assert_eq!(
            bundle.to_string(),
            format!(
                r#"{{"resourceType":"Bundle","type":"searchset","entry":[{{"fullUrl":"http://h/Observation/o1","resource":{OBSERVATION},"search":{{"mode":"match"}}}}]}}"#
            )
        );
    }

    #[test]
    fn a_search_set_says_its_total_links_and_modes() {
        let entry = |id: &str, mode| SearchEntry {
            full_url: format!("http://h/Patient/{id}"),
            mode,
            resource: json!({"resourceType": "Patient", "id": id}),
        };
        let bundle = search_set(
            &Envelope {
                id: Some("b1"),
                timestamp: Some("2026-01-02T03:04:05.120+00:00"),
                total: Some(2),
                links: vec![
                    Link { relation: "self", url: "http://h/Patient?_count=1" },
                    Link { relation: "next", url: "http://h/Patient?_count=1&page=2" },
                ],
            },
            vec![entry("a", SearchMode::Match), entry("b", SearchMode::Include), entry("c", SearchMode::Outcome)],
        );
        assert_eq!(bundle["id"], "b1");
        assert_eq!(bundle["timestamp"], "2026-01-02T03:04:05.120+00:00");
        assert_eq!(bundle["total"], 2);
        assert_eq!(bundle["link"][1], json!({"relation": "next", "url": "http://h/Patient?_count=1&page=2"}));
        let modes: Vec<_> =
            (0..3).map(|i| (&bundle["entry"][i]["resource"]["id"], &bundle["entry"][i]["search"]["mode"])).collect();
        assert_eq!(
            modes,
            [(&json!("a"), &json!("match")), (&json!("b"), &json!("include")), (&json!("c"), &json!("outcome"))]
        );
    }

    #[test]
    fn an_empty_search_set_says_zero_and_has_no_empty_lists() {
        let bundle = search_set(&Envelope { total: Some(0), ..Envelope::default() }, vec![]);
        assert_eq!(bundle, json!({"resourceType": "Bundle", "type": "searchset", "total": 0}));
    }

    #[test]
    fn a_total_fits_in_a_fhir_unsigned_int_or_is_left_out() {
        let total =
            |total| search_set(&Envelope { total: Some(total), ..Envelope::default() }, vec![])["total"].clone();
        assert_eq!(total(2_147_483_647), 2_147_483_647);
        assert_eq!(total(2_147_483_648), Value::Null);
    }

    #[test]
    fn a_collection_may_leave_out_full_urls() {
        let bundle =
            collection(&Envelope::default(), vec![CollectionEntry { full_url: None, resource: observation() }]);
        assert_eq!(
            bundle.to_string(),
            format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{OBSERVATION}}}]}}"#)
        );
    }

    #[test]
    fn a_history_shows_deletions_without_a_resource() {
        let bundle = history(
            &Envelope { total: Some(2), ..Envelope::default() },
            vec![
                HistoryEntry {
                    full_url: "http://h/Patient/p1".into(),
                    resource: None,
                    method: Method::Delete,
                    request_url: "Patient/p1".into(),
                    response: EntryResponse {
                        status: "204".into(),
                        last_modified: Some("2026-01-02T03:04:05.10+00:00".into()),
                        ..EntryResponse::default()
                    },
                },
                HistoryEntry {
                    full_url: "http://h/Patient/p1".into(),
                    resource: Some(json!({"resourceType": "Patient", "id": "p1"})),
                    method: Method::Put,
                    request_url: "Patient/p1".into(),
                    response: EntryResponse {
                        status: "201".into(),
                        etag: Some("W/\"1\"".into()),
                        ..EntryResponse::default()
                    },
                },
            ],
        );
        assert_eq!(
            bundle["entry"],
            json!([
                {
                    "fullUrl": "http://h/Patient/p1",
                    "request": {"method": "DELETE", "url": "Patient/p1"},
                    "response": {"status": "204", "lastModified": "2026-01-02T03:04:05.10+00:00"}
                },
                {
                    "fullUrl": "http://h/Patient/p1",
                    "resource": {"resourceType": "Patient", "id": "p1"},
                    "request": {"method": "PUT", "url": "Patient/p1"},
                    "response": {"status": "201", "etag": "W/\"1\""}
                }
            ])
        );
    }

    #[test]
    fn a_batch_response_carries_outcomes_untouched_and_in_order() {
        let outcome = json!({"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "value"}]});
        let entry = |status: &str, outcome: Option<Value>| ResponseEntry {
            full_url: None,
            resource: None,
            response: EntryResponse { status: status.into(), outcome, ..EntryResponse::default() },
        };
        let bundle = batch_response(
            ResponseKind::Batch,
            &Envelope::default(),
            vec![entry("201 Created", Some(outcome.clone())), entry("404", None)],
        );
        assert_eq!(bundle["type"], "batch-response");
        assert_eq!(bundle["entry"][0]["response"], json!({"status": "201 Created", "outcome": outcome}));
        assert_eq!(bundle["entry"][1]["response"], json!({"status": "404"}));
        let transaction = batch_response(ResponseKind::Transaction, &Envelope::default(), vec![]);
        assert_eq!(transaction["type"], "transaction-response");
    }
}
