//! Vendor paths of a mapping against the vendor's own schema: members that no payload has.

use crate::diagnostic::did_you_mean;
use crate::source_shape::{SourceShape, types_of};
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

/// A place in a source schema: every schema that speaks of it.
#[derive(Debug, Clone)]
pub(crate) struct Place<'s> {
    shape: &'s SourceShape,
    schemas: Vec<&'s Value>,
    pointer: String,
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
        Place { shape, schemas: shape.flat(shape.schema()), pointer: String::new() }
    }

    /// The steps of a path from here. `Ok(None)`: it leads where the schema says nothing.
    pub fn follow(&self, path: &VendorPath) -> Result<Option<Place<'s>>, Missing> {
        let mut current = self.clone();
        for (place, step) in path.steps.iter().enumerate() {
            let next = match step {
                Step::Field(name) => current.field(name)?,
                Step::KeyName => return Ok(None),
                // On the variable of a group this picks one of its rows.
                Step::Select(field, _) if place == 0 && matches!(path.base, Base::Variable(_)) => {
                    current.field(field)?;
                    Some(current)
                }
                Step::Index(_) | Step::Last => current.element()?,
                Step::Select(field, _) => {
                    let element = current.element()?;
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

    fn below(&self, token: &str, schemas: &[&'s Value]) -> Place<'s> {
        let mut pointer = self.pointer.clone();
        push_token(&mut pointer, token);
        let schemas = schemas.iter().flat_map(|schema| self.shape.flat(schema)).collect();
        Place { shape: self.shape, schemas, pointer }
    }

    fn types(&self) -> Vec<&'s str> {
        self.schemas.iter().flat_map(|schema| types_of(schema)).collect()
    }

    fn says_nothing(&self) -> bool {
        self.schemas.iter().any(|schema| **schema == true)
    }

    fn field(&self, name: &str) -> Result<Option<Place<'s>>, Missing> {
        let (mut own, mut wild): (Vec<&'s Value>, Vec<&'s Value>) = (Vec::new(), Vec::new());
        let mut members: Vec<&str> = Vec::new();
        let (mut is_closed, mut is_open) = (false, self.says_nothing());
        for schema in &self.schemas {
            for (known, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                is_closed = true;
                members.push(known);
                if known == name {
                    own.push(member);
                }
            }
            for (pattern, member) in schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                is_closed = true;
                if regex::Regex::new(pattern).map_or(true, |pattern| pattern.is_match(name)) {
                    wild.push(member);
                }
            }
            for word in ["additionalProperties", "unevaluatedProperties"] {
                match schema.get(word) {
                    Some(Value::Bool(true)) => is_open = true,
                    Some(Value::Bool(false)) => is_closed = true,
                    Some(member) => wild.push(member),
                    None => {}
                }
            }
        }
        if !own.is_empty() {
            return Ok(Some(self.below(name, &own)));
        }
        if !wild.is_empty() {
            return Ok(Some(self.below(name, &wild)));
        }
        let types = self.types();
        let may_be_object = types.is_empty() || types.contains(&"object");
        if is_open || (!is_closed && may_be_object) {
            return Ok(None);
        }
        let here = self.shown();
        if !is_closed {
            let (kind, hint) = if types.contains(&"array") {
                ("a list", "take an element (`[0]`, `[-1]`, `[field='text']`) or go through it with `each`")
            } else {
                ("a plain value", "end the path before it")
            };
            let what = format!("the source schema has {kind} at {here}, and so no `{name}`");
            return Err(Missing { what, hint: hint.into() });
        }
        let hint = did_you_mean(name, members.iter().copied()).unwrap_or_else(|| {
            let some: Vec<&str> = members.iter().copied().take(12).collect();
            format!("its members there: {}", some.join(", "))
        });
        Err(Missing { what: format!("the source schema has no `{name}` at {here}"), hint })
    }

    fn list_elements(&self) -> Vec<&'s Value> {
        let mut out = Vec::new();
        for schema in &self.schemas {
            for word in ["items", "prefixItems"] {
                match schema.get(word) {
                    Some(Value::Array(several)) => out.extend(several),
                    Some(one) => out.push(one),
                    None => {}
                }
            }
        }
        out
    }

    fn element(&self) -> Result<Option<Place<'s>>, Missing> {
        let elements = self.list_elements();
        if !elements.is_empty() {
            return Ok(Some(self.below("*", &elements)));
        }
        let types = self.types();
        if types.is_empty() || types.contains(&"array") || self.says_nothing() {
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
        let types = self.types();
        let mut inner = self.list_elements();
        if inner.is_empty() && types.contains(&"array") {
            return None;
        }
        let mut has_members = false;
        for schema in &self.schemas {
            for word in ["properties", "patternProperties"] {
                let members = schema.get(word).and_then(Value::as_object);
                has_members |= members.is_some();
                inner.extend(members.into_iter().flat_map(|members| members.values()));
            }
            if let Some(members) = schema.get("additionalProperties").filter(|one| **one != false) {
                inner.push(members);
            }
        }
        if types.contains(&"object") && inner.is_empty() && !has_members {
            return None;
        }
        let is_plain = |one: &str| matches!(one, "string" | "number" | "integer" | "boolean");
        if inner.is_empty() {
            return types.iter().any(|one| is_plain(one)).then(|| self.clone());
        }
        let mut place = self.below("*", &inner);
        place.schemas.extend(self.schemas.iter().filter(|schema| types_of(schema).into_iter().any(is_plain)));
        Some(place)
    }

    /// What an item of `at` is: an element of the list, or the one object itself.
    pub fn items_of(&self) -> Option<Place<'s>> {
        let types = self.types();
        if types.contains(&"object") && !types.contains(&"array") { Some(self.clone()) } else { self.spread() }
    }

    /// The values that the schema lists for this place or, of a list, for its elements. `null` and blanks are absent.
    pub fn listed(&self) -> Vec<&'s Value> {
        let elements = self.list_elements();
        let mut all = self.schemas.clone();
        all.extend(elements.into_iter().flat_map(|schema| self.shape.flat(schema)));
        let mut out: Vec<&'s Value> = Vec::new();
        for schema in all {
            let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
            for value in listed.filter(|value| !crate::vendor_path::is_absent(value)) {
                if !out.contains(&value) {
                    out.push(value);
                }
            }
        }
        out
    }

    /// The place for people.
    pub fn shown(&self) -> &str {
        if self.pointer.is_empty() { "its root" } else { &self.pointer }
    }
}
