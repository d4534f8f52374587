//! What every Rust file owes its reader, and where the web server may be named.

/// Beyond this a file is parted along a seam of meaning.
const MOST_LINES: usize = 600;

/// Names that fit everything and so guide nobody.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "handler", "handlers", "misc", "shared"];

/// Where `actix` may be named, below `gateway/src/`.
const SERVER_PLACES: &[&str] = &["app", "interactions", "operations", "extract", "error", "main"];

/// Code that says "not yet"; written apart so that this file does not say it.
const UNFINISHED: &[&str] =
    &[concat!("#[ig", "nore"), concat!("tod", "o!("), concat!("unimplement", "ed!("), concat!("db", "g!(")];

/// Every rule that a file breaks. `path` is from the root of the workspace.
pub fn faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    // A crate's front page is its README, which then says the duty.
    let shows_readme = path.ends_with("src/lib.rs") && text.starts_with("#![doc = include_str!(");
    if !text.starts_with("//! ") && !shows_readme {
        faults.push(format!("{path}:1: does not open with its duty (//!)"));
    }
    if path.split('/').any(|part| EMPTY_NAMES.contains(&part.trim_end_matches(".rs"))) {
        faults.push(format!("{path}: has a name that fits everything"));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES && !is_table(path) {
        faults.push(format!("{path}: {lines} lines, {MOST_LINES} are the most"));
    }
    let may_serve = may_name_server(path);
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        for word in UNFINISHED.iter().filter(|word| code.contains(*word)) {
            faults.push(format!("{path}:{}: {word}", number + 1));
        }
        if !may_serve && names_server(code) {
            faults.push(format!("{path}:{}: names the web server", number + 1));
        }
    }
    faults
}

/// Tables and generated code are as long as what they list.
fn is_table(path: &str) -> bool {
    path.split('/').any(|part| {
        let part = part.trim_end_matches(".rs");
        part == "generated" || part == "tables" || part.ends_with("_table") || part.ends_with("_tables")
    })
}

/// Only sources are held to it: tests drive the server as a whole.
fn may_name_server(path: &str) -> bool {
    match path.strip_prefix("gateway/src/") {
        Some(below) => {
            let first = below.split('/').next().unwrap_or_default().trim_end_matches(".rs");
            SERVER_PLACES.contains(&first)
        }
        None => !path.contains("/src/"),
    }
}

fn names_server(code: &str) -> bool {
    ["actix_", "actix::", "actix-web"].iter().any(|word| code.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "//! Does one thing.\n\nfn one() {}\n";

    #[test]
    fn a_good_file_has_no_fault() {
        assert_eq!(faults("gateway/src/pipeline.rs", GOOD), Vec::<String>::new());
    }

    #[test]
    fn a_file_without_its_duty_is_named() {
        let silent = ["fn one() {}\n", "// A comment.\n", "", "//!\n"];
        for text in silent {
            assert_eq!(faults("schemas/src/a.rs", text), ["schemas/src/a.rs:1: does not open with its duty (//!)"]);
        }
    }

    #[test]
    fn only_a_crates_root_may_show_its_readme_instead() {
        let text = "#![doc = include_str!(\"../README.md\")]\n";
        assert!(faults("schemas/src/lib.rs", text).is_empty());
        assert_eq!(faults("schemas/src/a.rs", text).len(), 1);
    }

    #[test]
    fn a_name_that_fits_everything_is_named() {
        for path in ["schemas/src/utils.rs", "gateway/src/handlers/mod.rs", "mappings/tests/common/mod.rs"] {
            assert_eq!(faults(path, GOOD), [format!("{path}: has a name that fits everything")]);
        }
        assert!(faults("schemas/src/common_ground.rs", GOOD).is_empty());
    }

    #[test]
    fn a_file_of_601_lines_is_too_long_unless_it_is_a_table() {
        let long = |lines: usize| format!("//! Long.\n{}", "fn f() {}\n".repeat(lines - 1));
        assert!(faults("schemas/src/a.rs", &long(600)).is_empty());
        assert_eq!(faults("schemas/src/a.rs", &long(601)), ["schemas/src/a.rs: 601 lines, 600 are the most"]);
        assert!(faults("gateway/src/route_table.rs", &long(601)).is_empty());
        assert!(faults("schemas/src/generated/r4.rs", &long(601)).is_empty());
    }

    #[test]
    fn unfinished_code_is_named_with_its_line() {
        for word in UNFINISHED {
            let text = format!("//! Does one thing.\n    {word}\n");
            assert_eq!(faults("schemas/tests/a.rs", &text), [format!("schemas/tests/a.rs:2: {word}")]);
            let comment = format!("//! Does one thing.\n    // {word} is not allowed\n");
            assert!(faults("schemas/tests/a.rs", &comment).is_empty());
        }
    }

    #[test]
    fn the_web_server_is_named_only_where_http_is_spoken() {
        let text = concat!("//! Does one thing.\nuse act", "ix_web::web;\n");
        for path in [
            "gateway/src/app.rs",
            "gateway/src/main.rs",
            "gateway/src/interactions/read.rs",
            "gateway/src/extract/caller.rs",
            "gateway/tests/api/main.rs",
        ] {
            assert!(faults(path, text).is_empty(), "{path}");
        }
        for path in ["gateway/src/pipeline.rs", "gateway/src/store/sqlite.rs", "mappings/src/translate.rs"] {
            assert_eq!(faults(path, text), [format!("{path}:2: names the web server")]);
        }
    }
}
