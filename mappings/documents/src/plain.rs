//! A narrative of any sender -> lines of text, and markup that is safe to show: only what structures text, no attribute but
//! those of table headings, no link, image, script or style. Every text stays; what is dropped is named.

use crate::xhtml::escape;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A narrative as it may be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// Its text: a line for each paragraph, item and row; cells are parted by ` | `.
    pub lines: Vec<String>,
    /// Its markup, safe to stand in a page.
    pub safe: String,
    /// Elements whose content was dropped, and images, each once.
    pub dropped: Vec<String>,
    /// Whether it could not be read as XHTML, so that its text may hold marks.
    pub is_broken: bool,
}

/// Elements that structure text.
const KEPT: [&str; 29] = [
    "p",
    "ul",
    "ol",
    "li",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "b",
    "i",
    "em",
    "strong",
    "u",
    "sub",
    "sup",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "dl",
    "dt",
    "dd",
    "blockquote",
];
/// Elements whose content nobody is to see, or that do something.
const DROPPED: [&str; 10] = ["script", "style", "head", "iframe", "object", "embed", "form", "template", "svg", "math"];
/// Elements that end a line.
const BLOCKS: [&str; 20] = [
    "p",
    "ul",
    "ol",
    "li",
    "table",
    "caption",
    "tr",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "dl",
    "dt",
    "dd",
    "pre",
    "blockquote",
    "hr",
];
/// Nesting is followed no deeper; what lies below is kept as text.
const DEEPEST: usize = 64;

/// Reads a narrative's `div`.
pub fn read(div: &str) -> Plain {
    let mut walk = Walk::default();
    let mut reader = Reader::from_str(div);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => walk.open(&tag),
            Ok(Event::Empty(tag)) => walk.empty(&tag),
            Ok(Event::End(tag)) => walk.close(&local(tag.name().as_ref())),
            Ok(Event::Text(text)) => walk.text(&String::from_utf8_lossy(&text)),
            Ok(Event::CData(text)) => walk.text(&String::from_utf8_lossy(&text)),
            Ok(Event::GeneralRef(name)) => {
                let name = String::from_utf8_lossy(&name).into_owned();
                let text = entity(&name).unwrap_or_else(|| format!("&{name};"));
                walk.text(&text);
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                // What could not be read as markup is shown as it is written.
                let place = usize::try_from(reader.error_position()).unwrap_or_default().min(div.len());
                walk.plain.is_broken = true;
                walk.text(div.get(place..).unwrap_or(div));
                break;
            }
        }
    }
    walk.finish()
}

fn local(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

fn entity(name: &str) -> Option<String> {
    let code = name.strip_prefix('#')?;
    let number = match code.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => code.parse().ok()?,
    };
    char::from_u32(number).map(String::from)
}

fn named(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => "\u{a0}",
        "ndash" => "–",
        "mdash" => "—",
        "pound" => "£",
        "deg" => "°",
        "micro" => "µ",
        _ => return None,
    })
}

#[derive(Default)]
struct Walk {
    plain: Plain,
    open: Vec<String>,
    /// How deep inside something that nobody is to see.
    hidden: usize,
    line: String,
}

impl Walk {
    fn open(&mut self, tag: &BytesStart<'_>) {
        let name = local(tag.name().as_ref());
        if self.hidden > 0 || DROPPED.contains(&name.as_str()) {
            self.drop(&name);
            self.hidden += 1;
            self.open.push(name);
            return;
        }
        self.starts(&name);
        if KEPT.contains(&name.as_str()) && self.open.len() < DEEPEST {
            self.plain.safe.push_str(&format!("<{name}{}>", attributes(&name, tag)));
            self.open.push(name);
        } else {
            self.open.push(format!("!{name}"));
        }
    }

    fn empty(&mut self, tag: &BytesStart<'_>) {
        let name = local(tag.name().as_ref());
        if self.hidden > 0 {
            return;
        }
        match name.as_str() {
            "br" => {
                self.plain.safe.push_str("<br/>");
                self.end_line();
            }
            "hr" => self.end_line(),
            "img" => {
                self.drop(&name);
                let alt = tag.attributes().flatten().find(|it| it.key.as_ref() == b"alt");
                let alt = alt.map(|it| String::from_utf8_lossy(&it.value).into_owned()).unwrap_or_default();
                self.text(&format!("[picture{}{alt}]", if alt.is_empty() { "" } else { ": " }));
            }
            _ => {
                self.open(tag);
                self.close(&name);
            }
        }
    }

    fn drop(&mut self, name: &str) {
        if !self.plain.dropped.iter().any(|known| known == name) {
            self.plain.dropped.push(name.to_owned());
        }
    }

    fn starts(&mut self, name: &str) {
        if matches!(name, "td" | "th") {
            if !self.line.trim().is_empty() {
                self.line.push_str(" | ");
            }
        } else if BLOCKS.contains(&name) {
            self.end_line();
        }
    }

    fn close(&mut self, name: &str) {
        let Some(place) = self.open.iter().rposition(|open| open.trim_start_matches('!') == name) else { return };
        while self.open.len() > place {
            let Some(open) = self.open.pop() else { break };
            if self.hidden > 0 {
                self.hidden -= 1;
            } else if !open.starts_with('!') {
                self.plain.safe.push_str(&format!("</{open}>"));
            }
            if BLOCKS.contains(&open.trim_start_matches('!')) {
                self.end_line();
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        let text = match text.strip_prefix('&').and_then(|rest| rest.strip_suffix(';')).and_then(named) {
            Some(known) => known,
            None => text,
        };
        self.plain.safe.push_str(&escape(text).replace("<br/>", " "));
        for part in text.split_inclusive(char::is_whitespace) {
            let word = part.trim_end();
            self.line.push_str(word);
            if word.len() < part.len() && !self.line.ends_with(' ') && !self.line.is_empty() {
                self.line.push(' ');
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim();
        if !line.is_empty() {
            self.plain.lines.push(line.to_owned());
        }
    }

    fn finish(mut self) -> Plain {
        while let Some(open) = self.open.pop() {
            if self.hidden > 0 {
                self.hidden -= 1;
            } else if !open.starts_with('!') {
                self.plain.safe.push_str(&format!("</{open}>"));
            }
        }
        self.end_line();
        self.plain
    }
}

/// What of a tag's attributes matters to who hears a table read out.
fn attributes(name: &str, tag: &BytesStart<'_>) -> String {
    if !matches!(name, "th" | "td") {
        return String::new();
    }
    let mut kept = String::new();
    for attribute in tag.attributes().flatten() {
        let value = String::from_utf8_lossy(&attribute.value).into_owned();
        let is_number = !value.is_empty() && value.len() <= 3 && value.bytes().all(|byte| byte.is_ascii_digit());
        match attribute.key.as_ref() {
            b"scope" if ["row", "col", "rowgroup", "colgroup"].contains(&value.as_str()) => {
                kept.push_str(&format!(" scope=\"{value}\""));
            }
            b"colspan" if is_number => kept.push_str(&format!(" colspan=\"{value}\"")),
            b"rowspan" if is_number => kept.push_str(&format!(" rowspan=\"{value}\"")),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(inner: &str) -> Plain {
        read(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>"))
    }

    #[test]
    fn tables_lists_and_paragraphs_become_lines() {
        let plain = of(
            "<p>One &amp; two</p><table><tr><th scope=\"row\">Drug</th><td>Dose<br/>at night</td></tr></table><ul><li>a</li><li>b</li></ul>",
        );
        assert_eq!(plain.lines, ["One & two", "Drug | Dose", "at night", "a", "b"]);
        assert!(plain.safe.contains("<th scope=\"row\">Drug</th>") && plain.safe.contains("One &amp; two"));
        assert!(plain.dropped.is_empty() && !plain.is_broken);
    }

    #[test]
    fn nothing_that_acts_or_loads_stays_and_no_text_is_lost() {
        for (evil, text) in [
            ("<p onclick=\"x()\">a</p><script>alert(1)</script>", "a"),
            ("<a href=\"javascript:x\">link</a>", "link"),
            ("<img src=\"https://evil.example/x.png\" alt=\"map\"/>", "[picture: map]"),
            ("<svg><script>1</script></svg>after", "after"),
            ("<p style=\"background:url(x)\">s</p>", "s"),
            ("&lt;script&gt;", "<script>"),
            ("<b>open", "open"),
        ] {
            let plain = of(evil);
            assert_eq!(plain.lines.join(" "), text, "{evil}");
            for mark in ["<script", "onclick", "href", "<img", "<svg", "style=", "javascript:"] {
                assert!(!plain.safe.contains(mark), "{evil}: {}", plain.safe);
            }
        }
    }

    #[test]
    fn what_is_no_markup_is_shown_as_written() {
        let plain = read("<div>5 < 6 and <b>bold</div>");
        assert!(plain.lines.join(" ").contains('5'), "{plain:?}");
        assert!(!plain.safe.contains("<div"), "{}", plain.safe);
    }
}
