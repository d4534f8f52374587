//! Judges a plugin before anything runs: every fault of every file in one run, and what is proved of the rest.
//!
//! A verdict is `proved` only where no payload that the vendor's schema allows can show otherwise; what is left to chance
//! is `unknown` and judged at run time.

pub(crate) mod condition;
mod ids;
pub(crate) mod judge;
pub(crate) mod leaves;
mod losses;
mod profile;
mod required;
mod reverse;
mod tree;
mod types;
mod writers;

use judge::Judge;

use crate::account::LawClass;
use crate::compile::compile_plugin;
use crate::diagnostic::{Diagnostic, Severity};
use crate::plugin_files::Folder;
use ginnel_schemas::known::Known;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What was found of a plugin.
#[derive(Debug, Default, Clone, Serialize)]
pub struct CheckReport {
    /// The plugin's id.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// Every fault, file by file.
    pub diagnostics: Vec<Diagnostic>,
    /// Every rule, with its law class.
    pub rules: Vec<RuleReport>,
    /// What is proved, what is not known before a payload comes, and what is broken.
    pub proofs: Vec<Proof>,
    /// What can be lost from the vendor to FHIR.
    pub losses_out: Vec<Loss>,
    /// What can be lost from FHIR to the vendor.
    pub losses_in: Vec<Loss>,
    /// The texts of the files, to show their lines.
    #[serde(skip)]
    pub(crate) texts: BTreeMap<String, String>,
}

/// A rule of a mapping.
#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    /// The message.
    pub message: String,
    /// The resource rule it belongs to.
    pub resource: String,
    /// Where it stands, `file:line`.
    pub rule: String,
    /// The vendor's values.
    pub vendor: Vec<String>,
    /// The FHIR element.
    pub fhir: String,
    /// What it promises.
    #[serde(serialize_with = "class_code")]
    pub class: LawClass,
    /// `out` or `in`, where it runs one way only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<&'static str>,
}

/// A property of the table in the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// Every path exists on its side.
    PathsExist,
    /// Types agree through the converter.
    TypesAgree,
    /// Lists meet lists.
    ListsMeetLists,
    /// No two rules write one target at once.
    OneWriter,
    /// No more values than allowed.
    MaxKept,
    /// Required elements are written.
    RequiredWritten,
    /// Every vendor leaf is mapped, kept or dropped.
    LeavesSpokenOf,
    /// Every vendor code has a row.
    TableOut,
    /// Every code of a required binding has a way back.
    TableBack,
    /// Target codes are in the bound value set.
    CodesBound,
    /// Each reverse is a function.
    ReverseIsFunction,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Verdict {
    /// Holds for every message that the vendor's schema allows.
    #[serde(rename = "proved")]
    Proved,
    /// Not decided here.
    #[serde(rename = "unknown, checked at run time")]
    Unknown,
    /// Does not hold.
    #[serde(rename = "broken")]
    Broken,
}

/// One thing judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The message; empty for the plugin as a whole.
    pub message: String,
    /// What was judged.
    pub property: Property,
    /// Of what: a rule, an element, a table.
    pub subject: String,
    /// How sure it is.
    pub verdict: Verdict,
    /// Why.
    pub why: String,
}

/// What can be lost in one direction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Loss {
    /// The message.
    pub message: String,
    /// The vendor's leaf as a pattern of pointers (`/data/*/id`), or the FHIR element.
    pub place: String,
    /// How: `kept`, `dropped`, `secret`, `collapsed`, `outside-domain`, `derived`, `refused`, `no-home`, `ignored`.
    pub how: &'static str,
    /// Why, for people.
    pub reason: String,
}

fn class_code<S: serde::Serializer>(class: &LawClass, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(class.code())
}

/// Checks a plugin against R4 and UK Core: every fault of every file, and what is proved.
pub fn check_plugin(name: &str, folder: &Folder) -> CheckReport {
    check_plugin_with(name, folder, built_in())
}

/// Checks a plugin against what is known: R4, UK Core and whatever packages were added.
pub fn check_plugin_with(name: &str, folder: &Folder, known: &Known) -> CheckReport {
    compile_plugin(name, folder, known, true).report
}

/// R4 and UK Core, read once.
pub fn built_in() -> &'static Known {
    static BUILT_IN: OnceLock<Known> = OnceLock::new();
    BUILT_IN.get_or_init(Known::built_in)
}

impl CheckReport {
    /// Whether the plugin is refused.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// How many findings have that severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|one| one.severity == severity).count()
    }

    /// One finding as a compiler would show it.
    pub fn render_one(&self, one: &Diagnostic) -> String {
        one.render(&|file| self.texts.get(file).map(String::as_str))
    }

    /// All findings, rendered.
    pub fn render(&self) -> Vec<String> {
        self.diagnostics.iter().map(|one| self.render_one(one)).collect()
    }

    /// Adds findings, each once.
    pub(crate) fn add(&mut self, found: Vec<Diagnostic>) {
        for one in found {
            if !self.diagnostics.contains(&one) {
                self.diagnostics.push(one);
            }
        }
    }
}
