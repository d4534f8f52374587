//! FHIR's reading side: metadata, read, history, search, everything.

use crate::server::{ACME, Answer, Server, ids, reference};
use reqwest::Method;
use serde_json::{Value, json};

fn allergic(id: &str, version: i64, statuses: &[&str]) -> Value {
    let allergies: Vec<Value> = statuses
        .iter()
        .enumerate()
        .map(|(number, status)| json!({"id": format!("{id}-a{number}"), "text": "nuts", "status": status}))
        .collect();
    json!({"id": id, "version": version, "name": format!("Person {id}"), "nhs_number": "9990123012",
        "worker": {"id": format!("w-{id}"), "name": "Wyn Worker"}, "allergies": allergies})
}

async fn with_people(people: &[Value]) -> (Server, Vec<String>) {
    let server = Server::start();
    let mut patients = Vec::new();
    for person in people {
        let receipt = server.send("people", &json!({"people": [person]})).await;
        patients.push(reference(&receipt, "Patient"));
    }
    (server, patients)
}

#[actix_web::test]
async fn the_capability_statement_says_what_the_routes_do() {
    let server = Server::start();
    let answer = server.get("/fhir/R4/metadata").await;
    assert_eq!(answer.header("content-type"), "application/fhir+json; charset=utf-8");
    let statement = answer.json();
    assert_eq!(
        (&statement["resourceType"], &statement["fhirVersion"]),
        (&json!("CapabilityStatement"), &json!("4.0.1"))
    );
    assert_eq!(statement["implementation"]["url"], format!("http://{}/fhir/R4", server.address));
    let resources = statement["rest"][0]["resource"].as_array().expect("resources");
    for resource_type in ["Patient", "Practitioner", "AllergyIntolerance", "Medication", "Provenance", "AuditEvent"] {
        let resource = resources.iter().find(|one| one["type"] == resource_type).expect("is served");
        let interactions: Vec<&str> =
            resource["interaction"].as_array().expect("a list").iter().filter_map(|one| one["code"].as_str()).collect();
        for interaction in ["read", "vread", "history-instance", "search-type"] {
            assert!(interactions.contains(&interaction), "{resource_type} {interaction}");
        }
        assert_eq!(server.get(&format!("/fhir/R4/{resource_type}")).await.status, 200);
        for parameter in resource["searchParam"].as_array().expect("a list") {
            let name = parameter["name"].as_str().expect("a name");
            let value = if name == "_lastUpdated" { "ge2020" } else { "x" };
            let answer = server.get(&format!("/fhir/R4/{resource_type}?{name}={value}")).await;
            assert_eq!(answer.status, 200, "{resource_type}?{name}: {}", answer.text);
        }
    }
    let patient = resources.iter().find(|one| one["type"] == "Patient").expect("is served");
    assert_eq!(patient["operation"][0]["name"], "everything");
    assert!(!resources.iter().any(|one| one["type"] == "ImagingStudy"), "only what is served");
}

#[actix_web::test]
async fn a_read_has_its_tag_and_time_and_can_be_spared() {
    let (server, patients) = with_people(&[allergic("p1", 1, &[])]).await;
    let place = format!("/fhir/R4/{}", patients[0]);
    let answer = server.get(&place).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "W/\"1\""));
    assert!(answer.header("last-modified").ends_with(" GMT"));
    assert_eq!(answer.header("content-type"), "application/fhir+json; charset=utf-8");
    let patient = answer.json();
    assert_eq!(patient["meta"]["versionId"], "1");
    assert!(patient["meta"]["lastUpdated"].as_str().is_some_and(|at| at.ends_with('Z')));

    let again = Answer::of(server.request(Method::GET, &place).header("If-None-Match", "W/\"1\"")).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", "W/\"1\""));
    let changed = Answer::of(server.request(Method::GET, &place).header("If-None-Match", "W/\"2\"")).await;
    assert_eq!(changed.status, 200);
    let head = Answer::of(server.request(Method::HEAD, &place)).await;
    assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", "W/\"1\""));
    assert_eq!(head.header("content-length"), answer.text.len().to_string());
}

#[actix_web::test]
async fn every_version_can_be_read_and_listed() {
    let (server, patients) = with_people(&[allergic("p1", 1, &[])]).await;
    let place = format!("/fhir/R4/{}", patients[0]);
    let mut renamed = allergic("p1", 2, &[]);
    renamed["name"] = "Renamed".into();
    server.send("people", &json!({"people": [renamed]})).await;
    let first = server.get(&format!("{place}/_history/1")).await;
    assert_eq!((first.json()["name"][0]["text"].as_str(), first.header("etag")), (Some("Person p1"), "W/\"1\""));
    let second = server.get(&format!("{place}/_history/2")).await;
    assert_eq!(second.json(), server.get(&place).await.json());
    for version in ["0", "3", "01", "x"] {
        server.get(&format!("{place}/_history/{version}")).await.must_fail(404, "resource.not-found");
    }
    let history = server.get(&format!("{place}/_history")).await.json();
    assert_eq!((&history["type"], &history["total"]), (&json!("history"), &json!(2)));
    let versions: Vec<&Value> =
        history["entry"].as_array().expect("entries").iter().map(|one| &one["resource"]["meta"]["versionId"]).collect();
    assert_eq!(versions, ["2", "1"]);
    let page = server.get(&format!("{place}/_history?_count=1")).await.json();
    let next = page["link"].as_array().expect("links").iter().find(|one| one["relation"] == "next").expect("next");
    let path = next["url"].as_str().expect("a URL").split(&server.address.to_string()).nth(1).expect("ours").to_owned();
    let rest = server.get(&path).await.json();
    assert_eq!(rest["entry"][0]["resource"]["meta"]["versionId"], "1");
    assert!(!rest["link"].as_array().expect("links").iter().any(|one| one["relation"] == "next"));
}

#[actix_web::test]
async fn people_are_found_by_their_nhs_number() {
    let (server, patients) = with_people(&[allergic("p1", 1, &["active"])]).await;
    let path = "/fhir/R4/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990123012";
    let answer = server.get(path).await;
    let bundle = answer.json();
    assert_eq!((&bundle["type"], &bundle["total"]), (&json!("searchset"), &json!(1)));
    let entry = &bundle["entry"][0];
    assert_eq!(entry["fullUrl"], format!("http://{}/fhir/R4/{}", server.address, patients[0]));
    assert_eq!(entry["search"]["mode"], "match");
    assert_eq!(entry["resource"], server.get(&format!("/fhir/R4/{}", patients[0])).await.json());
    assert_eq!(bundle["link"][0]["relation"], "self");
    for (query, total) in [
        ("identifier=9990123012", 1),
        ("identifier=|9990123012", 0),
        ("identifier=https://fhir.nhs.uk/Id/nhs-number|9990123013", 0),
        ("identifier=https://acme.example/Id/person|p1", 1),
        ("identifier=nobody,9990123012", 1),
        ("identifier=9990123012&_id=nobody", 0),
    ] {
        assert_eq!(server.get(&format!("/fhir/R4/Patient?{query}")).await.json()["total"], total, "{query}");
    }
    let form = server.request(Method::POST, "/fhir/R4/Patient/_search");
    let form = form.header("Content-Type", "application/x-www-form-urlencoded").body("identifier=9990123012");
    assert_eq!(Answer::of(form).await.json()["total"], 1);
}

#[actix_web::test]
async fn what_belongs_to_a_person_is_found_by_person_status_and_time() {
    let (server, patients) =
        with_people(&[allergic("p1", 1, &["active", "inactive"]), allergic("p2", 1, &["active"])]).await;
    let id = patients[0].trim_start_matches("Patient/");
    let before = server.get(&format!("/fhir/R4/{}", patients[1])).await.json()["meta"]["lastUpdated"].clone();
    let before = before.as_str().expect("a time");
    for (query, total) in [
        (format!("patient={id}"), 2),
        (format!("patient=Patient/{id}"), 2),
        (format!("patient={id}&clinical-status=active"), 1),
        (
            format!(
                "patient={id}&clinical-status=http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical|inactive"
            ),
            1,
        ),
        (format!("patient={id}&clinical-status=active,inactive"), 2),
        (format!("patient={id}&_count=0"), 2),
        ("patient=nobody".to_owned(), 0),
        (format!("_lastUpdated=ge{before}"), 1),
        (format!("_lastUpdated=gt{before}"), 0),
        (format!("_lastUpdated=lt{before}"), 2),
        ("_lastUpdated=le2020".to_owned(), 0),
        ("_lastUpdated=ge2020&_lastUpdated=lt2020-02".to_owned(), 0),
    ] {
        let found = server.get(&format!("/fhir/R4/AllergyIntolerance?{query}")).await;
        assert_eq!(found.json()["total"], total, "{query}: {}", found.text);
    }
    let empty = server.get("/fhir/R4/AllergyIntolerance?patient=nobody").await.json();
    assert_eq!(empty.get("entry"), None, "FHIR has no empty lists: {empty}");
}

#[actix_web::test]
async fn an_unknown_search_parameter_is_an_error_unless_lenience_is_asked_for() {
    let (server, _) = with_people(&[allergic("p1", 1, &[])]).await;
    let path = "/fhir/R4/Patient?favourite-colour=blue";
    let strict = server.get(path).await;
    strict.must_fail(400, "search.parameter");
    assert!(strict.text.contains("identifier"), "the hint names what is known: {}", strict.text);
    let lenient = Answer::of(server.request(Method::GET, path).header("Prefer", "handling=lenient")).await;
    assert_eq!((lenient.status, &lenient.json()["total"]), (200, &json!(1)));
    let link = lenient.json()["link"][0]["url"].as_str().expect("a URL").to_owned();
    assert!(!link.contains("favourite"), "the self link says what was used: {link}");
    for query in ["identifier=", "_count=many", "_lastUpdated=soon", "_sort=name", "_page=1-2-3"] {
        server.get(&format!("/fhir/R4/Patient?{query}")).await.must_fail(400, "search.parameter");
    }
}

#[actix_web::test]
async fn everything_about_a_person_is_that_persons_alone() {
    let (server, patients) =
        with_people(&[allergic("p1", 1, &["active"]), allergic("p2", 1, &["active", "active"])]).await;
    let bundle = server.get(&format!("/fhir/R4/{}/$everything", patients[0])).await.json();
    let mut types: Vec<String> = bundle["entry"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| entry["resource"]["resourceType"].as_str().expect("a type").to_owned())
        .collect();
    types.sort();
    assert_eq!(types, ["AllergyIntolerance", "Patient", "Practitioner", "Provenance"]);
    let text = bundle.to_string();
    let other = patients[1].trim_start_matches("Patient/");
    assert!(!text.contains(other) && !text.contains("w-p2"), "nothing of anybody else");
    let mut got = Vec::new();
    let mut path = format!("/fhir/R4/{}/$everything?_count=1", patients[0]);
    loop {
        let page = server.get(&path).await.json();
        assert_eq!(page["total"], 4);
        got.extend(ids(&page));
        let links = page["link"].as_array().expect("links");
        let Some(next) = links.iter().find(|one| one["relation"] == "next") else {
            break;
        };
        path = next["url"].as_str().expect("a URL").split(&server.address.to_string()).nth(1).expect("ours").to_owned();
    }
    assert_eq!(got, ids(&bundle));
    server.get(&format!("/fhir/R4/{}/$everything?_since=2020", patients[0])).await.must_fail(400, "search.parameter");
}

#[actix_web::test]
async fn a_configured_public_url_stands_in_links() {
    let server = Server::start_with(|config| config.public_url = Some("https://ginnel.example/".into()));
    server.send("people", &json!({"people": [allergic("p1", 1, &[])]})).await;
    let bundle = server.get("/fhir/R4/Patient").await.json();
    assert!(
        bundle["entry"][0]["fullUrl"]
            .as_str()
            .is_some_and(|url| url.starts_with("https://ginnel.example/fhir/R4/Patient/"))
    );
    let vendors = server.get("/vendors").await.json();
    let acme = vendors["vendors"].as_array().expect("a list").iter().find(|one| one["id"] == ACME).cloned();
    assert_eq!(acme.expect("is listed")["messages"].as_array().map(Vec::len), Some(3));
}
