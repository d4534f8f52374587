//! The leaves that no rule took: kept with a reason, or a reason to refuse.

use super::Run;
use crate::account::{LawClass, Outcome};
use crate::addresses::address;
use crate::instances::covers;
use crate::leaves::{Mark, Reason};
use crate::translate::ItemVerdict;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Severity};
use ginnel_schemas::json_pointer::{parent, resolve};
use serde_json::Value;
use std::collections::HashSet;

impl Run<'_> {
    /// Marks the leaves of fields that the source schema does not know, before a `keep` of what lies around them can
    /// give them a reason that is not theirs. What a rule takes all the same outweighs this.
    pub(super) fn keep_unknown_fields(&mut self, root: &Value) {
        let unknown: HashSet<String> = self
            .issues
            .iter()
            .filter(|issue| issue.key == IssueKey::SourceUnknownField)
            .filter_map(|issue| issue.pointer.clone())
            .collect();
        if unknown.is_empty() {
            return;
        }
        // Rules that go through all members of an object do not speak of one that the schema does not know.
        let found = unknown.iter().filter_map(|pointer| resolve(root, pointer));
        self.aside.extend(found.map(|value| (address(value), ())));
        for (row, owner, _) in self.ledger.unmarked() {
            let pointer = self.ledger.leaves().pointer(row);
            let is_unknown = std::iter::successors(Some(pointer.as_str()), |above| parent(above))
                .any(|above| unknown.contains(above));
            if is_unknown && self.verdicts[owner] == ItemVerdict::Translated {
                self.keep(row, "the source schema does not know this field");
            }
        }
    }

    /// Leaves that no rule took: empty ones and unknown fields are kept; spoken-of ones are kept and said; others refuse
    /// their item, or, outside every item, the whole message: then it is `true`.
    pub(super) fn account_for_the_rest(&mut self) -> bool {
        let mut refused = false;
        for (row, owner, empty) in self.ledger.unmarked() {
            if self.verdicts[owner] != ItemVerdict::Translated {
                continue;
            }
            if let Some(empty) = empty {
                self.keep(row, empty.reason());
                continue;
            }
            let pointer = self.ledger.leaves().pointer(row);
            if self.plan.spoken_of.iter().any(|pattern| covers(pattern, &pointer)) {
                self.keep(row, "no rule applied to this value");
                self.issues.push(
                    Issue::warning(
                        IssueCode::Incomplete,
                        IssueKey::MappingNotSent,
                        "A value is kept with the original and not sent: no rule applied to it.",
                    )
                    .with_pointer(pointer)
                    .with_hint("see the guards of the rules that speak of it"),
                );
            } else {
                match owner {
                    0 => refused = true,
                    place => self.refuse(place, IssueKey::MappingUnaccounted),
                }
                self.issues.push(
                    Issue::error(
                        IssueCode::Exception,
                        IssueKey::MappingUnaccounted,
                        "The mapping says nothing about this value.",
                    )
                    .with_pointer(pointer)
                    .with_hint("map it, or set it aside under `keep` or `drop` with a reason"),
                );
            }
        }
        refused
    }

    /// Says of each value that only a guard found unfit, and that nothing sends, what is wrong with it: a `keep` beside the
    /// guard accounts for it, and would do so in silence.
    pub(super) fn tell_unfit(&mut self) {
        let told: HashSet<String> = self
            .issues
            .iter()
            .filter(|issue| issue.severity != Severity::Information)
            .filter_map(|issue| issue.pointer.clone())
            .collect();
        for (row, owner, rule, outside) in self.ledger.unfit() {
            let pointer = self.ledger.leaves().pointer(row);
            if self.verdicts[owner] != ItemVerdict::Translated || told.contains(&pointer) {
                continue;
            }
            let mark = Mark {
                outcome: Outcome::Kept,
                rule: Some(self.ledger.rule(&rule)),
                class: Some(LawClass::Keep),
                at: None,
                why: Some(self.ledger.why(Reason::Told(outside.what.as_str().into()))),
            };
            self.ledger.mark_row_unsent(row, mark);
            let mut what = outside.what;
            if let Some(first) = what.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let text = format!("{what}; the value is kept with the original and not sent.");
            self.issues.push(
                Issue::warning(IssueCode::Value, outside.key, text)
                    .with_pointer(pointer)
                    .with_rule(rule)
                    .with_hint("the manual says what the function carries"),
            );
        }
    }

    pub(super) fn keep(&mut self, row: u32, reason: &'static str) {
        let why = Some(self.ledger.why(Reason::Fixed(reason)));
        let mark = Mark { outcome: Outcome::Kept, rule: None, class: Some(LawClass::Keep), at: None, why };
        self.ledger.mark_row(row, mark);
    }
}
