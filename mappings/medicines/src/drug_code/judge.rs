//! Remarks that need no dm+d release.

use super::Drug;
use super::coding::{DrugCoding, Role};
use super::id::IdFault;
use super::release::Release;
use super::remark::{Remark, RemarkKey as Key};
use super::system::System;
use ginnel_schemas::uk::{Degraded, Meant, meant};

/// Each coding, and what is missing.
pub fn judge(drug: &mut Drug) {
    let mut remarks = Vec::new();
    for coding in &drug.codings {
        system(coding, &mut remarks);
        code(coding, &mut remarks);
    }
    drug.remarks = remarks;
}

fn system(coding: &DrugCoding, remarks: &mut Vec<Remark>) {
    let path = coding.path("system");
    let Some(sent) = coding.system_as_sent.as_deref() else {
        if coding.code.is_some() {
            let text = "The code comes without a code system, so that nobody can say what it means.";
            remarks.push(Remark::warning(Key::WrongCodeSystem, path, text));
        }
        return;
    };
    let told = match meant(sent) {
        Meant::Respelled(system) | Meant::Nearly(system) => {
            format!("The code system `{sent}` is taken for `{system}`.")
        }
        Meant::Edition => "The system of SNOMED CT holds an edition, which belongs in `version`.".into(),
        _ => return,
    };
    remarks.push(Remark::warning(Key::WrongCodeSystem, path, told));
}

fn code(coding: &DrugCoding, remarks: &mut Vec<Remark>) {
    let path = coding.path("code");
    let code = coding.code.as_deref().unwrap_or_default();
    if coding.is_number {
        let text = format!("The code {code} is a JSON number; many programs round the last digits of such numbers.");
        let make = if coding.id.is_some() { Remark::warning } else { Remark::error };
        remarks.push(make(Key::NumberNotText, path.clone(), text));
    }
    match coding.role {
        Role::NoValue => {
            let text = format!("The source says that it has no code ({code}).");
            remarks.push(Remark::warning(Key::NoInformation, path, text));
        }
        Role::Degrade => degrade(coding, code, path, remarks),
        Role::Damaged => remarks.extend(coding.fault.map(|fault| damaged(fault, code, path))),
        Role::Local if coding.system.has_check_digit() => {
            let text = "The coding names its code system and has no code.";
            remarks.push(Remark::information(Key::MissingCode, path, text));
        }
        Role::Local | Role::Medicine => {}
    }
}

fn degrade(coding: &DrugCoding, code: &str, path: String, remarks: &mut Vec<Remark>) {
    if coding.system == System::Dmd {
        let text = "A degrade code is SNOMED CT's; dm+d has none.";
        remarks.push(Remark::warning(Key::WrongCodeSystem, coding.path("system"), text));
    }
    let of = match coding.degraded() {
        Some(Degraded::Medication) | None => "",
        Some(_) => ", by a code that is not a medicine's",
    };
    let text = format!("The medicine's code could not be transferred ({code}{of}): only its words say what it is.");
    remarks.push(Remark::warning(Key::Degraded, path, text));
}

fn damaged(fault: IdFault, code: &str, path: String) -> Remark {
    match fault {
        IdFault::Damaged(damage) => Remark::error(
            Key::Rounded,
            path,
            format!("The code {code} was damaged on its way ({}); {}.", damage.text(), damage.hint()),
        ),
        IdFault::CheckDigit => Remark::error(
            Key::CheckDigit,
            path,
            format!(
                "The check digit of {code} does not fit: a digit is wrong, and the code may be another medicine's."
            ),
        ),
        IdFault::NotAConcept => Remark::error(
            Key::NotAConcept,
            path,
            format!("{code} is the id of a description or a relationship, which names no medicine."),
        ),
        IdFault::NotAnId => {
            Remark::error(Key::NotAnId, path, format!("{code:?} is not written as an id of SNOMED CT or dm+d."))
        }
    }
}

/// What the codings say together.
pub fn judge_together(drug: &mut Drug, release: Option<&Release>) {
    let mut remarks = Vec::new();
    let has_medicine_code = drug.codings.iter().any(|coding| coding.role == Role::Medicine);
    let has_code = drug.codings.iter().any(|coding| coding.code.is_some());
    let resolved = release.and_then(|release| drug.product(release));
    match (&drug.name, resolved) {
        (Some(_), _) => {}
        (None, Some(product)) => remarks.push(Remark::warning(
            Key::MissingName,
            "",
            format!(
                "The source sends no name; the dm+d release names the code {:?}. Show it before it is used.",
                product.name
            ),
        )),
        (None, None) => {
            let what = if has_code { "a code without words" } else { "neither words nor a code" };
            let text = format!("The medicine is {what}: a reader cannot know what it is.");
            remarks.push(Remark::error(Key::MissingName, "", text));
        }
    }
    let is_said_already = drug.remarks.iter().any(|remark| remark.key == Key::Degraded);
    if !has_medicine_code && !is_said_already {
        let what = if has_code { "no sound code of dm+d or SNOMED CT" } else { "no code" };
        let text = format!("The medicine has {what}: it is known by its words alone.");
        remarks.push(Remark::information(Key::MissingCode, "", text));
    }
    several_codes(drug, release, &mut remarks);
    drug.remarks.extend(remarks);
}

/// Two codes of one system: a replaced id beside its successor, or two medicines.
fn several_codes(drug: &Drug, release: Option<&Release>, remarks: &mut Vec<Remark>) {
    for system in [System::Dmd, System::Snomed] {
        let sound: Vec<&DrugCoding> =
            drug.codings.iter().filter(|coding| coding.system == system && coding.id.is_some()).collect();
        let Some((first, rest)) = sound.split_first() else { continue };
        for other in rest.iter().filter(|other| other.id != first.id) {
            let (Some(one), Some(two)) = (first.id, other.id) else { continue };
            match release.map(|release| release.agree(one, two)) {
                Some(Some(true)) => {}
                Some(Some(false)) => remarks.push(Remark::error(
                    Key::CodesDisagree,
                    other.path("code"),
                    format!("The codes {one} and {two} are two different medicines in the dm+d release."),
                )),
                Some(None) | None => remarks.push(Remark::information(
                    Key::SeveralCodes,
                    other.path("code"),
                    format!("Two codes of one system stand together, {one} and {two}; whether both mean the same is not known here."),
                )),
            }
        }
    }
}
