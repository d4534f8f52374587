//! Vendors' messages: taken, repeated, older, set aside, refused.

use crate::server::{ACME, Server, issue_keys, pointer_of, reference};
use serde_json::{Value, json};

fn person(id: &str, version: i64, name: &str) -> Value {
    json!({"id": id, "version": version, "name": name})
}

fn people(list: &[Value]) -> Value {
    json!({"people": list})
}

async fn name_of(server: &Server, reference: &str) -> String {
    let patient = server.get(&format!("/fhir/R4/{reference}")).await.json();
    patient["name"][0]["text"].as_str().expect("a name").to_owned()
}

#[actix_web::test]
async fn a_message_is_taken_and_everything_about_it_can_be_read_back() {
    let server = Server::start();
    let body = "{ \"people\" : [ {\"id\":\"p1\",\"version\":1,\"name\":\"Ada Ash\",\"weight\":61.50} ] }\r\n";
    let request = server.request(reqwest::Method::POST, &format!("/vendors/{ACME}/people"));
    let answer = crate::server::Answer::of(
        request.header("Content-Type", "application/vnd.acme+json; charset=UTF-8").body(body),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let receipt = answer.json();
    let id = receipt["receipt"].as_str().expect("an id");
    assert_eq!(answer.header("location"), format!("/vendors/{ACME}/receipts/{id}"));
    assert_eq!((&receipt["vendor"], &receipt["message"]), (&json!(ACME), &json!("people")));
    assert_eq!(receipt["status"], "committed");
    assert_eq!(receipt["resources"][0]["action"], "created");
    // The plugin writes an extension of its own, for which no definition is loaded.
    assert_eq!(issue_keys(&receipt["outcome"]), ["target.extension-unknown"]);

    let original = server.get(receipt["links"]["original"].as_str().expect("a link")).await;
    assert_eq!(original.text, body);
    assert_eq!(original.header("content-type"), "application/vnd.acme+json; charset=UTF-8");
    assert_eq!(original.header("cache-control"), "no-store");
    assert_eq!(original.header("x-content-type-options"), "nosniff");

    let account = server.get(receipt["links"]["account"].as_str().expect("a link")).await.json();
    let pointers: Vec<&str> =
        account.as_array().expect("rows").iter().map(|row| row["pointer"].as_str().expect("a pointer")).collect();
    assert_eq!(pointers, ["/people/0/id", "/people/0/version", "/people/0/name", "/people/0/weight"]);

    let quarantine = server.get(receipt["links"]["quarantine"].as_str().expect("a link")).await.json();
    assert_eq!(quarantine, json!([]));

    let read = server.get(answer.header("location")).await.json();
    assert_eq!(read["receipt"], receipt["receipt"]);
    assert_eq!(read["mended"], json!([]));

    let patient = server.get(&format!("/fhir/R4/{}", reference(&receipt, "Patient"))).await;
    assert!(patient.text.contains("\"valueDecimal\":61.50"), "every digit is kept: {}", patient.text);
    server.get(&format!("/vendors/{ACME}/receipts/none")).await.must_fail(404, "resource.not-found");
    server.get(&format!("/vendors/other/receipts/{id}/original")).await.must_fail(404, "resource.not-found");
}

#[actix_web::test]
async fn provenance_links_what_was_made_with_its_original() {
    let server = Server::start();
    let receipt = server.send("people", &people(&[person("p1", 1, "Ada Ash")])).await;
    let patient = reference(&receipt, "Patient");
    let found = server.get(&format!("/fhir/R4/Provenance?target={patient}")).await.json();
    assert_eq!(found["total"], 1);
    let provenance = &found["entry"][0]["resource"];
    assert_eq!(provenance["target"][0]["reference"], format!("{patient}/_history/1"));
    let original = provenance["entity"][0]["what"]["identifier"]["value"].as_str().expect("a path");
    assert_eq!(server.get(original).await.json(), people(&[person("p1", 1, "Ada Ash")]));
    let audits = server.get(&format!("/fhir/R4/AuditEvent?entity={patient}")).await.json();
    assert_eq!(audits["total"], 1);
}

#[actix_web::test]
async fn a_repeat_gets_the_same_answer_and_no_second_copy() {
    let server = Server::start();
    let path = format!("/vendors/{ACME}/people");
    let body = people(&[person("p1", 1, "Ada Ash")]).to_string();
    let first = server.post_with(&path, &body, &[("Idempotency-Key", "k-1")]).await;
    assert_eq!(first.status, 201);
    assert_eq!(first.header("idempotent-replayed"), "");
    for headers in [&[("Idempotency-Key", "k-1")][..], &[][..], &[("Idempotency-Key", "k-2")][..]] {
        let again = server.post_with(&path, &body, headers).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("idempotent-replayed"), "true");
    }
    let other = people(&[person("p2", 1, "Bo Birch")]).to_string();
    for key in ["k-1", "k-2"] {
        server.post_with(&path, &other, &[("Idempotency-Key", key)]).await.must_fail(422, "idempotency.reused");
    }
    assert_eq!(server.get("/fhir/R4/Patient").await.json()["total"], 1);
    server.post_with(&path, &other, &[("Idempotency-Key", &"k".repeat(256))]).await.must_fail(400, "http.request");
    let longest = "k".repeat(255);
    assert_eq!(server.post_with(&path, &other, &[("Idempotency-Key", &longest)]).await.status, 201);
}

#[actix_web::test]
async fn a_newer_version_updates_and_an_older_one_changes_nothing_and_says_so() {
    let server = Server::start();
    let first = server.send("people", &people(&[person("p1", 2, "Second")])).await;
    let patient = reference(&first, "Patient");
    let newer = server.send("people", &people(&[person("p1", 3, "Third")])).await;
    assert_eq!(newer["resources"][0], json!({"reference": format!("{patient}/_history/2"), "action": "updated"}));

    let late = server.post(&format!("/vendors/{ACME}/people"), &people(&[person("p1", 1, "First")]).to_string()).await;
    assert_eq!(late.status, 200, "{}", late.text);
    let late = late.json();
    assert_eq!(late["resources"], json!([]));
    assert_eq!(late["stale"], json!([{"item": "person", "key": "p1", "pointer": "/people/0"}]));
    assert_eq!(pointer_of(&late["outcome"], "revision.stale").as_deref(), Some("/people/0"));
    assert_eq!(name_of(&server, &patient).await, "Third");

    let mixed = server.send("people", &people(&[person("p1", 1, "Older still"), person("p2", 1, "Other")])).await;
    assert_eq!(mixed["stale"].as_array().map(Vec::len), Some(1));
    assert_eq!(mixed["resources"].as_array().map(Vec::len), Some(1));
    let history = server.get(&format!("/fhir/R4/{patient}/_history")).await.json();
    assert_eq!(history["total"], 2);
}

#[actix_web::test]
async fn what_a_newer_version_leaves_out_is_withdrawn() {
    let server = Server::start();
    let mut with = person("p1", 1, "Ada Ash");
    with["allergies"] = json!([{"id": "a1", "text": "nuts", "status": "active"}]);
    let first = server.send("people", &people(&[with])).await;
    let allergy = reference(&first, "AllergyIntolerance");
    let second = server.send("people", &people(&[person("p1", 2, "Ada Ash")])).await;
    let withdrawn = json!({"reference": format!("{allergy}/_history/2"), "action": "withdrawn"});
    assert!(second["resources"].as_array().expect("a list").contains(&withdrawn), "{second}");
    assert_eq!(pointer_of(&second["outcome"], "revision.withdrawn").as_deref(), Some("/people/0"));
    server.get(&format!("/fhir/R4/{allergy}")).await.must_fail(410, "resource.deleted");
    assert_eq!(server.get(&format!("/fhir/R4/{allergy}/_history/1")).await.status, 200);
    server.get(&format!("/fhir/R4/{allergy}/_history/2")).await.must_fail(410, "resource.deleted");
}

#[actix_web::test]
async fn a_dry_run_shows_everything_and_keeps_nothing() {
    let server = Server::start();
    let body = people(&[person("p1", 1, "Ada Ash")]).to_string();
    let answer = server.post(&format!("/vendors/{ACME}/people?dry-run=true"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let shown = answer.json();
    assert_eq!(shown["status"], "dry-run");
    assert_eq!(shown["bundle"]["entry"][0]["resource"]["name"][0]["text"], "Ada Ash");
    assert_eq!(shown["account"].as_array().map(Vec::len), Some(3));
    assert_eq!(server.get("/fhir/R4/Patient").await.json()["total"], 0);
    assert_eq!(server.get("/fhir/R4/AuditEvent").await.json()["total"], 0);
    assert_eq!(server.post(&format!("/vendors/{ACME}/people"), &body).await.header("idempotent-replayed"), "");
    server.post(&format!("/vendors/{ACME}/people?dry-run=perhaps"), &body).await.must_fail(400, "search.parameter");
    server.post(&format!("/vendors/{ACME}/people?dryrun=true"), &body).await.must_fail(400, "search.parameter");
}

#[actix_web::test]
async fn one_item_at_fault_is_quarantined_and_the_rest_go_on() {
    let server = Server::start();
    let body = json!({"people": [person("p1", 1, "Ada Ash"), {"id": "p2", "version": 1, "name": 7}]});
    let receipt = server.send("people", &body).await;
    assert_eq!(receipt["resources"].as_array().map(Vec::len), Some(1));
    let aside = &receipt["quarantined"][0];
    assert_eq!((&aside["pointer"], &aside["key"]), (&json!("/people/1"), &json!("p2")));
    assert_eq!(aside["issues"], json!(["source.type"]));
    let quarantine = server.get(receipt["links"]["quarantine"].as_str().expect("a link")).await;
    assert_eq!(quarantine.header("cache-control"), "no-store");
    let entry = &quarantine.json()[0];
    assert_eq!(entry["verdict"], "refused");
    assert_eq!(entry["content"], json!({"id": "p2", "version": 1, "name": 7}));
    assert_eq!(pointer_of(&entry["outcome"], "source.type").as_deref(), Some("/people/1/name"));
}

#[actix_web::test]
async fn what_breaks_fhir_is_refused_at_the_senders_own_place() {
    let server = Server::start();
    let mut wrong = person("p2", 1, "Bo Birch");
    wrong["born"] = "1950-02-30".into();
    let receipt = server.send("people", &people(&[person("p1", 1, "Ada Ash"), wrong.clone()])).await;
    assert_eq!(receipt["quarantined"][0]["issues"], json!(["target.format"]));
    assert_eq!(pointer_of(&receipt["outcome"], "target.format").as_deref(), Some("/people/1/born"));
    assert!(!receipt.to_string().contains("1950-02-30"), "no value is repeated");
    let alone = server.post(&format!("/vendors/{ACME}/people"), &people(&[wrong]).to_string()).await;
    alone.must_fail(422, "target.format");
    assert!(alone.text.contains("Patient.birthDate"), "{}", alone.text);
}

#[actix_web::test]
async fn a_draft_is_kept_and_not_published_and_takes_back_what_was() {
    let server = Server::start();
    let mut draft = person("p1", 1, "Ada Ash");
    draft["state"] = "draft".into();
    let receipt = server.send("people", &people(std::slice::from_ref(&draft))).await;
    assert_eq!(receipt["resources"], json!([]));
    assert_eq!(receipt["quarantined"][0]["pointer"], "/people/0");
    let quarantine = server.get(receipt["links"]["quarantine"].as_str().expect("a link")).await.json();
    assert_eq!(quarantine[0]["verdict"], "quarantined");
    assert_eq!(quarantine[0]["content"], draft);

    let published = server.send("people", &people(&[person("p1", 2, "Ada Ash")])).await;
    let patient = reference(&published, "Patient");
    assert_eq!(server.get(&format!("/fhir/R4/{patient}")).await.status, 200);
    draft["version"] = 3.into();
    let again = server.send("people", &people(&[draft])).await;
    assert_eq!(again["resources"][0]["action"], "withdrawn");
    for place in ["", "/_history", "/_history/1"] {
        server.get(&format!("/fhir/R4/{patient}{place}")).await.must_fail(410, "resource.withheld");
    }
}

#[actix_web::test]
async fn an_empty_page_is_a_message_like_any() {
    let server = Server::start();
    let receipt = server.send("people", &people(&[])).await;
    assert_eq!(receipt["resources"], json!([]));
}

#[actix_web::test]
async fn every_fault_is_named_at_once_and_nothing_is_kept() {
    let server = Server::start();
    let path = format!("/vendors/{ACME}/people");
    let answer = server
        .post(&path, r#"{"people": [{"version": "x", "name": "Secretname"}, {"id": 5, "name": "Othername"}]}"#)
        .await;
    answer.must_fail(422, "source.required-missing");
    let outcome = answer.json();
    let mut keys = answer.issue_keys();
    keys.sort();
    assert_eq!(keys, ["source.required-missing", "source.type", "source.type"], "{}", answer.text);
    assert_eq!(pointer_of(&outcome, "source.required-missing").as_deref(), Some("/people/0"));
    assert!(!answer.text.contains("Secretname") && !answer.text.contains("Othername"));
    let keyed = server.post_with(&path, r#"{"people": 1}"#, &[("Idempotency-Key", "k")]).await;
    keyed.must_fail(422, "source.type");
    let fine = people(&[person("p1", 1, "Ada Ash")]).to_string();
    assert_eq!(server.post_with(&path, &fine, &[("Idempotency-Key", "k")]).await.status, 201, "a refusal binds no key");
    assert_eq!(server.get("/fhir/R4/AuditEvent").await.json()["total"], 1);
}

#[actix_web::test]
async fn an_unknown_field_and_a_failed_check_digit_are_kept_aside_and_warned() {
    let server = Server::start();
    let mut odd = person("p1", 1, "Ada Ash");
    odd["shoe_size"] = 38.into();
    odd["nhs_number"] = "9990123013".into();
    let receipt = server.send("people", &people(&[odd])).await;
    assert_eq!(pointer_of(&receipt["outcome"], "source.unknown-field").as_deref(), Some("/people/0/shoe_size"));
    assert_eq!(pointer_of(&receipt["outcome"], "mapping.check-digit").as_deref(), Some("/people/0/nhs_number"));
    let patient = server.get(&format!("/fhir/R4/{}", reference(&receipt, "Patient"))).await;
    assert!(!patient.text.contains("9990123013"), "{}", patient.text);
}
