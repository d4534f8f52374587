//! `ginnel translate`: payloads to FHIR and back on the command line, without keeping anything.

use super::mapping::coverage::unknown_ending;
use super::payloads::{Payload, each_payload};
use super::report::{print_issues, print_not_whole};
use super::{Format, could_not_run};
use crate::pipeline::{MadeOf, judge_resources};
use clap::{Args, ValueEnum};
use ginnel_mappings::account::{AccountRow, account_to_json};
use ginnel_mappings::coverage::{Coverage, Form};
use ginnel_mappings::registry::{Message, Registry, Vendor};
use ginnel_mappings::translate::Context;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, any_error};
use ginnel_schemas::json::place_issues;
use ginnel_schemas::outcome::operation_outcome;
use ginnel_schemas::validator::Validator;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// Which way to translate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// A vendor's payload to a FHIR Bundle.
    Fhir,
    /// A FHIR Bundle to the vendor's payload.
    Vendor,
}

/// Arguments of `ginnel translate`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel translate --vendor homecare-rest --message clients page.json\n  \
    ginnel translate --vendor homecare-rest --message clients --to vendor --previous page.json bundle.json\n\n\
    Files that end in .ndjson, and input of one JSON document a line, give one result a line:\n\
    an OperationOutcome where the input is refused.\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run.")]
pub struct Arguments {
    /// The vendor's id
    #[arg(long, value_name = "V")]
    vendor: String,
    /// The message; without it, the one whose source schema fits
    #[arg(long, value_name = "M")]
    message: Option<String>,
    /// Which way
    #[arg(long, value_enum, default_value = "fhir")]
    to: Direction,
    /// The vendor's previous payload, into which a Bundle is put
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// A payload of another message that this one leans on (repeatable)
    #[arg(long, value_name = "FILE")]
    context: Vec<PathBuf>,
    /// Where to write the account: one row for each value of the input
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// Where to report what became of the values, counted by field, rule and reason: FILE.html, .json or .txt
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
    /// How findings are written to standard error
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Folder with further plugins, one folder a vendor (repeatable)
    #[arg(long = "vendors", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The tenant whose code tables are read
    #[arg(long, value_name = "T")]
    tenant: Option<String>,
    /// Folder of tenants' code tables: DIR/<vendor>/<tenant>.yaml (repeatable)
    #[arg(long, value_name = "DIR")]
    tenants: Vec<PathBuf>,
    /// Files, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Translates; 1 when an issue of severity error was found.
pub fn run(arguments: &Arguments) -> ExitCode {
    match try_run(arguments) {
        Ok(true) => ExitCode::FAILURE,
        Ok(false) => ExitCode::SUCCESS,
        Err(what) => could_not_run(what),
    }
}

/// Whether an error was found; `Err` when the command could not be carried out.
fn try_run(arguments: &Arguments) -> Result<bool, String> {
    if arguments.previous.is_some() && arguments.to == Direction::Fhir {
        return Err("--previous is what a Bundle is put into: it goes with --to vendor".into());
    }
    let coverage = match &arguments.coverage {
        Some(path) => Some((path.clone(), Form::of_file(path).ok_or_else(|| unknown_ending(path))?)),
        None => None,
    };
    let registry =
        Registry::load_with_tenants(&arguments.folders, &arguments.tenants).map_err(|error| error.to_string())?;
    let vendor = registry.vendor(&arguments.vendor).ok_or_else(|| {
        let known: Vec<&str> = registry.vendors().map(|vendor| vendor.id.as_str()).collect();
        format!("no vendor is called `{}`; there are: {}", arguments.vendor, known.join(", "))
    })?;
    let vendor = vendor.for_tenant(arguments.tenant.as_deref()).map_err(|error| error.to_string())?;
    let fixed = match &arguments.message {
        Some(name) => Some(vendor.message(name).ok_or_else(|| {
            let known: Vec<&str> = vendor.messages.keys().map(String::as_str).collect();
            format!("vendor `{}` has no message `{name}`; it has: {}", vendor.id, known.join(", "))
        })?),
        None => None,
    };
    let context = context(vendor, &arguments.context)?;
    let previous = match &arguments.previous {
        Some(path) => one_document(path)?,
        None => None,
    };
    let account: Option<Box<dyn Write>> = match &arguments.account {
        Some(path) => Some(Box::new(BufWriter::new(File::create(path).map_err(|error| cannot(path, &error))?))),
        None => None,
    };
    let mut job = Job {
        validator: Validator::uk_core(),
        vendor,
        fixed,
        context,
        previous,
        direction: arguments.to,
        format: arguments.format,
        account,
        coverage: coverage.map(|(path, form)| Reporting { counted: Coverage::new(title(arguments)), path, form }),
        out: BufWriter::new(stdout().lock()),
        error_found: false,
        many: arguments.files.len() > 1,
    };
    let progress = Progress::new();
    for path in &arguments.files {
        each_payload(path, &mut |payload, of_many| {
            progress.step(of_many);
            job.take(&payload, of_many)
        })
        .map_err(|error| cannot(path, &error))?;
    }
    progress.finish();
    job.finish().map_err(|error| format!("the result cannot be written: {error}"))
}

/// The report that counts what became of the values of all inputs.
struct Reporting {
    path: PathBuf,
    form: Form,
    counted: Coverage,
}

fn title(arguments: &Arguments) -> String {
    let way = if arguments.to == Direction::Fhir { "to FHIR" } else { "from FHIR" };
    let message = arguments.message.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
    let tenant = arguments.tenant.as_deref().map(|name| format!(", tenant {name}")).unwrap_or_default();
    format!("Coverage: {}{message}{tenant}, {way}", arguments.vendor)
}

struct Job<'v> {
    validator: Validator,
    vendor: &'v Vendor,
    fixed: Option<&'v Message>,
    context: Context,
    previous: Option<Value>,
    direction: Direction,
    format: Format,
    account: Option<Box<dyn Write>>,
    coverage: Option<Reporting>,
    out: BufWriter<io::StdoutLock<'static>>,
    error_found: bool,
    many: bool,
}

impl Job<'_> {
    fn take(&mut self, payload: &Payload, of_many: bool) -> io::Result<()> {
        let tree = match payload.parse() {
            Ok(tree) => tree,
            Err(issue) => return self.end(payload, vec![*issue], None, &[], of_many),
        };
        match self.direction {
            Direction::Fhir => {
                let message = match self.message(&tree) {
                    Ok(message) => message,
                    Err(issue) => return self.end(payload, vec![*issue], None, &[], of_many),
                };
                let source_issues = message.check(&tree);
                let mut translated = message.translate(&tree, source_issues, &self.context);
                let made_of = MadeOf { message, tree: &tree, context: &self.context };
                judge_resources(&mut translated, &self.validator, &made_of);
                let leaves = self.coverage.as_ref().map_or_else(Vec::new, |_| message.schema_leaves());
                self.count(&translated.account, &leaves);
                let bundle = (!translated.is_refused()).then(|| translated.bundle());
                self.end(payload, std::mem::take(&mut translated.issues), bundle, &translated.account, of_many)
            }
            Direction::Vendor => {
                let message = match self.fixed.map_or_else(|| self.message_of_bundle(&tree), Ok) {
                    Ok(message) => message,
                    Err(issue) => return self.end(payload, vec![*issue], None, &[], of_many),
                };
                let put = message.to_vendor(&tree, self.previous.as_slice(), &self.context);
                let leaves = self.coverage.as_ref().map_or_else(Vec::new, |_| message.schema_leaves());
                self.count(&put.account, &leaves);
                self.end(payload, put.issues, Some(put.payload), &put.account, of_many)
            }
        }
    }

    fn count(&mut self, account: &[AccountRow], leaves: &[String]) {
        if let Some(reporting) = &mut self.coverage {
            reporting.counted.add(account, leaves);
        }
    }

    fn message(&self, tree: &Value) -> Result<&'_ Message, Box<Issue>> {
        if let Some(message) = self.fixed {
            return Ok(message);
        }
        one_message(self.vendor, self.vendor.fitting(tree), "whose source schema fits")
    }

    fn message_of_bundle(&self, bundle: &Value) -> Result<&'_ Message, Box<Issue>> {
        let fitting = self.vendor.messages.values().filter(|message| message.makes(bundle)).collect();
        one_message(self.vendor, fitting, "that makes what the Bundle holds")
    }

    fn end(
        &mut self,
        payload: &Payload,
        mut issues: Vec<Issue>,
        result: Option<Value>,
        account: &[AccountRow],
        of_many: bool,
    ) -> io::Result<()> {
        place_issues(&payload.bytes, &mut issues);
        let faulty = any_error(&issues);
        self.error_found |= faulty;
        if !issues.is_empty() {
            print_issues(&payload.name, &issues, self.format);
        }
        if faulty && result.is_some() && self.direction == Direction::Vendor {
            print_not_whole(&payload.name, self.format);
        }
        if let Some(file) = &mut self.account {
            writeln!(file, "{}", account_to_json(account))?;
        }
        match result {
            Some(value) if of_many || self.many => writeln!(self.out, "{value}"),
            // Each input has its line, so that results, accounts and inputs stay side by side.
            None if of_many || self.many => writeln!(self.out, "{}", operation_outcome(&issues, None)),
            Some(value) => writeln!(self.out, "{}", serde_json::to_string_pretty(&value).map_err(io::Error::other)?),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> io::Result<bool> {
        self.out.flush()?;
        if let Some(Reporting { path, form, counted }) = &self.coverage {
            std::fs::write(path, counted.report(*form))?;
        }
        if let Some(mut file) = self.account {
            file.flush()?;
        }
        Ok(self.error_found)
    }
}

fn one_message<'v>(vendor: &Vendor, fitting: Vec<&'v Message>, what: &str) -> Result<&'v Message, Box<Issue>> {
    match fitting.as_slice() {
        [one] => Ok(one),
        several => {
            let all: Vec<&str> = vendor.messages.keys().map(String::as_str).collect();
            let names: Vec<&str> = several.iter().map(|message| message.name.as_str()).collect();
            let text = if names.is_empty() {
                format!("Vendor `{}` has no message {what}; its messages are: {}.", vendor.id, all.join(", "))
            } else {
                format!("Vendor `{}` has several messages {what}: {}.", vendor.id, names.join(", "))
            };
            let issue = Issue::error(IssueCode::NotFound, IssueKey::MappingMessageChoice, text);
            let hint = "name one with --message to see what is wrong with the payload";
            Err(Box::new(issue.with_pointer("").with_hint(hint)))
        }
    }
}

fn context(vendor: &Vendor, files: &[PathBuf]) -> Result<Context, String> {
    let mut context = Context::new();
    for path in files {
        let mut fault = None;
        each_payload(path, &mut |payload, _| {
            match payload.parse() {
                Ok(tree) => match one_message(vendor, vendor.fitting(&tree), "whose source schema fits") {
                    Ok(message) => message.items(&tree).into_iter().for_each(|(key, item)| context.insert(key, item)),
                    Err(issue) => fault = Some(format!("--context {}: {}", payload.name, issue.text)),
                },
                Err(issue) => fault = Some(format!("--context {}: {}", payload.name, issue.text)),
            }
            Ok(())
        })
        .map_err(|error| cannot(path, &error))?;
        if let Some(fault) = fault {
            return Err(fault);
        }
    }
    Ok(context)
}

fn one_document(path: &PathBuf) -> Result<Option<Value>, String> {
    let bytes = std::fs::read(path).map_err(|error| cannot(path, &error))?;
    let payload = Payload::whole(path.display().to_string(), bytes);
    payload.parse().map(Some).map_err(|issue| format!("{}: {}", payload.name, issue.text))
}

fn cannot(path: &std::path::Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// Progress of a long stream, on a terminal only.
struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    fn new() -> Progress {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {human_pos} messages, {per_sec}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        Progress { bar }
    }

    fn step(&self, of_many: bool) {
        if let Some(bar) = &self.bar
            && of_many
        {
            bar.inc(1);
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
