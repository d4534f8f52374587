//! An id of SNOMED CT or dm+d: how it is written, its check digit, and what was done to it on its way.
//!
//! Source: SNOMED CT Release File Specification, SCTID: 6 to 18 digits, no leading zero, two digits that say what kind of
//! component it names (00 and 10: a concept), and a Verhoeff check digit.

use ginnel_schemas::check_digit::is_verhoeff;
use ginnel_schemas::uk::{Damage, damage};

/// What is wrong with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdFault {
    /// A spreadsheet or a number type took its last digits.
    Damaged(Damage),
    /// The check digit does not fit.
    CheckDigit,
    /// It is a description's or a relationship's id, which names no medicine.
    NotAConcept,
    /// It is not written as an id at all.
    NotAnId,
}

/// The id as a number, or what is wrong with it.
pub fn read(code: &str) -> Result<u64, IdFault> {
    if let Some(damage) = damage(code) {
        return Err(IdFault::Damaged(damage));
    }
    let is_digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits || !(6..=18).contains(&code.len()) || code.starts_with('0') {
        return Err(IdFault::NotAnId);
    }
    if !is_verhoeff(code) {
        return Err(IdFault::CheckDigit);
    }
    match code.get(code.len() - 3..code.len() - 1) {
        Some("00" | "10") => code.parse().map_err(|_| IdFault::NotAnId),
        _ => Err(IdFault::NotAConcept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_concept_with_the_right_check_digit_or_says_what_is_wrong() {
        for (code, expected) in [
            ("42109611000001109", Ok(42_109_611_000_001_109)),
            ("322236009", Ok(322_236_009)),
            ("322236008", Err(IdFault::CheckDigit)),
            ("36126511000001100", Err(IdFault::Damaged(Damage::Spreadsheet))),
            ("4.21096E+16", Err(IdFault::Damaged(Damage::Notation))),
            ("4.21096e16", Err(IdFault::Damaged(Damage::Notation))),
            ("0322236009", Err(IdFault::NotAnId)),
            ("322 236 009", Err(IdFault::NotAnId)),
            ("'322236009", Err(IdFault::NotAnId)),
            ("1223979019", Err(IdFault::NotAConcept)),
            ("12345", Err(IdFault::NotAnId)),
            ("1234567890123456789", Err(IdFault::NotAnId)),
            ("", Err(IdFault::NotAnId)),
            ("FURO40", Err(IdFault::NotAnId)),
        ] {
            assert_eq!(read(code), expected, "{code}");
        }
    }
}
