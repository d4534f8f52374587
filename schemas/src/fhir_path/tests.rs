//! Expressions over invented resources, and what they select.

use super::*;
use crate::definition::Definitions;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn holds(resource: &Value, expression: &str) -> Result<bool, EvaluationError> {
    let expression = Expression::compile(expression).expect("a well-formed expression");
    let types = Definitions::r4();
    let focus = Node::resource(resource, types);
    expression.holds(&Environment::of(types, &NoHost, focus), focus)
}

#[test]
fn every_invariant_of_r4_compiles_and_runs() {
    let r4 = Definitions::r4();
    let mut expressions: BTreeMap<&str, &str> = BTreeMap::new();
    for definition in r4.all() {
        let of_elements = definition.elements.iter().flat_map(|element| &element.invariants);
        for invariant in definition.invariants.iter().chain(of_elements) {
            expressions.insert(&invariant.expression, &invariant.key);
        }
    }
    assert!(expressions.len() > 180, "only {} expressions", expressions.len());
    let resource = json!({"resourceType": "Patient", "name": [{"family": "Ames"}]});
    for (text, key) in expressions {
        let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{key}: {error}: {text}"));
        let focus = Node::resource(&resource, r4);
        match expression.holds(&Environment::of(r4, &NoHost, focus), focus) {
            // Some ask what only their own element has, or what only a host knows.
            Ok(_) | Err(EvaluationError::NotAnswered(_) | EvaluationError::WrongType(_)) => {}
            Err(error) => panic!("{key}: {error}: {text}"),
        }
    }
}

#[test]
fn an_invariant_holds_or_does_not() {
    let contact = json!({"resourceType": "Patient", "contact": [{"name": {"family": "Ames"}}, {"gender": "female"}]});
    let period =
        json!({"resourceType": "Patient", "identifier": [{"period": {"start": "2026-03-02", "end": "2026-03-01"}}]});
    let observation = json!({
        "resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1-8"}]},
        "valueString": "x",
        "component": [{"code": {"coding": [{"code": "1-8", "system": "http://loinc.org"}]}}],
    });
    for (resource, expression, expected) in [
        (&contact, "contact.all(name.exists() or telecom.exists())", false),
        (&contact, "contact.first().name.exists()", true),
        (&contact, "name", false),
        (&contact, "contact", true),
        (&contact, "{}", false),
        (&contact, "'text'", true),
        (&contact, "contact.gender", true),
        (&contact, "name.exists() = false", true),
        (&period, "identifier.period.all(start.hasValue().not() or end.hasValue().not() or (start <= end))", false),
        (
            &observation,
            "value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()",
            false,
        ),
    ] {
        assert_eq!(holds(resource, expression), Ok(expected), "{expression}");
    }
}

/// What an expression selects, written out; an error as its text.
fn selected(resource: &Value, expression: &str) -> Vec<String> {
    let compiled = Expression::compile(expression).unwrap_or_else(|error| panic!("{error}: {expression}"));
    let types = Definitions::r4();
    let focus = Node::resource(resource, types);
    let environment = Environment {
        now: DateTime::read_date_time("2026-11-22T09:30:00+00:00"),
        steps: 300_000,
        ..Environment::of(types, &NoHost, focus)
    };
    match compiled.evaluate(&environment, focus) {
        Ok(items) => items.iter().map(written).collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn written(item: &Item<'_>) -> String {
    match item {
        Item::Node(Node { value: Some(Value::String(text)), .. }) => text.clone(),
        Item::Node(node) => node.value.or(node.companion).map(Value::to_string).unwrap_or_default(),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(value) => value.to_string(),
        Item::String(value) => value.to_string(),
        Item::DateTime(value) => value.to_string(),
        Item::Quantity(value) => value.to_string(),
        Item::Type(value) => format!("{value:?}"),
    }
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "p",
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Ward"}],
        "extension": [
            {"url": "http://example.org/a", "valueQuantity": {"value": 1.50, "unit": "g", "code": "g",
                "system": "http://unitsofmeasure.org"}},
            {"url": "http://example.org/b", "_valueString": {"extension": [{"url": "http://example.org/why"}]}},
        ],
        "name": [
            {"family": "Ames", "given": ["Ada", null], "_given": [null, {"id": "second"}]},
            {"family": "Özil", "use": "old"},
        ],
        "_gender": {"extension": [{"url": "http://example.org/why", "valueCode": "unknown"}]},
        "birthDate": "1950-01",
        "deceasedBoolean": false,
        "managingOrganization": {"reference": "#o"},
    })
}

#[test]
fn paths_lead_to_what_fhir_means_by_them() {
    let patient = patient();
    for (expression, expected) in [
        ("Patient.name.family", &["Ames", "Özil"][..]),
        ("Observation.name", &[]),
        ("Resource.id", &["p"]),
        ("deceased", &["false"]),
        ("deceasedBoolean", &[]),
        ("deceased is boolean", &["true"]),
        ("deceased.is(Boolean)", &["false"]),
        ("deceased is System.Boolean", &["false"]),
        ("(1).is(System.Integer)", &["true"]),
        ("birthDate.type().name", &["date"]),
        ("name.given.count()", &["2"]),
        ("name.given.hasValue()", &["false"]),
        ("name.given.select(hasValue())", &["true", "false"]),
        ("name.given.id", &["second"]),
        ("gender.exists() and gender.hasValue().not()", &["true"]),
        ("gender.extension('http://example.org/why').value", &["unknown"]),
        ("extension('http://example.org/a').value.value", &["1.5"]),
        ("extension('http://example.org/a').value is Quantity", &["true"]),
        ("extension('http://example.org/b').value.extension.url", &["http://example.org/why"]),
        ("extension('http://example.org/c').value", &[]),
        ("extension.value.ofType(Quantity).unit", &["g"]),
        ("managingOrganization.resolve().name", &["Ward"]),
        ("managingOrganization.resolve() is Organization", &["true"]),
        ("managingOrganization.resolve() is DomainResource", &["true"]),
        ("contained.name", &["Ward"]),
        ("contained.descendants().count()", &["2"]),
        ("name[1].family", &["Özil"]),
        ("name[2].family", &[]),
        ("name.where($index = 1).family", &["Özil"]),
        ("name.family.length()", &["`length` was given more than one value"]),
        ("%ucum", &["http://unitsofmeasure.org"]),
        ("%nothing", &["there is no variable `%nothing`"]),
        ("name as Nothing", &["there is no type `Nothing`"]),
        ("elementDefinition()", &["elementDefinition is not supported"]),
    ] {
        let expected: Vec<String> = expected.iter().map(|text| text.replace('`', "")).collect();
        let got: Vec<String> = selected(&patient, expression).iter().map(|text| text.replace('`', "")).collect();
        assert_eq!(got, expected, "{expression}");
    }
}

#[test]
fn values_are_compared_and_counted_exactly() {
    let patient = patient();
    for (expression, expected) in [
        ("0.1 + 0.2", "0.3"),
        ("1.10 = 1.1", "true"),
        ("extension.value.ofType(Quantity) = 1500 'mg'", "true"),
        ("extension.value.ofType(Quantity) > 1 'kg'", "false"),
        ("1 'g' = 1 'm'", ""),
        ("birthDate = @1950-01-05", ""),
        ("birthDate < @1950-02-01", "true"),
        ("birthDate = '1950-01'", "true"),
        ("@2024-02-29 + 1 year", "2025-02-28"),
        ("@2024-01-31 + 1 month", "2024-02-29"),
        ("@2024 + 25 months", "2026"),
        ("@T23:30 + 1 hour", "00:30"),
        ("@2026-01-01T00:30:00+01:00 = @2025-12-31T23:30:00Z", "true"),
        ("@9999-12-31 + 1 day", ""),
        ("today()", "2026-11-22"),
        ("'Özil'.length()", "4"),
        ("'Özil'.substring(1, 2)", "zi"),
        ("'Özil'.indexOf('z')", "1"),
        ("'a' ~ 'A '", "true"),
        ("9223372036854775807 + 1", ""),
        ("7 div 0", ""),
        ("10.power(40)", ""),
        ("'x'.matches('^[a-z\\\\/]$')", "true"),
        ("'x'.matches('(')", "the regular expression cannot be used"),
        ("iif(name.exists(), 'a', 1 / 'b')", "a"),
        ("name.given.first() in ('Ada' | 'Bea')", "true"),
        ("'x' in {}", "false"),
        ("{} in ('x')", ""),
        ("(1 | 2 | 2.0 | '2').count()", "3"),
        ("name.family.repeat($this).count()", "2"),
    ] {
        assert_eq!(selected(&patient, expression).join(","), expected, "{expression}");
    }
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    for (text, position) in [
        ("", 0),
        ("name.", 5),
        ("name..given", 5),
        ("name given", 5),
        ("name.where(", 11),
        ("name.where()", 5),
        ("name.nothing()", 5),
        ("'open", 0),
        ("`open", 0),
        ("@2026-13", 0),
        ("1 +", 3),
        ("a /* b", 2),
        ("§", 0),
        ("'\\q'", 0),
        ("99999999999999999999", 20),
        ("$that", 0),
        ("%", 1),
    ] {
        let error = Expression::compile(text).map(|_| ()).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
    }
}

#[test]
fn hostile_expressions_are_refused_or_stopped() {
    let nested = ["(".repeat(15_000), "-".repeat(15_000), "a.".repeat(9_000) + "a", "a+".repeat(9_000) + "a"];
    for text in &nested {
        assert!(Expression::compile(text).is_err());
    }
    assert!(Expression::compile(&" ".repeat(MOST_CHARACTERS + 1)).is_err());
    let patient = patient();
    let twice = |times: usize| (0..times).fold("name".to_owned(), |inner, _| format!("{inner}.combine(name|name)"));
    for text in [
        "descendants()".to_owned() + &".descendants()".repeat(2) + &".select(%resource.descendants())".repeat(12),
        "name".to_owned() + &".select(%resource.name | %resource.contained)".repeat(12) + ".combine(name).count() = 1",
        "name.aggregate($total & 'xxxxxxxxxxxxxxxx', 'x')".to_owned()
            + &".replace('x', 'xxxxxxxxxxxxxxxxxxxxxxxx')".repeat(6),
        "'x'".to_owned() + &".replace('', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')".repeat(8),
        "name.repeat(1 | 2 | 3)".to_owned() + &".select((1|2|3|4|5|6|7|8|9).combine($this))".repeat(8),
    ] {
        let got = selected(&patient, &text);
        assert!(got.len() < 2, "{} values: {text}", got.len());
    }
    assert_eq!(selected(&patient, &(twice(20) + ".count()")).len(), 1);
}

#[test]
fn the_deepest_expression_and_resource_fit_the_stack_of_a_thread() {
    let mut deep = json!({"url": "http://example.org/a"});
    for _ in 0..120 {
        deep = json!({"url": "http://example.org/a", "extension": [deep]});
    }
    let resource = json!({"resourceType": "Patient", "extension": [deep]});
    let chain = "extension".to_owned() + &".where(true)".repeat((MOST_NESTING - 6) / 2) + ".exists()";
    let parentheses = "(".repeat(MOST_NESTING - 2) + "true" + &")".repeat(MOST_NESTING - 2);
    let inside = "iif(true, ".repeat(MOST_NESTING / 2 - 4) + "true" + &")".repeat(MOST_NESTING / 2 - 4);
    let existing = "extension.exists(".repeat(MOST_NESTING / 3) + "true" + &")".repeat(MOST_NESTING / 3);
    let sum = "1".to_owned() + &" + 0".repeat(MOST_NESTING - 4) + " = 1";
    let descendants = "descendants().count() > 100".to_owned();
    for (name, text) in [
        ("chain", chain),
        ("parentheses", parentheses),
        ("inside", inside),
        ("existing", existing),
        ("sum", sum),
        ("descendants", descendants),
    ] {
        let resource = resource.clone();
        // Threads of servers have two megabytes.
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(2 << 20);
        let verdict = thread.spawn(move || holds(&resource, &text)).expect("a thread").join().expect("no overflow");
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
    }
}

#[test]
fn a_selected_place_can_be_found_again() {
    let patient = patient();
    let types = Definitions::r4();
    for (text, pointer) in [
        ("name[1].family", "/name/1/family"),
        ("extension[1].value", "/extension/1/_valueString"),
        ("contained.name", "/contained/0/name"),
        ("$this", ""),
    ] {
        let expression = Expression::compile(text).expect("an expression");
        let focus = Node::resource(&patient, types);
        let items = expression.evaluate(&Environment::of(types, &NoHost, focus), focus).expect("values");
        let [Item::Node(node)] = items.as_slice() else { panic!("{text}") };
        assert_eq!(pointer_to(&patient, node).as_deref(), Some(pointer), "{text}");
    }
}
