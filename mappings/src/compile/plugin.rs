//! A folder -> a plugin: every file is read, and the faults of all of them are gathered before anything is refused.

use super::parts::Map;
use super::shapes;
use super::{
    Plugin, Source, Tables, TenantFile, VendorFile, check_open_tables, check_schema_words, compile_message,
    compile_tables, compile_vendor_file, declared_items, declared_rules, tables_of_tenant,
};
use crate::check::CheckReport;
use crate::diagnostic::{Code, Diagnostic, Reporter, Span};
use crate::no_value::NoValue;
use crate::plan::{Plan, Policy, id_space};
use crate::plugin_files::Folder;
use crate::source_shape::SourceShape;
use crate::syntax::parse;
use ginnel_schemas::json_schema::SourceSchema;
use ginnel_schemas::known::Known;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A plugin as far as it could be compiled.
#[derive(Debug)]
pub struct CompiledPlugin {
    /// `vendor.yaml`, where it can be read.
    pub vendor: Option<VendorFile>,
    /// The messages that could be compiled; all of them where the report has no errors.
    pub messages: Vec<CompiledMessage>,
    /// The same messages for each tenant, by its name, where the tenant's own tables are read.
    pub tenants: BTreeMap<String, Vec<CompiledMessage>>,
    /// What was found.
    pub report: CheckReport,
}

/// A message of a plugin.
#[derive(Debug)]
pub struct CompiledMessage {
    /// Its name.
    pub name: String,
    /// Its source schema.
    pub schema: SourceSchema,
    /// Its rules.
    pub plan: Plan,
}

/// The files of a plugin and what was found in them.
pub(super) struct Files<'f> {
    pub folder: &'f Folder,
    pub vendor: &'f str,
    pub report: CheckReport,
}

impl Files<'_> {
    /// Compiles a file; what is found is gathered.
    pub fn read<T>(&mut self, path: &str, compile: impl FnOnce(&str, &mut Reporter) -> T) -> Option<T> {
        let mut reporter = Reporter::new(format!("{}/{path}", self.vendor));
        let Some(text) = self.folder.read(path).and_then(|bytes| String::from_utf8(bytes).ok()) else {
            reporter.report(Code::Unreadable, Span::default(), "this file is missing or is not UTF-8 text");
            self.report.add(reporter.into_found());
            return None;
        };
        let out = compile(&text, &mut reporter);
        self.report.texts.insert(reporter.file().to_string(), text);
        self.report.add(reporter.into_found());
        Some(out)
    }

    fn source_schema(&mut self, message: &str) -> Option<(SourceSchema, SourceShape)> {
        let path = format!("{message}/source.schema.json");
        let file = format!("{}/{path}", self.vendor);
        let compiled = self.read(&path, |text, reporter| {
            let limits = ginnel_schemas::json::Limits::default();
            let schema = match ginnel_schemas::json::parse(text.as_bytes(), limits) {
                Ok(schema) => schema,
                Err(issue) => {
                    let span = issue.position.map(|at| Span::new(at.line, at.column, 1)).unwrap_or_default();
                    reporter.report(Code::Syntax, span, issue.text);
                    return None;
                }
            };
            check_schema_words(text, &schema, reporter);
            let shape = SourceShape::read(schema.clone(), text, &file);
            match SourceSchema::compile(&schema) {
                Ok(compiled) => Some((compiled, shape)),
                Err(error) => {
                    let span = match &error {
                        ginnel_schemas::json_schema::SchemaError::Invalid { pointer, .. } => shape.span(pointer),
                        ginnel_schemas::json_schema::SchemaError::Reference { text } => shape.span_of_text(text),
                    };
                    reporter.report(Code::SourceSchema, span, error.to_string());
                    None
                }
            }
        });
        compiled.flatten()
    }
}

/// Compiles a plugin with the tenants of its folder; with `prove` what the checker proves is judged too.
pub fn compile_plugin(name: &str, folder: &Folder, known: &Known, prove: bool) -> CompiledPlugin {
    compile_with_tenants(name, folder, known, prove, &[])
}

/// Compiles a plugin with the tenants of its folder and further ones; a tenant of the same name takes the place of the
/// folder's.
pub fn compile_with_tenants(
    name: &str,
    folder: &Folder,
    known: &Known,
    prove: bool,
    further: &[TenantFile],
) -> CompiledPlugin {
    let mut plugin = compile(name, folder, known, prove, None);
    let mut files: BTreeMap<String, TenantFile> = BTreeMap::new();
    for tenant in TenantFile::of_plugin(name, folder).iter().chain(further) {
        files.insert(tenant.name.clone(), tenant.clone());
    }
    let mut found = Vec::new();
    for (tenant, file) in files {
        if let Some(fault) = file.fault_of_name() {
            found.push(fault);
            continue;
        }
        let mut own = compile(name, folder, known, prove, Some(&file));
        plugin.report.texts.extend(std::mem::take(&mut own.report.texts));
        for diagnostic in own.report.diagnostics {
            let everybodys = plugin.report.diagnostics.iter().any(|one| {
                (one.code, &one.file, one.span, &one.text)
                    == (diagnostic.code, &diagnostic.file, diagnostic.span, &diagnostic.text)
            });
            match (everybodys, diagnostic.file == file.file) {
                (true, _) => {}
                (false, true) => found.push(diagnostic),
                // What the rules of everybody find in a tenant's table is the tenant's to mend.
                (false, false) => {
                    let text = format!("for tenant `{tenant}`: {}", diagnostic.text);
                    let span = Span::default();
                    found.push(Diagnostic { text, ..diagnostic }.with_related(
                        &file.file,
                        span,
                        "the tenant's own tables",
                    ));
                }
            }
        }
        plugin.tenants.insert(tenant, own.messages);
    }
    plugin.report.add(found);
    sort(&mut plugin.report.diagnostics);
    plugin
}

fn compile(name: &str, folder: &Folder, known: &Known, prove: bool, tenant: Option<&TenantFile>) -> CompiledPlugin {
    let report = CheckReport { plugin: name.to_string(), ..CheckReport::default() };
    let mut files = Files { folder, vendor: name, report };
    let vendor = files.read("vendor.yaml", |text, reporter| compile_vendor_file(text, name, reporter)).flatten();
    let Some(vendor) = vendor else {
        // Without its names and systems nothing can be judged but whether the other files can be read at all.
        for path in folder.map_files() {
            files.read(&path, |text, reporter| parse(text, reporter).is_some());
        }
        return CompiledPlugin { vendor: None, messages: Vec::new(), tenants: BTreeMap::new(), report: files.report };
    };
    files.report.version.clone_from(&vendor.version);
    let tables = match folder.read("tables.yaml") {
        Some(_) => files.read("tables.yaml", |text, reporter| compile_tables(text, &vendor.systems, reporter)),
        None => None,
    };
    let mut tables = tables.unwrap_or_default();
    let mut reporter = Reporter::new(format!("{name}/vendor.yaml"));
    check_open_tables(&vendor.tenant_tables, &tables, &mut reporter);
    files.report.add(reporter.into_found());
    if let Some(tenant) = tenant {
        let mut reporter = Reporter::new(tenant.file.clone());
        match String::from_utf8(tenant.bytes.clone()) {
            Ok(text) => {
                tables = tables_of_tenant(&text, &tables, &vendor.tenant_tables, &vendor.systems, &mut reporter);
                files.report.texts.insert(tenant.file.clone(), text);
            }
            Err(_) => reporter.report(Code::Unreadable, Span::default(), "this file is not UTF-8 text"),
        }
        files.report.add(reporter.into_found());
    }
    #[cfg(feature = "wasm")]
    let mut tables = read_converters(&mut files, tables);
    tables.spellings.clone_from(&vendor.spellings);
    if folder.read(shapes::FILE).is_some() {
        tables.take_shapes(files.read(shapes::FILE, parse).flatten());
    }
    let mut maps: Vec<(String, Map)> = Vec::new();
    for message in &vendor.messages {
        let map = files.map(message);
        maps.extend(map.map(|map| (message.clone(), map)));
    }
    let types = maps.iter().flat_map(|(message, map)| declared_rules(message, &map.node)).collect();
    // What refers to a map that cannot be read is no fault of its own.
    let unread: BTreeSet<String> =
        vendor.messages.iter().filter(|one| !maps.iter().any(|(read, _)| read == *one)).cloned().collect();
    let (mut schemas, mut sources) = (BTreeMap::new(), BTreeMap::new());
    for (message, map) in &maps {
        if let Some((schema, shape)) = files.source_schema(message) {
            schemas.insert(message.clone(), schema);
            sources.insert(message.clone(), Source { shape, items: declared_items(&map.node) });
        }
    }
    let policy = Arc::new(policy(&vendor, tenant.map(|tenant| tenant.name.as_str())));
    let mut plugin = Plugin { policy, vendor, tables, types, sources, unread };
    let mut plans = Vec::new();
    for (message, map) in &maps {
        let mut reporter = map.reporter();
        let plan =
            compile_message(message, &map.node, &plugin, known, &mut reporter, prove.then_some(&mut files.report));
        files.report.add(reporter.into_found());
        plans.push((message, map, plan));
    }
    link_secrets(&mut plans, &plugin, &mut files);
    let mut messages = Vec::new();
    for (message, _, mut plan) in plans {
        if let (Some(schema), Some(source)) = (schemas.remove(message), plugin.sources.remove(message)) {
            if plan.policy.codes_in_any_case {
                plan.codes = crate::spelled_codes::places(&source.shape);
            }
            plan.shape = source.shape;
            messages.push(CompiledMessage { name: message.clone(), schema, plan });
        }
    }
    sort(&mut files.report.diagnostics);
    CompiledPlugin { vendor: Some(plugin.vendor), messages, tenants: BTreeMap::new(), report: files.report }
}

/// Reads the WebAssembly converters of a plugin.
#[cfg(feature = "wasm")]
fn read_converters(files: &mut Files<'_>, mut tables: Tables) -> Tables {
    for file in files.folder.files("converters") {
        let Some(name) = file.strip_suffix(".yaml") else { continue };
        let wasm = files.folder.read(&format!("converters/{name}.wasm"));
        let made = files.read(&format!("converters/{file}"), |text, reporter| {
            super::converters::compile_converter(text, name, wasm, reporter)
        });
        match made.flatten() {
            Some(made) => drop(tables.converters.insert(name.to_string(), Arc::new(made))),
            None => drop(tables.broken_converters.insert(name.to_string())),
        }
    }
    tables
}

/// Errors first, then file by file from top to bottom.
fn sort(found: &mut [Diagnostic]) {
    found.sort_by(|a, b| (a.severity, &a.file, a.span, a.code).cmp(&(b.severity, &b.file, b.span, b.code)));
}

fn policy(file: &VendorFile, tenant: Option<&str>) -> Policy {
    let key_space = tenant.filter(|_| file.separate_tenant_keys).map(str::to_owned);
    // No vendor's id holds a slash, so no vendor's space is a tenant's.
    let space = key_space.as_ref().map_or_else(|| file.id.clone(), |tenant| format!("{}/tenant/{tenant}", file.id));
    let refuses = |word: &str| file.refuse.iter().any(|one| one == word);
    Policy {
        id_space: id_space(&space),
        key_space,
        zeros_ignored: file.zeros_ignored,
        codes_in_any_case: file.codes_in_any_case,
        restricted_by: file.restricted_by.clone(),
        no_value: NoValue::of(&file.no_value).map(Arc::new),
        refuse_unknown_fields: refuses("unknown-fields"),
        refuse_unknown_codes: refuses("unknown-codes"),
        refuse_failed_identifiers: refuses("failed-identifiers"),
        secret_patterns: file.secret_patterns.clone(),
    }
}

/// Tells each look-up what is secret in the item it finds; a look-up of what no message has is reported.
fn link_secrets(plans: &mut [(&String, &Map, Plan)], plugin: &Plugin, files: &mut Files<'_>) {
    let declared: super::secret_links::Declared = plans
        .iter()
        .flat_map(|(_, _, plan)| plan.items.iter().map(move |item| (plan, item)))
        .map(|(plan, item)| {
            let below = plan.secrets.iter().filter_map(|secret| secret.strip_prefix(&item.pattern));
            ((plan.message.clone(), item.name.clone()), below.map(str::to_string).collect())
        })
        .collect();
    super::secret_links::link(plans, &declared);
    for (_, map, plan) in plans {
        let mut reporter = map.reporter();
        for context in &mut plan.contexts {
            match declared.get(&(context.message.clone(), context.item.clone())) {
                Some(secrets) => context.secrets.clone_from(secrets),
                None if plugin.unread.contains(&context.message) => {}
                None => {
                    let text =
                        format!("no message `{}` with an item `{}` is there to look up", context.message, context.item);
                    let known: Vec<String> =
                        declared.keys().map(|(message, item)| format!("{message}.{item}")).collect();
                    let wanted = format!("{}.{}", context.message, context.item);
                    let hint = crate::diagnostic::did_you_mean(&wanted, known.iter().map(String::as_str))
                        .unwrap_or_else(|| format!("items are {}", known.join(", ")));
                    reporter.report_with(Code::Reference, context.span, text, hint);
                }
            }
        }
        files.report.add(reporter.into_found());
    }
}

impl Tables {
    /// Whether `tables.yaml` speaks of a table that could not be compiled.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.unread || self.broken.contains(name)
    }
}
