//! `parts:` of a map: further files of the message's folder, which read as one map together with it.

use super::plugin::Files;
use crate::diagnostic::{Code, Diagnostic, Reporter, did_you_mean};
use crate::plugin_files::Folder;
use crate::syntax::{Kind, Node, parse};

/// The words that a part may have.
pub(crate) const PART_WORDS: &[&str] = &["items", "context", "resources", "keep", "drop", "secret"];

/// A map as one tree, and the files that it was read from.
#[derive(Debug)]
pub(super) struct Map {
    /// What stands in `map.yaml` and its parts.
    pub node: Node,
    /// `map.yaml`, as the author knows it.
    file: String,
    /// Its parts in their order: a place's number among them tells its file.
    parts: Vec<String>,
}

impl Map {
    /// A collector of what is found in the map and its parts.
    pub fn reporter(&self) -> Reporter {
        Reporter::with_parts(self.file.clone(), self.parts.clone())
    }
}

impl Files<'_> {
    /// Reads a message's map with its parts; `None` where one of them cannot be read.
    pub(super) fn map(&mut self, message: &str) -> Option<Map> {
        let file = format!("{}/{message}/map.yaml", self.vendor);
        let node = self.read(&format!("{message}/map.yaml"), parse).flatten()?;
        let mut map = Map { node, file, parts: Vec::new() };
        let mut reporter = map.reporter();
        let named = named_parts(&map.node, &mut reporter, self.folder, message);
        let mut read_all = !reporter.has_errors();
        unnamed_files(&map.node, &mut reporter, self.folder, message);
        self.report.add(reporter.into_found());
        for name in named {
            let part = self.read(&format!("{message}/{name}"), parse).flatten();
            map.parts.push(format!("{}/{message}/{name}", self.vendor));
            match (part, u16::try_from(map.parts.len())) {
                (Some(mut part), Ok(number)) => {
                    part.lies_in_part(number);
                    let mut reporter = map.reporter();
                    join(&mut map.node, part, &mut reporter);
                    self.report.add(reporter.into_found());
                }
                _ => read_all = false,
            }
        }
        read_all.then_some(map)
    }
}

/// The files of a message's folder that may be parts of its map.
fn part_files(folder: &Folder, message: &str) -> Vec<String> {
    let files = folder.files(message).into_iter();
    files.filter(|name| is_part_name(name)).collect()
}

/// Whether a file of a message's folder may be a part of its map.
pub(crate) fn is_part_name(name: &str) -> bool {
    let ending = ".yaml";
    name.len() > ending.len()
        && name.ends_with(ending)
        && name != "map.yaml"
        && !name.starts_with('.')
        && !name.contains(['/', '\\'])
}

/// The parts that a map names and that are there; all else it names is reported.
fn named_parts(map: &Node, reporter: &mut Reporter, folder: &Folder, message: &str) -> Vec<String> {
    let Some(entry) = map.get("parts") else { return Vec::new() };
    let Some(elements) = entry.elements() else {
        let hint = "write `parts: [medications.yaml, allergies.yaml]`";
        reporter.report_with(Code::WrongKind, entry.value, "`parts` is a list of files", hint);
        return Vec::new();
    };
    let there = part_files(folder, message);
    let mut named: Vec<String> = Vec::new();
    for element in elements {
        let (span, name) = (element.value, element.text().unwrap_or_default());
        if !is_part_name(name) {
            let text = format!("`{}` is no name of a part", element.text().unwrap_or("this"));
            let hint = "a part is a file NAME.yaml in the message's folder, beside map.yaml";
            reporter.report_with(Code::MapPart, span, text, hint);
        } else if named.iter().any(|known| known == name) {
            let hint = "name each part once";
            reporter.report_with(Code::MapPart, span, format!("`{name}` is named twice"), hint);
        } else if !there.iter().any(|known| known == name) {
            let hint = did_you_mean(name, there.iter().map(String::as_str))
                .unwrap_or_else(|| format!("write {message}/{name}, or take it from `parts`"));
            reporter.report_with(Code::MapPart, span, format!("there is no file {message}/{name}"), hint);
        } else {
            named.push(name.to_string());
        }
    }
    named
}

/// Reports the files beside a map that it does not name: their rules would be silently left out.
fn unnamed_files(map: &Node, reporter: &mut Reporter, folder: &Folder, message: &str) {
    let elements = map.get("parts").and_then(Node::elements).unwrap_or_default();
    let span = map.get("parts").or_else(|| map.get("message")).map_or(map.span, |entry| entry.span);
    for name in part_files(folder, message) {
        if !elements.iter().any(|element| element.text() == Some(&name)) {
            let text = format!("{message}/{name} is no part of this map, so nothing in it is used");
            let hint = format!("add `{name}` to `parts`, or move the file out of the message's folder");
            reporter.report_with(Code::MapPart, span, text, hint);
        }
    }
}

/// Adds what a part says to the map; names that are there already are reported with both places.
fn join(map: &mut Node, part: Node, reporter: &mut Reporter) {
    let (file, span) = (reporter.file().to_string(), part.span);
    let Kind::Map(words) = part.kind else {
        let hint = format!("known in a part: {}", PART_WORDS.join(", "));
        return reporter.report_with(Code::WrongKind, span, "a part of a map is a map", hint);
    };
    for (word, entry) in words {
        if !PART_WORDS.contains(&word.as_str()) {
            let hint = did_you_mean(&word, PART_WORDS.iter().copied())
                .unwrap_or_else(|| format!("known here: {}", PART_WORDS.join(", ")));
            reporter.report_with(Code::UnknownWord, entry.span, format!("unknown word `{word}`"), hint);
            continue;
        }
        let place = entry.value;
        let Kind::Map(entries) = entry.kind else {
            reporter.report(Code::WrongKind, place, format!("`{word}` is a map"));
            continue;
        };
        let Some(section) = section_of(map, &word, entry.span, place) else { continue };
        for (name, node) in entries {
            let Some((_, first)) = section.iter().find(|(known, _)| *known == name) else {
                section.push((name, node));
                continue;
            };
            let text = format!("`{name}` stands under `{word}` of this map already");
            let one = Diagnostic::new(Code::RepeatedName, &file, node.span, text)
                .with_related(&file, first.span, "the first")
                .with_hint("names are unique in a map and all its parts: rename one, or join the two");
            reporter.push(one);
        }
    }
}

/// The entries of a section of the map, which is made where there is none; `None` where it is no map.
fn section_of<'m>(
    map: &'m mut Node,
    word: &str,
    span: crate::diagnostic::Span,
    value: crate::diagnostic::Span,
) -> Option<&'m mut Vec<(String, Node)>> {
    let Kind::Map(words) = &mut map.kind else { return None };
    let place = match words.iter().position(|(known, _)| known == word) {
        Some(place) => place,
        None => {
            words.push((word.to_string(), Node { span, value, kind: Kind::Map(Vec::new()) }));
            words.len() - 1
        }
    };
    match &mut words.get_mut(place)?.1.kind {
        Kind::Map(entries) => Some(entries),
        _ => None,
    }
}
