//! Near spellings, for "did you mean".

/// The candidate that is most likely meant by `word`, when one is near enough to be worth saying.
///
/// Case, `_`, `-` and blanks do not count; beyond them one slip is allowed in every three characters.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain_word = plain(word);
    let allowed = plain_word.len() / 3;
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| {
            let plain_candidate = plain(candidate);
            // The difference of the lengths is the least number of slips: most candidates need no table.
            if plain_candidate.len().abs_diff(plain_word.len()) > allowed {
                return None;
            }
            let slips = slips_between(&plain_word, &plain_candidate);
            (slips <= allowed).then_some((slips, candidate))
        })
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// The URL that is most likely meant by another: one with the same end elsewhere, or with a near end in the same place.
pub fn nearest_url<'a>(url: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (place, end) = url.rsplit_once('/')?;
    let mut beside: Vec<(&str, &str)> = Vec::new();
    for candidate in candidates {
        match candidate.rsplit_once('/') {
            Some((own, name)) if own == place => beside.push((name, candidate)),
            Some((_, name)) if name == end => return Some(candidate),
            _ => {}
        }
    }
    let near = nearest(end, beside.iter().map(|(name, _)| *name))?;
    beside.iter().find(|(name, _)| *name == near).map(|(_, candidate)| *candidate)
}

/// How many letters are missing, added, wrong, or swapped with their neighbour between two words, as they are written.
///
/// The time is the product of the lengths; of longer words only the beginning is compared.
pub fn slips(left: &str, right: &str) -> usize {
    let letters = |word: &str| word.chars().take(LONGEST * 4).collect::<Vec<char>>();
    slips_between(&letters(left), &letters(right))
}

/// Longer names are compared by their beginning: nobody mistypes the hundredth character only.
const LONGEST: usize = 64;

fn plain(word: &str) -> Vec<char> {
    let counted = word.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    counted.flat_map(char::to_lowercase).take(LONGEST).collect()
}

/// Optimal string alignment distance: letters missing, added, wrong, or two neighbours swapped.
fn slips_between(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = (cell(&row, j) + usize::from(a != b)).min(cell(&row, j + 1) + 1).min(cell(&next, j) + 1);
            let swapped = i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a);
            if swapped {
                best = best.min(cell(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = row;
        row = next;
    }
    row.last().copied().unwrap_or(left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        let names = ["first_name", "last_name", "dob", "id", "birthDate", "gender"];
        for (word, expected) in [
            ("firstName", Some("first_name")),
            ("frist_name", Some("first_name")),
            ("lastname", Some("last_name")),
            ("surname", None),
            ("dbo", Some("dob")),
            ("dxx", None),
            ("ID", Some("id")),
            ("ix", None),
            ("brithdate", Some("birthDate")),
            ("gendre", Some("gender")),
            ("sex", None),
            ("", None),
            ("dob", None),
        ] {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
    }

    #[test]
    fn a_near_url_has_the_same_end_or_the_same_place() {
        let urls = [
            "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-RecordingSetting",
            "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-Recorder",
            "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
        ];
        for (url, expected) in [
            ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-RcordingSetting", Some(urls[0])),
            ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-Recordr", Some(urls[1])),
            ("https://hl7.org/fhir/StructureDefinition/patient-birthTime", Some(urls[2])),
            ("http://hl7.org/fhir/StructureDefinition/patient-birthtime", Some(urls[2])),
            ("http://example.org/StructureDefinition/something-else", None),
            ("urn:oid:1.2.3", None),
            ("", None),
        ] {
            assert_eq!(nearest_url(url, urls), expected, "{url}");
        }
    }

    #[test]
    fn slips_are_counted_both_ways() {
        for (left, right, expected) in
            [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("", "ab", 2), ("abcd", "badc", 2)]
        {
            assert_eq!(slips(left, right), expected);
            assert_eq!(slips(right, left), expected);
        }
    }
}
