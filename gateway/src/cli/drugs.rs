//! `ginnel drugs`: every medicine that FHIR resources name, with what is remarkable about its name and codes.

use super::records::read_files;
use super::{Format, could_not_run};
use clap::Args;
use ginnel_medicines::drug_code::{
    Concept, Drug, Release, Remark, RemarkKey, concepts, same_code_two_names, time_critical,
};
use ginnel_medicines::record::{Found, GapKind, Record, Resource};
use ginnel_schemas::issue::Severity;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `ginnel drugs`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ginnel drugs bundle.json\n  ginnel drugs --dmd dmd-week-40 --format json record.ndjson\n\n\
    Looked at is every medicine of MedicationRequest, -Statement, -Administration, -Dispense and Medication, of FHIR R4\n\
    and STU3, in Bundles and contained. Without a dm+d release nothing is looked up: no name is made of a code, and never\n\
    a code of a name. `rounded-code` is a code that a spreadsheet damaged, `superseded` one that dm+d has replaced,\n\
    `name-and-code-disagree` words and a code of two medicines.\n\n\
    Exit codes: 0 no error, 1 a remark of severity error, 2 could not read a file or the release."
)]
pub struct Arguments {
    /// Folder of an unpacked dm+d release (f_vmp2_*.xml and the other files of one week)
    #[arg(long, value_name = "FOLDER")]
    dmd: Option<PathBuf>,
    /// text, or one JSON object a medicine and line
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Files of FHIR resources or Bundles, JSON or XML (or one JSON resource a line), or `-`; together they are one record
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

struct Named {
    source: String,
    resource: String,
    path: String,
    drug: Drug,
}

/// Tells of every medicine; 1 when a remark is an error.
pub fn run(arguments: &Arguments) -> ExitCode {
    let release = match arguments.dmd.as_deref().map(Release::load).transpose() {
        Ok(release) => release,
        Err(error) => return could_not_run(error),
    };
    let documents = match read_files(&arguments.files) {
        Ok(documents) => documents,
        Err(code) => return code,
    };
    let sources = documents.sources();
    let record = Record::read(&sources);
    let unread: Vec<&str> =
        record.gaps.iter().filter(|gap| gap.kind == GapKind::Unreadable).map(|gap| gap.text.as_str()).collect();
    if record.resources.is_empty() && !unread.is_empty() {
        return could_not_run(unread.join("\n"));
    }
    unread.iter().for_each(|text| eprintln!("ginnel: {text}"));
    release.iter().flat_map(Release::gaps).for_each(|gap| eprintln!("ginnel: the dm+d release has {gap}"));
    let named = named(&record, release.as_ref());
    let mut out = io::stdout().lock();
    match named.iter().try_for_each(|one| write(&mut out, one, release.as_ref(), arguments.format)) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return could_not_run(error),
        // Who reads along may have seen enough (`| head`).
        _ => {}
    }
    let is_error = |remark: &Remark| remark.severity == Severity::Error;
    if documents.has_error || !unread.is_empty() || named.iter().flat_map(|one| &one.drug.remarks).any(is_error) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn named(record: &Record<'_>, release: Option<&Release>) -> Vec<Named> {
    let mut named = Vec::new();
    // A contained medicine is told with the resource that it is contained in.
    for (index, resource) in record.resources.iter().enumerate().filter(|(_, one)| one.container.is_none()) {
        for concept in concepts(resource.value) {
            let Some(drug) = read(&concept, record, resource, release) else { continue };
            let source = record.sources.get(resource.source).map(|source| source.name.clone()).unwrap_or_default();
            named.push(Named { source, resource: record.reference_of(index), path: concept.path(), drug });
        }
    }
    let drugs: Vec<&Drug> = named.iter().map(|one| &one.drug).collect();
    for (at, remark) in same_code_two_names(&drugs) {
        if let Some(one) = named.get_mut(at) {
            one.drug.remarks.push(remark);
        }
    }
    named
}

/// The medicine of a concept; none where it is a reference to a medicine that is here and told of itself.
fn read(concept: &Concept<'_>, record: &Record<'_>, from: &Resource<'_>, release: Option<&Release>) -> Option<Drug> {
    let Some(reference) = concept.reference.filter(|_| concept.value.is_none()) else {
        return Some(Drug::read(concept.value.unwrap_or(&Value::Null), release));
    };
    let target = match record.follow(from, reference) {
        Found::Resource(_) => return None,
        Found::Missing(target) => target,
        Found::NotSaid => "",
    };
    // What the sender wrote beside the reference is all that can be shown.
    let concept = match reference.get("display") {
        Some(display) => json!({"text": display}),
        None => Value::Null,
    };
    let mut drug = Drug::read(&concept, release);
    // It may well have a name and codes where it is.
    drug.remarks.clear();
    let text = format!("The medicine {target:?} is not here: its name and codes cannot be looked at.");
    drug.remarks.push(Remark::warning(RemarkKey::ReferenceUnresolved, "", text));
    Some(drug)
}

fn write(out: &mut impl Write, one: &Named, release: Option<&Release>, format: Format) -> io::Result<()> {
    match format {
        Format::Json => writeln!(out, "{}", as_json(one, release)),
        Format::Text => as_text(out, one, release),
    }
}

fn as_json(one: &Named, release: Option<&Release>) -> Value {
    let drug = &one.drug;
    let codings: Vec<Value> = drug
        .codings
        .iter()
        .map(|coding| {
            json!({"system": coding.system.key(), "systemAsSent": coding.system_as_sent, "code": coding.code,
                "display": coding.display, "userSelected": coding.is_selected, "role": coding.role.key()})
        })
        .collect();
    let remarks: Vec<Value> = drug
        .remarks
        .iter()
        .map(|remark| {
            json!({"key": remark.key.key(), "severity": remark.severity.code(), "text": remark.text,
                "path": place(&one.path, &remark.path)})
        })
        .collect();
    let product = release
        .and_then(|release| drug.product(release))
        .map(|product| json!({"id": product.id.to_string(), "class": product.class.key(), "name": product.name}));
    let strengths: Vec<String> = drug.strength().iter().map(ToString::to_string).collect();
    json!({
        "source": one.source, "resource": one.resource, "path": one.path, "medication": drug.name,
        "codings": codings, "strengths": strengths, "timeCritical": time_critical(drug).map(|class| class.key()),
        "dmd": product, "codingsToSend": drug.codings_to_send(release), "remarks": remarks
    })
}

fn place(path: &str, below: &str) -> String {
    if below.is_empty() { path.to_owned() } else { format!("{path}.{below}") }
}

fn as_text(out: &mut impl Write, one: &Named, release: Option<&Release>) -> io::Result<()> {
    let drug = &one.drug;
    writeln!(out, "{}  ({} {})", drug.shown(release), one.resource, one.path)?;
    for coding in &drug.codings {
        let (system, code) = (coding.system.key(), coding.code.as_deref().unwrap_or("no code"));
        let display = coding.display.as_deref().map(|display| format!(" {display:?}")).unwrap_or_default();
        writeln!(out, "  {system} {code}{display} ({})", coding.role.key())?;
    }
    if let Some(class) = time_critical(drug) {
        writeln!(out, "  time-critical: {}", class.title())?;
    }
    for remark in &drug.remarks {
        writeln!(out, "  {}[{}] {}", remark.severity.code(), remark.key.key(), remark.text)?;
        writeln!(out, "    --> {}", place(&one.path, &remark.path))?;
    }
    Ok(())
}
