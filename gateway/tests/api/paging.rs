//! Pages of a search while the store goes on changing.

use crate::server::{Server, ids, reference};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn person(number: usize, version: i64) -> Value {
    json!({"id": format!("p{number}"), "version": version, "name": format!("Person {number} v{version}")})
}

#[actix_web::test]
async fn pages_neither_skip_nor_repeat_while_people_are_changed() {
    let server = Server::start();
    let everybody: Vec<Value> = (0..23).map(|number| person(number, 1)).collect();
    let receipt = server.send("people", &json!({"people": everybody})).await;
    let expected: BTreeSet<String> = receipt["resources"]
        .as_array()
        .expect("resources")
        .iter()
        .map(|one| one["reference"].as_str().expect("text").split('/').nth(1).expect("an id").to_owned())
        .collect();
    assert_eq!(expected.len(), 23);
    let mut seen = Vec::new();
    let mut path = "/fhir/R4/Patient?_count=5".to_owned();
    let mut version = 1;
    loop {
        let page = server.get(&path).await.json();
        assert_eq!(page["total"], 23);
        for entry in page["entry"].as_array().expect("entries") {
            assert_eq!(entry["resource"]["meta"]["versionId"], "1", "as it was when the search began");
        }
        seen.extend(ids(&page));
        version += 1;
        let changed: Vec<Value> = (0..30).map(|number| person(number, version)).collect();
        server.send("people", &json!({"people": changed})).await;
        let links = page["link"].as_array().expect("links");
        let Some(next) = links.iter().find(|one| one["relation"] == "next") else {
            break;
        };
        path = next["url"].as_str().expect("a URL").split(&server.address.to_string()).nth(1).expect("ours").to_owned();
    }
    assert_eq!(seen.len(), 23, "nobody twice");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected, "nobody missed");
}

#[actix_web::test]
async fn a_page_holds_what_was_asked_for_up_to_the_limit() {
    let server = Server::start_with(|config| {
        config.limits.search_page_default = 3;
        config.limits.search_page_max = 4;
    });
    let everybody: Vec<Value> = (0..6).map(|number| person(number, 1)).collect();
    let receipt = server.send("people", &json!({"people": everybody})).await;
    assert!(reference(&receipt, "Patient").starts_with("Patient/"));
    for (query, on_page, next) in
        [("", 3, true), ("?_count=4", 4, true), ("?_count=5", 4, true), ("?_count=0", 0, false)]
    {
        let page = server.get(&format!("/fhir/R4/Patient{query}")).await.json();
        assert_eq!((ids(&page).len(), &page["total"]), (on_page, &json!(6)), "{query}");
        let has_next = page["link"].as_array().expect("links").iter().any(|one| one["relation"] == "next");
        assert_eq!(has_next, next, "{query}");
    }
    let server = Server::start_with(|config| config.limits.search_values_max = 2);
    assert_eq!(server.get("/fhir/R4/Patient?_id=a,b").await.status, 200);
    server.get("/fhir/R4/Patient?_id=a,b,c").await.must_fail(400, "search.parameter");
}
