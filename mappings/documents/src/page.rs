//! A document as pages to print and to put in the red bag: who it is on each page, what must not be missed first, nothing
//! that acts or loads.

use crate::check::is_own;
use crate::narrative::{self, Context, Placed, facts_of_composition, gaps_of, heading_of, sections};
use crate::page_style::STYLE;
use crate::plain;
use crate::standard::{Content, Heading, Kind};
use crate::words;
use crate::xhtml::escape;
use ginnel_medicines::record::read;
use serde_json::Value;

/// Headings that stand first, in this order: what hurts when it is missed.
const FIRST: [&str; 6] = [
    "reason-for-transfer",
    "allergies",
    "medications",
    "end-of-life-care",
    "personal-contacts",
    "professional-contacts",
];

/// Writes the pages; nothing where it is no document.
pub fn write(document: &Value, kind: Option<Kind>) -> Option<String> {
    let context = Context::read(document)?;
    let composition = context.composition();
    let kind = kind.or_else(|| crate::check::kind_of(composition));
    let title = read::text(composition, "title").map(str::to_owned);
    let title =
        title.or_else(|| kind.map(|kind| kind.standard().title.clone())).unwrap_or_else(|| "Document".to_owned());
    let person = Who::of(&context);
    let mut page = String::with_capacity(16_384);
    page.push_str("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str(&format!(
        "<title>{}: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        escape(&title),
        escape(&person.name)
    ));
    // The head of a table is the one thing that browsers print on every page.
    page.push_str("<table class=\"sheet\" role=\"presentation\">\n<thead><tr><td>\n");
    page.push_str(&person.strip());
    page.push_str("</td></tr></thead>\n<tbody><tr><td>\n<main>\n");
    page.push_str(&format!("<h1>{}</h1>\n", escape(&title)));
    page.push_str(&format!("<p>As of {}.{}</p>\n", escape(&words::instant_words(context.at)), standing(composition)));
    if let Some(provisional) = kind.and_then(|kind| kind.standard().provisional.as_ref()) {
        page.push_str(&format!("<p class=\"mark\" role=\"note\">{}</p>\n", escape(provisional)));
    }
    gaps(&mut page, &context);
    body(&mut page, &context, kind);
    page.push_str("</main>\n");
    footer(&mut page, &context);
    page.push_str("</td></tr></tbody>\n</table>\n</body>\n</html>\n");
    Some(page)
}

fn standing(composition: &Value) -> &'static str {
    match read::text(composition, "status") {
        Some("final" | "amended") => "",
        Some("entered-in-error") => " <strong>Taken back by its sender as entered in error: do not use it.</strong>",
        _ => " Put together from the record and not signed off by anybody: check what matters before relying on it.",
    }
}

/// Who the document is about.
struct Who {
    name: String,
    known_as: Option<String>,
    born: Option<String>,
    nhs_number: Option<String>,
}

impl Who {
    fn of(context: &Context<'_>) -> Who {
        let patient = context.person.patients.first().and_then(|index| context.record.at(*index)).map(|own| own.value);
        let names = || patient.into_iter().flat_map(|patient| read::items(patient, "name"));
        let used = |wanted: &str| names().find(|name| read::text(name, "use") == Some(wanted));
        let official = used("official")
            .or_else(|| names().find(|name| !matches!(read::text(name, "use"), Some("old" | "nickname" | "usual"))));
        let official = official.or_else(|| names().find(|name| read::text(name, "use") != Some("old")));
        let usual = used("usual").or_else(|| used("nickname"));
        let name = official.or(usual).map(words::name).filter(|name| !name.is_empty());
        Who {
            known_as: usual
                .filter(|own| Some(*own) != official)
                .map(|own| words::name(own).replace(" (usual)", "").replace(" (nickname)", "")),
            name: name.unwrap_or_else(|| "Name not in the record".to_owned()),
            born: patient
                .and_then(|patient| read::text(patient, "birthDate"))
                .map(|text| words::date(text).unwrap_or_else(|| text.to_owned())),
            nhs_number: context.person.nhs_number.as_deref().map(narrative::spaced),
        }
    }

    /// What stands on every page.
    fn strip(&self) -> String {
        let line = |label: &str, text: &str| format!("<div><dt>{label}</dt><dd>{}</dd></div>", escape(text));
        let known_as = self.known_as.as_deref().map(|name| line("Known as", name)).unwrap_or_default();
        format!(
            "<header class=\"who\"><dl>{}{known_as}{}{}</dl></header>\n",
            line("Name", &self.name),
            line("Born", self.born.as_deref().unwrap_or("not in the record")),
            line("NHS number", self.nhs_number.as_deref().unwrap_or("not in the record")),
        )
    }
}

fn gaps(page: &mut String, context: &Context<'_>) {
    let mut gaps = gaps_of(context);
    gaps.retain(|gap| !gap.starts_with("Provisional"));
    if gaps.is_empty() {
        return;
    }
    page.push_str("<section class=\"gaps\" aria-label=\"What is missing\">\n<h2>Not complete</h2>\n<ul>\n");
    for gap in gaps {
        page.push_str(&format!("<li>{}</li>\n", escape(&gap)));
    }
    page.push_str("</ul>\n</section>\n");
}

fn body(page: &mut String, context: &Context<'_>, kind: Option<Kind>) {
    let all = sections(context.composition());
    let top: Vec<&Placed<'_>> = all.iter().filter(|placed| placed.path.len() == 1).collect();
    let key = |placed: &Placed<'_>| heading_of(placed.section, kind).map(|heading| heading.key.as_str());
    let is_first =
        |placed: &Placed<'_>| key(placed).is_some_and(|key| FIRST.contains(&key)) && kind != Some(Kind::AboutMe);
    for wanted in FIRST {
        for placed in top.iter().filter(|placed| is_first(placed) && key(placed) == Some(wanted)) {
            section(page, context, placed, kind, &all, true);
        }
    }
    for placed in top.iter().filter(|placed| !is_first(placed)) {
        section(page, context, placed, kind, &all, false);
    }
}

fn section(
    page: &mut String,
    context: &Context<'_>,
    placed: &Placed<'_>,
    kind: Option<Kind>,
    all: &[Placed<'_>],
    first: bool,
) {
    let heading = heading_of(placed.section, kind);
    let title = read::text(placed.section, "title").map(str::to_owned);
    let title = title
        .or_else(|| heading.map(|heading| heading.title.clone()))
        .unwrap_or_else(|| "(section without a title)".to_owned());
    let level = if placed.path.len() == 1 { 2 } else { 3 };
    let class = if first { " class=\"first\"" } else { "" };
    let id: String = placed.path.iter().map(|index| format!("-{index}")).collect();
    page.push_str(&format!(
        "<section{class} aria-labelledby=\"section{id}\">\n<h{level} id=\"section{id}\">{}</h{level}>\n",
        escape(&title)
    ));
    words_of(page, context, placed, heading);
    for below in
        all.iter().filter(|below| below.path.len() == placed.path.len() + 1 && below.path.starts_with(&placed.path))
    {
        section(page, context, below, kind, all, false);
    }
    page.push_str("</section>\n");
}

/// What the entries say, and what another sender wrote beside it.
fn words_of(page: &mut String, context: &Context<'_>, placed: &Placed<'_>, heading: Option<&'static Heading>) {
    let div = placed.section.pointer("/text/div").and_then(Value::as_str);
    let own = heading.and_then(|heading| narrative::of_section(context, placed, heading));
    let by_entries = own.filter(|_| {
        let is_ours = is_own(context.composition());
        is_ours
            || heading.is_some_and(|heading| {
                matches!(heading.content, Content::Allergies | Content::Medications)
                    && placed.section.get("entry").is_some()
            })
    });
    match (by_entries, div) {
        (Some(made), Some(div)) if made != div => {
            page.push_str(&plain::read(&made).safe);
            page.push_str("<p>As its sender wrote it:</p>\n<div class=\"sender\">");
            page.push_str(&plain::read(div).safe);
            page.push_str("</div>\n");
        }
        (Some(made), _) => page.push_str(&plain::read(&made).safe),
        (None, Some(div)) => {
            let told = plain::read(div);
            page.push_str(&told.safe);
            if !told.dropped.is_empty() {
                page.push_str(&format!("<p><em>Not shown: {}.</em></p>\n", escape(&told.dropped.join(", "))));
            }
            if let Some(reason) =
                placed.section.get("emptyReason").and_then(read::words).filter(|_| told.lines.is_empty())
            {
                page.push_str(&format!("<p>{}</p>\n", escape(reason)));
            }
        }
        (None, None) => without_words(page, context, placed),
    }
}

/// A section without a narrative still has entries.
fn without_words(page: &mut String, context: &Context<'_>, placed: &Placed<'_>) {
    let entries = context.entries(placed.section);
    for index in &entries {
        let Some(resource) = context.record.at(*index) else { continue };
        let facts: Vec<String> = words::rows(&context.record, resource).iter().map(words::flat).collect();
        page.push_str(&format!("<h4>{}</h4>\n<ul>\n", escape(&words::title(&context.record, resource))));
        facts.iter().for_each(|fact| page.push_str(&format!("<li>{}</li>\n", escape(fact))));
        page.push_str("</ul>\n");
    }
    if entries.is_empty() && placed.section.get("section").is_none() {
        let reason =
            placed.section.get("emptyReason").and_then(read::words).unwrap_or("Its sender wrote nothing here.");
        page.push_str(&format!("<p>{}</p>\n", escape(reason)));
    }
}

fn footer(page: &mut String, context: &Context<'_>) {
    page.push_str("<footer>\n<ul>\n");
    for (label, text) in facts_of_composition(context) {
        page.push_str(&format!("<li>{}: {}</li>\n", escape(&label), escape(&text)));
    }
    page.push_str("</ul>\n</footer>\n");
}
