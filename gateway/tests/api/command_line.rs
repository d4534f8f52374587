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

#[test]
fn a_list_for_machines_is_the_one_that_the_server_gives() {
    let output = ginnel(&["vendors", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let vendors = list["vendors"].as_array().expect("a list");
    let of = |id: &str| vendors.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("{id}: {list}"));
    assert!(of("homecare-rest")["messages"].as_array().is_some_and(|messages| messages.len() >= 4), "{list}");
    assert!(of("gp-connect")["messages"].as_array().is_some_and(|messages| !messages.is_empty()), "{list}");
}

#[test]
fn every_help_page_with_choices_shows_an_example() {
    for arguments in [
        &["--help"][..],
        &["serve", "--help"],
        &["vendors", "--help"],
        &["translate", "--help"],
        &["mapping", "--help"],
        &["mapping", "new", "--help"],
        &["mapping", "check", "--help"],
        &["mapping", "explain", "--help"],
        &["mapping", "test", "--help"],
        &["mapping", "diff", "--help"],
        &["mapping", "export", "--help"],
        &["mapping", "watch", "--help"],
        &["mapping", "schema", "--help"],
        &["mapping", "manual", "--help"],
    ] {
        let output = ginnel(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let page = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(page.contains("Example:\n  ginnel "), "{arguments:?}: {page}");
    }
}

#[test]
fn a_second_server_on_one_folder_ends_with_clear_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("text");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", data];
    let mut first = start(&arguments);
    lines_until(first.0.stdout.as_mut().expect("is piped"), |line| line.contains("listening"));
    let second = ginnel(&arguments);
    assert_eq!(second.status.code(), Some(2));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("another ginnel uses the data folder") && said.contains(data), "{said}");
    drop(first);
    let mut third = start(&arguments);
    let said = lines_until(third.0.stdout.as_mut().expect("is piped"), |line| line.contains("listening"));
    assert!(!said.is_empty(), "a server that was killed leaves the folder free");
}

const PEOPLE: [&str; 6] = ["translate", "--vendor", "acme-care", "--message", "people", "--vendors"];

#[test]
fn every_line_of_a_stream_has_its_result_and_its_account() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, account) = (folder.path().join("many.ndjson"), folder.path().join("account"));
    let person = |id: &str| format!("{{\"people\": [{{\"id\": \"{id}\", \"version\": 1, \"name\": \"A\"}}]}}");
    let lines = [person("p1"), "{not JSON".into(), "{\"people\": 3}".into(), person("p2")];
    std::fs::write(&input, lines.join("\n")).expect("is written");
    let plugins = crate::server::plugins();
    let mut arguments = PEOPLE.to_vec();
    let rest = [plugins.to_str(), Some("--account"), account.to_str(), input.to_str()];
    arguments.extend(rest.map(|one| one.expect("text")));
    let output = ginnel(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let results: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let types: Vec<&str> = results.iter().filter_map(|one| one["resourceType"].as_str()).collect();
    assert_eq!(types, ["Bundle", "OperationOutcome", "OperationOutcome", "Bundle"]);
    assert_eq!(crate::server::issue_keys(&results[1])[0], "json.syntax");
    let accounts = std::fs::read_to_string(&account).expect("is written");
    assert_eq!(accounts.lines().count(), lines.len());
}

#[test]
fn a_previous_payload_on_the_way_to_fhir_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("people.json");
    std::fs::write(&input, "{\"people\": []}").expect("is written");
    let (plugins, input) = (crate::server::plugins(), input.to_str().expect("text"));
    let mut arguments = PEOPLE.to_vec();
    arguments.extend([plugins.to_str().expect("text"), "--previous", input, input]);
    let output = ginnel(&arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty() && String::from_utf8_lossy(&output.stderr).contains("--to vendor"));
}

#[test]
fn a_payload_that_is_not_whole_is_written_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("bundle.json");
    let bundle = serde_json::json!({"resourceType": "Patient", "id": "x", "name": [{"text": "A"}], "photo": [{"title": "B"}],
        "modifierExtension": [{"url": "https://example.org/not-known", "valueBoolean": true}]});
    std::fs::write(&input, bundle.to_string()).expect("is written");
    let (plugins, input) = (crate::server::plugins(), input.to_str().expect("text"));
    for (format, words) in [("text", "not whole"), ("json", "\"whole\":false")] {
        let mut arguments = PEOPLE.to_vec();
        arguments.extend([plugins.to_str().expect("text"), "--to", "vendor", "--format", format, input]);
        let output = ginnel(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words), "{said}");
        assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok(), "the payload is there");
    }
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
