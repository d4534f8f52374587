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
        &["message", "title", "format", "decode", "parts", "items", "context", "resources", "keep", "drop", "secret"],
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
    let mut encoded = Vec::new();
    for (path, entry) in node.get("decode").and_then(Node::entries).unwrap_or_default() {
        match (crate::decode::Encoded::parse(path), entry.text()) {
            (Some(place), Some("json")) => encoded.push(place),
            (None, _) => {
                let text = format!("`{path}` is no way to a text that holds JSON");
                let hint = "names joined by dots, `*` for every member; lists are gone through: `events.data`";
                bench.reporter.report_with(Code::VendorPath, entry.span, text, hint);
            }
            (Some(_), _) => {
                bench.reporter.report_with(Code::WrongKind, entry.value, "a text is decoded as `json`", "write `json`");
            }
        }
    }
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
            let item = &mut items[place];
            (item.quarantine, item.reports, item.aside) = (quarantine, reports, aside);
        }
    }
    let around = Surroundings { types, message, unread };
    let mut resources = Vec::new();
    for (name, entry) in node.get("resources").and_then(Node::entries).unwrap_or_default() {
        resources.extend(bench.resource(name, entry, &items, &around));
    }
    if resources.is_empty() {
        let span = node.get("resources").map_or(node.span, |one| one.span);
        bench.report(Code::MissingEntry, span, "`resources` makes nothing");
    }
    let aside = bench.asides(node);
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
        policy: policy.clone(),
        slots,
        items,
        contexts,
        resources,
        aside,
        secrets,
        shape: SourceShape::default(),
        follows,
        spoken_of,
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

impl Workbench<'_> {
    fn item_head(&mut self, name: &str, node: &Node, before: &[ItemPlan]) -> Option<ItemPlan> {
        self.only_words(node, &["at", "key", "revision", "quarantine", "reports", "keep", "drop", "secret"]);
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
            bench.vendor_path(&format!("{name}.{text}"), entry.value)
        };
        let key = inside(self, "key");
        let revision = inside(self, "revision");
        Some(ItemPlan {
            name: name.to_string(),
            slot,
            pattern: pattern.unwrap_or_default(),
            parent,
            at,
            key,
            revision,
            quarantine: Vec::new(),
            reports: Vec::new(),
            aside: Vec::new(),
        })
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
        self.only_words(node, &["message", "item", "key"]);
        let message = self.needed_text(node, "message")?;
        let item = self.needed_text(node, "item")?;
        let key_text = self.needed_text(node, "key")?;
        let key = self.vendor_path(&key_text, value_span(node, "key"))?;
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
        Some(ContextPlan { slot, message, item, key, owner, secrets: Vec::new(), span, rule: self.place(node.span) })
    }

    fn resource(
        &mut self,
        name: &str,
        node: &Node,
        items: &[ItemPlan],
        around: &Surroundings<'_>,
    ) -> Option<ResourcePlan> {
        let mut words = BLOCK_WORDS.to_vec();
        words.extend(["type", "profile", "each", "id", "where", "group-by", "takes-id", "only"]);
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
            Some(one) => {
                let text = self.text_of(one)?;
                self.vendor_path(&text, one.value)
            }
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
            seed: format!("{}.{name}", around.message),
            block,
            rule: self.place(node.span),
        })
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
