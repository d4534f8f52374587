//! `format:` of a mapping file: what the sender's files are.

use super::Workbench;
use crate::diagnostic::{Code, did_you_mean};
use crate::format::{Format, csv, encoding, xml};
use crate::syntax::{Kind, Node};

/// The formats by name.
const FORMATS: &[&str] = &["json", "csv", "xml"];

impl Workbench<'_> {
    /// The declared format; faults are reported.
    pub(crate) fn format(&mut self, node: Option<&Node>) -> Format {
        let Some(node) = node else { return Format::Json };
        let (name, options) = match &node.kind {
            Kind::Map(entries) => match entries.as_slice() {
                [(name, options)] => (name.clone(), Some(options)),
                _ => {
                    let hint = format!("write one of {}", FORMATS.join(", "));
                    self.reporter.report_with(Code::Format, node.span, "one format is expected here", hint);
                    return Format::Json;
                }
            },
            _ => match self.text_of(node) {
                Some(name) => (name, None),
                None => return Format::Json,
            },
        };
        match name.as_str() {
            "json" => {
                if let Some(options) = options {
                    self.only_words(options, &[]);
                }
                Format::Json
            }
            "csv" => Format::Csv(options.map_or_else(csv::Tables::default, |options| self.csv(options))),
            "xml" => Format::Xml(options.map_or_else(xml::Options::default, |options| self.xml(options))),
            other => {
                let hint = did_you_mean(other, FORMATS.iter().copied())
                    .unwrap_or_else(|| format!("formats are {}", FORMATS.join(", ")));
                self.reporter.report_with(Code::Format, node.span, format!("no format is called `{other}`"), hint);
                Format::Json
            }
        }
    }

    fn encoding(&mut self, node: &Node) -> Option<&'static encoding_rs::Encoding> {
        let entry = node.get("encoding")?;
        let name = self.text_of(entry)?;
        let found = encoding::named(&name);
        if found.is_none() {
            let hint = "encodings are utf-8, windows-1252, iso-8859-1, utf-16le, utf-16be and the others of the WHATWG";
            self.reporter.report_with(Code::Format, entry.span, format!("no encoding is called `{name}`"), hint);
        }
        found
    }

    fn csv(&mut self, node: &Node) -> csv::Tables {
        self.only_words(node, &["tables", "columns", "delimiter", "encoding", "skip", "text-formulas"]);
        let mut out = csv::Tables { encoding: self.encoding(node), ..csv::Tables::default() };
        if let Some(entry) = node.get("delimiter") {
            let text = self.text_of(entry).unwrap_or_default();
            out.delimiter = match text.as_str() {
                "auto" => None,
                "tab" => Some(b'\t'),
                one if one.len() == 1 && !one.contains(['"', '\n', '\r']) => one.bytes().next(),
                _ => {
                    let hint = "a delimiter is one character, `tab` or `auto`";
                    self.reporter.report_with(Code::Format, entry.span, "no delimiter", hint);
                    None
                }
            };
        }
        if let Some(entry) = node.get("skip") {
            match entry.to_value().as_u64().and_then(|lines| usize::try_from(lines).ok()) {
                Some(lines) => out.skip = lines,
                None => self.report(Code::Format, entry.span, "`skip` is the number of lines above the header line"),
            }
        }
        out.text_formulas = node.get("text-formulas").is_some_and(|one| one.to_value() == true);
        match node.get("tables") {
            None => {
                let columns = node.get("columns").map(|one| self.columns(one)).unwrap_or_default();
                out.tables.iter_mut().for_each(|table| table.columns.clone_from(&columns));
            }
            Some(tables) => {
                out.tables.clear();
                for (list, entry) in tables.entries().unwrap_or_default() {
                    let (file, columns) = if entry.entries().is_some() {
                        self.only_words(entry, &["file", "columns"]);
                        let file = self.needed_text(entry, "file");
                        (file, entry.get("columns").map(|one| self.columns(one)).unwrap_or_default())
                    } else {
                        (self.text_of(entry), Vec::new())
                    };
                    out.tables.push(csv::Table { list: list.clone(), file, columns });
                }
                if out.tables.is_empty() {
                    let hint =
                        "write `tables: { visits: \"visits*.csv\" }`: the list's name in the tree, the file's name";
                    self.reporter.report_with(Code::Format, tables.span, "`tables` names no table", hint);
                }
            }
        }
        out
    }

    /// Names in the tree for headers: one header, or the several that occur.
    fn columns(&mut self, node: &Node) -> Vec<(String, Vec<String>)> {
        let mut out = Vec::new();
        for (member, entry) in node.entries().unwrap_or_default() {
            let headers = entry.elements().map_or_else(|| vec![entry], |list| list.iter().collect());
            out.push((member.clone(), headers.into_iter().filter_map(|one| self.text_of(one)).collect()));
        }
        out
    }

    fn xml(&mut self, node: &Node) -> xml::Options {
        self.only_words(node, &["root", "namespaces", "encoding"]);
        let mut out = xml::Options { encoding: self.encoding(node), ..xml::Options::default() };
        for (prefix, entry) in node.get("namespaces").and_then(Node::entries).unwrap_or_default() {
            if let Some(uri) = self.text_of(entry) {
                out.namespaces.push((prefix.clone(), uri));
            }
        }
        if let Some(entry) = node.get("root")
            && let Some(path) = self.text_of(entry)
        {
            out.root = path.split('/').filter(|part| !part.is_empty()).map(str::to_string).collect();
            for name in &out.root {
                let prefix = name.split_once(':').map(|(prefix, _)| prefix);
                if let Some(prefix) = prefix
                    && !out.namespaces.iter().any(|(known, _)| known == prefix)
                {
                    let hint = format!("declare it: `namespaces: {{ {prefix}: \"...\" }}`");
                    let text = format!("no namespace has the prefix `{prefix}`");
                    self.reporter.report_with(Code::Format, entry.span, text, hint);
                }
            }
        }
        out
    }
}
