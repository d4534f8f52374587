//! Reading a release from a folder.

use crate::invented_release::*;
use ginnel_medicines::drug_code::Release;
use ginnel_medicines::drug_code::release::{Class, Found};

fn number(of: u32) -> u64 {
    id(of).parse().expect("digits")
}

#[test]
fn a_release_gives_names_forms_routes_strengths_and_links() {
    let release = release();
    let counts: Vec<_> = release.counts().into_iter().map(|(class, count)| (class.key(), count)).collect();
    assert_eq!(
        counts,
        [
            ("VTM", 2),
            ("VMP", 6),
            ("AMP", 2),
            ("VMPP", 2),
            ("AMPP", 1),
            ("ingredient", 3),
            ("form", 1),
            ("route", 1),
            ("unit", 3),
            ("supplier", 1)
        ]
    );
    assert_eq!(release.gaps(), [""; 0]);
    let detail = release.detail(number(ZOLTRAMOL_500)).expect("details");
    assert_eq!(detail.forms.iter().filter_map(|form| release.name(*form)).collect::<Vec<_>>(), ["Tablet"]);
    assert_eq!(detail.routes.iter().filter_map(|route| release.name(*route)).collect::<Vec<_>>(), ["Oral"]);
    assert_eq!(detail.ingredients.len(), 1);
    let (value, unit) = detail.ingredients[0].numerator.expect("a strength");
    assert_eq!((value.to_string().as_str(), release.name(unit)), ("500", Some("mg")));
    assert_eq!(detail.unit_dose.and_then(|unit| release.name(unit)), Some("tablet"));
    let pack = release.product(number(ZOLTEX_PACK)).expect("a pack");
    assert_eq!(release.vmp_of(pack).map(|vmp| vmp.id), Some(number(ZOLTRAMOL_500)));
    assert_eq!(release.vtm_of(pack), Some(number(ZOLTRAMOL)));
    assert_eq!(release.contents(number(COMBINATION_PACK)), [number(ZOLTRAMOL_500_PACK)]);
    let liquid = release.product(number(ZOLTRAMOL_LIQUID)).expect("a liquid");
    assert_eq!(&*liquid.name, "Zoltramol 250mg/5ml oral suspension & spoon");
}

#[test]
fn a_replaced_id_leads_to_the_present_one_in_as_many_steps_as_it_took() {
    let release = release();
    for before in [ZOLTRAMOL_500_BEFORE, ZOLTRAMOL_500_LONG_BEFORE] {
        assert!(
            matches!(release.find(number(before)), Found::Replaced(product) if product.id == number(ZOLTRAMOL_500)),
            "{before}"
        );
    }
    assert!(matches!(release.find(number(ZOLTRAMOL_500)), Found::Current(_)));
    assert!(matches!(release.find(number(WITHDRAWN)), Found::Current(product) if product.is_invalid));
    assert_eq!(release.find(number(9999)), Found::Unknown);
    let previous = release.previous(number(ZOLTRAMOL_500));
    assert_eq!(previous, [number(ZOLTRAMOL_500_LONG_BEFORE), number(ZOLTRAMOL_500_BEFORE)]);
}

#[test]
fn ids_that_replace_each_other_in_a_circle_end() {
    let folder = folder();
    let circle = format!(
        "<H><VMPS><VMP><IDCURRENT>{a}</IDCURRENT><IDPREVIOUS>{b}</IDPREVIOUS></VMP>\
         <VMP><IDCURRENT>{b}</IDCURRENT><IDPREVIOUS>{a}</IDPREVIOUS></VMP></VMPS></H>",
        a = id(8001),
        b = id(8002)
    );
    write(folder.path(), &[("f_history2_3010124.xml", circle)]);
    let release = Release::load(folder.path()).expect("is read");
    assert_eq!(release.find(number(8001)), Found::Unknown);
    assert_eq!(release.previous(number(8001)), [number(8002)]);
}

#[test]
fn medicines_are_searched_by_words_in_any_order() {
    let release = release();
    let found: Vec<_> = release.search("TABLETS zoltramol 500").iter().map(|product| product.class).collect();
    assert_eq!(found, [Class::Vmp, Class::Amp, Class::Vmpp]);
    assert_eq!(release.search("no such words").len(), 0);
}

#[test]
fn a_missing_list_is_said_and_a_missing_release_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let only: Vec<_> = files().into_iter().filter(|(name, _)| name.starts_with("f_vmp2")).collect();
    write(folder.path(), &only);
    let release = Release::load(folder.path()).expect("a release of VMPs alone is read");
    assert_eq!(release.gaps().len(), 7, "{:?}", release.gaps());
    assert!(release.gaps().iter().any(|gap| gap.contains("f_history") && gap.contains("replaced ids")));
    let empty = tempfile::tempdir().expect("a folder");
    let error = Release::load(empty.path()).expect_err("nothing there").to_string();
    assert!(error.contains("f_vmp2_*.xml") && error.contains("TRUD"), "{error}");
    let error = Release::load(&empty.path().join("absent")).expect_err("no folder").to_string();
    assert!(error.contains("absent"), "{error}");
}

#[test]
fn two_releases_in_one_folder_are_not_mixed() {
    let folder = folder();
    let other = folder.path().join("week2");
    std::fs::create_dir(&other).expect("a folder");
    write(&other, &[("f_vmp2_3080124.xml", "<VIRTUAL_MED_PRODUCTS/>".to_owned())]);
    let error = Release::load(folder.path()).expect_err("two releases").to_string();
    assert!(error.contains("f_vmp2_3010124.xml") && error.contains("f_vmp2_3080124.xml"), "{error}");
}

#[test]
fn a_fault_in_a_file_is_told_with_file_and_line() {
    let folder = folder();
    for (text, line, words) in [
        (
            "<VIRTUAL_MED_PRODUCTS>\n<VMPS>\n<VMP><VPID>4.2E+16</VPID><NM>A</NM></VMP>\n</VMPS></VIRTUAL_MED_PRODUCTS>",
            3,
            "VPID",
        ),
        ("<VIRTUAL_MED_PRODUCTS>\n<VMPS><VMP><NM>A</NM></VMP></VMPS></VIRTUAL_MED_PRODUCTS>", 2, "no VPID"),
        ("<VIRTUAL_MED_PRODUCTS>\n<VMPS>\n<VMP>\n<VPID>1</VPID></VMP></VMPS></VIRTUAL_MED_PRODUCTS>", 4, "no NM"),
        ("<VIRTUAL_MED_PRODUCTS>\n<VMPS>\n<VMP><VPID>1</VPID>", 3, "ends before"),
        ("<VIRTUAL_MED_PRODUCTS>\n<VMPS></VMP>\n", 2, "not XML"),
        ("", 1, "ends before"),
    ] {
        write(folder.path(), &[("f_vmp2_3010124.xml", text.to_owned())]);
        let error = Release::load(folder.path()).expect_err(text).to_string();
        assert!(error.contains(&format!("f_vmp2_3010124.xml:{line}: ")) && error.contains(words), "{text}: {error}");
    }
}
