//! `ginnel translate`: payloads to FHIR and back on the command line, without keeping anything.

use super::events::{Known, events_of};
use super::mapping::coverage::unknown_ending;
use super::payloads::{Payload, each_payload};
use super::report::{print_issues, print_not_whole};
use super::{Format, could_not_run, said_of_file};
use crate::pipeline::{MadeOf, judge_resources};
use clap::{Args, ValueEnum};
use ginnel_mappings::account::{AccountRow, account_to_json};
use ginnel_mappings::coverage::{Coverage, Form};
use ginnel_mappings::format::{Document, Limits, SourceFile};
use ginnel_mappings::put::adopt::Adopted;
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
    an OperationOutcome where the input is refused. The files of a message of several tables (csv) are given together;\n\
    what goes back in several files needs --out.\n\
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
    /// The vendor's previous payload, into which a Bundle is put (repeatable)
    #[arg(long, value_name = "FILE")]
    previous: Vec<PathBuf>,
    /// With --to vendor: give names of the vendor's to resources of other senders that have none; what was added is said
    #[arg(long)]
    adopt: bool,
    /// Where to write the vendor's files, instead of standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
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
    /// Folder of tenants' code tables: DIR/VENDOR/TENANT.yaml (repeatable)
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
    if !arguments.previous.is_empty() && arguments.to == Direction::Fhir {
        return Err("--previous is what a Bundle is put into: it goes with --to vendor".into());
    }
    let coverage = match &arguments.coverage {
        Some(path) => Some((path.clone(), Form::of_file(path).ok_or_else(|| unknown_ending(path))?)),
        None => None,
    };
    if arguments.adopt && arguments.to == Direction::Fhir {
        return Err("--adopt gives names to FHIR for a vendor: it goes with --to vendor".into());
    }
    if arguments.out.is_some() && arguments.to == Direction::Fhir {
        return Err("--out is where the vendor's files go: it goes with --to vendor".into());
    }
    let registry = Registry::load_one(&arguments.folders, &arguments.tenants, &arguments.vendor)
        .map_err(|error| error.to_string())?;
    let vendor = registry.vendor(&arguments.vendor).ok_or_else(|| {
        let known: Vec<&str> = registry.vendors().map(|vendor| vendor.id.as_str()).collect();
        format!("no vendor is called `{}`; there are: {}", arguments.vendor, known.join(", "))
    })?;
    let vendor = vendor.for_tenant(arguments.tenant.as_deref()).map_err(|error| error.to_string())?;
    if arguments.format == Format::Text {
        vendor.warnings.iter().for_each(|warning| eprintln!("{warning}"));
    }
    let fixed = match &arguments.message {
        Some(name) => Some(vendor.message(name).ok_or_else(|| {
            let known: Vec<&str> = vendor.messages.keys().map(String::as_str).collect();
            format!("vendor `{}` has no message `{name}`; it has: {}", vendor.id, known.join(", "))
        })?),
        None => None,
    };
    let context = context(vendor, &arguments.context)?;
    let previous = arguments.previous.iter().map(|path| one_file(path)).collect::<Result<Vec<_>, _>>()?;
    let account: Option<Box<dyn Write>> = match &arguments.account {
        Some(path) => Some(Box::new(BufWriter::new(File::create(path).map_err(|error| cannot(path, &error))?))),
        None => None,
    };
    let mut job = Job {
        validator: Validator::uk_core(),
        vendor,
        fixed,
        known: Known::new(context),
        previous,
        folder: arguments.out.clone(),
        adopt: arguments.adopt,
        direction: arguments.to,
        format: arguments.format,
        account,
        coverage: coverage.map(|(path, form)| Reporting { counted: Coverage::new(title(arguments)), path, form }),
        out: BufWriter::new(stdout().lock()),
        error_found: false,
        many: arguments.files.len() > 1,
    };
    let progress = Progress::new();
    if arguments.to == Direction::Fhir && arguments.files.len() > 1 && goes_together(vendor, fixed, &arguments.files) {
        job.many = false;
        let files = arguments.files.iter().map(|path| one_file(path)).collect::<Result<Vec<_>, _>>()?;
        job.take_together(files).map_err(|error| format!("the result cannot be written: {error}"))?;
        return job.finish().map_err(|error| format!("the result cannot be written: {error}"));
    }
    for path in &arguments.files {
        each_payload(path, &mut |payload, of_many| {
            progress.step(of_many);
            match job.events_of(&payload) {
                Some(events) => events.iter().try_for_each(|event| job.take(event, true)),
                None => job.take(&payload, of_many),
            }
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
    known: Known,
    previous: Vec<SourceFile>,
    folder: Option<PathBuf>,
    adopt: bool,
    direction: Direction,
    format: Format,
    account: Option<Box<dyn Write>>,
    coverage: Option<Reporting>,
    out: BufWriter<io::StdoutLock<'static>>,
    error_found: bool,
    many: bool,
}

impl<'v> Job<'v> {
    fn take(&mut self, payload: &Payload, of_many: bool) -> io::Result<()> {
        match self.direction {
            Direction::Fhir => match self.reading(std::slice::from_ref(&payload.source_file())) {
                Ok((message, document)) => self.translate(payload, message, &document, of_many),
                Err(issues) => self.end(payload, issues, None, &[], of_many),
            },
            Direction::Vendor => self.bring_back(payload, of_many),
        }
    }

    /// Translates the files of one message of several tables.
    fn take_together(&mut self, files: Vec<SourceFile>) -> io::Result<()> {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let payload = Payload::whole(names.join(" + "), Vec::new());
        match self.reading(&files) {
            Ok((message, document)) => self.translate(&payload, message, &document, false),
            Err(issues) => self.end(&payload, issues, None, &[], false),
        }
    }

    fn translate(
        &mut self,
        payload: &Payload,
        message: &Message,
        document: &Document,
        of_many: bool,
    ) -> io::Result<()> {
        let carried = message.carried(&document.tree, self.known.context());
        let tree = carried.as_ref().unwrap_or(&document.tree);
        let source_issues = document.issues.iter().cloned().chain(message.check(tree)).collect();
        let context = self.known.context();
        let mut translated = message.translate(tree, source_issues, context);
        let joined = translated.joined.clone();
        let tree = joined.as_deref().unwrap_or(tree);
        judge_resources(&mut translated, &self.validator, &MadeOf { message, tree, context });
        if self.vendor.takes_events() {
            self.known.keep_back_repeats(message, tree, &mut translated, &payload.name);
            self.known.learn(message, tree);
        }
        document.place(&mut translated.issues);
        document.place_account(&mut translated.account);
        self.count(&translated.account, message);
        let bundle = (!translated.is_refused()).then(|| Output::Json(translated.bundle()));
        self.end(payload, std::mem::take(&mut translated.issues), bundle, &translated.account, of_many)
    }

    fn bring_back(&mut self, payload: &Payload, of_many: bool) -> io::Result<()> {
        let tree = match payload.parse() {
            Ok(tree) => tree,
            Err(issue) => return self.end(payload, vec![*issue], None, &[], of_many),
        };
        let message = match self.fixed.map_or_else(|| self.message_of_bundle(&tree), Ok) {
            Ok(message) => message,
            Err(issue) => return self.end(payload, vec![*issue], None, &[], of_many),
        };
        let together = message.format().holds_several_files();
        let groups: Vec<&[SourceFile]> = match self.previous.as_slice() {
            [] => Vec::new(),
            all if together => vec![all],
            each => each.chunks(1).collect(),
        };
        let mut previous = Vec::new();
        for files in &groups {
            match message.read(files, &Limits::default()) {
                Ok(document) => previous.push(document.tree),
                Err(issues) => return self.end(payload, issues, None, &[], of_many),
            }
        }
        let adopted = self.adopt.then(|| message.adopt(&tree));
        let told = adopted.as_ref().map(Adopted::issues).unwrap_or_default();
        let mut put =
            message.to_vendor(adopted.as_ref().map_or(&tree, |one| &one.bundle), &previous, self.known.context());
        if let Some(adopted) = &adopted {
            adopted.settle(&mut put.account);
        }
        let mut issues = put.issues;
        issues.extend(told);
        let is_json = matches!(message.format(), ginnel_mappings::format::Format::Json);
        let written = if is_json && self.folder.is_none() {
            Some(Output::Json(as_written(message, put.payload, groups.first().copied().unwrap_or_default())))
        } else {
            match message.write(&put.payload, groups.first().copied().unwrap_or_default()) {
                Ok(files) => Some(Output::Files(files)),
                Err(found) => {
                    issues.extend(found);
                    None
                }
            }
        };
        self.count(&put.account, message);
        self.end(payload, issues, written, &put.account, of_many)
    }

    fn count(&mut self, account: &[AccountRow], message: &Message) {
        if let Some(reporting) = &mut self.coverage {
            reporting.counted.add(account, &message.schema_leaves());
        }
    }

    /// The events of an array of several, each a payload of its own.
    fn events_of(&self, payload: &Payload) -> Option<Vec<Payload>> {
        let split = self.direction == Direction::Fhir && self.fixed.is_none() && self.vendor.takes_events();
        if split { events_of(payload) } else { None }
    }

    /// The message that files are, and what they say.
    fn reading(&self, files: &[SourceFile]) -> Result<(&'v Message, Document), Vec<Issue>> {
        match self.fixed {
            Some(message) => message.read(files, &Limits::default()).map(|document| (message, document)),
            None => any_reading(self.vendor, files),
        }
    }

    fn message_of_bundle(&self, bundle: &Value) -> Result<&'v Message, Box<Issue>> {
        let fitting = self.vendor.messages.values().filter(|message| message.makes(bundle)).collect();
        one_message(self.vendor, fitting, "that makes what the Bundle holds")
    }

    fn end(
        &mut self,
        payload: &Payload,
        mut issues: Vec<Issue>,
        result: Option<Output>,
        account: &[AccountRow],
        of_many: bool,
    ) -> io::Result<()> {
        if !payload.bytes.is_empty() {
            place_issues(&payload.bytes, &mut issues);
        }
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
        let value = match result {
            Some(Output::Files(files)) => return self.write_files(&files),
            Some(Output::Json(value)) => Some(value),
            None => None,
        };
        match value {
            Some(value) if of_many || self.many => writeln!(self.out, "{value}"),
            // Each input has its line, so that results, accounts and inputs stay side by side.
            None if of_many || self.many => writeln!(self.out, "{}", operation_outcome(&issues, None)),
            Some(value) => writeln!(self.out, "{}", serde_json::to_string_pretty(&value).map_err(io::Error::other)?),
            None => Ok(()),
        }
    }

    /// Writes the vendor's files into the folder, or the only one to standard output.
    fn write_files(&mut self, files: &[SourceFile]) -> io::Result<()> {
        if let Some(folder) = &self.folder {
            std::fs::create_dir_all(folder)?;
            for (at, file) in files.iter().enumerate() {
                let name = std::path::Path::new(&file.name).file_name();
                let name = name.map_or_else(|| format!("message-{}", at + 1).into(), ToOwned::to_owned);
                std::fs::write(folder.join(name), &file.bytes)?;
            }
            return Ok(());
        }
        match files {
            [one] => self.out.write_all(&one.bytes),
            several => {
                let names: Vec<&str> = several.iter().map(|file| file.name.as_str()).collect();
                Err(io::Error::other(format!("it is several files ({}): name a folder with --out", names.join(", "))))
            }
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

/// A result as it is written.
enum Output {
    /// A Bundle, or a payload of JSON.
    Json(Value),
    /// A vendor's files.
    Files(Vec<SourceFile>),
}

/// Whether several files are one message of several tables.
fn goes_together(vendor: &Vendor, fixed: Option<&Message>, files: &[PathBuf]) -> bool {
    match fixed {
        Some(message) => message.format().holds_several_files(),
        None => {
            let names_json = |path: &PathBuf| path.extension().is_some_and(|end| end == "json" || end == "ndjson");
            let beside = |path: &PathBuf| {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                vendor.messages.values().any(|message| message.format().lies_beside(name))
            };
            !files.iter().any(|path| names_json(path) && !beside(path))
                && vendor.messages.values().any(|message| message.format().holds_several_files())
        }
    }
}

/// What files say, by the message that their event's type or their fields choose.
fn any_reading<'v>(vendor: &'v Vendor, files: &[SourceFile]) -> Result<(&'v Message, Document), Vec<Issue>> {
    one_reading(vendor, vendor.reading(files, &Limits::default())?)
}

fn one_reading<'v>(
    vendor: &Vendor,
    mut fitting: Vec<(&'v Message, Document)>,
) -> Result<(&'v Message, Document), Vec<Issue>> {
    if fitting.len() == 1
        && let Some(only) = fitting.pop()
    {
        return Ok(only);
    }
    let messages = fitting.iter().map(|(message, _)| *message).collect();
    match one_message(vendor, messages, "whose source schema fits") {
        Err(issue) => Err(vec![*issue]),
        Ok(_) => Err(Vec::new()),
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
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut known = Known::new(Context::new().at(now));
    for path in files {
        let mut fault = None;
        each_payload(path, &mut |payload, _| {
            let events = vendor.takes_events().then(|| events_of(&payload)).flatten();
            for payload in events.unwrap_or_else(|| vec![payload]) {
                match any_reading(vendor, &[payload.source_file()]) {
                    Ok((message, document)) => {
                        let carried = message.carried(&document.tree, known.context());
                        known.learn(message, carried.as_ref().unwrap_or(&document.tree));
                    }
                    Err(issues) => {
                        let why = issues.first().map_or("it cannot be read", |issue| issue.text.as_str());
                        fault = Some(format!("--context {}: {why}", payload.name));
                    }
                }
            }
            Ok(())
        })
        .map_err(|error| cannot(path, &error))?;
        if let Some(fault) = fault {
            return Err(fault);
        }
    }
    Ok(known.into_context())
}

fn one_file(path: &std::path::Path) -> Result<SourceFile, String> {
    let bytes = std::fs::read(path).map_err(|error| cannot(path, &error))?;
    Ok(SourceFile::new(path.file_name().and_then(|name| name.to_str()).unwrap_or_default(), bytes))
}

fn cannot(path: &std::path::Path, error: &io::Error) -> String {
    said_of_file(path, error)
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

/// The payload with what did not change spelled as the sender spelled it, such as a code in another case.
fn as_written(message: &Message, payload: Value, previous: &[SourceFile]) -> Value {
    let written = message.write(&payload, previous).ok();
    let read = written.and_then(|files| match files.as_slice() {
        [one] => ginnel_schemas::json::parse(&one.bytes, Limits::default().json).ok(),
        _ => None,
    });
    read.unwrap_or(payload)
}
