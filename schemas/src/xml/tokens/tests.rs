//! Texts -> their marks, and texts that are no XML.

use super::*;

fn marks(text: &str) -> Result<String, String> {
    let mut tokens = Tokens::new(text, 8);
    let mut out = Vec::new();
    loop {
        out.push(match tokens.next().map_err(|fault| format!("{}: {:?}", fault.offset, fault.kind))? {
            Token::Open(tag) => {
                let attributes: Vec<String> =
                    tag.attributes.iter().map(|attribute| format!(" {}={}", attribute.name, attribute.value)).collect();
                format!("<{}{}>", tag.name, attributes.concat())
            }
            Token::Close(_) => "</>".to_owned(),
            Token::Text(text, _) => format!("'{text}'"),
            Token::CData(text, _) => format!("[{text}]"),
            Token::Comment => "#".to_owned(),
            Token::Instruction(_) => "?".to_owned(),
            Token::End => return Ok(out.concat()),
        });
    }
}

#[test]
fn marks_come_in_their_order() {
    for (text, expected) in [
        ("<a/>", "<a></>"),
        ("<?xml version='1.0'?>\n<a b = 'c' d=\"e'\"/>\n", "#'\n'<a b=c d=e'></>'\n'"),
        ("<f:a xmlns:f='x'>t &lt; u<!-- c - d --><b></b ></f:a>", "<f:a xmlns:f=x>'t < u'#<b></></>"),
        ("<a><![CDATA[<&]]]]><?p q?></a>", "<a>[<&]]]?</>"),
        ("<a b='x&#10;y\nz'/>", "<a b=x\ny z></>"),
        ("<a b='>'/>", "<a b=>></>"),
    ] {
        assert_eq!(marks(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_no_xml_is_refused_with_its_place() {
    for (text, expected) in [
        ("", "0: Syntax(\"there is no element\")"),
        ("  ", "2: Syntax(\"there is no element\")"),
        ("<a>", "3: Syntax(\"`<a>` has no end tag\")"),
        ("<a></b>", "3: Syntax(\"`</b>` stands where `</a>` is awaited\")"),
        ("<a/></a>", "4: Syntax(\"`</a>` closes nothing\")"),
        ("<a/><b/>", "4: Syntax(\"there is a second root element\")"),
        ("<a/>b", "4: Syntax(\"text stands outside the root element\")"),
        ("b<a/>", "0: Syntax(\"text stands outside the root element\")"),
        ("<a>&reg;</a>", "3: Entity(\"reg\")"),
        ("<a b='&reg;'/>", "6: Entity(\"reg\")"),
        ("<a>a & b</a>", "5: Syntax(\"`&` starts no reference; it is written `&amp;`\")"),
        ("<!DOCTYPE a><a/>", "0: DocumentType"),
        ("<a>]]></a>", "3: Syntax(\"`]]>` stands in a text\")"),
        ("<a><!-- a -- b --></a>", "10: Syntax(\"`--` stands in a comment\")"),
        ("<a><!-- a </a>", "3: Syntax(\"a comment has no end\")"),
        ("<a b='1' b='2'/>", "9: Syntax(\"`<a>` has the attribute `b` twice\")"),
        ("<a b='1'c='2'/>", "8: Syntax(\"the tag `<a` is not closed by `>`\")"),
        ("<a b=1/>", "5: Syntax(\"the value of the attribute `b` has no quotes\")"),
        ("<a b/>", "4: Syntax(\"the attribute `b` has no value\")"),
        ("<a b='1/>", "3: Syntax(\"the value of the attribute `b` has no closing quote\")"),
        (
            "<a b='<'/>",
            "6: Syntax(\"`<` stands in the value of an attribute; it is written `&lt;`, or a quote is missing\")",
        ),
        ("<a <b/></a>", "3: Syntax(\"the tag `<a` is not closed by `>`\")"),
        ("< a/>", "0: Syntax(\"`<` starts no tag; as text it is written `&lt;`\")"),
        ("<a:b:c/>", "0: Syntax(\"`<` starts no tag; as text it is written `&lt;`\")"),
        ("<a", "2: Syntax(\"the tag `<a` is not closed by `>`\")"),
        ("<", "0: Syntax(\"`<` starts no tag; as text it is written `&lt;`\")"),
        (" <?xml version='1.0'?><a/>", "1: Syntax(\"the XML declaration does not stand at the very start\")"),
        ("<a><?p", "3: Syntax(\"a processing instruction has no end\")"),
        ("<a><![CDATA[", "3: Syntax(\"a CDATA section has no end\")"),
    ] {
        assert_eq!(marks(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn depth_and_attributes_have_a_bound() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(marks(&nested(8)).is_ok());
    assert_eq!(marks(&nested(9)), Err("24: Depth".to_owned()));
    let wide = |count: usize| format!("<a{}/>", (0..count).map(|at| format!(" b{at}=''")).collect::<String>());
    assert!(marks(&wide(MOST_ATTRIBUTES)).is_ok());
    assert!(marks(&wide(MOST_ATTRIBUTES + 1)).is_err_and(|fault| fault.ends_with("Attributes")));
}
