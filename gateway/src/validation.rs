//! Judging by everything that was loaded: R4, UK Core, the definitions named at start, and the UK rules that are on.

use ginnel_schemas::definition::profiles::Profiles;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use ginnel_schemas::known::Known;
use ginnel_schemas::package::{self, PackageError};
use ginnel_schemas::spelling;
use ginnel_schemas::uk::Rules;
use ginnel_schemas::validator::{Options, Validator};
use serde_json::Value;
use std::path::PathBuf;

/// Where the URLs of extensions start that mappings write for what FHIR has no element for.
pub const OWN_EXTENSIONS: &str = "https://gateway.example.org/StructureDefinition/";

/// Loaded once, shared by all who judge.
pub struct Validation {
    validator: Validator,
    rules: Rules,
}

impl Validation {
    /// What is built in, with these packages, folders and files, and what should be known of them.
    ///
    /// A later definition takes the place of an earlier one of the same URL and version.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn load(definitions: &[PathBuf], rules: Rules) -> Result<(Validation, Vec<Issue>), PackageError> {
        let mut known = Known::built_in();
        let mut issues = Vec::new();
        for path in definitions {
            let mut package = package::read(path, &package::Limits::default())?;
            issues.append(&mut package.issues);
            known.with_package(package);
        }
        Ok((Validation { validator: Validator::new(known), rules }, issues))
    }

    /// What is built in, by all rules.
    pub fn built_in() -> Validation {
        Validation { validator: Validator::uk_core(), rules: Rules::default() }
    }

    /// The validator.
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// What is said of a profile that is asked for and not known: nothing can be judged by it.
    pub fn unknown_profile(&self, url: &str) -> Option<Issue> {
        let known = self.validator.known();
        let is_type = || Profiles::base_type(url).is_some();
        if known.profiles.get(url).is_some() || is_type() {
            return None;
        }
        let text = "No definition of a profile that is asked for is loaded, so nothing can be judged by it.";
        let hint = match known.profiles.fault(url) {
            Some(fault) => format!("its definition is there and cannot be used: {fault}"),
            None => match spelling::nearest_url(url, known.profiles.urls()) {
                Some(near) => format!("did you mean {near}?"),
                None => "check its URL, or load its package with `definitions`".to_owned(),
            },
        };
        Some(Issue::error(IssueCode::NotFound, IssueKey::TargetProfileUnknown, text).with_hint(hint))
    }

    /// Everything found in a resource by its type, by the profiles it claims, by these, and by the UK rules; with `uk_core`
    /// by UK Core's profile of its type too, whether it claims that or not.
    pub fn judge(&self, resource: &Value, profiles: &[&str], uk_core: bool) -> Vec<Issue> {
        let options =
            Options { profiles, uk_core, uk_rules: self.rules, own_extensions: &[OWN_EXTENSIONS], ..Options::STRICT };
        self.validator.judge(resource, &options)
    }
}
