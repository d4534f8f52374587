//! Lists of medicines and of allergies: what they hold, why they are empty, and what they warn of.
//!
//! Source: GP Connect Access Record: Structured, Lists (codes, warning codes, empty reasons); UK Core List.

use super::{About, Found, Gap, GapKind, Gaps, Record, Resource, read};
use serde_json::Value;

/// Codes of lists of medicines: all of them, the active ones, and LOINC's of a document's section.
pub const MEDICATION_LISTS: [&str; 3] = ["933361000000108", "1102411000000102", "10160-0"];
/// The code of the list of allergies that have ended.
pub const ENDED_ALLERGIES: &str = "1103671000000101";
/// Codes of lists of allergies, LOINC's of a document's section among them.
pub const ALLERGY_LISTS: [&str; 3] = ["886921000000105", ENDED_ALLERGIES, "48765-2"];
/// Codes of lists of other things: consultations, problems, immunisations, uncategorised data, investigations, referrals,
/// diary entries. What they warn of is not about medicines.
const OTHER_LISTS: [&str; 7] = [
    "1149501000000101",
    "717711000000103",
    "1102181000000102",
    "826501000000100",
    "792931000000107",
    "887191000000108",
    "714311000000108",
];

/// A List as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordList<'v> {
    /// What it lists.
    pub about: About,
    /// Whether it lists what has ended.
    pub is_of_ended: bool,
    /// The code of `emptyReason`.
    pub empty_reason: Option<&'v str>,
    /// How many entries it has.
    pub entries: usize,
    /// It itself.
    value: &'v Value,
}

impl<'v> RecordList<'v> {
    /// All lists of medicines and of allergies, each with the index of the resource that it stands in: Lists, and the
    /// sections of documents (Composition).
    pub fn all(record: &Record<'v>) -> Vec<(usize, RecordList<'v>)> {
        let lists = record.of("List").filter_map(|(index, list)| Some((index, RecordList::of(list)?)));
        let mut all: Vec<(usize, RecordList<'v>)> = lists.collect();
        for (index, composition) in record.of("Composition") {
            let mut sections: Vec<&'v Value> = read::items(composition.value, "section").collect();
            while let Some(section) = sections.pop() {
                sections.extend(read::items(section, "section"));
                all.extend(RecordList::read(section).map(|known| (index, known)));
            }
        }
        all
    }

    /// Reads a List; nothing where it lists neither medicines nor allergies, or was taken back.
    pub fn of(list: &Resource<'v>) -> Option<RecordList<'v>> {
        if list.kind != "List" || read::text(list.value, "status") == Some("entered-in-error") {
            return None;
        }
        RecordList::read(list.value)
    }

    fn read(list: &'v Value) -> Option<RecordList<'v>> {
        let code = list.get("code");
        let coded = |codes: &[&str]| code.is_some_and(|code| read::has_code(code, codes));
        let title = read::text(list, "title").or_else(|| code.and_then(read::words)).unwrap_or_default();
        let title = title.to_ascii_lowercase();
        let (about, is_of_ended) = if coded(&MEDICATION_LISTS) {
            (About::Medicines, false)
        } else if coded(&[ENDED_ALLERGIES]) {
            (About::Allergies, true)
        } else if coded(&ALLERGY_LISTS) {
            (About::Allergies, false)
        } else if title.contains("allerg") {
            // Suppliers have sent placeholders for the code of ended allergies.
            (About::Allergies, title.contains("resolved") || title.contains("ended") || title.contains("inactive"))
        } else {
            return None;
        };
        let empty_reason = list.get("emptyReason").and_then(|reason| {
            read::codings(reason).map(|(_, code)| code).next().or_else(|| read::text(reason, "text"))
        });
        Some(RecordList { about, is_of_ended, empty_reason, entries: read::items(list, "entry").count(), value: list })
    }

    /// The references of its entries: a List's stand under `item`, a section's by themselves.
    pub fn references(&self) -> impl Iterator<Item = &'v Value> {
        read::items(self.value, "entry").map(|entry| entry.get("item").unwrap_or(entry))
    }
}

/// Gaps that lists speak of, and those that show where a list is compared with what came.
pub(super) fn gaps(record: &Record<'_>, gaps: &mut Gaps) {
    for (_, list) in record.of("List") {
        let about = match RecordList::of(list) {
            Some(known) => known.about,
            None if list.value.get("code").is_some_and(|code| read::has_code(code, &OTHER_LISTS)) => continue,
            // Nobody knows what it lists.
            None => About::Everything,
        };
        for code in warnings(list.value) {
            let (kind, text) = warning(code, list.value);
            add(gaps, list, record, kind, about, text);
        }
    }
    for (index, known) in RecordList::all(record) {
        let Some(list) = record.at(index) else { continue };
        if known.entries == 0
            && !known.is_of_ended
            && let Some((kind, text)) = emptiness(known.empty_reason)
        {
            add(gaps, list, record, kind, known.about, text);
        }
        for item in known.references() {
            if let Found::Missing(reference) = record.follow(list, item) {
                let text = format!("the list names {reference}, which is not in the answer");
                add(gaps, list, record, GapKind::MissingResource, known.about, text);
            }
        }
    }
}

fn add(gaps: &mut Gaps, list: &Resource<'_>, record: &Record<'_>, kind: GapKind, about: About, text: String) {
    gaps.add(Gap { kind, about, source: list.source, text, evidence: vec![list.reference(record)] });
}

/// The codes of the extension that warns; STU3 writes a code, R4 a CodeableConcept.
fn warnings(list: &Value) -> impl Iterator<Item = &str> {
    read::items(list, "extension")
        .filter(|extension| read::text(extension, "url").is_some_and(|url| url.contains("ListWarningCode")))
        .filter_map(|extension| match read::extension_value(extension)? {
            Value::String(code) => Some(code.as_str()),
            concept => read::codings(concept).map(|(_, code)| code).next().or_else(|| read::text(concept, "code")),
        })
}

fn warning(code: &str, list: &Value) -> (GapKind, String) {
    let (kind, own) = match code {
        "confidential-items" => {
            (GapKind::Withheld, "Items excluded due to confidentiality and/or patient preferences.".to_string())
        }
        "data-in-transit" => {
            let own = "Patient record transfer from previous GP practice not yet complete; information may be missing.";
            (GapKind::InTransit, own.to_string())
        }
        "data-awaiting-filing" => {
            let own = "Patient data may be incomplete as there is data supplied by a third party awaiting review.";
            (GapKind::AwaitingFiling, own.to_string())
        }
        other => (GapKind::Withheld, format!("the source warns with the code `{other}`, which is not known here")),
    };
    // The source's own words say from which date on, and go first.
    let word = match kind {
        GapKind::InTransit => "transfer",
        GapKind::AwaitingFiling => "awaiting",
        _ => "confidential",
    };
    let note = read::notes(list).find(|note| note.to_ascii_lowercase().contains(word));
    (kind, note.map_or(own, str::to_string))
}

/// What an empty list says is missing; an empty list that is nothing but empty is no gap.
fn emptiness(reason: Option<&str>) -> Option<(GapKind, String)> {
    let (kind, text) = match reason {
        Some("no-content-recorded" | "nilknown") => return None,
        Some("notasked" | "not-asked") => (GapKind::NotAsked, "the list is empty because nobody has asked"),
        Some("withheld") => (GapKind::Withheld, "the list is empty because its content is withheld"),
        Some("unavailable") => (GapKind::Unavailable, "the list is empty because its content is not available now"),
        Some("notstarted") => (GapKind::NotAsked, "the list is empty because nobody has begun to fill it"),
        Some("closed") => (GapKind::Unavailable, "the list is empty because it is kept no longer"),
        Some(other) => {
            return Some((
                GapKind::NotReturned,
                format!("the list is empty for the reason `{other}`, which is not known here"),
            ));
        }
        None => (GapKind::NotReturned, "the list is empty and does not say why"),
    };
    Some((kind, text.to_string()))
}
