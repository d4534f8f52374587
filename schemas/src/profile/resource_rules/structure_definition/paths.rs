//! Where an element path or the path of a discriminator leads in a base type.

use crate::definition::{DefinitionId, Definitions, Element, ElementType};
use crate::primitive::Primitive;

/// What stands at the end of a path.
pub(super) enum Reached {
    /// These elements' types; the last element, where there is just one.
    Types(Vec<ElementType>, Option<&'static Element>),
    /// Something that the base type does not say (the contents of any resource).
    Anything,
    /// Nothing: the first part of the path that leads nowhere.
    Nothing(String),
}

/// Follows an element path from its type; choices are written `value[x]` or with a type (`valueQuantity`).
pub(super) fn follow(types: &'static Definitions, path: &str) -> Reached {
    let mut parts = path.split('.');
    let Some((root, _)) = parts.next().and_then(|name| types.named(name)) else {
        return Reached::Anything;
    };
    walk(types, vec![ElementType::Object(root)], parts)
}

/// Follows names from some types.
pub(super) fn walk<'p>(
    types: &'static Definitions,
    from: Vec<ElementType>,
    parts: impl Iterator<Item = &'p str>,
) -> Reached {
    let (mut at, mut last) = (from, None);
    for part in parts {
        if at.iter().any(|one| matches!(one, ElementType::Resource)) {
            return Reached::Anything;
        }
        let mut next: Vec<ElementType> = Vec::new();
        last = None;
        for id in at.iter().filter_map(|one| definition_of(types, *one)) {
            let Some((element, found)) = child(types, id, part) else {
                continue;
            };
            last = Some(element);
            next.extend(found.into_iter().filter(|one| !next.contains(one)).collect::<Vec<_>>());
        }
        if next.is_empty() {
            return Reached::Nothing(part.to_owned());
        }
        at = next;
    }
    Reached::Types(at, last)
}

/// The definition in which the elements of a type are found; a primitive has those of its own definition.
pub(super) fn definition_of(types: &'static Definitions, one: ElementType) -> Option<DefinitionId> {
    match one {
        ElementType::Object(id) => Some(id),
        ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => {
            types.named(primitive.name()).map(|(id, _)| id)
        }
        ElementType::Resource => None,
    }
}

/// The value of a primitive is not among its elements.
const VALUE_OF_PRIMITIVE: &str = "value";

fn child(types: &'static Definitions, id: DefinitionId, part: &str) -> Option<(&'static Element, Vec<ElementType>)> {
    let definition = types.get(id);
    let name = part.strip_suffix("[x]").unwrap_or(part);
    if let Some(element) = definition.elements.iter().find(|element| element.name == name) {
        return Some((element, element.types.clone()));
    }
    if let Some((member, element)) = definition.member(part) {
        return Some((element, vec![member.element_type]));
    }
    let is_value = definition.kind == crate::definition::Kind::Primitive && name == VALUE_OF_PRIMITIVE;
    let stand_in = || definition.elements.iter().find(|element| element.name == "id");
    is_value.then(|| Some((stand_in()?, vec![ElementType::BarePrimitive(Primitive::String)])))?
}

/// FHIR's name of a type; a group goes by what it is.
pub(super) fn type_name(types: &'static Definitions, one: ElementType) -> &'static str {
    match one {
        ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => primitive.name(),
        ElementType::Resource => "Resource",
        ElementType::Object(id) => {
            let definition = types.get(id);
            if definition.kind == crate::definition::Kind::Group { "BackboneElement" } else { definition.name }
        }
    }
}
