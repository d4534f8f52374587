//! Paths into a FHIR resource: `identifier[nhs].extension[status].valueCodeableConcept.coding[0].code`.

use crate::code_table::same_fhir_side;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::sync::Arc;

/// A compiled FHIR path; empty means the element itself.
#[derive(Debug, Clone)]
pub struct FhirPath {
    /// The steps.
    pub steps: Vec<FhirStep>,
}

/// One step: a member, and which element of it where it is a list.
#[derive(Debug, Clone)]
pub struct FhirStep {
    /// The member's name.
    pub name: String,
    /// Which element.
    pub pick: Pick,
}

/// Which element of a member.
#[derive(Debug, Clone)]
pub enum Pick {
    /// The member itself.
    Whole,
    /// The element at that place, or the next free one.
    Index(usize),
    /// The element with these constants.
    Slice(Arc<Slice>),
}

/// A slice: what its constants are.
#[derive(Debug)]
pub struct Slice {
    /// Its name in the mapping.
    pub name: String,
    /// Constants, relative to the element.
    pub constants: Vec<(FhirPath, Value)>,
    /// Where it is declared, as `file:line`.
    pub rule: Arc<str>,
}

impl Slice {
    /// Whether an element is one of this slice: by its plain constants (`system`, `url`, `use`, `id`...) where it has
    /// any, else by all of them. A `display` never decides.
    pub fn is(&self, element: &Value) -> bool {
        let mut plain = self.plain_constants().peekable();
        if plain.peek().is_none() {
            return !self.constants.is_empty()
                && self
                    .constants
                    .iter()
                    .all(|(path, value)| path.get(element).is_some_and(|found| same_fhir_side(found, value)));
        }
        plain.all(|(path, value)| path.get(element).is_some_and(|found| found == value))
    }

    /// The constants that tell an element by themselves.
    pub fn plain_constants(&self) -> impl Iterator<Item = &(FhirPath, Value)> {
        self.constants
            .iter()
            .filter(|(path, value)| path.steps.len() == 1 && !value.is_object() && path.steps[0].name != "display")
    }
}

/// Looks up the slice of a path written so far, for instance `identifier[nhs].extension[status]`.
pub type SliceLookup<'a> = dyn FnMut(&str) -> Option<Arc<Slice>> + 'a;

/// Why a FHIR path cannot be compiled.
#[derive(Debug, PartialEq, Eq)]
pub enum PathFault {
    /// It cannot be read.
    Syntax(String),
    /// It names a slice that is not declared.
    UndeclaredSlice(String),
}

impl FhirPath {
    /// Reads a path; `prefix` stands before it when slices are looked up.
    pub fn parse(text: &str, prefix: &str, slices: &mut SliceLookup<'_>) -> Result<FhirPath, PathFault> {
        let mut steps = Vec::new();
        let mut so_far = prefix.to_string();
        for part in text.split('.') {
            let (name, bracket) = match part.split_once('[') {
                Some((name, rest)) => {
                    let inner = rest.strip_suffix(']').filter(|inner| !inner.is_empty() && !inner.contains('['));
                    let inner = inner
                        .ok_or_else(|| PathFault::Syntax(format!("`{part}`: one `[...]` at the end is expected")))?;
                    (name, Some(inner))
                }
                None => (part, None),
            };
            let sane = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !sane {
                return Err(PathFault::Syntax(format!("`{name}` is not an element's name")));
            }
            if !so_far.is_empty() {
                so_far.push('.');
            }
            so_far.push_str(part);
            let pick = match bracket {
                None => Pick::Whole,
                Some(inner) => match inner.parse() {
                    Ok(index) => Pick::Index(index),
                    Err(_) => Pick::Slice(slices(&so_far).ok_or_else(|| PathFault::UndeclaredSlice(so_far.clone()))?),
                },
            };
            steps.push(FhirStep { name: name.to_string(), pick });
        }
        Ok(FhirPath { steps })
    }

    /// The value at the path.
    pub fn get<'v>(&self, element: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(element, |current, step| {
            let member = current.get(&step.name)?;
            match &step.pick {
                Pick::Whole => Some(member),
                Pick::Index(index) => member.as_array()?.get(*index),
                Pick::Slice(slice) => member.as_array()?.iter().find(|one| slice.is(one)),
            }
        })
    }

    /// Where the value at the path stands, as a FHIRPath with the places of its lists; `at` is the element's own.
    pub fn expression_in(&self, element: &Value, at: &str) -> Option<String> {
        let mut out = at.to_string();
        let mut current = element;
        for step in &self.steps {
            let member = current.get(&step.name)?;
            let _ = write!(out, ".{}", step.name);
            let index = match &step.pick {
                Pick::Whole => {
                    current = member;
                    continue;
                }
                Pick::Index(index) => *index,
                Pick::Slice(slice) => member.as_array()?.iter().position(|one| slice.is(one))?,
            };
            let _ = write!(out, "[{index}]");
            current = member.get(index)?;
        }
        Some(out)
    }

    /// Writes a value and adds to `expression` where it went. What is there already stays.
    pub fn write(&self, element: &mut Value, expression: &mut String, value: Value) -> Result<(), Occupied> {
        let place = self.place(element, expression);
        put(place, value)
    }

    /// The place of the path, made where it is missing, slices with their constants.
    pub fn place<'v>(&self, element: &'v mut Value, expression: &mut String) -> &'v mut Value {
        let mut current = element;
        for step in &self.steps {
            if !current.is_object() {
                *current = Value::Object(Map::new());
            }
            expression.push('.');
            expression.push_str(&step.name);
            let Value::Object(map) = current else { unreachable!("made an object just above") };
            let member = map.entry(step.name.as_str()).or_insert(Value::Null);
            current = match &step.pick {
                Pick::Whole => member,
                Pick::Index(index) => element_at(member, expression, |list| (*index).min(list.len()), || Value::Null),
                Pick::Slice(slice) => element_at(
                    member,
                    expression,
                    |list| list.iter().position(|one| slice.is(one)).unwrap_or(list.len()),
                    || slice.fresh(),
                ),
            };
        }
        current
    }

    /// The path's place in an element, with the index of each list's element it leads to or would make.
    pub fn place_in(&self, element: &Value, at: &str) -> String {
        let mut out = at.to_owned();
        let mut current = Some(element);
        for step in &self.steps {
            out.push('.');
            out.push_str(&step.name);
            let member = current.and_then(|one| one.get(&step.name));
            let list = member.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let index = match &step.pick {
                Pick::Whole => {
                    current = member;
                    continue;
                }
                Pick::Index(index) => (*index).min(list.len()),
                Pick::Slice(slice) => list.iter().position(|one| slice.is(one)).unwrap_or(list.len()),
            };
            // Writing to a text cannot fail.
            let _ = write!(out, "[{index}]");
            current = list.get(index);
        }
        out
    }

    /// Whether it names a place in a list behind others: such a place moves when what stands before it is absent.
    pub fn counts_places(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.pick, Pick::Index(index) if index > 0))
    }

    /// The path as it is written in a mapping.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for step in &self.steps {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&step.name);
            let _ = match &step.pick {
                Pick::Whole => Ok(()),
                Pick::Index(index) => write!(out, "[{index}]"),
                // A slice is named by its whole path; its own name is the last bracket of it.
                Pick::Slice(slice) => write!(out, "[{}", slice.name.rsplit('[').next().unwrap_or("]")),
            };
        }
        out
    }
}

impl Slice {
    /// A new element of this slice.
    pub fn fresh(&self) -> Value {
        let mut element = Value::Object(Map::new());
        for (path, value) in &self.constants {
            let mut ignored = String::new();
            // A new element has nothing that a constant could meet.
            let _ = path.write(&mut element, &mut ignored, value.clone());
        }
        element
    }
}

/// Another value stands there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupied;

/// Puts a value into a place: into nothing, beside other members of an object, behind other elements of a list.
/// All of it or nothing: half a Quantity beside half of another would be a third.
pub fn put(place: &mut Value, value: Value) -> Result<(), Occupied> {
    if !fits(place, &value) {
        return Err(Occupied);
    }
    merge(place, value);
    Ok(())
}

fn fits(place: &Value, value: &Value) -> bool {
    match (place, value) {
        (Value::Null, _) | (Value::Array(_), Value::Array(_)) => true,
        (Value::Object(map), Value::Object(more)) => {
            more.iter().all(|(name, child)| map.get(name).is_none_or(|there| fits(there, child)))
        }
        (there, value) => there == value,
    }
}

fn merge(place: &mut Value, value: Value) {
    match (&mut *place, value) {
        (Value::Object(map), Value::Object(more)) => {
            for (name, child) in more {
                merge(map.entry(name).or_insert(Value::Null), child);
            }
        }
        (Value::Array(list), Value::Array(more)) => list.extend(more),
        (_, value) => *place = value,
    }
}

/// The element of a list that `which` names, made by `fresh` where it is the next one.
fn element_at<'v>(
    member: &'v mut Value,
    expression: &mut String,
    which: impl Fn(&[Value]) -> usize,
    fresh: impl Fn() -> Value,
) -> &'v mut Value {
    if !member.is_array() {
        *member = Value::Array(Vec::new());
    }
    let Value::Array(list) = member else { unreachable!("made a list just above") };
    let at = which(list);
    if at == list.len() {
        list.push(fresh());
    }
    let _ = write!(expression, "[{at}]");
    &mut list[at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> FhirPath {
        let mut system = |so_far: &str| {
            let url = Value::from(so_far.to_string());
            let mut none = |_: &str| None;
            let constant = FhirPath::parse("system", "", &mut none).expect("plain");
            Some(Arc::new(Slice { name: so_far.into(), constants: vec![(constant, url)], rule: "".into() }))
        };
        FhirPath::parse(text, "", &mut system).expect(text)
    }

    #[test]
    fn a_slice_is_made_once_with_its_constants_and_found_again() {
        let mut resource = json!({});
        for (text, value) in
            [("identifier[a].value", "1"), ("identifier[b].value", "2"), ("identifier[a].use", "usual")]
        {
            path(text).write(&mut resource, &mut String::new(), value.into()).expect("free");
        }
        assert_eq!(
            resource,
            json!({"identifier": [
                {"system": "identifier[a]", "value": "1", "use": "usual"},
                {"system": "identifier[b]", "value": "2"}]})
        );
        assert_eq!(path("identifier[b].value").get(&resource), Some(&json!("2")));
        assert_eq!(path("identifier[c].value").get(&resource), None);
    }

    #[test]
    fn what_stands_there_is_never_overwritten() {
        let mut resource = json!({"status": "active"});
        assert_eq!(path("status").write(&mut resource, &mut String::new(), "stopped".into()), Err(Occupied));
        assert_eq!(resource["status"], "active");
    }

    #[test]
    fn half_an_object_is_never_merged_into_half_of_another() {
        let mut resource = json!({"valueQuantity": {"value": 70}});
        let other = json!({"value": 154, "unit": "lb"});
        assert_eq!(path("valueQuantity").write(&mut resource, &mut String::new(), other), Err(Occupied));
        assert_eq!(resource, json!({"valueQuantity": {"value": 70}}));
        path("valueQuantity").write(&mut resource, &mut String::new(), json!({"unit": "kg"})).expect("beside");
        assert_eq!(resource["valueQuantity"], json!({"value": 70, "unit": "kg"}));
    }

    #[test]
    fn the_expression_says_where_it_went() {
        let mut expression = String::from("Patient");
        path("name[0].given[0]").write(&mut json!({}), &mut expression, "A".into()).expect("free");
        assert_eq!(expression, "Patient.name[0].given[0]");
    }
}
