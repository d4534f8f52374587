//! `vendor.yaml`.

use super::{Tables, Workbench};
use crate::diagnostic::{Code, Reporter, Span};
use crate::fetching::{FetchRule, Fetching, Template};
use crate::syntax::{Node, parse};
use std::collections::BTreeMap;

/// What `vendor.yaml` says.
#[derive(Debug)]
pub struct VendorFile {
    /// Id, equal to the folder's name.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version of the plugin.
    pub version: String,
    /// The vendor's time zone.
    pub zone: Option<jiff::tz::TimeZone>,
    /// Short names for URLs.
    pub systems: BTreeMap<String, String>,
    /// Those that senders spell in several ways: all spellings, the one to write first.
    pub spellings: BTreeMap<String, Vec<String>>,
    /// Folders of messages, in order.
    pub messages: Vec<String>,
    /// What refuses an item instead of being kept aside.
    pub refuse: Vec<String>,
    /// What is withheld from every text.
    pub secret_patterns: Vec<regex::Regex>,
    /// The code tables that a tenant may override, each with its place.
    pub tenant_tables: Vec<(String, Span)>,
    /// What notifications ask to be fetched.
    pub fetching: Option<Fetching>,
    /// Whether the vendor's keys are counted anew by each tenant, so that equal keys of two tenants are two things.
    pub separate_tenant_keys: bool,
    /// Whether keys of digits are the same with and without zeros in front.
    pub zeros_ignored: bool,
    /// Whether listed codes are known in any case, with white space around them.
    pub codes_in_any_case: bool,
    /// Texts that stand for no value wherever they are.
    pub no_value: Vec<String>,
    /// Members by which an item says that it is restricted.
    pub restricted_by: Vec<String>,
}

/// Reads `vendor.yaml`; `folder` is the name its id must equal.
pub fn compile_vendor_file(text: &str, folder: &str, reporter: &mut Reporter) -> Option<VendorFile> {
    let node = parse(text, reporter)?;
    let empty = (BTreeMap::new(), Tables::default(), BTreeMap::new());
    let mut bench = Workbench::new(reporter, &empty.0, &empty.1, &empty.2, crate::check::built_in());
    let words = [
        "id",
        "title",
        "version",
        "owner",
        "description",
        "timezone",
        "systems",
        "fhir",
        "messages",
        "refuse",
        "secret-patterns",
        "tenant-tables",
        "tenant-keys",
        "fetch",
        "leading-zeros",
        "no-value",
        "restricted-by",
        "codes",
    ];
    bench.only_words(&node, &words);
    let id = bench.needed_text(&node, "id").unwrap_or_else(|| folder.to_string());
    if id != folder {
        bench.report(
            Code::WrongKind,
            node.get("id").map(|one| one.value).unwrap_or_default(),
            format!("the id `{id}` is not the folder's name `{folder}`"),
        );
    }
    let zone = node.get("timezone").and_then(|one| zone(&mut bench, one));
    let (mut systems, mut spellings) = (BTreeMap::new(), BTreeMap::new());
    for (name, entry) in node.get("systems").and_then(Node::entries).unwrap_or_default() {
        let several: Option<Vec<String>> =
            entry.elements().map(|all| all.iter().filter_map(|one| bench.text_of(one)).collect());
        match several {
            Some(all) => {
                match all.first() {
                    Some(first) => drop(systems.insert(name.clone(), first.clone())),
                    None => bench.report(Code::MissingEntry, entry.value, "a system needs a URL"),
                }
                spellings.insert(name.clone(), all);
            }
            None => drop(bench.text_of(entry).map(|url| systems.insert(name.clone(), url))),
        }
    }
    let refuse = texts(&mut bench, &node, "refuse");
    for word in &refuse {
        if !["unknown-fields", "unknown-codes", "failed-identifiers"].contains(&word.as_str()) {
            let text = format!("`{word}` is none of unknown-fields, unknown-codes, failed-identifiers");
            bench.report(Code::UnknownWord, node.get("refuse").map(|one| one.value).unwrap_or_default(), text);
        }
    }
    let mut secret_patterns = Vec::new();
    for element in node.get("secret-patterns").and_then(Node::elements).unwrap_or_default() {
        let Some(text) = bench.text_of(element) else { continue };
        match regex::Regex::new(&text) {
            Ok(expression) => secret_patterns.push(expression),
            Err(_) => bench.report(Code::WrongKind, element.value, "this regular expression cannot be read"),
        }
    }
    let title = bench.needed_text(&node, "title").unwrap_or_default();
    let version = bench.needed_text(&node, "version").unwrap_or_default();
    let messages = texts(&mut bench, &node, "messages");
    if messages.is_empty() {
        bench.report(Code::MissingEntry, node.span, "`messages` lists no message");
    }
    let tenant_tables = node.get("tenant-tables").and_then(Node::elements).unwrap_or_default();
    let tenant_tables = tenant_tables.iter().filter_map(|one| Some((bench.text_of(one)?, one.value))).collect();
    let separate_tenant_keys = match node.get("tenant-keys").map(|one| (one.text(), one.value)) {
        None | Some((Some("shared"), _)) => false,
        Some((Some("separate"), _)) => true,
        Some((_, span)) => {
            bench.report(Code::WrongKind, span, "`tenant-keys` is `shared` or `separate`");
            false
        }
    };
    let zeros_ignored = match node.get("leading-zeros").map(|one| (one.text(), one.value)) {
        None | Some((Some("counted"), _)) => false,
        Some((Some("ignored"), _)) => true,
        Some((_, span)) => {
            bench.report(Code::WrongKind, span, "`leading-zeros` is `counted` or `ignored`");
            false
        }
    };
    let codes_in_any_case = match node.get("codes").map(|one| (one.text(), one.value)) {
        None | Some((Some("as-listed"), _)) => false,
        Some((Some("in-any-case"), _)) => true,
        Some((_, span)) => {
            bench.report(Code::WrongKind, span, "`codes` is `as-listed` or `in-any-case`");
            false
        }
    };
    let no_value = texts(&mut bench, &node, "no-value");
    let restricted_by = texts(&mut bench, &node, "restricted-by");
    let fetching = node.get("fetch").and_then(|one| fetching(&mut bench, one, &messages));
    Some(VendorFile {
        id,
        title,
        version,
        zone,
        systems,
        spellings,
        messages,
        refuse,
        secret_patterns,
        tenant_tables,
        fetching,
        separate_tenant_keys,
        zeros_ignored,
        codes_in_any_case,
        no_value,
        restricted_by,
    })
}

fn zone(bench: &mut Workbench<'_>, node: &Node) -> Option<jiff::tz::TimeZone> {
    let name = bench.text_of(node)?;
    match jiff::tz::TimeZone::get(&name) {
        Ok(zone) => Some(zone),
        Err(_) => {
            bench.report(Code::WrongKind, node.value, format!("`{name}` is not an IANA time zone"));
            None
        }
    }
}

fn fetching(bench: &mut Workbench<'_>, node: &Node, messages: &[String]) -> Option<Fetching> {
    bench.only_words(node, &["hosts", "of", "rules"]);
    let of = bench.needed_text(node, "of")?;
    let hosts: Vec<String> = texts(bench, node, "hosts").iter().map(|host| host.to_ascii_lowercase()).collect();
    let plain = |host: &String| !host.is_empty() && !host.contains(['/', ':', '*', '@', ' ']);
    if hosts.is_empty() || !hosts.iter().all(plain) {
        bench.report(
            Code::WrongKind,
            node.span,
            "`hosts` names the hosts that may be asked, such as `api.example.org`",
        );
    }
    let mut rules = Vec::new();
    for entry in node.get("rules").and_then(Node::elements).unwrap_or_default() {
        bench.only_words(entry, &["event", "place", "message"]);
        let (Some(event), Some(place), Some(message)) =
            (bench.needed_text(entry, "event"), bench.needed_text(entry, "place"), bench.needed_text(entry, "message"))
        else {
            continue;
        };
        match Template::parse(&place) {
            Ok(place) => rules.push(FetchRule { event, place, message: message.clone() }),
            Err(text) => bench.report(Code::WrongKind, entry.span, text),
        }
        if !messages.contains(&message) {
            bench.report(Code::Reference, entry.span, format!("`messages` lists no `{message}`"));
        }
    }
    if !messages.contains(&of) {
        bench.report(Code::Reference, node.span, format!("`messages` lists no `{of}`"));
    }
    Some(Fetching { hosts, of, rules })
}

fn texts(bench: &mut Workbench<'_>, node: &Node, name: &str) -> Vec<String> {
    let elements = node.get(name).and_then(Node::elements).unwrap_or_default();
    elements.iter().filter_map(|one| bench.text_of(one)).collect()
}
