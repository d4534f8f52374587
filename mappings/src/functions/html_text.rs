//! `html-text`: HTML to plain text; tags go, line breaks and list items stay visible.

use super::signature::{SOME_TEXT, Signature, TEXTS};
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, Sources, Takes, fhir_text, text};
use crate::account::LawClass;
use serde_json::Value;

/// The function.
pub const HTML_TEXT: Function = Function {
    name: "html-text",
    class: LawClass::Lens,
    sources: Sources::Exactly(1),
    takes: Takes::Texts(0),
    by_element: false,
    free_text: true,
    signature: Signature { takes: &[SOME_TEXT], gives: TEXTS, returns: true },
    help: "HTML to plain text with line breaks; list items begin with `- `.",
    examples: &[
        Example::new(
            "",
            r#"["<p>Use <b>laser stick</b>.</p><ul><li>cue</li><li>wait</li></ul>"]"#,
            r#""Use laser stick.\n- cue\n- wait""#,
        ),
        Example::new("", r#"["one<br/>two &amp; three"]"#, r#""one\ntwo & three""#),
        Example::new("", r#"["BP <100 and sats < 92%"]"#, r#""BP <100 and sats < 92%""#),
        Example::new("", r#"["<td>2</td><td>5 mg</td>"]"#, r#""2  5 mg""#),
        Example::new("", r#"["temp <lower limit and >37 call GP"]"#, r#""temp <lower limit and >37 call GP""#),
        Example::new("", r#"["<h5>Allergies</h5>None"]"#, r#""Allergies\nNone""#),
    ],
    out,
    back,
    ..PLAIN
};

fn out(_: &Arguments, sources: &[Option<&Value>]) -> Sent {
    Ok(text(sources)?.map(plain_text).filter(|text| !text.is_empty()).map(Value::from))
}

fn back(_: &Arguments, value: &Value) -> Returned {
    Ok(vec![Some(fhir_text(value)?.into())])
}

/// The text of an HTML fragment. A `<` that opens no tag stays what it is.
pub fn plain_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((text, length)) = tag(rest).or_else(|| entity(rest)) {
            if text == "\n" || text == "\n- " {
                let kept = out.trim_end_matches(' ').len();
                out.truncate(kept);
                if !out.is_empty() && !out.ends_with('\n') {
                    out.push('\n');
                }
                out.push_str(text.trim_start_matches('\n'));
            } else {
                out.push_str(&text);
            }
            rest = &rest[length..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out.trim().to_string()
}

/// The longest tag that is looked for; a `<` with no `>` within it opens none.
const LONGEST_TAG: usize = 1024;
/// Tags that end a line.
const BLOCKS: [&str; 27] = [
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
    "tbody",
];
/// Tags within a line; cells stand apart from each other.
const INLINE: [&str; 25] = [
    "a", "abbr", "b", "big", "code", "em", "font", "i", "img", "ins", "del", "label", "mark", "s", "small", "span",
    "strike", "strong", "sub", "sup", "tt", "u", "thead", "td", "th",
];

/// What a tag stands for, and how long it is. `<lower limit and >` is no tag: its words are no tag's name.
fn tag(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        return Some((String::new(), comment.find("-->")? + 7));
    }
    let named = inner.strip_prefix('/').unwrap_or(inner);
    let end = inner.bytes().take(LONGEST_TAG).position(|byte| byte == b'>')?;
    let name: String = named.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let closing = inner.starts_with('/');
    let stands_for = match name.as_str() {
        "li" if !closing => "\n- ",
        "td" | "th" => " ",
        block if BLOCKS.contains(&block) => "\n",
        inline if INLINE.contains(&inline) => "",
        _ => return None,
    };
    Some((stands_for.to_string(), end + 2))
}

fn entity(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.find(';').filter(|end| *end <= 8)?;
    let name = &inner[..end];
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))?
        }
    };
    Some((c.to_string(), end + 2))
}
