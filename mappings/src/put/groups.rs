//! Groups and lists of a block on the way in: which groups the FHIR shows, and which hold once all is written.

use super::apply::{At, shown};
use super::lists::slices_beside;
use super::places::{Put, Scopes};
use super::tree::Attempt;
use crate::plan::Block;
use serde_json::Value;
use std::collections::HashSet;

/// How things stood before something was put in that may be taken back.
struct Before {
    tree: Attempt,
    claimed: HashSet<String>,
    only_sent: HashSet<String>,
    untaken: usize,
    issues: usize,
    refused: usize,
    read: usize,
    gone: usize,
}

impl Put<'_> {
    /// Puts in what groups and lists say. A group that was taken because its guard held, and whose guard what came after
    /// it has ended, was none of this record: all is put in once more without it.
    pub(super) fn groups_and_lists(&mut self, block: &Block, at: &At<'_>, scopes: &Scopes) {
        if block.groups.is_empty() {
            return self.lists(block, at, scopes);
        }
        let mut ended: Vec<&Block> = Vec::new();
        loop {
            let before = self.before();
            let by_guard = self.groups(block, at, scopes, &ended);
            self.lists(block, at, scopes);
            let over: Vec<&Block> = by_guard.into_iter().filter(|group| !self.holds(group, scopes)).collect();
            self.end(before, over.is_empty());
            if over.is_empty() {
                return;
            }
            ended.extend(over);
        }
    }

    fn lists(&mut self, block: &Block, at: &At<'_>, scopes: &Scopes) {
        for rule in block.lists.iter().filter(|rule| !rule.only_out) {
            let slices = slices_beside(at.rules, &rule.to);
            self.list(rule, at, scopes, &slices);
        }
    }

    fn holds(&self, group: &Block, scopes: &Scopes) -> bool {
        group.when.as_ref().is_none_or(|when| when.holds(&self.frame(scopes), &mut |_| {}))
    }

    /// Puts in what groups say, and answers which of them were taken for their guard alone.
    fn groups<'b>(&mut self, block: &'b Block, at: &At<'_>, scopes: &Scopes, without: &[&Block]) -> Vec<&'b Block> {
        let mut by_guard = Vec::new();
        let groups = block.groups.iter().filter(|group| !without.iter().any(|one| std::ptr::eq(*one, *group)));
        let (certain, open): (Vec<&Block>, Vec<&Block>) = groups
            .partition(|group| shown(group, at.element) || (self.holds(group, scopes) && group.constants.is_empty()));
        for group in certain {
            // What a group before wrote may have ended its guard.
            if !shown(group, at.element) && !self.holds(group, scopes) {
                by_guard.extend(self.attempt(group, at, scopes).then_some(group));
                continue;
            }
            // What the record already said without this group says nothing of its guard.
            if let Some(when) = &group.when
                && shown(group, at.element)
                && !self.was_shown(group, at)
            {
                self.assert_guard(when, scopes);
            }
            if !self.known && shown(group, at.element) {
                group.new.iter().for_each(|rule| self.fill(rule, scopes, &Value::Null));
            }
            self.body(group, at, scopes);
            // One that ends its own guard, as `only: in` does where nothing was, is none that another has ended.
            by_guard.extend((!shown(group, at.element) && self.holds(group, scopes)).then_some(group));
        }
        for group in open {
            by_guard.extend(self.attempt(group, at, scopes).then_some(group));
        }
        by_guard
    }

    /// A group whose guard does not hold yet is tried: it stays when its elements are there, no other rule has taken
    /// them, and its guard holds once they are written. `true` where it stays.
    fn attempt(&mut self, group: &Block, at: &At<'_>, scopes: &Scopes) -> bool {
        if !group.constants.is_empty() {
            // Its constants are not there: what it sent before is gone from FHIR.
            if self.holds(group, scopes) {
                self.body(group, at, scopes);
            }
            return false;
        }
        if !self.states(group, at) {
            return false;
        }
        let before = self.before();
        if let Some(when) = &group.when {
            for (path, value) in when.equalities() {
                if path.value(&self.frame(scopes)).is_none() {
                    self.set(path, value.clone(), scopes);
                }
            }
        }
        self.body(group, at, scopes);
        let holds = self.holds(group, scopes);
        self.end(before, holds);
        holds
    }

    fn before(&mut self) -> Before {
        Before {
            tree: self.tree.attempt(),
            claimed: self.claimed.clone(),
            only_sent: self.only_sent.clone(),
            untaken: self.untaken.len(),
            issues: self.issues.len(),
            refused: self.refused.len(),
            read: self.read.len(),
            gone: self.gone.len(),
        }
    }

    /// Lets what was put in since stand, or takes it back.
    fn end(&mut self, before: Before, holds: bool) {
        self.tree.end(before.tree, holds);
        if holds {
            return;
        }
        self.claimed = before.claimed;
        self.only_sent = before.only_sent;
        self.untaken.truncate(before.untaken);
        self.issues.truncate(before.issues);
        self.refused.truncate(before.refused);
        self.read.truncate(before.read);
        self.gone.truncate(before.gone);
    }
}
