//! The built-in plugin `council-forms`: the traps of a council's systems on invented people, and the reference samples of
//! archetype A8, where they lie beside the project.

use crate::difficulties::goldens::samples;
use crate::{context, faults, leaves, message, resources, translate, vendor};
use ginnel_mappings::account::Outcome;
use ginnel_mappings::format::{Limits, SourceFile};
use ginnel_mappings::translate::{Context, ItemVerdict, Translated};
use ginnel_schemas::issue::IssueKey;
use serde_json::{Value, json};

fn out(name: &str, payload: &Value, known: &Context) -> Translated {
    let translated = translate(message("council-forms", name), payload, known);
    for resource in translated.items.iter().flat_map(|item| &item.resources) {
        assert_eq!(faults(resource), [], "{name} {resource}");
    }
    let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
    assert_eq!(rows, leaves(payload), "{name}");
    translated
}

fn labels(resource: &Value) -> Vec<&str> {
    resource["meta"]["security"].as_array().into_iter().flatten().filter_map(|label| label["code"].as_str()).collect()
}

fn rows(csv: &str) -> Value {
    let files = [SourceFile::new("return.csv", csv)];
    let document = message("council-forms", "cld-events").read(&files, &Limits::default());
    document.expect("a table").tree
}

const HEAD: &str =
    "LA_Code,NHS_Number,LA_Person_ID,Gender,Event_Type,Event_ID,Event_Start_Date,Event_End_Date,Event_Outcome\n";

#[test]
fn a_number_with_zeros_in_front_leads_to_the_same_person() {
    let list = json!({"residents": [{"mosaicId": "0000077", "lastName": "Quick", "restricted": "N"}]});
    let known = context(vendor("council-forms"), &[("residents", &list)]);
    let person = out("residents", &list, &known);
    let person = resources(&person, "Patient")[0]["id"].as_str().expect("an id").to_string();
    let forms = json!({"submissions": [{"submissionId": "s", "formId": "f", "submissionState": "Approved",
        "residents": [{"id": 77}], "formAnswers": {"page": "words"}}]});
    let forms = out("case-submissions", &forms, &known);
    let form = resources(&forms, "QuestionnaireResponse")[0];
    assert_eq!(form["subject"]["reference"], format!("Patient/{person}"));
    assert!(labels(form).is_empty(), "the list says that this person is not restricted");
    assert!(forms.issues.iter().all(|issue| issue.key != IssueKey::MappingLookupMissing));
}

#[test]
fn whoever_the_list_does_not_name_or_restricts_is_restricted_in_forms_and_packages() {
    let form = json!({"submissions": [{"submissionId": "s", "formId": "f", "submissionState": "Approved",
        "residents": [{"id": 78}], "formAnswers": {"page": "words"}}]});
    let package = json!({"packages": [{"id": "p", "hackneyId": 78, "status": 4}]});
    for restricted in [None, Some(json!(null)), Some(json!("Y")), Some(json!("perhaps"))] {
        let list = json!({"residents": [{"mosaicId": 78, "lastName": "Quick", "restricted": restricted}]});
        let known = match &restricted {
            None => Context::new(),
            Some(_) => context(vendor("council-forms"), &[("residents", &list)]),
        };
        let translated = out("case-submissions", &form, &known);
        assert_eq!(labels(resources(&translated, "QuestionnaireResponse")[0]), ["R"], "{restricted:?}");
        let translated = out("care-packages", &package, &known);
        assert_eq!(labels(resources(&translated, "ServiceRequest")[0]), ["R"], "{restricted:?}");
        assert_eq!(labels(resources(&out("residents", &list, &known), "Patient")[0]), ["R"], "{restricted:?}");
    }
}

#[test]
fn a_form_about_two_people_goes_to_both_and_is_restricted() {
    let list = json!({"residents": [{"mosaicId": 1, "lastName": "A", "restricted": "N"}, {"mosaicId": 2, "lastName": "B", "restricted": "N"}]});
    let known = context(vendor("council-forms"), &[("residents", &list)]);
    let forms = json!({"submissions": [{"submissionId": "s", "formId": "f", "submissionState": "Approved",
        "residents": [{"id": 1}, {"id": 2}], "formAnswers": {"page": {"q": "a"}}}]});
    let translated = out("case-submissions", &forms, &known);
    let forms = resources(&translated, "QuestionnaireResponse");
    let people: Vec<&Value> = forms.iter().map(|form| &form["subject"]["identifier"]["value"]).collect();
    assert_eq!(people, ["1", "2"]);
    assert!(forms.iter().all(|form| labels(form) == ["R"] && form["item"][0]["answer"][0]["valueString"] == "a"));
    assert_ne!(forms[0]["id"], forms[1]["id"]);
}

#[test]
fn an_event_that_ends_before_it_starts_keeps_its_start_and_loses_its_end_with_a_word() {
    let tree = rows(&format!(
        "{HEAD}9,9993188247,5,Female,Review,R1,2026-05-02,01/05/2026,\n9,9993188247,5,Female,Review,R2,02/05/2026,2026-05-03,\n"
    ));
    let translated = out("cld-events", &tree, &Context::new());
    let reviews = resources(&translated, "Procedure");
    assert_eq!(reviews[0]["performedPeriod"], json!({"start": "2026-05-02"}));
    assert_eq!(reviews[1]["performedPeriod"], json!({"start": "2026-05-02", "end": "2026-05-03"}));
    let said: Vec<&str> = translated.issues.iter().filter_map(|issue| issue.pointer.as_deref()).collect();
    assert!(said.contains(&"/rows/0/Event_End_Date") && !said.contains(&"/rows/1/Event_End_Date"), "{said:?}");
}

#[test]
fn an_event_sent_twice_is_one_and_a_number_of_one_row_is_the_persons() {
    let tree = rows(&format!(
        "{HEAD}9,,5,Female,Request,Q1,2026-05-02,2026-05-03,Other words\n9,9993188247,5,,Service,S1,2026-05-04,2026-06-01,As Planned\n9,9993188247,5,,Service,S1,2026-05-04,2026-06-01,Service Ended as Planned\n"
    ));
    let translated = out("cld-events", &tree, &Context::new());
    assert_eq!(resources(&translated, "EpisodeOfCare").len(), 1);
    let outcome = &resources(&translated, "EpisodeOfCare")[0]["extension"][0]["valueCodeableConcept"]["coding"][0];
    assert_eq!(outcome["code"], "service-ended-as-planned");
    assert!(translated.issues.iter().any(|issue| issue.key == IssueKey::MappingDuplicateIdentity));
    let people = resources(&translated, "Patient");
    assert_eq!(people.len(), 1);
    assert_eq!(people[0]["gender"], "female");
    assert!(people[0]["identifier"].to_string().contains("9993188247"), "{}", people[0]);
}

#[test]
fn a_row_about_nobody_is_kept_and_said() {
    let tree = rows(&format!(
        "{HEAD}9,9993188248,N/K,Male,Review,R1,2026-05-02,,\n9,9994260030,,Male,Review,R2,2026-05-02,,\n"
    ));
    let translated = out("cld-events", &tree, &Context::new());
    assert_eq!(resources(&translated, "Procedure").len(), 1);
    assert_eq!(resources(&translated, "Patient").len(), 1);
    assert!(
        translated
            .issues
            .iter()
            .any(|issue| issue.key == IssueKey::MappingQuarantined && !issue.text.contains("9993188248"))
    );
}

#[test]
fn a_package_is_named_by_documented_numbers_only_and_its_price_stays() {
    let payload = json!({"packages": [
        {"id": "p1", "hackneyId": 1, "packageType": 4, "status": 4, "packageScheduling": 3,
            "details": [{"type": 1, "cost": 1234.56, "costPeriod": 2, "startDate": "2026-01-05T00:00:00+00:00"}]},
        {"id": "p2", "hackneyId": 1, "packageType": 11, "status": 5},
        {"id": "p3", "hackneyId": 1, "packageType": 2, "status": 3}]});
    let translated = out("care-packages", &payload, &Context::new());
    let packages = resources(&translated, "ServiceRequest");
    assert_eq!(packages.len(), 2, "one that waits for approval is kept back");
    assert_eq!((&packages[0]["status"], &packages[0]["code"]["text"]), (&json!("active"), &json!("Nursing care")));
    assert_eq!((&packages[1]["status"], &packages[1]["code"]["text"]), (&json!("unknown"), &json!("11")));
    assert!(!translated.bundle().to_string().contains("1234.56"));
}

#[test]
fn a_person_comes_back_with_what_changed_and_nothing_else() {
    let payload = json!({"id": 20517, "lastName": "Marchbanks", "firstName": "Ottilie", "nhsNumber": 9_993_188_247_u64,
        "dateOfBirth": "1944-09-02T00:00:00", "restricted": "N", "keySafeCode": "5813", "religion": "Quaker",
        "warningNotes": [{"id": 12, "startDate": "03/02/2026 0:00:00", "noteType": "Dog", "notes": "Large", "status": "open"}]});
    let message = message("council-forms", "person-detail");
    let mut bundle = out("person-detail", &payload, &Context::new()).bundle();
    let at = |bundle: &mut Value, kind: &str| {
        let all = bundle["entry"].as_array().expect("entries");
        all.iter().position(|entry| entry["resource"]["resourceType"] == kind).expect("there")
    };
    let patient = at(&mut bundle, "Patient");
    bundle["entry"][patient]["resource"]["birthDate"] = "1944-09-03".into();
    let flag = at(&mut bundle, "Flag");
    bundle["entry"][flag]["resource"]["status"] = "inactive".into();
    let put = message.to_vendor(&bundle, std::slice::from_ref(&payload), &Context::new());
    let mut wanted = payload.clone();
    wanted["dateOfBirth"] = "1944-09-03T00:00:00".into();
    wanted["warningNotes"][0]["status"] = "closed".into();
    assert_eq!(put.payload, wanted);
}

#[test]
fn the_samples_translate_whole_and_come_back_as_they_were() {
    let Some(folder) = samples().map(|folder| folder.join("a8_la_case_form_builder")) else { return };
    let plugin = vendor("council-forms");
    let read = |name: &str, file: &str| {
        let files = [SourceFile::new(file, std::fs::read(folder.join(file)).expect(file))];
        let message = plugin.message(name).expect("a message");
        (message, message.read(&files, &Limits::default()).expect(file).tree)
    };
    let all = [
        ("residents", "01_residents.json"),
        ("person-detail", "02_person_detail.json"),
        ("case-submissions", "03_case_submissions.json"),
        ("care-packages", "04_care_packages.json"),
        ("cld-events", "05_cld_events.csv"),
    ]
    .map(|(name, file)| read(name, file));
    let known = context(plugin, &[("residents", &all[0].1)]);
    for (message, payload) in &all {
        let translated = out(&message.name, payload, &known);
        assert!(translated.items.iter().all(|item| item.verdict != ItemVerdict::Refused), "{}", message.name);
        let put = message.to_vendor(&translated.bundle(), std::slice::from_ref(payload), &known);
        assert_eq!(&put.payload, payload, "{}", message.name);
        let lost = put.account.iter().filter(|row| matches!(row.outcome, Outcome::Refused | Outcome::Inconsistent));
        assert_eq!(lost.count(), 0, "{}", message.name);
    }
    let forms = out("case-submissions", &all[2].1, &known);
    let states: Vec<&Value> = resources(&forms, "QuestionnaireResponse").iter().map(|form| &form["status"]).collect();
    assert_eq!(states, ["completed", "entered-in-error"]);
    let events = out("cld-events", &all[4].1, &known);
    let count = |kind: &str| resources(&events, kind).len();
    assert_eq!((count("Patient"), count("EpisodeOfCare"), count("ServiceRequest"), count("Procedure")), (3, 3, 1, 0));
}
