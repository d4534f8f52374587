//! Resources of one rule have different ids.

use super::{Judge, Property, Verdict};
use crate::compile::{Presence, ResourceSites};
use crate::diagnostic::{Code, Severity};

/// Judges what a resource's id is made of. Those of two rules never meet: the rule's name is part of an id.
pub(super) fn judge(judge: &mut Judge<'_, '_>, resource: &ResourceSites<'_>) {
    let name = &resource.name;
    if let Some((base, variable)) = resource.each.last()
        && !resource.id.is_empty()
        && !resource.grouped
        && !resource.id.iter().any(|source| source.base == *base)
    {
        let text = format!("nothing in the `id` of `{name}` tells one `{variable}` from another");
        let hint = format!("add a value of `{variable}` that no other `{variable}` of the same parent has");
        judge.prove(Property::ReverseIsFunction, format!("id of {name}"), Verdict::Broken, text.clone());
        let one = judge.diagnostic(Code::SameId, resource.id_span, text);
        judge.push(one.with_hint(hint));
        return;
    }
    let missing = resource.id.iter().find(|source| {
        let place = source.place.as_ref();
        place.is_none_or(|place| place.presence() == Presence::Sometimes)
    });
    match missing {
        None => judge.prove(
            Property::ReverseIsFunction,
            format!("id of {name}"),
            Verdict::Unknown,
            "its values are always there; that no two are equal is the vendor's promise",
        ),
        Some(source) => {
            let path = source.path.text.clone();
            let needed = judge.ask(
                vec![
                    resource.condition.clone(),
                    crate::check::condition::Formula::Test(source.subject, crate::guard::Test::Absent),
                ],
                false,
            );
            let why = format!("`{path}` may be absent");
            judge.prove(Property::ReverseIsFunction, format!("id of {name}"), Verdict::Unknown, why);
            if matches!(needed, super::condition::Answer::Like(_)) && source.place.is_some() && resource.id.len() == 1 {
                let text = format!("`{path}`, which the id of `{name}` is made of, may be absent");
                let side = source.place.as_ref().map(|place| place.said()).unwrap_or_default();
                let one = judge.diagnostic(Code::SameId, resource.id_span, text).with_severity(Severity::Warning);
                judge.push(
                    one.with_side(side)
                        .with_hint("use a value that the source schema requires, or require this one there"),
                );
            }
        }
    }
}
