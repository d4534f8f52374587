//! Several items of one key in one message: only the newest speaks.

use super::Run;
use crate::instances::Instance;
use crate::translate::ItemVerdict;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey};
use std::collections::HashMap;

impl Run<'_> {
    /// Of several items with one key only the newest speaks; of equally new ones the last.
    pub(super) fn set_aside_duplicates(&mut self, found: &[Instance<'_>]) {
        let mut newest: HashMap<(Option<usize>, Option<usize>, String), usize> = HashMap::new();
        for place in 1..found.len() {
            let Some(key) = found[place].key.clone() else { continue };
            // Keys that count as one, such as 0733 and 733 where zeros in front are ignored, are one here too.
            let key = self.plan.policy.scoped(key);
            let slot = (found[place].plan, found[place].parent, key);
            if self.verdicts[place] != ItemVerdict::Translated {
                continue;
            }
            let Some(other) = newest.insert(slot.clone(), place) else { continue };
            let older = match (&found[place].revision, &found[other].revision) {
                // One that says no version is the first of them (a note before it was edited).
                (None, Some(_)) => {
                    newest.insert(slot, other);
                    place
                }
                (Some(this), Some(before)) if this.is_older_than(before) => {
                    newest.insert(slot, other);
                    place
                }
                _ => other,
            };
            let reason = "another item of this message has the same key and is newer";
            self.set_aside(older, ItemVerdict::Quarantined, reason.into());
            self.issues.push(
                Issue::warning(
                    IssueCode::Duplicate,
                    IssueKey::MappingDuplicateIdentity,
                    "Two items of this message have the same key; the older one is set aside.",
                )
                .with_pointer(found[older].pointer.clone())
                .with_hint("send each item once, or give each its own key"),
            );
        }
        self.spread_to_children(found);
    }
}
