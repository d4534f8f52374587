//! What stands in a document, under which heading, and what never does.

use crate::records::{ELSPETH, asked, built, bundle, elspeth, errors, judged, section, try_build, with, words};
use ginnel_documents::build::BuildError;
use ginnel_documents::page;
use ginnel_documents::standard::Kind;
use ginnel_schemas::issue::IssueKey;
use serde_json::{Value, json};

fn restricted() -> Value {
    json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]})
}

fn subject() -> Value {
    json!({"reference": "Patient/p"})
}

#[test]
fn every_kind_conforms_for_an_invented_person_but_for_what_the_record_lacks() {
    let record = elspeth();
    for (kind, lacking) in [
        (Kind::UrgentTransfer, vec!["document.heading-empty"]),
        (Kind::Pcsp, vec!["document.item-missing"]),
        (Kind::AboutMe, vec![]),
    ] {
        let built = built(&record, Some(ELSPETH), kind);
        let found: Vec<String> = errors(&judged(&built.document))
            .iter()
            .map(|it| it.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(found, lacking, "{kind:?}: {:?}", errors(&judged(&built.document)));
    }
}

#[test]
fn a_reason_given_by_hand_makes_the_red_bag_whole() {
    let mut wanted = asked(Kind::UrgentTransfer);
    wanted.reason = Some("Fell at 07:10 <b>, cannot bear weight");
    wanted.author = Some("RN P. Exampleton");
    let built = try_build(&elspeth(), Some(ELSPETH), wanted).expect("a document");
    assert_eq!(errors(&judged(&built.document)), [""; 0]);
    assert_eq!(errors(&built.issues), [""; 0]);
    let reason = section(&built.document, "Reason for transfer");
    assert!(words(reason).contains("Fell at 07:10 &lt;b&gt;, cannot bear weight"));
    assert_eq!(built.document["entry"][0]["resource"]["status"], "final");
    assert_eq!(built.document["entry"][0]["resource"]["author"][0]["display"], "RN P. Exampleton");
}

#[test]
fn an_empty_record_says_of_each_mandatory_heading_that_it_is_empty_and_never_that_there_is_none() {
    for kind in Kind::ALL {
        let built = built(&bundle(&[]), None, kind);
        let standard = kind.standard();
        for heading in &standard.headings {
            if heading.obligation != ginnel_documents::standard::Obligation::Mandatory
                || heading.key == "person-demographics"
            {
                continue;
            }
            let own = section(&built.document, &heading.title);
            assert_eq!(own["emptyReason"]["coding"][0]["code"], "unavailable", "{}", heading.key);
            assert!(!words(own).to_lowercase().contains("no known allergies</b>"), "{own}");
            let told = built.issues.iter().any(|issue| issue.key == IssueKey::DocumentHeadingEmpty && issue.is_error());
            assert!(told, "{}", heading.key);
        }
        let text = built.document.to_string();
        assert!(!text.contains("nilknown"), "{kind:?}");
        let only = |key: &str| errors(&judged(&built.document)).iter().all(|it| it.starts_with(key));
        assert!(only("document."), "{:?}", errors(&judged(&built.document)));
    }
}

#[test]
fn none_known_is_said_only_where_somebody_said_it() {
    let allergy = json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": subject(),
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "confirmed"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003", "display": "No known allergy"}]}});
    let said = built(&bundle(&[allergy]), None, Kind::UrgentTransfer);
    let own = section(&said.document, "Allergies and adverse reactions");
    assert!(words(own).contains("No known allergies") && own.get("emptyReason").is_none(), "{own}");
    let empty = json!({"resourceType": "List", "id": "l", "status": "current", "mode": "snapshot", "subject": subject(),
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "886921000000105"}]},
        "emptyReason": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "notasked"}]}});
    let asked = built(&bundle(&[empty]), None, Kind::UrgentTransfer);
    assert!(
        words(section(&asked.document, "Allergies and adverse reactions")).contains("Nobody has asked about allergies")
    );
}

#[test]
fn what_is_restricted_is_left_out_and_said_under_its_heading() {
    let flag = json!({"resourceType": "Flag", "id": "f", "meta": restricted(), "status": "active", "subject": subject(),
        "code": {"text": "Safeguarding: enquiry about the nephew"}});
    let medicine = json!({"resourceType": "MedicationRequest", "id": "m", "meta": restricted(), "status": "active", "intent": "plan",
        "subject": subject(), "medicationCodeableConcept": {"text": "Secretol 5mg tablets"}, "reasonReference": [{"reference": "Flag/f", "display": "the nephew"}]});
    let open = json!({"resourceType": "CarePlan", "id": "c", "status": "active", "intent": "plan", "subject": subject(),
        "title": "Plan", "supportingInfo": [{"reference": "Flag/f", "display": "the nephew"}]});
    let record = bundle(&[flag, medicine, open]);
    let built = built(&record, None, Kind::UrgentTransfer);
    let text = built.document.to_string();
    assert!(!text.contains("nephew") && !text.contains("Secretol"), "not even what a reference calls it");
    let safeguarding = section(&built.document, "Safeguarding");
    assert!(words(safeguarding).contains("is restricted and not shown here"), "{safeguarding}");
    assert_eq!(safeguarding["emptyReason"]["coding"][0]["code"], "withheld");
    assert!(words(section(&built.document, "Medications and medical devices")).contains("is restricted"));
    assert!(built.issues.iter().any(|issue| issue.key == IssueKey::DocumentWithheld));
    let mut wanted = asked(Kind::UrgentTransfer);
    wanted.include_restricted = true;
    let shown = try_build(&record, None, wanted).expect("a document").document;
    assert!(shown.to_string().contains("nephew"));
    assert_eq!(shown["entry"][0]["resource"]["confidentiality"], "R");
    let mut person = asked(Kind::Pcsp);
    person.include_restricted = true;
    assert!(!try_build(&record, None, person).expect("a document").document.to_string().contains("nephew"));
}

#[test]
fn what_the_person_reads_gives_covert_medicines_away_nowhere() {
    let plan = json!({"resourceType": "CarePlan", "id": "c", "status": "active", "intent": "plan", "subject": subject(), "title": "Meals",
        "activity": [{"detail": {"status": "in-progress", "code": {"text": "Eating"}, "description": "Likes porridge"}},
            {"detail": {"status": "in-progress", "code": {"text": "Tablets"}, "description": "Given covertly in yoghurt"}}]});
    let flag = json!({"resourceType": "Flag", "id": "f", "status": "active", "subject": subject(), "category": [{"coding": [{"code": "advance-directive"}]}],
        "code": {"text": "Covert administration: best interest decision"}});
    let me = json!({"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-11-01", "subject": subject(),
        "item": [{"linkId": "about-me/support", "text": "How and when to support me", "answer": [{"valueString": "Slowly"}]},
            {"linkId": "about-me/x", "text": "Also worth knowing about me", "answer": [{"valueString": "Tablets are hidden in jam without her knowledge"}]}]});
    let record = bundle(&[plan, flag, me]);
    for kind in [Kind::Pcsp, Kind::AboutMe] {
        let built = built(&record, None, kind);
        let text = built.document.to_string().to_lowercase();
        for word in ["covert", "yoghurt", "hidden in", "kept from the person", "restricted", "withheld"] {
            assert!(!text.contains(word), "{kind:?} {word}");
        }
        assert!(text.contains("slowly"));
        assert!(built.account.iter().any(|row| row.reason.is_some_and(|reason| reason.key() == "not-for-the-person")));
    }
    let professionals = built(&record, None, Kind::UrgentTransfer).document.to_string();
    assert!(professionals.contains("Covert administration"), "a hospital must know");
}

#[test]
fn codes_of_key_safes_stand_in_no_document_and_no_page() {
    let flag = json!({"resourceType": "Flag", "id": "f", "status": "active", "subject": subject(),
        "code": {"text": "Access: key safe code 4417 left of the door"},
        "extension": [{"url": "https://vendor.example/StructureDefinition/key-safe-code", "valueString": "4417"}]});
    let note = json!({"resourceType": "CarePlan", "id": "c", "status": "active", "intent": "plan", "subject": subject(),
        "title": "Plan", "note": [{"text": "Let yourself in with 4417 and call out"}]});
    for kind in Kind::ALL {
        let built = built(&bundle(&[flag.clone(), note.clone()]), None, kind);
        assert!(!built.document.to_string().contains("4417"), "{kind:?}");
        assert!(!page::write(&built.document, None).expect("pages").contains("4417"));
    }
    let urgent = built(&bundle(&[flag]), None, Kind::UrgentTransfer);
    assert!(urgent.document.to_string().contains("key safe code [withheld] left of the door"));
    assert!(urgent.account.iter().filter(|row| row.reason.is_some_and(|reason| reason.key() == "secret")).count() >= 2);
}

#[test]
fn nothing_of_another_person_stands_there() {
    let other = json!({"resourceType": "Patient", "id": "other", "name": [{"family": "Somebody"}]});
    let theirs = json!({"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/other"}, "code": {"text": "Gout"}});
    let whose = json!({"resourceType": "Condition", "id": "w", "subject": {"reference": "Patient/nobody"}, "code": {"text": "Ague"}});
    let all = bundle(&[other, theirs, whose]);
    let built = built(&all, Some("p"), Kind::UrgentTransfer);
    let text = built.document.to_string();
    assert!(
        !text.contains("Gout")
            && !text.contains("Somebody")
            && !text.contains("Ague")
            && !text.contains("Patient/other")
    );
    assert!(
        built.issues.iter().any(|issue| issue.key == IssueKey::DocumentOtherPerson && issue.is_error()),
        "whose `w` is, nobody knows"
    );
    let outcome = |reference: &str| {
        built.account.iter().find(|row| row.resource == reference).and_then(|row| row.reason).map(|it| it.key())
    };
    assert_eq!((outcome("Condition/c"), outcome("Condition/w")), (Some("other-person"), Some("subject-not-found")));
}

#[test]
fn medicines_stand_by_group_with_the_last_dose_and_what_must_not_be_late_first() {
    let request = |id: &str, name: &str, status: &str| {
        json!({"resourceType": "MedicationRequest", "id": id, "status": status, "intent": "plan",
        "subject": subject(), "medicationCodeableConcept": {"text": name}, "dosageInstruction": [{"text": "ONE DAILY"}]})
    };
    let given = |id: &str, order: &str, status: &str, when: &str| {
        json!({"resourceType": "MedicationAdministration", "id": id, "status": status,
        "subject": subject(), "request": {"reference": format!("MedicationRequest/{order}")}, "medicationCodeableConcept": {"text": "x"}, "effectiveDateTime": when})
    };
    let record = bundle(&[
        request("a", "Amlodipine 5mg tablets", "active"),
        request("c", "Co-careldopa 25mg/100mg tablets", "active"),
        request("s", "Codeine 30mg tablets", "stopped"),
        request("old", "Weekly patch", "active"),
        given("1", "a", "completed", "2026-11-20T08:00:00Z"),
        given("2", "a", "not-done", "2026-11-20T10:00:00Z"),
        given("3", "old", "completed", "2026-11-10T08:00:00Z"),
        given("4", "old", "completed", "2026-11-03T08:00:00Z"),
        given("5", "a", "completed", "2026-11-20T18:00:00Z"),
    ]);
    let built = built(&record, None, Kind::UrgentTransfer);
    let own = section(&built.document, "Medications and medical devices");
    let text = words(own);
    let place = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word}: {text}"));
    assert!(place("Co-careldopa") < place("Amlodipine") && place("Amlodipine") < place("Codeine"));
    assert!(text.contains("TIME CRITICAL") && text.contains("Stopped: do not give"));
    assert!(
        text.contains("20 November 2026, 08:00: given")
            && text.contains("newest entry: 20 November 2026, 10:00: NOT GIVEN")
    );
    assert!(text.contains("10 November 2026, 08:00: given"), "the last dose of a patch is older than three days");
    assert!(!text.contains("18:00"), "what is given after the instant is not known then");
    let reason = |id: &str| {
        built
            .account
            .iter()
            .find(|row| row.resource == format!("MedicationAdministration/{id}"))
            .and_then(|row| row.reason)
            .map(|it| it.key())
    };
    assert_eq!((reason("3"), reason("4"), reason("5")), (None, Some("older"), Some("later")));
}

#[test]
fn a_person_without_an_nhs_number_has_that_said_on_every_page() {
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"text": "Cal <script>alert(1)</script>"}]});
    let built = built(&with(&patient, &[]), None, Kind::UrgentTransfer);
    let pages = page::write(&built.document, None).expect("pages");
    assert!(
        pages.contains("<dt>NHS number</dt><dd>not in the record</dd>")
            && pages.contains("<dt>Born</dt><dd>not in the record</dd>")
    );
    assert!(!pages.contains("<script") && pages.contains("&lt;script&gt;"));
    assert!(built.issues.iter().any(|issue| issue.key == IssueKey::DocumentItemMissing && issue.is_error()));
}

#[test]
fn pages_name_the_person_in_a_repeated_head_and_show_allergies_and_medicines_first() {
    let built = built(&elspeth(), Some(ELSPETH), Kind::UrgentTransfer);
    let pages = page::write(&built.document, None).expect("pages");
    let place = |word: &str| pages.find(word).unwrap_or_else(|| panic!("{word}"));
    assert!(
        place("<thead><tr><td>") < place("999 271 8064")
            && pages.contains("display:table-header-group")
            && pages.contains("size:A4")
    );
    assert!(place("Provisional") < place(">Allergies and adverse reactions<"));
    assert!(place(">Allergies and adverse reactions<") < place(">Medications and medical devices<"));
    assert!(
        place(">Medications and medical devices<") < place("DNACPR")
            && place("DNACPR") < place(">Person demographics<")
    );
    assert!(place("Morag Haldane") < place("Weirside Surgery"), "whom to call");
    for mark in ["<script", "<img", "<link", "http://", "https://", "url(", "onclick"] {
        let allowed = mark == "https://" && !pages.contains("src=") && !pages.contains("href=");
        assert!(!pages.contains(mark) || allowed, "{mark}");
    }
    for landmark in
        ["<main>", "<header", "<footer>", "scope=\"col\"", "scope=\"row\"", "aria-labelledby", "lang=\"en-GB\""]
    {
        assert!(pages.contains(landmark), "{landmark}");
    }
}

#[test]
fn only_the_newest_about_me_is_shown_and_a_draft_never() {
    let me = |id: &str, status: &str, authored: &str, text: &str| {
        json!({"resourceType": "QuestionnaireResponse", "id": id, "status": status,
        "authored": authored, "subject": subject(), "item": [
            {"linkId": "1", "text": "What is most important to me", "answer": [{"valueString": text}]},
            {"linkId": "2", "text": "My favourite song", "answer": [{"valueString": "Danny Boy"}]}]})
    };
    let record = bundle(&[
        me("old", "completed", "2025-01-01", "Gardening"),
        me("new", "completed", "2026-10-01", "The radio"),
        me("draft", "in-progress", "2026-11-01", "Nothing yet"),
        me("later", "completed", "2026-12-01", "Skiing"),
    ]);
    let built = built(&record, None, Kind::AboutMe);
    let text = built.document.to_string();
    assert!(
        text.contains("The radio")
            && !text.contains("Gardening")
            && !text.contains("Nothing yet")
            && !text.contains("Skiing")
    );
    assert!(words(section(&built.document, "Also worth knowing about me")).contains("My favourite song: Danny Boy"));
    assert!(words(section(&built.document, "Date last updated")).contains("1 October 2026"));
    let reason = |id: &str| {
        built
            .account
            .iter()
            .find(|row| row.resource == format!("QuestionnaireResponse/{id}"))
            .and_then(|row| row.reason)
            .map(|it| it.key())
    };
    assert_eq!((reason("old"), reason("draft"), reason("later")), (Some("superseded"), Some("draft"), Some("later")));
}

#[test]
fn two_sources_with_the_same_ids_stay_two() {
    let condition =
        |text: &str| json!({"resourceType": "Condition", "id": "1", "subject": subject(), "code": {"text": text}});
    let (one, two) = (bundle(&[condition("Gout")]), bundle(&[condition("Asthma")]));
    let documents =
        [("a", &one), ("b", &two)].map(|(name, value)| ginnel_medicines::record::Document { name: name.into(), value });
    let record = ginnel_medicines::record::Record::read(&documents);
    let person = ginnel_medicines::record::Person::choose(&record, None).expect("one person by NHS number");
    let built = ginnel_documents::build::build(&record, &person, asked(Kind::UrgentTransfer)).expect("a document");
    let own = words(section(&built.document, "Problem list"));
    assert!(own.contains("Gout") && own.contains("Asthma"), "{own}");
    let found: Vec<String> =
        errors(&judged(&built.document)).into_iter().filter(|it| !it.starts_with("document.heading-empty")).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_cannot_be_a_document_is_refused_with_what_to_do() {
    let stu3 = json!({"resourceType": "MedicationStatement", "id": "s", "status": "active", "taken": "unk", "subject": subject(),
        "medicationReference": {"display": "x"}});
    let refused = try_build(&bundle(&[stu3]), None, asked(Kind::Pcsp)).map(|_| ());
    assert!(matches!(&refused, Err(BuildError::Stu3(_))), "{refused:?}");
    let nobody = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Condition", "id": "c", "subject": subject(), "code": {"text": "Gout"}}}]});
    assert_eq!(try_build(&nobody, None, asked(Kind::Pcsp)).map(|_| ()), Err(BuildError::NoPatient));
}

#[test]
fn who_sent_something_is_screened_as_what_they_sent() {
    let condition = json!({"resourceType": "Condition", "id": "c", "subject": subject(), "code": {"text": "Gout"}});
    let sent = json!({"resourceType": "Provenance", "id": "v", "target": [{"reference": "Condition/c"}], "recorded": "2026-01-01T00:00:00Z",
        "agent": [{"who": {"display": "Home care; key safe code 4417"}}],
        "extension": [{"url": "https://vendor.example/StructureDefinition/door-code", "valueString": "C98765"}]});
    let text = built(&bundle(&[condition, sent]), None, Kind::UrgentTransfer).document.to_string();
    assert!(text.contains("Provenance/v") && !text.contains("4417") && !text.contains("C98765"));
}

#[test]
fn an_answer_that_is_kept_from_the_person_leaves_no_empty_heading_behind() {
    let me = json!({"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-11-01", "subject": subject(),
        "item": [{"linkId": "about-me/1", "text": "What is most important to me", "answer": [{"valueString": "Covert tablets"}]}]});
    let built = built(&bundle(&[me]), None, Kind::AboutMe);
    let own = section(&built.document, "What is most important to me");
    assert!(own.get("entry").is_none() && own["emptyReason"]["coding"][0]["code"] == "unavailable", "{own}");
}

#[test]
fn a_restricted_contact_is_counted_under_its_heading() {
    let sister = json!({"resourceType": "RelatedPerson", "id": "r", "meta": restricted(), "patient": subject(), "name": [{"text": "Morag"}],
        "relationship": [{"text": "Sister"}]});
    let built = built(&bundle(&[sister]), None, Kind::UrgentTransfer);
    assert!(!built.document.to_string().contains("Morag"));
    assert!(words(section(&built.document, "Personal contacts")).contains("is restricted and not shown here"));
}
