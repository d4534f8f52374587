//! Resources of any type: a table each with everything they say; and what help the person needs, in short.

use super::Context;
use crate::words::{self, Row};
use crate::xhtml::Xhtml;
use ginnel_medicines::record::read;

/// Writes a table for each resource.
pub fn write(page: &mut Xhtml, context: &Context<'_>, entries: &[usize]) {
    for resource in context.resources(entries) {
        let mut rows = Vec::new();
        if resource.kind == "QuestionnaireResponse" {
            answers(context, resource, resource.value, &mut rows);
            let told = words::rows(&context.record, resource).into_iter().filter(|row| row.label != "Item");
            told.for_each(|row| lines(&row, "", &mut rows));
        } else {
            words::rows(&context.record, resource).iter().for_each(|row| lines(row, "", &mut rows));
        }
        let title = words::title(&context.record, resource);
        let kind = words::label(resource.kind);
        let caption = if title == kind { kind } else { format!("{kind}: {title}") };
        page.table(&caption, &["What", "Recorded"], &rows);
        if rows.is_empty() {
            page.paragraph(&caption);
        }
    }
}

fn lines(row: &Row, above: &str, rows: &mut Vec<Vec<String>>) {
    let label = if above.is_empty() { row.label.clone() } else { format!("{above}, {}", row.label.to_lowercase()) };
    if row.rows.is_empty() {
        rows.push(vec![label.clone(), row.text.clone()]);
    }
    row.rows.iter().for_each(|inner| lines(inner, &label, rows));
}

fn answers(
    context: &Context<'_>,
    from: &ginnel_medicines::record::Resource<'_>,
    around: &serde_json::Value,
    rows: &mut Vec<Vec<String>>,
) {
    for item in read::items(around, "item") {
        let question =
            read::text(item, "text").or_else(|| read::text(item, "linkId")).unwrap_or("(question not stated)");
        let texts: Vec<String> = read::items(item, "answer")
            .flat_map(|answer| super::answers::answer_words(context, from, answer))
            .collect();
        if item.get("answer").is_some() {
            rows.push(vec![question.to_owned(), texts.join("; ")]);
        }
        answers(context, from, item, rows);
        read::items(item, "answer").for_each(|answer| answers(context, from, answer, rows));
    }
}

/// What help the person needs: of care plans the activities, of other resources all they say.
pub fn needs(page: &mut Xhtml, context: &Context<'_>, entries: &[usize]) {
    let mut rows = Vec::new();
    for plan in context.resources(entries).filter(|resource| resource.kind == "CarePlan") {
        let ended = matches!(read::text(plan.value, "status"), Some("completed" | "revoked"));
        for activity in read::items(plan.value, "activity").filter(|_| !ended) {
            let Some(detail) = activity.get("detail") else { continue };
            let what = detail.get("code").map(words::concept).unwrap_or_default();
            let why: Vec<String> = read::items(detail, "reasonCode").map(words::concept).collect();
            let how = read::text(detail, "description").unwrap_or_default().to_owned();
            let risk = read::extension(activity, "risk-rating").and_then(read::extension_value);
            let risk = risk.and_then(|value| words::simple(&context.record, plan, value)).unwrap_or_default();
            let what = if what.is_empty() { why.join("; ") } else { what };
            rows.push(vec![if what.is_empty() { "(need not named)".into() } else { what }, how, risk]);
        }
    }
    page.table("What help the person needs", &["Need", "How to support", "Risk"], &rows);
    let others: Vec<usize> = entries
        .iter()
        .copied()
        .filter(|index| context.record.at(*index).is_some_and(|resource| resource.kind != "CarePlan"))
        .collect();
    write(page, context, &others);
    if rows.is_empty() && others.is_empty() && !entries.is_empty() {
        page.paragraph("See the care and support plan.");
    }
}
