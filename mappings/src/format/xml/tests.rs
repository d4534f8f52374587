//! XML: read by the mapping's prefixes, changed in place, refused where it is not sound.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

fn options() -> Options {
    Options {
        root: vec!["s:Envelope".into(), "s:Body".into(), "m:Chart".into()],
        namespaces: vec![("s".into(), SOAP.into()), ("m".into(), "urn:example:mar".into())],
        encoding: None,
    }
}

fn shape() -> SourceShape {
    let text = json!({"type": "string"});
    SourceShape::new(json!({"properties": {
        "@version": text, "m:Id": text,
        "m:Dose": {"type": "array", "items": {"type": "object", "properties": {"@code": text, "m:Drug": text, "m:Note": {"type": ["string", "null"]}, "m:Amount": {"type": "object", "properties": {"@unit": text, "#text": text}}}}}}}))
}

const CHART: &str = "<?xml version=\"1.0\"?>\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"urn:example:mar\">\n  <soap:Header><To>x</To></soap:Header>\n  <soap:Body>\n    <Chart version=\"2\"><!-- one -->\n      <Id>7</Id>\n      <Dose code='a'><Drug>A &amp; B<![CDATA[ <c>]]></Drug><Note xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"/><Amount>2</Amount></Dose>\n    </Chart>\n  </soap:Body>\n</soap:Envelope>\n";

fn read_text(text: &str) -> Result<Document, Vec<Issue>> {
    read(&options(), &[SourceFile::new("mar.xml", text)], &shape(), &Limits::default())
}

#[test]
fn a_document_becomes_a_tree_by_the_mappings_prefixes() {
    let document = read_text(CHART).expect("reads");
    assert_eq!(
        document.tree,
        json!({"@version": "2", "m:Id": "7",
            "m:Dose": [{"@code": "a", "m:Drug": "A & B <c>", "m:Note": null, "m:Amount": {"#text": "2"}}],
            "#envelope": {"s:Envelope": {"s:Header": {"m:To": "x"}}}})
    );
    let addresses = document.addresses.expect("addresses");
    assert_eq!(
        addresses.of("/m:Dose/0/m:Drug").as_deref(),
        Some("mar.xml line 7 column 22, /s:Envelope/s:Body/m:Chart/m:Dose[1]/m:Drug")
    );
    assert_eq!(
        addresses.of("/m:Dose/0/@code").as_deref(),
        Some("mar.xml line 7 column 7, /s:Envelope/s:Body/m:Chart/m:Dose[1]/@code")
    );
}

#[test]
fn an_unchanged_tree_is_written_byte_for_byte() {
    let file = SourceFile::new("mar.xml", CHART);
    let tree = read_text(CHART).expect("reads").tree;
    assert_eq!(write(&options(), &tree, std::slice::from_ref(&file), &shape()).expect("writes"), [file]);
}

#[test]
fn a_change_is_written_in_its_place_and_the_rest_keeps_its_bytes() {
    let file = SourceFile::new("mar.xml", CHART);
    let mut tree = read_text(CHART).expect("reads").tree;
    tree["m:Dose"][0]["m:Drug"] = json!("C < D");
    tree["m:Dose"][0]["m:Note"] = json!("taken");
    tree["m:Dose"][0]["m:Amount"]["@unit"] = json!("tablet");
    tree["m:Dose"].as_array_mut().expect("list").push(json!({"@code": "b", "m:Drug": "E"}));
    let written = write(&options(), &tree, std::slice::from_ref(&file), &shape()).expect("writes");
    let text = String::from_utf8(written[0].bytes.clone()).expect("UTF-8");
    assert!(text.contains("<soap:Header><To>x</To></soap:Header>") && text.contains("<!-- one -->"), "{text}");
    assert!(text.contains("<Drug>C &lt; D</Drug>"), "{text}");
    assert!(text.contains("<Amount unit=\"tablet\">2</Amount>"), "{text}");
    assert!(text.contains("<Dose code=\"b\"><Drug>E</Drug></Dose>"), "{text}");
    assert_eq!(read(&options(), &written, &shape(), &Limits::default()).expect("reads").tree, tree);
}

#[test]
fn a_document_that_was_not_there_is_written_in_the_schemas_order() {
    let tree = json!({"m:Dose": [{"m:Drug": "A", "@code": "a", "m:Note": null}], "m:Id": "7", "@version": "1"});
    let written = write(&options(), &tree, &[], &shape()).expect("writes");
    let text = String::from_utf8(written[0].bytes.clone()).expect("UTF-8");
    assert!(
        text.contains("<m:Chart version=\"1\"><m:Id>7</m:Id><m:Dose code=\"a\"><m:Drug>A</m:Drug><m:Note"),
        "{text}"
    );
    assert_eq!(read(&options(), &written, &shape(), &Limits::default()).expect("reads").tree, tree);
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    let fault = CHART.replace("<Chart version=\"2\">", "<soap:Fault>").replace("</Chart>", "</soap:Fault>");
    for (text, key) in [
        ("<a><b></a>", IssueKey::SourceUnreadable),
        ("<a/><b/>", IssueKey::SourceUnreadable),
        ("text", IssueKey::SourceUnreadable),
        ("", IssueKey::SourceUnreadable),
        ("<a>&b;</a>", IssueKey::SourceUnreadable),
        (bomb, IssueKey::SourceUnreadable),
        (fault.as_str(), IssueKey::SourceEnvelope),
        ("<Other/>", IssueKey::SourceEnvelope),
    ] {
        let issues = read_text(text).expect_err(text);
        assert_eq!(issues[0].key, key, "{text}");
        assert!(issues[0].position.is_some() && issues[0].hint.is_some(), "{text}");
    }
}

#[test]
fn mixed_content_and_local_names_lose_nothing() {
    let options = Options::default();
    let file = SourceFile::new("a.xml", "<x:a xmlns:x='urn:x'>one <x:b k='1'>two</x:b> three</x:a>");
    let shape = SourceShape::new(json!({}));
    let document = read(&options, std::slice::from_ref(&file), &shape, &Limits::default()).expect("reads");
    assert_eq!(document.tree, json!({"a": {"b": {"@k": "1", "#text": "two"}, "#text": ["one ", " three"]}}));
    let mut tree = document.tree;
    tree["a"]["#text"][1] = json!(" four");
    let written = write(&options, &tree, std::slice::from_ref(&file), &shape).expect("writes");
    assert_eq!(String::from_utf8_lossy(&written[0].bytes), "<x:a xmlns:x='urn:x'>one <x:b k='1'>two</x:b> four</x:a>");
}

#[test]
fn the_declared_encoding_is_read_and_written() {
    let options = Options::default();
    let shape = SourceShape::new(json!({}));
    let file = SourceFile::new("a.xml", b"<?xml version='1.0' encoding='ISO-8859-1'?><a><b>Zo\xEB</b></a>".to_vec());
    let mut tree = read(&options, std::slice::from_ref(&file), &shape, &Limits::default()).expect("reads").tree;
    assert_eq!(tree["a"]["b"], "Zo\u{eb}");
    tree["a"]["b"] = json!("\u{c9}va");
    let written = write(&options, &tree, std::slice::from_ref(&file), &shape).expect("writes");
    assert!(written[0].bytes.ends_with(b"<b>\xC9va</b></a>"));
}

fn a_tree() -> impl Strategy<Value = Value> {
    let text = || "[ -~\\n\\r\\t\u{e9}]{0,10}";
    let dose = (text(), prop::option::of(text()), text(), prop::option::of("[a-z]{1,3}")).prop_map(
        |(drug, note, amount, unit)| {
            let mut amount = json!({"#text": amount});
            if let Some(unit) = unit {
                amount["@unit"] = unit.into();
            }
            json!({"m:Drug": drug, "m:Note": note, "m:Amount": amount})
        },
    );
    (text(), prop::collection::vec(dose, 1..4))
        .prop_map(|(id, doses)| json!({"@version": "1", "m:Id": id, "m:Dose": doses}))
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[<>/a-c&;=\"' !\\[\\]-]{0,60}") {
        let _ = read(&Options::default(), &[SourceFile::new("a.xml", bytes)], &shape(), &Limits::default());
        let _ = read(&Options::default(), &[SourceFile::new("a.xml", text)], &shape(), &Limits::default());
    }

    #[test]
    fn any_tree_comes_back_and_any_change_is_written(tree in a_tree(), other in a_tree()) {
        let written = write(&options(), &tree, &[], &shape()).expect("writes");
        let read_again = |files: &[SourceFile]| read(&options(), files, &shape(), &Limits::default()).expect("reads").tree;
        prop_assert_eq!(read_again(&written), normal(&tree));
        let changed = write(&options(), &other, &written, &shape()).expect("writes");
        prop_assert_eq!(read_again(&changed), normal(&other));
    }
}

/// An element without text has none.
fn normal(tree: &Value) -> Value {
    let mut tree = tree.clone();
    for dose in tree["m:Dose"].as_array_mut().into_iter().flatten() {
        if dose["m:Amount"]["#text"] == "" {
            dose["m:Amount"].as_object_mut().expect("object").shift_remove("#text");
        }
    }
    tree
}
