//! The plugin `csv-export`: a set of tables as an agency exports them, with what spreadsheets and people did to them.

use crate::{faults, leaves, message, vendor};
use ginnel_mappings::format::{Document, Limits, SourceFile};
use ginnel_mappings::registry::Message;
use ginnel_mappings::translate::{Context, Translated};
use serde_json::Value;

const PLUGIN: &str = "csv-export";

fn read(message: &Message, files: &[(&str, &str)]) -> Document {
    let files: Vec<SourceFile> = files.iter().map(|(name, text)| SourceFile::new(*name, text.as_bytes())).collect();
    message.read(&files, &Limits::default()).expect("the files can be read")
}

fn translate(message: &Message, document: &Document) -> Translated {
    let issues = document.issues.iter().cloned().chain(message.check(&document.tree)).collect();
    let mut translated = message.translate(&document.tree, issues, &Context::new());
    document.place(&mut translated.issues);
    translated
}

fn of_kind<'t>(bundle: &'t Value, kind: &str) -> Vec<&'t Value> {
    let entries = bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
    entries.filter(|one| one["resourceType"] == kind).collect()
}

#[test]
fn a_damaged_number_is_named_by_its_cell_and_the_person_goes_on() {
    let message = message(PLUGIN, "export");
    let clients = "ID,*First Name,*Last Name,NHS Number,Status\nELMZOE,Zoe,Elm,9.99426E+09,Active\n";
    let translated = translate(message, &read(message, &[("clients.csv", clients)]));
    let cell = "clients.csv row 2, column D \"NHS Number\"";
    assert!(translated.issues.iter().any(|one| one.address.as_deref() == Some(cell)), "{:?}", translated.issues);
    assert_eq!(of_kind(&translated.bundle(), "Patient").len(), 1);
}

#[test]
fn a_damaged_dose_refuses_its_row_and_no_other() {
    let message = message(PLUGIN, "export");
    let medicines =
        "*Client ID,*Medication Name,Dosage,Discontinued\nELMZOE,Senna tablets,01-Feb,No\nELMZOE,Iron tablets,1,No\n";
    let translated = translate(message, &read(message, &[("medications.csv", medicines)]));
    let bundle = translated.bundle();
    let made = of_kind(&bundle, "MedicationRequest");
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["medicationCodeableConcept"]["text"], "Iron tablets");
    let said = translated.issues.iter().find(|one| one.is_error()).expect("an error");
    assert_eq!(said.address.as_deref(), Some("medications.csv row 2, column C \"Dosage\""));
}

#[test]
fn a_code_of_a_key_safe_is_withheld_from_every_row_about_the_same_person() {
    let message = message(PLUGIN, "export");
    let clients = "ID,*First Name,*Last Name,*Postcode,Key Safe Number,Status\nELMZOE,Zoe,Elm,ZZ7 1AA,6391,Active\n";
    let chart = "Date,Actual Time,Client,Postcode,Medication,Status,Notes\n\
                 21/10/2026,08:00,\"Elm, Zoe\",ZZ7 1AA,Senna,Taken,let myself in 6391\n";
    let plans = "Client ID,Section,Need\nELMZOE,Access,number is 6391\n";
    let files = [("clients.csv", clients), ("mar_entries.csv", chart), ("care_plans.csv", plans)];
    let translated = translate(message, &read(message, &files));
    let bundle = translated.bundle().to_string();
    assert!(bundle.contains("let myself in") && !bundle.contains("6391"), "{bundle}");
}

#[test]
fn a_copy_of_a_row_is_one_dose_and_two_attempts_are_two() {
    let message = message(PLUGIN, "export");
    let chart = "Date,Planned Time,Actual Time,Client ID,Medication,Status\n\
                 21/10/2026,08:00,08:01,ELMZOE,Senna,Refused\n\
                 21/10/2026,08:00,08:30,ELMZOE,Senna,Taken\n\
                 21/10/2026,08:00,08:30,ELMZOE,Senna,Taken\n";
    let bundle = translate(message, &read(message, &[("mar_entries.csv", chart)])).bundle();
    let statuses: Vec<&Value> = of_kind(&bundle, "MedicationAdministration").iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["not-done", "completed"]);
}

#[test]
fn the_samples_of_tables_conform_and_each_cell_has_its_row_in_the_account() {
    let Some(folder) = crate::difficulties::goldens::samples() else { return };
    let vendor = vendor(PLUGIN).for_tenant(Some("abbreviations")).expect("the tenant is there");
    let message = vendor.message("export").expect("a message");
    let entries = std::fs::read_dir(folder.join("a3_csv_bundle")).expect("the samples");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let files: Vec<SourceFile> = paths
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            SourceFile::new(name, std::fs::read(&path).expect("a sample"))
        })
        .collect();
    let document = message.read(&files, &Limits::default()).expect("the files can be read");
    let translated = translate(message, &document);
    let rows: Vec<&str> = translated.account.iter().map(|row| row.pointer.as_str()).collect();
    assert_eq!(rows, leaves(&document.tree));
    let errors: Vec<_> = translated.issues.iter().filter(|one| one.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let bundle = translated.bundle();
    for one in bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]) {
        let found = faults(one);
        assert!(found.is_empty(), "{found:?}");
    }
    // What is written back is what was read, byte for byte.
    let put = message.to_vendor(&bundle, std::slice::from_ref(&document.tree), &Context::new());
    let tables: Vec<SourceFile> = files.iter().filter(|file| file.name.ends_with(".csv")).cloned().collect();
    let mut written = message.write(&put.payload, &tables).expect("the tables can be written");
    let mut tables = tables;
    written.sort_by(|a, b| a.name.cmp(&b.name));
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(written, tables);
}

#[test]
fn a_medicine_given_when_required_keeps_its_name_and_tabs_come_into_an_empty_table() {
    let message = message(PLUGIN, "export");
    let medicines = "*Client ID,*Medication Name,Medication Type,Dosage,*Start Date,Discontinued\n\
                     ELMZOE,Senna 7.5mg tablets,PRN,2,01/02/2026,No\n\
                     ELMZOE,Folic acid 5mg TABS,Regular,1,01/02/2026,No\n";
    let document = read(message, &[("medications.csv", medicines)]);
    let bundle = translate(message, &document).bundle();
    let back = message.to_vendor(&bundle, std::slice::from_ref(&document.tree), &Context::new());
    assert_eq!(back.payload, document.tree);
    let new = message.to_vendor(&bundle, &[], &Context::new());
    assert!(!new.issues.iter().any(|one| one.is_error()), "{:?}", new.issues);
    let rows = new.payload["medications"].as_array().expect("rows");
    let names: Vec<&Value> = rows.iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["Senna 7.5mg tablets", "Folic acid 5mg TABS"]);
    assert!(message.write(&new.payload, &[]).is_ok(), "each row says its cells again");
}
