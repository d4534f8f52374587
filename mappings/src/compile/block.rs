//! The rules of a resource, a group or a list.

use super::elements::Target;
use super::message::value_span;
use super::sites::{Noted, SiteKind, Which};
use super::{RuleTypes, Workbench};
use crate::account::LawClass;
use crate::check::condition::Formula;
use crate::converter::Converter;
use crate::diagnostic::{Code, Span, did_you_mean};
use crate::fhir_path::{FhirPath, PathFault, Slice};
use crate::guard::{Guard, Test};
use crate::plan::{
    AsideKind, AsideRule, Block, ConstantRule, EachStep, ExistsRule, ListRule, Only, PairRule, TextRule,
};
use crate::syntax::{Kind, Node};
use crate::text::PartBody;
use crate::vendor_path::VendorPath;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The words of a block.
pub(super) const BLOCK_WORDS: &[&str] = &[
    "when", "slices", "const", "pairs", "exists", "refs", "texts", "derive", "groups", "lists", "copies", "keep",
    "drop", "secret", "new",
];

/// Declared slices by their path, and those compiled already.
#[derive(Default)]
pub(super) struct Slices {
    declared: BTreeMap<String, Node>,
    compiled: BTreeMap<String, Arc<Slice>>,
}

/// What a block needs to know of the mapping around it.
pub(super) struct Surroundings<'s> {
    pub types: &'s RuleTypes,
    pub message: &'s str,
    pub unread: &'s BTreeSet<String>,
}

impl Workbench<'_> {
    /// Compiles a block. Groups see the slices of the block around them; lists have their own.
    pub(super) fn block(&mut self, node: &Node, slices: &mut Slices, around: &Surroundings<'_>) -> Block {
        for (path, entry) in entries(node, "slices") {
            if entry.entries().is_none() {
                self.report(Code::WrongKind, entry.span, "a slice is a map of its constants");
            }
            slices.declared.insert(path.clone(), entry.clone());
        }
        let when = node.get("when").map(|when| self.guard(when));
        let (guards_around, conditions_around) = (self.guards.len(), self.conditions.len());
        if let Some(when) = &when {
            let condition = self.formula(when);
            self.conditions.push(condition);
        }
        self.guards.extend(when.clone());
        let mut block = Block { when, rule: self.place(node.span), ..Block::default() };
        for (path, entry) in entries(node, "const") {
            let value = self.constant(entry);
            if let Some(to) = self.fhir_path(path, entry.span, slices) {
                let target = self.slice_target(path, "", slices);
                self.check_constant(path, target.as_ref(), &value, entry.value);
                self.note_site(Noted {
                    kind: SiteKind::Constant(value.clone()),
                    to: &to,
                    text: path,
                    sources: Vec::new(),
                    when: None,
                    spans: (entry.span, entry.value),
                    class: LawClass::Const,
                    only: Only::Both,
                });
                block.constants.push(ConstantRule { to, value, rule: self.place(entry.span) });
            }
        }
        for (sources, entry) in entries(node, "pairs") {
            let targets = match &entry.kind {
                Kind::List(list) => list.as_slice(),
                _ => std::slice::from_ref(entry),
            };
            for target in targets {
                block.pairs.extend(self.pair(sources, entry.span, target, slices));
            }
        }
        for (source, entry) in entries(node, "exists") {
            let target = self.text_of(entry);
            let to = target.as_deref().and_then(|target| self.fhir_path(target, entry.value, slices));
            if let (Some(source), Some(to)) = (self.vendor_path(source, entry.span), to) {
                let text = target.unwrap_or_default();
                self.note_site(Noted {
                    kind: SiteKind::Exists,
                    to: &to,
                    text: &text,
                    sources: vec![source.clone()],
                    when: None,
                    spans: (entry.span, entry.value),
                    class: LawClass::Iso,
                    only: Only::Both,
                });
                block.exists.push(ExistsRule { source, to, rule: self.place(entry.span) });
            }
        }
        for (path, entry) in entries(node, "refs") {
            block.refs.extend(self.reference(path, entry, slices, around));
        }
        for (section, back) in [("texts", true), ("derive", false)] {
            for (path, entry) in entries(node, section) {
                let text = self.text(entry);
                let to = self.fhir_path(path, entry.span, slices);
                let (Some(text), Some(to)) = (text, to) else { continue };
                let target = self.slice_target(path, "", slices);
                self.check_single(path, target.as_ref(), entry.span);
                let template = match text.parts.as_slice() {
                    [part] if back && !self.outward && text.all_or_nothing => match &part.body {
                        PartBody::Template(template) => Some(template.clone()),
                        PartBody::Text(_) => None,
                    },
                    _ => None,
                };
                if back && template.is_none() && !self.outward {
                    self.reporter.report_with(
                        Code::Template,
                        entry.value,
                        "`texts` takes one template, so that it can be read back",
                        "use `derive` for parts",
                    );
                }
                let class = if template.is_some() { LawClass::Lens } else { LawClass::Derive };
                self.note_site(Noted {
                    kind: SiteKind::Text { text: text.clone(), back: template.is_some() },
                    to: &to,
                    text: path,
                    sources: text.paths().into_iter().cloned().collect(),
                    when: None,
                    spans: (entry.span, entry.value),
                    class,
                    only: if template.is_some() { Only::Both } else { Only::Out },
                });
                let otherwise = if back { Vec::new() } else { self.homes(entry) };
                block.texts.push(TextRule { to, text, back: template, otherwise, rule: self.place(entry.span) });
            }
        }
        block.new = self.new_values(node);
        for element in node.get("groups").and_then(Node::elements).unwrap_or_default() {
            self.only_words(element, BLOCK_WORDS);
            block.groups.push(self.block(element, slices, around));
        }
        for element in node.get("lists").and_then(Node::elements).unwrap_or_default() {
            block.lists.extend(self.list(element, slices, around));
        }
        for (source, entry) in entries(node, "copies") {
            self.copy(source, entry, slices, around, &mut block);
        }
        // A slice that no rule uses has its faults said all the same.
        for (path, entry) in entries(node, "slices") {
            let declared = &slices.declared;
            self.check_elements(path, "", entry.span, &|slice| contained_type(declared, slice));
            self.slice(path, slices);
        }
        block.aside = self.asides(node);
        self.guards.truncate(guards_around);
        self.conditions.truncate(conditions_around);
        block
    }

    /// Two slices of one list must be told apart, or one would take the other's element on the way in.
    pub(super) fn report_overlaps(&mut self, slices: &Slices) {
        let list = |path: &str| path.rsplit_once('[').map(|(list, _)| list.to_string());
        for (path, slice) in &slices.compiled {
            for (other_path, other) in &slices.compiled {
                let beside = path != other_path && list(path) == list(other_path);
                if beside && slice.is(&other.fresh()) {
                    let span = slices.declared.get(path).map(|node| node.span).unwrap_or_default();
                    let text = format!("an element of the slice `{other_path}` has the constants of `{path}` too");
                    let hint =
                        "give both a constant that tells them apart, for instance `use` or the element's own `id`";
                    self.reporter.report_with(Code::OverlappingSlices, span, text, hint);
                }
            }
        }
    }

    /// What a map sets aside under `keep`, `drop` and `secret`.
    pub(super) fn asides(&mut self, node: &Node) -> Vec<AsideRule> {
        let mut out = Vec::new();
        for (section, kind) in [("keep", AsideKind::Keep), ("drop", AsideKind::Drop), ("secret", AsideKind::Secret)] {
            for (path, entry) in entries(node, section) {
                let reason = self.text_of(entry);
                if let (Some(path), Some(reason)) = (self.vendor_path(path, entry.span), reason) {
                    if reason.trim().is_empty() {
                        self.report(
                            Code::MissingEntry,
                            entry.span,
                            "a reason is needed, for the people who read the account",
                        );
                    }
                    if kind == AsideKind::Secret {
                        let pattern = self.pattern(&path);
                        self.secrets.extend(pattern);
                    }
                    out.push(AsideRule { path, kind, reason: reason.into(), rule: self.place(entry.span) });
                }
            }
        }
        // Of a whole and a part of it the part's own reason is the one that is told.
        out.sort_by_key(|rule| std::cmp::Reverse(rule.path.steps.len()));
        out
    }

    /// A pair that goes both ways reads nothing by way of a reference: what is there is written by its own resource's rule.
    fn refuse_followed(&mut self, paths: &[VendorPath], span: Span) {
        if let Some(path) = paths.iter().find(|path| path.follows_references()) {
            let what = format!("`{}` follows a reference, and nothing can be written back there", path.text);
            let hint = "say `only: out`, and let the resource that it leads to have a rule of its own for the way back";
            self.reporter.report_with(Code::VendorPath, span, what, hint);
        }
    }

    fn pair(&mut self, sources: &str, span: Span, node: &Node, slices: &mut Slices) -> Option<PairRule> {
        let paths: Option<Vec<_>> = sources.split(" + ").map(|one| self.vendor_path(one, span)).collect();
        let paths = paths?;
        let rule = self.place(span);
        if let Some(target) = node.text() {
            let to = self.value_path(target, node.value, slices)?;
            if paths.len() > 1 {
                self.report(Code::Function, span, "several sources need a function: `as: ...`");
                return None;
            }
            let (only, class) = if self.outward {
                (Only::Out, LawClass::Derive)
            } else {
                self.refuse_followed(&paths, span);
                (Only::Both, LawClass::Iso)
            };
            let pair = PairRule {
                sources: paths,
                to,
                converter: Converter::Identity,
                only,
                when: None,
                otherwise: None,
                class,
                rule,
            };
            self.note_pair(&pair, target, None, (span, node.value));
            return Some(pair);
        }
        self.only_words(node, &["to", "as", "table", "only", "when", "else"]);
        let target = self.needed_text(node, "to");
        let to_span = value_span(node, "to");
        let converter = self.converter(node, paths.len());
        let when = node.get("when").map(|when| self.guard(when));
        if node.get("only").and_then(Node::text) != Some("out") && !self.outward {
            self.refuse_followed(&paths, span);
        }
        let only = match node.get("only").and_then(Node::text) {
            Some("out") => Only::Out,
            None if self.outward => Only::Out,
            None => Only::Both,
            Some("in") => Only::In,
            Some(_) => {
                self.report(Code::WrongKind, value_span(node, "only"), "`only` is `out` or `in`");
                Only::Both
            }
        };
        let otherwise = match node.get("else") {
            None => None,
            Some(word) if word.text() == Some("keep") => None,
            Some(other) => {
                self.only_words(other, &["to", "as", "table"]);
                let to =
                    self.needed_text(other, "to").and_then(|to| self.fhir_path(&to, value_span(other, "to"), slices));
                let converter = self.converter(other, 1);
                Some((to?, converter?))
            }
        };
        let to = self.value_path(&target?, to_span, slices)?;
        let converter = converter?;
        if let (Some((_, Converter::Table(table))), Some(path)) =
            (&otherwise, node.get("else").and_then(|one| one.get("to")).and_then(Node::text))
            && let Some(target) = self.slice_target(path, "", slices)
        {
            self.check_fhir_codes(table, &target, path, node.get("else").map_or(span, |one| value_span(one, "table")));
        }
        let class = if only == Only::Out { LawClass::Derive } else { converter.class() };
        let pair = PairRule { sources: paths, to, converter, only, when, otherwise, class, rule };
        let path = node.get("to").and_then(Node::text).unwrap_or_default();
        let target = self.slice_target(path, "", slices);
        self.check_table(&pair, target.as_ref(), path, node.get("else").is_some(), value_span(node, "table"));
        let other = node.get("else").and_then(|one| one.get("to")).map(|to| (to.text().unwrap_or_default(), to.value));
        self.note_pair(&pair, path, other, (span, to_span));
        Some(pair)
    }

    /// Notes a pair, and what becomes of values that it cannot carry.
    fn note_pair(&mut self, pair: &PairRule, to: &str, otherwise: Option<(&str, Span)>, spans: (Span, Span)) {
        let has_else = pair.otherwise.is_some();
        self.note_site(Noted {
            kind: SiteKind::Pair { converter: pair.converter.clone(), is_else: false, has_else },
            to: &pair.to,
            text: to,
            sources: pair.sources.clone(),
            when: pair.when.as_ref(),
            spans,
            class: pair.class,
            only: pair.only,
        });
        let (Some((path, converter)), Some((text, span))) = (&pair.otherwise, otherwise) else { return };
        // What fits the pair itself does not come here.
        let unfit = match pair.sources.as_slice() {
            [only] => {
                let fits = Guard::Test(only.clone(), Test::Fits(pair.converter.clone()));
                Guard::All(pair.when.iter().cloned().chain([Guard::Not(Box::new(fits))]).collect())
            }
            _ => pair.when.clone().unwrap_or_else(Guard::always),
        };
        self.note_site(Noted {
            kind: SiteKind::Pair { converter: converter.clone(), is_else: true, has_else: false },
            to: path,
            text,
            sources: pair.sources.iter().take(1).cloned().collect(),
            when: Some(&unfit),
            spans: (spans.0, span),
            class: if pair.only == Only::Out { LawClass::Derive } else { converter.class() },
            only: pair.only,
        });
    }

    /// A value's place must not depend on whether another value is there.
    fn value_path(&mut self, text: &str, span: Span, slices: &mut Slices) -> Option<FhirPath> {
        let path = self.fhir_path(text, span, slices)?;
        if path.counts_places() {
            let what = format!("`{text}`: a place in a list moves when what stands before it is absent");
            self.reporter.report_with(Code::FhirPath, span, what, "use a slice, `lists` or `gather`");
        }
        Some(path)
    }

    fn converter(&mut self, node: &Node, sources: usize) -> Option<Converter> {
        match (node.get("as"), node.get("table")) {
            (Some(chain), None) if chain.elements().is_some() => self.chain(chain, sources),
            (Some(call), None) => {
                let text = self.text_of(call)?;
                self.function(&text, sources, call.value)
            }
            (None, Some(table)) => {
                let name = self.text_of(table)?;
                self.table(&name, table.value).map(Converter::Table)
            }
            (None, None) if sources == 1 => Some(Converter::Identity),
            (None, None) => {
                self.report(Code::Function, node.value, "several sources need a function: `as: ...`");
                None
            }
            (Some(_), Some(_)) => {
                self.report(Code::Function, node.value, "a pair has `as` or `table`, not both");
                None
            }
        }
    }

    /// Several functions, one after the other; the first takes the sources. `table(name)` is a step too.
    fn chain(&mut self, node: &Node, sources: usize) -> Option<Converter> {
        let mut steps = Vec::new();
        for (place, element) in node.elements().unwrap_or_default().iter().enumerate() {
            let text = self.text_of(element)?;
            let table = text.trim().strip_prefix("table(").and_then(|rest| rest.strip_suffix(')'));
            let step = match table {
                Some(name) => self.table(name.trim(), element.span).map(Converter::Table),
                None => self.function(&text, if place == 0 { sources } else { 1 }, element.span),
            };
            steps.push(step?);
        }
        if steps.is_empty() {
            let hint = "for instance `as: [split(\";\"), table(areas)]`";
            self.reporter.report_with(Code::Function, node.span, "a list of functions without a function", hint);
            return None;
        }
        Some(Converter::Chain(steps.into()))
    }

    /// The steps that lead to a list within lists: all but the last.
    fn around_list(&mut self, steps: &[Node], only_out: bool) -> Option<Vec<EachStep>> {
        let (_, around) = steps.split_last().unzip();
        let mut out = Vec::new();
        for step in around.unwrap_or_default() {
            if !only_out {
                let what = "the way in cannot tell which of several lists an element belongs to";
                self.reporter.report_with(Code::NotReversible, step.value, what, "say `only: out`, or nest `lists`");
            }
            let text = self.text_of(step)?;
            let (path, slot) = self.each(&text, step.value)?;
            let list = self.source_site(&path);
            self.conditions.push(Formula::Test(list.subject, Test::Present));
            out.push(EachStep { path, slot });
        }
        Some(out)
    }

    pub(super) fn list(&mut self, node: &Node, outer: &mut Slices, around: &Surroundings<'_>) -> Option<ListRule> {
        let mut words = BLOCK_WORDS.to_vec();
        words.extend(["each", "to", "key", "only"]);
        self.only_words(node, &words);
        let steps = node.get("each").and_then(Node::elements).map(<[Node]>::to_vec);
        let each = match steps.as_deref().and_then(<[Node]>::last) {
            Some(last) => self.text_of(last),
            None => self.needed_text(node, "each"),
        };
        let to_text = self.needed_text(node, "to");
        let to = to_text.as_ref().and_then(|to| self.fhir_path(to, value_span(node, "to"), outer));
        let only_out = self.outward || node.get("only").and_then(Node::text) == Some("out");
        let before = self.conditions.len();
        let steps_around = self.around_list(steps.as_deref().unwrap_or_default(), only_out)?;
        let (path, slot) = self.each(&each?, value_span(node, "each"))?;
        let key = match node.get("key") {
            Some(one) => {
                let text = self.text_of(one)?;
                self.vendor_path(&text, one.value)
            }
            None => None,
        };
        let scope = self.scope;
        let target = to_text.as_ref().and_then(|to| self.slice_target(to, "", outer));
        self.list_scope(to_text.as_deref().unwrap_or_default(), target.as_ref(), value_span(node, "to"));
        let mut slices = Slices::default();
        let around_length = self.around.len();
        if let (Some(to), Some(text)) = (&to, &to_text) {
            let number = self.sites.len();
            self.note_site(Noted {
                kind: SiteKind::List,
                to,
                text,
                sources: vec![path.clone()],
                when: None,
                spans: (node.span, value_span(node, "to")),
                class: LawClass::Iso,
                only: if only_out { Only::Out } else { Only::Both },
            });
            if let Some(site) = self.sites.last() {
                self.around.clone_from(&site.path);
            }
            if let Some(last) = self.around.last_mut() {
                last.which = Which::Each(number);
            }
            let list = self.source_site(&path);
            self.conditions.push(Formula::Test(list.subject, Test::Present));
        }
        let block = self.block(node, &mut slices, around);
        self.around.truncate(around_length);
        self.conditions.truncate(before);
        self.report_overlaps(&slices);
        self.scope = scope;
        let key = key.or_else(|| block.pairs.first().and_then(|pair| pair.sources.first()).cloned());
        Some(ListRule {
            around: steps_around,
            each: path,
            slot,
            to: to?,
            key,
            block,
            only_out,
            rule: self.place(node.span),
        })
    }

    /// A FHIR path; undeclared slices and faults are reported.
    pub(super) fn fhir_path(&mut self, text: &str, span: Span, slices: &mut Slices) -> Option<FhirPath> {
        self.fhir_path_below(text, "", span, slices)
    }

    fn fhir_path_below(&mut self, text: &str, prefix: &str, span: Span, slices: &mut Slices) -> Option<FhirPath> {
        let parsed = FhirPath::parse(text, prefix, &mut |so_far| self.slice(so_far, slices));
        match parsed {
            Ok(path) => {
                let declared = &slices.declared;
                self.check_elements(text, prefix, span, &|slice| contained_type(declared, slice));
                Some(path)
            }
            Err(PathFault::Syntax(what)) => {
                self.report(Code::FhirPath, span, format!("`{text}`: {what}"));
                None
            }
            Err(PathFault::UndeclaredSlice(path)) => {
                let hint = did_you_mean(&path, slices.declared.keys().map(String::as_str))
                    .unwrap_or_else(|| format!("declare `{path}` under `slices` with the constants it is told by"));
                self.reporter.report_with(Code::UndeclaredSlice, span, format!("no slice is called `{path}`"), hint);
                None
            }
        }
    }

    /// What a path leads to among FHIR's elements.
    pub(super) fn slice_target(&self, text: &str, prefix: &str, slices: &Slices) -> Option<Target> {
        self.target(text, prefix, &|slice| contained_type(&slices.declared, slice))
    }

    /// Whether a path leads to a list as a whole.
    pub(super) fn is_list_element(&self, text: &str, slices: &Slices) -> bool {
        self.slice_target(text, "", slices).is_some_and(|target| target.is_list)
    }

    fn slice(&mut self, path: &str, slices: &mut Slices) -> Option<Arc<Slice>> {
        if let Some(known) = slices.compiled.get(path) {
            return Some(known.clone());
        }
        let node = slices.declared.get(path)?.clone();
        let mut constants = Vec::new();
        for (relative, entry) in node.entries().unwrap_or_default() {
            let value = self.constant(entry);
            if let Some(to) = self.fhir_path_below(relative, path, entry.span, slices) {
                let target = self.slice_target(relative, path, slices);
                self.check_constant(relative, target.as_ref(), &value, entry.value);
                constants.push((to, value));
            }
        }
        let slice = Arc::new(Slice { name: path.to_string(), constants, rule: self.place(node.span) });
        slices.compiled.insert(path.to_string(), slice.clone());
        Some(slice)
    }
}

/// The type that a slice's constants give a resource inside the resource.
fn contained_type(declared: &BTreeMap<String, Node>, slice: &str) -> Option<String> {
    declared.get(slice)?.get("resourceType")?.text().map(str::to_string)
}

fn entries<'n>(node: &'n Node, section: &str) -> &'n [(String, Node)] {
    node.get(section).and_then(Node::entries).unwrap_or_default()
}
