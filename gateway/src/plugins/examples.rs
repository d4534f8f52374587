//! Whether a plugin's own examples hold: what the author shows of it must work before it is trusted with a message.

use crate::pipeline::{MadeOf, judge_resources};
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::Context;
use ginnel_schemas::json::{Limits, parse};
use ginnel_schemas::validator::Validator;

/// The examples that do not hold, a sentence each; in the order in which they build on each other.
pub fn broken(vendor: &Vendor, validator: &Validator) -> Vec<String> {
    let mut out = Vec::new();
    let mut context = Context::new();
    for (name, file, bytes) in &vendor.examples {
        let Some(message) = vendor.message(name) else { continue };
        let place = format!("{}/{name}/examples/{file}", vendor.id);
        let Ok(tree) = parse(bytes, Limits::default()) else {
            // Other formats than JSON have readers of their own.
            if file.ends_with(".json") {
                out.push(format!("{place}: the example is not JSON"));
            }
            continue;
        };
        let mut translated = message.translate(&tree, message.check(&tree), &context);
        judge_resources(&mut translated, validator, &MadeOf { message, tree: &tree, context: &context });
        if translated.is_refused() {
            let key = translated.issues.iter().find(|issue| issue.is_error()).map_or("", |issue| issue.key.code());
            out.push(format!("{place}: the example is refused ({key})"));
        } else {
            let back = message.to_vendor(&translated.bundle(), std::slice::from_ref(&tree), &context);
            if back.payload != tree {
                out.push(format!("{place}: the example does not come back as it went out"));
            }
        }
        for (key, item) in message.items(&tree) {
            context.insert(key, item);
        }
    }
    out
}
