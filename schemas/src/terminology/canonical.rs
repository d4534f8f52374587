//! Canonical URLs and code system URLs as the look-ups compare them (<https://hl7.org/fhir/R4/references.html#canonical>).

use std::cmp::Ordering;

/// A canonical URL without its `|version`, and the version.
pub(super) fn split(canonical: &str) -> (&str, Option<&str>) {
    match canonical.split_once('|') {
        Some((url, version)) if !version.is_empty() => (url, Some(version)),
        Some((url, _)) => (url, None),
        None => (canonical, None),
    }
}

/// The one spelling of a code system that has several: dm+d is published as `https:` and written as `http:` as often.
pub(super) fn system(url: &str) -> &str {
    match url {
        "http://dmd.nhs.uk" => "https://dmd.nhs.uk",
        "urn:oid:2.16.840.1.113883.6.96" => "http://snomed.info/sct",
        "urn:oid:2.16.840.1.113883.6.1" => "http://loinc.org",
        _ => url,
    }
}

/// Whether a version that is at hand is the one asked for: the same, or one that only says more (`4.0` and `4.0.1`).
pub(super) fn version_fits(asked: &str, at_hand: &str) -> bool {
    at_hand.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || (rest.starts_with('.') && !asked.is_empty()))
}

/// Older before newer: parts are compared as numbers where both are numbers, else as text.
pub(super) fn version_order(left: &str, right: &str) -> Ordering {
    let parts = |version: &'_ str| -> Vec<String> { version.split(['.', '-', '+']).map(str::to_owned).collect() };
    for (a, b) in parts(left).iter().zip(&parts(right)) {
        let order = match (a.parse::<u64>(), b.parse::<u64>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => a.cmp(b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canonical_url_is_parted_from_its_version() {
        for (canonical, expected) in [
            ("http://example.org/vs", ("http://example.org/vs", None)),
            ("http://example.org/vs|1.2", ("http://example.org/vs", Some("1.2"))),
            ("http://example.org/vs|", ("http://example.org/vs", None)),
            ("|", ("", None)),
        ] {
            assert_eq!(split(canonical), expected);
        }
    }

    #[test]
    fn versions_fit_when_one_only_says_more_and_are_ordered_by_number() {
        for (asked, at_hand, fits) in [
            ("4.0.1", "4.0.1", true),
            ("4.0", "4.0.1", true),
            ("4.0.1", "4.0", false),
            ("4", "40", false),
            ("", "4", false),
        ] {
            assert_eq!(version_fits(asked, at_hand), fits, "{asked} {at_hand}");
        }
        assert_eq!(version_order("2.9", "2.10"), Ordering::Less);
        assert_eq!(version_order("2018-08-12", "2019-01-01"), Ordering::Less);
        assert_eq!(version_order("1.0", "1.0.1"), Ordering::Less);
        assert_eq!(version_order("1.0.0", "1.0.0"), Ordering::Equal);
    }

    #[test]
    fn both_spellings_of_dmd_are_one_system() {
        assert_eq!(system("http://dmd.nhs.uk"), system("https://dmd.nhs.uk"));
        assert_eq!(system("http://example.org"), "http://example.org");
    }
}
