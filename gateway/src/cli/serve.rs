//! `ginnel serve`: starts the server, and with `--sample` fills it with invented people.

mod sample;

use super::could_not_run;
use crate::app::{Application, block_on, warning_of};
use crate::config::{Config, Flags, MllpListener};
use crate::state::State;
use crate::store::Store;
use crate::store::sqlite::{SqliteOptions, SqliteStore};
use crate::telemetry;
use crate::validation::Validation;
use clap::Args;
use ginnel_mappings::registry::Registry;
use ginnel_schemas::uk::Rules;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Serve HTTP: vendors' messages in, FHIR out.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel serve --sample\n  \
    ginnel serve --listen 127.0.0.1:8080 --data /var/lib/ginnel --vendors plugins\n\n\
    On SIGHUP the plugins are read again.\n\
    A data folder belongs to one server at a time.\n\
    Exit codes: 0 told to stop, 2 could not run.")]
pub struct Arguments {
    /// TOML file with settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Address and port to take HL7 v2 at over MLLP
    #[arg(long, value_name = "ADDR", requires = "mllp_vendor")]
    mllp: Option<String>,
    /// The vendor whose messages come in over MLLP
    #[arg(long, value_name = "VENDOR", requires = "mllp")]
    mllp_vendor: Option<String>,
    /// Folder of the data [default: data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder with further plugins, one folder a vendor (repeatable)
    #[arg(long = "vendors", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Folder of tenants' code tables: DIR/VENDOR/TENANT.yaml (repeatable)
    #[arg(long, value_name = "DIR")]
    tenants: Vec<PathBuf>,
    /// Read plugins and tenants again when their files change; what is not sound is refused, and the old one stays
    #[arg(long)]
    watch: bool,
    /// FHIR package (.tgz or unpacked), folder of definitions, or one definition to judge by (repeatable)
    #[arg(long, value_name = "PATH")]
    definitions: Vec<PathBuf>,
    /// Listen beyond this machine though there is no access control yet
    #[arg(long)]
    insecure: bool,
    /// Load the invented people of the built-in sample plugin and print what to try
    #[arg(long)]
    sample: bool,
}

/// Serves until told to stop.
pub fn run(arguments: &Arguments) -> ExitCode {
    let flags = Flags {
        listen: arguments.listen.clone(),
        data: arguments.data.clone(),
        insecure: arguments.insecure.then_some(true),
    };
    let mut config = match Config::load(arguments.config.as_deref(), &flags, &arguments.folders) {
        Ok(config) => config,
        Err(error) => return could_not_run(error),
    };
    config.definitions.extend_from_slice(&arguments.definitions);
    config.tenants.extend_from_slice(&arguments.tenants);
    config.watch |= arguments.watch;
    if let (Some(address), Some(vendor)) = (&arguments.mllp, &arguments.mllp_vendor) {
        config.mllp.push(MllpListener { address: address.clone(), vendor: vendor.clone(), tenant: None });
    }
    // Before anything is opened or made.
    let mllp = config.mllp.iter().try_for_each(|listener| config.mllp_addresses(listener).map(|_| ()));
    if let Err(error) = config.addresses().map(|_| ()).and(mllp) {
        return could_not_run(error);
    }
    telemetry::start_logging(&config.log);
    match block_on(serve(config, arguments.sample)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => could_not_run(error),
    }
}

async fn serve(config: Config, sample: bool) -> Result<(), Box<dyn Error>> {
    let registry = Arc::new(Registry::load_with_tenants(&config.vendors, &config.tenants)?);
    registry.warnings().for_each(|warning| tracing::warn!("{warning}"));
    let (validation, remarks) = Validation::load(&config.definitions, Rules::default())?;
    remarks.iter().for_each(|issue| tracing::warn!(key = issue.key.code(), "definitions: {}", issue.text));
    let metrics = telemetry::metrics_handle()?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(options(&config))?);
    let warning = warning_of(&config);
    let application = Application::build(State::new(config, registry, Arc::new(validation), store, metrics))?;
    if let Some(warning) = warning {
        eprintln!("ginnel: {warning}");
        tracing::warn!("{warning}");
    }
    for address in application.addresses() {
        println!("listening on http://{address}");
        tracing::info!(%address, "listening");
    }
    for address in application.mllp_addresses() {
        println!("listening on mllp://{address}");
        tracing::info!(%address, "listening for MLLP");
    }
    let address = application.addresses().first().map(ToString::to_string).unwrap_or_default();
    let state = application.state();
    let filling = async {
        if sample {
            sample::load(&state, &address).await;
        }
    };
    let (ended, ()) = tokio::join!(application.run_until(stop_signal()), filling);
    close(state).await;
    ended.map_err(Into::into)
}

/// Lets go of the store as the last one, so that it is closed before the process ends.
///
/// The workers' threads drop their shares a moment after the server has ended. Nothing is lost without this: it only
/// spares the next start the reading of the store's log.
async fn close(state: Arc<State>) {
    for _ in 0..100 {
        if Arc::strong_count(&state) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tracing::warn!("the store is still in use at the end");
}

fn options(config: &Config) -> SqliteOptions {
    SqliteOptions {
        queue_length: config.limits.queue_length,
        group_commit_max: config.limits.group_commit_max,
        readers: config.limits.store_readers,
        ..SqliteOptions::in_folder(&config.data)
    }
}

/// Waits for Ctrl-C, or for what a container's manager sends.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "cannot listen for SIGTERM");
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
