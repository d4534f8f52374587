//! The outcome of one entry, alone.

use crate::administration;
use ginnel_medicines::administration::{Administration, Outcome};
use serde_json::{Value, json};

const GATEWAY: &str = "https://gateway.example.org/CodeSystem/medication-not-given";
const OUTCOME: &str = "https://gateway.example.org/vendor/a1/CodeSystem/outcome";
const HL7: &str = "http://terminology.hl7.org/CodeSystem/reason-medication-not-given";
const HL7_STU3: &str = "http://hl7.org/fhir/reason-medication-not-given";

fn status(status: &str, system: &str, code: &str) -> Value {
    administration(
        json!({"status": status, "dosage": null, "statusReason": [{"coding": [{"system": system, "code": code}]}]}),
    )
}

fn completeness(code: &str) -> Value {
    json!([{"url": "https://gateway.example.org/StructureDefinition/administration-completeness", "valueCode": code}])
}

#[test]
fn every_kind_of_evidence_keeps_its_own_outcome() {
    let person = json!([{"actor": {"reference": "Patient/p"}}]);
    let witness = json!([{"actor": {"reference": "Patient/p"}},
        {"function": {"coding": [{"code": "witness"}]}, "actor": {"display": "HCA T. Sample"}}]);
    let relative = json!([{"actor": {"reference": "RelatedPerson/r"}}]);
    for (resource, outcome, because) in [
        (administration(json!({})), "given", vec!["status-completed"]),
        (
            administration(json!({"extension": completeness("full")})),
            "given",
            vec!["status-completed", "completeness-full"],
        ),
        (
            administration(json!({"extension": completeness("partial")})),
            "partly-given",
            vec!["status-completed", "completeness-partial"],
        ),
        (
            administration(
                json!({"note": [{"text": "PARTIAL ADMINISTRATION (RXA-20 = PA). took a third then refused"}]}),
            ),
            "partly-given",
            vec!["status-completed", "note-says-partial"],
        ),
        (
            administration(
                json!({"dosage": {"text": "5 ml (partial: took a third)", "dose": {"value": 5, "unit": "ml"}}}),
            ),
            "partly-given",
            vec!["status-completed", "note-says-partial"],
        ),
        (administration(json!({"status": "stopped"})), "partly-given", vec!["status-stopped"]),
        (administration(json!({"status": "in-progress"})), "in-progress", vec!["status-in-progress"]),
        (administration(json!({"status": "on-hold"})), "on-hold", vec!["status-on-hold"]),
        (administration(json!({"status": "entered-in-error"})), "in-error", vec!["status-entered-in-error"]),
        (status("unknown", OUTCOME, "no_record"), "no-record", vec!["status-unknown", "reason-no-record"]),
        (status("unknown", OUTCOME, "not_observed"), "not-observed", vec!["status-unknown", "reason-not-observed"]),
        (
            administration(
                json!({"status": "unknown", "dosage": null, "statusReason": [{"text": "No record made (source: ?)"}]}),
            ),
            "no-record",
            vec!["status-unknown", "reason-no-record"],
        ),
        (
            status("completed", OUTCOME, "prompted"),
            "self-administered-not-observed",
            vec!["status-completed", "reason-not-observed"],
        ),
        (status("unknown", OUTCOME, "maybe_taken"), "uncertain", vec!["status-unknown", "reason-maybe-taken"]),
        (status("unknown", OUTCOME, "x17"), "uncertain", vec!["status-unknown"]),
        (administration(json!({"status": "unknown", "dosage": null})), "uncertain", vec!["status-unknown"]),
        (status("not-done", OUTCOME, "not_due"), "not-due", vec!["status-not-done", "reason-not-due"]),
        (status("not-done", OUTCOME, "not_needed"), "not-due", vec!["status-not-done", "reason-not-needed"]),
        (status("unknown", OUTCOME, "client_inactive"), "not-due", vec!["status-unknown", "reason-not-due"]),
        (
            administration(json!({"performer": person})),
            "self-administered-not-observed",
            vec!["status-completed", "performer-is-patient"],
        ),
        (
            administration(json!({"performer": witness})),
            "given",
            vec!["status-completed", "performer-is-patient", "witnessed"],
        ),
        (administration(json!({"performer": relative})), "given", vec!["status-completed", "performer-is-relative"]),
        (
            administration(json!({"performer": relative, "note": [{"text": "Not observed by care worker."}]})),
            "not-observed",
            vec!["status-completed", "performer-is-relative", "note-says-not-observed"],
        ),
        (
            status("unknown", "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "ASKU"),
            "uncertain",
            vec!["status-unknown", "null-flavor"],
        ),
        (administration(json!({"status": null})), "uncertain", vec!["status-missing"]),
        (administration(json!({"status": "given"})), "uncertain", vec!["status-missing"]),
        (administration(json!({"status": 7})), "uncertain", vec!["status-missing"]),
        (json!({"resourceType": "MedicationStatement", "status": "completed"}), "uncertain", vec!["unreadable"]),
        (json!("nonsense"), "uncertain", vec!["unreadable"]),
        (Value::Null, "uncertain", vec!["unreadable"]),
    ] {
        let read = Administration::read(&resource);
        let keys: Vec<&str> = read.because.iter().map(|because| because.key()).collect();
        assert_eq!((read.outcome.key(), keys), (outcome, because), "{resource}");
    }
}

#[test]
fn the_outcomes_are_eleven_and_their_keys_are_stable() {
    let keys: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.key()).collect();
    assert_eq!(
        keys,
        [
            "given",
            "partly-given",
            "not-given",
            "self-administered-not-observed",
            "not-observed",
            "no-record",
            "not-due",
            "in-error",
            "in-progress",
            "on-hold",
            "uncertain"
        ]
    );
}

#[test]
fn why_a_dose_was_not_given_is_read_from_codes_that_say_it_themselves() {
    for (system, code, reason) in [
        (GATEWAY, "refused", "refused"),
        (GATEWAY, "withheld-clinical", "withheld-clinical"),
        (GATEWAY, "no-visit", "no-visit"),
        (GATEWAY, "other", "other"),
        (HL7, "a", "none-known"),
        (HL7, "b", "away"),
        (HL7, "c", "asleep"),
        (HL7_STU3, "c", "asleep"),
        (OUTCOME, "client_declined", "refused"),
        (OUTCOME, "in_hospital", "in-hospital"),
        // A vendor's letters mean different things from chart to chart, also where HL7 has the same letter.
        (OUTCOME, "c", "in-source-words"),
        (OUTCOME, "A1", "in-source-words"),
        (OUTCOME, "R", "in-source-words"),
        (GATEWAY, "new-code", "in-source-words"),
        // What became of the dose is no reason for it.
        (OUTCOME, "not_taken", "not-stated"),
    ] {
        let read = Administration::read(&status("not-done", system, code));
        let found = read.reason.clone().expect("a reason");
        assert_eq!((read.outcome.key(), found.key.key()), ("not-given", reason), "{system} {code}");
        assert_eq!(found.codes, [format!("{system}|{code}")], "the source's code is kept");
    }
    let silent = Administration::read(&administration(json!({"status": "not-done", "dosage": null})));
    assert_eq!(silent.reason.as_ref().map(|reason| reason.key.key()), Some("not-stated"));
    assert!(silent.warnings.iter().any(|warning| warning.key.key() == "reason-missing"));
}

#[test]
fn the_gateways_code_goes_before_the_vendors_and_words_are_kept() {
    let resource = administration(json!({"status": "not-done", "dosage": null, "statusReason": [{"coding": [
        {"system": GATEWAY, "code": "withheld-clinical"},
        {"system": "https://gateway.example.org/vendor/a2/CodeSystem/not-given", "code": "B4", "display": "Pulse too low"}
    ], "text": "Pulse too low"}]}));
    let reason = Administration::read(&resource).reason.expect("a reason");
    assert_eq!(
        (reason.key.key(), reason.text.as_deref(), reason.codes.len()),
        ("withheld-clinical", Some("Pulse too low"), 2)
    );
}

#[test]
fn stu3_says_not_given_with_a_flag_and_its_reason_in_another_element() {
    for (more, outcome, reason) in [
        (
            json!({"notGiven": true, "reasonNotGiven": [{"coding": [{"system": HL7_STU3, "code": "c"}]}]}),
            "not-given",
            Some("asleep"),
        ),
        (
            json!({"notGiven": true, "reasonNotGiven": [{"text": "Withheld: BP 92/50 P48, GP informed"}]}),
            "not-given",
            Some("in-source-words"),
        ),
        (json!({"notGiven": true, "reasonCode": [{"text": "hospital"}]}), "not-given", Some("in-hospital")),
        (json!({"notGiven": true}), "not-given", Some("not-stated")),
        (json!({"notGiven": true, "status": "entered-in-error"}), "in-error", None),
        (json!({"notGiven": true, "status": "in-progress"}), "not-given", Some("not-stated")),
        (json!({"notGiven": true, "status": "unknown"}), "uncertain", Some("not-stated")),
        (json!({"notGiven": false}), "given", None),
        (
            json!({"notGiven": false, "reasonNotGiven": [{"coding": [{"system": HL7_STU3, "code": "c"}]}]}),
            "uncertain",
            Some("asleep"),
        ),
        (json!({"notGiven": false, "reasonCode": [{"text": "hospital"}]}), "given", None),
    ] {
        let read = Administration::read(&administration(more.clone()));
        let found = read.reason.as_ref().map(|reason| reason.key.key());
        assert_eq!((read.outcome.key(), found), (outcome, reason), "{more}");
    }
}

#[test]
fn entries_that_contradict_themselves_are_uncertain_and_say_so() {
    let refused = json!([{"coding": [{"system": GATEWAY, "code": "refused"}]}]);
    let full = completeness("full");
    for more in [
        json!({"statusReason": refused}),
        json!({"statusReason": [{"coding": [{"system": OUTCOME, "code": "no_record"}]}]}),
        json!({"extension": full, "note": [{"text": "partly taken, rest in the bin"}]}),
        json!({"status": "not-done", "statusReason": [{"coding": [{"system": OUTCOME, "code": "maybe_taken"}]}]}),
    ] {
        let read = Administration::read(&administration(more.clone()));
        assert_eq!(read.outcome, Outcome::Uncertain, "{more}");
        assert!(
            read.warnings.iter().any(|warning| warning.key.key() == "contradiction" && warning.is_error()),
            "{more}"
        );
    }
}

#[test]
fn words_weaken_a_claim_and_never_strengthen_one() {
    let doubtful = Administration::read(&administration(json!({"note": [{"text": "refused, found on floor later"}]})));
    assert_eq!(doubtful.outcome, Outcome::Given);
    assert!(doubtful.warnings.iter().any(|warning| warning.key.key() == "note-doubts-it"));
    let brave = Administration::read(&administration(
        json!({"status": "not-done", "note": [{"text": "given in full, I saw it"}]}),
    ));
    assert_eq!(brave.outcome, Outcome::NotGiven);
    let hopeful = Administration::read(&administration(json!({"status": "unknown", "note": [{"text": "taken"}]})));
    assert_eq!(hopeful.outcome, Outcome::Uncertain);
}

#[test]
fn a_dose_that_came_up_again_is_not_nausea_before_a_dose() {
    for (state, outcome) in [("completed", "given"), ("not-done", "not-given")] {
        let read = Administration::read(&status(state, HL7, "d"));
        assert_eq!(read.outcome.key(), outcome);
        assert!(read.warnings.iter().any(|warning| warning.key.key() == "vomited"), "{state}");
    }
    let nausea = Administration::read(&status("not-done", GATEWAY, "vomiting"));
    assert!(!nausea.warnings.iter().any(|warning| warning.key.key() == "vomited"));
}

#[test]
fn nothing_of_a_strength_is_neither_a_dose_nor_a_refusal() {
    let read = Administration::read(&administration(json!({"dosage": {"dose": {"value": 0, "unit": "tablet"}}})));
    assert_eq!((read.outcome.key(), read.reason.map(|reason| reason.key.key())), ("not-given", Some("zero-dose")));
}

#[test]
fn a_dosage_of_words_alone_breaks_mad_1_and_is_no_amount() {
    for (dosage, has_amount, is_broken) in [
        (json!({"text": "1 tablet"}), false, true),
        (json!({"text": "1 tablet", "dose": {"value": 1, "unit": "tablet"}}), true, false),
        (json!({"rateQuantity": {"value": 2, "unit": "ml/h"}}), false, false),
        (json!({"site": {"text": "left arm"}}), false, true),
        (json!({"dose": {"value": "0.5", "unit": "tablet"}}), true, false),
    ] {
        let read = Administration::read(&administration(json!({"dosage": dosage})));
        let amount = read.dose.as_ref().and_then(|dose| dose.value);
        assert_eq!(amount.is_some(), has_amount, "{dosage}");
        assert_eq!(
            read.warnings.iter().any(|warning| warning.key.key() == "dosage-without-dose"),
            is_broken,
            "{dosage}"
        );
    }
}
