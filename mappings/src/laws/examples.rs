//! A plugin's examples, both ways, against the Bundles that stand beside them.

use super::account_laws::{of_fhir, rows_of};
use super::message_laws::MessageCase;
use super::report::{ExampleReport, Failure, Finding, Law};
use crate::plugin_files::Folder;
use crate::registry::Vendor;
use crate::translate::Context;
use ginnel_schemas::json::{Limits, parse};
use serde_json::Value;

/// Tries every example: out, compared with the file beside it, and back into itself.
pub fn try_examples(vendor: &Vendor, folder: &Folder) -> ExampleReport {
    let mut report = ExampleReport::default();
    let mut known = Context::new();
    for (name, file, bytes) in &vendor.examples {
        let Some(message) = vendor.message(name) else { continue };
        let place = format!("{name}/examples/{file}");
        let payload = match parse(bytes, Limits::default()) {
            Ok(payload) => payload,
            Err(issue) => {
                report.failures.push(failure(&place, finding(format!("{place}: {}", issue.text)), Value::Null));
                continue;
            }
        };
        report.payloads += 1;
        message.items(&payload).into_iter().for_each(|(key, item)| known.insert(key, item));
        let translated = message.translate(&payload, message.check(&payload), &known);
        let bundle = translated.bundle();
        let mut found = rows_of(Law::Account, &payload, &translated.account);
        if let Some((beside, wanted)) = beside(folder, name, file) {
            report.compared += 1;
            match wanted {
                Ok(wanted) => found.extend(MessageCase::compared(&wanted, &bundle)),
                Err(what) => found.push(finding(format!("{beside}: {what}"))),
            }
        }
        let put = message.to_vendor(&bundle, std::slice::from_ref(&payload), &known);
        if put.payload != payload {
            found.push(Finding::new(Law::GetPut, "", "put back unchanged, it comes back changed"));
        }
        let again = message.translate(&put.payload, message.check(&put.payload), &known);
        found.extend(of_fhir(&bundle, &put, &again.bundle()));
        report.failures.extend(found.into_iter().map(|one| failure(&place, one, Value::Null)));
    }
    report
}

fn finding(what: String) -> Finding {
    Finding::new(Law::Example, "", what)
}

fn failure(place: &str, finding: Finding, input: Value) -> Failure {
    let what = format!("{place}: {}", finding.what);
    Failure { law: finding.law, step: finding.step.code(), seed: 0, pointer: finding.pointer, what, input }
}

/// The Bundle beside an example: `NAME.fhir.json` of `NAME.vendor.json`.
fn beside(folder: &Folder, message: &str, file: &str) -> Option<(String, Result<Value, String>)> {
    let (stem, _) = file.split_once(".vendor.")?;
    let path = format!("{message}/examples/{stem}.fhir.json");
    let bytes = folder.read(&path)?;
    Some((path, parse(&bytes, Limits::default()).map_err(|issue| issue.text)))
}
