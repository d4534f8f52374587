//! What a JSON Schema allows at one place: a union of alternatives, each a conjunction of plain schemas.
//!
//! Whatever a schema says that is not understood here (`not`, `contains`, `propertyNames`...) only narrows what it
//! allows, so a domain holds at least every value that the schema allows. Proofs of the kind "every allowed value ..."
//! stay sound; nothing else is concluded from it.

use super::types_of;
use crate::vendor_path::same;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;

/// JSON types as a set of bits; whole numbers apart from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// `null`.
    pub const NULL: Kinds = Kinds(1);
    /// `true` and `false`.
    pub const BOOLEAN: Kinds = Kinds(2);
    /// Whole numbers.
    pub const INTEGER: Kinds = Kinds(4);
    /// Numbers that are not whole.
    pub const FRACTION: Kinds = Kinds(8);
    /// Numbers.
    pub const NUMBER: Kinds = Kinds(12);
    /// Text.
    pub const TEXT: Kinds = Kinds(16);
    /// Lists.
    pub const LIST: Kinds = Kinds(32);
    /// Objects.
    pub const OBJECT: Kinds = Kinds(64);
    /// All of them.
    pub const ALL: Kinds = Kinds(127);
    /// None.
    pub const NONE: Kinds = Kinds(0);

    /// Those in both.
    pub fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    /// Those in either.
    pub fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// Those that are not in the other.
    pub fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    /// Whether any of the other's is among them.
    pub fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all are among the other's.
    pub fn within(self, other: Kinds) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds of a word of `type`.
    fn named(word: &str) -> Kinds {
        match word {
            "null" => Kinds::NULL,
            "boolean" => Kinds::BOOLEAN,
            "integer" => Kinds::INTEGER,
            "number" => Kinds::NUMBER,
            "string" => Kinds::TEXT,
            "array" => Kinds::LIST,
            "object" => Kinds::OBJECT,
            _ => Kinds::NONE,
        }
    }

    /// The kind of a value.
    pub fn of(value: &Value) -> Kinds {
        match value {
            Value::Null => Kinds::NULL,
            Value::Bool(_) => Kinds::BOOLEAN,
            Value::Number(number) if number.is_i64() || number.is_u64() => Kinds::INTEGER,
            Value::Number(number) if number.as_f64().is_some_and(|n| n.fract() == 0.0) => Kinds::NUMBER,
            Value::Number(_) => Kinds::FRACTION,
            Value::String(_) => Kinds::TEXT,
            Value::Array(_) => Kinds::LIST,
            Value::Object(_) => Kinds::OBJECT,
        }
    }

    /// For people: `text or null`.
    pub fn shown(self) -> String {
        let names = [
            (Kinds::TEXT, "string"),
            (Kinds::INTEGER, "integer"),
            (Kinds::FRACTION, "number"),
            (Kinds::BOOLEAN, "boolean"),
            (Kinds::LIST, "array"),
            (Kinds::OBJECT, "object"),
            (Kinds::NULL, "null"),
        ];
        if self == Kinds::ALL {
            return "anything".into();
        }
        let integer = !self.meets(Kinds::FRACTION);
        let all: Vec<&str> = names
            .iter()
            .filter(|(kind, name)| self.meets(*kind) && (*name != "integer" || integer))
            .map(|(_, name)| *name)
            .collect();
        if all.is_empty() { "nothing".into() } else { all.join(" or ") }
    }
}

/// One alternative: all these schemas hold at once.
#[derive(Debug, Clone)]
pub struct Alternative<'s> {
    /// Schemas without regard to their branches and references, which are alternatives of their own.
    pub parts: Vec<&'s Value>,
    /// The types it allows.
    pub kinds: Kinds,
}

impl<'s> Alternative<'s> {
    /// The alternative of these parts; `None` where nothing is of all their types.
    pub fn new(parts: Vec<&'s Value>) -> Option<Alternative<'s>> {
        let mut kinds = Kinds::ALL;
        for part in &parts {
            kinds = kinds.and(kinds_of(part));
        }
        let mut out = Alternative { parts, kinds };
        if let Some(values) = out.values() {
            out.kinds = values.iter().fold(Kinds::NONE, |all, value| all.or(Kinds::of(value)));
        }
        (!out.kinds.is_empty()).then_some(out)
    }

    /// The only values it allows, where it lists them.
    pub fn values(&self) -> Option<Vec<&'s Value>> {
        let mut out: Option<Vec<&'s Value>> = None;
        for part in &self.parts {
            let listed: Vec<&'s Value> = match (part.get("enum").and_then(Value::as_array), part.get("const")) {
                (Some(list), None) => list.iter().collect(),
                (None, Some(one)) => vec![one],
                (Some(list), Some(one)) => list.iter().filter(|value| same(value, one)).collect(),
                (None, None) => continue,
            };
            out = Some(match out {
                None => listed,
                Some(before) => {
                    before.into_iter().filter(|value| listed.iter().any(|other| same(value, other))).collect()
                }
            });
        }
        out.map(|values| values.into_iter().filter(|value| Kinds::of(value).meets(self.kinds)).collect())
    }

    /// Whether a part has this `format`.
    pub fn has_format(&self, format: &str) -> bool {
        self.parts.iter().any(|part| part.get("format").and_then(Value::as_str) == Some(format))
    }

    /// The greatest of a keyword that bounds from below.
    pub fn at_least(&self, word: &str) -> Option<f64> {
        self.parts
            .iter()
            .filter_map(|part| part.get(word)?.as_f64())
            .fold(None, |all: Option<f64>, one| Some(all.map_or(one, |all| all.max(one))))
    }

    /// The least of a keyword that bounds from above.
    pub fn at_most(&self, word: &str) -> Option<f64> {
        self.parts
            .iter()
            .filter_map(|part| part.get(word)?.as_f64())
            .fold(None, |all: Option<f64>, one| Some(all.map_or(one, |all| all.min(one))))
    }

    /// Whether each of its texts has something else than white space in it.
    pub fn never_blank(&self) -> bool {
        const SURE: &[&str] = &["date", "date-time", "time", "duration", "email", "ipv4", "ipv6", "uuid"];
        if let Some(values) = self.values() {
            return values.iter().all(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()));
        }
        if SURE.iter().any(|format| self.has_format(format)) {
            return true;
        }
        let patterns = self.parts.iter().filter_map(|part| part.get("pattern")?.as_str());
        patterns.into_iter().any(needs_ink)
    }

    /// Whether a member must be there.
    pub fn requires(&self, name: &str) -> bool {
        self.parts.iter().any(|part| {
            let required = part.get("required").and_then(Value::as_array).into_iter().flatten();
            required.filter_map(Value::as_str).any(|one| one == name)
        })
    }
}

/// Whether every text in which an expression is found has something else than white space; `false` where that is not sure.
///
/// An expression that names nothing white can take nothing white; if it is not found in white space it takes something.
fn needs_ink(pattern: &str) -> bool {
    const MAY_BE_WHITE: &[&str] =
        &[r"\s", r"\W", r"\D", r"\P", r"\p", r"\x", r"\u", r"\n", r"\t", r"\r", r"\v", r"\f", "[:", "[^", ".", " "];
    thread_local! {
        // A schema has few patterns and names each at thousands of places.
        static KNOWN: RefCell<HashMap<String, bool>> = RefCell::new(HashMap::new());
    }
    let named = pattern.replace(r"\S", "").replace(r"\.", "");
    if MAY_BE_WHITE.iter().any(|word| named.contains(word)) {
        return false;
    }
    let found =
        || regex::Regex::new(pattern).is_ok_and(|one| !["", " ", "  ", "   "].iter().any(|text| one.is_match(text)));
    KNOWN.with_borrow_mut(|known| match known.get(pattern) {
        Some(known) => *known,
        None => *known.entry(pattern.to_string()).or_insert_with(found),
    })
}

/// The types that one schema allows by itself.
pub fn kinds_of(schema: &Value) -> Kinds {
    match schema {
        Value::Bool(false) => Kinds::NONE,
        Value::Object(map) if map.contains_key("type") => {
            types_of(schema).into_iter().fold(Kinds::NONE, |all, word| all.or(Kinds::named(word)))
        }
        _ => Kinds::ALL,
    }
}

/// All that is allowed at a place.
#[derive(Debug, Clone, Default)]
pub struct Domain<'s> {
    /// The alternatives; none where nothing is known.
    pub alternatives: Vec<Alternative<'s>>,
}

impl<'s> Domain<'s> {
    /// The types it allows.
    pub fn kinds(&self) -> Kinds {
        if self.alternatives.is_empty() {
            return Kinds::ALL;
        }
        self.alternatives.iter().fold(Kinds::NONE, |all, one| all.or(one.kinds))
    }

    /// The only values that may stand here, where all are listed; without `null` and blanks, which are absent.
    pub fn closed(&self) -> Option<Vec<Value>> {
        if self.alternatives.is_empty() {
            return None;
        }
        let mut out: Vec<Value> = Vec::new();
        for one in &self.alternatives {
            let values: Vec<Value> = match one.values() {
                Some(values) => values.into_iter().cloned().collect(),
                None if one.kinds.within(Kinds::NULL.or(Kinds::BOOLEAN)) => {
                    let both = [Value::Bool(true), Value::Bool(false)];
                    if one.kinds.meets(Kinds::BOOLEAN) { both.to_vec() } else { Vec::new() }
                }
                None => return None,
            };
            for value in values {
                if !crate::vendor_path::is_absent(&value) && !out.iter().any(|known| same(known, &value)) {
                    out.push(value);
                }
            }
        }
        Some(out)
    }

    /// Whether a value may stand here, as far as types and lists of values tell.
    pub fn may_be(&self, value: &Value) -> bool {
        if self.alternatives.is_empty() {
            return true;
        }
        let kind = Kinds::of(value);
        self.alternatives.iter().any(|one| {
            one.kinds.meets(kind) && one.values().is_none_or(|values| values.iter().any(|other| same(other, value)))
        })
    }

    /// Whether every text has one of these formats or is a listed value that `fits` takes.
    pub fn every_text(&self, formats: &[&str], fits: &dyn Fn(&str) -> bool) -> bool {
        !self.alternatives.is_empty()
            && self.alternatives.iter().filter(|one| one.kinds.meets(Kinds::TEXT)).all(|one| {
                formats.iter().any(|format| one.has_format(format))
                    || one.values().is_some_and(|values| {
                        values
                            .iter()
                            .filter_map(|value| value.as_str())
                            .all(|text| text.trim().is_empty() || fits(text))
                    })
            })
    }

    /// Whether no text holds another one: each is listed and lacks it, or has a pattern that keeps it out.
    pub fn every_text_lacks(&self, other: &str) -> bool {
        let texts = self.alternatives.iter().filter(|one| one.kinds.meets(Kinds::TEXT));
        !self.alternatives.is_empty()
            && texts.into_iter().all(|one| {
                let listed = one.values().is_some_and(|values| {
                    values.iter().filter_map(|value| value.as_str()).all(|text| !text.contains(other))
                });
                let mut patterns = one.parts.iter().filter_map(|part| part.get("pattern")?.as_str());
                listed || patterns.any(|pattern| super::letters::keeps_out(pattern, other))
            })
    }

    /// Whether every number is whole and lies between two bounds.
    pub fn every_number_in(&self, least: f64, most: f64) -> bool {
        let numbers = self.alternatives.iter().filter(|one| one.kinds.meets(Kinds::NUMBER));
        !self.alternatives.is_empty()
            && numbers.into_iter().all(|one| {
                if let Some(values) = one.values() {
                    return values.iter().filter_map(|value| value.as_f64()).all(|n| least <= n && n <= most);
                }
                let low = one.at_least("minimum").is_some_and(|n| n >= least)
                    || one.at_least("exclusiveMinimum").is_some_and(|n| n >= least - 1.0);
                let high = one.at_most("maximum").is_some_and(|n| n <= most)
                    || one.at_most("exclusiveMaximum").is_some_and(|n| n <= most + 1.0);
                low && high
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_may_be_found_in_white_space_proves_nothing() {
        for pattern in [r"^\S+$", "^[A-Z]{2}$", r"^\d+\.\d$", "x"] {
            assert!(needs_ink(pattern), "{pattern}");
        }
        for pattern in ["^.+$", r"^\s*$", "^[^x]+$", "^ {3}$", "a*", "^$"] {
            assert!(!needs_ink(pattern), "{pattern}");
        }
    }
}
