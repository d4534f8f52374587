//! The small elements that several of our resources use.

use fhir_model::r4b::types::{CodeableConcept, Coding, Identifier, Reference};

/// A business identifier: whose list, and the value in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierText<'a> {
    /// The URI of the list.
    pub system: &'a str,
    /// The value in that list.
    pub value: &'a str,
}

pub(crate) fn coding(system: &str, code: &str) -> Coding {
    Coding::builder().system(system.to_owned()).code(code.to_owned()).build().expect("a Coding has no required element")
}

pub(crate) fn concept(system: &str, code: &str) -> CodeableConcept {
    CodeableConcept::builder()
        .coding(vec![Some(coding(system, code))])
        .build()
        .expect("a CodeableConcept has no required element")
}

pub(crate) fn reference_to(target: &str) -> Reference {
    Reference::builder().reference(target.to_owned()).build().expect("a Reference has no required element")
}

/// A reference that says who is meant without a resource to point at.
pub(crate) fn named(resource_type: &str, display: &str) -> Reference {
    Reference::builder()
        .r#type(resource_type.to_owned())
        .display(display.to_owned())
        .build()
        .expect("a Reference has no required element")
}

pub(crate) fn identified(
    resource_type: Option<&str>,
    identifier: IdentifierText<'_>,
    display: Option<&str>,
) -> Reference {
    let mut reference = Reference::builder().identifier(
        Identifier::builder()
            .system(identifier.system.to_owned())
            .value(identifier.value.to_owned())
            .build()
            .expect("an Identifier has no required element"),
    );
    if let Some(resource_type) = resource_type {
        reference = reference.r#type(resource_type.to_owned());
    }
    if let Some(display) = display {
        reference = reference.display(display.to_owned());
    }
    reference.build().expect("a Reference has no required element")
}

/// A reference by a value that belongs to no list, such as a request's id.
pub(crate) fn known_as(value: &str) -> Reference {
    let identifier =
        Identifier::builder().value(value.to_owned()).build().expect("an Identifier has no required element");
    Reference::builder().identifier(identifier).build().expect("a Reference has no required element")
}
