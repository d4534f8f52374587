//! Homes and agencies with code tables of their own, and plugins read again while others run.

use ginnel_mappings::diagnostic::Code;
use ginnel_mappings::plugin_files::Folder;
use ginnel_mappings::registry::{Registry, Vendor};
use ginnel_mappings::reload::Fate;
use ginnel_mappings::translate::Context;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The tests' plugin in a folder of its own, with `outcome` open to tenants.
fn plugin(keys: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/acme"), &folder.path().join("acme"));
    let file = folder.path().join("acme/vendor.yaml");
    let text = fs::read_to_string(&file).expect("readable");
    fs::write(file, format!("{text}tenant-tables: [outcome]\n{keys}")).expect("written");
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("readable") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).expect("copied");
        }
    }
}

fn write(folder: &tempfile::TempDir, file: &str, text: &str) {
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

fn load(folder: &tempfile::TempDir) -> Result<Vendor, Vec<(Code, String)>> {
    Vendor::compile("acme", &Folder::Disk(folder.path().join("acme")), &[]).map_err(|report| {
        let told = |one: &ginnel_mappings::diagnostic::Diagnostic| {
            let related: Vec<&str> = one.related.iter().map(|one| one.file.as_str()).collect();
            format!("{} {}:{} {} {related:?} {:?}", one.code.code(), one.file, one.span.line, one.text, one.hint)
        };
        report.diagnostics.iter().filter(|one| one.is_error()).map(|one| (one.code, told(one))).collect()
    })
}

fn dose(outcome: &str) -> Value {
    json!({"who": "p-1", "doses": [{"id": "d-1", "outcome": outcome}]})
}

fn status(vendor: &Vendor, outcome: &str) -> Value {
    let message = vendor.message("doses").expect("there");
    let payload = dose(outcome);
    message.translate(&payload, message.check(&payload), &Context::new()).bundle()["entry"][0]["resource"]["status"]
        .clone()
}

#[test]
fn a_tenant_reads_and_writes_its_own_codes_and_the_rest_is_everybodys() {
    let folder = plugin("");
    write(
        &folder,
        "acme/tenants/north.yaml",
        "outcome:\n  rows: [[part, in-progress], [gone, not-done]]\n  back: { not-done: gone }\n",
    );
    write(&folder, "acme/tenants/plain.yaml", "# has the plugin's own tables\n");
    let vendor = load(&folder).expect("fits");
    let north = vendor.for_tenant(Some("north")).expect("known");
    assert_eq!(status(&vendor, "part"), "completed");
    assert_eq!(status(north, "part"), "in-progress");
    assert_eq!(status(north, "given"), "completed");
    assert_eq!((status(north, "gone"), status(&vendor, "gone")), (json!("not-done"), json!("unknown")));
    assert_eq!(status(vendor.for_tenant(Some("plain")).expect("known"), "part"), "completed");
    let back = |vendor: &Vendor, status: &str| {
        let message = vendor.message("doses").expect("there");
        let payload = dose("given");
        let mut bundle = message.translate(&payload, Vec::new(), &Context::new()).bundle();
        bundle["entry"][0]["resource"]["status"] = status.into();
        message.to_vendor(&bundle, &[payload], &Context::new()).payload["doses"][0]["outcome"].clone()
    };
    assert_eq!((back(north, "in-progress"), back(north, "not-done")), (json!("part"), json!("gone")));
    assert_eq!(back(&vendor, "not-done"), "refused");
    let unknown = vendor.for_tenant(Some("south")).expect_err("unknown").to_string();
    assert_eq!(unknown, "vendor `acme` has no tenant `south`; it has: north, plain");
}

#[test]
fn ids_and_lookups_of_tenants_are_shared_or_separate_as_the_plugin_says() {
    for (keys, same) in [("", true), ("tenant-keys: shared\n", true), ("tenant-keys: separate\n", false)] {
        let folder = plugin(keys);
        write(&folder, "acme/tenants/north.yaml", "");
        write(&folder, "acme/tenants/south.yaml", "");
        let vendor = load(&folder).expect("fits");
        let made = |tenant: Option<&str>| {
            let message = vendor.for_tenant(tenant).expect("known").message("people").expect("there");
            let payload = json!({"people": [{"id": "p-1", "surname": "Ash"}]});
            let bundle = message.translate(&payload, Vec::new(), &Context::new()).bundle();
            (bundle["entry"][0]["resource"]["id"].clone(), message.items(&payload)[0].0.key.clone())
        };
        let (all, north, south) = (made(None), made(Some("north")), made(Some("south")));
        assert_eq!(all == north && north == south, same, "{keys}");
        assert_eq!(all.0 != north.0 && north.0 != south.0 && all.0 != south.0, !same, "{keys}");
        assert_eq!(north.1, if same { "p-1" } else { "north/p-1" });
    }
}

/// What is wrong in the tenant's file, the code it is told by, and what the report says.
#[test]
fn a_tenants_file_is_checked_like_the_rest() {
    let cases = [
        ("outcom:\n  rows: [[x, completed]]\n", Code::TenantTable, "did you mean `outcome`"),
        ("gender:\n  rows: [[M, other]]\n", Code::TenantTable, "`gender` is not open"),
        ("nothing_like_it:\n  rows: [[x, y]]\n", Code::TenantTable, "open are: outcome"),
        ("outcome:\n  rows: [[x, no-such-status]]\n", Code::FhirCode, "for tenant `north`"),
        ("outcome:\n  rows: [[x, not-done]]\n", Code::Table, "none is named for the way back"),
        ("outcome:\n  rows: [[x, completed], [x, unknown]]\n", Code::Table, "two rows"),
        ("outcome:\n  back: { entered-in-error: given }\n", Code::Table, "no row"),
        ("outcome:\n  row: [[x, completed]]\n", Code::UnknownWord, "did you mean `rows`"),
        ("outcome:\n  replace: true\n", Code::Table, "has no rows"),
        ("outcome:\n  replace: perhaps\n  rows: [[x, completed]]\n", Code::WrongKind, "true or false"),
        ("outcome: [\n", Code::Syntax, "tenants/north.yaml"),
        ("- outcome\n", Code::WrongKind, "a map of code tables"),
    ];
    for (text, code, says) in cases {
        let folder = plugin("");
        write(&folder, "acme/tenants/north.yaml", text);
        let found = load(&folder).expect_err(text);
        let told = found.iter().find(|(found, told)| *found == code && told.contains(says));
        assert!(told.is_some_and(|(_, told)| told.contains("tenants/north.yaml")), "{text}: {found:#?}");
    }
    let folder = plugin("");
    write(&folder, "acme/tenants/North Home.yaml", "");
    assert!(load(&folder).expect_err("a name").iter().any(|(code, _)| *code == Code::TenantFile));
    for (words, code) in [("tenant-keys: mine\n", Code::WrongKind), ("", Code::TenantTable)] {
        let folder = plugin(words);
        let file = folder.path().join("acme/vendor.yaml");
        let text = fs::read_to_string(&file).expect("readable");
        let text = if words.is_empty() { text.replace("[outcome]", "[outcomes]") } else { text };
        fs::write(&file, text).expect("written");
        assert!(load(&folder).expect_err("refused").iter().any(|(found, _)| *found == code), "{words}");
    }
}

/// A table that stands for the whole has only its own rows: an enum's value without one is told.
#[test]
fn a_replaced_table_must_cover_the_schemas_values() {
    let folder = plugin("");
    let file = folder.path().join("acme/vendor.yaml");
    let text = fs::read_to_string(&file).expect("readable").replace("[outcome]", "[outcome, gender]");
    fs::write(&file, text).expect("written");
    write(
        &folder,
        "acme/tenants/north.yaml",
        "gender:\n  replace: true\n  rows: [[F, female], [M, male], [N, unknown]]\n",
    );
    let found = load(&folder).expect_err("no row for P");
    assert!(
        found.iter().any(|(code, told)| *code == Code::TableGap && told.contains("for tenant `north`")),
        "{found:#?}"
    );
}

#[test]
fn tenants_of_another_folder_are_read_and_strays_are_told() {
    let (folder, tenants) = (plugin(""), tempfile::tempdir().expect("a folder"));
    write(&folder, "acme/tenants/north.yaml", "outcome:\n  rows: [[part, in-progress]]\n");
    write(&tenants, "acme/north.yaml", "outcome:\n  rows: [[part, stopped]]\n");
    write(&tenants, "acme/west.yaml", "");
    let folders = [folder.path().to_path_buf()];
    let registry = Registry::load_with_tenants(&folders, &[tenants.path().to_path_buf()]).expect("fits");
    let acme = registry.vendor("acme").expect("loaded");
    assert_eq!(acme.tenants.keys().collect::<Vec<_>>(), ["north", "west"]);
    assert_eq!(status(acme.for_tenant(Some("north")).expect("known"), "part"), "stopped");
    write(&tenants, "acne/north.yaml", "");
    let error =
        Registry::load_with_tenants(&folders, &[tenants.path().to_path_buf()]).expect_err("a stray").to_string();
    assert!(error.contains("M0704") && error.contains("did you mean `acme`"), "{error}");
}

#[test]
fn a_plugin_read_again_takes_the_old_ones_place_only_when_it_is_sound() {
    let folder = plugin("");
    let folders = [folder.path().to_path_buf()];
    let fate = |again: &[ginnel_mappings::reload::Reloaded], id: &str| {
        again.iter().find(|one| one.vendor == id).map(|one| one.fate)
    };
    let sound = |_: &Vendor, _: &Folder| Vec::new();
    let registry = Registry::load(&folders).expect("fits");
    let (registry, again) = registry.reloaded(&folders, &[], false, &sound);
    assert!(again.iter().all(|one| one.fate == Fate::Unchanged), "{again:?}");
    let tables = folder.path().join("acme/tables.yaml");
    let text = fs::read_to_string(&tables).expect("readable");
    fs::write(&tables, text.replace("[part, completed]", "[part, in-progress]")).expect("written");
    let (refused, again) = registry.reloaded(&folders, &[], false, &|_, _| vec!["an example does not hold".into()]);
    assert_eq!(
        (fate(&again, "acme"), status(refused.vendor("acme").expect("old"), "part")),
        (Some(Fate::Refused), json!("completed"))
    );
    let (registry, again) = refused.reloaded(&folders, &[], false, &sound);
    assert_eq!(
        (fate(&again, "acme"), status(registry.vendor("acme").expect("new"), "part")),
        (Some(Fate::Loaded), json!("in-progress"))
    );
    fs::write(&tables, "outcome: [").expect("written");
    let (registry, again) = registry.reloaded(&folders, &[], false, &sound);
    assert_eq!(
        (fate(&again, "acme"), status(registry.vendor("acme").expect("old"), "part")),
        (Some(Fate::Refused), json!("in-progress"))
    );
    let report = again.into_iter().find_map(|one| one.into_report()).expect("a report");
    assert!(report.contains("acme/tables.yaml"), "{report}");
    fs::remove_dir_all(folder.path().join("acme")).expect("removed");
    let (registry, again) = registry.reloaded(&folders, &[], false, &sound);
    assert_eq!(fate(&again, "acme"), Some(Fate::Gone));
    let (registry, again) = registry.reloaded(&folders, &[], true, &sound);
    // The folder of plugins is empty now, which is no word about any of them.
    assert_eq!(fate(&again, "acme"), Some(Fate::Gone));
    copy(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugins/acme"), &folder.path().join("acme"));
    let name = folder.path().join("other");
    fs::rename(folder.path().join("acme"), &name).expect("renamed");
    let text = fs::read_to_string(name.join("vendor.yaml")).expect("readable");
    fs::write(name.join("vendor.yaml"), text.replace("id: acme", "id: other")).expect("written");
    let (registry, again) = registry.reloaded(&folders, &[], true, &sound);
    assert_eq!((fate(&again, "acme"), fate(&again, "other")), (Some(Fate::Removed), Some(Fate::Loaded)));
    assert!(registry.vendor("acme").is_none() && registry.vendor("homecare-rest").is_some());
}
