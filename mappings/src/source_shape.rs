//! What a vendor's JSON Schema says of the shape of its payloads: where lists are, and which plain types a leaf has.

use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;

/// A source schema, asked for shapes.
#[derive(Debug, Default)]
pub struct SourceShape {
    schema: Value,
}

impl SourceShape {
    /// The shape of a schema.
    pub fn new(schema: Value) -> SourceShape {
        SourceShape { schema }
    }

    /// The schema itself.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// A schema with all that it refers to and all its branches, each once. `true` stands for what cannot be followed.
    pub fn flat<'s>(&'s self, schema: &'s Value) -> Vec<&'s Value> {
        let mut out = Vec::new();
        self.flatten(schema, &mut out);
        out
    }

    fn flatten<'s>(&'s self, schema: &'s Value, out: &mut Vec<&'s Value>) {
        if out.iter().any(|known| std::ptr::eq(*known, schema)) {
            return;
        }
        out.push(schema);
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let referred = target.strip_prefix('#').and_then(|target| self.schema.pointer(target));
            self.flatten(referred.unwrap_or(&ANYTHING), out);
        }
        for word in ["allOf", "anyOf", "oneOf"] {
            for branch in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
                self.flatten(branch, out);
            }
        }
        for branch in ["then", "else"].iter().filter_map(|word| schema.get(word)) {
            self.flatten(branch, out);
        }
        for branch in schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(|map| map.values())
        {
            self.flatten(branch, out);
        }
    }

    /// The JSON types that the schema allows at a place; tokens are member names, `*` any element. Empty when it says nothing.
    pub fn types<'s>(&'s self, tokens: &[&str]) -> Vec<&'s str> {
        let mut out: Vec<&'s str> = Vec::new();
        self.walk(&self.schema, tokens, 0, &mut |schema: &'s Value| {
            out.extend(types_of(schema));
        });
        out
    }

    /// Whether a place is one object rather than a list.
    pub fn is_single(&self, tokens: &[&str]) -> bool {
        let types = self.types(tokens);
        types.contains(&"object") && !types.contains(&"array")
    }

    /// Every leaf the schema allows, as a pattern of pointers: `*` is any element, or any member that has no name of its own.
    pub fn leaves(&self) -> Vec<String> {
        let mut out = Vec::new();
        self.collect(&self.schema, &mut String::new(), &mut Vec::new(), &mut out);
        out.sort();
        out.dedup();
        out
    }

    fn collect<'s>(
        &'s self,
        schema: &'s Value,
        pointer: &mut String,
        within: &mut Vec<&'s str>,
        out: &mut Vec<String>,
    ) {
        let mut parts: Vec<&Value> = Vec::new();
        let target = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = target {
            // A schema within itself says nothing new the second time.
            if within.contains(&target) {
                return;
            }
            within.push(target);
            parts.extend(target.strip_prefix('#').and_then(|target| self.schema.pointer(target)));
        }
        let branches = ["allOf", "anyOf", "oneOf"].iter().filter_map(|word| schema.get(word)?.as_array()).flatten();
        parts.extend(branches);
        let length = pointer.len();
        let mut inner = !parts.is_empty();
        for part in parts {
            self.collect(part, pointer, within, out);
        }
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            inner = true;
            push_token(pointer, name);
            self.collect(member, pointer, within, out);
            pointer.truncate(length);
        }
        for word in ["items", "additionalProperties"] {
            if let Some(element) = schema.get(word).filter(|one| one.is_object()) {
                inner = true;
                pointer.push_str("/*");
                self.collect(element, pointer, within, out);
                pointer.truncate(length);
            }
        }
        // What the schema leaves open (`{}`, an object without members) is no leaf it allows by name.
        let plain = |name: &Value| matches!(name.as_str(), Some("string" | "number" | "integer" | "boolean"));
        let types = schema.get("type");
        let named =
            types.is_some_and(|types| plain(types) || types.as_array().is_some_and(|all| all.iter().any(plain)));
        if !inner && (named || schema.get("enum").is_some() || schema.get("const").is_some()) {
            out.push(pointer.clone());
        }
        if target.is_some() {
            within.pop();
        }
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
        let Some((token, rest)) = tokens.split_first() else {
            found(schema);
            return;
        };
        if *token == "*" {
            if let Some(items) = schema.get("items") {
                self.walk(items, rest, depth + 1, found);
            }
            if let Some(members) = schema.get("additionalProperties").filter(|one| one.is_object()) {
                self.walk(members, rest, depth + 1, found);
            }
        } else if let Some(member) = schema.get("properties").and_then(|all| all.get(token)) {
            self.walk(member, rest, depth + 1, found);
        }
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
    fn the_leaves_of_a_schema_are_listed_once() {
        let shape = SourceShape::new(json!({
            "properties": {"list": {"items": {"$ref": "#/$defs/row"}}, "free": {"type": "object", "additionalProperties": {"type": "string"}}},
            "$defs": {"row": {"properties": {"a": {"type": "string"}, "b": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": "number"}}]}, "again": {"$ref": "#/$defs/row"}}}}}));
        assert_eq!(shape.leaves(), ["/free/*", "/list/*/a", "/list/*/b/*"]);
    }

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
}
