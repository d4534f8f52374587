//! Where a rule stands inside a resource: a chain of members on the stack that costs nothing until a finding needs it.

use crate::definition::{DefinitionId, Definitions, ElementType};
use crate::element_path::ElementPath;

/// A place inside a resource, by JSON members.
#[derive(Debug, Clone, Copy)]
pub struct Place<'p, 'a> {
    above: Option<&'p Place<'p, 'a>>,
    member: &'a str,
    index: Option<usize>,
}

impl<'a> Place<'_, 'a> {
    /// The resource itself.
    pub fn resource() -> Place<'static, 'a> {
        Place { above: None, member: "", index: None }
    }

    /// A member of it, as JSON names it (`valueQuantity`).
    pub fn member<'p>(&'p self, member: &'a str) -> Place<'p, 'a> {
        Place { above: Some(self), member, index: None }
    }

    /// One value of a repeating member.
    pub fn item<'p>(&'p self, member: &'a str, index: usize) -> Place<'p, 'a> {
        Place { above: Some(self), member, index: Some(index) }
    }

    /// The member's name, to put into a sentence.
    pub fn name(&self) -> &'a str {
        self.member
    }

    /// Pushes the place onto a path that stands at the resource of type `of`; gives how many segments to pop.
    ///
    /// Choices and companions get the element's name beside their member, as the walk writes them.
    pub fn push_onto(
        &self,
        path: &mut ElementPath<'a>,
        types: &'static Definitions,
        of: Option<DefinitionId>,
    ) -> usize {
        self.push(path, types, of).0
    }

    fn push(
        &self,
        path: &mut ElementPath<'a>,
        types: &'static Definitions,
        resource: Option<DefinitionId>,
    ) -> (usize, Option<DefinitionId>) {
        let Some(above) = self.above else {
            return (0, resource);
        };
        let (depth, of) = above.push(path, types, resource);
        let plain = self.member.strip_prefix('_').unwrap_or(self.member);
        let found = of.and_then(|id| types.get(id).member(plain));
        path.push_member(found.map_or(self.member, |(_, element)| element.name), self.member);
        path.set_index(self.index);
        let next = match found.map(|(member, _)| member.element_type) {
            Some(ElementType::Object(id)) => Some(id),
            Some(ElementType::Primitive(_)) => types.named("Element").map(|(id, _)| id),
            _ => None,
        };
        (depth + 1, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_the_walk_writes_it() {
        let types = Definitions::r4();
        let of = types.named("MedicationStatement").map(|(id, _)| id);
        let root = Place::resource();
        let medicine = root.member("medicationCodeableConcept");
        let coding = medicine.item("coding", 1);
        let code = coding.member("_code");
        let mut path = ElementPath::default();
        path.push("MedicationStatement");
        assert_eq!(code.push_onto(&mut path, types, of), 3);
        assert_eq!(path.to_string(), "MedicationStatement.medication.coding[1].code");
        assert_eq!(path.pointer(), "/medicationCodeableConcept/coding/1/_code");
    }

    #[test]
    fn what_no_definition_knows_keeps_its_name() {
        let root = Place::resource();
        let place = root.member("nonsense");
        let mut path = ElementPath::default();
        path.push("Patient");
        assert_eq!(place.push_onto(&mut path, Definitions::r4(), None), 1);
        assert_eq!((path.to_string().as_str(), place.name()), ("Patient.nonsense", "nonsense"));
    }
}
