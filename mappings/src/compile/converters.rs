//! `converters/NAME.yaml` beside `converters/NAME.wasm`: WebAssembly converters, held to what they declare.

use super::Workbench;
use crate::account::LawClass;
use crate::diagnostic::{Code, Reporter};
use crate::syntax::{Node, parse};
use crate::wasm::{Domain, Module, WasmConverter};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads what a converter declares, compiles its module, and tries both.
pub fn compile_converter(
    text: &str,
    name: &str,
    wasm: Option<Vec<u8>>,
    reporter: &mut Reporter,
) -> Option<WasmConverter> {
    let node = parse(text, reporter)?;
    let (systems, tables, sources) = Default::default();
    let mut bench = Workbench::new(reporter, &systems, &tables, &sources, crate::check::built_in());
    bench.only_words(&node, &["title", "class", "domain", "free-text", "by-element", "examples", "outside"]);
    let class = match node.get("class").and_then(Node::text) {
        Some("iso") => LawClass::Iso,
        Some("lens") | None => LawClass::Lens,
        Some(_) => {
            let span = node.get("class").map(|one| one.value).unwrap_or_default();
            bench.report(Code::WrongKind, span, "`class` is `iso` or `lens`");
            LawClass::Lens
        }
    };
    let flag = |word: &str| node.get(word).is_some_and(|one| one.to_value() == true);
    let (free_text, by_element) = (flag("free-text"), flag("by-element"));
    let domain = domain(&mut bench, &node);
    let mut examples = Vec::new();
    for element in node.get("examples").and_then(Node::elements).unwrap_or_default() {
        match element.elements() {
            Some([vendor, fhir]) => examples.push((vendor.to_value(), fhir.to_value())),
            _ => bench.report(Code::WrongKind, element.span, "an example is `[vendor value, FHIR value]`"),
        }
    }
    if examples.is_empty() {
        bench.report(Code::MissingEntry, node.span, "`examples`, a list of `[vendor value, FHIR value]`, is missing");
    }
    let outside = node.get("outside").and_then(Node::elements).unwrap_or_default().iter().map(Node::to_value).collect();
    let Some(wasm) = wasm else {
        let hint = format!("build it into converters/{name}.wasm; the manual shows how");
        bench.reporter.report_with(Code::WasmModule, node.span, format!("the module `{name}.wasm` is not there"), hint);
        return None;
    };
    let module = match Module::compile(&wasm) {
        Ok(module) => module,
        Err(fault) => {
            let hint = "it exports `memory`, `alloc(i32) -> i32`, `out(i32, i32) -> i64` and `back(i32, i32) -> i64`, and imports nothing";
            bench.reporter.report_with(Code::WasmModule, node.span, format!("`{name}.wasm`: {fault}"), hint);
            return None;
        }
    };
    if !bench.reporter.is_empty() {
        return None;
    }
    let name = name.to_string();
    let made = WasmConverter { name, class, domain: domain?, free_text, by_element, examples, outside, module };
    let broken = made.broken_promises();
    for what in &broken {
        let hint = "correct the module, or declare the domain and the class that it keeps";
        bench.reporter.report_with(Code::WasmLaw, node.span, what.clone(), hint);
    }
    broken.is_empty().then_some(made)
}

fn domain(bench: &mut Workbench<'_>, node: &Node) -> Option<Domain> {
    let Some(domain) = node.get("domain") else {
        let hint = "for instance `domain: { matches: 'ROOM-[0-9]{1,5}' }` or `domain: { in: [A, B] }`";
        bench.reporter.report_with(Code::MissingEntry, node.span, "`domain` is missing", hint);
        return None;
    };
    bench.only_words(domain, &["matches", "in"]);
    if let Some(values) = domain.get("in").and_then(Node::elements) {
        let values: Vec<Value> = values.iter().map(Node::to_value).collect();
        return Some(Domain::In(values));
    }
    let Some(pattern) = domain.get("matches").and_then(Node::text) else {
        bench.report(Code::WrongKind, domain.value, "a domain is `{ matches: 'expression' }` or `{ in: [values] }`");
        return None;
    };
    let whole = format!("^(?:{pattern})$");
    match regex::Regex::new(&whole) {
        Ok(expression) => Some(Domain::Matches(whole, expression)),
        Err(error) => {
            bench.report(Code::WrongKind, domain.value, format!("this expression cannot be read: {error}"));
            None
        }
    }
}

/// The converters of a plugin by name.
pub type Converters = BTreeMap<String, std::sync::Arc<WasmConverter>>;
