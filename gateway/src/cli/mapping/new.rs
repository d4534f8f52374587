//! `ginnel mapping new`: a plugin made from sample payloads.

use super::super::{Format, could_not_run, said_of_file};
use clap::Args;
use ginnel_mappings::authoring::new::{NewFile, Request, Skeleton, is_name, message_name, skeleton};
use ginnel_mappings::authoring::samples::read;
use ginnel_mappings::format::SourceFile;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Make a plugin from sample payloads: a schema of their shape, and a mapping to start from.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping new acme --from clients.json\n  \
    ginnel mapping new acme --from visits-1.json visits-2.json --message visits --into plugins\n\n\
    Makes the folder `acme` (in --into, else here), or adds a message to it: vendor.yaml, tables.yaml, and for the message\n\
    source.schema.json, map.yaml and the samples as examples. Fields whose names are known have a place in FHIR already;\n\
    the others are set aside as `to be decided`. Nothing that is there is overwritten.\n\
    The samples are copied into the plugin: give samples of invented people only.\n\
    Exit codes: 0 made, 2 could not run.")]
pub struct Arguments {
    /// The vendor's id: lower-case letters, digits and hyphens; the folder's name
    #[arg(value_name = "VENDOR")]
    vendor: String,
    /// Sample files of one message (json, ndjson, csv, xml, hl7); several show what may be absent
    #[arg(long, value_name = "SAMPLE", required = true, num_args = 1..)]
    from: Vec<PathBuf>,
    /// The message's name; without it, made of the first sample's name
    #[arg(long, value_name = "NAME")]
    message: Option<String>,
    /// Folder in which the vendor's folder is made
    #[arg(long, value_name = "DIR", default_value = ".")]
    into: PathBuf,
    /// How the result is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Makes the plugin.
pub fn run(arguments: &Arguments) -> ExitCode {
    match make(arguments) {
        Ok(made) => {
            told(arguments, &made);
            ExitCode::SUCCESS
        }
        Err(why) => could_not_run(why),
    }
}

struct Made {
    folder: PathBuf,
    message: String,
    files: Vec<String>,
    skeleton: Skeleton,
}

fn make(arguments: &Arguments) -> Result<Made, String> {
    let message = match &arguments.message {
        Some(name) => name.clone(),
        None => message_name(&arguments.from.first().map(|path| path.display().to_string()).unwrap_or_default()),
    };
    for (what, name) in [("the vendor's id", &arguments.vendor), ("the message's name", &message)] {
        if !is_name(name) {
            return Err(format!(
                "{what} `{name}` is not a name of lower-case letters, digits and hyphens, such as `acme-care`"
            ));
        }
    }
    let folder = arguments.into.join(&arguments.vendor);
    if folder.join(&message).exists() {
        let place = folder.join(&message);
        return Err(format!("{} is there already: name another --message, or remove it first", place.display()));
    }
    let mut files = Vec::new();
    for path in &arguments.from {
        let bytes = fs::read(path).map_err(|error| said_of_file(path, &error))?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        files.push(SourceFile::new(name, bytes));
    }
    let samples = read(&files)?;
    let have = match fs::read_to_string(folder.join("vendor.yaml")) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("{}: {error}", folder.join("vendor.yaml").display())),
    };
    let request = Request { vendor: arguments.vendor.clone(), message: message.clone(), format: samples.format };
    let skeleton = skeleton(&request, &samples.trees, have.as_deref());
    let mut files_made = write(&folder, &skeleton.files, have.is_some())?;
    files_made.extend(copy(&folder, &message, &files, samples.is_set)?);
    let files = files_made;
    Ok(Made { folder, message, files, skeleton })
}

/// Copies the samples, byte for byte, as examples; the tables of a set are one, and keep their names, for these say which
/// is which.
fn copy(folder: &Path, message: &str, files: &[SourceFile], is_set: bool) -> Result<Vec<String>, String> {
    let mut written = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let extension = file.name.rsplit_once('.').map_or("json", |(_, end)| end);
        let named = message_name(&file.name);
        let path = match is_set {
            true => format!("{message}/examples/1-{message}.vendor.{}", file.name),
            false => format!("{message}/examples/{}-{named}.vendor.{extension}", number + 1),
        };
        let place = folder.join(&path);
        let said = |error: std::io::Error| format!("{}: {error}", place.display());
        if let Some(above) = place.parent() {
            fs::create_dir_all(above).map_err(said)?;
        }
        fs::write(&place, &file.bytes).map_err(said)?;
        written.push(path);
    }
    Ok(written)
}

/// Writes what is not there yet; `vendor.yaml` of a plugin that is there gets its new message.
fn write(folder: &Path, files: &[NewFile], extended: bool) -> Result<Vec<String>, String> {
    let mut written = Vec::new();
    for NewFile { path, text } in files {
        let place = folder.join(path);
        let said = |error: std::io::Error| format!("{}: {error}", place.display());
        if place.exists() && !(extended && path == "vendor.yaml") {
            continue;
        }
        if let Some(above) = place.parent() {
            fs::create_dir_all(above).map_err(said)?;
        }
        fs::write(&place, text).map_err(said)?;
        written.push(path.clone());
    }
    Ok(written)
}

fn told(arguments: &Arguments, made: &Made) {
    let folder = made.folder.display();
    let Made { message, files, skeleton, .. } = made;
    if arguments.format == Format::Json {
        println!(
            "{:#}",
            json!({"folder": folder.to_string(), "message": message, "files": files,
                "mapped": skeleton.mapped, "undecided": skeleton.undecided, "secret": skeleton.secrets,
                "warnings": skeleton.warnings})
        );
        return;
    }
    println!("made {folder}:");
    files.iter().for_each(|file| println!("  {file}"));
    println!(
        "{} values have a place in FHIR, {} are set aside as `to be decided`.",
        skeleton.mapped, skeleton.undecided
    );
    if !skeleton.secrets.is_empty() {
        let count = skeleton.secrets.len();
        println!("{count} by the name opens a door, and is kept secret: {}.", skeleton.secrets.join(", "));
    }
    skeleton.warnings.iter().for_each(|warning| println!("Look at this first: {warning}"));
    println!("Next: read {folder}/{message}/map.yaml, then run: ginnel mapping check {folder}");
}
