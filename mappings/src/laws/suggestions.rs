//! What a mapping is curious about: values that its tables, guards and functions tell apart, by place in the message.

use super::random::Random;
use super::values::Kind;
use crate::converter::Converter;
use crate::guard::{Guard, Test};
use crate::plan::{Block, Plan};
use crate::text::{PartBody, Text};
use crate::vendor_path::{Base, Selector, Step, VendorPath};
use ginnel_schemas::json_pointer::push_token;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Values worth trying at a place.
#[derive(Debug, Clone, Default)]
pub struct Suggestion {
    /// Exact values.
    pub values: Vec<Value>,
    /// Kinds of value.
    pub kinds: Vec<Kind>,
}

/// All that a plan suggests, by the pattern of pointers (`/data/*/id`).
#[derive(Debug, Default)]
pub struct Suggestions {
    by_pattern: BTreeMap<String, Suggestion>,
    /// The patterns without their stars, by which those of a place are found.
    by_names: HashMap<String, Vec<String>>,
}

impl Suggestion {
    /// One of them.
    pub fn value(&self, random: &mut Random) -> Option<Value> {
        let at = random.below(self.values.len() + self.kinds.len() * 3);
        match self.values.get(at) {
            Some(value) => Some(value.clone()),
            None => random.pick(&self.kinds).map(|kind| kind.value(random)),
        }
    }
}

impl Suggestions {
    /// What a plan suggests.
    pub fn of(plan: &Plan) -> Suggestions {
        let mut gatherer = Gatherer { patterns: vec![None; plan.slots], found: Suggestions::default() };
        gatherer.plan(plan);
        let mut found = gatherer.found;
        for pattern in found.by_pattern.keys() {
            found.by_names.entry(without_stars(pattern)).or_default().push(pattern.clone());
        }
        found
    }

    /// What is suggested at a place; a `*` of a pattern may stand for nothing where a list holds one object.
    pub fn at(&self, pointer: &str) -> Option<Suggestion> {
        let mut out: Option<Suggestion> = None;
        let alike = self.by_names.get(&without_stars(pointer)).into_iter().flatten();
        for one in alike.filter(|pattern| is_place(pattern, pointer)).filter_map(|pattern| self.by_pattern.get(pattern))
        {
            let all = out.get_or_insert_with(Suggestion::default);
            all.values.extend(one.values.iter().cloned());
            all.kinds.extend(one.kinds.iter().cloned());
        }
        out
    }
}

fn without_stars(pattern: &str) -> String {
    pattern.split('/').filter(|token| *token != "*").collect::<Vec<_>>().join("/")
}

/// Whether a pattern means this place.
fn is_place(pattern: &str, pointer: &str) -> bool {
    fn walk(pattern: &[&str], pointer: &[&str]) -> bool {
        match (pattern.split_first(), pointer.split_first()) {
            (None, None) => true,
            (Some((&"*", rest)), None) => walk(rest, pointer),
            (Some((&"*", rest)), Some((first, below))) => (*first == "*" && walk(rest, below)) || walk(rest, pointer),
            (Some((token, rest)), Some((first, below))) => token == first && walk(rest, below),
            _ => false,
        }
    }
    pattern == pointer || walk(&pattern.split('/').collect::<Vec<_>>(), &pointer.split('/').collect::<Vec<_>>())
}

struct Gatherer {
    /// What the pointers of each variable look like.
    patterns: Vec<Option<String>>,
    found: Suggestions,
}

impl Gatherer {
    fn plan(&mut self, plan: &Plan) {
        for item in &plan.items {
            self.bind(item.slot, Some(item.pattern.clone()));
            self.keys(item.key.iter());
        }
        for context in &plan.contexts {
            self.keys(std::iter::once(&context.key));
        }
        for item in &plan.items {
            item.quarantine.iter().chain(&item.reports).for_each(|rule| self.guard(&rule.when));
        }
        for resource in &plan.resources {
            for step in &resource.each {
                self.each(&step.path, step.slot);
            }
            self.guard(&resource.filter);
            self.keys(resource.id.iter());
            self.keys(resource.grouping.iter().flat_map(|one| &one.by));
            self.block(&resource.block);
        }
    }

    fn bind(&mut self, slot: usize, pattern: Option<String>) {
        if let Some(place) = self.patterns.get_mut(slot) {
            *place = pattern;
        }
    }

    fn each(&mut self, path: &VendorPath, slot: usize) {
        let inner = |pattern: String| if path.picks_among_elements() { pattern } else { format!("{pattern}/*") };
        let pattern = self.pattern(path).map(inner);
        self.bind(slot, pattern);
    }

    /// The pattern of a path; of a looked-up item there is none.
    fn pattern(&self, path: &VendorPath) -> Option<String> {
        let mut out = match path.base {
            Base::Root => String::new(),
            Base::Variable(slot) => self.patterns.get(slot)?.clone()?,
        };
        for (place, step) in path.steps.iter().enumerate() {
            match step {
                Step::Field(name) => push_token(&mut out, name),
                Step::Select(..) if place == 0 && matches!(path.base, Base::Variable(_)) => {}
                Step::Index(_) if path.steps.first() == Some(&Step::Rows) && place == 1 => {}
                Step::Index(_) | Step::Last | Step::Select(..) => out.push_str("/*"),
                Step::Split(_) | Step::Rows => {}
                Step::KeyName | Step::Resolve(None) | Step::Part(_) => return None,
                Step::Resolve(Some(kind)) | Step::Referring(kind, _) => out = format!("/{kind}/*"),
            }
        }
        Some(out)
    }

    fn suggestion(&mut self, path: &VendorPath) -> Option<&mut Suggestion> {
        self.selectors(path);
        let pattern = self.pattern(path)?;
        Some(self.found.by_pattern.entry(pattern).or_default())
    }

    /// `rows[name='systolic']` suggests a name, `caregivers[id=...]` that ids are met twice.
    fn selectors(&mut self, path: &VendorPath) {
        for (place, step) in path.steps.iter().enumerate() {
            let Step::Select(field, by) = step else { continue };
            let mut steps = path.steps.get(..=place).unwrap_or_default().to_vec();
            steps.push(Step::Field(field.clone()));
            let Some(pattern) = self.pattern(&VendorPath { base: path.base, steps, text: String::new() }) else {
                continue;
            };
            match by {
                Selector::Literal(text) => {
                    self.found.by_pattern.entry(pattern).or_default().values.push(text.clone().into());
                }
                Selector::OneOf(texts) => {
                    let values = texts.iter().cloned().map(Value::from);
                    self.found.by_pattern.entry(pattern).or_default().values.extend(values);
                }
                Selector::Matching(expression) => {
                    let kind = Kind::Matching(expression.0.as_str().to_string());
                    self.found.by_pattern.entry(pattern).or_default().kinds.push(kind);
                }
                Selector::Path(inner) => {
                    self.found.by_pattern.entry(pattern).or_default().kinds.push(Kind::Key);
                    self.keys(std::iter::once(inner.as_ref()));
                }
            }
        }
    }

    fn keys<'p>(&mut self, paths: impl Iterator<Item = &'p VendorPath>) {
        for path in paths {
            if let Some(suggestion) = self.suggestion(path)
                && !suggestion.kinds.contains(&Kind::Key)
            {
                suggestion.kinds.push(Kind::Key);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        block.when.iter().for_each(|when| self.guard(when));
        for rule in &block.pairs {
            rule.when.iter().for_each(|when| self.guard(when));
            self.converter(&rule.sources, &rule.converter);
            if let Some((_, converter)) = &rule.otherwise {
                self.converter(rule.sources.get(..1).unwrap_or_default(), converter);
            }
        }
        for rule in &block.exists {
            if let Some(suggestion) = self.suggestion(&rule.source) {
                suggestion.values.extend([Value::Bool(true), Value::Bool(false)]);
            }
        }
        block.refs.iter().for_each(|rule| self.keys(rule.key.iter()));
        block.texts.iter().for_each(|rule| self.text(&rule.text));
        block.groups.iter().for_each(|group| self.block(group));
        for rule in &block.lists {
            rule.around.iter().for_each(|step| self.each(&step.path, step.slot));
            self.each(&rule.each, rule.slot);
            self.block(&rule.block);
        }
    }

    fn text(&mut self, text: &Text) {
        for part in &text.parts {
            self.guard(&part.when);
            if let Some((path, slot)) = &part.each {
                self.each(path, *slot);
            }
            match &part.body {
                PartBody::Template(template) => template.paths().into_iter().for_each(|path| self.selectors(path)),
                PartBody::Text(inner) => self.text(inner),
            }
        }
    }

    fn converter(&mut self, sources: &[VendorPath], converter: &Converter) {
        for (index, path) in sources.iter().enumerate() {
            let found = of_converter(converter, index);
            let by_element = !matches!(converter, Converter::Call(function, _) if !function.by_element);
            if let Some(suggestion) = self.suggestion(path) {
                suggestion.values.extend(found.values.iter().cloned());
                suggestion.kinds.extend(found.kinds.iter().cloned());
            }
            // A list goes element by element.
            if let (true, Some(pattern)) = (by_element, self.pattern(path)) {
                let suggestion = self.found.by_pattern.entry(format!("{pattern}/*")).or_default();
                suggestion.values.extend(found.values);
                suggestion.kinds.extend(found.kinds);
            }
        }
    }

    fn guard(&mut self, guard: &Guard) {
        match guard {
            Guard::All(parts) | Guard::Any(parts) => parts.iter().for_each(|part| self.guard(part)),
            Guard::Not(part) => self.guard(part),
            Guard::Fits(paths, converter) => {
                for (place, path) in paths.iter().enumerate() {
                    let Some(suggestion) = self.suggestion(path) else { continue };
                    let found = of_converter(converter, place);
                    suggestion.values.extend(found.values);
                    suggestion.kinds.extend(found.kinds);
                }
            }
            Guard::Test(path, test) => {
                let Some(suggestion) = self.suggestion(path) else { return };
                match test {
                    Test::Present | Test::Absent => {}
                    Test::Before(other) => {
                        suggestion.values.extend(["2026-10-22", "23/10/2026"].map(Value::from));
                        if let Some(other) = self.suggestion(other) {
                            other.values.extend(["2026-10-23", "22/10/2026"].map(Value::from));
                        }
                    }
                    Test::Equals(value) => suggestion.values.push(value.clone()),
                    Test::In(values) | Test::NotIn(values) => suggestion.values.extend(values.iter().cloned()),
                    Test::InAnyCase(values) => suggestion.values.extend(values.iter().cloned().map(Value::from)),
                    Test::Matches(expression) => suggestion.kinds.push(Kind::Matching(expression.as_str().to_string())),
                    Test::HasAny(values) | Test::HasNone(values) => {
                        let values = values.clone();
                        if let Some(pattern) = self.pattern(path) {
                            self.found.by_pattern.entry(format!("{pattern}/*")).or_default().values.extend(values);
                        }
                    }
                    Test::Fits(converter) => {
                        let found = of_converter(converter, 0);
                        suggestion.values.extend(found.values);
                        suggestion.kinds.extend(found.kinds);
                    }
                }
            }
        }
    }
}

/// Values that a converter's `index`-th source may have: codes of its table, values of its examples, and its domain.
pub fn of_converter(converter: &Converter, index: usize) -> Suggestion {
    let mut out = Suggestion::default();
    match converter {
        Converter::Identity | Converter::Reference => {}
        Converter::Table(table) => {
            out.values.extend(table.rows.iter().map(|(vendor, _)| vendor.clone()));
            if table.ignore_case {
                let upper = table.rows.iter().filter_map(|(vendor, _)| vendor.as_str()).map(str::to_uppercase);
                out.values.extend(upper.take(3).map(Value::from));
            }
            out.values.push("no such code".into());
        }
        Converter::Call(function, arguments) => {
            for example in function.examples {
                let sources: Vec<Value> = serde_json::from_str(example.sources).unwrap_or_default();
                out.values.extend(sources.into_iter().nth(index).filter(|one| !one.is_null()));
            }
            if let (Some(table), true) = (&arguments.table, index > 0) {
                out.values.extend(table.rows.iter().map(|(vendor, _)| vendor.clone()));
            }
            out.kinds.extend(kinds_of(function.name, index));
            if function.free_text && out.kinds.is_empty() {
                out.kinds.push(Kind::Text);
            }
        }
        #[cfg(feature = "wasm")]
        Converter::Wasm(wasm) => {
            out.values.extend(wasm.examples.iter().map(|(vendor, _)| vendor.clone()));
            out.values.extend(wasm.outside.iter().cloned());
        }
        Converter::Chain(steps) => out = steps.first().map(|first| of_converter(first, index)).unwrap_or_default(),
    }
    out
}

/// What the domain of a function is made of, beyond its examples.
fn kinds_of(function: &str, index: usize) -> Vec<Kind> {
    match (function, index) {
        ("date", 0) => vec![Kind::Date],
        ("instant", 0) => vec![Kind::Instant],
        ("local-time", 0) => vec![Kind::LocalTime],
        ("time-of-day", 0) => vec![Kind::TimeOfDay],
        ("nhs-number", 0) => vec![Kind::NhsNumber],
        ("sct-id", 0) => vec![Kind::SctId],
        ("uk-postcode", 0) => vec![Kind::Postcode],
        ("decimal" | "integer" | "ucum", 0) => vec![Kind::Number],
        ("quantity" | "dose" | "dose-given", 0) => vec![Kind::Number, Kind::NumberText],
        ("words" | "gather" | "answer", _) => vec![Kind::Text],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_places_of_lists_and_of_the_one_object_instead() {
        assert!(is_place("/data/*/id", "/data/*/id"));
        assert!(is_place("/plan/*/id", "/plan/id"));
        assert!(!is_place("/data/*/id", "/data/*/id/more"));
        assert!(!is_place("/data/*/id", "/data/*/other"));
    }
}
