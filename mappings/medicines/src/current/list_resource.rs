//! The answer as a FHIR List (<https://hl7.org/fhir/R4/list.html>): an entry for each line, with its group as flag.

use super::Current;
use super::line::Line;
use crate::record::{About, GapKind};
use serde_json::{Map, Value, json};

/// The profile of lists.
const PROFILE: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-List";
/// The code system of a line's group.
pub const CURRENCY: &str = "https://gateway.example.org/CodeSystem/medication-currency";
/// The extension of an entry that says why it stands there.
pub const BECAUSE: &str = "https://gateway.example.org/StructureDefinition/medication-currency-because";
/// The extension of an entry that says what to mind.
pub const WARNING: &str = "https://gateway.example.org/StructureDefinition/medication-currency-warning";
/// The extension of the List that says what is missing.
pub const GAP: &str = "https://gateway.example.org/StructureDefinition/record-gap";

/// Writes it.
pub fn write(current: &Current) -> Value {
    let mut list = Map::new();
    list.insert("resourceType".into(), "List".into());
    list.insert("meta".into(), json!({"profile": [PROFILE]}));
    let extensions: Vec<Value> = current.gaps.iter().flat_map(|gap| gap_extensions(current, gap)).collect();
    if !extensions.is_empty() {
        list.insert("extension".into(), extensions.into());
    }
    list.insert("status".into(), "current".into());
    list.insert("mode".into(), "snapshot".into());
    list.insert("title".into(), "Medicines: what is taken now, and what is known of others".into());
    let code = json!({"coding": [{"system": "http://snomed.info/sct", "code": "933361000000108",
        "display": "Medications and medical devices"}]});
    list.insert("code".into(), code);
    if let Some(patient) = &current.patient {
        list.insert("subject".into(), json!({"reference": patient}));
    }
    list.insert("date".into(), seconds(current.at).into());
    let notes: Vec<Value> = current
        .gaps
        .iter()
        .map(|gap| json!({"text": format!("{}: {}", current.source_name(gap.source), gap.text)}))
        .collect();
    if !notes.is_empty() {
        list.insert("note".into(), notes.into());
    }
    if current.lines.is_empty() {
        list.insert("emptyReason".into(), empty_reason(current));
    } else {
        list.insert("entry".into(), current.lines.iter().map(entry).collect::<Vec<_>>().into());
    }
    Value::Object(list)
}

/// The instant without parts of a second, which nobody asked for.
fn seconds(at: jiff::Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// What is missing: UK Core's own warning codes, which receivers know, and the gap itself.
fn gap_extensions(current: &Current, gap: &crate::record::Gap) -> Vec<Value> {
    let code = match gap.kind {
        GapKind::Withheld => Some("confidential-items"),
        GapKind::InTransit => Some("data-in-transit"),
        GapKind::AwaitingFiling => Some("data-awaiting-filing"),
        _ => None,
    };
    let warning = code.filter(|_| gap.about != About::Allergies).map(|code| {
        json!({"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ListWarningCode",
            "valueCodeableConcept": {"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-ListWarningCode", "code": code}]}})
    });
    let own = json!({"url": GAP, "extension": [
        {"url": "kind", "valueCode": gap.kind.key()},
        {"url": "source", "valueString": current.source_name(gap.source)},
        {"url": "text", "valueString": gap.text},
    ]});
    warning.into_iter().chain([own]).collect()
}

fn entry(line: &Line) -> Value {
    let because = line.because.iter().map(|it| json!({"url": BECAUSE, "valueCode": it.key()}));
    let warnings = line.warnings.iter().map(|it| {
        json!({"url": WARNING, "extension": [
            {"url": "key", "valueCode": it.key.key()},
            {"url": "text", "valueString": it.text},
        ]})
    });
    let extensions: Vec<Value> = because.chain(warnings).collect();
    let mut item = Map::new();
    if let Some(reference) = line.evidence.first().filter(|reference| is_reference(reference)) {
        item.insert("reference".into(), reference.as_str().into());
    }
    let dose = line.dose.as_deref().unwrap_or("no dose recorded");
    item.insert("display".into(), format!("{}: {dose}", line.medication).into());
    json!({
        "extension": extensions,
        "flag": {"coding": [{"system": CURRENCY, "code": line.group.key(), "display": line.group.words()}]},
        "item": item,
    })
}

/// A contained or nameless resource cannot be referred to from outside.
fn is_reference(reference: &str) -> bool {
    !reference.contains('#') && !reference.contains('[')
}

/// Why nothing is listed: never "nil known", which only a person can say.
fn empty_reason(current: &Current) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
    let has = |kinds: &[GapKind]| current.gaps.iter().any(|gap| kinds.contains(&gap.kind));
    let (system, code, text) = if has(&[GapKind::Withheld]) {
        (system, "withheld", "Withheld by the source")
    } else if has(&[GapKind::NotAsked]) {
        (system, "notasked", "Nobody has asked")
    } else if !current.gaps.is_empty() {
        (system, "unavailable", "The sources did not give it")
    } else {
        ("https://fhir.hl7.org.uk/CodeSystem/UKCore-ListEmptyReasonCode", "no-content-recorded", "Nothing is recorded")
    };
    json!({"coding": [{"system": system, "code": code}], "text": text})
}
