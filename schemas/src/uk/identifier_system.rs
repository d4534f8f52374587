//! `identifier-system`: a national identifier or code system is spelled exactly, or two systems think they hold different things.
//!
//! Sources: UK NamingSystems; UK Core implementation guide (identifiers, code systems). Two spellings are in use of dm+d
//! (`https` in UK Core, `http` in NHS England's guides: one system) and of CTV3 (NamingSystem and GP Connect).

use super::place::Place;
use super::report::Report;
use super::systems_table::{OTHER_SPELLINGS, RETIRED, SYSTEMS};
use crate::issue::IssueKey;
use crate::spelling;
use std::sync::OnceLock;

/// SNOMED CT, international and UK editions alike.
pub const SNOMED: &str = "http://snomed.info/sct";
/// The NHS dictionary of medicines and devices.
pub const DMD: &str = "https://dmd.nhs.uk";
/// The same, as NHS England's guides spell it.
pub const DMD_HTTP: &str = "http://dmd.nhs.uk";

/// What a system is taken to mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// A national system, spelled exactly.
    Exactly(&'static str),
    /// A national system in another spelling that can mean nothing else.
    Respelled(&'static str),
    /// Most likely this national system, with a slip or two.
    Nearly(&'static str),
    /// SNOMED CT with an edition or version that belongs in `version`.
    Edition,
    /// A code system that UK Core retired.
    Retired,
    /// Anybody's.
    Other,
}

impl Meant {
    /// The national system in its right spelling; dm+d is one system.
    pub fn known(self) -> Option<&'static str> {
        match self {
            Meant::Exactly(DMD_HTTP) => Some(DMD),
            Meant::Exactly(system) | Meant::Respelled(system) | Meant::Nearly(system) => Some(system),
            Meant::Edition => Some(SNOMED),
            Meant::Retired | Meant::Other => None,
        }
    }
}

/// What is meant by a system.
pub fn meant(system: &str) -> Meant {
    // Most systems of a resource are these, or FHIR's own.
    if system == SNOMED {
        return Meant::Exactly(SNOMED);
    }
    if system.starts_with("http://terminology.hl7.org/") {
        return Meant::Other;
    }
    if let Ok(at) = SYSTEMS.binary_search(&system) {
        return SYSTEMS.get(at).map_or(Meant::Other, |known| Meant::Exactly(known));
    }
    if !sounds_national(system) {
        return Meant::Other;
    }
    if RETIRED.binary_search(&system).is_ok() {
        return Meant::Retired;
    }
    misspelt(system)
}

/// Reports a system that is not spelled as it should be.
pub fn check<'a>(meant: &Meant, place: &Place<'_, 'a>, report: &mut Report<'_, 'a>) {
    let key = IssueKey::UkIdentifierSystem;
    match *meant {
        Meant::Exactly(_) | Meant::Other => {}
        Meant::Respelled(system) => {
            let text = format!("This is another spelling of `{system}`, which receivers compare letter by letter.");
            report.error(place, key, text, format!("write `{system}`"));
        }
        Meant::Nearly(system) => {
            let text = format!("This system is unknown, and one or two letters away from `{system}`.");
            report.error(place, key, text, format!("did you mean `{system}`?"));
        }
        Meant::Edition => {
            let text = "The system of SNOMED CT holds an edition or version, so that receivers do not know its codes.";
            report.error(place, key, text, format!("write `{SNOMED}` and put the edition into `version`"));
        }
        Meant::Retired => {
            let text = "UK Core retired this code system.";
            report.warning(place, key, text, "use the code system that the element's value set names now");
        }
    }
}

/// Words of which one stands in every misspelling of a national system that is worth looking for.
const NATIONAL_WORDS: &[&str] = &[
    "nhs",
    "snomed",
    "dmd",
    "dm+d",
    "read.info",
    "hl7.org.uk",
    "loinc",
    "unitsofmeasure",
    "ucum",
    "2.16.840.1.113883.",
    "snomde",
    "ihtsdo",
];

/// Whether it is worth comparing at all; without allocating, as every vendor's own system comes here.
fn sounds_national(system: &str) -> bool {
    let bytes = system.as_bytes();
    (0..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        NATIONAL_WORDS
            .iter()
            .any(|word| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())))
    })
}

/// Most slips of a spelling that is still taken for a known one.
const MOST_SLIPS: usize = 2;

/// Shorter paths are too easily another system's (`gmc-number`, `gdc-number` are told apart by their exact spelling).
const SHORTEST_PATH: usize = 3;

/// A system without what people spell differently.
struct Plain {
    host: String,
    path: String,
    system: &'static str,
}

fn misspelt(system: &str) -> Meant {
    // The host of the systems of FHIR DSTU2, which had the same paths.
    let lower = without_scheme(system).to_lowercase().replacen("fhir.nhs.net/", "fhir.nhs.uk/", 1);
    if lower.strip_prefix("snomed.info/sct").is_some_and(|rest| rest.starts_with(['/', '|', '?']) && rest.len() > 1) {
        return Meant::Edition;
    }
    let spelled = lower.trim_end_matches('/').replace([' ', '_'], "-");
    if let Some((_, known)) = OTHER_SPELLINGS.iter().find(|(other, _)| *other == spelled) {
        return Meant::Respelled(known);
    }
    let (host, path) = plain(&lower);
    if let Some(known) = plain_systems().iter().find(|known| known.host == host && known.path == path) {
        return Meant::Respelled(known.system);
    }
    let mut best: Option<(usize, &Plain)> = None;
    let mut is_ambiguous = false;
    for known in plain_systems() {
        let Some(slips) = slips(known, &host, &path) else { continue };
        match best {
            Some((least, other)) if slips == least => is_ambiguous |= other.path != known.path,
            Some((least, _)) if slips > least => {}
            _ => (best, is_ambiguous) = (Some((slips, known)), false),
        }
    }
    match best {
        Some((_, known)) if !is_ambiguous => Meant::Nearly(known.system),
        _ => Meant::Other,
    }
}

/// How far it is from a known system: slips in the host or in the path, never in both.
fn slips(known: &Plain, host: &str, path: &str) -> Option<usize> {
    let (known_part, part) = if known.host == host {
        (&known.path, path)
    } else if known.path == path {
        (&known.host, host)
    } else {
        return None;
    };
    let near = known_part.len().abs_diff(part.len()) <= MOST_SLIPS && part.len() > SHORTEST_PATH;
    // A short path is all of a system's name: one slip is the most there.
    let most = if known_part.len() < 8 { 1 } else { MOST_SLIPS };
    near.then(|| spelling::slips(known_part, part)).filter(|slips| *slips <= most)
}

fn without_scheme(system: &str) -> &str {
    let system = system.trim();
    let rest = system.find("://").and_then(|at| system.get(at + 3..)).unwrap_or(system);
    rest.get(..4)
        .filter(|www| www.eq_ignore_ascii_case("www."))
        .map_or(rest, |www| rest.get(www.len()..).unwrap_or(rest))
}

/// Host and path in lower case without punctuation in the path.
fn plain(lower: &str) -> (String, String) {
    let (host, path) = lower.split_once('/').unwrap_or((lower, ""));
    let counted = |c: &char| !matches!(c, '-' | '_' | '.' | ' ');
    (host.to_owned(), path.trim_end_matches('/').chars().filter(counted).collect())
}

fn plain_systems() -> &'static [Plain] {
    static PLAIN: OnceLock<Vec<Plain>> = OnceLock::new();
    PLAIN.get_or_init(|| {
        // The one spelling of dm+d that is recommended.
        let systems = SYSTEMS.iter().filter(|system| **system != DMD_HTTP);
        systems
            .map(|system| {
                let (host, path) = plain(&without_scheme(system).to_lowercase());
                Plain { host, path, system }
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{found, issues};
    use super::super::{Rule, Rules};
    use super::*;
    use serde_json::json;

    #[test]
    fn spellings_that_can_mean_nothing_else_are_told_from_strangers() {
        let nhs = "https://fhir.nhs.uk/Id/nhs-number";
        let ods = "https://fhir.nhs.uk/Id/ods-organization-code";
        for (system, expected) in [
            (nhs, Meant::Exactly(nhs)),
            (SNOMED, Meant::Exactly(SNOMED)),
            (DMD, Meant::Exactly(DMD)),
            (DMD_HTTP, Meant::Exactly(DMD_HTTP)),
            ("http://read.info/ctv3", Meant::Exactly("http://read.info/ctv3")),
            ("http://read.info/readctv3", Meant::Exactly("http://read.info/readctv3")),
            ("https://fhir.hl7.org.uk/Id/gmc-number", Meant::Exactly("https://fhir.hl7.org.uk/Id/gmc-number")),
            ("http://fhir.nhs.uk/Id/nhs-number", Meant::Respelled(nhs)),
            ("https://fhir.nhs.uk/Id/nhs-number/", Meant::Respelled(nhs)),
            ("https://fhir.nhs.uk/id/NHS-Number", Meant::Respelled(nhs)),
            ("https://fhir.nhs.uk/Id/nhsNumber", Meant::Respelled(nhs)),
            ("https://fhir.nhs.uk/Id/nhs-number ", Meant::Respelled(nhs)),
            ("https://www.fhir.nhs.uk/Id/nhs-number", Meant::Respelled(nhs)),
            ("urn:oid:2.16.840.1.113883.2.1.4.1", Meant::Respelled(nhs)),
            ("NHS number", Meant::Respelled(nhs)),
            ("http://fhir.nhs.net/Id/nhs-number", Meant::Respelled(nhs)),
            ("https://fhir.nsh.uk/Id/nhs-number", Meant::Nearly(nhs)),
            ("https://fhir.nhs.uk/Id/nhs-numbr", Meant::Nearly(nhs)),
            ("https://fhir.nhs.uk/Id/nhs-numberxx", Meant::Nearly(nhs)),
            ("https://fhir.nhs.uk/Id/nhs-numberxxx", Meant::Other),
            ("https://fhir.nhs.uk/Id/ods-organisation-code", Meant::Respelled(ods)),
            ("https://snomed.info/sct", Meant::Respelled(SNOMED)),
            ("http://snomed.info/sct/", Meant::Respelled(SNOMED)),
            ("http://www.snomed.info/sct", Meant::Respelled(SNOMED)),
            ("http://snomed.info/sct/999000041000000102", Meant::Edition),
            ("http://snomed.info/sct|20260401", Meant::Edition),
            ("http://snomed.inf/sct", Meant::Nearly(SNOMED)),
            ("http://snomed.info/stc", Meant::Other),
            ("https://dmd.nhs.uk/", Meant::Respelled(DMD)),
            ("dm+d", Meant::Respelled(DMD)),
            ("https://loinc.org", Meant::Respelled("http://loinc.org")),
            ("http://unitsofmeasure.org/", Meant::Respelled("http://unitsofmeasure.org")),
            ("https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategory", Meant::Retired),
            (
                "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCatgoryEngland",
                Meant::Nearly("https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"),
            ),
            // One slip from several numbers of registers: nobody can say which.
            ("https://fhir.hl7.org.uk/Id/gxc-number", Meant::Other),
            ("https://www.leedsth.nhs.uk/identifier/devices", Meant::Other),
            ("https://fhir.nhs.uk/Id/local-patient", Meant::Other),
            ("https://gateway.example.org/vendor/a1/Id/client", Meant::Other),
            ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", Meant::Other),
            ("phone", Meant::Other),
            ("", Meant::Other),
            ("é://ü", Meant::Other),
        ] {
            assert_eq!(meant(system), expected, "{system}");
        }
    }

    #[test]
    fn a_misspelling_is_found_wherever_a_system_stands() {
        let only = Rules::only(&[Rule::IdentifierSystem]);
        let observation = json!({
            "resourceType": "Observation",
            "identifier": [{"system": "http://gateway.example.org/Id/a", "value": "1"}],
            "code": {"coding": [{"system": "https://snomed.info/sct", "code": "364075005"}]},
            "subject": {"identifier": {"system": "http://fhir.nhs.uk/Id/nhs-number", "value": "9990123012"}},
            "valueQuantity": {"value": 1, "system": "http://unitsofmeasure.org/", "code": "mg"}
        });
        assert_eq!(
            found(only, &observation),
            [
                "error uk.identifier-system Observation.code.coding[0].system",
                "error uk.identifier-system Observation.subject.identifier.system",
                "error uk.identifier-system Observation.value.system",
            ]
        );
        let hints: Vec<_> = issues(only, &observation).into_iter().filter_map(|issue| issue.hint).collect();
        assert!(hints.iter().any(|hint| hint == "write `https://fhir.nhs.uk/Id/nhs-number`"), "{hints:?}");
    }

    #[test]
    fn a_retired_code_system_is_a_warning() {
        let patient = json!({"resourceType": "Patient", "maritalStatus": {"coding": [
            {"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-PersonMaritalStatus", "code": "M", "display": "Married"}
        ]}});
        let only = Rules::only(&[Rule::IdentifierSystem]);
        assert_eq!(found(only, &patient), ["warning uk.identifier-system Patient.maritalStatus.coding[0].system"]);
    }
}
