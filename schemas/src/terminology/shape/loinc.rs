//! LOINC codes: a number with its check digit (modulus 10), and the parts, answers and groups beside them.

use super::Verdict;
use crate::check_digit::is_loinc;
use std::borrow::Cow;

const WORDS: &str = "LOINC codes are up to seven digits, a hyphen and a check digit";
const CHECK_WORDS: &str = "its check digit is wrong, so a digit was lost or changed on the way";

/// Judges a code.
pub(super) fn judge(code: &str) -> Verdict {
    let Some((number, check)) = code.split_once('-') else {
        // Codes of LOINC's hierarchy.
        let is_node = code.strip_prefix("MTHU").is_some_and(is_number);
        return if is_node { Verdict::MayBeCode } else { Verdict::Malformed(Cow::Borrowed(WORDS)) };
    };
    let is_digit = check.len() == 1 && check.bytes().all(|byte| byte.is_ascii_digit());
    let part = ["LP", "LA", "LL", "LG"].iter().find_map(|prefix| number.strip_prefix(prefix));
    let known_form = is_digit && part.map_or_else(|| is_number(number) && number.len() <= 7, is_number);
    if !known_form {
        return Verdict::Malformed(Cow::Borrowed(WORDS));
    }
    // The check digits of parts, answers and groups were not all made by the same rule.
    if part.is_none() && !is_loinc(code) {
        return Verdict::Malformed(Cow::Borrowed(CHECK_WORDS));
    }
    Verdict::MayBeCode
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loinc_codes_are_checked_by_form_and_check_digit() {
        for (code, good) in [
            ("8867-4", true),
            ("8480-6", true),
            ("59408-5", true),
            ("2708-6", true),
            ("LA6576-8", true),
            ("LP43571-6", true),
            ("LL379-9", true),
            ("MTHU000999", true),
            ("8867-5", false),
            ("8876-4", false),
            ("8867", false),
            ("8867-44", false),
            ("12345678-9", false),
            ("-4", false),
            ("LX1-1", false),
            ("heart rate", false),
            ("", false),
        ] {
            assert_eq!(judge(code) == Verdict::MayBeCode, good, "{code}");
        }
    }
}
