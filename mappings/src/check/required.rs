//! Every element that FHIR or the profile requires is written, for every message that the vendor's schema allows.

use super::condition::{Answer, Formula};
use super::tree::{Instance, said_of};
use super::{Judge, Property, Verdict};
use crate::compile::{ResourceSites, SiteKind, Which};
use crate::converter::Converter;
use crate::diagnostic::{Code, Severity, Span};
use ginnel_schemas::definition::profile::Slice;
use ginnel_schemas::definition::{Definition, Element};
use serde_json::Value;

/// Judges a resource and everything that is written in it.
pub(super) fn judge(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, root: &Instance<'_>) {
    instance(judge, resource, root, &resource.condition, resource.span);
}

fn instance(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, one: &Instance<'_>, exists: &Formula, span: Span) {
    if let Some(definition) = one.definition {
        for element in &definition.elements {
            let least = one.least(element);
            if least > 0 {
                member(judge, resource, one, exists, span, (definition, element));
            }
            slices(judge, resource, one, exists, span, element);
        }
    }
    for child in &one.children {
        let mut places = Vec::new();
        child.all_sites(&mut places);
        let sites: Vec<_> = places.iter().filter_map(|place| resource.sites.get(*place)).collect();
        let writing: Vec<Formula> =
            sites.iter().filter(|site| !matches!(site.kind, SiteKind::List)).map(|site| site.written.clone()).collect();
        if writing.is_empty() {
            continue;
        }
        let span = sites.first().map_or(span, |site| site.target_span);
        let there = Formula::All(vec![Formula::Any(writing), resource.condition.clone()]);
        instance(judge, resource, child, &there, span);
    }
}

/// What a whole value that a rule writes says of a member.
#[derive(PartialEq)]
enum Whole {
    Has,
    Lacks,
    Unknown,
}

fn whole_says(kind: &SiteKind, names: &[&str]) -> Whole {
    let has = |value: &Value| names.iter().any(|name| value.get(*name).is_some());
    match kind {
        SiteKind::Constant(value) => {
            if has(value) {
                Whole::Has
            } else {
                Whole::Lacks
            }
        }
        SiteKind::Pair { converter: Converter::Table(table), .. } => {
            let all = table.rows.iter().map(|(_, side)| side).chain(&table.vendor_else).all(has);
            if all { Whole::Has } else { Whole::Lacks }
        }
        SiteKind::Exists | SiteKind::Reference { .. } => Whole::Lacks,
        _ => Whole::Unknown,
    }
}

fn member(
    judge: &mut Judge<'_, '_>,
    resource: &ResourceSites<'_>,
    parent: &Instance<'_>,
    exists: &Formula,
    span: Span,
    (definition, element): (&Definition, &Element),
) {
    let names: Vec<&str> = definition.members_of(element.name).map(|member| &*member.name).collect();
    let shown = format!("{}.{}", parent.shown, element.shown_name());
    if names.iter().any(|name| parent.constants.get(*name).is_some_and(|value| !value.is_null()))
        && !parent.children.iter().any(|child| names.contains(&child.name.as_str()))
    {
        judge.prove(Property::RequiredWritten, shown, Verdict::Proved, "a constant of the slice");
        return;
    }
    let writers: Vec<&Instance<'_>> =
        parent.children.iter().filter(|child| names.contains(&child.name.as_str())).collect();
    let mut without: Vec<Formula> = written_by(resource, &writers);
    // A whole object may bring the member with it.
    let mut sure = true;
    for site in parent.here.iter().filter_map(|place| resource.sites.get(*place)) {
        match whole_says(&site.kind, &names) {
            Whole::Has => without.push(site.written.clone()),
            Whole::Unknown if !matches!(site.kind, SiteKind::List) => {
                without.push(site.written.clone());
                sure = false;
            }
            _ => {}
        }
    }
    if parent.which_is_list() && sure && !parent.here.is_empty() {
        sure = false;
    }
    conclude(judge, exists, without, sure, span, &shown, said_of(parent, element));
}

fn written_by(resource: &ResourceSites<'_>, writers: &[&Instance<'_>]) -> Vec<Formula> {
    let mut out = Vec::new();
    for writer in writers {
        let mut places = Vec::new();
        writer.all_sites(&mut places);
        let sites = places.iter().filter_map(|place| resource.sites.get(*place));
        out.extend(sites.filter(|site| !matches!(site.kind, SiteKind::List)).map(|site| site.written.clone()));
    }
    out
}

/// Slices that the profile requires.
fn slices(
    judge: &mut Judge<'_, '_>,
    resource: &ResourceSites<'_>,
    parent: &Instance<'_>,
    exists: &Formula,
    span: Span,
    element: &Element,
) {
    let wanted: Vec<&Slice> = parent
        .nodes
        .iter()
        .filter_map(|node| node.child(element.name)?.slicing.as_ref())
        .flat_map(|slicing| &slicing.slices)
        .filter(|slice| slice.node.min.is_some_and(|min| min > 0))
        .collect();
    for slice in wanted {
        let shown = format!("{}.{}:{}", parent.shown, element.name, slice.name);
        let mut inside: Vec<&Instance<'_>> = Vec::new();
        let mut sure = true;
        for child in parent.children.iter().filter(|child| child.element.is_some_and(|one| one.name == element.name)) {
            match child.lies_in(slice) {
                Some(true) => inside.push(child),
                Some(false) => {}
                None => {
                    inside.push(child);
                    sure = false;
                }
            }
        }
        let without = written_by(resource, &inside);
        let side = format!("the profile: {} at least {}", slice.node.id, slice.node.min.unwrap_or(1));
        conclude(judge, exists, without, sure, span, &shown, side);
    }
}

fn conclude(
    judge: &mut Judge<'_, '_>,
    exists: &Formula,
    written: Vec<Formula>,
    sure: bool,
    span: Span,
    shown: &str,
    side: String,
) {
    let property = Property::RequiredWritten;
    if written.is_empty() {
        if judge.ask(vec![exists.clone()], true) == Answer::Never {
            judge.prove(property, shown, Verdict::Proved, "its parent is never made");
            return;
        }
        judge.prove(property, shown, Verdict::Broken, "no rule writes it");
        let text = format!("`{shown}` is required, and no rule writes it");
        let one = judge.diagnostic(Code::RequiredMissing, span, text);
        judge.push(one.with_side(side).with_hint("write it from a vendor value, or as a constant under `const`"));
        return;
    }
    let missing = |blanks: bool| {
        // What hangs together comes first, so that a contradiction shows before the rest is tried.
        let mut parts: Vec<Formula> = written.iter().cloned().map(Formula::negated).collect();
        parts.push(exists.clone());
        judge.ask(parts, blanks)
    };
    match (missing(true), missing(false)) {
        (Answer::Never, _) if sure => judge.prove(property, shown, Verdict::Proved, "written for every message"),
        (Answer::Never, _) => judge.prove(property, shown, Verdict::Unknown, "a function gives the whole element"),
        (_, Answer::Never) => {
            judge.prove(property, shown, Verdict::Unknown, "written unless a text is of white space alone");
        }
        (_, Answer::Perhaps) => judge.prove(property, shown, Verdict::Unknown, "too many cases to try them all"),
        (_, Answer::Like(example)) => {
            let about: Vec<&Formula> = written.iter().collect();
            let when = judge.told(&example, &about);
            judge.prove(property, shown, Verdict::Unknown, format!("not written when {when}"));
            let text = format!("`{shown}` is required, and may be missing");
            let one = judge.diagnostic(Code::RequiredDoubt, span, text).with_severity(Severity::Warning);
            let hint = "require the value in the source schema, guard the resource with `when`, or write another value in a group for that case";
            judge.push(one.with_side(side).with_side(format!("missing when {when}")).with_hint(hint));
        }
    }
}

impl Instance<'_> {
    fn which_is_list(&self) -> bool {
        matches!(self.which, Which::Whole) && self.element.is_some_and(Element::repeats)
    }
}
