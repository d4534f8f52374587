//! What a loaded release adds to the remarks, and what it never does.

use crate::invented_release::*;
use ginnel_medicines::drug_code::{Drug, RemarkKey};
use ginnel_schemas::issue::Severity;
use serde_json::json;

const DMD: &str = "https://dmd.nhs.uk";
const SCT: &str = "http://snomed.info/sct";

#[test]
fn words_and_codes_are_compared_with_the_release() {
    let release = release();
    for (system, number, name, expected) in [
        (DMD, ZOLTRAMOL_500, "Zoltramol 500mg tablets", vec![]),
        (DMD, ZOLTRAMOL_500, "ZOLTRAMOL TABS 0.5 g", vec![]),
        (DMD, ZOLTRAMOL_500, "Zoltramol 500 milligram tablets", vec![]),
        (DMD, ZOLTRAMOL_500, "Zoltramol", vec![]),
        (DMD, ZOLTRAMOL_500, "Zoltex 500mg tablets", vec![]),
        (DMD, ZOLTEX, "Zoltex 500mg tablets (Invented Pharma Ltd)", vec![]),
        (DMD, ZOLTEX, "Zoltramol 500mg tablets", vec![]),
        (SCT, ZOLTRAMOL_500, "Zoltramol 500mg tablets", vec![]),
        (DMD, ZOLTRAMOL_500, "Zoltramol 250mg tablets", vec!["error name-and-code-disagree"]),
        (DMD, ZOLTRAMOL_500, "Vexapril 5mg tablets", vec!["error name-and-code-disagree"]),
        (DMD, ZOLTRAMOL_500, "Vexapril", vec!["error name-and-code-disagree"]),
        (DMD, ZOLTRAMOL_500, "Zoltramol 500mg modified-release tablets", vec!["information name-not-confirmed"]),
        (DMD, ZOLTRAMOL_500, "Nobodyknowsthis 500mg tablets", vec!["information name-not-confirmed"]),
        (DMD, ZOLTRAMOL_LIQUID, "Zoltex 500mg tablets", vec!["error name-and-code-disagree"]),
        (DMD, ZOLTRAMOL_LIQUID, "Zoltramol tablets", vec!["error name-and-code-disagree"]),
        (DMD, ZOLTRAMOL_500, "Zoltramol 500mg capsules", vec!["information name-not-confirmed"]),
        (DMD, ZOLTRAMOL_500, "Zoltramol 500mg suppositories", vec!["error name-and-code-disagree"]),
        (DMD, ZOLTRAMOL_500_BEFORE, "Zoltramol 500mg tablets", vec!["warning superseded"]),
        (DMD, ZOLTRAMOL_500_LONG_BEFORE, "Zoltramol 500mg tablets", vec!["warning superseded"]),
        (DMD, WITHDRAWN, "Vexapril 1mg tablets", vec!["warning invalid-in-release"]),
        (DMD, ZOLTRAMOL_500_PACK, "Zoltramol 500mg tablets 28 tablet", vec!["warning pack-code"]),
        (DMD, ZOLTRAMOL, "Zoltramol", vec!["information substance-only"]),
        (DMD, TABLET_FORM, "Tablet", vec!["error not-a-product"]),
        (DMD, 9999, "Zoltramol 500mg tablets", vec!["warning unknown-in-release"]),
        // SNOMED CT has medicines that dm+d has not: nothing to say.
        (SCT, 9999, "Zoltramol 500mg tablets", vec![]),
    ] {
        let drug =
            Drug::read(&json!({"coding": [{"system": system, "code": id(number)}], "text": name}), Some(&release));
        let found: Vec<String> =
            drug.remarks.iter().map(|remark| format!("{} {}", remark.severity.code(), remark.key.key())).collect();
        assert_eq!(found, expected, "{name}: {:?}", drug.remarks);
    }
}

#[test]
fn a_display_that_is_not_its_codes_is_found_behind_a_right_text() {
    let release = release();
    let concept = json!({"coding": [{"system": DMD, "code": id(ZOLTRAMOL_500), "display": "Vexapril 5mg tablets"}],
        "text": "Zoltramol 500mg tablets"});
    let drug = Drug::read(&concept, Some(&release));
    assert!(
        matches!(drug.remarks.as_slice(), [one] if one.key == RemarkKey::NameAndCodeDisagree
        && one.severity == Severity::Error && one.path == "coding[0].display"),
        "{:?}",
        drug.remarks
    );
}

#[test]
fn a_replaced_id_is_sent_second_and_marked_as_the_one_the_source_chose() {
    let release = release();
    let concept =
        json!({"coding": [{"system": "http://dmd.nhs.uk", "code": id(ZOLTRAMOL_500_BEFORE)}], "text": "Zoltramol"});
    let sent = Drug::read(&concept, Some(&release)).codings_to_send(Some(&release));
    assert_eq!(
        sent,
        [
            json!({"system": DMD, "code": id(ZOLTRAMOL_500), "display": "Zoltramol 500mg tablets"}),
            json!({"system": DMD, "code": id(ZOLTRAMOL_500_BEFORE), "userSelected": true}),
        ]
    );
    let with_both = json!({"coding": [{"system": DMD, "code": id(ZOLTRAMOL_500)},
        {"system": DMD, "code": id(ZOLTRAMOL_500_BEFORE)}], "text": "Zoltramol"});
    assert!(!Drug::read(&with_both, Some(&release)).has(RemarkKey::CodesDisagree));
    assert!(Drug::read(&with_both, None).has(RemarkKey::SeveralCodes));
}

#[test]
fn two_codes_of_two_medicines_in_one_entry_are_an_error() {
    let release = release();
    let concept = json!({"coding": [{"system": DMD, "code": id(ZOLTRAMOL_500)},
        {"system": DMD, "code": id(VEXAPRIL_5)}], "text": "Zoltramol 500mg tablets"});
    assert!(Drug::read(&concept, Some(&release)).has(RemarkKey::CodesDisagree));
}

#[test]
fn without_a_release_no_name_is_made_of_a_code_and_never_a_code_of_a_name() {
    let release = release();
    let nameless = json!({"coding": [{"system": DMD, "code": id(ZOLTRAMOL_500)}]});
    let drug = Drug::read(&nameless, None);
    assert_eq!(drug.name, None);
    assert_eq!(drug.shown(None), format!("unnamed medicine, code {}", id(ZOLTRAMOL_500)));
    assert!(
        drug.remarks.iter().any(|remark| remark.key == RemarkKey::MissingName && remark.severity == Severity::Error)
    );
    let drug = Drug::read(&nameless, Some(&release));
    assert_eq!((drug.name.clone(), drug.shown(Some(&release))), (None, "Zoltramol 500mg tablets".to_owned()));
    assert!(
        drug.remarks.iter().any(|remark| remark.key == RemarkKey::MissingName && remark.severity == Severity::Warning)
    );
    let codeless = Drug::read(&json!({"text": "Zoltramol 500mg tablets"}), Some(&release));
    assert!(codeless.codings.is_empty() && codeless.codings_to_send(Some(&release)).is_empty());
    assert!(codeless.has(RemarkKey::MissingCode));
}
