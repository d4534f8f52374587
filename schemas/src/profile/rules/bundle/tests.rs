//! Bundles in, findings out.

use crate::profile::rules::table::found;
use serde_json::{Value, json};

fn bundle(kind: &str, entries: Value) -> Value {
    json!({
        "resourceType": "Bundle", "type": kind, "timestamp": "2026-01-01T00:00:00Z",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b11"},
        "entry": entries
    })
}

fn patient(id: &str) -> Value {
    json!({"resourceType": "Patient", "id": id})
}

fn composition(references: Value) -> Value {
    json!({"resourceType": "Composition", "id": "c", "status": "final", "type": {"text": "x"}, "date": "2026-01-01",
        "title": "x", "author": [{"display": "x"}], "section": [{"title": "x", "entry": references}]})
}

#[test]
fn an_address_is_absolute_and_ends_with_type_and_id() {
    for (full_url, expected) in [
        ("https://example.org/r4/Patient/1", vec![]),
        ("urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b12", vec![]),
        ("https://example.org/some/other", vec![]),
        ("https://example.org/r4/Patient/2", vec!["target.bundle Bundle.entry[0].fullUrl"]),
        ("https://example.org/r4/Device/1", vec!["target.bundle Bundle.entry[0].fullUrl"]),
        ("Patient/1", vec!["target.bundle Bundle.entry[0].fullUrl"]),
    ] {
        let bundle = bundle("collection", json!([{"fullUrl": full_url, "resource": patient("1")}]));
        assert_eq!(found(&bundle), expected, "{full_url}");
    }
    let without = json!([{"resource": patient("1"), "request": {"method": "PUT", "url": "Patient/1"}}]);
    assert_eq!(found(&bundle("transaction", without.clone())), [""; 0]);
    assert_eq!(found(&bundle("collection", json!([{"resource": patient("1")}]))), ["target.bundle Bundle.entry[0]"]);
    let without_id = json!([{"fullUrl": "https://example.org/r4/Patient/1", "resource": {"resourceType": "Patient"}}]);
    assert_eq!(found(&bundle("collection", without_id)), ["target.bundle Bundle.entry[0].fullUrl"]);
}

#[test]
fn search_results_have_ids_and_say_rightly_what_they_are() {
    let link = json!([{"relation": "self", "url": "https://example.org/r4/Patient?name=x"}]);
    for (resource, mode, expected) in [
        (patient("1"), "match", vec![]),
        (json!({"resourceType": "Patient"}), "match", vec!["target.bundle Bundle.entry[0].resource"]),
        (json!({"resourceType": "Device", "id": "1"}), "match", vec!["target.bundle Bundle.entry[0].resource"]),
        (json!({"resourceType": "Device", "id": "1"}), "include", vec![]),
        (patient("1"), "outcome", vec!["target.bundle Bundle.entry[0].resource"]),
    ] {
        let full_url = "https://example.org/any/address";
        let entries = json!([{"fullUrl": full_url, "resource": resource, "search": {"mode": mode}}]);
        let mut bundle = bundle("searchset", entries);
        bundle["link"] = link.clone();
        assert_eq!(found(&bundle), expected, "{mode} {bundle}");
    }
}

#[test]
fn a_relation_stands_once_and_pages_are_for_searches() {
    let links = |names: &[&str]| -> Value {
        names.iter().map(|name| json!({"relation": name, "url": "https://example.org"})).collect()
    };
    for (kind, names, expected) in [
        ("searchset", vec!["self", "next"], vec![]),
        ("searchset", vec!["next", "next"], vec!["target.bundle Bundle.link[1]"]),
        ("batch", vec!["next"], vec!["target.bundle Bundle.link[0]"]),
        ("batch", vec!["self", "related", "related"], vec![]),
    ] {
        let mut bundle = bundle(kind, json!([]));
        bundle.as_object_mut().expect("object").remove("entry");
        bundle["link"] = links(&names);
        assert_eq!(found(&bundle), expected, "{kind} {names:?}");
    }
}

#[test]
fn a_document_holds_what_it_refers_to_and_nothing_else() {
    let entry = |name: &str, resource: Value| json!({"fullUrl": format!("https://example.org/any/{name}"), "resource": resource});
    let to = |name: &str| json!({"reference": format!("https://example.org/any/{name}")});
    let whole = bundle("document", json!([entry("c", composition(json!([to("p")]))), entry("p", patient("1"))]));
    assert_eq!(found(&whole), [""; 0]);
    let stranger = bundle("document", json!([entry("c", composition(json!([]))), entry("p", patient("1"))]));
    assert!(found(&stranger).contains(&"target.bundle Bundle.entry[1]".to_owned()));
    let dangling =
        bundle("document", json!([entry("c", composition(json!([to("p"), to("q")]))), entry("p", patient("1"))]));
    let at = "Bundle.entry[0].resource.section[0].entry[1]";
    assert_eq!(found(&dangling), [format!("target.reference-unresolved {at}")]);
}

#[test]
fn a_document_refers_to_the_addresses_of_its_entries() {
    let document = |full_url: &str, reference: &str| {
        bundle(
            "document",
            json!([
                {"fullUrl": "urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b13", "resource": composition(json!([{"reference": reference}]))},
                {"fullUrl": full_url, "resource": patient("1")},
            ]),
        )
    };
    let own = "urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b14";
    assert_eq!(found(&document(own, own)), [""; 0]);
    let unresolved = "target.reference-unresolved Bundle.entry[0].resource.section[0].entry[0]";
    assert!(found(&document(own, "Patient/1")).contains(&unresolved.to_owned()));
}

#[test]
fn a_reference_in_a_bundle_names_what_it_leads_to() {
    let collection = |reference: &str| {
        bundle(
            "collection",
            json!([
                {"fullUrl": "urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b13",
                    "resource": {"resourceType": "Patient", "generalPractitioner": [{"reference": reference}]}},
                {"fullUrl": "urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b14",
                    "resource": {"resourceType": "Organization", "name": "x"}},
            ]),
        )
    };
    let place = "Bundle.entry[0].resource.generalPractitioner[0]";
    let by_id = format!("target.reference-unresolved {place}");
    for (reference, expected) in [
        ("urn:uuid:7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b14", vec![]),
        ("Organization/7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b14", vec![by_id.clone()]),
        ("Practitioner/7d2f6c1e-6a54-4d8e-9a35-0a1f6a9d0b14", vec![by_id, format!("target.reference {place}")]),
        ("Organization", vec![format!("target.reference {place}.reference")]),
        ("Organization/1 2", vec![format!("target.reference {place}.reference")]),
        ("Organization/9", vec![]),
    ] {
        assert_eq!(found(&collection(reference)), expected, "{reference}");
    }
}

#[test]
fn entries_carry_what_their_type_of_bundle_asks_for() {
    let entry = |more: Value| {
        let mut entry = json!({"fullUrl": "https://example.org/r4/Patient/1", "resource": patient("1")});
        entry.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        entry
    };
    let request = json!({"request": {"method": "PUT", "url": "Patient/1"}});
    let response = json!({"response": {"status": "200"}});
    let both = json!({"request": {"method": "PUT", "url": "Patient/1"}, "response": {"status": "200"}});
    let without_address = json!({"resource": patient("1"), "request": {"method": "POST", "url": "Patient"}});
    for (kind, one, expected) in [
        ("collection", entry(json!({})), vec![]),
        ("collection", entry(request.clone()), vec!["target.bundle Bundle.entry[0].request"]),
        ("collection", entry(response.clone()), vec!["target.bundle Bundle.entry[0].response"]),
        ("collection", entry(json!({"search": {"mode": "match"}})), vec!["target.bundle Bundle.entry[0].search"]),
        ("collection", json!({"resource": patient("1")}), vec!["target.bundle Bundle.entry[0]"]),
        ("transaction", entry(request.clone()), vec![]),
        ("transaction", without_address, vec![]),
        ("transaction", entry(json!({})), vec!["target.bundle Bundle.entry[0]"]),
        ("transaction", entry(both.clone()), vec!["target.bundle Bundle.entry[0].response"]),
        ("batch-response", entry(response), vec![]),
        ("history", entry(both), vec![]),
        ("history", entry(request), vec!["target.bundle Bundle.entry[0]"]),
    ] {
        assert_eq!(found(&bundle(kind, json!([one]))), expected, "{kind} {one}");
    }
}

#[test]
fn an_address_stands_once_for_each_version() {
    let entry = |version: &str| {
        json!({"fullUrl": "https://example.org/r4/Patient/1",
            "resource": {"resourceType": "Patient", "id": "1", "meta": {"versionId": version}}})
    };
    let own = "target.bundle Bundle.entry[1].fullUrl";
    assert_eq!(found(&bundle("collection", json!([entry("1"), entry("2")]))), [""; 0]);
    assert_eq!(found(&bundle("collection", json!([entry("1"), entry("1")]))), [own]);
}
