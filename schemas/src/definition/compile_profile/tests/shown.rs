//! Writes a profile's tree as lines that a test can compare: a line for each node or slice that asks something.

use crate::definition::profile::{DiscriminatorStep, Node, Profile, SliceCondition, SliceTest, SlicingRules};
use crate::definition::profiles::Profiles;
use serde_json::{Value, json};

/// A profile of a type with these elements in its differential.
pub fn definition(of: &str, elements: &Value) -> Value {
    derived("http://example.org/p", of, &format!("http://hl7.org/fhir/StructureDefinition/{of}"), elements)
}

/// A profile that builds on another.
pub fn derived(url: &str, of: &str, base: &str, elements: &Value) -> Value {
    json!({
        "resourceType": "StructureDefinition", "url": url, "name": "P", "status": "active", "kind": "resource",
        "type": of, "baseDefinition": base, "derivation": "constraint", "differential": {"element": elements},
    })
}

/// The tree of `http://example.org/p` when these definitions are at hand, and its faults.
pub fn compiled(definitions: impl IntoIterator<Item = Value>) -> (Vec<String>, Vec<String>) {
    let mut profiles = Profiles::default();
    for definition in definitions {
        profiles.add(definition);
    }
    let profile = profiles.get("http://example.org/p").expect("a profile");
    (shown(profile), profile.faults.clone())
}

/// The tree of a profile of a type with these elements; it must have no fault.
pub fn tree(of: &str, elements: &Value) -> Vec<String> {
    let (shown, faults) = compiled([definition(of, elements)]);
    assert_eq!(faults, Vec::<String>::new());
    shown
}

pub fn shown(profile: &Profile) -> Vec<String> {
    let mut out = Vec::new();
    node(&profile.root, "", &mut out);
    out
}

fn node(node: &Node, tests: &str, out: &mut Vec<String>) {
    let mut words = vec![node.id.to_string()];
    words.extend(node.min.map(|min| format!("min={min}")));
    words.extend(node.max.map(|max| format!("max={max}")));
    for rule in node.types.iter().flatten() {
        words.push(format!("type={}", rule.code));
        words.extend(rule.profiles.iter().map(|profile| format!("profile={profile}")));
        words.extend(rule.targets.iter().map(|target| format!("target={target}")));
        words.extend(rule.aggregation.iter().map(|how| format!("aggregation={how}")));
    }
    words.extend(node.fixed.iter().map(|value| format!("fixed={value}")));
    words.extend(node.pattern.iter().map(|value| format!("pattern={value}")));
    words.extend(node.binding.iter().map(|binding| {
        let most = binding.max_value_set.as_deref().map(|most| format!(",most={most}")).unwrap_or_default();
        format!("binding={:?},{}{most}", binding.strength, binding.value_set)
    }));
    words.extend(node.invariants.iter().map(|one| {
        let severity = if one.is_error { "error" } else { "warning" };
        format!("{}:{severity}:{}", one.key, one.expression)
    }));
    words.extend(node.max_length.map(|most| format!("length={most}")));
    words.extend(node.min_value.iter().map(|(of, value)| format!("least{of}={value}")));
    words.extend(node.narrative_languages.iter().map(|language| format!("language={language}")));
    words.extend(node.max_value.iter().map(|(of, value)| format!("most{of}={value}")));
    if !tests.is_empty() {
        words.push(format!("if {tests}"));
    }
    if let Some(slicing) = &node.slicing {
        let ordered = if slicing.ordered { " ordered" } else { "" };
        let rules = match slicing.rules {
            SlicingRules::Open => "sliced",
            SlicingRules::Closed => "closed",
            SlicingRules::OpenAtEnd => "open-at-end",
        };
        words.push(format!("{rules}{ordered}"));
    }
    if words.len() > 1 {
        out.push(words.join(" "));
    }
    for slice in node.slicing.iter().flat_map(|slicing| &slicing.slices) {
        self::node(&slice.node, &conditions(&slice.tests), out);
    }
    for child in &node.children {
        self::node(child, "", out);
    }
}

fn conditions(tests: &[SliceTest]) -> String {
    tests.iter().map(condition).collect::<Vec<_>>().join(" and ")
}

fn condition(test: &SliceTest) -> String {
    let steps: Vec<String> = test.path.iter().map(step).collect();
    let path = if steps.is_empty() { "$this".to_owned() } else { steps.join(".") };
    match &test.condition {
        SliceCondition::Equals(value) => format!("{path} = {value}"),
        SliceCondition::Matches(value) => format!("{path} ~ {value}"),
        SliceCondition::InValueSet(url) => format!("{path} in {url}"),
        SliceCondition::TypeIs(types) => format!("{path} is {}", types.join("|")),
        SliceCondition::Exists(true) => format!("{path} exists"),
        SliceCondition::Exists(false) => format!("no {path}"),
        SliceCondition::ConformsTo(profiles) => format!("{path} conforms {}", profiles.join("|")),
        SliceCondition::All(tests) => format!("{path} has ({})", conditions(tests)),
    }
}

fn step(step: &DiscriminatorStep) -> String {
    match step {
        DiscriminatorStep::Child(name) => name.to_string(),
        DiscriminatorStep::Extension(url) => format!("extension({url})"),
        DiscriminatorStep::OfType(code) => format!("ofType({code})"),
        DiscriminatorStep::Resolve => "resolve()".to_owned(),
    }
}
