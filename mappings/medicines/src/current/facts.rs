//! What the resources of one authorisation say, read once and in one form for both versions of FHIR.

use super::authorisation::{Authorisation, medication};
use super::status::Status;
use crate::record::{Found, Moment, Record, Resource, Span, moment, read, span_of_period};
use serde_json::Value;

/// How it is prescribed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A short course.
    Acute,
    /// To be issued again and again.
    Repeat,
    /// Repeats that a pharmacy dispenses from one prescription.
    RepeatDispensing,
    /// To be taken only if things get worse.
    Delayed,
}

/// Who prescribes it, as a GP record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agency {
    /// The practice whose record it is.
    Practice,
    /// Another organisation.
    Elsewhere,
    /// The practice before.
    PreviousPractice,
}

/// What a plan says of its repeats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repeats {
    /// How many issues are allowed in all.
    pub allowed: Option<u64>,
    /// How many were made.
    pub issued: Option<u64>,
    /// Until when it is authorised.
    pub expires: Option<Moment>,
}

/// The facts.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// What the statement's status says.
    pub statement: Option<Status>,
    /// What the plan's status says.
    pub plan: Option<Status>,
    /// What the plan's intent is.
    pub intent: Option<&'a str>,
    /// Whether all that speaks of it is a dispense.
    pub is_only_dispensed: bool,
    /// Whether a request says not to give it.
    pub is_not_to_be_given: bool,
    /// From when until when.
    pub span: Span,
    /// How it is prescribed.
    pub kind: Option<Kind>,
    /// Who prescribes it.
    pub agency: Option<Agency>,
    /// The last issue, and as written.
    pub last_issue: Option<(Moment, String)>,
    /// Issues after the instant asked for are told by these.
    pub issues: Vec<Moment>,
    /// How many days a supply lasts.
    pub supply_days: Option<i64>,
    /// Repeats.
    pub repeats: Repeats,
    /// Why it was stopped or waits, in the source's words.
    pub reason: Option<String>,
    /// When its status changed.
    pub changed: Option<Moment>,
    /// The concept of the medicine.
    pub concept: Option<&'a Value>,
    /// The concept of the plan's medicine, where the statement has one too.
    pub plan_concept: Option<&'a Value>,
    /// The Medication that the concept stands in.
    pub medication: Option<usize>,
    /// What a reference to the medicine calls it, where the medicine itself is not there.
    pub reference_words: Option<&'a str>,
    /// The Dosages of the statement, or of the plan where the statement has none.
    pub dosages: Vec<&'a Value>,
    /// The Dosages of the plan, where the statement has some too.
    pub plan_dosages: Vec<&'a Value>,
    /// Notes for people.
    pub notes: Vec<String>,
    /// Who is to give it, where a request names somebody.
    pub performer: Option<String>,
    /// A plan that this one replaces, where it is not in the record.
    pub replaced_missing: Option<String>,
    /// Whether the source says that a dose must not be late.
    pub is_time_critical: bool,
    /// Security labels that restrict who may see it.
    pub labels: Vec<String>,
}

impl<'a> Facts<'a> {
    /// Reads them.
    pub fn read(record: &Record<'a>, found: &Authorisation) -> Facts<'a> {
        let at = |index: &Option<usize>| index.and_then(|index| record.at(index));
        let (statement, plan) = (at(&found.statement), at(&found.plan));
        let orders: Vec<&Resource<'a>> = found.orders.iter().filter_map(|index| record.at(*index)).collect();
        let mut requests: Vec<&Resource<'a>> = plan.into_iter().chain(orders.iter().copied()).collect();
        let given = found.dispenses.first().or(found.given.first()).and_then(|index| record.at(*index));
        let main = statement.or(plan).or_else(|| orders.first().copied()).or(given);
        let (concept, medication_at) = main.map(|main| medication(record, main)).unwrap_or_default();
        let plan_concept = statement.and(plan).and_then(|plan| medication(record, plan).0);
        let dosages_of = |resource: &Resource<'a>| -> Vec<&'a Value> {
            read::items(resource.value, "dosage").chain(read::items(resource.value, "dosageInstruction")).collect()
        };
        let own = statement.map(dosages_of).unwrap_or_default();
        let of_plan = plan.or_else(|| orders.first().copied()).map(dosages_of).unwrap_or_default();
        let (dosages, plan_dosages) = if own.is_empty() { (of_plan, Vec::new()) } else { (own, of_plan) };
        if requests.is_empty() {
            requests.extend(given);
        }
        let everything: Vec<&Resource<'a>> = statement.into_iter().chain(requests.iter().copied()).collect();
        Facts {
            statement: statement.map(|it| Status::of(it.value)),
            plan: plan.map(|it| Status::of(it.value)),
            intent: plan.and_then(|it| read::text(it.value, "intent")),
            is_only_dispensed: main.is_some_and(|main| main.kind == "MedicationDispense"),
            is_not_to_be_given: everything.iter().any(|it| it.value.get("doNotPerform") == Some(&Value::Bool(true))),
            span: span(statement, plan, &dosages),
            kind: requests.iter().find_map(|it| kind(it.value)),
            agency: everything.iter().find_map(|it| agency(it.value)),
            last_issue: statement.and_then(|it| last_issue(it.value)),
            issues: orders.iter().filter_map(|it| issued_on(it.value)).collect(),
            supply_days: requests.iter().rev().find_map(|it| supply_days(it.value)),
            repeats: plan.map(|it| repeats(it.value)).unwrap_or_default(),
            reason: everything.iter().find_map(|it| reason(it.value)),
            changed: everything.iter().find_map(|it| changed(it.value)),
            concept,
            plan_concept,
            medication: medication_at,
            reference_words: main
                .and_then(|main| main.value.pointer("/medicationReference/display"))
                .and_then(Value::as_str),
            dosages,
            plan_dosages,
            notes: notes(&everything),
            performer: requests.iter().find_map(|it| performer(it.value)),
            replaced_missing: plan.and_then(|it| replaced_missing(record, it)),
            is_time_critical: everything.iter().any(|it| is_time_critical(it.value)),
            labels: everything.iter().flat_map(|it| labels(it.value)).collect(),
        }
    }

    /// Whether every dose of it is taken only when needed; and whether some are.
    pub fn as_needed(&self) -> (bool, bool) {
        let flags: Vec<bool> = self.dosages.iter().map(|dosage| is_as_needed(dosage)).collect();
        (!flags.is_empty() && flags.iter().all(|flag| *flag), flags.iter().any(|flag| *flag))
    }
}

/// What is written of when: of the statement first, then of the plan, then of the doses.
fn span(statement: Option<&Resource<'_>>, plan: Option<&Resource<'_>>, dosages: &[&Value]) -> Span {
    let effective = |it: &Resource<'_>| {
        let period = it.value.get("effectivePeriod").or_else(|| it.value.get("effectiveDateTime"));
        period.map(span_of_period)
    };
    let bounds = || {
        let periods: Vec<Span> = dosages
            .iter()
            .filter_map(|dosage| dosage.pointer("/timing/repeat/boundsPeriod"))
            .map(span_of_period)
            .collect();
        // Only where every dose is bounded is the whole.
        (!periods.is_empty() && periods.len() == dosages.len()).then(|| Span {
            start: periods.iter().filter_map(|it| it.start).min_by_key(|it| it.first),
            end: periods
                .iter()
                .map(|it| it.end)
                .collect::<Option<Vec<_>>>()
                .and_then(|all| all.into_iter().max_by_key(|it| it.last)),
            is_unreadable: periods.iter().any(|it| it.is_unreadable),
        })
    };
    let validity = |it: &Resource<'_>| it.value.pointer("/dispenseRequest/validityPeriod").map(span_of_period);
    let mut span =
        statement.and_then(effective).or_else(bounds).or_else(|| plan.and_then(validity)).unwrap_or_default();
    if span.start.is_none() && !span.is_unreadable {
        let written = statement
            .and_then(|it| read::text(it.value, "dateAsserted"))
            .or_else(|| plan.and_then(|it| read::text(it.value, "authoredOn")));
        span.start = written.and_then(moment);
    }
    span
}

fn kind(request: &Value) -> Option<Kind> {
    let concept = read::extension(request, "PrescriptionType")
        .and_then(read::extension_value)
        .or_else(|| request.get("courseOfTherapyType"))?;
    // The source's own code stands beside FHIR's and says more.
    let codes: Vec<&str> = read::codings(concept).map(|(_, code)| code).collect();
    let is = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(code));
    if is(&["delayed-prescribing"]) {
        Some(Kind::Delayed)
    } else if is(&["repeat-dispensing", "continuous-repeating-dispensing"]) {
        Some(Kind::RepeatDispensing)
    } else if is(&["repeat", "continuous"]) {
        Some(Kind::Repeat)
    } else if is(&["acute", "acute-handwritten"]) {
        Some(Kind::Acute)
    } else {
        None
    }
}

fn agency(resource: &Value) -> Option<Agency> {
    let extension = read::extension(resource, "PrescribingAgency")
        .or_else(|| read::extension(resource, "PrescribingOrganizationType"));
    let value = read::extension_value(extension?)?;
    let codes: Vec<&str> = match value {
        Value::String(code) => vec![code],
        concept => read::codings(concept).map(|(_, code)| code).chain(read::text(concept, "code")).collect(),
    };
    let is = |wanted: &str| codes.contains(&wanted);
    if is("prescribed-by-previous-practice") {
        Some(Agency::PreviousPractice)
    } else if is("prescribed-by-another-organisation") {
        Some(Agency::Elsewhere)
    } else if is("prescribed-at-gp-practice") {
        Some(Agency::Practice)
    } else {
        None
    }
}

fn last_issue(statement: &Value) -> Option<(Moment, String)> {
    let written = read::extension(statement, "LastIssueDate").and_then(read::extension_value)?.as_str()?;
    Some((moment(written)?, written.to_string()))
}

fn issued_on(order: &Value) -> Option<Moment> {
    let start = order.pointer("/dispenseRequest/validityPeriod/start").and_then(Value::as_str);
    start.or_else(|| read::text(order, "authoredOn")).and_then(moment)
}

/// A supply's days; units other than days are turned into days where that is certain.
fn supply_days(request: &Value) -> Option<i64> {
    let duration = request.pointer("/dispenseRequest/expectedSupplyDuration")?;
    let value: f64 = match duration.get("value")? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let days = match read::text(duration, "code").or_else(|| read::text(duration, "unit")).unwrap_or("d") {
        "d" | "day" | "days" => value,
        "wk" | "week" | "weeks" => value * 7.0,
        "mo" | "month" | "months" => value * 30.0,
        _ => return None,
    };
    (days > 0.0 && days < 4000.0).then_some(days as i64)
}

fn repeats(plan: &Value) -> Repeats {
    let extension = read::extension(plan, "MedicationRepeatInformation");
    let number = |names: &[&str]| {
        let found = names.iter().find_map(|name| read::inner(extension?, name))?;
        read::extension_value(found)?.as_u64()
    };
    let after_first = plan.pointer("/dispenseRequest/numberOfRepeatsAllowed").and_then(Value::as_u64);
    let expires = extension.and_then(|it| read::inner(it, "authorisationExpiryDate")).and_then(read::extension_value);
    Repeats {
        // GP Connect counts all issues, FHIR the repeats after the first.
        allowed: number(&["numberOfRepeatPrescriptionsAllowed"]).or_else(|| after_first.map(|count| count + 1)),
        issued: number(&["numberOfRepeatPrescriptionsIssued", "numberOfPrescriptionsIssued"]),
        expires: expires.and_then(Value::as_str).and_then(moment),
    }
}

fn reason(resource: &Value) -> Option<String> {
    let extension = read::extension(resource, "MedicationStatusReason");
    let concept = extension.and_then(|it| read::inner(it, "statusReason")).and_then(read::extension_value);
    let concept = concept.or_else(|| read::items(resource, "statusReason").next());
    let concept = concept.or_else(|| read::items(resource, "reasonNotTaken").next())?;
    read::words(concept).or_else(|| read::codings(concept).map(|(_, code)| code).next()).map(str::to_string)
}

/// When the status changed: of the extension that says why, or of one of its own.
fn changed(resource: &Value) -> Option<Moment> {
    let nested = read::extension(resource, "MedicationStatusReason").and_then(|it| read::inner(it, "statusChangeDate"));
    let own = || {
        read::items(resource, "extension").find(|it| {
            let url = read::text(it, "url").unwrap_or_default().to_ascii_lowercase();
            url.contains("statuschange") || url.contains("status-change")
        })
    };
    nested.or_else(own).and_then(read::extension_value).and_then(Value::as_str).and_then(moment)
}

fn notes(resources: &[&Resource<'_>]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for note in resources.iter().flat_map(|it| read::notes(it.value)) {
        if !notes.iter().any(|known| known == note) {
            notes.push(note.to_string());
        }
    }
    notes
}

/// Who is to give it: a person or role that a request names.
fn performer(request: &Value) -> Option<String> {
    let named = request.get("performer").and_then(|who| read::text(who, "display"));
    named.or_else(|| request.get("performerType").and_then(read::words)).map(str::to_string)
}

fn replaced_missing(record: &Record<'_>, plan: &Resource<'_>) -> Option<String> {
    match record.follow(plan, plan.value.get("priorPrescription")?) {
        Found::Missing(reference) => Some(reference.to_string()),
        _ => None,
    }
}

/// Whether a source says so: by an extension, or in words of the dose.
fn is_time_critical(resource: &Value) -> bool {
    let flagged =
        read::extension(resource, "time-critical").and_then(read::extension_value) == Some(&Value::Bool(true));
    let dosages = read::items(resource, "dosage").chain(read::items(resource, "dosageInstruction"));
    let says = |text: &str| {
        let text = text.to_lowercase();
        text.contains("time critical") || text.contains("time-critical")
    };
    flagged
        || read::notes(resource).any(says)
        || dosages.into_iter().any(|dosage| {
            let further = read::items(dosage, "additionalInstruction").filter_map(read::words);
            let own = ["text", "patientInstruction"].into_iter().filter_map(|name| read::text(dosage, name));
            own.chain(further).any(says)
        })
}

/// Labels of `meta.security` that restrict: confidentiality above normal, and GP Connect's "not to be disclosed to patient".
fn labels(resource: &Value) -> Vec<String> {
    let labels = resource.pointer("/meta/security").and_then(Value::as_array);
    let restricts = |label: &&Value| !matches!(read::text(label, "code"), None | Some("N" | "U" | "L" | "M"));
    labels
        .into_iter()
        .flatten()
        .filter(restricts)
        .filter_map(|label| read::text(label, "display").or_else(|| read::text(label, "code")))
        .map(str::to_string)
        .collect()
}

/// Whether a Dosage is taken only when needed: its structure decides, and only without one its words.
fn is_as_needed(dosage: &Value) -> bool {
    if let Some(flag) = dosage.get("asNeededBoolean").or_else(|| dosage.get("asNeeded")).and_then(Value::as_bool) {
        return flag;
    }
    if dosage.get("asNeededCodeableConcept").is_some() || dosage.get("asNeededFor").is_some() {
        return true;
    }
    read::text(dosage, "text").is_some_and(says_as_needed)
}

/// Words that surely say "when needed", as labels and charts write them.
fn says_as_needed(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let needed = ["needed", "required", "necessary", "req", "reqd"];
    let negated = |index: usize| words.iter().take(index).rev().take(2).any(|word| matches!(*word, "not" | "no"));
    words.iter().enumerate().any(|(index, word)| match *word {
        "prn" => !negated(index),
        "when" | "if" | "as" => {
            let next = words.get(index + 1).copied().unwrap_or_default();
            !negated(index)
                && (needed.contains(&next)
                    || (next == "and" && words.iter().skip(index + 2).take(3).any(|it| needed.contains(it))))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_that_say_when_needed_are_understood_and_others_are_not() {
        for text in
            ["ONE PRN", "1-2 when required for pain", "Take one if needed", "as and when required", "use as required"]
        {
            assert!(says_as_needed(text), "{text}");
        }
        for text in ["TAKE ONE DAILY", "as directed", "required dose: 5mg", "No longer PRN", "Not PRN: one daily"] {
            assert!(!says_as_needed(text), "{text}");
        }
    }

    #[test]
    fn structure_decides_on_when_needed_before_words() {
        assert!(!is_as_needed(&json!({"asNeededBoolean": false, "text": "when required"})));
        assert!(is_as_needed(&json!({"asNeededCodeableConcept": {"text": "Pain"}, "text": "one daily"})));
    }

    #[test]
    fn the_sources_own_prescription_type_says_more_than_fhirs() {
        let both = json!({"courseOfTherapyType": {"coding": [{"code": "acute"}, {"code": "delayed-prescribing"}]}});
        assert_eq!(kind(&both), Some(Kind::Delayed));
    }

    #[test]
    fn gp_connect_counts_issues_and_fhir_repeats_after_the_first() {
        let stu3 = json!({"extension": [{"url": "x/Extension-CareConnect-GPC-MedicationRepeatInformation-1", "extension": [
            {"url": "numberOfRepeatPrescriptionsAllowed", "valueUnsignedInt": 6}]}]});
        let r4 = json!({"dispenseRequest": {"numberOfRepeatsAllowed": 5}});
        assert_eq!(repeats(&stu3).allowed, Some(6));
        assert_eq!(repeats(&r4).allowed, Some(6));
    }
}
