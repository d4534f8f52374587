//! The rules of a compiled mapping as a flat list: what stands on either side, how it is carried, when, what is lost.

use crate::account::LawClass;
use crate::converter::Converter;
use crate::guard::{Guard, Test};
use crate::plan::{AsideKind, Block, Only, Plan, ResourcePlan};
use crate::text::{PartBody, Text};
use crate::vendor_path::{Base, Step, VendorPath};
use ginnel_schemas::json_pointer::push_token;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which section of a map a rule stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// A pair.
    Pair,
    /// What a pair does with a value that it cannot carry.
    Else,
    /// A constant.
    Const,
    /// A boolean that is a slice.
    Exists,
    /// A Reference.
    Ref,
    /// A text that is read back.
    Text,
    /// A text that is computed.
    Derive,
    /// One element for each item of a list.
    List,
    /// What an id is made of.
    Id,
    /// A guard's value.
    Guard,
    /// An item's key.
    Key,
    /// An item's revision.
    Revision,
    /// Set aside and restored.
    Keep,
    /// Set aside and not restored.
    Drop,
    /// Set aside, and withheld from texts.
    Secret,
}

impl Section {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Section::Pair => "pairs",
            Section::Else => "else",
            Section::Const => "const",
            Section::Exists => "exists",
            Section::Ref => "refs",
            Section::Text => "texts",
            Section::Derive => "derive",
            Section::List => "lists",
            Section::Id => "id",
            Section::Guard => "when",
            Section::Key => "key",
            Section::Revision => "revision",
            Section::Keep => "keep",
            Section::Drop => "drop",
            Section::Secret => "secret",
        }
    }
}

/// A vendor value that a rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As the author wrote it.
    pub path: String,
    /// Where it is in a payload: `/data/*/id`; `message.item/...` for what is looked up in another message.
    pub pattern: String,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The message.
    pub message: String,
    /// The resource rule it belongs to; an item's name, or nothing, for what is set aside there.
    pub owner: String,
    /// Where it stands.
    pub section: Section,
    /// `file:line`.
    pub place: Arc<str>,
    /// The vendor's side.
    pub vendor: Vec<Source>,
    /// FHIR's side, with the type in front, as the map writes it.
    pub fhir: Option<String>,
    /// The law class.
    pub class: LawClass,
    /// Which ways.
    pub only: Only,
    /// How it is carried, in the map's words.
    pub how: String,
    /// Guards around it, outermost first, in the map's words.
    pub when: Vec<String>,
}

impl Rule {
    /// What the way to FHIR forgets, if anything.
    pub fn lost_out(&self) -> Option<String> {
        match (self.section, self.class) {
            (Section::Drop, _) => Some(format!("not sent: {}", self.how)),
            (Section::Keep | Section::Secret, _) => Some(format!("not sent, kept with the original: {}", self.how)),
            (Section::Pair | Section::Else, LawClass::Collapse) => {
                Some("several codes become one; which it was is kept with the original".into())
            }
            (Section::Pair | Section::Else, LawClass::Lens) if self.only != Only::Out => {
                Some("how it was written (case, spaces, spelling); kept with the original".into())
            }
            _ => None,
        }
    }

    /// What the way back to the vendor forgets, if anything.
    pub fn lost_in(&self) -> Option<String> {
        match (self.section, self.only) {
            (Section::Drop, _) => Some("not restored".into()),
            (Section::Derive, _) | (Section::Pair | Section::List, Only::Out) => {
                Some("computed from other values: an edit of it in FHIR is reported as inconsistent, not taken".into())
            }
            _ => None,
        }
    }

    /// Which ways it runs.
    pub fn direction(&self) -> &'static str {
        match (self.section, self.only) {
            (Section::Keep | Section::Drop | Section::Secret, _) => "neither way",
            (Section::Derive | Section::Id | Section::Key | Section::Revision, _) | (_, Only::Out) => "out",
            (_, Only::In) => "in",
            _ => "both ways",
        }
    }

    /// Its form for machines.
    pub fn to_json(&self) -> Value {
        let vendor: Vec<Value> =
            self.vendor.iter().map(|one| json!({"path": one.path, "pattern": one.pattern})).collect();
        json!({
            "message": self.message,
            "owner": self.owner,
            "section": self.section.word(),
            "rule": &*self.place,
            "vendor": vendor,
            "fhir": self.fhir,
            "class": self.class.code(),
            "direction": self.direction(),
            "how": self.how,
            "when": self.when,
            "lost_out": self.lost_out(),
            "lost_in": self.lost_in(),
        })
    }
}

/// Every rule of a plan, in the order of the file.
pub fn of_plan(plan: &Plan) -> Vec<Rule> {
    let mut reader = Reader { plan, patterns: BTreeMap::new(), out: Vec::new() };
    for item in &plan.items {
        reader.patterns.insert(item.slot, item.pattern.clone());
    }
    for context in &plan.contexts {
        reader.patterns.insert(context.slot, format!("{}.{}", context.message, context.item));
    }
    for item in &plan.items {
        let place: Arc<str> =
            item.aside.first().or(plan.aside.first()).map_or_else(|| Arc::from(""), |rule| file_of(&rule.rule).into());
        for (path, section) in [(&item.key, Section::Key), (&item.revision, Section::Revision)] {
            if let Some(path) = path {
                let one = reader.fresh(&item.name, section, &place, vec![path], None, LawClass::Keep);
                reader.out.push(one);
            }
        }
        for (rule, word) in item
            .quarantine
            .iter()
            .map(|rule| (rule, "quarantine"))
            .chain(item.reports.iter().map(|rule| (rule, "reports")))
        {
            for path in rule.when.paths() {
                let mut one = reader.fresh(&item.name, Section::Guard, &rule.rule, vec![path], None, LawClass::Const);
                one.how = format!("{word}: {}", rule.text);
                one.when = vec![guard_text(&rule.when)];
                reader.out.push(one);
            }
        }
        reader.asides(&item.name, &item.aside, &[]);
    }
    for resource in &plan.resources {
        reader.resource(resource);
    }
    reader.asides("", &plan.aside, &[]);
    reader.out
}

fn file_of(place: &str) -> String {
    place.rsplit_once(':').map_or(place, |(file, _)| file).to_string()
}

struct Reader<'p> {
    plan: &'p Plan,
    patterns: BTreeMap<usize, String>,
    out: Vec<Rule>,
}

impl Reader<'_> {
    fn source(&self, path: &VendorPath) -> Source {
        Source { path: path.text.clone(), pattern: self.pattern(path) }
    }

    fn pattern(&self, path: &VendorPath) -> String {
        let mut out = match path.base {
            Base::Root => String::new(),
            Base::Variable(slot) => self.patterns.get(&slot).cloned().unwrap_or_default(),
        };
        for (place, step) in path.steps.iter().enumerate() {
            match step {
                Step::Field(name) => push_token(&mut out, name),
                Step::Select(..) if place == 0 && matches!(path.base, Base::Variable(_)) => {}
                Step::Index(_) if path.steps.first() == Some(&Step::Rows) && place == 1 => {}
                Step::Index(_) | Step::Last | Step::Select(..) => out.push_str("/*"),
                Step::KeyName | Step::Part(_) | Step::Split(_) | Step::Rows => {}
                Step::Resolve(None) => out = "/*/*".to_string(),
                Step::Resolve(Some(kind)) | Step::Referring(kind, _) => out = format!("/{kind}/*"),
            }
        }
        out
    }

    fn fresh(
        &self,
        owner: &str,
        section: Section,
        place: &Arc<str>,
        vendor: Vec<&VendorPath>,
        fhir: Option<String>,
        class: LawClass,
    ) -> Rule {
        Rule {
            message: self.plan.message.clone(),
            owner: owner.to_string(),
            section,
            place: place.clone(),
            vendor: vendor.into_iter().map(|path| self.source(path)).collect(),
            fhir,
            class,
            only: Only::Both,
            how: String::new(),
            when: Vec::new(),
        }
    }

    fn bind_parts(&mut self, text: &Text) {
        for part in &text.parts {
            if let Some((path, slot)) = &part.each {
                let pattern = format!("{}/*", self.pattern(path));
                self.patterns.insert(*slot, pattern);
            }
            if let PartBody::Text(inner) = &part.body {
                self.bind_parts(inner);
            }
        }
    }

    fn asides(&mut self, owner: &str, rules: &[crate::plan::AsideRule], when: &[String]) {
        for rule in rules {
            let (section, class) = match rule.kind {
                AsideKind::Keep => (Section::Keep, LawClass::Keep),
                AsideKind::Drop => (Section::Drop, LawClass::Drop),
                AsideKind::Secret => (Section::Secret, LawClass::Keep),
            };
            let mut one = self.fresh(owner, section, &rule.rule, vec![&rule.path], None, class);
            one.how = rule.reason.to_string();
            one.when = when.to_vec();
            self.out.push(one);
        }
    }

    fn resource(&mut self, resource: &ResourcePlan) {
        for step in &resource.each {
            let pattern = format!("{}/*", self.pattern(&step.path));
            self.patterns.insert(step.slot, pattern);
        }
        let mut when = Vec::new();
        let filter = guard_text(&resource.filter);
        if !filter.is_empty() {
            when.push(filter);
        }
        let id = resource.id.iter().collect();
        let mut one = self.fresh(
            &resource.name,
            Section::Id,
            &resource.rule,
            id,
            Some(format!("{}.id", resource.resource_type)),
            LawClass::Derive,
        );
        one.how = "a stable id made of vendor, message, rule and these values".into();
        self.out.push(one);
        for path in resource.filter.paths() {
            let mut one = self.fresh(&resource.name, Section::Guard, &resource.rule, vec![path], None, LawClass::Const);
            one.when = when.clone();
            self.out.push(one);
        }
        self.block(&resource.name, &resource.block, &resource.resource_type, &when, false);
    }

    fn block(&mut self, owner: &str, block: &Block, prefix: &str, around: &[String], only_out: bool) {
        let below = |text: String| if text.is_empty() { prefix.to_string() } else { format!("{prefix}.{text}") };
        let mut when = around.to_vec();
        if let Some(guard) = &block.when {
            when.push(guard_text(guard));
            for path in guard.paths() {
                let mut one = self.fresh(owner, Section::Guard, &block.rule, vec![path], None, LawClass::Const);
                one.when.clone_from(&when);
                self.out.push(one);
            }
        }
        for rule in &block.constants {
            let mut one =
                self.fresh(owner, Section::Const, &rule.rule, Vec::new(), Some(below(rule.to.text())), LawClass::Const);
            one.how = rule.value.to_string();
            one.when.clone_from(&when);
            self.out.push(one);
        }
        for rule in &block.pairs {
            let sources: Vec<&VendorPath> = rule.sources.iter().collect();
            let mut one =
                self.fresh(owner, Section::Pair, &rule.rule, sources.clone(), Some(below(rule.to.text())), rule.class);
            one.how = converter_text(&rule.converter);
            one.only = if only_out { Only::Out } else { rule.only };
            one.when.clone_from(&when);
            if let Some(guard) = &rule.when {
                one.when.push(guard_text(guard));
                for path in guard.paths() {
                    let mut tested = self.fresh(owner, Section::Guard, &rule.rule, vec![path], None, LawClass::Const);
                    tested.when.clone_from(&one.when);
                    self.out.push(tested);
                }
            }
            self.out.push(one.clone());
            if let Some((to, converter)) = &rule.otherwise {
                let fhir = Some(below(to.text()));
                let mut other = self.fresh(owner, Section::Else, &rule.rule, sources, fhir, converter.class());
                other.how = converter_text(converter);
                other.only = one.only;
                other.when = one.when;
                self.out.push(other);
            }
        }
        for rule in &block.exists {
            let fhir = Some(below(rule.to.text()));
            let mut one = self.fresh(owner, Section::Exists, &rule.rule, vec![&rule.source], fhir, LawClass::Iso);
            one.how = "true where it is there".into();
            one.when.clone_from(&when);
            self.out.push(one);
        }
        for rule in &block.refs {
            let mut sources: Vec<&VendorPath> = rule.key.iter().collect();
            sources.extend(&rule.display);
            let fhir = Some(below(rule.to.text()));
            let class = if rule.identifier.is_some() { LawClass::Iso } else { LawClass::Derive };
            let mut one = self.fresh(owner, Section::Ref, &rule.rule, sources, fhir, class);
            one.how = format!("a reference to the {} of rule {}", rule.target_type, rule.seed);
            one.when.clone_from(&when);
            self.out.push(one);
        }
        for rule in &block.texts {
            self.bind_parts(&rule.text);
            let paths = rule.text.paths();
            let (section, class) =
                if rule.back.is_some() { (Section::Text, LawClass::Iso) } else { (Section::Derive, LawClass::Derive) };
            let mut one = self.fresh(owner, section, &rule.rule, paths, Some(below(rule.to.text())), class);
            one.how =
                if rule.back.is_some() { "a text that is read back".into() } else { "a text made of parts".into() };
            one.when.clone_from(&when);
            self.out.push(one);
        }
        for group in &block.groups {
            self.block(owner, group, prefix, &when, only_out);
        }
        for list in &block.lists {
            let fhir = below(list.to.text());
            for step in &list.around {
                let pattern = format!("{}/*", self.pattern(&step.path));
                self.patterns.insert(step.slot, pattern);
            }
            let mut one =
                self.fresh(owner, Section::List, &list.rule, vec![&list.each], Some(fhir.clone()), LawClass::Iso);
            let only_out = only_out || list.only_out;
            one.only = if only_out { Only::Out } else { Only::Both };
            one.how = "one element for each item".into();
            one.when.clone_from(&when);
            self.out.push(one);
            let all = self.pattern(&list.each);
            let pattern = if list.each.picks_among_elements() { all } else { format!("{all}/*") };
            self.patterns.insert(list.slot, pattern);
            self.block(owner, &list.block, &fhir, &when, only_out);
        }
        self.asides(owner, &block.aside, &when);
    }
}

/// How a value is carried, in the map's words.
pub fn converter_text(converter: &Converter) -> String {
    match converter {
        Converter::Identity => "as it is".into(),
        Converter::Reference => "as: reference".into(),
        Converter::Table(table) => format!("table: {}", table.name),
        Converter::Call(..) => format!("as: {}", call_text(converter)),
        #[cfg(feature = "wasm")]
        Converter::Wasm(wasm) => format!("as: wasm(\"{}\")", wasm.name),
        Converter::Chain(steps) => {
            let steps: Vec<String> = steps.iter().map(call_text).collect();
            format!("as: [{}]", steps.join(", "))
        }
    }
}

fn call_text(converter: &Converter) -> String {
    let Converter::Call(function, arguments) = converter else { return converter_text(converter) };
    let mut inner: Vec<String> = arguments.table.iter().map(|table| table.name.clone()).collect();
    inner.extend(arguments.texts.iter().map(|text| format!("\"{text}\"")));
    inner.extend(arguments.named.iter().map(|(name, text)| format!("{name}: \"{text}\"")));
    if !arguments.nothing.is_empty() {
        let nothing: Vec<String> = arguments.nothing.iter().map(ToString::to_string).collect();
        inner.push(format!("nothing: {}", nothing.join("|")));
    }
    if inner.is_empty() { function.name.to_string() } else { format!("{}({})", function.name, inner.join(", ")) }
}

/// A guard in the map's words; nothing for one that always holds.
pub fn guard_text(guard: &Guard) -> String {
    match guard {
        Guard::All(parts) => {
            parts.iter().map(guard_text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Guard::Any(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| format!("{{ {} }}", guard_text(part))).collect();
            format!("any: [{}]", parts.join(", "))
        }
        Guard::Not(part) => format!("not: {{ {} }}", guard_text(part)),
        Guard::Test(path, test) => format!("{}: {}", path.text, test_text(test)),
        Guard::Fits(paths, converter) => {
            let paths: Vec<&str> = paths.iter().map(|path| path.text.as_str()).collect();
            format!("{}: {}", paths.join(" + "), test_text(&Test::Fits(converter.clone())))
        }
    }
}

fn test_text(test: &Test) -> String {
    let list = |values: &[Value]| Value::Array(values.to_vec()).to_string();
    match test {
        Test::Present => "present".into(),
        Test::Absent => "absent".into(),
        Test::Equals(value) => value.to_string(),
        Test::In(values) => format!("{{ in: {} }}", list(values)),
        Test::NotIn(values) => format!("{{ not-in: {} }}", list(values)),
        Test::InAnyCase(texts) => format!("{{ in-any-case: {} }}", json!(texts)),
        Test::Matches(expression) => format!("{{ matches: '{expression}' }}"),
        Test::HasAny(values) => format!("{{ has-any: {} }}", list(values)),
        Test::HasNone(values) => format!("{{ has-none: {} }}", list(values)),
        Test::Before(other) => format!("{{ before: {} }}", other.text),
        Test::Fits(converter) => {
            format!("{{ fits: {} }}", converter_text(converter).trim_start_matches("as: "))
        }
    }
}
