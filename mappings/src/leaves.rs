//! Every leaf of a tree in input order, and what became of each while a mapping runs.
//!
//! A row is small and copied; pointers, rules and reasons are written out only when somebody asks for them.

use crate::account::{AccountRow, LawClass, Outcome};
use crate::addresses::{ByAddress, LeafTable};
use crate::forest::NodeId;
use crate::guard::Guard;
use crate::no_value::NoValue;
use crate::outside::Outside;
use crate::scope::Frame;
use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::Value;
use std::num::NonZeroU32;
use std::sync::Arc;

pub use crate::addresses::address;

/// The leaves of one tree in input order. A leaf is a plain value, or an empty list or object.
#[derive(Debug)]
pub struct Ledger {
    leaves: Leaves,
    by_address: LeafTable,
    words: Words,
    rule_ids: ByAddress<Rule>,
    reason_ids: ByAddress<Why>,
    /// Leaves that a guard found unfit for a function, with the rule that asked.
    unfit: Vec<(u32, Arc<str>, Outside)>,
}

/// The rows of a ledger with the names they lie at.
#[derive(Debug, Default)]
pub struct Leaves {
    rows: Vec<Row>,
    above: Vec<Above>,
    names: String,
    /// For each item, where it is.
    items: Vec<Spot>,
}

/// One leaf and what became of it.
#[derive(Debug, Clone, Copy)]
struct Row {
    spot: Spot,
    /// The item it lies in.
    owner: u32,
    mark: Option<Mark>,
    empty: Option<Empty>,
    /// Whether a pair could not send it: that a guard looked at it is then no outcome.
    unsent: bool,
}

/// Why a leaf holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// Null, white space, an empty list or object.
    Blank,
    /// A text that stands for no value wherever it is.
    NoValue,
}

impl Empty {
    /// The reason of an account's row.
    pub fn reason(self) -> &'static str {
        match self {
            Empty::Blank => "empty in the source",
            Empty::NoValue => "stands for no value",
        }
    }
}

/// A list or object on the way to a leaf.
#[derive(Debug, Clone, Copy)]
struct Above {
    spot: Spot,
}

/// A place: a name or number in a list or object; the root is its own.
#[derive(Debug, Clone, Copy)]
struct Spot {
    above: Option<NonZeroU32>,
    token: Token,
}

#[derive(Debug, Clone, Copy)]
enum Token {
    Root,
    Name { start: u32, length: u32 },
    At(u32),
}

/// A rule of the ledger's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule(NonZeroU32);

/// A reason of the ledger's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why(NonZeroU32);

/// The rules and reasons that marks speak of.
#[derive(Debug, Default)]
pub struct Words {
    rules: Vec<Arc<str>>,
    reasons: Vec<Reason>,
}

/// Why a leaf was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A sentence of ours.
    Fixed(&'static str),
    /// The author's, or one made while it ran.
    Told(Arc<str>),
    /// It decides whether that resource is made.
    Decides(Arc<str>),
    /// It tells that resource from all others.
    Tells(Arc<str>),
}

/// What became of a leaf so far.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// What became of it.
    pub outcome: Outcome,
    /// The rule.
    pub rule: Option<Rule>,
    /// The rule's class.
    pub class: Option<LawClass>,
    /// The element on the other side.
    pub at: Option<NodeId>,
    /// Why.
    pub why: Option<Why>,
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

/// A message is bounded to some megabytes, and each of its leaves has at least one byte.
fn bounded(length: usize) -> u32 {
    u32::try_from(length).expect("a message has less than 4 GiB")
}

fn numbered(length: usize) -> NonZeroU32 {
    NonZeroU32::new(bounded(length)).unwrap_or(NonZeroU32::MIN)
}

impl Ledger {
    /// Lists the leaves of a tree and the items found in it, of which the first is the message itself.
    pub fn new<'v>(root: &Value, items: impl Iterator<Item = &'v Value> + Clone, no_value: Option<&NoValue>) -> Ledger {
        let nowhere = Spot { above: None, token: Token::Root };
        let by_address: ByAddress<u32> = (0..).zip(items.clone()).map(|(item, value)| (address(value), item)).collect();
        let leaves = Leaves { items: vec![nowhere; items.clone().count()], ..Leaves::default() };
        let mut listing = Listing { leaves, addresses: Vec::new(), items: &by_address, no_value };
        listing.walk(root, nowhere, 0);
        let mut leaves = listing.leaves;
        if by_address.len() < leaves.items.len() {
            // Of several items in one place the last owns what is in it, and all are there.
            for (item, value) in items.enumerate() {
                let owner = by_address.get(&address(value)).map_or(item, |owner| *owner as usize);
                leaves.items[item] = leaves.items[owner];
            }
        }
        Ledger {
            leaves,
            by_address: LeafTable::new(listing.addresses),
            words: Words::default(),
            rule_ids: ByAddress::default(),
            reason_ids: ByAddress::default(),
            unfit: Vec::new(),
        }
    }

    /// How many leaves there are.
    pub fn count(&self) -> usize {
        self.leaves.rows.len()
    }

    /// A rule to mark with.
    pub fn rule(&mut self, rule: &Arc<str>) -> Rule {
        let words = &mut self.words;
        *self.rule_ids.entry(rule.as_ptr().addr()).or_insert_with(|| {
            words.rules.push(rule.clone());
            Rule(numbered(words.rules.len()))
        })
    }

    /// A reason to mark with.
    pub fn why(&mut self, reason: Reason) -> Why {
        // The same name may stand in two reasons.
        let (text, kind) = match &reason {
            Reason::Fixed(text) => (*text, 0),
            Reason::Told(text) => (&**text, 1),
            Reason::Decides(text) => (&**text, 2),
            Reason::Tells(text) => (&**text, 3),
        };
        let key = text.as_ptr().addr().wrapping_mul(4).wrapping_add(kind);
        if let Some(known) = self.reason_ids.get(&key)
            && self.words.reasons.get(known.0.get() as usize - 1) == Some(&reason)
        {
            return *known;
        }
        self.words.reasons.push(reason);
        let why = Why(numbered(self.words.reasons.len()));
        self.reason_ids.insert(key, why);
        why
    }

    /// Marks a leaf, or every leaf below a list or object. Values of other trees are passed over.
    pub fn mark(&mut self, value: &Value, mark: Mark) {
        match value {
            Value::Object(map) if !map.is_empty() => map.values().for_each(|child| self.mark(child, mark)),
            Value::Array(list) if !list.is_empty() => list.iter().for_each(|child| self.mark(child, mark)),
            leaf => {
                if let Some(row) = self.by_address.get(leaf) {
                    self.mark_row(row, mark);
                }
            }
        }
    }

    /// Remembers the leaves that a guard finds unfit: where nothing else sends them, that is said.
    pub fn note_unfit(&mut self, guard: &Guard, frame: &Frame<'_>, rule: &Arc<str>) {
        guard.unfit(frame, &mut |value, outside| {
            if let Some(row) = self.by_address.get(value)
                && !self.unfit.iter().any(|(known, ..)| *known == row)
            {
                self.unfit.push((row, rule.clone(), outside));
            }
        });
    }

    /// The leaves that a guard found unfit and that stay with the original, with the item around each.
    pub fn unfit(&mut self) -> Vec<(u32, usize, Arc<str>, Outside)> {
        let noted = std::mem::take(&mut self.unfit);
        let kept = |row: &Row| row.mark.is_none_or(|mark| matches!(mark.outcome, Outcome::Kept | Outcome::Matched));
        noted
            .into_iter()
            .filter_map(|(place, rule, outside)| {
                let row = self.leaves.rows.get(place as usize).filter(|row| kept(row) && row.empty.is_none())?;
                Some((place, row.owner as usize, rule, outside))
            })
            .collect()
    }

    /// Marks a leaf by its place as one that is not sent, though a guard that looked at it holds.
    pub fn mark_row_unsent(&mut self, place: u32, mark: Mark) {
        if let Some(row) = self.leaves.rows.get_mut(place as usize) {
            row.unsent = true;
            row.mark = row.mark.filter(|old| old.outcome != Outcome::Matched);
        }
        self.mark_row(place, mark);
    }

    /// The text of a rule that is marked.
    pub fn rule_named(&self, rule: Rule) -> Option<Arc<str>> {
        self.words.rule(rule).cloned()
    }

    /// Marks every leaf below a list or object that holds a value: empty ones stay what they are.
    pub fn mark_filled(&mut self, value: &Value, mark: Mark) {
        match value {
            Value::Object(map) if !map.is_empty() => map.values().for_each(|child| self.mark_filled(child, mark)),
            Value::Array(list) if !list.is_empty() => list.iter().for_each(|child| self.mark_filled(child, mark)),
            leaf if crate::vendor_path::is_absent(leaf) => {}
            leaf => self.mark(leaf, mark),
        }
    }

    /// Marks a leaf that a pair could not send; what sends it elsewhere still outweighs this, a guard does not.
    pub fn mark_unsent(&mut self, leaf: &Value, mark: Mark) {
        if let Some(row) = self.row(leaf).and_then(|row| self.leaves.rows.get_mut(row as usize)) {
            row.unsent = true;
            row.mark = row.mark.take().filter(|old| old.outcome != Outcome::Matched);
        }
        self.mark(leaf, mark);
    }

    /// Marks a leaf by its place in the list.
    pub fn mark_row(&mut self, row: u32, mark: Mark) {
        let Some(row) = self.leaves.rows.get_mut(row as usize) else { return };
        if row.unsent && mark.outcome == Outcome::Matched {
            return;
        }
        let stands = row.mark.as_ref().is_some_and(|old| strength(old.outcome) >= strength(mark.outcome));
        if !stands {
            row.mark = Some(mark);
        }
    }

    /// The place of a leaf of this tree in the list.
    pub fn row(&self, leaf: &Value) -> Option<u32> {
        self.by_address.get(leaf)
    }

    /// The pointer of a leaf of this tree.
    pub fn pointer(&self, leaf: &Value) -> Option<String> {
        Some(self.leaves.pointer(self.row(leaf)?))
    }

    /// The leaves without a mark: place in the list, the item around, and whether they are empty.
    pub fn unmarked(&self) -> Vec<(u32, usize, Option<Empty>)> {
        let rows = (0..).zip(&self.leaves.rows).filter(|(_, row)| row.mark.is_none());
        rows.map(|(place, row)| (place, row.owner as usize, row.empty)).collect()
    }

    /// Whether there is one row for each leaf of a tree, in input order: counted anew, not by what listed them.
    pub fn is_whole(&self, root: &Value) -> bool {
        fn walk<'r>(value: &Value, addresses: &mut impl Iterator<Item = &'r usize>) -> bool {
            match value {
                Value::Object(map) if !map.is_empty() => map.values().all(|child| walk(child, addresses)),
                Value::Array(list) if !list.is_empty() => list.iter().all(|child| walk(child, addresses)),
                leaf => addresses.next() == Some(&address(leaf)),
            }
        }
        let mut addresses = self.by_address.addresses().iter();
        walk(root, &mut addresses) && addresses.next().is_none() && self.by_address.addresses().len() == self.count()
    }

    /// The leaves as they stand.
    pub fn leaves(&self) -> &Leaves {
        &self.leaves
    }

    /// The leaves as they stand at the end, and the words of their marks.
    pub fn finish(self) -> (Leaves, Words) {
        (self.leaves, self.words)
    }
}

/// What a leaf's row says, as far as it needs no writing out.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// The item it lies in.
    pub owner: usize,
    /// What became of it; `None` where no rule took it.
    pub mark: Option<Mark>,
}

impl Leaves {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// What a leaf's row says.
    pub fn told(&self, row: u32) -> Option<Told> {
        let row = self.rows.get(row as usize)?;
        Some(Told { owner: row.owner as usize, mark: row.mark })
    }

    /// The JSON Pointer of a leaf.
    pub fn pointer(&self, row: u32) -> String {
        self.rows.get(row as usize).map(|row| self.write(row.spot)).unwrap_or_default()
    }

    /// The JSON Pointer of an item.
    pub fn item_pointer(&self, item: usize) -> String {
        self.items.get(item).map(|spot| self.write(*spot)).unwrap_or_default()
    }

    fn write(&self, spot: Spot) -> String {
        let mut chain: smallvec::SmallVec<[Token; 16]> = smallvec::SmallVec::new();
        let mut current = Some(spot);
        while let Some(spot) = current {
            chain.push(spot.token);
            current = spot.above.and_then(|above| self.above.get(above.get() as usize - 1)).map(|above| above.spot);
        }
        let mut out = String::with_capacity(chain.len() * 10);
        for token in chain.into_iter().rev() {
            match token {
                Token::Root => {}
                Token::Name { start, length } => {
                    let name = self.names.get(start as usize..(start + length) as usize);
                    push_token(&mut out, name.unwrap_or_default());
                }
                Token::At(at) => push_index(&mut out, at as usize),
            }
        }
        out
    }
}

struct Listing<'l> {
    leaves: Leaves,
    addresses: Vec<usize>,
    items: &'l ByAddress<u32>,
    no_value: Option<&'l NoValue>,
}

impl Listing<'_> {
    fn walk(&mut self, value: &Value, spot: Spot, owner: u32) {
        let found = self.items.get(&address(value)).copied();
        let owner = found.unwrap_or(owner);
        if let Some(item) = found.and_then(|item| self.leaves.items.get_mut(item as usize)) {
            *item = spot;
        }
        match value {
            Value::Object(map) if !map.is_empty() => {
                let above = self.add(spot);
                for (name, child) in map {
                    let start = bounded(self.leaves.names.len());
                    self.leaves.names.push_str(name);
                    let token = Token::Name { start, length: bounded(name.len()) };
                    self.walk(child, Spot { above, token }, owner);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                let above = self.add(spot);
                for (at, child) in (0..).zip(list) {
                    self.walk(child, Spot { above, token: Token::At(at) }, owner);
                }
            }
            leaf => {
                self.addresses.push(address(leaf));
                let no_value = || self.no_value.is_some_and(|texts| texts.holds(leaf)).then_some(Empty::NoValue);
                let empty = crate::vendor_path::is_absent(leaf).then_some(Empty::Blank).or_else(no_value);
                self.leaves.rows.push(Row { spot, owner, mark: None, empty, unsent: false });
            }
        }
    }

    fn add(&mut self, spot: Spot) -> Option<NonZeroU32> {
        self.leaves.above.push(Above { spot });
        Some(numbered(self.leaves.above.len()))
    }
}

impl Words {
    /// A rule, as `file:line`.
    pub fn rule(&self, rule: Rule) -> Option<&Arc<str>> {
        self.rules.get(rule.0.get() as usize - 1)
    }

    /// A reason, as a sentence.
    pub fn reason(&self, why: Why) -> Option<String> {
        Some(match self.reasons.get(why.0.get() as usize - 1)? {
            Reason::Fixed(text) => (*text).to_string(),
            Reason::Told(text) => text.to_string(),
            Reason::Decides(name) => format!("decides whether `{name}` is made"),
            Reason::Tells(name) => format!("tells `{name}` from all others"),
        })
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
pub fn pointers(root: &Value) -> ByAddress<String> {
    fn walk(value: &Value, pointer: &mut String, out: &mut ByAddress<String>) {
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
                    push_index(pointer, index);
                    walk(child, pointer, out);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }
    let mut out = ByAddress::default();
    walk(root, &mut String::new(), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ledger(tree: &Value) -> Ledger {
        Ledger::new(tree, std::iter::once(tree), None)
    }

    fn mark(outcome: Outcome) -> Mark {
        Mark { outcome, rule: None, class: None, at: None, why: None }
    }

    fn outcome(ledger: &Ledger, row: u32) -> Option<Outcome> {
        Some(ledger.leaves().told(row)?.mark?.outcome)
    }

    #[test]
    fn each_leaf_has_one_row_in_input_order() {
        let tree = json!({"b": [1, {"a/x": null}], "a": {}, "c": []});
        let listed = ledger(&tree);
        let pointers: Vec<_> = (0..4).map(|row| listed.leaves().pointer(row)).collect();
        assert_eq!(pointers, ["/b/0", "/b/1/a~1x", "/a", "/c"]);
        assert_eq!(listed.count(), 4);
        assert!(listed.is_whole(&tree));
        assert!(!listed.is_whole(&tree.clone()) && !listed.is_whole(&tree["b"]));
        assert_eq!(listed.pointer(&tree["b"][1]["a/x"]).as_deref(), Some("/b/1/a~1x"));
    }

    #[test]
    fn a_leaf_lies_in_the_innermost_item_around_it() {
        let tree = json!({"data": [{"id": 1, "inner": [{"id": 2}]}], "page": 1});
        let items = [&tree, &tree["data"][0], &tree["data"][0]["inner"][0]];
        let listed = Ledger::new(&tree, items.into_iter(), None);
        let owners: Vec<_> = (0..3).filter_map(|row| Some(listed.leaves().told(row)?.owner)).collect();
        assert_eq!(owners, [1, 2, 0]);
        assert_eq!(listed.leaves().item_pointer(2), "/data/0/inner/0");
    }

    #[test]
    fn a_guard_is_no_outcome_of_a_value_that_could_not_be_sent() {
        let tree = json!({"a": 1});
        for guard_first in [true, false] {
            let mut ledger = ledger(&tree);
            if guard_first {
                ledger.mark(&tree["a"], mark(Outcome::Matched));
            }
            ledger.mark_unsent(&tree["a"], mark(Outcome::Kept));
            ledger.mark(&tree["a"], mark(Outcome::Matched));
            assert_eq!(outcome(&ledger, 0), Some(Outcome::Kept), "{guard_first}");
        }
    }

    #[test]
    fn what_is_sent_outweighs_what_is_kept() {
        let tree = json!({"a": 1});
        let mut ledger = ledger(&tree);
        ledger.mark(&tree["a"], mark(Outcome::Mapped));
        ledger.mark(&tree, mark(Outcome::Kept));
        assert_eq!(outcome(&ledger, 0), Some(Outcome::Mapped));
    }

    #[test]
    fn rules_and_reasons_are_listed_once() {
        let mut ledger = ledger(&json!(1));
        let (rule, name): (Arc<str>, Arc<str>) = ("map.yaml:1".into(), "patient".into());
        assert_eq!(ledger.rule(&rule), ledger.rule(&rule.clone()));
        let decides = ledger.why(Reason::Decides(name.clone()));
        assert_eq!(decides, ledger.why(Reason::Decides(name.clone())));
        let tells = ledger.why(Reason::Tells(name));
        assert_ne!(decides, tells);
        let (_, words) = ledger.finish();
        assert_eq!(words.reason(tells).as_deref(), Some("tells `patient` from all others"));
        assert_eq!(words.rule(Rule(NonZeroU32::MIN)).map(|one| &**one), Some("map.yaml:1"));
    }
}
