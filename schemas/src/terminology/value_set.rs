//! A value set made ready for look-ups: what its `compose`, or else its `expansion`, says of codes
//! (<https://hl7.org/fhir/R4/valueset.html>).

use super::canonical;
use super::code_list::CodeList;
use super::code_system::CodeSystem;
use super::filter::Filter;
use serde_json::Value;
use std::sync::Arc;

/// A value set.
#[derive(Debug)]
pub(super) struct ValueSet {
    /// Codes are in it that one of these takes in ...
    pub includes: Vec<Clause>,
    /// ... and none of these takes out.
    pub excludes: Vec<Clause>,
    /// The codes that were listed for it, where a `compose` cannot be decided.
    pub expansion: Vec<Clause>,
}

/// An `include` or `exclude`: codes of one system, or of other value sets, or of both at once.
#[derive(Debug)]
pub(super) struct Clause {
    /// The code system; none where only other value sets are named.
    pub system: Option<Box<str>>,
    /// Which of its codes.
    pub codes: Codes,
    /// Canonical URLs of value sets that must have the code, all of them.
    pub imports: Vec<Box<str>>,
}

/// Which codes of a system.
#[derive(Debug)]
pub(super) enum Codes {
    /// Whatever there is.
    All,
    /// All codes of a system that is here, wholly or in part.
    Of(Arc<CodeSystem>),
    /// The same without those that should no longer be used.
    ActiveOf(Arc<CodeSystem>),
    /// These and no others.
    Listed(CodeList),
    /// Those that pass all filters, decided as far as the filters' own words go; the list is known to pass.
    Filtered(CodeList, Vec<Filter>),
    /// None or others: what is listed may not be all.
    AtLeast(CodeList),
}

/// Finds the code system of a URL and version.
pub(super) type FindSystem<'a> = &'a dyn Fn(&str, Option<&str>) -> Option<Arc<CodeSystem>>;

impl ValueSet {
    /// From a ValueSet resource.
    pub fn read(resource: &Value, find_system: FindSystem<'_>) -> ValueSet {
        let compose = resource.get("compose");
        let only_active = compose.and_then(|compose| compose.get("inactive")) == Some(&Value::Bool(false));
        let clauses = |name: &str| -> Vec<Clause> {
            let clauses = compose.and_then(|compose| compose.get(name)).and_then(Value::as_array);
            let read = |clause| Clause::read(clause, only_active, find_system);
            clauses.into_iter().flatten().map(read).collect()
        };
        let includes = clauses("include");
        let expansion = resource.get("expansion");
        // What was listed once is all there is only where no rule says what belongs.
        let may_be_more = !includes.is_empty() || expansion.is_none_or(is_partial);
        ValueSet {
            excludes: clauses("exclude"),
            expansion: expansion.map_or_else(Vec::new, |expansion| listed_codes(expansion, may_be_more, find_system)),
            includes,
        }
    }
}

impl Codes {
    /// Those that are here, in their order.
    pub fn listed(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Codes::Listed(list) | Codes::Filtered(list, _) | Codes::AtLeast(list) => Box::new(list.iter()),
            Codes::Of(held) | Codes::ActiveOf(held) => Box::new(held.concepts().map(|(_, code, _)| code)),
            Codes::All => Box::new(std::iter::empty()),
        }
    }
}

impl Clause {
    fn read(clause: &Value, only_active: bool, find_system: FindSystem<'_>) -> Clause {
        let text = |name| clause.get(name).and_then(Value::as_str);
        let list = |name| clause.get(name).and_then(Value::as_array).filter(|list: &&Vec<Value>| !list.is_empty());
        let system = text("system").map(canonical::system);
        let held = system.and_then(|system| find_system(system, text("version")));
        let ignores_case = held.as_ref().is_some_and(|held| held.ignores_case());
        let codes = if let Some(concepts) = list("concept") {
            let codes = concepts.iter().filter_map(|concept| concept.get("code").and_then(Value::as_str));
            Codes::Listed(CodeList::new(codes, ignores_case))
        } else if let Some(filters) = list("filter") {
            filtered(filters.iter().map(Filter::read).collect(), held, only_active)
        } else {
            match held {
                Some(held) if only_active => Codes::ActiveOf(held),
                Some(held) => Codes::Of(held),
                None => Codes::All,
            }
        };
        let imports = clause.get("valueSet").and_then(Value::as_array).into_iter().flatten();
        Clause {
            system: system.map(Into::into),
            codes,
            imports: imports.filter_map(Value::as_str).map(Into::into).collect(),
        }
    }
}

/// The codes that pass all filters: listed where the system is wholly here.
fn filtered(filters: Vec<Filter>, held: Option<Arc<CodeSystem>>, only_active: bool) -> Codes {
    let Some(held) = held else {
        return Codes::Filtered(CodeList::default(), filters);
    };
    let selections: Option<Vec<Vec<bool>>> = filters.iter().map(|filter| filter.select(&held)).collect();
    let Some(selections) = selections else {
        return Codes::Filtered(CodeList::default(), filters);
    };
    let passes = |at: u32| selections.iter().all(|selection| selection.get(at as usize) == Some(&true));
    let chosen = held.concepts().filter(|(at, _, concept)| passes(*at) && !(only_active && concept.is_inactive));
    let list = CodeList::new(chosen.map(|(_, code, _)| code), held.ignores_case());
    if held.is_complete { Codes::Listed(list) } else { Codes::Filtered(list, filters) }
}

/// Whether an expansion says of itself that codes are missing from it.
fn is_partial(expansion: &Value) -> bool {
    let number = |name| expansion.get(name).and_then(Value::as_u64);
    let marks = |extension: &Value| {
        let url = extension.get("url").and_then(Value::as_str).unwrap_or("");
        url.ends_with("/valueset-unclosed") || url.ends_with("/valueset-toocostly")
    };
    let is_marked = expansion.get("extension").and_then(Value::as_array).is_some_and(|all| all.iter().any(marks));
    is_marked || number("offset").unwrap_or(0) > 0 || number("total").unwrap_or(0) > count(expansion)
}

fn count(expansion: &Value) -> u64 {
    contains(expansion).count() as u64
}

/// All entries of an expansion, nested ones too, in their order.
fn contains(expansion: &Value) -> impl Iterator<Item = &Value> {
    let mut open: Vec<&Value> = nested(expansion).rev().collect();
    std::iter::from_fn(move || {
        let entry = open.pop()?;
        open.extend(nested(entry).rev());
        Some(entry)
    })
}

fn nested(entry: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    entry.get("contains").and_then(Value::as_array).into_iter().flatten()
}

/// The codes of an expansion, by system.
fn listed_codes(expansion: &Value, may_be_more: bool, find_system: FindSystem<'_>) -> Vec<Clause> {
    let mut by_system: Vec<(&str, CodeList)> = Vec::new();
    for entry in contains(expansion) {
        let text = |name| entry.get(name).and_then(Value::as_str);
        // An abstract entry only heads those below it.
        let is_heading = entry.get("abstract") == Some(&Value::Bool(true));
        let (Some(system), Some(code), false) = (text("system").map(canonical::system), text("code"), is_heading)
        else {
            continue;
        };
        let at = by_system.iter().position(|(own, _)| *own == system).unwrap_or(by_system.len());
        if at == by_system.len() {
            let ignores_case = find_system(system, None).is_some_and(|held| held.ignores_case());
            by_system.push((system, CodeList::new([], ignores_case)));
        }
        if let Some((_, codes)) = by_system.get_mut(at) {
            codes.push(code);
        }
    }
    let codes = |list| if may_be_more { Codes::AtLeast(list) } else { Codes::Listed(list) };
    let clause = |(system, list): (&str, CodeList)| Clause {
        system: Some(system.into()),
        codes: codes(list),
        imports: Vec::new(),
    };
    by_system.into_iter().map(clause).collect()
}
