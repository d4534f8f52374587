//! Archives and folders made to break, flood or trick their reader.

use super::*;
use proptest::prelude::*;

#[test]
fn entries_that_would_leave_the_archive_are_refused_by_name() {
    for path in
        ["../v.json", "package/../../v.json", "/etc/v.json", "C:/v.json", "..\\v.json", "\\v.json", "package/.."]
    {
        let found = read_bytes(&package(&[(path, SET), ("package/v.json", SET)])).expect("an archive");
        assert_eq!(kept(&found), ["http://example.org/v package/v.json"], "{path}");
        let shown = path.replace('\\', "/");
        assert_eq!(texts(&found), [format!("{shown} was left out: its path leads out of the package.")]);
    }
}

#[test]
fn links_and_devices_are_refused_by_name() {
    use tar::EntryType;
    for (kind, why) in [
        (EntryType::Symlink, "it is a link, and links are not followed"),
        (EntryType::Link, "it is a link, and links are not followed"),
        (EntryType::Char, "it is neither a file nor a folder"),
        (EntryType::Fifo, "it is neither a file nor a folder"),
    ] {
        let mut builder = tar::Builder::new(Vec::new());
        let mut entry = header("package/v.json", kind);
        entry.set_link_name("/etc/passwd").expect("short");
        entry.set_cksum();
        builder.append(&entry, std::io::empty()).expect("memory takes it");
        let found = read_bytes(&builder.into_inner().expect("memory takes it")).expect("an archive");
        assert_eq!(texts(&found)[0], format!("package/v.json was left out: {why}."));
        assert!(found.resources.is_empty());
    }
}

#[test]
fn names_of_entries_are_shown_short_and_without_control_characters() {
    let name = "package/\u{1b}[31m\n.json";
    let found = read_bytes(&package(&[(name, r#"{"resourceType":"#)])).expect("an archive");
    assert!(!texts(&found)[0].contains(['\u{1b}', '\n']), "{:?}", texts(&found));
    assert!(contents::shown(&"x".repeat(10_000)).len() <= 200);
}

/// The name of the limit that is met.
fn limit_met(bytes: &[u8], limits: &Limits) -> &'static str {
    match read_from("test.tgz", bytes, limits) {
        Err(PackageError::BeyondLimit { limit, .. }) => limit,
        Err(other) => panic!("another error: {other}"),
        Ok(found) => panic!("read: {:?}", kept(&found)),
    }
}

#[test]
fn each_bound_lets_pass_what_just_fits_and_names_itself_beyond() {
    let tar = tarred(&[("package/v.json", SET), ("package/m.json", MEASURE)]);
    let bytes = packed(&tar);
    let fits = Limits {
        packed_bytes: bytes.len() as u64,
        unpacked_bytes: tar.len() as u64,
        file_bytes: SET.len().max(MEASURE.len()) as u64,
        entries: 2,
        folder_depth: 0,
        nesting: 1,
    };
    assert_eq!(read_from("test.tgz", &*bytes, &fits).expect("it fits").resources.len(), 2);
    for (limits, name) in [
        (Limits { packed_bytes: fits.packed_bytes - 1, ..fits }, "packed_bytes"),
        (Limits { unpacked_bytes: fits.unpacked_bytes - 1, ..fits }, "unpacked_bytes"),
        (Limits { file_bytes: fits.file_bytes - 1, ..fits }, "file_bytes"),
        (Limits { entries: 1, ..fits }, "entries"),
    ] {
        assert_eq!(limit_met(&bytes, &limits), name);
    }
    assert_eq!(limit_met(SET.as_bytes(), &Limits { packed_bytes: SET.len() as u64 - 1, ..fits }), "packed_bytes");
    assert_eq!(limit_met(SET.as_bytes(), &Limits { file_bytes: SET.len() as u64 - 1, ..fits }), "file_bytes");
}

#[test]
fn a_file_nested_too_deep_is_left_out() {
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        read_bytes(&package(&[("v.json", &format!(r#"{{"resourceType":"ValueSet","url":"u","x":{open}{close}}}"#))]))
            .expect("an archive")
    };
    assert_eq!(nested(127).resources.len(), 1);
    for depth in [128, 1_000_000] {
        let found = nested(depth);
        assert!(found.resources.is_empty() && texts(&found)[0].starts_with("v.json was left out: "), "{depth}");
    }
}

#[test]
fn a_bomb_is_stopped_while_it_unfolds() {
    let megabyte = vec![b' '; 1 << 20];
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    let mut entry = header("package/v.json", tar::EntryType::Regular);
    entry.set_size(40 << 20);
    entry.set_cksum();
    out.write_all(entry.as_bytes()).expect("memory takes it");
    for _ in 0..40 {
        out.write_all(&megabyte).expect("memory takes it");
    }
    let bomb = out.finish().expect("memory takes it");
    assert!(bomb.len() < 1 << 20);
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(limit_met(&bomb, &limits), "unpacked_bytes");
    // Files that are passed over count as well, and so does what stands after the archive's end.
    let mut tail = tarred(&[("package/readme.md", "x")]);
    tail.extend(vec![0; 4 << 20]);
    assert_eq!(limit_met(&packed(&tail), &limits), "unpacked_bytes");
    // A packed archive inside a packed file is not unfolded again.
    assert!(read_from("test.tgz", &*packed(&bomb), &limits).is_err());
}

#[test]
fn sizes_in_headers_are_not_believed() {
    for size in [u64::MAX, u64::MAX >> 1, 1 << 40] {
        let mut entry = header("package/v.json", tar::EntryType::Regular);
        entry.set_size(size);
        entry.set_cksum();
        let mut bytes = entry.as_bytes().to_vec();
        bytes.extend(SET.as_bytes());
        assert!(matches!(read_bytes(&bytes), Err(PackageError::Damaged { .. })), "{size}");
    }
}

#[test]
fn an_archive_that_ends_too_early_is_an_error_wherever_it_was_cut() {
    let bytes = package(&[("package/v.json", SET), ("package/m.json", MEASURE)]);
    for end in 0..bytes.len() {
        assert!(read_bytes(&bytes[..end]).is_err(), "cut at {end} of {}", bytes.len());
    }
    assert!(read_bytes(&bytes).is_ok());
}

#[test]
fn links_in_a_folder_are_followed_only_to_files_inside_it() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("m.json"), MEASURE).expect("written");
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join(".data")).expect("made");
    fs::write(folder.path().join(".data/v.json"), SET).expect("written");
    let link = |from: &Path, name: &str| std::os::unix::fs::symlink(from, folder.path().join(name)).expect("linked");
    link(Path::new(".data/v.json"), "v.json");
    link(&outside.path().join("m.json"), "m.json");
    link(outside.path(), "outside");
    link(Path::new("."), "round");
    link(Path::new("nowhere"), "nowhere.json");
    let found = read(folder.path(), &Limits::default()).expect("a folder");
    assert_eq!(kept(&found), ["http://example.org/v v.json"]);
    assert_eq!(found.issues.len(), 4, "{:?}", texts(&found));
}

#[test]
fn a_folder_too_deep_is_left_out_and_one_too_full_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("a/b/c")).expect("made");
    fs::write(folder.path().join("a/b/v.json"), SET).expect("written");
    fs::write(folder.path().join("a/b/c/m.json"), MEASURE).expect("written");
    let found = read(folder.path(), &Limits { folder_depth: 2, ..Limits::default() }).expect("a folder");
    assert_eq!(kept(&found), ["http://example.org/v a/b/v.json"]);
    assert_eq!(texts(&found), ["a/b/c was left out: it lies deeper than folders are read."]);
    assert!(read(folder.path(), &Limits { entries: 5, ..Limits::default() }).is_ok());
    let error = read(folder.path(), &Limits { entries: 4, ..Limits::default() }).expect_err("too full");
    assert!(matches!(error, PackageError::BeyondLimit { limit: "entries", .. }), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read_bytes(&bytes);
        let _ = read_bytes(&packed(&bytes));
    }

    #[test]
    fn no_altered_archive_makes_it_panic(at in 0_usize..2048, byte in any::<u8>()) {
        let mut tar = tarred(&[("package/v.json", SET), ("package/m.json", MEASURE)]);
        tar[at] = byte;
        let _ = read_bytes(&tar);
        let mut bytes = packed(&tar);
        let place = at % bytes.len();
        bytes[place] = byte;
        let _ = read_bytes(&bytes);
    }
}
