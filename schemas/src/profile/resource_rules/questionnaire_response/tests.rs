//! Answers with one fault each, against invented questionnaires.

use crate::issue::Severity;
use crate::profile::resource_rules::table::{assert_places, errors, found, issues};
use serde_json::{Value, json};

const URL: &str = "https://forms.example/Questionnaire/q";

fn form(items: Value) -> Value {
    json!({"resourceType": "Questionnaire", "url": URL, "status": "active", "item": items})
}

fn answers(items: Value) -> Value {
    json!({"resourceType": "QuestionnaireResponse", "questionnaire": URL, "status": "completed", "item": items})
}

/// One question, and one item with these answers.
fn answered(mut question: Value, values: Value) -> (Value, Value) {
    question["linkId"] = json!("q");
    (form(json!([question])), answers(json!([{"linkId": "q", "answer": values}])))
}

fn extension(name: &str, member: &str, value: Value) -> Value {
    let mut extension = json!({"url": format!("http://hl7.org/fhir/StructureDefinition/{name}")});
    extension[member] = value;
    extension
}

const VALUE: &str = "QuestionnaireResponse.item[0].answer[0].value";

#[test]
fn items_are_known_in_order_and_where_they_belong() {
    let form = [form(json!([
        {"linkId": "a", "type": "string"},
        {"linkId": "g", "type": "group", "repeats": true, "item": [{"linkId": "g1", "type": "boolean"}]},
        {"linkId": "d", "type": "display"},
        {"linkId": "z", "type": "string", "item": [{"linkId": "z1", "type": "string"}]}
    ]))];
    let yes = json!([{"valueBoolean": true}]);
    let word = json!([{"valueString": "x"}]);
    assert_places(
        &form,
        [
            (answers(json!([{"linkId": "a", "answer": word}, {"linkId": "d"}])), &[]),
            (answers(json!([{"linkId": "g", "item": [{"linkId": "g1", "answer": yes}]}, {"linkId": "g"}])), &[]),
            (answers(json!([{"linkId": "nope"}])), &["QuestionnaireResponse.item[0]"]),
            (answers(json!([{"linkId": "z"}, {"linkId": "a"}])), &["QuestionnaireResponse.item[1]"]),
            (answers(json!([{"linkId": "g1", "answer": yes}])), &["QuestionnaireResponse.item[0]"]),
            (answers(json!([{"linkId": "a"}, {"linkId": "a"}])), &["QuestionnaireResponse.item[1]"]),
            (answers(json!([{"linkId": "g", "answer": yes}])), &["QuestionnaireResponse.item[0]"]),
            (answers(json!([{"linkId": "d", "answer": yes}])), &["QuestionnaireResponse.item[0]"]),
            (answers(json!([{"linkId": "d", "item": [{"linkId": "a"}]}])), &["QuestionnaireResponse.item[0]"]),
            (answers(json!([{"linkId": "z", "item": [{"linkId": "z1"}]}])), &["QuestionnaireResponse.item[0]"]),
            (
                answers(
                    json!([{"linkId": "z", "answer": [{"valueString": "x", "item": [{"linkId": "z1", "answer": word}]}]}]),
                ),
                &[],
            ),
            (
                answers(
                    json!([{"linkId": "z", "answer": [{"valueString": "x", "item": [{"linkId": "z1", "answer": yes}]}]}]),
                ),
                &["QuestionnaireResponse.item[0].answer[0].item[0].answer[0].value"],
            ),
            (
                answers(json!([{"linkId": "a", "answer": [{"valueString": "x", "item": [{"linkId": "z1"}]}]}])),
                &["QuestionnaireResponse.item[0].answer[0].item[0]"],
            ),
        ],
    );
}

#[test]
fn required_items_are_there_unless_the_answers_are_in_progress() {
    let form = [form(json!([
        {"linkId": "a", "type": "string", "required": true},
        {"linkId": "g", "type": "group", "item": [{"linkId": "g1", "type": "string", "required": true}]}
    ]))];
    let word = json!([{"valueString": "x"}]);
    assert_places(
        &form,
        [
            (answers(json!([{"linkId": "a", "answer": word}])), &[]),
            (answers(json!([])), &["QuestionnaireResponse"]),
            (answers(json!([{"linkId": "a"}])), &["QuestionnaireResponse.item[0]"]),
            (
                answers(json!([{"linkId": "a", "answer": word}, {"linkId": "g", "item": []}])),
                &["QuestionnaireResponse.item[1]"],
            ),
        ],
    );
    let mut begun = answers(json!([]));
    begun["status"] = json!("in-progress");
    assert!(errors(&begun, &form).is_empty());
    assert_eq!(found(&begun, &form, Severity::Warning).len(), 1);
}

#[test]
fn counts_keep_to_the_occurrences_allowed() {
    let occurs =
        |name: &str, count: u32| extension(&format!("questionnaire-{name}Occurs"), "valueInteger", json!(count));
    let two = json!([{"valueString": "x"}, {"valueString": "y"}]);
    for (question, values, expected) in [
        (json!({"type": "string"}), two.clone(), 1),
        (json!({"type": "string", "repeats": true}), two.clone(), 0),
        (json!({"type": "string", "repeats": true, "extension": [occurs("min", 3)]}), two.clone(), 1),
        (json!({"type": "string", "repeats": true, "extension": [occurs("min", 2), occurs("max", 2)]}), two.clone(), 0),
        (json!({"type": "string", "repeats": true, "extension": [occurs("max", 1)]}), two, 1),
    ] {
        let (form, answers) = answered(question, values);
        assert_eq!(errors(&answers, std::slice::from_ref(&form)).len(), expected, "{form}");
    }
    let (form, mut unanswered) = answered(json!({"type": "string", "extension": [occurs("min", 2)]}), json!([]));
    unanswered["item"] = json!([{"linkId": "q"}]);
    assert_places(&[form], [(unanswered, &["QuestionnaireResponse.item[0]"])]);
}

#[test]
fn an_answer_has_the_type_of_its_question() {
    for (question_type, fits, does_not) in [
        ("boolean", json!({"valueBoolean": true}), json!({"valueString": "true"})),
        ("decimal", json!({"valueDecimal": 1.5}), json!({"valueInteger": 1})),
        ("integer", json!({"valueInteger": 1}), json!({"valueDecimal": 1.0})),
        ("date", json!({"valueDate": "2026-01-01"}), json!({"valueDateTime": "2026-01-01"})),
        ("dateTime", json!({"valueDateTime": "2026"}), json!({"valueDate": "2026"})),
        ("time", json!({"valueTime": "10:00:00"}), json!({"valueString": "10:00:00"})),
        ("string", json!({"valueString": "x"}), json!({"valueUri": "x:y"})),
        ("text", json!({"valueString": "x"}), json!({"valueCoding": {"code": "x"}})),
        ("url", json!({"valueUri": "x:y"}), json!({"valueString": "x:y"})),
        ("attachment", json!({"valueAttachment": {"title": "x"}}), json!({"valueString": "x"})),
        ("reference", json!({"valueReference": {"display": "x"}}), json!({"valueUri": "x:y"})),
        ("quantity", json!({"valueQuantity": {"value": 1}}), json!({"valueDecimal": 1})),
        ("choice", json!({"valueCoding": {"code": "x"}}), json!({"valueDecimal": 1})),
        ("open-choice", json!({"valueString": "x"}), json!({"valueBoolean": true})),
    ] {
        let (form, right) = answered(json!({"type": question_type}), json!([fits]));
        assert_eq!(errors(&right, std::slice::from_ref(&form)), Vec::<String>::new(), "{question_type}");
        let (_, wrong) = answered(json!({"type": question_type}), json!([does_not]));
        assert_places(&[form], [(wrong, &[VALUE])]);
    }
}

#[test]
fn a_choice_is_one_of_its_options() {
    let options = json!([
        {"valueCoding": {"system": "https://codes.example", "code": "a"}},
        {"valueCoding": {"system": "https://codes.example", "code": "none"},
         "extension": [extension("questionnaire-optionExclusive", "valueBoolean", json!(true))]},
        {"valueInteger": 3}, {"valueDate": "2026-01-01"}
    ]);
    let coding = |system: &str, code: &str| json!({"valueCoding": {"system": system, "code": code}});
    for (question_type, values, expected) in [
        ("choice", json!([coding("https://codes.example", "a")]), 0),
        ("choice", json!([coding("https://codes.example", "b")]), 1),
        ("choice", json!([coding("https://other.example", "a")]), 1),
        ("choice", json!([{"valueCoding": {"code": "a"}}]), 1),
        ("choice", json!([{"valueInteger": 3}]), 0),
        ("choice", json!([{"valueInteger": 4}]), 1),
        ("choice", json!([{"valueDate": "2026-01-01"}]), 0),
        ("choice", json!([{"valueString": "free"}]), 1),
        ("open-choice", json!([{"valueString": "free"}]), 0),
        ("open-choice", json!([coding("https://codes.example", "b")]), 1),
        ("choice", json!([coding("https://codes.example", "none")]), 0),
        ("choice", json!([coding("https://codes.example", "a"), coding("https://codes.example", "none")]), 1),
        ("integer", json!([{"valueInteger": 3}]), 0),
        ("integer", json!([{"valueInteger": 4}]), 1),
    ] {
        let question = json!({"type": question_type, "repeats": true, "answerOption": options});
        let (form, answers) = answered(question, values.clone());
        assert_eq!(errors(&answers, &[form]).len(), expected, "{question_type} {values}");
    }
}

#[test]
fn a_choice_is_in_the_value_set_that_the_form_contains() {
    let include = |concepts: Value| json!({"include": [{"system": "https://codes.example", "concept": concepts}]});
    let sets = json!([
        {"resourceType": "ValueSet", "id": "own", "compose": include(json!([{"code": "a"}, {"code": "b"}]))},
        {"resourceType": "ValueSet", "id": "filtered", "compose": {"include": [{"system": "https://codes.example",
         "filter": [{"property": "x", "op": "=", "value": "y"}]}]}},
        {"resourceType": "ValueSet", "id": "expanded",
         "expansion": {"contains": [{"system": "https://codes.example", "code": "x", "contains": [{"system": "https://codes.example", "code": "y"}]}]}},
        {"resourceType": "ValueSet", "id": "less", "compose": {
         "include": [{"system": "https://codes.example", "concept": [{"code": "a"}, {"code": "b"}]}],
         "exclude": [{"system": "https://codes.example", "concept": [{"code": "a"}]}]}}
    ]);
    for (set, system, code, expected, informed) in [
        ("#own", "https://codes.example", "a", 0, 0),
        ("#own", "https://codes.example", "c", 1, 0),
        ("#own", "https://other.example", "a", 1, 0),
        ("#expanded", "https://codes.example", "y", 0, 0),
        ("#expanded", "https://codes.example", "z", 1, 0),
        ("#less", "https://codes.example", "a", 1, 0),
        ("#less", "https://codes.example", "b", 0, 0),
        ("#filtered", "https://codes.example", "a", 0, 1),
    ] {
        let coding = json!([{"valueCoding": {"system": system, "code": code}}]);
        let (mut form, answers) = answered(json!({"type": "choice", "answerValueSet": set}), coding);
        form["contained"] = sets.clone();
        assert_eq!(errors(&answers, &[form.clone()]).len(), expected, "{set} {code}");
        assert_eq!(found(&answers, &[form], Severity::Information).len(), informed, "{set} {code}");
    }
}

#[test]
fn texts_keep_to_length_and_pattern() {
    let regex = |pattern: &str| json!([extension("regex", "valueString", json!(pattern))]);
    for (question, words, expected) in [
        (json!({"maxLength": 3}), "äöü", 0),
        (json!({"maxLength": 3}), "äöüx", 1),
        (json!({"extension": [extension("minLength", "valueInteger", json!(2))]}), "x", 1),
        (json!({"extension": regex("[a-z]+")}), "abc", 0),
        (json!({"extension": regex("[a-z]+")}), "abc1", 1),
        (json!({"extension": regex("^[a-z]+$")}), "abc", 0),
        (json!({"extension": regex("(a+)+$")}), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 1),
        (json!({"extension": regex("(?=x)x")}), "y", 0),
    ] {
        let mut question = question;
        question["type"] = json!("string");
        let (form, answers) = answered(question.clone(), json!([{"valueString": words}]));
        assert_eq!(errors(&answers, &[form]).len(), expected, "{question}");
    }
    let (form, answers) = answered(json!({"type": "string"}), json!([{"valueString": "two\nlines"}]));
    assert_eq!(found(&answers, &[form], Severity::Warning).len(), 1);
}

#[test]
fn values_lie_between_the_least_and_the_greatest() {
    let bounds = |member: &str, least: Value, most: Value| {
        json!([extension("minValue", member, least), extension("maxValue", member, most)])
    };
    for (question_type, bounds, answer, expected) in [
        ("integer", bounds("valueInteger", json!(1), json!(5)), json!({"valueInteger": 5}), 0),
        ("integer", bounds("valueInteger", json!(1), json!(5)), json!({"valueInteger": 6}), 1),
        ("decimal", bounds("valueDecimal", json!(1.5), json!(5)), json!({"valueDecimal": 1.49}), 1),
        ("decimal", bounds("valueInteger", json!(1), json!(5)), json!({"valueDecimal": 5.0}), 0),
        ("dateTime", bounds("valueDateTime", json!("2020"), json!("2022-06")), json!({"valueDateTime": "2020"}), 0),
        ("dateTime", bounds("valueDateTime", json!("2020"), json!("2022-06")), json!({"valueDateTime": "2022-07"}), 1),
        ("date", bounds("valueDate", json!("2020"), json!("2022")), json!({"valueDate": "2019-12-31"}), 1),
        ("time", bounds("valueTime", json!("09:00:00"), json!("17:00:00")), json!({"valueTime": "17:00:01"}), 1),
    ] {
        let (form, answers) = answered(json!({"type": question_type, "extension": bounds}), json!([answer]));
        assert_eq!(errors(&answers, &[form]).len(), expected, "{answers}");
    }
    let places = json!({"type": "decimal", "extension": [extension("maxDecimalPlaces", "valueInteger", json!(1))]});
    let (form, answers) = answered(places, json!([{"valueDecimal": 1.25}]));
    assert_places(&[form], [(answers, &[VALUE])]);
}

#[test]
fn quantities_are_compared_only_where_their_units_allow() {
    let limit = |name: &str, quantity: Value| json!({"url": format!("http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-{name}Quantity"), "valueQuantity": quantity});
    let of = |value: f64, code: &str| json!({"value": value, "system": "http://unitsofmeasure.org", "code": code});
    for (least, found_quantity, expected) in [
        (of(5.0, "kg"), of(5.0, "kg"), 0),
        (of(5.0, "kg"), of(4.9, "kg"), 1),
        (of(5.0, "kg"), of(4900.0, "g"), 1),
        (of(5.0, "kg"), of(5100.0, "g"), 0),
        (of(5.0, "kg"), of(10.0, "[mi_i]"), 1),
        (of(5.0, "Cel"), of(10.0, "K"), 0),
        (json!({"value": 5, "unit": "kg"}), json!({"value": 10, "unit": "kg"}), 1),
    ] {
        let question = json!({"type": "quantity", "extension": [limit("min", least)]});
        let (form, answers) = answered(question, json!([{"valueQuantity": found_quantity}]));
        assert_eq!(errors(&answers, &[form]).len(), expected, "{answers}");
    }
    let option = extension(
        "questionnaire-unitOption",
        "valueCoding",
        json!({"system": "http://unitsofmeasure.org", "code": "km"}),
    );
    for (code, expected) in [("km", 0), ("kg", 1)] {
        let question = json!({"type": "quantity", "extension": [option]});
        let (form, answers) = answered(question, json!([{"valueQuantity": of(1.0, code)}]));
        assert_eq!(errors(&answers, &[form]).len(), expected, "{code}");
    }
}

#[test]
fn attachments_and_references_are_of_the_kind_asked_for() {
    let limits = json!([
        extension("maxSize", "valueDecimal", json!(3)),
        extension("mimeType", "valueCode", json!("image/gif")),
        extension("mimeType", "valueCode", json!("text/*"))
    ]);
    for (attachment, expected) in [
        (json!({"contentType": "image/gif", "data": "YWJj"}), 0),
        (json!({"contentType": "text/plain; charset=utf-8", "size": 3}), 0),
        (json!({"contentType": "image/gif", "data": "YWJjZA=="}), 1),
        (json!({"contentType": "application/pdf", "size": 500}), 2),
    ] {
        let question = json!({"type": "attachment", "extension": limits});
        let (form, answers) = answered(question, json!([{"valueAttachment": attachment}]));
        assert_eq!(errors(&answers, &[form]).len(), expected, "{answers}");
    }
    for (reference, expected) in [
        ("Patient/1", 0),
        ("https://host.example/fhir/Patient/1/_history/2", 0),
        ("Observation/1", 1),
        ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", 0),
    ] {
        let allowed = extension("questionnaire-referenceResource", "valueCode", json!("Patient"));
        let question = json!({"type": "reference", "extension": [allowed]});
        let (form, answers) = answered(question, json!([{"valueReference": {"reference": reference}}]));
        assert_eq!(errors(&answers, &[form]).len(), expected, "{reference}");
    }
}

#[test]
fn a_question_that_other_answers_disable_is_not_answered() {
    let when = |operator: &str, member: &str, wanted: Value| {
        let mut condition = json!({"question": "a", "operator": operator});
        condition[member] = wanted;
        condition
    };
    let coding = |code: &str| json!({"system": "https://codes.example", "code": code});
    for (conditions, given, is_enabled) in [
        (json!([when("exists", "answerBoolean", json!(true))]), json!({"valueInteger": 1}), true),
        (json!([when("exists", "answerBoolean", json!(false))]), json!({"valueInteger": 1}), false),
        (json!([when("=", "answerInteger", json!(1))]), json!({"valueInteger": 1}), true),
        (json!([when("=", "answerInteger", json!(1))]), json!({"valueInteger": 2}), false),
        (json!([when("!=", "answerInteger", json!(1))]), json!({"valueInteger": 2}), true),
        (json!([when(">", "answerDecimal", json!(1.5))]), json!({"valueDecimal": 1.50}), false),
        (json!([when(">=", "answerDecimal", json!(1.5))]), json!({"valueDecimal": 1.50}), true),
        (json!([when("<", "answerDate", json!("2020-01-01"))]), json!({"valueDate": "2019-12-31"}), true),
        (json!([when("<=", "answerTime", json!("10:00:00"))]), json!({"valueTime": "10:00:01"}), false),
        (json!([when("=", "answerString", json!("x"))]), json!({"valueString": "x"}), true),
        (json!([when("=", "answerBoolean", json!(true))]), json!({"valueBoolean": false}), false),
        (json!([when("=", "answerCoding", coding("a"))]), json!({"valueCoding": coding("a")}), true),
        (json!([when("=", "answerCoding", coding("a"))]), json!({"valueCoding": coding("b")}), false),
        (json!([when("!=", "answerCoding", coding("a"))]), json!({"valueCoding": coding("b")}), true),
        (
            json!([when(
                ">",
                "answerQuantity",
                json!({"value": 1, "system": "http://unitsofmeasure.org", "code": "kg"})
            )]),
            json!({"valueQuantity": {"value": 1500, "system": "http://unitsofmeasure.org", "code": "g"}}),
            true,
        ),
        (
            json!([when("=", "answerInteger", json!(1)), when("=", "answerInteger", json!(2))]),
            json!({"valueInteger": 1}),
            false,
        ),
    ] {
        let any_type = json!({"linkId": "a", "type": "choice"});
        let mut dependent = json!({"linkId": "b", "type": "string", "required": true, "enableWhen": conditions});
        let first = json!({"linkId": "a", "answer": [given]});
        let with = answers(json!([first, {"linkId": "b", "answer": [{"valueString": "x"}]}]));
        let without = answers(json!([first]));
        let told = |dependent: &Value, answers: &Value| {
            issues(answers, &[form(json!([any_type, dependent]))])
                .iter()
                .filter(|issue| issue.is_error() && !issue.text.contains("`a`"))
                .count()
        };
        assert_eq!(told(&dependent, &with), usize::from(!is_enabled), "{dependent} {with}");
        assert_eq!(told(&dependent, &without), usize::from(is_enabled), "{dependent} {without}");
        dependent["enableBehavior"] = json!("any");
        if conditions.as_array().is_some_and(|all| all.len() == 2) {
            assert_eq!(told(&dependent, &with), 0, "any of them is enough");
        }
    }
}

#[test]
fn an_expression_may_say_whether_a_question_is_to_be_answered() {
    let url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression";
    let form = |expression: &str| {
        let extension = json!({"url": url, "valueExpression": {"language": "text/fhirpath", "expression": expression}});
        form(json!([{"linkId": "a", "type": "boolean"}, {"linkId": "b", "type": "string", "extension": [extension]}]))
    };
    let given = |value: bool| {
        answers(json!([
            {"linkId": "a", "answer": [{"valueBoolean": value}]}, {"linkId": "b", "answer": [{"valueString": "x"}]}
        ]))
    };
    let path = "%resource.descendants().where(linkId = 'a').answer.value.ofType(boolean)";
    for (expression, value, told, unknown) in [
        (path, true, 0, 0),
        (path, false, 1, 0),
        ("QuestionnaireResponse.item.where(linkId = 'a').answer.value = true", true, 0, 0),
        ("%nobody.knows", true, 0, 1),
        ("this is (no path", true, 0, 1),
    ] {
        assert_eq!(errors(&given(value), &[form(expression)]).len(), told, "{expression}");
        assert_eq!(found(&given(value), &[form(expression)], Severity::Information).len(), unknown, "{expression}");
    }
}

#[test]
fn the_nearest_answer_decides() {
    let form = [form(json!([{"linkId": "g", "type": "group", "repeats": true, "item": [
        {"linkId": "a", "type": "boolean"},
        {"linkId": "b", "type": "string", "enableWhen": [{"question": "a", "operator": "=", "answerBoolean": true}]}
    ]}]))];
    let group = |value: bool| {
        json!({"linkId": "g", "item": [
            {"linkId": "a", "answer": [{"valueBoolean": value}]}, {"linkId": "b", "answer": [{"valueString": "x"}]}
        ]})
    };
    assert_places(
        &form,
        [
            (answers(json!([group(true), group(true)])), &[]),
            (answers(json!([group(true), group(false)])), &["QuestionnaireResponse.item[1].item[1]"]),
        ],
    );
}

#[test]
fn the_text_of_an_item_is_that_of_its_question() {
    let translated = json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation",
        "extension": [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": "Enw?"}]}]});
    let form = [form(json!([{"linkId": "a", "type": "string", "text": "Name?", "_text": translated}]))];
    assert_places(
        &form,
        [
            (answers(json!([{"linkId": "a", "text": "Name?"}])), &[]),
            (answers(json!([{"linkId": "a", "text": "Enw?"}])), &[]),
            (answers(json!([{"linkId": "a", "text": "Age?"}])), &["QuestionnaireResponse.item[0].text"]),
        ],
    );
}

#[test]
fn a_questionnaire_not_at_hand_is_said() {
    let mut response = answers(json!([]));
    assert_eq!(found(&response, &[], Severity::Warning).len(), 1);
    assert!(errors(&response, &[]).is_empty());
    response["questionnaire"] = json!("#own");
    response["contained"] = json!([{"resourceType": "Questionnaire", "id": "own", "status": "active",
        "item": [{"linkId": "a", "type": "string", "required": true}]}]);
    assert_eq!(errors(&response, &[]).len(), 1);
    response.as_object_mut().expect("an object").remove("questionnaire");
    assert_eq!(found(&response, &[], Severity::Information).len(), 1);
}

#[test]
fn answers_belong_to_the_time_and_the_subject_of_the_form() {
    let mut form = form(json!([]));
    form["effectivePeriod"] = json!({"start": "2022", "end": "2023-06"});
    form["subjectType"] = json!(["Patient"]);
    for (authored, subject, expected) in [
        ("2022-01-01", "Patient/1", 0),
        ("2021-12-12", "Patient/1", 1),
        ("2023-06-30T10:00:00Z", "Patient/1", 0),
        ("2023-07-01", "Patient/1", 1),
        ("2022-01-01", "Group/1", 1),
    ] {
        let mut response = answers(json!([]));
        response["authored"] = json!(authored);
        response["subject"] = json!({"reference": subject});
        assert_eq!(found(&response, &[form.clone()], Severity::Warning).len(), expected, "{authored} {subject}");
    }
}

#[test]
fn a_form_and_answers_that_multiply_are_judged_within_bounds() {
    let questions: Vec<Value> = (0..3000)
        .map(|at| {
            json!({"linkId": format!("q{at}"), "type": "string",
                "enableWhen": [{"question": "q0", "operator": "exists", "answerBoolean": true}]})
        })
        .collect();
    let form = form(json!([{"linkId": "g", "type": "group", "repeats": true, "item": questions}]));
    let groups: Vec<Value> = (0..3000).map(|_| json!({"linkId": "g", "item": [{"linkId": "q1"}]})).collect();
    let found = found(&answers(json!(groups)), &[form], Severity::Warning);
    assert_eq!(found.len(), 1, "{found:?}");
}
