//! Says in words what makes a value lie in a slice, as a hint for whoever has to write such a value.

use crate::definition::profile::{DiscriminatorStep, Slice, SliceCondition, SliceTest};
use serde_json::Value;

/// Most characters of a value of the profile that are shown.
const MOST_SHOWN: usize = 160;

/// What lies in the slice, and which element of the profile says so.
pub(super) fn told(slice: &Slice) -> String {
    if slice.tests.is_empty() {
        return format!("see `{}` in the profile", slice.node.id);
    }
    format!("a value lies in it when {} (`{}` in the profile)", all(&slice.tests, ""), slice.node.id)
}

fn all(tests: &[SliceTest], above: &str) -> String {
    let words: Vec<String> = tests.iter().map(|test| one(test, above)).collect();
    words.join(" and ")
}

fn one(test: &SliceTest, above: &str) -> String {
    let place = place(&test.path, above);
    let subject = if place.is_empty() { "it".to_owned() } else { format!("`{place}`") };
    match &test.condition {
        SliceCondition::Equals(value) => format!("{subject} is {}", shown(value)),
        SliceCondition::Matches(value) => format!("{subject} has {}", shown(value)),
        SliceCondition::InValueSet(url) => format!("{subject} is a code of {url}"),
        SliceCondition::TypeIs(names) => format!("{subject} has the type {}", names.join(" or ")),
        SliceCondition::Exists(true) => format!("{subject} is there"),
        SliceCondition::Exists(false) => format!("{subject} is not there"),
        SliceCondition::ConformsTo(urls) => format!("{subject} conforms to {}", urls.join(" or ")),
        SliceCondition::All(tests) => all(tests, &place),
    }
}

fn place(steps: &[DiscriminatorStep], above: &str) -> String {
    let mut place = above.to_owned();
    for step in steps {
        if !place.is_empty() {
            place.push('.');
        }
        match step {
            DiscriminatorStep::Child(name) => place.push_str(name),
            DiscriminatorStep::Extension(url) => place.push_str(&format!("extension('{url}')")),
            DiscriminatorStep::OfType(name) => place.push_str(&format!("ofType({name})")),
            DiscriminatorStep::Resolve => place.push_str("resolve()"),
        }
    }
    place
}

/// A value of the profile; a long one is cut.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("`{}...`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
