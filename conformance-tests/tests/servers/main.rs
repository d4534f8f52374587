//! Runs the suite against small servers made for it: an empty one, a good one, and the good one with one fault.

mod good;
mod tiny;

use ginnel_conformance::client::Client;
use ginnel_conformance::report;
use ginnel_conformance::requirement::Conformance;
use ginnel_conformance::runner::{self, Options, Run};
use ginnel_conformance::suite::Suite;
use ginnel_conformance::verdict::Verdict;
use good::{Fault, Good};
use tiny::{Answer, Tiny};

async fn ask(server: &Tiny, options: &Options) -> (Suite, Run) {
    let suite = Suite::uk_core_access().expect("the suite reads");
    let client = Client::new(&server.base_url()).expect("the URL is good");
    let run = runner::run(&client, &suite, options).await.expect("the server can be asked");
    (suite, run)
}

async fn ask_with(fault: Option<Fault>) -> Run {
    let good = Good::new(fault);
    let server = Tiny::start(move |asked| good.answer(asked));
    ask(&server, &Options::default()).await.1
}

/// Tests that did not pass, with verdict and reason.
fn others(run: &Run) -> Vec<(&str, Verdict, &str)> {
    run.results
        .iter()
        .filter(|result| result.verdict != Verdict::Pass)
        .map(|result| (result.test.as_str(), result.verdict, result.reason.as_deref().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn a_server_that_says_nothing_to_everything_passes_no_test() {
    let empty = [
        ("application/fhir+json", "{}"),
        ("application/json", "[]"),
        ("text/html", "<html></html>"),
        ("text/plain", ""),
    ];
    for (media_type, body) in empty {
        let server = Tiny::start(move |_| Answer::new(200, media_type, body));
        let (_, run) = ask(&server, &Options::default()).await;
        assert!(run.results.len() > 20);
        for result in &run.results {
            assert!(
                matches!(result.verdict, Verdict::Fail | Verdict::Error),
                "{} on {media_type}: {}",
                result.test,
                result.verdict
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_fails_every_request_passes_no_test() {
    let server = Tiny::start(|_| {
        Answer::new(
            500,
            "application/fhir+json",
            r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}"#,
        )
    });
    let (_, run) = ask(&server, &Options::default()).await;
    assert_eq!(run.count(Verdict::Pass), 0, "{:?}", run.results);
    assert_eq!(run.count(Verdict::Skip) + run.count(Verdict::Omit), 0);
}

#[tokio::test]
async fn a_good_server_fails_nothing() {
    let run = ask_with(None).await;
    let omitted = "The server does not claim ";
    for (test, verdict, reason) in others(&run) {
        assert!(verdict == Verdict::Omit && reason.starts_with(omitted), "{test}: {verdict}: {reason}");
    }
    assert!(run.count(Verdict::Pass) > 20);
}

#[tokio::test]
async fn each_fault_is_found_by_the_test_made_for_it() {
    for (fault, test) in Fault::ALL {
        let run = ask_with(Some(*fault)).await;
        let found: Vec<&str> = others(&run)
            .into_iter()
            .filter(|(_, verdict, _)| *verdict == Verdict::Fail)
            .map(|(test, _, _)| test)
            .collect();
        assert!(found.contains(test), "{fault:?} should fail {test}; failed: {found:?}");
    }
}

#[tokio::test]
async fn a_good_server_without_data_makes_tests_skip_not_fail() {
    let good = Good::without_data();
    let server = Tiny::start(move |asked| good.answer(asked));
    let (_, run) = ask(&server, &Options::default()).await;
    assert_eq!(run.count(Verdict::Fail), 0, "{:?}", others(&run));
    assert_eq!(run.count(Verdict::Error), 0, "{:?}", others(&run));
    assert!(run.count(Verdict::Skip) > 5);
}

#[tokio::test]
async fn a_server_that_is_not_there_could_not_be_asked() {
    let server = Tiny::start(|_| Answer::new(200, "text/plain", ""));
    let base = server.base_url();
    drop(server);
    let suite = Suite::uk_core_access().expect("the suite reads");
    let client = Client::new(&base).expect("the URL is good");
    assert!(runner::run(&client, &suite, &Options::default()).await.is_err());
}

#[tokio::test]
async fn only_what_is_binding_can_be_asked_alone() {
    let good = Good::new(None);
    let server = Tiny::start(move |asked| good.answer(asked));
    let options = Options { shall_only: true, ..Options::default() };
    let (_, run) = ask(&server, &options).await;
    for result in run.results.iter().filter(|result| result.conformance == Conformance::Should) {
        assert_eq!(result.verdict, Verdict::Omit, "{}", result.test);
    }
    assert!(run.count(Verdict::Pass) > 10);
}

#[tokio::test]
async fn a_patient_can_be_named_where_none_are_listed() {
    let good = Good::new(Some(Fault::ListsNoPatients));
    let server = Tiny::start(move |asked| good.answer(asked));
    let options = Options { nhs_number: Some(good::NHS_NUMBER.into()), ..Options::default() };
    let (_, run) = ask(&server, &options).await;
    let found = run.results.iter().find(|result| result.test == "patient-by-nhs-number");
    assert_eq!(found.map(|result| result.verdict), Some(Verdict::Pass));
}

#[tokio::test]
async fn a_report_names_every_test_and_no_person() {
    let good = Good::new(Some(Fault::IgnoresIdentifierSystem));
    let server = Tiny::start(move |asked| good.answer(asked));
    let (suite, run) = ask(&server, &Options::default()).await;
    let text = report::text::write(&suite, &run);
    let json = report::json::write(&suite, &run);
    let tests = json["tests"].as_array().map(Vec::len);
    assert_eq!(tests, Some(suite.tests().count()));
    let counted: u64 =
        ["pass", "fail", "skip", "omit", "error"].iter().filter_map(|word| json["counts"][word].as_u64()).sum();
    assert_eq!(usize::try_from(counted).ok(), tests);
    for report in [text, json.to_string()] {
        assert!(report.contains("patient-by-other-system"));
        assert!(!report.contains(good::NHS_NUMBER) && !report.contains(good::FAMILY_NAME));
    }
}

/// Exit code and output of the command.
fn command(arguments: &[&str]) -> (Option<i32>, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_ginnel-conformance"))
        .args(arguments)
        .output()
        .expect("the command starts");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_exit_code_tells_pass_fail_and_could_not_run_apart() {
    let good = Good::new(None);
    let server = Tiny::start(move |asked| good.answer(asked));
    assert_eq!(command(&[&server.base_url()]).0, Some(0));

    let good = Good::new(Some(Fault::NoSelfLink));
    let faulty = Tiny::start(move |asked| good.answer(asked));
    let (code, output) = command(&["--format", "json", &faulty.base_url()]);
    assert_eq!(code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&output).expect("the report is JSON");
    assert_eq!(report["counts"]["fail"], 1);

    let gone = faulty.base_url();
    drop(faulty);
    assert_eq!(command(&[&gone]).0, Some(2));
    assert_eq!(command(&["no-url"]).0, Some(2));
    assert_eq!(command(&["--no-such-option"]).0, Some(2));
}
