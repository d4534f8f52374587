//! What can be told of a code of a large or open code system by the way it is written, without a list of its codes.

mod currency;
mod language;
mod loinc;
mod media_type;
pub mod snomed;
pub(super) mod unit;

use std::borrow::Cow;

/// What the way a code is written tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its grammar decides: it is a code of the system.
    IsCode,
    /// Nothing speaks against it; only the list of codes could tell.
    MayBeCode,
    /// It cannot be a code of the system, and why: words that go on after "is not a code of ...: ".
    Malformed(Cow<'static, str>),
}

/// SNOMED CT.
pub const SNOMED_CT: &str = "http://snomed.info/sct";
/// The NHS dictionary of medicines and devices; its codes are SNOMED CT identifiers.
pub const DMD: &str = "https://dmd.nhs.uk";
/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// Units of measure.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// Language tags.
pub const LANGUAGE: &str = "urn:ietf:bcp:47";
/// Media types.
pub const MEDIA_TYPE: &str = "urn:ietf:bcp:13";
/// Countries.
pub const COUNTRY: &str = "urn:iso:std:iso:3166";
/// Currencies.
pub const CURRENCY: &str = "urn:iso:std:iso:4217";

/// Judges a code of a system, its URL in the one spelling; nothing where the system has no known way of writing codes.
pub(super) fn judge(system: &str, code: &str) -> Option<Verdict> {
    Some(match system {
        SNOMED_CT => snomed::judge(code, true),
        DMD => snomed::judge(code, false),
        LOINC => loinc::judge(code),
        UCUM => unit::judge(code),
        LANGUAGE => language::judge(code),
        MEDIA_TYPE => media_type::judge(code),
        CURRENCY => currency::judge(code),
        _ => {
            let (_, shape, words) = SHAPES.iter().find(|(own, ..)| *own == system)?;
            if shape(code) { Verdict::MayBeCode } else { Verdict::Malformed(Cow::Borrowed(words)) }
        }
    })
}

/// Whether a text is a media type such as `application/pdf`, with or without parameters.
pub fn is_media_type(text: &str) -> bool {
    media_type::judge(text) == Verdict::IsCode
}

/// Whether the grammar of a system decides on its codes, whatever list of them may have been loaded.
pub(super) fn is_grammar(system: &str) -> bool {
    matches!(system, UCUM | LANGUAGE | MEDIA_TYPE | CURRENCY)
}

/// Whether a system is known by name, though its codes are not here.
pub(super) fn is_known(system: &str) -> bool {
    is_grammar(system)
        || matches!(system, SNOMED_CT | DMD | LOINC)
        || SHAPES.iter().any(|(own, ..)| *own == system)
        || WITHOUT_SHAPE.contains(&system)
}

/// All systems that are known by name, for "did you mean".
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    let named = [SNOMED_CT, DMD, LOINC, UCUM, LANGUAGE, MEDIA_TYPE, CURRENCY];
    named.into_iter().chain(SHAPES.iter().map(|(own, ..)| *own)).chain(WITHOUT_SHAPE.iter().copied())
}

/// A system, whether a code may be one of its codes, and what is wrong where not.
type Shape = (&'static str, fn(&str) -> bool, &'static str);

/// Systems whose codes have a form that is easily said.
const SHAPES: &[Shape] = &[
    ("http://hl7.org/fhir/sid/icd-10", icd_10, ICD_10_WORDS),
    ("https://fhir.hl7.org.uk/Id/icd-10", icd_10, ICD_10_WORDS),
    ("http://hl7.org/fhir/sid/icd-10-uk", icd_10, ICD_10_WORDS),
    ("http://hl7.org/fhir/sid/icd-10-cm", icd_10_cm, ICD_10_WORDS),
    (COUNTRY, country, "a country is two or three capital letters or three digits"),
    ("urn:iso:std:iso:3166:-2", country_part, "a part of a country is its two letters, a hyphen and up to three more"),
    ("http://read.info/readv2", read_code, READ_WORDS),
    ("http://read.info/ctv3", read_code, READ_WORDS),
];

/// Systems known by name, of whose codes nothing is said here.
const WITHOUT_SHAPE: &[&str] = &[
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://hl7.org/fhir/sid/cvx",
    "http://hl7.org/fhir/sid/ndc",
    "http://hl7.org/fhir/sid/icd-9-cm",
    "http://hl7.org/fhir/sid/icf-nl",
    "http://hl7.org/fhir/sid/icpc-2",
    "http://hl7.org/fhir/sid/atc",
    "http://www.whocc.no/atc",
    "http://www.ama-assn.org/go/cpt",
    "http://nucc.org/provider-taxonomy",
    "http://www.ada.org/cdt",
    "http://www.ada.org/snodent",
    "http://fdasis.nlm.nih.gov",
    "http://id.who.int/icd/release/11/mms",
    "http://dicom.nema.org/resources/ontology/DCM",
    "http://www.genenames.org",
    "http://varnomen.hgvs.org",
    "http://human-phenotype-ontology.org",
    "urn:iso:std:iso:11073:10101",
    "urn:oid:1.2.36.1.2001.1005.17",
    "urn:ietf:rfc:3986",
    "https://fhir.hl7.org.uk/Id/opcs-4",
    "https://fhir.nhs.uk/Id/ods-organization-code",
    "https://fhir.hl7.org.uk/Id/emis-drug-codes",
    "https://fhir.hl7.org.uk/Id/multilex-drug-codes",
    "https://fhir.hl7.org.uk/Id/resipuk-gemscript-drug-codes",
    "https://fhir.hl7.org.uk/Id/egton-codes",
];

const ICD_10_WORDS: &str = "ICD-10 codes are a letter, two digits and, after a point, up to four more";
const READ_WORDS: &str = "Read codes are five letters, digits and points, with a term of two more at most";

/// A category (`A00`), a code below it (`A00.1`, `A001`, with dagger or asterisk), a block (`A00-A09`) or a chapter (`IX`).
fn icd_10(code: &str) -> bool {
    let is_chapter = !code.is_empty() && code.bytes().all(|byte| matches!(byte, b'I' | b'V' | b'X'));
    let plain = code.trim_end_matches(['+', '*', '†', 'D', 'A']);
    let is_block = code.split_once('-').is_some_and(|(from, to)| icd_10_cm(from) && icd_10_cm(to));
    is_chapter || icd_10_cm(code) || icd_10_cm(plain) || is_block
}

fn icd_10_cm(code: &str) -> bool {
    let mut bytes = code.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_uppercase())
        && bytes.next().is_some_and(|byte| byte.is_ascii_digit())
        && bytes.next().is_some_and(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let rest = code.get(3..).unwrap_or("");
    let below = rest.strip_prefix('.').unwrap_or(rest);
    let is_whole = rest.is_empty() || !below.is_empty();
    starts
        && is_whole
        && below.len() <= 4
        && below.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
}

fn country(code: &str) -> bool {
    let letters = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
    letters || (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())) || country_part(code)
}

fn country_part(code: &str) -> bool {
    code.split_once('-').is_some_and(|(land, part)| {
        land.len() == 2
            && land.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=3).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

fn read_code(code: &str) -> bool {
    (4..=7).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_by_their_form_where_the_system_has_one() {
        for (system, good, bad) in [
            (
                "http://hl7.org/fhir/sid/icd-10",
                &["A00", "A00.1", "A001", "G01*", "A17.0+", "A00-A09", "IX", "I10X", "M54.56"][..],
                &["", "a00", "A0", "A00.", "A00.12345", "A00 1", "E10.3211+TT1.2"][..],
            ),
            ("http://hl7.org/fhir/sid/icd-10-cm", &["E10.3211", "S72.001A"], &["E10.3211+TT1.2", "E10.3+"]),
            ("urn:iso:std:iso:3166", &["GB", "GBR", "826", "GB-SCT"], &["gb", "G", "82", "GB-", "England"]),
            ("urn:iso:std:iso:3166:-2", &["GB-SCT", "FR-75"], &["GB", "GB-ABCD"]),
            ("http://read.info/readv2", &["C10E.", "C10E.00", "XaBVJ"], &["C", "C10E.0000", "C10 E"]),
        ] {
            for code in good {
                assert_eq!(judge(system, code), Some(Verdict::MayBeCode), "{system} {code}");
            }
            for code in bad {
                assert!(matches!(judge(system, code), Some(Verdict::Malformed(_))), "{system} {code}");
            }
        }
        assert_eq!(judge("http://example.org", "anything at all"), None);
        assert!(is_known("http://hl7.org/fhir/sid/cvx") && !is_known("http://example.org"));
    }
}
