//! Messages of HL7 v2: read, addressed and written back byte for byte.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const RDE: &str = "MSH|^~\\&|PMR|FZZ01|R|R|20261020143000||RDE^O11^RDE_O11|RX1|P|2.5|||AL|NE|GBR|UNICODE UTF-8\r\
    PID|1||9990457727^^^NHS^NH~RX4^^^RXX^MR||PILBEAM^D\\T\\N|\"\"||\r\
    ORC|NW|RX-1^PMR\rRXE|1&TAB^QAM|317^Furosemide^DMD||\rRXR|PO\rZCD|SCHED2\r\
    ORC|NW|RX-2^PMR\rRXE||^Warfarin^||\rRXR|PO\rRXR|SL\r";

fn options() -> Options {
    let holds = ["RXE", "RXR", "NTE", "Z*"].map(str::to_string).to_vec();
    let orders = Group { name: "orders".into(), starts: "ORC".into(), holds, groups: Vec::new() };
    Options { groups: vec![orders], ..Options::default() }
}

fn shape() -> SourceShape {
    SourceShape::new(json!({"type": "object", "properties": {
        "MSH": {"type": "object"},
        "PID": {"type": "object", "properties": {
            "3": {"type": "array", "items": {"type": "object"}},
            "5": {"type": "array", "items": {"type": "object"}},
            "6": {"type": ["string", "null"]}}},
        "orders": {"type": "array", "items": {"type": "object", "properties": {
            "ORC": {"type": "object"}, "RXE": {"type": "object"},
            "RXR": {"type": "array", "items": {"type": "object"}}, "ZCD": {"type": "object"}}}},
        "OBX": {"type": "array", "items": {"type": "object"}}}}))
}

fn file(text: &str) -> Vec<SourceFile> {
    vec![SourceFile::new("a.hl7", text)]
}

fn read_text(text: &str) -> Document {
    read(&options(), &file(text), &shape(), &Limits::default()).expect("a message")
}

#[test]
fn segments_fields_and_groups_are_members_and_places_are_told_in_hl7s_words() {
    let document = read_text(RDE);
    let tree = &document.tree;
    assert_eq!(tree["PID"]["3"][1]["1"], "RX4");
    assert_eq!(tree["PID"]["5"][0]["2"], "D&N");
    assert_eq!(tree["PID"]["6"], Value::Null);
    assert!(tree["PID"].get("6").is_some() && tree["PID"].get("7").is_none());
    assert_eq!(tree["orders"][0]["RXE"]["1"]["1"], json!({"1": "1", "2": "TAB"}));
    assert_eq!(tree["orders"][0]["ZCD"]["1"], "SCHED2");
    assert_eq!(tree["orders"][1]["RXR"][1]["1"], "SL");
    assert_eq!(tree["MSH"]["9"]["2"], "O11");
    let addresses = document.addresses.expect("addresses");
    let cases = [
        ("/PID/3/1/1", "PID[1]-3(2).1"),
        ("/orders/1/RXE/2/2", "RXE[2]-2.2"),
        ("/orders/0/RXE/1/1/2", "RXE[1]-1.1.2"),
        ("/orders/1", "ORC[2]"),
        ("/orders/1/RXR/1/1", "RXR[3]-1"),
    ];
    for (pointer, wanted) in cases {
        assert_eq!(addresses.of(pointer).as_deref(), Some(wanted), "{pointer}");
        assert_eq!(Location::from_text(wanted).expect("a place").to_string(), wanted);
    }
}

#[test]
fn a_message_comes_back_byte_for_byte_whatever_ends_its_lines() {
    for end in ["\r", "\n", "\r\n", "\r\r\n"] {
        for text in [RDE.to_string(), format!("\u{b}{RDE}\u{1c}\r"), RDE.trim_end().to_string()] {
            let text = text.replace('\r', end);
            let files = file(&text);
            let document = read_text(&text);
            assert_eq!(write(&options(), &document.tree, &files, &shape()), Ok(files), "{text:?}");
        }
    }
    let odd = "MSH@*#!%@A@@@@@@ADT*A01@1@P@2.3\rPID@1@@9*a!S!b%c#d\rZZZ\rPV1@@@\r";
    let files = file(odd);
    let document = read_text(odd);
    assert_eq!(document.tree["PID"]["3"][0]["2"], json!({"1": "a*b", "2": "c"}));
    assert_eq!(write(&options(), &document.tree, &files, &shape()), Ok(files));
}

#[test]
fn what_changes_is_written_in_its_place_and_nothing_else() {
    let mut tree = read_text(RDE).tree;
    tree["PID"]["5"][0]["1"] = json!("O|NEIL");
    tree["PID"]["6"] = json!("Smith");
    tree["PID"]["7"] = Value::Null;
    tree["orders"][1]["NTE"] = json!({"1": "1", "3": "one\ntwo"});
    tree["orders"].as_array_mut().expect("a list").push(json!({"ORC": {"1": "CA"}, "RXE": {"2": {"2": "x"}}}));
    let written = write(&options(), &tree, &file(RDE), &shape()).expect("written");
    let text = String::from_utf8(written[0].bytes.clone()).expect("text");
    let wanted = RDE
        .replace("PILBEAM^D\\T\\N|\"\"||", "O\\F\\NEIL^D\\T\\N|Smith|\"\"|")
        .replace("RXR|SL\r", "RXR|SL\rNTE|1||one\\.br\\two\rORC|CA\rRXE||^x\r");
    assert_eq!(text, wanted);
    let fewer = {
        let mut tree = read_text(RDE).tree;
        tree["orders"].as_array_mut().expect("a list").remove(0);
        write(&options(), &tree, &file(RDE), &shape()).expect("written")
    };
    let without = RDE.replace("ORC|NW|RX-1^PMR\rRXE|1&TAB^QAM|317^Furosemide^DMD||\rRXR|PO\rZCD|SCHED2\r", "");
    assert_eq!(String::from_utf8(fewer[0].bytes.clone()).expect("text"), without);
}

#[test]
fn a_new_message_is_written_in_the_order_of_its_schema_and_groups() {
    let tree = read_text(RDE).tree;
    let written = write(&options(), &tree, &[], &shape()).expect("written");
    let text = String::from_utf8(written[0].bytes.clone()).expect("text");
    assert_eq!(
        text.split('\r').map(|line| line.get(..3).unwrap_or_default()).collect::<Vec<_>>(),
        ["MSH", "PID", "ORC", "RXE", "RXR", "ZCD", "ORC", "RXE", "RXR", "RXR", ""]
    );
    assert_eq!(read_text(&text).tree, tree);
}

#[test]
fn character_sets_and_types_are_those_that_are_declared() {
    let latin = b"MSH|^~\\&|A||||||ADT^A01|1|P|2.4||||||8859/1\rPID|||||Zo\xEB\r";
    let files = [SourceFile::new("", latin.to_vec())];
    let document = read(&options(), &files, &shape(), &Limits::default()).expect("a message");
    assert_eq!(document.tree["PID"]["5"][0]["1"], "Zo\u{eb}");
    assert_eq!(write(&options(), &document.tree, &files, &shape()), Ok(files.to_vec()));
    let options = Options { types: vec!["ADT^A01".into(), "RDE^*".into()], ..options() };
    assert!(read(&options, &files, &shape(), &Limits::default()).is_ok());
    assert!(read(&options, &file(RDE), &shape(), &Limits::default()).is_ok());
    let other = RDE.replace("RDE^O11^RDE_O11", "ADT^A08");
    let refused = read(&options, &file(&other), &shape(), &Limits::default()).expect_err("another type");
    assert_eq!(refused[0].address.as_deref(), Some("MSH[1]-9"));
}

#[test]
fn what_is_no_message_is_refused_with_its_line() {
    for text in
        ["", "PID|1", "MSH", "MSH|", "MSH|^", "MSH|^^\\&|", "MSH|^~\\&|A\nhello\nPID|1", "MSH|^~\\&|A\rMSH|^~\\&|B"]
    {
        assert!(read(&options(), &file(text), &shape(), &Limits::default()).is_err(), "{text:?}");
    }
    // A segment without a field has no text that a line feed could stand in: what follows it would be lost.
    for tail in ["AA0\n.", "AA0\n.\rPV1|1", "ZZ1\n\n|x"] {
        let text = format!("MSH|^~\\&|A\r{tail}");
        match read(&options(), &file(&text), &shape(), &Limits::default()) {
            Ok(document) => {
                assert_eq!(write(&options(), &document.tree, &file(&text), &shape()), Ok(file(&text)), "{text:?}")
            }
            Err(issues) => assert!(issues[0].text.contains("is no segment"), "{issues:?}"),
        }
    }
    let feed = "MSH|^~\\&|A\rOBX|1|TX|||first\nsecond\rOBX|2\r";
    assert_eq!(read_text(feed).tree["OBX"][0]["5"], "first\nsecond");
}

#[test]
fn a_batch_is_a_list_of_messages_where_msh_starts_a_group() {
    let text = "FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|A||||||ADT^A01|1\rPID|1\rMSH|^~\\&|A||||||ADT^A01|2\rPID|1\rBTS|2\rFTS|1\r";
    let group = Group { name: "messages".into(), starts: "MSH".into(), holds: vec!["PID".into()], groups: Vec::new() };
    let options = Options { groups: vec![group], ..Options::default() };
    let files = file(text);
    let document = read(&options, &files, &shape(), &Limits::default()).expect("a batch");
    assert_eq!(document.tree["messages"][1]["MSH"]["10"], "2");
    assert_eq!(document.tree["FTS"]["1"], "1");
    assert_eq!(write(&options, &document.tree, &files, &shape()), Ok(files));
}

#[test]
fn a_segment_whose_group_was_not_begun_ends_no_other() {
    let text = "MSH|^~\\&|A||||||RAS^O17|1\rPID|1\rRXA|0\rORC|RE|1\rRXA|1\r";
    let orders = Group { name: "orders".into(), starts: "ORC".into(), holds: vec!["RXA".into()], groups: Vec::new() };
    let group =
        Group { name: "messages".into(), starts: "MSH".into(), holds: vec!["PID".into()], groups: vec![orders] };
    let options = Options { groups: vec![group], ..Options::default() };
    let files = file(text);
    let document = read(&options, &files, &shape(), &Limits::default()).expect("a message");
    assert_eq!(document.tree["messages"][0]["orders"][0]["RXA"]["1"], "1");
    assert_eq!(document.tree["RXA"]["1"], "0");
    assert_eq!(write(&options, &document.tree, &files, &shape()), Ok(files));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), tail in "[A-Z0-9|^~&\\\\\"\r\n.X]{0,120}") {
        let _ = read(&options(), &[SourceFile::new("", bytes.clone())], &shape(), &Limits::default());
        let mut framed = b"MSH|^~\\&|".to_vec();
        framed.extend_from_slice(tail.as_bytes());
        framed.extend(bytes);
        let files = [SourceFile::new("", framed)];
        if let Ok(document) = read(&options(), &files, &shape(), &Limits::default()) {
            prop_assert_eq!(write(&options(), &document.tree, &files, &shape()), Ok(files.to_vec()));
        }
        let _ = acknowledge::Header::of(&files[0].bytes);
    }

    #[test]
    fn values_written_new_are_read_again(texts in proptest::collection::vec("[ -~\u{e9}\n]{0,12}", 1..8)) {
        let fields: Map<String, Value> = texts.iter().enumerate().filter(|(_, text)| !text.is_empty())
            .map(|(at, text)| ((at + 1).to_string(), json!({"2": text}))).collect();
        prop_assume!(!fields.is_empty());
        let tree = json!({"MSH": {"1": "|", "2": "^~\\&", "3": {"1": "a"}}, "OBX": [fields]});
        let written = write(&options(), &tree, &[], &shape()).expect("written");
        let again = read(&options(), &written, &shape(), &Limits::default()).expect("a message");
        prop_assert_eq!(&again.tree["OBX"], &tree["OBX"]);
    }
}
