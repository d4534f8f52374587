//! Every leaf of a tree with its pointer, and what became of each while a mapping runs.

use crate::account::{AccountRow, LawClass, Outcome};
use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// The leaves of one tree in input order. A leaf is a plain value, or an empty list or object.
#[derive(Debug)]
pub struct Ledger {
    rows: Vec<Row>,
    by_address: HashMap<usize, usize>,
}

#[derive(Debug)]
struct Row {
    pointer: String,
    empty: bool,
    mark: Option<Mark>,
    /// Whether a pair could not send it: that a guard looked at it is then no outcome.
    unsent: bool,
}

/// What became of a leaf so far.
#[derive(Debug, Clone)]
pub struct Mark {
    /// What became of it.
    pub outcome: Outcome,
    /// The rule.
    pub rule: Option<Arc<str>>,
    /// The rule's class.
    pub class: Option<LawClass>,
    /// The element on the other side.
    pub expression: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Of several outcomes for one leaf the strongest stands: what is sent outweighs what is kept.
fn strength(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Refused => 7,
        Outcome::Inconsistent => 6,
        Outcome::Mapped => 5,
        Outcome::Collapsed => 4,
        Outcome::Derived => 3,
        Outcome::Matched => 2,
        Outcome::Kept => 1,
        Outcome::Dropped => 0,
    }
}

impl Ledger {
    /// Lists the leaves of a tree.
    pub fn new(root: &Value) -> Ledger {
        let mut ledger = Ledger { rows: Vec::new(), by_address: HashMap::new() };
        let mut pointer = String::new();
        ledger.walk(root, &mut pointer);
        ledger
    }

    fn walk(&mut self, value: &Value, pointer: &mut String) {
        let length = pointer.len();
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, child) in map {
                    push_token(pointer, name);
                    self.walk(child, pointer);
                    pointer.truncate(length);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                for (index, child) in list.iter().enumerate() {
                    push_token(pointer, &index.to_string());
                    self.walk(child, pointer);
                    pointer.truncate(length);
                }
            }
            leaf => {
                self.by_address.insert(address(leaf), self.rows.len());
                let empty = crate::vendor_path::is_absent(leaf);
                self.rows.push(Row { pointer: pointer.clone(), empty, mark: None, unsent: false });
            }
        }
    }

    /// Marks a leaf, or every leaf below a list or object. Values of other trees are passed over.
    pub fn mark(&mut self, value: &Value, mark: &Mark) {
        match value {
            Value::Object(map) if !map.is_empty() => map.values().for_each(|child| self.mark(child, mark)),
            Value::Array(list) if !list.is_empty() => list.iter().for_each(|child| self.mark(child, mark)),
            leaf => {
                if let Some(index) = self.by_address.get(&address(leaf)).copied() {
                    self.mark_row(index, mark);
                }
            }
        }
    }

    /// Marks a leaf that a pair could not send; what sends it elsewhere still outweighs this, a guard does not.
    pub fn mark_unsent(&mut self, leaf: &Value, mark: &Mark) {
        if let Some(row) = self.by_address.get(&address(leaf)).and_then(|index| self.rows.get_mut(*index)) {
            row.unsent = true;
            row.mark = row.mark.take().filter(|old| old.outcome != Outcome::Matched);
        }
        self.mark(leaf, mark);
    }

    fn mark_row(&mut self, index: usize, mark: &Mark) {
        let Some(row) = self.rows.get_mut(index) else { return };
        if row.unsent && mark.outcome == Outcome::Matched {
            return;
        }
        let stands = row.mark.as_ref().is_some_and(|old| strength(old.outcome) >= strength(mark.outcome));
        if !stands {
            row.mark = Some(mark.clone());
        }
    }

    /// The pointer of a leaf of this tree.
    pub fn pointer(&self, leaf: &Value) -> Option<&str> {
        let index = self.by_address.get(&address(leaf))?;
        self.rows.get(*index).map(|row| row.pointer.as_str())
    }

    /// The leaves without a mark: pointer, and whether they are empty.
    pub fn unmarked(&self) -> Vec<(usize, &str, bool)> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.mark.is_none())
            .map(|(index, row)| (index, row.pointer.as_str(), row.empty))
            .collect()
    }

    /// Marks a leaf by its place in the list.
    pub fn mark_index(&mut self, index: usize, mark: &Mark) {
        self.mark_row(index, mark);
    }

    /// The account: one row a leaf. A leaf without an outcome is refused here, loudly.
    pub fn into_account(self) -> Vec<AccountRow> {
        self.rows
            .into_iter()
            .map(|row| {
                let mark = row.mark.unwrap_or(Mark {
                    outcome: Outcome::Refused,
                    rule: None,
                    class: None,
                    expression: None,
                    reason: Some("no rule speaks of this value".into()),
                });
                AccountRow {
                    pointer: row.pointer,
                    outcome: mark.outcome,
                    rule: mark.rule,
                    class: mark.class,
                    expression: mark.expression,
                    reason: mark.reason,
                    source: None,
                }
            })
            .collect()
    }
}

/// Overwrites what became of a leaf with what became of its item.
pub fn overwrite(row: &mut AccountRow, outcome: Outcome, reason: &str) {
    row.outcome = outcome;
    row.rule = None;
    row.class = None;
    row.expression = None;
    row.reason = Some(reason.to_string());
}

/// Whether a pointer is another one or lies below it.
pub fn is_below(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The pointer of every value of a tree, by its address.
pub fn pointers(root: &Value) -> HashMap<usize, String> {
    fn walk(value: &Value, pointer: &mut String, out: &mut HashMap<usize, String>) {
        out.insert(address(value), pointer.clone());
        let length = pointer.len();
        match value {
            Value::Object(map) => {
                for (name, child) in map {
                    push_token(pointer, name);
                    walk(child, pointer, out);
                    pointer.truncate(length);
                }
            }
            Value::Array(list) => {
                for (index, child) in list.iter().enumerate() {
                    push_token(pointer, &index.to_string());
                    walk(child, pointer, out);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }
    let mut out = HashMap::new();
    walk(root, &mut String::new(), &mut out);
    out
}

/// What tells a value of a tree from every other while the tree stands.
pub fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_leaf_has_one_row_in_input_order() {
        let tree = json!({"b": [1, {"a/x": null}], "a": {}, "c": []});
        let pointers: Vec<_> = Ledger::new(&tree).into_account().into_iter().map(|row| row.pointer).collect();
        assert_eq!(pointers, ["/b/0", "/b/1/a~1x", "/a", "/c"]);
    }

    #[test]
    fn a_guard_is_no_outcome_of_a_value_that_could_not_be_sent() {
        let tree = json!({"a": 1});
        let mark = |outcome| Mark { outcome, rule: None, class: None, expression: None, reason: None };
        for guard_first in [true, false] {
            let mut ledger = Ledger::new(&tree);
            if guard_first {
                ledger.mark(&tree["a"], &mark(Outcome::Matched));
            }
            ledger.mark_unsent(&tree["a"], &mark(Outcome::Kept));
            ledger.mark(&tree["a"], &mark(Outcome::Matched));
            assert_eq!(ledger.into_account()[0].outcome, Outcome::Kept, "{guard_first}");
        }
    }

    #[test]
    fn what_is_sent_outweighs_what_is_kept() {
        let tree = json!({"a": 1});
        let mut ledger = Ledger::new(&tree);
        let mark = |outcome| Mark { outcome, rule: None, class: None, expression: None, reason: None };
        ledger.mark(&tree["a"], &mark(Outcome::Mapped));
        ledger.mark(&tree, &mark(Outcome::Kept));
        assert_eq!(ledger.into_account()[0].outcome, Outcome::Mapped);
    }
}
