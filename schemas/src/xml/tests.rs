//! Documents -> JSON form, and documents -> issues.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn patient(content: &str) -> String {
    format!("<Patient xmlns=\"http://hl7.org/fhir\">{content}</Patient>")
}

fn document(text: &str) -> Document {
    read(text.as_bytes(), &Limits::default()).expect(text)
}

/// `key line:column expression` of each issue.
fn found(text: &str) -> Vec<String> {
    let told = |issue: &Issue| {
        let position = issue.position.expect("every issue has its place");
        let expression = issue.expression.as_deref().unwrap_or("(none)");
        format!("{} {}:{} {expression}", issue.key, position.line, position.column)
    };
    match read(text.as_bytes(), &Limits::default()) {
        Ok(document) => document.issues.iter().map(told).collect(),
        Err(issue) => vec![told(&issue)],
    }
}

#[test]
fn elements_take_the_json_form_of_their_type() {
    for (content, expected) in [
        ("<active value=\"true\"/>", json!({"active": true})),
        ("<multipleBirthInteger value='2'/>", json!({"multipleBirthInteger": 2})),
        ("<birthDate value='1970-01-01'/>", json!({"birthDate": "1970-01-01"})),
        ("<name><given value='A'/><given value='B'/></name>", json!({"name": [{"given": ["A", "B"]}]})),
        (
            "<maritalStatus id='m'><text value='a &amp; b'/></maritalStatus>",
            json!({"maritalStatus": {"id": "m", "text": "a & b"}}),
        ),
        (
            "<extension url='a:b'><valueQuantity><value value='1.50'/></valueQuantity></extension>",
            json!({"extension": [{"url": "a:b", "valueQuantity": {"value": serde_json::from_str::<Value>("1.50").expect("a number")}}]}),
        ),
        (
            "<birthDate id='d'><extension url='a:b'><valueCode value='c'/></extension></birthDate>",
            json!({"_birthDate": {"id": "d", "extension": [{"url": "a:b", "valueCode": "c"}]}}),
        ),
        (
            "<contained><Organization><id value='o'/></Organization></contained>",
            json!({"contained": [{"resourceType": "Organization", "id": "o"}]}),
        ),
        ("<!-- a comment --><active value='false'/><!-- b -->", json!({"active": false})),
        ("<photo><url value='a&#10;b\nc'/></photo>", json!({"photo": [{"url": "a\nb c"}]})),
    ] {
        let document = document(&patient(content));
        let mut expected = expected;
        expected["resourceType"] = json!("Patient");
        assert_eq!(document.value, expected, "{content}");
        assert_eq!(document.issues, [], "{content}");
    }
}

#[test]
fn companions_of_repeated_primitives_keep_step_with_their_values() {
    let said = "<extension url='a:b'><valueCode value='c'/></extension>";
    let (a, b) = ("<given value='A'/>".to_owned(), format!("<given>{said}</given>"));
    let e = json!({"extension": [{"url": "a:b", "valueCode": "c"}]});
    for (given, expected) in [
        (format!("{a}{b}"), json!({"given": ["A", null], "_given": [null, e]})),
        (format!("{b}{a}"), json!({"given": [null, "A"], "_given": [e, null]})),
        (format!("{a}{b}{a}"), json!({"given": ["A", null, "A"], "_given": [null, e, null]})),
        (format!("{b}{b}"), json!({"_given": [e, e]})),
        (format!("{a}{a}"), json!({"given": ["A", "A"]})),
    ] {
        let value = document(&patient(&format!("<name>{given}</name>"))).value;
        assert_eq!(value["name"][0], expected, "{given}");
        assert!(!crate::issue::any_error(&crate::resource::judge(&value)), "{given}");
    }
}

#[test]
fn narratives_are_kept_as_they_stand_and_declare_their_namespace() {
    for (text, expected) in [
        (
            "<text><status value='generated'/><div xmlns=\"http://www.w3.org/1999/xhtml\">a<br/>&#160;\r\n<!--c--></div></text>",
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">a<br/>&#160;\n<!--c--></div>",
        ),
        (
            "<text xmlns:h='http://www.w3.org/1999/xhtml'><status value='generated'/><h:div h:x='1' id=\"a&quot;b\">a &lt; <h:b>c</h:b></h:div></text>",
            "<div xmlns=\"http://www.w3.org/1999/xhtml\" h:x=\"1\" id=\"a&quot;b\">a &lt; <b>c</b></div>",
        ),
        ("<text><status value='generated'/><div>a</div></text>", "<div>a</div>"),
    ] {
        let document = document(&patient(text));
        assert_eq!(document.value["text"]["div"], expected);
        assert_eq!(document.issues, [], "{text}");
    }
}

#[test]
fn namespaces_count_by_their_uri() {
    let prefixed = "<f:Patient xmlns:f='http://hl7.org/fhir'><f:active value='true'/></f:Patient>";
    assert_eq!(document(prefixed).value, json!({"resourceType": "Patient", "active": true}));
    for (text, expected) in [
        (prefixed, &[][..]),
        ("<Patient/>", &["xml.forbidden 1:1 Patient"]),
        ("<Patient xmlns='urn:hl7-org:v3'/>", &["xml.forbidden 1:1 Patient"]),
        ("<g:Patient xmlns:f='http://hl7.org/fhir'/>", &["xml.forbidden 1:1 Patient"]),
        (
            "<Patient xmlns='http://hl7.org/fhir'>\n  <active xmlns='a:b' value='true'/></Patient>",
            &["xml.forbidden 2:3 Patient.active"],
        ),
        (
            "<Patient xmlns='http://hl7.org/fhir' xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:schemaLocation='a b'/>",
            &[],
        ),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn what_fhir_xml_does_not_have_is_told_where_it_stands() {
    for (content, expected) in [
        ("<active value='true' other='x'/>", &["xml.attribute 1:59 Patient.active"][..]),
        ("<name value='x'><text value='y'/></name>", &["xml.attribute 1:44 Patient.name[0]"]),
        ("<active value='true' p:other='x'/>", &["xml.attribute 1:59 Patient.active"]),
        ("<active value='true'>true</active>", &["xml.text 1:59 Patient.active"]),
        ("a", &["xml.text 1:38 Patient"]),
        ("\n  a", &["xml.text 2:3 Patient"]),
        ("<active value='true'><![CDATA[x]]></active>", &["xml.forbidden 1:59 Patient.active"]),
        ("<?p q?>", &["xml.forbidden 1:38 Patient"]),
        ("<birthDate value='1970'/>\n<active value='true'/>", &["xml.order 2:1 Patient.active"]),
        ("<id value='a'/><meta><versionId value='1'/></meta><id value='b'/>", &["xml.order 1:88 Patient.id"]),
        ("<active/>", &["target.empty 1:38 Patient.active"]),
        ("<active id='a'/>", &["target.empty 1:38 Patient.active"]),
        ("<birthDate value=''/>", &["target.empty 1:38 Patient.birthDate"]),
        ("<contained><Basic/><Basic/></contained>", &["target.too-many 1:57 Patient.contained[0]"]),
        (
            "<extension><url value='a:b'/><valueCode value='c'/></extension>",
            &["target.unknown-element 1:49 Patient.extension[0].url"],
        ),
        ("<_birthDate value='x'/>", &["target.unknown-element 1:38 Patient"]),
        ("<resourceType value='Basic'/>", &["target.unknown-element 1:38 Patient"]),
        ("<!DOCTYPE a>", &["xml.forbidden 1:38 (none)"]),
        ("<name><text value='&eacute;'/></name>", &["xml.syntax 1:57 (none)"]),
        ("<name>", &["xml.syntax 1:44 (none)"]),
        ("<name><text value='\u{1}'/></name>", &["xml.syntax 1:57 (none)"]),
    ] {
        assert_eq!(found(&patient(content)), expected, "{content}");
    }
}

#[test]
fn what_the_rules_find_is_kept_for_them() {
    for (content, expected) in [
        ("<shoe value='x'/>", "target.unknown-element Patient.shoe"),
        ("<shoe><size value='9'/></shoe>", "target.unknown-element Patient.shoe"),
        ("<active value='true'/><active value='true'/>", "target.type Patient.active"),
        ("<active value='yes'/>", "target.type Patient.active"),
        ("<multipleBirthInteger value=' 2'/>", "target.type Patient.multipleBirth"),
        ("<multipleBirthInteger value='2.5'/>", "target.format Patient.multipleBirth"),
        (
            "<multipleBirthInteger><value value='2'/></multipleBirthInteger>",
            "target.unknown-element Patient.multipleBirth.value",
        ),
        ("<name/>", "target.empty Patient.name[0]"),
        ("<deceasedBoolean value='true'/><deceasedDateTime value='2020'/>", "target.choice Patient.deceased"),
        ("<contained><Thing><a value='1'/></Thing></contained>", "target.unknown-type Patient.contained[0]"),
        ("<contained/>", "target.required-missing Patient.contained[0]"),
    ] {
        let issues = crate::resource::judge(&document(&patient(content)).value);
        let told: Vec<String> = issues
            .iter()
            .filter(|issue| issue.is_error())
            .map(|issue| format!("{} {}", issue.key, issue.expression.as_deref().unwrap_or_default()))
            .collect();
        assert!(told.iter().any(|line| line == expected), "{content}: {told:?}");
    }
}

#[test]
fn a_type_that_r4_does_not_have_is_read_as_it_stands() {
    let text = "<Thing xmlns='http://hl7.org/fhir'><a value='1'/><b><c value='2'/><c value='3'/></b></Thing>";
    assert_eq!(document(text).value, json!({"resourceType": "Thing", "a": "1", "b": {"c": ["2", "3"]}}));
}

#[test]
fn each_element_is_found_again_in_the_text() {
    let text = "<Patient xmlns='http://hl7.org/fhir'>\n <name>\n  <given value='A'/>\n  <given value='B'>\n   <extension url='a:b'>\n    <valueCode value='c'/></extension></given>\n </name>\n <deceasedBoolean value='true'/>\n <contained><Basic>\n  <id value='b'/></Basic></contained>\n <shoe>\n  <size value='9'/></shoe></Patient>";
    let document = document(text);
    for (pointer, line, column) in [
        ("", 1, 1),
        ("/name/0", 2, 2),
        ("/name/0/given/1", 4, 3),
        ("/name/0/_given/1/extension/0/valueCode", 6, 5),
        ("/name/0/_given/1/extension/0/url", 5, 4),
        ("/name/0/family", 2, 2),
        ("/deceasedBoolean", 8, 2),
        ("/contained/0/id", 10, 3),
        ("/shoe/size", 12, 3),
        ("/nothing/0/here", 1, 1),
    ] {
        assert_eq!(document.position(pointer), Some(Position { line, column }), "{pointer}");
    }
}

#[test]
fn size_depth_and_findings_have_a_bound() {
    let nested = |depth: usize| {
        let extensions = "<extension url='a:b'>".repeat(depth - 1);
        patient(&format!("{extensions}{}", "</extension>".repeat(depth - 1)))
    };
    let limits = Limits { depth: 100_000, ..Limits::default() };
    assert!(read(nested(128).as_bytes(), &limits).is_ok());
    let deep = |text: &str| read(text.as_bytes(), &limits).err().map(|issue| issue.key);
    assert_eq!(deep(&nested(129)), Some(IssueKey::XmlTooDeep));
    assert_eq!(deep(&"<a>".repeat(1_000_000)), Some(IssueKey::XmlTooDeep));
    let small = Limits { bytes: 10, ..Limits::default() };
    assert_eq!(read(patient("").as_bytes(), &small).err().map(|issue| issue.key), Some(IssueKey::BodyTooBig));
    let many = document(&patient(&"<active a='1'/>".repeat(50_000)));
    assert_eq!(many.issues.len(), crate::profile::findings::MOST_FINDINGS + 1);
}

/// Marks that make up documents, in any order.
fn marks() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(vec![
        "<Patient xmlns='http://hl7.org/fhir'>",
        "</Patient>",
        "<name>",
        "</name>",
        "<given value='a'/>",
        "<div>",
        "<text>",
        "</text>",
        "</div>",
        "<div xmlns='http://www.w3.org/1999/xhtml'>",
        "<contained>",
        "</contained>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?p",
        "?>",
        "&",
        "&amp;",
        "&#1",
        ";",
        "<",
        ">",
        "'",
        "\"",
        "=",
        " ",
        "é",
        "<Basic>",
        "</Basic>",
        "xmlns:a='b'",
        "<a:b",
        "/>",
        "<extension url='u'>",
        "</extension>",
        "<!DOCTYPE",
    ]);
    prop::collection::vec(mark, 0..30).prop_map(|marks| marks.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, &Limits::default());
    }

    #[test]
    fn any_marks_are_read_or_refused(text in marks()) {
        if let Ok(document) = read(text.as_bytes(), &Limits::default()) {
            prop_assert!(document.issues.iter().all(|issue| issue.position.is_some()));
        }
    }
}
