//! What the person says of themselves, in their words.

use super::Context;
use crate::select::answers;
use crate::standard::{Content, Heading};
use crate::words;
use crate::xhtml::Xhtml;
use ginnel_medicines::record::{Resource, read};
use serde_json::Value;

/// Writes the answers under a heading.
pub fn write(page: &mut Xhtml, context: &Context<'_>, entries: &[usize], heading: &Heading) {
    for resource in context.resources(entries) {
        if resource.kind != "QuestionnaireResponse" {
            observation(page, context, resource);
            continue;
        }
        for item in answers(resource.value, heading) {
            item_words(page, context, resource, item, !heading.is_called(read::text(item, "text").unwrap_or_default()));
        }
        if heading.content == Content::AnswersDate
            && let Some(authored) = read::text(resource.value, "authored")
        {
            page.paragraph(&words::date(authored).unwrap_or_else(|| authored.to_owned()));
        }
    }
}

fn observation(page: &mut Xhtml, context: &Context<'_>, resource: &Resource<'_>) {
    let rows = words::rows(&context.record, resource);
    let told = rows.iter().filter(|row| row.label == "Value" || row.label == "Note" || row.label == "Component");
    told.for_each(|row| page.paragraph(&words::flat(row)));
}

fn item_words(page: &mut Xhtml, context: &Context<'_>, from: &Resource<'_>, item: &Value, with_question: bool) {
    let texts: Vec<String> =
        read::items(item, "answer").flat_map(|answer| answer_words(context, from, answer)).collect();
    match read::text(item, "text").filter(|_| with_question) {
        Some(question) => page.paragraph(&format!("{question}: {}", texts.join("; "))),
        None => texts.iter().for_each(|text| page.paragraph(text)),
    }
    let answered = read::items(item, "answer").flat_map(|answer| read::items(answer, "item"));
    for inner in read::items(item, "item").chain(answered) {
        item_words(page, context, from, inner, true);
    }
}

/// The values of an answer.
pub fn answer_words(context: &Context<'_>, from: &Resource<'_>, answer: &Value) -> Vec<String> {
    let members = answer.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| name.starts_with("value"))
        .filter_map(|(_, value)| words::simple(&context.record, from, value))
        .collect()
}
