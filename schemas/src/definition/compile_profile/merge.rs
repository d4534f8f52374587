//! Puts the elements of a differential or snapshot onto a draft, and keeps of each what is tighter than the base type.

use super::discriminator;
use super::draft::{Division, Draft, type_name};
use super::element_id::{Segment, segments};
use super::raw::{canonical, items, text, texts};
use super::said_by_extensions;
use crate::definition::profile::{SlicingRules, TypeRule};
use crate::definition::profiles::Profiles;
use crate::definition::{Binding, BindingStrength, Element, Invariant};
use serde_json::Value;

/// More elements than any real definition has.
const MOST_ELEMENTS: usize = 5_000;

/// Most faults that are told of one definition.
pub(super) const MOST_FAULTS: usize = 50;

const MAX_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";

const PROFILE_ELEMENT: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element";

/// Puts the elements onto the draft of the type as a whole.
pub(super) fn apply(root: &mut Draft, elements: &[Value], faults: &mut Vec<String>) {
    if elements.len() > MOST_ELEMENTS {
        faults.push(format!("The definition has more than {MOST_ELEMENTS} elements; the rest is not judged."));
    }
    let mut last = Vec::new();
    let mut placed: Vec<(Vec<Segment>, &Value)> = Vec::new();
    for element in elements.iter().take(MOST_ELEMENTS) {
        match segments(element, &last) {
            Ok(found) => {
                last.clone_from(&found);
                placed.push((found, element));
            }
            Err(fault) => faults.push(fault),
        }
    }
    // Outer elements first, and the element before its slices: what they say decides what may lie inside.
    placed.sort_by_key(|(segments, _)| (segments.len(), slice_depth(segments)));
    for (segments, element) in placed {
        if faults.len() >= MOST_FAULTS {
            return;
        }
        match place(root, &segments) {
            Ok(draft) => constrain(draft, element, faults),
            Err(fault) => faults.push(fault),
        }
    }
}

fn slice_depth(segments: &[Segment]) -> usize {
    let slice = segments.last().and_then(|end| end.slice.as_deref());
    slice.map_or(0, |slice| 1 + slice.matches('/').count())
}

fn place<'d>(root: &'d mut Draft, segments: &[Segment]) -> Result<&'d mut Draft, String> {
    let mut at = root;
    for segment in segments.iter().skip(1) {
        at = at.step(&segment.name, segment.slice.as_deref())?;
    }
    Ok(at)
}

fn constrain(draft: &mut Draft, element: &Value, faults: &mut Vec<String>) {
    cardinality(draft, element, faults);
    if let Some(rules) = types(element, draft.base()) {
        draft.own.types = rules;
    }
    for (member, value) in element.as_object().into_iter().flatten() {
        if suffix(member, "fixed").is_some() {
            draft.own.fixed = Some(value.clone());
        } else if suffix(member, "pattern").is_some() {
            draft.own.pattern = Some(value.clone());
        } else if let Some(suffix) = suffix(member, "minValue") {
            draft.own.min_value = Some((suffix.into(), value.clone()));
        } else if let Some(suffix) = suffix(member, "maxValue") {
            draft.own.max_value = Some((suffix.into(), value.clone()));
        }
    }
    if let Some(most) = element.get("maxLength").and_then(Value::as_u64) {
        draft.own.max_length = usize::try_from(most).ok();
    }
    if let Some(written) = element.get("binding") {
        binding(draft, written, faults);
    }
    invariants(draft, element);
    said_by_extensions::add(draft, element);
    if let Some(slicing) = element.get("slicing").filter(|slicing| slicing.is_object()) {
        divide(draft, slicing, faults);
    }
}

/// The rest of a member's name, where it starts a type (`Uri` of `fixedUri`).
fn suffix<'a>(member: &'a str, start: &str) -> Option<&'a str> {
    member.strip_prefix(start).filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
}

fn cardinality(draft: &mut Draft, element: &Value, faults: &mut Vec<String>) {
    let base = draft.base();
    // The cardinality of a root says nothing: who refers to the profile says how often.
    let Some(base) = base else { return };
    if let Some(min) = element.get("min") {
        match min.as_u64().and_then(|min| u32::try_from(min).ok()) {
            Some(min) => {
                let base_min = if draft.is_slice { 0 } else { base.min };
                draft.own.min = (min > base_min).then_some(min);
            }
            None => faults.push(format!("`{}` has a `min` that is no number.", draft.own.id)),
        }
    }
    match text(element, "max") {
        None => {}
        Some("*") => draft.own.max = None,
        Some(max) => match max.parse::<u32>() {
            Ok(max) => draft.own.max = base.max.is_none_or(|base| max < base).then_some(max),
            Err(_) => faults.push(format!("`{}` has a `max` that is neither a number nor `*`.", draft.own.id)),
        },
    }
}

/// The types where they are named: nothing in it when they say no more than the base type.
fn types(element: &Value, base: Option<&'static Element>) -> Option<Option<Vec<TypeRule>>> {
    let written = items(element, "type");
    let base = base.filter(|_| !written.is_empty())?;
    let mut rules: Vec<TypeRule> = Vec::new();
    for one in written {
        let code = text(one, "code")?;
        // How snapshots write the type of an id or of an extension's url.
        if code.starts_with("http://hl7.org/fhirpath/") {
            return Some(None);
        }
        let code = Profiles::base_type(code).unwrap_or(code);
        // STU3 wrote a type once for each of its profiles.
        let at = match rules.iter().position(|rule| *rule.code == *code) {
            Some(at) => at,
            None => {
                rules.push(TypeRule::of(code));
                rules.len() - 1
            }
        };
        if let Some(rule) = rules.get_mut(at) {
            rule.profiles.extend(profiles(one));
            rule.targets.extend(texts(one, "targetProfile").into_iter().map(Into::into));
            rule.aggregation.extend(texts(one, "aggregation").into_iter().map(Into::into));
        }
    }
    let mut of_resources = Vec::new();
    for rule in &mut rules {
        if *rule.code == *"Resource" {
            // A resource type named as a profile of "any resource" is that type.
            of_resources.extend(rule.profiles.iter().filter_map(|profile| Profiles::base_type(profile)));
        }
        // The type itself, named as a profile, asks nothing; nor does "any resource" as a target.
        if rule.profiles.iter().any(|profile| Profiles::is_base_type_url(profile)) {
            rule.profiles.clear();
        }
        if rule.targets.iter().any(|target| Profiles::base_type(target) == Some("Resource")) {
            rule.targets.clear();
        }
    }
    of_resources.retain(|name| *name != "Resource");
    if !of_resources.is_empty() {
        rules.retain(|rule| *rule.code != *"Resource");
        rules.extend(of_resources.into_iter().map(TypeRule::of));
    }
    Some((!says_no_more(&rules, base)).then_some(rules))
}

/// The profiles of a type; one that means an element of a profile has the element's id after `#`.
fn profiles(of: &Value) -> Vec<Box<str>> {
    let companions = items(of, "_profile");
    let element = |at: usize| {
        let extensions = items(companions.get(at)?, "extension").iter();
        extensions.filter(|one| text(one, "url") == Some(PROFILE_ELEMENT)).find_map(|one| text(one, "valueString"))
    };
    let one = |(at, url): (usize, &str)| match element(at) {
        Some(id) => format!("{url}#{id}").into(),
        None => url.into(),
    };
    texts(of, "profile").into_iter().enumerate().map(one).collect()
}

fn says_no_more(rules: &[TypeRule], base: &Element) -> bool {
    let is_plain = |rule: &TypeRule| {
        rule.profiles.is_empty()
            && rule.aggregation.is_empty()
            && (rule.targets.is_empty() || same_targets(&rule.targets, &base.targets))
    };
    // A group of elements is written as either.
    let is_group = |code: &str| matches!(code, "Element" | "BackboneElement");
    let has = |code: &str| rules.iter().any(|rule| *rule.code == *code || is_group(code) && is_group(&rule.code));
    rules.iter().all(is_plain) && base.types.iter().all(|one| has(type_name(*one)))
}

fn same_targets(targets: &[Box<str>], base: &[&'static str]) -> bool {
    let names: Vec<Option<&str>> = targets.iter().map(|target| Profiles::base_type(target)).collect();
    !base.is_empty() && names.iter().all(Option::is_some) && base.iter().all(|one| names.contains(&Some(one)))
}

fn binding(draft: &mut Draft, written: &Value, faults: &mut Vec<String>) {
    let base = draft.base().and_then(|element| element.binding.as_ref());
    let before = draft.own.binding.as_ref().or(base);
    let strength = match text(written, "strength").map(BindingStrength::named) {
        Some(Some(strength)) => Some(strength),
        Some(None) => {
            faults.push(format!("`{}` has a binding of a strength that FHIR does not have.", draft.own.id));
            return;
        }
        None => before.map(|before| before.strength),
    };
    let own_set = canonical(written, "valueSet");
    let own_max = items(written, "extension")
        .iter()
        .find(|extension| text(extension, "url") == Some(MAX_VALUE_SET))
        .and_then(|extension| canonical(extension, "value"));
    let kept_max = before.filter(|_| own_set.is_none()).and_then(|before| before.max_value_set.clone());
    let value_set = own_set.or_else(|| before.map(|before| before.value_set.clone()));
    let (Some(strength), Some(value_set)) = (strength, value_set) else {
        return;
    };
    let max_value_set = own_max.or(kept_max);
    let new = Binding { strength, value_set, max_value_set };
    draft.own.binding = (!base.is_some_and(|base| same_binding(base, &new))).then_some(new);
}

fn same_binding(base: &Binding, new: &Binding) -> bool {
    let plain = |url: &str| url.split_once('|').map_or(url, |(url, _)| url).to_owned();
    base.strength == new.strength
        && plain(&base.value_set) == plain(&new.value_set)
        && new
            .max_value_set
            .as_deref()
            .map(plain)
            .is_none_or(|most| base.max_value_set.as_deref().map(plain) == Some(most))
}

fn invariants(draft: &mut Draft, element: &Value) {
    for written in items(element, "constraint") {
        let (Some(key), Some(expression)) = (text(written, "key"), text(written, "expression")) else {
            continue;
        };
        let is_known = |invariants: &[Invariant]| invariants.iter().any(|one| *one.key == *key);
        let of_base = draft.base().is_some_and(|element| is_known(&element.invariants))
            || draft.inside().iter().any(|definition| is_known(&definition.invariants));
        if of_base || is_known(&draft.own.invariants) {
            continue;
        }
        draft.own.invariants.push(Invariant::new(
            key,
            text(written, "severity") != Some("warning"),
            expression,
            text(written, "human").map(Into::into),
        ));
    }
}

fn divide(draft: &mut Draft, slicing: &Value, faults: &mut Vec<String>) {
    let before = draft.division.take();
    let rules = match text(slicing, "rules") {
        Some("open") => SlicingRules::Open,
        Some("closed") => SlicingRules::Closed,
        Some("openAtEnd") => SlicingRules::OpenAtEnd,
        _ => before.as_ref().map_or(SlicingRules::Open, |before| before.rules),
    };
    let ordered = slicing.get("ordered").and_then(Value::as_bool);
    let mut discriminators = discriminator::read(slicing, &draft.own.id, faults);
    if discriminators.is_empty() {
        discriminators = before.as_ref().map_or_else(Vec::new, |before| before.discriminators.clone());
    }
    let ordered = ordered.unwrap_or_else(|| before.is_some_and(|before| before.ordered));
    draft.division = Some(Division { rules, ordered, discriminators });
}
