//! A plugin's certificate: what was proved of it, what it can lose in each direction, and of which files that was said.
//!
//! It lies beside the plugin as `certificate.json`. A plugin whose files have changed since is refused at start, for what
//! was said of it no longer holds; one without a certificate is loaded with a warning.

use crate::check::{CheckReport, Loss, Verdict};
use crate::diagnostic::{Code, Diagnostic, Severity, Span};
use crate::plugin_files::Folder;
use ginnel_schemas::definition::built_in_resources::built_in_lines;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The file's name.
pub const FILE: &str = "certificate.json";

/// Raised whenever the checker learns to find more: certificates of before are believed no longer, and what they were
/// written of is checked again.
const CHECKER: u64 = 1;

/// How a plugin stands to its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing changed since it was written by this checker.
    Fresh,
    /// Nothing changed, but an older checker wrote it.
    OfOlderChecker,
    /// There is none.
    Absent,
    /// What changed since.
    Stale(Vec<String>),
}

/// The certificate of a plugin that was checked.
pub fn certificate(report: &CheckReport, folder: &Folder) -> Value {
    let mut messages: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut classes: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for rule in &report.rules {
        *classes.entry(&rule.message).or_default().entry(rule.class.code()).or_insert(0) += 1;
    }
    for (message, counted) in classes {
        messages.entry(message).or_default().insert("rules".into(), json!(counted));
    }
    for (word, losses) in [("losses-out", &report.losses_out), ("losses-in", &report.losses_in)] {
        let mut sorted: Vec<&Loss> = losses.iter().collect();
        sorted.sort();
        for loss in sorted {
            let list = messages.entry(&loss.message).or_default().entry(word).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(json!({"place": loss.place, "how": loss.how, "reason": loss.reason}));
            }
        }
    }
    let count = |verdict: Verdict| report.proofs.iter().filter(|proof| proof.verdict == verdict).count();
    json!({
        "certificate": 1,
        "checker": CHECKER,
        "plugin": report.plugin,
        "version": report.version,
        "files": files(folder),
        "fhir": { "version": "4.0.1", "definitions": definitions() },
        "diagnostics": {
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
        },
        "proofs": {
            "proved": count(Verdict::Proved),
            "unknown": count(Verdict::Unknown),
            "broken": count(Verdict::Broken),
        },
        "messages": messages,
    })
}

/// Writes the certificate beside a plugin on disk; one with errors gets none, and neither does one that is built in.
pub fn write(report: &CheckReport, folder: &Folder) -> Result<PathBuf, String> {
    if report.has_errors() {
        return Err(format!("`{}` has errors, and nothing is certified of it", report.plugin));
    }
    let Folder::Disk(path) = folder else {
        return Err(format!("`{}` is built in; its certificate lies with its source", report.plugin));
    };
    let path = path.join(FILE);
    let text = format!("{:#}\n", certificate(report, folder));
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// How a plugin stands to its certificate.
pub fn standing(folder: &Folder) -> Standing {
    let Some(bytes) = folder.read(FILE) else { return Standing::Absent };
    let Ok(known) = serde_json::from_slice::<Value>(&bytes) else {
        return Standing::Stale(vec![format!("{FILE} cannot be read")]);
    };
    let empty = Map::new();
    let certified = known.get("files").and_then(Value::as_object).unwrap_or(&empty);
    let now = files(folder);
    let mut changed: Vec<String> = Vec::new();
    for (file, hash) in &now {
        match certified.get(file).and_then(Value::as_str) {
            Some(before) if before == hash => {}
            Some(_) => changed.push(format!("{file} has changed")),
            None => changed.push(format!("{file} is new")),
        }
    }
    changed.extend(certified.keys().filter(|file| !now.contains_key(*file)).map(|file| format!("{file} is gone")));
    if known.pointer("/fhir/definitions").and_then(Value::as_str) != Some(definitions()) {
        changed.push("the FHIR definitions of this program are others".into());
    }
    if !changed.is_empty() {
        return Standing::Stale(changed);
    }
    let errors = known.pointer("/diagnostics/errors").and_then(Value::as_u64);
    let is_ours = known.get("checker").and_then(Value::as_u64) == Some(CHECKER);
    if is_ours && errors == Some(0) { Standing::Fresh } else { Standing::OfOlderChecker }
}

/// What is said of a plugin that is not certified as it is.
pub fn diagnostic(plugin: &str, standing: &Standing) -> Option<Diagnostic> {
    let file = format!("{plugin}/{FILE}");
    let renew = format!("`ginnel mapping check --write {plugin}` (the plugin's folder) checks it and writes a new one");
    match standing {
        Standing::Fresh | Standing::OfOlderChecker => None,
        Standing::Absent => {
            let text = format!("the plugin `{plugin}` has no certificate");
            let one = Diagnostic::new(Code::NotCertified, file, Span::default(), text);
            Some(one.with_severity(Severity::Warning).with_hint(renew))
        }
        Standing::Stale(changed) => {
            let text = format!("the certificate of `{plugin}` is out of date: {}", changed.join(", "));
            Some(Diagnostic::new(Code::StaleCertificate, file, Span::default(), text).with_hint(renew))
        }
    }
}

/// The hash of every file that a plugin's meaning hangs on.
fn files(folder: &Folder) -> BTreeMap<String, String> {
    let maps = folder.map_files();
    let counts = |path: &str| {
        let (below, name) = path.rsplit_once('/').unwrap_or(("", path));
        match name {
            "vendor.yaml" | "tables.yaml" | crate::compile::shapes::FILE => below.is_empty(),
            "source.schema.json" => !below.is_empty(),
            // A map and its parts.
            _ if maps.iter().any(|map| map == path) => true,
            _ => {
                let ends = |ending: &str| name.len() > ending.len() && name.ends_with(ending);
                (matches!(below, "tenants" | "converters") && (ends(".yaml") || ends(".yml")))
                    || ends(".wasm")
                    || ends(".tgz")
            }
        }
    };
    let all = folder.all_files().into_iter().filter(|path| counts(path));
    all.filter_map(|path| {
        let bytes = folder.read(&path)?;
        Some((path, hex(&Sha256::digest(&bytes))))
    })
    .collect()
}

/// One hash for the definitions that are built in: addresses and versions of all of them.
fn definitions() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let mut hash = Sha256::new();
        for line in built_in_lines() {
            hash.update(line.url.as_bytes());
            hash.update(b"|");
            hash.update(line.version.as_bytes());
            hash.update(b"\n");
        }
        hex(&hash.finalize())
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
