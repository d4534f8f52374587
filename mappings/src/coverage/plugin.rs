//! A plugin over its examples and generated messages: which leaves and elements were seen, and which rules never fired.

use super::{Coverage, Field};
use crate::account::AccountRow;
use crate::format::Limits;
use crate::instances::covers;
use crate::laws::examples::sets;
use crate::laws::payload::{PayloadMaker, Style};
use crate::laws::random::Random;
use crate::laws::suggestions::Suggestions;
use crate::laws::surroundings::surroundings;
use crate::plan::Only;
use crate::registry::{Message, Vendor};
use crate::rule_list::{ListedRule, RuleKind, folded};
use crate::translate::{Context, Translated, Written};
use ginnel_schemas::json_pointer::tokens;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What is seen of a plugin.
#[derive(Debug, Clone, Serialize)]
pub struct PluginCoverage {
    /// The vendor.
    pub vendor: String,
    /// Its title.
    pub title: String,
    /// The plugin's version.
    pub version: String,
    /// Message by message.
    pub messages: Vec<MessageCoverage>,
}

/// What is seen of a message's mapping.
#[derive(Debug, Clone, Serialize)]
pub struct MessageCoverage {
    /// Its name.
    pub message: String,
    /// How many examples were read.
    pub examples: usize,
    /// How many messages were generated from the schema.
    pub generated: usize,
    /// Examples that could not be read, by name.
    pub unread: Vec<String>,
    /// From the vendor to FHIR.
    pub out: Direction,
    /// From FHIR to the vendor.
    #[serde(rename = "in")]
    pub back: Direction,
}

/// One direction.
#[derive(Debug, Clone, Serialize)]
pub struct Direction {
    /// What became of the values: going out by leaf of the schema, going in by element of FHIR.
    pub coverage: Coverage,
    /// What could be there and never was: leaves of the schema, or elements that rules read.
    pub never_seen: Vec<String>,
    /// Every rule of this direction, in the order of the mapping.
    pub rules: Vec<Fired>,
}

/// A rule and how often it did something.
#[derive(Debug, Clone, Serialize)]
pub struct Fired {
    /// Where it stands, as `file:line`.
    pub rule: String,
    /// What kind of rule.
    pub kind: &'static str,
    /// What it reads of the vendor's.
    pub reads: Vec<String>,
    /// What it writes of FHIR.
    pub writes: Option<String>,
    /// How often.
    pub fired: usize,
}

impl Direction {
    /// The rules that never did anything.
    pub fn idle(&self) -> impl Iterator<Item = &Fired> {
        self.rules.iter().filter(|rule| rule.fired == 0)
    }
}

impl PluginCoverage {
    /// The report of it.
    pub fn report(&self, form: super::Form) -> String {
        form.write(&super::page::of_plugin(self), serde_json::json!(self))
    }
}

/// What is seen of a plugin over its examples, and over so many messages of each kind generated from its schemas.
pub fn of_plugin(vendor: &Vendor, generated: usize) -> PluginCoverage {
    let messages = vendor.messages.values().map(|message| of_message(vendor, message, generated)).collect();
    PluginCoverage { vendor: vendor.id.clone(), title: vendor.title.clone(), version: vendor.version.clone(), messages }
}

fn of_message(vendor: &Vendor, message: &Message, generated: usize) -> MessageCoverage {
    let mut seen = Seen::new(message);
    let (mut examples, mut unread) = (0, Vec::new());
    let mut known = Context::new();
    for (name, stem, files) in sets(vendor) {
        let Some(other) = vendor.message(name) else { continue };
        let Ok(read) = other.read(&files, &Limits::default()) else {
            if *name == message.name {
                unread.push(stem.to_owned());
            }
            continue;
        };
        let payload = read.tree;
        if *name == message.name {
            examples += 1;
            seen.take(&payload, &known);
        }
        other.items(&payload).into_iter().for_each(|(key, item)| known.insert(key, item));
    }
    let suggestions = Suggestions::of(message.plan());
    let mut maker = PayloadMaker::new(message.plan().shape.schema(), &suggestions);
    for case in 0..generated {
        let mut random = Random::of_case(1 + case as u64, &message.name);
        let style = Style::any(&mut random);
        let payload = maker.message(style, &mut random);
        let context = surroundings(vendor, message, &payload, &mut random);
        seen.take(&payload, &context);
    }
    let (out, back) = seen.finish();
    MessageCoverage { message: message.name.clone(), examples, generated, unread, out, back }
}

struct Seen<'m> {
    message: &'m Message,
    leaves: Vec<String>,
    rules: Vec<ListedRule>,
    by_place: HashMap<Arc<str>, Vec<usize>>,
    fired_out: Vec<usize>,
    fired_in: Vec<usize>,
    out: Coverage,
    back: Coverage,
}

impl<'m> Seen<'m> {
    fn new(message: &'m Message) -> Seen<'m> {
        let rules = message.rules();
        let mut by_place: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        for (at, rule) in rules.iter().enumerate() {
            by_place.entry(rule.rule.clone()).or_default().push(at);
        }
        Seen {
            message,
            leaves: message.schema_leaves(),
            by_place,
            fired_out: vec![0; rules.len()],
            fired_in: vec![0; rules.len()],
            rules: rules.to_vec(),
            out: Coverage::new(format!("{}: to FHIR", message.name)),
            back: Coverage::new(format!("{}: from FHIR", message.name)),
        }
    }

    fn take(&mut self, payload: &Value, context: &Context) {
        let translated = self.message.translate(payload, self.message.check(payload), context);
        self.out.add(&translated.account, &self.leaves);
        self.fire_out(&translated);
        let bundle = translated.bundle();
        let put = self.message.to_vendor(&bundle, &[], context);
        self.back.messages += 1;
        for row in &put.account {
            let element = element_of(&bundle, &row.pointer);
            let becomes = row.expression.as_deref().map(|one| super::fold(one, &self.leaves));
            self.fire_in(row, &element);
            self.back.count(element, row, becomes);
        }
    }

    fn fire_out(&mut self, translated: &Translated) {
        for row in &translated.account {
            for at in row.rule.iter().flat_map(|rule| self.by_place.get(rule)).flatten().copied() {
                let own = self.rules.get(at).is_some_and(|rule| {
                    // The account has one row for a leaf that many rules read: what they wrote tells of the others.
                    let by_row = matches!(rule.kind, RuleKind::Aside(_) | RuleKind::Exists) && row.expression.is_none();
                    by_row && rule.sources.iter().any(|source| covers(source, &row.pointer))
                });
                if own {
                    self.fired_out[at] += 1;
                }
            }
        }
        for (item, resources) in translated.written.iter().enumerate() {
            for (resource, written) in resources.iter().enumerate() {
                let made = translated.written.rule_of(item, resource);
                let rule = made.and_then(|made| self.message.plan().resources.get(made));
                let name = rule.map(|rule| &*rule.name).unwrap_or_default();
                for (at, rule) in self.rules.iter().enumerate() {
                    let of_this = rule.resource.as_deref() == Some(name);
                    let to = rule.folded().unwrap_or_default();
                    let fires = match rule.kind {
                        RuleKind::Resource => true,
                        RuleKind::List => {
                            written.iter().any(|one| folded(&one.expression).starts_with(&format!("{to}.")))
                        }
                        _ => written.iter().any(|one| one.origin.rule == rule.rule && self.writes(rule, &to, one)),
                    };
                    if of_this && fires {
                        self.fired_out[at] += 1;
                    }
                }
            }
        }
    }

    /// Whether a rule wrote an element, and not another rule on the same line; an `else` writes elsewhere than its pair.
    fn writes(&self, rule: &ListedRule, to: &str, written: &Written) -> bool {
        let element = folded(&written.expression);
        let another = |other: &ListedRule| other.folded().as_deref() == Some(&element);
        let beside = self.by_place.get(&rule.rule).into_iter().flatten().filter_map(|at| self.rules.get(*at));
        element == to || !beside.into_iter().any(another)
    }

    fn fire_in(&mut self, row: &AccountRow, element: &str) {
        for at in row.rule.iter().flat_map(|rule| self.by_place.get(rule)).flatten().copied() {
            let own = self.rules.get(at).and_then(ListedRule::folded).is_some_and(|to| {
                element.strip_prefix(&to).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            if own {
                self.fired_in[at] += 1;
            }
        }
    }

    fn finish(self) -> (Direction, Direction) {
        let shown = |fired: &[usize], of: &dyn Fn(&ListedRule) -> bool| -> Vec<Fired> {
            let rules = self.rules.iter().zip(fired).filter(|(rule, _)| of(rule));
            rules
                .map(|(rule, fired)| Fired {
                    rule: rule.rule.to_string(),
                    kind: rule.kind.word(),
                    reads: rule.reads.clone(),
                    writes: rule.writes.clone(),
                    fired: *fired,
                })
                .collect()
        };
        let out_rules = shown(&self.fired_out, &|rule| rule.only != Only::In);
        let in_rules = shown(&self.fired_in, &|rule| {
            let carries = matches!(
                rule.kind,
                RuleKind::Pair | RuleKind::Exists | RuleKind::Reference | RuleKind::Text | RuleKind::Constant
            );
            carries && rule.only != Only::Out
        });
        let seen = |fields: &[Field], name: &str| fields.iter().any(|one| one.field == name);
        let never_out = self.leaves.iter().filter(|leaf| !seen(&self.out.fields, leaf)).cloned().collect();
        let mut never_in: Vec<String> = in_rules
            .iter()
            .filter_map(|rule| rule.writes.as_deref().map(folded))
            .filter(|to| {
                !self.back.fields.iter().any(|one| one.field == *to || one.field.starts_with(&format!("{to}.")))
            })
            .collect();
        never_in.sort();
        never_in.dedup();
        let out = Direction { coverage: self.out, never_seen: never_out, rules: out_rules };
        (out, Direction { coverage: self.back, never_seen: never_in, rules: in_rules })
    }
}

/// A leaf of a Bundle as its resource's type and path, lists folded.
fn element_of(bundle: &Value, pointer: &str) -> String {
    let parts = tokens(pointer).unwrap_or_default();
    let whole = bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle");
    let (resource, below) = match parts.as_slice() {
        _ if whole => (Some(bundle), parts.as_slice()),
        [entry, at, name, below @ ..] if entry == "entry" && name == "resource" => {
            let one = bundle.pointer(&format!("/entry/{at}/resource"));
            (one, below)
        }
        _ => (Some(bundle), parts.as_slice()),
    };
    let kind = resource.and_then(|one| one.get("resourceType")).and_then(Value::as_str).unwrap_or("Resource");
    let names = below.iter().filter(|token| !token.bytes().all(|byte| byte.is_ascii_digit()));
    names.fold(kind.to_owned(), |path, name| format!("{path}.{name}"))
}
