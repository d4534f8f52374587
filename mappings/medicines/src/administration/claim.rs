//! From what a resource claims to an outcome: the status, what contradicts it, and what makes it weaker.

use super::outcome::{Because, Outcome, WarningKey};
use super::reason::{Evidence, NotGivenReason, Said};
use super::who::GiverKind;
use super::words::Doubts;
use super::{Administration, Giver};
use crate::record::read;
use serde_json::Value;

/// The gateway's extension that tells a part of a dose from the whole.
const COMPLETENESS: &str = "administration-completeness";

/// Sets outcome, reasons and warnings.
pub fn judge(found: &mut Administration, resource: &Value) {
    let status = resource.get("status").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let flag = resource.get("notGiven").and_then(Value::as_bool);
    let is_not_given = status == "not-done" || flag == Some(true);
    let said = Said::read(resource, is_not_given);
    let outcome = match status {
        "completed" if is_not_given => not_given(found, &said, Because::NotGivenFlag),
        "completed" => completed(found, resource, &said, flag),
        "not-done" => not_given(found, &said, Because::StatusNotDone),
        "entered-in-error" => plainly(found, Because::StatusEnteredInError, Outcome::InError),
        "in-progress" if !is_not_given => plainly(found, Because::StatusInProgress, Outcome::InProgress),
        "on-hold" if !is_not_given => plainly(found, Because::StatusOnHold, Outcome::OnHold),
        "stopped" if !is_not_given => plainly(found, Because::StatusStopped, Outcome::PartlyGiven),
        "unknown" => unknown(found, &said, is_not_given),
        _ if is_not_given => not_given(found, &said, Because::NotGivenFlag),
        _ => {
            let what = if status.is_empty() { "no status".to_owned() } else { format!("the status {status:?}") };
            found.warn(WarningKey::Unreadable, format!("The entry has {what}: what became of the dose is not known."));
            plainly(found, Because::StatusMissing, Outcome::Uncertain)
        }
    };
    found.outcome = outcome;
    if outcome != Outcome::NotGiven && !said.texts.is_empty() {
        found.reason = found.reason.take().or_else(|| Some(said.reason()));
    }
    if said.has(Evidence::NullFlavor) {
        found.because(Because::NullFlavor);
    }
    if outcome == Outcome::Given && !has_dose(found) {
        found.warn(WarningKey::DoseNotStated, "It was given, and how much is not said as an amount.");
    }
}

fn plainly(found: &mut Administration, because: Because, outcome: Outcome) -> Outcome {
    found.because(because);
    outcome
}

fn has_dose(found: &Administration) -> bool {
    found.dose.as_ref().is_some_and(|dose| dose.value.is_some())
}

fn contradiction(found: &mut Administration, text: &str) -> Outcome {
    found.because(Because::Contradiction);
    found.warn(WarningKey::Contradiction, text);
    Outcome::Uncertain
}

fn completed(found: &mut Administration, resource: &Value, said: &Said, flag: Option<bool>) -> Outcome {
    found.because(Because::StatusCompleted);
    let completeness = read::extension(resource, COMPLETENESS)
        .and_then(read::extension_value)
        .and_then(|value| value.as_str().or_else(|| value.pointer("/coding/0/code").and_then(Value::as_str)));
    if said.is_vomited {
        found.warn(WarningKey::Vomited, "The dose went in and came up again: ask before it is given anew.");
    }
    let states_not_given = said
        .reasons
        .iter()
        .any(|reason| !matches!(reason, NotGivenReason::Vomiting | NotGivenReason::NoneKnown | NotGivenReason::Other));
    if states_not_given {
        found.because(Because::ReasonStated);
        if flag == Some(false) {
            found.because(Because::NotGivenFlagFalse);
        }
        found.reason = Some(said.reason());
        return contradiction(found, "The status says given, and a reason says why it was not given.");
    }
    if let Some(outcome) = not_plainly_given(found, said) {
        return contradiction_unless_unobserved(found, outcome);
    }
    if found.dose.as_ref().and_then(|dose| dose.value).is_some_and(|value| value.is_zero()) {
        found.because(Because::DoseZero);
        let mut reason = said.reason();
        reason.key = NotGivenReason::ZeroDose;
        found.reason = Some(reason);
        return Outcome::NotGiven;
    }
    let doubts = doubts(found);
    if completeness == Some("partial") || said.has(Evidence::Partial) {
        found.because(Because::CompletenessPartial);
        return Outcome::PartlyGiven;
    }
    if completeness == Some("full") {
        found.because(Because::CompletenessFull);
    }
    if doubts.is_partial {
        found.because(Because::NoteSaysPartial);
        if completeness == Some("full") {
            return contradiction(found, "It is marked as taken in full, and a note says that it was a part.");
        }
        return Outcome::PartlyGiven;
    }
    if doubts.is_doubted {
        found.warn(WarningKey::NoteDoubtsIt, "The status says given, and a note speaks of a dose not taken: read it.");
    }
    by_whom(found, doubts)
}

/// What the codes of a given dose say that is not "given".
fn not_plainly_given(found: &mut Administration, said: &Said) -> Option<(Outcome, Because)> {
    if said.has(Evidence::SelfAdministered) {
        found.because(Because::ReasonNotObserved);
        return Some((Outcome::SelfAdministeredNotObserved, Because::ReasonNotObserved));
    }
    evidence_outcome(said)
}

fn contradiction_unless_unobserved(found: &mut Administration, (outcome, because): (Outcome, Because)) -> Outcome {
    found.because(because);
    match outcome {
        Outcome::SelfAdministeredNotObserved | Outcome::NotObserved => outcome,
        _ => contradiction(found, "The status says given, and a code says that nobody knows or that it was not due."),
    }
}

/// Given, by whom and seen by whom: the person's own hand is not the service's.
fn by_whom(found: &mut Administration, doubts: Doubts) -> Outcome {
    let gave = |kind: GiverKind| found.givers.iter().filter(|giver| giver.gave()).any(|giver| giver.kind == kind);
    let (is_self, is_relative) = (gave(GiverKind::Person), gave(GiverKind::Relative));
    let is_seen = found.givers.iter().any(Giver::saw);
    if is_self {
        found.because(Because::PerformerIsPatient);
    }
    if is_relative {
        found.because(Because::PerformerIsRelative);
    }
    if doubts.is_unobserved {
        found.because(Because::NoteSaysNotObserved);
        return if is_self { Outcome::SelfAdministeredNotObserved } else { Outcome::NotObserved };
    }
    if is_self && is_seen {
        found.because(Because::Witnessed);
        return Outcome::Given;
    }
    if is_self { Outcome::SelfAdministeredNotObserved } else { Outcome::Given }
}

fn doubts(found: &Administration) -> Doubts {
    let dose = found.dose.iter().map(|dose| dose.text.as_str());
    Doubts::read(found.notes.iter().map(String::as_str).chain(dose))
}

fn evidence_outcome(said: &Said) -> Option<(Outcome, Because)> {
    [
        (Evidence::NoRecord, Outcome::NoRecord, Because::ReasonNoRecord),
        (Evidence::SelfAdministered, Outcome::SelfAdministeredNotObserved, Because::ReasonNotObserved),
        (Evidence::NotObserved, Outcome::NotObserved, Because::ReasonNotObserved),
        (Evidence::MaybeTaken, Outcome::Uncertain, Because::ReasonMaybeTaken),
        (Evidence::NotDue, Outcome::NotDue, Because::ReasonNotDue),
        (Evidence::NotNeeded, Outcome::NotDue, Because::ReasonNotNeeded),
    ]
    .into_iter()
    .find(|(evidence, ..)| said.has(*evidence))
    .map(|(_, outcome, because)| (outcome, because))
}

fn not_given(found: &mut Administration, said: &Said, because: Because) -> Outcome {
    found.because(because);
    if let Some(value) = found.dose.as_ref().and_then(|dose| dose.value).filter(|value| !value.is_zero()) {
        let text = format!("An amount ({value}) stands beside a dose that was not given; it may be what was planned.");
        found.warn(WarningKey::DoseOfNotGiven, text);
    }
    if let (true, Some((outcome, because))) = (said.reasons.is_empty(), evidence_outcome(said)) {
        found.because(because);
        found.reason = Some(said.reason());
        return match outcome {
            Outcome::NotDue => Outcome::NotDue,
            _ => contradiction(found, "The status says not given, and a code says that nobody knows."),
        };
    }
    if said.is_vomited {
        found.warn(WarningKey::Vomited, "The dose went in and came up again: ask before it is given anew.");
    }
    let reason = said.reason();
    let mut differ: Vec<NotGivenReason> =
        said.reasons.iter().copied().filter(|own| !generic(*own) && !generic(reason.key)).collect();
    differ.sort_unstable();
    differ.dedup();
    // Hospital is away, and HL7 has no nearer code.
    differ.retain(|own| !(*own == NotGivenReason::Away && reason.key == NotGivenReason::InHospital));
    if differ.len() > 1 {
        found.warn(WarningKey::ReasonsDiffer, "Several reasons are stated, and they differ.");
    }
    match reason.key {
        NotGivenReason::NotStated => {
            found.warn(WarningKey::ReasonMissing, "Why it was not given is not said.");
        }
        NotGivenReason::InSourceWords if said.texts.is_empty() => {
            found.because(Because::ReasonStated);
            found.warn(WarningKey::ReasonNotUnderstood, "The reason is a code that only the source understands.");
        }
        _ => found.because(Because::ReasonStated),
    }
    found.reason = Some(reason);
    Outcome::NotGiven
}

fn generic(reason: NotGivenReason) -> bool {
    matches!(reason, NotGivenReason::Other | NotGivenReason::NoneKnown)
}

fn unknown(found: &mut Administration, said: &Said, is_not_given: bool) -> Outcome {
    found.because(Because::StatusUnknown);
    if is_not_given {
        found.because(Because::NotGivenFlag);
        found.reason = Some(said.reason());
        return contradiction(found, "The status says that nobody knows, and a flag says that it was not given.");
    }
    match evidence_outcome(said) {
        Some((outcome, because)) => plainly(found, because, outcome),
        None if !said.reasons.is_empty() => {
            found.because(Because::ReasonStated);
            Outcome::Uncertain
        }
        None if doubts(found).is_unobserved => {
            found.because(Because::NoteSaysNotObserved);
            Outcome::NotObserved
        }
        None => Outcome::Uncertain,
    }
}
