//! `ginnel mapping watch`: a plugin checked and tested again whenever a file of it is saved.

use super::super::{Format, could_not_run};
use super::check::checked;
use super::test::tested;
use super::{Found, Shelves};
use clap::Args;
use ginnel_mappings::diagnostic::{Code, Severity};
use ginnel_mappings::laws::Options;
use ginnel_mappings::plugin_files::Folder;
use notify::{Event, RecursiveMode, Watcher};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long a folder must be quiet before it is read: editors save in several steps.
const QUIET: Duration = Duration::from_millis(250);

/// Check and test a plugin whenever a file of it is saved, until Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping watch plugins/acme\n\n\
    After each save: the errors, how many warnings, and whether the examples and a few generated messages hold.\n\
    Exit codes: 2 could not run; it runs until it is ended.")]
pub struct Arguments {
    /// The plugin's folder
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// How many messages are generated of each kind
    #[arg(long, value_name = "N", default_value_t = 10)]
    cases: usize,
    #[command(flatten)]
    shelves: Shelves,
    /// text, or one line of JSON after each save
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Watches.
pub fn run(arguments: &Arguments) -> ExitCode {
    match watch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => could_not_run(why),
    }
}

fn watch(arguments: &Arguments) -> Result<(), String> {
    let found = arguments.shelves.one(&arguments.plugin)?;
    let Folder::Disk(root) = &found.1 else {
        return Err(format!("`{}` is built in: there is no folder to watch", found.0));
    };
    let (tell, told) = channel();
    let mut watcher = notify::recommended_watcher(move |event: Result<Event, notify::Error>| {
        // Reading a file is an event too; only what changes one matters. Whoever listened may be gone.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ = tell.send(());
        }
    })
    .map_err(|error| format!("files cannot be watched: {error}"))?;
    watcher.watch(root, RecursiveMode::Recursive).map_err(|error| format!("{}: {error}", root.display()))?;
    loop {
        if !say(&found, arguments) || told.recv().is_err() {
            return Ok(());
        }
        loop {
            match told.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }
}

/// Says how things stand; `false` when nobody reads it any more.
fn say(found: &Found, arguments: &Arguments) -> bool {
    let report = checked(found);
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let tested =
        if errors == 0 { tested(found, Options { seed: 1, cases: arguments.cases }, false).ok() } else { None };
    let mut out = String::new();
    match arguments.format {
        Format::Json => {
            let holds = tested.as_ref().map(|tested| tested.holds());
            let _ =
                writeln!(out, "{}", json!({"plugin": found.0, "errors": errors, "warnings": warnings, "holds": holds}));
        }
        Format::Text => {
            let worth = report.diagnostics.iter().filter(|one| one.is_error() || one.code != Code::Undecided);
            for one in worth.take(10) {
                let _ = writeln!(out, "{}\n", report.render_one(one));
            }
            if let Some(tested) = tested.as_ref().filter(|tested| !tested.holds()) {
                out.push_str(&super::test::shown(tested));
            }
            let verdict = match &tested {
                None => "not tested".to_string(),
                Some(tested) if tested.holds() => "every law held".into(),
                Some(_) => "a law is broken".into(),
            };
            let _ = writeln!(out, "{}: {errors} error(s), {warnings} warning(s), {verdict}", found.0);
        }
    }
    let mut stdout = stdout().lock();
    stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()).is_ok()
}
