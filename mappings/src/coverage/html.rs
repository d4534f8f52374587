//! A report as one HTML file: no script, no font, no image, nothing fetched; read aloud, printed and searched as it is.

use super::page::{Page, Part, Table};

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { border-bottom: 2px solid; margin-top: 2.5rem; } h3 { margin-top: 2rem; }
nav ul { columns: 3 14rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; }
caption { caption-side: top; font-weight: 600; padding: .3rem 0; text-align: left; }
th, td { border-bottom: 1px solid #8888; padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
tbody th { font-weight: 400; font-family: ui-monospace, monospace; font-size: .9rem; }
td.number, th.number { text-align: right; white-space: nowrap; }
a:focus { outline: 3px solid; outline-offset: 2px; }
@media print {
  body { font-size: 9pt; margin: 0; max-width: none; } nav { display: none; }
  h2 { break-before: page; } h2:first-of-type { break-before: auto; } h3, caption { break-after: avoid; }
  tr { break-inside: avoid; } thead { display: table-header-group; } .wide { overflow: visible; }
}
";

/// The report as a whole HTML document.
pub fn html(page: &Page) -> String {
    let title = escaped(&page.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1></header>\n"
    );
    let chapters: Vec<&String> = page
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Heading(2, words) => Some(words),
            _ => None,
        })
        .collect();
    if !chapters.is_empty() {
        out.push_str("<nav aria-label=\"Chapters\"><ul>\n");
        for (number, words) in chapters.iter().enumerate() {
            out.push_str(&format!("<li><a href=\"#chapter-{number}\">{}</a></li>\n", escaped(words)));
        }
        out.push_str("</ul></nav>\n");
    }
    out.push_str("<main>\n");
    let mut chapter = 0;
    for part in &page.parts {
        match part {
            Part::Heading(2, words) => {
                out.push_str(&format!("<h2 id=\"chapter-{chapter}\">{}</h2>\n", escaped(words)));
                chapter += 1;
            }
            Part::Heading(_, words) => out.push_str(&format!("<h3>{}</h3>\n", escaped(words))),
            Part::Sentence(words) => out.push_str(&format!("<p>{}</p>\n", escaped(words))),
            Part::Table(table) => of_table(&mut out, table),
        }
    }
    out.push_str("</main>\n<footer><p>Counts only: no value of anybody's record stands in this report.</p></footer>\n");
    out.push_str("</body>\n</html>\n");
    out
}

fn of_table(out: &mut String, table: &Table) {
    let caption = escaped(&table.caption);
    // Wide tables scroll by keyboard too.
    out.push_str(&format!("<div class=\"wide\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">\n<table>\n"));
    out.push_str(&format!("<caption>{caption}</caption>\n<thead><tr>"));
    let class = |column: usize| if table.numbers.contains(&column) { " class=\"number\"" } else { "" };
    for (column, name) in table.head.iter().enumerate() {
        out.push_str(&format!("<th scope=\"col\"{}>{}</th>", class(column), escaped(name)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            if column == 0 {
                out.push_str(&format!("<th scope=\"row\">{cell}</th>"));
            } else {
                out.push_str(&format!("<td{}>{cell}</td>", class(column)));
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// Text as HTML shows it, inside elements and attributes alike.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reason_says_is_never_markup() {
        let table = Table {
            caption: "\"><script>".into(),
            head: vec!["Field"],
            rows: vec![vec!["<img src=x onerror='y'>".into()]],
            numbers: Vec::new(),
        };
        let shown =
            html(&Page { title: "a & b".into(), parts: vec![Part::Heading(2, "<b>".into()), Part::Table(table)] });
        assert!(!shown.contains("<script") && !shown.contains("<img") && !shown.contains("<b>"), "{shown}");
        assert!(shown.contains("a &amp; b") && shown.contains("scope=\"row\"") && shown.contains("lang=\"en\""));
    }
}
