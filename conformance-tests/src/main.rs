//! The command `ginnel-conformance BASE_URL`: asks a FHIR server and says what it found.

use clap::{Parser, ValueEnum};
use ginnel_conformance::client::Client;
use ginnel_conformance::report;
use ginnel_conformance::runner::{self, Options, Run};
use ginnel_conformance::suite::Suite;
use ginnel_conformance::verdict::Verdict;
use std::io::Write;
use std::process::ExitCode;

/// Asks a running FHIR R4 server whether it does what "UK Core Access" demands.
///
/// It only reads; it changes nothing on the server. Exit codes: 0 no test failed, 1 a test failed,
/// 2 the server could not be asked, or a test could not be made.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The server's base URL, such as http://127.0.0.1:8080/fhir/R4
    base_url: String,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// NHS number of a Patient to use, for a server that does not list its Patients
    #[arg(long, value_name = "NUMBER")]
    nhs_number: Option<String>,
    /// Leave out what a server only SHOULD do
    #[arg(long)]
    shall_only: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

const COULD_NOT_RUN: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match ask(&arguments).await {
        Ok((suite, run)) => conclude(arguments.format, &suite, &run),
        Err(error) => {
            eprintln!("could not run: {error}");
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

async fn ask(arguments: &Arguments) -> Result<(Suite, Run), Box<dyn std::error::Error>> {
    let suite = Suite::uk_core_access()?;
    let client = Client::new(&arguments.base_url)?;
    let options = Options { nhs_number: arguments.nhs_number.clone(), shall_only: arguments.shall_only };
    let run = runner::run(&client, &suite, &options).await?;
    Ok((suite, run))
}

fn conclude(format: Format, suite: &Suite, run: &Run) -> ExitCode {
    let text = match format {
        Format::Text => report::text::write(suite, run),
        Format::Json => format!("{:#}\n", report::json::write(suite, run)),
    };
    // A reader that went away (`| head`) has seen what it wanted; the exit code still tells the verdict.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if run.count(Verdict::Fail) > 0 {
        ExitCode::from(1)
    } else if run.count(Verdict::Error) > 0 {
        ExitCode::from(COULD_NOT_RUN)
    } else {
        ExitCode::SUCCESS
    }
}
