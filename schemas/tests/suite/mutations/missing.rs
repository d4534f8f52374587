//! Mandatory elements of the base types, dropped one at a time.

use super::Mutation;
use super::sites::Example;

pub fn make(example: &Example<'_>, made: &mut Vec<Mutation>) {
    for site in example.sites.iter().filter(|site| site.element.min > 0) {
        made.extend(example.with_object(
            "mandatory element dropped",
            &site.object,
            &format!("-{}", site.member),
            |members| {
                members.shift_remove(&format!("_{}", site.member));
                members.shift_remove(site.member).is_some()
            },
        ));
    }
    for object in example.objects.iter().filter(|object| object.members.contains_key("resourceType")) {
        made.extend(example.with_object("mandatory element dropped", &object.pointer, "-resourceType", |members| {
            members.shift_remove("resourceType").is_some()
        }));
    }
}
