//! Places in the vendor's tree: found, made and written.

use crate::instances::instances;
use crate::plan::Plan;
use crate::translate::Context;
use crate::vendor_path::Step;
use serde_json::{Map, Value};

/// A token of a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// The vendor's tree while it is written; what was tried can be taken back.
#[derive(Debug)]
pub struct Tree {
    root: Value,
    /// What stood where something was written: the first place that changed, and its value if it had one.
    undo: Vec<(Place, Option<Value>)>,
    tries: usize,
}

/// A state of the tree to come back to.
pub struct Attempt(usize);

impl Tree {
    /// A tree to write into.
    pub fn new(root: Value) -> Tree {
        Tree { root, undo: Vec::new(), tries: 0 }
    }

    /// The tree as it is.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The tree at the end.
    pub fn into_root(self) -> Value {
        self.root
    }

    /// The value at a place.
    pub fn get(&self, place: &[Token]) -> Option<&Value> {
        get(&self.root, place)
    }

    /// Starts something that may be taken back.
    pub fn attempt(&mut self) -> Attempt {
        self.tries += 1;
        Attempt(self.undo.len())
    }

    /// Ends an attempt; unless it holds, everything written since is taken back.
    pub fn end(&mut self, attempt: Attempt, holds: bool) {
        self.tries -= 1;
        if !holds {
            while self.undo.len() > attempt.0 {
                let Some((place, before)) = self.undo.pop() else { break };
                self.restore(&place, before);
            }
        }
        if self.tries == 0 {
            self.undo.clear();
        }
    }

    fn restore(&mut self, place: &[Token], before: Option<Value>) {
        let Some((last, above)) = place.split_last() else {
            self.root = before.unwrap_or(Value::Null);
            return;
        };
        match (before, last) {
            (Some(value), _) => *make(&mut self.root, place) = value,
            (None, Token::Name(name)) => {
                if let Value::Object(map) = make(&mut self.root, above) {
                    map.shift_remove(name);
                }
            }
            (None, Token::At(index)) => {
                if let Value::Array(list) = make(&mut self.root, above) {
                    list.truncate(*index);
                }
            }
        }
    }

    /// Notes what stands at a place, or where the way to it ends.
    fn note(&mut self, place: &[Token]) {
        if self.tries == 0 {
            return;
        }
        let mut depth = 0;
        while depth < place.len() && self.get(&place[..=depth]).is_some_and(|value| !value.is_null()) {
            depth += 1;
        }
        let changed = &place[..(depth + 1).min(place.len())];
        let before = self.get(changed).cloned();
        self.undo.push((changed.to_vec(), before));
    }

    /// Writes a value, making the way to it.
    pub fn set(&mut self, place: &[Token], value: Value) {
        self.note(place);
        *make(&mut self.root, place) = value;
    }

    /// Takes an element or member away.
    pub fn remove(&mut self, place: &[Token]) {
        let Some((token, above)) = place.split_last() else { return };
        if self.get(place).is_none() {
            return;
        }
        self.note(above);
        match (make(&mut self.root, above), token) {
            (Value::Array(list), Token::At(index)) => {
                list.remove(*index);
            }
            (Value::Object(map), Token::Name(name)) => {
                map.shift_remove(name);
            }
            _ => {}
        }
    }

    /// The element of a list that `is` tells, or a new one at its end.
    pub fn find_or_add(&mut self, list: &[Token], is: &dyn Fn(&Value) -> bool) -> Place {
        let all = self.get(list).and_then(Value::as_array);
        let found = all.and_then(|list| list.iter().position(is));
        let mut out = list.to_vec();
        match found {
            Some(index) => out.push(Token::At(index)),
            None => {
                out.push(Token::At(all.map_or(0, Vec::len)));
                self.set(&out, Value::Null);
            }
        }
        out
    }
}

/// The value at a place, made where it is missing.
fn make<'t>(tree: &'t mut Value, place: &[Token]) -> &'t mut Value {
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

/// The place of a pointer into a tree as it stands.
pub fn place_of(root: &Value, pointer: &str) -> Place {
    let mut current = Some(root);
    let mut out = Place::new();
    for token in ginnel_schemas::json_pointer::tokens(pointer).unwrap_or_default() {
        let index = token.parse().ok().filter(|_| current.is_some_and(Value::is_array));
        current = current.and_then(|value| match index {
            Some(index) => value.get::<usize>(index),
            None => value.get(&token),
        });
        out.push(index.map_or(Token::Name(token), Token::At));
    }
    out
}

/// The pointer of a place.
pub fn pointer_of(place: &[Token]) -> String {
    let mut out = String::new();
    for token in place {
        match token {
            Token::Name(name) => ginnel_schemas::json_pointer::push_token(&mut out, name),
            Token::At(index) => ginnel_schemas::json_pointer::push_index(&mut out, *index),
        }
    }
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
    let mut tree = Tree::new(first.clone());
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
            let key = key_of(instance.value);
            let known = tree
                .get(&list)
                .and_then(Value::as_array)
                .is_some_and(|list| key.is_some() && list.iter().any(|one| key_of(one) == key));
            let is_list = get(other, &list).is_some_and(Value::is_array);
            if !known && is_list {
                let place = tree.find_or_add(&list, &|_| false);
                tree.set(&place, instance.value.clone());
            }
        }
    }
    Some(tree.into_root())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn name(text: &str) -> Token {
        Token::Name(text.into())
    }

    #[test]
    fn what_was_tried_is_taken_back_to_the_letter() {
        let before = json!({"a": {"b": [1, 2]}, "n": null});
        let mut tree = Tree::new(before.clone());
        let outer = tree.attempt();
        tree.set(&[name("a"), name("new"), name("deep")], json!(1));
        let inner = tree.attempt();
        tree.set(&[name("n"), name("x")], json!(2));
        tree.find_or_add(&[name("a"), name("b")], &|_| false);
        tree.remove(&[name("a"), name("b"), Token::At(0)]);
        tree.end(inner, true);
        tree.set(&[name("a"), name("b"), Token::At(1)], json!("z"));
        tree.end(outer, false);
        assert_eq!(tree.root(), &before);
        let kept = tree.attempt();
        tree.set(&[name("c")], json!(3));
        tree.end(kept, true);
        assert_eq!(tree.into_root()["c"], 3);
    }
}
