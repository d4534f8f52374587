//! What a vendor's JSON Schema says of the shape of its payloads: where lists are, which values a leaf may have, what is
//! required, and where in the file it says so.

mod domain;
mod leaves;
mod letters;
mod references;

pub use domain::{Alternative, Domain, Kinds};
pub use leaves::{Leaf, LeafKind};

use crate::diagnostic::Span;
use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Most alternatives that are told apart at one place; beyond, a schema counts as saying nothing.
const MOST_ALTERNATIVES: usize = 128;

/// A source schema, asked for shapes.
#[derive(Debug, Default)]
pub struct SourceShape {
    schema: Value,
    text: String,
    file: String,
    /// The pointer of each part of the schema, by its address in memory; made when first asked for.
    pointers: OnceLock<HashMap<usize, String>>,
}

impl SourceShape {
    /// The shape of a schema.
    pub fn new(schema: Value) -> SourceShape {
        SourceShape::read(schema, "", "source.schema.json")
    }

    /// The shape of a schema that was read from a file.
    pub fn read(mut schema: Value, text: &str, file: &str) -> SourceShape {
        references::localise(&mut schema);
        SourceShape { schema, text: text.to_string(), file: file.to_string(), pointers: OnceLock::new() }
    }

    /// The schema itself; its references are pointers into it.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// The file it was read from.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where a part of the schema stands in its file: the key of a member, or the value itself.
    pub fn span(&self, pointer: &str) -> Span {
        let Some(at) =
            ginnel_schemas::json::locate_nearest(self.text.as_bytes(), &[pointer]).first().copied().flatten()
        else {
            return Span::default();
        };
        let before = self.text.lines().nth(at.line.saturating_sub(1)).unwrap_or_default();
        let head: String = before.chars().take(at.column.saturating_sub(1)).collect();
        let name = pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let quoted = Value::from(name).to_string();
        match head.trim_end().strip_suffix(':').map(str::trim_end).and_then(|head| head.strip_suffix(&quoted)) {
            Some(head) => Span::new(at.line, head.chars().count() + 1, quoted.chars().count()),
            None => Span::new(at.line, at.column, 1),
        }
    }

    /// Where a quoted word of a message stands in the file.
    pub fn span_of_text(&self, message: &str) -> Span {
        let found = message.split(['"', '\'', '`']).filter(|word| !word.is_empty()).find_map(|word| {
            let at = self.text.find(&format!("\"{word}\""))?;
            let before = &self.text[..at];
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Some(Span::new(before.matches('\n').count() + 1, column, word.chars().count() + 2))
        });
        found.unwrap_or(Span::new(1, 1, 1))
    }

    /// The pointer of a part of this schema.
    pub fn pointer_of(&self, part: &Value) -> Option<&str> {
        if std::ptr::eq(part, &self.schema) {
            return Some("");
        }
        let pointers = self.pointers.get_or_init(|| {
            let mut out = HashMap::new();
            note_pointers(&self.schema, &mut String::new(), &mut out);
            out
        });
        pointers.get(&(std::ptr::from_ref(part) as usize)).map(String::as_str)
    }

    /// All that some schemas, which hold at once, allow together.
    pub fn alternatives<'s>(&'s self, schemas: &[&'s Value]) -> Vec<Alternative<'s>> {
        let mut sums: Vec<Vec<&'s Value>> = vec![Vec::new()];
        for schema in schemas {
            sums = product(sums, &self.expand(schema, &mut Vec::new()));
        }
        sums.into_iter().filter_map(Alternative::new).collect()
    }

    /// A schema as alternatives of plain schemas.
    fn expand<'s>(&'s self, schema: &'s Value, within: &mut Vec<*const Value>) -> Vec<Vec<&'s Value>> {
        let map = match schema {
            Value::Bool(true) => return vec![vec![schema]],
            Value::Object(map) => map,
            _ => return Vec::new(),
        };
        let here = std::ptr::from_ref(schema);
        if within.contains(&here) {
            // A schema that is made of itself adds nothing to itself.
            return vec![Vec::new()];
        }
        within.push(here);
        let mut sums: Vec<Vec<&'s Value>> = vec![vec![schema]];
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            let referred = target.strip_prefix('#').and_then(|target| self.schema.pointer(target));
            sums = product(sums, &self.expand(referred.unwrap_or(&ANYTHING), within));
        }
        for one in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            sums = product(sums, &self.expand(one, within));
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(branches) = map.get(word).and_then(Value::as_array) {
                let union = branches.iter().flat_map(|one| self.expand(one, within)).collect::<Vec<_>>();
                sums = product(sums, &union);
            }
        }
        if let Some(condition) = map.get("if").filter(|_| map.contains_key("then") || map.contains_key("else")) {
            let branch = |word: &str| map.get(word).unwrap_or(&ANYTHING);
            let met = product(self.expand(condition, within), &self.expand(branch("then"), within));
            let unmet = self.expand(branch("else"), within);
            sums = product(sums, &met.into_iter().chain(unmet).collect::<Vec<_>>());
        }
        for word in ["dependentSchemas", "dependencies"] {
            let dependent = map.get(word).and_then(Value::as_object).into_iter().flat_map(|map| map.values());
            for one in dependent.filter(|one| !one.is_array()) {
                let mut either = vec![Vec::new()];
                either.extend(self.expand(one, within));
                sums = product(sums, &either);
            }
        }
        within.pop();
        sums
    }

    /// The JSON types that the schema allows at a place; tokens are member names, `*` any element. Empty when it says nothing.
    pub fn types<'s>(&'s self, tokens: &[&str]) -> Vec<&'s str> {
        let mut out: Vec<&'s str> = Vec::new();
        self.walk(&self.schema, tokens, 0, &mut |schema: &'s Value| {
            out.extend(types_of(schema));
        });
        out
    }

    /// The schemas that speak of a place; tokens as of [`SourceShape::types`].
    pub fn schemas<'s>(&'s self, tokens: &[&str]) -> Vec<&'s Value> {
        let mut out: Vec<&'s Value> = Vec::new();
        self.walk(&self.schema, tokens, 0, &mut |schema: &'s Value| out.push(schema));
        out
    }

    /// Whether a place is one object rather than a list.
    pub fn is_single(&self, tokens: &[&str]) -> bool {
        let types = self.types(tokens);
        types.contains(&"object") && !types.contains(&"array")
    }

    fn walk<'s>(&'s self, schema: &'s Value, tokens: &[&str], depth: usize, found: &mut dyn FnMut(&'s Value)) {
        // Schemas that refer to themselves end here.
        if depth > 40 {
            return;
        }
        if let Some(target) =
            schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'))
            && let Some(referred) = self.schema.pointer(target)
        {
            self.walk(referred, tokens, depth + 1, found);
        }
        for word in ["allOf", "anyOf", "oneOf"] {
            for branch in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
                self.walk(branch, tokens, depth + 1, found);
            }
        }
        for branch in ["then", "else"].iter().filter_map(|word| schema.get(word)) {
            self.walk(branch, tokens, depth + 1, found);
        }
        let Some((token, rest)) = tokens.split_first() else {
            found(schema);
            return;
        };
        if *token == "*" {
            for word in ["items", "prefixItems", "additionalItems"] {
                match schema.get(word) {
                    Some(Value::Array(several)) => {
                        several.iter().for_each(|items| self.walk(items, rest, depth + 1, found));
                    }
                    Some(items) => self.walk(items, rest, depth + 1, found),
                    None => {}
                }
            }
            if let Some(members) = schema.get("additionalProperties").filter(|one| one.is_object()) {
                self.walk(members, rest, depth + 1, found);
            }
        } else if let Some(member) = schema.get("properties").and_then(|all| all.get(token)) {
            self.walk(member, rest, depth + 1, found);
        }
    }
}

/// Every pair of alternatives, both at once; too many count as saying nothing.
fn product<'s>(left: Vec<Vec<&'s Value>>, right: &[Vec<&'s Value>]) -> Vec<Vec<&'s Value>> {
    if left.len() * right.len() > MOST_ALTERNATIVES {
        return vec![vec![&ANYTHING]];
    }
    let mut out = Vec::with_capacity(left.len() * right.len());
    for one in &left {
        for other in right {
            let mut both = one.clone();
            both.extend(other.iter().filter(|part| !one.iter().any(|known| std::ptr::eq(*known, **part))));
            // What nothing can be is left out here, so that it does not grow.
            if let Some(kept) = Alternative::new(both) {
                out.push(kept.parts);
            }
        }
    }
    out
}

fn note_pointers(value: &Value, pointer: &mut String, out: &mut HashMap<usize, String>) {
    out.insert(std::ptr::from_ref(value) as usize, pointer.clone());
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            for (name, child) in map {
                push_token(pointer, name);
                note_pointers(child, pointer, out);
                pointer.truncate(length);
            }
        }
        Value::Array(list) => {
            for (place, child) in list.iter().enumerate() {
                push_token(pointer, &place.to_string());
                note_pointers(child, pointer, out);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// A schema that allows everything.
static ANYTHING: Value = Value::Bool(true);

/// The JSON types that one schema names, without its branches.
pub fn types_of(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(_) => Vec::new(),
        None => {
            let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
            values.chain(schema.get("const")).map(|value| type_name(value)).collect()
        }
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shapes_are_found_through_references_and_branches() {
        let shape = SourceShape::new(json!({
            "properties": {"data": {"type": "array", "items": {"$ref": "#/$defs/client"}}, "plan": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/client"}]}},
            "$defs": {"client": {"type": "object", "properties": {"n": {"type": ["string", "null"]}, "next": {"$ref": "#/$defs/client"}}}}}));
        assert!(!shape.is_single(&["data"]));
        assert!(shape.is_single(&["plan"]));
        assert_eq!(shape.types(&["data", "*", "n"]), ["string", "null"]);
        assert_eq!(shape.types(&["plan", "next", "next", "n"]), ["string", "null"]);
        assert!(shape.types(&["nothing"]).is_empty());
    }

    #[test]
    fn alternatives_that_nothing_can_meet_are_left_out() {
        let shape = SourceShape::new(json!({
            "allOf": [{"anyOf": [{"type": "string", "minLength": 1}, {"type": "number"}]}, {"type": ["string", "null"]}]}));
        let found = shape.alternatives(&[shape.schema()]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kinds, Kinds::TEXT);
        let listed = SourceShape::new(json!({"enum": ["a", "b", 3], "if": {"const": "a"}, "then": {"type": "string"}}));
        let domain = Domain { alternatives: listed.alternatives(&[listed.schema()]) };
        assert_eq!(domain.closed(), Some(vec![json!("a"), json!("b"), json!(3)]));
    }

    #[test]
    fn a_place_in_the_schema_is_shown_by_its_key() {
        let text = "{\n  \"properties\": {\n    \"born\": { \"type\": \"string\" }\n  }\n}";
        let shape = SourceShape::read(serde_json::from_str(text).expect("json"), text, "s");
        assert_eq!(shape.span("/properties/born"), Span::new(3, 5, 6));
        let part = shape.schema().pointer("/properties/born").expect("there");
        assert_eq!(shape.pointer_of(part), Some("/properties/born"));
    }
}
