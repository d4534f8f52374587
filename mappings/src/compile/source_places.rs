//! Vendor paths of a mapping against the vendor's own schema: members that no payload has, and what those may be that it has.

use crate::diagnostic::did_you_mean;
use crate::source_shape::{Alternative, Domain, Kinds, SourceShape};
use crate::vendor_path::{Base, Step, VendorPath};
use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;

/// What other messages may look up in a message.
#[derive(Debug)]
pub struct Source {
    /// Its source schema.
    pub shape: SourceShape,
    /// Its items in the order of the map: name and `at`.
    pub items: Vec<(String, String)>,
}

/// Whether a value is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Presence {
    /// In every payload, wherever what the path starts at is.
    Always,
    /// Always but for a text of white space alone, which counts as absent.
    UnlessBlank,
    /// Not in every payload.
    Sometimes,
}

/// A place in a source schema: every schema that speaks of it.
#[derive(Debug, Clone)]
pub(crate) struct Place<'s> {
    shape: &'s SourceShape,
    alternatives: Vec<Alternative<'s>>,
    pointer: String,
    /// Whether every step to here is required.
    always: bool,
}

/// A step that the schema has not, and what to do.
#[derive(Debug)]
pub(crate) struct Missing {
    pub what: String,
    pub hint: String,
}

impl Source {
    /// The place of an item.
    pub(crate) fn item(&self, name: &str) -> Option<Place<'_>> {
        let index = self.items.iter().position(|(known, _)| known == name)?;
        let before = self.items.get(..index)?;
        let (_, at) = self.items.get(index)?;
        let slot = |name: &str| before.iter().position(|(known, _)| known == name);
        let path = VendorPath::parse(at.trim(), &slot).ok()?;
        let base = match path.base {
            Base::Root => Place::root(&self.shape),
            Base::Variable(slot) => self.item(&before.get(slot)?.0)?,
        };
        base.follow(&path).ok()??.items_of()
    }
}

impl<'s> Place<'s> {
    /// The whole message.
    pub fn root(shape: &'s SourceShape) -> Place<'s> {
        let alternatives = shape.alternatives(&[shape.schema()]);
        Place { shape, alternatives, pointer: String::new(), always: true }
    }

    /// The steps of a path from here. `Ok(None)`: it leads where the schema says nothing.
    pub fn follow(&self, path: &VendorPath) -> Result<Option<Place<'s>>, Missing> {
        let mut current = Place { always: true, ..self.clone() };
        for (place, step) in path.steps.iter().enumerate() {
            let next = match step {
                Step::Field(name) => current.field(name)?,
                Step::KeyName | Step::Resolve(None) | Step::Part(_) => return Ok(None),
                Step::Split(_) | Step::Rows => Some(current),
                // The rows of a group are where its variable is.
                Step::Index(_) if place == 1 && path.steps.first() == Some(&Step::Rows) => {
                    Some(Place { always: false, ..current })
                }
                // Resources stand in the message by their type.
                Step::Resolve(Some(kind)) | Step::Referring(kind, _) => {
                    let list = Place::root(self.shape).field(kind)?;
                    list.map(|list| list.element(None)).transpose()?.flatten().map(|one| Place { always: false, ..one })
                }
                // On the variable of a group this picks one of its rows.
                Step::Select(field, _) if place == 0 && matches!(path.base, Base::Variable(_)) => {
                    current.field(field)?;
                    Some(Place { always: false, ..current })
                }
                Step::Index(index) => current.element(Some(*index))?,
                Step::Last => current.element(Some(0))?,
                Step::Select(field, _) => {
                    let element = current.element(None)?;
                    if let Some(element) = &element {
                        element.field(field)?;
                    }
                    element
                }
            };
            match next {
                Some(next) => current = next,
                None => return Ok(None),
            }
        }
        Ok(Some(current))
    }

    /// One place for each alternative of the schema here.
    pub fn branches(&self) -> Vec<Place<'s>> {
        let one = |one: &Alternative<'s>| Place { alternatives: vec![one.clone()], always: true, ..self.clone() };
        self.alternatives.iter().map(one).collect()
    }

    /// The place in an item that may not be found.
    pub fn unsure(self) -> Place<'s> {
        Place { always: false, ..self }
    }

    /// The place where there is something else than `null`.
    pub fn present(&self) -> Place<'s> {
        let mut out = self.clone();
        out.alternatives.retain(|one| one.kinds != Kinds::NULL);
        for one in &mut out.alternatives {
            one.kinds = one.kinds.without(Kinds::NULL);
        }
        out
    }

    /// Members that must be there where another is: the other's name first.
    pub fn dependent_required(&self) -> Vec<(&'s str, &'s str)> {
        let mut out = Vec::new();
        for part in self.alternatives.iter().flat_map(|one| &one.parts) {
            for word in ["dependentRequired", "dependencies"] {
                for (name, needed) in part.get(word).and_then(Value::as_object).into_iter().flatten() {
                    let needed = needed.as_array().into_iter().flatten().filter_map(Value::as_str);
                    out.extend(needed.map(|one| (name.as_str(), one)));
                }
            }
        }
        out
    }

    /// Of members with one of these beginnings only one may be there (`x-choice`).
    pub fn choices(&self) -> Vec<&'s str> {
        let parts = self.alternatives.iter().flat_map(|one| &one.parts);
        parts.flat_map(|part| ginnel_schemas::json_schema::choice::choices(part)).collect()
    }

    /// The members of an object that must have one and may have no others; `None` where it may be empty or have others.
    pub fn needed_members(&self) -> Option<Vec<(&'s str, Place<'s>)>> {
        let mut names: Vec<&'s str> = Vec::new();
        for one in &self.alternatives {
            let closed = one.parts.iter().any(|part| part.get("additionalProperties") == Some(&Value::Bool(false)));
            let needs_one = one.at_least("minProperties").is_some_and(|least| least >= 1.0);
            if !(closed && needs_one && one.kinds == Kinds::OBJECT)
                || one.parts.iter().any(|part| part.get("patternProperties").is_some())
            {
                return None;
            }
            let members = one.parts.iter().filter_map(|part| part.get("properties")?.as_object());
            names.extend(members.flat_map(|members| members.keys().map(String::as_str)));
        }
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then_some(())?;
        names.into_iter().map(|name| Some((name, self.field(name).ok()??))).collect()
    }

    /// Whether only an object may stand here.
    pub fn is_object(&self) -> bool {
        self.kinds() == Kinds::OBJECT
    }

    /// The place as if every step to it were required.
    pub fn wherever(&self) -> Place<'s> {
        Place { always: true, ..self.clone() }
    }

    /// All values that may stand here.
    pub fn domain(&self) -> Domain<'s> {
        Domain { alternatives: self.alternatives.clone() }
    }

    /// Whether there is a value here wherever the path starts.
    pub fn presence(&self) -> Presence {
        if !self.always || self.alternatives.is_empty() {
            return Presence::Sometimes;
        }
        let mut out = Presence::Always;
        for one in &self.alternatives {
            if let Some(values) = one.values() {
                if values.iter().any(|value| crate::vendor_path::is_absent(value)) {
                    return Presence::Sometimes;
                }
                continue;
            }
            let empty_list = one.kinds.meets(Kinds::LIST) && one.at_least("minItems").is_none_or(|least| least < 1.0);
            let empty_object = one.kinds.meets(Kinds::OBJECT)
                && one.at_least("minProperties").is_none_or(|least| least < 1.0)
                && !one.parts.iter().any(|part| {
                    part.get("required").and_then(Value::as_array).is_some_and(|required| !required.is_empty())
                });
            if one.kinds.meets(Kinds::NULL) || empty_list || empty_object {
                return Presence::Sometimes;
            }
            if one.kinds.meets(Kinds::TEXT) && !one.never_blank() {
                out = Presence::UnlessBlank;
            }
        }
        out
    }

    /// The most elements of a list here; `None` for any number.
    pub fn most_elements(&self) -> Option<usize> {
        let mut most = 0;
        for one in self.alternatives.iter().filter(|one| one.kinds.meets(Kinds::LIST)) {
            most = most.max(one.at_most("maxItems")? as usize);
        }
        Some(most)
    }

    /// What the schema says here, for the line of a report: `source.schema.json: /$defs/x allows string or null`.
    pub fn said(&self) -> String {
        let file = self.shape.file().rsplit('/').next().unwrap_or_default();
        let kinds = self.domain().kinds();
        let mut said = format!("{file}: {} is {}", self.schema_pointer(), kinds.shown());
        let formats: Vec<&str> = self
            .alternatives
            .iter()
            .flat_map(|one| one.parts.iter().filter_map(|part| part.get("format").and_then(Value::as_str)))
            .collect();
        if let Some(format) = formats.first() {
            said.push_str(&format!(", format {format}"));
        }
        if let Some(values) = self.domain().closed().filter(|_| kinds.meets(Kinds::TEXT.or(Kinds::NUMBER))) {
            let mut shown: Vec<String> = values.iter().take(12).map(ToString::to_string).collect();
            if values.len() > 12 {
                shown.push("...".into());
            }
            said.push_str(&format!(", one of {}", shown.join(", ")));
        }
        said
    }

    /// Where in the schema this is said: `/$defs/person/properties/born`.
    pub fn schema_pointer(&self) -> &str {
        let parts = self.alternatives.iter().flat_map(|one| &one.parts);
        let mut pointers: Vec<&str> = parts.filter_map(|part| self.shape.pointer_of(part)).collect();
        // The schema of the member itself, before its branches.
        pointers.sort_by_key(|pointer| pointer.len());
        pointers.first().copied().filter(|pointer| !pointer.is_empty()).unwrap_or("its root")
    }

    fn below(&self, token: &str, schemas: &[Vec<&'s Value>], always: bool) -> Place<'s> {
        let mut pointer = self.pointer.clone();
        push_token(&mut pointer, token);
        let alternatives = schemas.iter().flat_map(|one| self.shape.alternatives(one)).collect();
        Place { shape: self.shape, alternatives, pointer, always: self.always && always }
    }

    fn kinds(&self) -> Kinds {
        self.domain().kinds()
    }

    fn says_nothing(&self) -> bool {
        self.alternatives.iter().any(|one| one.parts.iter().all(|part| **part == true))
    }

    fn field(&self, name: &str) -> Result<Option<Place<'s>>, Missing> {
        let (mut own, mut wild): (Vec<Vec<&'s Value>>, Vec<Vec<&'s Value>>) = (Vec::new(), Vec::new());
        let mut members: Vec<&str> = Vec::new();
        let (mut is_closed, mut is_open) = (false, self.says_nothing());
        // Whether some payload has what stands here and not the member.
        let mut may_lack = false;
        for one in &self.alternatives {
            may_lack |= !one.kinds.within(Kinds::OBJECT) || !one.requires(name);
            if !one.kinds.meets(Kinds::OBJECT) {
                continue;
            }
            let (mut mine, mut any): (Vec<&'s Value>, Vec<&'s Value>) = (Vec::new(), Vec::new());
            for part in &one.parts {
                for (known, member) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
                    is_closed = true;
                    members.push(known);
                    if known == name {
                        mine.push(member);
                    }
                }
                for (pattern, member) in part.get("patternProperties").and_then(Value::as_object).into_iter().flatten()
                {
                    is_closed = true;
                    if regex::Regex::new(pattern).map_or(true, |pattern| pattern.is_match(name)) {
                        any.push(member);
                    }
                }
                for word in ["additionalProperties", "unevaluatedProperties"] {
                    match part.get(word) {
                        Some(Value::Bool(true)) => is_open = true,
                        Some(Value::Bool(false)) => is_closed = true,
                        Some(member) => any.push(member),
                        None => {}
                    }
                }
            }
            match (mine.is_empty(), any.is_empty()) {
                (false, _) => own.push(mine),
                (true, false) => wild.push(any),
                (true, true) => may_lack = true,
            }
        }
        if !own.is_empty() {
            return Ok(Some(self.below(name, &own, !may_lack)));
        }
        if !wild.is_empty() {
            return Ok(Some(self.below(name, &wild, !may_lack)));
        }
        let kinds = self.kinds();
        if is_open || (!is_closed && kinds.meets(Kinds::OBJECT)) {
            return Ok(None);
        }
        let here = self.shown();
        if !is_closed {
            let (kind, hint) = if kinds.meets(Kinds::LIST) {
                ("a list", "take an element (`[0]`, `[-1]`, `[field='text']`) or go through it with `each`")
            } else {
                ("a plain value", "end the path before it")
            };
            let what = format!("the source schema has {kind} at {here}, and so no `{name}`");
            return Err(Missing { what, hint: hint.into() });
        }
        members.sort_unstable();
        members.dedup();
        let hint = did_you_mean(name, members.iter().copied()).unwrap_or_else(|| {
            let some: Vec<&str> = members.iter().copied().take(12).collect();
            format!("its members there: {}", some.join(", "))
        });
        Err(Missing { what: format!("the source schema has no `{name}` at {here}"), hint })
    }

    /// The schemas of a list's elements, by alternative; of one place in it, or of any.
    fn list_elements(&self, index: Option<usize>) -> Vec<Vec<&'s Value>> {
        let mut out = Vec::new();
        for one in self.alternatives.iter().filter(|one| one.kinds.meets(Kinds::LIST)) {
            for part in &one.parts {
                let words = ["prefixItems", "items", "additionalItems", "unevaluatedItems"];
                let mut rest: Vec<&'s Value> = Vec::new();
                let mut tuple: Option<&'s Vec<Value>> = None;
                for word in words {
                    match part.get(word) {
                        Some(Value::Array(several)) => tuple = Some(several),
                        Some(items) if *items != false => rest.push(items),
                        _ => {}
                    }
                }
                match (index, tuple) {
                    (Some(index), Some(tuple)) if index < tuple.len() => {
                        out.extend(tuple.get(index).map(|one| vec![one]))
                    }
                    (None, Some(tuple)) => {
                        out.extend(tuple.iter().map(|one| vec![one]));
                        out.extend(rest.into_iter().map(|one| vec![one]));
                    }
                    _ => out.extend(rest.into_iter().map(|one| vec![one])),
                }
            }
        }
        out
    }

    fn element(&self, index: Option<usize>) -> Result<Option<Place<'s>>, Missing> {
        let elements = self.list_elements(index);
        if !elements.is_empty() {
            let always = index.is_some_and(|index| {
                self.alternatives.iter().all(|one| {
                    one.kinds.within(Kinds::LIST) && one.at_least("minItems").is_some_and(|least| least > index as f64)
                })
            });
            return Ok(Some(self.below("*", &elements, always)));
        }
        if self.kinds().meets(Kinds::LIST) || self.says_nothing() {
            return Ok(None);
        }
        let what = format!("the source schema has no list at {}", self.shown());
        Err(Missing { what, hint: "write the path without `[...]`".into() })
    }

    /// What `each` goes through: a list's elements, an object's members, or the one value itself.
    pub fn spread(&self) -> Option<Place<'s>> {
        if self.says_nothing() {
            return None;
        }
        let kinds = self.kinds();
        let mut inner = self.list_elements(None);
        if inner.is_empty() && kinds.meets(Kinds::LIST) {
            return None;
        }
        let mut has_members = false;
        for part in self.alternatives.iter().filter(|one| one.kinds.meets(Kinds::OBJECT)).flat_map(|one| &one.parts) {
            for word in ["properties", "patternProperties"] {
                let members = part.get(word).and_then(Value::as_object);
                has_members |= members.is_some();
                inner.extend(members.into_iter().flat_map(|members| members.values()).map(|one| vec![one]));
            }
            if let Some(members) = part.get("additionalProperties").filter(|one| **one != false) {
                inner.push(vec![members]);
            }
        }
        if kinds.meets(Kinds::OBJECT) && inner.is_empty() && !has_members {
            return None;
        }
        let plain = Kinds::TEXT.or(Kinds::NUMBER).or(Kinds::BOOLEAN);
        if inner.is_empty() {
            return kinds.meets(plain).then(|| self.bound());
        }
        let mut place = self.below("*", &inner, true);
        let itself = self.alternatives.iter().filter(|one| one.kinds.meets(plain)).cloned();
        place.alternatives.extend(itself.map(|one| Alternative { kinds: one.kinds.and(plain), ..one }));
        Some(place.bound())
    }

    /// What a variable stands for is there.
    fn bound(&self) -> Place<'s> {
        Place { always: true, ..self.present() }
    }

    /// What an item of `at` is: an element of the list, or the one object itself.
    pub fn items_of(&self) -> Option<Place<'s>> {
        let kinds = self.kinds();
        if kinds.meets(Kinds::OBJECT) && !kinds.meets(Kinds::LIST) { Some(self.bound()) } else { self.spread() }
    }

    /// Whether a list may stand here, something else, or both.
    pub fn holds_list(&self) -> bool {
        self.kinds().meets(Kinds::LIST)
    }

    /// The values that the schema lists for this place or, of a list, for its elements. `null` and blanks are absent.
    pub fn listed(&self) -> Vec<&'s Value> {
        let mut all = self.alternatives.clone();
        all.extend(self.list_elements(None).into_iter().flat_map(|one| self.shape.alternatives(&one)));
        let mut out: Vec<&'s Value> = Vec::new();
        for value in all.iter().filter_map(Alternative::values).flatten() {
            if !crate::vendor_path::is_absent(value) && !out.contains(&value) {
                out.push(value);
            }
        }
        out
    }

    /// The elements of a list here, or the value itself where it is no list.
    pub fn each_value(&self) -> Place<'s> {
        let mut out = self.clone();
        out.alternatives.retain(|one| one.kinds != Kinds::LIST);
        for one in &mut out.alternatives {
            one.kinds = one.kinds.without(Kinds::LIST);
        }
        out.alternatives.extend(self.list_elements(None).into_iter().flat_map(|one| self.shape.alternatives(&one)));
        out
    }

    /// The place for people.
    pub fn shown(&self) -> &str {
        if self.pointer.is_empty() { "its root" } else { &self.pointer }
    }
}
