//! `ginnel health`: asks a running server whether it lives; what a container's health check runs.

use super::could_not_run;
use clap::Args;
use std::process::ExitCode;
use std::time::Duration;

/// Ask a running server whether it lives.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Where the server is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
}

/// Longest time to wait for the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// 0 when it lives, 1 when it does not, 2 when it cannot be asked.
pub fn run(arguments: &Arguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(error),
    };
    let url = format!("{}/healthz", arguments.url.trim_end_matches('/'));
    match runtime.block_on(ask(&url)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Asking::Impossible(error)) => could_not_run(error),
        Err(Asking::NoAnswer(error)) => {
            eprintln!("ginnel: no answer: {error}");
            ExitCode::FAILURE
        }
    }
}

enum Asking {
    Impossible(reqwest::Error),
    NoAnswer(reqwest::Error),
}

async fn ask(url: &str) -> Result<bool, Asking> {
    // The crypto provider is installed once in a process; a second time says that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().map_err(Asking::Impossible)?;
    let request = client.get(url).build().map_err(Asking::Impossible)?;
    let answer = client.execute(request).await.map_err(Asking::NoAnswer)?;
    Ok(answer.status().is_success())
}
