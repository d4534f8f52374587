//! Whether two entries are the same medicine.

use crate::invented_release::*;
use ginnel_medicines::drug_code::Drug;
use serde_json::{Value, json};

fn named(name: &str) -> Drug {
    Drug::read(&json!({"text": name}), None)
}

#[test]
fn names_alone_are_compared_with_care() {
    for (left, right, expected) in [
        ("Paracetamol 500mg tablets", "PARACETAMOL TABS 0.5 g", "same-product"),
        ("Paracetamol 500mg tablets", "Paracetamol 500 milligrams tablet", "same-product"),
        ("Paracetamol 500mg tablets", "PRN Paracetamol 500mg tablets", "same-product"),
        ("Levothyroxine 75micrograms tablets", "Levothyroxine 0.075mg tabs", "same-product"),
        ("Morphine 10mg/5ml oral solution", "Morphine 2mg/ml oral solution", "same-product"),
        ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules (Dexcel-Pharma Ltd)", "same-product"),
        ("Warfarin 1mg tablets", "Warfarin 3mg tablets", "same-substance-different-strength"),
        ("Paracetamol 500mg tablets", "Paracetamol 500mg capsules", "same-substance"),
        ("Paracetamol 500mg tablets", "Paracetamol 250mg/5ml oral suspension", "same-substance"),
        ("Paracetamol 500mg tablets", "Paracetamol", "same-substance"),
        ("Morphine 10mg tablets", "Morphine 10mg modified-release tablets", "same-substance"),
        ("Morphine 10mg m/r tablets", "Morphine 10mg modified-release tablets", "same-product"),
        ("Aspirin 75mg dispersible tablets", "Aspirin 75mg gastro-resistant tablets", "same-substance"),
        ("Sodium valproate 500mg tablets", "Epilim 500mg tablets", "cannot-tell"),
        ("Paracetamol 500mg tablets", "Co-codamol 8mg/500mg tablets", "cannot-tell"),
        ("Co-codamol 8mg/500mg tablets", "Co-codamol 30mg/500mg tablets", "same-substance-different-strength"),
        ("Co-careldopa 25mg/100mg tablets", "Co-careldopa 100mg/25mg tablets", "same-substance"),
        ("Sinemet 25/100", "Sinemet 25/250", "cannot-tell"),
        ("Hydrocortisone 1% cream", "Hydrocortisone 10mg/g cream", "same-substance"),
        ("Insulin", "Insulin", "same-substance"),
        ("500mg", "500mg", "cannot-tell"),
        ("", "", "cannot-tell"),
    ] {
        assert_eq!(named(left).compare(&named(right), None).key(), expected, "{left} / {right}");
        assert_eq!(named(right).compare(&named(left), None).key(), expected, "{right} / {left}");
    }
}

fn coded(system: &str, code: &str, name: &str) -> Drug {
    Drug::read(&coded_concept(system, code, name), None)
}

fn coded_concept(system: &str, code: &str, name: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}], "text": name})
}

#[test]
fn one_sound_code_makes_one_product_unless_the_names_say_otherwise() {
    let (dmd, sct) = ("https://dmd.nhs.uk", "http://snomed.info/sct");
    for (left, right, expected) in [
        (
            coded(dmd, "325278007", "Metformin 500mg"),
            coded(sct, "325278007", "Metformin 500mg tablets"),
            "same-product",
        ),
        (
            coded(dmd, "325278007", "Metformin 500mg tablets"),
            coded(dmd, "325278007", "Aspirin 75mg tablets"),
            "cannot-tell",
        ),
        (
            coded(dmd, "325278007", "Metformin 500mg"),
            coded(dmd, "325278007", "Metformin 850mg"),
            "same-substance-different-strength",
        ),
        // Damaged codes, degrade codes and codes without system prove nothing.
        (coded(dmd, "36126511000001100", "A"), coded(dmd, "36126511000001100", "B"), "cannot-tell"),
        (coded(sct, "196421000000109", "A"), coded(sct, "196421000000109", "B"), "cannot-tell"),
        (coded("", "12", "A"), coded("", "12", "B"), "cannot-tell"),
    ] {
        assert_eq!(left.compare(&right, None).key(), expected, "{:?} / {:?}", left.name, right.name);
    }
}

#[test]
fn a_release_tells_brands_strengths_and_shared_substances() {
    let release = release();
    let drug =
        |number: u32, name: &str| Drug::read(&coded_concept("https://dmd.nhs.uk", &id(number), name), Some(&release));
    let tablets = drug(ZOLTRAMOL_500, "Zoltramol 500mg tablets");
    for (other, expected) in [
        (drug(ZOLTEX, "Zoltex 500mg tablets"), "same-product"),
        (drug(ZOLTEX_PACK, "Zoltex 500mg tablets 28 tablet"), "same-product"),
        (drug(ZOLTRAMOL_500_BEFORE, "Zoltramol 500mg tablets"), "same-product"),
        (drug(ZOLTRAMOL_250, "Zoltramol 250mg tablets"), "same-substance-different-strength"),
        (drug(ZOLTRAMOL_LIQUID, "Zoltramol 250mg/5ml oral suspension"), "same-substance"),
        (drug(ZOLTRAMOL, "Zoltramol"), "same-substance"),
        (drug(CO_ZOLTRIFEN, "Co-zoltrifen 8mg/500mg tablets"), "shares-a-substance"),
        (drug(VEXAPRIL_5, "Vexapril 5mg tablets"), "different"),
        // The name contradicts the code, so neither is believed.
        (drug(VEXAPRIL_5, "Zoltramol 500mg tablets"), "cannot-tell"),
        (drug(9999, "Zoltex 500mg tablets"), "cannot-tell"),
    ] {
        assert_eq!(tablets.compare(&other, Some(&release)).key(), expected, "{:?}", other.name);
        assert_eq!(other.compare(&tablets, Some(&release)).key(), expected, "{:?}", other.name);
    }
}
