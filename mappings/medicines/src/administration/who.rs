//! Who gave a dose, who saw it, and who wrote it down: the person, somebody close, care staff, or a professional from outside.

use super::Administration;
use super::outcome::{Outcome, WarningKey};
use super::words::Doubts;
use crate::record::read;
use serde_json::Value;

/// What somebody is to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GiverKind {
    /// The person.
    Person,
    /// Somebody close to them.
    Relative,
    /// Somebody of the service that keeps the record, as far as it says.
    Staff,
    /// A professional from outside: a district nurse, a paramedic.
    OtherProfessional,
    /// A device.
    Device,
    /// Not said.
    NotSaid,
}

impl GiverKind {
    /// A stable key.
    pub fn key(self) -> &'static str {
        match self {
            GiverKind::Person => "self",
            GiverKind::Relative => "relative",
            GiverKind::Staff => "staff",
            GiverKind::OtherProfessional => "other-professional",
            GiverKind::Device => "device",
            GiverKind::NotSaid => "not-said",
        }
    }
}

/// Somebody with a part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    /// `performer`, `verifier`, `witness`, `recorder`; none where the source does not say.
    pub function: Option<String>,
    /// What they are to the person.
    pub kind: GiverKind,
    /// What they are called.
    pub display: Option<String>,
    /// The reference or identifier.
    pub id: Option<String>,
}

impl Giver {
    /// Whether they gave it. Who stands there without a function is taken to have given it, as in STU3.
    pub fn gave(&self) -> bool {
        matches!(self.function.as_deref(), None | Some("performer"))
    }

    /// Whether they saw it given by another.
    pub fn saw(&self) -> bool {
        matches!(self.function.as_deref(), Some("witness" | "verifier"))
    }

    /// For people.
    pub fn words(&self) -> String {
        let name = self.display.as_deref().or(self.id.as_deref()).unwrap_or("not named");
        match self.kind {
            GiverKind::Person => format!("{name} (the person)"),
            GiverKind::Relative => format!("{name} (relative or friend)"),
            GiverKind::OtherProfessional => format!("{name} (from outside)"),
            _ => name.to_owned(),
        }
    }
}

/// Everybody whom a resource names.
pub fn read(resource: &Value) -> Vec<Giver> {
    let mut all = Vec::new();
    for performer in read::items(resource, "performer") {
        let function = performer.get("function").and_then(|function| {
            read::codings(function)
                .map(|(_, code)| code.to_lowercase())
                .next()
                .or_else(|| read::text(function, "text").map(str::to_lowercase))
        });
        let actor = performer.get("actor").unwrap_or(performer);
        all.push(giver(function, actor));
    }
    if let Some(recorder) = read::extension(resource, "recorded-by").and_then(read::extension_value) {
        all.push(giver(Some("recorder".into()), recorder));
    }
    all
}

/// Titles of professionals who come from outside a care home or a home-care service.
const OUTSIDE: &[&str] = &[
    "district nurse",
    "community nurse",
    "paramedic",
    "ambulance",
    "hospital",
    "pharmacist",
    "general practitioner",
    "doctor",
    "dr ",
    "gp ",
];
const CLOSE: &[&str] =
    &["daughter", "son)", "(son", "wife", "husband", "partner", "sister", "brother", "neighbour", "friend", "family"];

fn giver(function: Option<String>, actor: &Value) -> Giver {
    let display = read::text(actor, "display").map(str::to_owned);
    let reference = read::text(actor, "reference");
    let identifier = actor.pointer("/identifier/value").or_else(|| actor.get("value")).and_then(Value::as_str);
    let said_type = read::text(actor, "type");
    let kind_of = |text: &str| text.rsplit('/').nth(1).unwrap_or_default().to_owned();
    let target = reference.map(kind_of).filter(|kind| !kind.is_empty()).or(said_type.map(str::to_owned));
    let words = display.as_deref().map(|display| format!("{} ", display.to_lowercase())).unwrap_or_default();
    let says = |list: &[&str]| list.iter().any(|title| words.contains(title));
    let kind = match target.as_deref() {
        Some("Patient") => GiverKind::Person,
        Some("RelatedPerson") => GiverKind::Relative,
        Some("Device") => GiverKind::Device,
        Some("Organization") => GiverKind::OtherProfessional,
        _ if says(OUTSIDE) || words == "dn " => GiverKind::OtherProfessional,
        Some("Practitioner" | "PractitionerRole") => GiverKind::Staff,
        _ if says(CLOSE) => GiverKind::Relative,
        _ if identifier.is_some() || display.is_some() => GiverKind::Staff,
        _ => GiverKind::NotSaid,
    };
    Giver { function, kind, display, id: reference.or(identifier).map(str::to_owned) }
}

/// What to mind about witnesses.
pub fn mind(found: &mut Administration) {
    if !matches!(found.outcome, Outcome::Given | Outcome::PartlyGiven) {
        return;
    }
    let name = |giver: &Giver| giver.id.clone().or_else(|| giver.display.clone());
    let gave: Vec<_> = found.givers.iter().filter(|giver| giver.gave()).filter_map(name).collect();
    let saw: Vec<_> = found.givers.iter().filter(|giver| giver.saw()).filter_map(name).collect();
    if saw.iter().any(|witness| gave.contains(witness)) {
        found.warn(WarningKey::WitnessIsPerformer, "The witness is the one who gave it.");
    }
    let lacks = Doubts::read(found.notes.iter().map(String::as_str)).lacks_witness;
    if saw.is_empty() && lacks {
        found.warn(WarningKey::WitnessMissing, "A witness was needed, and none is recorded.");
    }
}
