//! The binary as people and scripts call it.

use crate::server::client;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

fn ginnel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ginnel")).args(arguments).output().expect("the binary runs")
}

#[test]
fn serving_beyond_loopback_is_refused_with_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = ginnel(&["serve", "--listen", "0.0.0.0:0", "--data", data.to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no access control") && said.contains("--insecure"), "{said}");
    assert!(!data.exists(), "nothing is made");
}

#[test]
fn a_configuration_that_cannot_be_used_ends_with_two() {
    for arguments in
        [&["serve", "--config", "/no/such/file"][..], &["serve", "--listen", "nonsense"], &["no-such-command"], &[]]
    {
        assert_eq!(ginnel(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn vendors_are_listed() {
    let output = ginnel(&["vendors", "--vendors", crate::server::plugins().to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let list = String::from_utf8_lossy(&output.stdout);
    assert!(list.contains("acme-care\tpeople\t") && list.contains("homecare-rest\tclients\t"), "{list}");
    assert_eq!(ginnel(&["vendors", "--vendors", "/no/such/folder"]).status.code(), Some(2));
}

#[test]
fn health_tells_a_living_server_from_none() {
    let server = crate::server::Server::start();
    let url = format!("http://{}", server.address);
    assert_eq!(ginnel(&["health", "--url", &url]).status.code(), Some(0));
    drop(server);
    assert_eq!(ginnel(&["health", "--url", &url]).status.code(), Some(1));
    assert_eq!(ginnel(&["health", "--url", "no url"]).status.code(), Some(2));
}

/// A running `ginnel`; ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ginnel"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    Running(command.spawn().expect("the binary runs"))
}

/// Lines until one of which `last` is true, that one included.
fn lines_until(source: &mut dyn Read, last: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines = Vec::new();
    for line in BufReader::new(source).lines() {
        lines.push(line.expect("is text"));
        if lines.last().is_some_and(|line| last(line)) {
            break;
        }
    }
    lines
}

#[test]
fn serving_beyond_loopback_on_purpose_is_said_loudly() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text");
    let mut server = start(&["serve", "--listen", "0.0.0.0:0", "--data", data, "--insecure"]);
    let said = lines_until(server.0.stderr.as_mut().expect("is piped"), |line| line.contains("INSECURE"));
    assert!(said.last().is_some_and(|line| line.contains("without access control")), "{said:?}");
}

#[actix_web::test]
async fn a_sample_server_prints_three_calls_that_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text");
    let mut totals = Vec::new();
    // The second start finds everything there and keeps no second copy.
    for _ in 0..2 {
        let mut server = start(&["serve", "--listen", "127.0.0.1:0", "--data", data, "--sample"]);
        let said = lines_until(server.0.stdout.as_mut().expect("is piped"), |line| line.contains("$everything"));
        let urls: Vec<&str> =
            said.iter().filter_map(|line| line.trim().strip_prefix("curl -s '")?.strip_suffix('\'')).collect();
        assert_eq!(urls.len(), 3, "{said:?}");
        let mut bodies = Vec::new();
        for url in &urls {
            let answer = client().get(*url).send().await.expect("answers");
            assert_eq!(answer.status(), 200, "{url}");
            bodies.push(serde_json::from_str::<serde_json::Value>(&answer.text().await.expect("text")).expect("JSON"));
        }
        assert_eq!(bodies[0]["resourceType"], "CapabilityStatement");
        assert_eq!(bodies[1]["total"], 1);
        totals.push(bodies[2]["total"].as_u64().expect("a number"));
    }
    assert!(totals[0] > 1 && totals[0] == totals[1], "{totals:?}");
}
