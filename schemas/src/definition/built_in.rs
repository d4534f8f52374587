//! Reads the compact built-in form; `definitions/README.md` says how it is written.

mod invariants;

use super::path_types::PathTable;
use super::{
    Binding, BindingStrength, Definition, DefinitionId, Definitions, Element, ElementType, Invariant, Kind,
    MOST_ELEMENTS, Member,
};
use crate::primitive::Primitive;
use std::collections::HashMap;

/// What is wrong with the built-in form, with its line.
pub(super) type Read<T> = Result<T, String>;

/// The texts of the built-in form.
pub(super) struct Texts {
    pub types: &'static str,
    pub invariants: &'static str,
    pub invariant_words: &'static str,
}

/// The version of R4, which its own value sets have too.
const VERSION: &str = "4.0.1";

pub(super) fn read(texts: &Texts) -> Read<Definitions> {
    let invariants = invariants::read(texts.invariants, texts.invariant_words)?;
    let written = read_types(texts.types)?;
    let by_name: HashMap<&'static str, DefinitionId> =
        written.iter().enumerate().map(|(at, one)| (one.name, DefinitionId(at))).collect();
    let resolver = Resolver { written: &written, by_name: &by_name, invariants: &invariants };
    let definitions = written.iter().map(|one| resolver.definition(one)).collect::<Read<Vec<_>>>()?;
    let paths = PathTable::new(&definitions, &by_name);
    Ok(Definitions { definitions, by_name, paths })
}

/// A definition as its lines say it: own elements only, types by name.
struct Written {
    name: &'static str,
    kind: Kind,
    is_abstract: bool,
    base: Option<&'static str>,
    /// How the type is written in the name of a choice, where that is not its own name.
    choice_name: Option<&'static str>,
    /// The names of its own invariants.
    invariants: Vec<&'static str>,
    elements: Vec<WrittenElement>,
}

struct WrittenElement {
    name: &'static str,
    cardinality: &'static str,
    types: &'static str,
    value_set: Option<&'static str>,
    binding: Option<(BindingStrength, &'static str)>,
    max_value_set: Option<&'static str>,
    targets: Vec<&'static str>,
    invariants: Vec<&'static str>,
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
    let (mut base, mut choice_name, mut invariants) = (None, None, Vec::new());
    while let Some(mark) = words.next() {
        match (mark, mark.strip_prefix('!')) {
            (_, Some(invariant)) => invariants.push(invariant),
            (":", _) => base = words.next(),
            ("as", _) => choice_name = words.next(),
            _ => return Err(format!("unknown mark: {line}")),
        }
    }
    Ok(Written { name, kind, is_abstract, base, choice_name, invariants, elements: Vec::new() })
}

fn element_line(line: &'static str) -> Read<WrittenElement> {
    let mut words = line.split_ascii_whitespace();
    let (Some(name), Some(cardinality), Some(types)) = (words.next(), words.next(), words.next()) else {
        return Err(format!("an element without cardinality or type: {line}"));
    };
    let mut element = WrittenElement {
        name,
        cardinality,
        types,
        value_set: None,
        binding: None,
        max_value_set: None,
        targets: Vec::new(),
        invariants: Vec::new(),
        group: None,
    };
    for word in words {
        let wrong = || format!("unknown word {word}: {line}");
        match word.split_at_checked(1).ok_or_else(wrong)? {
            ("@", name) => element.value_set = Some(name),
            (">", names) => element.targets = names.split(',').collect(),
            ("!", name) => element.invariants.push(name),
            ("%", binding) => match binding.split_once('=').ok_or_else(wrong)? {
                ("max", url) => element.max_value_set = Some(url),
                (strength, url) => element.binding = Some((BindingStrength::named(strength).ok_or_else(wrong)?, url)),
            },
            _ => return Err(wrong()),
        }
    }
    Ok(element)
}

/// Opens the group of the element written last.
fn open_group(out: &mut Vec<Written>, open: &[usize]) -> Option<usize> {
    let group = out.len();
    let owner = out.get_mut(*open.last()?)?;
    let element = owner.elements.last_mut()?;
    element.group = Some(group);
    let base = Some(element.types);
    // What the element asks is asked of each value of its group.
    let invariants = std::mem::take(&mut element.invariants);
    // Leaked once a process: the names of groups live as long as the text they are made of.
    let name: &'static str = Box::leak(format!("{}.{}", owner.name, element.name).into_boxed_str());
    let kind = Kind::Group;
    out.push(Written { name, kind, is_abstract: false, base, choice_name: None, invariants, elements: Vec::new() });
    Some(group)
}

struct Resolver<'a> {
    written: &'a [Written],
    by_name: &'a HashMap<&'static str, DefinitionId>,
    invariants: &'a HashMap<&'static str, Invariant>,
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
            bases: self.bases(written)?,
            elements,
            invariants: self.invariants(written)?,
            members,
        })
    }

    /// The types it derives from, the nearest first.
    fn bases(&self, written: &Written) -> Read<Vec<&'static str>> {
        let mut out = Vec::new();
        let mut next = written.base;
        while let Some(name) = next {
            let base = self.find(name)?;
            out.push(base.name);
            next = base.base;
        }
        Ok(out)
    }

    /// The invariants of the base, then the own ones.
    fn invariants(&self, written: &Written) -> Read<Vec<Invariant>> {
        let mut out = match written.base {
            Some(base) => self.invariants(self.find(base)?)?,
            None => Vec::new(),
        };
        out.extend(self.named_invariants(&written.invariants)?);
        Ok(out)
    }

    fn named_invariants(&self, names: &[&str]) -> Read<Vec<Invariant>> {
        let find = |name: &&str| self.invariants.get(*name).cloned().ok_or_else(|| format!("no invariant {name}"));
        names.iter().map(find).collect()
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
        let choice = written.name.strip_suffix("[x]");
        Ok(Element {
            name: choice.unwrap_or(written.name),
            is_choice: choice.is_some(),
            min: min.parse().map_err(|_| wrong())?,
            max,
            types,
            binding: binding(written),
            targets: written.targets.clone(),
            invariants: self.named_invariants(&written.invariants)?,
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

/// The binding that an element's words make.
fn binding(written: &WrittenElement) -> Option<Binding> {
    let (strength, url) = match (written.value_set, written.binding) {
        (Some(name), _) => (BindingStrength::Required, format!("{}|{VERSION}", value_set_url(name))),
        (None, Some((strength, name))) => (strength, value_set_url(name)),
        (None, None) => return None,
    };
    let max_value_set = written.max_value_set.map(|name| value_set_url(name).into());
    Some(Binding { strength, value_set: url.into(), max_value_set })
}

/// A value set's canonical URL: the short form is of R4's own.
fn value_set_url(name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("http://hl7.org/fhir/ValueSet/{name}") }
}

#[cfg(test)]
mod tests;
