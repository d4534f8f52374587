//! Doses of the built-in plugin `homecare-rest`, from the vendor's word to the chart and back: no two outcomes become one.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

fn ginnel(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ginnel")).args(arguments).output().expect("the binary runs")
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("is written");
    path.to_str().expect("text").to_owned()
}

fn amended(from: &str, to: &str) -> Value {
    json!([{"at": "2026-10-20T09:00:00Z", "by": "w-12", "from": from, "to": to, "reason": "checked with the family"}])
}

/// Outcome, what else the vendor writes, and what the chart makes of it; `-` where nothing is sent.
fn cases() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("fully_taken", json!({}), "given"),
        ("partially_taken", json!({}), "partly-given"),
        ("not_taken", json!({"reason": "client_declined"}), "not-given refused"),
        ("not_taken", json!({"reason": "asleep"}), "not-given asleep"),
        ("not_taken", json!({"reason": "in_hospital"}), "not-given in-hospital"),
        ("not_taken", json!({"reason": "out_of_stock"}), "not-given out-of-stock"),
        ("not_taken", json!({"reason": "withheld_on_advice"}), "not-given withheld-clinical"),
        ("not_taken", json!({}), "not-given not-stated"),
        ("no_visit", json!({}), "not-given no-visit"),
        ("not_observed", json!({}), "not-observed"),
        ("maybe_taken", json!({}), "uncertain"),
        ("no_record", json!({}), "no-record"),
        ("not_needed", json!({}), "-"),
        ("client_inactive", json!({}), "-"),
        // What the office amended counts, whatever the visit had said.
        ("not_needed", json!({"amendments": amended("not_needed", "fully_taken")}), "given"),
        ("client_inactive", json!({"amendments": amended("client_inactive", "partially_taken")}), "partly-given"),
        ("not_needed", json!({"amendments": amended("not_needed", "client_inactive")}), "-"),
        ("not_taken", json!({"amendments": amended("not_taken", "not_observed")}), "not-observed"),
        ("not_taken", json!({"reason": "client_declined", "amendments": amended("not_taken", "fully_taken")}), "given"),
        ("fully_taken", json!({"amendments": amended("fully_taken", "not_taken")}), "not-given not-stated"),
        // A dose that was sent as taken is taken back, and does not just vanish.
        ("fully_taken", json!({"amendments": amended("fully_taken", "not_needed")}), "not-due"),
        ("fully_taken", json!({"amendments": amended("fully_taken", "no_record")}), "no-record"),
    ]
}

/// One visit with a dose for each case, due at different times.
fn visits() -> Value {
    let outcomes: Vec<Value> = cases()
        .into_iter()
        .enumerate()
        .map(|(at, (outcome, more, _))| {
            let mut own = json!({"id": format!("o-{at}"), "schedule_id": "s-1", "outcome": outcome,
                "due_at_local": format!("2026-10-19T{:02}:{:02}", at / 2, at % 2 * 30),
                "recorded_at": "2026-10-19T21:00:00Z", "recorded_by": "w-31"});
            for (member, value) in more.as_object().expect("an object") {
                own[member] = value.clone();
            }
            own
        })
        .collect();
    json!({"data": [{"id": "v-1", "client_id": "11111111-2222-4333-8444-555555555501", "status": "completed", "version": 1,
        "check_in": {"at": "2026-10-19T06:00:00Z"}, "check_out": {"at": "2026-10-19T22:00:00Z"},
        "caregivers": [{"id": "w-31", "name": "Devi Placeholder"}], "medication_outcomes": outcomes}]})
}

#[test]
fn every_outcome_of_home_care_keeps_its_own_place_on_the_chart_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let payload = visits();
    let visits = file(folder.path(), "visits.json", payload.to_string().as_bytes());
    let translate = ["translate", "--vendor", "homecare-rest", "--message", "visits"];
    let out = ginnel(&[&translate[..], &[&visits]].concat());
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let bundle = file(folder.path(), "bundle.json", &out.stdout);
    let chart = ginnel(&["administrations", "--format", "json", &bundle]);
    let lines: Vec<Value> = String::from_utf8_lossy(&chart.stdout)
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    for (at, (outcome, more, expected)) in cases().into_iter().enumerate() {
        let due = format!("2026-10-19T{:02}:{:02}:00+01:00", at / 2, at % 2 * 30);
        let line = lines.iter().find(|line| line["due"] == due.as_str());
        let found = line.map_or("-".to_owned(), |line| {
            let reason = line["reason"].as_str().filter(|_| line["outcome"] == "not-given");
            let outcome = line["outcome"].as_str().expect("an outcome");
            reason.map_or(outcome.to_owned(), |reason| format!("{outcome} {reason}"))
        });
        assert_eq!(found, expected, "{outcome} {more}");
    }
    let back = ginnel(&[&translate[..], &["--to", "vendor", "--previous", &visits, &bundle]].concat());
    assert_eq!(back.status.code(), Some(0), "{}", String::from_utf8_lossy(&back.stderr));
    let back: Value = serde_json::from_slice(&back.stdout).expect("JSON");
    assert_eq!(back, payload);
}

#[test]
fn a_status_that_home_care_has_no_word_for_is_refused_and_never_becomes_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let visits = file(folder.path(), "visits.json", visits().to_string().as_bytes());
    let translate = ["translate", "--vendor", "homecare-rest", "--message", "visits"];
    let out = ginnel(&[&translate[..], &[&visits]].concat());
    let bundle: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let statuses = ["entered-in-error", "in-progress", "on-hold", "stopped"];
    let mut changed = bundle.clone();
    let entries = changed["entry"].as_array_mut().expect("entries");
    let doses = entries.iter_mut().filter(|entry| entry["resource"]["resourceType"] == "MedicationAdministration");
    doses.zip(statuses).for_each(|(dose, status)| dose["resource"]["status"] = status.into());
    let changed = file(folder.path(), "changed.json", changed.to_string().as_bytes());
    let back = ginnel(&[&translate[..], &["--to", "vendor", "--previous", &visits, &changed]].concat());
    assert_eq!(back.status.code(), Some(1));
    let said = String::from_utf8_lossy(&back.stderr);
    assert_eq!(said.matches("the code table `administrationStatus` has no way back").count(), statuses.len(), "{said}");
}
