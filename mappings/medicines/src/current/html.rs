//! The answer as one page for a carer: what is missing first, then one table; it prints on A4.

use super::line::{Group, Line};
use super::page_style::STYLE;
use super::{Current, Warning};
use crate::record::ZONE;
use jiff::Timestamp;
use std::fmt::Write;

/// Whose page it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// The person's name.
    pub name: String,
    /// Their date of birth.
    pub born: Option<String>,
    /// Their NHS number.
    pub nhs_number: Option<String>,
    /// What is known of allergies, a line each; the first is the state as a whole.
    pub allergies: Vec<String>,
}

/// Writes the page.
pub fn write(current: &Current, heading: &Heading) -> String {
    let mut page = String::with_capacity(4096 + current.lines.len() * 512);
    let name = if heading.name.is_empty() { "Name not in the record" } else { &heading.name };
    page.push_str("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    let _ = writeln!(page, "<title>Medicines: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>", escape(name));
    let _ =
        writeln!(page, "<h1>Medicines</h1>\n<p class=\"who\"><strong>{}</strong>{}</p>", escape(name), who(heading));
    let _ = writeln!(
        page,
        "<p>As of {}. Not a prescription: check it against the label and the chart.</p>",
        local(current.at)
    );
    gaps(&mut page, current);
    allergies(&mut page, heading);
    table(&mut page, current);
    sources(&mut page, current);
    page.push_str("</body>\n</html>\n");
    page
}

fn who(heading: &Heading) -> String {
    let mut text = String::new();
    if let Some(born) = &heading.born {
        let _ = write!(text, " &nbsp; born {}", escape(born));
    }
    if let Some(number) = &heading.nhs_number {
        let _ = write!(text, " &nbsp; NHS number {}", escape(number));
    }
    text
}

fn gaps(page: &mut String, current: &Current) {
    if current.gaps.is_empty() {
        return;
    }
    page.push_str("<section class=\"gaps\" role=\"alert\">\n<h2>This list is not complete</h2>\n<ul>\n");
    for gap in &current.gaps {
        let _ = writeln!(
            page,
            "<li><strong>{}</strong>: {}</li>",
            escape(current.source_name(gap.source)),
            escape(&gap.text)
        );
    }
    page.push_str("</ul>\n</section>\n");
}

fn allergies(page: &mut String, heading: &Heading) {
    if heading.allergies.is_empty() {
        return;
    }
    page.push_str("<section class=\"allergies\">\n<h2>Allergies</h2>\n<ul>\n");
    for line in &heading.allergies {
        let _ = writeln!(page, "<li>{}</li>", escape(line));
    }
    page.push_str("</ul>\n</section>\n");
}

fn table(page: &mut String, current: &Current) {
    if current.lines.is_empty() {
        let text = if current.gaps.is_empty() {
            "No medicine is recorded. That is not the same as \"takes none\": ask the person or the prescriber."
        } else {
            "No medicine can be shown, because the sources did not give all they have (see above)."
        };
        let _ = writeln!(page, "<p class=\"empty\">{text}</p>");
        return;
    }
    page.push_str("<table>\n<thead><tr><th scope=\"col\">Medicine</th><th scope=\"col\">Dose</th><th scope=\"col\">Why it stands here</th>");
    page.push_str("<th scope=\"col\">Mind</th></tr></thead>\n");
    for group in Group::ALL {
        let lines: Vec<&Line> = current.lines.iter().filter(|line| line.group == group).collect();
        if lines.is_empty() {
            continue;
        }
        let _ = writeln!(
            page,
            "<tbody class=\"{}\">\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"4\">{}</th></tr>",
            group.key(),
            group.words()
        );
        lines.iter().for_each(|line| row(page, current, line));
        page.push_str("</tbody>\n");
    }
    page.push_str("</table>\n");
}

fn row(page: &mut String, current: &Current, line: &Line) {
    let dose = match &line.dose {
        Some(dose) => escape(dose),
        None => "<em>no dose recorded: ask</em>".to_string(),
    };
    let notes: String = line
        .instructions
        .iter()
        .chain(&line.notes)
        .map(|note| format!("<br><small>{}</small>", escape(note)))
        .collect();
    let because: Vec<&str> = line.because.iter().map(|it| it.words()).collect();
    let mut why = escape(&because.join("; "));
    if let Some(reason) = &line.reason {
        let _ = write!(why, " ({})", escape(reason));
    }
    let dates = [("from", &line.start), ("until", &line.end), ("last issued", &line.last_issued)];
    for (word, date) in dates {
        if let Some(date) = date {
            let _ = write!(why, "<br><small>{word} {}</small>", escape(date));
        }
    }
    let _ = write!(why, "<br><small>{}</small>", escape(current.source_name(line.source)));
    let warnings: String = line.warnings.iter().map(warning).collect();
    let _ = writeln!(
        page,
        "<tr><th scope=\"row\">{}</th><td>{dose}{notes}</td><td>{why}</td><td>{}</td></tr>",
        escape(&line.medication),
        if warnings.is_empty() { String::new() } else { format!("<ul>{warnings}</ul>") }
    );
}

fn warning(warning: &Warning) -> String {
    let class = if warning.is_error() { " class=\"grave\"" } else { "" };
    format!("<li{class}>{}</li>", escape(&warning.text))
}

fn sources(page: &mut String, current: &Current) {
    page.push_str("<footer>\n<p>Sources:</p>\n<ul>\n");
    for source in &current.sources {
        let text = |name: &str| source.get(name).and_then(serde_json::Value::as_str);
        let retrieved =
            text("retrieved").map(|at| format!("retrieved {at}")).unwrap_or("time of retrieval not stated".into());
        let _ = writeln!(page, "<li>{}: {}</li>", escape(text("name").unwrap_or_default()), escape(&retrieved));
    }
    page.push_str("</ul>\n</footer>\n");
}

/// The instant on a clock in England.
fn local(at: Timestamp) -> String {
    match jiff::tz::TimeZone::get(ZONE) {
        Ok(zone) => at.to_zoned(zone).strftime("%-d %B %Y, %H:%M").to_string(),
        Err(_) => at.to_string(),
    }
}

/// A text as HTML shows it.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("<br>"),
            other => safe.push(other),
        }
    }
    safe
}
