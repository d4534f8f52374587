//! `decode` of a mapping file: what is opened when a message is read.

use super::Workbench;
use crate::decode::{Encoded, Kind};
use crate::diagnostic::Code;
use crate::syntax::Node;

impl Workbench<'_> {
    /// The places that are opened, in the order in which they are.
    pub fn decode(&mut self, node: Option<&Node>) -> Vec<Encoded> {
        let mut encoded = Vec::new();
        for (path, entry) in node.and_then(Node::entries).unwrap_or_default() {
            let Some(kind) = self.decoded_kind(entry) else { continue };
            match Encoded::parse(path, kind) {
                Some(place) => encoded.push(place),
                None => {
                    let text = format!("`{path}` is no way to something that is opened");
                    let hint = "names joined by dots, `*` for every member; lists are gone through: `events.data`";
                    self.reporter.report_with(Code::VendorPath, entry.span, text, hint);
                }
            }
        }
        encoded
    }

    fn decoded_kind(&mut self, entry: &Node) -> Option<Kind> {
        if entry.text() == Some("json") {
            return Some(Kind::Json);
        }
        if entry.get("parts").is_some() {
            self.only_words(entry, &["parts", "at"]);
            let names = self.names_of(entry, "parts");
            let sign = self.needed_text(entry, "at").unwrap_or_default().to_string();
            if names.len() > 1 && !sign.is_empty() {
                return Some(Kind::Parts { names, sign });
            }
        } else if entry.get("members").is_some() {
            self.only_words(entry, &["members", "name", "value", "prefix", "but"]);
            let list = self.needed_text(entry, "members").unwrap_or_default().to_string();
            let name = self.needed_text(entry, "name").unwrap_or_default().to_string();
            let value = self.needed_text(entry, "value").unwrap_or_default().to_string();
            let prefix = entry.get("prefix").and_then(Node::text).unwrap_or_default().to_string();
            let but = self.names_of(entry, "but");
            if ![&list, &name, &value].iter().any(|one| one.is_empty()) && name != value {
                return Some(Kind::Members { list, name, value, prefix, but });
            }
        }
        let hint = "write `json`, `{ parts: [code, by], at: \"/\" }` or `{ members: cells, name: column, value: text, but: [date] }`";
        self.reporter.report_with(Code::WrongKind, entry.value, "this is no way to open a value", hint);
        None
    }

    /// A list of names; each stands once.
    fn names_of(&mut self, node: &Node, word: &str) -> Vec<String> {
        let listed = node.get(word).and_then(Node::elements).unwrap_or_default();
        let names: Vec<String> = listed.iter().filter_map(Node::text).map(str::to_string).collect();
        let twice = names.iter().enumerate().any(|(at, name)| names.iter().take(at).any(|other| other == name));
        if twice || names.len() != listed.len() {
            let span = node.get(word).map_or(node.span, |one| one.value);
            self.report(Code::WrongKind, span, format!("`{word}` lists names, each once"));
        }
        names
    }
}
