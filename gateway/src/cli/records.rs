//! A person's record for the commands that read one: files, standard input, or a running server.

use super::could_not_run;
use super::payloads::{Payload, each_payload};
use super::report::issue_text;
use crate::operations::current_medications::TOLD_BY;
use clap::Args;
use ginnel_medicines::current::{Asked, STALE_AFTER_HOURS};
use ginnel_medicines::drug_code::Release;
use ginnel_medicines::record::{Document, Person, Record, moment};
use ginnel_schemas::input::Input;
use ginnel_schemas::issue::any_error;
use ginnel_schemas::json::Limits;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Longest time to wait for one answer of a server.
const PATIENCE: Duration = Duration::from_secs(30);
/// So many senders are looked up at once.
const TARGETS: usize = 20;
/// A server's pages are followed no further.
const MOST_PAGES: usize = 1000;

/// Which record, and for when.
#[derive(Debug, Args)]
pub struct RecordArguments {
    /// The instant asked for: a FHIR date (its noon in England) or time; without it, now
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Timestamp>,
    /// Whose: a Patient's id or NHS number; needed where a record has several people, or without a file
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// After how many hours what a source gave is called stale
    #[arg(long, value_name = "HOURS", default_value_t = STALE_AFTER_HOURS)]
    stale_after: i64,
    /// A running server, asked for --patient where no file is given
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// Folder of an unpacked dm+d release, in which codes are looked up
    #[arg(long, value_name = "FOLDER")]
    dmd: Option<PathBuf>,
    /// Files of a Bundle or resource each, FHIR R4 or GP Connect (STU3), or `-`; each file is a source
    #[arg(value_name = "FILE", required_unless_present = "patient")]
    files: Vec<PathBuf>,
}

/// An instant as people give it: a time, or a day, which stands for its noon in England.
///
/// # Errors
/// What to write instead.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    let moment = moment(text).ok_or("give a date such as 2026-10-20 or a time such as 2026-10-20T08:00:00Z")?;
    if moment.first == moment.last || text.len() > 10 {
        return Ok(moment.first);
    }
    moment.first.checked_add(12.hours()).map_err(|error| error.to_string())
}

/// What was read: each document with its name, and whether something in it was at fault.
pub struct Documents {
    named: Vec<(String, Value)>,
    /// Whether a document was read and found faulty.
    pub has_error: bool,
}

impl RecordArguments {
    /// The id of the Patient that is asked for, where it is an id.
    pub fn patient(&self) -> Option<&str> {
        self.patient.as_deref().map(|asked| asked.strip_prefix("Patient/").unwrap_or(asked))
    }

    /// Reads the documents; says on standard error what is wrong with them.
    ///
    /// # Errors
    /// The exit code, where something cannot be read: half a record is no record.
    pub fn read(&self) -> Result<Documents, ExitCode> {
        match (&self.files[..], &self.patient) {
            ([], Some(patient)) => match fetch(&self.server, patient) {
                Ok(bundle) => Ok(Documents { named: vec![(self.server.clone(), bundle)], has_error: false }),
                Err(why) => Err(could_not_run(format!("{}: {why}", self.server))),
            },
            (files, _) => read_files(files),
        }
    }

    /// Answers a question about the person's record.
    ///
    /// # Errors
    /// The exit code, where nobody can be chosen.
    pub fn ask<T>(
        &self,
        documents: &Documents,
        question: impl FnOnce(&Record<'_>, &Person, Asked<'_>) -> T,
    ) -> Result<T, ExitCode> {
        let sources = documents.sources();
        let record = Record::read(&sources);
        let person = Person::choose(&record, self.patient.as_deref()).map_err(could_not_run)?;
        let at = self.at.unwrap_or_else(Timestamp::now);
        let release = self.dmd.as_deref().map(Release::load).transpose().map_err(could_not_run)?;
        let asked = Asked { at, stale_after_hours: self.stale_after, release: release.as_ref() };
        Ok(question(&record, &person, asked))
    }
}

impl Documents {
    /// The documents as a record is read from them.
    pub fn sources(&self) -> Vec<Document<'_>> {
        self.named.iter().map(|(name, value)| Document { name: name.clone(), value }).collect()
    }
}

/// Reads the documents of files; says on standard error what is wrong with them.
///
/// # Errors
/// The exit code, where something cannot be read.
pub fn read_files(files: &[PathBuf]) -> Result<Documents, ExitCode> {
    let mut documents = Documents { named: Vec::new(), has_error: false };
    for path in files {
        // The resources of an NDJSON file came together, and are one source.
        let mut lines: Vec<Value> = Vec::new();
        let mut refused = None;
        let read = each_payload(path, &mut |payload, of_many| {
            match parse(&payload, &mut documents.has_error) {
                Ok(value) if of_many => lines.push(value),
                Ok(value) => documents.named.push((payload.file, value)),
                Err(why) => refused = refused.take().or(Some(why)),
            }
            Ok(())
        });
        if let Some(why) = refused {
            return Err(could_not_run(why));
        }
        read.map_err(|error| could_not_run(format!("{}: {error}", path.display())))?;
        if !lines.is_empty() {
            documents.named.push((path.display().to_string(), Value::Array(lines)));
        }
    }
    Ok(documents)
}

/// The tree; what can be read and is at fault is said.
fn parse(payload: &Payload, has_error: &mut bool) -> Result<Value, String> {
    let input = Input::read(&payload.bytes, &Limits::default()).map_err(|issues| {
        let told: Vec<String> = issues.iter().map(|issue| issue_text(&payload.name, issue)).collect();
        format!("{}: cannot be read, so nothing can be said of it\n{}", payload.name, told.join("\n"))
    })?;
    input.issues().iter().for_each(|issue| eprintln!("{}", issue_text(&payload.name, issue)));
    *has_error |= any_error(input.issues());
    Ok(input.into_value())
}

/// Everything that a server has about a patient, all pages as one Bundle.
fn fetch(server: &str, patient: &str) -> Result<Value, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(pages(server.trim_end_matches('/'), patient))
}

async fn pages(server: &str, patient: &str) -> Result<Value, String> {
    let id = patient.strip_prefix("Patient/").unwrap_or(patient);
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
        return Err(format!(
            "`{patient}` is no Patient id; find it with GET {server}/fhir/R4/Patient?identifier=NUMBER"
        ));
    }
    // The crypto provider is installed once in a process; a second time says that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().map_err(|error| error.to_string())?;
    let mut pages = Pages { client, entries: Vec::new(), missing: None };
    pages.add(format!("{server}/fhir/R4/Patient/{id}/$everything")).await?;
    // Who sent what is told by Provenances, which lie outside of a patient's compartment.
    for targets in pages.told_by().chunks(TARGETS) {
        pages.add(format!("{server}/fhir/R4/Provenance?target={}", targets.join(","))).await?;
    }
    // A page that was not fetched shows as the gap that it is.
    let links = pages.missing.map(|url| json!([{"relation": "next", "url": url}])).unwrap_or(json!([]));
    Ok(json!({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": pages.entries}))
}

struct Pages {
    client: reqwest::Client,
    entries: Vec<Value>,
    missing: Option<String>,
}

impl Pages {
    /// Adds a search's entries, page after page.
    async fn add(&mut self, first: String) -> Result<(), String> {
        let mut next = Some(first);
        for _ in 0..MOST_PAGES {
            let Some(url) = next.take() else { return Ok(()) };
            let answer = self.client.get(&url).send().await.map_err(|error| format!("no answer: {error}"))?;
            let status = answer.status();
            let body = answer.bytes().await.map_err(|error| error.to_string())?;
            let page: Value = serde_json::from_slice(&body).map_err(|error| format!("{status}: no JSON: {error}"))?;
            if !status.is_success() {
                let told =
                    page.pointer("/issue/0/details/text").and_then(Value::as_str).unwrap_or("no reason is given");
                return Err(format!("{status}: {told}"));
            }
            self.entries.extend(page.get("entry").and_then(Value::as_array).into_iter().flatten().cloned());
            let links = page.get("link").and_then(Value::as_array).into_iter().flatten();
            let follows = |link: &&Value| link.get("relation").and_then(Value::as_str) == Some("next");
            next = links.filter(follows).find_map(|link| link.get("url")?.as_str()).map(str::to_string);
        }
        self.missing = next;
        Ok(())
    }

    /// References to what medicines and allergies are told by.
    fn told_by(&self) -> Vec<String> {
        let resources = self.entries.iter().filter_map(|entry| entry.get("resource"));
        let text = |resource: &Value, name: &str| resource.get(name).and_then(Value::as_str).map(str::to_string);
        resources
            .filter_map(|resource| Some((text(resource, "resourceType")?, text(resource, "id")?)))
            .filter(|(kind, _)| TOLD_BY.contains(&kind.as_str()))
            .map(|(kind, id)| format!("{kind}/{id}"))
            .collect()
    }
}
