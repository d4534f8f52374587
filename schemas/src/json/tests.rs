//! Tables and generated documents for the reader.

use super::*;
use crate::issue::Position;
use proptest::prelude::*;
use serde_json::json;

#[allow(clippy::result_large_err, reason = "as of `parse`")]
fn read(text: &str) -> Result<Value, Issue> {
    parse(text.as_bytes(), Limits::default())
}

fn written(value: &Value) -> String {
    serde_json::to_string(value).expect("a tree can always be written")
}

#[test]
fn numbers_keep_their_text_when_read_and_written() {
    for number in [
        "0",
        "-0",
        "0.0",
        "1.50",
        "64",
        "64.0",
        "1.0E-2",
        "1e5",
        "1E+05",
        "-12.3400e-007",
        "12345678901234567890123",
        "0.1000000000000000055511151231257827",
        "9223372036854775808",
        "1e400",
    ] {
        let tree = read(number).expect(number);
        assert_eq!(written(&tree), number);
        let nested = format!("{{\"a\":[{number},{{\"b\":{number}}}]}}");
        assert_eq!(serde_json::to_vec(&read(&nested).expect(number)).expect("written"), nested.as_bytes());
    }
}

#[test]
fn numbers_beside_the_grammar_are_refused() {
    for number in [
        "01",
        "-01",
        "00",
        "+1",
        ".5",
        "5.",
        "-",
        "1e",
        "1e+",
        "1.e3",
        "0x10",
        "1_000",
        "NaN",
        "Infinity",
        "-Infinity",
        "1,5",
        "1..2",
        "--1",
        "1-1",
        "٣",
        "１",
    ] {
        let issue = read(number).expect_err(number);
        assert_eq!(issue.key, IssueKey::JsonSyntax, "{number}");
    }
}

#[test]
fn strings_are_read_with_their_escapes() {
    for (text, expected) in [
        (r#""""#, ""),
        (r#""plain""#, "plain"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""a\u00e9b""#, "aéb"),
        (r#""\uD83D\uDE00!""#, "😀!"),
        (r#""\u0000""#, "\0"),
        (r#""\ud800\udc00""#, "\u{10000}"),
        (r#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        (r#""\uFFFF""#, "\u{FFFF}"),
        ("\"\u{7f}é€😀\"", "\u{7f}é€😀"),
    ] {
        assert_eq!(read(text).expect(text), json!(expected), "{text}");
    }
}

#[test]
fn broken_strings_are_refused_at_their_place() {
    for (text, column) in [
        ("\"", 1),
        ("\"abc", 1),
        ("\"a\\", 3),
        ("\"a\\\"", 1),
        ("\"a\nb\"", 3),
        ("\"a\tb\"", 3),
        ("\"\0\"", 2),
        ("\"\\n\u{1f}\"", 4),
        (r#""\x""#, 2),
        (r#""\u12""#, 2),
        (r#""\u12g4""#, 2),
        (r#""\u+123""#, 2),
        (r#""ab\uD800""#, 4),
        (r#""\uD800x""#, 2),
        (r#""\uD800\n""#, 2),
        (r#""\uD800A""#, 2),
        (r#""\uDC00\uD800""#, 2),
        (r#""\uD800\uD800""#, 2),
    ] {
        let issue = read(text).expect_err(text);
        assert_eq!(issue.key, IssueKey::JsonSyntax, "{text}");
        assert_eq!(issue.position, Some(Position { line: 1, column }), "{text}");
    }
}

#[test]
fn documents_beside_the_grammar_are_refused_with_pointer_and_place() {
    for (text, pointer, line, column) in [
        ("", "", 1, 1),
        ("  \n ", "", 2, 2),
        ("nul", "", 1, 1),
        ("True", "", 1, 1),
        ("nullx", "", 1, 5),
        ("1 2", "", 1, 3),
        ("{} {}", "", 1, 4),
        ("{}\u{a0}", "", 1, 3),
        ("[1,]", "/1", 1, 4),
        ("[1 2]", "", 1, 4),
        ("[", "/0", 1, 2),
        ("[1", "", 1, 3),
        ("{\"a\":1,}", "", 1, 8),
        ("{\"a\" 1}", "", 1, 6),
        ("{\"a\":}", "/a", 1, 6),
        ("{a:1}", "", 1, 2),
        ("{'a':1}", "", 1, 2),
        ("{\"a\":1", "", 1, 7),
        ("{\"a\":[0,{\"b/c\":tru}]}", "/a/1/b~1c", 1, 16),
        ("{\n \"a\": [\n  1,\n  é\n]}", "/a/1", 4, 3),
        ("// no comments\n1", "", 1, 1),
        ("]", "", 1, 1),
    ] {
        let issue = read(text).expect_err(text);
        assert_eq!(issue.key, IssueKey::JsonSyntax, "{text}");
        assert_eq!(issue.pointer.as_deref(), Some(pointer), "{text}");
        assert_eq!(issue.position, Some(Position { line, column }), "{text}");
    }
}

#[test]
fn a_member_named_twice_is_refused_at_the_second_name() {
    for (text, pointer, column) in [
        (r#"{"a":1,"a":1}"#, "/a", 8),
        (r#"{"a":1,"\u0061":2}"#, "/a", 8),
        (r#"[{"x":{"":1,"b":2,"":3}}]"#, "/0/x/", 19),
    ] {
        let issue = read(text).expect_err(text);
        assert_eq!(issue.key, IssueKey::JsonDuplicateMember, "{text}");
        assert_eq!(issue.pointer.as_deref(), Some(pointer), "{text}");
        assert_eq!(issue.position, Some(Position { line: 1, column }), "{text}");
    }
    assert!(read(r#"{"a":1,"A":1,"b":{"a":1}}"#).is_ok());
}

#[test]
fn nesting_is_read_up_to_the_limit_and_not_beyond() {
    let limits = Limits { depth: 3, ..Limits::default() };
    assert!(parse(br#"[[[1]],[{"a":0}]]"#, limits).is_ok());
    let issue = parse(br#"[[[1]],[{"a":[]}]]"#, limits).expect_err("four levels");
    assert_eq!(issue.key, IssueKey::JsonTooDeep);
    assert_eq!(issue.pointer.as_deref(), Some("/1/0/a"));
    assert_eq!(parse(b"[]", Limits { depth: 0, ..limits }).expect_err("no level").key, IssueKey::JsonTooDeep);
    assert!(parse(b"1", Limits { depth: 0, ..limits }).is_ok());
}

#[test]
fn hostile_nesting_never_exhausts_the_stack() {
    let limits = Limits { bytes: usize::MAX, depth: usize::MAX };
    // A worker's stack is 2 MiB; half of that must do.
    let outcome = std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(move || {
            for open in ["[", "{\"a\":", "[{\"a\":"] {
                assert_eq!(
                    parse(open.repeat(1_000_000).as_bytes(), limits).expect_err("too deep").key,
                    IssueKey::JsonTooDeep
                );
            }
            let deepest = format!("{}{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
            let tree = parse(deepest.as_bytes(), limits).expect("as deep as may be");
            assert_eq!(written(&tree), deepest);
            assert_eq!(locate("[".repeat(1_000_000).as_bytes(), "/1"), None);
        })
        .expect("a thread starts")
        .join();
    assert!(outcome.is_ok());
}

#[test]
fn the_body_is_read_up_to_the_limit_and_not_beyond() {
    let limits = Limits { bytes: 4, ..Limits::default() };
    assert!(parse(b"[12]", limits).is_ok());
    assert_eq!(parse(b"[123]", limits).expect_err("five bytes").key, IssueKey::BodyTooBig);
}

#[test]
fn text_that_is_not_utf_8_is_refused_and_a_byte_order_mark_is_skipped() {
    let issue = parse(b"{\"a\":\n\"caf\xE9\"}", Limits::default()).expect_err("Latin-1");
    assert_eq!(issue.position, Some(Position { line: 2, column: 5 }));
    for bytes in
        [&b"\xFF\xFE{\0}\0"[..], b"\xFE\xFF\0{\0}", b"\"\xC0\x80\"", b"\"\xED\xA0\x80\"", b"\"\xF5\x80\x80\x80\""]
    {
        assert_eq!(parse(bytes, Limits::default()).expect_err("not UTF-8").key, IssueKey::JsonSyntax);
    }
    assert_eq!(parse(b"\xEF\xBB\xBF{\"a\":1}", Limits::default()).expect("marked"), json!({"a": 1}));
    let issue = parse(b"\xEF\xBB\xBF[x]", Limits::default()).expect_err("broken");
    assert_eq!(issue.position, Some(Position { line: 1, column: 2 }));
}

#[test]
fn no_finding_repeats_what_the_body_says() {
    for text in ["{\"name\":\"Zebedee", "[\"Zebedee\" \"Zebedee\"]", "{\"a\":Zebedee}", "\"Zebedee\\x\"", "Zebedee"] {
        let issue = read(text).expect_err(text);
        assert!(!format!("{issue:?}").contains("Zebedee"), "{issue:?}");
    }
}

#[test]
fn a_value_is_found_by_its_pointer() {
    let text = "{\n  \"a\": [1, {\"b/c\": \"é\", \"d\": []}],\n  \"e\": {\"\": null}\n}".as_bytes();
    for (pointer, expected) in [
        ("", Some((1, 1))),
        ("/a", Some((2, 8))),
        ("/a/0", Some((2, 9))),
        ("/a/1", Some((2, 12))),
        ("/a/1/b~1c", Some((2, 20))),
        ("/a/1/d", Some((2, 30))),
        ("/a/2", None),
        ("/e/", Some((3, 13))),
        ("/f", None),
        ("x", None),
    ] {
        let expected = expected.map(|(line, column)| Position { line, column });
        assert_eq!(locate(text, pointer), expected, "{pointer}");
    }
    assert_eq!(locate(b"\xEF\xBB\xBF [7]", "/0"), Some(Position { line: 1, column: 3 }));
    assert_eq!(locate(b"[1, \xFF", "/0"), None);
}

#[test]
fn issues_are_placed_at_their_value_or_the_one_around_it() {
    let text = b"{\"a\":\n{\"b\": 1}}";
    let issue = || Issue::error(IssueCode::Value, IssueKey::SourceRule, "x");
    let placed = Position { line: 9, column: 9 };
    let mut issues = vec![
        issue().with_pointer("/a/b"),
        issue(),
        issue().with_pointer("/a/c/d/e"),
        issue().with_pointer("/a").with_position(placed),
        issue().with_pointer("/z"),
        issue().with_pointer("/a/b"),
    ];
    place_issues(text, &mut issues);
    let at = |line, column| Some(Position { line, column });
    let positions: Vec<_> = issues.iter().map(|issue| issue.position).collect();
    assert_eq!(positions, [at(2, 7), None, at(2, 1), Some(placed), at(1, 1), at(2, 7)]);
}

/// Any tree; its numbers are written by us and may have any text of the grammar.
fn tree() -> impl Strategy<Value = Value> {
    let number = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(|text| Value::Number(serde_json::Number::from_string_unchecked(text))),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::vec((any::<String>(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_was_written_is_read_back_the_same(tree in tree()) {
        for text in [written(&tree), serde_json::to_string_pretty(&tree).expect("written")] {
            let back = read(&text).expect("well formed");
            prop_assert_eq!(written(&back), written(&tree));
        }
    }

    #[test]
    fn any_text_is_accepted_or_refused_as_serde_json_does(text in "[ \\[\\]{}\",:0-9a-u.eE+\\\\-]{0,12}") {
        let theirs = serde_json::from_str::<Value>(&text);
        // `serde_json` writes the exponent of `0E0` as `e+0`; we keep it.
        let plain = |value: Value| value.to_string().to_lowercase().replace("e+", "e");
        match read(&text) {
            Ok(ours) => prop_assert_eq!(Some(plain(ours)), theirs.ok().map(plain)),
            // Members named twice are ours to refuse.
            Err(issue) => prop_assert!(theirs.is_err() || issue.key == IssueKey::JsonDuplicateMember, "{}", text),
        }
    }

    #[test]
    fn a_document_with_a_few_bytes_changed_never_panics(
        tree in tree(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let mut bytes = written(&tree).into_bytes();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let theirs = serde_json::from_slice::<Value>(&bytes);
        match parse(&bytes, Limits::default()) {
            Ok(_) => prop_assert!(theirs.is_ok()),
            Err(issue) => prop_assert!(theirs.is_err() || issue.key == IssueKey::JsonDuplicateMember),
        }
        locate_all(&bytes, &["/0", "/a/b", ""]);
    }
}
