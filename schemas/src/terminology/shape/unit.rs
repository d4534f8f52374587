//! Units of measure by the grammar of UCUM (<https://ucum.org/ucum>).

use super::Verdict;
use std::borrow::Cow;

/// Longer expressions are refused unread.
const LONGEST: usize = 256;

/// Brackets nested deeper are refused unread.
const DEEPEST: usize = 16;

/// Judges a code.
pub(super) fn judge(code: &str) -> Verdict {
    if is_tame(code) && octofhir_ucum::validate(code).is_ok() {
        Verdict::IsCode
    } else {
        Verdict::Malformed(Cow::Borrowed("the unit cannot be read as UCUM writes units, such as `mg/dL` or `{tablet}`"))
    }
}

/// Whether two units measure the same kind of thing; what cannot be read measures nothing.
pub(in crate::terminology) fn is_comparable(left: &str, right: &str) -> bool {
    is_tame(left) && is_tame(right) && octofhir_ucum::is_comparable(left, right).unwrap_or(false)
}

fn is_tame(code: &str) -> bool {
    code.len() <= LONGEST && code.bytes().filter(|byte| *byte == b'(').count() <= DEEPEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_by_the_grammar() {
        let deep = format!("{}m{}", "(".repeat(10_000), ")".repeat(10_000));
        let long = "m.".repeat(5_000) + "m";
        for (code, good) in [
            ("mg", true),
            ("mL", true),
            ("mg/dL", true),
            ("kg/m2", true),
            ("mm[Hg]", true),
            ("%", true),
            ("1", true),
            ("/min", true),
            ("{tablet}", true),
            ("10*9/L", true),
            ("[iU]", true),
            ("[iU]/mL", true),
            ("ug/(24.h)", true),
            ("Cel", true),
            ("[degF]", true),
            ("mmol/L", true),
            ("h", true),
            ("d", true),
            ("wk", true),
            ("mo", true),
            ("a", true),
            ("min", true),
            ("s", true),
            ("{score}", true),
            ("{beats}/min", true),
            ("kilogram", false),
            ("tablets", false),
            ("mmHg", false),
            ("mg per day", false),
            ("", false),
            ("mg/", false),
            (&deep, false),
            (&long, false),
        ] {
            assert_eq!(judge(code) == Verdict::IsCode, good, "{code}");
        }
    }
}
