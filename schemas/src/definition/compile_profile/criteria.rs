//! What tells that a value lies in a slice: the discriminators followed through what the slice asks.

use super::chain::Neighbours;
use super::discriminator::{Discriminator, DiscriminatorKind};
use super::draft::{Division, Draft};
use crate::definition::BindingStrength;
use crate::definition::profile::{DiscriminatorStep, SliceCondition, SliceTest, TypeRule};
use crate::definition::profiles::Profiles;
use serde_json::Value;
use std::ops::Deref;
use std::rc::Rc;

/// Most elements that are looked at for the tests of one profile.
const MOST_LOOKS: usize = 50_000;

/// Most profiles that are gone through one inside the other.
const DEEPEST_MODELS: usize = 4;

/// A draft with those it lies in.
pub(super) struct Lineage<'a> {
    pub draft: &'a Draft,
    up: Option<(&'a Lineage<'a>, Way<'a>)>,
}

/// How one draft lies in another.
#[derive(Clone, Copy)]
enum Way<'a> {
    Child,
    Slice(&'a str),
}

impl<'a> Lineage<'a> {
    /// A draft that lies in none.
    pub fn root(draft: &'a Draft) -> Lineage<'a> {
        Lineage { draft, up: None }
    }

    /// An element inside.
    pub fn child(&'a self, draft: &'a Draft) -> Lineage<'a> {
        Lineage { draft, up: Some((self, Way::Child)) }
    }

    /// A slice.
    pub fn slice(&'a self, name: &'a str, draft: &'a Draft) -> Lineage<'a> {
        Lineage { draft, up: Some((self, Way::Slice(name))) }
    }
}

/// A draft that says more of another.
pub(super) enum Model<'a> {
    Here(&'a Draft),
    Shared(Rc<Draft>),
}

impl<'a> Model<'a> {
    fn child(&self, name: &str) -> Option<Model<'a>> {
        match self {
            Model::Here(draft) => draft.child(name).map(|child| Model::Here(child)),
            Model::Shared(draft) => draft.child(name).cloned().map(Model::Shared),
        }
    }

    fn slice(&self, name: &str) -> Option<Model<'a>> {
        match self {
            Model::Here(draft) => draft.slice(name).map(|slice| Model::Here(slice)),
            Model::Shared(draft) => draft.slice(name).cloned().map(Model::Shared),
        }
    }
}

impl Deref for Model<'_> {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        match self {
            Model::Here(draft) => draft,
            Model::Shared(draft) => draft,
        }
    }
}

/// The search for tests in one profile and its neighbours.
pub(super) struct Search<'n, 'p> {
    neighbours: &'n mut Neighbours<'p>,
    looks: usize,
    depth: usize,
}

impl<'n, 'p> Search<'n, 'p> {
    pub fn new(neighbours: &'n mut Neighbours<'p>) -> Search<'n, 'p> {
        Search { neighbours, looks: 0, depth: 0 }
    }

    /// Whether the search was cut short.
    pub fn is_spent(&self) -> bool {
        self.looks >= MOST_LOOKS
    }

    /// Looks at another profile, or an element of one; not when too many lie one inside the other.
    pub fn in_other<T>(&mut self, canonical: &str, look: impl FnOnce(&mut Self, &Draft) -> T) -> Option<T> {
        self.looks += 1;
        if self.is_spent() || self.depth == DEEPEST_MODELS {
            return None;
        }
        let other = self.neighbours.tree(canonical)?;
        self.depth += 1;
        let found = look(self, &other);
        self.depth -= 1;
        Some(found)
    }

    /// Where else it stands what a draft asks: in the profile of its type or of the type of an element it lies in, and
    /// of a slice, or what lies in one, what is asked of the element whatever the slice.
    pub fn models<'a>(&mut self, at: &Lineage<'a>) -> Vec<Model<'a>> {
        let mut out = Vec::new();
        self.looks += 1;
        if self.is_spent() {
            return out;
        }
        if let Some([TypeRule { profiles, .. }]) = at.draft.own.types.as_deref()
            && let [profile] = profiles.as_slice()
        {
            out.extend(self.neighbours.tree(profile).map(Model::Shared));
        }
        let Some((up, way)) = at.up else { return out };
        let above = self.models(up);
        match way {
            Way::Child => out.extend(above.iter().filter_map(|model| model.child(&at.draft.own.name))),
            Way::Slice(name) => {
                out.extend(above.iter().filter_map(|model| model.slice(name)));
                out.push(Model::Here(up.draft));
            }
        }
        out
    }

    /// The tests of a slice; none where the profile does not say how to tell.
    pub fn tests(&mut self, slice: &Lineage<'_>, division: Option<&Division>) -> Vec<SliceTest> {
        let discriminators = division.map_or(&[][..], |division| division.discriminators.as_slice());
        let mut out = Vec::new();
        // A slice of a slice has the URL anyway.
        let is_outermost = slice.up.is_some_and(|(up, _)| !up.draft.is_slice);
        let by_url = slice.draft.holds_extensions() && is_outermost;
        if by_url {
            match self.extension(slice) {
                Some(test) => out.push(test),
                None => return out,
            }
        }
        for Discriminator { kind, path } in discriminators {
            let is_url = matches!(path.as_slice(), [DiscriminatorStep::Child(name)] if **name == *"url");
            if !(by_url && is_url) {
                out.extend(self.follow(slice, path, *kind));
            }
        }
        if out.is_empty() && discriminators.is_empty() && slice.draft.base().is_some_and(|base| base.is_choice) {
            out.extend(self.follow(slice, &[], DiscriminatorKind::Type));
        }
        out
    }

    /// How an extension slice is told: by the URL of its definition.
    fn extension(&mut self, slice: &Lineage<'_>) -> Option<SliceTest> {
        let rules = slice.draft.own.types.as_deref().unwrap_or_default();
        if let [TypeRule { profiles, .. }] = rules
            && profiles.len() > 1
        {
            return Some(here_is(SliceCondition::ConformsTo(profiles.clone())));
        }
        let url = self.extension_url(slice)?;
        let path = vec![DiscriminatorStep::Child("url".into())];
        Some(SliceTest { path, condition: SliceCondition::Equals(Value::String(url)) })
    }

    fn extension_url(&mut self, slice: &Lineage<'_>) -> Option<String> {
        if let Some([TypeRule { profiles, .. }]) = slice.draft.own.types.as_deref()
            && let [profile] = profiles.as_slice()
        {
            return Some(profile.split_once('|').map_or(&**profile, |(url, _)| url).to_owned());
        }
        let fixed = |draft: &Draft| {
            let url = &draft.child("url")?.own;
            url.fixed.as_ref().or(url.pattern.as_ref())?.as_str().map(str::to_owned)
        };
        fixed(slice.draft).or_else(|| self.models(slice).iter().find_map(|model| fixed(model)))
    }

    /// The tests that a path gives, from a draft on.
    fn follow(&mut self, at: &Lineage<'_>, path: &[DiscriminatorStep], kind: DiscriminatorKind) -> Vec<SliceTest> {
        self.looks += 1;
        if self.is_spent() {
            return Vec::new();
        }
        let found = match path.split_first() {
            None => {
                return self.end(at, kind).into_iter().collect();
            }
            Some((DiscriminatorStep::Child(name), rest)) => self.through_child(at, name, rest, kind),
            Some((DiscriminatorStep::Extension(url), rest)) => self.through_extension(at, url, rest, kind),
            Some((DiscriminatorStep::OfType(code), rest)) => self.through_type(at, code, rest, kind),
            Some((DiscriminatorStep::Resolve, rest)) => self.resolve(at, rest, kind),
        };
        if !found.is_empty() {
            return found;
        }
        if kind == DiscriminatorKind::Value {
            let own = &at.draft.own;
            let fixed = own.fixed.iter().flat_map(|value| within(value, path, SliceCondition::Equals));
            let pattern = own.pattern.iter().flat_map(|value| within(value, path, SliceCondition::Matches));
            let found: Vec<SliceTest> = fixed.chain(pattern).collect();
            if !found.is_empty() {
                return found;
            }
        }
        let look = |search: &mut Self, model: &Lineage<'_>| {
            Some(search.follow(model, path, kind)).filter(|found| !found.is_empty())
        };
        self.in_models(at, look).unwrap_or_default()
    }

    /// Looks at the models of a draft until something is found.
    fn in_models<T>(
        &mut self,
        at: &Lineage<'_>,
        mut look: impl FnMut(&mut Self, &Lineage<'_>) -> Option<T>,
    ) -> Option<T> {
        if self.depth == DEEPEST_MODELS {
            return None;
        }
        let models = self.models(at);
        self.depth += 1;
        let found = models.iter().find_map(|model| look(self, &Lineage::root(model)));
        self.depth -= 1;
        found
    }

    fn through_child(
        &mut self,
        at: &Lineage<'_>,
        name: &str,
        rest: &[DiscriminatorStep],
        kind: DiscriminatorKind,
    ) -> Vec<SliceTest> {
        // `valueQuantity` is the choice `value` where it has that type.
        if at.draft.child(name).is_none()
            && let Some((element, Some(code))) = at.draft.member(name)
        {
            let mut steps = vec![DiscriminatorStep::OfType(code.into())];
            steps.extend_from_slice(rest);
            return self.through_child(at, element.name, &steps, kind);
        }
        let Some(child) = at.draft.child(name) else {
            return Vec::new();
        };
        let here = at.child(child);
        let mut found = self.follow(&here, rest, kind);
        if found.is_empty() {
            found = self.through_slices(&here, rest, kind);
        }
        if found.is_empty() && rest.is_empty() && kind == DiscriminatorKind::Value {
            let condition = existence(child);
            found.extend(condition.map(here_is));
        }
        prefixed(&DiscriminatorStep::Child(child.own.name.clone()), found)
    }

    /// What the slices ask that must be there: each of them of one and the same value.
    fn through_slices(
        &mut self,
        at: &Lineage<'_>,
        rest: &[DiscriminatorStep],
        kind: DiscriminatorKind,
    ) -> Vec<SliceTest> {
        let mut out = Vec::new();
        let is_only_alternative = at.draft.base().is_some_and(|base| base.is_choice) && at.draft.slices.len() == 1;
        for (name, slice) in &at.draft.slices {
            if slice.own.min.is_some() || is_only_alternative {
                let found = self.follow(&at.slice(name, slice), rest, kind);
                match found.len() {
                    0 | 1 => out.extend(found),
                    _ => out.push(here_is(SliceCondition::All(found))),
                }
            }
        }
        out
    }

    fn through_extension(
        &mut self,
        at: &Lineage<'_>,
        url: &str,
        rest: &[DiscriminatorStep],
        kind: DiscriminatorKind,
    ) -> Vec<SliceTest> {
        let step = DiscriminatorStep::Extension(url.into());
        if let Some(child) = at.draft.child("extension") {
            let here = at.child(child);
            for (name, slice) in &child.slices {
                let slice = here.slice(name, slice);
                if self.extension_url(&slice).as_deref() == Some(url) {
                    return prefixed(&step, self.follow(&slice, rest, kind));
                }
            }
        }
        let found = match self.neighbours.tree(url) {
            Some(tree) if !rest.is_empty() => self.follow(&Lineage::root(&tree), rest, kind),
            _ => Vec::new(),
        };
        prefixed(&step, found)
    }

    fn through_type(
        &mut self,
        at: &Lineage<'_>,
        code: &str,
        rest: &[DiscriminatorStep],
        kind: DiscriminatorKind,
    ) -> Vec<SliceTest> {
        let is_of = |rules: &[TypeRule]| matches!(rules, [rule] if *rule.code == *code);
        let slice = at.draft.slices.iter().find(|(_, slice)| slice.own.types.as_deref().is_some_and(is_of));
        let found = match slice {
            Some((name, slice)) => self.follow(&at.slice(name, slice), rest, kind),
            None => self.follow(at, rest, kind),
        };
        prefixed(&DiscriminatorStep::OfType(code.into()), found)
    }

    fn resolve(&mut self, at: &Lineage<'_>, rest: &[DiscriminatorStep], kind: DiscriminatorKind) -> Vec<SliceTest> {
        let rules = at.draft.own.types.as_deref().unwrap_or_default();
        let mut targets: Vec<Box<str>> = rules.iter().flat_map(|rule| rule.targets.iter().cloned()).collect();
        if let (true, Some(base)) = (targets.is_empty(), at.draft.base()) {
            targets.extend(base.targets.iter().map(|name| Profiles::url_of_type(name).into()));
        }
        let found = match (rest.is_empty(), kind, targets.as_slice()) {
            (_, _, []) => Vec::new(),
            (true, DiscriminatorKind::Type | DiscriminatorKind::Profile, _) => {
                self.is_one_of(&targets, kind).map(here_is).into_iter().collect()
            }
            (_, _, [target]) => match self.neighbours.tree(target) {
                Some(tree) => self.follow(&Lineage::root(&tree), rest, kind),
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        prefixed(&DiscriminatorStep::Resolve, found)
    }

    /// A resource of one of these types, or that conforms to one of these profiles.
    fn is_one_of(&mut self, profiles: &[Box<str>], kind: DiscriminatorKind) -> Option<SliceCondition> {
        let all_types = profiles.iter().all(|profile| Profiles::is_base_type_url(profile));
        if kind == DiscriminatorKind::Profile && !all_types {
            return Some(SliceCondition::ConformsTo(profiles.to_vec()));
        }
        let mut types: Vec<Box<str>> = Vec::new();
        for profile in profiles {
            let name = self.neighbours.type_of(profile)?;
            if !types.contains(&name) {
                types.push(name);
            }
        }
        Some(SliceCondition::TypeIs(types))
    }

    /// What a draft asks of the value where the path ends.
    fn end(&mut self, at: &Lineage<'_>, kind: DiscriminatorKind) -> Option<SliceTest> {
        let rules = at.draft.own.types.as_deref();
        match kind {
            DiscriminatorKind::Value => self.value(at),
            DiscriminatorKind::Exists => existence(at.draft).map(here_is),
            DiscriminatorKind::Type => match rules? {
                // Any resource, of profiles that say its type.
                [rule] if *rule.code == *"Resource" => {
                    self.is_one_of(&rule.profiles, kind).filter(|_| !rule.profiles.is_empty()).map(here_is)
                }
                rules => Some(here_is(is_of(rules))),
            },
            DiscriminatorKind::Profile => {
                let rules = rules?;
                let profiles: Vec<Box<str>> = rules.iter().flat_map(|rule| rule.profiles.iter().cloned()).collect();
                let condition = if profiles.is_empty() { is_of(rules) } else { SliceCondition::ConformsTo(profiles) };
                Some(here_is(condition))
            }
        }
    }

    /// What a draft fixes of a value.
    fn value(&mut self, at: &Lineage<'_>) -> Option<SliceTest> {
        self.looks += 1;
        if self.is_spent() {
            return None;
        }
        let own = &at.draft.own;
        if let Some(fixed) = &own.fixed {
            return Some(here_is(SliceCondition::Equals(fixed.clone())));
        }
        if let Some(pattern) = &own.pattern {
            return Some(here_is(SliceCondition::Matches(pattern.clone())));
        }
        let mut tests = self.below(at);
        if let Some(binding) = own.binding.as_ref().filter(|binding| binding.strength == BindingStrength::Required) {
            tests.push(here_is(SliceCondition::InValueSet(binding.value_set.clone())));
        }
        match tests.len() {
            0 => self.in_models(at, |search, model| search.value(model)),
            1 => tests.pop(),
            _ => Some(here_is(SliceCondition::All(tests))),
        }
    }

    /// What the elements inside fix.
    fn below(&mut self, at: &Lineage<'_>) -> Vec<SliceTest> {
        let mut out = Vec::new();
        for child in at.draft.children.iter().filter(|child| !child.holds_extensions()) {
            let here = at.child(child);
            let mut found: Vec<SliceTest> = self.value(&here).into_iter().collect();
            if found.is_empty() {
                found = self.through_slices(&here, &[], DiscriminatorKind::Value);
            }
            out.extend(prefixed(&DiscriminatorStep::Child(child.own.name.clone()), found));
        }
        out
    }
}

/// The tests that a fixed value or pattern gives where a path leads into it; of a list each value must be there.
fn within(value: &Value, path: &[DiscriminatorStep], condition: fn(Value) -> SliceCondition) -> Vec<SliceTest> {
    if let Value::Array(items) = value {
        return items.iter().flat_map(|item| within(item, path, condition)).collect();
    }
    match path.split_first() {
        None => vec![here_is(condition(value.clone()))],
        Some((step @ DiscriminatorStep::Child(name), rest)) => match value.get(&**name) {
            Some(inner) => prefixed(step, within(inner, rest, condition)),
            None => Vec::new(),
        },
        Some(_) => Vec::new(),
    }
}

/// A test of the value itself.
fn here_is(condition: SliceCondition) -> SliceTest {
    SliceTest { path: Vec::new(), condition }
}

fn is_of(rules: &[TypeRule]) -> SliceCondition {
    SliceCondition::TypeIs(rules.iter().map(|rule| rule.code.clone()).collect())
}

fn existence(draft: &Draft) -> Option<SliceCondition> {
    match (draft.own.min, draft.own.max) {
        (_, Some(0)) => Some(SliceCondition::Exists(false)),
        (Some(_), _) => Some(SliceCondition::Exists(true)),
        _ => None,
    }
}

fn prefixed(step: &DiscriminatorStep, mut tests: Vec<SliceTest>) -> Vec<SliceTest> {
    for test in &mut tests {
        test.path.insert(0, step.clone());
    }
    tests
}
