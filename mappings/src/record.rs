//! What a run outwards leaves behind, in its small form: an account, resources and their origins, each written out when
//! somebody asks for it and only then.

use crate::account::{AccountRow, LawClass, Outcome};
use crate::forest::{Forest, NodeId, Span};
use crate::leaves::{Leaves, Rule, Words};
use crate::plan::Plan;
use crate::translate::{KeyTable, MadeOf, Origin, Written};
use serde_json::Value;
use std::collections::HashMap;
use std::ops::{Deref, DerefMut, Range};
use std::sync::{Arc, OnceLock};

/// Everything that a run found and made.
#[derive(Debug, Default)]
pub struct Record {
    /// The resources.
    pub forest: Forest,
    /// The leaves of the message.
    pub leaves: Leaves,
    /// What their marks speak of.
    pub words: Words,
    /// One for each resource.
    pub made: Vec<Made>,
    /// One for each element that a rule wrote.
    pub written: Vec<Noted>,
    /// What ids are made of.
    pub keys: Vec<Span>,
}

/// A resource.
#[derive(Debug, Clone)]
pub struct Made {
    /// The resource itself.
    pub root: NodeId,
    /// The rule that made it, by its place in the plan.
    pub rule: usize,
    /// What its id is made of.
    pub key: Range<usize>,
    /// How many resources of the same rule and key come before it.
    pub twin: usize,
    /// What was written in it.
    pub written: Range<usize>,
}

/// An element that was written.
#[derive(Debug, Clone, Copy)]
pub struct Noted {
    /// The element.
    pub at: NodeId,
    /// The leaf it comes from; `None` for the item itself.
    pub leaf: Option<u32>,
    /// The item.
    pub item: u32,
    /// The rule.
    pub rule: Rule,
    /// The rule's law class.
    pub class: LawClass,
}

impl Record {
    fn written(&self, made: &Made) -> Vec<Written> {
        let noted = self.written.get(made.written.clone()).unwrap_or_default();
        noted
            .iter()
            .map(|one| Written {
                expression: self.forest.expression(one.at),
                origin: Origin {
                    pointer: match one.leaf {
                        Some(row) => self.leaves.pointer(row),
                        None => self.leaves.item_pointer(one.item as usize),
                    },
                    rule: self.words.rule(one.rule).cloned().unwrap_or_default(),
                },
                class: one.class,
            })
            .collect()
    }

    /// The vendor's keys behind the ids of resources.
    pub fn key_table(&self, plan: &Plan) -> KeyTable {
        let made = self.made.iter().filter_map(|made| {
            let rule = plan.resources.get(made.rule)?;
            let id = self.forest.member_text(made.root, "id")?;
            let key = self.keys.get(made.key.clone())?.iter().map(|span| self.forest.text(*span).to_owned()).collect();
            let name = format!("{}/{id}", rule.resource_type);
            Some((name, MadeOf { seed: rule.seed.clone(), key, twin: made.twin }))
        });
        made.collect()
    }
}

/// The account of a run: one row a leaf, in input order. It is read as a list of [`AccountRow`].
#[derive(Debug, Clone)]
pub struct Account {
    record: Arc<Record>,
    /// By item: what became of it as a whole, where that speaks for each of its leaves.
    aside: Vec<Option<(Outcome, Arc<str>)>>,
    rows: OnceLock<Vec<AccountRow>>,
    /// The leaves that were sent, each with its row, where what was translated holds more.
    sent: Option<Vec<(String, Option<u32>)>>,
}

/// What is said of a leaf that something newer has taken the place of.
const OUTDATED: &str = "something newer is kept, which stays";

impl Account {
    pub(crate) fn new(record: Arc<Record>, aside: Vec<Option<(Outcome, Arc<str>)>>) -> Account {
        Account { record, aside, rows: OnceLock::new(), sent: None }
    }

    /// Speaks only of the leaves that were sent, of all that were translated.
    pub(crate) fn speak_only_of(&mut self, sent: &Value, whole: &Value) {
        let rows: HashMap<String, u32> =
            (0..self.record.leaves.count()).map(row_number).map(|row| (self.record.leaves.pointer(row), row)).collect();
        let leaves = crate::update::leaves_of(sent).into_iter();
        let row = |pointer: &str, leaf: &Value| {
            let there = ginnel_schemas::json_pointer::resolve(whole, pointer) == Some(leaf);
            rows.get(pointer).copied().filter(|_| there)
        };
        self.sent = Some(
            leaves
                .map(|(pointer, leaf)| {
                    let row = row(&pointer, leaf);
                    (pointer, row)
                })
                .collect(),
        );
        self.rows = OnceLock::new();
    }

    fn all(&self) -> Vec<AccountRow> {
        match &self.sent {
            None => (0..self.len()).map(|row| self.row(row_number(row))).collect(),
            Some(sent) => sent
                .iter()
                .map(|(pointer, row)| match row {
                    Some(row) => self.row(*row),
                    None => plain(pointer.clone(), Outcome::Dropped, OUTDATED),
                })
                .collect(),
        }
    }

    /// How many leaves there are.
    pub fn len(&self) -> usize {
        self.sent.as_ref().map_or_else(|| self.record.leaves.count(), Vec::len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What became of a whole item speaks for each of its leaves from now on.
    pub(crate) fn set_aside(&mut self, item: usize, outcome: Outcome, reason: &str) {
        if self.aside.len() <= item {
            self.aside.resize(item + 1, None);
        }
        self.aside[item] = Some((outcome, reason.into()));
        if let (Some(before), true) = (self.rows.get(), self.sent.is_some()) {
            let mut again = self.all();
            for (row, before) in again.iter_mut().zip(before) {
                row.source.clone_from(&before.source);
            }
            self.rows = OnceLock::from(again);
            return;
        }
        if self.rows.get().is_some() {
            let written: Vec<(usize, AccountRow)> = (0..self.len())
                .filter(|row| self.record.leaves.told(row_number(*row)).is_some_and(|told| told.owner == item))
                .map(|row| (row, self.row(row_number(row))))
                .collect();
            for (row, written) in written {
                if let Some(place) = self.rows.get_mut().and_then(|rows| rows.get_mut(row)) {
                    place.outcome = written.outcome;
                    (place.rule, place.class) = (written.rule, written.class);
                    // The sender's own address stays.
                    (place.expression, place.reason) = (written.expression, written.reason);
                }
            }
        }
    }

    fn row(&self, row: u32) -> AccountRow {
        let record = &*self.record;
        let told = record.leaves.told(row);
        let pointer = record.leaves.pointer(row);
        let aside = told.and_then(|told| self.aside.get(told.owner)?.as_ref());
        match (aside, told.and_then(|told| told.mark)) {
            (Some((outcome, reason)), _) => plain(pointer, *outcome, reason),
            (None, Some(mark)) => AccountRow {
                pointer,
                outcome: mark.outcome,
                rule: mark.rule.and_then(|rule| record.words.rule(rule)).cloned(),
                class: mark.class,
                expression: mark.at.map(|at| record.forest.expression(at)),
                reason: mark.why.and_then(|why| record.words.reason(why)),
                source: None,
            },
            // A leaf without an outcome is refused here, loudly.
            (None, None) => plain(pointer, Outcome::Refused, "no rule speaks of this value"),
        }
    }
}

/// Leaves are numbered by 32 bits, see [`Leaves`].
fn row_number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn plain(pointer: String, outcome: Outcome, reason: &str) -> AccountRow {
    AccountRow {
        pointer,
        outcome,
        rule: None,
        class: None,
        expression: None,
        reason: Some(reason.to_string()),
        source: None,
    }
}

impl Deref for Account {
    type Target = [AccountRow];

    fn deref(&self) -> &[AccountRow] {
        self.rows.get_or_init(|| self.all())
    }
}

impl DerefMut for Account {
    fn deref_mut(&mut self) -> &mut [AccountRow] {
        let _: &[AccountRow] = self;
        self.rows.get_mut().map(Vec::as_mut_slice).unwrap_or_default()
    }
}

impl PartialEq for Account {
    fn eq(&self, other: &Account) -> bool {
        **self == **other
    }
}

impl<'a> IntoIterator for &'a Account {
    type Item = &'a AccountRow;
    type IntoIter = std::slice::Iter<'a, AccountRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Account {
    type Item = AccountRow;
    type IntoIter = std::vec::IntoIter<AccountRow>;

    fn into_iter(self) -> Self::IntoIter {
        let _: &[AccountRow] = &self;
        self.rows.into_inner().unwrap_or_default().into_iter()
    }
}

/// The resources of an item. They are read as a list of trees, which is made when it is first asked for.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    record: Arc<Record>,
    made: Range<usize>,
    trees: OnceLock<Vec<Value>>,
}

impl Resources {
    pub(crate) fn new(record: Arc<Record>, made: Range<usize>) -> Resources {
        Resources { record, made, trees: OnceLock::new() }
    }

    fn roots(&self) -> impl Iterator<Item = NodeId> {
        self.record.made.get(self.made.clone()).unwrap_or_default().iter().map(|made| made.root)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.trees.get().map_or(self.made.len(), Vec::len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their types and ids.
    pub(crate) fn names(&self) -> Vec<(String, String)> {
        let text = |root: NodeId, name: &str| self.record.forest.member_text(root, name).unwrap_or_default().to_owned();
        match self.trees.get() {
            Some(trees) => {
                let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
                trees.iter().map(|one| (text(one, "resourceType"), text(one, "id"))).collect()
            }
            None => self.roots().map(|root| (text(root, "resourceType"), text(root, "id"))).collect(),
        }
    }

    /// Copies of them that are not kept here.
    pub fn to_values(&self) -> Vec<Value> {
        match self.trees.get() {
            Some(trees) => trees.clone(),
            None => self.roots().map(|root| self.record.forest.to_value(root)).collect(),
        }
    }

    /// Writes them as JSON, each handed to `each`.
    pub(crate) fn write_json(&self, out: &mut String, mut each: impl FnMut(&mut String, usize)) {
        if let Some(trees) = self.trees.get() {
            for (at, tree) in trees.iter().enumerate() {
                each(out, at);
                out.push_str(&tree.to_string());
            }
            return;
        }
        for (at, root) in self.roots().enumerate() {
            each(out, at);
            self.record.forest.write_json(root, out);
        }
    }

    /// The trees as a list of their own.
    pub fn into_vec(self) -> Vec<Value> {
        let made: Vec<NodeId> = self.roots().collect();
        let forest = &self.record.forest;
        self.trees.into_inner().unwrap_or_else(|| made.into_iter().map(|root| forest.to_value(root)).collect())
    }
}

impl Deref for Resources {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        self.trees.get_or_init(|| self.roots().map(|root| self.record.forest.to_value(root)).collect())
    }
}

impl<'a> IntoIterator for &'a Resources {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Resources {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

/// For each item, for each of its resources, what was written and from where; written out when first asked for.
#[derive(Debug, Clone)]
pub struct AllWritten {
    record: Arc<Record>,
    /// For each item its resources.
    made: Vec<Range<usize>>,
    lists: OnceLock<Vec<Vec<Vec<Written>>>>,
}

impl AllWritten {
    pub(crate) fn new(record: Arc<Record>, made: Vec<Range<usize>>) -> AllWritten {
        AllWritten { record, made, lists: OnceLock::new() }
    }

    /// What was written in one resource of one item.
    pub fn of(&self, item: usize, resource: usize) -> Option<Vec<Written>> {
        let mut made = self.made.get(item)?.clone();
        Some(self.record.written(self.record.made.get(made.nth(resource)?)?))
    }

    /// The rule that made a resource of an item, by its place in the plan.
    pub(crate) fn rule_of(&self, item: usize, resource: usize) -> Option<usize> {
        let mut made = self.made.get(item)?.clone();
        Some(self.record.made.get(made.nth(resource)?)?.rule)
    }

    /// The vendor's keys behind the ids of what was made.
    pub(crate) fn key_table(&self, plan: &Plan) -> KeyTable {
        self.record.key_table(plan)
    }
}

impl Deref for AllWritten {
    type Target = [Vec<Vec<Written>>];

    fn deref(&self) -> &[Vec<Vec<Written>>] {
        self.lists.get_or_init(|| {
            let resources = |made: &Range<usize>| self.record.made.get(made.clone()).unwrap_or_default();
            let list = |made| resources(made).iter().map(|one| self.record.written(one)).collect();
            self.made.iter().map(list).collect()
        })
    }
}

impl<'a> IntoIterator for &'a AllWritten {
    type Item = &'a Vec<Vec<Written>>;
    type IntoIter = std::slice::Iter<'a, Vec<Vec<Written>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
