//! `format:` of a mapping file: what the sender's files are.

mod added;

use super::Workbench;
use crate::diagnostic::{Code, did_you_mean};
use crate::format::{Format, csv, encoding, envelope, hl7v2, xml};
use crate::syntax::{Kind, Node};

/// The formats by name.
const FORMATS: &[&str] = &["json", "csv", "xml", "hl7v2", "fhir"];

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
            "json" => options.map_or(Format::Json, |options| Format::Enveloped(self.envelope(options))),
            "csv" => Format::Csv(options.map_or_else(csv::Tables::default, |options| self.csv(options))),
            "xml" => Format::Xml(options.map_or_else(xml::Options::default, |options| self.xml(options))),
            "hl7v2" => Format::Hl7v2(options.map_or_else(hl7v2::Options::default, |options| self.hl7v2(options))),
            "fhir" => {
                if let Some(options) = options {
                    self.only_words(options, &[]);
                }
                Format::Fhir
            }
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

    fn envelope(&mut self, node: &Node) -> envelope::Envelope {
        self.only_words(node, &["texts", "event", "list", "unwrap", "moves"]);
        let list = node.get("list").and_then(|one| self.text_of(one));
        let mut out = envelope::Envelope { list, ..envelope::Envelope::default() };
        if let Some(entry) = node.get("unwrap") {
            out.unwrap = self.text_of(entry);
            if out.list.is_none() {
                let hint = "write `list: events` beside it: what was around an event stands in the event then";
                self.reporter.report_with(Code::Format, entry.span, "`unwrap` needs `list`", hint);
            }
        }
        for (from, entry) in node.get("moves").and_then(Node::entries).unwrap_or_default() {
            match (envelope::Path::of(from), self.envelope_path(entry)) {
                (Some(from), Some(to)) => out.moves.push((from, to)),
                _ => self.report(Code::Format, entry.span, "`moves` is `where.it.stood: where.it.stands`"),
            }
        }
        for entry in node.get("texts").map(one_or_several).unwrap_or_default() {
            out.texts.extend(self.envelope_path(entry));
        }
        // Outer texts are read before those that stand in them.
        out.texts.sort_by_key(envelope::Path::depth);
        if let Some(entry) = node.get("event") {
            if entry.text() == Some("otherwise") {
                out.event = Some(envelope::Event::Otherwise);
                return out;
            }
            self.only_words(entry, &["at", "is"]);
            let at = entry.get("at").and_then(|at| self.envelope_path(at));
            let known = entry.get("is").map(one_or_several).unwrap_or_default();
            let known: Vec<String> = known.into_iter().filter_map(|one| self.text_of(one)).collect();
            match at {
                Some(at) if !known.is_empty() => out.event = Some(envelope::Event::Of(at, known)),
                _ => {
                    let hint = "write `event: { at: type, is: [\"medication.*\", \"dose.given\"] }`";
                    self.reporter.report_with(
                        Code::Format,
                        entry.span,
                        "`event` says where its type stands and which it is",
                        hint,
                    );
                }
            }
        }
        out
    }

    fn envelope_path(&mut self, node: &Node) -> Option<envelope::Path> {
        let text = self.text_of(node)?;
        let path = envelope::Path::of(&text);
        if path.is_none() {
            let hint = "write names with dots between them, `*` for each element of a list: `events.*.data`";
            self.reporter.report_with(Code::Format, node.span, "no path", hint);
        }
        path
    }

    fn csv(&mut self, node: &Node) -> csv::Tables {
        self.only_words(node, &["tables", "columns", "delimiter", "encoding", "skip", "text-formulas", "beside"]);
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
        for entry in node.get("beside").map(one_or_several).unwrap_or_default() {
            out.beside.extend(self.text_of(entry));
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
                    let mut table =
                        csv::Table { list: list.clone(), file: None, columns: Vec::new(), adds: Vec::new() };
                    if entry.entries().is_some() {
                        self.only_words(entry, &["file", "columns", "adds"]);
                        table.file = self.needed_text(entry, "file");
                        table.columns = entry.get("columns").map(|one| self.columns(one)).unwrap_or_default();
                        table.adds = entry.get("adds").map(|one| self.added(one)).unwrap_or_default();
                    } else {
                        table.file = self.text_of(entry);
                    }
                    out.tables.push(table);
                }
                self.check_searched(&out, tables.span);
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
            let headers = one_or_several(entry);
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

    fn hl7v2(&mut self, node: &Node) -> hl7v2::Options {
        self.only_words(node, &["types", "groups", "encoding", "keys"]);
        let mut out = hl7v2::Options { encoding: self.encoding(node), ..hl7v2::Options::default() };
        if let Some(entry) = node.get("types") {
            let list = entry.elements().map_or_else(|| vec![entry], |list| list.iter().collect());
            for one in list {
                let Some(kind) = self.text_of(one) else { continue };
                let parts: Vec<&str> = kind.split('^').collect();
                let fit = |part: &&str| *part == "*" || part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
                if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) || !parts.iter().all(fit) {
                    let hint = "write what stands in MSH-9: `ADT^A01`, or `ADT^*` for every event";
                    self.reporter.report_with(Code::Format, one.span, format!("`{kind}` is no type of message"), hint);
                }
                out.types.push(kind);
            }
        }
        if let Some(entry) = node.get("groups") {
            out.groups = self.segment_groups(entry);
        }
        for (segment, entry) in node.get("keys").and_then(Node::entries).unwrap_or_default() {
            out.keys.extend(self.segment_key(segment, entry));
        }
        out
    }

    /// `PID: { from: 3, prefer: [{ NH: nhs-number }, PI] }` or `RXA: [ORC.2.1, RXA.2]`: by what a segment is known again.
    fn segment_key(&mut self, segment: &str, node: &Node) -> Option<hl7v2::identity::Key> {
        use hl7v2::identity::{Identifiers, Key, Made, Preferred};
        if let Some(list) = node.elements() {
            let mut parts = Vec::new();
            for one in list {
                let text = self.text_of(one)?;
                let mut names = text.split('.').map(str::to_string);
                let name = names.next().unwrap_or_default();
                let numbers: Vec<String> = names.collect();
                if numbers.is_empty() || !numbers.iter().all(|one| one.parse::<usize>().is_ok()) {
                    let hint = "write a segment and the numbers of its parts: `ORC.2.1`";
                    self.reporter.report_with(Code::Format, one.span, format!("`{text}` is no field"), hint);
                }
                parts.push((name, numbers));
            }
            return Some(Key { segment: segment.to_string(), made: Made::Joined(parts) });
        }
        self.only_words(node, &["from", "prefer", "other-than"]);
        let from = node.get("from").and_then(|one| one.to_value().as_u64()).and_then(|one| usize::try_from(one).ok());
        let Some(from) = from.filter(|from| (1..=999).contains(from)) else {
            let hint = "write the field with the identifiers: `PID: { from: 3 }`";
            self.reporter.report_with(Code::Format, node.span, "a key comes `from` a field", hint);
            return None;
        };
        let mut prefer = Vec::new();
        for one in node.get("prefer").and_then(Node::elements).unwrap_or_default() {
            match one.entries() {
                Some(entries) => {
                    for (kind, function) in entries {
                        let call = self.text_of(function)?;
                        let fits = Some(self.function(&call, 1, function.value)?);
                        prefer.push(Preferred { kind: kind.clone(), fits });
                    }
                }
                None => {
                    let kind = self.text_of(one)?;
                    prefer.push(Preferred { kind, fits: None });
                }
            }
        }
        let other_than = node.get("other-than").and_then(|one| self.text_of(one));
        let made = Made::Of(Identifiers { from, prefer, other_than });
        Some(Key { segment: segment.to_string(), made })
    }

    /// Groups of segments; one group's name is no segment's.
    fn segment_groups(&mut self, node: &Node) -> Vec<hl7v2::Group> {
        let mut out = Vec::new();
        for (name, entry) in node.entries().unwrap_or_default() {
            self.only_words(entry, &["starts", "holds", "groups"]);
            let looks_like_segment =
                name.len() == 3 && name.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            if looks_like_segment {
                let hint = "choose a name for the list, such as `orders`";
                self.reporter.report_with(Code::Format, entry.span, format!("`{name}` is a segment's name"), hint);
            }
            let starts = self.needed_text(entry, "starts").unwrap_or_default();
            let held = entry.get("holds").and_then(Node::elements).unwrap_or_default();
            let holds: Vec<String> = held.iter().filter_map(|one| self.text_of(one)).collect();
            for segment in std::iter::once(&starts).chain(&holds) {
                let plain = segment.strip_suffix('*').unwrap_or(segment);
                let fits = plain.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
                if !fits || (plain == segment && segment.len() != 3) {
                    let hint = "a segment has three capitals, `ORC`; `Z*` stands for all that begin so";
                    self.reporter.report_with(Code::Format, entry.span, format!("`{segment}` is no segment"), hint);
                }
            }
            let groups = entry.get("groups").map(|one| self.segment_groups(one)).unwrap_or_default();
            out.push(hl7v2::Group { name: name.clone(), starts, holds, groups });
        }
        out
    }
}

/// The elements of a list, or the one that stands in its place.
fn one_or_several(node: &Node) -> Vec<&Node> {
    node.elements().map_or_else(|| vec![node], |list| list.iter().collect())
}
