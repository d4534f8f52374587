//! Writes the XHTML of narratives: tables with headings, lists and paragraphs; every text escaped.

/// A narrative that grows.
#[derive(Debug, Default)]
pub struct Xhtml {
    text: String,
}

impl Xhtml {
    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.raw("<p>").text(text).raw("</p>");
    }

    /// A paragraph that must not be overlooked.
    pub fn strong(&mut self, text: &str) {
        self.raw("<p><b>").text(text).raw("</b></p>");
    }

    /// A list; nothing where it is empty.
    pub fn list(&mut self, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.raw("<ul>");
        for item in items {
            self.raw("<li>").text(item).raw("</li>");
        }
        self.raw("</ul>");
    }

    /// A table with a caption, headings of columns, and rows whose first cell heads them; nothing where it has no rows.
    pub fn table(&mut self, caption: &str, columns: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        self.raw("<table><caption>").text(caption).raw("</caption><thead><tr>");
        for column in columns {
            self.raw("<th scope=\"col\">").text(column).raw("</th>");
        }
        self.raw("</tr></thead><tbody>");
        for row in rows {
            self.raw("<tr>");
            for (place, cell) in row.iter().enumerate() {
                let (open, close) = if place == 0 { ("<th scope=\"row\">", "</th>") } else { ("<td>", "</td>") };
                self.raw(open).text(cell).raw(close);
            }
            self.raw("</tr>");
        }
        self.raw("</tbody></table>");
    }

    /// Marks of its own, and no text of others.
    pub fn raw(&mut self, marks: &'static str) -> &mut Xhtml {
        self.text.push_str(marks);
        self
    }

    /// Text of others, escaped.
    pub fn text(&mut self, text: &str) -> &mut Xhtml {
        self.text.push_str(&escape(text));
        self
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The `div` of a Narrative.
    pub fn div(self) -> String {
        format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", self.text)
    }
}

/// A text as XHTML shows it; characters that XML forbids are replaced by a mark that shows that something was there.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("<br/>"),
            '\r' => {}
            '\t' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            control if control.is_control() => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_is_a_mark_of_its_own() {
        let mut page = Xhtml::default();
        page.table("<script>", &["\"a\""], &[vec!["1 < 2 & 3".into(), "\u{1}two\nlines".into()]]);
        let div = page.div();
        assert!(
            div.contains("&lt;script&gt;") && div.contains("1 &lt; 2 &amp; 3") && div.contains("\u{fffd}two<br/>lines")
        );
        let read = ginnel_schemas::xhtml::read(&div);
        assert!(read.faults.is_empty(), "{:?}", read.faults);
    }
}
