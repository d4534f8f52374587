//! Broken plugins, each with the report it gets as a golden file, rewritten by
//! `UPDATE=1 cargo test -p ginnel-mappings --test suite golden_diagnostics`.

use ginnel_mappings::authoring::new::undecided;
use ginnel_mappings::certificate::{self, Standing};
use ginnel_mappings::check::check_plugin;
use ginnel_mappings::diagnostic::Code;
use ginnel_mappings::plugin_files::Folder;
use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut out: Vec<PathBuf> = fs::read_dir(root).expect("cases").map(|entry| entry.expect("a case").path()).collect();
    out.sort();
    out
}

fn name_of(case: &Path) -> String {
    case.file_name().and_then(|name| name.to_str()).expect("a name").to_string()
}

/// Everything that `ginnel mapping check` and the start of the gateway say of a case.
fn report(case: &Path) -> String {
    let folder = Folder::Disk(case.to_path_buf());
    let mut report = check_plugin("case", &folder);
    report.diagnostics.extend(undecided("case", &folder));
    let standing = certificate::standing(&folder);
    if standing != Standing::Absent || name_of(case).starts_with(Code::NotCertified.code()) {
        report.diagnostics.extend(certificate::diagnostic("case", &standing));
    }
    format!("{}\n", report.render().join("\n\n"))
}

#[test]
fn every_broken_plugin_gets_the_report_beside_it() {
    let mut differing = Vec::new();
    for case in cases() {
        let path = case.join("expected.txt");
        let found = report(&case);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &found).expect("written");
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        if found != wanted {
            differing.push(format!("{}:\n{found}\n--- but expected:\n{wanted}", case.display()));
        }
    }
    assert!(differing.is_empty(), "{}\n(UPDATE=1 rewrites them)", differing.join("\n"));
}

#[test]
fn every_code_has_a_case_and_every_case_raises_its_code() {
    let names: Vec<String> = cases().iter().map(|case| name_of(case)).collect();
    // These need a compiled module; `wasm.rs` builds one and raises them.
    let with_a_module = [Code::WasmLaw, Code::WasmUnproven];
    for code in Code::all().iter().filter(|code| !with_a_module.contains(code)) {
        let own: Vec<&String> = names.iter().filter(|name| name.starts_with(code.code())).collect();
        assert!(!own.is_empty(), "no case in tests/diagnostics begins with {}", code.code());
    }
    for case in cases() {
        let name = name_of(&case);
        let code = name.split('-').next().expect("a code");
        assert!(Code::all().iter().any(|known| known.code() == code), "{name} names no code");
        assert!(report(&case).contains(&format!("[{code}]")), "{name} does not raise {code}");
    }
}

#[test]
fn every_report_has_a_place_and_says_what_to_do() {
    for case in cases() {
        let folder = Folder::Disk(case.clone());
        for one in check_plugin("case", &folder).diagnostics {
            let whole_file = matches!(one.code, Code::Unreadable | Code::TenantFile);
            assert!(whole_file || one.span.line > 0, "{}: {one:?} has no place", case.display());
        }
    }
}
