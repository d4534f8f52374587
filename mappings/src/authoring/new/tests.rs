//! Skeletons from samples: they check, and they translate what they were made of.

use super::*;
use crate::registry::Vendor;
use crate::translate::Context;
use serde_json::json;

fn made(message: &str, samples: &[Value]) -> (Skeleton, Vendor) {
    let request = Request { vendor: "acme".into(), message: message.into(), format: None };
    let made = skeleton(&request, samples, None);
    let held: BTreeMap<String, Vec<u8>> =
        made.files.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes())).collect();
    let map = made.files.iter().find(|file| file.path.ends_with("map.yaml")).map(|file| file.text.clone());
    let vendor = Vendor::load("acme", &Folder::Held(Arc::new(held)))
        .unwrap_or_else(|reports| panic!("{}\n{}", reports.join("\n"), map.unwrap_or_default()));
    (made, vendor)
}

/// Every sample translates, nothing of it is refused, and it comes back as it was.
fn runs(message: &str, samples: &[Value]) -> Vec<Value> {
    let (_, vendor) = made(message, samples);
    let message = vendor.message(message).expect("made");
    samples
        .iter()
        .map(|sample| {
            let issues = message.check(sample);
            assert_eq!(issues, Vec::new());
            let out = message.translate(sample, issues, &Context::new());
            let refused: Vec<_> =
                out.account.iter().filter(|row| row.outcome == crate::account::Outcome::Refused).collect();
            assert!(refused.is_empty() && !out.is_refused(), "{refused:?} {:?}", out.issues);
            let bundle = out.bundle();
            let back = message.to_vendor(&bundle, std::slice::from_ref(sample), &Context::new());
            assert_eq!(&back.payload, sample);
            bundle
        })
        .collect()
}

#[test]
fn a_page_of_people_becomes_patients_with_what_their_fields_are_called() {
    let sample = json!({"total": 2, "clients": [
        {"id": "c1", "nhs_number": "9990123012", "Last Name": "Okoro", "first_name": "Ada Mary", "dob": "1931-02-03", "sex": "F",
         "mobile": "07700 900123", "address": {"line_1": "1 High St", "town": "Leeds", "postcode": "ZZ99 3VZ"},
         "gp": {"name": "Dr Test", "practice_code": "Z99901"},
         "allergies": [{"id": 7, "substance": "Penicillin", "reaction": "Rash", "severity": "mild"}],
         "phones": [{"number": "01632 960001", "label": "home"}], "key_worker": null, "tags": ["a"]},
        {"id": "c2", "nhs_number": null, "Last Name": "Lee", "first_name": "Bo", "dob": "1940-05-06", "sex": "M",
         "mobile": "", "address": {"line_1": "2 High St", "town": "Leeds", "postcode": "ZZ99 3VZ"},
         "gp": {"name": "Dr Test", "practice_code": "Z99901"}, "allergies": [], "phones": [], "key_worker": null, "tags": []}]});
    let bundles = runs("clients", &[sample]);
    let patient = &bundles[0]["entry"][0]["resource"];
    assert_eq!(patient["name"][0]["family"], "Okoro");
    assert_eq!(patient["name"][0]["given"], json!(["Ada", "Mary"]));
    assert_eq!(patient["birthDate"], "1931-02-03");
    assert_eq!(patient["gender"], "female");
    assert_eq!(patient["address"][0]["postalCode"], "ZZ99 3VZ");
    assert_eq!(patient["generalPractitioner"][0]["identifier"]["value"], "Z99901");
    let allergy = &bundles[0]["entry"][1]["resource"];
    assert_eq!(allergy["resourceType"], "AllergyIntolerance");
    assert_eq!(allergy["reaction"][0]["manifestation"][0]["text"], "Rash");
    assert_eq!(allergy["patient"]["reference"], format!("Patient/{}", patient["id"].as_str().expect("an id")));
}

#[test]
fn payloads_of_other_shapes_become_skeletons_that_run() {
    let cases = [
        ("people", json!([{"PersonID": 1, "Surname": "A", "Forename": "B", "DateOfBirth": "1931-01-01T00:00:00"}])),
        ("person", json!({"surname": "A", "forename": "B", "dob": "1931-01-01", "medications": ["Senna", "Warfarin"]})),
        (
            "medications",
            json!({"clientId": "c", "medications": [{"id": 1, "name": "Senna", "dose": "One", "start": "2026-01-01"}]}),
        ),
        (
            "vitals",
            json!({"readings": [{"resident_id": 4, "type": "Weight", "value": 47.2, "unit": "kg", "taken_at": "2026-10-19T07:30:00Z"}]}),
        ),
        ("odd", json!({"a b": {"c.d": [1, 2, {"x": null}], "e f": 5}, "n": null})),
        (
            "plain",
            json!({"client": {"details": {"id": "9", "name": {"first": "A", "last": "B"}, "dob": "1931-01-01"}}, "person": "x"}),
        ),
        ("maps", json!({"answers": {"2026-01-01": "x", "2026-01-02": 1}, "id": 4})),
        (
            "visits",
            json!({"visits": [{"id": "v1", "clientId": "c1", "start": "2026-10-19T07:30:00Z", "end": "2026-10-19T08:00:00Z", "status": "done"}]}),
        ),
    ];
    for (message, sample) in cases {
        let bundles = runs(message, &[sample]);
        assert!(bundles[0]["entry"].as_array().is_some_and(|entries| !entries.is_empty()), "{message}");
    }
}

#[test]
fn what_nobody_has_decided_is_found_with_its_line() {
    let sample = json!({"id": "1", "surname": "A", "forename": "B", "star_sign": "leo"});
    let (made, _) = made("person", &[sample]);
    let held = made.files.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes())).collect();
    let open = undecided("acme", &Folder::Held(Arc::new(held)));
    let map = &made.files.iter().find(|file| file.path == "person/map.yaml").expect("a map").text;
    assert_eq!(open.len(), made.undecided);
    assert_eq!((open[0].file.as_str(), open[0].severity), ("acme/person/map.yaml", Severity::Warning));
    assert!(map.lines().nth(open[0].span.line - 1).is_some_and(|line| line.contains("star_sign")));
}

#[test]
fn a_further_message_joins_the_vendor_file_that_is_there() {
    let request = Request { vendor: "acme".into(), message: "visits".into(), format: None };
    for (have, wanted) in [
        ("id: acme\nmessages: [clients]  # all\n", "id: acme\nmessages: [clients, visits]  # all\n"),
        ("messages:\n  - clients\nrefuse: []\n", "messages:\n  - clients\n  - visits\nrefuse: []\n"),
    ] {
        assert_eq!(write::vendor_yaml(&request, Some(have)), wanted);
    }
}

#[test]
fn names_of_messages_are_made_of_names_of_files() {
    for (file, wanted) in
        [("01_Clients page.json", "clients-page"), ("/a/b/Visits.v2.xml", "visits"), ("7.json", "message")]
    {
        assert_eq!(message_name(file), wanted);
    }
    assert!(is_name("acme-care2") && !is_name("Acme") && !is_name("a_b") && !is_name("-a"));
}

#[test]
fn a_key_that_stands_around_the_person_tells_people_apart_and_a_name_alone_never_does() {
    let record = json!({"exported": 1, "serviceUser": {"suRef": 20817, "person": {
        "legalName": {"first": "Ada", "last": "Okoro"}, "born": "03/02/1931", "nhs": {"number": "9990123012"}}}});
    let (record, _) = made("support-record", &[record]);
    let map = &record.files.iter().find(|file| file.path.ends_with("map.yaml")).expect("a map").text;
    assert!(map.contains("id: [person.suRef]") && map.contains("at: serviceUser\n"), "{map}");
    assert_eq!(record.warnings, Vec::<String>::new());

    let keyless = json!({"people": [
        {"surname": "Okoro", "forename": "Ada", "dob": "1931-02-03"}, {"surname": "Lee", "forename": "Ada", "dob": "1940-05-06"}]});
    let (keyless, _) = made("people", &[keyless]);
    let map = &keyless.files.iter().find(|file| file.path.ends_with("map.yaml")).expect("a map").text;
    assert!(map.contains("id: [person.surname, person.forename, person.dob]"), "{map}");
    assert!(keyless.warnings.iter().any(|one| one.contains("would become one")), "{:?}", keyless.warnings);
}

#[test]
fn who_works_there_becomes_no_patient() {
    let staff = json!({"staff": [{"staffRef": "S-14", "firstName": "Ann", "lastName": "Lee", "dob": "1980-01-01"}]});
    let bundles = runs("staff", &[staff]);
    assert_eq!(bundles[0]["entry"][0]["resource"]["resourceType"], "Practitioner");
}

#[test]
fn the_outermost_element_of_a_file_may_be_called_after_a_home() {
    let export = json!({"HomeExport": {"@version": "3", "Resident": [
        {"@ref": "R1", "Name": {"@first": "Edith", "@last": "Poole"}, "Born": "1931-02-03", "Sex": "F"},
        {"@ref": "R2", "Name": {"@first": "Arthur", "@last": "Poole"}, "Born": "1932-02-03", "Sex": "M"}]}});
    let bundles = runs("home-export", &[export]);
    assert_eq!(bundles[0]["entry"][1]["resource"]["name"][0]["given"], json!(["Arthur"]));
}
