//! What happened: manifestation, severity, certainty, and what GP systems write into notes for want of an element.

use crate::record::read;
use serde_json::{Value, json};

/// One reaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reaction {
    /// What showed, in the source's words.
    pub manifestations: Vec<String>,
    /// What caused it, where that is more precise than the allergy itself.
    pub substance: Option<String>,
    /// `mild`, `moderate` or `severe`.
    pub severity: Option<String>,
    /// How certain the source was.
    pub certainty: Option<String>,
    /// What happened, in words.
    pub description: Option<String>,
    /// When it began.
    pub onset: Option<String>,
    /// How the person came into contact.
    pub route: Option<String>,
}

/// Null flavours that GP Connect uses where only the severity is known, or only words.
const NOT_STATED: [&str; 3] = ["NI", "UNC", "ASKU"];

/// The reactions of an AllergyIntolerance; certainty is looked for where either version, or a note, has it.
pub fn of(allergy: &Value) -> Vec<Reaction> {
    let noted = read::notes(allergy).find_map(|note| qualifier(note, "certainty"));
    let mut reactions: Vec<Reaction> = read::items(allergy, "reaction").map(one).collect();
    if let Some(certainty) = noted {
        if reactions.is_empty() {
            reactions.push(Reaction::default());
        }
        for reaction in reactions.iter_mut().filter(|reaction| reaction.certainty.is_none()) {
            reaction.certainty = Some(certainty.to_string());
        }
    }
    reactions
}

fn one(reaction: &Value) -> Reaction {
    let text = |name: &str| read::text(reaction, name).map(str::to_string);
    let manifestations = read::items(reaction, "manifestation")
        .filter(|concept| read::text(concept, "text").is_some() || !read::has_code(concept, &NOT_STATED))
        .filter_map(|concept| read::words(concept).or_else(|| read::codings(concept).map(|(_, code)| code).next()))
        .map(str::to_string)
        .collect();
    let extension = read::items(reaction, "extension")
        .find(|extension| {
            read::text(extension, "url").is_some_and(|url| url.to_ascii_lowercase().contains("certainty"))
        })
        .and_then(read::extension_value);
    let certainty = extension.and_then(|value| value.as_str().or_else(|| read::words(value)));
    Reaction {
        manifestations,
        substance: reaction.get("substance").and_then(read::words).map(str::to_string),
        severity: text("severity"),
        certainty: certainty.or_else(|| read::code(reaction, "certainty")).map(str::to_string),
        description: text("description").or_else(|| read::notes(reaction).next().map(str::to_string)),
        onset: text("onset"),
        route: reaction.get("exposureRoute").and_then(read::words).map(str::to_string),
    }
}

/// The value of a qualifier in a note as GP systems write them: `Certainty: Likely, Severity: Minimal`.
fn qualifier<'n>(note: &'n str, name: &str) -> Option<&'n str> {
    note.split([',', ';', '\n']).find_map(|part| {
        let (key, value) = part.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim()).filter(|value| !value.is_empty())
    })
}

impl Reaction {
    /// It as JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "manifestation": self.manifestations,
            "substance": self.substance,
            "severity": self.severity,
            "certainty": self.certainty,
            "description": self.description,
            "onset": self.onset,
            "route": self.route,
        })
    }

    /// In words for a carer.
    pub fn in_words(&self) -> String {
        let mut parts: Vec<String> = self.manifestations.clone();
        parts.extend(self.description.clone().filter(|text| !self.manifestations.contains(text)));
        parts.extend(self.severity.as_ref().map(|severity| format!("severity: {severity}")));
        parts.extend(self.certainty.as_ref().map(|certainty| format!("certainty: {certainty}")));
        parts.join(", ")
    }
}
