//! Which crate of the house may know which: imports only run towards the ground.

use serde_json::Value;
use std::collections::BTreeSet;

/// Each crate with those below it that it may name, in `dependencies` of any kind.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("ginnel-schemas", &[]),
    ("ginnel-medicines", &["ginnel-schemas"]),
    ("ginnel-documents", &["ginnel-schemas", "ginnel-medicines"]),
    ("ginnel-mappings", &["ginnel-schemas", "ginnel-medicines"]),
    // Asks a server by URL; it must fail a wrong gateway, so it shares no code with one.
    ("ginnel-conformance", &["ginnel-schemas"]),
    // Dear to build and seldom changed: nothing below it may make it build again.
    ("ginnel-own-resources", &[]),
    (
        "ginnel",
        &[
            "ginnel-schemas",
            "ginnel-medicines",
            "ginnel-documents",
            "ginnel-mappings",
            "ginnel-conformance",
            "ginnel-own-resources",
        ],
    ),
];

/// The one crate that may depend on the web server.
const SERVER_CRATE: &str = "ginnel";

/// Every edge that runs the wrong way, and every crate without a floor.
pub fn faults(metadata: &Value) -> Vec<String> {
    let members: BTreeSet<&str> = texts(&metadata["workspace_members"]).collect();
    let packages: Vec<&Value> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| package["id"].as_str().is_some_and(|id| members.contains(id)))
        .collect();
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();

    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, below)) = MAY_KNOW.iter().find(|(known, _)| *known == name) else {
            faults.push(format!("{name} has no floor: add it to the table of this test"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = dependency["name"].as_str().unwrap_or_default();
            if names.contains(other) && !below.contains(&other) {
                faults.push(format!("{name} may not know {other}"));
            }
            if other.starts_with("actix") && name != SERVER_CRATE {
                faults.push(format!("{name} may not know a web server ({other})"));
            }
        }
    }
    faults
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn house(crates: &[(&str, &[&str])]) -> Value {
        let packages: Vec<Value> = crates
            .iter()
            .map(|(name, dependencies)| {
                let dependencies: Vec<Value> = dependencies.iter().map(|name| json!({"name": name})).collect();
                json!({"id": format!("path#{name}"), "name": name, "dependencies": dependencies})
            })
            .collect();
        let members: Vec<Value> = packages.iter().map(|package| package["id"].clone()).collect();
        json!({"packages": packages, "workspace_members": members})
    }

    #[test]
    fn a_house_that_leans_downwards_is_tidy() {
        let house = house(&[
            ("ginnel-schemas", &["regex"]),
            ("ginnel-mappings", &["ginnel-schemas"]),
            ("ginnel", &["ginnel-mappings", "actix-web"]),
        ]);
        assert_eq!(faults(&house), Vec::<String>::new());
    }

    #[test]
    fn an_upward_or_sideways_lean_is_named() {
        let house = house(&[
            ("ginnel-schemas", &["ginnel-mappings"]),
            ("ginnel-mappings", &["ginnel-conformance"]),
            ("ginnel-conformance", &["ginnel"]),
            ("ginnel", &[]),
        ]);
        assert_eq!(
            faults(&house),
            [
                "ginnel-schemas may not know ginnel-mappings",
                "ginnel-mappings may not know ginnel-conformance",
                "ginnel-conformance may not know ginnel",
            ]
        );
    }

    #[test]
    fn a_crate_without_a_floor_and_a_web_server_below_the_top_are_named() {
        let house = house(&[("ginnel-attic", &[]), ("ginnel-mappings", &["actix-web"])]);
        assert_eq!(
            faults(&house),
            [
                "ginnel-attic has no floor: add it to the table of this test",
                "ginnel-mappings may not know a web server (actix-web)",
            ]
        );
    }
}
