//! HL7's cases as their manifest lists them, and our verdicts on one.

use crate::judging::{Judge, read};
use ginnel_schemas::issue::Issue;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One case.
pub struct Case {
    /// Its name in the manifest.
    pub name: String,
    /// The part of validation it is about.
    pub module: String,
    file: PathBuf,
    /// Definitions known from the start.
    supporting: Vec<PathBuf>,
    valid: bool,
    issues: Vec<String>,
    profile: Option<Profile>,
}

/// The profile that the manifest asks for.
struct Profile {
    source: String,
    path: PathBuf,
    supporting: Vec<PathBuf>,
    valid: bool,
    issues: Vec<String>,
}

/// One verdict, ours beside HL7's.
pub struct Verdict {
    /// What was judged by.
    pub by: String,
    /// Whether HL7's validator passes it.
    pub theirs: bool,
    /// HL7's errors.
    pub their_errors: Vec<String>,
    /// Our errors; none when we pass it.
    pub our_errors: Vec<String>,
}

impl Verdict {
    /// Whether both say the same.
    pub fn agrees(&self) -> bool {
        self.theirs == self.our_errors.is_empty()
    }
}

/// All cases of a folder.
pub fn all(folder: &Path) -> Vec<Case> {
    let manifest = read(&folder.join("manifest.json")).expect("the folder has a manifest");
    manifest["cases"].as_array().expect("cases").iter().filter_map(|case| one(folder, case)).collect()
}

fn one(folder: &Path, case: &Value) -> Option<Case> {
    let paths = |list: &Value| -> Vec<PathBuf> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).map(|name| folder.join(name)).collect()
    };
    let mut supporting = paths(&case["supporting"]);
    supporting.extend(paths(&case["profiles"]));
    let profile =
        case["profile"]["source"].as_str().zip(case["profile_valid"].as_bool()).map(|(source, valid)| Profile {
            source: source.to_owned(),
            path: folder.join(source),
            supporting: paths(&case["profile"]["supporting"]),
            valid,
            issues: errors(&case["profile_issues"]),
        });
    Some(Case {
        name: case["name"].as_str()?.to_owned(),
        module: case["module"].as_str().unwrap_or("none").to_owned(),
        file: folder.join(case["file"].as_str()?),
        supporting,
        valid: case["valid"].as_bool()?,
        issues: errors(&case["issues"]),
        profile,
    })
}

/// The errors among HL7's issues.
fn errors(issues: &Value) -> Vec<String> {
    let is_error = |issue: &&Value| matches!(issue["severity"].as_str(), Some("error" | "fatal"));
    let told = |issue: &Value| {
        let text = issue["text"].as_str().unwrap_or_default();
        format!("{} {}", issue["expression"][0].as_str().unwrap_or("-"), text.chars().take(220).collect::<String>())
    };
    issues.as_array().into_iter().flatten().filter(is_error).map(told).collect()
}

impl Case {
    /// Our verdicts beside HL7's; `plain` knows no more than what is built in.
    pub fn verdicts(&self, plain: &Judge) -> Vec<Verdict> {
        let supporting = definitions(&self.supporting);
        let own = (!supporting.is_empty()).then(|| Judge::r4_with(&supporting));
        let judge = own.as_ref().unwrap_or(plain);
        let mut verdicts = vec![Verdict {
            by: "the base and its own profiles".to_owned(),
            theirs: self.valid,
            their_errors: self.issues.clone(),
            our_errors: told(&judge.file(&self.file, &[])),
        }];
        if let Some(profile) = &self.profile {
            verdicts.push(self.by_profile(profile, supporting));
        }
        verdicts
    }

    fn by_profile(&self, profile: &Profile, mut known: Vec<Value>) -> Verdict {
        known.extend(definitions(&profile.supporting));
        // A profile is named by its file, or by the canonical URL of one that is published.
        let own = definitions(std::slice::from_ref(&profile.path));
        let url = own.first().and_then(|one| one["url"].as_str()).unwrap_or(&profile.source).to_owned();
        known.extend(own);
        let judge = Judge::r4_with(&known);
        Verdict {
            by: profile.source.clone(),
            theirs: profile.valid,
            their_errors: profile.issues.clone(),
            our_errors: told(&judge.file(&self.file, &[&url])),
        }
    }
}

/// The resources of files, those of a Bundle one by one; what cannot be read is passed over.
fn definitions(paths: &[PathBuf]) -> Vec<Value> {
    let mut found = Vec::new();
    for resource in paths.iter().filter(|path| path.is_file()).filter_map(|path| read(path).ok()) {
        match resource["entry"].as_array().filter(|_| resource["resourceType"] == "Bundle") {
            Some(entries) => found.extend(entries.iter().map(|entry| entry["resource"].clone())),
            None => found.push(resource),
        }
    }
    found
}

/// Our errors as text.
fn told(issues: &[Issue]) -> Vec<String> {
    let text = |issue: &Issue| format!("{} {} {}", issue.key, issue.expression.as_deref().unwrap_or("-"), issue.text);
    issues.iter().filter(|issue| issue.is_error()).map(text).collect()
}
