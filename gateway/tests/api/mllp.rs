//! HL7 v2 over MLLP: real sockets against the real server.

use crate::server::{Answer, Server};
use ginnel::config::MllpListener;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

fn start() -> Server {
    start_with(|_| {})
}

fn start_with(change: impl FnOnce(&mut ginnel::config::Config)) -> Server {
    Server::start_configured(|config| {
        config.vendors = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/hl7-plugins")];
        let listener = MllpListener { address: "127.0.0.1:0".into(), vendor: "pharmacy".into(), tenant: None };
        config.mllp.push(listener);
        change(config);
    })
}

fn message(control_id: &str, order: &str) -> String {
    format!(
        "MSH|^~\\&|PMR|A1|GINNEL|G1|20261020143000||RDE^O11^RDE_O11|{control_id}|P|2.5\r\
         PID|1||P7^^^PMR^PI||OKORO^ADA|\"\"|19410203\rORC|NW|{order}\rRXE||^Senna 7.5mg tablets^L\r"
    )
}

fn framed(text: &str) -> Vec<u8> {
    [b"\x0b", text.as_bytes(), b"\x1c\r"].concat()
}

struct Sender(TcpStream);

impl Sender {
    fn to(server: &Server) -> Sender {
        let stream = TcpStream::connect(server.mllp[0]).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
        Sender(stream)
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("sent");
    }

    /// The next answer, without its frame.
    fn answer(&mut self) -> String {
        let mut out = Vec::new();
        let mut byte = [0];
        while !out.ends_with(b"\x1c\r") {
            self.0.read_exact(&mut byte).expect("an answer");
            out.push(byte[0]);
        }
        assert_eq!(out.first(), Some(&0x0b));
        String::from_utf8(out[1..out.len() - 2].to_vec()).expect("text")
    }
}

#[actix_web::test]
async fn messages_on_one_connection_are_kept_and_acknowledged_however_their_bytes_come() {
    let server = start();
    let mut sender = Sender::to(&server);
    let both = [b"noise\r\n".to_vec(), framed(&message("C1", "RX-1")), framed(&message("C2", "RX-2"))].concat();
    for part in both.chunks(37) {
        sender.send(part);
    }
    for id in ["C1", "C2"] {
        let answer = sender.answer();
        assert!(answer.starts_with("MSH|^~\\&|GINNEL|G1|PMR|A1|"), "{answer}");
        assert!(answer.contains(&format!("\rMSA|AA|{id}\r")), "{answer}");
    }
    let found = server.get("/fhir/R4/MedicationStatement").await.json();
    assert_eq!(found["entry"].as_array().map_or(0, Vec::len), 2, "{found}");
    // The same bytes again are answered again and kept once.
    sender.send(&framed(&message("C1", "RX-1")));
    assert!(sender.answer().contains("\rMSA|AA|C1\r"));
    let found = server.get("/fhir/R4/MedicationStatement").await.json();
    assert_eq!(found["entry"].as_array().map_or(0, Vec::len), 2);
}

#[actix_web::test]
async fn what_is_at_fault_is_refused_at_its_place_without_values_and_the_connection_goes_on() {
    let server = start();
    let mut sender = Sender::to(&server);
    sender.send(&framed(&message("C1", "RX-1").replace("19410203", "in 1941")));
    let answer = sender.answer();
    assert!(answer.contains("\rMSA|AE|C1\r"), "{answer}");
    assert!(answer.contains("\rERR||PID^1^7^1|") && answer.contains("|E|source."), "{answer}");
    assert!(!answer.contains("OKORO") && !answer.contains("in 1941"), "{answer}");
    sender.send(&framed(&message("C2", "RX-1").replace("RDE^O11^RDE_O11", "ADT^A01")));
    let answer = sender.answer();
    assert!(answer.contains("\rMSA|AR|C2\r") && answer.contains("MSH^1^9"), "{answer}");
    sender.send(&framed("hello"));
    assert!(sender.answer().contains("\rMSA|AR"));
    sender.send(b"\x0bMSH|^~\\&|half");
    sender.send(&framed(&message("C3", "RX-3")));
    assert!(sender.answer().contains("\rMSA|AR"), "what was broken off is not taken");
    assert!(sender.answer().contains("\rMSA|AA|C3\r"));
}

#[actix_web::test]
async fn enhanced_mode_is_answered_as_msh_15_asks() {
    let server = start();
    let mut sender = Sender::to(&server);
    sender.send(&framed(&message("C1", "RX-1").replace("|P|2.5", "|P|2.5|||NE|NE")));
    sender.send(&framed(&message("C2", "RX-2").replace("|P|2.5", "|P|2.5|||AL|NE")));
    assert!(sender.answer().contains("\rMSA|CA|C2\r"), "the first wants no answer");
}

#[actix_web::test]
async fn frames_and_connections_are_bounded() {
    let server = start_with(|config| {
        config.limits.body_bytes = 2000;
        config.limits.mllp_connections = 1;
    });
    let mut sender = Sender::to(&server);
    sender.send(&framed(&(message("C1", "RX-1") + &"x".repeat(3000))));
    let answer = sender.answer();
    assert!(answer.contains("\rMSA|AR|C1\r") && answer.contains("body.too-big"), "{answer}");
    sender.send(&framed(&message("C2", "RX-1")));
    assert!(sender.answer().contains("\rMSA|AA|C2\r"));
    let mut second = Sender::to(&server);
    assert_eq!(second.0.read(&mut [0]).unwrap_or(0), 0, "one connection too many is closed");
    sender.0.shutdown(Shutdown::Both).expect("closed");
}

#[actix_web::test]
async fn the_same_message_comes_in_over_http() {
    let server = start();
    let post = |kind: &str| {
        let request = server.request(reqwest::Method::POST, "/vendors/pharmacy/orders");
        Answer::of(request.header("Content-Type", kind.to_owned()).body(message("C1", "RX-1")))
    };
    let answer = post("application/hl7-v2").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let account = server.get(answer.json()["links"]["account"].as_str().expect("a link")).await.json();
    let rows = account.as_array().expect("rows");
    let row = rows.iter().find(|row| row["pointer"] == "/PID/5/0/1").expect("the name");
    assert_eq!(row["source"], "PID[1]-5(1).1");
    post("application/json").await.must_fail(415, "http.content-type");
}
