//! `html-text`: HTML to plain text; tags go, line breaks, list items, numbers of steps and links stay visible.

use super::html_entities::entity;
use super::signature::TEXT_TO_TEXT;
use super::{Arguments, Example, Function, PLAIN, Returned, Sent, fhir_text, text};
use crate::account::LawClass;
use crate::outside::Outside;
use serde_json::Value;

/// The function.
pub const HTML_TEXT: Function = Function {
    name: "html-text",
    class: LawClass::Lens,
    free_text: true,
    signature: TEXT_TO_TEXT,
    help: "HTML to plain text with line breaks; list items begin with `- ` or their number, links are followed by where they go.",
    examples: &[
        Example::new(
            "",
            r#"["<p>Use <b>laser stick</b>.</p><ul><li>cue</li><li>wait</li></ul>"]"#,
            r#""Use laser stick.\n- cue\n- wait""#,
        ),
        Example::new("", r#"["one<br/>two &amp; three"]"#, r#""one\ntwo & three""#),
        Example::new("", r#"["BP <100 and sats < 92%"]"#, r#""BP <100 and sats < 92%""#),
        Example::new("", r#"["<td>2</td><td>5&nbsp;mg</td>"]"#, r#""2  5 mg""#),
        Example::new("", r#"["temp <lower limit and >37 call GP"]"#, r#""temp <lower limit and >37 call GP""#),
        Example::new("", r#"["<h5>Allergies</h5>None"]"#, r#""Allergies\nNone""#),
        Example::new(
            "",
            r#"["<ol><li>stand<ul><li>left</li><li>right</li></ul></li><li>walk</li></ol>"]"#,
            r#""1. stand\n  - left\n  - right\n2. walk""#,
        ),
        Example::new(
            "",
            r#"["see <a href='https://example.org/x'>the plan</a>"]"#,
            r#""see the plan (https://example.org/x)""#,
        ),
        Example::new("", r#"["<style>p { color: red }</style>calm<script>alert('<b>')</script>"]"#, r#""calm""#),
        Example::new("", "[5]", "outside"),
    ],
    // An empty list item (`<li>`) says nothing.
    out: |_, sources| -> Sent {
        Ok(text(sources)?.map(plain_text).filter(|text| !matches!(text.as_str(), "" | "-")).map(Value::from))
    },
    back,
    ..PLAIN
};

/// As it is where it reads as itself; else with `&`, `<`, `>` and line breaks as HTML writes them.
fn back(_: &Arguments, value: &Value) -> Returned {
    let text = fhir_text(value)?;
    if plain_text(text) == text {
        return Ok(vec![Some(text.into())]);
    }
    let mut html = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\n' => html.push_str("<br>"),
            other => html.push(other),
        }
    }
    if plain_text(&html) == text {
        return Ok(vec![Some(html.into())]);
    }
    Err(Outside::domain("the spaces and line breaks of this text cannot be written as HTML"))
}

/// The text of an HTML fragment. A `<` that opens no tag stays what it is.
pub fn plain_text(html: &str) -> String {
    let mut out = Plain { out: String::with_capacity(html.len()), lists: Vec::new(), link: None };
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((tag, length)) = tag(rest) {
            rest = &rest[length..];
            if tag.unseen && !tag.closing {
                rest = after_unseen(rest, tag.name.as_str());
                continue;
            }
            out.tag(&tag);
        } else if let Some((letter, length)) = entity(rest) {
            out.out.push(letter);
            rest = &rest[length..];
        } else {
            out.out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.out.push_str(rest);
    out.out.trim().to_string()
}

/// The text so far.
struct Plain {
    out: String,
    /// Lists around, with the number of the last item of ordered ones.
    lists: Vec<Option<u32>>,
    /// Where the link around goes, and where its words begin.
    link: Option<(String, usize)>,
}

impl Plain {
    fn line(&mut self) {
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        match (tag.name.as_str(), tag.closing) {
            ("li", false) => {
                self.line();
                let depth = self.lists.len().clamp(1, DEEPEST_INDENT) - 1;
                self.out.extend(std::iter::repeat_n("  ", depth));
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        self.out.push_str(&format!("{number}. "));
                    }
                    _ => self.out.push_str("- "),
                }
            }
            ("ul" | "ol", closing) => {
                self.line();
                if closing {
                    self.lists.pop();
                } else if self.lists.len() < DEEPEST_LIST {
                    self.lists.push((tag.name == "ol").then_some(0));
                }
            }
            ("td" | "th", _) => self.out.push(' '),
            ("a", false) => self.link = tag.attribute("href").map(|href| (href, self.out.len())),
            ("a", true) => {
                if let Some((href, from)) = self.link.take() {
                    let words = self.out.get(from..).unwrap_or_default().trim();
                    let goes_out =
                        ["http://", "https://", "mailto:", "tel:"].iter().any(|start| href.starts_with(start));
                    let said = href.trim_end_matches('/').ends_with(words.trim_end_matches('/')) && !words.is_empty();
                    if goes_out && !said {
                        let between = if words.is_empty() { "" } else { " " };
                        self.out.push_str(&format!("{between}({href})"));
                    }
                }
            }
            ("img", _) => {
                if let Some(words) = tag.attribute("alt").filter(|words| !words.trim().is_empty()) {
                    self.out.push_str(words.trim());
                }
            }
            (name, _) if BLOCKS.contains(&name) => self.line(),
            _ => {}
        }
    }
}

/// The longest tag that is looked for; a `<` with no `>` within it opens none.
const LONGEST_TAG: usize = 4096;
/// Lists nested deeper are not told apart, and lines are not moved further in.
const DEEPEST_LIST: usize = 64;
const DEEPEST_INDENT: usize = 8;
/// Tags that end a line.
const BLOCKS: [&str; 33] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
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
    "html",
    "li",
    "main",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "tbody",
    "tfoot",
];
/// Tags within a line; cells stand apart from each other.
const INLINE: [&str; 31] = [
    "a", "abbr", "b", "big", "center", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "label", "mark",
    "q", "s", "small", "span", "strike", "strong", "sub", "sup", "thead", "time", "tt", "u", "td", "th", "wbr",
];
/// Tags whose content nobody sees.
const UNSEEN: [&str; 4] = ["script", "style", "head", "title"];

/// A tag or comment.
struct Tag<'t> {
    name: String,
    closing: bool,
    unseen: bool,
    /// What stands behind the name.
    attributes: &'t str,
}

/// The tag at the start, and how long it is. `<lower limit and >` is no tag: its words are no tag's name.
fn tag(text: &str) -> Option<(Tag<'_>, usize)> {
    let inner = text.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        let name = String::new();
        return Some((Tag { name, closing: false, unseen: false, attributes: "" }, comment.find("-->")? + 7));
    }
    let closing = inner.starts_with('/');
    let named = inner.strip_prefix('/').unwrap_or(inner);
    let name_end = named.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(named.len());
    let name = named.get(..name_end.min(12))?.to_ascii_lowercase();
    let unseen = UNSEEN.contains(&name.as_str());
    let known =
        unseen || name == "ul" || name == "ol" || BLOCKS.contains(&name.as_str()) || INLINE.contains(&name.as_str());
    if !known {
        return None;
    }
    let behind = &named[name_end..];
    let end = tag_end(behind)?;
    let length = text.len() - behind.len() + end + 1;
    Some((Tag { name, closing, unseen, attributes: &behind[..end] }, length))
}

/// Where the `>` of a tag stands: not within the quotes of an attribute, unless the quotes never end.
fn tag_end(behind: &str) -> Option<usize> {
    let bytes = behind.as_bytes();
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().take(LONGEST_TAG) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if bytes[..at].iter().rev().find(|byte| **byte != b' ') == Some(&b'=') => {
                quote = Some(*byte);
            }
            (Some(open), close) if open == *close => quote = None,
            _ => {}
        }
    }
    bytes.iter().take(LONGEST_TAG).position(|byte| *byte == b'>')
}

impl Tag<'_> {
    /// The value of an attribute, with its entities read.
    fn attribute(&self, name: &str) -> Option<String> {
        let lower = self.attributes.to_ascii_lowercase();
        let at = lower.match_indices(name).map(|(at, _)| at).find(|at| {
            let before = self.attributes[..*at].ends_with(|c: char| c.is_whitespace() || c == '"' || c == '\'');
            before && self.attributes[at + name.len()..].trim_start().starts_with('=')
        })?;
        let value = self.attributes[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let text = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next()?,
            _ => value.split(char::is_whitespace).next()?,
        };
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let (letter, length) = entity(rest).unwrap_or(('&', 1));
            out.push(letter);
            rest = &rest[length..];
        }
        out.push_str(rest);
        Some(out)
    }
}

/// What follows a tag whose content nobody sees. One that is never closed hides nothing, or a stray tag would swallow a text.
fn after_unseen<'t>(text: &'t str, name: &str) -> &'t str {
    let close = text.match_indices("</").find(|(at, _)| {
        let behind = &text[at + 2..];
        behind.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name))
    });
    match close.and_then(|(at, _)| Some((at, text[at..].find('>')?))) {
        Some((at, end)) => &text[at + end + 1..],
        None => text,
    }
}
