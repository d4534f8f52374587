//! Compiles a profile: the chain of profiles it builds on, from the base type up, each put onto the one below.

use super::draft::Draft;
use super::merge::{MOST_FAULTS, apply};
use super::raw::Raw;
use super::{extension_use, finish};
use crate::definition::profile::{ExtensionUse, Profile};
use crate::definition::profiles::Profiles;
use crate::definition::{DefinitionId, Definitions, Kind};
use std::collections::HashMap;
use std::rc::Rc;

/// Most profiles that build on one another.
const LONGEST_CHAIN: usize = 16;

/// Most other profiles that one profile's slices may lead to.
const MOST_NEIGHBOURS: usize = 50;

/// Compiles a StructureDefinition. `Err` says in a sentence why it gives no profile at all; what is wrong in parts of it
/// stands in the profile's `faults`.
pub(in crate::definition) fn compile(raw: Raw<'_>, profiles: &Profiles) -> Result<Profile, String> {
    let of = type_of(&raw)?;
    let head = Head::of(&raw);
    let merged = merge(raw, of, profiles);
    let mut faults = merged.faults;
    let mut neighbours = Neighbours { profiles, seen: HashMap::new() };
    let root = finish::tree(&merged.root, &head.url, &mut neighbours, &mut faults);
    faults.truncate(MOST_FAULTS);
    let is_extension = Definitions::r4().get(of).name == "Extension";
    Ok(Profile {
        url: head.url,
        version: head.version,
        name: head.name,
        of,
        base: head.base,
        is_retired: head.is_retired,
        extension: is_extension.then_some(merged.used),
        root,
        faults,
    })
}

/// The base type that a profile constrains.
fn type_of(raw: &Raw<'_>) -> Result<DefinitionId, String> {
    let name = raw.text("type").ok_or("The profile does not say which type it constrains.")?;
    let types = Definitions::r4();
    let named = types.named(Profiles::base_type(name).unwrap_or(name));
    let (of, _) = named
        .filter(|(_, definition)| definition.kind != Kind::Group)
        .ok_or("The profile constrains a type that R4 does not have.")?;
    Ok(of)
}

/// What a StructureDefinition says of itself.
struct Head {
    url: Box<str>,
    version: Option<Box<str>>,
    name: Box<str>,
    base: Option<Box<str>>,
    is_retired: bool,
}

impl Head {
    fn of(raw: &Raw<'_>) -> Head {
        let url = raw.text("url").unwrap_or_default();
        Head {
            url: url.into(),
            version: raw.text("version").map(Into::into),
            name: raw.text("title").or_else(|| raw.text("name")).unwrap_or(url).into(),
            base: raw.text("baseDefinition").map(Into::into),
            is_retired: raw.text("status") == Some("retired"),
        }
    }
}

/// A profile with all that it builds on.
struct Merged {
    root: Rc<Draft>,
    used: ExtensionUse,
    faults: Vec<String>,
}

fn merge<'p>(raw: Raw<'p>, of: DefinitionId, profiles: &'p Profiles) -> Merged {
    let mut faults = Vec::new();
    let levels = chain(raw, profiles, &mut faults);
    let mut root = Draft::root(of);
    let mut used = ExtensionUse::default();
    for level in levels.iter().rev() {
        if type_of(&level.raw) != Ok(of) {
            faults.push("The profile it builds on constrains another type.".to_owned());
            continue;
        }
        apply(&mut root, level.raw.elements(level.view).unwrap_or_default(), &mut faults);
        let own = extension_use::read(&level.raw);
        used.is_modifier |= own.is_modifier;
        used.context_invariants.extend(own.context_invariants);
        if !own.contexts.is_empty() {
            used.contexts = own.contexts;
        }
    }
    Merged { root: Rc::new(root), used, faults }
}

/// A profile of the chain, and which of its views is put on.
struct Level<'p> {
    raw: Raw<'p>,
    view: &'static str,
}

/// The profile, then those it builds on.
fn chain<'p>(raw: Raw<'p>, profiles: &'p Profiles, faults: &mut Vec<String>) -> Vec<Level<'p>> {
    let mut levels: Vec<Level<'p>> = Vec::new();
    let mut next = Some(raw);
    while let Some(raw) = next {
        let base = raw.text("baseDefinition").filter(|base| !Profiles::is_base_type_url(base)).map(str::to_owned);
        let below = base.as_deref().and_then(|base| profiles.raw(base));
        let has_snapshot = raw.elements("snapshot").is_some();
        // A snapshot holds all that the profiles below ask.
        let takes_snapshot =
            has_snapshot && (raw.elements("differential").is_none() || (base.is_some() && below.is_none()));
        let is_loop = levels.iter().any(|level| level.raw.text("url") == raw.text("url"));
        if is_loop || levels.len() == LONGEST_CHAIN {
            faults.push(format!("The profiles it builds on lead in a circle, or are more than {LONGEST_CHAIN}."));
            return levels;
        }
        levels.push(Level { raw, view: if takes_snapshot { "snapshot" } else { "differential" } });
        if takes_snapshot {
            return levels;
        }
        if let (Some(base), None) = (&base, &below) {
            faults.push(format!("The profile it builds on is not at hand: {base}"));
        }
        next = below;
    }
    levels
}

fn merge_neighbour<'p>(raw: Raw<'p>, profiles: &'p Profiles) -> Option<Merged> {
    let of = type_of(&raw).ok()?;
    Some(merge(raw, of, profiles))
}

/// Other profiles that slices lead to, as drafts.
pub(super) struct Neighbours<'p> {
    profiles: &'p Profiles,
    seen: HashMap<Box<str>, Option<Rc<Draft>>>,
}

impl Neighbours<'_> {
    /// The tree of another profile, or of the element in it whose id follows `#`.
    pub fn tree(&mut self, canonical: &str) -> Option<Rc<Draft>> {
        if let Some((profile, id)) = canonical.split_once('#') {
            return Draft::at(&self.tree(profile)?, id);
        }
        if let Some(seen) = self.seen.get(canonical) {
            return seen.clone();
        }
        if self.seen.len() == MOST_NEIGHBOURS {
            return None;
        }
        let raw = self.profiles.raw(canonical);
        let tree = raw.and_then(|raw| Some(merge_neighbour(raw, self.profiles)?.root));
        self.seen.insert(canonical.into(), tree.clone());
        tree
    }

    /// The base type that another profile constrains, or that a canonical URL stands for.
    pub fn type_of(&self, canonical: &str) -> Option<Box<str>> {
        if let Some(name) = Profiles::base_type(canonical) {
            return Some(name.into());
        }
        self.profiles.raw(canonical)?.text("type").map(Into::into)
    }
}
