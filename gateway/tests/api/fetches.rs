//! Thin notifications: what they name is fetched from a server on loopback, whatever that does.

use crate::server::Server;
use ginnel::config::{Config, FetchSource, Secret, Sender};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A sender's server: what it answers by path, and what it was asked.
#[derive(Clone)]
struct Source {
    address: SocketAddr,
    answers: Arc<Mutex<HashMap<String, String>>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Source {
    fn start() -> Source {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let source = Source {
            address: listener.local_addr().expect("an address"),
            answers: Arc::default(),
            asked: Arc::default(),
        };
        let own = source.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                std::thread::spawn(move || own.answer(stream));
            }
        });
        source
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().expect("a clone")).lines().map_while(Result::ok);
        let first = lines.next().unwrap_or_default();
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let authorization = headers.iter().find(|line| line.to_ascii_lowercase().starts_with("authorization:"));
        self.asked.lock().expect("a lock").push((path.clone(), authorization.cloned().unwrap_or_default()));
        let kept = self.answers.lock().expect("a lock").get(&path).cloned();
        let answer = kept.unwrap_or_else(|| http("404 Not Found", "{\"error\":\"not_found\"}"));
        let _ = stream.write_all(answer.as_bytes());
    }

    fn set(&self, path: &str, answer: String) {
        self.answers.lock().expect("a lock").insert(path.to_owned(), answer);
    }

    fn asked(&self, path: &str) -> usize {
        self.asked.lock().expect("a lock").iter().filter(|(asked, _)| asked == path).count()
    }
}

fn http(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn visit(id: u64) -> String {
    let visit = json!({
        "id": id, "external_id": "v-1", "client": {"id": 4409, "external_id": "WIN"}, "status": "completed",
        "start_at": "2026-10-19T07:15:00+01:00", "end_at": "2026-10-19T08:00:00+01:00", "timezone": "Europe/London",
        "tasks": [{"id": 1, "label": "Make breakfast", "completed": "true"}], "is_deleted": false,
    });
    http("200 OK", &visit.to_string())
}

fn agreed(config: &mut Config, source: &Source, loopback: bool) {
    config.limits.fetch_interval_ms = 20;
    config.limits.fetch_retry_ms = 50;
    config.limits.fetch_retry_max_ms = 100;
    config.limits.body_bytes = 20_000;
    config.senders.push(Sender {
        vendor: "event-stream".into(),
        fetch: Some(FetchSource {
            base: format!("http://{}/v1", source.address),
            authorization: Some(Secret::new("Bearer only-a-test")),
            authorization_env: None,
            loopback,
        }),
        ..Sender::default()
    });
}

async fn notify(server: &Server, id: u64) -> String {
    let body = json!({"event": "visit-updated", "id": id, "external_id": null, "request_id": format!("r-{id}")});
    let answer = server.post("/vendors/event-stream", &body.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["receipt"].as_str().expect("a receipt").to_owned()
}

/// The fetch of a notification once it is as wanted; what it was last seen as when that takes too long.
async fn until(server: &Server, receipt: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let kept = server.get(&format!("/vendors/event-stream/receipts/{receipt}")).await.json();
        let fetch = kept["fetches"][0].clone();
        if wanted(&fetch) {
            return fetch;
        }
        assert!(Instant::now() < end, "{kept}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[actix_web::test]
async fn what_a_notification_names_is_fetched_with_the_agreed_credentials_and_published() {
    let source = Source::start();
    source.set("/v1/visits/551201", visit(551_201));
    let server = Server::start_with(|config| agreed(config, &source, true));
    let receipt = notify(&server, 551_201).await;
    let fetch = until(&server, &receipt, |fetch| fetch["state"] == "fetched").await;
    let fetched = fetch["receipt"].as_str().expect("a receipt of its own");
    let kept = server.get(&format!("/vendors/event-stream/receipts/{fetched}/original")).await;
    assert!(kept.text.contains("Make breakfast"));
    let found = server.get("/fhir/R4/Encounter?identifier=551201").await.json();
    assert_eq!(found["entry"][0]["resource"]["status"], "finished", "{found}");
    let asked = source.asked.lock().expect("a lock").clone();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].1.ends_with("Bearer only-a-test"), "{asked:?}");
}

#[actix_web::test]
async fn what_is_not_there_waits_visibly_and_is_tried_until_it_is() {
    let source = Source::start();
    let server = Server::start_with(|config| agreed(config, &source, true));
    let receipt = notify(&server, 551_299).await;
    let fetch = until(&server, &receipt, |fetch| fetch["attempts"].as_u64() >= Some(2)).await;
    assert_eq!(fetch["state"], "waiting");
    assert!(fetch["why"].as_str().is_some_and(|why| why.contains("404")), "{fetch}");
    let all = server.get("/vendors/event-stream/fetches").await.json();
    assert_eq!(all["fetches"][0]["notification"], receipt, "{all}");
    source.set("/v1/visits/551299", visit(551_299));
    until(&server, &receipt, |fetch| fetch["state"] == "fetched").await;
    assert!(source.asked("/v1/visits/551299") >= 3);
}

#[actix_web::test]
async fn answers_out_of_bounds_are_not_taken_and_redirects_not_followed() {
    let source = Source::start();
    let elsewhere = "HTTP/1.1 302 Found\r\nLocation: /v1/visits/9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    source.set("/v1/visits/1", elsewhere.to_owned());
    source.set("/v1/visits/2", http("200 OK", &format!("{{\"id\": \"{}\"}}", "x".repeat(30_000))));
    source.set("/v1/visits/3", visit(3).replace("application/json", "text/html"));
    source.set("/v1/visits/4", http("200 OK", "{\"id\": 4}"));
    source.set("/v1/visits/9", visit(9));
    let server = Server::start_with(|config| {
        agreed(config, &source, true);
        config.limits.fetch_attempts = 2;
    });
    for (id, why) in [(1, "redirect"), (2, "bytes"), (3, "not JSON"), (4, "refused")] {
        let receipt = notify(&server, id).await;
        let fetch = until(&server, &receipt, |fetch| fetch["state"] == "stopped").await;
        assert!(fetch["why"].as_str().is_some_and(|said| said.contains(why)), "{fetch}");
        assert_eq!(fetch["attempts"], 2);
    }
    assert_eq!(source.asked("/v1/visits/9"), 0);
}

#[actix_web::test]
async fn this_machine_is_asked_only_where_the_configuration_allows_it() {
    let source = Source::start();
    source.set("/v1/visits/5", visit(5));
    let server = Server::start_with(|config| agreed(config, &source, false));
    let receipt = notify(&server, 5).await;
    let fetch = until(&server, &receipt, |fetch| fetch["attempts"].as_u64() >= Some(1)).await;
    assert_eq!(fetch["state"], "waiting");
    assert!(fetch["why"].as_str().is_some_and(|why| why.contains("loopback")), "{fetch}");
    assert_eq!(source.asked("/v1/visits/5"), 0);
}
