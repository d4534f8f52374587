//! What became of every leaf of the input: the account (one row a leaf, in input order).

use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::{Value, json};
use std::sync::Arc;

/// What became of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Sent, and comes back from what was sent.
    Mapped,
    /// A constant or a guard that was met.
    Matched,
    /// Recomputed from other values, and equal.
    Derived,
    /// Several codes became one; the original stands beside it or is kept.
    Collapsed,
    /// Set aside with the original; restored on the way back.
    Kept,
    /// Not sent and not restored; the reason says why.
    Dropped,
    /// A derived value that differs from what it is derived from.
    Inconsistent,
    /// Could not be taken; the reason says why.
    Refused,
}

impl Outcome {
    /// The spelling in the JSON of an account.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Mapped => "mapped",
            Outcome::Matched => "matched",
            Outcome::Derived => "derived",
            Outcome::Collapsed => "collapsed",
            Outcome::Kept => "kept",
            Outcome::Dropped => "dropped",
            Outcome::Inconsistent => "inconsistent",
            Outcome::Refused => "refused",
        }
    }
}

/// The law class of a mapping rule (what it promises in each direction).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LawClass {
    /// Exact both ways on its declared domain.
    Iso,
    /// Forgets something that the previous record restores.
    Lens,
    /// Several codes to one.
    Collapse,
    /// Computed; recomputed and compared on the way back.
    Derive,
    /// A constant, written out and matched in.
    Const,
    /// Not sent, restored.
    Keep,
    /// Not sent, not restored.
    Drop,
}

impl LawClass {
    /// The spelling in the JSON of an account.
    pub fn code(self) -> &'static str {
        match self {
            LawClass::Iso => "iso",
            LawClass::Lens => "lens",
            LawClass::Collapse => "collapse",
            LawClass::Derive => "derive",
            LawClass::Const => "const",
            LawClass::Keep => "keep",
            LawClass::Drop => "drop",
        }
    }
}

/// One leaf and what became of it. Never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// JSON Pointer of the leaf in the tree the mapping read.
    pub pointer: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The mapping rule, as `file:line`.
    pub rule: Option<Arc<str>>,
    /// The rule's law class.
    pub class: Option<LawClass>,
    /// The element on the other side: a FHIRPath going out, a JSON Pointer going in.
    pub expression: Option<String>,
    /// Why, for kept, dropped, inconsistent and refused.
    pub reason: Option<String>,
    /// The sender's own address of the leaf, where the format has one (file, row and column; line and XPath; segment).
    pub source: Option<String>,
}

impl AccountRow {
    /// The JSON form used wherever an account appears.
    pub fn to_json(&self) -> Value {
        let mut row = json!({
            "pointer": self.pointer,
            "outcome": self.outcome.code(),
            "rule": self.rule.as_deref(),
            "class": self.class.map(LawClass::code),
            "expression": self.expression,
            "reason": self.reason,
        });
        if let (Some(source), Some(members)) = (&self.source, row.as_object_mut()) {
            members.insert("source".into(), source.as_str().into());
        }
        row
    }
}

/// Whether an account has exactly one row for each leaf of its input, in input order.
///
/// A leaf is a plain value, or an empty list or object. The check is made on every call: an account that misses a value
/// would be worse than none.
pub fn is_whole(input: &Value, rows: &[AccountRow]) -> bool {
    fn walk<'r>(value: &Value, pointer: &mut String, rows: &mut impl Iterator<Item = &'r AccountRow>) -> bool {
        let length = pointer.len();
        match value {
            Value::Object(map) if !map.is_empty() => map.iter().all(|(name, child)| {
                push_token(pointer, name);
                let whole = walk(child, pointer, rows);
                pointer.truncate(length);
                whole
            }),
            Value::Array(list) if !list.is_empty() => list.iter().enumerate().all(|(index, child)| {
                push_index(pointer, index);
                let whole = walk(child, pointer, rows);
                pointer.truncate(length);
                whole
            }),
            _ => rows.next().is_some_and(|row| row.pointer == *pointer),
        }
    }
    let mut rows = rows.iter();
    walk(input, &mut String::new(), &mut rows) && rows.next().is_none()
}

/// An account from its JSON form; `None` where that is not what [`account_to_json`] writes.
pub fn account_from_json(account: &Value) -> Option<Vec<AccountRow>> {
    const OUTCOMES: [Outcome; 8] = [
        Outcome::Mapped,
        Outcome::Matched,
        Outcome::Derived,
        Outcome::Collapsed,
        Outcome::Kept,
        Outcome::Dropped,
        Outcome::Inconsistent,
        Outcome::Refused,
    ];
    const CLASSES: [LawClass; 7] = [
        LawClass::Iso,
        LawClass::Lens,
        LawClass::Collapse,
        LawClass::Derive,
        LawClass::Const,
        LawClass::Keep,
        LawClass::Drop,
    ];
    let row = |row: &Value| {
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        Some(AccountRow {
            pointer: text("pointer")?.to_owned(),
            outcome: OUTCOMES.into_iter().find(|one| Some(one.code()) == text("outcome"))?,
            rule: text("rule").map(Arc::from),
            class: CLASSES.into_iter().find(|one| Some(one.code()) == text("class")),
            expression: text("expression").map(str::to_owned),
            reason: text("reason").map(str::to_owned),
            source: text("source").map(str::to_owned),
        })
    };
    account.as_array()?.iter().map(row).collect()
}

/// An account as a JSON array.
pub fn account_to_json(rows: &[AccountRow]) -> Value {
    Value::Array(rows.iter().map(AccountRow::to_json).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_whole_with_one_row_for_each_leaf_in_input_order() {
        let input = json!({"b": [1, {"a/x": null}], "a": {}, "c": []});
        let row = |pointer: &str| AccountRow {
            pointer: pointer.into(),
            outcome: Outcome::Mapped,
            rule: None,
            class: None,
            expression: None,
            reason: None,
            source: None,
        };
        let rows: Vec<AccountRow> = ["/b/0", "/b/1/a~1x", "/a", "/c"].into_iter().map(row).collect();
        assert!(is_whole(&input, &rows));
        assert!(!is_whole(&input, &rows[..3]), "a leaf without a row");
        assert!(!is_whole(&input, &[rows.clone(), vec![row("/d")]].concat()), "a row without a leaf");
        let mut swapped = rows;
        swapped.swap(0, 1);
        assert!(!is_whole(&input, &swapped), "rows in another order");
        assert!(is_whole(&Value::Null, &[row("")]));
    }
}
