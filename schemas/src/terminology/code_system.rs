//! A code system as the look-ups want it: its codes, their words, and how they stand above and below one another
//! (<https://hl7.org/fhir/R4/codesystem.html>).

use super::code_list::CodeList;
use serde_json::Value;

/// A code system whose codes, all or some, are here.
#[derive(Debug)]
pub(super) struct CodeSystem {
    /// Whether no code of it is missing here.
    pub is_complete: bool,
    codes: CodeList,
    /// One for each code, in the same order.
    concepts: Vec<Concept>,
}

/// What is known of a code beside the code.
#[derive(Debug, Default)]
pub(super) struct Concept {
    /// The words that its system prefers.
    pub display: Option<Box<str>>,
    /// Other words for it, in any language.
    pub designations: Vec<Box<str>>,
    /// Whether it should no longer be used.
    pub is_inactive: bool,
    /// Codes right above it.
    pub parents: Vec<u32>,
    /// Codes right below it.
    pub children: Vec<u32>,
    /// Its properties, as text.
    pub properties: Vec<(Box<str>, Box<str>)>,
}

impl CodeSystem {
    /// From a CodeSystem resource and the supplements to it; of a ValueSet what it lists, which is never all.
    pub fn read(resource: &Value, supplements: &[Value]) -> CodeSystem {
        // Where a system does not say, codes are accepted in any case, as FHIR asks of those who receive them.
        let ignores_case = resource.get("caseSensitive") != Some(&Value::Bool(true));
        let mut system = CodeSystem {
            is_complete: resource.get("content").and_then(Value::as_str) == Some("complete"),
            codes: CodeList::new([], ignores_case),
            concepts: Vec::new(),
        };
        system.read_concepts(resource, true);
        for include in resource.pointer("/compose/include").and_then(Value::as_array).into_iter().flatten() {
            system.read_concepts(include, true);
        }
        for supplement in supplements {
            system.read_concepts(supplement, false);
        }
        system.link();
        system
    }

    /// Reads all concepts, nested ones too; a supplement adds words to codes and no codes.
    fn read_concepts(&mut self, resource: &Value, adds_codes: bool) {
        let mut open: Vec<(&Value, Option<u32>)> = reversed(resource, None).collect();
        while let Some((concept, parent)) = open.pop() {
            let Some(code) = concept.get("code").and_then(Value::as_str) else {
                continue;
            };
            let at = match self.codes.find(code) {
                Some(at) if !adds_codes || self.codes.code(at) == Some(code) => at,
                _ if !adds_codes => continue,
                _ => self.codes.push(code),
            };
            if self.concepts.len() <= at as usize {
                self.concepts.push(Concept::default());
            }
            if let Some(known) = self.concepts.get_mut(at as usize) {
                known.read(concept, adds_codes);
                known.parents.extend(parent.filter(|parent| *parent != at && adds_codes));
            }
            open.extend(reversed(concept, Some(at)));
        }
    }

    /// Draws the hierarchy: what is nested, and what properties say of parents and children.
    fn link(&mut self) {
        let mut links: Vec<(u32, u32)> = Vec::new();
        for (at, concept) in (0u32..).zip(&self.concepts) {
            links.extend(concept.parents.iter().map(|parent| (*parent, at)));
            for (name, value) in &concept.properties {
                match (&**name, self.codes.find(value)) {
                    ("parent" | "subsumedBy", Some(parent)) => links.push((parent, at)),
                    ("child", Some(child)) => links.push((at, child)),
                    _ => {}
                }
            }
        }
        links.sort_unstable();
        links.dedup();
        for concept in &mut self.concepts {
            concept.parents.clear();
        }
        for (parent, child) in links {
            if let Some(concept) = self.concepts.get_mut(parent as usize) {
                concept.children.push(child);
            }
            if let Some(concept) = self.concepts.get_mut(child as usize) {
                concept.parents.push(parent);
            }
        }
    }

    /// Where a code stands.
    pub fn find(&self, code: &str) -> Option<u32> {
        self.codes.find(code)
    }

    /// What is known of the code that stands there.
    pub fn concept(&self, at: u32) -> Option<&Concept> {
        self.concepts.get(at as usize)
    }

    /// The code that stands there.
    pub fn code(&self, at: u32) -> Option<&str> {
        self.codes.code(at)
    }

    /// All codes with what is known of them, in the order of the system.
    pub fn concepts(&self) -> impl Iterator<Item = (u32, &str, &Concept)> {
        (0u32..).zip(self.codes.iter()).zip(&self.concepts).map(|((at, code), concept)| (at, code, concept))
    }

    /// Whether upper and lower case are one.
    pub fn ignores_case(&self) -> bool {
        self.codes.ignores_case()
    }

    /// Marks a code and all below it, or above it.
    pub fn reach(&self, from: u32, upwards: bool) -> Vec<bool> {
        let mut reached = vec![false; self.concepts.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            match reached.get_mut(at as usize) {
                Some(mark) if !*mark => *mark = true,
                _ => continue,
            }
            if let Some(concept) = self.concept(at) {
                open.extend(if upwards { &concept.parents } else { &concept.children });
            }
        }
        reached
    }
}

impl Concept {
    /// All words for it, the preferred first.
    pub fn displays(&self) -> impl Iterator<Item = &str> + Clone {
        self.display.as_deref().into_iter().chain(self.designations.iter().map(|words| &**words))
    }

    fn read(&mut self, concept: &Value, is_own: bool) {
        let display = concept.get("display").and_then(Value::as_str);
        match display {
            Some(display) if is_own && self.display.is_none() => self.display = Some(display.into()),
            Some(display) => self.designations.push(display.into()),
            None => {}
        }
        for designation in list(concept, "designation") {
            self.designations.extend(designation.get("value").and_then(Value::as_str).map(Into::into));
        }
        for property in list(concept, "property") {
            let Some(code) = property.get("code").and_then(Value::as_str) else {
                continue;
            };
            if let Some(value) = property_text(property) {
                self.is_inactive |= tells_inactive(code, &value);
                self.properties.push((code.into(), value.into()));
            }
        }
    }
}

/// The value of a property; a Coding gives its code.
fn property_text(property: &Value) -> Option<String> {
    let (_, value) = property.as_object()?.iter().find(|(name, _)| name.starts_with("value"))?;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(coding) => coding.get("code").and_then(Value::as_str).map(str::to_owned),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn tells_inactive(property: &str, value: &str) -> bool {
    match property {
        "inactive" => value == "true",
        "status" => matches!(value, "retired" | "inactive"),
        _ => false,
    }
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The concepts right inside, last first, as a stack wants them.
fn reversed(value: &Value, parent: Option<u32>) -> impl Iterator<Item = (&Value, Option<u32>)> {
    value.get("concept").and_then(Value::as_array).into_iter().flatten().rev().map(move |concept| (concept, parent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn below(system: &CodeSystem, code: &str) -> Vec<String> {
        let reached = system.reach(system.find(code).expect("a code of the table"), false);
        let marked = system.concepts().filter(|(at, ..)| reached[*at as usize]);
        marked.map(|(_, code, _)| code.to_owned()).collect()
    }

    #[test]
    fn the_hierarchy_comes_from_nesting_and_properties_and_may_be_circular() {
        let system = CodeSystem::read(
            &json!({"content": "complete", "caseSensitive": true, "concept": [
                {"code": "a", "concept": [{"code": "b", "concept": [{"code": "c"}]}, {"code": "d"}]},
                {"code": "e", "property": [{"code": "parent", "valueCode": "d"}]},
                {"code": "f", "property": [{"code": "child", "valueCode": "a"}]},
                {"code": "g", "property": [{"code": "parent", "valueCode": "h"}]},
                {"code": "h", "property": [{"code": "parent", "valueCode": "g"}]},
            ]}),
            &[],
        );
        assert!(system.is_complete && !system.ignores_case());
        for (code, expected) in
            [("a", vec!["a", "b", "c", "d", "e"]), ("f", vec!["a", "b", "c", "d", "e", "f"]), ("g", vec!["g", "h"])]
        {
            assert_eq!(below(&system, code), expected, "{code}");
        }
        let above = system.reach(system.find("c").expect("c"), true);
        assert_eq!(above.iter().filter(|mark| **mark).count(), 4);
    }

    #[test]
    fn a_supplement_adds_words_and_no_codes() {
        let system = CodeSystem::read(
            &json!({"content": "fragment", "concept": [{"code": "a", "display": "An a"}]}),
            &[json!({"content": "supplement", "concept": [
                {"code": "a", "display": "Ein A", "designation": [{"language": "fr", "value": "Un a"}]},
                {"code": "b", "display": "B"},
            ]})],
        );
        assert!(!system.is_complete && system.find("b").is_none());
        let concept = system.concept(0).expect("a");
        assert_eq!(concept.display.as_deref(), Some("An a"));
        assert_eq!(concept.designations, ["Ein A".into(), "Un a".into()]);
    }

    #[test]
    fn inactive_concepts_are_known_by_either_property() {
        let property = |code: &str, value: Value| json!({"code": code, "valueX": value});
        for (property, expected) in [
            (property("inactive", json!(true)), true),
            (property("inactive", json!(false)), false),
            (property("status", json!("retired")), true),
            (property("status", json!("active")), false),
            (property("status", json!({"code": "inactive"})), true),
        ] {
            let system = CodeSystem::read(&json!({"concept": [{"code": "a", "property": [property]}]}), &[]);
            assert_eq!(system.concept(0).map(|concept| concept.is_inactive), Some(expected));
        }
    }
}
