//! SNOMED CT identifiers: length, check digit (Verhoeff) and partition, and expressions made of them
//! (<https://confluence.ihtsdotools.org/display/DOCRELFMT/6+SNOMED+CT+Identifiers>).

use super::Verdict;
use crate::check_digit::is_verhoeff;
use std::borrow::Cow;

/// What is wrong with an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not digits only.
    NotDigits,
    /// Fewer than 6 or more than 18 digits, or a leading zero.
    Length,
    /// The last digit does not check the others.
    CheckDigit,
    /// It identifies a description or a relationship and no concept.
    NotAConcept,
    /// Its digits say that it is of a kind that does not exist.
    Partition,
}

impl Fault {
    /// As the end of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Fault::NotDigits => "SNOMED CT identifiers have digits only",
            Fault::Length => "SNOMED CT identifiers have 6 to 18 digits and no leading zero",
            Fault::CheckDigit => "its check digit is wrong, so a digit was lost or changed on the way",
            Fault::NotAConcept => "it identifies a description or a relationship of SNOMED CT and no concept",
            Fault::Partition => "its third and second last digits name no kind of SNOMED CT component",
        }
    }
}

/// Checks the identifier of a concept.
pub fn concept_id(code: &str) -> Result<(), Fault> {
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::NotDigits);
    }
    if !(6..=18).contains(&code.len()) || code.starts_with('0') {
        return Err(Fault::Length);
    }
    if !is_verhoeff(code) {
        return Err(Fault::CheckDigit);
    }
    match code.get(code.len() - 3..code.len() - 1) {
        Some("00") => Ok(()),
        // The long format has seven digits of a namespace before the partition, and one at least before these.
        Some("10") if code.len() >= 11 => Ok(()),
        Some("01" | "11" | "02" | "12") => Err(Fault::NotAConcept),
        _ => Err(Fault::Partition),
    }
}

/// Judges a code; expressions of several concepts are taken where the system allows them.
pub(super) fn judge(code: &str, allows_expressions: bool) -> Verdict {
    match concept_id(code) {
        Ok(()) => Verdict::MayBeCode,
        Err(_) if allows_expressions && is_expression(code) => Verdict::MayBeCode,
        Err(fault) => Verdict::Malformed(Cow::Borrowed(fault.words())),
    }
}

/// Whether it is several concepts joined by the signs of SNOMED CT's compositional grammar, by its form.
fn is_expression(code: &str) -> bool {
    let mut ids = 0;
    let mut joints = 0;
    let mut is_term = false;
    for part in code.split('|') {
        if !is_term {
            for word in part.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|word| !word.is_empty()) {
                // Numbers as values (`#250`, `#0.5`) are not identifiers.
                let is_value = word.len() < 6 || word.contains('.');
                if !is_value && concept_id(word).is_err() {
                    return false;
                }
                ids += usize::from(!is_value);
            }
            let is_sign = |c: char| matches!(c, ':' | '+' | '=' | ',' | '{' | '}' | '(' | ')' | '<' | '#' | '"');
            if !part.chars().all(|c| is_sign(c) || c.is_ascii_digit() || c == '.' || c.is_whitespace()) {
                return false;
            }
            joints += part.chars().filter(|c| matches!(c, ':' | '+' | '=')).count();
        }
        is_term = !is_term;
    }
    // A term that was opened was closed, and there is more than one identifier.
    is_term && ids > 0 && (joints > 0 || code.contains('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concept_identifiers_are_checked_by_length_check_digit_and_partition() {
        for (code, expected) in [
            ("73211009", Ok(())),
            ("138875005", Ok(())),
            ("322236009", Ok(())),
            ("999000531000000100", Ok(())),
            ("42109611000001109", Ok(())),
            ("73211008", Err(Fault::CheckDigit)),
            ("73211900", Err(Fault::Partition)),
            // A spreadsheet rounded the last digits away.
            ("42109611000001100", Err(Fault::CheckDigit)),
            ("73211", Err(Fault::Length)),
            ("0138875005", Err(Fault::Length)),
            ("1234567890123456789", Err(Fault::Length)),
            ("73211009 ", Err(Fault::NotDigits)),
            ("diabetes", Err(Fault::NotDigits)),
            ("", Err(Fault::NotDigits)),
            ("٧٣٢١١٠٠٩", Err(Fault::NotDigits)),
            // A description's identifier.
            ("121589010", Err(Fault::NotAConcept)),
        ] {
            assert_eq!(concept_id(code), expected, "{code}");
        }
    }

    #[test]
    fn every_single_slip_of_a_digit_and_every_swap_of_neighbours_is_found() {
        let id = "999000531000000100";
        for place in 0..id.len() {
            for digit in b'0'..=b'9' {
                let mut bytes = id.as_bytes().to_vec();
                if bytes[place] != digit {
                    bytes[place] = digit;
                    assert!(concept_id(&String::from_utf8_lossy(&bytes)).is_err());
                }
            }
            let mut bytes = id.as_bytes().to_vec();
            if place > 0 && bytes[place] != bytes[place - 1] {
                bytes.swap(place, place - 1);
                assert!(concept_id(&String::from_utf8_lossy(&bytes)).is_err());
            }
        }
    }

    #[test]
    fn expressions_of_several_concepts_are_taken_by_their_form() {
        for (code, expected) in [
            ("73211009:363698007=113331007", true),
            ("73211009 |Diabetes mellitus| : { 363698007 |Finding site| = 113331007 |Endocrine| }", true),
            ("=== 73211009 + 138875005", true),
            ("322236009:179999999=#500", false),
            ("322236009:363698007=#500", true),
            ("73211009|Diabetes|", true),
            ("73211009|Diabetes", false),
            ("73211009:363698007=113331008", false),
            ("73211009; drop", false),
            ("|only a term|", false),
            (":::", false),
        ] {
            assert_eq!(judge(code, true) == Verdict::MayBeCode, expected, "{code}");
            assert!(matches!(judge(code, false), Verdict::Malformed(_)), "{code}");
        }
    }
}
