//! A vendor's homes and agencies: each message is read with the tables of the tenant it is sent for.

use crate::plugin::{Plugin, RIVER, write};
use crate::server::{Answer, Server, reference};
use reqwest::Method;
use serde_json::{Value, json};

fn server() -> (Server, Plugin, tempfile::TempDir) {
    let (plugin, further) = (Plugin::new(), tempfile::tempdir().expect("a folder"));
    plugin.write("tenants/north.yaml", "gender:\n  rows: [[W, female]]\n  back: { female: W }\n");
    write(&further.path().join(RIVER).join("south.yaml"), "gender:\n  rows: [[W, other]]\n");
    let (vendors, tenants) = (plugin.vendors(), further.path().to_path_buf());
    let server = Server::start_configured(move |config| {
        (config.vendors, config.tenants) = (vec![vendors], vec![tenants]);
    });
    (server, plugin, further)
}

async fn gender(server: &Server, query: &str, body: &str) -> (Value, Value) {
    let answer = server.post(&format!("/vendors/{RIVER}/people{query}"), body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let receipt = answer.json();
    let patient = server.get(&format!("/fhir/R4/{}", reference(&receipt, "Patient"))).await.json();
    (receipt, patient)
}

#[actix_web::test]
async fn each_tenant_has_its_own_codes_in_both_directions() {
    let (server, _plugin, _further) = server();
    let body = json!({"people": [{"id": "p-1", "sex": "W"}]}).to_string();
    let (receipt, patient) = gender(&server, "?tenant=north", &body).await;
    assert_eq!((&receipt["tenant"], &patient["gender"]), (&json!("north"), &json!("female")));
    // The same bytes for another tenant are another message.
    let (receipt, patient) = gender(&server, "?tenant=south", &body).await;
    assert_eq!((&receipt["tenant"], &patient["gender"]), (&json!("south"), &json!("other")));
    let (receipt, patient) = gender(&server, "", &body).await;
    assert_eq!((&receipt["tenant"], &patient["gender"]), (&Value::Null, &json!("unknown")));
    let back = async |query: &str| {
        let request = server.request(Method::POST, &format!("/vendors/{RIVER}/people/$to-vendor{query}"));
        let fhir = json!({"resourceType": "Patient", "id": patient["id"], "identifier": patient["identifier"], "gender": "female"});
        let answer = Answer::of(request.header("Content-Type", "application/fhir+json").body(fhir.to_string())).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["people"][0]["sex"].clone()
    };
    assert_eq!((back("?tenant=north").await, back("").await), (json!("W"), json!("F")));
}

#[actix_web::test]
async fn an_unknown_tenant_is_told_those_that_there_are() {
    let (server, _plugin, _further) = server();
    let answer = server.post(&format!("/vendors/{RIVER}/people?tenant=east"), r#"{"people": []}"#).await;
    answer.must_fail(404, "tenant.unknown");
    assert!(answer.text.contains("tenants: north, south"), "{}", answer.text);
    let answer = server.post("/vendors/homecare-rest/clients?tenant=east", r#"{"data": []}"#).await;
    answer.must_fail(404, "tenant.unknown");
    let list = server.get("/vendors").await.json();
    let river = list["vendors"].as_array().and_then(|all| all.iter().find(|one| one["id"] == RIVER)).cloned();
    assert_eq!(river.map(|one| one["tenants"].clone()), Some(json!(["north", "south"])));
}

#[actix_web::test]
async fn provenance_names_the_tenant_and_a_dry_run_too() {
    let (server, _plugin, _further) = server();
    let body = json!({"people": [{"id": "p-9", "sex": "W"}]}).to_string();
    let (receipt, _) = gender(&server, "?tenant=north", &body).await;
    let patient = reference(&receipt, "Patient");
    let found = server.get(&format!("/fhir/R4/Provenance?target={patient}")).await.json();
    let agents = found["entry"][0]["resource"]["agent"].as_array().cloned().unwrap_or_default();
    let tenant = agents.iter().find_map(|agent| agent.get("onBehalfOf")).cloned().unwrap_or_default();
    let wanted = json!({"system": "https://gateway.example.org/Id/tenant/river-care", "value": "north"});
    assert_eq!(tenant["identifier"], wanted, "{found}");
    let dry = server.post(&format!("/vendors/{RIVER}/people?tenant=north&dry-run=true"), &body).await.json();
    assert_eq!(dry["tenant"], "north");
}

#[actix_web::test]
async fn the_coverage_of_a_message_is_counted_without_a_value() {
    let (server, _plugin, _further) = server();
    let body = json!({"people": [{"id": "p-1", "name": "Zebedee", "sex": "W"}]}).to_string();
    let (receipt, _) = gender(&server, "?tenant=north", &body).await;
    let base = receipt["links"]["receipt"].as_str().expect("a link").to_owned();
    let found = server.get(&format!("{base}/coverage")).await.json();
    assert_eq!((&found["values"], &found["fields"][0]["field"]), (&json!(3), &json!("/people/*/id")), "{found}");
    let html = server.get(&format!("{base}/coverage?format=html")).await;
    assert_eq!((html.status, html.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(html.text.contains("/people/*/name") && !html.text.contains("Zebedee"), "{}", html.text);
    server.get(&format!("{base}/coverage?format=pdf")).await.must_fail(400, "http.request");
    server.get("/vendors/river-care/receipts/none/coverage").await.must_fail(404, "resource.not-found");
}
