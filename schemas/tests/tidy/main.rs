//! Compares the house with its own rules: directions, licences, and what every source file owes a reader.
//!
//! It needs no network: `make test` fetches the dependencies first.

mod container;
mod directions;
mod hazards;
mod issue_keys;
mod licences;
mod machine_paths;
mod sources;
mod tree;

/// Fails with every fault at once, each on its own line.
fn assert_tidy(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

#[test]
fn crates_lean_only_on_floors_below() {
    let faults = directions::faults(&tree::metadata());
    assert_tidy("a crate leans on one that it may not know", &faults);
}

#[test]
fn every_dependency_may_be_used() {
    let faults = licences::faults(&tree::metadata());
    assert_tidy("a licence is not on the list", &faults);
}

#[test]
fn every_source_file_keeps_the_house_rules() {
    let files = tree::rust_files();
    assert!(files.len() > 20, "the walk found only {} files", files.len());
    let faults: Vec<String> = files.iter().flat_map(|file| sources::faults(&file.path, &file.text)).collect();
    assert_tidy("a source file breaks a house rule", &faults);
}

#[test]
fn every_key_of_an_issue_is_raised() {
    let files = tree::rust_files();
    let faults = issue_keys::faults(files.iter().map(|file| (&*file.path, &*file.text)));
    assert_tidy("a key is listed for nothing", &faults);
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let Some(files) = tree::kept_files() else {
        println!("skipped: git did not answer, so the kept files are not known");
        return;
    };
    assert!(files.len() > 20, "git named only {} files", files.len());
    let faults: Vec<String> = files.iter().flat_map(|file| machine_paths::faults(&file.path, &file.text)).collect();
    assert_tidy("a file names a place on one machine", &faults);
}

#[test]
fn the_container_copies_only_what_exists_and_is_sent() {
    let dockerfile = tree::text_of("Dockerfile");
    let ignore = tree::text_of(".dockerignore");
    let faults = container::faults(&dockerfile, &ignore, |path| tree::root().join(path).exists());
    assert_tidy("the Dockerfile cannot be built", &faults);
}

#[test]
fn every_hazard_names_a_test_that_exists() {
    let files = tree::rust_files();
    let faults = hazards::faults(&tree::text_of("mappings/medicines/HAZARDS.md"), files.iter().map(|file| &*file.text));
    assert_tidy("a hazard names a test that is not there", &faults);
}
