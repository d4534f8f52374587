//! Places in the vendor's tree: found, made and written.

use crate::instances::instances;
use crate::plan::Plan;
use crate::translate::Context;
use crate::vendor_path::Step;
use serde_json::{Map, Value};

/// A token of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A member.
    Name(String),
    /// An element.
    At(usize),
}

/// A place in the tree.
pub type Place = Vec<Token>;

/// The value at a place.
pub fn get<'t>(tree: &'t Value, place: &[Token]) -> Option<&'t Value> {
    place.iter().try_fold(tree, |value, token| match token {
        Token::Name(name) => value.get(name),
        Token::At(index) => value.get(index),
    })
}

/// The value at a place, made where it is missing.
pub fn make<'t>(tree: &'t mut Value, place: &[Token]) -> &'t mut Value {
    place.iter().fold(tree, |value, token| match token {
        Token::Name(name) => {
            if !value.is_object() {
                *value = Value::Object(Map::new());
            }
            let Value::Object(map) = value else { unreachable!("made an object just above") };
            map.entry(name.as_str()).or_insert(Value::Null)
        }
        Token::At(index) => {
            if !value.is_array() {
                *value = Value::Array(Vec::new());
            }
            let Value::Array(list) = value else { unreachable!("made a list just above") };
            while list.len() <= *index {
                list.push(Value::Null);
            }
            &mut list[*index]
        }
    })
}

/// The element of a list that `is` tells, or a new one at its end.
pub fn find_or_add(tree: &mut Value, list: &[Token], is: &dyn Fn(&Value) -> bool) -> Place {
    let found = get(tree, list).and_then(Value::as_array).and_then(|list| list.iter().position(is));
    let index = found.unwrap_or_else(|| {
        let place = make(tree, list);
        if !place.is_array() {
            *place = Value::Array(Vec::new());
        }
        let Value::Array(list) = place else { unreachable!("made a list just above") };
        list.push(Value::Null);
        list.len() - 1
    });
    let mut out = list.to_vec();
    out.push(Token::At(index));
    out
}

/// The shape tokens of a place: `*` for elements.
pub fn shape(place: &[Token]) -> Vec<&str> {
    place
        .iter()
        .map(|token| match token {
            Token::Name(name) => name.as_str(),
            Token::At(_) => "*",
        })
        .collect()
}

/// Several previous payloads as one: the first, and from the others the items it does not have.
pub fn merged(plan: &Plan, previous: &[Value]) -> Option<Value> {
    let (first, others) = previous.split_first()?;
    let mut tree = first.clone();
    let nothing = Context::new();
    for other in others {
        for instance in instances(plan, other, &nothing).0 {
            let Some(item) = instance.plan.map(|index| &plan.items[index]).filter(|item| item.parent.is_none()) else {
                continue;
            };
            let list: Place = item
                .at
                .steps
                .iter()
                .filter_map(|step| match step {
                    Step::Field(name) => Some(Token::Name(name.clone())),
                    _ => None,
                })
                .collect();
            let key_of = |one: &Value| {
                item.key.as_ref().and_then(|path| {
                    let fields = path.steps.iter().map(|step| match step {
                        Step::Field(name) => Some(Token::Name(name.clone())),
                        _ => None,
                    });
                    get(one, &fields.collect::<Option<Place>>()?).and_then(crate::vendor_path::scalar_text)
                })
            };
            let known = get(&tree, &list)
                .and_then(Value::as_array)
                .is_some_and(|list| list.iter().any(|one| key_of(one).is_some() && key_of(one) == instance.key));
            let is_list = get(other, &list).is_some_and(Value::is_array);
            if !known && is_list {
                let place = find_or_add(&mut tree, &list, &|_| false);
                *make(&mut tree, &place) = instance.value.clone();
            }
        }
    }
    Some(tree)
}
