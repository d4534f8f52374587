//! Whether a plugin's own examples hold: what the author shows of it must work before it is trusted with a message.

use crate::pipeline::{MadeOf, judge_resources};
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::laws::examples::try_examples;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::Context;
use ginnel_schemas::validator::Validator;

/// The examples that do not hold, a sentence each; in the order in which they build on each other.
pub fn broken(vendor: &Vendor, folder: &Folder, validator: &Validator) -> Vec<String> {
    let mut out = refused(vendor, validator);
    // Against the files beside them, and back into themselves. What is no JSON alone is read by its format above.
    let of_json = vendor.examples.iter().all(|(_, file, _)| file.ends_with(".json"));
    if of_json {
        let failures = try_examples(vendor, folder).failures;
        out.extend(failures.into_iter().map(|one| format!("{}/{} (at {})", vendor.id, one.what, shown(&one.pointer))));
    }
    out
}

fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "/" } else { pointer }
}

/// The examples that would be refused as messages.
fn refused(vendor: &Vendor, validator: &Validator) -> Vec<String> {
    let mut out = Vec::new();
    let mut context = Context::new();
    for (name, file, bytes) in &vendor.examples {
        let Some(message) = vendor.message(name) else { continue };
        let place = format!("{}/{name}/examples/{file}", vendor.id);
        let files = [SourceFile::new(file.as_str(), bytes.as_slice())];
        let tree = match message.read(&files, &Limits::default()) {
            Ok(document) => document.tree,
            // One file of a set says nothing by itself.
            Err(_) if !file.ends_with(".json") => continue,
            Err(issues) => {
                let key = issues.first().map_or("", |issue| issue.key.code());
                out.push(format!("{place}: the example cannot be read ({key})"));
                continue;
            }
        };
        let mut translated = message.translate(&tree, message.check(&tree), &context);
        judge_resources(&mut translated, validator, &MadeOf { message, tree: &tree, context: &context });
        if translated.is_refused() {
            let key = translated.issues.iter().find(|issue| issue.is_error()).map_or("", |issue| issue.key.code());
            out.push(format!("{place}: the example is refused ({key})"));
        }
        for (key, item) in message.items(&tree) {
            context.insert(key, item);
        }
    }
    out
}
