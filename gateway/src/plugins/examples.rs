//! Whether a plugin's own examples hold: what the author shows of it must work before it is trusted with a message.

use crate::pipeline::{MadeOf, judge_resources};
use ginnel_mappings::format::Limits;
use ginnel_mappings::laws::examples::{sets, try_examples};
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::Context;
use ginnel_schemas::validator::Validator;

/// The examples that do not hold, a sentence each; in the order in which they build on each other.
pub fn broken(vendor: &Vendor, folder: &Folder, validator: &Validator) -> Vec<String> {
    let mut out = refused(vendor, validator);
    // Against the files beside them, and back into themselves.
    let failures = try_examples(vendor, folder).failures;
    out.extend(failures.into_iter().map(|one| format!("{}/{} (at {})", vendor.id, one.what, shown(&one.pointer))));
    out
}

fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "/" } else { pointer }
}

/// The examples that would be refused as messages.
fn refused(vendor: &Vendor, validator: &Validator) -> Vec<String> {
    let mut out = Vec::new();
    let mut context = Context::new();
    for (name, stem, files) in sets(vendor) {
        let Some(message) = vendor.message(name) else { continue };
        let place = format!("{}/{name}/examples/{stem}", vendor.id);
        // What cannot be read is told by the other trial.
        let Ok(document) = message.read(&files, &Limits::default()) else { continue };
        let tree = document.tree;
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
