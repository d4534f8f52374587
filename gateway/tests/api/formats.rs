//! Vendors' own files over HTTP and on the command line: tables together, XML, one message a line.

use crate::server::{ACME, Answer, Server, issue_keys, reference};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Output};

const PEOPLE: &str = "Ref;NHS number;Full name\r\nP1;9990123012;\"Okoro; Ada\"\r\nP2;;Bo Birch\r\n";
const VISITS: &str = "Id,Ref\nV1,P1\nV2,P2\n";
const CHART: &str = "<?xml version=\"1.0\"?>\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\n  <soap:Body>\n    \
    <Chart xmlns=\"urn:example:mar\"><!-- ward 3 -->\n      <Dose id='d1'><Text>ONE tablet &amp; water</Text></Dose>\n    </Chart>\n  \
    </soap:Body>\n</soap:Envelope>\n";
const HILL: &str = "hill-care";

fn plugins() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/format-plugins")
}

fn server() -> Server {
    Server::start_configured(|config| config.vendors.push(plugins()))
}

async fn send(server: &Server, message: &str, content_type: &str, body: &str) -> Answer {
    let request = server.request(Method::POST, &format!("/vendors/{HILL}/{message}"));
    Answer::of(request.header("Content-Type", content_type).body(body.to_owned())).await
}

fn form(files: &[(&str, &str)]) -> String {
    let part = |(name, text): &(&str, &str)| {
        format!(
            "--b7\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n"
        )
    };
    files.iter().map(part).collect::<String>() + "--b7--\r\n"
}

const FORM: &str = "multipart/form-data; boundary=b7";

fn addresses(outcome: &Value) -> Vec<String> {
    let text = outcome.to_string();
    let mut found = Vec::new();
    for part in text.split("issue-source-address\",\"valueString\":").skip(1) {
        let mut read = serde_json::Deserializer::from_str(part).into_iter::<String>();
        found.extend(read.next().and_then(Result::ok));
    }
    found
}

#[actix_web::test]
async fn the_tables_of_a_message_are_taken_together_and_every_cell_has_its_address() {
    let server = server();
    let body = form(&[("people_2026.csv", PEOPLE), ("visits_2026.csv", VISITS)]);
    let answer = send(&server, "rota", FORM, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let receipt = answer.json();
    assert_eq!(receipt["resources"].as_array().map(Vec::len), Some(4), "{receipt}");
    let original = server.get(receipt["links"]["original"].as_str().expect("a link")).await;
    assert_eq!(original.text, body, "the bytes are kept as they came");
    let account = server.get(receipt["links"]["account"].as_str().expect("a link")).await.json();
    let row = account.as_array().expect("rows").iter().find(|row| row["pointer"] == "/people/0/nhs_no").expect("a row");
    assert_eq!(row["source"], "people_2026.csv row 2, column B \"NHS number\"", "{row}");
    assert!(account.as_array().expect("rows").iter().all(|row| row["source"].is_string()), "{account}");

    let encounter = server.get(&format!("/fhir/R4/{}", reference(&receipt, "Encounter"))).await;
    let back = Answer::of(
        server
            .request(Method::POST, &format!("/vendors/{HILL}/rota/$to-vendor"))
            .header("Content-Type", "application/json")
            .body(encounter.text.clone()),
    )
    .await;
    assert_eq!(back.status, 200, "{}", back.text);
    assert!(back.header("content-type").starts_with("multipart/form-data"), "{}", back.header("content-type"));
    assert!(back.text.contains(PEOPLE) && back.text.contains(VISITS), "{}", back.text);
}

#[actix_web::test]
async fn a_damaged_cell_refuses_its_row_by_name_and_the_others_go_on() {
    let server = server();
    let damaged = PEOPLE.replace("P2;;", "P2;9.99E+09;");
    let body = form(&[("people_2026.csv", &damaged), ("visits_2026.csv", "Id,Ref\nV1,P1\n")]);
    let receipt = send(&server, "rota", FORM, &body).await;
    assert_eq!(receipt.status, 201, "{}", receipt.text);
    let receipt = receipt.json();
    assert!(issue_keys(&receipt["outcome"]).contains(&"source.damaged".to_owned()), "{receipt}");
    let places = addresses(&receipt["outcome"]);
    assert!(places.contains(&"people_2026.csv row 3, column B \"NHS number\"".to_owned()), "{places:?}");
    let quarantine = server.get(receipt["links"]["quarantine"].as_str().expect("a link")).await.json();
    assert_eq!(quarantine[0]["content"]["Ref"], "P2", "{quarantine}");
}

#[actix_web::test]
async fn a_content_type_that_the_format_does_not_have_is_refused_with_those_it_has() {
    let server = server();
    let answer = send(&server, "rota", "application/json", "{}").await;
    assert!(answer.text.contains("text/csv"), "{}", answer.text);
    answer.must_fail(415, "http.content-type");
    let answer = send(&server, "charts", "text/csv", "a\n").await;
    assert!(answer.text.contains("application/xml"), "{}", answer.text);
    answer.must_fail(415, "http.content-type");
    send(&server, "charts", "text/xml", "<a><b></a>").await.must_fail(400, "source.unreadable");
    send(&server, "rota", "multipart/form-data", "x").await.must_fail(400, "source.unreadable");
}

#[actix_web::test]
async fn xml_comes_in_and_goes_back_byte_for_byte() {
    let server = server();
    let answer = send(&server, "charts", "text/xml; charset=utf-8", CHART).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let receipt = answer.json();
    let account = server.get(receipt["links"]["account"].as_str().expect("a link")).await.json();
    assert!(account.to_string().contains("/m:Dose[1]/m:Text"), "{account}");
    let note = server.get(&format!("/fhir/R4/{}", reference(&receipt, "Observation"))).await;
    let back = server.post(&format!("/vendors/{HILL}/charts/$to-vendor"), &note.text).await;
    assert_eq!((back.status, back.header("content-type")), (200, "application/xml"), "{}", back.text);
    assert_eq!(back.text, CHART);
    let changed = note.text.replace("ONE tablet", "TWO tablets");
    let back = server.post(&format!("/vendors/{HILL}/charts/$to-vendor"), &changed).await;
    assert_eq!(back.text, CHART.replace("ONE tablet", "TWO tablets"));
}

#[actix_web::test]
async fn every_line_of_a_stream_is_answered_and_a_broken_one_refused_alone() {
    let server = Server::start();
    let person = |id: &str| json!({"people": [{"id": id, "version": 1, "name": "Ada Ash"}]}).to_string();
    let body = format!("{}\n{{\"people\": [\n\n{}\n", person("p1"), person("p2"));
    let request = server.request(Method::POST, &format!("/vendors/{ACME}/people"));
    let answer = Answer::of(request.header("Content-Type", "application/x-ndjson").body(body)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{}", answer.text);
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<(i64, i64)> =
        lines.iter().map(|line| (line["line"].as_i64().expect("n"), line["status"].as_i64().expect("n"))).collect();
    assert_eq!(told, [(1, 201), (2, 400), (4, 201)]);
    assert_eq!(lines[1]["outcome"]["resourceType"], "OperationOutcome");
    assert_eq!(server.get("/fhir/R4/Patient").await.json()["total"], 2);

    let few = Server::start_with(|config| config.limits.stream_lines = 1);
    let request = few.request(Method::POST, &format!("/vendors/{ACME}/people"));
    let body = format!("{}\n{}\n", person("p1"), person("p2"));
    let answer = Answer::of(request.header("Content-Type", "application/x-ndjson").body(body)).await;
    answer.must_fail(400, "source.too-many");
}

fn translate(arguments: &[&str]) -> Output {
    let plugins = plugins();
    let all = ["translate", "--vendors", plugins.to_str().expect("a path"), "--vendor", HILL];
    Command::new(env!("CARGO_BIN_EXE_ginnel")).args(all).args(arguments).output().expect("ginnel runs")
}

#[test]
fn files_of_one_message_are_translated_together_and_come_back_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    std::fs::write(at("people_2026.csv"), PEOPLE).expect("written");
    std::fs::write(at("visits_2026.csv"), VISITS).expect("written");
    let (people, visits, account) = (at("people_2026.csv"), at("visits_2026.csv"), at("account.json"));
    let out = translate(&["--account", &account, &people, &visits]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let bundle: Value = serde_json::from_slice(&out.stdout).expect("a Bundle");
    assert_eq!(bundle["entry"].as_array().map(Vec::len), Some(4));
    let rows = std::fs::read_to_string(&account).expect("an account");
    assert!(rows.contains("visits_2026.csv row 3, column A"), "{rows}");

    std::fs::write(at("bundle.json"), &out.stdout).expect("written");
    let (bundle, to) = (at("bundle.json"), at("back"));
    let back = translate(&[
        "--message",
        "rota",
        "--to",
        "vendor",
        "--out",
        &to,
        "--previous",
        &people,
        "--previous",
        &visits,
        &bundle,
    ]);
    assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join("back").join(name)).expect("a file");
    assert_eq!((read("people_2026.csv").as_str(), read("visits_2026.csv").as_str()), (PEOPLE, VISITS));

    let anew = translate(&["--message", "rota", "--to", "vendor", &bundle]);
    assert_eq!(anew.status.code(), Some(2), "several files need a folder");
    assert!(String::from_utf8_lossy(&anew.stderr).contains("--out"), "{}", String::from_utf8_lossy(&anew.stderr));
}
