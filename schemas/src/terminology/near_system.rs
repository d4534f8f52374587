//! Code system URLs that must be a slip for one that is known.

use super::shape;

/// Known systems by length, so that a URL is compared with few of them.
#[derive(Debug, Default)]
pub(super) struct NearSystems {
    by_length: Vec<Box<str>>,
}

/// Systems so common that any URL that goes on after them is a slip; an edition belongs in `version`.
const OFTEN_CONTINUED: [&str; 4] = [shape::SNOMED_CT, shape::LOINC, shape::UCUM, shape::DMD];

impl NearSystems {
    /// Of all these systems but those whose URL holds a version: nobody writes them by hand.
    pub fn new<'a>(systems: impl Iterator<Item = &'a str>) -> NearSystems {
        let mut by_length: Vec<Box<str>> = systems.filter(|system| !system.contains('|')).map(Into::into).collect();
        by_length.sort_unstable_by_key(|system| system.len());
        NearSystems { by_length }
    }

    /// The system that is meant by a URL that is none of them.
    pub fn meant(&self, url: &str) -> Option<&str> {
        if let Some(start) = OFTEN_CONTINUED.iter().find(|start| url.starts_with(**start)) {
            return Some(start);
        }
        let from = self.by_length.partition_point(|system| system.len() + 1 < url.len());
        let near = self.by_length.iter().skip(from).take_while(|system| system.len() <= url.len() + 1);
        near.map(|system| &**system).find(|system| is_one_slip(system.as_bytes(), url.as_bytes()))
    }
}

/// Whether two different texts are one letter apart: missing, added, wrong or two neighbours swapped. Upper and lower
/// case do not count. A different digit is no slip: numbered systems stand side by side.
fn is_one_slip(left: &[u8], right: &[u8]) -> bool {
    let same = |pair: &(&u8, &u8)| pair.0.eq_ignore_ascii_case(pair.1);
    let start = left.iter().zip(right).take_while(same).count();
    let (left, right) = (left.get(start..).unwrap_or(&[]), right.get(start..).unwrap_or(&[]));
    let end = left.iter().rev().zip(right.iter().rev()).take_while(same).count();
    let (left, right) = (left.split_at(left.len() - end).0, right.split_at(right.len() - end).0);
    let is_digit_free = !left.iter().chain(right).any(u8::is_ascii_digit);
    is_digit_free
        && match (left, right) {
            ([], []) | ([], [_]) | ([_], []) | ([_], [_]) => true,
            ([a, b], [c, d]) => a == d && b == c,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_system() {
        let known = [
            "http://snomed.info/sct",
            "http://loinc.org",
            "http://terminology.hl7.org/CodeSystem/v2-0360|2.7",
            "http://terminology.hl7.org/CodeSystem/v2-0203",
            "http://terminology.hl7.org/CodeSystem/condition-clinical",
        ];
        let near = NearSystems::new(known.into_iter());
        for (url, expected) in [
            ("http://snomed.info/sc", Some("http://snomed.info/sct")),
            ("http://snomed.info/sct/", Some("http://snomed.info/sct")),
            ("http://snomed.info/sct/83821000000107", Some("http://snomed.info/sct")),
            ("https://snomed.info/sct", Some("http://snomed.info/sct")),
            ("http://SNOMED.info/SCT", Some("http://snomed.info/sct")),
            ("http://snomde.info/sct", Some("http://snomed.info/sct")),
            ("http://loinc.com", None),
            ("http://loinc.orgs", Some("http://loinc.org")),
            (
                "http://terminology.hl7.org/CodeSystem/condition-clinicel",
                Some("http://terminology.hl7.org/CodeSystem/condition-clinical"),
            ),
            ("http://terminology.hl7.org/CodeSystem/v2-0204", None),
            ("http://terminology.hl7.org/CodeSystem/v2-02033", None),
            ("http://terminology.hl7.org/CodeSystem/v2-0360/2.7", None),
            ("http://example.org/sct", None),
            ("", None),
        ] {
            assert_eq!(near.meant(url), expected, "{url}");
        }
        assert_eq!(NearSystems::default().meant("x"), None);
    }
}
