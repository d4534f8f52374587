//! The built-in plugin's own examples, sent as a vendor would.

use crate::server::{Server, registry};
use serde_json::Value;
use std::collections::BTreeMap;

const HOMECARE: &str = "homecare-rest";

#[actix_web::test]
async fn every_example_of_the_built_in_plugin_is_taken_and_served() {
    let server = Server::start();
    let registry = registry();
    let vendor = registry.vendor(HOMECARE).expect("is built in");
    assert!(vendor.examples.len() >= 4, "an example for each message");
    let mut made = 0;
    for (message, file, bytes) in &vendor.examples {
        let body = String::from_utf8(bytes.clone()).expect("is text");
        let answer = server.post(&format!("/vendors/{HOMECARE}/{message}"), &body).await;
        assert_eq!(answer.status, 201, "{file}: {}", answer.text);
        for one in answer.json()["resources"].as_array().expect("a list") {
            let reference = one["reference"].as_str().expect("text");
            let place = reference.split("/_history").next().expect("a place");
            assert_eq!(server.get(&format!("/fhir/R4/{place}")).await.status, 200, "{reference}");
            made += 1;
        }
    }
    assert!(made > 20, "{made} resources");
    let types: Vec<String> = vendor.resource_types().into_iter().collect();
    let mut total = 0;
    for resource_type in types {
        total +=
            server.get(&format!("/fhir/R4/{resource_type}?_count=0")).await.json()["total"].as_u64().expect("a number");
    }
    assert!(total > 20, "{total} are found again");
}

#[actix_web::test]
async fn a_page_of_clients_yields_patients_with_nhs_numbers() {
    let server = Server::start();
    let registry = registry();
    let vendor = registry.vendor(HOMECARE).expect("is built in");
    let (_, _, bytes) = vendor.examples.iter().find(|(message, ..)| message == "clients").expect("an example");
    let body = String::from_utf8(bytes.clone()).expect("is text");
    server.post(&format!("/vendors/{HOMECARE}/clients"), &body).await;
    let found = server.get("/fhir/R4/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|").await.json();
    assert!(found["total"].as_u64().is_some_and(|total| total > 0), "{found}");
    let codes: Vec<String> = secret_codes(&serde_json::from_str(&body).expect("JSON"));
    let everything = server.get("/fhir/R4/Patient?_count=500").await.text;
    for code in codes {
        assert!(!everything.contains(&format!("\"{code}\"")), "a code of a key safe is in FHIR");
    }
}

/// Every resource that came of the vendor's messages, by place, without what the store adds.
async fn everything_kept(server: &Server) -> BTreeMap<String, Value> {
    let mut kept = BTreeMap::new();
    for resource_type in registry().vendor(HOMECARE).expect("is built in").resource_types() {
        let page = server.get(&format!("/fhir/R4/{resource_type}?_count=500")).await.json();
        for entry in page["entry"].as_array().cloned().unwrap_or_default() {
            let mut resource = entry["resource"].clone();
            let meta = resource["meta"].as_object_mut().expect("meta");
            meta.shift_remove("versionId");
            meta.shift_remove("lastUpdated");
            kept.insert(format!("{resource_type}/{}", resource["id"]), resource);
        }
    }
    kept
}

#[actix_web::test]
async fn the_order_in_which_messages_arrive_makes_no_difference_in_the_end() {
    let registry = registry();
    let examples = &registry.vendor(HOMECARE).expect("is built in").examples;
    let count = examples.len();
    let mut expected: Option<BTreeMap<String, Value>> = None;
    // Every rotation, forwards and backwards: each message comes first once and last once.
    for start in 0..count {
        for backwards in [false, true] {
            let server = Server::start();
            for step in 0..count {
                let step = if backwards { count - step } else { step };
                let (message, file, bytes) = &examples[(start + step) % count];
                let body = String::from_utf8(bytes.clone()).expect("is text");
                let answer = server.post(&format!("/vendors/{HOMECARE}/{message}"), &body).await;
                assert!(answer.status < 300, "{file}: {}", answer.text);
            }
            let kept = everything_kept(&server).await;
            match &expected {
                None => expected = Some(kept),
                Some(expected) => assert_eq!(&kept, expected, "from {start}, backwards: {backwards}"),
            }
        }
    }
    assert!(expected.is_some_and(|kept| kept.len() > 20));
}

/// Values of members that hold codes of doors and key safes.
fn secret_codes(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(secret_codes).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(code) if name.contains("safe_code") || name.contains("door_code") => {
                    vec![code.clone()]
                }
                _ => secret_codes(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}
