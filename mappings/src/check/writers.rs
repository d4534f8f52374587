//! No two rules write one element at once, and no element gets more values than it may have.

use super::condition::Answer;
use super::tree::Instance;
use super::{Judge, Property, Verdict};
use crate::compile::{Place, ResourceSites, Site, SiteKind, Which};
use crate::converter::Converter;
use crate::diagnostic::{Code, Severity};
use crate::plan::Only;
use ginnel_schemas::definition::Element;
use ginnel_schemas::definition::profile::Slice;
use serde_json::Value;

/// Judges an element and all it holds.
pub(super) fn judge(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, instance: &Instance<'_>) {
    let here: Vec<&Site<'_>> = sites(resource, &instance.here);
    for (place, one) in here.iter().enumerate() {
        for other in here.get(place + 1..).unwrap_or_default() {
            pair(judge, resource, instance, one, other);
        }
        // A whole value beside a rule that writes a member of it.
        for child in &instance.children {
            inside(judge, resource, one, child);
        }
    }
    if let Some(definition) = instance.definition {
        for element in &definition.elements {
            let members: Vec<&Instance<'_>> = instance
                .children
                .iter()
                .filter(|child| {
                    child.element.is_some_and(|own| own.name == element.name && own.is_choice == element.is_choice)
                })
                .collect();
            if !members.is_empty() {
                most(judge, resource, instance, element, &members);
            }
        }
    }
    instance.children.iter().for_each(|child| self::judge(judge, resource, child));
}

fn sites<'s, 'w>(resource: &'s ResourceSites<'w>, places: &[usize]) -> Vec<&'s Site<'w>> {
    places
        .iter()
        .filter_map(|place| resource.sites.get(*place))
        .filter(|site| site.only != Only::In && !matches!(site.kind, SiteKind::List | SiteKind::Exists))
        .collect()
}

/// Whether two rules give the same value whatever the message.
fn same_value(one: &Site<'_>, other: &Site<'_>) -> bool {
    match (&one.kind, &other.kind) {
        (SiteKind::Constant(a), SiteKind::Constant(b)) => a == b,
        (SiteKind::Pair { converter: a, .. }, SiteKind::Pair { converter: b, .. }) => {
            let from = |site: &Site<'_>| site.sources.iter().map(|source| source.subject).collect::<Vec<_>>();
            from(one) == from(other) && format!("{a:?}") == format!("{b:?}")
        }
        _ => false,
    }
}

fn pair(
    judge: &mut Judge<'_, '_>,
    resource: &ResourceSites<'_>,
    instance: &Instance<'_>,
    one: &Site<'_>,
    other: &Site<'_>,
) {
    let subject = format!("{} by {} and {}", instance.shown, one.rule, other.rule);
    if same_value(one, other) {
        judge.prove(Property::OneWriter, subject, Verdict::Proved, "both write the same value");
        return;
    }
    both(judge, resource, one, other, subject, &format!("two rules write `{}`", instance.shown), instance);
}

/// Reports two rules that can both write for one message.
fn both(
    judge: &mut Judge<'_, '_>,
    resource: &ResourceSites<'_>,
    one: &Site<'_>,
    other: &Site<'_>,
    subject: String,
    what: &str,
    instance: &Instance<'_>,
) {
    let parts = vec![one.written.clone(), other.written.clone(), resource.condition.clone()];
    match judge.ask(parts, true) {
        Answer::Never => judge.prove(Property::OneWriter, subject, Verdict::Proved, "their guards exclude each other"),
        Answer::Perhaps => {
            judge.prove(Property::OneWriter, subject, Verdict::Unknown, "too many cases to try them all")
        }
        Answer::Like(example) => {
            let when = judge.told(&example, &[&one.written, &other.written]);
            let open = hangs_on_chance(judge, resource, one, other);
            let (verdict, severity) =
                if open { (Verdict::Unknown, Severity::Warning) } else { (Verdict::Broken, Severity::Error) };
            judge.prove(Property::OneWriter, subject, verdict, format!("both when {when}"));
            let file = judge.reporter.file().to_string();
            let text = if open {
                format!("{what}, and perhaps both at once")
            } else {
                format!("{what}, and both can at once")
            };
            let found = judge
                .diagnostic(Code::TwoWriters, other.target_span, text)
                .with_severity(severity)
                .with_related(file, one.target_span, "the other rule")
                .with_side(format!("both write when {when}"))
                .with_side(instance.said())
                .with_hint("give them guards that exclude each other (`when: { x: present }` and `when: { x: absent }`), or write to different elements");
            judge.push(found);
        }
    }
}

/// Whether the two only meet where a regular expression or a function says so.
fn hangs_on_chance(judge: &Judge<'_, '_>, resource: &ResourceSites<'_>, one: &Site<'_>, other: &Site<'_>) -> bool {
    let strict = |formula: &super::condition::Formula| formula.without_chance(true);
    let parts = vec![strict(&one.written), strict(&other.written), strict(&resource.condition)];
    !matches!(judge.ask(parts, true), Answer::Like(_))
}

/// A whole value that one rule writes and a member that another writes.
fn inside(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, whole: &Site<'_>, child: &Instance<'_>) {
    let has = |value: &Value| value.get(&child.name).is_some();
    let brings = match &whole.kind {
        SiteKind::Constant(value) => has(value),
        SiteKind::Pair { converter: Converter::Table(table), .. } => {
            table.rows.iter().map(|(_, side)| side).chain(&table.vendor_else).any(has)
        }
        _ => return,
    };
    if !brings {
        return;
    }
    for site in sites(resource, &child.here) {
        // The same constant twice is no harm.
        if let (SiteKind::Constant(value), SiteKind::Constant(member)) = (&whole.kind, &site.kind)
            && value.get(&child.name) == Some(member)
        {
            continue;
        }
        let subject = format!("{} by {} and {}", child.shown, whole.rule, site.rule);
        both(judge, resource, whole, site, subject, &format!("two rules write `{}`", child.shown), child);
    }
}

/// No more values than FHIR and the profile allow, of the element and of each slice.
fn most(
    judge: &mut Judge<'_, '_>,
    resource: &ResourceSites<'_>,
    parent: &Instance<'_>,
    element: &Element,
    members: &[&Instance<'_>],
) {
    let limit = parent.most(element);
    let shown = format!("{}.{}", parent.shown, element.shown_name());
    at_most(judge, resource, limit, &shown, members);
    let slices: Vec<&Slice> = parent
        .nodes
        .iter()
        .filter_map(|node| node.child(element.name)?.slicing.as_ref())
        .flat_map(|slicing| &slicing.slices)
        .filter(|slice| slice.node.max.is_some_and(|max| max > 0))
        .collect();
    for slice in slices {
        let inside: Vec<&Instance<'_>> =
            members.iter().copied().filter(|member| member.lies_in(slice) == Some(true)).collect();
        if !inside.is_empty() {
            at_most(judge, resource, slice.node.max, &format!("{shown}:{}", slice.name), &inside);
        }
    }
}

fn at_most(
    judge: &mut Judge<'_, '_>,
    resource: &ResourceSites<'_>,
    limit: Option<u32>,
    shown: &str,
    members: &[&Instance<'_>],
) {
    let Some(limit) = limit.filter(|limit| *limit > 0) else { return };
    let first = |member: &Instance<'_>| {
        let mut places = Vec::new();
        member.all_sites(&mut places);
        places.first().copied()
    };
    for member in members.iter().filter(|member| matches!(member.which, Which::Each(_))) {
        let Which::Each(list) = member.which else { continue };
        let Some(site) = resource.sites.get(list) else { continue };
        let held = site.sources.first().and_then(|source| source.place.as_ref()).map(Place::most_elements);
        match held {
            Some(Some(held)) if held as u64 <= u64::from(limit) => {
                judge.prove(Property::MaxKept, shown, Verdict::Proved, "the vendor's list is no longer");
            }
            Some(_) => {
                let text = format!("`{shown}` may have {limit} value(s), and the vendor's list may have more");
                judge.prove(Property::MaxKept, shown, Verdict::Broken, text.clone());
                let side = site.sources.first().and_then(|one| one.place.as_ref()).map(Place::said).unwrap_or_default();
                let one = judge.diagnostic(Code::TooMany, site.target_span, text);
                judge.push(one.with_side(side).with_side(member.said()).with_hint(
                    "pick one element (`[0]`, `[-1]`, `[field='text']`), or state `maxItems` in the source schema",
                ));
            }
            None => judge.prove(Property::MaxKept, shown, Verdict::Unknown, "the length of the list is not known"),
        }
    }
    let single: Vec<&&Instance<'_>> =
        members.iter().filter(|member| !matches!(member.which, Which::Each(_) | Which::Whole) || limit == 1).collect();
    if single.len() <= limit as usize {
        return;
    }
    if limit > 1 {
        judge.prove(Property::MaxKept, shown, Verdict::Unknown, "how many are written is seen when a message comes");
        return;
    }
    for (place, one) in single.iter().enumerate() {
        for other in single.get(place + 1..).unwrap_or_default() {
            let (Some(a), Some(b)) = (first(one), first(other)) else { continue };
            let (Some(a_site), Some(b_site)) = (resource.sites.get(a), resource.sites.get(b)) else { continue };
            let any = |member: &Instance<'_>| {
                let mut places = Vec::new();
                member.all_sites(&mut places);
                super::condition::Formula::Any(
                    places
                        .iter()
                        .filter_map(|place| resource.sites.get(*place))
                        .map(|site| site.written.clone())
                        .collect(),
                )
            };
            let subject = format!("{shown} by {} and {}", a_site.rule, b_site.rule);
            match judge.ask(vec![any(one), any(other), resource.condition.clone()], true) {
                Answer::Never => judge.prove(Property::MaxKept, subject, Verdict::Proved, "never both"),
                Answer::Perhaps => {
                    judge.prove(Property::MaxKept, subject, Verdict::Unknown, "too many cases to try them all")
                }
                Answer::Like(example) => {
                    let when = judge.told(&example, &[&any(one), &any(other)]);
                    let text = format!(
                        "`{shown}` may have one value, and two are written: `{}` and `{}`",
                        one.shown, other.shown
                    );
                    judge.prove(Property::MaxKept, subject, Verdict::Broken, text.clone());
                    let file = judge.reporter.file().to_string();
                    let found = judge
                        .diagnostic(Code::TooMany, b_site.target_span, text)
                        .with_related(file, a_site.target_span, "the other value")
                        .with_side(format!("both are written when {when}"))
                        .with_side(one.said())
                        .with_hint(
                            "give the rules guards that exclude each other, or write one of the values elsewhere",
                        );
                    judge.push(found);
                }
            }
        }
    }
}
