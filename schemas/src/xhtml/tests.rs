//! Narratives -> their faults and what else is asked of them.

use super::*;
use proptest::prelude::*;

fn div(content: &str) -> String {
    format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{content}</div>")
}

fn faults(text: &str) -> Vec<String> {
    read(text).faults.into_iter().map(|fault| format!("{:?}: {}", fault.weight, fault.text)).collect()
}

#[test]
fn what_formats_text_is_allowed() {
    for content in [
        "a",
        "<p>a <b>b <i>c</i></b><br/></p><hr/>",
        "<table border=\"1\"><caption>c</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td colspan=\"2\">b</td></tr></tbody></table>",
        "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
        "<ul>\n <li>a<ol><li>b</li></ol></li>\n</ul><dl><dt>a</dt><dd>b</dd></dl>",
        "<a href=\"https://example.org/a?b=c#d\">a</a><a name=\"x\"> </a><a href=\"#x\">b</a>",
        "<a href=\"Patient/1\">a</a><a href=\"mailto:a@example.org\">b</a><a href=\"tel:+441632960001\">c</a>",
        "<img src=\"data:image/png;base64,QUJD\" alt=\"a\"/><img src=\"#pic\"/>",
        "<p style=\"color: red\" class=\"a\" id=\"b\" title=\"c\" xml:lang=\"en\" lang=\"en\">a</p>",
        "&lt;script&gt; &amp;&quot;&apos;&#160;&#xe9;",
        "<!-- a comment --><![CDATA[a < b]]>",
        "<blockquote><p>a</p></blockquote><pre>a\n b</pre>",
    ] {
        assert_eq!(faults(&div(content)), Vec::<String>::new(), "{content}");
        assert!(html_checks(&div(content)), "{content}");
    }
}

#[test]
fn elements_and_attributes_that_could_act_are_forbidden() {
    let element = |name: &str| format!("Forbidden: The narrative has the element `{name}`, which FHIR does not allow.");
    let attribute = |name: &str, on: &str| {
        format!("Forbidden: The narrative has the attribute `{name}` on `{on}`, which FHIR does not allow.")
    };
    for (content, expected) in [
        ("<script>alert(1)</script>", element("script")),
        ("<SCRIPT>alert(1)</SCRIPT>", element("SCRIPT")),
        ("<form>a</form>", element("form")),
        ("<iframe src=\"https://example.org\">a</iframe>", element("iframe")),
        ("<style>a</style>", element("style")),
        ("<svg>a</svg>", element("svg")),
        ("<u>a</u>", element("u")),
        ("<p onclick=\"a()\">a</p>", attribute("onclick", "p")),
        ("<img src=\"a.png\" onerror=\"a()\"/>", attribute("onerror", "img")),
        ("<p href=\"a\">a</p>", attribute("href", "p")),
        ("<p data-x=\"a\">a</p>", attribute("data-x", "p")),
    ] {
        let found = faults(&div(content));
        assert!(found.contains(&expected), "{content}: {found:?}");
        assert!(!html_checks(&div(content)), "{content}");
    }
}

#[test]
fn links_lead_where_a_person_may_be_led() {
    for content in [
        "<a href=\"javascript:alert(1)\">a</a>",
        "<a href=\" java\nscript:alert(1)\">a</a>",
        "<a href=\"&#106;avascript:alert(1)\">a</a>",
        "<a href=\"JAVASCRIPT:alert(1)\">a</a>",
        "<a href=\"vbscript:a\">a</a>",
        "<a href=\"data:text/html,a\">a</a>",
        "<a href=\"urn:uuid:c757873d-ec9a-4326-a141-556f43239520\">a</a>",
        "<a href=\"file:///a\">a</a>",
        "<a href=\"\">a</a>",
        "<a href=\"http://example.org/a b\">a</a>",
        "<img src=\"javascript:a\"/>",
        "<img src=\"data:text/html;base64,QUJD\"/>",
        "<img src=\"data:image/png;base64,Q\"/>",
        "<img src=\"data:image/png\"/>",
        "<p style=\"background: expression(a)\">a</p>",
    ] {
        let found = faults(&div(content));
        assert!(found.len() == 1 && found[0].starts_with("Error"), "{content}: {found:?}");
    }
    assert!(faults(&div("<p style=\"background: url(http://example.org)\">a</p>"))[0].starts_with("Warning"));
}

#[test]
fn elements_stand_where_html_has_them() {
    for (content, expected) in [
        ("<p><div>a</div></p>", "`div` stands inside an element that holds text only, such as `p`."),
        ("<p><ul><li>a</li></ul></p>", "`ul` stands inside an element that holds text only, such as `p`."),
        ("<p><span><p>a</p></span></p>", "`p` must not stand in `p`."),
        ("<b>a<b>b</b></b>", "`b` stands inside another `b`."),
        ("<ul><p>a</p></ul>", "`p` must not stand in `ul`."),
        ("<ul>a<li>b</li></ul>", "Text must not stand in `ul`."),
        ("<li>a</li>", "`li` must not stand in `div`."),
        ("<tr><td>a</td></tr>", "`tr` must not stand in `div`."),
        ("<table><tr><p>a</p></tr></table>", "`p` must not stand in `tr`."),
        ("<br>a</br>", "Text must not stand in `br`."),
        ("<hr><b>a</b></hr>", "`b` must not stand in `hr`."),
    ] {
        assert_eq!(faults(&div(content)), [format!("Error: {expected}")], "{content}");
    }
}

#[test]
fn what_is_no_xhtml_is_told() {
    for (text, expected) in [
        ("<div>a</div>".to_owned(), "`div` must be in the namespace"),
        ("<div xmlns=\"http://hl7.org/fhir\">a</div>".to_owned(), "`div` must be in the namespace"),
        (
            "<p xmlns=\"http://www.w3.org/1999/xhtml\">a</p>".to_owned(),
            "The root element of a narrative must be `div`.",
        ),
        (div("<p>a"), "not well-formed XHTML: `</div>` stands where `</p>` is awaited."),
        (div("a<br>"), "not well-formed XHTML"),
        (div("a & b"), "`&` starts no reference"),
        (div("a&nbsp;b"), "The narrative has the entity `&nbsp;`, which XML does not know."),
        (div("a&reg;b"), "The narrative has the entity `&reg;`, which XML does not know."),
        (div("a\u{0}b"), "control character"),
        ("a".to_owned(), "text stands outside the root element"),
        (String::new(), "there is no element"),
        (format!("<!DOCTYPE html>{}", div("a")), "document type"),
        (div(&format!("{}{}", "<div>".repeat(100_000), "</div>".repeat(100_000))), "nested deeper than 256"),
    ] {
        let found = faults(&text);
        assert!(found.len() == 1 && found[0].contains(expected), "{expected}: {found:?}");
    }
}

#[test]
fn a_narrative_shows_something_or_not() {
    for (content, expected) in [
        ("a", true),
        ("<p> </p>", false),
        ("&#160;\n", false),
        ("<img src=\"a.png\"/>", true),
        ("<b><i>a</i></b>", true),
    ] {
        assert_eq!(read(&div(content)).has_content, expected, "{content}");
    }
}

#[test]
fn anchors_fragments_and_languages_are_given() {
    let found = read(&div(
        "<div xml:lang=\"en\" lang=\"en\"><a name=\"a\" id=\"b\">x</a></div><div lang=\"cy\"><a href=\"#b\">y</a><p id=\"b\" lang=\"de\">z</p></div>",
    ));
    assert_eq!(found.fragments, ["b"]);
    assert_eq!(found.languages, ["en", "cy"]);
    assert_eq!(found.language.as_deref(), Some("en"));
    assert!(found.anchors.contains("a") && found.anchors.contains("b"));
    let told: Vec<String> = found.faults.into_iter().map(|fault| fault.text).collect();
    assert_eq!(told, ["The narrative has one `id` or anchor name twice."]);
}

#[test]
fn many_faults_are_told_once_each() {
    assert_eq!(faults(&div(&"<u>a</u>".repeat(1000))).len(), 1);
    let many: String = (0..1000).map(|at| format!("<x{at}>a</x{at}>")).collect();
    assert_eq!(faults(&div(&many)).len(), 100);
}

/// Marks that make up narratives, in any order.
fn marks() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(vec![
        "<div xmlns='http://www.w3.org/1999/xhtml'>",
        "</div>",
        "<p>",
        "</p>",
        "<a href='#x'>",
        "</a>",
        "<br/>",
        "&nbsp;",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&",
        "&#",
        ";",
        "<",
        ">",
        "'",
        "\"",
        "=",
        " ",
        "é",
        "x",
        "<img src='data:,'/>",
        "<x:y",
        "xmlns:x=''",
        "style='url('",
        "\u{1}",
    ]);
    prop::collection::vec(mark, 0..30).prop_map(|marks| marks.concat())
}

proptest! {
    #[test]
    fn any_text_is_judged(text in marks()) {
        let found = read(&text);
        prop_assert_eq!(html_checks(&text), found.faults.iter().all(|fault| fault.weight != Weight::Forbidden));
        prop_assert!(!html_checks(&text) || text.contains("<"));
    }
}
