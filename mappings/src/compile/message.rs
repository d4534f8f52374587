//! `map.yaml`: items, look-ups and resources of one message.

use super::block::{BLOCK_WORDS, Slices, Surroundings};
use super::sites::ResourceSites;
use super::{RuleTypes, Source, Tables, VendorFile, Workbench};
use crate::check::CheckReport;
use crate::check::condition::Formula;
use crate::diagnostic::{Code, Reporter, Span, did_you_mean};
use crate::guard::Guard;
use crate::plan::{ContextPlan, EachStep, Grouping, ItemPlan, Plan, Policy, ReportRule, ResourcePlan};
use crate::source_shape::SourceShape;
use crate::syntax::Node;
use crate::update::Update;
use crate::vendor_path::{Base, VendorPath};
use ginnel_schemas::definition::Definitions;
use ginnel_schemas::issue::Severity;
use ginnel_schemas::known::Known;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rules that a mapping file declares, so that other messages can refer to them.
pub fn declared_rules(message: &str, node: &Node) -> RuleTypes {
    let resources = node.get("resources").and_then(Node::entries).unwrap_or_default();
    resources
        .iter()
        .filter_map(|(name, entry)| Some((format!("{message}.{name}"), entry.get("type")?.text()?.to_string())))
        .collect()
}

/// The items that a mapping file declares, with their `at`, so that other messages can look them up.
pub fn declared_items(node: &Node) -> Vec<(String, String)> {
    let items = node.get("items").and_then(Node::entries).unwrap_or_default();
    items.iter().filter_map(|(name, entry)| Some((name.clone(), entry.get("at")?.text()?.to_string()))).collect()
}

/// What a mapping file is compiled with: the rest of its plugin.
#[derive(Debug)]
pub struct Plugin {
    /// `vendor.yaml`.
    pub vendor: VendorFile,
    /// What the plugin promises.
    pub policy: Arc<Policy>,
    /// `tables.yaml`.
    pub tables: Tables,
    /// The rules of all its messages.
    pub types: RuleTypes,
    /// The source schemas and items of all its messages.
    pub sources: BTreeMap<String, Source>,
    /// Messages whose map cannot be read.
    pub unread: BTreeSet<String>,
}

/// Compiles a mapping file that was read already; what is proved of it goes into `prove`.
pub fn compile_message(
    message: &str,
    node: &Node,
    plugin: &Plugin,
    known: &Known,
    reporter: &mut Reporter,
    prove: Option<&mut CheckReport>,
) -> Plan {
    let Plugin { vendor, policy, tables, types, sources, unread } = plugin;
    let mut bench = Workbench::new(reporter, &vendor.systems, tables, sources, known);
    bench.zone = vendor.zone.clone();
    bench.source = sources.get(message).map(|source| &source.shape);
    bench.only_words(
        node,
        &[
            "message",
            "title",
            "format",
            "decode",
            "parts",
            "items",
            "context",
            "resources",
            "new",
            "keep",
            "drop",
            "secret",
        ],
    );
    if let Some(named) = bench.needed_text(node, "message")
        && named != message
    {
        bench.report(
            Code::WrongKind,
            value_span(node, "message"),
            format!("the message `{named}` is not the folder's name `{message}`"),
        );
    }
    // The message itself is what a path without a variable starts at.
    bench.subjects.base(None, bench.source.map(super::Place::root));
    let title = node.get("title").and_then(Node::text).unwrap_or(message).to_string();
    let format = bench.format(node.get("format"));
    let encoded = bench.decode(node.get("decode"));
    let item_nodes = node.get("items").and_then(Node::entries).unwrap_or_default();
    let mut items = Vec::new();
    for (name, entry) in item_nodes {
        if let Some(item) = bench.item_head(name, entry, &items) {
            items.push(item);
        }
    }
    let mut contexts = Vec::new();
    for (name, entry) in node.get("context").and_then(Node::entries).unwrap_or_default() {
        contexts.extend(bench.context(name, entry, &items));
    }
    // The bodies of items may use looked-up variables, so they come after them.
    for (name, entry) in item_nodes {
        if let Some(place) = items.iter().position(|item| item.name == *name) {
            let (quarantine, reports, aside) = bench.item_body(entry);
            let new = bench.new_values(entry);
            let never_new = entry.get("new").and_then(Node::text).map(str::to_string);
            let item = &mut items[place];
            item.never_new = never_new;
            (item.quarantine, item.reports, item.aside, item.new) = (quarantine, reports, aside, new);
        }
    }
    let around = Surroundings { types, message, unread };
    let mut resources = Vec::new();
    for (name, entry) in node.get("resources").and_then(Node::entries).unwrap_or_default() {
        resources.extend(bench.resource(name, entry, &items, &around));
    }
    // A message that is only kept says so: `resources: {}`.
    let none_meant = node.get("resources").and_then(Node::entries).is_some_and(<[_]>::is_empty);
    if resources.is_empty() && !none_meant {
        let span = node.get("resources").map_or(node.span, |one| one.span);
        bench.report(Code::MissingEntry, span, "`resources` makes nothing");
    }
    keys_within_what_is_around(&mut items, &resources);
    let aside = bench.asides(node);
    let new = bench.new_values(node);
    let (slots, mut spoken_of, secrets) =
        (bench.variables.len(), std::mem::take(&mut bench.spoken_of), std::mem::take(&mut bench.secrets));
    spoken_of.sort();
    spoken_of.dedup();
    let follows = bench.follows;
    let plan = Plan {
        message: message.to_string(),
        title,
        format,
        encoded,
        codes: Vec::new(),
        policy: policy.clone(),
        slots,
        items,
        contexts,
        resources,
        aside,
        new,
        secrets,
        secret_links: Vec::new(),
        shape: SourceShape::default(),
        follows,
        spoken_of,
        listed: std::sync::OnceLock::new(),
    };
    let Workbench { reporter, subjects, resources: written, .. } = bench;
    let mut prove = prove;
    if let Some(report) = prove.as_deref_mut() {
        let source = sources.get(message).map(|source| &source.shape);
        crate::check::judge::Judge {
            plan: &plan,
            resources: &written,
            subjects: &subjects,
            known,
            tables,
            source,
            reporter: &mut *reporter,
            report,
        }
        .run();
    }
    // A rule that cannot be read leaves its values unspoken of, which is no fault of theirs.
    const HIDING: &[Code] = &[
        Code::UnknownWord,
        Code::MissingEntry,
        Code::WrongKind,
        Code::VendorPath,
        Code::SourcePath,
        Code::Template,
        Code::Guard,
        Code::Reference,
    ];
    if let (Some(source), false) = (sources.get(message), reporter.has(HIDING)) {
        crate::check::leaves::judge(&plan, &source.shape, reporter, prove);
    }
    plan
}

/// An item whose resources are told apart by the key of an item around it is told apart by that key too.
///
/// Otherwise medicine 1 of two people would be one item, and what is said of the one would withdraw what the other has.
fn keys_within_what_is_around(items: &mut [ItemPlan], resources: &[ResourcePlan]) {
    let same = |one: &VendorPath, other: &VendorPath| one.base == other.base && one.steps == other.steps;
    for index in 0..items.len() {
        let ids = || resources.iter().filter(|one| one.item == Some(index)).flat_map(|one| &one.id);
        let mut around: Vec<VendorPath> = Vec::new();
        let mut above = items[index].parent;
        while let Some(place) = above {
            let item = &items[place];
            let tells = |path: &&VendorPath| {
                let said = around.iter().chain(&items[index].within).any(|one| same(one, path));
                !said && ids().any(|id| same(id, path))
            };
            let found: Vec<VendorPath> = item.within.iter().chain(&item.key).filter(tells).cloned().collect();
            around.splice(0..0, found);
            above = item.parent;
        }
        items[index].within.splice(0..0, around);
    }
}

impl Workbench<'_> {
    fn item_head(&mut self, name: &str, node: &Node, before: &[ItemPlan]) -> Option<ItemPlan> {
        let words = [
            "at",
            "key",
            "within",
            "revision",
            "carry",
            "update",
            "quarantine",
            "reports",
            "new",
            "keep",
            "drop",
            "secret",
        ];
        self.only_words(node, &words);
        let at_text = self.needed_text(node, "at")?;
        let at = self.vendor_path(&at_text, value_span(node, "at"))?;
        self.spoken_of.pop();
        let parent = match at.base {
            Base::Root => None,
            Base::Variable(slot) => before.iter().position(|item| item.slot == slot),
        };
        // An object is an item too; its pattern has no `/*`. Both are noted: which it is, the message tells.
        let pattern = self.pattern(&at).map(|pattern| format!("{pattern}/*"));
        let place = self.source_place(&at).and_then(|place| place.items_of());
        let slot = self.declare(name, pattern.clone());
        self.bind(slot, place, Some(&at));
        let inside = |bench: &mut Self, word: &str| {
            let entry = node.get(word)?;
            let text = bench.text_of(entry)?;
            bench.vendor_path(&below(name, &text), entry.value)
        };
        let key = inside(self, "key");
        let (revision, revision_as) = match node.get("revision").filter(|one| one.entries().is_some()) {
            None => (inside(self, "revision"), None),
            Some(entry) => {
                self.only_words(entry, &["at", "as"]);
                let at = self.needed_text(entry, "at");
                let path = at.and_then(|at| self.vendor_path(&below(name, &at), value_span(entry, "at")));
                let call = self.needed_text(entry, "as");
                (path, call.and_then(|call| self.function(&call, 1, value_span(entry, "as"))))
            }
        };
        let within = self.within(node, name);
        let carry = self.carry(node);
        if !carry.is_empty() && key.is_none() {
            let hint = "`key` tells which item it was before";
            self.reporter.report_with(Code::MissingEntry, node.span, "`carry` needs a `key`", hint);
        }
        let update = node.get("update").map(|one| self.update(one));
        if let (Some(entry), None) = (node.get("update"), &key) {
            let hint = "say its `key`, by which it is known again";
            self.reporter.report_with(Code::MissingEntry, entry.span, "an item without a key updates nothing", hint);
        }
        Some(ItemPlan {
            name: name.to_string(),
            slot,
            pattern: pattern.unwrap_or_default(),
            parent,
            at,
            key,
            within,
            carry,
            revision,
            revision_as,
            update,
            quarantine: Vec::new(),
            reports: Vec::new(),
            aside: Vec::new(),
            new: Vec::new(),
            never_new: None,
        })
    }

    /// The paths of `within`: one, or a list.
    fn within(&mut self, node: &Node, item: &str) -> Vec<VendorPath> {
        let Some(entry) = node.get("within") else { return Vec::new() };
        let elements = entry.elements().map_or_else(|| vec![entry], |list| list.iter().collect());
        let texts: Vec<(String, Span)> =
            elements.into_iter().filter_map(|one| Some((self.text_of(one)?, one.value))).collect();
        texts.into_iter().filter_map(|(text, span)| self.vendor_path(&below(item, &text), span)).collect()
    }

    /// The members of `carry`: names joined by dots, from the item on.
    fn carry(&mut self, node: &Node) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        for element in node.get("carry").and_then(Node::elements).unwrap_or_default() {
            let Some(text) = self.text_of(element) else { continue };
            let names: Vec<String> = text.split('.').map(str::to_owned).collect();
            if names.iter().any(|name| name.is_empty() || name.contains(['[', ']'])) {
                let hint = "write names with dots between them: `data.client_id`";
                self.reporter.report_with(Code::VendorPath, element.value, "no member of the item", hint);
                continue;
            }
            out.push(names);
        }
        out
    }

    /// How an item is put onto what was kept of it.
    fn update(&mut self, node: &Node) -> Update {
        self.only_words(node, &["replace", "one-value", "join", "clear"]);
        let place = |text: &str| text.split('.').map(str::to_string).collect::<Vec<_>>();
        let mut places = |word: &str| {
            let list = node.get(word).and_then(Node::elements).unwrap_or_default();
            list.iter().filter_map(|one| self.text_of(one)).map(|text| place(&text)).collect::<Vec<_>>()
        };
        let (replace, one_value) = (places("replace"), places("one-value"));
        let mut join = Vec::new();
        for (path, entry) in node.get("join").and_then(Node::entries).unwrap_or_default() {
            let by: Vec<String> =
                entry.elements().unwrap_or_default().iter().filter_map(|one| self.text_of(one)).collect();
            if by.is_empty() {
                let hint = "list the members that tell elements apart: `join: { AL1: [\"3\"] }`";
                self.reporter.report_with(Code::WrongKind, entry.span, "a list is joined by something", hint);
            }
            join.push((place(path), by));
        }
        let mut clear = Vec::new();
        for one in node.get("clear").and_then(Node::elements).unwrap_or_default() {
            self.only_words(one, &["when", "members"]);
            let when = one.get("when").map_or_else(Guard::always, |when| self.guard(when));
            let members = one.get("members").and_then(Node::elements).unwrap_or_default();
            clear.push((when, members.iter().filter_map(|one| self.text_of(one)).collect()));
        }
        Update { replace, one_value, join, clear }
    }

    fn item_body(&mut self, node: &Node) -> (Vec<ReportRule>, Vec<ReportRule>, Vec<crate::plan::AsideRule>) {
        let quarantine = self.reports(node, "quarantine", Severity::Warning);
        let reports = self.reports(node, "reports", Severity::Information);
        (quarantine, reports, self.asides(node))
    }

    fn reports(&mut self, node: &Node, section: &str, usual: Severity) -> Vec<ReportRule> {
        let mut out = Vec::new();
        for element in node.get(section).and_then(Node::elements).unwrap_or_default() {
            self.only_words(element, &["when", "text", "severity", "at"]);
            let when = element.get("when").map_or_else(Guard::always, |when| self.guard(when));
            let Some(text) = self.needed_text(element, "text") else { continue };
            let severity = match element.get("severity").and_then(Node::text) {
                None => usual,
                Some("warning") => Severity::Warning,
                Some("information") => Severity::Information,
                Some(_) => {
                    self.report(Code::WrongKind, element.span, "`severity` is `warning` or `information`");
                    usual
                }
            };
            let at = element
                .get("at")
                .and_then(|one| self.text_of(one))
                .and_then(|at| self.vendor_path(&at, value_span(element, "at")));
            out.push(ReportRule { when, text, severity, at, rule: self.place(element.span) });
        }
        out
    }

    fn context(&mut self, name: &str, node: &Node, items: &[ItemPlan]) -> Option<ContextPlan> {
        self.only_words(node, &["message", "item", "key", "within", "may-lack"]);
        let message = self.needed_text(node, "message")?;
        let item = self.needed_text(node, "item")?;
        let key_text = self.needed_text(node, "key")?;
        let key = self.vendor_path(&key_text, value_span(node, "key"))?;
        let within = self.within(node, "");
        let may_lack = node.get("may-lack").is_some_and(|one| one.to_value() == true);
        let owner = match key.base {
            Base::Root => None,
            Base::Variable(slot) => items.iter().position(|item| item.slot == slot),
        };
        let chained = matches!(key.base, Base::Variable(_)) && owner.is_none();
        if chained {
            self.report(Code::Reference, value_span(node, "key"), "the key of a look-up is a value of this message");
        }
        let slot = self.declare(name, None);
        let sources = self.sources;
        self.bind(slot, sources.get(&message).and_then(|source| source.item(&item)), None);
        // An item of another message may not be known yet.
        self.unsure.extend(self.bases.get(slot).copied());
        let span = value_span(node, "item");
        Some(ContextPlan {
            slot,
            message,
            item,
            key,
            within,
            may_lack,
            owner,
            secrets: Vec::new(),
            span,
            rule: self.place(node.span),
        })
    }

    fn resource(
        &mut self,
        name: &str,
        node: &Node,
        items: &[ItemPlan],
        around: &Surroundings<'_>,
    ) -> Option<ResourcePlan> {
        let mut words = BLOCK_WORDS.to_vec();
        words.extend(["type", "profile", "each", "id", "same-as", "where", "group-by", "takes-id", "only"]);
        self.only_words(node, &words);
        let resource_type = self.needed_text(node, "type")?;
        let profile = node.get("profile").and_then(|one| self.text_of(one));
        let mut item = None;
        let mut each = Vec::new();
        let mut loops: Vec<(usize, String)> = Vec::new();
        let chain: Vec<&Node> = match node.get("each") {
            None => Vec::new(),
            Some(one) => one.elements().map_or_else(|| vec![one], |list| list.iter().collect()),
        };
        for (place, step) in chain.into_iter().enumerate() {
            let text = self.text_of(step)?;
            if place == 0 && !text.contains(" as ") {
                item = items.iter().position(|known| known.name == text);
                if item.is_none() {
                    let hint = did_you_mean(&text, items.iter().map(|known| known.name.as_str()))
                        .unwrap_or_else(|| "name an item, or write `path as name`".into());
                    self.reporter.report_with(Code::Reference, step.value, format!("no item is called `{text}`"), hint);
                    return None;
                }
                let slot = item.and_then(|item| items.get(item)).map(|item| item.slot);
                // A whole object is one item, and nothing need tell it from others.
                loops.extend(slot.and_then(|slot| self.bases.get(slot)).map(|base| (*base, text.clone())));
                continue;
            }
            let (path, slot) = self.each(&text, step.value)?;
            let name = text.rsplit(" as ").next().unwrap_or(&text).trim().to_string();
            loops.extend(self.bases.get(slot).map(|base| (*base, name)));
            each.push(EachStep { path, slot });
        }
        let filter = node.get("where").map_or_else(Guard::always, |one| self.guard(one));
        let by: Vec<VendorPath> = self.paths(node, "group-by");
        let (id, id_optional) = self.id_paths(node);
        let takes_id = match node.get("takes-id") {
            Some(one) => self.text_of(one).map(|text| self.vendor_path(&text, one.value))?,
            None => None,
        };
        if id.is_empty() {
            self.reporter.report_with(
                Code::MissingEntry,
                node.span,
                format!("`{name}` has no `id`"),
                "list the vendor values that tell this resource from all others",
            );
        }
        self.scope = Definitions::r4().resource_type(&resource_type).map(|(id, _)| id);
        if self.scope.is_none() {
            let span = value_span(node, "type");
            let hint = did_you_mean(&resource_type, Definitions::r4().resource_types())
                .unwrap_or_else(|| "resource types are those of FHIR R4".into());
            self.reporter.report_once(Code::FhirElement, span, format!("FHIR has no resource `{resource_type}`"), hint);
        }
        // What an item is set aside for never comes to the rules.
        let aside = item.and_then(|item| items.get(item)).into_iter().flat_map(|item| &item.quarantine);
        self.guards = aside.map(|rule| Guard::Not(Box::new(rule.when.clone()))).collect();
        self.guards.push(filter.clone());
        let mut own: Vec<Guard> = self.guards.clone();
        own.extend(node.get("when").map(|when| self.guard(when)));
        let condition = Formula::All(own.iter().map(|guard| self.formula(guard)).collect());
        self.conditions.clear();
        let only_out = match node.get("only").map(|one| (one.text(), one.value)) {
            None => false,
            Some((Some("out"), _)) => true,
            Some((_, span)) => {
                let hint = "leave it out for a resource that is taken back too";
                self.reporter.report_with(Code::WrongKind, span, "`only` of a resource is `out`", hint);
                false
            }
        };
        self.outward = only_out;
        let mut slices = Slices::default();
        let block = self.block(node, &mut slices, around);
        self.outward = false;
        self.report_overlaps(&slices);
        let always = id.iter().zip(&id_optional).filter(|(_, may_lack)| !**may_lack);
        let id_sites = always.map(|(path, _)| self.source_site(path)).collect();
        let mut looked_at: Vec<VendorPath> = block_guards(&block).into_iter().cloned().collect();
        looked_at.dedup();
        let guarded = looked_at.iter().map(|path| self.source_site(path)).collect();
        let profile_span = value_span(node, "profile");
        let sites = std::mem::take(&mut self.sites);
        self.resources.push(ResourceSites {
            name: name.to_string(),
            resource_type: resource_type.clone(),
            profile: profile.clone().map(|url| (url, profile_span)),
            condition,
            id: id_sites,
            guarded,
            id_span: value_span(node, "id"),
            each: loops,
            grouped: !by.is_empty(),
            span: node.span,
            sites,
        });
        self.scope = None;
        self.guards.clear();
        let own = format!("{}.{name}", around.message);
        let seed = node.get("same-as").and_then(|one| self.same_as(one, &resource_type, around)).unwrap_or(own);
        Some(ResourcePlan {
            name: name.into(),
            resource_type,
            profile,
            item,
            each,
            filter,
            grouping: (!by.is_empty()).then_some(Grouping { by }),
            id_optional,
            takes_id,
            only_out,
            id,
            seed,
            block,
            rule: self.place(node.span),
        })
    }

    /// The rule whose resources these are: their ids are made as its own are.
    fn same_as(&mut self, node: &Node, resource_type: &str, around: &Surroundings<'_>) -> Option<String> {
        let text = self.text_of(node)?;
        let seed = if text.contains('.') { text } else { format!("{}.{text}", around.message) };
        match around.types.get(&seed) {
            Some(known) if known == resource_type => Some(seed),
            found => {
                let what = match found {
                    Some(known) => format!("`{seed}` makes {known}, and this {resource_type}"),
                    None => format!("no rule is called `{seed}`"),
                };
                let hint = "name a rule of this message, or `message.rule` of another, that makes the same type";
                self.reporter.report_with(Code::Reference, node.value, what, hint);
                None
            }
        }
    }

    /// The paths of `id`, each with whether it may be absent: `list.id?`.
    fn id_paths(&mut self, node: &Node) -> (Vec<VendorPath>, Vec<bool>) {
        let mut out = (Vec::new(), Vec::new());
        for element in node.get("id").and_then(Node::elements).unwrap_or_default() {
            let Some(text) = self.text_of(element) else { continue };
            let path = text.trim_end_matches('?');
            if let Some(found) = self.vendor_path(path, element.value) {
                out.0.push(found);
                out.1.push(path.len() < text.len());
            }
        }
        out
    }

    fn paths(&mut self, node: &Node, section: &str) -> Vec<VendorPath> {
        let Some(entry) = node.get(section) else { return Vec::new() };
        let elements = entry.elements().map_or_else(|| vec![entry], |list| list.iter().collect());
        let mut out = Vec::new();
        for element in elements {
            if let Some(text) = self.text_of(element) {
                out.extend(self.vendor_path(&text, element.value));
            }
        }
        out
    }
}

/// A path that starts at an item; without an item it is whole.
fn below(item: &str, text: &str) -> String {
    match (item, text.starts_with('[')) {
        ("", _) => text.to_owned(),
        (_, true) => format!("{item}{text}"),
        (_, false) => format!("{item}.{text}"),
    }
}

/// Where the value of an entry stands; of a missing one the map around it.
pub(super) fn value_span(node: &Node, name: &str) -> Span {
    node.get(name).map_or(node.span, |entry| entry.value)
}

/// Every path that the guards of a block and of its groups look at.
fn block_guards(block: &crate::plan::Block) -> Vec<&VendorPath> {
    let mut out: Vec<&VendorPath> = block.when.iter().flat_map(Guard::paths).collect();
    out.extend(block.groups.iter().flat_map(block_guards));
    out
}
