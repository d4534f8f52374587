//! Where in a resource: a path that grows as a walk goes down, and is written out only for a finding.

use crate::definition::{Definitions, ElementType};
use crate::json_pointer;
use std::fmt;

/// A place in a resource; written as simple FHIRPath (`Patient.name[0].family`).
///
/// A choice is named without its type (`Observation.value`), as FHIRPath demands.
#[derive(Debug, Default, Clone)]
pub struct ElementPath<'a> {
    segments: Vec<Segment<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Segment<'a> {
    name: &'a str,
    /// The JSON member; it differs from the name in choices (`valueQuantity`) and companions (`_birthDate`).
    member: &'a str,
    index: Option<usize>,
}

impl<'a> ElementPath<'a> {
    /// Goes down to an element.
    pub fn push(&mut self, name: &'a str) {
        self.push_member(name, name);
    }

    /// Goes down to an element that JSON writes under another name (`value` as `valueQuantity`).
    pub fn push_member(&mut self, name: &'a str, member: &'a str) {
        self.segments.push(Segment { name, member, index: None });
    }

    /// Which value of the element above it is in.
    pub fn index_above(&self) -> Option<usize> {
        self.segments.iter().rev().nth(1)?.index
    }

    /// Where in the JSON of the resource, as a JSON Pointer.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        // The first segment is the type of the resource.
        for segment in self.segments.iter().skip(1) {
            json_pointer::push_token(&mut pointer, segment.member);
            if let Some(index) = segment.index {
                json_pointer::push_index(&mut pointer, index);
            }
        }
        pointer
    }

    /// Goes back up.
    pub fn pop(&mut self) {
        self.segments.pop();
    }

    /// Says which value of the element it is in.
    pub fn set_index(&mut self, index: Option<usize>) {
        if let Some(last) = self.segments.last_mut() {
            last.index = index;
        }
    }

    /// How many elements deep.
    pub fn depth(&self) -> usize {
        self.segments.len()
    }

    /// The name of the element, nothing above the resource.
    pub fn last_name(&self) -> Option<&'a str> {
        self.segments.last().map(|segment| segment.name)
    }
}

impl fmt::Display for ElementPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write_name(f, segment.name)?;
            if let Some(index) = segment.index {
                write!(f, "[{index}]")?;
            }
        }
        Ok(())
    }
}

/// A name that is no identifier stands in backticks, as FHIRPath writes it.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let is_identifier = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if is_identifier {
        return f.write_str(name);
    }
    write!(f, "`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

/// The FHIRPath of a place given by JSON member names: `Patient.deceasedBoolean` gives `Patient.deceased`.
///
/// What the definitions do not know is kept as it stands.
pub fn from_member_names(path: &str) -> String {
    let r4 = Definitions::r4();
    let mut at = None;
    let mut out: Vec<String> = Vec::new();
    for (step, part) in path.split('.').enumerate() {
        let (name, index) = part.split_once('[').map_or((part, None), |(name, index)| (name, Some(index)));
        let member = if step == 0 {
            at = r4.named(name).map(|(id, _)| id);
            None
        } else {
            at.and_then(|id| r4.get(id).member(name))
        };
        if step > 0 {
            at = match member.map(|(member, _)| member.element_type) {
                Some(ElementType::Object(id)) => Some(id),
                _ => None,
            };
        }
        let name = member.map_or(name, |(_, element)| element.name);
        out.push(index.map_or_else(|| name.to_owned(), |index| format!("{name}[{index}")));
    }
    out.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_fhirpath() {
        let mut path = ElementPath::default();
        path.push("Patient");
        path.push("name");
        path.set_index(Some(0));
        path.push("family");
        assert_eq!(path.to_string(), "Patient.name[0].family");
        assert_eq!(path.pointer(), "/name/0/family");
        path.pop();
        path.set_index(None);
        path.push("a-b`c");
        assert_eq!(path.to_string(), "Patient.name.`a-b\\`c`");
        assert_eq!((path.depth(), path.last_name()), (3, Some("a-b`c")));
    }

    #[test]
    fn member_names_of_choices_lose_their_type() {
        for (members, expected) in [
            ("Patient.deceasedBoolean", "Patient.deceased"),
            (
                "MedicationStatement.medicationCodeableConcept.coding[0].code",
                "MedicationStatement.medication.coding[0].code",
            ),
            ("Observation.component[1].valueQuantity.value", "Observation.component[1].value.value"),
            ("Timing.repeat.boundsPeriod.start", "Timing.repeat.bounds.start"),
            ("Patient.name[0].family", "Patient.name[0].family"),
            ("Patient.nonsense.valueString", "Patient.nonsense.valueString"),
            ("Nonsense.valueString", "Nonsense.valueString"),
        ] {
            assert_eq!(from_member_names(members), expected);
        }
    }
}
