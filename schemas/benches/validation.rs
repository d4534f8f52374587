//! What validation costs: invariants of R4 one by one.

use divan::Bencher;
use ginnel_schemas::definition::Definitions;
use ginnel_schemas::fhir_path::{Environment, Expression, Host, Node, TypeId, Types};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// A host as a validator has it, for invariants that ask one.
struct Lenient;

impl Host<'_> for Lenient {
    fn html_checks(&self, _text: &str) -> Option<bool> {
        Some(true)
    }
}

/// An invariant on the value that a pointer into the resource leads to, of a type by name.
fn invariant(bencher: Bencher, resource: &Value, pointer: &str, type_name: &str, text: &str) {
    let types: &dyn Types = Definitions::r4();
    let expression = Expression::compile(text).expect("an expression");
    let value = resource.pointer(pointer).expect("a value");
    let focus = Node::of_type(value, types.named(type_name).unwrap_or(TypeId::UNKNOWN));
    let root = Node::resource(resource, types);
    bencher.bench_local(|| {
        let environment = Environment::of(types, &Lenient, root);
        expression.holds(divan::black_box(&environment), divan::black_box(focus)).expect("a verdict")
    });
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "pat-1",
        "meta": {"versionId": "3"},
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A</div>"},
        "identifier": [{
            "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018",
            "period": {"start": "2020-01-01", "end": "2026-01-01T10:00:00Z"},
        }],
        "name": [{"use": "official", "family": "Ames", "given": ["Ada", "Bea"]}],
        "gender": "female",
        "birthDate": "1950-01-31",
        "contact": [{"name": {"family": "Ames"}, "gender": "male"}],
        "managingOrganization": {"reference": "Organization/o-1"},
    })
}

fn observation() -> Value {
    let code = |code: &str| json!({"coding": [{"system": "http://loinc.org", "code": code}]});
    json!({
        "resourceType": "Observation",
        "status": "final",
        "code": code("85354-9"),
        "valueQuantity": {"value": 120.0, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
        "component": [{"code": code("8480-6")}, {"code": code("8462-4")}],
    })
}

#[divan::bench]
fn dom_3_without_contained(bencher: Bencher) {
    let text = "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | \
                %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = \
                '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) \
                = '#').exists()).not()).trace('unmatched', id).empty()";
    invariant(bencher, &patient(), "", "Patient", text);
}

#[divan::bench]
fn dom_6(bencher: Bencher) {
    invariant(bencher, &patient(), "", "Patient", "text.`div`.exists()");
}

#[divan::bench]
fn pat_1(bencher: Bencher) {
    let text = "name.exists() or telecom.exists() or address.exists() or organization.exists()";
    invariant(bencher, &patient(), "/contact/0", "Patient.contact", text);
}

#[divan::bench]
fn per_1(bencher: Bencher) {
    let text = "start.hasValue().not() or end.hasValue().not() or (start <= end)";
    invariant(bencher, &patient(), "/identifier/0/period", "Period", text);
}

#[divan::bench]
fn ref_1(bencher: Bencher) {
    let text = "reference.startsWith('#').not() or (reference.substring(1).trace('url') in \
                %rootResource.contained.id.trace('ids'))";
    invariant(bencher, &patient(), "/managingOrganization", "Reference", text);
}

#[divan::bench]
fn ele_1(bencher: Bencher) {
    invariant(bencher, &patient(), "/name/0", "HumanName", "hasValue() or (children().count() > id.count())");
}

#[divan::bench]
fn obs_7(bencher: Bencher) {
    let text = "value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()";
    invariant(bencher, &observation(), "", "Observation", text);
}

#[divan::bench]
fn bdl_7_on_50_entries(bencher: Bencher) {
    let entry = |at: usize| {
        json!({
            "fullUrl": format!("urn:uuid:00000000-0000-4000-8000-{at:012}"),
            "resource": {"resourceType": "Patient", "meta": {"versionId": "1"}},
        })
    };
    let entries: Vec<Value> = (0..50).map(entry).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let text =
        "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()";
    invariant(bencher, &bundle, "", "Bundle", text);
}
