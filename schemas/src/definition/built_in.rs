//! Reads the compact built-in form; `definitions/README.md` says how it is written.

use super::{
    Definition, DefinitionId, Definitions, Element, ElementType, Kind, MOST_ELEMENTS, Member, ValueSet, ValueSetId,
};
use crate::primitive::Primitive;
use std::collections::HashMap;

/// What is wrong with the built-in form, with its line.
pub(super) type Read<T> = Result<T, String>;

pub(super) fn read(types: &'static str, value_sets: &'static str) -> Read<Definitions> {
    let (value_sets, set_names) = read_value_sets(value_sets)?;
    let written = read_types(types)?;
    let by_name: HashMap<&'static str, DefinitionId> =
        written.iter().enumerate().map(|(at, one)| (one.name, DefinitionId(at))).collect();
    let resolver = Resolver { written: &written, by_name: &by_name, set_names: &set_names };
    let definitions = written.iter().map(|one| resolver.definition(one)).collect::<Read<Vec<_>>>()?;
    Ok(Definitions { definitions, by_name, value_sets })
}

fn read_value_sets(text: &'static str) -> Read<(Vec<ValueSet>, HashMap<&'static str, ValueSetId>)> {
    let mut sets: Vec<ValueSet> = Vec::new();
    let mut names = HashMap::new();
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().ok_or("an empty line among the value sets")?;
        if line.starts_with(' ') {
            let set = sets.last_mut().ok_or("codes before the first value set")?;
            let mut codes: Vec<&'static str> = words.collect();
            set.in_order.extend(&codes);
            codes.sort_unstable();
            set.systems.push((first, codes));
        } else {
            let (Some(name), Some(url)) = (words.next(), words.next()) else {
                return Err(format!("a value set without name or url: {line}"));
            };
            names.insert(name, ValueSetId(sets.len()));
            sets.push(ValueSet { url, systems: Vec::new(), in_order: Vec::new() });
        }
    }
    Ok((sets, names))
}

/// A definition as its lines say it: own elements only, types by name.
struct Written {
    name: &'static str,
    kind: Kind,
    is_abstract: bool,
    base: Option<&'static str>,
    /// How the type is written in the name of a choice, where that is not its own name.
    choice_name: Option<&'static str>,
    elements: Vec<WrittenElement>,
}

struct WrittenElement {
    name: &'static str,
    cardinality: &'static str,
    types: &'static str,
    value_set: Option<&'static str>,
    /// Its group of elements, where lines below it are indented deeper.
    group: Option<usize>,
}

fn read_types(text: &'static str) -> Read<Vec<Written>> {
    let mut out: Vec<Written> = Vec::new();
    // The open definitions from the type in: indexes into `out`.
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if indent == 0 {
            open = vec![out.len()];
            out.push(type_line(line)?);
            continue;
        }
        if indent == open.len() + 1 {
            let group = open_group(&mut out, &open).ok_or_else(|| format!("no element above: {line}"))?;
            open.push(group);
        }
        if indent > open.len() {
            return Err(format!("indented too deep: {line}"));
        }
        open.truncate(indent);
        let owner = open.last().and_then(|at| out.get_mut(*at)).ok_or("an element before the first type")?;
        owner.elements.push(element_line(line)?);
    }
    Ok(out)
}

fn type_line(line: &'static str) -> Read<Written> {
    let (is_abstract, rest) = line.strip_prefix("abstract ").map_or((false, line), |rest| (true, rest));
    let mut words = rest.split_ascii_whitespace();
    let kind = match words.next() {
        Some("primitive") => Kind::Primitive,
        Some("type") => Kind::DataType,
        Some("resource") => Kind::Resource,
        _ => return Err(format!("no kind of definition: {line}")),
    };
    let name = words.next().ok_or_else(|| format!("no name: {line}"))?;
    let (mut base, mut choice_name) = (None, None);
    while let (Some(mark), Some(word)) = (words.next(), words.next()) {
        match mark {
            ":" => base = Some(word),
            "as" => choice_name = Some(word),
            _ => return Err(format!("unknown mark: {line}")),
        }
    }
    Ok(Written { name, kind, is_abstract, base, choice_name, elements: Vec::new() })
}

fn element_line(line: &'static str) -> Read<WrittenElement> {
    let mut words = line.split_ascii_whitespace();
    let (Some(name), Some(cardinality), Some(types)) = (words.next(), words.next(), words.next()) else {
        return Err(format!("an element without cardinality or type: {line}"));
    };
    let value_set = words.next().and_then(|word| word.strip_prefix('@'));
    Ok(WrittenElement { name, cardinality, types, value_set, group: None })
}

/// Opens the group of the element written last.
fn open_group(out: &mut Vec<Written>, open: &[usize]) -> Option<usize> {
    let group = out.len();
    let owner = out.get_mut(*open.last()?)?;
    let element = owner.elements.last_mut()?;
    element.group = Some(group);
    let base = Some(element.types);
    // Leaked once a process: the names of groups live as long as the text they are made of.
    let name: &'static str = Box::leak(format!("{}.{}", owner.name, element.name).into_boxed_str());
    out.push(Written { name, kind: Kind::Group, is_abstract: false, base, choice_name: None, elements: Vec::new() });
    Some(group)
}

struct Resolver<'a> {
    written: &'a [Written],
    by_name: &'a HashMap<&'static str, DefinitionId>,
    set_names: &'a HashMap<&'static str, ValueSetId>,
}

impl Resolver<'_> {
    fn definition(&self, written: &Written) -> Read<Definition> {
        let elements = self.elements(written)?;
        if elements.len() > MOST_ELEMENTS {
            return Err(format!("{} has more than {MOST_ELEMENTS} elements", written.name));
        }
        let mut members = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            for element_type in &element.types {
                members.push(Member {
                    name: self.member_name(element, *element_type).into(),
                    element: at,
                    element_type: *element_type,
                });
            }
        }
        members.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(Definition {
            name: written.name,
            kind: written.kind,
            is_abstract: written.is_abstract,
            elements,
            invariants: Vec::new(),
            members,
        })
    }

    /// The elements of the base, then the own ones; an own one takes the place of an inherited one with its name.
    fn elements(&self, written: &Written) -> Read<Vec<Element>> {
        let mut out = match written.base {
            Some(base) => self.elements(self.find(base)?)?,
            None => Vec::new(),
        };
        for one in &written.elements {
            let element = self.element(one)?;
            match out.iter_mut().find(|inherited| inherited.name == element.name) {
                Some(place) => *place = element,
                None => out.push(element),
            }
        }
        Ok(out)
    }

    fn element(&self, written: &WrittenElement) -> Read<Element> {
        let wrong = || format!("cannot be read: {} {}", written.name, written.cardinality);
        let (min, max) = written.cardinality.split_once("..").ok_or_else(wrong)?;
        let max = if max == "*" { None } else { Some(max.parse().map_err(|_| wrong())?) };
        let types = match written.group {
            Some(group) => vec![ElementType::Object(DefinitionId(group))],
            None => written.types.split('|').map(|name| self.element_type(name)).collect::<Read<_>>()?,
        };
        let value_set = match written.value_set {
            Some(name) => Some(*self.set_names.get(name).ok_or_else(|| format!("no value set {name}"))?),
            None => None,
        };
        let choice = written.name.strip_suffix("[x]");
        Ok(Element {
            name: choice.unwrap_or(written.name),
            is_choice: choice.is_some(),
            min: min.parse().map_err(|_| wrong())?,
            max,
            types,
            value_set,
            binding: None,
            targets: Vec::new(),
            invariants: Vec::new(),
        })
    }

    fn element_type(&self, name: &str) -> Read<ElementType> {
        if let Some(bare) = name.strip_prefix('=') {
            return Primitive::named(bare)
                .map(ElementType::BarePrimitive)
                .ok_or_else(|| format!("no primitive {bare}"));
        }
        if let Some(primitive) = Primitive::named(name) {
            return Ok(ElementType::Primitive(primitive));
        }
        if name == "Resource" {
            return Ok(ElementType::Resource);
        }
        let name = name.strip_prefix('#').unwrap_or(name);
        self.by_name.get(name).map(|id| ElementType::Object(*id)).ok_or_else(|| format!("no type {name}"))
    }

    fn find(&self, name: &str) -> Read<&Written> {
        self.by_name.get(name).and_then(|id| self.written.get(id.0)).ok_or_else(|| format!("no type {name}"))
    }

    fn member_name(&self, element: &Element, element_type: ElementType) -> String {
        if !element.is_choice {
            return element.name.to_owned();
        }
        let type_name = match element_type {
            ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => primitive.name(),
            ElementType::Resource => "Resource",
            ElementType::Object(id) => {
                self.written.get(id.0).map_or("", |written| written.choice_name.unwrap_or(written.name))
            }
        };
        let mut letters = type_name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        element.name.chars().chain(first).chain(letters).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;

    #[test]
    fn r4_is_read_whole() {
        let r4 = Definitions::r4();
        assert_eq!(r4.resource_types().count(), 146);
        for primitive in Primitive::ALL {
            let (_, definition) = r4.named(primitive.name()).expect("each primitive is defined");
            assert_eq!(definition.kind, Kind::Primitive);
        }
        let primitives = r4.all().filter(|definition| definition.kind == Kind::Primitive).count();
        assert_eq!(primitives, Primitive::ALL.len());
        for definition in r4.all() {
            let mut names: Vec<_> = definition.member_names().collect();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{} has a member twice", definition.name);
        }
    }

    #[test]
    fn elements_are_known_by_their_json_names_inherited_ones_too() {
        let r4 = Definitions::r4();
        for (definition, member, shown, min, repeats) in [
            ("Patient", "birthDate", "birthDate", 0, false),
            ("Patient", "deceasedDateTime", "deceased[x]", 0, false),
            ("Patient", "id", "id", 0, false),
            ("Patient", "contained", "contained", 0, true),
            ("Patient.contact", "modifierExtension", "modifierExtension", 0, true),
            ("Patient.link", "other", "other", 1, false),
            ("Observation.component", "referenceRange", "referenceRange", 0, true),
            ("Timing.repeat", "boundsDuration", "bounds[x]", 0, false),
            ("Dosage.doseAndRate", "doseQuantity", "dose[x]", 0, false),
            ("Age", "value", "value", 0, false),
            ("Extension", "url", "url", 1, false),
            ("Composition", "section", "section", 0, true),
            ("EvidenceVariable.characteristic", "definitionCanonical", "definition[x]", 1, false),
        ] {
            let (_, definition) = r4.named(definition).expect(definition);
            let (_, element) = definition.member(member).expect(member);
            assert_eq!(element.shown_name(), shown);
            assert_eq!((element.min, element.repeats()), (min, repeats), "{member}");
        }
        let (_, meta) = r4.named("Meta").expect("Meta");
        assert!(meta.member("project").is_none(), "an element of the package's publisher");
        let (_, simple) = r4.named("SimpleQuantity").expect("SimpleQuantity");
        assert_eq!(simple.member("comparator").map(|(_, element)| element.max), Some(Some(0)));
    }

    #[test]
    fn abstract_and_unknown_types_are_no_resource_types() {
        for name in ["Resource", "DomainResource", "HumanName", "Patient.contact", "patient", "Medplum", ""] {
            assert!(Definitions::r4().resource_type(name).is_none(), "{name}");
        }
        assert!(Definitions::r4().resource_type("Patient").is_some());
    }

    #[test]
    fn value_sets_know_their_codes_by_system() {
        let r4 = Definitions::r4();
        let (_, patient) = r4.named("Patient").expect("Patient");
        let (_, gender) = patient.member("gender").expect("gender");
        let set = r4.value_set(gender.value_set.expect("bound"));
        assert_eq!(set.url, "http://hl7.org/fhir/ValueSet/administrative-gender");
        assert_eq!(set.in_order, ["male", "female", "other", "unknown"]);
        assert!(set.has_code("male") && !set.has_code("Male") && !set.has_code(""));
        assert!(set.has_coding("http://hl7.org/fhir/administrative-gender", "other"));
        assert!(!set.has_coding("http://example.org", "other"));
    }

    #[test]
    fn a_broken_form_is_refused_with_its_line() {
        for types in [
            "thing X",
            "type X\n a 0..1 Y",
            "type X\n a 0..z string",
            "type X\n   a 0..1 string",
            "type X : Y",
            " a 0..1 string",
            "type X\n a 0..1 string @none",
        ] {
            assert!(super::read(types, "").is_err(), "{types}");
        }
        assert!(super::read("type X\n a 0..1 string", "").is_ok());
    }
}
