//! Resources of every type, made from the definitions: the least that conforms, then each element once, right and wrong.

use super::*;
use crate::definition::{
    Binding, BindingStrength, Definition, DefinitionId, Definitions, Element, ElementType, Kind, Member,
};
use crate::issue::IssueKey;
use crate::primitive::{JsonForm, Primitive};
use crate::terminology::Terminology;
use proptest::prelude::*;
use serde_json::{Map, json};
use std::sync::OnceLock;

fn primitive_sample(primitive: Primitive) -> Value {
    match primitive {
        Primitive::Base64Binary => json!("QUJD"),
        Primitive::Boolean => json!(true),
        Primitive::Date => json!("2024-02-29"),
        Primitive::DateTime => json!("2024-02"),
        Primitive::Instant => json!("2024-02-29T10:00:00Z"),
        Primitive::Time => json!("10:00:00"),
        Primitive::Decimal => json!(1.5),
        Primitive::Integer | Primitive::PositiveInt | Primitive::UnsignedInt => json!(1),
        Primitive::Oid => json!("urn:oid:1.2.3"),
        Primitive::Uuid => json!("urn:uuid:6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        Primitive::Xhtml => json!("<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"),
        _ => json!("x"),
    }
}

/// A code of a value set that is no list, where one is bound.
fn code_by_grammar(binding: &Binding) -> Option<Value> {
    let sets = [Some(&binding.value_set), binding.max_value_set.as_ref()];
    let codes = [("/all-languages", "en"), ("/mimetypes", "text/plain"), ("/currencies", "GBP"), ("/ucum-units", "mg")];
    let bound = |name: &str| sets.iter().flatten().any(|set| set.contains(name));
    codes.iter().find(|(name, _)| bound(name)).map(|(_, code)| json!(code))
}

/// A code that a required binding to a list allows, and its system.
fn required_code(binding: &Binding) -> Option<(String, &'static str)> {
    static BUILT_IN: OnceLock<Terminology> = OnceLock::new();
    let terminology = BUILT_IN.get_or_init(Terminology::built_in);
    let code = *terminology.some_codes(&binding.value_set, 1).first()?;
    // R4 names a system as the value set that has all of it, but for two.
    let name = match binding.value_set.rsplit(['/', '|']).nth(1)? {
        "insuranceplan-applicability" => "applicability",
        "supplydelivery-type" => "supply-item-type",
        name => name,
    };
    (binding.strength == BindingStrength::Required)
        .then(|| (format!("http://terminology.hl7.org/CodeSystem/{name}"), code))
}

/// One value of the element that conforms.
fn sample(element: &Element, element_type: ElementType) -> Value {
    let code = element.binding.as_ref().and_then(required_code);
    match element_type {
        ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive) => match code {
            Some((_, code)) => json!(code),
            None => element.binding.as_ref().and_then(code_by_grammar).unwrap_or_else(|| primitive_sample(primitive)),
        },
        ElementType::Resource => json!({"resourceType": "Basic", "code": {"text": "x"}}),
        ElementType::Object(id) => match code {
            Some((system, code)) => json!({"coding": [{"system": system, "code": code}]}),
            None => least(id),
        },
    }
}

fn in_form(element: &Element, value: Value) -> Value {
    if element.repeats() { json!([value]) } else { value }
}

fn members_of(definition: &Definition) -> impl Iterator<Item = (&Member, &Element)> {
    definition.member_names().filter_map(|name| definition.member(name))
}

/// The least object of the definition that conforms: its required elements, or any one where none is required.
fn least(id: DefinitionId) -> Value {
    let definition = Definitions::r4().get(id);
    let mut out = Map::new();
    if definition.kind == Kind::Resource {
        out.insert("resourceType".to_owned(), json!(definition.name));
    }
    for (at, element) in definition.elements.iter().enumerate().filter(|(_, element)| element.min > 0) {
        let (member, _) = members_of(definition).find(|(member, _)| member.element == at).expect("a member");
        out.insert(member.name.to_string(), in_form(element, sample(element, member.element_type)));
    }
    if definition.name == "Extension" {
        out.insert("valueString".to_owned(), json!("x"));
    }
    if out.is_empty() {
        let usable = |(member, element): &(&Member, &Element)| {
            matches!(member.element_type, ElementType::Primitive(_)) && element.max != Some(0)
        };
        let inner = || {
            let own = |(member, element): &(&Member, &Element)| {
                !matches!(&*member.name, "id" | "extension" | "modifierExtension")
                    && element.max != Some(0)
                    && member.element_type != ElementType::Object(id)
            };
            members_of(definition).find(own)
        };
        let (member, element) = members_of(definition).find(usable).or_else(inner).expect("something to say");
        out.insert(member.name.to_string(), in_form(element, sample(element, member.element_type)));
    }
    Value::Object(out)
}

fn errors(resource: &Value) -> Vec<Issue> {
    judge(resource).into_iter().filter(|issue| issue.is_error() && issue.key.is_of_shape()).collect()
}

fn each_resource_type() -> impl Iterator<Item = (DefinitionId, &'static Definition)> {
    Definitions::r4().resource_types().filter_map(|name| Definitions::r4().resource_type(name))
}

#[test]
fn the_least_resource_of_every_type_conforms_and_less_does_not() {
    for (id, definition) in each_resource_type() {
        let resource = least(id);
        assert_eq!(errors(&resource), [], "{resource}");
        for element in definition.elements.iter().filter(|element| element.min > 0) {
            let mut less = resource.clone();
            less.as_object_mut()
                .expect("an object")
                .retain(|name, _| definition.member(name).is_none_or(|(_, own)| !std::ptr::eq(own, element)));
            let keys: Vec<_> = errors(&less).iter().map(|issue| issue.key).collect();
            assert_eq!(keys, [IssueKey::TargetRequired], "{} without {}", definition.name, element.name);
        }
    }
}

/// The resource with one more member, and the issues that it then has.
fn with(resource: &Value, definition: &Definition, name: &str, value: Value) -> Vec<Issue> {
    let mut more = resource.clone();
    let members = more.as_object_mut().expect("an object");
    let element = definition.member(name).expect("a member").1;
    // The choice's other alternative makes room.
    members.retain(|other, _| definition.member(other).is_none_or(|(_, own)| !std::ptr::eq(own, element)));
    members.insert(name.to_owned(), value);
    errors(&more)
}

#[test]
fn each_element_of_every_type_is_judged_right_and_wrong() {
    for (id, definition) in each_resource_type() {
        let resource = least(id);
        for (member, element) in members_of(definition) {
            let place = format!("{}.{}", definition.name, member.name);
            let right = sample(element, member.element_type);
            let judged = |value| with(&resource, definition, &member.name, value);
            assert_eq!(judged(in_form(element, right.clone())), [], "{place}");

            let expression = format!("{}.{}", definition.name, element.name);
            let told = |issues: Vec<Issue>, key: IssueKey, expression: &str| {
                let found =
                    issues.iter().any(|issue| issue.key == key && issue.expression.as_deref() == Some(expression));
                assert!(found, "{place}: {key} at {expression} is missing in {issues:?}");
            };
            let other_form = if element.repeats() { right.clone() } else { json!([right]) };
            told(judged(other_form), IssueKey::TargetType, &expression);
            told(judged(Value::Null), IssueKey::TargetEmpty, &expression);

            let inner = if element.repeats() { format!("{expression}[0]") } else { expression };
            let wrong_type = match member.element_type {
                ElementType::Primitive(primitive) | ElementType::BarePrimitive(primitive)
                    if primitive.json_form() == JsonForm::Text =>
                {
                    json!(7)
                }
                _ => json!("seven"),
            };
            told(judged(in_form(element, wrong_type)), IssueKey::TargetType, &inner);
            if let ElementType::Object(_) = member.element_type {
                told(judged(in_form(element, json!({}))), IssueKey::TargetEmpty, &inner);
                let unknown = judged(in_form(element, json!({"nonsense": 1})));
                told(unknown, IssueKey::TargetUnknownElement, &format!("{inner}.nonsense"));
            }
            if element.binding.as_ref().and_then(required_code).is_some()
                && matches!(member.element_type, ElementType::Primitive(_))
            {
                told(judged(in_form(element, json!("not-one-of-them"))), IssueKey::TargetCode, &inner);
            }
        }
    }
}

/// Any small tree, of names that mean something in FHIR and of others.
fn tree() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "resourceType",
        "id",
        "_id",
        "extension",
        "url",
        "valueString",
        "_valueString",
        "name",
        "given",
        "_given",
        "contained",
        "birthDate",
        "_birthDate",
        "deceasedBoolean",
        "coding",
        "nonsense",
        "",
        "_",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::String),
        Just(json!("Patient")),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_patient_holds_is_judged_without_panic(tree in tree(), name in "[a-zA-Z_]{0,12}") {
        let mut patient = json!({"resourceType": "Patient"});
        if let (Some(members), Value::Object(generated)) = (patient.as_object_mut(), &tree) {
            members.extend(generated.clone());
        }
        judge(&patient);
        judge(&tree);
        patient["resourceType"] = json!("Patient");
        patient[&name] = tree;
        judge(&patient);
    }
}
