//! One typed Dosage for R4 (`doseAndRate`), STU3 (flat `dose[x]` and `rate[x]`), the back-port of R5's `asNeededFor`, and
//! the dosage of a MedicationAdministration (<https://hl7.org/fhir/R4/dosage.html>).

use super::concept::Concept;
use super::finding::{DoseKey, Finding};
use super::number::Number;
use super::quantity::{Quantity, Range, Ratio};
use super::read::Node;
use serde_json::{Map, Value, json};

const AS_NEEDED_FOR: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Dosage.asNeededFor";

/// Extensions that the reader takes the meaning of.
pub(super) fn is_known_extension(url: &str) -> bool {
    url == AS_NEEDED_FOR
}

/// How much of the medicine at a time.
#[derive(Debug, Clone, PartialEq)]
pub enum Dose {
    /// An amount.
    Quantity(Quantity),
    /// From the least to the greatest.
    Range(Range),
}

/// How fast.
#[derive(Debug, Clone, PartialEq)]
pub enum Rate {
    /// An amount in a time.
    Ratio(Ratio),
    /// From the slowest to the fastest.
    Range(Range),
    /// An amount whose unit names the time.
    Quantity(Quantity),
}

/// A dose, a rate or both.
#[derive(Debug, Clone, Default)]
pub struct DoseAndRate {
    /// Whether it was ordered or calculated.
    pub kind: Option<Concept>,
    /// How much, with the element that says it.
    pub dose: Option<(Dose, String)>,
    /// How fast, with the element that says it.
    pub rate: Option<(Rate, String)>,
}

/// For how long.
#[derive(Debug, Clone, PartialEq)]
pub enum Bounds {
    /// A time.
    Duration(Quantity),
    /// From the shortest to the longest time.
    Range(Range),
    /// From one instant or day to another.
    Period {
        /// The first, as sent.
        start: Option<String>,
        /// The last, as sent.
        end: Option<String>,
    },
}

/// When (`Dosage.timing`).
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the names are FHIR's own, see Timing.repeat")]
pub struct Timing {
    pub event: Vec<String>,
    pub code: Option<Concept>,
    pub bounds: Option<Bounds>,
    pub count: Option<Number>,
    pub count_max: Option<Number>,
    pub duration: Option<Number>,
    pub duration_max: Option<Number>,
    pub duration_unit: Option<String>,
    pub frequency: Option<Number>,
    pub frequency_max: Option<Number>,
    pub period: Option<Number>,
    pub period_max: Option<Number>,
    pub period_unit: Option<String>,
    pub day_of_week: Vec<String>,
    pub time_of_day: Vec<String>,
    pub when: Vec<String>,
    pub offset: Option<Number>,
}

/// A Dosage as it was sent; what could not be read stands in `unread`.
#[derive(Debug, Clone, Default)]
pub struct Dosage {
    /// In which order it goes.
    pub sequence: Option<i64>,
    /// The text as sent; nothing here ever changes it.
    pub text: Option<String>,
    /// Further instructions.
    pub additional_instruction: Vec<Concept>,
    /// Instructions in the patient's words.
    pub patient_instruction: Option<String>,
    /// When.
    pub timing: Timing,
    /// Whether it is taken only as required.
    pub as_needed: Option<bool>,
    /// As required for what.
    pub as_needed_for: Vec<Concept>,
    /// Where on the body.
    pub site: Option<Concept>,
    /// Which way into the body.
    pub route: Option<Concept>,
    /// How it is given.
    pub method: Option<Concept>,
    /// How much and how fast.
    pub dose_and_rate: Vec<DoseAndRate>,
    /// The greatest amounts in a time, each with its element.
    pub max_dose_per_period: Vec<Ratio>,
    /// The greatest amount at a time.
    pub max_dose_per_administration: Option<Quantity>,
    /// The greatest amount in a life.
    pub max_dose_per_lifetime: Option<Quantity>,
    /// What could not be read, with paths below the Dosage.
    pub unread: Vec<Finding>,
}

impl Dosage {
    /// Reads a Dosage of R4, R5's additions, STU3, or the dosage of a MedicationAdministration.
    ///
    /// ```
    /// use ginnel_medicines::dose::Dosage;
    /// let sent = serde_json::json!({"text": "ONE DAILY", "doseQuantity": {"value": 1, "unit": "tablet"}});
    /// let dosage = Dosage::read(&sent);
    /// assert_eq!((dosage.dose_and_rate.len(), dosage.unread.len()), (1, 0));
    /// ```
    pub fn read(value: &Value) -> Dosage {
        let mut found = Vec::new();
        let Some(object) = value.as_object() else {
            let unread = vec![Finding::error(DoseKey::WrongType, "", "A Dosage is a JSON object; this is none.")];
            return Dosage { unread, ..Dosage::default() };
        };
        let mut dosage = Dosage::read_object(object, &mut found);
        dosage.unread = found;
        dosage
    }

    fn read_object(object: &Map<String, Value>, found: &mut Vec<Finding>) -> Dosage {
        let mut node = Node::new(object, "");
        let concept = |node: &mut Node<'_>, name, found: &mut Vec<Finding>| {
            node.object(name, found).map(|concept| Concept::read(concept, found))
        };
        let quantity = |node: &mut Node<'_>, name, found: &mut Vec<Finding>| {
            node.object(name, found).map(|quantity| Quantity::read(quantity, found))
        };
        let dosage = Dosage {
            sequence: sequence(&mut node, found),
            text: node.text("text", found),
            additional_instruction: concepts(&mut node, "additionalInstruction", found),
            patient_instruction: node.text("patientInstruction", found).filter(|text| !text.trim().is_empty()),
            timing: node.object("timing", found).map(|timing| Timing::read(timing, found)).unwrap_or_default(),
            as_needed: as_needed(&mut node, found),
            as_needed_for: as_needed_for(&mut node, found),
            site: concept(&mut node, "site", found),
            route: concept(&mut node, "route", found),
            method: concept(&mut node, "method", found),
            dose_and_rate: doses(&mut node, found),
            max_dose_per_period: node
                .objects("maxDosePerPeriod", found)
                .into_iter()
                .map(|ratio| Ratio::read(ratio, found))
                .collect(),
            max_dose_per_administration: quantity(&mut node, "maxDosePerAdministration", found),
            max_dose_per_lifetime: quantity(&mut node, "maxDosePerLifetime", found),
            unread: Vec::new(),
        };
        node.finish(found);
        dosage
    }

    /// Whether it has a structured part besides its sequence.
    pub fn is_structured(&self) -> bool {
        !self.additional_instruction.is_empty()
            || self.patient_instruction.is_some()
            || self.timing != Timing::default()
            || self.as_needed == Some(true)
            || !self.as_needed_for.is_empty()
            || self.site.is_some()
            || self.route.is_some()
            || self.method.is_some()
            || self.dose_and_rate.iter().any(|part| part.dose.is_some() || part.rate.is_some())
            || !self.max_dose_per_period.is_empty()
            || self.max_dose_per_administration.is_some()
            || self.max_dose_per_lifetime.is_some()
    }

    /// The first dose, if there is one.
    pub fn dose(&self) -> Option<&Dose> {
        self.dose_and_rate.iter().find_map(|part| part.dose.as_ref().map(|(dose, _)| dose))
    }
}

fn sequence(node: &mut Node<'_>, found: &mut Vec<Finding>) -> Option<i64> {
    let number = node.number("sequence", found)?;
    let whole = number.text().parse::<i64>().ok();
    if whole.is_none() {
        found.push(Finding::error(DoseKey::BadValue, "sequence", "A sequence is a whole number."));
    }
    whole
}

fn concepts(node: &mut Node<'_>, name: &'static str, found: &mut Vec<Finding>) -> Vec<Concept> {
    node.objects(name, found).into_iter().map(|concept| Concept::read(concept, found)).collect()
}

fn as_needed(node: &mut Node<'_>, found: &mut Vec<Finding>) -> Option<bool> {
    let (r4, r5) = (node.boolean("asNeededBoolean", found), node.boolean("asNeeded", found));
    r4.or(r5)
}

/// R4 and STU3 have one concept, R5 a list; a server that speaks R4 sends R5's as an extension.
fn as_needed_for(node: &mut Node<'_>, found: &mut Vec<Finding>) -> Vec<Concept> {
    let mut concepts: Vec<Concept> = concepts(node, "asNeededCodeableConcept", found);
    concepts.extend(self::concepts(node, "asNeededFor", found));
    for (index, value) in node.extensions_with(AS_NEEDED_FOR) {
        let path = format!("extension[{index}].valueCodeableConcept");
        match value.get("valueCodeableConcept").and_then(Value::as_object) {
            Some(concept) => concepts.push(Concept::read(Node::new(concept, path), found)),
            None => found.push(Finding::error(DoseKey::WrongType, path, "The extension has no CodeableConcept.")),
        }
    }
    concepts
}

/// R4's list, or the flat parts of STU3 and of MedicationAdministration.
fn doses(node: &mut Node<'_>, found: &mut Vec<Finding>) -> Vec<DoseAndRate> {
    let mut list = Vec::new();
    for mut part in node.objects("doseAndRate", found) {
        let kind = part.object("type", found).map(|kind| Concept::read(kind, found));
        let mut read = one_dose(&mut part, found);
        part.finish(found);
        read.kind = kind;
        list.push(read);
    }
    let flat = one_dose(node, found);
    if flat.dose.is_some() || flat.rate.is_some() {
        list.push(flat);
    }
    list
}

fn one_dose(node: &mut Node<'_>, found: &mut Vec<Finding>) -> DoseAndRate {
    let mut doses: Vec<(Dose, String)> = Vec::new();
    let mut rates: Vec<(Rate, String)> = Vec::new();
    for name in ["doseQuantity", "doseSimpleQuantity", "dose"] {
        if let Some(part) = node.object(name, found) {
            let path = part.path.clone();
            doses.push((Dose::Quantity(Quantity::read(part, found)), path));
        }
    }
    if let Some(part) = node.object("doseRange", found) {
        let path = part.path.clone();
        doses.push((Dose::Range(Range::read(part, found)), path));
    }
    if let Some(part) = node.object("rateRatio", found) {
        let path = part.path.clone();
        rates.push((Rate::Ratio(Ratio::read(part, found)), path));
    }
    if let Some(part) = node.object("rateRange", found) {
        let path = part.path.clone();
        rates.push((Rate::Range(Range::read(part, found)), path));
    }
    for name in ["rateQuantity", "rateSimpleQuantity"] {
        if let Some(part) = node.object(name, found) {
            let path = part.path.clone();
            rates.push((Rate::Quantity(Quantity::read(part, found)), path));
        }
    }
    let (mut doses, mut rates) = (doses.into_iter(), rates.into_iter());
    let read = DoseAndRate { kind: None, dose: doses.next(), rate: rates.next() };
    for path in doses.map(|(_, path)| path).chain(rates.map(|(_, path)| path)) {
        let text = "A choice of types has one value; this second one is not said.";
        found.push(Finding::error(DoseKey::Conflict, path, text));
    }
    read
}

impl Timing {
    fn read(mut node: Node<'_>, found: &mut Vec<Finding>) -> Timing {
        let event = node.texts("event", found);
        let code = node.object("code", found).map(|code| Concept::read(code, found));
        let repeat = node.object("repeat", found);
        node.finish(found);
        let mut timing = repeat.map(|repeat| Timing::read_repeat(repeat, found)).unwrap_or_default();
        timing.event = event;
        timing.code = code;
        timing
    }

    fn read_repeat(mut node: Node<'_>, found: &mut Vec<Finding>) -> Timing {
        let timing = Timing {
            event: Vec::new(),
            code: None,
            bounds: bounds(&mut node, found),
            count: node.number("count", found),
            count_max: node.number("countMax", found),
            duration: node.number("duration", found),
            duration_max: node.number("durationMax", found),
            duration_unit: node.text("durationUnit", found),
            frequency: node.number("frequency", found),
            frequency_max: node.number("frequencyMax", found),
            period: node.number("period", found),
            period_max: node.number("periodMax", found),
            period_unit: node.text("periodUnit", found),
            day_of_week: node.texts("dayOfWeek", found),
            time_of_day: node.texts("timeOfDay", found),
            when: node.texts("when", found),
            offset: node.number("offset", found),
        };
        node.finish(found);
        timing
    }
}

fn bounds(node: &mut Node<'_>, found: &mut Vec<Finding>) -> Option<Bounds> {
    let mut all = Vec::new();
    if let Some(part) = node.object("boundsDuration", found) {
        all.push((part.path.clone(), Bounds::Duration(Quantity::read(part, found))));
    }
    if let Some(part) = node.object("boundsRange", found) {
        all.push((part.path.clone(), Bounds::Range(Range::read(part, found))));
    }
    if let Some(mut part) = node.object("boundsPeriod", found) {
        let path = part.path.clone();
        let (start, end) = (part.text("start", found), part.text("end", found));
        part.finish(found);
        all.push((path, Bounds::Period { start, end }));
    }
    let mut all = all.into_iter();
    let first = all.next().map(|(_, bounds)| bounds);
    for (path, _) in all {
        let text = "A choice of types has one value; this second one is not said.";
        found.push(Finding::error(DoseKey::Conflict, path, text));
    }
    first
}

/// Adds a member to an object, unless it is empty.
pub(super) fn put(object: &mut Value, name: &str, value: Option<Value>) {
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    if let Some(value) = value.filter(|value| !is_empty(value)) {
        object[name] = value;
    }
}

impl Dosage {
    /// As R4 JSON, in FHIR's order of elements.
    pub fn to_json(&self) -> Value {
        let concept = |concept: &Option<Concept>| concept.as_ref().map(Concept::to_json);
        let mut json = json!({});
        put(&mut json, "sequence", self.sequence.map(|sequence| json!(sequence)));
        put(&mut json, "text", self.text.as_ref().map(|text| json!(text)));
        let further: Vec<Value> = self.additional_instruction.iter().map(Concept::to_json).collect();
        put(&mut json, "additionalInstruction", Some(Value::Array(further)));
        put(&mut json, "patientInstruction", self.patient_instruction.as_ref().map(|text| json!(text)));
        put(&mut json, "timing", self.timing.to_json());
        match self.as_needed_for.split_first() {
            Some((first, _)) => put(&mut json, "asNeededCodeableConcept", Some(first.to_json())),
            None => put(&mut json, "asNeededBoolean", self.as_needed.map(|needed| json!(needed))),
        }
        put(&mut json, "site", concept(&self.site));
        put(&mut json, "route", concept(&self.route));
        put(&mut json, "method", concept(&self.method));
        let doses: Vec<Value> = self.dose_and_rate.iter().map(DoseAndRate::to_json).collect();
        put(&mut json, "doseAndRate", Some(Value::Array(doses)));
        put(&mut json, "maxDosePerPeriod", self.max_dose_per_period.first().map(Ratio::to_json));
        put(&mut json, "maxDosePerAdministration", self.max_dose_per_administration.as_ref().map(Quantity::to_json));
        put(&mut json, "maxDosePerLifetime", self.max_dose_per_lifetime.as_ref().map(Quantity::to_json));
        json
    }
}

impl DoseAndRate {
    fn to_json(&self) -> Value {
        let mut json = json!({});
        put(&mut json, "type", self.kind.as_ref().map(Concept::to_json));
        match &self.dose {
            Some((Dose::Quantity(quantity), _)) => put(&mut json, "doseQuantity", Some(quantity.to_json())),
            Some((Dose::Range(range), _)) => put(&mut json, "doseRange", Some(range.to_json())),
            None => {}
        }
        match &self.rate {
            Some((Rate::Ratio(ratio), _)) => put(&mut json, "rateRatio", Some(ratio.to_json())),
            Some((Rate::Range(range), _)) => put(&mut json, "rateRange", Some(range.to_json())),
            Some((Rate::Quantity(quantity), _)) => put(&mut json, "rateQuantity", Some(quantity.to_json())),
            None => {}
        }
        json
    }
}

impl Timing {
    fn to_json(&self) -> Option<Value> {
        let mut repeat = json!({});
        match &self.bounds {
            Some(Bounds::Duration(quantity)) => put(&mut repeat, "boundsDuration", Some(quantity.to_json())),
            Some(Bounds::Range(range)) => put(&mut repeat, "boundsRange", Some(range.to_json())),
            Some(Bounds::Period { start, end }) => {
                let mut period = json!({});
                put(&mut period, "start", start.as_ref().map(|start| json!(start)));
                put(&mut period, "end", end.as_ref().map(|end| json!(end)));
                put(&mut repeat, "boundsPeriod", Some(period));
            }
            None => {}
        }
        let numbers = [
            ("count", &self.count),
            ("countMax", &self.count_max),
            ("duration", &self.duration),
            ("durationMax", &self.duration_max),
            ("frequency", &self.frequency),
            ("frequencyMax", &self.frequency_max),
            ("period", &self.period),
            ("periodMax", &self.period_max),
        ];
        for (name, number) in numbers {
            put(&mut repeat, name, number.as_ref().map(Number::to_json));
        }
        put(&mut repeat, "durationUnit", self.duration_unit.as_ref().map(|unit| json!(unit)));
        put(&mut repeat, "periodUnit", self.period_unit.as_ref().map(|unit| json!(unit)));
        put(&mut repeat, "dayOfWeek", Some(json!(self.day_of_week)));
        put(&mut repeat, "timeOfDay", Some(json!(self.time_of_day)));
        put(&mut repeat, "when", Some(json!(self.when)));
        put(&mut repeat, "offset", self.offset.as_ref().map(Number::to_json));
        let mut timing = json!({});
        put(&mut timing, "event", Some(json!(self.event)));
        let is_empty = repeat.as_object().is_some_and(Map::is_empty);
        put(&mut timing, "repeat", Some(repeat).filter(|_| !is_empty));
        put(&mut timing, "code", self.code.as_ref().map(Concept::to_json));
        (timing.as_object().is_some_and(|timing| !timing.is_empty())).then_some(timing)
    }
}
