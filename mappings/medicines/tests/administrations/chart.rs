//! What several entries say together, and what is blank.

use ginnel_medicines::administration::{Chart, chart};
use ginnel_medicines::record::{Document, Record};
use serde_json::{Value, json};

const DUE: &str = "https://gateway.example.org/StructureDefinition/administration-due";

fn charted(resources: Vec<Value>) -> Chart {
    let list = Value::Array(resources);
    let record = Record::read(&[Document { name: "test".into(), value: &list }]);
    chart(&record, None, None)
}

fn entry(id: &str, status: &str, at: &str, due: &str) -> Value {
    json!({"resourceType": "MedicationAdministration", "id": id, "status": status, "effectiveDateTime": at,
        "identifier": [{"system": "https://example.org/a", "value": id}],
        "medicationCodeableConcept": {"text": "Donepezil 10mg orodispersible tablets"}, "subject": {"reference": "Patient/p"},
        "request": {"reference": "MedicationRequest/o"}, "extension": [{"url": DUE, "valueDateTime": due}],
        "dosage": {"dose": {"value": 1, "unit": "tablet"}}})
}

fn order(repeat: Value) -> Value {
    json!({"resourceType": "MedicationRequest", "id": "o", "status": "active", "intent": "plan", "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "Donepezil 10mg orodispersible tablets"},
        "dosageInstruction": [{"timing": {"repeat": repeat}}]})
}

fn keys(chart: &Chart, at: usize) -> Vec<&'static str> {
    chart.lines[at].administration.warnings.iter().map(|warning| warning.key.key()).collect()
}

#[test]
fn attempts_at_one_dose_are_a_series_and_each_is_kept() {
    let due = "2026-10-24T21:30:00+01:00";
    let mut refused = entry("700103", "not-done", "2026-10-24T21:47:00+01:00", due);
    refused["statusReason"] = json!([{"text": "Refused"}]);
    refused.as_object_mut().expect("an object").remove("dosage");
    let given = entry("700104", "completed", "2026-10-24T22:40:00+01:00", due);
    let chart = charted(vec![given, refused]);
    assert_eq!((chart.lines.len(), chart.slots.len()), (2, 1));
    let outcomes: Vec<_> =
        chart.slots[0].lines.iter().map(|at| chart.lines[*at].administration.outcome.key()).collect();
    assert_eq!(outcomes, ["not-given", "given"]);
    assert!(keys(&chart, 0).contains(&"series") && !keys(&chart, 0).contains(&"given-and-not-given"));
    assert!(!chart.has_error());
}

#[test]
fn a_dose_given_and_later_denied_is_an_error() {
    let due = "2026-10-24T21:30:00+01:00";
    let given = entry("1", "completed", "2026-10-24T21:40:00+01:00", due);
    let denied = entry("2", "not-done", "2026-10-24T22:00:00+01:00", due);
    let chart = charted(vec![given, denied]);
    assert!((0..2).all(|at| keys(&chart, at).contains(&"given-and-not-given")), "{:?}", keys(&chart, 0));
    assert!(chart.has_error());
}

#[test]
fn two_signatures_for_one_dose_are_an_error_and_two_dates_are_not() {
    let due = "2026-10-24T21:30:00+01:00";
    let one = entry("1", "completed", "2026-10-24T21:40:00+01:00", due);
    let two = entry("2", "completed", "2026-10-24T21:45:00+01:00", due);
    let chart = charted(vec![one.clone(), two]);
    assert!((0..2).all(|at| keys(&chart, at).contains(&"given-twice")));
    let next_day = entry("2", "completed", "2026-10-25T21:45:00+00:00", "2026-10-25T21:30:00+00:00");
    assert!(!charted(vec![one.clone(), next_day]).has_error());
    let reversed = entry("2", "entered-in-error", "2026-10-24T21:45:00+01:00", due);
    assert!(!charted(vec![one, reversed]).has_error());
}

#[test]
fn a_copy_counts_once_and_the_latest_version_counts() {
    let due = "2026-10-24T21:30:00+01:00";
    let one = entry("1", "completed", "2026-10-24T21:40:00+01:00", due);
    // The same row, sent again under another id.
    let mut copy = one.clone();
    copy["id"] = json!("1-again");
    let chart = charted(vec![one.clone(), copy]);
    assert_eq!(chart.lines.len(), 2);
    assert_eq!(chart.lines.iter().filter(|line| line.is_counted).count(), 1);
    assert!(!chart.has_error() && keys(&chart, 0).iter().chain(&keys(&chart, 1)).any(|key| *key == "duplicate"));
    let mut before = entry("1", "not-done", "2026-10-24T21:40:00+01:00", due);
    before["meta"] = json!({"versionId": "1"});
    let mut after = one.clone();
    after["meta"] = json!({"versionId": "2"});
    for order in [vec![before.clone(), after.clone()], vec![after, before]] {
        let chart = charted(order);
        let counted: Vec<_> =
            chart.lines.iter().filter(|line| line.is_counted).map(|line| line.administration.outcome.key()).collect();
        assert_eq!(counted, ["given"]);
        assert!(!chart.has_error(), "an amendment is no contradiction");
    }
}

#[test]
fn a_planned_dose_without_any_entry_is_a_gap_and_not_a_refusal() {
    let plan = order(json!({"frequency": 2, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "21:30:00"]}));
    let morning = entry("1", "completed", "2026-10-24T08:05:00+01:00", "2026-10-24T08:00:00+01:00");
    let night = entry("2", "completed", "2026-10-25T21:35:00+00:00", "2026-10-25T21:30:00+00:00");
    let chart = charted(vec![plan.clone(), morning.clone(), night.clone()]);
    let blanks: Vec<_> = chart.gaps.iter().filter_map(|gap| gap.due.as_deref()).collect();
    assert_eq!(blanks, ["2026-10-24T21:30", "2026-10-25T08:00"]);
    assert!(!chart.is_complete() && chart.lines.len() == 2);
    // What the source says was not due, or refused, is no blank.
    let mut not_due = entry("3", "not-done", "2026-10-24", "2026-10-24T21:30:00+01:00");
    not_due["statusReason"] = json!([{"coding": [{"system": "https://example.org/outcome", "code": "not_due"}]}]);
    let refused = entry("4", "not-done", "2026-10-25T08:00:00+00:00", "2026-10-25T08:00:00+00:00");
    assert!(charted(vec![plan.clone(), morning.clone(), night.clone(), not_due, refused]).is_complete());
    // A withdrawn entry leaves the blank.
    let withdrawn = entry("5", "entered-in-error", "2026-10-24T21:40:00+01:00", "2026-10-24T21:30:00+01:00");
    let chart = charted(vec![plan, morning, night, withdrawn]);
    assert!(chart.gaps.iter().any(|gap| gap.due.as_deref() == Some("2026-10-24T21:30")));
}

#[test]
fn a_plan_counts_only_where_it_is_sure() {
    let day = entry("1", "completed", "2026-10-24T08:05:00+01:00", "2026-10-24T08:00:00+01:00");
    let later = entry("2", "completed", "2026-10-26T08:05:00+00:00", "2026-10-26T08:00:00+00:00");
    for (repeat, expected) in [
        (json!({"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]}), 1),
        (json!({"frequency": 1, "period": 2, "periodUnit": "d", "timeOfDay": ["08:00:00"]}), 0),
        (json!({"frequency": 1, "period": 7, "periodUnit": "d", "timeOfDay": ["08:00:00"]}), 0),
        (json!({"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["sun"], "timeOfDay": ["08:00:00"]}), 1),
        (
            json!({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["sat", "mon"], "timeOfDay": ["08:00:00"]}),
            0,
        ),
        (json!({"frequency": 1, "period": 1, "periodUnit": "d"}), 0),
        (
            json!({"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"], "boundsPeriod": {"end": "2026-10-24"}}),
            0,
        ),
        (json!({"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"], "count": 3}), 0),
    ] {
        let found = charted(vec![order(repeat.clone()), day.clone(), later.clone()]);
        assert_eq!(found.gaps.len(), expected, "{repeat}: {:?}", found.gaps);
    }
    let mut prn = order(json!({"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]}));
    prn["dosageInstruction"][0]["asNeededBoolean"] = json!(true);
    assert!(charted(vec![prn, day, later]).is_complete());
}

#[test]
fn a_dose_after_the_orders_last_day_is_an_error() {
    let bounded = order(json!({"boundsPeriod": {"start": "2026-10-21", "end": "2026-10-28"}}));
    for (at, expected) in [
        ("2026-10-20T08:00:00+01:00", Some("before-start")),
        ("2026-10-21T08:00:00+01:00", None),
        ("2026-10-28T23:30:00+00:00", None),
        ("2026-10-29T00:10:00+00:00", Some("after-stop")),
    ] {
        let chart = charted(vec![bounded.clone(), entry("1", "completed", at, at)]);
        let found = keys(&chart, 0).into_iter().find(|key| matches!(*key, "after-stop" | "before-start"));
        assert_eq!(found, expected, "{at}");
        assert_eq!(chart.has_error(), expected == Some("after-stop"), "{at}");
    }
}

#[test]
fn a_dose_against_an_order_that_forbids_it_or_was_stopped_is_said() {
    let at = "2026-10-24T08:00:00+01:00";
    for (more, expected, is_error) in [
        (json!({}), None, false),
        (json!({"doNotPerform": true}), Some("order-forbids"), true),
        (json!({"status": "cancelled"}), Some("order-not-in-force"), false),
        (json!({"status": "entered-in-error"}), Some("order-not-in-force"), false),
        (json!({"status": "stopped"}), None, false),
        (
            json!({"status": "stopped", "extension": [{
            "url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-MedicationStatusReason-1",
            "extension": [{"url": "statusChangeDate", "valueDateTime": "2026-10-23"}]}]}),
            Some("after-stop"),
            true,
        ),
    ] {
        let mut order = order(json!({}));
        for (member, value) in more.as_object().expect("an object") {
            order[member] = value.clone();
        }
        let chart = charted(vec![order, entry("1", "completed", at, at)]);
        assert_eq!(keys(&chart, 0).first().copied(), expected, "{more}");
        assert_eq!(chart.has_error(), is_error, "{more}");
    }
}

#[test]
fn strengths_that_make_one_variable_dose_are_no_omission_and_not_given_twice() {
    let warfarin = |id: &str, name: &str, amount: u32| {
        let mut one = entry(id, "completed", "2026-10-23T17:22:10+01:00", "2026-10-23T17:00:00+01:00");
        one["medicationCodeableConcept"] = json!({"text": name});
        one["dosage"] = json!({"dose": {"value": amount, "unit": "tablet"}});
        one
    };
    let chart =
        charted(vec![warfarin("700004", "Warfarin 1mg tablets", 0), warfarin("700005", "Warfarin 3mg tablets", 1)]);
    assert!((0..2).all(|at| keys(&chart, at).contains(&"part-of-variable-dose")));
    assert!((0..2).all(|at| !keys(&chart, at).contains(&"series")), "parts of one dose are no attempts at it");
    assert!(!chart.has_error(), "{:?} {:?}", keys(&chart, 0), keys(&chart, 1));
    let both = charted(vec![warfarin("1", "Warfarin 1mg tablets", 1), warfarin("2", "Warfarin 3mg tablets", 1)]);
    assert!(!both.has_error());
}

#[test]
fn what_cannot_be_read_is_a_line_of_its_own_and_uncertain() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": entry("1", "completed", "2026-10-24T08:05:00+01:00", "2026-10-24T08:00:00+01:00")},
        {"resource": {"resourceType": "MedicationAdministration", "id": "2"}},
        {"resource": {"status": "completed"}},
        {"resource": "nonsense"},
    ]});
    let record = Record::read(&[Document { name: "test".into(), value: &bundle }]);
    let chart = chart(&record, None, None);
    let mut outcomes: Vec<_> = chart.lines.iter().map(|line| line.administration.outcome.key()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["given", "uncertain", "uncertain", "uncertain"]);
    assert!(chart.has_error() && !chart.is_complete());
}

#[test]
fn the_effect_of_a_dose_and_why_it_was_wanted_stand_beside_it() {
    let mut dose = entry("1", "completed", "2026-10-24T08:05:00+01:00", "2026-10-24T08:00:00+01:00");
    dose["reasonCode"] = json!([{"text": "knee pain 6/10"}]);
    let effect = json!({"resourceType": "Observation", "id": "e", "status": "final", "code": {"text": "Effect"},
        "partOf": [{"reference": "MedicationAdministration/1"}], "valueCodeableConcept": {"text": "Effective"},
        "component": [{"code": {"text": "Score after"}, "valueString": "2/10"}]});
    let chart = charted(vec![dose, effect]);
    assert_eq!(chart.lines[0].effects, ["Effective; Score after: 2/10"]);
    assert_eq!(chart.lines[0].administration.wanted_for, ["knee pain 6/10"]);
    assert!(chart.lines[0].evidence.contains(&"Observation/e".to_owned()));
}

#[test]
fn days_can_be_chosen_and_what_has_no_day_is_always_there() {
    let one = entry("1", "completed", "2026-10-24T23:30:00+01:00", "2026-10-24T23:00:00+01:00");
    let two = entry("2", "completed", "2026-10-25T08:00:00+00:00", "2026-10-25T08:00:00+00:00");
    let mut timeless = entry("3", "completed", "", "");
    timeless.as_object_mut().expect("an object").remove("effectiveDateTime");
    timeless.as_object_mut().expect("an object").remove("extension");
    let list = Value::Array(vec![one, two, timeless]);
    let record = Record::read(&[Document { name: "test".into(), value: &list }]);
    let chosen = chart(&record, "2026-10-25".parse().ok(), "2026-10-25".parse().ok());
    let mut found: Vec<_> = chosen.lines.iter().map(|line| line.evidence[0].as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["MedicationAdministration/2", "MedicationAdministration/3"]);
    assert!(chosen.slots.iter().flat_map(|slot| &slot.lines).all(|at| *at < chosen.lines.len()));
}
