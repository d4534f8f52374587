//! Allergies with what is known as a whole; what is over stands apart, and silence is never "none known".

use super::Context;
use crate::words;
use crate::xhtml::Xhtml;
use ginnel_medicines::allergy::{AllergyGroup, Entry, Reaction, State};
use serde_json::Value;

/// Writes the state, then the entries of the section.
pub fn write(page: &mut Xhtml, context: &Context<'_>, section: &Value, entries: &[usize]) {
    let allergies = context.allergies();
    let own: Vec<String> = entries.iter().map(|index| context.record.reference_of(*index)).collect();
    let listed: Vec<&Entry> =
        allergies.entries.iter().filter(|entry| entry.evidence.iter().any(|it| own.contains(it))).collect();
    // What is said as a whole rests on entries; an empty section says why it is empty instead.
    if section.get("emptyReason").is_none() || allergies.state != State::NotSaid {
        page.strong(allergies.state.words());
    }
    if !allergies.blocks_prescribing.is_empty() {
        page.strong("An allergy to a medicine cannot be checked by any system: ask before prescribing.");
    }
    let rows = |wanted: &dyn Fn(AllergyGroup) -> bool| -> Vec<Vec<String>> {
        listed.iter().filter(|entry| wanted(entry.group)).map(|entry| row(entry)).collect()
    };
    let columns = ["To", "What happens", "How sure and how grave", "Mind"];
    page.table("Allergies and what must not be given", &columns, &rows(&AllergyGroup::is_to_be_minded));
    let says_none =
        |group| matches!(group, AllergyGroup::NoneKnown | AllergyGroup::NotAsked | AllergyGroup::NotRecorded);
    page.table("What is said instead of an allergy", &columns, &rows(&says_none));
    page.table(
        "No longer, or found not to be",
        &columns,
        &rows(&|group| !group.is_to_be_minded() && !says_none(group)),
    );
    let rest: Vec<usize> = entries
        .iter()
        .copied()
        .filter(|index| {
            let reference = context.record.reference_of(*index);
            let is_list = context.record.at(*index).is_some_and(|resource| resource.kind == "List");
            !is_list && !listed.iter().any(|entry| entry.evidence.contains(&reference))
        })
        .collect();
    super::resources::write(page, context, &rest);
}

fn row(entry: &Entry) -> Vec<String> {
    let mut name = entry.text.clone();
    match entry.group {
        AllergyGroup::Contraindication => name.push_str(" (must not be given; not an allergy)"),
        AllergyGroup::Uncertain => name.push_str(" (not certain)"),
        AllergyGroup::Active => {}
        group => name.push_str(&format!(" ({})", group.key().replace('-', " "))),
    }
    let reactions: Vec<String> = entry.reactions.iter().map(Reaction::in_words).filter(|it| !it.is_empty()).collect();
    let mut sure: Vec<String> = [&entry.kind, &entry.criticality.as_ref().map(|it| format!("criticality {it}"))]
        .into_iter()
        .filter_map(Clone::clone)
        .collect();
    sure.extend(entry.categories.iter().cloned());
    sure.extend(
        entry.recorded.iter().map(|date| format!("recorded {}", words::date(date).unwrap_or_else(|| date.clone()))),
    );
    let (ended, why) = &entry.ended;
    sure.extend(ended.iter().map(|date| format!("ended {}", words::date(date).unwrap_or_else(|| date.clone()))));
    sure.extend(why.iter().cloned());
    let mut mind: Vec<String> = entry.warnings.iter().map(|(_, text)| text.clone()).collect();
    mind.extend(entry.notes.iter().cloned());
    vec![name, reactions.join("; "), sure.join("; "), mind.join("; ")]
}
