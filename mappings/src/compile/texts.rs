//! Texts and templates of a mapping file.

use super::{Workbench, quoted};
use crate::diagnostic::{Code, Span};
use crate::guard::Guard;
use crate::syntax::{Kind, Node};
use crate::text::{Filter, PartBody, Template, Text, TextPart};
use crate::vendor_path::{Base, Step, VendorPath};

impl Workbench<'_> {
    /// A template; faults are reported.
    pub fn template(&mut self, text: &str, span: Span) -> Option<Template> {
        // Both closures need the workbench, so holes are read first and compiled after.
        let mut paths: Vec<String> = Vec::new();
        let mut filters: Vec<String> = Vec::new();
        let scan = Template::parse(
            text,
            &mut |path| {
                paths.push(path.to_string());
                Ok(VendorPath { base: crate::vendor_path::Base::Root, steps: Vec::new(), text: String::new() })
            },
            &mut |filter| {
                filters.push(filter.to_string());
                Ok(Filter::Lower)
            },
        );
        if let Err(what) = scan {
            self.report(Code::Template, span, what);
            return None;
        }
        let paths: Option<Vec<VendorPath>> = paths.iter().map(|path| self.vendor_path(path, span)).collect();
        let filters: Option<Vec<Filter>> = filters.iter().map(|filter| self.filter(filter, span)).collect();
        let (mut paths, mut filters) = (paths?.into_iter(), filters?.into_iter());
        let again = || "the same template reads the same twice".to_string();
        Template::parse(text, &mut |_| paths.next().ok_or_else(again), &mut |_| filters.next().ok_or_else(again)).ok()
    }

    fn filter(&mut self, call: &str, span: Span) -> Option<Filter> {
        let (name, inner) = call.split_once('(').map_or((call, ""), |(name, rest)| (name, rest.trim_end_matches(')')));
        match name.trim() {
            "table" => self.table(inner.trim(), span).map(Filter::Table),
            "join" => {
                let mut texts = quoted(inner).into_iter();
                let join = texts.next().unwrap_or_else(|| ", ".into());
                let last = texts.next().unwrap_or_else(|| join.clone());
                Some(Filter::Join(join, last))
            }
            "lower" => Some(Filter::Lower),
            "upper" => Some(Filter::Upper),
            "humanise" => Some(Filter::Humanise),
            "time" => Some(Filter::Time),
            "date" => Some(Filter::Date),
            "instant" => Some(Filter::Instant),
            "html-text" => Some(Filter::HtmlText),
            "one-line" => Some(Filter::OneLine),
            "part" => Some(Filter::Part),
            table if self.tables.by_name.contains_key(table) => self.table(table, span).map(Filter::Table),
            other => {
                self.reporter.report_with(
                    Code::Template,
                    span,
                    format!("no filter is called `{other}`"),
                    "filters are table(name), join(\", \"), lower, upper, humanise, time, date, instant, html-text, one-line, part",
                );
                None
            }
        }
    }

    /// `else` of a derived text: where words go that are not the computed ones.
    pub fn homes(&mut self, node: &Node) -> Vec<VendorPath> {
        let Some(entry) = node.get("else") else { return Vec::new() };
        let paths: Vec<&Node> = entry.elements().map_or_else(|| vec![entry], |list| list.iter().collect());
        let texts: Vec<(String, Span)> =
            paths.into_iter().filter_map(|one| Some((self.text_of(one)?, one.value))).collect();
        texts.into_iter().filter_map(|(text, span)| self.vendor_path(&text, span)).collect()
    }

    /// A text: a template, or `{ join, parts }`.
    pub fn text(&mut self, node: &Node) -> Option<Text> {
        match &node.kind {
            Kind::Map(_) => self.parts(node),
            _ => {
                let text = self.text_of(node)?;
                let template = self.template(&text, node.value)?;
                let part = TextPart { when: Guard::always(), each: None, body: PartBody::Template(template) };
                Some(Text { join: String::new(), last: String::new(), parts: vec![part], all_or_nothing: true })
            }
        }
    }

    fn parts(&mut self, node: &Node) -> Option<Text> {
        self.only_words(node, &["join", "last", "parts", "else"]);
        let join = node.get("join").and_then(|one| self.text_of(one)).unwrap_or_default();
        let last = node.get("last").and_then(|one| self.text_of(one)).unwrap_or_else(|| join.clone());
        let Some(elements) = node.get("parts").and_then(Node::elements) else {
            self.report(Code::MissingEntry, node.span, "`parts`, a list, is missing");
            return None;
        };
        let mut parts = Vec::new();
        for element in elements {
            parts.extend(self.part(element));
        }
        Some(Text { join, last, parts, all_or_nothing: false })
    }

    fn part(&mut self, node: &Node) -> Option<TextPart> {
        if node.entries().is_none() {
            let text = self.text_of(node)?;
            let body = PartBody::Template(self.template(&text, node.value)?);
            return Some(TextPart { when: Guard::always(), each: None, body });
        }
        self.only_words(node, &["when", "each", "text", "join", "last", "parts"]);
        let each = match node.get("each") {
            Some(each) => {
                let text = self.text_of(each)?;
                Some(self.each(&text, each.value)?)
            }
            None => None,
        };
        let when = node.get("when").map_or_else(Guard::always, |when| self.guard(when));
        let join = node.get("join").and_then(|one| self.text_of(one)).unwrap_or_default();
        let last = node.get("last").and_then(|one| self.text_of(one)).unwrap_or_else(|| join.clone());
        if node.get("parts").is_some() {
            let plain = Node {
                span: node.span,
                value: node.value,
                kind: Kind::Map(
                    node.entries()?
                        .iter()
                        .filter(|(name, _)| name != "when" && name != "each" && name != "text")
                        .cloned()
                        .collect(),
                ),
            };
            let body = PartBody::Text(Box::new(self.parts(&plain)?));
            return Some(guarded(when, each, body));
        }
        let text = node.get("text").and_then(|one| self.text_of(one));
        let Some(text) = text else {
            self.report(Code::MissingEntry, node.span, "a part has `text` or `parts`");
            return None;
        };
        let template = self.template(&text, super::message::value_span(node, "text"))?;
        let part = guarded(when, each, PartBody::Template(template));
        if node.get("join").is_none() {
            return Some(part);
        }
        // The items of this part have a separator of their own.
        let text = Text { join, last, parts: vec![part], all_or_nothing: false };
        Some(TextPart { when: Guard::always(), each: None, body: PartBody::Text(Box::new(text)) })
    }

    /// `path as name`: the path and the slot of a new variable.
    pub fn each(&mut self, text: &str, span: Span) -> Option<(VendorPath, usize)> {
        let Some((path, name)) = text.split_once(" as ") else {
            self.reporter.report_with(
                Code::VendorPath,
                span,
                format!("`{text}` names no variable"),
                "write `path as name`",
            );
            return None;
        };
        let path = self.vendor_path(path, span)?;
        // A list goes element by element; noting the list itself would hide members that nobody speaks of.
        self.spoken_of.pop();
        let leads =
            matches!(path.steps.last(), Some(Step::Resolve(_) | Step::Referring(..) | Step::Split(_) | Step::Rows))
                || path.picks_among_elements();
        let inner = |pattern: String| if leads { pattern } else { format!("{pattern}/*") };
        let pattern = self.pattern(&path).map(inner);
        let place = self.source_place(&path);
        let place = if leads { place } else { place.and_then(|place| place.spread()) };
        let slot = self.declare(name.trim(), pattern);
        self.bind(slot, place, Some(&path));
        Some((path, slot))
    }
}

/// A part of a text: a guard that looks at the variable of `each` is asked of each item, any other of the whole.
fn guarded(when: Guard, each: Option<(VendorPath, usize)>, body: PartBody) -> TextPart {
    let asks_each =
        each.as_ref().is_some_and(|(_, slot)| when.paths().iter().any(|path| path.base == Base::Variable(*slot)));
    if !asks_each {
        return TextPart { when, each, body };
    }
    let item = TextPart { when, each: None, body };
    let item = Text { join: String::new(), last: String::new(), parts: vec![item], all_or_nothing: false };
    TextPart { when: Guard::always(), each, body: PartBody::Text(Box::new(item)) }
}
