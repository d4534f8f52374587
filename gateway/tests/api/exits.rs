//! Everything that goes wrong leaves by the one exit.

use crate::broken_store::{BrokenStore, Mood};
use crate::server::{ACME, Answer, Server};
use reqwest::Method;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

#[actix_web::test]
async fn what_is_not_there_is_told_apart() {
    let server = Server::start();
    server.get("/nowhere").await.must_fail(404, "http.not-found");
    server.get("/fhir/R4/Nonsense/1").await.must_fail(404, "target.unknown-type");
    server.get("/fhir/R4/Nonsense").await.must_fail(404, "target.unknown-type");
    server.get("/fhir/R4/Patient/unknown").await.must_fail(404, "resource.not-found");
    server.get("/fhir/R4/Patient/not%20an%20id").await.must_fail(404, "resource.not-found");
    server.get("/fhir/R4/Patient/unknown/_history").await.must_fail(404, "resource.not-found");
    server.get("/fhir/R4/Patient/unknown/_history/1").await.must_fail(404, "resource.not-found");
    server.get("/fhir/R4/Patient/unknown/$everything").await.must_fail(404, "resource.not-found");
    server.post("/vendors/nobody/people", "{}").await.must_fail(404, "vendor.unknown");
    let message = server.post(&format!("/vendors/{ACME}/nothing"), "{}").await;
    message.must_fail(404, "message.unknown");
    assert!(message.text.contains("people"), "the hint names the messages: {}", message.text);
}

#[actix_web::test]
async fn a_method_that_is_not_offered_is_405_with_those_that_are() {
    let server = Server::start();
    for (method, path, allowed) in [
        (Method::DELETE, "/fhir/R4/metadata", "GET, HEAD"),
        (Method::PUT, "/fhir/R4/Patient/x", "GET, HEAD"),
        (Method::GET, "/vendors/acme-care/people", "POST"),
        (Method::PATCH, "/healthz", "GET, HEAD"),
    ] {
        let answer = Answer::of(server.request(method, path)).await;
        answer.must_fail(405, "http.method");
        assert_eq!(answer.header("allow"), allowed, "{path}");
    }
}

#[actix_web::test]
async fn only_json_is_written_and_only_json_is_taken() {
    let server = Server::start();
    for path in ["/fhir/R4/metadata", "/fhir/R4/Patient", "/fhir/R4/Patient/x"] {
        let answer = Answer::of(server.request(Method::GET, path).header("Accept", "application/fhir+xml")).await;
        answer.must_fail(406, "http.accept");
    }
    server.get("/fhir/R4/metadata?_format=xml").await.must_fail(406, "http.accept");
    assert_eq!(server.get("/fhir/R4/metadata?_format=application/fhir%2Bjson").await.status, 200);
    assert_eq!(server.get("/fhir/R4/metadata?_format=json").await.status, 200);
    let path = format!("/vendors/{ACME}/people");
    for content_type in ["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data", ""]
    {
        let request = server.request(Method::POST, &path).header("Content-Type", content_type).body("{}");
        Answer::of(request).await.must_fail(415, "http.content-type");
    }
    Answer::of(server.request(Method::POST, &path).body("{}")).await.must_fail(415, "http.content-type");
    let squeezed = server.request(Method::POST, &path).header("Content-Type", "application/json");
    Answer::of(squeezed.header("Content-Encoding", "gzip").body("{}")).await.must_fail(415, "http.content-type");
    server.post("/fhir/R4/Patient/_search", "{}").await.must_fail(415, "http.content-type");
}

#[actix_web::test]
async fn what_cannot_be_read_is_400_with_its_place() {
    let server = Server::start();
    let path = format!("/vendors/{ACME}/people");
    let broken = server.post(&path, "{\"people\": [\n  {\"id\": }]}").await;
    broken.must_fail(400, "json.syntax");
    assert!(broken.text.contains("line 2"), "{}", broken.text);
    server.post(&path, "").await.must_fail(400, "json.syntax");
    server.post(&path, r#"{"people": [], "people": []}"#).await.must_fail(400, "json.duplicate-member");
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    server.post(&path, &deep(65)).await.must_fail(400, "json.too-deep");
    server.post(&path, &deep(64)).await.must_fail(422, "source.type");
}

#[actix_web::test]
async fn a_body_may_have_the_limits_size_and_no_more() {
    let server = Server::start_with(|config| config.limits.body_bytes = 1000);
    let path = format!("/vendors/{ACME}/people");
    let body = |bytes: usize| format!("{{\"people\": []{}}}", " ".repeat(bytes - 14));
    assert_eq!(body(1000).len(), 1000);
    assert_eq!(server.post(&path, &body(1000)).await.status, 201);
    server.post(&path, &body(1001)).await.must_fail(413, "body.too-big");
    // Without a length announced the body is cut off while it comes in.
    let raw = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n{}\r\n0\r\n\r\n",
        body(1001)
    );
    let answer = speak(&server, &raw);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("body.too-big"), "{answer}");
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let server = Server::start_with(|config| config.limits.request_timeout_ms = 200);
    let path = format!("/vendors/{ACME}/people");
    let answer = speak(
        &server,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nX-Request-ID: slow-1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    assert!(answer.contains("server.timeout") && answer.contains("x-request-id: slow-1"), "{answer}");
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[actix_web::test]
async fn a_store_in_trouble_is_said_without_details() {
    for (mood, status, key) in [
        (Mood::Busy, 429, "server.busy"),
        (Mood::Unavailable, 503, "storage.unavailable"),
        (Mood::Broken, 500, "server.fault"),
        (Mood::Panics, 500, "server.fault"),
    ] {
        let server = Server::start_on(Arc::new(BrokenStore(mood)), |_| {});
        let read = server.get("/fhir/R4/Patient/x").await;
        read.must_fail(status, key);
        assert!(!read.text.contains("inner words"), "{}", read.text);
        let sent = server.post(&format!("/vendors/{ACME}/people"), r#"{"people": []}"#).await;
        sent.must_fail(status, key);
        assert_eq!(sent.header("retry-after").is_empty(), status == 500);
        server.get("/readyz").await.must_fail(status, key);
        assert_eq!(server.get("/healthz").await.status, 200, "the process lives on");
    }
}

#[actix_web::test]
async fn request_ids_are_echoed_when_harmless_and_made_when_not() {
    let server = Server::start();
    let ask = |path: &'static str, id: &'static str| {
        let request = server.request(Method::GET, path).header("X-Request-ID", id).header("X-Correlation-ID", id);
        Answer::of(request)
    };
    for path in ["/healthz", "/fhir/R4/metadata", "/nowhere", "/fhir/R4/Patient/x"] {
        let answer = ask(path, "60E0B220-8136-4CA5-AE46-1D97EF59D068").await;
        assert_eq!(answer.header("x-request-id"), "60E0B220-8136-4CA5-AE46-1D97EF59D068", "{path}");
        assert_eq!(answer.header("x-correlation-id"), "60E0B220-8136-4CA5-AE46-1D97EF59D068", "{path}");
        let answer = ask(path, "<bad id>").await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert_eq!(answer.header("x-correlation-id"), "", "{path}");
    }
}

#[actix_web::test]
async fn metrics_speak_of_routes_and_never_of_people() {
    let server = Server::start();
    server.get("/fhir/R4/Patient/a-very-special-id?_format=json").await;
    server.get("/another/very/special/path").await;
    Answer::of(server.request(Method::from_bytes(b"INVENTED").expect("a method"), "/healthz")).await;
    let page = server.get("/metrics").await;
    assert!(page.header("content-type").starts_with("text/plain"));
    assert!(page.text.contains(r#"route="/fhir/R4/{type}/{id}",status="404""#), "{}", page.text);
    assert!(page.text.contains("ginnel_http_request_seconds_bucket"));
    assert!(!page.text.contains("special") && !page.text.contains("INVENTED"), "{}", page.text);
}

/// Speaks HTTP by hand and reads what comes back until the server says no more.
fn speak(server: &Server, text: &str) -> String {
    let mut stream = TcpStream::connect(server.address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("is set");
    stream.write_all(text.as_bytes()).expect("is sent");
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while !String::from_utf8_lossy(&answer).contains("\"resourceType\"") {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&part[..count]),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}
