//! Generated resources: what is stored reads back as the same JSON, but for `id` and `meta`.

use super::{SqliteOptions, SqliteStore};
use crate::store::Store;
use crate::store::contract;
use ginnel_schemas::json::{Limits, parse};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};
use uuid::Uuid;

/// JSON text as people write it: numbers in every spelling, any character, members in any order.
fn json_text(depth: u32) -> BoxedStrategy<String> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?";
    let text = any::<String>().prop_map(|text| Value::String(text).to_string());
    let leaf = prop_oneof![
        number.prop_map(|number| number),
        text,
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("null".to_owned()),
        Just("\"\\u00e9\\ud83d\\ude00\\/\"".to_owned()),
    ];
    leaf.prop_recursive(depth, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(|list| format!("[{}]", list.join(" , "))),
            vec((any::<String>(), inner), 0..6).prop_map(|pairs| members(&pairs)),
        ]
    })
    .boxed()
}

/// Members with each name once: a second one would be refused before it is stored.
fn members(pairs: &[(String, String)]) -> String {
    let mut seen = std::collections::HashSet::new();
    let list: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| seen.insert(name.clone()))
        .map(|(name, value)| format!("{} : {value}", Value::String(name.clone())))
        .collect();
    format!("{{ {} }}", list.join(" , "))
}

/// The resource without what the store may change.
fn bare(resource: &Value) -> String {
    let mut members: Map<String, Value> = resource.as_object().cloned().unwrap_or_default();
    members.shift_remove("id");
    members.shift_remove("meta");
    Value::Object(members).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_resource_reads_back_as_the_same_json(
        before in vec(("[a-z]{1,8}", json_text(3)), 0..4),
        after in vec(("[A-Z]{1,8}", json_text(3)), 0..4),
        with_meta in any::<bool>(),
    ) {
        let id = Uuid::new_v4().to_string();
        let mut pairs = before;
        pairs.retain(|(name, _)| name != "id" && name != "meta");
        pairs.push(("resourceType".to_owned(), "\"Basic\"".to_owned()));
        pairs.push(("id".to_owned(), format!("\"{id}\"")));
        if with_meta {
            pairs.push(("meta".to_owned(), "{\"profile\": [\"p\"]}".to_owned()));
        }
        pairs.extend(after);
        let text = members(&pairs);
        let limits = Limits { bytes: usize::MAX, depth: 64 };
        let resource = parse(text.as_bytes(), limits).expect("what is generated is JSON");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(SqliteOptions { readers: 1, ..SqliteOptions::in_folder(folder.path()) }).expect("opens");
        let read = runtime.block_on(async {
            contract::commit_resource(&store, resource.clone()).await;
            store.read("Basic", &id).await.expect("reads").expect("is there").content
        });
        let back = parse(read.as_bytes(), limits).expect("what is kept is JSON");
        prop_assert_eq!(bare(&back), bare(&resource));
        // Spelling of numbers is text: it must come back as it was written.
        for (name, value) in &pairs {
            if value.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
                prop_assert_eq!(back.get(name).map(Value::to_string), Some(value.clone()));
            }
        }
    }
}
