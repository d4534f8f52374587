//! A plugin's examples, both ways, against the Bundles that stand beside them.

use super::account_laws::{of_fhir, rows_of};
use super::message_laws::MessageCase;
use super::report::{ExampleReport, Failure, Finding, Law};
use crate::format::{Limits, SourceFile};
use crate::plugin_files::Folder;
use crate::registry::Vendor;
use crate::translate::Context;
use ginnel_schemas::json::{self, parse};
use serde_json::Value;

/// Tries every example: out, compared with the file beside it, and back into itself.
pub fn try_examples(vendor: &Vendor, folder: &Folder) -> ExampleReport {
    let mut report = ExampleReport::default();
    let mut known = Context::new();
    for (name, stem, files) in sets(vendor) {
        let Some(message) = vendor.message(name) else { continue };
        let place = format!("{name}/examples/{stem}");
        let payload = match message.read(&files, &Limits::default()) {
            Ok(document) => document.tree,
            Err(issues) => {
                let what = issues.into_iter().map(|issue| issue.text).collect::<Vec<_>>().join("; ");
                report.failures.push(failure(&place, Finding::new(Law::Example, "", what), Value::Null));
                continue;
            }
        };
        report.payloads += 1;
        message.items(&payload).into_iter().for_each(|(key, item)| known.insert(key, item));
        let translated = message.translate(&payload, message.check(&payload), &known);
        let bundle = translated.bundle();
        let mut found = rows_of(Law::Account, &payload, &translated.account);
        if let Some((path, wanted)) = beside(folder, name, stem) {
            report.compared += 1;
            match wanted {
                Ok(wanted) => found.extend(MessageCase::compared(&wanted, &bundle)),
                Err(what) => found.push(Finding::new(Law::Example, "", format!("{path}: {what}"))),
            }
        }
        let put = message.to_vendor(&bundle, std::slice::from_ref(&payload), &known);
        if put.payload != payload {
            let at = super::message_laws::difference(&payload, &put.payload);
            let (pointer, how) = at.unwrap_or((String::new(), "comes back in another order"));
            found.push(Finding::new(Law::GetPut, pointer, format!("put back unchanged, it {how}")));
        }
        let written = message.write(&put.payload, &files);
        match written.and_then(|files| message.read(&files, &Limits::default())) {
            Ok(document) if document.tree == payload => {}
            Ok(_) => found.push(Finding::new(Law::GetPut, "", "put back unchanged, its files say something else")),
            Err(issues) => {
                let what = issues.into_iter().map(|issue| issue.text).collect::<Vec<_>>().join("; ");
                found.push(Finding::new(Law::GetPut, "", format!("it cannot be written and read again: {what}")));
            }
        }
        let again = message.translate(&put.payload, message.check(&put.payload), &known);
        found.extend(of_fhir(&bundle, &put, &again.bundle()));
        report.failures.extend(found.into_iter().map(|one| failure(&place, one, Value::Null)));
    }
    report
}

/// Examples that build on each other, the files of one set together: what stands before `.vendor.` is its name, and what
/// stands behind it the name of a file of the set (`1-march.vendor.clients.csv` is `clients.csv` of `1-march`).
pub fn sets(vendor: &Vendor) -> Vec<(&str, &str, Vec<SourceFile>)> {
    let mut out: Vec<(&str, &str, Vec<SourceFile>)> = Vec::new();
    for (message, name, bytes) in &vendor.examples {
        let (stem, rest) = name.split_once(".vendor.").unwrap_or((name.as_str(), ""));
        let own = if rest.contains('.') { rest } else { name };
        let file = SourceFile::new(own, bytes.clone());
        match out.iter_mut().find(|(of, known, _)| of == message && *known == stem) {
            Some((_, _, files)) => files.push(file),
            None => out.push((message, stem, vec![file])),
        }
    }
    out
}

/// Files among the examples that are none, since their names do not say so: nobody would ever try them.
pub fn strays(vendor: &Vendor, folder: &Folder) -> Vec<String> {
    let mut out = Vec::new();
    for name in vendor.messages.keys() {
        let below = format!("{name}/examples");
        let files = folder.files(&below).into_iter();
        let stray = files.filter(|name| !name.starts_with('.') && !name.ends_with(".md"));
        let stray = stray.filter(|name| !name.contains(".vendor.") && !name.ends_with(".fhir.json"));
        out.extend(stray.map(|name| format!("{below}/{name}")));
    }
    out
}

fn failure(place: &str, finding: Finding, input: Value) -> Failure {
    let what = format!("{place}: {}", finding.what);
    Failure { law: finding.law, step: finding.step.code(), seed: 0, pointer: finding.pointer, what, input }
}

/// The Bundle beside an example: `NAME.fhir.json` of `NAME.vendor.json`.
fn beside(folder: &Folder, message: &str, stem: &str) -> Option<(String, Result<Value, String>)> {
    let path = format!("{message}/examples/{stem}.fhir.json");
    let bytes = folder.read(&path)?;
    Some((path, parse(&bytes, json::Limits::default()).map_err(|issue| issue.text)))
}
