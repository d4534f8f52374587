//! What a record says was given, not given, partly given, or does not say.
//!
//! A blank is no refusal, a prompt is no administration, and what nobody saw is not what somebody gave: the outcomes stay
//! apart whatever the source calls them. Words of the source may make a claim weaker (a note that says "partly taken"),
//! never stronger. Sources: FHIR R4 and STU3 MedicationAdministration; UK Core MedicationAdministration; vocabularies of
//! English care systems, whose letters mean different things from home to home and are therefore never read as words.

mod chart;
mod claim;
mod expected;
mod kind;
mod outcome;
mod reason;
mod totals;
mod when;
mod who;
mod words;

pub use chart::{Chart, ChartGap, ChartLine, Slot, chart};
pub use kind::Delegated;
pub use outcome::{Because, Outcome, Warning, WarningKey};
pub use reason::{NotGivenReason, Reason};
pub use when::{Due, Late, When};
pub use who::{Giver, GiverKind};

use crate::drug_code::{Drug, concepts};
use crate::record::{Found, Record, Resource, read};
use rust_decimal::Decimal;
use serde_json::Value;
use std::str::FromStr;

/// How much was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dose {
    /// The amount, where it is a number.
    pub value: Option<Decimal>,
    /// Its unit as written.
    pub unit: Option<String>,
    /// Its unit's code, where it has one.
    pub code: Option<String>,
    /// In the source's words, or the amount.
    pub text: String,
}

/// One administration, or what is said instead of one.
#[derive(Debug, Clone)]
pub struct Administration {
    /// What is known of it.
    pub outcome: Outcome,
    /// Why it is taken so.
    pub because: Vec<Because>,
    /// Why it was not given, where that is said.
    pub reason: Option<Reason>,
    /// The medicine.
    pub drug: Option<Drug>,
    /// What the source calls it, where the resource itself does not carry it (the display of a reference).
    pub medication: Option<String>,
    /// The parts of a pack, with the amount of each as written; what was done with the pack was done with none of them alone.
    pub contents: Vec<String>,
    /// How much.
    pub dose: Option<Dose>,
    /// When it was given, or when somebody found that it was not.
    pub when: When,
    /// When it was due.
    pub due: Option<Due>,
    /// Who gave it, witnessed it, and wrote it down.
    pub givers: Vec<Giver>,
    /// Why it was wanted, of medicines given when required.
    pub wanted_for: Vec<String>,
    /// Where on the body.
    pub site: Option<String>,
    /// A task that is delegated to care staff.
    pub delegated: Option<Delegated>,
    /// What people noted.
    pub notes: Vec<String>,
    /// Identifiers, as system and value.
    pub identifiers: Vec<(String, String)>,
    /// The reference to the order.
    pub request: Option<Value>,
    /// The reference to the person.
    pub subject: Option<String>,
    /// What to mind.
    pub warnings: Vec<Warning>,
}

impl Administration {
    /// Reads a MedicationAdministration of R4 or STU3. It cannot fail: what cannot be read is uncertain, and says so.
    pub fn read(resource: &Value) -> Administration {
        let mut found = Administration {
            outcome: Outcome::Uncertain,
            because: Vec::new(),
            reason: None,
            drug: None,
            medication: None,
            contents: Vec::new(),
            dose: None,
            when: When::read(resource),
            due: None,
            givers: who::read(resource),
            wanted_for: Vec::new(),
            site: None,
            delegated: None,
            notes: read::notes(resource).map(str::to_owned).collect(),
            identifiers: identifiers(resource),
            request: ["request", "prescription"].iter().find_map(|member| resource.get(*member)).cloned(),
            subject: resource.pointer("/subject/reference").and_then(Value::as_str).map(str::to_owned),
            warnings: Vec::new(),
        };
        if resource.get("resourceType").and_then(Value::as_str) != Some("MedicationAdministration") {
            found.because.push(Because::Unreadable);
            found.warn(
                WarningKey::Unreadable,
                "This is no MedicationAdministration that can be read; look at the source.",
            );
            return found;
        }
        found.medicine(resource);
        found.dosage(resource);
        found.due = when::due(resource, &found.when, &found.notes);
        found.wanted_for = read::items(resource, "reasonCode").filter_map(read::words).map(str::to_owned).collect();
        claim::judge(&mut found, resource);
        // STU3 systems write why it was not given where others write why it was wanted.
        let why = found.reason.as_ref().and_then(|reason| reason.text.clone());
        found.wanted_for.retain(|wanted| Some(wanted) != why.as_ref());
        found.delegated = kind::delegated(&found, resource);
        kind::mind(&mut found, resource);
        who::mind(&mut found);
        when::mind(&mut found);
        found
    }

    /// The same, with the medicine and the order looked up in the record it came in.
    pub fn read_in(record: &Record<'_>, resource: &Resource<'_>) -> Administration {
        let mut found = Administration::read(resource.value);
        let reference = resource.value.get("medicationReference").filter(|_| found.drug.is_none());
        if let Some(Found::Resource(index)) = reference.map(|reference| record.follow(resource, reference))
            && let Some(medicine) = record.at(index)
        {
            found.take_medication(medicine.value);
            found.delegated = kind::delegated(&found, resource.value);
            when::mind(&mut found);
        }
        found
    }

    /// What a reader is shown as the medicine.
    pub fn shown(&self) -> String {
        let named = self.drug.as_ref().and_then(|drug| drug.name.clone());
        let coded = || self.drug.as_ref().map(|drug| drug.shown(None));
        named.or_else(|| self.medication.clone()).or_else(coded).unwrap_or_else(|| "medicine not stated".into())
    }

    /// Whether something of the medicine went in, as far as the record says.
    pub fn is_given(&self) -> bool {
        self.outcome.is_given()
    }

    fn warn(&mut self, key: WarningKey, text: impl Into<String>) {
        if !self.warnings.iter().any(|warning| warning.key == key) {
            self.warnings.push(Warning { key, text: text.into() });
        }
    }

    fn because(&mut self, why: Because) {
        if !self.because.contains(&why) {
            self.because.push(why);
        }
    }

    fn medicine(&mut self, resource: &Value) {
        self.medication = resource.pointer("/medicationReference/display").and_then(Value::as_str).map(str::to_owned);
        if let Some(concept) = resource.get("medicationCodeableConcept") {
            self.drug = Some(Drug::read(concept, None));
            return;
        }
        let id = resource.pointer("/medicationReference/reference").and_then(Value::as_str).unwrap_or_default();
        let own = read::items(resource, "contained")
            .find(|own| id.strip_prefix('#').is_some_and(|id| read::text(own, "id") == Some(id)));
        if let Some(medicine) = own {
            self.take_medication(medicine);
        }
    }

    fn take_medication(&mut self, medicine: &Value) {
        if let Some(code) = medicine.get("code") {
            self.drug = Some(Drug::read(code, None));
        }
        let parts = read::items(medicine, "ingredient");
        self.contents = parts
            .map(|part| {
                let name = part.get("itemCodeableConcept").and_then(read::words);
                let name = name.or_else(|| part.pointer("/itemReference/display").and_then(Value::as_str));
                let amount = part.pointer("/strength/numerator").or_else(|| part.pointer("/amount/numerator"));
                let amount = amount.map(amount_text).filter(|text| !text.is_empty());
                let name = name.unwrap_or("a medicine without a name");
                amount.map_or_else(|| name.to_owned(), |amount| format!("{name}: {amount}"))
            })
            .collect();
        if self.drug.is_none() && concepts(medicine).is_empty() {
            self.medication = self.medication.take().or_else(|| Some(self.contents.join(" + ")));
        }
    }

    fn dosage(&mut self, resource: &Value) {
        let Some(dosage) = read::items(resource, "dosage").next() else { return };
        self.site = dosage.get("site").and_then(read::words).map(str::to_owned);
        let quantity = dosage.get("dose").or_else(|| dosage.get("doseQuantity"));
        let has_rate =
            dosage.as_object().is_some_and(|members| members.keys().any(|member| member.starts_with("rate")));
        let words = read::text(dosage, "text");
        if let Some(quantity) = quantity {
            let value = quantity.get("value").and_then(decimal);
            let text = words.map_or_else(|| amount_text(quantity), str::to_owned);
            let own = |member: &str| read::text(quantity, member).map(str::to_owned);
            self.dose = Some(Dose { value, unit: own("unit"), code: own("code"), text });
        } else if let Some(words) = words {
            self.dose = Some(Dose { value: None, unit: None, code: None, text: words.to_owned() });
        }
        if quantity.is_none() && !has_rate {
            let text =
                "The dosage has neither dose nor rate, which FHIR demands of it (mad-1): its words are no amount.";
            self.warn(WarningKey::DosageWithoutDose, text);
        }
    }
}

/// A decimal as it is written.
fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// A Quantity in words.
fn amount_text(quantity: &Value) -> String {
    let value = quantity.get("value").and_then(decimal).map(|value| value.normalize().to_string());
    let unit = read::text(quantity, "unit").or_else(|| read::text(quantity, "code")).map(str::to_owned);
    [value, unit].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn identifiers(resource: &Value) -> Vec<(String, String)> {
    let all = read::items(resource, "identifier");
    all.filter_map(|own| {
        let system = read::text(own, "system").unwrap_or_default();
        Some((system.to_owned(), read::text(own, "value")?.to_owned()))
    })
    .collect()
}
