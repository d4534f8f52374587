//! Logs and metrics: what ran, how long, how it ended; never a body, a query or a person's data.

use crate::app::QUIET_FRAMEWORK;
use crate::config::{Log, LogFormat};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use tracing_subscriber::EnvFilter;

/// Seconds, from a fast read to the slowest request that is waited for.
const DURATIONS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Submissions in one transaction.
const GROUPS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Starts logging to standard error. A filter that cannot be read is said and replaced by `info`.
pub fn start_logging(log: &Log) {
    // What is said later outweighs what is said before, so the filter given can make the framework speak.
    let filter = EnvFilter::try_new(format!("{QUIET_FRAMEWORK},{}", log.filter)).unwrap_or_else(|error| {
        eprintln!("log filter `{}` is not understood ({error}); using `info`", log.filter);
        EnvFilter::new(format!("{QUIET_FRAMEWORK},info"))
    });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging runs already");
    }
}

/// The handle that writes the metrics; the recorder is installed once in a process.
pub fn metrics_handle() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = handle.as_ref() {
        return Ok(handle.clone());
    }
    let built = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), DURATIONS)?
        .set_buckets_for_metric(Matcher::Suffix("_group_size".into()), GROUPS)?
        .install_recorder()?;
    describe();
    Ok(handle.insert(built).clone())
}

fn describe() {
    metrics::describe_counter!("ginnel_http_requests_total", "Requests by route and status.");
    metrics::describe_histogram!("ginnel_http_request_seconds", "How long requests took, by route.");
    metrics::describe_counter!("ginnel_messages_total", "Vendors' messages by verdict.");
    metrics::describe_counter!("ginnel_messages_mended_total", "Kept messages translated again.");
    metrics::describe_counter!("ginnel_items_quarantined_total", "Items that were set aside.");
    metrics::describe_histogram!("ginnel_commit_group_size", "Submissions in one transaction of the store.");
}
