//! Doses that need more than a hand and a glass of water: delegated tasks, patches, and medicines nobody named.

use super::Administration;
use super::outcome::{Outcome, WarningKey, keys};
use super::words::Doubts;
use crate::drug_code::{TimeCritical, time_critical};
use crate::record::read;
use serde_json::Value;

keys! {
    /// A task that nurses delegate to care staff, or do themselves when they visit.
    Delegated {
        /// Insulin.
        Insulin = "insulin",
        /// A patch on the skin.
        Patch = "patch",
        /// Through a tube into stomach or bowel.
        EnteralTube = "enteral-tube",
        /// Any other injection.
        Injection = "injection",
        /// Into the rectum.
        Rectal = "rectal",
        /// Into mouth or nose against a seizure.
        RescueMedicine = "rescue-medicine",
        /// Oxygen.
        Oxygen = "oxygen",
    }
}

/// Routes by SNOMED CT code or words.
const ROUTES: &[(&str, Delegated)] = &[
    ("127490009", Delegated::EnteralTube),
    ("127491008", Delegated::EnteralTube),
    ("127492001", Delegated::EnteralTube),
    ("34206005", Delegated::Injection),
    ("78421000", Delegated::Injection),
    ("37161004", Delegated::Rectal),
    ("45890007", Delegated::Patch),
];
const ROUTE_WORDS: &[(&str, Delegated)] = &[
    ("peg", Delegated::EnteralTube),
    ("gastrostomy", Delegated::EnteralTube),
    ("jejunostomy", Delegated::EnteralTube),
    ("nasogastric", Delegated::EnteralTube),
    ("enteral", Delegated::EnteralTube),
    ("feeding tube", Delegated::EnteralTube),
    ("transdermal", Delegated::Patch),
    ("subcutaneous", Delegated::Injection),
    ("intramuscular", Delegated::Injection),
    ("injection", Delegated::Injection),
    ("rectal", Delegated::Rectal),
];

/// Which delegated task a dose is, where it is one.
pub fn delegated(found: &Administration, resource: &Value) -> Option<Delegated> {
    let dosage = read::items(resource, "dosage").next();
    let route = dosage.and_then(|dosage| dosage.get("route"));
    let parts = found.drug.as_ref().and_then(|drug| drug.parts.as_ref());
    let has_form = |form: &str| parts.is_some_and(|parts| parts.form.contains(&form));
    let has_word = |wanted: &str| parts.is_some_and(|parts| parts.substance.iter().any(|word| word == wanted));
    let by_route = route.and_then(|route| {
        let coded = ROUTES.iter().find(|(code, _)| read::has_code(route, &[code]));
        let words = format!(" {} ", read::words(route).unwrap_or_default().to_lowercase());
        let is_word =
            |word: &str| words.contains(word) && (word != "peg" || words.contains(" peg ") || words.contains(" peg"));
        coded.or_else(|| ROUTE_WORDS.iter().find(|(word, _)| is_word(word))).map(|(_, task)| *task)
    });
    if by_route == Some(Delegated::EnteralTube) {
        return by_route;
    }
    if found.drug.as_ref().and_then(time_critical) == Some(TimeCritical::Insulin) {
        return Some(Delegated::Insulin);
    }
    let unit = found.dose.as_ref().and_then(|dose| dose.unit.clone()).unwrap_or_default().to_lowercase();
    if has_form("patch") || unit.starts_with("patch") {
        return Some(Delegated::Patch);
    }
    if has_word("midazolam") && (has_form("buccal") || has_form("nasal")) {
        return Some(Delegated::RescueMedicine);
    }
    if has_form("suppository") || has_form("enema") {
        return Some(Delegated::Rectal);
    }
    if has_word("oxygen") {
        return Some(Delegated::Oxygen);
    }
    by_route.or_else(|| has_form("injection").then_some(Delegated::Injection))
}

/// What to mind about patches and medicines without a name.
pub fn mind(found: &mut Administration, resource: &Value) {
    if found.delegated == Some(Delegated::Patch) && matches!(found.outcome, Outcome::Given | Outcome::PartlyGiven) {
        if found.site.is_none() {
            found.warn(WarningKey::SiteMissing, "A patch was put on, and where is not said.");
        }
        if !Doubts::read(found.notes.iter().map(String::as_str)).speaks_of_removal {
            found.warn(WarningKey::RemovalNotStated, "A patch was put on, and nobody says that the old one came off.");
        }
    }
    let has_name = found.drug.as_ref().is_some_and(|drug| drug.name.is_some()) || found.medication.is_some();
    if !has_name && resource.get("medicationReference").is_none() {
        found.warn(WarningKey::MedicineNotStated, "The entry does not say which medicine it is about.");
    }
}
