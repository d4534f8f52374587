//! More values than the base type allows.

use super::Mutation;
use super::sites::Example;
use serde_json::json;

pub fn make(example: &Example<'_>, made: &mut Vec<Mutation>) {
    for site in example.sites.iter().filter(|site| site.element.max == Some(1) && !site.value.is_array()) {
        let two = json!([site.value, site.value]);
        made.extend(example.with_value("two values where one may be", &site.pointer(), two));
    }
}
