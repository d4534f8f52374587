//! The built-in plugin `soap-mar`: its examples both ways, encodings, envelopes and faults of SOAP, and the reference
//! samples of archetype A4 where they lie beside the project.

use crate::difficulties::goldens::{outputs, samples};
use crate::{faults, leaves, resources, vendor};
use ginnel_mappings::format::{Document, Limits, SourceFile};
use ginnel_mappings::translate::{Context, ItemVerdict, Translated};
use serde_json::Value;

fn read(message: &str, bytes: &[u8]) -> Result<Document, Vec<ginnel_schemas::issue::Issue>> {
    let message = vendor("soap-mar").message(message).expect("a message");
    message.read(&[SourceFile::new("answer.xml", bytes.to_vec())], &Limits::default())
}

fn translated(message: &str, bytes: &[u8]) -> (Document, Translated) {
    let document = read(message, bytes).unwrap_or_else(|issues| panic!("{issues:?}"));
    let message = vendor("soap-mar").message(message).expect("a message");
    let out = message.translate(&document.tree, message.check(&document.tree), &Context::new());
    (document, out)
}

#[test]
fn every_example_is_fhir_without_a_fault_and_goes_back_byte_for_byte() {
    let plugin = vendor("soap-mar");
    assert!(plugin.examples.len() >= 4);
    for (name, file, bytes) in &plugin.examples {
        let (document, out) = translated(name, bytes);
        assert!(out.items.iter().all(|item| item.verdict != ItemVerdict::Refused), "{name} {file}: {:?}", out.issues);
        for resource in out.items.iter().flat_map(|item| &item.resources) {
            assert_eq!(faults(resource), [], "{name} {resource}");
        }
        let rows: Vec<&str> = out.account.iter().map(|row| row.pointer.as_str()).collect();
        assert_eq!(rows, leaves(&document.tree), "{name} {file}");
        let message = plugin.message(name).expect("a message");
        let put = message.to_vendor(&out.bundle(), std::slice::from_ref(&document.tree), &Context::new());
        let files = [SourceFile::new("answer.xml", bytes.clone())];
        let written = message.write(&put.payload, &files).expect("writes");
        assert!(written[0].bytes == *bytes, "{name} {file}: {}", String::from_utf8_lossy(&written[0].bytes));
    }
}

#[test]
fn a_fault_of_soap_is_no_record() {
    let fault = br#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
        <faultcode>s:Server</faultcode><faultstring>No licence</faultstring></s:Fault></s:Body></s:Envelope>"#;
    for message in ["service-users", "medication-charts", "observations"] {
        let issues = read(message, fault).expect_err("a fault");
        assert!(issues[0].text.contains("SOAP Fault"), "{issues:?}");
    }
}

fn one_person(head: &str, prefix: &str, name: &str) -> String {
    format!(
        r#"{head}<{prefix}:Envelope xmlns:{prefix}="http://www.w3.org/2003/05/soap-envelope"><{prefix}:Body><v:GetServiceUserResponse xmlns:v="urn:other:v7"><v:GetServiceUserResult><v:ServiceUser Id="1" IsActive="Y"><v:Names><v:Name type="LEGAL"><v:Family>{name}</v:Family></v:Name></v:Names><v:Sex>2</v:Sex></v:ServiceUser></v:GetServiceUserResult></v:GetServiceUserResponse></{prefix}:Body></{prefix}:Envelope>"#
    )
}

#[test]
fn other_prefixes_namespaces_and_encodings_are_read() {
    let family = |bytes: &[u8]| {
        let (_, out) = translated("service-users", bytes);
        resources(&out, "Patient")[0]["name"][0]["family"].as_str().unwrap_or_default().to_string()
    };
    let utf8 = one_person(r#"<?xml version="1.0" encoding="utf-8"?>"#, "env", "Brontë");
    assert_eq!(family(utf8.as_bytes()), "Brontë");
    let latin = one_person(r#"<?xml version="1.0" encoding="ISO-8859-1"?>"#, "S", "Bront\u{eb}");
    let latin: Vec<u8> = latin.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    assert_eq!(family(&latin), "Brontë");
    let mut wide = vec![0xff, 0xfe];
    let text = one_person(r#"<?xml version="1.0" encoding="UTF-16"?>"#, "e", "Brontë");
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(family(&wide), "Brontë");
}

#[test]
fn bytes_that_are_no_text_in_the_declared_encoding_are_refused() {
    let mut bytes = one_person(r#"<?xml version="1.0" encoding="utf-8"?>"#, "e", "Bront").into_bytes();
    let at = bytes.windows(5).position(|part| part == b"Bront").expect("the name");
    bytes[at + 4] = 0xeb;
    assert!(read("service-users", &bytes).is_err());
}

fn grid(items: &str) -> String {
    format!(
        r#"<Envelope><Body><GetMedicationChartResponse><Chart id="K" serviceUserId="1" cycleStart="05-10-2026" days="28" issue="1"><Legend><Mark code="1" meaning="Given"/></Legend><Slots><Slot code="BK" time="0800"/><Slot code="EA" time="0130"/></Slots>{items}</Chart></GetMedicationChartResponse></Body></Envelope>"#
    )
}

#[test]
fn the_hour_that_comes_twice_leaves_the_day_of_a_slot_and_an_interval_of_a_dose_when_required() {
    let text = grid(
        r#"<Item no="1" status="C"><Drug>Senna 7.5mg tablets</Drug><Grid><D d="25" EA="9/AB"/></Grid><PrnGrid><P date="25-10-2026" time="0130" qty="1" mark="1/AB"/></PrnGrid></Item>"#,
    );
    let (_, out) = translated("medication-charts", text.as_bytes());
    let doses = resources(&out, "MedicationAdministration");
    assert_eq!(doses.len(), 2);
    let slot = doses.iter().find(|one| one["status"] == "unknown").expect("the slot's");
    assert_eq!(slot["effectiveDateTime"], "2026-10-25");
    let when_required = doses.iter().find(|one| one["status"] == "completed").expect("the other");
    assert_eq!(when_required["effectivePeriod"]["start"], "2026-10-25T01:30:00+01:00");
    assert_eq!(when_required["effectivePeriod"]["end"], "2026-10-25T01:30:00+00:00");
}

#[test]
fn a_number_that_is_no_day_of_the_cycle_gives_no_date() {
    let text =
        grid(r#"<Item no="1" status="C"><Drug>Senna 7.5mg tablets</Drug><Grid><D d="3" BK="1/AB"/></Grid></Item>"#);
    let (_, out) = translated("medication-charts", text.as_bytes());
    let doses = resources(&out, "MedicationAdministration");
    assert!(doses[0]["effectiveDateTime"].is_null(), "{}", doses[0]);
    assert_eq!(doses[0]["status"], "completed");
}

#[test]
fn the_code_of_a_key_safe_is_withheld_from_every_text() {
    let text = one_person("", "e", "Lee").replace(
        "<v:Sex>2</v:Sex>",
        "<v:Sex>2</v:Sex><v:KeySafe>7391</v:KeySafe><v:Background>Daughter keeps 7391 in mind</v:Background>",
    );
    let (_, out) = translated("service-users", text.as_bytes());
    let bundle = out.bundle().to_string();
    assert!(bundle.contains("Daughter") && !bundle.contains("7391"), "{bundle}");
}

#[test]
fn the_samples_give_the_facts_of_the_same_people() {
    let Some(folder) = samples() else { return };
    let all = outputs(&folder);
    let output = all.iter().find(|output| output.plugin == "soap-mar").expect("the samples");
    let find = |kind: &str, value: &str| -> &Value {
        let has = |one: &&Value| {
            one["resourceType"] == kind
                && one["identifier"].as_array().is_some_and(|all| all.iter().any(|id| id["value"] == value))
        };
        output.resources.iter().find(has).unwrap_or_else(|| panic!("no {kind} {value}"))
    };
    let sunita = find("Patient", "9991004688");
    assert_eq!((&sunita["gender"], &sunita["birthDate"]), (&"female".into(), &"1931".into()));
    assert_eq!(find("Patient", "10391")["link"][0]["type"], "replaced-by");
    let furosemide = find("MedicationAdministration", "MC-2026-088-10443/1/24/BK");
    assert_eq!(furosemide["status"], "not-done");
    assert_eq!(furosemide["effectiveDateTime"], "2026-10-24T08:00:00+01:00");
    let codings = furosemide["statusReason"][0]["coding"].as_array().expect("codings");
    assert!(codings.iter().any(|coding| coding["code"] == "withheld-clinical"), "{furosemide}");
    for (row, day, amount) in [("3", "22", 1), ("4", "21", 1), ("4", "24", 1)] {
        let warfarin = find("MedicationAdministration", &format!("MC-2026-088-10443/{row}/{day}/TE"));
        assert_eq!(warfarin["dosage"]["dose"]["value"], amount, "{row} {day}");
    }
    let none = output.resources.iter().filter(|one| {
        one["identifier"][0]["value"] == "MC-2026-088-10443/3/21/TE"
            || one["identifier"][0]["value"] == "MC-2026-088-10443/1/20/BK"
    });
    assert_eq!(none.count(), 0);
    assert_eq!(find("MedicationAdministration", "MC-2026-088-10443/6/24/BK")["status"], "unknown");
    assert_eq!(find("MedicationAdministration", "MC-2026-088-10443/2/25/t0800")["status"], "not-done");
}
