//! `shapes.yaml` and `copies`: blocks with a name, written once and used wherever a value of that shape stands.
//!
//! A shape is spelt out at every place that uses it before anything is compiled: `it` becomes the vendor's value there, and
//! FHIR paths begin at the element. So a copy is ordinary rules, both ways, checked and accounted for like any other.

use super::block::{Slices, Surroundings};
use super::message::value_span;
use super::{Tables, Workbench};
use crate::diagnostic::{Code, SHAPES_PART, did_you_mean};
use crate::plan::Block;
use crate::syntax::{Kind, Node};
use serde_json::Value;

/// The vendor's value in a shape.
const IT: &str = "it";
/// The file of a plugin that holds its shapes.
pub(crate) const FILE: &str = "shapes.yaml";
/// The words of an entry of `copies`.
pub(crate) const COPY_WORDS: &[&str] = &["to", "shape", "when", "only", "key"];

impl Tables {
    /// Takes the shapes of a plugin's `shapes.yaml`.
    pub(super) fn take_shapes(&mut self, node: Option<Node>) {
        let Some(mut node) = node else { return };
        node.lies_in_part(SHAPES_PART);
        let Kind::Map(entries) = node.kind else { return };
        self.shapes = entries.into_iter().collect();
    }
}

/// Where a shape is used.
struct Use<'u> {
    /// The vendor's value.
    it: &'u str,
    /// The element, in front of every path of the shape; empty where the shape's paths are relative to it already.
    to: &'u str,
}

impl Workbench<'_> {
    /// One entry of `copies`: a group where one value goes into one element, a list where a list goes into a list.
    pub(super) fn copy(
        &mut self,
        source: &str,
        entry: &Node,
        slices: &mut Slices,
        around: &Surroundings<'_>,
        block: &mut Block,
    ) {
        self.only_words(entry, COPY_WORDS);
        let (Some(to), Some(name)) = (self.needed_text(entry, "to"), self.needed_text(entry, "shape")) else { return };
        let Some(shape) = self.shape(&name, entry) else { return };
        if self.copying.contains(&name) && self.copying.len() > DEEPEST {
            let text = format!("the shape `{name}` is made of itself without end");
            let hint = "copy what lies below with another shape, or set it aside under `keep`";
            self.reporter.report_with(Code::Shape, value_span(entry, "shape"), text, hint);
            return;
        }
        let goes_into_list = self.is_list_element(&to, slices);
        self.copying.push(name);
        if goes_into_list {
            let variable = variable_of(source, self.copying.len());
            let mut node = spelt_out(&shape, &Use { it: &variable, to: "" });
            let text = |text: String, at: &str| Node { kind: Kind::Scalar(text.into()), ..scalar_at(entry, at) };
            add(&mut node, "each", text(format!("{source} as {variable}"), "to"));
            add(&mut node, "to", text(to, "to"));
            add_guard(&mut node, entry.get("when"));
            for word in ["only", "key"] {
                if let Some(one) = entry.get(word) {
                    let one = if word == "key" { renamed(one, &Use { it: &variable, to: "" }) } else { one.clone() };
                    add(&mut node, word, one);
                }
            }
            // What is said of the list as a whole is said where the list is copied.
            node.span = entry.span;
            block.lists.extend(self.list(&node, slices, around));
        } else {
            let mut node = spelt_out(&shape, &Use { it: source, to: &to });
            if node.get("const").is_some() {
                // A constant goes with the value it belongs to.
                let present = Node { kind: Kind::Scalar("present".into()), ..scalar_at(entry, "to") };
                let guard = Node { kind: Kind::Map(vec![(source.to_string(), present)]), ..scalar_at(entry, "to") };
                add_guard(&mut node, Some(&guard));
            }
            add_guard(&mut node, entry.get("when"));
            block.groups.push(self.block(&node, slices, around));
        }
        self.copying.pop();
    }

    fn shape(&mut self, name: &str, entry: &Node) -> Option<Node> {
        let found = self.tables.shapes.get(name).cloned();
        if found.is_none() {
            let hint = did_you_mean(name, self.tables.shapes.keys().map(String::as_str))
                .unwrap_or_else(|| "declare it in shapes.yaml".into());
            let text = format!("no shape is called `{name}`");
            self.reporter.report_with(Code::Shape, value_span(entry, "shape"), text, hint);
        }
        found
    }
}

/// How often a shape may lie within itself.
const DEEPEST: usize = 12;

/// A name for the elements of a list: that of the list, with a number that keeps lists within lists apart.
fn variable_of(source: &str, depth: usize) -> String {
    let mut names = String::new();
    let mut inside = 0usize;
    for letter in source.chars() {
        match letter {
            '[' => inside += 1,
            ']' => inside = inside.saturating_sub(1),
            letter if inside == 0 && (letter == '.' || letter.is_ascii_alphanumeric()) => names.push(letter),
            _ => {}
        }
    }
    let last = names.rsplit('.').find(|name| !name.is_empty()).unwrap_or("one");
    format!("{last}-{depth}")
}

fn scalar_at(entry: &Node, word: &str) -> Node {
    let value = value_span(entry, word);
    Node { span: entry.span, value, kind: Kind::Scalar(Value::Null) }
}

fn add(node: &mut Node, word: &str, value: Node) {
    if let Kind::Map(entries) = &mut node.kind {
        entries.retain(|(known, _)| known != word);
        entries.push((word.to_string(), value));
    }
}

/// Adds a guard to the one that the shape may have itself.
fn add_guard(node: &mut Node, guard: Option<&Node>) {
    let Some(guard) = guard else { return };
    let both = match node.get("when").cloned() {
        None => guard.clone(),
        Some(own) => {
            let list = Node { kind: Kind::List(vec![guard.clone(), own]), ..guard.clone() };
            Node { kind: Kind::Map(vec![("all".to_string(), list)]), ..guard.clone() }
        }
    };
    add(node, "when", both);
}

/// A block of a shape, written for one place.
fn spelt_out(block: &Node, at: &Use<'_>) -> Node {
    let Kind::Map(entries) = &block.kind else { return block.clone() };
    let words = entries.iter().map(|(word, node)| {
        let node = match word.as_str() {
            "when" => guard(node, at),
            "slices" | "const" => keys(node, &|key| at.element(key), &Node::clone),
            "pairs" => keys(node, &|key| at.sources(key), &|target| pair(target, at)),
            "exists" => keys(node, &|key| at.path(key), &|target| text(target, &|one| at.element(one))),
            "refs" => keys(node, &|key| at.element(key), &|rule| reference(rule, at)),
            "texts" | "derive" => keys(node, &|key| at.element(key), &|one| template(one, at)),
            "copies" => keys(node, &|key| at.path(key), &|one| pair(one, at)),
            "groups" => each(node, &|group| spelt_out(group, at)),
            "lists" => each(node, &|list| list_of(list, at)),
            "keep" | "drop" | "secret" => keys(node, &|key| at.path(key), &Node::clone),
            _ => node.clone(),
        };
        (word.clone(), node)
    });
    Node { kind: Kind::Map(words.collect()), ..*block }
}

/// A `lists` entry of a shape: paths within are relative to the new element already.
fn list_of(list: &Node, at: &Use<'_>) -> Node {
    let inside = Use { to: "", ..*at };
    let mut node = spelt_out(list, &inside);
    if let Kind::Map(entries) = &mut node.kind {
        for (word, entry) in entries {
            match word.as_str() {
                "each" | "key" => *entry = renamed(entry, at),
                "to" => *entry = text(entry, &|to| at.element(to)),
                _ => {}
            }
        }
    }
    node
}

fn renamed(node: &Node, at: &Use<'_>) -> Node {
    text(node, &|path| at.path(path))
}

fn pair(target: &Node, at: &Use<'_>) -> Node {
    match &target.kind {
        Kind::Scalar(_) => text(target, &|to| at.element(to)),
        Kind::List(_) => each(target, &|one| pair(one, at)),
        Kind::Map(entries) => {
            let words = entries.iter().map(|(word, node)| {
                let node = match word.as_str() {
                    "to" => text(node, &|to| at.element(to)),
                    "when" => guard(node, at),
                    "else" => pair(node, at),
                    _ => node.clone(),
                };
                (word.clone(), node)
            });
            // `else: keep` is a word and no path.
            Node { kind: Kind::Map(words.collect()), ..*target }
        }
    }
}

fn reference(rule: &Node, at: &Use<'_>) -> Node {
    let Kind::Map(entries) = &rule.kind else { return rule.clone() };
    let words = entries.iter().map(|(word, node)| {
        let node = match word.as_str() {
            "key" => each(node, &|path| renamed(path, at)),
            "display" => renamed(node, at),
            _ => node.clone(),
        };
        (word.clone(), node)
    });
    Node { kind: Kind::Map(words.collect()), ..*rule }
}

/// A text with holes, or its parts.
fn template(node: &Node, at: &Use<'_>) -> Node {
    match &node.kind {
        Kind::Scalar(_) => text(node, &|text| at.holes(text)),
        Kind::List(_) => each(node, &|one| template(one, at)),
        Kind::Map(entries) => {
            let words = entries.iter().map(|(word, node)| {
                let node = match word.as_str() {
                    "when" => guard(node, at),
                    "each" => renamed(node, at),
                    "text" | "parts" => template(node, at),
                    _ => node.clone(),
                };
                (word.clone(), node)
            });
            Node { kind: Kind::Map(words.collect()), ..*node }
        }
    }
}

fn guard(node: &Node, at: &Use<'_>) -> Node {
    let Kind::Map(entries) = &node.kind else { return node.clone() };
    let parts = entries.iter().map(|(key, node)| match key.as_str() {
        "any" | "all" => (key.clone(), each(node, &|one| guard(one, at))),
        "not" => (key.clone(), guard(node, at)),
        path => (at.path(path), node.clone()),
    });
    Node { kind: Kind::Map(parts.collect()), ..*node }
}

fn keys(node: &Node, key: &dyn Fn(&str) -> String, value: &dyn Fn(&Node) -> Node) -> Node {
    let Kind::Map(entries) = &node.kind else { return node.clone() };
    Node { kind: Kind::Map(entries.iter().map(|(name, one)| (key(name), value(one))).collect()), ..*node }
}

fn each(node: &Node, change: &dyn Fn(&Node) -> Node) -> Node {
    let Kind::List(elements) = &node.kind else { return node.clone() };
    Node { kind: Kind::List(elements.iter().map(change).collect()), ..*node }
}

fn text(node: &Node, change: &dyn Fn(&str) -> String) -> Node {
    match node.text() {
        Some(text) => Node { kind: Kind::Scalar(change(text).into()), ..*node },
        None => node.clone(),
    }
}

impl Use<'_> {
    /// A FHIR path of the shape; `.` is the element itself.
    fn element(&self, path: &str) -> String {
        match (self.to, path) {
            ("", "keep") | (_, "keep") => path.to_string(),
            ("", path) => path.to_string(),
            (to, "." | "") => to.to_string(),
            (".", path) => path.to_string(),
            (to, path) => format!("{to}.{path}"),
        }
    }

    /// A vendor path of the shape.
    fn path(&self, path: &str) -> String {
        let own = path.strip_prefix(IT).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[', ' ']));
        let path = match own {
            Some(rest) => format!("{}{rest}", self.it),
            None => path.to_string(),
        };
        // Selectors may name it too: `rows[id=it.key]`.
        path.replace("=it.", &format!("={}.", self.it))
    }

    fn sources(&self, paths: &str) -> String {
        paths.split(" + ").map(|one| self.path(one.trim())).collect::<Vec<_>>().join(" + ")
    }

    fn holes(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, hole) = rest.split_at(at + 1);
            out.push_str(before);
            let end = hole.find(['|', '}']).unwrap_or(hole.len());
            out.push_str(&self.path(hole.get(..end).unwrap_or_default()));
            rest = hole.get(end..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Reporter;
    use crate::syntax::parse;
    use serde_json::json;

    #[test]
    fn every_word_of_a_shape_is_written_for_its_place() {
        let text = r#"
when: { it.code: present, any: [{ it.a: x }, { not: { other.it: y } }] }
slices: { "coding[own]": { system: it.s } }
const: { kind: it }
pairs:
  it.a + it.b: { to: text, as: gather, when: { it.a: present }, else: { to: name } }
  it: value
  "it.rows[id=it.key].n": [value, { to: text, only: out }]
texts: { text: "about it: {it.a|lower} {other}" }
copies: { it.inner: { to: inner, shape: Inner } }
lists: [{ each: it.all as one, to: list, pairs: { one.v: value, it.w: text } }]
keep: { it.z: "it stays" }
"#;
        let shape = parse(text, &mut Reporter::new("shapes.yaml")).expect("parses");
        let made = spelt_out(&shape, &Use { it: "row.thing", to: "code" }).to_value();
        assert_eq!(
            made["when"],
            json!({"row.thing.code": "present", "any": [{"row.thing.a": "x"}, {"not": {"other.it": "y"}}]})
        );
        assert_eq!(made["slices"], json!({"code.coding[own]": {"system": "it.s"}}));
        assert_eq!(made["const"], json!({"code.kind": "it"}));
        let pairs = &made["pairs"];
        assert_eq!(pairs["row.thing.a + row.thing.b"]["else"]["to"], "code.name");
        assert_eq!(pairs["row.thing.a + row.thing.b"]["when"], json!({"row.thing.a": "present"}));
        assert_eq!(pairs["row.thing"], "code.value");
        assert_eq!(pairs["row.thing.rows[id=row.thing.key].n"][1]["to"], "code.text");
        assert_eq!(made["texts"]["code.text"], "about it: {row.thing.a|lower} {other}");
        assert_eq!(made["copies"]["row.thing.inner"]["to"], "code.inner");
        let list = &made["lists"][0];
        assert_eq!((list["each"].as_str(), list["to"].as_str()), (Some("row.thing.all as one"), Some("code.list")));
        assert_eq!(list["pairs"], json!({"one.v": "value", "row.thing.w": "text"}));
        assert_eq!(made["keep"], json!({"row.thing.z": "it stays"}));
    }

    #[test]
    fn lists_within_lists_have_names_of_their_own() {
        assert_eq!(variable_of("allergy.code.coding", 2), "coding-2");
        assert_eq!(variable_of("x.extension[url='https://a.b/c']", 1), "extension-1");
    }
}
