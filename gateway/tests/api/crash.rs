//! The process is killed in the middle of its work: whatever it acknowledged is there afterwards.

use crate::server::{ACME, client, plugins};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

/// A `ginnel serve` of its own; killed without warning when dropped.
struct Process {
    child: Child,
    base: String,
}

impl Process {
    fn start(folder: &Path) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ginnel"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .arg("--vendors")
            .arg(plugins())
            .env("GINNEL_LOG__FILTER", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let out = child.stdout.take().expect("is piped");
        let mut lines = BufReader::new(out).lines();
        let line = lines.next().expect("says where it listens").expect("is text");
        let base = line.strip_prefix("listening on ").expect("says where it listens").to_owned();
        Process { child, base }
    }

    /// `kill -9`
    fn kill(mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("has ended");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_message_survives_kill_nine() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged: Vec<(String, String)> = Vec::new();
    for round in 0..3 {
        let process = Process::start(folder.path());
        let kept = Arc::new(Mutex::new(Vec::new()));
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let (base, kept, client) = (process.base.clone(), Arc::clone(&kept), client());
                tokio::spawn(async move {
                    for number in 0.. {
                        let body = format!(
                            r#"{{"people":[{{"id":"r{round}-s{sender}-{number}","version":1,"name":"Person {number}"}}]}}"#
                        );
                        let request = client
                            .post(format!("{base}/vendors/{ACME}/people"))
                            .header("Content-Type", "application/json")
                            .body(body.clone());
                        // The first failure is the kill.
                        let Ok(answer) = request.send().await else { return };
                        assert_eq!(answer.status(), 201);
                        let place = answer.headers()["location"].to_str().expect("text").to_owned();
                        kept.lock().expect("not poisoned").push((place, body));
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(700 + 150 * round)).await;
        process.kill();
        for sender in senders {
            sender.await.expect("no other failure");
        }
        let kept = std::mem::take(&mut *kept.lock().expect("not poisoned"));
        assert!(!kept.is_empty(), "something was acknowledged in round {round}");
        acknowledged.extend(kept);
    }
    let process = Process::start(folder.path());
    let client = client();
    for (place, body) in &acknowledged {
        let original = client.get(format!("{}{place}/original", process.base)).send().await.expect("answers");
        assert_eq!(original.status(), 200, "{place}");
        assert_eq!(&original.text().await.expect("text"), body);
    }
    let search = format!("{}/fhir/R4/Patient?_count=0", process.base);
    let total = client.get(search).send().await.expect("answers").text().await.expect("text");
    let total = serde_json::from_str::<serde_json::Value>(&total).expect("JSON")["total"].as_u64().expect("a number");
    assert!(total >= acknowledged.len() as u64, "{total} of {}", acknowledged.len());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_finishes_and_ends_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(folder.path());
    let body = r#"{"people":[{"id":"p1","version":1,"name":"Ada Ash"}]}"#;
    let request = client().post(format!("{}/vendors/{ACME}/people", process.base));
    let sent = request.header("Content-Type", "application/json").body(body).send().await.expect("answers");
    assert_eq!(sent.status(), 201);
    let told = Command::new("kill").args(["-TERM", &process.child.id().to_string()]).status().expect("runs");
    assert!(told.success());
    let ended = process.child.wait().expect("ends");
    assert_eq!(ended.code(), Some(0));
    // SQLite removes its log when the last connection closes: nothing was left half done.
    assert!(!folder.path().join("ginnel.db-wal").exists());
}
