//! Messages that a vendor's JSON Schema allows, of any draft: what is required, what may be, and what lies at an edge.

use super::pattern::Patterns;
use super::random::Random;
use super::suggestions::{Suggestion, Suggestions};
use super::values;
use ginnel_schemas::json_pointer::push_token;
use ginnel_schemas::json_schema::choice::{choice_of, choices};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How a message is filled.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// How many of a hundred optional members are there.
    pub fullness: usize,
    /// How many of a hundred plain values lie at an edge.
    pub oddity: usize,
    /// How many of a hundred objects have a member that the schema does not know.
    pub unknown: usize,
    /// Most elements of a list.
    pub longest: usize,
}

impl Style {
    /// The style of a case: sparse, usual, full, odd.
    pub fn any(random: &mut Random) -> Style {
        Style {
            fullness: [15, 50, 80, 100][random.below(4)],
            oddity: [0, 0, 5, 25][random.below(4)],
            unknown: [0, 0, 0, 4][random.below(4)],
            longest: [1, 2, 3, 3, 12][random.below(5)],
        }
    }
}

/// So deep goes a schema that refers to itself.
const DEEPEST: usize = 14;
/// So many values has a message at most, so that one within another within another does not grow without end.
const MOST_VALUES: usize = 1500;

/// Makes messages.
pub struct PayloadMaker<'s> {
    root: &'s Value,
    suggestions: &'s Suggestions,
    known: HashMap<String, Option<Suggestion>>,
    patterns: Patterns,
    style: Style,
    budget: usize,
}

impl<'s> PayloadMaker<'s> {
    /// A maker of messages of a schema.
    pub fn new(root: &'s Value, suggestions: &'s Suggestions) -> PayloadMaker<'s> {
        let style = Style { fullness: 50, oddity: 0, unknown: 0, longest: 3 };
        PayloadMaker { root, suggestions, known: HashMap::new(), patterns: Patterns::default(), style, budget: 0 }
    }

    /// A message.
    pub fn message(&mut self, style: Style, random: &mut Random) -> Value {
        self.style = style;
        self.budget = MOST_VALUES;
        self.value(&[self.root], &mut String::new(), 0, random)
    }

    /// Another value for a place of a message.
    pub fn value_at(&mut self, pointer: &str, style: Style, random: &mut Random) -> Option<Value> {
        self.style = style;
        self.budget = MOST_VALUES;
        let mut schemas = self.views(&[self.root], random);
        let mut pattern = String::new();
        for token in ginnel_schemas::json_pointer::tokens(pointer)? {
            let (next, name) = self.step(&schemas, &token)?;
            push_token(&mut pattern, &name);
            schemas = self.views(&next, random);
        }
        Some(self.value(&schemas, &mut pattern, 0, random))
    }

    fn step(&self, schemas: &[&'s Value], token: &str) -> Option<(Vec<&'s Value>, String)> {
        let named: Vec<&Value> = schemas.iter().filter_map(|one| one.get("properties")?.get(token)).collect();
        if !named.is_empty() {
            return Some((named, token.to_string()));
        }
        let elements: Vec<&Value> =
            schemas.iter().filter_map(|one| one.get("items").filter(|one| one.is_object())).collect();
        if !elements.is_empty() && token.parse::<usize>().is_ok() {
            return Some((elements, "*".into()));
        }
        let others: Vec<&Value> =
            schemas.iter().filter_map(|one| one.get("additionalProperties").filter(|one| one.is_object())).collect();
        (!others.is_empty()).then(|| (others, "*".into()))
    }

    /// All schemas that speak of a value: referred ones, all of `allOf`, one of each choice.
    fn views(&self, schemas: &[&'s Value], random: &mut Random) -> Vec<&'s Value> {
        let mut out: Vec<&'s Value> = Vec::new();
        let mut open: Vec<&'s Value> = schemas.to_vec();
        while let Some(schema) = open.pop() {
            if out.len() > 60 || out.iter().any(|known| std::ptr::eq(*known, schema)) {
                continue;
            }
            out.push(schema);
            let target = schema.get("$ref").or_else(|| schema.get("$dynamicRef")).and_then(Value::as_str);
            open.extend(target.and_then(|target| self.referred(target)));
            open.extend(schema.get("allOf").and_then(Value::as_array).into_iter().flatten());
            for word in ["anyOf", "oneOf"] {
                open.extend(schema.get(word).and_then(Value::as_array).and_then(|all| random.pick(all)));
            }
            if let Some(condition) = schema.get("if") {
                if random.chance(50) {
                    open.push(condition);
                    open.extend(schema.get("then"));
                } else {
                    open.extend(schema.get("else"));
                }
            }
        }
        out
    }

    fn referred(&self, target: &str) -> Option<&'s Value> {
        let inside = target.strip_prefix('#')?;
        let unescaped = inside.replace("%24", "$").replace("%25", "%");
        match self.root.pointer(&unescaped) {
            Some(found) => Some(found),
            None => anchored(self.root, inside),
        }
    }

    fn value(&mut self, schemas: &[&'s Value], pattern: &mut String, depth: usize, random: &mut Random) -> Value {
        self.budget = self.budget.saturating_sub(1);
        let views = self.views(schemas, random);
        let listed = listed(&views);
        if !listed.is_empty() {
            return random.pick(&listed).map_or(Value::Null, |one| (*one).clone());
        }
        let types = types(&views);
        let tired = depth > DEEPEST || self.budget == 0;
        let nullable = types.contains(&"null");
        if nullable && (tired || (types.len() > 1 && random.chance(100 - self.style.fullness.clamp(10, 92)))) {
            return Value::Null;
        }
        let suggestion = self.suggestion(pattern);
        let plain: Vec<&str> = types.iter().copied().filter(|one| *one != "null").collect();
        let kind = random.pick(&plain).copied().unwrap_or("null");
        match kind {
            "object" => self.object(&views, pattern, depth, random),
            "array" => self.list(&views, pattern, depth, random),
            "boolean" => match suggestion.and_then(|one| one.value(random)).filter(Value::is_boolean) {
                Some(value) => value,
                None => random.chance(50).into(),
            },
            "integer" | "number" => {
                let found = suggestion.filter(|_| random.chance(50)).and_then(|one| one.value(random));
                let fits = |one: &Value| one.is_number() && within(one, &views) && (kind == "number" || is_whole(one));
                found.filter(fits).unwrap_or_else(|| self.number(&views, kind == "integer", random))
            }
            "string" => {
                let suggested = suggestion.filter(|_| random.chance(75)).and_then(|one| one.value(random));
                let fits = |one: &Value| one.as_str().is_some_and(|text| text_fits(text, &views, &self.patterns));
                suggested.filter(fits).unwrap_or_else(|| self.text(&views, random).into())
            }
            _ => Value::Null,
        }
    }

    fn suggestion(&mut self, pattern: &str) -> Option<Suggestion> {
        if let Some(known) = self.known.get(pattern) {
            return known.clone();
        }
        let found = self.suggestions.at(pattern);
        self.known.insert(pattern.to_string(), found.clone());
        found
    }

    fn object(&mut self, views: &[&'s Value], pattern: &mut String, depth: usize, random: &mut Random) -> Value {
        let mut names: Vec<&'s str> = Vec::new();
        let known = views.iter().filter_map(|one| one.get("properties")?.as_object()).flat_map(Map::keys);
        known.for_each(|name| {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        });
        let mut required: Vec<&'s str> = Vec::new();
        for view in views {
            required
                .extend(view.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str));
        }
        names.extend(required.iter().copied().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        let tired = depth > DEEPEST || self.budget == 0;
        let mut taken: Vec<&'s str> = names
            .iter()
            .copied()
            .filter(|name| required.contains(name) || (!tired && random.chance(self.style.fullness)))
            .collect();
        let least = views.iter().filter_map(|view| view.get("minProperties")?.as_u64()).max().unwrap_or(0);
        let short = usize::try_from(least).unwrap_or(usize::MAX).saturating_sub(taken.len());
        taken.extend(names.iter().copied().filter(|name| !taken.contains(name)).take(short).collect::<Vec<_>>());
        for view in views {
            for (name, needs) in view.get("dependentRequired").and_then(Value::as_object).into_iter().flatten() {
                if taken.contains(&name.as_str()) {
                    let needs = needs.as_array().into_iter().flatten().filter_map(Value::as_str);
                    needs.for_each(|one| {
                        if !taken.contains(&one) {
                            taken.push(one);
                        }
                    });
                }
            }
        }
        // Of a choice one member is taken, a required one first.
        for choice in views.iter().flat_map(|view| choices(view)) {
            let mut members: Vec<&str> =
                taken.iter().copied().filter(|name| choice_of([choice], name).is_some()).collect();
            random.shuffle(&mut members);
            let one = members.iter().find(|name| required.contains(*name)).or(members.first()).copied();
            taken.retain(|name| Some(*name) == one || !members.contains(name));
        }
        // Senders write members in any order.
        if random.chance(20) {
            random.shuffle(&mut taken);
        }
        let mut out = Map::new();
        let length = pattern.len();
        for name in taken {
            let mut schemas: Vec<&'s Value> = views.iter().filter_map(|one| one.get("properties")?.get(name)).collect();
            if schemas.is_empty() {
                schemas = self.unnamed(views, name);
            }
            if schemas.iter().any(|one| **one == Value::Bool(false)) {
                continue;
            }
            push_token(pattern, name);
            let value = self.value(&schemas, pattern, depth + 1, random);
            pattern.truncate(length);
            out.insert(name.to_string(), value);
        }
        self.free_members(views, pattern, depth, random, &mut out);
        Value::Object(out)
    }

    /// What the schemas say of a member they do not name.
    fn unnamed(&self, views: &[&'s Value], name: &str) -> Vec<&'s Value> {
        let mut out = Vec::new();
        for view in views {
            for (expression, schema) in view.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                if self.patterns.fits(expression, name) {
                    out.push(schema);
                }
            }
        }
        if out.is_empty() {
            out.extend(views.iter().filter_map(|one| one.get("additionalProperties")).filter(|one| one.is_object()));
        }
        out
    }

    /// Members whose names the sender chooses, and now and then one that no schema knows.
    fn free_members(
        &mut self,
        views: &[&'s Value],
        pattern: &mut String,
        depth: usize,
        random: &mut Random,
        out: &mut Map<String, Value>,
    ) {
        let length = pattern.len();
        let mut free: Vec<(String, Vec<&'s Value>)> = Vec::new();
        for view in views {
            if let Some(schema) = view.get("additionalProperties").filter(|one| one.is_object()) {
                let names = ["a", "b", "mood", "c/d", "e~f", "Ünï", "skin.left", "x y", "1"];
                let count = random.below(self.style.longest + 2);
                for _ in 0..count {
                    let name = random.pick(&names).copied().unwrap_or("a");
                    free.push((name.to_string(), vec![schema]));
                }
            }
            for (expression, schema) in view.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                if random.chance(self.style.fullness) {
                    free.extend(self.patterns.matching(expression, random).map(|name| (name, vec![schema])));
                }
            }
        }
        for (name, schemas) in free {
            let names_fit = views
                .iter()
                .filter_map(|one| one.get("propertyNames"))
                .all(|schema| text_fits(&name, &[schema], &self.patterns));
            if self.budget == 0 || out.contains_key(&name) || !names_fit {
                continue;
            }
            pattern.push_str("/*");
            let value = self.value(&schemas, pattern, depth + 1, random);
            pattern.truncate(length);
            out.insert(name, value);
        }
        if random.chance(self.style.unknown) {
            let names = ["added_last_week", "_links", "x-trace", "id2"];
            let name = random.pick(&names).copied().unwrap_or("x");
            let value = match random.below(3) {
                0 => serde_json::json!({"deep": ["er", 1]}),
                1 => Value::Null,
                _ => values::text(random).into(),
            };
            out.entry(name).or_insert(value);
        }
    }

    fn list(&mut self, views: &[&'s Value], pattern: &mut String, depth: usize, random: &mut Random) -> Value {
        let bound = |word: &str| {
            views
                .iter()
                .filter_map(|one| one.get(word)?.as_u64())
                .filter_map(|n| usize::try_from(n).ok())
                .collect::<Vec<_>>()
        };
        let least = bound("minItems").into_iter().max().unwrap_or(0);
        let most = bound("maxItems").into_iter().min().unwrap_or(usize::MAX);
        let tired = depth > DEEPEST || self.budget == 0;
        // A message without items tries nothing; some are empty all the same.
        let fewest = usize::from(depth < 2 && random.chance(90));
        let wanted = if tired { 0 } else { random.below(self.style.longest + 1).max(fewest) };
        let first: Vec<&'s Value> = views
            .iter()
            .filter_map(|one| {
                one.get("prefixItems").or_else(|| one.get("items").filter(|one| one.is_array()))?.as_array()
            })
            .flatten()
            .collect();
        let rest: Vec<&'s Value> = views
            .iter()
            .filter_map(|one| one.get("items").filter(|one| !one.is_array()).or_else(|| one.get("additionalItems")))
            .collect();
        let closed = rest.iter().any(|one| **one == Value::Bool(false));
        let count = wanted.max(least).min(most).min(if closed { first.len() } else { usize::MAX });
        let unique = views.iter().any(|one| one.get("uniqueItems") == Some(&Value::Bool(true)));
        let length = pattern.len();
        pattern.push_str("/*");
        let mut out: Vec<Value> = Vec::new();
        for at in 0..count {
            // Twins: an element that is there already.
            if !unique
                && random.chance(3)
                && let Some(twin) = random.pick(&out).cloned()
            {
                out.push(twin);
                continue;
            }
            let schemas: Vec<&'s Value> = first.get(at).map_or_else(|| rest.clone(), |one| vec![one]);
            let value = self.value(&schemas, pattern, depth + 1, random);
            if !unique || !out.contains(&value) {
                out.push(value);
            }
        }
        pattern.truncate(length);
        Value::Array(out)
    }

    fn text(&self, views: &[&Value], random: &mut Random) -> String {
        let formats: Vec<&str> = views.iter().filter_map(|one| one.get("format")?.as_str()).collect();
        let patterns: Vec<&str> = views.iter().filter_map(|one| one.get("pattern")?.as_str()).collect();
        for _ in 0..16 {
            let tried = match (formats.first(), random.pick(&patterns)) {
                (Some(format), _) if formatted(format, random).is_some() => {
                    formatted(format, random).unwrap_or_default()
                }
                (_, Some(pattern)) if random.chance(60) => self.patterns.matching(pattern, random).unwrap_or_default(),
                _ if random.chance(self.style.oddity) => values::odd_text(random),
                _ => values::text(random),
            };
            if text_fits(&tried, views, &self.patterns) {
                return tried;
            }
        }
        let least = views.iter().filter_map(|one| one.get("minLength")?.as_u64()).max().unwrap_or(0);
        let most = views.iter().filter_map(|one| one.get("maxLength")?.as_u64()).min().unwrap_or(least.max(1));
        let length = usize::try_from(least.max(1).min(most)).unwrap_or(1);
        let made = random.pick(&patterns).and_then(|pattern| self.patterns.matching(pattern, random));
        made.unwrap_or_else(|| "a".repeat(length.min(10_000)))
    }

    fn number(&self, views: &[&Value], whole: bool, random: &mut Random) -> Value {
        let bound = |word: &str| views.iter().filter_map(|one| one.get(word)?.as_f64()).collect::<Vec<_>>();
        let low = bound("minimum").into_iter().chain(bound("exclusiveMinimum")).fold(f64::NEG_INFINITY, f64::max);
        let high = bound("maximum").into_iter().chain(bound("exclusiveMaximum")).fold(f64::INFINITY, f64::min);
        let step = bound("multipleOf").first().copied();
        for _ in 0..16 {
            let mut tried = match random.below(8) {
                0 if low.is_finite() => values::exact(&format!("{low}")),
                1 if high.is_finite() => values::exact(&format!("{high}")),
                _ if random.chance(self.style.oddity) => values::odd_number(random),
                _ if low.is_finite() && high.is_finite() && high - low < 1e15 => {
                    values::exact(&random.between(low.ceil() as i64, high.floor() as i64).to_string())
                }
                _ if low.is_finite() && low.abs() < 1e15 => {
                    values::exact(&random.between(low.ceil() as i64, low.ceil() as i64 + 300).to_string())
                }
                _ => values::number(random),
            };
            if let Some(step) = step {
                tried = values::exact(&format!("{}", step * random.between(0, 40) as f64));
            }
            if within(&tried, views) && (!whole || is_whole(&tried)) {
                return tried;
            }
        }
        let start = if low.is_finite() { low } else { high.min(0.0) };
        values::exact(&format!("{}", if whole { start.ceil() } else { start }))
    }
}

/// The values that all listing schemas list.
fn listed<'v>(views: &[&'v Value]) -> Vec<&'v Value> {
    let lists: Vec<Vec<&Value>> = views
        .iter()
        .filter_map(|one| match (one.get("const"), one.get("enum").and_then(Value::as_array)) {
            (Some(only), _) => Some(vec![only]),
            (None, Some(all)) => Some(all.iter().collect()),
            _ => None,
        })
        .collect();
    let Some((first, others)) = lists.split_first() else { return Vec::new() };
    let common: Vec<&Value> =
        first.iter().copied().filter(|one| others.iter().all(|list| list.contains(one))).collect();
    if common.is_empty() { first.clone() } else { common }
}

/// The JSON types that all schemas allow.
fn types<'v>(views: &[&'v Value]) -> Vec<&'v str> {
    let mut out: Option<Vec<&str>> = None;
    for view in views {
        let named: Vec<&str> = match view.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        out = Some(match out {
            None => named,
            Some(known) => {
                let also = |one: &&str| named.contains(one) || (*one == "integer" && named.contains(&"number"));
                let mut both: Vec<&str> = known.iter().copied().filter(also).collect();
                if known.contains(&"number") && named.contains(&"integer") && !both.contains(&"integer") {
                    both.push("integer");
                }
                both
            }
        });
    }
    out.unwrap_or_else(|| {
        let has = |words: &[&str]| views.iter().any(|one| words.iter().any(|word| one.get(*word).is_some()));
        if has(&["properties", "required", "additionalProperties", "patternProperties"]) {
            vec!["object"]
        } else if has(&["items", "prefixItems", "minItems", "maxItems"]) {
            vec!["array"]
        } else if has(&["minimum", "maximum", "multipleOf"]) {
            vec!["number"]
        } else if has(&["pattern", "format", "minLength", "maxLength"]) {
            vec!["string"]
        } else {
            vec!["string", "number", "boolean", "null"]
        }
    })
}

fn anchored<'v>(schema: &'v Value, name: &str) -> Option<&'v Value> {
    let is =
        |one: &Value| one.get("$anchor").or_else(|| one.get("$dynamicAnchor")).and_then(Value::as_str) == Some(name);
    match schema {
        _ if is(schema) => Some(schema),
        Value::Object(map) => map.values().find_map(|one| anchored(one, name)),
        Value::Array(list) => list.iter().find_map(|one| anchored(one, name)),
        _ => None,
    }
}

fn is_whole(number: &Value) -> bool {
    number.as_f64().is_some_and(|n| n.fract() == 0.0)
}

fn within(number: &Value, views: &[&Value]) -> bool {
    let Some(n) = number.as_f64() else { return false };
    let bounds = |word: &str| views.iter().filter_map(|one| one.get(word)?.as_f64()).collect::<Vec<_>>();
    bounds("minimum").iter().all(|low| n >= *low)
        && bounds("maximum").iter().all(|high| n <= *high)
        && bounds("exclusiveMinimum").iter().all(|low| n > *low)
        && bounds("exclusiveMaximum").iter().all(|high| n < *high)
}

fn text_fits(text: &str, views: &[&Value], patterns: &Patterns) -> bool {
    let length = text.chars().count() as u64;
    views.iter().all(|view| {
        let bound = |word: &str| view.get(word).and_then(Value::as_u64);
        let pattern = view.get("pattern").and_then(Value::as_str);
        let fits = |pattern: &str| patterns.fits(pattern, text);
        bound("minLength").is_none_or(|least| length >= least)
            && bound("maxLength").is_none_or(|most| length <= most)
            && pattern.is_none_or(fits)
            && view.get("const").is_none_or(|only| only.as_str() == Some(text))
            && view.get("format").and_then(Value::as_str).is_none_or(|format| format_fits(format, text))
    })
}

fn formatted(format: &str, random: &mut Random) -> Option<String> {
    Some(match format {
        "date" => values::date(random),
        "date-time" => values::instant(random),
        "time" => format!("{:02}:{:02}:{:02}Z", random.below(24), random.below(60), random.below(60)),
        "email" | "idn-email" => format!("p{}@example.org", random.below(100)),
        "uri" | "iri" | "uri-reference" | "iri-reference" => format!("https://example.org/{}", random.below(100)),
        "uuid" => uuid::Uuid::from_u64_pair(random.number(), random.number()).to_string(),
        "hostname" | "idn-hostname" => format!("host{}.example.org", random.below(100)),
        "ipv4" => format!("192.0.2.{}", random.below(256)),
        "ipv6" => format!("2001:db8::{:x}", random.below(65_536)),
        "duration" => format!("PT{}M", random.below(90)),
        "json-pointer" => "/a/0".into(),
        "regex" => "^a+$".into(),
        _ => return None,
    })
}

fn format_fits(format: &str, text: &str) -> bool {
    match format {
        "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "email" => text.contains('@') && !text.contains(' '),
        "uri" => text.contains(':') && !text.contains(' '),
        "uuid" => text.parse::<uuid::Uuid>().is_ok(),
        "time" => text.len() >= 9 && text.as_bytes().get(2) == Some(&b':'),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ginnel_schemas::json_schema::SourceSchema;
    use serde_json::json;

    /// Whatever the words of a schema, what is made mostly fits it.
    #[test]
    fn made_messages_fit_schemas_of_every_shape() {
        let schemas = [
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/n"}}},
                "$defs": {"n": {"type": ["object", "null"], "required": ["v"], "properties": {"v": {"type": "integer", "minimum": 3, "maximum": 9}, "next": {"$ref": "#/$defs/n"}}}}}),
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"d": {"type": "string", "format": "date"}},
                "type": "object", "properties": {"when": {"$ref": "#/definitions/d"}, "pair": {"type": "array", "items": [{"type": "string"}, {"type": "boolean"}]}}}),
            json!({"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": "x"}}}, {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2,}$"}]}),
            json!({"type": "object", "allOf": [{"required": ["n"]}, {"properties": {"n": {"type": "number", "multipleOf": 0.25, "exclusiveMinimum": 0}}}]}),
            json!({"type": "object", "additionalProperties": {"type": ["string", "number"], "maxLength": 12}, "propertyNames": {"pattern": "^[a-z]"}}),
            json!({"type": "object", "x-choice": ["value"], "properties": {"valueString": {"type": "string"}, "valueBoolean": {"type": "boolean"}, "value": {"type": "integer"}, "valueInteger": {"type": "integer"}}}),
            json!({"type": "object", "properties": {"s": {"type": "string", "minLength": 6, "maxLength": 8}, "u": {"type": "array", "uniqueItems": true, "items": {"enum": ["a", "b", null]}}}}),
        ];
        for schema in schemas {
            let compiled = SourceSchema::compile(&schema).expect("a schema");
            let suggestions = Suggestions::default();
            let mut maker = PayloadMaker::new(&schema, &suggestions);
            let mut fitting = 0;
            for seed in 0..60 {
                let mut random = Random::new(seed);
                let made = maker.message(Style { unknown: 0, ..Style::any(&mut random) }, &mut random);
                fitting += usize::from(compiled.check(&made).is_empty());
            }
            assert!(fitting >= 57, "{fitting} of 60 fit {schema}");
        }
    }
}
