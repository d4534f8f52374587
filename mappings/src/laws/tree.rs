//! Trees of generated messages: their leaves, what is taken out of them, and how a failing one is made small.

use ginnel_schemas::json_pointer::{push_index, push_token};
use serde_json::Value;

/// The leaves of a tree with their pointers, in input order: plain values, and empty lists and objects.
///
/// Written anew on purpose: the account is compared with it, and must not be compared with itself.
pub fn leaves(root: &Value) -> Vec<(String, &Value)> {
    fn walk<'v>(value: &'v Value, pointer: &mut String, out: &mut Vec<(String, &'v Value)>) {
        let length = pointer.len();
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, child) in map {
                    push_token(pointer, name);
                    walk(child, pointer, out);
                    pointer.truncate(length);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                for (index, child) in list.iter().enumerate() {
                    push_index(pointer, index);
                    walk(child, pointer, out);
                    pointer.truncate(length);
                }
            }
            leaf => out.push((pointer.clone(), leaf)),
        }
    }
    let mut out = Vec::new();
    walk(root, &mut String::new(), &mut out);
    out
}

/// Every place of a tree, the deepest last.
fn places(root: &Value) -> Vec<String> {
    fn walk(value: &Value, pointer: &mut String, out: &mut Vec<String>) {
        let length = pointer.len();
        let mut below = |pointer: &mut String, child: &Value, token: &str| {
            push_token(pointer, token);
            out.push(pointer.clone());
            walk(child, pointer, out);
            pointer.truncate(length);
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, child)| below(pointer, child, name)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(index, child)| below(pointer, child, &index.to_string()));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(root, &mut String::new(), &mut out);
    out.sort_by_key(|pointer| pointer.matches('/').count());
    out
}

/// The tree without what stands at a place.
pub fn without(root: &Value, pointer: &str) -> Option<Value> {
    let mut out = root.clone();
    let above = ginnel_schemas::json_pointer::parent(pointer)?;
    let token = ginnel_schemas::json_pointer::tokens(pointer)?.pop()?;
    match out.pointer_mut(above)? {
        Value::Object(map) => {
            map.shift_remove(&token)?;
        }
        Value::Array(list) => {
            let index: usize = token.parse().ok()?;
            if index >= list.len() {
                return None;
            }
            list.remove(index);
        }
        _ => return None,
    }
    Some(out)
}

/// The tree with another value at a place.
pub fn with(root: &Value, pointer: &str, value: Value) -> Option<Value> {
    let mut out = root.clone();
    *out.pointer_mut(pointer)? = value;
    Some(out)
}

/// So many smaller trees are tried before a failing one is shown as it is.
const MOST_TRIES: usize = 250;

/// A smaller tree that still fails: members and elements are left out, texts made short, as long as it does.
pub fn shrink(failing: Value, fails: &mut dyn FnMut(&Value) -> bool) -> Value {
    let mut smallest = failing;
    let mut tries = 0;
    // Long lists go by halves first.
    let mut lists: Vec<String> = places(&smallest);
    lists.insert(0, String::new());
    for pointer in lists {
        while let Some(length) =
            smallest.pointer(&pointer).and_then(Value::as_array).map(Vec::len).filter(|one| *one > 3)
        {
            let half = |from: usize, to: usize| -> Option<Value> {
                let mut tried = smallest.clone();
                tried.pointer_mut(&pointer)?.as_array_mut()?.drain(from..to);
                Some(tried)
            };
            let halves = [half(0, length / 2), half(length / 2, length)];
            tries += 2;
            let smaller = halves.into_iter().flatten().find(|tried| fails(tried));
            match smaller {
                Some(found) if tries < MOST_TRIES => smallest = found,
                _ => break,
            }
        }
    }
    loop {
        let mut smaller = false;
        for pointer in places(&smallest) {
            if tries == MOST_TRIES {
                return smallest;
            }
            let Some(tried) = without(&smallest, &pointer) else { continue };
            tries += 1;
            if fails(&tried) {
                smallest = tried;
                smaller = true;
            }
        }
        for (pointer, value) in
            leaves(&smallest).into_iter().map(|(pointer, value)| (pointer, value.clone())).collect::<Vec<_>>()
        {
            let short = match &value {
                Value::String(text) if text.chars().count() > 3 => {
                    Value::from(text.chars().take(2).collect::<String>())
                }
                _ => continue,
            };
            if tries == MOST_TRIES {
                return smallest;
            }
            let Some(tried) = with(&smallest, &pointer, short) else { continue };
            tries += 1;
            if fails(&tried) {
                smallest = tried;
                smaller = true;
            }
        }
        if !smaller {
            return smallest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failing_tree_shrinks_to_what_makes_it_fail() {
        let big = json!({"a": [{"x": 1, "bad": "a long text", "y": [1, 2]}, {"x": 2}], "b": {"c": null}});
        let small = shrink(big, &mut |tree| leaves(tree).iter().any(|(pointer, _)| pointer.ends_with("/bad")));
        assert_eq!(small, json!({"a": [{"bad": "a "}]}));
    }

    #[test]
    fn leaves_come_in_input_order_with_empty_lists_among_them() {
        let tree = json!({"b": [1, {"a/x": null}], "a": {}, "c": []});
        let found: Vec<String> = leaves(&tree).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(found, ["/b/0", "/b/1/a~1x", "/a", "/c"]);
    }
}
