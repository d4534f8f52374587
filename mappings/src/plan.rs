//! A compiled mapping: immutable, read by both directions.

use crate::account::LawClass;
use crate::converter::Converter;
use crate::fhir_path::FhirPath;
use crate::guard::Guard;
use crate::scope::Frame;
use crate::text::{Template, Text};
use crate::vendor_path::VendorPath;
use ginnel_schemas::issue::Severity;
use serde_json::Value;
use std::sync::Arc;

/// What the whole plugin declares.
#[derive(Debug)]
pub struct Policy {
    /// The space in which the ids of the vendor's resources are made.
    pub id_space: uuid::Uuid,
    /// Whether members that the source schema does not know refuse the item.
    pub refuse_unknown_fields: bool,
    /// Whether codes that no list has refuse the item.
    pub refuse_unknown_codes: bool,
    /// Whether identifiers that fail their check refuse the item.
    pub refuse_failed_identifiers: bool,
    /// What is withheld from every text that is sent.
    pub secret_patterns: Vec<regex::Regex>,
    /// The tenant whose own the vendor's keys are; `None` where they are the same for all.
    pub key_space: Option<String>,
    /// Whether keys of digits are the same with and without zeros in front.
    pub zeros_ignored: bool,
    /// Whether listed codes are known in any case, with white space around them.
    pub codes_in_any_case: bool,
    /// Texts that stand for no value wherever they are.
    pub no_value: Option<Arc<crate::no_value::NoValue>>,
    /// Members by which an item says that it is restricted.
    pub restricted_by: Vec<String>,
}

/// A compiled mapping of one message.
#[derive(Debug)]
pub struct Plan {
    /// The message's name.
    pub message: String,
    /// Title for people.
    pub title: String,
    /// What the sender's files are.
    pub format: crate::format::Format,
    /// Texts that hold JSON.
    pub encoded: Vec<crate::decode::Encoded>,
    /// Where codes may be spelled otherwise than the source schema lists them.
    pub codes: Vec<crate::spelled_codes::CodePlace>,
    /// The plugin's promises.
    pub policy: Arc<Policy>,
    /// Number of variables.
    pub slots: usize,
    /// The items, parents before children.
    pub items: Vec<ItemPlan>,
    /// Look-ups of items of other messages.
    pub contexts: Vec<ContextPlan>,
    /// The resources made.
    pub resources: Vec<ResourcePlan>,
    /// What of the root is set aside.
    pub aside: Vec<AsideRule>,
    /// Values of a new payload that no FHIR says.
    pub new: Vec<NewRule>,
    /// Places of secrets, wherever in the mapping they are declared, as patterns of pointers.
    pub secrets: Vec<String>,
    /// Items whose secrets stand in no text of the items that refer to them.
    pub secret_links: Vec<SecretLink>,
    /// The source schema: what is a list, what is text.
    pub shape: crate::source_shape::SourceShape,
    /// Whether a rule follows references to what they become.
    pub follows: bool,
    /// Every path a rule speaks of, as patterns of pointers (`/data/*/id`); a pattern covers what lies below it.
    pub spoken_of: Vec<String>,
    /// Its rules as a list, once somebody asks for it.
    pub listed: std::sync::OnceLock<Vec<crate::rule_list::ListedRule>>,
}

impl Plan {
    /// Whether an item takes something over from what is known of it.
    pub fn carries(&self) -> bool {
        self.items.iter().any(|item| !item.carry.is_empty() || item.update.is_some())
    }

    /// The references of a message, where it is a Bundle, or names its own items as `list/key`: each is looked at once.
    pub fn references<'a>(&self, root: &'a Value) -> Option<Arc<crate::format::references::References<'a>>> {
        let is_bundle = matches!(self.format, crate::format::Format::Fhir);
        (is_bundle || self.follows).then(|| Arc::new(crate::format::references::References::of(root)))
    }
}

/// A kind of item.
#[derive(Debug)]
pub struct ItemPlan {
    /// Its name, and the name of its variable.
    pub name: String,
    /// The variable's slot.
    pub slot: usize,
    /// What its pointers look like: `/data/*`.
    pub pattern: String,
    /// The item it lies in.
    pub parent: Option<usize>,
    /// Path to the list or object.
    pub at: VendorPath,
    /// The vendor's key.
    pub key: Option<VendorPath>,
    /// Within what the key tells items apart, for instance a tenant of the vendor's.
    pub within: Vec<VendorPath>,
    /// Members that are taken from what is known of the item where it does not state them itself.
    pub carry: Vec<Vec<String>>,
    /// The vendor's version.
    pub revision: Option<VendorPath>,
    /// How the version is written, where it is no counter and no date-time of ISO 8601.
    pub revision_as: Option<Converter>,
    /// How it is put onto what was kept of it, where it says only what changed.
    pub update: Option<crate::update::Update>,
    /// Rules that set an item aside.
    pub quarantine: Vec<ReportRule>,
    /// Rules that only say something.
    pub reports: Vec<ReportRule>,
    /// What of the item is set aside.
    pub aside: Vec<AsideRule>,
    /// Values of a new item that no FHIR says.
    pub new: Vec<NewRule>,
    /// Why FHIR alone makes no new one, where it does not.
    pub never_new: Option<String>,
}

/// A value of a new record that no FHIR says.
#[derive(Debug)]
pub struct NewRule {
    /// Where it goes.
    pub to: VendorPath,
    /// The same as a pattern of pointers.
    pub pattern: String,
    /// What it is.
    pub value: NewValue,
    /// When; `None` for always.
    pub when: Option<Guard>,
    /// What is said of it, as a warning.
    pub say: Option<String>,
    /// Where the rule stands.
    pub rule: Arc<str>,
}

/// What a value of a new record is.
#[derive(Debug)]
pub enum NewValue {
    /// The same always.
    Constant(Value),
    /// The time of the Bundle, or else of the call, as a function writes it.
    Now(Converter),
    /// So many letters and digits that are the same for the same Bundle and for no other.
    Fresh(usize),
    /// What stands at another place of the new record.
    From(VendorPath),
}

/// A rule that says something about an item.
#[derive(Debug)]
pub struct ReportRule {
    /// When.
    pub when: Guard,
    /// What it says.
    pub text: String,
    /// How much it matters.
    pub severity: Severity,
    /// The place it points at.
    pub at: Option<VendorPath>,
    /// Where the rule stands.
    pub rule: Arc<str>,
}

/// A look-up of an item of another message.
#[derive(Debug)]
pub struct ContextPlan {
    /// The variable's slot.
    pub slot: usize,
    /// The other message.
    pub message: String,
    /// The kind of item.
    pub item: String,
    /// The vendor's key, in this message.
    pub key: VendorPath,
    /// Within what the key tells items apart.
    pub within: Vec<VendorPath>,
    /// Whether nothing is amiss where it is not known.
    pub may_lack: bool,
    /// The item of this message at which it is looked up; `None` for the root.
    pub owner: Option<usize>,
    /// Places of secrets inside the looked-up item, as patterns of pointers.
    pub secrets: Vec<String>,
    /// Where in its file it names what is looked up.
    pub span: crate::diagnostic::Span,
    /// Where the rule stands.
    pub rule: Arc<str>,
}

/// An item that refers to another one, whose secrets stand in no text that is made of it.
#[derive(Debug)]
pub struct SecretLink {
    /// The item that refers; `None` for the root.
    pub owner: Option<usize>,
    /// The message of the other item.
    pub message: String,
    /// The kind of the other item.
    pub item: String,
    /// Its key, behind that within which it tells items apart.
    pub key: Vec<VendorPath>,
    /// Places of secrets inside it, as patterns of pointers.
    pub secrets: Vec<String>,
}

/// A step from an item to what a resource is made of.
#[derive(Debug)]
pub struct EachStep {
    /// The list or object gone through.
    pub path: VendorPath,
    /// The variable's slot.
    pub slot: usize,
}

/// Rows of one group become one resource.
#[derive(Debug)]
pub struct Grouping {
    /// Values that are the same within a group.
    pub by: Vec<VendorPath>,
}

/// A resource that the mapping makes.
#[derive(Debug)]
pub struct ResourcePlan {
    /// The rule's name.
    pub name: Arc<str>,
    /// FHIR's type.
    pub resource_type: String,
    /// The profile claimed.
    pub profile: Option<String>,
    /// The item it belongs to; `None` for the root.
    pub item: Option<usize>,
    /// Steps below the item.
    pub each: Vec<EachStep>,
    /// Rows that are taken.
    pub filter: Guard,
    /// How rows are grouped.
    pub grouping: Option<Grouping>,
    /// What its id is made of.
    pub id: Vec<VendorPath>,
    /// For each of these whether it may be absent; an absent one counts as an empty text.
    pub id_optional: Vec<bool>,
    /// What takes the id of a resource that comes from elsewhere and states no key.
    pub takes_id: Option<VendorPath>,
    /// Whether it is only sent: on the way in it is compared with what the record says, and never taken.
    pub only_out: bool,
    /// Text before the id's values (`message.rule`, or the rule whose resources it makes).
    pub seed: String,
    /// Its rules.
    pub block: Block,
    /// Where it stands.
    pub rule: Arc<str>,
}

/// Rules that are applied together.
#[derive(Debug, Default)]
pub struct Block {
    /// When; `None` for always.
    pub when: Option<Guard>,
    /// Where the block stands.
    pub rule: Arc<str>,
    /// Constants.
    pub constants: Vec<ConstantRule>,
    /// Pairs.
    pub pairs: Vec<PairRule>,
    /// Booleans that are slices.
    pub exists: Vec<ExistsRule>,
    /// References.
    pub refs: Vec<RefRule>,
    /// Texts.
    pub texts: Vec<TextRule>,
    /// Blocks with a guard.
    pub groups: Vec<Block>,
    /// Lists.
    pub lists: Vec<ListRule>,
    /// What is set aside.
    pub aside: Vec<AsideRule>,
    /// What a new record is given where the constants are found in FHIR.
    pub new: Vec<NewRule>,
}

/// A constant.
#[derive(Debug)]
pub struct ConstantRule {
    /// Where it goes.
    pub to: FhirPath,
    /// What it is.
    pub value: Value,
    /// Where the rule stands.
    pub rule: Arc<str>,
}

/// Which directions a pair runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// Both ways.
    Both,
    /// Out; recomputed and compared in.
    Out,
    /// In; writes nothing out.
    In,
}

/// A pair of vendor values and a FHIR element.
#[derive(Debug)]
pub struct PairRule {
    /// The sources.
    pub sources: Vec<VendorPath>,
    /// The element.
    pub to: FhirPath,
    /// How the value is carried.
    pub converter: Converter,
    /// Which ways.
    pub only: Only,
    /// When.
    pub when: Option<Guard>,
    /// What to do with a value that cannot be carried.
    pub otherwise: Option<(FhirPath, Converter)>,
    /// Its law class.
    pub class: LawClass,
    /// Where it stands.
    pub rule: Arc<str>,
}

/// A boolean that is true where a slice is.
#[derive(Debug)]
pub struct ExistsRule {
    /// The boolean.
    pub source: VendorPath,
    /// The slice.
    pub to: FhirPath,
    /// Where it stands.
    pub rule: Arc<str>,
}

/// A Reference to what another rule makes, or its address.
#[derive(Debug)]
pub struct RefRule {
    /// The element.
    pub to: FhirPath,
    /// Whether the element is an address (`Attachment.url`) and no Reference.
    pub is_address: bool,
    /// The type referred to.
    pub target_type: String,
    /// The other rule's seed.
    pub seed: String,
    /// The key's values.
    pub key: Vec<VendorPath>,
    /// The system under which the vendor's key stands beside the reference.
    pub identifier: Option<String>,
    /// A display.
    pub display: Option<VendorPath>,
    /// Where it stands.
    pub rule: Arc<str>,
}

/// A text made of vendor values.
#[derive(Debug)]
pub struct TextRule {
    /// Where it goes.
    pub to: FhirPath,
    /// The text.
    pub text: Text,
    /// The template to read it back by.
    pub back: Option<Template>,
    /// Where words go that another sender says instead of what is computed: the first place that is empty and from which
    /// they come out again.
    pub otherwise: Vec<VendorPath>,
    /// Where it stands.
    pub rule: Arc<str>,
}

/// One element for each item of a list.
#[derive(Debug)]
pub struct ListRule {
    /// The lists or objects around it that are gone through first; only on the way out.
    pub around: Vec<EachStep>,
    /// The vendor's list.
    pub each: VendorPath,
    /// The variable's slot.
    pub slot: usize,
    /// FHIR's list.
    pub to: FhirPath,
    /// By what elements are found again.
    pub key: Option<VendorPath>,
    /// The rules of an element.
    pub block: Block,
    /// Whether the way back leaves the vendor's list alone.
    pub only_out: bool,
    /// Where it stands.
    pub rule: Arc<str>,
}

/// How a value is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsideKind {
    /// Restored on the way back.
    Keep,
    /// Not restored.
    Drop,
    /// Kept, and withheld from every text.
    Secret,
}

/// A value that is set aside.
#[derive(Debug)]
pub struct AsideRule {
    /// The value, or all that lies below.
    pub path: VendorPath,
    /// How.
    pub kind: AsideKind,
    /// Why.
    pub reason: Arc<str>,
    /// Where the rule stands.
    pub rule: Arc<str>,
}

/// The space in which the ids of a vendor's resources are made.
pub fn id_space(vendor: &str) -> uuid::Uuid {
    let name = format!("https://gateway.example.org/vendor/{vendor}");
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes())
}

impl Policy {
    /// A vendor's key as other messages look it up: with the tenant in front where each tenant counts for itself.
    pub fn scoped(&self, key: String) -> String {
        let key = match self.part(&key) {
            same if same.len() == key.len() => key,
            shorter => shorter.to_owned(),
        };
        match &self.key_space {
            Some(tenant) => format!("{tenant}/{key}"),
            None => key,
        }
    }

    /// The stable id of a resource: a UUIDv5 of vendor, message and rule, and the vendor's own key.
    pub fn stable_id(&self, seed: &str, key: &[String]) -> String {
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        let mut name = String::new();
        self.name_of(seed, &key, &mut name);
        self.id_of(&name).to_string()
    }

    /// Adds to `out` the name of which a stable id is made.
    pub(crate) fn name_of(&self, seed: &str, key: &[&str], out: &mut String) {
        out.push_str(seed);
        for part in key {
            // A separator that no one types keeps ("a", "bc") and ("ab", "c") apart.
            out.push('\u{1f}');
            out.push_str(self.part(part));
        }
    }

    /// A part of a key as it counts: where zeros in front of digits do not, without them.
    fn part<'k>(&self, key: &'k str) -> &'k str {
        let digits = self.zeros_ignored && !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        match key.trim_start_matches('0') {
            rest if digits && !rest.is_empty() => rest,
            // Nothing but zeros is the number 0.
            _ if digits => &key[key.len() - 1..],
            _ => key,
        }
    }

    /// The stable id of such a name.
    pub(crate) fn id_of(&self, name: &str) -> uuid::Uuid {
        uuid::Uuid::new_v5(&self.id_space, name.as_bytes())
    }

    /// The stable id of the `twin`-th resource (from 0) of a rule and key: twins count on, all else is the same.
    pub fn twin_id(&self, seed: &str, key: &[String], twin: usize) -> String {
        if twin == 0 {
            return self.stable_id(seed, key);
        }
        let mut numbered = key.to_vec();
        numbered.push(format!("#{}", twin + 1));
        self.stable_id(seed, &numbered)
    }
}

impl ListRule {
    /// The frames in which the vendor's list is looked for: one, or one for each element of what lies around it.
    pub fn frames<'a>(&self, frame: &Frame<'a>) -> Vec<Frame<'a>> {
        self.around.iter().fold(vec![frame.clone()], |frames, step| {
            let inner = |frame: Frame<'a>| {
                let bindings = step.path.spread(&frame);
                bindings.into_iter().map(move |binding| frame.clone().with(step.slot, binding)).collect::<Vec<_>>()
            };
            frames.into_iter().flat_map(inner).collect()
        })
    }
}

impl ResourcePlan {
    /// What its id is made of, each part as `text_of` has it; `None` where a part is absent that must be there.
    pub fn key(&self, text_of: &mut dyn FnMut(&VendorPath) -> Option<String>) -> Option<Vec<String>> {
        let parts = self.id.iter().enumerate();
        parts.map(|(place, path)| text_of(path).or_else(|| self.may_lack(place).then(String::new))).collect()
    }

    /// Whether a part of the id may be absent.
    pub fn may_lack(&self, place: usize) -> bool {
        self.id_optional.get(place).copied().unwrap_or(false)
    }
}

impl Plan {
    /// The vendor paths, as written, that the guards of a resource rule write on the way in: its equalities.
    pub fn equal_paths(&self, resource: &str) -> Vec<&VendorPath> {
        fn gather<'b>(block: &'b Block, out: &mut Vec<&'b VendorPath>) {
            if let Some(guard) = &block.when {
                out.extend(guard.equalities().into_iter().map(|(path, _)| path));
            }
            block.groups.iter().for_each(|group| gather(group, out));
            block.lists.iter().for_each(|list| gather(&list.block, out));
        }
        let mut out = Vec::new();
        if let Some(resource) = self.resources.iter().find(|one| *one.name == *resource) {
            gather(&resource.block, &mut out);
        }
        out
    }
}
