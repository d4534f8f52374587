//! What became of every leaf of the input: the account (one row a leaf, in input order).

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
}

impl AccountRow {
    /// The JSON form used wherever an account appears.
    pub fn to_json(&self) -> Value {
        json!({
            "pointer": self.pointer,
            "outcome": self.outcome.code(),
            "rule": self.rule.as_deref(),
            "class": self.class.map(LawClass::code),
            "expression": self.expression,
            "reason": self.reason,
        })
    }
}

/// An account as a JSON array.
pub fn account_to_json(rows: &[AccountRow]) -> Value {
    Value::Array(rows.iter().map(AccountRow::to_json).collect())
}
