//! All vendors loaded: built in, and from folders given at start.

use crate::compile::{
    Plugin, Source, VendorFile, check_schema_words, compile_message, compile_tables, compile_vendor_file,
    declared_items, declared_rules,
};
use crate::diagnostic::{Code, Reporter, Span};
use crate::instances::{covers, instances};
use crate::plan::{Plan, Policy, id_space};
use crate::plugin_files::Folder;
use crate::put::ToVendor;
use crate::source_shape::SourceShape;
use crate::syntax::{Node, parse};
use crate::translate::{Context, LookupKey, Translated};
use ginnel_schemas::issue::{Issue, IssueKey};
use ginnel_schemas::json_schema::SourceSchema;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Why plugins could not be loaded: every fault of every file, readable as a compiler's report.
#[derive(Debug, thiserror::Error)]
#[error("{}", .reports.join("\n"))]
pub struct LoadError {
    /// One rendered report a fault.
    pub reports: Vec<String>,
}

/// All vendors loaded.
#[derive(Debug)]
pub struct Registry {
    vendors: BTreeMap<String, Vendor>,
}

/// A vendor's plugin.
#[derive(Debug)]
pub struct Vendor {
    /// Id, equal to the folder's name.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version of the plugin.
    pub version: String,
    /// Messages by name.
    pub messages: BTreeMap<String, Message>,
    /// Example payloads: message, file name, bytes; in the order they build on each other.
    pub examples: Vec<(String, String, Vec<u8>)>,
}

/// One kind of payload of a vendor, compiled.
#[derive(Debug)]
pub struct Message {
    /// Name, for instance `clients`.
    pub name: String,
    /// Title for people.
    pub title: String,
    schema: SourceSchema,
    plan: Plan,
}

impl Registry {
    /// Loads the built-in plugins and then the folders given (each holds one folder a vendor; a vendor of the same id replaces the built-in one).
    pub fn load(extra: &[PathBuf]) -> Result<Registry, LoadError> {
        let mut folders: BTreeMap<String, Folder> = Folder::built_in().into_iter().collect();
        let mut reports = Vec::new();
        for folder in extra {
            match Folder::on_disk(folder) {
                Ok(found) if found.is_empty() => {
                    reports.push(format!(
                        "error[M0001] no plugin lies in {} (a folder with a vendor.yaml)",
                        folder.display()
                    ));
                }
                Ok(found) => folders.extend(found),
                Err(error) => reports.push(format!("error[M0001] {}: {error}", folder.display())),
            }
        }
        let mut vendors = BTreeMap::new();
        for (name, folder) in folders {
            match Vendor::load(&name, &folder) {
                Ok(vendor) => {
                    vendors.insert(name, vendor);
                }
                Err(found) => reports.extend(found),
            }
        }
        if reports.is_empty() { Ok(Registry { vendors }) } else { Err(LoadError { reports }) }
    }

    /// The vendor of that id.
    pub fn vendor(&self, id: &str) -> Option<&Vendor> {
        self.vendors.get(id)
    }

    /// All vendors by id.
    pub fn vendors(&self) -> impl Iterator<Item = &Vendor> {
        self.vendors.values()
    }
}

impl Vendor {
    /// Loads one plugin; every fault of every file is in the error.
    pub fn load(name: &str, folder: &Folder) -> Result<Vendor, Vec<String>> {
        let mut reports = Vec::new();
        let file =
            read(folder, name, "vendor.yaml", &mut reports, |text, reporter| compile_vendor_file(text, name, reporter))
                .flatten();
        let Some(file) = file else { return Err(reports) };
        let tables = match folder.read("tables.yaml") {
            Some(_) => read(folder, name, "tables.yaml", &mut reports, |text, reporter| {
                compile_tables(text, &file.systems, reporter)
            }),
            None => None,
        };
        let tables = tables.unwrap_or_default();
        let mut maps: Vec<(String, String, Node)> = Vec::new();
        for message in &file.messages {
            let path = format!("{message}/map.yaml");
            let node = read(folder, name, &path, &mut reports, |text, reporter| {
                Some((text.to_string(), parse(text, reporter)?))
            })
            .flatten();
            maps.extend(node.map(|(text, node)| (message.clone(), text, node)));
        }
        if maps.len() < file.messages.len() {
            // A map that cannot be read would only make every reference to it a fault of its own.
            return Err(reports);
        }
        let types = maps.iter().flat_map(|(message, _, node)| declared_rules(message, node)).collect();
        let (mut schemas, mut sources) = (BTreeMap::new(), BTreeMap::new());
        for (message, _, node) in &maps {
            if let Some((schema, shape)) = source_schema(folder, name, message, &mut reports) {
                schemas.insert(message.clone(), schema);
                sources.insert(message.clone(), Source { shape, items: declared_items(node) });
            }
        }
        let mut plugin = Plugin { policy: Arc::new(policy(&file)), vendor: file, tables, types, sources };
        let mut plans = Vec::new();
        for (message, text, node) in &maps {
            let mut reporter = Reporter::new(format!("{name}/{message}/map.yaml"));
            let plan = compile_message(message, node, &plugin, &mut reporter);
            if let (Some(source), true) = (plugin.sources.get(message), reporter.is_empty()) {
                report_unmapped(&plan, &source.shape, &mut reporter);
            }
            reports.extend(reporter.render(text));
            plans.push((message, plan));
        }
        let mut messages = BTreeMap::new();
        for (message, mut plan) in plans {
            if let (Some(schema), Some(source)) = (schemas.remove(message), plugin.sources.remove(message)) {
                plan.shape = source.shape;
                let one = Message { name: message.clone(), title: plan.title.clone(), schema, plan };
                messages.insert(message.clone(), one);
            }
        }
        link_secrets(&mut messages, &mut reports, name);
        if !reports.is_empty() {
            return Err(reports);
        }
        let examples = examples(folder, &plugin.vendor.messages);
        let VendorFile { id, title, version, .. } = plugin.vendor;
        Ok(Vendor { id, title, version, messages, examples })
    }

    /// The message of that name.
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages.get(name)
    }

    /// Every FHIR resource type its mappings make.
    pub fn resource_types(&self) -> BTreeSet<String> {
        let rules = self.messages.values().flat_map(|message| &message.plan.resources);
        rules.map(|rule| rule.resource_type.clone()).collect()
    }

    /// The messages whose source schema a payload fits; of several those that know most of its fields.
    ///
    /// A field that is not known is kept aside and refuses nothing, so a payload may fit a message that is not meant.
    pub fn fitting(&self, tree: &Value) -> Vec<&Message> {
        let fits = self.messages.values().filter(|message| message.schema.fits(tree));
        let ranked: Vec<(usize, &Message)> =
            fits.map(|message| (unknown_fields(&message.check(tree)), message)).collect();
        let fewest = ranked.iter().map(|(unknown, _)| *unknown).min();
        ranked.into_iter().filter(|(unknown, _)| Some(*unknown) == fewest).map(|(_, message)| message).collect()
    }
}

impl Message {
    /// Judges a payload by the source schema: every fault at once.
    pub fn check(&self, tree: &Value) -> Vec<Issue> {
        self.schema.check(tree)
    }

    /// The items of other messages this payload leans on.
    pub fn lookups(&self, tree: &Value) -> Vec<LookupKey> {
        let nothing = Context::new();
        let (_, lookups) = instances(&self.plan, tree, &nothing);
        let mut keys: Vec<LookupKey> = lookups.into_iter().map(|lookup| lookup.key).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// The items of a payload by key, with their content: what other messages may look up.
    pub fn items(&self, tree: &Value) -> Vec<(LookupKey, Value)> {
        let nothing = Context::new();
        let (found, _) = instances(&self.plan, tree, &nothing);
        found
            .into_iter()
            .filter_map(|instance| {
                let item = self.plan.items.get(instance.plan?)?.name.clone();
                Some((LookupKey { message: self.name.clone(), item, key: instance.key? }, instance.value.clone()))
            })
            .collect()
    }

    /// Translates a payload to FHIR. `source_issues` is what [`Message::check`] found; items with errors are refused by pointer.
    pub fn translate(&self, tree: &Value, source_issues: Vec<Issue>, context: &Context) -> Translated {
        crate::out::translate(&self.plan, tree, source_issues, context)
    }

    /// The items whose kept originals should be passed as `previous` to [`Message::to_vendor`].
    pub fn wanted(&self, bundle: &Value) -> Vec<LookupKey> {
        crate::put::wanted(&self.plan, bundle)
    }

    /// Whether its rules make everything that a Bundle holds.
    pub fn makes(&self, bundle: &Value) -> bool {
        crate::put::makes(&self.plan, bundle)
    }

    /// Translates a Bundle (or one resource) into the vendor's payload, put into the previous payloads where given.
    pub fn to_vendor(&self, bundle: &Value, previous: &[Value], context: &Context) -> ToVendor {
        let mut put = crate::put::to_vendor(&self.plan, bundle, previous, context);
        put.issues.extend(self.schema.check(&put.payload));
        put
    }
}

fn unknown_fields(issues: &[Issue]) -> usize {
    issues.iter().filter(|issue| issue.key == IssueKey::SourceUnknownField).count()
}

fn policy(file: &VendorFile) -> Policy {
    let refuses = |word: &str| file.refuse.iter().any(|one| one == word);
    Policy {
        id_space: id_space(&file.id),
        refuse_unknown_fields: refuses("unknown-fields"),
        refuse_unknown_codes: refuses("unknown-codes"),
        refuse_failed_identifiers: refuses("failed-identifiers"),
        secret_patterns: file.secret_patterns.clone(),
    }
}

fn read<T>(
    folder: &Folder,
    vendor: &str,
    path: &str,
    reports: &mut Vec<String>,
    compile: impl FnOnce(&str, &mut Reporter) -> T,
) -> Option<T> {
    let mut reporter = Reporter::new(format!("{vendor}/{path}"));
    let Some(text) = folder.read(path).and_then(|bytes| String::from_utf8(bytes).ok()) else {
        reporter.report(Code::Unreadable, Span::default(), "this file is missing or is not UTF-8 text");
        reports.extend(reporter.render(""));
        return None;
    };
    let out = compile(&text, &mut reporter);
    let clean = reporter.is_empty();
    reports.extend(reporter.render(&text));
    clean.then_some(out)
}

/// Tells each look-up what is secret in the item it finds; a look-up of what no message has is reported.
fn link_secrets(messages: &mut BTreeMap<String, Message>, reports: &mut Vec<String>, vendor: &str) {
    let declared: BTreeMap<(String, String), Vec<String>> = messages
        .values()
        .flat_map(|message| message.plan.items.iter().map(move |item| (&message.plan, item)))
        .map(|(plan, item)| {
            let below = plan.secrets.iter().filter_map(|secret| secret.strip_prefix(&item.pattern));
            ((plan.message.clone(), item.name.clone()), below.map(str::to_string).collect())
        })
        .collect();
    for message in messages.values_mut() {
        let mut reporter = Reporter::new(format!("{vendor}/{}/map.yaml", message.name));
        for context in &mut message.plan.contexts {
            match declared.get(&(context.message.clone(), context.item.clone())) {
                Some(secrets) => context.secrets.clone_from(secrets),
                None => {
                    let text =
                        format!("no message `{}` with an item `{}` is there to look up", context.message, context.item);
                    reporter.report(Code::Reference, Span::default(), text);
                }
            }
        }
        reports.extend(reporter.render(""));
    }
}

/// What the source schema allows and no rule speaks of would refuse the first item that has it.
fn report_unmapped(plan: &Plan, shape: &SourceShape, reporter: &mut Reporter) {
    for leaf in shape.leaves() {
        if !plan.spoken_of.iter().any(|pattern| covers(pattern, &leaf)) {
            reporter.report_with(
                Code::UnmappedLeaf,
                Span::default(),
                format!("the source schema allows {leaf}, and no rule speaks of it"),
                "map it, or set it aside under `keep` or `drop` with a reason",
            );
        }
    }
}

fn source_schema(
    folder: &Folder,
    vendor: &str,
    message: &str,
    reports: &mut Vec<String>,
) -> Option<(SourceSchema, SourceShape)> {
    let path = format!("{message}/source.schema.json");
    let compiled = read(folder, vendor, &path, reports, |text, reporter| {
        let limits = ginnel_schemas::json::Limits::default();
        let schema = match ginnel_schemas::json::parse(text.as_bytes(), limits) {
            Ok(schema) => schema,
            Err(issue) => {
                let span = issue.position.map(|at| Span { line: at.line, column: at.column }).unwrap_or_default();
                reporter.report(Code::Syntax, span, issue.text);
                return None;
            }
        };
        match SourceSchema::compile(&schema) {
            Ok(compiled) => Some((compiled, SourceShape::new(schema))),
            Err(error) => {
                reporter.report(Code::SourceSchema, Span::default(), error.to_string());
                None
            }
        }
    });
    let compiled = compiled.flatten();
    if let Some((_, shape)) = &compiled {
        // A misspelt word does not keep the mapping from being read against the rest of the schema.
        read(folder, vendor, &path, reports, |text, reporter| check_schema_words(text, shape.schema(), reporter));
    }
    compiled
}

fn examples(folder: &Folder, messages: &[String]) -> Vec<(String, String, Vec<u8>)> {
    let mut out = Vec::new();
    for message in messages {
        let below = format!("{message}/examples");
        for name in folder.files(&below).into_iter().filter(|name| name.contains(".vendor.")) {
            if let Some(bytes) = folder.read(&format!("{below}/{name}")) {
                out.push((message.clone(), name, bytes));
            }
        }
    }
    out
}
