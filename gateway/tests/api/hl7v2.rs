//! The built-in plugin `hl7v2` over MLLP: what is kept, what a change deletes and leaves alone, and what is answered.

use crate::server::Server;
use ginnel::config::MllpListener;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn start() -> Server {
    Server::start_configured(|config| {
        config.mllp.push(MllpListener { address: "127.0.0.1:0".into(), vendor: "hl7v2".into(), tenant: None });
    })
}

fn text(kind: &str, when: &str, segments: &[&str]) -> String {
    let header = format!("MSH|^~\\&|PAS|RQQ|G|G|{when}||{kind}|M{when}|P|2.4||||||UNICODE UTF-8");
    [&[header.as_str()], segments].concat().join("\r") + "\r"
}

/// Sends a message in its frame and waits for the answer.
fn send(server: &Server, text: &str) -> String {
    let mut stream = TcpStream::connect(server.mllp[0]).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time");
    stream.write_all(&[b"\x0b", text.as_bytes(), b"\x1c\r"].concat()).expect("sent");
    let (mut out, mut byte) = (Vec::new(), [0]);
    while !out.ends_with(b"\x1c\r") {
        stream.read_exact(&mut byte).expect("an answer");
        out.push(byte[0]);
    }
    String::from_utf8(out).expect("text")
}

const PID: &str = "PID|1||9995301172^^^NHS^NH~77^^^RQQ^MR||FENN^IDA^MAY^^MRS^^L||19400229|F|||1 LOW ROW^^FENTON||01632 960111^PRN^PH~07700 900111^ORN^CP|||W";

async fn patients(server: &Server) -> Vec<Value> {
    let found = server.get("/fhir/R4/Patient").await.json();
    let entries = found["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(|entry| entry["resource"].clone()).collect()
}

#[actix_web::test]
async fn a_change_deletes_what_it_says_and_leaves_the_rest_of_what_is_stored_alone() {
    let server = start();
    let admitted =
        text("ADT^A01^ADT_A01", "20260301100000", &[PID, "PV1|1|I|W1||||||||||||||||V1", "AL1|1|DA|PEN^Penicillin"]);
    let answer = send(&server, &admitted);
    assert!(answer.contains("\rMSA|AA|M20260301100000\r"), "{answer}");
    let changed = ["PID|1||9995301172^^^NHS^NH||||||||||\"\"~07700 900111^ORN^CP|||\"\"", "PV1|1|N"];
    let answer = send(&server, &text("ADT^A08^ADT_A01", "20260302100000", &changed));
    assert!(answer.contains("\rMSA|AA|M20260302100000\r"), "{answer}");
    let all = patients(&server).await;
    let [patient] = all.as_slice() else { panic!("one patient: {all:?}") };
    assert_eq!(patient["telecom"].as_array().map(Vec::len), Some(1), "{patient}");
    assert_eq!(patient["telecom"][0]["value"], "07700 900111");
    assert_eq!(patient["maritalStatus"], Value::Null);
    assert_eq!((&patient["birthDate"], &patient["name"][0]["family"]), (&"1940-02-29".into(), &"FENN".into()));
    assert_eq!(patient["meta"]["versionId"], "2");
    for kind in ["AllergyIntolerance", "Encounter"] {
        let found = server.get(&format!("/fhir/R4/{kind}")).await.json();
        assert_eq!(found["entry"].as_array().map_or(0, Vec::len), 1, "{kind} stays: {found}");
    }
}

#[actix_web::test]
async fn a_merge_leaves_the_old_record_inactive_whatever_still_comes_for_it() {
    let server = start();
    let old = text("ADT^A28", "20260301100000", &["PID|1||5^^^OLD^PI||FEN^IDA", "PV1|1|N", "AL1|1|DA|PEN^Penicillin"]);
    assert!(send(&server, &old).contains("\rMSA|AA|"));
    assert!(send(&server, &text("ADT^A28", "20260301110000", &[PID, "PV1|1|N"])).contains("\rMSA|AA|"));
    let merge = text("ADT^A40^ADT_A39", "20260302100000", &["EVN|A40", PID, "MRG|5^^^OLD^PI||||||FEN^IDA"]);
    let answer = send(&server, &merge);
    assert!(answer.contains("\rMSA|AA|"), "{answer}");
    let late = text("ADT^A08", "20260303100000", &["PID|1||5^^^OLD^PI||FEN^IDA|||F", "PV1|1|N"]);
    assert!(send(&server, &late).contains("\rMSA|AA|"));
    let all = patients(&server).await;
    assert_eq!(all.len(), 2, "{all:?}");
    let gone = all.iter().find(|one| one["active"] == false).expect("an inactive record");
    let stays = all.iter().find(|one| one["active"] != false).expect("an active record");
    assert_eq!(gone["link"][0]["type"], "replaced-by");
    let target = format!("Patient/{}", stays["id"].as_str().expect("an id"));
    assert_eq!(gone["link"][0]["other"]["reference"], target.as_str());
    let allergies = server.get("/fhir/R4/AllergyIntolerance").await.json();
    assert_eq!(allergies["entry"].as_array().map_or(0, Vec::len), 1, "the old record's allergy is still there");
}

#[actix_web::test]
async fn a_message_at_fault_is_refused_with_segment_and_field_and_none_of_it_is_kept() {
    let server = start();
    let sent = text("ADT^A01^ADT_A01", "20260301100000", &[&PID.replace("MRS^^L|", "MRS^^LEGALLY-FENN|"), "PV1|1|N"]);
    // Until 2.4 the answer has one place for words, MSA-3, and ERR-1 for where; since 2.5 ERR says all of it.
    let older = send(&server, &sent);
    let words = older.split("\rMSA|AE|M20260301100000|").nth(1).and_then(|rest| rest.split('\r').next());
    assert!(words.is_some_and(|words| words.contains("`PID` must have at most 5 characters")), "{older}");
    assert!(older.contains("\rERR|PID^1^5^"), "{older}");
    let newer = send(&server, &sent.replace("|P|2.4|", "|P|2.5|"));
    assert!(newer.contains("\rMSA|AE|M20260301100000\r"), "{newer}");
    assert!(newer.contains("\rERR||PID^1^5^1^7|") && newer.contains("|E|source."), "{newer}");
    for answer in [&older, &newer] {
        assert!(!answer.contains("FENN") && !answer.contains("LEGALLY") && !answer.contains("\\d"), "{answer}");
    }
    assert!(patients(&server).await.is_empty());
}
