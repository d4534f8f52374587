//! Events on the command line: an array of several is taken apart, and what came before in the stream is known.

use super::payloads::Payload;
use ginnel_mappings::registry::Message;
use ginnel_mappings::translate::{Context, ItemVerdict, LookupKey, Translated};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The events of an array, each a payload of its own; `None` where it is none.
pub fn events_of(payload: &Payload) -> Option<Vec<Payload>> {
    let Value::Array(events) = payload.parse().ok()? else { return None };
    let one = |(at, event): (usize, &Value)| Payload {
        name: format!("{}[{at}]", payload.name),
        file: payload.file.clone(),
        first_line: payload.first_line,
        bytes: event.to_string().into_bytes(),
    };
    Some(events.iter().enumerate().map(one).collect())
}

/// What is known of other items, and what was made of each so far.
pub struct Known {
    context: Context,
    made: HashMap<LookupKey, Made>,
}

struct Made {
    hash: u64,
    by: String,
}

impl Known {
    /// What was known before.
    pub fn new(context: Context) -> Known {
        Known { context, made: HashMap::new() }
    }

    /// What is known of other items.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The same, for good.
    pub fn into_context(self) -> Context {
        self.context
    }

    /// Learns a payload's items, but for those that are older than what is known of them.
    pub fn learn(&mut self, message: &Message, tree: &Value) {
        message.remember(tree, &mut self.context);
    }

    /// Keeps back what is older than what the stream said before, and what it said in the same words.
    pub fn keep_back_repeats(&mut self, message: &Message, tree: &Value, translated: &mut Translated, by: &str) {
        let stale = message.stale(tree, &self.context);
        for place in 0..translated.items.len() {
            let Some(item) = translated.items.get(place).filter(|item| item.verdict == ItemVerdict::Translated) else {
                continue;
            };
            let (Some(key), pointer) = (item.key.clone(), item.pointer.clone()) else { continue };
            let key = LookupKey { message: message.name.clone(), item: item.name.clone(), key };
            let mut hasher = DefaultHasher::new();
            item.resources.to_values().iter().for_each(|one| one.to_string().hash(&mut hasher));
            let hash = hasher.finish();
            let earlier = self.made.get(&key);
            let (text, reason) = if stale.contains(&key) {
                (
                    "A newer version of this came before it: this one is history, and changes nothing.",
                    "an older version",
                )
            } else if earlier.is_some_and(|earlier| earlier.hash == hash) {
                ("This says what was said before, and changes nothing.", "said before")
            } else {
                self.made.insert(key, Made { hash, by: by.to_owned() });
                continue;
            };
            let issue = Issue::new(
                ginnel_schemas::issue::Severity::Information,
                IssueCode::Duplicate,
                IssueKey::MappingDuplicateIdentity,
                text,
            );
            let issue = issue.with_pointer(pointer);
            let issue = match earlier {
                Some(earlier) => issue.with_hint(format!("it came in {}", earlier.by)),
                None => issue,
            };
            translated.keep_back(place, reason, issue);
        }
    }
}
