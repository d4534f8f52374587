//! What can be lost, in each direction: the substance of a plugin's certificate.

use super::Judge;
use super::tree::Instance;
use crate::compile::{Place, ResourceSites, SiteKind};
use crate::converter::Converter;
use crate::plan::{AsideKind, AsideRule, Block, Only};
use crate::put::MODIFIERS;

/// Elements that belong to the server or to the document around a resource.
const NOT_OURS: &[&str] = &["id", "meta", "implicitRules", "language", "text", "contained", "extension"];

/// What the rules of a resource can lose.
pub(super) fn of_resource(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, tree: &Instance<'_>) {
    for site in &resource.sites {
        let SiteKind::Pair { converter, is_else, has_else } = &site.kind else { continue };
        let paths: Vec<&str> = site.sources.iter().map(|source| source.path.text.as_str()).collect();
        let place = paths.join(" + ");
        if site.only != Only::In {
            out_of(judge, site, converter, *has_else || *is_else, &place);
        }
        if let (Converter::Table(table), true) = (converter, site.only != Only::Out) {
            for (side, named) in &table.back {
                let shown = side.get("code").unwrap_or(side);
                let reason = match named {
                    Some(code) => format!("several vendor codes have this FHIR side; it comes back as {code}"),
                    None => "another rule carries it back".to_string(),
                };
                judge.lose_in(format!("{}.{} {shown}", resource.resource_type, site.to), "collapsed", reason);
            }
        }
        if site.only == Only::Out && !is_else {
            let reason =
                "derived from the vendor's values: recomputed on the way in, and an edit of it is reported, not taken";
            judge.lose_in(format!("{}.{}", resource.resource_type, site.to), "derived", reason);
        }
    }
    no_home(judge, resource, tree);
}

fn out_of(
    judge: &mut Judge<'_, '_>,
    site: &crate::compile::Site<'_>,
    converter: &Converter,
    elsewhere: bool,
    place: &str,
) {
    let first = match converter {
        Converter::Chain(steps) => steps.first().unwrap_or(converter),
        one => one,
    };
    match first {
        Converter::Table(table) => {
            if table.collapses() {
                judge.lose_out(
                    place,
                    "collapsed",
                    format!("several codes of the table `{}` become one; the original is kept", table.name),
                );
            }
            let closed = site
                .sources
                .first()
                .and_then(|source| source.place.as_ref())
                .map(Place::domain)
                .and_then(|domain| domain.closed());
            let covered = closed.is_some_and(|values| values.iter().all(|value| table.row(value).is_some()));
            if !covered && !elsewhere && !table.as_is {
                let what = if table.vendor_else.is_some() {
                    "is sent as the table's default; the original is kept"
                } else {
                    "is kept and not sent"
                };
                judge.lose_out(
                    place,
                    "outside-domain",
                    format!("a code that the table `{}` does not list {what}", table.name),
                );
            }
        }
        Converter::Call(function, arguments) => {
            let total =
                arguments.nothing.is_empty()
                    && site.sources.iter().enumerate().all(|(place, source)| {
                        function.signature.taken(place).is_some_and(|taken| source.is_taken(taken))
                    });
            if !total && !elsewhere {
                judge.lose_out(
                    place,
                    "outside-domain",
                    format!("what `{}` cannot carry is kept and not sent", function.name),
                );
            }
        }
        _ => {}
    }
}

/// Elements of the resource that no rule speaks of.
fn no_home(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, tree: &Instance<'_>) {
    let Some(definition) = tree.definition else { return };
    for element in &definition.elements {
        let written = tree.children.iter().any(|child| child.element.is_some_and(|own| own.name == element.name));
        if written || NOT_OURS.contains(&element.name) || tree.most(element) == Some(0) {
            continue;
        }
        let place = format!("{} ({}).{}", resource.resource_type, resource.name, element.shown_name());
        if MODIFIERS.contains(&element.name) {
            judge.lose_in(place, "refused", "FHIR calls it a modifier, and no rule carries it to the vendor");
        } else {
            judge.lose_in(place, "no-home", "no rule carries it to the vendor; it is reported, not taken");
        }
    }
}

/// What a message sets aside.
pub(super) fn of_message(judge: &mut Judge<'_, '_>) {
    let plan = judge.plan;
    let mut rules: Vec<&AsideRule> = plan.aside.iter().collect();
    rules.extend(plan.items.iter().flat_map(|item| &item.aside));
    for resource in &plan.resources {
        gather(&resource.block, &mut rules);
    }
    for rule in rules {
        let how = match rule.kind {
            AsideKind::Keep => "kept",
            AsideKind::Drop => "dropped",
            AsideKind::Secret => "secret",
        };
        judge.lose_out(rule.path.text.clone(), how, &*rule.reason);
    }
    for item in plan.items.iter().filter(|item| !item.quarantine.is_empty()) {
        for rule in &item.quarantine {
            judge.lose_out(item.name.clone(), "kept", format!("set aside as a whole: {}", rule.text));
        }
    }
}

fn gather<'p>(block: &'p Block, out: &mut Vec<&'p AsideRule>) {
    out.extend(&block.aside);
    block.groups.iter().for_each(|group| gather(group, out));
    block.lists.iter().for_each(|list| gather(&list.block, out));
}
