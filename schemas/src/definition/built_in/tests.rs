//! What the built-in form is read as.

use super::super::*;
use crate::terminology::{Coding, Membership, NotChecked, Terminology};

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

/// An element of a definition.
fn element(definition: &str, member: &str) -> &'static Element {
    let (_, definition) = Definitions::r4().named(definition).expect(definition);
    definition.member(member).expect(member).1
}

#[test]
fn bindings_of_all_strengths_are_known() {
    use BindingStrength::{Example, Extensible, Preferred, Required};
    for (definition, member, strength, value_set, max) in [
        ("Patient", "gender", Required, "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1", None),
        ("Attachment", "contentType", Required, "http://hl7.org/fhir/ValueSet/mimetypes|4.0.1", None),
        (
            "Composition",
            "confidentiality",
            Required,
            "http://terminology.hl7.org/ValueSet/v3-ConfidentialityClassification|2014-03-26",
            None,
        ),
        ("Patient", "maritalStatus", Extensible, "http://hl7.org/fhir/ValueSet/marital-status", None),
        (
            "Patient",
            "language",
            Preferred,
            "http://hl7.org/fhir/ValueSet/languages",
            Some("http://hl7.org/fhir/ValueSet/all-languages"),
        ),
        ("Observation", "code", Example, "http://hl7.org/fhir/ValueSet/observation-codes", None),
        ("DetectedIssue", "status", Required, "http://hl7.org/fhir/ValueSet/observation-status|4.0.1", None),
    ] {
        let binding = element(definition, member).binding.as_ref().expect(member);
        assert_eq!((binding.strength, &*binding.value_set), (strength, value_set));
        assert_eq!(binding.max_value_set.as_deref(), max, "{member}");
    }
    assert_eq!(element("Patient", "birthDate").binding, None);
}

#[test]
fn references_know_where_they_may_lead() {
    for (definition, member, targets) in [
        ("Patient", "managingOrganization", &["Organization"][..]),
        ("Patient.link", "other", &["Patient", "RelatedPerson"]),
        ("Observation", "focus", &[]),
        ("Patient", "birthDate", &[]),
        (
            "CarePlan",
            "instantiatesCanonical",
            &["PlanDefinition", "Questionnaire", "Measure", "ActivityDefinition", "OperationDefinition"],
        ),
        (
            "MeasureReport",
            "subject",
            &["Patient", "Practitioner", "PractitionerRole", "Location", "Device", "RelatedPerson", "Group"],
        ),
    ] {
        assert_eq!(element(definition, member).targets, targets, "{definition}.{member}");
    }
}

#[test]
fn each_required_binding_but_one_is_to_a_value_set_at_hand() {
    let terminology = Terminology::built_in();
    let elements = Definitions::r4().all().flat_map(|definition| &definition.elements);
    let bindings = elements.filter_map(|element| element.binding.as_ref());
    let required = bindings.filter(|binding| binding.strength == BindingStrength::Required);
    let mut unknown: Vec<&str> = required
        .map(|binding| &*binding.value_set)
        .filter(|set| {
            terminology.membership(set, Coding::default()) == Membership::NotChecked(NotChecked::UnknownValueSet)
        })
        .collect();
    unknown.dedup();
    assert_eq!(unknown, ["http://loinc.org/vs/LL379-9|4.0.1"]);
}

#[test]
fn invariants_are_inherited_and_stand_where_their_values_are() {
    let keys = |name: &str| -> Vec<String> {
        let (_, definition) = Definitions::r4().named(name).expect(name);
        definition.invariants.iter().map(|one| one.key.to_string()).collect()
    };
    for (name, expected) in [
        ("string", &["ele-1"][..]),
        ("Extension", &["ele-1", "ext-1"]),
        ("Age", &["ele-1", "qty-3", "age-1"]),
        ("SimpleQuantity", &["ele-1", "qty-3", "sqty-1"]),
        ("Bundle", &["bdl-1", "bdl-2", "bdl-3", "bdl-4", "bdl-7", "bdl-9", "bdl-10", "bdl-11", "bdl-12"]),
        ("Bundle.entry", &["ele-1", "bdl-5", "bdl-8"]),
        ("Patient", &["dom-2", "dom-3", "dom-4", "dom-5", "dom-6"]),
        ("Patient.contact", &["ele-1", "pat-1"]),
        ("Parameters.parameter", &["ele-1", "inv-1"]),
    ] {
        let mut found = keys(name);
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
    let own: Vec<&str> = element("Organization", "address").invariants.iter().map(|one| &*one.key).collect();
    assert_eq!(own, ["org-2"]);
}

#[test]
fn each_invariant_of_r4_is_told_in_a_sentence() {
    let mut keys = std::collections::HashSet::new();
    for definition in Definitions::r4().all() {
        let of_elements = definition.elements.iter().flat_map(|element| &element.invariants);
        for one in definition.invariants.iter().chain(of_elements) {
            let words = one.words.as_deref().expect(&one.key);
            assert!(words.ends_with('.') && words.len() > 20, "{}: {words}", one.key);
            keys.insert((one.key.clone(), one.expression.clone()));
        }
    }
    assert_eq!(keys.len(), 241);
}

#[test]
fn a_broken_form_is_refused_with_its_line() {
    let read = |types: &'static str, invariants: &'static str, invariant_words: &'static str| {
        super::read(&super::Texts { types, invariants, invariant_words })
    };
    for types in [
        "thing X",
        "type X\n a 0..1 Y",
        "type X\n a 0..z string",
        "type X\n   a 0..1 string",
        "type X : Y",
        "type X ? Y",
        "type X !none",
        " a 0..1 string",
        "type X\n a 0..1 string !none",
        "type X\n a 0..1 string %strong=x",
        "type X\n a 0..1 string %x",
        "type X\n a 0..1 string é",
    ] {
        assert!(read(types, "", "").is_err(), "{types}");
    }
    for (invariants, words) in [("k", ""), ("k\terror", ""), ("k\tbad\ttrue", ""), ("", "k")] {
        assert!(read("", invariants, words).is_err(), "{invariants} {words}");
    }
    assert!(read("type X !k\n a 0..1 string >Y,Z !k %example=x", "k\terror\ttrue", "k\tHolds.").is_ok());
}
