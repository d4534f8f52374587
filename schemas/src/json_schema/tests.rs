//! Tables of schema and payload -> issues.

use super::*;
use crate::issue::Severity;
use serde_json::json;

fn compiled(schema: Value) -> SourceSchema {
    SourceSchema::compile(&schema).expect("a valid schema")
}

/// `severity key pointer` of each issue, sorted.
fn found(schema: &Value, payload: &Value) -> Vec<String> {
    let mut rows: Vec<String> = compiled(schema.clone())
        .check(payload)
        .iter()
        .map(|issue| {
            let pointer = issue.pointer.as_deref().expect("every issue has its place");
            let shown = if pointer.is_empty() { "(whole)" } else { pointer };
            format!("{} {} {shown}", issue.severity.code(), issue.key)
        })
        .collect();
    rows.sort();
    rows
}

fn client_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["id", "first_name"],
        "additionalProperties": false,
        "properties": {
            "id": {"type": "integer", "minimum": 1},
            "first_name": {"type": "string", "minLength": 1, "maxLength": 5},
            "dob": {"type": "string", "format": "date"},
            "gender": {"type": ["string", "null"], "enum": ["M", "F", null]},
            "level": {"enum": [1, 2, 3]},
            "deceased": {"const": false},
            "contacts": {"type": "array", "items": {"$ref": "#/$defs/contact"}, "maxItems": 2}
        },
        "$defs": {
            "contact": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": false,
                "properties": {"name": {"type": "string"}, "phone": {"type": "string", "pattern": "^[0-9 ]+$"}}
            }
        }
    })
}

#[test]
fn every_fault_is_named_at_once_at_its_deepest_place() {
    let payload = json!({
        "id": "7",
        "firstName": "Zebedee",
        "dob": "2026-02-30",
        "gender": "Zed",
        "level": 9,
        "deceased": true,
        "contacts": [{"name": "Zara", "phone": "zero"}, {"phon": "1"}, 5]
    });
    assert_eq!(
        found(&client_schema(), &payload),
        [
            "error source.format /dob",
            "error source.required-missing (whole)",
            "error source.required-missing /contacts/1",
            "error source.rule /contacts",
            "error source.rule /contacts/0/phone",
            "error source.rule /deceased",
            "error source.type /contacts/2",
            "error source.type /id",
            "warning source.unknown-code /gender",
            "warning source.unknown-code /level",
            "warning source.unknown-field /contacts/1/phon",
            "warning source.unknown-field /firstName",
        ]
    );
    let issues = compiled(client_schema()).check(&payload);
    for masked in ["Zebedee", "2026-02-30", "Zed", "Zara", "zero"] {
        assert!(!format!("{issues:?}").contains(masked), "{masked} is told");
    }
    let hint_at = |pointer: &str, key: IssueKey| {
        let issue = issues.iter().find(|issue| issue.pointer.as_deref() == Some(pointer) && issue.key == key);
        issue.and_then(|issue| issue.hint.clone()).expect("a hint")
    };
    assert_eq!(hint_at("/firstName", IssueKey::SourceUnknownField), "did you mean `first_name`?");
    assert_eq!(hint_at("/contacts/1/phon", IssueKey::SourceUnknownField), "did you mean `phone`?");
    assert_eq!(hint_at("/gender", IssueKey::SourceUnknownCode), "allowed: `M`, `F`");
    assert_eq!(hint_at("/level", IssueKey::SourceUnknownCode), "allowed: 1, 2, 3");
    assert!(hint_at("", IssueKey::SourceRequired).contains("rename `firstName` to `first_name`"));
}

#[test]
fn both_sides_of_each_boundary() {
    for (part, fits, broken, key) in [
        (json!({"type": "integer"}), vec![json!(1), json!(-3)], vec![json!(1.5), json!("1"), json!(null)], "type"),
        (json!({"type": ["string", "null"]}), vec![json!(""), json!(null)], vec![json!(1), json!([])], "type"),
        (json!({"minLength": 1}), vec![json!("a")], vec![json!("")], "rule"),
        (json!({"maxLength": 2}), vec![json!("éé")], vec![json!("abc")], "rule"),
        (json!({"minimum": 0.5}), vec![json!(0.5)], vec![json!(0.49)], "rule"),
        (json!({"exclusiveMaximum": 3}), vec![json!(2.99)], vec![json!(3), json!(3.0)], "rule"),
        (json!({"multipleOf": 0.1}), vec![json!(0.3), json!(1)], vec![json!(0.35)], "rule"),
        (json!({"uniqueItems": true}), vec![json!([1, 2])], vec![json!([1, 1])], "rule"),
        (json!({"minItems": 1}), vec![json!([0])], vec![json!([])], "rule"),
        (json!({"pattern": "^[A-Z]{2}$"}), vec![json!("AB")], vec![json!("ABC"), json!("aB")], "rule"),
        (json!({"not": {"type": "null"}}), vec![json!(0)], vec![json!(null)], "rule"),
        (json!({"contains": {"const": 1}}), vec![json!([0, 1])], vec![json!([0])], "rule"),
        (json!({"propertyNames": {"pattern": "^[a-z]+$"}}), vec![json!({"a": 1})], vec![json!({"A": 1})], "rule"),
        (json!({"oneOf": [{"minimum": 1}, {"maximum": 2}]}), vec![json!(0), json!(3)], vec![json!(1)], "rule"),
        (
            json!({"format": "date"}),
            vec![json!("2024-02-29"), json!("2026-12-31")],
            vec![json!("2026-02-29"), json!("2026-13-01"), json!("26-01-01"), json!("01/02/2026"), json!("")],
            "format",
        ),
        (
            json!({"format": "date-time"}),
            vec![json!("2026-03-01T09:30:00Z"), json!("2026-03-01T09:30:00.125+01:00")],
            vec![
                json!("2026-03-01T09:30:00"),
                json!("2026-02-30T09:30:00Z"),
                json!("2026-03-01"),
                json!("2026-03-01T25:00:00Z"),
            ],
            "format",
        ),
        (
            json!({"format": "time"}),
            vec![json!("09:30:00Z")],
            vec![json!("9:30"), json!("24:00:00Z"), json!("09:30:00")],
            "format",
        ),
        (
            json!({"format": "uuid"}),
            vec![json!("6f9619ff-8b86-d011-b42d-00cf4fc964ff")],
            vec![json!("6f9619ff8b86d011b42d00cf4fc964ff"), json!("6f9619ff-8b86-d011-b42d-00cf4fc964f")],
            "format",
        ),
        (json!({"format": "email"}), vec![json!("a.b@example.org")], vec![json!("a.b"), json!("a@@b")], "format"),
        (
            json!({"format": "uri"}),
            vec![json!("https://example.org/a")],
            vec![json!("/a"), json!("not a uri")],
            "format",
        ),
    ] {
        let schema = json!({"properties": {"it": part}});
        for value in fits {
            assert_eq!(found(&schema, &json!({"it": value})), Vec::<String>::new(), "{part} {value}");
        }
        for value in broken {
            let rows = found(&schema, &json!({"it": value}));
            assert_eq!(rows.len(), 1, "{part} {value}: {rows:?}");
            assert!(rows[0].starts_with(&format!("error source.{key} /it")), "{part} {value}: {rows:?}");
        }
    }
}

#[test]
fn a_failed_choice_tells_the_faults_of_the_alternative_that_was_meant() {
    let schema = json!({"properties": {"event": {"oneOf": [
        {"type": "null"},
        {
            "type": "object", "required": ["kind", "at"], "additionalProperties": false,
            "properties": {"kind": {"const": "visit"}, "at": {"type": "string", "format": "date-time"}}
        },
        {
            "type": "object", "required": ["kind", "dose"], "additionalProperties": false,
            "properties": {"kind": {"const": "medicine"}, "dose": {
                "anyOf": [{"type": "number", "minimum": 0}, {"type": "object", "required": ["unit"]}]
            }}
        }
    ]}}});
    for (event, expected) in [
        (json!(null), vec![]),
        (json!({"kind": "visit", "at": "2026-01-01T00:00:00Z"}), vec![]),
        (json!({"kind": "visit", "at": "yesterday"}), vec!["error source.format /event/at"]),
        (json!({"kind": "medicine", "dose": -1}), vec!["error source.rule /event/dose"]),
        (json!({"kind": "medicine", "dose": {}}), vec!["error source.required-missing /event/dose"]),
        (json!({"kind": "medicine", "dose": "two"}), vec!["error source.type /event/dose"]),
        (json!({"kind": "medicine", "dose": 1, "note": 1}), vec!["warning source.unknown-field /event/note"]),
        (json!({"kind": "medicine"}), vec!["error source.required-missing /event"]),
        (json!("visit"), vec!["error source.type /event"]),
    ] {
        assert_eq!(found(&schema, &json!({"event": event})), expected, "{event}");
    }
}

#[test]
fn alternatives_that_are_constants_make_one_list_of_codes() {
    let schema = json!({"properties": {"status": {"oneOf": [
        {"const": "A", "title": "active"}, {"const": "S", "title": "stopped"}, {"enum": ["H", "C"]}, {"type": "null"}
    ]}}});
    assert_eq!(found(&schema, &json!({"status": "X"})), ["warning source.unknown-code /status"]);
    assert_eq!(found(&schema, &json!({"status": 1})), ["error source.type /status"]);
    assert!(found(&schema, &json!({"status": "C"})).is_empty());
    let issues = compiled(schema).check(&json!({"status": "X"}));
    assert_eq!(issues[0].hint.as_deref(), Some("allowed: `A`, `S`, `H`, `C`"));
}

#[test]
fn an_unknown_member_is_told_under_every_way_to_forbid_it() {
    for schema in [
        json!({"properties": {"a": {}}, "additionalProperties": false}),
        json!({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": false}),
        json!({"properties": {"a": {}}, "propertyNames": {"enum": ["a"]}}),
        json!({"$ref": "#/$defs/x", "$defs": {"x": {"properties": {"a": {}}, "additionalProperties": false}}}),
    ] {
        assert_eq!(found(&schema, &json!({"a": 1, "b/c": 2})), ["warning source.unknown-field /b~1c"], "{schema}");
        assert!(found(&schema, &json!({"a": 1})).is_empty(), "{schema}");
    }
}

#[test]
fn a_known_member_is_not_called_unknown_because_another_rule_failed() {
    let schema = json!({
        "allOf": [{"properties": {"a": {"type": "string"}, "b": {}}}],
        "oneOf": [{"required": ["c"], "properties": {"c": {}}}, {"required": ["d"], "properties": {"d": {}}}],
        "unevaluatedProperties": false
    });
    for (payload, expected) in [
        (json!({"a": "x", "b": 1, "c": 1}), vec![]),
        (json!({"a": 1, "b": 1, "c": 1}), vec!["error source.type /a"]),
        (json!({"a": 1, "c": 1, "z": 1}), vec!["error source.type /a", "warning source.unknown-field /z"]),
        (json!({"c": 1, "d": 1}), vec!["error source.rule (whole)"]),
    ] {
        assert_eq!(found(&schema, &payload), expected, "{payload}");
    }
    // Known to an alternative that was not taken: nothing else tells why it is refused, so this must.
    let alternatives = json!({
        "anyOf": [{"required": ["c"], "properties": {"c": {}}}, {"required": ["d"], "properties": {"d": {"type": "null"}}}],
        "unevaluatedProperties": false
    });
    assert_eq!(found(&alternatives, &json!({"c": 1, "d": 1})), ["warning source.unknown-field /d"]);
}

#[test]
fn draft_7_is_known_by_its_schema_member() {
    let of_draft_7 = compiled(json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"d": {"type": "string", "format": "date"}},
        "items": [{"$ref": "#/definitions/d"}, {"type": "integer"}]
    }));
    assert!(of_draft_7.check(&json!(["2026-01-31", 1])).is_empty());
    assert_eq!(of_draft_7.check(&json!(["2026-01-32", "1"])).len(), 2);
}

#[test]
fn a_schema_that_cannot_be_used_is_refused_when_compiled() {
    for schema in
        [json!({"type": "text"}), json!({"minimum": "1"}), json!({"pattern": "("}), json!({"pattern": "(?=a)b"})]
    {
        assert!(matches!(SourceSchema::compile(&schema), Err(SchemaError::Invalid { .. })), "{schema}");
    }
    for reference in ["https://example.org/other.json", "file:///etc/hosts", "#/$defs/none", "other.json"] {
        let outcome = SourceSchema::compile(&json!({"$ref": reference}));
        assert!(matches!(outcome, Err(SchemaError::Reference { .. })), "{reference}: {outcome:?}");
    }
}

#[test]
fn hostile_patterns_and_numbers_cost_no_time() {
    let started = std::time::Instant::now();
    let schema = compiled(json!({"properties": {
        "text": {"type": "string", "pattern": "^(a+)+$"},
        "number": {"type": "integer", "minimum": 0, "maximum": 10, "multipleOf": 3}
    }}));
    let text = format!("{}!", "a".repeat(100_000));
    assert_eq!(schema.check(&json!({"text": text})).len(), 1);
    for number in ["1e999999999", "-1e-999999999", &"9".repeat(100_000), &format!("0.{}1", "0".repeat(100_000))] {
        let payload = crate::json::parse(format!("{{\"number\":{number}}}").as_bytes(), Default::default());
        assert!(!schema.check(&payload.expect("well formed")).is_empty());
    }
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn a_payload_fits_unless_an_error_is_found_or_no_member_is_known() {
    let strict = compiled(client_schema());
    for (payload, expected) in [
        (json!({"id": 1, "first_name": "Ann"}), true),
        (json!({"id": 1, "first_name": "Ann", "shoe": 5, "gender": "X"}), true),
        (json!({"id": 1}), false),
        (json!({"id": 1, "first_name": 7}), false),
        (json!([]), false),
    ] {
        assert_eq!(strict.fits(&payload), expected, "{payload}");
    }
    let lax = compiled(json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false}));
    for (payload, expected) in [
        (json!({}), true),
        (json!({"a": 1}), true),
        (json!({"a": 1, "b": 1}), true),
        (json!({"b": 1, "c": {"b": 1}}), false),
    ] {
        assert_eq!(lax.fits(&payload), expected, "{payload}");
    }
}

#[test]
fn a_flood_of_faults_is_bounded_and_still_refuses_the_whole() {
    let schema = compiled(json!({"items": {"type": "string"}}));
    let issues = schema.check(&Value::Array(vec![json!(1); MOST_ISSUES + 5]));
    assert_eq!(issues.len(), MOST_ISSUES + 1);
    let last = issues.last().expect("a last one");
    assert_eq!((last.severity, last.pointer.as_deref()), (Severity::Error, Some("")));
    assert_eq!(last.text, "5 more findings are not listed.");
    let exact = schema.check(&Value::Array(vec![json!(1); MOST_ISSUES]));
    assert_eq!(exact.len(), MOST_ISSUES);
}

#[test]
fn sentences_name_the_member_and_what_is_wanted() {
    for (schema, payload, text) in [
        (json!({"properties": {"dob": {"type": "string"}}}), json!({"dob": 1}), "`dob` must be text, not a number."),
        (json!({"type": "object"}), json!([]), "The payload must be an object, not a list."),
        (
            json!({"items": {"type": "integer"}}),
            json!([1.5]),
            "An item of the payload must be a whole number, not a number with a fraction.",
        ),
        (
            json!({"properties": {"v": {"items": {"format": "date"}}}}),
            json!({"v": ["x"]}),
            "An item of `v` must be a date that exists, written YYYY-MM-DD.",
        ),
        (json!({"required": ["id"]}), json!({}), "The payload lacks the required member `id`."),
        (json!({"properties": {"n": {"maxLength": 2}}}), json!({"n": "abc"}), "`n` must have at most 2 characters."),
    ] {
        assert_eq!(compiled(schema).check(&payload)[0].text, text);
    }
}

#[test]
fn a_rule_is_told_with_the_words_of_the_schema() {
    let name = json!({"properties": {"ref": {"description": "A whole URL.", "$ref": "#/$defs/url"}},
        "$defs": {"url": {"description": " Starts with https. ", "pattern": "^https:", "format": "uri"}}});
    let hints: Vec<_> = compiled(name).check(&json!({"ref": "x y"})).into_iter().map(|issue| issue.hint).collect();
    let wanted = Some("what the schema says of it: Starts with https.".to_owned());
    assert_eq!(hints, [wanted.clone(), wanted]);

    // Around the alternative, but not of another value; and without a description there is nothing to say.
    for (schema, wanted) in [
        (json!({"description": "Even.", "allOf": [{"not": {"const": 3}}]}), Some("what the schema says of it: Even.")),
        (json!({"description": "All of it.", "items": {"maximum": 2}}), None),
        (json!({"maximum": 2, "description": "  "}), None),
    ] {
        let payload = if schema.get("items").is_some() { json!([3]) } else { json!(3) };
        assert_eq!(compiled(schema).check(&payload)[0].hint.as_deref(), wanted);
    }
}
