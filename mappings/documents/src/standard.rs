//! The standards as data: their headings, codes, obligations, and which resources feed each heading.

use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// One of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// About Me 2.01.
    AboutMe,
    /// Personalised Care and Support Plan 2.0.
    Pcsp,
    /// Urgent transfer from care home to hospital 1.2, the "red bag".
    UrgentTransfer,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::AboutMe, Kind::Pcsp, Kind::UrgentTransfer];

    /// Its stable spelling.
    pub fn key(self) -> &'static str {
        match self {
            Kind::AboutMe => "about-me",
            Kind::Pcsp => "pcsp",
            Kind::UrgentTransfer => "urgent-transfer",
        }
    }

    /// The kind with this spelling.
    pub fn named(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.key() == text)
    }

    /// What is known of it.
    pub fn standard(self) -> &'static Standard {
        static LOADED: OnceLock<[Standard; 3]> = OnceLock::new();
        let [about_me, pcsp, urgent] = LOADED.get_or_init(|| {
            [
                load(include_str!("../standards/about-me.yaml")),
                load(include_str!("../standards/pcsp.yaml")),
                load(include_str!("../standards/urgent-transfer.yaml")),
            ]
        });
        match self {
            Kind::AboutMe => about_me,
            Kind::Pcsp => pcsp,
            Kind::UrgentTransfer => urgent,
        }
    }
}

fn load(text: &str) -> Standard {
    serde_saphyr::from_str(text).expect("the standards of this crate are read by its tests")
}

/// Who is meant to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The person: nothing that is kept from them may stand in it.
    Person,
    /// Those who care for the person.
    Professionals,
}

/// Whether something must be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obligation {
    /// It must be sent.
    Mandatory,
    /// It must be sent where it is recorded.
    Required,
    /// It may be sent.
    Optional,
}

impl Obligation {
    /// Its stable spelling.
    pub fn key(self) -> &'static str {
        match self {
            Obligation::Mandatory => "mandatory",
            Obligation::Required => "required",
            Obligation::Optional => "optional",
        }
    }
}

/// How a heading is filled and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Who the person is.
    Person,
    /// The practice the person is registered with.
    GpPractice,
    /// The headings of About Me, each a section of its own.
    AboutMe,
    /// What the person answered under this heading of About Me.
    Answers,
    /// When About Me was written.
    AnswersDate,
    /// Family and friends.
    PersonalContacts,
    /// Those who care for the person as their work.
    ProfessionalContacts,
    /// Allergies with their states.
    Allergies,
    /// Medicines with the last dose of each, and what was given lately.
    Medications,
    /// What the person needs help with, in short.
    CareNeeds,
    /// The resources that feed it, whatever they are.
    Resources,
    /// What the document says of itself.
    Document,
}

/// A code of a heading or of a document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    system: System,
    /// The code.
    pub code: String,
    /// Its words.
    #[serde(default)]
    pub display: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum System {
    Heading,
    Sct,
    Loinc,
    Own,
    OwnType,
}

impl Code {
    /// The URL of its system.
    pub fn system(&self) -> &'static str {
        match self.system {
            System::Heading => HEADINGS,
            System::Sct => "http://snomed.info/sct",
            System::Loinc => "http://loinc.org",
            System::Own => "https://gateway.example.org/CodeSystem/document-heading",
            System::OwnType => "https://gateway.example.org/CodeSystem/document-kind",
        }
    }

    /// It as a Coding.
    pub fn coding(&self) -> Value {
        match &self.display {
            Some(display) => json!({"system": self.system(), "code": self.code, "display": display}),
            None => json!({"system": self.system(), "code": self.code}),
        }
    }

    fn is(&self, system: Option<&str>, code: &str) -> bool {
        self.code == code && system == Some(self.system())
    }
}

/// UK Core's code system of headings.
pub const HEADINGS: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings";

/// Which resources feed a heading: all that is given must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// The type of resource.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Any of these codes in `category`.
    #[serde(default)]
    pub category: Vec<String>,
    /// Any of these codes in `code`.
    #[serde(default)]
    pub code: Vec<String>,
    /// Any of these codes in `class`.
    #[serde(default)]
    pub class: Vec<String>,
    /// Any of these in `status`.
    #[serde(default)]
    pub status: Vec<String>,
    /// Any of these words among its own words.
    #[serde(default)]
    pub words: Vec<String>,
    /// Where the words are sought.
    #[serde(default)]
    pub words_in: WordsIn,
    /// At most this many days before the instant asked for.
    #[serde(default)]
    pub days: Option<i64>,
}

/// Where words are sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WordsIn {
    /// In what it is called, its category, its reason and its description.
    #[default]
    Subject,
    /// Only in what it is called and its category.
    Name,
}

impl Feed {
    /// Whether it asks for more than a type.
    pub fn is_narrow(&self) -> bool {
        !(self.category.is_empty() && self.code.is_empty() && self.class.is_empty() && self.words.is_empty())
    }
}

/// So many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// Before the instant asked for.
    pub days: i64,
}

/// Something that must stand under a heading.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub path: String,
    /// Whether it must be sent.
    pub obligation: Obligation,
}

/// One heading.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// Its stable spelling here.
    pub key: String,
    /// What people read.
    pub title: String,
    /// Its codes; the first is written first.
    pub codes: Vec<Code>,
    /// Further codes by which it is recognised.
    #[serde(default)]
    pub also_codes: Vec<Code>,
    /// Further titles by which it is recognised.
    #[serde(default)]
    pub also: Vec<String>,
    /// Whether it must be sent.
    pub obligation: Obligation,
    /// How often, as the standard writes it.
    pub cardinality: String,
    /// How it is filled and shown.
    pub content: Content,
    /// What feeds it.
    #[serde(default)]
    pub feeds: Vec<Feed>,
    /// What must stand in it.
    #[serde(default)]
    pub items: Vec<Item>,
    /// Older than this only the newest of each kind is shown.
    #[serde(default)]
    pub newest_of_each_and: Option<Days>,
    /// Older than this nothing is shown.
    #[serde(default)]
    pub within: Option<Days>,
    /// Whether what no other heading takes stands here.
    #[serde(default)]
    pub takes_the_rest: bool,
}

impl Heading {
    /// `section.code`: its codes and its title.
    pub fn concept(&self) -> Value {
        json!({"coding": self.codes.iter().map(Code::coding).collect::<Vec<_>>(), "text": self.title})
    }

    /// Whether UK Core has a code for it.
    pub fn has_uk_core_code(&self) -> bool {
        self.codes.iter().any(|code| code.system() == HEADINGS)
    }

    /// Whether it is known by this code.
    pub fn has_code(&self, system: Option<&str>, code: &str) -> bool {
        self.codes.iter().chain(&self.also_codes).any(|own| own.is(system, code))
    }

    /// Whether it is known by this title.
    pub fn is_called(&self, title: &str) -> bool {
        let wanted = plainest(title);
        !wanted.is_empty() && std::iter::once(&self.title).chain(&self.also).any(|own| plainest(own) == wanted)
    }
}

/// Letters and digits alone, so that `Please do, and please DON'T` is found.
pub(crate) fn plainest(text: &str) -> String {
    text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A document's standard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// Which.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// Which edition.
    pub version: String,
    /// Why it is not to be relied on as it stands.
    #[serde(default)]
    pub provisional: Option<String>,
    /// Who reads it.
    pub audience: Audience,
    /// `Composition.type`.
    #[serde(rename = "type")]
    pub document_type: Code,
    /// The headings in their order.
    pub headings: Vec<Heading>,
}

impl Standard {
    /// The heading with this spelling.
    pub fn heading(&self, key: &str) -> Option<&Heading> {
        self.headings.iter().find(|heading| heading.key == key)
    }
}

/// The kind that a `Composition.type` says.
pub fn kind_of_type(concept: &Value) -> Option<Kind> {
    let codings = || concept.get("coding").and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Kind::ALL.into_iter().find(|kind| {
        let own = &kind.standard().document_type;
        codings()
            .any(|coding| text(coding, "code").is_some_and(|code| own.is(text(coding, "system").as_deref(), &code)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standard_is_read_and_no_heading_has_two_meanings() {
        for kind in Kind::ALL {
            let standard = kind.standard();
            assert_eq!(standard.kind, kind);
            for (index, heading) in standard.headings.iter().enumerate() {
                assert!(!heading.codes.is_empty(), "{}", heading.key);
                for other in standard.headings.iter().skip(index + 1) {
                    assert_ne!(heading.key, other.key);
                    for code in heading.codes.iter().chain(&heading.also_codes) {
                        assert!(!other.has_code(Some(code.system()), &code.code), "{} {}", heading.key, other.key);
                    }
                    for title in std::iter::once(&heading.title).chain(&heading.also) {
                        assert!(!other.is_called(title), "{title}: {} {}", heading.key, other.key);
                    }
                }
            }
        }
    }

    #[test]
    fn codes_of_the_headings_are_uk_cores() {
        use ginnel_schemas::issue::Issue;
        use ginnel_schemas::validator::{Options, Validator};

        let validator = Validator::uk_core();
        let options = Options { uk_core: true, ..Options::STRICT };
        let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</p></div>";
        for heading in Kind::ALL.iter().flat_map(|kind| &kind.standard().headings) {
            for code in heading.codes.iter().chain(&heading.also_codes).filter(|code| code.system() == HEADINGS) {
                let words = code.display.clone().unwrap_or_else(|| heading.title.clone());
                let section = json!({"title": "x", "code": {"coding": [code.coding()], "text": words},
                    "text": {"status": "generated", "div": div}});
                let composition = json!({"resourceType": "Composition", "status": "final", "type": {"text": "x"},
                    "date": "2026-10-20", "author": [{"display": "x"}], "title": "x", "subject": {"display": "x"},
                    "section": [section]});
                let found = validator.judge(&composition, &options);
                let of_code = |issue: &&Issue| {
                    issue.expression.as_deref().is_some_and(|place| place.starts_with("Composition.section"))
                };
                let told: Vec<&str> = found.iter().filter(of_code).map(|issue| issue.text.as_str()).collect();
                assert!(told.is_empty(), "{}: {told:?}", code.code);
            }
        }
    }

    #[test]
    fn a_provisional_standard_says_so_and_each_kind_is_found_by_its_type() {
        assert!(
            Kind::UrgentTransfer.standard().provisional.as_ref().is_some_and(|text| text.starts_with("Provisional"))
        );
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.key()), Some(kind));
            let concept = json!({"coding": [kind.standard().document_type.coding()]});
            assert_eq!(kind_of_type(&concept), Some(kind));
        }
        assert_eq!(kind_of_type(&json!({"text": "About me"})), None);
    }
}
