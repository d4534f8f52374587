//! Plain texts hold no HTML: a reader that shows one as it stands would run what it says
//! (<https://hl7.org/fhir/R4/security.html#narrative>).

use crate::issue::{IssueCode, IssueKey};
use crate::primitive::Primitive;
use crate::profile::findings::Findings;

/// Elements that act or load something when they are shown.
const ACTIVE: &[&str] = &[
    "applet", "audio", "base", "body", "button", "embed", "form", "frame", "frameset", "html", "iframe", "img",
    "input", "link", "math", "meta", "object", "script", "style", "svg", "template", "textarea", "video",
];

/// The text of a primitive; the path stands at it. A tag of an element that acts is an error; any other is a
/// warning in Markdown, which may take it for one, and worth knowing elsewhere.
pub fn check(primitive: Primitive, text: &str, findings: &mut Findings<'_>) {
    if !matches!(primitive, Primitive::String | Primitive::Code | Primitive::Uri | Primitive::Url | Primitive::Markdown)
    {
        return;
    }
    if memchr::memchr(b'<', text.as_bytes()).is_none() {
        return;
    }
    let is_markdown = primitive == Primitive::Markdown;
    match worst(text, is_markdown) {
        Some(Tag::Active) => findings.error_with_hint(
            IssueCode::Value,
            IssueKey::TargetMarkup,
            format!("{} holds an HTML tag that acts when it is shown, such as `script`.", findings.subject()),
            "send plain text; what is to be formatted belongs in the narrative",
        ),
        Some(Tag::Plain) => {
            let text = format!("{} holds what looks like an HTML tag; it will be shown as text.", findings.subject());
            if is_markdown {
                findings.warning(IssueCode::Value, IssueKey::TargetMarkup, text);
            } else {
                findings.information(IssueCode::Value, IssueKey::TargetMarkup, text);
            }
        }
        None => {}
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tag {
    Plain,
    Active,
}

fn worst(text: &str, is_markdown: bool) -> Option<Tag> {
    text.split('<').skip(1).filter_map(|rest| tag(rest, is_markdown)).max()
}

/// The tag that starts a text, its `<` taken off.
fn tag(rest: &str, is_markdown: bool) -> Option<Tag> {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
    let (name, after) = rest.split_at_checked(length)?;
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    // `a<b or c` and Markdown's `<http://...>` are no tags.
    let ends_name = after.starts_with(|next: char| next.is_ascii_whitespace() || matches!(next, '>' | '/'));
    if !ends_name {
        return None;
    }
    if ACTIVE.iter().any(|active| active.eq_ignore_ascii_case(name)) && (after.contains('>') || is_open_ended(after)) {
        return Some(if is_markdown && !is_script(name) { Tag::Plain } else { Tag::Active });
    }
    after.contains('>').then_some(Tag::Plain)
}

/// Browsers close a tag that has attributes and no end.
fn is_open_ended(after: &str) -> bool {
    after.contains('=')
}

/// Markdown may show images and the like as HTML.
fn is_script(name: &str) -> bool {
    ["script", "iframe", "object", "embed"].iter().any(|script| script.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_plain_texts_are_told() {
        for (primitive, text, expected) in [
            (Primitive::String, "Standard", None),
            (Primitive::String, "a < b and b > c", None),
            (Primitive::String, "age <5 or >65", None),
            (Primitive::String, "a <script>b</script>", Some("error")),
            (Primitive::String, "<SCRIPT src='a'>", Some("error")),
            (Primitive::String, "<img src=x onerror=alert(1)", Some("error")),
            (Primitive::String, "<b>a</b>", Some("information")),
            (Primitive::String, "<patient name>", Some("information")),
            (Primitive::String, "a<b or b>c", Some("information")),
            (Primitive::Markdown, "see <http://example.org>", None),
            (Primitive::Markdown, "a <resource type>", Some("warning")),
            (Primitive::Markdown, "<script>a</script>", Some("error")),
            (Primitive::Markdown, "<img src='a.png'>", Some("warning")),
            (Primitive::Xhtml, "<div>a</div>", None),
            (Primitive::Base64Binary, "<script>", None),
        ] {
            let mut findings = Findings::default();
            check(primitive, text, &mut findings);
            let severities: Vec<_> = findings.into_issues().iter().map(|issue| issue.severity.code()).collect();
            assert_eq!(severities, expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }
}
