//! Whether a resource is what a heading asks for.

use crate::standard::{Feed, WordsIn};
use ginnel_medicines::record::{Resource, read};
use jiff::Timestamp;
use serde_json::Value;

/// Whether all that the feed asks for holds.
pub fn fits(feed: &Feed, resource: &Resource<'_>, at: Timestamp) -> bool {
    let value = resource.value;
    resource.kind == feed.resource_type
        && (feed.category.is_empty() || has_code(value, "category", &feed.category))
        && (feed.code.is_empty() || has_code(value, "code", &feed.code))
        && (feed.class.is_empty()
            || read::code(value, "class").is_some_and(|code| feed.class.iter().any(|it| it == code)))
        && (feed.status.is_empty()
            || read::text(value, "status").is_some_and(|own| feed.status.iter().any(|it| it == own)))
        && (feed.words.is_empty() || says(value, feed.words_in, &feed.words))
        && feed.days.is_none_or(|days| super::limits::is_within(value, days, at))
}

fn has_code(value: &Value, member: &str, wanted: &[String]) -> bool {
    let concepts = read::items(value, member);
    let coded = concepts.flat_map(read::codings).any(|(_, code)| wanted.iter().any(|it| it == code));
    // A category that is words alone says what a code would.
    coded
        || read::items(value, member)
            .filter_map(|concept| read::text(concept, "text"))
            .any(|text| wanted.iter().any(|it| it.eq_ignore_ascii_case(text)))
}

/// Members that say what a resource is about.
const NAMES: [&str; 6] = ["code", "title", "category", "type", "name", "questionnaire"];
const SUBJECTS: [&str; 9] = [
    "description",
    "reasonCode",
    "scope",
    "policyRule",
    "topic",
    "event",
    "serviceType",
    "valueCodeableConcept",
    "reason",
];

fn says(value: &Value, place: WordsIn, words: &[String]) -> bool {
    let mut text = String::from(" ");
    let subjects: &[&str] = if place == WordsIn::Subject { &SUBJECTS } else { &[] };
    for member in NAMES.iter().chain(subjects) {
        if let Some(found) = value.get(*member) {
            collect(found, &mut text);
        }
    }
    let text = text.to_lowercase();
    words.iter().any(|word| has_word(&text, word))
}

/// All that people read in it.
fn collect(value: &Value, text: &mut String) {
    match value {
        Value::String(own) => {
            text.push_str(own);
            text.push(' ');
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(members) => {
            let told = members
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "system" | "id" | "code" | "url" | "extension"));
            told.for_each(|(_, inner)| collect(inner, text));
        }
        _ => {}
    }
}

/// Endings of an English word that leave its meaning.
const ENDINGS: [&str; 12] = ["", "s", "es", "ed", "d", "ing", "en", "ful", "y", "er", "'s", "ness"];

/// Whether the word stands there, as such or with an ending.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(place, found)| {
        let before = text.get(..place).and_then(|before| before.chars().last());
        let after: String = text
            .get(place + found.len()..)
            .into_iter()
            .flat_map(str::chars)
            .take_while(|it| it.is_alphanumeric() || *it == '\'')
            .collect();
        !before.is_some_and(char::is_alphanumeric) && ENDINGS.contains(&after.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_or_with_an_ending() {
        for (text, word, found) in [
            ("safeguarding concern", "safeguard", true),
            ("care needs", "need", true),
            ("needle phobia", "need", false),
            ("no lpa in place", "lpa", true),
            ("alpaca", "lpa", false),
            ("at risk of falls", "fall", true),
            ("rainfall", "fall", false),
            ("", "x", false),
        ] {
            assert_eq!(has_word(text, word), found, "{text} {word}");
        }
    }
}
