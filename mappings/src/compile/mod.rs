//! Mapping files -> a plan; every fault of a file is found in one run.

mod block;
mod checks;
#[cfg(feature = "wasm")]
mod converters;
mod decode;
mod elements;
mod format;
mod guards;
mod message;
mod new_values;
mod parts;
mod plugin;
mod references;
mod schema_words;
mod secret_links;
pub(crate) mod shapes;
pub(crate) mod sites;
mod source_places;
mod tables;
mod tenants;
mod texts;
mod vendor_file;

pub use message::{Plugin, compile_message, declared_items, declared_rules};
pub(crate) use parts::is_part_name;
pub use plugin::{CompiledMessage, CompiledPlugin, compile_plugin, compile_with_tenants};
pub use schema_words::check_schema_words;
pub use source_places::Source;
pub use tables::compile_tables;
pub use tenants::{TenantFile, check_open_tables, tables_of_tenant};
pub use vendor_file::{VendorFile, compile_vendor_file};

use crate::check::condition::{Formula, Subjects};
use crate::code_table::CodeTable;
use crate::converter::Converter;
use crate::diagnostic::{Code, Reporter, Span, did_you_mean};
#[cfg(feature = "wasm")]
use crate::diagnostic::{Diagnostic, Severity};
use crate::functions::Call;
use crate::functions::call::resolve;
use crate::guard::Guard;
use crate::source_shape::SourceShape;
use crate::syntax::Node;
use crate::vendor_path::VendorPath;
pub(crate) use elements::{Target, constant_fault};
use ginnel_schemas::definition::DefinitionId;
use ginnel_schemas::known::Known;
pub(crate) use sites::{ElementStep, ResourceSites, Site, SiteKind, SourceSite, Which, kinds_of};
pub(crate) use source_places::{Place, Presence};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// FHIR's type of every rule of a plugin, by `message.rule`.
pub type RuleTypes = BTreeMap<String, String>;
/// The code tables of a plugin.
#[derive(Debug, Default, Clone)]
pub struct Tables {
    /// By name.
    pub by_name: BTreeMap<String, Arc<CodeTable>>,
    /// Those that say themselves what becomes of codes they do not list, `keep` included.
    pub keeping: BTreeSet<String>,
    /// Those that cannot be used, which is said where they stand.
    pub broken: BTreeSet<String>,
    /// Those that say what becomes of FHIR codes they do not list, `refuse` included.
    pub answering: BTreeSet<String>,
    /// Whether the file as a whole cannot be read.
    pub unread: bool,
    /// URLs that senders spell in several ways, of `vendor.yaml`.
    pub spellings: BTreeMap<String, Vec<String>>,
    /// Blocks with a name, of `shapes.yaml`.
    pub shapes: BTreeMap<String, Node>,
    /// WebAssembly converters, by name.
    #[cfg(feature = "wasm")]
    pub converters: converters::Converters,
    /// Names of converters that cannot be used, which is said where they stand.
    pub broken_converters: BTreeSet<String>,
}

/// What a file's compilation has at hand.
pub(crate) struct Workbench<'w> {
    pub reporter: &'w mut Reporter,
    pub systems: &'w BTreeMap<String, String>,
    pub tables: &'w Tables,
    pub zone: Option<jiff::tz::TimeZone>,
    /// Variables: name and the pattern of the pointers it stands for (`None` for another message's item).
    pub variables: Vec<(String, Option<String>)>,
    /// Patterns of everything a rule speaks of.
    pub spoken_of: Vec<String>,
    /// Patterns of everything that is secret.
    pub secrets: Vec<String>,
    /// The message's source schema, where it can be read.
    pub source: Option<&'w SourceShape>,
    /// All messages, for what is looked up.
    pub sources: &'w BTreeMap<String, Source>,
    /// Where each variable stands in its source schema, where that is known.
    pub places: Vec<Option<Place<'w>>>,
    /// The FHIR type that paths start at; `None` where the definitions say nothing.
    pub scope: Option<DefinitionId>,
    /// What holds whenever the rule at hand is applied.
    pub guards: Vec<Guard>,
    /// Profiles, value sets and code systems.
    pub known: &'w Known,
    /// What each variable starts at, among the subjects' bases.
    pub bases: Vec<usize>,
    /// Bases that may be missing as a whole: what is looked up.
    pub unsure: Vec<usize>,
    /// Vendor paths by what they mean.
    pub subjects: Subjects<'w>,
    /// Guards in force, as formulas.
    pub conditions: Vec<Formula>,
    /// The list that the rules at hand fill.
    pub around: Vec<ElementStep>,
    /// What the rules of the resource at hand write.
    pub sites: Vec<Site<'w>>,
    /// What was written by those before.
    pub resources: Vec<ResourceSites<'w>>,
    /// Whether a rule follows references to what they become.
    pub follows: bool,
    /// Whether the resource at hand is only sent, and never taken back.
    pub outward: bool,
    /// The shapes that are being spelt out, each within the one before.
    pub copying: Vec<String>,
}

impl<'w> Workbench<'w> {
    /// With nothing declared.
    pub fn new(
        reporter: &'w mut Reporter,
        systems: &'w BTreeMap<String, String>,
        tables: &'w Tables,
        sources: &'w BTreeMap<String, Source>,
        known: &'w Known,
    ) -> Workbench<'w> {
        Workbench {
            reporter,
            systems,
            tables,
            zone: None,
            variables: Vec::new(),
            spoken_of: Vec::new(),
            secrets: Vec::new(),
            source: None,
            sources,
            places: Vec::new(),
            scope: None,
            guards: Vec::new(),
            known,
            bases: Vec::new(),
            unsure: Vec::new(),
            subjects: Subjects::default(),
            conditions: Vec::new(),
            around: Vec::new(),
            sites: Vec::new(),
            resources: Vec::new(),
            follows: false,
            outward: false,
            copying: Vec::new(),
        }
    }

    /// Where a rule stands, as `file:line`; the file is the map's, or that of the part it stands in.
    pub fn place(&self, span: Span) -> Arc<str> {
        format!("{}:{}", self.reporter.file_of(span), span.line).into()
    }

    pub fn report(&mut self, code: Code, span: Span, text: impl Into<String>) {
        self.reporter.report(code, span, text);
    }

    /// Says which words of a map the language does not have.
    pub fn only_words(&mut self, node: &Node, known: &[&str]) {
        for (name, entry) in node.entries().unwrap_or_default() {
            if !known.contains(&name.as_str()) {
                let hint = did_you_mean(name, known.iter().copied())
                    .unwrap_or_else(|| format!("known here: {}", known.join(", ")));
                self.reporter.report_with(Code::UnknownWord, entry.span, format!("unknown word `{name}`"), hint);
            }
        }
        if node.entries().is_none() {
            self.report(Code::WrongKind, node.value, "a map is expected here");
        }
    }

    /// A text entry that must be there.
    pub fn needed_text(&mut self, node: &Node, name: &str) -> Option<String> {
        match node.get(name) {
            Some(entry) => self.text_of(entry),
            None => {
                self.report(Code::MissingEntry, node.span, format!("`{name}` is missing"));
                None
            }
        }
    }

    /// The text of an entry; anything else is reported.
    pub fn text_of(&mut self, node: &Node) -> Option<String> {
        let text = node.text().map(str::to_string);
        if text.is_none() {
            self.report(Code::WrongKind, node.value, "a text is expected here");
        }
        text
    }

    /// The slot of a variable, declared where it is new.
    pub fn declare(&mut self, name: &str, pattern: Option<String>) -> usize {
        match self.variables.iter().position(|(known, _)| known == name) {
            Some(slot) => {
                self.variables[slot].1 = pattern;
                slot
            }
            None => {
                self.variables.push((name.to_string(), pattern));
                self.variables.len() - 1
            }
        }
    }

    /// A variable and where it stands in its source schema.
    /// `through` says by which path it came about; the same path gives the same base.
    pub fn bind(&mut self, slot: usize, place: Option<Place<'w>>, through: Option<&VendorPath>) {
        let through = through.map(|path| (self.base_of(path), path.steps.clone()));
        let base = self.subjects.base(through, place.clone());
        if self.bases.len() <= slot {
            self.bases.resize(slot + 1, 0);
        }
        if let Some(known) = self.bases.get_mut(slot) {
            *known = base;
        }
        if self.places.len() <= slot {
            self.places.resize(slot + 1, None);
        }
        if let Some(bound) = self.places.get_mut(slot) {
            *bound = place;
        }
    }

    pub fn slot(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|(known, _)| known == name)
    }

    /// A vendor path; faults are reported. What it speaks of is noted.
    pub fn vendor_path(&mut self, text: &str, span: Span) -> Option<VendorPath> {
        let written = self.with_systems(text.trim(), span);
        let parsed = VendorPath::parse(&written, &|name| self.slot(name));
        match parsed {
            Ok(mut path) => {
                // What is said of it is said as the author wrote it.
                path.text = text.trim().to_string();
                self.note(&path);
                self.check_source(&path, span);
                Some(path)
            }
            Err(what) => {
                self.report(Code::VendorPath, span, what);
                None
            }
        }
    }

    fn note(&mut self, path: &VendorPath) {
        if let Some(pattern) = self.pattern(path) {
            self.spoken_of.push(pattern);
        }
        for step in &path.steps {
            if let crate::vendor_path::Step::Select(_, crate::vendor_path::Selector::Path(inner)) = step {
                self.note(inner);
            }
        }
    }

    /// The pattern of pointers a path can stand for: `*` is any element or member.
    pub fn pattern(&self, path: &VendorPath) -> Option<String> {
        use crate::vendor_path::{Base, Step};
        let mut out = match path.base {
            Base::Root => String::new(),
            Base::Variable(slot) => self.variables.get(slot)?.1.clone()?,
        };
        let on_variable = matches!(path.base, Base::Variable(_));
        for (place, step) in path.steps.iter().enumerate() {
            match step {
                Step::Field(name) => ginnel_schemas::json_pointer::push_token(&mut out, name),
                // A selection on a group variable picks a row of the list the variable already goes through.
                Step::Select(..) if place == 0 && on_variable => {}
                Step::Index(_) if path.steps.first() == Some(&Step::Rows) && place == 1 => {}
                Step::Index(_) | Step::Last | Step::Select(..) => out.push_str("/*"),
                Step::KeyName | Step::Part(_) | Step::Split(_) | Step::Rows => {}
                Step::Resolve(None) => return None,
                Step::Resolve(Some(kind)) | Step::Referring(kind, _) => out = format!("/{kind}/*"),
            }
        }
        Some(out)
    }

    /// A path with the systems in its selectors written out: `extension[url=$flag]`, each in all its spellings.
    fn with_systems(&mut self, text: &str, span: Span) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("=$") {
            let (before, system) = rest.split_at(at + 1);
            let end = system.find(']').unwrap_or(system.len());
            let (system, after) = system.split_at(end);
            let name = system.trim_start_matches('$');
            let urls = match self.tables.spellings.get(name) {
                Some(all) => all.clone(),
                None => vec![self.expand(system, span)],
            };
            out.push_str(before);
            out.push('\'');
            out.push_str(&urls.join("'|'"));
            out.push('\'');
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// `$name` and `$name/rest` to the system's URL.
    pub fn expand(&mut self, text: &str, span: Span) -> String {
        let Some(rest) = text.strip_prefix('$') else { return text.to_string() };
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
        match self.systems.get(&rest[..end]) {
            Some(url) => format!("{url}{}", &rest[end..]),
            None => {
                let hint = did_you_mean(&rest[..end], self.systems.keys().map(String::as_str));
                let hint = hint.unwrap_or_else(|| "declare it under `systems` in vendor.yaml".into());
                self.reporter.report_with(Code::System, span, format!("no system is called `{}`", &rest[..end]), hint);
                text.to_string()
            }
        }
    }

    /// JSON of a node with systems expanded.
    pub fn constant(&mut self, node: &Node) -> serde_json::Value {
        let mut value = node.to_value();
        self.expand_in(&mut value, node.value);
        value
    }

    fn expand_in(&mut self, value: &mut serde_json::Value, span: Span) {
        match value {
            serde_json::Value::String(text) => *text = self.expand(text, span),
            serde_json::Value::Array(list) => list.iter_mut().for_each(|one| self.expand_in(one, span)),
            serde_json::Value::Object(map) => map.values_mut().for_each(|one| self.expand_in(one, span)),
            _ => {}
        }
    }

    /// A table by name.
    pub fn table(&mut self, name: &str, span: Span) -> Option<Arc<CodeTable>> {
        let found = self.tables.by_name.get(name).cloned();
        if found.is_none() && !self.tables.is_broken(name) {
            let hint = did_you_mean(name, self.tables.by_name.keys().map(String::as_str))
                .unwrap_or_else(|| "declare it in tables.yaml".into());
            self.reporter.report_with(Code::Table, span, format!("no code table is called `{name}`"), hint);
        }
        found
    }

    /// A converter of a call such as `prefix("Due ")` or `dose(units)`, for so many sources.
    pub fn function(&mut self, call: &str, sources: usize, span: Span) -> Option<Converter> {
        let tables = self.tables;
        let find = |name: &str| tables.by_name.get(name).cloned();
        let mut parsed = Call::parse(call);
        if let Ok(call) = &parsed
            && call.name == "wasm"
        {
            return self.wasm(call, sources, span);
        }
        if let Ok(call) = &parsed
            && call.name == "reference"
        {
            return self.followed(call, sources, span);
        }
        if let Ok(call) = &mut parsed
            && call.name == "coded"
        {
            // Its text is a system, which may stand there by its short name.
            call.plain.iter_mut().for_each(|word| word.text = self.expand(&word.text, span));
        }
        match parsed.and_then(|call| resolve(call, sources, self.zone.as_ref(), &find)) {
            Ok((function, arguments)) => Some(Converter::Call(function, arguments)),
            Err(fault) if fault.table => {
                self.table(&fault.text, span);
                None
            }
            Err(fault) => {
                self.reporter.report_with(Code::Function, span, fault.text, fault.hint);
                None
            }
        }
    }

    /// `as: reference`: the text of a reference, to what the resource it leads to becomes.
    fn followed(&mut self, call: &Call, sources: usize, span: Span) -> Option<Converter> {
        if sources != 1 || !call.plain.is_empty() {
            let hint = "write `it.reference: { to: reference, as: reference }`";
            self.reporter.report_with(Code::Function, span, "`reference` takes the one text of a reference", hint);
            return None;
        }
        self.follows = true;
        Some(Converter::Reference)
    }

    /// A WebAssembly converter by name.
    #[cfg(feature = "wasm")]
    fn wasm(&mut self, call: &Call, sources: usize, span: Span) -> Option<Converter> {
        let [name] = call.plain.as_slice() else {
            let hint = "write `wasm(\"name\")`";
            self.reporter.report_with(Code::Function, span, "`wasm` takes the name of a converter in quotes", hint);
            return None;
        };
        if sources != 1 {
            let hint = "join the values by a function first: `as: [joined(\"|\"), wasm(\"name\")]`";
            self.reporter.report_with(Code::Function, span, format!("`wasm` does not take {sources} value(s)"), hint);
            return None;
        }
        if let Some(found) = self.tables.converters.get(&name.text) {
            let text =
                format!("`{}` is a WebAssembly converter: its law was tried at load and is not proved", name.text);
            let note = Diagnostic::new(Code::WasmUnproven, self.reporter.file(), span, text);
            self.reporter.push(note.with_severity(Severity::Note));
            return Some(Converter::Wasm(found.clone()));
        }
        // What is wrong with a broken one is said where it stands.
        if !self.tables.broken_converters.contains(&name.text) {
            let hint = did_you_mean(&name.text, self.tables.converters.keys().map(String::as_str))
                .unwrap_or_else(|| format!("add converters/{0}.yaml and converters/{0}.wasm", name.text));
            let text = format!("no WebAssembly converter is called `{}`", name.text);
            self.reporter.report_with(Code::WasmModule, span, text, hint);
        }
        None
    }

    /// A build without WebAssembly says so.
    #[cfg(not(feature = "wasm"))]
    fn wasm(&mut self, _: &Call, _: usize, span: Span) -> Option<Converter> {
        let hint = "build ginnel with its feature `wasm`, or use functions and tables";
        self.reporter.report_with(Code::WasmModule, span, "this build runs no WebAssembly converters", hint);
        None
    }
}

/// The quoted texts of an argument list.
pub(crate) fn quoted(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = rest[at..].chars().next().unwrap_or('"');
        let Some(end) = rest[at + 1..].find(quote) else { break };
        out.push(rest[at + 1..at + 1 + end].to_string());
        rest = &rest[at + end + 2..];
    }
    out
}
