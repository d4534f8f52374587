//! What is found in the FHIR is told at the vendor's own place, with the rule that made the element or should have.

use crate::{context, message, translate, vendor};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::registry::Message;
use ginnel_mappings::rule_list::{ListedRule, RuleKind, folded};
use ginnel_mappings::translate::Context;
use ginnel_schemas::element_path::from_member_names;
use ginnel_schemas::issue::{Issue, IssueKey};
use ginnel_schemas::validator::{Options, UnknownExtensions, Validator};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

fn judge(resource: &Value) -> Vec<Issue> {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    const OPTIONS: Options<'static> = Options {
        uk_core: true,
        unknown_extensions: UnknownExtensions::Warn,
        own_extensions: &["https://gateway.example.org/StructureDefinition/"],
        ..Options::STRICT
    };
    VALIDATOR.get_or_init(Validator::uk_core).judge(resource, &OPTIONS)
}

/// The line of the mapping that a rule names.
fn line_of(rule: &str) -> String {
    let (file, line) = rule.rsplit_once(':').expect("file:line");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path =
        ["vendors", "tests/plugins"].iter().map(|folder| root.join(folder).join(file)).find(|path| path.is_file());
    let text = std::fs::read_to_string(path.unwrap_or_else(|| panic!("{file} is there"))).expect("readable");
    let from = line.parse::<usize>().expect("a number") - 1;
    text.lines().nth(from).expect("the line").to_owned()
}

/// Every example of a vendor, with what came before it.
fn each_example(id: &str, take: &mut dyn FnMut(&str, &Message, &Value, &Context)) {
    let mut before: Vec<(String, Value)> = Vec::new();
    for (name, file, bytes) in &vendor(id).examples {
        if !file.ends_with(".json") {
            continue;
        }
        let tree: Value = serde_json::from_slice(bytes).expect("JSON");
        let known: Vec<(&str, &Value)> = before.iter().map(|(name, tree)| (name.as_str(), tree)).collect();
        take(&format!("{name}/{file}"), message(id, name), &tree, &context(vendor(id), &known));
        before.push((name.clone(), tree));
    }
}

/// Every plain value of a resource, as its JSON Pointer and its expression by member names.
fn plain_values(resource: &Value) -> Vec<(String, String)> {
    fn walk(value: &Value, pointer: &str, expression: &str, out: &mut Vec<(String, String)>) {
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(name, one)| walk(one, &format!("{pointer}/{name}"), &format!("{expression}.{name}"), out)),
            Value::Array(list) => list.iter().enumerate().for_each(|(index, one)| {
                walk(one, &format!("{pointer}/{index}"), &format!("{expression}[{index}]"), out);
            }),
            _ => out.push((pointer.to_owned(), expression.to_owned())),
        }
    }
    let mut out = Vec::new();
    walk(resource, "", resource["resourceType"].as_str().expect("a type"), &mut out);
    out
}

fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Breaks each value of what the examples become, and sees that the place told is one that the account says it is from.
fn every_broken_value_is_told_at_its_own_place(id: &str) -> usize {
    let mut told = 0;
    let mut wrong: Vec<String> = Vec::new();
    each_example(id, &mut |name, message, tree, context| {
        let translated = translate(message, tree, context);
        let (locator, rules) = (message.locator(tree, context), message.rules());
        for (item, one) in translated.items.iter().enumerate() {
            for (number, resource) in one.resources.iter().enumerate() {
                for (pointer, expression) in plain_values(resource) {
                    if ["resourceType", "id"].iter().any(|own| pointer == format!("/{own}")) {
                        continue;
                    }
                    let mut broken = resource.clone();
                    *broken.pointer_mut(&pointer).expect("there") = json!({"broken": true});
                    let fhirs = from_member_names(&expression);
                    let Some(issue) =
                        judge(&broken).into_iter().find(|issue| issue.expression.as_deref() == Some(fhirs.as_str()))
                    else {
                        continue;
                    };
                    let placed = locator.placed(&translated, item, number, issue);
                    let rule = placed.rule.clone().unwrap_or_else(|| panic!("{name}: {expression} has no rule"));
                    let place = placed.pointer.clone().expect("a place");
                    told += 1;
                    check_told(name, rules, (&expression, &place, &rule), &mut wrong);
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{} of {told}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    told
}

/// The rule that is told must, on paper, read the place told and write the element.
fn check_told(
    name: &str,
    rules: &[ListedRule],
    (expression, place, rule): (&str, &str, &str),
    wrong: &mut Vec<String>,
) {
    let element = folded(expression);
    let listed: Vec<&ListedRule> = rules.iter().filter(|one| *one.rule == *rule).collect();
    let fits = |one: &&&ListedRule| {
        let writes = one.folded().is_some_and(|to| is_within(&element, &to));
        let constant = matches!(one.kind, RuleKind::Constant | RuleKind::List | RuleKind::Resource);
        // What is read in a looked-up item is told at the key that leads to it.
        let looked_up = one.reads.len() > one.sources.len();
        writes && (constant || looked_up || one.sources.iter().any(|source| covers(source, place)))
    };
    if listed.iter().any(|one| fits(&one)) {
        return;
    }
    // The rest are constants of slices, told at the line that declares the slice.
    let line = line_of(rule);
    let declared =
        listed.is_empty() && (line.contains("slices: *") || expression.split(['.', '[']).any(|one| line.contains(one)));
    // Else the other way of a pair (`else: { to: ... }`), which the list on paper does not have.
    let otherwise = line.contains("else:");
    if !declared && !otherwise {
        wrong.push(format!("{name}: {expression} is told at {place} by {rule}: {line}"));
    }
}

/// Whether a place is one of a pattern, or lies in one; a list may also hold its one object itself.
fn covers(pattern: &str, place: &str) -> bool {
    fn walk(pattern: &[&str], place: &[&str]) -> bool {
        match (pattern.split_first(), place.split_first()) {
            (None, _) => true,
            (Some((&"*", rest)), Some((_, below))) => walk(rest, below) || walk(rest, place),
            (Some((wanted, rest)), Some((token, below))) => wanted == token && walk(rest, below),
            (Some((wanted, rest)), None) => *wanted == "*" && walk(rest, place),
        }
    }
    walk(&pattern.split('/').collect::<Vec<_>>(), &place.split('/').collect::<Vec<_>>())
}

#[test]
fn a_broken_value_is_told_at_the_senders_value_and_its_rule() {
    let told = every_broken_value_is_told_at_its_own_place("homecare-rest");
    assert!(told > 1500, "{told}");
    let _ = every_broken_value_is_told_at_its_own_place("acme");
}

/// Takes each value out of the examples; what FHIR then misses is told where the value stood.
#[test]
fn what_fhir_misses_is_told_where_the_value_was_wanted() {
    let mut by_element: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    each_example("homecare-rest", &mut |name, message, tree, context| {
        let (before, rules) = (translate(message, tree, context), message.rules());
        for row in before.account.iter().filter(|row| row.outcome == Outcome::Mapped) {
            let mut without = tree.clone();
            let (above, last) = row.pointer.rsplit_once('/').expect("a leaf lies in something");
            let Some(Value::Object(map)) = without.pointer_mut(above) else { continue };
            map.remove(last);
            let translated = message.translate(&without, Vec::new(), context);
            let locator = message.locator(&without, context);
            for (item, one) in translated.items.iter().enumerate() {
                for (number, resource) in one.resources.iter().enumerate() {
                    for issue in judge(resource).into_iter().filter(|issue| issue.key == IssueKey::TargetRequired) {
                        let element = format!(
                            "{}.{}",
                            issue.expression.clone().unwrap_or_default(),
                            issue.missing.clone().expect("named")
                        );
                        let placed = locator.placed(&translated, item, number, issue);
                        let missing = placed.missing.clone().expect("named");
                        let rule = rules.iter().find(|one| {
                            let to = one.folded().unwrap_or_default();
                            Some(&*one.rule) == placed.rule.as_deref()
                                && to.split('.').any(|name| name.starts_with(&missing))
                        });
                        if placed.pointer.as_ref() != Some(&row.pointer) || rule.is_none() {
                            wrong.push(format!("{name}: {element}: {placed:?}, wanted {} {:?}", row.pointer, row.rule));
                        }
                        *by_element.entry(element).or_default() += 1;
                    }
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    println!("{by_element:#?}");
}

/// The way in: what breaks the vendor's schema is told at the FHIR that was sent.
#[test]
fn what_the_vendors_schema_finds_is_told_at_the_fhir_that_made_it() {
    let clients = message("homecare-rest", "clients");
    let page = json!({"data": [{"id": "c-1", "status": "active", "last_name": "Okoro", "title": "Mrs"}]});
    let mut bundle = translate(clients, &page, &Context::new()).bundle();
    let name = bundle.pointer_mut("/entry/0/resource/name/0").and_then(Value::as_object_mut).expect("a name");
    name.remove("family");
    let put = clients.to_vendor(&bundle, &[], &Context::new());
    let issue = put.issues.iter().find(|issue| issue.key == IssueKey::SourceRequired).expect("told");
    assert_eq!(issue.pointer.as_deref(), Some("/entry/0/resource"), "{issue:?}");
    assert_eq!(issue.expression.as_deref(), Some("Patient.name.family"), "{issue:?}");
    assert!(issue.rule.as_deref().is_some_and(|rule| line_of(rule).contains("last_name")), "{issue:?}");
    let hint = issue.hint.as_deref().unwrap_or_default();
    assert!(hint.contains("/data/0/last_name") && hint.contains(".family` would fill it"), "{hint}");
}

/// Each value of the Bundle that breaks the vendor's schema on its own is told at its own element.
#[test]
fn a_value_that_breaks_the_vendors_schema_is_told_at_its_own_element() {
    let mut told = 0;
    each_example("homecare-rest", &mut |_, message, tree, context| {
        let mut bundle = translate(message, tree, context).bundle();
        let entries = bundle["entry"].as_array_mut().expect("entries");
        let place = entries.iter_mut().enumerate().find_map(|(at, entry)| {
            let extensions = entry["resource"]["extension"].as_array_mut()?.iter_mut().enumerate();
            extensions.into_iter().find_map(|(number, one)| {
                let support = one["url"].as_str().is_some_and(|url| url.ends_with("/support-level"));
                support.then(|| {
                    one["valueCode"] = "no-such-level".into();
                    (at, number)
                })
            })
        });
        let Some((entry, extension)) = place else { return };
        let put = message.to_vendor(&bundle, &[], context);
        let issue = put.issues.iter().find(|issue| issue.key == IssueKey::SourceUnknownCode).expect("told");
        let pointer = format!("/entry/{entry}/resource/extension/{extension}/valueCode");
        assert_eq!(issue.pointer.as_deref(), Some(pointer.as_str()), "{issue:?}");
        let expression = format!("MedicationRequest.extension[{extension}].value");
        assert_eq!(issue.expression.as_deref(), Some(expression.as_str()), "{issue:?}");
        assert!(issue.rule.as_deref().is_some_and(|rule| line_of(rule).contains("support_level")), "{issue:?}");
        told += 1;
    });
    assert!(told > 0, "an example has a level of support");
}
