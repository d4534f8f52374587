//! Converters that authors bring as WebAssembly: what they carry, what they are refused for, and what they can never do.

use ginnel_mappings::check::check_plugin;
use ginnel_mappings::diagnostic::{Code, Severity};
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::Vendor;
use ginnel_mappings::translate::Context;
use ginnel_mappings::wasm::{Direction, MODULE_BYTES, Module, ModuleFault, Stopped};
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

const ROOM: &str = include_str!("../converters/room.wat");
const DECLARED: &str = "\
title: Rooms
class: iso
domain: { matches: 'ROOM-[0-9]{1,4}' }
examples:
  - [ROOM-12, '12']
outside: [kitchen, ROOM-, 12]
";
const MAP: &str = r#"
message: beds
items: { bed: { at: beds, key: id } }
resources:
  bed:
    type: Location
    each: bed
    id: [bed.id]
    slices: { "identifier[own]": { system: https://acme.example/bed } }
    pairs:
      bed.id: identifier[own].value
      bed.room: { to: name, as: wasm("room") }
"#;
const SCHEMA: &str = r#"{"type": "object", "properties": {"beds": {"type": "array", "items": {"type": "object",
  "required": ["id"], "properties": {"id": {"type": "string"}, "room": {"type": "string"}}}}}}"#;

/// A plugin with one converter of that declaration and module.
fn plugin(declared: &str, module: Option<&[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    };
    write("vendor.yaml", b"id: acme\ntitle: Acme\nversion: 1.0.0\nmessages: [beds]\n");
    write("beds/map.yaml", MAP.as_bytes());
    write("beds/source.schema.json", SCHEMA.as_bytes());
    write("converters/room.yaml", declared.as_bytes());
    if let Some(module) = module {
        write("converters/room.wasm", module);
    }
    folder
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("WebAssembly as text")
}

/// What is said of a plugin: code and text.
fn said(declared: &str, module: Option<&[u8]>) -> Vec<(Code, String)> {
    let folder = plugin(declared, module);
    let report = check_plugin("acme", &Folder::Disk(folder.path().to_path_buf()));
    report.diagnostics.into_iter().map(|one| (one.code, one.text)).collect()
}

/// A module whose `out` and `back` do as told.
fn module(body: &str, rest: &str) -> Vec<u8> {
    wat(&format!(
        r#"(module (memory (export "memory") 1)
          (func (export "alloc") (param i32) (result i32) (i32.const 64))
          (func (export "out") (param i32 i32) (result i64) {body})
          (func (export "back") (param i32 i32) (result i64) {body}) {rest})"#
    ))
}

#[test]
fn a_converter_carries_its_domain_both_ways_and_is_marked_as_unproven() {
    let folder = plugin(DECLARED, Some(&wat(ROOM)));
    let folder = Folder::Disk(folder.path().to_path_buf());
    let report = check_plugin("acme", &folder);
    assert!(!report.has_errors(), "{}", report.render().join("\n"));
    let note = report.diagnostics.iter().find(|one| one.code == Code::WasmUnproven).expect("a note");
    assert_eq!(note.severity, Severity::Note);

    let vendor = Vendor::load("acme", &folder).expect("loads");
    let beds = vendor.message("beds").expect("the message");
    let payload = json!({"beds": [{"id": "b1", "room": "ROOM-12"}, {"id": "b2", "room": "the kitchen"}]});
    let translated = beds.translate(&payload, beds.check(&payload), &Context::new());
    let mut bundle = translated.bundle();
    assert_eq!(bundle["entry"][0]["resource"]["name"], "12");
    assert_eq!(bundle["entry"][1]["resource"].get("name"), None);
    let kept = translated.account.iter().find(|row| row.pointer == "/beds/1/room").expect("a row");
    assert_eq!(kept.outcome.code(), "kept");
    assert!(kept.reason.as_ref().is_some_and(|why| why.contains("declared")), "{kept:?}");

    assert_eq!(beds.to_vendor(&bundle, std::slice::from_ref(&payload), &Context::new()).payload, payload);
    bundle["entry"][0]["resource"]["name"] = json!("7");
    let back = beds.to_vendor(&bundle, &[payload], &Context::new());
    assert_eq!(back.payload["beds"][0]["room"], "ROOM-7");
    assert_eq!(back.payload["beds"][1]["room"], "the kitchen");
}

#[test]
fn a_value_that_the_module_has_no_answer_for_comes_back_as_it_was() {
    let folder = plugin(DECLARED, Some(&wat(ROOM)));
    let vendor = Vendor::load("acme", &Folder::Disk(folder.path().to_path_buf())).expect("loads");
    let beds = vendor.message("beds").expect("the message");
    let payload = json!({"beds": [{"id": "b1", "room": "ROOM-12"}]});
    let mut bundle = beds.translate(&payload, Vec::new(), &Context::new()).bundle();
    bundle["entry"][0]["resource"]["name"] = json!("twelve");
    let back = beds.to_vendor(&bundle, std::slice::from_ref(&payload), &Context::new());
    assert_eq!(back.payload, payload);
    assert!(back.issues.iter().any(|issue| issue.text.contains("go out as another one")), "{:?}", back.issues);
}

#[test]
fn a_converter_that_breaks_what_it_declares_is_refused_with_the_value_that_shows_it() {
    let room = wat(ROOM);
    let cases = [
        (DECLARED.replace("[ROOM-12, '12']", "[ROOM-12, '13']"), "becomes \"12\", not \"13\""),
        (DECLARED.replace("[0-9]{1,4}", "[0-9]{0,4}"), "lies in the declared domain and is not carried"),
        (DECLARED.replace("outside: [kitchen", "outside: [ROOM-7"), "should be outside the domain"),
        (DECLARED.replace("'ROOM-[0-9]{1,4}'", "'ROOM-|HALL-[0-9]{1,4}'"), "is not carried"),
    ];
    for (declared, what) in cases {
        let found = said(&declared, Some(&room));
        assert!(found.iter().any(|(code, text)| *code == Code::WasmLaw && text.contains(what)), "{what}: {found:?}");
    }
    // Whatever goes in, the same comes out: nothing of it comes back as it was.
    let constant = module(r#"(i64.const 0x0000000000000005)"#, r#"(data (i32.const 0) "\"one\"")"#);
    let declared = DECLARED.replace("'12'", "one").replace("outside: [kitchen, ROOM-, 12]", "outside: []");
    let found = said(&declared, Some(&constant));
    assert!(
        found.iter().any(|(code, text)| *code == Code::WasmLaw && text.contains("does not come back")),
        "{found:?}"
    );
}

#[test]
fn what_is_declared_badly_is_said_at_its_place() {
    let room = wat(ROOM);
    let cases = [
        (DECLARED.replace("class: iso", "class: exact"), Code::WrongKind),
        (DECLARED.replace("domain:", "domian:"), Code::UnknownWord),
        (DECLARED.replace("'ROOM-[0-9]{1,4}'", "'ROOM-('"), Code::WrongKind),
        (DECLARED.replace("  - [ROOM-12, '12']", "  - [ROOM-12]"), Code::WrongKind),
    ];
    for (declared, code) in cases {
        let found = said(&declared, Some(&room));
        assert!(found.iter().any(|(one, _)| *one == code), "{declared}: {found:?}");
    }
    assert!(said(DECLARED, None).iter().any(|(code, text)| *code == Code::WasmModule && text.contains("room.wasm")));
}

#[test]
fn a_converter_that_nobody_declared_is_refused_with_the_near_one() {
    let folder = plugin(DECLARED, Some(&wat(ROOM)));
    fs::write(folder.path().join("beds/map.yaml"), MAP.replace("wasm(\"room\")", "wasm(\"rom\")")).expect("written");
    let report = check_plugin("acme", &Folder::Disk(folder.path().to_path_buf()));
    let fault = report.diagnostics.iter().find(|one| one.code == Code::WasmModule).expect("a fault");
    assert_eq!(fault.hint.as_deref(), Some("did you mean `room`?"));
}

#[test]
fn a_module_that_reaches_out_or_lacks_an_export_is_refused() {
    let fault = |bytes: &[u8]| Module::compile(bytes).expect_err("refused");
    let reaching = wat(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32) (result i32)))
        (memory (export "memory") 1))"#);
    assert_eq!(fault(&reaching), ModuleFault::Imports("wasi_snapshot_preview1.fd_write".into()));
    assert_eq!(fault(&wat("(module)")), ModuleFault::Missing("memory"));
    let other_type = wat(r#"(module (memory (export "memory") 1)
        (func (export "alloc") (param i64) (result i32) (i32.const 0)))"#);
    assert_eq!(fault(&other_type), ModuleFault::Missing("alloc"));
    assert!(matches!(fault(b"not wasm"), ModuleFault::Unreadable(_)));
    assert_eq!(fault(&vec![0; MODULE_BYTES + 1]), ModuleFault::TooBig(MODULE_BYTES + 1));
    let much = wat(r#"(module (memory (export "memory") 4096))"#);
    assert!(matches!(fault(&much), ModuleFault::Start(_)));
    let endless = module("(i64.const 0)", "(func $run (loop $on (br $on))) (start $run)");
    assert!(matches!(fault(&endless), ModuleFault::Start(_)));
}

#[test]
fn a_module_that_never_ends_traps_or_answers_garbage_gives_no_answer_and_stops_nothing_else() {
    let answer =
        |body: &str, rest: &str| Module::compile(&module(body, rest)).expect("compiles").call(Direction::Out, "1");
    let begun = Instant::now();
    assert_eq!(answer("(loop $on (br $on)) (i64.const 0)", ""), Err(Stopped::Fuel));
    assert!(begun.elapsed() < Duration::from_secs(20), "fuel bounds the time");
    assert_eq!(answer("(unreachable)", ""), Err(Stopped::Trap));
    assert_eq!(answer("(i64.div_s (i64.const 1) (i64.const 0))", ""), Err(Stopped::Trap));
    // A memory that may not grow answers -1, and reading beyond it traps.
    let greedy = "(drop (memory.grow (i32.const 65000))) (drop (i32.load (i32.const 0x7fffffff))) (i64.const 0)";
    assert_eq!(answer(greedy, ""), Err(Stopped::Trap));
    let deep = "(call $deep (i64.const 1))";
    assert_eq!(answer(deep, "(func $deep (param i64) (result i64) (call $deep (local.get 0)))"), Err(Stopped::Trap));
    // An answer beyond the memory, without end, or that is no JSON.
    assert_eq!(answer("(i64.const 0x7fffffff00000010)", ""), Err(Stopped::Answer));
    assert_eq!(answer("(i64.const 0x00000000ffffffff)", ""), Err(Stopped::Answer));
    assert_eq!(answer("(i64.const 0x0000000000000004)", r#"(data (i32.const 0) "{\"a\"")"#), Err(Stopped::Answer));
    assert_eq!(answer("(i64.const 0x0000000000000002)", "(data (i32.const 0) \"\\ff\\fe\")"), Err(Stopped::Answer));
    assert_eq!(answer("(i64.const 0)", ""), Ok(None));
}

#[test]
fn one_call_leaves_nothing_behind_for_the_next() {
    // It counts its calls in its memory, and would answer 1, 2, 3.
    let counting = module(
        "(i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1))) (i64.const 1)",
        r#"(data (i32.const 0) "0")"#,
    );
    let counting = Module::compile(&counting).expect("compiles");
    for _ in 0..3 {
        assert_eq!(counting.call(Direction::Out, "null"), Ok(Some(json!(1))));
    }
}

#[test]
fn any_json_goes_through_unharmed() {
    let room = Module::compile(&wat(ROOM)).expect("compiles");
    for value in [Value::Null, json!([]), json!({"a": ["ROOM-1"]}), json!("ROOM-½"), json!(1.50), json!("")] {
        let answer = room.call(Direction::Out, &value.to_string());
        assert!(matches!(answer, Ok(None | Some(_)) | Err(Stopped::Answer)), "{value}: {answer:?}");
    }
    assert_eq!(room.call(Direction::Out, "\"ROOM-½\""), Ok(Some(json!("½"))));
}
