//! The run outwards: items one by one, each resource of each, then the leaves that no rule took.

mod duplicates;
mod rest;
mod restricted;

use crate::account::Outcome;
use crate::addresses::ByAddress;
use crate::follow::{Link, Links};
use crate::forest::Forest;
use crate::instances::{Instance, Owners, instances};
use crate::leaves::{Ledger, Mark, Reason, address, pointers};
use crate::out_block::{Writer, judge};
use crate::plan::{Plan, ResourcePlan};
use crate::record::{Account, AllWritten, Made, Record, Resources};
use crate::scope::{Binding, Frame};
use crate::stable_ids::StableIds;
use crate::translate::{Context, Item, ItemVerdict, LookupKey, Translated};
use crate::vendor_path::VendorPath;
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Severity};
use serde_json::Value;
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Translates a message outwards.
pub fn translate(plan: &Plan, root: &Value, source_issues: Vec<Issue>, context: &Context) -> Translated {
    run(plan, root, source_issues, context, None).0
}

/// Where the variables of each resource lie in the message: by `Type/id`, for each slot the pointers it is bound to.
pub type Traces = HashMap<String, Vec<Vec<String>>>;

/// Translates a message outwards and says where each resource comes from, so that it can be put back there.
pub fn traced(plan: &Plan, root: &Value, source_issues: Vec<Issue>, context: &Context) -> (Translated, Traces) {
    let trace = Trace { pointers: pointers(root), found: Traces::new() };
    run(plan, root, source_issues, context, Some(trace))
}

/// Where the references of a message lead, where a rule asks for it.
fn links(plan: &Plan, found: &[Instance<'_>], speaks: &dyn Fn(usize) -> bool) -> Links {
    let references = found.first().and_then(|whole| whole.frame.references()).filter(|_| plan.follows);
    references.map(|references| Links::of(plan, found, references, speaks)).unwrap_or_default()
}

/// The same by the places of the references' texts, for a message that was translated.
pub(crate) fn links_by_place(
    plan: &Plan,
    root: &Value,
    spoken: &Translated,
    context: &Context,
) -> HashMap<String, String> {
    if !plan.follows {
        return HashMap::new();
    }
    let (found, _) = instances(plan, root, context);
    let speaks: HashSet<&str> = spoken
        .items
        .iter()
        .filter(|item| item.verdict == ItemVerdict::Translated)
        .map(|item| item.pointer.as_str())
        .collect();
    let links = links(plan, &found, &|place| found.get(place).is_some_and(|one| speaks.contains(one.pointer.as_str())));
    let places = pointers(root);
    let Some(references) = found.first().and_then(|whole| whole.frame.references()) else { return HashMap::new() };
    let named = references.texts().filter_map(|(text, _)| match links.at(text)? {
        Link::To(name) => Some((places.get(&text)?.clone(), name.clone())),
        Link::Nowhere => None,
    });
    named.collect()
}

struct Trace {
    pointers: ByAddress<String>,
    found: Traces,
}

fn run(
    plan: &Plan,
    root: &Value,
    source_issues: Vec<Issue>,
    context: &Context,
    trace: Option<Trace>,
) -> (Translated, Traces) {
    let (found, lookups) = instances(plan, root, context);
    let ledger = Ledger::new(root, found.iter().map(|one| one.value), plan.policy.no_value.as_deref());
    let mut run = Run {
        plan,
        record: Record { forest: Forest::for_leaves(ledger.count()), ..Record::default() },
        ledger,
        issues: Vec::new(),
        verdicts: vec![ItemVerdict::Translated; found.len()],
        reasons: Vec::new(),
        made: vec![0..0; found.len()],
        ids: StableIds::default(),
        trace,
        aside: ByAddress::default(),
        links: Links::default(),
        restricted: HashSet::new(),
        now: context.now().map(str::to_string),
    };
    let refused = run.take_source_issues(source_issues, &found);
    let mut unresolved: Vec<LookupKey> = Vec::new();
    if !refused {
        run.set_aside_duplicates(&found);
        run.apply_item_rules(&found);
        let mut known = HashSet::new();
        let (named, referred): (Vec<_>, Vec<_>) = lookups.iter().partition(|lookup| lookup.context.is_some());
        for lookup in named.into_iter().chain(referred) {
            let missing = context.get(&lookup.key).is_none();
            let translated = run.verdicts[lookup.instance] == ItemVerdict::Translated;
            if missing && translated && known.insert(&lookup.key) {
                if let Some(at) = lookup.context.filter(|at| !plan.contexts[*at].may_lack) {
                    run.report_missing(&found[lookup.instance], at);
                }
                unresolved.push(lookup.key.clone());
            }
        }
        run.aside = (1..found.len())
            .filter(|place| run.verdicts[*place] != ItemVerdict::Translated)
            .map(|place| (address(found[place].value), ()))
            .collect();
        run.links = links(plan, &found, &|place| run.verdicts.get(place) == Some(&ItemVerdict::Translated));
        run.find_restricted(&found);
        run.keep_unknown_fields(found[0].value);
        run.make_resources(&found);
        run.mark_asides(&found);
    }
    let traces = run.trace.take().map(|trace| trace.found).unwrap_or_default();
    (run.finish(found, unresolved, refused), traces)
}

/// The frames in which one rule makes resources for one item; mostly one.
type Frames<'a> = SmallVec<[Frame<'a>; 1]>;

/// Rows that make one resource: the variables, and the rows.
type Group<'a> = (Frame<'a>, Vec<&'a Value>);

/// Items that make one resource together: by rule and parent, by what is the same in them.
type GroupedItems = HashMap<(usize, usize), HashMap<Vec<Option<String>>, Vec<usize>>>;

struct Run<'p> {
    plan: &'p Plan,
    ledger: Ledger,
    /// What is made, until it is handed on.
    record: Record,
    issues: Vec<Issue>,
    verdicts: Vec<ItemVerdict>,
    /// Why an item is set aside, where one is.
    reasons: Vec<Arc<str>>,
    /// The resources of each item.
    made: Vec<Range<usize>>,
    ids: StableIds,
    trace: Option<Trace>,
    /// Addresses of items that are set aside.
    aside: ByAddress<()>,
    /// Where references lead.
    links: Links,
    /// The items that say of themselves that they are restricted.
    restricted: HashSet<usize>,
    /// The time of the call, where it is known.
    now: Option<String>,
}

impl<'p> Run<'p> {
    /// Refuses the innermost item around each error; `true` when an error lies outside them all.
    fn take_source_issues(&mut self, source_issues: Vec<Issue>, found: &[Instance<'_>]) -> bool {
        let mut refused = false;
        let faulty = source_issues.iter().any(|issue| issue.is_error())
            || self.plan.policy.refuse_unknown_fields
            || self.plan.policy.refuse_unknown_codes;
        let owners = if faulty { Owners::of(found) } else { Owners::default() };
        for mut issue in source_issues {
            let policy = &self.plan.policy;
            let kept_by_default = match issue.key {
                IssueKey::SourceUnknownField => policy.refuse_unknown_fields,
                IssueKey::SourceUnknownCode => policy.refuse_unknown_codes,
                _ => false,
            };
            if kept_by_default {
                issue.severity = Severity::Error;
            }
            if issue.is_error() {
                let pointer = issue.pointer.as_deref().unwrap_or_default();
                match owners.innermost(pointer) {
                    Some(place) => self.refuse(place, issue.key),
                    None => refused = true,
                }
            }
            self.issues.push(issue);
        }
        if refused {
            self.refuse_all();
        } else {
            self.spread_to_children(found);
        }
        refused
    }

    fn refuse_all(&mut self) {
        self.verdicts.fill(ItemVerdict::Refused);
        self.reasons = vec!["the whole message is refused".into(); self.verdicts.len()];
    }

    fn refuse(&mut self, place: usize, key: IssueKey) {
        self.set_aside(place, ItemVerdict::Refused, format!("the item is refused: {key}").into());
    }

    fn set_aside(&mut self, place: usize, verdict: ItemVerdict, reason: Arc<str>) {
        self.reasons.resize(self.verdicts.len(), Arc::default());
        self.verdicts[place] = verdict;
        self.reasons[place] = reason;
    }

    /// What lies in an item that is set aside is set aside with it.
    fn spread_to_children(&mut self, found: &[Instance<'_>]) {
        if self.reasons.is_empty() {
            return;
        }
        for (place, instance) in found.iter().enumerate().skip(1) {
            let parent = instance.parent.unwrap_or(0);
            let aside = parent > 0 && self.verdicts[parent] != ItemVerdict::Translated;
            if aside && self.verdicts[place] == ItemVerdict::Translated {
                self.set_aside(place, self.verdicts[parent], self.reasons[parent].clone());
            }
        }
    }

    fn apply_item_rules(&mut self, found: &[Instance<'_>]) {
        for (place, instance) in found.iter().enumerate() {
            let Some(item) = instance.plan.and_then(|index| self.plan.items.get(index)) else { continue };
            if self.verdicts[place] != ItemVerdict::Translated {
                continue;
            }
            let rules =
                item.quarantine.iter().map(|rule| (rule, true)).chain(item.reports.iter().map(|rule| (rule, false)));
            for (rule, sets_aside) in rules {
                if !rule.when.holds(&instance.frame, &mut |_| {}) {
                    continue;
                }
                let at = rule
                    .at
                    .as_ref()
                    .and_then(|path| path.value(&instance.frame))
                    .and_then(|value| self.ledger.pointer(value));
                let pointer = at.unwrap_or_else(|| instance.pointer.clone());
                let (code, key) = if sets_aside {
                    (IssueCode::Suppressed, IssueKey::MappingQuarantined)
                } else {
                    (IssueCode::BusinessRule, IssueKey::MappingReport)
                };
                let issue = Issue::new(rule.severity, code, key, rule.text.clone())
                    .with_pointer(pointer)
                    .with_rule(rule.rule.clone());
                self.issues.push(issue);
                if sets_aside && self.verdicts[place] == ItemVerdict::Translated {
                    let reason = format!("the item is set aside: {}", rule.text);
                    self.set_aside(place, ItemVerdict::Quarantined, reason.into());
                }
            }
        }
        self.spread_to_children(found);
    }

    fn report_missing(&mut self, instance: &Instance<'_>, context: usize) {
        let rule = &self.plan.contexts[context];
        let leaf = rule.key.value(&instance.frame).and_then(|value| self.ledger.pointer(value));
        let pointer = leaf.unwrap_or_else(|| instance.pointer.clone());
        let text = format!("The {} that this refers to is not known here.", rule.item);
        self.issues.push(
            Issue::warning(IssueCode::Incomplete, IssueKey::MappingLookupMissing, text)
                .with_pointer(pointer)
                .with_rule(rule.rule.clone())
                .with_hint(format!(
                    "send message `{}` with it; what waits for it is then translated again",
                    rule.message
                )),
        );
    }

    fn make_resources<'a>(&mut self, found: &[Instance<'a>]) {
        let mut grouped = GroupedItems::new();
        let plan = self.plan;
        for (place, instance) in found.iter().enumerate() {
            let first = self.record.made.len();
            for (index, resource) in plan.resources.iter().enumerate() {
                if resource.item != instance.plan || self.verdicts[place] != ItemVerdict::Translated {
                    continue;
                }
                for frame in self.frames(resource, index, place, found, &mut grouped) {
                    self.make(index, place, instance, &frame);
                }
            }
            self.made[place] = first..self.record.made.len();
        }
    }

    /// The frames in which a resource is made for an item: one for each item of its lists, or for each group.
    fn frames<'a>(
        &mut self,
        resource: &ResourcePlan,
        index: usize,
        place: usize,
        found: &[Instance<'a>],
        grouped: &mut GroupedItems,
    ) -> Frames<'a> {
        let instance = &found[place];
        let mut frames: Frames<'a> = SmallVec::new();
        frames.push(instance.frame.clone());
        for step in &resource.each {
            let mut inner: Frames<'a> = SmallVec::new();
            for frame in frames {
                let bindings = step.path.spread(&frame);
                inner.extend(bindings.into_iter().map(|binding| frame.clone().with(step.slot, binding)));
            }
            frames = inner;
        }
        frames.retain(|frame| {
            judge(&resource.filter, frame, &mut self.ledger, |ledger, holds| Mark {
                outcome: if holds { Outcome::Matched } else { Outcome::Kept },
                rule: Some(ledger.rule(&resource.rule)),
                class: None,
                at: None,
                why: (!holds).then(|| ledger.why(Reason::Decides(resource.name.clone()))),
            })
        });
        if !self.aside.is_empty() {
            // What lies in an item that is set aside goes nowhere, also not by way of its parent.
            frames.retain(|frame| {
                let bindings = resource.each.iter().filter_map(|step| frame.binding(step.slot));
                bindings.flat_map(|one| &one.values).all(|value| !self.aside.contains_key(&address(value)))
            });
        }
        let Some(grouping) = &resource.grouping else { return frames };
        let group_key = |frame: &Frame<'a>| grouping.by.iter().map(|path| path.text(frame)).collect::<Vec<_>>();
        if let Some(last) = resource.each.last() {
            let mut groups: Vec<Group<'a>> = Vec::new();
            let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
            for frame in frames {
                let row = frame.binding(last.slot).and_then(|binding| binding.values.first().copied());
                let place = *places.entry(group_key(&frame)).or_insert(groups.len());
                match groups.get_mut(place) {
                    Some((_, rows)) => rows.extend(row),
                    None => groups.push((frame, row.into_iter().collect())),
                }
            }
            return groups.into_iter().map(|(frame, rows)| frame.with(last.slot, Binding::rows(rows))).collect();
        }
        // The rows are items themselves: the first of a group makes the resource for all.
        let Some(slot) = instance.plan.map(|plan| self.plan.items[plan].slot) else { return frames };
        let group = (index, instance.parent.unwrap_or(0));
        let groups = grouped.entry(group).or_insert_with(|| {
            let mut groups: HashMap<Vec<Option<String>>, Vec<usize>> = HashMap::new();
            for (other, sibling) in found.iter().enumerate() {
                let same = sibling.plan == instance.plan
                    && sibling.parent == instance.parent
                    && self.verdicts[other] == ItemVerdict::Translated
                    && resource.filter.holds(&sibling.frame, &mut |_| {});
                if same {
                    groups.entry(group_key(&sibling.frame)).or_default().push(other);
                }
            }
            groups
        });
        match groups.get(&group_key(&instance.frame)) {
            Some(rows) if rows.first() == Some(&place) => {
                let rows = rows.iter().map(|row| found[*row].value);
                smallvec::smallvec![instance.frame.clone().with(slot, Binding::rows(rows))]
            }
            _ => SmallVec::new(),
        }
    }

    fn make<'a>(&mut self, index: usize, place: usize, instance: &Instance<'a>, frame: &Frame<'a>) {
        let plan = self.plan;
        let Some(resource) = plan.resources.get(index) else { return };
        let root = self.record.forest.root(&resource.resource_type);
        if let Some(when) = &resource.block.when {
            let holds = judge(when, frame, &mut self.ledger, |ledger, holds| Mark {
                outcome: if holds { Outcome::Matched } else { Outcome::Kept },
                rule: Some(ledger.rule(&resource.rule)),
                class: None,
                at: holds.then_some(root),
                why: (!holds).then(|| ledger.why(Reason::Decides(resource.name.clone()))),
            });
            if !holds {
                return;
            }
        }
        let mut key: SmallVec<[&str; 4]> = SmallVec::new();
        for (place_in_id, path) in resource.id.iter().enumerate() {
            match path.plain_text(frame) {
                Some(text) => key.push(text),
                None if resource.may_lack(place_in_id) => key.push(""),
                // An entry that names nothing is no entry: its leaves are kept as what they are.
                None if path.stands_for_none(frame) => return,
                None => return self.without_identity(resource, path, place, instance),
            }
        }
        let grouped = resource.grouping.iter().flat_map(|grouping| &grouping.by);
        let mut decides = None;
        for path in resource.id.iter().chain(grouped) {
            let ledger = &mut self.ledger;
            path.for_each_row(frame, &mut |value| {
                let mark = *decides.get_or_insert_with(|| Mark {
                    outcome: Outcome::Kept,
                    rule: Some(ledger.rule(&resource.rule)),
                    class: None,
                    at: None,
                    why: Some(ledger.why(Reason::Tells(resource.name.clone()))),
                });
                ledger.mark(value, mark);
            });
        }
        let (id, twin) = self.unique_id(resource, &key, instance);
        let mut buffer = uuid::Uuid::encode_buffer();
        let id: &str = id.hyphenated().encode_lower(&mut buffer);
        if let Some(trace) = &mut self.trace {
            let places = (0..plan.slots).map(|slot| {
                let values = frame.binding(slot).map(|binding| binding.values.as_slice()).unwrap_or_default();
                values.iter().filter_map(|value| trace.pointers.get(&address(value)).cloned()).collect()
            });
            trace.found.insert(format!("{}/{id}", resource.resource_type), places.collect());
        }
        let record = &mut self.record;
        let forest = &mut record.forest;
        let member = forest.add_member(root, "resourceType");
        forest.set_text(member, &resource.resource_type);
        let member = forest.add_member(root, "id");
        forest.set_text(member, id);
        if let Some(profile) = &resource.profile {
            let meta = forest.add_member(root, "meta");
            let profiles = forest.add_member(meta, "profile");
            let element = forest.add_element(profiles);
            forest.set_text(element, profile);
        }
        let (first_key, first_written) = (record.keys.len(), record.written.len());
        for part in &key {
            record.keys.push(forest.keep(part));
        }
        let mut writer = Writer {
            policy: &plan.policy,
            ledger: &mut self.ledger,
            forest,
            ids: &mut self.ids,
            issues: &mut self.issues,
            written: &mut record.written,
            item: u32::try_from(place).unwrap_or(u32::MAX),
            item_pointer: &instance.pointer,
            secrets: &instance.secrets,
            aside: &self.aside,
            links: &self.links,
            now: self.now.as_deref(),
            refused: None,
        };
        writer.body(&resource.block, frame, root);
        let refused = writer.refused;
        record.made.push(Made {
            root,
            rule: index,
            key: first_key..record.keys.len(),
            twin,
            written: first_written..record.written.len(),
        });
        if self.restricted.contains(&place) {
            restricted::label(&mut record.forest, root);
        }
        if let Some(key) = refused {
            self.refuse(place, key);
        }
    }

    fn without_identity(&mut self, resource: &ResourcePlan, path: &VendorPath, place: usize, instance: &Instance<'_>) {
        self.refuse(place, IssueKey::MappingCannotTranslate);
        let text = format!("`{}` cannot be made: its identity needs `{}`.", resource.name, path.text);
        self.issues.push(
            Issue::error(IssueCode::Required, IssueKey::MappingCannotTranslate, text)
                .with_pointer(instance.pointer.clone())
                .with_rule(resource.rule.clone())
                .with_hint("send the missing value"),
        );
    }

    /// Twins (two equal keys in one item) stay two resources, and that is said.
    fn unique_id(&mut self, resource: &ResourcePlan, key: &[&str], instance: &Instance<'_>) -> (uuid::Uuid, usize) {
        let policy = &self.plan.policy;
        let first = self.ids.id(policy, &resource.seed, key);
        let twin = self.ids.count(first);
        if twin == 0 {
            return (first, twin);
        }
        self.issues.push(
            Issue::warning(
                IssueCode::Duplicate,
                IssueKey::MappingDuplicateIdentity,
                format!("Two entries have the same identity for `{}`; both are sent.", resource.name),
            )
            .with_pointer(instance.pointer.clone())
            .with_rule(resource.rule.clone())
            .with_hint("remove the repetition, or tell the two apart"),
        );
        let number = format!("#{}", twin + 1);
        let numbered: SmallVec<[&str; 4]> = key.iter().copied().chain([number.as_str()]).collect();
        (self.ids.id(policy, &resource.seed, &numbered), twin)
    }

    fn mark_asides(&mut self, found: &[Instance<'_>]) {
        for (place, instance) in found.iter().enumerate() {
            if self.verdicts[place] != ItemVerdict::Translated {
                continue;
            }
            let rules = match instance.plan {
                Some(plan) => &self.plan.items[plan].aside,
                None => &self.plan.aside,
            };
            for rule in rules {
                crate::out_block::set_aside(rule, &instance.frame, &mut self.ledger, &mut self.issues);
            }
            let version = instance.plan.and_then(|plan| self.plan.items[plan].revision.as_ref());
            if let Some(row) = version.and_then(|path| self.ledger.row(path.value(&instance.frame)?)) {
                self.keep(row, "tells which version of the item is newer");
            }
        }
    }

    fn finish(mut self, found: Vec<Instance<'_>>, unresolved: Vec<LookupKey>, mut refused: bool) -> Translated {
        if !refused {
            refused = self.account_for_the_rest();
            self.tell_unfit();
        }
        if refused {
            self.refuse_all();
        }
        self.spread_to_children(&found);
        if !found.first().is_some_and(|whole| self.ledger.is_whole(whole.value)) {
            refused = true;
            self.verdicts.fill(ItemVerdict::Refused);
            self.reasons = vec!["the account of this call is not whole".into(); self.verdicts.len()];
            self.issues.push(
                Issue::error(
                    IssueCode::Exception,
                    IssueKey::MappingUnaccounted,
                    "The account of this call is not whole.",
                )
                .with_hint("this is a fault of the program; please report it with the mapping"),
            );
        }
        let (leaves, words) = self.ledger.finish();
        let mut record = Record { leaves, words, ..self.record };
        record.forest.shrink();
        let record = Arc::new(record);
        let aside = self.verdicts.iter().zip(self.reasons).map(|(verdict, reason)| match verdict {
            ItemVerdict::Translated => None,
            ItemVerdict::Refused => Some((Outcome::Refused, reason)),
            ItemVerdict::Quarantined => Some((Outcome::Kept, reason)),
        });
        let account = Account::new(record.clone(), aside.collect());
        let whole_makes_something = self.plan.resources.iter().any(|resource| resource.item.is_none());
        let mut items = Vec::with_capacity(found.len());
        let mut written = Vec::with_capacity(found.len());
        let made = self.made.into_iter().zip(self.verdicts);
        for (place, (instance, (made, verdict))) in found.into_iter().zip(made).enumerate() {
            let Some(name) = instance
                .plan
                .map(|index| self.plan.items[index].name.clone())
                .or_else(|| whole_makes_something.then(|| "message".to_string()))
            else {
                continue;
            };
            let used = if verdict == ItemVerdict::Translated { made } else { 0..0 };
            items.push(Item {
                name,
                key: instance.key.map(|key| self.plan.policy.scoped(key)),
                revision: instance.revision,
                pointer: instance.pointer,
                resources: Resources::new(record.clone(), used.clone()),
                verdict,
                place,
            });
            written.push(used);
        }
        let written = AllWritten::new(record, written);
        Translated { items, issues: self.issues, account, unresolved, written, refused, joined: None }
    }
}
