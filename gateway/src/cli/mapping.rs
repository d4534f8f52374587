//! `ginnel mapping`: what helps somebody to write, understand, prove, compare and hand over a plugin.

mod check;
pub(super) mod coverage;
mod diff;
mod explain;
mod export;
mod new;
mod papers;
mod refusals;
mod scorecard;
mod test;
mod watch;

use clap::{Args, Subcommand};
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `ginnel mapping`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ginnel mapping new acme --from client.json\n  ginnel mapping check acme\n  \
    ginnel mapping test acme\n  ginnel mapping explain acme date_of_birth\n\n\
    A plugin is named by its folder, or by its id among the built-in ones and those of --vendors.\n\
    Exit codes: 0 no error, 1 an issue of severity error, 2 could not run.")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a plugin from sample payloads: a schema, and a mapping to start from
    New(new::Arguments),
    /// Say what is wrong with plugins, and what is proved of them
    Check(check::Arguments),
    /// Try plugins: their examples both ways, then generated messages
    Test(test::Arguments),
    /// Say which fields, elements and rules the examples show at work, and which they do not
    Coverage(coverage::Arguments),
    /// Say which rules carry a field or an element, which way, and what is lost
    Explain(explain::Arguments),
    /// Compare two states of a plugin: rules, ids, and what can be lost
    Diff(diff::Arguments),
    /// Write a plugin as StructureMap and ConceptMap resources
    Export(export::Arguments),
    /// Check and test a plugin again whenever a file of it is saved
    Watch(watch::Arguments),
    /// Score all plugins on their examples, and count what is lost between every two
    Scorecard(scorecard::Arguments),
    /// Say what of a vendor's record does not reach another vendor, and why
    Loss(scorecard::LossArguments),
    /// Print the JSON Schemas of the language, for editors
    Schema(papers::SchemaArguments),
    /// Print the manual of the language
    Manual(papers::ManualArguments),
}

/// Runs the command named.
pub fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::New(arguments) => new::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Coverage(arguments) => coverage::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Watch(arguments) => watch::run(arguments),
        Command::Scorecard(arguments) => scorecard::run(arguments),
        Command::Loss(arguments) => scorecard::run_loss(arguments),
        Command::Schema(arguments) => papers::schema(arguments),
        Command::Manual(arguments) => papers::manual(arguments),
    }
}

/// Where plugins are looked for.
#[derive(Debug, Args)]
struct Shelves {
    /// Folder with further plugins, one folder a vendor (repeatable)
    #[arg(long = "vendors", value_name = "DIR")]
    folders: Vec<PathBuf>,
}

/// A plugin's id and its files.
type Found = (String, Folder);

impl Shelves {
    /// All plugins: the built-in ones and those of the folders, which stand before built-in ones of the same id.
    fn all(&self) -> Result<Vec<Found>, String> {
        let mut all: std::collections::BTreeMap<String, Folder> = Folder::built_in().into_iter().collect();
        all.extend(self.given()?);
        Ok(all.into_iter().collect())
    }

    /// Those of the folders.
    fn given(&self) -> Result<Vec<Found>, String> {
        let mut out = Vec::new();
        for folder in &self.folders {
            out.extend(in_folder(folder)?);
        }
        Ok(out)
    }

    /// The one that is named: a folder, or an id.
    fn one(&self, named: &str) -> Result<Found, String> {
        let mut found = self.several(named)?;
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(_), false) => Err(format!("{named} holds several plugins: name the folder of one")),
            (None, _) => Err(format!("no plugin lies in {named} (a folder with a vendor.yaml)")),
        }
    }

    /// What is named: a plugin's folder, a folder of plugins, or an id.
    fn several(&self, named: &str) -> Result<Vec<Found>, String> {
        let path = Path::new(named);
        if path.is_dir() {
            return in_folder(path);
        }
        let all = self.all()?;
        if let Some(one) = all.iter().find(|(id, _)| id == named) {
            return Ok(vec![one.clone()]);
        }
        let known: Vec<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
        Err(format!(
            "no plugin is called `{named}`, and there is no folder of that name; there are: {}",
            known.join(", ")
        ))
    }

    /// Those that are named; without a name the plugin of the current folder, else those of `--vendors`, else all.
    fn chosen(&self, named: &[String]) -> Result<Vec<Found>, String> {
        let mut out = Vec::new();
        for one in named {
            out.extend(self.several(one)?);
        }
        if !named.is_empty() {
            return Ok(out);
        }
        if Path::new("vendor.yaml").is_file() {
            return in_folder(Path::new("."));
        }
        if self.folders.is_empty() { self.all() } else { self.given() }
    }
}

fn in_folder(path: &Path) -> Result<Vec<Found>, String> {
    match Folder::on_disk(path) {
        Ok(found) if found.is_empty() => {
            Err(format!("no plugin lies in {} (a folder with a vendor.yaml)", path.display()))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// The plugin, compiled, whatever its certificate says; its faults as one text.
fn loaded((id, folder): &Found) -> Result<Vendor, String> {
    Vendor::load_uncertified(id, folder).map_err(|reports| reports.join("\n"))
}
