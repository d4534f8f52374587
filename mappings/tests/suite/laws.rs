//! The laws, tried on every plugin with generated messages: `ginnel mapping test` runs the same.

use crate::registry;
use ginnel_mappings::laws::{Options, test_plugin};
use ginnel_mappings::plugin_files::Folder;
use std::path::PathBuf;

/// Every plugin loaded here with its folder.
fn folders() -> Vec<(String, Folder)> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins");
    let mut all = Folder::built_in();
    all.extend(Folder::on_disk(&own).expect("the test plugins"));
    all
}

/// Seeds come from the environment, so that a longer run needs no other program.
fn options() -> Options {
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    Options { seed: number("GINNEL_LAW_SEED", 1), cases: usize::try_from(number("GINNEL_LAW_CASES", 12)).unwrap_or(12) }
}

#[test]
fn every_law_holds_for_every_plugin_with_generated_messages() {
    let mut broken = Vec::new();
    for (name, folder) in folders() {
        let Some(vendor) = registry().vendor(&name) else { continue };
        if std::env::var("GINNEL_LAW_VENDOR").is_ok_and(|only| only != name) {
            continue;
        }
        let report = test_plugin(vendor, &folder, options());
        println!("{report}");
        if !report.holds() {
            broken.push(name.clone());
        }
        // A law that was tried on nothing has not held.
        assert!(report.messages.iter().all(|one| one.translated > 0), "{name}: no generated message is translated");
        assert!(
            report.fhir.iter().all(|one| one.resources > 0 || !one.takes),
            "{name}: no FHIR of other senders is generated"
        );
    }
    assert_eq!(broken, Vec::<String>::new());
}
