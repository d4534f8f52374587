//! Whether a resource says everything that a wanted one says. A wanted resource is partial: what it does not name may be
//! there as well.

use serde_json::Value;

/// Where a wanted value is not in what came out: a path as in FHIRPath, and what stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub element: String,
    pub wanted: Value,
    pub found: Value,
}

/// Decides whether a reference of the output leads to what a wanted reference means.
pub trait References {
    fn same(&self, found: &str, wanted: &str) -> bool;
}

/// Every wanted value that `found` does not have. Of an array each wanted element takes an element of its own, in order.
pub fn differences(found: &Value, wanted: &Value, references: &dyn References) -> Vec<Difference> {
    let mut out = Vec::new();
    compare(found, wanted, "", references, &mut out);
    out
}

fn compare(found: &Value, wanted: &Value, path: &str, references: &dyn References, out: &mut Vec<Difference>) {
    match (found, wanted) {
        (Value::Object(own), Value::Object(asked)) => {
            for (name, value) in asked {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                match own.get(name) {
                    Some(there) if name == "reference" && both_text(there, value) => {
                        let (Some(there_text), Some(asked_text)) = (there.as_str(), value.as_str()) else { continue };
                        if !references.same(there_text, asked_text) {
                            out.push(Difference { element: below, wanted: value.clone(), found: there.clone() });
                        }
                    }
                    Some(there) => compare(there, value, &below, references, out),
                    None => out.push(Difference { element: below, wanted: value.clone(), found: Value::Null }),
                }
            }
        }
        (Value::Array(own), Value::Array(asked)) => in_order(own, asked, path, references, out),
        _ if same_value(found, wanted) => {}
        _ => out.push(Difference { element: path.to_string(), wanted: wanted.clone(), found: found.clone() }),
    }
}

fn in_order(own: &[Value], asked: &[Value], path: &str, references: &dyn References, out: &mut Vec<Difference>) {
    let mut next = 0;
    for (index, value) in asked.iter().enumerate() {
        let below = format!("{path}[{index}]");
        let fits = (next..own.len()).find(|at| differences(&own[*at], value, references).is_empty());
        if let Some(at) = fits {
            next = at + 1;
            continue;
        }
        // What is nearest tells most about what is missing.
        let nearest = own.iter().skip(next).min_by_key(|there| differences(there, value, references).len());
        match nearest {
            Some(there) if there.is_object() && value.is_object() => compare(there, value, &below, references, out),
            _ => out.push(Difference { element: below, wanted: value.clone(), found: Value::Array(own.to_vec()) }),
        }
    }
}

fn both_text(one: &Value, other: &Value) -> bool {
    one.is_string() && other.is_string()
}

fn same_value(found: &Value, wanted: &Value) -> bool {
    if found == wanted {
        return true;
    }
    // One instant, by whatever offset it is written.
    if let (Some(one), Some(other)) = (found.as_str(), wanted.as_str()) {
        let instant =
            |text: &str| text.get(10..11).filter(|mark| *mark == "T").and(text.parse::<jiff::Timestamp>().ok());
        return instant(one).is_some_and(|one| instant(other) == Some(one));
    }
    match (found.as_f64(), wanted.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => false,
    }
}

#[test]
fn what_a_wanted_resource_does_not_name_may_be_there_and_what_it_names_must() {
    struct Plain;
    impl References for Plain {
        fn same(&self, found: &str, wanted: &str) -> bool {
            found == wanted
        }
    }
    let found = serde_json::json!({"a": [{"x": 1, "y": 2}, {"x": 3}], "b": "t", "s": {"reference": "P/1"}});
    let nothing = |wanted: Value| differences(&found, &wanted, &Plain).is_empty();
    assert!(nothing(serde_json::json!({"a": [{"x": 3}]})));
    assert!(nothing(serde_json::json!({"a": [{"y": 2}, {"x": 3}], "b": "t", "s": {"reference": "P/1"}})));
    assert!(!nothing(serde_json::json!({"a": [{"x": 3}, {"x": 1}]})), "the order counts");
    assert!(!nothing(serde_json::json!({"a": [{"x": 1, "y": 3}]})));
    assert!(!nothing(serde_json::json!({"s": {"reference": "P/2"}})));
    let places: Vec<String> = differences(&found, &serde_json::json!({"a": [{"x": 1, "y": 3}], "c": true}), &Plain)
        .into_iter()
        .map(|one| one.element)
        .collect();
    assert_eq!(places, ["a[0].y", "c"]);
}
