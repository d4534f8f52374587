//! What a profile's node asks of an element: how many values, and of each value its type, content and codes.

use super::{Item, Walk};
use crate::definition::profile::Node;
use crate::definition::{Definition, Element, ElementType};
use crate::issue::{Issue, IssueCode, IssueKey};
use crate::profile::rules::cardinality::values_in_words;
use crate::profile::rules::{binding, fixed_value, narrative, range};

impl<'a, 'k: 'a> Walk<'a, 'k> {
    /// The elements that the node requires in an object, whose own elements are `met`; the path stands at the object.
    pub(super) fn required_by(&mut self, node: &'k Node, definition: &'static Definition, met: u128) {
        for child in &node.children {
            let Some(at) = definition.elements.iter().position(|element| *element.name == *child.name) else {
                continue;
            };
            if met & (1 << at) != 0 {
                continue;
            }
            let required_of_base = definition.elements.get(at).is_some_and(|element| element.min > 0) && self.whole;
            if child.min.is_some_and(|min| min > 0) && !required_of_base {
                let text =
                    format!("{} lacks `{}`, which {} requires.", self.findings.subject(), child.name, shown(child));
                let hint = wanted(definition.elements.get(at), child);
                let issue = Issue::error(IssueCode::Required, IssueKey::TargetRequired, text).with_hint(hint);
                self.findings.push(issue.with_missing(&*child.name));
            } else if let Some(slicing) = &child.slicing {
                self.required_slices(&slicing.slices);
            }
        }
    }

    /// The number of values of an element that is there; the path stands at the element.
    pub(super) fn count(&mut self, node: &'k Node, values: usize) {
        if let Some(max) = node.max.filter(|max| values > *max as usize) {
            let text = match max {
                0 => format!("{} is not allowed by {}.", self.findings.subject(), shown(node)),
                max => {
                    format!(
                        "{} has {}; {} allows at most {max}.",
                        self.findings.subject(),
                        values_in_words(values),
                        shown(node)
                    )
                }
            };
            let hint = if max == 0 { "leave it out" } else { "keep no more than that" };
            self.findings.error_with_hint(IssueCode::Structure, IssueKey::TargetTooMany, text, hint);
        }
        if let Some(min) = node.min.filter(|min| values < *min as usize) {
            let text = format!(
                "{} has {}; {} requires at least {min}.",
                self.findings.subject(),
                values_in_words(values),
                shown(node)
            );
            self.findings.error(IssueCode::Required, IssueKey::TargetRequired, text);
        }
    }

    /// What the nodes ask of a value; `inner` receives the nodes that profiles of its type add.
    pub(super) fn ask_all(&mut self, nodes: &[&'k Node], item: Item<'a>, inner: &mut Vec<&'k Node>) {
        for node in nodes {
            self.ask(node, item);
            self.type_rules(node, item, inner);
        }
    }

    /// What one node asks of a value by itself.
    pub(super) fn ask(&mut self, node: &'k Node, item: Item<'a>) {
        if let Some(value) = item.value {
            if let Some(fixed) = &node.fixed {
                fixed_value::fixed(value, fixed, &node.id, &mut self.findings);
            }
            if let Some(pattern) = &node.pattern {
                fixed_value::pattern(value, pattern, &node.id, &mut self.findings);
            }
            if let Some(bound) = &node.binding {
                binding::check(bound, item.element_type, value, self.known, &mut self.findings);
            }
            if !node.narrative_languages.is_empty() {
                let language = self.scope.resource().and_then(|resource| resource.get("language")?.as_str());
                narrative::language_control(&node.narrative_languages, language, value, &mut self.findings);
            }
            range::length(node.max_length, value, &mut self.findings);
            range::least(node.min_value.as_ref(), value, &mut self.findings);
            range::greatest(node.max_value.as_ref(), value, &mut self.findings);
        }
        self.invariants(&node.invariants, item);
    }
}

/// How to add an element that a profile requires.
fn wanted(element: Option<&Element>, node: &Node) -> String {
    let name = &node.name;
    if !element.is_some_and(|element| element.is_choice) {
        return format!("add `{name}`");
    }
    let types: Vec<&str> = node.types.iter().flatten().map(|rule| &*rule.code).collect();
    match types.as_slice() {
        [] => format!("`{name}[x]` is written with its type"),
        types => format!("`{name}[x]` is written with its type: {}", types.join(", ")),
    }
}

/// Names a node in a sentence.
pub(super) fn shown(node: &Node) -> String {
    format!("the profile at `{}`", node.id)
}

/// What a value's type is called in FHIR.
pub(super) fn type_name(known: &crate::known::Known, element_type: ElementType) -> &'static str {
    match element_type {
        ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => primitive.name(),
        ElementType::Resource => "Resource",
        ElementType::Object(id) => known.types.get(id).name,
    }
}
