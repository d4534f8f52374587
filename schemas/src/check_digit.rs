//! Numbers that prove themselves: modulus 11 (NHS numbers), Verhoeff (SNOMED CT and dm+d ids), modulus 10 (LOINC codes).
//!
//! NHS number: NHS Data Dictionary. SNOMED CT: <https://confluence.ihtsdotools.org/display/DOCRELFMT/5.5+Check-digit>.
//! LOINC: LOINC Users' Guide, appendix on check digits.

/// Whether `text` is an NHS number: ten ASCII digits, the last being right for the others; all zeros is not one.
pub fn is_nhs_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    // Weights run from 10 down to 1, the check digit's own: a right number's sum is a multiple of 11.
    let sum: u32 = bytes.iter().zip((1..=10).rev()).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    sum != 0 && sum.is_multiple_of(11)
}

/// Whether the last of the ASCII digits is right for the others by Verhoeff's scheme; anything but digits is not.
pub fn is_verhoeff(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && verhoeff(text.bytes(), 0) == 0
}

/// The digit that Verhoeff's scheme wants after these ASCII digits; none for anything but digits.
pub fn verhoeff_digit(text: &str) -> Option<char> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digit = INVERSE.get(verhoeff(text.bytes(), 1)).copied()?;
    char::from_digit(u32::from(digit), 10)
}

/// Whether `text` is written as a LOINC code: one to seven digits, a hyphen and the right check digit.
/// Parts and answers of LOINC (`LP`, `LA` before the digits) are no codes of terms, and are not judged here.
pub fn is_loinc(text: &str) -> bool {
    let Some((number, check)) = text.split_once('-') else {
        return false;
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if number.len() > 7 || check.len() != 1 || !is_digits(number) || !is_digits(check) {
        return false;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if at % 2 == 0 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    check.bytes().next().is_some_and(|byte| u32::from(byte - b'0') == (10 - sum % 10) % 10)
}

/// The multiplication table of the dihedral group of order ten.
const PRODUCT: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/// How a digit is permuted by its place, counted from the right.
const PERMUTED: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

const INVERSE: [u8; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

/// The sum of ASCII digits, the rightmost of which stands at `place`.
fn verhoeff(digits: impl DoubleEndedIterator<Item = u8>, place: usize) -> usize {
    digits.rev().zip(place..).fold(0, |sum, (byte, place)| {
        let permuted = PERMUTED.get(place % 8).and_then(|row| row.get(usize::from(byte - b'0')));
        let product = permuted.and_then(|permuted| PRODUCT.get(sum)?.get(usize::from(*permuted)));
        product.copied().map_or(0, usize::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_nhs_number_has_ten_digits_and_the_right_last_one() {
        for (text, expected) in [
            ("9990123012", true),
            ("9990457727", true),
            ("9991004688", true),
            ("9990123013", false),
            ("9990123021", false),
            ("999012301", false),
            ("99901230120", false),
            ("999 012 3012", false),
            ("0000000000", false),
            ("", false),
            ("９９９０１２３０１２", false),
        ] {
            assert_eq!(is_nhs_number(text), expected, "{text}");
        }
    }

    #[test]
    fn a_verhoeff_number_notices_a_wrong_and_a_swapped_digit() {
        for (text, expected) in [
            ("716186003", true),
            ("196421000000109", true),
            ("42109611000001109", true),
            ("716186004", false),
            ("716168003", false),
            ("36126511000001100", false),
            ("", false),
            ("7161860O3", false),
        ] {
            assert_eq!(is_verhoeff(text), expected, "{text}");
            let (digits, check) = text.split_at(text.len().saturating_sub(1));
            if expected {
                assert_eq!(verhoeff_digit(digits), check.chars().next(), "{text}");
            }
        }
        assert_eq!(verhoeff_digit("12a"), None);
    }

    #[test]
    fn a_loinc_code_has_its_check_digit_after_a_hyphen() {
        for (text, expected) in [
            ("8867-4", true),
            ("85354-9", true),
            ("2708-6", true),
            ("LP31755-9", false),
            ("8867-5", false),
            ("88674", false),
            ("12345678-9", false),
            ("8867-44", false),
            ("-4", false),
            ("é8867-4", false),
            ("", false),
        ] {
            assert_eq!(is_loinc(text), expected, "{text}");
        }
    }
}
