//! The run outwards: items one by one, each resource of each, then the leaves that no rule took.

use crate::account::Outcome;
use crate::instances::{Instance, Owners, covers, instances};
use crate::leaves::{Ledger, Mark, address, overwrite, pointers};
use crate::out_block::Writer;
use crate::plan::{Plan, ResourcePlan};
use crate::scope::{Binding, Frame};
use crate::translate::{Context, Item, ItemVerdict, KeyTable, LookupKey, MadeOf, Translated, Written};
use ginnel_schemas::issue::{Issue, IssueCode, IssueKey, Severity};
use ginnel_schemas::json_pointer::parent;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

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

struct Trace {
    pointers: HashMap<usize, String>,
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
    let mut run = Run {
        owners: Owners::of(&found),
        plan,
        ledger: Ledger::new(root),
        issues: Vec::new(),
        verdicts: vec![ItemVerdict::Translated; found.len()],
        reasons: vec![String::new(); found.len()],
        made: vec![Vec::new(); found.len()],
        ids: HashMap::new(),
        keys: KeyTable::new(),
        trace,
        aside: HashSet::new(),
    };
    let refused = run.take_source_issues(source_issues, &found);
    let mut unresolved: Vec<LookupKey> = Vec::new();
    if !refused {
        run.set_aside_duplicates(&found);
        run.apply_item_rules(&found);
        for lookup in &lookups {
            let missing = context.get(&lookup.key).is_none();
            if missing && run.verdicts[lookup.instance] == ItemVerdict::Translated && !unresolved.contains(&lookup.key)
            {
                run.report_missing(&found[lookup.instance], lookup.context);
                unresolved.push(lookup.key.clone());
            }
        }
        run.aside = (1..found.len())
            .filter(|place| run.verdicts[*place] != ItemVerdict::Translated)
            .map(|place| address(found[place].value))
            .collect();
        run.make_resources(&found);
        run.mark_asides(&found);
    }
    let traces = run.trace.take().map(|trace| trace.found).unwrap_or_default();
    (run.finish(found, unresolved, refused), traces)
}

/// Rows that make one resource: what is the same in them, the variables, and the rows.
type Group<'a> = (Vec<Option<String>>, Frame<'a>, Vec<&'a Value>);

/// Items that make one resource together: by rule and parent, by what is the same in them.
type GroupedItems = HashMap<(usize, usize), HashMap<Vec<Option<String>>, Vec<usize>>>;

struct Run<'p> {
    owners: Owners,
    plan: &'p Plan,
    ledger: Ledger,
    issues: Vec<Issue>,
    verdicts: Vec<ItemVerdict>,
    reasons: Vec<String>,
    made: Vec<Vec<(Value, Vec<Written>)>>,
    ids: HashMap<String, usize>,
    keys: KeyTable,
    trace: Option<Trace>,
    /// Addresses of items that are set aside.
    aside: HashSet<usize>,
}

impl<'p> Run<'p> {
    /// Refuses the innermost item around each error; `true` when an error lies outside them all.
    fn take_source_issues(&mut self, source_issues: Vec<Issue>, found: &[Instance<'_>]) -> bool {
        let mut refused = false;
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
                match self.owners.innermost(pointer) {
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
        self.reasons.fill("the whole message is refused".into());
    }

    fn refuse(&mut self, place: usize, key: IssueKey) {
        self.verdicts[place] = ItemVerdict::Refused;
        self.reasons[place] = format!("the item is refused: {key}");
    }

    /// What lies in an item that is set aside is set aside with it.
    fn spread_to_children(&mut self, found: &[Instance<'_>]) {
        for (place, instance) in found.iter().enumerate().skip(1) {
            let parent = instance.parent.unwrap_or(0);
            let aside = parent > 0 && self.verdicts[parent] != ItemVerdict::Translated;
            if aside && self.verdicts[place] == ItemVerdict::Translated {
                self.verdicts[place] = self.verdicts[parent];
                self.reasons[place] = self.reasons[parent].clone();
            }
        }
    }

    /// Of several items with one key only the newest speaks; of equally new ones the last.
    fn set_aside_duplicates(&mut self, found: &[Instance<'_>]) {
        let mut newest: HashMap<(Option<usize>, Option<usize>, &str), usize> = HashMap::new();
        for place in 1..found.len() {
            let Some(key) = found[place].key.as_deref() else { continue };
            if self.verdicts[place] != ItemVerdict::Translated {
                continue;
            }
            let Some(other) = newest.insert((found[place].plan, found[place].parent, key), place) else { continue };
            let older = match (&found[place].revision, &found[other].revision) {
                (Some(this), Some(before)) if this.is_older_than(before) => {
                    newest.insert((found[place].plan, found[place].parent, key), other);
                    place
                }
                _ => other,
            };
            self.verdicts[older] = ItemVerdict::Quarantined;
            self.reasons[older] = "another item of this message has the same key and is newer".into();
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

    fn apply_item_rules(&mut self, found: &[Instance<'_>]) {
        for (place, instance) in found.iter().enumerate() {
            let Some(item) = instance.plan.and_then(|index| self.plan.items.get(index)) else { continue };
            if self.verdicts[place] != ItemVerdict::Translated {
                continue;
            }
            let rules =
                item.quarantine.iter().map(|rule| (rule, true)).chain(item.reports.iter().map(|rule| (rule, false)));
            for (rule, sets_aside) in rules {
                let mut seen = Vec::new();
                if !rule.when.holds(&instance.frame, &mut |value| seen.push(value)) {
                    continue;
                }
                let at = rule
                    .at
                    .as_ref()
                    .and_then(|path| path.value(&instance.frame))
                    .and_then(|value| self.ledger.pointer(value));
                let pointer = at.map_or_else(|| instance.pointer.clone(), str::to_string);
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
                    self.verdicts[place] = ItemVerdict::Quarantined;
                    self.reasons[place] = format!("the item is set aside: {}", rule.text);
                }
            }
        }
        self.spread_to_children(found);
    }

    fn report_missing(&mut self, instance: &Instance<'_>, context: usize) {
        let rule = &self.plan.contexts[context];
        let leaf = rule.key.value(&instance.frame).and_then(|value| self.ledger.pointer(value));
        let pointer = leaf.map_or_else(|| instance.pointer.clone(), str::to_string);
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
        for place in 0..found.len() {
            for index in 0..self.plan.resources.len() {
                let resource = &self.plan.resources[index];
                if resource.item != found[place].plan || self.verdicts[place] != ItemVerdict::Translated {
                    continue;
                }
                for frame in self.frames(resource, index, place, found, &mut grouped) {
                    self.make(resource, place, &found[place], frame);
                }
            }
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
    ) -> Vec<Frame<'a>> {
        let instance = &found[place];
        let mut frames = vec![instance.frame.clone()];
        for step in &resource.each {
            frames = frames
                .into_iter()
                .flat_map(|frame| {
                    let bindings = step.path.spread(&frame);
                    bindings.into_iter().map(move |binding| frame.clone().with(step.slot, binding))
                })
                .collect();
        }
        let taken = |frame: &Frame<'a>, ledger: &mut Ledger| {
            let mut seen = Vec::new();
            let holds = resource.filter.holds(frame, &mut |value| seen.push(value));
            let mark = Mark {
                outcome: if holds { Outcome::Matched } else { Outcome::Kept },
                rule: Some(resource.rule.clone()),
                class: None,
                expression: None,
                reason: (!holds).then(|| format!("decides whether `{}` is made", resource.name)),
            };
            seen.into_iter().for_each(|value| ledger.mark(value, &mark));
            holds
        };
        frames.retain(|frame| taken(frame, &mut self.ledger));
        // What lies in an item that is set aside goes nowhere, also not by way of its parent.
        frames.retain(|frame| {
            let mut rows = resource.each.iter().filter_map(|step| frame.binding(step.slot)).flat_map(|one| &one.values);
            rows.all(|value| !self.aside.contains(&address(value)))
        });
        let Some(grouping) = &resource.grouping else { return frames };
        let group_key = |frame: &Frame<'a>| grouping.by.iter().map(|path| path.text(frame)).collect::<Vec<_>>();
        if let Some(last) = resource.each.last() {
            let mut groups: Vec<Group<'a>> = Vec::new();
            for frame in frames {
                let key = group_key(&frame);
                let row = frame.binding(last.slot).and_then(|binding| binding.values.first().copied());
                match groups.iter_mut().find(|(known, _, _)| *known == key) {
                    Some((_, _, rows)) => rows.extend(row),
                    None => groups.push((key, frame, row.into_iter().collect())),
                }
            }
            return groups.into_iter().map(|(_, frame, rows)| frame.with(last.slot, Binding::rows(rows))).collect();
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
                let rows = rows.iter().map(|row| found[*row].value).collect();
                vec![instance.frame.clone().with(slot, Binding::rows(rows))]
            }
            _ => Vec::new(),
        }
    }

    fn make<'a>(&mut self, resource: &'p ResourcePlan, place: usize, instance: &Instance<'a>, frame: Frame<'a>) {
        if let Some(when) = &resource.block.when {
            let mut seen = Vec::new();
            let holds = when.holds(&frame, &mut |value| seen.push(value));
            let mark = Mark {
                outcome: if holds { Outcome::Matched } else { Outcome::Kept },
                rule: Some(resource.rule.clone()),
                class: None,
                expression: holds.then(|| resource.resource_type.clone()),
                reason: (!holds).then(|| format!("decides whether `{}` is made", resource.name)),
            };
            seen.into_iter().for_each(|value| self.ledger.mark(value, &mark));
            if !holds {
                return;
            }
        }
        let mut key = Vec::new();
        for path in &resource.id {
            match path.text(&frame) {
                Some(text) => key.push(text),
                None => {
                    self.refuse(place, IssueKey::MappingCannotTranslate);
                    let text = format!("`{}` cannot be made: its identity needs `{}`.", resource.name, path.text);
                    self.issues.push(
                        Issue::error(IssueCode::Required, IssueKey::MappingCannotTranslate, text)
                            .with_pointer(instance.pointer.clone())
                            .with_rule(resource.rule.clone())
                            .with_hint("send the missing value"),
                    );
                    return;
                }
            }
        }
        let decides = Mark {
            outcome: Outcome::Kept,
            rule: Some(resource.rule.clone()),
            class: None,
            expression: None,
            reason: Some(format!("tells `{}` from all others", resource.name)),
        };
        let grouped = resource.grouping.iter().flat_map(|grouping| &grouping.by);
        for path in resource.id.iter().chain(grouped) {
            for value in path.value_of_every_row(&frame) {
                self.ledger.mark(value, &decides);
            }
        }
        let (id, twin) = self.unique_id(resource, &key, instance);
        let made_of = MadeOf { seed: resource.seed.clone(), key, twin };
        let name = format!("{}/{id}", resource.resource_type);
        if let Some(trace) = &mut self.trace {
            let places = (0..self.plan.slots).map(|slot| {
                let values = frame.binding(slot).map(|binding| binding.values.as_slice()).unwrap_or_default();
                values.iter().filter_map(|value| trace.pointers.get(&address(value)).cloned()).collect()
            });
            trace.found.insert(name.clone(), places.collect());
        }
        self.keys.insert(name, made_of);
        let mut made = Map::new();
        made.insert("resourceType".into(), resource.resource_type.clone().into());
        made.insert("id".into(), id.into());
        if let Some(profile) = &resource.profile {
            made.insert("meta".into(), json!({"profile": [profile]}));
        }
        let mut made = Value::Object(made);
        let mut writer = Writer {
            policy: &self.plan.policy,
            ledger: &mut self.ledger,
            issues: &mut self.issues,
            written: Vec::new(),
            item_pointer: &instance.pointer,
            secrets: &instance.secrets,
            aside: &self.aside,
            refused: None,
        };
        writer.body(&resource.block, &frame, &mut made, &resource.resource_type);
        let (written, refused) = (writer.written, writer.refused);
        if let Some(key) = refused {
            self.refuse(place, key);
        }
        self.made[place].push((made, written));
    }

    /// Twins (two equal keys in one item) stay two resources, and that is said.
    fn unique_id(&mut self, resource: &ResourcePlan, key: &[String], instance: &Instance<'_>) -> (String, usize) {
        let policy = &self.plan.policy;
        let first = policy.stable_id(&resource.seed, key);
        let count = self.ids.entry(first.clone()).or_insert(0);
        let twin = *count;
        *count += 1;
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
        (policy.twin_id(&resource.seed, key, twin), twin)
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
        }
    }

    fn finish(mut self, found: Vec<Instance<'_>>, unresolved: Vec<LookupKey>, mut refused: bool) -> Translated {
        if !refused {
            refused = self.account_for_the_rest();
        }
        if refused {
            self.refuse_all();
        }
        self.spread_to_children(&found);
        let mut account = self.ledger.into_account();
        if !found.first().is_some_and(|whole| crate::account::is_whole(whole.value, &account)) {
            refused = true;
            self.verdicts.fill(ItemVerdict::Refused);
            self.reasons.fill("the account of this call is not whole".into());
            self.issues.push(
                Issue::error(
                    IssueCode::Exception,
                    IssueKey::MappingUnaccounted,
                    "The account of this call is not whole.",
                )
                .with_hint("this is a fault of the program; please report it with the mapping"),
            );
        }
        for row in &mut account {
            let place = self.owners.innermost(&row.pointer).unwrap_or(0);
            match self.verdicts[place] {
                ItemVerdict::Translated => {}
                ItemVerdict::Refused => overwrite(row, Outcome::Refused, &self.reasons[place]),
                ItemVerdict::Quarantined => overwrite(row, Outcome::Kept, &self.reasons[place]),
            }
        }
        let whole_makes_something = self.plan.resources.iter().any(|resource| resource.item.is_none());
        let mut items = Vec::new();
        let mut written = Vec::new();
        let made = self.made.into_iter().zip(self.verdicts);
        for (instance, (made, verdict)) in found.into_iter().zip(made) {
            let Some(name) = instance
                .plan
                .map(|index| self.plan.items[index].name.clone())
                .or_else(|| whole_makes_something.then(|| "message".to_string()))
            else {
                continue;
            };
            let used = verdict == ItemVerdict::Translated;
            let (resources, places): (Vec<_>, Vec<_>) = made.into_iter().filter(|_| used).unzip();
            items.push(Item {
                name,
                key: instance.key.map(|key| self.plan.policy.scoped(key)),
                revision: instance.revision,
                pointer: instance.pointer,
                content: instance.value.clone(),
                resources,
                verdict,
            });
            written.push(places);
        }
        Translated { items, issues: self.issues, account, unresolved, written, keys: self.keys, refused }
    }

    /// Leaves that no rule took: empty ones and unknown fields are kept; spoken-of ones are kept and said; others refuse
    /// their item, or, outside every item, the whole message: then it is `true`.
    fn account_for_the_rest(&mut self) -> bool {
        let mut refused = false;
        let unknown: HashSet<String> = self
            .issues
            .iter()
            .filter(|issue| issue.key == IssueKey::SourceUnknownField)
            .filter_map(|issue| issue.pointer.clone())
            .collect();
        let is_unknown = |pointer: &str| {
            std::iter::successors(Some(pointer), |above| parent(above)).any(|above| unknown.contains(above))
        };
        let rest: Vec<(usize, String, bool)> = self
            .ledger
            .unmarked()
            .into_iter()
            .map(|(index, pointer, empty)| (index, pointer.to_string(), empty))
            .collect();
        for (index, pointer, empty) in rest {
            let owner = self.owners.innermost(&pointer);
            if owner.is_some_and(|place| self.verdicts[place] != ItemVerdict::Translated) {
                continue;
            }
            let kept = |reason: &str| Mark {
                outcome: Outcome::Kept,
                rule: None,
                class: Some(crate::account::LawClass::Keep),
                expression: None,
                reason: Some(reason.to_string()),
            };
            if is_unknown(&pointer) {
                self.ledger.mark_index(index, &kept("the source schema does not know this field"));
            } else if empty {
                self.ledger.mark_index(index, &kept("empty in the source"));
            } else if self.plan.spoken_of.iter().any(|pattern| covers(pattern, &pointer)) {
                self.ledger.mark_index(index, &kept("no rule applied to this value"));
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
                    Some(place) => self.refuse(place, IssueKey::MappingUnaccounted),
                    None => refused = true,
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
}
