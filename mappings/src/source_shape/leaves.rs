//! Every leaf that a source schema allows, each with where the schema says so.

use super::{Alternative, Kinds, SourceShape};
use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;

/// Deepest nesting that leaves are listed to; below, a place counts as open.
const DEEPEST: usize = 48;

/// How a leaf is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeafKind {
    /// A plain value that the schema names.
    Plain,
    /// The schema allows anything here, members without a name included.
    Open,
    /// The schema refers to itself here: what lies below has the leaves again that lie above.
    Recursive,
}

/// A leaf of a source schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    /// A pattern of pointers: `*` is any element, or any member that has no name of its own.
    pub pattern: String,
    /// How it is known.
    pub kind: LeafKind,
    /// The pointer into the schema that allows it.
    pub schema: String,
    /// Whether every payload has it, as far as what lies around it in its list is there.
    pub needed: bool,
}

impl SourceShape {
    /// Every plain leaf the schema allows by name.
    pub fn leaves(&self) -> Vec<String> {
        let mut out: Vec<String> = self
            .all_leaves()
            .into_iter()
            .filter(|leaf| leaf.kind == LeafKind::Plain)
            .map(|leaf| leaf.pattern)
            .collect();
        out.sort();
        out.dedup();
        out
    }

    /// Every leaf, those of open and of recursive places too.
    pub fn all_leaves(&self) -> Vec<Leaf> {
        let mut out = Vec::new();
        self.gather(&[&self.schema], &mut String::new(), true, &mut Vec::new(), &mut out);
        out.sort();
        out.dedup_by(|a, b| a.pattern == b.pattern && a.kind == b.kind);
        out
    }

    fn gather<'s>(
        &'s self,
        schemas: &[&'s Value],
        pattern: &mut String,
        needed: bool,
        within: &mut Vec<Vec<*const Value>>,
        out: &mut Vec<Leaf>,
    ) {
        let found = self.alternatives(schemas);
        let schema = schemas.iter().find_map(|one| self.pointer_of(one)).unwrap_or_default().to_string();
        let mut leaf =
            |kind: LeafKind| out.push(Leaf { pattern: pattern.clone(), kind, schema: schema.clone(), needed });
        // What may be null need not be there.
        let needed = needed && !found.iter().any(|one| one.kinds.meets(Kinds::NULL));
        let holds_more = found.iter().any(|one| one.kinds.meets(Kinds::OBJECT.or(Kinds::LIST)));
        let structures = ["properties", "patternProperties", "additionalProperties", "items", "prefixItems"];
        let mut parts: Vec<*const Value> = found
            .iter()
            .flat_map(|one| &one.parts)
            .filter(|part| structures.iter().any(|word| part.get(word).is_some()))
            .map(|part| std::ptr::from_ref(*part))
            .collect();
        parts.sort();
        parts.dedup();
        // A place within itself says nothing new the second time.
        if holds_more && !parts.is_empty() && (within.contains(&parts) || within.len() > DEEPEST) {
            leaf(LeafKind::Recursive);
            return;
        }
        if found.iter().any(says_nothing) {
            leaf(LeafKind::Open);
        }
        if found.iter().any(is_plain) {
            leaf(LeafKind::Plain);
        }
        within.push(parts);
        let length = pattern.len();
        for (name, members) in self.members_of(&found) {
            let always = name.is_none_or(|name| {
                needed && found.iter().all(|one| one.kinds.within(Kinds::OBJECT) && one.requires(name))
            });
            match name {
                Some(name) => push_token(pattern, name),
                None => pattern.push_str("/*"),
            }
            for member in members {
                self.gather(&member, pattern, always, within, out);
            }
            pattern.truncate(length);
        }
        within.pop();
    }

    /// The members and elements that alternatives speak of, each with the schemas of every alternative; without a name
    /// those that any name or place may have.
    fn members_of<'s>(&'s self, found: &[Alternative<'s>]) -> Vec<(Option<&'s str>, Vec<Vec<&'s Value>>)> {
        let mut out: Vec<(Option<&'s str>, Vec<Vec<&'s Value>>)> = Vec::new();
        let mut add = |name: Option<&'s str>, schemas: Vec<&'s Value>| match out.iter_mut().find(|one| one.0 == name) {
            Some((_, several)) => several.push(schemas),
            None => out.push((name, vec![schemas])),
        };
        for one in found {
            if one.kinds.meets(Kinds::OBJECT) {
                let mut names: Vec<&'s str> = Vec::new();
                for part in &one.parts {
                    let named = part.get("properties").and_then(Value::as_object);
                    names.extend(named.into_iter().flat_map(|map| map.keys()).map(String::as_str));
                }
                names.sort_unstable();
                names.dedup();
                for name in names {
                    add(Some(name), one.parts.iter().filter_map(|part| part.get("properties")?.get(name)).collect());
                }
                for part in &one.parts {
                    let wild = part.get("patternProperties").and_then(Value::as_object);
                    wild.into_iter().flat_map(|map| map.values()).for_each(|member| add(None, vec![member]));
                    for word in ["additionalProperties", "unevaluatedProperties"] {
                        if let Some(member) = part.get(word).filter(|one| one.is_object()) {
                            add(None, vec![member]);
                        }
                    }
                }
            }
            if one.kinds.meets(Kinds::LIST) {
                for part in &one.parts {
                    for word in ["items", "prefixItems", "additionalItems", "unevaluatedItems"] {
                        match part.get(word) {
                            Some(Value::Array(several)) => several.iter().for_each(|items| add(None, vec![items])),
                            Some(items) if items.is_object() => add(None, vec![items]),
                            _ => {}
                        }
                    }
                }
            }
        }
        out
    }
}

/// Whether an alternative names no type and no member: everything may stand there.
fn says_nothing(one: &Alternative<'_>) -> bool {
    let silent = |part: &&Value| {
        part.get("type").is_none()
            && !["properties", "patternProperties", "items", "prefixItems", "enum", "const"]
                .iter()
                .any(|word| part.get(word).is_some())
    };
    one.kinds == Kinds::ALL && one.parts.iter().all(silent)
        || (one.kinds.meets(Kinds::OBJECT)
            && !one.parts.iter().any(|part| {
                ["properties", "patternProperties", "additionalProperties", "unevaluatedProperties"]
                    .iter()
                    .any(|word| part.get(word).is_some())
            })
            && one.parts.iter().any(|part| part.get("type").is_some()))
}

/// Whether an alternative names a plain type or value.
fn is_plain(one: &Alternative<'_>) -> bool {
    let plain = Kinds::TEXT.or(Kinds::NUMBER).or(Kinds::BOOLEAN);
    one.kinds.meets(plain)
        && one.kinds != Kinds::ALL
        && one
            .parts
            .iter()
            .any(|part| part.get("type").is_some() || part.get("enum").is_some() || part.get("const").is_some())
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
        let recursive = shape.all_leaves().into_iter().find(|leaf| leaf.kind == LeafKind::Recursive);
        assert_eq!(recursive.map(|leaf| leaf.pattern).as_deref(), Some("/list/*/again"));
    }

    #[test]
    fn leaves_of_branches_tuples_and_patterns_are_found() {
        let shape = SourceShape::new(json!({
            "type": "object",
            "properties": {
                "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "object", "properties": {"n": {"type": "integer"}}}]},
                "old": {"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "boolean"}},
                "either": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"code": {"const": 1}}}]},
                "any": {}
            },
            "patternProperties": {"^x-": {"type": "string"}},
            "if": {"properties": {"kind": {"const": "a"}}}, "then": {"properties": {"only_a": {"type": "string"}}},
            "dependentSchemas": {"any": {"properties": {"with_any": {"type": "string"}}}}
        }));
        let wanted =
            ["/*", "/either", "/either/code", "/kind", "/old/*", "/only_a", "/pair/*", "/pair/*/n", "/with_any"];
        assert_eq!(shape.leaves(), wanted);
        assert!(shape.all_leaves().iter().any(|leaf| leaf.pattern == "/any" && leaf.kind == LeafKind::Open));
    }
}
