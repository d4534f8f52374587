//! Where a reference leads: contained resources and entries of the Bundle (<https://hl7.org/fhir/R4/references.html>,
//! <https://hl7.org/fhir/R4/bundle.html#references>).

use serde_json::Value;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The resources around the place of a walk, from the outermost in.
#[derive(Debug, Clone, Default)]
pub struct Scope<'a> {
    frames: Vec<Frame<'a>>,
}

/// A resource that the walk is in.
#[derive(Debug, Clone)]
struct Frame<'a> {
    resource: &'a Value,
    role: Role<'a>,
    /// The entries, where the resource is a Bundle; made when first asked for.
    entries: Rc<OnceCell<Entries<'a>>>,
    /// What it contains, by id; made when first asked for.
    contained: Rc<OnceCell<HashMap<&'a str, &'a Value>>>,
    /// Of a Bundle the entry in which each Reference stands, by the address of the Reference; made when first asked for.
    holders: Rc<OnceCell<HashMap<usize, usize>>>,
}

/// How a resource comes to stand where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role<'a> {
    /// The input itself.
    Top,
    /// In `contained` of another.
    Contained,
    /// In an entry of a Bundle, with the entry's `fullUrl`.
    Entry(Option<&'a str>),
    /// Anywhere else (a parameter of Parameters).
    Inside,
}

/// The resources of a Bundle by their addresses.
#[derive(Debug, Default)]
struct Entries<'a> {
    /// The first of each address, and of each version of it: histories hold many versions at one address.
    by_full_url: HashMap<&'a str, Entry<'a>>,
    by_version: HashMap<(&'a str, &'a str), Entry<'a>>,
    by_type_and_id: HashMap<(&'a str, &'a str), Vec<Entry<'a>>>,
    /// The addresses of the resources by their places in memory.
    full_urls: HashMap<usize, &'a str>,
}

#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    resource: &'a Value,
    full_url: Option<&'a str>,
}

/// What became of a reference.
#[derive(Debug, Clone)]
pub enum Resolution<'a> {
    /// The resource it leads to, how, and the scope in which that stands.
    Found {
        /// The resource.
        resource: &'a Value,
        /// By which way.
        way: Way,
        /// Where it stands itself.
        scope: Scope<'a>,
    },
    /// It should be here (`#id`, or an address that only the Bundle can hold) and is not.
    Missing(Missing),
    /// It leads out of the input.
    Elsewhere,
}

/// How a reference reached its resource; the codes of `resource-aggregation-mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To a contained resource, or from one to its container.
    Contained,
    /// To an entry by the rules of Bundles.
    Bundled,
    /// To an entry that has the type and id, or a URN that ends with the id, though its `fullUrl` is another address.
    BundledById,
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No contained resource of that id.
    Contained,
    /// No entry of that `fullUrl`, for an address that is valid only inside the Bundle (`urn:uuid:`).
    Urn,
    /// Several entries could be meant.
    Ambiguous,
}

impl<'a> Scope<'a> {
    /// Goes into a resource.
    pub fn enter(&mut self, resource: &'a Value, role: Role<'a>) {
        self.frames.push(Frame {
            resource,
            role,
            entries: Rc::default(),
            contained: Rc::default(),
            holders: Rc::default(),
        });
    }

    /// The scope of a resource that stands in the innermost one, or is it.
    pub fn of_inner(&self, resource: &'a Value) -> Scope<'a> {
        let mut scope = self.clone();
        let Some(frame) = self.frames.last().filter(|frame| !std::ptr::eq(frame.resource, resource)) else {
            return scope;
        };
        let role = match type_of(frame.resource) {
            Some("Bundle") => {
                let entries = frame.entries.get_or_init(|| Entries::of(frame.resource));
                Role::Entry(entries.full_urls.get(&std::ptr::from_ref(resource).addr()).copied())
            }
            Some("Parameters") => Role::Inside,
            _ => Role::Contained,
        };
        scope.enter(resource, role);
        scope
    }

    /// Leaves it.
    pub fn leave(&mut self) {
        self.frames.pop();
    }

    /// How many resources deep.
    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The resource the walk is in; a contained one counts as itself.
    pub fn resource(&self) -> Option<&'a Value> {
        self.frames.last().map(|frame| frame.resource)
    }

    /// The outermost resource: the input.
    pub fn input(&self) -> Option<&'a Value> {
        self.frames.first().map(|frame| frame.resource)
    }

    /// FHIRPath's `%rootResource`: the container of a contained resource, otherwise the resource itself.
    pub fn root_resource(&self) -> Option<&'a Value> {
        self.frames.iter().rev().find(|frame| frame.role != Role::Contained).map(|frame| frame.resource)
    }

    /// The nearest Bundle around the walk.
    pub fn bundle(&self) -> Option<&'a Value> {
        self.bundle_at().and_then(|at| self.frames.get(at)).map(|frame| frame.resource)
    }

    fn bundle_at(&self) -> Option<usize> {
        self.frames.iter().rposition(|frame| type_of(frame.resource) == Some("Bundle"))
    }

    /// The scope of the entry in which a Reference stands, where the innermost resource is a Bundle that holds it.
    pub fn of_entry_with(&self, reference: &Value) -> Option<Scope<'a>> {
        let bundle = self.frames.last().filter(|frame| type_of(frame.resource) == Some("Bundle"))?;
        let holders = bundle.holders.get_or_init(|| {
            let mut holders = HashMap::new();
            for (index, entry) in items(bundle.resource.get("entry")).enumerate() {
                references(entry, &mut |one| {
                    holders.insert(std::ptr::from_ref(one).addr(), index);
                });
            }
            holders
        });
        let index = holders.get(&std::ptr::from_ref(reference).addr())?;
        let entry = bundle.resource.get("entry")?.get(*index)?;
        let mut scope = self.clone();
        scope.enter(entry.get("resource")?, Role::Entry(entry.get("fullUrl").and_then(Value::as_str)));
        Some(scope)
    }

    /// Where a reference leads.
    pub fn resolve(&self, reference: &str) -> Resolution<'a> {
        if let Some(id) = reference.strip_prefix('#') {
            return self.contained(id);
        }
        let Some(at) = self.bundle_at() else {
            return Resolution::Elsewhere;
        };
        self.bundled(at, reference)
    }

    fn contained(&self, id: &str) -> Resolution<'a> {
        let Some(at) = self.frames.iter().rposition(|frame| frame.role != Role::Contained) else {
            return Resolution::Missing(Missing::Contained);
        };
        let mut scope = Scope { frames: self.frames.iter().take(at + 1).cloned().collect() };
        let Some(container) = scope.resource() else {
            return Resolution::Missing(Missing::Contained);
        };
        if id.is_empty() || container.get("id").and_then(Value::as_str) == Some(id) && self.depth() > at + 1 {
            return Resolution::Found { resource: container, way: Way::Contained, scope };
        }
        let by_id = self.frames.get(at).map(|frame| frame.contained.get_or_init(|| by_id(container)));
        match by_id.and_then(|by_id| by_id.get(id)).copied() {
            Some(resource) => {
                scope.enter(resource, Role::Contained);
                Resolution::Found { resource, way: Way::Contained, scope }
            }
            None => Resolution::Missing(Missing::Contained),
        }
    }

    fn bundled(&self, at: usize, reference: &str) -> Resolution<'a> {
        let Some(bundle) = self.frames.get(at) else {
            return Resolution::Elsewhere;
        };
        let entries = bundle.entries.get_or_init(|| Entries::of(bundle.resource));
        let (address, version) = split_version(reference);
        let found = |entry: &Entry<'a>, way| {
            let mut scope = Scope { frames: self.frames.iter().take(at + 1).cloned().collect() };
            scope.enter(entry.resource, Role::Entry(entry.full_url));
            Resolution::Found { resource: entry.resource, way, scope }
        };
        let absolute = if is_absolute(address) { Some(address.to_owned()) } else { self.absolute(at, address) };
        let listed = absolute.as_deref().and_then(|address| match version {
            Some(version) => entries.by_version.get(&(address, version)),
            None => entries.by_full_url.get(address),
        });
        if let Some(entry) = listed {
            let is_guess = !is_absolute(address) && entry.full_url.is_some_and(|url| url.starts_with("urn:"));
            return found(entry, if is_guess { Way::BundledById } else { Way::Bundled });
        }
        let by_id = type_and_id(address).and_then(|key| entries.by_type_and_id.get(&key));
        match by_id.map(Vec::as_slice) {
            Some([entry]) if !is_absolute(address) => found(entry, Way::BundledById),
            Some([_, _, ..]) if !is_absolute(address) => Resolution::Missing(Missing::Ambiguous),
            _ if address.starts_with("urn:") => Resolution::Missing(Missing::Urn),
            _ => Resolution::Elsewhere,
        }
    }

    /// A relative reference in an entry starts at the server that the entry's `fullUrl` names; in one with a URN its id
    /// takes the place of the URN's.
    fn absolute(&self, bundle_at: usize, relative: &str) -> Option<String> {
        let entry = self.frames.get(bundle_at + 1)?;
        let Role::Entry(Some(full_url)) = entry.role else {
            return None;
        };
        if let Some(urn) = full_url.strip_prefix("urn:") {
            let (_, id) = type_and_id(relative)?;
            return urn.rsplit_once(':').map(|(kind, _)| format!("urn:{kind}:{id}"));
        }
        let (type_and_rest, _) = full_url.rsplit_once('/')?;
        let (base, _) = type_and_rest.rsplit_once('/')?;
        is_absolute(full_url).then(|| format!("{base}/{relative}"))
    }
}

/// What a resource contains, by id; of two with one id the first.
fn by_id(container: &Value) -> HashMap<&str, &Value> {
    let mut out = HashMap::new();
    for one in items(container.get("contained")) {
        if let Some(id) = one.get("id").and_then(Value::as_str) {
            out.entry(id).or_insert(one);
        }
    }
    out
}

impl<'a> Entries<'a> {
    fn of(bundle: &'a Value) -> Entries<'a> {
        let mut out = Entries::default();
        for entry in items(bundle.get("entry")) {
            let Some(resource) = entry.get("resource").filter(|resource| resource.is_object()) else {
                continue;
            };
            let full_url = entry.get("fullUrl").and_then(Value::as_str);
            let entry = Entry { resource, full_url };
            if let Some(full_url) = full_url {
                out.by_full_url.entry(full_url).or_insert(entry);
                out.full_urls.insert(std::ptr::from_ref(resource).addr(), full_url);
                if let Some(version) = version_of(resource) {
                    out.by_version.entry((full_url, version)).or_insert(entry);
                }
            }
            if let (Some(name), Some(id)) = (type_of(resource), resource.get("id").and_then(Value::as_str)) {
                out.by_type_and_id.entry((name, id)).or_default().push(entry);
            }
        }
        out
    }
}

/// Each Reference anywhere in a value.
fn references<'a>(value: &'a Value, told: &mut dyn FnMut(&'a Value)) {
    match value {
        Value::Object(members) => {
            if members.get("reference").is_some_and(Value::is_string) {
                told(value);
            }
            members.values().for_each(|member| references(member, told));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, told)),
        _ => {}
    }
}

/// The type a resource says it has.
pub fn type_of(resource: &Value) -> Option<&str> {
    resource.get("resourceType").and_then(Value::as_str)
}

fn version_of(resource: &Value) -> Option<&str> {
    resource.get("meta")?.get("versionId")?.as_str()
}

/// The items of an array; of anything else none.
pub fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// `Patient/1/_history/2` without and with its version.
fn split_version(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once("/_history/") {
        Some((address, version)) => (address, Some(version)),
        None => (reference, None),
    }
}

/// Whether an address needs no base: it has a scheme.
pub fn is_absolute(address: &str) -> bool {
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

/// The last two parts of a RESTful address (`Patient`, `1`), without version.
pub fn type_and_id(address: &str) -> Option<(&str, &str)> {
    let (address, _) = split_version(address);
    let (rest, id) = address.rsplit_once('/')?;
    let name = rest.rsplit_once('/').map_or(rest, |(_, name)| name);
    let is_type = name.bytes().next().is_some_and(|first| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_type && !id.is_empty()).then_some((name, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(scope: &Scope<'_>, reference: &str) -> String {
        match scope.resolve(reference) {
            Resolution::Found { resource, way, scope } => {
                format!("{way:?} {} {}", resource.get("id").and_then(Value::as_str).unwrap_or("-"), scope.depth())
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn references_lead_where_the_rules_of_bundles_say() {
        let bundle = json!({"resourceType": "Bundle", "entry": [
            {"fullUrl": "https://example.org/r4/Patient/1", "resource": {"resourceType": "Patient", "id": "1"}},
            {"fullUrl": "https://example.org/r4/List/2", "resource": {"resourceType": "List", "id": "2",
                "contained": [{"resourceType": "Patient", "id": "inner"}]}},
            {"fullUrl": "urn:uuid:a", "resource": {"resourceType": "Device", "id": "3"}},
            {"fullUrl": "urn:uuid:b", "resource": {"resourceType": "Patient", "id": "4"}},
            {"fullUrl": "urn:uuid:c", "resource": {"resourceType": "Patient", "id": "4"}},
        ]});
        let list = &bundle["entry"][1]["resource"];
        let mut scope = Scope::default();
        scope.enter(&bundle, Role::Top);
        scope.enter(list, Role::Entry(Some("https://example.org/r4/List/2")));
        for (reference, expected) in [
            ("Patient/1", "Bundled 1 2"),
            ("https://example.org/r4/Patient/1", "Bundled 1 2"),
            ("https://example.org/r4/Patient/1/_history/7", "Elsewhere"),
            ("https://elsewhere.org/Patient/1", "Elsewhere"),
            ("Patient/9", "Elsewhere"),
            ("Device/3", "BundledById 3 2"),
            ("Patient/4", "Missing(Ambiguous)"),
            ("urn:uuid:a", "Bundled 3 2"),
            ("urn:uuid:z", "Missing(Urn)"),
            ("#inner", "Contained inner 3"),
            ("#2", "Missing(Contained)"),
            ("#nobody", "Missing(Contained)"),
            ("#", "Contained 2 2"),
        ] {
            assert_eq!(told(&scope, reference), expected, "{reference}");
        }
        scope.leave();
        scope.enter(&bundle["entry"][3]["resource"], Role::Entry(Some("urn:uuid:b")));
        assert_eq!(told(&scope, "Patient/a"), "BundledById 3 2");
        assert_eq!(told(&scope, "Patient/z"), "Elsewhere");
        scope.leave();
        scope.enter(list, Role::Entry(Some("https://example.org/r4/List/2")));
        scope.enter(&list["contained"][0], Role::Contained);
        assert_eq!(told(&scope, "#2"), "Contained 2 2");
        assert_eq!(told(&scope, "#inner"), "Contained inner 3");
    }

    #[test]
    fn an_address_says_its_type_and_id() {
        for (address, expected) in [
            ("Patient/1", Some(("Patient", "1"))),
            ("https://example.org/a/Patient/1/_history/2", Some(("Patient", "1"))),
            ("urn:uuid:1", None),
            ("patient/1", None),
            ("Patient/", None),
            ("1", None),
        ] {
            assert_eq!(type_and_id(address), expected, "{address}");
        }
        assert!(
            is_absolute("urn:uuid:1") && is_absolute("https://a") && !is_absolute("Patient/1") && !is_absolute("1a:b")
        );
    }
}
