//! What a slicing looks at to tell its slices apart (<https://hl7.org/fhir/R4/profiling.html#discriminator>).

use super::raw::{items, text};
use crate::definition::profile::DiscriminatorStep;
use serde_json::Value;

/// More than any real slicing has.
const MOST_DISCRIMINATORS: usize = 20;

/// One discriminator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discriminator {
    pub kind: DiscriminatorKind,
    pub path: Vec<DiscriminatorStep>,
}

/// What is looked at where the path ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DiscriminatorKind {
    /// The value, which the slice fixes wholly or in part.
    Value,
    /// Whether there is one.
    Exists,
    /// Its type.
    Type,
    /// The profile it conforms to.
    Profile,
}

/// The discriminators of a `slicing`; those that cannot be read are named in `faults`.
pub(super) fn read(slicing: &Value, id: &str, faults: &mut Vec<String>) -> Vec<Discriminator> {
    let written = items(slicing, "discriminator");
    if written.len() > MOST_DISCRIMINATORS {
        faults.push(format!("`{id}` has more than {MOST_DISCRIMINATORS} discriminators."));
    }
    let mut out = Vec::new();
    for one in written.iter().take(MOST_DISCRIMINATORS) {
        let kind = match text(one, "type") {
            Some("value" | "pattern") => Some(DiscriminatorKind::Value),
            Some("exists") => Some(DiscriminatorKind::Exists),
            Some("type") => Some(DiscriminatorKind::Type),
            Some("profile") => Some(DiscriminatorKind::Profile),
            _ => None,
        };
        let path = text(one, "path").and_then(path);
        match (kind, path) {
            (Some(kind), Some(path)) => out.push(Discriminator { kind, path }),
            (None, _) => faults.push(format!("`{id}` has a discriminator of a type that R4 does not have.")),
            (_, None) => faults.push(format!("`{id}` has a discriminator whose path cannot be followed.")),
        }
    }
    out
}

/// Reads a path in the small part of FHIRPath that discriminators may use.
pub(super) fn path(written: &str) -> Option<Vec<DiscriminatorStep>> {
    let mut out = Vec::new();
    for part in parts(written)? {
        step(part, &mut out)?;
    }
    Some(out)
}

/// Parts at the dots that stand outside quotes and parentheses.
fn parts(written: &str) -> Option<Vec<&str>> {
    let (mut out, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, letter) in written.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            (None, '.') if depth == 0 => {
                out.push(written.get(start..at)?.trim());
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    out.push(written.get(start..)?.trim());
    Some(out)
}

fn step(part: &str, out: &mut Vec<DiscriminatorStep>) -> Option<()> {
    if part == "$this" {
        return Some(());
    }
    if let Some(inner) = part.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let (path, name) = inner.split_once(" as ")?;
        for part in parts(path.trim())? {
            step(part, out)?;
        }
        out.push(DiscriminatorStep::OfType(identifier(name.trim())?.into()));
        return Some(());
    }
    if let Some((function, rest)) = part.split_once('(') {
        let argument = rest.strip_suffix(')')?.trim();
        let unquoted = argument.trim_matches(['\'', '"']);
        let step = match (function.trim(), argument.is_empty()) {
            ("resolve", true) => DiscriminatorStep::Resolve,
            ("extension", false) if !unquoted.is_empty() => DiscriminatorStep::Extension(unquoted.into()),
            ("ofType" | "as", false) => DiscriminatorStep::OfType(identifier(unquoted)?.into()),
            _ => return None,
        };
        // `subject.reference.resolve()` leads where `subject.resolve()` does.
        let is_reference =
            |step: &DiscriminatorStep| matches!(step, DiscriminatorStep::Child(name) if **name == *"reference");
        if step == DiscriminatorStep::Resolve && out.last().is_some_and(is_reference) {
            out.pop();
        }
        out.push(step);
        return Some(());
    }
    let name = part.strip_suffix("[x]").unwrap_or(part);
    out.push(DiscriminatorStep::Child(identifier(name)?.into()));
    Some(())
}

/// A name, with the `FHIR.` that may stand before that of a type taken off.
fn identifier(name: &str) -> Option<&str> {
    let name = name.strip_prefix("FHIR.").unwrap_or(name);
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DiscriminatorStep::{Child, Extension, OfType, Resolve};

    #[test]
    fn paths_are_read_as_steps() {
        let child = |name: &str| Child(name.into());
        for (written, expected) in [
            ("$this", vec![]),
            ("system", vec![child("system")]),
            ("$this.code.coding", vec![child("code"), child("coding")]),
            ("value[x]", vec![child("value")]),
            ("resolve().code", vec![Resolve, child("code")]),
            ("item.reference.resolve()", vec![child("item"), Resolve]),
            (
                "extension('http://example.org/a.b').value",
                vec![Extension("http://example.org/a.b".into()), child("value")],
            ),
            ("extension(\"u\").value", vec![Extension("u".into()), child("value")]),
            ("value.ofType(Quantity).code", vec![child("value"), OfType("Quantity".into()), child("code")]),
            ("(value as FHIR.Quantity).unit", vec![child("value"), OfType("Quantity".into()), child("unit")]),
        ] {
            assert_eq!(path(written), Some(expected), "{written}");
        }
    }

    #[test]
    fn paths_with_more_than_steps_are_refused() {
        for written in ["", ".", "a..b", "where(x = 1)", "a.first()", "a)", "extension()", "(a)", "a | b", "@type"] {
            assert_eq!(path(written), None, "{written}");
        }
    }
}
