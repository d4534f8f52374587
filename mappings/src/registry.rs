//! All vendors loaded: built in, and from folders given at start.

use crate::certificate::{self, Standing};
use crate::check::CheckReport;
use crate::compile::{CompiledMessage, TenantFile, VendorFile, compile_with_tenants};
use crate::decode::Inside;
use crate::format::{Addresses, Document, Format, Limits, SourceFile};
use crate::instances::instances;
use crate::plan::Plan;
use crate::plugin_files::Folder;
use crate::put::ToVendor;
use crate::reload::Reloaded;
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
#[derive(Debug, Default)]
pub struct Registry {
    vendors: BTreeMap<String, Arc<Vendor>>,
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
    /// The tenant whose own tables are read; `None` for the plugin as it is for everybody.
    pub tenant: Option<String>,
    /// The same plugin for each tenant, by its name.
    pub tenants: BTreeMap<String, Vendor>,
    /// What whoever starts the program should know of it: that it is not certified.
    pub warnings: Vec<String>,
    /// What its notifications ask to be fetched.
    pub fetching: Option<crate::fetching::Fetching>,
    /// Of the files it was made from; equal files give equal stamps.
    pub(crate) stamp: u64,
}

/// A tenant that a vendor does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("vendor `{vendor}` has no tenant `{tenant}`; {}", known_tenants(.known))]
pub struct UnknownTenant {
    /// The vendor.
    pub vendor: String,
    /// As it was asked for.
    pub tenant: String,
    /// The tenants that the vendor has.
    pub known: Vec<String>,
}

fn known_tenants(known: &[String]) -> String {
    if known.is_empty() { "it has none".into() } else { format!("it has: {}", known.join(", ")) }
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
        Registry::load_with_tenants(extra, &[])
    }

    /// [`Registry::load`] with further folders of tenants' tables: `DIR/<vendor>/<tenant>.yaml`.
    pub fn load_with_tenants(extra: &[PathBuf], tenants: &[PathBuf]) -> Result<Registry, LoadError> {
        Registry::load_only(extra, tenants, None)
    }

    /// [`Registry::load_with_tenants`] of one vendor alone, which is sooner done; of all where no vendor has that id.
    pub fn load_one(extra: &[PathBuf], tenants: &[PathBuf], vendor: &str) -> Result<Registry, LoadError> {
        Registry::load_only(extra, tenants, Some(vendor))
    }

    fn load_only(extra: &[PathBuf], tenants: &[PathBuf], only: Option<&str>) -> Result<Registry, LoadError> {
        let (registry, reloaded) = Registry::default().read_again(extra, tenants, true, only, &|_, _| Vec::new());
        let reports: Vec<String> = reloaded.into_iter().filter_map(Reloaded::into_report).collect();
        if reports.is_empty() { Ok(registry) } else { Err(LoadError { reports }) }
    }

    pub(crate) fn vendor_arc(&self, id: &str) -> Option<&Arc<Vendor>> {
        self.vendors.get(id)
    }

    pub(crate) fn of(vendors: BTreeMap<String, Arc<Vendor>>) -> Registry {
        Registry { vendors }
    }

    /// The vendor of that id.
    pub fn vendor(&self, id: &str) -> Option<&Vendor> {
        self.vendors.get(id).map(Arc::as_ref)
    }

    /// What whoever starts the program should know of the plugins: which are not certified.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.vendors.values().flat_map(|vendor| &vendor.warnings).map(String::as_str)
    }

    /// All vendors by id.
    pub fn vendors(&self) -> impl Iterator<Item = &Vendor> {
        self.vendors.values().map(Arc::as_ref)
    }
}

impl Vendor {
    /// Loads one plugin; every fault of every file is in the error. A plugin that has changed since it was certified is
    /// refused; of one whose certificate still holds nothing is proved again.
    pub fn load(name: &str, folder: &Folder) -> Result<Vendor, Vec<String>> {
        Vendor::compile(name, folder, &[]).map_err(|report| errors_of(&report))
    }

    /// Loads one plugin whatever its certificate says, for those who work on it.
    pub fn load_uncertified(name: &str, folder: &Folder) -> Result<Vendor, Vec<String>> {
        Vendor::built(name, folder, &[], true).map_err(|report| errors_of(&report))
    }

    /// Loads one plugin with further tenants; the report of what was found is the error. A plugin that has changed since
    /// it was certified is refused; of one whose certificate still holds nothing is proved again.
    pub fn compile(name: &str, folder: &Folder, tenants: &[TenantFile]) -> Result<Vendor, Box<CheckReport>> {
        let standing = certificate::standing(folder);
        let said = certificate::diagnostic(name, &standing);
        if let Some(stale) = said.as_ref().filter(|one| one.is_error()) {
            let diagnostics = vec![stale.clone()];
            return Err(Box::new(CheckReport { plugin: name.to_string(), diagnostics, ..CheckReport::default() }));
        }
        let prove = standing != Standing::Fresh || !tenants.is_empty();
        let mut vendor = Vendor::built(name, folder, tenants, prove)?;
        vendor.warnings.extend(said.map(|one| one.render(&|_| None)));
        Ok(vendor)
    }

    fn built(name: &str, folder: &Folder, tenants: &[TenantFile], prove: bool) -> Result<Vendor, Box<CheckReport>> {
        let compiled = compile_with_tenants(name, folder, crate::check::built_in(), prove, tenants);
        let (report, vendor) = (compiled.report, compiled.vendor);
        let Some(file) = vendor.filter(|_| !report.has_errors()) else {
            return Err(Box::new(report));
        };
        let examples = examples(folder, &file.messages);
        let VendorFile { id, title, version, fetching, .. } = file;
        let made = |messages: Vec<CompiledMessage>, tenant: Option<String>| Vendor {
            id: id.clone(),
            title: title.clone(),
            version: version.clone(),
            messages: messages.into_iter().map(Message::of).collect(),
            examples: Vec::new(),
            tenant,
            tenants: BTreeMap::new(),
            warnings: Vec::new(),
            fetching: fetching.clone(),
            stamp: 0,
        };
        let mut vendor = made(compiled.messages, None);
        let tenants = compiled.tenants.into_iter().map(|(name, messages)| (name.clone(), made(messages, Some(name))));
        vendor.tenants = tenants.collect();
        vendor.examples = examples;
        Ok(vendor)
    }

    /// The plugin as a tenant has it; without a tenant as it is for everybody.
    pub fn for_tenant(&self, tenant: Option<&str>) -> Result<&Vendor, UnknownTenant> {
        let Some(name) = tenant else { return Ok(self) };
        self.tenants.get(name).ok_or_else(|| UnknownTenant {
            vendor: self.id.clone(),
            tenant: name.to_owned(),
            known: self.tenants.keys().cloned().collect(),
        })
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

    /// The messages that the sender's files can be read as, with what was read: those whose source schema the tree fits;
    /// of several those that know most of its fields. Without any, why none could read them.
    pub fn reading(&self, files: &[SourceFile], limits: &Limits) -> Result<Vec<(&Message, Document)>, Vec<Issue>> {
        // An event's type says which message it is.
        if self.takes_events()
            && let [file] = files
            && let Ok(event) = ginnel_schemas::json::parse(&file.bytes, limits.json)
            && let Some(message) = self.of_event(&event, limits)
        {
            return message.read(files, limits).map(|document| vec![(message, document)]);
        }
        let mut read: Vec<(Fit, &Message, Document)> = Vec::new();
        let mut faults: Vec<Issue> = Vec::new();
        for message in self.messages.values() {
            match message.read(files, limits) {
                Ok(document) => {
                    // Of a plugin with one message nothing else can be meant: what is wrong is then said at its place.
                    let only = (self.messages.len() == 1).then_some(Fit::default());
                    if let Some(fit) = message.fit(&document.tree).or(only) {
                        read.push((fit, message, document));
                    }
                }
                // Messages of one format fail alike, and that is said once.
                Err(found) => found.into_iter().for_each(|one| add_fault(&mut faults, one)),
            }
        }
        let formats: BTreeSet<&str> = self.messages.values().map(|message| message.format().name()).collect();
        if read.is_empty() && !faults.is_empty() && formats.len() == 1 {
            return Err(faults);
        }
        let fewest = read.iter().map(|(fit, ..)| *fit).min();
        let best = read.into_iter().filter(|(fit, ..)| Some(*fit) == fewest);
        Ok(best.map(|(_, message, document)| (message, document)).collect())
    }

    /// The message that an event is, by its type; `None` where no message of the plugin goes by the types of events,
    /// or none takes this one.
    pub fn of_event(&self, event: &Value, limits: &Limits) -> Option<&Message> {
        let named = self.by_type(event, limits);
        if named.is_some_and(|(fit, _)| fit > 0) {
            return named.map(|(_, message)| message);
        }
        // What is no event at all, such as a record that was fetched, is told by its fields.
        let by_event = |message: &&Message| matches!(message.format(), Format::Enveloped(one) if one.event.is_some());
        let fits = |message: &&Message| match message.format() {
            Format::Enveloped(one) => match &one.list {
                Some(list) => message.schema.fits(&serde_json::json!({ list: [event] })),
                None => message.schema.fits(event),
            },
            _ => message.schema.fits(event),
        };
        let mut plain = self.messages.values().filter(|one| !by_event(one)).filter(fits);
        match (plain.next(), plain.next()) {
            (Some(only), None) => Some(only),
            _ => named.map(|(_, message)| message),
        }
    }

    fn by_type(&self, event: &Value, limits: &Limits) -> Option<(usize, &Message)> {
        let fits = self.messages.values().filter_map(|message| match message.format() {
            Format::Enveloped(envelope) => Some((crate::format::envelope::fit(envelope, event, limits)?, message)),
            _ => None,
        });
        // Of equally good ones the first by name.
        fits.reduce(|best, one| if one.0 > best.0 { one } else { best })
    }

    /// Whether its messages are told apart by the types of events.
    pub fn takes_events(&self) -> bool {
        let by_event = |message: &Message| matches!(message.format(), Format::Enveloped(one) if one.event.is_some());
        self.messages.values().any(by_event)
    }

    /// The messages whose source schema a payload fits; of several those that know most of its fields.
    ///
    /// A field that is not known is kept aside and refuses nothing, so a payload may fit a message that is not meant.
    pub fn fitting(&self, tree: &Value) -> Vec<&Message> {
        let ranked: Vec<(Fit, &Message)> =
            self.messages.values().filter_map(|message| Some((message.fit(tree)?, message))).collect();
        let fewest = ranked.iter().map(|(fit, _)| *fit).min();
        ranked.into_iter().filter(|(fit, _)| Some(*fit) == fewest).map(|(_, message)| message).collect()
    }
}

impl Message {
    /// The compiled mapping, to take something out of it.
    #[cfg(test)]
    pub(crate) fn into_plan(self) -> Plan {
        self.plan
    }

    /// The compiled mapping, for those who explain, compare and hand it over.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What the sender's files are.
    pub fn format(&self) -> &Format {
        &self.plan.format
    }

    /// Reads the sender's files as the tree that the mapping reads. `Err` when they are not in the declared format.
    pub fn read(&self, files: &[SourceFile], limits: &Limits) -> Result<Document, Vec<Issue>> {
        let mut document = self.plan.format.read(files, &self.plan.shape, limits)?;
        if !self.plan.encoded.is_empty() {
            crate::decode::open(&mut document.tree, &self.plan.encoded, limits.json);
            document.addresses = document.addresses.map(|inner| Arc::new(Inside(inner)) as Arc<dyn Addresses>);
        }
        crate::spelled_codes::open(&mut document.tree, &self.plan.codes);
        Ok(document)
    }

    /// Writes a tree as the sender's files; what did not change stays as it stands in the previous ones.
    pub fn write(&self, tree: &Value, previous: &[SourceFile]) -> Result<Vec<SourceFile>, Vec<Issue>> {
        if self.plan.encoded.is_empty() && self.plan.codes.is_empty() {
            return self.plan.format.write(tree, previous, &self.plan.shape);
        }
        let limits = Limits::default();
        let before = match previous {
            [] => Vec::new(),
            files => vec![self.plan.format.read(files, &self.plan.shape, &limits)?.tree],
        };
        let mut tree = tree.clone();
        let opened = before.iter().map(|raw| {
            let mut opened = raw.clone();
            crate::decode::open(&mut opened, &self.plan.encoded, limits.json);
            opened
        });
        crate::spelled_codes::close(&mut tree, &self.plan.codes, &opened.collect::<Vec<_>>());
        crate::decode::close(&mut tree, &self.plan.encoded, &before, limits.json);
        self.plan.format.write(&tree, previous, &self.plan.shape)
    }

    fn of(CompiledMessage { name, schema, plan }: CompiledMessage) -> (String, Message) {
        let title = plan.title.clone();
        (name.clone(), Message { name, title, schema, plan })
    }

    /// How well a payload fits: a page of which some items are faulty is that page all the same, for those are refused
    /// one by one. `None` where what lies around the items is another message's.
    fn fit(&self, tree: &Value) -> Option<Fit> {
        if self.schema.fits(tree) {
            return Some(Fit { faults: 0, unknown: unknown_fields(&self.check(tree)) });
        }
        let issues = self.check(tree);
        let lists = self.plan.items.iter().filter(|item| item.parent.is_none());
        let lists: Vec<&str> = lists.filter_map(|item| item.pattern.strip_suffix("/*")).collect();
        let in_an_item = |pointer: &str| {
            let below =
                |list: &&str| pointer.strip_prefix(*list).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'));
            lists.iter().any(|list| !list.is_empty() && below(list))
        };
        let mut errors = issues.iter().filter(|issue| issue.is_error());
        let only_items = errors.all(|issue| issue.pointer.as_deref().is_some_and(in_an_item));
        let faults = issues.iter().filter(|issue| issue.is_error()).count();
        (only_items && faults > 0).then(|| Fit { faults, unknown: unknown_fields(&issues) })
    }

    /// Judges a payload by the source schema: every fault at once.
    ///
    /// A text that stands for no value breaks no rule of how values are written.
    pub fn check(&self, tree: &Value) -> Vec<Issue> {
        let mut issues = self.schema.check(tree);
        if let Some(texts) = &self.plan.policy.no_value {
            issues.retain(|issue| {
                let value =
                    issue.pointer.as_deref().and_then(|pointer| ginnel_schemas::json_pointer::resolve(tree, pointer));
                let about_the_text =
                    matches!(issue.key, IssueKey::SourceFormat | IssueKey::SourceRule | IssueKey::SourceUnknownCode);
                !(about_the_text && value.is_some_and(|value| texts.holds(value)))
            });
        }
        issues
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

    /// The items of a payload that take over what was known of them before ([`Message::carried`]).
    pub fn carrying(&self, tree: &Value) -> Vec<LookupKey> {
        crate::carry::keys(&self.plan, tree)
    }

    /// A payload with what its items take over from what is known of them; `None` where they take nothing.
    pub fn carried(&self, tree: &Value, known: &Context) -> Option<Value> {
        crate::carry::carried(&self.plan, tree, known)
    }

    /// The items of a payload that are older than what is known of them.
    pub fn stale(&self, tree: &Value, known: &Context) -> Vec<LookupKey> {
        crate::carry::stale(&self.plan, tree, known)
    }

    /// The items of a payload by key, with their content: what other messages may look up.
    pub fn items(&self, tree: &Value) -> Vec<(LookupKey, Value)> {
        let nothing = Context::new();
        let (found, _) = instances(&self.plan, tree, &nothing);
        found
            .into_iter()
            .filter_map(|instance| {
                let item = self.plan.items.get(instance.plan?)?.name.clone();
                let key = self.plan.policy.scoped(instance.key?);
                Some((LookupKey { message: self.name.clone(), item, key }, instance.value.clone()))
            })
            .collect()
    }

    /// Translates a payload to FHIR. `source_issues` is what [`Message::check`] found; items with errors are refused by pointer.
    pub fn translate(&self, tree: &Value, source_issues: Vec<Issue>, context: &Context) -> Translated {
        let own = self.own_items(&[tree]);
        let with_own = own.map(|own| context.with(own));
        let context = with_own.as_ref().unwrap_or(context);
        let Some(joined) = crate::update::joined(&self.plan, tree, context) else {
            return crate::out::translate(&self.plan, tree, source_issues, context);
        };
        let mut translated = crate::out::translate(&self.plan, &joined.tree, source_issues, context);
        translated.issues.extend(joined.issues);
        translated.account.speak_only_of(tree, &joined.tree);
        translated.joined = Some(Arc::new(joined.tree));
        translated
    }

    /// The items of payloads, where the mapping looks items of its own message up.
    fn own_items(&self, trees: &[&Value]) -> Option<Vec<(LookupKey, Value)>> {
        let looks = self.plan.contexts.iter().any(|rule| rule.message == self.name)
            || self.plan.secret_links.iter().any(|link| link.message == self.name);
        looks.then(|| trees.iter().flat_map(|tree| self.items(tree)).collect())
    }

    /// The items of a payload that say only what changed: what was kept of them goes into the context by
    /// [`Context::keep`].
    pub fn updates(&self, tree: &Value) -> Vec<LookupKey> {
        crate::update::keys(&self.plan, tree)
    }

    /// Remembers what a payload says: what other messages look up, and what its items are put onto when they come again.
    /// What is older than what is known of it is left aside.
    pub fn remember(&self, tree: &Value, context: &mut Context) {
        let stale = self.stale(tree, context);
        let joined = crate::update::joined(&self.plan, tree, context);
        let whole = joined.map_or_else(|| tree.clone(), |joined| joined.tree);
        for (key, item) in self.items(&whole).into_iter().filter(|(key, _)| !stale.contains(key)) {
            context.keep(key.clone(), item.clone());
            context.insert(key, item);
        }
    }

    /// Finds the vendor's places behind elements of what [`Message::translate`] made of a payload.
    pub fn locator<'m>(&'m self, tree: &'m Value, context: &'m Context) -> crate::locate::Locator<'m> {
        crate::locate::Locator::new(&self.plan, tree, context)
    }

    /// Every rule of the mapping, on paper.
    pub fn rules(&self) -> &[crate::rule_list::ListedRule] {
        crate::rule_list::rules_of(&self.plan)
    }

    /// Every leaf that the source schema allows, as a pattern of pointers (`/data/*/id`).
    pub fn schema_leaves(&self) -> Vec<String> {
        self.plan.shape.leaves()
    }

    /// The items whose kept originals should be passed as `previous` to [`Message::to_vendor`].
    pub fn wanted(&self, bundle: &Value) -> Vec<LookupKey> {
        crate::put::wanted(&self.plan, bundle)
    }

    /// Whether its rules make everything that a Bundle holds.
    pub fn makes(&self, bundle: &Value) -> bool {
        crate::put::makes(&self.plan, bundle)
    }

    /// Gives names that this message can take to resources of other senders that state none of the vendor's keys.
    pub fn adopt(&self, bundle: &Value) -> crate::put::adopt::Adopted {
        crate::put::adopt::adopt(&self.plan, bundle)
    }

    /// Translates a Bundle (or one resource) into the vendor's payload, put into the previous payloads where given.
    pub fn to_vendor(&self, bundle: &Value, previous: &[Value], context: &Context) -> ToVendor {
        let check = |payload: &Value| self.check(payload);
        match self.own_items(&previous.iter().collect::<Vec<_>>()) {
            None => crate::put::to_vendor(&self.plan, &check, bundle, previous, context),
            Some(own) => crate::put::to_vendor(&self.plan, &check, bundle, previous, &context.with(own)),
        }
    }
}

fn errors_of(report: &CheckReport) -> Vec<String> {
    report.diagnostics.iter().filter(|one| one.is_error()).map(|one| report.render_one(one)).collect()
}

/// Adds a fault; of the same fault for another message only what it knows goes along (`known are: a.*, b.*`).
fn add_fault(faults: &mut Vec<Issue>, one: Issue) {
    let same = |known: &&mut Issue| (known.key, &known.text, &known.pointer) == (one.key, &one.text, &one.pointer);
    let Some(known) = faults.iter_mut().find(same) else { return faults.push(one) };
    let parts = |hint: &Option<String>| {
        let (head, list) = hint.as_deref()?.split_once(": ")?;
        Some((head.to_string(), list.to_string()))
    };
    match (parts(&known.hint), parts(&one.hint)) {
        _ if known.hint == one.hint => {}
        (Some((head, list)), Some((other, more))) if head == other => {
            known.hint = Some(format!("{head}: {list}, {more}"));
        }
        _ => faults.push(one),
    }
}

/// How well a payload fits a message: the less of both the better, faults first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Fit {
    faults: usize,
    unknown: usize,
}

fn unknown_fields(issues: &[Issue]) -> usize {
    issues.iter().filter(|issue| issue.key == IssueKey::SourceUnknownField).count()
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
