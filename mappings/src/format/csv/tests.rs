//! Tables: what is read, what is said of damaged cells, what is written back.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn tables() -> Tables {
    let table = |list: &str, file: &str| Table {
        list: list.into(),
        file: Some(file.into()),
        columns: Vec::new(),
        adds: Vec::new(),
    };
    let mut clients = table("clients", "clients*.csv");
    clients.columns = vec![("nhs_no".into(), vec!["NHS No".into(), "NHS number".into()])];
    Tables { tables: vec![clients, table("visits", "visits*.csv")], ..Tables::default() }
}

fn shape() -> SourceShape {
    let text = json!({"type": "string"});
    SourceShape::new(json!({"properties": {
        "clients": {"type": "array", "items": {"properties": {"ref": text, "nhs_no": {"type": "string", "pattern": "^\\d{10}$"}, "dob": {"type": "string", "format": "date"}, "dose": text, "mobile": text}}},
        "visits": {"type": "array", "items": {"properties": {"id": text, "client": text, "notes": text}}}}}))
}

fn read_one(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Document, Vec<Issue>> {
    read(&tables(), &[SourceFile::new(name, bytes)], &shape(), &Limits::default())
}

#[test]
fn related_files_become_one_tree_of_texts() {
    let files = [
        SourceFile::new("Clients_2026.CSV", "ref,NHS  number\r\nC1,0990123012\r\n"),
        SourceFile::new("visits.csv", "id;client;notes\n1;C1;\"two\nlines; one \"\"quote\"\"\"\n"),
    ];
    let document = read(&tables(), &files, &shape(), &Limits::default()).expect("reads");
    assert_eq!(
        document.tree,
        json!({"clients": [{"ref": "C1", "nhs_no": "0990123012"}], "visits": [{"id": "1", "client": "C1", "notes": "two\nlines; one \"quote\""}]})
    );
    let addresses = document.addresses.expect("addresses");
    assert_eq!(addresses.of("/clients/0/nhs_no").as_deref(), Some("Clients_2026.CSV row 2, column B \"NHS  number\""));
    assert_eq!(addresses.of("/visits/0").as_deref(), Some("visits.csv row 2"));
}

#[test]
fn damaged_cells_are_named() {
    let cases = [
        ("nhs_no", "9.99E+09", IssueKey::SourceDamaged),
        ("nhs_no", "990123012", IssueKey::SourceDamaged),
        ("ref", "123456789012345000", IssueKey::SourceDamaged),
        ("ref", "#########", IssueKey::SourceDamaged),
        ("ref", "#N/A", IssueKey::SourceDamaged),
        ("dob", "45935", IssueKey::SourceDamaged),
        ("dose", "01-Feb", IssueKey::SourceDamaged),
        ("mobile", "7700900123", IssueKey::SourceSuspicious),
        ("ref", "Zo\u{c3}\u{ab}", IssueKey::SourceSuspicious),
        ("ref", "\"=\"\"012\"\"\"", IssueKey::SourceSuspicious),
    ];
    for (column, cell, key) in cases {
        let document = read_one("clients.csv", format!("{column},other\n{cell},x\n")).expect("reads");
        let found: Vec<_> = document.issues.iter().map(|issue| issue.key).collect();
        assert_eq!(found, [key], "{column} {cell}");
        let address = document.issues[0].address.as_deref().unwrap_or_default();
        assert_eq!(address, format!("clients.csv row 2, column A \"{column}\""), "{cell}");
    }
    for (column, cell) in [
        ("dose", "1-2"),
        ("dob", "1938-04-12"),
        ("nhs_no", "9990123012"),
        ("mobile", "07700 900123"),
        ("ref", "caf\u{e9}"),
    ] {
        let document = read_one("clients.csv", format!("{column},other\n{cell},x\n")).expect("reads");
        assert_eq!(document.issues, [], "{column} {cell}");
    }
}

#[test]
fn a_row_of_another_length_is_refused_by_its_number() {
    let document = read_one("visits.csv", "id,client,notes\n1,C1,a\n2,C1,a,b\n3,C1\n").expect("reads");
    let told: Vec<_> =
        document.issues.iter().map(|issue| (issue.pointer.as_deref(), issue.address.as_deref())).collect();
    assert_eq!(told, [(Some("/visits/1"), Some("visits.csv row 3")), (Some("/visits/2"), Some("visits.csv row 4"))]);
    assert_eq!(document.tree["visits"][1]["#beyond"], json!(["b"]), "nothing is lost");
}

#[test]
fn what_is_no_table_of_this_message_is_said() {
    for (name, bytes) in
        [("other.csv", "a\n1\n"), ("visits.csv", ""), ("visits.csv", "id,id\n1,2\n"), ("visits.csv", "id,\n1,2\n")]
    {
        let issues = read_one(name, bytes).expect_err(name);
        assert!(issues.iter().all(|issue| issue.key == IssueKey::SourceLayout && issue.hint.is_some()), "{issues:?}");
    }
}

#[test]
fn an_unchanged_tree_is_written_byte_for_byte_and_a_changed_row_alone() {
    for text in [
        "id,client,notes\r\n1,C1,\"a,b\"\r\n\r\n2,\"C1\",c\r\n,,\r\n",
        "id;client;notes\n1;C1;a",
        "\"id\",\"client\",\"notes\"\n\"1\",\"C1\",\"\"\n",
    ] {
        let file = SourceFile::new("visits.csv", text);
        let document = read(&tables(), std::slice::from_ref(&file), &shape(), &Limits::default()).expect("reads");
        let written = write(&tables(), &document.tree, std::slice::from_ref(&file), &shape()).expect("writes");
        assert_eq!(written, std::slice::from_ref(&file), "{text:?}");
        let mut tree = document.tree;
        tree["visits"][0]["notes"] = json!("now \"x\"");
        let written = write(&tables(), &tree, std::slice::from_ref(&file), &shape()).expect("writes");
        let again = read(&tables(), &written, &shape(), &Limits::default()).expect("reads");
        assert_eq!(again.tree, tree, "{text:?}");
    }
}

#[test]
fn without_a_previous_file_the_schema_gives_the_columns() {
    let tree = json!({"visits": [{"client": "C1", "id": "1", "extra": "x"}]});
    let written = write(&tables(), &tree, &[], &shape()).expect("writes");
    assert_eq!(written, [SourceFile::new("visits.csv", "id,client,notes,extra\r\n1,C1,,x\r\n")]);
}

#[test]
fn formulas_that_hold_texts_are_read_and_written_as_they_were() {
    let tables = Tables { text_formulas: true, ..tables() };
    let file = SourceFile::new("visits.csv", "id,client,notes\n\"=\"\"01\"\"\",C1,a\n");
    let mut document = read(&tables, std::slice::from_ref(&file), &shape(), &Limits::default()).expect("reads");
    assert_eq!(document.tree["visits"][0]["id"], "01");
    document.tree["visits"][0]["notes"] = json!("b");
    let written = write(&tables, &document.tree, std::slice::from_ref(&file), &shape()).expect("writes");
    assert_eq!(String::from_utf8_lossy(&written[0].bytes), "id,client,notes\n\"=\"\"01\"\"\",C1,b\n");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_one("clients.csv", bytes);
    }

    #[test]
    fn any_table_comes_back(rows in prop::collection::vec(("[a-z]{1,4}", "[ -~\\n\\r\u{e9}\"]{0,12}", "[ -~;\t]{0,6}"), 1..6)) {
        let rows: Vec<Value> = rows.into_iter().map(|(id, client, notes)| json!({"id": id, "client": client, "notes": notes})).collect();
        let tree = json!({"visits": rows});
        let written = write(&tables(), &tree, &[], &shape()).expect("writes");
        let again = read(&tables(), &written, &shape(), &Limits::default()).expect("reads");
        prop_assert_eq!(&again.tree, &tree);
        prop_assert_eq!(write(&tables(), &again.tree, &written, &shape()).expect("writes"), written);
    }
}
