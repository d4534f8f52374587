//! Tables of cases that a pharmacist can read: what the record says, and where the medicine stands.

use super::*;
use crate::record::Document;

const NOON: &str = "2026-10-20T12:00:00Z";

fn answer_at(resources: &[Value], at: &str) -> Current {
    let mut all = vec![json!({"resourceType": "Patient", "id": "p"})];
    all.extend_from_slice(resources);
    let entries: Vec<Value> = all.iter().map(|resource| json!({"resource": resource})).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let record = Record::read(&[Document { name: "test".into(), value: &bundle }]);
    let person = Person::choose(&record, None).expect("one person");
    list(&record, &person, Asked::at(at.parse().expect("an instant")))
}

pub(super) fn answer(resources: &[Value]) -> Current {
    answer_at(resources, NOON)
}

/// A resource about the patient, with some members more.
pub(super) fn about(kind: &str, id: &str, members: Value) -> Value {
    let mut resource = json!({"resourceType": kind, "id": id, "subject": {"reference": "Patient/p"}});
    if let (Some(all), Value::Object(members)) = (resource.as_object_mut(), members) {
        all.extend(members);
    }
    resource
}

/// A statement of STU3 as GP Connect sends it, based on a plan `p-ID` of the same status and kind.
fn gp(id: &str, status: &str, kind: &str, period: Value, further: Value) -> Vec<Value> {
    let mut statement = about(
        "MedicationStatement",
        id,
        json!({
            "basedOn": [{"reference": format!("MedicationRequest/p-{id}")}],
            "status": status, "taken": "unk", "effectivePeriod": period, "dateAsserted": "2026-09-01",
            "medicationReference": {"reference": "Medication/m"}, "dosage": [{"text": "ONE DAILY"}],
            "extension": [{"url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-MedicationStatementLastIssueDate-1",
                "valueDateTime": "2026-10-01"}],
        }),
    );
    if let (Some(all), Value::Object(further)) = (statement.as_object_mut(), further) {
        all.extend(further);
    }
    let plan = about(
        "MedicationRequest",
        &format!("p-{id}"),
        json!({
            "status": status, "intent": "plan", "medicationReference": {"reference": "Medication/m"},
            "dosageInstruction": [{"text": "ONE DAILY"}],
            "extension": [{"url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-PrescriptionType-1",
                "valueCodeableConcept": {"coding": [{"code": kind}]}}],
        }),
    );
    let medicine = json!({"resourceType": "Medication", "id": "m", "code": {"coding": [
        {"system": "http://snomed.info/sct", "code": "317972000", "display": "Furosemide 40mg tablets"}]}});
    vec![statement, plan, medicine]
}

fn keys(line: &Line) -> Vec<&'static str> {
    line.because.iter().map(|it| it.key()).collect()
}

fn warned(line: &Line, key: WarningKey) -> bool {
    line.warnings.iter().any(|warning| warning.key == key)
}

fn only(current: &Current) -> &Line {
    assert_eq!(current.lines.len(), 1, "{:#?}", current.lines);
    &current.lines[0]
}

#[test]
fn a_gp_medicine_stands_where_its_status_and_dates_put_it() {
    let none = json!({});
    /// Name, status, kind, period; group and reasons.
    type Case = (&'static str, &'static str, &'static str, Value, &'static str, &'static [&'static str]);
    let table: &[Case] = &[
        (
            "repeat, goes on",
            "active",
            "repeat",
            json!({"start": "2026-01-05"}),
            "current",
            &["active", "no-end-date", "repeat"],
        ),
        (
            "acute, within its dates",
            "active",
            "acute",
            json!({"start": "2026-10-18", "end": "2026-10-24"}),
            "current",
            &["active", "within-period", "acute"],
        ),
        (
            "acute, on its last day",
            "active",
            "acute",
            json!({"start": "2026-10-14", "end": "2026-10-20"}),
            "current",
            &["active", "within-period", "acute"],
        ),
        (
            "acute, the day after",
            "active",
            "acute",
            json!({"start": "2026-10-13", "end": "2026-10-19"}),
            "uncertain",
            &["marked-active", "period-over", "acute"],
        ),
        (
            "acute without an end, on its day",
            "active",
            "acute",
            json!({"start": "2026-10-20"}),
            "current",
            &["active", "within-period", "acute"],
        ),
        (
            "acute without an end, later",
            "active",
            "acute",
            json!({"start": "2026-10-12"}),
            "uncertain",
            &["marked-active", "acute-without-end", "acute"],
        ),
        ("begins tomorrow", "active", "repeat", json!({"start": "2026-10-21"}), "future", &["starts-later", "repeat"]),
        (
            "completed",
            "completed",
            "acute",
            json!({"start": "2026-09-01", "end": "2026-09-07"}),
            "ended",
            &["completed", "acute"],
        ),
        (
            "completed, dates not over",
            "completed",
            "acute",
            json!({"start": "2026-10-18", "end": "2026-10-24"}),
            "uncertain",
            &["completed", "period-not-over", "acute"],
        ),
        (
            "stopped",
            "stopped",
            "repeat",
            json!({"start": "2026-01-05", "end": "2026-09-30"}),
            "stopped",
            &["stopped", "repeat"],
        ),
        (
            "entered by mistake",
            "entered-in-error",
            "repeat",
            json!({"start": "2026-01-05"}),
            "ended",
            &["entered-in-error", "repeat"],
        ),
        (
            "a status nobody knows",
            "ongoing",
            "repeat",
            json!({"start": "2026-01-05"}),
            "uncertain",
            &["status-not-understood", "repeat"],
        ),
        (
            "dates that cannot be",
            "active",
            "repeat",
            json!({"start": "05/01/2026"}),
            "uncertain",
            &["marked-active", "dates-not-readable", "repeat"],
        ),
        (
            "ends before it begins",
            "active",
            "repeat",
            json!({"start": "2026-02-01", "end": "2026-01-01"}),
            "uncertain",
            &["marked-active", "dates-not-readable", "repeat"],
        ),
    ];
    for (name, status, kind, period, group, because) in table {
        let current = answer(&gp("s", status, kind, period.clone(), none.clone()));
        let line = only(&current);
        assert_eq!((line.group.key(), keys(line).as_slice()), (*group, *because), "{name}");
        assert_eq!(line.medication, "Furosemide 40mg tablets", "{name}");
    }
}

#[test]
fn an_expired_authorisation_does_not_end_a_repeat_that_is_marked_active_but_is_warned_of() {
    let mut resources = gp("s", "active", "repeat", json!({"start": "2026-01-05"}), json!({}));
    resources[1]["extension"].as_array_mut().expect("a list").push(json!({
        "url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-MedicationRepeatInformation-1",
        "extension": [{"url": "authorisationExpiryDate", "valueDateTime": "2026-07-05"},
            {"url": "numberOfRepeatPrescriptionsAllowed", "valueUnsignedInt": 6},
            {"url": "numberOfRepeatPrescriptionsIssued", "valueUnsignedInt": 6}]}));
    let current = answer(&resources);
    let line = only(&current);
    assert_eq!(
        (line.group, keys(line)),
        (Group::Current, vec!["active", "no-end-date", "authorisation-expired", "repeat"])
    );
    assert!(warned(line, WarningKey::AuthorisationExpired) && warned(line, WarningKey::AllIssuesUsed));
}

#[test]
fn a_repeat_not_issued_for_long_is_warned_of() {
    let old = json!({"extension": [{"url": "x/MedicationStatementLastIssueDate-1", "valueDateTime": "2025-11-01"}]});
    let current = answer(&gp("s", "active", "repeat", json!({"start": "2025-01-05"}), old));
    assert!(warned(only(&current), WarningKey::NotIssuedRecently));
}

#[test]
fn what_another_organisation_prescribes_is_listed_and_said() {
    let elsewhere = json!({"extension": [{"url": "x/Extension-CareConnect-GPC-PrescribingAgency-1",
        "valueCodeableConcept": {"coding": [{"code": "prescribed-by-another-organisation"}]}}]});
    let current = answer(&gp("s", "active", "repeat", json!({"start": "2026-01-05"}), elsewhere));
    let line = only(&current);
    assert_eq!(line.group, Group::Current);
    assert!(line.because.contains(&Because::PrescribedElsewhere) && warned(line, WarningKey::PrescribedElsewhere));
}

#[test]
fn an_acute_that_is_completed_when_issued_is_asked_about_while_its_supply_lasts() {
    let at = |day: &str| {
        let mut resources = gp("s", "completed", "acute", json!({"start": "2026-10-01"}), json!({}));
        resources[1]["dispenseRequest"] = json!({"expectedSupplyDuration": {"value": 7, "unit": "day", "code": "d"}});
        answer_at(&resources, &format!("{day}T12:00:00Z"))
    };
    let during = at("2026-10-07");
    assert_eq!(keys(only(&during)), ["completed", "within-supply", "acute"]);
    assert_eq!((only(&during).group, only(&at("2026-10-08")).group), (Group::Uncertain, Group::Ended));
}

#[test]
fn a_stop_carries_its_reason_and_one_in_the_future_has_not_happened() {
    let stopped = |date: &str| {
        let mut resources = gp("s", "stopped", "repeat", json!({"start": "2026-01-05"}), json!({}));
        resources[1]["extension"].as_array_mut().expect("a list").push(json!({
            "url": "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-MedicationStatusReason-1",
            "extension": [{"url": "statusReason", "valueCodeableConcept": {"text": "Drug side effect"}},
                {"url": "statusChangeDate", "valueDateTime": date}]}));
        answer(&resources)
    };
    let past = stopped("2026-10-01");
    assert_eq!(only(&past).group, Group::Stopped);
    assert_eq!(only(&past).reason.as_deref(), Some("Drug side effect"));
    assert!(!warned(only(&past), WarningKey::NoStopReason));
    let future = stopped("2026-11-01");
    assert_eq!(only(&future).group, Group::Current);
    assert!(only(&future).because.contains(&Because::StopsLater));
}

#[test]
fn only_when_needed_is_a_group_of_its_own() {
    let prn = json!({"dosage": [{"text": "1-2 TABLETS WHEN REQUIRED FOR PAIN"}]});
    let current = answer(&gp("s", "active", "repeat", json!({"start": "2026-01-05"}), prn));
    assert_eq!(only(&current).group, Group::AsNeeded);
    let both = json!({"dosage": [{"text": "one at night"}, {"text": "one when required", "asNeededBoolean": true}]});
    let current = answer(&gp("s", "active", "repeat", json!({"start": "2026-01-05"}), both));
    assert_eq!(only(&current).group, Group::Current);
    assert!(warned(only(&current), WarningKey::SomeAsNeeded));
}

#[test]
fn a_statement_and_its_plan_that_disagree_are_uncertain() {
    for (statement, plan) in
        [("active", "stopped"), ("stopped", "active"), ("active", "on-hold"), ("completed", "active")]
    {
        let mut resources = gp("s", statement, "repeat", json!({"start": "2026-01-05"}), json!({}));
        resources[1]["status"] = json!(plan);
        let current = answer(&resources);
        assert_eq!(keys(only(&current))[0], "statement-and-plan-disagree", "{statement} and {plan}");
        assert_eq!(only(&current).group, Group::Uncertain);
    }
}

#[test]
fn a_plan_that_is_completed_when_issued_does_not_end_what_is_still_taken() {
    let mut resources = gp("s", "active", "acute", json!({"start": "2026-10-18", "end": "2026-10-24"}), json!({}));
    resources[1]["status"] = json!("completed");
    let current = answer(&resources);
    assert_eq!(only(&current).group, Group::Current);
    assert!(warned(only(&current), WarningKey::PlanCompleted));
}

/// A request of R4 as a care system's plan becomes it.
pub(super) fn plan(id: &str, status: &str, further: Value) -> Value {
    let mut request = about(
        "MedicationRequest",
        id,
        json!({
        "status": status, "intent": "plan", "reportedBoolean": true,
        "medicationCodeableConcept": {"text": "Warfarin 3mg tablets"}, "dosageInstruction": [{"text": "one at 17:00"}]}),
    );
    if let (Some(all), Value::Object(further)) = (request.as_object_mut(), further) {
        all.extend(further);
    }
    request
}

#[test]
fn a_care_systems_plan_stands_where_its_status_and_dates_put_it() {
    let bounded = |period: Value| json!({"dosageInstruction": [{"text": "one daily", "timing": {"repeat": {"boundsPeriod": period}}}]});
    let course = json!({"authoredOn": "2026-10-10", "dosageInstruction": [{"text": "one daily for 7 days",
        "timing": {"repeat": {"boundsDuration": {"value": 7, "unit": "day", "code": "d"}}}}]});
    let table: &[(&str, Value, &str, &str)] = &[
        ("runs", plan("r", "active", json!({})), "current", "active"),
        (
            "ends today",
            plan("r", "active", bounded(json!({"start": "2026-10-01", "end": "2026-10-20"}))),
            "current",
            "active",
        ),
        (
            "ended yesterday",
            plan("r", "active", bounded(json!({"start": "2026-10-01", "end": "2026-10-19"}))),
            "uncertain",
            "marked-active",
        ),
        ("begins tomorrow", plan("r", "active", bounded(json!({"start": "2026-10-21"}))), "future", "starts-later"),
        ("a week's course, over", plan("r", "active", course), "uncertain", "marked-active"),
        ("on hold", plan("r", "on-hold", json!({})), "suspended", "on-hold"),
        ("called off", plan("r", "cancelled", json!({})), "stopped", "cancelled"),
        ("a draft", plan("r", "draft", json!({})), "uncertain", "draft"),
        ("only proposed", plan("r", "active", json!({"intent": "proposal"})), "uncertain", "proposal"),
        ("an order not to give it", plan("r", "active", json!({"doNotPerform": true})), "stopped", "do-not-perform"),
        ("no status", plan("r", "active", json!({"status": null})), "uncertain", "status-not-understood"),
        ("unknown", plan("r", "unknown", json!({})), "uncertain", "status-unknown"),
        ("no medicine", plan("r", "active", json!({"medicationCodeableConcept": null})), "uncertain", "active"),
    ];
    for (name, request, group, first) in table {
        let current = answer(std::slice::from_ref(request));
        assert_eq!((only(&current).group.key(), keys(only(&current))[0]), (*group, *first), "{name}");
    }
}

#[test]
fn a_replaced_plan_is_never_counted_beside_the_one_that_replaces_it() {
    let newer = |start: &str| {
        plan("new", "active", json!({"priorPrescription": {"reference": "MedicationRequest/old"}, "authoredOn": start}))
    };
    let groups = |current: &Current| -> Vec<(String, Group)> {
        current.lines.iter().map(|line| (line.evidence[0].clone(), line.group)).collect()
    };
    let begun = answer(&[plan("old", "active", json!({})), newer("2026-10-19")]);
    assert_eq!(
        groups(&begun),
        [("MedicationRequest/new".into(), Group::Current), ("MedicationRequest/old".into(), Group::Stopped)]
    );
    assert!(warned(&begun.lines[1], WarningKey::SupersededButActive));
    let later = answer(&[plan("old", "active", json!({})), newer("2026-11-01")]);
    assert!(later.lines.iter().any(|line| line.group == Group::Current && warned(line, WarningKey::WillBeSuperseded)));
    let undone = answer(&[
        plan("old", "active", json!({})),
        plan("new", "entered-in-error", json!({"priorPrescription": {"reference": "MedicationRequest/old"}})),
    ]);
    assert!(groups(&undone).contains(&("MedicationRequest/old".into(), Group::Current)));
}

#[test]
fn an_issue_is_evidence_for_its_plan_and_no_line_of_its_own() {
    let issue = about(
        "MedicationRequest",
        "o",
        json!({"status": "completed", "intent": "order",
        "basedOn": [{"reference": "MedicationRequest/r"}], "dispenseRequest": {"validityPeriod": {"start": "2026-11-03"}}}),
    );
    let current = answer(&[issue, plan("r", "active", json!({}))]);
    let line = only(&current);
    assert_eq!(line.evidence, ["MedicationRequest/r", "MedicationRequest/o"]);
    assert!(warned(line, WarningKey::FutureIssue));
}

#[test]
fn another_persons_medicine_is_a_gap_and_no_line() {
    let mut foreign = plan("r", "active", json!({}));
    foreign["subject"] = json!({"reference": "Patient/q"});
    let bundle = json!([{"resourceType": "Patient", "id": "p"}, {"resourceType": "Patient", "id": "q"}, foreign,
        plan("own", "active", json!({}))]);
    let record = Record::read(&[Document { name: "test".into(), value: &bundle }]);
    let person = Person::choose(&record, Some("p")).expect("a person");
    let current = list(&record, &person, Asked::at(NOON.parse().expect("an instant")));
    assert!(current.lines.len() == 1 && current.gaps.iter().any(|gap| gap.kind == GapKind::OtherPerson));
}

#[test]
fn the_page_shows_what_is_missing_and_escapes_what_it_shows() {
    let current =
        answer(&[plan("r", "active", json!({"medicationCodeableConcept": {"text": "<script>alert(1)</script>"}}))]);
    let page = current.to_html(&Heading { name: "Ada <Okoro>".into(), ..Heading::default() });
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
    assert!(page.contains("Ada &lt;Okoro&gt;") && page.matches("<table>").count() == 1);
    assert!(!page.contains("This list is not complete"));
    assert!(answer(&[]).to_html(&Heading::default()).contains("This list is not complete"));
}

#[test]
fn the_same_medicine_twice_and_the_same_drug_in_two_strengths_are_both_listed_and_said() {
    let named =
        |id: &str, name: &str, status: &str| plan(id, status, json!({"medicationCodeableConcept": {"text": name}}));
    let current = answer(&[
        named("a", "Warfarin 1mg tablets", "active"),
        named("b", "WARFARIN 1 mg Tablets", "active"),
        named("c", "Warfarin 3mg tablets", "active"),
        named("d", "Warfarin 5mg tablets", "stopped"),
    ]);
    assert_eq!(current.lines.len(), 4);
    let line = |id: &str| current.lines.iter().find(|line| line.evidence[0].ends_with(id)).expect("a line");
    assert!(warned(line("/a"), WarningKey::SameMedicineTwice) && warned(line("/b"), WarningKey::SameMedicineTwice));
    assert!(warned(line("/a"), WarningKey::OtherStrength) && warned(line("/c"), WarningKey::OtherStrength));
    assert!(warned(line("/c"), WarningKey::TimeCritical), "an anticoagulant");
    let stopped = line("/d");
    assert!(!warned(stopped, WarningKey::OtherStrength), "what is stopped is not taken beside anything");
}

#[test]
fn a_degraded_medicine_is_known_by_its_words() {
    let concept = json!({"coding": [{"system": "http://snomed.info/sct", "code": "196421000000109",
        "display": "Transfer-degraded medication entry"}], "text": "Cough mixture"});
    let current = answer(&[plan("r", "active", json!({"medicationCodeableConcept": concept}))]);
    assert_eq!((only(&current).group, only(&current).medication.as_str()), (Group::Current, "Cough mixture"));
    assert!(warned(only(&current), WarningKey::DrugNotCoded));
}

#[test]
fn no_known_medications_is_a_statement_and_no_medicine() {
    let none = json!({"coding": [{"system": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "code": "no-known-medications"}]});
    let current =
        answer(&[about("MedicationStatement", "s", json!({"status": "unknown", "medicationCodeableConcept": none}))]);
    assert!(current.lines.is_empty() && current.is_complete(), "{:?}", current.gaps);
    assert_eq!(current.header()["statements"][0]["key"], "no-known-medications");
}

#[test]
fn what_was_dispensed_without_an_order_is_not_left_out() {
    let dispense = about(
        "MedicationDispense",
        "d",
        json!({"status": "completed", "medicationCodeableConcept": {"text": "Senna"}}),
    );
    let current = answer(std::slice::from_ref(&dispense));
    assert_eq!((only(&current).group, keys(only(&current))), (Group::Uncertain, vec!["dispensed-without-order"]));
    assert_eq!(only(&current).evidence, ["MedicationDispense/d"]);
}

#[test]
fn the_same_resource_twice_is_one_and_two_versions_of_it_are_two() {
    let one = plan("r", "active", json!({}));
    assert_eq!(answer(&[one.clone(), one.clone()]).lines.len(), 1);
    assert_eq!(answer(&[one, plan("r", "stopped", json!({}))]).lines.len(), 2);
}

#[test]
fn the_order_of_entries_never_matters() {
    let mut resources = gp("a", "active", "repeat", json!({"start": "2026-01-05"}), json!({}));
    resources.extend(gp("b", "stopped", "acute", json!({"start": "2026-01-05"}), json!({})));
    resources.push(plan("x", "active", json!({"priorPrescription": {"reference": "MedicationRequest/y"}})));
    resources.push(plan("y", "completed", json!({})));
    for (id, date) in [("i1", "2026-09-01"), ("i2", "2026-10-01"), ("i3", "2026-10-01")] {
        resources.push(about(
            "MedicationRequest",
            id,
            json!({"status": "completed", "intent": "order", "authoredOn": date,
            "basedOn": [{"reference": "MedicationRequest/p-a"}], "note": [{"text": id}]}),
        ));
    }
    let told = |resources: &[Value]| {
        let current = answer(resources);
        current.lines.iter().map(|line| line.to_json("").to_string()).collect::<Vec<String>>()
    };
    let wanted = told(&resources);
    for turn in 1..resources.len() {
        let mut turned = resources.clone();
        turned.rotate_left(turn);
        if turn % 2 == 0 {
            turned.reverse();
        }
        assert_eq!(told(&turned), wanted, "turned by {turn}");
    }
}

#[test]
fn words_of_a_dose_that_contradict_its_structure_are_an_error() {
    let dose = |frequency: i64| {
        json!({"dosageInstruction": [{"text": "ONE tablet TWICE a day", "timing": {"repeat":
        {"frequency": frequency, "period": 1, "periodUnit": "d"}}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}]})
    };
    let wrong = answer(&[plan("r", "active", dose(4))]);
    let warning = only(&wrong).warnings.iter().find(|warning| warning.key == WarningKey::DoseContradiction);
    assert!(warning.is_some_and(Warning::is_error) && wrong.has_error(), "{:?}", only(&wrong).warnings);
    let right = answer(&[plan("r", "active", dose(2))]);
    assert!(!warned(only(&right), WarningKey::DoseContradiction) && !right.has_error());
}

#[test]
fn who_gives_it_and_what_it_replaces_are_said() {
    let insulin = plan(
        "r",
        "active",
        json!({"performer": {"display": "District nurse (external)"},
        "priorPrescription": {"reference": "MedicationRequest/gone"}}),
    );
    let current = answer(std::slice::from_ref(&insulin));
    assert!(warned(only(&current), WarningKey::GivenElsewhere) && warned(only(&current), WarningKey::ReplacedMissing));
}
