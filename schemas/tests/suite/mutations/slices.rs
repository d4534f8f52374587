//! What a profile asks beyond its base type, broken: its mandatory elements, its maxima, its slices, its fixed values.

use super::facts::{self, elements};
use super::invariants::changed;
use super::sites::Example;
use super::{Facts, Mutation};
use serde_json::{Map, Value, json};

/// Invariants of UK Core: key, the members that break it, and whether breaking it is only a warning.
const INVARIANTS: &[(&str, &str, bool)] = &[
    ("ukcore-imm-001", r#"{"status":"not-done","statusReason":null}"#, false),
    ("ukcore-obs-vs-001", r#"{"code":{"text":"text"}}"#, false),
    (
        "ukcore-obs-lab-001",
        r#"{"valueQuantity":null,"valueCodeableConcept":null,"valueString":null,"dataAbsentReason":null,"note":null}"#,
        true,
    ),
    ("ukcore-obs-grplab-001", r#"{"valueString":"text","dataAbsentReason":null}"#, true),
    ("ukcore-bodstr-001", r#"{"location":null,"description":null,"image":null}"#, true),
    ("ukcore-diag-lab-001", r#"{"issued":null,"status":"final"}"#, true),
    (
        "ukcore-diag-lab-002",
        r#"{"media":[{"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.media.link","valueReference":{"display":"text"}}],"link":{"reference":"Media/1"}}]}"#,
        false,
    ),
    (
        "ukcore-spec-001",
        r#"{"collection":{"collector":{"extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Specimen.collection.collector","valueReference":{"display":"text"}}],"reference":"Practitioner/1"}}}"#,
        false,
    ),
];

/// The kind of an invariant that only warns.
pub const WARNS: &str = "UK Core invariant that warns";

/// One element of a profile.
struct Asked<'a> {
    id: &'a str,
    element: &'a Value,
    all: &'a [&'a Value],
}

pub fn make(example: &Example<'_>, facts: &Facts, made: &mut Vec<Mutation>) {
    let chain = facts.chain(example.profile);
    let all: Vec<&Value> = chain.iter().flat_map(|definition| elements(definition)).collect();
    for element in &all {
        let Some(id) = element.get("id").and_then(Value::as_str).filter(|id| id.contains('.')) else {
            continue;
        };
        of_element(example, &Asked { id, element, all: &all }, made);
        for constraint in element.get("constraint").and_then(Value::as_array).into_iter().flatten() {
            invariant(example, id, constraint["key"].as_str().unwrap_or_default(), made);
        }
    }
    for element in
        all.iter().filter(|element| element.get("id").and_then(Value::as_str).is_some_and(|id| !id.contains('.')))
    {
        for constraint in element.get("constraint").and_then(Value::as_array).into_iter().flatten() {
            invariant(example, "", constraint["key"].as_str().unwrap_or_default(), made);
        }
    }
}

fn invariant(example: &Example<'_>, _id: &str, key: &str, made: &mut Vec<Mutation>) {
    let Some((_, change, warns)) = INVARIANTS.iter().find(|(own, ..)| *own == key) else {
        return;
    };
    let change: Value = serde_json::from_str(change).expect("the table holds JSON");
    let kind = if *warns { WARNS } else { "UK Core invariant" };
    made.extend(example.with_object(kind, "", key, |members| changed(members, &change)));
}

fn of_element(example: &Example<'_>, asked: &Asked<'_>, made: &mut Vec<Mutation>) {
    let (parents, last) = asked.id.rsplit_once('.').unwrap_or_default();
    let (name, slice) = last.split_once(':').map_or((last, None), |(name, slice)| (name, Some(slice)));
    let places = places(example.resource, parents, asked.all);
    for place in &places {
        let Some(parent) = example.resource.pointer(place).and_then(Value::as_object) else {
            continue;
        };
        let Some(member) = member_of(parent, name) else {
            if asked.element.get("max") == Some(&json!("0")) && name == "value[x]" {
                made.extend(example.with_object(
                    "element that the profile prohibits",
                    place,
                    "+valueString",
                    |members| {
                        members.insert("valueString".to_owned(), json!("text"));
                        true
                    },
                ));
            }
            continue;
        };
        let matching = matching(&parent[member], asked);
        if matching.is_empty() {
            continue;
        }
        let min = asked.element.get("min").and_then(Value::as_u64).unwrap_or(0);
        if min > 0 && !(tells_apart(asked) && slice.is_none()) {
            let kind = match (slice, parents.contains(':')) {
                (Some(_), _) => "mandatory slice dropped",
                (None, true) => "slice without value",
                (None, false) => "profile's mandatory element dropped",
            };
            made.extend(example.with_object(kind, place, &format!("-{last}"), |members| {
                take_away(members, member, &matching, slice.is_some())
            }));
        }
        let max = asked.element.get("max").and_then(Value::as_str).and_then(|max| max.parse::<usize>().ok());
        if let Some(max) = max.filter(|max| *max > 0) {
            made.extend(example.with_object("more than the profile allows", place, &format!("{last} +"), |members| {
                once_too_often(members, member, &matching, max)
            }));
        }
        if slice.is_none() && !tells_apart(asked) {
            fixed(example, asked, &format!("{place}/{member}"), &parent[member], made);
        }
    }
}

/// Takes away the values that lie in a slice, or all of them.
fn take_away(members: &mut Map<String, Value>, member: &str, matching: &[usize], only: bool) -> bool {
    let Some(list) = members.get_mut(member).and_then(Value::as_array_mut).filter(|_| only) else {
        members.shift_remove(&format!("_{member}"));
        return members.shift_remove(member).is_some() && !members.is_empty();
    };
    let mut at = 0;
    list.retain(|_| {
        at += 1;
        !matching.contains(&(at - 1))
    });
    if list.is_empty() {
        members.shift_remove(member);
    }
    !members.is_empty()
}

/// Copies the first matching value until there is one too many.
fn once_too_often(members: &mut Map<String, Value>, member: &str, matching: &[usize], max: usize) -> bool {
    let Some(list) = members.get_mut(member).and_then(Value::as_array_mut) else {
        return false;
    };
    let Some(first) = matching.first().and_then(|at| list.get(*at)).cloned() else {
        return false;
    };
    list.extend(std::iter::repeat_n(first, (max + 1).saturating_sub(matching.len())));
    true
}

fn fixed(example: &Example<'_>, asked: &Asked<'_>, pointer: &str, value: &Value, made: &mut Vec<Mutation>) {
    if let Some((name, Value::String(text))) = facts::fixed(asked.element) {
        let other = match (name, asked.id) {
            // Another status that the base type knows.
            ("fixedCode", "Observation.status") => json!("amended"),
            _ => json!(format!("{text}x")),
        };
        if value.as_str() == Some(text) {
            made.extend(example.with_value("fixed value changed", pointer, other));
        }
    }
}

/// Whether the element is what a slicing goes by: another value only puts its owner out of the slice.
fn tells_apart(asked: &Asked<'_>) -> bool {
    asked.all.iter().filter_map(|element| Some((element.get("id")?.as_str()?, element.get("slicing")?))).any(
        |(sliced, slicing)| {
            let plain = without_slices(asked.id);
            let inside = asked.id.len() > sliced.len() && asked.id.contains(':');
            inside
                && slicing["discriminator"].as_array().into_iter().flatten().any(|one| {
                    let path = one["path"].as_str().unwrap_or_default();
                    plain == format!("{}.{path}", without_slices(sliced))
                })
        },
    )
}

fn without_slices(id: &str) -> String {
    let steps = id.split('.').map(|step| step.split(':').next().unwrap_or_default());
    steps.collect::<Vec<_>>().join(".")
}

/// JSON Pointers of the objects that an element id without its type's name leads to.
fn places(resource: &Value, id: &str, all: &[&Value]) -> Vec<String> {
    let mut found = vec![String::new()];
    let steps: Vec<&str> = id.split('.').collect();
    for (at, step) in steps.iter().enumerate().skip(1) {
        let so_far = steps[..=at].join(".");
        let name = step.split(':').next().unwrap_or_default();
        found = found
            .iter()
            .flat_map(|place| {
                let parent = resource.pointer(place).and_then(Value::as_object);
                let value = parent.and_then(|parent| member_of(parent, name).map(|member| (member, &parent[member])));
                value.map_or_else(Vec::new, |(member, value)| {
                    let which = matching_id(value, &so_far, all);
                    let one = |index: usize| {
                        if value.is_array() { format!("{place}/{member}/{index}") } else { format!("{place}/{member}") }
                    };
                    which.into_iter().map(one).collect()
                })
            })
            .collect();
    }
    found
}

/// The member that holds an element: of a choice whichever alternative is there.
fn member_of<'a>(parent: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let Some(stem) = name.strip_suffix("[x]") else {
        return parent.get_key_value(name).map(|(name, _)| name.as_str());
    };
    parent.keys().map(String::as_str).find(|member| {
        member.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
    })
}

fn matching(value: &Value, asked: &Asked<'_>) -> Vec<usize> {
    matching_id(value, asked.id, asked.all)
}

/// Which values lie in the slice that the id ends with; all of them when it ends with none.
fn matching_id(value: &Value, id: &str, all: &[&Value]) -> Vec<usize> {
    let items: Vec<&Value> = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    let is_slice = id.rsplit('.').next().is_some_and(|last| last.contains(':'));
    let fits = |item: &Value| !is_slice || lies_in(item, id, all);
    items.iter().enumerate().filter(|(_, item)| fits(item)).map(|(at, _)| at).collect()
}

/// Whether a value lies in a slice: by the URL of its extension, or by every value the slice fixes.
fn lies_in(item: &Value, id: &str, all: &[&Value]) -> bool {
    let own = all.iter().filter(|element| element.get("id").and_then(Value::as_str) == Some(id));
    let profile = own.filter_map(|element| element["type"][0]["profile"][0].as_str()).next();
    if let Some(url) = profile.filter(|_| id.contains("extension:")) {
        return item["url"] == url;
    }
    let prefix = format!("{id}.");
    let mut any = false;
    for element in all {
        let Some(path) = element.get("id").and_then(Value::as_str).and_then(|own| own.strip_prefix(&prefix)) else {
            continue;
        };
        let Some((_, fixed)) = facts::fixed(element) else {
            continue;
        };
        any = true;
        if !reaches(item, path, fixed) {
            return false;
        }
    }
    any
}

/// Whether any value at the path is the fixed one.
fn reaches(item: &Value, path: &str, fixed: &Value) -> bool {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let name = step.split(':').next().unwrap_or_default();
    let Some(value) = item.as_object().and_then(|members| member_of(members, name).map(|member| &members[member]))
    else {
        return false;
    };
    let mut items: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        one => Box::new(std::iter::once(one)),
    };
    items.any(|item| rest.map_or_else(|| item == fixed, |rest| reaches(item, rest, fixed)))
}
