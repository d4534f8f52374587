//! The elements that the rules of one resource write, as a tree, each with what FHIR and the profile ask of it.

use super::condition::Formula;
use crate::compile::{ElementStep, ResourceSites, SiteKind, Which};
use ginnel_schemas::definition::profile::{DiscriminatorStep, Node, Profile, Slice, SliceCondition, SliceTest};
use ginnel_schemas::definition::{Definition, Definitions, Element, ElementType, Kind};
use ginnel_schemas::known::Known;
use ginnel_schemas::profile::walk::profile_by_code;
use serde_json::{Map, Value};

/// An element that rules write, or one of several that a list rule makes.
#[derive(Debug)]
pub(crate) struct Instance<'k> {
    /// The member's name, of a choice with its type.
    pub name: String,
    /// Which element of a list.
    pub which: Which,
    /// What FHIR says of the member; nothing for the resource itself and where the definitions say nothing.
    pub element: Option<&'static Element>,
    /// Its type; of a member that is a list the type of its elements.
    pub element_type: Option<ElementType>,
    /// The definition of its members.
    pub definition: Option<&'static Definition>,
    /// What profiles ask of it.
    pub nodes: Vec<&'k Node>,
    /// What its constants make of it.
    pub constants: Value,
    /// Elements inside it.
    pub children: Vec<Instance<'k>>,
    /// Rules that write it as a whole: their places among the sites.
    pub here: Vec<usize>,
    /// For people: `Patient.identifier[nhs]`.
    pub shown: String,
    /// As FHIR names it: `Patient.identifier`.
    pub plain: String,
}

/// The tree of a resource.
pub(crate) fn tree<'k>(
    resource: &ResourceSites<'_>,
    known: &'k Known,
    profile: Option<&'k Profile>,
) -> Option<Instance<'k>> {
    let (id, definition) = Definitions::r4().resource_type(&resource.resource_type)?;
    let mut root = Instance {
        name: resource.resource_type.clone(),
        which: Which::Whole,
        element: None,
        element_type: Some(ElementType::Object(id)),
        definition: Some(definition),
        nodes: profile.map(|profile| &profile.root).into_iter().collect(),
        constants: Value::Object(Map::new()),
        children: Vec::new(),
        here: Vec::new(),
        shown: resource.resource_type.clone(),
        plain: resource.resource_type.clone(),
    };
    for (place, site) in resource.sites.iter().enumerate() {
        root.insert(&site.path, place, &site.kind);
    }
    if let Some(url) = resource_constants(resource).as_object().and_then(profile_by_code)
        && let Some(profile) = known.profiles.get(&url)
        && resource.resource_type == "Observation"
        && !root.nodes.iter().any(|node| std::ptr::eq(*node, &profile.root))
    {
        // R4 asks its profiles of vital signs of such a code, whatever the rule claims.
        root.nodes.push(&profile.root);
    }
    root.attach(known);
    Some(root)
}

/// The constants that stand in every resource of a rule: those of no group.
fn resource_constants(resource: &ResourceSites<'_>) -> Value {
    fn always(condition: &Formula) -> bool {
        matches!(condition, Formula::All(all) if all.iter().all(always))
    }
    let mut out = Value::Object(Map::new());
    for site in resource.sites.iter().filter(|site| always(&site.condition)) {
        if let SiteKind::Constant(value) = &site.kind {
            set(&mut out, &site.path, value);
        }
    }
    out
}

impl<'k> Instance<'k> {
    fn insert(&mut self, path: &[ElementStep], site: usize, kind: &SiteKind) {
        if let SiteKind::Constant(value) = kind {
            set(&mut self.constants, path, value);
        }
        let Some((step, rest)) = path.split_first() else {
            self.here.push(site);
            return;
        };
        let found =
            self.children.iter().position(|child| child.name == step.name && same_which(&child.which, &step.which));
        let at = found.unwrap_or_else(|| {
            self.children.push(self.child(step));
            self.children.len() - 1
        });
        if let Some(child) = self.children.get_mut(at) {
            child.insert(rest, site, kind);
        }
    }

    fn child(&self, step: &ElementStep) -> Instance<'k> {
        let found = self.definition.and_then(|definition| definition.member(&step.name));
        // `_birthDate` holds the id and extensions of `birthDate`.
        let companion = step.name.starts_with('_').then(|| Definitions::r4().named("Element")).flatten();
        let element_type =
            found.map(|(member, _)| member.element_type).or(companion.map(|(id, _)| ElementType::Object(id)));
        let (constants, label) = match &step.which {
            Which::Slice(slice) => {
                let name = slice.name.rsplit('[').next().unwrap_or_default().trim_end_matches(']').to_string();
                (slice.fresh(), format!("[{name}]"))
            }
            Which::Index(index) => (Value::Object(Map::new()), format!("[{index}]")),
            Which::Each(_) => (Value::Object(Map::new()), "[]".to_string()),
            Which::Whole => (Value::Object(Map::new()), String::new()),
        };
        let definition = match element_type {
            Some(ElementType::Object(id)) => Some(Definitions::r4().get(id)),
            Some(ElementType::Resource) => constants
                .get("resourceType")
                .and_then(Value::as_str)
                .and_then(|name| Definitions::r4().resource_type(name))
                .map(|(_, definition)| definition),
            _ => None,
        };
        Instance {
            name: step.name.clone(),
            which: step.which.clone(),
            element: found.map(|(_, element)| element),
            element_type,
            definition,
            nodes: Vec::new(),
            constants,
            children: Vec::new(),
            here: Vec::new(),
            shown: format!("{}.{}{label}", self.shown, step.name),
            plain: format!("{}.{}", self.plain, step.name),
        }
    }

    /// Gives every element what the profiles of those around it ask of it.
    fn attach(&mut self, known: &'k Known) {
        let nodes = self.nodes.clone();
        for child in &mut self.children {
            let Some(element) = child.element else { continue };
            for node in nodes.iter().filter_map(|node| node.child(element.name)) {
                child.take_node(node, known);
            }
            let is_extension = matches!(child.name.as_str(), "extension" | "modifierExtension");
            if is_extension
                && let Some(url) = child.constants.get("url").and_then(Value::as_str)
                && let Some(profile) = known.profiles.get(url)
            {
                child.nodes.push(&profile.root);
            }
        }
        self.children.iter_mut().for_each(|child| child.attach(known));
    }

    /// A node of a profile, and those of its slices that this element lies in.
    fn take_node(&mut self, node: &'k Node, known: &'k Known) {
        self.nodes.push(node);
        for rule in node.types.iter().flatten() {
            if let [profile] = &*rule.profiles
                && node.types.as_ref().is_some_and(|types| types.len() == 1)
                && let Some(profile) = known.profiles.get(profile)
                && !self.nodes.iter().any(|known| std::ptr::eq(*known, &profile.root))
            {
                self.nodes.push(&profile.root);
            }
        }
        let Some(slicing) = &node.slicing else { return };
        for slice in &slicing.slices {
            if self.lies_in(slice) == Some(true) {
                self.take_node(&slice.node, known);
            }
        }
    }

    /// Whether this element lies in a slice; `None` where that hangs on values that only a payload tells.
    pub fn lies_in(&self, slice: &Slice) -> Option<bool> {
        if slice.tests.is_empty() {
            return Some(false);
        }
        self.meets_all(&slice.tests)
    }

    fn meets_all(&self, tests: &[SliceTest]) -> Option<bool> {
        let mut all = Some(true);
        for test in tests {
            match self.meets(test) {
                Some(false) => return Some(false),
                None => all = None,
                Some(true) => {}
            }
        }
        all
    }

    fn meets(&self, test: &SliceTest) -> Option<bool> {
        if matches!(self.which, Which::Whole) && self.element.is_some_and(Element::repeats) {
            return None;
        }
        if let SliceCondition::All(tests) = &test.condition {
            return if test.path.is_empty() { self.meets_all(tests) } else { None };
        }
        if let (SliceCondition::TypeIs(types), true) = (&test.condition, test.path.is_empty()) {
            return self.definition.map(|definition| types.iter().any(|one| **one == *definition.name)).or_else(|| {
                match self.element_type {
                    Some(ElementType::Primitive(one) | ElementType::BarePrimitive(one)) => {
                        Some(types.iter().any(|name| **name == *one.name()))
                    }
                    _ => None,
                }
            });
        }
        let mut names: Vec<&str> = Vec::new();
        for step in &test.path {
            match step {
                DiscriminatorStep::Child(name) => names.push(name),
                _ => return None,
            }
        }
        let mut found = Vec::new();
        find(&self.constants, &names, &mut found);
        let open = self.writes_below(&names, true);
        match &test.condition {
            SliceCondition::Equals(wanted) if found.contains(&wanted) => Some(true),
            SliceCondition::Matches(wanted) if found.iter().any(|one| holds(one, wanted)) => Some(true),
            SliceCondition::Equals(_) | SliceCondition::Matches(_) => {
                if open {
                    None
                } else {
                    Some(false)
                }
            }
            SliceCondition::Exists(wanted) => {
                if !found.is_empty() {
                    Some(*wanted)
                } else if open {
                    None
                } else {
                    Some(!*wanted)
                }
            }
            _ => None,
        }
    }

    /// Whether a rule writes what a path leads to, without saying here what.
    fn writes_below(&self, names: &[&str], top: bool) -> bool {
        if !top && !self.here.is_empty() {
            return true;
        }
        let Some((name, rest)) = names.split_first() else { return !self.children.is_empty() || !self.here.is_empty() };
        let inside = |child: &&Instance<'k>| child.element.is_some_and(|element| element.name == *name);
        self.children.iter().filter(inside).any(|child| child.writes_below(rest, false))
            || (top && !self.here.is_empty())
    }

    /// All rules that write in it or as it.
    pub fn all_sites(&self, out: &mut Vec<usize>) {
        out.extend(&self.here);
        self.children.iter().for_each(|child| child.all_sites(out));
    }

    /// The fewest values of a member that FHIR and the profiles ask for, and who asks.
    pub fn least(&self, element: &Element) -> u32 {
        let asked = self.nodes.iter().filter_map(|node| node.child(element.name)?.min);
        asked.chain([element.min]).max().unwrap_or(element.min)
    }

    /// The most values of a member.
    pub fn most(&self, element: &Element) -> Option<u32> {
        let asked = self.nodes.iter().filter_map(|node| node.child(element.name)?.max);
        asked.chain(element.max).min()
    }

    /// What FHIR says of it, for a line of a report: `FHIR: Patient.birthDate is date, 0..1`.
    pub fn said(&self) -> String {
        let Some(element) = self.element else { return String::new() };
        let types = match self.element_type {
            Some(one) => type_name(one),
            None => element.types.iter().map(|one| type_name(*one)).collect::<Vec<_>>().join(" or "),
        };
        let most = element.max.map_or("*".to_string(), |most| most.to_string());
        format!("FHIR: {} is {types}, {}..{most}", self.plain, element.min)
    }
}

/// A member that FHIR asks for, for a line of a report.
pub(crate) fn said_of(parent: &Instance<'_>, element: &Element) -> String {
    let types: Vec<String> = element.types.iter().take(6).map(|one| type_name(*one)).collect();
    let most = parent.most(element).map_or("*".to_string(), |most| most.to_string());
    let least = parent.least(element);
    let by = if least > element.min || parent.most(element) != element.max { "the profile" } else { "FHIR" };
    format!("{by}: {}.{} is {}, {least}..{most}", parent.plain, element.shown_name(), types.join(" or "))
}

/// The name of a type.
pub(crate) fn type_name(one: ElementType) -> String {
    match one {
        ElementType::Primitive(one) | ElementType::BarePrimitive(one) => one.name().to_string(),
        ElementType::Object(id) => {
            let definition = Definitions::r4().get(id);
            if definition.kind == Kind::Group { "a group of elements".into() } else { definition.name.to_string() }
        }
        ElementType::Resource => "a resource".into(),
    }
}

/// Whether two steps lead to the same element.
pub(crate) fn same_which(a: &Which, b: &Which) -> bool {
    match (a, b) {
        (Which::Whole, Which::Whole) => true,
        (Which::Index(a), Which::Index(b)) => a == b,
        (Which::Slice(a), Which::Slice(b)) => a.name == b.name,
        (Which::Each(a), Which::Each(b)) => a == b,
        _ => false,
    }
}

/// Writes a constant where only plain steps and first elements lie between.
fn set(into: &mut Value, path: &[ElementStep], value: &Value) {
    let Some((step, rest)) = path.split_first() else {
        if into.is_null() || into.as_object().is_some_and(Map::is_empty) {
            *into = value.clone();
        }
        return;
    };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Value::Object(map) = into else { return };
    let member = map.entry(step.name.clone()).or_insert(Value::Null);
    match step.which {
        Which::Whole => set(member, rest, value),
        Which::Index(0) => {
            if !member.is_array() {
                *member = Value::Array(vec![Value::Null]);
            }
            if let Some(first) = member.as_array_mut().and_then(|list| list.first_mut()) {
                set(first, rest, value);
            }
        }
        _ => {
            if member.is_null() {
                map.remove(&step.name);
            }
        }
    }
}

/// The values that member names lead to, through lists; a choice by its name without type.
fn find<'v>(value: &'v Value, names: &[&str], out: &mut Vec<&'v Value>) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| find(one, names, out)),
        Value::Object(map) => match names.split_first() {
            None => out.push(value),
            Some((name, rest)) => {
                for (_, child) in map.iter().filter(|(member, _)| {
                    member.as_str() == *name
                        || member.strip_prefix(*name).is_some_and(|rest| rest.starts_with(char::is_uppercase))
                }) {
                    find(child, rest, out);
                }
            }
        },
        Value::Null => {}
        plain => {
            if names.is_empty() {
                out.push(plain);
            }
        }
    }
}

/// Whether a value has at least what a pattern has.
pub(crate) fn holds(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(value), Value::Object(pattern)) => {
            pattern.iter().all(|(name, wanted)| value.get(name).is_some_and(|one| holds(one, wanted)))
        }
        (Value::Array(value), Value::Array(pattern)) => {
            pattern.iter().all(|wanted| value.iter().any(|one| holds(one, wanted)))
        }
        _ => value == pattern,
    }
}
