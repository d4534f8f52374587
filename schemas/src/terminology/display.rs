//! The words beside a code, compared as people read them.

use super::DisplayStanding;

/// Most words that are named where others were expected.
const MOST_NAMED: usize = 3;

/// Judges words by those that a code may have; case and the number of blanks do not count.
pub(super) fn judge<'a>(given: &str, allowed: impl Iterator<Item = &'a str> + Clone) -> DisplayStanding {
    let is_given = |allowed: &str| allowed == given || same_words(allowed, given);
    if allowed.clone().any(is_given) {
        return DisplayStanding::Right;
    }
    DisplayStanding::Wrong { allowed: allowed.take(MOST_NAMED).map(str::to_owned).collect() }
}

fn same_words(left: &str, right: &str) -> bool {
    let letters = |text: &'_ str| -> String {
        text.split_whitespace().flat_map(|word| word.chars().chain([' '])).flat_map(char::to_lowercase).collect()
    };
    letters(left) == letters(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_do_not_count() {
        for (given, right) in [
            ("Next-of-Kin", true),
            ("next-of-kin", true),
            ("  Next-of-Kin ", true),
            ("Nächste Angehörige", true),
            ("NÄCHSTE  ANGEHÖRIGE", true),
            ("Next of Kin", false),
            ("", false),
        ] {
            let verdict = judge(given, ["Next-of-Kin", "Nächste Angehörige"].into_iter());
            assert_eq!(verdict == DisplayStanding::Right, right, "{given}");
        }
        let wrong = judge("x", ["a", "b", "c", "d"].into_iter());
        assert_eq!(wrong, DisplayStanding::Wrong { allowed: vec!["a".into(), "b".into(), "c".into()] });
    }
}
