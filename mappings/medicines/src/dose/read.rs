//! Reading FHIR JSON so that nothing is passed over: whatever no rule asked for becomes a finding.

use super::finding::{DoseKey, Finding};
use super::number::Number;
use serde_json::{Map, Value};

/// One object on the way, with its path and what was asked for.
pub struct Node<'v> {
    object: &'v Map<String, Value>,
    /// The path below the Dosage.
    pub path: String,
    asked: Vec<&'static str>,
}

impl<'v> Node<'v> {
    /// An object at a path.
    pub fn new(object: &'v Map<String, Value>, path: impl Into<String>) -> Node<'v> {
        Node { object, path: path.into(), asked: vec!["id"] }
    }

    /// The path of a member.
    pub fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A member that carries nothing to be said.
    pub fn ignore(&mut self, name: &'static str) {
        self.asked.push(name);
    }

    fn value(&mut self, name: &'static str) -> Option<&'v Value> {
        self.asked.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, wanted: &str, found: &mut Vec<Finding>) {
        found.push(Finding::error(DoseKey::WrongType, self.at(name), format!("The value is not {wanted}.")));
    }

    /// A text.
    pub fn text(&mut self, name: &'static str, found: &mut Vec<Finding>) -> Option<String> {
        let value = self.value(name)?;
        if value.as_str().is_none() {
            self.wrong(name, "a text", found);
        }
        value.as_str().map(str::to_owned)
    }

    /// True or false.
    pub fn boolean(&mut self, name: &'static str, found: &mut Vec<Finding>) -> Option<bool> {
        let value = self.value(name)?;
        if value.as_bool().is_none() {
            self.wrong(name, "true or false", found);
        }
        value.as_bool()
    }

    /// A number, with its digits.
    pub fn number(&mut self, name: &'static str, found: &mut Vec<Finding>) -> Option<Number> {
        let number = Number::read(self.value(name)?);
        if number.is_none() {
            self.wrong(name, "a number", found);
        }
        number
    }

    /// An object.
    pub fn object(&mut self, name: &'static str, found: &mut Vec<Finding>) -> Option<Node<'v>> {
        match self.value(name)? {
            Value::Object(object) => Some(Node::new(object, self.at(name))),
            _ => {
                self.wrong(name, "an object", found);
                None
            }
        }
    }

    /// The objects of a list; a single object counts as a list of one.
    pub fn objects(&mut self, name: &'static str, found: &mut Vec<Finding>) -> Vec<Node<'v>> {
        let (list, is_list) = self.items(name);
        let mut nodes = Vec::new();
        for (index, item) in list.into_iter().enumerate() {
            let path = if is_list { format!("{}[{index}]", self.at(name)) } else { self.at(name) };
            match item {
                Value::Object(object) => nodes.push(Node::new(object, path)),
                _ => found.push(Finding::error(DoseKey::WrongType, path, "The value is not an object.")),
            }
        }
        nodes
    }

    /// The texts of a list; a single text counts as a list of one.
    pub fn texts(&mut self, name: &'static str, found: &mut Vec<Finding>) -> Vec<String> {
        let (list, _) = self.items(name);
        let mut texts = Vec::new();
        for (index, item) in list.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.clone()),
                _ => self.wrong(&format!("{name}[{index}]"), "a text", found),
            }
        }
        texts
    }

    fn items(&mut self, name: &'static str) -> (Vec<&'v Value>, bool) {
        match self.value(name) {
            None => (Vec::new(), true),
            Some(Value::Array(list)) => (list.iter().collect(), true),
            Some(one) => (vec![one], false),
        }
    }

    /// The extensions with a url, with their places.
    pub fn extensions_with(&self, url: &str) -> Vec<(usize, &'v Value)> {
        let list = self.object.get("extension").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let has_url = |(_, extension): &(usize, &Value)| extension.get("url").and_then(Value::as_str) == Some(url);
        list.iter().enumerate().filter(has_url).collect()
    }

    /// Says what nobody asked for: unknown members, extensions, extensions of primitive values.
    pub fn finish(self, found: &mut Vec<Finding>) {
        for (name, value) in self.object {
            match name.as_str() {
                name if self.asked.contains(&name) => {}
                "extension" => self.extensions(name, value, found),
                "modifierExtension" => found.push(Finding::error(
                    DoseKey::UnknownExtension,
                    self.at(name),
                    "A modifier extension may change what the dose means; the text does not say it.",
                )),
                sibling if sibling.starts_with('_') => self.primitive_extensions(sibling, value, found),
                _ => found.push(Finding::error(
                    DoseKey::UnknownElement,
                    self.at(name),
                    "The rules have no words for this element; the text does not say it.",
                )),
            }
        }
    }

    fn extensions(&self, name: &str, value: &Value, found: &mut Vec<Finding>) {
        let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for (index, extension) in list.iter().enumerate() {
            let url = extension.get("url").and_then(Value::as_str).unwrap_or("without a url");
            if super::dosage::is_known_extension(url) {
                continue;
            }
            let text = format!("The extension {url} has no words in the rules; the text does not say it.");
            found.push(Finding::warning(DoseKey::UnknownExtension, self.at(&format!("{name}[{index}]")), text));
        }
    }

    fn primitive_extensions(&self, name: &str, value: &Value, found: &mut Vec<Finding>) {
        let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for part in list.iter().filter_map(Value::as_object) {
            let mut node = Node::new(part, self.at(name.trim_start_matches('_')));
            node.ignore("id");
            node.finish(found);
        }
    }
}
