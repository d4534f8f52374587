//! The profile a rule claims: that it is known, and that nothing is written which it forbids.

use super::tree::{Instance, holds, type_name};
use super::{Judge, Property, Verdict};
use crate::compile::{ResourceSites, SiteKind};
use crate::diagnostic::Code;
use ginnel_schemas::definition::Definitions;
use ginnel_schemas::definition::profile::Profile;
use ginnel_schemas::definition::profiles::Profiles;
use ginnel_schemas::known::Known;

/// The profile of a resource rule; one that is not known is reported.
pub(super) fn find<'k>(judge: &mut Judge<'k, '_>, resource: &ResourceSites<'_>) -> Option<&'k Profile> {
    let known: &'k Known = judge.known;
    let (url, span) = resource.profile.as_ref()?;
    if let Some(base) = Profiles::base_type(url) {
        if base != resource.resource_type {
            let text = format!("`{url}` is the type {base}, and this rule makes a {}", resource.resource_type);
            let one = judge.diagnostic(Code::UnknownProfile, *span, text);
            judge.push(one.with_hint("name a profile of the rule's own type"));
        }
        return None;
    }
    match known.profiles.get(url) {
        Some(profile) => {
            let of = Definitions::r4().get(profile.of).name;
            if of != resource.resource_type {
                let text = format!("`{url}` is a profile of {of}, and this rule makes a {}", resource.resource_type);
                let one = judge.diagnostic(Code::UnknownProfile, *span, text);
                judge.push(one.with_hint("name a profile of the rule's own type"));
                return None;
            }
            for fault in &profile.faults {
                let subject = format!("profile of {}", resource.name);
                judge.prove(Property::RequiredWritten, subject, Verdict::Unknown, fault.clone());
            }
            Some(profile)
        }
        None => {
            let (text, hint) = match known.profiles.fault(url) {
                Some(fault) => (format!("the profile `{url}` cannot be used: {fault}"), "mend the package".to_string()),
                None => {
                    let near = ginnel_schemas::spelling::nearest_url(url, known.profiles.urls());
                    let hint = near.map_or_else(
                        || "profiles are those of FHIR R4, of UK Core and of the packages given".to_string(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    (format!("no profile `{url}` is known"), hint)
                }
            };
            judge.prove(Property::PathsExist, format!("profile of {}", resource.name), Verdict::Broken, text.clone());
            let one = judge.diagnostic(Code::UnknownProfile, *span, text);
            judge.push(one.with_hint(hint));
            None
        }
    }
}

/// Judges what is written against what the profile forbids.
pub(super) fn judge(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, instance: &Instance<'_>) {
    for child in &instance.children {
        forbidden(judge, resource, instance, child);
        self::judge(judge, resource, child);
    }
}

fn forbidden(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>, parent: &Instance<'_>, child: &Instance<'_>) {
    let Some(element) = child.element else { return };
    let mut places = Vec::new();
    child.all_sites(&mut places);
    let Some(site) = places.first().and_then(|place| resource.sites.get(*place)) else { return };
    let zero = parent.most(element) == Some(0) || child.nodes.iter().any(|node| node.max == Some(0));
    let text = if zero {
        Some((
            format!("the profile forbids `{}`", child.shown),
            "write to another element, or claim another profile".to_string(),
        ))
    } else {
        wrong_type(child).or_else(|| wrong_value(resource, child))
    };
    if let Some((text, hint)) = text {
        judge.prove(Property::PathsExist, child.shown.clone(), Verdict::Broken, text.clone());
        let ids: Vec<&str> = child.nodes.iter().map(|node| &*node.id).collect();
        let side = format!("profile: {}", ids.first().copied().unwrap_or("the element"));
        let one = judge.diagnostic(Code::ProfileForbids, site.target_span, text);
        judge.push(one.with_side(side).with_side(child.said()).with_hint(hint));
    }
}

fn wrong_type(child: &Instance<'_>) -> Option<(String, String)> {
    let element = child.element?;
    let written = type_name(child.element_type?);
    let rules = child.nodes.iter().filter_map(|node| node.types.as_ref()).find(|types| !types.is_empty())?;
    if !element.is_choice || rules.iter().any(|rule| *rule.code == *written) {
        return None;
    }
    let names: Vec<String> = rules.iter().map(|rule| format!("{}{}", element.name, capital(&rule.code))).collect();
    let text = format!("the profile does not allow {written} in `{}`", child.shown);
    Some((text, format!("write {}", names.join(" or "))))
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A constant that is not what the profile fixes.
fn wrong_value(resource: &ResourceSites<'_>, child: &Instance<'_>) -> Option<(String, String)> {
    for node in &child.nodes {
        for site in child.here.iter().filter_map(|place| resource.sites.get(*place)) {
            let SiteKind::Constant(value) = &site.kind else { continue };
            if let Some(fixed) = node.fixed.as_ref().filter(|fixed| *fixed != value) {
                return Some((format!("the profile fixes `{}` to {fixed}", child.shown), format!("write {fixed}")));
            }
            if let Some(pattern) = node.pattern.as_ref().filter(|pattern| !holds(value, pattern)) {
                let text = format!("the profile demands of `{}` at least {pattern}", child.shown);
                return Some((text, format!("write at least {pattern}")));
            }
        }
    }
    None
}
