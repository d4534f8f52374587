//! The Composition of a document and the issues it carries, as FHIR writes them.

use crate::addresses::{Addresses, uuid_of};
use crate::build::Asked;
use crate::select::Chosen;
use crate::standard::{Content, Standard};
use ginnel_medicines::allergy::{Allergies, State};
use ginnel_medicines::current::Current;
use ginnel_medicines::record::GapKind;
use serde_json::{Map, Value, json};

/// The code system of reasons why something is empty.
const EMPTY: &str = "http://terminology.hl7.org/CodeSystem/list-empty-reason";

/// What the sections need to know of the record.
pub struct Facts<'f> {
    /// Medicines, as the record says.
    pub current: &'f Current,
    /// Allergies, as the record says.
    pub allergies: &'f Allergies,
    /// Whether sources failed or kept something back.
    pub has_gaps: bool,
    /// Whether the person reads it.
    pub is_for_person: bool,
}

/// The Composition without its narratives.
pub fn write(
    standard: &Standard,
    asked: &Asked<'_>,
    subject: &str,
    custodian: Option<Value>,
    sections: Vec<Value>,
    restricted: bool,
) -> Value {
    let title = match standard.provisional {
        Some(_) => format!("{} (provisional headings)", standard.title),
        None => standard.title.clone(),
    };
    let mut authors = vec![json!({"type": "Device", "display": asked.software,
        "identifier": {"system": "https://gateway.example.org/Id/software", "value": "ginnel"}})];
    if let Some(author) = asked.author {
        authors.insert(0, json!({"display": author}));
    }
    let mut composition = json!({
        "resourceType": "Composition",
        "id": uuid_of(&format!("composition {subject} {} {} {}", standard.kind.key(), asked.at, asked.composed)).to_string(),
        "meta": {"profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Composition"]},
        "text": {"status": "generated", "div": heading(standard, &title)},
        // Nobody has looked at it unless somebody says so with their name.
        "status": if asked.author.is_some() { "final" } else { "preliminary" },
        "type": {"coding": [standard.document_type.coding()], "text": standard.title},
        "subject": {"reference": subject},
        "date": asked.composed.to_string(),
        "author": authors,
        "title": title,
        "confidentiality": if restricted { "R" } else { "N" },
    });
    if let Some(members) = composition.as_object_mut() {
        if let Some(custodian) = custodian {
            members.insert("custodian".into(), custodian);
        }
        members.insert("event".into(), json!([{"period": {"end": asked.at.to_string()}}]));
        members.insert("section".into(), Value::Array(sections));
    }
    composition
}

fn heading(standard: &Standard, title: &str) -> String {
    let mut page = crate::xhtml::Xhtml::default();
    page.paragraph(&format!("{title} (PRSB {} {})", standard.title, standard.version));
    if let Some(provisional) = &standard.provisional {
        page.strong(provisional);
    }
    page.div()
}

/// One section and those below it, its narrative still to be written.
pub fn section(chosen: &Chosen, addresses: &Addresses, facts: &Facts<'_>, words: Option<&str>) -> Value {
    let mut section = Map::new();
    section.insert("title".into(), chosen.heading.title.clone().into());
    section.insert("code".into(), chosen.heading.concept());
    let own = |text: &str| {
        let mut page = crate::xhtml::Xhtml::default();
        page.paragraph(text);
        page.div()
    };
    let entries: Vec<Value> = chosen.entries.iter().filter_map(|index| addresses.reference(*index)).collect();
    let status = if words.is_some() { "additional" } else { "generated" };
    section.insert("text".into(), json!({"status": status, "div": own(words.unwrap_or("-"))}));
    let below: Vec<Value> = chosen.sections.iter().map(|inner| self::section(inner, addresses, facts, None)).collect();
    if !entries.is_empty() {
        section.insert("entry".into(), Value::Array(entries));
    } else if below.is_empty() && words.is_none() && chosen.heading.content != Content::Document {
        section.insert("emptyReason".into(), empty(chosen, facts));
    }
    if !below.is_empty() {
        section.insert("section".into(), Value::Array(below));
    }
    Value::Object(section)
}

/// Why a section is empty: never "none known" of silence.
fn empty(chosen: &Chosen, facts: &Facts<'_>) -> Value {
    let (code, display, text) = match chosen.heading.content {
        _ if chosen.restricted > 0 => {
            ("withheld", "Information Withheld", "What is recorded here is restricted and is not shown.")
        }
        Content::Allergies => allergies(facts.allergies),
        Content::Medications => medicines(facts.current),
        _ if facts.is_for_person => ("unavailable", "Unavailable", "Nothing to show here."),
        _ if facts.has_gaps => (
            "unavailable",
            "Unavailable",
            "Nothing can be shown, as the sources did not give all they have; that does not mean that there is nothing.",
        ),
        _ => (
            "unavailable",
            "Unavailable",
            "Nothing is recorded in the sources; that does not mean that there is nothing.",
        ),
    };
    json!({"coding": [{"system": EMPTY, "code": code, "display": display}], "text": text})
}

fn allergies(allergies: &Allergies) -> (&'static str, &'static str, &'static str) {
    let withheld = allergies.gaps.iter().any(|gap| gap.kind == GapKind::Withheld);
    match &allergies.state {
        State::Withheld => (
            "withheld",
            "Information Withheld",
            "Allergies are withheld by the source: ask before giving anything new.",
        ),
        _ if withheld => (
            "withheld",
            "Information Withheld",
            "A source keeps something back: ask about allergies before giving anything new.",
        ),
        State::NotAsked => ("notasked", "Not Asked", "Nobody has asked about allergies."),
        _ => (
            "unavailable",
            "Unavailable",
            "No information about allergies is available; that is not \"no known allergies\": ask.",
        ),
    }
}

fn medicines(current: &Current) -> (&'static str, &'static str, &'static str) {
    if current.gaps.iter().any(|gap| gap.kind == GapKind::Withheld) {
        return ("withheld", "Information Withheld", "A source keeps medicines back: ask what the person takes.");
    }
    ("unavailable", "Unavailable", "No medicine is recorded in the sources; that is not \"takes none\": ask.")
}

/// An issue as the document carries it.
pub struct Told {
    /// `warning` or `information`.
    pub severity: &'static str,
    /// FHIR's word for its kind.
    pub code: &'static str,
    /// Our key.
    pub key: ginnel_schemas::issue::IssueKey,
    /// For people.
    pub text: String,
    /// Which section it is about, by the place of the section.
    pub section: Option<usize>,
}

/// The OperationOutcome that a document carries.
pub fn outcome(told: &[Told], id: &str) -> Value {
    let issues: Vec<Value> = told
        .iter()
        .map(|own| {
            let mut issue = json!({"severity": own.severity, "code": own.code, "details": {
                "coding": [{"system": ginnel_schemas::outcome::ISSUE_KEY_SYSTEM, "code": own.key.code()}],
                "text": own.text}});
            if let (Some(section), Some(members)) = (own.section, issue.as_object_mut()) {
                members.insert("expression".into(), json!([format!("Bundle.entry[0].resource.section[{section}]")]));
            }
            issue
        })
        .collect();
    json!({"resourceType": "OperationOutcome", "id": id, "issue": issues})
}
