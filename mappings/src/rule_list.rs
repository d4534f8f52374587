//! Every rule of a plan on paper: what it reads, what it writes, where it stands. Reports are made of this; no message
//! is needed.

use crate::account::LawClass;
use crate::plan::{AsideKind, AsideRule, Block, Only, Plan};
use crate::vendor_path::{Base, Step, VendorPath};
use ginnel_schemas::json_pointer::push_token;
use std::sync::Arc;

/// What kind of rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// Makes a resource.
    Resource,
    /// Writes a fixed value.
    Constant,
    /// Carries a value.
    Pair,
    /// A boolean that is true where an element is.
    Exists,
    /// Refers to what another rule makes.
    Reference,
    /// A text made of values.
    Text,
    /// Makes an element for each item of a list.
    List,
    /// Sets a value aside.
    Aside(AsideKind),
}

impl RuleKind {
    /// A word for people and programs.
    pub fn word(self) -> &'static str {
        match self {
            RuleKind::Resource => "resource",
            RuleKind::Constant => "constant",
            RuleKind::Pair => "pair",
            RuleKind::Exists => "exists",
            RuleKind::Reference => "reference",
            RuleKind::Text => "text",
            RuleKind::List => "list",
            RuleKind::Aside(AsideKind::Keep) => "keep",
            RuleKind::Aside(AsideKind::Drop) => "drop",
            RuleKind::Aside(AsideKind::Secret) => "secret",
        }
    }
}

/// A rule on paper.
#[derive(Debug, Clone)]
pub struct ListedRule {
    /// Where it stands, as `file:line`.
    pub rule: Arc<str>,
    /// What kind it is.
    pub kind: RuleKind,
    /// Its law class, where it has one.
    pub class: Option<LawClass>,
    /// Which ways it runs.
    pub only: Only,
    /// What it reads, as patterns of pointers (`/data/*/id`); what lies in a looked-up item of another message is left out.
    pub sources: Vec<String>,
    /// What it reads, as the author wrote it.
    pub reads: Vec<String>,
    /// What it writes, with the names of slices (`Patient.identifier[nhs].value`).
    pub writes: Option<String>,
    /// Name of the rule of the resource it belongs to.
    pub resource: Option<String>,
    /// Why a value is set aside, where it is.
    pub reason: Option<Arc<str>>,
}

impl ListedRule {
    /// What it writes without slices and indices, as [`folded`] makes it of a place in a resource.
    pub fn folded(&self) -> Option<String> {
        self.writes.as_deref().map(folded)
    }
}

/// A FHIR path without slices and indices: `Patient.name[0].given` and `Patient.name[official].given` are the same element.
pub fn folded(expression: &str) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut inside = 0usize;
    for letter in expression.chars() {
        match letter {
            '[' => inside += 1,
            ']' => inside = inside.saturating_sub(1),
            _ if inside == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

/// Every rule of a plan, in the order in which they are applied.
pub fn rules_of(plan: &Plan) -> &[ListedRule] {
    plan.listed.get_or_init(|| listed(plan))
}

fn listed(plan: &Plan) -> Vec<ListedRule> {
    let mut patterns: Vec<Option<String>> = vec![None; plan.slots];
    for item in &plan.items {
        set(&mut patterns, item.slot, Some(item.pattern.clone()));
    }
    let mut list = List { patterns, rules: Vec::new(), resource: None };
    for resource in &plan.resources {
        for step in &resource.each {
            let below = list.pattern(&step.path).map(|pattern| format!("{pattern}/*"));
            set(&mut list.patterns, step.slot, below);
        }
        list.resource = Some(resource.name.to_string());
        let reads: Vec<&VendorPath> = resource.id.iter().chain(resource.filter.paths()).collect();
        list.push(&resource.rule, RuleKind::Resource, None, &reads, Some(resource.resource_type.clone()));
        list.block(&resource.block, &resource.resource_type);
    }
    list.resource = None;
    list.asides(&plan.aside);
    plan.items.iter().for_each(|item| list.asides(&item.aside));
    list.rules
}

struct List {
    /// For each variable what its pointers look like; `None` for an item of another message.
    patterns: Vec<Option<String>>,
    rules: Vec<ListedRule>,
    resource: Option<String>,
}

impl List {
    fn push(
        &mut self,
        rule: &Arc<str>,
        kind: RuleKind,
        class: Option<LawClass>,
        reads: &[&VendorPath],
        writes: Option<String>,
    ) {
        let sources = reads.iter().filter_map(|path| self.pattern(path)).collect();
        self.rules.push(ListedRule {
            rule: rule.clone(),
            kind,
            class,
            only: Only::Both,
            sources,
            reads: reads.iter().map(|path| path.text.clone()).collect(),
            writes,
            resource: self.resource.clone(),
            reason: None,
        });
    }

    fn block(&mut self, block: &Block, at: &str) {
        let below = |text: String| if text.is_empty() { at.to_owned() } else { format!("{at}.{text}") };
        for rule in &block.constants {
            let to = below(rule.to.text());
            self.push(&rule.rule, RuleKind::Constant, Some(LawClass::Const), &[], Some(to));
        }
        for rule in &block.pairs {
            let reads: Vec<&VendorPath> = rule.sources.iter().collect();
            self.push(&rule.rule, RuleKind::Pair, Some(rule.class), &reads, Some(below(rule.to.text())));
            if let Some(listed) = self.rules.last_mut() {
                listed.only = rule.only;
            }
        }
        for rule in &block.exists {
            let to = below(rule.to.text());
            self.push(&rule.rule, RuleKind::Exists, Some(LawClass::Iso), &[&rule.source], Some(to));
        }
        for rule in &block.refs {
            let reads: Vec<&VendorPath> = rule.key.iter().chain(&rule.display).collect();
            let class = if rule.identifier.is_some() { LawClass::Iso } else { LawClass::Derive };
            self.push(&rule.rule, RuleKind::Reference, Some(class), &reads, Some(below(rule.to.text())));
        }
        for rule in &block.texts {
            let class = if rule.back.is_some() { LawClass::Lens } else { LawClass::Derive };
            self.push(&rule.rule, RuleKind::Text, Some(class), &rule.text.paths(), Some(below(rule.to.text())));
            if let (None, Some(listed)) = (&rule.back, self.rules.last_mut()) {
                listed.only = Only::Out;
            }
        }
        block.groups.iter().for_each(|group| self.block(group, at));
        for rule in &block.lists {
            let to = below(rule.to.text());
            for step in &rule.around {
                let below = self.pattern(&step.path).map(|pattern| format!("{pattern}/*"));
                set(&mut self.patterns, step.slot, below);
            }
            self.push(&rule.rule, RuleKind::List, None, &[&rule.each], Some(to.clone()));
            let fits = rule.each.picks_among_elements();
            let pattern = self.pattern(&rule.each).map(|all| if fits { all } else { format!("{all}/*") });
            set(&mut self.patterns, rule.slot, pattern);
            self.block(&rule.block, &to);
        }
        self.asides(&block.aside);
    }

    fn asides(&mut self, asides: &[AsideRule]) {
        for rule in asides {
            let class = if rule.kind == AsideKind::Drop { LawClass::Drop } else { LawClass::Keep };
            self.push(&rule.rule, RuleKind::Aside(rule.kind), Some(class), &[&rule.path], None);
            if let Some(listed) = self.rules.last_mut() {
                listed.reason = Some(rule.reason.clone());
            }
        }
    }

    fn pattern(&self, path: &VendorPath) -> Option<String> {
        let (mut out, on_variable) = match path.base {
            Base::Root => (String::new(), false),
            Base::Variable(slot) => (self.patterns.get(slot)?.clone()?, true),
        };
        for (place, step) in path.steps.iter().enumerate() {
            match step {
                Step::Field(name) => push_token(&mut out, name),
                // On a group it picks one of the rows that the variable goes through already.
                Step::Select(..) if place == 0 && on_variable => {}
                Step::KeyName | Step::Part(_) | Step::Split(_) | Step::Rows => {}
                Step::Resolve(None) => return None,
                Step::Resolve(Some(kind)) | Step::Referring(kind, _) => out = format!("/{kind}/*"),
                Step::Index(_) if path.steps.first() == Some(&Step::Rows) && place == 1 => {}
                Step::Index(_) | Step::Last | Step::Select(..) => out.push_str("/*"),
            }
        }
        Some(out)
    }
}

fn set(patterns: &mut Vec<Option<String>>, slot: usize, pattern: Option<String>) {
    if patterns.len() <= slot {
        patterns.resize(slot + 1, None);
    }
    if let Some(place) = patterns.get_mut(slot) {
        *place = pattern;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_paths_of_one_element_fold_to_the_same() {
        assert_eq!(folded("Patient.name[official].given[1]"), "Patient.name.given");
        assert_eq!(folded("Patient.identifier[nhs].extension[a[b]].url"), "Patient.identifier.extension.url");
        assert_eq!(folded("Patient"), "Patient");
    }
}
