//! HL7's FHIRPath test suite for R4, with the resources it reads.
//!
//! `GINNEL_FHIRPATH_CASES`: a folder with `tests-fhir-r4.xml` and the resources. What fails stands in
//! `fhirpath_baseline.txt` with its reason; a listed case that passes fails the test.

use crate::folders::folder;
use ginnel_schemas::definition::Definitions;
use ginnel_schemas::fhir_path::{DateTime, Environment, Expression, Item, NoHost, Node};
use ginnel_schemas::json::{Limits, parse};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const BASELINE: &str = include_str!("../fhirpath_baseline.txt");

/// One case of the suite.
struct Case {
    name: String,
    input: Option<String>,
    expression: String,
    /// Whether it must fail, in compiling or in running.
    must_fail: bool,
    strict: bool,
    predicate: bool,
    outputs: Vec<String>,
}

fn unescaped(text: &str) -> String {
    let mut out = text.to_owned();
    for (name, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
        out = out.replace(name, sign);
    }
    out
}

/// The suite is written by machines in one manner, which patterns read well enough.
fn cases(text: &str) -> Vec<Case> {
    let pattern = |text: &str| Regex::new(text).expect("a pattern");
    let text = pattern(r"(?s)<!--.*?-->").replace_all(text, "").into_owned();
    let test = pattern(r"(?s)<test\s([^>]*)>(.*?)</test>");
    let attribute = |attributes: &str, name: &str| {
        let (_, rest) = attributes.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let expression = pattern(r"(?s)<expression([^>]*)>(.*?)</expression>");
    let output = pattern(r"(?s)<output[^>]*?(?:/>|>(.*?)</output>)");
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for found in test.captures_iter(&text) {
        let (attributes, body) = (&found[1], &found[2]);
        let Some(written) = expression.captures(body) else {
            continue;
        };
        let plain = attribute(attributes, "name").unwrap_or_default();
        let times = met.entry(plain.clone()).or_insert(0);
        *times += 1;
        let kind = attribute(&written[1], "invalid");
        out.push(Case {
            name: if *times > 1 { format!("{plain}#{times}") } else { plain },
            input: attribute(attributes, "inputfile"),
            expression: unescaped(&written[2]),
            strict: kind.as_deref() == Some("semantic"),
            must_fail: kind.is_some(),
            predicate: attribute(attributes, "predicate").as_deref() == Some("true"),
            outputs: output
                .captures_iter(body)
                .map(|output| unescaped(output.get(1).map_or("", |text| text.as_str())))
                .collect(),
        });
    }
    out
}

fn resource(folder: &Path, name: &str) -> Option<Value> {
    let json = fs::read(folder.join(name.replace(".xml", ".json"))).ok()?;
    parse(&json, Limits { depth: 128, bytes: 1 << 24 }).ok()
}

fn shown(item: &Item<'_>) -> String {
    match item {
        Item::Node(Node { value: Some(Value::String(text)), .. }) => text.clone(),
        Item::Node(Node { value: Some(value), .. }) => value.to_string(),
        Item::Node(_) => String::new(),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(value) => value.to_string(),
        Item::String(value) => value.to_string(),
        Item::DateTime(value) => value.to_string(),
        Item::Quantity(value) => value.to_string(),
        Item::Type(value) => format!("{value:?}"),
    }
}

/// The suite marks dates and times as literals, which the types of the outputs do not always say.
fn same(expected: &str, got: &str) -> bool {
    let plain = expected.strip_prefix('@').unwrap_or(expected);
    got == expected || got == plain || Some(got) == plain.strip_prefix('T')
}

/// What went wrong, nothing when all is as it must be.
fn fault(case: &Case, resource: &Value) -> Option<String> {
    let compiled = Expression::compile(&case.expression);
    let types = Definitions::r4();
    let focus = Node::resource(resource, types);
    let environment = Environment {
        now: DateTime::read_date_time("2026-11-22T10:30:00.000+00:00"),
        strict: case.strict,
        ..Environment::of(types, &NoHost, focus)
    };
    let result = match &compiled {
        Ok(expression) => expression.evaluate(&environment, focus).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match result {
        Err(_) if case.must_fail => None,
        Err(error) => Some(error),
        Ok(items) if case.must_fail => Some(format!("no error but {:?}", items.iter().map(shown).collect::<Vec<_>>())),
        Ok(items) if case.predicate => {
            let got = (!items.is_empty()).to_string();
            (case.outputs != [got.clone()]).then(|| format!("{got} as a predicate"))
        }
        Ok(items) => {
            let got: Vec<String> = items.iter().map(shown).collect();
            let fits =
                got.len() == case.outputs.len() && case.outputs.iter().zip(&got).all(|(one, two)| same(one, two));
            (!fits).then(|| format!("{:?} expected, {got:?} given", case.outputs))
        }
    }
}

#[test]
fn hl7s_cases_pass_but_for_those_in_the_baseline() {
    let Some(folder) = folder("GINNEL_FHIRPATH_CASES", "fhirpath") else {
        return;
    };
    let text = fs::read_to_string(folder.join("tests-fhir-r4.xml")).expect("the suite");
    let cases = cases(&text);
    let known: BTreeMap<&str, &str> = BASELINE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let (mut passed, mut alarms) = (0, Vec::new());
    for case in &cases {
        let resource = case.input.as_deref().map_or(Some(json!({})), |name| resource(&folder, name));
        let fault = match &resource {
            Some(resource) => fault(case, resource),
            None => Some("its resource is not here".to_owned()),
        };
        passed += usize::from(fault.is_none());
        match (fault, known.contains_key(&*case.name)) {
            (None, true) => alarms.push(format!("{} passes: take it out of the baseline", case.name)),
            (Some(fault), false) => alarms.push(format!("{}: {fault}  [{}]", case.name, case.expression.trim())),
            _ => {}
        }
    }
    println!("{passed} of {} cases pass", cases.len());
    assert!(cases.len() > 900, "only {} cases were read", cases.len());
    assert!(alarms.is_empty(), "{} of {}:\n{}", alarms.len(), cases.len(), alarms.join("\n"));
    assert!(passed * 100 >= cases.len() * 96, "{passed} of {} pass", cases.len());
}
